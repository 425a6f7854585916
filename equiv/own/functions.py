"""Drives a layer that is two functions: ``out, cache = forward(...)``, ``backward(dout, cache)``.

Knows nothing of torch, and compares nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equiv.compare import show
from equiv.entry import EquivError, Input
from equiv.own.call import name_of
from equiv.own.param import listed
from equiv.own.style import Array, Arrays, Declared, Session, bound, positional, takes


class FunctionStyle:
    """A layer that is two functions: out, cache = forward(...); backward(dout, cache)."""

    keeps_caches = True

    def __init__(self, layer: tuple[Any, ...], said: Declared) -> None:
        if len(layer) != 2 or not all(map(callable, layer)):
            raise EquivError(
                f"check_layer: the layer is {show(layer)}, expected (forward, backward), an object "
                "with these methods, or a function that makes one"
            )
        self.forward, self.backward = layer
        self.said = said
        self.name = name_of(self.forward, "forward")
        self.place = f"check_layer({self.name})"
        names = positional(self.forward)
        mode = "training" if said.mode is None and "training" in names else said.mode or ""
        if isinstance(mode, tuple) or (mode and mode not in names):
            raise EquivError(
                f"{self.place}: mode={mode!r} is no argument of it; there are {listed(names)}"
            )
        self.mode = mode
        self.has_mode = bool(mode)
        self.takes_cotangent = takes(self.backward, 2)
        if any(param.grads for param in said.params.values()):
            raise EquivError(
                f"{self.place}: params gives a place for a gradient, which functions return; "
                "name what they return in returns="
            )

    def declare(self, args: tuple[object, ...]) -> tuple[dict[str, object], dict[str, Input]]:
        """Return the inputs by name, and what is to be drawn for each parameter."""
        more = {self.mode: True} if self.mode else {}
        names = bound(self.forward, args, more, f"{self.place}: {self.name}")
        given = dict(zip(names, args, strict=True))
        drawn = {}
        for param in self.said.params.values():
            for name in param.values:
                if name not in given:
                    raise EquivError(
                        f"{self.place}: forward is given no {name}; there are {listed(given)}"
                    )
                value = given[name]
                drawn[name] = (
                    value
                    if isinstance(value, Input)
                    else Input(kind="real", shape=np.shape(np.asarray(value)))
                )
        self.order = tuple(names)
        return {n: x for n, x in given.items() if n not in drawn}, drawn

    def begin(self, params: Arrays, *, training: bool | None) -> Session:
        """Make a layer with these parameters, in this mode."""
        told = self.mode and training is not None
        return _Calls(self, params, {self.mode: bool(training)} if told else {})


@dataclass(frozen=True)
class _Calls:
    """Two functions with the parameters of one run."""

    style: FunctionStyle
    params: Arrays
    more: Mapping[str, bool]

    def forward(self, inputs: Arrays) -> tuple[Any, Any]:
        given = {**inputs, **self.params}
        result = self.style.forward(*(given[name] for name in self.style.order), **self.more)
        if not isinstance(result, tuple) or len(result) != 2:
            found = f"{len(result)} results" if isinstance(result, tuple) else show(result)
            raise EquivError(f"{self.style.place}: it returned {found}, expected out, cache")
        return result

    def backward(self, cotangents: Sequence[Array], cache: Any) -> Any:
        return self.style.backward(*(cotangents if self.style.takes_cotangent else ()), cache)

    def zero_grad(self) -> None:
        pass

    def at(self, name: str) -> Any:
        return self.params[name]
