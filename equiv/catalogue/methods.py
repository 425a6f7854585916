"""Ops of the area: methods."""

from equiv.entry import Op

OPS: tuple[Op, ...] = ()
