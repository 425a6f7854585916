"""The activations: element by element, gated by halves, and normalised along an axis."""

import math
from typing import Any

import numpy as np

from numpy_layers.blocks import in_blocks, in_slabs, select, zeroed
from numpy_layers.formulas import erf, sigmoid
from numpy_layers.layer import Array, Layer


class _Elementwise(Layer):
    """Work element by element: a subclass is its formula and the formula's derivative.

    `_value` maps x to y, and `_gradient` maps dy, x and y to dx; both are evaluated in blocks.
    """

    output: Array

    def forward(self, x: Array) -> Array:
        """Return y."""
        self.x = self._floats("x", x)
        self.output = in_blocks(self._value, self.x)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        y = self._kept("output")
        return in_blocks(self._gradient, self._cotangent(dy, y), self.x, y)

    def _value(self, x: Array) -> Any:
        raise NotImplementedError

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        raise NotImplementedError


class _Exponential(_Elementwise):
    """Follow a line above 0 and an exponential that saturates below.

    y = slope x for x >= 0, scale (exp(rate x) - 1) below
    dx = slope dy for x > 0, scale rate exp(rate x) dy for x <= 0
    """

    slope = 1.0
    scale = 1.0
    rate = 1.0

    def _value(self, x: Array) -> Any:
        return select(x < 0, self.scale * np.expm1(self.rate * x), self.slope * x)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        below = self.scale * self.rate * np.exp(self.rate * x)
        return dy * select(x > 0, self.slope, below)


class ELU(_Exponential):
    """Keep what is positive, and let the rest saturate at -alpha.

    y = x for x > 0, alpha (exp(x) - 1) for x <= 0
    dx = dy for x > 0, alpha exp(x) dy for x <= 0

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.ELU; Clevert, Unterthiner and
    Hochreiter, ICLR 2016.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = self.scale = alpha


class SELU(_Exponential):
    """Scale an ELU so that deep networks keep mean 0 and variance 1.

    y = s x for x > 0, s a (exp(x) - 1) for x <= 0; s = 1.0507..., a = 1.6732...
    dx = s dy for x > 0, s a exp(x) dy for x <= 0

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.SELU; Klambauer et al., NeurIPS
    2017.
    """

    slope = 1.0507009873554804934193349852946
    scale = slope * 1.6732632423543772848170429916717


class CELU(_Exponential):
    """Keep what is positive, and let the rest saturate at -alpha with slope 1 at 0.

    y = x for x > 0, alpha (exp(x / alpha) - 1) for x <= 0
    dx = dy for x > 0, exp(x / alpha) dy for x <= 0

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when alpha is 0. *Source*:
    torch.nn.CELU; Barron, arXiv 1704.07483.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = self.scale = alpha
        if alpha == 0:
            raise ValueError(f"{self!r}: alpha is 0, expected another number")
        self.rate = 1 / alpha


class Hardshrink(_Elementwise):
    """Set what is small to zero.

    y = x where |x| > lambd, 0 elsewhere; dx = dy where |x| > lambd, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Hardshrink; Donoho and Johnstone,
    Biometrika 81 (1994).
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def _value(self, x: Array) -> Any:
        return zeroed(x, np.abs(x) <= self.lambd)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return zeroed(dy, ~(np.abs(x) > self.lambd))


class Softshrink(_Elementwise):
    """Draw everything towards zero by lambd, and stop there.

    y = x - min(max(x, -lambd), lambd), which is 0 where |x| <= lambd
    dx = dy where |x| > lambd, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when lambd is negative.
    *Source*: torch.nn.Softshrink; Donoho and Johnstone, Biometrika 81 (1994).
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd
        if not lambd >= 0:
            raise ValueError(f"{self!r}: lambd is {lambd}, expected 0 or more")

    def _value(self, x: Array) -> Any:
        return x - np.clip(x, -self.lambd, self.lambd)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return zeroed(dy, ~(np.abs(x) > self.lambd))


class Hardtanh(_Elementwise):
    """Clip to the interval from min_val to max_val.

    y = min(max(x, min_val), max_val); dx = dy where min_val < x < max_val, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError unless min_val < max_val.
    *Source*: torch.nn.Hardtanh.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__()
        self.min_val = min_val
        self.max_val = max_val
        if not min_val < max_val:
            raise ValueError(f"{self!r}: max_val is {max_val}, expected more than {min_val}")

    def _value(self, x: Array) -> Any:
        return np.clip(x, self.min_val, self.max_val)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return zeroed(dy, ~((x > self.min_val) & (x < self.max_val)))


class ReLU6(Hardtanh):
    """Clip to the interval from 0 to 6.

    y = min(max(x, 0), 6); dx = dy where 0 < x < 6, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.ReLU6; Krizhevsky, Convolutional
    deep belief networks on CIFAR-10 (2010).
    """

    def __init__(self) -> None:
        super().__init__(0.0, 6.0)


class Hardsigmoid(_Elementwise):
    """Rise along a line from 0 at -3 to 1 at 3.

    y = min(max(x + 3, 0), 6) / 6; dx = dy / 6 where -3 < x < 3, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Hardsigmoid; Howard et al., ICCV
    2019.
    """

    def _value(self, x: Array) -> Any:
        return np.clip(x + 3, 0, 6) / 6

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return zeroed(dy / 6, ~(np.abs(x) < 3))


class Hardswish(_Elementwise):
    """Weigh x by its hard sigmoid.

    y = x h, h = min(max(x + 3, 0), 6) / 6; dx = (h + x h') dy, h' = 1/6 where |x| < 3, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Hardswish; Howard et al., ICCV
    2019.
    """

    def _value(self, x: Array) -> Any:
        return x * np.clip(x + 3, 0, 6) / 6

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        slope = np.clip(x + 3, 0, 6)
        slope += zeroed(x, ~(np.abs(x) < 3))
        return dy * (slope / 6)


class _Leaky(_Elementwise):
    """Scale what is not positive by a slope, one for all, for each channel or each element.

    y = x for x > 0, slope x for x <= 0; dx = dy for x > 0, slope dy for x <= 0
    """

    def _forward(self, x: Array, slope: Array | float) -> Array:
        """Return y for an x that was checked."""
        self.x = x
        self._slope = np.asarray(slope, x.dtype)
        self.output = in_blocks(lambda x, a: select(x > 0, x, a * x), x, self._slope)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("output"))
        return in_blocks(lambda dy, x, a: select(x > 0, dy, a * dy), dy, self.x, self._slope)


class LeakyReLU(_Leaky):
    """Keep what is positive, and scale the rest by a slope.

    y = x for x > 0, negative_slope x for x <= 0
    dx = dy for x > 0, negative_slope dy for x <= 0

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.LeakyReLU; Maas, Hannun and Ng,
    ICML 2013.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Array) -> Array:
        """Return y."""
        return self._forward(self._floats("x", x), self.negative_slope)


class PReLU(_Leaky):
    """Keep what is positive, and scale the rest by a learned slope, of all or of its channel.

    y = x for x > 0, a x for x <= 0
    dx = dy for x > 0, a dy for x <= 0; da = sum of x dy over the x <= 0 that share it

    a is `weight` and starts at init.

    *Shapes*: x, y, dy, dx (N, C, ...) with weight (C,), or any with weight (1,). *Raises*:
    ValueError when x has another number of channels, and for a negative num_parameters.
    *Source*: torch.nn.PReLU; He et al., ICCV 2015.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        if num_parameters < 0:
            raise ValueError(f"{self!r}: num_parameters is {num_parameters}, expected 0 or more")
        self.params["weight"] = np.full(num_parameters, init, np.float32)

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        weight = self._param("weight", x.dtype)
        if weight.size == 1:
            return self._forward(x, weight.reshape(()))
        if x.ndim < 2 or x.shape[1] != weight.size:
            found = f"x has {x.shape[1]} channels" if x.ndim > 1 else "x has no channels"
            raise ValueError(f"{self!r}: {found}, shape {x.shape}, expected {weight.size}")
        return self._forward(x, weight.reshape(-1, *[1] * (x.ndim - 2)))

    def backward(self, dy: Array) -> Array:
        """Return dx; set the gradient of weight."""
        dx = super().backward(dy)
        dy = self._cotangent(dy, self.output)
        terms = in_blocks(lambda dy, x: zeroed(dy * x, x > 0), dy, self.x)
        shared = tuple(i for i in range(terms.ndim) if i != 1 or self._slope.ndim == 0)
        with np.errstate(all="ignore"):
            da = np.sum(terms, axis=shared)
        self.grads["weight"] = da.reshape(self.params["weight"].shape)
        return dx


class RReLU(_Leaky):
    """Keep what is positive, and scale the rest by slopes drawn anew at every element.

    y = x for x > 0, a x for x <= 0; dx = dy for x > 0, a dy for x <= 0

    In training each a is uniform between lower and upper; in evaluation it is their mean.

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError unless lower <= upper.
    *Source*: torch.nn.RReLU; Xu et al., arXiv 1505.00853.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        if not lower <= upper:
            raise ValueError(f"{self!r}: upper is {upper}, expected {lower} or more")

    def forward(self, x: Array) -> Array:
        """Return y, drawing slopes in training."""
        x = self._floats("x", x)
        if not self.training:
            return self._forward(x, (self.lower + self.upper) / 2)
        return self._forward(x, self.draws.slopes(self.lower, self.upper, x))


class LogSigmoid(_Elementwise):
    """Take the logarithm of the sigmoid.

    y = -log(1 + exp(-x)) = min(x, 0) - log1p(exp(-|x|)); dx = dy / (1 + exp(x))

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.LogSigmoid.
    """

    def _value(self, x: Array) -> Any:
        return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return dy / (1 + np.exp(x))


class ReLU(_Elementwise):
    """Keep what is positive.

    y = max(x, 0); dx = dy where x > 0, 0 where x <= 0

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.ReLU; Nair and Hinton, ICML 2010.
    """

    def _value(self, x: Array) -> Any:
        return np.clip(x, 0, np.inf)  # np.maximum is slower, and makes +0 of -0

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return zeroed(dy, x <= 0)


class GELU(_Elementwise):
    """Weigh x by the probability P that a standard normal number is below it.

    y = x P(x); dx = (P(x) + x P'(x)) dy

    approximate="none": P = (1 + erf(x / sqrt 2)) / 2, P' = exp(-x^2 / 2) / sqrt(2 pi)
    approximate="tanh": P = (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3),
        P' = 2 P (1 - P) u'

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError for another approximate.
    *Source*: torch.nn.GELU; Hendrycks and Gimpel, arXiv 1606.08415.
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate
        if approximate not in ("none", "tanh"):
            raise ValueError(f"{self!r}: approximate is {approximate!r}, expected none or tanh")

    def forward(self, x: Array) -> Array:
        """Return y."""
        self.x = self._floats("x", x)
        tanh = self.approximate == "tanh"
        self.below = in_blocks(self._below_by_tanh if tanh else self._below, self.x)
        self.output = in_blocks(np.multiply, self.x, self.below)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("output"))
        return in_blocks(self._gradient, dy, self.x, self.below)

    def _gradient(self, dy: Array, x: Array, below: Array) -> Any:
        tanh = self.approximate == "tanh"
        density = self._density_by_tanh(x, below) if tanh else self._density(x)
        density *= x
        density += below
        density *= dy
        return density

    def _below(self, x: Array) -> Any:
        p = erf(x * math.sqrt(0.5))
        p += 1
        p *= 0.5
        return p

    def _density(self, x: Array) -> Any:
        p = x * x
        p *= -0.5
        np.exp(p, out=p)
        p *= 1 / math.sqrt(2 * math.pi)
        return p

    def _below_by_tanh(self, x: Array) -> Array:
        u = 0.044715 * (x * x * x)
        u += x
        u *= math.sqrt(2 / math.pi)
        p = np.tanh(u, out=u)
        p += 1
        p *= 0.5
        return p

    def _density_by_tanh(self, x: Array, below: Array) -> Any:
        du = (3 * 0.044715) * (x * x)
        du += 1
        du *= 2 * math.sqrt(2 / math.pi)
        return du * (below * (1 - below))


class Sigmoid(_Elementwise):
    """Squash every element into (0, 1).

    y = 1 / (1 + exp(-x)); dx = y (1 - y) dy

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Sigmoid.
    """

    def _value(self, x: Array) -> Any:
        return sigmoid(x)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return dy * (1 - y) * y


class SiLU(_Elementwise):
    """Weigh x by its sigmoid s.

    y = x s; dx = s (1 + x (1 - s)) dy = (s + y (1 - s)) dy

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.SiLU; Elfwing, Uchibe and Doya,
    Neural Networks 107 (2018).
    """

    def _value(self, x: Array) -> Any:
        return x * sigmoid(x)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        s = sigmoid(x)
        return dy * (s + y * (1 - s))


class Mish(_Elementwise):
    """Weigh x by the tanh t of its softplus.

    y = x t, t = tanh(log(1 + n)) = w / (w + 2), n = exp(x), w = n (n + 2)
    dx = (t + x (1 - t^2) s) dy, s = n / (1 + n), the sigmoid

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Mish; Misra, arXiv 1908.08681.
    """

    def _value(self, x: Array) -> Any:
        return x * self._weight(self._exp(x))

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        n = self._exp(x)
        t = self._weight(n)
        return dy * (t + x * (1 - t * t) * (n / (1 + n)))

    def _exp(self, x: Array) -> Any:
        return np.exp(np.minimum(x, 20))  # past 20, t is 1 in any dtype, and w would overflow

    def _weight(self, n: Array) -> Any:
        w = n * (n + 2)
        return w / (w + 2)


class Softplus(_Elementwise):
    """Bend smoothly from 0 to x; past the threshold, be x.

    y = log(1 + exp(beta x)) / beta, or x where beta x > threshold
    dx = dy / (1 + exp(-beta x)), or dy where beta x > threshold

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Softplus; Dugas et al., NeurIPS
    2000.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def _value(self, x: Array) -> Any:
        z = self.beta * x
        return select(z > self.threshold, x, np.log1p(np.exp(z)) / self.beta)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        z = self.beta * x
        return dy * select(z > self.threshold, 1.0, sigmoid(z))


class Softsign(_Elementwise):
    """Divide by the distance from -1 or 1.

    y = x / d, d = 1 + |x|; dx = dy / d - dy |y| / d, which is dy / d^2

    The first form of dx is autograd's, by the rule for quotients; at infinity it is NaN as y is.

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Softsign; Turian, Bergstra and
    Bengio, NAACL 2009.
    """

    def _value(self, x: Array) -> Any:
        return x / (1 + np.abs(x))

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        d = 1 + np.abs(x)
        return dy / d - dy * (np.abs(y) / d)


class Tanh(_Elementwise):
    """Squash every element into (-1, 1).

    y = tanh(x); dx = (1 - y^2) dy

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Tanh.
    """

    def _value(self, x: Array) -> Any:
        return np.tanh(x)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return dy * (1 - y * y)


class Tanhshrink(_Elementwise):
    """Subtract the tanh.

    y = x - tanh(x); dx = tanh(x)^2 dy

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Tanhshrink.
    """

    def _value(self, x: Array) -> Any:
        return x - np.tanh(x)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return dy * np.square(np.tanh(x))


class Threshold(_Elementwise):
    """Replace what is not above a threshold.

    y = x for x > threshold, value elsewhere; dx = dy for x > threshold, 0 elsewhere

    *Shapes*: x, y, dy, dx any, all equal. *Source*: torch.nn.Threshold.
    """

    def __init__(self, threshold: float, value: float) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value

    def _value(self, x: Array) -> Any:
        return select(x <= self.threshold, self.value, x)

    def _gradient(self, dy: Array, x: Array, y: Array) -> Any:
        return zeroed(dy, x <= self.threshold)


class GLU(Layer):
    """Gate the first half along an axis by the sigmoid of the second.

    y = a s, (a, b) = the halves of x, s = 1 / (1 + exp(-b))
    da = s dy, db = y (1 - s) dy

    *Shapes*: x, dx (..., 2 C, ...), y, dy (..., C, ...), 2 C along dim. *Raises*: ValueError
    when x has no such axis or cannot be halved there. *Source*: torch.nn.GLU; Dauphin et al.,
    ICML 2017.
    """

    output: Array

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        if not -x.ndim <= self.dim < x.ndim:
            raise ValueError(f"{self!r}: x has no axis {self.dim}, shape {x.shape}")
        if x.shape[self.dim] % 2:
            found = f"axis {self.dim} of x is {x.shape[self.dim]}, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected an even number")
        a, b = np.split(x, 2, axis=self.dim)
        self.gate = in_blocks(sigmoid, b)
        self.output = in_blocks(np.multiply, a, self.gate)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        y = self._kept("output")
        dy = self._cotangent(dy, y)
        axis = self.dim % y.ndim
        dx = np.empty((*y.shape[:axis], 2 * y.shape[axis], *y.shape[axis + 1 :]), y.dtype)
        da, db = np.split(dx, 2, axis=axis)
        in_blocks(np.multiply, dy, self.gate, out=da)
        in_blocks(lambda dy, y, s: dy * y * (1 - s), dy, y, self.gate, out=db)
        return dx


class _AlongAxis(Layer):
    """Normalise the slices along dim; without dim, along the axis that torch has always taken."""

    output: Array

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def _axis(self, x: Array) -> int:
        """Return the axis; a number has one, as in torch."""
        if self.dim is None:
            return 0 if x.ndim in (0, 1, 3) else 1
        rank = max(x.ndim, 1)
        if not -rank <= self.dim < rank:
            raise ValueError(f"{self!r}: x has no axis {self.dim}, shape {x.shape}")
        return self.dim


class Softmax(_AlongAxis):
    """Turn the slices along one axis into probabilities.

    y_i = exp(x_i - max x) / sum_j exp(x_j - max x); dx = y (dy - sum_j y_j dy_j)

    Without dim the axis is 0 for x of rank 0, 1 and 3, else 1. A slice that holds +inf or NaN,
    or nothing but -inf, is all NaN.

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when x has no such axis.
    *Source*: torch.nn.Softmax.
    """

    def forward(self, x: Array) -> Array:
        """Return y, which sums to 1 along the axis."""
        x = self._floats("x", x)
        self.axis = self._axis(x)
        self.output = in_slabs(self._value, self.axis, x)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        y = self._kept("output")
        return in_slabs(self._gradient, self.axis, self._cotangent(dy, y), y)

    def _value(self, x: Array, axis: int) -> Any:
        y = x - np.max(x, axis=axis, keepdims=True)
        np.exp(y, out=y)
        y /= np.sum(y, axis=axis, keepdims=True)
        return y

    def _gradient(self, dy: Array, y: Array, axis: int) -> Any:
        rows, dy_rows = np.moveaxis(y, axis, -1), np.moveaxis(dy, axis, -1)
        dx = dy - np.expand_dims(np.vecdot(dy_rows, rows), axis)
        dx *= y
        return dx


class Softmin(Softmax):
    """Turn the slices along one axis into probabilities, the smallest the likeliest.

    y = softmax(-x); dx = -y (dy - sum_j y_j dy_j)

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when x has no such axis.
    *Source*: torch.nn.Softmin.
    """

    def _value(self, x: Array, axis: int) -> Any:
        return super()._value(-x, axis)

    def _gradient(self, dy: Array, y: Array, axis: int) -> Any:
        dx = super()._gradient(dy, y, axis)
        return np.negative(dx, out=dx)


class Softmax2d(Softmax):
    """Turn the channels of every pixel into probabilities.

    y_c = exp(x_c - max x) / sum_k exp(x_k - max x); dx = y (dy - sum_k y_k dy_k)

    *Shapes*: x, y, dy, dx (N, C, H, W) or (C, H, W), all equal. *Raises*: ValueError for
    another rank. *Source*: torch.nn.Softmax2d.
    """

    def __init__(self) -> None:
        super().__init__(-3)

    def _axis(self, x: Array) -> int:
        if x.ndim not in (3, 4):
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected (N, C, H, W) or (C, H, W)")
        return super()._axis(x)


class LogSoftmax(Softmax):
    """Take the logarithms of the softmax along one axis.

    y = z - log(sum_j exp z_j), z = x - max x; dx = dy - exp(y) sum_j dy_j

    *Shapes*: x, y, dy, dx any, all equal. *Raises*: ValueError when x has no such axis.
    *Source*: torch.nn.LogSoftmax.
    """

    def _value(self, x: Array, axis: int) -> Any:
        z = x - np.max(x, axis=axis, keepdims=True)
        z -= np.log(np.sum(np.exp(z), axis=axis, keepdims=True))
        return z

    def _gradient(self, dy: Array, y: Array, axis: int) -> Any:
        dx = np.exp(y)
        dx *= np.sum(dy, axis=axis, keepdims=True)
        return np.subtract(dy, dx, out=dx)
