"""Runs that cannot go on: each ends with its status and the state at fault, always within a finite budget."""

import numpy as np
import pytest
from tests.numerics.problems import program

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.compile.compiler import compile_system, emit_text
from pumpleak.compile.equations import equations
from pumpleak.compile.generate import TooWide
from pumpleak.lab.run import run
from pumpleak.solve.rodas5p import RODAS5P
from pumpleak.solve.status import Status
from pumpleak.solve.steady import find_steady
from pumpleak.system.expression import Expression, exp, log, number, symbol, total
from pumpleak.system.system import Event, Parameter, Quadrature, State, System
from pumpleak.system.transform import flatten

BUDGET = 10_000
X, Y = symbol("x"), symbol("y")


def pair(rate_x: Expression, rate_y: Expression, quadrature: Expression | None = None, mass: float = 1.0) -> System:
    quadratures = () if quadrature is None else (Quadrature("q", "1", quadrature),)
    return System("pair", (State("x", "1", 1.0, 1.0), State("y", "1", 1.0, 1.0, mass)), {"x": rate_x, "y": rate_y},
                  (Parameter("k", "1", 1.0),), quadratures=quadratures)


def end(system: System, k: float = 1.0, t_end: float = 10.0) -> tuple[Status, float, int]:
    solver = compile_system(system)
    memory = solver.start(0.0, [1.0, 1.0], np.zeros(len(system.quadratures)), [k], rtol=1e-6)
    status = solver.advance(memory, [k], BUDGET, t_end)
    assert memory.steps < BUDGET
    assert np.all(np.isfinite(memory.y))
    return status, memory.t, memory.fault


@pytest.mark.parametrize("k", [np.nan, np.inf, -np.inf])
def test_a_parameter_that_is_no_number_at_time_zero(k: float) -> None:
    assert end(pair(-X, symbol("k") * Y), k) == (Status.NOT_FINITE, 0.0, 1)


def test_a_blow_up_is_a_step_too_small() -> None:
    status, t, fault = end(pair(-X, Y * Y))
    assert status == Status.STEP_TOO_SMALL
    assert t == pytest.approx(1.0, abs=1e-5)  # y = 1/(1 - t); the run ends when y is some 1e6 or more
    assert fault == 1


def test_a_rate_that_leaves_its_domain() -> None:
    status, t, fault = end(pair(number(-1.0), log(X) - Y))
    assert status == Status.NOT_FINITE
    assert t == pytest.approx(1.0, abs=1e-6)  # x reaches 0 at 1
    assert fault in (0, 1)


def test_a_quadrature_that_leaves_its_domain_stops_the_run_too() -> None:
    status, t, fault = end(pair(number(-1.0), -Y, quadrature=log(X)))
    assert status == Status.NOT_FINITE
    assert t == pytest.approx(1.0, abs=1e-6)
    assert fault == 2


def test_algebraic_equations_without_solution() -> None:
    status, t, fault = end(pair(-X, Y * Y + exp(Y) + 1.0, mass=0.0))
    assert (status, t, fault) == (Status.INCONSISTENT, 0.0, 1)


def test_an_algebraic_equation_that_does_not_hold_its_state_is_refused() -> None:
    with pytest.raises(ModelError, match="the algebraic equation of y does not determine it"):
        compile_system(pair(-X, X - 1.0, mass=0.0))


def test_a_lost_pivot_refuses_the_step_and_a_smaller_one_passes() -> None:
    """With x' = y, y' = x the second pivot is 1/(h gamma) - h gamma: exactly lost at h = 1/gamma."""
    solver = compile_system(pair(Y, X))
    memory = solver.start(0.0, [1.0, 1.0], [], [1.0], rtol=1e-6, method="stiff")
    solver.advance(memory, [1.0], 0, 20.0)
    memory.set_real("h", 1.0 / RODAS5P.gamma)
    solver.advance(memory, [1.0], 1, 20.0)
    assert memory.t == 0.0
    assert memory.count("rejects") == 1
    assert memory.real("h") == pytest.approx(0.1 / RODAS5P.gamma)
    assert solver.advance(memory, [1.0], BUDGET, 20.0) == Status.END
    assert memory.y[0] == pytest.approx(np.exp(20.0), rel=1e-4)


def test_nothing_is_done_with_a_budget_of_zero_or_behind_the_end() -> None:
    solver = program("relaxation")
    p = solver.labels.values()
    memory = solver.start(5.0, [2.0, 0.0], [0.0], p, rtol=1e-6)
    assert solver.advance(memory, p, 0, 10.0) == Status.BUDGET
    assert memory.t == 5.0
    assert solver.advance(memory, p, 10, 4.0) == Status.END
    assert (memory.t, memory.steps) == (5.0, 0)


def test_every_status_has_its_sentence() -> None:
    assert len({status.sentence for status in Status}) == len(Status)
    assert [status for status in Status if status.failed] == [
        Status.STEP_TOO_SMALL, Status.NOT_FINITE, Status.INCONSISTENT]


def test_events_that_call_each_other_without_end_are_named() -> None:
    system = System("ping-pong", (State("x", "1", 0.0, 1.0),), {"x": number(1.0)},
                    events=(Event("high", X - 1.0, {"x": number(-2.0)}), Event("low", -1.0 - X, {"x": number(2.0)})))
    with pytest.raises(SolveError, match=r"(high|low) and what it sets off come again and again while no time passes"):
        run(system, "1 s")
    assert find_steady(compile_system(system), 0.0, np.array([0.0]), np.array([])).kind == "none"


def test_equations_too_wide_for_the_stack_are_refused_or_taken_fewer_at_a_time() -> None:
    """A dense matrix of 400 states has 1.3 MB a lane, and there are several; the process would die of it."""
    states = [symbol(f"y{place}") for place in range(400)]
    whole = total(states)
    system = System("mean", tuple(State(each.name, "1", 1.0, 1.0) for each in states),
                    {each.name: 1.0 / (1.0 + whole * whole) - each * (1.0 + place) for place, each in enumerate(states)})
    with pytest.raises(TooWide, match=r"the equations of 400 states need .* MB of working memory at once, 8 side by side"):
        emit_text(equations(flatten(system)), lanes=8)
