"""What the input bank hands out: copies that keep their strides, and literals that say all."""

import itertools
from typing import Any

import numpy as np
import pytest

from equiv.entry import real
from equiv.inputs import fresh, is_plain, lent, literal, make, restore, same_bits, spell, spelled

Array = np.ndarray[Any, Any]
nan, inf = float("nan"), float("inf")

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
    "complex-gaps": np.zeros(1024, "complex128")[::2],
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


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("np.flip(np.arange(2.0))", "np.flip(np.array([0.0, 1.0]), (0,))"),
        ("np.arange(4.0).reshape(2, 2)[:, ::-1]",
         "np.flip(np.array([[0.0, 1.0], [2.0, 3.0]]), (1,))"),
        ("np.broadcast_to(1.0, (2, 2))", "np.broadcast_to(np.array([[1.0]]), (2, 2))"),
        ("np.arange(4.0)[::2]", "np.repeat(np.array([0.0, 2.0]), 2, axis=-1)[..., ::2]"),
    ],
)  # fmt: skip
def test_small_inputs_of_other_layouts_are_spelled_by_value(code: str, text: str) -> None:
    """By what turns, repeats or spreads a literal: the strides are the same."""
    assert spelled(code) == text
    made, kept = eval(text), eval(code)
    assert (made.strides, made.tolist()) == (kept.strides, kept.tolist())


@pytest.mark.parametrize("code", ["np.arange(6.0)[::3]", "np.arange(65)"])
def test_other_inputs_are_spelled_by_what_makes_them(code: str) -> None:
    """A literal is no help to anyone from some size on, and has no gaps of every width."""
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
        np.arange(3.0)[None],
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


@pytest.mark.parametrize("code", ["np.ones(3)", "np.broadcast_to(np.ones((1, 3)), (2, 3))"])
def test_what_lies_around_a_copy_is_zero(code: str) -> None:
    """A kernel that reads past the end finds the same there each time: 64 bytes at the least."""
    copy = fresh(eval(code))
    raw = copy.base
    start = copy.__array_interface__["data"][0] - raw.__array_interface__["data"][0]
    low, high = np.lib.array_utils.byte_bounds(copy)
    held = raw[start : start + high - low]
    assert np.count_nonzero(raw) == np.count_nonzero(held) > 0
    assert raw.nbytes - start - held.nbytes >= 64
