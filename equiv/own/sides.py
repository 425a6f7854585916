"""Makes sides of a training of what is at hand: a function, layers in order, a torch module.

Knows how a step is made, not what it is held against.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from equiv.compare import show
from equiv.entry import EquivError
from equiv.execute import as_numpy
from equiv.own.call import name_of

PREFIX: Final = "check_training: "
"""What every error begins with."""

Step = Callable[..., Any]
"""Does one optimiser step on a batch; returns the loss, or the loss and gradients by name."""

Side = Callable[[dict[str, Any]], Step]
"""Starts a training from parameters by name, where its steps leave what they make of them."""


def train_function(function: Callable[..., Any], optimizer: Callable[[Any], Any]) -> Side:
    """Make a side of a function that returns loss and gradients, and of an optimiser.

    The function is called with the parameters and the arrays of a batch, ``optimizer`` once with
    the parameters; its ``step`` takes the gradients, as those of ``numpy_layers.optim`` do.
    """

    def start(params: dict[str, Any]) -> Step:
        mover = optimizer(params)

        def step(*batch: Any) -> Any:
            returned = function(params, *batch)
            if not (is_pair(returned) and isinstance(returned[1], Mapping)):
                expected = "expected the loss and gradients by name"
                raise error(f"{start.__name__} returned {told(returned)}, {expected}")
            kept = {name: copy.copy(g) for name, g in returned[1].items()}
            mover.step(returned[1])
            return returned[0], kept

        return step

    start.__name__ = name_of(function, start.__name__)
    return start


def train_layers(layers: Iterable[Any], loss: Any, optimizer: Callable[[Any], Any]) -> Side:
    """Make a side of layers as ``numpy_layers`` has them, in order, and of a loss after them.

    A batch is inputs and targets. ``optimizer`` is called once with the layers; parameters and
    buffers are named by place, as in ``torch.nn.Sequential``: ``0.weight``.
    """
    given = list(layers)

    def start(params: dict[str, Any]) -> Step:
        own, last = copy.deepcopy((given, loss))
        held = _by_place(own, "params", "buffers")
        _fit("the layers", params, {n: a for n, a in held.items() if a.dtype.kind == "f"}, held)
        for i, layer in enumerate(own):  # a counter that is not given starts where it stands
            names = (*layer.params, *layer.buffers)
            layer.load_state({n: (held | params)[f"{i}.{n}"] for n in names})
        mover = optimizer(own)

        def step(x: Any, target: Any) -> Any:
            for layer in own:
                x = layer.forward(x)
            value, dy = last.forward(x, target), last.backward()
            for layer in reversed(own):
                dy = layer.backward(dy)
            mover.step()
            now = _by_place(own, "params", "buffers")
            params.update({name: now[name] for name in params})
            return value, _by_place(own, "grads")

        return step

    start.__name__ = "layers"
    return start


def train_module(module: Any, loss: Callable[..., Any], optimizer: Callable[[Any], Any]) -> Side:
    """Make a side of a ``torch.nn.Module``, a loss function and an optimiser of parameters.

    A batch is the module's inputs and, last, the targets. The module is copied, not trained.
    """

    def start(params: dict[str, Any]) -> Step:
        import torch

        own = copy.deepcopy(module).to(next(iter(params.values())).dtype)
        tensors = dict(own.named_parameters(remove_duplicate=False)) | dict(own.named_buffers())
        _fit("the module", params, dict(own.named_parameters()), tensors)
        with torch.no_grad():
            params.update({name: tensors[name].copy_(p) for name, p in params.items()})
        mover = optimizer(own.parameters())

        def step(*batch: Any) -> Any:
            mover.zero_grad()
            value = loss(own(*batch[:-1]), batch[-1])
            value.backward()
            mover.step()
            return value

        return step

    start.__name__ = name_of(type(module), start.__name__)
    return start


def _fit(place: str, params: Mapping[str, Any], needed: Mapping[str, Any], known: Any) -> None:
    """Refuse parameters that are missing, that there are none of, or of another shape."""
    if missing := sorted(needed.keys() - params.keys()):
        raise error(f"params lacks {', '.join(missing)}, expected all that {place} train")
    if surplus := sorted(params.keys() - known.keys()):
        raise error(f"params has {', '.join(surplus)}, {place} only {', '.join(known)}")
    for name, value in params.items():
        found, expected = tuple(value.shape), tuple(known[name].shape)
        if found != expected:
            raise error(f"{name} has shape {found} in params, expected {expected} as in {place}")


def _by_place(layers: Iterable[Any], *attributes: str) -> dict[str, Any]:
    """Return what layers hold, each name under its layer's place."""
    return {
        f"{i}.{name}": array
        for i, layer in enumerate(layers)
        for attribute in attributes
        for name, array in getattr(layer, attribute).items()
    }


def is_pair(returned: Any) -> bool:
    """Say whether a step returned a pair: the loss, and gradients by name."""
    return isinstance(returned, tuple) and len(returned) == 2


def told(value: Any) -> str:
    """Spell what was returned: numbers as they are, else what it is."""
    told = show(as_numpy(value))
    return told if "\n" not in told and len(told) < 100 else f"a {type(value).__name__}"


def error(text: str) -> EquivError:
    """Return the mistake as an error with its place."""
    return EquivError(PREFIX + text)
