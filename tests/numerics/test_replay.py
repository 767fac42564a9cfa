"""Every accepted step, made again in plain NumPy from the System's own expressions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.numerics.oracle import Oracle
from tests.numerics.problems import PROBLEMS, program

from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.compile.compiler import compile_system
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.solve.program import Method


@pytest.mark.parametrize(("name", "t_end", "budget"), [
    ("robertson", 1e5, 150), ("hires", 321.8122, 150), ("forced", 5.0, 150), ("constrained", 20.0, 150),
    ("relaxation", 60.0, 150), ("spiking_cell", 50.0, 100)])
@pytest.mark.parametrize("method", ["automatic", "stiff"])
def test_steps_agree_with_numpy(name: str, t_end: float, budget: int, method: Method) -> None:
    system, solver = PROBLEMS[name](), program(name)
    oracle, p = Oracle(system), solver.labels.values()
    if "Iinj" in oracle.parameters:
        p[oracle.parameters.index("Iinj")] = 2.0  # it spikes
    memory = solver.start(0.0, solver.labels.initial(), np.zeros(len(system.quadratures)), p, rtol=1e-7,
                          method=method)
    solver.advance(memory, p, 0, t_end)
    scale = np.array([state.scale for state in system.states] + [1.0] * len(system.quadratures))
    accepted = 0
    for _ in range(budget):
        t, z, before = memory.t, memory.array("z").copy(), memory.count("accepts")
        step = oracle.explicit_step if memory.count("explicit") else oracle.step
        if solver.advance(memory, p, 1, t_end).failed or memory.t == t:
            continue
        accepted += memory.count("accepts") - before
        expected, _ = step(t, z, p, memory.real("h_taken"))
        difference = np.abs(memory.array("z") - expected) / (np.abs(expected) + scale)
        assert difference.max() < 1e-12, f"{name} at t = {memory.t:g}: place {difference.argmax()}"
    assert accepted > 50


@pytest.mark.parametrize("name", ["generic-cell", "kay-2017", "duesterwald-2018"])
def test_steps_of_cells_agree_with_numpy(name: str) -> None:
    """With the pump blocked, from the start into the run-down; the books' integrals are replayed as well."""
    cell = load(name)
    assert isinstance(cell, Cell)
    replay(cell, 0.0, np.float64)


@pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="no extended precision on this machine")
def test_steps_of_a_full_pump_agree_with_extended_precision() -> None:
    """The step's matrix has a condition of 1e12 and more: elimination in double precision would be off by 1e-6 itself."""
    cell, scheme = load("generic-cell"), load("pan-2018-15")
    assert isinstance(cell, Cell)
    assert isinstance(scheme, Scheme)
    full = replace(cell, transporters=tuple(replace(each, scheme=scheme, depth="full") if isinstance(each, SchemePump) else each
                                            for each in cell.transporters))
    replay(full, 0.0, np.longdouble)


def replay(cell: Cell, activity: float, kind: type[np.floating[Any]]) -> None:
    """120 tries of a step, each accepted one made again."""
    solver, oracle = compile_system(cell.system), Oracle(cell.system, kind)
    p = solver.labels.values()
    p[oracle.parameters.index("pump.activity")] = activity
    memory = solver.start(0.0, solver.labels.initial(), np.zeros(len(cell.system.quadratures)), p, rtol=1e-8)
    solver.advance(memory, p, 0, 4 * 3.6e6)
    # an integral is judged by what has gone through it, at least by one unit of it
    scale = np.array([state.scale for state in cell.system.states] + [1.0] * len(cell.system.quadratures))
    accepted = 0
    for _ in range(120):
        t, z, before = memory.t, memory.array("z").copy(), memory.count("accepts")
        step = oracle.explicit_step if memory.count("explicit") else oracle.step
        if solver.advance(memory, p, 1, 4 * 3.6e6).failed or memory.t == t:
            continue
        accepted += memory.count("accepts") - before
        expected, _ = step(t, z, p, memory.real("h_taken"))
        assert np.max(np.abs(memory.array("z") - expected) / (np.abs(expected) + scale)) < 1e-12, f"t = {memory.t:g}"
    assert accepted > 50


@pytest.mark.parametrize(("name", "method"), [
    ("relaxation", "stiff"), ("forced", "stiff"), ("constrained", "stiff"), ("relaxation", "explicit"), ("forced", "explicit")])
def test_dense_output_agrees_with_numpy(name: str, method: Method) -> None:
    solver, oracle = program(name), Oracle(PROBLEMS[name]())
    p = solver.labels.values()
    grid = np.linspace(0.0, 1.0, 101)
    memory = solver.start(0.0, solver.labels.initial(), np.zeros(len(solver.labels.quadratures)), p, rtol=1e-5,
                          grid=grid, method=method)
    solver.advance(memory, p, 0, 1.0)
    checked = 0
    while memory.t < 1.0:
        t, z, row = memory.t, memory.array("z").copy(), len(memory.rows)
        solver.advance(memory, p, 1, 1.0)
        if memory.t == t:
            continue
        # the rows of a step are written when the loop is next entered, which a budget of 0 does
        solver.advance(memory, p, 0, 1.0)
        h = memory.real("h_taken")
        z_new, k = oracle.step(t, z, p, h) if method == "stiff" else oracle.explicit_step(t, z, p, h)
        for values in memory.rows[row:]:
            x = (values[0] - t) / h
            expected = oracle.dense(z, z_new, k, x) if method == "stiff" else oracle.explicit_dense(z, k, h, x)
            assert np.allclose(values[1:], expected, rtol=1e-11, atol=1e-12)
            checked += 1
    assert checked >= 99
    assert np.array_equal(memory.rows[:, 0], grid)
