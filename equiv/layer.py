"""Compares what a NumPy layer and its torch twin did, forward and backward: the facts of a cell.

Knows no layer by name.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from equiv.compare import FARTHER, NO_ERROR, Comparison, Worst, compare, show
from equiv.conditions import LARGE
from equiv.entry import RUNGS
from equiv.execute import Ran
from equiv.facts import Part
from equiv.gradients import Gradient
from equiv.inputs import make
from equiv.layer_sides import (
    Given,
    LayerCell,
    Pass,
    all_cotangents,
    attempt,
    parameters,
    run_layer,
    run_twin,
)
from equiv.measure import Cell, Measured, perturbed, raised


def measure_layer(cell: Cell, layer: LayerCell, seed: int = 0) -> Measured:
    """Run the layer and its twin on the same inputs and parameters; compare all they return."""
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    given = Given(
        inputs={name: make(code) for name, code in cell.code.items()},
        state=parameters(cell, layer, state),
        before={name: make(code) for name, code in layer.before.items()},
        draw=state,
    )
    weights = attempt(lambda: all_cotangents(cell, layer, given, state))
    given = replace(given, cotangents=weights.value or {})
    ours = attempt(lambda: run_layer(cell, layer, given))
    theirs = attempt(lambda: run_twin(cell, layer, given))
    if ours.error and not theirs.error and (before := _parts_before(cell, layer, given)):
        return before
    if ours.error or theirs.error:
        return raised(cell, _outputs(ours), _outputs(theirs))
    a, b = ours.value, theirs.value

    @functools.cache
    def near(eps: int) -> list[Pass]:
        moved = (
            given.moved(flat) for flat in perturbed(given.flat(layer.wrt), a.output, state, eps)
        )
        passes = [attempt(functools.partial(run_layer, cell, layer, there)) for there in moved]
        return [] if any(p.error for p in passes) else [p.value for p in passes]

    def compared(
        pick: Callable[[Pass], Any], usual: Callable[[], list[Any]] | None = None
    ) -> Comparison:
        return compare(
            pick(a),
            pick(b),
            usual=usual,
            moved=lambda: [pick(p) for p in near(1)],
            farther=lambda: [pick(p) for p in near(FARTHER)[1:]],
        )

    found = compared(lambda p: p.left)
    parts = list(found.parts)
    if a.changed:
        words = f"{', '.join(a.changed)} written to"
        parts.append(Part(rung="mutation", numpy=words, torch="unchanged"))
    gradient = Gradient(word="none")
    if a.gradients and b.gradients:
        usual = functools.partial(_ordinary, cell, layer, given)
        gradient = _as_gradient(compared(lambda p: p.gradients, usual))
    if gradient.word == "parted":
        parts.append(
            Part(rung="gradient", where=gradient.where, numpy=gradient.numpy, torch=gradient.torch)
        )
    elif layer.kinks and a.gradients and b.gradients:
        label = next(iter(a.gradients))
        told = [show(p.gradients[label][layer.wrt[0]]) for p in (a, b)]
        gradient = replace(gradient, numpy=told[0], torch=told[1])
    return Measured(
        cell=cell,
        parts=tuple(sorted(parts, key=lambda p: RUNGS.index(p.rung))),
        worst=found.worst,
        gradient=gradient,
        numpy=show(a.output) if parts else "",
        torch=show(b.output) if parts else "",
    )


def _ordinary(cell: Cell, layer: LayerCell, given: Given) -> list[Any]:
    """Return the twin's gradients on ordinary inputs, where those of the cell are saturated.

    A gradient by the only input is what saturation leaves of one on ordinary inputs. Any other is
    a product with inputs, and as many times greater as they are.
    """
    inputs = {name: make(code) for name, code in layer.usual.items()}
    ran = attempt(lambda: run_twin(cell, layer, replace(given, inputs=inputs)))
    if not (inputs and ran.value):
        return []
    alone = layer.wrt if len(layer.wrt) == 1 else ()
    greater = float(LARGE) ** len(layer.wrt)
    return [
        {
            label: {n: g if n in alone else greater * g for n, g in own.items()}
            for label, own in ran.value.gradients.items()
        }
    ]


def _parts_before(cell: Cell, layer: LayerCell, given: Given) -> Measured | None:
    """Tell where outputs of another form or shape are why a backward raises."""
    alone = replace(given, cotangents={})
    ran = [attempt(functools.partial(run, cell, layer, alone)) for run in (run_layer, run_twin)]
    if any(r.error for r in ran):
        return None
    a, b = (r.value.output for r in ran)
    parts = tuple(p for p in compare(a, b).parts if p.rung in ("structure", "shape"))
    return Measured(cell=cell, parts=parts, numpy=show(a), torch=show(b)) if parts else None


def _outputs(ran: Ran) -> Ran:
    return Ran(seen=ran.value.output if ran.value else None, error=ran.error)


def _as_gradient(step: Comparison) -> Gradient:
    """Read a comparison of gradients; the sign of a zero says nothing in a sum of gradients."""
    parts = [part for part in step.parts if part.rung != "sign of zero"]
    if not parts:
        worst = step.worst
        return Gradient(word="same", error=worst.relative, headroom=worst.headroom)
    part, worst = parts[0], step.worst
    if part.rung == "value" and worst is not NO_ERROR:
        return _parted(part, worst)
    return Gradient(word="parted", where=part.where, numpy=part.numpy, torch=part.torch)


def _parted(part: Part, worst: Worst) -> Gradient:
    at = f"[{', '.join(map(str, worst.index))}]" if worst.index else ""
    return Gradient(
        word="parted",
        error=worst.relative,
        where=f"{worst.where or part.where}{at}",
        numpy=worst.numpy,
        torch=worst.torch,
    )
