"""The padding layers, and the padding of the last axes that convolutions share.

Padding copies: every run of the padded axis comes from a run of x, so that the padded array is a
grid of blocks, and backward sums the blocks of dy where they were copied from. Negative padding
takes entries away.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from numbers import Real
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from numpy_layers.layer import Array, Layer, is_whole

Mode: TypeAlias = Literal["constant", "reflect", "replicate", "circular"]
Pads: TypeAlias = tuple[tuple[int, int], ...]  # before and after each of the last axes
Index: TypeAlias = tuple[Any, ...]


class _Pad(Layer):
    """Pad the last axes of x.

    An integer pads every side alike; a tuple starts with the last axis: (left, right, top,
    bottom, front, back).
    """

    _axes: ClassVar[int]
    _mode: ClassVar[Mode]

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = padding
        flat = integers(self, "padding", padding, 2 * self._axes)
        self._pads: Pads = tuple(zip(flat[-2::-2], flat[::-2], strict=True))  # first axis first

    def forward(self, x: Array) -> Array:
        """Return x padded."""
        x = self._floats("x", x)
        self._check(x)
        self._shape = x.shape
        self._y = pad(x, self._pads, self._mode, self._value(x))
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx: the sum of dy over all places that a value was copied to."""
        dy = self._cotangent(dy, self._kept("_y"))
        return unpad(dy, self._shape, self._pads, self._mode)

    def _value(self, x: Array) -> float:
        """Return the constant of constant padding."""
        return 0.0

    def _check(self, x: Array) -> None:
        """Refuse an x of the wrong rank, or too small."""
        n = self._axes
        if x.ndim not in (n + 1, n + 2):
            expected = f"{n + 1} axes, or {n + 2} with a batch"
            raise ValueError(f"{self!r}: x has {x.ndim} axes, shape {x.shape}, expected {expected}")
        refuse_small(self, x, self._pads, self._mode)


class _ConstantPad(_Pad):
    """Pad the last axes with one value; any number of axes may come before them."""

    _mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        self.value = value
        super().__init__(padding)
        if not isinstance(value, Real):
            raise ValueError(f"{self!r}: value is {value!r}, expected a real number")

    def _value(self, x: Array) -> float:
        largest = float(np.finfo(x.dtype).max)
        if largest < abs(self.value) < math.inf:
            raise ValueError(
                f"{self!r}: value is {self.value}, expected at most {largest} in {x.dtype}"
            )
        return self.value

    def _check(self, x: Array) -> None:
        if x.ndim < self._axes:
            found = f"x has {x.ndim} axes, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {self._axes} or more")
        refuse_small(self, x, self._pads, self._mode)


class ConstantPad1d(_ConstantPad):
    """Pad the last axis with a value.

    y_j = x_{j-left}, or the value where there is no such entry; dx_i = dy_{i+left}

    *Shapes*: x, dx (..., W); y, dy (..., W + left + right). *Raises*: ValueError for an x
    without the axis, for more taken away than there is, and for a value that the dtype of x
    does not reach. *Source*: torch.nn.ConstantPad1d.
    """

    _axes = 1


class ConstantPad2d(_ConstantPad):
    """Pad the last two axes with a value.

    As ConstantPad1d, along each axis.

    *Shapes*: x, dx (..., H, W); y, dy (..., H + top + bottom, W + left + right).
    *Raises*: as ConstantPad1d. *Source*: torch.nn.ConstantPad2d.
    """

    _axes = 2


class ConstantPad3d(_ConstantPad):
    """Pad the last three axes with a value.

    As ConstantPad1d, along each axis.

    *Shapes*: x, dx (..., D, H, W); y, dy (..., D + front + back, H + top + bottom,
    W + left + right). *Raises*: as ConstantPad1d. *Source*: torch.nn.ConstantPad3d.
    """

    _axes = 3


class _ZeroPad(_ConstantPad):
    """Pad the last axes with zeros."""

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)


class ZeroPad1d(_ZeroPad):
    """Pad the last axis with zeros: ConstantPad1d of value 0.

    *Shapes*: x, dx (..., W); y, dy (..., W + left + right). *Raises*: as ConstantPad1d.
    *Source*: torch.nn.ZeroPad1d.
    """

    _axes = 1


class ZeroPad2d(_ZeroPad):
    """Pad the last two axes with zeros: ConstantPad2d of value 0.

    *Shapes*: x, dx (..., H, W); y, dy (..., H + top + bottom, W + left + right).
    *Raises*: as ConstantPad1d. *Source*: torch.nn.ZeroPad2d.
    """

    _axes = 2


class ZeroPad3d(_ZeroPad):
    """Pad the last three axes with zeros: ConstantPad3d of value 0.

    *Shapes*: x, dx (..., D, H, W); y, dy (..., D + front + back, H + top + bottom,
    W + left + right). *Raises*: as ConstantPad1d. *Source*: torch.nn.ZeroPad3d.
    """

    _axes = 3


class _ReflectionPad(_Pad):
    """Pad the last axes with their mirror image; the mirrors are the entries at the ends."""

    _mode = "reflect"


class ReflectionPad1d(_ReflectionPad):
    """Pad the last axis with its mirror image, the entries at the ends not repeated.

    y_j = x_r(j-left), r(i) = -i below 0 and 2 (W - 1) - i above W - 1
    dx_i = sum of dy_j over all j with r(j-left) = i

    *Shapes*: x, dx (C, W) or (N, C, W); y, dy the same with W + left + right. *Raises*:
    ValueError for another rank, for an axis besides N without entries, for padding that is not
    below W, and where y would have no entry. *Source*: torch.nn.ReflectionPad1d.
    """

    _axes = 1


class ReflectionPad2d(_ReflectionPad):
    """Pad the last two axes with their mirror images.

    As ReflectionPad1d, along each axis.

    *Shapes*: x, dx (C, H, W) or (N, C, H, W); y, dy the same with H + top + bottom and
    W + left + right. *Raises*: as ReflectionPad1d. *Source*: torch.nn.ReflectionPad2d.
    """

    _axes = 2


class ReflectionPad3d(_ReflectionPad):
    """Pad the last three axes with their mirror images.

    As ReflectionPad1d, along each axis.

    *Shapes*: x, dx (C, D, H, W) or (N, C, D, H, W); y, dy the same with D + front + back,
    H + top + bottom and W + left + right. *Raises*: as ReflectionPad1d. *Source*:
    torch.nn.ReflectionPad3d.
    """

    _axes = 3


class _ReplicationPad(_Pad):
    """Pad the last axes with the entries at their ends."""

    _mode = "replicate"


class ReplicationPad1d(_ReplicationPad):
    """Pad the last axis with the entries at its ends.

    y_j = x_c(j-left), c(i) = min(max(i, 0), W - 1)
    dx_i = sum of dy_j over all j with c(j-left) = i

    *Shapes*: x, dx (C, W) or (N, C, W); y, dy the same with W + left + right. *Raises*:
    ValueError for another rank, for an axis besides N without entries, and where y would have
    no entry. *Source*: torch.nn.ReplicationPad1d.
    """

    _axes = 1


class ReplicationPad2d(_ReplicationPad):
    """Pad the last two axes with the entries at their ends.

    As ReplicationPad1d, along each axis.

    *Shapes*: x, dx (C, H, W) or (N, C, H, W); y, dy the same with H + top + bottom and
    W + left + right. *Raises*: as ReplicationPad1d. *Source*: torch.nn.ReplicationPad2d.
    """

    _axes = 2


class ReplicationPad3d(_ReplicationPad):
    """Pad the last three axes with the entries at their ends.

    As ReplicationPad1d, along each axis.

    *Shapes*: x, dx (C, D, H, W) or (N, C, D, H, W); y, dy the same with D + front + back,
    H + top + bottom and W + left + right. *Raises*: as ReplicationPad1d. *Source*:
    torch.nn.ReplicationPad3d.
    """

    _axes = 3


class _CircularPad(_Pad):
    """Pad the last axes with the entries of their other ends."""

    _mode = "circular"


class CircularPad1d(_CircularPad):
    """Pad the last axis with the entries of its other end, once around at most.

    y_j = x_{(j-left) mod W}; dx_i = sum of dy_j over all j with (j-left) mod W = i

    Negative padding takes its entries away first; W is what is left then.

    *Shapes*: x, dx (C, W) or (N, C, W); y, dy the same with W + left + right. *Raises*:
    ValueError for another rank and for padding above W. *Source*: torch.nn.CircularPad1d.
    """

    _axes = 1


class CircularPad2d(_CircularPad):
    """Pad the last two axes with the entries of their other ends.

    As CircularPad1d, along each axis.

    *Shapes*: x, dx (C, H, W) or (N, C, H, W); y, dy the same with H + top + bottom and
    W + left + right. *Raises*: as CircularPad1d. *Source*: torch.nn.CircularPad2d.
    """

    _axes = 2


class CircularPad3d(_CircularPad):
    """Pad the last three axes with the entries of their other ends.

    As CircularPad1d, along each axis.

    *Shapes*: x, dx (C, D, H, W) or (N, C, D, H, W); y, dy the same with D + front + back,
    H + top + bottom and W + left + right. *Raises*: as CircularPad1d. *Source*:
    torch.nn.CircularPad3d.
    """

    _axes = 3


def integers(
    layer: Layer, name: str, value: object, count: int, least: int | None = None
) -> tuple[int, ...]:
    """Return a layer's argument, one integer or count of them, as count of them."""
    several = tuple(value) if isinstance(value, tuple | list) else (value,) * count
    whole = tuple(int(v) for v in several if is_whole(v))
    if len(several) != count or len(whole) != count:
        expected = "an integer" if count == 1 else f"an integer or {count} of them"
        raise ValueError(f"{layer!r}: {name} is {value!r}, expected {expected}")
    if least is not None and min(whole) < least:
        raise ValueError(f"{layer!r}: {name} is {value!r}, expected {least} or more")
    return whole


def refuse_small(layer: Layer, x: Array, pads: Pads, mode: Mode) -> None:
    """Refuse an x whose last axes are too small to be padded so."""
    n = len(pads)
    if mode in ("reflect", "replicate") and 0 in x.shape[-n - 1 :]:  # as torch: C counts too
        expected = "an entry along every axis but the batch's"
        raise ValueError(f"{layer!r}: x has shape {x.shape}, expected {expected}")
    for axis, (before, after) in enumerate(pads, -n):
        least = _least(mode, before, after)
        if x.shape[axis] < least:
            found = f"axis {axis} of x is {x.shape[axis]}, shape {x.shape}"
            expected = f"{least} or more for padding {(before, after)}"
            raise ValueError(f"{layer!r}: {found}, expected {expected}")


def pad(x: Array, pads: Pads, mode: Mode = "constant", value: float = 0.0) -> Array:
    """Return a copy of x with its last axes padded."""
    sizes = x.shape[-len(pads) :]
    grown = (size + before + after for size, (before, after) in zip(sizes, pads, strict=True))
    y = np.empty((*x.shape[: -len(pads)], *grown), x.dtype)
    if mode == "constant" and max(map(max, pads)) > 0:
        y.fill(value)
    for to, source in _blocks(sizes, pads, mode):
        y[to] = x[source]
    return y


@np.errstate(over="ignore", invalid="ignore")  # a sum of infinities is what it is, silently
def unpad(dy: Array, shape: tuple[int, ...], pads: Pads, mode: Mode = "constant") -> Array:
    """Return the gradient of an x of this shape for the gradient of what `pad` made of it."""
    if mode == "constant":
        return pad(dy, tuple((-before, -after) for before, after in pads))
    dx = np.zeros(shape, dy.dtype)
    for to, source in _blocks(shape[-len(pads) :], pads, mode):
        block, into = dy[to], dx[source]
        repeated = tuple(a for a in range(-len(pads), 0) if into.shape[a] != block.shape[a])
        into += np.sum(block, axis=repeated, keepdims=True) if repeated else block
    return dx


def _least(mode: Mode, before: int, after: int) -> int:
    """Return the smallest size of an axis that can be padded so."""
    if mode == "reflect":
        return 1 + max(before, after, -before - after)
    if mode == "replicate":
        return 1 + max(0, -before - after)
    taken = max(-before, 0) + max(-after, 0)
    return taken + max(before, after, 0) if mode == "circular" else taken


def _blocks(sizes: tuple[int, ...], pads: Pads, mode: Mode) -> Iterator[tuple[Index, Index]]:
    """Yield the blocks of the padded array, and which block of x each of them copies."""
    runs = (_runs(size, *sides, mode) for size, sides in zip(sizes, pads, strict=True))
    for block in itertools.product(*runs):
        to, source = zip(*block, strict=True)
        yield (..., *to), (..., *source)


def _runs(size: int, before: int, after: int, mode: Mode) -> list[tuple[slice, slice]]:
    """Return the runs of a padded axis, and which run of x each of them copies.

    Positions count from the first entry of x: those below 0 and from size on are padding.
    """
    kept = range(max(0, -before), min(size, size + after))
    left, right = range(-before, min(0, size + after)), range(max(size, -before), size + after)
    runs = [(kept, kept)]
    if mode == "reflect":
        end = 2 * (size - 1)
        runs.append((left, range(-left.start, -left.stop, -1)))
        runs.append((right, range(end - right.start, end - right.stop, -1)))
    elif mode == "replicate":
        runs += [(left, range(1)), (right, range(size - 1, size))]
    elif mode == "circular":
        n = len(kept)
        runs.append((left, range(left.start + n, left.stop + n)))
        runs.append((right, range(right.start - n, right.stop - n)))
    return [(_slice(to, before), _slice(source)) for to, source in runs if to]


def _slice(positions: range, shift: int = 0) -> slice:
    """Return the slice of these positions, moved by the shift."""
    stop = positions.stop + shift
    # A stop below 0 would count from the end: only a falling run past the first entry has one.
    return slice(positions.start + shift, stop if stop >= 0 else None, positions.step)
