"""The sheet's four layers: against torch, against the sheet itself, and every repair."""

import numpy as np
import pytest
import torch

from numpy_layers import sheet


# fmt: off
class _Original:
    """The sheet's code, word for word but for the indentation."""

    class Sigmoid:
        def forward(self, x):
            clipped = np.clip(x, -500, 500)
            self.output = 1 / (1 + np.exp(-clipped))
            return self.output

        def backward(self, grad_in):
            return self.output * (1 - self.output) * grad_in

    class Softmax:
        def forward(self, x):
            shifted = x - np.max(x, axis=1, keepdims=True)
            exp = np.exp(shifted)
            self.output = exp / np.sum(exp, axis=1, keepdims=True)
            return self.output

        def backward(self, grad_in):
            batch_size = self.output.shape[0]
            grad_out = np.zeros_like(self.output)

            for i in range(batch_size):
                s = self.output[i]
                jacobian = np.diag(s) - np.outer(s, s)
                grad_out[i] = jacobian @ grad_in[i]

            return grad_out
        # More Optimized -- Vectorized
        def backward_vectorized(self, grad_in):
            s = self.output
            dot = np.sum(s * grad_in, axis=1, keepdims=True)
            return s * (grad_in - dot)

    class CrossEntropyLoss:
        def forward(self, predictions, targets):
            if targets.ndim == 1:
                self.targets = np.eye(predictions.shape[1])[targets]
            else:
                self.targets = targets

            self.predictions = np.clip(predictions, 1e-12, 1. - 1e-12)
            loss = np.sum(self.targets * np.log(self.predictions), axis=1)

            return -np.mean(loss)

        def backward(self):
            batch_size = self.targets.shape[0]
            return  -self.targets / self.predictions / batch_size

    class Linear:
        def __init__(self, in_features, out_features):
            # Up to you to save self.W in a transposed form or not
            self.W = np.random.randn(in_features, out_features)
            self.b = np.random.randn(out_features)

        def forward(self, x):
            self.x = x
            self.output = x @ self.W
            self.output += self.b
            return self.output

        def backward(self, grad_in):
            self.grad_W = self.x.T @ grad_in
            self.grad_b = np.sum(grad_in, axis=0)
            self.grad_in = grad_in @ self.W.T
            return self.grad_in
# fmt: on


def normal(shape, dtype="float64", seed=0):
    """Return standard normal numbers that the seed fixes."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def probabilities(shape, dtype="float64", seed=0):
    """Return rows of probabilities, none near 0."""
    p = np.random.default_rng(seed).uniform(0.2, 1, size=shape)
    return (p / p.sum(axis=-1, keepdims=True)).astype(dtype)


def assert_close(actual, expected, dtype):
    """Check dtype and shape exactly and the values to 64 units of rounding."""
    expected = np.asarray(expected)
    tolerance = 64 * np.finfo(dtype).eps
    assert actual.dtype == dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def linear(n_in, n_out):
    """Return a Linear with random parameters under torch's names."""
    layer = sheet.Linear(n_in, n_out)
    layer.load_state({"weight": normal((n_out, n_in), seed=7), "bias": normal(n_out, seed=8)})
    return layer


def torch_linear(x, weight, bias):
    """Return torch's linear map."""
    return torch.nn.functional.linear(x, weight, bias)


# id: our layer, torch's function of x and the parameters, the shape of x after the batch
MAPS = {
    "sigmoid": (sheet.Sigmoid, torch.sigmoid, (5,)),
    "sigmoid-3d": (sheet.Sigmoid, torch.sigmoid, (5, 3)),
    "softmax": (sheet.Softmax, lambda x: torch.softmax(x, 1), (5,)),
    "softmax-one-class": (sheet.Softmax, lambda x: torch.softmax(x, 1), (1,)),
    "softmax-middle": (sheet.Softmax, lambda x: torch.softmax(x, 1), (5, 3)),
    "softmax-last": (lambda: sheet.Softmax(axis=-1), lambda x: torch.softmax(x, -1), (5, 3)),
    "softmax-first": (lambda: sheet.Softmax(axis=0), lambda x: torch.softmax(x, 0), (5,)),
    "softmax-empty": (sheet.Softmax, lambda x: torch.softmax(x, 1), (0,)),
    "linear-rectangular": (lambda: linear(5, 3), torch_linear, (5,)),
    "linear-square": (lambda: linear(4, 4), torch_linear, (4,)),
    "linear-3d": (lambda: linear(5, 3), torch_linear, (2, 5)),
    "linear-4d-square": (lambda: linear(4, 4), torch_linear, (3, 4, 4)),
}
every_map = pytest.mark.parametrize("name", MAPS)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def torch_pass(name, layer, x, dy):
    """Return torch's output, gradient of x and gradients of the parameters, as arrays."""
    leaf = torch.tensor(x.copy(), requires_grad=True)  # torch takes no negative stride
    params = {
        key: torch.tensor(value.astype(x.dtype), requires_grad=True)
        for key, value in layer.params.items()
    }
    y = MAPS[name][1](leaf, **params)
    y.backward(torch.tensor(dy.copy()))
    grads = {key: param.grad.numpy() for key, param in params.items()}
    return y.detach().numpy(), leaf.grad.numpy(), grads


def check_against_torch(name, layer, x, dy):
    """Run both passes on both sides and compare all that comes out."""
    y, dx, grads = torch_pass(name, layer, x, dy)
    assert_close(layer.forward(x), y, x.dtype)
    assert_close(layer.backward(dy), dx, x.dtype)
    assert layer.grads.keys() == grads.keys()
    for key, grad in grads.items():
        assert_close(layer.grads[key], grad, x.dtype)


def example(name, batch=4, dtype="float64", seed=0):
    """Return a layer with an input and a random cotangent for it."""
    layer = MAPS[name][0]()
    x = normal((batch, *MAPS[name][2]), dtype, seed)
    return layer, x, normal(layer.forward(x).shape, dtype, seed + 100)


@every_map
@every_dtype
@pytest.mark.parametrize("batch", [4, 1, 0])
def test_both_passes_equal_torch(name, dtype, batch):
    """Output and every gradient are torch's, for a batch of several, one and none."""
    check_against_torch(name, *example(name, batch, dtype))


@every_map
def test_a_one_hot_cotangent_equals_torch(name):
    """One output's gradient alone is torch's, too."""
    layer, x, dy = example(name)
    dy[:] = 0
    dy.flat[-1:] = 1
    check_against_torch(name, layer, x, dy)


@every_map
@every_dtype
def test_non_contiguous_arrays_equal_torch(name, dtype):
    """A view with swapped strides gives what its values give."""
    layer, x, dy = example(name, dtype=dtype)
    x, dy = np.asfortranarray(x), np.repeat(dy, 2, axis=0)[::2]
    check_against_torch(name, layer, x[::-1], dy[::-1])


@every_map
def test_arguments_are_never_written_to(name):
    """Input and cotangent are read-only here, and both passes run."""
    layer, x, dy = example(name)
    x.flags.writeable = dy.flags.writeable = False
    for param in layer.params.values():
        param.flags.writeable = False
    layer.forward(x)
    layer.backward(dy)


@every_map
def test_backward_is_of_the_last_forward(name):
    """After two forwards, then a third on another batch, the gradients are the last one's."""
    layer, x, dy = example(name)
    layer.forward(x)
    check_against_torch(name, layer, normal(x.shape, seed=1), dy)
    check_against_torch(name, layer, *example(name, batch=2, seed=2)[1:])


@every_map
def test_a_second_backward_gives_the_same(name):
    """Gradients are overwritten, never added up, and backward leaves no trace in itself."""
    layer, x, dy = example(name)
    layer.forward(x)
    first, grads = layer.backward(dy), {key: grad.copy() for key, grad in layer.grads.items()}
    np.testing.assert_array_equal(layer.backward(dy), first)
    for key, grad in grads.items():
        np.testing.assert_array_equal(layer.grads[key], grad)


@every_map
def test_the_cotangent_is_used_in_the_dtype_of_the_input(name):
    """A float64 cotangent does not widen the gradients of a float32 input."""
    layer, x, dy = example(name, dtype="float32")
    assert layer.backward(dy.astype("float64")).dtype == x.dtype
    assert all(grad.dtype == x.dtype for grad in layer.grads.values())


@every_map
def test_float16_stays_float16(name):
    """Half precision is kept by both passes."""
    layer, x, dy = example(name, dtype="float16")
    assert layer.forward(x).dtype == np.float16
    assert layer.backward(dy).dtype == np.float16


@every_map
@pytest.mark.parametrize("dtype", ["int64", "bool", "complex128"])
def test_an_input_of_another_dtype_raises(name, dtype):
    """Integers, booleans and complex numbers are refused by name."""
    layer, x, _ = example(name)
    with pytest.raises(ValueError, match=rf"^{type(layer).__name__}\(.*\): x is {dtype}, expected"):
        layer.forward(x.astype(dtype))


@every_map
def test_a_cotangent_of_another_shape_raises(name):
    """A cotangent that would broadcast is refused with both shapes."""
    layer, x, dy = example(name)
    y = layer.forward(x)
    with pytest.raises(ValueError, match=r"\): cotangent has shape \(1, .*, expected \(4, "):
        layer.backward(dy[:1])
    assert y.shape == dy.shape


@pytest.mark.parametrize(
    "layer",
    [sheet.Sigmoid(), sheet.Softmax(), sheet.CrossEntropyLoss(), sheet.Linear(2, 2)],
    ids=lambda layer: type(layer).__name__,
)
def test_backward_before_forward_raises(layer):
    """There is nothing to go back from; the sheet's AttributeError named no layer."""
    message = f"^{type(layer).__name__}: backward called before forward$"
    with pytest.raises(ValueError, match=message):
        layer.backward(np.ones((2, 2)))


def test_vectorized_backward_before_forward_raises():
    """The fast softmax gradient asks for a forward, too."""
    with pytest.raises(ValueError, match=r"^Softmax: backward called before forward$"):
        sheet.Softmax().backward_vectorized(np.ones((2, 2)))


@pytest.mark.parametrize(
    "make",
    [lambda of: of.Sigmoid(), lambda of: of.Softmax(), lambda of: of.Linear(5, 3)],
    ids=["sigmoid", "softmax", "linear"],
)
def test_the_sheet_is_reproduced_where_it_was_right(make):
    """On 2-d float64 in range, under one seed, the repaired layer gives the sheet's numbers."""
    passes = []
    for of in (_Original, sheet):
        np.random.seed(3)
        layer = make(of)
        y = layer.forward(normal((4, 5)))
        dx = layer.backward(normal(y.shape, seed=1))
        kept = [getattr(layer, name) for name in ("grad_W", "grad_b", "grad_in", "x")
                if hasattr(layer, name)]  # fmt: skip
        passes.append([y, dx, layer.output, *kept])
    for expected, actual in zip(*passes, strict=True):
        assert_close(actual, expected, "float64")


# Sigmoid


@pytest.mark.parametrize(
    ("x", "expected"),
    [(-600.0, 2.6503965530043108e-261), (-700.0, 9.859676543759771e-305)],
    ids=["600", "700"],
)
def test_sigmoid_is_right_below_the_sheets_clip(x, expected):
    """Far below, sigmoid(x) is exp(x); the sheet stays at exp(-500) = 7e-218."""
    x = np.array([x])
    np.testing.assert_allclose(sheet.Sigmoid().forward(x), expected, rtol=1e-14)
    np.testing.assert_allclose(_Original.Sigmoid().forward(x), 7.124576406741286e-218, rtol=1e-14)


def test_sigmoid_gradient_is_right_below_the_sheets_clip():
    """Far below, the gradient is exp(x), too, and torch's."""
    layer, x = sheet.Sigmoid(), np.array([-600.0])
    layer.forward(x)
    np.testing.assert_allclose(layer.backward(np.ones(1)), 2.6503965530043108e-261, rtol=1e-14)


def test_sigmoid_does_not_overflow_in_float32():
    """At +-1000 it is 0 and 1 without a warning, which the sheet's clip does not prevent."""
    x = np.array([-1000, 1000, -np.inf, np.inf], np.float32)
    np.testing.assert_array_equal(sheet.Sigmoid().forward(x), [0, 1, 0, 1])
    with pytest.warns(RuntimeWarning, match="overflow encountered in exp"):
        _Original.Sigmoid().forward(x)


@every_dtype
def test_sigmoid_equals_torch_when_saturated(dtype):
    """Over the whole range of exp, values agree relatively, however small."""
    x = np.linspace(-80, 80, 321).astype(dtype)
    expected = torch.sigmoid(torch.tensor(x, dtype=torch.float64)).numpy()
    np.testing.assert_allclose(
        sheet.Sigmoid().forward(x), expected, rtol=8 * np.finfo(dtype).eps, atol=0
    )


@every_dtype
def test_sigmoid_of_nan_is_nan_in_both_passes(dtype):
    """NaN is not taken for a sign, and touches no neighbour."""
    layer, x = sheet.Sigmoid(), np.array([np.nan, 0], dtype)
    np.testing.assert_array_equal(layer.forward(x), [np.nan, 0.5])
    np.testing.assert_array_equal(layer.backward(np.ones(2, dtype)), [np.nan, 0.25])


def test_sigmoid_takes_a_single_number():
    """An array of rank 0 comes back as rank 0."""
    layer = sheet.Sigmoid()
    assert_close(layer.forward(np.array(0.0)), 0.5, "float64")
    assert_close(layer.backward(np.array(1.0)), 0.25, "float64")


# Softmax


@pytest.mark.parametrize("name", [name for name in MAPS if name.startswith("softmax")])
@every_dtype
@pytest.mark.parametrize("batch", [4, 1, 0])
def test_softmax_backward_loop_and_vectorized_agree(name, dtype, batch):
    """The readable form and the fast one are one function."""
    layer, x, dy = example(name, batch, dtype)
    layer.forward(x)
    assert_close(layer.backward_vectorized(dy), layer.backward(dy), dtype)


def test_softmax_vectorized_never_writes_to_its_cotangent():
    """The fast form runs on a read-only cotangent."""
    layer, _, dy = example("softmax")
    dy.flags.writeable = False
    layer.backward_vectorized(dy)


def test_softmax_vectorized_refuses_a_cotangent_of_another_shape():
    """The sheet's broadcasts it."""
    layer, x, dy = example("softmax")
    with pytest.raises(ValueError, match=r"cotangent has shape \(1, 5\), expected \(4, 5\)$"):
        layer.backward_vectorized(dy[:1])
    original = _Original.Softmax()
    original.forward(x)
    assert original.backward_vectorized(dy[:1]).shape == (4, 5)


@pytest.mark.parametrize("axis", [0, -1])
def test_softmax_takes_rank_one(axis):
    """One slice is one distribution: e^0, e^1, e^2 over their sum."""
    expected = np.exp([0, 1, 2]) / np.sum(np.exp([0, 1, 2]))
    assert_close(sheet.Softmax(axis=axis).forward(np.arange(3.0)), expected, "float64")


def test_softmax_backward_loop_takes_rank_three():
    """The sheet's loop makes a Jacobian of vectors only, and raises on anything else."""
    layer, x, dy = example("softmax-middle")
    original = _Original.Softmax()
    original.forward(x)
    with pytest.raises(ValueError, match="operands could not be broadcast"):
        original.backward(dy)
    check_against_torch("softmax-middle", layer, x, dy)


@pytest.mark.parametrize(
    ("axis", "shape"), [(1, (5,)), (2, (4, 5)), (-3, (4, 5)), (0, ())], ids=str
)
def test_softmax_without_the_axis_raises(axis, shape):
    """An axis that x has not is named with the shape."""
    layer = sheet.Softmax(axis=axis)
    with pytest.raises(ValueError, match=rf"^Softmax\(axis={axis}\): x has no axis {axis}, shape"):
        layer.forward(np.zeros(shape))


@every_dtype
@pytest.mark.parametrize(
    "row", [[np.inf, 0, 1], [np.nan, 0, 1], [-np.inf] * 3, [np.inf, -np.inf, 0]], ids=str
)
def test_softmax_of_an_undefined_row_is_nan_as_in_torch(row, dtype):
    """The row is NaN in both passes, its neighbour is not, and nothing warns."""
    x, dy = np.array([row, [0, 1, 2]], dtype), normal((2, 3), dtype)
    layer = sheet.Softmax()
    y, dx, _ = torch_pass("softmax", layer, x, dy)
    assert np.isnan(y[0]).all()
    assert_close(layer.forward(x), y, dtype)
    assert_close(layer.backward(dy), dx, dtype)
    assert_close(layer.backward_vectorized(dy), dx, dtype)


def test_softmax_of_an_infinite_row_warns_on_the_sheet():
    """What the repair silences is there in the original."""
    with pytest.warns(RuntimeWarning, match="invalid value"):
        _Original.Softmax().forward(np.array([[np.inf, 0]]))


def test_softmax_gives_nothing_to_minus_infinity():
    """A masked class has probability 0 and the others share the rest."""
    x = np.array([[-np.inf, 2, 2]])
    np.testing.assert_array_equal(sheet.Softmax().forward(x), [[0, 0.5, 0.5]])


def test_softmax_at_the_ends_of_float32_is_one_hot():
    """The difference overflows to -inf, whose exp is the right 0; the sheet warns."""
    x = np.array([[3e38, -3e38]], np.float32)
    np.testing.assert_array_equal(sheet.Softmax().forward(x), [[1, 0]])
    with pytest.warns(RuntimeWarning, match="overflow"):
        _Original.Softmax().forward(x)


def test_softmax_of_no_class_is_empty():
    """The sheet's maximum of nothing raises; torch's softmax is empty."""
    x = np.zeros((2, 0))
    assert sheet.Softmax().forward(x).shape == (2, 0)
    with pytest.raises(ValueError, match="zero-size array"):
        _Original.Softmax().forward(x)


# CrossEntropyLoss


def torch_loss(predictions, targets, scale=1.0):
    """Return torch's loss of probabilities and scale times its gradient."""
    leaf = torch.tensor(predictions, requires_grad=True)
    target = torch.tensor(targets)
    if target.ndim == 1:
        loss = torch.nn.functional.nll_loss(leaf.log(), target)
    else:
        loss = -(target * leaf.log()).sum(dim=1).mean()
    (scale * loss).backward()
    return loss.detach().numpy(), leaf.grad.numpy()


INDICES = np.array([2, 0, 4, 4, 1, 3])


@every_dtype
@pytest.mark.parametrize("batch", [6, 1])
@pytest.mark.parametrize("kind", ["indices", "one-hot", "probabilities"])
@pytest.mark.parametrize("scale", [1.0, -2.5])
def test_cross_entropy_equals_torch(dtype, batch, kind, scale):
    """Loss and gradient are torch's for each kind of target and for any cotangent."""
    predictions = probabilities((batch, 5), dtype)
    targets = {
        "indices": INDICES[:batch],
        "one-hot": np.eye(5, dtype=dtype)[INDICES[:batch]],
        "probabilities": probabilities((batch, 5), dtype, seed=1),
    }[kind]
    loss, gradient = torch_loss(predictions, targets, scale)
    layer = sheet.CrossEntropyLoss()
    assert_close(layer.forward(predictions, targets), loss, dtype)
    assert_close(layer.backward(scale), gradient, dtype)


@pytest.mark.parametrize("targets", [INDICES[:4], np.eye(5)[INDICES[:4]]], ids=["indices", "rows"])
def test_cross_entropy_reproduces_the_sheet_where_it_was_right(targets):
    """Loss, gradient and kept arrays are the sheet's in float64."""
    layer, original = sheet.CrossEntropyLoss(), _Original.CrossEntropyLoss()
    p = probabilities((4, 5))
    assert_close(layer.forward(p, targets), original.forward(p, targets), "float64")
    assert_close(layer.backward(), original.backward(), "float64")
    np.testing.assert_array_equal(layer.predictions, original.predictions)
    np.testing.assert_array_equal(layer.targets, original.targets)


def test_cross_entropy_by_hand():
    """The mean of -log 1/2 and -log 1/4 is 1.5 log 2; the gradients are -2/2 and -4/2."""
    p = np.array([[0.5, 0.5], [0.75, 0.25]])
    layer = sheet.CrossEntropyLoss()
    assert_close(layer.forward(p, np.array([0, 1])), 1.5 * np.log(2), "float64")
    np.testing.assert_array_equal(layer.backward(), [[-1, 0], [0, -2]])


def test_cross_entropy_stays_in_float32():
    """Loss and gradient are float32; the sheet's np.eye made them float64."""
    p, targets = probabilities((4, 5), "float32"), INDICES[:4]
    layer, original = sheet.CrossEntropyLoss(), _Original.CrossEntropyLoss()
    assert isinstance(layer.forward(p, targets), np.float32)
    assert layer.backward().dtype == np.float32
    original.forward(p, targets)
    assert original.backward().dtype == np.float64


@pytest.mark.parametrize("dtype", ["int64", "bool", "float64"])
def test_cross_entropy_uses_rows_in_the_dtype_of_the_predictions(dtype):
    """A one-hot row may be of integers, booleans or wider floats."""
    p = probabilities((4, 5), "float32")
    layer = sheet.CrossEntropyLoss()
    assert isinstance(layer.forward(p, np.eye(5, dtype=dtype)[INDICES[:4]]), np.float32)
    assert layer.backward().dtype == np.float32


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
def test_cross_entropy_takes_indices_of_any_integer_dtype(dtype):
    """A narrow or unsigned index is the same class."""
    p, layer = probabilities((4, 5)), sheet.CrossEntropyLoss()
    loss, _ = torch_loss(p, INDICES[:4])
    assert_close(layer.forward(p, INDICES[:4].astype(dtype)), loss, "float64")


@pytest.mark.parametrize("index", [-1, 5, -100])
def test_cross_entropy_refuses_an_index_outside_the_classes(index):
    """There is no class -1, which the sheet took for the last one."""
    targets = np.array([0, index, 1])
    message = rf"^CrossEntropyLoss\(\): targets holds {index}, expected 0 to 4$"
    with pytest.raises(ValueError, match=message):
        sheet.CrossEntropyLoss().forward(probabilities((3, 5)), targets)


def test_the_sheet_takes_class_minus_one_for_the_last():
    """What the repair refuses is there in the original."""
    p, original = probabilities((1, 5)), _Original.CrossEntropyLoss()
    assert original.forward(p, np.array([-1])) == original.forward(p, np.array([4]))


@pytest.mark.parametrize(
    "shape", [(1,), (4,), (1, 5), (3, 4), (3, 1), (3, 5, 1), ()], ids=str
)  # fmt: skip
def test_cross_entropy_refuses_targets_of_another_shape(shape):
    """Neither a row nor a column is broadcast over the batch."""
    targets = np.zeros(shape, int if len(shape) == 1 else float)
    with pytest.raises(ValueError, match=r"targets has shape .*, expected \(3,\) or \(3, 5\)$"):
        sheet.CrossEntropyLoss().forward(probabilities((3, 5)), targets)


def test_the_sheet_divides_by_the_rows_of_broadcast_targets():
    """One target for three predictions passes there, with a gradient three times too large."""
    p, one, three = probabilities((3, 5)), np.array([2]), np.array([2, 2, 2])
    wrong, right = _Original.CrossEntropyLoss(), _Original.CrossEntropyLoss()
    assert wrong.forward(p, one) == right.forward(p, three)
    np.testing.assert_allclose(wrong.backward(), 3 * right.backward(), rtol=1e-15)


@pytest.mark.parametrize("shape", [(5,), (3, 5, 2), ()], ids=str)
def test_cross_entropy_refuses_predictions_of_another_rank(shape):
    """Predictions are rows of classes; at rank 3 the sheet's gradient divides by too little."""
    with pytest.raises(ValueError, match=r"predictions has shape .*, expected \(N, C\)$"):
        sheet.CrossEntropyLoss().forward(np.full(shape, 0.2), np.full(shape, 0.2))


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (np.array([0.0, 1.0]), r"float64 of shape \(2,\), expected class indices$"),
        (np.array([False, True]), r"bool of shape \(2,\), expected class indices$"),
        (np.eye(2, dtype=complex), r"complex128 of shape \(2, 2\), expected real numbers$"),
    ],
    ids=["float-index", "bool-index", "complex-rows"],
)
def test_cross_entropy_refuses_targets_of_another_dtype(targets, message):
    """An index is an integer; the sheet took booleans for a mask over the classes."""
    with pytest.raises(ValueError, match=rf"^CrossEntropyLoss\(\): targets is {message}"):
        sheet.CrossEntropyLoss().forward(probabilities((2, 2)), targets)


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex128", "float16"])
def test_cross_entropy_refuses_predictions_of_another_dtype(dtype):
    """The lower bound 1e-12 is 0 in float16, which would clip nothing."""
    with pytest.raises(ValueError, match=rf"predictions is {dtype}, expected"):
        sheet.CrossEntropyLoss().forward(np.ones((2, 2), dtype), np.array([0, 1]))


@every_dtype
def test_cross_entropy_clips_a_prediction_of_zero(dtype):
    """The loss of a class given up is -log 1e-12 = 27.63, and its gradient -1e12."""
    layer = sheet.CrossEntropyLoss()
    loss = layer.forward(np.array([[0, 1]], dtype), np.array([0]))
    assert_close(loss, 27.631021115928547, dtype)
    np.testing.assert_allclose(layer.backward(), [[-1e12, 0]], rtol=1e-6)


@pytest.mark.parametrize(("dtype", "expected"), [("float64", 1e-12), ("float32", 0)])
def test_cross_entropy_of_certainty_is_the_upper_clip(dtype, expected):
    """In float64 it is -log(1 - 1e-12), rounded near 1; in float32 the bound is 1, the loss 0."""
    loss = sheet.CrossEntropyLoss().forward(np.array([[0, 1]], dtype), np.array([1]))
    np.testing.assert_allclose(loss, expected, rtol=1e-4, atol=0)


def test_cross_entropy_gradient_outside_the_clip_is_the_sheets():
    """It is -t / p / N there, where autograd through a clamp gives 0."""
    p, targets = np.array([[0.0, 1.0], [-0.5, 1.5]]), np.array([[0.5, 0.5], [0.5, 0.5]])
    layer, original = sheet.CrossEntropyLoss(), _Original.CrossEntropyLoss()
    layer.forward(p, targets)
    original.forward(p, targets)
    np.testing.assert_array_equal(layer.backward(), original.backward())
    np.testing.assert_allclose(layer.backward(), [[-0.25e12, -0.25]] * 2, rtol=1e-11)
    leaf = torch.tensor(p, requires_grad=True)
    clamped = torch.clamp(leaf, 1e-12, 1 - 1e-12)
    (torch.tensor(targets) * clamped.log()).sum(dim=1).mean().backward()
    assert not leaf.grad.any()


@every_dtype
def test_cross_entropy_of_an_empty_batch_is_nan_as_in_torch(dtype):
    """The mean of nothing is NaN, its gradient empty, and nothing warns."""
    p, layer = np.zeros((0, 5), dtype), sheet.CrossEntropyLoss()
    assert np.isnan(torch_loss(p, np.zeros(0, int))[0])
    loss = layer.forward(p, np.zeros(0, int))
    assert np.isnan(loss)
    assert loss.dtype == dtype
    assert_close(layer.backward(), np.zeros((0, 5)), dtype)


def test_the_sheet_warns_on_an_empty_batch():
    """What the repair silences is there in the original."""
    with pytest.warns(RuntimeWarning, match="Mean of empty slice|invalid value"):
        _Original.CrossEntropyLoss().forward(np.zeros((0, 5)), np.zeros(0, int))


def test_cross_entropy_of_nan_is_nan():
    """A NaN prediction is not hidden by the clip."""
    assert np.isnan(sheet.CrossEntropyLoss().forward(np.array([[np.nan, 0.5]]), np.array([0])))


@pytest.mark.parametrize("targets", [INDICES[:4], np.eye(5)[INDICES[:4]]], ids=["indices", "rows"])
def test_cross_entropy_never_writes_to_its_arguments(targets):
    """Predictions, targets and cotangent are read-only here, and both passes run."""
    p, targets, scale = probabilities((4, 5)), targets.copy(), np.array(2.0)
    p.flags.writeable = targets.flags.writeable = scale.flags.writeable = False
    layer = sheet.CrossEntropyLoss()
    layer.forward(p, targets)
    layer.backward(scale)


def test_cross_entropy_on_non_contiguous_arrays_equals_torch():
    """Views give what their values give."""
    p, targets = np.asfortranarray(probabilities((6, 5)))[::-1], np.repeat(INDICES, 2)[::2]
    loss, gradient = torch_loss(p.copy(), targets)
    layer = sheet.CrossEntropyLoss()
    assert_close(layer.forward(p, targets), loss, "float64")
    assert_close(layer.backward(), gradient, "float64")


def test_cross_entropy_backward_is_of_the_last_forward():
    """Of two forwards on batches of two sizes, the second counts."""
    layer, p = sheet.CrossEntropyLoss(), probabilities((2, 5), seed=1)
    layer.forward(probabilities((4, 5)), INDICES[:4])
    layer.forward(p, INDICES[:2])
    assert_close(layer.backward(), torch_loss(p, INDICES[:2])[1], "float64")
    assert_close(layer.backward(), torch_loss(p, INDICES[:2])[1], "float64")


@pytest.mark.parametrize("scale", [np.ones(1), np.ones((4, 5)), 1j, True], ids=repr)
def test_cross_entropy_refuses_a_cotangent_that_is_no_real_number(scale):
    """The loss is one number, and so is its cotangent."""
    layer = sheet.CrossEntropyLoss()
    layer.forward(probabilities((4, 5)), INDICES[:4])
    with pytest.raises(ValueError, match=r"cotangent is .*, expected a real number$"):
        layer.backward(scale)


# Linear


def test_linear_parameters_have_torchs_layout():
    """The weight is W.T and the gradients follow, sharing memory with the sheet's names."""
    layer, x, dy = example("linear-rectangular")
    layer.forward(x)
    layer.backward(dy)
    assert layer.params["weight"].shape == (3, 5)
    assert np.shares_memory(layer.params["weight"], layer.W)
    assert np.shares_memory(layer.grads["weight"], layer.grad_W)
    np.testing.assert_array_equal(layer.params["weight"], layer.W.T)
    np.testing.assert_array_equal(layer.params["bias"], layer.b)
    np.testing.assert_array_equal(layer.grads["weight"], layer.grad_W.T)
    np.testing.assert_array_equal(layer.grads["bias"], layer.grad_b)


def test_linear_parameters_assigned_by_the_sheets_names_are_used():
    """W and b are the parameters, also after an assignment and a step in place."""
    layer = sheet.Linear(2, 3)
    layer.W = np.arange(6.0).reshape(2, 3)
    layer.b = np.ones(3)
    layer.W -= 1
    layer.b *= 2
    np.testing.assert_array_equal(layer.params["weight"], [[-1, 2], [0, 3], [1, 4]])
    np.testing.assert_array_equal(layer.params["bias"], [2, 2, 2])
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, 10]])), [[21, 32, 43]])


def test_linear_initial_parameters_are_the_sheets():
    """Under one seed both draw the same numbers in the same order."""
    np.random.seed(0)
    layer = sheet.Linear(5, 3)
    np.random.seed(0)
    original = _Original.Linear(5, 3)
    np.testing.assert_array_equal(layer.W, original.W)
    np.testing.assert_array_equal(layer.b, original.b)


def test_linear_stays_in_float32():
    """Float64 parameters do not widen a float32 input, which the sheet's do."""
    x = normal((4, 5), "float32")
    assert sheet.Linear(5, 3).forward(x).dtype == np.float32
    assert _Original.Linear(5, 3).forward(x).dtype == np.float64


def test_linear_uses_float32_parameters_on_float64():
    """The dtype of the input decides in this direction, too."""
    layer, x = sheet.Linear(5, 3), normal((4, 5))
    layer.load_state(
        {"weight": normal((3, 5), "float32", seed=7), "bias": normal(3, "float32", seed=8)}
    )
    check_against_torch("linear-rectangular", layer, x, normal((4, 3), seed=1))


def test_linear_backward_of_a_vector_is_torchs():
    """Without a batch the gradient of W is an outer product; the sheet's is one number."""
    layer, x, dy = linear(4, 4), normal(4), normal(4, seed=1)
    check_against_torch("linear-square", layer, x, dy)
    original = _Original.Linear(4, 4)
    original.forward(x)
    original.backward(dy)
    assert np.shape(original.grad_W) == np.shape(original.grad_b) == ()


def test_the_sheets_linear_cannot_go_back_over_two_leading_axes():
    """What the repair allows fails in the original."""
    original = _Original.Linear(5, 3)
    y = original.forward(normal((4, 2, 5)))
    with pytest.raises(ValueError, match="matmul"):
        original.backward(np.ones_like(y))


@pytest.mark.parametrize("shape", [(2, 3, 7), (7,), (8, 0)], ids=str)
def test_linear_refuses_a_last_axis_of_another_size(shape):
    """The message has the layer, the expectation and the finding."""
    found = rf"last axis of x is {shape[-1]}, expected 8, shape \({shape[0]},"
    with pytest.raises(ValueError, match=rf"^Linear\(8, 3\): {found}"):
        sheet.Linear(8, 3).forward(np.zeros(shape))


def test_linear_refuses_a_single_number():
    """A number has no last axis."""
    message = r"^Linear\(8, 3\): x has no axis, expected 8, shape \(\)$"
    with pytest.raises(ValueError, match=message):
        sheet.Linear(8, 3).forward(np.array(1.0))


def test_linear_backward_uses_the_parameters_of_the_forward():
    """Parameters loaded between the two passes do not change the gradient."""
    layer, x, dy = example("linear-rectangular")
    _, dx, _ = torch_pass("linear-rectangular", layer, x, dy)
    layer.load_state({"weight": np.zeros((3, 5)), "bias": np.zeros(3)})
    assert_close(layer.backward(dy), dx, "float64")


def test_linear_keeps_the_gradient_of_its_input():
    """It is returned, and found under the sheet's name."""
    layer, _, dy = example("linear-rectangular")
    assert layer.backward(dy) is layer.grad_in
