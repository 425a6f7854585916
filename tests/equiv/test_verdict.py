"""The verdict of an op, and torch's names in a port, from the text of the two sides."""

import pytest
import torch

from equiv.catalogue import Catalogue
from equiv.entry import Case, Op
from equiv.verdict import VERDICTS, torch_names, verdict, verdict_of

SPELLED: dict[str, list[tuple[str, str]]] = {
    "drop-in": [
        ("np.sum(x)", "torch.sum(x)"),
        ("np.linalg.norm(x, 2)", "torch.linalg.norm(x, 2)"),
        ("np.zeros(3, dtype=np.float32)", "torch.zeros(3, dtype=torch.float32)"),
        ("np.add( x,y )", "torch.add(x, y)"),  # spaces say nothing
        ("np.sum(np.abs(x))", "torch.sum(torch.abs(x))"),
        ("x.reshape(4, 3)", "x.reshape(4, 3)"),
        ("x + y", "x + y"),
        ("x[1:3]", "x[1:3]"),
        ("x.T", "x.T"),
        ("x[m] = 0; x", "x[m] = 0; x"),
    ],
    "renamed": [
        ("np.concatenate([x, y])", "torch.cat([x, y])"),
        ("np.sum(x, axis=0, keepdims=True)", "torch.sum(x, dim=0, keepdim=True)"),
        ("np.sum(x, axis=0)", "torch.sum(x, 0)"),  # by keyword or by position
        ("np.linalg.norm(x)", "torch.linalg.vector_norm(x)"),
        ("np.transpose(x)", "x.t()"),  # a function for a method
        ("x.argmax(axis=1)", "torch.argmax(x, dim=1)"),  # and the other way round
        ("x.astype(np.float32)", "x.to(torch.float32)"),  # a dtype by its name
        ("x.astype(np.bool_)", "x.to(torch.bool)"),  # whose name is another
        ("np.zeros(3, dtype=np.bool_)", "torch.zeros(3, dtype=torch.bool)"),
        ("np.array([1, 2])", "torch.tensor([1, 2])"),
        ("np.add(x, y)", "x + y"),  # an operator is a function like another
        ("x @ y", "torch.matmul(x, y)"),
        ("np.logical_not(x)", "~x"),
        ("np.not_equal(x, y)", "x != y"),
        ("x.size", "x.numel()"),  # an attribute for a method
        ("np.ndim(x)", "x.ndim"),
        ("np.put(x, i, v); x", "x.put_(i, v); x"),
        ("np.exp(x)", "y = torch.exp(x); y"),
        ("np.float64(n)", "n.double()"),  # a cast is the work where there is no other
        ("np.negative(x[0])", "torch.neg(x[0])"),
    ],
    "adapted": [
        ("np.std(x)", "torch.std(x, correction=0)"),  # an argument more
        ("np.std(x, ddof=1)", "torch.std(x)"),  # an argument less
        ("np.percentile(x, 25)", "torch.quantile(x, 0.25)"),  # another value
        ("np.less(x, y)", "torch.gt(y, x)"),  # another order
        ("np.sum(x, axis=0, keepdims=True)", "torch.sum(x, keepdim=True, dim=0)"),
        ("np.square(x)", "x ** 2"),
        ("np.zeros(3)", "torch.zeros(3, dtype=torch.float64)"),
        ("np.sort(x)", "torch.sort(x).values"),  # a field of the result
        ("np.sort(x)", "torch.sort(x)[0]"),  # an index into it
        ("np.max(x)", "torch.sort(x).values[-1]"),  # a part of a part
        ("np.diff(x)", "torch.gradient(x)[0][1]"),
        ("np.sum(n)", "torch.sum(n).to(torch.int64)"),  # a cast of the result
        ("np.mean(n)", "torch.mean(n.double())"),  # a cast of an argument
        ("np.all(x)", "torch.all(x).item()"),
        ("np.histogram(x)", "c, e = torch.histogram(x, 10); (c.long(), e)"),
        ("np.percentile(x, q)", "torch.quantile(x, torch.tensor([0.25, 0.5]))"),
        ("np.flip(x)", "torch.flip(x, dims=tuple(range(x.ndim)))"),  # an argument computed
        ("np.sum(x)", "torch.sum(x, dtype=x.dtype)"),
        ("np.convolve(x, w)", "torch.nn.functional.conv1d(x, w, padding=len(w) - 1)"),
        ("np.array_split(x, 2)", "torch.chunk(x, x.shape[0] // 2)"),
        ("x[::-1]", "torch.flip(x, (0,))"),
    ],
    "composed": [
        ("np.ptp(x)", "x.max() - x.min()"),
        ("np.trace(x)", "torch.diagonal(x).sum()"),
        ("np.negative(x)", "0 - x * 1"),  # two operators
        ("x.flatten()", "x.flatten().clone()"),
        ("np.vstack([x, y])", "torch.cat([x[None], y[None]])"),  # an index into an argument
        ("np.percentile(x, q)", "torch.quantile(x, q / 100)"),
        ("np.mean(x)", "s = torch.sum(x); torch.div(s, 12)"),  # by statements
        ("np.unwrap(x)", "recipes.unwrap(x)"),
        ("np.sum(np.abs(x))", "recipes.norm(x)"),
    ],
}


@pytest.mark.parametrize(
    ("word", "ours", "theirs"),
    [(word, *texts) for word, cases in SPELLED.items() for texts in cases],
)
def test_verdict_of_two_texts(word: str, ours: str, theirs: str) -> None:
    """A port differs from NumPy's text not at all, in names, in arguments, or in functions."""
    assert verdict_of(Case("plain", numpy=ours, torch=theirs)) == word


@pytest.mark.parametrize(
    "form",
    [
        *(
            f"torch.f(x).{cast}()"
            for cast in ("float", "double", "half", "long", "int", "bool", "item")
        ),
        *(f"torch.f(x).{cast}(torch.int64)" for cast in ("to", "type")),
        *(f"torch.f(torch.{make}(x))" for make in ("tensor", "as_tensor")),
        *(f"torch.f(x).{field}" for field in ("values", "indices", "hist", "bin_edges")),
        *(f"torch.linalg.f(x).{field}" for field in ("eigenvalues", "eigenvectors")),
    ],
)
def test_casts_and_parts_are_no_functions(form: str) -> None:
    """A cast, a constructor of an argument and a part of the result adapt, and compose nothing."""
    assert verdict_of(Case("plain", numpy="np.f(x)", torch=form)) == "adapted"
    assert torch_names(form) == ["torch.linalg.f" if "linalg" in form else "torch.f"]


def test_verdict_of_an_op_is_its_plain_cases() -> None:
    """The first case gives the verdict, however the others are ported."""
    cases = (
        Case("plain", numpy="np.max(x)", torch="torch.max(x)"),
        Case("axis", numpy="np.max(x, axis=0)", torch="torch.max(x, dim=0).values"),
    )
    op = Op("numpy.max", summary="S.", cases=cases, parameters={}, source="numpy.max")
    assert verdict(op) == "drop-in"


def test_verdict_of_an_op_without_port() -> None:
    """An op without a case is missing."""
    op = Op("numpy.f", summary="S.", instead="Use a loop.", parameters={}, source="numpy.f")
    assert verdict(op) == "missing"


def test_verdicts_are_a_closed_vocabulary(catalogue: Catalogue) -> None:
    """The words are the design's, and ops have no others."""
    assert VERDICTS == ("drop-in", "renamed", "adapted", "composed", "missing")
    assert {verdict(op) for op in catalogue.ops.values()} <= {*VERDICTS}


NAMES: dict[str, list[str]] = {
    "torch.sum(x)": ["torch.sum"],
    "torch.nn.functional.pad(x, (1, 1))": ["torch.nn.functional.pad"],
    "x.sum()": ["torch.Tensor.sum"],
    "x.T": ["torch.Tensor.T"],
    "x.shape": ["torch.Tensor.shape"],
    "torch.sort(x).values": ["torch.sort"],
    "torch.sort(x)[0]": ["torch.sort"],
    "torch.zeros(3, dtype=torch.float64)": ["torch.zeros"],  # no dtype
    "torch.mean(n.double())": ["torch.mean"],  # no cast
    "n.double()": ["torch.Tensor.double"],  # but where it is the work
    "torch.tensor([1, 2])": ["torch.tensor"],
    "torch.sum(torch.abs(x))": ["torch.abs", "torch.sum"],  # as they are reached
    "x.exp().sum()": ["torch.Tensor.exp", "torch.Tensor.sum"],
    "torch.abs(torch.abs(x))": ["torch.abs"],  # once
    "torch.save(x, 'f'); torch.load('f')": ["torch.save", "torch.load"],
    "x.max() - x.min()": ["torch.Tensor.max", "torch.Tensor.min", "torch.Tensor.__sub__"],
    "recipes.unwrap(x)": ["recipes.unwrap"],
    "x.put_(i, v); x": ["torch.Tensor.put_"],
    "torch.pi": ["torch.pi"],
    "x": [],
}


@pytest.mark.parametrize(("text", "names"), NAMES.items())
def test_torch_names(text: str, names: list[str]) -> None:
    """A port's names are those of the functions, methods and attributes that do its work."""
    assert torch_names(text) == names


def test_methods_of_strings_are_not_torchs() -> None:
    """A method of what str() gives is not taken for one of a tensor."""
    assert torch_names("str(x.dtype).upper()") == []


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("x + y", "add"),
        ("x - y", "sub"),
        ("x * y", "mul"),
        ("x / y", "truediv"),
        ("x // y", "floordiv"),
        ("x % y", "mod"),
        ("x ** y", "pow"),
        ("x @ y", "matmul"),
        ("x << y", "lshift"),
        ("x >> y", "rshift"),
        ("x & y", "and"),
        ("x | y", "or"),
        ("x ^ y", "xor"),
        ("-x", "neg"),
        ("+x", "pos"),
        ("~x", "invert"),
        ("x == y", "eq"),
        ("x != y", "ne"),
        ("x < y", "lt"),
        ("x <= y", "le"),
        ("x > y", "gt"),
        ("x >= y", "ge"),
        ("x[0]", "getitem"),
        ("x[0] = 1; x", "setitem"),
    ],
)
def test_operators_are_named_by_their_method(text: str, method: str) -> None:
    """An operator goes by the method that Python calls for it, which tensors have."""
    assert torch_names(text) == [f"torch.Tensor.__{method}__"]
    assert hasattr(torch.Tensor, f"__{method}__")
