"""Run NumPy code and its PyTorch counterpart on identical inputs and say whether they agree."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equiv.entry import EquivError as EquivError
    from equiv.entry import ascending as ascending
    from equiv.entry import boolean as boolean
    from equiv.entry import complex_normal as complex_normal
    from equiv.entry import distinct as distinct
    from equiv.entry import index_into as index_into
    from equiv.entry import integers as integers
    from equiv.entry import positive as positive
    from equiv.entry import real as real
    from equiv.entry import symmetric as symmetric
    from equiv.entry import unit as unit
    from equiv.entry import values as values
    from equiv.entry import well_conditioned as well_conditioned
    from equiv.own import Check as Check
    from equiv.own import NotEquivalent as NotEquivalent
    from equiv.own import Param as Param
    from equiv.own import Training as Training
    from equiv.own import assert_equivalent as assert_equivalent
    from equiv.own import assert_equivalent_layer as assert_equivalent_layer
    from equiv.own import assert_equivalent_training as assert_equivalent_training
    from equiv.own import check as check
    from equiv.own import check_layer as check_layer
    from equiv.own import check_training as check_training
    from equiv.own import train_function as train_function
    from equiv.own import train_layers as train_layers
    from equiv.own import train_module as train_module
    from equiv.results import Results as Results
    from equiv.runner import run as run

__version__ = "0.1.0"

_HOMES = {
    "equiv.entry": (
        "EquivError", "ascending", "boolean", "complex_normal", "distinct", "index_into",
        "integers", "positive", "real", "symmetric", "unit", "values", "well_conditioned",
    ),
    "equiv.own": (
        "Check", "NotEquivalent", "Param", "Training", "assert_equivalent",
        "assert_equivalent_layer", "assert_equivalent_training", "check", "check_layer",
        "check_training", "train_function", "train_layers", "train_module",
    ),
    "equiv.results": ("Results",),
    "equiv.runner": ("run",),
}  # fmt: skip
"""The modules and the public names that live in them, imported when first asked for."""

_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'equiv' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
