"""Shrinking: the smallest inputs on which a check still fails, in the promise of their kinds."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import equiv
from equiv.entry import (
    EquivError,
    Input,
    ascending,
    boolean,
    complex_normal,
    distinct,
    index_into,
    integers,
    positive,
    real,
    symmetric,
    text,
    unit,
    values,
    well_conditioned,
)
from equiv.inputs import GAP, make, spell
from equiv.own.shrink import available, smallest

Values = Mapping[str, Any]


def softmax(x: NDArray[Any]) -> NDArray[Any]:
    """Softmax over the last axis that overflows: nothing is subtracted first."""
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return np.asarray(e / e.sum(-1, keepdims=True))


def tried(
    inputs: Mapping[str, object],
    probe: str,
    fails: Callable[[Values], bool],
    **options: int,
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Shrink, and return what the check was called with, and the result."""
    calls: list[dict[str, Any]] = []

    def check(found: Values) -> bool:
        calls.append({n: x.copy("K") if isinstance(x, np.ndarray) else x for n, x in found.items()})
        return fails(found)

    return calls, smallest(inputs, probe, check, **options)


def array(found: dict[str, Any] | None, name: str = "x") -> NDArray[Any]:
    """Return an array of a result, which there must be."""
    assert found is not None
    assert isinstance(found[name], np.ndarray)
    return np.asarray(found[name])


# --- how small ------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", ["huge", "offset"])
def test_softmax_without_shift_needs_one_number(probe: str) -> None:
    """What overflows for each number alone shrinks to one, made of 1.0."""
    x = array(smallest({"x": real(32, 100)}, probe, lambda v: np.isnan(softmax(v["x"])).any()))
    assert x.tolist() == [[2.0**1000 if probe == "huge" else 2.0**30 + 1]]


def test_fault_of_even_counts_needs_two() -> None:
    """The median of an even count is where the two libraries differ."""
    x = array(smallest({"x": real(5, 8)}, "", lambda v: v["x"].shape[1] % 2 == 0))
    assert x.tolist() == [[1.0, -1.0]]


def test_fault_of_ties_needs_three_under_the_probe() -> None:
    """The probe sets two values in turn, so that the third is the first that occurs again."""
    x = array(smallest({"x": real(5, 7)}, "ties", lambda v: np.unique(v["x"]).size < v["x"].size))
    assert x.size == 3
    assert np.unique(x).size == 2


def test_fault_of_ties_needs_two_integers() -> None:
    """Integers tie by themselves."""
    fails = lambda v: np.unique(v["x"]).size < v["x"].size  # noqa: E731
    x = array(smallest({"x": integers(0, 50, (6, 7))}, "", fails))
    assert x.ravel().tolist() == [0, 0]


def test_broadcast_fault_needs_a_square() -> None:
    """A sum along the rows that is left as a row divides a square by columns, silently."""

    def fails(v: Values) -> bool:
        x = v["x"]
        with np.errstate(all="ignore"):
            wrong, right = x / x.sum(1), x / x.sum(1, keepdims=True)
            return wrong.shape == right.shape and not np.allclose(wrong, right)

    x = array(smallest({"x": positive(3, 5)}, "square", fails))
    assert x.shape == (2, 2)


def test_many_elements_are_whole_numbers_that_differ() -> None:
    """Where their number is the fault, no element is left as it was drawn."""
    x = array(smallest({"x": real(60)}, "", lambda v: v["x"].size > 19))
    assert x.tolist() == [sign * n for n in range(1, 11) for sign in (1.0, -1.0)]


@pytest.mark.parametrize(
    "fails",
    [
        lambda v: v["x"].sum() >= 12,
        lambda v: v["x"].size >= 777,
        lambda v: v["x"].shape[0] + v["x"].shape[1] >= 40,
        lambda v: v["x"].shape[0] * 3 + v["x"].shape[1] >= 60,
    ],
    ids=["sum", "size", "extents", "rows"],
)
def test_fewest_elements_of_those_that_failed_are_returned(fails: Callable[[Values], bool]) -> None:
    """Nothing smaller than the result has been seen to fail."""
    calls, found = tried({"x": real(40, 50)}, "", fails)
    assert array(found).size == min(c["x"].size for c in calls if fails(c))


@pytest.mark.parametrize("seed", range(3))
def test_fault_in_one_of_thousands_needs_that_one(seed: int) -> None:
    """A value that is rare among the declared ones is found, and rounded."""
    inputs = {"x": real(50, 100)}
    x = array(smallest(inputs, "", lambda v: (np.abs(v["x"]) > 3.3).any(), seed=seed))
    assert x.shape == (1, 1)
    assert abs(x.item()) in (3.4, 3.5, 3.6, 3.7, 3.8, 4.0, 10.0)


def test_fault_of_many_needs_nearly_as_many() -> None:
    """What shows from a number of elements on is kept above it, past the declared length."""
    x = array(smallest({"x": real(40)}, "many", lambda v: v["x"].size >= 777))
    assert x.shape == (777,)


def test_lengths_that_are_equal_stay_equal() -> None:
    """The inner axis of a matrix product has one length in every example."""
    inputs = {"x": real(32, 100), "w": real(100, 10)}
    fails = lambda v: len(v["x"]) > 1 and np.abs(v["x"] @ v["w"]).max() > 1  # noqa: E731
    calls, found = tried(inputs, "", fails)
    assert all(c["x"].shape[1] == c["w"].shape[0] for c in calls)
    assert (array(found).shape, array(found, "w").shape) == ((2, 1), (1, 1))


@pytest.mark.parametrize("probe", ["empty", "empty across"])
def test_empty_stays_empty(probe: str) -> None:
    """The probe takes the elements away; the other axis still shrinks."""
    x = array(smallest({"x": real(3, 5)}, probe, lambda v: v["x"].size == 0))
    assert x.shape == ((0, 1) if probe == "empty" else (1, 0))


def test_declared_length_of_zero_stays() -> None:
    """There is nothing to take away from an axis without elements."""
    assert array(smallest({"x": np.ones((4, 0))}, "", lambda v: True)).shape == (1, 0)


def test_layout_is_kept() -> None:
    """A fault of strided memory shrinks to as many elements as have strides."""
    x = array(smallest({"x": real(4, 6)}, "strided", lambda v: not v["x"].flags.forc))
    assert (x.size, x.flags.forc) == (2, False)


def test_probe_of_operands_reaches_both() -> None:
    """A scalar in place of the second operand is handed over as a scalar."""
    calls, found = tried({"x": real(3), "y": real(3)}, "float32 with 0.1", lambda v: True)
    assert found is not None
    assert all(type(c["y"]) is float and c["x"].dtype == "float32" for c in (*calls, found))


# --- promises -------------------------------------------------------------------------------


def is_real(x: NDArray[Any]) -> bool:
    """Say whether all elements are a tenth or more away from zero, and none tie."""
    apart = x.size < 2 or np.diff(np.sort(x, axis=None)).min() > GAP
    return bool((np.abs(x) >= 0.1).all() and (np.abs(x) < 1e4).all() and apart)


def is_spread(x: NDArray[Any]) -> bool:
    """Say whether all elements are a half or more apart."""
    return x.size < 2 or bool(np.diff(np.sort(x, axis=None)).min() >= 0.5)


def is_conditioned(x: NDArray[Any]) -> bool:
    """Say whether matrices are far from singular, and not symmetric where they can be."""
    return bool(np.linalg.cond(x).max() < 100) and (len(x) == 1 or not np.array_equal(x, x.T))


PROMISES: list[tuple[Input, Callable[[NDArray[Any]], bool]]] = [
    (real(7, 9), is_real),
    (real(700), lambda x: bool((np.abs(x) >= 0.1).all() and np.unique(x).size == x.size)),
    (real(4, 5, dtype="float32"), lambda x: is_real(x) and x.dtype == "float32"),
    (positive(7, 9), lambda x: bool((x > 0).all() and np.unique(x).size == x.size)),
    (unit(7, 9), lambda x: bool(((x > 0) & (x < 1)).all() and np.unique(x).size == x.size)),
    (unit(700), lambda x: bool(((x > 0) & (x < 1)).all() and np.unique(x).size == x.size)),
    (integers(-3, 9, (7, 9)), lambda x: bool(((x >= -3) & (x < 9)).all() and x.dtype == "int64")),
    (integers(250, 256, (9,), dtype="uint8"), lambda x: x.dtype == "u1" and bool((x >= 250).all())),
    (boolean(7, 9), lambda x: x.dtype == "bool" and (x.size < 2 or 0 < x.sum() < x.size)),
    (distinct(7, 9), is_spread),
    (ascending(40), lambda x: bool((np.diff(x) >= 0.5).all())),
    (symmetric(6), lambda x: np.array_equal(x, x.T)),
    (well_conditioned(6, 6), is_conditioned),
    (complex_normal(7, 9), lambda x: x.dtype == "complex128" and bool((np.abs(x) < 1e4).all())),
]  # fmt: skip


FAULTS: list[Callable[[NDArray[Any]], bool]] = [
    lambda x: bool(np.abs(x.astype(complex)).sum() > 1.5) and x.size > 2,
    lambda x: int(np.abs(x.astype(complex)).sum() * 1000) % 3 == 0,
    lambda x: False,
]


@pytest.mark.parametrize("fault", FAULTS, ids=["sum", "any", "none"])
@pytest.mark.parametrize(("kind", "holds"), PROMISES, ids=lambda p: getattr(p, "kind", ""))
def test_every_example_keeps_the_promise(
    kind: Input, holds: Callable[[NDArray[Any]], bool], fault: Callable[[NDArray[Any]], bool]
) -> None:
    """Whatever is wrong with a function, it is never called with what its kind rules out."""
    calls, found = tried({"x": kind}, "", lambda v: fault(v["x"]), examples=50)
    assert len(calls) > 1
    assert [c["x"] for c in (*calls, found or calls[0]) if not holds(c["x"])] == []


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_index_stays_in_bounds(axis: int | None) -> None:
    """Indices are in bounds for what is left of the input that they index."""
    inputs = {"i": index_into("x", 9, axis=axis), "x": real(20, 7)}
    calls, found = tried(inputs, "", lambda v: bool((v["i"] > 0).any() and v["x"].size > 2))
    for c in (*calls, found or {}):
        size = c["x"].size if axis is None else c["x"].shape[axis]
        assert c["i"].dtype == "int64"
        assert ((c["i"] >= 0) & (c["i"] < size)).all()
    assert array(found, "i").tolist() == [1]


def test_index_stays_in_bounds_of_given_data() -> None:
    """So are those into an array that was handed over."""
    inputs = {"i": index_into("x", 9, axis=0), "x": np.arange(20.0).reshape(10, 2)}
    calls, _ = tried(inputs, "", lambda v: bool((v["i"] > 0).any()))
    assert all((c["i"] < len(c["x"])).all() for c in calls)


@pytest.mark.parametrize(
    ("kind", "probe", "holds"),
    [
        (positive(90), "int8", lambda x: x.dtype == "int8" and (x > 0).all()),
        (real(5, 6), "signed zeros", lambda x: np.signbit(x[x == 0]).sum() <= x.size // 2),
        (unit(5, 6), "nan", lambda x: np.isnan(x.flat[0]) and not (x <= 0).any()),
        (real(3, 4), "transposed", lambda x: x.flags.f_contiguous),
        (real(6), "int8 extremes", lambda x: x.dtype == "int8" and x[0] == -128),
        (well_conditioned(4, 4), "uint8", lambda x: np.linalg.cond(x.astype("f8")).max() < 100),
        (symmetric(4), "complex64", lambda x: np.array_equal(x, x.conj().T)),
    ],
    ids=lambda p: p if isinstance(p, str) else "",
)  # fmt: skip
def test_every_example_is_under_the_probe(
    kind: Input, probe: str, holds: Callable[[NDArray[Any]], bool]
) -> None:
    """The condition in which it failed is the condition in which it is shrunk."""
    least = 60 if kind.shape == (90,) else 3
    calls, found = tried({"x": kind}, probe, lambda v: v["x"].size >= least)
    assert array(found).size >= least
    assert [c["x"] for c in (*calls, found or {}) if not holds(c["x"])] == []


@pytest.mark.parametrize("probe", ["", "float64", "nan", "many", "int8 extremes"])
def test_search_starts_with_the_declared_values(probe: str) -> None:
    """The first call is on what the bank makes under this probe and seed, bit for bit."""
    inputs = {"x": real(6, 3), "y": real(3)}
    calls, _ = tried(inputs, probe, lambda v: True, seed=5)
    for name, code in spell(inputs, probe, 5).items():
        np.testing.assert_array_equal(calls[0][name], make(code))


# --- given data -----------------------------------------------------------------------------


def test_given_nan_is_found_in_its_place() -> None:
    """One NaN off the diagonal of a square is cut out, or set in another place."""
    x = np.random.default_rng(0).standard_normal((70, 70))
    x[3, 50] = np.nan
    found = array(smallest({"x": x}, "", lambda v: np.isnan(v["x"]).any()))
    np.testing.assert_array_equal(found, [[np.nan]])


def test_given_arrays_are_cut_together() -> None:
    """Two columns of data keep their pairing while they shrink; the values become simple."""
    rng = np.random.default_rng(1)
    inputs: dict[str, object] = {"x": rng.standard_normal(500), "y": rng.standard_normal(500)}
    fails = lambda v: ((v["x"] > 1.5) & (v["y"] < -1.5)).any()  # noqa: E731
    calls, found = tried(inputs, "", fails)
    assert all(c["x"].shape == c["y"].shape for c in calls)
    assert array(found).tolist() == [2.0]
    assert array(found, "y").tolist() == [-2.0]


@pytest.mark.parametrize("dtype", ["float32", "float16", "int16", "uint8", "bool", "complex64"])
def test_given_dtype_is_kept(dtype: str) -> None:
    """Simple numbers are written in the dtype of the data."""
    x = (np.random.default_rng(2).standard_normal((6, 8)) * 5).astype("int8").astype(dtype)
    calls, found = tried({"x": x}, "", lambda v: v["x"].size > 3)
    assert {c["x"].dtype.name for c in (*calls, found or {})} == {dtype}
    assert array(found).size == 4


def test_given_range_is_kept() -> None:
    """Nothing beyond the data's own bounds is tried: no zero, no negative number."""
    x = np.exp(np.random.default_rng(3).standard_normal((6, 8)))
    calls, _ = tried({"x": x}, "", lambda v: v["x"].sum() > 4)
    assert all(((c["x"] >= x.min()) & (c["x"] <= x.max())).all() for c in calls)


def test_given_data_without_ties_has_none_later() -> None:
    """A fault of ties is another fault than that of data without any."""
    x = np.random.default_rng(4).standard_normal((6, 8))
    calls, _ = tried({"x": x}, "", lambda v: v["x"].size > 4)
    assert all(np.unique(c["x"]).size == c["x"].size for c in calls)


def test_given_ties_far_apart_come_together() -> None:
    """Two equal elements that lie far from each other shrink to two equal ones."""
    x = np.random.default_rng(5).standard_normal(3000)
    x[2900] = x[100]
    found = array(smallest({"x": x}, "", lambda v: np.unique(v["x"]).size < v["x"].size))
    assert found.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("special", [-0.0, np.inf, -np.inf, 1e308])
def test_given_special_value_stays_possible(special: float) -> None:
    """Signed zeros, infinities and the ends of the range are kept for what needs them."""
    x = np.arange(1.0, 61).reshape(6, 10)
    x[4, 7] = special

    def fails(v: Values) -> bool:
        return bool(((v["x"] == special) & (np.signbit(v["x"]) == np.signbit(special))).any())

    assert array(smallest({"x": x}, "", fails)).tolist() == [[special]]


def test_given_value_stays_among_simpler_ones() -> None:
    """An element that no other can stand for is kept; those around it become simple."""
    x = np.random.default_rng(7).standard_normal(200)
    fails = lambda v: x[150] in v["x"] and v["x"].size > 2  # noqa: E731
    found = array(smallest({"x": x}, "", fails))
    assert sorted(found) == [-1.0, x[150], 1.0]


def test_given_data_is_left_alone() -> None:
    """A check that writes into its inputs spoils neither the data nor the result."""
    x = np.arange(1.0, 25).reshape(4, 6)

    def fails(v: Values) -> bool:
        failed = v["x"].size > 1 and (v["x"] > 0).all()
        v["x"][...] = -1
        return bool(failed)

    found = array(smallest({"x": x}, "", fails))
    assert (x == np.arange(1.0, 25).reshape(4, 6)).all()
    assert sorted(found.ravel().tolist()) == [1.0, 2.0]


@pytest.mark.parametrize("cut", [np.s_[::2], np.s_[::-1], np.s_[:, ::3]])
def test_given_strides_are_kept(cut: Any) -> None:
    """An array with gaps, or turned around, shrinks to one like it."""
    x = np.random.default_rng(6).standard_normal((8, 9))[cut]
    calls, found = tried({"x": x}, "", lambda v: v["x"].size > 3 and not v["x"].flags.forc)
    assert all(c["x"].dtype == "float64" for c in calls)
    assert (array(found).size, array(found).flags.forc) == (4, False)


def test_given_repeated_memory_is_cut_only() -> None:
    """Where elements share their memory, values cannot be set one by one."""
    x = np.broadcast_to(np.array([[0.3], [0.7], [1.9]]), (3, 5))
    found = array(smallest({"x": x}, "", lambda v: (v["x"] > 1).any() and v["x"].size > 3))
    assert found.size == 4
    assert {*found.ravel()} <= {0.3, 0.7, 1.9}


@pytest.mark.parametrize(
    "x", [np.array(["b", "a", "c"]), np.array(["2020-01-01", "2021-01-01"], "datetime64[D]")]
)
def test_given_text_and_dates_are_cut_only(x: NDArray[Any]) -> None:
    """What is no number keeps its values."""
    found = array(smallest({"x": x}, "", lambda v: (v["x"] == x[1]).any()))
    assert found.tolist() == x[1:2].tolist()


# --- what goes through ----------------------------------------------------------------------


def test_constants_go_through() -> None:
    """What is neither array nor kind is handed over as it is, and so are text and values."""
    shape = [3, 4]
    inputs = {"n": 3, "s": text("ij->ji"), "v": values([1.0, 2.0]), "x": real(3, 4), "shape": shape}
    calls, found = tried(inputs, "", lambda v: v["x"].size > 1)
    assert found is not None
    for c in (*calls, found):
        assert list(c) == list(inputs)
        assert (c["n"], c["s"], c["v"].tolist()) == (3, "ij->ji", [1.0, 2.0])
        assert c["shape"] is shape


def test_array_of_objects_goes_through() -> None:
    """What NumPy only refers to is neither cut nor copied."""
    x = np.array([{1}, None], object)
    calls, found = tried({"o": x, "x": real(3)}, "", lambda v: v["o"] is x)
    assert (array(found).tolist(), array(found, "o").shape) == ([1.0], (2,))
    assert len(calls) > 1


def test_values_are_put_under_the_probe() -> None:
    """An array that is declared by its values takes the dtype of the probe."""
    found = smallest({"x": real(3), "v": values([1.5, 2.5])}, "float32", lambda v: True)
    assert {array(found).dtype.name, array(found, "v").dtype.name} == {"float32"}


def test_constants_alone_are_returned() -> None:
    """With nothing to shrink the result is what failed."""
    assert smallest({"n": 3}, "", lambda v: v["n"] == 3) == {"n": 3}


# --- the search -----------------------------------------------------------------------------


def test_nothing_found_is_none() -> None:
    """A check that holds has no smallest failure."""
    assert smallest({"x": real(3, 4)}, "", lambda v: False) is None


def test_raising_is_no_failure() -> None:
    """Inputs on which the check itself breaks are passed over."""

    def fails(v: Values) -> bool:
        if v["x"].size < 4:
            raise ValueError("too few")
        return True

    assert array(smallest({"x": real(5, 6)}, "", fails)).size == 4


def test_failure_that_the_declared_values_miss_is_found() -> None:
    """The search goes on where the first values do not fail."""
    x = array(smallest({"x": real(5, 6)}, "", lambda v: v["x"].size == 1))
    assert x.tolist() == [[1.0]]


@pytest.mark.parametrize("examples", [0, 1, 2, 7, 60])
@pytest.mark.parametrize("fault", FAULTS, ids=["sum", "any", "none"])
def test_check_is_called_as_often_as_allowed(
    examples: int, fault: Callable[[NDArray[Any]], bool]
) -> None:
    """Finding and shrinking together take no more calls than ``examples``."""
    inputs = {"x": real(30, 40), "y": real(40, 3)}
    calls, _ = tried(inputs, "", lambda v: fault(v["x"] @ v["y"]), examples=examples)
    assert len(calls) <= examples


def test_no_example_is_tried_twice() -> None:
    """The same inputs are not run again."""
    calls, _ = tried({"x": real(5, 6)}, "", lambda v: v["x"].sum() > 3)
    assert len({(c["x"].shape, c["x"].tobytes()) for c in calls}) == len(calls)


def test_same_call_has_the_same_result() -> None:
    """The second run tries the same examples in the same order, whatever ran in between."""

    def run() -> tuple[list[bytes], bytes]:
        calls, found = tried({"x": real(32, 100)}, "", lambda v: v["x"].sum() > 3)
        return [c["x"].tobytes() for c in calls], array(found).tobytes()

    first = run()
    np.random.seed(1)
    tried({"x": real(9), "w": real(9, 2)}, "nan", lambda v: v["x"].size > 3)
    assert run() == first


def test_random_states_are_left_alone() -> None:
    """Hypothesis seeds the generators of Python and NumPy, and gives them back."""
    random.seed(3)
    np.random.seed(3)
    smallest({"x": real(9)}, "", lambda v: v["x"].sum() > 1, examples=15)
    after = random.random(), np.random.random()
    random.seed(3)
    np.random.seed(3)
    assert after == (random.random(), np.random.random())


def test_seed_is_that_of_the_declared_values() -> None:
    """Another seed starts with other values."""
    starts = [tried({"x": real(9)}, "", lambda v: True, seed=s)[0][0]["x"] for s in (0, 1)]
    assert not np.array_equal(*starts)


PROGRAM = """
import sys
import numpy as np
from equiv.entry import real
from equiv.own.shrink import smallest

def run():
    calls = []
    def fails(v):
        calls.append(v["x"].tobytes())
        return len(calls) > 150 and bool((v["x"] > 2.5).any() and v["x"].size > 150)
    smallest({"x": real(90, 200)}, "", fails)
    return calls

first = run()
import numbers_of_a_project
assert run() == first
assert len(first) == 300
"""


def test_project_is_neither_read_nor_written(tmp_path: Path) -> None:
    """No folder is left, nothing is printed, and the numbers in a project's code do not count."""
    numbers = f"FOUND = {list(range(100, 400))}\n"
    (tmp_path / "numbers_of_a_project.py").write_text(numbers, encoding="utf-8")
    root = str(Path(equiv.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert [p.name for p in tmp_path.iterdir()] == ["numbers_of_a_project.py"]


def test_nothing_is_looked_for_within_a_property_test() -> None:
    """People's own hypothesis tests can check a pair; it is they who shrink."""
    found = []

    @settings(database=None, max_examples=3, deadline=None)
    @given(st.integers(2, 4))
    def inner(n: int) -> None:
        found.append(smallest({"x": real(9)}, "", lambda v: v["x"].size >= n))

    inner()
    assert found == [None] * 3


def test_unknown_probe_is_told() -> None:
    """A probe that there is none of is a mistake."""
    with pytest.raises(EquivError, match="'hugh' is unknown"):
        smallest({"x": real(3)}, "hugh", lambda v: True)


def test_hypothesis_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nothing is available, and asking says what to install."""
    assert available()
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    assert not available()
    with pytest.raises(EquivError, match=r"equiv\[shrink\]"):
        smallest({"x": real(3)}, "", lambda v: True)


def test_hypothesis_is_imported_late() -> None:
    """The module is imported without it."""
    code = "import sys; import equiv.own.shrink; print('hypothesis' in sys.modules)"
    root = str(Path(equiv.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"
