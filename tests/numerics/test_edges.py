"""Edges, ramps, limits of the step, quadratures: what a protocol asks of the loop."""

import numpy as np
import pytest
from tests.numerics.problems import program

from pumpleak.compile.compiler import compile_system
from pumpleak.solve.program import Method
from pumpleak.solve.status import Status
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter, Quadrature, State, System
from pumpleak.system.transform import ramped


def decay() -> System:
    """x' = -k x with the amount lost as a quadrature."""
    lost = symbol("k") * symbol("x")
    return System("decay", (State("x", "1", 1.0, 1.0),), {"x": -lost}, (Parameter("k", "1/ms", 1.0),),
                  quadratures=(Quadrature("lost", "1", lost, least=True),))


def test_edges_are_hit_exactly_and_the_controller_starts_afresh() -> None:
    solver = compile_system(decay())
    memory = solver.start(0.0, [1.0], [0.0], [1.0], rtol=1e-9, every_step=True)
    for t_end, k in ((0.1, 1.0), (1.0 / 3.0, 50.0), (np.pi, 0.0), (4.0, 2.0)):
        memory.restart()
        assert solver.advance(memory, [k], 1000, t_end) == Status.END
        assert memory.t == t_end
    expected = np.exp(-(0.1 + 50.0 * (1.0 / 3.0 - 0.1) + 2.0 * (4.0 - np.pi)))
    assert memory.y[0] == pytest.approx(expected, abs=1e-9)  # errors are judged against 1, by 1e-9 a step
    assert 1.0 - memory.q[0] == pytest.approx(memory.y[0], abs=1e-14)


def test_a_ramp_is_followed() -> None:
    system = ramped(decay(), ["k"])
    solver = compile_system(system)
    p = solver.labels.values()
    index = {label.name: place for place, label in enumerate(solver.labels.parameters)}
    p[index["k.start"]], p[index["k.slope"]], p[index["k.from"]] = 0.5, 0.25, 1.0
    memory = solver.start(1.0, [1.0], [0.0], p, rtol=1e-10)
    assert solver.advance(memory, p, 1000, 5.0) == Status.END
    assert memory.y[0] == pytest.approx(np.exp(-(0.5 * 4.0 + 0.125 * 16.0)), rel=1e-8)
    assert memory.q[0] == pytest.approx(1.0 - memory.y[0], abs=1e-14)


def test_no_step_is_longer_than_the_limit() -> None:
    solver = program("constrained")
    p = solver.labels.values()
    memory = solver.start(0.0, solver.labels.initial(), [], p, rtol=1e-3, h_max=0.25, every_step=True)
    assert solver.advance(memory, p, 1000, 20.0) == Status.END
    steps = np.diff(memory.rows[:, 0])
    assert steps.max() <= 0.25 * (1.0 + 1e-5)  # a last step is stretched by up to 1e-6, and t is rounded
    assert len(steps) == pytest.approx(80, abs=12)


def test_linear_invariants_hold_to_rounding_over_very_many_steps() -> None:
    solver = program("robertson")
    p = solver.labels.values()
    memory = solver.start(0.0, [1.0, 0.0, 0.0], [0.0, 0.0], p, rtol=1e-8, h_max=0.05)
    assert solver.advance(memory, p, 10**6, 5000.0) == Status.END
    assert memory.steps > 1e5
    first, second = memory.q
    x, y, z = memory.y
    # states and extents take different ways through the kernel: 1e5 roundings of 1.1e-16 that add up at random
    # come to 3.5e-14
    for residual in (x + y + z - 1.0, x + first - 1.0, z - second, y - first + second):
        assert abs(residual) < 1e-13


def test_what_a_stiff_enzyme_conserves_stays_to_rounding() -> None:
    """Steps of 1e5 ms over exchanges of 1e7 per ms: factors alone would leave 1e-4 of the sum in doubt."""
    solver = program("enzyme")
    p = solver.labels.values()
    memory = solver.start(0.0, solver.labels.initial(), np.zeros(4), p, rtol=1e-8)
    assert solver.advance(memory, p, 10_000, 1e7) == Status.END
    assert memory.real("h") > 1e5
    cycles = memory.q[1]
    assert cycles > 10.0
    bind, change, release, back = memory.q
    moved = np.array([back - bind, bind - change, change - release, release - back])
    # content and throughput are some hundreds of fmol, each rounded to 1.1e-16 over some hundred steps
    assert np.abs(memory.y - [1.0, 0.0, 0.0, 0.0] - moved).max() < 1e-13 * cycles
    assert abs(memory.y.sum() - 1.0) < 1e-13 * cycles


def test_a_fast_relaxation_late_in_a_long_run_is_followed() -> None:
    """After four hours a plain sum of times would lose steps below 1e-9 ms; here 1e-8 ms matter."""
    solver = program("enzyme")
    p = solver.labels.values()
    late, early = [], []
    for rows, t in ((early, 0.0), (late, 1.44e7)):
        memory = solver.start(t, solver.labels.initial(), np.zeros(4), p, rtol=1e-8)
        while memory.steps < 60:
            solver.advance(memory, p, 1, t + 1e6)
            rows.append([*memory.y, memory.count("rejects")])
    assert np.array_equal(early, late)
    assert memory.t > 1.44e7


def test_extremes_cover_every_accepted_point() -> None:
    solver = program("relaxation")
    p = solver.labels.values()
    memory = solver.start(0.0, [2.0, 0.0], [0.0], p, rtol=1e-6, every_step=True, capacity=5000)
    assert solver.advance(memory, p, 10_000, 60.0) == Status.END
    rates = memory.rows[:, 2] ** 2
    assert memory.least[0] == pytest.approx(rates.min(), abs=1e-300)
    assert memory.most[0] == pytest.approx(rates.max(), rel=1e-15)


def test_algebraic_states_begin_on_their_equation_and_stay_there() -> None:
    solver = program("constrained")
    p = solver.labels.values()
    memory = solver.start(0.0, [1.0, 0.5, 7.0], [], p, rtol=1e-9, every_step=True)
    assert solver.advance(memory, p, 0, 5.0) == Status.BUDGET
    assert memory.y[:2].tolist() == [1.0, 0.5]
    assert abs(solver.observe(0.0, memory.y, p)[0, 0]) < 1e-10
    assert solver.advance(memory, p, 1000, 5.0) == Status.END
    excess = solver.observe(memory.rows[:, 0], memory.rows[:, 1:], p)
    assert np.abs(excess).max() < 1e-8  # ten times the tolerance


@pytest.mark.parametrize("method", ["stiff", "explicit"])
def test_millions_of_equal_small_changes_are_not_rounded_away(method: Method) -> None:
    """A slow flow beside a large amount: each step of 1 ms adds 1.4 units of its last digit, which alone would count as 1."""
    change = 1e3 * 1.4 * 2.0**-53
    system = System("drip", (State("x", "fmol", 1e3, 1.0), State("y", "fmol", 1e3, 1.0)),
                    {"x": symbol("drip") + 0.0 * symbol("y"), "y": -symbol("drip")}, (Parameter("drip", "fmol/ms", change),),
                    quadratures=(Quadrature("extent", "fmol", symbol("drip") + 0.0 * symbol("x")),))
    solver = compile_system(system)
    memory = solver.start(0.0, [1e3, 1e3], [0.0], [change], rtol=1e-6, h_max=1.0, method=method)
    assert solver.advance(memory, [change], 1_100_000, 1e6) == Status.END
    moved = memory.q[0]
    # one rounding of 1e3 is 1.1e-13; without what is carried over, 1e6 steps are off by 0.4 of the 1.6e-7
    assert memory.y[0] - 1e3 == pytest.approx(moved, abs=3e-13)
    assert memory.y[1] - 1e3 == pytest.approx(-moved, abs=3e-13)
    assert moved == pytest.approx(1e6 * change, rel=1e-13)
