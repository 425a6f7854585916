"""Ops of the area: sorting."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
