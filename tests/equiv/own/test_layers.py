"""Layers that nobody here wrote: right ones agree, planted faults part where they are planted."""

import re
import types

import numpy as np
import pytest
import torch

from equiv.entry import EquivError, integers, real, unit
from equiv.own.layers import assert_equivalent_layer, check_layer
from equiv.own.param import Param
from equiv.own.result import NotEquivalent

TOYS = '''
import numpy as np


class Dense:
    """Weights (in, out); other names for everything; gradients as attributes."""

    def __init__(self, n, m):
        self.W, self.b = np.zeros((n, m)), np.zeros(m)

    def apply(self, x):
        self.x = x
        return x @ self.W + self.b

    def gradient(self, dy):
        self.grad_W = self.x.T @ dy
        self.grad_b = dy.sum(axis=0)
        return dy @ self.W.T


class Adding:
    """Adds its gradients up, in a dict, until they are cleared."""

    def __init__(self, n, m):
        self.params = {"W": np.zeros((m, n)), "b": np.zeros(m)}
        self.W, self.b = self.params["W"], self.params["b"]
        self.zero()

    def zero(self):
        self.grads = {"W": 0.0, "b": 0.0}

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, dy):
        self.grads["W"] = self.grads["W"] + dy.T @ self.x
        self.grads["b"] = self.grads["b"] + dy.sum(axis=0)
        return dy @ self.W


def affine_relu_forward(x, w, b):
    z = x @ w + b
    return np.maximum(z, 0), (x, w, z > 0)


def affine_relu_backward(dout, cache):
    x, w, mask = cache
    dz = dout * mask
    return dz @ w.T, x.T @ dz, dz.sum(axis=0)


def scale_forward(x, scale):
    return x * scale, (x, scale)


def scale_backward(dout, cache):
    x, scale = cache
    dx = dout * scale
    dscale = (dout * x).sum(axis=0)
    return dx, dscale


class BatchNorm:
    """Training and evaluation, running statistics; backward returns everything as a dict."""

    def __init__(self, n, momentum=0.1, eps=1e-5):
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.mean, self.var = np.zeros(n), np.ones(n)
        self.momentum, self.eps, self.training = momentum, eps, True

    def forward(self, x):
        n = len(x)
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.mean = (1 - self.momentum) * self.mean + self.momentum * mean
            self.var = (1 - self.momentum) * self.var + self.momentum * var * n / (n - 1)
        else:
            mean, var = self.mean, self.var
        self.std = np.sqrt(var + self.eps)
        self.normal = (x - mean) / self.std
        return self.gamma * self.normal + self.beta

    def backward(self, dy):
        dgamma, dbeta = (dy * self.normal).sum(axis=0), dy.sum(axis=0)
        dn = dy * self.gamma
        if self.training:
            along = self.normal * (dn * self.normal).mean(axis=0)
            dn = dn - dn.mean(axis=0) - along
        return {"dx": dn / self.std, "dgamma": dgamma, "dbeta": dbeta}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class LSTMCell:
    """One step, with the gates apart: input, forget, cell, output."""

    def __init__(self, n, m):
        self.W = {gate: np.zeros((n, m)) for gate in "ifgo"}
        self.U = {gate: np.zeros((m, m)) for gate in "ifgo"}
        self.b = {gate: np.zeros(m) for gate in "ifgo"}

    def forward(self, x, h, c):
        z = {k: x @ self.W[k] + h @ self.U[k] + self.b[k] for k in "ifgo"}
        a = {k: np.tanh(v) if k == "g" else sigmoid(v) for k, v in z.items()}
        new = a["f"] * c + a["i"] * a["g"]
        t = np.tanh(new)
        self.cache = x, h, c, a, t
        return a["o"] * t, new

    def backward(self, dh, dc):
        x, h, c, a, t = self.cache
        dc = dc + dh * a["o"] * (1 - t * t)
        da = {"i": dc * a["g"], "f": dc * c, "g": dc * a["i"], "o": dh * t}
        dz = {k: v * (1 - a[k] ** 2 if k == "g" else a[k] * (1 - a[k])) for k, v in da.items()}
        self.dW = {k: x.T @ v for k, v in dz.items()}
        self.dU = {k: h.T @ v for k, v in dz.items()}
        self.db = {k: v.sum(axis=0) for k, v in dz.items()}
        dx = sum(v @ self.W[k].T for k, v in dz.items())
        return dx, sum(v @ self.U[k].T for k, v in dz.items()), dc * a["f"]


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (self.y * dy).sum(axis=1, keepdims=True))


class LayerNorm:
    def __init__(self, n):
        self.g = np.ones(n)

    def forward(self, x):
        n = x.shape[1]
        d = x - x.mean(axis=1, keepdims=True)
        self.std = np.sqrt((d * d).sum(axis=1, keepdims=True) / n + 1e-5)
        self.normal = d / self.std
        return self.normal * self.g

    def backward(self, dy):
        n = dy.shape[1]
        dn = dy * self.g
        mean = dn.sum(axis=1, keepdims=True) / n
        along = self.normal * (dn * self.normal).sum(axis=1, keepdims=True) / n
        return (dn - mean - along) / self.std, (dy * self.normal).sum(axis=0)


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x > 0)


class Root:
    """The root where there is one, and zero elsewhere."""

    def forward(self, x):
        self.mask = x > 0
        self.y = np.sqrt(np.where(self.mask, x, 0))
        return self.y

    def backward(self, dy):
        return np.where(self.mask, dy * 0.5 / np.where(self.mask, self.y, 1), 0)


class Difference:
    def forward(self, x, y):
        return x - y

    def backward(self, dz):
        return dz, -dz


class MSE:
    """A loss: backward takes no cotangent."""

    def forward(self, pred, target):
        self.d = pred - target
        return float((self.d * self.d).mean())

    def backward(self):
        return 2 * self.d / self.d.size


class Embedding:
    def __init__(self, count, n):
        self.table = np.zeros((count, n))

    def forward(self, index):
        self.index = index
        return self.table[index]

    def backward(self, dy):
        self.grad = np.zeros_like(self.table)
        np.add.at(self.grad, self.index, dy)
'''
"""Right layers; a fault is one replacement in this text."""


class Cell(torch.nn.LSTMCell):
    """Takes the state as NumPy's does: as two arguments."""

    def forward(self, x, h, c):
        """Return the new state."""
        return super().forward(x, (h, c))


def toys(*replacements, throughout=("", "")):
    """Return the toys, with replacements in their text: each once, or one throughout."""
    source = TOYS
    for old, new in replacements:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    source = source.replace(*throughout) if all(throughout) else source
    module = types.ModuleType("toys_for_test_layers")
    exec(compile(source, module.__name__, "exec"), vars(module))
    return module


def gates(name, grad, *, transposed=True):
    """Map the gates of a cell, in torch's order, to one array."""
    turn = (lambda a: a.T) if transposed else np.asarray
    places = [tuple(f"{n}[{k!r}]" for k in "ifgo") for n in (name, grad)]
    return Param(*places, lambda *own: np.concatenate([turn(a) for a in own]))


def dense(t, n=4, m=3, **options):
    """Check Dense."""
    said = {
        "forward": "apply",
        "backward": "gradient",
        "params": {"weight": Param("W", "grad_W", np.transpose), "bias": Param("b", "grad_b")},
        **options,
    }
    return check_layer(t.Dense(n, m), torch.nn.Linear(n, m), real(5, n), **said)


def adding(t, **options):
    """Check Adding."""
    params = {n: Param(f"params['{k}']", f"grads['{k}']") for n, k in ADDING.items()}
    said = {"params": params, "zero_grad": "zero", **options}
    return check_layer(t.Adding(4, 3), torch.nn.Linear(4, 3), real(5, 4), **said)


ADDING = {"weight": "W", "bias": "b"}


def affine_relu(t, **options):
    """Check the functional affine layer with its ReLU."""
    pair = (t.affine_relu_forward, t.affine_relu_backward)

    def twin(x, weight, bias):
        return torch.relu(torch.nn.functional.linear(x, weight, bias))

    params = {"weight": Param("w", to_torch=np.transpose), "bias": "b"}
    return check_layer(pair, twin, real(5, 4), real(4, 3), real(3), **{"params": params, **options})


def scale(t, rows=5, **options):
    """Check the functional layer whose parameter is broadcast over the batch."""
    pair, inputs = (t.scale_forward, t.scale_backward), (real(rows, 4), real(4))
    return check_layer(pair, lambda x, s: x * s, *inputs, params={"s": "scale"}, **options)


def batch_norm(t, **options):
    """Check BatchNorm; one row raises in torch's, in training."""
    said = {
        "params": {
            "weight": "gamma",
            "bias": "beta",
            "running_mean": "mean",
            "running_var": "var",
        },
        "returns": {"dx": "x", "dgamma": "gamma", "dbeta": "beta"},
        "batch_axis": None,
        **options,
    }
    return check_layer(t.BatchNorm(4), torch.nn.BatchNorm1d(4), real(6, 4), **said)


def lstm(t, **options):
    """Check LSTMCell; torch's second bias has no counterpart."""
    params = {
        "weight_ih": gates("W", "dW"),
        "weight_hh": gates("U", "dU"),
        "bias_ih": gates("b", "db", transposed=False),
        "bias_hh": None,
    }
    inputs = (real(5, 3), real(5, 4), real(5, 4))
    return check_layer(t.LSTMCell(3, 4), Cell(3, 4), *inputs, **{"params": params, **options})


def softmax(t, **options):
    """Check Softmax, made anew for each run."""
    return check_layer(t.Softmax, torch.nn.Softmax(dim=1), real(5, 4), **options)


def layer_norm(t, n=4, **options):
    """Check LayerNorm, which returns the gradient by its scale as well."""
    said = {"params": {"weight": "g"}, "returns": ("x", "g"), **options}
    return check_layer(t.LayerNorm(n), torch.nn.LayerNorm(n, bias=False), real(5, n), **said)


def relu(t, shape=(5, 4), given=None, **options):
    """Check ReLU on drawn inputs, or on an array."""
    x = real(*shape) if given is None else given
    return check_layer(t.ReLU, torch.nn.ReLU, x, **options)


def root(t, **options):
    """Check Root against torch's root behind a mask."""
    return check_layer(
        t.Root, lambda x: torch.where(x > 0, x, 1).sqrt() * (x > 0), real(5, 4), **options
    )


def difference(t, **options):
    """Check Difference, a layer of two inputs."""
    return check_layer(t.Difference, torch.sub, real(5, 4), real(5, 4), **options)


def mse(t, n=4, **options):
    """Check MSE, whose backward returns the gradient by its first input only."""
    said = {"returns": ("pred",), **options}
    return check_layer(t.MSE, torch.nn.MSELoss(), real(5, n), real(5, n), **said)


def embedding(t, **options):
    """Check Embedding, which has no gradient by its input."""
    params = {"weight": Param("table", "grad")}
    inputs = integers(0, 6, (5,))
    return check_layer(
        t.Embedding(6, 3), torch.nn.Embedding(6, 3), inputs, **{"params": params, **options}
    )


CHECKS = (dense, adding, affine_relu, scale, batch_norm, lstm, softmax, layer_norm, relu, root,
          difference, mse, embedding)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_right_layer_agrees(check, seed):
    """Every style agrees in every condition, whatever the seed."""
    found = check(toys(), seed=seed)
    assert found.agrees, found.text


KINK = np.array([[0.0, 1.0, -1.0], [2.0, 0.0, 3.0]])
DENSE_DW, DENSE_DB = "self.grad_W = self.x.T @ dy", "self.grad_b = dy.sum(axis=0)"
DENSE_Y = "return x @ self.W + self.b"
EMBEDDED = "np.add.at(self.grad, self.index, dy)"
CLEARED = 'self.grads = {"W": 0.0, "b": 0.0}'
DSCALE, CACHED = "dscale = (dout * x).sum(axis=0)", "    x, scale = cache\n"
SCALES = "def scale_forward(x, scale):\n"
SOFTMAX_DX = "return self.y * (dy - (self.y * dy).sum(axis=1, keepdims=True))"
EXP, SOFTMAX_Y = "np.exp(x - x.max(axis=1, keepdims=True))", "self.y = e / e.sum"
ALONG = "along = self.normal * (dn * self.normal).sum(axis=1, keepdims=True) / n"
CENTRED = "dn = dn - dn.mean(axis=0) - along"
RELU_X, RELU_DX = "        self.x = x\n        return np.maximum(x, 0)", "return dy * (self.x > 0)"
ROOT_DX = "return np.where(self.mask, dy * 0.5 / np.where(self.mask, self.y, 1), 0)"

FAULTS = {
    "G01 missing transposition": (
        dense, {"n": 4, "m": 4}, "float64", "gradient", "x[",
        "return dy @ self.W.T", "return dy @ self.W",
    ),
    "G01 of a parameter": (
        dense, {"n": 4, "m": 4}, "float64", "gradient", "weight[",
        DENSE_DW, "self.grad_W = dy.T @ self.x",
    ),
    "G02 no bias gradient": (
        dense, {}, "float64", "gradient", "bias[", DENSE_DB, "self.grad_b = 0 * self.b",
    ),
    "G02 bias gradient left None": (
        dense, {}, "float64", "gradient", "bias", DENSE_DB, "self.grad_b = None",
    ),
    "G02 one of two uses": (
        lstm, {}, "float64", "gradient", "h[",
        "return dx, sum(v @ self.U[k].T for", "return dx, sum(v @ self.U[k].T * (k != 'o') for",
    ),
    "G02 repeated indices": (
        embedding, {}, "float64", "gradient", "weight[",
        EMBEDDED, "self.grad[self.index] = dy",
    ),
    "G02 not cleared": (
        adding, {}, "second call", "gradient", "",
        CLEARED, f"if not hasattr(self, 'grads'):\n            {CLEARED}",
    ),
    "G03 not summed": (
        scale, {}, "float64", "gradient", "s (", DSCALE, "dscale = dout * x",
    ),
    "G03 over the wrong axis": (
        scale, {"rows": 4}, "float64", "gradient", "s[",
        DSCALE, "dscale = (dout * x).sum(axis=1)",
    ),
    "G04 projection": (
        softmax, {}, "float64", "gradient", "x[", SOFTMAX_DX, "return self.y * dy",
    ),
    "G04 variance term": (
        layer_norm, {}, "float64", "gradient", "x[", "(dn - mean - along)", "(dn - mean)",
    ),
    "G05 missing 1/N": (
        mse, {}, "float64", "gradient", "pred[", "/ self.d.size", "/ len(self.d)",
    ),
    "G05 factor 2": (
        mse, {}, "float64", "gradient", "pred[", "return 2 * self.d", "return self.d",
    ),
    "G05 ddof": (
        layer_norm, {}, "float64", "gradient", "x[", ALONG, ALONG.replace("/ n", "/ (n - 1)"),
    ),
    "G05 ddof, n above 1000": (
        layer_norm, {"n": 1200}, "float64", "gradient", "x[",
        ALONG, ALONG.replace("/ n", "/ (n - 1)"),
    ),
    "G06 one argument's sign": (
        difference, {}, "float64", "gradient", "y[", "return dz, -dz", "return dz, dz",
    ),
    "G07 one entry in thousands": (
        relu, {"shape": (40, 50)}, "float64", "gradient", "x[39, 49]",
        RELU_DX, "dx = dy * (self.x > 0)\n        dx[-1, -1] += 1e-6\n        return dx",
    ),
    "G08 subgradient at a kink": (
        relu, {"given": KINK}, "float64", "gradient", "x[", RELU_DX, "return dy * (self.x >= 0)",
    ),
    "G09 NaN through a mask": (
        root, {}, "float64", "gradient", "x[",
        ROOT_DX, "return self.mask * (dy * 0.5 / self.y)",
    ),
    "G10 one cache for all": (
        scale, {}, "two forwards", "gradient", "s[",
        SCALES, f"KEPT = []\n\n\n{SCALES}    KEPT[:] = x, scale\n",
        CACHED, "    x, scale = KEPT\n",
    ),
    "G10 first cache kept": (
        relu, {}, "second call", "gradient", "x[",
        RELU_X, RELU_X.replace("= x", "= getattr(self, 'x', x)"),
    ),
    "G11 lower precision": (
        softmax, {}, "float64", "gradient", "x[",
        SOFTMAX_DX, f"self.y = self.y.astype('f4').astype(dy.dtype)\n        {SOFTMAX_DX}",
    ),
    "G12 detached statistics": (
        batch_norm, {}, "float64", "gradient", "x[", CENTRED, "pass",
    ),
    "G12 detached state": (
        lstm, {}, "float64", "gradient", "c[", 'dc * a["f"]\n', "0 * dc\n",
    ),
    "G13 cotangent ignored": (
        dense, {}, "float64", "gradient", "weight[", DENSE_DW, f"{DENSE_DW} ** 0",
    ),
    "F08 biased running variance": (
        batch_norm, {}, "float64", "value", "running_var", " * var * n / (n - 1)", " * var",
    ),
    "F09 eps outside": (
        batch_norm, {}, "float64", "value", "output",
        "np.sqrt(var + self.eps)", "np.sqrt(var) + self.eps",
    ),
    "F09 another eps": (
        layer_norm, {}, "float64", "value", "output", "/ n + 1e-5", "/ n + 1e-6",
    ),
    "F11 dtype": (
        dense, {}, "float32", "dtype", "output",
        DENSE_Y, "return (x @ self.W + self.b).astype('f8')",
    ),
    "F15 overflow": (softmax, {}, "large", "nan", "output", EXP, "np.exp(x)"),
    "F22 memory layout ignored": (
        relu, {}, "transposed", "value", "output",
        "        self.x = x\n        return np.maximum(x, 0)",
        "        self.x = x\n        return np.maximum(x.ravel('K'), 0).reshape(x.shape)",
    ),
    "F23 cotangent written to": (
        relu, {}, "float64", "mutation", "the cotangent",
        RELU_DX, "dy *= self.x > 0\n        return dy",
    ),
    "F23 input written to": (
        softmax, {}, "float64", "mutation", "x", f"e = {EXP}", f"x -= 1\n        e = {EXP}",
    ),
    "F23 parameter written to": (
        dense, {}, "float64", "mutation", "b", DENSE_DB, f"{DENSE_DB}\n        self.b += 1",
    ),
    "F24 stale result": (
        softmax, {}, "second call", "value", "output",
        SOFTMAX_Y, f"if not hasattr(self, 'y'):\n            {SOFTMAX_Y}",
    ),
    "F24 train for eval": (
        batch_norm, {}, "eval", "value", "output",
        "mean, var = self.mean, self.var", "mean, var = x.mean(axis=0), x.var(axis=0)",
    ),
    "F24 statistics that eval moves": (
        batch_norm, {}, "eval", "value", "running_mean",
        "mean, var = self.mean, self.var",
        "mean, var = self.mean, self.var\n            self.mean = self.mean * 0.9",
    ),
    "F24 backward of training in eval": (
        batch_norm, {}, "eval", "gradient", "x[",
        "if self.training:\n            along", "if True:\n            along",
    ),
    "F25 a batch of one squeezed": (
        dense, {}, "batch of one", "shape", "output",
        DENSE_Y, "return np.squeeze(x @ self.W + self.b)",
    ),
}  # fmt: skip
"""The check and its options; the condition that shows the fault first, on which rung, and where;
the text that it replaces and what by."""


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_where_it_is(fault, seed):
    """Each fault parts in the condition that exposes it, and the text names the place."""
    check, options, condition, rung, where, *texts = FAULTS[fault]
    found = check(toys(*zip(texts[::2], texts[1::2], strict=True)), seed=seed, **options)
    assert not found.agrees
    first = found.failed[0]
    assert (first.name, found.rung) == (condition, rung)
    assert first.text.startswith(f"{rung} of {where}")


CONTROLS = {
    "K01 another summation order": (affine_relu, "dz.sum(axis=0)", "dz[::-1].cumsum(axis=0)[-1]"),
    "K02 two-pass variance": (
        batch_norm,
        "mean, var = x.mean(axis=0), x.var(axis=0)",
        "mean = x.mean(axis=0)\n            var = ((x - mean) ** 2).mean(axis=0)",
    ),
    "K03 log-sum-exp": (softmax, EXP, "np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))"),
    "K04 division of each": (
        softmax,
        SOFTMAX_Y,
        "self.y = 1 / np.exp(x[:, None, :] - x[:, :, None]).sum(axis=2)  #",
    ),
    "K05 einsum": (dense, DENSE_DW, "self.grad_W = np.einsum('ni,no->io', self.x, dy)"),
    "K06 of the result": (dense, DENSE_Y, f"return np.asfortranarray({DENSE_Y[7:]})"),
    "K06 of a gradient": (dense, DENSE_DW, "self.grad_W = (dy.T @ self.x).T"),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_is_silent(control, seed):
    """Another way to the same result is no fault, in any condition."""
    check, *texts = CONTROLS[control]
    found = check(toys(texts), seed=seed)
    assert found.agrees, found.text


# --- what is told ---------------------------------------------------------------------------


def test_the_text_names_element_values_and_whose_fault_it_is():
    """A gradient that parts is told by name, index and both values, with a difference beside."""
    found = dense(toys(("dy @ self.W.T", "dy @ self.W.T * 2")))
    text = found.failed[0].text
    told = re.fullmatch(
        r"gradient of x\[\d, \d\] \(random cotangent\): numpy (\S+), torch (\S+); differences of "
        r"the NumPy forward give (\S+): the NumPy backward is at fault",
        text,
    )
    ours, theirs, slope = map(float, told.groups())
    assert ours == pytest.approx(2 * theirs)
    assert slope == pytest.approx(theirs, rel=1e-5)


def test_another_convention_is_told_from_a_fault_of_the_backward():
    """Where the backward fits its own forward, the text says that the forwards differ."""
    found = dense(
        toys((DENSE_Y, f"{DENSE_Y} - x.sum()"), ("dy @ self.W.T", "dy @ self.W.T - dy.sum()"))
    )
    told = {part.rung: part.torch for part in found.conditions[0].measured.parts}
    assert set(told) == {"value", "gradient"}
    assert "the backward fits its forward, which is not the twin's" in told["gradient"]


def test_a_backward_that_fits_neither_side_is_told():
    """Where differences give a third value, the text says so."""
    found = dense(toys((DENSE_Y, f"{DENSE_Y} - x.sum()"), ("dy @ self.W.T", "dy @ self.W.T * 7")))
    told = {part.rung: part.torch for part in found.conditions[0].measured.parts}
    assert "neither side's" in told["gradient"]


def test_every_gradient_that_parts_is_named():
    """The first that is told names the others, in each condition."""
    found = lstm(toys(('"f": dc * c', '"f": dc * h')))
    names = {"x", "h", "weight_ih", "weight_hh", "bias_ih"}
    assert {n for n, word in found.gradients.items() if word == "parted"} == names
    for condition in found.failed:
        first, _, others = condition.text.partition("; also by ")
        named = {*others.split(", "), re.match(r"gradient of (\w+)", first)[1]}
        assert named == names


def test_differences_are_taken_along_the_element_of_a_gate():
    """An element of torch's fused array is found in the array of NumPy's that it comes from."""
    found = lstm(toys(("self.dU = {k: h.T @ v", "self.dU = {k: h.T @ v * (k != 'g')")))
    assert re.search(r"weight_hh\[(8|9|10|11), \d\].*NumPy backward is at fault", found.text)


def test_a_mapping_that_mixes_elements_has_no_difference():
    """Where torch's array is more than NumPy's elements in another order, no slope is claimed."""
    param = Param("W", "grad_W", lambda w: w.T * 2, lambda dw: dw.T / 3)
    found = dense(toys(), params={"weight": param, "bias": Param("b", "grad_b")})
    parts = {part.where[:6]: part for part in found.conditions[0].measured.parts}
    assert "differences" not in parts["weight"].torch


def test_gradients_that_are_added_up_are_told_as_such():
    """The sum over both calls is no puzzle: the text names the option for it."""
    found = adding(toys(), zero_grad="")
    assert [condition.name for condition in found.failed] == ["second call"]
    assert "it is the sum over both calls: zero_grad= names" in found.text


def test_what_the_backward_raises_is_told_as_the_backwards():
    """A side that raises in another condition parts there, and the text says where it raised."""
    found = dense(toys((DENSE_DW, f"assert len(dy) > 1\n        {DENSE_DW}")))
    assert [condition.name for condition in found.failed] == ["batch of one"]
    assert "numpy in backward, AssertionError" in found.failed[0].text


def test_gradients_that_to_torch_does_not_take_are_told():
    """What the mapping raises on a gradient stands for the gradient."""
    found = lstm(toys(("self.db = {k: v.sum(axis=0) for", "self.db = {k: v.sum() for")))
    assert "gradient of bias_ih: numpy ValueError: zero-dimensional arrays" in found.text


def test_the_inputs_that_show_it_come_with_the_result():
    """The inputs and parameters of the first condition that parts are there to look at."""
    found = dense(toys((DENSE_Y, DENSE_Y[:-9])))
    assert {n: x.shape for n, x in found.inputs.items()} == {"x": (5, 4), "W": (4, 3), "b": (3,)}
    assert dense(toys()).inputs == {}


def test_assert_equivalent_layer_raises_where_the_sides_part():
    """An AssertionError with the whole text; what was found is returned where they agree."""
    faulty = toys((SOFTMAX_DX, "return dy"))
    with pytest.raises(NotEquivalent, match=r"part on gradient \(float64\)") as caught:
        assert_equivalent_layer(faulty.Softmax, torch.nn.Softmax(dim=1), real(5, 4))
    assert caught.value.check.rung == "gradient"
    assert assert_equivalent_layer(toys().Softmax, torch.nn.Softmax(dim=1), real(5, 4)).agrees


# --- what is run ----------------------------------------------------------------------------


def names(found):
    """List the conditions of a check."""
    return [condition.name for condition in found.conditions]


def test_the_conditions_are_named_in_words():
    """All of them, for a layer with a mode, in the order in which they run."""
    assert names(batch_norm(toys())) == [
        "float64", "float32", "second call", "two forwards", "eval", "transposed", "large",
    ]  # fmt: skip


def test_parameters_are_drawn():
    """A bias that is left out is seen, though it is zero in the object and in torch's function."""
    found = affine_relu(toys(("z = x @ w + b", "z = x @ w + 0 * b")))
    assert found.rung == "value"
    pair = (toys().scale_forward, toys().scale_backward)
    twin = lambda x, s: x * s * s  # noqa: E731
    found = check_layer(pair, twin, real(5, 4), np.ones(4), params={"s": "scale"})
    assert found.rung == "value"


def test_the_object_that_is_given_stays_as_it_is():
    """Each run has a deep copy; the object's parameters, mode and caches are its own."""
    norm = toys().BatchNorm(4)
    before = {name: np.array(x) for name, x in vars(norm).items()}
    params = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "var"}
    returns = {"dx": "x", "dgamma": "gamma", "dbeta": "beta"}
    check_layer(norm, torch.nn.BatchNorm1d(4), real(6, 4), params=params, returns=returns)
    assert {n: x.tolist() for n, x in before.items()} == {
        n: np.asarray(x).tolist() for n, x in vars(norm).items()
    }


def test_the_twin_that_is_given_stays_as_it_is():
    """The module keeps its parameters, its dtype and its mode."""
    twin = torch.nn.Linear(4, 3).eval()
    weight = twin.weight.detach().clone()
    params = {"weight": Param("W", "grad_W", np.transpose), "bias": Param("b", "grad_b")}
    layer = toys().Dense(4, 3)
    check_layer(layer, twin, real(5, 4), forward="apply", backward="gradient", params=params)
    assert twin.weight.dtype == torch.float32
    assert torch.equal(twin.weight, weight)
    assert not twin.training


def test_factories_are_called_for_each_run():
    """A layer and a twin that cannot be copied are made anew."""
    made = []

    class Uncopied(toys().ReLU):
        def __init__(self):
            made.append(self)

        def __deepcopy__(self, memo):
            raise TypeError

    assert check_layer(Uncopied, torch.nn.ReLU, real(5, 4)).agrees
    assert len(made) > 7


def test_a_second_name_of_a_parameter_is_the_same_array():
    """A layer that keeps an array in a dict and as an attribute reads the drawn one in both."""
    layer = toys().Adding(4, 3)
    assert layer.params["W"] is layer.W
    assert adding(toys()).agrees


def test_two_parameters_that_start_as_one_array_are_drawn_apart():
    """An array that two places share at first is replaced at each of them alone."""

    class Shift:
        def __init__(self):
            self.b = self.c = np.zeros(4)

        def forward(self, x):
            return x * self.b + self.c

    twin = lambda x, b, c: x * b + c  # noqa: E731
    params = {"b": "b", "c": "c"}
    found = check_layer(Shift, twin, real(5, 4), params=params, backward=None)
    assert found.agrees, found.text


def test_without_a_backward_only_outputs_are_compared():
    """None is for layers that infer: no gradient is asked for."""
    found = dense(toys((DENSE_DW, "raise AssertionError")), backward=None)
    assert found.agrees, found.text
    assert found.gradients == {}


def test_a_mode_can_be_two_methods():
    """Methods of other names tell a layer its mode."""
    methods = "".join(
        f"\n\n    def {name}(self):\n        self.on = {on}"
        for name, on in (("fit", True), ("use", False))
    )
    made = "momentum, eps, True"
    t = toys((made, f"{made}{methods}"), throughout=("self.training", "self.on"))
    found = batch_norm(t, mode=("fit", "use"))
    assert found.agrees, found.text
    assert "eval" in names(found)


def test_no_mode_leaves_both_sides_as_they_are():
    """A layer in evaluation agrees with a twin in evaluation, in all conditions."""
    t = toys(("momentum, eps, True", "momentum, eps, False"))
    params = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "var"}
    returns = {"dx": "x", "dgamma": "gamma", "dbeta": "beta"}
    said = {"params": params, "returns": returns, "mode": ""}
    found = check_layer(t.BatchNorm(4), torch.nn.BatchNorm1d(4).eval(), real(6, 4), **said)
    assert found.agrees, found.text
    assert "eval" not in names(found)
    assert "batch of one" in names(found)


def test_a_mode_can_be_an_argument_of_a_function():
    """In the functional style ``training`` is handed over to a twin that takes it too."""

    def forward(x, training=True):
        return x * (2 if training else 1), training

    def backward(dout, cache):
        return dout * (2 if cache else 1)

    def twin(x, training):
        return x * 2 if training else x

    found = check_layer((forward, backward), twin, real(5, 4))
    assert found.agrees
    assert "eval" in names(found)
    found = check_layer((forward, backward), lambda x, training: x * 2, real(5, 4))
    assert [condition.name for condition in found.failed] == ["eval"]


def test_a_batch_of_one_that_raises_on_both_sides_agrees():
    """One value a channel is refused by both: that is agreement, and is told."""
    found = batch_norm(
        toys(("n = len(x)", "n = len(x)\n        assert n > 1 or not self.training")), batch_axis=0
    )
    assert found.agrees, found.text
    assert "agree in 8 conditions, 1 of them by raising on both sides" in found.text


def test_a_batch_of_one_that_torch_refuses_can_be_declared():
    """NumPy goes on with an infinite variance: that is a difference."""
    found = batch_norm(toys(), batch_axis=0)
    assert [(c.name, c.rungs) for c in found.failed] == [("batch of one", ("torch raises",))]
    why = "torch refuses to normalise one value."
    assert batch_norm(toys(), batch_axis=0, expect={"batch of one": ("torch raises", why)}).agrees


def test_a_declared_difference_holds_and_a_stale_one_fails():
    """``expect`` names the condition and the rung, for layers as for functions."""
    wide = toys((DENSE_Y, f"return np.asarray({DENSE_Y[7:]}, 'f8')"))
    expect = {"float32": ("dtype", "The layer gives float64.")}
    assert dense(wide, expect=expect).agrees
    assert not dense(wide)
    assert "expected to part on dtype" in dense(toys(), expect=expect).text


def test_dtypes_can_be_chosen():
    """The first of them is that of all other conditions."""
    found = dense(toys(), dtypes=("float32",))
    assert names(found)[:2] == ["float32", "second call"]
    assert found.inputs == {}


def test_arrays_are_inputs_too():
    """An array is run as it is, and turned around for the call before."""
    given = np.arange(12.0).reshape(4, 3) / 7 - 0.9
    found = check_layer(toys().Softmax, torch.nn.Softmax(dim=1), given)
    assert found.agrees
    one = check_layer(toys().ReLU, torch.nn.ReLU(), np.array([[2.0]]))
    assert one.agrees
    assert "batch of one" not in names(one)


def test_drawn_inputs_stay_away_from_kinks():
    """Another choice at zero is no ordinary error: it is not seen on drawn inputs."""
    assert relu(toys((RELU_DX, "return dy * (self.x >= 0)"))).agrees


def test_what_cancellation_leaves_of_a_saturated_gradient_is_no_fault():
    """The last digits of a gradient that has died down are held against an ordinary one."""
    t = toys(CONTROLS["K03 log-sum-exp"][1:])
    for gap in np.linspace(0.01, 0.03, 20):
        given = np.array([[gap, 0.001, -0.013]])
        found = check_layer(t.Softmax, torch.nn.Softmax(dim=1), given)
        assert found.agrees, found.text


def test_inputs_of_one_sign_are_not_made_large():
    """What is declared positive, such as a probability, keeps its range."""
    found = check_layer(toys().Softmax, torch.nn.Softmax(dim=1), unit(5, 4))
    assert found.agrees
    assert "large" not in names(found)


def test_places_can_be_nested():
    """A place is whatever follows ``layer.``: parts of the layer, items of lists."""
    t = toys()

    class Net:
        def __init__(self):
            self.layers = [t.Dense(4, 6), t.Dense(6, 3)]

        def forward(self, x):
            return self.layers[1].apply(self.layers[0].apply(x))

        def backward(self, dy):
            return self.layers[0].gradient(self.layers[1].gradient(dy))

    params = {
        f"{i}.{theirs}": Param(f"layers[{i}].{ours}", f"layers[{i}].grad_{ours}", np.transpose)
        for i in (0, 1)
        for theirs, ours in (("weight", "W"), ("bias", "b"))
    }
    twin = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Linear(6, 3))
    found = check_layer(Net(), twin, real(5, 4), params=params)
    assert found.agrees, found.text
    assert [*found.gradients] == ["x", "0.weight", "0.bias", "1.weight", "1.bias"]


def test_warnings_of_a_layer_are_its_own():
    """A layer that warns is not refused for it."""
    warns = "import warnings\n        warnings.warn('slow')\n        self.x = x\n        return np"
    assert relu(toys(("self.x = x\n        return np.maximum(x, 0)", f"{warns}.maximum(x, 0)")))


def test_the_seed_changes_the_numbers_only():
    """Another seed draws other inputs and parameters, with the same outcome."""
    faulty = toys((DENSE_DB, "self.grad_b = 0 * self.b"))
    a, b = (dense(faulty, seed=seed) for seed in (0, 1))
    assert a.rung == b.rung == "gradient"
    assert not np.array_equal(a.inputs["W"], b.inputs["W"])


def test_the_global_random_states_come_back():
    """A check leaves NumPy's and torch's states as they were."""
    layer, twin = toys().ReLU(), torch.nn.ReLU()
    before = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    check_layer(layer, twin, real(5, 4))
    assert (np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before


# --- mistakes -------------------------------------------------------------------------------


def mapped(**params):
    """Map Dense, with changes."""
    said = {"weight": Param("W", "grad_W", np.transpose), "bias": Param("b", "grad_b")}
    return {"params": {**said, **params}}


def without(name):
    """Map Dense, with one left out."""
    return {"params": {n: p for n, p in mapped()["params"].items() if n != name}}


DENSE_MISTAKES = {
    "forward": ({"forward": "run"}, "it has no method 'run'; it has apply, gradient"),
    "backward": ({"backward": "grad"}, "it has no method 'grad'; it has apply, gradient"),
    "zero_grad": ({"zero_grad": "clear"}, "it has no method 'clear'; it has apply, gradient"),
    "mode method": ({"mode": ("fit", "use")}, "it has no method 'fit'; it has apply, gradient"),
    "mode attribute": (
        {"mode": "fitting"},
        "mode='fitting': it has no such attribute; it has W, b",
    ),
    "unknown in torch": (
        mapped(wieght="W"),
        "params: torch.nn.Linear has no wieght; it has weight, bias",
    ),
    "missing in torch": (
        without("bias"),
        "params leaves out bias of torch.nn.Linear; say where the layer keeps it, or None where "
        "it has none",
    ),
    "unknown in the layer": (
        mapped(weight=Param("w", "grad_W")),
        "the layer has no w; there are W, b",
    ),
    "no place": (
        mapped(weight=Param("W.T @", "grad_W")),
        "'W.T @' names no place in a layer, expected what follows 'layer.', such as W or "
        "params['W']",
    ),
    "no floats": (
        mapped(weight=Param("__doc__", "grad_W")),
        "__doc__ is 'Weights (in, out); other names for everything; gradients as attributes.', "
        "expected an array of floats to draw",
    ),
    "shape": (
        mapped(weight=Param("W", "grad_W")),
        "params['weight']: W (4, 3) becomes (4, 3) in torch's layout, expected (3, 4); rearrange "
        "it with to_torch, such as np.transpose",
    ),
    "to_torch raises": (
        mapped(weight=Param("W", "grad_W", lambda w: w[7])),
        "params['weight']: to_torch raised IndexError: index 7 is out of bounds for axis 0 with "
        "size 4, of W (4, 3)",
    ),
    "no gradient": (
        mapped(bias="b"),
        "params['bias']: no gradient of b; say where it is kept, Param(value, grad), or name it "
        "in returns=",
    ),
    "unknown gradient": (
        mapped(bias=Param("b", "db")),
        "the layer has no db; there are W, b, x, grad_W, grad_b",
    ),
    "returns": (
        {"returns": ("x", "V")},
        "returns: there is no V to differentiate by; there are x, W, b",
    ),
    "too many gradients": (
        {"returns": ("x", "W")},
        "backward returned 1 gradient, expected 2: x, W; name what it returns, in order, in "
        "returns=",
    ),
    "dtypes": (
        {"dtypes": ("bfloat16",)},
        "dtypes: bfloat16 is not one of float64, float32, float16",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", DENSE_MISTAKES)
def test_a_mistake_in_what_is_declared_is_one_sentence(mistake):
    """Names, places, shapes and numbers that do not fit, on either side."""
    options, message = DENSE_MISTAKES[mistake]
    with pytest.raises(EquivError) as caught:
        dense(toys(), **options)
    assert str(caught.value).endswith(message)
    assert str(caught.value).startswith(("check_layer(Dense): ", "check_layer: ", "dtypes: "))


def identity(x):
    """Return the input, and no cache."""
    return x


class _Odd:
    """Does what a layer must not."""

    def __init__(self, output=None):
        self.output, self.kept = output, np.zeros(2)

    @property
    def fixed(self):
        return np.zeros(2)

    def forward(self, x):
        return self.output

    def backward(self, dy):
        raise ValueError("no")


class _Named(_Odd):
    """Returns a gradient under a name of its own."""

    def forward(self, x):
        return x

    def backward(self, dy):
        return {"dx": dy}


class _Raising(_Named):
    """Raises in its backward."""

    backward = _Odd.backward


FOUR = real(5, 4)
MISTAKES = {
    "a class with arguments": (
        lambda: check_layer(toys().Dense, torch.nn.Linear(4, 3), FOUR),
        "check_layer(Dense): it cannot be made without arguments; give an object, or a function "
        "that makes one",
    ),
    "a factory that raises": (
        lambda: check_layer(lambda: 1 / 0, torch.nn.ReLU(), FOUR),
        "check_layer(function): it cannot be made: ZeroDivisionError: division by zero",
    ),
    "three functions": (
        lambda: check_layer((identity,), torch.nn.ReLU(), FOUR),
        "expected (forward, backward), an object with these methods, or a function that makes one",
    ),
    "no cache": (
        lambda: check_layer((identity, identity), torch.nn.ReLU(), FOUR),
        "check_layer(identity): it returned float64",
    ),
    "no input": (
        lambda: check_layer(toys().ReLU, torch.nn.ReLU()),
        "check_layer(ReLU): no inputs, expected one at least: equiv.real(5, 4)",
    ),
    "input of no kind": (
        lambda: check_layer(toys().ReLU, torch.nn.ReLU(), [1.0]),
        "check_layer(ReLU): input 0 is (1.0,), expected an array or a kind, such as "
        "equiv.real(5, 4)",
    ),
    "too many inputs": (
        lambda: check_layer(toys().ReLU, torch.nn.ReLU(), FOUR, FOUR),
        "check_layer(ReLU): forward(x) does not take 2 arguments: too many positional arguments",
    ),
    "inputs that NumPy refuses": (
        lambda: check_layer(toys().Difference, torch.sub, FOUR, real(3, 2)),
        "check_layer(Difference): its forward raised ValueError: operands could not be broadcast "
        "together with shapes (5,4) (3,2) on the first inputs, x float64 (5, 4), y float64 (3, 2)",
    ),
    "inputs that torch refuses": (
        lambda: check_layer(toys().ReLU, torch.nn.Bilinear(2, 2, 2, bias=False), FOUR,
                            params={"weight": None}),
        "check_layer(ReLU): the twin torch.nn.Bilinear raised TypeError: Bilinear.forward() "
        "missing 1 required positional argument: 'input2' on the first inputs, x float64 (5, 4)",
    ),
    "a backward that raises": (
        lambda: check_layer(_Raising, torch.nn.Identity(), FOUR),
        "check_layer(_Raising): its backward raised ValueError: no on the first inputs, "
        "x float64 (5, 4)",
    ),
    "a gradient of another name": (
        lambda: check_layer(_Named, torch.nn.Identity(), FOUR),
        "check_layer(_Named): backward returned gradients named dx, expected x; say what they "
        "stand for: returns={'dx': 'x'}",
    ),
    "no output": (
        lambda: check_layer(_Odd, torch.nn.Identity(), FOUR),
        "check_layer(_Odd): forward returned None, expected an array, a number, or a tuple of them",
    ),
    "a place that cannot be set": (
        lambda: check_layer(_Named, lambda x, w: x, FOUR, params={"w": "fixed"}, backward=None),
        "check_layer(_Named): fixed cannot be set: AttributeError: property 'fixed' of '_Named' "
        "object has no setter",
    ),
    "a parameter that is left out": (
        lambda: adding(toys(), params={"weight": Param("params['W']", "grads['W']"), "bias": None}),
        "check_layer(Adding): params leaves out params['b'] of the layer",
    ),
    "no argument of the name": (
        lambda: affine_relu(toys(), params={"weight": Param("v"), "bias": "b"}),
        "check_layer(affine_relu_forward): forward is given no v; there are x, w, b",
    ),
    "a place for a returned gradient": (
        lambda: affine_relu(toys(), params={"weight": Param("w", "dw"), "bias": "b"}),
        "check_layer(affine_relu_forward): params gives a place for a gradient, which functions "
        "return; name what they return in returns=",
    ),
    "a keyword that the twin does not take": (
        lambda: affine_relu(toys(), params={"kernel": "w", "bias": "b"}),
        "check_layer(affine_relu_forward): params: twin has no kernel; it has x, weight, bias",
    ),
    "functions without the mode": (
        lambda: affine_relu(toys(), mode="train"),
        "check_layer(affine_relu_forward): mode='train' is no argument of it; there are x, w, b",
    ),
    "a twin without a mode": (
        lambda: check_layer(toys().BatchNorm(4), lambda x: x, FOUR, mode="training"),
        "check_layer(BatchNorm): mode='training': the twin has none",
    ),
    "a twin of no kind": (
        lambda: check_layer(toys().ReLU, torch.nn.Linear, FOUR),
        "check_layer(ReLU): the twin is <class 'torch.nn.modules.linear.Linear'>, expected a "
        "torch.nn.Module, a function that makes one without arguments, or a function of tensors",
    ),
    "a twin that cannot be made": (
        lambda: check_layer(toys().ReLU, lambda: torch.nn.Linear(), FOUR),
        "check_layer(ReLU): the twin cannot be made: TypeError: Linear.__init__() missing 2 "
        "required positional arguments: 'in_features' and 'out_features'",
    ),
    "a twin that makes no module": (
        lambda: check_layer(toys().ReLU, lambda: 3, FOUR),
        "check_layer(ReLU): the twin made a int, expected a module",
    ),
    "a twin that returns no tensor": (
        lambda: check_layer(toys().ReLU, lambda x: 3, FOUR),
        "check_layer(ReLU): the twin returned a int, expected a tensor or a tuple of tensors",
    ),
    "several arrays and no way to one": (
        lambda: Param(("a", "b")),
        "Param(('a', 'b')): 2 arrays, expected a to_torch of them",
    ),
    "more gradients than values": (
        lambda: Param("a", ("da", "db")),
        "Param('a'): 2 places of gradients, expected 1 or none",
    ),
    "expect of no condition": (
        lambda: relu(toys(), expect={"evening": ("value", "It is late.")}),
        "expect: 'evening' is none of the conditions of this check: float64, float32, second "
        "call, two forwards, batch of one, transposed, large",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence(mistake):
    """Whatever is handed over wrongly is told with what was expected."""
    run, message = MISTAKES[mistake]
    with pytest.raises(EquivError) as caught:
        run()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
