"""The tables of rows: what they refuse, what they start as, and what no pair can show."""

import re

import numpy as np
import pytest
import torch

from numpy_layers.embedding import Embedding, EmbeddingBag

IDS = np.array([5, 0, 6, 5, 5, 2, 0, 6, 1, 5, 2, 3])
OFFSETS = np.array([0, 0, 3, 7, 12])

CONSTRUCTED_WRONG = {
    "padding-too-large": (
        lambda: Embedding(7, 4, padding_idx=7),
        "Embedding(7, 4, padding_idx=7): padding_idx is 7, expected -7 to 6",
    ),
    "padding-too-small": (
        lambda: EmbeddingBag(7, 4, padding_idx=-8),
        "EmbeddingBag(7, 4, padding_idx=-8): padding_idx is -8, expected -7 to 6",
    ),
    "padding-of-no-rows": (
        lambda: Embedding(0, 4, padding_idx=0),
        "Embedding(0, 4, padding_idx=0): padding_idx is 0, expected 0 to -1",
    ),
    "negative-size": (
        lambda: Embedding(-1, 4),
        "Embedding(-1, 4): the table is -1 x 4, expected sizes of 0 or more",
    ),
    "sparse": (
        lambda: Embedding(7, 4, sparse=True),
        "Embedding(7, 4, sparse=True): sparse is True, expected False: gradients are dense here",
    ),
    "mode": (
        lambda: EmbeddingBag(7, 4, mode="min"),
        "EmbeddingBag(7, 4, mode='min'): mode is 'min', expected 'sum', 'mean' or 'max'",
    ),
    "counts-of-max": (
        lambda: EmbeddingBag(7, 4, mode="max", scale_grad_by_freq=True),
        "EmbeddingBag(7, 4, scale_grad_by_freq=True, mode='max'): scale_grad_by_freq is True, "
        "expected False with mode='max'",
    ),
}

SUM = {"mode": "sum"}
ENDS = {"mode": "sum", "include_last_offset": True}

# id: class, options, arguments of forward, what is found and expected
CALLED_WRONG = {
    "floats": (Embedding, {}, (np.ones(3),), "ids is float64, expected integers"),
    "booleans": (Embedding, {}, (np.ones(3, bool),), "ids is bool, expected integers"),
    "beyond": (Embedding, {}, ([0, 7],), "ids holds 7, expected 0 to 6"),
    "below": (Embedding, {}, ([0, -1],), "ids holds -1, expected 0 to 6"),
    "beyond-in-a-bag": (EmbeddingBag, {}, ([[0, 7]],), "ids holds 7, expected 0 to 6"),
    "three-axes": (
        EmbeddingBag,
        {},
        (np.zeros((2, 3, 4), int),),
        "ids has shape (2, 3, 4), expected (B, n) or (N,)",
    ),
    "empty-rows": (
        EmbeddingBag,
        {},
        (np.zeros((2, 0), int),),
        "ids has shape (2, 0), expected an id in each row",
    ),
    "offsets-of-rows": (
        EmbeddingBag,
        {},
        ([[0, 1]], [0]),
        "offsets is given, expected None with 2-d ids",
    ),
    "no-offsets": (
        EmbeddingBag,
        {},
        ([0, 1],),
        "offsets is None, expected where bags start in 1-d ids",
    ),
    "offsets-of-floats": (
        EmbeddingBag,
        {},
        ([0, 1], [0.0]),
        "offsets is float64 of shape (1,), expected integers of shape (B,)",
    ),
    "offsets-of-two-axes": (
        EmbeddingBag,
        {},
        ([0, 1], [[0]]),
        "offsets is int64 of shape (1, 1), expected integers of shape (B,)",
    ),
    "offsets-late": (
        EmbeddingBag,
        {},
        ([0, 1], [1]),
        "offsets starts with 1, expected to start with 0",
    ),
    "ids-in-no-bag": (
        EmbeddingBag,
        {},
        ([0, 1], np.zeros(0, int)),
        "offsets is empty, expected to start with 0",
    ),
    "offsets-that-fall": (
        EmbeddingBag,
        {},
        ([0, 1, 2], [0, 2, 1]),
        "offsets falls from 2 to 1, expected no bag of a negative size",
    ),
    "offsets-beyond": (
        EmbeddingBag,
        {},
        ([0, 1], [0, 3]),
        "offsets ends with 3 for 2 ids, expected no more",
    ),
    "end-short": (
        EmbeddingBag,
        ENDS,
        ([0, 1, 2], [0, 2]),
        "offsets ends with 2 for 3 ids, expected to end with 3",
    ),
    "weights-of-a-mean": (
        EmbeddingBag,
        {},
        ([0, 1], [0], np.ones(2)),
        "per_sample_weights is given, expected None with mode='mean'",
    ),
    "weights-shape": (
        EmbeddingBag,
        SUM,
        ([0, 1], [0], np.ones(3)),
        "per_sample_weights has shape (3,), expected (2,), that of ids",
    ),
    "weights-integers": (
        EmbeddingBag,
        SUM,
        ([0, 1], [0], np.ones(2, int)),
        "per_sample_weights is int64, expected float16, float32 or float64",
    ),
}


@pytest.mark.parametrize("case", CONSTRUCTED_WRONG)
def test_options_that_are_not_taken_are_refused(case):
    """The message spells the call, what was found and what was expected."""
    construct, message = CONSTRUCTED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        construct()


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_arguments_that_do_not_fit_are_refused(case):
    """A negative number, which NumPy would take from the end, is refused as in torch."""
    kind, options, args, message = CALLED_WRONG[case]
    layer = kind(7, 4, **options)
    with pytest.raises(ValueError, match=rf"^{re.escape(f'{layer!r}: {message}')}$"):
        layer.forward(*args)


@pytest.mark.parametrize("kind", [Embedding, EmbeddingBag])
def test_a_refused_call_leaves_the_last_forward(kind):
    """What is refused has not been kept: backward is that of the forward before."""
    layer = kind(7, 4)
    y = layer.forward([[1, 2]])
    layer.backward(np.ones_like(y))
    before = layer.grads["weight"]
    with pytest.raises(ValueError, match="holds 9"):
        layer.forward([[9, 0]])
    layer.backward(np.ones_like(y))
    np.testing.assert_array_equal(layer.grads["weight"], before)


@pytest.mark.parametrize("kind", [Embedding, EmbeddingBag])
def test_backward_before_forward_is_refused(kind):
    """There is no cotangent to take then."""
    with pytest.raises(ValueError, match=rf"^{kind.__name__}: backward called before forward$"):
        kind(7, 4).backward(np.ones((1, 4)))


@pytest.mark.parametrize("kind", [Embedding, EmbeddingBag])
def test_a_cotangent_of_another_shape_is_refused(kind):
    """The message gives both shapes."""
    layer = kind(7, 4)
    y = layer.forward([[1, 2]])
    with pytest.raises(ValueError, match=re.escape(f"shape (4,), expected {y.shape}")):
        layer.backward(np.ones(4))


@pytest.mark.parametrize("kind", [Embedding, EmbeddingBag])
def test_a_state_of_another_shape_is_refused(kind):
    """A table of another size does not fit."""
    with pytest.raises(ValueError, match=r"weight has shape \(4, 7\), expected \(7, 4\)$"):
        kind(7, 4).load_state({"weight": np.ones((4, 7))})


@pytest.mark.parametrize("kind", [Embedding, EmbeddingBag])
def test_rows_start_as_standard_normal_and_padding_as_zeros(kind):
    """The first values are torch's: normal of mean 0 and deviation 1, but for one row."""
    np.random.seed(0)
    weight = kind(500, 40, padding_idx=-3).params["weight"]
    assert weight.dtype == np.float32
    np.testing.assert_array_equal(weight[497], 0)
    rest = np.delete(weight, 497, axis=0)
    errors = 6 / np.sqrt(rest.size)
    assert abs(rest.mean()) < errors
    assert abs(rest.std() - 1) < errors
    assert np.abs(rest).max() > 3


@pytest.mark.parametrize("kind", [Embedding, EmbeddingBag])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, float("inf"), 0.5])
def test_max_norm_puts_a_new_weight_in_place_of_the_old(kind, norm_type):
    """The rows that are looked up, and no others, become those torch writes, in eval too."""
    options = {"max_norm": 0.5, "norm_type": norm_type, "padding_idx": 2}
    layer = kind(7, 4, **options).eval()
    twin = getattr(torch.nn, kind.__name__)(7, 4, **options).double()
    given = np.random.default_rng(0).standard_normal((7, 4))
    layer.load_state({"weight": given})
    twin.load_state_dict({"weight": torch.from_numpy(given.copy())})
    loaded = layer.params["weight"]
    ids = np.array([[0, 2], [5, 0]])
    layer.forward(ids)
    twin(torch.from_numpy(ids))
    np.testing.assert_array_equal(loaded, given)
    np.testing.assert_array_equal(layer.params["weight"][[1, 3, 4, 6]], given[[1, 3, 4, 6]])
    np.testing.assert_allclose(
        layer.params["weight"], twin.weight.detach().numpy(), rtol=1e-14, atol=0
    )


def test_a_weight_of_short_rows_is_not_replaced():
    """There is nothing to scale."""
    layer = Embedding(7, 4, max_norm=100.0)
    weight = layer.params["weight"]
    layer.forward([0, 1])
    assert layer.params["weight"] is weight


@pytest.mark.parametrize("mode", ["sum", "mean"])
@pytest.mark.parametrize("padding_idx", [None, 5])
def test_each_row_of_a_bag_is_divided_by_its_own_count(mode, padding_idx):
    """What torch 2.13 gets wrong is the gradient without the option, row by row over its count."""
    options = {"mode": mode, "padding_idx": padding_idx}
    plain = EmbeddingBag(7, 4, **options)
    scaled = EmbeddingBag(7, 4, **options, scale_grad_by_freq=True)
    for layer in (plain, scaled):
        dy = np.arange(20, dtype=np.float32).reshape(5, 4)
        layer.forward(IDS, OFFSETS)
        layer.backward(dy)
    counts = np.array([max((k == IDS).sum(), 1) for k in range(7)], np.float32)
    np.testing.assert_array_equal(scaled.grads["weight"], plain.grads["weight"] / counts[:, None])


def test_the_count_of_another_row_is_still_torchs():
    """When torch repairs its issue 190063, the pair's difference is stale."""
    table = torch.ones(4, 1, requires_grad=True)
    bag = torch.nn.functional.embedding_bag
    ids, offsets = torch.tensor([1, 1, 3]), torch.tensor([0])
    bag(ids, table, offsets, mode="sum", scale_grad_by_freq=True).sum().backward()
    assert table.grad.flatten().tolist() == [0, 1, 0, 0.5]


def special(rng):
    """Return a small table with ties, zeros of both signs and what is not finite."""
    pool = [0.0, -0.0, 1.0, 2.0, -1.0, np.nan, np.inf, -np.inf]
    return rng.choice(pool, (5, 3), p=[0.15, 0.1, 0.2, 0.15, 0.1, 0.15, 0.05, 0.1])


@pytest.mark.parametrize("seed", range(30))
def test_the_largest_of_a_bag_is_torchs_with_ties_and_what_is_not_finite(seed):
    """The first of equals wins; NaN is passed over unless it comes first."""
    rng = np.random.default_rng(seed)
    weight, ids = special(rng), rng.integers(0, 5, 40)
    offsets = np.array([0, 3, 3, 5, 12])
    padding = None if seed % 2 else 1
    layer = EmbeddingBag(5, 3, mode="max", padding_idx=padding)
    twin = torch.nn.EmbeddingBag(5, 3, mode="max", padding_idx=padding).double()
    layer.load_state({"weight": weight})
    twin.load_state_dict({"weight": torch.from_numpy(weight.copy())})
    y, expected = (
        layer.forward(ids, offsets),
        twin(torch.from_numpy(ids), torch.from_numpy(offsets)),
    )
    np.testing.assert_array_equal(y, expected.detach().numpy())
    np.testing.assert_array_equal(np.signbit(y), np.signbit(expected.detach().numpy()))
    dy = rng.standard_normal(y.shape)
    layer.backward(dy)
    expected.backward(torch.from_numpy(dy))
    np.testing.assert_allclose(layer.grads["weight"], twin.weight.grad.numpy(), rtol=1e-14)


# One place takes much, few much, all some, or most nothing.
PLACES = {
    "one": np.zeros(500, int),
    "two-and-singles": np.repeat(np.arange(202), np.r_[300, 200, np.ones(200, int)]),
    "zipf": np.minimum(np.random.default_rng(0).zipf(1.5, 900) - 1, 499),
    "even": np.tile(np.arange(30), 20),
    "random": np.random.default_rng(1).integers(0, 400, 300),
}


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("rows", [500, 2**17])
def test_the_rows_of_repeated_numbers_add_up(places, rows):
    """However unevenly the numbers repeat, each row's gradient is the sum of its cotangents."""
    layer, ids = Embedding(rows, 3), PLACES[places] * (rows // 500)
    dy = np.random.default_rng(2).integers(-9, 9, (ids.size, 3)).astype(np.float32)
    layer.forward(ids)
    assert layer.backward(dy) == ()
    expected = np.zeros((rows, 3), np.float32)
    for k, row in zip(ids, dy, strict=True):
        expected[k] += row
    np.testing.assert_array_equal(layer.grads["weight"], expected)


@pytest.mark.parametrize("n", [40, 2000], ids=["in-steps", "at-once"])
def test_float16_sums_are_kept_in_float32(n):
    """Adding 1 to 2048 in float16 changes nothing, however often."""
    large = np.array([[2048], [1]], np.float16)
    ids = np.repeat([[0], [1]], [1, n - 1]).reshape(1, n).repeat(50, axis=0)  # 50 bags
    bag = EmbeddingBag(2, 1, mode="sum")
    bag.load_state({"weight": large})
    np.testing.assert_array_equal(bag.forward(ids), np.float16(2048 + n - 1))
    table = Embedding(50, 1)
    table.load_state({"weight": np.ones((50, 1), np.float16)})
    table.forward(np.arange(50)[:, None].repeat(n, axis=1))
    table.backward(large[ids])
    np.testing.assert_array_equal(table.grads["weight"], np.float16(2048 + n - 1))


def test_lists_and_a_single_number_are_taken():
    """What NumPy makes an integer array of is looked up."""
    layer = Embedding(7, 4)
    assert layer.forward(3).shape == (4,)
    assert layer.forward([[3, 1, 2]]).shape == (1, 3, 4)


# id: layer, the line, what it is made, a cell that finds it
FAULTS = {
    "repeated-ids-overwrite": (  # G02
        "Embedding",
        "total[place] += addends[0]",
        "total[place] = addends[0]",
        "plain@float64",
    ),
    "repeated-ids-overwrite-in-bags": (
        "EmbeddingBag",
        "total[place] += addends[0]",
        "total[place] = addends[0]",
        "mode-sum@float64",
    ),
    "padding-gets-a-gradient": (  # F21
        "Embedding",
        "at = at[ids != self._padding]",
        "at = at[ids >= 0]",
        "padding-idx-3@float64",
    ),
    "negative-padding-is-no-row": (
        "Embedding",
        "None if padding is None else padding % V",
        "padding",
        "padding-idx-1@float64",
    ),
    "padding-stays-in-its-bag": (
        "EmbeddingBag",
        "self._inside[flat != self._padding]",
        "self._inside[flat >= 0]",
        "mode-mean-padding-idx-0@float64",
    ),
    "the-last-row-is-the-first": (
        "Embedding",
        'np.take(self.params["weight"], self.ids, axis=0)',
        'np.take(self.params["weight"], self.ids % (self.num_embeddings - 1), axis=0)',
        "ends@float64",
    ),
    "the-first-of-the-bag-wins": (
        "EmbeddingBag",
        "larger = found > largest",
        "larger = found > np.inf",
        "mode-max@float64",
    ),
    "the-mean-of-no-ids": (
        "EmbeddingBag",
        "np.maximum(counts, 1)[:, None].astype(dtype)",
        "counts[:, None].astype(dtype)",
        "offsets-mean@float64",
    ),
    "the-gradient-not-averaged": (
        "EmbeddingBag",
        "dy = dy / self._count",
        "pass",
        "plain@float64",
    ),
    "long-rows-kept": (
        "Embedding",
        "norms[:, 0] > self.max_norm",
        "norms[:, 0] > 1e9 * self.max_norm",
        "max-norm-0-5@float64",
    ),
    "weights-left-out-of-the-gradient": (
        "EmbeddingBag",
        "self._gradient(self.ids, dy, self._bags, self._scale)",
        "self._gradient(self.ids, dy, self._bags)",
        "weights@float64",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The cells of the pair tell each of them."""
    layer, line, wrong, cell = FAULTS[fault]
    case = cell.partition("@")[0]
    assert f"numpy_layers.{layer}/{cell}" in planted("embedding", layer, line, wrong, case)
