"""The upsamplings: what they refuse, what pairs cannot show, and the faults that pairs find."""

import inspect

import numpy as np
import pytest
import torch

from numpy_layers import upsampling

INF, NAN = np.inf, np.nan

# name: the constructor's arguments, a shape that forward takes
LAYERS = {
    "ChannelShuffle": ((2,), (2, 4, 3, 2)),
    "PixelShuffle": ((2,), (2, 4, 3, 2)),
    "PixelUnshuffle": ((2,), (2, 3, 4, 2)),
    "Upsample": ((7,), (2, 3, 4, 5)),
    "UpsamplingBilinear2d": ((7,), (2, 3, 4, 5)),
    "UpsamplingNearest2d": ((7,), (2, 3, 4, 5)),
}
every_layer = pytest.mark.parametrize("name", LAYERS)
MODES = {
    "nearest": 2, "nearest-exact": 2, "area": 2, "linear": 1, "bilinear": 2, "bicubic": 2,
    "trilinear": 3,
}  # fmt: skip
every_mode = pytest.mark.parametrize("mode", MODES)


def built(name, *args, **kwargs):
    """Return a layer, by default with the arguments of the table."""
    args = args or (() if kwargs else LAYERS[name][0])
    return getattr(upsampling, name)(*args, **kwargs)


def normal(shape, seed=0, dtype="float64"):
    """Return standard normal numbers that the seed fixes."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# Refusals


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("Upsample", {"size": 2, "mode": "lanczos"}, "mode is 'lanczos', expected one of nearest,"),
        ("Upsample", {"mode": "area"}, "neither size nor scale_factor given, expected one of them"),
        ("Upsample", {"size": 2, "scale_factor": 2}, "both size and scale_factor given, expected"),
        ("Upsample", {"size": 0}, "size is 0, expected whole numbers from 1"),
        ("Upsample", {"size": 2.0}, "size is 2.0, expected whole numbers from 1"),
        ("Upsample", {"size": True}, "size is True, expected whole numbers from 1"),
        ("Upsample", {"size": (2, -1)}, r"size is \(2, -1\), expected whole numbers from 1"),
        ("Upsample", {"scale_factor": 0}, "scale_factor is 0, expected more than 0"),
        ("Upsample", {"scale_factor": (2, -1.5)}, r"scale_factor is \(2, -1.5\), expected more"),
        ("Upsample", {"scale_factor": NAN}, "scale_factor is nan, expected more than 0"),
        ("Upsample", {"scale_factor": INF}, "scale_factor is inf, expected more than 0"),
        ("Upsample", {"scale_factor": "2"}, "scale_factor is '2', expected more than 0"),
        ("Upsample", {"size": 2, "align_corners": False}, "align_corners given, expected none in"),
        (
            "Upsample",
            {"size": 2, "mode": "area", "align_corners": True},
            "align_corners given, expected none in mode 'area'",
        ),
        (
            "Upsample",
            {"size": 2, "recompute_scale_factor": True},
            "recompute_scale_factor given, expected none with size",
        ),
        ("UpsamplingNearest2d", {"size": -3}, "size is -3, expected whole numbers from 1"),
        ("UpsamplingBilinear2d", {"scale_factor": 0.0}, "scale_factor is 0.0, expected more"),
        ("PixelShuffle", {"upscale_factor": 0}, "upscale_factor is 0, expected a whole number"),
        ("PixelShuffle", {"upscale_factor": 2.0}, "upscale_factor is 2.0, expected a whole number"),
        ("PixelUnshuffle", {"downscale_factor": -1}, "downscale_factor is -1, expected a whole"),
        ("PixelUnshuffle", {"downscale_factor": "2"}, "downscale_factor is '2', expected a whole"),
        ("ChannelShuffle", {"groups": 0}, "groups is 0, expected a whole number from 1"),
        ("ChannelShuffle", {"groups": True}, "groups is True, expected a whole number from 1"),
    ],
)
def test_an_option_that_is_not_taken_is_refused(name, kwargs, message):
    """The message has the layer, the option as given and what was expected."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): {message}"):
        built(name, **kwargs)


@pytest.mark.parametrize(
    ("name", "kwargs", "shape", "message"),
    [
        ("Upsample", {"size": 2}, (3, 4), r"rank 2, shape \(3, 4\), expected rank 3 or 4 or 5"),
        ("Upsample", {"size": 2, "mode": "linear"}, (1, 3, 4, 4), "x has rank 4, .* rank 3"),
        ("Upsample", {"size": 2, "mode": "bilinear"}, (1, 3, 4), "x has rank 3, .* rank 4"),
        ("Upsample", {"size": 2, "mode": "bicubic"}, (1, 3, 4), "x has rank 3, .* rank 4"),
        ("Upsample", {"size": 2, "mode": "trilinear"}, (1, 3, 4), "x has rank 3, .* rank 5"),
        ("Upsample", {"size": (2,)}, (1, 3, 4, 4), r"size has 1 numbers, .*\(1, 3, 4, 4\), .* 2"),
        ("Upsample", {"scale_factor": (2, 2)}, (1, 3, 4), "scale_factor has 2 numbers, .* 1"),
        ("Upsample", {"scale_factor": 0.2}, (1, 3, 4), r"y would have \(0,\) places, expected"),
        ("Upsample", {"size": 2}, (1, 3, 0), r"x has shape \(1, 3, 0\), .* expected none to be 0"),
        ("Upsample", {"size": 2}, (1, 0, 4), r"x has shape \(1, 0, 4\), .* expected none to be 0"),
        ("UpsamplingBilinear2d", {"size": 2}, (1, 3, 4), "x has rank 3, .* expected rank 4"),
        ("PixelShuffle", {"upscale_factor": 2}, (4, 4), r"rank 2, shape \(4, 4\), expected 3"),
        ("PixelShuffle", {"upscale_factor": 2}, (2, 6, 3, 3), "6 channels, .* a multiple of 4"),
        ("PixelUnshuffle", {"downscale_factor": 2}, (4, 4), "x has rank 2, shape"),
        ("PixelUnshuffle", {"downscale_factor": 2}, (1, 3, 4), r"\(3, 4\) places, .* multiples"),
        ("PixelUnshuffle", {"downscale_factor": 2}, (1, 4, 3), r"\(4, 3\) places, .* of 2"),
        ("ChannelShuffle", {"groups": 2}, (2, 4), r"rank 2, shape \(2, 4\), expected 3 or more"),
        ("ChannelShuffle", {"groups": 2}, (2, 3, 4), "x has 3 channels, .* a multiple of 2"),
    ],
)  # fmt: skip
def test_an_x_of_another_shape_is_refused(name, kwargs, shape, message):
    """The message has the layer, the shape and what was expected."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): .*{message}"):
        built(name, **kwargs).forward(np.ones(shape))


@every_layer
@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_an_x_of_another_dtype_is_refused(name, dtype):
    """Integers are not interpolated."""
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


@every_layer
def test_a_state_is_refused(name):
    """There are no parameters and no buffers."""
    layer = built(name)
    layer.load_state({})
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): state has missing names \[\], surplus"):
        layer.load_state({"weight": np.ones(1)})


def test_a_refused_x_leaves_the_last_forward():
    """backward still belongs to the x that was taken."""
    layer, x = built("Upsample", scale_factor=0.5), normal((1, 2, 4, 6))
    y = layer.forward(x)
    with pytest.raises(ValueError, match="expected none to be 0"):
        layer.forward(x[..., :1])
    assert layer.backward(y).shape == x.shape


@pytest.mark.parametrize(
    ("layer", "spelled"),
    [
        (upsampling.Upsample(scale_factor=2), "Upsample(scale_factor=2)"),
        (upsampling.Upsample((3, 4), mode="area"), "Upsample(size=(3, 4), mode='area')"),
        (upsampling.UpsamplingBilinear2d(3), "UpsamplingBilinear2d(size=3)"),
        (upsampling.PixelShuffle(3), "PixelShuffle(3)"),
    ],
    ids=str,
)
def test_a_layer_is_spelled_as_it_was_called(layer, spelled):
    """Arguments are kept as given, not by axis."""
    assert repr(layer) == spelled


# What pairs cannot show


@every_layer
def test_the_options_are_those_of_torch(name):
    """In its order, with its defaults."""

    def options(layer):
        own = inspect.signature(layer.__init__).parameters.values()
        return [(p.name, p.kind, p.default) for p in own]

    assert options(getattr(upsampling, name)) == options(getattr(torch.nn, name))


@every_mode
def test_hostile_values_pass_without_a_warning(mode):
    """Infinities, NaN, and numbers whose sums overflow are torch's business, too."""
    for scale in (np.finfo("float32").max, np.finfo("float32").tiny, INF, NAN, 0.0):
        layer = built("Upsample", scale_factor=1.5, mode=mode)
        x = np.full((1, 2, *(4,) * MODES[mode]), scale, "float32")
        y = layer.forward(x)
        for dy in (y, np.full_like(y, INF)):
            assert layer.backward(dy).shape == x.shape


@every_layer
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_results_have_the_dtype_of_x(name, dtype):
    """dx, too."""
    layer = built(name)
    y = layer.forward(np.ones(LAYERS[name][1], dtype))
    assert y.dtype == layer.backward(y).dtype == dtype


@every_mode
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 2, 5, 13, 64])
def test_constants_stay_constants(mode, dtype, n):
    """The weights of every output are 1 in sum."""
    for m in (1, 2, 3, 7, 29, 100):
        layer = built("Upsample", m, mode=mode)
        y = layer.forward(np.full((1, 1, *(n,) * MODES[mode]), 3, dtype))
        np.testing.assert_allclose(y, 3, rtol=16 * np.finfo(dtype).eps)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("option", ["size", "scale_factor"])
def test_weights_are_torchs_to_the_last_bit(mode, dtype, option):
    """Even where a position rounds to a place: seen on rows that are 1 at one place each."""
    for n in (1, 2, 3, 7, 10, 33, 100):
        for value in {"size": (1, 3, 20, 66, 127), "scale_factor": (3, 1.5, 1.7, 2.5, 0.7)}[option]:
            if option == "scale_factor" and int(n * value) in (0, n, 2 * n):
                continue
            x = np.eye(n, dtype=dtype)[:, None]
            kwargs = {option: value, "mode": mode}
            y = torch.nn.Upsample(**kwargs)(torch.from_numpy(x)).numpy()
            np.testing.assert_array_equal(built("Upsample", **kwargs).forward(x), y)


@every_mode
def test_backward_is_the_adjoint_of_forward(mode):
    """<y, W x> = <W^T y, x>, where torch's backward is another one, too."""
    for options in ({"scale_factor": 1.2}, {"scale_factor": 2.2}, {"size": 3}, {"size": 9}):
        layer = built("Upsample", **options, mode=mode)
        x = normal((1, 2, *(4,) * MODES[mode]))
        y = layer.forward(x)
        dy = normal(y.shape, seed=1)
        np.testing.assert_allclose(np.sum(layer.backward(dy) * x), np.sum(dy * y), rtol=1e-12)


def test_a_shuffle_undoes_the_other():
    """PixelUnshuffle after PixelShuffle, ChannelShuffle by the quotient after one by groups."""
    x = normal((2, 18, 3, 4))
    for r in (1, 3):
        there, back = built("PixelShuffle", r), built("PixelUnshuffle", r)
        np.testing.assert_array_equal(back.forward(there.forward(x)), x)
    for groups in (1, 2, 6, 18):
        there, back = built("ChannelShuffle", groups), built("ChannelShuffle", 18 // groups)
        np.testing.assert_array_equal(back.forward(there.forward(x)), x)


@every_layer
def test_an_empty_batch_has_an_empty_result(name):
    """In the usual shapes, where torch fails at PixelShuffle and PixelUnshuffle."""
    layer, x = built(name), np.ones((0, *LAYERS[name][1][1:]))
    y = layer.forward(x)
    assert y.shape == (0, *built(name).forward(np.ones(LAYERS[name][1])).shape[1:])
    assert layer.backward(y).shape == x.shape


# Planted faults

# id: what is replaced in the module, by what, a layer and a case that finds it
FAULTS = {
    "F03-channels-not-split": (
        "r, r, H, W)\n    y", "r, r, H, W).swapaxes(-4, -3)\n    y", "PixelShuffle", "plain",
    ),
    "F03-dealt-out-again": (
        "y.shape[1] // self.groups", "self.groups", "ChannelShuffle", "plain",
    ),
    "F07-last-covered-in-part": (
        "-((i + 1) * -n // m)", "max((i + 1) * n // m, i * n // m + 1)", "Upsample",
        "area-size",
    ),
    "F13-nearest-rounded": (
        "else step * i\n", "else np.round(step * i)\n", "UpsamplingNearest2d", "7",
    ),
    "F13-rounded-up": (
        "np.floor(position.astype(np.float32))", "np.ceil(position)",
        "UpsamplingNearest2d", "7",
    ),
    "F18-other-cubic": ("a: float = -0.75", "a: float = -0.5", "Upsample", "bicubic-twice"),
    "F19-align-corners-ignored": (
        "if self.align_corners:", "if False:", "UpsamplingBilinear2d", "scale-factor-2",
    ),
    "F19-always-aligned": ("if self.align_corners:", "if True:", "Upsample", "bilinear-size"),
    "F19-half-pixel-forgotten": (
        "i + x.dtype.type(0.5), _step(n, m, factor, x.dtype), -0.5",
        "i, _step(n, m, factor, x.dtype), 0.0", "Upsample", "trilinear-factor",
    ),
    "F19-exact-as-nearest": (
        'exact=self.mode != "nearest"', "exact=False", "Upsample", "nearest-exact-size",
    ),
    "F19-edge-not-repeated": (
        "np.clip(low + step, 0, n - 1)", "(low + step) % n", "Upsample", "bicubic-twice",
    ),
    "F19-factor-recomputed": (
        "exact = self.size is not None or self.recompute_scale_factor", "exact = True", "Upsample",
        "linear-factor",
    ),
    "F19-factor-not-recomputed": (
        "exact = self.size is not None or self.recompute_scale_factor",
        "exact = self.size is not None", "Upsample", "nearest-recomputed",
    ),
    "F14-nan-dropped": (
        "terms *= weights[entries]", "terms = np.nan_to_num(terms) * weights[entries]", "Upsample",
        "not-finite-bilinear",
    ),
    "F14-nan-spread": (
        "if m != n else low", "", "Upsample", "same-size",
    ),
    "G01-columns-of-forward": (
        "self._x_shape[axis], columns, rows, weights", "self._x_shape[axis], columns, rows, "
        "np.ones_like(weights)", "UpsamplingBilinear2d", "7",
    ),
    "G02-no-accumulation": (
        "_as_slice(some),)] += terms", "_as_slice(some),)] = terms",
        "UpsamplingNearest2d", "7",
    ),
    "G07-last-entries-dropped": (
        "range(rank.max() + 1)", "range(max(rank.max(), 1))", "UpsamplingBilinear2d", "7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The case that is about it calls it a finding."""
    old, new, layer, case = FAULTS[fault]
    assert planted("upsampling", layer, old, new, case)
