"""Has the planned cells measured and hands them to the judge.

Knows the way from entries to findings; renders nothing.
"""

from __future__ import annotations

import difflib
import fnmatch
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from equiv.catalogue import Catalogue
from equiv.entry import Claim, EquivError, LayerPair, Op
from equiv.judge import (
    Finding,
    Judged,
    JudgedClaim,
    judge_case,
    judge_claim,
    judge_instead,
    judge_layer,
    judge_port,
    judge_trap,
    judge_witness,
    stale_differences,
    stale_rules,
)
from equiv.layer_sides import LayerCell
from equiv.measure import Cell, Measured
from equiv.plan import Planned, PlannedLayer, plan_claim, plan_layer, plan_ops, plan_port, plan_rule
from equiv.rules import Rule
from equiv.workers import Task, run_apart, run_here

if TYPE_CHECKING:
    from equiv.results import Results

Advance = Callable[[str], None]

NOT_RUN = "not run"
"""The finding that an interrupted run makes of each planned cell that it has not measured."""


@dataclass(frozen=True)
class Report:
    """What a run gave, before it is put into frames."""

    catalogue: Catalogue
    seed: int
    judged: tuple[Judged, ...]
    claims: tuple[JudgedClaim, ...]
    findings: tuple[Finding, ...]
    whole: bool
    """Whether everything in the catalogue was run."""

    @property
    def interrupted(self) -> bool:
        """Say whether planned cells were left out."""
        return any(f.kind == NOT_RUN for f in self.findings)


def run(
    catalogue: Catalogue | None = None,
    *,
    match: str = "",
    seed: int = 0,
    jobs: int | None = None,
    advance: Advance | None = None,
) -> Results:
    """Run the catalogue, or the cells that ``match`` names, and return the results.

    ``match`` is a glob over cell ids and owners (``numpy.std*``). ``jobs`` worker processes do
    the work, one for each core where it is None; with 0 it is done here, without isolation.
    Raises EquivError where the glob matches nothing.
    """
    from equiv.catalogue import load
    from equiv.results import Results

    chosen = catalogue or load()
    workers = os.cpu_count() or 1 if jobs is None else jobs
    return Results(execute(chosen, match=match, seed=seed, jobs=workers, advance=advance))


def execute(
    catalogue: Catalogue,
    *,
    match: str = "",
    seed: int = 0,
    jobs: int = 0,
    advance: Advance | None = None,
) -> Report:
    """Plan, measure and judge; see :func:`run`."""
    planned = _plan(catalogue, match, seed)
    tick = advance or (lambda _: None)
    tasks = [task for group in planned for task in group.tasks]
    found = _measure(tasks, seed, jobs, tick)
    judged: list[Judged] = []
    claims: list[JudgedClaim] = []
    findings: list[Finding] = []
    for group in planned:
        findings += [_not_run(task.cell) for task in group.tasks if task.cell.id not in found]
        verdicts = group.judge(found)
        judged += verdicts.cells
        claims += verdicts.claims
        findings += verdicts.stale
    findings += [
        Finding(kind=j.finding, place=j.measured.cell.id, message=j.message)
        for j in judged
        if j.finding
    ]
    if not match and not any(f.kind == NOT_RUN for f in findings):
        findings += stale_rules(catalogue.rules, judged)
    return Report(catalogue, seed, tuple(judged), tuple(claims), tuple(findings), not match)


def _not_run(cell: Cell) -> Finding:
    return Finding(kind=NOT_RUN, place=cell.id, message="the run was interrupted before it")


@dataclass(frozen=True)
class _Verdicts:
    """What the judge says of a group of cells."""

    cells: list[Judged]
    claims: list[JudgedClaim] = field(default_factory=list)
    stale: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Group:
    """Cells that are judged together: those of an op, a claim or a layer pair."""

    tasks: list[Task]
    judge: Callable[[Mapping[str, Measured]], _Verdicts]
    """From what was measured, by the id of the cell; an interrupted run has not measured all."""


def _plan(catalogue: Catalogue, match: str, seed: int) -> list[_Group]:
    chosen = _Glob(match, catalogue)
    groups: list[_Group] = []
    for op_cells in plan_ops(catalogue, seed):
        op, every = op_cells.op, op_cells.planned
        kept = [p for p in every if chosen(op.name, p.cell.id)]
        one = partial(_judge_case, op, catalogue.rules)
        tasks = [Task(p.cell, alone=p.abrupt) for p in kept]
        judge = partial(_judge_owned, op, kept, one, len(kept) == len(every))
        groups.append(_Group(tasks, judge))
    for row in catalogue.rows:
        for number, claim in enumerate(row.claims, 1):
            cells = plan_claim(row, number, claim, seed)
            ports = plan_port(row, number, claim, seed)
            if any(chosen(row.title, cell.id) for cell in cells + ports):
                tasks = [Task(cell) for cell in cells + ports]
                judge = partial(_judge_claim, row.title, number, claim, cells, ports)
                groups.append(_Group(tasks, judge))
    for pair in catalogue.layers:
        every_layer = list(plan_layer(pair, seed))
        own = [p for p in every_layer if chosen(pair.name, p.cell.id)]
        tasks = [Task(p.cell, p.layer) for p in own]
        one_layer = partial(_judge_layer, pair)
        whole = len(own) == len(every_layer)
        groups.append(_Group(tasks, partial(_judge_owned, pair, own, one_layer, whole)))
    for rule in catalogue.rules:
        witness = plan_rule(rule)
        if chosen(f"rules/{rule.slug}", witness.id):
            groups.append(_Group([Task(witness)], partial(_judge_rule, rule, witness)))
    chosen.check()
    return groups


def _judge_case(op: Op, rules: Sequence[Rule], p: Planned, measured: Measured) -> Judged:
    if p.cell.sort == "instead":
        return judge_instead(op, measured, rules)
    return judge_case(op, p.case, measured, own=p.own, rules=rules)


def _judge_layer(pair: LayerPair, p: PlannedLayer, measured: Measured) -> Judged:
    return judge_layer(pair, measured)


def _judge_rule(rule: Rule, witness: Cell, found: Mapping[str, Measured]) -> _Verdicts:
    return _Verdicts([judge_witness(rule, found[witness.id])] if witness.id in found else [])


def _judge_owned(
    owner: Op | LayerPair,
    kept: Sequence[Any],
    one: Callable[[Any, Measured], Judged],
    whole: bool,
    found: Mapping[str, Measured],
) -> _Verdicts:
    """Judge the cells of an op or a layer pair, and whether its differences still show."""
    judged = []
    done = [p for p in kept if p.cell.id in found]
    for p in done:
        measured = found[p.cell.id]
        if p.cell.sort == "trap":
            judged.append(judge_trap(p.case.trap, measured))
        else:
            judged.append(one(p, measured))
    if not (whole and len(done) == len(kept)):
        return _Verdicts(judged)
    return _Verdicts(judged, stale=stale_differences(owner.name, owner.differences, judged))


def _judge_claim(
    row: str,
    number: int,
    claim: Claim,
    own: list[Cell],
    ports: list[Cell],
    found: Mapping[str, Measured],
) -> _Verdicts:
    if not all(cell.id in found for cell in own):  # interrupted: no verdict on the claim
        cut = [found[cell.id] for cell in own + ports if cell.id in found]
        return _Verdicts([Judged(measured=m, explanation="claim" if m.parts else "") for m in cut])
    judged = judge_claim(row, number, claim, [found[cell.id] for cell in own])
    done = [judge_port(found[cell.id]) for cell in ports if cell.id in found]
    return _Verdicts([*judged.cells, *done], [judged])


def find_cell(
    catalogue: Catalogue, cell_id: str, seed: int = 0, jobs: int = 0
) -> tuple[Measured, LayerCell | None]:
    """Run the one cell of that id, in a worker process unless ``jobs`` is 0.

    Raises EquivError, with the nearest ids, where there is none.
    """
    tasks = _tasks(catalogue, seed)
    if cell_id not in tasks:
        near = difflib.get_close_matches(cell_id, tasks, n=3, cutoff=0.4)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise EquivError(f"no cell has the id {cell_id!r}{hint}")
    task = tasks[cell_id]
    found = _measure([task], seed, jobs, lambda _: None)
    if not found:
        raise KeyboardInterrupt
    return found[cell_id], task.layer


def _tasks(catalogue: Catalogue, seed: int) -> dict[str, Task]:
    """Return every task there is, by the id of its cell."""
    return {t.cell.id: t for group in _plan(catalogue, "", seed) for t in group.tasks}


def _measure(tasks: Sequence[Task], seed: int, jobs: int, advance: Advance) -> dict[str, Measured]:
    """Measure the tasks in as many workers, or here where there are none."""
    return run_apart(tasks, seed, advance, jobs) if jobs else run_here(tasks, seed, advance)


class _Glob:
    """Which cells a run takes, and whether the glob that chose them matched any."""

    def __init__(self, match: str, catalogue: Catalogue) -> None:
        self.match = match
        self.owners = [
            *catalogue.ops,
            *(row.title for row in catalogue.rows),
            *(pair.name for pair in catalogue.layers),
            *(f"rules/{rule.slug}" for rule in catalogue.rules),
        ]
        self.matched = False

    def __call__(self, owner: str, cell_id: str) -> bool:
        m = self.match
        hit = (
            not m
            or m in (owner, cell_id)
            or any(fnmatch.fnmatchcase(n, m) for n in (owner, cell_id))
        )
        self.matched |= hit
        return hit

    def check(self) -> None:
        """Raise EquivError where nothing was matched, with the nearest names there are."""
        if self.matched:
            return
        near = difflib.get_close_matches(self.match.strip("*"), self.owners, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else "; `equiv lookup` searches by name"
        raise EquivError(f"-k {self.match!r} matches no op, row, layer or cell{hint}")
