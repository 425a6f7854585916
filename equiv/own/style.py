"""What it takes to drive a NumPy layer that nobody here wrote, whatever its style.

Knows names, signatures and what backward returns; knows nothing of torch, and compares nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from equiv.entry import EquivError, Input
from equiv.own.call import name_of
from equiv.own.param import Param, listed, spelled

Array = NDArray[Any]
Arrays = Mapping[str, Array]
Returns = Iterable[str] | Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class Declared:
    """How people say a layer is driven."""

    params: Mapping[str, Param]
    forward: str = "forward"
    backward: str | None = "backward"
    returns: Returns = None
    mode: str | tuple[str, str] | None = None
    zero_grad: str = ""


class Session(Protocol):
    """A layer of its own for one run: nothing of an earlier one is left in it."""

    def forward(self, inputs: Arrays) -> tuple[Any, Any]:
        """Return the output, and the cache where the style has one."""

    def backward(self, cotangents: Sequence[Array], cache: Any) -> Any:
        """Return what backward returns."""

    def zero_grad(self) -> None:
        """Clear the gradients where they are summed up until then."""

    def at(self, name: str) -> Any:
        """Return what stands under a name: a parameter, a gradient, a buffer."""


class Style(Protocol):
    """A NumPy layer, whatever it looks like."""

    name: str
    place: str
    """What every error begins with."""
    has_mode: bool
    keeps_caches: bool
    """Whether each forward has a cache of its own, so that backwards may come in any order."""
    takes_cotangent: bool
    order: tuple[str, ...]
    """What the style's backward returns gradients by, as far as these are floats."""

    def declare(self, args: tuple[object, ...]) -> tuple[dict[str, object], dict[str, Input]]:
        """Return the inputs by name, and what is to be drawn for each of NumPy's parameters."""

    def begin(self, params: Arrays, *, training: bool | None) -> Session:
        """Make a layer with these parameters, in this mode."""


def by_name(
    place: str, back: Any, names: Sequence[str], renamed: Mapping[str, str]
) -> dict[str, Any]:
    """Name the gradients that backward returned: one, several in this order, or a dict.

    Raises EquivError where there are more or fewer.
    """
    if not names:
        return {}
    if isinstance(back, Mapping):
        found = {spelled(renamed.get(key, key)): g for key, g in back.items()}
        if {*found} != {*names}:
            raise EquivError(
                f"{place}: backward returned gradients named {listed(map(str, back))}, expected "
                f"{listed(renamed or names)}; say what they stand for: returns={{'dx': 'x'}}"
            )
        return found
    several = tuple(back) if isinstance(back, tuple | list) else (back,)
    if len(several) != len(names):
        raise EquivError(
            f"{place}: backward returned {counted(len(several), 'gradient')}, expected "
            f"{len(names)}: {listed(names)}; name what it returns, in order, in returns="
        )
    return dict(zip(names, several, strict=True))


# --- signatures -----------------------------------------------------------------------------


def called(layer: Any) -> str:
    """Return what a layer, or what makes one, is called."""
    return layer.__name__ if isinstance(layer, type) else name_of(layer, type(layer).__name__)


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # a ufunc or a builtin
        return None


def positional(function: Any) -> list[str]:
    """Return the names of the parameters that can be given by position."""
    signature = _signature(function)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = signature.parameters.items() if signature else ()
    return [name for name, p in found if p.kind in kinds]


def needs_nothing(function: Any) -> bool:
    """Say whether it can be called without arguments; of a builtin nobody knows."""
    try:
        inspect.signature(function).bind()
    except (TypeError, ValueError):
        return False
    return True


def takes(function: Any, count: int) -> bool:
    """Say whether a function can be given so many arguments."""
    signature = _signature(function)
    if signature is None:
        return True
    several = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
    return several or len(positional(function)) >= count


def bound(
    function: Any, args: tuple[object, ...], more: Mapping[str, object], place: str
) -> list[str]:
    """Return a name for each argument, after checking that the function takes them."""
    numbered = [f"x{i}" for i in range(len(args))] if len(args) > 1 else ["x"]
    signature = _signature(function)
    if signature is None:
        return numbered
    try:
        signature.bind(*args, **more)
    except TypeError as error:
        raise EquivError(
            f"{place}{signature} does not take {counted(len(args), 'argument')}: {error}"
        ) from None
    own = [name for name in positional(function) if name not in more]
    return [own[i] if i < len(own) else numbered[i] for i in range(len(args))]


def counted(count: int, what: str) -> str:
    """Say how many there are."""
    return f"{count} {what}{'s' if count != 1 else ''}"
