"""A run in slices, a run saved and resumed, and a run left alone are the same bit by bit."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.numerics.problems import program

from pumpleak.base.errors import FormatError
from pumpleak.solve.layout import Memory
from pumpleak.solve.status import Status

Array = NDArray[np.float64]


def run(name: str, t_end: float, budget: int, capacity: int, grid: Array | None, save: bool) -> tuple[Array, Memory]:
    solver = program(name)
    p = solver.labels.values()
    memory = solver.start(0.0, solver.labels.initial(), np.zeros(len(solver.labels.quadratures)), p, rtol=1e-6,
                          capacity=capacity, grid=grid, every_step=grid is None)
    rows = []
    for _ in range(1_000_000):
        status = solver.advance(memory, p, budget, t_end)
        rows.append(memory.take())
        if save:
            memory = solver.restore(memory.save())
        if status == Status.END:
            return np.concatenate(rows), memory
        assert status in (Status.BUDGET, Status.FULL, Status.EVENT)
    raise AssertionError("the run did not end")


def same(one: Memory, other: Memory) -> bool:
    """Whether all fixed places agree, but for the room for output rows."""
    fixed = np.ones(one.layout.places["tail"], dtype=bool)
    fixed[[one.layout.places[name] for name in ("capacity", "filled")]] = False
    bits = [memory.block[:fixed.size].view(np.int64)[fixed] for memory in (one, other)]
    return np.array_equal(*bits)


@pytest.mark.parametrize("with_grid", [True, False])
@pytest.mark.parametrize(("name", "t_end"), [("relaxation", 30.0), ("constrained", 20.0), ("ball", 8.0),
                                           ("forced", 9.0), ("hires", 300.0), ("spiking_cell", 30.0)])
def test_slices_are_bit_equal(name: str, t_end: float, with_grid: bool) -> None:
    grid = np.linspace(0.0, t_end, 57) if with_grid else None
    whole, end = run(name, t_end, 10**9, 5000, grid, save=False)
    assert len(whole) >= 20
    assert whole[-1, 0] == t_end
    for budget, capacity, save in ((1, 5000, True), (3, 1, False), (7, 17, True), (1000, 4, False)):
        rows, memory = run(name, t_end, budget, capacity, grid, save)
        assert np.array_equal(rows.view(np.int64), whole.view(np.int64)), (budget, capacity, save)
        assert same(memory, end), (budget, capacity, save)


def test_a_damaged_or_foreign_run_is_refused() -> None:
    solver = program("relaxation")
    p = solver.labels.values()
    memory = solver.start(0.0, solver.labels.initial(), [0.0], p, rtol=1e-6)
    solver.advance(memory, p, 5, 10.0)
    data = memory.save()
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    with pytest.raises(FormatError, match="do not match their checksum"):
        solver.restore(bytes(damaged))
    with pytest.raises(FormatError, match="cut short"):
        solver.restore(data[:50])
    with pytest.raises(FormatError, match="do not match their checksum"):
        solver.restore(data[:-8])
    with pytest.raises(FormatError, match="this begins with b'RIFF"):
        solver.restore(b"RIFF" + data[4:])
    with pytest.raises(FormatError, match="format 9; this version of pumpleak reads format 1"):
        solver.restore(data[:8] + b"\x09" + data[9:])
    with pytest.raises(FormatError, match="another model or machine"):
        program("robertson").restore(data)
