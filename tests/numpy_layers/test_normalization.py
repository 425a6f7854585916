"""The normalisations: what they refuse, what pairs cannot show, and the faults that pairs find."""

import inspect

import numpy as np
import pytest
import torch

from numpy_layers import normalization

INF, NAN = np.inf, np.nan

# name: the constructor's arguments, a shape that forward takes
LAYERS = {
    "BatchNorm1d": ((3,), (4, 3, 5)),
    "BatchNorm2d": ((3,), (4, 3, 5, 2)),
    "BatchNorm3d": ((3,), (4, 3, 5, 2, 2)),
    "GroupNorm": ((2, 6), (4, 6, 5)),
    "InstanceNorm1d": ((3,), (4, 3, 5)),
    "InstanceNorm2d": ((3,), (4, 3, 5, 2)),
    "InstanceNorm3d": ((3,), (4, 3, 5, 2, 2)),
    "LayerNorm": (((3, 5),), (4, 3, 5)),
    "LocalResponseNorm": ((3,), (4, 3, 5)),
    "RMSNorm": (((3, 5),), (4, 3, 5)),
}
BATCH = [name for name in LAYERS if name.startswith("Batch")]
TRACKED = [name for name in LAYERS if name[-1] == "d"]
every_layer = pytest.mark.parametrize("name", LAYERS)


def built(name, *args, **kwargs):
    """Return a layer, by default with the arguments of the table."""
    return getattr(normalization, name)(*(args or LAYERS[name][0]), **kwargs)


def normal(shape, seed=0, dtype="float64"):
    """Return standard normal numbers that the seed fixes."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# Refusals


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("BatchNorm1d", (2.0,), {}, "2.0 channels, expected a whole number"),
        ("BatchNorm2d", (-1,), {}, "-1 channels, expected a whole number"),
        ("BatchNorm3d", (True,), {}, "True channels, expected a whole number"),
        ("BatchNorm1d", (2,), {"eps": -1e-5}, "eps is -1e-05, expected 0 or more"),
        ("InstanceNorm1d", ("2",), {}, "'2' channels, expected a whole number"),
        ("GroupNorm", (2, 3), {}, "2 groups for 3 channels, expected a number that divides them"),
        ("GroupNorm", (0, 3), {}, "0 groups for 3 channels, expected .*"),
        ("GroupNorm", (-3, 3), {}, "-3 groups for 3 channels, expected .*"),
        ("GroupNorm", (1, 3.0), {}, "3.0 channels, expected a whole number"),
        ("LayerNorm", ((),), {}, r"normalized_shape is \(\), expected a size or sizes"),
        ("LayerNorm", (2.0,), {}, "normalized_shape is 2.0, expected a size or sizes"),
        ("LayerNorm", ((2, -1),), {}, r"normalized_shape is \(2, -1\), expected a size or sizes"),
        ("RMSNorm", (True,), {}, "normalized_shape is True, expected a size or sizes"),
        ("LocalResponseNorm", (0,), {}, "size is 0, expected a whole number from 1"),
        ("LocalResponseNorm", (2.0,), {}, "size is 2.0, expected a whole number from 1"),
    ],
)
def test_an_option_that_is_not_taken_is_refused(name, args, kwargs, message):
    """The message has the layer, the option as given and what was expected."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): {message}$"):
        built(name, *args, **kwargs)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "shape", "message"),
    [
        ("BatchNorm1d", (3,), {}, (3,), r"x has rank 1, shape \(3,\), expected rank 2 or 3"),
        ("BatchNorm2d", (3,), {}, (4, 3, 5), r"rank 3, shape \(4, 3, 5\), expected rank 4"),
        ("BatchNorm3d", (3,), {}, (3, 5, 2, 2), "x has rank 4, shape .*, expected rank 5"),
        ("BatchNorm1d", (3,), {}, (4, 2), r"x has 2 channels, shape \(4, 2\), expected 3"),
        ("BatchNorm1d", (3,), {}, (1, 3), r"one value a mean, shape \(1, 3\), expected more"),
        ("BatchNorm2d", (3,), {}, (1, 3, 1, 1), "x has one value a mean, shape"),
        ("BatchNorm1d", (3,), {"eps": 0}, (2, 3), "eps is 0, expected more in training"),
        ("InstanceNorm1d", (3,), {}, (3,), "x has rank 1, shape .*, expected rank 2 or 3"),
        ("InstanceNorm2d", (3,), {}, (3, 2), "x has rank 2, shape .*, expected rank 3 or 4"),
        ("InstanceNorm3d", (3,), {}, (3, 2, 2), "x has rank 3, shape .*, expected rank 4 or 5"),
        ("InstanceNorm2d", (3,), {}, (2, 4, 5), r"x has 2 channels, .*\(2, 4, 5\), expected 3"),
        ("InstanceNorm1d", (3,), {}, (9, 3, 1), "x has one value a mean, shape"),
        ("GroupNorm", (2, 6), {}, (6,), r"x has rank 1, shape \(6,\), expected 2 or more"),
        ("GroupNorm", (2, 6), {}, (4, 5), r"x has 5 channels, shape \(4, 5\), expected 6"),
        ("GroupNorm", (6, 6), {}, (1, 6), "x has one value a channel, shape"),
        ("LayerNorm", ((3, 5),), {}, (3, 4), r"shape \(3, 4\), expected \(3, 5\) at its end"),
        ("LayerNorm", ((3, 5),), {}, (5,), r"x has shape \(5,\), expected \(3, 5\) at its end"),
        ("RMSNorm", (5,), {}, (), r"x has shape \(\), expected \(5,\) at its end"),
        ("LocalResponseNorm", (2,), {}, (4, 3), r"x has rank 2, shape \(4, 3\), expected 3 or"),
    ],
)  # fmt: skip
def test_an_x_of_another_shape_is_refused(name, args, kwargs, shape, message):
    """The message has the layer, the shape and what was expected."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): .*{message}"):
        built(name, *args, **kwargs).forward(np.ones(shape))


@every_layer
@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_an_x_of_another_dtype_is_refused(name, dtype):
    """Integers have no mean of their own dtype."""
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
    layer.forward(normal(LAYERS[name][1]))
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): cotangent has shape \(1,\), expected"):
        layer.backward(np.ones(1))


@every_layer
def test_a_state_with_other_names_or_shapes_is_refused(name):
    """Nothing is loaded then."""
    layer = built(name)
    own = layer.params | layer.buffers
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): state has missing names .*, surplus"):
        layer.load_state(own | {"other": np.ones(1)})
    for key in own:
        with pytest.raises(ValueError, match=rf"^{name}\(.*\): {key} has shape \(7,\), expected"):
            layer.load_state(own | {key: np.ones(7)})


# What pairs cannot show


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        *((name, {}) for name in LAYERS),
        *((name, {"affine": flag}) for name in TRACKED for flag in (False, True)),
        *((name, {"track_running_stats": flag}) for name in TRACKED for flag in (False, True)),
        *((name, {"affine": True, "bias": False}) for name in (*TRACKED, "GroupNorm")),
        ("GroupNorm", {"affine": False}),
        *((name, {"elementwise_affine": False}) for name in ("LayerNorm", "RMSNorm")),
        ("LayerNorm", {"bias": False}),
    ],
)
def test_a_new_layer_has_the_state_of_a_new_module(name, kwargs):
    """All parameters and buffers start at torch's constants, in torch's dtypes."""
    layer = built(name, **kwargs)
    twin = getattr(torch.nn, name)(*LAYERS[name][0], **kwargs)
    assert layer.params.keys() == dict(twin.named_parameters()).keys()
    state = layer.params | layer.buffers
    assert state.keys() == twin.state_dict().keys()
    for key, value in twin.state_dict().items():
        np.testing.assert_array_equal(state[key], value.numpy(), strict=True)


@every_layer
def test_the_options_are_those_of_torch(name):
    """In its order, with its defaults; dtype and device, which a NumPy layer has not, aside."""

    def options(layer):
        own = inspect.signature(layer.__init__).parameters.values()
        return [(p.name, p.kind, p.default) for p in own if p.name not in ("device", "dtype")]

    assert options(getattr(normalization, name)) == options(getattr(torch.nn, name))


@every_layer
def test_hostile_values_pass_without_a_warning(name):
    """Infinities, NaN, constants, and numbers whose squares overflow are torch's business, too."""
    for scale in (np.finfo("float32").max, np.finfo("float32").tiny, INF, NAN, 0.0):
        layer, x = built(name), np.full(LAYERS[name][1], scale, "float32")
        y = layer.forward(x)
        for dy in (y, np.full_like(y, INF)):
            assert layer.backward(dy).shape == x.shape


@every_layer
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_results_have_the_dtype_of_x(name, dtype):
    """Gradients of parameters too; the running statistics keep theirs."""
    layer = built(name)
    y = layer.forward(normal(LAYERS[name][1], dtype=dtype))
    dx = layer.backward(y)
    assert {a.dtype for a in (y, dx, *layer.grads.values())} == {np.dtype(dtype)}
    assert {b.dtype for b in layer.buffers.values()} <= {np.dtype("float32"), np.dtype("int64")}


@every_layer
def test_float16_is_as_good_as_float32(name):
    """Squares that float16 cannot hold are held."""
    x = 300 * normal(LAYERS[name][1], dtype="float16")
    wide = built(name).forward(x.astype("float32"))
    np.testing.assert_array_equal(built(name).forward(x), wide.astype("float16"))


@pytest.mark.parametrize("name", [n for n in LAYERS if "RMS" not in n and "Local" not in n])
@pytest.mark.parametrize(("shift", "scale"), [(1e3, 1.0), (-1e5, 1.0), (1e3, 1e-2)])
def test_offset_data_are_no_worse_than_in_torch(name, shift, scale):
    """In float32, against float64 on the same float32 numbers."""
    x = (shift + scale * normal(LAYERS[name][1])).astype("float32")
    twin = getattr(torch.nn, name)(*LAYERS[name][0])
    theirs = twin(torch.from_numpy(x)).detach().numpy()
    exact = built(name).forward(x.astype("float64"))
    ours = np.abs(built(name).forward(x) - exact).max()
    assert ours <= max(np.abs(theirs - exact).max(), np.finfo("float32").eps * np.abs(exact).max())


@pytest.mark.parametrize("name", BATCH)
@pytest.mark.parametrize("momentum", [None, 0.3, 0.0, 1.0])
def test_running_statistics_follow_the_batches(name, momentum):
    """They are means of the batches' own, the variance with n - 1; torch says the same."""
    layer, twin = built(name, momentum=momentum), getattr(torch.nn, name)(3, momentum=momentum)
    mean, var = np.zeros(3), np.ones(3)
    for k in range(1, 5):
        x = k + k * normal(LAYERS[name][1], seed=k)
        layer.forward(x)
        twin.double()(torch.from_numpy(x))
        channels = np.moveaxis(x, 1, 0).reshape(3, -1)
        weight = 1 / k if momentum is None else momentum
        mean = (1 - weight) * mean + weight * channels.mean(axis=1)
        var = (1 - weight) * var + weight * channels.var(axis=1, ddof=1)
        tolerance = {"rtol": 8 * np.finfo("float32").eps}
        np.testing.assert_allclose(layer.buffers["running_mean"], mean, **tolerance)
        np.testing.assert_allclose(layer.buffers["running_var"], var, **tolerance)
        for key, value in twin.named_buffers():
            np.testing.assert_allclose(layer.buffers[key], value.numpy(), **tolerance)
        assert layer.buffers["num_batches_tracked"] == k


@pytest.mark.parametrize("name", TRACKED)
def test_evaluation_uses_the_running_statistics_and_leaves_them(name):
    """Each element depends on itself alone, and no buffer moves."""
    layer = built(name, track_running_stats=True)
    x = 2 + 3 * normal(LAYERS[name][1])
    layer.forward(x)
    before = {key: value.copy() for key, value in layer.buffers.items()}
    whole = layer.eval().forward(x)
    np.testing.assert_array_equal(layer.forward(x[:1]), whole[:1])
    for key, value in before.items():
        np.testing.assert_array_equal(layer.buffers[key], value, strict=True)
    assert not np.array_equal(whole, layer.train().forward(x))


@pytest.mark.parametrize("name", TRACKED)
def test_training_does_not_look_at_the_running_statistics(name):
    """The same batch has the same result whatever was tracked before."""
    x = normal(LAYERS[name][1])
    used = built(name, track_running_stats=True)
    used.forward(5 + 7 * x)
    np.testing.assert_array_equal(used.forward(x), built(name).forward(x))


@pytest.mark.parametrize("name", TRACKED)
def test_buffers_are_replaced_not_written_to(name):
    """Who kept the arrays of an earlier step still has them."""
    layer = built(name, track_running_stats=True)
    kept = dict(layer.buffers)
    copies = {key: value.copy() for key, value in kept.items()}
    layer.forward(normal(LAYERS[name][1]))
    for key, value in copies.items():
        np.testing.assert_array_equal(kept[key], value)


@pytest.mark.parametrize("name", TRACKED)
@pytest.mark.parametrize("training", [True, False])
def test_backward_belongs_to_the_mode_of_its_forward(name, training):
    """Switching the mode between the two changes nothing."""
    layer = built(name, track_running_stats=True)
    x, dy = normal(LAYERS[name][1]), normal(LAYERS[name][1], seed=1)
    switch = layer.train if training else layer.eval
    switch().forward(x)
    dx = layer.backward(dy)
    (layer.eval if training else layer.train)()
    np.testing.assert_array_equal(layer.backward(dy), dx)


@pytest.mark.parametrize("name", BATCH)
@pytest.mark.parametrize("place", [0, 2])
def test_a_batch_of_none_is_counted_and_moves_nothing(name, place):
    """As torch: it adds to the number of batches alone."""
    layer, shape = built(name), list(LAYERS[name][1])
    shape[place] = 0
    x = np.ones(shape)
    assert layer.backward(layer.forward(x)).shape == x.shape
    assert layer.buffers["num_batches_tracked"] == 1
    np.testing.assert_array_equal(layer.buffers["running_var"], np.ones(3))
    for gradient in layer.grads.values():
        np.testing.assert_array_equal(gradient, np.zeros(3))


@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [
        ("LayerNorm", (300,), (4, 300)),
        ("LocalResponseNorm", (3,), (2, 3, 300)),
        ("BatchNorm2d", (3,), (2, 3, 20, 20)),
    ],
)
def test_the_buffer_of_numpy_is_as_it_was(name, args, shape):
    """A smaller one is used within, for the sake of speed."""
    layer, size = built(name, *args), np.getbufsize()
    layer.backward(layer.forward(normal(shape)))
    assert np.getbufsize() == size


# Planted faults

# id: what is replaced in the module, by what, a layer and a case that finds it
FAULTS = {
    "F04-sum-for-mean": ("total / max(self._count, 1)", "total", "InstanceNorm2d", "plain"),
    "F04-one-instance-for-their-mean": (
        "np.mean(newest, axis=0)", "newest[0]", "InstanceNorm2d", "track-running-stats-true",
    ),
    "F05-wrong-axis": ("_pooled = (2,)", "_pooled = (0,)", "GroupNorm", "plain"),
    "F07-window-one-short": (
        "range(1, min(before, C - 1) + 1)", "range(1, min(before, C - 1))", "LocalResponseNorm",
        "size-2",
    ),
    "F08-running-biased": (
        "self._var * (self._count / (self._count - 1))", "self._var", "BatchNorm2d", "plain",
    ),
    "F08-instance-running-biased": (
        "self._var * (self._count / (self._count - 1))", "self._var", "InstanceNorm1d",
        "track-running-stats-true",
    ),
    "F08-normalised-unbiased": (
        "var = np.maximum(", "var = self._count / (self._count - 1) * np.maximum(", "BatchNorm1d",
        "plain",
    ),
    "F09-outside-the-root": (
        "1 / np.sqrt(var + self.eps)", "1 / (np.sqrt(var) + self.eps)", "BatchNorm3d",
        "tiny-variance",
    ),
    "F09-rows-outside-the-root": (
        "1 / np.sqrt(power[:, np.newaxis] + eps)", "1 / (np.sqrt(power)[:, np.newaxis] + eps)",
        "LayerNorm", "tiny-variance",
    ),
    "F09-other-value": ("self.eps is None else self.eps", "True else 0", "LayerNorm", "eps-0-3"),
    "F09-other-default": ("eps: float = 1e-5", "eps: float = 1e-6", "GroupNorm", "tiny-variance"),
    "F09-none-is-float64s": ("np.finfo(rows.dtype).eps", "2.0**-52", "RMSNorm", "tiny"),
    "F17-mean-of-squares-less-square-of-mean": (
        "self._average(self._sums(y)) - left * left",
        "self._average(self._sums(np.square(rows))) - mean * mean",
        "BatchNorm2d",
        "offset",
    ),
    "F19-window-mirrored": (
        "before, after = self.size // 2, (self.size - 1) // 2",
        "after, before = self.size // 2, (self.size - 1) // 2", "LocalResponseNorm", "size-4",
    ),
    "F24-train-for-eval": (
        "if self.track_running_stats and not self.training", "if False", "BatchNorm1d", "plain",
    ),
    "F24-eval-backward-of-training": ("if self._by_batch:", "if True:", "BatchNorm2d", "plain"),
    "F24-tracked-in-evaluation": (
        "return self._normalize(x, rows, running)",
        "y = self._normalize(x, rows, running); self._track(); return y", "BatchNorm1d", "plain",
    ),
    "F24-momentum-the-other-way": (
        "weight = self._momentum()", "weight = 1 - self._momentum()", "InstanceNorm3d",
        "affine-true-track-running-stats-true-momentum-0-7",
    ),
    "F24-not-counted": ("np.asarray(seen + 1)", "np.asarray(seen)", "BatchNorm3d", "plain"),
    "F24-instances-counted": (
        'return 0.0 if self.momentum is None', 'return 0.1 if self.momentum is None',
        "InstanceNorm1d", "track-running-stats-true-momentum-none",
    ),
    "G02-no-bias-gradient": (
        '("bias", along_ones)', '("bias", 0 * along_ones)', "GroupNorm", "plain",
    ),
    "G03-weight-gradient-of-one-sample": (
        "np.sum(sums, axis=0, dtype=np.float64)", "sums[0]", "GroupNorm", "plain",
    ),
    "G03-over-the-wrong-axis": (
        "rstd[:, 0] @ product", "rstd[0] * product[0]", "RMSNorm", "plain",
    ),
    "G04-mean-term": (
        "dx -= offset.astype(dx.dtype)", "pass", "BatchNorm1d", "plain",
    ),
    "G04-variance-term": (
        "dx -= np.multiply(shifted, slope.astype(dx.dtype), out=product)", "pass", "GroupNorm",
        "plain",
    ),
    "G04-rows-mean-term": ("dx -= along_ones * rstd", "pass", "LayerNorm", "plain"),
    "G04-rows-variance-term": (
        "along_xhat * rstd * rstd, out=product", "0 * along_xhat, out=product", "LayerNorm",
        "many",
    ),
    "G04-own-element-only": (
        "shared = _window_sums(along, before, after)", "shared = along", "LocalResponseNorm",
        "alpha-0-7",
    ),
    "G05-ddof-small": (
        "slope = self._average(w * along_xhat)",
        "slope = self._count / (self._count - 1) * self._average(w * along_xhat)", "BatchNorm2d",
        "plain",
    ),
    "G05-ddof-many": (
        "slope = self._average(w * along_xhat)",
        "slope = self._count / (self._count - 1) * self._average(w * along_xhat)", "BatchNorm1d",
        "many",
    ),
    "G05-rows-ddof": (
        "(dy @ self._weight)[:, np.newaxis] / max(K, 1)",
        "(dy @ self._weight)[:, np.newaxis] / max(K - 1, 1)", "LayerNorm", "long",
    ),
    "G10-stale-statistics": (
        "self._shifted, self._left = shifted",
        "self._shifted, self._left = getattr(self, '_shifted', shifted)", "InstanceNorm2d",
        "plain",
    ),
    "G11-narrowed": (
        "product = dy * shifted", "product = (dy * shifted).astype('f4')", "BatchNorm1d", "plain",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The case that is about it calls it a finding."""
    old, new, layer, case = FAULTS[fault]
    assert planted("normalization", layer, old, new, case)
