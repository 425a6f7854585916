"""Tests of equiv.own.call: how a call is spelled, and how functions come into a script."""

from collections import namedtuple

import numpy as np
import pytest
import torch

from equiv.entry import EquivError, real
from equiv.own.call import name_of, preamble, spell_call

Pair = namedtuple("Pair", "low high")
X = np.array([1.0, 2.0])


def f(x, w=None, *rest, axis=0):
    """Take whatever a call may hold."""


SPELLED = {
    "an array": ((X,), {}, "x", {"x"}),
    "a kind": ((real(3),), {}, "x", {"x"}),
    "two": ((X, X), {}, "x, w", {"x", "w"}),
    "more than are named": ((X, X, X), {}, "x, w, x2", {"x", "w", "x2"}),
    "a number": ((X, 2.5), {}, "x, 2.5", {"x"}),
    "a text": ((X, "same"), {}, "x, 'same'", {"x"}),
    "a keyword": ((X,), {"axis": 1}, "x, axis=1", {"x"}),
    "a tuple": (((X, X),), {}, "(x_0, x_1)", {"x_0", "x_1"}),
    "a tuple of one": (((X,),), {}, "(x_0,)", {"x_0"}),
    "a list": (([X, 1],), {}, "[x_0, 1]", {"x_0"}),
    "a dict": (({"a": X, "b c": X},), {}, "{'a': x_a, 'b c': x_b_c}", {"x_a", "x_b_c"}),
    "a named tuple": ((Pair(X, 2),), {}, "Pair(x_low, 2)", {"x_low"}),
    "a NaN": ((X, float("nan")), {}, "x, w", {"x", "w"}),
    "an object": ((X, len), {}, "x, w", {"x", "w"}),
}


@pytest.mark.parametrize("name", SPELLED)
def test_a_call_is_spelled(name):
    """Arrays and what Python cannot write have names, the rest stands in the text."""
    args, kwargs, text, names = SPELLED[name]
    call = spell_call(f, args, kwargs, None)
    assert call.arguments == call.torch_arguments == text
    assert {*call.inputs} == names


def test_torch_has_keywords_of_its_own():
    """Arrays among them have names like the others."""
    call = spell_call(f, (X,), {"axis": 1}, {"dim": 1, "weight": X})
    assert (call.arguments, call.torch_arguments) == ("x, axis=1", "x, dim=1, weight=weight")
    assert {*call.inputs} == {"x", "weight"}


def test_scalars_and_tensors_become_arrays():
    """NumPy's scalars lose nothing by it."""
    call = spell_call(f, (np.float32(2), torch.tensor([1.0])), {}, None)
    assert [x.dtype.name for x in call.inputs.values()] == ["float32", "float32"]
    assert all(isinstance(x, np.ndarray) for x in call.inputs.values())


def test_a_builtin_has_numbered_arguments():
    """It has no parameters by name."""
    assert spell_call(torch.add, (X, X), {}, None).arguments == "x0, x1"


def test_what_the_function_does_not_take_is_refused():
    """With its signature."""
    with pytest.raises(
        EquivError, match=r"f\(x, w=None, \*rest, axis=0\) does not take 1 argument"
    ):
        spell_call(f, (X,), {"dim": 1}, None)


def test_a_function_has_a_name_for_texts():
    """Lambdas and objects have one that is handed over."""
    assert name_of(f, "numpy_fn") == "f"
    assert name_of(lambda x: x, "numpy_fn") == "numpy_fn"
    assert name_of(torch.nn.ReLU(), "torch_fn") == "torch_fn"


def local():
    """Return a function that no import reaches."""

    def inner(x):
        return x + 1

    return inner


BROUGHT = {
    "of a module": ({"dedent": __import__("textwrap").dedent}, ["from textwrap import dedent"]),
    "under another name": (
        {"other": __import__("textwrap").dedent},
        ["from textwrap import dedent as other"],
    ),
    "of numpy": ({"std": np.std}, ["std = np.std"]),
    "a ufunc": ({"tanh": np.tanh}, ["tanh = np.tanh"]),
    "of torch": ({"tanh": torch.tanh}, ["tanh = torch.tanh"]),
    "of torch.linalg": (
        {"inv": torch.linalg.inv},
        ["import torch.linalg", "inv = torch.linalg.inv"],
    ),
    "by its source": ({"inner": local()}, ["def inner(x):", "    return x + 1"]),
    "a lambda": ({"f": lambda x: (x + 1, "a")}, ['f = lambda x: (x + 1, "a")']),
    "one of two lambdas": (
        {"f": (lambda x: x * 2, lambda x: x * 3)[1]},
        ["f = lambda x: x * 3"],
    ),
    "by its source, renamed": (
        {"g": local()},
        ["def inner(x):", "    return x + 1", "g = inner"],
    ),
}


@pytest.mark.parametrize("name", BROUGHT)
def test_a_function_is_brought_into_a_script(name):
    """By an import where one reaches it, else by its source."""
    functions, lines = BROUGHT[name]
    assert preamble(functions) == lines


def test_what_cannot_be_brought_is_said():
    """A module, or one of two lambdas that only their closures tell apart."""
    (line,) = preamble({"torch_fn": torch.nn.ReLU()})
    assert line == "torch_fn = ...  # a ReLU of your own: bring it here"
    (line,) = preamble({"f": eval("lambda x: x")})
    assert line == "f = ...  # a function of your own: bring it here"
