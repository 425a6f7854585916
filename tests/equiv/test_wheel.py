"""A project of somebody else's: the wheel is built and installed, and its tests use the plugin."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import equiv

ROOT = Path(equiv.__file__).parent.parent

FUNCTIONS = """
    import numpy as np
    import torch

    import equiv


    def softmax(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)


    def variance(x):
        return ((x - x.mean(0)) ** 2).sum(0) / len(x)


    def variance_port(x):
        return x.var(0, correction=0)


    def test_softmax(equivalent):
        equivalent(softmax, lambda x: torch.softmax(x, -1), equiv.real(6, 5), grad=True)


    def test_variance(equivalent):
        equivalent(variance, variance_port, equiv.real(6, 5), grad=True,
                   probes="float32, nan, transposed")
"""

CLASSES = """
    import numpy as np
    import torch

    import equiv


    class Dense:
        def __init__(self, n, m):
            self.W, self.b = np.zeros((n, m)), np.zeros(m)

        def apply(self, x):
            self.x = x
            return x @ self.W + self.b

        def gradient(self, dy):
            self.dW = self.x.T @ dy
            self.db = dy.sum(0)
            return dy @ self.W.T


    PARAMS = {"weight": equiv.Param("W", "dW", np.transpose), "bias": equiv.Param("b", "db")}


    def test_dense(equivalent):
        equivalent.layer(lambda: Dense(4, 3), torch.nn.Linear(4, 3), equiv.real(5, 4),
                         forward="apply", backward="gradient", params=PARAMS)
"""

FUNCTIONAL = """
    import numpy as np
    import torch

    import equiv


    def forward(x, w, b):
        z = x @ w + b
        return np.maximum(z, 0), (x, w, z)


    def backward(dout, cache):
        x, w, z = cache
        dz = dout * (z > 0)
        return dz @ w.T, x.T @ dz, dz.sum(0)


    class Twin(torch.nn.Linear):
        def forward(self, x):
            return super().forward(x).relu()


    def test_affine_relu(equivalent):
        weight = equiv.Param("w", to_torch=np.transpose)
        equivalent.layer((forward, backward), Twin(4, 3), equiv.real(5, 4), equiv.real(4, 3),
                         equiv.real(3), params={"weight": weight, "bias": "b"})
"""

GRADIENT = r"gradient of {}\["
"""How a gradient's place is named: not by a word that the test's own source holds."""

FAULTS = {
    "F04 sum for mean": ("functions", "/ len(x)", "", "part on value"),
    "F05 wrong axis": ("functions", "torch.softmax(x, -1)", "torch.softmax(x, 0)", "part on value"),
    "F08 ddof": ("functions", "correction=0", "correction=1", "part on value"),
    "F15 overflow": ("functions", " - x.max(-1, keepdims=True)", "", r"part on nan \(huge\)"),
    "F23 input mutated": (
        "functions",
        "return x.var(0, correction=0)",
        "x -= x.mean(0); return x.var(0, correction=0)",
        "part on mutation",
    ),
    "G12 detached path": (
        "functions",
        "torch.softmax(x, -1)",
        "torch.softmax(x, -1).detach() + 0 * x",
        r"gradient by x: parted",
    ),
    "G01 missing transposition": (
        "classes",
        "self.x.T @ dy",
        "(self.x.T @ dy)[::-1]",
        GRADIENT.format("weight"),
    ),
    "G02 missing bias gradient": ("classes", "dy.sum(0)", "0 * dy.sum(0)", GRADIENT.format("bias")),
    "G05 missing 1/N": ("classes", "dy.sum(0)", "dy.mean(0)", GRADIENT.format("bias")),
    "G06 one argument's sign": (
        "classes",
        "return dy @ self.W.T",
        "return -dy @ self.W.T",
        GRADIENT.format("x"),
    ),
    "G10 stale saved array": (
        "classes",
        "self.x = x\n",
        "self.x = getattr(self, 'x', x)\n",
        r"second call: .*gradient of weight\[",
    ),
    "G03 not summed": ("functional", "dz.sum(0)", "dz.sum(1)[:3]", GRADIENT.format("bias")),
    "G04 a term dropped": ("functional", "dout * (z > 0)", "dout", r"gradient of .*\["),
    "G13 cotangent ignored": ("functional", "dout * (z > 0)", "1.0 * (z > 0)", r"gradient of .*\["),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The wheel, built and installed in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = [*pip, "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True, cwd=folder)
    (wheel,) = folder.glob("equiv-*.whl")
    installed = [*pip, "install", "-q", "--no-deps", "--target", str(folder / "site"), str(wheel)]
    subprocess.run(installed, check=True, capture_output=True, cwd=folder)
    return folder / "site"


def project(folder: Path, site: Path, *options: str, **sources: str) -> tuple[int, str]:
    """Run a project's tests with the installed wheel; return the exit code and the output."""
    for name, source in sources.items():
        (folder / f"test_{name}.py").write_text(textwrap.dedent(source))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    return ran.returncode, ran.stdout


SOURCES = {"functions": FUNCTIONS, "classes": CLASSES, "functional": FUNCTIONAL}


def test_the_wheel_is_what_runs(site, tmp_path):
    """Pages' templates, the snapshot and the plugin are in it."""
    code = "import equiv, sys; print(equiv.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(ran.stdout.strip()).is_relative_to(site)


def test_right_pairs_pass(site, tmp_path):
    """Functions, a class under other names, functions with caches; and a report of them."""
    code, out = project(tmp_path, site, "--equiv-report", "report.html", **SOURCES)
    assert code == 0, out
    assert "equiv: wrote report.html: 4 checks, 0 part" in out
    assert "<h1>" in (tmp_path / "report.html").read_text()


def test_planted_faults_fail_and_are_named(site, tmp_path):
    """Each in a file of its own: the message names the fault's place."""
    sources = {}
    for i, (kind, right, wrong, _) in enumerate(FAULTS.values()):
        assert right in SOURCES[kind]
        sources[f"{i}"] = SOURCES[kind].replace(right, wrong)
    code, out = project(tmp_path, site, **sources)
    assert code == 1
    sections = {
        int(number): text
        for text in re.split(r"^_{4,} ", out, flags=re.MULTILINE)
        for number in re.findall(r"^test_(\d+)\.py:\d+: NotEquivalent", text, re.MULTILINE)
    }
    missing = {
        fault: sections.get(i, "it passed")[:2000]
        for i, (fault, (_, _, _, said)) in enumerate(FAULTS.items())
        if not re.search(said, sections.get(i, ""))
    }
    assert missing == {}
