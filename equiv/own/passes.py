"""Takes a NumPy layer and its twin through the same calls, in the same order.

Knows the two sides by how they are driven; compares nothing.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.compare import show
from equiv.entry import EquivError
from equiv.execute import Ran, as_numpy, as_tensor
from equiv.inputs import fresh, same_bits
from equiv.own.param import Param
from equiv.own.style import Session, Style, by_name
from equiv.own.twin import Twin

Array = NDArray[Any]
Arrays = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What both sides are given: each call's inputs, the parameters, and the cotangents."""

    calls: tuple[Arrays, ...]
    params: Arrays
    """By NumPy's names, buffers among them."""
    cotangents: Mapping[str, tuple[tuple[Array, ...], ...]] = field(default_factory=dict)
    """By label, for each call, one for each output."""

    def mapped(self, change: Callable[[str, Array], Array]) -> Given:
        """Change every array, in an order that is the same each time."""
        return Given(
            calls=tuple({n: change(n, x) for n, x in call.items()} for call in self.calls),
            params={n: change(n, x) for n, x in self.params.items()},
            cotangents={
                label: tuple(tuple(change("the cotangent", x) for x in ys) for ys in calls)
                for label, calls in self.cotangents.items()
            },
        )

    def filled(self, arrays: Iterable[Array]) -> Given:
        """Put other arrays in place of these, in that order."""
        others = iter(arrays)
        return self.mapped(lambda _, x: next(others))

    @property
    def dtype(self) -> Any:
        """The dtype of the first array of floats, which a Python float takes; None without."""
        return next((x.dtype for _, x in self.flat() if x.dtype.kind == "f"), None)

    def flat(self) -> list[tuple[str, Array]]:
        """List every array with what it is called, in that order."""
        found: list[tuple[str, Array]] = []

        def keep(name: str, x: Array) -> Array:
            found.append((name, x))
            return x

        self.mapped(keep)
        return found


@dataclass(frozen=True, kw_only=True)
class Run:
    """One condition: what is called with what, in which order."""

    name: str
    dtype: str
    calls: tuple[Arrays, ...]
    script: tuple[tuple[str, int], ...]
    """The steps: ``forward`` or ``backward``, and of which call."""
    training: bool | None
    """The mode both sides are told; None where they are not."""
    usual: tuple[Arrays, ...] = ()
    """The same calls on ordinary inputs, where these saturate the layer."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What one side did, in NumPy's terms."""

    outputs: Mapping[str, Any]
    """The output of each call, and the buffers afterwards."""
    gradients: Mapping[str, Mapping[str, Any]]
    """By the name of an input or of torch's parameter, then by cotangent and call."""
    changed: tuple[str, ...] = ()
    """The arguments that were written to."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A NumPy layer, its twin, how they hang together, and by what they are differentiated."""

    style: Style
    twin: Twin
    params: Mapping[str, Param]
    returned: tuple[str, ...]
    """What backward returns, by NumPy's names."""
    renamed: Mapping[str, str]
    """What the keys of a returned dict stand for."""
    wrt_inputs: tuple[str, ...]
    wrt_params: tuple[str, ...]
    differentiates: bool
    seed: int

    def given(self, run: Run, params: Arrays) -> Given:
        """Return what a condition gives both sides, without the cotangents."""
        return Given(calls=run.calls, params=params).mapped(lambda _, x: cast(x, run.dtype))

    def outputs(self, given: Given, run: Run) -> list[tuple[Array, ...]]:
        """Return the outputs of each call, each on a layer of its own."""
        found = []
        for call in given.mapped(lambda _, x: fresh(x)).calls:
            params = {n: fresh(x) for n, x in given.params.items()}
            with quiet():
                session = self.style.begin(params, training=run.training)
                output, _ = session.forward(call)
            found.append(several(self._output(output, given)))
        return found

    def ours(self, given: Given, run: Run) -> Pass:
        """Run the NumPy layer: a new one for each cotangent."""
        outputs: dict[str, Any] = {}
        found: dict[str, dict[str, Any]] = {}
        changed: dict[str, None] = {}
        for label in given.cotangents or ("",):
            mine = given.mapped(lambda _, x: fresh(x))
            with quiet():
                session = self.style.begin(mine.params, training=run.training)
                caches: dict[int, Any] = {}
                for step, i in run.script:
                    if step == "forward":
                        output, caches[i] = session.forward(mine.calls[i])
                        outputs[self.called("output", i, given)] = self._output(output, given)
                    elif label:
                        session.zero_grad()
                        back = session.backward(mine.cotangents[label][i], caches[i])
                        key = self.called(f"{label} cotangent", i, given)
                        for name, g in self._gradients(session, back, given).items():
                            found.setdefault(name, {})[key] = g
                outputs |= self._buffers(session)
            kept = {n for name in self.twin.buffers for n in self._values(name)}
            pairs = zip(given.flat(), mine.flat(), strict=True)
            changed |= {
                n: None for (n, x), (_, y) in pairs if n not in kept and not same_bits(x, y)
            }
        return Pass(outputs=outputs, gradients=found, changed=tuple(changed))

    def theirs(self, given: Given, run: Run) -> Pass:
        """Run the twin, with autograd for every backward."""
        outputs: dict[str, Any] = {}
        found: dict[str, dict[str, Any]] = {}
        params = {
            n: np.asarray(p.convert([given.params[v] for v in p.values]))
            for n, p in self.params.items()
        }
        for label in given.cotangents or ("",):
            with quiet():
                session = self.twin.begin(params, dtype=run.dtype, training=run.training)
                results: dict[int, tuple[Any, ...]] = {}
                leaves: dict[int, dict[str, Any]] = {}
                for step, i in run.script:
                    if step == "forward":
                        leaves[i] = self._leaves(given.calls[i])
                        output = session.forward([x.clone() for x in leaves[i].values()])
                        outputs[self.called("output", i, given)] = self._tensors(output)
                        is_one = not isinstance(output, tuple | list)
                        results[i] = (output,) if is_one else tuple(output)
                    elif label and _fit(results[i], given.cotangents[label][i]):
                        by = {n: leaves[i][n] for n in self.wrt_inputs}
                        by |= {n: session.own[n] for n in self.wrt_params}
                        ys = given.cotangents[label][i]
                        key = self.called(f"{label} cotangent", i, given)
                        for name, g in session.gradients(results[i], ys, by).items():
                            found.setdefault(name, {})[key] = g
                buffers = (n for n in self.params if n in self.twin.buffers)
                outputs |= {n: as_numpy(session.own[n]) for n in buffers}
        return Pass(outputs=outputs, gradients=found)

    def called(self, what: str, i: int, given: Given) -> str:
        """Name what belongs to a call: the last one is the one in question."""
        return what if i == len(given.calls) - 1 else f"{what}, first call"

    def _values(self, name: str) -> tuple[str, ...]:
        return self.params[name].values if name in self.params else ()

    def _output(self, output: Any, given: Given) -> Any:
        """Copy the NumPy layer's output."""
        if isinstance(output, tuple | list):
            return tuple(self._output(one, given) for one in output)
        copied = _copied(output, given)
        if isinstance(copied, np.ndarray):
            return copied
        raise EquivError(
            f"{self.style.place}: forward returned {show(output)}, expected an array, a number, or "
            "a tuple of them"
        )

    def _tensors(self, output: Any) -> Any:
        import torch

        if isinstance(output, tuple | list):
            return tuple(self._tensors(one) for one in output)
        if not isinstance(output, torch.Tensor):
            raise EquivError(
                f"{self.style.place}: {self.twin.name} returned a {type(output).__name__}, "
                "expected a tensor or a tuple of tensors"
            )
        return as_numpy(output.detach().clone())

    def _leaves(self, call: Arrays) -> dict[str, Any]:
        tensors = {n: as_tensor(fresh(x, plain=True)) for n, x in call.items()}
        for name in self.wrt_inputs:
            tensors[name].requires_grad_()
        return tensors

    def _gradients(self, session: Session, back: Any, given: Given) -> dict[str, Any]:
        """Return NumPy's gradients by inputs and by torch's parameters, in torch's layout.

        What is no array, and what to_torch raises on, stands for the gradient that it is not.
        """
        found = by_name(self.style.place, back, self.returned, self.renamed)
        kept = {n: self.params[n] for n in self.wrt_params}
        found |= {v: session.at(g) for p in kept.values() for v, g in p.grads.items()}
        found = {n: _copied(g, given) for n, g in found.items()}
        named = {n: found[n] for n in self.wrt_inputs}
        for name, param in kept.items():
            own = [found[v] for v in param.values]
            none = [g for g in own if not isinstance(g, np.ndarray)]
            ran = attempt(functools.partial(param.convert_gradient, own))
            named[name] = none[0] if none else ran.error or np.array(ran.value)
        return named

    def _buffers(self, session: Session) -> dict[str, Any]:
        kept = {n: p for n, p in self.params.items() if n in self.twin.buffers}
        return {
            n: np.array(p.convert([np.asarray(session.at(v)) for v in p.values]))
            for n, p in kept.items()
        }

    def cotangents(
        self, outputs: Sequence[tuple[Array, ...]], run: Run, state: int
    ) -> dict[str, tuple[tuple[Array, ...], ...]]:
        """Draw a random cotangent for every output, and one that picks a single element."""
        if not self.style.takes_cotangent:
            return {"unit": tuple(tuple(np.ones(y.shape, run.dtype) for y in ys) for ys in outputs)}
        rng = np.random.default_rng(state)
        found: dict[str, tuple[tuple[Array, ...], ...]] = {
            label: tuple(
                tuple(np.asarray(draw(y.shape, rng), run.dtype) for y in ys) for ys in outputs
            )
            for label, draw in (("random", _dense), ("one-hot", _one_hot))
        }
        alone = len(outputs) > 1 or run.usual
        return {"random": found["random"]} if alone else found


def attempt(run: Callable[[], Any]) -> Ran:
    """Run what is people's own: what it raises is a result, unless it is ours."""
    try:
        return Ran(value=run())
    except EquivError:
        raise
    except Exception as error:
        return Ran(error=error)


def cast(x: Array, dtype: str) -> Array:
    """Bring floats to a dtype, in their layout; leave everything else as it is."""
    return x.astype(dtype) if x.dtype.kind == "f" else x


def several(output: Any) -> tuple[Any, ...]:
    """Return the arrays of an output, of one or of several."""
    return output if isinstance(output, tuple) else (output,)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings of people's own layers, and of torch, to themselves."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _copied(value: Any, given: Given) -> Any:
    """Copy an array or a number, in the dtype of the run if it has none; leave what is neither."""
    if isinstance(value, np.ndarray | np.generic):
        return np.array(value)
    if isinstance(value, float):
        return np.array(value, given.dtype)
    return np.array(value) if isinstance(value, int) else value


def _fit(outputs: Sequence[Any], cotangents: Sequence[Array]) -> bool:
    """Say whether torch's outputs have the shapes of NumPy's: else no gradient is compared."""
    return [tuple(y.shape) for y in outputs] == [w.shape for w in cotangents]


def _dense(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return np.asarray(rng.standard_normal(shape))


def _one_hot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    one = np.zeros(shape)
    if one.size:
        one.flat[one.size // 2] = 1
    return one
