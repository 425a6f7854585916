"""The report of people's own pairs: Markdown, HTML or JSON from the records of their checks.

Knows records; runs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from equiv.entry import EquivError
from equiv.report import replace_files
from equiv.report.pages import environment
from equiv.results import versions
from equiv.strip import MARKS, mark

Record = dict[str, Any]


def write(records: Sequence[Record], path: Path) -> None:
    """Write the report in the format that the ending names, whole or not at all.

    Raises EquivError for another ending, and where the file cannot be written.
    """
    spelled = spell(records, path.suffix)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_files({path: spelled})
    except OSError as error:
        reason = error.strerror or str(error)
        raise EquivError(f"{path} cannot be written ({reason}); name another") from None


def spell(records: Sequence[Record], ending: str) -> str:
    """Spell the report: ``.md``, ``.html`` or ``.json``."""
    if ending == ".json":
        whole = {"versions": versions(), "checks": list(records)}
        return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    if ending not in (".md", ".html"):
        raise EquivError(f"a report ends with .md, .html or .json, found {ending!r}")
    template = environment(ending == ".html").get_template(f"own{ending}.j2")
    shown = [{**record, "tolerance": _tolerance(record)} for record in records]
    return template.render(records=shown, versions=versions(), strip=_strip, marks=MARKS)


def _tolerance(record: Record) -> float:
    return float(record.get("worst", {}).get("tolerance", 0.0))


def _strip(record: Record) -> list[tuple[str, str, str]]:
    """Return a mark for each condition, its name, and what it says."""
    conditions = record.get("conditions", [])
    return [(mark(c["outcome"]), c["name"], f"{c['name']}: {c['text']}") for c in conditions]
