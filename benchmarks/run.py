"""Time what a user waits for: process start to first result, cold and warm, a rest itself, and a step of the solver.

`make bench` prints a table and writes it to benchmarks/results/. Times are the median of several runs, measured on this
machine; they are never part of a test.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from pumpleak import __version__
from pumpleak.compile.compiler import compile_system
from pumpleak.formats.catalog import entries, load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run

REPEATS = 7
RESULTS = Path(__file__).parent / "results"
Row = tuple[str, float, str]


def median(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median seconds of an action."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def command(*words: str, cache: str) -> None:
    """Run the command line in a process of its own."""
    subprocess.run([sys.executable, "-m", "pumpleak", *words], check=True, capture_output=True,
                   env={**os.environ, "PUMPLEAK_CACHE": cache})


def starts() -> Iterator[Row]:
    """Process start to first result."""
    with tempfile.TemporaryDirectory() as warm:
        command("rest", "generic-cell", cache=warm)
        yield "pumpleak --help", median(lambda: command("--help", cache=warm)), "s"
        yield "rest generic-cell, warm cache", median(lambda: command("rest", "generic-cell", cache=warm)), "s"

        def cold() -> None:
            with tempfile.TemporaryDirectory() as fresh:
                command("rest", "generic-cell", cache=fresh)

        yield "rest generic-cell, empty cache", median(cold, 3), "s"


def cells() -> Iterator[Row]:
    """A rest, and hours of pump block and return with the whole ledger, in a warm process."""
    block = hold("10 min") + hold("4 h", {"pump.activity": 0.0}) + hold("4 h")
    for entry in entries("cells"):
        cell = load(entry.name)
        compile_system(cell.system)
        rest(cell)
        yield f"{entry.name}: rest", 1e3 * median(lambda cell=cell: rest(cell)), "ms"
        result = run(Experiment(cell, block))
        seconds = median(lambda cell=cell: run(Experiment(cell, block)), 3)
        yield f"{entry.name}: 8 h of block and return", 1e3 * seconds, "ms"
        yield f"{entry.name}: steps of that run", float(result.statistics.steps), ""


def main() -> None:
    """Print the table and write it."""
    about = {"pumpleak": __version__, "python": platform.python_version(), "llvmlite": llvmlite.__version__,
             "cpu": llvm.get_host_cpu_name(), "system": platform.system()}
    rows = [*starts(), *cells()]
    print("  ".join(f"{key} {value}" for key, value in about.items()))
    for name, value, unit in rows:
        print(f"{name:<48} {value:10.3f} {unit}")
    RESULTS.mkdir(exist_ok=True)
    table = [{"name": name, "value": value, "unit": unit} for name, value, unit in rows]
    (RESULTS / "start.json").write_text(json.dumps({**about, "rows": table}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
