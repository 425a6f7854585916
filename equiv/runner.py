"""Runs the planned cells and hands each to the judge.

In one process. Knows the way from entries to findings; renders nothing.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equiv.catalogue import Catalogue
from equiv.entry import EquivError, LayerPair, Op
from equiv.execute import steady
from equiv.judge import (
    Finding,
    Judged,
    JudgedClaim,
    judge_case,
    judge_claim,
    judge_layer,
    judge_port,
    judge_trap,
    stale_differences,
)
from equiv.layer import LayerCell, measure_layer
from equiv.measure import Cell, Measured, measure
from equiv.plan import Planned, PlannedLayer, plan_claim, plan_layer, plan_ops, plan_port

if TYPE_CHECKING:
    from equiv.results import Results

Advance = Callable[[str], None]


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


def run(
    catalogue: Catalogue | None = None,
    *,
    match: str = "",
    seed: int = 0,
    advance: Advance | None = None,
) -> Results:
    """Run the catalogue, or the cells that ``match`` names, and return the results.

    ``match`` is a glob over cell ids and owners (``numpy.std*``). Raises EquivError where it
    matches nothing.
    """
    from equiv.catalogue import load
    from equiv.results import Results

    return Results(execute(catalogue or load(), match=match, seed=seed, advance=advance))


def execute(
    catalogue: Catalogue, *, match: str = "", seed: int = 0, advance: Advance | None = None
) -> Report:
    """Run and judge; see :func:`run`."""
    chosen = _Glob(match, catalogue)
    judged: list[Judged] = []
    claims: list[JudgedClaim] = []
    findings: list[Finding] = []
    tick = advance or (lambda _: None)
    with steady():
        for op_cells in plan_ops(catalogue, seed):
            kept = [p for p in op_cells.planned if chosen(op_cells.op.name, p.cell.id)]
            found = [_run_case(op_cells.op, p, seed, tick) for p in kept]
            judged += found
            if len(kept) == len(op_cells.planned):
                findings += stale_differences(op_cells.op.name, op_cells.op.differences, found)
        for row in catalogue.rows:
            for number, claim in enumerate(row.claims, 1):
                cells = plan_claim(row, number, claim, seed)
                ports = plan_port(row, number, claim, seed)
                if any(chosen(row.title, cell.id) for cell in cells + ports):
                    measured = [_measured(cell, seed, tick) for cell in cells]
                    claims.append(judge_claim(row.title, number, claim, measured))
                    judged += claims[-1].cells
                    judged += [judge_port(_measured(cell, seed, tick)) for cell in ports]
        for pair in catalogue.layers:
            planned = list(plan_layer(pair, seed))
            kept_layers = [p for p in planned if chosen(pair.name, p.cell.id)]
            found = [_run_layer(pair, p, seed, tick) for p in kept_layers]
            judged += found
            if len(kept_layers) == len(planned):
                findings += stale_differences(pair.name, pair.differences, found)
    chosen.check()
    findings += [
        Finding(kind=j.finding, place=j.measured.cell.id, message=j.message)
        for j in judged
        if j.finding
    ]
    return Report(catalogue, seed, tuple(judged), tuple(claims), tuple(findings), not match)


def find_cell(
    catalogue: Catalogue, cell_id: str, seed: int = 0
) -> tuple[Measured, LayerCell | None]:
    """Run the one cell of that id. Raises EquivError, with the nearest ids, where there is none."""
    cells: dict[str, tuple[Cell, LayerCell | None]] = {}
    for op_cells in plan_ops(catalogue, seed):
        cells |= {p.cell.id: (p.cell, None) for p in op_cells.planned}
    for row in catalogue.rows:
        for number, claim in enumerate(row.claims, 1):
            own = plan_claim(row, number, claim, seed) + plan_port(row, number, claim, seed)
            cells |= {cell.id: (cell, None) for cell in own}
    for pair in catalogue.layers:
        cells |= {p.cell.id: (p.cell, p.layer) for p in plan_layer(pair, seed)}
    if cell_id not in cells:
        near = difflib.get_close_matches(cell_id, cells, n=3, cutoff=0.4)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise EquivError(f"no cell has the id {cell_id!r}{hint}")
    cell, layer = cells[cell_id]
    return (measure_layer(cell, layer, seed) if layer else measure(cell, seed)), layer


def _run_case(op: Op, planned: Planned, seed: int, tick: Advance) -> Judged:
    measured = _measured(planned.cell, seed, tick)
    if planned.cell.sort == "trap" and planned.case.trap:
        return judge_trap(planned.case.trap, measured)
    return judge_case(op, planned.case, measured, own=planned.own)


def _run_layer(pair: LayerPair, planned: PlannedLayer, seed: int, tick: Advance) -> Judged:
    measured = measure_layer(planned.cell, planned.layer, seed)
    tick(planned.cell.id)
    if planned.cell.sort == "trap" and planned.case.trap:
        return judge_trap(planned.case.trap, measured)
    return judge_layer(pair, planned.case.id, measured)


def _measured(cell: Cell, seed: int, tick: Advance) -> Measured:
    measured = measure(cell, seed)
    tick(cell.id)
    return measured


class _Glob:
    """Which cells a run takes, and whether the glob that chose them matched any."""

    def __init__(self, match: str, catalogue: Catalogue) -> None:
        self.match = match
        self.owners = [
            *catalogue.ops,
            *(row.title for row in catalogue.rows),
            *(pair.name for pair in catalogue.layers),
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
