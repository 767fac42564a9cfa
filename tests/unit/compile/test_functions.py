"""Every function of the System's table has its form in generated code, with the same values and slopes."""

import numpy as np
import pytest

from pumpleak.compile.compiler import compile_system
from pumpleak.compile.functions import FORMS, WHOLE_MOST
from pumpleak.system.expression import call, symbol
from pumpleak.system.functions import FUNCTIONS
from pumpleak.system.system import Definition, Parameter, State, System

ARGUMENTS = [symbol("a"), symbol("b"), symbol("c")]
POSITIVE = {"pow", "log", "sqrt"}
CONDITIONS = {"and", "or", "not", "select"}  # their first argument is 1 or 0


def test_the_tables_hold_the_same_names() -> None:
    assert set(FORMS) == set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_values_and_slopes_agree_with_the_table(name: str) -> None:
    function = FUNCTIONS[name]
    expression = call(name, *ARGUMENTS[:function.arity])
    system = System("one", tuple(State(symbol.name, "1", 0.0, 1.0) for symbol in ARGUMENTS),
                    {"a": expression, "b": symbol("b"), "c": symbol("c")}, definitions=(Definition("it", "1", expression),))
    program = compile_system(system)
    random = np.random.default_rng(3)
    points = random.uniform(-2.0, 2.0, (200, 3))
    if name in POSITIVE:
        points = np.abs(points) + 0.1
    if name in CONDITIONS:
        points[:, :2 if name in ("and", "or") else 1] = random.integers(0, 2, (200, 2 if name in ("and", "or") else 1))
    expected = function.array(*points.T[:function.arity])
    found = program.observe(np.zeros(200), points, [])[:, 0]
    assert found == pytest.approx(expected, rel=1e-14, abs=1e-15)
    if name in CONDITIONS - {"select"}:
        return
    for point in points[:20]:
        slopes = program.jacobian(0.0, point, [])[0]
        for place in range(function.arity if name != "select" else 0):
            step = np.zeros(3)
            step[place] = 1e-6
            slope = (program.rhs(0.0, point + step, [])[0] - program.rhs(0.0, point - step, [])[0]) / 2e-6
            # a centred difference over 1e-6: its own error is 1e-10 of rounding and 1e-12 of curvature
            assert slopes[place] == pytest.approx(slope, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("exponent", [-65.0, -3.0, -1.0, -0.5, 0.5, 1.5, 2.0, 3.0, 7.0, WHOLE_MOST, 100.0])
def test_constant_powers(exponent: float) -> None:
    system = System("power", (State("x", "1", 1.0, 1.0),), {"x": symbol("x") ** exponent})
    program = compile_system(system)
    for x in (0.7, 1.0, 1.9):
        assert program.rhs(0.0, [x], [])[0] == pytest.approx(x**exponent, rel=1e-13)
        assert program.jacobian(0.0, [x], [])[0, 0] == pytest.approx(exponent * x ** (exponent - 1.0), rel=1e-13)


def test_a_whole_power_of_a_negative_number() -> None:
    program = compile_system(System("cube", (State("x", "1", 1.0, 1.0),), {"x": symbol("x") ** 3 + symbol("x") ** -2}))
    assert program.rhs(0.0, [-2.0], [])[0] == -8.0 + 0.25


def test_a_power_with_a_parameter_for_exponent() -> None:
    program = compile_system(System("hill", (State("x", "1", 1.0, 1.0),), {"x": symbol("x") ** symbol("n")},
                                    (Parameter("n", "1", 2.5),)))
    assert program.rhs(0.0, [3.0], [2.5])[0] == pytest.approx(3.0**2.5, rel=1e-14)
    assert program.rhs(0.0, [0.0], [2.5])[0] == 0.0


@pytest.mark.parametrize("name", ["min", "max"])
def test_what_is_no_number_is_not_lost(name: str) -> None:
    program = compile_system(System("two", (State("a", "1", 0.0, 1.0), State("b", "1", 0.0, 1.0)),
                                    {"a": symbol("a"), "b": symbol("b")},
                                    definitions=(Definition("it", "1", call(name, symbol("a"), symbol("b"))),)))
    found = program.observe(np.zeros(3), np.array([[1.0, np.nan], [np.nan, 1.0], [np.nan, np.nan]]), [])[:, 0]
    assert np.all(np.isnan(found))


def test_the_slope_of_exprel_is_there_as_far_as_it_is_a_number() -> None:
    program = compile_system(System("one", (State("x", "1", 1.0, 1.0),), {"x": call("exprel", symbol("x"))}))
    for x in (50.0, 599.0, 601.0, 700.0, 712.0, 716.0):
        exact = np.exp(np.longdouble(x)) * (np.longdouble(x) - 1.0) / np.longdouble(x) ** 2
        assert program.jacobian(0.0, [x], [])[0, 0] == pytest.approx(float(exact), rel=1e-13)
    assert np.isinf(program.jacobian(0.0, [720.0], [])[0, 0])
