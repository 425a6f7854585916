"""The report's pages: Markdown and HTML from the results, through templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
import numpy as np

from equiv.catalogue.layers.left_out import LEFT_OUT
from equiv.compare import show
from equiv.conditions import CONDITIONS
from equiv.entry import LayerPair, is_code
from equiv.inputs import make
from equiv.judge import Judged, JudgedClaim
from equiv.measure import Measured
from equiv.probes import PROBES
from equiv.report.tables import one_digit
from equiv.results import Results, options, twin_name, worst_figures
from equiv.snapshot import build, told
from equiv.strip import AGREEING, MARKS, mark, strip


def compatibility_md(results: Results) -> str:
    """Spell the whole report as Markdown: counts, the sheet, the layers, the ops."""
    return _render("compatibility.md.j2", results)


def compatibility_html(results: Results) -> str:
    """Spell the whole report as one HTML file, without scripts."""
    return _render("compatibility.html.j2", results)


def rules_md(results: Results) -> str:
    """Spell the library-wide rules as Markdown, each with its witness and the ops that show it."""
    return _render("rules.md.j2", results)


def layers_md(results: Results) -> str:
    """Spell the layers' report as Markdown."""
    return _render("layers.md.j2", results)


CLAIM_CONDITIONS = {"": "as drawn", "declared": "", "ties": "with ties"}
"""What the pages call the conditions that claims run in, where it is another word."""


@dataclass(frozen=True)
class ClaimView:
    """A pair of the sheet as the pages show it."""

    judged: JudgedClaim
    parted_on: tuple[tuple[str, str], ...]
    """Each rung and the inputs on which the sides part there."""
    tried_on: str
    example: Mapping[str, str]
    port: tuple[str, str] | None


def _claim_view(results: Results, judged: JudgedClaim) -> ClaimView:
    on: dict[str, list[Measured]] = {}
    for j in judged.parted:
        on.setdefault(j.measured.outcome, []).append(j.measured)
    taken = [j.measured for j in judged.cells if not j.measured.raised[0]]
    return ClaimView(
        judged=judged,
        parted_on=tuple((rung, _on(cells, taken)) for rung, cells in on.items()),
        tried_on=_on(taken, taken),
        example=_example(judged.parted[0].measured) if judged.parted else {},
        port=_port(results, judged),
    )


def _port(results: Results, judged: JudgedClaim) -> tuple[str, str] | None:
    """Return NumPy's text and the port that does hold; None where nothing does better."""
    claim = judged.claim
    if claim.port is not None or (judged.holds and not claim.denies):
        return claim.ported
    op, case = results.report.catalogue.port(claim)
    return (case.numpy, case.torch) if case else (op.name, op.instead)


def _example(measured: Measured) -> dict[str, str]:
    """Return one parted cell: its inputs as code, and what each side gives."""
    both = told(measured, measured.outcome)
    lines = [input_line(name.replace("/", " = "), c) for name, c in measured.cell.code.items()]
    return {
        "inputs": "\n".join(lines),
        "numpy_code": measured.cell.numpy,
        "torch_code": measured.cell.torch,
        "numpy": both[0],
        "torch": both[1],
        "on": _inputs_name(measured),
    }


def input_line(name: str, code: str) -> str:
    """Spell an input as it was made, with its values beside it where they are not in the code.

    >>> input_line("x", "np.array([1.0, 2.0])")
    'x = np.array([1.0, 2.0])'
    """
    value = make(code)
    shown = isinstance(value, np.ndarray) and "np.random" in code
    return f"{name} = {code}" + (f"  # {show(value)}" if shown else "")


def _inputs_name(measured: Measured) -> str:
    """Name the inputs of a claim's cell for people: ``rank 2, transposed``."""
    return _on([measured], [])


def _on(chosen: list[Measured], tried: list[Measured]) -> str:
    """Name the inputs of some of a claim's cells: ``ranks 1 and 3, rank 2 with ties``.

    A rank stands for all the conditions tried at it where all of them are among the chosen.
    """
    whole, partly = [], []
    for rank, conditions in _by_rank(chosen).items():
        if conditions == _by_rank(tried).get(rank):
            whole.append(rank)
        else:
            partly += [
                ", ".join(
                    filter(None, (f"rank {rank}" if rank else "", CLAIM_CONDITIONS.get(c, c)))
                )
                for c in conditions
            ]
    ranks = f"rank{'s' if len(whole) > 1 else ''} {_and(whole)}" if any(whole) else ""
    return "; ".join(filter(None, (ranks, *partly)))


def _by_rank(cells: list[Measured]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for m in cells:
        rank, _, condition = m.cell.probe.partition("-")
        if not rank.startswith("rank"):
            rank, condition = "", m.cell.probe
        found.setdefault(rank.removeprefix("rank"), []).append(condition)
    return found


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _layer_view(pair: LayerPair, judged: list[Judged]) -> dict[str, Any]:
    """Return a layer pair with its cells, worst errors and differences as the page shows them."""
    cases: list[dict[str, Any]] = []
    for case in pair.every:
        own = [j for j in judged if j.measured.cell.case == case.id]
        if not own:
            continue
        cells = [j for j in own if j.measured.cell.sort == "layer"]
        outcomes = {j.measured.cell.probe: j.measured.outcome for j in cells}
        words = (j.explanation or j.finding for j in cells)
        at_kinks = next((j.measured.gradient for j in cells if case.kinks), None)
        cases.append(
            {
                "case": case,
                "cells": cells,
                "marks": "".join(mark(outcomes.get(name, "")) for name in CONDITIONS),
                "figures": worst_figures(j.measured for j in cells),
                "explained": "; ".join(dict.fromkeys(filter(None, words))),
                "kinks": at_kinks,
                "trap": next((j for j in own if j.measured.cell.sort == "trap"), None),
            }
        )
    shown = {
        d.id: next(
            (j.measured for j in judged if f"difference {d.id}" in j.explanation.split("; ")), None
        )
        for d in pair.differences
    }
    return {
        "pair": pair,
        "twin": twin_name(pair),
        "options": options(pair),
        "cases": cases,
        "cells": [j for c in cases for j in c["cells"]],
        "shown": shown,
    }


@cache
def environment(autoescape: bool) -> jinja2.Environment:
    """Return what the templates are rendered in."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("equiv", "report/templates"),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(digit=one_digit, cell=_table_cell, barred=_barred, written=_written)
    environment.globals.update(
        input_line=input_line, strip=strip, marks=MARKS, is_code=is_code, agreeing=AGREEING
    )
    return environment


def _table_cell(text: str) -> str:
    """Spell code for a cell of a Markdown table."""
    return f"`{_barred(text)}`" if text else ""


def _written(instead: str) -> str:
    """Spell what to write instead: code as code, a sentence as it is."""
    return f"`{instead}`" if is_code(instead) else instead


def _barred(text: str) -> str:
    """Escape the bars that would end a cell of a Markdown table."""
    return text.replace("|", "\\|")


def _render(template: str, results: Results) -> str:
    report = results.report
    by_owner: dict[str, list[Judged]] = {}
    for j in report.judged:
        by_owner.setdefault(j.measured.cell.owner, []).append(j)
    rows = [
        (row, [_claim_view(results, c) for c in report.claims if c.row == row.title])
        for row in report.catalogue.rows
    ]
    run_ops = set(results.ops["numpy"])
    areas: dict[str, list[dict[str, Any]]] = {}
    snapshot = build(results)
    for record in snapshot["ops"]:
        if record["numpy"] in run_ops:
            areas.setdefault(record["area"], []).append(record)
    return (
        environment(template.endswith(".html.j2"))
        .get_template(template)
        .render(
            versions=results.versions,
            counts=results.counts,
            seed=report.seed,
            rows=[(row, views) for row, views in rows if views],
            layers=[
                _layer_view(pair, by_owner[pair.name])
                for pair in report.catalogue.layers
                if pair.name in by_owner
            ],
            areas=areas,
            rules=[rule for rule in snapshot["rules"] if rule["cells"] or report.whole],
            outcomes=results.outcomes,
            probes=PROBES.values(),
            conditions=CONDITIONS.values(),
            left_out=LEFT_OUT if report.whole else {},
            findings=results.findings,
        )
    )
