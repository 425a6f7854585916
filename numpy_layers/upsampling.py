"""Layers that resize images: by interpolation, or by moving channels to places and back."""

from typing import Any, TypeAlias

import numpy as np

from numpy_layers.formulas import wide
from numpy_layers.layer import Array, Layer, is_whole

# An interpolation along one axis as a sparse matrix: outputs, inputs and weights of its entries.
_Matrix: TypeAlias = tuple[Array, Array, Array]

_RANKS = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "area": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "trilinear": (5,),
}


class Upsample(Layer):
    """Resize the places of x by weights that depend on the sizes alone, axis by axis.

    y_i = sum_j W_ij x_j along each axis; dx_j = sum_i W_ij dy_i

    An axis of n places becomes one of m = `size`, or of m = floor(n `scale_factor`). Output i
    lies at s (i + 1/2) - 1/2 among the inputs, where s is n / m, or 1 / `scale_factor` if that
    is given without `recompute_scale_factor`; with `align_corners` at i (n - 1) / (m - 1).
    Modes `linear`, `bilinear` and `trilinear` weigh the two neighbours by nearness, `bicubic`
    the four neighbours by Keys' cubic with a = -3/4, where those outside are the edge's; the
    mode `nearest-exact` takes the nearest, `nearest` the one at floor(s i), `area` the mean of
    those from floor(n i / m) to ceil(n (i + 1) / m) - 1.

    Where a scale_factor that is no whole number makes m = n or m = 2 n, torch's backward may not
    be its forward's, in the modes `nearest` and `bicubic`; here it is.

    *Shapes*: x, dx (N, C, L), (N, C, H, W) or (N, C, D, H, W), whichever the mode takes; y, dy
    the same with other sizes. *Dtypes*: float16 is computed in float32. *Raises*: ValueError
    for options that do not go together, an x not of the mode's rank, and a y without places.
    *Source*: torch.nn.Upsample; Keys, "Cubic Convolution Interpolation for Digital Image
    Processing" (1981).
    """

    def __init__(
        self,
        size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor
        if mode not in _RANKS:
            raise ValueError(f"{self!r}: mode is {mode!r}, expected one of {', '.join(_RANKS)}")
        if (size is None) == (scale_factor is None):
            found = "neither size nor" if size is None else "both size and"
            raise ValueError(f"{self!r}: {found} scale_factor given, expected one of them")
        if not all(is_whole(m, 1) for m in _several(size)):
            raise ValueError(f"{self!r}: size is {size!r}, expected whole numbers from 1")
        if not all(
            isinstance(f, int | float | np.floating) and 0 < float(f) < np.inf
            for f in _several(scale_factor)
        ):
            raise ValueError(f"{self!r}: scale_factor is {scale_factor!r}, expected more than 0")
        if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
            raise ValueError(f"{self!r}: align_corners given, expected none in mode {mode!r}")
        if recompute_scale_factor and size is not None:
            raise ValueError(f"{self!r}: recompute_scale_factor given, expected none with size")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.ndim not in _RANKS[self.mode]:
            expected = " or ".join(str(rank) for rank in _RANKS[self.mode])
            found = f"x has rank {x.ndim}, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected rank {expected}")
        y = wide(x)
        resizings = self._resizings(x)
        self._x_shape = x.shape
        self._matrices = [self._matrix(n, m, factor, y) for n, m, factor in resizings]
        for axis in reversed(range(2, x.ndim)):  # the last axis first, while the others are short
            rows, columns, weights = self._matrices[axis - 2]
            y = _combine(y, axis, rows[-1] + 1, rows, columns, weights)
        self._y: Array = y.astype(x.dtype, copy=False)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx, by the same weights with outputs and inputs exchanged."""
        y = self._kept("_y")
        dx = wide(self._cotangent(dy, y))
        for axis in range(2, y.ndim):
            rows, columns, weights = self._matrices[axis - 2]
            dx = _combine(dx, axis, self._x_shape[axis], columns, rows, weights)
        dx = dx.astype(y.dtype, copy=False)
        return dx

    def _resizings(self, x: Array) -> list[tuple[int, int, float | None]]:
        """Return for each axis of places its size, the new one and, where it counts, the factor."""
        places = x.shape[2:]
        name = "scale_factor" if self.size is None else "size"
        option = getattr(self, name)
        given = _several(option) * (len(places) if np.ndim(option) == 0 else 1)
        if len(given) != len(places):
            found = f"{name} has {len(given)} numbers, x has shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {len(places)}")
        sizes = given if self.size else [int(n * f) for n, f in zip(places, given, strict=True)]
        if not all(x.shape[1:]) or not all(sizes):
            found = f"x has shape {x.shape}, y would have {tuple(sizes)} places"
            raise ValueError(f"{self!r}: {found}, expected none to be 0")
        exact = self.size is not None or self.recompute_scale_factor
        factors = [None] * len(places) if exact else given
        return list(zip(places, sizes, factors, strict=True))

    def _matrix(self, n: int, m: int, factor: float | None, x: Array) -> _Matrix:
        """Return the entries of W for an axis that from n places is to have m."""
        if self.mode == "area":
            return _area(n, m)
        if self.mode in ("nearest", "nearest-exact"):
            # for images torch has float32 indices whatever the dtype, and these two shortcuts
            dtype = np.dtype(np.float32) if x.ndim == 4 else x.dtype
            if self.mode == "nearest" and x.ndim == 4 and m in (n, 2 * n):
                factor = None
            return _nearest(n, m, _step(n, m, factor, dtype), exact=self.mode != "nearest")
        if m == n and self.mode != "bicubic":
            factor = None  # as torch, which copies x here
        i = np.arange(m, dtype=x.dtype)
        if self.align_corners:
            position = i * _step(n - 1, max(m - 1, 1), None, x.dtype)
        else:
            position = _fused(i + x.dtype.type(0.5), _step(n, m, factor, x.dtype), -0.5)
        return _cubic(position, n) if self.mode == "bicubic" else _linear(position, n)


class UpsamplingNearest2d(Upsample):
    """Resize images by taking for each pixel the one at floor(s i) along each axis.

    Upsample(mode="nearest"), whose page has the formulas.

    *Shapes*: x, dx (N, C, H, W); y, dy the same with other sizes. *Source*:
    torch.nn.UpsamplingNearest2d.
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None,
    ) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Resize images by weighing the two neighbours along each axis, corners on corners.

    Upsample(mode="bilinear", align_corners=True), whose page has the formulas.

    *Shapes*: x, dx (N, C, H, W); y, dy the same with other sizes. *Source*:
    torch.nn.UpsamplingBilinear2d.
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None,
    ) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Layer):
    """Spread groups of r r channels over squares of r by r pixels.

    y[..., c, r h + i, r w + j] = x[..., (c r + i) r + j, h, w], r = upscale_factor; dx is dy
    moved back

    *Shapes*: x, dx (..., C r^2, H, W); y, dy (..., C, H r, W r); any number of leading axes.
    *Raises*: ValueError for channels that r^2 does not divide. *Source*: torch.nn.PixelShuffle;
    Shi et al., "Real-Time Single Image and Video Super-Resolution" (2016).
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor
        if not is_whole(upscale_factor, 1):
            found = f"upscale_factor is {upscale_factor!r}"
            raise ValueError(f"{self!r}: {found}, expected a whole number from 1")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.ndim < 3:
            raise ValueError(f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected 3 or more")
        r = self.upscale_factor
        if x.shape[-3] % r**2:
            found = f"x has {x.shape[-3]} channels, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected a multiple of {r**2}")
        self._y = _channels_to_places(x, r)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        return _places_to_channels(self._cotangent(dy, self._kept("_y")), self.upscale_factor)


class PixelUnshuffle(Layer):
    """Gather squares of r by r pixels into groups of r r channels.

    y[..., (c r + i) r + j, h, w] = x[..., c, r h + i, r w + j], r = downscale_factor; dx is dy
    moved back

    *Shapes*: x, dx (..., C, H r, W r); y, dy (..., C r^2, H, W); any number of leading axes.
    *Raises*: ValueError for sizes that r does not divide. *Source*: torch.nn.PixelUnshuffle.
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor
        if not is_whole(downscale_factor, 1):
            found = f"downscale_factor is {downscale_factor!r}"
            raise ValueError(f"{self!r}: {found}, expected a whole number from 1")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.ndim < 3:
            raise ValueError(f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected 3 or more")
        r = self.downscale_factor
        if x.shape[-2] % r or x.shape[-1] % r:
            found = f"x has {x.shape[-2:]} places, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected multiples of {r}")
        self._y = _places_to_channels(x, r)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        return _channels_to_places(self._cotangent(dy, self._kept("_y")), self.downscale_factor)


class ChannelShuffle(Layer):
    """Deal the channels of each group out in turn.

    y[:, k groups + g] = x[:, g K + k], K being the C / groups channels of a group; dx is dy
    moved back

    *Shapes*: x, y, dy, dx (N, C, ...) of rank 3 or more. *Raises*: ValueError for channels
    that `groups` does not divide. *Source*: torch.nn.ChannelShuffle; Zhang et al.,
    "ShuffleNet" (2017).
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups
        if not is_whole(groups, 1):
            raise ValueError(f"{self!r}: groups is {groups!r}, expected a whole number from 1")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if x.ndim < 3:
            raise ValueError(f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected 3 or more")
        if x.shape[1] % self.groups:
            found = f"x has {x.shape[1]} channels, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected a multiple of {self.groups}")
        self._y = self._deal(x, self.groups)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        y = self._kept("_y")
        return self._deal(self._cotangent(dy, y), y.shape[1] // self.groups)

    def _deal(self, x: Array, groups: int) -> Array:
        """Return x with the channels of so many groups dealt out."""
        N, C, *places = x.shape
        grouped = x.reshape(N, groups, C // max(groups, 1), *places)
        return np.swapaxes(grouped, 1, 2).reshape(x.shape)


def _channels_to_places(x: Array, r: int) -> Array:
    """Move every r r channels to squares of r by r pixels."""
    *leading, channels, H, W = x.shape
    grouped = x.reshape(*leading, channels // r**2, r, r, H, W)
    y = np.empty((*leading, channels // r**2, H * r, W * r), x.dtype)
    for i, j in np.ndindex(r, r):
        y[..., i::r, j::r] = grouped[..., i, j, :, :]
    return y


def _places_to_channels(x: Array, r: int) -> Array:
    """Move squares of r by r pixels to r r channels each."""
    *leading, channels, H, W = x.shape
    y = np.empty((*leading, channels, r, r, H // r, W // r), x.dtype)
    for i, j in np.ndindex(r, r):
        y[..., i, j, :, :] = x[..., i::r, j::r]
    return y.reshape(*leading, channels * r**2, H // r, W // r)


def _combine(x: Array, axis: int, m: int, rows: Array, columns: Array, weights: Array) -> Array:
    """Multiply x along an axis by the sparse matrix of m rows that has these entries.

    The k-th entries of all rows are added together, for each k: there are few. An entry counts
    even if its weight is 0, so that NaN and infinities spread as in torch, and no other does.
    """
    order = np.argsort(rows, kind="stable")
    rows, columns, weights = rows[order], columns[order], weights[order].astype(x.dtype)
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)  # of an entry in its row
    weights = weights.reshape(-1, *[1] * (x.ndim - axis - 1))
    y = np.zeros((*x.shape[:axis], m, *x.shape[axis + 1 :]), x.dtype)
    spare = np.empty_like(y)  # the same for all k: fresh memory costs more than the sums
    with np.errstate(all="ignore"):
        for k in range(rank.max() + 1):
            entries = rank == k
            some, full = rows[entries], np.count_nonzero(entries) == m
            out = None if not full else y if k == 0 else spare
            terms = np.take(x, columns[entries], axis=axis, out=out, mode="clip")
            if not np.all(weights[entries] == 1):
                terms *= weights[entries]
            if terms is not y:
                y[(slice(None),) * axis + (_as_slice(some),)] += terms
    return y


def _as_slice(indices: Array) -> slice | Array:
    """Return increasing indices as a slice, which NumPy adds to faster, if they are one."""
    first, last = indices[0], indices[-1] + 1
    return slice(first, last) if last - first == len(indices) else indices


def _nearest(n: int, m: int, step: Any, exact: bool) -> _Matrix:
    """Take the input at the step's multiples, or nearest to the output's centre."""
    i = np.arange(m, dtype=step.dtype)
    position = step * (i + step.dtype.type(0.5)) if exact else step * i
    return np.arange(m), np.minimum(_floor(position), n - 1), np.ones(m)


def _linear(position: Array, n: int) -> _Matrix:
    """Weigh the inputs on both sides of a position, the edge's inside the edge."""
    position = np.maximum(position, 0)
    low = np.minimum(_floor(position), n - 1)
    fraction = np.clip(position - low.astype(position.dtype), 0, 1)
    m = len(position)
    high = np.minimum(low + 1, n - 1) if m != n else low  # as torch where the size stays
    weights = np.concatenate([1 - fraction, fraction])
    return np.tile(np.arange(m), 2), np.concatenate([low, high]), weights


def _cubic(position: Array, n: int) -> _Matrix:
    """Weigh the four inputs around a position by Keys' piecewise cubic, a = -3/4."""
    low = np.minimum(_floor(position), n - 1)
    fraction = np.clip(position - low.astype(position.dtype), 0, 1)
    taps = [
        _cubic_far(fraction + 1),
        _cubic_near(fraction),
        _cubic_near(1 - fraction),
        _cubic_far((1 - fraction) + 1),
    ]
    columns = [np.clip(low + step, 0, n - 1) for step in (-1, 0, 1, 2)]
    return np.tile(np.arange(len(position)), 4), np.concatenate(columns), np.concatenate(taps)


def _cubic_near(t: Array, a: float = -0.75) -> Array:
    """Return (a + 2) t^3 - (a + 3) t^2 + 1, for distances up to 1."""
    return _fused(_fused(t, a + 2, -(a + 3)) * t, t, 1)


def _cubic_far(t: Array, a: float = -0.75) -> Array:
    """Return a t^3 - 5 a t^2 + 8 a t - 4 a, for distances from 1 to 2."""
    return _fused(_fused(_fused(t, a, -5 * a), t, 8 * a), t, -4 * a)


def _area(n: int, m: int) -> _Matrix:
    """Weigh equally all inputs that an output covers, even in part."""
    first = [i * n // m for i in range(m)]
    last = [-((i + 1) * -n // m) for i in range(m)]
    counts = np.subtract(last, first)
    columns = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
    return np.repeat(np.arange(m), counts), columns, np.repeat(1 / counts, counts)


def _step(n: int, m: int, factor: float | None, dtype: np.dtype[Any]) -> Any:
    """Return how far apart the outputs are among the inputs, in this dtype."""
    return dtype.type(n) / dtype.type(m) if factor is None else dtype.type(1 / factor)


def _floor(position: Array) -> Array:
    """Return the integers below, after torch's rounding to float32."""
    return np.floor(position.astype(np.float32)).astype(np.intp)


def _fused(a: Array, b: Any, c: float) -> Array:
    """Return a b + c with a single rounding, as torch's kernels compute it."""
    wide = np.longdouble if a.dtype == np.float64 else np.float64
    total: Array = a.astype(wide) * b + c
    return total.astype(a.dtype)


def _several(option: Any) -> tuple[Any, ...]:
    """Return the numbers of an option that is one, several or none."""
    if option is None:
        return ()
    return tuple(option) if np.iterable(option) else (option,)
