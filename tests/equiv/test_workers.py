"""Worker processes: what hangs, dies or prints is told apart, and nothing else is touched."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from equiv.catalogue import Catalogue
from equiv.entry import Case, Difference, Op, real
from equiv.measure import Cell
from equiv.probes import PROBES
from equiv.runner import Report, execute
from equiv.workers import Task, run_apart, run_here

OTHERS = [
    Task(
        Cell(
            id=f"numpy.f/{n}@float64",
            sort="case",
            area="reduction",
            owner="numpy.f",
            case=str(n),
            probe="float64",
            numpy=f"np.sum(x) + {n}",
            torch=f"torch.sum(x) + {n}",
            code={"x": "np.array([1.0, 2.5, -3.0])"},
        )
    )
    for n in range(200)
]


def hostile(name: str, torch: str, numpy: str = "np.sum(x)") -> Task:
    """Return a cell whose sides are not to be trusted."""
    return Task(
        Cell(
            id=f"numpy.{name}/plain@float64",
            sort="case",
            area="reduction",
            owner=f"numpy.{name}",
            case="plain",
            probe="float64",
            numpy=numpy,
            torch=torch,
            code={"x": "np.array([1.0, 2.5, -3.0])"},
        )
    )


def apart(tasks: list[Task], jobs: int = 2, limit: float = 2.0) -> dict[str, object]:
    """Measure in worker processes."""
    return dict(run_apart(tasks, 0, lambda _: None, jobs, limit))


def test_a_hang_a_crash_and_a_print_touch_nobody_else(capfd) -> None:
    """Each is named with its side; the two hundred others are as they are without them."""
    printing = hostile(
        "prints", "import os; os.write(1, b'out'); os.write(2, b'err'); torch.sum(x)"
    )
    bad = [
        hostile("sleeps", "import time; time.sleep(1000); x"),
        hostile("dies", "torch.sum(x)", "import os; os.write(2, b'last words'); os.abort(); x"),
        printing,
    ]
    mixed = [*OTHERS[:70], bad[0], *OTHERS[70:130], bad[1], bad[2], *OTHERS[130:]]
    found = apart(mixed, limit=1.0)
    assert len(found) == len(mixed)
    expected = run_here(OTHERS, 0, lambda _: None)
    assert {i: found[i] for i in expected} == expected
    assert found[bad[0].cell.id].outcome == "torch hangs"
    assert found[bad[1].cell.id].outcome == "numpy crashes"
    assert found[bad[1].cell.id].parts[0].numpy == "SIGABRT: last words"
    assert found[printing.cell.id].outcome == "same"
    assert capfd.readouterr() == ("", "")


def test_workers_killed_at_random_lose_no_cell() -> None:
    """A worker that is killed from outside is not its cell's fault: all are reported the same."""
    slow = [
        Task(
            Cell(
                **{
                    **vars(task.cell),
                    "torch": f"import time; time.sleep(0.01); {task.cell.torch}",
                }
            )
        )
        for task in OTHERS
    ]
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.7):
            out = subprocess.run(
                ["pgrep", "-P", str(os.getpid()), "-f", "multiprocessing.spawn"],
                capture_output=True,
                text=True,
                check=False,
            ).stdout.split()
            for pid in out[:1]:
                os.kill(int(pid), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    timer = threading.Timer(6, stop.set)  # then leave them in peace
    killer.start()
    timer.start()
    try:
        found = apart(slow)
    finally:
        stop.set()
        killer.join()
        timer.cancel()
    assert found.keys() == {task.cell.id for task in slow}
    assert {m.outcome for m in found.values()} == {"same"}


@pytest.mark.parametrize("jobs", [1, 3])
def test_any_number_of_workers_gives_the_same(catalogue: Catalogue, jobs: int) -> None:
    """Ids, outcomes and explanations do not depend on how the work is shared out."""
    here = execute(catalogue, match="numpy.s*")
    there = execute(catalogue, match="numpy.s*", jobs=jobs)

    def told(report: Report) -> list[tuple[str, ...]]:
        return [
            (j.measured.cell.id, j.measured.outcome, j.explanation, j.finding, j.measured.numpy)
            for j in report.judged
        ]

    assert told(there) == told(here)
    assert there.findings == here.findings


def test_a_crash_is_a_finding() -> None:
    """A port that takes its process down is broken, and says how."""
    op = Op(
        "numpy.f",
        summary="F.",
        cases=(Case("plain", numpy="np.arange(3)", torch="import os; os.abort(); 0"),),
        parameters={},
        source="s",
    )
    report = execute(Catalogue({"reduction": (op,)}, (), ()), jobs=1)
    (finding,) = report.findings
    assert (finding.kind, finding.place) == ("broken", "numpy.f/plain@declared")
    assert "torch crashes" in finding.message


def test_a_crash_under_one_probe_is_told_there_alone() -> None:
    """The cells beside it in its batch are as they are; a difference can speak of it."""
    case = Case(
        "plain",
        numpy="np.sort(x)",
        torch="import os; os.abort() if x.isnan().all() else 0; torch.sort(x).values",
        unprobed={p: "So." for p in PROBES if p not in ("all nan", "strided", "transposed")},
    )
    op = Op(
        "numpy.f",
        summary="F.",
        inputs={"x": real(3, 4)},
        cases=(case,),
        parameters={},
        source="s",
    )
    crash = Difference("c", probes=("all nan",), shows="torch crashes", why="So.", instead="X.")
    bare = execute(Catalogue({"sorting": (op,)}, (), ()), jobs=1)
    assert [(f.kind, f.place) for f in bare.findings] == [("unexplained", "numpy.f/plain@all-nan")]
    assert {j.measured.cell.probe: j.measured.outcome for j in bare.judged} == {
        "float64": "same",
        "all nan": "torch crashes",
        "strided": "same",
        "transposed": "same",
    }
    told = dataclasses.replace(op, differences=(crash,))
    assert execute(Catalogue({"sorting": (told,)}, (), ()), jobs=1).findings == ()
    here = execute(Catalogue({"sorting": (told,)}, (), ()), jobs=0)
    assert here.findings == ()  # what is said to crash has a worker even where nothing else has
    assert len(here.judged) == len(bare.judged)


def test_an_interrupt_reports_what_is_done(tmp_path) -> None:
    """Ctrl-C ends within seconds: the finished cells are there, the rest is named."""
    code = (
        "import sys; from equiv.runner import run;"
        "tell = lambda cell: print(cell, file=sys.stderr, flush=True);"
        "results = run(jobs=1, advance=tell);"
        "print(len(results.cells), sum(f.kind == 'not run' for f in results.findings))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stderr
        process.stderr.readline()  # the first cell is done
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err
    done, rest = map(int, out.split())
    assert done > 0
    assert rest > 0
    assert time.monotonic() - begun < 20


def test_an_interrupted_report_writes_nothing(tmp_path) -> None:
    """Ctrl-C reaches the whole group; what is there stays, and no worker complains."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "cells.csv").write_text("as it was")
    code = (
        "import sys; from equiv import cli, runner; from contextlib import contextmanager;"
        "tell = lambda cell: print('cell', file=sys.stderr, flush=True);"
        "cli._progress = contextmanager(lambda: (yield tell));"
        "cli.main(['report', '-j', '2'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    ) as process:
        assert process.stderr
        process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert set(err.split()) <= {"cell"}
    assert "interrupted        nothing was written" in out
    assert [p.name for p in (tmp_path / "reports").iterdir()] == ["cells.csv"]
    assert (tmp_path / "reports" / "cells.csv").read_text() == "as it was"
