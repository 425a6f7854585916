"""The pytest plugin: the fixture ``equivalent``, and a report of the pairs that were checked.

Imports neither torch nor NumPy nor pandas: they come with the first check.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENDINGS = (".md", ".html", ".json")
"""The endings of a report, each for its format."""

RECORDS = pytest.StashKey[list[dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("equiv", "NumPy and torch, run side by side")
    group.addoption(
        "--equiv-seed", type=int, default=0, metavar="N", help="Changes inputs, not outcomes."
    )
    group.addoption(
        "--equiv-report",
        metavar="FILE",
        help="Write what the checks found: Markdown, HTML or JSON, by the ending.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a report of another ending before anything runs."""
    config.stash[RECORDS] = []
    path = config.getoption("equiv_report")
    if path and Path(path).suffix not in ENDINGS:
        raise pytest.UsageError(
            f"--equiv-report {path}: expected an ending of {', '.join(ENDINGS)}"
        )


class Equivalent:
    """Asserts that a pair agrees; the value of the fixture ``equivalent``."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._seed: int = request.config.getoption("equiv_seed")
        self._test: str = request.node.nodeid
        self._records = request.config.stash[RECORDS]

    def __call__(
        self,
        numpy_fn: Callable[..., Any],
        torch_fn: Callable[..., Any],
        *args: object,
        grad: bool = False,
        **options: Any,
    ) -> Any:
        """Assert that a function and its port agree; see :func:`equiv.assert_equivalent`."""
        __tracebackhide__ = True
        from equiv.own import check

        found = check(numpy_fn, torch_fn, *args, grad=grad, **{"seed": self._seed, **options})
        return self._held(found)

    def layer(self, *args: Any, **options: Any) -> Any:
        """Assert that a layer and its twin agree; see :func:`equiv.check_layer`."""
        __tracebackhide__ = True
        from equiv.own import check_layer

        return self._held(check_layer(*args, **{"seed": self._seed, **options}))

    def training(self, *args: Any, **options: Any) -> Any:
        """Assert that two networks train alike; see :func:`equiv.check_training`."""
        __tracebackhide__ = True
        from equiv.own import check_training

        return self._held(check_training(*args, **{"seed": self._seed, **options}))

    def _held(self, found: Any) -> Any:
        __tracebackhide__ = True
        from equiv.own import NotEquivalent

        self._records.append({"test": self._test, **found.record})
        if not found:
            raise NotEquivalent(found)
        return found


@pytest.fixture
def equivalent(request: pytest.FixtureRequest) -> Equivalent:
    """Assert that NumPy code and its torch port agree, as :func:`equiv.assert_equivalent` does."""
    return Equivalent(request)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker of pytest-xdist found."""
    node.config.stash[RECORDS] += getattr(node, "workeroutput", {}).get("equiv", [])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was found to the controller, or write the report."""
    config = session.config
    records = config.stash.get(RECORDS, [])
    if hasattr(config, "workeroutput"):
        config.workeroutput["equiv"] = records
        return
    path = config.getoption("equiv_report")
    if path:
        from equiv.report.own import write

        write(sorted(records, key=lambda record: record["test"]), Path(path))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where the report is."""
    path, records = config.getoption("equiv_report"), config.stash.get(RECORDS, [])
    if path:
        parted = sum(not record["agrees"] for record in records)
        terminalreporter.write_line(f"equiv: wrote {path}: {len(records)} checks, {parted} part")
