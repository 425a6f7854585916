"""Tests of equiv.snapshot: what lookup answers from is what a run gives."""

import json

import pytest

from equiv import snapshot
from equiv.catalogue import Catalogue
from equiv.entry import Case, Claim, Difference, EquivError, Op, Row, Trap, real
from equiv.results import Results
from equiv.runner import execute

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
        ),
        Case("axis", numpy="np.std(x, axis=0)", torch="torch.var(x, dim=0, correction=0) ** 0.5"),
        Case("nan", numpy="np.max(x)", torch="x[x == x].max()"),
    ),
    parameters={"a": "input", "where": None},
    differences=(
        Difference("d", cases=("nan",), probes=("nan",), shows="nan", why="So.", instead="y"),
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
        assert [d["id"] for d in op["differences"]] == [d.id for d in entry.differences]


def test_the_packaged_snapshot_is_clean(catalogue):
    """Every case that is packaged agreed, but where a difference or an exception is declared."""
    ops = json.loads(snapshot.PATH.read_text(encoding="utf-8"))["ops"]
    for op in ops:
        entry = catalogue.ops[op["numpy"]]
        shown = {d["shows"] for d in op["differences"]}
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
        "id", "shows", "why", "instead", "rule", "input", "numpy", "torch",
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
    d = Difference("d", probes=("nan",), shows="nan", why="So.", instead="y")
    texts = {"numpy": "np.max(x)", "torch": "x[x == x].max()"}
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
