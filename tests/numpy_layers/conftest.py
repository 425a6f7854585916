"""Plants faults in layers, and asks the catalogue's own cells whether they find them."""

import importlib
import inspect
import types
from collections.abc import Callable

import pytest

import numpy_layers
from equiv.catalogue import load
from equiv.execute import steady
from equiv.judge import judge_layer
from equiv.layer import measure_layer
from equiv.plan import plan_layer


def findings(layer: str) -> dict[str, str]:
    """Return the rung of each cell of a layer's pair that is a finding, by its id."""
    pair = next(p for p in load().layers if p.name == f"numpy_layers.{layer}")
    found = {}
    with steady():
        for p in plan_layer(pair, 0):
            measured = measure_layer(p.cell, p.layer)
            if p.cell.sort == "layer" and judge_layer(pair, measured).finding:
                found[p.cell.id] = measured.outcome
    return found


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Return what replaces text in a family's source, and gives a layer's findings then."""

    def plant(family: str, layer: str, old: str, new: str) -> dict[str, str]:
        module = importlib.import_module(f"numpy_layers.{family}")
        source = inspect.getsource(module)
        assert old in source, f"{old!r} is not in {family}"
        faulty = types.ModuleType(module.__name__)
        exec(compile(source.replace(old, new), f"faulty {family}", "exec"), vars(faulty))
        monkeypatch.setattr(numpy_layers, layer, getattr(faulty, layer))
        return findings(layer)

    return plant
