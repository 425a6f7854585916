"""What a kernel's taps see of an array, laid out as columns and added up: `Unfold` and `Fold`.

A kernel has an entry for each of its taps, and at every position each tap sees one entry of x.
Convolutions rest on the same columns.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from numpy_layers.layer import Array, Layer
from numpy_layers.padding import Index, Pads, integers, pad, unpad

Sizes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Kernel:
    """The positions of a kernel along the last axes, and what its taps see from there.

    From position l, tap t sees the entry stride * l + dilation * t.
    """

    sizes: Sizes
    stride: Sizes
    dilation: Sizes

    @property
    def taps(self) -> int:
        """The number of taps."""
        return math.prod(self.sizes)

    @property
    def reach(self) -> Sizes:
        """The sizes of a window, from the first tap to the last."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.sizes, self.dilation, strict=True))

    def counts(self, sizes: Sizes) -> Sizes:
        """Return the number of positions along axes of these sizes."""
        axes = zip(sizes, self.reach, self.stride, strict=True)
        return tuple((size - reach) // stride + 1 for size, reach, stride in axes)

    def columns(self, x: Array, counts: Sizes) -> Array:
        """Copy what the taps see of x (A, B, *sizes), to (A, *kernel, B, *counts)."""
        columns = np.empty((x.shape[0], *self.sizes, x.shape[1], *counts), x.dtype)
        for tap, seen in self._seen(counts):
            columns[tap] = x[seen]
        return columns

    def spread(self, columns: Array, sizes: Sizes) -> Array:
        """Add (A, *kernel, B, *counts) up where `columns` copied from, to (A, B, *sizes)."""
        B = len(sizes) + 1  # this axis of the columns
        x = np.zeros((columns.shape[0], columns.shape[B], *sizes), columns.dtype)
        for tap, seen in self._seen(columns.shape[B + 1 :]):
            x[seen] += columns[tap]
        return x

    def _seen(self, counts: Sizes) -> Iterator[tuple[Index, Index]]:
        """Yield where the columns of every tap are, and what it sees from all positions."""
        for tap in np.ndindex(self.sizes):
            axes = zip(tap, counts, self.stride, self.dilation, strict=True)
            seen = (slice(d * t, d * t + s * (n - 1) + 1, s) for t, n, s, d in axes)
            yield (slice(None), *tap), (..., *seen)


class _Blocks(Layer):
    """Take the windows of the last two axes apart, or put them together."""

    kernel_size: int | Sequence[int]
    dilation: int | Sequence[int]
    padding: int | Sequence[int]
    stride: int | Sequence[int]

    def _prepare(self) -> None:
        """Check the options that both have."""
        sizes = integers(self, "kernel_size", self.kernel_size, 2, least=1)
        dilation = integers(self, "dilation", self.dilation, 2, least=1)
        padding = integers(self, "padding", self.padding, 2, least=0)
        stride = integers(self, "stride", self.stride, 2, least=1)
        self._kernel = Kernel(sizes, stride, dilation)
        self._pads: Pads = tuple((p, p) for p in padding)

    def _padded(self, sizes: Sizes) -> Sizes:
        """Return these sizes with the padding."""
        return tuple(size + sum(sides) for size, sides in zip(sizes, self._pads, strict=True))

    def _apart(self, x: Array) -> Array:
        """Return the windows of (..., C, H, W) as columns, (..., C*taps, positions)."""
        *lead, C = x.shape[:-2]
        padded = pad(x, self._pads)
        counts = self._kernel.counts(padded.shape[-2:])
        padded = padded.reshape(math.prod(lead) * C, 1, *padded.shape[-2:])  # taps follow C
        columns = self._kernel.columns(padded, counts)
        return columns.reshape(*lead, C * self._kernel.taps, math.prod(counts))

    def _together(self, columns: Array, sizes: Sizes) -> Array:
        """Return the sum of the columns (..., C*taps, positions), (..., C, H, W)."""
        *lead, rows = columns.shape[:-1]
        C, padded = rows // self._kernel.taps, self._padded(sizes)
        counts = self._kernel.counts(padded)
        columns = columns.reshape(math.prod(lead) * C, *self._kernel.sizes, 1, *counts)
        shape = (*lead, C, *sizes)
        x = self._kernel.spread(columns, padded).reshape(*lead, C, *padded)
        return unpad(x, shape, self._pads)


class Unfold(_Blocks):
    """Lay out every window of the last two axes as a column (im2col).

    y[n,(c,t),l] = x[n,c,s l + d t - p], 0 outside; dx[n,c,m] = sum of dy[n,(c,t),l] over all
    t, l with s l + d t - p = m, which is what Fold does.

    *Shapes*: x, dx (N, C, H, W) or (C, H, W); y, dy (N, C*kh*kw, H'*W') or (C*kh*kw, H'*W'),
    H' and W' as in Conv2d. *Raises*: ValueError for options out of range and for an x of
    another rank, without entries, or smaller than the kernel's reach. *Source*:
    torch.nn.Unfold.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride
        self._prepare()

    def forward(self, x: Array) -> Array:
        """Return the windows as columns."""
        x = self._floats("x", x)
        if x.ndim not in (3, 4):
            expected = "3 axes, or 4 with a batch"
            raise ValueError(f"{self!r}: x has {x.ndim} axes, shape {x.shape}, expected {expected}")
        if 0 in x.shape[-3:]:
            expected = "an entry along every axis but the batch's"
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {expected}")
        padded = self._padded(x.shape[-2:])
        if min(self._kernel.counts(padded)) < 1:
            found = f"x has sizes {padded} with its padding"
            raise ValueError(f"{self!r}: {found}, expected {self._kernel.reach} or more")
        self._sizes = x.shape[-2:]
        self._y = self._apart(x)
        return self._y

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> Array:
        """Return dx: the columns of dy added up."""
        return self._together(self._cotangent(dy, self._kept("_y")), self._sizes)


class Fold(_Blocks):
    """Add up columns as windows of the last two axes (col2im).

    y[n,c,m] = sum of x[n,(c,t),l] over all t, l with s l + d t - p = m
    dx[n,(c,t),l] = dy[n,c,s l + d t - p], 0 outside, which is what Unfold does.

    *Shapes*: x, dx (N, C*kh*kw, H'*W') or (C*kh*kw, H'*W'); y, dy (N, C, H, W) or (C, H, W),
    (H, W) being output_size, and H' and W' the positions on it, as in Conv2d. *Raises*:
    ValueError for options out of range and for an x of another rank, without entries, or whose
    sizes are not those. *Source*: torch.nn.Fold.
    """

    def __init__(
        self,
        output_size: int | Sequence[int],
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride
        self._prepare()
        self._sizes = integers(self, "output_size", output_size, 2, least=1)
        counts = self._kernel.counts(self._padded(self._sizes))
        if min(counts) < 1:
            found = f"output_size is {output_size}, {self._padded(self._sizes)} with its padding"
            raise ValueError(f"{self!r}: {found}, expected {self._kernel.reach} or more")
        self._positions = math.prod(counts)

    @np.errstate(over="ignore", invalid="ignore")
    def forward(self, x: Array) -> Array:
        """Return the columns added up."""
        x = self._floats("x", x)
        if x.ndim not in (2, 3):
            expected = "2 axes, or 3 with a batch"
            raise ValueError(f"{self!r}: x has {x.ndim} axes, shape {x.shape}, expected {expected}")
        if x.shape[-2] == 0 or x.shape[-2] % self._kernel.taps:
            found, expected = f"x has {x.shape[-2]} rows", f"a multiple of {self._kernel.taps}"
            raise ValueError(f"{self!r}: {found}, shape {x.shape}, expected {expected}")
        if x.shape[-1] != self._positions:
            found, expected = f"x has {x.shape[-1]} columns", f"{self._positions}"
            raise ValueError(f"{self!r}: {found}, shape {x.shape}, expected {expected}")
        self._y = self._together(x, self._sizes)
        return self._y

    def backward(self, dy: Array) -> Array:
        """Return dx: the windows of dy as columns."""
        return self._apart(self._cotangent(dy, self._kept("_y")))
