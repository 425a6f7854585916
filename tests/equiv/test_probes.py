"""The probes: each does to every kind that it suits what it says, and leaves the kind its promise.

What is expected is typed here by hand; of the probes only their names and words are read.
"""

import ast
import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from equiv.entry import (
    Input,
    ascending,
    boolean,
    complex_normal,
    distinct,
    index_into,
    integers,
    positive,
    real,
    slug,
    symmetric,
    text,
    unit,
    values,
    well_conditioned,
)
from equiv.inputs import make, spell, suits
from equiv.probes import ARRAYS, PROBES

Array = np.ndarray[Any, Any]

KINDS: dict[str, Input] = {
    "real": real(3, 4),
    "positive": positive(3, 4),
    "unit": unit(3, 4),
    "distinct": distinct(3, 4),
    "ascending": ascending(9),
    "symmetric": symmetric(3),
    "well_conditioned": well_conditioned(3, 3),
    "integers": integers(-5, 6, (3, 4)),
    "index": index_into("v", 3, 4),
    "boolean": boolean(3, 4),
    "complex": complex_normal(3, 4),
    "values": values([[1.5, -2.0], [3.0, 4.0]]),
}
"""One declared input of each kind."""

SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32"]
COMPLEX = ["complex64", "complex128"]
EXTREMES = ["int8 extremes", "int64 extremes", "uint8 extremes"]


def beside(value: Input) -> dict[str, object]:
    """Put what indices point into, and a plain value, beside an input, on both sides of it."""
    return {"k": 2, "x": value, "v": values([1.0, 2.0, 3.0]) if value.of else 0.5}


def draws(value: Input, probe: str, count: int = 30) -> list[Any]:
    """Make an input under a probe as often, from seeds of their own."""
    return [make(spell(beside(value), probe, seed)["x"]) for seed in range(count)]


def changes(probe: str, value: Input) -> bool:
    """Say whether a probe does something to an input, and not to its neighbours alone."""
    inputs = beside(value)
    if not suits(probe, inputs):
        return False
    plain, probed = (re.sub(r"rng\(\d+\)", "", spell(inputs, p)["x"]) for p in ("", probe))
    return plain != probed


SUITED = [(p, k) for p in PROBES for k, value in KINDS.items() if changes(p, value)]


# --- the probes as data ---------------------------------------------------------------------


def test_there_are_probes_of_every_group() -> None:
    """The grid has 52 probes, in groups that stand together."""
    groups = [probe.group for probe in PROBES.values()]
    assert Counter(groups) == {"dtype": 14, "size": 4, "values": 10, "integers": 3, "layout": 4,
                               "operands": 15, "shape": 2}  # fmt: skip
    assert list(dict.fromkeys(groups)) == [
        g for i, g in enumerate(groups) if i == 0 or groups[i - 1] != g
    ]


def test_probes_are_told_apart() -> None:
    """Each is found by its name, has words of its own, and gives its cells an id of their own."""
    assert [name for name, probe in PROBES.items() if probe.name != name] == []
    assert len({probe.what for probe in PROBES.values()}) == len(PROBES)
    assert len({slug(name) for name in PROBES}) == len(PROBES)


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_probe_is_data(probe: Any) -> None:
    """A probe is made of words and numbers, which can be written down, and nothing changes it."""
    fields = dataclasses.asdict(probe)
    assert ast.literal_eval(repr(fields)) == fields
    with pytest.raises(dataclasses.FrozenInstanceError):
        probe.what = "otherwise"


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_probe_says_what_there_is_to_do(probe: Any) -> None:
    """It changes known kinds, or two operands by known probes or numbers, or extents: one thing."""
    assert bool(probe.code) + any(probe.operands) + bool(probe.axes) + bool(probe.times) == 1
    assert {*probe.code} <= {*ARRAYS} == {*KINDS}
    numbers = [name for name in probe.operands if name and name not in PROBES]
    assert {type(ast.literal_eval(number)) for number in numbers} <= {int, float}


def test_gradients_are_tried_where_there_can_be_one() -> None:
    """Kinks are met by values alone, smooth points are kept by the rest; integers have neither."""
    tried: dict[str, set[str]] = {"": set(), "smooth": set(), "kinks": set()}
    for name, probe in PROBES.items():
        tried[probe.gradient].add(name)
    assert {"nan", "inf", "signed zeros", "ties", "all equal"} <= tried["kinks"]
    assert {PROBES[name].group for name in tried["kinks"]} == {"values"}
    assert {"float32", "complex128", "length one", "transposed"} <= tried["smooth"]
    assert {PROBES[name].group for name in tried["smooth"]} <= {"dtype", "size", "layout", "shape"}
    assert {"bool", *SIGNED, *UNSIGNED, *EXTREMES, "empty", "empty across"} <= tried[""]


# --- which kinds a probe suits --------------------------------------------------------------

FREE = {"real", "positive", "unit"}
SPREAD = {"real", "positive"}
PLAIN = {"real"}
FLOATING = {*FREE, "distinct", "ascending", "symmetric", "well_conditioned"}
SHORTENED = {*FREE, "distinct", "ascending", "integers", "boolean", "complex"}

SUITS: dict[str, set[str]] = {
    "bool": {"real", "ascending", "symmetric", "integers"},
    **dict.fromkeys(SIGNED[:3], (FLOATING - {"unit"}) | {"integers"}),
    "int64": FLOATING - {"unit"},
    **dict.fromkeys(FLOATS, FLOATING | {"values"}),
    "complex64": FLOATING | {"complex"},
    "complex128": FLOATING,
    "empty": SHORTENED | {"index"},
    "empty across": (SHORTENED | {"index"}) - {"ascending"},  # which has one axis
    "0-d": FREE,
    "length one": SHORTENED,
    **dict.fromkeys(["nan", "all nan", "ties", "all equal"], FREE),
    **dict.fromkeys(["inf", "huge", "subnormal", "offset"], SPREAD),
    **dict.fromkeys(["signed zeros", "halves", *EXTREMES], PLAIN),
    "transposed": {*KINDS} - {"ascending"},
    "strided": {*KINDS},
    "reversed": {*KINDS},
    "broadcast": {*FREE, "boolean", "integers"},
    "square": {*KINDS} - {"ascending", "values"},
    "many": {*KINDS} - {"well_conditioned", "values"},
}
"""The unsigned dtypes aside: what can be wrapped and keep its promise is tried below."""


@pytest.mark.parametrize(("probe", "kinds"), SUITS.items(), ids=SUITS)
def test_probe_suits_kinds(probe: str, kinds: set[str]) -> None:
    """A probe suits the kinds that have something for it to change, and no others."""
    assert {k for k in KINDS if (probe, k) in SUITED} == kinds


def test_every_other_probe_is_held_to_its_kinds() -> None:
    """The table above has every probe but the unsigned ones, float64 and those of two operands."""
    operands = {name for name, probe in PROBES.items() if probe.group == "operands"}
    assert {*PROBES} - {*SUITS} == {*UNSIGNED, "float64", *operands}


@pytest.mark.parametrize("name", PROBES)
def test_no_probe_suits_what_is_no_array(name: str) -> None:
    """Plain values and strings are the same under every probe."""
    assert not suits(name, {"n": 0.5, "t": text("x"), "s": (3, 4)})
    assert not suits(name, {})


@pytest.mark.parametrize("name", ["float64", "int64", "bool", "complex128"])
def test_own_condition_is_no_probe(name: str) -> None:
    """The dtype of a case's first array is its declared condition."""
    first = {"float64": real(3), "int64": integers(0, 5, (3,)), "bool": boolean(3)}
    inputs = {"x": first.get(name, complex_normal(3)), "y": real(3), "n": integers(0, 5, (3,))}
    assert not suits(name, inputs)


@pytest.mark.parametrize(
    "value",
    [real(3, 4, dtype="float32"), integers(0, 3, (3, 4), dtype="int8")],
    ids=["float32", "int8"],
)
def test_declared_dtype_stays(value: Input) -> None:
    """An input that names a dtype is about it: only its extents and its layout are probed."""
    found = {PROBES[name].group for name in PROBES if suits(name, {"x": value})}
    assert found == {"size", "layout", "shape"}


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        (real(), {"empty", "empty across", "transposed", "strided", "reversed", "broadcast",
                  "square", "many"}),
        (real(3), {"empty across", "transposed", "square"}),
        (real(3, 4), set()),
        (real(4, 4), {"square"}),
        (real(2, 2, 2, 2), {"many"}),  # as it has none to spare
    ],
    ids=["0-d", "1-d", "2-d", "square", "4-d"],
)  # fmt: skip
def test_probe_suits_ranks(value: Input, refused: set[str]) -> None:
    """What a probe does to axes needs axes; what is in its condition already gains nothing."""
    assert {p for p in SUITS if "real" in SUITS[p] and not suits(p, {"x": value})} == refused


@pytest.mark.parametrize(
    ("value", "dtypes"),
    [
        (integers(0, 2, (9,)), ["bool", "int8", "int16", "int32", *UNSIGNED]),
        (integers(-5, 6, (9,)), ["bool", "int8", "int16", "int32", *UNSIGNED]),
        (integers(2, 9, (9,)), ["int8", "int16", "int32", *UNSIGNED]),  # nor 0, nor 1
        (integers(0, 200, (9,)), ["bool", "int16", "int32", *UNSIGNED]),
        (integers(-200, 9, (9,)), ["bool", "int16", "int32"]),  # 200 is none of them
        (integers(0, 70000, (9,)), ["bool", "int32", "uint32", "uint64"]),
        (values([1, 200], dtype="int64"), ["int16", "int32"]),
        (values([1, 300], dtype="uint16"), ["uint32", "uint64"]),
        (values([True, False], dtype="bool"), []),
        (values([0.5, 2.0]), ["float16", "float32"]),
    ],
    ids=lambda x: f"{x.kind}-{x.low}-{x.high}-{x.dtype}" if isinstance(x, Input) else "",
)
def test_dtype_suits_what_it_can_hold(value: Input, dtypes: list[str]) -> None:
    """Integers and declared values are put in the dtypes that have room for what they promise."""
    found = [p for p in PROBES if PROBES[p].group == "dtype" and suits(p, {"x": value})]
    assert found == dtypes


# --- what each does -------------------------------------------------------------------------

FIRST = [[0, 0], [1, 3], [2, 2]]
"""The places in three rows of four whose indices sum to a multiple of four."""
SECOND = [[0, 1], [1, 0], [2, 3]]
"""Those whose indices sum to one more."""


def places(x: Array) -> list[list[int]]:
    """List the indices of the elements that hold."""
    found: list[list[int]] = np.argwhere(x).tolist()
    return found


def shape(x: Array, kind: str) -> tuple[int, ...]:
    """Return the shape in which an input is declared."""
    return (2, 2) if kind == "values" else KINDS[kind].shape


def holds(*numbers: int) -> Callable[[Array, str], bool]:
    """Say that an array holds these numbers and no others."""
    return lambda x, kind: {*x.flat} == {*numbers}


SAYS: dict[str, Callable[[Array, str], bool]] = {
    "bool": lambda x, kind: kind == "integers" or bool(x.any() and not x.all()),
    **dict.fromkeys(SIGNED, lambda x, kind: kind == "integers" or bool((x != 0).all())),
    **dict.fromkeys(
        UNSIGNED, lambda x, kind: kind != "real" or x.max() > np.iinfo(x.dtype).max // 2
    ),
    **dict.fromkeys(FLOATS, lambda x, kind: bool(np.isfinite(x).all())),
    **dict.fromkeys(COMPLEX, lambda x, kind: bool((x.imag != 0).any())),
    "empty": lambda x, kind: x.shape == (0, *shape(x, kind)[1:]),
    "empty across": lambda x, kind: x.shape == (*shape(x, kind)[:-1], 0),
    "0-d": lambda x, kind: x.shape == (),
    "length one": lambda x, kind: x.shape == (1,) * len(shape(x, kind)),
    "nan": lambda x, kind: places(np.isnan(x)) == FIRST and np.isfinite(x).sum() == 9,
    "all nan": lambda x, kind: bool(np.isnan(x).all()),
    "inf": lambda x, kind: (places(x == np.inf), places(x == -np.inf))
    == (FIRST, SECOND if kind == "real" else []),
    "signed zeros": lambda x, kind: places(x == 0) == sorted([*FIRST, *SECOND])
    and places((x == 0) & np.signbit(x)) == SECOND,
    "ties": lambda x, kind: places(x == x.min()) == places(np.indices(x.shape).sum(0) % 2 == 0)
    and places(x == x.max()) == places(np.indices(x.shape).sum(0) % 2 == 1),
    "all equal": lambda x, kind: len(np.unique(x)) == 1,
    "halves": lambda x, kind: bool((2 * x % 2 == 1).all())
    and len(np.unique(x)) == x.size
    and x.min() < 0 < x.max(),
    "huge": lambda x, kind: bool(np.isfinite(x).all()) and x.min() > np.sqrt(np.finfo(float).max),
    "subnormal": lambda x, kind: np.abs(x).min() > 0 and np.abs(x).max() < np.finfo(float).tiny,
    "offset": lambda x, kind: x.min() > 2**30 - 100 and 1e-3 < np.ptp(x) < 1000,
    "int8 extremes": holds(-128, 127, 0, -1, 1),
    "int64 extremes": holds(-(2**63), 2**63 - 1, 0, -1, 1),
    "uint8 extremes": holds(0, 255, 1, 2),
    "transposed": lambda x, kind: x.flags.f_contiguous and not x.flags.c_contiguous,
    "strided": lambda x, kind: x.strides[-1] == 2 * x.itemsize and not x.flags.forc,
    "reversed": lambda x, kind: max(x.strides) < 0,
    "broadcast": lambda x, kind: x.strides[0] == 0 and bool((x == x[0]).all()),
    "square": lambda x, kind: x.shape == (4, 4),
    "many": lambda x, kind: x.shape == tuple(n * {1: 128, 2: 16}[x.ndim] for n in shape(x, kind)),
}  # fmt: skip
"""What holds of an array in each condition; the shapes are those of KINDS."""


@pytest.mark.parametrize(("probe", "kind"), SUITED, ids=[f"{p}-{k}" for p, k in SUITED])
def test_probe_does_what_it_says(probe: str, kind: str) -> None:
    """Every draw is in the condition, an array of the dtype and the shape that it leaves alone."""
    group = PROBES[probe].group
    for x in draws(KINDS[kind], probe):
        assert isinstance(x, np.ndarray)
        assert SAYS[probe](x, kind), x
        dtype = probe.split()[0] if group in ("dtype", "integers") else KINDS[kind].dtype
        assert x.dtype == dtype
        assert group in ("size", "shape") or x.shape == shape(x, kind)


@pytest.mark.parametrize(
    ("probe", "value", "extents"),
    [
        ("square", real(2, 3, 5), (4, 4, 4)),
        ("many", real(3), (384,)),
        ("many", real(2, 3, 4), (12, 18, 24)),
        ("length one", real(2, 3, 4), (1, 1, 1)),
        ("empty", real(2, 3, 4), (0, 3, 4)),
        ("empty across", real(2, 3, 4), (2, 3, 0)),
        ("0-d", real(4), ()),
    ],
    ids=str,
)
def test_extents_of_other_ranks(probe: str, value: Input, extents: tuple[int, ...]) -> None:
    """What is done to two axes is done to one and to three likewise."""
    assert make(spell({"x": value}, probe)["x"]).shape == extents


def test_inputs_are_reshaped_together() -> None:
    """All arrays of a case go by the highest rank among them, so that they still fit."""
    inputs: Mapping[str, object] = {"a": real(3, 4), "b": integers(0, 5, (4,)), "n": 3}
    many, square = (
        [np.shape(make(code)) for code in spell(inputs, probe).values()]
        for probe in ("many", "square")
    )
    assert many == [(48, 64), (64,), ()]
    assert square == [(4, 4), (4,), ()]


@pytest.mark.parametrize(
    ("probe", "pairs"),
    [
        ("int8 extremes", {(-128, -1), (127, 1)}),
        ("int64 extremes", {(-(2**63), -1), (2**63 - 1, 1)}),
        ("uint8 extremes", {(0, 2), (255, 1)}),
    ],
)
def test_extremes_meet_what_takes_them_too_far(probe: str, pairs: set[tuple[int, int]]) -> None:
    """Two operands hold them at other places: sums and differences of pairs overflow."""
    x, y = (make(code).tolist() for code in spell({"x": real(5), "y": real(5)}, probe).values())
    assert pairs <= {*zip(x, y, strict=True)}


@pytest.mark.parametrize("name", ["transposed", "strided", "reversed"])
@pytest.mark.parametrize(
    "value",
    [values(np.arange(12).reshape(3, 4), dtype="int8"), values(np.arange(6.0).reshape(1, 2, 3))],
    ids=["2-d", "3-d"],
)
def test_layout_moves_no_element(name: str, value: Input) -> None:
    """Under another layout an array equals the declared one, element by element."""
    assert make(spell({"x": value}, name)["x"]).tolist() == np.asarray(value.literal).tolist()


# --- two operands ---------------------------------------------------------------------------

OPERANDS: dict[str, tuple[str, object]] = {
    "int64 with float32": ("int64", "float32"),
    "float32 with float64": ("float32", "float64"),
    "int32 with int64": ("int32", "int64"),
    "uint8 with int8": ("uint8", "int8"),
    "bool with int64": ("bool", "int64"),
    "int64 with uint64": ("int64", "uint64"),
    "float16 with float32": ("float16", "float32"),
    "float64 with complex64": ("float64", "complex64"),
    "float32 with 0-d": ("float32", "float64"),
    "float32 with 0.1": ("float32", 0.1),
    "int64 with 2": ("int64", 2),
    "int64 with 2.5": ("int64", 2.5),
    "uint8 with 300": ("uint8", 300),
    "uint8 with -1": ("uint8", -1),
    "bool with 2": ("bool", 2),
}


@pytest.mark.parametrize(("probe", "expected"), OPERANDS.items(), ids=OPERANDS)
def test_operands_are_put_side_by_side(probe: str, expected: tuple[str, object]) -> None:
    """The first operand keeps its shape in its dtype; the second has its own, or is a number."""
    inputs = {"n": 3, "m": boolean(3, 4), "x": real(3, 4), "y": real(4)}
    declared, made = spell(inputs), {n: make(c) for n, c in spell(inputs, probe).items()}
    x, y = made["x"], made["y"]
    assert (x.shape, x.dtype) == ((3, 4), expected[0])
    if isinstance(expected[1], str):
        assert (y.shape, y.dtype) == (() if "0-d" in probe else (4,), expected[1])
    else:
        assert (type(y), y) == (type(expected[1]), expected[1])
    assert (made["n"], made["m"].dtype) == (make(declared["n"]), np.bool_)


def test_every_pair_of_operands_is_tried() -> None:
    """The table above has every probe of two operands."""
    assert [name for name, probe in PROBES.items() if probe.group == "operands"] == [*OPERANDS]


@pytest.mark.parametrize("name", OPERANDS)
def test_operands_are_two(name: str) -> None:
    """A case of one array has none to put it with, and of three it is not clear which."""
    assert not suits(name, {"x": real(3)})
    assert not suits(name, {"x": real(3), "m": boolean(3), "n": 2})
    assert not suits(name, {"x": real(3), "y": real(3), "z": real(3)})


@pytest.mark.parametrize(
    ("first", "second", "scalars"),
    [
        (real(3), real(3), ["0.1", "2", "2.5", "300", "-1", "2"]),
        (real(3), positive(3), ["0.1", "2", "2.5", "300", "2"]),
        (real(3), unit(3), []),
        (real(3), distinct(3), []),
        (real(3), integers(0, 5, (3,)), ["2", "2"]),
        (real(3), integers(-5, 2, (3,)), ["-1"]),
        (real(3), integers(0, 400, (3,)), ["2", "300", "2"]),
        (unit(3), real(3), ["0.1"]),
        (positive(3), real(3), ["0.1", "2", "2.5", "300", "-1"]),
        (integers(3, 9, (3,)), real(3), ["2", "2.5", "300", "-1"]),
    ],
    ids=lambda x: x.kind if isinstance(x, Input) else "",
)
def test_scalar_keeps_what_an_operand_promises(
    first: Input, second: Input, scalars: list[str]
) -> None:
    """A number takes the place of an operand whose promise it keeps, beside a dtype that fits."""
    inputs = {"x": first, "y": second}
    names = [name for name in OPERANDS if suits(name, inputs)]
    # int64 is the declared dtype of integers, and is no change to them
    found = [name.split(" with ")[1] for name in names if not isinstance(OPERANDS[name][1], str)]
    assert found == scalars


# --- promises -------------------------------------------------------------------------------

PROMISES: dict[str, Callable[[Array], bool]] = {
    "positive": lambda x: bool((x.real > 0).all()),
    "unit": lambda x: bool(((x.real > 0) & (x.real < 1)).all()),
    "distinct": lambda x: len(np.unique(x)) == x.size,
    "symmetric": lambda x: bool((x == x.T.conj()).all()),
    "well_conditioned": lambda x: np.linalg.cond(x.astype(complex)).max() < 1000,
    "integers": lambda x: bool(((x.astype(float) >= -5) & (x.astype(float) <= 5)).all()),
    "index": lambda x: bool(((x >= 0) & (x < 3)).all()),
    "values": lambda x: x.tolist() == KINDS["values"].literal,
}
"""What is left of a kind's promise in every condition; NaN is put among numbers on purpose."""

KEPT = [(p, k) for p, k in SUITED if k in PROMISES and "nan" not in p and p != "0-d"]


@pytest.mark.parametrize(("probe", "kind"), KEPT, ids=[f"{p}-{k}" for p, k in KEPT])
def test_probe_leaves_a_kind_its_promise(probe: str, kind: str) -> None:
    """An op that needs what a kind promises can be put under every probe that suits the kind."""
    broken = [x for x in draws(KINDS[kind], probe) if x.size and not PROMISES[kind](x)]
    assert broken == []


@pytest.mark.parametrize("probe", [p for p, k in SUITED if k == "ascending"])
def test_ascending_still_ascends(probe: str) -> None:
    """Values in rising order rise under every probe; two booleans can but repeat."""
    for x in draws(KINDS["ascending"], probe):
        assert (x[1:] >= x[:-1] if probe == "bool" else x[1:] > x[:-1]).all(), x


@pytest.mark.parametrize("probe", [*SIGNED, *FLOATS])
def test_sign_of_real_survives(probe: str) -> None:
    """Normal draws have both signs in the dtypes that have signs, and no zeros."""
    for x in draws(KINDS["real"], probe):
        assert x.min() < 0 < x.max()
        assert (x != 0).all()


@pytest.mark.parametrize("probe", ["int8", *UNSIGNED])
def test_large_positive_values_stay_positive(probe: str) -> None:
    """Among many values above zero some are large; a narrow dtype must not turn their sign."""
    for x in draws(positive(40, 40), probe):
        assert (x > 0).all()


@pytest.mark.parametrize("probe", ["square", "many", "strided", "int8"])
def test_index_stays_in_bounds_of_what_is_reshaped(probe: str) -> None:
    """Indices reach to the end of what they point into, whatever extents both are given."""
    inputs = {"y": real(2, 3), "i": index_into("y", 9, 20, axis=1)}
    y, i = (make(code) for code in spell(inputs, probe).values())
    assert (i.min(), i.max()) == (0, y.shape[1] - 1)
