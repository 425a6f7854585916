"""The ladder where results are not unique: up to sign, phase or order, and as distributions."""

import math

import numpy as np
import pytest

from equiv.compare import chi_square, compare, kolmogorov_smirnov
from equiv.entry import EquivError

EPS = 2.0**-52
INF, NAN = float("inf"), float("nan")


def f8(*x):
    """Spell a float64 array."""
    return np.array(x, np.float64)


def i8(*x):
    """Spell an int64 array."""
    return np.array(x, np.int64)


def rungs(numpy, torch, **options):
    """Name the rungs on which two results part."""
    return [part.rung for part in compare(numpy, torch, **options).parts]


def off(by, *, scale=1.0):
    """Return two results that part by so many eps of the scale, in their second element."""
    a, b = f8(scale, 1), f8(scale, 1)
    b[1] += by * EPS * scale
    return a, b


# --- results that are not unique ------------------------------------------------------------

M = f8([1, 2, 3], [4, -5, 6.5])
SIGNS, PHASES = f8(1, -1, -1), np.exp(1j * f8(0.3, 2, -1))
WORDS = {
    "sign of columns": ("up to sign", M, M * SIGNS, []),
    "sign of a vector": ("up to sign", M[0], -M[0], []),
    "sign of complex columns": ("up to sign", M + 1j, (M + 1j) * SIGNS, []),
    "sign in a batch": ("up to sign", np.stack([M, 2 * M]), np.stack([-M, 2 * M * SIGNS]), []),
    "sign within a column": ("up to sign", M, M * f8([1], [-1]), ["value"]),
    "other magnitude": ("up to sign", M, -1.1 * M, ["value"]),
    "a phase is no sign": ("up to sign", M + 0j, M * 1j, ["value"]),
    "zero column": ("up to sign", M * f8(1, 0, 1), M * f8(-1, 0, 1), []),
    "no elements": ("up to sign", np.ones((0, 3)), np.ones((0, 3)), []),
    "0-d": ("up to sign", f8(1)[0], f8(-1)[0], ["value"]),
    "NaN column": ("up to sign", M * f8(1, NAN, 1), M * f8(-1, NAN, -1), []),
    "infinite column": ("up to sign", f8(INF, 1), f8(INF, 1), []),
    "exactly": ("exactly", M, M * SIGNS, ["value"]),
    "phase of columns": ("up to phase", M + 1j, (M + 1j) * PHASES, []),
    "phase within a column": ("up to phase", M + 1j, (M + 1j) * PHASES[:2, None], ["value"]),
    "phase, other magnitude": ("up to phase", M + 1j, 1.1j * M - 1.1, ["value"]),
    "infinite phase": ("up to phase", np.array([INF, 1 + 0j]), np.array([INF, 1 + 0j]), []),
    "order": ("up to order", f8(3, 1, 2), f8(2, 3, 1), []),
    "order of integers": ("up to order", i8(3, 1, 2), i8(2, 3, 1), []),
    "order of the last axis": ("up to order", M, M[:, ::-1], []),
    "not of the first axis": ("up to order", M, M[::-1], ["value"]),
    "how often": ("up to order", f8(1, 1, 2), f8(1, 2, 2), ["value"]),
    "order with NaN": ("up to order", f8(NAN, 1, 2), f8(2, NAN, 1), []),
    "order, one NaN more": ("up to order", f8(NAN, 1, 2), f8(2, NAN, NAN), ["nan", "value"]),
    "reconstruction: other values": ("by reconstruction", M, 7 * M, []),
    "reconstruction: dtype": ("by reconstruction", M, M.astype("f4"), ["dtype"]),
    "reconstruction: shape": ("by reconstruction", M, M.T, ["shape"]),
    "distribution: dtype": ("as a distribution", M[0], M[0].astype("f4"), ["dtype"]),
    "distribution: shape of a draw": ("as a distribution", M, M[:, :2], ["shape"]),
    "distribution: any number of draws": ("as a distribution", M, M[:1], []),
    "distribution: no draws": ("as a distribution", M, M[:0], ["value"]),
    "distribution: no counts": ("as a distribution", i8(1, 2), i8(), ["value"]),
}


@pytest.mark.parametrize("row", WORDS.values(), ids=WORDS)
def test_only_what_is_not_unique_is_forgiven(row):
    """Each word leaves free what it says, and nothing else."""
    word, numpy, torch, expected = row
    assert rungs(numpy, torch, equal=word) == expected


def test_each_array_of_a_result_can_have_its_word():
    """A tuple of words goes with the arrays, in order."""
    numpy, torch = (f8(2, 1), M), (f8(1, 2), -M)
    assert rungs(numpy, torch, equal=("up to order", "up to sign")) == []
    assert rungs(numpy, torch, equal=("up to sign", "up to order")) == ["value", "value"]
    with pytest.raises(EquivError, match="the result has 2 arrays"):
        compare(numpy, torch, equal=("exactly",))


@pytest.mark.parametrize(("word", "turn"), [("up to sign", -1), ("up to phase", 1j)])
def test_a_turn_of_the_moved_result_is_no_move(word, turn):
    """What is free in the result is free in the conditioning, or it would excuse all."""
    a, b = (x * (1 + 0j) for x in off(64))
    assert rungs(a, b, equal=word, moved=lambda: [a, a * turn]) == ["value"]


def test_another_order_of_the_moved_result_is_no_move():
    """As for the sign."""
    a, b = off(64, scale=2.0)
    assert rungs(a, b, equal="up to order", moved=lambda: [a, a[::-1]]) == ["value"]


def test_zeros_that_stay_are_known_in_any_order():
    """Whether a zero is firm is asked of the same zero, wherever it stood before sorting."""
    c, d = f8(1, 0), f8(-0.0, 1)
    assert rungs(c, d, equal="up to order", shaken=lambda: [c, c]) == ["sign of zero"]


# --- distributions --------------------------------------------------------------------------


def test_the_statistic_of_a_small_example():
    """By hand: at 4 the shares at or below are 4/4 and 2/5, and nowhere further apart."""
    gap, allowed = kolmogorov_smirnov(f8(4, 1, 3, 2), f8(7, 3, 4, 6, 5))
    assert gap == pytest.approx(max(1 / 4, 2 / 4, 3 / 4 - 1 / 5, 4 / 4 - 2 / 5))
    assert allowed == pytest.approx(math.sqrt(math.log(2e6) / 2 * (4 + 5) / (4 * 5)))


def test_ties_count_together():
    """Equal draws on both sides leave no gap between them."""
    assert kolmogorov_smirnov(i8(0, 1, 1, 0), i8(1, 0))[0] == 0
    assert kolmogorov_smirnov(i8(0, 0, 0, 1), i8(1, 0))[0] == 0.25


@pytest.mark.parametrize("seed", range(10))
def test_samples_of_one_distribution_agree_and_a_shift_is_seen(seed):
    """A tenth of a standard deviation is seen in 40 000 draws a side, by every seed."""
    a, b = np.random.default_rng(seed).standard_normal((2, 40_000))
    assert rungs(a, b, equal="as a distribution") == []
    assert rungs(a, b + 0.1, equal="as a distribution") == ["value"]
    assert rungs(a, b * 1.2, equal="as a distribution") == ["value"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("draw", ["poisson", "integers", "boolean"])
def test_discrete_draws_are_compared_by_their_counts(draw, seed):
    """Draws of one distribution pass, a shifted or thinned one parts."""
    rng = np.random.default_rng(seed)
    draws = {
        "poisson": lambda shift: rng.poisson(3 + 0.3 * shift, 10_000),
        "integers": lambda shift: rng.integers(0, 10 - shift, 10_000),
        "boolean": lambda shift: rng.random(10_000) < 0.5 + 0.05 * shift,
    }[draw]
    assert rungs(draws(0), draws(0), equal="as a distribution") == []
    assert rungs(draws(0), draws(1), equal="as a distribution") == ["value"]


def test_chi_square_is_the_textbooks():
    """30 and 70 of a hundred against 50 and 50: 400 / 80 + 400 / 120."""
    a, b = np.repeat([0, 1], [30, 70]), np.repeat([0, 1], [50, 50])
    statistic, allowed = chi_square(a, b)
    assert statistic == pytest.approx(25 / 3)
    assert 23.9 < allowed < 28  # the exact quantile of one degree is 23.93
    more = np.repeat([0, 1], [100, 100])  # n (ad - bc)^2 over the product of the four sums
    assert chi_square(a, more)[0] == pytest.approx(300 * 4000**2 / (100 * 200 * 130 * 170))


def test_values_too_rare_for_a_count_are_pooled():
    """By hand: four draws of 200 are 2 of each sample, so they join the value before them."""
    a, b = np.repeat([0, 1], [96, 4]), np.zeros(100, int)
    assert chi_square(a, b) == (0, 0)
    a = np.repeat([0, 1], [90, 10])
    assert chi_square(a, b)[0] == pytest.approx(10 / 19 + 10)


def test_samples_that_part_are_told_by_their_range():
    """Thousands of draws are not printed."""
    (part,) = compare(f8([0] * 50, [2] * 50), f8([1] * 50), equal="as a distribution").parts
    assert part.numpy == "mean 1, from 0 to 2, over 100 draws"
    assert part.torch == "mean 1, from 1 to 1, over 50 draws"


def test_two_constants_are_two_distributions():
    """Nothing is pooled that has draws enough of its own."""
    zeros, ones = np.zeros(100, int), np.ones(100, int)
    assert rungs(zeros, zeros, equal="as a distribution") == []
    assert rungs(zeros, ones, equal="as a distribution") == ["value"]
