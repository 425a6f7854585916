"""Spells a layer's cell: both forwards on the same inputs and parameters, and all gradients.

Knows the contract of layers; the script knows nothing of equiv.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from equiv.inputs import literal, make, spelled
from equiv.layer_sides import LayerCell, draws_at_random, parameters
from equiv.measure import Cell, Measured

DRAWS = """
class Draws:
    def keep(self, p, shape):
        return (torch.nn.functional.dropout(torch.ones(shape, dtype=torch.{dtype}), p) != 0).numpy()

    def slopes(self, lower, upper, x):
        noise = torch.empty(x.shape, dtype=torch.{dtype})
        torch.ops.aten.rrelu_with_noise(torch.from_numpy(x.copy()), noise, lower, upper, True)
        return noise.numpy()
"""
"""What gives the NumPy layer the draws of torch."""

FLAT = """
def floats(y):
    parts = y if isinstance(y, tuple) else (y,)
    found = [z for part in parts for z in (floats(part) if isinstance(part, tuple) else [part])]
    return [z for z in found if "float" in str(getattr(z, "dtype", ""))]
"""


def spell_layer(measured: Measured, layer: LayerCell, seed: int) -> Iterator[str]:
    """Yield the lines: inputs, state, the layer's passes, the twin's."""
    cell, (ours, theirs) = measured.cell, measured.raised
    number = zlib.crc32(f"{seed}|{cell.id}".encode())
    state = parameters(cell, layer, number)
    seeded = [f"torch.manual_seed({number})"] if draws_at_random(cell, layer, number) else []
    if seeded:
        yield from DRAWS.format(dtype=layer.dtype).lstrip().splitlines()
    if not layer.forward_only:
        yield from FLAT.splitlines()[1 - len(seeded) :]
        yield ""
    for name, code in layer.before.items():
        yield f"{name}_before = {spelled(code)}"
    for name, code in cell.code.items():
        yield f"{name} = {spelled(code)}"
    yield f"layer = {cell.numpy}"
    if state:
        items = ", ".join(f"{name!r}: {literal(p)}" for name, p in state.items())
        yield f"state = {{{items}}}"
        yield "layer.load_state(state)"
    yield from (() if layer.training else ("layer.eval()",))
    yield from ("layer.draws = Draws()", *seeded) if seeded else ()
    apart = {"structure", "shape"} & {part.rung for part in measured.parts}
    dy = not (layer.forward_only or ours or apart)
    forward = (*_before(layer, "layer.forward", "{}"), f"y = layer.forward({layer.call})")
    backward = _numpy_backward(layer, number) if not (layer.forward_only or apart) else ()
    yield from caught("numpy", forward, backward, ours)
    yield "if layer.buffers:"
    yield '    print("numpy, buffers:", layer.buffers)'
    yield ""
    yield from _twin(cell, layer, bool(state))
    yield from seeded
    twin = (
        *(_before(layer, "twin", "torch.from_numpy(np.copy({}))") if layer.twin else ()),
        f"t = twin({layer.call})" if layer.twin else f"t = {cell.torch}",
    )
    yield from caught("torch", twin, _torch_backward(layer) if dy else (), theirs)
    if layer.twin:
        yield "if dict(twin.named_buffers()):"
        yield '    print("torch, buffers:", dict(twin.named_buffers()))'


def caught(
    side: str, forward: Iterable[str], backward: Iterable[str], raised: str
) -> Iterator[str]:
    """Spell a side's lines and what it prints; where it raises, only the exception."""
    result = {"numpy": "repr(y)", "torch": "t"}[side]
    if not raised:
        yield from (*forward, f'print("{side}:", {result})', *backward)
        return
    yield "try:"
    yield from (f"    {line}" for line in (*forward, *backward))
    yield f"except Exception as error:  # {raised}"
    yield f'    print("{side}:", repr(error))'


def _before(layer: LayerCell, function: str, argument: str) -> Iterator[str]:
    """Spell the two calls on other data."""
    if not layer.before:
        return
    given = ", ".join(argument.format(f"{name}_before") for name in layer.before)
    call = f"(lambda {', '.join(layer.before)}: {function}({layer.call}))({given})"
    yield from (call, call)


def _twin(cell: Cell, layer: LayerCell, has_state: bool) -> Iterator[str]:
    """Spell the tensors and the twin, with the same state."""
    for name, code in cell.code.items():
        if not isinstance(make(code), np.ndarray):
            continue
        track = ".requires_grad_()" if name in layer.wrt and not layer.forward_only else ""
        yield f"{name} = torch.from_numpy(np.copy({name})){track}"
    if layer.twin:
        yield f"twin = {cell.torch}"
        if has_state:
            copied = "{name: torch.from_numpy(np.copy(p)) for name, p in state.items()}"
            yield f"twin.load_state_dict({copied}, assign=True)"
            yield "for p in twin.parameters():"
            yield "    p.requires_grad_()"
        if not layer.training:
            yield "twin.eval()"


def _numpy_backward(layer: LayerCell, number: int) -> Iterator[str]:
    """Spell every backward for the random cotangents."""
    yield f"rng = np.random.default_rng({number})"
    yield "dy = [np.asarray(rng.standard_normal(np.shape(z)), z.dtype) for z in floats(y)]"
    for name in layer.backwards:
        yield f'print("numpy, {name}:", repr(layer.{name}(*dy)))'
    yield 'print("numpy, by parameter:", layer.grads)'


def _torch_backward(layer: LayerCell) -> Iterator[str]:
    """Spell autograd for the same cotangents."""
    yield "pairs = [(z, torch.from_numpy(w)) for z, w in zip(floats(t), dy) if z.requires_grad]"
    yield "torch.autograd.backward([z for z, _ in pairs], [w for _, w in pairs])"
    for name in layer.wrt:
        yield f'print("torch, by {name}:", {name}.grad)'
    if layer.twin:
        yield 'print("torch, by parameter:", {n: p.grad for n, p in twin.named_parameters()})'
