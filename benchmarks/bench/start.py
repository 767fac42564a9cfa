"""What a user waits for: process start to first result, cold and warm, and the enzyme."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np

from bench.report import Report
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.tracer import tracer
from pumpleak.formats.catalog import load

PART = "start"
# the result is written, with and without a figure
RUN = ("run", "neuron", "--until", "1s", "--out", "out", "--no-figure")
DRAWN = RUN[:-1]


def median(action: Callable[[], object], repeats: int) -> float:
    """Median wall seconds of an action."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


class Commands:
    """The command line in a process and a folder of its own, its bytecode compiled before as an installation by pip leaves it.

    Where the environment forbids to write bytecode, every start would compile all modules again (some 0.25 s).
    """

    def __init__(self, bytecode: str) -> None:
        self.environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def __call__(self, *words: str, cache: str) -> None:
        """Run it once."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "pumpleak", *words], check=True, capture_output=True, cwd=folder,
                           env={**self.environment, "PUMPLEAK_CACHE": cache})

    def answer(self, *words: str, cache: str) -> float:
        """Wall seconds until the first line of its answer; it then goes on to draw."""
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            with subprocess.Popen([sys.executable, "-m", "pumpleak", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  cwd=folder, env={**self.environment, "PUMPLEAK_CACHE": cache}) as process:
                assert process.stdout is not None
                process.stdout.readline()
                seconds = time.perf_counter() - begun
                process.communicate()
        return seconds

    def cold(self, *words: str) -> None:
        """The same with an empty cache of models."""
        with tempfile.TemporaryDirectory() as fresh:
            self(*words, cache=fresh)


def starts(report: Report, repeats: int) -> None:
    """Process start to first result, wall seconds."""
    report.section("Process start to first result, wall seconds")
    pump = ("pump", "post-albers-23", "--V", "-120:60:19")
    with tempfile.TemporaryDirectory() as bytecode, tempfile.TemporaryDirectory() as warm:
        command = Commands(bytecode)
        for words in (("--help",), pump, ("rest", "generic-cell"), RUN, DRAWN):
            command(*words, cache=warm)
            seconds = median(partial(command, *words, cache=warm), repeats)
            report.add(PART, f"pumpleak {' '.join(words)}", "warm", seconds, "s", "bytecode as pip leaves it")
        seconds = statistics.median(command.answer(*DRAWN, cache=warm) for _ in range(repeats))
        report.add(PART, f"pumpleak {' '.join(DRAWN)}", "warm, answer", seconds, "s", "the first line; the figure follows it")
        for words in (("rest", "generic-cell"), RUN):
            command.cold(*words)  # the generator's bytecode, too, is there after an installation
            seconds = median(partial(command.cold, *words), min(repeats, 3))
            report.add(PART, f"pumpleak {' '.join(words)}", "cold", seconds, "s", "empty cache: derived and compiled")


def enzyme(report: Report, repeats: int) -> None:
    """The steady state of the largest scheme at a thousand conditions, its one-way fluxes, and its reduction."""
    report.section("The enzyme")
    scheme = cast(Scheme, load("post-albers-23"))
    random = np.random.default_rng(1)
    given = {name: 10.0 ** random.uniform(-3.0, 2.0, 1000) for name in scheme.ligands}
    given.update({"membrane.V": random.uniform(-150.0, 100.0, 1000), "temperature": random.uniform(290.0, 315.0, 1000)})
    fresh = iter([scheme.with_values({"on_ion": scheme.values["on_ion"] * (1.0 + 1e-9 * count)}) for count in range(repeats)])
    rows: dict[str, Callable[[], object]] = {
        "steady state, 1000 conditions": lambda: respond(scheme, given),
        "one-way Na, 1000 conditions": lambda: tracer(scheme, "Na", given),
        "load and check": lambda: cast(Scheme, load("post-albers-23")).closures, "reduction": lambda: reduce(next(fresh))}
    for what, action in rows.items():
        report.add("enzyme", f"post-albers-23: {what}", "pumpleak", 1e3 * median(action, repeats), "ms")
