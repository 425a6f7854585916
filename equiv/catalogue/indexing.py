"""Ops of the area: indexing."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
