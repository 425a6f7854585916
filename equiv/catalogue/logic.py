"""Ops of the area: logic."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
