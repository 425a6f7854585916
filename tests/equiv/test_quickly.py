"""The cheap path for results that agree: it never says what the ladder would not."""

import numpy as np
import pytest

from equiv.compare import NO_ERROR, compare, quickly

EPS = 2.0**-52
INF, NAN = float("inf"), float("nan")
DTYPES = [np.float16, np.float32, np.float64, np.complex64, np.complex128]


def f8(*x):
    """Spell a float64 array."""
    return np.array(x, np.float64)


def i8(*x):
    """Spell an int64 array."""
    return np.array(x, np.int64)


def off(by, *, dtype=np.float64, at=1.0):
    """Return two results that part by so many eps, at an element of size ``at``."""
    a, b = np.array([1, at], dtype), np.array([1, at], dtype)
    b[1] += by * float(np.finfo(dtype).eps)
    return a, b


def outcomes(dtype):
    """Yield pairs of results of every kind that the cheap path may meet."""
    for by in (0, 1, 15, 16, 17, 33, 1e6):
        yield off(by, dtype=dtype)
        yield off(by, dtype=dtype, at=2.0)
    tiny = np.finfo(dtype).smallest_subnormal
    for other in (0, -0.0, 1, NAN, INF, -INF, tiny, 20 * tiny, np.finfo(dtype).max):
        for one in (0, 1, NAN, INF, tiny):
            yield np.array([1, one], dtype), np.array([1, other], dtype)
            yield np.array([one], dtype), np.array([other], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_cheap_path_says_what_the_ladder_says(dtype):
    """It may leave a pair to the ladder, but never say another thing of it."""
    found = [(quickly(a, b), compare(a, b)) for a, b in outcomes(dtype)]
    assert [(q, c) for q, c in found if q and q != c] == []
    assert sum(q is not None for q, _ in found) >= 5


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_cheap_path_goes_to_16_eps(dtype):
    """What parts by more needs the conditioning, or is a finding."""
    assert quickly(*off(16, dtype=dtype)).worst.headroom == 1
    assert quickly(*off(17, dtype=dtype)) is None


LEFT = {
    "dtype": (np.int32([0]), np.float32([0])),
    "width": (f8(1 + EPS), np.float32([1])),
    "shape": (np.ones(3), np.ones((3, 1))),
    "integers": (i8(1), i8(2)),
    "sign of zero": (f8(0, 1), f8(-0.0, 1)),
    "zero and rounding": (f8(0, 1), f8(-0.0, 1 + EPS)),
    "NaN": (f8(NAN, 1), f8(1, 1)),
    "of a container of other lengths": ((f8(1),), (f8(1), f8(1))),
    "of a container that parts": ((f8(1), f8(1)), (f8(1), f8(2))),
    "of a container and an array": ((f8(1),), f8(1)),
    "of a Python number": (1.0, 1.0),
    "of two texts": ("a", "b"),
    "of an integer and a boolean": (1, True),
    "of a dict": ({"a": f8(1)}, {"a": f8(1)}),
    "of dates": (np.array(["2020"], "M8[D]"), np.array(["2020"], "M8[D]")),
}


ALIKE = {
    "tuples": ((f8(1), i8(2)), (f8(1), i8(2))),
    "a list and a tuple": ([f8(1)], (f8(1),)),
    "nested, with plain values": ((f8(1), (3, "a", None)), (f8(1), (3, "a", None))),
    "zeros of one sign beside rounding": (f8(-0.0, 1), f8(-0.0, 1 + EPS)),
    "complex rounding": (np.array([1 + 2j, 3j]), np.array([1 + 2j, 3j * (1 + EPS)])),
    "rounding in the second": ((f8(1), f8(1, 2)), (f8(1), f8(1, 2 + 2 * EPS))),
}


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_results_that_agree_are_told_as_the_ladder_tells_them(pair):
    """Containers, plain values and zeros are worth the cheap path: most results have some."""
    assert quickly(*pair) == compare(*pair)


def test_zeros_of_complex_parts_have_signs():
    """A part that is zero is held by its sign too."""
    assert quickly(np.array([complex(1, 0.0)]), np.array([complex(1 + EPS, -0.0)])) is None


@pytest.mark.parametrize("pair", LEFT.values(), ids=LEFT)
def test_what_is_not_two_arrays_that_agree_is_left_to_the_ladder(pair):
    """None is no verdict."""
    assert quickly(*pair) is None


def test_the_cheap_path_asks_for_the_same_bits_or_a_small_error():
    """NaN of one payload agrees with itself, whatever it would compare to."""
    nothing = quickly(f8(NAN, -0.0, INF), f8(NAN, -0.0, INF))
    assert (nothing.parts, nothing.worst) == ((), NO_ERROR)
    large = np.arange(10_000.0)
    assert quickly(large, large.copy()).worst == NO_ERROR
    large[9_000] = -1
    assert quickly(np.arange(10_000.0), large) is None
