"""Refuses an entry that is not well formed: at load, with its place, before anything is run.

Standard library only: reads texts, runs nothing.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

from equiv.conditions import CONDITIONS
from equiv.entry import (
    EQUAL,
    EVERY,
    RUNGS,
    Claim,
    Difference,
    EquivError,
    LayerPair,
    Op,
    PerRank,
    Row,
    Trap,
)
from equiv.probes import DECLARED, PROBES
from equiv.rules import Rule


def check(
    ops: Sequence[Op],
    rows: Sequence[Row],
    layers: Sequence[LayerPair],
    rules: Sequence[Rule] = (),
) -> None:
    """Raise EquivError, with its place, at the first thing that an entry says wrongly."""
    _unique("op", (op.name for op in ops))
    for op in ops:
        _check_op(op)
    _unique("row", (row.title for row in rows))
    named = {op.name: op for op in ops}
    for row in rows:
        for number, claim in enumerate(row.claims, 1):
            _check_claim(f"sheet/{row.title}/{number}", claim, named)
    _unique("layer pair", (pair.name for pair in layers))
    for pair in layers:
        _check_pair(pair)
    _unique("rule", (rule.slug for rule in rules))
    for rule in rules:
        _check_rule(rule)


def _check_op(op: Op) -> None:
    _unique(f"{op.name}: case", (case.id for case in op.cases))
    _require(op.name, bool(op.summary and op.source), "needs a summary and a source")
    _require(op.name, bool(op.cases) != bool(op.instead), "give either cases or instead=")
    for case in op.cases:
        place = f"{op.name}/{case.id}"
        names = set(op.inputs if case.inputs is None else case.inputs)
        _check_side(place, "numpy", case.numpy, {"np", *names})
        _check_side(place, "torch", case.torch, {"torch", *names})
        _check_equal(place, case.equal)
        if case.reconstruct:
            _check_side(place, "reconstruct", case.reconstruct, {"np", "r"})
        _require(
            place,
            bool(case.reconstruct) == ("by reconstruction" in case.equal),
            "equal='by reconstruction' and reconstruct= go together",
        )
        if case.no_gradient:
            _check_why(place, "no_gradient", case.no_gradient)
        for probe, why in case.unprobed.items():
            _check_probe(place, probe)
            _check_why(place, f"unprobed {probe!r}", why)
        if case.tolerance:
            _check_why(place, "tolerance", case.tolerance.why)
        if case.trap:
            _check_trap(place, case.trap, names)
    _check_differences(op.name, op.differences, {case.id for case in op.cases})


def _check_rule(rule: Rule) -> None:
    place = f"rule {rule.slug}"
    _check_rung(place, rule.rung)
    _check_why(place, "rule", rule.why)
    _check_why(place, "statement", rule.statement)
    _require(place, bool(rule.instead), "give what to write instead")
    _check_side(place, "numpy", rule.witness.numpy, {"np", *rule.witness.inputs})
    _check_side(place, "torch", rule.witness.torch, {"torch", *rule.witness.inputs})


def _check_claim(place: str, claim: Claim, ops: Mapping[str, Op]) -> None:
    name, _, case = claim.op.partition("/")
    _require(place, name in ops, f"op {name!r} is in no area")
    ids = [c.id for c in ops[name].cases]
    _require(place, not case or case in ids, f"{name} has no case {case!r}, only {ids}")
    ours = {"np", *(key.partition("/")[0] for key in claim.bind)}
    theirs = {"torch", *(key.rpartition("/")[2] for key in claim.bind)}
    numpy, torch = claim.completed or (claim.numpy, claim.torch)
    _check_side(place, "numpy", numpy, ours)
    _check_side(place, "torch", torch, theirs)
    if claim.ported:
        _check_side(place, "port", claim.ported[0], ours)
        _check_side(place, "port", claim.ported[1], theirs)
    _check_equal(place, claim.equal)
    _require(place, claim.equal != "by reconstruction", "equal='by reconstruction' is for cases")
    shows = (claim.shows,) if isinstance(claim.shows, str) else claim.shows
    for rung in shows:
        _check_rung(place, rung)
    if claim.denies:
        _check_why(place, "claim that denies", claim.why)
    else:
        _require(place, claim.holds != bool(shows), "give shows= exactly where it does not hold")
        if claim.why or not claim.holds:
            _check_why(place, "claim" if claim.holds else "claim that does not hold", claim.why)
    options = {len(v.options) for v in claim.bind.values() if isinstance(v, PerRank)}
    _require(place, len(options) < 2, f"per_rank with different numbers of options {options}")


def _check_pair(pair: LayerPair) -> None:
    every = pair.every
    _unique(f"{pair.name}: case", (case.id for case in every))
    _require(pair.name, bool(pair.summary and pair.source), "needs a summary and a source")
    _require(pair.name, bool(every), "has no case")
    for case in every:
        place = f"{pair.name}/{case.id}"
        _require(place, not (case.twin and case.torch), "give either twin= or torch=")
        _require(place, bool(case.inputs), "has no inputs")
        _parse(place, "numpy", case.numpy)
        side = {"torch"} if case.twin else {"torch", *case.inputs}
        _check_side(place, "torch", case.twin or case.torch, side)
        _check_side(place, "call", f"forward({case.call})", {"forward", *case.inputs})
        missing = [name for name in case.wrt if name not in case.inputs]
        _require(place, not missing, f"wrt names {missing}, not among the inputs")
        if case.trap:
            _check_trap(place, case.trap, set(case.inputs), CONDITIONS)
    _check_differences(pair.name, pair.differences, {case.id for case in every}, CONDITIONS)
    for d in pair.differences:
        here = f"{pair.name}: difference {d.id!r}"
        _require(here, not d.port, "instead= of a layer is a sentence that ends with a full stop")


def _check_differences(
    place: str, differences: Iterable[Difference], cases: set[str], probes: Iterable[str] = PROBES
) -> None:
    differences = list(differences)
    _unique(f"{place}: difference", (d.id for d in differences))
    for d in differences:
        here = f"{place}: difference {d.id!r}"
        _require(here, bool(d.probes and d.rungs), "names no probe, or no rung")
        for rung in d.rungs:
            _check_rung(here, rung)
        for probe in d.probes if d.probes != EVERY else ():
            _check_probe(here, probe, probes)
        everywhere = d.probes != EVERY or {*d.rungs} <= {"aliasing", "layout", "gradient"}
        _require(here, everywhere, "only aliasing, layout and gradient can show under EVERY probe")
        _check_why(place, f"difference {d.id!r}", d.why)
        _require(here, bool(d.instead), "give what to write instead")
        if d.port:
            _check_instead(here, d.port)
        unknown = [case for case in d.cases if case not in cases]
        _require(here, not unknown, f"names the cases {unknown}, there are {sorted(cases)}")


def _check_instead(place: str, text: str) -> None:
    """Refuse what is neither code nor a sentence: the one is run, the other is only read."""
    try:
        _parse(place, "instead", text)
    except EquivError as error:
        raise EquivError(f"{error}; a sentence ends with a full stop") from None


def _check_trap(place: str, trap: Trap, names: set[str], probes: Iterable[str] = PROBES) -> None:
    _check_side(place, "trap", trap.torch, {"torch", *names})
    _check_rung(f"{place}: trap", trap.shows)
    if trap.under:
        _check_probe(f"{place}: trap", trap.under, probes)
    _check_why(place, "trap", trap.why)


def _parse(place: str, side: str, text: str) -> ast.Module:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise EquivError(f"{place}: {side} {text!r} does not compile: {error.msg}") from None
    ends = bool(tree.body) and isinstance(tree.body[-1], ast.Expr)
    _require(place, ends, f"{side} {text!r} must end in an expression")
    return tree


def _check_side(place: str, side: str, text: str, known: set[str]) -> None:
    tree = _parse(place, side, text)
    undeclared = sorted(free(tree) - known - set(dir(builtins)))
    _require(
        place,
        not undeclared,
        f"{side} {text!r} uses {', '.join(undeclared)}, declared are {', '.join(sorted(known))}",
    )


def free(tree: ast.Module) -> set[str]:
    """Return the names that a side reads before it binds them: its inputs and modules."""
    found: set[str] = set()
    bound: set[str] = set()
    for statement in tree.body:
        found |= _read(statement) - bound
        bound |= {n.id for n in ast.walk(statement) if _is_name(n, ast.Store)}
    return found


def _read(statement: ast.stmt) -> set[str]:
    """Return the names a statement reads from outside: not those of its loops and lambdas."""
    read = {n.id for n in ast.walk(statement) if _is_name(n, ast.Load)}
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        return read | {statement.target.id}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    assigned = {n for target in targets for n in ast.walk(target)}  # bound after it is read
    inner = {n.id for n in ast.walk(statement) if _is_name(n, ast.Store) and n not in assigned}
    return read - inner - {n.arg for n in ast.walk(statement) if isinstance(n, ast.arg)}


def _is_name(node: ast.AST, context: type[ast.expr_context]) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)


def _check_equal(place: str, equal: str | tuple[str, ...]) -> None:
    for word in (equal,) if isinstance(equal, str) else equal:
        _require(place, word in EQUAL, f"equal={word!r} is not one of {', '.join(EQUAL)}")


def _check_rung(place: str, rung: str) -> None:
    _require(place, rung in RUNGS, f"shows={rung!r} is not a rung: {', '.join(RUNGS)}")


def _check_probe(place: str, probe: str, probes: Iterable[str] = PROBES) -> None:
    known = probe in (*probes, DECLARED)
    _require(place, known, f"{probe!r} is not a probe: {', '.join(probes)}")


def _check_why(place: str, what: str, why: str) -> None:
    _require(place, bool(why.strip()), f"{what} given without a why")
    _require(place, why.endswith("."), f"{what}: why {why!r} must end with a full stop")


def _unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        _require(f"{what} {name!r}", name not in seen, "defined twice")
        seen.add(name)


def _require(place: str, holds: bool, expected: str) -> None:
    if not holds:
        raise EquivError(f"{place}: {expected}")
