"""A population with pumpleak: its members side by side in the registers of one core."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from bench.engine import EngineError
from pumpleak.compile.compiler import compile_members
from pumpleak.compile.program import CompiledMembers, CompiledProgram
from pumpleak.solve.program import Method
from pumpleak.solve.status import Status
from pumpleak.system.system import System

HOW = "members side by side, one core"
CHUNK = 256
MOST_STEPS = 10**9


_CROWDS: dict[str, CompiledMembers] = {}


def crowd(system: System) -> CompiledMembers:
    """The members' code of a system, compiled once."""
    if system.name not in _CROWDS:
        _CROWDS[system.name] = compile_members(system)
    return _CROWDS[system.name]


def run_members(program: CompiledProgram, cases: Sequence[Case], rtol: float, method: Method, h_max: float
                ) -> list[NDArray[np.float64]]:
    """The states (times, states) of each member."""
    found: list[NDArray[np.float64]] = []
    for start in range(0, len(cases), CHUNK):
        found += _chunk(program, cases[start:start + CHUNK], rtol, method, h_max)
    return found


def _chunk(program: CompiledProgram, cases: Sequence[Case], rtol: float, method: Method, h_max: float
           ) -> list[NDArray[np.float64]]:
    labels, grid = program.labels, cases[0].grid
    names = [parameter.name for parameter in labels.parameters]
    p = np.array([[case.parameters[name] for name in names] for case in cases])
    memories = [program.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), each, rtol=rtol, h_max=h_max,
                              capacity=grid.size + 1, grid=grid, method=method) for each in p]
    outcome = crowd(cases[0].system).advance(memories, p, float(grid[-1]), MOST_STEPS)
    if set(outcome) != {Status.END}:
        raise EngineError("; ".join(sorted({status.sentence for status in outcome if status is not Status.END})))
    return [memory.rows[:, 1:1 + len(labels.states)].copy() for memory in memories]
