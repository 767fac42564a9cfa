"""Whatever the parameters, a run ends: with numbers, or with a named cause. None hangs, none gives what is no number."""

from __future__ import annotations

import numpy as np
import pytest
from tests.numerics.problems import PROBLEMS, program

from pumpleak.compile.compiler import compile_members
from pumpleak.solve.status import Status

END = 100.0      # ms: some five spikes of the undisturbed cell
MOST = 2_000_000  # steps: 300 times what it needs; whoever reaches this hangs
TOGETHER = 500


@pytest.mark.parametrize("draws", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_every_draw_of_three_decades_ends_with_a_result_or_a_cause(draws: int) -> None:
    """All parameters of a spiking cell, each up to 32 times smaller or larger, whatever becomes of it."""
    solver, crowd = program("spiking_cell"), compile_members(PROBLEMS["spiking_cell"]())
    labels, random = solver.labels, np.random.default_rng(11)
    usual, outcomes = labels.values(), []
    for _ in range(0, draws, TOGETHER):
        p = usual * 10.0 ** random.uniform(-1.5, 1.5, (TOGETHER, usual.size))
        memories = [solver.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), each, rtol=1e-5, h_max=labels.guard,
                                 capacity=13, grid=np.linspace(0.0, END, 11)) for each in p]
        for memory, outcome in zip(memories, crowd.advance(memories, p, END, MOST), strict=True):
            outcomes.append(outcome)
            assert outcome is Status.END or outcome.failed
            assert np.isfinite(memory.rows).all()
            assert np.isfinite(memory.y).all()
            if outcome is Status.END:
                assert memory.t == END
            else:
                assert 0 <= memory.fault < len(labels.states) + len(labels.quadratures)
                assert outcome.sentence
    assert outcomes.count(Status.END) > draws / 2  # else the draws would say little about results
