"""Tests of equiv.plan: which cells an entry gives, and what is asked of each."""

import dataclasses
from collections import Counter

import pytest

from equiv.catalogue import Catalogue, declared
from equiv.entry import (
    EVERY,
    Case,
    Difference,
    EquivError,
    Op,
    PerRank,
    Trap,
    complex_normal,
    integers,
    real,
    values,
)
from equiv.inputs import make, own_probe, suits
from equiv.measure import Cell
from equiv.plan import plan_claim, plan_layer, plan_ops, plan_rule
from equiv.probes import PROBES

PLAIN = Case("plain", numpy="np.sum(x)", torch="torch.sum(x)")
FLOATS = ["float16", "float32"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def planned(
    case: Case = PLAIN, *, differences: tuple[Difference, ...] = (), **inputs: object
) -> dict[str, Cell]:
    """Plan an op of one case on these inputs; return its cells by what follows the op's name."""
    op = Op(
        "numpy.f",
        summary="F.",
        inputs=inputs,
        cases=(case,),
        parameters={},
        differences=differences,
        source="hand-made",
    )
    (cells,) = plan_ops(Catalogue({"reduction": (op,)}, (), ()), 0)
    return {p.cell.id.removeprefix("numpy.f/"): p.cell for p in cells.planned}


def probes(*args: object, **kwargs: object) -> list[str]:
    """List the probes under which a case is run, in order."""
    return [cell.probe for cell in planned(*args, **kwargs).values()]


# --- the probes of a case -------------------------------------------------------------------


def test_a_case_is_run_under_every_probe_that_suits_it():
    """A real vector: all but float64, which it is declared in, operands, and more axes."""
    vector = [
        "float64", "bool", *INTEGERS, *FLOATS, "complex64", "complex128",
        "empty", "0-d", "length one", "nan", "all nan", "inf", "signed zeros", "ties",
        "all equal", "halves", "huge", "subnormal", "offset",
        "int8 extremes", "int64 extremes", "uint8 extremes",
        "strided", "reversed", "broadcast", "many",
    ]  # fmt: skip
    assert probes(x=real(5)) == vector


def test_two_axes_bring_the_probes_of_two_axes():
    """A matrix can be column-major, empty across and square."""
    more = set(probes(x=real(3, 4))) - set(probes(x=real(5)))
    assert more == {"empty across", "transposed", "square"}


def test_two_operands_bring_the_probes_of_operands():
    """Each pair of dtypes, and a scalar for the second."""
    both = Case("plain", numpy="x + y", torch="x + y")
    more = set(probes(both, x=real(5), y=real(5))) - set(probes(x=real(5)))
    assert more == {name for name, probe in PROBES.items() if probe.group == "operands"}
    assert len(more) == 15


def test_a_case_is_not_put_under_what_it_excludes():
    """With a reason; the declared inputs cannot be excluded."""
    some = dataclasses.replace(PLAIN, unprobed={"nan": "So.", "float64": "So.", "empty": "So."})
    left = [p for p in probes(x=real(5)) if p not in ("nan", "empty")]
    assert probes(some, x=real(5)) == left


@pytest.mark.parametrize(
    ("x", "own"),
    [
        (real(5), "float64"),
        (real(5, dtype="float32"), "float32"),
        (integers(0, 9, (5,)), "int64"),
        (complex_normal(5), "complex128"),
        (values([True, False], dtype="bool"), "bool"),
    ],
)
def test_the_declared_inputs_come_first_and_once(x, own):
    """Under the name of their dtype, and as they are declared."""
    cells = planned(x=x)
    assert Counter(cell.probe for cell in cells.values())[own] == 1
    first = next(iter(cells.values()))
    assert (first.probe, make(first.code["x"]).dtype) == (own, own)


def test_a_case_without_an_array_has_its_declared_cell_alone():
    """There is nothing to put in another condition."""
    assert list(planned(Case("plain", numpy="np.ones(3)", torch="torch.ones(3)"))) == [
        "plain@declared"
    ]


def test_the_inputs_are_as_the_probe_says():
    """The code of each cell makes them."""
    cells = planned(x=real(3, 4))
    made = {name.removeprefix("plain@"): make(cell.code["x"]) for name, cell in cells.items()}
    assert made["int16"].dtype == "int16"
    assert made["empty"].shape == (0, 4)
    assert made["square"].shape == (4, 4)
    assert (made["all-equal"] == made["all-equal"][0, 0]).all()
    assert made["transposed"].flags.f_contiguous


def test_a_difference_brings_no_probe_to_a_case_that_has_them_all():
    """The grid is planned, whatever is written of it."""
    nan = Difference("nan", probes=("nan",), shows="nan", why="So.", instead="X.")
    assert probes(x=real(5), differences=(nan,)) == probes(x=real(5))


def test_draws_are_compared_under_the_probes_of_their_differences_alone():
    """Thousands of draws a cell: the declared inputs, and what an entry speaks of."""
    draws = dataclasses.replace(PLAIN, equal="as a distribution")
    said = [
        Difference(
            name, cases=cases, probes=under, shows="aliasing", why="So.", instead="X."
        )
        for name, cases, under in (
            ("a", (), ("int64", "nan")),
            ("b", ("plain",), ("nan", "float32")),
            ("c", ("other",), ("ties",)),
            ("d", (), EVERY),
        )
    ]  # fmt: skip
    assert probes(draws, x=real(5)) == ["float64"]
    under = probes(draws, x=real(5), differences=tuple(said))
    assert under == ["float64", "int64", "nan", "float32"]


# --- traps ----------------------------------------------------------------------------------


def test_a_trap_has_one_cell():
    """On the declared inputs, or under the probe that it names; with its own text."""
    trap = Trap("x.sum(0)", shows="shape", why="So.")
    for under, at in (("", "float64"), ("all nan", "all-nan")):
        case = dataclasses.replace(PLAIN, trap=dataclasses.replace(trap, under=under))
        cells = planned(case, x=real(3, 4))
        (name,) = [name for name, cell in cells.items() if cell.sort == "trap"]
        assert name == f"plain:trap@{at}"


def test_a_trap_under_a_probe_that_there_is_not_is_refused():
    """A misspelled probe is an error, not one that is left out."""
    trap = Trap("x.sum(0)", shows="shape", why="So.", under="nans")
    with pytest.raises(EquivError, match="probe 'nans' is unknown"):
        planned(dataclasses.replace(PLAIN, trap=trap), x=real(3))


# --- gradients ------------------------------------------------------------------------------

TRIED = {
    "float64": "every",
    "float32": "smooth",
    "complex128": "smooth",
    "length-one": "smooth",
    "transposed": "smooth",
    "nan": "kinks",
    "inf": "kinks",
    "signed-zeros": "kinks",
    "ties": "kinks",
    "all-equal": "kinks",
}


def test_a_gradient_is_tried_where_it_can_show_something():
    """Every element on the declared inputs, some where it is smooth, both sides of kinks."""
    cells = planned(x=real(3, 4))
    assert {n.removeprefix("plain@"): c.gradient for n, c in cells.items() if c.gradient} == TRIED


@pytest.mark.parametrize(
    "fields",
    [{"equal": "up to order"}, {"files": True}, {"no_gradient": "It is drawn."}],
    ids=["not unique", "files", "declared"],
)
def test_no_gradient_is_tried_of_what_has_none(fields):
    """What is not unique has no derivative to compare, and a file none to follow."""
    cells = planned(dataclasses.replace(PLAIN, **fields), x=real(3, 4))
    assert {cell.gradient for cell in cells.values()} == {""}


# --- the catalogue --------------------------------------------------------------------------


def test_every_case_trap_and_probe_of_the_ops_is_planned(catalogue):
    """A cell for the declared inputs and each probe that suits them, one more for a trap."""
    for cells in plan_ops(catalogue, 0):
        entry = cells.op
        for case in entry.cases:
            own = [p.cell for p in cells.planned if p.case.id == case.id]
            inputs = declared(entry, case)
            fit = {p for p in PROBES if suits(p, inputs) and p not in case.unprobed}
            if case.equal == "as a distribution":
                fit &= {
                    probe
                    for d in entry.differences
                    if not d.cases or case.id in d.cases
                    for probe in d.probes
                }
            run = [cell.probe for cell in own if cell.sort == "case"]
            assert sorted(run) == sorted({own_probe(inputs), *fit}), (entry.name, case.id)
            traps = [cell for cell in own if cell.sort == "trap"]
            assert len(traps) == (1 if case.trap else 0), (entry.name, case.id)


def test_every_probe_is_used(catalogue):
    """A probe that no case is put under is not worth its line."""
    used = {p.cell.probe for cells in plan_ops(catalogue, 0) for p in cells.planned}
    assert set(PROBES) - used == set()


def test_a_case_is_run_as_it_says(catalogue):
    """What a case says of its comparison reaches its cells, under every probe."""
    said = ("numpy", "equal", "reconstruct", "layout", "files", "tolerance", "no_gradient")
    for cells in plan_ops(catalogue, 0):
        for p in cells.planned:
            assert [getattr(p.cell, name) for name in said] == [
                getattr(p.case, name) for name in said
            ], p.cell.id
            trap = p.case.trap.torch if p.case.trap else ""
            ports = {d.port for d in cells.op.differences}
            texts = {"case": {p.case.torch}, "trap": {trap}, "instead": ports}
            assert p.cell.torch in texts[p.cell.sort]


def test_a_rules_cell_is_its_witness(catalogue):
    """Both texts, the inputs and the gradient as they are written."""
    for rule in catalogue.rules:
        cell, witness = plan_rule(rule), rule.witness
        assert (cell.id, cell.sort) == (f"rules/{rule.slug}@witness", "rule")
        assert (cell.numpy, cell.torch, cell.code) == (witness.numpy, witness.torch, witness.inputs)
        assert cell.gradient == witness.gradient


def test_a_layer_case_is_run_as_it_says(catalogue):
    """Every backward that a layer's case names, by every input that it names, is compared."""
    for pair in catalogue.layers:
        for p in plan_layer(pair, 0):
            assert (p.layer.backwards, p.layer.wrt) == (p.case.backwards, p.case.wrt), p.cell.id


def test_every_claim_is_planned_at_every_rank(catalogue):
    """A claim has cells for each option of its bindings."""
    for sheet_row in catalogue.rows:
        for number, claim in enumerate(sheet_row.claims, 1):
            options = [v for v in claim.bind.values() if isinstance(v, PerRank)]
            ranks = {c.probe.partition("-")[0] for c in plan_claim(sheet_row, number, claim, 0)}
            if options:
                assert len(ranks) == len(options[0].options), (sheet_row.title, number)
            else:
                assert ranks, (sheet_row.title, number)


def test_every_layer_case_is_planned_in_both_dtypes(catalogue):
    """A layer's case has a float64 and a float32 cell."""
    for pair in catalogue.layers:
        ids = {p.cell.id for p in plan_layer(pair, 0)}
        for case in pair.cases:
            assert {f"{pair.name}/{case.id}@float64", f"{pair.name}/{case.id}@float32"} <= ids
