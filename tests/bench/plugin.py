"""Time what the plugin costs a project that does not use it: `python tests/bench/plugin.py`.

`pytest --collect-only` on a project of ten empty tests, with the plugin and with `-p no:equiv`,
taking turns in one run. Figures are medians.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WITHOUT = ("-p", "no:equiv")


def seconds(folder: str, *options: str) -> float:
    """Return the time of one collection."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun


def figures(rounds: int) -> dict[str, float]:
    """Return the medians with the plugin and without, in milliseconds, and their difference."""
    with tempfile.TemporaryDirectory() as folder:
        tests = "".join(f"def test_{i}():\n    pass\n\n\n" for i in range(10))
        (Path(folder) / "test_unrelated.py").write_text(tests)
        seconds(folder)
        both = [(seconds(folder), seconds(folder, *WITHOUT)) for _ in range(rounds)]
    with_it, without = (1000 * statistics.median(times) for times in zip(*both, strict=True))
    more = 1000 * statistics.median(a - b for a, b in both)
    return {"with the plugin": with_it, "without": without, "more": more}


def main() -> None:
    """Print the table, or with --json one object with the same figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = figures(options.rounds)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<20} {value:8.1f} ms")


if __name__ == "__main__":
    main()
