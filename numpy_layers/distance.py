"""Distances and angles between vectors, and the p-norm they rest on."""

import math
from collections.abc import Sequence

import numpy as np

from numpy_layers.formulas import sign, summed_to, wide
from numpy_layers.layer import Array, Layer


def vector_norm(x: Array, p: float, axis: int) -> Array:
    """Return the p-norm along an axis, which stays with size 1, as torch.linalg.vector_norm does.

    (sum_i |x_i|^p)^(1/p); the largest |x_i| for p = inf, the smallest for -inf, and the number
    of x_i that are not 0 for p = 0.
    """
    # torch is silent where a power overflows, and where a power below 0 meets 0.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if p == 2:
            return np.asarray(np.sqrt(_dot(x, x, axis)))
        if p == 0:
            return np.asarray(np.sum(x != 0, axis=axis, keepdims=True, dtype=x.dtype))
        size = np.abs(x)
        if math.isinf(p):
            extreme = np.max if p > 0 else np.min
            return np.asarray(extreme(size, axis=axis, keepdims=True))
        if p != 1:
            np.power(size, p, out=size)
        total: Array = np.sum(size, axis=axis, keepdims=True)
        return total if p == 1 else np.power(total, 1 / p, out=total)


def vector_norm_gradient(x: Array, norm: Array, p: float, axis: int) -> Array:
    """Return the derivative of the p-norm for x; it is 0 where torch takes a subgradient of 0.

    sign(x_i) |x_i|^(p-1) / norm^(p-1). For p = +-inf the extremes share the 1, NaN among them;
    for p = 0 it is 0; where x is 0, and where the norm is 0, it is 0.
    """
    if p == 0:
        return np.zeros_like(x)
    # What is 0 / 0 at a norm of 0 is set to 0 below; inf / inf is torch's NaN.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if p == 1:
            return sign(x)
        if p == 2:
            dx: Array = x / norm
            _clear(dx, norm == 0)
            return dx
        size = np.abs(x)
        if math.isinf(p):
            extreme = (size == norm) | np.isnan(size)
            dx = extreme / np.sum(extreme, axis=axis, keepdims=True, dtype=x.dtype)
        elif p < 1:
            dx = np.power(size, p - 1)
            _clear(dx, size == 0)
            dx *= np.power(norm, 1 - p)
        else:
            dx = np.power(size, p - 1, out=size)
            dx /= np.power(norm, p - 1)
            _clear(dx, norm == 0)
        dx *= sign(x)
        return dx


def _dot(x1: Array, x2: Array, axis: int) -> Array:
    """Return the inner products along an axis, which stays with size 1."""
    rows1, rows2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    return np.expand_dims(np.vecdot(rows1, rows2), axis)


def _clear(x: Array, where: Array) -> None:
    """Set x to 0 where told, in place; `where` is aligned with x or has size 1 along an axis."""
    if where.any():
        np.copyto(x, 0, where=where)


class _Distance(Layer):
    """Check the two arguments that distances take, and remember their shapes."""

    def _pair(self, x1: Array, x2: Array) -> tuple[Array, Array]:
        """Return both arguments, float16 as float32, and their common shape as self._shape."""
        x1, x2 = self._floats("x1", x1), self._floats("x2", x2)
        try:
            self._shape = np.broadcast_shapes(x1.shape, x2.shape) or (1,)
        except ValueError:
            found = f"x1 and x2 have shapes {x1.shape} and {x2.shape}"
            raise ValueError(f"{self!r}: {found}, expected shapes that broadcast") from None
        self._given = (x1, x2)
        self._dtype = np.result_type(x1, x2)
        return wide(x1), wide(x2)

    def _gradients(self, both: Sequence[Array]) -> tuple[Array, Array]:
        """Return the gradients in the shapes and dtypes of the arguments."""
        dx1, dx2 = (
            summed_to(dx, x.shape).astype(x.dtype, copy=False)
            for dx, x in zip(both, self._given, strict=True)
        )
        return dx1, dx2


class CosineSimilarity(_Distance):
    """Return the cosine of the angle between vectors along one axis.

    y = u1 . u2, u = x / m, m = max(|x|, eps)
    dx1 = dy (u2 - y x1 / |x1|) / m1, dx2 = dy (u1 - y x2 / |x2|) / m2

    torch clamps each norm, not their product, and differentiates |x| as if it were not clamped:
    between 0 and eps the gradient is not that of y. x / |x| is 0 for a vector of zeros.

    *Shapes*: x1, x2 any that broadcast, `dim` an axis of their common shape; y that shape
    without `dim`; dx1, dx2 as x1, x2, summed where they were repeated. *Dtypes*: x1 and x2 may
    differ; y has the wider, dx1 and dx2 each its own. *Raises*: ValueError for shapes that do
    not broadcast, a `dim` they do not have, and a negative eps. *Source*:
    torch.nn.CosineSimilarity.
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps
        if not eps >= 0:
            raise ValueError(f"{self!r}: eps is {eps}, expected 0 or more")

    def forward(self, x1: Array, x2: Array) -> Array:
        """Return y, in [-1, 1] up to rounding."""
        x1, x2 = self._pair(x1, x2)
        rank = len(self._shape)
        if not -rank <= self.dim < rank:
            found = f"{x1.shape} and {x2.shape}"
            raise ValueError(f"{self!r}: x1 and x2 have no axis {self.dim}, shapes {found}")
        self._axis = self.dim % rank
        # Torch is silent where a norm overflows, where 0 / 0 (eps=0) and where inf / inf.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            self._sides = self._side(x1), self._side(x2)
            u1, u2 = self._sides[0][0], self._sides[1][0]
            self._cosine = _dot(u1, u2, self._axis)
        self._output = np.squeeze(self._cosine, self._axis).astype(self._dtype, copy=False)
        return self._output

    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return dx1 and dx2."""
        dy = self._cotangent(dy, self._kept("_output"))
        dy, y = np.expand_dims(dy, self._axis), self._cosine
        (u1, *norms1), (u2, *norms2) = self._sides
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return self._gradients([_turn(dy, y, u1, u2, *norms1), _turn(dy, y, u2, u1, *norms2)])

    def _side(self, x: Array) -> tuple[Array, Array, Array]:
        """Return x / m, the norm |x| and the clamped norm m; x is repeated along the axis only."""
        x = x.reshape((1,) * (len(self._shape) - x.ndim) + x.shape)
        shape = list(x.shape)
        shape[self._axis] = self._shape[self._axis]
        x = np.broadcast_to(x, shape)
        norm = vector_norm(x, 2, self._axis)
        clamped = np.maximum(norm, x.dtype.type(self.eps))
        return x / clamped, norm, clamped


def _turn(dy: Array, y: Array, u: Array, other: Array, norm: Array, clamped: Array) -> Array:
    """Return dy (other - y x / |x|) / m for the x of which u is x / m."""
    zero = norm == 0
    small = (norm < clamped) | zero
    if small.any():  # u is x / |x| but where the norm was clamped
        ratio = np.divide(clamped, norm, out=np.ones_like(norm), where=small & ~zero)
        u = np.where(zero, 0, u * ratio)
    dx = y * u
    np.subtract(other, dx, out=dx)
    dx *= dy / clamped
    return dx


class PairwiseDistance(_Distance):
    """Return the p-norm of the difference of vectors along the last axis.

    y = |d|_p, d = x1 - x2 + eps
    dx1 = dy sign(d) |d|^(p-1) / y^(p-1), dx2 = -dx1

    eps is added to the difference, not to a norm, so that y is not symmetric in x1 and x2. Where
    y is 0 the gradient is 0, and where an element of d is 0 its gradient is. For p = inf the
    largest |d| share the gradient, for p = -inf the smallest; p = 0 counts the elements that
    are not 0, with gradient 0.

    *Shapes*: x1, x2 any that broadcast to (..., D); y (...), or (..., 1) with keepdim; dx1, dx2
    as x1, x2, summed where they were repeated. *Dtypes*: x1 and x2 may differ; y has the wider,
    dx1 and dx2 each its own. *Raises*: ValueError for shapes that do not broadcast, for D = 0
    where p is negative or inf, and for p = NaN. *Source*: torch.nn.PairwiseDistance.
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.p, self.eps, self.keepdim = p, eps, keepdim
        if math.isnan(p):
            raise ValueError(f"{self!r}: p is {p}, expected a number")

    def forward(self, x1: Array, x2: Array) -> Array:
        """Return y, 0 or more."""
        x1, x2 = self._pair(x1, x2)
        if self._shape[-1] == 0 and (self.p < 0 or math.isinf(self.p)):
            found = f"last axis of x1 - x2 is 0, shapes {x1.shape} and {x2.shape}"
            raise ValueError(f"{self!r}: {found}, expected 1 or more")
        with np.errstate(over="ignore", invalid="ignore"):  # inf - inf is torch's NaN
            self._difference = np.subtract(x1, x2).reshape(self._shape)  # (..., D)
            self._difference += self._difference.dtype.type(self.eps)
        self._norm = vector_norm(self._difference, self.p, -1)  # (..., 1)
        shape = self._norm.shape if self.keepdim else self._norm.shape[:-1]
        if x1.ndim == x2.ndim == 0:
            shape = ()
        self._output = self._norm.reshape(shape).astype(self._dtype, copy=False)
        return self._output

    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return dx1 and dx2."""
        dy = self._cotangent(dy, self._kept("_output")).reshape(self._norm.shape)
        dx = vector_norm_gradient(self._difference, self._norm, self.p, -1)
        with np.errstate(over="ignore", invalid="ignore"):
            dx *= dy
        return self._gradients([dx, -dx])
