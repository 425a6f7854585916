"""Tests of equiv.pytest_plugin: the fixture, its messages, its report, and its cost."""

import json
import subprocess
import sys

import pytest

PASSES = """
    import numpy as np
    import torch

    def test_right(equivalent):
        x = np.array([[1.5, -2.0, 0.25], [-0.5, 3.0, 1.0]])
        found = equivalent(np.tanh, torch.tanh, x, grad=True)
        assert found.gradients == {"x": "same"}
"""

FAILS = """
    import numpy as np
    import torch

    def scaled(x):
        return (x - x.mean()) / x.std()

    def scaled_port(x):
        return (x - x.mean()) / x.std()

    def test_wrong(equivalent):
        equivalent(scaled, scaled_port, np.array([1.5, -2.0, 0.25]))
"""


@pytest.fixture
def run(pytester):
    """Run pytest in a project of its own, in a process of its own."""

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist", *options)

    return run


def test_a_right_pair_passes(run):
    """The fixture hands over what was found; nothing else is printed."""
    result = run(PASSES)
    result.assert_outcomes(passed=1)
    assert "equiv" not in result.stdout.str().replace("plugins: equiv", "").replace("equiv-", "")


def test_a_wrong_pair_fails_with_its_own_text(run):
    """Rung, worst element with both values, and a script; none of our own frames."""
    result = run(FAILS)
    result.assert_outcomes(failed=1)
    out = result.stdout.str()
    assert "scaled and scaled_port part on value (as given)" in out
    assert "worst element [" in out
    assert "ULP" in out
    assert "numpy_result = scaled(x)" in out
    assert "pytest_plugin.py" not in out
    assert "pair.py" not in out


def test_the_script_of_a_failure_runs_as_pasted(run, pytester):
    """Beside the test file, as it is printed."""
    out = run(FAILS).stdout.str()
    lines = [line.removeprefix("E").removeprefix("   ") for line in out.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.strip().startswith("# scaled@"))
    end = next(i for i, line in enumerate(lines[start:], start) if "torch:" in line)
    script = "\n".join(line.strip() for line in lines[start : end + 1])
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=pytester.path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("numpy: array([")


SEEDED = """
    import numpy as np
    import torch
    from equiv import real

    def test_seed(equivalent):
        print(equivalent(np.exp, torch.exp, real(50), probes="none").worst.numpy, "seen")
"""


def test_the_seed_is_an_option(run):
    """It changes the inputs that are drawn."""
    seen = [
        next(line for line in run(SEEDED, "-s", *o).stdout.lines if line.endswith("seen"))
        for o in ((), ("--equiv-seed", "0"), ("--equiv-seed", "1"))
    ]
    assert seen[0].split()[-2:] == seen[1].split()[-2:]
    assert seen[0].split()[-2:] != seen[2].split()[-2:]


# --- the report -----------------------------------------------------------------------------


def test_a_report_is_json(run, pytester):
    """One record a check, with its test."""
    result = run(PASSES + FAILS, "--equiv-report", "out/report.json")
    assert "equiv: wrote out/report.json: 2 checks, 1 part" in result.stdout.str()
    said = json.loads((pytester.path / "out" / "report.json").read_text())
    assert {"numpy", "torch", "python"} == {*said["versions"]}
    right, wrong = said["checks"]
    assert right["test"].endswith("::test_right")
    assert (right["agrees"], right["gradients"]) == (True, {"x": "same"})
    assert (wrong["agrees"], wrong["rung"]) == (False, "value")
    assert [c["name"] for c in wrong["conditions"]] == ["as given"]
    assert wrong["repro"].startswith("# scaled@")


@pytest.mark.parametrize("ending", ["md", "html"])
def test_a_report_is_a_page(run, pytester, ending):
    """Both pairs, what parts and the script that shows it."""
    run(PASSES + FAILS, "--equiv-report", f"report.{ending}")
    page = (pytester.path / f"report.{ending}").read_text()
    for said in ("::test_right", "::test_wrong", "scaled_port", "worst element", "numpy_result ="):
        assert said in page
    assert ("<table" in page) == (ending == "html")


def test_a_report_of_another_ending_is_refused_before_anything_runs(run, pytester):
    """One line that names the endings there are."""
    result = run(PASSES, "--equiv-report", "report.txt")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert (
        "--equiv-report report.txt: expected an ending of .md, .html, .json" in result.stderr.str()
    )
    assert not (pytester.path / "report.txt").exists()


def test_a_report_is_whole_under_xdist(pytester):
    """The workers hand over what they found, and one file is written."""
    pytester.makepyfile(
        **{f"test_{i}": (PASSES + FAILS).replace("test_right", f"test_right_{i}") for i in range(3)}
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:randomly", "-n", "2", "--equiv-report", "report.json"
    )
    result.assert_outcomes(passed=3, failed=3)
    said = json.loads((pytester.path / "report.json").read_text())
    tests = [check["test"] for check in said["checks"]]
    assert len(tests) == 6
    assert tests == sorted(tests)


# --- unused ---------------------------------------------------------------------------------

PLAIN = """
    import sys

    def test_nothing_heavy():
        assert not {"torch", "numpy", "pandas"} & {*sys.modules}
"""


def test_nothing_is_imported_where_it_is_unused(run):
    """A project that has the plugin and does not use it pays nothing."""
    result = run(PLAIN)
    result.assert_outcomes(passed=1)


def test_nothing_is_written_where_it_is_unused(run, pytester):
    """No report, no folder of hypothesis, no line."""
    result = run(PLAIN)
    assert "equiv:" not in result.stdout.str()
    left = {p.name for p in pytester.path.iterdir() if not p.name.startswith("runpytest")}
    own = {"__pycache__", ".pytest_cache", "stdout", "stderr"}
    assert left - own == {"test_nothing_is_written_where_it_is_unused.py"}
