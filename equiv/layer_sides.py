"""Drives both sides of a layer's cell, on the same inputs, state, draws and cotangents.

Knows layers by their contract (forward, backward, params, grads, buffers, draws), and no layer by
name; compares nothing.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.compare import leaves, show
from equiv.entry import EquivError
from equiv.execute import Ran, as_numpy, as_tensor, entering
from equiv.inputs import fresh, make
from equiv.measure import Cell

Array = NDArray[Any]
Arrays = Mapping[str, Array]
Cotangents = tuple[Array, ...]
"""One for each float array of an output, in order."""


SPREAD = 0.3
"""The deviation of the parameters: as they start in torch, so that what they feed is not saturated,
where an error in the last place of tanh is one in the third of its derivative."""


@dataclass(frozen=True, kw_only=True)
class LayerCell:
    """What a layer's cell says beyond its two sides."""

    module: str
    """The module whose names the NumPy side's constructor call uses."""
    twin: bool
    """Whether the torch side constructs a module; else it is an expression of the inputs."""
    wrt: tuple[str, ...]
    backwards: tuple[str, ...]
    call: str = "x"
    """The arguments of forward, in the names of the inputs."""
    dtype: str = "float64"
    """The parameters' and buffers'."""
    training: bool = True
    before: Mapping[str, str] = field(default_factory=dict)
    """The code of other inputs, for a forward and backward, and a forward, before what counts."""
    usual: Mapping[str, str] = field(default_factory=dict)
    """The code of ordinary inputs, where those of the cell are saturated."""
    kinks: bool = False
    """Whether the derivatives themselves are told."""
    forward_only: bool = False
    """For traps: the outputs are compared, nothing else."""


@dataclass(frozen=True)
class Given:
    """What both sides are given: the inputs, the parameters and the cotangents, by name."""

    inputs: Arrays
    state: Arrays
    """The parameters and buffers."""
    cotangents: Mapping[str, Cotangents] = field(default_factory=dict)
    before: Arrays = field(default_factory=dict)
    draw: int = 0
    """The seed under which both sides draw."""

    def flat(self, wrt: tuple[str, ...]) -> dict[str, Array]:
        """Return all that may be moved, each array under a name of its own.

        What no gradient is asked of stays as it is: classes that are told in floats would be none.
        """
        weights = {f"{n}|{i}": w for n, ws in self.cotangents.items() for i, w in enumerate(ws)}
        inputs = {n: self.inputs[n] for n in wrt}
        sources = {"inputs": inputs, "state": self.state, "cotangents": weights}
        return {f"{kind}:{n}": x for kind, own in sources.items() for n, x in own.items()}

    def moved(self, flat: Arrays) -> Given:
        """Return the same in float64, with these arrays in place of its own."""

        def own(kind: str) -> dict[str, Array]:
            return {n.partition(":")[2]: x for n, x in flat.items() if n.startswith(kind)}

        weights = own("cotangents")
        return replace(
            self,
            inputs=_cast(self.inputs, "f8") | own("inputs"),
            state=own("state"),
            cotangents={
                n: tuple(weights[f"{n}|{i}"] for i in range(len(ws)))
                for n, ws in self.cotangents.items()
            },
            before=_cast(self.before, "f8"),
        )


def _cast(arrays: Arrays, dtype: str) -> dict[str, Array]:
    return {n: x.astype(dtype) if x.dtype.kind == "f" else x for n, x in arrays.items()}


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One forward and its backwards, in NumPy's terms."""

    output: Any
    buffers: Mapping[str, Any]
    gradients: Mapping[str, Any]
    """By backward and cotangent, a dict of gradients by the name of the input or parameter."""
    changed: tuple[str, ...] = ()
    """The arguments that were written to."""

    @property
    def left(self) -> Any:
        """What the forward left: the output, with the buffers where there are any."""
        return {"output": self.output, **self.buffers} if self.buffers else self.output


class Draws:
    """Draws what torch draws, for a NumPy layer whose twin runs under the same seed."""

    def __init__(self, dtype: str) -> None:
        """Take the dtype of the arrays that the twin drops from."""
        import torch

        self.dtype = getattr(torch, dtype)

    def keep(self, p: float, shape: tuple[int, ...]) -> Array:
        """Return where dropout of ones leaves something."""
        import torch

        ones = torch.ones(shape, dtype=self.dtype)
        kept: Array = (torch.nn.functional.dropout(ones, p) != 0).numpy()
        return kept

    def slopes(self, lower: float, upper: float, x: Array) -> Array:
        """Return the slopes that the randomized leaky rectifier draws where x is not above zero."""
        import torch

        narrow = as_tensor(x.astype(str(self.dtype).removeprefix("torch.")))
        noise = torch.empty(x.shape, dtype=self.dtype)
        torch.ops.aten.rrelu_with_noise(narrow, noise, lower, upper, True)
        slopes: Array = noise.numpy()
        return slopes


class _Counted(Draws):
    """Counts what is asked of it."""

    count = 0

    def __getattribute__(self, name: str) -> Any:
        """Count a draw."""
        if name in ("keep", "slopes"):
            self.count += 1
        return super().__getattribute__(name)


def run_layer(cell: Cell, layer: LayerCell, given: Given) -> Pass:
    """Run the NumPy layer, on other data first where the cell says so: nothing may be left."""
    entering("numpy")
    gradients: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a layer keeps its warnings to itself
        built = _loaded(cell, layer, given)
        _seed(given.draw)
        if given.before:
            _call(built.forward, layer, given.before)
            for label in [*given.cotangents][:1]:
                built.backward(*map(fresh, given.cotangents[label]))
            _call(built.forward, layer, given.before)
        mine = {name: fresh(x) for name, x in given.inputs.items()}
        output = _call(built.forward, layer, mine, copied=False)
        changed = [n for n, x in given.inputs.items() if mine[n].tobytes() != x.tobytes()]
        for label, weights in given.cotangents.items():
            for name in layer.backwards:
                own = tuple(map(fresh, weights))
                back = getattr(built, name)(*own)
                back = back if isinstance(back, tuple) else (back,) if layer.wrt else ()
                grads = dict(zip(layer.wrt, back, strict=True)) | dict(built.grads)
                grads = {
                    n: np.array(grads[n]) for n in sorted(grads)
                }  # the next call may reuse them
                gradients[f"{name}, {label} cotangent"] = grads
                if any(w.tobytes() != o.tobytes() for w, o in zip(weights, own, strict=True)):
                    changed.append(f"{label} cotangent")
        late = [n for n, x in given.inputs.items() if mine[n].tobytes() != x.tobytes()]
    return Pass(
        output=output,
        buffers={n: np.array(b) for n, b in getattr(built, "buffers", {}).items()},
        gradients=gradients,
        changed=tuple(dict.fromkeys((*changed, *late))),
    )


def run_twin(cell: Cell, layer: LayerCell, given: Given) -> Pass:
    """Run the twin, with autograd for every backward of the layer."""
    import torch

    entering("torch")
    gradients: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twin: Any = None
        if layer.twin:
            twin = eval(cell.torch, {"torch": torch})
            state = {name: as_tensor(fresh(x)) for name, x in given.state.items()}
            twin.load_state_dict(state, assign=True)
            twin.train(layer.training)
            for parameter in twin.parameters():
                parameter.requires_grad_(not layer.forward_only)
        _seed(given.draw)
        for _ in range(2 if given.before else 0):
            _twin(cell, layer, twin, {n: as_tensor(fresh(x)) for n, x in given.before.items()})
        tensors = {name: as_tensor(fresh(x)) for name, x in given.inputs.items()}
        wrt = {} if layer.forward_only else {n: tensors[n].requires_grad_() for n in layer.wrt}
        if twin is not None and not layer.forward_only:
            wrt |= dict(twin.named_parameters())
        output = _twin(cell, layer, twin, tensors)
        floats = [y for _, y in leaves(output) if _is_float(y)]
        for label, weights in given.cotangents.items():
            if [tuple(y.shape) for y in floats] != [w.shape for w in weights]:
                continue  # the outputs part, and no gradient can be compared
            grads = _autograd(floats, weights, wrt)
            gradients |= {f"{name}, {label} cotangent": grads for name in layer.backwards}
        trained = {} if twin is None else dict(twin.named_parameters())
        kept = {} if twin is None else twin.state_dict()
        buffers = {n: as_numpy(b) for n, b in kept.items() if n not in trained}
    return Pass(output=as_numpy(output), buffers=buffers, gradients=gradients)


def _autograd(outputs: list[Any], weights: Cotangents, wrt: Mapping[str, Any]) -> dict[str, Array]:
    """Return the gradients by each tensor; zeros where nothing depends on it."""
    import torch

    pairs = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    if not pairs:
        return {n: np.zeros_like(as_numpy(wrt[n])) for n in sorted(wrt)}
    found = torch.autograd.grad(
        [y for y, _ in pairs],
        list(wrt.values()),
        [as_tensor(fresh(w)) for _, w in pairs],
        retain_graph=True,
        allow_unused=True,
        materialize_grads=True,
    )
    return {n: as_numpy(g) for n, g in sorted(zip(wrt, found, strict=True))}


def _twin(cell: Cell, layer: LayerCell, twin: Any, tensors: Mapping[str, Any]) -> Any:
    """Call the twin, or evaluate the expression that stands for one."""
    import torch

    if twin is None:
        return eval(cell.torch, {"torch": torch, **tensors})
    return _call(twin, layer, tensors, copied=False)


def _call(function: Any, layer: LayerCell, inputs: Mapping[str, Any], copied: bool = True) -> Any:
    """Call a forward with the arguments that the cell spells."""
    own = {n: fresh(x) for n, x in inputs.items()} if copied else inputs
    return eval(f"forward({layer.call})", {"forward": function, **own})


def _seed(draw: int) -> None:
    """Put both random states where the cell begins."""
    import torch

    np.random.seed(draw)
    torch.default_generator.manual_seed(draw)


def _loaded(cell: Cell, layer: LayerCell, given: Given) -> Any:
    """Make the NumPy layer with its state and mode, drawing what torch draws."""
    built = _construct(cell, layer)
    if given.state:
        built.load_state(given.state)
    if not layer.training:
        built.eval()
    built.draws = Draws(layer.dtype)
    return built


def _construct(cell: Cell, layer: LayerCell) -> Any:
    try:
        return eval(cell.numpy, {"np": np, **vars(importlib.import_module(layer.module))})
    except Exception as error:
        raise EquivError(f"{cell.id}: {cell.numpy!r} does not construct: {show(error)}") from error


def parameters(cell: Cell, layer: LayerCell, state: int) -> dict[str, Array]:
    """Draw every parameter and buffer at random, in the cell's dtype: never ones or zeros.

    Buffers of floats are above zero, as variances and weights are; counts are of a few calls.
    """
    rng = np.random.default_rng(state)
    built = _construct(cell, layer)
    found = {
        n: (SPREAD * rng.standard_normal(p.shape)).astype(layer.dtype)
        for n, p in built.params.items()
    }
    for name, b in getattr(built, "buffers", {}).items():
        drawn = np.exp(rng.standard_normal(b.shape)) if b.dtype.kind == "f" else rng.integers(1, 9)
        found[name] = np.asarray(drawn).astype(layer.dtype if b.dtype.kind == "f" else b.dtype)
    return found


def draws_at_random(cell: Cell, layer: LayerCell, state: int) -> bool:
    """Say whether the NumPy layer draws in a forward of this cell."""
    given = Given(
        inputs={name: make(code) for name, code in cell.code.items()},
        state=parameters(cell, layer, state),
    )
    built = _loaded(cell, layer, given)
    built.draws = counted = _Counted(layer.dtype)
    attempt(lambda: _call(built.forward, layer, given.inputs))
    return bool(counted.count)


def all_cotangents(cell: Cell, layer: LayerCell, given: Given, state: int) -> dict[str, Cotangents]:
    """Return random cotangents, ones that pick a single element, and at kinks ones that are one."""
    if layer.forward_only:
        return {}
    entering("numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = _loaded(cell, layer, given)
        _seed(given.draw)
        output = _call(built.forward, layer, given.inputs)
    return cotangents(output, state, ones=layer.kinks)


def cotangents(output: Any, state: int, *, ones: bool = False) -> dict[str, Cotangents]:
    """Return cotangents by name, each in the shapes and dtypes of the output's float arrays."""
    found = [np.asarray(y) for _, y in leaves(output) if _is_float(y)]
    rng = np.random.default_rng(state)
    made = {"ones": _ones} if ones else {}
    made |= {"random": lambda y: rng.standard_normal(y.shape), "one-hot": _one_hot}
    return {
        name: tuple(np.asarray(make_one(y)).astype(y.dtype) for y in found)
        for name, make_one in (made if found else {}).items()
    }


def _ones(y: Array) -> Array:
    return np.ones(y.shape)


def _one_hot(y: Array) -> Array:
    one = np.zeros(y.shape)
    if one.size:
        one.flat[one.size // 2] = 1
    return one


def _is_float(y: Any) -> bool:
    """Say whether a leaf of an output, an array or a tensor, is one to differentiate."""
    kind = getattr(y, "is_floating_point", None)
    return bool(kind()) if kind else getattr(getattr(y, "dtype", None), "kind", "") == "f"


def attempt(run: Callable[[], Any]) -> Ran:
    """Run a side: what a layer raises is a result, unless it is ours."""
    try:
        return Ran(value=run())
    except EquivError:
        raise
    except Exception as error:
        return Ran(error=error)
