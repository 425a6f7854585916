"""Ops of the area: creation."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
