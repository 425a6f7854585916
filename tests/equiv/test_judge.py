"""Tests of equiv.judge: what a measured cell and an entry make together."""

import dataclasses

import pytest

from equiv.compare import Worst
from equiv.entry import EVERY, Case, Difference, LayerPair, Op, Trap
from equiv.facts import Part
from equiv.gradients import Gradient
from equiv.judge import (
    Judged,
    judge_case,
    judge_layer,
    judge_trap,
    judge_witness,
    stale_differences,
    stale_rules,
    tell,
)
from equiv.measure import Cell, Measured
from equiv.rules import Predicate, Rule, Witness

RAISED = ("ValueError", "RuntimeError")


def fact(
    *rungs: str,
    probe: str = "float64",
    raised: tuple[str, str] = ("", ""),
    vacuous: str = "",
    gradient: str = "none",
    undefined: str = "",
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
        undefined=undefined,
        worst=worst or Worst(),
        numpy="ValueError: ours" if raised[0] else "",
        torch="RuntimeError: theirs" if raised[1] else "",
    )


def difference(
    shows: str | tuple[str, ...], name: str = "d", probe: str = "nan", case: str = ""
) -> Difference:
    """Return a difference that shows on this rung, under one probe; every one where it is empty."""
    cases, probes = (case,) if case else (), (probe,) if probe else EVERY
    return Difference(name, cases=cases, probes=probes, shows=shows, why="So.", instead="X.")


def rule(
    slug: str = "r",
    rung: str = "value",
    explains: Predicate = lambda facts, part: True,
) -> Rule:
    """Return a rule that explains every part on its rung, or those that ``explains`` takes."""
    witness = Witness(numpy="np.f(x)", torch="torch.f(x)")
    return Rule(
        slug,
        rung=rung,
        statement="S.",
        why="So.",
        instead="X.",
        explains=explains,
        witness=witness,
    )


def case(
    measured: Measured,
    *differences: Difference,
    own: bool = False,
    raises: str = "",
    rules: tuple[Rule, ...] = (),
) -> Judged:
    """Judge a cell of an op with these differences, in a library of these rules."""
    plain = Case("plain", numpy="np.f(x)", torch="torch.f(x)", raises=raises)
    op = Op(
        "numpy.f", summary="F.", cases=(plain,), parameters={}, differences=differences, source="s"
    )
    return judge_case(op, plain, measured, own=own, rules=rules)


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


def test_what_numpy_leaves_undefined_is_no_finding_in_a_probe():
    """A cast of what the dtype cannot hold has no right result; declared inputs avoid it."""
    measured = fact(undefined="invalid value encountered in cast")
    assert case(measured).finding == ""
    assert case(measured, own=True).finding == "broken"


def test_what_parts_beside_the_undefined_is_a_finding():
    """A dtype is right or wrong whatever the values are."""
    measured = fact("dtype", undefined="invalid value encountered in cast")
    assert case(measured).finding == "unexplained"


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
    message = "value is explained by difference a and by difference b"
    assert (judged.finding, judged.message) == ("ambiguous", message)


def test_one_difference_explains_a_rung_in_every_array_of_a_result():
    """Two arrays that part on one rung need one difference, named once."""
    judged = case(fact("value", "value", probe="nan"), difference("value"))
    assert (judged.explanation, judged.finding) == ("difference d", "")


@pytest.mark.parametrize(
    ("rung", "gradient"),
    [
        ("aliasing", "none"),
        ("layout", "none"),
        ("gradient", "refused"),
        ("numpy hangs", "none"),
        ("numpy crashes", "none"),
    ],
)
def test_what_no_port_can_give_is_explained_on_declared_inputs(rung, gradient):
    """A view that torch has not, a derivative that it refuses, or where NumPy never returns."""
    judged = case(fact(rung, gradient=gradient), difference(rung, probe="float64"), own=True)
    assert (judged.explanation, judged.finding) == ("difference d", "")


@pytest.mark.parametrize(
    "rungs",
    [
        ("value",),
        ("dtype",),
        ("shape",),
        ("mutation",),
        ("gradient",),
        ("value", "aliasing"),
        ("torch hangs",),
        ("torch crashes",),
    ],
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


def test_one_difference_may_show_on_several_rungs():
    """It takes each of them, and is named once."""
    judged = case(fact("dtype", "value", probe="nan"), difference(("dtype", "value")))
    assert (judged.explanation, judged.finding) == ("difference d", "")


def test_a_difference_of_several_rungs_must_show_on_each():
    """The one that is missing is named."""
    judged = case(fact("dtype", probe="nan"), difference(("dtype", "value")))
    assert judged.finding == "stale"
    assert judged.message.startswith("difference 'd' should show value, found dtype")


def test_a_difference_that_shows_on_one_of_its_rungs_only_is_stale():
    """No cell has them both."""
    d = difference(("aliasing", "layout"), probe="")
    apart = [case(fact(rung, probe="nan"), d) for rung in d.rungs]
    (finding,) = stale_differences("numpy.f", [d], apart)
    assert finding.message == "no cell shows aliasing and layout any more"
    both = case(fact("layout", "aliasing", probe="nan"), d)
    assert stale_differences("numpy.f", [d], [*apart, both]) == []


STANDING = [("aliasing", "none"), ("layout", "none"), ("gradient", "refused")]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("rung", "gradient"), STANDING)
def test_a_standing_difference_explains_every_probe(rung, gradient, own):
    """A view, a layout or no derivative: whatever the inputs hold, the declared ones too."""
    judged = case(fact(rung, gradient=gradient), difference(rung, probe=""), own=own)
    assert (judged.explanation, judged.finding) == ("difference d", "")


def test_a_standing_difference_need_not_show_in_each_cell():
    """An empty result has nothing to write through; somewhere it must show all the same."""
    d = difference("aliasing", probe="")
    agrees = case(fact(probe="empty"), d)
    assert (agrees.explanation, agrees.finding) == ("", "")
    assert [f.place for f in stale_differences("numpy.f", [d], [agrees])] == ["numpy.f/d"]


@pytest.mark.parametrize(("rung", "gradient"), [("value", "none"), ("gradient", "parted")])
def test_a_standing_difference_explains_nothing_that_the_inputs_decide(rung, gradient):
    """A wrong value or derivative has a probe that shows it."""
    judged = case(fact(rung, gradient=gradient, probe="nan"), difference(rung, probe=""))
    assert judged.finding == "unexplained"


# --- rules ----------------------------------------------------------------------------------


def test_a_rule_explains_what_no_difference_names():
    """In a probe, the one rule that takes a rung explains it."""
    judged = case(fact("value", probe="nan"), rules=(rule(),))
    assert (judged.explanation, judged.finding) == ("rule r", "")


def test_a_rule_never_explains_declared_inputs():
    """There the port has to agree, whatever the libraries do otherwise."""
    for rung in ("value", "aliasing"):
        judged = case(fact(rung), own=True, rules=(rule(rung=rung),))
        assert (judged.explanation, judged.finding) == ("", "broken")


@pytest.mark.parametrize(
    "other",
    [rule(rung="dtype"), rule(explains=lambda facts, part: False)],
    ids=["another rung", "not recognised"],
)
def test_a_rule_explains_nothing_else(other):
    """Neither another rung nor what it does not recognise."""
    assert case(fact("value", probe="nan"), rules=(other,)).finding == "unexplained"


def test_a_rule_must_take_every_array_that_parts_on_its_rung():
    """One array that it explains does not excuse another."""
    measured = fact("value", "value", probe="nan")
    first = dataclasses.replace(measured.parts[0], where="[0]")
    measured = dataclasses.replace(measured, parts=(first, measured.parts[1]))
    assert case(measured, rules=(rule(),)).explanation == "rule r"
    only = rule(explains=lambda facts, part: part.where == "[0]")
    assert case(measured, rules=(only,)).finding == "unexplained"


def test_a_rule_sees_what_was_measured():
    """Both errors among the facts, under the side that raised."""
    seen = []
    takes = rule(rung="torch raises", explains=lambda facts, part: seen.append(facts) or True)
    case(fact("torch raises", raised=("", "RuntimeError"), probe="nan"), rules=(takes,))
    assert [facts.errors for facts in seen] == [("", "RuntimeError: theirs")]


def test_a_rung_that_no_rule_takes_is_unexplained():
    """A rule for one rung does not cover a second one."""
    judged = case(fact("dtype", "value", probe="nan"), rules=(rule(rung="dtype"),))
    assert judged.finding == "unexplained"
    assert "found value" in judged.message


def test_a_difference_comes_before_a_rule():
    """What the entry names is no matter of the library: that is no ambiguity."""
    judged = case(fact("value", probe="nan"), difference("value"), rules=(rule(),))
    assert (judged.explanation, judged.finding) == ("difference d", "")


def test_a_difference_and_a_rule_explain_a_rung_each():
    """Both are named."""
    measured = fact("dtype", "value", probe="nan")
    judged = case(measured, difference("dtype"), rules=(rule(),))
    assert judged.explanation == "difference d; rule r"


def test_two_rules_for_one_rung_are_ambiguous():
    """The message names both."""
    judged = case(fact("value", probe="nan"), rules=(rule("a"), rule("b")))
    message = "value is explained by rule a and by rule b"
    assert (judged.finding, judged.message) == ("ambiguous", message)


def test_a_rule_that_explains_no_cell_is_stale():
    """Found by its whole name, wherever it stands in an explanation."""
    measured = fact("dtype", "value", probe="nan")
    judged = [case(measured, difference("dtype"), rules=(rule("used"),))]
    found = stale_rules([rule("used"), rule("use"), rule("d")], judged)
    assert [(f.kind, f.place) for f in found] == [("stale", "rules/use"), ("stale", "rules/d")]


def test_a_witness_alone_does_not_keep_a_rule():
    """It shows that the rule can hold, not that any op needs it."""
    r = rule()
    assert len(stale_rules([r], [judge_witness(r, fact("value"))])) == 1


def test_a_witness_shows_its_rule():
    """Whatever parts beside it."""
    judged = judge_witness(rule(), fact("dtype", "value"))
    assert (judged.explanation, judged.finding) == ("witness", "")


@pytest.mark.parametrize(
    ("measured", "of"),
    [
        (fact(), rule()),
        (fact("dtype"), rule()),
        (fact(raised=RAISED), rule(rung="torch raises")),
        (fact("value"), rule(explains=lambda facts, part: False)),
    ],
    ids=["same", "another rung", "both raise", "not recognised"],
)
def test_a_witness_that_does_not_show_its_rule_is_stale(measured, of):
    """The rule has to recognise what its own witness gives."""
    judged = judge_witness(of, measured)
    assert (judged.finding, judged.explanation) == ("stale", "")
    assert judged.message == f"the witness of rule 'r' should show {of.rung}, {tell(measured)}"


# --- layers ---------------------------------------------------------------------------------


def layer(measured: Measured, *differences: Difference) -> Judged:
    """Judge a layer's cell."""
    pair = LayerPair("layers.L", summary="L.", cases=(), differences=differences, source="s")
    return judge_layer(pair, measured)


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
