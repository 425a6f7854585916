"""Plans the cells of the catalogue: from entries to what is executed.

Knows entries and probes; runs nothing.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from equiv.catalogue import Catalogue, declared
from equiv.conditions import AS_DECLARED, CONDITIONS, Condition
from equiv.entry import (
    ABRUPT,
    EVERY,
    Case,
    Claim,
    Difference,
    EquivError,
    Input,
    LayerCase,
    LayerPair,
    Op,
    Row,
    slug,
)
from equiv.inputs import (
    elements,
    own_probe,
    rank_variants,
    shape,
    spell,
    spell_changed,
    suits,
)
from equiv.layer_sides import LayerCell
from equiv.measure import Cell
from equiv.probes import PROBES
from equiv.rules import Rule
from equiv.wellformed import free

CLAIM_PROBES = ("", "transposed", "ties")
"""The conditions in which a claim runs at each rank."""


@dataclass(frozen=True)
class Planned:
    """A cell and the case that it belongs to."""

    cell: Cell
    case: Case
    own: bool
    abrupt: bool = False
    """Whether a difference says that a side hangs or crashes here."""


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
            yield OpCells(op, (*planned, *_plan_instead(op, planned)))


def _plan_case(area: str, op: Op, case: Case, seed: int) -> Iterator[Planned]:
    inputs = declared(op, case)
    own = own_probe(inputs)
    probes = [p for p in PROBES if p not in case.unprobed and suits(p, inputs)]
    if case.equal == "as a distribution":
        probes = [
            p
            for d in op.differences
            if _is_about(d, case.id) and d.probes != EVERY
            for p in d.probes
        ]
    for probe in dict.fromkeys((own, *probes)):
        cell = _cell(f"{op.name}/{case.id}", "case", area, op.name, case, probe, inputs, seed)
        abrupt = any(
            probe in d.probes and _is_about(d, case.id) and {*d.rungs} & {*ABRUPT}
            for d in op.differences
        )
        yield Planned(cell, case, probe == own, abrupt)
    if case.trap:
        probe = case.trap.under or own
        trap = _cell(f"{op.name}/{case.id}:trap", "trap", area, op.name, case, probe, inputs, seed)
        yield Planned(dataclasses.replace(trap, torch=case.trap.torch), case, probe == own)


def _plan_instead(op: Op, planned: Sequence[Planned]) -> Iterator[Planned]:
    """Yield what a difference says to write instead, in the smallest of its cells that it fits."""
    for d in op.differences:
        if not d.port:
            continue
        names = free(ast.parse(d.port)) - {"torch", *dir(builtins)}
        about = [p for p in planned if _shows(d, p)]
        fitting = [p for p in about if names <= {*p.cell.code}]
        if not fitting and about:
            raise EquivError(
                f"{op.name}: difference {d.id!r}: instead={d.port!r} uses {', '.join(names)}, "
                "which none of its cells has; a sentence ends with a full stop"
            )
        if not fitting:
            continue  # the difference is stale, and told so
        p = min(fitting, key=lambda p: elements(p.cell.code))
        case_id, _, probe = p.cell.id.rpartition("@")
        cell = dataclasses.replace(
            p.cell, id=f"{case_id}:{d.id}@{probe}", sort="instead", torch=d.port
        )
        yield Planned(cell, p.case, own=False)


def _shows(difference: Difference, p: Planned) -> bool:
    """Say whether a difference is about a cell: of one under every probe, its declared ones."""
    probed = p.own if difference.probes == EVERY else p.cell.probe in difference.probes
    return probed and p.cell.sort == "case" and _is_about(difference, p.cell.case)


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
        gradient="" if case.files or case.no_gradient else _gradient(case, probe, inputs),
        no_gradient=case.no_gradient,
    )


def _gradient(case: Case, probe: str, inputs: Mapping[str, object]) -> str:
    """Say how a gradient is tried under a probe, if it is: of results that are unique."""
    if case.equal != "exactly":
        return ""
    return "every" if probe == own_probe(inputs) else PROBES[probe].gradient


def plan_rule(rule: Rule) -> Cell:
    """Return the cell of a rule's witness."""
    return Cell(
        id=f"rules/{rule.slug}@witness",
        sort="rule",
        area="rules",
        owner=rule.slug,
        case="witness",
        probe="witness",
        numpy=rule.witness.numpy,
        torch=rule.witness.torch,
        code=rule.witness.inputs,
        gradient=rule.witness.gradient,
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
                    gradient="every" if probe != "ties" and not claim.files else "",
                )
            )
    return cells


def plan_layer(pair: LayerPair, seed: int) -> Iterator[PlannedLayer]:
    """Yield the cells of a layer pair: every case under every condition, and the traps."""
    for case in pair.every:
        for condition in CONDITIONS.values():
            code = _conditioned(case, condition, seed)
            if code:
                yield _layer_cell(pair, case, condition, code, seed)
        if case.trap:
            condition = CONDITIONS[case.trap.under or AS_DECLARED[0]]
            code = _conditioned(case, condition, seed)
            yield _layer_cell(pair, case, condition, code, seed, case.trap.torch)


def _conditioned(case: LayerCase, condition: Condition, seed: int) -> dict[str, str]:
    """Return the code of a case's inputs under a condition; nothing where it changes nothing."""
    inputs = {n: x for n, x in case.inputs.items() if isinstance(x, Input)}
    changed = {n: condition.code[x.kind] for n, x in inputs.items() if x.kind in condition.code}
    if condition.rows is not None:
        changed = _shortened(inputs, case.batch_axis, condition.rows)
    if (condition.code or condition.rows is not None) and not changed:
        return {}
    cast = {
        n: f"({changed.get(n, '{x}')}).astype('float32')"
        for n, x in inputs.items()
        if condition.dtype == "float32" and x.dtype == "float64"
    }
    draw = seed + 2 * condition.again
    return spell_changed(case.inputs, {**changed, **cast}, draw, condition.name)


def _shortened(inputs: Mapping[str, Input], axis: int | None, rows: int) -> dict[str, str]:
    """Cut the batch of every input that has as long a one as the first."""
    shapes = {n: shape(x) for n, x in inputs.items()}
    first = next(iter(shapes.values()))
    if axis is None or len(first) <= axis or first[axis] <= rows:
        return {}
    cut = ":, " * axis + f":{rows}"
    batched = (n for n, s in shapes.items() if len(s) > axis and s[axis] == first[axis])
    return dict.fromkeys(batched, f"({{x}})[{cut}]")


def _layer_cell(
    pair: LayerPair,
    case: LayerCase,
    condition: Condition,
    code: Mapping[str, str],
    seed: int,
    trap: str = "",
) -> PlannedLayer:
    cell = Cell(
        id=f"{pair.name}/{case.id}{':trap' if trap else ''}@{slug(condition.name)}",
        sort="trap" if trap else "layer",
        area="layers",
        owner=pair.name,
        case=case.id,
        probe=condition.name,
        numpy=case.numpy,
        torch=trap or case.twin or case.torch,
        code=code,
    )
    layer = LayerCell(
        module=pair.name.rpartition(".")[0],
        twin=bool(case.twin) and not trap,
        wrt=case.wrt,
        backwards=case.backwards,
        call=case.call,
        dtype=condition.dtype,
        training=condition.training,
        before=_conditioned(case, condition, seed + 1) if condition.again else {},
        usual=_conditioned(case, CONDITIONS[AS_DECLARED[0]], seed) if condition.saturated else {},
        kinks=case.kinks,
        forward_only=bool(trap),
    )
    return PlannedLayer(cell, layer, case)


def _is_about(difference: Difference, case_id: str) -> bool:
    return not difference.cases or case_id in difference.cases
