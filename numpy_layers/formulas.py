"""What several families compute; knows no layer."""

import functools
import math
from typing import Any

import numpy as np

from numpy_layers.layer import Array

_NODES = 1024
"""Nodes of `erf` in a unit."""


def erf(x: Array) -> Any:
    """Return the error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.

    From the node c next to x, erf(x) = erf(c) + the integral from c to x, which is by the
    midpoint rule with its first correction, m = (c + x)/2 and h = x - c,
        2/sqrt(pi) exp(-m^2) h (1 + (2 m^2 - 1) h^2 / 12).
    With |h| <= 1/2048 what is left out is below 4e-16 of that near 0, and of erf elsewhere;
    the correction itself is below the rounding of float32.

    *Source*: DLMF 7.2.1.
    """
    z = np.clip(x * _NODES, -6 * _NODES, 6 * _NODES)
    k = np.rint(z)
    node = (k + 6 * _NODES).astype(np.int32)
    q = z + k  # -m^2 from here on
    q *= q
    q *= -((0.5 / _NODES) ** 2)
    h = np.subtract(z, k, out=z)
    if h.dtype == np.float64:
        h *= 1 - (q / 6 + 1 / 12) * np.square(h / _NODES)
    h *= 2 / math.sqrt(math.pi) / _NODES
    h *= np.exp(q, out=q)
    h += _erf_nodes(h.dtype).take(node, mode="clip")  # clip: a NaN is no node, and stays NaN in h
    return h


def sigmoid(x: Array, out: Array | None = None) -> Array:
    """Return 1 / (1 + exp(-x)), in out if given; where exp overflows that is the right 0."""
    y = np.negative(x, out=out)
    np.exp(y, out=y)
    y += 1
    return np.divide(1, y, out=y)


def sign(x: Array) -> Array:
    """Return the sign, 0 for NaN, which is torch's and not NumPy's."""
    y: Array = np.subtract(x > 0, x < 0, dtype=x.dtype)
    return y


def wide(x: Array) -> Array:
    """Return float16 as float32, in which torch computes: squares leave float16 at 256."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def summed_to(dx: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which its argument, of this shape, was repeated."""
    if dx.shape != shape:
        ahead = dx.ndim - len(shape)
        repeated = [i for i, size in enumerate(shape, ahead) if size != dx.shape[i]]
        dx = np.sum(dx, axis=(*range(ahead), *repeated))
    return dx.reshape(shape)


@functools.cache
def _erf_nodes(dtype: np.dtype[Any]) -> Array:
    """Return erf at the multiples of 1 / _NODES from -6 to 6; past them it rounds to +-1."""
    return np.array([math.erf(k / _NODES) for k in range(-6 * _NODES, 6 * _NODES + 1)], dtype)
