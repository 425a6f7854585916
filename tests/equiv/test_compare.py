"""The ladder: what two results part on, and nothing else."""

from collections import namedtuple

import numpy as np
import pytest

from equiv.compare import NO_ERROR, compare, show
from equiv.entry import Tolerance
from equiv.facts import Part

EPS = 2.0**-52
INF, NAN = float("inf"), float("nan")
Pair = namedtuple("Pair", "first second")


def f8(*x):
    """Spell a float64 array."""
    return np.array(x, np.float64)


def i8(*x):
    """Spell an int64 array."""
    return np.array(x, np.int64)


def rungs(numpy, torch, **options):
    """Name the rungs on which two results part."""
    return [part.rung for part in compare(numpy, torch, **options).parts]


# --- structure, shape, dtype ----------------------------------------------------------------

SAME = {
    "array": (f8(1, -2.5), f8(1, -2.5)),
    "empty": (np.zeros((0, 3)), np.zeros((0, 3))),
    "list and tuple": ([f8(1), f8(2)], (f8(1), f8(2))),
    "named tuple and tuple": (Pair(f8(1), f8(2)), (f8(1), f8(2))),
    "scalar and 0-d": (np.float64(2), np.array(2.0)),
    "empty list and tuple": ([], ()),
    "nested": ((f8(1), [i8(2)]), [f8(1), (i8(2),)]),
    "dict": ({"a": f8(1), "b": [i8(2)]}, {"a": f8(1), "b": (i8(2),)}),
    "None": (None, None),
    "text": ("a", "a"),
    "dtype": (np.dtype("f4"), np.dtype("f4")),
    "Python float": (2.5, 2.5),
    "Python complex": (1 + 2j, 1 + 2j),
    "Python NaN": (NAN, NAN),
    "NaN and infinities": (f8(NAN, INF, -INF, 1), f8(-NAN, INF, -INF, 1)),
    "int extremes": (i8(-(2**63), 2**63 - 1), i8(-(2**63), 2**63 - 1)),
    "memory layout": (
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_same_results_do_not_part(pair):
    """What a result holds is compared, not the container or the memory that holds it."""
    assert compare(*pair).parts == ()
    assert compare(*pair).worst == NO_ERROR


OTHER_STRUCTURE = {
    "tuple and array": ((f8(1),), f8(1)),
    "more items": ((f8(1),), (f8(1), f8(1))),
    "no items": ((), (f8(1),)),
    "array and Python float": (np.float64(2), 2.0),
    "array and Python int": (np.int64(2), 2),
    "bool and array": (True, np.bool_(True)),
    "Python float and int": (2.0, 2),
    "array and None": (f8(), None),
    "empty tuple and None": ((), None),
    "empty tuple and dict": ((), {}),
    "other keys": ({"a": f8(1)}, {"b": f8(1)}),
    "an empty item more": ([f8(1), ()], [f8(1)]),
    "nested otherwise": ([f8(1), (f8(2),)], [(f8(1),), f8(2)]),
    "dtype and text": (np.dtype("f4"), "float32"),
}


@pytest.mark.parametrize("pair", OTHER_STRUCTURE.values(), ids=OTHER_STRUCTURE)
def test_other_structures_part_both_ways(pair):
    """Containers, NumPy's arrays and Python's numbers are kinds of their own."""
    assert rungs(*pair) == ["structure"]
    assert rungs(*pair[::-1]) == ["structure"]


SHAPES = [(3,), (1, 3), (3, 1), (1, 1, 3), (3, 3), (), (1,), (0,), (0, 1), (1, 0), (0, 0), (2, 0)]


@pytest.mark.parametrize("a", SHAPES, ids=str)
def test_shapes_never_broadcast(a):
    """C02: any two shapes part unless they are equal, the empty ones too."""
    for b in SHAPES:
        parts = (Part(rung="shape", numpy=str(a), torch=str(b)),) if a != b else ()
        assert compare(np.ones(a), np.ones(b)).parts == parts


ONE_TWO = "float64 [1.0, 2.0]"
EACH_RUNG = {
    "structure": (f8(1), (f8(1),), "", "float64 [1.0]", "(float64 [1.0],)"),
    "shape": ([f8(1), f8(1, 2)], [f8(1), f8(1)], "[1]", "(2,)", "(1,)"),
    "dtype": ({"k": f8(1)}, {"k": np.float32([1])}, "k", "float64", "float32"),
    "nan": ({"k": [f8(1, 2)]}, {"k": [f8(1, NAN)]}, "k[0]", ONE_TWO, "float64 [1.0, nan]"),
    "value": (((f8(1), f8(1, 2)),), ((f8(1), f8(1, 3)),), "[0][1]", ONE_TWO, "float64 [1.0, 3.0]"),
    "value of a text": (["a"], ["b"], "[0]", "'a'", "'b'"),
    "value of a dtype": (np.dtype("f4"), np.dtype("?"), "", "dtype('float32')", "dtype('bool')"),
    "sign of zero": (f8(0, 1), f8(-0.0, 1), "", "float64 [0.0, 1.0]", "float64 [-0.0, 1.0]"),
    "layout": (np.ones((2, 3)), np.ones((3, 2)).T, "", "C-contiguous", "not C-contiguous"),
}


@pytest.mark.parametrize("rung", EACH_RUNG)
def test_a_part_names_its_rung_its_place_and_both_sides(rung):
    """The texts are what pages print."""
    numpy, torch, where, ours, theirs = EACH_RUNG[rung]
    dtypes = (ours, theirs) if rung == "dtype" else ("", "")
    rung = rung.partition(" of a")[0]
    part = Part(rung=rung, where=where, numpy=ours, torch=theirs, dtypes=dtypes)
    assert compare(numpy, torch, layout=rung == "layout").parts == (part,)


SEVERAL = {
    "dtype and value": (f8(1, 2), np.float32([1, 3]), ["dtype", "value"]),
    "dtype and shape": (f8(1, 2), np.float32([1]), ["shape", "dtype"]),
    "dtype and nan": (f8(1, 2), np.float32([1, NAN]), ["dtype", "nan"]),
    "nan and value": (f8(1, NAN), f8(2, 3), ["nan", "value"]),
    "nan and sign of zero": (f8(0, NAN), f8(-0.0, 1), ["nan", "sign of zero"]),
    "value and sign of zero": (f8(0, 1), f8(-0.0, 2), ["value", "sign of zero"]),
    "one array each": ((f8(1), i8(1)), (f8(2), np.int32([1])), ["dtype", "value"]),
}


@pytest.mark.parametrize("row", SEVERAL.values(), ids=SEVERAL)
def test_a_rung_that_parts_does_not_hide_the_next(row):
    """All rungs are reported, in the ladder's order."""
    numpy, torch, expected = row
    assert rungs(numpy, torch) == expected


def test_layout_parts_only_where_it_is_asked():
    """A transposed layout is no difference of values."""
    a, b = np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert rungs(a, b) == []
    assert rungs(a, b, layout=True) == ["layout"]
    assert rungs(b, b.copy("F"), layout=True) == []


# --- values in NumPy's dtype ----------------------------------------------------------------

CAST = {
    "narrowed as NumPy does": (np.int8([-1]), i8(255), ["dtype"]),
    "0.1 in either width": (f8(0.1), np.float32([0.1]), ["dtype"]),
    "any truth": (np.array([True]), i8(5), ["dtype"]),
    "a fraction is not dropped": (i8(1), f8(1.5), ["dtype", "value"]),
    "a whole float": (i8(1, 2), f8(1, 2), ["dtype"]),
    "NaN for an integer": (i8(1), f8(NAN), ["dtype", "value"]),
    "an imaginary part is not dropped": (f8(1), np.array([1 + 1j]), ["dtype", "value"]),
    "no imaginary part": (f8(1), np.array([1 + 0j]), ["dtype"]),
    "too large for NumPy's dtype": (np.float32([1]), f8(1e300), ["dtype", "nan"]),
}


@pytest.mark.parametrize("row", CAST.values(), ids=CAST)
def test_values_are_compared_in_numpys_dtype(row):
    """Another dtype is one difference; the values are held against each other all the same."""
    numpy, torch, expected = row
    assert rungs(numpy, torch) == expected


NOT_FINITE = {
    "NaN and number": (f8(NAN), f8(1)),
    "NaN and inf": (f8(NAN), f8(INF)),
    "inf and number": (f8(INF), f8(1e308)),
    "inf and -inf": (f8(INF), f8(-INF)),
    "imaginary NaN": (np.array([complex(1, NAN)]), np.array([complex(NAN, 1)])),
    "imaginary inf": (np.array([complex(1, INF)]), np.array([complex(1, -INF)])),
    "real -inf, imaginary NaN": (np.array([complex(-INF, NAN)]), np.array([complex(NAN, -INF)])),
    "all NaN and none": (f8(NAN, NAN), f8(1, 2)),
    "half": (np.float16([INF]), np.float16([NAN])),
}


@pytest.mark.parametrize("pair", NOT_FINITE.values(), ids=NOT_FINITE)
def test_each_kind_of_not_finite_is_one_of_its_own(pair):
    """NaN, either infinity and a number part, in each part of a complex element."""
    assert rungs(*pair) == ["nan"]
    assert rungs(*pair[::-1]) == ["nan"]
    assert rungs(pair[0], pair[0].copy()) == []


INTEGERS = {
    "past float64": (i8(2**60), i8(2**60 + 1)),
    "uint64": (np.uint64([2**64 - 1]), np.uint64([2**64 - 2])),
    "uint64 and zero": (np.uint64([2**64 - 1]), np.uint64([0])),
    "int8": (np.int8([-128]), np.int8([127])),
    "bool": (np.array([True, False]), np.array([True, True])),
    "scalar": (np.int64(3), np.array(4)),
}


@pytest.mark.parametrize("pair", INTEGERS.values(), ids=INTEGERS)
def test_integers_and_booleans_are_exact(pair):
    """Integers are compared in their own type, whatever the tolerance."""
    assert rungs(*pair) == ["value"]
    assert rungs(*pair, tolerance=Tolerance(relative=1e9, why="none for integers")) == ["value"]
    assert compare(*pair).worst.headroom == INF


def test_a_part_of_what_is_not_finite_says_whether_the_rest_agrees():
    """Finite alike: the same places are finite, and hold the same values."""
    a = f8(INF, 1, 2)
    told = [compare(a, b).parts[0].agrees for b in (f8(NAN, 1, 2), f8(NAN, 1, 3), f8(7, 1, 2))]
    assert told == [{"finite alike"}, set(), set()]


# --- tolerance ------------------------------------------------------------------------------


def off(by, *, scale=1.0, dtype=np.float64, at=1.0):
    """Return two results that part by so many eps of the scale, at an element of size ``at``."""
    eps = float(np.finfo(dtype).eps)
    a, b = np.array([scale, at], dtype), np.array([scale, at], dtype)
    b[1] += by * eps * scale
    return a, b


DTYPES = [np.float16, np.float32, np.float64, np.complex64, np.complex128]


def counted(results=()):
    """Return a ``moved`` that gives these results, and the list of its calls."""
    calls = []
    return (lambda: calls.append(1) or list(results)), calls


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_conditioning_is_measured_only_past_16_eps(dtype):
    """The inputs are not moved where the error needs no explanation."""
    moved, calls = counted()
    assert rungs(*off(16, dtype=dtype), moved=moved) == []
    assert calls == []
    compare(*off(17, dtype=dtype), moved=moved)
    assert calls == [1]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_past_32_eps_the_values_part(dtype, sign):
    """Where no input moves the result, the limit is 32 eps of the scale, either way."""
    assert rungs(*off(sign * 32, dtype=dtype)) == []
    assert rungs(*off(sign * 33, dtype=dtype)) == ["value"]


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**-20, 2.0**10, 2.0**900])
def test_the_scale_is_the_largest_magnitude_of_numpys_result(scale):
    """A small element is held to the error that the largest one excuses."""
    assert rungs(*off(32, scale=scale, at=0)) == []
    assert rungs(*off(33, scale=scale, at=0)) == ["value"]
    a, b = off(33, scale=scale, at=0)
    assert rungs(np.append(-a, INF), np.append(-b, INF)) == ["value"]


def test_the_scale_is_not_taken_from_torchs_result():
    """A huge wrong element must not excuse itself."""
    assert rungs(f8(0, 1e-30), f8(1e30, 1e-30)) == ["value"]


MOVE = 2.0**-30


@pytest.mark.parametrize("excess", [0, 1])
def test_conditioning_explains_an_error_up_to_32_of_it(excess):
    """The limit is 32 times eps * scale plus the largest move of the moved results."""
    moved, _ = counted([f8(1, 1), f8(1, 1), f8(1, 1 - MOVE), f8(1, 1 + MOVE / 2), f8(1, 1)])
    a, b = f8(1, 1), f8(1, 1 + 32 * (EPS + MOVE) + excess * 32 * EPS)
    assert rungs(a, b, moved=moved) == (["value"] if excess else [])


def test_a_move_to_nan_or_another_shape_explains_nothing():
    """Only finite moves of the same shape count."""
    a, b = off(64)
    assert rungs(a, b, moved=lambda: [a, f8(NAN, 1), f8(INF, 1)]) == ["value"]
    assert rungs(a, b, moved=lambda: [a, f8(5)]) == ["value"]
    assert rungs(a, b, moved=lambda: [a, f8(1, 3)]) == []


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [(1, 1, ["value"]), (1, 3.5, ["value"]), (1, 4, []), (0, 1, ["value"])],
)
def test_a_jump_explains_nothing(near, far, expected):
    """An element that moves no more when the inputs move 64 times as far has no slope."""
    a, b = f8(1, 1), f8(1, 3)
    moved, farther = [a, a + f8(0, near)], [a - f8(0, far)]
    assert rungs(a, b, moved=lambda: moved, farther=lambda: farther) == expected


def test_a_jump_of_one_element_leaves_the_slope_of_another():
    """Elements are told apart, and only slopes are conditioning."""
    a, b = f8(1, 1), f8(1, 3)
    jumps_first = [a, a + f8(9, 1)], [a + f8(9, 64)]
    assert rungs(a, b, moved=lambda: jumps_first[0], farther=lambda: jumps_first[1]) == []
    jumps_second = [a, a + f8(EPS, 1)], [a + f8(64 * EPS, 1)]
    found = rungs(a, b, moved=lambda: jumps_second[0], farther=lambda: jumps_second[1])
    assert found == ["value"]


def test_each_array_has_its_own_conditioning():
    """The move of one array does not excuse another."""
    a, b = off(64)
    moved = [(a, a), (a + 1, a)]
    assert rungs((a, a), (b, a), moved=lambda: moved) == []
    assert rungs((a, a), (a, b), moved=lambda: moved) == ["value"]


@pytest.mark.parametrize(("narrow", "digits"), [(np.float32, 23), (np.float16, 10)])
def test_the_coarser_dtype_gives_eps(narrow, digits):
    """Where one side is narrower, its rounding is what is allowed, whichever side it is."""
    a, b = f8(1), f8(1 + 32 * 2.0**-digits)
    assert rungs(a, b.astype(narrow)) == rungs(a.astype(narrow), b) == ["dtype"]
    b = f8(1 + 33 * 2.0**-digits)
    assert rungs(a, b.astype(narrow)) == rungs(a.astype(narrow), b) == ["dtype", "value"]


def test_zero_means_zero():
    """There is no absolute tolerance: any error parts from a result of zeros."""
    assert rungs(f8(0, 0), f8(0, 5e-324)) == ["value"]
    assert compare(f8(0), f8(5e-324)).worst.headroom == INF


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_below_the_normal_numbers_neighbours_are_the_unit(dtype):
    """Subnormal numbers are a fixed step apart: 32 of them are what 32 eps are elsewhere."""
    step = np.finfo(dtype).smallest_subnormal
    a = np.array([40, 3], dtype) * step
    assert rungs(a, np.array([40, 35], dtype) * step) == []
    assert rungs(a, np.array([40, 36], dtype) * step) == ["value"]


def test_a_tolerance_of_zero_is_not_read_as_the_default():
    """C01: with tolerance 0 the last bit counts."""
    none = Tolerance(relative=0.0, why="exact")
    assert rungs(*off(1)) == []
    assert rungs(*off(1), tolerance=none) == ["value"]
    assert rungs(*off(0), tolerance=none) == []


def test_an_override_replaces_the_derived_tolerance():
    """It is relative to the largest magnitude, wider or narrower, and moves nothing."""
    moved, calls = counted([f8(4, 1), f8(4, 9)])
    wide, narrow = (Tolerance(relative=r, why="declared") for r in (0.25, EPS))
    assert rungs(f8(4, 1), f8(4, 2), tolerance=wide) == []
    assert rungs(f8(4, 1), f8(4, 2.1), tolerance=wide, moved=moved) == ["value"]
    assert rungs(*off(2), tolerance=narrow, moved=moved) == ["value"]
    assert calls == []


def test_the_smallest_tolerance_that_would_pass_passes():
    """``relative`` is what a reader would write into an override: it passes, a bit less parts."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        a = rng.standard_normal(5)
        b = a * (1 + 1e-6 * rng.standard_normal(5))
        needed = compare(a, b).worst.relative
        assert rungs(a, b, tolerance=Tolerance(relative=needed, why="measured")) == []
        assert rungs(a, b, tolerance=Tolerance(relative=0.999 * needed, why="less")) == ["value"]


HUGE = 1.7e308


def test_huge_values_do_not_agree_by_overflow():
    """An error that overflows is no agreement."""
    assert rungs(f8(HUGE), f8(-HUGE)) == ["value"]


def test_huge_values_agree_up_to_rounding():
    """The scale is right where a difference or a magnitude would overflow."""
    for a in (f8(HUGE), np.array([complex(HUGE, HUGE)])):
        worst = compare(a, a * (1 + 4 * EPS)).worst
        assert rungs(a, a * (1 + 4 * EPS)) == []
        assert worst.headroom == pytest.approx(1 / 4, rel=0.5)
        assert rungs(a, a * (1 + 100 * EPS)) == ["value"]
    assert worst.error < 1e-14 * HUGE


def test_huge_complex_values_do_not_agree_by_overflow():
    """Nor is a magnitude that overflows where both parts are finite."""
    assert rungs(np.array([complex(HUGE, HUGE)]), np.array([complex(-HUGE, HUGE)])) == ["value"]


# --- the worst element ----------------------------------------------------------------------


def test_the_worst_element_is_told_with_its_place_and_sizes():
    """The largest error, not the first nor the largest in proportion."""
    worst = compare({"y": f8([1, 2], [4, -8])}, {"y": f8([1.5, 2], [7, -8])}).worst
    assert (worst.where, worst.index, worst.numpy, worst.torch) == ("y", (1, 0), "4.0", "7.0")
    assert (worst.error, worst.relative) == (3, 3 / 8)
    assert worst.ulps == 3 / (4 * EPS)
    assert worst.headroom == pytest.approx(3 / (32 * 8 * EPS))


def test_an_error_that_passes_is_measured_too():
    """The headroom of results that agree says how nearly they do."""
    worst = compare(*off(4, scale=8.0)).worst
    assert (worst.index, worst.ulps, worst.headroom) == ((1,), 32, 0.25)


def test_the_worst_array_is_the_one_nearest_its_limit():
    """Arrays are ranked by headroom: an error counts by its own scale."""
    numpy, torch = (f8(1e6), f8(1)), (f8(1e6 + 1), f8(1.1))
    assert compare(numpy, torch).worst.where == "[1]"
    assert compare(numpy[::-1], torch[::-1]).worst.where == "[0]"


def test_infinities_and_nans_are_not_the_worst_element():
    """They belong to the rung before; the worst is finite on both sides."""
    assert compare(f8(NAN, INF, 1), f8(5, 1, 1 + EPS)).worst.index == (2,)


def test_the_worst_integer_is_the_one_with_the_largest_error():
    """What holds for floats holds for integers."""
    worst = compare({"n": i8(0, 10, 0)}, {"n": i8(1, 10, 100)}).worst
    assert worst.where == "n"
    assert (worst.index, worst.numpy, worst.torch, worst.error) == ((2,), "0", "100", 100)


def test_the_error_of_integers_is_taken_in_their_own_type():
    """An error of one past 2**53 is one, not zero."""
    assert compare(i8(2**60), i8(2**60 + 1)).worst.error == 1
    assert compare(i8(-(2**63)), i8(2**63 - 1)).worst.error == 2.0**64
    assert compare(np.array([True]), np.array([False])).worst.error == 1


def test_the_error_of_an_integer_and_a_fraction_is_a_fraction():
    """Nothing is rounded to NumPy's integers first."""
    worst = compare(i8(3, 4), f8(3, 4.25)).worst
    assert (worst.index, worst.torch, worst.error, worst.relative) == ((1,), "4.25", 0.25, 1 / 16)


# --- sign of zero ---------------------------------------------------------------------------

ZEROS = {
    "real": (f8(0, 1), f8(-0.0, 1)),
    "other way": (f8(-0.0, 1), f8(0, 1)),
    "real part": (np.array([complex(0, 1)]), np.array([complex(-0.0, 1)])),
    "imaginary part": (np.array([complex(1, 0)]), np.array([complex(1, -0.0)])),
    "half": (np.float16([0]), np.float16([-0.0])),
}


@pytest.mark.parametrize("pair", ZEROS.values(), ids=ZEROS)
def test_a_zero_of_the_other_sign_parts(pair):
    """The sign of a zero is a rung of its own, in each part of a complex element."""
    a, b = pair
    assert rungs(a, b) == ["sign of zero"]
    assert rungs(b, b.copy()) == []
    assert rungs(a, b, shaken=lambda: [a, a.copy()]) == ["sign of zero"]


def test_a_zero_that_cancellation_left_has_no_sign_to_speak_of():
    """A zero that moves with the inputs is rounding; the others stay firm."""
    a, b = f8(0, 0, 1), f8(-0.0, -0.0, 1)
    assert rungs(a, b, shaken=lambda: [a, f8(1e-17, -1e-17, 1)]) == []
    assert rungs(a, b, shaken=lambda: [a, f8(1e-17, 0, 1)]) == ["sign of zero"]
    c, d = np.array([complex(0, 0)]), np.array([complex(0, -0.0)])
    assert rungs(c, d, shaken=lambda: [c, np.array([complex(0, 1e-17)])]) == []
    assert rungs(c, d, shaken=lambda: [c, np.array([complex(1e-17, 0)])]) == ["sign of zero"]


def test_the_inputs_are_shaken_only_where_zeros_differ_in_sign():
    """An error is held against the other moves, and zeros that agree ask for none."""
    shaken, calls = counted()
    rungs(f8(0, 1), f8(0, 2), shaken=shaken)
    assert calls == []
    rungs(f8(0, 1), f8(-0.0, 1), shaken=shaken)
    assert calls == [1]


def test_integers_and_other_numbers_have_no_zero_of_the_other_sign():
    """A sign differs only where both sides are zero."""
    assert rungs(i8(0), i8(0)) == []
    assert rungs(f8(1e-300, 1), f8(-1e-300, 1)) == []


# --- spelling -------------------------------------------------------------------------------

SHOWN = {
    "float64 [1.0, -0.3333, 2e-10]": f8(1, -1 / 3, 2e-10),
    "float32 [nan, inf, -inf, -0.0]": np.float32([NAN, INF, -INF, -0.0]),
    "complex128 [1.0+2j, 0.3333-0.3333j]": np.array([1 + 2j, (1 - 1j) / 3]),
    "int64 [[1, 2], [3, 4]]": i8([1, 2], [3, 4]),
    "float64 2.5": np.float64(2.5),
    "int64 of shape (25,) [ 0, 1, ..., 23, 24]": np.arange(25),
    "float64 of shape (0, 3) []": np.zeros((0, 3)),
    "(int64 1,)": [np.int64(1)],
    "(1, (None, 'a'))": (1, [None, "a"]),
    "{k: int64 [1]}": {"k": i8(1)},
    "dtype('float32')": np.dtype("f4"),
    "ValueError: one": ValueError("one\ntwo"),
    "ValueError: ": ValueError(),
    "ValueError: " + "x" * 117 + "...": ValueError("x" * 121),
    "ValueError: " + "x" * 120: ValueError("x" * 120),
}


@pytest.mark.parametrize(("text", "value"), SHOWN.items())
def test_results_are_spelled(text, value):
    """Dtype, shape if telling, values; an exception by its first line."""
    assert show(value) == text


def test_up_to_24_elements_are_shown_whole():
    """One more, and the middle is left out."""
    assert "..." not in show(np.arange(24))
    assert "..." in show(np.arange(25))


def test_moves_that_cancel_by_chance_are_found_farther():
    """Where a few draws of signs move nothing, the farther ones tell the slope all the same."""
    x, step = np.array([1.0]), 100 * 2.0**-52
    still, far = [x] * 5, [x + 64 * step] * 4
    assert compare(x, x + step, moved=lambda: still, farther=lambda: far).parts == ()
    assert compare(x, x + step, moved=lambda: still, farther=lambda: still[:4]).parts != ()
