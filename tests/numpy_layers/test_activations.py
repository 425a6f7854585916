"""The activations: what they refuse, what they draw, and what no pair can show."""

import inspect
import math
import re

import numpy as np
import pytest

from numpy_layers import activations
from numpy_layers.activations import (
    CELU,
    ELU,
    GELU,
    GLU,
    Hardshrink,
    Hardsigmoid,
    Hardtanh,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmax2d,
    Softmin,
    Softplus,
    Softshrink,
    Tanh,
    Threshold,
)
from numpy_layers.layer import Layer

ARGUMENTS = {Threshold: (0.5, -2.0)}
"""What a class needs at least."""

CLASSES = [
    value
    for name, value in vars(activations).items()
    if inspect.isclass(value) and issubclass(value, Layer) and value is not Layer and name[0] != "_"
]

SHAPE = (3, 4, 2, 6)
"""A shape that every class takes."""

CONSTRUCTED_WRONG = {
    "celu": (lambda: CELU(0.0), "CELU(alpha=0.0): alpha is 0, expected another number"),
    "gelu": (
        lambda: GELU("erf"),
        "GELU(approximate='erf'): approximate is 'erf', expected none or tanh",
    ),
    "hardtanh": (
        lambda: Hardtanh(2.0),
        "Hardtanh(min_val=2.0): max_val is 1.0, expected more than 2.0",
    ),
    "hardtanh-equal": (
        lambda: Hardtanh(-3.0, -3.0),
        "Hardtanh(min_val=-3.0, max_val=-3.0): max_val is -3.0, expected more than -3.0",
    ),
    "prelu": (
        lambda: PReLU(-1),
        "PReLU(num_parameters=-1): num_parameters is -1, expected 0 or more",
    ),
    "rrelu": (
        lambda: RReLU(0.5, 0.25),
        "RReLU(lower=0.5, upper=0.25): upper is 0.25, expected 0.5 or more",
    ),
    "softshrink": (
        lambda: Softshrink(-0.5),
        "Softshrink(lambd=-0.5): lambd is -0.5, expected 0 or more",
    ),
}

# id: layer, x, what is found and expected
CALLED_WRONG = {
    "integers": (ReLU(), np.ones(3, int), "x is int64, expected float16, float32 or float64"),
    "integers-along-an-axis": (
        Softmax(0),
        np.ones(3, int),
        "x is int64, expected float16, float32 or float64",
    ),
    "prelu-channels": (
        PReLU(3),
        np.ones((2, 4, 7)),
        "x has 4 channels, shape (2, 4, 7), expected 3",
    ),
    "prelu-one-axis": (PReLU(3), np.ones(3), "x has no channels, shape (3,), expected 3"),
    "prelu-no-axes": (PReLU(3), np.ones(()), "x has no channels, shape (), expected 3"),
    "glu-odd": (
        GLU(),
        np.ones((2, 5)),
        "axis -1 of x is 5, shape (2, 5), expected an even number",
    ),
    "glu-axis": (GLU(2), np.ones((2, 4)), "x has no axis 2, shape (2, 4)"),
    "glu-no-axes": (GLU(), np.ones(()), "x has no axis -1, shape ()"),
    "softmax-axis": (Softmax(2), np.ones((2, 4)), "x has no axis 2, shape (2, 4)"),
    "softmax-below": (Softmax(-3), np.ones((2, 4)), "x has no axis -3, shape (2, 4)"),
    "softmax-no-axes": (Softmax(1), np.ones(()), "x has no axis 1, shape ()"),
    "softmin-axis": (Softmin(1), np.ones(4), "x has no axis 1, shape (4,)"),
    "log-softmax-axis": (LogSoftmax(-2), np.ones(4), "x has no axis -2, shape (4,)"),
    "softmax2d-two-axes": (
        Softmax2d(),
        np.ones((2, 4)),
        "x has shape (2, 4), expected (N, C, H, W) or (C, H, W)",
    ),
    "softmax2d-five-axes": (
        Softmax2d(),
        np.ones((2, 4, 1, 1, 3)),
        "x has shape (2, 4, 1, 1, 3), expected (N, C, H, W) or (C, H, W)",
    ),
}


def made(cls: type) -> Layer:
    """Return a layer of the class."""
    return cls(*ARGUMENTS.get(cls, ()))


@pytest.mark.parametrize("case", CONSTRUCTED_WRONG)
def test_options_out_of_range_are_refused(case):
    """The message spells the call, what was found and what was expected."""
    construct, message = CONSTRUCTED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        construct()


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_inputs_that_do_not_fit_are_refused(case):
    """The message names the layer, what was found and what was expected."""
    layer, x, message = CALLED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(f'{layer!r}: {message}')}$"):
        layer.forward(x)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_backward_needs_a_forward(cls):
    """There is nothing to differentiate before."""
    message = rf"^{cls.__name__}: backward called before forward$"
    with pytest.raises(ValueError, match=message):
        made(cls).backward(np.ones(SHAPE))


@pytest.mark.parametrize("cls", CLASSES)
def test_a_cotangent_of_another_shape_is_refused(cls):
    """The cotangent is an array like the output, and nothing that broadcasts to it."""
    layer = made(cls)
    y = layer.forward(np.ones(SHAPE))
    message = f"{layer!r}: cotangent has shape (1,), expected {y.shape}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        layer.backward(np.ones(1))


@pytest.mark.parametrize("cls", CLASSES)
def test_nothing_works_in_place(cls):
    """What torch could do in the input's memory is not offered."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'inplace'"):
        cls(*ARGUMENTS.get(cls, ()), inplace=True)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "state has missing names ['weight'], surplus []"),
        ({"weight": np.ones(4)}, "weight has shape (4,), expected (3,)"),
        ({"weight": np.ones(3, int)}, "weight is int64, expected the kind of float32"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(state, message):
    """PReLU's one parameter is the family's whole state."""
    layer = PReLU(3)
    with pytest.raises(ValueError, match=rf"^{re.escape(f'{layer!r}: {message}')}$"):
        layer.load_state(state)


def test_slopes_start_at_init():
    """As torch's do, in float32."""
    weight = PReLU(3, init=0.7).params["weight"]
    assert weight.dtype == np.float32
    np.testing.assert_array_equal(weight, np.full(3, 0.7, np.float32))


def test_drawn_slopes_fill_the_interval():
    """Below zero y / x is uniform between lower and upper, drawn anew for every element."""
    layer = RReLU(0.2, 0.6)
    x = np.full((200, 300), -1.0)
    slopes = -layer.forward(x)
    assert 0.2 <= slopes.min() < 0.2001
    assert 0.5999 < slopes.max() <= 0.6
    step = (0.6 - 0.2) / math.sqrt(12 * x.size)  # the standard deviation of the mean
    assert abs(slopes.mean() - 0.4) < 5 * step
    assert not np.array_equal(slopes, -layer.forward(x))
    np.testing.assert_array_equal(layer.backward(np.ones_like(x)), -layer.output)


def test_drawn_slopes_leave_what_is_positive():
    """A slope is drawn there too, and not used."""
    x = np.array([0.5, 2.0, 1e-300])
    layer = RReLU()
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(x), x)


def test_nothing_is_drawn_in_evaluation():
    """The mean slope is used, and NumPy's random state stays as it is."""
    before = np.random.get_state()[1].copy()
    y = RReLU(0.25, 0.75).eval().forward(np.array([-2.0]))
    assert y == -1.0
    np.testing.assert_array_equal(np.random.get_state()[1], before)


HOSTILE = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30, 89.0, -104.0, 1e-40, 20.0, 3.0]
)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("cls", CLASSES)
def test_hostile_values_do_not_warn(cls, dtype):
    """Where torch is silent so is NumPy; warnings are errors here."""
    with np.errstate(all="ignore"):
        values = HOSTILE.astype(dtype)
    layer = made(cls)
    y = layer.forward(np.resize(values, SHAPE))
    dx = layer.backward(np.resize(values[::-1], y.shape))
    assert y.dtype == dx.dtype == dtype
    assert dx.shape == SHAPE


def test_infinities_that_meet_in_a_sum_do_not_warn():
    """The gradient of PReLU's slope is NaN then, as torch's is."""
    layer = PReLU()
    layer.forward(np.array([-np.inf, -np.inf]))
    layer.backward(np.array([1.0, -1.0]))
    assert np.isnan(layer.grads["weight"])


@pytest.mark.parametrize("cls", CLASSES)
def test_nan_stays_nan(cls):
    """No comparison swallows it."""
    x = np.full(SHAPE, np.nan)
    assert np.isnan(made(cls).forward(x)).all()


@pytest.mark.parametrize("cls", CLASSES)
def test_halves_are_computed_in_float32(cls):
    """Forward rounds float16 once, or twice where a factor is kept for backward."""
    x = np.random.default_rng(0).standard_normal(SHAPE).astype(np.float16)
    np.random.seed(0)
    narrow = made(cls).forward(x)
    np.random.seed(0)
    wide = made(cls).forward(x.astype(np.float32))
    eps = np.finfo(np.float16).eps
    np.testing.assert_allclose(narrow.astype(np.float32), wide, rtol=eps, atol=eps * eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_hard_sigmoid_rises_by_a_sixth(dtype):
    """In float64 too, where torch's derivative is rounded to float32 and no pair compares it."""
    layer = Hardsigmoid()
    layer.forward(np.linspace(-2.9, 2.9, 30, dtype=dtype))
    sixth = np.ones(30, dtype) / 6
    np.testing.assert_array_equal(layer.backward(np.ones(30, dtype)), sixth)


def test_celu_divides_by_alpha_itself():
    """In float64 torch divides by alpha rounded to float32, and no pair compares that."""
    x = np.linspace(-5, -0.1, 30)
    layer = CELU(0.7)
    layer.forward(x)
    np.testing.assert_allclose(layer.backward(np.ones(30)), np.exp(x / 0.7), rtol=1e-14)


def test_softshrink_leaves_zeros_without_a_sign():
    """torch's have one or none by the size of the array, and no pair compares them."""
    y = Softshrink().forward(np.array([-0.5, -0.25, -0.0, 0.0, 0.25, 0.5]))
    assert not y.any()
    assert not np.signbit(y).any()


def test_a_list_is_an_array():
    """What np.asarray makes floats of is taken."""
    np.testing.assert_array_equal(ReLU().forward([-1.0, 2.0]), [0, 2])


def test_an_axis_is_chosen_by_the_rank():
    """Softmax without dim, at ranks where all axes but one differ from the choice."""
    for rank, axis in {1: 0, 2: 1, 3: 0, 4: 1, 5: 1}.items():
        y = Softmax().forward(np.random.default_rng(0).standard_normal((2, 3, 4, 2, 3)[:rank]))
        np.testing.assert_allclose(y.sum(axis=axis), np.ones_like(y.sum(axis=axis)))


NARROW = "x.astype(np.float32)).astype(x.dtype)"

# id: layer, text, its replacement, a case that must be a finding
FAULTS = {
    "F10-tanh": (Tanh, "return np.tanh(x)", f"return np.tanh({NARROW}", "plain"),
    "F15-softmax": (Softmax, "y = x - np.max(x, axis=axis, keepdims=True)", "y = x + 0", "1"),
    "F15-log-softmax": (
        LogSoftmax,
        "z = x - np.max(x, axis=axis, keepdims=True)",
        "z = x + 0",
        "1",
    ),
    "F15-mish": (Mish, "np.minimum(x, 20)", "x", "plain"),
    "F17-elu": (ELU, "np.expm1(self.rate * x)", "(np.exp(self.rate * x) - 1)", "tiny"),
    "F17-softplus": (Softplus, "np.log1p(np.exp(z))", "np.log(1 + np.exp(z))", "tail"),
    "F18-forward": (
        GELU,
        "self._below_by_tanh if tanh else self._below",
        "self._below_by_tanh",
        "plain",
    ),
    "F18-backward": (
        GELU,
        "self._density_by_tanh(x, below) if tanh else self._density(x)",
        "self._density_by_tanh(x, below)",
        "plain",
    ),
    "F24-rrelu": (RReLU, "if not self.training:", "if False:", "plain"),
    "F27-softmax": (Softmax, "0 if x.ndim in (0, 1, 3) else 1", "-1", "plain"),
    "F27-softplus": (Softplus, "z > self.threshold, x,", "z > 20, x,", "threshold-1-0"),
    "G03-prelu": (PReLU, "i != 1 or self._slope.ndim == 0", "True", "3"),
    "G04-softmax": (
        Softmax,
        "dx = dy - np.expand_dims(np.vecdot(dy_rows, rows), axis)",
        "dx = dy + 0",
        "plain",
    ),
    "G04-log-softmax": (
        LogSoftmax,
        "dx *= np.sum(dy, axis=axis, keepdims=True)",
        "dx *= dy",
        "plain",
    ),
    "G06-softmin": (Softmin, "return np.negative(dx, out=dx)", "return dx", "plain"),
    "G07-glu": (
        GLU,
        "return dx\n\n\nclass _Along",
        "dx.flat[7] *= 2; return dx\n\n\nclass _Along",
        "plain",
    ),
    "G08-one-at-zero": (ReLU, "zeroed(dy, x <= 0)", "zeroed(dy, x < 0)", "kinks"),
    "G08-half-at-zero": (
        ReLU,
        "zeroed(dy, x <= 0)",
        "dy * np.heaviside(x, x.dtype.type(0.5))",
        "kinks",
    ),
    "G08-leaky": (LeakyReLU, "select(x > 0, dy, a * dy)", "select(x >= 0, dy, a * dy)", "kinks"),
    "G08-hardshrink": (Hardshrink, "~(np.abs(x) > self", "~(np.abs(x) >= self", "kinks"),
    "G10-gelu": (
        GELU,
        "self.below = ",
        "self.below = self.below if hasattr(self, 'below') else ",
        "plain",
    ),
    "G11-silu": (SiLU, "s = sigmoid(x)", f"s = sigmoid({NARROW}", "plain"),
    "G11-sigmoid": (
        Sigmoid,
        "return dy * (1 - y) * y",
        "return dy * np.float32(1 - y) * y",
        "plain",
    ),
    "G13-tanh": (Tanh, "return dy * (1 - y * y)", "return 1 - y * y", "plain"),
    "G13-softmax": (
        Softmax,
        "self._cotangent(dy, y), y)",
        "self._cotangent(dy, y) * 0 + 1, y)",
        "plain",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_found(planted, case):
    """The pair's case that is about it calls it a finding."""
    cls, old, new, where = FAULTS[case]
    assert planted("activations", cls.__name__, old, new, where)
