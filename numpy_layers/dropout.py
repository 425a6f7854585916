"""Layers that drop elements or channels at random in training, and do nothing in evaluation."""

import math

import numpy as np

from numpy_layers.layer import Array, Layer


class _Dropout(Layer):
    """Multiply by a noise that is constant in backward: y = x * noise + shift, dx = dy * noise.

    Neither p = 0 nor p = 1 draws. With p = 1, y is x * 0: NaN where x is infinite or NaN.
    """

    noise: Array | None

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p
        if not 0 <= p <= 1:
            raise ValueError(f"{self!r}: p is {p}, expected 0 to 1")

    def forward(self, x: Array) -> Array:
        """Return y: x itself in evaluation."""
        self.x = self._floats("x", x)
        self._check(self.x)
        self.noise, shift = self._draw(self.x) if self.training else (None, None)
        return self._apply(self.x, shift)

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        return self._apply(self._cotangent(dy, self._kept("x")))

    def _apply(self, x: Array, shift: Array | None = None) -> Array:
        """Return x * noise + shift."""
        if self.noise is None:
            return x
        with np.errstate(invalid="ignore", over="ignore"):  # inf * 0 is NaN, as in torch
            y: Array = np.asarray(x * self.noise)
            if shift is not None:
                y += shift
        return y

    def _check(self, x: Array) -> None:
        """Refuse a rank that the layer does not take; most take any."""

    def _draw(self, x: Array) -> tuple[Array | None, Array | None]:
        """Return noise and shift for x; None where there is nothing to multiply or to add."""
        if self.p == 0 or not x.size:
            return None, None
        if self.p == 1:
            return np.zeros((), x.dtype), None
        return self._noise(self._keep(x).astype(x.dtype))

    def _keep(self, x: Array) -> Array:
        """Draw what is kept, element by element in the order of x in memory, as torch does."""
        axes = sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))
        kept = self.draws.keep(self.p, tuple(x.shape[axis] for axis in axes))
        return np.asarray(kept).transpose(np.argsort(axes))

    def _noise(self, kept: Array) -> tuple[Array, Array | None]:
        """Return noise and shift, kept being 1 or 0."""
        kept /= kept.dtype.type(1 - self.p)
        return kept, None


class _ChannelDropout(_Dropout):
    """Drop whole channels, those of axis 1: noise is (N, C, 1, ..)."""

    _ranks: tuple[int, ...]  # of x, the first one without a batch axis where that is allowed
    _batch_optional = True

    def _check(self, x: Array) -> None:
        """Refuse a rank other than the two."""
        if x.ndim not in self._ranks:
            expected = " or ".join(map(str, self._ranks))
            raise ValueError(f"{self!r}: x has rank {x.ndim}, shape {x.shape}, expected {expected}")

    def _keep(self, x: Array) -> Array:
        """Draw which channels are kept."""
        single = self._batch_optional and x.ndim == self._ranks[0]
        shape = (1, *x.shape) if single else x.shape
        kept = np.asarray(self.draws.keep(self.p, _channels(shape)))
        return kept[0] if single else kept


class Dropout(_Dropout):
    """Zero elements at random in training and scale the others up.

    y = x * noise, noise being 0 with probability p and else 1 / (1 - p); dx = dy * noise

    In evaluation y is x. A dropped NaN or infinity is NaN, not 0, since it is multiplied.
    The noise follows x in memory: a transposed x meets the transposed noise, as in torch.

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when p is outside 0 to 1.
    *Source*: torch.nn.Dropout; Hinton et al., Improving neural networks by preventing
    co-adaptation of feature detectors, 2012.
    """


class Dropout1d(_ChannelDropout):
    """Zero whole channels of sequences at random in training and scale the others up.

    y = x * noise, noise being one value a channel, 0 with probability p and else 1 / (1 - p);
    dx = dy * noise

    *Shapes*: x, y, dy, dx (N, C, L) or (C, L), all equal. *Raises*: ValueError for other ranks
    and when p is outside 0 to 1. *Source*: torch.nn.Dropout1d; Tompson et al., Efficient object
    localization using convolutional networks, 2015.
    """

    _ranks = 2, 3


class Dropout2d(_ChannelDropout):
    """Zero whole channels of images at random in training and scale the others up.

    y = x * noise, noise being one value a channel, 0 with probability p and else 1 / (1 - p);
    dx = dy * noise

    *Shapes*: x, y, dy, dx (N, C, H, W) or, as in torch, (N, C, L), all equal: three axes are
    not an image without a batch. *Raises*: ValueError for other ranks, of which torch warns,
    and when p is outside 0 to 1. *Source*: torch.nn.Dropout2d; Tompson et al., 2015.
    """

    _ranks = 3, 4
    _batch_optional = False


class Dropout3d(_ChannelDropout):
    """Zero whole channels of volumes at random in training and scale the others up.

    y = x * noise, noise being one value a channel, 0 with probability p and else 1 / (1 - p);
    dx = dy * noise

    *Shapes*: x, y, dy, dx (N, C, D, H, W) or (C, D, H, W), all equal. *Raises*: ValueError for
    other ranks, of which torch warns, and when p is outside 0 to 1. *Source*:
    torch.nn.Dropout3d; Tompson et al., 2015.
    """

    _ranks = 4, 5


class AlphaDropout(_Dropout):
    """Set elements to SELU's limit at random in training, and keep mean 0 and variance 1.

    y = a (x kept - alpha (1 - kept)) + a alpha p, kept being 0 with probability p and else 1;
    dx = a kept dy
    alpha = 1.7580993408473766, SELU's scale times its alpha
    a = 1 / sqrt((1 - p) (1 + p alpha^2))

    In evaluation y is x. With p = 1, y is x * 0, not the limit.

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when p is outside 0 to 1.
    *Source*: torch.nn.AlphaDropout; Klambauer et al., Self-normalizing neural networks, 2017.
    """

    def _noise(self, kept: Array) -> tuple[Array, Array | None]:
        """Return noise and shift, kept being 1 or 0."""
        alpha = 1.7580993408473766
        a = 1 / math.sqrt((alpha**2 * self.p + 1) * (1 - self.p))
        shift = (kept - 1) * kept.dtype.type(alpha * a) + kept.dtype.type(alpha * a * self.p)
        kept *= kept.dtype.type(a)
        return kept, shift


class FeatureAlphaDropout(AlphaDropout):
    """Set whole channels to SELU's limit at random in training; see `AlphaDropout`.

    y = a (x kept - alpha (1 - kept)) + a alpha p, kept being one value a channel; dx = a kept dy

    *Shapes*: x, y, dy, dx (N, C, ..), all equal. The first two axes are batch and channel
    whatever the rank, as in torch, whose page promises (C, D, H, W) too. *Raises*: ValueError
    when there are fewer than two axes to draw for and when p is outside 0 to 1. *Source*:
    torch.nn.FeatureAlphaDropout; Klambauer et al., 2017.
    """

    def _keep(self, x: Array) -> Array:
        """Draw which channels are kept."""
        if x.ndim < 2:
            found = f"x has rank {x.ndim}, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected 2 or more")
        return np.asarray(self.draws.keep(self.p, _channels(x.shape)))


def _channels(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one value a channel: (N, C, 1, ..)."""
    return shape[:2] + (1,) * (len(shape) - 2)
