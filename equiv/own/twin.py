"""Drives the torch twin of a NumPy layer: a module, what makes one, or a function of tensors.

Knows torch's names for parameters and buffers; compares nothing. torch is imported when it is met.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.compare import show
from equiv.entry import EquivError
from equiv.execute import as_numpy, as_tensor
from equiv.own.call import name_of
from equiv.own.param import listed
from equiv.own.style import needs_nothing

Array = NDArray[Any]
Arrays = Mapping[str, Array]


class Twin:
    """The torch side of a pair."""

    def __init__(self, twin: Any, place: str) -> None:
        """Take a module, a factory of one, or a function; ``place`` begins every error."""
        import torch

        self.place = place
        self.build: Callable[[], Any] | None = None
        self.function: Callable[..., Any] | None = None
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.buffers: dict[str, tuple[int, ...]] = {}
        if isinstance(twin, torch.nn.Module):
            self.build = lambda: copy.deepcopy(twin)
        elif callable(twin) and needs_nothing(twin):
            self.build = twin
        elif callable(twin) and not isinstance(twin, type):
            self.function = twin
        else:
            raise EquivError(
                f"{place}: the twin is {twin!r}, expected a torch.nn.Module, a function that makes "
                "one without arguments, or a function of tensors"
            )
        if not self.build:
            self.name = name_of(twin, "the twin")
            return
        try:
            built = self.build()
        except Exception as error:
            raise EquivError(f"{place}: the twin cannot be made: {show(error)}") from error
        if not isinstance(built, torch.nn.Module):
            raise EquivError(f"{place}: the twin made a {type(built).__name__}, expected a module")
        kind = type(built)
        self.name = kind.__name__
        if kind.__module__.startswith("torch.nn.") and hasattr(torch.nn, self.name):
            self.name = f"torch.nn.{self.name}"
        self.shapes = {n: tuple(p.shape) for n, p in built.named_parameters()}
        self.buffers = {n: tuple(b.shape) for n, b in built.named_buffers()}

    @property
    def has_mode(self) -> bool:
        """Whether it can be told to train or to evaluate."""
        return self.build is not None or "training" in self._arguments()

    def check_names(self, params: Mapping[str, object]) -> None:
        """Raise EquivError where a parameter is not the twin's, or one of its own is left out."""
        if self.function:
            known, open_ended = self._arguments(), not _has_fixed_names(self.function)
        else:
            known, open_ended = [*self.shapes, *self.buffers], False
        unknown = [name for name in params if name not in known and not open_ended]
        if unknown:
            raise EquivError(
                f"{self.place}: params: {self.name} has no {listed(unknown)}; it has "
                f"{listed(known)}"
            )
        missing = [name for name in self.shapes if name not in params]
        if missing:
            raise EquivError(
                f"{self.place}: params leaves out {listed(missing)} of {self.name}; say where the "
                "layer keeps it, or None where it has none"
            )

    def check_shape(self, name: str, found: tuple[int, ...], of: str) -> None:
        """Raise EquivError where what was made for a parameter does not fit."""
        expected = {**self.shapes, **self.buffers}.get(name, found)
        if found != expected:
            raise EquivError(
                f"{self.place}: params[{name!r}]: {of} becomes {found} in torch's layout, expected "
                f"{expected}; rearrange it with to_torch, such as np.transpose"
            )

    def begin(self, params: Arrays, *, dtype: str, training: bool | None) -> Session:
        """Make a twin with these parameters, zeros for the others, in a mode or as it is."""
        import torch

        tensors = {n: as_tensor(np.array(x)) for n, x in params.items()}
        if self.function:
            told = {"training": training} if self.has_mode and training is not None else {}
            for tensor in tensors.values():
                tensor.requires_grad_()
            return Session(self.function, tensors, {**tensors, **told})
        assert self.build
        built = self.build().to(device="cpu", dtype=getattr(torch, dtype))
        if training is not None:
            built.train(training)
        own = {**dict(built.named_parameters()), **dict(built.named_buffers())}
        with torch.no_grad():
            for name, tensor in own.items():
                if name in tensors:
                    tensor.copy_(tensors[name])
                elif name in self.shapes:
                    tensor.zero_()
        for name in self.shapes:
            own[name].requires_grad_()
        return Session(built, own, {})

    def _arguments(self) -> list[str]:
        try:
            return list(inspect.signature(self.function or len).parameters)
        except (TypeError, ValueError):  # a builtin
            return []


@dataclass(frozen=True)
class Session:
    """A twin that was made for one run."""

    call: Callable[..., Any]
    own: Mapping[str, Any]
    """Its parameters and buffers by name."""
    keywords: Mapping[str, Any]

    def forward(self, inputs: Sequence[Any]) -> Any:
        """Return the output for tensors."""
        return self.call(*inputs, **self.keywords)

    def gradients(
        self, outputs: Sequence[Any], cotangents: Sequence[Array], by: Mapping[str, Any]
    ) -> dict[str, Array]:
        """Return autograd's gradients by tensors; zeros where nothing depends on one."""
        import torch

        pairs = [(y, as_tensor(w)) for y, w in zip(outputs, cotangents, strict=True)]
        pairs = [(y, w) for y, w in pairs if y.requires_grad]
        if not pairs or not by:
            return {n: np.zeros(tuple(x.shape), as_numpy(x).dtype) for n, x in by.items()}
        found = torch.autograd.grad(
            [y for y, _ in pairs],
            list(by.values()),
            [w.to(y.dtype) for y, w in pairs],
            retain_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        return {name: as_numpy(g) for name, g in zip(by, found, strict=True)}


def _has_fixed_names(function: Any) -> bool:
    """Say whether only certain keywords can be given; a builtin does not tell."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return not any(p.kind is p.VAR_KEYWORD for p in found)
