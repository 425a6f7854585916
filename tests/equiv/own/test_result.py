"""Tests of equiv.own.result: what is said of a check, and what fails."""

import copy
import pickle

import numpy as np
import pytest
import torch

from equiv.own import NotEquivalent, assert_equivalent, check

X = np.array([1.5, -2.0, 0.25])


@pytest.fixture
def wrong():
    """A check that parts."""
    return check(np.std, torch.std, X)


def test_agreement_is_a_line_and_its_measures():
    """With the headroom that is left."""
    found = check(np.exp, torch.exp, X, grad=True)
    first, *rest = found.text.splitlines()
    assert first == "exp and torch_exp agree in 1 condition"
    assert any("gradient by x: same" in line for line in rest)


def test_raising_on_both_sides_is_counted():
    """It is agreement, and is said."""
    found = check(np.max, torch.max, X, probes="empty")
    assert found
    assert "2 conditions, 1 of them by raising on both sides" in found.text


def test_the_first_conditions_are_told_and_the_others_named():
    """Nobody reads sixteen of a kind."""
    found = check(lambda x: x + 1, lambda x: x + 2, X, probes="standard", examples=20)
    lines = found.text.splitlines()
    assert sum(": value" in line for line in lines) == 3
    assert "and under" in found.text


def test_a_result_is_true_where_it_agrees(wrong):
    """So that `if check(...)` reads as it runs."""
    assert not wrong
    assert check(np.exp, torch.exp, X)


def test_the_repr_is_one_line(wrong):
    """For a prompt."""
    assert repr(wrong) == "<Check: std and torch_std part on value (as given), in 1 of 1 condition>"
    assert str(wrong) == wrong.text


def test_a_failure_is_an_assertion_with_a_script(wrong):
    """The text is the message, the script a note, and what was found is at hand."""
    with pytest.raises(AssertionError) as raised:
        assert_equivalent(np.std, torch.std, X)
    error = raised.value
    assert isinstance(error, NotEquivalent)
    assert str(error) == wrong.text
    assert wrong.repro.strip() in error.__notes__[0]
    assert error.check.rung == "value"


def test_a_failure_travels_between_processes(wrong):
    """As an assertion with its text: functions may not travel."""
    error = pickle.loads(pickle.dumps(NotEquivalent(wrong)))
    assert isinstance(error, AssertionError)
    assert str(error) == wrong.text


def test_a_record_holds_it_all(wrong):
    """What JSON can hold, under public names."""
    record = wrong.record
    assert {*record} == {
        "numpy", "torch", "agrees", "rung", "text", "conditions", "worst", "gradients", "repro",
        "note",
    }  # fmt: skip
    assert (record["agrees"], record["rung"]) == (False, "value")
    assert record["conditions"][0] == {
        "name": "as given",
        "outcome": "value",
        "rungs": ["value"],
        "holds": False,
        "text": wrong.conditions[0].text,
    }
    assert record["worst"]["tolerance"] == wrong.tolerance
    assert copy.deepcopy(record) == record


def test_a_kink_is_no_fault_of_a_port():
    """At a kink and at NaN autograd's choice is torch's own; a wrong slope parts all the same."""
    at_zero = np.array([0.0, 1.0, -1.0])
    assert check(np.abs, torch.abs, at_zero, grad=True, probes="signed zeros, ties")
    wrong = check(np.abs, lambda x: x.abs() + 0 * x.detach() * 2 + (x - x.detach()), at_zero,
                  grad=True, examples=0)  # fmt: skip
    assert wrong.rung == "gradient"
