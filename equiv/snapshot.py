"""The packaged snapshot: builds what lookup answers from, out of a run's results.

Knows results and entries; lookup knows only the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from equiv.entry import Case, EquivError, Op
from equiv.inputs import elements, spelled
from equiv.judge import Judged, JudgedClaim
from equiv.measure import Measured
from equiv.results import Results
from equiv.rules import Rule
from equiv.strip import gravest
from equiv.verdict import torch_names, verdict

PATH = Path(__file__).with_name("snapshot.json")


def build(results: Results) -> dict[str, Any]:
    """Return the snapshot: the versions it was measured on, and each op as lookup prints it."""
    by_owner: dict[str, list[Judged]] = {}
    for j in results.report.judged:
        by_owner.setdefault(j.measured.cell.owner, []).append(j)
    catalogue = results.report.catalogue
    return {
        "versions": results.versions,
        "ops": [
            op_record(op, area, by_owner.get(op.name, []), _claims(results, op), catalogue.rules)
            for area, ops in catalogue.areas.items()
            for op in ops
        ],
        "rules": [rule_record(rule, results.report.judged) for rule in catalogue.rules],
    }


def rule_record(rule: Rule, judged: Iterable[Judged]) -> dict[str, Any]:
    """Return one rule as `equiv rules` prints it, with the ops that show it."""
    word = f"rule {rule.slug}"
    shown = [j.measured for j in judged if word in j.explanation.split("; ")]
    own = (j.measured for j in judged if j.measured.cell.id == f"rules/{rule.slug}@witness")
    witness = next(own, None)
    parted = witness and any(part.rung == rule.rung for part in witness.parts)
    both = told(witness, rule.rung) if witness and parted else ("", "")
    return {
        "slug": rule.slug,
        "shows": rule.rung,
        "statement": rule.statement,
        "why": rule.why,
        "instead": rule.instead,
        "witness": {
            "input": dict(rule.witness.inputs),
            "numpy_code": rule.witness.numpy,
            "torch_code": rule.witness.torch,
            "numpy": both[0],
            "torch": both[1],
        },
        "cells": len(shown),
        "ops": list(dict.fromkeys(m.cell.owner for m in shown)),
    }


def op_record(
    op: Op,
    area: str,
    judged: list[Judged],
    claims: list[JudgedClaim],
    rules: Iterable[Rule] = (),
) -> dict[str, Any]:
    """Return one op as lookup prints it; a rule that it shows is one of its differences.

    ``torch`` names what the plain case, and the sheet where it is right, write; ``related`` what
    other cases, traps and the sheet's other pairs do, so that these names find the op too.
    """
    cells = [j for j in judged if j.measured.cell.sort == "case"]
    right = [c.claim.torch for c in claims if c.holds and not c.claim.denies]
    wrong = [c.claim.torch for c in claims if not c.holds and not c.claim.completed]
    traps = [case.trap.torch for case in op.cases if case.trap]
    torch = _names([*(case.torch for case in op.cases[:1]), *right])
    related = _names([*wrong, *(case.torch for case in op.cases[1:]), *traps])
    probes: dict[str, list[str]] = {}
    for j in cells:
        probes.setdefault(j.measured.cell.probe, []).append(j.measured.outcome)
    shown = [
        _explained(
            rule.slug,
            f"rule {rule.slug}",
            rule.rung,
            f"{rule.statement} {rule.why}",
            rule.instead,
            rule.slug,
            cells,
        )
        for rule in rules
    ]
    own = [
        _explained(
            d.id,
            f"difference {d.id}",
            ", ".join(d.rungs),
            d.why,
            d.instead,
            None,
            cells,
            _beside(f":{d.id}@", judged),
        )
        for d in op.differences
    ]
    return {
        "numpy": op.name,
        "torch": torch,
        "related": [name for name in related if name not in torch],
        "area": area,
        "verdict": verdict(op),
        "summary": op.summary,
        "cases": [_case(case, cells) for case in op.cases],
        "parameters": dict(op.parameters),
        "differences": own + [record for record in shown if record["probes"]],
        "probes": {probe: gravest(outcomes) for probe, outcomes in probes.items()},
        "instead": op.instead,
    }


def dumps(snapshot: dict[str, Any]) -> str:
    """Spell the snapshot as its file."""
    return json.dumps(snapshot, indent=1, ensure_ascii=False) + "\n"


def is_current(results: Results) -> bool:
    """Say whether the packaged snapshot says what this run says.

    Versions, drawn inputs and what is shown of results are another matter.
    """
    try:
        packaged = json.loads(PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(_said(packaged) == _said(json.loads(dumps(build(results)))))


def _said(record: Any) -> Any:
    """Leave out of a record what depends on the machine and the seed."""
    measured = {"versions", "input"}
    if isinstance(record, list):
        return [_said(item) for item in record]
    if not isinstance(record, dict):
        return record
    shown = {"numpy", "torch"} if "input" in record else set()
    return {k: _said(v) for k, v in record.items() if k not in measured | shown}


def checkout() -> Path:
    """Return the snapshot's path in a checkout. Raises EquivError in an installed package."""
    root = PATH.parent.parent
    if not (root / "pyproject.toml").exists():
        raise EquivError(
            f"--update-snapshot: equiv is installed in {root}, expected a checkout; "
            "install it there with pip install -e ."
        )
    return PATH


def told(measured: Measured, rung: str) -> tuple[str, str]:
    """Say what each side gives: its result, or on a rung that no result shows, what is there."""
    part = next(p for p in measured.parts if p.rung == rung)
    if rung in ("aliasing", "layout", "mutation", "gradient"):
        return part.numpy, part.torch
    return measured.numpy, measured.torch


def _claims(results: Results, op: Op) -> list[JudgedClaim]:
    return [c for c in results.report.claims if c.claim.op.partition("/")[0] == op.name]


def _names(texts: list[str]) -> list[str]:
    """List the torch names in texts, those that are prose aside."""
    found: dict[str, None] = {}
    for text in texts:
        try:
            found |= dict.fromkeys(torch_names(text))
        except SyntaxError:
            continue
    return list(found)


def _case(case: Case, cells: list[Judged]) -> dict[str, Any]:
    own = next((j.measured for j in cells if j.measured.cell.case == case.id), None)
    return {
        "id": case.id,
        "numpy": case.numpy,
        "torch": case.torch,
        "trap": case.trap.torch if case.trap else None,
        "why": case.trap.why if case.trap else None,
        "status": own.outcome if own else "not run",
        "gradient": own.gradient.word if own else "not run",
    }


def _explained(
    name: str,
    word: str,
    shows: str,
    why: str,
    instead: str,
    rule: str | None,
    cells: list[Judged],
    beside: str = "",
) -> dict[str, Any]:
    """Return what explains some cells of an op, with the smallest of them, or one named."""
    shown = [j.measured for j in cells if word in j.explanation.split("; ")]
    named = [m for m in shown if m.cell.id == beside] or shown
    smallest = min(named, key=lambda m: elements(m.cell.code), default=None)
    both = told(smallest, shows.partition(", ")[0]) if smallest else ("", "")
    return {
        "id": name,
        "shows": shows,
        "why": why,
        "instead": instead,
        "rule": rule,
        "probes": list(dict.fromkeys(m.cell.probe for m in shown)),
        "cell": smallest.cell.id if smallest else "",
        "input": _inputs(smallest) if smallest else {},
        "numpy_code": smallest.cell.numpy if smallest else "",
        "torch_code": smallest.cell.torch if smallest else "",
        "numpy": both[0],
        "torch": both[1],
    }


def _beside(mark: str, judged: list[Judged]) -> str:
    """Name the cell in which what a difference says to write instead was run, if it is code."""
    ids = (j.measured.cell.id for j in judged)
    return next((i.replace(mark, "@") for i in ids if mark in i), "")


def _inputs(measured: Measured) -> dict[str, str]:
    """Spell the inputs by value where they are small, else by what makes them."""
    return {name: spelled(code) for name, code in measured.cell.code.items()}
