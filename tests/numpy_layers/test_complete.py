"""Every layer is in a pair, every class of torch.nn in one or left out, every option in a case."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
import torch

import numpy_layers
from equiv.catalogue import load
from equiv.catalogue.layers import FAMILIES
from equiv.catalogue.layers.left_out import LEFT_OUT
from equiv.entry import LayerPair
from numpy_layers.layer import Composite, Layer

PAIRS = {pair.name.removeprefix("numpy_layers."): pair for pair in load().layers}
TOP = {name: pair for name, pair in PAIRS.items() if "." not in name}
LAYERS = {
    name: value
    for name, value in vars(numpy_layers).items()
    if isinstance(value, type) and issubclass(value, Layer) and value not in (Layer, Composite)
}
TORCH = {name for name, value in vars(torch.nn).items() if isinstance(value, type)}

OTHERS = {"Residual": "torch has no class for it."}
"""Layers whose twin is no class of torch.nn."""

SPARSE = "It is refused: gradients are dense."
UNSET = {("Embedding", "sparse"): SPARSE, ("EmbeddingBag", "sparse"): SPARSE}
"""Options that no case sets, with the reason."""

BESIDE = {
    "device": "where arrays lie",
    "dtype": "parameters are used in the input's",
    "inplace": "layers write to no argument",
    "size_average": "deprecated for reduction",
    "reduce": "deprecated for reduction",
    "min_value": "deprecated for min_val",
    "max_value": "deprecated for max_val",
    "_weight": "load_state sets it",
    "_freeze": "what is trained is the optimiser's business",
    "options": "how much memory torch takes",
}
"""Arguments of torch that are no mathematics, and why ours are without."""

UNNAMED = {"RNN", "LSTM", "GRU"}
"""Classes of torch that take any arguments and read them inside."""


def test_every_layer_is_in_a_pair():
    """Those at the top of the package, under their names."""
    assert LAYERS.keys() == TOP.keys()


def test_every_layer_of_a_family_is_at_the_top():
    """What a family defines is exported, and nothing private is."""
    found = set()
    for module in pkgutil.iter_modules(numpy_layers.__path__):
        if module.name != "sheet":
            own = vars(importlib.import_module(f"numpy_layers.{module.name}"))
            found |= {
                name
                for name, value in own.items()
                if isinstance(value, type) and issubclass(value, Layer) and name[0] != "_"
            }
    assert found - {"Layer", "Composite"} == LAYERS.keys()
    assert LAYERS.keys() <= set(numpy_layers.__all__)


@pytest.mark.parametrize("name", sorted(TORCH))
def test_every_class_of_torch_is_in_a_pair_or_left_out(name):
    """One that a later torch brings fails here by its name."""
    assert (name in TOP) != (name in LEFT_OUT)


def test_what_is_left_out_is_there():
    """A reason without a class is stale; each is a sentence."""
    assert LEFT_OUT.keys() - TORCH == set()
    assert all(why.endswith(".") for why in LEFT_OUT.values())


def test_a_twin_is_torchs_class_of_the_same_name():
    """Every case of a pair constructs it, unless torch has no such class."""
    for name, pair in TOP.items():
        twins = {case.twin.partition("(")[0] for case in pair.every}
        assert twins == ({f"torch.nn.{name}"} if name not in OTHERS else {""}), name
    assert OTHERS.keys() & TORCH == set()


def test_the_families_are_the_files():
    """Every file of pairs is a family that is run."""
    package = importlib.import_module("equiv.catalogue.layers")
    files = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert files == {*FAMILIES, "left_out"}


def given(pair: LayerPair, parameters: list[str]) -> set[str]:
    """Return the constructor's parameters that a pair's cases set, by place or by name."""
    found: set[str] = set()
    for case in pair.every:
        call = ast.parse(case.numpy, mode="eval").body
        assert isinstance(call, ast.Call)
        found |= {*parameters[: len(call.args)], *(k.arg for k in call.keywords if k.arg)}
    return found


@pytest.mark.parametrize("name", sorted(TOP))
def test_every_option_is_set_in_a_case(name):
    """An option that no case sets was never compared."""
    signature = inspect.signature(LAYERS[name].__init__).parameters.values()
    own = [p.name for p in signature if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)][1:]
    unset = {option for option in own if (name, option) not in UNSET} - given(TOP[name], own)
    assert unset == set()


def named(function: Callable[..., Any]) -> dict[str, object]:
    """Return the arguments that are named, in order, with their defaults, functions by name."""
    return {
        p.name: getattr(p.default, "__name__", p.default)
        for p in inspect.signature(function).parameters.values()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name not in BESIDE
    }


@pytest.mark.parametrize("name", sorted(TOP.keys() - OTHERS.keys() - UNNAMED))
def test_the_constructor_takes_torchs_arguments(name):
    """In torch's order and with its defaults; what is no mathematics is left out."""
    ours, theirs = named(LAYERS[name].__init__), named(getattr(torch.nn, name).__init__)
    assert list(ours) == list(theirs)
    assert ours == theirs
