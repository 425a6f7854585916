"""Tests of equiv.own.pair: right ports agree, faults part on their rung and are told."""

from collections import namedtuple

import numpy as np
import pytest
import torch

from equiv.entry import EquivError, boolean, complex_normal, index_into, integers, positive, real
from equiv.own import NotEquivalent, assert_equivalent, check

Pair = namedtuple("Pair", "low high")


def softmax(x, axis=-1):
    """Exponentials over their sum, without the shift that keeps them finite."""
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


def softmax_port(x, axis=-1):
    """The same with torch's own."""
    return torch.softmax(x, axis)


def shifted(x):
    """Softmax by max-shift."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def affine(x, w, b):
    """A matrix product and a row added."""
    return x @ w + b


XWB = (real(5, 4), real(4, 3), real(3))

RIGHT = {
    "one array": (np.tanh, torch.tanh, (real(3, 4),), {}),
    "several, with gradients": (affine, affine, XWB, {"grad": True}),
    "a tuple of arrays": (
        lambda xs: xs[0] + xs[1],
        lambda xs: xs[0] + xs[1],
        ((real(3), real(3)),),
        {"grad": True},
    ),
    "a dict of arrays": (
        lambda d: {"y": d["x"] * 2, "n": 3},
        lambda d: {"y": d["x"] * 2, "n": 3},
        ({"x": real(3, 4)},),
        {},
    ),
    "a named tuple": (
        lambda p: Pair(p.low - 1, p.high + 1),
        lambda p: Pair(p.low - 1, p.high + 1),
        (Pair(real(3), real(3)),),
        {},
    ),
    "what is no array": (
        lambda x, mode, eps: x + eps if mode == "add" else x,
        lambda x, mode, eps: x + eps if mode == "add" else x,
        (real(3), "add", 1e-3),
        {},
    ),
    "keyword arguments": (np.sum, torch.sum, (real(3, 4),), {"kwargs": {"axis": 0}}),
    "other keywords in torch": (
        np.std,
        torch.std,
        (real(3, 4),),
        {"kwargs": {"axis": 1}, "torch_kwargs": {"dim": 1, "correction": 0}, "probes": "float32"},
    ),
    "a module": (np.tanh, torch.nn.Tanh(), (real(3, 4),), {"grad": True}),
    "an index": (
        lambda x, i: x[i],
        lambda x, i: x[i],
        (real(5, 3), index_into("x", 4, axis=0)),
        {"probes": "none"},
    ),
    "complex numbers": (np.abs, torch.abs, (complex_normal(4),), {"probes": "none"}),
    "booleans": (np.any, torch.any, (boolean(5),), {}),
    "integers": (lambda n: n * 2, lambda n: n * 2, (integers(-3, 9, (5,)),), {}),
    "up to sign": (
        lambda x: np.linalg.svd(x)[0][:, :1],
        lambda x: -torch.linalg.svd(x).U[:, :1],
        (real(4, 3),),
        {"equal": "up to sign", "probes": "none"},
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_port_agrees(name):
    """Whatever is taken and returned, and under all the probes that suit it."""
    numpy_fn, torch_fn, args, options = RIGHT[name]
    found = check(numpy_fn, torch_fn, *args, **options)
    assert found.agrees, found.text
    assert found
    assert (found.rung, found.repro) == ("", "")


X = np.array([[1.5, -2.0, 0.25], [-0.5, 3.0, 1.0]])

WRONG = {
    "value": (lambda x: x.std(), lambda x: x.std(), (X,), {}),
    "dtype": (lambda x: x * 2, lambda x: (x * 2).float(), (X,), {}),
    "shape": (lambda x: x.sum(0), lambda x: x.sum(0, keepdim=True), (X,), {}),
    "structure": (lambda x: (x, x), lambda x: (x,), (X,), {}),
    "torch raises": (lambda x: x.T, lambda x: x.no_such(), (X,), {}),
    "sign of zero": (lambda x: x * 0.0, lambda x: x * -0.0, (X,), {}),
    "aliasing": (lambda x: x[1:].copy(), lambda x: x[1:], (X,), {}),
    "mutation": (lambda x: x + 1, lambda x: x.add_(1).clone(), (X,), {}),
    "gradient": (lambda x: x * x, lambda x: x * x.detach(), (X,), {"grad": True}),
    "nan": (np.max, lambda x: x.nan_to_num().max(), (real(3, 4),), {}),
}


@pytest.mark.parametrize("rung", WRONG)
def test_a_wrong_port_parts_on_its_rung(rung):
    """One fault for each rung; the text and the error name it."""
    numpy_fn, torch_fn, args, options = WRONG[rung]
    found = check(numpy_fn, torch_fn, *args, examples=30, **options)
    assert not found
    assert found.rung == rung
    assert f"part on {rung}" in repr(found)
    with pytest.raises(NotEquivalent, match=f"part on {rung}") as raised:
        assert_equivalent(numpy_fn, torch_fn, *args, examples=30, **options)
    assert raised.value.check.rung == rung


def test_a_result_tells_its_worst_element():
    """Place, both values, distance and the smallest tolerance that would pass."""
    found = check(lambda x: x, lambda x: torch.where(x == 3, x + 0.5, x.clone()), X)
    assert found.worst.index == (1, 1)
    assert (float(found.worst.numpy), float(found.worst.torch)) == (3.0, 3.5)
    assert found.tolerance == pytest.approx(0.5 / 3)
    assert found.worst.ulps == pytest.approx(0.5 / 3 / 2**-52)
    for said in ("[1, 1]", "3.5", "ULP", "0.17"):
        assert said in found.text


def test_a_gradient_is_told_for_each_input():
    """The one that parts, and those that do not."""
    found = check(affine, lambda x, w, b: x @ w + b.detach(), *XWB, grad=True, probes="none")
    assert found.gradients == {"x": "same", "w": "same", "b": "parted"}
    assert "gradient by b: parted (d/db" in found.text
    assert "gradient by x: same" in found.text


def test_a_script_runs_as_pasted(capsys):
    """It needs numpy and torch alone, and shows both results."""
    found = check(softmax, softmax_port, real(32, 100))
    assert found.rung == "nan"
    with np.errstate(all="ignore"):
        exec(found.repro, {})
    out = capsys.readouterr().out
    assert "numpy: array([[nan" in out
    assert "torch: tensor([[1." in out


def test_the_smallest_inputs_are_shown():
    """A row of one number or two is enough to see an overflow."""
    found = check(softmax, softmax_port, real(32, 100))
    (x,) = found.inputs.values()
    assert x.shape in ((1, 1), (1, 2))
    assert check(softmax, softmax_port, x).rung == "nan"


def test_without_hypothesis_the_inputs_are_shown_as_they_are(monkeypatch):
    """And it is said what would make them smaller."""
    monkeypatch.setattr("equiv.own.shrink.available", lambda: False)
    found = check(np.std, torch.std, real(5))
    assert [x.shape for x in found.inputs.values()] == [(5,)]
    assert "pip install 'equiv[shrink]'" in found.text
    assert "_given = np.array([" in found.repro
    large = check(np.std, torch.std, real(30, 100))
    assert "too large to print" in large.text
    assert [x.shape for x in large.inputs.values()] == [(30, 100)]


def test_right_softmax_stands_every_probe():
    """NaN and infinities, ties and huge values, gradients where there are any."""
    assert check(shifted, lambda x: torch.softmax(x, -1), real(6, 5), grad=True)


# --- what is expected -----------------------------------------------------------------------

FLOATS = {"int64": ("dtype", "The port keeps torch's default float.")}


def test_an_expected_difference_is_agreement():
    """It is told, with its why."""
    found = check(np.sqrt, torch.sqrt, positive(4), probes="int64", expect=FLOATS)
    assert found
    assert "int64: dtype, as expected: The port keeps" in found.text


def test_without_a_word_the_difference_parts():
    """The rule that it belongs to is named."""
    found = check(np.sqrt, torch.sqrt, positive(4), probes="int64")
    assert found.rung == "dtype"
    assert "equiv rules default-float" in found.text


def test_an_expected_difference_that_does_not_show_is_stale():
    """What was repaired fails as loudly as what broke."""
    found = check(
        np.sqrt, lambda x: torch.sqrt(x.double()), positive(4), probes="int64", expect=FLOATS
    )
    assert not found
    assert "int64: expected to part on dtype, found the same" in found.text


def test_another_rung_is_not_covered():
    """A difference is expected on its rung alone."""
    found = check(np.sqrt, lambda x: torch.sqrt(x) + 1, positive(4), probes="int64", expect=FLOATS)
    assert not found


# --- conditions -----------------------------------------------------------------------------


def test_given_arrays_run_as_they_are():
    """Probes are for those who ask."""
    assert [c.name for c in check(np.tanh, torch.tanh, X).conditions] == ["as given"]
    found = check(np.tanh, torch.tanh, X, probes="nan, empty")
    assert [c.name for c in found.conditions] == ["as given", "nan", "empty"]


def test_kinds_run_under_the_standard_probes():
    """Those that suit them; the declared dtype first."""
    names = [c.name for c in check(np.tanh, torch.tanh, real(3, 4)).conditions]
    assert names[0] == "float64"
    assert {"float32", "empty", "nan", "ties", "transposed", "many"} <= {*names}
    assert len(names) == len({*names})


def test_the_same_seed_gives_the_same():
    """The whole text, the smallest inputs included; another seed has other inputs."""
    texts = [check(softmax, softmax_port, real(8, 9), seed=seed).text for seed in (1, 1)]
    assert texts[0] == texts[1]
    one, other = (check(np.std, torch.std, real(5), seed=s, examples=0).worst for s in (1, 2))
    assert one.numpy != other.numpy


def test_a_module_is_left_as_it_is():
    """Its running statistics do not move, and no condition sees those of another."""
    norm = torch.nn.BatchNorm1d(4, dtype=torch.float64)
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    found = check(
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5),
        norm,
        real(8, 4),
        grad=True,
        probes="ties, transposed",
    )
    assert found, found.text
    assert all((value == before[name]).all() for name, value in norm.state_dict().items())


def test_the_functions_states_are_left_alone():
    """Global random states and torch's threads are as they were."""
    np.random.seed(3)
    before = np.random.get_state()[1].copy(), torch.get_rng_state(), torch.get_num_threads()
    check(np.tanh, torch.tanh, real(3, 4))
    assert (np.random.get_state()[1] == before[0]).all()
    assert (torch.get_rng_state() == before[1]).all()
    assert torch.get_num_threads() == before[2]


# --- mistakes -------------------------------------------------------------------------------

MISTAKES = {
    "no array": (lambda: check(np.tanh, torch.tanh, 3.0), "none of the arguments is an array"),
    "arguments": (lambda: check(softmax, softmax_port, X, 1, 2), "does not take 3 arguments"),
    "a raising function": (
        lambda: check(np.linalg.inv, torch.linalg.inv, real(3, 4)),
        r"it raised LinAlgError: .* on the first inputs, a float64 \(3, 4\)",
    ),
    "shapes that do not fit": (
        lambda: check(affine, affine, real(5, 4), real(3, 3), real(3)),
        r"it raised ValueError: matmul: .* x float64 \(5, 4\), w float64 \(3, 3\)",
    ),
    "an output that is no array": (
        lambda: check(lambda x: {1, 2}, lambda x: x, X),
        "numpy_fn returned a set, expected NumPy arrays or numbers",
    ),
    "an array of objects": (
        lambda: check(lambda x: np.array([None]), lambda x: x, X),
        "an array of object, expected numbers",
    ),
    "a tensor from NumPy's side": (
        lambda: check(torch.tanh, torch.tanh, torch.tensor(X)),
        r"TypeError|returned a Tensor|raised",
    ),
    "an array from torch's side": (
        lambda: check(np.tanh, lambda x: x.numpy(), X),
        "torch_fn returned a NumPy array, expected tensors",
    ),
    "another device": (
        lambda: check(np.tanh, lambda x: {"y": x.to("meta")}, X),
        r"torch_fn returned at y a tensor on meta, expected cpu; return it with \.cpu\(\)",
    ),
    "a probe": (lambda: check(np.tanh, torch.tanh, X, probes="nans"), "'nans' is not a probe"),
    "equal": (
        lambda: check(np.tanh, torch.tanh, X, equal="roughly"),
        "equal='roughly' is not one of exactly, up to",
    ),
    "an unknown condition": (
        lambda: check(np.tanh, torch.tanh, X, expect={"int8": ("dtype", "So.")}),
        "'int8' is none of the conditions of this check: as given",
    ),
    "no why": (
        lambda: check(np.tanh, torch.tanh, X, expect={"as given": "dtype"}),
        "expected the rung and why",
    ),
    "an unknown rung": (
        lambda: check(np.tanh, torch.tanh, X, expect={"as given": ("dtypes", "So.")}),
        "'dtypes' is not a rung",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence(name):
    """Where, what was expected, what was found."""
    run, said = MISTAKES[name]
    with pytest.raises(EquivError, match=said) as raised:
        run()
    assert "\n" not in str(raised.value)
