"""Losses whose target tells which outcomes are right, or how probable each of them is."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numpy_layers.formulas import sigmoid
from numpy_layers.layer import Array
from numpy_layers.loss import TINY, _Loss, _Pointwise


class BCELoss(_Pointwise):
    """Average the cross-entropies of targets t and probabilities x, each of two outcomes.

    term = -w (t log x + (1 - t) log(1 - x)), the logarithms being -100 or more
    dx = w (x - t) / max(x (1 - x), 1e-12) g

    So at x = 0 and t = 1 the term is 100 and dx -1e12: large and wrong, but finite.
    BCEWithLogitsLoss, which takes the logits, needs neither bound.

    *Shapes*: x and target any, equal; weight any that broadcasts to them, a buffer; loss (), with
    none that of x. *Dtypes*: those of L1Loss. *Raises*: ValueError for other shapes and when x or
    target leaves 0 to 1 or holds NaN. *Source*: torch.nn.BCELoss.
    """

    def __init__(self, weight: ArrayLike | None = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._hold("weight", weight)

    def _check(self, x: Array, t: Array) -> None:
        for name, array in (("x", x), ("target", t)):
            if not (np.min(array, initial=0) >= 0 and np.max(array, initial=1) <= 1):
                found = array[~((array >= 0) & (array <= 1))].flat[0]
                raise ValueError(f"{self!r}: {name} holds {found}, expected 0 to 1")
        self._weight = self._held("weight", x)

    def _terms(self, x: Array, t: Array) -> Array:
        terms = np.negative(x)
        np.log1p(terms, out=terms)
        np.clip(terms, -100, np.inf, out=terms)
        terms *= t - 1
        log = np.log(x)
        np.clip(log, -100, np.inf, out=log)
        log *= t
        terms -= log
        return terms if self._weight is None else terms * self._weight

    def _slope(self, g: Array) -> Array:
        dx = np.atleast_1d(self.x - self.target)
        variance = np.atleast_1d(1 - self.x)
        variance *= self.x
        np.clip(variance, TINY, np.inf, out=variance)
        dx /= variance
        dx *= g
        return dx if self._weight is None else dx * self._weight


class BCEWithLogitsLoss(_Pointwise):
    """Average the cross-entropies of targets t and logits x, each of two outcomes.

    term = w ((1 - t) x - q log s), with s = 1 / (1 + exp(-x)) and q = 1 + (p - 1) t
    dx = w (q s - p t) g

    p, pos_weight, multiplies the part of t alone. log s is min(x, 0) - log(1 + exp(-|x|)), which
    cannot overflow. Where x is far below 0 and t is 0, the tail exp(x) is lost in x - x, as in
    torch; and so is NaN the loss of an infinite x on the side that t tells.

    *Shapes*: x and target any, equal; weight and pos_weight any that broadcast to them, buffers;
    loss (), with none that of x. *Dtypes*: those of L1Loss. *Raises*: ValueError for other
    shapes. *Source*: torch.nn.BCEWithLogitsLoss.
    """

    def __init__(
        self,
        weight: ArrayLike | None = None,
        *,
        reduction: str = "mean",
        pos_weight: ArrayLike | None = None,
    ) -> None:
        super().__init__(reduction=reduction)
        self._hold("weight", weight)
        self._hold("pos_weight", pos_weight)

    def _check(self, x: Array, t: Array) -> None:
        self._weight, self._pos_weight = self._held("weight", x), self._held("pos_weight", x)

    def _terms(self, x: Array, t: Array) -> Array:
        log = np.clip(x, -np.inf, 0)
        log -= _softness(x)
        if self._pos_weight is not None:
            log *= (self._pos_weight - 1) * t + 1
        terms = 1 - t
        terms *= x
        terms -= log
        return terms if self._weight is None else terms * self._weight

    def _slope(self, g: Array) -> Array:
        dx, t = sigmoid(np.atleast_1d(self.x)), self.target
        if self._pos_weight is None:
            dx -= t
        else:
            told = self._pos_weight * t
            dx *= told + 1 - t
            dx -= told
        dx *= g
        return dx if self._weight is None else dx * self._weight


class MultiLabelSoftMarginLoss(_Pointwise):
    """Average BCEWithLogitsLoss over the classes, and that over the rows.

    term = mean over c of w_c (log(1 + exp(-|x_c|)) - t_c min(x_c, 0) + (1 - t_c) max(x_c, 0))
         = mean over c of -w_c (t_c log s(x_c) + (1 - t_c) log s(-x_c)), s(x) = 1 / (1 + exp(-x))
    dx_c = w_c ((1 - t_c) s(x_c) - t_c s(-x_c)) g / C

    *Shapes*: x (..., C); target and weight, a buffer, that of x or broadcasting to it; loss (),
    with none (...). *Dtypes*: those of BCELoss. *Raises*: ValueError for other shapes. *Source*:
    torch.nn.MultiLabelSoftMarginLoss.
    """

    _match = "to x"

    def __init__(self, weight: ArrayLike | None = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._hold("weight", weight)

    def _check(self, x: Array, t: Array) -> None:
        if x.ndim == 0:
            raise ValueError(f"{self!r}: x has shape (), expected (..., C)")
        self._weight = self._held("weight", x)

    def _terms(self, x: Array, t: Array) -> Array:
        terms = _softness(x)
        part = np.clip(x, 0, np.inf)
        part *= 1 - t
        terms += part
        np.clip(x, -np.inf, 0, out=part)
        part *= t
        terms -= part
        return terms if self._weight is None else terms * self._weight

    def _slope(self, g: Array) -> Array:
        dx = sigmoid(self.x)
        dx *= 1 - self.target
        right = sigmoid(-self.x)
        right *= self.target
        dx -= right
        dx *= g
        return dx if self._weight is None else dx * self._weight

    def _reduce(self, terms: Array, divisor: Any = None) -> Array:
        return super()._reduce(np.sum(terms, axis=-1) / terms.shape[-1])

    def _spread(self, dy: ArrayLike | None) -> Array:
        g: Array = super()._spread(dy)[..., np.newaxis] / self.x.shape[-1]
        return g


class _Labelled(_Loss):
    """Read targets that are class indices, and the weights of classes.

    Within, scores are (N, C, ...), unbatched ones a batch of one, and what there is one of for
    each target is (N, 1, ...): its class, whether it counts, and its share in the mean, which is
    the weight of the class, 1 without weights, and 0 where the class is ignore_index.
    """

    ignore_index: int | None
    x: Array
    _axes: tuple[int, ...]
    _labels: Array
    _counts: Array
    _share: Array

    def _rows(self, x: Array) -> Array:
        """Return the scores with their batch axis."""
        if x.ndim == 0:
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected (N, C, ...) or (C,)")
        return x if x.ndim > 1 else x[np.newaxis]

    def _class_weight(self, rows: Array) -> Array:
        """Return the weights along the class axis of the scores: one 1 when there are none."""
        after = (1,) * (rows.ndim - 2)
        if "weight" not in self.buffers:
            return np.ones((1, *after), rows.dtype)
        weight = self._param("weight", rows.dtype)
        if weight.shape != rows.shape[1:2]:
            expected = f"{rows.shape[1:2]}, one for every class"
            raise ValueError(f"{self!r}: weight has shape {weight.shape}, expected {expected}")
        return weight.reshape(-1, *after)

    def _read(self, t: Array, x: Array, weight: Array) -> None:
        """Check the class indices of the scores x, and keep what they tell."""
        shape = x.shape[:1] + x.shape[2:] if x.ndim > 1 else ()
        if t.shape != shape:
            raise ValueError(f"{self!r}: target has shape {t.shape}, expected {shape}")
        counts = np.not_equal(t, -100 if self.ignore_index is None else self.ignore_index)
        C = x.shape[:2][-1]
        self._check_indices(t[counts] if C else t, 0, C)
        self._axes = (t.shape[0], 1, *t.shape[1:]) if t.ndim else (1, 1)
        self._counts = counts.reshape(self._axes)
        self._labels = np.where(counts, t, 0).astype(np.intp).reshape(self._axes)
        share = weight.reshape(-1)[self._labels if weight.size > 1 else 0]
        self._share = np.where(self._counts, share, x.dtype.type(0))

    def _reduce_counted(self, terms: Array, shape: tuple[int, ...]) -> Array:
        """Reduce the terms of targets: 0 where one does not count, for 0 times it may be NaN."""
        terms = np.where(self._counts, terms, terms.dtype.type(0)).reshape(shape)
        return self._reduce(terms, np.sum(self._share, dtype=np.float64))

    def _spread(self, dy: ArrayLike | None) -> Array:
        """Return g with a class axis for none."""
        g = super()._spread(dy)
        return g.reshape(self._axes) if self.reduction == "none" else g

    def _spread_counted(self, dy: ArrayLike | None) -> Array:
        """Return g, 0 where the target does not count, though the mean of none is NaN."""
        g = self._spread(dy)
        return np.where(self._counts, g, g.dtype.type(0))


class NLLLoss(_Labelled):
    """Average the negatives of the log-probabilities that rows x give to their classes t.

    term = -w_t x_t; dx = -w_t g at t, 0 at the other classes

    Where t is ignore_index, term and dx are 0. mean divides by the sum of the w_t that are not
    ignored, and is NaN when all are.

    *Shapes*: x (N, C, ...) or (C,); target (N, ...) or (); weight, a buffer, (C,); loss (), with
    none that of the target. *Dtypes*: a target of any integer dtype. *Raises*: ValueError for
    other shapes, and for a class outside 0 to C - 1 that is not ignore_index. *Source*:
    torch.nn.NLLLoss.
    """

    def __init__(
        self,
        weight: ArrayLike | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        self.ignore_index = ignore_index
        self._hold("weight", weight)

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x, t = self._floats("x", x), np.asarray(target)
        rows = self._rows(x)
        self._read(t, x, self._class_weight(rows))
        self.x = x
        terms = -self._share * np.take_along_axis(rows, self._labels, axis=1)
        return self._reduce_counted(terms, t.shape)

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array:
        """Return dx."""
        g = self._spread_counted(dy)
        dx = np.zeros_like(self._rows(self.x))
        np.put_along_axis(dx, self._labels, -self._share * g, axis=1)
        return dx.reshape(self.x.shape)


class CrossEntropyLoss(_Labelled):
    """Average the cross-entropies of target distributions q and softmaxes p of rows of logits.

    log p = x - max x - log(sum_c exp(x_c - max x))
    term = -sum_c w_c q_c log p_c; dx = (p sum_c w_c q_c - w q) g

    A target t that is a class index is the q of 1 at t; label_smoothing s turns a q into
    (1 - s) q + s / C. Where t is ignore_index, term and dx are 0. mean divides by the sum of the
    w_t that are not ignored, with smoothing too, and is NaN when all are; with probabilities as
    target it divides by their number, N or more with further axes.

    A row that holds NaN or inf, or nothing but -inf, has a NaN for p: so is its dx, ignored or not.

    *Shapes*: x (N, C, ...) or (C,); target (N, ...) or () of indices, or that of x of
    probabilities; weight, a buffer, (C,); loss (), with none that of the indices. *Dtypes*:
    indices of any integer dtype; probabilities of any float dtype, used in that of x. *Raises*:
    ValueError for others, for a class outside 0 to C - 1 that is not ignore_index, and for
    probabilities beside an ignore_index of 0 or more. *Source*: torch.nn.CrossEntropyLoss;
    Szegedy et al., 2016, for the smoothing.
    """

    _exp: Array
    _sum: Array
    _soft: bool
    _q: Array
    _rest: Array

    def __init__(
        self,
        weight: ArrayLike | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction=reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = float(label_smoothing)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"{self!r}: label_smoothing is {label_smoothing}, expected 0 to 1")
        self._hold("weight", weight)

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x, t = self._floats("x", x), np.asarray(target)
        rows = self._rows(x)
        weight = self._class_weight(rows)
        soft = t.shape == x.shape
        if soft:
            self._read_probabilities(t, rows, weight)
        else:
            self._read(t, x, weight)
        self.x, self._soft = x, soft
        # initial: without classes, probabilities have a loss of 0
        shifted = rows - np.max(rows, axis=1, keepdims=True, initial=-np.inf)
        if soft:
            return self._of_probabilities(shifted)
        return self._of_indices(shifted, weight, t.shape)

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array:
        """Return dx."""
        self._kept("output")
        if self._soft:
            g = self._spread(dy)
            dx = self._exp * (np.sum(self._q, axis=1, keepdims=True) * g / self._sum)
            dx -= self._q * g
            return np.reshape(dx, self.x.shape)
        g = self._spread_counted(dy)
        hit = (1 - self.label_smoothing) * self._share * g
        both = hit + np.sum(self._rest) * g if self.label_smoothing else hit
        dx = self._exp * (both / self._sum)
        if self.label_smoothing:
            dx -= self._rest * g
        at_label = np.take_along_axis(dx, self._labels, axis=1)
        np.put_along_axis(dx, self._labels, at_label - hit, axis=1)
        return np.reshape(dx, self.x.shape)

    def _of_indices(self, shifted: Array, weight: Array, shape: tuple[int, ...]) -> Array:
        """Return the loss of class indices; q is split in 1 - s at the class and the rest."""
        s, C = self.label_smoothing, shifted.shape[1]
        at_label = np.take_along_axis(shifted, self._labels, axis=1)
        if s:
            self._rest = np.broadcast_to(weight * (s / max(C, 1)), (C, *weight.shape[1:]))
            rest = np.sum(shifted * self._rest, axis=1, keepdims=True)
        log = self._normalise(shifted, out=shifted)
        terms = (s - 1) * self._share * (at_label - log)
        if s:
            terms -= rest - np.sum(self._rest) * log
        return self._reduce_counted(terms, shape)

    def _of_probabilities(self, shifted: Array) -> Array:
        """Return the loss of probabilities, of 0 too: 0 times -inf is NaN, as in torch."""
        log = self._normalise(shifted, out=np.empty_like(shifted))
        shifted -= log
        shifted *= self._q
        terms = np.sum(shifted, axis=1)
        count = terms.size if shifted.size else 0
        self.output = -self._reduce(terms if self.x.ndim > 1 else terms[0], count)
        return self.output

    def _normalise(self, shifted: Array, out: Array) -> Array:
        """Keep exp(shifted) and its sums over the classes; return the log of those."""
        self._exp = np.exp(shifted, out=out)
        self._sum = np.sum(self._exp, axis=1, keepdims=True)
        return np.log(self._sum)

    def _read_probabilities(self, t: Array, rows: Array, weight: Array) -> None:
        """Check the probabilities, and keep them smoothed and weighed."""
        if t.dtype.kind != "f":
            raise ValueError(f"{self!r}: target is {t.dtype}, expected probabilities of its shape")
        self._refuse_ignoring()
        q = t.astype(rows.dtype, copy=False).reshape(rows.shape)
        s, C = self.label_smoothing, rows.shape[1]
        if s and C:
            q = (1 - s) * q + s / C
        self._q = q if "weight" not in self.buffers else q * weight
        self._axes = (rows.shape[0], 1, *rows.shape[2:])

    def _refuse_ignoring(self) -> None:
        """Refuse an index to ignore that could be a class, beside probabilities."""
        if self.ignore_index is not None and self.ignore_index >= 0:
            raise ValueError(f"{self!r}: target holds probabilities, expected class indices")


class LinearCrossEntropyLoss(CrossEntropyLoss):
    """Map x to logits by a matrix W and a bias b, and take CrossEntropyLoss of them.

    loss = CrossEntropyLoss(z, t), z = x W^T + b
    dx = dz W; dW = dz^T x, db = sum over N of dz

    out_features d gives every class d logits, a K-dimensional loss. ignore_index None is -100
    for class indices; beside probabilities no other is taken. W and b start uniform up to
    1 / sqrt(in_features). torch's `options`, which save memory and change no value, are left out.

    *Shapes*: x (N, in) or, without out_features, (in,); z (N, C, *d) or (C,); target (N, *d), ()
    or that of z; `linear.weight` W (C prod d, in), `linear.bias` b (C prod d,); weight, a buffer,
    (C,); loss (), with none that of indices. *Raises*: ValueError for other shapes and for what
    CrossEntropyLoss refuses. *Source*: torch.nn.LinearCrossEntropyLoss.
    """

    ignore_index: int | None

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        reduction: str = "mean",
        weight: ArrayLike | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        self.in_features = in_features
        self.num_classes = num_classes
        self.out_features = out_features
        self.bias = bias
        super().__init__(weight, reduction=reduction, label_smoothing=label_smoothing)
        self.ignore_index = ignore_index
        if min(in_features, num_classes, *out_features) < 1:
            found = f"sizes are {(in_features, num_classes, *out_features)}"
            raise ValueError(f"{self!r}: {found}, expected 1 or more each")
        rows, bound = math.prod(out_features, start=num_classes), 1 / math.sqrt(in_features)
        self._class_weight(np.empty((0, num_classes)))  # refuses other shapes
        self.params["linear.weight"] = self._uniform(bound, rows, in_features)
        if bias:
            self.params["linear.bias"] = self._uniform(bound, rows)

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x = self._floats("x", x)
        axes = (2,) if self.out_features else (1, 2)
        if x.ndim not in axes or x.shape[-1] != self.in_features:
            expected = f"(N, {self.in_features})" + f" or ({self.in_features},)" * (len(axes) - 1)
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {expected}")
        matrix = self._param("linear.weight", x.dtype)
        z = x @ matrix.T  # (N, C prod d)
        if self.bias:
            z += self._param("linear.bias", x.dtype)
        loss = super().forward(
            z.reshape(*x.shape[:-1], self.num_classes, *self.out_features), target
        )
        self._given, self._matrix = x, matrix
        return loss

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array:
        """Return dx; put dW and db in `grads`."""
        dz = super().backward(dy)
        flat = dz.reshape(-1, len(self._matrix))  # (N, C prod d)
        rows = self._given.reshape(-1, self.in_features)
        self.grads["linear.weight"] = flat.T @ rows
        if self.bias:
            self.grads["linear.bias"] = np.sum(flat, axis=0)
        return (flat @ self._matrix).reshape(self._given.shape)

    def _refuse_ignoring(self) -> None:
        """Refuse any index to ignore beside probabilities."""
        if self.ignore_index is not None:
            raise ValueError(f"{self!r}: target holds probabilities, expected class indices")


def _softness(x: Array) -> Array:
    """Return log(1 + exp(-|x|)), by which max(x, 0) falls short of log(1 + exp(x))."""
    y = np.abs(x)
    np.negative(y, out=y)
    np.exp(y, out=y)
    return np.log1p(y, out=y)
