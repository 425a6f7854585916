"""The base of the layers: names, modes and loading."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numpy_layers
from numpy_layers.layer import Layer, is_whole


class Scale(Layer):
    """A layer with one parameter and two buffers, of a float and an integer dtype."""

    def __init__(self) -> None:
        super().__init__()
        self.params["weight"] = np.ones(3)
        self.buffers["mean"] = np.zeros(3)
        self.buffers["count"] = np.array(0)


def state() -> dict[str, np.ndarray]:
    """Return a state that fits Scale."""
    return {
        "weight": np.array([1, 2, 3], np.float32),
        "mean": np.array([4.0, 5.0, 6.0]),
        "count": np.array(7),
    }


def test_a_layer_starts_in_training_with_nothing():
    """A bare layer trains and holds no array."""
    layer = Layer()
    assert layer.training
    assert layer.params == layer.grads == layer.buffers == {}


def test_two_layers_share_no_dict():
    """Each layer has dicts of its own."""
    Layer().params["weight"] = np.ones(1)
    assert Layer().params == {}


def test_eval_and_train_switch_the_mode_and_return_the_layer():
    """Modes switch both ways, and calls chain as in torch."""
    layer = Layer()
    assert layer.eval() is layer
    assert not layer.training
    assert layer.train() is layer
    assert layer.training


@pytest.mark.parametrize("method", ["forward", "backward"])
def test_a_layer_without_the_pass_says_so(method):
    """The base has the contracts only."""
    with pytest.raises(NotImplementedError, match=rf"^Layer\(\) has no {method}$"):
        getattr(Layer(), method)(np.ones(1))


def test_load_state_sets_parameters_and_buffers():
    """A state names parameters and buffers together, as torch's does."""
    layer = Scale()
    layer.load_state(state())
    np.testing.assert_array_equal(layer.params["weight"], [1, 2, 3])
    np.testing.assert_array_equal(layer.buffers["mean"], [4, 5, 6])
    assert layer.buffers["count"] == 7
    assert layer.params.keys() == {"weight"}
    assert layer.buffers.keys() == {"mean", "count"}


def test_load_state_keeps_the_dtype_given():
    """A float32 parameter stays one, though it replaces a float64 one."""
    layer = Scale()
    layer.load_state(state())
    assert layer.params["weight"].dtype == np.float32
    assert layer.buffers["mean"].dtype == np.float64


def test_load_state_copies():
    """What is written to the layer later does not reach the caller's arrays."""
    layer, given = Scale(), state()
    layer.load_state(given)
    layer.params["weight"] += 1
    np.testing.assert_array_equal(given["weight"], [1, 2, 3])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": None}, r"missing names \['weight'\], surplus \[\]$"),
        ({"count": None}, r"missing names \['count'\], surplus \[\]$"),
        ({"wieght": np.ones(3)}, r"missing names \[\], surplus \['wieght'\]$"),
        ({"mean": np.ones(4)}, r"mean has shape \(4,\), expected \(3,\)$"),
        ({"count": np.ones(1, int)}, r"count has shape \(1,\), expected \(\)$"),
        ({"weight": np.ones(3, complex)}, "weight is complex128, expected the kind of float64$"),
        ({"count": np.array(1.0)}, "count is float64, expected the kind of int64$"),
    ],
    ids=["missing", "missing-buffer", "surplus", "shape", "shape-0d", "complex", "float-count"],
)
def test_a_state_that_does_not_fit_is_named_and_loads_nothing(change, message):
    """A wrong state raises with the layer's name, and the layer is as it was."""
    layer = Scale()
    given = {name: value for name, value in (state() | change).items() if value is not None}
    with pytest.raises(ValueError, match=rf"^Scale\(\): .*{message}"):
        layer.load_state(given)
    np.testing.assert_array_equal(layer.params["weight"], 1)
    np.testing.assert_array_equal(layer.buffers["mean"], 0)
    assert layer.buffers["count"] == 0


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)], ids=repr)
def test_a_whole_number_is_an_integer_from_the_least_on(value):
    """Of Python or of NumPy."""
    assert is_whole(value)
    assert is_whole(value, 3)
    assert not is_whole(value, 4)


@pytest.mark.parametrize("value", [True, np.True_, 3.0, np.float64(3), "3", None, np.array(3)])
def test_what_is_no_integer_is_no_whole_number(value):
    """A bool is none, nor is an array."""
    assert not is_whole(value)
    assert not is_whole(value, 0)


def test_importing_numpy_layers_imports_neither_torch_nor_equiv():
    """The package needs NumPy alone, and gives the sheet's layers with it."""
    code = (
        "import sys, numpy_layers; numpy_layers.sheet.Linear;"
        "print(sorted({'torch', 'equiv', 'pandas', 'scipy'} & set(sys.modules)))"
    )
    root = Path(numpy_layers.__file__).parents[1]
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
