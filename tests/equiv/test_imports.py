"""What imports what: lookup stays light, layers know nothing of equiv, nothing imports upward."""

import ast
import graphlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import equiv

ROOT = Path(__file__).parents[2]
PACKAGE = Path(equiv.__file__).parent
HEAVY = {"torch", "numpy", "pandas", "jinja2"}

STAGES = (
    ("",),  # the package itself, whose public names are imported when they are asked for
    ("entry", "facts", "probes"),
    ("rules", "strip", "gradients", "verdict", "conditions"),
    ("wellformed", "inputs", "lookup"),
    ("catalogue.layers",),
    ("catalogue", "execute", "compare"),
    ("measure",),
    ("layer_sides",),
    ("layer", "judge"),
    ("plan", "repro_layer", "workers"),
    ("repro",),
    ("own.call", "own.kinds", "own.param", "own.parts", "own.result"),
    ("own.shrink", "own.sides", "own.trained"),
    ("own.pair", "own.style", "own.training"),
    ("own.named", "own.objects", "own.functions", "own.twin"),
    ("own.passes",),
    ("own.parting", "own.conditions"),
    ("own.layers",),
    ("own",),
    ("runner",),
    ("results",),
    ("snapshot",),
    ("report.tables",),
    ("report.pages", "report.checking"),
    ("report",),
    ("report.own",),
    ("cli", "pytest_plugin"),
    ("__main__",),
)
"""The modules from the ground up: each may import those of lower stages, and no others."""

UPWARD = {("runner", "results"): "run() hands over its results: for people, who import it first"}
"""Imports inside functions that go up, with the reason."""

THIRD_PARTY = {
    "numpy": {"inputs", "execute", "compare", "gradients", "measure", "layer_sides", "repro",
              "repro_layer", "results",
              "report.pages", "own.call", "own.conditions", "own.functions", "own.layers",
              "own.objects", "own.pair", "own.param", "own.parting", "own.parts", "own.passes",
              "own.shrink", "own.style", "own.trained", "own.training", "own.twin"},
    "pandas": {"results", "report.tables"},
    "jinja2": {"report.pages"},
    "click": {"cli"},
    "pebble": {"workers"},
    "pytest": {"pytest_plugin"},
}  # fmt: skip
"""The modules that import a library when they are imported themselves."""


def in_process(code: str) -> set[str]:
    """Run code in a process of its own and list the top-level modules that it has imported."""
    code += "\nimport sys\nprint('imported', *sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    last = told.stdout.splitlines()[-1].split()
    assert last[0] == "imported"
    return {name.partition(".")[0] for name in last[1:]}


# --- what is light --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import equiv",
        "import equiv.entry",
        "import equiv.wellformed",
        "import equiv.probes",
        "import equiv.rules",
        "import equiv.strip",
        "import equiv.catalogue",
        "from equiv.catalogue import load; load()",
        "import equiv.lookup; equiv.lookup.find('std', equiv.lookup.load())",
        "import equiv.verdict",
        "import equiv.cli",
        "import equiv.pytest_plugin",
    ],
)
def test_light_modules(code: str) -> None:
    """What is read and looked up imports neither torch nor numpy nor what renders pages."""
    found = in_process(code)
    assert "equiv" in found
    assert found & HEAVY == set()


@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_lookup_command_is_light(form: str) -> None:
    """The command that looks up a name imports no more, in any form."""
    code = f"import sys; sys.argv = ['equiv', 'lookup', 'np.std', 'x.sdt', '--format', '{form}']"
    found = in_process(f"{code}\nfrom equiv.cli import main\nmain(standalone_mode=False)")
    assert "click" in found
    assert found & HEAVY == set()


@pytest.mark.parametrize("code", ["import numpy_layers", "import numpy_layers.sheet"])
def test_layers_stand_alone(code: str) -> None:
    """The layers need NumPy, and know neither torch nor equiv."""
    found = in_process(code)
    assert "numpy" in found
    assert found & {"torch", "equiv", "pandas", "jinja2"} == set()


def test_heavy_modules_are_seen() -> None:
    """The check sees what is imported: the runner does import numpy."""
    assert "numpy" in in_process("import equiv.runner")


# --- one direction --------------------------------------------------------------------------


def modules() -> dict[str, ast.Module]:
    """Parse every module of the package, under its name below ``equiv``."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()
AREAS = sorted(
    name for name in MODULES if name.startswith("catalogue.") and name != "catalogue.layers"
)


def statements(tree: ast.AST, *, inside: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run with the module, or those inside its functions as well.

    What is imported for the type checker alone is left out.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif inside or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from statements(node, inside=inside)


def imports(tree: ast.AST, *, inside: bool = False) -> set[str]:
    """List the full names of the modules that a module imports."""
    found = set()
    for node in statements(tree, inside=inside):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            assert node.level == 0
            assert node.module
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            within = {name for name in full if name.removeprefix("equiv.") in MODULES}
            found |= within or {node.module}
    return found


def own(tree: ast.AST, *, inside: bool = False) -> set[str]:
    """List the modules of the package that a module imports, by their names below ``equiv``."""
    return {name[6:] for name in imports(tree, inside=inside) if name.startswith("equiv.")}


def stage(name: str) -> int:
    """Return the stage of a module; areas have that of the catalogue."""
    name = "catalogue" if name in AREAS else name
    return next(i for i, names in enumerate(STAGES) if name in names)


def test_every_module_has_a_stage() -> None:
    """The stages hold every module of the package, each once; areas are data."""
    staged = [name for names in STAGES for name in names]
    assert sorted(staged) == sorted({*MODULES} - {*AREAS})


@pytest.mark.parametrize("name", [name for names in STAGES for name in names])
def test_nothing_imports_upward(name: str) -> None:
    """A module imports modules of lower stages only, inside its functions too."""
    found = own(MODULES[name], inside=True) - {target for at, target in UPWARD if at == name}
    assert {target for target in found if stage(target) >= stage(name)} == set()


@pytest.mark.parametrize(("name", "target"), UPWARD)
def test_exceptions_are_needed(name: str, target: str) -> None:
    """What is allowed upward is done, and not when the module is imported."""
    assert target in own(MODULES[name], inside=True) - own(MODULES[name])


def test_no_circle() -> None:
    """The imports that run with the modules make no circle."""
    order = graphlib.TopologicalSorter({name: own(tree) for name, tree in MODULES.items()})
    assert len(list(order.static_order())) == len(MODULES)


def test_data_computes_nothing() -> None:
    """An area is made of entries: it imports their words, the names of types, and at most math."""
    assert AREAS
    assert {
        name: imports(MODULES[name]) - {"equiv.entry", "math", "collections.abc"} for name in AREAS
    } == {name: set() for name in AREAS}


@pytest.mark.parametrize("library", [*THIRD_PARTY, "torch", "rich", "tabulate"])
def test_libraries_are_imported_where_they_belong(library: str) -> None:
    """A library comes with the modules that need it at once; torch with none."""
    found = {
        name
        for name, tree in MODULES.items()
        if library in {target.partition(".")[0] for target in imports(tree)}
    }
    assert found == THIRD_PARTY.get(library, set())


def test_only_known_libraries_are_imported() -> None:
    """Beyond the standard library only declared dependencies are imported."""
    found = {
        target.partition(".")[0]
        for tree in MODULES.values()
        for target in imports(tree, inside=True)
    }
    declared = {*THIRD_PARTY, "torch", "rich", "hypothesis"}
    assert found - sys.stdlib_module_names - {"equiv"} <= declared


# --- the public names -----------------------------------------------------------------------


def test_public_names_resolve() -> None:
    """Every public name is there when it is asked for, and listed."""
    assert equiv.__all__
    assert [name for name in equiv.__all__ if getattr(equiv, name).__name__ != name] == []
    assert {*equiv.__all__} <= {*dir(equiv)}


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that is not public is told as Python tells it."""
    with pytest.raises(AttributeError, match=r"^module 'equiv' has no attribute 'rnu'$"):
        equiv.rnu  # noqa: B018 - the access is what raises
