"""One cell, run on both sides: where its gradient is tried, and what is told of it."""

import dataclasses

import pytest

from equiv.entry import complex_normal, integers, real, values
from equiv.inputs import spell
from equiv.measure import Cell, measure

INF = float("inf")
X, COMPLEX = {"x": real(3, 4)}, {"x": complex_normal(3)}


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


MIXED = {"x": real(3), "y": real(3, dtype="float32")}
GRADIENTS = {
    "same": ("np.exp(x)", "torch.exp(x)", X, "same"),
    "of a complex result": ("np.fft.fft(x)", "torch.fft.fft(x)", X, "same"),
    "of several results": ("x * 2, np.argmax(x)", "x * 2, torch.argmax(x)", X, "same"),
    "in place": ("x *= 2; x[0] = 1; x", "x *= 2; x[0] = 1; x", X, "same"),
    "of one of two names": ("a * 2", "t * 2", {"a/t": real(3)}, "same"),
    "of both widths": ("x * y", "x * y", MIXED, "same"),
    "of the narrower input": ("x * y", "x * y.detach()", MIXED, "parted"),
    "of a complex input": ("x * x", "x * x", COMPLEX, "same"),
    "of a complex input, conjugated": ("x * x", "x * x.conj().detach().conj()", COMPLEX, "parted"),
    "zero": ("np.floor(x)", "torch.floor(x)", X, "zero"),
    "integer inputs": ("x * 2", "x * 2", {"x": integers(0, 9, (3,))}, "none"),
    "integer results": ("np.argsort(x)", "torch.argsort(x)", X, "none"),
    "float32": ("np.exp(x)", "torch.exp(x)", {**X, "probe": "float32"}, "same"),
    "float32, wrong": ("x * x", "x * x.detach()", {**X, "probe": "float32"}, "parted"),
    "narrowed": ("np.exp(x).astype('f4')", "torch.exp(x).float()", X, "none"),
    "other shapes": ("x.sum(0)", "x.sum(1)", X, "none"),
    "detached": ("np.exp(x)", "torch.exp(x.detach())", X, "parted"),
    "wrong, right value": ("x * x", "x * x.detach()", X, "parted"),
    "spoiled": ("np.exp(x) ** 2", "y = x.exp(); z = y * y; y += 1; z", X, "refused"),
    "refused by torch": ("np.exp(x)", "torch.tensor(x.numpy()).exp()", X, "refused"),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_is_tried_where_there_is_one(name):
    """Floating and complex inputs, results of their width, of one structure and shape."""
    numpy, torch, inputs, word = GRADIENTS[name]
    found = measure(cell(numpy, torch, gradient="every", **inputs))
    assert found.gradient.word == word
    assert ("gradient" in [p.rung for p in found.parts]) == (word in ("parted", "refused"))


def test_a_gradient_is_tried_only_where_the_cell_asks():
    """Results without a gradient to speak of declare it."""
    found = measure(cell("x * x", "x * x.detach()", **X))
    assert (found.gradient.word, found.parts) == ("none", ())


def test_what_refuses_a_gradient_is_told():
    """With the first line of what torch said."""
    (part,) = measure(cell(*GRADIENTS["spoiled"][:2], gradient="every", **X)).parts
    assert (part.rung, part.numpy) == ("gradient", "a derivative")
    assert part.torch.startswith("RuntimeError: one of the variables needed")


def test_a_gradient_that_parts_is_told():
    """The input, the place and both derivatives."""
    (part,) = measure(cell("x * x", "x * x.detach()", gradient="every", x=values([1.0, 2.0]))).parts
    assert part.where == "d/dx along a dense direction"
    assert float(part.numpy) == pytest.approx(2 * float(part.torch), rel=1e-5)


def test_a_gradient_is_held_against_both_sides_of_a_kink_where_the_cell_asks():
    """At zero torch's abs has the derivative 0, between -1 and 1; elsewhere it has the one."""
    at_zero = cell("np.abs(x)", "torch.abs(x)", x=values([0.0, 1.0]), gradient="kinks")
    found = measure(at_zero)
    assert found.gradient.kinds == found.facts.gradient == {"between"}
    assert [part.rung for part in found.parts] == ["gradient"]
    beside = dataclasses.replace(at_zero, code={"x": "np.array([0.5, 1.0])"})
    assert measure(beside).gradient.word == "same"


def test_results_that_are_left_out_are_told_with_the_gradient():
    """A product with an infinity is no result to differentiate; its zero times inf is NaN."""
    inputs = {"x": values([2.0, 1.0]), "y": values([INF, 1.0])}
    (part,) = measure(cell("x * y", "x * y", gradient="kinks", **inputs)).parts
    assert (part.rung, part.agrees) == ("gradient", {"masked"})
    (part,) = measure(cell("np.abs(x)", "x.abs()", x=values([0.0, 1.0]), gradient="kinks")).parts
    assert part.agrees == set()


def test_a_complex_input_beside_a_kink_is_held_along_both_its_parts():
    """abs has a kink at 0, and the derivative by the factor beside it is complex."""
    inputs = {"x": values([0.5, 2.0]), "z": complex_normal(2)}
    right = cell("np.abs(x) * z", "torch.abs(x) * z", gradient="kinks", **inputs)
    assert measure(right).gradient.word == "same"
    wrong = "torch.abs(x) * torch.complex(z.real, z.imag.detach())"
    assert measure(dataclasses.replace(right, torch=wrong)).gradient.word == "parted"
