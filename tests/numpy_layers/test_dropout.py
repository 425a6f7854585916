"""Layers that drop at random: what is refused, what they draw, and what that leaves."""

import re

import numpy as np
import pytest

from numpy_layers.dropout import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    FeatureAlphaDropout,
)
from numpy_layers.layer import Draws

# class: a shape with room for statistics, the axes along which a channel is one
SHAPES = {
    Dropout: ((200, 300), ()),
    Dropout1d: ((200, 300, 2), (2,)),
    Dropout2d: ((200, 300, 2, 3), (2, 3)),
    Dropout3d: ((200, 300, 2, 1, 2), (2, 3, 4)),
    AlphaDropout: ((200, 300), ()),
    FeatureAlphaDropout: ((200, 300, 3), (2,)),
}
ALPHA = AlphaDropout, FeatureAlphaDropout
EVERY = pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.__name__)

REFUSED_RANKS = {
    "1d-of-1": (Dropout1d(), (3,), "Dropout1d(): x has rank 1, shape (3,), expected 2 or 3"),
    "1d-of-4": (
        Dropout1d(0.1),
        (2, 3, 1, 1),
        "Dropout1d(p=0.1): x has rank 4, shape (2, 3, 1, 1), expected 2 or 3",
    ),
    "2d-of-2": (Dropout2d(), (2, 3), "Dropout2d(): x has rank 2, shape (2, 3), expected 3 or 4"),
    "3d-of-3": (
        Dropout3d(),
        (2, 3, 4),
        "Dropout3d(): x has rank 3, shape (2, 3, 4), expected 4 or 5",
    ),
    "feature-alpha-of-1": (
        FeatureAlphaDropout(),
        (3,),
        "FeatureAlphaDropout(): x has rank 1, shape (3,), expected 2 or more",
    ),
}


class NoDraws(Draws):
    """What a layer must not ask for anything."""

    def keep(self, p, shape):
        """Fail."""
        raise AssertionError(f"drew {shape}")


@EVERY
@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_a_p_that_is_no_probability_is_refused(kind, p):
    """The sentence names it."""
    message = f"{kind.__name__}(p={p}): p is {p}, expected 0 to 1"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kind(p)


@pytest.mark.parametrize(("layer", "shape", "message"), REFUSED_RANKS.values(), ids=REFUSED_RANKS)
def test_a_rank_without_channels_is_refused(layer, shape, message):
    """torch raises or warns that it will."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer.forward(np.ones(shape))


@EVERY
def test_backward_before_forward_is_refused(kind):
    """There is no noise yet."""
    with pytest.raises(ValueError, match=f"^{kind.__name__}: backward called before forward$"):
        kind().backward(np.ones((2, 2)))


@EVERY
def test_evaluation_hands_on_the_input(kind):
    """x itself, and nothing is drawn."""
    layer = kind().eval()
    layer.draws = NoDraws()
    x = np.ones(SHAPES[kind][0])
    assert layer.forward(x) is x
    assert layer.backward(x) is x


@EVERY
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_certainty_draws_nothing(kind, p):
    """All is kept, or nothing is: zeros for the alpha layers too."""
    layer = kind(p)
    layer.draws = NoDraws()
    x = np.ones(SHAPES[kind][0])
    assert np.array_equal(layer.forward(x), (1 - p) * x)
    assert np.array_equal(layer.backward(x), (1 - p) * x)


@EVERY
def test_an_empty_batch_draws_nothing(kind):
    """As in torch, whose state it leaves where it was."""
    layer = kind()
    layer.draws = NoDraws()
    x = np.ones((0, *SHAPES[kind][0][1:]))
    assert layer.forward(x).shape == x.shape


@EVERY
@pytest.mark.parametrize("p", [0.2, 0.7])
def test_a_share_p_of_the_elements_or_channels_is_dropped(kind, p):
    """Real draws: the share, the scale of the rest, one fate for a channel."""
    shape, within = SHAPES[kind]
    layer = kind(p)
    layer.forward(np.ones(shape))
    dx = layer.backward(np.ones(shape))  # the noise
    assert np.mean(dx == 0) == pytest.approx(p, abs=0.01)
    assert len(np.unique(dx)) == 2
    if kind not in ALPHA:
        assert dx.max() == pytest.approx(1 / (1 - p))
        assert dx.mean() == pytest.approx(1, abs=0.03)
    if within:
        assert np.array_equal(dx.min(axis=within), dx.max(axis=within))


@pytest.mark.parametrize("kind", ALPHA, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("p", [0.2, 0.7])
def test_mean_and_variance_are_kept(kind, p):
    """Of normal input they stay 0 and 1, which is what the two constants are for."""
    y = kind(p).forward(np.random.default_rng(0).standard_normal(SHAPES[kind][0]))
    assert y.mean() == pytest.approx(0, abs=0.03)
    assert y.var() == pytest.approx(1, abs=0.05)


def test_each_forward_draws_anew():
    """And backward keeps the noise of the last one, however often it is called."""
    layer, x = Dropout(), np.ones((30, 30))
    first = layer.forward(x)
    second = layer.forward(x)
    assert not np.array_equal(first, second)
    assert np.array_equal(layer.backward(x), second)
    assert np.array_equal(layer.backward(x), second)


def test_an_unbatched_input_is_a_batch_of_one():
    """Its first axis is the channels."""
    layer = Dropout1d(0.5)
    asked = []
    layer.draws.keep = lambda p, shape: asked.append(shape) or np.ones(shape, bool)
    assert layer.forward(np.ones((6, 3))).shape == (6, 3)
    assert asked == [(1, 6, 1)]


def test_a_transposed_input_meets_the_transposed_noise():
    """The draws follow the memory, as torch's do."""
    layer = Dropout(0.5)
    kept = np.arange(12).reshape(3, 4) % 5 < 3
    layer.draws.keep = lambda p, shape: kept.reshape(shape)
    assert np.array_equal(layer.forward(np.ones((3, 4)).T) != 0, kept.T)


@EVERY
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_hostile_values_pass_in_silence(kind, dtype):
    """A dropped infinity is NaN without a warning, and the dtype stays."""
    shape, _ = SHAPES[kind]
    x = np.full(shape, np.inf, dtype)
    layer = kind(0.5)
    y = layer.forward(x)
    assert y.dtype == layer.backward(x).dtype == dtype
    assert np.isnan(y).any()
    assert np.isinf(y).any()


# layer, what stands in the source, what a port writes in its place
FAULTS = {
    "F24-train-for-eval": (
        "Dropout",
        "self._draw(self.x) if self.training else (None, None)",
        "self._draw(self.x)",
    ),
    "F24-eval-for-train": (
        "Dropout2d",
        "self._draw(self.x) if self.training else (None, None)",
        "(None, None)",
    ),
    "G13-cotangent-ignored": (
        "Dropout",
        'self._apply(self._cotangent(dy, self._kept("x")))',
        'self._apply(np.ones_like(self._kept("x")))',
    ),
    "G12-noise-detached": (
        "AlphaDropout",
        'self._apply(self._cotangent(dy, self._kept("x")))',
        'self._cotangent(dy, self._kept("x"))',
    ),
    "F04-not-scaled": ("Dropout3d", "kept /= kept.dtype.type(1 - self.p)", "pass"),
    "F05-elements-for-channels": ("Dropout1d", "(1,) * (len(shape) - 2)", "shape[2:]"),
    "F22-memory-ignored": (
        "Dropout",
        "key=lambda axis: -abs(x.strides[axis])",
        "key=lambda axis: axis",
    ),
}


@pytest.mark.parametrize(("layer", "old", "new"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(planted, layer, old, new):
    """The pair's own cells call it a finding."""
    assert planted("dropout", layer, old, new)
