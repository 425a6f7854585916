"""The strip of an op: one mark for each probe, from the outcomes of its cells.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from equiv.probes import PROBES

MARKS: Final = {
    "!": "raises, hangs or crashes in torch only",
    "×": "raises, hangs or crashes in NumPy only",
    "~": "differs, as explained",
    "✓": "the same, or raising on both sides",
    "·": "not applicable",
}
"""Each mark and what it says, the gravest first."""

AGREEING: Final = ("same", "both raise", "undefined")
"""The outcomes that say nothing against the port."""


def mark(outcome: str) -> str:
    """Return the mark of an outcome.

    >>> [mark(word) for word in ("same", "dtype", "torch raises", "numpy hangs", "")]
    ['✓', '~', '!', '×', '·']
    """
    if not outcome:
        return "·"
    if outcome in AGREEING:
        return "✓"
    side, _, rest = outcome.partition(" ")
    if rest in ("raises", "hangs", "crashes"):
        return "!" if side == "torch" else "×"
    return "~"


def gravest(outcomes: Iterable[str]) -> str:
    """Return the outcome that says most against the port; empty where there is none."""
    order = list(MARKS)
    return min(outcomes, key=lambda outcome: order.index(mark(outcome)), default="")


def strip(outcomes: Mapping[str, str]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the marks of an op by group of probes: each with its probe and outcome."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for probe in PROBES.values():
        outcome = outcomes.get(probe.name, "")
        found.setdefault(probe.group, []).append((mark(outcome), probe.name, outcome))
    return found


def lines(outcomes: Mapping[str, str]) -> list[str]:
    """Spell the strip for a terminal: a line a group, with the probes that differ by name."""
    found = []
    for group, marks in strip(outcomes).items():
        row = "".join(m for m, _, _ in marks)
        named = [
            f"{m} {', '.join(p for n, p, _ in marks if n == m)}"
            for m in list(MARKS)[:3]
            if m in row
        ]
        found.append(f"{group:<9} {row}  {'  '.join(named)}".rstrip())
    return found
