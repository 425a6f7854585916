"""Rules as they are looked up: found by slug, in a line, on a page, and as JSON."""

import json
import re
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from equiv.cli import main
from equiv.entry import RUNGS, EquivError
from equiv.lookup import load, rule_line, rule_text, rules

SNAPSHOT = load()
MEASURED = {"torch": "2.13.0+cpu", "numpy": "2.4.6", "python": "3.11.7"}
WORDS = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
SOME = {"type": "string", "minLength": 1}


def closed(**properties: Any) -> dict[str, Any]:
    """Describe an object that has these keys and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


RULE = {
    "slug": "keeps-width",
    "shows": "dtype",
    "statement": "It stays narrow.",
    "why": "Categories come first.",
    "instead": "Cast the float first.",
    "witness": {
        "input": {"x": "np.array([3, 1])", "y": "np.array([1.5], dtype='float32')"},
        "numpy_code": "x + y",
        "torch_code": "x.add(y)",
        "numpy": "float64 [4.5, 2.5]",
        "torch": "float32 [4.5, 2.5]",
    },
    "cells": 12,
    "ops": ["numpy.add", "numpy.dot"],
}
RULES: dict[str, Any] = {
    "rules": [RULE, {**RULE, "slug": "no-kernel"}, {**RULE, "slug": "no-view"}]
}


def test_rules_are_found_by_slug() -> None:
    """Without a slug all rules are returned, with one it alone."""
    assert [rule["slug"] for rule in rules(None, RULES)] == ["keeps-width", "no-kernel", "no-view"]
    assert rules("no-kernel", RULES) == [{**RULE, "slug": "no-kernel"}]


@pytest.mark.parametrize(
    ("slug", "hint"),
    [
        ("no-kernl", "did you mean no-kernel?"),
        ("keep-width", "did you mean keeps-width?"),
        ("zzz", "there are keeps-width, no-kernel, no-view"),
        ("", "there are keeps-width, no-kernel, no-view"),
    ],
)
def test_a_slug_that_there_is_not_is_refused(slug: str, hint: str) -> None:
    """A typo is told what it is near to, anything else what there is."""
    message = f"rules {slug!r}: no rule of that name; {hint}"
    with pytest.raises(EquivError, match=f"^{re.escape(message)}$"):
        rules(slug, RULES)


def test_a_snapshot_without_rules_has_none() -> None:
    """A snapshot of an earlier form lists no rule, and is not an error."""
    assert rules(None, {"versions": {}, "ops": []}) == []


def test_a_rule_in_a_line() -> None:
    """In the list a rule is its slug, its rung, the number of its cells and its statement."""
    assert rule_line(RULE).split() == ["keeps-width", "dtype", "12", "It", "stays", "narrow."]
    lines = [rule_line(rule) for rule in SNAPSHOT["rules"]]
    starts = {
        line.index(rule["statement"]) for line, rule in zip(lines, SNAPSHOT["rules"], strict=True)
    }
    assert len(starts) == 1  # one column


def test_a_rules_page() -> None:
    """A rule's page says all of it: words, witness with both results, ops and versions."""
    assert (
        rule_text(RULE, MEASURED, {"torch": "2.12.1"})
        == """\
keeps-width  (dtype)
  It stays narrow. Categories come first.
  Cast the float first.

  x = np.array([3, 1])
  y = np.array([1.5], dtype='float32')
  x + y  # numpy: float64 [4.5, 2.5]
  x.add(y)  # torch: float32 [4.5, 2.5]

  12 cells of 2 ops: numpy.add, numpy.dot

  measured on torch 2.13.0+cpu, numpy 2.4.6; you have torch 2.12.1"""
    )


def test_every_rule_keeps_the_public_form() -> None:
    """What `equiv rules` prints as JSON is a list of objects of these keys and no others."""
    form = closed(
        slug=SOME,
        shows={"enum": [*RUNGS]},
        statement=SOME,
        why=SOME,
        instead=SOME,
        witness=closed(
            input={"type": "object", "additionalProperties": SOME, "minProperties": 1},
            numpy_code=SOME,
            torch_code=SOME,
            numpy=SOME,
            torch=SOME,
        ),
        cells={"type": "integer", "minimum": 1},
        ops=WORDS,
    )
    told = CliRunner().invoke(main, ["rules", "--format", "json"])
    every = json.loads(told.stdout)
    assert len(every) == len(SNAPSHOT["rules"])
    validator = jsonschema.Draft202012Validator(form)
    assert [(r["slug"], e.message) for r in every for e in validator.iter_errors(r)] == []


def test_what_an_op_calls_a_rule_is_one() -> None:
    """A rule among an op's differences can be looked up, and says what the rule says."""
    said = [d for op in SNAPSHOT["ops"] for d in op["differences"] if d["rule"]]
    assert len(said) > 100
    for d in said:
        (rule,) = rules(d["rule"], SNAPSHOT)
        assert (d["id"], d["shows"], d["instead"]) == (rule["slug"], rule["shows"], rule["instead"])
        assert d["why"] == f"{rule['statement']} {rule['why']}"
