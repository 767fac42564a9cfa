"""Continuation on problems with known branches: folds, Hopf points and branchings where they must be, and every end.

A point is located to 1e-13 of a step and solved to ten digits and more of its rates, so that 1e-8 leaves a wide margin.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq

from pumpleak.compile.compiler import compile_system
from pumpleak.solve.continuation import BEND, Curve, follow
from pumpleak.solve.line import Line
from pumpleak.solve.newton import SETTLED
from pumpleak.system.expression import Expression, symbol
from pumpleak.system.system import Parameter, State, System

EXACT = 1e-8
X, Y, P = symbol("x"), symbol("y"), symbol("p")


def branch(rates: Mapping[str, Expression], start: Mapping[str, float], first: float, last: float, *,
           logarithmic: bool = False, positive: tuple[str, ...] = ()) -> Curve:
    """The branch of a system with the parameter p that goes from first to last."""
    states = tuple(State(name, "mM", start[name], 1.0) for name in rates)
    program = compile_system(System("toy", states, rates, (Parameter("p", "1", first),)))
    line = Line(np.array([first]), np.array([last]), 0, logarithmic)
    curve = follow(program, 0.0, program.labels.initial(), line, positive)
    assert all(point.residual <= SETTLED for point in curve.points)
    return curve


def marks(curve: Curve) -> list[tuple[str, float]]:
    """What is marked, and at which value of the parameter."""
    return [(point.mark, point.value) for point in curve.points if point.mark]


def test_the_fold_of_a_parabola() -> None:
    curve = branch({"x": P - X * X}, {"x": 1.0}, 1.0, -1.0)
    (fold,) = (point for point in curve.points if point.mark)
    assert fold.mark == "fold"
    assert (fold.value, fold.y[0]) == pytest.approx((0.0, 0.0), abs=EXACT)
    assert abs(fold.tangent[-1]) < EXACT  # the parameter stands still there: the proof of a fold
    # round the fold, and back to where the parameter began, on the other side
    assert (curve.end, curve.points[-1].y[0], curve.points[-1].value) == ("returned", pytest.approx(-1.0, abs=EXACT), 1.0)
    for point in curve.points:
        assert point.value == pytest.approx(point.y[0] ** 2, abs=1e-12)
    assert {point.kind for point in curve.points if point.y[0] > 1e-6} == {"stable"}
    assert {point.kind for point in curve.points if point.y[0] < -1e-6} == {"unstable"}


def test_both_folds_of_a_hysteresis() -> None:
    start = float(brentq(lambda x: -1.0 + x - x**3, -2.0, -1.0, xtol=1e-15))
    curve = branch({"x": P + X - X * X * X}, {"x": start}, -1.0, 1.0)
    turn = 2.0 / np.sqrt(27.0)
    assert [mark for mark, _ in marks(curve)] == ["fold", "fold"]
    assert [value for _, value in marks(curve)] == pytest.approx([turn, -turn], abs=EXACT)
    assert [point.y[0] for point in curve.points if point.mark] == pytest.approx([-1 / np.sqrt(3), 1 / np.sqrt(3)], abs=EXACT)
    assert (curve.end, curve.points[-1].value) == ("reached", 1.0)
    assert curve.points[-1].y[0] == pytest.approx(-start, abs=EXACT)
    for point in curve.points:
        if not point.mark:
            assert point.kind == ("unstable" if abs(point.y[0]) < 1 / np.sqrt(3) else "stable")


def test_the_hopf_point_of_the_brusselator() -> None:
    a = 1.5
    rates = {"x": a - (P + 1.0) * X + X * X * Y, "y": P * X - X * X * Y}
    curve = branch(rates, {"x": a, "y": 1.0 / a}, 1.0, 6.0)
    (hopf,) = (point for point in curve.points if point.mark)
    assert (hopf.mark, hopf.value) == ("Hopf", pytest.approx(1.0 + a * a, abs=EXACT))
    assert hopf.critical == pytest.approx(1j * a, abs=EXACT)  # its frequency is a
    assert {point.kind for point in curve.points if point.value < hopf.value} == {"stable"}
    assert {point.kind for point in curve.points if point.value > hopf.value} == {"unstable"}


def test_the_normal_form_of_a_hopf_point() -> None:
    radius = X * X + Y * Y
    curve = branch({"x": P * X - 2.0 * Y - X * radius, "y": 2.0 * X + P * Y - Y * radius}, {"x": 0.0, "y": 0.0}, -1.0, 1.0)
    assert marks(curve) == [("Hopf", pytest.approx(0.0, abs=EXACT))]
    assert next(point for point in curve.points if point.mark).critical.imag == pytest.approx(2.0, abs=EXACT)


def test_two_hopf_points_with_a_fold_nowhere() -> None:
    """FitzHugh and Nagumo: the trace 1 - v^2 - 0.08 0.8 vanishes twice."""
    v, w = symbol("x"), symbol("y")
    rates = {"x": v - v * v * v / 3.0 - w + P, "y": 0.08 * (v + 0.7 - 0.8 * w)}
    start = float(brentq(lambda x: x - x**3 / 3.0 - (x + 0.7) / 0.8, -2.0, 0.0, xtol=1e-15))
    curve = branch(rates, {"x": start, "y": (start + 0.7) / 0.8}, 0.0, 2.0)
    place = np.sqrt(1.0 - 0.08 * 0.8)
    expected = [x**3 / 3.0 - x + (x + 0.7) / 0.8 for x in (-place, place)]
    assert marks(curve) == [("Hopf", pytest.approx(value, abs=EXACT)) for value in expected]


@pytest.mark.parametrize("rate", [X * (P - X), P * X - X * X * X])
def test_where_another_branch_crosses_nothing_turns(rate: Expression) -> None:
    curve = branch({"x": rate}, {"x": 0.0}, -1.0, 1.0)
    assert marks(curve) == [("branching", pytest.approx(0.0, abs=EXACT))]
    assert (curve.end, curve.points[-1].kind) == ("reached", "unstable")


def test_a_conserved_total_is_held_round_both_folds() -> None:
    """A switch with positive feedback and a total of 2: p = x/(T - x) - 6 x^2/(1 + x^2) turns where its slope vanishes."""
    total, feedback = 4.0, 3.0
    inward = (P + feedback * X * X / (4.0 + X * X)) * Y - 2.0 * X

    def value(x: float) -> float:
        return 2.0 * x / (total - x) - feedback * x * x / (4.0 + x * x)

    def slope(x: float) -> float:
        return 2.0 * total / (total - x) ** 2 - feedback * 8.0 * x / (4.0 + x * x) ** 2

    grid = np.linspace(0.0, 3.9, 400)
    signs = np.sign([slope(x) for x in grid])
    turns = [float(brentq(slope, grid[i], grid[i + 1], xtol=1e-14)) for i in np.flatnonzero(np.diff(signs))]
    assert len(turns) == 2
    curve = branch({"x": inward, "y": -inward}, {"x": 0.0, "y": total}, 0.0, 1.0)
    assert marks(curve) == [("fold", pytest.approx(value(x), abs=EXACT)) for x in turns]
    for point in curve.points:
        assert sum(point.y) == pytest.approx(total, rel=1e-12)
        assert point.eigenvalues.size == 1  # the total itself does not move
        assert point.value == pytest.approx(value(point.y[0]), abs=1e-9)


def test_a_logarithmic_line_reaches_over_six_decades() -> None:
    curve = branch({"x": P - X}, {"x": 1e-3}, 1e-3, 1e3, logarithmic=True)
    values = np.array([point.value for point in curve.points])
    assert (curve.end, values[-1]) == ("reached", pytest.approx(1e3, rel=1e-12))
    assert np.all(np.diff(values) > 0.0)
    assert np.max(np.diff(np.log10(values))) < 0.5
    assert [point.y[0] for point in curve.points] == pytest.approx(values, rel=1e-10)


def test_parameters_that_move_together_stay_on_their_line() -> None:
    for logarithmic in (False, True):
        line = Line(np.array([3.0, 147.0, 7.0]), np.array([40.0, 110.0, 7.0]), 0, logarithmic)
        for q in (0.0, 0.3, 1.0):
            assert line.parameters(q)[0] == pytest.approx(line.value(q))
            assert line.parameters(q)[:2].sum() == pytest.approx(150.0)
            assert line.parameters(q)[2] == 7.0
    assert line.value(0.5) == pytest.approx(np.sqrt(120.0))


def test_a_branch_ends_where_an_amount_is_used_up() -> None:
    curve = branch({"x": 1.0 - P - X}, {"x": 1.0}, 0.0, 2.0, positive=("x",))
    assert (curve.end, curve.what) == ("empties", ("x",))
    assert curve.points[-1].value == pytest.approx(1.0, abs=EXACT)
    assert all(point.y[0] >= 0.0 for point in curve.points)


def test_what_is_not_there_cannot_be_used_up() -> None:
    curve = branch({"x": P - X, "y": -Y}, {"x": 1.0, "y": 0.0}, 1.0, 2.0, positive=("x", "y"))
    assert curve.end == "reached"


def test_a_branch_ends_where_a_state_runs_off() -> None:
    curve = branch({"x": 1.0 - P * X, "y": X - Y}, {"x": 1.0, "y": 1.0}, 1.0, 0.0)
    assert (curve.end, curve.what) == ("grows", ("x", "y"))
    assert 0.0 < curve.points[-1].value < 1e-3


def test_a_branch_ends_where_the_equations_do() -> None:
    curve = branch({"x": P**0.5 - X}, {"x": 1.0}, 1.0, -1.0)
    assert curve.end == "lost"
    assert 0.0 <= curve.points[-1].value < 1e-3


def test_a_start_that_is_no_rest_has_no_branch() -> None:
    assert branch({"x": 1.0 + P * P + X * X}, {"x": 0.0}, 0.0, 1.0).points == ()


def test_a_start_where_more_is_conserved_than_further_on_has_no_branch() -> None:
    """At p = 0 x + y never changes and any y rests; further on only y = 1 does."""
    curve = branch({"x": Y - X + P * (1.0 - X), "y": X - Y}, {"x": 3.0, "y": 3.0}, 0.0, 1.0)
    assert (curve.points, curve.end) == ((), "free")


def test_what_cannot_be_proved_is_a_doubt() -> None:
    """The only eigenvalue jumps from -1 to 1 and is never zero: neither a fold nor a branching."""
    half = P - 0.5
    curve = branch({"x": X * half / (half * half) ** 0.5}, {"x": 0.0}, 0.0, 1.0)
    assert marks(curve) == []
    assert curve.doubts == (pytest.approx(0.5, abs=1e-6),)


def test_no_step_cuts_a_corner() -> None:
    curve = branch({"x": P - X * X}, {"x": 1.0}, 1.0, -1.0)
    plain = [point for point in curve.points if not point.mark]
    for one, two in pairwise(plain[:-1]):  # the last is put on the edge of the range
        assert one.tangent @ two.along / np.linalg.norm(two.along) >= BEND - 0.01
