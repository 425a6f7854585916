"""The strip: one mark for each probe, the gravest outcome first."""

import pytest

from equiv.entry import RUNGS
from equiv.probes import PROBES
from equiv.strip import gravest, lines, mark, strip

PARTED = ["structure", "shape", "dtype", "nan", "value", "sign of zero", "layout", "aliasing",
          "mutation", "gradient"]  # fmt: skip

MARKED: dict[str, list[str]] = {
    "!": ["torch raises", "torch hangs", "torch crashes"],
    "×": ["numpy raises", "numpy hangs", "numpy crashes"],
    "~": PARTED,
    "✓": ["same", "both raise", "undefined"],
    "·": [""],
}
"""Every outcome by its mark, the gravest mark first."""


@pytest.mark.parametrize(("sign", "outcomes"), MARKED.items())
def test_outcome_has_its_mark(sign: str, outcomes: list[str]) -> None:
    """Failing on one side says which; parting and agreeing have a mark each, and so has nothing."""
    assert [mark(outcome) for outcome in outcomes] == [sign] * len(outcomes)


def test_every_rung_has_a_mark_of_parting() -> None:
    """The table above has the whole ladder."""
    assert {*MARKED["!"], *MARKED["×"], *MARKED["~"]} == {*RUNGS}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["same", "dtype", "numpy raises", "torch hangs", ""], "torch hangs"),
        (["same", "dtype", "numpy crashes", ""], "numpy crashes"),
        (["", "same", "value"], "value"),
        (["", "undefined"], "undefined"),
        (["shape", "dtype"], "shape"),  # the first of two that weigh the same
        (["", ""], ""),
        ([], ""),
    ],
)
def test_gravest_outcome_stands_for_all(outcomes: list[str], expected: str) -> None:
    """Of an op's cases under one probe the one that says most against the port is told."""
    assert gravest(outcomes) == expected
    assert mark(gravest(reversed(outcomes))) == mark(expected)


def test_strip_has_every_probe_once() -> None:
    """Each probe is in its own group, in the order of the pages; most have nothing to tell."""
    found = strip({"nan": "torch raises", "float32": "same"})
    assert [name for marks in found.values() for _, name, _ in marks] == [*PROBES]
    assert {PROBES[name].group for name in PROBES} == {*found}
    assert all(PROBES[name].group == group for group in found for _, name, _ in found[group])
    told = [entry for marks in found.values() for entry in marks if entry[2]]
    assert told == [("✓", "float32", "same"), ("!", "nan", "torch raises")]
    assert {sign for marks in found.values() for sign, _, outcome in marks if not outcome} == {"·"}


def test_what_is_no_probe_is_not_in_the_strip() -> None:
    """An op without arrays runs in the condition ``declared`` alone, which is no probe."""
    assert strip({"declared": "value"}) == strip({})


def test_lines_name_what_differs() -> None:
    """A line has the marks of its group, then the probes that differ, the gravest first."""
    outcomes = {
        "empty": "numpy raises",
        "empty across": "same",
        "0-d": "shape",
        "length one": "torch raises",
        "int8 extremes": "value",
        "uint8 extremes": "dtype",
        "square": "both raise",
    }
    found = lines(outcomes)
    assert found[1] == "size      ×✓~!  ! length one  × empty  ~ 0-d"
    assert found[3] == "integers  ~·~  ~ int8 extremes, uint8 extremes"
    assert found[6] == "shape     ✓·"


def test_lines_of_nothing() -> None:
    """A group without a probe that applies is there all the same, under the others."""
    assert lines({}) == [
        "dtype     ··············",
        "size      ····",
        "values    ··········",
        "integers  ···",
        "layout    ····",
        "operands  ···············",
        "shape     ··",
    ]
