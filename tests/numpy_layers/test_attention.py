"""Attention and the Transformer: what is refused, how they start, and what no pair can show."""

import math
import re

import numpy as np
import pytest

from equiv.conditions import CONDITIONS
from numpy_layers.activations import GELU, ReLU
from numpy_layers.attention import MultiheadAttention
from numpy_layers.layer import Draws
from numpy_layers.normalization import LayerNorm
from numpy_layers.transformer import (
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

L, S, N, E = 3, 5, 2, 4
ATTENTION = MultiheadAttention(E, 2)
QUERY, KEY = np.ones((L, N, E)), np.ones((S, N, E))

# id: what is called, what is found and expected
REFUSED = {
    "embed-dim": (
        lambda: MultiheadAttention(0, 1),
        "MultiheadAttention(0, 1): embed_dim is 0, expected 1 or more",
    ),
    "kdim": (
        lambda: MultiheadAttention(4, 2, kdim=0),
        "MultiheadAttention(4, 2, kdim=0): kdim is 0, expected 1 or more",
    ),
    "heads": (
        lambda: MultiheadAttention(5, 2),
        "MultiheadAttention(5, 2): embed_dim is 5, expected a multiple of num_heads, 2",
    ),
    "dropout": (
        lambda: MultiheadAttention(4, 2, dropout=1.5),
        "MultiheadAttention(4, 2, dropout=1.5): dropout is 1.5, expected 0 to 1",
    ),
    "query-axes": (
        lambda: ATTENTION.forward(np.ones(E), KEY, KEY),
        "MultiheadAttention(4, 2): query has shape (4,), expected 2 or 3 axes",
    ),
    "key-axes": (
        lambda: ATTENTION.forward(QUERY, KEY[:, 0], KEY[:, 0]),
        "MultiheadAttention(4, 2): key has shape (5, 4), expected 3 axes as query",
    ),
    "value-width": (
        lambda: MultiheadAttention(4, 2, vdim=3).forward(QUERY, KEY, KEY),
        "MultiheadAttention(4, 2, vdim=3): last axis of value is 4, expected 3, shape (5, 2, 4)",
    ),
    "key-dtype": (
        lambda: ATTENTION.forward(QUERY, KEY.astype(np.float32), KEY),
        "MultiheadAttention(4, 2): key is float32, expected float64 as query",
    ),
    "integers": (
        lambda: ATTENTION.forward(QUERY.astype(int), KEY, KEY),
        "MultiheadAttention(4, 2): query is int64, expected float16, float32 or float64",
    ),
    "lengths": (
        lambda: ATTENTION.forward(QUERY, KEY, KEY[:2]),
        "MultiheadAttention(4, 2): key has shape (5, 2, 4), value (2, 2, 4), "
        "expected equal lengths and batches",
    ),
    "batches": (
        lambda: ATTENTION.forward(QUERY[:, :1], KEY, KEY),
        "MultiheadAttention(4, 2): query has shape (3, 1, 4), key (5, 2, 4), "
        "expected equal batches",
    ),
    "mask-shape": (
        lambda: ATTENTION.forward(QUERY, KEY, KEY, attn_mask=np.zeros((S, L), bool)),
        "MultiheadAttention(4, 2): attn_mask has shape (5, 3), expected (3, 5) or (4, 3, 5)",
    ),
    "padding-shape": (
        lambda: ATTENTION.forward(QUERY, KEY, KEY, np.zeros((S, N), bool)),
        "MultiheadAttention(4, 2): key_padding_mask has shape (5, 2), expected (2, 5)",
    ),
    "padding-shape-without-a-batch": (
        lambda: ATTENTION.forward(QUERY[:, 0], KEY[:, 0], KEY[:, 0], np.zeros((1, S), bool)),
        "MultiheadAttention(4, 2): key_padding_mask has shape (1, 5), expected (5,)",
    ),
    "mask-of-integers": (
        lambda: ATTENTION.forward(QUERY, KEY, KEY, attn_mask=np.zeros((L, S), int)),
        "MultiheadAttention(4, 2): attn_mask is int64, expected bool or floats",
    ),
    "causal-without-a-mask": (
        lambda: ATTENTION.forward(QUERY, KEY, KEY, is_causal=True),
        "MultiheadAttention(4, 2): is_causal is True and attn_mask is None, expected a mask",
    ),
    "activation": (
        lambda: TransformerEncoderLayer(4, 2, activation="tanh"),
        "TransformerEncoderLayer(4, 2, activation='tanh'): activation is 'tanh', "
        "expected 'relu', 'gelu' or a Layer",
    ),
    "src": (
        lambda: TransformerEncoderLayer(4, 2, 8).forward(np.ones((3, 2, 5))),
        "TransformerEncoderLayer(4, 2, dim_feedforward=8): src has shape (3, 2, 5), "
        "expected 2 or 3 axes, the last 4",
    ),
    "memory": (
        lambda: TransformerDecoderLayer(4, 2, 8).forward(QUERY, np.ones(4)),
        "TransformerDecoderLayer(4, 2, dim_feedforward=8): memory has shape (4,), "
        "expected 2 or 3 axes, the last 4",
    ),
    "no-layers": (
        lambda: TransformerEncoder(TransformerEncoderLayer(4, 2, 8), 0),
        "TransformerEncoder(TransformerEncoderLayer(4, 2, dim_feedforward=8), 0): "
        "num_layers is 0, expected 1 or more",
    ),
    "transformer-width": (
        lambda: Transformer(4, 2, 1, 1, 8).forward(QUERY, np.ones((3, 2, 5))),
        "Transformer(d_model=4, nhead=2, num_encoder_layers=1, num_decoder_layers=1, "
        "dim_feedforward=8): tgt has shape (3, 2, 5), expected 2 or 3 axes, the last 4",
    ),
    "transformer-batches": (
        lambda: Transformer(4, 2, 1, 1, 8).forward(QUERY, QUERY[:, :1]),
        "Transformer(d_model=4, nhead=2, num_encoder_layers=1, num_decoder_layers=1, "
        "dim_feedforward=8): src has shape (3, 2, 4), tgt (3, 1, 4), expected equal batches",
    ),
}

LAYERS = {
    "attention": (lambda: MultiheadAttention(E, 2), (QUERY, KEY, KEY)),
    "encoder-layer": (lambda: TransformerEncoderLayer(E, 2, 6), (QUERY,)),
    "decoder-layer": (lambda: TransformerDecoderLayer(E, 2, 6), (QUERY, KEY)),
    "encoder": (
        lambda: TransformerEncoder(TransformerEncoderLayer(E, 2, 6), 2, LayerNorm(E)),
        (QUERY,),
    ),
    "decoder": (
        lambda: TransformerDecoder(TransformerDecoderLayer(E, 2, 6), 2, LayerNorm(E)),
        (QUERY, KEY),
    ),
    "transformer": (lambda: Transformer(E, 2, 1, 1, 6), (KEY, QUERY)),
}
EVERY = pytest.mark.parametrize(("build", "inputs"), LAYERS.values(), ids=LAYERS)


class Counted(Draws):
    """What keeps all, and counts how often it is asked."""

    count = 0

    def keep(self, p, shape):
        """Keep all."""
        self.count += 1
        return np.ones(shape, bool)


def first(y):
    """Return the output of a layer that returns weights too."""
    return y[0] if isinstance(y, tuple) else y


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(call, message):
    """One sentence: the layer, the finding, the expectation."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


@EVERY
def test_backward_before_forward_is_refused(build, inputs):
    """There is nothing to differentiate yet."""
    layer = build()
    with pytest.raises(ValueError, match=f"^{type(layer).__name__}: backward called before"):
        layer.backward(np.ones((L, N, E)))


@EVERY
def test_a_cotangent_of_another_shape_is_refused(build, inputs):
    """Even one that would broadcast."""
    layer = build()
    layer.forward(*inputs)
    with pytest.raises(ValueError, match=r": cotangent has shape \(1, 2, 4\), expected \(3, 2, 4"):
        layer.backward(np.ones((1, N, E)))


@EVERY
def test_a_state_without_a_name_is_refused_whole(build, inputs):
    """And nothing of it is taken."""
    layer = build()
    state = {name: np.zeros_like(p) for name, p in layer.params.items()}
    missing = next(iter(state))
    del state[missing]
    with pytest.raises(ValueError, match=re.escape(f"missing names ['{missing}'], surplus []")):
        layer.load_state(state)
    assert any(p.any() for p in layer.params.values())


@EVERY
def test_gradients_come_in_the_order_of_the_parameters(build, inputs):
    """With their names, shapes and the dtype of the input."""
    layer = build()
    y = first(layer.forward(*inputs))
    layer.backward(np.ones_like(y))
    assert list(layer.grads) == list(layer.params)
    for name, p in layer.params.items():
        assert layer.grads[name].shape == p.shape
        assert layer.grads[name].dtype == y.dtype


@EVERY
def test_evaluation_draws_nothing_and_training_everywhere(build, inputs):
    """The mode and the draws reach every part; attention itself drops nothing by default."""
    layer = build()
    layer.draws = counted = Counted()
    layer.eval().forward(*inputs)
    assert counted.count == 0
    layer.train().forward(*inputs)
    assert (counted.count > 0) == (not isinstance(layer, MultiheadAttention))


@EVERY
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_hostile_values_pass_in_silence(build, inputs, dtype):
    """Overflow, infinities and NaN warn of nothing, and the dtype stays."""
    layer = build()
    changed = [x.astype(dtype) for x in inputs]
    changed[0][0, 0, 0] = np.inf
    changed[-1][1, 0, 1] = np.nan
    changed[-1][1, 1, 1] = np.finfo(dtype).max
    y = first(layer.forward(*changed))
    dx = layer.backward(np.full_like(y, np.finfo(dtype).max))
    arrays = [y, *(dx if isinstance(dx, tuple) else (dx,)), *layer.grads.values()]
    assert all(a.dtype == dtype for a in arrays)


def test_weights_that_were_not_returned_take_no_cotangent():
    """backward refuses one rather than ignore it."""
    layer = MultiheadAttention(E, 2)
    y, weights = layer.forward(QUERY, KEY, KEY, need_weights=False)
    assert weights is None
    message = re.escape("dweights is given, expected None as forward's weights")
    with pytest.raises(ValueError, match=f"{message}$"):
        layer.backward(y, np.ones((N, L, S)))


def test_each_output_may_go_without_a_cotangent():
    """None is zeros: backward is linear in both."""
    layer = MultiheadAttention(E, 2)
    x = np.random.default_rng(0).standard_normal((L, N, E))
    y, weights = layer.forward(x, x, x)
    both = layer.backward(y, weights)
    apart = zip(layer.backward(y), layer.backward(None, weights), strict=True)
    for whole, (one, other) in zip(both, apart, strict=True):
        np.testing.assert_allclose(whole, one + other, rtol=1e-12, atol=1e-14)


def test_weights_are_a_mean_and_sum_to_one():
    """Over the keys, with those that are appended."""
    layer = MultiheadAttention(E, 2, add_bias_kv=True, add_zero_attn=True)
    _, weights = layer.forward(QUERY, KEY, KEY)
    assert weights.shape == (N, L, S + 2)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-14)


def test_a_nan_in_a_query_is_not_swallowed():
    """torch 2.13 returns 0 there without weights and masks, if there are few keys."""
    query = QUERY.copy()
    query[1, 0, 0] = np.nan
    y, _ = MultiheadAttention(E, 2).forward(query, KEY, KEY, need_weights=False)
    assert np.isnan(y[1, 0]).all()
    assert np.isfinite(np.delete(y, 1, axis=0)).all()


def test_parameters_of_attention_start_as_in_torch():
    """Glorot's rule for what projects the inputs, zeros for biases."""
    E = 128
    layer = MultiheadAttention(E, 4, add_bias_kv=True)
    apart = MultiheadAttention(E, 4, kdim=40)
    bounds = {
        "in_proj_weight": math.sqrt(6 / (E + 3 * E)),
        "out_proj.weight": 1 / math.sqrt(E),
        "q_proj_weight": math.sqrt(6 / (E + E)),
        "k_proj_weight": math.sqrt(6 / (E + 40)),
    }
    for name, p in (layer.params | apart.params).items():
        assert p.dtype == np.float32
        if name in bounds:
            assert 0.99 * bounds[name] < np.abs(p).max() <= np.float32(bounds[name])
    for name in ("in_proj_bias", "out_proj.bias"):
        assert not layer.params[name].any()
    for name in ("bias_k", "bias_v"):
        assert layer.params[name].std() == pytest.approx(math.sqrt(1 / E), rel=0.25)


def test_weights_of_a_transformer_start_by_glorots_rule():
    """Those of its own encoder and decoder, and of what is given in their place."""
    given = TransformerEncoder(TransformerEncoderLayer(8, 2, 30), 1)
    layer = Transformer(8, 2, 1, 1, 30, custom_encoder=given)
    assert layer.children["encoder"] is given
    for p in layer.params.values():
        if p.ndim == 2:
            bound = math.sqrt(6 / sum(p.shape))
            assert 0.8 * bound < np.abs(p).max() <= np.float32(bound)


def test_the_layers_of_a_stack_are_copies():
    """Equal at the start, and apart from then on."""
    given = TransformerEncoderLayer(4, 2, 8)
    stack = TransformerEncoder(given, 2)
    weights = [stack.params[f"layers.{i}.linear1.weight"] for i in range(2)]
    assert np.array_equal(*weights)
    weights[0][...] = 0
    assert weights[1].any()
    assert given.params["linear1.weight"].any()


@pytest.mark.parametrize(("name", "layer"), [("relu", ReLU()), ("gelu", GELU())])
def test_an_activation_is_named_or_given(name, layer):
    """And one that is given is copied, so that two layers may be made with it."""
    named = TransformerEncoderLayer(4, 2, 8, dropout=0.0, activation=name)
    given = TransformerEncoderLayer(4, 2, 8, dropout=0.0, activation=layer)
    given.load_state(named.params)
    assert np.array_equal(named.forward(QUERY), given.forward(QUERY))
    assert not hasattr(layer, "output")


def test_the_causal_mask_hides_what_comes_later():
    """A square of floats, as torch's static method returns it."""
    mask = Transformer.generate_square_subsequent_mask(3)
    assert mask.dtype == np.float32
    assert np.array_equal(np.isneginf(mask), np.triu(np.ones((3, 3), bool), 1))
    assert not mask[np.isfinite(mask)].any()


# class, what stands in the source, what a port writes in its place
FAULTS = {
    "G04-softmax-projection-dropped": (
        "        ds -= np.vecdot(self.A, ds)[..., None]\n",
        "",
    ),
    "F02-query-and-key-swapped": (
        "q, k, v = map(affine, self.inputs, self._W, b)",
        "q, k, v = map(affine, self.inputs, [self._W[i] for i in (1, 0, 2)], b)",
    ),
    "G01-missing-transposition": (
        "np.matmul(ds.swapaxes(-1, -2), self.q, out=self._heads(dk))",
        "np.matmul(ds.swapaxes(-1, -2) if len(set(ds.shape[2:])) > 1 else ds, self.q, "
        "out=self._heads(dk))",
    ),
    "G04-scale-of-the-gradient": ("        dq *= self._scale  # dk has it from q\n", ""),
    "G13-cotangent-of-the-weights-ignored": (
        "dA += self._shown_backward(dweights)",
        "self._shown_backward(dweights)",
    ),
    "G03-gradient-of-bias-k-not-summed": ("np.sum(d[S], axis=0)", "np.sum(d[S, :1], axis=0)"),
    "F01-mask-inverted": ("np.where(mask, -np.inf, 0)", "np.where(mask, 0, -np.inf)"),
    "F04-sum-for-mean": ("A = np.mean(A, axis=1)", "A = np.sum(A, axis=1)"),
    "F09-scale-of-the-width": (
        "math.sqrt(self.embed_dim // self.num_heads)",
        "math.sqrt(self.embed_dim)",
    ),
    "F14-nan-for-nothing": ("unseeing=np.nan if need_weights else 0", "unseeing=np.nan"),
    "F24-dropout-in-evaluation": ("self._drop.training, ", "_, "),
}


@pytest.mark.parametrize(("old", "new"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(planted, monkeypatch, old, new):
    """The pair's own cells call it a finding, in the dtype and mode in which they run first."""
    few = {name: CONDITIONS[name] for name in ("float64", "eval")}
    monkeypatch.setattr("equiv.plan.CONDITIONS", few)
    assert planted("attention", "MultiheadAttention", old, new)
