"""Tests of equiv.report.checking: holding a run against an earlier report."""

import csv
import dataclasses
import io
import json
from pathlib import Path

import pytest

from equiv import snapshot
from equiv.catalogue import Catalogue
from equiv.entry import Case, EquivError, Op, real
from equiv.probes import PROBES
from equiv.report import write
from equiv.report.checking import changes
from equiv.results import Results
from equiv.rules import RULES
from equiv.runner import execute


@pytest.fixture(scope="module")
def part(catalogue) -> Results:
    """A run of two ops of the catalogue and of its layers."""
    ops = tuple(catalogue.ops[name] for name in ("numpy.ones", "numpy.std"))
    return Results(execute(Catalogue({"creation": ops}, (), catalogue.layers, RULES)))


@pytest.fixture
def current(part, monkeypatch, tmp_path):
    """Return that run, with a packaged snapshot that is its own."""
    path = tmp_path / "snapshot.json"
    path.write_text(snapshot.dumps(snapshot.build(part)), encoding="utf-8")
    monkeypatch.setattr(snapshot, "PATH", path)
    return part


def listed(text: str) -> list[dict[str, str]]:
    """Read a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def folder(current, tmp_path):
    """Return a folder that holds the report of the run."""
    write(current, tmp_path / "reports", ("csv",))
    return tmp_path / "reports"


def replace(path: Path, old: str, new: str) -> None:
    """Change one text in a file, which must be there once."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


CELL = "numpy.ones/plain:trap@declared"


def test_a_run_is_clean_against_itself(current, folder):
    """Nothing changed between a run and its own report."""
    assert changes(current, folder) == []


def test_a_changed_outcome_is_told(current, folder):
    """A cell that parts on another rung than before is a change."""
    replace(folder / "cells.csv", f"{CELL},dtype,", f"{CELL},value,")
    assert changes(current, folder) == [f"cells.csv: {CELL}: outcome was 'value', is 'dtype'"]


def test_a_changed_explanation_is_told(current, folder):
    """A cell that something else explains is a change."""
    replace(folder / "cells.csv", f"{CELL},dtype,trap", f"{CELL},dtype,rule")
    assert changes(current, folder) == [f"cells.csv: {CELL}: explanation was 'rule', is 'trap'"]


def test_a_changed_verdict_is_told(current, folder):
    """An op with another verdict than before is a change."""
    op = "numpy.ones,torch.ones,creation"
    replace(folder / "compatibility.csv", f"{op},adapted", f"{op},renamed")
    assert changes(current, folder) == [
        "compatibility.csv: numpy.ones: verdict was 'renamed', is 'adapted'"
    ]


def test_changed_layers_are_told(current, folder):
    """A layer with another count of cells is a change, another digit of an error is not."""
    rows = listed((folder / "layers.csv").read_text())
    rows[0] |= {"worst_output": "5e-01", "worst_gradient": "5e-01"}
    rows[1]["cells"] = "99"
    with (folder / "layers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (line,) = changes(current, folder)
    assert line.startswith(f"layers.csv: {rows[1]['layer']}: cells was '99', is '")


def test_a_missing_cell_is_told(current, folder):
    """An id that is no longer reported is a change."""
    with (folder / "cells.csv").open("a") as file:
        file.write("numpy.gone/plain@float64,value,trap\n")
    assert changes(current, folder) == [
        "cells.csv: numpy.gone/plain@float64 is no longer reported, it was value, trap"
    ]


def test_a_new_cell_is_told(current, folder):
    """An id that was not reported is a change."""
    replace(folder / "cells.csv", f"{CELL},dtype,trap\n", "")
    assert changes(current, folder) == [f"cells.csv: {CELL} is new: dtype, trap"]


def test_changes_are_told_in_the_order_of_the_files(current, folder):
    """Two checks say the same in the same order."""
    rows = listed((folder / "cells.csv").read_text())
    (folder / "cells.csv").write_text("id,outcome,explanation\n")
    assert changes(current, folder) == [
        f"cells.csv: {row['id']} is new: {row['outcome']}, {row['explanation']}" for row in rows
    ]


def test_a_snapshot_of_another_run_is_told(current, folder):
    """The packaged snapshot is held against the run too."""
    replace(snapshot.PATH, '"numpy": "numpy.std"', '"numpy": "numpy.sdt"')
    (line,) = changes(current, folder)
    assert line.startswith("snapshot.json: another than this run gives")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cells.csv", None),
        ("layers.csv", None),
        ("compatibility.csv", b"numpy_name,torch\nnumpy.ones,torch.ones\n"),
        ("cells.csv", b"id,outcome\n\xff\xfe\n"),
        ("cells.csv", b'id,outcome,explanation\n"' + b"x" * 200_000),
    ],
    ids=["no cells", "no layers", "no such column", "not UTF-8", "an open quote"],
)
def test_a_damaged_folder_is_refused(current, folder, name, data):
    """A folder that holds no report is an error that names the file, not a list of changes."""
    if data is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data)
    with pytest.raises(EquivError, match=f"--check {folder}: {name} cannot be read"):
        changes(current, folder)


def test_checking_writes_nothing(current, folder):
    """The report that a run is held against stays as it is."""
    held = {p.name: p.read_text() for p in folder.iterdir()}
    changes(current, folder)
    assert {p.name: p.read_text() for p in folder.iterdir()} == held


# --- small runs -----------------------------------------------------------------------------

ALONE = dict.fromkeys(PROBES, "Of no matter here.")
MAX = Op(
    "numpy.max",
    summary="Max.",
    inputs={"x": real(3, 4)},
    cases=(Case("plain", numpy="np.max(x)", torch="torch.max(x)", unprobed=ALONE),),
    parameters={},
    source="hand-made",
)


def ran(op: Op, **options: int) -> Results:
    """Return the results of one op, under the rules."""
    return Results(execute(Catalogue({"reduction": (op,)}, (), (), RULES), **options))


def written(ran: Results, folder: Path, monkeypatch) -> None:
    """Make a folder's report, and the packaged snapshot, those of a run."""
    monkeypatch.setattr(snapshot, "PATH", folder / "snapshot.json")
    snapshot.PATH.write_text(snapshot.dumps(snapshot.build(ran)))
    write(ran, folder, ("csv",))


def put(op: Op, **fields: object) -> Op:
    """Change an op's only case."""
    return dataclasses.replace(op, cases=(dataclasses.replace(op.cases[0], **fields),))


def test_a_finding_changes_the_report(tmp_path, monkeypatch):
    """A port that breaks shows as a new cell, in the counts of its op, and in the snapshot."""
    written(ran(MAX), tmp_path, monkeypatch)
    lines = changes(ran(put(MAX, torch="torch.min(x)")), tmp_path)
    assert "cells.csv: numpy.max/plain@float64 is new: value, broken" in lines
    assert "compatibility.csv: numpy.max: findings was '0', is '1'" in lines
    assert lines[-1].startswith("snapshot.json: another than this run gives")


def test_a_new_probe_changes_the_report(tmp_path, monkeypatch):
    """A case that is put under one more probe has one more cell, though it agrees there."""
    written(ran(MAX), tmp_path, monkeypatch)
    more = {probe: why for probe, why in ALONE.items() if probe != "int64"}
    assert changes(ran(put(MAX, unprobed=more)), tmp_path) == [
        "compatibility.csv: numpy.max: cells was '1', is '2'",
        "compatibility.csv: numpy.max: same was '1', is '2'",
        "snapshot.json: another than this run gives; see --update-snapshot",
    ]


@pytest.mark.parametrize("seed", range(1, 6))
def test_another_seed_is_no_change(tmp_path, monkeypatch, seed):
    """Other draws of the same kinds say the same of every cell: nothing is told."""
    probed = put(MAX, unprobed={})
    written(ran(probed), tmp_path, monkeypatch)
    assert changes(ran(probed, seed=seed), tmp_path) == []


def test_other_versions_are_no_change(tmp_path, monkeypatch):
    """Under other versions that say the same of every cell nothing is told."""
    first = ran(MAX)
    written(first, tmp_path, monkeypatch)
    second = ran(MAX)
    second.versions = {"numpy": "9.0", "torch": "9.0", "python": "9.0"}
    assert changes(second, tmp_path) == []
    assert json.loads(snapshot.PATH.read_text())["versions"] == first.versions != second.versions
