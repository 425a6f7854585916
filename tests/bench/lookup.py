"""Time a cold `equiv lookup` beside a bare interpreter, in one run: `python tests/bench/lookup.py`.

Each command is a fresh process; the figures are medians over alternating runs.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import click, json": ["-c", "import click, json"],
    "equiv lookup std": ["-m", "equiv", "lookup", "std"],
    "equiv lookup sdt (a typo)": ["-m", "equiv", "lookup", "sdt"],
    "equiv lookup std --format json": ["-m", "equiv", "lookup", "std", "--format", "json"],
}


def measure(rounds: int) -> dict[str, float]:
    """Return each command's median seconds, the commands taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    """Print the table, or with --json one object with the same figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    medians = measure(options.rounds)
    if options.json:
        print(json.dumps(medians))
        return
    for name, seconds in medians.items():
        print(f"{name:<32} {seconds * 1000:7.1f} ms")


if __name__ == "__main__":
    main()
