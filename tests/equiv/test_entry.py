"""The vocabulary of an entry: what its words are, what each kind declares, what a claim runs."""

import dataclasses
import inspect
from typing import Any

import pytest

from equiv import entry
from equiv.entry import (
    EQUAL,
    EVERY,
    RUNGS,
    Case,
    Claim,
    Difference,
    Input,
    LayerCase,
    LayerPair,
    Op,
    Repair,
    Row,
    Tolerance,
    Trap,
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
from equiv.probes import PROBES

LADDER = (
    "numpy raises; torch raises; numpy hangs; torch hangs; numpy crashes; torch crashes; "
    "structure; shape; dtype; nan; value; sign of zero; layout; aliasing; mutation; gradient"
)
WORDS = "exactly; up to sign; up to phase; up to order; by reconstruction; as a distribution"


def test_rungs_are_in_the_order_of_the_ladder() -> None:
    """The rungs are public words, in the order in which they are climbed."""
    assert "; ".join(RUNGS) == LADDER


def test_ways_to_be_equal_are_a_closed_vocabulary() -> None:
    """The words for results that are not unique are public too."""
    assert "; ".join(EQUAL) == WORDS


NAMED_TOGETHER: dict[str, str] = {
    "SIGNED": "int8 int16 int32 int64",
    "UNSIGNED": "uint8 uint16 uint32 uint64",
    "WIDE_UNSIGNED": "uint16 uint32 uint64",
    "WHOLE": "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64",
    "COMPLEX": "complex64 complex128",
    "EXTREMES": "int8-extremes int64-extremes uint8-extremes",
}


@pytest.mark.parametrize(("word", "probes"), NAMED_TOGETHER.items(), ids=NAMED_TOGETHER)
def test_probes_that_are_named_together(word: str, probes: str) -> None:
    """A difference can name several probes by one word; each of them is one."""
    named = getattr(entry, word)
    assert " ".join(name.replace(" ", "-") for name in named) == probes
    assert {*named} <= {*PROBES}


def test_every_probe_is_no_probe() -> None:
    """The word for a difference that shows whatever the inputs hold cannot be taken for a probe."""
    assert not {*EVERY} & {*PROBES}


@pytest.mark.parametrize(
    ("shows", "rungs"),
    [("dtype", ("dtype",)), (("dtype", "value"), ("dtype", "value")), ((), ())],
    ids=["one", "two", "none"],
)
def test_rungs_of_a_difference(shows: Any, rungs: tuple[str, ...]) -> None:
    """One rung is spelled as a word, several as a tuple; both are rungs."""
    difference = Difference("id", probes=("nan",), shows=shows, why="W.", instead="X.")
    assert difference.rungs == rungs


KINDS: dict[str, tuple[Input, dict[str, Any]]] = {
    "real": (real(3, 4), {"shape": (3, 4), "dtype": "float64"}),
    "positive": (positive(3, dtype="float32"), {"shape": (3,), "dtype": "float32"}),
    "unit": (unit(), {"shape": (), "dtype": "float64"}),
    "integers": (
        integers(-2, 5, (3,), dtype="uint8"),
        {"shape": (3,), "dtype": "uint8", "low": -2, "high": 5},
    ),
    "boolean": (boolean(2, 3), {"shape": (2, 3), "dtype": "bool"}),
    "index": (
        index_into("x", 2, 3, axis=1),
        {"shape": (2, 3), "dtype": "int64", "of": "x", "axis": 1},
    ),
    "distinct": (distinct(6), {"shape": (6,), "dtype": "float64"}),
    "ascending": (ascending(6), {"shape": (6,), "dtype": "float64"}),
    "symmetric": (symmetric(3), {"shape": (3, 3), "dtype": "float64"}),
    "well_conditioned": (well_conditioned(2, 3, 3), {"shape": (2, 3, 3), "dtype": "float64"}),
    "complex": (complex_normal(3), {"shape": (3,), "dtype": "complex128"}),
    "values": (values([1, 2], dtype="int8"), {"dtype": "int8", "literal": [1, 2]}),
    "text": (text("ij->ji"), {"dtype": "", "literal": "ij->ji"}),
}


@pytest.mark.parametrize(("kind", "declared"), KINDS.items(), ids=KINDS)
def test_kind_declares_what_it_says(kind: str, declared: tuple[Input, dict[str, Any]]) -> None:
    """Each function declares its kind, shape and dtype, and what else it was given."""
    made, fields = declared
    assert made == Input(kind=kind, **fields)


def test_every_kind_is_tried() -> None:
    """The table above has every function that declares an input."""
    functions = [f for f in vars(entry).values() if inspect.isfunction(f)]
    assert len([f for f in functions if f.__annotations__.get("return") == "Input"]) == len(KINDS)


def test_kinds_have_the_default_dtypes() -> None:
    """Where no dtype is said it is NumPy's default: float64, and int64 for integers."""
    floats = [real(3), positive(3), unit(3), distinct(3), ascending(3), symmetric(3), values([1])]
    assert {made.dtype for made in floats} == {"float64"}
    assert integers(0, 9, (3,)).dtype == "int64"


def test_options_per_rank_keep_their_order() -> None:
    """Options are bound in the order in which they are given, and stay so."""
    made = per_rank(real(2), 3)
    assert made.options == (real(2), 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.options = ()  # type: ignore[misc]


WHOLE: dict[type, dict[str, Any]] = {
    Input: {"kind": "real"},
    Trap: {"shows": "value", "why": "W."},
    Tolerance: {"relative": 1e-3, "why": "W."},
    Case: {"numpy": "x", "torch": "x"},
    Difference: {"probes": ("nan",), "shows": "value", "why": "W.", "instead": "X."},
    Op: {"summary": "S.", "parameters": {}, "source": "s"},
    Claim: {"numpy": "x", "torch": "x", "op": "numpy.f"},
    Row: {"summary": "S", "claims": ()},
    LayerCase: {"numpy": "F()", "inputs": {}},
    Repair: {"was": "x", "now": "y"},
    LayerPair: {"summary": "S.", "cases": (), "source": "s"},
}
NAMED = (Trap, Case, Difference, Op, Row, LayerCase, LayerPair)
"""The entries that begin with an id, a name or a text, the only thing not given by keyword."""


UNSAID: dict[type, dict[str, Any]] = {
    Input: {"shape": (), "dtype": "float64", "low": 0, "high": 0, "of": "", "axis": None,
            "literal": None},
    Trap: {"under": ""},
    Case: {"inputs": None, "trap": None, "equal": "exactly", "reconstruct": "", "layout": False,
           "files": False, "raises": "", "unprobed": {}, "no_gradient": "", "tolerance": None},
    Difference: {"cases": ()},
    Op: {"inputs": {}, "cases": (), "differences": (), "instead": ""},
    Claim: {"bind": {}, "completed": None, "denies": False, "holds": True, "shows": (), "why": "",
            "port": None, "equal": "exactly", "layout": False, "files": False},
    LayerCase: {"arguments": "", "twin": "", "torch": "", "call": "", "wrt": (), "kinks": False,
                "backwards": ("backward",), "batch_axis": -1, "trap": None},
    LayerPair: {"arguments": "", "inputs": {}, "call": "", "wrt": (), "batch_axis": 0, "grid": (),
                "differences": (), "repairs": ()},
}  # fmt: skip


@pytest.mark.parametrize("form", WHOLE, ids=lambda form: form.__name__)
def test_what_an_entry_does_not_say(form: type) -> None:
    """What is left out has its plain meaning: no trap, compared exactly, holds as written."""
    made = form(*(("id",) if form in NAMED else ()), **WHOLE[form])
    said = {*WHOLE[form], *([dataclasses.fields(form)[0].name] if form in NAMED else [])}
    unsaid = {f.name: getattr(made, f.name) for f in dataclasses.fields(form) if f.name not in said}
    assert unsaid == UNSAID.get(form, {})


@pytest.mark.parametrize("form", WHOLE, ids=lambda form: form.__name__)
def test_entries_are_spelled_by_keyword(form: type) -> None:
    """Everything but the id is given by keyword, so that an entry reads as one."""
    fields = WHOLE[form]
    given = ("id",) if form in NAMED else ()
    form(*given, **fields)
    with pytest.raises(TypeError, match="positional argument"):
        form(*given, *fields.values())


@pytest.mark.parametrize("form", WHOLE, ids=lambda form: form.__name__)
def test_entries_are_frozen(form: type) -> None:
    """An entry is data: nothing changes it once it is written."""
    made = form(*(("id",) if form in NAMED else ()), **WHOLE[form])
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, next(iter(WHOLE[form])), "other")


@pytest.mark.parametrize(
    ("completed", "port", "ported"),
    [
        (None, None, None),
        (None, "", None),
        (None, "tensor.sum()", ("arr.sum()", "tensor.sum()")),
        (("np.sum(arr)", "torch.sum(tensor)"), "tensor.sum()", ("np.sum(arr)", "tensor.sum()")),
        (None, ("arr.sum(0)", "tensor.sum(0)"), ("arr.sum(0)", "tensor.sum(0)")),
    ],
    ids=["op's", "none", "torch", "completed", "both"],
)
def test_port_of_a_claim(completed: Any, port: Any, ported: Any) -> None:
    """A port is run beside the NumPy text that was run, unless it names one of its own."""
    claim = Claim(
        numpy="arr.sum()", torch="tensor.add()", op="numpy.sum", completed=completed, port=port
    )
    assert claim.ported == ported
