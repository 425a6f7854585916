"""Ops of the area: random."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
