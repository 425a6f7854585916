"""The input bank: stable draws, kinds that keep their promises, and the ranks of claims."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equiv.entry import (
    EquivError,
    Input,
    ascending,
    boolean,
    complex_normal,
    distinct,
    index_into,
    integers,
    per_rank,
    positive,
    real,
    symmetric,
    text,
    unit,
    values,
    well_conditioned,
)
from equiv.inputs import make, own_probe, rank_variants, spell

Array = np.ndarray[Any, Any]
nan, inf = float("nan"), float("inf")


def draw(value: Input, probe: str = "", *, name: str = "x", seed: int = 0, **others: Input) -> Any:
    """Make one input of a kind, under a probe."""
    return make(spell({name: value, **others}, probe, seed)[name])


def draws(value: Input, probe: str = "", **others: Input) -> list[Array]:
    """Make an input under fifty names: what a kind promises must hold of every draw."""
    return [draw(value, probe, name=f"v{i}", **others) for i in range(50)]


def generator(value: Input, *, name: str = "x", probe: str = "", seed: int = 0) -> str:
    """Return the seed of the generator that an input is drawn from."""
    found = re.search(r"default_rng\((\d+)\)", spell({name: value}, probe, seed)[name])
    assert found
    return found[1]


# --- seeds ----------------------------------------------------------------------------------


def test_another_input_changes_no_draw() -> None:
    """An input's numbers do not depend on the inputs beside it, nor on their order."""
    alone = spell({"x": real(3, 4)})
    assert spell({"w": positive(5), "x": real(3, 4), "y": real(3, 4)})["x"] == alone["x"]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "y"},
        {"value": positive(3, 4)},
        {"value": real(4, 3)},
        {"value": real(3, 4, dtype="float32")},
        {"probe": "ties"},
        {"seed": 1},
    ],
    ids=["name", "kind", "shape", "dtype", "probe", "seed"],
)
def test_what_names_an_array_changes_its_draw(changed: dict[str, Any]) -> None:
    """Name, kind, shape, dtype, probe and seed each give other numbers."""
    assert generator(**{"value": real(3, 4), **changed}) != generator(real(3, 4))


def test_draws_are_the_same_in_every_process() -> None:
    """Seeds come from a stable hash, not from Python's own, which is salted."""
    code = (
        "from equiv.entry import real; from equiv.inputs import spell; print(spell({'x': real(3)}))"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONHASHSEED": "1"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(spell({"x": real(3)}))


# --- kinds ----------------------------------------------------------------------------------


def kind(value: Input) -> str:
    """Name a declared input in a test's id."""
    return f"{value.kind}{value.shape or ''}"


def gap(x: Array) -> float:
    """Return the least distance between two elements."""
    return float(np.diff(np.sort(x, axis=None)).min())


def both_signs(x: Array) -> bool:
    """Say whether there are elements below and above zero."""
    return bool(x.min() < 0 < x.max())


PROMISES: dict[str, tuple[Input, Callable[[Array], bool]]] = {
    "real": (real(3, 4), lambda x: both_signs(x) and np.abs(x).min() >= 0.1 and gap(x) > 1e-4),
    "real-many": (real(15, 15), lambda x: gap(x) > 1e-4),
    "real-crowded": (real(2000), both_signs),  # where no draw could keep that distance
    "real-small": (real(2), both_signs),
    "real-float32": (
        real(3, 4, dtype="float32"),
        lambda x: both_signs(x) and np.abs(x).min() >= 0.1,
    ),
    "positive": (positive(500), lambda x: x.min() > 0 and x.max() / x.min() > 50),
    "unit": (unit(200), lambda x: 0 < x.min() < 0.1 and 0.9 < x.max() < 1),
    "integers": (integers(-2, 3, (200,)), lambda x: [*np.unique(x)] == [-2, -1, 0, 1, 2]),
    "boolean": (boolean(2), lambda x: bool(x.any() and not x.all())),
    "distinct": (distinct(3, 5), lambda x: both_signs(x) and gap(x) >= 0.5),
    "distinct-pair": (distinct(2), lambda x: both_signs(x) and gap(x) >= 0.5),
    "ascending": (ascending(9), lambda x: bool((np.diff(x) > 0).all())),
    "symmetric": (
        symmetric(3),
        lambda x: bool((x == x.T).all()) and gap(x[np.triu_indices(3)]) > 0,
    ),
    "well-conditioned": (
        well_conditioned(2, 3, 3),
        lambda x: np.linalg.cond(x).max() < 1000 and bool((x != x.mT).any()),
    ),
    "complex": (complex_normal(3, 4), lambda x: both_signs(x.real) and both_signs(x.imag)),
}


@pytest.mark.parametrize(("value", "keeps"), PROMISES.values(), ids=PROMISES)
def test_kind_keeps_its_promise(value: Input, keeps: Callable[[Array], bool]) -> None:
    """Every draw of a kind is what the kind says, in the shape and dtype declared."""
    found = draws(value)
    assert [x for x in found if not keeps(x)] == []
    assert {(x.shape, x.dtype.name) for x in found} == {(value.shape, value.dtype)}


@pytest.mark.parametrize("size", [3, 6])
def test_well_conditioned_is_far_from_singular(size: int) -> None:
    """Among many draws none loses more than three digits."""
    conds = [np.linalg.cond(draw(well_conditioned(size, size), name=f"v{i}")) for i in range(1000)]
    assert max(conds) < 1000


@pytest.mark.parametrize(
    "value",
    [real(), positive(), unit(), integers(0, 5, ()), boolean(), distinct(), complex_normal()],
    ids=kind,
)
def test_kind_of_no_dimension_is_an_array(value: Input) -> None:
    """A kind of shape () gives a 0-d array, not a scalar: torch makes tensors of arrays alone."""
    made = draw(value)
    assert isinstance(made, np.ndarray)
    assert (made.shape, made.dtype.name) == ((), value.dtype)


@pytest.mark.parametrize(
    ("axis", "end"), [(None, 12), (0, 3), (1, 4), (-1, 4)], ids=["flat", "0", "1", "last"]
)
def test_index_is_in_bounds(axis: int | None, end: int) -> None:
    """Indices reach from 0 to the end of what they point into, and no further."""
    for i in draws(index_into("y", 200, axis=axis), y=real(3, 4)):
        assert (i.min(), i.max(), i.dtype) == (0, end - 1, np.int64)


@pytest.mark.parametrize("axis", [None, 0])
def test_index_into_values_is_in_bounds(axis: int | None) -> None:
    """An input declared by its values can be pointed into like any other."""
    i = draw(index_into("y", 50, axis=axis), y=values([5.0, 6.0, 7.0]))
    assert (i.min(), i.max()) == (0, 2)


def test_values_are_as_declared() -> None:
    """An input declared by its values holds these, in the dtype declared."""
    made = draw(values([[1, nan], [-0.0, inf]], dtype="float32"))
    assert made.tobytes() == np.array([[1, nan], [-0.0, inf]], "float32").tobytes()
    assert made.shape == (2, 2)


def test_text_and_literals_are_themselves() -> None:
    """A string and a plain value reach both sides as they are."""
    plain = {"n": ((1, 2), (3, 4)), "one": (5,), "none": (), "list": [0], "f": -0.5}
    spelled = spell({"t": text("ij,jk->ik"), **plain})
    assert {name: make(code) for name, code in spelled.items()} == {"t": "ij,jk->ik", **plain}


@pytest.mark.parametrize("value", [nan, inf, -inf, (1.0, inf), np.float64(-inf)], ids=str)
def test_literals_that_are_not_finite(value: Any) -> None:
    """A plain value can be NaN or infinite."""
    assert str(make(spell({"v": value})["v"])) == str(value)


# --- probes ---------------------------------------------------------------------------------


def unseeded(spelled: dict[str, str]) -> dict[str, str]:
    """Return the codes of inputs without the seeds of their generators."""
    return {name: re.sub(r"default_rng\(\d+\)", "rng", code) for name, code in spelled.items()}


@pytest.mark.parametrize(
    ("probe", "changed"),
    [("ties", ["x"]), ("float32", ["d", "x"]), ("int8", ["n", "d", "x"]), ("transposed", ["y"])],
)
def test_probe_changes_what_it_suits(probe: str, changed: list[str]) -> None:
    """A probe leaves the inputs that it does not suit as they are declared."""
    inputs: dict[str, object] = {
        "n": integers(0, 9, (3,)),
        "f": real(3, dtype="float32"),
        "d": distinct(3),
        "y": boolean(2, 3),
        "c": 0.5,
        "x": real(3),
    }
    declared, probed = unseeded(spell(inputs)), unseeded(spell(inputs, probe))
    assert [name for name in inputs if probed[name] != declared[name]] == changed


def test_own_probe_is_the_declared_dtype() -> None:
    """The condition that a case declares goes by its first array's dtype and changes nothing."""
    inputs = {"t": text("i"), "n": 2, "i": integers(0, 9, (3,)), "x": real(3)}
    assert own_probe(inputs) == "int64"
    assert own_probe({"n": 2}) == "declared"
    assert spell(inputs, "int64") == spell(inputs) == spell(inputs, "", 0)


@pytest.mark.parametrize(
    ("inputs", "probe", "message"),
    [
        ({"x": real(3)}, "tie", r"probe 'tie' is unknown; there are bool, int8, .*ties"),
        ({"n": 3}, "ties", r"probe 'ties' suits none of the inputs n"),
        ({}, "ties", r"probe 'ties' suits none of the inputs \(none\)"),
        ({"x": real(3)}, "transposed", r"probe 'transposed' suits none of the inputs x"),
        ({"x": Input(kind="reel", shape=(3,))}, "", r"input kind 'reel' is unknown"),
        ({"n": integers(1, 2, (3,))}, "", r"input 'n': no draw of .* holds two values"),
        ({"n": integers(1, 2, (2,)), "x": real(2)}, "nan", r"two values under 'nan'"),
        ({"i": index_into("y", 3)}, "", r"index_into\('y'\): no declared input of that name"),
    ],
    ids=["unknown", "suits-nothing", "nothing", "rank", "kind", "one-value", "probed", "index"],
)
def test_inputs_that_cannot_be_made(inputs: dict[str, Any], probe: str, message: str) -> None:
    """What cannot be made is refused with the input's name and what is the matter."""
    with pytest.raises(EquivError, match=message):
        spell(inputs, probe)


# --- ranks ----------------------------------------------------------------------------------


def test_variants_go_through_the_ranks() -> None:
    """Each rank has its own options, under a name that says the rank; the rest is shared."""
    bind = {"n": 2, "a/b": per_rank(real(6), real(6, 4)), "q": per_rank((1,), (1, 2))}
    assert list(rank_variants(bind)) == [
        ("rank1", {"n": 2, "a/b": real(6), "q": (1,)}),
        ("rank2", {"n": 2, "a/b": real(6, 4), "q": (1, 2)}),
    ]


def test_variant_of_values_has_their_rank() -> None:
    """The rank of an input declared by its values is theirs."""
    found = rank_variants({"x": per_rank(values(1.5), values([[1.0, 2.0]]))})
    assert [name for name, _ in found] == ["rank0", "rank2"]


def test_claim_without_ranks_has_one_variant() -> None:
    """Bindings without PerRank are run once, as they are."""
    assert list(rank_variants({"x": real(3)})) == [("", {"x": real(3)})]


@pytest.mark.parametrize(
    "bind",
    [{"x": per_rank(real(2)), "y": per_rank(real(2), real(2, 2))}, {"n": per_rank(1, 2)}],
    ids=["unequal", "no-array"],
)
def test_variants_that_cannot_be_named(bind: dict[str, Any]) -> None:
    """Options that do not go together, or have no rank to be named by, are refused."""
    with pytest.raises(EquivError, match="per_rank"):
        list(rank_variants(bind))
