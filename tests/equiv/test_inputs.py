"""The input bank: stable draws, kinds that keep their promises, copies and literals."""

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equiv.entry import (
    EquivError,
    Input,
    ascending,
    boolean,
    complex_normal,
    distinct,
    index_into,
    integers,
    per_rank,
    positive,
    real,
    symmetric,
    text,
    unit,
    values,
    well_conditioned,
)
from equiv.inputs import (
    fresh,
    is_plain,
    lent,
    literal,
    make,
    own_probe,
    rank_variants,
    restore,
    same_bits,
    spell,
    spelled,
)

Array = np.ndarray[Any, Any]
nan, inf = float("nan"), float("inf")


def draw(value: Input, probe: str = "", *, name: str = "x", seed: int = 0, **others: Input) -> Any:
    """Make one input of a kind, under a probe."""
    return make(spell({name: value, **others}, probe, seed)[name])


def draws(value: Input, probe: str = "", **others: Input) -> list[Array]:
    """Make an input under fifty names: what a kind promises must hold of every draw."""
    return [draw(value, probe, name=f"v{i}", **others) for i in range(50)]


def generator(value: Input, *, name: str = "x", probe: str = "", seed: int = 0) -> str:
    """Return the seed of the generator that an input is drawn from."""
    found = re.search(r"default_rng\((\d+)\)", spell({name: value}, probe, seed)[name])
    assert found
    return found[1]


# --- seeds ----------------------------------------------------------------------------------


def test_another_input_changes_no_draw() -> None:
    """An input's numbers do not depend on the inputs beside it, nor on their order."""
    alone = spell({"x": real(3, 4)})
    assert spell({"w": positive(5), "x": real(3, 4), "y": real(3, 4)})["x"] == alone["x"]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "y"},
        {"value": positive(3, 4)},
        {"value": real(4, 3)},
        {"value": real(3, 4, dtype="float32")},
        {"probe": "ties"},
        {"seed": 1},
    ],
    ids=["name", "kind", "shape", "dtype", "probe", "seed"],
)
def test_what_names_an_array_changes_its_draw(changed: dict[str, Any]) -> None:
    """Name, kind, shape, dtype, probe and seed each give other numbers."""
    assert generator(**{"value": real(3, 4), **changed}) != generator(real(3, 4))


def test_draws_are_the_same_in_every_process() -> None:
    """Seeds come from a stable hash, not from Python's own, which is salted."""
    code = (
        "from equiv.entry import real; from equiv.inputs import spell; print(spell({'x': real(3)}))"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONHASHSEED": "1"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(spell({"x": real(3)}))


# --- kinds ----------------------------------------------------------------------------------


def kind(value: Input) -> str:
    """Name a declared input in a test's id."""
    return f"{value.kind}{value.shape or ''}"


def gap(x: Array) -> float:
    """Return the least distance between two elements."""
    return float(np.diff(np.sort(x, axis=None)).min())


def both_signs(x: Array) -> bool:
    """Say whether there are elements below and above zero."""
    return bool(x.min() < 0 < x.max())


PROMISES: dict[str, tuple[Input, Callable[[Array], bool]]] = {
    "real": (real(3, 4), lambda x: both_signs(x) and np.abs(x).min() >= 0.1 and gap(x) > 1e-4),
    "real-many": (real(15, 15), lambda x: gap(x) > 1e-4),
    "real-crowded": (real(2000), both_signs),  # where no draw could keep that distance
    "real-small": (real(2), both_signs),
    "real-float32": (
        real(3, 4, dtype="float32"),
        lambda x: both_signs(x) and np.abs(x).min() >= 0.1,
    ),
    "positive": (positive(500), lambda x: x.min() > 0 and x.max() / x.min() > 50),
    "unit": (unit(200), lambda x: 0 < x.min() < 0.1 and 0.9 < x.max() < 1),
    "integers": (integers(-2, 3, (200,)), lambda x: [*np.unique(x)] == [-2, -1, 0, 1, 2]),
    "boolean": (boolean(2), lambda x: bool(x.any() and not x.all())),
    "distinct": (distinct(3, 5), lambda x: both_signs(x) and gap(x) >= 0.5),
    "distinct-pair": (distinct(2), lambda x: both_signs(x) and gap(x) >= 0.5),
    "ascending": (ascending(9), lambda x: bool((np.diff(x) > 0).all())),
    "symmetric": (
        symmetric(3),
        lambda x: bool((x == x.T).all()) and gap(x[np.triu_indices(3)]) > 0,
    ),
    "well-conditioned": (
        well_conditioned(2, 3, 3),
        lambda x: np.linalg.cond(x).max() < 1000 and bool((x != x.mT).any()),
    ),
    "complex": (complex_normal(3, 4), lambda x: both_signs(x.real) and both_signs(x.imag)),
}


@pytest.mark.parametrize(("value", "keeps"), PROMISES.values(), ids=PROMISES)
def test_kind_keeps_its_promise(value: Input, keeps: Callable[[Array], bool]) -> None:
    """Every draw of a kind is what the kind says, in the shape and dtype declared."""
    found = draws(value)
    assert [x for x in found if not keeps(x)] == []
    assert {(x.shape, x.dtype.name) for x in found} == {(value.shape, value.dtype)}


@pytest.mark.parametrize("size", [3, 6])
def test_well_conditioned_is_far_from_singular(size: int) -> None:
    """Among many draws none loses more than three digits."""
    conds = [np.linalg.cond(draw(well_conditioned(size, size), name=f"v{i}")) for i in range(1000)]
    assert max(conds) < 1000


@pytest.mark.parametrize(
    "value",
    [real(), positive(), unit(), integers(0, 5, ()), boolean(), distinct(), complex_normal()],
    ids=kind,
)
def test_kind_of_no_dimension_is_an_array(value: Input) -> None:
    """A kind of shape () gives a 0-d array, not a scalar: torch makes tensors of arrays alone."""
    made = draw(value)
    assert isinstance(made, np.ndarray)
    assert (made.shape, made.dtype.name) == ((), value.dtype)


@pytest.mark.parametrize(
    ("axis", "end"), [(None, 12), (0, 3), (1, 4), (-1, 4)], ids=["flat", "0", "1", "last"]
)
def test_index_is_in_bounds(axis: int | None, end: int) -> None:
    """Indices reach from 0 to the end of what they point into, and no further."""
    for i in draws(index_into("y", 200, axis=axis), y=real(3, 4)):
        assert (i.min(), i.max(), i.dtype) == (0, end - 1, np.int64)


@pytest.mark.parametrize("axis", [None, 0])
def test_index_into_values_is_in_bounds(axis: int | None) -> None:
    """An input declared by its values can be pointed into like any other."""
    i = draw(index_into("y", 50, axis=axis), y=values([5.0, 6.0, 7.0]))
    assert (i.min(), i.max()) == (0, 2)


def test_values_are_as_declared() -> None:
    """An input declared by its values holds these, in the dtype declared."""
    made = draw(values([[1, nan], [-0.0, inf]], dtype="float32"))
    assert made.tobytes() == np.array([[1, nan], [-0.0, inf]], "float32").tobytes()
    assert made.shape == (2, 2)


def test_text_and_literals_are_themselves() -> None:
    """A string and a plain value reach both sides as they are."""
    plain = {"n": ((1, 2), (3, 4)), "one": (5,), "none": (), "list": [0], "f": -0.5}
    spelled = spell({"t": text("ij,jk->ik"), **plain})
    assert {name: make(code) for name, code in spelled.items()} == {"t": "ij,jk->ik", **plain}


@pytest.mark.parametrize("value", [nan, inf, -inf, (1.0, inf), np.float64(-inf)], ids=str)
def test_literals_that_are_not_finite(value: Any) -> None:
    """A plain value can be NaN or infinite."""
    assert str(make(spell({"v": value})["v"])) == str(value)


# --- probes ---------------------------------------------------------------------------------


def unseeded(spelled: dict[str, str]) -> dict[str, str]:
    """Return the codes of inputs without the seeds of their generators."""
    return {name: re.sub(r"default_rng\(\d+\)", "rng", code) for name, code in spelled.items()}


@pytest.mark.parametrize(
    ("probe", "changed"),
    [("ties", ["x"]), ("float32", ["d", "x"]), ("int8", ["n", "d", "x"]), ("transposed", ["y"])],
)
def test_probe_changes_what_it_suits(probe: str, changed: list[str]) -> None:
    """A probe leaves the inputs that it does not suit as they are declared."""
    inputs: dict[str, object] = {
        "n": integers(0, 9, (3,)),
        "f": real(3, dtype="float32"),
        "d": distinct(3),
        "y": boolean(2, 3),
        "c": 0.5,
        "x": real(3),
    }
    declared, probed = unseeded(spell(inputs)), unseeded(spell(inputs, probe))
    assert [name for name in inputs if probed[name] != declared[name]] == changed


def test_own_probe_is_the_declared_dtype() -> None:
    """The condition that a case declares goes by its first array's dtype and changes nothing."""
    inputs = {"t": text("i"), "n": 2, "i": integers(0, 9, (3,)), "x": real(3)}
    assert own_probe(inputs) == "int64"
    assert own_probe({"n": 2}) == "declared"
    assert spell(inputs, "int64") == spell(inputs) == spell(inputs, "", 0)


@pytest.mark.parametrize(
    ("inputs", "probe", "message"),
    [
        ({"x": real(3)}, "tie", r"probe 'tie' is unknown; there are bool, int8, .*ties"),
        ({"n": 3}, "ties", r"probe 'ties' suits none of the inputs n"),
        ({}, "ties", r"probe 'ties' suits none of the inputs \(none\)"),
        ({"x": real(3)}, "transposed", r"probe 'transposed' suits none of the inputs x"),
        ({"x": Input(kind="reel", shape=(3,))}, "", r"input kind 'reel' is unknown"),
        ({"n": integers(1, 2, (3,))}, "", r"input 'n': no draw of .* holds two values"),
        ({"n": integers(1, 2, (2,)), "x": real(2)}, "nan", r"two values under 'nan'"),
        ({"i": index_into("y", 3)}, "", r"index_into\('y'\): no declared input of that name"),
    ],
    ids=["unknown", "suits-nothing", "nothing", "rank", "kind", "one-value", "probed", "index"],
)
def test_inputs_that_cannot_be_made(inputs: dict[str, Any], probe: str, message: str) -> None:
    """What cannot be made is refused with the input's name and what is the matter."""
    with pytest.raises(EquivError, match=message):
        spell(inputs, probe)


# --- ranks ----------------------------------------------------------------------------------


def test_variants_go_through_the_ranks() -> None:
    """Each rank has its own options, under a name that says the rank; the rest is shared."""
    bind = {"n": 2, "a/b": per_rank(real(6), real(6, 4)), "q": per_rank((1,), (1, 2))}
    assert list(rank_variants(bind)) == [
        ("rank1", {"n": 2, "a/b": real(6), "q": (1,)}),
        ("rank2", {"n": 2, "a/b": real(6, 4), "q": (1, 2)}),
    ]


def test_variant_of_values_has_their_rank() -> None:
    """The rank of an input declared by its values is theirs."""
    found = rank_variants({"x": per_rank(values(1.5), values([[1.0, 2.0]]))})
    assert [name for name, _ in found] == ["rank0", "rank2"]


def test_claim_without_ranks_has_one_variant() -> None:
    """Bindings without PerRank are run once, as they are."""
    assert list(rank_variants({"x": real(3)})) == [("", {"x": real(3)})]


@pytest.mark.parametrize(
    "bind",
    [{"x": per_rank(real(2)), "y": per_rank(real(2), real(2, 2))}, {"n": per_rank(1, 2)}],
    ids=["unequal", "no-array"],
)
def test_variants_that_cannot_be_named(bind: dict[str, Any]) -> None:
    """Options that do not go together, or have no rank to be named by, are refused."""
    with pytest.raises(EquivError, match="per_rank"):
        list(rank_variants(bind))


# --- make, fresh ----------------------------------------------------------------------------

LAYOUTS: dict[str, Array] = {
    "c": np.arange(24.0).reshape(2, 3, 4),
    "f": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "permuted": np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0),
    "swapped": np.arange(24.0, dtype="float32").reshape(2, 3, 4).transpose(0, 2, 1),
    "one-row": np.arange(3.0).reshape(1, 3),
    "one-column": np.asfortranarray(np.arange(3.0).reshape(3, 1)),
    "0-d": np.array(2.5),
    "bool": np.array([True, False, True]),
    "complex": np.array([[1 + 2j, 3], [4, 5j]], dtype="complex64"),
}
EMPTY = [
    np.zeros(0),
    np.zeros((0, 4)),
    np.zeros((4, 0), "int8"),
    np.zeros((2, 0, 3)).transpose(2, 0, 1),
]


def test_made_once_and_read_only() -> None:
    """An array is made once for its code, and cannot be written into."""
    code = spell({"x": real(3, 4)})["x"]
    assert make(code) is make(code)
    with pytest.raises(ValueError, match="read-only"):
        make(code)[0, 0] = 1


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_fresh_copy_is_equal_and_laid_out_alike(array: Array) -> None:
    """A copy has the values, the dtype and the strides of what it copies."""
    copy = fresh(array)
    assert (copy == array).all()
    assert (copy.dtype, copy.shape, copy.strides) == (array.dtype, array.shape, array.strides)


@pytest.mark.parametrize("array", EMPTY, ids=lambda array: str(array.shape))
def test_fresh_copy_of_nothing(array: Array) -> None:
    """A copy of an empty array is empty, in the same shape and dtype."""
    copy = fresh(array)
    assert (copy.dtype, copy.shape, copy.flags.writeable) == (array.dtype, array.shape, True)


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_fresh_copy_is_ones_own(array: Array) -> None:
    """A copy can be written into without reaching what it copies, or another copy."""
    frozen = array.copy(order="K")
    frozen.flags.writeable = False
    one, other = fresh(frozen), fresh(frozen)
    one[...] = 0
    assert (frozen == array).all()
    assert (other == array).all()


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_fresh_copy_is_aligned(array: Array) -> None:
    """The first element of a copy is on a 64-byte boundary, wherever the allocator puts it."""
    copies = [fresh(array) for _ in range(20)]
    assert {copy.ctypes.data % 64 for copy in copies} == {0}


GAPS: dict[str, Array] = {
    "strided": np.repeat(np.arange(6.0).reshape(2, 3), 2, axis=-1)[..., ::2],
    "reversed": np.flip(np.arange(6.0).reshape(2, 3)),
    "reversed-rows": np.arange(6.0).reshape(3, 2)[::-1],
    "reversed-columns": np.asfortranarray(np.arange(6.0).reshape(3, 2))[:, ::-1],
    "broadcast": np.broadcast_to(np.arange(3.0), (2, 3)),
    "broadcast-inside": np.broadcast_to(np.arange(2.0)[:, None], (2, 3)),
}
"""Arrays that do not lie in memory row by row or column by column."""


@pytest.mark.parametrize("array", GAPS.values(), ids=GAPS)
def test_fresh_copy_keeps_the_strides(array: Array) -> None:
    """Gaps, negative strides and repeated memory are there in a copy too, in memory of its own."""
    copy = fresh(array)
    assert copy.tolist() == array.tolist()
    assert (copy.strides, copy.dtype) == (array.strides, array.dtype)
    assert not np.shares_memory(copy, array)


@pytest.mark.parametrize("array", GAPS.values(), ids=GAPS)
def test_plain_copy_has_no_negative_strides(array: Array) -> None:
    """Torch has none: an array that has some is laid out row by row, others as they were."""
    turned = min(array.strides) < 0
    copy = fresh(array, plain=True)
    assert copy.tolist() == array.tolist()
    assert copy.strides == (array.copy(order="C").strides if turned else array.strides)


@pytest.mark.parametrize(
    ("array", "writable"),
    [
        (GAPS["strided"], True),
        (GAPS["reversed"], True),
        (GAPS["broadcast"], False),
        (GAPS["broadcast-inside"], False),
        (np.broadcast_to(np.arange(3.0), (1, 3)), True),
        (np.ones((3, 2)).T[:, None, :], True),
    ],
    ids=["strided", "reversed", "broadcast", "broadcast-inside", "one-row", "new-axis"],
)
def test_fresh_copy_is_read_only_where_it_repeats_memory(array: Array, writable: bool) -> None:
    """NumPy does not write where one write would change several elements, and only there."""
    assert fresh(array).flags.writeable == writable


def test_fresh_leaves_other_values_alone() -> None:
    """What is no array is handed on as it is."""
    value = ((1, 2), "x")
    assert fresh(value) is value


# --- lent copies ----------------------------------------------------------------------------


def test_lent_copy_is_the_same_each_time() -> None:
    """A side gets one copy for all cells of the same code; the other side gets one of its own."""
    code = spell({"x": real(3, 4)}, "", 11)["x"]
    ours, theirs = lent("x", code, "numpy"), lent("x", code, "torch")
    assert lent("x", code, "numpy") is ours
    assert lent("x", code, "torch") is theirs
    assert not np.shares_memory(ours, theirs)
    assert not np.shares_memory(ours, make(code))
    assert ours.tolist() == theirs.tolist() == make(code).tolist()


def test_inputs_of_one_code_are_lent_apart() -> None:
    """Two inputs that hold the same are two arrays: writing into one leaves the other."""
    code = literal(np.array([1.0, 2.0, 12.0]))
    assert not np.shares_memory(lent("x", code, "numpy"), lent("y", code, "numpy"))


def test_only_torch_is_lent_plain_strides() -> None:
    """NumPy runs on negative strides, torch on the same values without."""
    code = spell({"x": real(3)}, "reversed")["x"]
    ours, theirs = lent("x", code, "numpy"), lent("x", code, "torch")
    assert (ours.strides, theirs.strides) == ((-8,), (8,))
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("side", ["numpy", "torch"])
@pytest.mark.parametrize("probe", ["", "transposed", "strided", "reversed"])
def test_restored_copy_holds_its_values_again(probe: str, side: str) -> None:
    """What a side wrote into a lent copy is undone, in place."""
    code = spell({"x": real(3, 4)}, probe, 13)["x"]
    copy = lent("x", code, side)
    copy[1:] = 7.0
    restore("x", code, side)
    assert lent("x", code, side) is copy
    assert copy.tolist() == make(code).tolist()


def test_restored_copy_that_repeats_memory_stays_read_only() -> None:
    """torch writes into what NumPy holds read-only; that is undone as well."""
    code = spell({"x": real(3, 4)}, "broadcast", 13)["x"]
    copy = lent("x", code, "torch")
    copy.flags.writeable = True
    copy[0] = 7.0
    copy.flags.writeable = False
    restore("x", code, "torch")
    assert copy.tolist() == make(code).tolist()
    assert not copy.flags.writeable


def test_lent_values_that_are_no_arrays() -> None:
    """A number or a string is lent as it is, and there is nothing to restore."""
    assert lent("n", "(1, 2)", "torch") == (1, 2)
    restore("n", "(1, 2)", "torch")
    assert lent("n", "(1, 2)", "torch") == (1, 2)


LARGE = {
    "words": np.arange(1024.0),
    "no-whole-words": np.zeros(4097, "int8"),
    "columns": np.asfortranarray(np.arange(1024.0).reshape(32, 32)),
    "gaps": np.arange(2048.0)[::2],
    "complex": np.zeros((16, 16), "complex128"),
    "small": np.array([1.0, nan, -0.0]),
}


@pytest.mark.parametrize("array", LARGE.values(), ids=LARGE)
def test_same_bits_sees_every_bit(array: Array) -> None:
    """Arrays of any size and layout are the same with themselves, and not once a bit is turned."""
    other = fresh(array)
    assert same_bits(array, other)
    last = other[-1:] if other.ndim == 1 else other[-1:, -1:]
    turned = np.bitwise_xor(last.copy().view("uint8"), np.uint8(1)).view(array.dtype)
    last[...] = turned.reshape(last.shape)
    assert not same_bits(array, other)
    assert not same_bits(other, array)


@pytest.mark.parametrize("size", [3, 1024])
def test_same_bits_goes_by_bits_not_by_values(size: int) -> None:
    """NaN is the same as itself, and the zeros are two."""
    assert same_bits(np.full(size, nan), np.full(size, nan))
    assert not same_bits(np.zeros(size), -np.zeros(size))


# --- how an input is spelled ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("np.arange(3.0)", "np.array([0.0, 1.0, 2.0])"),
        ("np.ones((1, 1)) * 2", "np.array([[2.0]])"),
        ("np.asfortranarray(np.eye(2))", "np.asfortranarray(np.array([[1.0, 0.0], [0.0, 1.0]]))"),
        ("np.flip(np.arange(1.0))", "np.array([0.0])"),
        ("np.zeros((0, 2))[::-1]", "np.zeros((0, 2))"),
        ("2 * 3", "6"),
        ("float('nan')", "np.nan"),
    ],
)
def test_small_and_plain_inputs_are_spelled_by_value(code: str, text: str) -> None:
    """What a reader can take in is printed as it is, down to the order of its elements."""
    spelt = spelled(code).replace(", dtype='float64'", "")  # said where nothing implies it
    assert spelt == text


@pytest.mark.parametrize("code", ["np.flip(np.arange(3.0))", "np.broadcast_to(1.0, (2, 2))",
                                  "np.arange(6.0)[::2]", "np.arange(65)"])  # fmt: skip
def test_other_inputs_are_spelled_by_what_makes_them(code: str) -> None:
    """A literal has no strides, and is no help to anyone from some size on."""
    assert spelled(code) == code
    assert spelled("np.arange(64)") != "np.arange(64)"


@pytest.mark.parametrize("array", GAPS.values(), ids=GAPS)
def test_arrays_with_gaps_are_not_plain(array: Array) -> None:
    """Gaps, negative strides and repeated memory are each no plain layout."""
    assert not is_plain(array)


@pytest.mark.parametrize(
    "array",
    [
        LAYOUTS["c"],
        LAYOUTS["f"],
        LAYOUTS["0-d"],
        np.zeros((0, 4)),
        np.ones(1)[::-1],
        np.ones((1, 3)),
    ],
    ids=["c", "f", "0-d", "empty", "one-element", "one-row"],
)
def test_whole_arrays_are_plain(array: Array) -> None:
    """Row by row, column by column, and whatever has no two elements to be apart."""
    assert is_plain(array)


# --- literals -------------------------------------------------------------------------------

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
]  # fmt: skip


def remade(array: Array) -> Array:
    """Evaluate an array's literal."""
    made = eval(literal(array), {"np": np})
    assert isinstance(made, np.ndarray)
    return made


def exact(array: Array) -> tuple[Any, ...]:
    """Return all that makes two arrays the same: dtype, shape, order and bits."""
    order = (array.flags.c_contiguous, array.flags.f_contiguous)
    return array.dtype, array.shape, order, array.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "array",
    [
        np.array(1),
        np.array([[0, 1, 1]]),
        np.zeros(0),
        np.zeros((2, 0)),
        np.zeros((0, 4)),
        np.zeros((0, 3, 2)),
    ],
    ids=lambda array: str(array.shape),
)
def test_literal_keeps_dtype_and_shape(dtype: str, array: Array) -> None:
    """A literal makes the array again in every dtype, with a dimension or without, and empty."""
    assert exact(remade(array.astype(dtype))) == exact(array.astype(dtype))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_literal_keeps_every_bit(dtype: str) -> None:
    """Thirds, the smallest and the largest number, NaN, infinities and zeros come back."""
    info = np.finfo(dtype)
    array = np.array([1 / 3, -0.0, 0.0, nan, inf, -inf, info.max, info.smallest_subnormal], dtype)
    assert exact(remade(array)) == exact(array)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint64"])
def test_literal_keeps_integer_extremes(dtype: str) -> None:
    """The least and the greatest integer come back as they are."""
    array = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max], dtype)
    assert exact(remade(array)) == exact(array)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_literal_keeps_complex_parts(dtype: str) -> None:
    """Both parts of a complex number come back, with the signs of their zeros."""
    parts = [0.5, -0.0, 0.0, nan, inf, -inf]
    for x, y in itertools.product(parts, parts):
        array = np.array([complex(x, y)], dtype)
        assert exact(remade(array)) == exact(array), (x, y)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (1, 3)])
def test_literal_keeps_fortran_order(shape: tuple[int, ...]) -> None:
    """An array laid out column by column comes back so."""
    array = np.asfortranarray(np.arange(float(np.prod(shape))).reshape(shape))
    assert exact(remade(array)) == exact(array)


def test_literal_says_no_more_than_needed() -> None:
    """A dtype that the numbers imply, and an order that both ways have, are left out."""
    assert literal(np.array([1.0, nan])) == "np.array([1.0, np.nan])"
    assert literal(np.array([[1, 2], [3, 4]])) == "np.array([[1, 2], [3, 4]])"
    assert literal(np.arange(6.0)[::2]) == "np.array([0.0, 2.0, 4.0])"


def test_literal_of_scalars() -> None:
    """A scalar of NumPy's keeps its type."""
    made = eval(literal(np.float32(1.5)), {"np": np})
    assert (type(made), made) == (np.float32, 1.5)
