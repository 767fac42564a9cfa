"""The order at which errors fall with the step: 5 at the ends of steps, 4 between them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.numerics.problems import equal_steps, program

from pumpleak.solve.program import Method

Array = NDArray[np.float64]


def fixed_steps(name: str, t_end: float, steps: int, parameters: dict[str, float], method: Method = "stiff") -> Array:
    """States and quadratures after equal steps."""
    solver = program(name)
    p = solver.labels.values()
    for index, label in enumerate(solver.labels.parameters):
        p[index] = parameters.get(label.name, label.value)
    return equal_steps(solver, p, t_end, steps, method).array("z").copy()


def exact(name: str, t_end: float, parameters: dict[str, float]) -> Array:
    if name == "forced":
        return np.array([1.0 / (1.0 + t_end**2), np.arctan(t_end), 0.5 * np.log1p(t_end**2)])
    return fixed_steps(name, t_end, 4096, parameters)


@pytest.mark.parametrize(("method", "name", "t_end", "parameters", "steps"), [
    ("stiff", "forced", 2.0, {"stiff": 3.0}, 16),      # explicit in time, with quadratures
    ("stiff", "constrained", 2.0, {}, 16),             # with an algebraic state (mass 0)
    ("stiff", "relaxation", 1.0, {"mu": 5.0}, 32),     # nonlinear, stiff at its start, with a mass of 2
    ("explicit", "forced", 2.0, {"stiff": 3.0}, 32),
    ("explicit", "relaxation", 1.0, {"mu": 5.0}, 64),
])
def test_order_five(method: Method, name: str, t_end: float, parameters: dict[str, float], steps: int) -> None:
    reference = exact(name, t_end, parameters)
    errors = [np.abs(fixed_steps(name, t_end, n, parameters, method) - reference).max() for n in (steps, 2 * steps, 4 * steps)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    # halving a step that is not infinitely small shows the order only roughly; order 4 would give 4.3 at most here
    assert orders[-1] > 4.7, (errors, orders)
    assert errors[-1] > 1e-13, "the finest steps have reached rounding and say nothing about the order"


@pytest.mark.parametrize("method", ["stiff", "explicit"])
def test_order_four_between_steps(method: Method) -> None:
    solver = program("forced")
    p = np.array([3.0])
    grid = np.linspace(0.0, 2.0, 257)
    errors = []
    for steps in (8, 16, 32):
        memory = solver.start(0.0, [1.0], [0.0, 0.0], p, rtol=0.9, h_max=2.0 / steps, grid=grid,
                              method=method)
        solver.advance(memory, p, 0, 2.0)
        memory.set_real("h", 2.0 / steps)
        assert solver.advance(memory, p, 100, 2.0).name == "END"
        exact_rows = np.column_stack([1.0 / (1.0 + grid**2), np.arctan(grid)])
        errors.append(np.abs(memory.rows[:, 1:3] - exact_rows).max())
    assert np.log2(errors[1] / errors[2]) > 3.7, errors
