"""Checks two functions by their names: imports them, and reads their inputs as typed."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from equiv.compare import show
from equiv.entry import EquivError, Input
from equiv.own.kinds import parse
from equiv.own.pair import check
from equiv.own.result import Check


def check_by_name(
    numpy_fn: str,
    torch_fn: str,
    inputs: Sequence[str],
    torch_inputs: Sequence[str] = (),
    **options: Any,
) -> Check:
    """Check ``module:function`` against another, on inputs such as ``x=real(32, 100)``.

    Kinds are handed over by position: in the order of the NumPy function's parameters where their
    names are among them, else in the order given. Other values are keyword arguments, of torch's
    function too unless ``torch_inputs`` gives others. Raises EquivError as :func:`check` does,
    where a function cannot be imported, and where an input cannot be read.
    """
    ours, theirs = load(numpy_fn), load(torch_fn)
    read = [parse(text) for text in inputs]
    arrays = [(name, x) for name, x in read if isinstance(x, Input)]
    if not arrays:
        raise EquivError("-i gives no array, expected one at least, such as -i 'x=real(3, 4)'")
    plain = {name: x for name, x in read if not isinstance(x, Input)}
    for name, x in read:
        if not name and not isinstance(x, Input):
            raise EquivError(f"-i {x!r} has no name; write NAME={x!r}")
    other = dict(map(parse, torch_inputs)) if torch_inputs else None
    args = [x for _, x in _in_order(ours, arrays)]
    return check(ours, theirs, *args, kwargs=plain, torch_kwargs=other, **options)


def load(name: str) -> Callable[..., Any]:
    """Import ``module:function``, from this folder too. Raises EquivError where it is not there."""
    module, colon, path = name.partition(":")
    if not (module and colon and path):
        raise EquivError(f"{name!r} names no function; write MODULE:FUNCTION")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module)
    except Exception as error:
        raise EquivError(f"{name}: {module!r} cannot be imported: {show(error)}") from None
    for part in path.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, dir(found), n=3)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise EquivError(f"{name}: {module!r} has no {path!r}{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise EquivError(f"{name} is a {type(found).__name__}, expected a function")
    function: Callable[..., Any] = found
    return function


def _in_order(
    function: Callable[..., Any], arrays: list[tuple[str, Input]]
) -> list[tuple[str, Input]]:
    """Put arrays in the order of the parameters that they are named for, if all of them are."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return arrays
    if not all(name in names for name, _ in arrays):
        return arrays
    return sorted(arrays, key=lambda one: names.index(one[0]))
