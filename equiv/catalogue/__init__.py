"""The catalogue: the areas' literals in one piece, each entry known to be well formed.

Standard library only: knows how entries are spelled, not what they give.
"""

from __future__ import annotations

import ast
import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from equiv import wellformed
from equiv.entry import Case, Claim, Input, LayerPair, Op, Row
from equiv.rules import RULES, Rule

AREAS = (
    "creation",
    "manipulation",
    "indexing",
    "elementwise",
    "logic",
    "bitwise",
    "reduction",
    "statistics",
    "sorting",
    "sets",
    "linalg",
    "fft",
    "random",
    "polynomial",
    "functional",
    "window",
    "io",
    "methods",
    "operators",
    "other",
)
"""The modules that hold ops, in the order of the report."""


@dataclass(frozen=True)
class Catalogue:
    """Everything there is to run: ops by area, the sheet's rows, the layer pairs, the rules."""

    areas: Mapping[str, tuple[Op, ...]]
    rows: tuple[Row, ...]
    layers: tuple[LayerPair, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def ops(self) -> dict[str, Op]:
        """All ops by name, in the report's order."""
        return {op.name: op for ops in self.areas.values() for op in ops}

    def port(self, claim: Claim) -> tuple[Op, Case | None]:
        """Return the op that a claim names and the case whose port holds, if it is ported."""
        name, _, case = claim.op.partition("/")
        op = self.ops[name]
        return op, next((c for c in op.cases if not case or c.id == case), None)


@functools.cache
def load() -> Catalogue:
    """Load the catalogue. Raises EquivError at the first entry that is not well formed."""
    areas = {a: tuple(importlib.import_module(f"equiv.catalogue.{a}").OPS) for a in AREAS}
    rows = importlib.import_module("equiv.catalogue.sheet").ROWS
    pairs = importlib.import_module("equiv.catalogue.layers").load()
    catalogue = Catalogue(areas, tuple(rows), tuple(pairs), RULES)
    ops = tuple(op for ops in areas.values() for op in ops)
    wellformed.check(ops, catalogue.rows, catalogue.layers, catalogue.rules)
    return catalogue


def declared(op: Op, case: Case) -> Mapping[str, object]:
    """Return the inputs that a case runs on: its own, else the op's that its text names."""
    if case.inputs is not None:
        return case.inputs
    used = wellformed.free(ast.parse(case.numpy)) | wellformed.free(ast.parse(case.torch))
    needed = {x.of for n, x in op.inputs.items() if n in used and isinstance(x, Input)}
    return {n: x for n, x in op.inputs.items() if n in used | needed}
