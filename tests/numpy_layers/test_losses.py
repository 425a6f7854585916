"""The losses: what they refuse, how they are called, and what no pair can show."""

import inspect
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

import numpy_layers.losses as pointwise
import numpy_layers.losses_classes as classes
import numpy_layers.losses_margins as margins
from numpy_layers.distance import PairwiseDistance
from numpy_layers.layer import Composite, Layer
from numpy_layers.linear import Bilinear

LOSSES = {
    name: kind
    for module in (pointwise, classes, margins)
    for name, kind in vars(module).items()
    if name.endswith("Loss") and name[0] != "_" and kind.__module__ == module.__name__
}
"""All of them by name."""

X = np.array([[0.2, 0.7, 0.1], [0.9, 0.3, 0.6]])
Y = np.array([[0.5, 0.1, 0.8], [0.4, 0.2, 0.3]])
LABELS = np.array([2, 0])
SIGNS = np.array([1.0, -1.0])

# name: the constructor's arguments, and a call that fits
CALLS: dict[str, tuple[tuple, tuple]] = {
    "L1Loss": ((), (X, Y)),
    "MSELoss": ((), (X, Y)),
    "HuberLoss": ((), (X, Y)),
    "SmoothL1Loss": ((), (X, Y)),
    "SoftMarginLoss": ((), (X, Y)),
    "PoissonNLLLoss": ((), (X, Y)),
    "KLDivLoss": ((), (X, Y)),
    "GaussianNLLLoss": ((), (X, Y, Y)),
    "BCELoss": ((), (X, Y)),
    "BCEWithLogitsLoss": ((), (X, Y)),
    "MultiLabelSoftMarginLoss": ((), (X, Y)),
    "NLLLoss": ((), (X, LABELS)),
    "CrossEntropyLoss": ((), (X, LABELS)),
    "LinearCrossEntropyLoss": ((3, 4), (X, LABELS)),
    "HingeEmbeddingLoss": ((), (X, Y)),
    "MultiMarginLoss": ((), (X, LABELS)),
    "MultiLabelMarginLoss": ((), (X, np.array([[1, -1, 0], [2, 0, -1]]))),
    "MarginRankingLoss": ((), (X, Y, Y)),
    "CosineEmbeddingLoss": ((), (X, Y, SIGNS)),
    "TripletMarginLoss": ((), (X, Y, X + Y)),
    "TripletMarginWithDistanceLoss": ((), (X, Y, X + Y)),
}


def made(name: str, **options: object) -> Layer:
    """Return a loss by its name."""
    loss: Layer = LOSSES[name](*CALLS[name][0], **options)
    return loss


def cast(name: str, dtype: str) -> list[np.ndarray]:
    """Return the arguments of the call that fits, floats in a dtype."""
    return [a.astype(dtype) if a.dtype.kind == "f" else a for a in CALLS[name][1]]


def flat(gradients: object) -> tuple[np.ndarray, ...]:
    """Return what backward returned as a tuple."""
    return gradients if isinstance(gradients, tuple) else (gradients,)


def test_every_loss_is_called_here():
    """A loss that is added goes through the tables below."""
    assert CALLS.keys() == LOSSES.keys()


# --- how they are called --------------------------------------------------------------------

LEFT_OUT = {"size_average", "reduce", "device", "dtype", "options"}
"""What torch deprecates, or what changes no value."""


@pytest.mark.parametrize("name", LOSSES)
def test_the_options_are_torchs(name):
    """The same keywords with the same defaults, in the same order."""
    own = inspect.signature(LOSSES[name]).parameters
    twin = inspect.signature(getattr(torch.nn, name)).parameters
    assert [n for n in twin if n not in LEFT_OUT] == list(own)
    assert {n: p.default for n, p in own.items()} == {n: twin[n].default for n in own}


@pytest.mark.parametrize("name", LOSSES)
def test_an_argument_without_a_keyword_means_what_it_means_in_torch(name):
    """None behind size_average, which is not here, is taken by place."""
    own, twin = (
        [n for n, p in inspect.signature(kind).parameters.items() if p.kind != p.KEYWORD_ONLY]
        for kind in (LOSSES[name], getattr(torch.nn, name))
    )
    assert own == twin[: len(own)]


# --- what they refuse -----------------------------------------------------------------------

ENDS = "expected one of none, mean, sum"

# id: name, arguments beside those of CALLS, what is found and expected
CONSTRUCTED_WRONG = {
    **{
        f"reduction-{name}": (name, {"reduction": "median"}, f"reduction is 'median', {ENDS}")
        for name in LOSSES
        if name != "KLDivLoss"
    },
    "reduction-KLDivLoss": (
        "KLDivLoss",
        {"reduction": "median"},
        "reduction is 'median', expected one of none, batchmean, mean, sum",
    ),
    "batchmean": ("L1Loss", {"reduction": "batchmean"}, f"reduction is 'batchmean', {ENDS}"),
    "delta": ("HuberLoss", {"delta": 0.0}, "delta is 0.0, expected above 0"),
    "delta-nan": ("HuberLoss", {"delta": np.nan}, "delta is nan, expected above 0"),
    "beta": ("SmoothL1Loss", {"beta": -0.5}, "beta is -0.5, expected 0 or more"),
    "smoothing": (
        "CrossEntropyLoss",
        {"label_smoothing": 1.5},
        "label_smoothing is 1.5, expected 0 to 1",
    ),
    "smoothing-below": (
        "LinearCrossEntropyLoss",
        {"label_smoothing": -0.5},
        "label_smoothing is -0.5, expected 0 to 1",
    ),
    "p": ("MultiMarginLoss", {"p": 3}, "p is 3, expected 1 or 2"),
    "margin": ("TripletMarginLoss", {"margin": 0}, "margin is 0, expected above 0"),
    "margin-with-distance": (
        "TripletMarginWithDistanceLoss",
        {"margin": -2.0},
        "margin is -2.0, expected above 0",
    ),
    "no-layer": (
        "TripletMarginWithDistanceLoss",
        {"distance_function": abs},
        "distance_function is no Layer, with forward and backward",
    ),
    "weight-of-flags": (
        "BCELoss",
        {"weight": [True, False]},
        "weight is bool, expected real numbers",
    ),
    "pos-weight-of-words": (
        "BCEWithLogitsLoss",
        {"pos_weight": ["a"]},
        "pos_weight is <U1, expected real numbers",
    ),
    "weight-of-other-classes": (
        "LinearCrossEntropyLoss",
        {"weight": np.ones(3)},
        "weight has shape (3,), expected (4,), one for every class",
    ),
    "no-logits": (
        "LinearCrossEntropyLoss",
        {"out_features": (2, 0)},
        "sizes are (3, 4, 2, 0), expected 1 or more each",
    ),
}


@pytest.mark.parametrize("case", CONSTRUCTED_WRONG)
def test_options_that_are_not_taken_are_refused(case):
    """The message spells the call, what was found and what was expected."""
    name, options, message = CONSTRUCTED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): {re.escape(message)}$"):
        made(name, **options)


PROBABLE = "target holds probabilities, expected class indices"
WIDE = np.ones((2, 4))

# id: name, options, the call, what is found and expected
CALLED_WRONG = {
    **{
        f"integers-{name}": (
            name,
            {},
            (np.ones((2, 3), int), *CALLS[name][1][1:]),
            "is int64, expected float16, float32 or float64",
        )
        for name in LOSSES
    },
    **{
        f"target-shape-{name}": (
            name,
            {},
            (X, Y[0]),
            "target has shape (3,), expected (2, 3), that of x",
        )
        for name in (
            "L1Loss",
            "MSELoss",
            "HuberLoss",
            "SmoothL1Loss",
            "BCELoss",
            "BCEWithLogitsLoss",
        )
    },
    **{
        f"target-shape-{name}": (
            name,
            {},
            (X, WIDE),
            "target has shape (2, 4), expected one that broadcasts with (2, 3), that of x",
        )
        for name in (
            "SoftMarginLoss",
            "PoissonNLLLoss",
            "KLDivLoss",
            "MultiLabelSoftMarginLoss",
            "HingeEmbeddingLoss",
        )
    },
    **{
        f"target-larger-{name}": (
            name,
            {},
            (X[0], Y),
            "target has shape (2, 3), expected one that broadcasts with (3,), that of x",
        )
        for name in ("SoftMarginLoss", "MultiLabelSoftMarginLoss")
    },
    **{
        f"target-complex-{name}": (
            name,
            {},
            (X, Y * 1j, *CALLS[name][1][2:]),
            "target is complex128, expected real numbers",
        )
        for name in ("MSELoss", "KLDivLoss", "GaussianNLLLoss", "BCELoss")
    },
    **{
        f"classes-beyond-{name}": (
            name,
            {},
            (X, [0, C]),
            f"target holds {C}, expected 0 to {C - 1}",
        )
        for name, C in {
            "NLLLoss": 3,
            "CrossEntropyLoss": 3,
            "LinearCrossEntropyLoss": 4,
            "MultiMarginLoss": 3,
        }.items()
    },
    **{
        f"classes-below-{name}": (name, {}, (X, [-1, 0]), "target holds -1, expected 0 to 2")
        for name in ("NLLLoss", "CrossEntropyLoss", "MultiMarginLoss")
    },
    **{
        f"classes-of-floats-{name}": (
            name,
            {},
            (X, SIGNS),
            "target is float64, expected class indices",
        )
        for name in ("NLLLoss", "CrossEntropyLoss", "MultiMarginLoss")
    },
    **{
        f"classes-shape-{name}": (
            name,
            {},
            (X, [0, 1, 2]),
            "target has shape (3,), expected (2,)",
        )
        for name in ("NLLLoss", "CrossEntropyLoss", "LinearCrossEntropyLoss", "MultiMarginLoss")
    },
    **{
        f"weight-shape-{name}": (
            name,
            {"weight": np.ones(4)},
            (X, LABELS),
            "weight has shape (4,), expected (3,), one for every class",
        )
        for name in ("NLLLoss", "CrossEntropyLoss", "MultiMarginLoss")
    },
    **{
        f"{weight}-shape-{name}": (
            name,
            {weight: np.ones((4, 1, 3))},
            (X, Y),
            f"{weight} has shape (4, 1, 3), expected one that broadcasts to (2, 3)",
        )
        for name, weight in (
            ("BCELoss", "weight"),
            ("BCEWithLogitsLoss", "weight"),
            ("BCEWithLogitsLoss", "pos_weight"),
            ("MultiLabelSoftMarginLoss", "weight"),
        )
    },
    **{
        f"no-axes-{name}": (
            name,
            {},
            (np.array(0.5), 0),
            "x has shape (), expected (N, C, ...) or (C,)",
        )
        for name in ("NLLLoss", "CrossEntropyLoss")
    },
    "no-axes-MultiLabelSoftMarginLoss": (
        "MultiLabelSoftMarginLoss",
        {},
        (np.array(0.5), 0.5),
        "x has shape (), expected (..., C)",
    ),
    "no-classes": (
        "NLLLoss",
        {},
        (np.ones((2, 0)), [-100, -100]),
        "target holds -100, expected 0 to -1",
    ),
    **{
        f"three-axes-{name}": (
            name,
            {},
            (np.ones((2, 3, 4)), LABELS),
            "x has shape (2, 3, 4), expected (N, C) or (C,)",
        )
        for name in ("MultiMarginLoss", "MultiLabelMarginLoss")
    },
    "empty-rows": (
        "MultiMarginLoss",
        {},
        (np.ones((2, 0)), LABELS),
        "x has shape (2, 0), expected (N, C) or (C,)",
    ),
    "named-shape": (
        "MultiLabelMarginLoss",
        {},
        (X, LABELS),
        "target has shape (2,), expected (2, 3)",
    ),
    "named-below": (
        "MultiLabelMarginLoss",
        {},
        (X, [[0, -1, -2], [0, -1, 1]]),
        "target holds -2, expected -1 to 2",
    ),
    "named-beyond-the-end": (
        "MultiLabelMarginLoss",
        {},
        (X, [[0, -1, 3], [0, -1, 1]]),
        "target holds 3, expected -1 to 2",
    ),
    "whole-probabilities": (
        "CrossEntropyLoss",
        {},
        (X, np.ones((2, 3), int)),
        "target is int64, expected probabilities of its shape",
    ),
    "probabilities-ignored": ("CrossEntropyLoss", {"ignore_index": 1}, (X, Y), PROBABLE),
    "linear-probabilities-ignored": (
        "LinearCrossEntropyLoss",
        {"ignore_index": -100},
        (X, np.ones((2, 4))),
        PROBABLE,
    ),
    "linear-features": (
        "LinearCrossEntropyLoss",
        {},
        (WIDE, LABELS),
        "x has shape (2, 4), expected (N, 3) or (3,)",
    ),
    "linear-one-row-of-several-logits": (
        "LinearCrossEntropyLoss",
        {"out_features": (2,)},
        (X[0], LABELS),
        "x has shape (3,), expected (N, 3)",
    ),
    "improbable": ("BCELoss", {}, (X + 0.5, Y), "x holds 1.2, expected 0 to 1"),
    "improbable-target": ("BCELoss", {}, (X, -Y), "target holds -0.5, expected 0 to 1"),
    "nan": ("BCELoss", {}, (X * np.nan, Y), "x holds nan, expected 0 to 1"),
    "negative-variance": (
        "GaussianNLLLoss",
        {},
        (X, Y, np.array([[1.0, -2.0, 1.0], [1.0, 1.0, 1.0]])),
        "var holds -2.0, expected 0 or more",
    ),
    "negative-constant": (
        "GaussianNLLLoss",
        {},
        (X, Y, -0.5),
        "var holds -0.5, expected 0 or more",
    ),
    "variance-shape": (
        "GaussianNLLLoss",
        {},
        (X, Y, np.ones((1, 1))),
        "var has shape (1, 1), expected (2, 3), (2,) or (2, 3) with one axis 1",
    ),
    "variance-dtype": (
        "GaussianNLLLoss",
        {},
        (X, Y, np.ones((2, 3), "f4")),
        "var is float32, expected float64",
    ),
    "gaussian-target-shape": (
        "GaussianNLLLoss",
        {},
        (X, WIDE, Y),
        "target has shape (2, 4), expected one that broadcasts with (2, 3)",
    ),
    **{
        f"{second}-dtype-{name}": (
            name,
            {},
            (X, X.astype("f4"), *CALLS[name][1][2:]),
            f"{second} is float32, expected float64",
        )
        for name, second in {
            "MarginRankingLoss": "input2",
            "CosineEmbeddingLoss": "input2",
            "TripletMarginLoss": "positive",
        }.items()
    },
    "ranking-ranks": (
        "MarginRankingLoss",
        {},
        (X, Y, SIGNS),
        "input1, input2, target have shapes (2, 3), (2, 3), (2,), "
        "expected one rank and shapes that broadcast",
    ),
    "triplet-ranks": (
        "TripletMarginLoss",
        {},
        (X, Y[0], Y),
        "anchor, positive, negative have shapes (2, 3), (3,), (2, 3), "
        "expected one rank and shapes that broadcast",
    ),
    "triplet-shapes": (
        "TripletMarginWithDistanceLoss",
        {},
        (X, WIDE, Y),
        "anchor, positive, negative have shapes (2, 3), (2, 4), (2, 3), "
        "expected one rank and shapes that broadcast",
    ),
    "cosine-one-target-for-rows": (
        "CosineEmbeddingLoss",
        {},
        (X, Y, 1.0),
        "input1, input2 and target have shapes (2, 3), (2, 3) and (), "
        "expected (N, D), (N, D), (N,) or (D,), (D,), ()",
    ),
    "cosine-rows": (
        "CosineEmbeddingLoss",
        {},
        (X, Y, np.ones(3)),
        "input1, input2, target have shapes (2, 3), (2, 3), (3, 1), "
        "expected one rank and shapes that broadcast",
    ),
}


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_arguments_that_do_not_fit_are_refused(case):
    """The message spells the layer, what was found and what was expected."""
    name, options, call, message = CALLED_WRONG[case]
    loss = made(name, **options)
    with pytest.raises(ValueError, match=rf"^{re.escape(repr(loss))}: .*{re.escape(message)}$"):
        loss.forward(*call)


@pytest.mark.parametrize("name", LOSSES)
def test_a_refused_call_leaves_the_last_forward(name):
    """What is refused has not been kept: backward is that of the forward before."""
    loss, other = made(name), made(name)
    other.load_state(loss.params | loss.buffers)
    for one in (loss, other):
        one.forward(*CALLS[name][1])
    refused = [(n, call) for n, options, call, _ in CALLED_WRONG.values() if not options]
    for call in (call for n, call in refused if n == name):
        with pytest.raises(ValueError, match="expected"):
            loss.forward(*call)
    for ours, theirs in zip(flat(loss.backward()), flat(other.backward()), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", LOSSES)
def test_backward_before_forward_is_refused(name):
    """There is nothing to differentiate then."""
    with pytest.raises(ValueError, match=rf"^{name}: backward called before forward$"):
        made(name).backward()


@pytest.mark.parametrize("name", LOSSES)
def test_a_cotangent_of_another_shape_is_refused(name):
    """With none, no scalar is taken, as in torch; with mean, nothing else."""
    for reduction, dy in (("none", 1.0), ("mean", np.ones(7))):
        loss = made(name, reduction=reduction)
        y = loss.forward(*CALLS[name][1])
        found = f"cotangent has shape {np.shape(dy)}, expected {y.shape}"
        with pytest.raises(ValueError, match=rf"^{re.escape(f'{loss!r}: {found}')}$"):
            loss.backward(dy)


@pytest.mark.parametrize(
    ("name", "options", "state", "message"),
    [
        ("NLLLoss", {"weight": np.ones(3)}, {}, "missing names ['weight'], surplus []"),
        ("NLLLoss", {}, {"weight": np.ones(3)}, "missing names [], surplus ['weight']"),
        (
            "BCEWithLogitsLoss",
            {"pos_weight": np.ones(3)},
            {"pos_weight": np.ones(4)},
            "pos_weight has shape (4,), expected (3,)",
        ),
        (
            "LinearCrossEntropyLoss",
            {},
            {"linear.weight": np.ones((3, 4))},
            "linear.weight has shape (3, 4), expected (4, 3)",
        ),
        (
            "TripletMarginWithDistanceLoss",
            {"distance_function": Bilinear(3, 3, 1, bias=False)},
            {"weight": np.ones((1, 3, 3))},
            "missing names ['distance_function.weight'], surplus ['weight']",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused(name, options, state, message):
    """Weights are buffers of torch's names."""
    with pytest.raises(ValueError, match=re.escape(message)):
        made(name, **options).load_state(state)


# --- what no pair can show ------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_everything_has_the_dtype_of_the_input(name, dtype):
    """In float16 too, where the values are those of float64 up to its rounding."""
    arguments = cast(name, dtype)
    for reduction in ("none", "mean", "sum"):
        loss, exact = made(name, reduction=reduction), made(name, reduction=reduction)
        exact.load_state(loss.params | loss.buffers)
        y, wide = (
            loss.forward(*arguments),
            exact.forward(
                *(np.float64(a) for a in arguments[:1]),
                *(a.astype("f8") if a.dtype.kind == "f" else a for a in arguments[1:]),
            ),
        )
        dx, wide_dx = flat(loss.backward(np.ones_like(y))), flat(exact.backward(np.ones_like(wide)))
        for ours, theirs in zip(
            (y, *dx, *loss.grads.values()), (wide, *wide_dx, *exact.grads.values()), strict=True
        ):
            assert ours.dtype == dtype
            np.testing.assert_allclose(
                ours, theirs, rtol=30 * np.finfo(dtype).eps, atol=30 * np.finfo(dtype).eps
            )


@pytest.mark.parametrize("name", LOSSES)
def test_no_cotangent_is_a_cotangent_of_zeros(name):
    """None stands for zeros in the shape of the loss."""
    loss = made(name, reduction="none")
    loss.forward(*CALLS[name][1])
    assert not any(np.any(dx) for dx in flat(loss.backward(None)))


TARGETS = ["bool", "int8", "uint8", "int64", "float32", "float64"]


@pytest.mark.parametrize("dtype", TARGETS)
@pytest.mark.parametrize(
    "name",
    [
        n
        for n, (_, call) in CALLS.items()
        if call[1] is Y
        and n
        not in (
            "MarginRankingLoss",
            "CosineEmbeddingLoss",
            "TripletMarginLoss",
            "TripletMarginWithDistanceLoss",
        )
    ],
)
def test_a_target_is_used_in_the_dtype_of_the_input(name, dtype):
    """Any real dtype is, and none changes that of the loss."""
    x, t, *var = cast(name, "float32")
    found = made(name).forward(x, np.round(t).astype(dtype), *var)
    assert found.dtype == "float32"
    assert found == made(name).forward(x, np.round(t), *var)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
@pytest.mark.parametrize(
    "name", ["NLLLoss", "CrossEntropyLoss", "LinearCrossEntropyLoss", "MultiMarginLoss"]
)
def test_class_indices_are_of_any_integer_dtype(name, dtype):
    """torch takes int64 and, mostly, uint8."""
    loss = made(name)
    assert loss.forward(X, LABELS.astype(dtype)) == loss.forward(X, LABELS)


@pytest.mark.parametrize("given", [np.array([1.0, 2.0, 3.0]), [1, 2, 3], np.array([1, 2, 3], "f4")])
def test_a_weight_is_copied(given):
    """What was given may change afterwards; integers are taken as float32."""
    loss = classes.NLLLoss(given)
    given[0] = 100
    assert loss.buffers["weight"].tolist() == [1.0, 2.0, 3.0]
    assert loss.buffers["weight"].dtype == (given.dtype if isinstance(given, np.ndarray) else "f4")


def test_options_that_are_numpy_scalars_change_no_dtype():
    """np.float64 would widen float32, were it not kept as Python's float."""
    x, y = X.astype("f4"), Y.astype("f4")
    one = np.float64(1.0)
    for loss, call in (
        (pointwise.HuberLoss(delta=one), (x, y)),
        (pointwise.SmoothL1Loss(beta=one), (x, y)),
        (pointwise.PoissonNLLLoss(False, eps=one), (x, y)),
        (pointwise.GaussianNLLLoss(eps=one), (x, y, y)),
        (classes.CrossEntropyLoss(label_smoothing=one), (x, LABELS)),
        (margins.HingeEmbeddingLoss(one), (x, y)),
        (margins.MultiMarginLoss(margin=one), (x, LABELS)),
        (margins.MarginRankingLoss(one), (x, y, y)),
        (margins.CosineEmbeddingLoss(one), (x, y, SIGNS)),
        (margins.TripletMarginLoss(one), (x, y, x)),
    ):
        found = (loss.forward(*call), *flat(loss.backward()))
        assert {array.dtype for array in found} == {np.dtype("float32")}, loss


@pytest.mark.parametrize("name", ["MultiMarginLoss", "MultiLabelMarginLoss"])
def test_an_empty_batch_has_a_sum_of_0_and_a_mean_of_nan(name):
    """As in all losses; torch returns here what is in memory, so there is no pair of it."""
    x, t = np.ones((0, 3)), np.ones((0, 3) if name == "MultiLabelMarginLoss" else 0, int)
    assert made(name, reduction="sum").forward(x, t) == 0
    mean = made(name)
    assert np.isnan(mean.forward(x, t))
    assert mean.backward().shape == x.shape


@pytest.mark.parametrize("name", ["MultiMarginLoss", "MultiLabelMarginLoss"])
def test_a_number_is_a_row_of_one_class(name):
    """torch takes it so in these two; nothing is left to exceed."""
    twin = getattr(torch.nn, name)()(torch.tensor(0.5), torch.tensor(0))
    assert made(name).forward(np.array(0.5), 0) == twin.item() == 0


def test_a_mean_of_many_float16_does_not_overflow():
    """The sum of 512 errors of 200 is beyond float16, their mean is not."""
    x = np.full(512, 200.0, np.float16)
    assert pointwise.L1Loss().forward(x, 0 * x) == 200
    assert pointwise.L1Loss(reduction="sum").forward(x, 0 * x) == np.inf


def test_a_linear_loss_starts_as_torchs_linear_does():
    """Uniform up to 1 / sqrt(in_features), in float32, drawn from NumPy's global state."""
    np.random.seed(0)
    made = classes.LinearCrossEntropyLoss(100, 30, out_features=(4,), bias=True).params
    twin = torch.nn.LinearCrossEntropyLoss(100, 30, out_features=(4,), bias=True)
    assert {n: p.shape for n, p in made.items()} == {
        n: tuple(p.shape) for n, p in twin.named_parameters()
    }
    for p in made.values():
        assert p.dtype == "float32"
        assert 0.9 * 100**-0.5 < np.abs(p).max() <= 100**-0.5
        assert abs(p.mean()) < 0.02
    np.random.seed(0)
    again = classes.LinearCrossEntropyLoss(100, 30, out_features=(4,), bias=True).params
    np.testing.assert_array_equal(made["linear.weight"], again["linear.weight"])


class Stateful(Layer):
    """A scaled L1 distance that counts its runs, draws, and knows its last arguments only."""

    def __init__(self) -> None:
        super().__init__()
        self.params["scale"] = np.array([2.0, 3.0, 5.0])
        self.buffers["runs"] = np.array(0)

    def forward(self, x1, x2):
        """Return sum of scale |x1 - x2| over what is kept."""
        self.buffers["runs"] = self.buffers["runs"] + 1
        self.kept = self.draws.keep(0.5, x1.shape) if self.training else np.ones(x1.shape)
        self.difference = self.kept * (x1 - x2)
        return np.abs(self.difference) @ self._param("scale", x1.dtype)

    def backward(self, dy):
        """Return both gradients."""
        self.grads["scale"] = dy @ np.abs(self.difference)
        dx = dy[:, np.newaxis] * self.kept * np.sign(self.difference) * self.params["scale"]
        return dx, -dx


class Held(Composite):
    """The same as a child."""

    def __init__(self) -> None:
        super().__init__({"inner": Stateful()})

    def forward(self, x1, x2):
        """Hand on."""
        return self.children["inner"].forward(x1, x2)

    def backward(self, dy):
        """Hand on."""
        return self.children["inner"].backward(dy)


class Kept:
    """Draws that are lists of what is kept."""

    def __init__(self, masks):
        self.masks = list(masks)

    def keep(self, p, shape):
        """Return the next one."""
        return self.masks.pop(0)


MASKS = np.random.default_rng(0).random((3, 2, 3)) < 0.7


def by_torch(scale, *, swap):
    """Return the loss of the scaled distance under MASKS, and its gradients, by autograd."""
    a, p, n = (torch.tensor(x, requires_grad=True) for x in (X, Y, X + Y))
    s = torch.tensor(scale, requires_grad=True)
    masks = iter(torch.tensor(MASKS))
    twin = torch.nn.TripletMarginWithDistanceLoss(
        distance_function=lambda x1, x2: (next(masks) * (x1 - x2)).abs() @ s, margin=9.0, swap=swap
    )
    y = twin(a, p, n)
    return [x.detach().numpy() for x in (y, *torch.autograd.grad(y, [a, p, n, s]))]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(("kind", "prefix"), [(Stateful, ""), (Held, "inner.")])
def test_a_distance_may_have_parameters_buffers_draws_and_children(kind, prefix, swap):
    """Each pair has a run of its own; gradients are summed, and buffers handed on in order."""
    distance = kind()
    loss = margins.TripletMarginWithDistanceLoss(distance_function=distance, margin=9.0, swap=swap)
    loss.draws = Kept(MASKS)
    y = loss.forward(X, Y, X + Y)
    scale = f"distance_function.{prefix}scale"
    for _ in range(2):
        found = [y, *loss.backward(), loss.grads[scale]]
        for ours, theirs in zip(found, by_torch(loss.params[scale], swap=swap), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-14)
    assert loss.buffers[f"distance_function.{prefix}runs"] == distance.buffers[f"{prefix}runs"]
    assert distance.buffers[f"{prefix}runs"] == (3 if swap else 2)
    assert len(loss.draws.masks) == (0 if swap else 1)


def test_a_distance_follows_the_mode_and_the_state_of_its_loss():
    """In evaluation nothing is drawn; a state that is loaded is the distance's."""
    distance = Stateful()
    loss = margins.TripletMarginWithDistanceLoss(distance_function=distance)
    loss.eval().draws = Kept([])
    loss.load_state({"distance_function.scale": np.ones(3), "distance_function.runs": np.array(7)})
    plain = margins.TripletMarginLoss(p=1.0, eps=0.0)
    assert np.isclose(loss.forward(X, Y, X + Y), plain.forward(X, Y, X + Y), rtol=1e-15)
    assert distance.buffers["runs"] == 9


def test_a_distance_that_ran_is_as_it_was():
    """The loss runs copies: a forward of the layer itself can still be taken back."""
    distance = PairwiseDistance()
    y = distance.forward(X, Y)
    before = distance.backward(np.ones_like(y))
    loss = margins.TripletMarginWithDistanceLoss(distance_function=distance)
    loss.forward(X + 1, Y, Y)
    loss.backward()
    for ours, theirs in zip(distance.backward(np.ones_like(y)), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


# --- planted faults -------------------------------------------------------------------------

# fault of shared/faults.md: module, layer, text, text in its place
FAULTS = {
    "F04-sum-for-mean": (
        "loss",
        "MSELoss",
        '1 if self.reduction == "sum" else count',
        "1",
    ),
    "F15-log-of-0": ("losses_classes", "BCELoss", "np.clip(log, -100, np.inf, out=log)", "pass"),
    "F27-ignored-in-the-mean": (
        "losses_classes",
        "CrossEntropyLoss",
        "np.sum(self._share, dtype=np.float64)",
        "float(self._share.size)",
    ),
    "G05-no-1/N": (
        "loss",
        "HuberLoss",
        'if self.reduction != "none":\n            g = ',
        'if self.reduction == "no":\n            g = ',
    ),
    "G06-sign-of-one-argument": (
        "losses_margins",
        "MarginRankingLoss",
        "summed_to(dx2, self._shapes[1])",
        "summed_to(-dx2, self._shapes[1])",
    ),
    "G13-no-cotangent": ("losses", "MSELoss", "self._error * (2 * g)", "self._error * 2"),
    "F15-softmax-overflows": (
        "losses_classes",
        "CrossEntropyLoss",
        "rows - np.max(rows, axis=1, keepdims=True, initial=-np.inf)",
        "rows - 0 * rows[:, :1]",
    ),
    "G08-margin": ("losses_margins", "HingeEmbeddingLoss", "lack >= 0", "lack > 0"),
    "G10-shared-distance": (
        "losses_margins",
        "TripletMarginWithDistanceLoss",
        "copy.deepcopy(own, shared)",
        "own",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, planted: Callable[..., dict[str, str]]):
    """The cells of the pair call it a finding."""
    assert planted(*FAULTS[fault])
