"""The arrays that are shrunk: what may stand in for their elements, and what their kind promises.

Knows input kinds and probes, not what looks for the smallest.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from equiv.entry import EquivError, Input, values
from equiv.inputs import (
    CONDITION,
    GAP,
    SPREAD_LIMIT,
    Array,
    changes,
    fresh,
    is_plain,
    make,
    own_probe,
    reshaped,
    spell_one,
)
from equiv.probes import PROBES

ROUNDED: Final = 4096
"""Past this size elements are not rounded to make them simpler."""

NUMBERS: Final = (1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5, 10.0)

WHOLE: Final = (0, 1, -1, 2, -2, 3, 10, 100)

SIMPLE: Final[Mapping[str, tuple[Any, ...]]] = {
    **dict.fromkeys(("real", "distinct", "ascending", "symmetric"), NUMBERS),
    "positive": (1.0, 2.0, 3.0, 0.5, 10.0),
    "unit": (0.5, 0.25, 0.75, 0.125),
    "complex": (1.0, 1.0j, -1.0, -1.0j, 1.0 + 1.0j, 2.0),
    "index": (0, 1, 2, 3),
    "boolean": (False, True),
}
"""What stands in for an element of a kind, the simplest first."""

UNTIED: Final = ("real", "positive", "unit", "symmetric", "complex")
"""The kinds whose draws have no ties, beside those that are ranked."""


Spans = Mapping[int, tuple[int, int]]
"""Where each extent starts, and its length, by the length that was declared."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """An array: what it holds now, what may stand in for its elements, and what is done to it."""

    name: str
    kind: str  # empty for given data
    axes: tuple[int, ...]  # the declared length of each axis, which names its extent
    own: Array
    simple: tuple[Any, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    is_untied: bool = False
    change: str = "x"
    of: str = ""
    along: int | None = None

    @cached_property
    def options(self) -> tuple[Any, ...]:
        """What may stand in for an element: simple numbers, and its own with few digits."""
        if self.kind == "well_conditioned":
            x = np.triu(np.ones(self.own.shape[-2:]))  # (N, N), not symmetric
            return x, -x, 2 * x
        has_digits = self.own.dtype.kind in "iufc" and self.own.size <= ROUNDED
        digits = (1, 2, 3) if self.simple and has_digits else ()
        return (*self.simple, *(_rounded(self.own, n, self.low, self.high) for n in digits))

    def shape(self, spans: Spans) -> tuple[int, ...]:
        """Return the shape that the extents leave."""
        lengths = zip(self.axes, self.own.shape, strict=True)
        return tuple(min(spans[axis][1], length) for axis, length in lengths)

    def block(self, x: Array, spans: Spans) -> Array:
        """Return the block that the extents leave of an array of this shape."""
        cuts = zip(self.axes, x.shape, self.shape(spans), strict=True)
        starts = [(min(spans[axis][0], length - n), n) for axis, length, n in cuts]
        where: Any = (*(slice(start, start + n) for start, n in starts), ...)
        cut: Array = x[where]
        return cut


def parts_of(
    inputs: Mapping[str, object], probe: str, seed: int
) -> tuple[list[Part], dict[str, Any]]:
    """Return the arrays to shrink, as they are declared or given, and what goes through."""
    probe = "" if probe == own_probe(inputs) else probe
    if probe and probe not in PROBES:
        raise EquivError(f"probe {probe!r} is unknown; there are {', '.join(PROBES)}")
    changed = changes(PROBES[probe], inputs) if probe else {}
    shaped = reshaped(PROBES[probe], inputs) if probe else inputs
    known = {n: values(x) if isinstance(x, np.ndarray) else x for n, x in shaped.items()}
    places = [n for n, x in inputs.items() if isinstance(x, Input)]
    parts, constants = [], dict(inputs)
    for name, declared in inputs.items():
        x, change = shaped[name], changed.get(name, "{x}")
        if isinstance(x, np.ndarray) and not x.dtype.hasobject:
            parts.append(_given(name, x))
        elif isinstance(x, Input) and isinstance(declared, Input):
            if x.kind in ("text", "values"):
                constants[name] = make(spell_one(name, x, known, seed, probe, change))
                continue
            own = make(spell_one(name, x, known, seed, probe))
            code = change.replace("{i}", str(places.index(name))).replace("{x}", "x")
            parts.append(replace(_drawn(name, x, own), axes=declared.shape, change=code))
    return parts, constants


def _drawn(name: str, x: Input, own: Array) -> Part:
    """Return the part of a declared input, with numbers that its kind allows."""
    simple, low, high = SIMPLE.get(x.kind, ()), -math.inf, math.inf
    if x.kind == "integers":
        low, high = x.low, x.high - 1
        simple = tuple(dict.fromkeys((*(v for v in WHOLE if low <= v <= high), low, high)))
    if x.kind == "unit":
        low, high = 0.01, 0.99
    return Part(
        name=name, kind=x.kind, axes=x.shape, own=own, simple=simple, low=low, high=high,
        is_untied=x.kind in UNTIED, of=x.of, along=x.axis,
    )  # fmt: skip


def _given(name: str, x: Array) -> Part:
    """Return the part of given data, with numbers of its range and the special ones it holds."""
    part, sort = Part(name=name, kind="", axes=x.shape, own=x), x.dtype.kind
    if sort not in "biufc" or 0 in x.strides or not x.size:  # not where memory is repeated
        return part
    held = np.unique(x)
    special = x[~np.isfinite(x) | (x == 0)].tolist()
    if sort == "b":
        return replace(part, simple=_once(*held.tolist()))
    untied = sort in "fc" and held.size == x.size
    if sort == "c":
        return replace(part, simple=_once(*SIMPLE["complex"], *special), is_untied=untied)
    finite = held[np.isfinite(held)]
    low, high = finite[[0, -1]].tolist() if finite.size else (math.nan, math.nan)
    near = (v for v in (NUMBERS if sort == "f" else WHOLE) if v and low <= v <= high)
    simple = _once(*near, *special, *((low, high) if finite.size else ()))
    return replace(part, simple=simple, low=low, high=high, is_untied=untied)


def _once(*found: Any) -> tuple[Any, ...]:
    """Return each number once, and not too many; 0.0 and -0.0 are two."""
    return tuple({repr(v): v for v in found}.values())[:24]


def _rounded(x: Array, digits: int, low: float, high: float) -> Array:
    """Round each element to so many digits, where it stays within bounds."""
    number = {"c": complex, "f": float}.get(x.dtype.kind, lambda text: int(float(text)))

    def round_one(v: Any) -> Any:
        if not cmath.isfinite(v):
            return v
        rounded = number(f"{v:.{digits - 1}e}")
        is_within = cmath.isfinite(rounded) and (x.dtype.kind == "c" or low <= rounded <= high)
        return rounded if is_within else v

    return np.array([round_one(v) for v in x.ravel().tolist()], x.dtype).reshape(x.shape)


def base_of(part: Part, spans: Spans, picks: Array, target: tuple[int, ...]) -> Array | None:
    """Make an array before the probe; None where its kind does not allow it."""
    block = part.block(part.own, spans)
    x = block.copy(order="K") if is_plain(part.own) else fresh(block)
    is_changed = bool((picks < len(part.options)).any())
    if is_changed:
        places = np.resize(picks, x.shape)
        for i, option in enumerate(part.options):
            full = np.broadcast_to(np.asarray(option), part.own.shape)
            np.copyto(x, part.block(full, spans), where=places == i, casting="unsafe")
    match part.kind:
        case "distinct" | "ascending" if is_changed:
            x.flat[:] = _ranks(x, part.kind)
        case "index":
            x %= max(math.prod(target) if part.along is None else target[part.along], 1)
        case "boolean" if x.size > 1 and (x == x.flat[0]).all():
            x.flat[-1] = not x.flat[-1]
    if is_changed and part.is_untied:
        upper = np.ones(x.shape, bool)
        upper = np.triu(upper) if part.kind == "symmetric" else upper
        x[upper] = _untied(x[upper], part)
    if part.kind == "symmetric":
        x = np.triu(x) + np.triu(x, 1).T
    return x if _is_allowed(x, part) else None


def _ranks(x: Array, kind: str) -> Array:
    """Return whole numbers in the order of values: of both signs, none of them zero."""
    ranks = np.argsort(np.argsort(x, axis=None, kind="stable"), kind="stable")
    signed = ranks - x.size // 2
    return np.sort(ranks) + 1 if kind == "ascending" else signed + (signed >= 0)


def _untied(flat: Array, part: Part) -> Array:
    """Return values with the next simple numbers, while there are, in place of repeated ones."""
    _, first = np.unique(flat, return_index=True)
    again = np.setdiff1d(np.arange(flat.size), first)
    count = np.arange(1, 2 * flat.size + 1)
    match part.kind:
        case "unit":
            halvings = range(1, int(flat.size).bit_length() + 2)
            spare = np.concatenate([np.arange(1, 2**n, 2) / 2**n for n in halvings])
        case "positive":
            spare = count
        case "complex":
            spare = np.stack([count, 1j * count], axis=1).ravel()
        case _:
            spare = np.stack([count, -count], axis=1).ravel()
    if not part.kind and flat.dtype.kind == "f":
        spare = np.append(spare[(part.low <= spare) & (spare <= part.high)], part.own)
    spare = spare[~np.isin(spare, flat)]
    flat[again[: spare.size]] = spare[: again.size]
    return flat


def _is_allowed(x: Array, part: Part) -> bool:
    """Say whether an array keeps those promises that are not kept by the way it is made."""
    if part.kind == "well_conditioned" and x.size:
        turned = x.shape[-1] > 1 and bool((x == np.swapaxes(x, -1, -2)).all())
        return not turned and bool(np.linalg.cond(x.astype("float64")).max() < CONDITION)
    if part.kind == "real" and 1 < x.size <= SPREAD_LIMIT:
        return bool(np.diff(np.sort(x, axis=None)).min() > GAP)
    return not part.is_untied or part.kind == "symmetric" or np.unique(x).size == x.size
