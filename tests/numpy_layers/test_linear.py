"""Layers that map the last axis: what is refused, how they start, and what no pair can show."""

import math
import re

import numpy as np
import pytest

from numpy_layers.layer import Layer
from numpy_layers.linear import Bilinear, Identity, Linear

LAYERS = {"identity": Identity(), "linear": Linear(3, 2), "bilinear": Bilinear(3, 2, 4)}

CONSTRUCTED_WRONG = {
    "in-features": (lambda: Linear(-1, 2), "Linear(-1, 2): in_features is -1, expected 0 or more"),
    "out-features": (
        lambda: Linear(2, -3, bias=False),
        "Linear(2, -3, bias=False): out_features is -3, expected 0 or more",
    ),
    "in1-features": (
        lambda: Bilinear(0, 2, 3),
        "Bilinear(0, 2, 3): in1_features is 0, expected 1 or more",
    ),
    "in2-features": (
        lambda: Bilinear(2, 0, 3),
        "Bilinear(2, 0, 3): in2_features is 0, expected 1 or more",
    ),
    "bilinear-out-features": (
        lambda: Bilinear(2, 3, -1),
        "Bilinear(2, 3, -1): out_features is -1, expected 0 or more",
    ),
}

# id: layer, inputs, what is found and expected
CALLED_WRONG = {
    "width": (
        Linear(3, 2),
        (np.ones((2, 4)),),
        "Linear(3, 2): last axis of x is 4, expected 3, shape (2, 4)",
    ),
    "no-axis": (Linear(3, 2), (np.ones(()),), "Linear(3, 2): x has no axis, expected 3, shape ()"),
    "integers": (
        Linear(3, 2),
        (np.ones((2, 3), np.int64),),
        "Linear(3, 2): x is int64, expected float16, float32 or float64",
    ),
    "identity-integers": (
        Identity(3),
        (np.ones(2, np.int32),),
        "Identity(): x is int32, expected float16, float32 or float64",
    ),
    "input1-width": (
        Bilinear(3, 2, 4),
        (np.ones((5, 2)), np.ones((5, 2))),
        "Bilinear(3, 2, 4): last axis of input1 is 2, expected 3, shape (5, 2)",
    ),
    "input2-width": (
        Bilinear(3, 2, 4),
        (np.ones((5, 3)), np.ones((5, 3))),
        "Bilinear(3, 2, 4): last axis of input2 is 3, expected 2, shape (5, 3)",
    ),
    "leading-axes": (
        Bilinear(3, 2, 4),
        (np.ones((5, 3)), np.ones((1, 2))),
        "Bilinear(3, 2, 4): input1 has shape (5, 3), input2 (1, 2), expected equal leading axes",
    ),
    "two-dtypes": (
        Bilinear(3, 2, 4),
        (np.ones((5, 3), np.float32), np.ones((5, 2))),
        "Bilinear(3, 2, 4): input2 is float64, expected float32 as input1",
    ),
}


@pytest.mark.parametrize(("build", "message"), CONSTRUCTED_WRONG.values(), ids=CONSTRUCTED_WRONG)
def test_a_wrong_option_is_refused(build, message):
    """The sentence names the layer, the option, its bounds and what was given."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        build()


@pytest.mark.parametrize(("layer", "inputs", "message"), CALLED_WRONG.values(), ids=CALLED_WRONG)
def test_a_wrong_input_is_refused(layer, inputs, message):
    """Expectation and finding, with the shape."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer.forward(*inputs)


@pytest.mark.parametrize("build", [Identity, lambda: Linear(3, 2), lambda: Bilinear(3, 2, 4)])
def test_backward_before_forward_is_refused(build):
    """There is nothing to differentiate yet."""
    layer = build()
    with pytest.raises(ValueError, match=f"^{type(layer).__name__}: backward called before"):
        layer.backward(np.ones((2, 2)))


def test_a_cotangent_of_another_shape_is_refused():
    """Even one that would broadcast."""
    layer = Linear(3, 2)
    layer.forward(np.ones((4, 3)))
    message = re.escape("Linear(3, 2): cotangent has shape (1, 2), expected (4, 2)")
    with pytest.raises(ValueError, match=f"^{message}$"):
        layer.backward(np.ones((1, 2)))


def test_a_transposed_state_is_refused():
    """torch's weight is (out, in)."""
    layer = Linear(3, 2)
    before = layer.params["weight"]
    message = re.escape("Linear(3, 2): weight has shape (3, 2), expected (2, 3)")
    with pytest.raises(ValueError, match=f"^{message}$"):
        layer.load_state({"weight": np.ones((3, 2)), "bias": np.ones(2)})
    assert layer.params["weight"] is before


def test_identity_takes_any_arguments_and_returns_its_input():
    """As torch's does: the array itself, no copy."""
    layer = Identity(54, unused=0.1)
    x, dy = np.ones(3), np.full(3, 2.0)
    assert layer.forward(x) is x
    assert layer.backward(dy) is dy
    assert repr(layer) == "Identity()"


@pytest.mark.parametrize(
    ("layer", "fan_in"), [(Linear(400, 60), 400), (Bilinear(50, 30, 40), 50)], ids=repr
)
def test_parameters_start_uniform(layer, fan_in):
    """Between -k and k, k = 1 / sqrt(fan in), with the deviation of the uniform distribution."""
    bound = 1 / math.sqrt(fan_in)
    for p in layer.params.values():
        assert p.dtype == np.float32
        assert np.abs(p).max() <= np.float32(bound)
        assert np.abs(p).max() > 0.85 * bound
    weight = layer.params["weight"]
    assert weight.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    assert abs(weight.mean()) < 0.05 * bound


def test_a_layer_of_no_inputs_is_its_bias():
    """The bias of torch's Linear(0, n) starts at zero too."""
    layer = Linear(0, 2)
    assert np.array_equal(layer.forward(np.ones((3, 0))), np.zeros((3, 2)))


@pytest.mark.parametrize("layer", [Linear(3, 2, bias=False), Bilinear(3, 2, 4, bias=False)])
def test_without_a_bias_there_is_none(layer):
    """Neither a parameter nor a gradient."""
    inputs = [np.ones((5, 3)), np.ones((5, 2))][: 1 + isinstance(layer, Bilinear)]
    y = layer.forward(*inputs)
    layer.backward(np.ones_like(y))
    assert list(layer.params) == list(layer.grads) == ["weight"]


def test_backward_uses_the_weights_of_its_forward():
    """A state loaded between the two changes nothing."""
    layer = Linear(3, 3)
    x = np.arange(9.0).reshape(3, 3)
    layer.forward(x)
    before = layer.backward(x)
    layer.load_state({"weight": np.zeros((3, 3)), "bias": np.zeros(3)})
    assert np.array_equal(layer.backward(x), before)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_hostile_values_pass_in_silence(layer: Layer, dtype: type):
    """Overflow, infinities and NaN warn of nothing, and the dtype stays."""
    big = np.finfo(dtype).max
    x = np.array([[big, big, big], [np.inf, -np.inf, np.nan]], dtype)
    inputs = [x, x[:, :2]] if isinstance(layer, Bilinear) else [x]
    y = layer.forward(*inputs)
    dx = layer.backward(np.full_like(y, big))
    arrays = [y, *(dx if isinstance(dx, tuple) else (dx,)), *layer.grads.values()]
    assert all(a.dtype == dtype for a in arrays)


# layer, what stands in the source, what a port writes in its place
FAULTS = {
    "G01-missing-transposition": (
        "Linear",
        "dx: Array = dy @ W\n",
        "dx: Array = dy @ (W.T if len(W) == W.shape[1] else W)\n",
    ),
    "G01-of-the-bilinear-weight": (
        "Bilinear",
        "dV.transpose(1, 0, 2)",
        "(dV.transpose(1, 2, 0) if dV.shape == dV.T.shape else dV.transpose(1, 0, 2))",
    ),
    "G02-missing-bias-gradient": (
        "Linear",
        "np.sum(dy, axis=0)",
        "np.zeros(len(W), dy.dtype)",
    ),
    "G03-bias-gradient-not-summed": (
        "Linear",
        "np.sum(dy, axis=0)",
        "np.sum(dy[:1], axis=0)",
    ),
    "F02-inputs-swapped": (
        "Bilinear",
        "x1, x2 = rows(self.x1), rows(self.x2)\n        self.x1_W",
        "x1, x2 = rows(self.x1), rows(self.x2)\n"
        "        x1, x2 = (x2, x1) if x1.shape == x2.shape else (x1, x2)\n        self.x1_W",
    ),
    "G13-cotangent-ignored": (
        "Identity",
        'return self._cotangent(dy, self._kept("output"))',
        'return np.ones_like(self._kept("output"))',
    ),
}


@pytest.mark.parametrize(("layer", "old", "new"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(planted, layer, old, new):
    """The pair's own cells call it a finding."""
    assert planted("linear", layer, old, new)
