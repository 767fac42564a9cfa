"""The key rows on other CPUs: the same machine, the code made for AVX2 or SSE2 only, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.cases import Workload, population, spiking
from bench.ours import ours
from bench.report import Report
from bench.timing import cases_for, fastest
from pumpleak.compile.native import CPU_VARIABLE, KNOWN_CPUS, local_target

PART = "targets"
TARGETS = {"host": "this CPU", "x86-64-v3": "AVX2", "x86-64": "SSE2"}
RTOL = 1e-6  # the steps are the same on every target but for rounding, so the times compare at one tolerance


def _workloads(quick: bool) -> list[Workload]:
    return [make for name in "AB" for make in (spiking(name), population(name, 4 if quick else 16))]


def here(quick: bool, repeats: int) -> dict[str, float]:
    """CPU seconds of each workload, per cell, on the target that the environment names."""
    engine, found = ours(), {}
    for workload in _workloads(quick):
        prepared, cases = engine.prepare(workload.cases[0].system), cases_for(engine, workload)
        prepared.run(cases, RTOL)
        found[workload.title] = fastest(partial(prepared.run, cases, RTOL), repeats) / len(cases)
    return found


def targets(report: Report, quick: bool, repeats: int) -> None:
    """Time on each target, and its ratio to this CPU's own."""
    report.section(f"Targets: CPU seconds at rtol {RTOL:g}")
    if local_target().triple.split("-")[0] != "x86_64":
        report.add(PART, "all", "AVX2, SSE2", None, "s", f"not for this kind of CPU ({', '.join(KNOWN_CPUS)} are known)")
        return
    own: dict[str, float] = {}
    for cpu, name in TARGETS.items():
        found = _elsewhere(cpu, quick, repeats)
        own = own or found
        for title, seconds in found.items():
            report.add(PART, title, f"pumpleak for {name}", seconds, "s", f"{seconds / own[title]:.2f} x this CPU's own")


def _elsewhere(cpu: str, quick: bool, repeats: int) -> dict[str, float]:
    program = f"import json; from bench.targets import here; print(json.dumps(here({quick}, {repeats})))"
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[1], check=True, capture_output=True,
                          text=True, env={**os.environ, CPU_VARIABLE: cpu})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
