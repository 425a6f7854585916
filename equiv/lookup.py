"""Answers how a NumPy or torch name is written on the other side, from the packaged snapshot.

Standard library only: looking something up costs neither torch nor numpy nor pandas.
"""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any

from equiv.entry import EquivError, is_code
from equiv.strip import MARKS
from equiv.strip import lines as strip_lines

Record = dict[str, Any]

SHORT = {
    "np": "numpy",
    "F": "torch.nn.functional",
    "Tensor": "torch.Tensor",
    "tensor": "torch.Tensor",
    "ndarray": "numpy.ndarray",
    "nn": "torch.nn",
}
"""What the first word of a name is short for."""


def load(path: Path | None = None) -> dict[str, Any]:
    """Read the snapshot. Raises EquivError where it is missing or damaged."""
    path = path or Path(__file__).with_name("snapshot.json")
    mend = "reinstall equiv, or in a checkout run `equiv report --update-snapshot`"
    try:
        snapshot: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EquivError(f"{path}: the snapshot is missing; {mend}") from None
    except (OSError, ValueError) as error:
        raise EquivError(f"{path}: the snapshot is damaged ({error}); {mend}") from None
    whole = isinstance(snapshot, dict) and isinstance(snapshot.get("ops"), list)
    if not whole or "versions" not in snapshot:
        raise EquivError(f"{path}: the snapshot is damaged (no versions or ops); {mend}")
    return dict(snapshot)


def find(name: str, snapshot: dict[str, Any]) -> tuple[list[Record], str]:
    """Return the ops that a name means, and a note where it had to be guessed.

    The name may be NumPy's or torch's, in any common spelling: ``np.std``, ``std``,
    ``Tensor.std``, ``x.std()``. Raises EquivError where nothing is near.
    """
    wanted = plain(name)
    ops: list[Record] = snapshot["ops"]
    for key in ("numpy", "torch", "related"):
        for text in dict.fromkeys((wanted, _last(wanted))):
            found = [op for op in ops if any(_means(text, n) for n in _names(op, key))]
            if found:
                return sorted(found, key=_distance) if key == "torch" else found, ""
    spelled = {
        _last(name.partition("[")[0]).lower(): op
        for key in ("related", "torch", "numpy")  # the later take the name
        for op in reversed(ops)
        for name in _names(op, key)
    }
    near = difflib.get_close_matches(_last(wanted).lower(), spelled, n=3, cutoff=0.6)
    if not near:
        raise EquivError(
            f"lookup {name!r}: no op has a name like it among the {len(ops)} there are"
        )
    found = list({op["numpy"]: op for op in (spelled[n] for n in near)}.values())
    best = difflib.SequenceMatcher(None, _last(wanted).lower(), near[0]).ratio()
    if best >= 0.8:
        found = found[:1]
    names = ", ".join(op["numpy"] for op in found)
    return found, f"no op is named {name!r}; nearest: {names}"


def plain(name: str) -> str:
    """Reduce a spelling to a full dotted name.

    >>> plain("np.std(x, axis=0)")
    'numpy.std'
    """
    text = re.sub(r"\(.*", "", name.strip(), flags=re.DOTALL)
    first, dot, rest = text.partition(".")
    return f"{SHORT.get(first, first)}{dot}{rest}"


def as_text(record: Record, versions: dict[str, str], installed: dict[str, str]) -> str:
    """Spell a record for a terminal."""
    lines = [f"{record['numpy']}  ({record['verdict']})", f"  {record['summary']}", ""]
    if record["instead"]:
        lines += [f"  instead: {record['instead']}", ""]
    width = max((len(c["numpy"]) for c in record["cases"]), default=0)
    for case in record["cases"]:
        lines.append(f"  {case['numpy']:<{width}}  ->  {case['torch']}")
        if case["trap"]:
            lines.append(f"  {'':<{width}}  not {case['trap']}: {case['why']}")
    if record.get("probes"):
        lines += ["", *(f"  {line}" for line in strip_lines(record["probes"]))]
        lines += ["  " + ", ".join(f"{m} {what}" for m, what in MARKS.items())]
    own = [d for d in record["differences"] if not d.get("rule")]
    shared = [d for d in record["differences"] if d.get("rule")]
    if own:
        lines += ["", "  differences"]
    for d in own:
        under = f", under {', '.join(d['probes'])}" if d.get("probes") else ""
        lines += [f"    {d['id']} ({d['shows']}{under}): {d['why']}"]
        lines += [f"      instead: {d['instead']}"]
    if shared:
        lines += ["", "  rules (`equiv rules SLUG` says more)"]
    for d in shared:
        lines += [f"    {d['rule']} ({d['shows']}, under {', '.join(d['probes'])}): {d['instead']}"]
    lines += ["", f"  {stamp(versions, installed)}"]
    return "\n".join(lines)


def as_markdown(record: Record, versions: dict[str, str], installed: dict[str, str]) -> str:
    """Spell a record as a section of Markdown."""
    lines = [f"## `{record['numpy']}` ({record['verdict']})", "", record["summary"], ""]
    if record["instead"]:
        lines += [f"Instead: {record['instead']}", ""]
    if record["cases"]:
        lines += ["| NumPy | torch | not |", "|---|---|---|"]
    for case in record["cases"]:
        why = _barred(case["why"] or "")
        trap = f"{_code(case['trap'])}: {why}" if case["trap"] else ""
        lines.append(f"| {_code(case['numpy'])} | {_code(case['torch'])} | {trap} |")
    for d in record["differences"]:
        word = "rule" if d.get("rule") else "difference"
        instead = _code(d["instead"]) if is_code(d["instead"]) else d["instead"]
        lines += ["", f"- {word} **{d['id']}** ({d['shows']}): {d['why']} Instead: {instead}"]
    lines += ["", stamp(versions, installed)]
    return "\n".join(lines)


def rules(slug: str | None, snapshot: dict[str, Any]) -> list[Record]:
    """Return the rules, or the one of a slug. Raises EquivError where there is none."""
    every: list[Record] = snapshot.get("rules", [])
    if slug is None:
        return every
    found = [rule for rule in every if rule["slug"] == slug]
    if not found:
        slugs = [rule["slug"] for rule in every]
        near = difflib.get_close_matches(slug, slugs, n=1) or slugs
        hint = f"did you mean {near[0]}?" if len(near) == 1 else f"there are {', '.join(near)}"
        raise EquivError(f"rules {slug!r}: no rule of that name; {hint}")
    return found


def rule_line(rule: Record) -> str:
    """Spell a rule in a line."""
    return f"{rule['slug']:<28} {rule['shows']:<13} {rule['cells']:>5}  {rule['statement']}"


def rule_text(rule: Record, versions: dict[str, str], installed: dict[str, str]) -> str:
    """Spell a rule for a terminal: what it says, its witness, and the ops that show it."""
    w = rule["witness"]
    lines = [
        f"{rule['slug']}  ({rule['shows']})",
        f"  {rule['statement']} {rule['why']}",
        f"  {rule['instead']}",
        "",
        *(f"  {name} = {code}" for name, code in w["input"].items()),
        f"  {w['numpy_code']}  # numpy: {w['numpy']}",
        f"  {w['torch_code']}  # torch: {w['torch']}",
        "",
        f"  {rule['cells']} cells of {len(rule['ops'])} ops: {', '.join(rule['ops'])}",
        "",
        f"  {stamp(versions, installed)}",
    ]
    return "\n".join(lines)


def stamp(versions: dict[str, str], installed: dict[str, str]) -> str:
    """Say on which versions the answer was measured, and where others are installed."""
    text = "measured on " + ", ".join(f"{k} {versions[k]}" for k in ("torch", "numpy"))
    others = [
        f"{name} {have}"
        for name, have in installed.items()
        if have.partition("+")[0] != versions[name].partition("+")[0]
    ]
    return text + (f"; you have {', '.join(others)}" if others else "")


def installed_versions() -> dict[str, str]:
    """Return the installed versions of torch and numpy, without importing either."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("torch", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _names(op: Record, key: str) -> list[str]:
    names: list[str] = [op["numpy"]] if key == "numpy" else op[key]
    return names


def _distance(op: Record) -> int:
    """Rank an op that a torch name leads to: the plainer its port, the nearer."""
    words = ("drop-in", "renamed", "adapted", "composed")
    return words.index(op["verdict"]) if op.get("verdict") in words else len(words)


def _means(text: str, name: str) -> bool:
    bare = name.partition("[")[0]
    return text in (name, bare) or name.endswith(f".{text}") or bare.endswith(f".{text}")


def _last(text: str) -> str:
    return text.rpartition(".")[2]


def _code(text: str) -> str:
    return f"`{_barred(text)}`"


def _barred(text: str) -> str:
    """Escape the bars that would end a cell of a Markdown table."""
    return text.replace("|", "\\|")
