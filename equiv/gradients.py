"""The derivative of a NumPy side, by differences, against autograd through its port.

Differences are taken in float64 or complex128; knows functions of arrays, not ops.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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

FEW = 2
"""How many axes are tried where a gradient has been tried along every one in another condition."""

SPARSE = 8
"""How many axes of a larger input are tried."""


KINK_LIMIT = 1e-6
"""The largest error of a one-sided derivative relative to the largest entry."""

KINDS = ("outside", "nan", "jump", "shared", "between")
"""What autograd gives where it parts: a value that is no derivative; NaN where there is one; a
value where the function jumps; a share of what tied elements have together; or a value between the
derivatives of both sides of a kink."""

FLOOR = 1e-9
"""The slope, relative to the terms that it is taken of, below which there is but rounding."""

COARSE_LIMIT = 64
"""The largest error of a float32 gradient, in eps relative to the largest entry."""

COARSE_CONDITIONED = 32
"""Past that, the limit on the error over eps and what one eps on the inputs moves."""

DENSE = " along a dense direction"


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """What was found: a word for it, the largest relative error, and where it parts."""

    word: str
    """``same``, ``zero`` (on both sides), ``none`` (nothing to differentiate), ``refused`` (torch
    raises) or ``parted``."""
    kinds: frozenset[str] = frozenset()
    """How autograd parts: from KINDS."""
    masked: bool = False
    """Whether some results are not finite, and so had a cotangent of zero."""
    error: float = 0.0
    headroom: float = 0.0
    """Of a layer's: the worst error over its limit."""
    where: str = ""
    numpy: str = ""
    torch: str = ""
    by_input: Mapping[str, Gradient] = field(default_factory=dict)
    """Each input's own, where they were tried one by one."""


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
        ahead = f({**at, name: _moved(at[name], h * direction)})
        behind = f({**at, name: _moved(at[name], -h * direction)})
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
    f: Function,
    at: Arrays,
    autograd: Arrays,
    weights: Sequence[Array],
    seed: int,
    eps: float = 0.0,
    *,
    every: bool = True,
) -> Gradient:
    """Hold autograd's gradients, one for each input by name, against the derivative of ``f``.

    ``at`` is in float64 or complex128; ``eps`` is that of the dtype in which autograd worked, if
    that was coarser. Without ``every`` only some elements are tried on their own.
    """
    limit = max(LIMIT, COARSE_LIMIT * eps)
    worst = Gradient(word="zero")
    results = f(at)
    noise = NOISE * sum(
        float(np.abs(w[w != 0] * r[w != 0]).sum()) for w, r in zip(weights, results, strict=True)
    )
    partly = any((w == 0).any() for w in weights)  # some results are not finite
    for name, g in autograd.items():
        turns = (1, 1j) if _is_complex(at[name]) else (1,)
        finite = np.isfinite(g)
        scale = float(np.abs(g[finite]).max(initial=0.0))
        tried = directions(at[name].shape, seed, np.argwhere(~finite), every=every)
        for (label, direction), turn in itertools.product(tried, turns):
            if label == DENSE:
                direction = direction * finite
            direction = direction * turn
            theirs = along(g, direction)
            for step in STEPS:
                ours, unsettled = directional(f, at, name, direction, weights, step)
                size = max(scale, abs(ours))
                apart = abs(ours - theirs)
                if apart <= limit * size + noise:
                    break
            if partly and ours == 0 and not math.isfinite(theirs):
                continue  # this element reaches no result that is finite: nothing to compare
            if eps and not apart <= limit * size + noise:
                moves = _moves(f, at, name, direction, weights, step, eps, seed)
                apart = 0.0 if apart <= COARSE_CONDITIONED * (eps * size + moves) else apart
            if not apart <= limit * size + noise:  # NaN too
                doubt = "" if unsettled <= limit * size else f", settled to {unsettled:.0e} only"
                return Gradient(
                    word="parted",
                    kinds=frozenset({"outside" if math.isfinite(theirs) else "nan"}),
                    error=apart / size if size else math.inf,
                    where=f"d/d{name.partition('/')[0]}{label}{'j' * (turn == 1j)}",
                    numpy=f"{ours:.6g}{doubt}",
                    torch=f"{theirs:.6g}",
                )
            if max(scale, abs(ours)) > noise:
                worst = Gradient(word="same", error=max(apart / size, worst.error))
    return worst


def check_each(
    f: Function,
    at: Arrays,
    autograd: Arrays,
    weights: Sequence[Array],
    seed: int,
    eps: float = 0.0,
) -> Gradient:
    """Hold each input's gradient against the derivative on its own; see :func:`check`.

    The whole is the first that parts, or says whether any is other than zero.
    """
    each = {n: check(f, at, {n: g}, weights, seed, eps) for n, g in autograd.items()}
    words = [found.word for found in each.values()]
    word = next((w for w in ("parted", "same", "zero") if w in words), "none")
    first = next((found for found in each.values() if found.word == word), Gradient(word=word))
    worst = max((found.error for found in each.values()), default=0.0)
    return dataclasses.replace(first, error=worst, by_input=each)


def along(g: Array, direction: Array) -> float:
    """Return the derivative along a direction, by torch's convention for complex gradients."""
    used = direction != 0
    return float((np.conj(g[used]) * direction[used]).real.sum())


def check_kinks(f: Function, at: Arrays, autograd: Arrays, weights: Sequence[Array]) -> Gradient:
    """Hold autograd's gradients against the one-sided derivatives of ``f``, element by element.

    Where they differ there is a kink, and autograd can only choose.
    """
    found: dict[str, Gradient] = {}
    word, worst = "zero", 0.0
    at0 = f(at)
    masked = any((w == 0).any() for w in weights)
    terms = [np.abs(w[w != 0]) * (1 + np.abs(r[w != 0])) for w, r in zip(weights, at0, strict=True)]
    floor = FLOOR * sum(float(t.sum()) for t in terms)
    for name, g in autograd.items():
        scale = float(np.abs(g[np.isfinite(g)]).max(initial=0.0))

        def sides(direction: Array, name: str = name) -> tuple[float, float, float]:
            (left, steep), (right, steeper) = (
                one_sided(f, at, name, sign * direction, weights, at0, floor) for sign in (-1, 1)
            )
            return -left, right, max(steep, steeper)

        turns = (1, 1j) if _is_complex(at[name]) else (1,)
        indices = itertools.islice(np.ndindex(at[name].shape), EVERY_ELEMENT)
        for index, turn in itertools.product(indices, turns):
            if not np.isfinite(at[name][index]):
                continue  # there is no way to move
            direction = np.zeros_like(at[name])  # in the layout of the input
            direction[index] = turn
            theirs = along(g, direction)
            left, right, steep = sides(direction)
            kind, error = _kind(left, right, theirs, max(scale, steep), floor)
            tied = at[name] == at[name][index]
            if kind == "outside" and tied.sum() > 1 and np.isfinite(g[tied]).all():
                all_tied = np.where(tied, turn, direction)
                together = sides(all_tied)
                total = along(g, all_tied)
                kind = (
                    "outside"
                    if _kind(*together[:2], total, max(scale, *together), floor)[0]
                    else "shared"
                )
            word = "same" if max(scale, abs(left), abs(right)) > 0 else word
            worst = max(worst, error)
            if kind and kind not in found:
                at_index = f"[{', '.join(map(str, index))}]" if index else ""
                found[kind] = Gradient(
                    word="parted",
                    kinds=frozenset({kind}),
                    masked=masked,
                    error=error,
                    where=f"d/d{name.partition('/')[0]}{at_index}{'j' * (turn == 1j)}",
                    numpy=f"{left:.6g} from the left, {right:.6g} from the right",
                    torch=f"{theirs:.6g}",
                )
    if not found:
        return Gradient(word=word, error=worst)
    first = next(found[kind] for kind in KINDS if kind in found)
    return dataclasses.replace(first, kinds=frozenset(found))


def one_sided(
    f: Function,
    at: Arrays,
    name: str,
    direction: Array,
    weights: Sequence[Array],
    at0: Sequence[Array],
    floor: float,
) -> tuple[float, float]:
    """Differentiate ``sum(Re(conj(w) * f))`` forwards only; infinite where the slopes grow.

    Returns the derivative, and the steepest slope that it was found from.
    """

    def slope(h: float) -> float:
        rise = 0.0
        for w, a, b in zip(
            weights, f({**at, name: _moved(at[name], h * direction)}), at0, strict=True
        ):
            if a.shape != b.shape or a.shape != w.shape:
                return math.nan
            used = w != 0
            rise += float((np.conj(w[used]) * (a[used] - b[used])).real.sum())
        return rise / h

    t0, t1, t2 = slope(2.0**-16), slope(2.0**-17), slope(2.0**-18)
    if abs(t2) > floor and abs(t2) > 1.3 * abs(t1) > 1.69 * abs(t0) > 0:
        return math.copysign(math.inf, t2), math.inf
    r0, r1 = 2 * t1 - t0, 2 * t2 - t1
    return (4 * r1 - r0) / 3, max(abs(t0), abs(t1), abs(t2))


def _kind(
    left: float, right: float, theirs: float, scale: float, floor: float
) -> tuple[str, float]:
    """Say how autograd's choice stands to the two derivatives; empty where it is the derivative."""
    sides = [side for side in (left, right) if not math.isnan(side)]
    if not sides:
        return "", 0.0  # nothing to hold it against
    if math.isnan(theirs):
        return "nan", math.inf
    if any(map(math.isinf, sides)):
        return ("", 0.0) if math.isinf(theirs) and theirs in sides else ("jump", math.inf)
    size = max(scale, *map(abs, sides)) if math.isfinite(theirs) else math.inf
    error = max(abs(side - theirs) for side in sides) / size if size else 0.0
    if math.isinf(theirs):
        return "outside", math.inf
    room = max(KINK_LIMIT * size, floor)
    if error * size <= room:
        return "", error
    return ("between" if min(sides) - room <= theirs <= max(sides) + room else "outside"), error


def _moves(
    f: Function,
    at: Arrays,
    name: str,
    direction: Array,
    weights: Sequence[Array],
    step: float,
    eps: float,
    seed: int,
) -> float:
    """Measure how far the derivative moves when the inputs move by one eps."""
    rng = np.random.default_rng(seed)
    first = directional(f, at, name, direction, weights, step)[0]
    moves = []
    for _ in range(4):
        near = {n: x * (1 + eps * rng.choice([-1.0, 1.0], x.shape)) for n, x in at.items()}
        moves.append(abs(directional(f, near, name, direction, weights, step)[0] - first))
    return max((m for m in moves if math.isfinite(m)), default=0.0)


def directions(
    shape: tuple[int, ...], seed: int, asked: Array | None = None, *, every: bool = True
) -> Iterator[tuple[str, Array]]:
    """Yield one dense direction, and sparse ones: every axis of a small input.

    Of a large input some axes, and those ``asked`` for by their indices.
    """
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    if not size:
        return
    yield DENSE, rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1, shape)
    if size <= (EVERY_ELEMENT if every else FEW):
        chosen = list(np.ndindex(shape))
    else:
        drawn = rng.choice(size, SPARSE if every else FEW, replace=False)
        more = [] if asked is None else [tuple(map(int, i)) for i in asked[:EVERY_ELEMENT]]
        chosen = [tuple(map(int, np.unravel_index(i, shape))) for i in drawn] + more
    for index in chosen:
        axis = np.zeros(shape)
        axis[index] = 1.0
        yield f"[{', '.join(map(str, index))}]" if shape else "", axis


def _moved(x: Array, by: Array) -> Array:
    """Add, in the layout of the input: a view of it must stay one."""
    out = np.empty_like(x)
    np.add(x, by, out=out)
    return out


def _is_complex(x: Array) -> bool:
    return bool(np.issubdtype(x.dtype, np.complexfloating))
