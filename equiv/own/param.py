"""Where a layer keeps a parameter of its twin, and the way to places in a layer.

Knows the text that follows ``layer.``; knows nothing of calls.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.entry import EquivError

Array = NDArray[Any]


@dataclass(frozen=True)
class Param:
    """Where a NumPy layer keeps one parameter of its twin, and how torch's array is made of it.

    ``value`` is what follows ``layer.`` where the layer keeps it, ``W`` or ``params['W']``; in the
    functional style, the name of an argument of ``forward``. ``grad`` is where its gradient is
    after ``backward``, said alike; left out where ``backward`` returns it. ``to_torch`` makes
    torch's array of NumPy's (``np.transpose``), and torch's gradient of NumPy's, unless
    ``grad_to_torch`` does. Where torch's is made of several arrays all of them are named, and
    ``to_torch`` takes as many.

    >>> Param(("Wi", "Wf"), ("dWi", "dWf"), lambda i, f: np.concatenate([i.T, f.T])).values
    ('Wi', 'Wf')
    """

    value: str | tuple[str, ...]
    grad: str | tuple[str, ...] = ()
    to_torch: Callable[..., Any] | None = None
    grad_to_torch: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        count, grads = len(self.values), len(_names(self.grad))
        if grads not in (0, count):
            raise EquivError(
                f"Param({self.value!r}): {grads} places of gradients, expected {count} or none"
            )
        if count != 1 and not self.to_torch:
            raise EquivError(f"Param({self.value!r}): {count} arrays, expected a to_torch of them")

    @property
    def values(self) -> tuple[str, ...]:
        """The names of NumPy's arrays, each spelled in one way."""
        return _names(self.value)

    @property
    def grads(self) -> Mapping[str, str]:
        """From each of them to where its gradient is kept; empty where it is returned."""
        return dict(zip(self.values, _names(self.grad), strict=False))

    def convert(self, own: Sequence[Any]) -> Any:
        """Make torch's array."""
        return self.to_torch(*own) if self.to_torch else own[0]

    def shape(self, own: Sequence[Any]) -> tuple[int, ...]:
        """Return the shape of torch's array."""
        return np.shape(self.convert(own))

    def convert_gradient(self, own: Sequence[Any]) -> Any:
        """Make the gradient of torch's array."""
        return self.grad_to_torch(*own) if self.grad_to_torch else self.convert(own)


def spelled(name: str) -> str:
    """Spell a place in one way, whatever the quotes; leave what is no place as it is."""
    try:
        return ast.unparse(ast.parse(f"_.{name}", mode="eval"))[2:]
    except SyntaxError:
        return name


def steps_to(name: str) -> list[tuple[str, Any]]:
    """Read the text after ``layer.`` as attributes and items, from the layer outwards."""
    steps: list[tuple[str, Any]] = []
    try:
        node: ast.expr = ast.parse(f"_.{name}", mode="eval").body
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Attribute):
                steps.append(("attribute", node.attr))
            elif isinstance(node, ast.Subscript):
                steps.append(("item", ast.literal_eval(node.slice)))
            else:
                raise ValueError
            node = node.value
    except (SyntaxError, ValueError):
        said = "expected what follows 'layer.', such as W or params['W']"
        raise EquivError(f"check_layer: {name!r} names no place in a layer, {said}") from None
    return steps[::-1]


def walk(value: Any, steps: Iterable[tuple[str, Any]]) -> Any:
    """Follow steps from a layer inwards."""
    for kind, key in steps:
        value = value[key] if kind == "item" else getattr(value, key)
    return value


def held_by(holder: Any) -> str:
    """List what could have been named."""
    if isinstance(holder, dict):
        return listed(map(repr, holder))
    if isinstance(holder, list | tuple):
        return f"{len(holder)} items"
    return listed(name for name in getattr(holder, "__dict__", {}) if not name.startswith("_"))


def exchange(holder: Any, old: Array, new: Array, seen: set[int]) -> None:
    """Put ``new`` wherever a layer, its parts and their dicts and lists hold ``old`` itself."""
    if id(holder) in seen:
        return
    seen.add(id(holder))
    if isinstance(holder, list):
        items: Iterable[tuple[Any, Any]] = list(enumerate(holder))
    else:
        holder = holder if isinstance(holder, dict) else getattr(holder, "__dict__", {})
        items = list(holder.items())
    for key, value in items:
        if value is old:
            holder[key] = new
        elif not isinstance(value, type | types.ModuleType | types.FunctionType):
            exchange(value, old, new, seen)


def listed(names: Iterable[str]) -> str:
    """Spell names for an error."""
    return ", ".join(names) or "none"


def _names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(spelled, (value,) if isinstance(value, str) else value))
