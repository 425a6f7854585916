"""Reads the inputs of a check as people type them: ``x=real(32, 100)``, ``axis=1``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final

from equiv import entry
from equiv.entry import EquivError

KINDS: Final[Mapping[str, Callable[..., object]]] = {
    kind.__name__: kind
    for kind in (
        entry.real,
        entry.positive,
        entry.unit,
        entry.integers,
        entry.boolean,
        entry.index_into,
        entry.distinct,
        entry.ascending,
        entry.symmetric,
        entry.well_conditioned,
        entry.complex_normal,
        entry.values,
    )
}
"""What makes an input, by the name that people type."""


def parse(text: str) -> tuple[str, object]:
    """Read one input: its name, empty where it has none, and a kind or a literal.

    Raises EquivError, with a caret under the place, for anything else.

    >>> parse("axis=1")
    ('axis', 1)
    >>> parse("real(2, 3)")[1].shape
    (2, 3)
    """
    name, equals, rest = text.partition("=")
    if not (equals and name.strip().isidentifier()):
        name, rest = "", text
    start = len(text) - len(rest)
    skipped = len(rest) - len(rest.lstrip())
    try:
        node = ast.parse(rest.lstrip(), mode="eval").body
    except SyntaxError as error:
        raise _at(text, start + skipped + (error.offset or 1) - 1, error.msg) from None
    offset = start + skipped
    if isinstance(node, ast.Call):
        return name.strip(), _kind(node, text, offset)
    try:
        return name.strip(), ast.literal_eval(node)
    except ValueError:
        said = "expected a kind, such as real(32, 100), or a literal"
        raise _at(text, offset + node.col_offset, said) from None


def _kind(node: ast.Call, text: str, offset: int) -> object:
    known = ", ".join(KINDS)
    if not isinstance(node.func, ast.Name) or node.func.id not in KINDS:
        raise _at(text, offset + node.func.col_offset, f"expected one of {known}")
    arguments = []
    for child in (*node.args, *(k.value for k in node.keywords)):
        try:
            arguments.append(ast.literal_eval(child))
        except ValueError:
            raise _at(text, offset + child.col_offset, "expected a literal") from None
    given = len(node.args)
    names = [k.arg or "" for k in node.keywords]
    try:
        made = KINDS[node.func.id](
            *arguments[:given], **dict(zip(names, arguments[given:], strict=True))
        )
    except TypeError as error:
        raise _at(text, offset + node.col_offset, str(error)) from None
    shape = getattr(made, "shape", ())
    if not all(isinstance(n, int) and n >= 0 for n in shape):
        raise _at(text, offset + node.col_offset, f"a shape is of whole numbers, found {shape}")
    return made


def _at(text: str, place: int, said: str) -> EquivError:
    return EquivError(f"-i cannot be read: {said}\n  {text}\n  {' ' * place}^")
