"""Finds the smallest inputs on which a check still fails, with hypothesis, an optional extra.

Knows input kinds and probes, not what is checked: that is a function which it is given.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np

from equiv.entry import EquivError
from equiv.inputs import Array, fresh, keeps
from equiv.own.parts import Part, Spans, base_of, parts_of

DRAWN: Final = 32
"""The elements of an input that are drawn one by one; in a larger one they come round again."""

OWN: Final = 7
"""How many times as often an element is drawn as it was as in a simpler way."""

LAST: Final = 99
"""What an element that is as it was weighs: more than any that is simpler."""

FAR: Final = 2**70
"""Added to what is drawn from a wide range. Hypothesis also draws the numbers that it reads in the
modules a project has imported: none from -99 to 99, and none as large as this."""


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
    parts, constants = parts_of(inputs, probe, seed)
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

    parts: list[Part]
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
            base = base_of(part, drawn.spans, picks, target)
            if base is None:
                return None
            code = part.change.replace("{shape}", str(base.shape))
            with np.errstate(all="ignore"):
                value = eval(code, {"np": np, "x": base})
            if part.change != "x" and not keeps(value, part.kind):
                return None
            bases[part.name], cost = base, cost + int(picks.sum())
            found[part.name] = np.asarray(value) if isinstance(value, np.generic) else value
        arrays = bases.values()
        weight = (sum(x.size for x in arrays), sum(sum(x.shape) for x in arrays), cost)
        return _Example(weight, bases, found)


def _copied(value: Any) -> Any:
    """Copy an array of numbers, so that a check may write into it."""
    return value if isinstance(value, np.ndarray) and value.dtype.hasobject else fresh(value)


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
