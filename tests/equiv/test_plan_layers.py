"""A pair's cells: the grid, what each condition does to inputs, and how forward is called."""

import numpy as np
import pytest

from equiv.conditions import AS_DECLARED, CONDITIONS
from equiv.entry import Input, LayerCase, LayerPair, Trap, integers, real, values
from equiv.inputs import make
from equiv.plan import plan_layer

INPUTS = {"x": real(3, 4), "index": integers(0, 4, (3,)), "mask": values([[1, 0]], dtype="bool")}


def pair(**said):
    """A pair of Linear, with what a test says."""
    plain = {"summary": "S.", "source": "s", "arguments": "4, 2", "inputs": INPUTS, "grid": ("",)}
    return LayerPair("numpy_layers.Linear", **{**plain, **said})


def planned(**said):
    """The cells of a pair by case and condition."""
    return {(p.cell.case, p.cell.probe): p for p in plan_layer(pair(**said), 0)}


def arrays(p):
    """Make the inputs of a cell."""
    return {name: make(code) for name, code in p.cell.code.items()}


def test_each_text_of_the_grid_is_a_case():
    """Both sides are constructed from the arguments and the options; the empty one is plain."""
    cases = pair(grid=("", "bias=False", "bias=True, k=(2, -1)")).every
    assert [c.id for c in cases] == ["plain", "bias-false", "bias-true-k-2-1"]
    assert [c.numpy for c in cases] == [
        "Linear(4, 2)", "Linear(4, 2, bias=False)", "Linear(4, 2, bias=True, k=(2, -1))",
    ]  # fmt: skip
    assert [c.twin for c in cases] == [f"torch.nn.{c.numpy}" for c in cases]


def test_a_grid_without_arguments_has_no_stray_comma():
    """Options stand alone where there is nothing before them."""
    cases = pair(arguments="", grid=("", "k=1")).every
    assert [c.numpy for c in cases] == ["Linear()", "Linear(k=1)"]


def test_a_case_takes_from_its_pair_what_it_does_not_say():
    """Inputs, the call, what gradients are of, the batch; what it says is its own."""
    said, own = pair(
        wrt=("x",), call="x, index", batch_axis=1, grid=(),
        cases=(
            LayerCase("said"),
            LayerCase("own", arguments="1", inputs={"z": real(2)}, call="z", wrt=("z",),
                      batch_axis=None),
        ),
    ).every  # fmt: skip
    assert (said.inputs, said.call, said.wrt, said.batch_axis) == (INPUTS, "x, index", ("x",), 1)
    assert (own.inputs, own.call, own.wrt) == ({"z": real(2)}, "z", ("z",))
    assert own.batch_axis is None
    assert own.numpy == "Linear(1)"


def test_gradients_are_of_every_float_input_where_none_is_named():
    """Integers and booleans have none; a call has all inputs in order."""
    (case,) = pair().every
    assert case.wrt == ("x",)
    assert case.call == "x, index, mask"


def test_an_expression_is_no_constructor():
    """A case that gives torch= has no twin."""
    (case,) = pair(grid=(), cases=(LayerCase("plain", torch="x @ x.T"),)).every
    assert (case.twin, case.torch) == ("", "x @ x.T")


def test_every_condition_is_met():
    """The cells of a case are the conditions, in their order."""
    assert [name for _, name in planned()] == list(CONDITIONS)


@pytest.mark.parametrize(
    ("condition", "rows"), [("float64", 3), ("batch of one", 1), ("batch of none", 0)]
)
def test_the_batch_of_every_input_that_has_one_is_shortened(condition, rows):
    """An input with as many rows as the first goes along; a mask of another size stays."""
    found = arrays(planned()["plain", condition])
    assert {n: x.shape for n, x in found.items()} == {
        "x": (rows, 4), "index": (rows,), "mask": (1, 2),
    }  # fmt: skip


@pytest.mark.parametrize(("axis", "shape"), [(1, (3, 1)), (-1, (1, 4))])
def test_the_batch_lies_along_the_axis_that_is_named(axis, shape):
    """A case's own axis, or the pair's."""
    cases = (LayerCase("own", inputs={"x": real(3, 4)}, batch_axis=axis),)
    assert arrays(planned(grid=(), cases=cases)["own", "batch of one"])["x"].shape == shape


@pytest.mark.parametrize("said", [{"batch_axis": None}, {"inputs": {"x": values(1.0)}}])
def test_what_has_no_batch_is_not_shortened(said):
    """Nor is a batch of one made a batch of one."""
    found = {name for _, name in planned(**said)}
    assert not {"batch of one", "batch of none"} & found
    one = {name for _, name in planned(inputs={"x": real(1, 4)})}
    assert ("batch of one" in one, "batch of none" in one) == (False, True)


def test_floats_alone_are_narrowed():
    """Under float32 integers and booleans stay what they are."""
    wide, narrow = (arrays(planned()["plain", c]) for c in AS_DECLARED)
    assert [x.dtype for x in wide.values()] == [np.float64, np.int64, np.bool_]
    assert [x.dtype for x in narrow.values()] == [np.float32, np.int64, np.bool_]
    assert planned()["plain", "float32"].layer.dtype == "float32"


def test_a_second_call_is_on_other_data_and_has_other_data_before_it():
    """Three draws: the plain one, that of the call, and that of the calls before."""
    cells = planned()
    second = cells["plain", "second call"]
    before = {name: make(code) for name, code in second.layer.before.items()}
    draws = [arrays(cells["plain", "float64"])["x"], arrays(second)["x"], before["x"]]
    assert len({x.tobytes() for x in draws}) == 3
    assert not cells["plain", "float64"].layer.before


def test_transposed_inputs_hold_the_same_values():
    """Column-major, gaps along the one axis there is, and no axis gained."""
    inputs = {"x": real(3, 4), "v": real(5), "n": values(2.0)}
    cells = planned(inputs=inputs)
    plain, turned = (arrays(cells["plain", c]) for c in ("float64", "transposed"))
    assert turned["x"].flags.f_contiguous
    assert turned["v"].strides == (16,)
    assert {n: x.shape for n, x in turned.items()} == {n: x.shape for n, x in plain.items()}


def test_large_rows_stand_beside_ordinary_ones():
    """Every other row a thousand times as large; ordinary inputs are at hand beside them."""
    p = planned(inputs={"x": real(4, 2)})["plain", "large"]
    x, usual = arrays(p)["x"], make(p.layer.usual["x"])
    assert np.abs(x[::2]).min() > 50 > np.abs(x[1::2]).max()
    assert np.abs(usual).max() < 50
    assert not planned(inputs={"x": values([1.0, 2.0])}).keys() & {("plain", "large")}


def test_a_mode_is_told():
    """Evaluation is one of the conditions; all others train."""
    assert {c: p.layer.training for (_, c), p in planned().items()} == {
        name: name != "eval" for name in CONDITIONS
    }


def test_a_trap_runs_forward_alone():
    """Under the first condition, or the one that it names."""
    trap = Trap("torch.relu(x)", shows="value", why="So.", under="large")
    cells = list(plan_layer(pair(grid=(), cases=(LayerCase("plain", trap=trap),)), 0))
    (found,) = [p for p in cells if p.cell.sort == "trap"]
    assert found.cell.id == "numpy_layers.Linear/plain:trap@large"
    assert found.layer.forward_only
    assert not found.layer.twin
    assert all(isinstance(x, Input) for x in found.case.inputs.values())
