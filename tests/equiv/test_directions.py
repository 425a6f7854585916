"""The derivative of a NumPy side along a direction, and the directions that are tried."""

import numpy as np
import pytest

from equiv.gradients import DENSE, STEPS, check, cotangents, directional, directions


def draw(*shape, seed=0, apart=0.5):
    """Draw normal values of both signs, away from zero."""
    x = np.random.default_rng(seed).standard_normal(shape)
    return x + np.copysign(apart, x)


def function(numpy):
    """Make of a NumPy function what the module takes: from named inputs to a list of arrays."""

    def f(at):
        result = numpy(*at.values())
        return list(result) if isinstance(result, tuple) else [np.asarray(result)]

    return f


# --- the derivative of the NumPy side -------------------------------------------------------

DERIVATIVES = {
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "log(1 + x^2)": (lambda x: np.log(1 + x * x), lambda x: 2 * x / (1 + x * x)),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_the_directional_derivative_of_a_smooth_function_is_exact_to_1e_11(name):
    """Against the formula, along a dense direction and with a random cotangent."""
    f, derivative = DERIVATIVES[name]
    for seed in range(20):
        x, d, w = draw(6, seed=seed), draw(6, seed=seed + 100), draw(6, seed=seed + 200)
        d /= np.abs(d).max()
        found, _ = directional(function(f), {"x": x}, "x", d, [w], STEPS[0])
        terms = w * derivative(x) * d
        assert abs(found - terms.sum()) <= 1e-11 * np.abs(terms).sum()


def test_only_the_named_input_is_moved():
    """The derivative by y of x * y is x."""
    at = {"x": draw(3), "y": draw(3, seed=1)}
    found, _ = directional(function(np.multiply), at, "y", np.ones(3), [np.ones(3)], STEPS[0])
    assert found == pytest.approx(at["x"].sum(), rel=1e-12)
    assert np.array_equal(at["y"], draw(3, seed=1))


def test_the_unsettled_part_bounds_the_error_of_truncation():
    """Where the steps are too coarse for the function, the derivative says so."""
    at, f = {"x": np.array([0.05])}, function(lambda x: 1 / x)
    found, unsettled = directional(f, at, "x", np.ones(1), [np.ones(1)], STEPS[0])
    assert 1e-4 < abs(found + 400) < unsettled
    found, unsettled = directional(f, at, "x", np.ones(1), [np.ones(1)], STEPS[2])
    assert abs(found + 400) <= 400e-9
    assert unsettled < 400e-6


@pytest.mark.parametrize(
    "numpy",
    [lambda x: x[x >= 1], lambda x: x[x <= 1], lambda x: x[x != 1]],
    ids=["behind", "ahead", "both"],
)
def test_a_result_of_changing_shape_has_no_derivative(numpy):
    """The shape of a selection can change with the inputs; that is NaN, not a broadcast."""
    at = {"x": np.array([1.0, 1.0, 2.0])}
    weights = [np.ones(len(numpy(at["x"])))]
    found, _ = directional(function(numpy), at, "x", np.ones(3), weights, STEPS[0])
    assert np.isnan(found)


# --- cotangents and directions --------------------------------------------------------------


def test_cotangents_are_random_and_fit_the_results():
    """Shaped like the result, complex for complex ones, of both signs, fixed by the seed."""
    results = [np.ones((4, 5)), np.ones(3, complex), np.array(2.0)]
    w = cotangents(results, 7)
    assert [x.shape for x in w] == [(4, 5), (3,), ()]
    assert [x.dtype.kind for x in w] == ["f", "c", "f"]
    assert w[0].min() < 0 < w[0].max()
    assert len(np.unique(w[0])) == 20
    assert (w[1].real != 0).all()
    assert (w[1].imag != 0).all()
    assert all(np.array_equal(a, b) for a, b in zip(w, cotangents(results, 7), strict=True))
    assert not np.array_equal(w[0], cotangents(results, 8)[0])


def test_cotangents_are_zero_where_the_result_is_not_finite():
    """There is nothing to differentiate at an infinity or a NaN."""
    (w,) = cotangents([np.array([1.0, np.inf, np.nan, -np.inf, 2.0])], 0)
    assert list(w != 0) == [True, False, False, False, True]
    (w,) = cotangents([np.array([complex(np.inf, 1), 1j])], 0)
    assert list(w != 0) == [False, True]


def test_small_inputs_are_tried_along_every_axis():
    """One dense direction without zeros, then each element by its index."""
    (label, dense), *sparse = directions((2, 3), 0)
    assert label == DENSE
    assert dense.shape == (2, 3)
    assert (dense != 0).all()
    assert dense.min() < 0 < dense.max()
    assert [name for name, _ in sparse] == [f"[{i}, {j}]" for i in range(2) for j in range(3)]
    assert np.array_equal([d.ravel() for _, d in sparse], np.eye(6))


def test_large_inputs_are_tried_along_some_axes_and_a_dense_direction():
    """Past 64 elements the dense direction stands for the axes that are not chosen."""
    assert len(list(directions((64,), 0))) == 65
    (_, dense), *sparse = directions((13, 5), 0)
    assert (dense != 0).all()
    assert 1 < len(sparse) < 65
    assert all(d.sum() == np.count_nonzero(d) == 1 for _, d in sparse)
    assert len({name for name, _ in sparse}) == len(sparse)


@pytest.mark.parametrize(("shape", "tried"), [((2,), 2), ((1, 2), 2), ((3,), 2), ((4, 16), 2)])
def test_few_directions_are_tried_where_not_every_one_is_asked_for(shape, tried):
    """A dense one, and two axes."""
    (label, dense), *sparse = directions(shape, 0, every=False)
    assert (label, (dense != 0).all()) == (DENSE, True)
    assert len({name for name, _ in sparse}) == len(sparse) == tried


def test_a_fault_anywhere_is_seen_along_few_directions():
    """The dense direction crosses every element."""
    at, weights = {"x": draw(20)}, [np.ones(20)]
    right = np.cos(at["x"])
    assert check(function(np.sin), at, {"x": right}, weights, 0, every=False).word == "same"
    for entry in range(20):
        wrong = right.copy()
        wrong[entry] += 1e-6
        assert check(function(np.sin), at, {"x": wrong}, weights, 0, every=False).word == "parted"


def test_a_scalar_has_two_directions_and_nothing_has_none():
    """A 0-d input has no index; an empty one no direction."""
    assert [label for label, _ in directions((), 0)] == [DENSE, ""]
    assert list(directions((0, 3), 0)) == []
