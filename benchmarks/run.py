"""Time what a user waits for: process start to first result, cold and warm, the enzyme, a rest, and hours of a cell.

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
import numpy as np

from pumpleak import __version__
from pumpleak.compile.compiler import compile_system
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.tracer import tracer
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
        pump = ("pump", "post-albers-23", "--V", "-120:60:19")
        yield "pump post-albers-23, a table", median(lambda: command(*pump, cache=warm)), "s"
        yield "rest generic-cell, warm cache", median(lambda: command("rest", "generic-cell", cache=warm)), "s"

        def cold() -> None:
            with tempfile.TemporaryDirectory() as fresh:
                command("rest", "generic-cell", cache=fresh)

        yield "rest generic-cell, empty cache", median(cold, 3), "s"


def enzyme() -> Iterator[Row]:
    """The steady state of the largest scheme at a thousand conditions, its one-way fluxes, and its reduction."""
    scheme = load("post-albers-23")
    random = np.random.default_rng(1)
    given = {name: 10.0 ** random.uniform(-3.0, 2.0, 1000) for name in scheme.ligands}
    given.update({"membrane.V": random.uniform(-150.0, 100.0, 1000), "temperature": random.uniform(290.0, 315.0, 1000)})
    yield "post-albers-23: steady state, 1000 conditions", 1e3 * median(lambda: respond(scheme, given)), "ms"
    yield "post-albers-23: one-way Na, 1000 conditions", 1e3 * median(lambda: tracer(scheme, "Na", given)), "ms"
    yield "post-albers-23: load and check", 1e3 * median(lambda: load("post-albers-23").closures), "ms"
    fresh = iter([scheme.with_values({"on_ion": scheme.values["on_ion"] * (1.0 + 1e-9 * count)}) for count in range(REPEATS)])
    yield "post-albers-23: reduction", 1e3 * median(lambda: reduce(next(fresh))), "ms"


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
    rows = [*starts(), *enzyme(), *cells()]
    print("  ".join(f"{key} {value}" for key, value in about.items()))
    for name, value, unit in rows:
        print(f"{name:<48} {value:10.3f} {unit}")
    RESULTS.mkdir(exist_ok=True)
    table = [{"name": name, "value": value, "unit": unit} for name, value, unit in rows]
    (RESULTS / "start.json").write_text(json.dumps({**about, "rows": table}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
