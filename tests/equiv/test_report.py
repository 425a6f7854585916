"""Tests of equiv.report: files, pages and tables."""

import csv
import html
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from equiv import report
from equiv.catalogue import Catalogue
from equiv.conditions import CONDITIONS
from equiv.entry import Case, Claim, Difference, EquivError, Op, Row, Trap, real
from equiv.probes import PROBES
from equiv.report import FORMATS, pages, replace_files, tables, write
from equiv.results import LAYER_FIGURES, Results
from equiv.runner import execute
from equiv.strip import mark

FILES = {name for files in FORMATS.values() for name in files}


def but(*probes: str) -> dict[str, str]:
    """Leave a case every probe but these."""
    return dict.fromkeys((p for p in PROBES if p not in probes), "Of no matter here.")


ALONE = but()
PIPES = Op(
    "numpy.bitwise_or",
    summary="Or <s>of</s> bits & such.",
    inputs={"x": real(3, 4)},
    cases=(
        Case(
            "plain",
            numpy="(x < 0) | (x > 1)",
            torch="(x < 0) | (x > 1)",
            trap=Trap("x < 0 | 1", shows="value", why="`|` binds <script> first | so."),
            unprobed=ALONE,
        ),
        Case(
            "wrong",
            numpy="np.max(x)",
            torch="torch.min(x) | 0 if 0 else torch.min(x)",
            unprobed=ALONE,
        ),
        Case("nan", numpy="np.max(x)", torch="x[x == x].max()", unprobed=but("nan")),
    ),
    parameters={"x1": "input", "out": None},
    differences=(
        Difference("d", cases=("nan",), probes=("nan",), shows="nan", why="a | b.", instead="C."),
    ),
    source="hand-made",
)
SAVE = Op("numpy.save", summary="Save.", parameters={}, instead="torch.save.", source="hand-made")
ROW = Row(
    "Or <u> & Max",
    summary="Bits | both",
    claims=(
        Claim(
            numpy="np.sum(x)",
            torch="torch.sum(x).float() | x",
            completed=("np.sum(x)", "torch.sum(x).float()"),
            op="numpy.bitwise_or",
            bind={"x": real(3)},
            holds=False,
            shows="dtype",
            why="So.",
        ),
    ),
)


def ran(*ops: Op, rows: tuple[Row, ...] = ()) -> Results:
    """Return the results of a small catalogue."""
    return Results(execute(Catalogue({"bitwise": ops}, rows, ())))


@pytest.fixture(scope="module")
def planted() -> Results:
    """A run whose texts hold what breaks tables and pages, with one finding."""
    return ran(PIPES, SAVE, rows=(ROW,))


def listed(text: str) -> list[dict[str, str]]:
    """Read a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


# --- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formats", "files"),
    [
        (("md",), {"compatibility.md", "rules.md", "layers.md"}),
        (("csv",), {"compatibility.csv", "layers.csv", "cells.csv"}),
        (("json", "html"), {"compatibility.json", "compatibility.html"}),
    ],
)
def test_a_format_has_its_files(planted, tmp_path, formats, files):
    """Each format writes its own files, and says which."""
    paths = write(planted, tmp_path / "new" / "folder", formats)
    assert {p.name for p in paths} == files
    assert {p.name for p in (tmp_path / "new" / "folder").iterdir()} == files


def test_all_but_json_is_written_unless_asked(planted, tmp_path):
    """The reports that are committed are Markdown, CSV and HTML."""
    assert {p.name for p in write(planted, tmp_path)} == FILES - {"compatibility.json"}


def test_files_are_utf8_with_unix_line_ends(planted, tmp_path):
    """Every file reads as UTF-8, has no carriage return and ends in a line end."""
    for path in write(planted, tmp_path, tuple(FORMATS)):
        data = path.read_bytes()
        assert b"\r" not in data, path
        assert data.decode("utf-8").endswith("\n"), path
        assert path.stat().st_mode & 0o777 == 0o644, path


def before(folder: Path) -> None:
    """Put old files into a folder."""
    for name in FILES:
        (folder / name).write_text("old")


def contents(folder: Path) -> dict[str, str]:
    """Read all that there is in a folder, hidden files too."""
    return {p.name: p.read_text() if p.is_file() else "" for p in folder.iterdir()}


def test_old_files_are_replaced(planted, tmp_path):
    """A report takes the place of the one before, without leftovers."""
    before(tmp_path)
    write(planted, tmp_path, tuple(FORMATS))
    assert contents(tmp_path).keys() == FILES
    assert "old" not in contents(tmp_path).values()


def test_a_page_that_cannot_be_spelled_leaves_the_old_files(planted, tmp_path, monkeypatch):
    """All is spelled before any is written."""

    def fail(_):
        raise ZeroDivisionError

    before(tmp_path)
    monkeypatch.setattr(report, "FORMATS", {**FORMATS, "html": {"compatibility.html": fail}})
    with pytest.raises(ZeroDivisionError):
        write(planted, tmp_path, ("md", "csv", "html"))
    assert set(contents(tmp_path).values()) == {"old"}
    assert contents(tmp_path).keys() == FILES


def test_a_write_that_fails_leaves_the_old_files(planted, tmp_path, monkeypatch):
    """A full disk in the middle leaves what was there, and no temporary files."""
    opened = []

    def full(handle, *args, **kwargs):
        opened.append(handle)
        if len(opened) == 3:
            raise OSError(28, "No space left on device")
        return fdopen(handle, *args, **kwargs)

    before(tmp_path)
    fdopen = report.os.fdopen
    monkeypatch.setattr(report.os, "fdopen", full)
    with pytest.raises(EquivError, match="No space left on device"):
        write(planted, tmp_path)
    monkeypatch.undo()
    report.os.close(opened[-1])
    assert set(contents(tmp_path).values()) == {"old"}
    assert contents(tmp_path).keys() == FILES


def test_a_rename_that_fails_leaves_the_old_files(planted, tmp_path):
    """A file that cannot be replaced keeps the others from being replaced before it."""
    before(tmp_path)
    (tmp_path / "layers.md").unlink()
    (tmp_path / "layers.md").mkdir()
    with pytest.raises(EquivError, match="cannot be written to"):
        write(planted, tmp_path)
    assert contents(tmp_path).keys() == FILES
    assert set(contents(tmp_path).values()) == {"old", ""}


def test_a_folder_below_a_file_is_refused(planted, tmp_path):
    """The error names the folder and what stands in its way."""
    (tmp_path / "file").write_text("mine")
    folder = tmp_path / "file" / "reports"
    with pytest.raises(EquivError, match=f"-o {folder}: cannot be written to .*; name another"):
        write(planted, folder)
    assert contents(tmp_path) == {"file": "mine"}


def test_files_are_replaced_in_place(tmp_path):
    """Files beside those that are written stay."""
    (tmp_path / "mine").write_text("mine")
    replace_files({tmp_path / "a": "é\n"})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        "a": "é\n".encode(),
        "mine": b"mine",
    }


# --- Markdown -------------------------------------------------------------------------------


def headings(text: str) -> list[str]:
    """List the headings of a page, with their marks; code aside."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ .*$", prose, re.MULTILINE)


def test_the_page_opens_with_versions_and_counts(results):
    """What it was measured on comes first, then the figures of the summary."""
    head, _, rest = pages.compatibility_md(results).partition("## The sheet, row by row")
    n, v = results.counts, results.versions
    assert rest
    assert head.startswith(
        "# NumPy and PyTorch, run side by side\n\n"
        f"Measured on torch {v['torch']} and numpy {v['numpy']}, Python {v['python']}, CPU, seed 0."
    )
    for line in (
        f"| rows of the sheet, executed | {n['rows']} / 45 |",
        f"| pairs that hold as written | {n['pairs that hold']} of {n['pairs']} |",
        f"| ops, cases | {n['ops']}, {n['cases']} |",
        f"| cells run | {n['cells']} |",
        f"| of which the same on both sides | {n['same']} |",
        f"| of which parting as explained here | {n['explained']} |",
        f"| findings | {n['findings']} |",
    ):
        assert line + "\n" in head


def test_the_page_goes_on_with_the_sheet_the_layers_and_the_ops(catalogue, results):
    """The rows come in the sheet's order, then the layers, then every op area by area."""
    rows = [f"### {i}. {row.title}" for i, row in enumerate(catalogue.rows, 1)]
    areas = [
        line
        for area, ops in catalogue.areas.items()
        for line in (f"### {area}", *(f"#### `{op.name}`" for op in ops))
        if ops
    ]
    found = headings(pages.compatibility_md(results))
    assert [heading for heading in found if heading != "## Findings"] == [
        "# NumPy and PyTorch, run side by side",
        "## The sheet, row by row",
        *rows,
        "## The layers",
        "## The ops, area by area",
        *areas,
    ]


def test_every_pair_says_whether_it_holds(results):
    """Each pair of the sheet has its line, with both texts as the sheet writes them."""
    text = pages.compatibility_md(results)
    marks = re.findall(r"^\*\*(✓ holds|✗ does not hold)\*\*: `(.*?)` ↔ `?(.*)", text, re.MULTILINE)
    claims = results.claims
    assert [mark == "✓ holds" for mark, _, _ in marks] == claims["holds"].tolist()
    assert [numpy for _, numpy, _ in marks] == claims["numpy"].tolist()
    for (_, _, rest), torch in zip(marks, claims["torch"], strict=True):
        assert rest.startswith(torch)


@pytest.mark.parametrize("page", [pages.compatibility_md, pages.layers_md])
@pytest.mark.parametrize("which", ["results", "planted"])
def test_no_text_breaks_a_table(page, which, request):
    """Every line of a table has as many cells as its head: a bar in a text is escaped."""
    width = None
    for line in page(request.getfixturevalue(which)).splitlines():
        if not line.startswith("|"):
            width = None
            continue
        bars = len(re.findall(r"(?<!\\)\|", line))
        width = width or bars
        assert bars == width, line


def test_a_page_lists_findings_before_the_sheet(planted):
    """What fails the run is on the page, by place."""
    text = pages.compatibility_md(planted)
    assert headings(text)[1] == "## Findings"
    assert "- **broken** `numpy.bitwise_or/wrong@float64`: expected agreement, found value" in text


def test_an_op_has_its_texts_trap_parameters_and_differences(planted):
    """What is copied stands on the page as it ran, and what it shows beside it."""
    text = pages.compatibility_md(planted).partition("#### `numpy.bitwise_or`")[2]
    assert "| `(x < 0) \\| (x > 1)` | `(x < 0) \\| (x > 1)` | `x < 0 \\| 1`: " in text
    assert "Parameters: `x1` → `input`, `out` has no counterpart." in text
    assert "**d** (nan, under nan): a | b. *Instead:* C." in text
    assert "np.max(x)  # numpy: float64 nan\nx[x == x].max()  # torch: float64 " in text


def test_an_op_without_a_port_says_what_to_do_instead(planted):
    """An op that torch has not is on the pages, with what to do."""
    text = pages.compatibility_md(planted)
    assert "#### `numpy.save`\n\n*missing*. Save. Instead: torch.save." in text
    page = Page(pages.compatibility_html(planted))
    assert {"numpy.save", "torch.save."} <= set(page.text("td"))


def test_the_layers_page_has_every_cell(catalogue, results):
    """Each layer has its heading, and a line for each case with a mark for each condition."""
    text = pages.layers_md(results)
    names = [f"## `{pair.name}`" for pair in catalogue.layers]
    assert [h for h in headings(text) if h.startswith("## ")] == [*names, "## Left out"]
    rows = re.findall(r"^\| ([a-z0-9.-]+) \| `.*\| ([✓~!×·]{8}) \|", text, re.MULTILINE)
    outcomes: dict[tuple[str, str], dict[str, str]] = {}
    for j in results.report.judged:
        cell = j.measured.cell
        if cell.sort == "layer":
            outcomes.setdefault((cell.owner, cell.case), {})[cell.probe] = j.measured.outcome
    marks = [
        (case, "".join(mark(found.get(name, "")) for name in CONDITIONS))
        for (_, case), found in outcomes.items()
    ]
    assert rows == marks


def test_repairs_and_differences_of_a_layer_are_on_its_page(catalogue, results):
    """What was repaired in the sheet's layers is told."""
    text = pages.layers_md(results)
    for pair in catalogue.layers:
        for repair in pair.repairs:
            assert f"- {repair.was} Now: {repair.now}" in text
        for difference in pair.differences:
            assert f"- **{difference.id}** ({', '.join(difference.rungs)}; " in text


# --- tables ---------------------------------------------------------------------------------


def test_cells_csv_holds_the_parted_cells(results):
    """The cells that are neither ``same`` nor ``both raise``, each with its explanation."""
    rows = listed(tables.cells_csv(results))
    agreed = ("same", "both raise")
    parted = [j for j in results.report.judged if j.measured.outcome not in agreed]
    assert [list(row.values()) for row in rows] == [
        [j.measured.cell.id, j.measured.outcome, j.explanation or j.finding] for j in parted
    ]
    assert tables.cells_csv(results).startswith("id,outcome,explanation\n")


def test_cells_csv_names_what_is_not_explained(planted):
    """A parted cell that nothing explains carries its finding's word."""
    rows = {row["id"]: row["explanation"] for row in listed(tables.cells_csv(planted))}
    assert rows == {
        "numpy.bitwise_or/plain:trap@float64": "trap",
        "numpy.bitwise_or/wrong@float64": "broken",
        "numpy.bitwise_or/nan@nan": "difference d",
        "sheet/or-u-max/1@float64": "claim",
        "sheet/or-u-max/1@ties": "claim",
    }


def test_compatibility_csv_has_one_row_an_op(catalogue, results):
    """The file reads back as the contract's columns and the catalogue's ops."""
    rows = listed(tables.compatibility_csv(results))
    assert [row["numpy"] for row in rows] == list(catalogue.ops)
    assert list(rows[0]) == [
        "numpy", "torch", "area", "verdict", "cases", "cells", "same", "explained", "findings",
        "gradient", "numpy_code", "torch_code",
    ]  # fmt: skip
    by_name = {row["numpy"]: row for row in rows}
    assert by_name["numpy.std"]["torch_code"] == "torch.std(x, correction=0)"


def test_measured_figures_have_one_digit(results):
    """Figures in files are rounded, so that they are the same each time."""
    rows = listed(tables.layers_csv(results))
    figures = [row[c] for row in rows for c in LAYER_FIGURES]
    assert all(re.fullmatch(r"0|\de[+-]\d\d", f) for f in figures), figures
    for row, exact in zip(rows, results.layers["output_ulps"], strict=True):
        assert float(row["output_ulps"]) == pytest.approx(exact, rel=0.51)
    records = json.loads(tables.compatibility_json(results))["layers"]
    assert [r["output_ulps"] for r in records] == [row["output_ulps"] for row in rows]
    lines = re.findall(r"^\|.*\| [✓~!×·]{8} \|.*\|$", pages.layers_md(results), re.MULTILINE)
    shown = [cell.strip() for line in lines for cell in line.split(" | ")[-5:-1]]
    assert shown
    assert all(re.fullmatch(r"0|\de[+-]\d\d|inf|nan", f) for f in shown), shown


@pytest.mark.parametrize(
    ("figure", "text"),
    [(0.0, "0"), (0.00123, "1e-03"), (9.6e-8, "1e-07"), (25.0, "2e+01"), (float("inf"), "inf")],
)
def test_a_figure_is_spelled_with_one_digit(figure, text):
    """One digit and the magnitude are what a figure says."""
    assert tables.one_digit(figure) == text


def test_json_holds_all_of_it(planted):
    """The JSON report has versions, seed, counts, ops, sheet, layers and findings."""
    record = json.loads(tables.compatibility_json(planted))
    assert record.keys() == {
        "versions", "ops", "rules", "seed", "counts", "sheet", "layers", "findings",
    }  # fmt: skip
    assert (record["versions"], record["seed"]) == (planted.versions, 0)
    assert [op["numpy"] for op in record["ops"]] == ["numpy.bitwise_or", "numpy.save"]
    assert [(c["row"], c["holds"]) for c in record["sheet"]] == [("Or <u> & Max", False)]
    assert [(f["kind"], f["place"]) for f in record["findings"]] == [
        ("broken", "numpy.bitwise_or/wrong@float64")
    ]


# --- HTML -----------------------------------------------------------------------------------


class Page(HTMLParser):
    """Reads a page strictly: every tag that opens closes in its place."""

    VOID = ("meta", "br", "hr", "img", "input", "link")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[list[str]] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Open a tag."""
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append([tag, ""])

    def handle_endtag(self, tag):
        """Close the tag that was opened last, and no other."""
        opened, text = self.open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}> at {self.getpos()}"
        self.texts.append((tag, text.strip()))

    def handle_data(self, data):
        """Add to the text of the tag that is open."""
        if self.open:
            self.open[-1][1] += data

    def text(self, tag: str) -> list[str]:
        """List the texts that stand in tags of this name, what is in further tags aside."""
        return [text for name, text in self.texts if name == tag]


@pytest.mark.parametrize("which", ["results", "planted"])
def test_the_page_is_balanced(which, request):
    """Tags close in the order in which they open, and ids are unique."""
    page = Page(pages.compatibility_html(request.getfixturevalue(which)))
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert "script" not in page.tags


def test_the_page_holds_every_row_op_and_layer(catalogue, results):
    """Every row of the sheet, every op and every layer is on the page by its name."""
    page = Page(pages.compatibility_html(results))
    names = page.text("td")
    wanted = [*(row.title for row in catalogue.rows), *catalogue.ops]
    wanted += [pair.name for pair in catalogue.layers]
    assert [name for name in wanted if name not in names] == []
    assert pages.compatibility_html(results).startswith("<!doctype html>\n")


def test_a_row_is_named_at_its_first_pair(catalogue, results):
    """The title of a row stands beside its first pair, and beside no other."""
    sheet = pages.compatibility_html(results).partition('id="sheet"')[2].partition("</table>")[0]
    names = re.findall(r'<td class="name">(.*?)</td>', sheet)
    assert names == [
        "" if number else html.escape(row.title)
        for row in catalogue.rows
        for number, _ in enumerate(row.claims)
    ]


def test_texts_are_escaped(planted):
    """Code and prose with angle brackets and ampersands stand on the page as they are."""
    text = pages.compatibility_html(planted)
    page = Page(text)
    assert "Or <u> & Max" in page.text("td")
    assert "(x < 0) | (x > 1)" in page.text("code")
    assert not {"u", "s"} & page.tags
    assert "<script" not in text
    assert "binds <script> first" in "".join(page.text("small"))


def test_findings_are_on_the_page(planted):
    """What fails the run is listed first."""
    page = Page(pages.compatibility_html(planted))
    assert page.text("h2")[0] == "Findings"
    assert "numpy.bitwise_or/wrong@float64" in page.text("code")
    assert "findings" in page.ids
