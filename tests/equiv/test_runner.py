"""Tests of equiv.runner: trust in small, what a run takes, and that it gives the same again."""

import dataclasses
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

import equiv
from equiv.catalogue import Catalogue
from equiv.entry import (
    Case,
    Claim,
    Difference,
    EquivError,
    Op,
    PerRank,
    Row,
    Tolerance,
    Trap,
    integers,
    per_rank,
    real,
    values,
)
from equiv.inputs import make
from equiv.plan import plan_claim, plan_layer, plan_ops, plan_port
from equiv.report import FORMATS, write
from equiv.results import Results
from equiv.runner import Report, execute, find_cell, run

ROOT = Path(equiv.__file__).parent.parent


def op(*cases: Case, name: str = "numpy.f", differences: tuple[Difference, ...] = ()) -> Op:
    """Return an op of these cases on one matrix."""
    return Op(
        name,
        summary="F.",
        inputs={"x": real(3, 4)},
        cases=cases,
        parameters={},
        differences=differences,
        source="hand-made",
    )


def small(*ops: Op, rows: tuple[Row, ...] = (), layers: tuple = (), match: str = "") -> Report:
    """Run a catalogue of these entries alone."""
    return execute(Catalogue({"reduction": ops}, rows, layers), match=match)


def found(report: Report) -> list[tuple[str, str]]:
    """List the kind and the place of each finding."""
    return [(f.kind, f.place) for f in report.findings]


def changed(entry: Op, case_id: str, **fields: object) -> Op:
    """Return an op of the real catalogue with other fields in one of its cases."""
    cases = [dataclasses.replace(c, **fields) if c.id == case_id else c for c in entry.cases]
    return dataclasses.replace(entry, cases=tuple(cases))


# --- ports ----------------------------------------------------------------------------------

SUM = Case("plain", numpy="np.sum(x, axis=0)", torch="torch.sum(x, dim=0)")


def test_a_sound_entry_has_no_finding():
    """What the following tests break is whole to begin with."""
    assert small(op(SUM)).findings == ()


def test_std_without_its_correction_is_broken(catalogue):
    """numpy.std without correction=0 is told by worst element, both values and tolerance."""
    entry = changed(catalogue.ops["numpy.std"], "axis", torch="torch.std(x, dim=1, keepdim=True)")
    report = small(entry)
    assert found(report) == [("broken", "numpy.std/axis@float64")]
    cell = next(j.measured.cell for j in report.judged if j.finding)
    x = make(cell.code["x"]).copy()
    ours, theirs = np.std(x, axis=1), torch.std(torch.from_numpy(x), dim=1)
    at = ours.argmax()  # each is too large by sqrt(n / (n - 1)), n being 4
    assert report.findings[0].message == (
        f"expected agreement, found value: worst at [{at}, 0], "
        f"numpy {ours[at].item()!r}, torch {theirs[at].item()!r}; "
        f"the smallest relative tolerance that would pass is {(4 / 3) ** 0.5 - 1:.2g}"
    )


@pytest.mark.parametrize(
    ("numpy", "torch", "rung"),
    [
        ("np.sum(x, axis=9)", "torch.sum(x, dim=9)", "both raise"),
        ("np.sum(x, axis=9)", "torch.sum(x)", "numpy raises"),
        ("np.sum(x)", "torch.no_such(x)", "torch raises"),
        ("np.max(x, axis=0)", "torch.max(x, dim=0)", "structure"),
        ("np.sum(x, axis=0, keepdims=True)", "torch.sum(x, dim=0)", "shape"),
        ("x * 2", "(x * 2).float()", "dtype"),
        ("np.sqrt(x)", "torch.nan_to_num(torch.sqrt(x))", "nan"),
        ("np.std(x)", "torch.std(x)", "value"),
        ("x * 0", "x.abs() * 0", "sign of zero"),
        ("np.copy(x)", "x", "aliasing"),
        ("x + 1", "x.add_(1).clone()", "mutation"),
        ("np.sum(x)", "2 * torch.sum(x.detach()) - torch.sum(x)", "gradient"),
    ],
)
def test_a_wrong_port_is_broken(numpy, torch, rung):
    """A port that is wrong on one rung is broken there."""
    report = small(op(Case("plain", numpy=numpy, torch=torch)))
    assert found(report) == [("broken", "numpy.f/plain@float64")]
    assert report.findings[0].message.startswith(f"expected agreement, found {rung}")


def test_the_layout_is_compared_where_a_case_asks():
    """A case about the layout in memory is broken where the layout differs."""
    case = Case("plain", numpy="x.T.copy()", torch="x.T.clone()", layout=True)
    assert "found layout" in small(op(case)).findings[0].message
    assert small(op(dataclasses.replace(case, layout=False))).findings == ()


def test_a_tolerance_may_be_overridden():
    """A case with a tolerance of its own is held against that one."""
    case = Case("plain", numpy="np.std(x)", torch="torch.std(x)", no_gradient="It is another's.")
    off = (12 / 11) ** 0.5 - 1  # of 12 elements
    wide, narrow = (Tolerance(relative=off * f, why="So.") for f in (1.01, 0.99))
    assert small(op(dataclasses.replace(case, tolerance=wide))).findings == ()
    for tolerance in (narrow, None):
        report = small(op(dataclasses.replace(case, tolerance=tolerance)))
        assert found(report) == [("broken", "numpy.f/plain@float64")]


def test_a_declared_exception_is_no_finding():
    """A case whose point is that both sides raise says so."""
    case = Case("bounds", numpy="x[9]", torch="x[9]", raises="IndexError")
    assert small(op(case)).findings == ()
    assert found(small(op(dataclasses.replace(case, raises="TypeError"))))[0][0] == "broken"


@pytest.mark.parametrize(
    ("x", "numpy", "torch"),
    [
        (values([2.0, 2.0]), "np.sum(x)", "torch.sum(x)"),
        (real(0, 3), "np.sum(x)", "torch.sum(x)"),
        (real(3), "x[0] = 1; None", "x[0] = 1; None"),
    ],
    ids=["one value", "empty", "None"],
)
def test_a_case_that_exercises_nothing_is_vacuous(x, numpy, torch):
    """Agreement on inputs or results that show nothing is a finding."""
    report = small(op(Case("plain", numpy=numpy, torch=torch, inputs={"x": x})))
    assert found(report) == [("vacuous", "numpy.f/plain@float64")]


# --- traps ----------------------------------------------------------------------------------


def test_a_trap_that_agrees_is_stale():
    """A warning of something that goes well is a finding."""
    trap = Trap("x.sum(dim=0)", shows="value", why="So.")
    report = small(op(dataclasses.replace(SUM, trap=trap)))
    assert found(report) == [("stale", "numpy.f/plain:trap@float64")]


def test_a_trap_that_shows_another_rung_is_stale():
    """A trap must go wrong in the way that it says."""
    trap = Trap("torch.sum(x)", shows="value", why="So.")
    report = small(op(dataclasses.replace(SUM, trap=trap)))
    assert found(report) == [("stale", "numpy.f/plain:trap@float64")]
    assert "should show value, found shape" in report.findings[0].message
    shape = dataclasses.replace(trap, shows="shape")
    assert small(op(dataclasses.replace(SUM, trap=shape))).findings == ()


MAX = Case("plain", numpy="np.max(x)", torch="x[x == x].max()")


def test_a_trap_runs_under_the_probe_that_it_names():
    """A trap that needs a NaN to go wrong is stale without one."""
    trap = Trap("x[x == x].max()", shows="nan", why="So.", under="nan")
    sound = Case("plain", numpy="np.max(x)", torch="torch.max(x)", trap=trap)
    assert small(op(sound)).findings == ()
    bare = dataclasses.replace(sound, trap=dataclasses.replace(trap, under=""))
    assert found(small(op(bare))) == [("stale", "numpy.f/plain:trap@float64")]


# --- differences ----------------------------------------------------------------------------

NAN = Difference("nan", probes=("nan",), shows="nan", why="So.", instead="torch.max(x)")


def test_a_difference_brings_its_probe_and_explains_it():
    """The probe that a difference names is run, and parts as it says."""
    report = small(op(MAX, differences=(NAN,)))
    assert report.findings == ()
    assert {j.measured.cell.id: j.explanation for j in report.judged} == {
        "numpy.f/plain@float64": "",
        "numpy.f/plain@nan": "difference nan",
    }


@pytest.mark.parametrize(
    "fields", [{"probes": ("ties",)}, {"shows": "value"}], ids=["agrees", "another rung"]
)
def test_a_difference_that_does_not_show_is_stale(fields):
    """A difference is a finding, at its cell and by its name, where it does not show."""
    report = small(op(MAX, differences=(dataclasses.replace(NAN, **fields),)))
    cell = f"numpy.f/plain@{fields.get('probes', NAN.probes)[0]}"
    assert found(report) == [("stale", "numpy.f/nan"), ("stale", cell)]


def test_a_difference_does_not_excuse_a_wrong_value():
    """On the declared inputs a wrong value stays broken, whatever is written beside it."""
    own = Difference("own", probes=("float64",), shows="value", why="So.", instead="x")
    report = small(op(Case("plain", numpy="np.std(x)", torch="torch.std(x)"), differences=(own,)))
    assert ("broken", "numpy.f/plain@float64") in found(report)


def test_two_differences_for_one_rung_are_ambiguous():
    """A rung has one explanation."""
    report = small(op(MAX, differences=(NAN, dataclasses.replace(NAN, id="again"))))
    assert ("ambiguous", "numpy.f/plain@nan") in found(report)


def test_a_difference_that_shows_beside_a_finding_is_not_called_stale():
    """What two differences explain is shown by both: the message sends nobody astray."""
    report = small(op(MAX, differences=(NAN, dataclasses.replace(NAN, id="again"))))
    assert found(report) == [("ambiguous", "numpy.f/plain@nan")]


def test_a_second_rung_under_a_probe_is_unexplained():
    """A difference explains its own rung and no other."""
    dtype = "torch.float32 if x.isnan().any() else torch.float64"
    case = dataclasses.replace(MAX, torch=f"x[x == x].max().to({dtype})")
    report = small(op(case, differences=(NAN,)))
    assert ("unexplained", "numpy.f/plain@nan") in found(report)


def test_a_probe_that_there_is_not_is_refused():
    """A difference with a misspelled probe is an error, not a probe that is left out."""
    with pytest.raises(EquivError, match="probe 'nans' is unknown"):
        small(op(MAX, differences=(dataclasses.replace(NAN, probes=("nans",)),)))


# --- the sheet ------------------------------------------------------------------------------


def row(**fields: object) -> Row:
    """Return a row of one claim, on a vector and on a matrix."""
    bind = {"x": per_rank(real(4), real(3, 4))}
    return Row("A Row", summary="A", claims=(Claim(op="numpy.f", bind=bind, **fields),))


SAME = {"numpy": "np.abs(x)", "torch": "torch.abs(x)"}
FLOAT32 = {"numpy": "np.abs(x)", "torch": "torch.abs(x).float()"}
NO = {"holds": False, "shows": "dtype", "why": "So."}


@pytest.mark.parametrize(
    "said",
    [SAME, {**FLOAT32, **NO}, {**FLOAT32, "denies": True, "why": "So."}],
    ids=["holds", "does not hold", "denies"],
)
def test_a_claim_typed_as_it_runs_has_no_finding(said):
    """A claim is clean where it is what the sheet's row says it is."""
    report = small(rows=(row(**said),))
    assert report.findings == ()
    assert {j.measured.cell.probe for j in report.judged} == {
        "rank1", "rank1-ties", "rank2", "rank2-transposed", "rank2-ties",
    }  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [FLOAT32, {**SAME, **NO}, {**FLOAT32, **NO, "shows": "value"}, {**SAME, "denies": True}],
    ids=["holds", "does not hold", "another rung", "denies"],
)
def test_a_claim_typed_wrongly_is_stale(said):
    """A claim that runs otherwise than it says is a finding, once."""
    assert found(small(rows=(row(**said),))) == [("stale", "sheet/a-row/1@rank1")]


def test_a_claims_port_must_hold():
    """What is offered in a claim's place is run on the same inputs, and broken where it parts."""
    sound = small(rows=(row(**FLOAT32, **NO, port="torch.abs(x)"),))
    assert sound.findings == ()
    wrong = small(rows=(row(**FLOAT32, **NO, port="torch.abs(x).clip(max=1)"),))
    assert ("broken", "sheet/a-row/1:port@rank2") in found(wrong)


def test_a_claim_that_numpy_never_takes_is_vacuous():
    """A claim that nothing was tried on is a finding."""
    report = small(rows=(row(numpy="np.abs(x, 1, 2, 3)", torch="torch.abs(x)"),))
    assert found(report)[0] == ("vacuous", "sheet/a-row/1@rank1")


# --- layers ---------------------------------------------------------------------------------


@pytest.fixture
def sigmoid(catalogue):
    """Return the sheet's Sigmoid with its first case alone."""
    pair = next(p for p in catalogue.layers if p.name.endswith(".Sigmoid"))
    return dataclasses.replace(pair, cases=pair.cases[:1])


def of_sigmoid(pair, **fields):
    """Return the pair with other fields in its case."""
    return dataclasses.replace(pair, cases=(dataclasses.replace(pair.cases[0], **fields),))


def test_a_layer_with_another_twin_is_broken(sigmoid):
    """A layer that is not its twin is broken in both dtypes."""
    wrong = of_sigmoid(sigmoid, twin="torch.nn.Tanh()")
    assert small(layers=(sigmoid,)).findings == ()
    assert found(small(layers=(wrong,))) == [
        ("broken", "numpy_layers.sheet.Sigmoid/plain@float64"),
        ("broken", "numpy_layers.sheet.Sigmoid/plain@float32"),
    ]


def test_a_layers_trap_must_show(sigmoid):
    """A layer's trap is run, and stale where it agrees."""
    trap = Trap("torch.tanh(x)", shows="value", why="So.")
    assert small(layers=(of_sigmoid(sigmoid, trap=trap),)).findings == ()
    agrees = dataclasses.replace(trap, torch="torch.sigmoid(x)")
    assert found(small(layers=(of_sigmoid(sigmoid, trap=agrees),))) == [
        ("stale", "numpy_layers.sheet.Sigmoid/plain:trap@float64")
    ]


def test_a_layers_difference_must_show(sigmoid):
    """A layer's difference that no cell shows is stale."""
    d = Difference("d", probes=("float32",), shows="value", why="So.", instead="x")
    report = small(layers=(dataclasses.replace(sigmoid, differences=(d,)),))
    assert found(report) == [
        ("stale", "numpy_layers.sheet.Sigmoid/d"),
        ("stale", "numpy_layers.sheet.Sigmoid/plain@float32"),
    ]


# --- the catalogue --------------------------------------------------------------------------


def test_the_catalogue_has_no_finding(results):
    """Everything that the catalogue says is what ran."""
    assert [str(f) for f in results.findings] == []


def test_every_planned_cell_is_reported_once(catalogue, results):
    """No cell is lost, none runs twice, and no two have one id."""
    planned = [p.cell.id for cells in plan_ops(catalogue, 0) for p in cells.planned]
    for sheet_row in catalogue.rows:
        for number, claim in enumerate(sheet_row.claims, 1):
            planned += [c.id for c in plan_claim(sheet_row, number, claim, 0)]
            planned += [c.id for c in plan_port(sheet_row, number, claim, 0)]
    planned += [p.cell.id for pair in catalogue.layers for p in plan_layer(pair, 0)]
    assert [i for i, count in Counter(planned).items() if count > 1] == []
    assert sorted(planned) == sorted(j.measured.cell.id for j in results.report.judged)


def test_every_case_trap_and_probe_of_the_ops_is_planned(catalogue):
    """Each case has a cell, one more for its trap, and one for each probe of its differences."""
    for cells in plan_ops(catalogue, 0):
        entry = cells.op
        for case in entry.cases:
            own = [p.cell for p in cells.planned if p.case is case]
            sorts = Counter(c.sort for c in own)
            about = [d for d in entry.differences if not d.cases or case.id in d.cases]
            named = {probe for d in about for probe in d.probes}
            probes = {c.probe for c in own if c.sort == "case"}
            assert sorts["trap"] == (1 if case.trap else 0), (entry.name, case.id)
            assert sorts["case"] == len(probes), (entry.name, case.id)
            assert named <= probes, (entry.name, case.id)
            assert len(probes - named) <= 1, (entry.name, case.id)


def test_a_case_is_run_as_it_says(catalogue):
    """What a case says of its comparison reaches its cells; gradients are its own inputs' alone."""
    said = ("numpy", "equal", "reconstruct", "layout", "files", "tolerance", "no_gradient")
    for cells in plan_ops(catalogue, 0):
        for p in cells.planned:
            assert [getattr(p.cell, name) for name in said] == [
                getattr(p.case, name) for name in said
            ], p.cell.id
            tried = p.case.equal == "exactly" and not (p.case.files or p.case.no_gradient)
            assert p.cell.gradient == (tried and p.own), p.cell.id


def test_a_layer_case_is_run_as_it_says(catalogue):
    """Every backward that a layer's case names, by every input that it names, is compared."""
    for pair in catalogue.layers:
        for p in plan_layer(pair, 0):
            assert (p.layer.backwards, p.layer.wrt) == (p.case.backwards, p.case.wrt), p.cell.id


def test_every_claim_is_planned_at_every_rank(catalogue):
    """A claim has cells for each option of its bindings."""
    for sheet_row in catalogue.rows:
        for number, claim in enumerate(sheet_row.claims, 1):
            options = [v for v in claim.bind.values() if isinstance(v, PerRank)]
            probes = {c.probe.partition("-")[0] for c in plan_claim(sheet_row, number, claim, 0)}
            if options:
                assert len(probes) == len(options[0].options), (sheet_row.title, number)
            else:
                assert probes, (sheet_row.title, number)


def test_every_layer_case_is_planned_in_both_dtypes(catalogue):
    """A layer's case has a float64 and a float32 cell."""
    for pair in catalogue.layers:
        ids = {p.cell.id for p in plan_layer(pair, 0)}
        for case in pair.cases:
            assert {f"{pair.name}/{case.id}@float64", f"{pair.name}/{case.id}@float32"} <= ids


def test_each_cell_is_announced_as_it_runs(catalogue):
    """The progress is told of every cell."""
    seen: list[str] = []
    report = execute(catalogue, match="numpy.std", advance=seen.append)
    assert seen == [j.measured.cell.id for j in report.judged]


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
        ("*.Linear", {"numpy_layers.sheet.Linear"}),
    ],
)
def test_a_glob_takes_what_it_matches(catalogue, glob, owners):
    """A glob is held against names and ids."""
    report = execute(catalogue, match=glob)
    assert {j.measured.cell.owner for j in report.judged} == owners


def test_part_of_an_op_leaves_its_differences_alone():
    """A difference is stale only where the whole of its op ran."""
    entry = op(MAX, differences=(dataclasses.replace(NAN, probes=("ties",)),))
    report = small(entry, match="numpy.f/plain@float64")
    assert (report.findings, report.whole) == ((), False)
    assert small(entry).whole


def test_part_of_a_layer_leaves_its_differences_alone(sigmoid):
    """A layer's difference is stale only where the whole of its pair ran."""
    d = Difference("d", probes=("float32",), shows="value", why="So.", instead="x")
    pair = dataclasses.replace(sigmoid, differences=(d,))
    assert small(layers=(pair,), match=f"{pair.name}/plain@float64").findings == ()


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
    after = Catalogue(areas, catalogue.rows, catalogue.layers)
    codes = {p.cell.id: p.cell.code for c in plan_ops(after, 0) for p in c.planned}
    assert codes.keys() - before.keys() == {"numpy.aaa/plain@float64", "numpy.std/new@int64"}
    assert {i: codes[i] for i in before} == before


def test_a_run_leaves_the_random_states_alone():
    """The random numbers of who runs it go on as if nothing had run."""
    case = Case("plain", numpy="np.random.rand(3)", torch="torch.rand(3, dtype=torch.float64)")
    ours, theirs = np.random.get_state()[1].copy(), torch.get_rng_state()
    small(op(dataclasses.replace(case, equal="as a distribution")))
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
