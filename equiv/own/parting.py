"""Compares what a NumPy layer and its twin did under one condition, and tells where they part.

Where gradients part, differences of the NumPy forward say which side is at fault.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.compare import FARTHER, LIMIT, NO_ERROR, Comparison, Worst, compare, show
from equiv.entry import RUNGS
from equiv.execute import Ran
from equiv.facts import Part
from equiv.gradients import STEPS, Gradient, directional
from equiv.measure import NO_GRADIENT, Cell, Measured, perturbed, raised
from equiv.own.passes import Given, Pair, Pass, Run, attempt

Array = NDArray[Any]

CLEAR, NEAR = 1 / 8, 1e-4
"""How near differences come to a side to speak for it: of the distance of both, of the scale."""

IN_BACKWARD = "in backward, "
"""What comes before what a NumPy backward raised."""


def measure_layer(pair: Pair, cell: Cell, run: Run, params: Mapping[str, Array]) -> Measured:
    """Run both sides under a condition and compare all they return."""
    given = pair.given(run, params)
    forward = attempt(lambda: pair.outputs(given, run))
    state = zlib.crc32(f"{pair.seed}|{cell.id}".encode())
    if not forward.error and any(step == "backward" for step, _ in run.script):
        given = dataclasses.replace(given, cotangents=pair.cotangents(forward.value, run, state))
    ours = forward if forward.error else attempt(lambda: pair.ours(given, run))
    theirs = attempt(lambda: pair.theirs(given, run))
    if not (ours.error or theirs.error):
        return _Facts(pair, run, given, ours.value, theirs.value, state).measured(cell)
    if ours.error and not (forward.error or theirs.error):
        return _raised_backward(pair, cell, run, given, ours, state)
    return raised(cell, _shown(ours), _shown(theirs))


def _raised_backward(
    pair: Pair, cell: Cell, run: Run, given: Given, ours: Ran, state: int
) -> Measured:
    """Tell what NumPy's backward raised, unless the outputs before it have other shapes."""
    given = dataclasses.replace(given, cotangents={})
    facts = _Facts(pair, run, given, pair.ours(given, run), pair.theirs(given, run), state)
    found = facts.measured(cell)
    if {"structure", "shape"} & _rungs(found.parts):
        return found
    numpy, torch = f"{IN_BACKWARD}{show(ours.error)}", show(facts.theirs.outputs)
    return dataclasses.replace(
        found,
        parts=(Part(rung="numpy raises", numpy=numpy, torch=torch), *found.parts),
        raised=(ours.raised, ""),
        numpy=numpy,
        torch=torch,
    )


class _Facts:
    """Both passes under one condition, and what the NumPy side does near it."""

    def __init__(
        self, pair: Pair, run: Run, given: Given, ours: Pass, theirs: Pass, state: int
    ) -> None:
        self.pair, self.run, self.given, self.state = pair, run, given, state
        self.ours, self.theirs = ours, theirs
        self.near = functools.cache(self._near)

    def measured(self, cell: Cell) -> Measured:
        """Compare outputs, buffers and gradients; tell what was written to."""
        found = self._compare(lambda p: p.outputs)
        parts = list(found.parts)
        for name in self.ours.changed:
            parts.append(
                Part(rung="mutation", where=name, numpy="written to", torch="left as it was")
            )
        each: dict[str, Gradient] = {}
        worst = found.worst
        for name, theirs in self.theirs.gradients.items():
            told, each[name], element = self._gradient(name, self.ours.gradients[name], theirs)
            parts += told
            if element.headroom > worst.headroom and not {"nan", "value"} & _rungs(found.parts):
                worst = element
        errors = {g.where: -g.error for g in each.values()}  # the largest is told first
        parts.sort(key=lambda p: (RUNGS.index(p.rung), errors.get(p.where, 0.0)))
        parts = _with_others(parts, each)
        return Measured(
            cell=cell,
            parts=tuple(parts),
            worst=worst,
            gradient=_overall(each),
            numpy=show(self.ours.outputs) if parts else "",
            torch=show(self.theirs.outputs) if parts else "",
        )

    def _compare(self, pick: Callable[[Pass], Any]) -> Comparison:
        return compare(
            pick(self.ours),
            pick(self.theirs),
            moved=lambda: [pick(p) for p in self.near(1)],
            farther=lambda: [pick(p) for p in self.near(FARTHER)[1:]],
        )

    def _near(self, times: int) -> list[Pass]:
        """Run the NumPy layer in float64, as it is and with everything moved by some eps."""
        arrays = {str(i): x for i, (_, x) in enumerate(self.given.flat())}
        passes = []
        for moved in perturbed(arrays, self.ours.outputs, self.state, times):
            there = self.given.filled(moved.values())
            ran = attempt(functools.partial(self.pair.ours, there, self.run))
            if ran.error:
                return []
            passes.append(ran.value)
        return passes

    def _gradient(
        self, name: str, ours: Mapping[str, Any], theirs: Mapping[str, Array]
    ) -> tuple[list[Part], Gradient, Worst]:
        """Compare the gradients by one input or parameter; the sign of a zero says nothing."""
        none = [(k, g) for k, g in ours.items() if not isinstance(g, np.ndarray)]
        if none:
            key, g = none[0]
            told = Gradient(word="parted", where=name, numpy=show(g), torch=show(theirs[key]))
            return [_part(told)], dataclasses.replace(told, error=math.inf), NO_ERROR
        found = self._compare(lambda p: p.gradients[name])
        parts = [p for p in found.parts if p.rung == "dtype"]
        parts = [dataclasses.replace(p, where=f"the gradient by {name}") for p in parts[:1]]
        rest = [p for p in found.parts if p.rung not in ("dtype", "sign of zero")]
        worst = found.worst
        if rest and rest[0].rung == "value" and worst.error <= self._allowance(name):
            rest, worst = [], NO_ERROR
        if worst.error:
            worst = dataclasses.replace(worst, where=f"{worst.where}, gradient by {name}")
        if not rest:
            zero = not any(g.any() for g in (*ours.values(), *theirs.values()))
            return parts, Gradient(word="zero" if zero else "same", error=worst.relative), worst
        told = self._told(name, rest[0], found.worst)
        return [*parts, _part(told)], told, worst

    def _allowance(self, name: str) -> float:
        """Return the error that is none beside the gradient on ordinary inputs.

        Where a layer is saturated its gradient is what cancellation leaves of ordinary terms.
        """
        if not self.run.usual:
            return 0.0
        there = dataclasses.replace(self.run, calls=self.run.usual, usual=())
        given = dataclasses.replace(
            self.pair.given(there, self.given.params), cotangents=self.given.cotangents
        )
        ran = attempt(lambda: self.pair.theirs(given, there).gradients[name].values())
        sizes = [float(np.abs(g[np.isfinite(g)]).max(initial=0.0)) for g in ran.value or ()]
        return LIMIT * float(np.finfo(self.run.dtype).eps) * max(sizes, default=0.0)

    def _told(self, name: str, part: Part, worst: Worst) -> Gradient:
        """Tell where a gradient parts: the element, both values, and whose fault it is."""
        if part.rung in ("structure", "shape"):
            words = (f"shape {part.numpy}", f"shape {part.torch}")
            return _parted(f"{name} ({part.where})", math.inf, *words)
        key, index = worst.where, worst.index
        if part.rung == "nan":
            key = part.where
            a, b = self.ours.gradients[name][key], self.theirs.gradients[name][key]
            index = tuple(map(int, np.argwhere(~_alike(a, b))[0]))
        a, b = (float(p.gradients[name][key][index]) for p in (self.ours, self.theirs))
        at = f"[{', '.join(map(str, index))}]" if index else ""
        why = self._summed(name, key) or self._blamed(name, key, index, a, b)
        error = worst.relative if part.rung == "value" else math.inf
        return _parted(f"{name}{at} ({key})", error, repr(a), f"{b!r}{why}")

    def _summed(self, name: str, key: str) -> str:
        """Say where a gradient is the sum over both calls of a layer that adds gradients up."""
        ours, theirs = self.ours.gradients[name], self.theirs.gradients[name]
        keys = list(theirs)
        if len(keys) != 2 or key != keys[1]:
            return ""
        total = theirs[keys[0]] + theirs[keys[1]]
        if not np.allclose(ours[key], total, rtol=0, atol=1e-5 * np.abs(total).max(initial=0)):
            return ""
        return "; it is the sum over both calls: zero_grad= names the method that clears it"

    def _blamed(self, name: str, key: str, index: tuple[int, ...], a: float, b: float) -> str:
        """Say whose fault it is, by differences of the NumPy forward along one element."""
        slope = attempt(lambda: self._slope(name, key, index)).value
        if slope is None or not math.isfinite(slope):
            return ""
        told = f"; differences of the NumPy forward give {slope:.6g}: "
        scale = max(abs(slope), float(np.abs(self.theirs.gradients[name][key]).max()))
        room = min(CLEAR * abs(a - b), NEAR * scale) if math.isfinite(a - b) else NEAR * scale
        if abs(slope - b) <= room:
            return f"{told}the NumPy backward is at fault"
        if abs(slope - a) <= room:
            return f"{told}the backward fits its forward, which is not the twin's"
        return f"{told}neither side's"

    def _slope(self, name: str, key: str, index: tuple[int, ...]) -> float | None:
        """Differentiate the NumPy forward by one element, which torch's layout counts."""
        label, i = next(
            (label, i)
            for label, calls in self.given.cotangents.items()
            for i in range(len(calls))
            if self.pair.called(f"{label} cotangent", i, self.given) == key
        )
        wide = self.given.mapped(lambda _, x: x.astype("f8") if x.dtype.kind == "f" else x)
        place = self._element(name, index)
        if place is None:
            return None
        owner, element = place
        call, params = wide.calls[i], wide.params
        is_input = owner in self.pair.wrt_inputs
        start = call[owner] if is_input else params[owner]
        direction = np.zeros(start.shape)
        direction[element] = 1.0

        def f(at: Mapping[str, Array]) -> list[Array]:
            there = Given(
                calls=({**call, **at} if is_input else call,),
                params=params if is_input else {**params, **at},
            )
            return [np.asarray(y, "f8") for y in self.pair.outputs(there, self.run)[0]]

        weights = wide.cotangents[label][i]
        tried = (directional(f, {owner: start}, owner, direction, weights, h) for h in STEPS)
        return min(tried, key=lambda found: (math.isnan(found[1]), found[1]))[0]

    def _element(self, name: str, index: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
        """Find the element of NumPy's arrays that torch's layout puts at an index."""
        if name in self.pair.wrt_inputs:
            return name, index
        param = self.pair.params[name]
        shapes = {v: self.given.params[v].shape for v in param.values}
        ends = np.cumsum([math.prod(s) for s in shapes.values()])
        counted = np.split(np.arange(1.0, ends[-1] + 1), ends[:-1])

        def laid(flat: list[Array]) -> Array:
            own = [x.reshape(s) for x, s in zip(flat, shapes.values(), strict=True)]
            return np.asarray(param.convert(own))

        count = float(laid(counted)[index])
        only = laid([(x == count) * 1.0 for x in counted])
        if only.sum() != 1 or only[index] != 1:
            return None  # it does more than put each element somewhere
        for (value, shape), own in zip(shapes.items(), counted, strict=True):
            if count in own:
                at = np.unravel_index(int(count - own[0]), shape)
                return value, tuple(map(int, at))
        return None


def _parted(where: str, error: float, numpy: str, torch: str) -> Gradient:
    return Gradient(word="parted", error=error, where=where, numpy=numpy, torch=torch)


def _part(found: Gradient) -> Part:
    return Part(rung="gradient", where=found.where, numpy=found.numpy, torch=found.torch)


def _overall(each: Mapping[str, Gradient]) -> Gradient:
    """Return the gradient that parts most, if one does, with all of them by name."""
    if not each:
        return NO_GRADIENT
    words = [g.word for g in each.values()]
    word = next(w for w in ("parted", "same", "zero") if w in words)
    worst = max((g for g in each.values() if g.word == word), key=lambda g: g.error)
    return dataclasses.replace(worst, by_input=each)


def _with_others(parts: list[Part], each: Mapping[str, Gradient]) -> list[Part]:
    """Name, where the first gradient that parts is told, the others that do."""
    first = next((part for part in parts if part.rung == "gradient"), None)
    others = [n for n, g in each.items() if g.word == "parted" and first and g.where != first.where]
    if not (first and others):
        return parts
    also = dataclasses.replace(first, torch=f"{first.torch}; also by {', '.join(others)}")
    return [also if part is first else part for part in parts]


def _rungs(parts: tuple[Part, ...]) -> set[str]:
    return {part.rung for part in parts}


def _alike(a: Array, b: Array) -> Array:
    """Tell where both are finite, or the same infinity, or NaN."""
    return np.asarray((np.isfinite(a) & np.isfinite(b)) | (a == b) | (np.isnan(a) & np.isnan(b)))


def _shown(ran: Ran) -> Ran:
    return Ran(seen=ran.value.outputs if isinstance(ran.value, Pass) else None, error=ran.error)
