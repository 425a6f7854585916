"""The convolutions, forward and transposed.

What a kernel's taps see, laid out as columns, makes a convolution a matrix product; the transposed
product, with overlapping columns added, is the transposed convolution. Each is the other's
gradient.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from numpy_layers.columns import Kernel, Sizes
from numpy_layers.layer import Array, Layer, is_whole
from numpy_layers.padding import Index, Mode, Pads, integers, pad, refuse_small, unpad

MODES: dict[str, Mode] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}
"""What the convolutions' padding modes are called where padding is done."""


class _Filter(Layer):
    """Hold a kernel's options, weight and bias, and the matrices that products are made of.

    The kernel moves over an array of B channels and joins it to one of A channels: from x to y
    in a convolution, from y to x in a transposed one. Its weight is (A, B/groups, *kernel). The
    channels of a group meet only those of the same group, so that all matrices are stacks, one
    for each group.
    """

    _axes: ClassVar[int]
    in_channels: int
    out_channels: int
    kernel_size: int | Sequence[int]
    stride: int | Sequence[int]
    dilation: int | Sequence[int]
    groups: int
    bias: bool

    def _prepare(self) -> None:
        """Check the options that both kinds have."""
        for name in ("in_channels", "out_channels", "groups"):
            value = getattr(self, name)
            if not is_whole(value, 1):
                expected = "an integer of 1 or more"
                raise ValueError(f"{self!r}: {name} is {value!r}, expected {expected}")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                found = f"{name} is {getattr(self, name)}"
                raise ValueError(f"{self!r}: {found}, expected a multiple of groups={self.groups}")
        sizes = integers(self, "kernel_size", self.kernel_size, self._axes, least=1)
        stride = integers(self, "stride", self.stride, self._axes, least=1)
        dilation = integers(self, "dilation", self.dilation, self._axes, least=1)
        self._kernel = Kernel(sizes, stride, dilation)

    def _draw(self, A: int, B: int) -> None:
        """Draw weight and bias, uniform up to 1/sqrt of the size of a filter."""
        shape = (A, B // self.groups, *self._kernel.sizes)
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.params["weight"] = self._uniform(bound, *shape)
        if self.bias:
            self.params["bias"] = self._uniform(bound, self.out_channels)

    def _checked(self, x: Array) -> Array:
        """Return x as an array, its rank, channels and sizes checked."""
        x = self._floats("x", x)
        n = self._axes
        if x.ndim not in (n + 1, n + 2):
            expected = f"{n + 1} axes, or {n + 2} with a batch"
            raise ValueError(f"{self!r}: x has {x.ndim} axes, shape {x.shape}, expected {expected}")
        if x.shape[-n - 1] != self.in_channels:
            found = f"x has {x.shape[-n - 1]} channels, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {self.in_channels}")
        if 0 in x.shape[-n:]:
            expected = "an entry along every axis but the batch's"
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {expected}")
        return x

    def _batch(self, x: Array) -> Array:
        """Return the array with a batch axis, of size 1 where it has none."""
        return x if x.ndim == self._axes + 2 else x[np.newaxis]

    def _matrix(self, dtype: np.dtype[np.generic]) -> Array:
        """Return the weight, (groups, A/groups, B/groups*taps)."""
        weight = self._param("weight", dtype)
        return weight.reshape(self.groups, len(weight) // self.groups, -1)

    def _rows(self, a: Array) -> Array:
        """Return (N, A, *counts) as (groups, A/groups, N*positions)."""
        return a.swapaxes(0, 1).reshape(self.groups, a.shape[1] // self.groups, -1)

    def _columns(self, b: Array, counts: Sizes) -> Array:
        """Return what the taps see of (B, N, *sizes), (groups, B/groups*taps, N*positions)."""
        columns = self._kernel.columns(b, counts)
        return columns.reshape(self.groups, len(b) // self.groups * self._kernel.taps, -1)

    def _spread(self, columns: Array, N: int, counts: Sizes, sizes: Sizes) -> Array:
        """Add (groups, B/groups*taps, N*positions) up to (B, N, *sizes)."""
        B = columns.shape[0] * columns.shape[1] // self._kernel.taps
        return self._kernel.spread(columns.reshape(B, *self._kernel.sizes, N, *counts), sizes)

    def _finish(self, y: Array, x: Array) -> Array:
        """Return and keep (out, N, *sizes) as y, the bias added and the axes like those of x."""
        y = y.swapaxes(0, 1)
        if self.bias:
            y = np.add(y, self._param("bias", y.dtype).reshape(-1, *[1] * self._axes), order="C")
        self._y = self._like(x, y)
        return self._y

    def _learn(self, dw: Array, dy: Array) -> None:
        """Leave the gradients of weight, given as a matrix, and bias, of dy (N, out, *sizes)."""
        self.grads["weight"] = dw.reshape(self.params["weight"].shape)
        if self.bias:
            self.grads["bias"] = np.sum(np.sum(dy, axis=tuple(range(2, dy.ndim))), axis=0)

    def _like(self, other: Array, batch: Array) -> Array:
        """Return the batch in C order, without its axis where the other array has none."""
        return np.ascontiguousarray(batch if other.ndim == batch.ndim else batch[0])


class _Conv(_Filter):
    """Correlate the last axes of x with a kernel, from every in- to every out-channel.

    With l a position along each axis, t a tap, s stride, d dilation and p padding, the sums
    over the in-channels i of the group of o:

    y[n,o,l] = b[o] + sum_it w[o,i,t] x[n,i,s l + d t - p]
    dx[n,i,m] = sum of w[o,i,t] dy[n,o,l] over all o, t, l with s l + d t - p = m
    dw[o,i,t] = sum_nl dy[n,o,l] x[n,i,s l + d t - p]; db[o] = sum_nl dy[n,o,l]

    In padding_mode "zeros" x is 0 outside, else the gradient is folded back as the layers of
    `padding` do. padding "same" keeps the sizes, with the odd one of the padding at the end;
    "valid" is none. Zeros around x are entries like others: times inf or NaN they are NaN, as in
    torch's float64 (its float32 leaves some of these products out).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.bias = bias
        self.padding_mode = padding_mode
        self._prepare()
        if padding_mode not in tuple(MODES):
            expected = f"one of {', '.join(MODES)}"
            raise ValueError(f"{self!r}: padding_mode is {padding_mode!r}, expected {expected}")
        self._mode = MODES[padding_mode]
        self._pads = self._sides()
        self._draw(out_channels, in_channels)

    @np.errstate(over="ignore", invalid="ignore")  # inf and NaN come out as torch's do, silently
    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._checked(x)
        refuse_small(self, x, self._pads, self._mode)
        batch = self._batch(x)  # (N, in, *sizes)
        padded = self._padded(batch)  # (in, N, *padded)
        self._counts = self._kernel.counts(padded.shape[2:])
        self._x = batch
        self._W = self._matrix(x.dtype)  # (groups, out/groups, in/groups*taps)
        y = self._W @ self._columns(padded, self._counts)  # (groups, out/groups, N*positions)
        return self._finish(y.reshape(self.out_channels, len(batch), *self._counts), x)

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of weight and bias."""
        dy = self._batch(self._cotangent(dy, self._kept("_y")))  # (N, out, *counts)
        dx, dw = self._by_columns_of_dy(dy) if self._swaps(dy) else self._by_columns_of_x(dy)
        self._learn(dw, dy)
        return self._like(self._y, dx)

    def _by_columns_of_x(self, dy: Array) -> tuple[Array, Array]:
        """Return dx, the columns W^T dy added up, and dW = dy columns^T."""
        padded = self._padded(self._x)  # anew, and its columns: kept, they would be taps times x
        columns = self._columns(padded, self._counts)  # (groups, in/groups*taps, N*positions)
        rows = self._rows(dy)  # (groups, out/groups, N*positions)
        dw = rows @ columns.swapaxes(1, 2)
        columns = _product(self._W.swapaxes(1, 2), rows, out=columns)
        dx = self._spread(columns, len(dy), self._counts, padded.shape[2:])  # (in, N, *padded)
        return unpad(dx.swapaxes(0, 1), self._x.shape, self._pads, self._mode), dw

    def _by_columns_of_dy(self, dy: Array) -> tuple[Array, Array]:
        """Return dx, dy padded with zeros and correlated with W flipped, and dW flipped too."""
        sizes, taps = self._x.shape[2:], self._kernel.taps
        sides = zip(self._kernel.reach, self._pads, strict=True)
        padded = pad(dy.swapaxes(0, 1), tuple((r - 1 - a, r - 1 - b) for r, (a, b) in sides))
        columns = self._columns(padded, sizes)  # (groups, out/groups*taps, N*positions in x)
        dx = _flipped(self._W, taps) @ columns  # (groups, in/groups, N*positions in x)
        dw = _flipped(self._rows(self._x) @ columns.swapaxes(1, 2), taps)
        return dx.reshape(self.in_channels, len(dy), *sizes).swapaxes(0, 1), dw

    def _swaps(self, dy: Array) -> bool:
        """Say whether columns of dy will do, and are fewer than those of x."""
        able = max(self._kernel.stride) == 1 and self._mode == "constant"
        fewer = self.out_channels <= self.in_channels
        # Zeros around dy meet x and W there, and 0 times inf or NaN would be a NaN too many.
        finite = (np.isfinite(np.sum(array)) for array in (dy, self._x, self._W))
        return able and fewer and all(finite)

    def _sides(self) -> Pads:
        """Return the padding before and after each axis."""
        if not isinstance(self.padding, str):
            return tuple((p, p) for p in integers(self, "padding", self.padding, self._axes, 0))
        if self.padding not in ("same", "valid"):
            expected = "integers, 'same' or 'valid'"
            raise ValueError(f"{self!r}: padding is {self.padding!r}, expected {expected}")
        if self.padding == "valid":
            return ((0, 0),) * self._axes
        if max(self._kernel.stride) > 1:
            raise ValueError(f"{self!r}: stride is {self.stride}, expected 1 for padding='same'")
        return tuple(((r - 1) // 2, r // 2) for r in self._kernel.reach)

    def _padded(self, batch: Array) -> Array:
        """Return (N, in, *sizes) padded, as (in, N, *padded)."""
        x = batch.swapaxes(0, 1)
        if max(map(max, self._pads)) > 0:
            x = pad(x, self._pads, self._mode)
        if min(self._kernel.counts(x.shape[2:])) < 1:
            found = f"x has sizes {x.shape[2:]} with its padding"
            raise ValueError(f"{self!r}: {found}, expected {self._kernel.reach} or more")
        return x


class Conv1d(_Conv):
    """Correlate the last axis of x with a kernel.

    The formulas are those of _Conv, above, with l, t and m one number each.

    *Shapes*: x, dx (N, in, L) or (in, L); y, dy (N, out, (L + 2p - d(k-1) - 1) // s + 1), or
    without N; weight (out, in/groups, k), bias (out,). *Raises*: ValueError for options out of
    range and for an x of another rank, of other channels, or smaller than the kernel's reach.
    *Source*: torch.nn.Conv1d; Dumoulin and Visin, A guide to convolution arithmetic, 2016.
    """

    _axes = 1


class Conv2d(_Conv):
    """Correlate the last two axes of x with a kernel.

    The formulas are those of _Conv, above, with l, t and m pairs of numbers.

    *Shapes*: x, dx (N, in, H, W) or (in, H, W); y, dy (N, out, H', W') or (out, H', W'), H' and
    W' as in Conv1d; weight (out, in/groups, kh, kw), bias (out,). *Raises*: as Conv1d.
    *Source*: torch.nn.Conv2d; Dumoulin and Visin, A guide to convolution arithmetic, 2016.
    """

    _axes = 2


class Conv3d(_Conv):
    """Correlate the last three axes of x with a kernel.

    The formulas are those of _Conv, above, with l, t and m triples of numbers.

    *Shapes*: x, dx (N, in, D, H, W) or (in, D, H, W); y, dy (N, out, D', H', W') or
    (out, D', H', W'), each size as in Conv1d; weight (out, in/groups, kd, kh, kw), bias (out,).
    *Raises*: as Conv1d. *Source*: torch.nn.Conv3d; Dumoulin and Visin, A guide to convolution
    arithmetic, 2016.
    """

    _axes = 3


class _ConvTranspose(_Filter):
    """Spread every entry of x over a window of y, weighted by a kernel.

    With l a position in x, m one in y, t a tap, s stride, d dilation and p padding, the sums
    over the channels of one group:

    y[n,o,m] = b[o] + sum of w[i,o,t] x[n,i,l] over all i, t, l with s l + d t - p = m
    dx[n,i,l] = sum_ot w[i,o,t] dy[n,o,s l + d t - p], dy being 0 outside
    dw[i,o,t] = sum_nl x[n,i,l] dy[n,o,s l + d t - p]; db[o] = sum_nm dy[n,o,m]

    This is dx of a convolution: padding takes entries off both ends of y, and output_padding
    adds some to the end, which a stride makes reachable from the same x.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sequence[int] = 1,
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.output_padding = output_padding
        self.groups = groups
        self.bias = bias
        self.dilation = dilation
        self.padding_mode = padding_mode
        self._prepare()
        self._pads: Pads = tuple((p, p) for p in integers(self, "padding", padding, self._axes, 0))
        self._extra = integers(self, "output_padding", output_padding, self._axes, 0)
        largest = map(max, self._kernel.stride, self._kernel.dilation)
        if any(e >= most for e, most in zip(self._extra, largest, strict=True)):
            expected = "less than stride or less than dilation"
            raise ValueError(f"{self!r}: output_padding is {output_padding}, expected {expected}")
        if padding_mode != "zeros":
            raise ValueError(f"{self!r}: padding_mode is {padding_mode!r}, expected 'zeros'")
        self._draw(in_channels, out_channels)

    @np.errstate(over="ignore", invalid="ignore")  # inf and NaN come out as torch's do, silently
    def forward(self, x: Array, output_size: Sequence[int] | None = None) -> Array:
        """Return y, of the output_size if one is given that stride makes reachable."""
        x = self._checked(x)
        batch = self._batch(x)  # (N, in, *counts)
        sizes = self._spans(batch.shape[2:], output_size, x.ndim)
        self._counts = batch.shape[2:]
        self._x = self._rows(batch)  # (groups, in/groups, N*positions)
        self._W = self._matrix(x.dtype)  # (groups, in/groups, out/groups*taps)
        # (groups, out/groups*taps, N*positions)
        columns = _product(self._W.swapaxes(1, 2), self._x)
        y = self._spread(columns, len(batch), self._counts, sizes)  # (out, N, *sizes)
        inner = (slice(p, n - p) for (p, _), n in zip(self._pads, sizes, strict=True))
        kept: Index = (..., *inner)
        return self._finish(y[kept], x)

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of weight and bias."""
        dy = self._batch(self._cotangent(dy, self._kept("_y")))  # (N, out, *sizes)
        padded = pad(dy.swapaxes(0, 1), self._pads)  # (out, N, *padded)
        columns = self._columns(padded, self._counts)  # (groups, out/groups*taps, N*positions)
        self._learn(self._x @ columns.swapaxes(1, 2), dy)
        dx = self._W @ columns  # (groups, in/groups, N*positions)
        dx = dx.reshape(self.in_channels, len(dy), *self._counts)
        return self._like(self._y, dx.swapaxes(0, 1))

    def _spans(self, counts: Sizes, output_size: Sequence[int] | None, ndim: int) -> Sizes:
        """Return the sizes of y before padding takes from it."""
        axes = zip(counts, self._kernel.stride, self._kernel.reach, strict=True)
        spans = tuple(s * (n - 1) + reach for n, s, reach in axes)
        padding = tuple(sum(sides) for sides in self._pads)
        least = tuple(span - p for span, p in zip(spans, padding, strict=True))
        sizes = tuple(map(sum, zip(least, self._extra, strict=True)))
        if output_size is not None:
            sizes = self._given(output_size, least, ndim)
        if min(sizes) < 1:
            raise ValueError(f"{self!r}: y would have sizes {sizes}, expected 1 or more")
        return tuple(map(sum, zip(sizes, padding, strict=True)))

    def _given(self, output_size: Sequence[int], least: Sizes, ndim: int) -> Sizes:
        """Return the sizes that output_size ends with, checked."""
        n = self._axes
        given = tuple(output_size) if isinstance(output_size, tuple | list) else ()
        if len(given) not in (n, ndim):
            expected = f"{n} sizes, or all {ndim} of y"
            raise ValueError(f"{self!r}: output_size is {output_size!r}, expected {expected}")
        sizes = integers(self, "output_size", given[-n:], n)
        most = tuple(size + s - 1 for size, s in zip(least, self._kernel.stride, strict=True))
        if any(not a <= size <= b for a, size, b in zip(least, sizes, most, strict=True)):
            expected = f"{least} to {most}"
            raise ValueError(f"{self!r}: output_size is {output_size!r}, expected {expected}")
        return sizes


class ConvTranspose1d(_ConvTranspose):
    """Spread every entry of the last axis of x over a window of y.

    The formulas are those of _ConvTranspose, above, with l, t and m one number each.

    *Shapes*: x, dx (N, in, L) or (in, L); y, dy (N, out, s(L-1) + d(k-1) + 1 - 2p +
    output_padding), or without N; weight (in, out/groups, k), bias (out,). *Raises*: ValueError
    for options out of range, for an x of another rank or of other channels, for an output_size
    that this x does not reach, and where y would have no entry. *Source*:
    torch.nn.ConvTranspose1d; Dumoulin and Visin, A guide to convolution arithmetic, 2016.
    """

    _axes = 1


class ConvTranspose2d(_ConvTranspose):
    """Spread every entry of the last two axes of x over a window of y.

    The formulas are those of _ConvTranspose, above, with l, t and m pairs of numbers.

    *Shapes*: x, dx (N, in, H, W) or (in, H, W); y, dy (N, out, H', W') or (out, H', W'), H' and
    W' as in ConvTranspose1d; weight (in, out/groups, kh, kw), bias (out,). *Raises*: as
    ConvTranspose1d. *Source*: torch.nn.ConvTranspose2d; Dumoulin and Visin, A guide to
    convolution arithmetic, 2016.
    """

    _axes = 2


class ConvTranspose3d(_ConvTranspose):
    """Spread every entry of the last three axes of x over a window of y.

    The formulas are those of _ConvTranspose, above, with l, t and m triples of numbers.

    *Shapes*: x, dx (N, in, D, H, W) or (in, D, H, W); y, dy (N, out, D', H', W') or
    (out, D', H', W'), each size as in ConvTranspose1d; weight (in, out/groups, kd, kh, kw),
    bias (out,). *Raises*: as ConvTranspose1d. *Source*: torch.nn.ConvTranspose3d; Dumoulin and
    Visin, A guide to convolution arithmetic, 2016.
    """

    _axes = 3


def _product(a: Array, b: Array, out: Array | None = None) -> Array:
    """Return a @ b, to out if given: a product of a column and a row is no work for BLAS."""
    product: Array = np.multiply(a, b, out=out) if a.shape[-1] == 1 else np.matmul(a, b, out=out)
    return product


def _flipped(matrix: Array, taps: int) -> Array:
    """Turn (groups, a, b*taps) into (groups, b, a*taps), with the order of the taps reversed."""
    groups, a, row = matrix.shape
    flipped = matrix.reshape(groups, a, row // taps, taps)[..., ::-1]
    return flipped.swapaxes(1, 2).reshape(groups, row // taps, a * taps)
