"""Lookup: any spelling finds its op, records keep the public form, pages say what bites."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from equiv.cli import main
from equiv.entry import RUNGS, EquivError
from equiv.lookup import (
    as_markdown,
    as_text,
    find,
    installed_versions,
    load,
    plain,
    stamp,
)

SNAPSHOT = load()
STD = next(op for op in SNAPSHOT["ops"] if op["numpy"] == "numpy.std")


def names(spelling: str, snapshot: dict[str, Any] = SNAPSHOT) -> list[str]:
    """List what a spelling finds, by NumPy's names."""
    return [op["numpy"] for op in find(spelling, snapshot)[0]]


def record(numpy: str, *torch: str, related: tuple[str, ...] = ()) -> dict[str, Any]:
    """Spell a record that has names and nothing else."""
    return {"numpy": numpy, "torch": list(torch), "related": list(related)}


# --- spellings ------------------------------------------------------------------------------

SPELLINGS = {
    "numpy.std": [
        "np.std", "numpy.std", "std", "torch.std", "Tensor.std", "torch.Tensor.std", "x.std",
        "x.std()", "np.std(x, axis=0)", "torch.std(x, correction=0)", " np.std ", "np.std(\n  x)",
    ],
    "numpy.pad": ["pad", "F.pad", "nn.functional.pad", "torch.nn.functional.pad", "np.pad(x, 1)"],
    "numpy.linalg.norm": ["np.linalg.norm", "linalg.norm", "norm", "torch.norm(tensor)"],
    "numpy.ndarray.flatten": ["flatten", "ndarray.flatten", "x.flatten()", "Tensor.flatten"],
    "numpy.ndarray.T": ["x.T", "ndarray.T", "tensor.T", "numpy.ndarray.T"],
    "numpy.clip": ["torch.clamp", "clamp", "np.clip(arr, min_val, max_val)"],
    "numpy.concatenate": ["torch.cat", "cat", "torch.cat([a,b])"],
    "numpy.fft.fft": ["np.fft.fft", "torch.fft.fft", "fft"],
    "numpy.ndarray.__getitem__[slice]": ["numpy.ndarray.__getitem__[slice]", "__getitem__[slice]"],
    "numpy.polynomial.polynomial.polyval": ["polyval", "np.polynomial.polynomial.polyval()"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("numpy", "spelling"), [(name, s) for name, spelled in SPELLINGS.items() for s in spelled]
)
def test_spelling_finds_its_op(numpy: str, spelling: str) -> None:
    """A common spelling of either library's name finds the op, first and without a guess."""
    assert names(spelling)[0] == numpy
    assert find(spelling, SNAPSHOT)[1] == ""


@pytest.mark.parametrize("op", SNAPSHOT["ops"], ids=lambda op: op["numpy"])
def test_every_name_finds_its_op(op: dict[str, Any]) -> None:
    """An op is found by its NumPy name, alone; and by its torch names that NumPy has no op for."""
    taken = {other["numpy"].partition("[")[0].rpartition(".")[2] for other in SNAPSHOT["ops"]}
    own = [name for name in op["torch"] if name.rpartition(".")[2] not in taken]
    assert names(op["numpy"]) == [op["numpy"]]
    assert [name for name in own if op["numpy"] not in names(name)] == []


def test_sheets_wrong_names_find_the_op() -> None:
    """A torch name that people, or the sheet, write wrongly leads to the op all the same."""
    assert "numpy.dot" in names("torch.mm")
    assert "numpy.histogram" in names("torch.histc")
    assert "numpy.linalg.eig" in names("torch.eig")
    assert "numpy.choose" in names("torch.gather")


def test_name_without_its_variant_finds_all() -> None:
    """A name that several ops share, their variants aside, finds all of these."""
    every = [op["numpy"] for op in SNAPSHOT["ops"]]
    variants = [name for name in every if name.startswith("numpy.ndarray.__getitem__[")]
    assert len(variants) > 3
    assert names("__getitem__") == variants


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("sort", ["numpy.sort", "numpy.rec.sort"]),  # whatever module it is in
        ("np.sort", ["numpy.sort"]),
        ("rec.sort", ["numpy.rec.sort"]),
        ("torch.order", ["numpy.sort"]),  # the port's names before the related
        ("torch.rank", ["numpy.rec.sort"]),
        ("Tensor.sort_", ["numpy.rec.sort"]),  # the related where nothing else has it
        ("x.rank", ["numpy.rec.sort"]),
    ],
)
def test_main_names_come_first(spelling: str, expected: list[str]) -> None:
    """NumPy's names go before the port's, and these before the names in traps and other cases."""
    ops = [
        record("numpy.sort", "torch.order", related=("torch.rec",)),
        record("numpy.rec.sort", "torch.rank", related=("torch.order", "torch.Tensor.sort_")),
        record("numpy.last", "torch.last", related=("torch.sort",)),
    ]
    assert names(spelling, {"ops": ops}) == expected
    assert find(spelling, {"ops": ops})[1] == ""


@pytest.mark.parametrize(
    ("typo", "numpy"),
    [
        ("np.stdd", "numpy.std"),
        ("numpy.meen", "numpy.mean"),
        ("np.conctenate", "numpy.concatenate"),
        ("transpoze", "numpy.transpose"),
        ("Std", "numpy.std"),
        ("NP.STD", "numpy.std"),
        ("np.linalg.nrom", "numpy.linalg.norm"),
    ],
)
def test_typo_finds_the_nearest(typo: str, numpy: str) -> None:
    """A slip finds the nearest op, and says what it was taken for."""
    found, note = find(typo, SNAPSHOT)
    assert found[0]["numpy"] == numpy
    assert note == f"no op is named {typo!r}; nearest: {', '.join(op['numpy'] for op in found)}"


def test_close_typo_finds_one_and_a_far_one_several() -> None:
    """Where the nearest is all but the name the others are not shown."""
    ops = [record("numpy.median"), record("numpy.mean"), record("numpy.nanmean")]
    assert names("medan", {"ops": ops}) == ["numpy.median"]  # 10/11 alike; mean is 8/9
    assert names("meda", {"ops": ops}) == ["numpy.median"]  # 8/10 and 6/8
    assert names("mena", {"ops": ops}) == ["numpy.mean", "numpy.median"]  # 6/8 and 6/10
    with pytest.raises(EquivError):
        find("mxx", {"ops": ops})  # 2/7


def test_typo_finds_what_the_name_would() -> None:
    """A slip in a name leads where the name itself does: to the port before the related."""
    ops = [record("numpy.take", related=("torch.clamp",)), record("numpy.clip", "torch.clamp")]
    assert names("torch.clamp", {"ops": ops}) == names("torch.clmap", {"ops": ops})
    assert names("torch.clmap", {"ops": ops[:1]}) == ["numpy.take"]


@pytest.mark.parametrize("nonsense", ["zzzzqq", "", "np.", "@"])
def test_nonsense_is_refused(nonsense: str) -> None:
    """What is near no name is refused with the name and the number of ops there are."""
    message = f"lookup {nonsense!r}: no op has a name like it among the {len(SNAPSHOT['ops'])}"
    with pytest.raises(EquivError, match=re.escape(message)):
        find(nonsense, SNAPSHOT)


@pytest.mark.parametrize(
    ("spelling", "full"),
    [
        ("np.std", "numpy.std"),
        ("np.std(x, axis=0)", "numpy.std"),
        ("F.pad", "torch.nn.functional.pad"),
        ("nn.Linear", "torch.nn.Linear"),
        ("Tensor.std", "torch.Tensor.std"),
        ("tensor.std()", "torch.Tensor.std"),
        ("ndarray.T", "numpy.ndarray.T"),
        ("x.std", "x.std"),
        ("npx.std", "npx.std"),
        (" std ", "std"),
    ],
)
def test_plain_name(spelling: str, full: str) -> None:
    """The first word of a name is written out and its arguments are dropped."""
    assert plain(spelling) == full


# --- the public form ------------------------------------------------------------------------

WORDS = {"type": "array", "items": {"type": "string", "minLength": 1}}
TEXT = {"type": "string"}
SOME = {"type": "string", "minLength": 1}
MAYBE = {"type": ["string", "null"], "minLength": 1}
BESIDE_RUNGS = ["same", "both raise", "undefined"]
ENDS = [f"{side} {end}" for side in ("numpy", "torch") for end in ("hangs", "crashes")]
RUNG = "|".join(RUNGS)
OUTCOME = {"enum": [*BESIDE_RUNGS, *ENDS, *RUNGS]}


def closed(**properties: Any) -> dict[str, Any]:
    """Describe an object that has these keys and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMA = closed(
    numpy={"type": "string", "pattern": r"^numpy\."},
    torch=WORDS,
    related=WORDS,
    area=SOME,
    verdict={"enum": ["drop-in", "renamed", "adapted", "composed", "missing"]},
    summary=SOME,
    cases={
        "type": "array",
        "items": closed(
            id=SOME, numpy=SOME, torch=SOME, trap=MAYBE, why=MAYBE, status=OUTCOME, gradient=SOME
        ),
    },
    parameters={"type": "object", "additionalProperties": MAYBE},
    differences={
        "type": "array",
        "items": closed(
            id=SOME,
            shows={"type": "string", "pattern": f"^({RUNG})(, ({RUNG}))*$"},
            why=SOME,
            instead=SOME,
            rule={"type": ["string", "null"], "minLength": 1},
            probes={**WORDS, "minItems": 1},
            cell=SOME,
            input={"type": "object", "additionalProperties": SOME},
            numpy_code=SOME,
            torch_code=SOME,
            numpy=SOME,
            torch=SOME,
        ),
    },
    probes={"type": "object", "additionalProperties": OUTCOME},
    instead=TEXT,
    versions={
        "type": "object",
        "additionalProperties": SOME,
        "required": ["numpy", "torch", "python"],
    },
)


def look_up(*arguments: str) -> Any:
    """Run the command and parse the JSON that it prints."""
    told = CliRunner().invoke(main, ["lookup", "--format", "json", *arguments])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_every_op_keeps_the_public_form() -> None:
    """What lookup prints of each op is an object of the design's keys and no others."""
    told = look_up(*(op["numpy"] for op in SNAPSHOT["ops"]))
    assert [op["numpy"] for op in told] == [op["numpy"] for op in SNAPSHOT["ops"]]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert [(op["numpy"], e.message) for op in told for e in validator.iter_errors(op)] == []


def test_schema_refuses_another_form() -> None:
    """The form holds: an unknown verdict, a missing key and one too many are refused."""
    told = look_up("numpy.std")
    jsonschema.validate(told, SCHEMA)
    lacking = {key: value for key, value in told.items() if key != "cases"}
    for wrong in ({**told, "verdict": "same"}, {**told, "also": ""}, lacking):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)


def test_several_matches_are_a_list() -> None:
    """One match is printed as an object, several as a list, one named twice as one."""
    assert look_up("np.std", "std")["numpy"] == "numpy.std"
    assert [op["numpy"] for op in look_up("np.std", "np.var")] == ["numpy.std", "numpy.var"]


def test_guess_goes_to_stderr() -> None:
    """A guessed name is told beside the answer, which stays JSON."""
    told = CliRunner().invoke(main, ["lookup", "--format", "json", "np.stdd"])
    assert json.loads(told.stdout)["numpy"] == "numpy.std"
    assert told.stderr == "equiv: no op is named 'np.stdd'; nearest: numpy.std\n"


def test_unknown_name_exits_2() -> None:
    """A name that nothing is near to ends the command with one line and exit 2."""
    told = CliRunner().invoke(main, ["lookup", "zzzzqq"])
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("equiv: lookup 'zzzzqq': ")


# --- the snapshot ---------------------------------------------------------------------------


def test_missing_snapshot(tmp_path: Path) -> None:
    """A missing snapshot is told with its path and how to mend it."""
    path = tmp_path / "snapshot.json"
    message = (
        f"{path}: the snapshot is missing; reinstall equiv, or in a checkout run `equiv report"
    )
    with pytest.raises(EquivError, match=re.escape(message)):
        load(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"versions": {}, "ops": [',
        b"\xff\xfe",
        b"[]",
        b'{"ops": []}',
        b'{"versions": {}}',
        b'{"versions": {}, "ops": null}',
    ],
    ids=["nothing", "cut", "not-text", "list", "no-versions", "no-ops", "null-ops"],
)
def test_damaged_snapshot(tmp_path: Path, content: bytes) -> None:
    """A damaged snapshot is told with its path, what is wrong and how to mend it."""
    path = tmp_path / "snapshot.json"
    path.write_bytes(content)
    with pytest.raises(EquivError, match=r"snapshot is damaged \(.+\); reinstall equiv, or"):
        load(path)


def test_snapshot_that_is_a_folder(tmp_path: Path) -> None:
    """A snapshot that cannot be read is told as damaged."""
    with pytest.raises(EquivError, match="the snapshot is damaged"):
        load(tmp_path)


# --- the stamp ------------------------------------------------------------------------------

MEASURED = {"torch": "2.13.0+cpu", "numpy": "2.4.6", "python": "3.11.7"}


@pytest.mark.parametrize(
    ("installed", "told"),
    [
        ({"torch": "2.13.0+cpu", "numpy": "2.4.6"}, ""),
        ({"torch": "2.13.0+cu128", "numpy": "2.4.6"}, ""),  # another build of the same version
        ({"torch": "2.12.1", "numpy": "2.4.6"}, "; you have torch 2.12.1"),
        ({"torch": "2.14.0", "numpy": "2.3.0"}, "; you have torch 2.14.0, numpy 2.3.0"),
        ({"numpy": "2.5.0"}, "; you have numpy 2.5.0"),
        ({}, ""),
    ],
)
def test_stamp_tells_other_versions(installed: dict[str, str], told: str) -> None:
    """An answer names the versions that it was measured on, and those that differ here."""
    assert stamp(MEASURED, installed) == f"measured on torch 2.13.0+cpu, numpy 2.4.6{told}"


def test_installed_versions_are_the_real_ones() -> None:
    """The versions installed are those that the modules report."""
    found = {name: have.partition("+")[0] for name, have in installed_versions().items()}
    assert found == {"torch": torch.__version__.partition("+")[0], "numpy": np.__version__}


# --- pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("spell", [as_text, as_markdown], ids=["text", "md"])
def test_page_says_all(spell: Any) -> None:
    """Every op's page has its cases, traps with their reasons, differences, rules and stamp."""
    for op in SNAPSHOT["ops"]:
        page = spell(op, MEASURED, {"torch": "2.12.1"}).replace("\\|", "|")
        expected = [op["numpy"], op["verdict"], op["summary"], op["instead"]]
        expected += [c[key] or "" for c in op["cases"] for key in ("numpy", "torch", "trap", "why")]
        expected += [d[key] for d in op["differences"] for key in ("id", "shows", "instead")]
        expected += [d["why"] for d in op["differences"] if not d["rule"]]
        assert [text for text in expected if text not in page] == []
        assert page.endswith("you have torch 2.12.1")


WHOLE = {
    "numpy": "numpy.f",
    "verdict": "adapted",
    "summary": "Does f.",
    "instead": "",
    "cases": [
        {"numpy": "np.f(x)", "torch": "torch.f(x, 0)", "trap": "torch.f(x)", "why": "It adds 1."},
        {"numpy": "np.f(x, axis=1)", "torch": "torch.f(x, 0, dim=1)", "trap": None, "why": None},
    ],
    "differences": [
        {
            "id": "empty",
            "shows": "shape, dtype",
            "why": "It refuses.",
            "instead": "x[:0].",
            "rule": None,
            "probes": ["empty", "empty across"],
        },
        {
            "id": "no-kernel",
            "shows": "torch raises",
            "why": "There is none.",
            "instead": "Cast first.",
            "rule": "no-kernel",
            "probes": ["uint16"],
        },
    ],
    "probes": {
        "float64": "same",
        "int8": "both raise",
        "uint16": "torch raises",
        "uint32": "torch hangs",
        "complex64": "numpy raises",
        "empty": "shape",
        "nan": "undefined",
        "empty across": "dtype",
    },
}
BARE = {
    **WHOLE,
    "verdict": "missing",
    "instead": "Use a loop.",
    "cases": [],
    "differences": [],
    "probes": {},
}


def test_text_page() -> None:
    """In text: the ports in a column, each with its trap below, the strip, differences, rules."""
    assert (
        as_text(WHOLE, MEASURED, {})
        == """\
numpy.f  (adapted)
  Does f.

  np.f(x)          ->  torch.f(x, 0)
                   not torch.f(x): It adds 1.
  np.f(x, axis=1)  ->  torch.f(x, 0, dim=1)

  dtype     ·✓····!!···✓×·  ! uint16, uint32  × complex64
  size      ~~··  ~ empty, empty across
  values    ✓·········
  integers  ···
  layout    ····
  operands  ···············
  shape     ··
  ! raises, hangs or crashes in torch only, × raises, hangs or crashes in NumPy only, \
~ differs, as explained, ✓ the same, or raising on both sides, · not applicable

  differences
    empty (shape, dtype, under empty, empty across): It refuses.
      instead: x[:0].

  rules (`equiv rules SLUG` says more)
    no-kernel (torch raises, under uint16): Cast first.

  measured on torch 2.13.0+cpu, numpy 2.4.6"""
    )


def test_pages_of_an_op_without_port() -> None:
    """Where there is no port the pages say what to do instead."""
    text, md = (spell(BARE, MEASURED, {}) for spell in (as_text, as_markdown))
    measured = "measured on torch 2.13.0+cpu, numpy 2.4.6"
    expected = ["numpy.f  (missing)", "Does f.", "instead: Use a loop.", measured]
    assert [line.strip() for line in text.splitlines() if line] == expected
    expected = ["## `numpy.f` (missing)", "Does f.", "Instead: Use a loop.", measured]
    assert [line for line in md.splitlines() if line] == expected


def test_markdown_page() -> None:
    """In Markdown the ports are a table, each with its trap beside it."""
    assert (
        as_markdown(WHOLE, MEASURED, {})
        == """\
## `numpy.f` (adapted)

Does f.

| NumPy | torch | not |
|---|---|---|
| `np.f(x)` | `torch.f(x, 0)` | `torch.f(x)`: It adds 1. |
| `np.f(x, axis=1)` | `torch.f(x, 0, dim=1)` |  |

- difference **empty** (shape, dtype): It refuses. Instead: x[:0].

- rule **no-kernel** (torch raises): There is none. Instead: Cast first.

measured on torch 2.13.0+cpu, numpy 2.4.6"""
    )


def test_markdown_rows_have_three_cells() -> None:
    """Every case is a row of three cells, whatever bars its texts have."""
    case = {
        **STD["cases"][0],
        "numpy": "x | y",
        "torch": "x | y",
        "trap": "x | z",
        "why": "No | yes.",
    }
    for op in (*SNAPSHOT["ops"], {**STD, "cases": [case]}):
        rows = [line for line in as_markdown(op, MEASURED, {}).splitlines() if line[:1] == "|"]
        assert len(rows) == (2 + len(op["cases"]) if op["cases"] else 0)
        assert [row for row in rows if len(re.findall(r"(?<!\\)\|", row)) != 4] == []


@pytest.mark.parametrize(("form", "head"), [("text", "numpy.std  ("), ("md", "## `numpy.std` (")])
def test_command_prints_every_form(form: str, head: str) -> None:
    """The command prints one page after the other in the form asked for."""
    told = CliRunner().invoke(main, ["lookup", "--format", form, "np.var", "np.std"])
    assert told.exit_code == 0
    assert told.stdout.count("measured on torch") == 2
    assert f"\n\n{head}" in told.stdout


@pytest.mark.parametrize(("kept", "dropped"), [(0, "rules ("), (1, "differences")])
def test_what_an_op_has_not_has_no_heading(kept: int, dropped: str) -> None:
    """An op with differences only, or with rules only, is told of the one alone."""
    page = as_text({**WHOLE, "differences": [WHOLE["differences"][kept]]}, MEASURED, {})
    assert f"\n  {dropped}" not in page
    assert WHOLE["differences"][kept]["instead"] in page
