"""Tests of equiv.cli: what people type, what is printed, and how it exits."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import equiv
from equiv import lookup, snapshot
from equiv.catalogue import Catalogue
from equiv.cli import main
from equiv.probes import PROBES
from equiv.rules import RULES

ROOT = Path(equiv.__file__).parent.parent
ALONE = dict.fromkeys(PROBES, "Of no matter here.")


def call(*arguments: object) -> Result:
    """Call the command line as people do."""
    return CliRunner().invoke(main, [str(a) for a in arguments])


def refused(result: Result) -> str:
    """Return the one line that says what was called wrongly."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert isinstance(result.exception, SystemExit)
    assert re.fullmatch(r"equiv: [^\n]+\n", result.stderr), result.stderr
    return result.stderr


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Run in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def whole(results, monkeypatch, tmp_path_factory):
    """Let the whole run be the one that was made already; it is current."""
    path = tmp_path_factory.mktemp("packaged") / "equiv" / "snapshot.json"
    path.parent.mkdir()
    path.write_text(snapshot.dumps(snapshot.build(results)), encoding="utf-8")
    monkeypatch.setattr(snapshot, "PATH", path)
    monkeypatch.setattr("equiv.runner.run", lambda **_: results)
    return results


@pytest.fixture
def never(monkeypatch):
    """Fail where anything is run: what is called wrongly is refused before."""

    def run(**_: object) -> None:
        raise AssertionError("it ran")

    monkeypatch.setattr("equiv.runner.run", run)


@pytest.fixture
def broken(catalogue, monkeypatch):
    """Let the catalogue be numpy.std alone, without its correction."""
    std = catalogue.ops["numpy.std"]
    plain = dataclasses.replace(std.cases[0], torch="torch.std(x)", trap=None, unprobed=ALONE)
    entry = dataclasses.replace(std, cases=(plain,), differences=())
    wrong = Catalogue({"statistics": (entry,)}, (), ())
    monkeypatch.setattr("equiv.catalogue.load", lambda: wrong)


# --- report ---------------------------------------------------------------------------------


def test_a_clean_run_exits_0(whole):
    """Without a finding the report is written and said to be."""
    result = call("report")
    assert (result.exit_code, result.stderr) == (0, "")
    wrote = [line for line in result.stdout.splitlines() if line.startswith("wrote ")]
    names = [
        "compatibility.md", "rules.md", "layers.md", "compatibility.csv", "layers.csv",
        "cells.csv", "compatibility.html",
    ]  # fmt: skip
    assert wrote == [f"wrote {Path('reports', name)}" for name in names]
    assert {p.name for p in Path("reports").iterdir()} == {*names}


def summary(out: str) -> dict[str, str]:
    """Read the summary that ends an output: names to what stands after them."""
    lines = out[re.search(r"^(rows of the sheet|ops, cases, cells) ", out, re.M).start() :]
    joined = re.sub(r"\n {19}", " ", lines)
    return {line[:19].strip(): line[19:] for line in joined.splitlines()}


def test_the_summary_says_what_ran(whole):
    """Rows, pairs, ops, outcomes, rules, layers, findings, versions and time end the output."""
    n, v = whole.counts, whole.versions
    outcomes = Counter(whole.cells["outcome"]).most_common()
    rules = Counter(w for e in whole.cells["explanation"] for w in e.split("; ") if "rule " in w)
    said = summary(call("report").stdout)
    assert re.fullmatch(r"\d+\.\d s", said.pop("time"))
    assert said == {
        "rows of the sheet": "45/45 executed",
        "pairs as written": f"{n['pairs that hold']} hold, {n['pairs'] - n['pairs that hold']} "
        "do not",
        "ops, cases, cells": f"{n['ops']}, {n['cases']}, {n['cells']}",
        "cells": ", ".join(f"{count} {word}" for word, count in outcomes),
        "rules": ", ".join(f"{rules[f'rule {rule.slug}']} {rule.slug}" for rule in RULES),
        "differences": f"{n['differences']}",
        "layers": "139, of 134 classes of torch.nn",
        "findings": "0",
        "versions": f"torch {v['torch']}, numpy {v['numpy']}, python {v['python']}",
    }


def test_the_summary_fits_a_terminal(whole):
    """No line of it is longer than a hundred letters, and no word is broken."""
    out = call("report").stdout
    lines = out[out.index("rows of the sheet") :].splitlines()
    assert max(map(len, lines)) <= 100
    assert not [line for line in lines if line.endswith("-")]


def test_a_finding_exits_1(broken):
    """A finding is printed with kind, place and message, and the report is written."""
    result = call("report", "-o", "out", "--format", "csv")
    assert result.exit_code == 1
    assert "\nbroken: numpy.std/plain@float64: expected agreement, found value: " in result.stdout
    assert "\nfindings           1\n" in result.stdout
    assert "numpy.std/plain@float64,value,broken" in Path("out", "cells.csv").read_text()


def test_a_part_writes_nothing(elsewhere):
    """With -k only the summary is printed."""
    result = call("report", "-k", "numpy.std")
    assert result.exit_code == 0
    assert "wrote" not in result.stdout
    assert re.fullmatch(r"1, 5, \d\d+", summary(result.stdout)["ops, cases, cells"])
    assert "sheet" not in result.stdout
    assert list(elsewhere.iterdir()) == []


def test_a_part_is_written_where_it_is_told(elsewhere):
    """With -k and -o the files hold that part, in every format asked for."""
    result = call("report", "-k", "numpy.std", "-o", "out", "--format", "md, csv,json,html")
    assert result.exit_code == 0
    assert len(list((elsewhere / "out").iterdir())) == 8
    record = json.loads((elsewhere / "out" / "compatibility.json").read_text())
    assert record["counts"]["ops"] == 1


@pytest.mark.parametrize("match", ["numpy_layers.sheet.Linear/plain@float32", "Zeros/Ones"])
def test_any_part_can_be_written(match):
    """A part without ops, or without layers, makes whole pages."""
    result = call("report", "-k", match, "-o", "out", "--format", "md,csv,json,html")
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_seed_changes_inputs():
    """--seed is what the inputs are drawn from."""
    pages = []
    for seed in ("0", "1"):
        call("report", "-k", "numpy.flip", "-o", seed, "--format", "json", "--seed", seed)
        pages.append(json.loads(Path(seed, "compatibility.json").read_text()))
    assert [page["seed"] for page in pages] == [0, 1]
    zero, one = ({op["numpy"]: op for op in page["ops"]}["numpy.flip"] for page in pages)
    assert zero["differences"][0]["input"] != one["differences"][0]["input"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-k", "numpy.std"], ("numpy.std", 0, None)),
        (["-k", "numpy.std", "--seed", "7", "-j", "2"], ("numpy.std", 7, 2)),
    ],
)
def test_the_options_reach_the_run(results, monkeypatch, arguments, said):
    """Glob, seed and workers are handed on; a worker for each core is the run's own choice."""
    seen = []

    def run(*, match, seed, jobs, advance):
        seen.append((match, seed, jobs))
        return results

    monkeypatch.setattr("equiv.runner.run", run)
    call("report", *arguments)
    assert seen == [said]


def test_a_glob_that_matches_nothing_is_refused():
    """A name that there is not exits 2 and says what is near."""
    line = refused(call("report", "-k", "numpy.stdd"))
    assert line.startswith("equiv: -k 'numpy.stdd' matches no op, row, layer or cell; did you mean")
    assert "numpy.std" in line


def test_a_folder_that_cannot_be_written_to_is_refused(elsewhere):
    """A folder below a regular file exits 2, and the file stays."""
    (elsewhere / "file").write_text("mine")
    line = refused(call("report", "-k", "numpy.std", "-o", "file/reports"))
    assert line.startswith("equiv: -o file/reports: cannot be written to (")
    assert (elsewhere / "file").read_text() == "mine"


@pytest.mark.usefixtures("never")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "md,pdf"], "--format md,pdf: 'pdf' is not one of md, csv, json, html"),
        (["--format", ""], "--format : '' is not one of"),
        (["-k", "numpy.std", "--check", "reports"], "-k runs a part; --check"),
        (["-k", "numpy.std", "--update-snapshot"], "-k runs a part; --check"),
        (["--check", "reports", "-o", "out"], "--check writes nothing; leave -o out"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_runs(arguments, said):
    """A format that there is not, -k with what needs the whole, -o with --check: exit 2 at once."""
    assert said in refused(call("report", *arguments))


@pytest.mark.usefixtures("never")
@pytest.mark.parametrize(
    "arguments",
    [["--device", "cuda"], ["--seed", "one"], ["-j", "-1"], ["-j", "x"], ["--no-such"], ["extra"]],
)
def test_what_click_refuses_exits_2(arguments):
    """Options that there are not are said with the usage."""
    result = call("report", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ")


# --- report --check -------------------------------------------------------------------------


@pytest.fixture
def reports(whole):
    """Return a folder with the report of the run."""
    call("report")
    return Path("reports")


def test_a_run_checked_against_itself_exits_0(reports):
    """Nothing changed, and nothing is written."""
    held = {p.name: (p.read_text(), p.stat().st_mtime_ns) for p in reports.iterdir()}
    result = call("report", "--check", reports)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "wrote" not in result.stdout
    assert "changed" not in result.stdout
    assert {p.name: (p.read_text(), p.stat().st_mtime_ns) for p in reports.iterdir()} == held


def test_a_change_exits_1(reports):
    """What the folder holds otherwise is printed."""
    cells = (reports / "cells.csv").read_text()
    (reports / "cells.csv").write_text(cells.replace(",dtype,trap", ",value,trap", 1))
    result = call("report", "--check", reports)
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("changed: ")]
    assert re.fullmatch(r"changed: cells\.csv: .*: outcome was 'value', is 'dtype'", line)


@pytest.mark.usefixtures("whole")
def test_a_folder_without_a_report_is_refused():
    """Checking against nothing exits 2."""
    line = refused(call("report", "--check", "nowhere"))
    assert "--check nowhere: cells.csv cannot be read" in line


@pytest.fixture
def few(catalogue, monkeypatch, tmp_path):
    """Let the catalogue be numpy.max alone, with its report in a folder and its snapshot."""
    entry = catalogue.ops["numpy.max"]
    plain = dataclasses.replace(entry.cases[0], trap=None, unprobed={})
    own = tuple(d for d in entry.differences if not d.cases or plain.id in d.cases)
    alone = Catalogue(
        {"reduction": (dataclasses.replace(entry, cases=(plain,), differences=own),)}, (), (), RULES
    )
    monkeypatch.setattr("equiv.catalogue.load", lambda: alone)
    path = tmp_path / "checkout" / "equiv" / "snapshot.json"
    path.parent.mkdir(parents=True)
    (path.parent.parent / "pyproject.toml").touch()
    monkeypatch.setattr(snapshot, "PATH", path)
    call("report", "-j", "0", "--update-snapshot")
    return path


def told(result: Result) -> list[str]:
    """Return the changes that a check tells."""
    return [line for line in result.stdout.splitlines() if line.startswith("changed: ")]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.usefixtures("few")
def test_another_seed_is_no_change(seed):
    """Inputs that are drawn otherwise change no outcome, and so no report."""
    result = call("report", "-j", "0", "--check", "reports", "--seed", seed)
    assert told(result) == []
    assert result.stderr == ""


def test_other_versions_are_no_change(few, monkeypatch):
    """What other versions give alike is no change, though the files name the ones before."""
    monkeypatch.setattr(
        "equiv.results.versions", lambda: {"numpy": "9", "torch": "9", "python": "9"}
    )
    result = call("report", "-j", "0", "--check", "reports")
    assert told(result) == []
    assert summary(result.stdout)["versions"] == "torch 9, numpy 9, python 9"
    assert '"torch": "9"' not in few.read_text()


# --- report --update-snapshot ---------------------------------------------------------------


def test_the_snapshot_is_updated_in_a_checkout(whole):
    """What lookup answers from becomes what the run gives."""
    (snapshot.PATH.parent.parent / "pyproject.toml").touch()
    current = snapshot.PATH.read_text()
    snapshot.PATH.write_text("{}")
    result = call("report", "--update-snapshot")
    assert result.exit_code == 0
    assert f"wrote {snapshot.PATH}\n" in result.stdout
    assert snapshot.PATH.read_text() == current


@pytest.mark.usefixtures("never")
def test_an_installed_snapshot_is_not_updated(monkeypatch, tmp_path):
    """An installed package is refused before anything runs."""
    monkeypatch.setattr(snapshot, "PATH", tmp_path / "site-packages" / "equiv" / "snapshot.json")
    assert "expected a checkout" in refused(call("report", "--update-snapshot"))


def missing(path: Path) -> None:
    """Leave no folder to write into."""
    path.parent.rmdir()


@pytest.mark.parametrize("hinder", [Path.mkdir, missing], ids=["a folder", "no folder"])
def test_a_snapshot_that_cannot_be_written_is_one_line(whole, hinder):
    """Where the file cannot be written the line names it and the reason, and nothing is left."""
    (snapshot.PATH.parent.parent / "pyproject.toml").touch()
    snapshot.PATH.unlink()
    hinder(snapshot.PATH)
    held = sorted(snapshot.PATH.parent.parent.rglob("*"))
    result = call("report", "--update-snapshot")
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    wanted = rf"equiv: --update-snapshot: {snapshot.PATH} cannot be written \([^\n]+\)\n"
    assert re.fullmatch(wanted, result.stderr)
    assert f"wrote {snapshot.PATH}" not in result.stdout
    assert sorted(snapshot.PATH.parent.parent.rglob("*")) == held


# --- lookup ---------------------------------------------------------------------------------


def test_lookup_prints_what_to_write():
    """A name is answered with the port, the trap and the versions it was measured on."""
    result = call("lookup", "np.std")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("numpy.std  (adapted)\n")
    assert "np.std(x)" in result.stdout
    assert "torch.std(x, correction=0)" in result.stdout
    assert "not torch.std(x): torch divides by n - 1" in result.stdout
    assert "measured on torch " in result.stdout


def test_lookup_prints_the_strip():
    """Under the ports stands a mark for each probe, group by group, and what the marks say."""
    out = call("lookup", "np.std").stdout
    marks = re.findall(r"^  (\w+) +([✓~!×·]+)(?:  |$)", out, re.MULTILINE)
    groups = Counter(probe.group for probe in PROBES.values())
    assert [(group, len(row)) for group, row in marks] == list(groups.items())
    assert "✓ the same, or raising on both sides, · not applicable" in out


def test_lookup_prints_json():
    """One name is a record, several are a list; both carry the versions."""
    one = json.loads(call("lookup", "np.std", "--format", "json").stdout)
    two = json.loads(call("lookup", "np.std", "np.var", "--format", "json").stdout)
    assert one["numpy"] == "numpy.std"
    assert [op["numpy"] for op in two] == ["numpy.std", "numpy.var"]
    assert one["versions"] == two[1]["versions"] == lookup.load()["versions"]


def test_lookup_prints_markdown():
    """The Markdown form is a section with a table."""
    out = call("lookup", "np.std", "--format", "md").stdout
    assert out.startswith("## `numpy.std` (adapted)\n")
    assert "| NumPy | torch | not |" in out


def test_lookup_names_an_op_once():
    """Two spellings of one op print it once."""
    assert call("lookup", "np.std", "numpy.std").stdout.count("numpy.std  (") == 1


def test_lookup_says_what_it_guessed():
    """A typo is answered, and said on stderr to have been one."""
    result = call("lookup", "np.stdd")
    assert (result.exit_code, result.stdout[:9]) == (0, "numpy.std")
    assert result.stderr == "equiv: no op is named 'np.stdd'; nearest: numpy.std\n"


def test_lookup_refuses_a_name_that_there_is_not():
    """A name that nothing is like exits 2."""
    assert refused(call("lookup", "qqqqq")).startswith("equiv: lookup 'qqqqq': no op has a name")


@pytest.mark.usefixtures("whole")
def test_lookup_wants_a_name():
    """Without a name click says what is missing."""
    result = call("lookup")
    assert result.exit_code == 2
    assert "Missing argument 'NAME...'" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "the snapshot is missing"),
        ("{", "the snapshot is damaged"),
        ("[]", "the snapshot is damaged"),
        ('{"versions": {}}', "the snapshot is damaged (no versions or ops)"),
    ],
)
def test_lookup_refuses_a_snapshot_that_cannot_be_read(monkeypatch, tmp_path, text, said):
    """A missing or damaged snapshot exits 2 and says how to mend it."""
    monkeypatch.setattr(lookup, "__file__", str(tmp_path / "lookup.py"))
    if text is not None:
        (tmp_path / "snapshot.json").write_text(text)
    line = refused(call("lookup", "np.std"))
    assert said in line
    assert "reinstall equiv" in line


# --- rules ----------------------------------------------------------------------------------


def test_rules_lists_them_all():
    """Each rule is a line: its slug, its rung, how many cells show it, and what it says."""
    result = call("rules")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) == len(RULES)
    for line, rule in zip(lines, RULES, strict=True):
        assert re.fullmatch(rf"{rule.slug} +{rule.rung} +\d+  {re.escape(rule.statement)}", line)


def test_rules_says_all_of_one():
    """With a slug there are its reason, what to do, both results of its witness, and its ops."""
    result = call("rules", "default-float")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("default-float  (dtype)\n")
    for line in (
        "  x = np.array([3, 1, 2])",
        "  np.sqrt(x)  # numpy: float64 [1.732, 1.0, 1.414]",
        "  torch.sqrt(x)  # torch: float32 [1.732, 1.0, 1.414]",
    ):
        assert line in result.stdout.splitlines()
    assert re.search(r"^  \d+ cells of \d+ ops: .*numpy\.sqrt", result.stdout, re.MULTILINE)
    assert "measured on torch " in result.stdout


def test_rules_prints_json():
    """Without a slug a list of all records is printed, with one its record."""
    every = json.loads(call("rules", "--format", "json").stdout)
    one = json.loads(call("rules", "kink", "--format", "json").stdout)
    assert [rule["slug"] for rule in every] == [rule.slug for rule in RULES]
    assert [rule for rule in every if rule["slug"] == "kink"] == [one]


def test_rules_hints_at_a_typo():
    """A slug that is nearly one exits 2 and names that."""
    line = refused(call("rules", "defalt-float"))
    assert line.endswith(
        "rules 'defalt-float': no rule of that name; did you mean default-float?\n"
    )


def test_rules_refuses_a_slug_that_there_is_not():
    """A slug that is like none exits 2 and lists those there are."""
    line = refused(call("rules", "qqqqq"))
    assert line.endswith(f"there are {', '.join(rule.slug for rule in RULES)}\n")


# --- show -----------------------------------------------------------------------------------


def test_show_prints_a_script(tmp_path):
    """The script is printed alone, so that it can be sent to a file, and runs."""
    result = call("show", "numpy.std/plain:trap@float64")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("# numpy.std/plain:trap@float64: value")
    assert result.stdout.endswith(")\n")
    (tmp_path / "script.py").write_text(result.stdout)
    ran = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"numpy: .*\ntorch: .*\n", ran.stdout)


def test_show_takes_a_seed():
    """Another seed shows other inputs."""
    zero, one = (call("show", "numpy.std/plain@float64", "--seed", s).stdout for s in "01")
    assert zero.splitlines()[0] == one.splitlines()[0]
    assert zero != one


def test_show_refuses_a_cell_that_there_is_not():
    """An id that there is not exits 2 and names the nearest."""
    line = refused(call("show", "numpy.std/plain@float46"))
    assert line.startswith("equiv: no cell has the id 'numpy.std/plain@float46'; the nearest are")
    assert "numpy.std/plain@float64" in line


# --- all of it ------------------------------------------------------------------------------


def test_the_version_is_told():
    """The version is the package's own, installed or not."""
    result = call("--version")
    assert (result.exit_code, result.exception) == (0, None)
    assert equiv.__version__ in result.stdout


@pytest.mark.parametrize("command", ["report", "lookup", "rules", "show"])
def test_a_command_explains_itself(command):
    """--help says what a command does."""
    result = call(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {command}")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals here")
def test_a_terminal_is_told_which_cell_runs(tmp_path):
    """On a terminal stderr shows the cells as they run; stdout stays what it is elsewhere."""
    ours, theirs = os.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "equiv", "report", "-k", "numpy.std"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "running" in shown
    assert ran.stdout.startswith("ops, cases, cells  1, 5, ")


def test_a_mistake_is_one_line_and_no_traceback(tmp_path):
    """The same holds for the program as it is called."""
    ran = subprocess.run(
        [sys.executable, "-m", "equiv", "lookup", "qqqqq"],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert re.fullmatch(r"equiv: lookup 'qqqqq': [^\n]*\n", ran.stderr)
