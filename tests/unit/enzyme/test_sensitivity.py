"""Exact derivatives of steady states, charge and relaxation rates, against differences of what the enzyme layer computes."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.enzyme.charge import charge_voltage
from pumpleak.enzyme.conditions import surroundings
from pumpleak.enzyme.jump_sensitivity import Jumped, Jumps, Window
from pumpleak.enzyme.relaxation import jump
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.sensitivity import STEP, Sensitivity, constant_of
from pumpleak.formats.catalog import load
from pumpleak.system.grammar import parse

Array = NDArray[np.float64]
V = np.linspace(-120.0, 60.0, 7)
NO_POTASSIUM = {"inside.K": 1e-6, "outside.K": 1e-6}


def scheme(name: str) -> Scheme:
    found = load(name)
    assert isinstance(found, Scheme)
    return found


def around(asked: Sensitivity, given: dict[str, object]) -> dict[str, object]:
    read = surroundings(asked.scheme, given, "physiological")  # type: ignore[arg-type]
    return asked.at({name: np.array(np.broadcast_to(array, V.shape)) for name, array in read.items()})


def slope(function: Callable[[list[float]], Array], at: list[float], index: int, step: float, linear: bool = False) -> Array:
    """Derivative by the logarithm (of an enthalpy by 10 kJ/mol), from differences of sixth order."""
    def shifted(by: float) -> Array:
        values = list(at)
        values[index] = at[index] + 1e4 * by if linear else at[index] * np.exp(by)
        return function(values)

    def centred(by: float) -> Array:
        return (shifted(by) - shifted(-by)) / (2.0 * by)

    return np.asarray((64.0 * centred(step / 4.0) - 20.0 * centred(step / 2.0) + centred(step)) / 45.0)


@pytest.mark.parametrize(("name", "enthalpies"), [
    ("pan-2018-4", ()), ("chapman-1983", ()), ("pan-2018-15", ()), ("clarke-2013-closed", ()),
    ("post-albers-23", ("change_to_E2P.activation", "dephosphorylate.activation", "E2P.enthalpy")),
])
def test_derivatives_of_the_steady_state_are_exact(name: str, enthalpies: tuple[str, ...]) -> None:
    model = scheme(name)
    names = [each.name for each in model.parameters if each.value > 0.0] + list(enthalpies)
    asked = Sensitivity(model, names)
    there = around(asked, {"membrane.V": V, **({"temperature": 298.0} if enthalpies else {})})
    values = [constant_of(model, each)[0] for each in names]
    linear = [each in enthalpies for each in names]
    found = asked.sensed(there, values, [1e4 if each else value for value, each in zip(values, linear, strict=True)])
    cycle = model.cycles[0].name
    size = float(np.max(np.abs(found.fluxes[cycle].real)))

    def flux(at: list[float]) -> Array:
        return np.asarray(asked.steady(there, at).fluxes[cycle])

    exact = np.broadcast_to(found.fluxes[cycle].imag / STEP, (len(names), len(V)))
    for index in range(len(names)):
        # differences of sixth order over 0.04 e-folds: 1e-10 by curvature, 1e-14/0.01 by rounding
        np.testing.assert_allclose(exact[index], slope(flux, values, index, 0.04, linear[index]), rtol=0.0, atol=1e-8 * size,
                                   err_msg=names[index])


@pytest.mark.parametrize("name", ["pan-2018-4", "post-albers-23"])
def test_values_are_those_of_a_response(name: str) -> None:
    model = scheme(name)
    asked = Sensitivity(model, [model.parameters[0].name])
    found = asked.sensed(around(asked, {"membrane.V": V}), [model.parameters[0].value], [1.0])
    response = respond(model, {"membrane.V": V}, "physiological")
    for state in model.states:
        np.testing.assert_allclose(found.occupancies[state][0].real, response.occupancies[state], rtol=1e-12)


def test_enthalpies_move_rates_as_a_scheme_built_with_them() -> None:
    from dataclasses import replace

    model = scheme("post-albers-23")
    steps = tuple(replace(step, activation=60e3) if step.name == "change_to_E2P" else step for step in model.steps)
    other = replace(model, steps=steps, enthalpies={"E2P": 5e3, "E1.Na": -2e3})
    asked = Sensitivity(model, ["change_to_E2P.activation", "E2P.enthalpy", "E1.Na.enthalpy"])
    found = asked.steady(around(asked, {"membrane.V": V, "temperature": 290.0}), [60e3, 5e3, -2e3])
    expected = respond(other, {"membrane.V": V, "temperature": 290.0}, "physiological")
    cycle = model.cycles[0].name
    np.testing.assert_allclose(1e3 * found.fluxes[cycle], expected.cycle_fluxes[cycle], rtol=1e-11)


def test_tied_constants_bring_their_share_of_a_derivative() -> None:
    model = scheme("post-albers-23")
    tied = Sensitivity(model, ["K_Na_in"], {"K_Na_in_third": parse("10*K_Na_in")})
    both = Sensitivity(model, ["K_Na_in", "K_Na_in_third"])
    one, two = (each.sensed(around(each, {"membrane.V": V}), at, at) for each, at in ((tied, [5.0]), (both, [5.0, 50.0])))
    cycle = model.cycles[0].name
    np.testing.assert_allclose(one.fluxes[cycle].imag[0], two.fluxes[cycle].imag.sum(axis=0), rtol=1e-12)


def gap(model: Scheme, given: dict[str, float]) -> float:
    """A rate [1/s] from which those of all components are as far as can be: a window may begin there."""
    before = {**given, "membrane.V": 10.0}
    rates = np.concatenate([jump(model, before, {"membrane.V": float(at)}, "physiological").rates for at in V])
    edges = np.geomspace(1.0, 5000.0, 400)
    return float(edges[np.argmax(np.min(np.abs(np.log(np.divide.outer(edges, rates))), axis=1))])


@pytest.mark.parametrize("name", ["post-albers-23", "pan-2018-15", "clarke-2013-closed"])
def test_charge_and_relaxation_and_their_derivatives(name: str) -> None:
    model = scheme(name)
    names = [each.name for each in model.parameters if each.value > 0.0][:14]
    values = [constant_of(model, each)[0] for each in names]
    asked = Sensitivity(model, names)
    given = {**NO_POTASSIUM, "inside.ADP": 1e-3, "inside.Pi": 1e-3}
    parts = [surroundings(model, {**given, "membrane.V": at}, "physiological") for at in (np.full(len(V), 10.0), V)]
    there = asked.at({key: np.concatenate([np.broadcast_to(part[key], V.shape) for part in parts]) for key in parts[0]})
    edge = gap(model, given)
    jumps, window = Jumps(model), Window(edge)

    def jumped(at: list[float]) -> Jumped:
        return jumps(asked.sensed(there, at, at), slice(0, len(V)), slice(len(V), 2 * len(V)), window)

    found = jumped(values)
    np.testing.assert_allclose(found.charge, charge_voltage(model, V, 10.0, given, "physiological", between=(edge, np.inf)),
                               rtol=0.0, atol=1e-9)
    whole = jump(model, {**given, "membrane.V": 10.0}, {"membrane.V": float(V[2])}, "physiological")
    seen = [(abs(charge), rate) for charge, rate in zip(whole.charges, whole.rates, strict=True) if rate > edge]
    assert found.rate[2] == pytest.approx(max(seen)[1], rel=1e-9)
    for index in range(len(names)):
        # charges are good to 1e-11 e, which differences over 0.04 make 1e-8
        np.testing.assert_allclose(found.charge_slopes[index], slope(lambda at: jumped(at).charge, values, index, 0.04),
                                   rtol=0.0, atol=1e-7, err_msg=names[index])
        # over a larger step another component may become the main one
        np.testing.assert_allclose(found.rate_slopes[index] / found.rate,
                                   slope(lambda at: jumped(at).rate, values, index, 0.004) / found.rate, rtol=0.0, atol=1e-7,
                                   err_msg=names[index])


def test_what_cannot_be_asked_is_refused() -> None:
    model = scheme("post-albers-23")
    with pytest.raises(NameUnknown, match=r"^post-albers-23: it has no constant 'K_Na_inn'; did you mean 'K_Na_in', "):
        Sensitivity(model, ["K_Na_inn"])
    with pytest.raises(NameUnknown, match=r"it has no constant 'to_E2' \(it is derived from detailed balance\)"):
        Sensitivity(model, ["to_E2"])
    with pytest.raises(ModelError, match=r"^pan-2018-15: \S+\.enthalpy has no meaning without dH0 of ATP hydrolysis; give"):
        Sensitivity(scheme("pan-2018-15"), [scheme("pan-2018-15").states[0] + ".enthalpy"])
    asked = Sensitivity(model, ["on_ion"])
    with pytest.raises(SolveError, match=r"^post-albers-23: the rate bind_Na_in1\.forward is -\S+ 1/ms; narrow the bounds"):
        asked.steady(around(asked, {"membrane.V": V}), [-1.0])
