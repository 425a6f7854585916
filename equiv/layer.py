"""Runs a NumPy layer and its torch twin forward and backward, and collects the facts.

Knows layers by their contract (forward, backward, params, grads), and no layer by name.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import warnings
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.compare import FARTHER, NO_ERROR, Comparison, Worst, compare, show
from equiv.entry import RUNGS, EquivError
from equiv.execute import Ran, as_numpy, as_tensor, entering
from equiv.facts import Part
from equiv.gradients import Gradient
from equiv.inputs import fresh, make
from equiv.measure import Cell, Measured, perturbed, raised

Array = NDArray[Any]
Arrays = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class LayerCell:
    """What a layer's cell says beyond its two sides."""

    module: str
    """The module whose names the NumPy side's constructor call uses."""
    twin: bool
    """Whether the torch side constructs a module; else it is an expression of the inputs."""
    wrt: tuple[str, ...]
    backwards: tuple[str, ...]
    forward_only: bool = False
    """For traps: the outputs are compared, nothing else."""


@dataclass(frozen=True)
class _Given:
    """What both sides are given: the inputs, the parameters and the cotangents, by name."""

    inputs: Arrays
    params: Arrays
    cotangents: Arrays = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """One forward and its backwards, in NumPy's terms."""

    output: Any
    gradients: Mapping[str, Any]
    """By backward and cotangent, a dict of gradients by the name of the input or parameter."""
    changed: tuple[str, ...] = ()
    """The arguments that were written to."""


def measure_layer(cell: Cell, layer: LayerCell, seed: int = 0) -> Measured:
    """Run the layer and its twin on the same inputs and parameters; compare all they return."""
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    inputs = {name: make(code) for name, code in cell.code.items()}
    params = parameters(cell, layer, inputs, state)
    given = _Given(inputs=inputs, params=params)
    weights = _attempt(lambda: _cotangents(_forward(cell, layer, given), layer, state))
    given = dataclasses.replace(given, cotangents=weights.value or {})
    ours = _attempt(lambda: _numpy(cell, layer, given))
    theirs = _attempt(lambda: _torch(cell, layer, given))
    if ours.error or theirs.error:
        return raised(cell, _outputs(ours), _outputs(theirs))
    a, b = ours.value, theirs.value

    def moved(pick: Callable[[_Pass], Any], eps: int) -> list[Any]:
        sources = (inputs, params, given.cotangents)
        near = zip(*(perturbed(x, a.output, state, eps) for x in sources), strict=True)
        passes = [_attempt(functools.partial(_numpy, cell, layer, _Given(*v))) for v in near]
        return [] if any(p.error for p in passes) else [pick(p.value) for p in passes]

    def compared(pick: Callable[[_Pass], Any]) -> Comparison:
        return compare(
            pick(a),
            pick(b),
            moved=lambda: moved(pick, 1),
            farther=lambda: moved(pick, FARTHER)[1:],
        )

    found = compared(lambda p: p.output)
    parts = list(found.parts)
    if a.changed:
        words = f"{', '.join(a.changed)} written to"
        parts.append(Part(rung="mutation", numpy=words, torch="unchanged"))
    gradient = Gradient(word="none")
    if a.gradients and b.gradients:
        gradient = _as_gradient(compared(lambda p: p.gradients))
    if gradient.word == "parted":
        parts.append(
            Part(rung="gradient", where=gradient.where, numpy=gradient.numpy, torch=gradient.torch)
        )
    return Measured(
        cell=cell,
        parts=tuple(sorted(parts, key=lambda p: RUNGS.index(p.rung))),
        worst=found.worst,
        gradient=gradient,
        numpy=show(a.output) if parts else "",
        torch=show(b.output) if parts else "",
    )


def _forward(cell: Cell, layer: LayerCell, given: _Given) -> Any:
    """Return the NumPy layer's output, whose shape the cotangents take."""
    entering("numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _loaded(cell, layer, given.params).forward(*map(fresh, given.inputs.values()))


def _numpy(cell: Cell, layer: LayerCell, given: _Given) -> _Pass:
    """Run the NumPy layer, on other data first: nothing of that may be left."""
    entering("numpy")
    before = {**given.inputs, **given.cotangents}
    mine = {name: fresh(x) for name, x in before.items()}
    gradients: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a layer keeps its warnings to itself
        built = _loaded(cell, layer, given.params)
        built.forward(*(fresh(np.flip(x, 0)) if x.ndim else x for x in given.inputs.values()))
        output = built.forward(*(mine[name] for name in given.inputs))
        for label in given.cotangents:
            for name in layer.backwards:
                back = getattr(built, name)(mine[label])
                back = back if isinstance(back, tuple) else (back,)
                grads = dict(zip(layer.wrt, back, strict=True)) | dict(built.grads)
                grads = {n: np.array(g) for n, g in grads.items()}  # the next call may reuse them
                gradients[f"{name}, {label} cotangent"] = grads
    changed = tuple(n for n, x in before.items() if mine[n].tobytes() != x.tobytes())
    return _Pass(output=output, gradients=gradients, changed=changed)


def _torch(cell: Cell, layer: LayerCell, given: _Given) -> _Pass:
    """Run the twin, with autograd for every backward of the layer."""
    import torch

    entering("torch")
    tensors = {name: as_tensor(fresh(x)) for name, x in given.inputs.items()}
    wrt = {} if layer.forward_only else {n: tensors[n].requires_grad_() for n in layer.wrt}
    gradients: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if layer.twin:
            built = eval(cell.torch, {"torch": torch})
            state = {name: as_tensor(fresh(x)) for name, x in given.params.items()}
            built.load_state_dict(state, assign=True)
            if not layer.forward_only:
                wrt |= {n: p.requires_grad_() for n, p in built.named_parameters()}
            output = built(*tensors.values())
        else:
            output = eval(cell.torch, {"torch": torch, **tensors})
        shape = getattr(output, "shape", None)
        for label, w in given.cotangents.items():
            if shape != w.shape:
                continue  # the outputs part, and no gradient can be compared
            found = torch.autograd.grad(
                output, list(wrt.values()), as_tensor(fresh(w)), retain_graph=True
            )
            grads = {n: as_numpy(g) for n, g in zip(wrt, found, strict=True)}
            gradients |= {f"{name}, {label} cotangent": grads for name in layer.backwards}
    return _Pass(output=as_numpy(output), gradients=gradients)


def _loaded(cell: Cell, layer: LayerCell, params: Arrays) -> Any:
    built = _construct(cell, layer)
    if params:
        built.load_state(params)
    return built


def _construct(cell: Cell, layer: LayerCell) -> Any:
    try:
        return eval(cell.numpy, dict(vars(importlib.import_module(layer.module))))
    except Exception as error:
        raise EquivError(f"{cell.id}: {cell.numpy!r} does not construct: {show(error)}") from error


def parameters(cell: Cell, layer: LayerCell, inputs: Arrays, state: int) -> dict[str, Array]:
    """Draw every parameter at random, in the inputs' dtype: never ones or zeros."""
    rng = np.random.default_rng(state)
    dtype = inputs[layer.wrt[0]].dtype
    own: Arrays = _construct(cell, layer).params
    return {name: rng.standard_normal(p.shape).astype(dtype) for name, p in own.items()}


def _cotangents(output: Any, layer: LayerCell, state: int) -> dict[str, Array]:
    """Return a random cotangent and one that picks a single element, in the output's dtype."""
    if layer.forward_only or not isinstance(output, np.ndarray | np.generic):
        return {}
    y = np.asarray(output)
    one = np.zeros(y.shape)
    if one.size:
        one.flat[one.size // 2] = 1
    dense = np.random.default_rng(state).standard_normal(y.shape)
    return {"random": np.asarray(dense, y.dtype), "one-hot": one.astype(y.dtype)}


def _attempt(run: Callable[[], Any]) -> Ran:
    try:
        return Ran(value=run())
    except EquivError:
        raise
    except Exception as error:  # what a layer raises is a result
        return Ran(error=error)


def _outputs(ran: Ran) -> Ran:
    return Ran(seen=ran.value.output if ran.value else None, error=ran.error)


def _as_gradient(step: Comparison) -> Gradient:
    """Read a comparison of gradients; the sign of a zero says nothing in a sum of gradients."""
    parts = [part for part in step.parts if part.rung != "sign of zero"]
    if not parts:
        return Gradient(word="same", error=step.worst.relative)
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
