"""Recurrent layers and cells: what is refused, drawn and returned, and faults that pairs find."""

import re

import numpy as np
import pytest
import torch

from numpy_layers.layer import Draws
from numpy_layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell

LAYERS = [RNN, LSTM, GRU]
CELLS = [RNNCell, LSTMCell, GRUCell]
every_layer = pytest.mark.parametrize("kind", LAYERS)
every_cell = pytest.mark.parametrize("kind", CELLS)
every_kind = pytest.mark.parametrize("kind", LAYERS + CELLS)


def normal(*shape, dtype="float64", seed=0):
    """Return standard normal numbers that the seed fixes."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def given(kind, dtype="float64"):
    """Return an input of kind(3, 4) and the states before it."""
    leading = (2,) if kind in CELLS else (1, 2)
    x = normal(*(leading if kind in CELLS else (5, 2)), 3, dtype=dtype)
    h, c = (normal(*leading, 4, dtype=dtype, seed=seed) for seed in (1, 2))
    return x, (h, c) if kind in (LSTM, LSTMCell) else h


def flat(value):
    """Return the arrays of nested tuples, in order."""
    return [a for part in value for a in flat(part)] if isinstance(value, tuple) else [value]


@pytest.mark.parametrize(
    ("construct", "message"),
    [
        (lambda: RNN(0, 4), "RNN(0, 4): input_size is 0, expected an int from 1"),
        (lambda: LSTM(3, 0), "LSTM(3, 0): hidden_size is 0, expected an int from 1"),
        (lambda: GRU(3, 4.0), "GRU(3, 4.0): hidden_size is 4.0, expected an int from 1"),
        (
            lambda: GRU(3, 4, 0),
            "GRU(3, 4, num_layers=0): num_layers is 0, expected an int from 1",
        ),
        (
            lambda: RNN(3, 4, nonlinearity="sigmoid"),
            "RNN(3, 4, nonlinearity='sigmoid'): nonlinearity is 'sigmoid', "
            "expected 'tanh' or 'relu'",
        ),
        (
            lambda: LSTM(3, 4, bias=None),
            "LSTM(3, 4, bias=None): bias is None, expected True or False",
        ),
        (
            lambda: GRU(3, 4, batch_first="yes"),
            "GRU(3, 4, batch_first='yes'): batch_first is 'yes', expected True or False",
        ),
        (
            lambda: RNN(3, 4, dropout=1.5),
            "RNN(3, 4, dropout=1.5): dropout is 1.5, expected a number from 0 to 1",
        ),
        (
            lambda: RNN(3, 4, dropout=True),
            "RNN(3, 4, dropout=True): dropout is True, expected a number from 0 to 1",
        ),
        (
            lambda: GRU(3, 4, dropout="half"),
            "GRU(3, 4, dropout='half'): dropout is 'half', expected a number from 0 to 1",
        ),
        (
            lambda: LSTM(3, 4, proj_size=-1),
            "LSTM(3, 4, proj_size=-1): proj_size is -1, expected an int from 0",
        ),
        (
            lambda: LSTM(3, 4, proj_size=4),
            "LSTM(3, 4, proj_size=4): proj_size is 4, expected less than 4",
        ),
        (lambda: RNNCell(-1, 4), "RNNCell(-1, 4): input_size is -1, expected an int from 0"),
        (lambda: GRUCell(3, 0.5), "GRUCell(3, 0.5): hidden_size is 0.5, expected an int from 0"),
        (
            lambda: RNNCell(3, 4, nonlinearity="gelu"),
            "RNNCell(3, 4, nonlinearity='gelu'): nonlinearity is 'gelu', expected 'tanh' or 'relu'",
        ),
    ],
)
def test_an_option_out_of_range_is_refused(construct, message):
    """The constructor names itself, the option, what was given and what is expected."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        construct()


@pytest.mark.parametrize(
    ("layer", "arguments", "finding"),
    [
        (RNN(3, 4), (np.ones((5, 2, 3), int),), "x is int64, expected float16, float32 or float64"),
        (RNN(3, 4), (normal(3),), "x has shape (3,), expected (T, N, 3) or (T, 3)"),
        (LSTM(3, 4), (normal(5, 2, 7),), "x has shape (5, 2, 7), expected (T, N, 3) or (T, 3)"),
        (
            GRU(3, 4, batch_first=True),
            (normal(5, 2, 7),),
            "x has shape (5, 2, 7), expected (N, T, 3) or (T, 3)",
        ),
        (GRU(3, 4), (normal(0, 2, 3),), "x has no step, shape (0, 2, 3), expected one or more"),
        (
            RNN(3, 4, batch_first=True),
            (normal(2, 0, 3),),
            "x has no step, shape (2, 0, 3), expected one or more",
        ),
        (
            RNN(3, 4),
            (torch.nn.utils.rnn.pack_sequence([torch.ones(2, 3)]),),
            "x is a packed sequence, expected a padded array",
        ),
        (
            RNN(3, 4, 2),
            (normal(5, 2, 3), normal(1, 2, 4)),
            "hx has shape (1, 2, 4), expected (2, 2, 4)",
        ),
        (
            GRU(3, 4, bidirectional=True),
            (normal(5, 3), normal(2, 1, 4)),
            "hx has shape (2, 1, 4), expected (2, 4)",
        ),
        (
            GRU(3, 4, batch_first=True),
            (normal(2, 5, 3), normal(1, 5, 4)),
            "hx has shape (1, 5, 4), expected (1, 2, 4)",
        ),
        (
            GRU(3, 4),
            (normal(5, 2, 3, dtype="float32"), normal(1, 2, 4)),
            "hx is float64, expected float32, as x",
        ),
        (
            LSTM(3, 4),
            (normal(5, 2, 3), normal(2, 1, 2, 4)),
            "hx is ndarray, expected a tuple (h0, c0)",
        ),
        (
            LSTM(3, 4),
            (normal(5, 2, 3), (normal(1, 2, 4),)),
            "hx is 1 states, expected a tuple (h0, c0)",
        ),
        (
            LSTM(3, 4, proj_size=2),
            (normal(5, 2, 3), (normal(1, 2, 2), normal(1, 2, 2))),
            "c0 has shape (1, 2, 2), expected (1, 2, 4)",
        ),
        (
            LSTM(3, 4),
            (normal(5, 2, 3), (normal(1, 2, 4), None)),
            "c0 is object, expected float16, float32 or float64",
        ),
        (RNNCell(3, 4), (normal(5, 2, 3),), "x has shape (5, 2, 3), expected (N, 3) or (3,)"),
        (GRUCell(3, 4), (normal(2, 4),), "x has shape (2, 4), expected (N, 3) or (3,)"),
        (
            GRUCell(3, 4),
            (normal(2, 3), normal(1, 4)),
            "hx has shape (1, 4), expected (2, 4)",
        ),
        (RNNCell(3, 4), (normal(3), normal(1, 4)), "hx has shape (1, 4), expected (4,)"),
        (
            LSTMCell(3, 4),
            (normal(2, 3), (normal(2, 4), normal(2, 3))),
            "c0 has shape (2, 3), expected (2, 4)",
        ),
        (
            LSTMCell(3, 4),
            (normal(2, 3), normal(2, 4)),
            "hx is ndarray, expected a tuple (h0, c0)",
        ),
    ],
)
def test_an_argument_that_does_not_fit_is_refused(layer, arguments, finding):
    """Forward names the layer, what it found and what it expects, and keeps nothing."""
    with pytest.raises(ValueError, match=f"^{re.escape(f'{layer!r}: {finding}')}$"):
        layer.forward(*arguments)
    with pytest.raises(ValueError, match="backward called before forward"):
        layer.backward(None)


@every_kind
def test_backward_before_forward_is_refused(kind):
    """There is nothing to differentiate yet."""
    with pytest.raises(ValueError, match=rf"^{kind.__name__}: backward called before forward$"):
        kind(3, 4).backward(normal(5, 2, 4))


@every_kind
def test_a_cotangent_of_another_shape_is_refused(kind):
    """Each cotangent has the shape of its output; none is broadcast."""
    layer = kind(3, 4)
    outputs = flat(layer.forward(given(kind)[0]))
    for i, output in enumerate(outputs):
        cotangents = [None] * len(outputs)
        cotangents[i] = np.ones((1, *output.shape[1:]))
        if cotangents[i].shape != output.shape:
            message = f"cotangent has shape {cotangents[i].shape}, expected {output.shape}"
            with pytest.raises(ValueError, match=re.escape(f"{kind.__name__}(3, 4): {message}")):
                layer.backward(*cotangents)


def test_a_state_of_another_layer_is_refused():
    """Names and shapes are those of this layer's options."""
    with pytest.raises(ValueError, match=r"^LSTM\(3, 4\): .*surplus \['weight_hr_l0'\]$"):
        LSTM(3, 4).load_state(LSTM(3, 4, proj_size=2).params)
    with pytest.raises(ValueError, match=r"missing names \['bias_hh', 'bias_ih'\]"):
        GRUCell(3, 4).load_state(GRUCell(3, 4, bias=False).params)
    with pytest.raises(ValueError, match=r"weight_ih_l0 has shape \(12, 3\), expected \(12, 5\)"):
        GRU(5, 4).load_state(GRU(3, 4).params)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (RNN, {}),
        (RNN, {"num_layers": 2, "bidirectional": True, "bias": False}),
        (LSTM, {"num_layers": 2, "bidirectional": True}),
        (LSTM, {"num_layers": 2, "bidirectional": True, "proj_size": 2, "bias": False}),
        (LSTM, {"proj_size": 2}),
        (GRU, {"num_layers": 3}),
        (RNNCell, {}),
        (LSTMCell, {"bias": False}),
        (GRUCell, {}),
    ],
)
def test_parameters_have_the_names_order_shapes_and_dtype_of_torch(kind, options):
    """A state dict goes from one side to the other as it is."""
    twin = getattr(torch.nn, kind.__name__)(3, 4, **options)
    ours = [(n, p.shape, p.dtype) for n, p in kind(3, 4, **options).params.items()]
    assert ours == [(n, tuple(p.shape), p.numpy().dtype) for n, p in twin.state_dict().items()]


@every_kind
def test_parameters_start_uniform_up_to_one_over_the_root_of_the_hidden_size(kind):
    """The bound is that of the hidden size for every parameter, as in torch, and is reached."""
    np.random.seed(0)
    layer = kind(100, 64)
    for name, p in layer.params.items():
        assert np.abs(p).max() <= 1 / 8, name
        assert -p.min() > 0.8 / 8, name
        assert p.max() > 0.8 / 8, name
        assert abs(p.mean()) < 5 * (1 / 8) / np.sqrt(3 * p.size), name


class Recorded(Draws):
    """Draws, and remembers what was asked and what was drawn."""

    def __init__(self):
        self.asked, self.drawn = [], []

    def keep(self, p, shape):
        """Draw as the layer would."""
        self.asked.append((p, shape))
        self.drawn.append(super().keep(p, shape))
        return self.drawn[-1]


@every_layer
def test_dropout_is_asked_for_the_whole_output_of_every_layer_but_the_last(kind):
    """In torch's order: layer by layer, time first, both directions together."""
    layer = kind(3, 4, num_layers=3, dropout=0.25, bidirectional=True, batch_first=True)
    layer.draws = Recorded()
    layer.forward(normal(2, 5, 3))
    assert layer.draws.asked == [(0.25, (5, 2, 8))] * 2


@every_layer
def test_dropout_drops_its_share_in_training_only(kind):
    """Real draws zero a share p of a layer's output; two forwards differ, in eval they do not."""
    np.random.seed(0)
    layer = kind(3, 20, num_layers=2, dropout=0.3)
    layer.draws = Recorded()
    x = normal(30, 20, 3)
    first, second = layer.forward(x)[0], layer.forward(x)[0]
    assert (first != second).any()
    share = np.mean(layer.draws.drawn)
    assert abs(share - 0.7) < 5 * np.sqrt(0.3 * 0.7 / np.size(layer.draws.drawn))
    layer.eval()
    np.testing.assert_array_equal(layer.forward(x)[0], layer.forward(x)[0])
    assert len(layer.draws.asked) == 2


@every_layer
def test_dropout_divides_what_it_leaves(kind):
    """The second layer runs on the first's output, zeros put in and the rest over 1 - p."""
    layer, first, second = kind(3, 4, num_layers=2, dropout=0.3), kind(3, 4), kind(4, 4)
    first.load_state({n: layer.params[n] for n in first.params})
    second.load_state({n: layer.params[n.replace("_l0", "_l1")] for n in second.params})
    layer.draws = Recorded()
    x = normal(5, 2, 3)
    y = layer.forward(x)[0]
    left = first.forward(x)[0] * layer.draws.drawn[0] / 0.7
    np.testing.assert_allclose(second.forward(left)[0], y, rtol=1e-13, atol=1e-15)


@every_layer
def test_dropout_of_everything_hands_zeros_on(kind):
    """With p = 1 the second layer runs on zeros, and nothing flows back to the first."""
    layer, second = kind(3, 4, num_layers=2, dropout=1.0), kind(4, 4)
    second.load_state({n: layer.params[n.replace("_l0", "_l1")] for n in second.params})
    x = normal(5, 2, 3)
    y = layer.forward(x)[0]
    np.testing.assert_array_equal(y, second.forward(np.zeros((5, 2, 4)))[0])
    assert not layer.backward(np.ones_like(y)).any()
    assert not layer.grads["weight_hh_l0"].any()


@pytest.mark.parametrize(("kind", "cell"), [*zip(LAYERS, CELLS, strict=True)])
def test_a_layer_is_its_cell_step_by_step(kind, cell):
    """The cell in a loop has the layer's outputs and last state."""
    layer, one = kind(3, 4), cell(3, 4)
    one.load_state({n.removesuffix("_l0"): p for n, p in layer.params.items()})
    x = normal(5, 2, 3)
    y, last = layer.forward(x)
    state = None
    for t, x_t in enumerate(x):
        state = one.forward(x_t, state)
        np.testing.assert_allclose(flat(state)[0], y[t], rtol=1e-13, atol=1e-15)
    for ours, theirs in zip(flat(state), flat(last), strict=True):
        np.testing.assert_allclose(ours, theirs[0], rtol=1e-13, atol=1e-15)


@every_kind
def test_backward_returns_the_gradients_of_what_was_given(kind):
    """An array without states, else a tuple in the order of forward's float inputs."""
    layer, (x, states) = kind(3, 4), given(kind)
    cotangents = [np.ones_like(y) for y in flat(layer.forward(x))]
    assert layer.backward(*cotangents).shape == x.shape
    layer.forward(x, states)
    found = layer.backward(*cotangents)
    assert [g.shape for g in found] == [a.shape for a in flat((x, states))]


@every_kind
def test_a_cotangent_of_none_is_zeros(kind):
    """Outputs that nothing depends on may be left out."""
    layer, (x, states) = kind(3, 4), given(kind)
    outputs = flat(layer.forward(x, states))
    for i, output in enumerate(outputs):
        zeros = [np.zeros_like(y) for y in outputs]
        zeros[i] = normal(*output.shape, seed=5)
        nones = [z if k == i else None for k, z in enumerate(zeros)]
        for a, b in zip(layer.backward(*zeros), layer.backward(*nones), strict=True):
            np.testing.assert_array_equal(a, b)


@every_kind
def test_backward_twice_is_backward_once(kind):
    """Backward is a function of the last forward, and overwrites what it left before."""
    layer, (x, states) = kind(3, 4), given(kind)
    cotangents = [normal(*y.shape, seed=5) for y in flat(layer.forward(x, states))]
    once, grads = layer.backward(*cotangents), {n: g.copy() for n, g in layer.grads.items()}
    twice = layer.backward(*cotangents)
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_array_equal(a, b)
    assert list(layer.grads) == list(layer.params)
    for name, g in layer.grads.items():
        np.testing.assert_array_equal(g, grads[name])


@every_kind
def test_the_two_biases_share_no_gradient(kind):
    """Where they are equal they are still two arrays: an optimiser may scale one in place."""
    layer = kind(3, 4)
    layer.backward(flat(layer.forward(given(kind)[0]))[0])
    ih, hh = (g for n, g in layer.grads.items() if n.startswith("bias"))
    assert not np.shares_memory(ih, hh)


@every_kind
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_results_have_the_dtype_of_the_input(kind, dtype):
    """Outputs and gradients do, whatever the parameters are kept in."""
    layer, (x, states) = kind(3, 4), given(kind, dtype)
    outputs = flat(layer.forward(x, states))
    found = [*outputs, *layer.backward(*outputs), *layer.grads.values()]
    assert {a.dtype for a in found} == {np.dtype(dtype)}


@every_kind
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e300, -1e300, 0.0])
def test_hostile_values_raise_no_warning(kind, value):
    """Warnings are errors here: overflow in a saturated gate and NaN are results."""
    layer, (x, states) = kind(3, 4), given(kind)
    x[0] = value
    outputs = flat(layer.forward(x, states))
    layer.backward(*outputs)


@pytest.mark.parametrize("kind", [RNN, RNNCell])
def test_the_rectifier_raises_no_warning_on_hostile_values(kind):
    """It has no bound: states may overflow."""
    layer, (x, _) = kind(3, 4, nonlinearity="relu"), given(kind)
    x[...] = 1e308
    outputs = flat(layer.forward(x))
    layer.backward(*outputs)


def test_sizes_of_zero_are_taken_by_cells():
    """As in torch, whose layers refuse them."""
    cell = GRUCell(0, 4)
    assert cell.backward(np.ones_like(cell.forward(np.ones((2, 0))))).shape == (2, 0)
    assert LSTMCell(3, 0).forward(np.ones((2, 3)))[0].shape == (2, 0)


# id: layer, text of the source, the fault, the cell that finds it, and on which rung
FAULTS = {
    "carry-dropped": (  # G04
        "RNN",
        "self._unsquash(dh + dy[t], self.now[t], da[0, t])",
        "self._unsquash(dy[t], self.now[t], da[0, t])",
        "RNN/plain@float64",
        "gradient",
    ),
    "cell-state-carry-dropped": (  # G04
        "LSTM",
        "dc = dc + dm * dc_dm[t]",
        "dc = dm * dc_dm[t]",
        "LSTM/plain@float64",
        "gradient",
    ),
    "detached-in-time": (  # G12
        "GRU",
        "dh += self._back(dv, t)",
        "dh += 0 * self._back(dv, t)",
        "GRU/plain@float64",
        "gradient",
    ),
    "one-bias-left-out": (  # G02, forward
        "RNNCell",
        'return self.weights["bias_ih"] + self.weights["bias_hh"]',
        'return self.weights["bias_ih"]',
        "RNNCell/plain@float64",
        "value",
    ),
    "one-bias-gets-no-gradient": (  # G02
        "LSTMCell",
        'grads["bias_hh"] = dv.sum(axis=2).sum(axis=1).reshape(K * H)',
        'grads["bias_hh"] = np.zeros_like(grads["bias_ih"])',
        "LSTMCell/plain@float64",
        "gradient",
    ),
    "biases-taken-for-one-another": (  # G02: in a GRU they are not equal
        "GRUCell",
        'grads["bias_hh"] = dv.sum',
        'grads["bias_hh"] = da.sum',
        "GRUCell/plain@float64",
        "gradient",
    ),
    "state-left-of-the-last-call": (  # F24
        "GRU",
        "return [np.zeros(shape, dtype) for shape in shapes]",
        "zeros = [np.zeros(shape, dtype) for shape in shapes]\n"
        '            return list(getattr(self, "_outputs", (0, *zeros))[1:])',
        "GRU/plain@second-call",
        "value",
    ),
    "dropout-in-eval": (  # F24
        "RNN",
        "if not self.training or p == 0",
        "if p == 0",
        "RNN/num-layers-3-dropout-0-4@eval",
        "value",
    ),
    "reset-before-the-product": (
        "GRUCell",
        "n += r * np.add(products[2], b_hn, out=self.v[t])",
        "n += np.add((r * h) @ self.w_step[2], b_hn, out=self.v[t])",
        "GRUCell/plain@float64",
        "value",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(planted, name):
    """The catalogue's own cells call it a finding."""
    layer, old, new, cell, rung = FAULTS[name]
    case = cell.partition("/")[2].partition("@")[0]
    assert planted("recurrent", layer, old, new, case).get(f"numpy_layers.{cell}") == rung
