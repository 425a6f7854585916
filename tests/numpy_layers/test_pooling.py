"""The poolings: what they refuse, what pairs cannot show, and the faults that the pairs find."""

import numpy as np
import pytest
import torch

from numpy_layers import pooling, windows

INF, NAN = np.inf, np.nan

# name: the constructor's arguments, the shapes that forward takes
LAYERS = {
    **{f"MaxPool{r}d": ((2,), (2, 3, *(4,) * r)) for r in (1, 2, 3)},
    **{f"AvgPool{r}d": ((2,), (2, 3, *(4,) * r)) for r in (1, 2, 3)},
    **{f"LPPool{r}d": ((2.0, 2), (2, 3, *(4,) * r)) for r in (1, 2, 3)},
    **{f"MaxUnpool{r}d": ((2,), (2, 3, *(4,) * r)) for r in (1, 2, 3)},
    **{f"AdaptiveAvgPool{r}d": ((3,), (2, 3, *(4,) * r)) for r in (1, 2, 3)},
    **{f"AdaptiveMaxPool{r}d": ((3,), (2, 3, *(4,) * r)) for r in (1, 2, 3)},
}
every_layer = pytest.mark.parametrize("name", LAYERS)


def built(name, *args, **kwargs):
    """Return a layer, by default with the arguments of the table."""
    return getattr(pooling, name)(*(args or LAYERS[name][0]), **kwargs)


def ran(layer, x):
    """Run forward, with indices 0, 1, 2 .. of each plane where the layer takes indices."""
    if "Unpool" not in type(layer).__name__:
        return layer.forward(x)
    places = np.indices(x.shape)[x.ndim - layer._rank :]
    return layer.forward(x, np.ravel_multi_index(tuple(places), x.shape[-layer._rank :]))


def normal(shape, dtype="float64", seed=0):
    """Return standard normal numbers that the seed fixes."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# Refusals


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("MaxPool1d", (0,), {}, r"MaxPool1d\(0\): kernel_size is 0, expected an int of 1 or more"),
        ("MaxPool2d", (2.0,), {}, "kernel_size is 2.0, expected an int of 1 or more, or 2 of them"),
        ("MaxPool2d", (True,), {}, "kernel_size is True, expected an int"),
        ("MaxPool2d", ((2, 2, 2),), {}, r"kernel_size is \(2, 2, 2\), expected an int"),
        ("MaxPool2d", ("ab",), {}, "kernel_size is 'ab', expected an int"),
        ("MaxPool2d", ((),), {}, r"kernel_size is \(\), expected an int"),
        ("AvgPool3d", (2, 0), {}, r"AvgPool3d\(2, stride=0\): stride is 0, expected an int of 1"),
        ("LPPool2d", (2, 2, (1, -1)), {}, r"stride is \(1, -1\), expected an int of 1 or more"),
        ("AvgPool1d", (2, 1, -1), {}, "padding is -1, expected an int of 0 or more"),
        ("AvgPool2d", (3, 1, (1, 2)), {}, r"padding is \(1, 2\), expected at most half of kernel"),
        ("MaxPool2d", (3, 1, 2), {"dilation": 2}, "padding is 2, expected at most half of kernel"),
        ("MaxPool3d", (2,), {"dilation": 0}, "dilation is 0, expected an int of 1 or more"),
        ("AvgPool2d", (2,), {"divisor_override": 0}, "divisor_override is 0, expected an int"),
        ("AvgPool2d", (2,), {"divisor_override": 1.5}, "divisor_override is 1.5, expected an int"),
        ("AvgPool2d", (2,), {"divisor_override": True}, "divisor_override is True, expected"),
        ("LPPool1d", (0, 2), {}, "norm_type is 0, expected a number but 0"),
        ("LPPool1d", (NAN, 2), {}, "norm_type is nan, expected a number but 0"),
        ("LPPool1d", ("2", 2), {}, "norm_type is '2', expected a number but 0"),
        ("MaxUnpool2d", (2, 0), {}, "stride is 0, expected an int of 1 or more"),
        ("MaxUnpool2d", (2, 1, -1), {}, "padding is -1, expected an int of 0 or more"),
        ("AdaptiveAvgPool1d", (None,), {}, "output_size is None, expected an int of 0 or more$"),
        ("AdaptiveAvgPool1d", ((None,),), {}, r"output_size is \(None,\), expected an int of 0"),
        ("AdaptiveAvgPool2d", (None,), {}, "output_size is None, expected .*, or 2 of them or"),
        ("AdaptiveAvgPool2d", ((3,),), {}, r"output_size is \(3,\), expected an int of 0 or more"),
        ("AdaptiveMaxPool3d", ((3, -1, 2),), {}, r"output_size is \(3, -1, 2\), expected an int"),
        ("AdaptiveMaxPool2d", (2.0,), {}, "output_size is 2.0, expected an int of 0 or more"),
        ("AdaptiveMaxPool2d", (True,), {}, "output_size is True, expected an int of 0 or more"),
    ],
)  # fmt: skip
def test_an_option_that_is_not_taken_is_refused(name, args, kwargs, message):
    """The message has the layer's name, the option as given and what was expected."""
    with pytest.raises(ValueError, match=rf"^{message}|^{name}\(.*\): {message}"):
        built(name, *args, **kwargs)


@pytest.mark.parametrize(
    ("name", "args", "shape", "message"),
    [
        ("MaxPool1d", (2,), (4,), r"\(4,\), expected \(C, L\) or \(N, C, L\)$"),
        ("AvgPool2d", (2,), (4, 4), r"expected \(C, H, W\) or \(N, C, H, W\)$"),
        ("LPPool3d", (2, 2), (1,) * 6, r"expected \(C, D, H, W\) or \(N, C, D, H, W\)$"),
        ("MaxUnpool2d", (2,), (4, 4), r"expected \(C, H, W\) or \(N, C, H, W\)$"),
        ("AdaptiveMaxPool1d", (2,), (1, 2, 3, 4), r"expected \(C, L\) or \(N, C, L\)$"),
        ("MaxPool1d", (2,), (2, 0, 4), r"\(2, 0, 4\), expected elements along the last 2 axes$"),
        ("AvgPool2d", (2,), (0, 4, 4), "expected elements along the last 3 axes$"),
        ("LPPool1d", (2, 2), (2, 3, 0), "expected elements along the last 2 axes$"),
        ("MaxUnpool1d", (2,), (2, 0, 4), "expected elements along the last 2 axes$"),
        ("AdaptiveMaxPool2d", (2,), (2, 0, 4, 4), "expected elements along the last 3 axes$"),
        ("AdaptiveAvgPool2d", (2,), (2, 3, 0, 4), "expected elements along the last 2 axes$"),
        ("MaxPool2d", (3,), (1, 3, 2), r"\(1, 3, 2\), expected room for one window$"),
        ("AvgPool1d", (5,), (1, 4), "expected room for one window$"),
        ("LPPool2d", (2, (1, 5)), (1, 9, 4), "expected room for one window$"),
        ("AvgPool3d", (3, 1, 1), (1, 3, 3, 2), r"expected \(3, 3, 3\) or more in the last axes$"),
        ("LPPool3d", (2, 3, 1, True), (1, 2, 3, 3), r"expected \(3, 3, 3\) or more in the last"),
        ("MaxPool1d", (2, 1, 1, 4), (1, 3), "a window falls between its elements, expected one in"),
    ],
)
def test_an_x_of_another_shape_is_refused(name, args, shape, message):
    """The message has the layer, the shape and what was expected."""
    layer = built(name, *args)
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): x has shape .*{message}"):
        ran(layer, np.ones(shape))


@every_layer
@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_an_x_of_another_dtype_is_refused(name, dtype):
    """Integers are not averaged, as in torch."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): x is {dtype}, expected float16"):
        ran(built(name), np.ones(LAYERS[name][1], dtype))


@pytest.mark.parametrize(
    ("indices", "size", "message"),
    [
        (np.array([[0, 3, 1]]), None, r"indices is int64 of shape \(1, 3\), expected int64 of"),
        (np.array([[0, 3]], "int32"), None, r"indices is int32 .*, expected int64 of"),
        (np.array([[0.0, 3.0]]), None, "indices is float64"),
        (np.array([[0, 4]]), None, "indices holds 4, expected 0 to 3$"),
        (np.array([[-1, 2]]), None, "indices holds -1, expected 0 to 3$"),
        (np.array([[0, 3]]), [6], r"output_size is \[6\], .*expected for the unpooled 3 to 5$"),
        (np.array([[0, 1]]), (2,), r"output_size is \(2,\), .*expected for the unpooled 3 to 5$"),
        (np.array([[0, 1]]), (1, 4), r"output_size is \(1, 4\), the pooled sizes \(2,\), expected"),
        (np.array([[0, 1]]), 4, "output_size is 4, the pooled sizes"),
        (np.array([[0, 1]]), (4.0,), "output_size is"),
    ],
)  # fmt: skip
def test_unpooling_refuses_what_no_pooling_gives(indices, size, message):
    """Indices outside of y would be written to other planes; sizes differ by less than a stride."""
    with pytest.raises(ValueError, match=rf"^MaxUnpool1d\(2\): {message}"):
        built("MaxUnpool1d", 2).forward(np.ones((1, 2)), indices, size)


def test_unpooling_refuses_a_padding_that_leaves_less_than_nothing():
    """A size below zero is no size."""
    with pytest.raises(ValueError, match=r"^MaxUnpool1d\(1, padding=1\): output_size is None"):
        built("MaxUnpool1d", 1, padding=1).forward(np.ones((1, 1)), np.zeros((1, 1), int))


@every_layer
def test_backward_before_forward_is_refused(name):
    """There is nothing to go back over."""
    with pytest.raises(ValueError, match=f"^{name}: backward called before forward$"):
        built(name).backward(np.ones(1))


@every_layer
def test_a_cotangent_of_another_shape_is_refused(name):
    """It is not broadcast."""
    layer = built(name)
    ran(layer, np.ones(LAYERS[name][1]))
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): cotangent has shape \(1,\), expected"):
        layer.backward(np.ones(1))


@every_layer
def test_a_state_is_refused(name):
    """Poolings have no parameters and no buffers."""
    layer = built(name)
    layer.load_state({})
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): state has missing names \[\], surplus"):
        layer.load_state({"weight": np.ones(1)})


@pytest.mark.parametrize(
    ("layer", "spelled"),
    [
        (pooling.MaxPool2d(3, 2, ceil_mode=True), "MaxPool2d(3, stride=2, ceil_mode=True)"),
        (pooling.AvgPool1d((2,), padding=1), "AvgPool1d((2,), padding=1)"),
        (pooling.LPPool1d(INF, 2), "LPPool1d(inf, 2)"),
        (pooling.AdaptiveMaxPool2d((None, 3)), "AdaptiveMaxPool2d((None, 3))"),
    ],
    ids=str,
)  # fmt: skip
def test_a_layer_is_spelled_as_it_was_called(layer, spelled):
    """Arguments are kept as given, not by axis."""
    assert repr(layer) == spelled


# What pairs cannot show


@every_layer
def test_hostile_values_pass_without_a_warning(name):
    """Infinities, NaN, and numbers whose sums and powers overflow are torch's business, too."""
    for scale in (np.finfo("float32").max, np.finfo("float32").tiny, INF, NAN, 0.0):
        layer, x = built(name), np.full(LAYERS[name][1], scale, "float32")
        y = ran(layer, x)
        for dy in (y, np.full_like(y, INF)):
            assert layer.backward(dy).shape == x.shape


@every_layer
def test_float16_stays_float16(name):
    """Results have the dtype of x."""
    layer = built(name)
    y = ran(layer, np.ones(LAYERS[name][1], "float16"))
    assert y.dtype == layer.backward(y).dtype == np.float16


@pytest.mark.parametrize("name", ["AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"])
def test_a_mean_of_float16_does_not_overflow(name):
    """The sum of four or more 60000 is kept in float32."""
    rank = int(name[-2])
    y = built(name, 2).forward(np.full((1, *(4,) * rank), 60000, "float16"))
    np.testing.assert_array_equal(y, np.full((1, *(2,) * rank), 60000))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpooling_what_was_pooled_leaves_the_maxima(rank):
    """Every element that is a maximum is there again, all others are 0."""
    x = np.random.default_rng(rank).permutation(2 * 6**rank).reshape(2, *(6,) * rank) + 1.0
    y, indices = built(f"MaxPool{rank}d", 2, return_indices=True).forward(x)
    back = built(f"MaxUnpool{rank}d", 2).forward(y, indices)
    np.testing.assert_array_equal(back, np.where(np.isin(x, y), x, 0))


def test_the_last_nan_takes_the_gradient():
    """It is above all numbers, and among its equals the last, where of numbers it is the first."""
    x = np.array([[NAN, 1.0, NAN, 2.0, 2.0, 2.0]])
    layer = built("MaxPool1d", 4, 2, return_indices=True)
    np.testing.assert_array_equal(layer.forward(x), ([[NAN, NAN]], [[2, 2]]))
    np.testing.assert_array_equal(layer.backward(np.array([[1.0, 10.0]])), [[0, 0, 11, 0, 0, 0]])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("hole", [0.0, 0.3], ids=["numbers", "nan"])
def test_maxima_by_tap_and_by_window_are_the_same(seed, hole):
    """Which way is taken depends on sizes alone, never what it finds."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((3, 6, 7)) < hole, NAN, rng.integers(-2, 3, (3, 6, 7)))
    along = [windows.sliding(6, 3, 2, 1), windows.sliding(7, 2, 1, 0, 3)]
    counts = tuple(len(w.at) for w in along)
    by_window = windows._maximum_by_window(x, along, counts)
    by_tap = windows._maximum_by_tap(x, along, counts, (3, 2))
    np.testing.assert_array_equal(by_tap, by_window.reshape(by_tap.shape))


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("count", range(1, 12))
def test_adaptive_windows_transpose_into_adaptive_windows(size, count):
    """That is why their gradient is a sum over windows of the other sizes."""

    def incidence(n, m):
        along = windows.adaptive(n, m)
        pairs = zip(along.at, along.inside, strict=True)
        return np.array([np.isin(np.arange(n), at[inside]) for at, inside in pairs])

    np.testing.assert_array_equal(incidence(size, count), incidence(count, size).T)


def test_torch_indices_lie_outside_where_a_window_falls_between_elements():
    """What is refused here is a position that torch's x does not have."""
    y, indices = torch.nn.MaxPool1d(2, 1, 1, 4, return_indices=True)(torch.ones(1, 3))
    assert y.item() == -INF
    assert indices.item() >= 3


def test_an_output_of_no_size_has_a_zero_gradient():
    """torch's forward gives it, too; its backward refuses it."""
    layer = built("AdaptiveAvgPool2d", (0, 2))
    assert layer.forward(np.ones((1, 3, 4, 4))).shape == (1, 3, 0, 2)
    np.testing.assert_array_equal(layer.backward(np.ones((1, 3, 0, 2))), np.zeros((1, 3, 4, 4)))


# Planted faults

STALE = """index, found = first_maximum(x, windows)
        self._from = getattr(self, "_from", found)
        if self._from.shape != found.shape:
            self._from = found
        self._shape = x.shape
        self._output = x.reshape(-1).take(found)"""

# id: the module, what is replaced in it, by what, a layer and a case that finds it
FAULTS = {
    "F07-adaptive-end": (
        "windows",
        "-(-(o + 1) * size // count)", "(o + 1) * size // count", "AdaptiveAvgPool3d", "3",
    ),
    "F12-last-maximum-by-tap": (
        "windows", "np.greater(seen, best", "np.greater_equal(seen, best", "MaxPool2d", "all-equal",
    ),
    "F12-last-maximum-by-window": (
        "windows", "first = np.argmax(rows, axis=1)",
        "first = rows.shape[1] - 1 - np.argmax(rows[:, ::-1], axis=1)",
        "AdaptiveMaxPool3d", "all-equal",
    ),
    "F12-adaptive-last-maximum-by-tap": (
        "windows", "np.greater(seen, best", "np.greater_equal(seen, best", "AdaptiveMaxPool1d",
        "ties",
    ),
    "F14-first-nan": (
        "windows", "tap[np.isnan(view)] = k", "pass", "MaxPool3d", "hard-overlapping",
    ),
    "F16-below-zero": ("pooling", "self._output += 0", "pass", "AvgPool2d", "zeros-below-zero"),
    "F19-no-ceil": (
        "windows", "(stride - 1 if ceil else 0)", "0", "AvgPool1d", "stride-4-ceil-mode-true",
    ),
    "F19-ceil-forgets-the-padding": (
        "windows", "stride >= size + padding", "stride >= size", "MaxPool1d",
        "padding-1-ceil-mode-true",
    ),
    "F19-window-in-the-padding": (
        "windows", "stride >= size + padding", "stride > size + padding", "MaxPool1d",
        "window-in-the-padding",
    ),
    "F19-counts-past-the-padding": (
        "windows", "np.sum(at < size + padding", "np.sum(at < at + 1", "AvgPool3d",
        "past-the-padding",
    ),
    "F19-counts-the-padding": (
        "pooling", "elif self.count_include_pad", "elif not self.count_include_pad", "AvgPool3d",
        "padding-1-count-include-pad-false",
    ),
    "F21-first-of-repeated-places": (
        "pooling", "[self._to.reshape(-1)] = x.reshape(-1)",
        "[self._to.reshape(-1)[::-1]] = x.reshape(-1)[::-1]", "MaxUnpool1d", "one-place-for-all",
    ),
    "G02-no-accumulation": (
        "windows", "dx[_along(axis, ins)] +=", "dx[_along(axis, ins)] =", "AvgPool3d", "stride-1",
    ),
    "G07-last-element-dropped": (
        "windows", "dx, to.reshape(-1), dy.reshape(-1)",
        "dx, to.reshape(-1)[:-1], dy.reshape(-1)[:-1]", "MaxPool3d", "plain",
    ),
    "G08-zero-windows": (
        "pooling", "np.where(self._mean == 0, 0, dy * slope)", "dy * slope", "LPPool3d",
        "zero-windows",
    ),
    "G10-stale-indices": (
        "pooling",
        """index, self._from = first_maximum(x, windows)
        self._shape = x.shape
        self._output = x.reshape(-1).take(self._from)""",
        STALE, "MaxPool3d", "plain",
    ),
    "G10-stale-input": (
        "pooling", "self._x = x = self._checked(x)",
        "x = self._checked(x); self._x = getattr(self, '_x', x)", "LPPool3d", "plain",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The case that is about it calls it a finding."""
    module, old, new, layer, case = FAULTS[fault]
    assert planted(module, layer, old, new, case)
