"""The ladder: the facts on which two results part, rung by rung, without an opinion on them.

NumPy only. Both results arrive in NumPy's terms; the first is NumPy's own.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from equiv.entry import RUNGS, EquivError, Tolerance
from equiv.facts import Part
from equiv.inputs import same_bits

Array = NDArray[Any]

LIMIT = 16
"""A pair agrees while its largest error is within LIMIT * eps * scale."""

CONDITIONED_LIMIT = 32
"""Past LIMIT, the limit on error / (eps * scale + what one eps on the inputs moves)."""

HUGE = 1e307
"""Past this magnitude values are scaled down before their difference is taken."""

EXPECTED = 5
"""How many draws of each sample are expected of a value, or of those pooled with it."""

SHOWN = 24
"""Results up to this size are shown whole."""

DISTRIBUTION_LEVEL = 1e-6
"""The chance of calling two samples of one distribution different."""


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The element with the largest error, and what it would take to let it pass."""

    where: str = ""
    index: tuple[int, ...] = ()
    numpy: str = ""
    torch: str = ""
    error: float = 0.0
    relative: float = 0.0
    """The smallest tolerance, relative to the largest magnitude, that would pass."""
    ulps: float = 0.0
    headroom: float = 0.0
    """The error over its limit: above one it parts."""


NO_ERROR = Worst()

FINITE = frozenset({"finite alike"})
"""Finite in the same places, with the same values there."""


class Comparison(NamedTuple):
    """All that two results part on, in the ladder's order, and the worst element."""

    parts: tuple[Part, ...] = ()
    worst: Worst = NO_ERROR


SAME = Comparison()

ARRAY = (np.ndarray, np.generic)

PLAIN = (bool, int, str, np.dtype, type(None))
"""What is compared by equality."""

EPS = float(np.finfo(np.float64).eps)

FARTHER = 64
"""How many eps farther the inputs are moved to tell a slope from a jump."""

GROWTH = 4
"""How much more an element has to move then: a slope gives 64, a root at zero 8, a jump 1."""

Moved = Callable[[], Sequence[Any]]
"""NumPy's results in float64 with the inputs moved by one eps, the unmoved one first."""


def compare(
    numpy: Any,
    torch: Any,
    *,
    equal: str | tuple[str, ...] = "exactly",
    tolerance: Tolerance | None = None,
    moved: Moved | None = None,
    farther: Moved | None = None,
    shaken: Moved | None = None,
    usual: Moved | None = None,
    layout: bool = False,
) -> Comparison:
    """Climb the ladder from structure to layout with two results.

    ``moved``, and ``farther`` with the results for FARTHER eps, are called only where an error is
    past the first limit; ``shaken``, where integers are moved as floats too, only where zeros
    differ in sign. ``usual`` gives one result on ordinary inputs, for what cancellation leaves of
    it on saturated ones: errors are held against its magnitude too. Aliasing, mutation and
    gradients need more than two results, and are measured elsewhere.
    """
    ours, theirs = dict(leaves(numpy)), dict(leaves(torch))
    if list(ours) != list(theirs) or any(_sort(ours[k]) != _sort(theirs[k]) for k in ours):
        return Comparison(parts=(Part(rung="structure", numpy=show(numpy), torch=show(torch)),))
    arrays = [where for where, a in ours.items() if _sort(a) in ("array", "float", "complex")]
    words = (equal,) * len(arrays) if isinstance(equal, str) else equal
    if len(words) != len(arrays):
        raise EquivError(f"equal={words}: the result has {len(arrays)} arrays, expected as many")
    results = [
        functools.cache(lambda f=f: [dict(leaves(r)) for r in f()] if f else [])
        for f in (moved, farther, shaken, usual)
    ]
    parts: list[Part] = []
    worst = NO_ERROR
    for word, where in zip(words, arrays, strict=True):
        picks = [functools.partial(_pick, found, where) for found in results]
        leaf = _Leaf(where, word, tolerance, *picks)
        a, b = np.asarray(ours[where]), np.asarray(theirs[where])
        found, element = leaf.climb(a, b, layout=layout)
        parts += found
        worst = max(worst, element, key=lambda w: w.headroom)
    for where, a in ours.items():
        if where not in arrays and a != theirs[where]:
            parts.append(Part(rung="value", where=where, numpy=show(a), torch=show(theirs[where])))
    return Comparison(parts=tuple(sorted(parts, key=lambda p: RUNGS.index(p.rung))), worst=worst)


def quickly(numpy: Any, torch: Any, where: str = "") -> Comparison | None:
    """Compare two results that agree, at the least cost; None leaves it to the whole ladder."""
    if isinstance(numpy, ARRAY) and isinstance(torch, ARRAY):
        return _quick_array(np.asarray(numpy), np.asarray(torch), where)
    if isinstance(numpy, PLAIN):
        return SAME if type(numpy) is type(torch) and numpy == torch else None
    if not (isinstance(numpy, tuple | list) and isinstance(torch, tuple | list)):
        return None
    if len(numpy) != len(torch):
        return None
    worst = NO_ERROR
    for i, (a, b) in enumerate(zip(numpy, torch, strict=True)):
        found = quickly(a, b, f"{where}[{i}]")
        if found is None:
            return None
        if found.worst.headroom > worst.headroom:
            worst = found.worst
    return Comparison(worst=worst) if worst.error else SAME


def _quick_array(a: Array, b: Array, where: str) -> Comparison | None:
    if a.dtype != b.dtype or a.shape != b.shape or a.dtype.kind not in "biufc":
        return None
    if same_bits(a, b):
        return SAME
    if a.dtype.kind not in "fc" or not a.size:
        return None
    eps, place = _eps(a.dtype), 0
    if a.size == 1 and a.dtype.kind == "f":
        x, y = a.item(), b.item()
        error, scale, zeros = abs(x - y), abs(x), not x
    else:
        with np.errstate(all="ignore"):
            errors = (a if eps == EPS else a.astype(np.result_type(a, "f8"))) - b
            errors, sizes = np.abs(errors, out=None if a.dtype.kind == "c" else errors), np.abs(a)
        place = int(errors.argmax())
        error, scale, zeros = errors.item(place), float(sizes.max()), not sizes.all()
    unit = max(eps * scale, _step(eps)) if scale else 0.0
    if not (0 < error <= LIMIT * unit and scale < HUGE):  # nor where one is NaN
        return None
    if (zeros or a.dtype.kind == "c") and not _zeros_agree(a, b):
        return None
    index, x = _unraveled(place, a.shape), a.item(place)
    worst = Worst(
        where=where,
        index=index,
        numpy=repr(x),
        torch=repr(b.item(place)),
        error=error,
        relative=_smallest_relative(error, scale),
        ulps=_ratio(error, eps * abs(x)),
        headroom=error / (LIMIT * unit),
    )
    return Comparison(worst=worst)


def _unraveled(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of a place counted row by row; `np.unravel_index` takes ten times as long.

    >>> _unraveled(5, (2, 3))
    (1, 2)
    """
    index = []
    for n in reversed(shape):
        place, at = divmod(place, n)
        index.append(at)
    return tuple(index[::-1])


def _zeros_agree(a: Array, b: Array) -> bool:
    """Say whether zeros of both have one sign, by their real and imaginary parts."""
    x, y = _real_parts(a), _real_parts(b)
    return not ((np.signbit(x) != np.signbit(y)) & (x == 0) & (y == 0)).any()


def show(value: Any) -> str:
    """Spell a result for people, the same way for both sides: dtype, shape if telling, values.

    >>> show(np.float64([1, 2.5]))
    'float64 [1.0, 2.5]'
    """
    if isinstance(value, Exception):
        first = str(value).strip().splitlines()[0] if str(value).strip() else ""
        return f"{type(value).__name__}: {first[:117] + '...' if len(first) > 120 else first}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(show, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, np.ndarray | np.generic):
        shape = f" of shape {value.shape}" if value.size > SHOWN or not value.size else ""
        text = np.array2string(
            np.asarray(value),
            separator=", ",
            threshold=SHOWN,
            edgeitems=2,
            formatter={"float_kind": _short, "complex_kind": _short_complex},
        )
        return f"{value.dtype}{shape} {' '.join(text.split())}"
    return repr(value)


@dataclass(frozen=True)
class _Leaf:
    """One array of a result, and what it is compared by."""

    where: str
    word: str
    tolerance: Tolerance | None
    moved: Callable[[], list[Array]]
    farther: Callable[[], list[Array]]
    shaken: Callable[[], list[Array]]
    usual: Callable[[], list[Array]]

    def climb(self, a: Array, b: Array, *, layout: bool) -> tuple[list[Part], Worst]:
        """Return what this array parts on, and its worst element."""
        with np.errstate(all="ignore"):  # an overflow here is one of theirs
            return self._climb(a, b, layout)

    def _climb(self, a: Array, b: Array, layout: bool) -> tuple[list[Part], Worst]:
        parts: list[Part] = []
        if a.dtype != b.dtype:
            found = Part(
                rung="dtype",
                where=self.where,
                numpy=str(a.dtype),
                torch=str(b.dtype),
                dtypes=(str(a.dtype), str(b.dtype)),
            )
            parts.append(found)
        if layout and a.flags.c_contiguous != b.flags.c_contiguous:
            words = {True: "C-contiguous", False: "not C-contiguous"}
            parts.append(
                self._part("layout", words[a.flags.c_contiguous], words[b.flags.c_contiguous])
            )
        if self.word == "as a distribution":
            return parts + self._distribution(a, b), NO_ERROR
        if a.shape != b.shape:
            return [*parts, self._part("shape", a.shape, b.shape)], NO_ERROR
        if self.word == "by reconstruction":
            return parts, NO_ERROR
        eps = max(_eps(a.dtype), _eps(b.dtype))  # before b is cast: the coarser of the two
        a, b = _cast(a, b)
        b = _align(self.word, a, b)
        if self.word == "up to order":
            a = _in_order(a)
        if not _inexact(a):
            if (a != b).any():
                parts.append(self._part("value", show(a), show(b)))
            return parts, _worst_exact(self.where, a, b)
        both = np.isfinite(a) & np.isfinite(b)
        worst = self._error(a, b, both, eps)
        if (_pattern(a) != _pattern(b)).any():
            alike = worst.headroom <= 1 and (np.isfinite(a) == np.isfinite(b)).all()
            parts.append(
                self._part("nan", show(a), show(b), agrees=FINITE if alike else frozenset())
            )
        if worst.headroom > 1:
            parts.append(self._part("value", show(a), show(b)))
        ours, theirs = _real_parts(a), _real_parts(b)
        turned = (ours == 0) & (theirs == 0) & (np.signbit(ours) != np.signbit(theirs))
        if turned.any() and self._firm(ours)[turned].any():
            parts.append(self._part("sign of zero", show(a), show(b)))
        return parts, worst

    def _part(
        self, rung: str, numpy: object, torch: object, agrees: frozenset[str] = frozenset()
    ) -> Part:
        return Part(rung=rung, where=self.where, numpy=str(numpy), torch=str(torch), agrees=agrees)

    def _error(self, a: Array, b: Array, both: Array, eps: float) -> Worst:
        """Find the worst finite element, and hold its error against the derived limit."""
        if not both.any():
            return NO_ERROR
        wide = np.complex128 if np.iscomplexobj(a) else np.float64
        x, y = np.where(both, a, 0).astype(wide), np.where(both, b, 0).astype(wide)
        all_of_a = np.where(np.isfinite(a), a, 0).astype(wide)
        shrink = 2.0**-3 if np.abs(_real_parts(all_of_a)).max() > HUGE else 1.0  # no overflow
        errors = np.abs(x * shrink - y * shrink)
        index = tuple(int(i) for i in np.unravel_index(errors.argmax(), errors.shape))
        error = float(errors[index])
        if error == 0:
            return NO_ERROR
        scale = float(np.abs(all_of_a * shrink).max())
        unit = max(eps * scale, _step(eps)) if scale else 0.0
        if self.tolerance:
            headroom = _ratio(error, self.tolerance.relative * scale)
        else:
            headroom = _ratio(error, LIMIT * unit)
            if headroom > 1:
                moves = shrink * self._moves()
                headroom = min(headroom, _ratio(error, CONDITIONED_LIMIT * (unit + moves)))
                ordinary = (np.abs(r[np.isfinite(r)]).max(initial=0.0) for r in self.usual())
                most = eps * shrink * float(max(ordinary, default=0.0))
                headroom = min(headroom, _ratio(error, LIMIT * most))
        return Worst(
            where=self.where,
            index=index,
            numpy=repr(a[index].item()),
            torch=repr(b[index].item()),
            error=error / shrink,
            relative=_smallest_relative(error, scale),
            ulps=_ratio(error, eps * float(np.abs(x[index] * shrink))),
            headroom=headroom,
        )

    def _moves(self) -> float:
        """Measure the largest move of NumPy's result when its inputs move by one eps.

        An element that moves no more for FARTHER eps jumps, as floor does at a whole number; that
        says nothing of rounding, and would excuse any error of its size. Of one that moves on, the
        farther moves are draws more: a few of either could cancel by chance.
        """
        near, far = self._in_word(self.moved()), self._in_word(self.farther())
        if not near or any(r.shape != near[0].shape for r in near + far):
            return 0.0
        first, *others = near
        step, leap = self._largest(first, others), self._largest(first, far)
        slopes = leap >= GROWTH * step if far else step >= 0
        return float(np.maximum(step, leap / FARTHER)[slopes].max(initial=0.0))

    def _largest(self, first: Array, others: list[Array]) -> Array:
        moves = [np.abs(_align(self.word, first, other) - first) for other in others]
        finite = [np.where(np.isfinite(m), m, 0.0) for m in moves]
        return np.asarray(np.max(finite, axis=0)) if finite else np.zeros(first.shape)

    def _in_word(self, results: list[Array]) -> list[Array]:
        return [_in_order(r) for r in results] if self.word == "up to order" else results

    def _firm(self, a: Array) -> Array:
        """Tell the zeros that stay when the inputs move by one eps: only their sign says much.

        The others are what cancellation left, and have the sign of the last rounding.
        """
        results = [r for r in map(_real_parts, self._in_word(self.shaken())) if r.shape == a.shape]
        return np.asarray(np.logical_and.reduce([a == 0, *(r == 0 for r in results)]))

    def _distribution(self, a: Array, b: Array) -> list[Part]:
        """Hold two samples, draws along the first axis, against each other."""
        if a.shape[1:] != b.shape[1:]:
            return [self._part("shape", a.shape[1:], b.shape[1:])]
        test = kolmogorov_smirnov if _inexact(a) else chi_square
        gap, allowed = test(a.ravel(), b.ravel())
        if gap <= allowed:
            return []
        return [self._part("value", _sample(a), _sample(b))]


def kolmogorov_smirnov(a: Array, b: Array) -> tuple[float, float]:
    """Return the two-sample statistic, and the largest one that DISTRIBUTION_LEVEL allows.

    Source: N. Smirnov, Ann. Math. Statist. 19 (1948), 279-281, in its asymptotic form.
    """
    if not (a.size and b.size):
        return float(a.size != b.size), 0.0
    both = np.concatenate([a, b])
    gaps = np.searchsorted(np.sort(a), both, "right") / a.size
    gaps -= np.searchsorted(np.sort(b), both, "right") / b.size
    spread = math.sqrt(-math.log(DISTRIBUTION_LEVEL / 2) / 2)
    return float(np.abs(gaps).max()), spread * math.sqrt((a.size + b.size) / (a.size * b.size))


def chi_square(a: Array, b: Array) -> tuple[float, float]:
    """Return the two-sample statistic of discrete draws, and the largest that the level allows.

    Values are pooled until five draws of each sample are expected of them.

    Source: K. Pearson, Phil. Mag. 50 (1900), 157-175; E. B. Wilson and M. M. Hilferty,
    PNAS 17 (1931), 684-688, for the quantile.
    """
    if not (a.size and b.size):
        return float(a.size != b.size), 0.0
    values, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    counts = [np.bincount(part, minlength=len(values)) for part in np.split(place, [a.size])]
    share = min(a.size, b.size) / (a.size + b.size)
    pool, full = np.zeros(len(values), int), 0.0
    for i, expected in enumerate((counts[0] + counts[1]) * share):
        pool[i:] += full >= EXPECTED
        full = expected + (full if full < EXPECTED else 0.0)
    if full < EXPECTED:
        pool[pool == pool[-1]] = max(0, pool[-1] - 1)  # the last joins the one before
    x, y = (np.bincount(pool, weights=c, minlength=pool[-1] + 1) for c in counts)
    weight = math.sqrt(b.size / a.size)
    statistic = float(((weight * x - y / weight) ** 2 / (x + y)).sum())
    freedom = len(x) - 1
    if not freedom:
        return 0.0, 0.0
    z = statistics.NormalDist().inv_cdf(1 - DISTRIBUTION_LEVEL)
    spread = 2 / (9 * freedom)
    return statistic, freedom * (1 - spread + z * math.sqrt(spread)) ** 3


def leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a result; a container yields itself too, so that an empty one is seen."""
    if isinstance(value, tuple | list):
        yield f"{where}[:{len(value)}]", None
        for i, item in enumerate(value):
            yield from leaves(item, f"{where}[{i}]")
    elif isinstance(value, dict):
        yield f"{where}{{{', '.join(map(str, value))}}}", None
        for key, item in value.items():
            yield from leaves(item, f"{where}[{key!r}]" if where else str(key))
    else:
        yield where, value


def _pick(results: Callable[[], list[dict[str, Any]]], where: str) -> list[Array]:
    return [np.asarray(r[where]) for r in results() if where in r]


def _sort(value: Any) -> str:
    """Name what a leaf is: arrays, NumPy's scalars and 0-d are one sort."""
    if isinstance(value, np.ndarray | np.generic):
        return "array"
    return type(value).__name__ if not isinstance(value, np.dtype) else "dtype"


def _inexact(x: Array) -> bool:
    return np.issubdtype(x.dtype, np.inexact)


@functools.cache
def _eps(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps) if np.issubdtype(dtype, np.inexact) else 0.0


@functools.cache
def _step(eps: float) -> float:
    """Return the distance of neighbours below the normal numbers, for the dtype of an eps."""
    widths = [np.finfo(d) for d in (np.float16, np.float32, np.float64)]
    return next((float(w.smallest_subnormal) for w in widths if w.eps == eps), 0.0)


def _cast(a: Array, b: Array) -> tuple[Array, Array]:
    """Bring ``b`` to NumPy's dtype, but never by dropping a fraction or an imaginary part."""
    if np.iscomplexobj(b) and not np.iscomplexobj(a):
        return a.astype(b.dtype), b
    if _inexact(b) and not _inexact(a):
        return a, b
    return a, b.astype(a.dtype, copy=False)


def _pattern(x: Array) -> Array:
    """Code NaN, the infinities and finite elements; a complex element by both its parts."""
    if np.iscomplexobj(x):
        return np.asarray(_pattern(x.real) * 5 + _pattern(x.imag))
    return np.asarray(np.isnan(x) * 1 + np.isposinf(x) * 2 + np.isneginf(x) * 3)


def _real_parts(x: Array) -> Array:
    """Split complex elements along a last axis, so that each part has its own sign."""
    return np.stack([x.real, x.imag], axis=-1) if np.iscomplexobj(x) else x


def _align(word: str, a: Array, b: Array) -> Array:
    """Turn the free part of ``b`` to that of ``a``: sign or phase by column, or order."""
    if word == "up to order":
        return _in_order(b)
    if word in ("up to sign", "up to phase") and a.ndim and a.size:
        product = np.conj(b) * a
        finite = np.where(np.isfinite(product), product, 0)
        inner = finite.sum(axis=-2 if a.ndim > 1 else -1, keepdims=True)
        size = np.abs(inner)
        turn = np.where(size > 0, inner / np.where(size > 0, size, 1), 1)
        if word == "up to sign":
            turn = np.where(turn.real < 0, -1, 1)
        return np.where(turn == 1, b, b * turn).astype(b.dtype)
    return b


def _in_order(x: Array) -> Array:
    return np.sort(x, axis=-1) if x.ndim else x


def _worst_exact(where: str, a: Array, b: Array) -> Worst:
    """Find the element with the largest error where equality is exact."""
    if (a == b).all():
        return NO_ERROR
    errors = _distance(a, b)
    index = tuple(int(i) for i in np.unravel_index(errors.argmax(), errors.shape))
    error, scale = float(errors[index]), float(np.abs(a.astype(np.float64)).max())
    return Worst(
        where=where,
        index=index,
        numpy=repr(a[index].item()),
        torch=repr(b[index].item()),
        error=error,
        relative=_smallest_relative(error, scale),
        ulps=math.inf,
        headroom=math.inf,
    )


def _distance(a: Array, b: Array) -> Array:
    """Return abs(a - b): of integers in their own width, where a float would round."""
    if a.dtype != b.dtype:
        return np.asarray(np.abs(a.astype(np.complex128) - b))
    if a.dtype == np.bool_:
        return np.asarray(a != b)
    unsigned = a.dtype.str.replace("i", "u")
    x, y = a.astype(unsigned), b.astype(unsigned)  # differences wrap, and come out right
    return np.asarray(np.where(a > b, x - y, y - x))


def _smallest_relative(error: float, scale: float) -> float:
    """Return the smallest tolerance relative to the scale that lets the error pass."""
    relative = _ratio(error, scale)
    while math.isfinite(relative) and _ratio(error, relative * scale) > 1:
        relative = math.nextafter(relative, math.inf)
    return relative


def _ratio(error: float, limit: float) -> float:
    return error / limit if limit > 0 else (math.inf if error > 0 else 0.0)


def _short(x: Any) -> str:
    return repr(float(f"{x:.4g}")) if math.isfinite(x) else str(float(x))


def _short_complex(z: Any) -> str:
    return f"{_short(z.real)}{z.imag:+.4g}j"


def _sample(x: Array) -> str:
    if not x.size:
        return "no draws"
    return f"mean {x.mean():.3g}, from {x.min():.3g} to {x.max():.3g}, over {x.size} draws"
