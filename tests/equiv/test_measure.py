"""One cell, run on both sides: what is measured of it, and what it leaves as it was."""

import dataclasses

import numpy as np
import pytest

from equiv.compare import compare
from equiv.entry import (
    EquivError,
    Tolerance,
    complex_normal,
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


X, COMPLEX = {"x": real(3, 4)}, {"x": complex_normal(3)}


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
    found = rungs("np.exp(x)", "x += 1; x.float()", gradient="every", **X)
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
    inputs = {**X, "files": True, "gradient": "every"}
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


def test_integers_are_moved_as_floats_where_only_a_sign_is_asked_for():
    """Left alone they would keep every zero that they cancel to."""
    inputs = {"n": np.array([3, 4]), "b": np.array([True]), "x": np.array([1.0])}
    first, *others = perturbed(inputs, (), 0, whole=True)
    assert [first[name].dtype for name in "nbx"] == [np.float64] * 3
    assert list(first["n"]) == [3, 4]
    assert all(list(np.abs(near["n"] / [3, 4] - 1) > 0) == [True, True] for near in others)


@pytest.mark.parametrize(
    ("m", "told"), [([3, 5], []), ([0, 0], ["sign of zero"])], ids=["cancelled", "zero"]
)
def test_the_sign_of_a_zero_counts_where_it_is_not_left_of_a_difference(m, told):
    """Three less three is a zero by accident, nought less nought is always one."""
    inputs = {name: values(m, dtype="int64") for name in "nm"}
    found = rungs("(n - m) * x", "-((n - m) * x)", x=values([1.0, 2.0]), **inputs)
    assert found == told


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


def test_a_reconstruction_that_fails_is_no_agreement():
    """Nothing was compared: that is a fact on declared inputs, and the run goes on."""
    made = cell(*VECTORS, x=symmetric(3), equal="by reconstruction", reconstruct="r[7]")
    (part,) = measure(made).parts
    assert part.rung == "value"
    assert part.numpy == "cannot be reconstructed: IndexError: tuple index out of range"


def test_a_result_that_torch_alone_cannot_give_back_parts():
    """NumPy's is rebuilt, and torch's is not."""
    given = {"x": symmetric(3), "equal": "by reconstruction", "reconstruct": "np.linalg.inv(r)"}
    (part,) = measure(cell("x + 9 * np.eye(3)", "torch.zeros_like(x)", **given)).parts
    assert part.rung == "structure"
    assert "cannot be reconstructed: LinAlgError: Singular matrix" in part.torch


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


# --- what rules look at ---------------------------------------------------------------------


def test_the_facts_say_what_was_handed_over():
    """Each input by name, dtype, shape and what it holds; arrays and dtypes for short."""
    inputs = {
        "x": values([[NAN, 0.0], [-1.0, 2.0]]),
        "y": values([INF, 3.0], dtype="float32"),
        "n": values([[1, 2]], dtype="uint8"),
        "z": values(2.0),
        "k": 3,
        "s": "up",
    }
    facts = measure(cell("x * 1", "x * 2", **inputs)).facts
    assert [(g.name, g.dtype, g.shape, set(g.holds)) for g in facts.inputs] == [
        ("x", "float64", (2, 2), {"nan", "zero", "negative"}),
        ("y", "float32", (2,), {"inf"}),
        ("n", "uint8", (1, 2), set()),
        ("z", "float64", (), set()),
        ("k", "int", None, set()),
        ("s", "str", None, set()),
    ]
    assert [g.name for g in facts.arrays] == ["x", "y", "n", "z"]
    assert facts.dtypes == {"float64", "float32", "uint8"}


def test_the_facts_say_what_repeats_memory():
    """One row as many; a plain array does not."""
    for probe, told in (("broadcast", {"repeated"}), ("transposed", set())):
        facts = measure(cell("x + 1", "x + 2", x=real(3, 4), probe=probe)).facts
        assert set(facts.inputs[0].holds) - {"negative"} == told


def test_the_facts_say_what_was_raised():
    """Class and message of the side that raised, and nothing of the one that did not."""
    facts = measure(cell("x.sum()", "x[5]", x=values([1.0, 2.0]))).facts
    assert facts.errors[0] == ""
    assert facts.errors[1].startswith("IndexError: index 5 is out of bounds")
    assert measure(cell("x * 1", "x * 2", **X)).facts.errors == ("", "")


# --- what NumPy leaves undefined ------------------------------------------------------------

CAST = "invalid value encountered in cast"


def test_a_cast_of_what_the_dtype_cannot_hold_has_no_right_value():
    """NaN as an integer is the processor's; what another gives is no difference."""
    found = measure(cell("x.astype('i8')", "torch.tensor([7, 2])", x=values([NAN, 2.0])))
    assert (found.outcome, found.parts) == ("undefined", ())
    assert CAST in found.undefined


def test_beside_the_undefined_all_else_counts():
    """Dtype and mutation are as they should be, or part."""
    torch = "x[1] = 3; torch.tensor([7, 2], dtype=torch.int32)"
    found = measure(cell("x.astype('i8')", torch, x=values([NAN, 2.0])))
    assert [part.rung for part in found.parts] == ["dtype", "mutation"]
    assert (found.outcome, found.undefined != "") == ("dtype", True)


def test_a_wrong_value_is_wrong_where_the_cast_is_defined():
    """NumPy does not warn of it."""
    found = measure(cell("x.astype('i8')", "torch.tensor([7, 2])", x=values([1.0, 2.0])))
    assert (found.outcome, found.undefined) == ("value", "")


def test_nothing_is_undefined_where_the_values_agree():
    """Whatever the processor made of it, both sides gave it."""
    with np.errstate(invalid="ignore"):
        made = np.array([NAN, 2.0]).astype("i8").tolist()
    found = measure(cell("x.astype('i8')", f"torch.tensor({made})", x=values([NAN, 2.0])))
    assert (found.outcome, found.undefined) == ("same", "")


# --- inputs are as they were ----------------------------------------------------------------

CHANGES = {
    "by NumPy": ("x[0] = 7; 1.0", "1.0", {}),
    "by torch": ("1.0", "x[0] = 7; 1.0", {}),
    "before raising": ("x[0] = 7; x[99]", "x[0] = 7; x[99]", {}),
    "by its shape": ("x.shape = (4, 3); 1.0", "1.0", {}),
    "into repeated memory": ("1.0", "x[0] = 7; 1.0", {"probe": "broadcast"}),
    "where draws are compared": ("x[0] = 7; 1.0", "1.0", {"equal": "as a distribution"}),
}


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
@pytest.mark.parametrize("name", CHANGES)
def test_a_side_that_changes_its_inputs_changes_no_other_cells(name):
    """The copies are lent to the next cell of the same inputs, and given their values back."""
    numpy, torch, options = CHANGES[name]
    inputs = {**X, "probe": options.get("probe", "")}
    plain = measure(cell("x * 1", "x * 2", **inputs))
    made = cell(numpy, torch, **{**inputs, **options})
    first = measure(made)
    assert measure(cell("x * 1", "x * 2", **inputs)) == plain
    assert measure(made) == first


def test_views_of_an_input_that_torch_cannot_have_say_nothing():
    """torch gets a reversed array in another layout, so what is a view is not compared."""
    copy = ("x[1:]", "x[1:].clone()")
    assert rungs(*copy, **X) == ["aliasing"]
    assert rungs(*copy, probe="reversed", **X) == []


# --- no cell is lost ------------------------------------------------------------------------


def test_a_result_that_numpy_cannot_hold_is_a_fact():
    """C05: bfloat16 has no NumPy dtype; the cell parts, the run goes on."""
    assert rungs("x", "x.bfloat16()", **X) != []


def test_a_numpy_side_that_raises_off_its_inputs_is_a_fact():
    """C05: no derivative there, and no exception of the checker's own."""
    found = measure(
        cell("x.sum() if x[0] == 1 else 1 / 0", "x.sum()", x=values([1.0, 2.0]), gradient="every")
    )
    assert found.gradient.word == "parted"
