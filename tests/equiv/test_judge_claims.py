"""Tests of equiv.judge: what the cells of a claim of the sheet, and of its port, make together."""

import pytest

from equiv.entry import Claim
from equiv.facts import Part
from equiv.judge import JudgedClaim, judge_claim, judge_port
from equiv.measure import Cell, Measured

RAISED = ("ValueError", "RuntimeError")


def fact(
    *rungs: str,
    probe: str = "float64",
    raised: tuple[str, str] = ("", ""),
    vacuous: str = "",
) -> Measured:
    """Return a measured cell that parts on these rungs."""
    return Measured(
        cell=Cell(
            id=f"sheet/row/1@{probe}",
            sort="claim",
            area="sheet",
            owner="Row",
            case="1",
            probe=probe,
            numpy="np.f(x)",
            torch="torch.f(x)",
            code={},
        ),
        parts=tuple(Part(rung=r, numpy=f"our {r}", torch=f"their {r}") for r in rungs),
        raised=raised,
        vacuous=vacuous,
    )


def claim(*cells: Measured, **said: object) -> JudgedClaim:
    """Judge a claim that says this over these cells."""
    return judge_claim(
        "Row", 1, Claim(numpy="np.f(x)", torch="torch.f(x)", op="numpy.f", **said), cells
    )


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
