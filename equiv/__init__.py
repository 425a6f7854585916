"""Run NumPy code and its PyTorch counterpart on identical inputs and say whether they agree."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equiv.entry import EquivError as EquivError
    from equiv.results import Results as Results
    from equiv.runner import run as run

__version__ = "0.1.0"

_HOMES = {"EquivError": "equiv.entry", "Results": "equiv.results", "run": "equiv.runner"}
"""The public names and the modules they live in, imported when first asked for."""

__all__ = ["EquivError", "Results", "run"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'equiv' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
