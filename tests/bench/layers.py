"""Time layers against torch eager, forward and backward: `python tests/bench/layers.py`.

One thread on both sides, float32 and float64, on the same arrays; the sides take turns in blocks,
and the figures are medians over the blocks. With --write the table goes to reports/speed.md.
"""

import argparse
import datetime
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import numpy_layers

SPEED = Path(__file__).parents[2] / "reports" / "speed.md"

DTYPES = ("float32", "float64")

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""What BLAS reads when it is loaded."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One layer: its constructor's arguments on both sides, and what it runs on."""

    layer: str
    arguments: str = ""
    shapes: tuple[tuple[int, ...], ...]
    """Of the inputs of floats."""
    whole: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """Of inputs of integers after those: how many there are to choose from, and the shape."""
    keywords: str = ""
    """What forward is told besides."""

    @property
    def elements(self) -> int:
        """The elements of the largest input."""
        return max(math.prod(shape) for shape in (*self.shapes, *(s for _, s in self.whole)))


IMAGES = ((16, 16, 32, 32),)
ROWS = (
    Row(layer="Linear", arguments="1024, 1024", shapes=((256, 1024),)),
    Row(layer="Conv2d", arguments="16, 32, 3, padding=1", shapes=IMAGES),
    Row(layer="MaxPool2d", arguments="2", shapes=IMAGES),
    Row(layer="BatchNorm2d", arguments="16", shapes=IMAGES),
    Row(layer="LayerNorm", arguments="1024", shapes=((512, 1024),)),
    Row(layer="Softmax", arguments="1", shapes=((512, 1000),)),
    Row(layer="CrossEntropyLoss", shapes=((512, 1000),), whole=((1000, (512,)),)),
    Row(layer="LSTM", arguments="128, 128", shapes=((32, 16, 128),)),
    Row(
        layer="MultiheadAttention",
        arguments="128, 8, batch_first=True",
        shapes=((8, 64, 128),) * 3,
        keywords="need_weights=False",
    ),
    Row(layer="ReLU", shapes=((512, 1000),)),
    Row(layer="GELU", shapes=((512, 1000),)),
    Row(layer="SiLU", shapes=((512, 1000),)),
    Row(layer="ConvTranspose2d", arguments="16, 32, 3, padding=1", shapes=IMAGES),
    Row(layer="AvgPool2d", arguments="2", shapes=IMAGES),
    Row(layer="AdaptiveAvgPool2d", arguments="7", shapes=IMAGES),
    Row(layer="GroupNorm", arguments="4, 16", shapes=IMAGES),
    Row(layer="RMSNorm", arguments="1024", shapes=((512, 1024),)),
    Row(layer="GRU", arguments="128, 128", shapes=((32, 16, 128),)),
    Row(
        layer="TransformerEncoderLayer",
        arguments="128, 8, 512, dropout=0.0, batch_first=True",
        shapes=((8, 64, 128),),
    ),
    Row(layer="Embedding", arguments="10000, 128", shapes=(), whole=((10000, (64, 64)),)),
    Row(layer="Dropout", arguments="0.5", shapes=((512, 1000),)),
    Row(layer="MSELoss", shapes=((512, 1000),) * 2),
    Row(layer="ReflectionPad2d", arguments="1", shapes=IMAGES),
    Row(
        layer="Upsample",
        arguments="scale_factor=2, mode='bilinear'",
        shapes=((16, 16, 32, 32),),
    ),
    Row(layer="CosineSimilarity", shapes=((512, 1000),) * 2),
    Row(layer="Flatten", shapes=IMAGES),
)


def sides(row: Row, dtype: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what runs one forward and backward of the NumPy layer, and of its twin."""
    rng = np.random.default_rng(0)
    floats = [rng.standard_normal(shape).astype(dtype) for shape in row.shapes]
    whole = [rng.integers(0, n, shape) for n, shape in row.whole]
    keywords = eval(f"dict({row.keywords})")
    ours, twin = (
        eval(f"layer({row.arguments})", {"layer": getattr(module, row.layer)})
        for module in (numpy_layers, torch.nn)
    )
    twin = twin.to(getattr(torch, dtype))
    state = {name: p.detach().numpy() for name, p in twin.state_dict().items()}
    if state:
        ours.load_state(state)
    tensors = [torch.from_numpy(x).requires_grad_() for x in floats]
    indices = [torch.from_numpy(i) for i in whole]
    output = first(ours.forward(*floats, *whole, **keywords))
    weights = rng.standard_normal(np.shape(output)).astype(dtype)
    cotangent = torch.from_numpy(np.asarray(weights))
    leaves = [*tensors, *twin.parameters()]

    def numpy() -> object:
        ours.forward(*floats, *whole, **keywords)
        return ours.backward(weights)

    def theirs() -> object:
        for leaf in leaves:
            leaf.grad = None
        first(twin(*tensors, *indices, **keywords)).backward(cotangent)
        return leaves

    return numpy, theirs


def first(output: Any) -> Any:
    """Return the first of what a layer returns."""
    return output[0] if isinstance(output, tuple) else output


def timed(run: Callable[[], object], least: float) -> float:
    """Return the median time of a call over a block of at least so many seconds."""
    times: list[float] = []
    while sum(times) < least:
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure(row: Row, dtype: str, blocks: int, least: float) -> tuple[float, float]:
    """Return the seconds of both sides: medians over blocks that take turns."""
    both = sides(row, dtype)
    for run in both:
        run()
    found = [[timed(run, least) for run in both] for _ in range(blocks)]
    ours, theirs = (statistics.median(times) for times in zip(*found, strict=True))
    return ours, theirs


def table(figures: dict[str, dict[str, tuple[float, float]]]) -> list[str]:
    """Spell the figures as a Markdown table, with the geometric means last."""
    lines = [
        "| layer | shapes | "
        + " | ".join(f"{d}: NumPy, torch (ms) | ratio" for d in DTYPES)
        + " |",
        "|---|---|" + "---|---|" * len(DTYPES),
    ]
    for row in ROWS:
        if row.layer not in figures:
            continue
        shapes = ", ".join("x".join(map(str, s)) for s in (*row.shapes, *(s for _, s in row.whole)))
        cells = [f"`{row.layer}({row.arguments})`", shapes]
        for ours, theirs in figures[row.layer].values():
            cells += [f"{ours * 1e3:.2f}, {theirs * 1e3:.2f}", f"{ours / theirs:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    means = [f"| | **{mean(figures, d):.2f}** " for d in DTYPES]
    lines.append("| geometric mean | " + "".join(means) + "|")
    return lines


def mean(figures: dict[str, dict[str, tuple[float, float]]], *dtypes: str) -> float:
    """Return the geometric mean of the ratios in these dtypes."""
    ratios = [ours / theirs for f in figures.values() for ours, theirs in (f[d] for d in dtypes)]
    return statistics.geometric_mean(ratios)


def machine() -> str:
    """Describe the machine: processor, system, versions."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = (line for line in info.read_text().splitlines() if line.startswith("model name"))
        model = next(names, f": {model}").partition(":")[2].strip()
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{model}, {platform.system()}, {versions}, torch {torch.__version__}"


def page(figures: dict[str, dict[str, tuple[float, float]]], blocks: int) -> str:
    """Spell the page of speeds."""
    lines = [
        "# The layers' speed",
        "",
        f"Measured on {datetime.date.today()} by `python tests/bench/layers.py --write`: "
        f"{machine()}.",
        "",
        "Forward and backward, medians over "
        f"{blocks} blocks in which the sides take turns, one thread on each; the ratio is NumPy's "
        "time over torch eager's.",
        "",
        *table(figures),
        "",
        f"The geometric mean of all ratios is {mean(figures, *DTYPES):.2f}.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table, write the page, or with --json print one object with the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layers", nargs="*", help="only these")
    parser.add_argument("--blocks", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.15, help="at least, for each block")
    parser.add_argument("--write", action="store_true", help="write reports/speed.md")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not ONE_THREAD.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    torch.set_num_threads(1)
    figures = {
        row.layer: {d: measure(row, d, options.blocks, options.seconds) for d in DTYPES}
        for row in ROWS
        if not options.layers or row.layer in options.layers
    }
    if options.json:
        print(json.dumps(figures))
        return
    print("\n".join(table(figures)))
    print(f"\ngeometric mean of all {mean(figures, *DTYPES):.2f}")
    if options.write:
        SPEED.write_text(page(figures, options.blocks))


if __name__ == "__main__":
    main()
