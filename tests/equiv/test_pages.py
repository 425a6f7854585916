"""Tests of equiv.report.pages: what is said of a pair of the sheet, of rules and of probes."""

import dataclasses
import html
import re

import pytest

from equiv.catalogue import Catalogue
from equiv.entry import Case, Claim, Difference, Op, Row, per_rank, real
from equiv.probes import PROBES
from equiv.report import pages
from equiv.results import Results
from equiv.rules import RULES
from equiv.runner import execute


def but(*probes: str) -> dict[str, str]:
    """Leave a case every probe but these."""
    return dict.fromkeys((p for p in PROBES if p not in probes), "Of no matter here.")


PIPES = Op(
    "numpy.bitwise_or",
    summary="Or.",
    inputs={"x": real(3, 4)},
    cases=(Case("plain", numpy="(x < 0) | (x > 1)", torch="(x < 0) | (x > 1)", unprobed=but()),),
    parameters={},
    source="hand-made",
)


# --- pairs of the sheet ---------------------------------------------------------------------


def of_pair(claim: Claim) -> Results:
    """Return the results of a sheet of one pair."""
    row = Row("R", summary="R", claims=(claim,))
    return Results(execute(Catalogue({"bitwise": (PIPES,)}, (row,), ())))


def told(torch, numpy="np.abs(x)", page=pages.compatibility_md, **said: object) -> str:
    """Return what a page says of a claim on a vector and a matrix."""
    bind = {"x": per_rank(real(4), real(3, 4))}
    claim = Claim(numpy=numpy, torch=torch, op=f"{PIPES.name}/plain", bind=bind, **said)
    text = page(of_pair(claim))
    start, end = (
        ("### 1. R", "\n## ") if page is pages.compatibility_md else ("<tbody>", "</tbody>")
    )
    return text.partition(start)[2].partition(end)[0]


@pytest.mark.parametrize(
    ("numpy", "torch", "shows", "words"),
    [
        ("np.abs(x)", "torch.abs(x).float()", "dtype", "**dtype** (ranks 1 and 2)"),
        ("np.abs(x)", "torch.abs(x)[..., :9 - 4 * x.ndim]", "shape", "**shape** (rank 2)"),
        (
            "np.size(x)",
            "torch.unique(x).numel()",
            "value",
            "**value** (rank 1, with ties; rank 2, with ties)",
        ),
        (
            "np.copy(x)",
            "torch.tensor(x.tolist(), dtype=torch.float64)",
            ("gradient", "layout"),
            "**gradient** (rank 1, as drawn; rank 2, as drawn), **layout** (rank 2, transposed)",
        ),
    ],
    ids=["all ranks", "one rank", "one condition", "two rungs"],
)
def test_a_pair_that_does_not_hold_says_on_which_inputs(numpy, torch, shows, words):
    """The inputs on which the sides part are named, rank by rank."""
    text = told(torch, numpy, holds=False, shows=shows, why="Because.", layout="layout" in shows)
    assert f"The sides part on {words}. Because." in text


@pytest.mark.parametrize(
    ("numpy", "torch", "words"),
    [("np.abs(x)", "torch.abs(x)", "ranks 1 and 2"), ("x[:, 0] * 1", "x[..., 0] * 1", "rank 2")],
    ids=["all", "those that NumPy takes"],
)
def test_a_pair_that_holds_says_on_which_inputs(numpy, torch, words):
    """What was tried is named, and nothing is to be written instead."""
    assert told(torch, numpy) == f"\n\nR.\n\n**✓ holds**: `{numpy}` ↔ `{torch}`, at {words}.\n"
    assert "Write" not in told(torch, numpy, pages.compatibility_html)


def test_a_pair_that_does_not_hold_shows_one_input_and_both_results():
    """The first input that parts stands there with its values, and what each side gives."""
    text = told("torch.abs(x).float()", holds=False, shows="dtype", why="Narrow.")
    assert re.search(
        r"```python\nx = .*default_rng\(.*\(4,\)\).*  # float64 \[.*\]\n"
        r"np\.abs\(x\)  # numpy: float64 \[.*\]\n"
        r"torch\.abs\(x\)\.float\(\)  # torch: float32 \[.*\]\n```",
        text,
    )


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("torch.abs(x)", "Write `torch.abs(x)` for `np.abs(x)`."),
        (("abs(x)", "x.abs()"), "Write `x.abs()` for `abs(x)`."),
        (None, "Write `(x < 0) | (x > 1)` for `(x < 0) | (x > 1)`."),
        ("", ""),
    ],
    ids=["its own", "both texts", "the op's", "none"],
)
def test_a_pair_that_does_not_hold_says_what_to_write(port, said):
    """The claim's own port goes before that of its op; there may be none."""
    text = told("torch.abs(x).float()", holds=False, shows="dtype", why="Narrow.", port=port)
    assert ("Write" in text) == bool(said)
    assert said in text


@pytest.mark.parametrize("page", [pages.compatibility_md, pages.compatibility_html])
@pytest.mark.parametrize(
    ("fields", "stale"),
    [
        ({"torch": "torch.abs(x).float()"}, []),
        ({"torch": "torch.abs(x).float()", "port": ""}, []),
        ({"torch": "torch.abs(x)"}, ["sheet/r/1@float64"]),
        ({"torch": "none", "completed": ("np.abs(x)", "torch.abs(x)")}, ["sheet/r/1@float64"]),
    ],
    ids=["as written", "nothing does better", "there is one", "there is one, completed"],
)
def test_a_claim_that_denies_can_be_reported(page, fields, stale):
    """A counterpart that there is, against what the sheet says, is a finding and not a crash."""
    bind = {"x": real(3)}
    claim = Claim(
        numpy="np.abs(x)", op=PIPES.name, bind=bind, denies=True, why="It has none.", **fields
    )
    found = of_pair(claim)
    assert [f.place for f in found.findings if f.kind == "stale"] == stale
    text = page(found)
    assert "It has none." in text
    assert all(place in text for place in stale)


# --- rules ----------------------------------------------------------------------------------

MEAN = Op(
    "numpy.mean",
    summary="Mean.",
    inputs={"x": real(3, 4)},
    cases=(
        Case("plain", numpy="np.mean(x)", torch="torch.mean(x)", unprobed=but("int64", "nan")),
        Case("sqrt", numpy="np.sqrt(x)", torch="torch.sqrt(x)", unprobed=but("int64", "uint8")),
    ),
    parameters={},
    source="hand-made",
)
RULED = Catalogue({"statistics": (MEAN,)}, (), (), RULES)


@pytest.fixture(scope="module")
def ruled() -> Results:
    """A run of an op that shows two rules."""
    return Results(execute(RULED))


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second order."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_page_of_rules_has_a_section_for_each(ruled):
    """Every rule has its heading, in their order, and its line in the table on top."""
    text = pages.rules_md(ruled)
    slugs = [rule.slug for rule in RULES]
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [*slugs, "The probes"]
    assert re.findall(r"^\| \[(.*?)\]\(#(.*?)\)", text, re.MULTILINE) == [(s, s) for s in slugs]


def test_a_rules_section_says_all_of_it(ruled):
    """Statement, reason, what to do, the witness with both results, and who shows it."""
    (rule,) = (rule for rule in RULES if rule.slug == "float-keeps-width")
    text = section(pages.rules_md(ruled), rule.slug)
    assert f"{rule.statement} {rule.why}\n\n{rule.instead}\n" in text
    assert (
        "```python\n"
        "x = np.array([3, 1])\n"
        "y = np.array([1.5, 2.5], dtype='float32')\n"
        "x + y  # numpy: float64 [4.5, 3.5]\n"
        "x + y  # torch: float32 [4.5, 3.5]\n"
        "```\n"
    ) in text
    assert "Shows in 1 cells of `numpy.mean`." in section(pages.rules_md(ruled), "floating-only")


def test_the_table_of_rules_counts_cells_and_ops(ruled):
    """A rule's line says on which rung it shows, in how many cells and of how many ops."""
    text = pages.rules_md(ruled)
    assert "| [floating-only](#floating-only) | torch raises | 1 | 1 |\n" in text
    assert "| [default-float](#default-float) | dtype | 2 | 1 |\n" in text
    assert "| [kink](#kink) | gradient | 0 | 0 |\n" in text


@pytest.mark.parametrize("page", [pages.rules_md, pages.compatibility_html])
def test_a_part_of_a_run_tells_the_rules_that_show_in_it(page):
    """A rule that the part does not show is not on its pages: nothing was looked for."""
    text = page(Results(execute(RULED, match="numpy.mean/sqrt*")))
    assert "default-float" in text
    assert "floating-only" not in text


def test_a_witness_that_was_not_run_stands_without_results():
    """In a part of a run a rule has the code of its witness, and no results made up for it."""
    text = section(
        pages.rules_md(Results(execute(RULED, match="numpy.mean/sqrt*"))), "default-float"
    )
    code = "x = np.array([3, 1, 2])\nnp.sqrt(x)\ntorch.sqrt(x)\n"
    assert f"```python\n{code}```\n" in text


LINKS = {
    pages.compatibility_md: "Rules: [floating-only](rules.md#floating-only) (int64); "
    "[default-float](rules.md#default-float) (int64, uint8).",
    pages.compatibility_html: 'Rules: <a href="#rule-floating-only">floating-only</a> (int64); '
    '<a href="#rule-default-float">default-float</a> (int64, uint8)</small>',
}


@pytest.mark.parametrize(("page", "place"), LINKS.items(), ids=["md", "html"])
def test_an_op_names_the_rules_that_it_shows(ruled, page, place):
    """Beside an op stand the rules that it shows, each with its probes, by their slugs."""
    assert place in " ".join(page(ruled).split())


def test_every_link_to_a_rule_leads_somewhere(results):
    """What the pages link to in each other, and within themselves, is there."""
    rules = re.findall(r"^## (.*)$", pages.rules_md(results), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in rules}
    linked = set(re.findall(r"\(rules\.md#(.*?)\)", pages.compatibility_md(results)))
    assert len(linked) > 10
    assert linked <= anchors
    text = pages.compatibility_html(results)
    assert set(re.findall(r'href="#(.*?)"', text)) <= set(re.findall(r' id="(.*?)"', text))


# --- probes ---------------------------------------------------------------------------------


def test_the_page_of_rules_lists_the_probes(ruled):
    """Every probe stands there with its group and what it does, in their order."""
    rows = re.findall(
        r"^\| (.*?) \| (.*?) \| (.*) \|$", section(pages.rules_md(ruled), "The probes"), re.M
    )
    listed = [(p.name, p.group, p.what) for p in PROBES.values()]
    assert rows == [("probe", "group", "the inputs are"), *listed]


STRIP = {
    "dtype": "····!~·····✓··",
    "size": "····",
    "values": "✓·········",
    "integers": "···",
    "layout": "····",
    "operands": "·" * 15,
    "shape": "··",
}


def test_an_op_has_its_strip(ruled):
    """Each group of probes has a mark a probe: raising in torch, differing, the same, no matter."""
    text = pages.compatibility_md(ruled)
    assert " · ".join(f"{group} `{marks}`" for group, marks in STRIP.items()) in text


def test_a_mark_says_its_probe_and_outcome(ruled):
    """On the HTML page a mark names its probe and what came of it."""
    text = html.unescape(pages.compatibility_html(ruled))
    marks = re.findall(r'<i title="(.*?)">(.)</i>', text)
    assert [title.partition(": ")[0] for title, _ in marks] == list(PROBES)
    assert "".join(mark for _, mark in marks) == "".join(STRIP.values())
    said = dict(title.split(": ") for title, _ in marks)
    assert (said["int64"], said["uint8"], said["nan"], said["huge"]) == (
        "torch raises", "dtype", "same", "not applicable",
    )  # fmt: skip


@pytest.mark.parametrize("page", [pages.compatibility_md, pages.compatibility_html])
def test_the_marks_are_explained(ruled, page):
    """What a mark says stands on the page once, in words."""
    text = " ".join(re.sub(r"</?b>|`", "", page(ruled)).split())
    ends = "raises, hangs or crashes in"
    assert (
        f"! {ends} torch only, × {ends} NumPy only, ~ differs, as explained, "
        "✓ the same, or raising on both sides, · not applicable."
    ) in text


# --- differences ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", [pages.compatibility_md, pages.compatibility_html])
def test_a_difference_names_all_its_rungs_and_probes(page):
    """A difference on two rungs and two probes says all four."""
    case = Case(
        "plain",
        numpy="np.nan_to_num(x)",
        torch="x.nan_to_num(nan=1.0) * (1 + x.isnan().any())",
        unprobed=but("nan"),
    )
    d = Difference("two", probes=("nan",), shows=("value", "gradient"), why="So.", instead="y.")
    op = dataclasses.replace(PIPES, cases=(case,), differences=(d,))
    text = re.sub(
        r"\*|</?(strong|em)>", "", page(Results(execute(Catalogue({"io": (op,)}, (), ()))))
    )
    assert "two (value, gradient, under nan): So. Instead: y." in text


@pytest.mark.parametrize("page", [pages.compatibility_md, pages.layers_md])
def test_a_layers_difference_names_all_its_rungs(catalogue, page):
    """The same is said of a layer's difference, in words and not as Python spells a tuple."""
    d = Difference("two", probes=("float32",), shows=("value", "gradient"), why="So.", instead="y.")
    pair = dataclasses.replace(catalogue.layers[0], differences=(d,))
    text = page(Results(execute(Catalogue({}, (), (pair,)))))
    assert re.search(r"two\*\* \(value, gradient[;,]", text)
