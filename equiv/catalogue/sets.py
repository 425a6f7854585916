"""Ops of the area: sets."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
