"""Ops of the area: manipulation."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
