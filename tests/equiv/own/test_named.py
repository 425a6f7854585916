"""Tests of equiv.own.named and `equiv check`: functions by name, inputs as typed."""

import json

import pytest
from click.testing import CliRunner

from equiv.cli import main
from equiv.entry import EquivError
from equiv.own import check_by_name
from equiv.own.named import load

SOURCE = """
import numpy as np
import torch


def affine(x, w, b=0.0):
    return x @ w + b


def port(x, w, b=0.0):
    return x @ w + b


def wrong(x, w, b=0.0):
    return x @ w - b


def reduced(x, axis=0):
    return np.std(x, axis=axis)


def reduced_port(x, dim=0):
    return torch.std(x, dim=dim, correction=0)


def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


def softmax_port(x):
    return torch.softmax(x, -1)


NUMBER = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a module of people's own."""
    (tmp_path / "own_pairs.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def call(*arguments: str):
    """Run `equiv check`."""
    return CliRunner().invoke(main, ["check", *arguments])


def test_a_right_pair_exits_0(folder):
    """The inputs go in the order of the parameters that they are named for."""
    result = call(
        "own_pairs:affine", "own_pairs:port", "-i", "w=real(3,2)", "-i", "x=real(4,3)", "--grad"
    )
    assert result.exit_code == 0, result.output
    assert result.output.startswith("affine and port agree in ")
    assert "gradient by w: same" in result.output


def test_a_wrong_pair_exits_1_with_a_script(folder):
    """What parts, and how to see it."""
    result = call(
        "own_pairs:affine", "own_pairs:wrong", "-i", "x=real(4,3)", "-i", "w=real(3,2)",
        "-i", "b=0.5", "--probes", "none",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "affine and wrong part on value (float64)" in result.output
    assert "from own_pairs import affine" in result.output
    assert "numpy_result = affine(x, w, b=0.5)" in result.output


def test_torch_may_have_keywords_of_its_own(folder):
    """-t says what torch is given where the names differ."""
    arguments = ("own_pairs:reduced", "own_pairs:reduced_port", "-i", "x=real(4,3)")
    assert call(*arguments, "-i", "axis=1", "-t", "dim=1", "--probes", "none").exit_code == 0
    refused = call(*arguments, "-i", "axis=1", "--probes", "none")
    assert refused.exit_code == 1
    assert "unexpected keyword argument 'axis'" in refused.output


def test_softmax_without_its_shift_is_found_and_shrunk(folder):
    """To a single row of one or two numbers."""
    arguments = ("own_pairs:softmax", "own_pairs:softmax_port", "-i", "x=real(32,100)")
    result = call(*arguments, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert found["rung"] == "nan"
    given = next(line for line in found["repro"].splitlines() if line.startswith("x_given"))
    assert given.count(",") <= 1


def test_functions_of_the_libraries_are_pairs_too(folder):
    """A ufunc has no parameters by name."""
    assert call("numpy:tanh", "torch:tanh", "-i", "real(3)").exit_code == 0
    result = call("numpy:std", "torch:std", "-i", "real(3)", "--probes", "none")
    assert result.exit_code == 1
    assert "torch_std = torch.std" in result.output


MISTAKES = {
    "no module": (("nowhere:f", "own_pairs:port"), "nowhere:f: 'nowhere' cannot be imported"),
    "no function": (("own_pairs:afine", "own_pairs:port"), "did you mean affine?"),
    "no colon": (("own_pairs", "own_pairs:port"), "'own_pairs' names no function; write MODULE:"),
    "not callable": (("own_pairs:NUMBER", "own_pairs:port"), "is a int, expected a function"),
    "no array": (("own_pairs:affine", "own_pairs:port", "-i", "b=1.0"), "-i gives no array"),
    "no name": (("own_pairs:affine", "own_pairs:port", "-i", "real(3)", "-i", "1"), "write NAME=1"),
    "a bad kind": (("own_pairs:affine", "own_pairs:port", "-i", "x=reel(3)"), "one of real,"),
    "a bad probe": (
        ("own_pairs:affine", "own_pairs:port", "-i", "x=real(3,3)", "-i", "w=real(3,3)",
         "--probes", "nans"),
        "'nans' is not a probe",
    ),
    "shapes": (
        ("own_pairs:affine", "own_pairs:port", "-i", "x=real(4,3)", "-i", "w=real(4,3)"),
        "it raised ValueError: matmul",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_exits_2(folder, name):
    """With one clear sentence, and no traceback."""
    arguments, said = MISTAKES[name]
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_module_that_fails_to_import_is_told(folder):
    """With what it raised."""
    (folder / "broken_pairs.py").write_text("1 / 0")
    with pytest.raises(EquivError, match="cannot be imported: ZeroDivisionError"):
        load("broken_pairs:f")


def test_by_name_is_the_same_as_by_hand(folder):
    """The command is a thin one."""
    found = check_by_name("numpy:tanh", "torch:tanh", ["x=real(3)"], probes="none")
    assert found.agrees
    assert [c.name for c in found.conditions] == ["float64"]
