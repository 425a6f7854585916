"""Evaluates a formula on arrays block by block, so that its temporaries stay in the cache.

Knows no layer. `select` and `zeroed` are for formulas: np.where without its branches.
"""

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from numpy_layers.layer import Array

BLOCK = 1 << 18
"""Bytes of an operand worked on at a time: the temporaries of a formula stay in the cache."""


def in_blocks(formula: Callable[..., Any], *arrays: Array, out: Array | None = None) -> Array:
    """Evaluate a formula on the elements of arrays that broadcast, block by block.

    The arrays share a dtype. float16 is computed in float32 and rounded once, and nothing
    warns where a formula overflows or has no value: there torch is silent too.
    """
    dtype = arrays[0].dtype
    wide = np.result_type(dtype, np.float32)
    read: list[Literal["readonly", "writeonly", "allocate"]] = ["readonly"]
    write: list[Literal["readonly", "writeonly", "allocate"]] = ["writeonly", "allocate"]
    blocks = np.nditer(
        [*arrays, out],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[read] * len(arrays) + [write],
        op_dtypes=[wide] * (len(arrays) + 1),
        casting="same_kind",
        buffersize=BLOCK // wide.itemsize,
    )
    with blocks, np.errstate(all="ignore"):
        for block in blocks:
            block[-1][...] = formula(*block[:-1])
        result: Array = blocks.operands[-1]
        return result.astype(dtype, copy=False)


def in_slabs(formula: Callable[..., Any], axis: int, *arrays: Array) -> Array:
    """Evaluate a formula that reduces along one axis, on some slices at a time.

    The formula takes the arrays' slabs and the axis to reduce there: the last, unless more
    lies behind the axis than along it, where NumPy reduces faster across. As in `in_blocks`,
    float16 is computed in float32 and nothing warns.
    """
    shape, dtype = arrays[0].shape, arrays[0].dtype
    wide = np.result_type(dtype, np.float32)
    C = shape[axis] if shape else 1  # torch takes a number for a slice of one
    axis = axis % max(len(shape), 1)
    inner = math.prod(shape[axis + 1 :])
    result = np.empty(shape, dtype)
    views = [a.reshape(math.prod(shape[:axis]), C, inner) for a in (*arrays, result)]
    along = 1
    if inner < C:
        views, along = [view.swapaxes(1, 2) for view in views], 2  # (outer, inner, C)
    step = max(1, BLOCK // max(1, wide.itemsize * C * inner))
    with np.errstate(all="ignore"):
        for i in range(0, len(views[0]) if result.size else 0, step):
            *slabs, out = (view[i : i + step] for view in views)
            out[...] = formula(*(np.ascontiguousarray(s, wide) for s in slabs), along)
    return result


def select(condition: Array, x: Array | float, y: Array | float) -> Array:
    """Return x where the condition holds, else y, bit by bit.

    np.where branches at every element: on signs that nobody can predict it takes ten times
    as long as this.
    """
    dtype = np.result_type(x, y)
    bits = np.dtype(f"i{dtype.itemsize}")
    a, b = (np.asarray(v, dtype).view(bits) for v in (x, y))
    mask = (-condition.view(np.int8)).astype(bits)  # all ones where it holds
    mask &= a ^ b
    mask ^= b
    return mask.view(dtype)


def zeroed(x: Array, where: Array) -> Array:
    """Return x with +0 where the condition holds, whatever is there."""
    bits = np.dtype(f"i{x.dtype.itemsize}")
    mask = (where.view(np.int8) - 1).astype(bits)  # all ones where it does not hold
    mask &= x.view(bits)
    return mask.view(x.dtype)
