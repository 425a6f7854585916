"""CONTRIBUTING shows entries as they stand."""

import ast
import re
from pathlib import Path

import equiv
from equiv.catalogue import AREAS
from equiv.catalogue.layers import FAMILIES

ROOT = Path(equiv.__file__).parent.parent


def entries(text: str, kind: str = "Op") -> dict[str, str]:
    """Return the entries of a kind that a text spells, by name, each in one normal spelling."""
    return {
        node.args[0].value: ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == kind
    }


def spelled() -> list[str]:
    """Return CONTRIBUTING's blocks of Python."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)


def test_the_pair_shown_is_the_catalogues():
    """One pair of layers, word for word."""
    shown = {n: t for block in spelled() for n, t in entries(block, "LayerPair").items()}
    folder = ROOT / "equiv" / "catalogue" / "layers"
    texts = [(folder / f"{family}.py").read_text() for family in FAMILIES]
    ours = {n: t for text in texts for n, t in entries(text, "LayerPair").items()}
    assert len(shown) == 1
    assert shown == {name: ours[name] for name in shown}


def test_the_entries_shown_are_those_of_the_catalogue():
    """One plain op and one hard one, word for word."""
    blocks = spelled()
    shown = {name: text for block in blocks for name, text in entries(block).items()}
    folder = ROOT / "equiv" / "catalogue"
    ours = {n: t for area in AREAS for n, t in entries((folder / f"{area}.py").read_text()).items()}
    assert len(shown) == 2
    assert shown == {name: ours[name] for name in shown}
