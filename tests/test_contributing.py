"""CONTRIBUTING shows entries as they stand."""

import ast
import re
from pathlib import Path

import equiv
from equiv.catalogue import AREAS

ROOT = Path(equiv.__file__).parent.parent


def entries(text: str) -> dict[str, str]:
    """Return the ops that a text spells, by name, each in one normal spelling."""
    return {
        node.args[0].value: ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Op"
    }


def test_the_entries_shown_are_those_of_the_catalogue():
    """One plain op and one hard one, word for word."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    shown = {name: text for block in blocks for name, text in entries(block).items()}
    folder = ROOT / "equiv" / "catalogue"
    ours = {n: t for area in AREAS for n, t in entries((folder / f"{area}.py").read_text()).items()}
    assert len(shown) == 2
    assert shown == {name: ours[name] for name in shown}
