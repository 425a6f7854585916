"""One cell, run on both sides: every planted fault parts on its rung, healthy ports are silent."""

import dataclasses

import numpy as np
import pytest

from equiv.compare import compare
from equiv.entry import (
    EquivError,
    Tolerance,
    complex_normal,
    integers,
    real,
    symmetric,
    values,
)
from equiv.execute import as_numpy, run_numpy, run_torch
from equiv.inputs import make, spell
from equiv.measure import PERTURBATIONS, Cell, measure, perturbed

INF, NAN = float("inf"), float("nan")


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


def rungs(numpy, torch, **options):
    """Name the rungs on which two sides part."""
    return [part.rung for part in measure(cell(numpy, torch, **options)).parts]


# --- faults of the forward pass (faults.md) -------------------------------------------------

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
        made = cell(*CONTROLS[control], x=real(37, 11), probe=probe, seed=seed, gradient=True)
        found = measure(made, seed)
        assert found.parts == ()
        assert found.gradient.word == ("none" if probe == "float32" else "same")


# --- what a cell is told to do --------------------------------------------------------------


def test_a_cell_that_agrees_says_so():
    """No parts, no texts, and how near its limit it came."""
    found = measure(cell("np.exp(x)", "torch.exp(x)", **X))
    assert (found.outcome, found.parts, found.raised) == ("same", (), ("", ""))
    assert (found.numpy, found.torch, found.vacuous) == ("", "", "")
    assert found.worst.headroom <= 1


def test_both_results_are_spelled_where_they_part():
    """The texts of the results, and the part with them."""
    found = measure(cell("x + 1", "x + 2", x=values([1.0, 2.0])))
    assert (found.numpy, found.torch) == ("float64 [2.0, 3.0]", "float64 [3.0, 4.0]")
    assert (found.parts[0].numpy, found.parts[0].torch) == (found.numpy, found.torch)


def test_all_rungs_are_collected_in_order():
    """A narrow, wrong result that also changes its input parts four times."""
    found = rungs("np.exp(x)", "x += 1; x.float()", gradient=True, **X)
    assert found == ["dtype", "value", "mutation", "gradient"]


def test_where_a_side_raises_the_other_ones_result_is_told():
    """The class, the first line of the message, and the value."""
    found = measure(cell("x[5]", "x.sum()", x=values([1.0, 2.0])))
    assert (found.outcome, found.raised) == ("numpy raises", ("IndexError", ""))
    assert found.numpy.startswith("IndexError: index 5")
    assert found.torch == "float64 3.0"
    found = measure(cell("x.sum()", "x[5]", x=values([1.0, 2.0])))
    assert (found.outcome, found.raised) == ("torch raises", ("", "IndexError"))


def test_both_raise_is_an_outcome_of_its_own():
    """With the classes on both sides, and without a part."""
    found = measure(cell("x.reshape(5)", "x.reshape(5)", **X))
    assert (found.outcome, found.parts) == ("both raise", ())
    assert found.raised == ("ValueError", "RuntimeError")


def test_an_input_that_cannot_be_made_is_our_mistake():
    """It is told with the cell, not taken for a result."""
    broken = dataclasses.replace(cell("x", "x", **X), code={"x": "np.ones(-1)"})
    with pytest.raises(EquivError, match=r"toy/case@float64: an input cannot be made"):
        measure(broken)


@pytest.mark.parametrize(
    ("numpy", "torch", "told"),
    [
        ("x + 1", "x + 1", "input x holds one value throughout"),
        ("x + 1", "1 / 0", "input x holds one value throughout"),
        ("y * 2", "y * 2", ""),
        ("None", "None", "both sides return None"),
        ("None", "1 / 0", ""),
    ],
)
def test_what_exercises_nothing_is_vacuous(numpy, torch, told):
    """One value throughout, or None on both sides."""
    inputs = {"x": values([3.0, 3.0])} if "x" in numpy else {"y": values([1.0, 2.0])}
    assert measure(cell(numpy, torch, **inputs)).vacuous == told


def test_an_empty_input_is_vacuous_and_a_single_element_is_not():
    """C02: an empty array equals anything."""
    assert measure(cell("x + 1", "x + 1", x=real(0, 3))).vacuous == "input x is empty"
    assert measure(cell("x + 1", "x + 1", x=values([3.0]))).vacuous == ""


def test_options_of_the_cell_reach_the_comparison():
    """Layout, tolerance and the words for what is not unique."""
    layout = ("np.asfortranarray(x)", "x * 1")
    assert rungs(*layout, **X) == []
    assert rungs(*layout, layout=True, **X) == ["layout"]
    wide = Tolerance(relative=0.5, why="declared")
    assert rungs("x * 1", "x * 1.1", **X) == ["value"]
    assert rungs("x * 1", "x * 1.1", tolerance=wide, **X) == []
    assert rungs("x * 1", "-x", equal="up to sign", **X) == []


def test_files_go_round_in_a_folder_of_their_own(tmp_path, monkeypatch):
    """Each side writes where nobody else reads."""
    monkeypatch.chdir(tmp_path)
    torch = "torch.save(x, 'a.npy'); torch.load('a.npy')"
    assert rungs("np.save('a.npy', x); np.load('a.npy')", torch, files=True, **X) == []
    assert rungs("np.save('a.npy', x); np.load('a.npy')", torch + " + 1", files=True, **X) != []
    inputs = {**X, "files": True, "gradient": True}
    assert rungs("np.save('a', x); x * 2", "torch.save(1, 'a'); x * 2", **inputs) == []
    assert list(tmp_path.iterdir()) == []


def test_a_cell_gives_the_same_whenever_it_is_run():
    """The random states are set for each cell, and differ by cell and by seed."""
    made = cell("np.random.rand(2)", "torch.rand(2)", **X)
    other = dataclasses.replace(made, id="toy/other@float64")
    first = measure(made)
    assert measure(made) == first
    assert measure(made, 1).numpy != first.numpy != measure(other).numpy
    assert measure(made, 1).torch != first.torch != measure(other).torch


# --- aliasing and mutation ------------------------------------------------------------------

COPY, VIEW, READ_ONLY = "a copy of x", "a view of x", "a read-only view of x"
ALIASING = [
    ("x.copy()", "x", COPY, VIEW),
    ("x", "x.clone()", VIEW, COPY),
    ("x.T", "x.T.contiguous()", VIEW, COPY),
    ("x[1:, ::2]", "x[1:, ::2].clone()", VIEW, COPY),
    ("x[[0, 1]]", "x[:2]", COPY, VIEW),
    ("np.broadcast_to(x, (2, 3, 4))", "x.expand(2, 3, 4)", READ_ONLY, VIEW),
    ("np.broadcast_to(x, (2, 3, 4))", "x.repeat(2, 1, 1)", READ_ONLY, COPY),
]


@pytest.mark.parametrize(("numpy", "torch", "ours", "theirs"), ALIASING)
def test_a_view_on_one_side_only_parts(numpy, torch, ours, theirs):
    """Writing through the result reaches the input, or it does not."""
    (part,) = measure(cell(numpy, torch, **X)).parts
    assert (part.rung, part.numpy, part.torch) == ("aliasing", ours, theirs)


@pytest.mark.parametrize(
    ("numpy", "torch"),
    [
        ("x[1:]", "x[1:]"),
        ("x.copy()", "x.clone()"),
        ("x[:0]", "x[:0].clone()"),
        ("x.sum()", "x.sum()"),
        ("x.sum()", "x.sum().item()"),
        ("np.broadcast_arrays(x, np.ones((2, 3, 4)))[0]", "x.expand(2, 3, 4)"),
    ],
)
def test_the_same_reach_does_not_part(numpy, torch):
    """Views on both sides, copies on both, and what has nothing to write through."""
    assert "aliasing" not in rungs(numpy, torch, **X)


def test_aliasing_names_the_array_and_the_input():
    """Of several results and inputs, with the name on each side."""
    made = cell("x + 0, arr", "x + 0, t.clone()", **{"x": real(3), "arr/t": real(4)})
    (part,) = measure(made).parts
    assert (part.rung, part.where) == ("aliasing", "[1]")
    assert (part.numpy, part.torch) == ("a view of arr", "a copy of t")


PUT = "x[0] = 7; 1.0"
MUTATION = [
    (PUT, "1.0", "x = float64 [7.0, 2.0]", "x unchanged"),
    ("1.0", PUT, "x unchanged", "x = float64 [7.0, 2.0]"),
    (PUT, "x[0] = 8; 1.0", "x = float64 [7.0, 2.0]", "x = float64 [8.0, 2.0]"),
    (PUT, "x[0] = float('nan'); 1.0", "x = float64 [7.0, 2.0]", "x = float64 [nan, 2.0]"),
]


@pytest.mark.parametrize(("numpy", "torch", "ours", "theirs"), MUTATION)
def test_an_input_changed_otherwise_parts(numpy, torch, ours, theirs):
    """On one side only, or to different values."""
    (part,) = measure(cell(numpy, torch, x=values([1.0, 2.0]))).parts
    assert (part.rung, part.where, part.numpy, part.torch) == ("mutation", "x", ours, theirs)


def test_an_input_changed_alike_does_not_part():
    """In place on both sides is agreement, NaN too."""
    assert rungs(PUT, PUT, x=values([1.0, 2.0])) == []
    nan = "x[0] = float('nan'); 1.0"
    assert rungs(nan, nan, x=values([1.0, 2.0])) == []
    assert rungs("x.sort(); x", "x.copy_(x.sort().values); x", x=values([2.0, 1.0])) == []


# --- conditioning ---------------------------------------------------------------------------

CANCELS = {"x": values([1e8, 1 / 3, 2e8, 1 / 7, -3e8, 1 / 9])}


def test_an_ill_conditioned_cell_passes_by_its_conditioning_and_not_otherwise():
    """A sum that cancels, in another order: far past eps, within what an eps of the input moves."""
    made = cell("np.cumsum(x)[-1]", "x.flip(0).cumsum(0)[-1]", **CANCELS)
    inputs = {"x": make(made.code["x"])}
    numpy = run_numpy(made.numpy, inputs).value
    torch = as_numpy(run_torch(made.torch, inputs).value)
    assert [p.rung for p in compare(numpy, torch).parts] == ["value"]
    found = measure(made)
    assert found.parts == ()
    assert found.worst.relative > 1000 * 2.0**-52
    assert rungs("np.cumsum(x)[-1]", "x.flip(0).cumsum(0)[-1] * 1.00001", **CANCELS) == ["value"]


STEPS = {"x": values([2.0, 3.0, -1.0])}


@pytest.mark.parametrize(
    ("numpy", "torch"),
    [
        ("np.floor(x)", "torch.floor(x) + 5"),
        ("np.mod(x, 1)", "torch.remainder(x, 1) + 0.5"),
        ("np.where(x >= 2, x, 0)", "torch.where(x > 2, x, 0)"),
    ],
)
def test_a_jump_at_the_inputs_is_no_conditioning(numpy, torch):
    """Where an eps makes a step of one, the step must not excuse an error of its size."""
    assert rungs(numpy, torch, **STEPS) == ["value"]


def test_the_inputs_are_moved_in_float64_by_one_eps_of_the_coarser_dtype():
    """First as they are, then each float by plus or minus one eps; nothing else moves."""
    inputs = {
        "x": np.float32([1, -2]),
        "z": np.array([1j]),
        "n": np.array([3, 4]),
        "s": "a",
        "k": 2.0,
    }
    first, *others = perturbed(inputs, (np.float16([1]), np.array([1])), 0)
    assert len(others) == PERTURBATIONS
    assert [first[n].dtype for n in "xzn"] == [np.float64, np.complex128, np.int64]
    assert np.array_equal(first["x"], inputs["x"])
    for near in others:
        assert list(np.abs(near["x"] / first["x"] - 1)) == [2.0**-10, 2.0**-10]
        assert np.abs(near["z"] / first["z"] - 1) == 2.0**-10
        assert near["n"] is inputs["n"]
        assert (near["s"], near["k"]) == ("a", 2.0)
    assert len({tuple(near["x"]) for near in others}) > 1
    assert [list(p["x"]) for p in perturbed(inputs, (np.float16([1]),), 0)][1] == list(
        others[0]["x"]
    )
    narrow = list(perturbed({"x": np.float64([1])}, np.float64([1]), 0))[1]["x"]
    assert abs(narrow[0] - 1) <= 2.0**-52


def test_a_numpy_side_that_raises_when_it_is_moved_has_no_conditioning():
    """Then the error is held against eps alone."""
    fussy = "1 / (x[0] == 1e8) * np.cumsum(x)[-1]"
    assert rungs(f"assert x[0] == 1e8; {fussy}", "x.flip(0).cumsum(0)[-1]", **CANCELS) == ["value"]


# --- what is not unique ---------------------------------------------------------------------

VECTORS = ("np.linalg.eigh(x)", "torch.linalg.eigh(x)")
REBUILT = {"equal": "by reconstruction", "reconstruct": "r[1] * r[0] @ r[1].T"}


def test_results_are_compared_by_what_they_rebuild():
    """Eigenvectors of either sign rebuild the matrix; wrong eigenvalues do not."""
    inputs = {"x": symmetric(3), **REBUILT}
    turned = "w, v = torch.linalg.eigh(x); (w, -v)"
    assert rungs(VECTORS[0], turned, **inputs) == []
    assert rungs(VECTORS[0], turned.replace("(w", "(w + 1e-9"), **inputs) == ["value"]
    assert rungs(VECTORS[0], turned.replace("-v", "-v.float()"), **inputs) == ["dtype"]
    assert rungs(VECTORS[0], "torch.linalg.eigh(x)[1]", **inputs) == ["structure"]


def test_a_reconstruction_that_fails_is_our_mistake():
    """It is told with its text."""
    broken = cell(*VECTORS, x=symmetric(3), equal="by reconstruction", reconstruct="r[7]")
    with pytest.raises(EquivError, match=r"toy/case@float64: reconstruct='r\[7\]': IndexError"):
        measure(broken)


DISTRIBUTIONS = {
    "same": ("torch.rand(3, 4, dtype=torch.float64)", []),
    "F30 another distribution": ("torch.randn(3, 4, dtype=torch.float64)", ["value"]),
    "F30 another range": ("1.2 * torch.rand(3, 4, dtype=torch.float64)", ["value"]),
    "F30 constant": ("torch.full((3, 4), 0.5, dtype=torch.float64)", ["value"]),
    "another dtype": ("torch.rand(3, 4)", ["dtype"]),
    "another shape": ("torch.rand(3, 5, dtype=torch.float64)", ["shape"]),
    "more axes": ("torch.rand(1, 3, 4, dtype=torch.float64)", ["shape"]),
    "a Python number": ("torch.rand(()).item()", ["structure"]),
    "empty": ("torch.rand(0, 4, dtype=torch.float64)", ["shape"]),
    "raises": ("torch.rand(-1)", ["torch raises"]),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_random_results_are_compared_as_distributions(name):
    """By the draws of many calls, by dtype and by shape; for any seed."""
    torch, expected = DISTRIBUTIONS[name]
    made = cell("np.random.rand(3, 4)", torch, equal="as a distribution", **X)
    for seed in range(5):
        assert [p.rung for p in measure(made, seed).parts] == expected


@pytest.mark.parametrize(("high", "expected"), [(10, []), (11, ["value"])])
def test_random_integers_are_compared_as_distributions(high, expected):
    """A range that is one too wide is seen."""
    numpy, torch = "np.random.randint(0, 10, 50)", f"torch.randint(0, {high}, (50,))"
    assert rungs(numpy, torch, equal="as a distribution", **X) == expected


def test_no_draws_agree_with_no_draws():
    """And are compared by shape and dtype."""
    numpy = "np.random.rand(0, 3)"
    options = {"equal": "as a distribution", **X}
    assert rungs(numpy, "torch.rand(0, 3, dtype=torch.float64)", **options) == []
    assert rungs(numpy, "torch.rand(3, dtype=torch.float64)", **options) == ["shape"]


# --- gradients ------------------------------------------------------------------------------

MIXED = {"x": real(3), "y": real(3, dtype="float32")}
GRADIENTS = {
    "same": ("np.exp(x)", "torch.exp(x)", X, "same"),
    "of a complex result": ("np.fft.fft(x)", "torch.fft.fft(x)", X, "same"),
    "of several results": ("x * 2, np.argmax(x)", "x * 2, torch.argmax(x)", X, "same"),
    "in place": ("x *= 2; x[0] = 1; x", "x *= 2; x[0] = 1; x", X, "same"),
    "of one of two names": ("a * 2", "t * 2", {"a/t": real(3)}, "same"),
    "of the wider input": ("x * y", "x * y.detach()", MIXED, "same"),
    "zero": ("np.floor(x)", "torch.floor(x)", X, "zero"),
    "integer inputs": ("x * 2", "x * 2", {"x": integers(0, 9, (3,))}, "none"),
    "integer results": ("np.argsort(x)", "torch.argsort(x)", X, "none"),
    "float32": ("np.exp(x)", "torch.exp(x)", {**X, "probe": "float32"}, "none"),
    "other shapes": ("x.sum(0)", "x.sum(1)", X, "none"),
    "detached": ("np.exp(x)", "torch.exp(x.detach())", X, "parted"),
    "wrong, right value": ("x * x", "x * x.detach()", X, "parted"),
    "spoiled": ("np.exp(x) ** 2", "y = x.exp(); z = y * y; y += 1; z", X, "refused"),
    "refused by torch": ("np.exp(x)", "torch.tensor(x.numpy()).exp()", X, "refused"),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_is_tried_where_there_is_one(name):
    """Float64 inputs, float64 or complex128 results of one structure and shape."""
    numpy, torch, inputs, word = GRADIENTS[name]
    found = measure(cell(numpy, torch, gradient=True, **inputs))
    assert found.gradient.word == word
    assert ("gradient" in [p.rung for p in found.parts]) == (word in ("parted", "refused"))


def test_a_gradient_is_tried_only_where_the_cell_asks():
    """Results without a gradient to speak of declare it."""
    found = measure(cell("x * x", "x * x.detach()", **X))
    assert (found.gradient.word, found.parts) == ("none", ())


def test_what_refuses_a_gradient_is_told():
    """With the first line of what torch said."""
    (part,) = measure(cell(*GRADIENTS["spoiled"][:2], gradient=True, **X)).parts
    assert (part.rung, part.numpy) == ("gradient", "a derivative")
    assert part.torch.startswith("RuntimeError: one of the variables needed")


def test_a_gradient_that_parts_is_told():
    """The input, the place and both derivatives."""
    (part,) = measure(cell("x * x", "x * x.detach()", gradient=True, x=values([1.0, 2.0]))).parts
    assert part.where == "d/dx along a dense direction"
    assert float(part.numpy) == pytest.approx(2 * float(part.torch), rel=1e-5)


# --- no cell is lost ------------------------------------------------------------------------


def test_a_result_that_numpy_cannot_hold_is_a_fact():
    """C05: bfloat16 has no NumPy dtype; the cell parts, the run goes on."""
    assert rungs("x", "x.bfloat16()", **X) != []


def test_a_numpy_side_that_raises_off_its_inputs_is_a_fact():
    """C05: no derivative there, and no exception of the checker's own."""
    found = measure(
        cell("x.sum() if x[0] == 1 else 1 / 0", "x.sum()", x=values([1.0, 2.0]), gradient=True)
    )
    assert found.gradient.word == "parted"
