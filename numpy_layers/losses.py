"""Losses that compare element by element."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numpy_layers.formulas import sign, summed_to
from numpy_layers.layer import Array
from numpy_layers.loss import _Loss, _Pointwise, broadcast


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
        dx: Array = sign(self._error) * g
        return dx


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
        dx: Array = sign(self._error) * g if self.beta == 0 else self._half * (2 * g)
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
        shape = broadcast(x.shape, t.shape, wide.shape)
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
            return summed_to(dx, self._shapes[0])
        dvar = np.square(self._error) / self._v
        dvar /= self._v
        np.subtract(1 / self._v, dvar, out=dvar)
        dvar *= 0.5 * g
        of_x, of_wide, of_var = self._shapes
        return summed_to(dx, of_x), summed_to(dvar, of_wide).reshape(of_var)

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


def _huber(e: Array, delta: float) -> tuple[Array, Array]:
    """Return 2 h (e - h), in the place of e, and h = clip(e / 2, -delta / 2, delta / 2)."""
    h = 0.5 * e
    np.clip(h, -0.5 * delta, 0.5 * delta, out=h)
    e -= h
    e *= h
    e *= 2
    return e, h
