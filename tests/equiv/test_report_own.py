"""Tests of equiv.report.own: the report of people's own pairs, whatever their texts hold."""

import json

import numpy as np
import pytest
import torch

from equiv.entry import EquivError, real
from equiv.own import check, check_training, train_function, train_module
from equiv.report.own import spell, write
from numpy_layers import optim

ENDINGS = (".md", ".html", ".json")


@pytest.fixture(scope="module")
def records():
    """A pair that agrees under probes, and one that parts, with texts that break pages."""
    right = check(np.tanh, torch.tanh, real(3, 4), probes="nan, empty")
    wrong = check(np.std, torch.std, np.array([1.5, -2.0]))
    return [
        {"test": "test_a.py::test_right[a|b]", **right.record},
        {"test": "test_a.py::test_wrong[<b>]", **wrong.record},
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_report_names_every_check(records, ending):
    """Both functions, what was found, and the versions."""
    text = spell(records, ending)
    for said in ("tanh", "torch_std", "test_right", torch.__version__):
        assert said in text
    assert "part on value" in text


def test_json_is_what_was_recorded(records):
    """With the versions beside it."""
    said = json.loads(spell(records, ".json"))
    assert said["checks"] == json.loads(json.dumps(records))
    assert said["versions"]["numpy"] == np.__version__


def test_no_text_breaks_a_page(records):
    """Bars in a table and tags in a page are escaped."""
    markdown, html = spell(records, ".md"), spell(records, ".html")
    rows = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}
    assert "<b>" not in html
    assert html.count("<table") == html.count("</table>") == 2


def test_the_strip_has_a_mark_for_each_condition(records):
    """As the project's own pages have."""
    assert "`✓` float64, `✓` nan, `✓` empty" in spell(records, ".md")
    assert '<i title="nan: the same">✓</i> nan' in spell(records, ".html")


def test_a_training_is_reported_beside_the_others(records):
    """It has no conditions, and no smallest tolerance."""

    def network(params, x, y):
        error = x @ params["w"] - y
        return np.mean(error**2), {"w": x.T @ error * 2 / len(y)}

    module, rng = torch.nn.Linear(3, 1, bias=False), np.random.default_rng(0)
    found = check_training(
        train_function(network, lambda params: optim.SGD(params, lr=0.2)),
        train_module(
            module, torch.nn.functional.mse_loss, lambda params: torch.optim.SGD(params, lr=0.1)
        ),
        module.state_dict(),
        [(rng.normal(size=(8, 3)), rng.normal(size=(8, 1))) for _ in range(3)],
        names={"weight": ("w", np.transpose)},
    )
    whole = [*records, {"test": "test_a.py::test_training", **found.record}]
    for ending in ENDINGS:
        assert "part on weight at step 1 of 3 steps" in spell(whole, ending)


def test_without_checks_there_is_a_report_too():
    """Of nothing."""
    assert "0 checks" in spell([], ".md")


def test_a_report_replaces_the_old_one_whole(records, tmp_path):
    """In a folder that is made, with nothing left beside it."""
    path = tmp_path / "out" / "report.md"
    write(records[:1], path)
    write(records, path)
    assert path.read_text(encoding="utf-8") == spell(records, ".md")
    assert [p.name for p in path.parent.iterdir()] == ["report.md"]


def test_what_cannot_be_written_is_one_line(records, tmp_path):
    """Another ending, or a folder in the way."""
    with pytest.raises(EquivError, match=r"ends with \.md, \.html or \.json, found '\.txt'"):
        write(records, tmp_path / "report.txt")
    (tmp_path / "report.md").mkdir()
    with pytest.raises(
        EquivError, match=r"cannot be written \(report.md is a folder\); name anoth"
    ):
        write(records, tmp_path / "report.md")
