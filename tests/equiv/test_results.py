"""Tests of equiv.results: the frames and counts of a run."""

import dataclasses
import json
import platform
from collections import Counter

import numpy as np
import pytest
import torch

from equiv.catalogue import Catalogue
from equiv.compare import Worst
from equiv.entry import Case, Claim, Difference, Op, Row, Trap, per_rank, real
from equiv.gradients import Gradient
from equiv.judge import Judged
from equiv.measure import Cell, Measured
from equiv.probes import PROBES
from equiv.results import Results
from equiv.rules import RULES
from equiv.runner import Report, execute
from equiv.verdict import VERDICTS

AGREED = ["same", "both raise", "undefined"]


def but(*probes: str) -> dict[str, str]:
    """Leave a case every probe but these."""
    return dict.fromkeys((p for p in PROBES if p not in probes), "Of no matter here.")


ALONE = but()


def op(name: str, *cases: Case, **fields: object) -> Op:
    """Return an op of these cases on one matrix."""
    said = {"summary": "F.", "parameters": {}, "source": "hand-made", **fields}
    return Op(name, inputs={"x": real(3, 4)}, cases=cases, **said)


SUM = op(
    "numpy.sum",
    Case("plain", numpy="np.sum(x)", torch="torch.sum(x)", unprobed=ALONE),
    Case(
        "axis",
        numpy="np.sum(x, axis=0)",
        torch="torch.sum(x, dim=0)",
        trap=Trap("torch.sum(x)", shows="shape", why="So."),
        unprobed=ALONE,
    ),
)
MAX = op(
    "numpy.max",
    Case("plain", numpy="np.max(x)", torch="x[x == x].max()", unprobed=but("nan")),
    differences=(Difference("nan", probes=("nan",), shows="nan", why="So.", instead="Y."),),
)
STD = op("numpy.std", Case("plain", numpy="np.std(x)", torch="torch.std(x)", unprobed=ALONE))
RAISES = op(
    "numpy.take", Case("bounds", numpy="x[9]", torch="x[9]", raises="IndexError", unprobed=ALONE)
)
NONE = op("numpy.save", instead="torch.save")
ROW = Row(
    "Sum",
    summary="Sum",
    claims=(
        Claim(numpy="np.sum(x)", torch="torch.sum(x)", op="numpy.sum", bind={"x": real(3)}),
        Claim(
            numpy="np.sum(x)",
            torch="torch.sum(x).float()",
            op="numpy.sum",
            bind={"x": real(3)},
            holds=False,
            shows="dtype",
            why="Narrow.",
        ),
    ),
)
PLANTED = Catalogue({"reduction": (SUM, MAX, STD), "io": (RAISES,)}, (ROW,), ())


@pytest.fixture(scope="module")
def planted() -> Results:
    """A run of a small catalogue with one finding in it."""
    return Results(execute(PLANTED))


def one(gradient: str = "none", **fields: object) -> Judged:
    """Return a judged cell of numpy.sum with this gradient."""
    cell = Cell(
        id="numpy.sum/plain@float64",
        sort="case",
        area="reduction",
        owner="numpy.sum",
        case="plain",
        probe="float64",
        numpy="",
        torch="",
        code={},
    )
    return Judged(measured=Measured(cell=cell, gradient=Gradient(word=gradient), **fields))


def of(*judged: Judged) -> Results:
    """Return the results of a run that gave these cells."""
    return Results(Report(PLANTED, 0, judged, (), (), False))


# --- cells ----------------------------------------------------------------------------------


def test_there_is_one_row_a_cell(planted):
    """The cells are listed as they ran, with outcome, explanation and finding."""
    rows = planted.cells[["id", "sort", "outcome", "explanation", "finding"]]
    assert rows.to_numpy().tolist() == [
        ["numpy.sum/plain@float64", "case", "same", "", ""],
        ["numpy.sum/axis@float64", "case", "same", "", ""],
        ["numpy.sum/axis:trap@float64", "trap", "shape", "trap", ""],
        ["numpy.max/plain@float64", "case", "same", "", ""],
        ["numpy.max/plain@nan", "case", "nan", "difference nan", ""],
        ["numpy.std/plain@float64", "case", "value", "", "broken"],
        ["numpy.take/bounds@float64", "case", "both raise", "", ""],
        ["sheet/sum/1@float64", "claim", "same", "", ""],
        ["sheet/sum/1@ties", "claim", "same", "", ""],
        ["sheet/sum/2@float64", "claim", "dtype", "claim", ""],
        ["sheet/sum/2@ties", "claim", "dtype", "claim", ""],
    ]


def test_a_cell_says_where_it_belongs(planted):
    """A cell's area, owner, case and probe are columns of their own."""
    rows = planted.cells.set_index("id")[["area", "owner", "case", "probe"]]
    assert rows.loc["numpy.max/plain@nan"].tolist() == ["reduction", "numpy.max", "plain", "nan"]
    assert rows.loc["sheet/sum/2@ties"].tolist() == ["sheet", "Sum", "2", "ties"]


def test_a_cell_names_every_rung_once():
    """The rungs on which a cell parts are listed in order, each once."""
    case = Case("plain", numpy="x, x * 2", torch="x.float(), (x * 2).float()", unprobed=ALONE)
    cells = Results(execute(Catalogue({"io": (op("numpy.f", case),)}, (), ()))).cells
    assert cells["rungs"].tolist() == ["dtype; aliasing; gradient"]


def test_a_cell_shows_its_worst_element():
    """The worst element's place and both values are told, with what was measured."""
    worst = Worst(
        where="[1]", index=(0, 2), numpy="1.5", torch="2.0",
        error=0.5, relative=0.25, ulps=8.0, headroom=3.0,
    )  # fmt: skip
    cell = of(one(worst=worst)).cells.iloc[0]
    assert cell[["worst", "error", "ulps", "headroom"]].tolist() == [
        "[1][0, 2]: 1.5 / 2.0", 0.25, 8.0, 3.0,
    ]  # fmt: skip
    assert of(one()).cells.iloc[0]["worst"] == ""


# --- ops ------------------------------------------------------------------------------------


def test_the_columns_of_an_op_are_the_contract(planted):
    """reports/compatibility.csv has the columns that others rely on, in their order."""
    assert ",".join(planted.ops.columns) == (
        "numpy,torch,area,verdict,cases,cells,same,explained,findings,gradient,"
        "numpy_code,torch_code"
    )


def test_there_is_one_row_an_op(planted):
    """Each op says its torch name, verdict, counts, gradient and plain texts."""
    assert planted.ops.to_numpy().tolist() == [
        ["numpy.sum", "torch.sum", "reduction", "drop-in", 2, 3, 2, 1, 0, "same",
         "np.sum(x)", "torch.sum(x)"],
        ["numpy.max", "torch.Tensor.__eq__ torch.Tensor.__getitem__ torch.Tensor.max",
         "reduction", "composed", 1, 2, 1, 1, 0, "same", "np.max(x)", "x[x == x].max()"],
        ["numpy.std", "torch.std", "reduction", "drop-in", 1, 1, 0, 0, 1, "parted",
         "np.std(x)", "torch.std(x)"],
        ["numpy.take", "torch.Tensor.__getitem__", "io", "drop-in", 1, 1, 1, 0, 0, "none",
         "x[9]", "x[9]"],
    ]  # fmt: skip


def test_an_op_without_a_port_has_its_row():
    """A whole run lists an op that has no cell, as missing."""
    ops = Results(execute(Catalogue({"io": (NONE, SUM)}, (), ()))).ops
    assert ops["numpy"].tolist() == ["numpy.save", "numpy.sum"]
    assert ops.iloc[0].tolist() == [
        "numpy.save", "", "io", "missing", 0, 0, 0, 0, 0, "none", "", "",
    ]  # fmt: skip


def test_a_part_of_the_catalogue_lists_the_ops_that_ran():
    """Ops that were not asked for have no row, those without a port neither."""
    catalogue = Catalogue({"io": (NONE, MAX, SUM)}, (), ())
    part = Results(execute(catalogue, match="numpy.sum"))
    assert part.ops["numpy"].tolist() == ["numpy.sum"]
    assert part.counts["ops"] == 1


@pytest.mark.parametrize(
    ("words", "worst"),
    [
        (["none", "zero"], "zero"),
        (["zero", "same"], "same"),
        (["same", "refused"], "refused"),
        (["refused", "parted", "same"], "parted"),
        (["none"], "none"),
    ],
)
def test_an_ops_gradient_is_the_worst_of_its_cells(words, worst):
    """What parts counts before what is refused, and that before what agrees."""
    assert of(*map(one, words)).ops["gradient"].tolist() == [worst]


def test_a_traps_gradient_is_not_the_ops():
    """What a trap's gradient does says nothing of the port's."""
    trap = one("parted")
    cell = dataclasses.replace(trap.measured.cell, sort="trap")
    trap = Judged(measured=dataclasses.replace(trap.measured, cell=cell))
    assert of(one("same"), trap).ops["gradient"].tolist() == ["same"]


def test_every_op_of_the_catalogue_has_its_row(catalogue, results):
    """The ops of a whole run are the catalogue's, in its order, with its areas and cases."""
    listed = results.ops[["numpy", "area", "cases"]].to_numpy().tolist()
    assert listed == [
        [entry.name, area, len(entry.cases)]
        for area, ops in catalogue.areas.items()
        for entry in ops
    ]


def test_an_ops_verdict_is_one_of_five(catalogue, results):
    """Verdicts are words of the closed list, and ``missing`` is what has no case."""
    assert set(results.ops["verdict"]) <= set(VERDICTS)
    missing = set(results.ops["numpy"][results.ops["verdict"] == "missing"])
    assert missing == {name for name, entry in catalogue.ops.items() if not entry.cases}


def test_an_ops_cells_are_those_that_it_owns(results):
    """Cells, agreement and explanations of each op are those of the frame of cells."""
    owned = results.cells[results.cells["sort"].isin(["case", "trap", "instead"])]
    by_owner = owned.groupby("owner")
    ops = results.ops.set_index("numpy")
    ops = ops[ops["cells"] > 0]
    same = by_owner["outcome"].agg(lambda words: words.isin(AGREED).sum())
    explained = by_owner["explanation"].agg(lambda words: (words != "").sum())
    assert (ops["cells"] == by_owner.size()[ops.index]).all()
    assert (ops["same"] == same[ops.index]).all()
    assert (ops["explained"] == explained[ops.index]).all()


def test_what_numpy_leaves_undefined_says_nothing_against_an_op():
    """A cell in which NumPy's own result is the processor's counts with those that agree."""
    cast = one(undefined="invalid value encountered in cast")
    assert cast.measured.outcome == "undefined"
    found = of(one(), cast)
    assert found.ops[["cells", "same"]].to_numpy().tolist() == [[2, 2]]
    assert (found.counts["same"], found.counts["undefined"]) == (1, 1)


# --- the sheet ------------------------------------------------------------------------------


def test_there_is_one_row_a_pair(planted):
    """A pair says whether it holds, what it shows, on which inputs, and why."""
    assert planted.claims.to_numpy().tolist() == [
        ["Sum", 1, "np.sum(x)", "torch.sum(x)", True, "", "", "", "numpy.sum"],
        ["Sum", 2, "np.sum(x)", "torch.sum(x).float()", False, "dtype", "float64; ties",
         "Narrow.", "numpy.sum"],
    ]  # fmt: skip


def test_every_pair_of_the_sheet_has_its_row(catalogue, results):
    """The pairs of a whole run are the sheet's, numbered within their rows."""
    listed = results.claims[["row", "number", "numpy", "torch", "holds"]].to_numpy().tolist()
    assert listed == [
        [row.title, number, claim.numpy, claim.torch, claim.holds]
        for row in catalogue.rows
        for number, claim in enumerate(row.claims, 1)
    ]


def test_a_pair_that_holds_shows_nothing():
    """Where NumPy refuses an input that torch takes, a pair that holds shows nothing for it."""
    claim = Claim(
        numpy="x[0] * 1",
        torch="x.reshape(-1)[0] * 1",
        op="numpy.sum",
        bind={"x": per_rank(real(), real(3))},
    )
    catalogue = Catalogue({"reduction": (SUM,)}, (Row("R", summary="R", claims=(claim,)),), ())
    frame = Results(execute(catalogue)).claims
    assert frame["holds"].tolist() == [True]
    assert frame[["shows", "inputs"]].to_numpy().tolist() == [["", ""]]


# --- layers ---------------------------------------------------------------------------------


def test_every_layer_has_its_row(catalogue, results):
    """The layers are the catalogue's, with the cells that each owns."""
    layers = results.layers.set_index("layer")
    assert list(layers.index) == [pair.name for pair in catalogue.layers]
    for pair in catalogue.layers:
        row, cells = layers.loc[pair.name], results.cells[results.cells["owner"] == pair.name]
        assert row["cases"] == len(pair.every)
        assert row["cells"] == len(cells)
        assert row["same"] == cells["outcome"].isin(AGREED).sum()
        assert row[["differences", "repairs"]].tolist() == [
            len(pair.differences), len(pair.repairs),
        ]  # fmt: skip


def test_a_layers_worst_errors_are_those_of_its_agreeing_cells(results):
    """What parts and is explained does not count as an error of the layer."""
    for _, row in results.layers.iterrows():
        agreeing = [
            j.measured
            for j in results.report.judged
            if j.measured.cell.owner == row["layer"]
            and j.measured.cell.sort == "layer"
            and j.measured.outcome == "same"
        ]
        assert row["output_of_limit"] == max(m.worst.headroom for m in agreeing) <= 1
        assert row["gradient_of_limit"] == max(m.gradient.headroom for m in agreeing) <= 1
        ordinary = [m for m in agreeing if m.cell.probe != "large"]
        eps = {
            m.cell.id: np.finfo("f4" if m.cell.probe == "float32" else "f8").eps for m in ordinary
        }
        assert row["output_ulps"] == max(m.worst.relative / eps[m.cell.id] for m in ordinary)
        assert row["gradient_ulps"] == max(m.gradient.error / eps[m.cell.id] for m in ordinary)


# --- the rules ------------------------------------------------------------------------------

SQRT = op("numpy.sqrt", Case("plain", numpy="np.sqrt(x)", torch="x ** 0.5", unprobed=but("int64")))
MEAN = op(
    "numpy.mean",
    Case("plain", numpy="np.mean(x)", torch="torch.mean(x)", unprobed=but("int64", "bool")),
    Case("axis", numpy="np.mean(x, 0)", torch="torch.mean(x, 0)", unprobed=but("int64")),
)
EXP = op("numpy.exp", Case("plain", numpy="np.exp(x)", torch="torch.exp(x)", unprobed=ALONE))
RULED = Catalogue({"reduction": (SQRT, MEAN, EXP)}, (), (), RULES)


@pytest.fixture(scope="module")
def ruled() -> Results:
    """A run of ops that show two of the rules."""
    return Results(execute(RULED))


def test_there_is_one_row_a_rule(ruled):
    """A rule says on which rung it shows, and how many cells and ops show it; some show nowhere."""
    assert list(ruled.rules.columns) == ["rule", "shows", "cells", "ops"]
    assert ruled.rules["rule"].tolist() == [rule.slug for rule in RULES]
    shown = ruled.rules[ruled.rules["cells"] > 0].to_numpy().tolist()
    assert shown == [["floating-only", "torch raises", 3, 1], ["default-float", "dtype", 1, 1]]
    assert ruled.counts["rules"] == len(RULES)


def test_a_rule_counts_the_cells_that_something_else_explains_too():
    """Where a rule and a difference explain a cell together, the rule has its share of it."""
    both = dataclasses.replace(
        SQRT,
        cases=(dataclasses.replace(SQRT.cases[0], torch="-(x ** 0.5)"),),
        differences=(Difference("d", probes=("int64",), shows="value", why="So.", instead="Y."),),
    )
    found = Results(execute(dataclasses.replace(RULED, areas={"reduction": (both,)})))
    explained = found.cells.set_index("id")["explanation"]
    assert explained["numpy.sqrt/plain@int64"] == "rule default-float; difference d"
    assert found.rules.set_index("rule").loc["default-float"].tolist() == ["dtype", 1, 1]


def test_the_outcomes_are_counted_the_most_frequent_first(ruled):
    """Every outcome that there was has its count, those of the witnesses among them."""
    words = Counter(j.measured.outcome for j in ruled.report.judged)
    assert ruled.outcomes == words
    assert ruled.outcomes["torch raises"] >= 3
    assert list(ruled.outcomes.values()) == sorted(words.values(), reverse=True)


# --- the summary ----------------------------------------------------------------------------


def test_the_counts_of_a_run(planted):
    """The figures of the summary count what ran."""
    assert planted.counts == {
        "rows": 1,
        "rows in the sheet": 1,
        "pairs": 2,
        "pairs that hold": 1,
        "ops": 4,
        "cases": 5,
        "cells": 11,
        "same": 5,
        "both raise": 1,
        "undefined": 0,
        "explained": 4,
        "differences": 1,
        "rules": 0,
        "layers": 0,
        "classes of torch.nn": 0,
        "findings": 1,
    }


def test_every_cell_is_the_same_or_explained(results):
    """The counts of a run add up: no cell is left without a word."""
    n = results.counts
    cells = results.cells
    wrong = cells[(cells["finding"] != "") & ~cells["outcome"].isin(AGREED)]
    assert n["cells"] == len(cells) == len(results.report.judged)
    agreeing = [n[word] for word in AGREED]
    assert sum(agreeing) + n["explained"] + len(wrong) == n["cells"]
    outcomes = Counter(results.cells["outcome"])
    assert agreeing == [outcomes[word] for word in AGREED]


def test_the_sheet_is_whole(catalogue, results):
    """Every row of the sheet and every pair in it ran."""
    n = results.counts
    assert n["rows"] == n["rows in the sheet"] == 45
    assert n["pairs"] == sum(len(row.claims) for row in catalogue.rows)
    assert n["pairs that hold"] == sum(c.holds for row in catalogue.rows for c in row.claims)


def test_a_pair_that_is_typed_wrongly_is_counted_as_it_ran():
    """What holds is what ran, not what was typed."""
    wrong = dataclasses.replace(ROW.claims[1], holds=True, shows=(), why="")
    row = dataclasses.replace(ROW, claims=(ROW.claims[0], wrong))
    n = Results(execute(Catalogue({"reduction": (SUM,)}, (row,), ()))).counts
    assert (n["pairs"], n["pairs that hold"], n["findings"]) == (2, 1, 1)


def test_a_part_of_the_sheet_is_counted_as_one(catalogue):
    """One row of the sheet's is not the whole of it."""
    n = Results(execute(catalogue, match="Zeros/Ones")).counts
    assert (n["rows"], n["rows in the sheet"], n["pairs"]) == (1, 45, 2)


def test_counts_are_plain_numbers(planted):
    """The counts can be written as JSON."""
    assert json.loads(json.dumps(planted.counts)) == planted.counts


def test_results_are_stamped_with_versions(planted):
    """A result says on which versions it was made."""
    assert planted.versions == {
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
