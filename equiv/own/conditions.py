"""The conditions that a layer is put under: dtypes, calls before, modes, and other inputs.

Knows arrays and the order of calls; runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from equiv.own.passes import Run

Array = NDArray[Any]
Arrays = Mapping[str, Array]

LARGE: Final = 1000.0
"""What every other row is multiplied by under ``large``."""

ONCE: Final = (("forward", 0), ("backward", 0))
SECOND_CALL: Final = (("forward", 0), ("backward", 0), ("forward", 1), ("backward", 1))
TWO_BACKWARDS: Final = (("forward", 0), ("forward", 1), ("backward", 0), ("backward", 1))
LAST_BACKWARD: Final = (("forward", 0), ("forward", 1), ("backward", 1))


def conditions(
    values: Arrays,
    others: Arrays,
    *,
    dtypes: Sequence[str],
    batch_axis: int | None,
    has_mode: bool,
    keeps_caches: bool,
    differentiates: bool,
) -> Iterator[Run]:
    """Yield the conditions that make sense for these inputs, and for a layer of such a style.

    ``others`` are inputs for the call before.
    """

    def run(name: str, *calls: Arrays, script: Any = ONCE, **said: Any) -> Run:
        steps = tuple(s for s in script if s[0] == "forward" or differentiates)
        training = True if has_mode else None
        how = {"dtype": dtypes[0], "training": training, **said}
        return Run(name=name, calls=calls, script=steps, **how)

    for dtype in dtypes:
        yield run(dtype, values, dtype=dtype)
    yield run("second call", others, values, script=SECOND_CALL)
    if differentiates:
        two = TWO_BACKWARDS if keeps_caches else LAST_BACKWARD
        yield run("two forwards", others, values, script=two)
    if has_mode:
        yield run("eval", values, training=False)
    one = first_row(values, batch_axis)
    if one:
        yield run("batch of one", one)
    if any(x.ndim for x in values.values()):
        yield run("transposed", {n: turned(x) for n, x in values.items()})
    greater = {n: large(x, batch_axis or 0) for n, x in values.items()}
    if any(greater[n] is not x for n, x in values.items()):
        yield run("large", greater, usual=(values,))


def other(x: Array) -> Array:
    """Make other data of the same sort of an array that was given."""
    back = np.ascontiguousarray(np.flip(x)).reshape(x.shape)
    alike = x.dtype.kind == "f" and np.array_equal(back, x)
    return np.asarray(back * 0.75, x.dtype) if alike else back


def first_row(values: Arrays, axis: int | None) -> Arrays:
    """Keep one row of all inputs that have as many as the first; nothing where that is no batch."""
    first = next(iter(values.values()))
    if axis is None or first.ndim < 2 or first.shape[axis] < 2:
        return {}
    count = first.shape[axis]
    is_batch = {n: x.ndim > axis and x.shape[axis] == count for n, x in values.items()}
    return {n: x.take([0], axis) if is_batch[n] else x for n, x in values.items()}


def turned(x: Array) -> Array:
    """Lay the same values out otherwise: by columns, or with gaps where there is one axis."""
    return np.asfortranarray(x) if x.ndim != 1 else np.repeat(x, 2)[::2]


def large(x: Array, axis: int) -> Array:
    """Multiply every other row of an array of both signs, and leave any other as it is."""
    if x.dtype.kind != "f" or not ((x < 0).any() and (x > 0).any()):
        return x
    scale = np.ones(x.shape)
    rows = np.moveaxis(scale, axis if axis < x.ndim else 0, 0)
    rows[::2] = LARGE
    return np.asarray(x * scale, x.dtype)
