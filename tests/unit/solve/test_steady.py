"""Steady states: conserved totals, the four kinds, and the numbers that prove them, on problems with known answers."""

from collections.abc import Mapping

import numpy as np
import pytest

from pumpleak.compile.compiler import compile_system
from pumpleak.solve.newton import Problem, conserved, eigenvalues, polish
from pumpleak.solve.steady import Steady, find_steady
from pumpleak.system.expression import Expression, exp, number, symbol
from pumpleak.system.system import State, System

S = symbol
UNIT = "mM"


def system(rates: Mapping[str, Expression], start: Mapping[str, float], masses: Mapping[str, float] | None = None,
           scale: float = 1.0) -> System:
    """A system with these rates."""
    states = tuple(State(name, UNIT, start.get(name, 0.0), scale, (masses or {}).get(name, 1.0)) for name in rates)
    return System("toy", states, rates)


def steady(made: System, until: float = 1e12) -> Steady:
    """Where it goes from its start."""
    program = compile_system(made)
    return find_steady(program, 0.0, program.labels.initial(), program.labels.values(), until)


def problem(made: System) -> Problem:
    """Its equations."""
    program = compile_system(made)
    return Problem(program, 0.0, program.labels.values())


def exchange(forth: float = 2e-3, back: float = 1e-3) -> System:
    """a and b exchange; their sum stays."""
    flow = S("a") * forth - S("b") * back
    return system({"a": -flow, "b": flow}, {"a": 3.0, "b": 0.0})


def test_a_conserved_total_keeps_its_start_value() -> None:
    found = steady(exchange())
    assert found.kind == "stable"
    assert found.y == pytest.approx([1.0, 2.0], rel=1e-12)
    assert found.eigenvalues == pytest.approx([-3e-3])  # the other, of the total, is zero and left out
    assert found.residual <= 1e-14
    assert len(found.totals) == 1


def test_several_totals_over_nine_decades_of_rates() -> None:
    # enzyme + substrate <-> complex -> enzyme + product -> substrate: enzyme and all substrate are conserved
    bind = S("e") * S("s") * 1e2 - S("c") * 1e1
    make, leak = S("c") * 1e-1, S("p") * 1e-7
    made = system({"e": -bind + make, "s": -bind + leak, "c": bind - make, "p": make - leak},
                  {"e": 1e-3, "s": 5.0}, scale=1e-3)
    found = steady(made)
    assert found.kind == "stable"
    assert len(found.totals) == 2
    e, s, c, p = found.y
    # the weights of a total are themselves found from rates that span nine decades: to some 1e-12
    assert e + c == pytest.approx(1e-3, rel=1e-11)
    assert s + c + p == pytest.approx(5.0, rel=1e-11)
    assert c * 1e-1 == pytest.approx(p * 1e-7, rel=1e-9)
    assert found.eigenvalues.size == 2


def test_a_slow_leak_is_not_taken_for_a_conserved_total() -> None:
    fast = (S("a") - S("b")) * 10.0
    made = system({"a": -fast - S("a") * 1e-8, "b": fast}, {"a": 1.0, "b": 1.0})
    assert conserved(problem(made), np.array([1.0, 1.0])).size == 0
    found = steady(made)
    assert found.y == pytest.approx([0.0, 0.0], abs=1e-12)
    # exact: half of the leak, since half of the total is in a
    assert found.eigenvalues[0].real == pytest.approx(-0.5e-8, rel=1e-6)
    assert found.eigenvalues[1].real == pytest.approx(-20.0, rel=1e-6)


def test_a_state_that_nothing_moves_is_a_total_of_its_own() -> None:
    made = system({"a": number(0.0), "b": S("a") - S("b")}, {"a": 2.0, "b": 0.0})
    found = steady(made)
    assert found.kind == "stable"
    assert found.y == pytest.approx([2.0, 2.0])


def test_algebraic_states_follow() -> None:
    made = system({"x": S("v") - S("x"), "v": S("x") * 0.5 + 1.0 - S("v")}, {"x": 0.0, "v": 1.0}, masses={"v": 0.0})
    found = steady(made)
    assert found.y == pytest.approx([2.0, 2.0], rel=1e-12)
    assert found.eigenvalues == pytest.approx([-0.5])


def test_of_two_stable_rests_the_flow_chooses() -> None:
    x = S("x")
    for start, end in ((0.2, 1.0), (-0.2, -1.0)):
        found = steady(system({"x": x - x * x * x}, {"x": start}))
        assert (found.kind, found.course) == ("stable", "settles")
        assert found.y == pytest.approx([end], rel=1e-12)


def test_a_start_on_an_unstable_rest_is_said_to_be_one() -> None:
    found = steady(system({"x": S("x") - S("x") ** 3.0}, {"x": 0.0}))
    assert found.kind == "unstable"
    assert found.eigenvalues == pytest.approx([1.0])


def test_an_oscillation_has_its_unstable_rest_inside() -> None:
    # Brusselator with a = 1, b = 3: rest at (a, b/a), eigenvalues (1 +- i sqrt 3)/2
    x, y = S("x"), S("y")
    turn = x * x * y
    found = steady(system({"x": 1.0 + turn - 4.0 * x, "y": 3.0 * x - turn}, {"x": 1.2, "y": 3.1}))
    assert (found.kind, found.course) == ("unstable", "oscillates")
    assert found.y == pytest.approx([1.0, 3.0], rel=1e-9)
    assert found.eigenvalues == pytest.approx([0.5 - 0.75**0.5 * 1j, 0.5 + 0.75**0.5 * 1j])


def test_a_damped_oscillation_settles() -> None:
    found = steady(system({"x": S("y"), "y": -S("x") - 0.1 * S("y")}, {"x": 1.0, "y": 0.0}))
    assert found.kind == "stable"
    assert found.eigenvalues.real == pytest.approx([-0.05, -0.05])
    assert np.abs(found.eigenvalues.imag) == pytest.approx([0.9975**0.5] * 2)


@pytest.mark.parametrize(("rate", "exponent"), [
    (number(1e-3), 1.0),             # x = t/1000
    (1e-3 / S("x"), 0.5),            # x = sqrt(1 + t/500)
])
def test_growth_without_end_is_found_with_its_law(rate: Expression, exponent: float) -> None:
    found = steady(system({"x": rate}, {"x": 1.0}))
    assert (found.kind, found.course) == ("none", "grows")
    assert found.growth == {0: pytest.approx(exponent, abs=1e-3)}


@pytest.mark.parametrize("rate", [S("x") * 1e-3, S("x") * S("x") * 1e-3])
def test_what_runs_off_has_no_rest(rate: Expression) -> None:
    found = steady(system({"x": rate}, {"x": 1.0}))
    assert (found.kind, found.course) == ("none", "grows")
    assert np.isinf(found.growth[0])


def test_what_is_slower_than_the_time_given_drifts() -> None:
    made = system({"x": 1.0 - S("x"), "y": (2.0 - S("y")) * 1e-9}, {"x": 0.0, "y": 1.0})
    found = steady(made, until=1e7)
    assert (found.kind, found.course) == ("drifting", "drifts")
    assert found.drift is not None
    assert found.drift == (1, pytest.approx(1e9 * found.y[1] / (2.0 - found.y[1]), rel=1e-3))
    assert found.time == 1e7
    assert steady(made).kind == "stable"


def test_a_direction_without_restoring_force_drifts() -> None:
    # y' = -y^3 comes to rest at 0 ever more slowly; its eigenvalue there is 0
    found = steady(system({"y": -1e-3 * S("y") ** 3.0}, {"y": 1.0}))
    assert found.kind == "drifting"


def test_where_the_equations_end_there_is_no_rest() -> None:
    found = steady(system({"x": -1.0 / (1.0 + exp(S("x") * 50.0)) - S("x") ** 0.5}, {"x": 1.0}))
    assert found.kind == "none"


def test_a_rest_far_from_its_scale_is_found() -> None:
    # at rest x = 1e6 and z = 1e-9, each judged by its own size
    made = system({"x": 1e6 - S("x"), "z": 1e-12 * S("x") - 1e3 * S("z")}, {"x": 1.0, "z": 1.0})
    found = steady(made)
    assert found.kind == "stable"
    assert found.y == pytest.approx([1e6, 1e-9], rel=1e-9)


def test_polish_reports_that_it_found_nothing() -> None:
    none = problem(system({"x": 1.0 + S("x") * S("x")}, {"x": 0.0}))
    assert polish(none, np.array([0.5]), np.array([0.5]), np.zeros((0, 1))) is None


def test_eigenvalues_over_fourteen_decades_are_each_right() -> None:
    rates = {f"x{i}": -(10.0 ** (3 - 2 * i)) * (S(f"x{i}") - (S(f"x{i - 1}") if i else 0.0)) for i in range(8)}
    made = system(rates, {})
    found = eigenvalues(problem(made), np.ones(8), np.zeros((0, 8)))
    assert np.sort(found.real)[::-1] == pytest.approx([-(10.0 ** (3 - 2 * i)) for i in range(7, -1, -1)], rel=1e-6)
