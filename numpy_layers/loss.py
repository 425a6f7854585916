"""What losses share: the base that reduces, and the one that compares element by element.

The two have an underscore, as every class of a layer without one is torch's.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from numpy_layers.formulas import summed_to
from numpy_layers.layer import Array, Layer

TINY = float(np.float32(1e-12))  # torch's losses keep their 1e-12 as a float32, in float64 too


class _Loss(Layer):
    """Reduce terms to none, mean or sum, and spread the result's cotangent over them.

    none: y = the terms; sum: y = their sum; mean: y = their sum / divisor, which is their number
    unless the loss says otherwise. So each term's cotangent g is dy, dy and dy / divisor.

    Overflow and NaN are silent in all losses, as in torch. The mean of nothing is NaN.
    """

    output: Array
    _divisor: Any
    _reductions: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self._reduce_to(reduction)

    def _reduce_to(self, reduction: str) -> None:
        """Keep what the terms are reduced to."""
        self.reduction = reduction
        if reduction not in self._reductions:
            expected = ", ".join(self._reductions)
            raise ValueError(f"{self!r}: reduction is {reduction!r}, expected one of {expected}")

    def _reduce(self, terms: Array, divisor: Any = None) -> Array:
        """Keep and return the terms, or a scalar of them."""
        if self.reduction == "none":
            self.output = terms[()]
            return self.output
        wide = np.float32 if terms.dtype == np.float16 else None  # as torch adds float16
        count = terms.size if divisor is None else divisor
        self._divisor = 1 if self.reduction == "sum" else count
        total = np.sum(terms, dtype=wide)
        self.output = np.divide(total, self._divisor).astype(terms.dtype)
        return self.output

    def _spread(self, dy: ArrayLike | None) -> Array:
        """Return g, in the shape of the output for none and without axes else."""
        g = self._cotangent(None if dy is None else np.asarray(dy), self._kept("output"))
        if self.reduction != "none":
            g = np.asarray(np.divide(g, self._divisor, dtype=np.float64), g.dtype)
        return g

    def _alike(self, name: str, value: ArrayLike, x: Array) -> Array:
        """Return a further input, whose dtype has to be that of x."""
        array = np.asarray(value)
        if array.dtype != x.dtype:
            raise ValueError(f"{self!r}: {name} is {array.dtype}, expected {x.dtype}")
        return array

    def _reals(self, name: str, value: ArrayLike, x: Array) -> Array:
        """Return a constant, such as a target, in the dtype of x."""
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{self!r}: {name} is {array.dtype}, expected real numbers")
        return array.astype(x.dtype, copy=False)

    def _check_indices(self, t: Array, lowest: int, C: int) -> None:
        """Refuse a target that is no integer from the lowest to C - 1."""
        if t.dtype.kind not in "iu":
            raise ValueError(f"{self!r}: target is {t.dtype}, expected class indices")
        outside = t[(t < lowest) | (t >= C)]
        if outside.size:
            found = f"target holds {outside.flat[0]}"
            raise ValueError(f"{self!r}: {found}, expected {lowest} to {C - 1}")

    def _hold(self, name: str, value: ArrayLike | None) -> None:
        """Keep a copy of a weight as the buffer of this name, if there is one."""
        if value is not None:
            array = np.array(value)
            if array.dtype.kind not in "iuf":
                raise ValueError(f"{self!r}: {name} is {array.dtype}, expected real numbers")
            self.buffers[name] = array if array.dtype.kind == "f" else array.astype(np.float32)

    def _held(self, name: str, x: Array) -> Array | None:
        """Return a weight of the elements of x, in the dtype of x, if there is one."""
        if name not in self.buffers:
            return None
        weight = self._param(name, x.dtype)
        if broadcast(weight.shape, x.shape) != x.shape:
            found = f"{name} has shape {weight.shape}"
            raise ValueError(f"{self!r}: {found}, expected one that broadcasts to {x.shape}")
        return weight


class _Pointwise(_Loss):
    """Score every element of x against its target; a subclass gives the terms and the slope.

    `_match` says which targets torch takes: "equal" in shape, broadcasting "to x", or "both" ways.
    Arrays without axes get one on the way, as NumPy would return scalars for them, in which
    nothing can be written.
    """

    x: Array
    target: Array
    _error: Array
    _shape: tuple[int, ...]
    _match: ClassVar[Literal["equal", "to x", "both"]] = "equal"

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x = self._floats("x", x)
        t = self._reals("target", target, x)
        shape = self._matched(x, t)
        self._check(x, t)
        self.x, self.target = x, t
        terms = self._terms(np.atleast_1d(x), np.atleast_1d(t))
        self._shape = terms.shape
        return self._reduce(terms.reshape(shape))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array:
        """Return dx."""
        return summed_to(self._slope(self._spread(dy)), self.x.shape)

    def _matched(self, x: Array, t: Array) -> tuple[int, ...]:
        """Return the shape of the terms."""
        shape = broadcast(x.shape, t.shape)
        fits = {"equal": t.shape == x.shape, "to x": shape == x.shape, "both": True}
        if shape is None or not fits[self._match]:
            expected = "" if self._match == "equal" else "one that broadcasts with "
            raise ValueError(
                f"{self!r}: target has shape {t.shape}, expected {expected}{x.shape}, that of x"
            )
        return shape

    def _check(self, x: Array, t: Array) -> None:
        """Refuse values that the loss does not take; most take any."""

    def _terms(self, x: Array, t: Array) -> Array:
        """Return the loss of every element, and keep what the slope needs."""
        raise NotImplementedError

    def _slope(self, g: Array) -> Array:
        """Return the terms' derivatives times g, in a new array."""
        raise NotImplementedError


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape to which these broadcast, None where they do not."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None
