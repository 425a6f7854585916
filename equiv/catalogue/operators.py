"""Ops of the area: operators."""

from equiv.entry import Op

OPS: tuple[Op, ...] = ()
