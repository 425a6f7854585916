"""The four layers of the sheet, with its interface and repaired where it was wrong or silent."""

import math

import numpy as np

from numpy_layers.layer import Array, Layer


class Sigmoid(Layer):
    """Squash every element into (0, 1).

    y = 1 / (1 + exp(-x)); dx = y (1 - y) dy

    With e = exp(-|x|), which cannot overflow, y is 1 / (1 + e) for x >= 0 and e / (1 + e)
    below. The sheet's clip to +-500 is gone: it held sigmoid(-600) = 2.65e-261 at 7e-218, and
    did not keep float32 from overflowing, whose exp ends at 88.

    *Shapes*: x, y, dy, dx any, all equal. *Source*: the sheet; torch.nn.Sigmoid.
    """

    def forward(self, x: Array) -> Array:
        """Return y, in (0, 1) up to rounding; NaN stays NaN."""
        x = self._floats("x", x)
        e = np.exp(-np.abs(x))
        self.output = np.where(x >= 0, x.dtype.type(1), e)
        self.output /= 1 + e
        return self.output

    def backward(self, grad_in: Array) -> Array:
        """Return dx."""
        y = self._kept("output")
        dx: Array = y * (1 - y) * self._cotangent(grad_in, y)
        return dx


class Softmax(Layer):
    """Turn the slices along one axis into probabilities.

    y_i = exp(x_i - max x) / sum_j exp(x_j - max x)
    dx = (diag(y) - y y^T) dy = y (dy - sum_j y_j dy_j)

    The two forms of dx are `backward`, to read, and `backward_vectorized`, to run. A slice
    that holds +inf or NaN, or nothing but -inf, is all NaN, as in torch.

    *Shapes*: x, y, dy, dx any of rank 1 or more that has the axis, all equal. *Raises*:
    ValueError when x has no such axis. *Source*: the sheet; torch.nn.Softmax.
    """

    output: Array

    def __init__(self, axis: int = 1) -> None:
        super().__init__()
        self.axis = axis

    def __repr__(self) -> str:
        return f"Softmax(axis={self.axis})"

    def forward(self, x: Array) -> Array:
        """Return y, which sums to 1 along the axis."""
        x = self._floats("x", x)
        if not -x.ndim <= self.axis < x.ndim:
            raise ValueError(f"{self!r}: x has no axis {self.axis}, shape {x.shape}")
        # invalid: inf - inf is the NaN promised above. over: a difference past the dtype's
        # range is -inf, whose exp is the right 0. initial: the axis may be empty.
        with np.errstate(invalid="ignore", over="ignore"):
            shifted = x - np.max(x, axis=self.axis, keepdims=True, initial=-np.inf)
        exp = np.exp(shifted)
        self.output = exp / np.sum(exp, axis=self.axis, keepdims=True)
        return self.output

    def backward(self, grad_in: Array) -> Array:
        """Return dx, slice by slice through the Jacobian."""
        y = self._kept("output")
        dy = np.moveaxis(self._cotangent(grad_in, y), self.axis, -1)
        dx = np.empty_like(y)
        rows, dx_rows = np.moveaxis(y, self.axis, -1), np.moveaxis(dx, self.axis, -1)  # (..., C)
        for i in np.ndindex(rows.shape[:-1]):
            s = rows[i]
            jacobian = np.diag(s) - np.outer(s, s)  # (C, C)
            dx_rows[i] = jacobian @ dy[i]
        return dx

    def backward_vectorized(self, grad_in: Array) -> Array:
        """Return dx, all slices at once."""
        s = self._kept("output")
        dy = self._cotangent(grad_in, s)
        dot = np.sum(s * dy, axis=self.axis, keepdims=True)
        dx: Array = s * (dy - dot)
        return dx


class CrossEntropyLoss(Layer):
    """Average the cross-entropy of predicted probabilities (not logits) over the batch.

    p = clip(predictions, 1e-12, 1 - 1e-12)
    loss = -(1/N) sum_nc t_nc log p_nc; dpredictions = -t / p / N

    In float32, 1 - 1e-12 is 1, so the upper bound does nothing to a probability. The gradient
    takes p for what was predicted, outside the bounds too: where autograd through a clamp gives
    0, the sheet's -t / p / N is kept. The loss of an empty batch is NaN, as in torch.

    *Shapes*: predictions (N, C); targets (N,), class indices, or (N, C), probabilities; loss ().
    *Dtypes*: float32, float64 (1e-12 is 0 in float16); indices any integer, probabilities any
    real, used in the predictions' dtype. *Raises*: ValueError for other shapes and dtypes and
    for an index outside 0 to C - 1. *Source*: the sheet; torch.nn.NLLLoss of log p.
    """

    def forward(self, predictions: Array, targets: Array) -> np.floating:
        """Return the loss, a NumPy scalar."""
        predictions = self._floats("predictions", predictions)
        if predictions.dtype == np.float16:
            raise ValueError(f"{self!r}: predictions is float16, expected float32 or float64")
        if predictions.ndim != 2:
            raise ValueError(
                f"{self!r}: predictions has shape {predictions.shape}, expected (N, C)"
            )
        self.targets = self._probabilities(np.asarray(targets), predictions)  # (N, C)
        self.predictions = np.clip(predictions, 1e-12, 1.0 - 1e-12)
        total: np.floating = np.sum(self.targets * np.log(self.predictions))
        with np.errstate(invalid="ignore"):  # the mean of nothing is the NaN promised above
            return -(total / len(predictions))

    def backward(self, grad_in: float | np.floating | Array = 1.0) -> Array:
        """Return the gradient of grad_in times the loss for the predictions."""
        p = self._kept("predictions")
        scale = np.asarray(grad_in)
        if scale.shape != () or scale.dtype.kind not in "iuf":
            found = f"cotangent is {scale.dtype} of shape {scale.shape}"
            raise ValueError(f"{self!r}: {found}, expected a real number")
        dp: Array = -self.targets / p / len(p) * p.dtype.type(scale)
        return dp

    def _probabilities(self, targets: Array, predictions: Array) -> Array:
        """Return the targets as rows of probabilities, in the predictions' shape and dtype."""
        N, C = predictions.shape
        if targets.shape not in ((N,), (N, C)):
            raise ValueError(
                f"{self!r}: targets has shape {targets.shape}, expected ({N},) or ({N}, {C})"
            )
        kinds, expected = ("iu", "class indices") if targets.ndim == 1 else ("biuf", "real numbers")
        if targets.dtype.kind not in kinds:
            found = f"targets is {targets.dtype} of shape {targets.shape}"
            raise ValueError(f"{self!r}: {found}, expected {expected}")
        if targets.ndim == 2:
            return targets.astype(predictions.dtype, copy=False)
        outside = targets[(targets < 0) | (targets >= C)]
        if outside.size:
            raise ValueError(f"{self!r}: targets holds {outside[0]}, expected 0 to {C - 1}")
        one_hot = np.zeros_like(predictions)  # not np.eye(C)[targets]: that is C x C first
        one_hot[np.arange(N), targets] = 1
        return one_hot


class Linear(Layer):
    """Map the last axis by a matrix and add a bias.

    y = x W + b; dx = dy W^T, dW = sum over the leading axes of x^T dy, db = sum of dy

    W is (in, out), as on the sheet; `params["weight"]` and `grads["weight"]` are W.T and
    grad_W.T, torch's (out, in), and share their memory. W and b start as standard normal
    float64 and are used in the dtype of x.

    *Shapes*: x (..., in), y (..., out), W (in, out), b (out,); any number of leading axes.
    *Raises*: ValueError when the last axis of x is not `in`. *Source*: the sheet;
    torch.nn.Linear.
    """

    output: Array
    grad_in: Array

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.W = np.random.randn(in_features, out_features)
        self.b = np.random.randn(out_features)

    def __repr__(self) -> str:
        return f"Linear({self.W.shape[0]}, {self.W.shape[1]})"

    @property
    def W(self) -> Array:  # noqa: N802 - the sheet's name
        """The matrix, (in, out)."""
        return self.params["weight"].T

    @W.setter
    def W(self, value: Array) -> None:  # noqa: N802 - the sheet's name
        self.params["weight"] = np.asarray(value).T

    @property
    def b(self) -> Array:
        """The bias, (out,)."""
        return self.params["bias"]

    @b.setter
    def b(self, value: Array) -> None:
        self.params["bias"] = np.asarray(value)

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        size = self.W.shape[0]
        if x.shape[-1:] != (size,):
            found = f"last axis of x is {x.shape[-1]}" if x.ndim else "x has no axis"
            raise ValueError(f"{self!r}: {found}, expected {size}, shape {x.shape}")
        self.x = x
        self._W = self.W.astype(x.dtype, copy=False)  # this forward's, were W replaced after it
        self.output = x @ self._W  # (..., out)
        self.output += self.b.astype(x.dtype, copy=False)
        return self.output

    def backward(self, grad_in: Array) -> Array:
        """Return dx, also kept as grad_in; fill grad_W and grad_b."""
        dy = self._cotangent(grad_in, self._kept("output"))
        N = math.prod(self.x.shape[:-1])
        rows = dy.reshape(N, dy.shape[-1])  # (N, out)
        self.grad_W = self.x.reshape(N, self.x.shape[-1]).T @ rows  # (in, out)
        self.grad_b = np.sum(rows, axis=0)
        self.grads.update({"weight": self.grad_W.T, "bias": self.grad_b})
        self.grad_in = dy @ self._W.T  # (..., in)
        return self.grad_in
