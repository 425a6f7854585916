"""The rules: each is shown by its witness, and takes nothing that it does not speak of."""

import pytest

from equiv.catalogue import Catalogue
from equiv.entry import Case, Input, Op, integers, real
from equiv.facts import Facts, Given, Part
from equiv.judge import judge_witness
from equiv.measure import measure
from equiv.plan import plan_rule, slug
from equiv.rules import RULES, TORCH_NAMES, Rule
from equiv.runner import execute

BY_SLUG = {rule.slug: rule for rule in RULES}
X = {"x": real(6)}
XY = {"x": real(6), "y": real(6)}
NI = {"n": integers(1, 9, (6,))}


def judged(numpy: str, torch: str, inputs: dict[str, Input], probe: str):
    """Run one case under one probe with every rule there is, and return what was said of it."""
    op = Op(
        "numpy.it", summary="It.", inputs=inputs, cases=(Case("plain", numpy=numpy, torch=torch),),
        parameters={}, source="a test",
    )  # fmt: skip
    catalogue = Catalogue({"other": (op,)}, (), (), RULES)
    cell = f"numpy.it/plain@{slug(probe)}"
    (found,) = execute(catalogue, match=cell).judged
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_witness_shows_its_rule(rule: Rule) -> None:
    """Each rule explains its own witness, and no other rule does."""
    measured = measure(plan_rule(rule))
    assert judge_witness(rule, measured).finding == ""
    parts = [part for part in measured.parts if part.rung == rule.rung]
    takers = [
        r.slug
        for r in RULES
        if r.rung == rule.rung and all(r.explains(measured.facts, p) for p in parts)
    ]
    assert takers == [rule.slug]


SHOWN = {
    "no-kernel": ("np.max(x)", "torch.max(x)", X, "uint16"),
    "floating-only": ("np.mean(x)", "torch.mean(x)", X, "int64"),
    "no-half": ("np.fft.rfft(x)", "torch.fft.rfft(x)", X, "float16"),
    "complex-refused": ("np.sort(x)", "torch.sort(x).values", X, "complex64"),
    "bool-refused": ("np.argmax(x)", "torch.argmax(x)", X, "bool"),
    "zero-d-refused": ("np.dot(x, x)", "torch.matmul(x, x)", X, "0-d"),
    "same-dtype": ("np.dot(x, y)", "torch.dot(x, y)", XY, "int64 with float32"),
    "unsigned-promotion": ("x + y", "x + y", XY, "int64 with uint64"),
    "index-dtype": ("np.arange(9)[n]", "torch.arange(9)[n]", NI, "int16"),
    "scalar-operand": ("np.maximum(x, y)", "torch.maximum(x, y)", XY, "int64 with 2"),
    "python-integer-out-of-range": ("x + y", "x + y", XY, "uint8 with 300"),
    "unsafe-cast": ("x += y; x", "x += y; x", XY, "uint8 with int8"),
    "zero-d-axis": ("np.sort(x)", "torch.sort(x).values", X, "0-d"),
    "read-only-broadcast": (
        "x[:1] = 0.5; x",
        "x = x.clone(); x[:1] = 0.5; x",
        {"x": real(2, 3)},
        "broadcast",
    ),
    "default-float": ("np.sqrt(np.abs(x))", "torch.sqrt(torch.abs(x))", X, "int64"),
    "unsigned-sum": ("np.sum(x)", "torch.sum(x)", X, "uint8"),
    "float-keeps-width": ("x + y", "x + y", XY, "int64 with float32"),
    "zero-d-dtype": ("x + y", "x + y", XY, "float32 with 0-d"),
    "overflow-order": (
        "x[0] * x[0] - x[1]",
        "x[0] * x[0] - x[1] * x[1]",
        X,
        "huge",
    ),
    "read-only-view": ("x[None]", "x[None]", {"x": real(2, 3)}, "broadcast"),
    "kink": ("np.abs(x)", "torch.abs(x)", X, "signed zeros"),
    "integer-division-by-zero": ("x // y", "x // y", XY, "int64 extremes"),
    "jump": ("np.sign(x)", "torch.sign(x)", X, "signed zeros"),
    "masked-nan": ("x * np.roll(x, 1)", "x * torch.roll(x, 1)", X, "inf"),
}
"""For each rule a case and a probe that it explains."""

BROKEN = {
    "no-kernel": (
        "np.max(x)",
        "torch.max(x) if x.dtype != torch.uint16 else x.view(7)",
        X,
        "uint16",
    ),
    "floating-only": (
        "np.mean(x)",
        "torch.mean(x.double()) + (x.dtype == torch.int64)",
        X,
        "int64",
    ),
    "no-half": (
        "np.fft.rfft(x)",
        "torch.fft.rfft(x.float() + (x.dtype == torch.half))",
        X,
        "float16",
    ),
    "complex-refused": ("np.abs(x)", "torch.abs(x) + x.is_complex()", X, "complex128"),
    "bool-refused": (
        "np.argmax(x)",
        "torch.argmax(x.long()) + 9 * (x.dtype == torch.bool)",
        X,
        "bool",
    ),
    "zero-d-refused": ("np.abs(x)", "torch.abs(x) + (x.dim() == 0)", X, "0-d"),
    "same-dtype": (
        "np.dot(x, y)",
        "torch.dot(x, y) if x.dtype == y.dtype else torch.dot(x.double(), y[:5].double())",
        XY,
        "int64 with float32",
    ),
    "unsigned-promotion": ("x * 1", "x * 1 if x.dtype != torch.uint8 else x + 1", X, "uint8"),
    "index-dtype": (
        "np.arange(9)[n]",
        "torch.arange(9)[n.long() - (n.dtype == torch.int16)]",
        NI,
        "int16",
    ),
    "scalar-operand": (
        "np.maximum(x, y)",
        "torch.clamp(x, min=y) if y is not 2 else x.view(7)",
        XY,
        "int64 with 2",
    ),
    "python-integer-out-of-range": ("x + y", "x + y if y is not 2 else x - y", XY, "int64 with 2"),
    "unsafe-cast": ("x[:1] = y[:1]; x", "x[:1] = y[:1] + 1; x", XY, "uint8 with int8"),
    "zero-d-axis": ("np.abs(x)", "torch.abs(x) + (x.dim() == 0)", X, "0-d"),
    "read-only-broadcast": (
        "x + 1",
        "x + 1 if x.stride()[0] else x",
        {"x": real(2, 3)},
        "broadcast",
    ),
    "default-float": (
        "np.sqrt(np.abs(x))",
        "torch.sqrt(torch.abs(x)) + (x.dtype == torch.int64)",
        X,
        "int64",
    ),
    "unsigned-sum": ("np.sum(x)", "torch.sum(x) + (x.dtype == torch.uint8)", X, "uint8"),
    "float-keeps-width": ("x + y", "x + y + (x.dtype != y.dtype)", XY, "int64 with float32"),
    "zero-d-dtype": ("x + y", "x + y + (y.dim() == 0)", XY, "float32 with 0-d"),
    "overflow-order": ("x * x", "x * x if x[0].abs() < 1e9 else x", X, "huge"),
    "read-only-view": (
        "x[None]",
        "x[None] if x.stride()[0] else x[None] + 1",
        {"x": real(2, 3)},
        "broadcast",
    ),
    "kink": (
        "np.maximum(x, 0)",
        "torch.clamp(x, min=0) + (2 * (x - x.detach()) if (x == 0).any() else 0)",
        X,
        "signed zeros",
    ),
    "integer-division-by-zero": ("x // y", "x // torch.where(y == 0, 1, y)", XY, "int8 extremes"),
    "jump": (
        "np.square(x)",
        "torch.square(x) + 0.5 * (x - x.detach()) * (x == 0)",
        X,
        "signed zeros",
    ),
    "masked-nan": ("x * 2", "torch.where(x.isinf(), x * 2, x * 3)", X, "inf"),
}
"""For each rule a port that is wrong under one probe only, near to what the rule explains."""


@pytest.mark.parametrize("name", BY_SLUG)
def test_a_rule_explains_what_it_speaks_of(name: str) -> None:
    """Each rule explains a case that is spelled as people would."""
    found = judged(*SHOWN[name])
    assert found.finding == ""
    assert f"rule {name}" in found.explanation.split("; ")


@pytest.mark.parametrize("name", BY_SLUG)
def test_no_rule_takes_a_wrong_value(name: str) -> None:
    """A port that is wrong under one probe only is a finding, whatever else is explained there."""
    found = judged(*BROKEN[name])
    assert found.finding == "unexplained", found
    assert found.explanation == ""


def given(name: str, dtype: str, shape: tuple[int, ...] | None = (3,), *holds: str) -> Given:
    """Return an input."""
    return Given(name=name, dtype=dtype, shape=shape, holds=frozenset(holds))


def facts(
    *inputs: Given, numpy: str = "", torch: str = "", gradient: tuple[str, ...] = ()
) -> Facts:
    """Return facts of a cell."""
    return Facts(inputs=inputs, errors=(numpy, torch), parts=(), gradient=frozenset(gradient))


def part(rung: str, *dtypes: str, numpy: str = "", torch: str = "", agrees: tuple[str, ...] = ()):
    """Return a part of a cell."""
    both = (dtypes[0], dtypes[1]) if dtypes else ("", "")
    return Part(rung=rung, numpy=numpy, torch=torch, dtypes=both, agrees=frozenset(agrees))


RAISED = part("torch raises")
REFUSED = part("numpy raises")
LACKS = 'NotImplementedError: "max" not implemented for '

NOT_EXPLAINED = {
    "no-kernel: a dtype that no input has": (
        facts(given("x", "int64"), torch=f"{LACKS}'Half'"),
        RAISED,
    ),
    "no-kernel: float64": (facts(given("x", "float64"), torch=f"{LACKS}'Double'"), RAISED),
    "no-kernel: float32": (facts(given("x", "float32"), torch=f"{LACKS}'Float'"), RAISED),
    "no-kernel: complex from real input": (
        facts(given("x", "float64"), torch=f"{LACKS}'ComplexDouble'"),
        RAISED,
    ),
    "no-kernel: another error": (facts(given("x", "uint16"), torch="RuntimeError: no"), RAISED),
    "floating-only: floating input": (
        facts(
            given("x", "float64"), torch="RuntimeError: Expected a floating point or complex tensor"
        ),
        RAISED,
    ),
    "floating-only: another error": (
        facts(given("x", "int64"), torch="RuntimeError: a size"),
        RAISED,
    ),
    "no-half: float32": (
        facts(given("x", "float32"), torch="RuntimeError: Unsupported dtype Half"),
        RAISED,
    ),
    "complex-refused: real input": (
        facts(given("x", "float64"), torch="RuntimeError: does not support complex"),
        RAISED,
    ),
    "bool-refused: integers": (
        facts(given("x", "int64"), torch="RuntimeError: does not support bool input"),
        RAISED,
    ),
    "zero-d-refused: with axes": (
        facts(given("x", "float64"), torch="TypeError: len() of a 0-d tensor"),
        RAISED,
    ),
    "zero-d-refused: another error": (
        facts(given("x", "float64", ()), torch="RuntimeError: it is singular"),
        RAISED,
    ),
    "same-dtype: one dtype": (
        facts(given("x", "float64"), given("y", "float64"), torch="RuntimeError: same dtype"),
        RAISED,
    ),
    "same-dtype: another error": (
        facts(given("x", "float64"), given("y", "int64"), torch="RuntimeError: a size"),
        RAISED,
    ),
    "unsigned-promotion: signed": (
        facts(
            given("x", "int64"), torch="RuntimeError: Promotion for uint16, uint32, uint64 types"
        ),
        RAISED,
    ),
    "index-dtype: no such index": (
        facts(given("x", "float64"), torch="IndexError: tensors used as indices must be long"),
        RAISED,
    ),
    "scalar-operand: no Python number": (
        facts(given("x", "float64"), torch="TypeError: 'other' must be Tensor, not int"),
        RAISED,
    ),
    "scalar-operand: another error": (
        facts(given("x", "float64"), given("n", "int", None), torch="ValueError: it is negative"),
        RAISED,
    ),
    "python-integer-out-of-range: no Python number": (
        facts(
            given("x", "uint8"), numpy="OverflowError: Python integer 300 out of bounds for uint8"
        ),
        REFUSED,
    ),
    "python-integer-out-of-range: another error": (
        facts(given("x", "uint8"), given("n", "int", None), numpy="ValueError: no"),
        REFUSED,
    ),
    "unsafe-cast: another error": (facts(given("x", "uint8"), numpy="TypeError: no loop"), REFUSED),
    "zero-d-axis: of two axes": (
        facts(
            given("x", "float64", (2, 3)),
            numpy="AxisError: axis 2 is out of bounds for array of dimension 2",
        ),
        REFUSED,
    ),
    "zero-d-axis: no 0-d input": (
        facts(
            given("x", "float64"),
            numpy="AxisError: axis 0 is out of bounds for array of dimension 0",
        ),
        REFUSED,
    ),
    "read-only-broadcast: memory of its own": (
        facts(given("x", "float64"), numpy="ValueError: assignment destination is read-only"),
        REFUSED,
    ),
    "default-float: a floating input": (
        facts(given("x", "float64"), given("n", "int64")),
        part("dtype", "float64", "float32"),
    ),
    "default-float: wider in torch": (
        facts(given("n", "int64")),
        part("dtype", "float32", "float64"),
    ),
    "default-float: no float": (facts(given("n", "int64")), part("dtype", "float64", "int64")),
    "unsigned-sum: signed": (facts(given("n", "int64")), part("dtype", "uint64", "int64")),
    "unsigned-sum: narrower": (facts(given("n", "uint8")), part("dtype", "uint64", "uint8")),
    "float-keeps-width: no integers": (
        facts(given("x", "float32"), given("y", "float32")),
        part("dtype", "float64", "float32"),
    ),
    "float-keeps-width: a wide float too": (
        facts(given("n", "int64"), given("x", "float32"), given("y", "float64")),
        part("dtype", "float64", "float32"),
    ),
    "zero-d-dtype: with axes": (
        facts(given("x", "float32"), given("y", "float64")),
        part("dtype", "float64", "float32"),
    ),
    "zero-d-dtype: another dtype": (
        facts(given("x", "float32"), given("y", "float64", ())),
        part("dtype", "float64", "float16"),
    ),
    "overflow-order: infinite input": (
        facts(given("x", "float64", (3,), "inf")),
        part("nan", agrees=("finite alike",)),
    ),
    "overflow-order: finite on one side": (facts(given("x", "float64")), part("nan")),
    "read-only-view: a copy": (
        facts(given("x", "float64")),
        part("aliasing", numpy="a read-only view of x", torch="a copy of x"),
    ),
    "read-only-view: writable": (
        facts(given("x", "float64")),
        part("aliasing", numpy="a view of x", torch="a copy of x"),
    ),
    "kink: outside": (
        facts(given("x", "float64"), gradient=("between", "outside")),
        part("gradient"),
    ),
    "kink: nan": (facts(given("x", "float64"), gradient=("between", "nan")), part("gradient")),
    "kink: nothing": (facts(given("x", "float64")), part("gradient")),
    "integer-division-by-zero: floats": (
        facts(given("x", "float64", (3,), "zero"), torch="RuntimeError: ZeroDivisionError"),
        RAISED,
    ),
    "integer-division-by-zero: no zero": (
        facts(given("x", "int64"), torch="RuntimeError: ZeroDivisionError"),
        RAISED,
    ),
    "jump: outside": (facts(given("x", "float64"), gradient=("jump", "outside")), part("gradient")),
    "jump: no jump": (facts(given("x", "float64"), gradient=("between",)), part("gradient")),
    "masked-nan: all finite": (facts(given("x", "float64"), gradient=("nan",)), part("gradient")),
    "masked-nan: outside": (
        facts(given("x", "float64"), gradient=("nan", "outside")),
        part("gradient", agrees=("masked",)),
    ),
}
"""What a rule must not explain, though it is near: the rule's name before the colon."""


@pytest.mark.parametrize("name", NOT_EXPLAINED)
def test_what_a_rule_must_not_explain(name: str) -> None:
    """A rule looks at dtypes, errors and inputs together: one of them alone is not enough."""
    rule = BY_SLUG[name.partition(":")[0]]
    found, parted = NOT_EXPLAINED[name]
    assert parted.rung == rule.rung
    assert not rule.explains(found, parted)


@pytest.mark.parametrize("table", [SHOWN, BROKEN], ids=["shown", "broken"])
def test_no_rule_is_without_its_tests(table: dict[str, object]) -> None:
    """Each rule has a case that it explains, one that it leaves, and facts that it leaves."""
    assert set(table) == set(BY_SLUG)
    assert {name.partition(":")[0] for name in NOT_EXPLAINED} == set(BY_SLUG)


def test_torchs_names_of_dtypes_are_its_own() -> None:
    """What rules take for torch's names of dtypes is what its errors call them."""
    import torch

    for said, name in TORCH_NAMES.items():
        made = torch.empty(0, dtype=getattr(torch, name)).type()
        if name in ("uint16", "uint32", "uint64"):
            assert said.lower() == name
        else:
            assert made == f"torch.{said}Tensor"


def test_a_rule_does_not_see_the_op() -> None:
    """Facts hold neither the op's name, nor the case's, nor the texts of the sides."""
    assert set(Facts.__dataclass_fields__) == {"inputs", "errors", "parts", "gradient"}
