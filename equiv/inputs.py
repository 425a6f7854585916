"""The input bank: spells each declared input, under a probe, as NumPy code, and runs that code.

The expression that makes an array is the one that a repro prints. NumPy only; knows kinds and
probes, not ops.
"""

from __future__ import annotations

import ast
import ctypes
import dataclasses
import functools
import hashlib
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from equiv.entry import EquivError, Input, PerRank
from equiv.probes import DECLARED, DEFAULT, PROBES, REAL, Probe

Array = NDArray[Any]

_memcmp = ctypes.CDLL("msvcrt" if os.name == "nt" else None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

LITERAL_LIMIT = 64
"""Arrays up to this size are printed by value, larger ones by what generates them."""


BLOCK = 65536
"""From so many bytes on, arrays are compared where they lie, without a copy."""

ROOM = 128
"""Bytes around a copy: 64 at most before it, and zeros after it, which a kernel that reads past the
end of an array (torch 2.13's median of an expanded dim does) finds there each time."""

GAP = 1e-4
"""How far apart two elements of a real input are at least: a derivative needs the room."""

CONDITION = 100
"""The largest condition number of a well-conditioned input."""

SPREAD_LIMIT = 256
"""Past this size real inputs may hold nearer ones."""


def rank(value: Input) -> int:
    """Return the number of axes of an input."""
    return len(shape(value))


def shape(value: Input) -> tuple[int, ...]:
    """Return the shape of an input, which values have by themselves."""
    return np.shape(np.asarray(value.literal)) if value.kind == "values" else value.shape


def own_probe(inputs: Mapping[str, object]) -> str:
    """Name the condition that a case declares: its first array's dtype, or ``declared``."""
    dtypes = (x.dtype for x in inputs.values() if isinstance(x, Input) and x.kind != "text")
    return next(dtypes, DECLARED)


def suits(probe: str, inputs: Mapping[str, object]) -> bool:
    """Say whether a probe makes sense for a case of these inputs, and is not their own."""
    return probe != own_probe(inputs) and bool(changes(PROBES[probe], inputs))


def spell(inputs: Mapping[str, object], probe: str = "", seed: int = 0) -> dict[str, str]:
    """Return the code that makes each input under ``probe``.

    Raises EquivError where no input is of a kind that the probe suits.
    """
    if not probe or probe == own_probe(inputs):
        return {name: spell_one(name, value, inputs, seed) for name, value in inputs.items()}
    if probe not in PROBES:
        raise EquivError(f"probe {probe!r} is unknown; there are {', '.join(PROBES)}")
    changed = changes(PROBES[probe], inputs)
    if not changed:
        raise EquivError(
            f"probe {probe!r} suits none of the inputs {', '.join(inputs) or '(none)'}"
        )
    return spell_changed(reshaped(PROBES[probe], inputs), changed, seed, probe)


def spell_changed(
    inputs: Mapping[str, object], changes: Mapping[str, str], seed: int, under: str
) -> dict[str, str]:
    """Return the code that makes each input, changed by its code in ``{x}`` if there is one."""
    return {
        name: spell_one(name, value, inputs, seed, under, changes.get(name, "{x}"))
        for name, value in inputs.items()
    }


@functools.lru_cache(maxsize=4096)
def make(code: str) -> Any:
    """Run the code of one input; arrays are made once and handed out read-only."""
    value = eval(code, {"np": np})
    if not isinstance(value, np.ndarray | np.generic):
        return value
    array = np.asarray(value)  # a draw of shape () is a scalar
    array.flags.writeable = False
    return array


def fresh(value: Any, *, plain: bool = False) -> Any:
    """Copy an array of the bank: writable, with its strides, on a 64-byte boundary.

    With ``plain`` an array of negative strides gets positive ones. One that repeats memory stays
    read-only.
    """
    if not isinstance(value, np.ndarray):
        return value
    if not value.size or (plain and min(value.strides, default=0) < 0):
        value = value.copy(order="C")
    if value.flags.c_contiguous and min(value.strides, default=0) >= 0:
        raw = np.zeros(value.nbytes + ROOM, np.uint8)
        start = -raw.__array_interface__["data"][0] % 64
        copy: Array = np.ndarray(value.shape, value.dtype, raw, start)
        copy[...] = value
        return copy
    low, high = np.lib.array_utils.byte_bounds(value)
    raw = np.zeros(high - low + ROOM, np.uint8)
    start = -raw.__array_interface__["data"][0] % 64 + value.__array_interface__["data"][0] - low
    copy = np.ndarray(value.shape, value.dtype, raw, start, value.strides)
    copy[...] = value
    if any(step == 0 and n > 1 for step, n in zip(value.strides, value.shape, strict=True)):
        copy.flags.writeable = False
    return copy


def lent(name: str, code: str, side: str) -> Any:
    """Return the copy of an input that a side runs on, the same each time; see :func:`restore`."""
    return _kept(name, code, side).copy


def is_intact(name: str, code: str, side: str) -> bool:
    """Say whether a lent copy still holds the bits that it was made with."""
    kept = _kept(name, code, side)
    if not kept.size:
        return same_bits(kept.copy, kept.made)
    return not _memcmp(*kept.places, kept.size)


class _Kept(NamedTuple):
    """A lent copy with what it was made of, and where both lie if they lie alike."""

    copy: Any
    made: Any
    places: tuple[int, int] = (0, 0)
    size: int = 0


@functools.lru_cache(maxsize=256)
def _kept(name: str, code: str, side: str) -> _Kept:
    made = make(code)
    copy = fresh(made, plain=side == "torch")
    if not isinstance(made, np.ndarray):
        return _Kept(copy, made)
    if not (made.flags.c_contiguous and copy.flags.c_contiguous):
        return _Kept(copy, made)
    places = (_place(copy), _place(made))
    return _Kept(copy, made, places, made.nbytes)


def restore(name: str, code: str, side: str) -> None:
    """Give a lent copy its values back, after a side has changed it."""
    copy = lent(name, code, side)
    if not isinstance(copy, np.ndarray):
        return
    kept = copy.flags.writeable
    copy.flags.writeable = True  # torch writes into what repeats memory too
    copy[...] = make(code)
    copy.flags.writeable = kept


def same_bits(a: Array, b: Array) -> bool:
    """Say whether two arrays hold the same bits, in their order, whatever their shapes."""
    if a.nbytes < BLOCK or not (a.flags.c_contiguous and b.flags.c_contiguous):
        return a.tobytes() == b.tobytes()
    if a.nbytes != b.nbytes:
        return False
    return not _memcmp(_place(a), _place(b), a.nbytes)


def _place(x: Array) -> int:
    return int(x.__array_interface__["data"][0])


def literal(value: Any) -> str:
    """Spell a value as code that makes it again, exactly.

    >>> literal(np.array([[1.0, np.nan]], dtype="float32"))
    "np.array([[1.0, np.nan]], dtype='float32')"
    """
    if not isinstance(value, np.ndarray):
        return _nested(value)
    implied = value.size and value.dtype in (np.float64, np.int64, np.bool_, np.complex128)
    dtype = "" if implied else f", dtype={value.dtype.name!r}"
    made = f"np.array({_nested(value.tolist())}{dtype})"
    if 0 in value.shape[:-1]:
        made = f"np.zeros({value.shape}{dtype})"
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    return f"np.asfortranarray({made})" if fortran else made


def spelled(code: str) -> str:
    """Spell an input by value, in its layout, where it is small; else by what makes it.

    >>> spelled("np.repeat(np.arange(3), 2)[::2]")
    'np.repeat(np.array([0, 1, 2]), 2, axis=-1)[..., ::2]'
    """
    value = make(code)
    if not isinstance(value, np.ndarray):
        return literal(value)
    if value.size > LITERAL_LIMIT:
        return code
    if is_plain(value):
        return literal(value)
    by_value = laid_out(value)
    return by_value if make(by_value).strides == value.strides else code


def laid_out(value: Array) -> str:
    """Spell an array by value: turned around, repeated without memory of its own, or with gaps."""
    turned = tuple(axis for axis, step in enumerate(value.strides) if step < 0)
    if turned:
        return f"np.flip({laid_out(np.flip(value, turned))}, {turned})"
    still = tuple(slice(1 if step == 0 else None) for step in value.strides)
    if value[still].size < value.size:
        return f"np.broadcast_to({laid_out(value[still])}, {value.shape})"
    if is_plain(value):
        return literal(value)
    return f"np.repeat({literal(value.copy())}, 2, axis=-1)[..., ::2]"


def elements(code: Mapping[str, str]) -> int:
    """Count the elements that there are to read of a cell's inputs."""
    return sum(np.size(make(one)) for one in code.values())


def is_plain(value: Array) -> bool:
    """Say whether an array lies in memory without gaps, row by row or column by column."""
    return bool(value.flags.forc)


def rank_variants(bind: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each rank's name and bindings; a claim without PerRank is run once, as it is."""
    counts = {len(v.options) for v in bind.values() if isinstance(v, PerRank)}
    if len(counts) > 1:
        raise EquivError(f"per_rank: the names {list(bind)} have different numbers of options")
    if not counts:
        yield "", dict(bind)
        return
    for i in range(counts.pop()):
        chosen = {k: v.options[i] if isinstance(v, PerRank) else v for k, v in bind.items()}
        ranks = [rank(v) for v in chosen.values() if isinstance(v, Input)]
        if not ranks:
            raise EquivError(f"per_rank: none of the names {list(bind)} is bound to an input")
        yield f"rank{ranks[0]}", chosen


def changes(probe: Probe, inputs: Mapping[str, object]) -> dict[str, str]:
    """Return what a probe does to each input that it suits, as code in ``{x}``."""
    if probe.axes or probe.times:
        shaped = reshaped(probe, inputs)
        return {name: "{x}" for name in inputs if shaped[name] != inputs[name]}
    arrays = {n: x for n, x in inputs.items() if isinstance(x, Input) and x.kind != "text"}
    if not any(probe.operands):
        return {name: change for name, x in arrays.items() if (change := _change(probe, x))}
    operands = [(n, x) for n, x in arrays.items() if x.kind in (*REAL, "integers")]
    if len(operands) != 2:
        return {}
    (first, x), (second, y) = operands
    ours, theirs = (
        _change(PROBES[p], v) if p in PROBES else _scalar(p, v)
        for p, v in zip(probe.operands, (x, y), strict=True)
    )
    return {first: ours, second: theirs} if ours and theirs else {}


def _change(probe: Probe, value: Input) -> str:
    """Return what a probe does to an input; empty where it does not suit it."""
    code = probe.code.get(value.kind, "")
    if not code or rank(value) < probe.rank:
        return ""
    if probe.group in ("size", "layout"):
        return code
    if value.dtype != DEFAULT.get(value.kind, "float64") and value.kind != "values":
        return ""  # an input that names another dtype is about that dtype
    return code if probe.group != "dtype" or _fits(value, probe.name) else ""


def _fits(value: Input, dtype: str) -> bool:
    """Say whether what an input promises can be kept in a dtype."""
    if value.kind == "values":
        x = np.array(value.literal, dtype=value.dtype)
        if np.dtype(dtype).kind != x.dtype.kind or dtype == value.dtype or x.dtype.kind == "b":
            return False
        return x.dtype.kind not in "iu" or bool((x.astype(dtype) == x).all())
    if value.kind != "integers":
        return True
    if dtype == "bool":
        return value.low <= 0 and value.high >= 2
    info = np.iinfo(dtype)
    low = value.low if info.min else max(value.low, 0)
    in_range = info.min or value.low >= 0 or -value.low <= value.high
    return bool(in_range and info.min <= low and value.high - 1 <= info.max)


def _scalar(literal: str, value: Input) -> str:
    """Return a Python scalar in place of an input, where it keeps what the input promises."""
    number = ast.literal_eval(literal)
    if value.kind == "integers" and value.dtype == "int64":
        return literal if isinstance(number, int) and value.low <= number < value.high else ""
    return literal if value.kind == "real" or (value.kind == "positive" and number > 0) else ""


def reshaped(probe: Probe, inputs: Mapping[str, object]) -> dict[str, object]:
    """Return the inputs with the extents of a probe; those whose kind forbids it as they are."""
    arrays = [x for x in inputs.values() if isinstance(x, Input) and x.shape]
    highest = max((rank(x) for x in arrays), default=0)
    factor = probe.times.get(highest, 1)
    if highest < probe.rank or (factor > 1 and any(x.kind == "well_conditioned" for x in arrays)):
        return dict(inputs)
    return {
        name: dataclasses.replace(x, shape=tuple(probe.axes or n * factor for n in x.shape))
        if isinstance(x, Input)
        else x
        for name, x in inputs.items()
    }


def spell_one(
    name: str,
    value: object,
    inputs: Mapping[str, object],
    seed: int,
    probe: str = "",
    change: str = "{x}",
) -> str:
    """Spell one input; a draw that does not show what its kind promises is drawn again."""
    if not isinstance(value, Input):
        return literal(value)
    if value.kind == "text":
        return repr(value.literal)

    def changed(code: str) -> str:
        shape, place = str(value.shape), str(list(inputs).index(name))
        return change.replace("{shape}", shape).replace("{i}", place).replace("{x}", code)

    if value.kind == "values":
        return changed(literal(np.array(value.literal, dtype=value.dtype)))
    named = f"{seed}|{name}|{value.kind}|{value.shape}|{value.dtype}|{probe}"
    code = _settled(named, value.kind, _draw(value, "{rng}", inputs), changed("{drawn}"))
    if code:
        return code
    under = f" under {probe!r}" if probe else ""
    raise EquivError(f"input {name!r}: no draw of {value} holds two values{under}; widen its range")


@functools.lru_cache(maxsize=65536)
def _settled(named: str, kind: str, draw: str, change: str) -> str:
    """Return the code of the first draw that shows what its kind promises; empty if none does."""
    for attempt in range(1000):
        digest = hashlib.blake2s(f"{named}|{attempt}".encode(), digest_size=4).digest()
        drawn = draw.replace("{rng}", f"np.random.default_rng({int.from_bytes(digest)})")
        code = change.replace("{drawn}", drawn)
        if _is_lively(make(drawn), kind) and keeps(make(code), kind):
            return code
    return ""


def _draw(value: Input, rng: str, inputs: Mapping[str, object]) -> str:
    """Spell one draw of a kind; the texts are public, `equiv show` prints them."""
    shape, size = value.shape, math.prod(value.shape)
    natural = "float64"
    match value.kind:
        case "real":
            code = f"(lambda x: x + np.copysign(0.1, x))({rng}.standard_normal({shape}))"
        case "positive":
            code = f"np.exp({rng}.standard_normal({shape}))"
        case "unit":
            code = f"{rng}.uniform(0.01, 0.99, {shape})"
        case "integers":
            code, natural = f"{rng}.integers({value.low}, {value.high}, {shape})", "int64"
        case "index":
            code, natural = f"{rng}.integers(0, {_extent(value, inputs)}, {shape})", "int64"
        case "boolean":
            code, natural = f"{rng}.random({shape}) < 0.5", "bool"
        case "distinct":
            code = f"(({rng}.permutation({size}) - {size // 2}) / 2 + 0.25).reshape({shape})"
        case "ascending":
            code = f"np.cumsum({rng}.uniform(0.5, 1.5, {size})) - {size // 2}"
        case "symmetric":
            code = f"(lambda a: a + a.T)({rng}.standard_normal({shape}))"
        case "well_conditioned":
            code = f"{rng}.standard_normal({shape}) + 3 * np.eye({shape[-1]})"
        case "complex":
            code = f"{rng}.standard_normal({(*shape, 2)}).view('complex128')[..., 0]"
            natural = "complex128"
        case _:
            raise EquivError(f"input kind {value.kind!r} is unknown")
    return code if value.dtype == natural else f"({code}).astype({value.dtype!r})"


def _extent(value: Input, inputs: Mapping[str, object]) -> int:
    target = inputs.get(value.of)
    if not isinstance(target, Input):
        raise EquivError(f"index_into({value.of!r}): no declared input of that name")
    shape = np.asarray(target.literal).shape if target.kind == "values" else target.shape
    return math.prod(shape) if value.axis is None else shape[value.axis]


def _is_lively(x: Array, kind: str = "") -> bool:
    """Say whether a draw shows what its kind promises: two values, both signs, no near ties."""
    if x.size < 2:
        return True
    if kind == "well_conditioned":
        return bool(np.linalg.cond(x).max() < CONDITION)
    signs = kind not in ("real", "distinct", "symmetric") or x.min() < 0 < x.max()
    apart = kind != "real" or x.size > SPREAD_LIMIT or np.diff(np.sort(x, axis=None)).min() > GAP
    return bool(signs and apart and (x != x.flat[0]).any())


def keeps(x: Array, kind: str) -> bool:
    """Say whether a changed matrix is still far from singular; the other kinds see to it."""
    if kind == "positive":
        return not np.any(np.real(x) <= 0)
    if kind != "well_conditioned" or not isinstance(x, np.ndarray) or not x.size:
        return True
    return bool(np.linalg.cond(x.astype("c16")).max() < CONDITION)


def _nested(value: object) -> str:
    """Spell numbers, and lists and tuples of them, with np's names for what Python cannot write."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_nested, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_nested, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(value)]
    if isinstance(value, complex) and not _survives_repr(value):
        return f"complex({_nested(value.real)}, {_nested(value.imag)})"
    return repr(value)


def _survives_repr(z: complex) -> bool:
    """Say whether Python reads its own spelling back: not NaN, infinities or negative zeros."""
    zeros = [math.copysign(1, part) < 0 for part in (z.real, z.imag) if part == 0]
    return math.isfinite(z.real) and math.isfinite(z.imag) and not any(zeros)
