"""Losses that compare element by element, and the base that reduces every loss."""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from numpy_layers.layer import Array, Layer

_TINY = float(np.float32(1e-12))  # torch's losses keep their 1e-12 as a float32, in float64 too


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
        if _broadcast(weight.shape, x.shape) != x.shape:
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
        return _fit(self._slope(self._spread(dy)), self.x.shape)

    def _matched(self, x: Array, t: Array) -> tuple[int, ...]:
        """Return the shape of the terms."""
        shape = _broadcast(x.shape, t.shape)
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


class L1Loss(_Pointwise):
    """Average the absolute errors.

    term = |x - t|; dx = sign(x - t) g, where the sign of NaN is 0, as in torch

    *Shapes*: x and target any, equal (others, which torch broadcasts with a warning, are
    refused); loss (), with none that of x. *Dtypes*: a target of any real dtype is used in that
    of x. *Raises*: ValueError when the shapes differ. *Source*: torch.nn.L1Loss.
    """

    def _terms(self, x: Array, t: Array) -> Array:
        self._error = x - t
        return np.abs(self._error)

    def _slope(self, g: Array) -> Array:
        return _sign(self._error, g)


class MSELoss(_Pointwise):
    """Average the squared errors.

    term = (x - t)^2; dx = 2 (x - t) g

    *Shapes*, *Dtypes*, *Raises*: those of L1Loss. *Source*: torch.nn.MSELoss.
    """

    def _terms(self, x: Array, t: Array) -> Array:
        self._error = x - t
        return np.square(self._error)

    def _slope(self, g: Array) -> Array:
        dx: Array = self._error * (2 * g)
        return dx


class HuberLoss(_Pointwise):
    """Average errors squared up to delta and linear beyond it.

    term = e^2 / 2 where |e| <= delta, delta (|e| - delta / 2) beyond; e = x - t
         = 2 h (e - h) with h = clip(e / 2, -delta / 2, delta / 2)
    dx = 2 h g

    *Shapes*, *Dtypes*: those of L1Loss. *Raises*: ValueError when the shapes differ or delta is
    not above 0. *Source*: torch.nn.HuberLoss; Huber, 1964.
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = float(delta)
        if not delta > 0:
            raise ValueError(f"{self!r}: delta is {delta}, expected above 0")

    def _terms(self, x: Array, t: Array) -> Array:
        terms, self._half = _huber(x - t, self.delta)
        return terms

    def _slope(self, g: Array) -> Array:
        dx: Array = self._half * (2 * g)
        return dx


class SmoothL1Loss(_Pointwise):
    """Average errors squared below beta and linear from there on: HuberLoss over beta.

    term = e^2 / (2 beta) where |e| < beta, |e| - beta / 2 from there on; e = x - t
         = 2 h (e / beta - h) beta with h = clip(e / beta / 2, -1/2, 1/2)
    dx = 2 h g

    With beta = 0 it is L1Loss, the derivatives at 0 and NaN included.

    *Shapes*, *Dtypes*: those of L1Loss. *Raises*: ValueError when the shapes differ or beta is
    below 0. *Source*: torch.nn.SmoothL1Loss; Girshick, Fast R-CNN, 2015.
    """

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = float(beta)
        if not beta >= 0:
            raise ValueError(f"{self!r}: beta is {beta}, expected 0 or more")

    def _terms(self, x: Array, t: Array) -> Array:
        error = x - t
        if self.beta == 0:
            self._error = error
            return np.abs(self._error)
        error /= self.beta
        terms, self._half = _huber(error, 1.0)
        terms *= self.beta
        return terms

    def _slope(self, g: Array) -> Array:
        dx: Array = _sign(self._error, g) if self.beta == 0 else self._half * (2 * g)
        return dx


class SoftMarginLoss(_Pointwise):
    """Average the logistic losses of scores whose targets are 1 and -1.

    term = log(1 + z) with z = exp(-t x); dx = -t z / (1 + z) g

    Where z leaves the range of exp, -t x above 88 in float32 and 709 in float64, the loss is inf
    and dx NaN, as in torch. BCEWithLogitsLoss is the same loss without that.

    *Shapes*: x any, target that of x or broadcasting to it; loss (), with none that of x.
    *Dtypes*: those of L1Loss. *Raises*: ValueError for other shapes of the target. *Source*:
    torch.nn.SoftMarginLoss.
    """

    _match = "to x"

    def _terms(self, x: Array, t: Array) -> Array:
        self._z = np.negative(x)
        self._z *= t
        np.exp(self._z, out=self._z)
        return np.log1p(self._z)

    def _slope(self, g: Array) -> Array:
        dx = 1 + self._z
        np.divide(self._z, dx, out=dx)
        dx *= self.target
        dx *= -g
        return dx


class PoissonNLLLoss(_Pointwise):
    """Average the negative log-likelihoods of counts t under Poisson distributions.

    log_input, x being the log of the rate: term = exp(x) - t x, dx = (exp(x) - t) g
    otherwise: term = x - t log(x + eps), dx = (1 - t / (x + eps)) g
    full adds Stirling's t log t - t + log(2 pi t) / 2 for log t! where t > 1

    *Shapes*: x and target any, each may broadcast to the other; loss (), with none their common
    shape. *Dtypes*: those of L1Loss. *Raises*: ValueError when the shapes do not broadcast.
    *Source*: torch.nn.PoissonNLLLoss.
    """

    _match = "both"

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        self.log_input = log_input
        self.full = full
        self.eps = float(eps)

    def _terms(self, x: Array, t: Array) -> Array:
        self._rate = np.exp(x) if self.log_input else x + self.eps
        terms = t * (x if self.log_input else np.log(self._rate))
        np.subtract(self._rate if self.log_input else x, terms, out=terms)
        if self.full:
            stirling = t * np.log(t) - t + 0.5 * np.log(2 * math.pi * t)
            terms += np.where(t <= 1, 0, stirling)
        return terms

    def _slope(self, g: Array) -> Array:
        if self.log_input:
            dx = self._rate - self.target
        else:
            dx = self.target / self._rate
            np.subtract(1, dx, out=dx)
        dx *= g
        return dx


class KLDivLoss(_Pointwise):
    """Average the terms of the divergence of probabilities t from log-probabilities x.

    term = t log t - t x, with 0 log 0 = 0; dx = -t g
    log_target, t being a log-probability: term = exp(t) (t - x); dx = -exp(t) g

    batchmean divides the sum by the length of the first axis, which gives the divergence; mean
    divides it by the number of elements (torch warns of that, this does not).

    *Shapes*: x and target any, each may broadcast to the other; loss (), with none their common
    shape. *Dtypes*: those of L1Loss. *Raises*: ValueError when the shapes do not broadcast.
    *Source*: torch.nn.KLDivLoss; Kullback and Leibler, 1951.
    """

    _match = "both"
    _reductions = ("none", "batchmean", "mean", "sum")

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def _terms(self, x: Array, t: Array) -> Array:
        if self.log_target:
            self._p = np.exp(t)
            terms = t - x
            terms *= self._p
            return terms
        self._p = t
        entropy = np.add(t, t == 0, dtype=t.dtype)  # 1 for 0: t log t is then 0, not NaN
        np.log(entropy, out=entropy)
        entropy *= t
        terms = t * x
        np.subtract(entropy, terms, out=terms)
        return terms

    def _slope(self, g: Array) -> Array:
        dx: Array = np.broadcast_to(self._p, self._shape) * -g
        return dx

    def _reduce(self, terms: Array, divisor: Any = None) -> Array:
        rows = self.x.shape[0] if self.x.ndim else 1
        return super()._reduce(terms, rows if self.reduction == "batchmean" else None)


class GaussianNLLLoss(_Loss):
    """Average the negative log-likelihoods of targets t under Gaussians of mean x, variance var.

    term = (log v + (x - t)^2 / v) / 2 with v = max(var, eps); full adds log(2 pi) / 2
    dx = (x - t) / v g; dvar = (1 / v - (x - t)^2 / v^2) / 2 g, below eps too

    The target is a constant. So is a float as var, one variance for all: `backward` then returns
    dx alone.

    *Shapes*: x any; target one that broadcasts with it; var that of x, that without its last
    axis, or that with one axis 1; loss (), with none the common shape; dx that of x, dvar that of
    var. *Raises*: ValueError for other shapes, for another dtype of var and for a negative one.
    *Source*: torch.nn.GaussianNLLLoss; Nix and Weigend, 1994.
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = float(eps)

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike, var: Array | float) -> Array:
        """Return the loss."""
        x = self._floats("x", x)
        t = self._reals("target", target, x)
        constant = isinstance(var, float)
        var = np.full((), var, x.dtype) if constant else self._alike("var", var, x)
        wide = var if constant else self._aligned(x, var)
        shape = _broadcast(x.shape, t.shape, wide.shape)
        if shape is None:
            found = f"target has shape {t.shape}"
            raise ValueError(f"{self!r}: {found}, expected one that broadcasts with {x.shape}")
        if np.any(wide < 0):
            raise ValueError(f"{self!r}: var holds {wide[wide < 0][0]}, expected 0 or more")
        self._shapes, self._constant = (x.shape, wide.shape, var.shape), constant
        self._error = np.atleast_1d(x - t)
        self._v = np.clip(np.atleast_1d(wide), self.eps, np.inf)
        terms = np.square(self._error) / self._v
        terms += np.log(self._v)
        terms *= 0.5
        if self.full:
            terms += 0.5 * math.log(2 * math.pi)
        return self._reduce(terms.reshape(shape))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array | tuple[Array, Array]:
        """Return dx and, unless var is a float, dvar."""
        g = self._spread(dy)
        dx = self._error / self._v
        dx *= g
        if self._constant:
            return _fit(dx, self._shapes[0])
        dvar = np.square(self._error) / self._v
        dvar /= self._v
        np.subtract(1 / self._v, dvar, out=dvar)
        dvar *= 0.5 * g
        of_x, of_wide, of_var = self._shapes
        return _fit(dx, of_x), _fit(dvar, of_wide).reshape(of_var)

    def _aligned(self, x: Array, var: Array) -> Array:
        """Return var with the axes of x."""
        if var.shape == x.shape:
            return var
        if var.shape == x.shape[:-1]:
            return var[..., np.newaxis]
        if var.ndim == x.ndim:
            others = [size for size, full in zip(var.shape, x.shape, strict=True) if size != full]
            if others == [1]:
                return var
        expected = f"{x.shape}, {x.shape[:-1]} or {x.shape} with one axis 1"
        raise ValueError(f"{self!r}: var has shape {var.shape}, expected {expected}")


def _broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape to which these broadcast, None where they do not."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def _fit(dx: Array, shape: tuple[int, ...]) -> Array:
    """Sum dx over the axes along which an argument of this shape was repeated."""
    lead = dx.ndim - len(shape)
    if dx.shape[lead:] != shape or lead:
        axes = tuple(i for i in range(dx.ndim) if i < lead or shape[i - lead] != dx.shape[i])
        dx = np.sum(dx, axis=axes, keepdims=True)
    return dx.reshape(shape)


def _huber(e: Array, delta: float) -> tuple[Array, Array]:
    """Return 2 h (e - h), in the place of e, and h = clip(e / 2, -delta / 2, delta / 2)."""
    h = 0.5 * e
    np.clip(h, -0.5 * delta, 0.5 * delta, out=h)
    e -= h
    e *= h
    e *= 2
    return e, h


def _sign(error: Array, g: Array) -> Array:
    """Return sign(error) g with torch's sign, which is 0 for NaN."""
    dx: Array = np.subtract(error > 0, error < 0, dtype=g.dtype)
    dx *= g
    return dx
