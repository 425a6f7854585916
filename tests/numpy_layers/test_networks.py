"""Whole networks and their torch twins: one state, one output, one gradient, one training."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

import numpy_layers as npl
from equiv import check_training, train_module
from numpy_layers import optim
from numpy_layers.layer import Composite

N, C = 12, 3
STEPS = 50
RATE = 0.1


class LastStep(Composite):
    """Classify a sequence by what an LSTM says at its end: the last y, one of three outputs."""

    def __init__(self):
        super().__init__(
            {"table": npl.Embedding(9, 5), "lstm": npl.LSTM(5, 6, 2), "head": npl.Linear(6, C)}
        )

    def forward(self, ids):
        """Return logits (N, C) of ids (N, T)."""
        x = self.children["table"].forward(ids.T)  # (T, N, 5)
        y, _ = self.children["lstm"].forward(x)  # (T, N, 6)
        self.steps = y.shape
        return self.children["head"].forward(y[-1])

    def backward(self, dy):
        """Give every step but the last a gradient of zeros, and the ends none."""
        dsteps = np.zeros(self.steps, dy.dtype)
        dsteps[-1] = self.children["head"].backward(dy)
        return self.children["table"].backward(self.children["lstm"].backward(dsteps, None, None))


class TorchLastStep(nn.Module):
    """The same in torch."""

    def __init__(self):
        super().__init__()
        self.table, self.lstm = nn.Embedding(9, 5), nn.LSTM(5, 6, 2)
        self.head = nn.Linear(6, C)

    def forward(self, ids):
        """Return logits."""
        return self.head(self.lstm(self.table(ids.T))[0][-1])


def mlp(on):
    """Return a perceptron of two hidden layers."""
    return on.Sequential(
        on.Linear(6, 16), on.Tanh(), on.LayerNorm(16), on.Linear(16, 8), on.ReLU(), on.Linear(8, C)
    )


def cnn(on):
    """Return a convolutional network with both kinds of norm and of pool."""
    return on.Sequential(
        on.Conv2d(2, 6, 3, padding=1, bias=False),
        on.BatchNorm2d(6),
        on.ReLU(),
        on.MaxPool2d(2),
        on.Conv2d(6, 8, 3, stride=(1, 2), groups=2),
        on.GroupNorm(4, 8),
        on.SiLU(),
        on.AvgPool2d((2, 1)),
        on.Flatten(),
        on.Linear(8, C),
    )


def transformer(on):
    """Return a Transformer's encoder over tokens, and a map of all it returns."""
    nested = {"enable_nested_tensor": False} if on is nn else {}
    layer = on.TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation="gelu", batch_first=True)
    return on.Sequential(
        on.Embedding(9, 8),
        on.TransformerEncoder(layer, 2, on.LayerNorm(8), **nested),
        on.Flatten(),
        on.Linear(5 * 8, C),
    )


def numbers(*shape):
    """Return what draws inputs of this shape, and labels: the largest of the first C of each."""

    def draw(rng):
        x = rng.normal(size=(N, *shape))
        return x, x.reshape(N, -1)[:, :C].argmax(axis=1)

    return draw


def tokens(rng):
    """Draw five tokens a row, and labels: the last modulo C."""
    ids = rng.integers(0, 9, (N, 5))
    return ids, ids[:, -1] % C


class Network(NamedTuple):
    """Both sides of a network, and how a batch of inputs and labels is drawn."""

    numpy: Callable[[], Any]
    torch: Callable[[], nn.Module]
    draw: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


NETWORKS = {
    "mlp": Network(partial(mlp, npl), partial(mlp, nn), numbers(6)),
    "cnn": Network(partial(cnn, npl), partial(cnn, nn), numbers(2, 8, 7)),
    "lstm": Network(LastStep, TorchLastStep, tokens),
    "transformer": Network(partial(transformer, npl), partial(transformer, nn), tokens),
}


def twin_of(network, seed=0):
    """Return a network's torch side in float64, every parameter and buffer drawn at random."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        twin = NETWORKS[network].torch().double()
        with torch.no_grad():
            for name, value in twin.state_dict().items():
                if value.is_floating_point():
                    noise = torch.rand_like(value) if "running" in name else torch.randn_like(value)
                    value.add_(0.2 * noise)
    return twin


def batches(network, steps, seed=0):
    """Return batches of inputs and labels."""
    rng = np.random.default_rng(seed)
    return [NETWORKS[network].draw(rng) for _ in range(steps)]


def greatest(ours, theirs):
    """Return the largest difference, relative to the largest magnitude."""
    assert ours.shape == theirs.shape
    return np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-300)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_is_its_torch_twin(network, training):
    """With torch's own state: logits, loss, buffers, every gradient, in float64."""
    twin = twin_of(network).train(training)
    net = NETWORKS[network].numpy()
    net.load_state({name: np.asarray(p) for name, p in twin.state_dict().items()})
    net.train() if training else net.eval()
    [(x, t)] = batches(network, 1)
    tensor = torch.from_numpy(x)
    tensor.requires_grad_(tensor.is_floating_point())
    logits = twin(tensor)
    expected = nn.functional.cross_entropy(logits, torch.from_numpy(t))
    expected.backward()

    loss = npl.CrossEntropyLoss()
    y = net.forward(x)
    value = loss.forward(y, t)
    dx = net.backward(loss.backward())

    assert greatest(y, logits.detach().numpy()) < 1e-13
    assert greatest(value, expected.detach().numpy()) < 1e-13
    assert net.grads.keys() == dict(twin.named_parameters()).keys()
    errors = {n: greatest(net.grads[n], p.grad.numpy()) for n, p in twin.named_parameters()}
    errors |= {n: greatest(net.buffers[n], b.numpy()) for n, b in twin.named_buffers()}
    if tensor.requires_grad:
        errors["x"] = greatest(dx, tensor.grad.numpy())
    assert {n: e for n, e in errors.items() if not e < 1e-12} == {}


def trained(network, faulty=None):
    """Return NumPy's side of a training; a fault may be put between backward and step."""

    def start(params):
        net, loss = NETWORKS[network].numpy(), npl.CrossEntropyLoss()
        counters = {n: b for n, b in net.buffers.items() if n not in params}
        net.load_state(params | counters)
        mover = optim.SGD([net], lr=RATE)

        def step(x, t):
            value = loss.forward(net.forward(x), t)
            net.backward(loss.backward())
            if faulty:
                faulty(net)
            mover.step()
            params.update({n: a for n, a in (net.params | net.buffers).items() if n in params})
            return value, dict(net.grads)

        return step

    start.__name__ = network
    return start


def followed(network, **options):
    """Train both sides from the same start."""
    twin = twin_of(network)
    return check_training(
        trained(network, **options),
        train_module(twin, nn.functional.cross_entropy, partial(torch.optim.SGD, lr=RATE)),
        twin.state_dict(),
        batches(network, STEPS, seed=1),
        dtype="float64",
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_a_training_follows_its_torch_twin(network):
    """Loss, parameters, buffers and gradients: what rounding explains, to the last step."""
    found = followed(network)
    assert found, found.text
    assert len(found.numpy_loss) == STEPS
    assert not found.blind
    assert found.numpy_loss[-10:].mean() < found.numpy_loss[:10].mean()


def small(net):
    """Lose a millionth of one gradient."""
    gradients = next(iter(net.children.values())).grads
    name = next(iter(gradients))
    gradients[name] = gradients[name] * (1 - 1e-6)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_millionth_of_one_gradient_is_found(network):
    """The comparison above tells it in the first step."""
    assert followed(network, faulty=small).step == 1
