"""The convolutions: what they refuse, what pairs cannot show, and the faults that pairs find."""

import math

import numpy as np
import pytest
import torch

import numpy_layers
from numpy_layers.columns import Kernel

INF, NAN = np.inf, np.nan

FILTERS = {
    f"{kind}{n}d": ((2, 4, 3), (2, 2, *(5,) * n))
    for kind in ("Conv", "ConvTranspose")
    for n in (1, 2, 3)
}
LAYERS = FILTERS | {"Fold": ((3, 2), (2, 8, 4)), "Unfold": ((2,), (2, 3, 4, 4))}
"""Each layer's constructor arguments, and a shape it takes."""
every_layer = pytest.mark.parametrize("name", LAYERS)
every_filter = pytest.mark.parametrize("name", FILTERS)


def built(name, *args, **kwargs):
    """Return a layer, by default with the arguments of the table."""
    return getattr(numpy_layers, name)(*(args or LAYERS[name][0]), **kwargs)


def normal(*shape, seed=0):
    """Return standard normal numbers that the seed fixes."""
    return np.random.default_rng(seed).normal(size=shape)


# Refusals


@every_filter
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"in_channels": 0}, "in_channels is 0, expected an integer of 1 or more"),
        ({"in_channels": 2.0}, "in_channels is 2.0, expected an integer of 1"),
        ({"in_channels": (2,)}, r"in_channels is \(2,\), expected an integer of 1"),
        ({"groups": True}, "groups is True, expected an integer of 1 or more"),
        ({"out_channels": -1}, "out_channels is -1, expected an integer of 1"),
        ({"groups": 0}, "groups is 0, expected an integer of 1 or more"),
        ({"groups": 4}, "in_channels is 2, expected a multiple of groups=4"),
        ({"out_channels": 3, "groups": 2}, "out_channels is 3, expected a multiple of groups=2"),
        ({"kernel_size": 0}, "kernel_size is 0, expected 1 or more"),
        ({"kernel_size": 2.0}, "kernel_size is 2.0, expected an integer"),
        ({"kernel_size": (1, 1, 1, 1)}, r"kernel_size is \(1, 1, 1, 1\), expected an integer"),
        ({"stride": 0}, "stride is 0, expected 1 or more"),
        ({"stride": True}, "stride is True, expected an integer"),
        ({"dilation": 0}, "dilation is 0, expected 1 or more"),
        ({"padding": -1}, "padding is -1, expected 0 or more"),
        ({"padding": "half"}, "padding is 'half', expected"),
        ({"padding_mode": "constant"}, "padding_mode is 'constant', expected"),
        ({"padding_mode": None}, "padding_mode is None, expected"),
    ],
    ids=str,
)
def test_an_option_that_is_not_taken_is_refused(name, options, message):
    """Where the layer is constructed: torch waits for forward with some of them."""
    given = {"in_channels": 2, "out_channels": 4, "kernel_size": 3} | options
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): {message}"):
        getattr(numpy_layers, name)(**given)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("Conv1d", (1, 1, 3), {"padding": "same", "stride": 2}, "stride is 2, expected 1 for padd"),
        ("Conv2d", (1, 1, 3), {"padding": "same", "stride": (1, 2)}, r"stride is \(1, 2\), expec"),
        ("ConvTranspose1d", (1, 1, 3), {"padding": "same"}, "padding is 'same', expected an int"),
        ("ConvTranspose2d", (1, 1, 3), {"padding_mode": "reflect"}, "'reflect', expected 'zeros'"),
        ("ConvTranspose1d", (1, 1, 3), {"output_padding": 1}, "output_padding is 1, expected less"),
        ("ConvTranspose1d", (1, 1, 3), {"output_padding": -1}, "output_padding is -1, expected 0"),
        ("ConvTranspose2d", (1, 1, 3, 2), {"output_padding": 2}, "output_padding is 2, expected"),
        (
            "ConvTranspose2d",
            (1, 1, 3, (1, 3)),
            {"output_padding": (2, 2), "dilation": (2, 1)},
            r"output_padding is \(2, 2\), expected less than stride or less than dilation",
        ),
        ("Fold", (0, 2), {}, "output_size is 0, expected 1 or more"),
        ("Fold", ((3,), 2), {}, r"output_size is \(3,\), expected an integer or 2 of them"),
        ("Fold", (3, 2), {"padding": -1}, "padding is -1, expected 0 or more"),
        ("Fold", (3, 2), {"stride": 0}, "stride is 0, expected 1 or more"),
        ("Fold", ((5, 2), 3), {}, r"output_size is \(5, 2\), .*, expected \(3, 3\) or more"),
        ("Fold", (2, 2), {"dilation": 4, "padding": (1, 2)}, r"\(4, 6\) with its padding, expecte"),
        ("Unfold", (0,), {}, "kernel_size is 0, expected 1 or more"),
        ("Unfold", ((1, 2, 3),), {}, r"kernel_size is \(1, 2, 3\), expected an integer or 2"),
        ("Unfold", (2,), {"dilation": (1, 0)}, r"dilation is \(1, 0\), expected 1 or more"),
        ("Unfold", (2,), {"padding": "same"}, "padding is 'same', expected an integer or 2"),
    ],
)
def test_an_option_of_one_layer_that_is_not_taken_is_refused(name, args, kwargs, message):
    """Also where options are fine each by itself."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): .*{message}"):
        getattr(numpy_layers, name)(*args, **kwargs)


@pytest.mark.parametrize(
    ("name", "args", "shape", "message"),
    [
        ("Conv1d", (2, 3, 3), (5,), "x has 1 axes, .*, expected 2 axes, or 3 with a batch"),
        ("Conv2d", (2, 3, 3), (1, 1, 2, 5, 5), "x has 5 axes, .*, expected 3 axes, or 4"),
        ("ConvTranspose3d", (2, 3, 3), (2, 5, 5), "x has 3 axes, .*, expected 4 axes, or 5"),
        ("Conv2d", (3, 8, 3), (2, 4, 7, 7), r"x has 4 channels, shape \(2, 4, 7, 7\), expected 3"),
        ("Conv2d", (3, 8, 3), (4, 7, 7), r"x has 4 channels, shape \(4, 7, 7\), expected 3"),
        ("ConvTranspose1d", (3, 8, 3), (2, 4, 7), "x has 4 channels, .*, expected 3"),
        ("Conv1d", (2, 3, 1), (1, 2, 0), "expected an entry along every axis but the batch's"),
        ("ConvTranspose2d", (2, 3, 3), (1, 2, 5, 0), "expected an entry along every axis but"),
        ("Conv2d", (2, 3, 3), (1, 2, 5, 2), r"sizes \(5, 2\) with its .*, expected \(3, 3\) or"),
        (
            "Conv1d",
            (2, 3, 3, 1, 1, 3),
            (2, 4),
            r"sizes \(6,\) with its .*, expected \(7,\) or more",
        ),
        ("ConvTranspose1d", (2, 3, 3, 1, 2), (2, 2), r"y would have sizes \(0,\), expected 1 or"),
        ("Unfold", (2,), (4, 4), "x has 2 axes, .*, expected 3 axes, or 4 with a batch"),
        ("Unfold", (2,), (2, 0, 4, 4), "expected an entry along every axis but the batch's"),
        ("Unfold", (5,), (1, 6, 4), r"sizes \(6, 4\) with its padding, expected \(5, 5\) or more"),
        ("Fold", (3, 2), (2, 8, 2, 2), "x has 4 axes, .*, expected 2 axes, or 3 with a batch"),
        ("Fold", (3, 2), (2, 7, 4), r"x has 7 rows, shape \(2, 7, 4\), expected a multiple of 4"),
        ("Fold", (3, 2), (0, 4), "x has 0 rows, .*, expected a multiple of 4"),
        ("Fold", (3, 2), (8, 5), r"x has 5 columns, shape \(8, 5\), expected 4"),
    ],
)
def test_an_x_of_another_shape_is_refused(name, args, shape, message):
    """The message spells the layer, the finding with the shape, and what was expected."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): .*{message}"):
        getattr(numpy_layers, name)(*args).forward(np.zeros(shape))


@pytest.mark.parametrize(
    ("padding_mode", "padding", "message"),
    [
        ("reflect", 4, r"axis -1 of x is 4, .*, expected 5 or more for padding \(4, 4\)"),
        ("circular", 5, r"axis -1 of x is 4, .*, expected 5 or more for padding \(5, 5\)"),
    ],
)
def test_an_x_too_small_for_its_padding_is_refused(padding_mode, padding, message):
    """By the rules of the paddings, under the convolution's name."""
    layer = built("Conv1d", 2, 3, 3, padding=padding, padding_mode=padding_mode)
    with pytest.raises(ValueError, match=rf"^Conv1d\(.*{padding_mode}.*\): {message}"):
        layer.forward(np.zeros((2, 4)))


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((6,), r"output_size is \(6,\), expected 2 sizes, or all 4 of y"),
        ([4, 6, 6], r"output_size is \[4, 6, 6\], expected 2 sizes"),
        (6, "output_size is 6, expected 2 sizes"),
        ((4, 6), r"output_size is \(4, 6\), expected \(5, 5\) to \(6, 7\)"),
        ((6, 8), r"output_size is \(6, 8\), expected \(5, 5\) to \(6, 7\)"),
        ((6.0, 6), r"output_size is \(6.0, 6\), expected an integer or 2 of them"),
    ],
)
def test_an_output_size_out_of_reach_is_refused(size, message):
    """Only what is less than a stride more than the least comes from the same x."""
    layer = built("ConvTranspose2d", 2, 4, (3, 2), (2, 3))
    with pytest.raises(ValueError, match=rf"^ConvTranspose2d\(.*\): {message}"):
        layer.forward(np.zeros((1, 2, 2, 2)), size)


@every_layer
@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_an_x_of_another_dtype_is_refused(name, dtype):
    """Layers take floats."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): x is {dtype}, expected float16"):
        built(name).forward(np.ones(LAYERS[name][1], dtype))


@every_layer
def test_backward_before_forward_is_refused(name):
    """There is nothing to go back over."""
    with pytest.raises(ValueError, match=f"^{name}: backward called before forward$"):
        built(name).backward(np.ones(1))


@every_layer
def test_a_cotangent_of_another_shape_is_refused(name):
    """It is not broadcast."""
    layer = built(name)
    layer.forward(np.ones(LAYERS[name][1]))
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): cotangent has shape \(1,\), expected"):
        layer.backward(np.ones(1))


@every_filter
def test_a_refused_x_leaves_the_last_forward_as_it_was(name):
    """backward is that of the last forward that was one."""
    layer, x = built(name), normal(*LAYERS[name][1])
    dy = np.ones_like(layer.forward(x))
    dx = layer.backward(dy)
    for shape in ((2, *(1,) * (x.ndim - 2)), (1, 3, *x.shape[2:])):
        with pytest.raises(ValueError, match=f"^{name}"):
            layer.forward(np.ones(shape), *([[1]] if "Transpose" in name else []))
    np.testing.assert_array_equal(layer.backward(dy), dx)


@every_filter
def test_a_state_that_does_not_fit_is_refused(name):
    """Without a bias there is none to load, and a weight has torch's order of axes."""
    layer = built(name, bias=False)
    weight = layer.params["weight"]
    with pytest.raises(ValueError, match=r"missing names \[\], surplus \['bias'\]$"):
        layer.load_state({"weight": weight, "bias": np.ones(4)})
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): weight has shape .*, expected"):
        layer.load_state({"weight": weight.swapaxes(0, 1)})


@pytest.mark.parametrize(
    ("layer", "spelled"),
    [
        (numpy_layers.Conv2d(2, 4, 3), "Conv2d(2, 4, 3)"),
        (
            numpy_layers.Conv1d(2, 4, (3,), padding="same", bias=False, padding_mode="circular"),
            "Conv1d(2, 4, (3,), padding='same', bias=False, padding_mode='circular')",
        ),
        (
            numpy_layers.ConvTranspose3d(2, 4, 3, (1, 2, 2), output_padding=(0, 1, 1)),
            "ConvTranspose3d(2, 4, 3, stride=(1, 2, 2), output_padding=(0, 1, 1))",
        ),
        (numpy_layers.Fold((4, 5), 2, stride=2), "Fold((4, 5), 2, stride=2)"),
        (numpy_layers.Unfold([2, 3], padding=1), "Unfold([2, 3], padding=1)"),
    ],
    ids=str,
)
def test_a_layer_is_spelled_as_it_was_called(layer, spelled):
    """Arguments are kept as given, not by axis."""
    assert repr(layer) == spelled


# What pairs cannot show


@every_filter
@pytest.mark.parametrize("groups", [1, 2])
def test_parameters_start_as_torch_starts_them(name, groups):
    """Uniform, up to one over the root of the weight's entries per first axis, and float32."""
    args = (24, 32, 2)
    ours, theirs = built(name, *args, groups=groups), getattr(torch.nn, name)(*args, groups=groups)
    bound = 1 / math.sqrt(math.prod(theirs.weight.shape[1:]))
    for key, theirs_own in theirs.state_dict().items():
        own = ours.params[key]
        assert (own.shape, own.dtype) == (tuple(theirs_own.shape), np.float32)
        for values in (own, theirs_own.numpy()):
            assert 0.8 * bound < np.max(np.abs(values)) <= bound * (1 + np.finfo(np.float32).eps)
            assert np.std(values) == pytest.approx(bound / math.sqrt(3), rel=0.3)


@every_layer
def test_hostile_values_pass_without_a_warning(name):
    """Infinities, NaN, and numbers whose sums and products overflow."""
    for scale in (np.finfo("float32").max, np.finfo("float32").tiny, INF, -INF, NAN, 0.0):
        layer, x = built(name), np.full(LAYERS[name][1], scale, "float32")
        y = layer.forward(x)
        for dy in (y, np.full_like(y, INF)):
            assert layer.backward(dy).shape == x.shape


@every_layer
def test_float16_stays_float16(name):
    """Results and gradients have the dtype of x, whatever the parameters'."""
    layer = built(name)
    y = layer.forward(np.ones(LAYERS[name][1], "float16"))
    found = [y, layer.backward(y), *layer.grads.values()]
    assert {array.dtype for array in found} == {np.dtype("float16")}


@every_layer
def test_no_cotangent_is_a_zero_one(name):
    """As for every layer."""
    layer = built(name)
    layer.forward(normal(*LAYERS[name][1]))
    arrays = [layer.backward(None), *layer.grads.values()]
    assert all(not array.any() for array in arrays)


def test_backward_is_that_of_the_weight_that_forward_had():
    """A weight that is replaced in between is the next forward's."""
    layer, x = built("Conv2d", 3, 2, 3), normal(2, 3, 5, 5)
    dy = np.ones_like(layer.forward(x))
    dx = layer.backward(dy)
    layer.load_state({name: 2 * p for name, p in layer.params.items()})
    np.testing.assert_array_equal(layer.backward(dy), dx)
    layer.forward(x)
    np.testing.assert_array_equal(layer.backward(dy), 2 * dx)


@pytest.mark.parametrize("where", ["x", "dy", "weight"])
@pytest.mark.parametrize("value", [NAN, INF])
@pytest.mark.parametrize("padding", [0, 1])
def test_what_is_not_finite_spreads_as_in_torch(where, value, padding):
    """In float64: torch's float32 leaves padding out of some sums, and 0 times inf with it."""
    ours = built("Conv2d", 2, 2, 3, padding=padding)
    theirs = torch.nn.Conv2d(2, 2, 3, padding=padding).double()
    x, weight = normal(2, 2, 5, 5), normal(2, 2, 3, 3, seed=1)
    arrays = {"x": x, "weight": weight, "dy": np.ones((2, 2, 3 + 2 * padding, 3 + 2 * padding))}
    arrays[where][0, 1, 0, 0] = value
    ours.load_state({"weight": weight, "bias": np.zeros(2)})
    theirs.load_state_dict({n: torch.from_numpy(p) for n, p in ours.params.items()})
    tensor = torch.from_numpy(x).requires_grad_()
    y = theirs(tensor)
    y.backward(torch.from_numpy(arrays["dy"]))
    found = [ours.forward(x), ours.backward(arrays["dy"]), ours.grads["weight"]]
    for own, other in zip(found, (y, tensor.grad, theirs.weight.grad), strict=True):
        np.testing.assert_allclose(own, other.detach().numpy(), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("seed", range(20))
def test_spread_is_the_transpose_of_columns(seed):
    """<columns(x), c> = <x, spread(c)>, exactly in small integers."""
    rng = np.random.default_rng(seed)
    options = rng.integers(1, 4, (3, rng.integers(1, 4))).tolist()
    kernel = Kernel(*map(tuple, options))
    sizes = tuple(int(reach + rng.integers(0, 5)) for reach in kernel.reach)
    x = rng.integers(-9, 10, (2, 3, *sizes)).astype(float)
    columns = kernel.columns(x, kernel.counts(sizes))
    other = rng.integers(-9, 10, columns.shape).astype(float)
    assert np.sum(columns * other) == np.sum(x * kernel.spread(other, sizes))


@pytest.mark.parametrize("seed", range(10))
def test_either_way_to_the_gradients_is_right(seed):
    """They differ in the order of their sums alone, so in nothing on small integers."""
    rng = np.random.default_rng(seed)
    kernel, padding, dilation = rng.integers(1, 4, (3, 2)).tolist()
    layer = built(
        "Conv2d", 4, 4, tuple(kernel), padding=padding, dilation=dilation, groups=rng.choice([1, 2])
    )
    layer.params["weight"] = rng.integers(-9, 10, layer.params["weight"].shape).astype(float)
    dy = rng.integers(-9, 10, layer.forward(rng.integers(-9, 10, (2, 4, 7, 8)) * 1.0).shape) * 1.0
    by_x, by_dy = layer._by_columns_of_x(dy), layer._by_columns_of_dy(dy)
    for own, other in zip(by_x, by_dy, strict=True):
        np.testing.assert_array_equal(own, other)


def test_a_transposed_convolution_is_the_gradient_of_a_convolution():
    """With the same weight, which has the same axes in both."""
    conv = built("Conv2d", 3, 2, (3, 2), 2, 1, bias=False)
    transposed = built("ConvTranspose2d", 2, 3, (3, 2), 2, 1, bias=False)
    transposed.load_state(conv.params)
    x = normal(2, 3, 7, 8)
    dy = normal(*conv.forward(x).shape, seed=1)
    np.testing.assert_allclose(
        transposed.forward(dy, x.shape), conv.backward(dy), rtol=1e-14, atol=1e-14
    )


# Planted faults

# id: the module, what is replaced in it, by what, a layer and a case that finds it
FAULTS = {
    "F03-kernel-transposed": (
        "columns",
        "yield (slice(None), *tap),", "yield (slice(None), *tap[::-1]),", "Conv3d", "plain",
    ),
    "F19-kernel-flipped": (
        "columns", "axes = zip(tap, counts,",
        "axes = zip((k - 1 - t for k, t in zip(self.sizes, tap)), counts,", "Conv3d", "plain",
    ),
    "F19-same-pads-the-left-side-more": (
        "convolution",
        "((r - 1) // 2, r // 2)", "(r // 2, (r - 1) // 2)", "Conv3d", "even-same-fewer-out",
    ),
    "F19-output-padding-before": (
        "convolution", "(slice(p, n - p) for (p, _), n in zip(self._pads, sizes,",
        "(slice(p - e, n - p - e) for e, (p, _), n in zip(self._extra, self._pads, sizes,",
        "ConvTranspose1d", "stride-2-padding-2-output-padding-1-dilation-3",
    ),
    "F20-channels-of-a-group-apart": (
        "convolution",
        "return a.swapaxes(0, 1).reshape(self.groups, a.shape[1] // self.groups, -1)",
        "return a.swapaxes(0, 1).reshape(a.shape[1] // self.groups, self.groups, -1)"
        ".swapaxes(0, 1)", "ConvTranspose3d", "groups",
    ),
    "G01-by-x-not-transposed": (
        "convolution", "_product(self._W.swapaxes(1, 2), rows, out=columns)",
        "_product(self._W.reshape(*self._W.swapaxes(1, 2).shape), rows, out=columns)", "Conv3d",
        "plain",
    ),
    "G01-by-dy-not-transposed": (
        "convolution",
        "return flipped.swapaxes(1, 2).reshape(", "return flipped.reshape(", "Conv3d",
        "fewer-out-padded",
    ),
    "G01-transposed-weight-not-transposed": (
        "convolution", "self._learn(self._x @ columns.swapaxes(1, 2), dy)",
        "self._learn(columns @ self._x.swapaxes(1, 2), dy)", "ConvTranspose3d", "plain",
    ),
    "G02-no-bias-gradient": (
        "convolution",
        'self.grads["bias"] = np.sum(', 'self.grads["bias"] = 0 * np.sum(', "Conv3d", "plain",
    ),
    "G02-gradients-add-up": (
        "convolution",
        'self.grads["weight"] = dw', 'self.grads["weight"] = self.grads.get("weight", 0) + dw',
        "Conv3d", "plain",
    ),
    "G02-overlaps-not-added": (
        "columns", "x[seen] += columns[tap]", "x[seen] = columns[tap]", "Fold", "plain",
    ),
    "G05-mean-over-the-batch": (
        "convolution",
        "self._learn(dw, dy)", "self._learn(dw / max(len(dy), 1), dy)", "Conv3d", "plain",
    ),
    "G07-one-weight-in-thousands": (
        "convolution", 'self.grads["weight"] = dw', """dw[-1, -1, -1] *= 1 + 1e-9
        self.grads["weight"] = dw""", "Conv2d", "many",
    ),
    "G07-one-output-in-thousands": (
        "convolution", "self._y = self._like(x, y)", """self._y = self._like(x, y)
        self._y.reshape(-1)[-1:] *= 1 + 1e-9""", "Conv2d", "many",
    ),
    "G09-zeros-meet-nan": (
        "convolution", "return able and fewer and all(finite)", "return able and fewer", "Conv2d",
        "hard-fewer-out",
    ),
    "G10-stale-input": (
        "convolution", "self._x = batch", 'self._x = getattr(self, "_x", batch)', "Conv3d", "plain",
    ),
    "G10-stale-input-of-the-transposed": (
        "convolution",
        "self._x = self._rows(batch)", 'self._x = getattr(self, "_x", self._rows(batch))',
        "ConvTranspose3d", "plain",
    ),
    "G11-narrow-product": (
        "convolution", "dw = rows @ columns.swapaxes(1, 2)",
        'dw = (rows.astype("f4") @ columns.swapaxes(1, 2)).astype(rows.dtype)', "Conv3d",
        "plain",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The case that is about it calls it a finding, and not for an exception."""
    module, old, new, layer, case = FAULTS[fault]
    rungs = {*planted(module, layer, old, new, case).values()}
    assert rungs & {"value", "nan", "gradient"}
