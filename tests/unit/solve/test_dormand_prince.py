"""A third method is one file of numbers and this test: it has the order it says, on its steps and between them, and is stable
as far as it says."""

from __future__ import annotations

import numpy as np
import pytest
from tests.numerics.problems import PROBLEMS, equal_steps

from pumpleak.compile.compiler import compile_system
from pumpleak.solve.dormand_prince import DORMAND_PRINCE
from pumpleak.solve.method import Methods
from pumpleak.solve.rodas5p import RODAS5P
from pumpleak.solve.tsit5 import TSIT5

METHODS = Methods(DORMAND_PRINCE, RODAS5P)


def test_its_orders_are_five_and_four() -> None:
    """On y' = 3 (c - y) + c', c = 1/(1 + t^2), with equal steps: a tolerance that lets all pass, so that the longest binds."""
    solver = compile_system(PROBLEMS["forced"](), methods=METHODS)
    p, grid, end, between = np.array([3.0]), np.linspace(0.0, 2.0, 257), [], []
    for steps in (32, 64, 128):
        memory = equal_steps(solver, p, 2.0, steps, "explicit", grid)
        off = np.abs(memory.rows[:, 1] - 1.0 / (1.0 + grid**2))
        end.append(off[-1])
        between.append(off.max())
    assert np.log2(end[1] / end[2]) > 4.7, end
    assert np.log2(between[1] / between[2]) > 3.7, between


def test_it_switches_with_the_stiff_method_like_any_other() -> None:
    """On Robertson's reaction: its first instants by the explicit method, the rest by the other."""
    ends = []
    for methods, rtol in ((METHODS, 1e-8), (Methods(TSIT5, RODAS5P), 1e-11)):
        solver = compile_system(PROBLEMS["robertson"](), methods=methods)
        labels = solver.labels
        p = labels.values()
        memory = solver.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), p, rtol=rtol)
        assert solver.advance(memory, p, 10**6, 1e4).name == "END"
        assert 0 < memory.count("explicit_steps") < memory.count("accepts")
        ends.append(memory.y.copy())
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)


def test_it_is_stable_as_far_as_it_says() -> None:
    """Its stability function, which follows from its coefficients, stays within 1 down to -stable and not beyond."""
    a = np.zeros((7, 7))
    for row, weights in enumerate(DORMAND_PRINCE.a):
        a[row, :len(weights)] = weights

    def growth(z: float) -> float:
        return float(1.0 + z * (a[-1] @ np.linalg.solve(np.eye(7) - z * a, np.ones(7))))

    assert all(abs(growth(-z)) <= 1.0 for z in np.linspace(1e-3, DORMAND_PRINCE.stable - 1e-4, 500))
    assert abs(growth(-DORMAND_PRINCE.stable - 1e-4)) > 1.0
