"""Ops of the area: elementwise."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
