"""The packaged snapshot: builds what lookup answers from, out of a run's results.

Knows results and entries; lookup knows only the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from equiv.entry import Case, Difference, EquivError, Op
from equiv.judge import Judged, JudgedClaim
from equiv.measure import Measured
from equiv.results import Results
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
            op_record(op, area, by_owner.get(op.name, []), _claims(results, op))
            for area, ops in catalogue.areas.items()
            for op in ops
        ],
    }


def op_record(op: Op, area: str, judged: list[Judged], claims: list[JudgedClaim]) -> dict[str, Any]:
    """Return one op as lookup prints it.

    ``torch`` names what the plain case, and the sheet where it is right, write; ``related`` what
    other cases, traps and the sheet's other pairs do, so that these names find the op too.
    """
    cells = [j for j in judged if j.measured.cell.sort == "case"]
    right = [c.claim.torch for c in claims if c.holds and not c.claim.denies]
    wrong = [c.claim.torch for c in claims if not c.holds and not c.claim.completed]
    traps = [case.trap.torch for case in op.cases if case.trap]
    torch = _names([*(case.torch for case in op.cases[:1]), *right])
    related = _names([*wrong, *(case.torch for case in op.cases[1:]), *traps])
    probes: dict[str, str] = {}
    for j in cells:
        cell, outcome = j.measured.cell, j.measured.outcome
        if probes.get(cell.probe, "same") in ("same", "both raise"):
            probes[cell.probe] = outcome
    return {
        "numpy": op.name,
        "torch": torch,
        "related": [name for name in related if name not in torch],
        "area": area,
        "verdict": verdict(op),
        "summary": op.summary,
        "cases": [_case(case, cells) for case in op.cases],
        "parameters": dict(op.parameters),
        "differences": [_difference(d, cells) for d in op.differences],
        "probes": probes,
        "instead": op.instead,
    }


def dumps(snapshot: dict[str, Any]) -> str:
    """Spell the snapshot as its file."""
    return json.dumps(snapshot, indent=1, ensure_ascii=False) + "\n"


def is_current(results: Results) -> bool:
    """Say whether the packaged snapshot is what this run gives."""
    return PATH.exists() and PATH.read_text(encoding="utf-8") == dumps(build(results))


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


def _difference(difference: Difference, cells: list[Judged]) -> dict[str, Any]:
    word = f"difference {difference.id}"
    shown = [j.measured for j in cells if word in j.explanation.split("; ")]
    smallest = min(shown, key=lambda m: sum(map(len, m.cell.code.values())), default=None)
    both = told(smallest, difference.rungs[0]) if smallest else ("", "")
    return {
        "id": difference.id,
        "shows": ", ".join(difference.rungs),
        "why": difference.why,
        "instead": difference.instead,
        "rule": None,
        "input": dict(smallest.cell.code) if smallest else {},
        "numpy": both[0],
        "torch": both[1],
    }
