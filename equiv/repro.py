"""Spells a cell as a script that runs as pasted, with numpy and torch, and shows both results.

Knows measured cells; the script knows nothing of equiv.
"""

from __future__ import annotations

import ast
import builtins
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from equiv.compare import leaves
from equiv.entry import ABRUPT
from equiv.execute import run_numpy
from equiv.gradients import cotangents
from equiv.inputs import is_plain, literal, make, spelled
from equiv.layer_sides import LayerCell
from equiv.measure import Cell, Measured
from equiv.repro_layer import spell_layer
from equiv.wellformed import free


def script(
    measured: Measured,
    seed: int = 0,
    layer: LayerCell | None = None,
    preamble: Sequence[str] = (),
) -> str:
    """Return the script for a cell; ``layer`` says that it is one of a layer pair.

    ``preamble`` holds the lines that bring in what else the texts use.
    """
    cell = measured.cell
    rungs = ", ".join(dict.fromkeys(p.rung for p in measured.parts)) or measured.outcome
    lines = [f"# {cell.id}: {rungs}"]
    if cell.files:
        lines += ["import os", "import tempfile", ""]
    if {part.rung for part in measured.parts} & {*ABRUPT}:
        lines += ["import signal", ""]
    lines += ["import numpy as np", "import torch", ""]
    if layer:
        names = sorted(free(ast.parse(cell.numpy)) - {"np", *dir(builtins)})
        lines[-1:] = [f"from {layer.module} import {', '.join(names)}", ""]
    if preamble:
        lines += [*preamble, ""]
    if cell.files:
        lines += ["os.chdir(tempfile.mkdtemp())", ""]
    lines += list(spell_layer(measured, layer, seed) if layer else _sides(measured, seed))
    return "\n".join(lines) + "\n"


def _sides(measured: Measured, seed: int) -> Iterator[str]:
    """Spell the inputs, then each side on its own copies of them."""
    cell = measured.cell
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    rungs = {part.rung for part in measured.parts}
    arrays = [key for key, code in cell.code.items() if isinstance(make(code), np.ndarray)]
    for key, code in cell.code.items():
        given = f"{_name(key, 'numpy')}_given" if key in arrays else _name(key, "numpy")
        yield f"{given} = {spelled(code)}"
        if key not in arrays and _name(key, "torch") != given:
            yield f"{_name(key, 'torch')} = {given}"
    if cell.equal == "as a distribution":
        yield f"np.random.seed({state})"
        yield f"torch.manual_seed({state})"
    abrupt = next((rung for rung in ABRUPT if rung in rungs), "")
    sides = [
        ("numpy", cell.numpy, measured.raised[0]),
        ("torch", cell.torch, measured.raised[1]),
    ]
    for side, text, raised in sorted(sides, key=lambda s: abrupt.startswith(s[0])):
        yield ""
        if abrupt.startswith(side):
            yield f"# {abrupt}: what follows ends by this alarm, if not by itself"
            yield "signal.alarm(5)"
        for key in arrays:
            copy = _copied(f"{_name(key, 'numpy')}_given", cell.code[key], side)
            yield f"{_name(key, side)} = " + (
                copy if side == "numpy" else f"torch.from_numpy({copy})"
            )
        if "aliasing" in rungs:  # the side may bind the name to something else
            yield from (f"{_name(key, side)}_before = {_name(key, side)}" for key in arrays)
        yield from _run(text, side, raised)
        if not raised:
            yield from _facts(side, [_name(key, side) for key in arrays], rungs)
    if "gradient" in rungs and measured.parts[0].rung == "gradient":
        yield from _gradient(cell, arrays, state)


def _copied(name: str, code: str, side: str) -> str:
    """Spell a copy of an input in its own layout; torch has no negative strides."""
    value = make(code)
    if is_plain(value):
        return f'{name}.copy(order="K")'
    turned = value.size and min(value.strides, default=0) < 0
    return f"{name}.copy()" if turned and side == "torch" else spelled(code)


def _name(key: str, side: str) -> str:
    """Return what a side calls an input: ``arr/tensor`` is arr in NumPy and tensor in torch."""
    return key.partition("/")[0] if side == "numpy" else key.rpartition("/")[2]


def _run(text: str, side: str, raised: str) -> Iterator[str]:
    """Spell one side: its statements, its last expression, and what it raises."""
    lines = [*_assigned(text, f"{side}_result"), f'print("{side}:", repr({side}_result))']
    if not raised:
        yield from lines
        return
    yield "try:"
    yield from (f"    {line}" for line in lines)
    yield f"except Exception as error:  # {raised}"
    yield f'    print("{side}:", repr(error))'


def _assigned(text: str, name: str) -> list[str]:
    """Return the lines of a side, its last expression assigned to a name."""
    *before, last = [ast.unparse(node) for node in ast.parse(text).body]
    return [line for statement in (*before, f"{name} = {last}") for line in statement.splitlines()]


def _facts(side: str, names: list[str], rungs: set[str]) -> Iterator[str]:
    """Spell the lines that show a rung which a printed result does not show."""
    result = f"{side}_result"
    parts = f"{result} if isinstance({result}, (tuple, list)) else ({result},)"
    if rungs & {"dtype", "aliasing"}:
        yield f"parts = {parts}"
    if "dtype" in rungs:
        yield 'print("  dtype:", *(getattr(part, "dtype", None) for part in parts))'
    if "layout" in rungs:
        asked = ".flags.c_contiguous" if side == "numpy" else ".is_contiguous()"
        yield f'print("  C-contiguous:", {result}{asked})'
    if "aliasing" in rungs:
        for name in names:
            if side == "numpy":
                word = '"to write to" if part.flags.writeable else "read-only"'
                shared = f"np.shares_memory(part, {name}_before)"
            else:
                word, storage = '"to write to"', "untyped_storage().data_ptr()"
                shared = f"part.{storage} == {name}_before.{storage}"
            yield f"shared = [{word} for part in parts if {shared}]"
            yield f'print("  shares memory with {name}:", *(shared or ["no"]))'
    if "mutation" in rungs:
        yield from (f'print("  {name} afterwards:", {name})' for name in names)


def _gradient(cell: Cell, arrays: list[str], state: int) -> Iterator[str]:
    """Spell autograd's gradient and one by central differences, for the same cotangent."""
    inputs = {name: make(code) for name, code in cell.code.items()}
    weights = ", ".join(literal(w) for w in cotangents(_differentiable(cell, inputs, state), state))
    real = [n for n in arrays if inputs[n].dtype.kind in "fc"]
    yield ""
    yield f"weights = [{weights}]  # the cotangent"
    for side, text in (("numpy", cell.numpy), ("torch", cell.torch)):
        names = ", ".join(_name(key, side) for key in arrays)
        dtypes = '("float", "complex")'
        made = "np.conj(w)" if side == "numpy" else "torch.from_numpy(np.asarray(np.conj(w)))"
        yield ""
        yield ""
        yield f"def with_{side}({names}):"
        yield from (f"    {line}" for line in _assigned(text, "result"))
        yield "    parts = result if isinstance(result, (tuple, list)) else (result,)"
        floating = 'str(getattr(p, "dtype", "")).removeprefix("torch.")'
        yield f"    parts = [p for p in parts if {floating}.startswith({dtypes})]"
        if side == "numpy":  # a step of the differences may end in another shape: no slope there
            yield "    if [p.shape for p in parts] != [w.shape for w in weights]:"
            yield "        return np.nan"
        kept = f"(({made} * p).real)[w != 0]" if side == "numpy" else f"({made} * p).real"
        yield f"    return sum({kept}.sum() for w, p in zip(weights, parts))"
    yield ""
    yield ""
    given = [f"{_name(key, 'numpy')}_given" for key in arrays]
    yield f"given = [{', '.join(given)}]"
    yield "leaves = [torch.from_numpy(x.copy()) for x in given]"
    yield f"for i in {[arrays.index(n) for n in real]}:"
    yield "    leaves[i].requires_grad_()"
    yield "try:"
    yield "    with_torch(*(leaf.clone() for leaf in leaves)).backward()"
    yield "except Exception as error:"
    yield '    print("autograd:", repr(error))'
    yield f"for i in {[arrays.index(n) for n in real]}:"
    yield '    given[i] = given[i].astype(np.result_type(given[i], "f8"))'
    yield f"for i in {[arrays.index(n) for n in real]}:"
    yield "    left, right = np.zeros((2, *given[i].shape))"
    yield "    for at in np.ndindex(given[i].shape):"
    yield "        ahead, behind = ([x.copy() for x in given] for _ in range(2))"
    yield "        ahead[i][at] += 1e-6"
    yield "        behind[i][at] -= 1e-6"
    yield "        here = with_numpy(*(x.copy() for x in given))"
    yield "        left[at] = (here - with_numpy(*behind)) / 1e-6"
    yield "        right[at] = (with_numpy(*ahead) - here) / 1e-6"
    yield '    print("autograd:", leaves[i].grad)'
    yield '    print("differences, from the left:", left)'
    yield '    print("differences, from the right:", right)'


def _differentiable(cell: Cell, inputs: Mapping[str, Any], state: int) -> list[Any]:
    result = run_numpy(cell.numpy, inputs, seed=state, scope=cell.scope).value
    found = [np.asarray(a) for _, a in leaves(result) if isinstance(a, np.ndarray | np.generic)]
    return [a for a in found if a.dtype.kind in "fc"]
