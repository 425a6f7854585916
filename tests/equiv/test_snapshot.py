"""Tests of equiv.snapshot: what lookup answers from is what a run gives."""

import json

import numpy as np
import pytest

from equiv import snapshot
from equiv.catalogue import Catalogue
from equiv.entry import EVERY, UNSIGNED, Case, Claim, Difference, EquivError, Op, Row, Trap, real
from equiv.probes import PROBES
from equiv.results import Results
from equiv.rules import RULES
from equiv.runner import execute


def but(*probes: str) -> dict[str, str]:
    """Leave a case every probe but these."""
    return dict.fromkeys((p for p in PROBES if p not in probes), "Of no matter here.")


ALONE = but()
STD = Op(
    "numpy.std",
    summary="Deviation.",
    inputs={"x": real(3, 4)},
    cases=(
        Case(
            "plain",
            numpy="np.std(x)",
            torch="torch.std(x, correction=0)",
            trap=Trap("torch.std_mean(x)[0]", shows="value", why="It divides by n - 1."),
            unprobed=ALONE,
        ),
        Case(
            "axis",
            numpy="np.std(x, axis=0)",
            torch="torch.var(x, dim=0, correction=0) ** 0.5",
            unprobed=ALONE,
        ),
        Case("nan", numpy="np.max(x)", torch="x[x == x].max()", unprobed=but("nan")),
    ),
    parameters={"a": "input", "where": None},
    differences=(
        Difference("d", cases=("nan",), probes=("nan",), shows="nan", why="So.", instead="Y."),
    ),
    source="hand-made",
)
SAVE = Op("numpy.save", summary="Save.", parameters={}, instead="torch.save", source="hand-made")


def claim(torch: str, **said: object) -> Claim:
    """Return a claim about numpy.std."""
    said = {"numpy": "np.std(x)", "bind": {"x": real(3)}, **said}
    return Claim(torch=torch, op="numpy.std/plain", **said)


CLAIMS = (
    claim("x.std(correction=0)"),
    claim("torch.nanmean(x)", holds=False, shows="value", why="So."),
    claim(
        "(no function)",
        completed=("np.std(x)", "torch.median(x)"),
        holds=False,
        shows="value",
        why="So.",
    ),
    claim("torch.mode(x)", denies=True, why="So."),
)


def build(*ops: Op) -> dict[str, dict]:
    """Return the records of a run of these ops and of the claims, by NumPy's name."""
    row = Row("Std", summary="Std", claims=CLAIMS)
    ran = Results(execute(Catalogue({"statistics": ops}, (row,), ())))
    assert ran.findings == ()
    return {op["numpy"]: op for op in snapshot.build(ran)["ops"]}


@pytest.fixture(scope="module")
def std() -> dict:
    """Return the record of numpy.std."""
    return build(STD)["numpy.std"]


@pytest.fixture
def path(monkeypatch, tmp_path):
    """Return where the packaged snapshot is looked for: in a checkout of its own."""
    place = tmp_path / "equiv" / "snapshot.json"
    place.parent.mkdir()
    monkeypatch.setattr(snapshot, "PATH", place)
    return place


# --- the packaged file ----------------------------------------------------------------------


def test_the_packaged_snapshot_is_what_a_run_gives(results):
    """The committed file is current under the versions that it was made on."""
    text = snapshot.PATH.read_text(encoding="utf-8")
    packaged = json.loads(text)
    others = {n: v for n, v in results.versions.items() if packaged["versions"][n] != v}
    if others:
        pytest.skip(f"the snapshot was made on {packaged['versions']}, here are {others}")
    pairs = zip(packaged["ops"], snapshot.build(results)["ops"], strict=True)
    assert [was["numpy"] for was, now in pairs if was != now] == []
    assert text == snapshot.dumps(packaged)
    assert snapshot.is_current(results)


def test_the_packaged_snapshot_names_the_catalogue(catalogue):
    """Under any versions, lookup answers for the ops, cases and differences there are."""
    ops = json.loads(snapshot.PATH.read_text(encoding="utf-8"))["ops"]
    assert [op["numpy"] for op in ops] == list(catalogue.ops)
    for op, entry in zip(ops, catalogue.ops.values(), strict=True):
        assert [case["id"] for case in op["cases"]] == [case.id for case in entry.cases]
        own = [d["id"] for d in op["differences"] if not d["rule"]]
        assert own == [d.id for d in entry.differences]


def test_the_packaged_snapshot_names_the_rules():
    """Every rule is packaged with what its witness gives and the ops that show it, as these do."""
    packaged = json.loads(snapshot.PATH.read_text(encoding="utf-8"))
    assert [rule["slug"] for rule in packaged["rules"]] == [rule.slug for rule in RULES]
    for rule in packaged["rules"]:
        assert rule["cells"] >= len(rule["ops"]) > 0, rule["slug"]
        assert rule["witness"]["numpy"] != rule["witness"]["torch"], rule["slug"]
        shown = [
            op["numpy"]
            for op in packaged["ops"]
            if rule["slug"] in [d["rule"] for d in op["differences"]]
        ]
        assert sorted(rule["ops"]) == sorted(shown), rule["slug"]


def test_the_packaged_snapshot_is_clean(catalogue):
    """Every case that is packaged agreed, but where a difference or an exception is declared."""
    ops = json.loads(snapshot.PATH.read_text(encoding="utf-8"))["ops"]
    for op in ops:
        entry = catalogue.ops[op["numpy"]]
        shown = {rung for d in op["differences"] for rung in d["shows"].split(", ")}
        raising = {case.id for case in entry.cases if case.raises}
        for case in op["cases"]:
            words = {"both raise"} if case["id"] in raising else {"same", *shown}
            assert case["status"] in words, (op["numpy"], case["id"])


def test_a_current_snapshot_is_recognised(results, path):
    """The file that a run gives is current for it."""
    path.write_text(snapshot.dumps(snapshot.build(results)), encoding="utf-8")
    assert snapshot.is_current(results)


def test_a_missing_snapshot_is_not_current(results, path):
    """Without a file there is nothing current."""
    assert not path.exists()
    assert not snapshot.is_current(results)


@pytest.mark.parametrize(("old", "new"), [("drop-in", "renamed"), ('"value"', '"same"')])
def test_another_snapshot_is_not_current(results, path, old, new):
    """One changed word makes the file another than the run gives."""
    text = snapshot.dumps(snapshot.build(results))
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert not snapshot.is_current(results)


def test_a_checkout_may_be_written_to(path):
    """Beside a pyproject.toml the snapshot is a file of the repository."""
    (path.parent.parent / "pyproject.toml").touch()
    assert snapshot.checkout() == path


def test_an_installed_package_is_never_written_to(path):
    """Elsewhere the error says where equiv is and what was expected."""
    with pytest.raises(EquivError, match=f"installed in {path.parent.parent}, expected a checkout"):
        snapshot.checkout()


# --- what makes it current ------------------------------------------------------------------

MEAN = Op(
    "numpy.mean",
    summary="Mean.",
    inputs={"x": real(3, 4)},
    cases=(
        Case("plain", numpy="np.mean(x)", torch="torch.mean(x)"),
        Case("axis", numpy="np.mean(x, axis=0)", torch="torch.mean(x, dim=0)"),
        Case("max", numpy="np.max(x)", torch="torch.max(x)", unprobed=but(*UNSIGNED, "ties")),
    ),
    parameters={},
    source="hand-made",
)
MEANS = Catalogue({"statistics": (MEAN,)}, (), (), RULES)


@pytest.fixture(scope="module")
def means() -> Results:
    """A run of an op that shows several rules, on many probes."""
    return Results(execute(MEANS))


def edited(built: dict, change) -> str:
    """Return the file of a snapshot after a change."""
    copy = json.loads(snapshot.dumps(built))
    change(copy)
    return snapshot.dumps(copy)


def shown(built: dict) -> dict:
    """Return the first difference that the first op shows."""
    return built["ops"][0]["differences"][0]


MEASURED = {
    "versions": lambda s: s["versions"].update(torch="1.0", numpy="1.0", python="3.0"),
    "input": lambda s: shown(s)["input"].update(x="np.array([9])"),
    "numpy's result": lambda s: shown(s).update(numpy="float64 9.0"),
    "torch's message": lambda s: shown(s).update(torch="RuntimeError: in other words"),
    "a witness's result": lambda s: s["rules"][0]["witness"].update(torch="in other words"),
}
SAID = {
    "an explanation": lambda s: shown(s).update(rule="another", id="another"),
    "its probes": lambda s: shown(s)["probes"].pop(),
    "an outcome": lambda s: s["ops"][0]["probes"].update(nan="value"),
    "a name": lambda s: s["ops"][0].update(torch=["torch.median"]),
    "a rule's cells": lambda s: s["rules"][1].update(cells=99),
    "a rule's words": lambda s: s["rules"][1].update(instead="Cast first."),
    "a witness's code": lambda s: s["rules"][0]["witness"].update(torch_code="torch.amax(x)"),
    "the rules": lambda s: s.pop("rules"),
}


@pytest.mark.parametrize("change", MEASURED.values(), ids=MEASURED)
def test_what_was_measured_may_be_another(means, path, change):
    """Versions, drawn inputs and shown results are of the machine: the file is current."""
    built = snapshot.build(means)
    text = edited(built, change)
    assert text != snapshot.dumps(built)
    path.write_text(text, encoding="utf-8")
    assert snapshot.is_current(means)


@pytest.mark.parametrize("change", SAID.values(), ids=SAID)
def test_what_is_said_may_not_be_another(means, path, change):
    """Outcomes, explanations, names and rules are what the file says: another is not current."""
    path.write_text(edited(snapshot.build(means), change), encoding="utf-8")
    assert not snapshot.is_current(means)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_run_of_another_seed_says_the_same(means, path, seed):
    """The file of seed 0 is current for every seed: only inputs differ."""
    path.write_text(snapshot.dumps(snapshot.build(means)), encoding="utf-8")
    other = Results(execute(MEANS, seed=seed))
    assert other.cells["outcome"].tolist() == means.cells["outcome"].tolist()
    assert snapshot.is_current(other)


# --- what it holds --------------------------------------------------------------------------


def test_the_snapshot_is_stamped_with_versions(results):
    """Lookup can say on which versions an answer was measured."""
    assert snapshot.build(results)["versions"] == results.versions


def test_a_record_has_the_keys_of_the_contract(std):
    """JSON keys are public: those of the contract are all there."""
    assert std.keys() >= {
        "numpy", "torch", "area", "verdict", "summary", "cases", "parameters", "differences",
        "probes", "instead",
    }  # fmt: skip
    assert std["cases"][0].keys() == {
        "id", "numpy", "torch", "trap", "why", "status", "gradient",
    }  # fmt: skip
    assert std["differences"][0].keys() == {
        "id", "shows", "why", "instead", "rule", "probes", "cell", "input", "numpy_code",
        "torch_code", "numpy", "torch",
    }  # fmt: skip


def test_torch_names_what_the_plain_case_and_a_right_pair_write(std):
    """The first names are those to write."""
    assert std["torch"] == ["torch.std", "torch.Tensor.std"]


def test_related_names_are_those_of_other_cases_traps_and_wrong_pairs(std):
    """What people write wrongly, or in other cases, finds the op too; prose and denials do not."""
    assert set(std["related"]) == {
        "torch.nanmean",
        "torch.var",
        "torch.Tensor.__pow__",
        "torch.Tensor.__eq__",
        "torch.Tensor.__getitem__",
        "torch.Tensor.max",
        "torch.std_mean",
    }


def test_a_record_says_what_the_entry_says(std):
    """Summary, area, verdict and parameters are the entry's."""
    assert (std["summary"], std["area"], std["verdict"]) == ("Deviation.", "statistics", "adapted")
    assert std["parameters"] == {"a": "input", "where": None}
    assert std["instead"] == ""


def test_a_case_has_its_texts_trap_and_status(std):
    """A case shows what ran, what not to write and why, and how it went."""
    plain, axis, _ = std["cases"]
    assert plain == {
        "id": "plain",
        "numpy": "np.std(x)",
        "torch": "torch.std(x, correction=0)",
        "trap": "torch.std_mean(x)[0]",
        "why": "It divides by n - 1.",
        "status": "same",
        "gradient": "same",
    }
    assert (axis["trap"], axis["why"]) == (None, None)


def test_a_difference_shows_an_input_and_both_results(std):
    """A difference carries the evidence: code that makes the input, and what each side gave."""
    (shown,) = std["differences"]
    assert (shown["id"], shown["shows"], shown["rule"]) == ("d", "nan", None)
    assert list(shown["input"]) == ["x"]
    assert "np.nan" in shown["input"]["x"]
    assert shown["numpy"] == "float64 nan"
    assert shown["torch"].startswith("float64 ")
    assert shown["torch"] != "float64 nan"


def test_the_probes_say_the_worst_of_the_cases(std):
    """A probe that parts in one case is not hidden by another; traps do not count."""
    assert std["probes"] == {"float64": "same", "nan": "nan"}


def test_an_op_without_a_port_has_a_record():
    """What torch has not can be looked up, with what to do instead."""
    row = Row("Std", summary="Std", claims=CLAIMS)
    ran = Results(execute(Catalogue({"statistics": (STD,), "io": (SAVE,)}, (row,), ())))
    record = snapshot.build(ran)["ops"][1]
    assert (record["numpy"], record["verdict"], record["instead"]) == (
        "numpy.save",
        "missing",
        "torch.save",
    )
    assert record["torch"] == record["related"] == record["cases"] == []


def test_a_part_of_a_run_says_what_was_not_run():
    """A case that was left out is not called the same."""
    row = Row("Std", summary="Std", claims=CLAIMS)
    part = execute(Catalogue({"statistics": (STD,)}, (row,), ()), match="*/axis@float64")
    cases = snapshot.build(Results(part))["ops"][0]["cases"]
    assert [case["status"] for case in cases] == ["not run", "same", "not run"]
    assert [case["gradient"] for case in cases] == ["not run", "same", "not run"]


def test_the_file_reads_back():
    """The file is JSON with its letters as they are, and ends in a line end."""
    built = {"versions": {"torch": "2"}, "ops": [{"summary": "Root \u221a."}]}
    text = snapshot.dumps(built)
    assert json.loads(text) == built
    assert "Root \u221a." in text
    assert text.endswith("}\n")


def test_a_difference_shows_the_shortest_input():
    """Of the cells that show a difference, the one with the least to read is packaged."""
    d = Difference("d", probes=("nan",), shows="nan", why="So.", instead="Y.")
    texts = {"numpy": "np.max(x)", "torch": "x[x == x].max()", "unprobed": but("nan")}
    cases = [
        Case("long", **texts, inputs={"x": real(2, 3, 4), "k": real(5)}),
        Case("short", **texts, inputs={"x": real(5)}),
        Case("middle", **texts, inputs={"x": real(3, 4), "k": real(5)}),
    ]
    op = Op(
        "numpy.f", summary="F.", cases=tuple(cases), parameters={}, differences=(d,), source="s"
    )
    ran = Results(execute(Catalogue({"io": (op,)}, (), ())))
    assert ran.findings == ()
    assert list(snapshot.build(ran)["ops"][0]["differences"][0]["input"]) == ["x"]


# --- rules and differences ------------------------------------------------------------------


def record(op: Op, *, rules: bool = False) -> dict:
    """Return the record of an op, run alone."""
    ran = Results(execute(Catalogue({"io": (op,)}, (), (), RULES if rules else ())))
    return snapshot.build(ran)["ops"][0]


def test_a_rule_that_an_op_shows_is_one_of_its_differences(means):
    """Rules stand after an op's own differences, with their words and the probes they show on."""
    found = {d["id"]: d for d in snapshot.build(means)["ops"][0]["differences"]}
    assert set(found) == {"no-kernel", "floating-only", "zero-d-axis", "kink"}
    (rule,) = (rule for rule in RULES if rule.slug == "floating-only")
    said = found["floating-only"]
    whole = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
    extremes = ["int8 extremes", "int64 extremes", "uint8 extremes"]
    assert said["probes"] == ["bool", *whole, *extremes]
    assert (said["rule"], said["shows"]) == ("floating-only", "torch raises")
    assert (said["why"], said["instead"]) == (f"{rule.statement} {rule.why}", rule.instead)
    assert said["torch"].startswith("RuntimeError: mean(): could not infer output dtype")


def test_an_ops_own_differences_come_before_the_rules():
    """Where an op shows both, its own stand first, and say that they are no rule."""
    d = Difference("own", probes=("nan",), shows="nan", why="So.", instead="Y.")
    case = Case("plain", numpy="np.max(x)", torch="x[x == x].max()", unprobed=but("nan", "uint16"))
    op = Op(
        "numpy.max", summary="F.", inputs={"x": real(5)}, cases=(case,), parameters={},
        differences=(d,), source="s",
    )  # fmt: skip
    found = record(op, rules=True)["differences"]
    assert [(each["id"], each["rule"]) for each in found] == [
        ("own", None), ("no-kernel", "no-kernel"),
    ]  # fmt: skip


def test_a_rule_says_what_its_witness_gives_and_who_shows_it(means):
    """The record of a rule holds its texts, the run of its witness, its cells and its ops."""
    found = {rule["slug"]: rule for rule in snapshot.build(means)["rules"]}
    assert list(found) == [rule.slug for rule in RULES]
    rule = found["float-keeps-width"]
    assert rule.keys() == {
        "slug", "shows", "statement", "why", "instead", "witness", "cells", "ops",
    }  # fmt: skip
    assert (rule["shows"], rule["cells"], rule["ops"]) == ("dtype", 0, [])
    assert rule["witness"] == {
        "input": {"x": "np.array([3, 1])", "y": "np.array([1.5, 2.5], dtype='float32')"},
        "numpy_code": "x + y",
        "torch_code": "x + y",
        "numpy": "float64 [4.5, 3.5]",
        "torch": "float32 [4.5, 3.5]",
    }
    rule = found["floating-only"]
    assert (rule["cells"], rule["ops"]) == (24, ["numpy.mean"])  # 12 probes, 2 cases


@pytest.mark.parametrize(
    ("slug", "both"),
    [
        ("read-only-view", ("a read-only view of x", "a view of x")),
        ("jump", ("inf from the left, 0 from the right", "0")),
    ],
)
def test_a_witness_shows_what_its_results_do_not(means, slug, both):
    """On a rung past the values the witness tells of memory and slopes, not of the results."""
    (rule,) = (rule for rule in snapshot.build(means)["rules"] if rule["slug"] == slug)
    found = rule["witness"]["numpy"].removeprefix("-"), rule["witness"]["torch"]
    assert found == both  # the sign is the cotangent's


def test_a_difference_under_every_probe_names_those_where_it_shows():
    """EVERY stands for the conditions in which the sides did part."""
    d = Difference("view", probes=EVERY, shows="aliasing", why="So.", instead="X.")
    case = Case("plain", numpy="x[::2]", torch="x[::2].clone()", unprobed=but("empty", "int8"))
    op = Op(
        "numpy.f", summary="F.", inputs={"x": real(6)}, cases=(case,), parameters={},
        differences=(d,), source="s",
    )  # fmt: skip
    (said,) = record(op)["differences"]
    assert said["probes"] == ["float64", "int8"]  # writing into nothing reaches nothing
    assert (said["numpy"], said["torch"]) == ("a view of x", "a copy of x")


def test_a_difference_may_show_on_several_rungs():
    """All rungs are told; the results are those of the first."""
    d = Difference("d", probes=("nan",), shows=("value", "gradient"), why="So.", instead="Y.")
    case = Case(
        "plain",
        numpy="np.nan_to_num(x)",
        torch="x.nan_to_num(nan=1.0) * (1 + x.isnan().any())",
        unprobed=but("nan"),
    )
    op = Op(
        "numpy.f", summary="F.", inputs={"x": real(5)}, cases=(case,), parameters={},
        differences=(d,), source="s",
    )  # fmt: skip
    (said,) = record(op)["differences"]
    assert said["shows"] == "value, gradient"
    assert said["numpy"].startswith("float64 [0.0, ")
    assert said["torch"].startswith("float64 [2.0, ")


@pytest.mark.parametrize(("size", "drawn"), [(4, False), (65, True)])
def test_a_small_input_is_shown_by_value(size, drawn):
    """What shows a difference can be read: up to 64 elements as they are, more as they are made."""
    d = Difference("d", probes=("nan",), shows="nan", why="So.", instead="Y.")
    case = Case("plain", numpy="np.max(x)", torch="x[x == x].max()", unprobed=but("nan"))
    op = Op(
        "numpy.f", summary="F.", inputs={"x": real(size)}, cases=(case,), parameters={},
        differences=(d,), source="s",
    )  # fmt: skip
    (said,) = record(op)["differences"]
    assert ("np.random" in said["input"]["x"]) == drawn
    assert (said["cell"], said["numpy_code"]) == ("numpy.f/plain@nan", "np.max(x)")
    assert np.isnan(eval(said["input"]["x"], {"np": np})).sum() == -(-size // 4)
