"""Ops of the area: fft."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = ()
