"""Pooling over sliding windows, its partial inverse, and pooling to a given size."""

import functools
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from numpy_layers.layer import Array, Layer, is_whole
from numpy_layers.windows import (
    Windows,
    adaptive,
    first_maximum,
    in_planes,
    outer,
    scatter_sum,
    sliding,
    window_spread,
    window_sum,
)

Several: TypeAlias = int | Sequence[int]
"""One int for all axes, or one for each."""

AXES = {1: "L", 2: "H, W", 3: "D, H, W"}
"""The pooled axes by their number, as messages spell them."""


class _Pool(Layer):
    """Read the arguments that poolings share, and check the shape of their input."""

    _rank: int

    def _each(self, name: str, value: Any, least: int) -> tuple[int, ...]:
        """Return an argument as one int for each axis."""
        rank = self._rank
        sizes = tuple(value) if isinstance(value, Sequence) else (value,)
        if len(sizes) not in (1, rank) or not all(is_whole(n, least) for n in sizes):
            expected = f"an int of {least} or more" + (f", or {rank} of them" if rank > 1 else "")
            raise ValueError(f"{self!r}: {name} is {value!r}, expected {expected}")
        return sizes if len(sizes) == rank else sizes * rank

    def _slides(self, kernel: Any, stride: Any, padding: Any = 0, dilation: Any = 1) -> None:
        """Keep kernel, stride, padding and dilation by axis, as self._sliding."""
        kernels = self._each("kernel_size", kernel, 1)
        strides = kernels if stride is None else self._each("stride", stride, 1)
        paddings = self._each("padding", padding, 0)
        dilations = self._each("dilation", dilation, 1)
        self._sliding = tuple(zip(kernels, strides, paddings, dilations, strict=True))

    def _pads(self, padding: Any) -> None:
        """Refuse a padding in which half of a window does not fit."""
        if any(2 * pad > kernel for kernel, _, pad, _ in self._sliding):
            expected = "at most half of kernel_size"
            raise ValueError(f"{self!r}: padding is {padding!r}, expected {expected}")

    def _windows(self, x: Array, ceil: bool) -> tuple[Windows, ...]:
        """Return the sliding windows over the pooled axes of x, at least one along each."""
        sizes = x.shape[-self._rank :]
        windows = tuple(sliding(n, *s, ceil) for n, s in zip(sizes, self._sliding, strict=True))
        if not all(len(along.at) for along in windows):
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected room for one window")
        return windows

    def _mean_windows(self, x: Array, ceil: bool) -> tuple[Windows, ...]:
        """Return the sliding windows, of which torch's averages over volumes ask for more."""
        kernels = tuple(kernel for kernel, *_ in self._sliding)
        if self._rank == 3 and any(n < k for n, k in zip(x.shape[-3:], kernels, strict=True)):
            found = f"x has shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {kernels} or more in the last axes")
        return self._windows(x, ceil)

    def _checked(self, x: Array, filled: int | None = None) -> Array:
        """Return x as an array of fitting rank whose last axes, all but the batch, are filled."""
        x, axes = self._floats("x", x), AXES[self._rank]
        if x.ndim not in (self._rank + 1, self._rank + 2):
            expected = f"(C, {axes}) or (N, C, {axes})"
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {expected}")
        filled = self._rank + 1 if filled is None else filled
        if 0 in x.shape[x.ndim - filled :]:
            found = f"x has shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected elements along the last {filled} axes")
        return x


class _Maximum(_Pool):
    """Take the first maximum of each window, and give the gradient to its element."""

    return_indices: bool

    def _pooled(self, x: Array, windows: Sequence[Windows]) -> Array | tuple[Array, Array]:
        """Return y, and where it is in the flattened axes where that is asked for."""
        index, self._from = first_maximum(x, windows)
        self._shape = x.shape
        self._output = x.reshape(-1).take(self._from)
        return (self._output, index) if self.return_indices else self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("_output"))
        return scatter_sum(dy, self._from, self._shape)


class _MaxPool(_Maximum):
    def __init__(
        self,
        kernel_size: Several,
        stride: Several | None = None,
        padding: Several = 0,
        dilation: Several = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode
        self._slides(kernel_size, stride, padding, dilation)
        self._pads(padding)

    def forward(self, x: Array) -> Array | tuple[Array, Array]:
        """Return y, or y and indices."""
        x = self._checked(x)
        windows = self._windows(x, self.ceil_mode)
        if not all(np.all(along.counts) for along in windows):
            found = f"x has shape {x.shape}, and a window falls between its elements"
            raise ValueError(f"{self!r}: {found}, expected one in each")
        return self._pooled(x, windows)


class MaxPool1d(_MaxPool):
    """Take the maximum of each window along the last axis.

    y_o = max_k x_(s o - p + d k); dx_i = sum of dy_o over the windows whose maximum is x_i

    Window o has the taps k = 0 .. kernel_size - 1 that fall on elements of x: padding is never
    a maximum. Of equal elements the first is the maximum, of NaN, which are above all numbers,
    the last. With ceil_mode a last window may stick out on the right, if it starts in x or in
    its left padding. With return_indices the output is (y, indices), positions along the axis.

    *Shapes*: x (C, L) or (N, C, L), dx as x; y, indices (..., floor((L + 2 padding
    - dilation (kernel_size - 1) - 1) / stride + 1)), with ceil_mode the ceiling. *Dtypes*:
    indices int64. *Raises*: ValueError for another rank, for an empty axis but the batch, for
    an x without room for a window or, with dilation and padding, with a window that falls
    between its elements (where torch's indices lie outside of x), and for a padding above half
    of kernel_size. *Source*: torch.nn.MaxPool1d.
    """

    _rank = 1


class MaxPool2d(_MaxPool):
    """Take the maximum of each window over the last two axes.

    As MaxPool1d; "first" and "last" are meant row by row, and indices are i W + j.

    *Shapes*: x (C, H, W) or (N, C, H, W). *Raises*: as MaxPool1d. *Source*:
    torch.nn.MaxPool2d.
    """

    _rank = 2


class MaxPool3d(_MaxPool):
    """Take the maximum of each window over the last three axes.

    As MaxPool1d; "first" and "last" are meant plane by plane and row by row, and indices are
    (h H + i) W + j.

    *Shapes*: x (C, D, H, W) or (N, C, D, H, W). *Raises*: as MaxPool1d. *Source*:
    torch.nn.MaxPool3d.
    """

    _rank = 3


class _AvgPool(_Pool):
    def __init__(
        self,
        kernel_size: Several,
        stride: Several | None = None,
        padding: Several = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override
        self._slides(kernel_size, stride, padding)
        self._pads(padding)
        if divisor_override is not None and not (is_whole(divisor_override) and divisor_override):
            found = f"divisor_override is {divisor_override!r}"
            raise ValueError(f"{self!r}: {found}, expected an int other than 0")

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._checked(x)
        self._across = self._mean_windows(x, self.ceil_mode)
        if self.divisor_override is not None:
            self._divisor = np.asarray(self.divisor_override)
        elif self.count_include_pad:
            self._divisor = outer([along.padded for along in self._across])
        else:
            self._divisor = outer([along.counts for along in self._across])
        self._output = window_sum(x, self._across, self._divisor)
        self._output += 0  # torch adds the quotient to 0, so that none is -0.0
        return self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("_output"))
        return window_spread(dy / self._divisor.astype(dy.dtype), self._across)


class AvgPool1d(_AvgPool):
    """Average each window along the last axis.

    y_o = sum_k x_(s o - p + k) / n_o; dx_i = sum of dy_o / n_o over the windows that have x_i

    n_o is the number of taps in x and its padding, which counts as 0, or in x alone without
    count_include_pad. With ceil_mode a last window may stick out on the right, if it starts in x
    or in its left padding; what lies past the padding is never counted.

    *Shapes*: x (C, L) or (N, C, L), dx as x; y (..., floor((L + 2 padding - kernel_size) /
    stride + 1)), with ceil_mode the ceiling. *Dtypes*: float16 is summed in float32. *Raises*:
    ValueError for another rank, an empty axis but the batch, an x without room for a window,
    and a padding above half of kernel_size. *Source*: torch.nn.AvgPool1d.
    """

    _rank = 1

    def __init__(
        self,
        kernel_size: Several,
        stride: Several | None = None,
        padding: Several = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)


class AvgPool2d(_AvgPool):
    """Average each window over the last two axes.

    As AvgPool1d, n_o being the product over the axes, or divisor_override.

    *Shapes*: x (C, H, W) or (N, C, H, W). *Raises*: as AvgPool1d, and for a divisor_override
    that is 0 or no int. *Source*: torch.nn.AvgPool2d.
    """

    _rank = 2


class AvgPool3d(_AvgPool):
    """Average each window over the last three axes.

    As AvgPool2d.

    *Shapes*: x (C, D, H, W) or (N, C, D, H, W). *Raises*: as AvgPool2d, and, here alone, for an
    x smaller than the kernel, whatever its padding. *Source*: torch.nn.AvgPool3d.
    """

    _rank = 3


class _LPPool(_Pool):
    def __init__(
        self,
        norm_type: float,
        kernel_size: Several,
        stride: Several | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode
        if not isinstance(norm_type, int | float) or norm_type == 0 or math.isnan(norm_type):
            raise ValueError(f"{self!r}: norm_type is {norm_type!r}, expected a number but 0")
        self._slides(kernel_size, stride)

    def forward(self, x: Array) -> Array:
        """Return y."""
        self._x = x = self._checked(x)
        p = float(self.norm_type)
        if math.isinf(p):
            windows, size = self._windows(x, self.ceil_mode), np.abs(x)
            _, self._from = first_maximum(size if p > 0 else -size, windows)
            self._output = size.reshape(-1).take(self._from)
            return self._output
        self._across = self._mean_windows(x, self.ceil_mode)
        self._divisor = outer([along.counts for along in self._across])
        with np.errstate(all="ignore"):  # torch is silent about overflow, 1 / 0 and the NaN made
            self._mean = window_sum(_power(x, p), self._across, self._divisor)
            self._output = _power(self._mean * self._taps, 1 / p)
        return self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("_output"))
        x, p = self._x, float(self.norm_type)
        with np.errstate(all="ignore"):
            if math.isinf(p):
                sign = np.subtract(x > 0, x < 0, dtype=x.dtype)  # 0 for NaN, as torch's
                dx = scatter_sum(dy, self._from, x.shape)
                dx *= sign
                return dx
            slope = _power(self._mean * self._taps, 1 / p - 1)
            slope *= self._taps / p
            dmean = np.where(self._mean == 0, 0, dy * slope)
            dmean *= ~np.isnan(self._mean)  # torch multiplies by a sign, which is 0 for NaN
            dx = window_spread(dmean / self._divisor.astype(dy.dtype), self._across)
            dx *= p * _power(x, p - 1)
            return dx

    @property
    def _taps(self) -> int:
        return math.prod(kernel for kernel, *_ in self._sliding)


def _power(x: Array, exponent: float) -> Array:
    """Return x^exponent; as torch, which takes a root and products where they are exact."""
    if exponent in (1, 2, 3):
        return np.asarray(functools.reduce(np.multiply, [x] * int(exponent)))
    if abs(exponent) == 0.5:
        return np.asarray(np.sqrt(x) if exponent > 0 else 1 / np.sqrt(x))
    return np.asarray(np.power(x, x.dtype.type(exponent)))


class LPPool1d(_LPPool):
    """Take the p-norm of each window along the last axis, without absolute values.

    y_o = (K m_o)^(1/p), m_o = mean_k x_(s o + k)^p, K = kernel_size, p = norm_type
    dx_i = sum over the windows that have x_i of dy_o (K m_o)^(1/p - 1) K / n_o x_i^(p - 1)

    n_o is K but where a window sticks out (ceil_mode), whose norm is scaled up. Where m_o is 0
    the gradient is 0, for p = 1 too, and at odd p a negative m_o gives NaN. p = inf takes the
    largest |x|, p = -inf the smallest, and the first of them takes the gradient.

    *Shapes*: x (C, L) or (N, C, L), dx as x; y as AvgPool1d's. *Dtypes*: float16 is averaged in
    float32. *Raises*: ValueError as AvgPool1d, and for a norm_type of 0 or NaN. *Source*:
    torch.nn.LPPool1d.
    """

    _rank = 1


class LPPool2d(_LPPool):
    """Take the p-norm of each window over the last two axes, without absolute values.

    As LPPool1d, K being the product of kernel_size.

    *Shapes*: x (C, H, W) or (N, C, H, W). *Raises*: as LPPool1d. *Source*: torch.nn.LPPool2d.
    """

    _rank = 2


class LPPool3d(_LPPool):
    """Take the p-norm of each window over the last three axes, without absolute values.

    As LPPool2d.

    *Shapes*: x (C, D, H, W) or (N, C, D, H, W). *Raises*: as LPPool1d, and for an x smaller than
    the kernel, unless norm_type is infinite. *Source*: torch.nn.LPPool3d.
    """

    _rank = 3


class _MaxUnpool(_Pool):
    def __init__(
        self, kernel_size: Several, stride: Several | None = None, padding: Several = 0
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self._slides(kernel_size, stride, padding)

    def forward(self, x: Array, indices: Array, output_size: Sequence[int] | None = None) -> Array:
        """Return y; output_size settles which of the sizes that the stride leaves open it has."""
        x = self._checked(x, filled=np.ndim(x) - 1)
        indices = np.asarray(indices)
        if indices.dtype != np.int64 or indices.shape != x.shape:
            found = f"indices is {indices.dtype} of shape {indices.shape}"
            raise ValueError(f"{self!r}: {found}, expected int64 of shape {x.shape}")
        sizes = self._output_sizes(x.shape[-self._rank :], output_size)
        outside = indices[(indices < 0) | (indices >= math.prod(sizes))]
        if outside.size:
            expected = f"0 to {math.prod(sizes) - 1}"
            raise ValueError(f"{self!r}: indices holds {outside[0]}, expected {expected}")
        self._to = in_planes(indices, self._rank, math.prod(sizes))
        self._output = np.zeros((*x.shape[: -self._rank], *sizes), x.dtype)
        self._output.reshape(-1)[self._to.reshape(-1)] = x.reshape(-1)
        return self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("_output"))
        return dy.reshape(-1).take(self._to)

    def _output_sizes(self, sizes: tuple[int, ...], wanted: Sequence[int] | None) -> Sequence[int]:
        """Return the sizes of the unpooled axes, those wanted if a pooling could have had them."""
        whole = [
            (n - 1) * stride + kernel - 2 * padding
            for n, (kernel, stride, padding, _) in zip(sizes, self._sliding, strict=True)
        ]
        strides = [stride for _, stride, *_ in self._sliding]
        ends = [range(max(n - s + 1, 0), n + s) for n, s in zip(whole, strides, strict=True)]
        given = tuple(wanted) if isinstance(wanted, Sequence) else ()
        own = whole if wanted is None else given[-len(whole) :]
        fits = all(is_whole(n) and n in end for n, end in zip(own, ends, strict=False))
        if not fits or not (wanted is None or len(given) in (len(whole), len(whole) + 2)):
            expected = " and ".join(f"{n.start} to {n.stop - 1}" for n in ends)
            found = f"output_size is {wanted!r}, the pooled sizes {sizes}"
            raise ValueError(f"{self!r}: {found}, expected for the unpooled {expected}")
        return own


class MaxUnpool1d(_MaxUnpool):
    """Put pooled maxima back where they were along the last axis, zeros elsewhere.

    y_(i_o) = x_o with i the indices of MaxPool1d; dx_o = dy_(i_o)

    Where indices repeat, y has the last of the x, and each x has the gradient.

    *Shapes*: x, indices, dx (C, L) or (N, C, L); y (..., (L - 1) stride - 2 padding +
    kernel_size), or a size in output_size that differs by less than stride. *Dtypes*: indices
    int64. *Raises*: ValueError for another rank, an empty axis but the first, indices of another
    shape or dtype or outside of y, and an output_size that no pooling has. *Source*:
    torch.nn.MaxUnpool1d.
    """

    _rank = 1


class MaxUnpool2d(_MaxUnpool):
    """Put pooled maxima back where they were in the last two axes, zeros elsewhere.

    As MaxUnpool1d, with the indices of MaxPool2d.

    *Shapes*: x, indices, dx (C, H, W) or (N, C, H, W). *Raises*: as MaxUnpool1d. *Source*:
    torch.nn.MaxUnpool2d.
    """

    _rank = 2


class MaxUnpool3d(_MaxUnpool):
    """Put pooled maxima back where they were in the last three axes, zeros elsewhere.

    As MaxUnpool1d, with the indices of MaxPool3d.

    *Shapes*: x, indices, dx (C, D, H, W) or (N, C, D, H, W). *Raises*: as MaxUnpool1d. *Source*:
    torch.nn.MaxUnpool3d.
    """

    _rank = 3


class _Adaptive(_Pool):
    """Read the output's size."""

    def __init__(self, output_size: int | Sequence[int | None]) -> None:
        super().__init__()
        self.output_size = output_size
        rank, wanted = self._rank, output_size
        each = tuple(wanted) if isinstance(wanted, Sequence) else (wanted,) * rank
        keeps = rank > 1 and isinstance(wanted, Sequence)  # as in torch, None is no size alone
        self._wanted: tuple[int | None, ...] = each
        if len(each) != rank or not all(is_whole(n, 0) or (n is None and keeps) for n in each):
            expected = "an int of 0 or more" + (f", or {rank} of them or None" if rank > 1 else "")
            raise ValueError(f"{self!r}: output_size is {output_size!r}, expected {expected}")

    def _sizes(self, x: Array) -> list[tuple[int, int]]:
        """Return each pooled axis' size in x and in y, None being that in x."""
        sizes = x.shape[-self._rank :]
        return [(n, n if m is None else m) for n, m in zip(sizes, self._wanted, strict=True)]


class _AdaptiveAvgPool(_Adaptive):
    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._checked(x, filled=self._rank)
        self._pairs = self._sizes(x)
        windows = [adaptive(n, m) for n, m in self._pairs]
        self._divisor = outer([along.counts for along in windows])
        self._output = window_sum(x, windows, self._divisor)
        return self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("_output"))
        transposed = [adaptive(m, n) for n, m in self._pairs]
        return window_sum(dy / self._divisor.astype(dy.dtype), transposed, last_first=True)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Average over output_size windows that cover the last axis evenly.

    y_o = mean of x_i, i = floor(o L / M) .. ceil((o + 1) L / M) - 1, M = output_size
    dx_i = sum of dy_o / n_o over the windows that have x_i, n_o elements each

    *Shapes*: x (C, L) or (N, C, L), dx as x; y (..., M). *Dtypes*: float16 is summed in float32.
    *Raises*: ValueError for another rank, for an empty pooled axis, and for an output_size that
    is no int of 0 or more. *Source*: torch.nn.AdaptiveAvgPool1d.
    """

    _rank = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Average over output_size windows that cover the last two axes evenly.

    As AdaptiveAvgPool1d along each axis; None in output_size keeps the size of an axis.

    *Shapes*: x (C, H, W) or (N, C, H, W). *Raises*: as AdaptiveAvgPool1d. *Source*:
    torch.nn.AdaptiveAvgPool2d.
    """

    _rank = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Average over output_size windows that cover the last three axes evenly.

    As AdaptiveAvgPool2d.

    *Shapes*: x (C, D, H, W) or (N, C, D, H, W). *Raises*: as AdaptiveAvgPool1d. *Source*:
    torch.nn.AdaptiveAvgPool3d.
    """

    _rank = 3


class _AdaptiveMaxPool(_Adaptive, _Maximum):
    def __init__(
        self, output_size: int | Sequence[int | None], return_indices: bool = False
    ) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, x: Array) -> Array | tuple[Array, Array]:
        """Return y, or y and indices."""
        x = self._checked(x, filled=np.ndim(x) - 1)
        return self._pooled(x, [adaptive(n, m) for n, m in self._sizes(x)])


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Take the maximum of each of output_size windows that cover the last axis evenly.

    y_o = max of x_i, i = floor(o L / M) .. ceil((o + 1) L / M) - 1, M = output_size
    dx_i = sum of dy_o over the windows whose maximum is x_i

    Of equal elements the first is the maximum, of NaN, which are above all numbers, the last.
    With return_indices the output is (y, indices), positions along the axis.

    *Shapes*: x (C, L) or (N, C, L), dx as x; y, indices (..., M). *Dtypes*: indices int64.
    *Raises*: ValueError for another rank, for an empty axis but the first, and for an
    output_size that is no int of 0 or more. *Source*: torch.nn.AdaptiveMaxPool1d.
    """

    _rank = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Take the maximum of each of output_size windows that cover the last two axes evenly.

    As AdaptiveMaxPool1d along each axis; "first" and "last" are meant row by row, indices are
    i W + j, and None in output_size keeps the size of an axis.

    *Shapes*: x (C, H, W) or (N, C, H, W). *Raises*: as AdaptiveMaxPool1d. *Source*:
    torch.nn.AdaptiveMaxPool2d.
    """

    _rank = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Take the maximum of each of output_size windows that cover the last three axes evenly.

    As AdaptiveMaxPool2d; indices are (h H + i) W + j.

    *Shapes*: x (C, D, H, W) or (N, C, D, H, W). *Raises*: as AdaptiveMaxPool1d. *Source*:
    torch.nn.AdaptiveMaxPool3d.
    """

    _rank = 3
