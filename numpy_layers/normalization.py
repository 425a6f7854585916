"""Layers that scale what enters them by statistics of it: by batch, by channel or by slice."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from numpy_layers.formulas import wide
from numpy_layers.layer import Array, Layer, is_whole


class _ChannelNorm(Layer):
    """Scale channels by a mean and a variance, then weigh them.

    xhat = (x - mean) rstd with rstd = 1 / sqrt(var + eps); y = xhat w + b
    dx = w rstd dy by given statistics; by those of x itself, with g = dy w,
    dx = rstd (g - mean g - xhat mean(g xhat)); dw = sum of dy xhat, db = sum of dy

    x is laid out as (N, G, D, L): G groups of D channels of L places. The means are over L and
    the axes in `_pooled`, so that every pass is one of rows of L elements, each row with numbers
    of its own. `_shifted` is x less its mean as rounded, and `_left` is what rounding left of
    the mean in it, which y would show where the mean is large.
    """

    _pooled: tuple[int, ...]

    def __init__(self, channels: int, eps: float, affine: bool, bias: bool) -> None:
        super().__init__()
        self.eps = eps
        self.affine = affine
        self.bias = bias
        if not is_whole(channels, 0):
            raise ValueError(f"{self!r}: {channels!r} channels, expected a whole number")
        if affine:
            self.params["weight"] = np.ones(channels, np.float32)
        if affine and bias:
            self.params["bias"] = np.zeros(channels, np.float32)

    def _normalize(self, x: Array, rows: Array, running: tuple[Array, Array] | None) -> Array:
        """Return y for x, laid out as rows, by its own statistics or by running ones."""
        dtype, channels = rows.dtype, (1, *rows.shape[1:3], 1)
        self._by_batch = running is None
        self._count = math.prod(rows.shape[axis] for axis in (*self._pooled, 3))
        with _row_passes(rows):
            if running is None:
                mean = self._average(self._sums(rows)).astype(dtype)
                shifted = rows - mean
                left = self._average(self._sums(shifted))
                y = np.square(shifted)
                var = np.maximum(self._average(self._sums(y)) - left * left, 0)
            else:
                exact, var = (value.reshape(channels) for value in running)
                mean = exact.astype(dtype)
                shifted = rows - mean
                left = exact - mean
                y = np.empty_like(shifted)
            self._mean, self._var = np.where(np.isfinite(mean), mean + left, mean), var
            self._shifted, self._left = shifted, left.astype(dtype)
            self._rstd = self._inverse_root(var).astype(dtype)
            self._weight = np.ones(channels, dtype)
            if "weight" in self.params:
                self._weight = self._param("weight", dtype).reshape(channels)
            scale = self._weight * self._rstd
            shift = -self._left * scale  # xhat being (shifted - left) rstd, here as in backward
            if "bias" in self.params:
                shift = shift + self._param("bias", dtype).reshape(channels)
            y = np.multiply(shifted, scale, out=y)
            y += shift
        self._y = _narrow(y, x)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of what parameters there are."""
        y = self._kept("_y")
        shifted, left, rstd, w = self._shifted, self._left, self._rstd, self._weight
        dy = wide(self._cotangent(dy, y)).reshape(shifted.shape)
        with _row_passes(dy):
            product = dy * shifted
            along_ones = self._sums(dy)
            along_xhat = (self._sums(product) - left * along_ones) * rstd
            for name, sums in (("weight", along_xhat), ("bias", along_ones)):
                if name in self.params:
                    gradient = np.sum(sums, axis=0, dtype=np.float64).reshape(-1)
                    self.grads[name] = gradient.astype(y.dtype)
            dx = dy * (w * rstd)
            if self._by_batch:
                slope = self._average(w * along_xhat) * rstd * rstd
                offset = self._average(w * along_ones) * rstd - slope * left
                dx -= np.multiply(shifted, slope.astype(dx.dtype), out=product)
                dx -= offset.astype(dx.dtype)
        return _narrow(dx, y)

    def _sums(self, rows: Array) -> Array:
        """Sum the rows, (N, G, D, 1), and over N where this is pooled, (1, G, D, 1)."""
        sums = _row_sums(rows)
        if 0 in self._pooled:
            sums = np.add.reduce(sums, axis=0, keepdims=True, dtype=np.float64)
        return sums

    def _average(self, sums: Array) -> Array:
        """Return, in float64, the mean over all that shares statistics."""
        total = np.sum(sums, axis=self._pooled, keepdims=True, dtype=np.float64)
        average: Array = total / max(self._count, 1)
        return average

    def _inverse_root(self, var: Array) -> Array:
        """Return rstd."""
        rstd: Array = 1 / np.sqrt(var + self.eps)
        return rstd


class _RunningNorm(_ChannelNorm):
    """Normalise each channel by statistics of the input or, in evaluation, by running ones."""

    _ranks: tuple[int, ...]

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
    ) -> None:
        self.num_features = num_features
        self.momentum = momentum
        self.track_running_stats = track_running_stats
        super().__init__(num_features, eps, affine, bias)
        if track_running_stats:
            self.buffers["running_mean"] = np.zeros(num_features, np.float32)
            self.buffers["running_var"] = np.ones(num_features, np.float32)
            self.buffers["num_batches_tracked"] = np.array(0, np.int64)

    def forward(self, x: Array) -> Array:
        """Return y; in training, move the running statistics too, if there are any."""
        x = self._floats("x", x)
        if x.ndim not in self._ranks:
            expected = " or ".join(str(rank) for rank in self._ranks)
            raise ValueError(
                f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected rank {expected}"
            )
        axis = self._channel_axis(x)
        N, C, L = math.prod(x.shape[:axis]), x.shape[axis], math.prod(x.shape[axis + 1 :])
        if self.num_features != C:
            found = f"x has {C} channels, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {self.num_features}")
        rows = wide(x).reshape(N, C, 1, L)
        if self.track_running_stats and not self.training:
            running = self.buffers["running_mean"], self.buffers["running_var"]
            return self._normalize(x, rows, running)
        self._check_values(x, math.prod(rows.shape[axis] for axis in (*self._pooled, 3)))
        y = self._normalize(x, rows, None)
        if self.track_running_stats:
            self._track()
        return y

    def _channel_axis(self, x: Array) -> int:
        """Return which axis of x has the channels."""
        return 1

    def _check_values(self, x: Array, count: int) -> None:
        """Refuse statistics of a single value."""
        if count == 1:
            found = f"x has one value a mean, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected more than one")

    def _momentum(self) -> float:
        """Return the weight of the newest statistics among the running ones."""
        return 0.0 if self.momentum is None else self.momentum

    def _track(self) -> None:
        """Move the running statistics towards the last input's, the variance being unbiased."""
        if self._y.size == 0:
            return
        weight = self._momentum()
        unbiased = self._var * (self._count / (self._count - 1))
        for name, newest in (("running_mean", self._mean), ("running_var", unbiased)):
            old = self.buffers[name]
            with np.errstate(all="ignore"):
                new = (1 - weight) * old + weight * np.mean(newest, axis=0).reshape(-1)
                self.buffers[name] = new.astype(old.dtype)


class _BatchNorm(_RunningNorm):
    """Take the statistics over the batch and the places, and count the batches."""

    _pooled = (0,)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias)
        if eps < 0:
            raise ValueError(f"{self!r}: eps is {eps}, expected 0 or more")

    def _check_values(self, x: Array, count: int) -> None:
        """Refuse statistics of a single value, and an eps that could divide by 0."""
        super()._check_values(x, count)
        if self.eps == 0:
            raise ValueError(f"{self!r}: eps is {self.eps}, expected more in training")

    def _momentum(self) -> float:
        """Return the weight of the newest statistics; without momentum, 1 / how many there are."""
        if self.momentum is None:
            return 1 / float(self.buffers["num_batches_tracked"])
        return self.momentum

    def _track(self) -> None:
        """Count the batch, then move the running statistics towards its own."""
        seen = self.buffers["num_batches_tracked"]
        self.buffers["num_batches_tracked"] = np.asarray(seen + 1)
        super()._track()


class BatchNorm1d(_BatchNorm):
    """Scale each channel to mean 0 and variance 1 over the batch, then weigh it.

    xhat = (x - mean) / sqrt(var + eps); y = xhat w + b
    dx = w / sqrt(var + eps) (dy - mean dy - xhat mean(dy xhat))
    dw = sum of dy xhat, db = sum of dy, over all but the channels

    In training, and always without `track_running_stats`, mean and var are those of x, var the
    biased one. In training the running ones become (1 - momentum) times what they were plus
    momentum times those of x, var with n - 1 in place of n; with `momentum=None` they are plain
    means over all batches so far. In evaluation they are mean and var, constants, so that dx is
    w / sqrt(var + eps) dy.

    *Shapes*: x, y, dy, dx (N, C) or (N, C, L); w, b, running_mean, running_var (C,).
    *Dtypes*: float16 is computed in float32. *Raises*: ValueError in training for one value a
    channel. *Source*: torch.nn.BatchNorm1d; Ioffe, Szegedy, "Batch Normalization" (2015).
    """

    _ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Scale each channel of a batch of images to mean 0 and variance 1, then weigh it.

    As BatchNorm1d, the means being over N, H, W.

    *Shapes*: x, y, dy, dx (N, C, H, W); w, b, running_mean, running_var (C,). *Raises*:
    ValueError in training for one value a channel. *Source*: torch.nn.BatchNorm2d.
    """

    _ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Scale each channel of a batch of volumes to mean 0 and variance 1, then weigh it.

    As BatchNorm1d, the means being over N, D, H, W.

    *Shapes*: x, y, dy, dx (N, C, D, H, W); w, b, running_mean, running_var (C,). *Raises*:
    ValueError in training for one value a channel. *Source*: torch.nn.BatchNorm3d.
    """

    _ranks = (5,)


class _InstanceNorm(_RunningNorm):
    """Take the statistics over the places alone, for each sample its own."""

    _pooled = ()

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias)

    def _channel_axis(self, x: Array) -> int:
        """Return which axis of x has the channels: the first when there is no batch."""
        return 0 if x.ndim == self._ranks[0] else 1

    def _inverse_root(self, var: Array) -> Array:
        """Return rstd, for a constant channel without eps 0, as torch."""
        rstd = super()._inverse_root(var)
        return np.where(var + self.eps == 0, 0, rstd) if self._by_batch else rstd


class InstanceNorm1d(_InstanceNorm):
    """Scale each channel of each sample to mean 0 and variance 1, then weigh it.

    xhat = (x - mean) / sqrt(var + eps); y = xhat w + b
    dx = w / sqrt(var + eps) (dy - mean dy - xhat mean(dy xhat))
    dw = sum of dy xhat, db = sum of dy, over all but the channels

    There are w and b only with `affine`. With `track_running_stats` the mean over the batch of
    mean and of var, with n - 1 in place of n, is tracked as in BatchNorm1d, and used in
    evaluation, where dx is w / sqrt(var + eps) dy; but as in torch no batches are counted, and
    `momentum=None` tracks nothing.

    *Shapes*: x, y, dy, dx (C, L) or (N, C, L); w, b, running_mean, running_var (C,). *Dtypes*:
    float16 is computed in float32. *Raises*: ValueError for one place, unless the statistics
    are the running ones, and for channels other than num_features, where torch may only warn.
    *Source*: torch.nn.InstanceNorm1d; Ulyanov, Vedaldi, Lempitsky, "Instance Normalization"
    (2016).
    """

    _ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Scale each channel of each image to mean 0 and variance 1, then weigh it.

    As InstanceNorm1d, the means being over H, W.

    *Shapes*: x, y, dy, dx (C, H, W) or (N, C, H, W); w, b, running_mean, running_var (C,).
    *Raises*: as InstanceNorm1d. *Source*: torch.nn.InstanceNorm2d.
    """

    _ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Scale each channel of each volume to mean 0 and variance 1, then weigh it.

    As InstanceNorm1d, the means being over D, H, W.

    *Shapes*: x, y, dy, dx (C, D, H, W) or (N, C, D, H, W); w, b, running_mean, running_var (C,).
    *Raises*: as InstanceNorm1d. *Source*: torch.nn.InstanceNorm3d.
    """

    _ranks = (4, 5)


class GroupNorm(_ChannelNorm):
    """Scale each group of channels of each sample to mean 0 and variance 1, then weigh channels.

    xhat = (x - mean) / sqrt(var + eps); y = xhat w + b
    dx = (g - mean g - xhat mean(g xhat)) / sqrt(var + eps) with g = dy w
    dw = sum of dy xhat, db = sum of dy, over all but the channels

    The means are over the C / num_groups channels of a group and their places, var biased.

    *Shapes*: x, y, dy, dx (N, C, ...); w, b (C,). *Dtypes*: float16 is computed in float32.
    *Raises*: ValueError for num_groups that do not divide num_channels and for an x of one
    value. *Source*: torch.nn.GroupNorm; Wu, He, "Group Normalization" (2018).
    """

    _pooled = (2,)

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        self.num_groups = num_groups
        self.num_channels = num_channels
        super().__init__(num_channels, eps, affine, bias)
        if not is_whole(num_groups, 1) or num_channels % num_groups:
            found = f"{num_groups!r} groups for {num_channels} channels"
            raise ValueError(f"{self!r}: {found}, expected a number that divides them")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.ndim < 2:
            raise ValueError(f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected 2 or more")
        N, C, L = *x.shape[:2], math.prod(x.shape[2:])
        if self.num_channels != C:
            found = f"x has {C} channels, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {self.num_channels}")
        rows = wide(x).reshape(N, self.num_groups, C // self.num_groups, L)
        if N * rows.shape[2] * L == 1:
            found = f"x has one value a channel, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected more than one")
        return self._normalize(x, rows, None)


class _RowNorm(Layer):
    """Scale every slice over the last axes, laid out as a row, to a mean square of 1."""

    _centred: bool

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None,
        elementwise_affine: bool,
        bias: bool,
    ) -> None:
        super().__init__()
        self.normalized_shape = normalized_shape
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.bias = bias
        sizes = normalized_shape if np.iterable(normalized_shape) else (normalized_shape,)
        self._slice = tuple(sizes)
        if not self._slice or not all(is_whole(size, 0) for size in self._slice):
            found = f"normalized_shape is {normalized_shape!r}"
            raise ValueError(f"{self!r}: {found}, expected a size or sizes")
        if elementwise_affine:
            self.params["weight"] = np.ones(self._slice, np.float32)
        if elementwise_affine and bias:
            self.params["bias"] = np.zeros(self._slice, np.float32)

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.shape[-len(self._slice) :] != self._slice:
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {self._slice} at its end")
        rows = self._rows(x)
        eps = rows.dtype.type(np.finfo(rows.dtype).eps if self.eps is None else self.eps)
        with _row_passes(rows):
            self._shifted = _about_mean(rows) if self._centred else rows
            power = np.linalg.vecdot(self._shifted, self._shifted) / max(rows.shape[1], 1)
            self._rstd = 1 / np.sqrt(power[:, np.newaxis] + eps)  # (M, 1)
            self._weight = np.ones(rows.shape[1], rows.dtype)
            if "weight" in self.params:
                self._weight = self._param("weight", rows.dtype).reshape(-1)
            y = self._rstd * self._weight  # (M, K)
            y *= self._shifted
            if "bias" in self.params:
                y += self._param("bias", rows.dtype).reshape(-1)
        self._y = _narrow(y, x)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of what parameters there are."""
        y = self._kept("_y")
        dy = self._rows(self._cotangent(dy, y))
        M, K = dy.shape
        with _row_passes(dy):
            product = dy * self._shifted
            rstd = self._rstd
            along_xhat = (product @ self._weight)[:, np.newaxis] / max(K, 1) * rstd
            along_ones = (dy @ self._weight)[:, np.newaxis] / max(K, 1)
            if "weight" in self.params:
                self._grade("weight", rstd[:, 0] @ product, y)
            if "bias" in self.params:
                self._grade("bias", np.ones(M, dy.dtype) @ dy, y)
            dx = rstd * self._weight
            dx *= dy
            dx -= np.multiply(self._shifted, along_xhat * rstd * rstd, out=product)
            if self._centred:
                dx -= along_ones * rstd
        return _narrow(dx, y)

    def _grade(self, name: str, gradient: Array, y: Array) -> None:
        """Keep the gradient of a parameter, in the dtype of y."""
        self.grads[name] = gradient.reshape(self._slice).astype(y.dtype, copy=False)

    def _rows(self, x: Array) -> Array:
        """Lay the slices of x out as rows, (M, K)."""
        leading = x.shape[: x.ndim - len(self._slice)]
        return wide(x).reshape(math.prod(leading), math.prod(self._slice))


class LayerNorm(_RowNorm):
    """Scale every slice over the last axes to mean 0 and variance 1, then weigh its elements.

    xhat = (x - mean x) / sqrt(var x + eps); y = xhat w + b
    dx = (g - mean g - xhat mean(g xhat)) / sqrt(var x + eps) with g = dy w
    dw = sum over the slices of dy xhat, db = sum of dy

    The means are over one slice of `normalized_shape`, the variance is the biased one. There
    are w and b only with `elementwise_affine`, b only with `bias`.

    *Shapes*: x, y, dy, dx (..., *normalized_shape); w, b normalized_shape. *Dtypes*: float16 is
    computed in float32. *Raises*: ValueError for an x that does not end in normalized_shape.
    *Source*: torch.nn.LayerNorm; Ba, Kiros, Hinton, "Layer Normalization" (2016).
    """

    _centred = True

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine, bias)


class RMSNorm(_RowNorm):
    """Scale every slice over the last axes to a mean square of 1, then weigh its elements.

    xhat = x / sqrt(mean x^2 + eps); y = xhat w
    dx = (g - xhat mean(g xhat)) / sqrt(mean x^2 + eps) with g = dy w
    dw = sum over the slices of dy xhat

    The means are over one slice of `normalized_shape`. `eps=None` is the spacing of numbers at 1,
    and so another one in float32 than in float64. There is a w only with `elementwise_affine`.

    *Shapes*: x, y, dy, dx (..., *normalized_shape); w normalized_shape. *Dtypes*: float16 is
    computed in float32. *Raises*: ValueError for an x that does not end in normalized_shape.
    *Source*: torch.nn.RMSNorm; Zhang, Sennrich, "Root Mean Square Layer Normalization" (2019).
    """

    _centred = False

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine, bias=False)


class LocalResponseNorm(Layer):
    """Divide every element by a power of its neighbours' mean square across channels.

    u_c = k + alpha / size sum_j x_j^2, j from c - floor(size / 2) to c + ceil(size / 2) - 1
    y = x u^-beta; dx_c = u_c^-beta dy_c - 2 alpha beta / size x_c sum_i dy_i y_i / u_i,
    i over the channels whose sum has x_c in it

    Channels outside the input count as 0, and are counted.

    *Shapes*: x, y, dy, dx (N, C, ...) of rank 3 or more. *Raises*: ValueError for a size below
    1. *Source*: torch.nn.LocalResponseNorm; Krizhevsky, Sutskever, Hinton, "ImageNet
    Classification with Deep Convolutional Neural Networks" (2012).
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k
        if not is_whole(size, 1):
            raise ValueError(f"{self!r}: size is {size!r}, expected a whole number from 1")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.ndim < 3:
            raise ValueError(f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected 3 or more")
        self._x = wide(x)
        before, after = self.size // 2, (self.size - 1) // 2
        with _row_passes(self._x):
            self._u = _window_sums(np.square(self._x), before, after)
            self._u *= self.alpha / self.size
            self._u += self.k
            self._power = self._u**-self.beta
            self._y = _narrow(self._x * self._power, x)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        y = self._kept("_y")
        dy = wide(self._cotangent(dy, y))
        before, after = (self.size - 1) // 2, self.size // 2  # whose sums have x_c in them
        with _row_passes(self._x):
            along = dy * self._x
            along *= self._power
            along /= self._u
            shared = _window_sums(along, before, after)
            shared *= self._x
            shared *= 2 * self.alpha * self.beta / self.size
            dx = dy * self._power
            dx -= shared
        return _narrow(dx, y)


def _narrow(result: Array, like: Array) -> Array:
    """Return a result in the shape and dtype of what it belongs to."""
    return result.reshape(like.shape).astype(like.dtype, copy=False)


def _row_sums(rows: Array) -> Array:
    """Sum the last axis and keep it, by BLAS unless there is nothing to add."""
    L = rows.shape[-1]
    if L == 1:
        return rows
    sums: Array = rows.reshape(math.prod(rows.shape[:-1]), L) @ np.ones(L, rows.dtype)
    sums = sums.reshape(*rows.shape[:-1], 1)
    return sums


def _about_mean(rows: Array) -> Array:
    """Return every row less its mean."""
    K = rows.shape[1]
    weights = np.full(K, 1 / max(K, 1), rows.dtype)
    shifted: Array = rows - (rows @ weights)[:, np.newaxis]
    shifted -= (shifted @ weights)[:, np.newaxis]  # what rounding left of the mean
    return shifted


def _window_sums(x: Array, before: int, after: int) -> Array:
    """Add to every channel those up to `before` before it and `after` after it."""
    C = x.shape[1]
    sums = x.copy()
    for step in range(1, min(after, C - 1) + 1):
        sums[:, : C - step] += x[:, step:]
    for step in range(1, min(before, C - 1) + 1):
        sums[:, step:] += x[:, : C - step]
    return sums


@contextmanager
def _row_passes(rows: Array) -> Iterator[None]:
    """Let NaN and infinities pass in silence, and long rows without a copy.

    NumPy gathers operands of a broadcast pass in a buffer of 8192 elements as long as a row is
    shorter; with a smaller one it reads rows where they lie, in about half the time if they
    have 1024 elements. Rows below 256 are better gathered.
    """
    with np.errstate(all="ignore"):
        if np.squeeze(rows).shape[-1:] >= (256,):
            np.setbufsize(256)  # until the errstate ends, by NumPy's documentation
        yield
