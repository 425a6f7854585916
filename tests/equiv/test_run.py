"""Tests of equiv.runner: what a run takes, one cell alone, and that it gives the same again."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import equiv
from equiv.catalogue import Catalogue
from equiv.entry import Case, EquivError, Op, integers, real
from equiv.plan import plan_ops
from equiv.report import FORMATS, write
from equiv.results import Results
from equiv.runner import execute, find_cell, run

ROOT = Path(equiv.__file__).parent.parent
SUM = Case("plain", numpy="np.sum(x, axis=0)", torch="torch.sum(x, dim=0)")


def op(case: Case, name: str = "numpy.f") -> Op:
    """Return an op of one case on one matrix."""
    return Op(
        name,
        summary="F.",
        inputs={"x": real(3, 4)},
        cases=(case,),
        parameters={},
        source="hand-made",
    )


# --- what a run takes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "numpy.std",
        "numpy.ndarray.__getitem__[boolean mask]",
        "Zeros/Ones",
        "Linear Algebra - Norm",
        "numpy_layers.sheet.Linear",
    ],
)
def test_a_name_takes_its_own_cells(catalogue, results, name):
    """The name of an op, brackets and all, a row or a layer takes all of its cells."""
    report = execute(catalogue, match=name)
    cells = results.cells
    assert [j.measured.cell.id for j in report.judged] == list(cells["id"][cells["owner"] == name])


@pytest.mark.parametrize(
    "cell_id",
    [
        "numpy.std/axis@float64",
        "numpy.std/plain:trap@float64",
        "numpy.std/axis@uint8",
        "numpy.std/axis@all-nan",
        "numpy_layers.sheet.Linear/plain@float32",
    ],
)
def test_the_id_of_a_cell_takes_that_cell(catalogue, cell_id):
    """The id of an op's or a layer's cell takes it alone."""
    report = execute(catalogue, match=cell_id)
    assert [j.measured.cell.id for j in report.judged] == [cell_id]


@pytest.mark.parametrize("cell", ["1@declared", "1:port@declared"])
def test_the_id_of_a_claims_cell_takes_the_claim(catalogue, cell):
    """A claim is judged over all its cells, so the id of one of them takes them all."""
    report = execute(catalogue, match=f"sheet/zeros-ones/{cell}")
    assert {j.measured.cell.case for j in report.judged} == {"1", "1:port"}


@pytest.mark.parametrize(
    ("glob", "owners"),
    [
        ("numpy.st?", {"numpy.std"}),
        ("numpy.s[pt]*[!s]", {"numpy.std", "numpy.split", "numpy.stack"}),
        ("sheet/zeros-ones/*", {"Zeros/Ones"}),
        ("*t.Linear", {"numpy_layers.sheet.Linear"}),
    ],
)
def test_a_glob_takes_what_it_matches(catalogue, glob, owners):
    """A glob is held against names and ids."""
    report = execute(catalogue, match=glob)
    assert {j.measured.cell.owner for j in report.judged} == owners


@pytest.mark.parametrize("glob", ["numpy.stdd", "*numpy.stdd*"])
def test_a_glob_that_matches_nothing_names_what_is_near(catalogue, glob):
    """A misspelled name is an error that says what was meant."""
    with pytest.raises(EquivError, match=r"did you mean numpy\.std\b"):
        execute(catalogue, match=glob)


def test_a_glob_that_matches_nothing_at_all_is_an_error(catalogue):
    """A run of no cell is no clean run."""
    with pytest.raises(EquivError, match="matches no op, row, layer or cell; `equiv lookup`"):
        run(catalogue, match="qqqq")


# --- one cell -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell_id",
    [
        "numpy.std/axis@float64",
        "numpy.std/plain:trap@float64",
        "sheet/zeros-ones/1@declared",
        "sheet/zeros-ones/1:port@declared",
        "numpy.std/axis@float32",
        "numpy.std/axis@nan",
        "rules/kink@witness",
        "numpy_layers.sheet.Linear/plain@float32",
    ],
)
def test_a_cell_found_by_its_id_is_the_one_that_ran(catalogue, results, cell_id):
    """A cell that is run alone gives what it gave in the whole run."""
    measured, layer = find_cell(catalogue, cell_id)
    ran = next(j.measured for j in results.report.judged if j.measured.cell.id == cell_id)
    assert (measured.cell, measured.parts, measured.worst) == (ran.cell, ran.parts, ran.worst)
    assert (layer is not None) == cell_id.startswith("numpy_layers")


@pytest.mark.parametrize(
    "cell_id", ["numpy.std/plain:trap@float64", "numpy_layers.sheet.Linear/plain@float64"]
)
def test_a_cell_of_another_seed_is_that_runs(catalogue, results, cell_id):
    """A seed gives a cell, its inputs and a layer's parameters, as a run with it does."""
    measured, _ = find_cell(catalogue, cell_id, 1)
    (ran,) = execute(catalogue, match=cell_id, seed=1).judged
    first = next(j.measured for j in results.report.judged if j.measured.cell.id == cell_id)
    assert (measured.worst, measured.gradient) == (ran.measured.worst, ran.measured.gradient)
    assert (measured.worst, measured.gradient) != (first.worst, first.gradient)


def test_an_id_that_there_is_not_names_the_nearest(catalogue):
    """A misspelled id is an error that names ids like it."""
    with pytest.raises(EquivError, match=r"the nearest are .*numpy\.std/axis@float64"):
        find_cell(catalogue, "numpy.std/axis@float46")


# --- the same again -------------------------------------------------------------------------


def test_an_op_alone_gives_what_it_gives_among_others(catalogue, results):
    """What a cell gives does not depend on the cells before it, to the last digit."""
    alone = Results(execute(catalogue, match="numpy.std")).cells
    among = results.cells[results.cells["owner"] == "numpy.std"].reset_index(drop=True)
    assert alone.equals(among)


def test_another_op_changes_no_inputs(catalogue):
    """Adding an op, a case or an input to one changes nobody else's numbers."""
    before = {p.cell.id: p.cell.code for c in plan_ops(catalogue, 0) for p in c.planned}
    new = op(SUM, name="numpy.aaa")
    old = catalogue.ops["numpy.std"]
    wider = dataclasses.replace(
        old,
        inputs={"k": integers(0, 9, (3,)), **old.inputs},
        cases=(Case("new", numpy="np.std(k)", torch="torch.std(k)"), *old.cases),
    )
    areas = {
        area: (new, *(wider if entry is old else entry for entry in ops))
        for area, ops in catalogue.areas.items()
    }
    after = dataclasses.replace(catalogue, areas=areas)
    codes = {p.cell.id: p.cell.code for c in plan_ops(after, 0) for p in c.planned}
    added = codes.keys() - before.keys()
    assert {i.partition("@")[0] for i in added} == {"numpy.aaa/plain", "numpy.std/new"}
    assert {i: codes[i] for i in before} == before


def test_a_run_leaves_the_random_states_alone():
    """The random numbers of who runs it go on as if nothing had run."""
    case = Case("plain", numpy="np.random.rand(3)", torch="torch.rand(3, dtype=torch.float64)")
    ours, theirs = np.random.get_state()[1].copy(), torch.get_rng_state()
    alone = op(dataclasses.replace(case, equal="as a distribution"))
    execute(Catalogue({"random": (alone,)}, (), ()))
    assert (np.random.get_state()[1] == ours).all()
    assert torch.equal(torch.get_rng_state(), theirs)


def test_the_same_seed_writes_the_same_bytes(catalogue, results, tmp_path):
    """Runs with one seed write the same files: in one process, and in one of its own."""
    np.random.seed(7)
    torch.manual_seed(7)
    write(results, tmp_path / "one", tuple(FORMATS))
    write(Results(execute(catalogue)), tmp_path / "two", tuple(FORMATS))
    command = [sys.executable, "-m", "equiv", "report", "-o", "three"]
    subprocess.run(
        [*command, "--format", ",".join(FORMATS)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
    )
    one, two, three = (
        {p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two", "three")
    )
    assert set(one) == {name for files in FORMATS.values() for name in files}
    assert [name for name in one if two[name] != one[name]] == []
    assert [name for name in one if three[name] != one[name]] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_another_seed_changes_inputs_and_no_outcome(catalogue, results, seed):
    """What the report says does not hang on the numbers that were drawn."""
    other = Results(execute(catalogue, seed=seed))
    said = ["id", "outcome", "explanation", "finding"]
    assert other.cells[said].equals(results.cells[said])
    codes = {j.measured.cell.id: j.measured.cell.code for j in results.report.judged}
    drawn = {i for i, code in codes.items() if "default_rng" in str(code)}
    moved = {
        j.measured.cell.id
        for j in other.report.judged
        if j.measured.cell.code != codes[j.measured.cell.id]
    }
    assert drawn
    assert moved == drawn
