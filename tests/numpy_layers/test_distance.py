"""Distances and angles: what is refused, and what no pair can show."""

import re

import numpy as np
import pytest
import torch

from numpy_layers.distance import CosineSimilarity, PairwiseDistance, vector_norm

NAN = float("nan")
INF = float("inf")

CONSTRUCTED_WRONG = {
    "negative-eps": (
        lambda: CosineSimilarity(eps=-1.0),
        "CosineSimilarity(eps=-1.0): eps is -1.0, expected 0 or more",
    ),
    "nan-eps": (
        lambda: CosineSimilarity(eps=NAN),
        "CosineSimilarity(eps=nan): eps is nan, expected 0 or more",
    ),
    "nan-p": (
        lambda: PairwiseDistance(NAN),
        "PairwiseDistance(p=nan): p is nan, expected a number",
    ),
}

# id: layer, shapes of x1 and x2, what is found and expected
CALLED_WRONG = {
    "cosine-shapes": (
        CosineSimilarity(),
        ((4, 3), (4, 2)),
        "x1 and x2 have shapes (4, 3) and (4, 2), expected shapes that broadcast",
    ),
    "distance-shapes": (
        PairwiseDistance(),
        ((4, 3), (3, 3)),
        "x1 and x2 have shapes (4, 3) and (3, 3), expected shapes that broadcast",
    ),
    "one-axis": (
        CosineSimilarity(),
        ((3,), (3,)),
        "x1 and x2 have no axis 1, shapes (3,) and (3,)",
    ),
    "axis-below": (
        CosineSimilarity(-3),
        ((3,), (4, 3)),
        "x1 and x2 have no axis -3, shapes (3,) and (4, 3)",
    ),
    "largest-of-none": (
        PairwiseDistance(INF),
        ((4, 0), (4, 0)),
        "last axis of x1 - x2 is 0, shapes (4, 0) and (4, 0), expected 1 or more",
    ),
    "negative-power-of-none": (
        PairwiseDistance(-1.0),
        ((0,), (0,)),
        "last axis of x1 - x2 is 0, shapes (0,) and (0,), expected 1 or more",
    ),
}


@pytest.mark.parametrize("case", CONSTRUCTED_WRONG)
def test_options_out_of_range_are_refused(case):
    """The message spells the call, what was found and what was expected."""
    construct, message = CONSTRUCTED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        construct()


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_shapes_that_do_not_fit_are_refused(case):
    """The message gives both shapes."""
    layer, shapes, message = CALLED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(f'{layer!r}: {message}')}$"):
        layer.forward(*map(np.ones, shapes))


@pytest.mark.parametrize("kind", [CosineSimilarity, PairwiseDistance])
@pytest.mark.parametrize("place", [0, 1])
def test_integers_are_refused(kind, place):
    """Neither argument may hold them; the message names the one that does."""
    args = [np.ones((2, 3)), np.ones((2, 3))]
    args[place] = args[place].astype(int)
    with pytest.raises(ValueError, match=rf"^{kind.__name__}\(\): x{place + 1} is int64, expected"):
        kind().forward(*args)


@pytest.mark.parametrize("kind", [CosineSimilarity, PairwiseDistance])
def test_backward_before_forward_is_refused(kind):
    """There are no vectors then."""
    with pytest.raises(ValueError, match=rf"^{kind.__name__}: backward called before forward$"):
        kind().backward(np.ones(2))


@pytest.mark.parametrize("kind", [CosineSimilarity, PairwiseDistance])
def test_a_cotangent_of_another_shape_is_refused(kind):
    """The message gives both shapes."""
    layer = kind()
    layer.forward(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"cotangent has shape \(2, 1\), expected \(2,\)$"):
        layer.backward(np.ones((2, 1)))


def both(kind, options, x1, x2):
    """Return y, dx1 and dx2 of a layer and of its twin, for cotangents of one."""
    layer = kind(**options)
    y = layer.forward(x1, x2)
    tensors = [torch.from_numpy(np.array(x)).requires_grad_() for x in (x1, x2)]
    expected = getattr(torch.nn, kind.__name__)(**options)(*tensors)
    expected.sum().backward()
    theirs = [expected.detach().numpy(), *(t.grad.numpy() for t in tensors)]
    return [y, *layer.backward(np.ones_like(y))], theirs


VECTORS_OF_ONE = {
    "one-by-one": ((4, 1), (4, 1), 1),
    "no-axes": ((), (), 0),
    "first-axis": ((1, 5), (1, 5), 0),
    "repeated-along-dim": ((4, 1), (4, 5), 1),
    "nothing-along-dim": ((), (6,), 0),
}


@pytest.mark.parametrize("case", VECTORS_OF_ONE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_cosine_of_vectors_of_one_element_has_no_gradient(case, dtype):
    """Their angle does not change: what either side returns is what rounding left of 0."""
    shape1, shape2, dim = VECTORS_OF_ONE[case]
    rng = np.random.default_rng(0)
    x1 = np.asarray(rng.uniform(1, 2, shape1) * rng.choice([-1, 1], shape1), dtype)
    x2 = np.asarray(rng.uniform(1, 2, shape2) * rng.choice([-1, 1], shape2), dtype)
    ours, theirs = both(CosineSimilarity, {"dim": dim}, x1, x2)
    limit = 16 * np.finfo(dtype).eps
    for a, b in zip(ours, theirs, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=limit, atol=limit)
    np.testing.assert_allclose(ours[1], 0, atol=limit)


@pytest.mark.parametrize("kind", [CosineSimilarity, PairwiseDistance])
def test_each_gradient_has_the_dtype_of_its_argument(kind):
    """The result has the wider dtype, as in torch."""
    rng = np.random.default_rng(0)
    x1, x2 = rng.standard_normal((4, 5)).astype(np.float32), rng.standard_normal((4, 5))
    ours, theirs = both(kind, {}, x1, x2)
    assert [a.dtype for a in ours] == [b.dtype for b in theirs]
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.parametrize("kind", [CosineSimilarity, PairwiseDistance])
def test_float16_squares_do_not_overflow(kind):
    """Squares of 300 are beyond float16, their root is not."""
    rng = np.random.default_rng(0)
    x1, x2 = (rng.uniform(250, 350, (4, 90)).astype(np.float16) for _ in range(2))
    ours, theirs = both(kind, {}, x1, x2)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == np.float16
        np.testing.assert_allclose(a, b, rtol=0.02, atol=2e-4)


HOSTILE = np.array([0.0, -0.0, 1e-300, 1e-160, 1e160, 1e300, INF, -INF, NAN, 1.0])


@pytest.mark.parametrize("kind", [CosineSimilarity, PairwiseDistance])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("eps", [0.0, 1e-6])
def test_what_overflows_and_is_not_finite_goes_where_torch_takes_it(kind, dtype, eps):
    """Every pair of them, without a warning."""
    with np.errstate(over="ignore", under="ignore"):
        values = HOSTILE.astype(dtype)
    x1, x2 = (x.reshape(-1, 1) * np.array([1, 1], dtype) for x in np.meshgrid(values, values))
    ours, theirs = both(kind, {"eps": eps}, x1, x2 if kind is PairwiseDistance else x2[:, ::-1])
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("p", [2.0, 1.0, 0.0, 3.0, 0.5, -1.0, INF, -INF])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_the_norm_is_torchs(p, axis):
    """Along any axis, which stays."""
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    expected = torch.linalg.vector_norm(torch.from_numpy(x), p, axis, keepdim=True)
    np.testing.assert_allclose(vector_norm(x, p, axis), expected.numpy(), rtol=1e-14)


# id: the module, layer, the line, what it is made, a cell that finds it
FAULTS = {
    "cosine-not-summed": (  # G03
        "formulas",
        "CosineSimilarity",
        "dx = np.sum(dx, axis=(*range(ahead), *repeated))",
        "return dx",
        "one-to-many@float64",
    ),
    "distance-not-summed": (
        "formulas",
        "PairwiseDistance",
        "dx = np.sum(dx, axis=(*range(ahead), *repeated))",
        "dx = np.max(dx, axis=(*range(ahead), *repeated))",
        "fewer-axes@float64",
    ),
    "repeated-axes-not-summed": (
        "formulas",
        "CosineSimilarity",
        "(*range(ahead), *repeated)",
        "(*range(ahead),)",
        "each-with-each@float64",
    ),
    "gradient-at-norm-0": (  # G08
        "distance",
        "PairwiseDistance",
        "_clear(dx, norm == 0)",
        "pass",
        "equal-p2@float64",
    ),
    "gradient-at-element-0": (
        "distance",
        "PairwiseDistance",
        "_clear(dx, size == 0)",
        "pass",
        "equal-p0-5@float64",
    ),
    "ties-not-shared": (
        "distance",
        "PairwiseDistance",
        "np.sum(extreme, axis=axis, keepdims=True, dtype=x.dtype)",
        "1.0",
        "ties@float64",
    ),
    "sign-of-nan": (
        "formulas",
        "PairwiseDistance",
        "np.subtract(x > 0, x < 0, dtype=x.dtype)",
        "np.sign(x)",
        "not-finite-p1@float64",
    ),
    "product-clamped": (
        "distance",
        "CosineSimilarity",
        "u = np.where(zero, 0, u * ratio)",
        "pass",
        "clamped@float64",
    ),
    "projection-dropped": (
        "distance",
        "CosineSimilarity",
        "np.subtract(other, dx, out=dx)",
        "dx[...] = other",
        "plain@float64",
    ),
    "eps-on-the-norm": (
        "distance",
        "PairwiseDistance",
        "self._difference += self._difference.dtype.type(self.eps)",
        "pass",
        "eps-0-25@float64",
    ),
    "same-sign": ("distance", "PairwiseDistance", "[dx, -dx]", "[dx, dx]", "plain@float64"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The cells of the pair tell each of them."""
    module, layer, line, wrong, cell = FAULTS[fault]
    case = cell.partition("@")[0]
    assert f"numpy_layers.{layer}/{cell}" in planted(module, layer, line, wrong, case)
