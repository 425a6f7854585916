"""The report's tables: CSV and JSON from the frames.

Measured figures are rounded to one digit, so that a run's files are the same each time.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from equiv.results import LAYER_FIGURES, Results
from equiv.snapshot import build


def one_digit(x: float) -> str:
    """Spell a measured figure with one digit.

    >>> one_digit(0.00123), one_digit(0.0)
    ('1e-03', '0')
    """
    return "0" if x == 0 else f"{x:.0e}" if math.isfinite(x) else str(x)


def compatibility_csv(results: Results) -> str:
    """Spell one row an op."""
    return _csv(results.ops)


def layers_csv(results: Results) -> str:
    """Spell one row a layer pair."""
    return _csv(_rounded(results.layers))


def cells_csv(results: Results) -> str:
    """Spell the cells that are neither ``same`` nor ``both raise``."""
    cells = results.cells
    parted = cells[~cells["outcome"].isin(["same", "both raise"])]
    explanation = parted["explanation"].where(parted["explanation"] != "", parted["finding"])
    frame = pd.DataFrame(
        {"id": parted["id"], "outcome": parted["outcome"], "explanation": explanation}
    )
    return _csv(frame)


def compatibility_json(results: Results) -> str:
    """Spell all of it: counts, versions, ops as lookup prints them, the sheet, layers, findings."""
    record: dict[str, Any] = {
        **build(results),
        "seed": results.report.seed,
        "counts": results.counts,
        "sheet": results.claims.to_dict("records"),
        "layers": json.loads(_rounded(results.layers).to_json(orient="records")),
        "findings": [
            {"kind": f.kind, "place": f.place, "message": f.message} for f in results.findings
        ],
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _rounded(layers: pd.DataFrame) -> pd.DataFrame:
    return layers.assign(**{c: [one_digit(x) for x in layers[c]] for c in LAYER_FIGURES})


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, lineterminator="\n"))
