"""A call of people's own functions, as text over named inputs. Runs nothing."""

from __future__ import annotations

import ast
import inspect
import keyword
import math
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from equiv.entry import EquivError, Input

CODE = ("co_consts", "co_names", "co_varnames", "co_freevars")
"""What tells one lambda from another."""

HOMES = ("numpy", "numpy.linalg", "numpy.fft", "torch", "torch.linalg", "torch.fft",
         "torch.special", "torch.nn.functional")  # fmt: skip
"""Where a function of the libraries is looked for that does not say where it lives."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """How two functions are called: the arguments as text, and what stands behind the names."""

    arguments: str
    torch_arguments: str
    inputs: Mapping[str, object]
    """Each name to an array, a kind, or what is handed to both sides as it is."""
    types: Mapping[str, type]
    """The named tuples that the text makes."""

    @property
    def arrays(self) -> dict[str, object]:
        """The inputs that are arrays or kinds."""
        return {n: x for n, x in self.inputs.items() if isinstance(x, np.ndarray | Input)}


def spell_call(
    function: Callable[..., Any],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    torch_kwargs: Mapping[str, object] | None,
) -> Call:
    """Spell a call, each array and kind under a name: that of its parameter where there is one.

    Raises EquivError where the function does not take so many arguments, or where none of them
    is an array or a kind.
    """
    name = name_of(function, "numpy_fn")
    names = _parameters(function, name, args, kwargs)
    walk = _Walk()
    positional = [walk(value, names[i]) for i, value in enumerate(args)]
    keywords = {k: walk(v, k) for k, v in kwargs.items()}
    other = keywords if torch_kwargs is None else {k: walk(v, k) for k, v in torch_kwargs.items()}
    if not any(isinstance(x, np.ndarray | Input) for x in walk.inputs.values()):
        raise EquivError(
            f"check({name}): none of the arguments is an array or a kind, expected at least one, "
            "such as equiv.real(3, 4)"
        )
    ours, theirs = (
        ", ".join([*positional, *(f"{k}={v}" for k, v in words.items())])
        for words in (keywords, other)
    )
    return Call(arguments=ours, torch_arguments=theirs, inputs=walk.inputs, types=walk.types)


def name_of(function: Any, fallback: str) -> str:
    """Return what a function is called in texts."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() and not keyword.iskeyword(name) else fallback


def preamble(functions: Mapping[str, Any]) -> list[str]:
    """Spell the lines that bring functions into a script: imports, or their source."""
    return [line for name, function in functions.items() for line in _brought(name, function)]


class _Walk:
    """Replaces arrays and kinds in arguments by names, and spells the rest."""

    def __init__(self) -> None:
        self.inputs: dict[str, object] = {}
        self.types: dict[str, type] = {}

    def __call__(self, value: object, name: str) -> str:
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            kind = type(value)
            self.types[kind.__name__] = kind
            fields = zip(value._fields, value, strict=True)
            named = (self(item, f"{name}_{field}") for field, item in fields)
            return f"{kind.__name__}({', '.join(named)})"
        if isinstance(value, tuple | list):
            items = ", ".join(self(item, f"{name}_{i}") for i, item in enumerate(value))
            if isinstance(value, list):
                return f"[{items}]"
            return f"({items},)" if len(value) == 1 else f"({items})"
        if isinstance(value, dict):
            pairs = (f"{k!r}: {self(item, f'{name}_{k}')}" for k, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        if _is_literal(value):
            return repr(value)
        return self._named(_as_array(value), name)

    def _named(self, value: object, name: str) -> str:
        name = "".join(c if c.isalnum() else "_" for c in name)
        while name in self.inputs and self.inputs[name] is not value:
            name += "_"
        self.inputs[name] = value
        return name


def _is_literal(value: object) -> bool:
    """Say whether Python reads its own spelling of a value back."""
    if isinstance(value, float) and not isinstance(value, np.generic):
        return math.isfinite(value)
    return isinstance(value, bool | int | str | bytes | None)


def _as_array(value: object) -> object:
    """Return NumPy scalars and tensors as arrays, and leave everything else as it is."""
    if isinstance(value, np.generic):
        return np.asarray(value)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return value.numpy(force=True)
    return value


def _parameters(
    function: Callable[..., Any], name: str, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> list[str]:
    """Return a name for each positional argument, after checking that the function takes them."""
    numbered = [f"x{i}" for i in range(len(args))] if len(args) > 1 else ["x"]
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a ufunc or a builtin
        return numbered
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        given = f"{len(args)} argument{'s' if len(args) != 1 else ''}"
        given += f" and {', '.join(kwargs)}" if kwargs else ""
        raise EquivError(f"check: {name}{signature} does not take {given}: {error}") from None
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    own = [n for n, p in signature.parameters.items() if p.kind in plain]
    return [own[i] if i < len(own) else numbered[i] for i in range(len(args))]


def _brought(name: str, function: Any) -> Iterator[str]:
    for module in HOMES:
        held = vars(sys.modules[module]).items() if module in sys.modules else ()
        own = next((n for n, value in held if value is function and not n.startswith("_")), "")
        if own:
            if "." in module:
                yield f"import {module}"
            yield f"{name} = {module.replace('numpy', 'np', 1)}.{own}"
            return
    qualified = getattr(function, "__qualname__", "")
    home = getattr(function, "__module__", None) or ""
    found = getattr(sys.modules.get(home), qualified, None) if qualified.isidentifier() else None
    if found is function and home not in ("__main__", "builtins"):
        yield f"from {home} import {qualified}" + (f" as {name}" if qualified != name else "")
        return
    source = _source(function)
    if source.startswith("def "):
        yield from source.splitlines()
        defined = qualified.rpartition(".")[2]
        if defined != name:
            yield f"{name} = {defined}"
    elif source:
        yield f"{name} = {source}"
    else:
        yield f"{name} = ...  # a {type(function).__name__} of your own: bring it here"


def _source(function: Any) -> str:
    """Return the source of a function or a lambda; empty where there is none to be had."""
    try:
        source = textwrap.dedent(inspect.getsource(function)).rstrip()
    except (OSError, TypeError):
        return ""
    if source.startswith("def "):
        return source
    starts = [i for i in range(len(source)) if source.startswith("lambda", i)]
    found = {text for i in starts if (text := _lambda(source[i:], function))}
    return found.pop() if len(found) == 1 else ""


def _lambda(text: str, function: Any) -> str:
    """Return the beginning of a text that is the lambda of this code; empty if none is."""
    for end in range(len(text), 0, -1):
        try:
            tree = ast.parse(text[:end], mode="eval")
        except (SyntaxError, ValueError):
            continue
        if not isinstance(tree.body, ast.Lambda):
            continue
        inner = compile(tree, "<lambda>", "eval").co_consts[0]
        same = all(getattr(inner, n) == getattr(function.__code__, n) for n in CODE)
        return text[:end].strip() if same else ""
    return ""
