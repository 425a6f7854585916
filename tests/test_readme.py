"""README's Python runs as it stands."""

import re
import warnings
from pathlib import Path

import equiv

README = Path(equiv.__file__).parent.parent / "README.md"


def test_the_examples_run(capsys):
    """Every block of Python, one after the other, as a person would paste them."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 4
    names: dict[str, object] = {"__name__": "pasted"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for block in blocks:
            exec(block, names)
    out = capsys.readouterr().out
    assert "part on nan (huge)" in out
    assert "gradient of bias[" in out
    assert "the NumPy backward is at fault" in out
    assert "network and Linear agree in 100 steps of training in float32" in out
