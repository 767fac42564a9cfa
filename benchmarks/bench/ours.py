"""pumpleak as an engine: the automatic choice of method, either method alone, with and without the guard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from bench.engine import Engine, EngineError
from bench.members import run_members
from pumpleak import __version__
from pumpleak.compile.compiler import compile_system
from pumpleak.compile.program import CompiledProgram
from pumpleak.solve.program import Method
from pumpleak.solve.status import Status
from pumpleak.system.system import System

Array = NDArray[np.float64]
LADDER = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7, 1e-7, 1e-8)
# Steps of one stretch: an hour at a guard of 1 ms is 3.6 million; an explicit method alone on fast binding needs far more
MOST_STEPS = 4_500_000


class Ours:
    """A compiled System, one way of running it."""

    def __init__(self, system: System, method: Method, guard: bool) -> None:
        self.program, self.method = compile_system(system), method
        self.h_max = system.guard if guard else 0.0

    def run(self, cases: Sequence[Case], tolerance: float) -> list[Array]:
        """The states (times, states) of each case."""
        if len(cases) > 1:
            return run_members(self.program, cases, tolerance, self.method, self.h_max)
        return [solve(self.program, cases[0], tolerance, self.method, self.h_max)[0]]


def solve(program: CompiledProgram, case: Case, rtol: float, method: Method, h_max: float) -> tuple[Array, int]:
    """The states (times, states) of one case, and the steps it took."""
    labels = program.labels
    memory = program.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), labels.values(), rtol=rtol, h_max=h_max,
                           capacity=case.grid.size + 1, grid=case.grid, method=method)
    for times, values in case.stretches():
        p = np.array([values[parameter.name] for parameter in labels.parameters])
        if times[0] > 0.0:
            memory.restart()
        status = program.advance(memory, p, MOST_STEPS, float(times[-1]))
        if status is Status.BUDGET:
            raise EngineError(f"given up after {MOST_STEPS / 1e6:g} million steps at {memory.t / 1e3:.3g} s of cell time")
        if status is not Status.END:
            raise EngineError(status.sentence)
    rows = memory.rows
    if len(rows) != case.grid.size:
        raise EngineError(f"{len(rows)} of {case.grid.size} outputs")
    return rows[:, 1:1 + len(labels.states)].copy(), memory.steps


def ours(method: Method = "automatic", guard: bool = True, ladder: tuple[float, ...] = LADDER) -> Engine:
    """pumpleak, run one way."""
    words = {"automatic": "", "stiff": ", stiff alone", "explicit": ", explicit alone"}[method]
    return Engine(f"pumpleak{words}{'' if guard else ', no guard'}", __version__, lambda system: Ours(system, method, guard),
                  ladder, many=True)
