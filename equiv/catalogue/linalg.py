"""Ops of the area: linalg."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
