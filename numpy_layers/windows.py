"""Windows along the last axes of an array: where they lie, their sums, means and maxima.

Knows no layer. Axes in front of the windowed ones are many at once, and called planes.
"""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from numpy_layers.layer import Array

Selector: TypeAlias = slice | Array
"""Positions along an axis: a slice where they are evenly spaced, which is a view and fast."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Windows:
    """The windows along one axis, by the elements that each tap of a window falls on."""

    size: int
    """Of the axis that the windows lie on."""
    at: Array
    """The position of tap k of window o, (O, K); that of the nearest tap inside, if it is not."""
    inside: Array
    """Whether tap k of window o falls on an element, (O, K)."""
    padded: Array
    """How many taps of each window fall on elements or on their padding, (O,)."""

    @property
    def counts(self) -> Array:
        """How many elements each window has, (O,)."""
        return np.asarray(np.sum(self.inside, axis=1))

    @property
    def by_window(self) -> bool:
        """Whether there are no more windows than taps, so that `steps` go through them."""
        windows, taps = self.at.shape
        return bool(windows <= taps)

    @functools.cached_property
    def everywhere(self) -> tuple[Selector, ...]:
        """Where each tap is, in all windows."""
        return tuple(map(_selector, self.at.T))

    @functools.cached_property
    def spans(self) -> tuple[Selector, ...]:
        """The elements of each window."""
        return tuple(_selector(p[i]) for p, i in zip(self.at, self.inside, strict=True))

    @functools.cached_property
    def steps(self) -> tuple[tuple[Selector, Selector], ...]:
        """Windows and the elements they have, in steps by window or by tap."""
        if self.by_window:
            return tuple((slice(o, o + 1), span) for o, span in enumerate(self.spans))
        having = [np.flatnonzero(tap) for tap in self.inside.T]
        return tuple(
            (_selector(o), _selector(self.at[o, k])) for k, o in enumerate(having) if o.size
        )


def _selector(positions: Array) -> Selector:
    """Return positions as a slice where it says the same."""
    first, last, step = 0, -1, 1
    if positions.size:
        first, last = int(positions[0]), int(positions[-1])
        step = int(positions[1]) - first if positions.size > 1 else 1
    evenly = step > 0 and bool(np.all(np.diff(positions) == step))
    return slice(first, last + 1, step) if evenly else positions


@functools.lru_cache(maxsize=256)
def sliding(
    size: int, kernel: int, stride: int, padding: int = 0, dilation: int = 1, ceil: bool = False
) -> Windows:
    """Return windows `stride` apart; their taps, `dilation` apart, may lie in the padding.

    Windows that fit are counted; with `ceil` one more, which sticks out on the right, if it
    starts inside the axis or its left padding.
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (room + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= size + padding:
        count -= 1
    start = (stride * np.arange(max(count, 0)) - padding)[:, None]
    taps = np.arange(kernel)
    at = start + dilation * taps
    inside = (at >= 0) & (at < size)
    nearest = np.clip(taps, -(start // dilation), (size - 1 - start) // dilation)
    padded = np.sum(at < size + padding, axis=1)
    return Windows(size=size, at=start + dilation * nearest, inside=inside, padded=padded)


@functools.lru_cache(maxsize=256)
def adaptive(size: int, count: int) -> Windows:
    """Return so many windows that cover the axis evenly, overlapping where they have to.

    Window o has the positions from floor(o size / count) to ceil((o + 1) size / count) - 1.
    Position i is in the windows from floor(i count / size) to ceil((i + 1) count / size) - 1:
    the windows of `adaptive(count, size)`, which so is the transpose.
    """
    o = np.arange(count)
    start, end = o * size // count, -(-(o + 1) * size // count)
    at = start[:, None] + np.arange(np.max(end - start, initial=0))
    inside, nearest = at < end[:, None], np.minimum(at, end[:, None] - 1)
    return Windows(size=size, at=nearest, inside=inside, padded=end - start)


def window_sum(
    x: Array, windows: Sequence[Windows], divisor: Array | None = None, last_first: bool = False
) -> Array:
    """Add up the elements of each window, in float32 at least, and divide.

    It goes axis by axis, from the last where told: where axes grow, that moves less memory.
    """
    dtype, total = np.promote_types(x.dtype, np.float32), x
    with np.errstate(over="ignore", invalid="ignore"):  # torch's inf and NaN are silent
        for axis, along in _axes(x, windows, last_first):
            y = np.zeros(_resized(total, axis, len(along.at)), dtype)  # so that no sum is -0.0
            for outs, ins in along.steps:
                seen = _read(total, axis, ins)
                if along.by_window:
                    seen = np.sum(seen, axis, dtype, keepdims=True)
                y[_along(axis, outs)] += seen
            total = y
        if divisor is not None:
            total /= divisor.astype(dtype)
        return total.astype(x.dtype, copy=False)


def window_spread(dy: Array, windows: Sequence[Windows]) -> Array:
    """Add dy of each window to all of its elements: the transpose of `window_sum`, if they slide.

    Adaptive windows may have an element twice at one tap; their transpose is a `window_sum`.
    """
    dtype, total = np.promote_types(dy.dtype, np.float32), dy
    with np.errstate(over="ignore", invalid="ignore"):
        for axis, along in _axes(dy, windows, last_first=True):
            dx = np.zeros(_resized(total, axis, along.size), dtype)
            for outs, ins in along.steps:
                dx[_along(axis, ins)] += _read(total, axis, outs)
            total = dx
        return total.astype(dy.dtype, copy=False)


def outer(counts: Sequence[Array]) -> Array:
    """Return the products of one number of each axis, as an array over the axes."""
    return np.asarray(functools.reduce(np.multiply, np.ix_(*counts)))


def first_maximum(x: Array, windows: Sequence[Windows]) -> tuple[Array, Array]:
    """Return the position of each window's maximum, in its flattened plane and in flattened x.

    Of equal elements the first is taken; of NaN, which are above all numbers, the last.
    """
    rank = len(windows)
    ahead = x.shape[: x.ndim - rank]
    planes = x.reshape(math.prod(ahead), *x.shape[len(ahead) :])
    counts, kernel = (tuple(along.at.shape[i] for along in windows) for i in (0, 1))
    if math.prod(counts) < math.prod(kernel):
        index = _maximum_by_window(planes, windows, counts)
    else:
        index = _maximum_by_tap(planes, windows, counts, kernel)
    index = index.reshape(*ahead, *counts)
    return index, in_planes(index, rank, math.prod(x.shape[len(ahead) :]))


def in_planes(index: Array, rank: int, size: int) -> Array:
    """Turn positions in flattened planes, one plane after the other, into positions in all."""
    ahead = index.shape[: index.ndim - rank]
    start = size * np.arange(math.prod(ahead)).reshape(*ahead, *([1] * rank))
    return np.asarray(index + start)


def scatter_sum(dy: Array, to: Array, shape: tuple[int, ...]) -> Array:
    """Return zeros of a shape, with every element of dy added at its flat position."""
    dx = np.zeros(math.prod(shape), dy.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        np.add.at(dx, to.reshape(-1), dy.reshape(-1))
    return dx.reshape(shape)


def _maximum_by_tap(
    planes: Array, windows: Sequence[Windows], counts: tuple[int, ...], kernel: tuple[int, ...]
) -> Array:
    """Go through the taps of all windows at once, in few and long operations."""
    # Later taps have higher numbers: the maximum of numbers assigns where a tap is newer.
    tap = np.zeros((len(planes), *counts), np.min_scalar_type(math.prod(kernel) - 1))
    best, seen = np.full(tap.shape, -np.inf, planes.dtype), np.empty(tap.shape, planes.dtype)
    newer, number = np.empty(tap.shape, bool), np.empty_like(tap)
    for k, view in _seen_by_tap(planes, windows, 1):
        np.copyto(seen, view)  # contiguous, for the operations on it
        np.greater(seen, best, out=newer)
        np.multiply(newer, k, out=number, dtype=tap.dtype)
        np.maximum(tap, number, out=tap)
        np.maximum(best, seen, out=best)
    if np.isnan(best).any():
        for k, view in _seen_by_tap(planes, windows, 1):
            tap[np.isnan(view)] = k
    at = _positions(windows)  # (O, K)
    flat = tap.reshape(len(planes), len(at)) + at.shape[1] * np.arange(len(at))
    return np.asarray(at.take(flat))


def _maximum_by_window(planes: Array, windows: Sequence[Windows], counts: tuple[int, ...]) -> Array:
    """Go through the windows of all planes at once, for windows that are few and large."""
    index = np.empty((len(planes), *counts), np.int64)
    positions = np.arange(math.prod(planes.shape[1:])).reshape(1, *planes.shape[1:])
    for o in np.ndindex(counts):
        spans = [along.spans[i] for along, i in zip(windows, o, strict=True)]
        rows = _box(planes, spans)  # (planes, elements of the window)
        first = np.argmax(rows, axis=1)
        nan = np.isnan(np.take_along_axis(rows, first[:, None], axis=1)[:, 0])
        if nan.any():
            first[nan] = rows.shape[1] - 1 - np.argmax(np.isnan(rows[nan, ::-1]), axis=1)
        index[(slice(None), *o)] = _box(positions, spans)[0].take(first)
    return index


def _axes(x: Array, windows: Sequence[Windows], last_first: bool) -> list[tuple[int, Windows]]:
    """Return the windowed axes with their windows, in the order in which to go."""
    axes = list(enumerate(windows, x.ndim - len(windows)))
    return axes[::-1] if last_first else axes


def _resized(x: Array, axis: int, size: int) -> tuple[int, ...]:
    return (*x.shape[:axis], size, *x.shape[axis + 1 :])


def _along(axis: int, selector: Selector) -> tuple[Any, ...]:
    """Return what indexes one axis."""
    return (*[slice(None)] * axis, selector)


def _read(x: Array, axis: int, selector: Selector) -> Array:
    """Return the elements of x along an axis, a view where it can be one."""
    if isinstance(selector, slice):
        return np.asarray(x[_along(axis, selector)])
    return np.asarray(x.take(selector, axis))


def _box(planes: Array, spans: Sequence[Selector]) -> Array:
    """Return the elements of one window of every plane as rows."""
    for axis, span in enumerate(spans, 1):
        planes = _read(planes, axis, span)
    return planes.reshape(len(planes), math.prod(planes.shape[1:]))


def _seen_by_tap(x: Array, windows: Sequence[Windows], axis: int) -> Iterator[tuple[int, Array]]:
    """Yield each tap's number, row by row, with what all windows see there."""
    if not windows:
        yield 0, x
        return
    weight = math.prod(along.at.shape[1] for along in windows[1:])
    for k, at in enumerate(windows[0].everywhere):
        for number, seen in _seen_by_tap(_read(x, axis, at), windows[1:], axis + 1):
            yield k * weight + number, seen


def _positions(windows: Sequence[Windows]) -> Array:
    """Return the position of every tap of every window in the flattened axes, (O, K)."""
    at: Array = np.zeros((1, 1), np.int64)
    for along in windows:
        at = at[:, None, :, None] * along.size + along.at[:, None, :]
        at = at.reshape(at.shape[0] * at.shape[1], at.shape[2] * at.shape[3])
    return at
