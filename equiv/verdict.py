"""Derives an op's verdict, and the torch names of a port, from the text of its sides.

Standard library only: reads text, runs nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from equiv.entry import Case, Op

VERDICTS = ("drop-in", "renamed", "adapted", "composed", "missing")

CASTS = frozenset(
    {"to", "type", "float", "double", "half", "long", "int", "bool", "item", "tensor", "as_tensor"}
)
"""Calls that turn a value into another form of itself: no work of their own."""

FIELDS = frozenset(
    {"values", "indices", "eigenvalues", "eigenvectors", "hist", "bin_edges", "sign", "logabsdet"}
    | {"Q", "R", "U", "S", "Vh", "L", "solution", "residuals", "rank", "singular_values"}
)
"""Named parts of a result."""

PLAIN = frozenset({"ndim", "dtype", "shape"})
"""Attributes that give arguments rather than arrays."""

MODULES = ("torch", "recipes")

OPERATORS = {
    "Mult": "__mul__",
    "Div": "__truediv__",
    "FloorDiv": "__floordiv__",
    "MatMult": "__matmul__",
    "BitAnd": "__and__",
    "BitOr": "__or__",
    "BitXor": "__xor__",
    "USub": "__neg__",
    "UAdd": "__pos__",
    "NotEq": "__ne__",
    "LtE": "__le__",
    "GtE": "__ge__",
}
"""Python's operators by their method, where that is not the name of ast's class."""


@dataclass(frozen=True)
class Work:
    """One function, method, operator or index that a side applies, and the values it takes."""

    name: str
    values: tuple[str, ...]


def verdict(op: Op) -> str:
    """Derive the verdict from the plain case, which is the first."""
    return verdict_of(op.cases[0]) if op.cases else "missing"


def verdict_of(case: Case) -> str:
    """Derive the verdict of one case from its two texts.

    >>> verdict_of(Case("plain", numpy="np.sum(x)", torch="torch.sum(x)"))
    'drop-in'
    >>> verdict_of(Case("axis", numpy="np.sum(x, axis=0)", torch="torch.sum(x, dim=0)"))
    'renamed'
    >>> verdict_of(Case("plain", numpy="np.std(x)", torch="torch.std(x, correction=0)"))
    'adapted'
    >>> verdict_of(Case("plain", numpy="np.ptp(x)", torch="x.max() - x.min()"))
    'composed'
    """
    numpy, torch = _parse(case.numpy), _parse(case.torch)
    if ast.dump(numpy) == ast.dump(torch):
        return "drop-in"
    ours, theirs = works(numpy), works(torch)
    if any(w.name.startswith("recipes.") for w in theirs) or len(theirs) > max(1, len(ours)):
        return "composed"
    same = [w.values for w in ours] == [w.values for w in theirs]
    casts = len(list(_applied(torch))) > len(theirs)
    return "renamed" if same and not casts and not _takes_part(torch) else "adapted"


def torch_names(text: str) -> list[str]:
    """List the torch names that a port applies, in the order in which they are reached.

    >>> torch_names("torch.sort(x).values")
    ['torch.sort']
    """
    return list(dict.fromkeys(w.name for w in works(_parse(text))))


def works(tree: ast.Module) -> list[Work]:
    """List what a side applies, in order; casts count only where there is nothing else."""
    applied = list(_applied(tree))
    real = [w for w in applied if w.name.rpartition(".")[2] not in CASTS]
    return real or applied[-1:] or list(_last_attribute(tree))


def _applied(node: ast.AST) -> Iterator[Work]:
    """Walk a side as Python runs it, yielding each function, method, operator and index."""
    inside: list[ast.AST] = list(ast.iter_child_nodes(node))
    name = ""
    match node:
        case ast.Call(func=ast.Attribute() as func, args=args, keywords=keywords):
            inside = [*args, *(k.value for k in keywords)]
            if _root(func) in MODULES:
                name = ast.unparse(func)
            else:
                inside = [func.value, *inside]
                name = "" if _is_object(func.value) else f"torch.Tensor.{func.attr}"
        case ast.Attribute() if _root(node) in MODULES:
            inside = []
        case ast.Attribute(value=value, attr=attr) if attr not in FIELDS | PLAIN:
            name = "" if _is_object(value) else f"torch.Tensor.{attr}"
        case ast.Subscript(value=value, ctx=context) if not (_is_part(value) or _is_plain(node)):
            word = "__getitem__" if isinstance(context, ast.Load) else "__setitem__"
            name = f"torch.Tensor.{word}"
        case ast.UnaryOp(op=ast.Not()):
            pass  # Python's own, of what is no tensor
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() if not _is_plain(node):
            name = f"torch.Tensor.{_method(node)}"
    for child in inside:
        yield from _applied(child)
    if name:
        yield Work(name, _dumps(n for n in inside if isinstance(n, ast.expr)))


def _last_attribute(tree: ast.Module) -> Iterator[Work]:
    match tree.body[-1]:
        case ast.Expr(value=ast.Attribute(value=value, attr=attr) as last):
            known = _root(last) in MODULES
            yield Work(ast.unparse(last) if known else f"torch.Tensor.{attr}", _dumps([value]))


def _is_object(node: ast.AST) -> bool:
    """Say whether a value is no tensor: what str() gives, a distribution, a torch.finfo."""
    match node:
        case ast.Call(func=ast.Name()):
            return True
        case ast.Call(func=ast.Attribute(attr=attr) as func) if _root(func) in MODULES:
            return attr[0].isupper() or attr in ("finfo", "iinfo")
    return False


def _is_part(node: ast.AST) -> bool:
    """Say whether a value is a result, or a part of one: an index into it is no work."""
    match node:
        case ast.Call():
            return True
        case ast.Attribute(attr=attr):
            return attr in FIELDS
        case ast.Subscript(value=value):
            return _is_part(value)
    return False


def _is_plain(node: ast.AST) -> bool:
    """Say whether an operand is made of numbers, lengths and ranks: an argument, no array."""
    match node:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id="len")):
            return True
        case ast.Attribute(attr=attr):
            return attr in PLAIN
        case ast.Subscript(value=value):
            return _is_plain(value)
        case ast.BinOp(left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case ast.UnaryOp(operand=operand):
            return _is_plain(operand)
    return False


def _takes_part(tree: ast.Module) -> bool:
    """Say whether a part of a result is taken: a field of it, or an index into it."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr in FIELDS)
        or (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call))
        for node in ast.walk(tree)
    )


def _method(node: ast.BinOp | ast.UnaryOp | ast.Compare) -> str:
    op = node.ops[0] if isinstance(node, ast.Compare) else node.op
    return OPERATORS.get(type(op).__name__, f"__{type(op).__name__.lower()}__")


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _dumps(nodes: Iterable[ast.AST]) -> tuple[str, ...]:
    """Spell values to be compared; np.bool_ is torch.bool."""
    return tuple(re.sub(r"attr='(\w+)_'", r"attr='\1'", ast.dump(node)) for node in nodes)


def _parse(text: str) -> ast.Module:
    """Parse a side, with ``np`` read as ``torch``."""
    return _AsTorch().visit(ast.parse(text))  # type: ignore[no-any-return]


class _AsTorch(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name("torch", node.ctx) if node.id == "np" else node
