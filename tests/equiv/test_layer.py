"""A NumPy layer against its twin: right ones are silent, planted faults part on their rung."""

import importlib
import itertools
import sys
import warnings

import numpy as np
import pytest

from equiv.entry import EquivError, real, values
from equiv.execute import watched
from equiv.inputs import spell
from equiv.layer import measure_layer
from equiv.layer_sides import LayerCell, parameters
from equiv.measure import Cell

TOYS = """
import numpy as np
from numpy_layers.layer import Layer


class Linear(Layer):
    def __init__(self, n, m):
        super().__init__()
        self.params.update({"weight": np.ones((m, n)), "bias": np.zeros(m)})

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dy):
        self.grads["weight"] = dy.T @ self.x
        self.grads["bias"] = dy.sum(axis=0)
        return dy @ self.params["weight"]


class Softmax(Layer):
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (self.y * dy).sum(axis=1, keepdims=True))

    def backward_rows(self, dy):
        return np.stack([(np.diag(y) - np.outer(y, y)) @ d for y, d in zip(self.y, dy)])


class LayerNorm(Layer):
    def __init__(self, n):
        super().__init__()
        self.params.update({"weight": np.ones(n), "bias": np.zeros(n)})

    def forward(self, x):
        self.n = x.shape[1]
        d = x - x.mean(axis=1, keepdims=True)
        self.std = np.sqrt((d * d).mean(axis=1, keepdims=True) + x.dtype.type(1e-5))
        self.normal = d / self.std
        return self.normal * self.params["weight"] + self.params["bias"]

    def backward(self, dy):
        self.grads["weight"] = (dy * self.normal).sum(axis=0)
        self.grads["bias"] = dy.sum(axis=0)
        dn = dy * self.params["weight"]
        mean = dn.sum(axis=1, keepdims=True) / self.n
        along = self.normal * (dn * self.normal).sum(axis=1, keepdims=True) / self.n
        return (dn - mean - along) / self.std


class ReLU(Layer):
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x > 0)


class Subtract(Layer):
    def forward(self, x, y):
        return x - y

    def backward(self, dy):
        return dy, -dy


class MeanOf(Layer):
    def forward(self, x, index):
        self.shape, self.index = x.shape, index
        return x[index].mean()

    def backward(self, dy):
        dx = np.zeros(self.shape, dy.dtype)
        np.add.at(dx, self.index, dy / (len(self.index) * self.shape[1]))
        return dx


class Total(Layer):
    def forward(self, x):
        self.x = x
        return x.cumsum()[-1:]

    def backward(self, dy):
        return np.broadcast_to(dy, self.x.shape)
"""
"""Right layers; a fault is one replacement in this text."""

X = {"x": real(5, 4)}
REPEATED = values([0, 0, 3], dtype="int64")
CANCELS = values([1e8, 1 / 3, 2e8, 1 / 7, -3e8])
STEPS = values([2.0, 3.0, 1.0])
FLAT = values([[0.01, -0.02, 0.03, 0.01], [0.02, 0.01, -0.01, 0.04]])
ROWS = ("backward", "backward_rows")
CASES = {
    "Linear": ("Linear(4, 3)", "torch.nn.Linear(4, 3)", X, {}),
    "square": ("Linear(4, 4)", "torch.nn.Linear(4, 4)", {"x": real(4, 4)}, {}),
    "one row": ("Linear(4, 3)", "torch.nn.Linear(4, 3)", {"x": real(1, 4)}, {}),
    "no row": ("Linear(4, 3)", "torch.nn.Linear(4, 3)", {"x": real(0, 4)}, {}),
    "Softmax": ("Softmax()", "torch.nn.Softmax(dim=1)", X, {"backwards": ROWS}),
    "Softmax alone": ("Softmax()", "torch.nn.Softmax(dim=1)", X, {}),
    "warns": ("Softmax()", "torch.nn.functional.softmax(x)", X, {"twin": False}),
    "steps": ("ReLU()", "torch.relu(x)", {"x": STEPS}, {"twin": False}),
    "LayerNorm": ("LayerNorm(4)", "torch.nn.LayerNorm(4)", X, {}),
    "LayerNorm, flat": ("LayerNorm(4)", "torch.nn.LayerNorm(4)", {"x": FLAT}, {}),
    "LayerNorm, wide": ("LayerNorm(1200)", "torch.nn.LayerNorm(1200)", {"x": real(2, 1200)}, {}),
    "ReLU": ("ReLU()", "torch.nn.ReLU()", X, {}),
    "ReLU, thousands": ("ReLU()", "torch.nn.ReLU()", {"x": real(40, 50)}, {}),
    "Subtract": ("Subtract()", "x - y", {**X, "y": real(5, 4)}, {"wrt": ("x", "y"), "twin": False}),
    "MeanOf": ("MeanOf()", "x[i].mean()", {**X, "i": REPEATED}, {"twin": False}),
    "Total": ("Total()", "x.flip(0).cumsum(0)[-1:]", {"x": CANCELS}, {"twin": False}),
}
numbers = itertools.count()


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """Return what writes TOYS, with replacements, as a module of its own and names it."""
    monkeypatch.syspath_prepend(tmp_path)
    written = []

    def write(*replacements):
        source = TOYS
        for old, new in replacements:
            assert source.count(old) >= 1
            source = source.replace(old, new)
        name = f"toys_{next(numbers)}_for_test_layer"
        (tmp_path / f"{name}.py").write_text(source)
        importlib.invalidate_caches()
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


def cells(module, case, *, probe="float64", seed=0, **options):
    """Return the two halves of a layer's cell."""
    numpy, torch, inputs, own = CASES[case]
    layer = {
        "twin": True,
        "wrt": ("x",),
        "backwards": ("backward",),
        "call": ", ".join(inputs),
        "dtype": probe,
        "before": spell(inputs, probe, seed + 1),
        **own,
        **options,
    }
    cell = Cell(
        id=f"{case}@{probe}",
        sort="layer",
        area="layers",
        owner=case,
        case=case,
        probe=probe,
        numpy=numpy,
        torch=torch,
        code=spell(inputs, probe, seed),
    )
    return cell, LayerCell(module=module, **layer)


def measured(module, case, *, probe="float64", seed=0, **options):
    """Measure one case of a module."""
    return measure_layer(*cells(module, case, probe=probe, seed=seed, **options), seed)


def rungs(*args, **options):
    """Name the rungs on which a layer parts from its twin."""
    return [part.rung for part in measured(*args, **options).parts]


# --- right layers ---------------------------------------------------------------------------


@pytest.mark.parametrize("probe", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_a_right_layer_is_silent(toys, case, probe):
    """In both dtypes and for every seed, with its gradients compared."""
    module = toys()
    for seed in range(5):
        found = measured(module, case, probe=probe, seed=seed)
        assert found.parts == ()
        assert (found.outcome, found.gradient.word) == ("same", "same")
        assert found.worst.headroom <= 1


RIGHT = {
    "two-pass variance": (
        "LayerNorm",
        "(d * d).mean(axis=1, keepdims=True)",
        "x.var(axis=1, keepdims=True)",
    ),
    "another order": ("Linear", "dy.sum(axis=0)", "dy[::-1].cumsum(axis=0)[-1]"),
    "einsum": ("Linear", "dy.T @ self.x", "np.einsum('ni,nj->ij', dy, self.x)"),
    "another layout": (
        "Linear",
        'return dy @ self.params["weight"]',
        'return np.asfortranarray(dy @ self.params["weight"])',
    ),
    "gradients written in place": (
        "Linear",
        'self.grads["bias"] = dy.sum(axis=0)',
        'np.sum(dy, axis=0, out=self.grads.setdefault("bias", np.zeros(3, dy.dtype)))',
    ),
    "zeros of the other sign": ("ReLU", "dy * (self.x > 0)", "np.where(self.x > 0, dy, 0)"),
}


@pytest.mark.parametrize("probe", ["float64", "float32"])
@pytest.mark.parametrize("form", RIGHT)
def test_another_right_form_is_silent(toys, form, probe):
    """Controls: what differs by rounding or by memory is no fault."""
    case, old, new = RIGHT[form]
    module = toys((old, new))
    for seed in range(3):
        assert measured(module, case, probe=probe, seed=seed).parts == ()


# --- planted faults -------------------------------------------------------------------------

WEIGHT, BIAS, NOT_BIAS = 'self.grads["weight"] = ', 'self.grads["bias"] = ', "unused = "
DX, PROJECTION = 'return dy @ self.params["weight"]', " - (self.y * dy).sum(axis=1, keepdims=True)"
MAX, MASK, SHARE = "return np.maximum(x, 0)", "dy * (self.x > 0)", "keepdims=True) / self.n"
ONE = MASK + " * np.where(self.x == self.x.max(), dy.dtype.type(1.0001), 1)"
FAULTS = {
    "G01 weight not transposed": ("square", DX, DX + ".T", "gradient"),
    "G01 gradient not transposed": ("square", "dy.T @ self.x", "self.x.T @ dy", "gradient"),
    "G02 no bias gradient": ("Linear", BIAS, NOT_BIAS, "gradient"),
    "G02 bias gradient of zeros": ("Linear", BIAS, BIAS + "0 * ", "gradient"),
    "G02 accumulates": ("Linear", WEIGHT, WEIGHT + "self.grads.get('weight', 0) + ", "gradient"),
    "G03 not summed": ("Linear", "dy.sum(axis=0)", "dy", "gradient"),
    "G03 one row": ("Linear", "dy.sum(axis=0)", "dy[0]", "gradient"),
    "G03 wrong axis": ("square", "dy.sum(axis=0)", "dy.sum(axis=1)", "gradient"),
    "G04 projection dropped": ("Softmax", PROJECTION, "", "gradient"),
    "G04 mean term dropped": ("LayerNorm", "dn - mean - along", "dn - along", "gradient"),
    "G04 variance term dropped": ("LayerNorm", "dn - mean - along", "dn - mean", "gradient"),
    "G05 missing 1/N": ("MeanOf", "dy / (len(self.index) * self.shape[1])", "dy", "gradient"),
    "G05 factor 2": ("ReLU", MASK, "2 * " + MASK, "gradient"),
    "G05 ddof": ("LayerNorm", SHARE, "keepdims=True) / (self.n - 1)", "gradient"),
    "G05 ddof, n 1200": ("LayerNorm, wide", SHARE, "keepdims=True) / (self.n - 1)", "gradient"),
    "G06 sign of one argument": ("Subtract", "dy, -dy", "dy, dy + 0", "gradient"),
    "G07 one entry": ("ReLU, thousands", MASK, ONE, "gradient"),
    "G07 repeated index": (
        "MeanOf",
        "np.add.at(dx, self.index, ",
        "dx[self.index] = (",
        "gradient",
    ),
    "G10 stale inputs": ("Linear", "self.x = x", "self.x = getattr(self, 'x', x)", "gradient"),
    "G11 half precision": (
        "Linear",
        "return dy",
        "return dy.astype('f2').astype(dy.dtype)",
        "gradient",
    ),
    "G12 detached": ("Linear", "return dy @", "return 0 * dy @", "gradient"),
    "G13 cotangent ignored": ("ReLU", MASK, "1.0 * (self.x > 0)", "gradient"),
    "G13 ones for the cotangent": ("Linear", "dy.T @", "np.ones_like(dy).T @", "gradient"),
    "F01 sign": ("Linear", '+ self.params["bias"]', '- self.params["bias"]', "value"),
    "F06 keepdims": ("MeanOf", "].mean()", "].mean(keepdims=True)", "shape"),
    "F08 ddof": ("LayerNorm", "(d * d).mean(axis=1, ", "x.var(axis=1, ddof=1, ", "value"),
    "F09 eps": ("LayerNorm, flat", "1e-5", "1e-6", "value"),
    "F14 NaN": ("ReLU", "np.maximum(x, 0)", "np.where(x > 0, x, np.nan)", "nan"),
    "F24 stale output": (
        "Softmax",
        "self.y = e",
        "self.y = self.y if 'y' in vars(self) else e",
        "value",
    ),
    "F24 state leaks": ("Linear", "self.x = x", "self.x = x; self.params['bias'] += 1", "value"),
    "structure": ("ReLU", MAX, MAX + ", x", "structure"),
}
"""The case, what is replaced, by what, and the rung."""


@pytest.mark.parametrize("probe", ["float64", "float32"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_parts_on_its_rung(toys, fault, probe):
    """Each fault of a layer, in both dtypes and for every seed."""
    case, old, new, rung = FAULTS[fault]
    module = toys((old, new))
    for seed in range(3):
        found = measured(module, case, probe=probe, seed=seed)
        assert found.outcome == rung
        assert (found.gradient.word == "parted") >= (rung == "gradient")


NARROW = {
    "F11 result": ("Linear", ".T + self", ".T.astype('f8') + self", "dtype"),
    "F11 gradient": ("ReLU", MASK, MASK + ".astype('f8')", "gradient"),
    "F11 gradient of a parameter": ("Linear", BIAS, BIAS + "np.float64(1) * ", "gradient"),
}


@pytest.mark.parametrize("fault", NARROW)
def test_a_result_wider_than_its_input_parts_in_float32(toys, fault):
    """The result's dtype is the input's, gradients too; in float64 nothing shows."""
    case, old, new, rung = NARROW[fault]
    module = toys((old, new))
    assert rungs(module, case) == []
    assert measured(module, case, probe="float32").outcome == rung


def test_lower_precision_in_the_middle_parts_in_float64(toys):
    """G11: float32 in the middle shows only where the inputs are wider."""
    module = toys(("self.y * (dy", "self.y.astype('f4') * (dy"))
    assert rungs(module, "Softmax alone", probe="float32") == []
    assert rungs(module, "Softmax alone") == ["gradient"]


@pytest.mark.parametrize("wrong", ROWS)
def test_every_backward_is_checked(toys, wrong):
    """A fault in either of two forms parts, and is named with its form."""
    faults = {
        "backward": (PROJECTION, ""),
        "backward_rows": ("np.diag(y) - np.outer(y, y)", "np.diag(y)"),
    }
    (part,) = measured(toys(faults[wrong]), "Softmax").parts
    assert part.rung == "gradient"
    assert part.where.startswith(f"{wrong}, ")


def test_a_gradient_that_parts_is_told_with_its_place_and_values(toys):
    """The backward, the cotangent, the parameter, the index, and both values there."""
    module = toys((BIAS + "dy.sum(axis=0)", BIAS + "dy.sum(axis=0) * [1, 1, 3]"))
    found = measured(module, "Linear")
    (part,) = found.parts
    assert part.where == "backward, random cotangent['bias'][2]"
    assert float(part.numpy) == pytest.approx(3 * float(part.torch))
    assert (found.gradient.numpy, found.gradient.torch) == (part.numpy, part.torch)
    assert found.gradient.error > 0.01


TOLD = {
    "missing": ((BIAS, NOT_BIAS), "", "{", "{"),
    "shape": (("dy.sum(axis=0)", "dy"), "backward, random cotangent['bias']", "(5, 3)", "(3,)"),
    "nan": (("dy.sum(axis=0)", "dy.sum(axis=0) * np.nan"), "backward", "float64 [nan", "float64 ["),
}


@pytest.mark.parametrize("what", TOLD)
def test_a_gradient_of_another_form_is_told(toys, what):
    """Where there is no worst element, the part itself is told."""
    fault, where, numpy, torch = TOLD[what]
    gradient = measured(toys(fault), "Linear").gradient
    assert gradient.word == "parted"
    assert gradient.where.startswith(where)
    assert gradient.numpy.startswith(numpy)
    assert gradient.torch.startswith(torch)


def test_a_fault_that_only_a_sparse_cotangent_shows_is_seen(toys):
    """The second cotangent picks a single element."""
    (part,) = measured(toys(("return dy @", "return (1 + (dy == 0).any()) * dy @")), "Linear").parts
    assert part.where.startswith("backward, one-hot cotangent['x']")


def test_what_all_ones_miss_is_seen(toys):
    """The rows of softmax sum to one: with ones its gradient is zero, doubled or not."""
    assert rungs(toys(("return self.y * (dy", "return 2 * self.y * (dy")), "Softmax") == [
        "gradient"
    ]


# --- arguments, warnings, exceptions --------------------------------------------------------

WRITES = {
    "x in forward": ("Softmax", "e = np.exp(x", "x *= 1.5; e = np.exp(x", "x written"),
    "x in backward": ("Linear", DX, "self.x *= 0; " + DX, "x written"),
    "cotangent": (
        "Softmax alone",
        "return self.y * (dy",
        "dy += 1; return self.y * (dy - 1",
        "random cotangent, ",
    ),
    "masked": ("ReLU", f"return {MASK}", "dy[self.x <= 0] = 0; return dy", "random cotangent"),
    "first of two": ("Softmax", "return self.y * (dy", "dy += 1; return self.y * (dy", "random "),
    "second of two": ("Softmax", "return np.stack(", "dy += 1; return np.stack(", "random "),
}


@pytest.mark.parametrize("written", WRITES)
def test_an_argument_that_is_written_to_parts(toys, written):
    """Inputs and cotangents belong to the caller."""
    case, old, new, told = WRITES[written]
    (part,) = [p for p in measured(toys((old, new)), case).parts if p.rung == "mutation"]
    assert part.numpy.startswith(told)
    assert part.numpy.endswith("written to")
    assert part.torch == "unchanged"


@pytest.mark.parametrize("where", [MAX, f"return {MASK}"], ids=["forward", "backward"])
def test_a_warning_that_escapes_a_layer_is_an_exception(toys, where):
    """A layer keeps its warnings to itself, forward and backward; and so does the checker."""
    module = toys((where, f"np.log(np.zeros(1)); {where}"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = measured(module, "ReLU")
    assert (found.outcome, found.raised) == ("numpy raises", ("RuntimeWarning", ""))
    assert caught == []


@pytest.mark.parametrize("where", [MAX, f"return {MASK}"], ids=["forward", "backward"])
def test_what_a_layer_raises_is_a_result(toys, where):
    """With its message, and the output of the other side."""
    found = measured(toys((where, f"raise TypeError('told'); {where}")), "ReLU")
    assert (found.outcome, found.raised) == ("numpy raises", ("TypeError", ""))
    assert found.parts[0].numpy == "TypeError: told"
    assert found.parts[0].torch.startswith("float64 [[")


def test_a_warning_of_the_twin_is_no_ones_business(toys):
    """torch warns of a softmax without a dimension, and takes the right one."""
    assert measured(toys(), "warns").parts == ()


def test_a_layer_that_fails_on_the_moved_inputs_is_a_fact(toys):
    """C05: a layer that takes float32 only is measured in float32, wrong or right."""
    only = "assert x.dtype == 'f4'; " + MAX
    assert rungs(toys((MAX, only)), "ReLU", probe="float32") == []
    wrong = toys((MAX, only + " + 1"))
    assert measured(wrong, "ReLU", probe="float32").outcome == "value"


def test_the_number_of_gradients_is_that_of_the_inputs_asked_for(toys):
    """One gradient for two inputs is no gradient."""
    assert measured(toys(("return dy, -dy", "return dy")), "Subtract").raised == ("ValueError", "")


def test_a_twin_that_raises_is_a_result(toys):
    """Another number of parameters does not load."""
    module = toys(('"bias": np.zeros(m)}', '"bias": np.zeros(m), "more": np.zeros(2)}'))
    assert measured(module, "Linear").outcome == "torch raises"


def test_a_layer_that_cannot_be_built_is_our_mistake(toys):
    """It is told with the cell and the text."""
    cell, layer = cells(toys(("def __init__(self, n, m)", "def __init__(self, n)")), "Linear")
    with pytest.raises(EquivError, match=r"Linear@float64: 'Linear\(4, 3\)' does not construct"):
        measure_layer(cell, layer)


# --- what is compared -----------------------------------------------------------------------


def test_parameters_are_random_never_the_initial_ones(toys):
    """In the input's dtype and the layer's shapes, by cell and seed; never ones or zeros."""
    cell, layer = cells(toys(), "LayerNorm", probe="float32")
    drawn, again, other = (parameters(cell, layer, s) for s in (1, 1, 2))
    assert {n: (p.shape, p.dtype) for n, p in drawn.items()} == dict.fromkeys(
        ("weight", "bias"), ((4,), np.dtype("f4"))
    )
    for name, p in drawn.items():
        assert len(np.unique(p)) == 4
        assert not np.isin(p, [0, 1]).any()
        assert np.array_equal(p, again[name])
        assert not np.array_equal(p, other[name])


def test_outputs_of_other_shapes_have_no_gradient_to_compare(toys):
    """Only the shape is told, on both sides."""
    found = measured(toys(FAULTS["F06 keepdims"][1:3]), "MeanOf")
    assert [(p.rung, p.numpy, p.torch) for p in found.parts] == [("shape", "(1, 1)", "()")]
    assert found.gradient.word == "none"


def test_the_error_of_gradients_that_agree_is_told(toys):
    """How nearly they do, relative to the largest."""
    assert 0 < measured(toys(), "LayerNorm").gradient.error < 1e-13


def test_who_watches_is_told_of_both_sides(toys):
    """Before NumPy's layer and before torch's twin."""
    told = []
    with watched(told.append):
        measured(toys(), "Linear")
    assert told[0] == "numpy"
    assert told[-1] == "torch"


def test_a_trap_is_compared_forward_only(toys):
    """No gradient is tried where only the outputs are in question."""
    module = toys((PROJECTION, ""))
    found = measured(module, "Softmax", forward_only=True)
    assert (found.parts, found.gradient.word) == ((), "none")
    wrong = toys(("self.y = e /", "self.y = 2 * e /"))
    assert rungs(wrong, "Softmax", forward_only=True) == ["value"]


def test_a_wrong_output_and_a_wrong_gradient_are_both_told(toys):
    """One does not hide the other, and the worst element is the output's."""
    module = toys(('+ self.params["bias"]', ""), (DX, DX + " * 2"))
    found = measured(module, "Linear")
    assert [p.rung for p in found.parts] == ["value", "gradient"]
    assert found.worst.error > 0.01
    assert found.numpy.startswith("float64 [[")
    assert found.torch.startswith("float64 [[")
    assert found.torch != found.numpy


def test_an_ill_conditioned_layer_passes_by_its_conditioning(toys):
    """A sum that cancels, in another order; a real fault on the same input does not pass."""
    found = measured(toys(), "Total")
    assert found.parts == ()
    assert found.worst.relative > 1000 * 2.0**-52
    assert rungs(toys(("[-1:]", "[-1:] * 1.00001")), "Total") == ["value"]


def test_a_jump_at_the_inputs_is_no_conditioning(toys):
    """Where an eps makes a step of one, the step must not excuse an error of its size."""
    wrong = (MAX, "return np.floor(x) + 5")
    assert rungs(toys(wrong), "steps", forward_only=True) == ["value"]
