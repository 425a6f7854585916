"""What several families compute: its accuracy, its ends, and where it writes."""

import math

import numpy as np
import pytest

from numpy_layers import formulas

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_erf_is_accurate_to_a_few_ulps(dtype):
    """Against the C library's, at nodes, between them, in the tails and near zero."""
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [
            rng.uniform(-7, 7, 20000),
            10.0 ** rng.uniform(-30, 0, 2000),
            np.arange(-6144, 6145) / 2048,
        ]
    ).astype(dtype)
    exact = np.array([math.erf(float(v)) for v in x])
    error = np.abs(formulas.erf(x) - exact)
    assert (error <= 3 * np.finfo(dtype).eps * np.abs(exact)).all()


def test_erf_ends_at_one():
    """Far out, at infinity and at NaN."""
    x = np.array([6.0, 1e300, np.inf, -np.inf])
    np.testing.assert_array_equal(formulas.erf(x), [1, 1, 1, -1])
    with np.errstate(invalid="ignore"):
        assert np.isnan(formulas.erf(np.array([np.nan]))).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_sigmoid_in_place_is_the_same(dtype):
    """Where the exponential overflows and at NaN too; without out, x is left alone."""
    x = np.array([0.0, 1.0, -1.0, 1e4, -1e4, INF, -INF, NAN]).astype(dtype)
    given = x.copy()
    with np.errstate(over="ignore"):
        y = formulas.sigmoid(x)
        np.testing.assert_array_equal(x, given)
        assert formulas.sigmoid(x, out=x) is x
    np.testing.assert_array_equal(x, y)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y[[0, 3, 4, 5, 6, 7]], np.array([0.5, 1, 0, 1, 0, NAN]))
    np.testing.assert_allclose(y[1] + y[2], 1, rtol=1e-3)


def test_the_sign_of_nan_is_0():
    """As torch's, in the dtype of x."""
    y = formulas.sign(np.array([-INF, -2, -0.0, 0, 3, NAN], "float32"))
    np.testing.assert_array_equal(y, np.array([-1, 0, 0, 0, 1, 0], "float32")[[0, 0, 1, 1, 4, 5]])
    assert y.dtype == np.float32


def test_only_float16_is_widened():
    """Others are handed on as they are."""
    assert formulas.wide(np.ones(2, "float16")).dtype == np.float32
    for x in (np.ones(2, "float32"), np.ones(2, "float64")):
        assert formulas.wide(x) is x


@pytest.mark.parametrize("shape", [(), (4,), (1,), (3, 1), (1, 4), (3, 4), (2, 1, 1), (2, 3, 4)])
def test_a_gradient_is_summed_where_its_argument_was_repeated(shape):
    """Against counts: every element of the argument is in as many sums as it has copies."""
    dx = formulas.summed_to(np.ones((2, 3, 4)), shape)
    np.testing.assert_array_equal(dx, np.full(shape, 24 / math.prod(shape)))
