"""The input bank: spells each declared input, under a probe, as NumPy code, and runs that code.

The expression that makes an array is the one that a repro prints. NumPy only; knows kinds and
probes, not ops.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equiv.entry import EquivError, Input, PerRank

Array = NDArray[Any]

FLOATING = ("real", "positive", "unit", "distinct", "ascending", "symmetric", "well_conditioned")
"""The kinds that hold real numbers, and so can be put into another float dtype."""

FREE = ("real", "positive", "unit")
"""The kinds whose promise survives a changed value."""

LITERAL_LIMIT = 64
"""Arrays up to this size are printed by value, larger ones by what generates them."""


ARRAYS = (*FLOATING, "integers", "index", "boolean", "complex", "values")
"""Every kind that makes an array."""


GAP = 1e-4
"""How far apart two elements of a real input are at least: a derivative needs the room."""

CONDITION = 100
"""The largest condition number of a well-conditioned input."""

SPREAD_LIMIT = 256
"""Past this size real inputs may hold nearer ones."""


@dataclass(frozen=True)
class Probe:
    """A condition the inputs are put in: the kinds it makes sense for, and what it does."""

    kinds: tuple[str, ...]
    change: Callable[[str], str]
    """From the code of an input to its code under the probe."""
    rank: int = 0
    """The least rank that it makes sense for."""
    dtypes: tuple[str, ...] = ()
    """The declared dtypes that it makes sense for, where not for all."""
    shows: Callable[[Array], bool] = lambda x: True
    """Whether a changed draw shows the condition; else it is drawn again."""

    def suits(self, value: object) -> bool:
        """Say whether the probe changes this input."""
        return (
            isinstance(value, Input)
            and value.kind in self.kinds
            and (not self.dtypes or value.dtype in self.dtypes)
            and rank(value) >= self.rank
        )


def _astype(dtype: str) -> Callable[[str], str]:
    return lambda code: f"({code}).astype({dtype!r})"


PROBES: Mapping[str, Probe] = {
    "float64": Probe(FLOATING, lambda code: code),
    "float32": Probe((*FLOATING, "values"), _astype("float32"), dtypes=("float64",)),
    "int64": Probe(FREE, lambda code: f"np.round(4 * {code}).astype('int64')"),
    "transposed": Probe(ARRAYS, lambda code: f"np.asfortranarray({code})", rank=2),
    "ties": Probe(
        FREE,
        lambda code: f"np.round({code}) + 0.0",
        shows=lambda x: x.size < 3 or len(np.unique(x)) < x.size,
    ),
    "nan": Probe(FREE, lambda code: f"(lambda x: np.where(x == x.max(), np.nan, x))({code})"),
    "0-d": Probe(FREE, lambda code: f"({code}).flat[:1].reshape(())"),
    "length one": Probe(FREE, lambda code: f"({code}).flat[:1]"),
    "empty": Probe(FREE, lambda code: f"({code})[:0]"),
}
"""The probes by name, in the order in which pages list them."""


def rank(value: Input) -> int:
    """Return the number of axes of an input."""
    return np.ndim(np.asarray(value.literal)) if value.kind == "values" else len(value.shape)


def own_probe(inputs: Mapping[str, object]) -> str:
    """Name the condition that a case declares: its first array's dtype, or ``declared``."""
    dtypes = (x.dtype for x in inputs.values() if isinstance(x, Input) and x.kind != "text")
    return next(dtypes, "declared")


def spell(inputs: Mapping[str, object], probe: str = "", seed: int = 0) -> dict[str, str]:
    """Return the code that makes each input under ``probe``.

    Raises EquivError where no input is of a kind that the probe suits.
    """
    if not probe or probe == own_probe(inputs):
        return {name: _spell_one(name, value, inputs, seed) for name, value in inputs.items()}
    if probe not in PROBES:
        raise EquivError(f"probe {probe!r} is unknown; there are {', '.join(PROBES)}")
    suited = [name for name, value in inputs.items() if PROBES[probe].suits(value)]
    if not suited:
        raise EquivError(
            f"probe {probe!r} suits none of the inputs {', '.join(inputs) or '(none)'}"
        )
    return {
        name: _spell_one(name, value, inputs, seed, probe if name in suited else "")
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


def fresh(value: Any) -> Any:
    """Copy an array of the bank: writable, in the same layout, on a 64-byte boundary."""
    if not isinstance(value, np.ndarray):
        return value
    axes = sorted(range(value.ndim), key=lambda i: -abs(value.strides[i]))  # as in memory
    raw = np.empty(value.nbytes + 64, np.uint8)
    start = -raw.__array_interface__["data"][0] % 64
    flat: Array = raw[start : start + value.nbytes].view(value.dtype)
    inverse = sorted(range(value.ndim), key=axes.__getitem__)
    copy = flat.reshape([value.shape[i] for i in axes]).transpose(inverse)
    copy[...] = value
    return copy


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


def _spell_one(
    name: str, value: object, inputs: Mapping[str, object], seed: int, probe: str = ""
) -> str:
    """Spell one input; a draw that shows nothing, like ties that are all one, is drawn again."""
    change, shows = (PROBES[probe].change, PROBES[probe].shows) if probe else (str, bool)
    if not isinstance(value, Input):
        return literal(value)
    if value.kind == "text":
        return repr(value.literal)
    if value.kind == "values":
        return change(literal(np.array(value.literal, dtype=value.dtype)))
    for attempt in range(1000):
        named = f"{seed}|{name}|{value.kind}|{value.shape}|{value.dtype}|{probe}|{attempt}"
        digest = hashlib.blake2s(named.encode(), digest_size=4).digest()
        drawn = _draw(value, f"np.random.default_rng({int.from_bytes(digest)})", inputs)
        if not _is_lively(make(drawn), value.kind):
            continue
        changed = make(change(drawn))
        if _is_lively(changed) and (not probe or shows(changed)):
            return change(drawn)
    under = f" under {probe!r}" if probe else ""
    raise EquivError(f"input {name!r}: no draw of {value} holds two values{under}; widen its range")


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
