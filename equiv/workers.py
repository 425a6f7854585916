"""Runs tasks in worker processes: batched, each cell told apart from the others when it fails.

Knows how to keep a run alive through cells that hang or take their process down; judges nothing.
"""

from __future__ import annotations

import contextlib
import mmap
import multiprocessing
import os
import signal
import struct
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any

from pebble import ProcessExpired, ProcessPool

from equiv.entry import EquivError
from equiv.execute import Warned, recorded, steady, watched
from equiv.facts import Part
from equiv.layer import measure_layer
from equiv.layer_sides import LayerCell
from equiv.measure import Cell, Measured, measure

BATCH = 16
"""How many cells a worker takes at a time."""

LIMIT = 2.0
"""Seconds a batch may take, and as many more for each cell that draws thousands of results or runs
a layer forward and backward.

Other cells take some milliseconds when they are healthy.
"""

PATIENCE = 5
"""How many times the limit a cell is given that is tried once more alone."""

LOOK = 0.2
"""Seconds after which a run that waits looks whether it was interrupted."""

POOLS = 20
"""How often all workers may die without a task before the run is given up."""

TRIES = 3
"""How often a cell is tried whose worker was lost on neither side."""

SIDES = ("numpy", "torch")
SLOT = struct.Struct("ii")
"""Where a worker is: the position of the cell in its batch, and the side that it entered."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Task:
    """A cell to be measured, and what it needs besides if it is a layer's."""

    cell: Cell
    layer: LayerCell | None = None
    alone: bool = False
    """Whether its entry says that a side hangs or takes its process down."""

    def measure(self, seed: int, caught: Warned) -> Measured:
        """Measure the cell, here and now; warnings are recorded already."""
        if self.layer:
            return measure_layer(self.cell, self.layer, seed)
        return measure(self.cell, seed, caught)


def run_here(
    tasks: Sequence[Task], seed: int, advance: Callable[[str], None]
) -> dict[str, Measured]:
    """Measure the tasks in this process, without isolation, but for those that need a worker."""
    alone = [task for task in tasks if task.alone]
    found = run_apart(alone, seed, advance, jobs=1) if alone else {}
    with steady(), recorded() as caught:
        for task in tasks:
            if not task.alone:
                found[task.cell.id] = task.measure(seed, caught)
                advance(task.cell.id)
    return found


def run_apart(
    tasks: Sequence[Task],
    seed: int,
    advance: Callable[[str], None],
    jobs: int,
    limit: float = LIMIT,
) -> dict[str, Measured]:
    """Measure the tasks in ``jobs`` worker processes; those that fail there are told apart.

    What an interrupt leaves unmeasured is missing from the result.
    """
    with tempfile.TemporaryDirectory() as folder, _one_thread(), _interrupts() as interrupted:
        run = _Run(tasks, seed, advance, limit, Path(folder), interrupted)
        pools = 0
        while run.waiting and not interrupted.is_set():
            pools += 1
            if pools > POOLS:
                raise EquivError(f"-j {jobs}: all workers died {POOLS} times over; try -j 0")
            context = multiprocessing.get_context("spawn")
            useful = min(jobs, len(run.waiting))
            pool = ProcessPool(max_workers=useful, initializer=_prepare, context=context)
            try:
                run.through(pool)
            finally:
                pool.stop()  # type: ignore[no-untyped-call]
                pool.join()
        return run.found


class _Run:
    """One run: what waits, what is under way, and what was found."""

    def __init__(
        self,
        tasks: Sequence[Task],
        seed: int,
        advance: Callable[[str], None],
        limit: float,
        folder: Path,
        interrupted: Event,
    ) -> None:
        self.seed, self.advance, self.limit, self.folder = seed, advance, limit, folder
        self.interrupted = interrupted
        alone = [task for task in tasks if task.alone]
        others = [task for task in tasks if not task.alone]
        self.waiting = [_Batch([task], alone=True) for task in alone]  # the longest go first
        for start in range(0, len(others), BATCH):
            self.waiting.append(_Batch(others[start : start + BATCH]))
        self.under_way: dict[Future[Any], _Batch] = {}
        self.found: dict[str, Measured] = {}
        self.tries: Counter[str] = Counter()

    def through(self, pool: ProcessPool) -> None:
        """Measure what waits, until the pool breaks or an interrupt comes."""
        try:
            while (self.waiting or self.under_way) and not self.interrupted.is_set():
                with _blocked_interrupts():  # as in the workers that this starts: they are ours
                    while self.waiting and not self.interrupted.is_set():
                        self.submit(pool, self.waiting.pop(0))
                done, _ = wait(self.under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
                for future in done:
                    self.settle(future)
        except BrokenProcessPool:  # pebble's word for workers that died without a task
            self.waiting += self.under_way.values()
            self.under_way.clear()

    def submit(self, pool: ProcessPool, batch: _Batch) -> None:
        """Hand a batch to the pool."""
        path = self.folder / batch.name
        path.write_bytes(SLOT.pack(-1, -1))
        longer = sum(t.cell.equal == "as a distribution" or bool(t.layer) for t in batch.tasks)
        limit = self.limit * (1 + longer) * (PATIENCE if batch.alone else 1)
        try:
            arguments = [batch.tasks, self.seed, path]
            self.under_way[pool.schedule(_measure, args=arguments, timeout=limit)] = batch
        except RuntimeError as error:
            self.waiting.append(batch)
            raise BrokenProcessPool from error

    def settle(self, future: Future[Any]) -> None:
        """Take a batch's results; of one that failed, try the culprit alone and the rest again."""
        batch = self.under_way[future]
        try:
            measured = future.result()
        except TimeoutError:
            word, detail = "hangs", f"no answer in {self.limit * PATIENCE:g} s"
        except ProcessExpired as error:
            word, detail = "crashes", _ended(error.exitcode)
        else:
            for m in measured:
                self.report(m)
            del self.under_way[future]
            return
        del self.under_way[future]
        path = self.folder / batch.name
        at, side = SLOT.unpack(path.read_bytes())
        culprit = batch.tasks.pop(max(at, 0))
        self.tries[culprit.cell.id] += 1
        if batch.alone and (side >= 0 or self.tries[culprit.cell.id] > TRIES):
            detail += _tail(path.with_suffix(".out"))
            self.report(_lost(culprit.cell, SIDES[max(side, 0)], word, detail))
            return
        self.waiting.append(_Batch([culprit], alone=True))
        if batch.tasks:
            self.waiting.append(_Batch(batch.tasks))

    def report(self, measured: Measured) -> None:
        """Take one cell's result."""
        self.found[measured.cell.id] = measured
        self.advance(measured.cell.id)


@dataclass
class _Batch:
    """Tasks that go to a worker together."""

    tasks: list[Task]
    alone: bool = False

    def __post_init__(self) -> None:
        self.name = uuid.uuid4().hex


def _measure(batch: list[Task], seed: int, path: Path) -> list[Measured]:
    """Measure a batch in a worker, which says where it is before it enters a side."""
    with path.open("r+b") as file, _captured(path.with_suffix(".out")), recorded() as caught:
        slot = mmap.mmap(file.fileno(), SLOT.size)
        found = []
        for at, task in enumerate(batch):
            SLOT.pack_into(slot, 0, at, -1)

            def enter(side: str, at: int = at) -> None:
                SLOT.pack_into(slot, 0, at, SIDES.index(side))

            with watched(enter):
                found.append(task.measure(seed, caught))
        return found


def _prepare() -> None:
    """Make a worker ready: one thread, and an end that does not wait for what never returns."""
    import torch

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    torch.set_num_threads(1)


@contextlib.contextmanager
def _captured(path: Path) -> Iterator[None]:
    """Send what libraries write to descriptors 1 and 2 to a file."""
    kept = os.dup(1), os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        for descriptor, copy in enumerate(kept, 1):
            os.dup2(copy, descriptor)
            os.close(copy)


@contextlib.contextmanager
def _interrupts() -> Iterator[Event]:
    """Note an interrupt instead of raising it: one that a finalizer meets would be lost."""
    came = Event()
    if current_thread() is not main_thread():  # no other thread is interrupted
        yield came
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: came.set())
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _blocked_interrupts() -> Iterator[None]:
    """Block the signal: threads and processes that are started meanwhile never get it."""
    resource_tracker.ensure_running()  # it unblocks the signal when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Hold the workers' BLAS to one thread: it reads the environment when it is loaded."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _lost(cell: Cell, side: str, word: str, detail: str) -> Measured:
    numpy, torch = (detail if side == name else "not known" for name in SIDES)
    part = Part(rung=f"{side} {word}", numpy=numpy, torch=torch)
    return Measured(cell=cell, parts=(part,), numpy=numpy, torch=torch)


def _ended(code: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"exit {code}"


def _tail(path: Path) -> str:
    """Return the last line that the libraries wrote before the end."""
    lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
    return f": {lines[-1]}" if lines else ""
