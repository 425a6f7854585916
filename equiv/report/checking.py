"""Holds a run against the report in a folder: ids, outcomes, explanations and verdicts.

Measured digits are not compared; nothing is written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from equiv.entry import EquivError
from equiv.report import tables
from equiv.results import Results
from equiv.snapshot import is_current

COMPARED = {
    "cells.csv": (tables.cells_csv, "id", ("outcome", "explanation")),
    "compatibility.csv": (
        tables.compatibility_csv,
        "numpy",
        (
            "torch", "area", "verdict", "cases", "cells", "same", "explained", "findings",
            "gradient", "numpy_code", "torch_code",
        ),
    ),
    "layers.csv": (
        tables.layers_csv,
        "layer",
        (
            "twin", "options", "cases", "cells", "same", "explained", "findings", "differences",
            "repairs",
        ),
    ),
}  # fmt: skip
"""Each file that is held against the run: what spells it, its key, and the columns compared."""


def changes(results: Results, folder: Path) -> list[str]:
    """List what the run gives otherwise than the folder's report and the snapshot say.

    Raises EquivError where the folder holds no report.
    """
    found = [line for name in COMPARED for line in _changes(name, results, folder / name)]
    if not is_current(results):
        found.append("snapshot.json: another than this run gives; see --update-snapshot")
    return found


def _changes(name: str, results: Results, path: Path) -> Iterator[str]:
    spell, key, columns = COMPARED[name]
    try:
        before = _rows(path.read_text(encoding="utf-8"), key)
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise EquivError(
            f"--check {path.parent}: {name} cannot be read ({type(error).__name__}), expected the "
            "files of an earlier `equiv report`"
        ) from None
    now = _rows(spell(results), key)
    for gone in (key for key in before if key not in now):
        yield f"{name}: {gone} is no longer reported, it was {_say(before[gone], columns)}"
    for new in (key for key in now if key not in before):
        yield f"{name}: {new} is new: {_say(now[new], columns)}"
    for both in (key for key in before if key in now):
        for column in columns:
            was, is_ = before[both].get(column), now[both][column]
            if was != is_:
                yield f"{name}: {both}: {column} was {was!r}, is {is_!r}"


def _rows(text: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in csv.DictReader(io.StringIO(text))}


def _say(row: dict[str, str], columns: tuple[str, ...]) -> str:
    return ", ".join(str(row.get(column)) for column in columns[:2])
