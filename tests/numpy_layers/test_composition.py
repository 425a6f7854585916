"""Layers made of layers: the same as torch's on both ways, in both modes, with torch's states."""

import itertools
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

import numpy_layers as npl
from numpy_layers.composition import Residual, Sequential
from numpy_layers.layer import Draws, Layer


class TorchResidual(nn.Module):
    """The twin of Residual, which torch has no class for."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        """Return x and what the layer makes of it."""
        return x + self.layer(x)


def fork(seed, make):
    """Make a module under a seed, and leave torch's random state as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make().double()


# id: both sides, and the shape of x
NETWORKS = {
    "in-order": (
        lambda: Sequential(npl.Linear(5, 7), npl.ReLU(), npl.Linear(7, 3)),
        lambda: nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)),
        (6, 5),
    ),
    "by-name": (
        lambda: Sequential({"in": npl.Linear(5, 7), "act": npl.Tanh(), "out": npl.Linear(7, 3)}),
        lambda: nn.Sequential(
            OrderedDict([("in", nn.Linear(5, 7)), ("act", nn.Tanh()), ("out", nn.Linear(7, 3))])
        ),
        (6, 5),
    ),
    "one": (lambda: Sequential(npl.Linear(5, 7)), lambda: nn.Sequential(nn.Linear(5, 7)), (6, 5)),
    "buffers": (
        lambda: Sequential(npl.Linear(5, 7, bias=False), npl.BatchNorm1d(7), npl.Sigmoid()),
        lambda: nn.Sequential(nn.Linear(5, 7, bias=False), nn.BatchNorm1d(7), nn.Sigmoid()),
        (6, 5),
    ),
    "residual": (
        lambda: Residual(npl.Linear(5, 5)),
        lambda: TorchResidual(nn.Linear(5, 5)),
        (6, 5),
    ),
    "nested": (
        lambda: Sequential(
            npl.Linear(5, 7),
            Residual(Sequential(npl.BatchNorm1d(7), npl.GELU(), npl.Linear(7, 7))),
            Sequential(Residual(Residual(npl.Tanh())), npl.Linear(7, 3)),
        ),
        lambda: nn.Sequential(
            nn.Linear(5, 7),
            TorchResidual(nn.Sequential(nn.BatchNorm1d(7), nn.GELU(), nn.Linear(7, 7))),
            nn.Sequential(TorchResidual(TorchResidual(nn.Tanh())), nn.Linear(7, 3)),
        ),
        (6, 5),
    ),
}


def close(ours, theirs):
    """Say whether they are equal but for rounding in float64."""
    scale = np.abs(theirs).max(initial=1e-300)
    return ours.shape == theirs.shape and np.abs(ours - theirs).max(initial=0) <= 1e-13 * scale


def agree(net, twin, x, *, training):
    """Say whether output, buffers and every gradient of two calls are equal."""
    rng = np.random.default_rng(1)
    net.train() if training else net.eval()
    twin.train(training)
    for draw in (x, x[::-1] * 1.5):
        for p in twin.parameters():
            p.grad = None
        tensor = torch.from_numpy(draw.copy()).requires_grad_()
        y, expected = net.forward(draw), twin(tensor)
        dy = rng.standard_normal(y.shape)
        dx = net.backward(dy)
        expected.backward(torch.from_numpy(dy))
        pairs = [(y, expected.detach()), (dx, tensor.grad)]
        pairs += [(net.grads[n], p.grad) for n, p in twin.named_parameters()]
        pairs += [(net.buffers[n], b) for n, b in twin.named_buffers()]
        if not all(close(np.asarray(a), b.numpy()) for a, b in pairs):
            return False
    return net.grads.keys() == dict(twin.named_parameters()).keys()


def pair(network, seed=0):
    """Return both sides of a network with the same state, and an input."""
    ours, theirs, shape = NETWORKS[network]
    net, twin = ours(), fork(seed, theirs)
    net.load_state(twin.state_dict())
    return net, twin, np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_a_network_is_its_torch_twin(network, training):
    """It loads the twin's own state_dict(), and outputs, buffers and gradients are the twin's."""
    net, twin, x = pair(network)
    assert agree(net, twin, x, training=training)


@pytest.mark.parametrize("network", NETWORKS)
def test_names_are_those_of_torchs_state(network):
    """Parameters and buffers, in torch's order."""
    net, twin, _ = pair(network)
    assert list(net.params) == [n for n, _ in twin.named_parameters()]
    assert list(net.buffers) == [n for n, _ in twin.named_buffers()]


class Deaf(Sequential):
    """A container that keeps the mode to itself."""

    def __setattr__(self, name, value):
        """Set nothing but the own attribute."""
        object.__setattr__(self, name, value)


class Forgetful(Sequential):
    """A container whose backward runs in the order of forward."""

    def backward(self, *dy):
        """Return the gradient of another network."""
        for layer in self:
            dy = (layer.backward(*dy),)
        return dy[0]


class Straight(Residual):
    """A residual that does not carry the gradient around."""

    def backward(self, dy):
        """Return the layer's gradient alone."""
        return self.layer.backward(dy)


# id: both sides with a fault in ours, and whether it shows in training
FAULTS = {
    "eval-not-handed-on": (  # F24
        lambda: Deaf(npl.Linear(5, 5), npl.BatchNorm1d(5)),
        lambda: nn.Sequential(nn.Linear(5, 5), nn.BatchNorm1d(5)),
        False,
    ),
    "eval-not-handed-on-from-within": (
        lambda: Sequential(npl.Linear(5, 5), Deaf(npl.Dropout(0.5), npl.Linear(5, 5))),
        lambda: nn.Sequential(nn.Linear(5, 5), nn.Sequential(nn.Dropout(0.5), nn.Linear(5, 5))),
        False,
    ),
    "backward-in-the-wrong-order": (
        lambda: Forgetful(npl.Linear(5, 5), npl.Tanh(), npl.Linear(5, 5)),
        lambda: nn.Sequential(nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 5)),
        True,
    ),
    "gradient-not-carried": (
        lambda: Straight(npl.Linear(5, 5)),
        lambda: TorchResidual(nn.Linear(5, 5)),
        True,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault):
    """The comparison above tells each of them."""
    ours, theirs, training = FAULTS[fault]
    net, twin = ours(), fork(0, theirs)
    net.load_state(twin.state_dict())
    x = np.random.default_rng(0).standard_normal((6, 5))
    assert not agree(net, twin, x, training=training)


def test_eval_and_train_reach_every_layer():
    """Modes are handed on to the innermost, and calls chain."""
    dropout, norm = npl.Dropout(0.5), npl.BatchNorm1d(4)
    net = Sequential(Residual(Sequential(dropout, npl.Linear(4, 4))), norm)
    assert net.eval() is net
    assert not any(f.training for f in (net, dropout, norm))
    assert net.train() is net
    assert all(f.training for f in (net, dropout, norm))


def test_draws_are_handed_on():
    """One object draws for all layers."""
    dropout = npl.Dropout(0.5)
    net = Sequential(Residual(dropout))
    net.draws = drawing = Draws()
    assert dropout.draws is drawing


@pytest.mark.parametrize("contain", [Sequential, Residual])
def test_containing_changes_no_mode(contain):
    """As in torch: a layer in evaluation stays there until the container is told."""
    frozen = npl.BatchNorm1d(4).eval()
    net = contain(frozen)
    assert net.training
    assert not frozen.training


def test_a_slice_is_a_network_of_the_same_layers():
    """Names, modes and arrays are kept."""
    net = Sequential(npl.Linear(5, 7), npl.Dropout(0.5), npl.Linear(7, 3)).eval()
    part = net[1:]
    assert [*part] == [*net][1:]
    assert list(part.children) == ["1", "2"]
    assert list(part.params) == ["2.weight", "2.bias"]
    assert part.params["2.weight"] is net.params["2.weight"]
    assert not part[0].training


def test_layers_are_counted_indexed_and_run_through():
    """As torch's are."""
    layers = [npl.Linear(5, 7), npl.ReLU(), npl.Linear(7, 3)]
    net = Sequential(*layers)
    assert len(net) == 3
    assert [*net] == layers
    assert [net[i] for i in (0, 1, 2, -1)] == [*layers, layers[-1]]
    assert [*net[::-1]] == layers[::-1]
    with pytest.raises(IndexError):
        net[3]


def test_no_layers_return_what_came():
    """As in torch."""
    net, x, dy = Sequential(), np.ones(3), np.full(3, 2.0)
    assert len(net) == 0
    assert net.forward(x) is x
    np.testing.assert_array_equal(net.backward(dy), dy)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_call_is_spelled(network):
    """What repr gives makes another such network."""
    net, _, _ = pair(network)
    again = eval(repr(net), vars(npl) | {"Sequential": Sequential, "Residual": Residual})
    assert repr(again) == repr(net)
    assert {n: p.shape for n, p in again.params.items()} == {
        n: p.shape for n, p in net.params.items()
    }


@pytest.mark.parametrize("given", [True, False])
def test_several_outputs_of_the_last_layer_are_returned(given):
    """An LSTM at the end: a cotangent for each of its outputs, None for zeros."""
    net = Sequential(npl.Linear(5, 4), npl.LSTM(4, 3))
    twin = fork(0, lambda: nn.Sequential(nn.Linear(5, 4), nn.LSTM(4, 3)))
    net.load_state(twin.state_dict())
    x = np.random.default_rng(0).standard_normal((6, 2, 5))
    tensor = torch.from_numpy(x).requires_grad_()
    y, (h, c) = net.forward(x)
    ty, (th, tc) = twin(tensor)
    dy, dh, dc = (np.random.default_rng(1).standard_normal(a.shape) for a in (y, h, c))
    dx = net.backward(dy, None if given else dh, dc)
    loss = (ty * torch.from_numpy(dy)).sum() + (tc * torch.from_numpy(dc)).sum()
    loss = loss if given else loss + (th * torch.from_numpy(dh)).sum()
    loss.backward()
    assert close(y, ty.detach().numpy())
    assert close(dx, tensor.grad.numpy())
    assert all(close(net.grads[n], p.grad.numpy()) for n, p in twin.named_parameters())


def test_numbers_of_words_come_first():
    """A table has no gradient to return, and neither has a network that begins with it."""
    net = Sequential(npl.Embedding(7, 4), npl.Linear(4, 3))
    twin = fork(0, lambda: nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 3)))
    net.load_state(twin.state_dict())
    ids = np.random.default_rng(0).integers(0, 7, (5, 6))
    y, expected = net.forward(ids), twin(torch.from_numpy(ids))
    dy = np.random.default_rng(1).standard_normal(y.shape)
    expected.backward(torch.from_numpy(dy))
    assert net.backward(dy) == ()
    assert all(close(net.grads[n], p.grad.numpy()) for n, p in twin.named_parameters())


LAYER = npl.ReLU()

CONSTRUCTED_WRONG = {
    "class": (
        lambda: Sequential(npl.Linear(2, 3), npl.ReLU),
        f"Sequential: layer 1 is {npl.ReLU!r}, expected an object of a Layer",
    ),
    "none": (
        lambda: Residual(None),
        "Residual: layer layer is None, expected an object of a Layer",
    ),
    "list": (lambda: Sequential([]), "Sequential: layer 0 is [], expected an object of a Layer"),
    "twice": (
        lambda: Sequential(LAYER, npl.Tanh(), LAYER),
        "Sequential: layer 2 is layer 0 again, expected a layer of its own, as each keeps one "
        "forward",
    ),
    "twice-within": (
        lambda: Sequential(Residual(LAYER), Sequential(npl.Tanh(), LAYER)),
        "Sequential: layer 1.1 is layer 0.layer again, expected a layer of its own, as each keeps "
        "one forward",
    ),
    "no-name": (
        lambda: Sequential({"": npl.ReLU()}),
        "Sequential: a layer is named '', expected a string that is not empty and has no dot",
    ),
    "dotted": (
        lambda: Sequential({"a.b": npl.ReLU()}),
        "Sequential: a layer is named 'a.b', expected a string that is not empty and has no dot",
    ),
    "number": (
        lambda: Sequential({0: npl.ReLU()}),
        "Sequential: a layer is named 0, expected a string that is not empty and has no dot",
    ),
}


@pytest.mark.parametrize("case", CONSTRUCTED_WRONG)
def test_what_is_not_a_layer_of_its_own_is_refused(case):
    """The message gives the place, what was found and what was expected."""
    construct, message = CONSTRUCTED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        construct()


CALLED_WRONG = {
    "lstm-not-last": (
        lambda: Sequential(npl.LSTM(4, 3), npl.Linear(3, 2)),
        (5, 2, 4),
        "Sequential: layer 0, LSTM(4, 3), returns 2 outputs, expected one of all but the last "
        "layer",
    ),
    "lstm-residual": (
        lambda: Residual(npl.LSTM(4, 4)),
        (5, 2, 4),
        "Residual(LSTM(4, 4)): layer returns 2 outputs, expected one",
    ),
    "other-shape": (
        lambda: Residual(npl.Linear(4, 1)),
        (5, 4),
        "Residual(Linear(4, 1)): layer returns shape (5, 1), expected (5, 4), that of x",
    ),
}


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_what_a_layer_returns_must_fit(case):
    """Several outputs have nowhere to go but out."""
    construct, shape, message = CALLED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        construct().forward(np.ones(shape))


@pytest.mark.parametrize("net", [Sequential(npl.ReLU()), Sequential(), Residual(npl.ReLU())])
def test_backward_before_forward_is_refused(net):
    """The container says so, not its last layer."""
    with pytest.raises(
        ValueError, match=rf"^{type(net).__name__}: backward called before forward$"
    ):
        net.backward(np.ones(3))


COUNT = "1.layer.0.num_batches_tracked"

# id: a name of the nested network's state, what is put there, and what is said of it
STATES_WRONG = {
    "missing": ("0.bias", None, r"missing names \['0\.bias'\], surplus \[\]$"),
    "surplus": ("3.bias", torch.ones(3), r"missing names \[\], surplus \['3\.bias'\]$"),
    "shape": ("0.weight", torch.ones(2, 5), r"weight has shape \(2, 5\), expected \(7, 5\)$"),
    "kind": (
        COUNT,
        torch.tensor(1.0),
        f"{re.escape(COUNT)} is float32, expected the kind of int64$",
    ),
}


@pytest.mark.parametrize("case", STATES_WRONG)
def test_a_state_that_does_not_fit_loads_nothing(case):
    """Whatever is wrong with it, every layer is as it was."""
    name, value, message = STATES_WRONG[case]
    net, twin, _ = pair("nested")
    other = {n: p + 1 for n, p in twin.state_dict().items()} | {name: value}
    before = {n: a.copy() for n, a in (net.params | net.buffers).items()}
    with pytest.raises(ValueError, match=rf"^Sequential\(.*\): .*{message}"):
        net.load_state({n: p for n, p in other.items() if p is not None})
    after = net.params | net.buffers
    assert all(np.array_equal(after[n], a) for n, a in before.items())


def test_a_state_is_copied():
    """What torch trains on does not move what was loaded from it."""
    net, twin, _ = pair("in-order")
    before = {n: a.copy() for n, a in net.params.items()}
    with torch.no_grad():
        for p in twin.parameters():
            p.add_(1)
    assert all(np.array_equal(net.params[n], a) for n, a in before.items())


class Counted(Layer):
    """A layer that counts its calls."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def forward(self, x):
        """Return x."""
        self.calls.append("forward")
        return x

    def backward(self, dy):
        """Return dy."""
        self.calls.append("backward")
        return dy


def test_every_layer_runs_once_each_way():
    """One forward is one forward of each layer, in order."""
    layers = [Counted() for _ in range(3)]
    net = Sequential(*layers)
    net.backward(net.forward(np.ones(2)))
    assert [*itertools.chain(*(f.calls for f in layers))] == ["forward", "backward"] * 3
