"""Finds the smallest inputs on which a check still fails, with hypothesis, an optional extra.

Knows input kinds and probes, not what is checked: that is a function which it is given.
"""

from __future__ import annotations

import cmath
import contextlib
import hashlib
import importlib.util
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np

from equiv.entry import EquivError, Input, values
from equiv.inputs import (
    CONDITION,
    GAP,
    SPREAD_LIMIT,
    Array,
    _changes,
    _keeps,
    _reshaped,
    _spell_one,
    fresh,
    is_plain,
    make,
    own_probe,
)
from equiv.probes import PROBES

DRAWN: Final = 32
"""The elements of an input that are drawn one by one; in a larger one they come round again."""

OWN: Final = 7
"""How many times as often an element is drawn as it was as in a simpler way."""

LAST: Final = 99
"""What an element that is as it was weighs: more than any that is simpler."""

ROUNDED: Final = 4096
"""Past this size elements are not rounded to make them simpler."""

FAR: Final = 2**70
"""Added to what is drawn from a wide range. Hypothesis also draws the numbers that it reads in the
modules a project has imported: none from -99 to 99, and none as large as this."""

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


def available() -> bool:
    """Say whether hypothesis, which does the shrinking, can be imported."""
    return importlib.util.find_spec("hypothesis") is not None


def smallest(
    inputs: Mapping[str, object],
    probe: str,
    fails: Callable[[Mapping[str, Any]], bool],
    *,
    examples: int = 300,
    seed: int = 0,
) -> dict[str, Any] | None:
    """Return the smallest inputs found on which ``fails`` is true; None where there are none.

    Declared kinds keep their promise under the probe. Given arrays are cut to a block of numbers
    that they hold, or of simpler ones in their range. Anything else goes through as it is. The
    fewest elements come first, then the simplest numbers. ``fails`` is called ``examples`` times
    at most, and its raising is no failure. ``seed`` is that of the declared values, with which
    the search starts; the same call has the same result. Within a test of hypothesis, which does
    its own shrinking, nothing is looked for.

    *Raises* EquivError without hypothesis, and where there is no such probe.
    """
    if not available():
        raise EquivError("smallest: expected hypothesis, found none; pip install 'equiv[shrink]'")
    parts, constants = _parts(inputs, probe, seed)
    if _is_within_test():
        return None
    search = _Search(parts=parts, constants=constants, fails=fails, budget=examples)
    with contextlib.suppress(_Spent):
        search.has(_Drawn({axis: (0, most) for axis, most in search.bounds.items()}))
    for turn in range(examples):
        before = search.settled()
        search.budget = (search.calls + examples) // 2
        _find(search, _block, turn)
        search.settled()
        search.budget = examples
        _find(search, _numbers, turn)
        if search.best is before:
            break
    return {name: search.best.values[name] for name in inputs} if search.best else None


# --- what is shrunk -------------------------------------------------------------------------

Spans = Mapping[int, tuple[int, int]]
"""Where each extent starts, and its length, by the length that was declared."""


@dataclass(frozen=True, kw_only=True)
class _Part:
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


def _parts(
    inputs: Mapping[str, object], probe: str, seed: int
) -> tuple[list[_Part], dict[str, Any]]:
    """Return the arrays to shrink, as they are declared or given, and what goes through."""
    probe = "" if probe == own_probe(inputs) else probe
    if probe and probe not in PROBES:
        raise EquivError(f"probe {probe!r} is unknown; there are {', '.join(PROBES)}")
    changes = _changes(PROBES[probe], inputs) if probe else {}
    shaped = _reshaped(PROBES[probe], inputs) if probe else inputs
    known = {n: values(x) if isinstance(x, np.ndarray) else x for n, x in shaped.items()}
    places = [n for n, x in inputs.items() if isinstance(x, Input)]
    parts, constants = [], dict(inputs)
    for name, declared in inputs.items():
        x, change = shaped[name], changes.get(name, "{x}")
        if isinstance(x, np.ndarray) and not x.dtype.hasobject:
            parts.append(_given(name, x))
        elif isinstance(x, Input) and isinstance(declared, Input):
            if x.kind in ("text", "values"):
                constants[name] = make(_spell_one(name, x, known, seed, probe, change))
                continue
            own = make(_spell_one(name, x, known, seed, probe))
            code = change.replace("{i}", str(places.index(name))).replace("{x}", "x")
            parts.append(replace(_drawn(name, x, own), axes=declared.shape, change=code))
    return parts, constants


def _drawn(name: str, x: Input, own: Array) -> _Part:
    """Return the part of a declared input, with numbers that its kind allows."""
    simple, low, high = SIMPLE.get(x.kind, ()), -math.inf, math.inf
    if x.kind == "integers":
        low, high = x.low, x.high - 1
        simple = tuple(dict.fromkeys((*(v for v in WHOLE if low <= v <= high), low, high)))
    if x.kind == "unit":
        low, high = 0.01, 0.99
    return _Part(
        name=name, kind=x.kind, axes=x.shape, own=own, simple=simple, low=low, high=high,
        is_untied=x.kind in UNTIED, of=x.of, along=x.axis,
    )  # fmt: skip


def _given(name: str, x: Array) -> _Part:
    """Return the part of given data, with numbers of its range and the special ones it holds."""
    part, sort = _Part(name=name, kind="", axes=x.shape, own=x), x.dtype.kind
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


# --- one example ----------------------------------------------------------------------------


class _Drawn(NamedTuple):
    """An example: the extents, and for the elements of each input the number of what stands in.

    Past the last option an element is what it was; ``anew`` counts from the first one again.
    """

    spans: Spans
    picks: Mapping[str, Array] = {}
    anew: bool = False


class _Spent(BaseException):
    """Raised where the check may not be called again; hypothesis lets it through."""


class _Example(NamedTuple):
    """An example, before and after the probe."""

    weight: tuple[int, int, int]  # of its elements, its extents, and how far they are from simple
    bases: Mapping[str, Array]
    values: Mapping[str, Any]


@dataclass(kw_only=True)
class _Search:
    """What is known of the examples so far, and the best of those that fail."""

    parts: list[_Part]
    constants: Mapping[str, Any]
    fails: Callable[[Mapping[str, Any]], bool]
    budget: int
    calls: int = 0
    known: dict[bytes, bool] = field(default_factory=dict)
    best: _Example | None = None
    goal: tuple[float, float, float] = (math.inf, math.inf, math.inf)

    @property
    def bounds(self) -> dict[int, int]:
        """The most that each extent can be."""
        pairs = [pair for p in self.parts for pair in zip(p.axes, p.own.shape, strict=True)]
        return {axis: max(n for a, n in pairs if a == axis) for axis, _ in pairs}

    def has(self, drawn: _Drawn) -> bool:
        """Say whether an example fails and is better than what the search goes on from."""
        made = self.made(drawn)
        if made is None or made.weight >= self.goal:
            return False
        told = hashlib.blake2s()
        for x in made.bases.values():
            told.update(f"{x.shape}".encode() + x.tobytes())
        key = told.digest()
        if key not in self.known:
            if self.calls >= self.budget:
                raise _Spent
            self.calls += 1
            self.known[key] = self.failing({n: _copied(x) for n, x in made.values.items()})
        if self.known[key] and (self.best is None or made.weight < self.best.weight):
            self.best = made
        return self.known[key]

    def failing(self, found: Mapping[str, Any]) -> bool:
        """Say whether the check fails; one that raises says nothing."""
        try:
            return bool(self.fails(found))
        except Exception:
            return False

    def settled(self) -> _Example | None:
        """Go on from the best example so far, and return it."""
        if self.best:
            self.parts = [replace(p, own=self.best.bases[p.name]) for p in self.parts]
            self.goal = self.best.weight
        return self.best

    def made(self, drawn: _Drawn) -> _Example | None:
        """Make an example; None where a kind does not allow it."""
        found, bases, cost = dict(self.constants), {}, 0
        sizes = {p.name: p.shape(drawn.spans) for p in self.parts}
        for part in self.parts:
            size = min(math.prod(sizes[part.name]), DRAWN)
            picks, most = drawn.picks.get(part.name), len(part.options)
            if picks is None:
                picks = np.full(size, LAST)
            picks = picks % most if drawn.anew and most else np.where(picks < most, picks, LAST)
            target = sizes.get(part.of) or np.shape(found.get(part.of, ()))
            base = _base(part, drawn.spans, picks, target)
            if base is None:
                return None
            code = part.change.replace("{shape}", str(base.shape))
            with np.errstate(all="ignore"):
                value = eval(code, {"np": np, "x": base})
            if part.change != "x" and not _keeps(value, part.kind):
                return None
            bases[part.name], cost = base, cost + int(picks.sum())
            found[part.name] = np.asarray(value) if isinstance(value, np.generic) else value
        arrays = bases.values()
        weight = (sum(x.size for x in arrays), sum(sum(x.shape) for x in arrays), cost)
        return _Example(weight, bases, found)


def _copied(value: Any) -> Any:
    """Copy an array of numbers, so that a check may write into it."""
    return value if isinstance(value, np.ndarray) and value.dtype.hasobject else fresh(value)


def _base(part: _Part, spans: Spans, picks: Array, target: tuple[int, ...]) -> Array | None:
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


def _untied(flat: Array, part: _Part) -> Array:
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


def _is_allowed(x: Array, part: _Part) -> bool:
    """Say whether an array keeps those promises that are not kept by the way it is made."""
    if part.kind == "well_conditioned" and x.size:
        turned = x.shape[-1] > 1 and bool((x == np.swapaxes(x, -1, -2)).all())
        return not turned and bool(np.linalg.cond(x.astype("float64")).max() < CONDITION)
    if part.kind == "real" and 1 < x.size <= SPREAD_LIMIT:
        return bool(np.diff(np.sort(x, axis=None)).min() > GAP)
    return not part.is_untied or part.kind == "symmetric" or np.unique(x).size == x.size


# --- what hypothesis draws ------------------------------------------------------------------

Number = Callable[[int, int], int]
"""Draws a whole number from the first to the second; the first is the simplest."""


def _block(search: _Search, number: Number) -> _Drawn:
    """Draw the extents, each as often whole as cut, and where they start."""
    spans = {}
    for axis, most in search.bounds.items():
        length = min(number(1, 2 * most), most) if most > 1 else most
        spans[axis] = (number(0, most - 1) if most > 1 else 0, length)
    return _Drawn(spans)


def _numbers(search: _Search, number: Number) -> _Drawn:
    """Draw the extents, and the elements: as they were, or simpler."""
    bounds = search.bounds.items()
    spans = {n: (0, min(number(1, 2 * most), most) if most > 1 else most) for n, most in bounds}
    anew = bool(number(0, 1))
    picks = {}
    for part in search.parts:
        if part.options:
            size = min(math.prod(part.shape(spans)), DRAWN)
            most = (OWN + 1) * len(part.options) - 1
            picks[part.name] = np.array([number(0, most) for _ in range(size)], np.int64)
    return _Drawn(spans, picks, anew)


def _find(search: _Search, drawn: Callable[[_Search, Number], _Drawn], seed: int) -> None:
    """Let hypothesis look for an example that fails, and shrink it."""
    from hypothesis import Phase, Verbosity, find, settings, strategies
    from hypothesis.errors import NoSuchExample

    @strategies.composite
    def example(draw: Any) -> _Drawn:
        def number(low: int, high: int) -> int:
            far = FAR if high > 99 else 0
            return int(draw(strategies.integers(far + low, far + high))) - far

        return drawn(search, number)

    chosen = settings(
        max_examples=max(search.budget, 1),
        phases=(Phase.generate, Phase.shrink),
        verbosity=Verbosity.quiet,
        backend="hypothesis",
        print_blob=False,
        database=None,
        deadline=None,
    )
    with _without_folder(), contextlib.suppress(NoSuchExample, _Spent):
        find(example(), search.has, settings=chosen, random=Random(seed))


def _is_within_test() -> bool:
    from hypothesis import currently_in_test_context

    return currently_in_test_context()


@contextlib.contextmanager
def _without_folder() -> Iterator[None]:
    """Keep what hypothesis notes of a project's modules out of its folder."""
    from hypothesis import configuration

    before = getattr(configuration, "__hypothesis_home_directory", None)
    with tempfile.TemporaryDirectory() as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
