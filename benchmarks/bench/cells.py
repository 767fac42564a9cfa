"""Our own cells: what the ledger costs, and hours of pump block with all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np

from bench.report import Report
from bench.timing import fastest
from pumpleak.cell.cell import Cell
from pumpleak.compile.compiler import compile_system
from pumpleak.compile.program import CompiledProgram
from pumpleak.formats.catalog import entries, load
from pumpleak.lab.experiment import RTOL, Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run
from pumpleak.system.system import System

PART = "own cells"
# what is done to them: model -> (duration [ms], parameter, value); the drive is in pA and makes the neuron fire throughout
RUNS = {"neuron": (2e3, "stimulus.injected", 20.0), "kay-2017": (7.2e6, "pump.activity", 0.0)}
GRID = 1001


def bare(system: System) -> System:
    """The same equations without running integrals and books."""
    return replace(system, quadratures=(), books=None)


def _runner(program: CompiledProgram, name: str) -> Callable[[], int]:
    duration, parameter, value = RUNS[name]
    labels = program.labels
    p = labels.values()
    p[[each.name for each in labels.parameters].index(parameter)] = value
    grid = np.linspace(0.0, duration, GRID)

    def action() -> int:
        memory = program.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), p, rtol=RTOL, h_max=labels.guard,
                               capacity=GRID + 1, grid=grid)
        program.advance(memory, p, 2**62, duration)
        return memory.steps

    return action


def ledger(report: Report, rounds: int) -> None:
    """CPU time with the whole ledger over that of the same equations alone, in rounds of both."""
    report.section("The ledger: CPU seconds with it and without, same steps asked for")
    for name in RUNS:
        system = cast(Cell, load(name)).system
        kinds = {"with ledger": system, "equations alone": bare(system)}
        actions = {kind: _runner(compile_system(each), name) for kind, each in kinds.items()}
        steps = {kind: action() for kind, action in actions.items()}
        best = dict.fromkeys(actions, float("inf"))
        for _ in range(rounds):
            for kind, action in actions.items():
                best[kind] = min(best[kind], fastest(action, 1))
        for kind, seconds in best.items():
            report.add(PART, f"{name}, {RUNS[name][0] / 1e3:g} s", kind, seconds, "s", f"{steps[kind]} steps")
        per_step = {kind: seconds / steps[kind] for kind, seconds in best.items()}
        report.add(PART, name, "cost of the ledger", best["with ledger"] / best["equations alone"], "x",
                   f"per step {per_step['with ledger'] / per_step['equations alone']:.2f}")


def hours(report: Report, repeats: int) -> None:
    """A rest, and a long pump block and return, in a warm process."""
    report.section("Cells of the catalogue: rest, and a long pump block and return")
    hours = ("8 h", hold("10 min") + hold("4 h", {"pump.activity": 0.0}) + hold("4 h"))
    # a cell that fires does so for much of them, and that is work, 4 us for each of its steps of up to 1 ms
    firing = ("30 min", hold("10 min") + hold("10 min", {"pump.activity": 0.0}) + hold("10 min"))
    for entry in entries("cells"):
        cell = cast(Cell, load(entry.name))
        if all(parameter.name != "pump.activity" for parameter in cell.system.parameters):
            continue
        long, block = firing if cell.system.guard > 0.0 else hours
        experiment = Experiment(cell, block)
        compile_system(cell.system)
        report.add(PART, entry.name, "rest", 1e3 * fastest(partial(rest, cell), repeats), "ms")
        result = run(experiment)
        seconds = fastest(partial(run, experiment), repeats)
        report.add(PART, entry.name, f"{long} of block and return", 1e3 * seconds, "ms", f"{result.statistics.steps} steps")
