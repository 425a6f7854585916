"""Tests of equiv.runner: trust in small, what a run takes, and that it gives the same again."""

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

import equiv
from equiv.catalogue import Catalogue
from equiv.conditions import CONDITIONS
from equiv.entry import (
    EVERY,
    Case,
    Claim,
    Difference,
    EquivError,
    LayerPair,
    Op,
    Row,
    Tolerance,
    Trap,
    integers,
    per_rank,
    real,
    slug,
    values,
)
from equiv.inputs import make
from equiv.plan import plan_claim, plan_layer, plan_ops, plan_port, plan_rule
from equiv.probes import PROBES
from equiv.rules import RULES, Rule
from equiv.runner import Report, execute

ROOT = Path(equiv.__file__).parent.parent


def op(
    *cases: Case,
    name: str = "numpy.f",
    differences: tuple[Difference, ...] = (),
    under: tuple[str, ...] = (),
) -> Op:
    """Return an op of these cases on one matrix, which are put under these probes alone."""
    unprobed = {probe: "It is another test's." for probe in PROBES if probe not in under}
    return Op(
        name,
        summary="F.",
        inputs={"x": real(3, 4)},
        cases=tuple(dataclasses.replace(case, unprobed=unprobed) for case in cases),
        parameters={},
        differences=differences,
        source="hand-made",
    )


def small(
    *ops: Op,
    rows: tuple[Row, ...] = (),
    layers: tuple[LayerPair, ...] = (),
    rules: tuple[Rule, ...] = (),
    match: str = "",
) -> Report:
    """Run a catalogue of these entries alone."""
    return execute(Catalogue({"reduction": ops}, rows, layers, rules), match=match)


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
    report = small(entry, match="numpy.std/*@float64")
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

NAN = Difference("nan", probes=("nan",), shows="nan", why="So.", instead="Max.")
AGAIN = dataclasses.replace(NAN, id="again")


def test_a_difference_explains_the_probe_that_it_names():
    """Under it the port parts as the difference says, elsewhere it agrees."""
    report = small(op(MAX, differences=(NAN,), under=("nan",)))
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
    entry = op(MAX, differences=(dataclasses.replace(NAN, **fields),), under=("nan", "ties"))
    report = small(entry)
    cell = f"numpy.f/plain@{fields.get('probes', NAN.probes)[0]}"
    assert {("stale", "numpy.f/nan"), ("stale", cell)} <= set(found(report))


def test_a_difference_does_not_excuse_a_wrong_value():
    """On the declared inputs a wrong value stays broken, whatever is written beside it."""
    own = Difference("own", probes=("float64",), shows="value", why="So.", instead="X.")
    report = small(op(Case("plain", numpy="np.std(x)", torch="torch.std(x)"), differences=(own,)))
    assert ("broken", "numpy.f/plain@float64") in found(report)


def test_two_differences_for_one_rung_are_ambiguous():
    """A rung has one explanation."""
    report = small(op(MAX, differences=(NAN, AGAIN), under=("nan",)))
    assert ("ambiguous", "numpy.f/plain@nan") in found(report)


def test_a_difference_that_shows_beside_a_finding_is_not_called_stale():
    """What two differences explain is shown by both: the message sends nobody astray."""
    report = small(op(MAX, differences=(NAN, AGAIN), under=("nan",)))
    assert found(report) == [("ambiguous", "numpy.f/plain@nan")]


def test_a_second_rung_under_a_probe_is_unexplained():
    """A difference explains its own rung and no other."""
    dtype = "torch.float32 if x.isnan().any() else torch.float64"
    case = dataclasses.replace(MAX, torch=f"x[x == x].max().to({dtype})")
    report = small(op(case, differences=(NAN,), under=("nan",)))
    assert ("unexplained", "numpy.f/plain@nan") in found(report)


def test_a_difference_with_a_probe_that_is_not_run_is_stale():
    """Whether the probe is misspelled or does not suit the inputs, nothing shows the difference."""
    for probes in (("nans",), ("uint8 with 300",)):
        entry = op(MAX, differences=(dataclasses.replace(NAN, probes=probes),), under=probes)
        assert found(small(entry)) == [("stale", "numpy.f/nan")]


def test_without_its_difference_a_probe_is_unexplained():
    """Nothing else speaks of it."""
    assert found(small(op(MAX, under=("nan",)))) == [("unexplained", "numpy.f/plain@nan")]


def test_a_port_that_agrees_makes_its_difference_stale():
    """torch.sign gives 0 for NaN; what gives NaN there leaves nothing to tell of."""
    differs = dataclasses.replace(NAN, instead="torch.where(x.isnan(), x, torch.sign(x))")
    sign = Case("plain", numpy="np.sign(x)", torch="torch.sign(x)")
    agrees = dataclasses.replace(sign, torch=differs.instead)
    assert small(op(sign, differences=(differs,), under=("nan",))).findings == ()
    report = small(op(agrees, differences=(differs,), under=("nan",)))
    assert found(report) == [("stale", "numpy.f/nan"), ("stale", "numpy.f/plain@nan")]


SIGN = Case("plain", numpy="np.sign(x)", torch="torch.sign(x)")
RIGHT = "torch.where(x.isnan(), x, torch.sign(x))"


def test_what_to_write_instead_is_run():
    """Code has a cell of its own, under the probe that shows the difference."""
    differs = dataclasses.replace(NAN, instead=RIGHT)
    report = small(op(SIGN, differences=(differs,), under=("nan",)))
    assert report.findings == ()
    outcomes = {j.measured.cell.id: j.measured.outcome for j in report.judged}
    assert outcomes["numpy.f/plain:nan@nan"] == "same"


@pytest.mark.parametrize("wrong", ["torch.sign(x)", "x.nan_to_num()", "torch.sign(x) + x", "x.no"])
def test_what_to_write_instead_must_hold(wrong):
    """Advice that goes wrong in the same way, in another, or not at all is broken."""
    differs = dataclasses.replace(NAN, instead=wrong)
    report = small(op(SIGN, differences=(differs,), under=("nan",)))
    assert found(report) == [("broken", "numpy.f/plain:nan@nan")]


def test_a_sentence_is_not_run():
    """It ends with a full stop."""
    differs = dataclasses.replace(NAN, instead="Test x.isnan() first.")
    report = small(op(SIGN, differences=(differs,), under=("nan",)))
    assert report.findings == ()
    assert len(report.judged) == 2


def test_what_to_write_instead_must_fit_a_cell():
    """Code in names that no cell of the difference has cannot be run."""
    differs = dataclasses.replace(NAN, instead="torch.sign(z)")
    with pytest.raises(EquivError, match=r"difference 'nan': instead='torch\.sign\(z\)' uses z,"):
        small(op(SIGN, differences=(differs,), under=("nan",)))


def test_what_is_run_instead_does_not_show_the_difference():
    """Only the port does; advice that parts as the port does would hide that it agrees."""
    differs = dataclasses.replace(NAN, instead="torch.sign(x)")
    agrees = dataclasses.replace(SIGN, torch=RIGHT)
    report = small(op(agrees, differences=(differs,), under=("nan",)))
    assert ("stale", "numpy.f/nan") in found(report)


def test_a_standing_difference_explains_a_view_under_every_probe():
    """torch has no view to give: the declared inputs and all layouts alike, and no empty one."""
    under = ("transposed", "empty", "float32")
    copy = Difference("copy", probes=EVERY, shows="aliasing", why="So.", instead="X.")
    entry = op(
        Case("plain", numpy="x[1:]", torch="x[1:].clone()"), differences=(copy,), under=under
    )
    report = small(entry)
    assert report.findings == ()
    assert {j.measured.cell.probe: j.explanation for j in report.judged} == {
        "float64": "difference copy",
        "float32": "difference copy",
        "transposed": "difference copy",
        "empty": "",
    }
    bare = small(dataclasses.replace(entry, differences=()))
    assert Counter(kind for kind, _ in found(bare)) == {"broken": 1, "unexplained": 2}


def test_a_standing_difference_that_never_shows_is_stale():
    """A port that gives a view has none."""
    copy = Difference("copy", probes=EVERY, shows="aliasing", why="So.", instead="X.")
    entry = op(Case("plain", numpy="x[1:]", torch="x[1:]"), differences=(copy,), under=("ties",))
    assert found(small(entry)) == [("stale", "numpy.f/copy")]


# --- rules ----------------------------------------------------------------------------------

FLOAT = next(rule for rule in RULES if rule.slug == "default-float")
ROOT_OF = Case("plain", numpy="np.sqrt(np.abs(x))", torch="torch.sqrt(torch.abs(x))")


def test_a_rule_explains_a_probe_of_any_op():
    """Integers become float32, wherever it comes up; the witness is a cell of its own."""
    report = small(op(ROOT_OF, under=("int64", "float32")), rules=(FLOAT,))
    assert report.findings == ()
    assert {j.measured.cell.id: j.explanation for j in report.judged} == {
        "numpy.f/plain@float64": "",
        "numpy.f/plain@int64": "rule default-float",
        "numpy.f/plain@float32": "",
        "rules/default-float@witness": "witness",
    }


def test_without_its_rule_a_probe_is_unexplained():
    """Nothing else speaks of it."""
    report = small(op(ROOT_OF, under=("int64", "float32")), rules=())
    assert found(report) == [("unexplained", "numpy.f/plain@int64")]


def test_a_rule_that_nobody_shows_is_stale():
    """Its witness alone does not keep it; part of a run says nothing of it."""
    entry = op(ROOT_OF, under=("float32",))
    assert found(small(entry, rules=(FLOAT,))) == [("stale", "rules/default-float")]
    assert small(entry, rules=(FLOAT,), match="numpy.f").findings == ()


def test_a_witness_that_does_not_show_its_rule_is_stale():
    """The rule explains an op, and its own page shows something else."""
    agrees = dataclasses.replace(FLOAT.witness, inputs={"x": "np.array([3.0, 1.0])"})
    rule = dataclasses.replace(FLOAT, witness=agrees)
    report = small(op(ROOT_OF, under=("int64",)), rules=(rule,))
    assert found(report) == [("stale", "rules/default-float@witness")]


def test_two_rules_that_take_one_rung_are_ambiguous():
    """A rung has one explanation."""
    again = dataclasses.replace(FLOAT, slug="again")
    report = small(op(ROOT_OF, under=("int64",)), rules=(FLOAT, again))
    assert ("ambiguous", "numpy.f/plain@int64") in found(report)


def test_a_rule_never_explains_declared_inputs():
    """What the rule says of integers is true, and the port is broken all the same."""
    case = dataclasses.replace(ROOT_OF, inputs={"x": integers(1, 9, (5,))})
    report = small(op(case, under=("int32",)), rules=(FLOAT,))
    assert found(report) == [("broken", "numpy.f/plain@int64")]
    assert "found dtype: numpy float64, torch float32" in report.findings[0].message


def test_a_rule_has_a_cell_that_can_be_run():
    """By the name of the rule, and by the id of its witness."""
    witness = "rules/default-float@witness"
    for match in ("rules/default-float", witness, "rules/*"):
        report = small(op(ROOT_OF), rules=(FLOAT,), match=match)
        assert [j.measured.cell.id for j in report.judged] == [witness]


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
    """A layer that is not its twin is broken under every condition that leaves it an element."""
    wrong = of_sigmoid(sigmoid, twin="torch.nn.Tanh()")
    assert small(layers=(sigmoid,)).findings == ()
    stem = "numpy_layers.sheet.Sigmoid/plain"
    assert found(small(layers=(wrong,))) == [
        ("broken", f"{stem}@{slug(name)}") for name in CONDITIONS if name != "batch of none"
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
    d = Difference("d", probes=("float32",), shows="value", why="So.", instead="X.")
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
    planned += [plan_rule(rule).id for rule in catalogue.rules]
    assert [i for i, count in Counter(planned).items() if count > 1] == []
    assert sorted(planned) == sorted(j.measured.cell.id for j in results.report.judged)


def test_each_cell_is_announced_as_it_runs(catalogue):
    """The progress is told of every cell."""
    seen: list[str] = []
    report = execute(catalogue, match="numpy.std", advance=seen.append)
    assert seen == [j.measured.cell.id for j in report.judged]


# --- part of a run -------------------------------------------------------------------------


def test_part_of_an_op_leaves_its_differences_alone():
    """A difference is stale only where the whole of its op ran."""
    never = dataclasses.replace(NAN, probes=("ties",))
    entry = op(MAX, differences=(never,), under=("ties",))
    report = small(entry, match="numpy.f/plain@float64")
    assert (report.findings, report.whole) == ((), False)
    assert small(entry).whole


def test_part_of_a_layer_leaves_its_differences_alone(sigmoid):
    """A layer's difference is stale only where the whole of its pair ran."""
    d = Difference("d", probes=("float32",), shows="value", why="So.", instead="X.")
    pair = dataclasses.replace(sigmoid, differences=(d,))
    assert small(layers=(pair,), match=f"{pair.name}/plain@float64").findings == ()
