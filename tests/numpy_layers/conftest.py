"""Plants faults in layers, and asks the catalogue's own cells whether they find them."""

import importlib
import inspect
import sys
import types
from collections.abc import Callable

import pytest

import numpy_layers
from equiv.catalogue import load
from equiv.execute import steady
from equiv.judge import judge_layer
from equiv.layer import measure_layer
from equiv.plan import plan_layer


def findings(layer: str, case: str) -> dict[str, str]:
    """Return the rung of each cell of a case that is a finding; without a case, of the first."""
    pair = next(p for p in load().layers if p.name == f"numpy_layers.{layer}")
    found = {}
    with steady():
        for p in plan_layer(pair, 0):
            if p.cell.sort != "layer" or case not in ("", p.cell.case):
                continue
            measured = measure_layer(p.cell, p.layer)
            if judge_layer(pair, measured).finding:
                found[p.cell.id] = measured.outcome
                if not case:
                    break
    return found


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Return what replaces text in a module's source, and gives a layer's findings then."""

    def plant(module: str, layer: str, old: str, new: str, case: str = "") -> dict[str, str]:
        faulty = executed(f"numpy_layers.{module}", old, new)
        family = getattr(numpy_layers, layer).__module__
        if family != faulty.__name__:  # it imports what is then in the module's place
            monkeypatch.setitem(sys.modules, faulty.__name__, faulty)
            faulty = executed(family)
        monkeypatch.setattr(numpy_layers, layer, getattr(faulty, layer))
        return findings(layer, case)

    return plant


def executed(name: str, old: str = "", new: str = "") -> types.ModuleType:
    """Return a module executed anew, with text replaced in its source."""
    source = inspect.getsource(importlib.import_module(name))
    assert old in source, f"{old!r} is not in {name}"
    faulty = types.ModuleType(name)
    source = source.replace(old, new) if old else source
    exec(compile(source, f"faulty {name}", "exec"), vars(faulty))
    return faulty
