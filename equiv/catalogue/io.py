"""Ops of the area: io."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
