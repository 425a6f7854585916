"""Losses that ask for a margin: between scores, distances or angles."""

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numpy_layers.distance import PairwiseDistance
from numpy_layers.formulas import summed_to
from numpy_layers.layer import Array, Composite, Layer
from numpy_layers.loss import TINY, _Loss, _Pointwise, broadcast


class HingeEmbeddingLoss(_Pointwise):
    """Average x where the target is 1, and what x lacks of the margin where it is -1.

    term = x where t = 1, max(0, margin - x) where t = -1, the sum of both for any other t
    dx = ([t != -1] - [t != 1] [x <= margin]) g, a NaN not being <= margin

    *Shapes*: x and target any, each may broadcast to the other; loss (), with none their common
    shape. *Dtypes*: those of L1Loss. *Raises*: ValueError when the shapes do not broadcast.
    *Source*: torch.nn.HingeEmbeddingLoss.
    """

    _match = "both"

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = float(margin)

    def _terms(self, x: Array, t: Array) -> Array:
        lack = self.margin - x
        self._near, self._far, self._lacks = t != -1, t != 1, lack >= 0
        np.clip(lack, 0, np.inf, out=lack)
        terms = np.where(self._far, lack, 0)
        terms += np.where(self._near, x, 0)
        return terms

    def _slope(self, g: Array) -> Array:
        dx: Array = np.subtract(self._near, self._far & self._lacks, dtype=g.dtype)
        dx *= g
        return dx


class MultiMarginLoss(_Loss):
    """Ask in each row that the score of its class t exceed all others by a margin.

    z_c = max(0, margin - x_t + x_c) for c != t, 0 for t
    term = w_t / C sum_c z_c^p; dx_c = w_t / C p z_c^(p-1) [z_c > 0] g, dx_t = -sum of the others

    A NaN among the z counts as 0, as in torch. The sum of no rows is 0 and their mean NaN, where
    torch returns what it finds in memory.

    *Shapes*: x (N, C) or (C,); target (N,), for (C,) () or (1,); weight, a buffer, (C,); loss (),
    with none that of the target. *Dtypes*: a target of any integer dtype. *Raises*: ValueError
    for other shapes, for a class outside 0 to C - 1 and for a p other than 1 and 2. *Source*:
    torch.nn.MultiMarginLoss.
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: ArrayLike | None = None,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        self.p = p
        self.margin = float(margin)
        if p not in (1, 2):
            raise ValueError(f"{self!r}: p is {p}, expected 1 or 2")
        self._hold("weight", weight)

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x, t = self._floats("x", x), np.asarray(target)
        rows = _rows(self, x)
        C = rows.shape[1]
        if t.shape not in ([x.shape[:1]] if x.ndim == 2 else [(), (1,)]):
            expected = x.shape[:1] if x.ndim == 2 else ()
            raise ValueError(f"{self!r}: target has shape {t.shape}, expected {expected}")
        self._check_indices(t, 0, C)
        self._share = self._shares(t.reshape(-1, 1), C, x.dtype)
        self._labels, self._given = t.reshape(-1, 1), x.shape
        z = rows + (self.margin - np.take_along_axis(rows, self._labels, axis=1))
        np.put_along_axis(z, self._labels, 0, axis=1)
        self._z = np.fmax(z, 0, out=z)
        terms = np.sum(z if self.p == 1 else np.square(z), axis=1, keepdims=True) * self._share
        return self._reduce(terms.reshape(t.shape))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array:
        """Return dx."""
        g = self._spread(dy)
        g = self._share * (g.reshape(-1, 1) if g.ndim else g)
        dx = np.multiply(self._z > 0, g) if self.p == 1 else self._z * (2 * g)
        np.put_along_axis(dx, self._labels, -np.sum(dx, axis=1, keepdims=True), axis=1)
        return dx.reshape(self._given)

    def _shares(self, labels: Array, C: int, dtype: np.dtype[Any]) -> Array:
        """Return w_t / C for every row, (N, 1)."""
        if "weight" not in self.buffers:
            return np.full(labels.shape, 1 / C, dtype)
        weight = self._param("weight", dtype)
        if weight.shape != (C,):
            expected = f"{(C,)}, one for every class"
            raise ValueError(f"{self!r}: weight has shape {weight.shape}, expected {expected}")
        share: Array = weight[labels] / C
        return share


class MultiLabelMarginLoss(_Loss):
    """Ask in each row that the score of each of its classes exceed all others by 1.

    T are the targets of a row up to its first -1, a class named twice counting twice
    term = 1 / C sum over t in T, c not in T of z_tc, z_tc = max(0, 1 - x_t + x_c)
    dx_c = g / C (number of z_tc > 0), dx_t = -g / C (number of z_tc > 0)

    A NaN among the z counts as 0, as in torch. The sum of no rows is 0 and their mean NaN, where
    torch returns what it finds in memory.

    *Shapes*: x and target (N, C) or (C,), equal; loss (), with none (N,) or (). *Dtypes*: a
    target of any integer dtype. *Raises*: ValueError for other shapes and for a target outside
    -1 to C - 1, behind the first -1 too. *Source*: torch.nn.MultiLabelMarginLoss.
    """

    @np.errstate(all="ignore")
    def forward(self, x: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x, t = self._floats("x", x), np.asarray(target)
        rows = _rows(self, x)
        if t.shape != x.shape:
            raise ValueError(f"{self!r}: target has shape {t.shape}, expected {x.shape}")
        self._check_indices(t, -1, rows.shape[1])
        self._given = x.shape
        terms = self._compare(rows, t.reshape(rows.shape))
        return self._reduce(terms.reshape(x.shape[:-1]))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> Array:
        """Return dx."""
        g = self._spread(dy) / self._given[-1]
        dx: Array = self._numbers * (g[:, np.newaxis] if g.ndim else g)
        return dx.reshape(self._given)

    def _compare(self, rows: Array, t: Array) -> Array:
        """Return the terms and keep the numbers of z above 0, negative for classes of T."""
        C = rows.shape[1]
        terms, self._numbers = np.zeros(len(rows), rows.dtype), np.zeros_like(rows)
        named = np.logical_and.accumulate(t >= 0, axis=1)
        others = rows.copy()
        n, slots = np.nonzero(named)
        others[n, t[n, slots]] = -np.inf  # whose z is 0
        for slot in range(np.count_nonzero(named.any(axis=0))):
            n = np.flatnonzero(named[:, slot])
            label = t[n, slot]
            z = others[n] + (1 - rows[n, label])[:, np.newaxis]
            np.fmax(z, 0, out=z)
            above = z > 0
            terms[n] += np.sum(z, axis=1)
            self._numbers[n] += above
            self._numbers[n, label] -= np.count_nonzero(above, axis=1)
        terms /= C
        return terms


class MarginRankingLoss(_Loss):
    """Ask that x1 exceed x2 by a margin where the target is 1, and x2 exceed x1 where it is -1.

    term = max(0, z), z = margin - t (x1 - x2); dx1 = -t [z >= 0] g, dx2 = -dx1

    So z = 0 has a gradient, and a NaN has none.

    *Shapes*: x1, x2 and target any of one rank, each may broadcast to the others; loss (), with
    none their common shape; dx1 that of x1, dx2 that of x2. *Dtypes*: x1 and x2 have the same; a
    target of any real dtype is used in it. *Raises*: ValueError for others. *Source*:
    torch.nn.MarginRankingLoss.
    """

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = float(margin)

    @np.errstate(all="ignore")
    def forward(self, input1: Array, input2: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x1 = self._floats("input1", input1)
        x2 = self._alike("input2", input2, x1)
        t = self._reals("target", target, x1)
        shape = _common(self, input1=x1, input2=x2, target=t)
        self._shapes, self._t = (x1.shape, x2.shape), t
        z = np.atleast_1d(x1 - x2) * -t
        z += self.margin
        self._short = z >= 0
        return self._reduce(np.clip(z, 0, np.inf, out=z).reshape(shape))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> tuple[Array, Array]:
        """Return dx1 and dx2."""
        dx2 = self._spread(dy) * self._short
        dx2 *= self._t
        return summed_to(-dx2, self._shapes[0]), summed_to(dx2, self._shapes[1])


class CosineEmbeddingLoss(_Loss):
    """Ask that vectors point the same way where the target is 1, and apart where it is -1.

    y = x1 . x2 / sqrt(m1 m2), m1 = x1 . x1 + 1e-12, m2 = x2 . x2 + 1e-12
    term = 1 - y where t = 1, max(0, y - margin) where t = -1, 0 for any other t
    dx1 = dy (x2 / sqrt(m1 m2) - y x1 / m1), dx2 = dy (x1 / sqrt(m1 m2) - y x2 / m2)
    dy = -g where t = 1, [y >= margin] g where t = -1

    *Shapes*: x1, x2 (N, D) and target (N,), where each axis may broadcast, or (D,) and (); loss
    (), with none (N,) or (); dx1 that of x1, dx2 that of x2. *Dtypes*: those of
    MarginRankingLoss. *Raises*: ValueError for others. *Source*: torch.nn.CosineEmbeddingLoss.
    """

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = float(margin)

    @np.errstate(all="ignore")
    def forward(self, input1: Array, input2: Array, target: ArrayLike) -> Array:
        """Return the loss."""
        x1 = self._floats("input1", input1)
        x2 = self._alike("input2", input2, x1)
        t = self._reals("target", target, x1)
        if not (x1.ndim == x2.ndim == t.ndim + 1 and t.ndim < 2):
            found = f"input1, input2 and target have shapes {x1.shape}, {x2.shape} and {t.shape}"
            raise ValueError(f"{self!r}: {found}, expected (N, D), (N, D), (N,) or (D,), (D,), ()")
        shape = _common(self, input1=x1, input2=x2, target=t[..., np.newaxis])[:-1]
        self._x, self._t = (x1, x2), t
        self._m = np.vecdot(x1, x1) + TINY, np.vecdot(x2, x2) + TINY
        self._root = np.sqrt(self._m[0] * self._m[1])
        self._y = np.vecdot(*np.broadcast_arrays(x1, x2)) / self._root
        apart = np.clip(self._y - self.margin, 0, np.inf)
        terms = np.where(t == 1, 1 - self._y, 0) + np.where(t == -1, apart, 0)
        return self._reduce(terms.reshape(shape))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> tuple[Array, Array]:
        """Return dx1 and dx2."""
        g = self._spread(dy)
        pull = np.where(self._t == 1, -g, 0) + np.where(
            self._t == -1, (self._y >= self.margin) * g, 0
        )
        (x1, x2), (m1, m2) = self._x, self._m
        across, along = pull / self._root, pull * self._y
        return _turn(x1, x2, across, along / m1), _turn(x2, x1, across, along / m2)


class _TripletMargin(_Loss):
    """Ask that anchors be nearer to their positives than to their negatives, by a margin.

    term = max(0, z), z = margin + d(a, p) - d(a, n), and with swap the smaller of d(a, n) and
    d(p, n) in the place of d(a, n); [z >= 0] g and its negative are the distances' cotangents,
    the latter that of the smaller one, or half of it each when they are equal.

    A subclass measures a distance, and gives the layer that remembers how.
    """

    _measured: list[tuple[Layer, Array]]

    def _ask(self, margin: float, swap: bool, reduction: str) -> None:
        """Keep the options that all of these have."""
        self._reduce_to(reduction)
        self.margin = float(margin)
        self.swap = swap
        if not margin > 0:
            raise ValueError(f"{self!r}: margin is {margin}, expected above 0")

    @np.errstate(all="ignore")
    def forward(self, anchor: Array, positive: Array, negative: Array) -> Array:
        """Return the loss."""
        a = self._floats("anchor", anchor)
        p, n = self._alike("positive", positive, a), self._alike("negative", negative, a)
        _common(self, anchor=a, positive=p, negative=n)
        pairs = [(a, p), (a, n), (p, n)] if self.swap else [(a, p), (a, n)]
        self._measured = [self._measure(x1, x2) for x1, x2 in pairs]
        near, far, *swapped = (distance for _, distance in self._measured)
        smaller = np.minimum(far, swapped[0]) if swapped else far
        z = self.margin + near - smaller
        self._short = z >= 0
        return self._reduce(np.clip(z, 0, np.inf))

    @np.errstate(all="ignore")
    def backward(self, dy: ArrayLike | None = 1.0) -> tuple[Array, Array, Array]:
        """Return the gradients of anchor, positive and negative."""
        g = np.asarray(self._spread(dy) * self._short)
        (near, d_ap), (far, d_an), *swapped = self._measured
        da, dp = near.backward(summed_to(g, d_ap.shape))
        if not swapped:
            da2, dn = far.backward(summed_to(-g, d_an.shape))
            return np.asarray(da + da2), dp, dn
        ((other, d_pn),) = swapped
        tie = 0.5 * (d_an == d_pn)
        da2, dn = far.backward(summed_to(-g * ((d_an < d_pn) + tie).astype(g.dtype), d_an.shape))
        dp2, dn2 = other.backward(summed_to(-g * ((d_pn < d_an) + tie).astype(g.dtype), d_pn.shape))
        return np.asarray(da + da2), np.asarray(dp + dp2), np.asarray(dn + dn2)

    def _measure(self, x1: Array, x2: Array) -> tuple[Layer, Array]:
        """Return a layer after its forward of x1 and x2, and the distance."""
        raise NotImplementedError


class TripletMarginLoss(_TripletMargin):
    """Ask that anchors be nearer to their positives than to their negatives, by a margin.

    term = max(0, z), z = margin + d(a, p) - d(a, n); d is PairwiseDistance(p, eps)
    da = u(a, p) - u(a, n), dp = -u(a, p), dn = u(a, n); u = [z >= 0] g times the gradient of d

    swap takes the smaller of d(a, n) and d(p, n) for d(a, n), which then has the gradient; when
    they are equal, half of it each. z = 0 has a gradient, and a NaN has none.

    *Shapes*: anchor, positive, negative (..., D) of one rank, each may broadcast to the others;
    loss (), with none (...); the gradients as the arguments. *Dtypes*: the three have the same.
    *Raises*: ValueError for others, and for a margin that is not above 0. *Source*:
    torch.nn.TripletMarginLoss; Balntas et al., 2016, for the swap.
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self._ask(margin, swap, reduction)
        self.p = p
        self.eps = eps
        PairwiseDistance(p, eps)  # refuses what it does not take

    def _measure(self, x1: Array, x2: Array) -> tuple[Layer, Array]:
        distance = PairwiseDistance(self.p, self.eps)
        return distance, distance.forward(x1, x2)


class TripletMarginWithDistanceLoss(_TripletMargin, Composite):
    """TripletMarginLoss with any layer as the distance d, PairwiseDistance() unless given.

    term = max(0, z), z = margin + d(a, p) - d(a, n); swap as in TripletMarginLoss

    The layer takes two arrays in forward and returns two gradients in backward. It is run two or
    three times, each time as a copy that shares its parameters and draws and hands its buffers
    on; so each run remembers its own arguments, and the layer itself is as before but for its
    buffers. `grads` are the sums over the runs, under `distance_function.` and the layer's names.

    *Shapes*, *Dtypes*: those of TripletMarginLoss, as far as the layer takes them. *Raises*:
    ValueError for others, for a margin that is not above 0 and for what is no Layer. *Source*:
    torch.nn.TripletMarginWithDistanceLoss.
    """

    def __init__(
        self,
        *,
        distance_function: Layer | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        self.distance_function = distance_function
        given = PairwiseDistance() if distance_function is None else distance_function
        if not isinstance(given, Layer):
            raise ValueError(f"{self!r}: distance_function is no Layer, with forward and backward")
        Composite.__init__(self, {"distance_function": given})
        self._ask(margin, swap, reduction)
        self._total: dict[str, Array] = {}

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients of the distance's parameters that the last backward left."""
        return self._total

    def backward(self, dy: ArrayLike | None = 1.0) -> tuple[Array, Array, Array]:
        """Return the gradients of anchor, positive and negative; sum those of parameters."""
        gradients = super().backward(dy)
        for name in self.children["distance_function"].params:
            runs = [layer.grads[name] for layer, _ in self._measured]
            self._total[f"distance_function.{name}"] = sum(runs[1:], runs[0])
        return gradients

    def _measure(self, x1: Array, x2: Array) -> tuple[Layer, Array]:
        own = self.children["distance_function"]
        arrays = own.params | own.buffers
        shared = {id(kept): kept for kept in (own.draws, *arrays.values())}
        run = copy.deepcopy(own, shared)
        distance = run.forward(x1, x2)
        own._replace(run.params | run.buffers)
        return run, distance


def _rows(layer: Layer, x: Array) -> Array:
    """Return scores (N, C) or (C,) as rows; torch takes a number as a row of one, too."""
    if x.ndim > 2 or x.shape[-1:] == (0,):
        raise ValueError(f"{layer!r}: x has shape {x.shape}, expected (N, C) or (C,)")
    return x if x.ndim == 2 else x.reshape(1, -1)


def _common(layer: Layer, **arrays: Array) -> tuple[int, ...]:
    """Return the shape to which arrays of one rank broadcast."""
    shapes = [array.shape for array in arrays.values()]
    common = broadcast(*shapes)
    if common is None or len({len(shape) for shape in shapes}) > 1:
        found = f"{', '.join(arrays)} have shapes {', '.join(map(str, shapes))}"
        raise ValueError(f"{layer!r}: {found}, expected one rank and shapes that broadcast")
    return common


def _turn(x: Array, other: Array, across: Array, along: Array) -> Array:
    """Return across other - along x, each summed over the axes along which x was repeated."""
    pull = across[..., np.newaxis] * other
    dx = summed_to(np.broadcast_to(pull, np.broadcast_shapes(pull.shape, x.shape)), x.shape)
    dx = dx - summed_to(along[..., np.newaxis] * x, x.shape)
    return dx
