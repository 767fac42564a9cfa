"""Events are found, landed on to 1e-6 ms, answered, and leave the rest of the run as exact as before."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.numerics.problems import program

from pumpleak.compile.compiler import compile_system
from pumpleak.solve.controller import EVENT_WIDTH
from pumpleak.solve.layout import Memory
from pumpleak.solve.status import Status
from pumpleak.system.expression import number, symbol
from pumpleak.system.system import Event, Parameter, Quadrature, State, System

G, SPEED = 2.0, 2.0  # the ball falls from 1 with g = 2: it lands after 1 ms at speed 2
LOCATED = 1.2 * EVENT_WIDTH  # bisection ends at the width; 20 % for the dense output's error


def bounces(t_end: float, **options: object) -> tuple[list[tuple[str, float]], Memory]:
    solver = program("ball")
    p = np.array([G, options.pop("alarm", 1e9)], dtype=np.float64)
    memory = solver.start(0.0, [1.0, 0.0], [], p, rtol=1e-9, **options)  # type: ignore[arg-type]
    seen = []
    while (status := solver.advance(memory, p, 10_000, t_end)) == Status.EVENT:
        seen.append((solver.labels.events[memory.event].name, memory.t))
    assert status == Status.END
    return seen, memory


def test_bounces_and_turns_come_when_they_should() -> None:
    seen, memory = bounces(6.0)
    expected, t, speed = [], 1.0, SPEED
    while t < 6.0:
        expected.append(("bounce", t))
        speed *= 0.8
        if t + speed / G < 6.0:
            expected.append(("top", t + speed / G))
        t += 2.0 * speed / G
    assert [name for name, _ in seen] == [name for name, _ in expected]
    for (_, found), (_, right) in zip(seen, expected, strict=True):
        assert found == pytest.approx(right, abs=len(expected) * LOCATED)  # each bounce hands its error on
    assert memory.t == 6.0


def test_an_event_by_the_clock_is_met_once() -> None:
    seen, _ = bounces(0.9, alarm=0.3)
    assert [name for name, _ in seen] == ["alarm"]
    assert seen[0][1] == pytest.approx(0.3, abs=LOCATED)


def test_a_trigger_that_has_risen_before_the_start_does_not_count() -> None:
    seen, _ = bounces(0.9, alarm=-1.0)
    assert seen == []


def test_an_event_at_the_very_end_is_reported_before_the_end() -> None:
    seen, memory = bounces(0.3, alarm=0.3)
    assert seen == [("alarm", 0.3)]
    assert memory.t == 0.3


def test_rows_show_both_sides_of_an_event() -> None:
    _, memory = bounces(1.5, every_step=True)
    rows = memory.rows
    twice = np.flatnonzero(np.diff(rows[:, 0]) == 0.0)
    assert len(twice) == 1
    before, after = rows[twice[0]], rows[twice[0] + 1]
    assert before[2] == pytest.approx(-SPEED, abs=G * LOCATED)
    assert after[2] == -0.8 * before[2]


def test_output_times_pass_over_events() -> None:
    grid = np.linspace(0.0, 2.0, 41)
    _, memory = bounces(2.0, grid=grid)
    heights: NDArray[np.float64] = memory.rows[:, 1]
    speed = 0.8 * SPEED
    after = np.where(grid > 1.0, speed * (grid - 1.0) - 0.5 * G * (grid - 1.0) ** 2, 1.0 - 0.5 * G * grid**2)
    assert np.array_equal(memory.rows[:, 0], grid)
    assert np.abs(heights - after).max() < 10.0 * LOCATED  # speed times the error of the bounce's time


def test_two_events_at_one_time_both_happen() -> None:
    x = symbol("x")
    clock = symbol("time") - 1.0
    system = System("pair", (State("x", "1", 0.0, 1.0), State("y", "1", 0.0, 1.0)),
                    {"x": number(1.0), "y": x},
                    events=(Event("first", x - 1.0, {"y": symbol("y") + 10.0}),
                            Event("second", clock * 2.0, {"y": symbol("y") + 100.0})))
    solver = compile_system(system)
    memory = solver.start(0.0, [0.0, 0.0], [], [], rtol=1e-8)
    seen = []
    while solver.advance(memory, [], 1000, 2.0) == Status.EVENT:
        seen.append(memory.event)
    assert sorted(seen) == [0, 1]
    assert memory.y[1] == pytest.approx(2.0 + 110.0, abs=1e-5)


def test_a_reset_event_fires_again_and_again() -> None:
    """Integrate and fire: v' = 1, reset at 1; the trigger is far below zero after its own assignment."""
    v = symbol("v")
    system = System("fire", (State("v", "1", 0.0, 1.0),), {"v": symbol("drive")},
                    (Parameter("drive", "1/ms", 1.0),), quadratures=(Quadrature("sum", "1", v, least=True),),
                    events=(Event("fire", v - 1.0, {"v": number(0.0)}),))
    solver = compile_system(system)
    memory = solver.start(0.0, [0.0], [0.0], [1.0], rtol=1e-8)
    times = []
    while solver.advance(memory, [1.0], 1000, 5.5) == Status.EVENT:
        times.append(memory.t)
    assert np.allclose(times, np.arange(1.0, 5.6), atol=5.0 * LOCATED)
    assert memory.q[0] == pytest.approx(5 * 0.5 + 0.125, abs=1e-4)
    assert memory.most[0] == pytest.approx(1.0, abs=1e-5)  # the extreme just before the reset is not missed
    assert memory.least[0] == 0.0


def test_a_change_of_parameters_drops_an_event_on_the_way() -> None:
    solver = program("ball")
    p = np.array([G, 0.5])
    memory = solver.start(0.0, [1.0, 0.0], [], p, rtol=1e-9)
    while memory.count("due") < 0:
        solver.advance(memory, p, 1, 2.0)
    later = np.array([G, 0.7])
    memory.restart()
    assert solver.advance(memory, later, 1000, 2.0) == Status.EVENT
    assert memory.t == pytest.approx(0.7, abs=LOCATED)


def test_an_assignment_forgets_the_rounding_of_the_value_before() -> None:
    """From 1e15, where a unit is 0.125, to 0: what was left over of the last step there would be 0.1 too much here."""
    zero = Event("zero", symbol("clock") - 5.05, {"x": number(0.0)})
    system = System("reset", (State("x", "1", 1e15, 1e15), State("clock", "ms", 0.0, 1.0)),
                    {"x": number(0.3), "clock": number(1.0)}, events=(zero,))
    solver = compile_system(system)
    for method in ("explicit", "stiff"):
        memory = solver.start(0.0, [1e15, 0.0], [], [], rtol=1e-6, h_max=0.1, method=method)  # type: ignore[arg-type]
        assert solver.advance(memory, [], 10_000, 15.0) == Status.EVENT
        assert solver.advance(memory, [], 10_000, 15.0) == Status.END
        assert memory.y[0] == pytest.approx(0.3 * 9.95, rel=1e-6)


@pytest.mark.parametrize("method", ["stiff", "explicit"])
@pytest.mark.parametrize("put", [-1e-3, -0.5])
def test_an_assignment_arms_the_triggers_that_it_puts_below_zero(put: float, method: str) -> None:
    """x and y rise by 1 a ms; at x = 1 y is put below zero, through which it rises again after that long."""
    system = System("armed", (State("x", "1", 0.0, 1.0), State("y", "1", 1.0, 1.0)), {"x": number(1.0), "y": number(1.0)},
                    events=(Event("A", symbol("x") - 1.0, {"y": number(put)}), Event("B", symbol("y"))))
    solver = compile_system(system)
    memory = solver.start(0.0, [0.0, 1.0], [], [], rtol=1e-6, method=method)  # type: ignore[arg-type]
    seen = []
    while solver.advance(memory, [], 10_000, 10.0) == Status.EVENT:
        seen.append((memory.event, memory.t))
    assert [event for event, _ in seen] == [0, 1]
    assert seen[1][1] == pytest.approx(1.0 - put, abs=3.0 * LOCATED)
