"""Tests of equiv.repro: every cell's script runs as pasted and shows what was measured."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import equiv
from equiv.catalogue import Catalogue
from equiv.entry import (
    Case,
    Difference,
    Op,
    boolean,
    complex_normal,
    integers,
    real,
    text,
    values,
)
from equiv.execute import steady
from equiv.inputs import make
from equiv.judge import Judged
from equiv.plan import plan_layer
from equiv.repro import script
from equiv.runner import execute, find_cell

ROOT = Path(equiv.__file__).parent.parent

RUN = '''
import contextlib, io, json, os, pathlib, runpy, sys, warnings
import numpy as np, torch

warnings.simplefilter("ignore")


def leaves(v):
    """Walk a result in NumPy's terms."""
    if isinstance(v, (tuple, list)):
        yield "of", len(v)
        for item in v:
            yield from leaves(item)
    elif isinstance(v, dict):
        yield "keys", list(v)
        for item in v.values():
            yield from leaves(item)
    elif isinstance(v, torch.Tensor):
        yield "array", v.detach().resolve_conj().resolve_neg().numpy()
    elif isinstance(v, (np.ndarray, np.generic)):
        yield "array", np.asarray(v)
    elif isinstance(v, torch.dtype):
        yield "dtype", torch.empty(0, dtype=v).numpy().dtype
    else:
        yield ("dtype" if isinstance(v, np.dtype) else type(v).__name__), v


def parts(a, b):
    """Say on what two results part first, by NumPy alone."""
    a, b = list(leaves(a)), list(leaves(b))
    if [(k, v if k in ("of", "keys") else 0) for k, v in a] != [
        (k, v if k in ("of", "keys") else 0) for k, v in b
    ]:
        return "structure"
    arrays = [(x, y) for (kind, x), (_, y) in zip(a, b) if kind == "array"]
    for word in ("shape", "dtype"):
        if any(getattr(x, word) != getattr(y, word) for x, y in arrays):
            return word
    inexact = [(x, y) for x, y in arrays if x.dtype.kind in "fc"]
    if any((np.isnan(x) != np.isnan(y)).any() for x, y in inexact):
        return "nan"
    for x, y in inexact:
        rtol = 1e-12 if x.dtype in (np.float64, np.complex128) else 1e-5
        size = np.abs(x[np.isfinite(x)]).max(initial=0)
        if not np.allclose(x, y, rtol=rtol, atol=rtol * size, equal_nan=True):
            return "value"
    if any(x.dtype.kind not in "fc" and (x != y).any() for x, y in arrays):
        return "value"
    if any(v != w for (kind, v), (_, w) in zip(a, b) if kind != "array"):
        return "value"
    for x, y in inexact:
        for p, q in ((x.real, y.real), (x.imag, y.imag)):
            if ((p == 0) & (np.signbit(p) != np.signbit(q))).any():
                return "sign of zero"
    return "same"


found, here = {}, os.getcwd()
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    printed, names, error = io.StringIO(), {}, ""
    try:
        with contextlib.redirect_stdout(printed):
            names = runpy.run_path(str(path), run_name="__main__")
    except Exception as e:
        error = repr(e)
    os.chdir(here)
    a, b = (names.get(n, names.get(m)) for n, m in (("numpy_result", "y"), ("torch_result", "t")))
    found[path.stem] = {"error": error, "out": printed.getvalue(), "parts": parts(a, b)}
print(json.dumps({"found": found, "equiv": [m for m in sys.modules if m.split(".")[0] == "equiv"]}))
'''  # fmt: skip
"""Runs each script of a folder in a fresh namespace; it knows nothing of equiv."""


def python(*arguments: object, folder: Path, path: str) -> str:
    """Run plain Python in a folder; ``path`` is all of PYTHONPATH."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    ran = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=env | ({"PYTHONPATH": path} if path else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def scripts(catalogue, results) -> dict[str, str]:
    """The script of every cell of the run, by the cell's id."""
    layers = {p.cell.id: p.layer for pair in catalogue.layers for p in plan_layer(pair, 0)}
    cells = [j.measured for j in results.report.judged]
    with steady():
        return {m.cell.id: script(m, 0, layers.get(m.cell.id)) for m in cells}


@pytest.fixture(scope="module")
def shown(scripts, tmp_path_factory) -> dict[str, dict]:
    """What each script did: what it printed, what it raised, and how its results part.

    All of them run, those of layers with numpy_layers at hand, the others without.
    """
    found = {}
    for layers in (False, True):
        ids = [i for i in scripts if i.startswith("numpy_layers") == layers]
        folder = tmp_path_factory.mktemp("scripts")
        for number, cell_id in enumerate(ids):
            (folder / f"{number}.py").write_text(scripts[cell_id])
        empty = tmp_path_factory.mktemp("empty")
        out = python("-c", RUN, folder, folder=empty, path=str(ROOT) if layers else "")
        said = json.loads(out.splitlines()[-1])  # LAPACK prints of its own
        assert said["equiv"] == []
        found |= {ids[int(number)]: did for number, did in said["found"].items()}
    return found


def judged(results, *, sort: str = "", rung: str = "", outcome: str = "") -> list[Judged]:
    """List the cells of a run of this sort, rung or outcome; there must be some."""
    found = [
        j
        for j in results.report.judged
        if sort in ("", j.measured.cell.sort)
        and outcome in ("", j.measured.outcome)
        and (not rung or rung in {p.rung for p in j.measured.parts})
    ]
    assert found
    return found


def sides(did: dict) -> tuple[str, str]:
    """Return what a script printed of each side."""
    ours, _, theirs = did["out"].partition("torch:")
    return ours.removeprefix("numpy:"), re.split(r"^autograd:", theirs, flags=re.MULTILINE)[0]


def numbers(printed: str) -> np.ndarray:
    """Read the numbers in what was printed, dtypes and shapes aside."""
    bare = re.sub(r"\w+=\([^)]*\)|of shape \([^)]*\)|\b[a-z_]+\d+\b", " ", printed)
    found = re.findall(r"-?(?:\d+\.?\d*(?:e[+-]?\d+)?|\binf\b|\bnan\b)", bare)
    return np.array([float(number) for number in found])


# --- all scripts ----------------------------------------------------------------------------


def test_every_script_runs(results, shown):
    """No script fails, whatever its cell does."""
    assert len(shown) == len(results.report.judged)
    assert {i: did["error"] for i, did in shown.items() if did["error"]} == {}


def test_every_script_prints_both_results(shown):
    """Each script shows NumPy's result, then torch's."""
    ran = {i: did["out"] for i, did in shown.items() if not did["error"]}
    assert [i for i, out in ran.items() if not re.match(r"numpy: (.|\n)*^torch: ", out, re.M)] == []


def test_scripts_import_numpy_and_torch_alone(scripts):
    """A script needs neither equiv nor, but for a layer's, anything of its project."""
    for cell_id, source in scripts.items():
        imported = {
            name.name if isinstance(node, ast.Import) else node.module
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        }
        own = {"numpy_layers.sheet"} if cell_id.startswith("numpy_layers") else set()
        assert imported <= {"numpy", "torch", "os", "tempfile", *own}, cell_id
        assert "equiv" not in source, cell_id


def test_a_script_opens_with_its_cell(results, scripts):
    """The first line says which cell it is, and on what it parts."""
    for j in results.report.judged:
        rungs = ", ".join(dict.fromkeys(p.rung for p in j.measured.parts))
        first = f"# {j.measured.cell.id}: {rungs or j.measured.outcome}"
        assert scripts[j.measured.cell.id].splitlines()[0] == first


@pytest.mark.parametrize(
    "outcome",
    ["same", "structure", "shape", "dtype", "nan", "value", "sign of zero"],
)
def test_the_results_part_as_was_measured(results, shown, outcome):
    """What a script computes parts, by NumPy's own comparison, where its cell does."""
    own = [j for j in judged(results, outcome=outcome) if j.measured.cell.equal == "exactly"]
    found = {j.measured.cell.id: shown[j.measured.cell.id]["parts"] for j in own}
    assert {i: word for i, word in found.items() if word != outcome} == {}


@pytest.mark.parametrize("rung", ["layout", "aliasing", "gradient"])
def test_what_no_result_shows_parts_results_that_agree(results, shown, rung):
    """Where a rung past the values comes first, both results are the same."""
    found = {
        j.measured.cell.id: shown[j.measured.cell.id]["parts"]
        for j in judged(results, rung=rung)
        if j.measured.outcome == rung
    }
    assert {i: word for i, word in found.items() if word != "same"} == {}


@pytest.mark.parametrize("outcome", ["numpy raises", "torch raises", "both raise"])
def test_a_script_prints_the_exception(results, shown, outcome):
    """A side that raises prints its exception, and the script goes on."""
    for j in judged(results, outcome=outcome):
        for side, raised in zip(("numpy", "torch"), j.measured.raised, strict=True):
            out = shown[j.measured.cell.id]["out"]
            (printed,) = re.findall(rf"^{side}: (.*)", out, re.MULTILINE)
            assert not raised or printed.startswith(f"{raised}("), j.measured.cell.id


def test_a_script_shows_the_numbers_that_were_measured(results, shown):
    """The results are those of the run, from the same inputs, seeds and parameters."""
    compared = 0
    for j in judged(results):
        m = j.measured
        if not m.parts or m.cell.sort == "layer" or m.cell.owner.startswith("numpy_layers"):
            continue
        for measured, raised, out in zip(
            (m.numpy, m.torch), m.raised, sides(shown[m.cell.id]), strict=True
        ):
            first = re.split(r"^  \w", out, flags=re.MULTILINE)[0]
            if raised or "..." in measured + first or "j" in measured or "dtype" in measured:
                continue
            ours, theirs = numbers(measured), numbers(first)
            if ours.size:
                assert ours.size == theirs.size, m.cell.id
                assert np.allclose(ours, theirs, rtol=2e-3, atol=1e-4, equal_nan=True), m.cell.id
                compared += 1
    assert compared > 100


@pytest.mark.parametrize(
    ("rung", "fact"),
    [
        ("dtype", "dtype"),
        ("layout", "C-contiguous"),
        ("aliasing", "shares memory with"),
    ],
)
def test_a_script_shows_what_its_results_do_not(results, shown, rung, fact):
    """A line under each result says what parts, and the two lines differ."""
    missing = []
    for j in judged(results, rung=rung):
        if j.measured.cell.owner.startswith("numpy_layers"):
            continue
        ours, theirs = (
            re.findall(rf"^  .*{fact}.*: (?:torch\.)?(.*)$", out, re.MULTILINE)
            for out in sides(shown[j.measured.cell.id])
        )
        if not ours or ours == theirs:
            missing.append(j.measured.cell.id)
    assert missing == []


def test_a_script_shows_both_gradients(results, shown):
    """Where the gradient parts first, autograd's and the differences' are printed, and differ."""
    for j in judged(results, outcome="gradient"):
        if j.measured.cell.sort == "layer":
            continue
        out = shown[j.measured.cell.id]["out"]
        if j.measured.gradient.word == "refused":
            assert re.search(r"^autograd: \w+\(", out, re.MULTILINE), j.measured.cell.id
            continue
        pairs = re.findall(
            r"^autograd: ((?:.|\n)*?)^differences: ((?:.|\n)*?)(?=^autograd|\Z)", out, re.MULTILINE
        )
        found = [(numbers(a), numbers(b)) for a, b in pairs]
        assert found, j.measured.cell.id
        assert any(a.size != b.size or not np.allclose(a, b, atol=1e-3) for a, b in found), (
            j.measured.cell.id
        )


def test_a_layers_script_shows_both_gradients(results, shown):
    """A layer's gradients by its inputs are printed, and part only where that was measured."""
    for j in judged(results, sort="layer"):
        did = shown[j.measured.cell.id]
        ours = re.findall(r"^numpy, backward: ((?:.|\n)*?)^\w+, ", did["out"], re.MULTILINE)
        theirs = re.findall(
            r"^torch, by [\w]+: ((?:.|\n)*?)(?=^torch|\Z)", did["out"], re.MULTILINE
        )
        a, b = numbers(ours[0]), numbers(theirs[0])
        agree = a.size == b.size and np.allclose(a, b, rtol=1e-3, atol=2e-4, equal_nan=True)
        assert agree == (j.measured.outcome == "same"), j.measured.cell.id
        assert did["parts"] == "same", j.measured.cell.id


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("files", r"^os\.chdir\(tempfile\.mkdtemp\(\)\)$"),
        ("a distribution", r"^np\.random\.seed\("),
        ("columns first", r"np\.asfortranarray\("),
        ("no axes", r"_given = np\.array\(-?\d"),
        ("integers", r"_given = np\.array\(\[-?\d+,"),
        ("booleans", r"_given = np\.array\(\[+(True|False)"),
        ("statements", r"^x\[.*\] = "),
        ("two results", r"^numpy_result = .*, .*\)\n"),
        ("a layer", r"^layer\.load_state\(state\)$"),
    ],
)
def test_the_scripts_that_run_are_of_every_kind(scripts, what, pattern):
    """What the tests above run holds each kind of input and side."""
    assert any(re.search(pattern, source, re.MULTILINE) for source in scripts.values()), what


# --- as pasted ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell_id", "path"),
    [("numpy.std/plain:trap@float64", ""), ("numpy_layers.sheet.Linear/plain@float64", str(ROOT))],
)
def test_a_script_runs_by_itself(scripts, tmp_path, cell_id, path):
    """A script pasted into an empty folder runs with plain Python."""
    (tmp_path / "pasted.py").write_text(scripts[cell_id])
    out = python("pasted.py", folder=tmp_path, path=path)
    assert out.startswith("numpy: ")
    assert "\ntorch: " in out
    assert [p.name for p in tmp_path.iterdir()] == ["pasted.py"]


# --- by hand --------------------------------------------------------------------------------


def spelled(numpy: str, torch: str, **inputs: object) -> tuple[str, Judged]:
    """Return the script of a case, and the cell that it is for."""
    case = Case("plain", numpy=numpy, torch=torch, inputs=inputs)
    op = Op("numpy.f", summary="F.", cases=(case,), parameters={}, source="s")
    report = execute(Catalogue({"io": (op,)}, (), ()))
    return script(report.judged[0].measured), report.judged[0]


def pasted(source: str) -> dict:
    """Run a script here, and return its names."""
    names: dict = {}
    exec(source, names)
    return names


@pytest.mark.parametrize(
    "x",
    [
        real(3, 4),
        real(2, 3, dtype="float32"),
        real(),
        boolean(5),
        integers(-9, 9, (2, 3)),
        integers(0, 9, (4,), dtype="uint8"),
        complex_normal(3),
        values([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-310, 0.1]),
        values([[]]),
    ],
    ids=lambda x: f"{x.kind}-{x.dtype}{list(x.shape)}",
)
def test_inputs_are_spelled_exactly(x, capsys):
    """A small input is given by value, to the last bit, and neither side changes it."""
    source, cell = spelled("x.copy()", "x.clone()", x=x)
    ran = pasted(source)
    wanted = make(cell.measured.cell.code["x"])
    for name in ("x_given", "x"):
        given = np.asarray(ran[name])
        assert (given.dtype, given.shape) == (wanted.dtype, wanted.shape)
        assert given.tobytes() == wanted.tobytes()
    assert "random" not in source
    assert capsys.readouterr().out.startswith("numpy: array(")


def test_inputs_keep_their_layout(capsys):
    """An input that was transposed in memory is so in the script, on both sides."""
    case = Case("plain", numpy="x + 0", torch="x[:, :1].repeat(1, 4)", inputs={"x": real(3, 4)})
    d = Difference("d", probes=("transposed",), shows="value", why="So.", instead="x")
    op = Op("numpy.f", summary="F.", cases=(case,), parameters={}, differences=(d,), source="s")
    judged = execute(Catalogue({"io": (op,)}, (), ())).judged
    (cell,) = (j.measured for j in judged if j.measured.cell.probe == "transposed")
    ran = pasted(script(cell))
    assert ran["x_given"].flags.f_contiguous
    assert ran["x"].stride() == (1, 3)
    capsys.readouterr()


@pytest.mark.parametrize(("size", "generated"), [(64, False), (65, True)])
def test_large_inputs_come_from_their_seed(capsys, size, generated):
    """Up to 64 elements are printed by value, more by what draws them."""
    source, cell = spelled("x + 0", "x + 0", x=real(size))
    assert ("np.random.default_rng(" in source) == generated
    assert (pasted(source)["x_given"] == make(cell.measured.cell.code["x"])).all()
    capsys.readouterr()


def test_an_input_may_have_a_name_a_side(capsys):
    """An input that the sheet calls arr here and tensor there is called so."""
    source, _ = spelled("arr * k", "tensor * k", **{"arr/tensor": real(3), "k": text("")})
    assert "arr = arr_given.copy" in source
    source, _ = spelled("arr.sum()", "tensor.sum()", **{"arr/tensor": real(3)})
    ran = pasted(source)
    assert ran["numpy_result"] == ran["arr_given"].sum()
    assert (ran["tensor"].numpy() == ran["arr_given"]).all()
    capsys.readouterr()


def test_a_changed_input_is_shown(capsys):
    """Where a side writes into its input, the inputs afterwards are printed."""
    source, cell = spelled("x[0] = 9; x.sum()", "x.sum() - x[0] + 9", x=values([1.0, 2.0]))
    assert "mutation" in {p.rung for p in cell.measured.parts}
    ran = pasted(source)
    out = capsys.readouterr().out
    assert "  x afterwards: [9. 2.]\n" in out
    assert "  x afterwards: tensor([1., 2.], dtype=torch.float64)\n" in out
    assert ran["x_given"].tolist() == [1.0, 2.0]


def test_the_dtypes_of_several_results_are_shown(capsys):
    """Where one of two results has another dtype, the two lines say which."""
    source, _ = spelled("np.sin(x), np.cos(x)", "torch.sin(x), torch.cos(x).float()", x=real(3))
    pasted(source)
    ours, theirs = re.findall(r"^  dtype: (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert "float32" not in ours
    assert "float32" in theirs


@pytest.mark.parametrize(
    ("numpy", "torch"),
    [
        ("for i in range(2):\n    x[i] = 0\nx", "for i in range(2):\n    x[i] = 0\nx"),
        ("for i in range(9):\n    x[i] = 0\nx", "for i in range(9):\n    x[i] = 0\nx"),
        ("y = 0\nfor v in x:\n    y = y + v\ny", "y = 0\nfor v in x:\n    y = y + v.detach()\ny"),
    ],
    ids=["same", "both raise", "gradient"],
)
def test_a_side_may_be_of_compound_statements(capsys, numpy, torch):
    """A loop is indented as a whole, where it runs, where it raises and where it is derived."""
    source, _ = spelled(numpy, torch, x=real(4))
    pasted(source)
    assert "torch: " in capsys.readouterr().out


def test_the_gradient_of_several_results_skips_those_without_one(capsys):
    """A result of integers has no cotangent; the others are weighted by theirs."""
    source, cell = spelled(
        "np.argsort(x), np.sort(x) ** 2",
        "torch.argsort(x), torch.sort(x).values.detach() ** 2",
        x=real(3),
    )
    assert cell.measured.outcome == "gradient"
    ran = pasted(source)
    x = ran["x_given"]
    (weights,) = ran["weights"]
    expected = np.empty(3)
    expected[np.argsort(x)] = 2 * np.sort(x) * weights  # d/dx of sum(w * sort(x)**2)
    assert np.allclose([ran["left"], ran["right"]], expected, atol=1e-5)
    capsys.readouterr()


def test_the_gradient_of_a_complex_result_is_weighted_by_the_conjugate(capsys):
    """Both gradients are of the real part of conj(w) times the result."""
    source, cell = spelled(
        "np.exp(1j * x)", "torch.exp(1j * x.detach()) + x - x.detach()", x=real(3)
    )
    assert cell.measured.outcome == "gradient"
    ran = pasted(source)
    (w,) = ran["weights"]
    ours = (np.conj(w) * 1j * np.exp(1j * ran["x_given"])).real
    assert np.allclose([ran["left"], ran["right"]], ours, atol=1e-5)
    assert np.allclose(ran["leaves"][0].grad.numpy(), w.real)
    capsys.readouterr()


@pytest.mark.parametrize(
    "cell_id", ["numpy.std/plain:trap@float64", "numpy.random.rand/centred:trap@declared"]
)
def test_a_seed_is_the_runs(catalogue, capsys, cell_id):
    """The script of another seed has the inputs and the draws of that run."""
    measured, _ = find_cell(catalogue, cell_id, 1)
    names = pasted(script(measured, 1))
    assert np.allclose(np.ravel(names["numpy_result"]), numbers(measured.numpy), rtol=1e-3)
    assert np.allclose(np.ravel(names["torch_result"]), numbers(measured.torch), rtol=1e-3)
    capsys.readouterr()


def test_a_layers_parameters_are_the_runs(catalogue, capsys):
    """The script of a layer has the parameters with which it ran, of its seed."""
    measured, layer = find_cell(catalogue, "numpy_layers.sheet.Linear/plain@float32", 1)
    names = pasted(script(measured, 1, layer))
    worst = measured.worst
    assert worst.error > 0
    assert names["y"][worst.index] == pytest.approx(float(worst.numpy), rel=1e-5)
    capsys.readouterr()
