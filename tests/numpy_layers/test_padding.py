"""The paddings: what they refuse, what pairs cannot show, and the faults that the pairs find."""

import numpy as np
import pytest
import torch

from numpy_layers import padding

INF, NAN = np.inf, np.nan

KINDS = ("Constant", "Zero", "Reflection", "Replication", "Circular")
MODES = ("constant", "reflect", "replicate", "circular")
LAYERS = {
    f"{kind}Pad{n}d": ((1, 0.5) if kind == "Constant" else (1,), (2, 3, *(4,) * n))
    for kind in KINDS
    for n in (1, 2, 3)
}
"""Each layer's constructor arguments, and a shape it takes."""
every_layer = pytest.mark.parametrize("name", LAYERS)


def built(name, *args):
    """Return a layer, by default with the arguments of the table."""
    return getattr(padding, name)(*(args or LAYERS[name][0]))


# Refusals


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("ZeroPad1d", (1.0,), "padding is 1.0, expected an integer or 2 of them"),
        ("ZeroPad1d", (True,), "padding is True, expected an integer or 2 of them"),
        ("ZeroPad2d", ((1, 2),), r"padding is \(1, 2\), expected an integer or 4 of them"),
        ("CircularPad1d", ([1, 2, 3],), r"padding is \[1, 2, 3\], expected an integer or 2"),
        ("ReflectionPad3d", ((),), r"padding is \(\), expected an integer or 6 of them"),
        ("ReplicationPad2d", ((1, 2, 3, 0.5),), r"padding is \(1, 2, 3, 0.5\), expected"),
        ("ReflectionPad1d", ((1, 2, 0.5),), r"padding is \(1, 2, 0.5\), expected an integer or 2"),
        ("ReplicationPad2d", ("1234",), "padding is '1234', expected an integer or 4 of them"),
        ("ConstantPad1d", ((1,), 0.5), r"padding is \(1,\), expected an integer or 2 of them"),
        ("ConstantPad2d", (1, "0"), "value is '0', expected a real number"),
        ("ConstantPad3d", (1, 1j), "value is 1j, expected a real number"),
        ("ConstantPad3d", (1, None), "value is None, expected a real number"),
    ],
)
def test_an_option_that_is_not_taken_is_refused(name, args, message):
    """The message spells the call, and says what was expected."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): {message}"):
        built(name, *args)


@pytest.mark.parametrize(
    ("name", "args", "shape", "message"),
    [
        ("ConstantPad1d", (1, 0.5), (), r"x has 0 axes, shape \(\), expected 1 or more"),
        ("ZeroPad3d", (1,), (2, 3), r"x has 2 axes, shape \(2, 3\), expected 3 or more"),
        ("ReflectionPad1d", (1,), (4,), r"x has 1 axes, shape \(4,\), expected 2 axes, or 3 with"),
        ("ReplicationPad2d", (1,), (1,) * 5, "x has 5 axes, .* expected 3 axes, or 4 with a batch"),
        ("CircularPad3d", (1,), (4, 4, 4), "x has 3 axes, .* expected 4 axes, or 5 with a batch"),
        ("ZeroPad1d", (-2,), (1, 3), r"axis -1 of x is 3, shape \(1, 3\), expected 4 or more for"),
        ("ZeroPad1d", ((9, -4),), (1, 3), r"expected 4 or more for padding \(9, -4\)"),
        ("ZeroPad2d", ((0, 0, -1, -1),), (1, 1, 9), r"axis -2 of x is 1, .* expected 2 or more"),
        ("ReflectionPad1d", (3,), (1, 3), r"expected 4 or more for padding \(3, 3\)"),
        ("ReflectionPad1d", ((-1, 3),), (1, 3), "expected 4 or more for padding"),
        ("ReflectionPad1d", (-2,), (1, 4), "expected 5 or more for padding"),
        ("ReflectionPad2d", ((0, 0, 4, 0),), (1, 4, 9), "axis -2 of x is 4, .* expected 5 or more"),
        ("ReflectionPad1d", (0,), (2, 0, 3), "x has shape .*, expected an entry along every axis"),
        ("ReplicationPad1d", (-2,), (1, 4), "expected 5 or more for padding"),
        ("ReplicationPad1d", (1,), (0, 3), "x has shape .*, expected an entry along every axis"),
        (
            "ReplicationPad3d",
            (1,),
            (1, 2, 3, 0),
            "expected an entry along every axis but the batch",
        ),
        ("CircularPad1d", (4,), (1, 3), r"expected 4 or more for padding \(4, 4\)"),
        ("CircularPad1d", ((-1, 3),), (1, 3), r"expected 4 or more for padding \(-1, 3\)"),
        ("CircularPad1d", (1,), (1, 0), "expected 1 or more for padding"),
    ],
)
def test_an_x_of_another_shape_is_refused(name, args, shape, message):
    """Ranks are torch's; sizes are those that the padding can be taken from."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): .*{message}"):
        built(name, *args).forward(np.zeros(shape))


@every_layer
@pytest.mark.parametrize("dtype", ["int64", "complex128", "bool"])
def test_an_x_of_another_dtype_is_refused(name, dtype):
    """Layers take floats."""
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): x is {dtype}, expected float16"):
        built(name).forward(np.ones(LAYERS[name][1], dtype))


@pytest.mark.parametrize(("dtype", "value"), [("float16", 65520), ("float32", -1e39)])
def test_a_value_that_the_dtype_does_not_reach_is_refused(dtype, value):
    """As in torch; infinities are values of every dtype."""
    with pytest.raises(ValueError, match=rf"^ConstantPad1d\(1, .*\): value .* in {dtype}$"):
        built("ConstantPad1d", 1, value).forward(np.ones((1, 2), dtype))
    for value in (np.finfo(dtype).max, INF, -INF, NAN):
        y = built("ConstantPad1d", 1, value).forward(np.ones((1, 2), dtype))
        np.testing.assert_array_equal(y, [[value, 1, 1, value]])


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
    """Paddings have no parameters and no buffers."""
    layer = built(name)
    layer.load_state({})
    with pytest.raises(ValueError, match=rf"^{name}\(.*\): state has missing names \[\], surplus"):
        layer.load_state({"value": np.ones(1)})


@pytest.mark.parametrize(
    ("layer", "spelled"),
    [
        (padding.ZeroPad2d((1, 2, 3, 4)), "ZeroPad2d((1, 2, 3, 4))"),
        (padding.ConstantPad1d([1, -2], 0.5), "ConstantPad1d([1, -2], 0.5)"),
        (padding.CircularPad3d(1), "CircularPad3d(1)"),
    ],
    ids=str,
)
def test_a_layer_is_spelled_as_it_was_called(layer, spelled):
    """Arguments are kept as given, not by axis."""
    assert repr(layer) == spelled


# What pairs cannot show


@every_layer
def test_hostile_values_pass_without_a_warning(name):
    """Infinities of both signs that meet in a sum are NaN, silently."""
    layer, x = built(name), np.ones(LAYERS[name][1], "float32")
    y = layer.forward(x)
    signs = (-1.0) ** np.indices(y.shape).sum(axis=0)
    for dy in (INF * signs, NAN * signs, np.finfo("float32").max * np.ones_like(y)):
        assert layer.backward(dy.astype(y.dtype)).shape == x.shape


@every_layer
def test_float16_stays_float16(name):
    """Results have the dtype of x."""
    layer = built(name)
    y = layer.forward(np.ones(LAYERS[name][1], "float16"))
    assert y.dtype == layer.backward(y).dtype == np.float16


@every_layer
def test_no_padding_is_a_copy(name):
    """What is done to y and dx later does not reach x and dy."""
    layer = built(name, 0, *LAYERS[name][0][1:])
    x = np.ones(LAYERS[name][1])
    y = layer.forward(x)
    assert not np.shares_memory(y, x)
    assert not np.shares_memory(layer.backward(y), y)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(20))
def test_unpad_is_the_transpose_of_pad(mode, seed):
    """<pad(x), dy> = <x, unpad(dy)>, exactly in small integers, for any pads that x can take."""
    rng = np.random.default_rng(seed)
    pads = tuple(map(tuple, rng.integers(-3, 4, (rng.integers(1, 4), 2)).tolist()))
    sizes = [padding._least(mode, *sides) + rng.integers(0, 3) for sides in pads]
    x = rng.integers(-9, 10, (2, *sizes)).astype(float)
    y = padding.pad(x, pads, mode)
    dy = rng.integers(-9, 10, y.shape).astype(float)
    assert np.sum(y * dy) == np.sum(x * padding.unpad(dy, x.shape, pads, mode))


@pytest.mark.parametrize("mode", ["reflect", "circular"])
@pytest.mark.parametrize("sides", [(1, 2), (3, 0), (0, 3), (2, 2)])
def test_pad_is_that_of_numpy(mode, sides):
    """NumPy's own pad has other names for two of the modes."""
    x = np.random.default_rng(0).normal(size=(2, 4, 5))
    theirs = np.pad(x, ((0, 0), sides, sides[::-1]), {"circular": "wrap"}.get(mode, mode))
    np.testing.assert_array_equal(padding.pad(x, (sides, sides[::-1]), mode), theirs)


def test_torch_pads_with_what_lies_in_memory_where_circular_padding_is_refused():
    """What is refused here is a row of nothing, wrapped: torch leaves y as it was allocated."""
    x = torch.full((1, 4), 7.0)
    assert torch.nn.CircularPad1d((4, -4))(x).shape == (1, 4)
    with pytest.raises(ValueError, match=r"^CircularPad1d\(\(4, -4\)\): axis -1 of x is 4"):
        built("CircularPad1d", (4, -4)).forward(x.numpy())


# Planted faults

# id: what is replaced, by what, a layer and a case that finds it
FAULTS = {
    "F02-sides-swapped": (
        "zip(flat[-2::-2], flat[::-2]", "zip(flat[::-2], flat[-2::-2]", "ZeroPad1d", "two-sides",
    ),
    "F05-first-axis-first": (
        "zip(flat[-2::-2], flat[::-2]", "zip(flat[::2], flat[1::2]", "ReflectionPad2d",
        "four-sides",
    ),
    "F07-edge-mirrored-twice": (
        "end = 2 * (size - 1)", "end = 2 * size - 1", "ReflectionPad1d", "plain",
    ),
    "F07-wraps-what-is-taken-away": (
        "n = len(kept)", "n = size", "CircularPad1d", "negative-and-positive",
    ),
    "F19-value-is-zero": ("y.fill(value)", "y.fill(0)", "ConstantPad3d", "plain"),
    "G02-no-accumulation": ("into += np.sum", "into[...] = np.sum", "ReflectionPad3d", "plain"),
    "G03-repeats-not-summed": (
        "np.sum(block, axis=repeated, keepdims=True)",
        "np.max(block, axis=repeated, keepdims=True)", "ReplicationPad1d", "plain",
    ),
    "G07-a-corner-dropped": (
        "yield (..., *to), (..., *source)",
        """if sum(s.stop == n for s, n in zip(source, sizes)) < 2 or len(to) < 2:
            yield (..., *to), (..., *source)""", "ReplicationPad2d", "four-sides",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The case that is about it calls it a finding, and not for an exception."""
    old, new, layer, case = FAULTS[fault]
    rungs = {*planted("padding", layer, old, new, case).values()}
    assert rungs & {"shape", "value", "nan", "gradient"}
