"""The ladder: the facts on which two results part, rung by rung, without an opinion on them.

NumPy only. Both results arrive in NumPy's terms; the first is NumPy's own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.entry import RUNGS, EquivError, Tolerance

Array = NDArray[Any]

LIMIT = 16
"""A pair agrees while its largest error is within LIMIT * eps * scale."""

CONDITIONED_LIMIT = 32
"""Past LIMIT, the limit on error / (eps * scale + what one eps on the inputs moves)."""

SHOWN = 24
"""Results up to this size are shown whole."""

DISTRIBUTION_LEVEL = 1e-6
"""The chance of calling two samples of one distribution different."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One rung on which the sides part, where in the result, and what each side has there."""

    rung: str
    where: str = ""
    numpy: str
    torch: str


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


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that two results part on, in the ladder's order, and the worst element."""

    parts: tuple[Part, ...] = ()
    worst: Worst = NO_ERROR


Moved = Callable[[], Sequence[Any]]
"""NumPy's results in float64 with the inputs moved by one eps, the unmoved one first."""


def compare(
    numpy: Any,
    torch: Any,
    *,
    equal: str | tuple[str, ...] = "exactly",
    tolerance: Tolerance | None = None,
    moved: Moved | None = None,
    layout: bool = False,
) -> Comparison:
    """Climb the ladder from structure to layout with two results.

    ``moved`` is called only where an error is past the first limit. Aliasing, mutation and
    gradients need more than two results, and are measured elsewhere.
    """
    ours, theirs = dict(leaves(numpy)), dict(leaves(torch))
    if list(ours) != list(theirs) or any(_sort(ours[k]) != _sort(theirs[k]) for k in ours):
        return Comparison(parts=(Part(rung="structure", numpy=show(numpy), torch=show(torch)),))
    arrays = [where for where, a in ours.items() if _sort(a) in ("array", "float", "complex")]
    words = (equal,) * len(arrays) if isinstance(equal, str) else equal
    if len(words) != len(arrays):
        raise EquivError(f"equal={words}: the result has {len(arrays)} arrays, expected as many")
    results = functools.cache(lambda: [dict(leaves(r)) for r in moved()] if moved else [])
    parts: list[Part] = []
    worst = NO_ERROR
    for word, where in zip(words, arrays, strict=True):
        leaf = _Leaf(where, word, tolerance, functools.partial(_pick, results, where))
        a, b = np.asarray(ours[where]), np.asarray(theirs[where])
        found, element = leaf.climb(a, b, layout=layout)
        parts += found
        worst = max(worst, element, key=lambda w: w.headroom)
    for where, a in ours.items():
        if where not in arrays and a != theirs[where]:
            parts.append(Part(rung="value", where=where, numpy=show(a), torch=show(theirs[where])))
    return Comparison(parts=tuple(sorted(parts, key=lambda p: RUNGS.index(p.rung))), worst=worst)


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

    def climb(self, a: Array, b: Array, *, layout: bool) -> tuple[list[Part], Worst]:
        parts: list[Part] = []
        if a.dtype != b.dtype:
            parts.append(self._part("dtype", a.dtype, b.dtype))
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
        if (_pattern(a) != _pattern(b)).any():
            parts.append(self._part("nan", show(a), show(b)))
        both = np.isfinite(a) & np.isfinite(b)
        worst = self._error(a, b, both, eps)
        if worst.headroom > 1:
            parts.append(self._part("value", show(a), show(b)))
        ours, theirs = _real_parts(a), _real_parts(b)
        turned = (ours == 0) & (theirs == 0) & (np.signbit(ours) != np.signbit(theirs))
        if turned.any() and self._firm(ours)[turned].any():
            parts.append(self._part("sign of zero", show(a), show(b)))
        return parts, worst

    def _part(self, rung: str, numpy: object, torch: object) -> Part:
        return Part(rung=rung, where=self.where, numpy=str(numpy), torch=str(torch))

    def _error(self, a: Array, b: Array, both: Array, eps: float) -> Worst:
        """Find the worst finite element, and hold its error against the derived limit."""
        if not both.any():
            return NO_ERROR
        wide = np.complex128 if np.iscomplexobj(a) else np.float64
        x, y = np.where(both, a, 0).astype(wide), np.where(both, b, 0).astype(wide)
        with np.errstate(over="ignore"):
            errors = np.abs(x - y)
        index = tuple(int(i) for i in np.unravel_index(errors.argmax(), errors.shape))
        error = float(errors[index])
        if error == 0:
            return NO_ERROR
        scale = float(np.abs(np.where(np.isfinite(a), a, 0).astype(wide)).max())
        unit = eps * scale
        if self.tolerance:
            headroom = _ratio(error, self.tolerance.relative * scale)
        else:
            headroom = _ratio(error, LIMIT * unit)
            if headroom > 1:
                headroom = min(headroom, _ratio(error, CONDITIONED_LIMIT * (unit + self._moves())))
        return Worst(
            where=self.where,
            index=index,
            numpy=repr(a[index].item()),
            torch=repr(b[index].item()),
            error=error,
            relative=_ratio(error, scale),
            ulps=_ratio(error, eps * float(np.abs(x[index]))),
            headroom=headroom,
        )

    def _moves(self) -> float:
        """Measure the largest move of NumPy's result when its inputs move by one eps."""
        results = self.moved()
        if not results or any(r.shape != results[0].shape for r in results):
            return 0.0
        first, *others = [_in_order(r) for r in results] if self.word == "up to order" else results
        with np.errstate(invalid="ignore"):
            moves = [np.abs(_align(self.word, first, other) - first) for other in others]
        finite = [m[np.isfinite(m)] for m in moves]
        return max((float(m.max()) for m in finite if m.size), default=0.0)

    def _firm(self, a: Array) -> Array:
        """Tell the zeros that stay when the inputs move by one eps: only their sign says much.

        The others are what cancellation left, and have the sign of the last rounding.
        """
        results = [r for r in map(_real_parts, self.moved()) if r.shape == a.shape]
        return np.asarray(np.logical_and.reduce([a == 0, *(r == 0 for r in results)]))

    def _distribution(self, a: Array, b: Array) -> list[Part]:
        """Hold two samples, draws along the first axis, against each other."""
        if a.shape[1:] != b.shape[1:]:
            return [self._part("shape", a.shape[1:], b.shape[1:])]
        gap, allowed = kolmogorov_smirnov(a.ravel(), b.ravel())
        if gap <= allowed:
            return []
        return [self._part("value", _sample(a), _sample(b))]


def kolmogorov_smirnov(a: Array, b: Array) -> tuple[float, float]:
    """Return the two-sample statistic, and the largest one that DISTRIBUTION_LEVEL allows.

    Source: N. Smirnov, Ann. Math. Statist. 19 (1948), 279-281, in its asymptotic form.
    """
    if not (a.size and b.size):
        return 0.0, 1.0
    both = np.concatenate([a, b])
    gaps = np.searchsorted(np.sort(a), both, "right") / a.size
    gaps -= np.searchsorted(np.sort(b), both, "right") / b.size
    spread = math.sqrt(-math.log(DISTRIBUTION_LEVEL / 2) / 2)
    return float(np.abs(gaps).max()), spread * math.sqrt((a.size + b.size) / (a.size * b.size))


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


def _eps(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps) if np.issubdtype(dtype, np.inexact) else 0.0


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
        inner = (np.conj(b) * a).sum(axis=-2 if a.ndim > 1 else -1, keepdims=True)
        size = np.abs(inner)
        turn = np.where(size > 0, inner / np.where(size > 0, size, 1), 1)
        if word == "up to sign":
            turn = np.where(turn.real < 0, -1, 1)
        return (b * turn).astype(b.dtype)
    return b


def _in_order(x: Array) -> Array:
    return np.sort(x, axis=-1) if x.ndim else x


def _worst_exact(where: str, a: Array, b: Array) -> Worst:
    wrong = np.argwhere(a != b)
    if not len(wrong):
        return NO_ERROR
    index = tuple(int(i) for i in wrong[0])
    ours, theirs = a[index].item(), b[index].item()
    error = float(abs(complex(theirs) - complex(ours)))
    scale = float(np.abs(a.astype(np.float64)).max())
    return Worst(
        where=where,
        index=index,
        numpy=repr(ours),
        torch=repr(theirs),
        error=error,
        relative=_ratio(error, scale),
        ulps=math.inf,
        headroom=math.inf,
    )


def _ratio(error: float, limit: float) -> float:
    return error / limit if limit > 0 else (math.inf if error > 0 else 0.0)


def _short(x: Any) -> str:
    return repr(float(f"{x:.4g}")) if math.isfinite(x) else str(float(x))


def _short_complex(z: Any) -> str:
    return f"{_short(z.real)}{z.imag:+.4g}j"


def _sample(x: Array) -> str:
    return f"mean {x.mean():.3g}, from {x.min():.3g} to {x.max():.3g}, over {x.size} draws"
