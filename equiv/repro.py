"""Spells a cell as a script that runs as pasted, with numpy and torch, and shows both results.

Knows measured cells; the script knows nothing of equiv.
"""

from __future__ import annotations

import ast
import zlib
from collections.abc import Iterator, Mapping

import numpy as np

from equiv.compare import leaves
from equiv.execute import run_numpy
from equiv.gradients import cotangents
from equiv.inputs import LITERAL_LIMIT, literal, make
from equiv.layer import LayerCell, parameters
from equiv.measure import Cell, Measured


def script(measured: Measured, seed: int = 0, layer: LayerCell | None = None) -> str:
    """Return the script for a cell; ``layer`` says that it is one of a layer pair."""
    cell = measured.cell
    rungs = ", ".join(dict.fromkeys(p.rung for p in measured.parts)) or measured.outcome
    lines = [f"# {cell.id}: {rungs}"]
    if cell.files:
        lines += ["import os", "import tempfile", ""]
    lines += ["import numpy as np", "import torch", ""]
    if layer:
        lines[-1:] = [f"from {layer.module} import {cell.numpy.partition('(')[0]}", ""]
    if cell.files:
        lines += ["os.chdir(tempfile.mkdtemp())", ""]
    lines += list(_layer(cell, layer, seed) if layer else _sides(measured, seed))
    return "\n".join(lines) + "\n"


def _sides(measured: Measured, seed: int) -> Iterator[str]:
    cell = measured.cell
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    rungs = {part.rung for part in measured.parts}
    names = {key: code for key, code in cell.code.items() if _is_array(code)}
    if cell.equal == "as a distribution":
        yield f"np.random.seed({state})"
        yield f"torch.manual_seed({state})"
    for side in ("numpy", "torch"):
        yield ""
        for key, code in cell.code.items():
            name = key.partition("/")[0] if side == "numpy" else key.rpartition("/")[2]
            spelled = _spelled(code)
            made = f"torch.from_numpy({spelled})" if side == "torch" and key in names else spelled
            yield f"{name} = {made}"
        text = cell.numpy if side == "numpy" else cell.torch
        yield from _run(text, side)
        own = [k.partition("/")[0] if side == "numpy" else k.rpartition("/")[2] for k in names]
        yield from _facts(side, own, rungs)
    if "gradient" in rungs:
        yield from _gradient(cell, names, state)


def _run(text: str, side: str) -> Iterator[str]:
    """Spell one side: its statements, its last expression, and what it raises."""
    *before, last = [ast.unparse(node) for node in ast.parse(text).body]
    yield "try:"
    yield from (f"    {statement}" for statement in before)
    yield f"    {side}_result = {last}"
    yield "except Exception as error:"
    yield f"    {side}_result = error"
    yield f'print("{side}:", repr({side}_result))'


def _facts(side: str, names: list[str], rungs: set[str]) -> Iterator[str]:
    """Spell the lines that show a rung which a printed result does not show."""
    result = f"{side}_result"
    if "dtype" in rungs:
        yield f'print("  dtype:", getattr({result}, "dtype", None))'
    if "layout" in rungs:
        asked = ".flags.c_contiguous" if side == "numpy" else ".is_contiguous()"
        yield f'print("  C-contiguous:", {result}{asked})'
    if "aliasing" in rungs:
        parts = f"{result} if isinstance({result}, (tuple, list)) else ({result},)"
        for name in names:
            if side == "numpy":
                shared = f"any(np.shares_memory(r, {name}) for r in ({parts}))"
            else:
                pointer = f"{name}.untyped_storage().data_ptr()"
                shared = f"any(r.untyped_storage().data_ptr() == {pointer} for r in ({parts}))"
            yield f'print("  shares memory with {name}:", {shared})'
    if "mutation" in rungs:
        yield from (f'print("  {name} afterwards:", {name})' for name in names)


def _gradient(cell: Cell, names: Mapping[str, str], state: int) -> Iterator[str]:
    """Spell autograd's gradient and one by central differences, for the same cotangent."""
    inputs = {name: make(code) for name, code in cell.code.items()}
    result = run_numpy(cell.numpy, inputs, seed=state).value
    wide = (np.float64, np.complex128)
    arrays = [
        np.asarray(a)
        for _, a in leaves(result)
        if isinstance(a, np.ndarray | np.generic) and a.dtype in wide
    ]
    weights = ", ".join(literal(w) for w in cotangents(arrays, state))
    real = [n for n in names if inputs[n].dtype == np.float64]
    ours = [n.partition("/")[0] for n in names]
    *before, last = [ast.unparse(node) for node in ast.parse(cell.numpy).body]
    yield ""
    yield f"weights = [{weights}]  # the cotangent"
    yield ""
    yield ""
    yield f"def weighted({', '.join(ours)}):"
    yield from (f"    {statement}" for statement in before)
    yield f"    result = {last}"
    yield "    parts = result if isinstance(result, (tuple, list)) else (result,)"
    yield "    return sum((np.conj(w) * p).real.sum() for w, p in zip(weights, parts))"
    yield ""
    yield ""
    for key in cell.code:
        theirs = key.rpartition("/")[2]
        code = _spelled(cell.code[key])
        yield f"{key.partition('/')[0]} = {code}"
        if key in names:
            track = ".requires_grad_().clone()" if key in real else ""
            leaf = f"{theirs}_leaf = " if key in real else f"{theirs} = "
            yield f"{leaf}torch.from_numpy({code}){'.requires_grad_()' if track else ''}"
            if track:
                yield f"{theirs} = {theirs}_leaf.clone()"
    *steps, end = [ast.unparse(node) for node in ast.parse(cell.torch).body]
    yield "try:"
    yield from (f"    {statement}" for statement in steps)
    yield f"    result = {end}"
    yield "    parts = result if isinstance(result, (tuple, list)) else (result,)"
    total = "sum((torch.from_numpy(np.conj(w)) * p).real.sum() for w, p in zip(weights, parts))"
    yield f"    {total}.backward()"
    yield "except Exception as error:"
    yield '    print("autograd:", repr(error))'
    for key in real:
        name, theirs = key.partition("/")[0], key.rpartition("/")[2]
        made = {k.partition("/")[0]: _spelled(c) for k, c in cell.code.items()}
        call = ", ".join("at" if n == name else made[n] for n in ours)
        yield f'print("autograd, by {theirs}:", {theirs}_leaf.grad)'
        yield f"slopes = np.zeros({inputs[key].shape})"
        yield f"for i in np.ndindex({inputs[key].shape}):"
        yield "    rise = []"
        yield "    for h in (1e-6, -1e-6):"
        yield f"        at = {made[name]}"
        yield "        at[i] += h"
        yield f"        rise.append(weighted({call}))"
        yield "    slopes[i] = (rise[0] - rise[1]) / 2e-6"
        yield f'print("differences, by {name}:", slopes)'


def _layer(cell: Cell, layer: LayerCell, seed: int) -> Iterator[str]:
    """Spell a layer's cell: both forwards, and the gradients for the random cotangent."""
    state = zlib.crc32(f"{seed}|{cell.id}".encode())
    inputs = {name: make(code) for name, code in cell.code.items()}
    params = parameters(cell, layer, inputs, state)
    for name, code in cell.code.items():
        yield f"{name} = {_spelled(code)}"
    yield f"layer = {cell.numpy}"
    if params:
        spelled = ", ".join(f"{name!r}: {literal(p)}" for name, p in params.items())
        yield f"state = {{{spelled}}}"
        yield "layer.load_state(state)"
    arguments = ", ".join(cell.code)
    yield f"y = layer.forward({arguments})"
    yield 'print("numpy:", repr(y))'
    yield ""
    tensors = {name: f"torch.from_numpy({name}.copy())" for name in cell.code}
    for name, tensor in tensors.items():
        track = ".requires_grad_()" if name in layer.wrt and not layer.forward_only else ""
        yield f"{name} = {tensor}{track}"
    if layer.twin:
        yield f"twin = {cell.torch}"
        if params:
            copied = "{name: torch.from_numpy(p.copy()) for name, p in state.items()}"
            yield f"twin.load_state_dict({copied}, assign=True)"
        yield f"t = twin({arguments})"
    else:
        yield f"t = {cell.torch}"
    yield 'print("torch:", t)'
    if layer.forward_only:
        return
    yield ""
    yield f"dy = np.random.default_rng({state}).standard_normal((2, *y.shape))[0].astype(y.dtype)"
    for name in layer.backwards:
        yield f'print("numpy, {name}:", repr(layer.{name}(np.asarray(dy))))'
    yield 'print("numpy, by parameter:", layer.grads)'
    yield "t.backward(torch.from_numpy(np.asarray(dy)))"
    for name in layer.wrt:
        yield f'print("torch, by {name}:", {name}.grad)'
    if layer.twin:
        yield 'print("torch, by parameter:", {n: p.grad for n, p in twin.named_parameters()})'


def _spelled(code: str) -> str:
    """Spell an input by value where it is small, else by what generates it."""
    value = make(code)
    small = not isinstance(value, np.ndarray) or value.size <= LITERAL_LIMIT
    return literal(value) if small else code


def _is_array(code: str) -> bool:
    return isinstance(make(code), np.ndarray)
