"""Drives a layer that is an object: forward and backward are methods, parameters attributes.

Knows nothing of torch, and compares nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equiv.compare import show
from equiv.entry import EquivError, Input
from equiv.own.param import exchange, held_by, listed, steps_to, walk
from equiv.own.style import Array, Arrays, Declared, Session, bound, called, needs_nothing, takes


class ObjectStyle:
    """A layer that is an object."""

    keeps_caches = False

    def __init__(self, layer: Any, said: Declared) -> None:
        self.place = f"check_layer({called(layer)})"
        self.said = said
        self.build = self._builder(layer)
        try:
            built = self.build()
        except Exception as error:
            raise EquivError(f"{self.place}: it cannot be made: {show(error)}") from error
        self.name = type(built).__name__
        self.place = f"check_layer({self.name})"
        for method in (said.forward, said.backward, said.zero_grad):
            if method:
                self._method(built, method)
        self.mode = self._mode(built)
        self.has_mode = bool(self.mode)
        self.takes_cotangent = not said.backward or takes(getattr(built, said.backward), 1)

    def declare(self, args: tuple[object, ...]) -> tuple[dict[str, object], dict[str, Input]]:
        """Return the inputs by name, and what is to be drawn for each parameter."""
        built = self.build()
        forward = getattr(built, self.said.forward)
        names = bound(forward, args, {}, f"{self.place}: {self.said.forward}")
        drawn = {}
        for param in self.said.params.values():
            for name in param.values:
                array = np.asarray(self._get(built, name))
                if array.dtype.kind != "f":
                    found = show(self._get(built, name))
                    raise EquivError(
                        f"{self.place}: {name} is {found}, expected an array of floats to draw"
                    )
                drawn[name] = Input(kind="real", shape=array.shape)
        self._check_surplus(built, drawn)
        self.order = tuple(names)
        return dict(zip(names, args, strict=True)), drawn

    def begin(self, params: Arrays, *, training: bool | None) -> Session:
        """Make a layer with these parameters, in this mode."""
        built = self.build()
        old = {name: self._get(built, name) for name in params}
        for name, value in params.items():
            self._set(built, name, value if isinstance(old[name], np.ndarray) else value[()])
        known = [id(array) for array in old.values()]
        for name, array in old.items():  # what the layer keeps under a second name, too
            if isinstance(array, np.ndarray) and known.count(id(array)) == 1:
                exchange(built, array, params[name], set())
        if training is None:
            return _Object(self, built)
        if isinstance(self.mode, tuple):
            getattr(built, self.mode[0 if training else 1])()
        elif self.mode:
            setattr(built, self.mode, training)
        return _Object(self, built)

    def _builder(self, layer: Any) -> Callable[[], Any]:
        if not isinstance(layer, type) and callable(getattr(layer, self.said.forward, None)):
            return lambda: copy.deepcopy(layer)
        if not callable(layer):
            self._method(layer, self.said.forward)
        if not needs_nothing(layer):
            raise EquivError(
                f"{self.place}: it cannot be made without arguments; give an object, or a "
                "function that makes one"
            )
        made: Callable[[], Any] = layer
        return made

    def _method(self, built: Any, name: str) -> None:
        if not callable(getattr(built, name, None)):
            own = (n for n in dir(built) if not n.startswith("_") and callable(getattr(built, n)))
            raise EquivError(f"{self.place}: it has no method {name!r}; it has {listed(own)}")

    def _mode(self, built: Any) -> str | tuple[str, str]:
        mode = self.said.mode
        if mode is None:
            both = all(needs_nothing(getattr(built, name, None)) for name in ("train", "eval"))
            return ("train", "eval") if both else "training" * hasattr(built, "training")
        if isinstance(mode, tuple):
            for name in mode:
                self._method(built, name)
        elif mode and not hasattr(built, mode):
            raise EquivError(
                f"{self.place}: mode={mode!r}: it has no such attribute; it has {held_by(built)}"
            )
        return mode

    def _check_surplus(self, built: Any, mapped: Iterable[str]) -> None:
        """Refuse parameters that are left out, where those named are items of one dict."""
        kept: dict[str, Any] = {}
        for name in mapped:
            *way, (kind, _) = steps_to(name)
            if kind == "item" and way:
                holder = walk(built, way)
                where = name.rpartition("[")[0]
                if isinstance(holder, dict):
                    kept |= {f"{where}[{key!r}]": value for key, value in holder.items()}
        surplus = [n for n, x in kept.items() if isinstance(x, np.ndarray) and n not in mapped]
        if surplus:
            raise EquivError(f"{self.place}: params leaves out {listed(surplus)} of the layer")

    def _get(self, built: Any, name: str) -> Any:
        steps = steps_to(name)
        for i in range(len(steps)):
            try:
                walk(built, steps[: i + 1])
            except (AttributeError, LookupError, TypeError):
                holder = walk(built, steps[:i])
                raise EquivError(
                    f"{self.place}: the layer has no {name}; there are {held_by(holder)}"
                ) from None
        return walk(built, steps)

    def _set(self, built: Any, name: str, value: Any) -> None:
        *way, (kind, key) = steps_to(name)
        holder = walk(built, way)
        try:
            if kind == "item":
                holder[key] = value
            else:
                setattr(holder, key, value)
        except (AttributeError, TypeError) as error:
            raise EquivError(f"{self.place}: {name} cannot be set: {show(error)}") from None


@dataclass(frozen=True)
class _Object:
    """An object that was made for one run."""

    style: ObjectStyle
    built: Any

    def forward(self, inputs: Arrays) -> tuple[Any, Any]:
        return getattr(self.built, self.style.said.forward)(*inputs.values()), None

    def backward(self, cotangents: Sequence[Array], cache: Any) -> Any:
        given = cotangents if self.style.takes_cotangent else ()
        return getattr(self.built, self.style.said.backward or "")(*given)

    def zero_grad(self) -> None:
        if self.style.said.zero_grad:
            getattr(self.built, self.style.said.zero_grad)()

    def at(self, name: str) -> Any:
        return self.style._get(self.built, name)
