"""Schemes: what they know of themselves, and every impossible one refused in physical words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.enzyme.measured import constants, units

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError, NameUnknown, PumpleakError
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import number, symbol
from pumpleak.system.grammar import parse
from pumpleak.system.system import Definition

NUMBERS = {"f1": 2e-4, "b1": 0.3, "f2": 5.0, "b2": 1e-6, "f3": 0.7, "b3": 200.0, "f4": 3.0}


def steps() -> list[Step]:
    """A four-state Post-Albers cycle, 3 Na out and 2 K in for one ATP, one charge at the release of sodium."""
    rates = [(symbol(f"f{i}"), symbol(f"b{i}")) for i in range(1, 5)]
    return [
        Step("load", "E1", "E1P", *rates[0], {"inside.Na": 3, "inside.ATP": 1}, {"inside.ADP": 1}),
        Step("eject", "E1P", "E2P", *rates[1], {}, {"outside.Na": 3}, charge=1.0),
        Step("swap", "E2P", "E2", *rates[2], {"outside.K": 2}, {"inside.Pi": 1, "inside.H": 1}),
        Step("back", "E2", "E1", *rates[3], {}, {"inside.K": 2}),
    ]


def pump(changed: list[Step] | None = None, **options: Any) -> Scheme:
    known = {**units(steps()), **units(changed or [])}
    given: dict[str, Any] = {
        "parameters": constants([], NUMBERS, **known), "derived": {"b4": known["b4"]},
        "constants": Constants(8.314, 96485.0, 310.0), **options}
    return Scheme("pump", tuple(changed or steps()), **given)


def with_step(index: int, **changes: Any) -> list[Step]:
    changed = steps()
    changed[index] = replace(changed[index], **changes)
    return changed


def test_hydrolysis_balances_in_every_element_and_charge() -> None:
    elements = {element for name in HYDROLYSIS for element in SPECIES[name].composition}
    for element in elements:
        assert sum(count * SPECIES[name].composition.get(element, 0) for name, count in HYDROLYSIS.items()) == 0
    assert sum(count * SPECIES[name].charge for name, count in HYDROLYSIS.items()) == 0


def test_the_one_cycle_of_a_ring() -> None:
    scheme = pump()
    (cycle,) = scheme.cycles
    assert cycle.name == "swap"
    assert cycle.reaction == ("inside.ATP + inside.H2O + 3 inside.Na + 2 outside.K -> "
                              "inside.ADP + inside.H + 2 inside.K + inside.Pi + 3 outside.Na")
    assert (cycle.charge, cycle.hydrolysed) == (1.0, 1)
    assert scheme.states == ("E1", "E1P", "E2P", "E2")
    assert scheme.ligands == ("inside.ADP", "inside.ATP", "inside.H", "inside.K", "inside.Na", "inside.Pi",
                              "outside.K", "outside.Na")


def test_a_cycle_runs_in_the_direction_that_uses_ATP() -> None:
    turned = [Step(step.name, step.target, step.source, step.backward, step.forward, step.released, step.taken,
                   charge=-step.charge) for step in steps()]
    (cycle,) = pump(turned, states=("E1", "E1P", "E2P", "E2")).cycles
    assert cycle.hydrolysed == 1
    assert set(cycle.passages.values()) == {-1}


def test_the_derived_constant_closes_the_cycle_and_follows_changes() -> None:
    scheme = pump()
    assert scheme.closures[0].error < 1e-12
    mass_action = scheme.constants.RT
    ratio = 2e-4 * 5.0 * 0.7 * 3.0 / (0.3 * 1e-6 * 200.0)  # times 1/b4; mM to the -(3+1+2) + (1+3+2+2) = 2 by counting
    expected = ratio / (1e6 * np.exp(-11900.0 / mass_action))
    assert scheme.values["b4"] == pytest.approx(expected, rel=1e-13)
    assert scheme.with_values({"f1": 4e-4}).values["b4"] == pytest.approx(2.0 * expected, rel=1e-13)


def test_a_constant_that_enters_twice_is_derived_as_a_root() -> None:
    changed = with_step(3, forward=symbol("K") * symbol("f4"), backward=symbol("f4") / symbol("K"))
    scheme = pump(changed, derived={"K": "mM"}, parameters=constants(steps(), NUMBERS, f4="1/(ms mM)"))
    assert scheme.closures[0].closes
    assert "sqrt" in repr(scheme.derivation["K"])


def test_theta_is_what_was_taken_up_inside_less_what_moved_out() -> None:
    charges = pump().charges
    # loading brings 3 Na and the charge ATP has more than ADP, ejecting moves one charge out, and so on around
    assert charges == {"E1": 0.0, "E1P": 3.0 - 2.0 + 1.0, "E2P": 2.0 - 1.0, "E2": 1.0 + 2.0 - 1.0}


def test_contents_count_atoms_beyond_the_common_ones() -> None:
    contents = pump().contents
    assert contents["E1P"] == {"Na": 3, "O": 3, "P": 1}
    assert contents["E2"] == {"K": 2}
    assert contents["E1"] == {}


def test_depth_full_is_refused_for_lumped_steps_by_name() -> None:
    scheme = pump(with_step(0, forward=symbol("f1") * symbol("inside.Na") ** 3 * symbol("inside.ATP"),
                            backward=symbol("b1") * symbol("inside.ADP"), lumped=True))
    assert not scheme.is_explicit
    with pytest.raises(ModelError) as caught:
        scheme.require_explicit()
    assert str(caught.value) == ("pump: depth 'full' needs explicit binding, but the rates of 'load' already contain "
                                 "ligands at equilibrium; use depth 'reduced' or an explicit scheme")
    pump().require_explicit()


def three_potassium() -> list[Step]:
    changed = with_step(2, taken={"outside.K": 3})
    changed[3] = replace(changed[3], released={"inside.K": 3})
    return changed


def two_free() -> Scheme:
    left = {name: value for name, value in NUMBERS.items() if name != "f4"}
    return pump(parameters=constants(steps(), left), derived={name: units(steps())[name] for name in ("b4", "f4")})


def closed_by_hand(factor: float = 1.0, **options: Any) -> Scheme:
    given = {**NUMBERS, "b4": pump().values["b4"] * factor}
    return pump(parameters=constants(steps(), given), derived={}, **options)


ROOT = "inside.ATP + inside.H2O + 3 inside.Na + {} -> inside.ADP + inside.H + {}inside.Pi + {} outside.Na"
CLOSE = ("; leave one of its constants to be derived, or, for a scheme to be loaded as published, name the flaw in its "
         "defects")

REFUSED: list[tuple[str, Callable[[], Scheme], str]] = [
    ("binds 3 K but carries +1", lambda: pump(three_potassium()),
     "pump: the steps carry charge +1 through the field, but the cycle moves +0 ("
     + ROOT.format("3 outside.K", "3 inside.K + ", 3) + ")"),
    ("charge forgotten", lambda: pump(with_step(1, charge=0.0, forward_charge=0.0, backward_charge=0.0)),
     "pump: the steps carry charge +0 through the field, but the cycle moves +1 ("
     + ROOT.format("2 outside.K", "2 inside.K + ", 3) + ")"),
    ("loses potassium", lambda: pump(with_step(3, released={"inside.K": 1})),
     "pump: the cycle does not close: " + ROOT.format("2 outside.K", "inside.K + ", 3)
     + " leaves 1 K too few; what goes in must come out, but for ATP + H2O -> ADP + Pi + H"),
    ("makes phosphate", lambda: pump(with_step(0, taken={"inside.Na": 3}, released={})),
     "pump: the cycle does not close: 3 inside.Na + 2 outside.K -> inside.H + 2 inside.K + inside.Pi + 3 outside.Na "
     "leaves 1 H too many, 1 Pi too many; what goes in must come out, but for ATP + H2O -> ADP + Pi + H"),
    ("two free constants", two_free,
     "pump: the cycle has 2 free constants (b4, f4), but its equilibrium determines 1 of b4, f4; give values to the "
     "others"),
    ("wrong constant", lambda: closed_by_hand(2.0),
     "pump: the cycle does not close: its rates imply dG0 = 13.69 kJ/mol, +1.79 kJ/mol off the 11.9 kJ/mol "
     "that the scheme carries" + CLOSE),
    ("one way only", lambda: pump(with_step(3, backward=number(0.0)), derived={}),
     "pump: the cycle has a step that runs one way only, so that it has no equilibrium" + CLOSE),
    ("no power", lambda: pump(with_step(3, backward=symbol("b3") + symbol("b4"))),
     "pump: 'b4' cannot be derived: prod(forward/backward) of a cycle is no power of it (its exponent varies by "),
    ("no influence", lambda: pump(with_step(3, forward=symbol("b4"), backward=symbol("b4") * symbol("f4")),
                                  parameters=constants(steps(), NUMBERS, f4="1/mM^2"), derived={"b4": "1/ms"}),
     "pump: the cycle has 1 free constants (b4), but its equilibrium determines 0 of them; give values to the others"),
    ("disconnected", lambda: pump([*steps(), Step("stray", "X", "Y", number(1.0), number(1.0))]),
     "pump: no steps lead from 'E1' to 'X'; all states must be connected; states that one step alone touches: 'X' ('stray'), "
     "'Y' ('stray'): is one misspelt?"),
    ("state misspelt", lambda: pump(with_step(1, source="EP1")),
     "pump: its 4 steps form no cycle, so nothing can be transported; states that one step alone touches: 'E1P' ('load'), "
     "'EP1' ('eject'): is one misspelt?"),
    ("state alone", lambda: pump(states=("E1", "E1P", "E2P", "E2", "E3")),
     "pump: no steps lead from 'E1' to 'E3'; all states must be connected"),
    ("no cycle", lambda: pump(steps()[:3], derived={}),
     "pump: its 3 steps form no cycle, so nothing can be transported; states that one step alone touches: 'E1' ('load'), "
     "'E2' ('swap'): is one misspelt?"),
    ("a rate of 0", lambda: pump(with_step(1, backward=number(0.0))),
     "pump: b4 cannot be derived: the backward rate of 'eject' is 0, so that nothing balances it; give it a positive constant"),
    ("unknown before missing", lambda: pump(conditions={"rest": {
        **{("inside.Pii" if each == "inside.Pi" else each): 1.0 for each in pump().ligands}, "membrane.V": 0.0}}),
     "pump: condition 'rest' sets 'inside.Pii', which the scheme does not know; did you mean 'inside.Pi'"),
    ("no steps", lambda: Scheme("pump", ()), "pump: it has 0 steps; a scheme needs a cycle of them"),
    ("unknown state", lambda: pump(states=("E1", "E1P", "E2P", "E3")),
     "pump: step 'swap' uses the state 'E2', which is not one of its states; did you mean "),
    ("same name twice", lambda: pump([*steps()[:3], replace(steps()[3], name="load")]),
     "pump: the step 'load' has the name of a step; every part needs its own name"),
    ("a step named like a state", lambda: pump(with_step(0, name="E2")),
     "pump: the step 'E2' has the name of a state; every part needs its own name"),
    ("unknown constant", lambda: pump(with_step(0, forward=symbol("f9"))),
     "pump: load.forward uses 'f9', which nothing defines; did you mean "),
    ("reserved name", lambda: pump(definitions=(Definition("x", "1", number(1.0)),)),
     "pump: 'x' is defined twice; every quantity needs its own name"),
    ("definitions in a circle", lambda: pump(definitions=(Definition("p", "1", symbol("q")),
                                                          Definition("q", "1", symbol("p")))),
     "pump: definitions go in a circle: p -> q -> p; one of them must be a state"),
    ("negative rate", lambda: pump(with_step(0, forward=-symbol("f1"))),
     "pump: the rate load.forward is -"),
    ("not a number", lambda: pump(dG0=float("nan")), "pump: dG0 is nan; it must be a finite number [J/mol]"),
    ("enthalpy without dH0", lambda: pump(enthalpies={"E1": 5e3}),
     "pump: state 'E1' has an enthalpy of 5000 J/mol, but dH0 of ATP hydrolysis is not given; give it, such as -23.7 kJ/mol, "
     "so that cycles close at every temperature"),
    ("activation without dH0", lambda: pump(with_step(2, activation=8e4)),
     "pump: step 'swap' has an enthalpy of 80000 J/mol, but dH0 of ATP hydrolysis is not given; give it, such as "
     "-23.7 kJ/mol, so that cycles close at every temperature"),
    ("enthalpy of no state", lambda: pump(dH0=-24.4e3, enthalpies={"E3": 5e3}),
     "pump: an enthalpy is given for 'E3', which is not one of its states; "),
    ("enthalpy not finite", lambda: pump(dH0=-24.4e3, enthalpies={"E1": float("inf")}),
     "pump: the enthalpy of 'E1' is inf; it must be a finite number [J/mol]"),
    ("dH0 not finite", lambda: pump(dH0=float("inf")), "pump: dH0 is inf; it must be a finite number [J/mol]"),
    ("lumped rates without temperature", lambda: pump(with_step(
        0, forward=symbol("f1") * symbol("inside.Na") ** 3 * symbol("inside.ATP"), backward=symbol("b1") * symbol("inside.ADP"),
        lumped=True), dH0=-24.4e3), "pump: the cycle does not close: its rates imply a dG0 that runs from "),
    ("density", lambda: pump(density=-1.0), "pump: density is -1.0; it must be positive and finite [1/um2]"),
    ("condition incomplete", lambda: pump(conditions={"rest": {"membrane.V": -80.0}}),
     "pump: condition 'rest' gives membrane.V; inside.ADP is missing"),
    ("condition unknown", lambda: pump(conditions={"rest": {**dict.fromkeys((*pump().ligands, "membrane.V"), 1.0),
                                                            "inside.Cl": 4.0}}),
     "pump: condition 'rest' sets 'inside.Cl', which the scheme does not know; did you mean "),
    ("condition negative", lambda: pump(conditions={"rest": dict.fromkeys((*pump().ligands, "membrane.V"), -1.0)}),
     "pump: condition 'rest' sets inside.ADP to -1; a concentration must be finite and not negative"),
    ("unknown value", lambda: pump().with_values({"f9": 1.0}),
     "pump: 'f9' is not one of its parameters; known: f1, b1, f2, b2, f3, b3, f4"),
    ("derived value", lambda: pump().with_values({"b4": 1.0}),
     "pump: 'b4' is not one of its parameters (it is derived); known: f1, b1, f2, b2, f3, b3, f4"),
]


@pytest.mark.parametrize(("build", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_impossible_schemes_are_refused(build: Callable[[], Scheme], message: str) -> None:
    with pytest.raises((ModelError, NameUnknown)) as caught:
        build()
    said = str(caught.value)
    # a message that ends in rounded digits or in a list of near names is compared up to there
    assert said.startswith(message) if message.endswith((" ", "-", "'")) else said == message


def test_a_wrong_exponent_shows_in_a_dG0_that_depends_on_conditions() -> None:
    values = {**NUMBERS, "b4": 1.0}
    with pytest.raises(ModelError) as caught:
        pump(with_step(0, forward=symbol("f1") * symbol("inside.Na")), derived={},
             parameters=constants(steps(), values, f1="1/(ms mM^5)"))
    said = str(caught.value)
    assert said.startswith("pump: the cycle does not close: its rates imply a dG0 that runs from ")
    assert said.endswith(" kJ/mol with concentrations and voltage, so their exponents do not fit its ligands and charge"
                         + CLOSE)


def test_a_published_scheme_that_does_not_close_is_loaded_with_its_defect_named() -> None:
    scheme = closed_by_hand(2.0, defects=("does not close",))
    (found,) = scheme.closures
    assert not found.closes
    # b4 is twice too large, so RT ln 2 is missing
    assert found.implied == pytest.approx((11900.0 + scheme.constants.RT * np.log(2.0),) * 2, rel=1e-12)


def test_backward_activation_is_less_by_the_enthalpy_of_the_step() -> None:
    enthalpies = {"E1": 1e3, "E1P": 7e3}
    scheme = pump([replace(step, activation=5e4) for step in steps()], dH0=-24.4e3, enthalpies=enthalpies)
    molar = {**dict.fromkeys(scheme.ligands, 1.0), "membrane.V": 0.0}
    warm, cool = (scheme.rates({**molar, "temperature": kelvin}) for kelvin in (310.0, 300.0))
    cold = (1.0 / 300.0 - 1.0 / 310.0) / scheme.constants.R
    # loading binds ATP, which has the enthalpy 24.4 kJ/mol that it gives off
    expected = {"load": 7e3 - 1e3 - 24.4e3, "eject": -7e3, "swap": 0.0, "back": 1e3}
    for name, enthalpy in expected.items():
        forward, backward = (each / before for before, each in zip(warm[name], cool[name], strict=True))
        assert np.log(forward) == pytest.approx(-5e4 * cold, rel=1e-12)
        assert np.log(backward) == pytest.approx(-(5e4 - enthalpy) * cold, rel=1e-12)


def test_lumped_rates_may_say_what_temperature_does() -> None:
    warm = parse("exp(-binding*cold)")  # the enthalpy that the binding of ATP gives off, less the activation of 0
    changed = with_step(0, forward=parse("f1*inside.Na^3*inside.ATP"), backward=parse("b1*inside.ADP") * warm, lumped=True)
    parameters = constants(steps(), {**NUMBERS, "binding": 24400.0}, binding="J/mol")
    assert all(found.closes for found in pump(changed, dH0=-24.4e3, parameters=parameters).closures)


def test_closing_by_hand_to_full_precision_needs_no_derived_constant() -> None:
    assert closed_by_hand().closures[0].closes


def test_modulators_that_act_on_both_directions_are_legal() -> None:
    slowed = Definition("inhibition", "1", parse("1/(1 + inside.Mg/K)"))
    changed = with_step(1, forward=symbol("f2") * symbol("inhibition"), backward=symbol("b2") * symbol("inhibition"))
    scheme = pump(changed, definitions=(slowed,), parameters=constants(steps(), {**NUMBERS, "K": 0.5}, K="mM"))
    assert "inside.Mg" in scheme.ligands


def test_every_refusal_is_ours() -> None:
    for _, build, _ in REFUSED:
        with pytest.raises(PumpleakError):
            build()
