"""Layers that merge axes into one, or split one into several."""

import math
from collections.abc import Sequence

from numpy_layers.layer import Array, Layer, is_whole


class Flatten(Layer):
    """Merge the axes from start_dim to end_dim, both included, into one.

    y = x.reshape(*, S_start ... S_end, *); dx = dy.reshape(x.shape)

    *Shapes*: x, dx any that have the axes, y, dy with one axis in the place of these; a single
    number becomes (1,). *Raises*: ValueError when x lacks an axis or start_dim comes after
    end_dim. *Source*: torch.nn.Flatten.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        """Return y, a view of x where its memory allows."""
        x = self._floats("x", x)
        shape = x.shape or (1,)
        rank = len(shape)
        for axis in (self.start_dim, self.end_dim):
            if not -rank <= axis < rank:
                raise ValueError(f"{self!r}: x has no axis {axis}, shape {x.shape}")
        start, end = self.start_dim % rank, self.end_dim % rank
        if start > end:
            found = f"start_dim is axis {start} and end_dim axis {end} of x"
            raise ValueError(f"{self!r}: {found}, shape {x.shape}, expected start_dim first")
        merged = math.prod(shape[start : end + 1])
        self._shape = x.shape
        self._output = x.reshape(*shape[:start], merged, *shape[end + 1 :])
        return self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        return self._cotangent(dy, self._kept("_output")).reshape(self._shape)


class Unflatten(Layer):
    """Split one axis into several; one size may be -1, which is what the others leave.

    y = x.reshape(*, U_1, ..., U_n, *); dx = dy.reshape(x.shape)

    *Shapes*: x, dx any that have the axis, of size U_1 ... U_n; y, dy with U_1, ..., U_n in its
    place. *Raises*: ValueError when x lacks the axis or its size is another, for sizes that are
    not integers of -1 or more, for more than one -1, and for named axes, which arrays do not
    have. *Source*: torch.nn.Unflatten.
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size
        if not is_whole(dim):
            raise ValueError(f"{self!r}: dim is {dim!r}, expected the number of an axis")
        if not isinstance(unflattened_size, tuple | list) or not unflattened_size:
            found = f"unflattened_size is {unflattened_size!r}"
            raise ValueError(f"{self!r}: {found}, expected a tuple of sizes")
        for size in unflattened_size:
            if not is_whole(size, -1):
                expected = "integers of 0 or more, or -1 once"
                raise ValueError(f"{self!r}: unflattened_size has {size!r}, expected {expected}")
        if list(unflattened_size).count(-1) > 1:
            found = f"unflattened_size is {unflattened_size!r}"
            raise ValueError(f"{self!r}: {found}, expected -1 at most once")

    def forward(self, x: Array) -> Array:
        """Return y, a view of x where its memory allows."""
        x = self._floats("x", x)
        if not -x.ndim <= self.dim < x.ndim:
            raise ValueError(f"{self!r}: x has no axis {self.dim}, shape {x.shape}")
        axis = self.dim % x.ndim
        known = math.prod(size for size in self.unflattened_size if size != -1)
        rest = x.shape[axis] // known if known and -1 in self.unflattened_size else 1
        if known * rest != x.shape[axis] or (known == 0 and -1 in self.unflattened_size):
            found = f"axis {axis} of x is {x.shape[axis]}, shape {x.shape}"
            raise ValueError(f"{self!r}: {found}, expected {self._expected(known)}")
        sizes = [rest if size == -1 else size for size in self.unflattened_size]
        self._shape = x.shape
        self._output = x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :])
        return self._output

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        return self._cotangent(dy, self._kept("_output")).reshape(self._shape)

    def _expected(self, known: int) -> str:
        """Say which sizes of the axis can be split."""
        if -1 not in self.unflattened_size:
            return str(known)
        return f"a multiple of {known}" if known else "no size of 0 beside a -1"
