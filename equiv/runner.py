"""Plans the cells of the catalogue, runs them, and hands each to the judge.

In one process. Knows the way from entries to findings; renders nothing.
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equiv.catalogue import Catalogue, declared
from equiv.entry import Case, Claim, Difference, EquivError, LayerCase, LayerPair, Op, Row
from equiv.execute import steady
from equiv.inputs import own_probe, rank_variants, spell
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

if TYPE_CHECKING:
    from equiv.results import Results

LAYER_PROBES = ("float64", "float32")
"""The dtypes in which every layer case runs."""

CLAIM_PROBES = ("", "transposed", "ties")
"""The conditions in which a claim runs at each rank."""

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
                if any(chosen(row.title, cell.id) for cell in cells):
                    measured = [_measured(cell, seed, tick) for cell in cells]
                    claims.append(judge_claim(row.title, number, claim, measured))
                    judged += claims[-1].cells
                    ports = plan_port(row, number, claim, seed)
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


# --- planning -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    """A cell and the case that it belongs to."""

    cell: Cell
    case: Case
    own: bool


@dataclass(frozen=True)
class OpCells:
    """The cells of one op."""

    op: Op
    planned: tuple[Planned, ...]


@dataclass(frozen=True)
class PlannedLayer:
    """A layer's cell and the case that it belongs to."""

    cell: Cell
    layer: LayerCell
    case: LayerCase


def plan_ops(catalogue: Catalogue, seed: int) -> Iterator[OpCells]:
    """Yield each op with its cells: declared inputs, probes that differences name, traps."""
    for area, ops in catalogue.areas.items():
        for op in ops:
            planned = [p for case in op.cases for p in _plan_case(area, op, case, seed)]
            yield OpCells(op, tuple(planned))


def _plan_case(area: str, op: Op, case: Case, seed: int) -> Iterator[Planned]:
    inputs = declared(op, case)
    own = own_probe(inputs)
    named = dict.fromkeys(p for d in op.differences if _is_about(d, case.id) for p in d.probes)
    for probe in dict.fromkeys((own, *named)):
        cell = _cell(f"{op.name}/{case.id}", "case", area, op.name, case, probe, inputs, seed)
        yield Planned(cell, case, probe == own)
    if case.trap:
        probe = case.trap.under or own
        trap = _cell(f"{op.name}/{case.id}:trap", "trap", area, op.name, case, probe, inputs, seed)
        yield Planned(dataclasses.replace(trap, torch=case.trap.torch), case, probe == own)


def _cell(
    stem: str,
    sort: str,
    area: str,
    owner: str,
    case: Case,
    probe: str,
    inputs: Mapping[str, object],
    seed: int,
) -> Cell:
    return Cell(
        id=f"{stem}@{slug(probe)}",
        sort=sort,
        area=area,
        owner=owner,
        case=case.id,
        probe=probe,
        numpy=case.numpy,
        torch=case.torch,
        code=spell(inputs, probe, seed),
        equal=case.equal,
        reconstruct=case.reconstruct,
        layout=case.layout,
        files=case.files,
        tolerance=case.tolerance,
        gradient=(
            probe == own_probe(inputs)
            and case.equal == "exactly"
            and not (case.files or case.no_gradient)
        ),
        no_gradient=case.no_gradient,
    )


def plan_claim(row: Row, number: int, claim: Claim, seed: int) -> list[Cell]:
    """Return the cells of a claim: every rank, as drawn, transposed and with ties."""
    sides = claim.completed or (claim.numpy, claim.torch)
    return _claim_cells(row, f"{number}", claim, sides, seed)


def plan_port(row: Row, number: int, claim: Claim, seed: int) -> list[Cell]:
    """Return the cells of the port that a claim names, on the same inputs."""
    return _claim_cells(row, f"{number}:port", claim, claim.ported, seed) if claim.ported else []


def _claim_cells(
    row: Row, number: str, claim: Claim, sides: tuple[str, str], seed: int
) -> list[Cell]:
    cells = []
    for rank, bind in rank_variants(claim.bind):
        for probe in CLAIM_PROBES:
            try:
                code = spell(bind, probe, seed)
            except EquivError:  # the probe suits no input of this rank
                continue
            name = "-".join(filter(None, (rank, probe))) or own_probe(bind)
            cells.append(
                Cell(
                    id=f"sheet/{slug(row.title)}/{number}@{name}",
                    sort="claim",
                    area="sheet",
                    owner=row.title,
                    case=number,
                    probe=name,
                    numpy=sides[0],
                    torch=sides[1],
                    code=code,
                    equal=claim.equal,
                    layout=claim.layout,
                    files=claim.files,
                    gradient=probe != "ties" and not claim.files,
                )
            )
    return cells


def plan_layer(pair: LayerPair, seed: int) -> Iterator[PlannedLayer]:
    """Yield the cells of a layer pair: every case in every dtype, and the traps."""
    for case in pair.cases:
        for probe in LAYER_PROBES:
            yield _layer_cell(pair, case, probe, seed)
        if case.trap:
            yield _layer_cell(pair, case, case.trap.under or LAYER_PROBES[0], seed, case.trap.torch)


def _layer_cell(
    pair: LayerPair, case: LayerCase, probe: str, seed: int, trap: str = ""
) -> PlannedLayer:
    cell = Cell(
        id=f"{pair.name}/{case.id}{':trap' if trap else ''}@{slug(probe)}",
        sort="trap" if trap else "layer",
        area="layers",
        owner=pair.name,
        case=case.id,
        probe=probe,
        numpy=case.numpy,
        torch=trap or case.twin or case.torch,
        code=spell(case.inputs, probe, seed),
    )
    layer = LayerCell(
        module=pair.name.rpartition(".")[0],
        twin=bool(case.twin) and not trap,
        wrt=case.wrt,
        backwards=case.backwards,
        forward_only=bool(trap),
    )
    return PlannedLayer(cell, layer, case)


def slug(text: str) -> str:
    """Turn a name into a part of an id: lower case, words joined by hyphens.

    >>> slug("Linear Algebra - Norm")
    'linear-algebra-norm'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _is_about(difference: Difference, case_id: str) -> bool:
    return not difference.cases or case_id in difference.cases


# --- running --------------------------------------------------------------------------------


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
