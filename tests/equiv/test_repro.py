"""Tests of equiv.repro: the scripts of cells run as pasted and show what was measured."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import equiv
from equiv.entry import ABRUPT
from equiv.execute import steady
from equiv.judge import Judged
from equiv.measure import Measured
from equiv.plan import plan_layer
from equiv.repro import script
from equiv.runner import find_cell

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


def parts(a, b, given):
    """Say on what two results of these inputs part first, by NumPy alone."""
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
    floats = [x for x in given if x.dtype.kind in "fc"]
    for x, y in inexact:
        eps = max(float(np.finfo(z.dtype).eps) for z in (x, *floats))
        size = max(float(np.abs(z[np.isfinite(z)]).max(initial=0)) for z in (x, *floats))
        if not np.allclose(x, y, rtol=4096 * eps, atol=64 * eps * size + 5e-324, equal_nan=True):
            return "value"
    if any(x.dtype.kind not in "fc" and (x != y).any() for x, y in arrays):
        return "value"
    if any(v != w for (kind, v), (_, w) in zip(a, b) if kind != "array"):
        return "value"
    for x, y in inexact:
        for p, q in ((x.real, y.real), (x.imag, y.imag)):
            if ((p == 0) & (q == 0) & (np.signbit(p) != np.signbit(q))).any():
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
    given = [x for name, x in names.items() if name.endswith("_given")]
    if "layer" in names:
        given = [x for v in names.values() for kind, x in leaves(v) if kind == "array"]
    found[path.stem] = {"error": error, "out": printed.getvalue(), "parts": parts(a, b, given)}
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
def tried(results) -> list[Judged]:
    """The cells whose scripts are run: all that part, and every fourth of the rest."""
    every = [j for j in results.report.judged if j.measured.outcome not in ABRUPT]
    asked = [bool(j.measured.parts) for j in every]
    rest = [j for j, kept in zip(every, asked, strict=True) if not kept]
    chosen = {j.measured.cell.id for j in rest[::4]}
    return [j for j, kept in zip(every, asked, strict=True) if kept or j.measured.cell.id in chosen]


@pytest.fixture(scope="module")
def scripts(catalogue, tried) -> dict[str, str]:
    """The script of every cell that is tried, by the cell's id."""
    layers = {p.cell.id: p.layer for pair in catalogue.layers for p in plan_layer(pair, 0)}
    cells = [j.measured for j in tried]
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


def judged(
    tried: list[Judged], *, sort: str = "", rung: str = "", outcome: str = ""
) -> list[Judged]:
    """List the cells of a run of this sort, rung or outcome; there must be some."""
    found = [
        j
        for j in tried
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


def slopes(out: str) -> list[tuple[str, str, str]]:
    """Return what was printed of each gradient: autograd's, and those from left and right."""
    parts = (r"autograd: ", r"differences, from the left: ", r"differences, from the right: ")
    pattern = "".join(rf"^{part}((?:.|\n)*?)" for part in parts) + r"(?=^autograd|\Z)"
    return re.findall(pattern, out, re.MULTILINE)


def numbers(printed: str) -> np.ndarray:
    """Read the numbers in what was printed, dtypes and shapes aside."""
    bare = re.sub(r"\w+=\([^)]*\)|of shape \([^)]*\)|\b[a-z_]+\d+\b", " ", printed)
    found = re.findall(r"-?(?:\d+\.?\d*(?:e[+-]?\d+)?|\binf\b|\bnan\b)", bare)
    return np.array([float(number) for number in found])


# --- all scripts ----------------------------------------------------------------------------


def test_every_script_runs(tried, shown):
    """No script fails, whatever its cell does."""
    assert len(shown) == len(tried)
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
        own = {cell_id.partition("/")[0].rpartition(".")[0]}
        assert imported <= {"numpy", "torch", "os", "tempfile", *own}, cell_id
        assert "equiv" not in source, cell_id


def test_a_script_opens_with_its_cell(tried, scripts):
    """The first line says which cell it is, and on what it parts."""
    for j in tried:
        rungs = ", ".join(dict.fromkeys(p.rung for p in j.measured.parts))
        first = f"# {j.measured.cell.id}: {rungs or j.measured.outcome}"
        assert scripts[j.measured.cell.id].splitlines()[0] == first


SIGNLESS = re.compile(r"numpy\.fft\.|sheet/fft/|numpy\.ndarray\.__mod__")
"""Whose zeros are what rounding or a remainder leaves: their signs are not compared."""


@pytest.mark.parametrize(
    "outcome",
    ["same", "structure", "shape", "dtype", "nan", "value", "sign of zero"],
)
def test_the_results_part_as_was_measured(tried, shown, outcome):
    """What a script computes parts, by NumPy's own comparison, where its cell does."""
    own = [j for j in judged(tried, outcome=outcome) if j.measured.cell.equal == "exactly"]
    own = [j for j in own if not in_a_buffer(j.measured)]
    found = {j.measured.cell.id: shown[j.measured.cell.id]["parts"] for j in own}
    assert {i: word for i, word in found.items() if unlike(i, word, outcome)} == {}


def in_a_buffer(measured: Measured) -> bool:
    """Say whether a layer parts in what it keeps, and not in what it returns."""
    first = measured.parts[0].where.partition("[")[0] if measured.parts else ""
    return measured.cell.sort == "layer" and first not in ("", "output")


def unlike(cell_id: str, word: str, outcome: str) -> bool:
    """Say whether what a script's results part on is another than was measured."""
    signless = outcome == "same" and word == "sign of zero" and SIGNLESS.match(cell_id)
    return word != outcome and not signless


@pytest.mark.parametrize("rung", ["layout", "aliasing", "gradient"])
def test_what_no_result_shows_parts_results_that_agree(tried, shown, rung):
    """Where a rung past the values comes first, both results are the same."""
    found = {
        j.measured.cell.id: shown[j.measured.cell.id]["parts"]
        for j in judged(tried, rung=rung)
        if j.measured.outcome == rung
    }
    assert {i: word for i, word in found.items() if unlike(i, word, "same")} == {}


@pytest.mark.parametrize("outcome", ["numpy raises", "torch raises", "both raise"])
def test_a_script_prints_the_exception(tried, shown, outcome):
    """A side that raises prints its exception, and the script goes on."""
    for j in judged(tried, outcome=outcome):
        for side, raised in zip(("numpy", "torch"), j.measured.raised, strict=True):
            out = shown[j.measured.cell.id]["out"]
            (printed,) = re.findall(rf"^{side}: (.*)", out, re.MULTILINE)
            assert not raised or printed.startswith(f"{raised}("), j.measured.cell.id


def test_a_script_shows_the_numbers_that_were_measured(tried, shown):
    """The results are those of the run, from the same inputs, seeds and parameters."""
    compared = 0
    for j in judged(tried):
        m = j.measured
        if not m.parts or m.cell.sort == "layer" or m.cell.owner.startswith("numpy_layers"):
            continue
        if j.explanation == "difference expanded":  # torch.median reads what was never written
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
def test_a_script_shows_what_its_results_do_not(tried, shown, rung, fact):
    """A line under each result says what parts, and the two lines differ."""
    missing = []
    for j in judged(tried, rung=rung):
        if j.measured.cell.owner.startswith("numpy_layers"):
            continue
        ours, theirs = (
            re.findall(rf"^  .*{fact}.*: (?:torch\.)?(.*)$", out, re.MULTILINE)
            for out in sides(shown[j.measured.cell.id])
        )
        if not ours or ours == theirs:
            missing.append(j.measured.cell.id)
    assert missing == []


def test_a_script_shows_both_gradients(tried, shown):
    """Where the gradient parts first, autograd's and the differences' are printed, and differ."""
    for j in judged(tried, outcome="gradient"):
        if j.measured.cell.sort == "layer":
            continue
        out = shown[j.measured.cell.id]["out"]
        if j.measured.gradient.word == "refused":
            assert re.search(r"^autograd: \w+\(", out, re.MULTILINE), j.measured.cell.id
            continue
        found = [tuple(map(numbers, printed)) for printed in slopes(out)]
        assert found, j.measured.cell.id
        assert any(
            a.size != b.size or not np.allclose(a, b, atol=1e-3) for a, *both in found for b in both
        ), j.measured.cell.id


def test_a_layers_script_shows_both_gradients(tried, shown):
    """A layer's gradients by its inputs are printed, and part only where that was measured."""
    compared, wrong = 0, []
    for j in judged(tried, sort="layer"):
        did = shown[j.measured.cell.id]
        if any(j.measured.raised) or "numpy, backward: None" in did["out"]:
            continue
        ours = re.findall(r"^numpy, backward: ((?:.|\n)*?)^\w+, ", did["out"], re.MULTILINE)
        theirs = re.findall(
            r"^torch, by (?!parameter)\w+: ((?:.|\n)*?)(?=^torch|\Z)", did["out"], re.MULTILINE
        )
        if not ours or "..." in did["out"]:
            continue
        a, b = numbers(ours[0]), np.concatenate([np.array([]), *map(numbers, theirs)])
        if any("None" in printed for printed in theirs):  # torch's word for no dependence
            b = np.zeros(a.size)
        agree = a.size == b.size and np.allclose(a, b, rtol=1e-3, atol=2e-4, equal_nan=True)
        parted = "gradient" in {p.rung for p in j.measured.parts}
        gradient = j.measured.gradient
        printed = re.findall(r"^torch, by (\w+): ", did["out"], re.MULTILINE)
        elsewhere = parted and not any(f"[{name!r}]" in gradient.where for name in printed)
        small = parted and gradient.error < 1e-3
        compared += 1
        if not (agree != parted or small or elsewhere):
            wrong.append(j.measured.cell.id)
    assert wrong == []
    assert compared > 1000


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("files", r"^os\.chdir\(tempfile\.mkdtemp\(\)\)$"),
        ("a distribution", r"^np\.random\.seed\("),
        ("columns first", r"np\.asfortranarray\("),
        ("no axes", r"_given = np\.array\(-?\d"),
        ("every other element", r"^x = np\.repeat\(.*\)\[\.\.\., ::2\]$"),
        ("backwards", r"^x = np\.flip\(np\.flip\("),
        ("repeated", r"^x = \(lambda x: np\.broadcast_to\("),
        ("a number for an array", r"^\w+ = 300$"),
        ("both slopes", r'^    print\("differences, from the right:", right\)$'),
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


# --- what never returns ---------------------------------------------------------------------


def test_a_script_of_what_never_returns_ends_by_itself(results):
    """It shows the other side first, and has the system end what hangs."""
    hung = [j.measured for j in results.report.judged if j.measured.outcome == "numpy hangs"]
    assert hung
    for measured in hung:
        source = script(measured).replace("signal.alarm(5)", "signal.alarm(1)")
        ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
        assert ran.returncode == -signal.SIGALRM
        assert ran.stdout.startswith("torch: ")
        assert "numpy:" not in ran.stdout


# --- other seeds ----------------------------------------------------------------------------


def pasted(source: str) -> dict:
    """Run a script here, and return its names."""
    names: dict = {}
    exec(source, names)
    return names


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
