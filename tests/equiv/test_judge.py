"""Tests of equiv.judge: what a measured cell and an entry make together."""

import dataclasses

import pytest

from equiv.compare import Part, Worst
from equiv.entry import Case, Claim, Difference, LayerPair, Op, Trap
from equiv.gradients import Gradient
from equiv.judge import (
    Judged,
    JudgedClaim,
    judge_case,
    judge_claim,
    judge_layer,
    judge_port,
    judge_trap,
    stale_differences,
    tell,
)
from equiv.measure import Cell, Measured

RAISED = ("ValueError", "RuntimeError")


def fact(
    *rungs: str,
    probe: str = "float64",
    raised: tuple[str, str] = ("", ""),
    vacuous: str = "",
    gradient: str = "none",
    worst: Worst | None = None,
) -> Measured:
    """Return a measured cell that parts on these rungs."""
    return Measured(
        cell=Cell(
            id=f"numpy.f/plain@{probe}",
            sort="case",
            area="reduction",
            owner="numpy.f",
            case="plain",
            probe=probe,
            numpy="np.f(x)",
            torch="torch.f(x)",
            code={},
        ),
        parts=tuple(Part(rung=r, numpy=f"our {r}", torch=f"their {r}") for r in rungs),
        raised=raised,
        vacuous=vacuous,
        gradient=Gradient(word=gradient),
        worst=worst or Worst(),
        numpy="ValueError: ours" if raised[0] else "",
        torch="RuntimeError: theirs" if raised[1] else "",
    )


def difference(shows: str, name: str = "d", probe: str = "nan", case: str = "") -> Difference:
    """Return a difference that shows on this rung, under one probe."""
    return Difference(
        name, cases=(case,) if case else (), probes=(probe,), shows=shows, why="So.", instead="x"
    )


def case(
    measured: Measured, *differences: Difference, own: bool = False, raises: str = ""
) -> Judged:
    """Judge a cell of an op with these differences."""
    plain = Case("plain", numpy="np.f(x)", torch="torch.f(x)", raises=raises)
    op = Op(
        "numpy.f", summary="F.", cases=(plain,), parameters={}, differences=differences, source="s"
    )
    return judge_case(op, plain, measured, own=own)


def claim(*cells: Measured, **said: object) -> JudgedClaim:
    """Judge a claim that says this over these cells."""
    return judge_claim(
        "Row", 1, Claim(numpy="np.f(x)", torch="torch.f(x)", op="numpy.f", **said), cells
    )


# --- cases ----------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [True, False])
def test_agreement_needs_no_word(own):
    """A cell that is the same on both sides is neither explained nor a finding."""
    judged = case(fact(), own=own)
    assert (judged.explanation, judged.finding, judged.message) == ("", "", "")


@pytest.mark.parametrize(("own", "kind"), [(True, "broken"), (False, "unexplained")])
def test_a_parted_rung_without_a_difference_is_a_finding(own, kind):
    """What nothing explains is broken on the declared inputs, unexplained in a probe."""
    judged = case(fact("dtype"), own=own)
    assert (judged.finding, judged.explanation) == (kind, "")
    assert judged.message == "expected agreement, found dtype: numpy our dtype, torch their dtype"


def test_raising_on_both_sides_is_broken_on_declared_inputs():
    """A case that does not say that it raises must not."""
    judged = case(fact(raised=RAISED), own=True)
    assert judged.finding == "broken"
    assert "both raise: ValueError: ours; RuntimeError: theirs" in judged.message


def test_raising_on_both_sides_is_agreement_in_a_probe():
    """Both refusing what a probe gives them is agreement."""
    assert case(fact(raised=RAISED)).finding == ""


@pytest.mark.parametrize("own", [True, False])
def test_a_case_may_declare_what_it_raises(own):
    """Raising on both sides passes where the case names NumPy's exception."""
    assert case(fact(raised=RAISED), own=own, raises="ValueError").finding == ""


@pytest.mark.parametrize(
    "measured",
    [
        fact(),
        fact(raised=("TypeError", "RuntimeError")),
        fact("torch raises", raised=("", "RuntimeError")),
        fact("numpy raises", raised=("ValueError", "")),
    ],
    ids=["neither", "another class", "torch alone", "numpy alone"],
)
def test_a_declared_exception_must_come_from_both(measured):
    """A case that declares an exception is broken where a side does otherwise."""
    judged = case(measured, own=True, raises="ValueError")
    assert judged.finding == "broken"
    assert judged.message.startswith("expected raising ValueError on both sides, found")


def test_inputs_that_exercise_nothing_are_vacuous():
    """A case is vacuous where its own inputs are, although both sides agree."""
    judged = case(fact(vacuous="input x is empty"), own=True)
    assert (judged.finding, judged.message) == ("vacuous", "input x is empty")


def test_a_probe_may_exercise_nothing():
    """An empty input is the point of the probe that empties it."""
    assert case(fact(vacuous="input x is empty")).finding == ""


# --- differences ----------------------------------------------------------------------------


def test_a_difference_explains_its_probe():
    """A parted rung is explained by the difference that names cell and rung."""
    judged = case(fact("value", probe="nan"), difference("value"))
    assert (judged.explanation, judged.finding) == ("difference d", "")


@pytest.mark.parametrize(
    "other",
    [difference("value", probe="ties"), difference("value", case="axis")],
    ids=["another probe", "another case"],
)
def test_a_difference_explains_no_other_cell(other):
    """A difference that names another probe or case leaves this cell unexplained."""
    assert case(fact("value", probe="nan"), other).finding == "unexplained"


def test_a_difference_may_name_its_case():
    """A difference that names the cell's case is about it."""
    judged = case(fact("value", probe="nan"), difference("value", case="plain"))
    assert judged.explanation == "difference d"


@pytest.mark.parametrize(
    "measured",
    [fact(probe="nan"), fact("dtype", probe="nan"), fact(probe="nan", raised=RAISED)],
    ids=["same", "another rung", "both raise"],
)
def test_a_difference_that_does_not_show_is_stale(measured):
    """A difference that names a cell must show there, on its rung."""
    judged = case(measured, difference("value"))
    assert judged.finding == "stale"
    assert judged.message == f"difference 'd' should show value, {tell(measured)}"


def test_a_difference_that_does_not_show_on_declared_inputs_is_stale():
    """On declared inputs too, a difference that no longer shows is called stale."""
    assert case(fact(), difference("aliasing", probe="float64"), own=True).finding == "stale"


def test_a_rung_that_no_difference_takes_is_unexplained():
    """A difference for one rung does not cover a second one."""
    judged = case(fact("dtype", "value", probe="nan"), difference("dtype"))
    assert judged.finding == "unexplained"
    assert "found value" in judged.message


def test_two_rungs_take_two_differences():
    """Each of two parted rungs is explained by its own difference."""
    judged = case(
        fact("dtype", "value", probe="nan"), difference("dtype", "a"), difference("value", "b")
    )
    assert (judged.explanation, judged.finding) == ("difference a; difference b", "")


def test_two_differences_for_one_rung_are_ambiguous():
    """A rung that two differences explain is a finding that names both."""
    judged = case(fact("value", probe="nan"), difference("value", "a"), difference("value", "b"))
    assert (judged.finding, judged.message) == ("ambiguous", "value is explained by a and by b")


def test_one_difference_explains_a_rung_in_every_array_of_a_result():
    """Two arrays that part on one rung need one difference, named once."""
    judged = case(fact("value", "value", probe="nan"), difference("value"))
    assert (judged.explanation, judged.finding) == ("difference d", "")


@pytest.mark.parametrize(
    ("rung", "gradient"), [("aliasing", "none"), ("layout", "none"), ("gradient", "refused")]
)
def test_what_torch_cannot_give_is_explained_on_declared_inputs(rung, gradient):
    """A view that torch has not, or a derivative that it refuses, may be a difference there."""
    judged = case(fact(rung, gradient=gradient), difference(rung, probe="float64"), own=True)
    assert (judged.explanation, judged.finding) == ("difference d", "")


@pytest.mark.parametrize(
    "rungs",
    [("value",), ("dtype",), ("shape",), ("mutation",), ("gradient",), ("value", "aliasing")],
    ids=", ".join,
)
def test_what_a_port_could_give_stays_broken(rungs):
    """On declared inputs no difference covers what a better port would repair."""
    about = [difference(rung, rung, probe="float64") for rung in rungs]
    assert case(fact(*rungs, gradient="parted"), *about, own=True).finding == "broken"


@pytest.mark.parametrize(
    "hidden",
    [
        difference("value", "hidden", probe="ties"),
        difference("value", "hidden", case="axis"),
        difference("shape", "hidden"),
    ],
    ids=["no such cell", "another case", "another rung"],
)
def test_a_difference_that_no_cell_shows_is_stale(hidden):
    """Of an op's differences those are stale that show in none of their cells."""
    about = [difference("dtype", "first"), difference("value", "second"), hidden]
    judged = [case(fact("dtype", "value", probe="nan"), *about)]
    found = stale_differences("numpy.f", about, judged)
    assert [(f.kind, f.place) for f in found] == [("stale", "numpy.f/hidden")]
    assert found[0].message == f"no cell shows {hidden.shows} any more"


def test_a_trap_does_not_show_a_difference():
    """What a trap does under a probe says nothing of the port."""
    measured = fact("value", probe="nan")
    cell = dataclasses.replace(measured.cell, sort="trap")
    trap = judge_trap(TRAP, dataclasses.replace(measured, cell=cell))
    assert len(stale_differences("numpy.f", [difference("value")], [trap])) == 1


# --- layers ---------------------------------------------------------------------------------


def layer(measured: Measured, *differences: Difference) -> Judged:
    """Judge a layer's cell."""
    pair = LayerPair("layers.L", summary="L.", cases=(), differences=differences, source="s")
    return judge_layer(pair, "plain", measured)


@pytest.mark.parametrize(
    ("measured", "kind"),
    [(fact(), ""), (fact("gradient"), "broken"), (fact(raised=RAISED), "broken")],
    ids=["same", "parted", "both raise"],
)
def test_a_layer_must_agree(measured, kind):
    """Anything but agreement breaks a layer, raising on both sides included."""
    assert layer(measured).finding == kind


def test_a_difference_explains_a_layer():
    """A layer's difference can be about its declared inputs."""
    judged = layer(fact("value"), difference("value", probe="float64"))
    assert (judged.explanation, judged.finding) == ("difference d", "")


def test_a_layers_difference_can_be_stale():
    """A layer's difference that does not show is a finding."""
    assert layer(fact(), difference("value", probe="float64")).finding == "stale"


# --- traps ----------------------------------------------------------------------------------

TRAP = Trap("torch.f(x)", shows="dtype", why="So.")


def test_a_trap_that_shows_is_explained():
    """A trap that parts as it says explains itself, whatever parts after it."""
    judged = judge_trap(TRAP, fact("dtype", "value"))
    assert (judged.explanation, judged.finding) == ("trap", "")


@pytest.mark.parametrize(
    ("measured", "found"),
    [
        (fact(), "found the same on both sides"),
        (fact("shape", "dtype"), "found shape: numpy our shape, torch their shape"),
        (fact(raised=RAISED), "found both raise: ValueError: ours; RuntimeError: theirs"),
    ],
    ids=["agrees", "another rung first", "both raise"],
)
def test_a_trap_that_shows_otherwise_is_stale(measured, found):
    """A trap is stale that agrees, or goes wrong in another way than it says."""
    judged = judge_trap(TRAP, measured)
    assert (judged.finding, judged.explanation) == ("stale", "")
    assert judged.message == f"trap 'torch.f(x)' should show dtype, {found}"


# --- claims ---------------------------------------------------------------------------------

REFUSED = fact("numpy raises", raised=("ValueError", ""))
REFUSED_BY_BOTH = fact(raised=RAISED)
NO = {"holds": False, "why": "So."}
DENIES = {"denies": True, "why": "So."}


def findings(judged: JudgedClaim) -> list[str]:
    """List the findings on a claim's cells."""
    return [j.finding for j in judged.cells]


@pytest.mark.parametrize(
    ("cells", "said", "holds"),
    [
        ([fact(), fact()], {}, True),
        ([fact(), REFUSED, REFUSED_BY_BOTH], {}, True),
        ([fact(), fact("dtype")], {**NO, "shows": "dtype"}, False),
        ([fact("shape"), fact("dtype")], {**NO, "shows": ("dtype", "shape")}, False),
        ([fact("dtype"), fact("torch raises")], DENIES, True),
        ([fact("dtype"), fact()], {**DENIES, "holds": False, "shows": "dtype"}, False),
    ],
    ids=["holds", "NumPy refuses", "one parts", "two rungs", "denies", "denies what works"],
)
def test_a_claim_typed_as_it_ran_is_clean(cells, said, holds):
    """A claim is no finding where holds= and shows= are what ran."""
    judged = claim(*cells, **said)
    assert judged.holds is holds
    assert findings(judged) == [""] * len(cells)


def test_the_parted_cells_of_a_clean_claim_are_explained_by_it():
    """The claim explains the cells that part, and those alone."""
    judged = claim(fact(), fact("dtype"), **NO, shows="dtype")
    assert [j.explanation for j in judged.cells] == ["", "claim"]
    assert judged.parted == judged.cells[1:]


def test_what_numpy_refuses_does_not_part():
    """An input that NumPy does not take is not one on which the sides part."""
    judged = claim(fact(), REFUSED)
    assert judged.holds
    assert judged.parted == ()


@pytest.mark.parametrize(
    ("cells", "said", "message"),
    [
        ([fact(), fact("dtype")], {}, "typed as one that holds, but it does not hold: found dtype"),
        ([fact()], {**NO, "shows": "dtype"}, "typed as one that does not hold, but it holds"),
        ([fact("shape")], {**NO, "shows": "dtype"}, "typed shows=dtype, but it shows shape: found"),
        ([fact("dtype"), fact("shape")], {**NO, "shows": "dtype"}, "but it shows dtype, shape"),
        ([fact("dtype")], {**NO, "shows": ("dtype", "shape")}, "typed shows=dtype, shape, but it"),
        ([fact("dtype"), fact()], DENIES, "typed as one that holds, but it does not hold"),
        ([fact("dtype")], {**DENIES, "holds": False}, "typed as one that does not hold, but it"),
    ],
)
def test_a_claim_typed_otherwise_is_stale(cells, said, message):
    """A claim that is not what ran is stale, said once, and explains nothing."""
    judged = claim(*cells, **said)
    assert findings(judged) == ["stale"] + [""] * (len(cells) - 1)
    assert message in judged.cells[0].message
    assert {j.explanation for j in judged.cells} == {""}


def test_a_stale_claim_names_the_inputs_on_which_it_parts():
    """The message ends in the probe of the first cell that parts."""
    judged = claim(fact(probe="rank1"), fact("dtype", probe="rank2"), fact("dtype", probe="rank3"))
    assert judged.cells[0].message.endswith(" at rank2")


def test_a_claim_that_numpy_refuses_throughout_is_vacuous():
    """A claim that was never tried is a finding, not one that holds."""
    judged = claim(REFUSED_BY_BOTH, REFUSED_BY_BOTH)
    assert findings(judged) == ["vacuous", ""]
    assert judged.cells[0].message == "NumPy raises on every input"


def test_a_claim_with_inputs_that_show_nothing_is_vacuous():
    """One cell of a claim that exercises nothing makes it vacuous."""
    judged = claim(fact(), fact(vacuous="both sides return None"))
    assert findings(judged) == ["vacuous", ""]
    assert judged.cells[0].message == "both sides return None"


# --- ports ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "kind"),
    [
        (fact(), ""),
        (REFUSED_BY_BOTH, ""),
        (fact("dtype"), "broken"),
        (fact("torch raises", raised=("", "RuntimeError")), "broken"),
    ],
    ids=["same", "NumPy refuses", "parted", "torch refuses"],
)
def test_a_claims_port_must_agree_wherever_numpy_runs(measured, kind):
    """A port that is offered in a claim's place agrees on all its inputs."""
    assert judge_port(measured).finding == kind


# --- messages -------------------------------------------------------------------------------


def test_a_difference_in_values_is_told_by_its_worst_element():
    """Values are told by place, both elements, and the tolerance that would pass."""
    worst = Worst(where="[1]", index=(0, 2), numpy="1.5", torch="2.0", error=0.5, relative=0.123)
    told = tell(fact("value", worst=worst))
    assert told == (
        "found value: worst at [1][0, 2], numpy 1.5, torch 2.0;"
        " the smallest relative tolerance that would pass is 0.12"
    )


def test_a_scalar_is_told_without_an_index():
    """The worst element of a result without axes is the result."""
    told = tell(fact("value", worst=Worst(numpy="1", torch="2", error=1.0, relative=1.0)))
    assert told.startswith("found value: worst at result, numpy 1, torch 2;")


def test_a_rung_asked_for_is_told_rather_than_the_first():
    """The rung named is told, with its place in the result."""
    measured = fact("shape")
    later = Part(rung="dtype", where="[0]", numpy="float64", torch="float32")
    both = Measured(cell=measured.cell, parts=(*measured.parts, later))
    assert tell(both).startswith("found shape: ")
    assert tell(both, "dtype") == "found dtype of [0]: numpy float64, torch float32"
