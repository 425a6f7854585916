"""Holds the facts of each cell against the entry that speaks of it: explained, or a finding.

Knows entries and facts; runs nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equiv.conditions import AS_DECLARED
from equiv.entry import EVERY, Case, Claim, Difference, LayerPair, Op, Trap
from equiv.measure import Measured
from equiv.rules import Rule

STANDING = ("aliasing", "layout")
"""What parts whatever the inputs hold: torch may have no view to give there."""

UNPORTABLE = (*STANDING, "numpy hangs", "numpy crashes")
"""What a difference may explain on declared inputs too: no port could agree there."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A measured cell with what explains it, or the finding that it is."""

    measured: Measured
    explanation: str = ""
    finding: str = ""
    """``broken``, ``unexplained``, ``ambiguous``, ``stale``, ``vacuous``, or nothing."""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What fails a run: its kind, where, and one sentence for people."""

    kind: str
    place: str
    message: str


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A pair of the sheet, run at every rank and layout, with what was found."""

    row: str
    number: int
    claim: Claim
    cells: tuple[Judged, ...]
    holds: bool

    @property
    def parted(self) -> tuple[Judged, ...]:
        """The cells in which the sides part, in the order in which they were run."""
        return tuple(j for j in self.cells if j.measured.parts and not j.measured.raised[0])


def judge_case(
    op: Op, case: Case, measured: Measured, *, own: bool, rules: Iterable[Rule] = ()
) -> Judged:
    """Judge an op's cell: ``own`` says that it is on the declared inputs, where no rule counts."""
    explained = _explain(op.differences, () if own else rules, measured)
    if explained and not (own and _could_be_ported(measured)):
        return explained
    outcome = measured.outcome
    if own and measured.vacuous:
        return Judged(measured=measured, finding="vacuous", message=measured.vacuous)
    if outcome == "same" and not (case.raises and own):
        return Judged(measured=measured)
    if case.raises and measured.raised[0] == case.raises and all(measured.raised):
        return Judged(measured=measured)
    if outcome in ("both raise", "undefined") and not own:
        return Judged(measured=measured)
    expected = f"raising {case.raises} on both sides" if case.raises else "agreement"
    kind = "broken" if own else "unexplained"
    return Judged(measured=measured, finding=kind, message=f"expected {expected}, {tell(measured)}")


def judge_layer(pair: LayerPair, measured: Measured) -> Judged:
    """Judge a layer's cell; a difference can be about any of its cases."""
    explained = _explain(pair.differences, (), measured)
    if explained:
        return explained
    refused = measured.outcome == "both raise" and measured.cell.probe not in AS_DECLARED
    if measured.outcome == "same" or refused:
        return Judged(measured=measured)
    return Judged(
        measured=measured, finding="broken", message=f"expected agreement, {tell(measured)}"
    )


def judge_trap(trap: Trap, measured: Measured) -> Judged:
    """Judge a trap's cell: it must part on the rung that the trap names."""
    if measured.outcome == trap.shows:
        return Judged(measured=measured, explanation="trap")
    return Judged(
        measured=measured,
        finding="stale",
        message=f"trap {trap.torch!r} should show {trap.shows}, {tell(measured)}",
    )


def judge_instead(op: Op, measured: Measured, rules: Iterable[Rule] = ()) -> Judged:
    """Judge what a difference says to write instead: it agrees, or parts as anything there does."""
    if measured.outcome in ("same", "both raise", "undefined"):
        return Judged(measured=measured)
    standing = [d for d in op.differences if d.probes == EVERY and not d.port]
    found = _explain(standing, rules, measured)
    if found and not found.finding:
        return dataclasses.replace(found, explanation=f"instead ({found.explanation})")
    message = f"instead={measured.cell.torch!r} should hold, {tell(measured)}"
    return Judged(measured=measured, finding="broken", message=message)


def judge_claim(row: str, number: int, claim: Claim, cells: Sequence[Measured]) -> JudgedClaim:
    """Judge a pair of the sheet over all its cells, those aside that NumPy itself refuses."""
    counted = [m for m in cells if not m.raised[0]]
    parted = [m for m in counted if m.parts]
    agrees = len(parted) == len(counted) if claim.denies else not parted
    shows = (claim.shows,) if isinstance(claim.shows, str) else claim.shows
    shown = tuple(dict.fromkeys(m.outcome for m in parted))
    message = ""
    if agrees != claim.holds:
        words = {True: "holds", False: "does not hold"}
        message = f"typed as one that {words[claim.holds]}, but it {words[agrees]}"
    elif set(shows) != set(shown) and not (claim.denies and claim.holds):
        message = f"typed shows={', '.join(shows)}, but it shows {', '.join(shown)}"
    if message and parted:
        message += f": {tell(parted[0])} at {parted[0].cell.probe}"
    vacuous = "NumPy raises on every input" if not counted else ""
    vacuous = vacuous or next((m.vacuous for m in counted if m.vacuous), "")
    kind = "vacuous" if vacuous else "stale" if message else ""
    judged = tuple(
        Judged(
            measured=m,
            explanation="claim" if m.parts and not kind else "",
            finding=kind if i == 0 else "",
            message=(vacuous or message) if i == 0 else "",
        )
        for i, m in enumerate(cells)
    )
    return JudgedClaim(row=row, number=number, claim=claim, cells=judged, holds=agrees)


def judge_port(measured: Measured) -> Judged:
    """Judge the port that a claim names: it agrees wherever NumPy takes the inputs."""
    if measured.outcome == "same" or measured.raised[0]:
        return Judged(measured=measured)
    message = f"the port {measured.cell.torch!r} should hold, {tell(measured)}"
    return Judged(measured=measured, finding="broken", message=message)


def stale_differences(
    owner: str, differences: Iterable[Difference], judged: Sequence[Judged]
) -> list[Finding]:
    """Find the differences that no cell shows."""
    return [
        Finding(
            kind="stale",
            place=f"{owner}/{d.id}",
            message=f"no cell shows {' and '.join(d.rungs)} any more",
        )
        for d in differences
        if not any(_shows_it(d, j.measured) for j in judged)
    ]


def stale_rules(rules: Iterable[Rule], judged: Iterable[Judged]) -> list[Finding]:
    """Find the rules that explain no cell."""
    used = {word for j in judged for word in j.explanation.split("; ")}
    return [
        Finding(kind="stale", place=f"rules/{rule.slug}", message="explains no cell any more")
        for rule in rules
        if f"rule {rule.slug}" not in used
    ]


def judge_witness(rule: Rule, measured: Measured) -> Judged:
    """Judge the cell of a rule's witness: the rule must explain it."""
    parts = [part for part in measured.parts if part.rung == rule.rung]
    if parts and all(rule.explains(measured.facts, part) for part in parts):
        return Judged(measured=measured, explanation="witness")
    message = f"the witness of rule {rule.slug!r} should show {rule.rung}, {tell(measured)}"
    return Judged(measured=measured, finding="stale", message=message)


def tell(measured: Measured, rung: str = "") -> str:
    """Say how the sides part, first or on ``rung``, with the worst element where values do."""
    if all(measured.raised):
        return f"found both raise: {measured.numpy}; {measured.torch}"
    if not measured.parts:
        return "found the same on both sides"
    part = next(p for p in measured.parts if rung in ("", p.rung))
    where = f" of {part.where}" if part.where else ""
    worst = measured.worst
    if part.rung == "value" and worst.error:
        place = f"{worst.where}[{', '.join(map(str, worst.index))}]" if worst.index else "result"
        return (
            f"found {part.rung}{where}: worst at {place}, numpy {worst.numpy}, torch {worst.torch};"
            f" the smallest relative tolerance that would pass is {worst.relative:.2g}"
        )
    return f"found {part.rung}{where}: numpy {part.numpy}, torch {part.torch}"


def _could_be_ported(measured: Measured) -> bool:
    """Say whether a better port could agree: not where there is no view, derivative or result."""
    beyond = {*UNPORTABLE, *(["gradient"] if measured.gradient.word == "refused" else [])}
    return not {part.rung for part in measured.parts} <= beyond


def _is_standing(rung: str, measured: Measured) -> bool:
    """Say whether a rung parts whatever the inputs hold: views, layouts, and no derivative."""
    return rung in STANDING or (rung == "gradient" and measured.gradient.word == "refused")


def _is_about(difference: Difference, measured: Measured) -> bool:
    cell = measured.cell
    named = not difference.cases or cell.case in difference.cases
    probed = difference.probes == EVERY or cell.probe in difference.probes
    return named and probed and cell.sort != "trap"


def _shows_it(difference: Difference, measured: Measured) -> bool:
    """Say whether a cell shows a difference: what is written instead is not asked."""
    about = measured.cell.sort != "instead" and _is_about(difference, measured)
    return about and {*difference.rungs} <= {*_rungs(measured)}


def _rungs(measured: Measured) -> list[str]:
    return list(dict.fromkeys(part.rung for part in measured.parts))


def _explain(
    differences: Iterable[Difference], rules: Iterable[Rule], measured: Measured
) -> Judged | None:
    """Explain each parted rung by the one difference that names it here, else by the one rule.

    None where nothing speaks of the cell. A difference that names the cell and does not show, a
    rung that nothing takes and a rung that two take are findings.
    """
    about = [d for d in differences if _is_about(d, measured)]
    rungs = _rungs(measured)
    for d in (d for d in about if d.probes != EVERY):
        missing = [rung for rung in d.rungs if rung not in rungs]
        if missing:
            message = f"difference {d.id!r} should show {missing[0]}, {tell(measured)}"
            return Judged(measured=measured, finding="stale", message=message)
    takers = {rung: _takers(about, rules, measured, rung) for rung in rungs}
    if not any(takers.values()):
        return None
    for rung, names in takers.items():
        if not names:
            return Judged(measured=measured, finding="unexplained", message=tell(measured, rung))
        if len(names) > 1:
            message = f"{rung} is explained by {' and by '.join(names)}"
            return Judged(measured=measured, finding="ambiguous", message=message)
    explanation = "; ".join(dict.fromkeys(name for names in takers.values() for name in names))
    return Judged(measured=measured, explanation=explanation)


def _takers(
    about: Sequence[Difference], rules: Iterable[Rule], measured: Measured, rung: str
) -> list[str]:
    """Name what explains a rung: the differences that name it, or the rules that match it."""
    named = [
        f"difference {d.id}"
        for d in about
        if rung in d.rungs and (d.probes != EVERY or _is_standing(rung, measured))
    ]
    if named:
        return named
    facts = measured.facts
    parts = [part for part in measured.parts if part.rung == rung]
    return [
        f"rule {rule.slug}"
        for rule in rules
        if rule.rung == rung and all(rule.explains(facts, part) for part in parts)
    ]
