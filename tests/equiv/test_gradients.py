"""The derivative of a NumPy side against autograd: healthy ports pass, planted faults part."""

import numpy as np
import pytest
import torch

from equiv.gradients import (
    DENSE,
    LIMIT,
    autograd,
    check,
    cotangents,
    directions,
)


def draw(*shape, seed=0, apart=0.5):
    """Draw normal values of both signs, away from zero."""
    x = np.random.default_rng(seed).standard_normal(shape)
    return x + np.copysign(apart, x)


def function(numpy):
    """Make of a NumPy function what the module takes: from named inputs to a list of arrays."""

    def f(at):
        result = numpy(*at.values())
        return list(result) if isinstance(result, tuple) else [np.asarray(result)]

    return f


def gradient_of(torch_side, at, weights):
    """Differentiate a torch function with autograd."""
    tracked = {n: torch.from_numpy(np.array(x)).requires_grad_() for n, x in at.items()}
    result = torch_side(*tracked.values())
    return autograd(tracked, result if isinstance(result, tuple) else [result], weights)


def checked(numpy, torch_side, *inputs, seed=0):
    """Check a port, on inputs named x and y."""
    at = dict(zip("xy", inputs, strict=False))
    weights = cotangents(function(numpy)(at), seed)
    return check(function(numpy), at, gradient_of(torch_side, at, weights), weights, seed)


def in_float32(numpy, torch_side, *inputs, seed=0):
    """Check a port whose autograd works in float32, on the inputs rounded to it."""
    at = {n: x.astype("f4").astype("f8") for n, x in zip("xy", inputs, strict=False)}
    weights = cotangents(function(numpy)(at), seed)
    narrow = {n: x.astype("f4") for n, x in at.items()}
    found = gradient_of(torch_side, narrow, weights)
    return check(function(numpy), at, found, weights, seed, 2.0**-23)


def with_backward(forward, backward):
    """Make a torch function whose gradient is written by hand: ``backward(dy, *inputs)``."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *inputs):
            ctx.save_for_backward(*inputs)
            return forward(*inputs)

        @staticmethod
        def backward(ctx, dy):
            return backward(dy, *ctx.saved_tensors)

    return Function.apply


# --- autograd -------------------------------------------------------------------------------


def test_autograd_weighs_every_result():
    """The gradient of sum(w * f) + sum(v * g), by hand."""
    at, w, v = {"x": draw(3)}, draw(3, seed=1), draw(seed=2)
    found = gradient_of(lambda x: (x * x, x.sum()), at, [w, v])
    assert found["x"] == pytest.approx(2 * at["x"] * w + v)


def test_autograd_takes_the_real_part_of_complex_results():
    """sum(Re(conj(w) * i x)) has the derivative Re(conj(w) * i), the imaginary part of w."""
    w = np.array([1 + 2j, 3 - 4j])
    assert gradient_of(lambda x: x * 1j, {"x": draw(2)}, [w])["x"] == pytest.approx([2, -4])


def test_autograd_gives_zeros_where_nothing_depends_on_an_input():
    """Both for one input of several and for a result without a graph."""
    at = {"x": draw(3), "y": draw(2)}
    found = gradient_of(lambda x, y: x.exp(), at, [np.ones(3)])
    assert np.array_equal(found["y"], np.zeros(2))
    found = gradient_of(lambda x, y: torch.ones(3), at, [np.ones(3)])
    assert np.array_equal(found["x"], np.zeros(3))


def test_autograd_raises_what_torch_raises():
    """What refuses a gradient is a result, and is handed on."""

    def spoiled(x):
        y = x.exp()
        z = y * y
        y += 1
        return z

    with pytest.raises(RuntimeError, match="inplace operation"):
        gradient_of(spoiled, {"x": draw(3)}, [np.ones(3)])


# --- healthy ports --------------------------------------------------------------------------


def softmax(x):
    """Return softmax over the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


Z = draw(3) + 1j * draw(3, seed=1)
A, B, POSITIVE = draw(3, 4), draw(4, 2, seed=1), np.abs(draw(3, 4))
HEALTHY = {
    "exp": (np.exp, torch.exp, A),
    "tanh": (np.tanh, torch.tanh, A),
    "log": (np.log, torch.log, POSITIVE),
    "sqrt": (np.sqrt, torch.sqrt, POSITIVE),
    "reciprocal": (lambda x: 1 / x, lambda x: 1 / x, A),
    "softmax": (softmax, lambda x: torch.softmax(x, -1), A),
    "matmul": (np.matmul, torch.matmul, A, B),
    "broadcast": (np.multiply, torch.mul, A, draw(4, seed=2)),
    "mean": (np.mean, torch.mean, A),
    "std": (lambda x: x.std(0, ddof=1), lambda x: x.std(0), A),
    "norm": (np.linalg.norm, torch.linalg.norm, A),
    "inverse": (np.linalg.inv, torch.linalg.inv, draw(3, 3) + 3 * np.eye(3)),
    "0-d": (np.exp, torch.exp, np.array(0.7)),
    "large": (np.exp, torch.exp, draw(40, 50)),
    "sort": (np.sort, lambda x: torch.sort(x).values, A),
    "several results": (lambda x: (np.sin(x), np.cos(x)), lambda x: (x.sin(), x.cos()), A),
    "complex": (np.fft.fft, torch.fft.fft, A),
    "complex, conjugated": (lambda x: np.fft.fft(x).conj(), lambda x: torch.fft.fft(x).conj(), A),
    "angle": (lambda x: np.angle(x + 2j), lambda x: torch.angle(x + 2j), A),
    "of a complex input": (lambda z: z * z * 1j, lambda z: z * z * 1j, Z),
    "not holomorphic": (lambda z: z.conj() * z.real, lambda z: z.conj() * z.real, Z),
    "real of complex": (np.abs, torch.abs, Z),
    "complex and real": (np.multiply, torch.mul, Z, draw(3, seed=4)),
}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_port_passes_by_far(name, seed):
    """What is right stays a factor of four and more below the limit."""
    found = checked(*HEALTHY[name], seed=seed)
    assert found.word == "same"
    assert found.error < LIMIT / 4


@pytest.mark.parametrize("x", [1.0, 0.1, 0.01, 1e-3, 2e-4])
def test_a_steep_function_settles_at_a_smaller_step(x):
    """The nearer the pole, the smaller the step has to be; a fault is seen at each."""
    numpy, port = (lambda x: 1 / x), (lambda x: 1 / x)
    assert checked(numpy, port, np.array([x, -x])).word == "same"
    wrong = with_backward(port, lambda dy, x: -dy / x**2 * (1 + 1e-8))
    assert checked(numpy, wrong, np.array([x, -x])).word == "parted"


@pytest.mark.parametrize(("numpy", "port"), [(np.floor, torch.floor), (np.sign, torch.sign)])
def test_a_gradient_of_zeros_on_both_sides_is_told_apart(numpy, port):
    """It agrees, but says little."""
    assert checked(numpy, port, A).word == "zero"


@pytest.mark.parametrize(
    ("numpy", "port"),
    [
        (lambda x: x / np.abs(x), lambda x: x / x.abs()),
        (lambda x: softmax(x).sum(), lambda x: torch.softmax(x, -1).sum()),
    ],
    ids=["sign", "sum of softmax"],
)
def test_a_gradient_that_cancels_to_rounding_is_no_difference(numpy, port):
    """Where the true derivative is zero, what rounding left of the terms on a side is noise."""
    assert checked(numpy, port, A).word in ("zero", "same")


# --- planted faults -------------------------------------------------------------------------

ELEMENTWISE = {
    "exp": (np.exp, torch.exp),
    "sin": (np.sin, torch.sin),
    "square": (np.square, torch.square),
    "log(1 + x^2)": (lambda x: np.log1p(x * x), lambda x: torch.log1p(x * x)),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_relative_fault_of_1e_8_in_the_largest_entry_is_seen(name):
    """The measured power of the check: a hundredth of what float32 in the middle does."""
    numpy, port = ELEMENTWISE[name]
    for seed in range(5):
        at = {"x": draw(2, 5, seed=seed)}
        weights = cotangents(function(numpy)(at), seed)
        right = gradient_of(port, at, weights)["x"]
        assert check(function(numpy), at, {"x": right}, weights, seed).word == "same"
        for sign in (1, -1):
            wrong = right.copy()
            wrong.flat[np.abs(right).argmax()] *= 1 + sign * 1e-8
            assert check(function(numpy), at, {"x": wrong}, weights, seed).word == "parted"


@pytest.mark.parametrize("entry", range(10))
def test_a_relative_fault_of_1e_8_is_seen_in_every_entry(entry):
    """Where the entries of the gradient are of one magnitude, each is tried by itself."""
    at, weights = {"x": np.linspace(-1, 1, 10)}, [np.ones(10)]
    wrong = np.exp(at["x"])
    wrong[entry] *= 1 + 1e-8
    assert check(function(np.exp), at, {"x": wrong}, weights, 0).word == "parted"


def test_a_fault_that_the_dense_direction_cannot_see_is_seen():
    """Two faults that cancel along one direction do not along the axes."""
    at, weights = {"x": draw(2)}, [np.ones(2)]
    _, (d0, d1) = next(directions((2,), 0))
    wrong = np.cos(at["x"]) + 1e-3 * np.array([d1, -d0])
    found = check(function(np.sin), at, {"x": wrong}, weights, 0)
    assert (found.word, found.where) == ("parted", "d/dx[0]")


def drops(x):
    """Differentiate softmax without its projection."""
    return with_backward(lambda x: torch.softmax(x, -1), lambda dy, x: dy * torch.softmax(x, -1))(x)


def one_entry(x):
    """Differentiate exp, one entry in two thousand twice as much."""
    twice = torch.ones(x.shape, dtype=x.dtype)
    twice.view(-1)[1234] = 2
    return with_backward(torch.exp, lambda dy, x: dy * x.exp() * twice)(x)


def stale(x):
    """Differentiate exp at the values of an earlier call."""
    return with_backward(torch.exp, lambda dy, x: dy * x.flip(0).exp())(x)


SQUARE = draw(3, 3, seed=5)
FAULTS = {
    "G01 missing transposition": (
        np.matmul,
        with_backward(torch.matmul, lambda dy, x, w: (dy @ w, x.T @ dy)),
        SQUARE,
        draw(3, 3, seed=6),
    ),
    "G02 missing accumulation": (np.square, lambda x: x * x.detach(), A),
    "G03 broadcast gradient over the wrong axis": (
        np.add,
        with_backward(torch.add, lambda dy, x, b: (dy, dy.sum(1))),
        SQUARE,
        draw(3),
    ),
    "G03 broadcast gradient of one row": (
        np.add,
        with_backward(torch.add, lambda dy, x, b: (dy, dy[0])),
        A,
        draw(4),
    ),
    "G04 projection dropped": (softmax, drops, A),
    "G04 mean term dropped": (lambda x: x - x.mean(), lambda x: x - x.mean().detach(), A),
    "G05 missing 1/N": (np.mean, with_backward(torch.mean, lambda dy, x: dy.expand(3, 4)), A),
    "G05 factor 2": (np.tanh, with_backward(torch.tanh, lambda dy, x: 2 * dy / x.cosh() ** 2), A),
    "G05 ddof, large n": (np.var, torch.var, draw(1200)),
    "G06 sign of one argument": (
        np.subtract,
        with_backward(torch.sub, lambda dy, x, y: (dy, dy)),
        A,
        draw(3, 4, seed=1),
    ),
    "G06 sign": (np.cos, with_backward(torch.cos, lambda dy, x: dy * x.sin()), A),
    "G07 one entry in thousands": (np.exp, one_entry, draw(40, 50)),
    "G08 kink": (lambda x: np.maximum(x, 0), torch.relu, np.array([-1.0, 0.0, 2.0])),
    "G09 NaN through a masked branch": (
        lambda x: np.where(x > 0, np.sqrt(np.abs(x)), 0),
        lambda x: torch.where(x > 0, torch.sqrt(x), 0.0),
        A,
    ),
    "G10 stale values": (np.exp, stale, A),
    "G11 lower precision in the middle": (np.exp, lambda x: x.float().exp().double(), A),
    "G12 detached": (np.exp, lambda x: x.detach().exp(), A),
    "G12 one path detached": (lambda x: np.sin(x) * x, lambda x: x.sin().detach() * x, A),
    "G13 cotangent ignored": (np.exp, with_backward(torch.exp, lambda dy, x: x.exp()), A),
    "conjugate missing, complex input": (
        np.square,
        with_backward(torch.square, lambda dy, z: 2 * dy * z),
        Z,
    ),
    "complex input, real part alone": (
        lambda z: z * 2,
        with_backward(lambda z: z * 2, lambda dy, z: 2 * dy.real + 0j),
        Z,
    ),
    "conjugate missing": (
        np.fft.fft,
        with_backward(torch.fft.fft, lambda dy, x: torch.fft.fft(dy).real),
        A,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen(fault):
    """Each fault of a gradient that ops can have parts, whatever the seed."""
    for seed in range(3):
        found = checked(*FAULTS[fault], seed=seed)
        assert found.word == "parted"
        assert not found.error <= LIMIT
        assert found.where.startswith("d/d")


def test_the_imaginary_direction_is_named():
    """A derivative along j has a j after its place."""
    at, f = {"x": np.array([1 + 2j, 3.0])}, function(lambda z: z.real * 2 + z.imag)
    right, wrong = np.array([2 + 1j, 2 + 1j]), np.array([2 + 1j, 2 + 2j])
    assert check(f, at, {"x": right}, [np.ones(2)], 0).word == "same"
    assert check(f, at, {"x": wrong}, [np.ones(2)], 0).where == "d/dx" + DENSE + "j"


# --- autograd in float32 --------------------------------------------------------------------

NARROW = (
    "exp",
    "tanh",
    "softmax",
    "matmul",
    "broadcast",
    "std",
    "norm",
    "inverse",
    "large",
    "sort",
)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", NARROW)
def test_a_healthy_port_passes_in_float32(name, seed):
    """Its rounding is allowed for, and more than 1e-9 of it is there."""
    assert in_float32(*HEALTHY[name], seed=seed).word == "same"


def test_the_rounding_of_float32_is_not_allowed_to_float64():
    """The eps that is given decides."""
    at = {"x": A.astype("f4").astype("f8")}
    weights = cotangents([np.exp(at["x"])], 0)
    found = gradient_of(torch.exp, {"x": at["x"].astype("f4")}, weights)
    assert check(function(np.exp), at, found, weights, 0).word == "parted"
    assert check(function(np.exp), at, found, weights, 0, 2.0**-23).word == "same"


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_relative_fault_of_1e_4_is_seen_in_float32(name):
    """A tenth of a per mille in one entry is no rounding."""
    numpy, port = ELEMENTWISE[name]
    at = {"x": draw(10)}
    weights = [np.ones(10)]
    wrong = gradient_of(port, at, weights)["x"]
    assert check(function(numpy), at, {"x": wrong}, weights, 0, 2.0**-23).word == "same"
    wrong[np.abs(wrong).argmax()] *= 1 + 1e-4
    assert check(function(numpy), at, {"x": wrong}, weights, 0, 2.0**-23).word == "parted"


def test_an_error_of_64_eps_is_allowed_to_float32():
    """Where the derivative does not move, nothing else excuses it."""
    at, eps, f = {"x": draw(3)}, 2.0**-23, function(lambda x: 3 * x)
    for by, word in ((60, "same"), (70, "parted")):
        given = {"x": np.full(3, 3 * (1 + by * eps))}
        assert check(f, at, given, [np.ones(3)], 0, eps).word == word


def test_an_ill_conditioned_gradient_passes_in_float32_by_its_conditioning():
    """Of a difference of near numbers: an eps on the inputs moves it by thousands of eps."""

    def numpy(x, y):
        return 1 / (x - y)

    near = (np.array([1000.25, -3.0]), np.array([1000.125, 2.0]))
    slope = {"x": np.array([-64.0, -1 / 25]), "y": np.array([64.0, 1 / 25])}
    at, weights = dict(zip("xy", near, strict=True)), [np.ones(2)]
    for by, word in ((1e-4, "same"), (1e-1, "parted")):
        given = {n: g * (1 + by) for n, g in slope.items()}
        assert check(function(numpy), at, given, weights, 0, 2.0**-23).word == word


def test_what_parts_is_named_with_both_values():
    """The input, the place in it, and the derivatives on either side."""
    at, weights = {"x": np.array([[1.0, 2.0]]), "y/z": np.array([3.0, 4.0])}, [np.array([[1.0, 1]])]
    right = {"x": np.array([[3.0, 4.0]]), "y/z": np.array([1.0, 2.0])}
    f = function(lambda x, y: x * y)
    assert check(f, at, right, weights, 0).word == "same"
    wrong = {**right, "y/z": np.array([1.0, 2.5])}
    found = check(f, at, wrong, weights, 0)
    assert found.where == "d/dy" + DENSE
    nan = check(f, at, {**right, "y/z": np.array([1.0, np.nan])}, weights, 0)
    assert (nan.where, nan.numpy, nan.torch) == ("d/dy[1]", "2", "nan")


def test_a_derivative_that_does_not_settle_is_told():
    """Past the smallest step the difference may be the checker's own; a fault elsewhere is not."""
    pole = checked(lambda x: 1 / x, lambda x: 1 / x, np.array([1e-6, -1e-6]))
    assert ", settled to " in pole.numpy
    assert "settled" not in checked(*FAULTS["G05 factor 2"]).numpy


def test_the_error_is_relative_to_the_largest_derivative():
    """A gradient twice as large is off by half of itself, a healthy one by next to nothing."""
    assert checked(*FAULTS["G05 factor 2"]).error == pytest.approx(0.5, rel=0.5)
    assert 0 < checked(*HEALTHY["exp"]).error < LIMIT


@pytest.mark.parametrize("factor", [2, -1])
def test_the_random_cotangent_sees_what_all_ones_miss(factor):
    """The rows of softmax sum to one: with ones the gradient is zero, right or wrong."""

    def backward(dy, x):
        y = torch.softmax(x, -1)
        return factor * y * (dy - (y * dy).sum(-1, keepdim=True))

    wrong = with_backward(lambda x: torch.softmax(x, -1), backward)
    ones = gradient_of(wrong, {"x": A}, [np.ones((3, 4))])["x"]
    assert np.abs(ones).max() < 1e-15
    assert checked(softmax, wrong, A).word == "parted"


# --- where something is not finite ----------------------------------------------------------


def test_an_element_that_reaches_only_infinities_is_left_out():
    """log at 0 has no derivative to compare; the other elements are held to theirs."""
    x = np.array([0.0, 1.0, 2.0])
    with np.errstate(all="ignore"):
        assert checked(np.log, torch.log, x).word == "same"
        half = with_backward(torch.log, lambda dy, x: dy / x / torch.tensor([1.0, 1.0, 2.0]))
        assert checked(np.log, half, x).word == "parted"


def test_an_element_without_a_finite_result_is_left_out_only_if_it_has_no_gradient():
    """A finite gradient of nothing is wrong, and so is a NaN where the result is finite."""
    f, at, w = function(np.log), {"x": np.array([0.0, 1.0])}, [np.array([0.0, 1.0])]
    with np.errstate(all="ignore"):
        assert check(f, at, {"x": np.array([np.nan, 1.0])}, w, 0).word == "same"
        alone = {"x": np.zeros(1)}, {"x": np.array([5.0])}, [np.zeros(1)]
        assert check(f, *alone, 0).word == "parted"
        assert check(f, at, {"x": np.array([np.nan, np.nan])}, w, 0).where == "d/dx[1]"


@pytest.mark.parametrize(("n", "masked"), [(1, 0), (2, 1), (64, 63), (65, 40), (1000, 777)])
def test_a_nan_in_the_gradient_of_a_finite_result_is_seen(n, masked):
    """G09, at any size: one masked element gives NaN, however few are tried by themselves."""
    x = np.linspace(1, 2, n)
    x[masked] = -1
    numpy, port, *_ = FAULTS["G09 NaN through a masked branch"]
    found = checked(numpy, port, x)
    assert found.word == "parted"
    assert not found.error <= LIMIT


def test_a_numpy_side_without_a_derivative_is_no_agreement_with_zeros():
    """NaN on NumPy's side must not pass for the zero of a detached path."""
    f = function(lambda x: np.sqrt(np.where(x < 1, np.nan, x - 1)))
    assert check(f, {"x": np.ones(1)}, {"x": np.zeros(1)}, [np.ones(1)], 0).word == "parted"


def test_nothing_to_differentiate_by_gives_zero():
    """An empty input has no direction."""
    assert checked(np.exp, torch.exp, np.zeros((0, 3))).word == "zero"
