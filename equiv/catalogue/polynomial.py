"""Ops of the area: polynomial."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
