"""The probes: the conditions that inputs are put in, and what each does to an input of a kind.

Data only. A probe says what it does as NumPy code with ``{x}`` for the code of the input,
``{shape}`` for its shape and ``{i}`` for its place among the inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

REAL = ("real", "positive", "unit", "distinct", "ascending", "symmetric", "well_conditioned")
"""The kinds that hold real numbers."""

FREE = ("real", "positive", "unit")
"""The kinds whose promise survives where elements repeat."""

LISTS = (*FREE, "distinct", "ascending", "integers", "boolean", "complex")
"""The kinds whose promise survives where there are fewer elements."""

ARRAYS = (*REAL, "integers", "index", "boolean", "complex", "values")
"""Every kind that makes an array."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One condition: what it does to the inputs of each kind, and which inputs it suits."""

    name: str = field(kw_only=False)
    group: str
    """``dtype``, ``size``, ``values``, ``integers``, ``layout``, ``operands`` or ``shape``."""
    what: str
    """The condition, in words for people."""
    code: Mapping[str, str] = field(default_factory=dict)
    """From a kind to the NumPy code that puts an input in the condition."""
    rank: int = 0
    """The least rank that it makes sense for."""
    operands: tuple[str, str] = ("", "")
    """For cases of two operands: the probe of each, or a Python scalar for the second."""
    axes: int = 0
    """The extent that every axis is given."""
    gradient: str = ""
    """How a gradient is tried: ``smooth``, or ``kinks`` where one can be met."""
    times: Mapping[int, int] = field(default_factory=dict)
    """By what every axis is multiplied, by the highest rank of a case."""


def _each(kinds: tuple[str, ...], code: str) -> dict[str, str]:
    return dict.fromkeys(kinds, code)


DECLARED: Final = "declared"
"""The condition of a case without an array."""

DEFAULT: Final = {"integers": "int64", "complex": "complex128", "boolean": "bool", "index": "int64"}
"""The dtype that a kind is declared in unless the entry says otherwise, where not float64."""

WHOLE = "(lambda x: np.copysign(np.ceil(4 * np.abs(x)), x))({x})"
"""Whole numbers of both signs, none of them zero; distinct where the input is."""

ZEROS = (
    "(lambda x: np.choose(np.indices(x.shape).sum(0) % 4, [0.0, -0.0, np.abs(x), -np.abs(x)]))({x})"
)
"""Zeros of both signs, by place, and no chance in which side of them the others lie on."""

HALVES = (
    "(lambda x: np.argsort(np.argsort(x, axis=None)).reshape(x.shape) - x.size // 2 + 0.5)({x})"
)
"""Halves of odd numbers, distinct, of both signs, in the order of the input."""

MIXED = "(lambda x: x + 0.5j * np.flip(x))({x})"

HERMITIAN = "(lambda x: x + 1j * (np.triu(x, 1) - np.tril(x, -1)))({x})"


def _floating(name: str) -> Probe:
    return Probe(
        name,
        group="dtype",
        what=f"in {name}",
        gradient="smooth" if name == "float32" else "",
        code={
            **_each(REAL, "{x}" if name == "float64" else f"({{x}}).astype({name!r})"),
            "values": f"({{x}}).astype({name!r})",
        },
    )


def _integer(name: str) -> Probe:
    cast = f".astype({name!r})"
    wrap = f".astype('int64'){cast}" if name[0] == "u" else cast
    fold = "(lambda x: x ^ (x >> 63))({x})" if name[0] == "u" else "{x}"
    whole = tuple(k for k in REAL if k != "unit")
    return Probe(
        name,
        group="dtype",
        what=f"in {name}" + (", the negative ones wrapped" if name[0] == "u" else ""),
        code={
            **_each(whole, WHOLE + wrap),
            "ascending": f"np.sort({WHOLE + wrap})",
            "well_conditioned": (f"np.abs({WHOLE})" if name[0] == "u" else WHOLE) + cast,
            "integers": f"({fold}).astype({name!r})",
            "values": f"({{x}}).astype({name!r})",
        },
    )


def _complex(name: str) -> Probe:
    return Probe(
        name,
        group="dtype",
        what=f"in {name}, with imaginary parts",
        gradient="smooth" if name == "complex128" else "",
        code={
            **_each(REAL, f"{MIXED}.astype({name!r})"),
            "symmetric": f"{HERMITIAN}.astype({name!r})",
            "complex": f"({{x}}).astype({name!r})",
            "values": f"({{x}}).astype({name!r})",
        },
    )


def _extremes(name: str) -> Probe:
    low = f"np.iinfo({name!r}).min"
    values = f"[{low}, np.iinfo({name!r}).max, 0, {-1 if name[0] != 'u' else 2}, 1]"
    return Probe(
        f"{name} extremes",
        group="integers",
        what=f"the least, the greatest, 0 and 1 of {name}",
        code={"real": f"np.resize(np.roll(np.array({values}, {name!r}), 2 * {{i}}), {{shape}})"},
    )  # fmt: skip


def _where(every: int, value: str, otherwise: str = "x") -> str:
    """Spell a change of the elements whose indices sum to a multiple of ``every``."""
    place = f"np.indices(x.shape).sum(0) % {every}"
    return f"(lambda x: np.where({place} == 0, {value}, {otherwise}))({{x}})"


def _where_two(first: str, second: str) -> str:
    place = "np.indices(x.shape).sum(0) % 4"
    return f"(lambda x: np.select([{place} == 0, {place} == 1], [{first}, {second}], x))({{x}})"


def _operands(first: str, second: str) -> Probe:
    return Probe(
        f"{first} with {second}",
        group="operands",
        what=f"the first operand in {first}, the second {second}",
        operands=(first, second),
    )


PROBES: Mapping[str, Probe] = {
    probe.name: probe
    for probe in (
        Probe(
            "bool",
            group="dtype",
            what="as booleans",
            code={
                **_each(("real", "symmetric", "ascending"), "({x}) > 0"),
                "integers": "({x}).astype('bool')",
            },
        ),
        *map(_integer, ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")),
        *map(_floating, ("float16", "float32", "float64")),
        *map(_complex, ("complex64", "complex128")),
        Probe("empty", group="size", what="no elements: the first axis empty",
              code=_each((*LISTS, "index"), "({x})[:0]"), rank=1),
        Probe("empty across", group="size", what="no elements: the last axis of two or more empty",
              code=_each((*LISTS, "index"), "({x})[..., :0]"), rank=2),
        Probe("0-d", group="size", what="no axes",
              code=_each(FREE, "({x}).flat[:1].reshape(())")),
        Probe("length one", gradient="smooth", group="size", what="one element along every axis",
              code=_each(LISTS, "(lambda x: x.flat[:1].reshape((1,) * x.ndim))({x})")),
        Probe("nan", gradient="kinks", group="values", what="NaN in some places",
              code=_each(FREE, _where(4, "np.nan"))),
        Probe("all nan", group="values", what="NaN throughout",
              code=_each(FREE, "0 * {x} + np.nan")),
        Probe("inf", gradient="kinks", group="values", what="infinities in some places",
              code={"real": _where_two("np.inf", "-np.inf"),
                    "positive": _where(4, "np.inf")}),
        Probe("signed zeros", gradient="kinks", group="values", what="0.0 and -0.0 in places",
              code={"real": ZEROS}),
        Probe("ties", gradient="kinks", group="values", what="two values in turn",
              code=_each(FREE, _where(2, "x.min()", "x.max()"))),
        Probe("all equal", gradient="kinks", group="values", what="one value throughout",
              code=_each(FREE, "(lambda x: np.full_like(x, x.flat[0]))({x})")),
        Probe("halves", group="values", what="halves of odd numbers",
              code={"real": HALVES}),
        Probe("huge", group="values", what="so large that squares overflow",
              code=_each(("real", "positive"), "np.abs({x}) * 2.0**1000")),
        Probe("subnormal", group="values", what="below the smallest normal number",
              code=_each(("real", "positive"), "{x} * 2.0**-1060")),
        Probe("offset", group="values", what="small differences on a large offset",
              code=_each(("real", "positive"), "{x} + 2.0**30")),
        *map(_extremes, ("int8", "int64", "uint8")),
        Probe("transposed", gradient="smooth", group="layout", what="column-major",
              code=_each(ARRAYS, "np.asfortranarray({x})"), rank=2),
        Probe("strided", group="layout", what="every other element of a longer array",
              code=_each(ARRAYS, "np.repeat({x}, 2, axis=-1)[..., ::2]"), rank=1),
        Probe("reversed", group="layout", what="negative strides; torch gets plain ones",
              code=_each(ARRAYS, "np.flip(np.flip({x}).copy())"), rank=1),
        Probe("broadcast", group="layout", what="one row repeated without memory of its own",
              code=_each((*FREE, "boolean", "integers"),
                         "(lambda x: np.broadcast_to(x[:1], x.shape))({x})"), rank=1),
        _operands("int64", "float32"),
        _operands("float32", "float64"),
        _operands("int32", "int64"),
        _operands("uint8", "int8"),
        _operands("bool", "int64"),
        _operands("int64", "uint64"),
        _operands("float16", "float32"),
        _operands("float64", "complex64"),
        _operands("float32", "0-d"),
        _operands("float32", "0.1"),
        _operands("int64", "2"),
        _operands("int64", "2.5"),
        _operands("uint8", "300"),
        _operands("uint8", "-1"),
        _operands("bool", "2"),
        Probe("square", group="shape", what="equal extents", axes=4, rank=2),
        Probe("many", group="shape", what="many elements", times={1: 128, 2: 16, 3: 6}, rank=1),
    )
}  # fmt: skip
"""The probes by name, in the order in which pages list them."""
