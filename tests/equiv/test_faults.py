"""Faults planted in the forward pass of a port (faults.md) part on their rung; right ports do not.

Those of gradients are in test_gradients.py.
"""

import dataclasses

import pytest

from equiv.entry import complex_normal, real, values
from equiv.inputs import spell
from equiv.measure import Cell, measure

NAN = float("nan")


def cell(numpy, torch, *, probe="", seed=0, **options):
    """Return the cell of two sides on declared inputs; other keywords are the cell's own."""
    own = {f.name for f in dataclasses.fields(Cell)}
    inputs = {name: options.pop(name) for name in list(options) if name not in own}
    return Cell(
        id="toy/case@float64",
        sort="case",
        area="toy",
        owner="toy",
        case="case",
        probe=probe,
        numpy=numpy,
        torch=torch,
        code=spell(inputs, probe, seed),
        **options,
    )


X, XY = {"x": real(3, 4)}, {"x": real(3, 4), "y": real(3, 4)}
SQUARE, VECTOR = {"x": real(3, 3), "y": real(3, 3)}, {"x": real(3, 3), "y": real(3)}
KERNEL, TWO = {"x": real(6), "y": real(3)}, {"x": real(2), "y": real(3)}
TIES, HALVES = {"x": values([2.0, 1, 2, 1])}, {"x": values([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])}
OFFSET = {"x": values([1e8 + k / 7 for k in range(6)])}
ONE_NAN, SIGNED = {"x": values([1.0, NAN])}, {"x": values([-4.0, 4.0, 0.0])}
LARGE = {"x": values([900.0, 1])}
INTS = {n: values(v, dtype="int64") for n, v in (("x", [-7, 7, -6, 5]), ("y", [2, -2, 4, 3]))}
BYTES = {n: values(v, dtype="int8") for n, v in (("x", [100, 27]), ("y", [100, 1]))}
COMPLEX = {"x": complex_normal(3)}
REPEATED = {"x": real(3), "y": values([0, 0, 1], dtype="int64")}
TRANSPOSED, EMPTY = {**X, "probe": "transposed"}, {"x": real(3), "probe": "empty"}

FAULTS = {
    "F01 sign": ("np.exp(x)", "-torch.exp(x)", X, "value"),
    "F01 sign of a term": ("np.sin(x) - x", "torch.sin(x) + x", X, "value"),
    "F01 sign of one entry": ("x * 2", "y = x * 2; y[1, 2] *= -1; y", X, "value"),
    "F02 operands swapped": ("x / y", "y / x", XY, "value"),
    "F02 factors swapped": ("x @ y", "y @ x", SQUARE, "value"),
    "F03 missing transposition": ("x @ y.T", "x @ y", SQUARE, "value"),
    "F03 not transposed": ("x.T", "x", X, "shape"),
    "F04 sum for mean": ("np.mean(x)", "torch.sum(x)", X, "value"),
    "F05 wrong axis": ("x.sum(axis=1)", "x.sum(dim=0)", X, "shape"),
    "F05 wrong axis of a square": ("x.sum(axis=1)", "x.sum(dim=0)", SQUARE, "value"),
    "F06 keepdims": ("x.sum(axis=1, keepdims=True)", "x.sum(dim=1)", X, "shape"),
    "F07 last dropped": ("x.sum(axis=1)", "x[:, :-1].sum(dim=1)", X, "value"),
    "F07 first dropped": ("np.cumsum(x)", "torch.cumsum(x.ravel(), 0)[1:]", X, "shape"),
    "F08 ddof": ("np.var(x)", "torch.var(x)", X, "value"),
    "F08 ddof, large n": ("np.var(x)", "torch.var(x)", {"x": real(5000)}, "value"),
    "F09 eps": ("x / np.sqrt(x.var() + 1e-8)", "x / x.std(correction=0)", X, "value"),
    "F10 narrowing in the middle": ("np.exp(x)", "torch.exp(x.float()).double()", X, "value"),
    "F11 result dtype": ("np.floor(x)", "torch.floor(x).long()", X, "dtype"),
    "F11 width": ("np.ones(3)", "torch.ones(3)", {}, "dtype"),
    "F12 ties": ("np.argmax(x)", "3 - torch.argmax(x.flip(0))", TIES, "value"),
    "F13 rounding": ("np.round(x)", "torch.floor(x + 0.5)", HALVES, "value"),
    "F13 trunc for floor": ("np.floor(x)", "torch.trunc(x)", HALVES, "value"),
    "F13 modulo": ("np.mod(x, y)", "torch.fmod(x, y)", INTS, "value"),
    "F14 NaN swallowed": ("np.max(x)", "x.nan_to_num().max()", ONE_NAN, "nan"),
    "F14 NaN invented": ("np.abs(x)", "torch.sqrt(x) ** 2", SIGNED, "nan"),
    "F15 overflow": ("np.logaddexp(x, 0)", "torch.log(torch.exp(x) + 1)", LARGE, "nan"),
    "F15 log of zero": ("np.log(np.abs(x))", "torch.log(x.abs() + 1e-12)", SIGNED, "nan"),
    "F16 sign of zero": ("-x", "0 - x", SIGNED, "sign of zero"),
    "F17 cancellation": ("np.var(x)", "(x * x).mean() - x.mean() ** 2", OFFSET, "value"),
    "F18 approximation": ("np.tanh(x)", "x / (1 + x * x / 3)", X, "value"),
    "F19 kernel flipped": (
        "np.convolve(x, y, 'valid')",
        "torch.nn.functional.conv1d(x[None, None], y[None, None])[0, 0]",
        KERNEL,
        "value",
    ),
    "F20 aligned wrongly": ("x * y", "x * y[:, None]", VECTOR, "value"),
    "F20 broadcast result": ("x - x.mean(1)", "x - x.mean(1, keepdim=True)", SQUARE, "value"),
    "F21 negative index": ("x[-1]", "x[1]", X, "value"),
    "F21 duplicate indices": ("np.add.at(x, y, 1); x", "x[y] += 1; x", REPEATED, "value"),
    "F22 layout ignored": ("np.ravel(x)", "x.as_strided((12,), (1,))", TRANSPOSED, "value"),
    "F23 copy for view": ("x[1]", "x[1].clone()", X, "aliasing"),
    "F23 view for copy": ("x + 0", "x", X, "aliasing"),
    "F23 input mutated": ("x * 2", "x.mul_(2).clone()", X, "mutation"),
    "F25 empty": ("np.sum(x)", "x.mean() * len(x)", EMPTY, "nan"),
    "F25 0-d": ("np.sum(x)", "x.sum().reshape(1)", X, "shape"),
    "F26 torch raises": ("x.sum()", "x.sum(dim=7)", X, "torch raises"),
    "F26 NumPy raises": ("x.sum(axis=7)", "x.sum()", X, "numpy raises"),
    "F27 default axis": ("np.argsort(x)", "torch.argsort(x, dim=0)", X, "value"),
    "F27 indexing": ("np.meshgrid(x, y)", "torch.meshgrid(x, y, indexing='ij')", TWO, "shape"),
    "F28 overflow": ("x + y", "(x.int() + y).clamp(-128, 127).to(x.dtype)", BYTES, "value"),
    "F28 floor division": ("x // y", "torch.div(x, y, rounding_mode='trunc')", INTS, "value"),
    "F29 conjugate": ("np.vdot(x, x)", "x @ x", COMPLEX, "value"),
    "F29 branch": ("np.angle(x)", "torch.atan(x.imag / x.real)", COMPLEX, "value"),
}
"""NumPy's text, the faulty port, the declared inputs, the first rung."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_parts_on_its_rung(fault):
    """Each fault of a forward pass that fits a line, whatever the seed of the inputs."""
    numpy, torch, inputs, rung = FAULTS[fault]
    for seed in range(3):
        found = measure(cell(numpy, torch, seed=seed, **inputs), seed)
        assert found.outcome == rung
        assert not all(found.raised)
        assert found.numpy != ""


RIGHT = {
    "F03": ("x @ y.T", "x @ y.T", SQUARE),
    "F07": ("np.cumsum(x)", "torch.cumsum(x.ravel(), 0)", X),
    "F08": ("np.var(x)", "torch.var(x, correction=0)", {"x": real(5000)}),
    "F12": ("np.argmax(x)", "torch.argmax(x)", TIES),
    "F13": ("np.round(x), np.floor(x)", "torch.round(x), torch.floor(x)", HALVES),
    "F13 mod": ("np.mod(x, y)", "torch.remainder(x, y)", INTS),
    "F15": ("np.logaddexp(x, 0)", "torch.logaddexp(x, torch.zeros_like(x))", LARGE),
    "F16": ("-x", "-x", SIGNED),
    "F17": ("np.var(x)", "torch.var(x, correction=0)", OFFSET),
    "F21": ("np.add.at(x, y, 1); x", "x.index_add_(0, y, torch.ones_like(x))", REPEATED),
    "F22": ("np.ravel(x)", "x.ravel()", TRANSPOSED),
    "F23": ("x[1]", "x[1]", X),
    "F25": ("np.sum(x)", "torch.sum(x)", EMPTY),
    "F27": ("np.meshgrid(x, y)", "torch.meshgrid(x, y, indexing='xy')", TWO),
    "F28": ("x + y", "x + y", BYTES),
    "F29": ("np.vdot(x, x)", "torch.vdot(x, x)", COMPLEX),
}


@pytest.mark.parametrize("fault", RIGHT)
def test_the_right_port_is_silent_on_the_inputs_that_show_the_fault(fault):
    """What parts above parts because of the fault."""
    numpy, torch, inputs = RIGHT[fault]
    found = measure(cell(numpy, torch, **inputs))
    shown = [p for p in found.parts if p.rung != "aliasing"]
    assert shown == []


SOFTMAX = "np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)"
CONTROLS = {
    "K01 another summation order": ("np.sum(x, axis=0)", "x.flip(0).cumsum(0)[-1]"),
    "K02 two-pass variance": ("np.var(x, axis=0)", "((x - x.mean(0)) ** 2).mean(0)"),
    "K03 log-sum-exp": ("np.log(np.exp(x).sum(axis=1))", "torch.logsumexp(x, 1)"),
    "K04 softmax by max-shift": (SOFTMAX, "torch.softmax(x, 1)"),
    "K05 einsum": ("x @ x.T", "torch.einsum('ij,kj->ik', x, x)"),
    "K06 another layout": ("np.sum(x, axis=0)", "x.T.contiguous().T.sum(0)"),
}


@pytest.mark.parametrize("probe", ["float64", "float32", "transposed"])
@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_stays_silent(control, probe):
    """What differs by rounding alone is no finding, nor is its gradient."""
    for seed in range(5):
        made = cell(*CONTROLS[control], x=real(37, 11), probe=probe, seed=seed, gradient="every")
        found = measure(made, seed)
        assert found.parts == ()
        assert found.gradient.word == "same"
