"""Time what the runner costs over the bare calls, in one run: `python tests/bench/overhead.py`.

The floor of a cell is its NumPy call and its torch call on arrays and tensors that are there
already. One thread on both sides; figures are medians over rounds that take turns. Gradients,
aliasing and conditioning are timed apart.
"""

import argparse
import dataclasses
import json
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from equiv import compare, measure
from equiv.catalogue import declared, load
from equiv.entry import Input, real
from equiv.execute import as_tensor, compiled, recorded, steady
from equiv.inputs import fresh, make, spell
from equiv.measure import Cell
from equiv.plan import plan_ops

SIZES = (64, 256)

APART = {
    "aliasing": (measure, "_aliasing"),
    "conditioning": (compare._Leaf, "_moves"),
    "zeros": (compare._Leaf, "_firm"),
}
"""What is timed apart: whose memory a result shares, and what rounding alone moves."""


def chosen(every_probe: bool) -> list[Cell]:
    """Return the catalogue's cells of ports that are neither drawn nor written to files."""
    cells = [
        p.cell
        for op in plan_ops(load(), 0)
        for p in op.planned
        if not p.abrupt and (every_probe or p.own)
    ]
    return [
        dataclasses.replace(c, gradient="")
        for c in cells
        if c.sort == "case" and c.equal != "as a distribution" and not c.files
    ]


def enlarged(size: int) -> list[Cell]:
    """Return the plain cells whose inputs are all real matrices, at size x size."""
    found = []
    for ops in load().areas.values():
        for op in ops:
            for case in op.cases:
                inputs = declared(op, case)
                matrices = [isinstance(x, Input) and x == real(*x.shape) for x in inputs.values()]
                ranks = {len(x.shape) for x in inputs.values() if isinstance(x, Input)}
                if case.equal != "exactly" or not all(matrices) or ranks != {2} or case.files:
                    continue
                code = spell({name: real(size, size) for name in inputs})
                found.append(
                    Cell(
                        id=f"{op.name}/{case.id}@{size}",
                        sort="case",
                        area="",
                        owner=op.name,
                        case=case.id,
                        probe="float64",
                        numpy=case.numpy,
                        torch=case.torch,
                        code=code,
                    )
                )
    return [cell for cell in found if measure.measure(cell).outcome == "same"]


def floor(cell: Cell) -> Callable[[], object]:
    """Return the bare calls of a cell, each side on arrays of its own; None where one raises."""
    import torch

    arrays = {name: make(code) for name, code in cell.code.items()}
    ours = {"np": np, **{n: fresh(x) for n, x in arrays.items()}}
    theirs = {"torch": torch, **{n: as_tensor(fresh(x, plain=True)) for n, x in arrays.items()}}
    (before, last), (torch_before, torch_last) = compiled(cell.numpy), compiled(cell.torch)

    def run() -> None:
        for statements, value, scope in ((before, last, ours), (torch_before, torch_last, theirs)):
            try:
                if statements:
                    exec(statements, scope)
                eval(value, scope)
            except Exception:
                continue

    return run


def seconds(run: Callable[[], object], least: float = 0.0) -> float:
    """Return the time of one call, over as many as take ``least`` seconds."""
    calls = 0
    begun = time.perf_counter()
    while True:
        run()
        calls += 1
        taken = time.perf_counter() - begun
        if taken >= least:
            return taken / calls


def pairs(cells: list[Cell], rounds: int) -> list[tuple[float, float]]:
    """Return each cell's median floor and cost in the runner, what is timed apart left out."""
    found = []
    with recorded() as caught, apart(APART) as spent:

        def cost(cell: Cell) -> float:
            before = sum(spent.values())
            whole = seconds(lambda: measure.measure(cell, 0, caught))
            return whole - (sum(spent.values()) - before)

        for cell in cells:
            bare = floor(cell)
            both = [(seconds(bare), cost(cell)) for _ in range(rounds + 1)][1:]
            found.append(tuple(statistics.median(times) for times in zip(*both, strict=True)))
    return found


@contextmanager
def apart(names: dict[str, tuple[object, str]]) -> Iterator[dict[str, float]]:
    """Add up the time spent in functions of modules, by name."""
    spent = dict.fromkeys(names, 0.0)
    kept = {name: getattr(*where) for name, where in names.items()}

    def timed(name: str) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            begun = time.perf_counter()
            try:
                result = kept[name](*args, **options)
                return list(result) if isinstance(result, Iterator) else result
            finally:
                spent[name] += time.perf_counter() - begun

        return call

    for name, where in names.items():
        setattr(*where, timed(name))
    try:
        yield spent
    finally:
        for name, where in names.items():
            setattr(*where, kept[name])


def catalogue() -> dict[str, float]:
    """Return the seconds that every cell takes, of which gradients, aliasing and conditioning."""
    cells = [
        p.cell
        for op in plan_ops(load(), 0)
        for p in op.planned
        if p.cell.equal != "as a distribution" and not (p.cell.files or p.abrupt)
    ]
    watched = {"gradients": (measure, "_gradient"), **APART}
    floors = sum(seconds(floor(cell)) for cell in cells)
    with apart(watched) as spent:
        begun = time.perf_counter()
        for cell in cells:
            measure.measure(cell)
        whole = time.perf_counter() - begun
    conditioning = spent.pop("zeros") + spent["conditioning"]
    spent["conditioning"] = conditioning
    rest = whole - sum(spent.values())
    return {"cells": len(cells), "floor": floors, "whole": whole, "ladder": rest, **spent}


def figures(rounds: int, *, whole: bool) -> dict[str, float]:
    """Return every figure by name; times in seconds."""
    found: dict[str, float] = {}
    tiny = pairs(chosen(every_probe=False), rounds)
    found["tiny: cells"] = len(tiny)
    found["tiny: floor"] = statistics.median(bare for bare, _ in tiny)
    found["tiny: runner"] = statistics.median(cost for _, cost in tiny)
    found["tiny: over the floor"] = statistics.median(cost - bare for bare, cost in tiny)
    found["tiny: over twice the floor"] = statistics.median(cost - 2 * bare for bare, cost in tiny)
    for size in SIZES:
        large = pairs(enlarged(size), rounds)
        found[f"{size}x{size}: cells"] = len(large)
        found[f"{size}x{size}: floor"] = statistics.median(bare for bare, _ in large)
        found[f"{size}x{size}: over the floor"] = statistics.median(c - bare for bare, c in large)
        over = statistics.median(cost - 2 * bare for bare, cost in large)
        found[f"{size}x{size}: over twice the floor"] = over
        found[f"{size}x{size}: factor"] = statistics.median(cost / bare for bare, cost in large)
        floors, costs = map(sum, zip(*large, strict=True))
        found[f"{size}x{size}: all, factor"] = costs / floors
    if whole:
        found |= {f"catalogue: {name}": value for name, value in catalogue().items()}
        found["catalogue: cells per second"] = found["catalogue: cells"] / found["catalogue: whole"]
    return found


def main() -> None:
    """Print the table, or with --json one object with the same figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--part", action="store_true", help="leave the whole catalogue out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with steady(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = figures(options.rounds, whole=not options.part)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if name.endswith(("cells", "second")):
            print(f"{name:<34} {value:10.0f}")
        elif name.endswith("factor"):
            print(f"{name:<34} {value:10.2f} x")
        elif not name.startswith("catalogue"):
            print(f"{name:<34} {value * 1e6:10.1f} us")
        else:
            print(f"{name:<34} {value:10.2f} s")


if __name__ == "__main__":
    main()
