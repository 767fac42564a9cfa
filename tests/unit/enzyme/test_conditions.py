"""Surroundings of an enzyme: complete, known, finite, and of shapes that fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.enzyme.closure import log_ratio
from pumpleak.enzyme.conditions import surroundings
from pumpleak.enzyme.energy import hydrolysis_energy
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import number, symbol

ONE = number(1.0)
CARRIER = Scheme(
    "carrier",
    (Step("bind", "A", "B", ONE, ONE, {"outside.glucose": 1}), Step("free", "B", "A", ONE, ONE, {}, {"inside.glucose": 1})),
    conditions={"rest": {"inside.glucose": 1.0, "outside.glucose": 5.0, "membrane.V": -70.0}})


def test_given_values_stand_over_a_named_condition() -> None:
    found = surroundings(CARRIER, {"membrane.V": np.array([0.0, 1.0])}, "rest")
    assert found["outside.glucose"] == 5.0
    np.testing.assert_array_equal(found["membrane.V"], [0.0, 1.0])


def test_arrays_keep_their_shapes() -> None:
    found = surroundings(CARRIER, {"membrane.V": np.zeros(3), "inside.glucose": np.ones((2, 1))}, "rest")
    assert (found["membrane.V"].shape, found["inside.glucose"].shape) == ((3,), (2, 1))


@pytest.mark.parametrize(("given", "base", "error", "message"), [
    ({"inside.glucos": 1.0}, "rest", NameUnknown,
     "carrier: it knows no 'inside.glucos'; did you mean 'inside.glucose' or 'outside.glucose'?"),
    ({}, "rset", NameUnknown, "unknown condition 'rset'; did you mean 'rest'?"),
    ({"membrane.V": 0.0}, "", ModelError,
     "carrier: inside.glucose is not given, only membrane.V is; give it or start from a named condition: rest"),
    ({"inside.glucose": -1.0}, "rest", ModelError,
     "carrier: inside.glucose is -1; a concentration must be finite and not negative"),
    ({"membrane.V": [0.0, np.inf]}, "rest", ModelError, "carrier: membrane.V is inf; a voltage must be finite"),
    ({"temperature": [310.0, 0.0]}, "rest", ModelError,
     "carrier: temperature is 0 K; an enzyme works between 200 and 400 K; was 0 degC meant, which is 273.15 K?"),
    ({"temperature": 583.15}, "rest", ModelError,
     "carrier: temperature is 583.15 K; an enzyme works between 200 and 400 K; was 310 K meant, not 310 degC?"),
    ({"temperature": -300.0}, "rest", ModelError,
     "carrier: temperature is -300 K; an enzyme works between 200 and 400 K"),
    ({"temperature": np.nan}, "rest", ModelError,
     "carrier: temperature is nan K; an enzyme works between 200 and 400 K"),
    ({"temperature": np.inf}, "rest", ModelError, "carrier: temperature is inf K; an enzyme works between 200 and 400 K"),
    ({"membrane.V": np.zeros(3), "inside.glucose": np.ones(2)}, "rest", ModelError,
     "carrier: these shapes do not fit together: inside.glucose (2,), membrane.V (3,)"),
])
def test_conditions_that_do_not_fit_are_refused(given: dict[str, float], base: str, error: type[Exception],
                                                message: str) -> None:
    with pytest.raises(error) as caught:
        surroundings(CARRIER, given, base)
    assert str(caught.value) == message


def test_a_temperature_may_be_given_named_or_left_out() -> None:
    warm = replace(CARRIER, conditions={"fever": {**CARRIER.conditions["rest"], "temperature": 313.0}})
    assert surroundings(CARRIER, {}, "rest")["temperature"] == CARRIER.constants.T
    assert surroundings(warm, {}, "fever")["temperature"] == 313.0
    np.testing.assert_array_equal(surroundings(warm, {"temperature": [290.0, 300.0]}, "fever")["temperature"], [290.0, 300.0])


def test_a_named_condition_has_no_impossible_temperature() -> None:
    with pytest.raises(ModelError) as caught:
        replace(CARRIER, conditions={"void": {**CARRIER.conditions["rest"], "temperature": 0.0}})
    assert str(caught.value) == ("carrier: condition 'void' sets temperature to 0 K; an enzyme works between 200 and 400 "
                                 "K; was 0 degC meant, which is 273.15 K?")
    with pytest.raises(ModelError, match=r"carrier: constants.T is 583.15 K; .* was 310 K meant, not 310 degC\?"):
        replace(CARRIER, constants=Constants(T=583.15))


def test_what_is_presumed_counts_where_nothing_else_is_given() -> None:
    given = {"inside.glucose": 2.0}
    scheme = replace(CARRIER, presumed={"outside.glucose": 4.0}, conditions={
        "rest": {"inside.glucose": 1.0, "membrane.V": -70.0}, "fed": CARRIER.conditions["rest"]})
    assert surroundings(scheme, {**given, "membrane.V": 0.0})["outside.glucose"] == 4.0
    assert surroundings(scheme, {}, "rest")["outside.glucose"] == scheme.conditions["rest"]["outside.glucose"] == 4.0
    assert surroundings(scheme, {}, "fed")["outside.glucose"] == 5.0
    assert surroundings(scheme, {"outside.glucose": 6.0}, "rest")["outside.glucose"] == 6.0


@pytest.mark.parametrize(("presumed", "message"), [
    ({"outside.glucos": 4.0}, "carrier: it presumes 'outside.glucos', which is none of its ligands; did you mean "),
    ({"outside.glucose": -4.0}, "carrier: it presumes outside.glucose = -4; a concentration must be finite and not ")])
def test_what_cannot_be_presumed_is_refused(presumed: dict[str, float], message: str) -> None:
    with pytest.raises((ModelError, NameUnknown)) as caught:
        replace(CARRIER, presumed=presumed)
    assert str(caught.value).startswith(message)


def test_dG_ATP_is_that_of_the_solution_whether_or_not_a_scheme_states_an_enthalpy() -> None:
    """Two schemes on one screen: dH0 of the reaction itself stands in where a scheme states none."""
    hydrolysis = {"inside.ATP": 1}, {"inside.ADP": 1, "inside.Pi": 1, "inside.H": 1}
    plain = Scheme("ATPase", (Step("cut", "A", "B", ONE, symbol("k"), *hydrolysis), Step("turn", "B", "A", ONE, ONE)),
                   derived={"k": "1/(ms mM3)"})
    given = {**dict.fromkeys(plain.ligands, 1.0), "membrane.V": 0.0, "temperature": np.array([290.0, 297.15, 310.15])}
    stated = replace(plain, dH0=-23_700.0)
    np.testing.assert_array_equal(hydrolysis_energy(plain, given), hydrolysis_energy(stated, given))
    # the derived constant follows, so that the cycle closes at each temperature
    (cycle,) = plain.cycles
    np.testing.assert_allclose(log_ratio(cycle, plain.rates(given)), -hydrolysis_energy(plain, given) / plain.thermal(given).RT,
                               rtol=1e-13)
    standard = hydrolysis_energy(plain, {**given, **dict.fromkeys(plain.ligands, 1000.0)})
    np.testing.assert_allclose(standard, [11_900.0 * T / 310.15 - 23_700.0 * (1.0 - T / 310.15) for T in given["temperature"]],
                               rtol=1e-13)


def test_constants_that_hold_at_one_temperature_are_asked_at_that_alone() -> None:
    hydrolysis = {"inside.ATP": 1}, {"inside.ADP": 1, "inside.Pi": 1, "inside.H": 1}
    ratio = np.exp(-11900.0 / Constants().RT) * 1e6  # of the constants, in mM^2
    fixed = Scheme("ATPase", (Step("cut", "A", "B", ONE, number(1.0 / ratio), *hydrolysis), Step("turn", "B", "A", ONE, ONE)))
    given = {**dict.fromkeys(fixed.ligands, 1.0), "membrane.V": 0.0}
    surroundings(fixed, {**given, "temperature": 310.15})
    with pytest.raises(ModelError) as caught:
        surroundings(fixed, {**given, "temperature": 300.0})
    assert str(caught.value) == ("ATPase: temperature is 300 K, but its constants hold at 310.15 K alone; give it dH0 and "
                                 "activation enthalpies, or leave one constant of each cycle that uses ATP to be derived")
    surroundings(replace(fixed, dH0=-23.7e3), {**given, "temperature": 300.0})
