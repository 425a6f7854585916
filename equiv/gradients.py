"""The derivative of a NumPy side, by differences, against autograd through its port.

Works in float64, on inputs kept away from kinks; knows functions of arrays, not ops.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]
Function = Callable[[Arrays], Sequence[Array]]
"""From the inputs to the real or complex arrays of the result."""

LIMIT = 1e-9
"""The largest error relative to the largest entry; healthy gradients stayed below 3e-10."""

STEPS = (2.0**-6, 2.0**-9, 2.0**-12, 2.0**-15, 2.0**-18)
"""Step sizes, largest first; a smaller one is tried only where a larger one does not settle."""

NOISE = 4e-13
"""What rounding leaves of a derivative that is zero, relative to the terms that cancel."""

EVERY_ELEMENT = 64
"""Inputs up to this size are tried along every axis, larger ones along some and a dense one."""

SPARSE = 8
"""How many axes of a larger input are tried."""


DENSE = " along a dense direction"


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """What was found: a word for it, the largest relative error, and where it parts."""

    word: str
    """``same``, ``zero`` (on both sides), ``none`` (nothing to differentiate), ``refused`` (torch
    raises) or ``parted``."""
    error: float = 0.0
    where: str = ""
    numpy: str = ""
    torch: str = ""


def cotangents(results: Sequence[Array], seed: int) -> list[Array]:
    """Draw a random cotangent for each array; complex for complex ones, zero where not finite."""
    rng = np.random.default_rng(seed)
    drawn = [rng.standard_normal((2, *r.shape)) for r in results]
    pairs = zip(drawn, results, strict=True)
    return [
        np.where(np.isfinite(r), w[0] + 1j * w[1] if _is_complex(r) else w[0], 0) for w, r in pairs
    ]


def autograd(
    tracked: Mapping[str, Any], results: Sequence[Any], weights: Sequence[Array]
) -> dict[str, Array]:
    """Differentiate ``sum(Re(conj(w) * result))`` by each tracked tensor with torch's autograd.

    A tensor that no result depends on has a gradient of zeros. Raises what torch raises.
    """
    import torch

    total = torch.zeros((), dtype=torch.float64)
    for w, result in zip(weights, results, strict=True):
        product = torch.from_numpy(np.asarray(np.conj(w))) * result
        total = total + (product.real if product.is_complex() else product).sum()
    if not total.requires_grad:
        return {name: np.zeros(tuple(t.shape)) for name, t in tracked.items()}
    found = torch.autograd.grad(total, list(tracked.values()), allow_unused=True)
    return {
        name: np.zeros(tuple(t.shape)) if g is None else g.detach().resolve_conj().numpy()
        for (name, t), g in zip(tracked.items(), found, strict=True)
    }


def directional(
    f: Function, at: Arrays, name: str, direction: Array, weights: Sequence[Array], step: float
) -> tuple[float, float]:
    """Differentiate ``sum(Re(conj(w) * f))`` along a direction of one input.

    Central differences at three steps, extrapolated twice (Richardson). Returns the derivative
    and the move of the last extrapolation, which bounds what the truncation left.

    Source: L. F. Richardson, Phil. Trans. R. Soc. A 210 (1911), 307-357.
    """

    def slope(h: float) -> float:
        ahead = f({**at, name: at[name] + h * direction})
        behind = f({**at, name: at[name] - h * direction})
        rise = 0.0
        for w, a, b in zip(weights, ahead, behind, strict=True):
            if a.shape != b.shape or a.shape != w.shape:
                return float("nan")
            used = w != 0
            rise += float((np.conj(w[used]) * (a[used] - b[used])).real.sum())
        return rise / (2 * h)

    t0, t1, t2 = slope(step), slope(step / 2), slope(step / 4)
    r0, r1 = (4 * t1 - t0) / 3, (4 * t2 - t1) / 3
    best = (16 * r1 - r0) / 15
    return best, abs(best - r1)


def check(
    f: Function, at: Arrays, autograd: Arrays, weights: Sequence[Array], seed: int
) -> Gradient:
    """Hold autograd's gradients, one for each input by name, against the derivative of ``f``."""
    worst = Gradient(word="zero")
    results = f(at)
    noise = NOISE * sum(
        float(np.abs(w[w != 0] * r[w != 0]).sum()) for w, r in zip(weights, results, strict=True)
    )
    partly = any((w == 0).any() for w in weights)  # some results are not finite
    for name, g in autograd.items():
        finite = np.isfinite(g)
        scale = float(np.abs(g[finite]).max(initial=0.0))
        for label, direction in directions(at[name].shape, seed, np.argwhere(~finite)):
            if label == DENSE:
                direction = direction * finite
            theirs = float(g[direction != 0] @ direction[direction != 0])
            for step in STEPS:
                ours, unsettled = directional(f, at, name, direction, weights, step)
                size = max(scale, abs(ours))
                apart = abs(ours - theirs)
                if apart <= LIMIT * size + noise:
                    break
            if partly and ours == 0 and not math.isfinite(theirs):
                continue  # this element reaches no result that is finite: nothing to compare
            if not apart <= LIMIT * size + noise:  # NaN too
                doubt = "" if unsettled <= LIMIT * size else f", settled to {unsettled:.0e} only"
                return Gradient(
                    word="parted",
                    error=apart / size if size else math.inf,
                    where=f"d/d{name.partition('/')[0]}{label}",
                    numpy=f"{ours:.6g}{doubt}",
                    torch=f"{theirs:.6g}",
                )
            if max(scale, abs(ours)) > noise:
                worst = Gradient(word="same", error=max(apart / size, worst.error))
    return worst


def directions(
    shape: tuple[int, ...], seed: int, asked: Array | None = None
) -> Iterator[tuple[str, Array]]:
    """Yield one dense direction, and sparse ones: every axis of a small input.

    Of a large input some axes, and those ``asked`` for by their indices.
    """
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    if not size:
        return
    yield DENSE, rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1, shape)
    if size <= EVERY_ELEMENT:
        chosen = list(np.ndindex(shape))
    else:
        drawn = rng.choice(size, SPARSE, replace=False)
        more = [] if asked is None else [tuple(map(int, i)) for i in asked[:EVERY_ELEMENT]]
        chosen = [tuple(map(int, np.unravel_index(i, shape))) for i in drawn] + more
    for index in chosen:
        axis = np.zeros(shape)
        axis[index] = 1.0
        yield f"[{', '.join(map(str, index))}]" if shape else "", axis


def _is_complex(x: Array) -> bool:
    return bool(np.issubdtype(x.dtype, np.complexfloating))
