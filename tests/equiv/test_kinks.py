"""Autograd against the one-sided derivatives of a NumPy side, where a function has a kink."""

import math

import numpy as np
import pytest
import torch

from equiv.gradients import EVERY_ELEMENT, KINDS, autograd, check_kinks, cotangents

INF, NAN = math.inf, math.nan


def function(numpy):
    """Make of a NumPy function what the module takes: from named inputs to a list of arrays."""
    return lambda at: [np.asarray(numpy(*at.values()))]


def held(numpy, gradient, *inputs, weights=None):
    """Hold a gradient by x, or by x and y, against the derivatives of a NumPy function."""
    at = dict(zip("xy", map(np.asarray, inputs), strict=False))
    f = function(numpy)
    made = [np.ones_like(a) if weights is None else np.asarray(weights) for a in f(at)]
    given = gradient if isinstance(gradient, tuple) else (gradient,)
    found = {n: np.asarray(g, float) for n, g in zip(at, given, strict=True)}
    return check_kinks(f, at, found, made)


def checked(numpy, port, *inputs, seed=0):
    """Hold torch's own gradient of a port against them, with random cotangents."""
    at = dict(zip("xy", inputs, strict=False))
    f = function(numpy)
    weights = cotangents(f(at), seed)
    tracked = {n: torch.from_numpy(np.array(x)).requires_grad_() for n, x in at.items()}
    return check_kinks(f, at, autograd(tracked, [port(*tracked.values())], weights), weights)


# --- each kind ------------------------------------------------------------------------------


def relu(x):
    """Return what is above zero: the slope is 0 on the left of it and 1 on the right."""
    return np.maximum(x, 0)


def sign_of(x):
    """Jump from -1 over 0 to 1."""
    return np.sign(x)


AT_ZERO = {
    "the slope on the left": (relu, 0.0, "between"),
    "the slope on the right": (relu, 1.0, "between"),
    "the mean of both": (relu, 0.5, "between"),
    "above both": (relu, 1.01, "outside"),
    "below both": (relu, -0.01, "outside"),
    "infinite": (relu, INF, "outside"),
    "NaN": (relu, NAN, "nan"),
    "a slope at a jump": (sign_of, 0.0, "jump"),
    "an infinite slope at a jump": (sign_of, INF, ""),
    "the other infinity": (sign_of, -INF, "jump"),
    "NaN at a jump": (sign_of, NAN, "nan"),
    "a slope that rises without bound": (lambda x: np.sqrt(np.abs(x)), 0.0, "jump"),
    "where it is smooth": (lambda x: x**2 + 3 * x, 3.0, ""),
    "wrong where it is smooth": (lambda x: x**2 + 3 * x, 3.001, "outside"),
}


@pytest.mark.parametrize("name", AT_ZERO)
def test_what_autograd_gives_at_zero_is_of_one_kind(name):
    """By hand: the derivatives from the left and from the right, and what lies between."""
    numpy, gradient, kind = AT_ZERO[name]
    found = held(numpy, [gradient], [0.0])
    assert found.kinds == ({kind} if kind else set())
    assert found.word == ("parted" if kind else "same")


@pytest.mark.parametrize("weight", [3.0, -2.0])
def test_the_cotangent_turns_the_derivatives(weight):
    """Their order too: between is between, whichever is the larger."""
    assert held(relu, [weight / 2], [0.0], weights=[weight]).kinds == {"between"}
    assert held(relu, [weight * 1.5], [0.0], weights=[weight]).kinds == {"outside"}
    assert held(relu, [-weight / 2], [0.0], weights=[weight]).kinds == {"outside"}


def test_where_only_one_side_has_a_derivative_autograd_has_that():
    """Left of zero a square root is NaN; right of it the slope is what counts."""

    def ramp(x):
        return np.where(x < 0, np.nan, 2 * x)

    assert held(ramp, [2.0], [0.0]).word == "same"
    assert held(ramp, [1.0], [0.0]).kinds == {"outside"}


def test_an_element_that_cannot_be_moved_is_left_out():
    """An infinity and a NaN have no neighbours; the others are held to their slopes."""
    x = [INF, NAN, -INF, 2.0]
    assert held(np.abs, [7.0, 7.0, 7.0, 1.0], x, weights=[0, 0, 0, 1]).word == "same"
    assert held(np.abs, [7.0, 7.0, 7.0, 2.0], x, weights=[0, 0, 0, 1]).where == "d/dx[3]"


# --- ties -----------------------------------------------------------------------------------

TIED = {
    "to the first": ([1.0, 0.0, 0.0], {"between"}),
    "to the last": ([0.0, 1.0, 0.0], {"between"}),
    "in halves": ([0.5, 0.5, 0.0], {"between"}),
    "to both in full": ([1.0, 1.0, 0.0], {"between"}),
    "to one that is not tied": ([0.0, 0.0, 1.0], {"outside", "between"}),
    "too much": ([2.0, 0.0, 0.0], {"outside", "between"}),
}


@pytest.mark.parametrize("name", TIED)
def test_the_largest_of_ties_gives_its_gradient_to_any(name):
    """Each tied element has the slopes 0 and 1: falling it is not the largest any more."""
    gradient, kinds = TIED[name]
    assert held(np.max, gradient, [2.0, 2.0, 1.0]).kinds == kinds


def test_a_share_that_is_outside_alone_is_right_together():
    """The median of equal elements: one alone moves nothing, all together move it by one."""
    x = [2.0, 2.0, 2.0]
    assert held(np.median, [1 / 3] * 3, x).kinds == {"shared"}
    assert held(np.median, [0.0, 1.0, 0.0], x).kinds == {"shared"}
    assert held(np.median, [1.0] * 3, x).kinds == {"outside"}


def test_a_wrong_gradient_of_elements_that_are_not_tied_is_not_shared():
    """Only equal elements have something to share."""
    assert held(lambda x: 2 * x[0] + 0 * x[1], [0.5, 1.5], [1.0, 2.0]).kinds == {"outside"}


# --- what is told ---------------------------------------------------------------------------


def test_all_kinds_are_told_and_the_gravest_is_shown():
    """The kinds have an order; place and both sides are of the first in it."""

    def numpy(x):
        return relu(x) + np.array([0, 1, 0]) * x

    found = held(numpy, [0.5, 9.0, NAN], [0.0, 1.0, 2.0])
    assert found.kinds == {"between", "outside", "nan"}
    assert KINDS.index("outside") < KINDS.index("nan") < KINDS.index("between")
    assert (found.word, found.where, found.torch) == ("parted", "d/dx[1]", "9")
    assert found.numpy == "2 from the left, 2 from the right"


def test_the_input_is_named_as_numpy_names_it():
    """Of several inputs, and without an index where there is none."""
    at = {"a/t": np.array(0.0), "b": np.array([1.0])}
    found = check_kinks(
        function(lambda a, b: np.abs(a) + b),
        at,
        {"a/t": np.array(0.0), "b": np.array([1.0])},
        [np.ones(1)],
    )
    assert (found.where, found.numpy, found.torch) == (
        "d/da",
        "-1 from the left, 1 from the right",
        "0",
    )


@pytest.mark.parametrize(("weights", "masked"), [([1.0, 0.0], True), ([1.0, 1.0], False)])
def test_whether_results_were_left_out_is_told(weights, masked):
    """Their cotangent is zero."""
    assert held(np.abs, [0.0, 0.0], [0.0, 0.0], weights=weights).masked is masked


def test_a_gradient_of_zeros_on_both_sides_is_told_apart():
    """It agrees, but says little."""
    assert held(np.floor, [0.0], [0.5]).word == "zero"
    assert held(np.abs, [1.0], [0.5]).word == "same"


def test_the_first_elements_of_a_large_input_are_tried():
    """Each costs six runs of the NumPy side; ties show among the first."""
    n = EVERY_ELEMENT + 1
    for at, word in ((n - 2, "parted"), (n - 1, "same")):
        gradient = np.ones(n)
        gradient[at] = 2
        assert held(np.abs, gradient, np.arange(1.0, n + 1)).word == word


# --- torch's own choices --------------------------------------------------------------------

ZEROS, TIES = np.array([0.0, 1.0, -1.0]), np.array([2.0, 2.0, 1.0, 1.0])
CHOICES = {
    "abs": (np.abs, torch.abs, ZEROS, {"between"}),
    "relu": (relu, torch.relu, ZEROS, {"between"}),
    "floor": (np.floor, torch.floor, ZEROS, {"jump"}),
    "sort": (np.sort, lambda x: torch.sort(x).values, TIES, {"between"}),
    "amax": (np.max, torch.amax, TIES, {"between"}),
    "square": (np.square, torch.square, ZEROS, set()),
    "sum": (np.sum, torch.sum, TIES, set()),
}


@pytest.mark.parametrize("name", CHOICES)
def test_what_torch_chooses_is_told(name):
    """A kink where there is one, and nothing where the function is smooth."""
    numpy, port, x, kinds = CHOICES[name]
    for seed in range(3):
        assert checked(numpy, port, x, seed=seed).kinds == kinds


@pytest.mark.parametrize("factor", [-1, 0, 1.001, 2])
def test_a_wrong_gradient_is_outside_at_kinks_and_beside_them(factor):
    """A fault that holds at every element shows, whatever the kinks allow."""
    x = np.array([0.0, 1.0, -1.0])

    def wrong(t):
        return t.abs().detach() + factor * (t.abs() - t.abs().detach())

    assert "outside" in checked(np.abs, wrong, x).kinds
