"""What both sides of a layer's cell share: draws, calls, state, several outputs, kinks."""

import dataclasses

import numpy as np
import pytest

import numpy_layers
from equiv.entry import LayerCase, LayerPair, real, values
from equiv.execute import steady
from equiv.judge import judge_layer
from equiv.layer import measure_layer
from equiv.layer_sides import Draws, Given, draws_at_random, parameters
from equiv.plan import plan_layer

X = {"x": real(4, 6)}


def measured(layer, condition="float64", **said):
    """Measure the plain case of a layer at the top of numpy_layers under a condition."""
    plain = {"summary": "S.", "source": "s", "inputs": X, "grid": ("",)}
    pair = LayerPair(f"numpy_layers.{layer}", **{**plain, **said})
    p = next(p for p in plan_layer(pair, 0) if p.cell.probe == condition)
    with steady():
        return pair, p, measure_layer(p.cell, p.layer)


DRAWING = {
    "dropout": ("Dropout", {}),
    "channels": ("Dropout1d", {"inputs": {"x": real(3, 5, 4)}}),
    "alpha": ("AlphaDropout", {"arguments": "0.3"}),
    "slopes": ("RReLU", {}),
    "inside, after parameters": (
        "TransformerEncoderLayer",
        {"arguments": "6, 2, 5, dropout=0.4", "inputs": {"src": real(3, 4, 6)}},
    ),
}


@pytest.mark.parametrize("condition", ["float64", "float32", "second call", "eval"])
@pytest.mark.parametrize("case", DRAWING)
def test_both_sides_draw_the_same(case, condition):
    """What is random in training is an input of the comparison."""
    layer, said = DRAWING[case]
    _, p, found = measured(layer, condition, **said)
    assert found.parts == ()
    assert draws_at_random(p.cell, p.layer, 0) == (condition != "eval")


def test_another_draw_parts(monkeypatch):
    """The agreement above is no chance: a mask that is not torch's is seen."""
    monkeypatch.setattr(Draws, "keep", lambda self, p, shape: np.arange(24).reshape(shape) % 2 > 0)
    assert measured("Dropout")[2].outcome == "value"


def test_forward_is_called_as_the_pair_says():
    """Tuples and keywords reach both sides."""
    inputs = {"x": real(3, 2, 4), "h": real(1, 2, 5), "c": real(1, 2, 5)}
    _, p, found = measured("LSTM", arguments="4, 5", inputs=inputs, call="x, (h, c)", batch_axis=1)
    assert found.parts == ()
    assert p.layer.wrt == ("x", "h", "c")
    assert found.gradient.word == "same"


def test_every_output_has_a_cotangent(monkeypatch):
    """A gradient that is lost of one of several outputs is seen."""
    real_backward = numpy_layers.GRU.backward
    monkeypatch.setattr(
        numpy_layers.GRU, "backward", lambda self, dy, dh=None: real_backward(self, dy, None)
    )
    _, _, found = measured("GRU", arguments="6, 5", inputs={"x": real(3, 2, 6)}, batch_axis=1)
    assert found.outcome == "gradient"


def test_buffers_are_compared(monkeypatch):
    """What a forward leaves in them parts as an output does, and is named."""
    pair, p, found = measured("BatchNorm1d", arguments="6")
    assert found.parts == ()
    forward = numpy_layers.BatchNorm1d.forward

    def wrong(self, x):
        y = forward(self, x)
        self.buffers["running_var"] = self.buffers["running_var"] * 0.99
        return y

    monkeypatch.setattr(numpy_layers.BatchNorm1d, "forward", wrong)
    with steady():
        (part,) = measure_layer(p.cell, p.layer).parts
    assert (part.rung, part.where) == ("value", "running_var")
    assert judge_layer(pair, dataclasses.replace(found, parts=(part,))).finding == "broken"


def test_buffers_start_at_random_above_zero_and_counters_past_their_start():
    """Variances and weights are positive; a count is of a few calls."""
    _, p, _ = measured("BatchNorm1d", arguments="6")
    found = parameters(p.cell, p.layer, 0)
    assert (found["running_var"] > 0).all()
    assert len(np.unique(found["running_mean"])) == 6
    assert 0 < found["num_batches_tracked"] < 9
    assert found["num_batches_tracked"].dtype == np.int64


def test_derivatives_at_kinks_are_told():
    """Both sides', where the case says that its inputs are kinks."""
    cases = (LayerCase("plain", inputs={"x": values([-1.0, 0.0, 2.0])}, kinks=True),)
    _, _, found = measured("ReLU", grid=(), cases=cases)
    assert found.gradient.word == "same"
    assert found.gradient.numpy == found.gradient.torch == "float64 [0.0, 0.0, 1.0]"
    assert measured("ReLU")[2].gradient.numpy == ""


def test_a_wrong_choice_at_a_kink_is_seen(monkeypatch):
    """One for zero."""
    monkeypatch.setattr(numpy_layers.ReLU, "_gradient", lambda self, dy, x, y: dy * (x >= 0))
    cases = (LayerCase("plain", inputs={"x": values([-1.0, 0.0, 2.0])}, kinks=True),)
    assert measured("ReLU", grid=(), cases=cases)[2].outcome == "gradient"


@pytest.mark.parametrize(("off", "outcome"), [(1e-17, "same"), (1e-6, "gradient")])
def test_what_saturation_leaves_is_held_against_ordinary_gradients(monkeypatch, off, outcome):
    """The last place of a vanished gradient is no fault, a millionth of an ordinary one is."""
    backward = numpy_layers.Softmax.backward
    monkeypatch.setattr(numpy_layers.Softmax, "backward", lambda self, dy: backward(self, dy) + off)
    found = measured("Softmax", "large", arguments="1", inputs={"x": real(1, 4)})[2]
    assert found.outcome == outcome


@pytest.mark.parametrize(("condition", "finding"), [("batch of one", ""), ("float64", "broken")])
def test_both_sides_may_refuse_what_a_condition_makes_of_the_inputs(condition, finding):
    """Not the inputs that the case declares."""
    inputs = {"x": real(3, 4)} if condition == "float64" else {"x": real(3, 6)}
    pair, _, found = measured("BatchNorm1d", condition, arguments="6", inputs=inputs)
    assert found.outcome == "both raise"
    assert judge_layer(pair, found).finding == finding


def test_what_no_gradient_is_asked_of_is_not_moved():
    """Classes that are told in floats, 1 and -1, would be none after an eps; they are widened."""
    given = Given(inputs={"x": np.ones(2, "f4"), "t": np.array([1, -1], "f4")}, state={})
    assert given.flat(("x",)).keys() == {"inputs:x"}
    moved = given.moved({"inputs:x": np.full(2, 1.5)})
    assert moved.inputs["x"].tolist() == [1.5, 1.5]
    assert (moved.inputs["t"].tolist(), moved.inputs["t"].dtype) == ([1, -1], np.float64)
