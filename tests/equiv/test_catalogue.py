"""The catalogue: its rows are the sheet's, its names are real, its parameters are NumPy's."""

import ast
import dataclasses
import functools
import inspect
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from equiv.catalogue import AREAS, Catalogue, declared, load, statistics
from equiv.entry import Case, Claim, EquivError, Op, index_into, integers, real
from equiv.verdict import torch_names

SHEET = Path(__file__).with_name("sheet.md").read_text(encoding="utf-8").splitlines()[2:]
"""The sheet's rows as they stand there, below the header and its rule."""


def cells(line: str) -> list[str]:
    """Split a row of the sheet into its four cells, bold marks stripped."""
    return [cell.strip().strip("*") for cell in line.strip().strip("|").split("|")]


def spellings(cell: str) -> list[str]:
    """List the spellings in a cell: what stands in backticks, and prose between commas."""
    found = re.findall(r"`([^`]+)`|([^`,]+)", cell)
    return [code or prose.strip() for code, prose in found if code or prose.strip()]


def pairs(ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    """Pair spellings by position; one left over pairs with every spelling opposite."""
    both = min(len(ours), len(theirs))
    left_over = itertools.chain(
        itertools.product(ours[both:], theirs), itertools.product(ours, theirs[both:])
    )
    return [*zip(ours, theirs, strict=False), *left_over]


def is_prose(text: str) -> bool:
    """Say whether a spelling is no code."""
    try:
        ast.parse(text)
    except SyntaxError:
        return True
    return False


def is_unrunnable(text: str) -> bool:
    """Say whether a spelling is prose, or calls a function of np or torch without arguments."""
    calls = [] if is_prose(text) else [n for n in ast.walk(ast.parse(text)) if type(n) is ast.Call]
    return is_prose(text) or any(
        ast.unparse(call.func).startswith(("np.", "torch.")) and not (call.args or call.keywords)
        for call in calls
    )


def claims(catalogue: Catalogue) -> list[tuple[str, Claim]]:
    """List the claims with their rows' titles."""
    return [(row.title, claim) for row in catalogue.rows for claim in row.claims]


def walk(root: object, name: str) -> object:
    """Follow a dotted name from a module; its first word is the module's own."""
    return functools.reduce(getattr, name.split(".")[1:], root)


def is_there(root: object, name: str) -> bool:
    """Say whether a dotted name leads to something."""
    try:
        walk(root, name)
    except AttributeError:
        return False
    return True


# --- the sheet ------------------------------------------------------------------------------


def test_copy_of_the_sheet_is_whole() -> None:
    """The copy that the catalogue is held against has all 45 rows, of four cells each."""
    assert len(SHEET) == 45
    assert all(len(cells(line)) == 4 for line in SHEET)


def test_pairing_rule() -> None:
    """A spelling left over, on either side, is paired with every spelling opposite."""
    assert pairs(["a", "b"], ["c", "d", "e"]) == [("a", "c"), ("b", "d"), ("a", "e"), ("b", "e")]
    assert pairs(["a", "b"], ["c"]) == [("a", "c"), ("b", "c")]
    assert spellings("`arr[:, 0]`, automatic expansion") == ["arr[:, 0]", "automatic expansion"]


def test_titles_are_the_sheets(catalogue: Catalogue) -> None:
    """The rows have the sheet's titles, in its order."""
    assert [row.title for row in catalogue.rows] == [cells(line)[0] for line in SHEET]


@pytest.mark.parametrize("line", SHEET, ids=lambda line: cells(line)[0])
def test_description_is_the_sheets(catalogue: Catalogue, line: str) -> None:
    """A row's description is what stands in the sheet."""
    title, description, _, _ = cells(line)
    assert [row.summary for row in catalogue.rows if row.title == title] == [description]


@pytest.mark.parametrize("line", SHEET, ids=lambda line: cells(line)[0])
def test_pairs_are_the_sheets(catalogue: Catalogue, line: str) -> None:
    """A row's claims are the pairs that its cells make, as they are written there."""
    title, _, ours, theirs = cells(line)
    found = [(c.numpy, c.torch) for own, c in claims(catalogue) if own == title]
    assert found == pairs(spellings(ours), spellings(theirs))


def test_what_cannot_run_is_completed(catalogue: Catalogue) -> None:
    """Prose and calls without arguments are marked as completed, and run in full."""
    every = claims(catalogue)
    wanting = [(row, c) for row, c in every if is_unrunnable(c.numpy) or is_unrunnable(c.torch)]
    assert {row for row, _ in wanting} == {
        "Broadcasting",
        "Numerical Gradient",
        "1D Convolution",
        "Polynomial Operations",
    }
    assert [row for row, claim in wanting if claim.completed is None] == []
    runs = [text for _, c in every for text in c.completed or (c.numpy, c.torch)]
    assert [text for text in runs if is_unrunnable(text)] == []


def test_completing_keeps_the_text(catalogue: Catalogue) -> None:
    """A completed spelling begins with what the sheet writes, as far as that is code."""
    changed = [
        (row, text, whole)
        for row, claim in claims(catalogue)
        for text, whole in zip((claim.numpy, claim.torch), claim.completed or (), strict=False)
        if not (is_prose(text) or whole.startswith(text.removesuffix(")")))
    ]
    assert changed == []


def test_claims_name_ops(catalogue: Catalogue) -> None:
    """Every claim names an op of the catalogue, and a case of it where it names one."""
    lost = [
        (row, claim.op)
        for row, claim in claims(catalogue)
        for name, _, case in [claim.op.partition("/")]
        if name not in catalogue.ops
        or (case and case not in [c.id for c in catalogue.ops[name].cases])
    ]
    assert lost == []


# --- the areas ------------------------------------------------------------------------------


def test_areas_are_the_modules(catalogue: Catalogue) -> None:
    """Every module of the package is loaded: as an area, as the sheet or as the layers."""
    assert statistics.__file__
    found = {path.stem for path in Path(statistics.__file__).parent.glob("*.py")}
    assert found - {"__init__", "sheet", "layers"} == set(AREAS) == set(catalogue.areas)
    assert all(catalogue.areas.values())


def test_an_op_is_in_one_area(catalogue: Catalogue) -> None:
    """No op is in two areas, or twice in one."""
    names = [op.name for ops in catalogue.areas.values() for op in ops]
    assert sorted(names) == sorted(set(names)) == sorted(catalogue.ops)


def test_op_names_are_numpys(catalogue: Catalogue) -> None:
    """Every op's name, its variant in brackets aside, is in NumPy."""
    lost = [name for name in catalogue.ops if not is_there(np, name.partition("[")[0])]
    assert lost == []
    assert not is_there(np, "numpy.stdd")


def test_ported_names_are_torchs(catalogue: Catalogue) -> None:
    """Every name that a port applies is in torch."""
    ports = {
        f"{op.name}/{case.id}": case.torch for op in catalogue.ops.values() for case in op.cases
    }
    ports |= {f"{row}: {c.numpy}": c.ported[1] for row, c in claims(catalogue) if c.ported}
    names = {place: torch_names(port) for place, port in ports.items()}
    lost = {p: n for p, found in names.items() for n in found if not is_there(torch, n)}
    assert lost == {}
    assert not is_there(torch, "torch.Tensor.stdd")


@pytest.mark.skipif(
    not np.__version__.startswith("2.4."),
    reason="parameters are held against NumPy 2.4, the pinned one",
)
def test_parameters_are_numpys(catalogue: Catalogue) -> None:
    """An op maps every parameter of NumPy's signature, and no other; attributes have none."""
    wrong, held = {}, []
    for op in catalogue.ops.values():
        target = walk(np, op.name.partition("[")[0])
        try:
            expected = [n for n in inspect.signature(target).parameters if n != "self"]  # type: ignore[arg-type]
        except ValueError:
            continue
        except TypeError:  # not callable: an attribute, or an object that is indexed
            assert inspect.isdatadescriptor(target) or hasattr(type(target), "__getitem__")
            expected = []
        held.append(op.name)
        if list(op.parameters) != expected:
            wrong[op.name] = (list(op.parameters), expected)
    assert wrong == {}
    assert {"numpy.std", "numpy.sqrt", "numpy.ndarray.T", "numpy.ndarray.__getitem__[int]"} <= {
        *held
    }


# --- what the module computes ---------------------------------------------------------------


def test_load_refuses_a_malformed_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading goes through the checks: an op that is there twice is refused."""
    monkeypatch.setattr(statistics, "OPS", (*statistics.OPS, statistics.OPS[0]))
    with pytest.raises(EquivError, match=r"^op 'numpy.percentile': defined twice$"):
        load.__wrapped__()


def test_port_of_a_claim() -> None:
    """A claim's port is the case that it names, else the plain one, which is the first."""
    first = Case("plain", numpy="np.std(x)", torch="torch.std(x, correction=0)")
    second = Case("axis", numpy="np.std(x, axis=0)", torch="torch.std(x, dim=0, correction=0)")
    op = Op("numpy.std", summary="S.", cases=(first, second), parameters={}, source="numpy.std")
    none = Op("numpy.put", summary="S.", instead="Use x.put_.", parameters={}, source="numpy.put")
    own = Catalogue({"statistics": (op,), "indexing": (none,)}, (), ())
    claim = Claim(numpy="np.std(x)", torch="torch.std(x)", op="numpy.std")
    assert own.port(claim) == (op, first)
    assert own.port(dataclasses.replace(claim, op="numpy.std/axis")) == (op, second)
    assert own.port(dataclasses.replace(claim, op="numpy.put")) == (none, None)


@pytest.mark.parametrize(
    ("numpy", "torch_side", "expected"),
    [
        ("np.sum(x)", "torch.sum(x)", {"x"}),
        ("np.take(y, i)", "torch.take(y, i)", {"y", "i", "x"}),
        ("np.arange(3)", "torch.arange(n)", {"n"}),
        ("np.arange(3)", "torch.arange(3)", set()),
        ("x[n] = 0; x", "x[n] = 0; x", {"x", "n"}),
        ("x += y; x", "x += y; x", {"x", "y"}),
        ("x * k", "x * k", {"x", "k"}),
    ],
    ids=["one", "index-target", "torch-only", "none", "set-item", "in-place", "literal"],
)
def test_declared_inputs_are_those_named(numpy: str, torch_side: str, expected: set[str]) -> None:
    """A case runs on the op's inputs that its texts name, and on what an index points into."""
    inputs = {"x": real(4), "y": real(4), "n": integers(1, 4, ()), "k": 2.5}
    inputs["i"] = index_into("x", 2)
    case = Case("plain", numpy=numpy, torch=torch_side)
    op = Op("numpy.f", summary="S.", inputs=inputs, cases=(case,), parameters={}, source="s")
    assert set(declared(op, case)) == expected


def test_declared_inputs_of_a_case_are_its_own() -> None:
    """A case that declares inputs runs on these alone, named in its texts or not."""
    case = Case(
        "plain", numpy="np.sum(x)", torch="torch.sum(x)", inputs={"x": real(2), "z": real(3)}
    )
    op = Op(
        "numpy.sum", summary="S.", inputs={"x": real(4)}, cases=(case,), parameters={}, source="s"
    )
    assert declared(op, case) == {"x": real(2), "z": real(3)}
