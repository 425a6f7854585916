"""Tests of equiv.repro: scripts of small cases, held against what follows by hand."""

import re

import numpy as np
import pytest

from equiv.catalogue import Catalogue
from equiv.entry import Case, Op, boolean, complex_normal, integers, real, text, values
from equiv.inputs import make
from equiv.judge import Judged
from equiv.measure import Measured
from equiv.plan import slug
from equiv.repro import script
from equiv.runner import execute


def spelled(numpy: str, torch: str, **inputs: object) -> tuple[str, Judged]:
    """Return the script of a case, and the cell that it is for."""
    case = Case("plain", numpy=numpy, torch=torch, inputs=inputs)
    op = Op("numpy.f", summary="F.", cases=(case,), parameters={}, source="s")
    report = execute(Catalogue({"io": (op,)}, (), ()))
    return script(report.judged[0].measured), report.judged[0]


def pasted(source: str) -> dict:
    """Run a script here, and return its names."""
    names: dict = {}
    exec(source, names)
    return names


@pytest.mark.parametrize(
    "x",
    [
        real(3, 4),
        real(2, 3, dtype="float32"),
        real(),
        boolean(5),
        integers(-9, 9, (2, 3)),
        integers(0, 9, (4,), dtype="uint8"),
        complex_normal(3),
        values([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-310, 0.1]),
        values([[]]),
    ],
    ids=lambda x: f"{x.kind}-{x.dtype}{list(x.shape)}",
)
def test_inputs_are_spelled_exactly(x, capsys):
    """A small input is given by value, to the last bit, and neither side changes it."""
    source, cell = spelled("x.copy()", "x.clone()", x=x)
    ran = pasted(source)
    wanted = make(cell.measured.cell.code["x"])
    for name in ("x_given", "x"):
        given = np.asarray(ran[name])
        assert (given.dtype, given.shape) == (wanted.dtype, wanted.shape)
        assert given.tobytes() == wanted.tobytes()
    assert "random" not in source
    assert capsys.readouterr().out.startswith("numpy: array(")


def under(probe: str, numpy: str, torch: str, **inputs: object) -> tuple[str, Measured]:
    """Return the script of a case under a probe, and what was measured there."""
    case = Case("plain", numpy=numpy, torch=torch, inputs=inputs)
    op = Op("numpy.f", summary="F.", cases=(case,), parameters={}, source="s")
    cell = f"numpy.f/plain@{slug(probe)}"
    (judged,) = execute(Catalogue({"io": (op,)}, (), ()), match=cell).judged
    return script(judged.measured), judged.measured


STRIDES = {
    "float64": ((32, 8), (4, 1)),
    "transposed": ((8, 24), (1, 3)),
    "strided": ((64, 16), (8, 2)),
    "reversed": ((-32, -8), (4, 1)),  # torch has no negative ones
    "broadcast": ((0, 8), (0, 1)),
}


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
@pytest.mark.parametrize(("probe", "strides"), STRIDES.items())
def test_inputs_keep_their_layout(capsys, probe, strides):
    """An input lies in memory in the script as it did in the run, on both sides."""
    source, measured = under(probe, "x, x + 0", "x, x * 1", x=real(3, 4))
    wanted = make(measured.cell.code["x"])
    ran = pasted(source.replace("torch_result = ", "kept = np.asarray(x_given)\ntorch_result = "))
    ours, theirs = ran["numpy_result"][0], ran["torch_result"][0]
    assert (ours.strides, theirs.stride()) == strides
    for given in (ran["kept"], ours, theirs.numpy()):
        assert (given == wanted).all()
    assert capsys.readouterr().out.startswith("numpy: (array(")


@pytest.mark.parametrize("probe", ["strided", "reversed"])
def test_a_side_may_write_into_any_layout(capsys, probe):
    """Each side has memory of its own, whatever the layout: the other sees nothing of it."""
    source, _ = under(probe, "x[0] = 9; x", "x[0] = 9; x", x=real(3))
    ran = pasted(source)
    wanted = [9.0, *ran["x_given"][1:]]
    assert ran["x_given"][0] != 9
    assert ran["numpy_result"].tolist() == ran["torch_result"].tolist() == wanted
    capsys.readouterr()


def test_a_number_takes_the_place_of_an_operand(capsys):
    """Under a probe of operands a Python number is one on both sides."""
    source, measured = under("uint8 with 300", "x + y", "x + y", x=real(3), y=real(3))
    assert measured.raised == ("OverflowError", "")
    ran = pasted(source)
    assert (ran["y"], type(ran["y"])) == (300, int)
    out = capsys.readouterr().out
    assert out.startswith("numpy: OverflowError('Python integer 300 out of bounds for uint8')\n")
    assert "dtype=torch.uint8" in out


@pytest.mark.parametrize(("size", "generated"), [(64, False), (65, True)])
def test_large_inputs_come_from_their_seed(capsys, size, generated):
    """Up to 64 elements are printed by value, more by what draws them."""
    source, cell = spelled("x + 0", "x + 0", x=real(size))
    assert ("np.random.default_rng(" in source) == generated
    assert (pasted(source)["x_given"] == make(cell.measured.cell.code["x"])).all()
    capsys.readouterr()


def test_an_input_may_have_a_name_a_side(capsys):
    """An input that the sheet calls arr here and tensor there is called so."""
    source, _ = spelled("arr * k", "tensor * k", **{"arr/tensor": real(3), "k": text("")})
    assert "arr = arr_given.copy" in source
    source, _ = spelled("arr.sum()", "tensor.sum()", **{"arr/tensor": real(3)})
    ran = pasted(source)
    assert ran["numpy_result"] == ran["arr_given"].sum()
    assert (ran["tensor"].numpy() == ran["arr_given"]).all()
    capsys.readouterr()


def test_a_changed_input_is_shown(capsys):
    """Where a side writes into its input, the inputs afterwards are printed."""
    source, cell = spelled("x[0] = 9; x.sum()", "x.sum() - x[0] + 9", x=values([1.0, 2.0]))
    assert "mutation" in {p.rung for p in cell.measured.parts}
    ran = pasted(source)
    out = capsys.readouterr().out
    assert "  x afterwards: [9. 2.]\n" in out
    assert "  x afterwards: tensor([1., 2.], dtype=torch.float64)\n" in out
    assert ran["x_given"].tolist() == [1.0, 2.0]


def test_the_dtypes_of_several_results_are_shown(capsys):
    """Where one of two results has another dtype, the two lines say which."""
    source, _ = spelled("np.sin(x), np.cos(x)", "torch.sin(x), torch.cos(x).float()", x=real(3))
    pasted(source)
    ours, theirs = re.findall(r"^  dtype: (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert "float32" not in ours
    assert "float32" in theirs


@pytest.mark.parametrize(
    ("numpy", "torch"),
    [
        ("for i in range(2):\n    x[i] = 0\nx", "for i in range(2):\n    x[i] = 0\nx"),
        ("for i in range(9):\n    x[i] = 0\nx", "for i in range(9):\n    x[i] = 0\nx"),
        ("y = 0\nfor v in x:\n    y = y + v\ny", "y = 0\nfor v in x:\n    y = y + v.detach()\ny"),
    ],
    ids=["same", "both raise", "gradient"],
)
def test_a_side_may_be_of_compound_statements(capsys, numpy, torch):
    """A loop is indented as a whole, where it runs, where it raises and where it is derived."""
    source, _ = spelled(numpy, torch, x=real(4))
    pasted(source)
    assert "torch: " in capsys.readouterr().out


def test_the_gradient_of_several_results_skips_those_without_one(capsys):
    """A result of integers has no cotangent; the others are weighted by theirs."""
    source, cell = spelled(
        "np.argsort(x), np.sort(x) ** 2",
        "torch.argsort(x), torch.sort(x).values.detach() ** 2",
        x=real(3),
    )
    assert cell.measured.outcome == "gradient"
    ran = pasted(source)
    x = ran["x_given"]
    (weights,) = ran["weights"]
    expected = np.empty(3)
    expected[np.argsort(x)] = 2 * np.sort(x) * weights  # d/dx of sum(w * sort(x)**2)
    assert np.allclose([ran["left"], ran["right"]], expected, atol=1e-5)
    capsys.readouterr()


def test_the_gradient_of_a_complex_result_is_weighted_by_the_conjugate(capsys):
    """Both gradients are of the real part of conj(w) times the result."""
    source, cell = spelled(
        "np.exp(1j * x)", "torch.exp(1j * x.detach()) + x - x.detach()", x=real(3)
    )
    assert cell.measured.outcome == "gradient"
    ran = pasted(source)
    (w,) = ran["weights"]
    ours = (np.conj(w) * 1j * np.exp(1j * ran["x_given"])).real
    assert np.allclose([ran["left"], ran["right"]], ours, atol=1e-5)
    assert np.allclose(ran["leaves"][0].grad.numpy(), w.real)
    capsys.readouterr()


def test_both_slopes_of_a_kink_are_shown(capsys):
    """At a kink the slopes from the left and from the right are told apart."""
    source, measured = under(
        "signed zeros", "np.abs(x) + 1", "torch.where(x > 0, x, -x) + 1", x=real(8)
    )
    assert measured.gradient.kinds == {"between"}
    ran = pasted(source)
    x, (w,) = ran["x_given"], ran["weights"]
    assert (x == 0).sum() == 4
    assert np.allclose(ran["left"], np.where(x == 0, -w, np.sign(x) * w), atol=1e-6)
    assert np.allclose(ran["right"], np.where(x == 0, w, np.sign(x) * w), atol=1e-6)
    assert np.allclose(ran["leaves"][0].grad, np.where(x > 0, w, -w))
    out = capsys.readouterr().out
    assert [out.count(f"differences, from the {side}: ") for side in ("left", "right")] == [1, 1]


def test_the_gradient_of_float32_is_held_against_float64(capsys):
    """Autograd works in float32, the differences in float64: their steps would drown there."""
    source, measured = under("float32", "x ** 2", "x.detach() ** 2 + x - x.detach()", x=real(4))
    assert measured.outcome == "gradient"
    ran = pasted(source)
    x, (w,) = ran["x_given"], ran["weights"]
    assert x.dtype == np.float32
    assert np.allclose([ran["left"], ran["right"]], 2 * x * w, atol=1e-4)
    grad = ran["leaves"][0].grad.numpy()
    assert grad.dtype == np.float32
    assert np.allclose(grad, w)
    capsys.readouterr()


def test_the_gradient_by_a_complex_input_is_shown(capsys):
    """By a complex input autograd's gradient is complex; the differences go along its real part."""
    source, measured = under("complex128", "x * x", "x * x.detach()", x=real(4))
    assert "gradient" in {part.rung for part in measured.parts}
    ran = pasted(source)
    x, (w,) = ran["x_given"], ran["weights"]
    assert x.imag.all()
    assert np.allclose(ran["leaves"][0].grad.numpy(), w * x.conj())
    slopes = (w.conj() * 2 * x).real
    assert np.allclose([ran["left"], ran["right"]], slopes, atol=1e-5)
    capsys.readouterr()


def test_a_result_may_change_its_shape_on_the_way(capsys):
    """Where a step of the differences gives another shape there is no slope, and no error."""
    source, measured = under("ties", "np.unique(x)", "torch.unique(x)", x=real(4))
    assert measured.outcome == "gradient"
    ran = pasted(source)
    assert np.isnan([ran["left"], ran["right"]]).any()
    capsys.readouterr()
