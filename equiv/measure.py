"""Runs both sides of one cell and collects every fact on which they part, without an opinion.

Knows cells; knows neither entries nor what explains what.
"""

from __future__ import annotations

import functools
import math
import warnings
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from equiv import gradients
from equiv.compare import FARTHER, NO_ERROR, Comparison, Worst, compare, leaves, quickly, show
from equiv.entry import RUNGS, EquivError, Tolerance
from equiv.execute import Ran, Warned, listen, memory, recorded, run_numpy, run_torch
from equiv.facts import Facts, Given, Part
from equiv.gradients import Gradient
from equiv.inputs import is_intact, make, restore, same_bits
from equiv.inputs import lent as lent_copy

Array = NDArray[Any]

DRAWS = 10_000
"""Draws a side where results are compared as distributions."""

UNDEFINED = "invalid value encountered in cast"
"""What NumPy warns of where it casts what the dtype cannot hold: the result is the processor's."""

VALUES = ("nan", "value", "sign of zero")
"""The rungs that compare elements."""

PERTURBATIONS = 4
"""How often the inputs are moved by one eps to measure the conditioning."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The unit that is executed: two spelled sides and the code of their inputs."""

    id: str
    sort: str
    """``case``, ``trap``, ``claim``, ``layer`` or ``rule``."""
    area: str
    owner: str
    """The op, the sheet's row or the layer pair that it belongs to."""
    case: str
    probe: str
    numpy: str
    torch: str
    code: Mapping[str, str]
    equal: str | tuple[str, ...] = "exactly"
    reconstruct: str = ""
    layout: bool = False
    files: bool = False
    tolerance: Tolerance | None = None
    gradient: str = ""
    """Where a gradient is tried: ``every`` element, ``smooth`` for some of them, or ``kinks``."""
    no_gradient: str = ""
    scope: Mapping[str, Any] = field(default_factory=dict)
    """Other names that the texts use: people's own functions."""


NO_GRADIENT = Gradient(word="none")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The facts about one cell."""

    cell: Cell
    parts: tuple[Part, ...] = ()
    raised: tuple[str, str] = ("", "")
    """The classes of what NumPy and torch raised."""
    worst: Worst = NO_ERROR
    gradient: Gradient = NO_GRADIENT
    vacuous: str = ""
    """What shows that the cell exercised nothing."""
    numpy: str = ""
    torch: str = ""
    """Both results, spelled, where they part."""
    inputs: tuple[Given, ...] = ()
    """What was handed to both sides, where they part."""
    mutated: bool = False
    """Whether a side changed an input."""
    undefined: str = ""
    """What NumPy says of its own result, where the sides part on nothing but that."""

    @property
    def outcome(self) -> str:
        """The first rung on which the sides part, ``both raise``, ``undefined`` or ``same``."""
        if all(self.raised):
            return "both raise"
        if self.parts:
            return self.parts[0].rung
        return "undefined" if self.undefined else "same"

    @property
    def facts(self) -> Facts:
        """What rules may look at."""
        errors = (self.numpy if self.raised[0] else "", self.torch if self.raised[1] else "")
        kinds = self.gradient.kinds
        return Facts(inputs=self.inputs, errors=errors, parts=self.parts, gradient=kinds)


class Sample(NamedTuple):
    """What a side drew: its first result as it came, and all of them stacked."""

    first: Any
    all: Array


def measure(cell: Cell, seed: int = 0, caught: Warned | None = None) -> Measured:
    """Run a cell's two sides on the same inputs and compare all there is to compare.

    ``caught`` is where :func:`equiv.execute.recorded` puts warnings, where it is entered already.
    """
    if caught is None:
        with recorded() as caught:
            return measure(cell, seed, caught)
    listen(caught)
    try:
        inputs = {name: make(code) for name, code in cell.code.items()}
    except Exception as error:
        raise EquivError(f"{cell.id}: an input cannot be made: {error}") from error
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    changed: set[tuple[str, str]] = set(cell.code.items())  # unless it is seen to be otherwise
    try:
        if cell.equal == "as a distribution":
            ours = _sample(run_numpy, cell, inputs, state)
            theirs = _sample(run_torch, cell, inputs, state)
        else:
            files = cell.files
            own = {n: _lent(n, c, "numpy") for n, c in cell.code.items()}
            ours = run_numpy(cell.numpy, inputs, seed=state, files=files, lent=own, caught=caught)
            own = {n: _lent(n, c, "torch") for n, c in cell.code.items()}
            theirs = run_torch(cell.torch, inputs, seed=state, files=files, lent=own, caught=caught)
        measured = _measured(cell, inputs, ours, theirs, state)
        if not (measured.raised[0] or measured.raised[1] or measured.mutated):
            changed = set()
        return measured
    finally:
        for name, code in changed:
            restore(name, code, "numpy")
            restore(name, code, "torch")


def measure_on(cell: Cell, inputs: Mapping[str, Any], seed: int = 0) -> Measured:
    """Run a cell's two sides on values that were handed over, and compare all there is."""
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    with recorded() as caught:
        ours = run_numpy(cell.numpy, inputs, seed=state, caught=caught, scope=cell.scope)
        theirs = run_torch(cell.torch, inputs, seed=state, caught=caught, scope=cell.scope)
        return _measured(cell, inputs, ours, theirs, state)


def _lent(name: str, code: str, side: str) -> Any:
    """Return a side's copy of an input, as an array object of its own."""
    copy = lent_copy(name, code, side)
    return copy.view() if isinstance(copy, np.ndarray) else copy


def _measured(
    cell: Cell, inputs: Mapping[str, Any], ours: Ran, theirs: Ran, state: int
) -> Measured:
    """Compare what the two sides did."""
    vacuous = _vacuous(cell, ours, theirs)
    if ours.error or theirs.error:
        return raised(cell, ours, theirs, vacuous, _given(inputs))
    found = _compare(cell, inputs, ours, theirs, state)
    undefined = next((w for w in ours.warned if UNDEFINED in w), "") if ours.warned else ""
    compared = [p for p in found.parts if not (undefined and p.rung in VALUES)]
    turned = any(map(_is_turned, inputs.values()))  # torch got another layout: views say nothing
    aliased = () if turned else _aliasing(ours, theirs)
    mutated = _mutated(cell, inputs, ours, theirs)
    parts = [*compared, *aliased, *_mutation(inputs, mutated, ours, theirs)]
    gradient = NO_GRADIENT
    if cell.gradient and not {"structure", "shape"} & {p.rung for p in parts}:
        gradient = _gradient(cell, inputs, ours, state)
    if gradient.word in ("parted", "refused"):
        masked = frozenset({"masked"} if gradient.masked else ())
        part = Part(
            rung="gradient",
            where=gradient.where,
            numpy=gradient.numpy,
            torch=gradient.torch,
            agrees=masked,
        )
        parts.append(part)
    return Measured(
        cell=cell,
        parts=tuple(sorted(parts, key=lambda p: RUNGS.index(p.rung))),
        worst=found.worst,
        gradient=gradient,
        vacuous=vacuous,
        numpy=_told(ours.seen) if parts else "",
        torch=_told(theirs.seen) if parts else "",
        inputs=_given(inputs) if parts else (),
        mutated=bool(mutated),
        undefined=undefined if len(compared) < len(found.parts) else "",
    )


def _given(inputs: Mapping[str, Any]) -> tuple[Given, ...]:
    return tuple(_given_one(name, x) for name, x in inputs.items())


def _given_one(name: str, x: Any) -> Given:
    if not isinstance(x, np.ndarray):
        return Given(name=name, dtype=type(x).__name__, shape=None)
    words = {
        "nan": _is_inexact(x) and np.isnan(x).any(),
        "inf": _is_inexact(x) and np.isinf(x).any(),
        "zero": (x == 0).any(),
        "negative": x.dtype.kind in "if" and (x < 0).any(),
        "repeated": any(s == 0 and n > 1 for s, n in zip(x.strides, x.shape, strict=True)),
    }
    holds = frozenset(word for word, true in words.items() if true)
    return Given(name=name, dtype=str(x.dtype), shape=x.shape, holds=holds)


def _is_turned(x: Any) -> bool:
    """Say whether an input has negative strides, which torch does not have."""
    return isinstance(x, np.ndarray) and bool(x.size) and min(x.strides, default=0) < 0


def _told(result: Any) -> str:
    return show(result.first if isinstance(result, Sample) else result)


def raised(
    cell: Cell, ours: Ran, theirs: Ran, vacuous: str = "", inputs: tuple[Given, ...] = ()
) -> Measured:
    """Return the facts where a side raised, or both did."""
    numpy = show(ours.error or ours.seen)
    torch = show(theirs.error or theirs.seen)
    rung = "numpy raises" if ours.error else "torch raises"
    both = ours.error and theirs.error
    return Measured(
        cell=cell,
        parts=() if both else (Part(rung=rung, numpy=numpy, torch=torch),),
        raised=(ours.raised, theirs.raised),
        vacuous=vacuous,
        numpy=numpy,
        torch=torch,
        inputs=inputs,
    )


def _compare(
    cell: Cell, inputs: Mapping[str, Any], ours: Ran, theirs: Ran, state: int
) -> Comparison:
    if isinstance(ours.seen, Sample):
        one, many = (
            compare(a, b, equal=cell.equal) for a, b in zip(ours.seen, theirs.seen, strict=True)
        )
        return one if any(part.rung == "structure" for part in one.parts) else many
    numpy, torch = ours.seen, theirs.seen
    if cell.equal == "exactly" and not (cell.layout or cell.tolerance):
        quick = quickly(numpy, torch)
        if quick:
            return quick

    def finish(result: Any) -> Any:
        return _reconstruct(cell, result) if cell.reconstruct else result

    def moved(eps: int, *, whole: bool = False) -> list[Any]:
        near = perturbed(inputs, torch, state, eps, whole=whole)
        runs = [
            run_numpy(cell.numpy, x, seed=state, files=cell.files, scope=cell.scope) for x in near
        ]
        return [] if any(r.error for r in runs) else [finish(r.value) for r in runs]

    def compared(a: Any, b: Any, **options: Any) -> Comparison:
        return compare(
            a,
            b,
            tolerance=cell.tolerance,
            moved=lambda: moved(1),
            farther=lambda: moved(FARTHER)[1:],
            shaken=lambda: moved(1, whole=True),
            **options,
        )

    found = compared(numpy, torch, equal=cell.equal, layout=cell.layout)
    if not cell.reconstruct or found.parts:
        return found
    ours_again, theirs_again = finish(numpy), finish(torch)
    if isinstance(ours_again, str):  # two that cannot be put together do not agree for it
        return Comparison(parts=(Part(rung="value", numpy=ours_again, torch=show(theirs_again)),))
    return compared(ours_again, theirs_again)


def _reconstruct(cell: Cell, result: Any) -> Any:
    ran = run_numpy(cell.reconstruct, {"r": result})
    return f"cannot be reconstructed: {show(ran.error)}" if ran.error else ran.value


def perturbed(
    inputs: Mapping[str, Any], result: Any, state: int, times: int = 1, *, whole: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the inputs in float64: as they are, then moved by some eps of the coarser dtype.

    With ``whole`` integers and booleans are moved too, as floats.
    """
    if whole:
        inputs = {n: a.astype("f8") if _is_whole(a) else a for n, a in inputs.items()}
    arrays = [a for _, a in leaves(result) if isinstance(a, np.ndarray)]
    real = [a for a in (*inputs.values(), *arrays) if _is_inexact(a)]
    eps = times * max((float(np.finfo(a.dtype).eps) for a in real), default=0.0)
    wide = {
        n: a.astype(np.result_type(a, "f8")) if _is_inexact(a) else a for n, a in inputs.items()
    }
    yield wide
    rng = np.random.default_rng([state, times])
    for _ in range(PERTURBATIONS):
        yield {
            n: np.asarray(a * (1 + eps * rng.choice([-1.0, 1.0], a.shape))) if _is_inexact(a) else a
            for n, a in wide.items()
        }


def _sample(run: Any, cell: Cell, inputs: Mapping[str, Any], state: int) -> Ran:
    """Run a side until it has drawn DRAWS numbers, and stack them along a new first axis."""
    side = cell.numpy if run is run_numpy else cell.torch
    ran: Ran = run(side, inputs, seed=state)
    if ran.error:
        return ran
    size = np.size(ran.seen)
    drawn = [ran.seen]
    for _ in range(math.ceil(DRAWS / size) - 1 if size else 0):
        drawn.append(run(side, inputs, seed=None).seen)
    return Ran(value=ran.value, seen=Sample(ran.seen, np.stack(drawn)), inputs=ran.inputs)


def _aliasing(ours: Ran, theirs: Ran) -> Iterator[Part]:
    """Tell where writing through the result reaches an input on one side only."""
    if _lies_apart(ours) and _lies_apart(theirs):
        return
    numpy, torch = _leaves(ours.value), _leaves(theirs.value)
    if numpy.keys() != torch.keys():
        return
    for where in numpy:
        mine, its = memory(numpy[where]), memory(torch[where])
        if mine is None and its is None:
            continue
        for name, array in ours.inputs.items():
            if not isinstance(array, np.ndarray):
                continue
            a = _reach(numpy[where], mine, array)
            b = _reach(torch[where], its, theirs.inputs[name])
            if a != b:
                names = name.partition("/")[0], name.rpartition("/")[2]
                words = (f"{a} of {names[0]}", f"{b} of {names[1]}")
                yield Part(rung="aliasing", where=where, numpy=words[0], torch=words[1])


def _lies_apart(ran: Ran) -> bool:
    """Say, at the least cost, that a result of one array or number shares no memory at all."""
    seen = ran.seen
    if not isinstance(seen, np.ndarray):
        return not isinstance(seen, tuple | list | dict)
    if seen.dtype.kind == "c":  # torch resolves a lazy conjugate by a copy
        return False
    return not any(
        isinstance(x, np.ndarray) and np.may_share_memory(seen, x) for x in ran.inputs.values()
    )


def _leaves(value: Any) -> dict[str, Any]:
    return dict(leaves(value)) if isinstance(value, tuple | list | dict) else {"": value}


def _reach(value: Any, ours: tuple[int, int] | None, array: Any) -> str:
    """Say whether writing into a result would reach an array; an empty one reaches nothing."""
    if ours is None or not math.prod(value.shape):
        return "a copy"
    theirs = memory(array)
    if theirs is None or ours[1] <= theirs[0] or theirs[1] <= ours[0]:
        return "a copy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy 2.4 warns where a broadcast view is asked
        read_only = isinstance(value, np.ndarray) and not value.flags.writeable
    return "a read-only view" if read_only else "a view"


def _mutated(
    cell: Cell, inputs: Mapping[str, Any], ours: Ran, theirs: Ran
) -> dict[str, tuple[bool, bool]]:
    """Return the inputs that a side has changed: by NumPy, by torch."""
    own = cell.equal == "as a distribution"  # each draw has copies of its own
    found = {}
    for name, before in inputs.items():
        if not isinstance(before, np.ndarray):
            continue
        if own or name not in cell.code:
            intact = tuple(same_bits(ran.inputs[name], before) for ran in (ours, theirs))
        else:
            intact = tuple(is_intact(name, cell.code[name], side) for side in ("numpy", "torch"))
        if not all(intact):
            found[name] = (not intact[0], not intact[1])
    return found


def _mutation(
    inputs: Mapping[str, Any], mutated: Mapping[str, tuple[bool, bool]], ours: Ran, theirs: Ran
) -> Iterator[Part]:
    """Tell where one side changed an input and the other did not, or not to the same values."""
    for name, changed in mutated.items():
        a, b = ours.inputs[name], theirs.inputs[name]
        if not all(changed) or (quickly(a, b) or compare(a, b)).parts:
            words = [
                f"{name} = {show(x)}" if c else f"{name} unchanged"
                for x, c in zip((a, b), changed, strict=True)
            ]
            yield Part(rung="mutation", where=name, numpy=words[0], torch=words[1])


def _gradient(cell: Cell, inputs: Mapping[str, Any], ours: Ran, state: int) -> Gradient:
    """Hold autograd through the port against the derivative of the NumPy side."""
    real = {n: a for n, a in inputs.items() if _is_inexact(a)}
    where = [w for w, a in leaves(ours.value) if _is_inexact(a)]
    if not real or not where:
        return NO_GRADIENT
    wide = {n: a.astype(np.result_type(a, "f8")) for n, a in real.items()}

    def f(at: Mapping[str, Any]) -> list[Any]:
        ran = run_numpy(
            cell.numpy, {**inputs, **at}, seed=state, files=cell.files, scope=cell.scope
        )
        found = {} if ran.error else dict(leaves(ran.value))
        return [np.asarray(found[w]) if w in found else np.array([]) for w in where]

    at0 = f(wide)
    kept = [w for w, a in zip(where, at0, strict=True) if a.dtype.str[1:] in ("f8", "c16")]
    where[:] = kept  # a narrower result has steps where a slope should be
    results0 = [a for a in at0 if a.dtype.str[1:] in ("f8", "c16")]
    if not where:
        return NO_GRADIENT
    weights = gradients.cotangents(results0, state)
    ran = run_torch(
        cell.torch,
        inputs,
        seed=state,
        files=cell.files,
        requires_grad=tuple(real),
        scope=cell.scope,
    )
    results = dict(leaves(ran.value))
    try:
        if ran.error:
            raise ran.error
        found = gradients.autograd(ran.tracked, [results[w] for w in where], weights)
    except Exception as error:  # what torch raises is a result
        kinds = frozenset({"refused"})
        return Gradient(word="refused", kinds=kinds, numpy="a derivative", torch=show(error))
    if cell.gradient == "kinks":
        return gradients.check_kinks(f, wide, found, weights)
    eps = max((float(np.finfo(a.dtype).eps) for a in real.values() if a.itemsize < 8), default=0.0)
    every = cell.gradient == "every"
    if not cell.scope:
        return gradients.check(f, wide, found, weights, state, eps, every=every)
    return gradients.check_each(f, wide, found, weights, state, eps)


def _vacuous(cell: Cell, ours: Ran, theirs: Ran) -> str:
    for name, code in cell.code.items():
        found = _exercises_nothing(code)
        if found:
            return f"input {name} {found}"
    if not (ours.error or theirs.error) and ours.value is None and theirs.value is None:
        return "both sides return None"
    return ""


@functools.lru_cache(maxsize=4096)
def _exercises_nothing(code: str) -> str:
    """Say what is wrong with an input that shows nothing; empty where it can."""
    a = make(code)
    if not isinstance(a, np.ndarray):
        return ""
    if not a.size:
        return "is empty"
    return "holds one value throughout" if a.size > 1 and (a == a.flat[0]).all() else ""


def _is_whole(a: Any) -> bool:
    return isinstance(a, np.ndarray) and a.dtype.kind in "biu"


def _is_inexact(a: Any) -> bool:
    return isinstance(a, np.ndarray | np.generic) and bool(np.issubdtype(a.dtype, np.inexact))
