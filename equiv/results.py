"""The results of a run as pandas frames: cells, ops, claims and layers.

Knows a run's report; renders nothing.
"""

from __future__ import annotations

import ast
import math
import platform
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from importlib import metadata

import numpy as np
import pandas as pd

from equiv.conditions import CONDITIONS
from equiv.entry import LayerPair, Op
from equiv.judge import Finding, Judged, JudgedClaim
from equiv.measure import Measured
from equiv.runner import Report
from equiv.strip import AGREEING
from equiv.verdict import torch_names, verdict


def versions() -> dict[str, str]:
    """Return the versions that results are stamped with; torch, which takes a second, unseen."""
    return {
        "numpy": np.__version__,
        "torch": metadata.version("torch"),
        "python": platform.python_version(),
    }


class Results:
    """What a run gave: ``cells`` and ``ops`` as frames, ``claims``, ``layers`` and ``findings``."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.versions = versions()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What fails the run."""
        return self.report.findings

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell: what it is, its outcome, what explains it, and what was measured."""
        return pd.DataFrame([_cell_row(j) for j in self.report.judged], columns=CELL_COLUMNS)

    @cached_property
    def ops(self) -> pd.DataFrame:
        """One row an op of which a cell was run."""
        by_owner = _by_owner(
            j for j in self.report.judged if j.measured.cell.sort in ("case", "trap", "instead")
        )
        rows = [
            _op_row(op, area, by_owner.get(op.name, []))
            for area, ops in self.report.catalogue.areas.items()
            for op in ops
            if op.name in by_owner or (self.report.whole and not op.cases)
        ]
        return pd.DataFrame(rows, columns=OP_COLUMNS)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """One row a pair of the sheet: whether it holds as written, and where it parts."""
        return pd.DataFrame([_claim_row(c) for c in self.report.claims], columns=CLAIM_COLUMNS)

    @cached_property
    def layers(self) -> pd.DataFrame:
        """One row a layer pair, with its worst errors."""
        by_owner = _by_owner(self.report.judged)
        rows = [
            _layer_row(pair, by_owner[pair.name])
            for pair in self.report.catalogue.layers
            if pair.name in by_owner
        ]
        return pd.DataFrame(rows, columns=LAYER_COLUMNS)

    @cached_property
    def rules(self) -> pd.DataFrame:
        """One row a rule: the rung that it explains, and how many cells and ops show it."""
        rows = []
        for rule in self.report.catalogue.rules:
            word = f"rule {rule.slug}"
            shown = [j for j in self.report.judged if word in j.explanation.split("; ")]
            owners = {j.measured.cell.owner for j in shown}
            rows.append([rule.slug, rule.rung, len(shown), len(owners)])
        return pd.DataFrame(rows, columns=RULE_COLUMNS)

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """How many cells have each outcome, the most frequent first."""
        return dict(Counter(j.measured.outcome for j in self.report.judged).most_common())

    @cached_property
    def counts(self) -> dict[str, int]:
        """The figures of the summary."""
        claims = self.report.claims
        return {
            "rows": len({c.row for c in claims}),
            "rows in the sheet": len(self.report.catalogue.rows),
            "pairs": len(claims),
            "pairs that hold": sum(c.holds for c in claims),
            "ops": len(self.ops),
            "cases": int(self.ops["cases"].sum()),
            "cells": len(self.report.judged),
            "same": self.outcomes.get("same", 0),
            "both raise": self.outcomes.get("both raise", 0),
            "undefined": self.outcomes.get("undefined", 0),
            "explained": sum(bool(j.explanation) for j in self.report.judged),
            "differences": len(_differences(self.report.judged)),
            "rules": len(self.rules),
            "layers": len(self.layers),
            "classes of torch.nn": self.layers["twin"]
            .loc[lambda twin: twin.str.fullmatch(r"torch\.nn\.\w+")]
            .nunique(),
            "findings": len(self.findings),
        }


CELL_COLUMNS = [
    "id", "sort", "area", "owner", "case", "probe", "outcome", "rungs", "explanation", "finding",
    "message", "gradient", "gradient_error", "headroom", "ulps", "error", "worst", "numpy", "torch",
]  # fmt: skip
OP_COLUMNS = [
    "numpy", "torch", "area", "verdict", "cases", "cells", "same", "explained", "findings",
    "gradient", "numpy_code", "torch_code",
]  # fmt: skip
LAYER_FIGURES = ("output_ulps", "output_of_limit", "gradient_ulps", "gradient_of_limit")
"""A layer's worst errors: in units in the last place of an array's largest element, and over the
derived limit, above which the sides part."""

CLAIM_COLUMNS = ["row", "number", "numpy", "torch", "holds", "shows", "inputs", "why", "port"]
RULE_COLUMNS = ["rule", "shows", "cells", "ops"]
LAYER_COLUMNS = [
    "layer", "twin", "options", "cases", "cells", "same", "explained", "findings", *LAYER_FIGURES,
    "differences", "repairs",
]  # fmt: skip


def _cell_row(judged: Judged) -> list[object]:
    m = judged.measured
    worst = m.worst
    at = f"{worst.where}[{', '.join(map(str, worst.index))}]" if worst.index else worst.where
    both = f"{at}: {worst.numpy} / {worst.torch}" if worst.error else ""
    return [
        m.cell.id, m.cell.sort, m.cell.area, m.cell.owner, m.cell.case, m.cell.probe, m.outcome,
        "; ".join(dict.fromkeys(p.rung for p in m.parts)), judged.explanation, judged.finding,
        judged.message, m.gradient.word, m.gradient.error, worst.headroom, worst.ulps,
        worst.relative, both, m.numpy, m.torch,
    ]  # fmt: skip


def _op_row(op: Op, area: str, judged: list[Judged]) -> list[object]:
    own = [j for j in judged if j.measured.cell.sort == "case"]
    words = {j.measured.gradient.word for j in own}
    gradient = next((w for w in ("parted", "refused", "same", "zero") if w in words), "none")
    plain = op.cases[0] if op.cases else None
    return [
        op.name, " ".join(torch_names(plain.torch)) if plain else "", area, verdict(op),
        len(op.cases), len(judged), *_tally(judged), gradient,
        plain.numpy if plain else "", plain.torch if plain else "",
    ]  # fmt: skip


def _claim_row(judged: JudgedClaim) -> list[object]:
    claim = judged.claim
    shows = dict.fromkeys(j.measured.outcome for j in judged.parted)
    inputs = [j.measured.cell.probe for j in judged.parted]
    return [
        judged.row, judged.number, claim.numpy, claim.torch, judged.holds, "; ".join(shows),
        "; ".join(inputs), claim.why, claim.op,
    ]  # fmt: skip


def _layer_row(pair: LayerPair, judged: list[Judged]) -> list[object]:
    cells = [j.measured for j in judged if j.measured.cell.sort == "layer"]
    return [
        pair.name, twin_name(pair), len(options(pair)), len(pair.every), len(judged),
        *_tally(judged), *worst_figures(cells).values(), len(pair.differences), len(pair.repairs),
    ]  # fmt: skip


def twin_name(pair: LayerPair) -> str:
    """Name the class, or else spell the expression, that a layer is held against."""
    case = pair.every[0]
    return case.twin.partition("(")[0] or case.torch


def options(pair: LayerPair) -> list[str]:
    """Return the constructor's keywords that are set in any of a pair's cases, in their order."""
    calls = (ast.parse(case.numpy, mode="eval").body for case in pair.every)
    keywords = (k.arg for call in calls if isinstance(call, ast.Call) for k in call.keywords)
    return list(dict.fromkeys(filter(None, keywords)))


def worst_figures(cells: Iterable[Measured]) -> dict[str, float]:
    """Return the worst errors, by LAYER_FIGURES, of the cells that agree.

    Where a layer is saturated a gradient may be nothing but rounding, and is told by its limit.
    """
    found = dict.fromkeys(LAYER_FIGURES, 0.0)
    for m in cells:
        if m.outcome == "same":
            condition = CONDITIONS[m.cell.probe]
            eps = math.inf if condition.saturated else float(np.finfo(condition.dtype).eps)
            own = (m.worst.relative / eps, m.worst.headroom, m.gradient.error / eps,
                   m.gradient.headroom)  # fmt: skip
            found = {n: max(f, x) for (n, f), x in zip(found.items(), own, strict=True)}
    return found


def _tally(judged: list[Judged]) -> tuple[int, int, int]:
    same = sum(j.measured.outcome in AGREEING for j in judged)
    return same, sum(bool(j.explanation) for j in judged), sum(bool(j.finding) for j in judged)


def _differences(judged: Iterable[Judged]) -> set[tuple[str, str]]:
    """Name the differences that explain a cell, with their op or layer."""
    return {
        (j.measured.cell.owner, word)
        for j in judged
        for word in j.explanation.split("; ")
        if word.startswith("difference ")
    }


def _by_owner(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for j in judged:
        found.setdefault(j.measured.cell.owner, []).append(j)
    return found
