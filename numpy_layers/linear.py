"""Layers that map the last axis by matrices: `Identity`, `Linear`, `Bilinear`."""

import math
from typing import Any

import numpy as np

from numpy_layers.layer import Array, Layer


class Identity(Layer):
    """Hand on the input; take any arguments and use none.

    y = x; dx = dy. y is x itself, not a copy, and dx is dy.

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Identity.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def __repr__(self) -> str:
        return "Identity()"

    def forward(self, x: Array) -> Array:
        """Return x."""
        self.output = self._floats("x", x)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dy."""
        return self._cotangent(dy, self._kept("output"))


class Linear(Layer):
    """Map the last axis by a matrix and add a bias.

    y = x W^T + b; dx = dy W, dW = sum over the leading axes of dy^T x, db = sum of dy

    W and b start uniform up to 1 / sqrt(in).

    *Shapes*: x (..., in), y (..., out), W `weight` (out, in), b `bias` (out,), absent with
    bias=False; any number of leading axes. *Raises*: ValueError when the last axis of x is not
    `in`, and for a negative size. *Source*: torch.nn.Linear.
    """

    x: Array

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.bias = bias
        _check_sizes(self, 0, "in_features", "out_features")
        bound = 1 / math.sqrt(in_features) if in_features else 0.0
        self.params["weight"] = self._uniform(bound, out_features, in_features)
        if bias:
            self.params["bias"] = self._uniform(bound, out_features)

    @np.errstate(over="ignore", invalid="ignore")
    def forward(self, x: Array) -> Array:
        """Return y."""
        self.x = _check_last(self, "x", self._floats("x", x), self.in_features)
        self.W = self._param("weight", self.x.dtype)  # this forward's, were it replaced after it
        self.output = affine(
            self.x, self.W, self._param("bias", self.x.dtype) if self.bias else None
        )
        return self.output

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of weight and bias."""
        dy = self._cotangent(dy, self._kept("output"))
        dx, self.grads["weight"], db = affine_backward(dy, self.x, self.W)
        if self.bias:
            self.grads["bias"] = db
        return dx


class Bilinear(Layer):
    """Map the last axes of two inputs by a bilinear form for each output.

    y_o = x1^T W_o x2 + b_o
    dx1 = sum_o dy_o W_o x2, dx2 = sum_o dy_o W_o^T x1
    dW_o = sum over the leading axes of dy_o x1 x2^T, db = sum of dy

    x1^T W_o comes first, as in torch: with V, the W_o side by side, it is one product for all o.
    W and b start uniform up to 1 / sqrt(in1).

    *Shapes*: x1 (..., in1), x2 (..., in2), y (..., out), W `weight` (out, in1, in2), b `bias`
    (out,), absent with bias=False; the leading axes of x1 and x2 are equal. *Raises*: ValueError
    for other shapes, for inputs of two dtypes, and for in1_features or in2_features below 1.
    *Source*: torch.nn.Bilinear.
    """

    x1: Array
    x2: Array

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True
    ) -> None:
        super().__init__()
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.bias = bias
        _check_sizes(self, 1, "in1_features", "in2_features")
        _check_sizes(self, 0, "out_features")
        bound = 1 / math.sqrt(in1_features)
        self.params["weight"] = self._uniform(bound, out_features, in1_features, in2_features)
        if bias:
            self.params["bias"] = self._uniform(bound, out_features)

    @np.errstate(over="ignore", invalid="ignore")
    def forward(self, input1: Array, input2: Array) -> Array:
        """Return y."""
        self._take(self._floats("input1", input1), self._floats("input2", input2))
        W = self._param("weight", self.x1.dtype)
        self.V = _columns(W.transpose(1, 0, 2))  # (in1, out*in2)
        x1, x2 = rows(self.x1), rows(self.x2)
        self.x1_W = (x1 @ self.V).reshape(len(x1), self.out_features, self.in2_features)
        y: Array = np.matmul(self.x1_W, x2[:, :, None])[:, :, 0]  # (N, out)
        if self.bias:
            y += self._param("bias", y.dtype)
        self.output = y.reshape(*self.x1.shape[:-1], self.out_features)
        return self.output

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return dx1 and dx2; fill the gradients of weight and bias."""
        dy = rows(self._cotangent(dy, self._kept("output")))  # (N, out)
        x1, x2 = rows(self.x1), rows(self.x2)
        dy_x2 = _columns(dy[:, :, None] * x2[:, None, :])  # (N, out*in2)
        dV = (x1.T @ dy_x2).reshape(self.in1_features, self.out_features, self.in2_features)
        self.grads["weight"] = dV.transpose(1, 0, 2)
        if self.bias:
            self.grads["bias"] = np.sum(dy, axis=0)
        dx1 = dy_x2 @ self.V.T
        dx2 = np.matmul(dy[:, None, :], self.x1_W)  # (N, 1, in2)
        return dx1.reshape(self.x1.shape), dx2.reshape(self.x2.shape)

    def _take(self, x1: Array, x2: Array) -> None:
        """Keep both inputs if they fit each other."""
        self.x1 = _check_last(self, "input1", x1, self.in1_features)
        self.x2 = _check_last(self, "input2", x2, self.in2_features)
        if x1.shape[:-1] != x2.shape[:-1]:
            found = f"input1 has shape {x1.shape}, input2 {x2.shape}"
            raise ValueError(f"{self!r}: {found}, expected equal leading axes")
        if x1.dtype != x2.dtype:
            raise ValueError(f"{self!r}: input2 is {x2.dtype}, expected {x1.dtype} as input1")


def affine(x: Array, W: Array, b: Array | None) -> Array:
    """Return y = x W^T + b, the leading axes as the rows of one matrix."""
    y: Array = rows(x) @ W.T  # (N, out)
    if b is not None:
        y += b
    return y.reshape(*x.shape[:-1], len(W))


def affine_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """Return dx = dy W, dW = dy^T x and db, the sum of the rows of dy."""
    dy = rows(dy)  # (N, out)
    dx: Array = dy @ W
    return dx.reshape(x.shape), dy.T @ rows(x), np.sum(dy, axis=0)


def rows(x: Array) -> Array:
    """Lay the leading axes out as the rows of one matrix."""
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _columns(x: Array) -> Array:
    """Lay all axes but the first out as the columns of one matrix."""
    return x.reshape(len(x), math.prod(x.shape[1:]))


def _check_sizes(layer: Layer, least: int, *names: str) -> None:
    """Refuse a size below the least."""
    for name in names:
        size = getattr(layer, name)
        if size < least:
            raise ValueError(f"{layer!r}: {name} is {size}, expected {least} or more")


def _check_last(layer: Layer, name: str, x: Array, size: int) -> Array:
    """Return the array if its last axis has the size."""
    if x.shape[-1:] != (size,):
        found = f"last axis of {name} is {x.shape[-1]}" if x.ndim else f"{name} has no axis"
        raise ValueError(f"{layer!r}: {found}, expected {size}, shape {x.shape}")
    return x
