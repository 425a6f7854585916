"""Ops of the area: reduction."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
