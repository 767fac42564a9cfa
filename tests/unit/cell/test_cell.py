"""Cells from Python: what they lower to, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.passage import Contribution, Passage
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.stimulus import Stimulus
from pumpleak.cell.transport.water import Water
from pumpleak.system.expression import number
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter
from pumpleak.system.transform import initial_values

PUMP = RatePump("pump", {"Na": -3, "K": 2}, parse("p/F"), (Parameter("p", "pA/um2", 0.005),))
LEAKS = (Leak("leak_Na", "Na", "ohmic", 1e-4), Leak("leak_K", "K", "ohmic", 3e-3), Leak("leak_Cl", "Cl", "ohmic", 2e-3))


def make(**changes: object) -> Cell:
    parts: dict[str, object] = {
        "inside": Compartment("inside", 0.5, {"Na": 15.0, "K": 135.0, "Cl": 5.0}, (Impermeant("X", -1.0, 145.0),)),
        "outside": Bath("outside", {"Na": 147.0, "K": 3.0, "Cl": 150.0}),
        "membrane": Membrane("inside", "outside", 300.0, 0.01),
        "transporters": (*LEAKS, PUMP, Water(), Stimulus()), "metabolism": Metabolism(-57_000.0)}
    return Cell("toy", **{**parts, **changes})  # type: ignore[arg-type]


def test_the_abundant_ion_follows_from_charge() -> None:
    system = make().system
    assert set(system.state_names) == {"inside.Na.amount", "inside.Cl.amount", "inside.volume", "membrane.charge"}
    values = initial_values(system)
    assert values["inside.K"] == pytest.approx(135.0, rel=1e-13)
    inside = 15.0 + 135.0 - 5.0 - 145.0
    assert values["membrane.V"] == pytest.approx(96485.33212331 * 0.5 * inside / 3.0, abs=1e-6)


def test_currents_follow_from_stoichiometry() -> None:
    values = initial_values(make().system)
    assert values["pump.current"] == pytest.approx(96485.33212331 * values["pump.flux"], rel=1e-14)
    assert values["leak_Cl.current"] == pytest.approx(-96485.33212331 * values["leak_Cl.flux"], rel=1e-14)
    balanced = make(transporters=(*LEAKS, replace(PUMP, moves={"Na": -3, "K": 3}), Water()))
    names = [definition.name for definition in balanced.system.definitions]
    assert "pump.current" not in names, "an honest 3:3 pump carries no current"


def test_a_potential_sets_the_charge() -> None:
    values = initial_values(make(potential=-70.0).system)
    assert values["membrane.V"] == pytest.approx(-70.0, rel=1e-14)
    assert values["inside.K"] == pytest.approx(135.0 - 70.0 * 3.0 / 96485.33212331 / 0.5, rel=1e-12)


def test_the_first_concentration_of_a_missing_species_is_asked_for() -> None:
    with pytest.raises(ModelError) as caught:
        make(metabolism=None)
    assert str(caught.value) == (
        "toy: pump moves -1 ATP in 'inside', which holds no ATP; give its concentration in the contents of 'inside' (or, for "
        "ATP, ADP, Pi and H, under 'held', or state 'metabolism: {dG_ATP: ...}')")


def test_a_passage_that_makes_charge_is_refused() -> None:
    class Crooked:
        name = "crooked"
        strength = ""

        def contribute(self, sides: object, start: object) -> Contribution:
            return Contribution(passages=(Passage("crooked", {("inside", "Na"): -1.0, ("outside", "Cl"): 1.0}, number(0.0)),))

    with pytest.raises(ModelError) as caught:
        make(transporters=(*LEAKS, Crooked()))
    assert str(caught.value) == ("toy: one turn of crooked (-1 inside.Na +1 outside.Cl) makes -2 e of charge; what leaves one "
                                 "place must arrive in another")


def test_a_passage_that_makes_an_element_is_refused() -> None:
    class Crooked:
        name = "crooked"
        strength = ""

        def contribute(self, sides: object, start: object) -> Contribution:
            return Contribution(passages=(Passage("crooked", {("inside", "Na"): -1.0, ("outside", "K"): 1.0}, number(0.0)),))

    with pytest.raises(ModelError, match=r"one turn of crooked \(-1 inside.Na \+1 outside.K\) makes \+1 K; what leaves one"):
        make(transporters=(*LEAKS, Crooked()))


@pytest.mark.parametrize(("change", "message"), [
    (lambda: Compartment("inside", -0.5, {"Na": 1.0}), "inside.volume is -0.5 pL; it must be positive and finite"),
    (lambda: Compartment("inside", 0.5, {"Na": -1.0}), "inside.Na is -1 mM; it must be positive and finite"),
    (lambda: Compartment("inside", 0.5, {"Nna": 1.0}),
     "inside holds 'Nna', which is not a known species; did you mean 'Na'?; a substance of your own goes to 'impermeants'"),
    (lambda: Metabolism(57_000.0), "metabolism.dG_ATP is 57000.0 J/mol; hydrolysis gives free energy, so it must be negative"),
    (lambda: Leak("leak", "glucose", "ohmic", 1.0), "leak: 'glucose' is not an ion"),
    (lambda: Leak("leak", "Na", "ohmic", -1.0), "leak.conductance is -1 nS/um2; it must be zero or positive and finite"),
    (lambda: Cotransporter("nkcc", {"Na": 1, "K": 1, "Cl": 1}, 1.0),
     "nkcc moves 1 Na, 1 K, 1 Cl, together +1 e; this law is for neutral cotransport"),
    (lambda: Stimulus(ion="glucose"), "stimulus: its current needs an ion as carrier, not 'glucose'"),
    (lambda: Membrane("inside", "outside", 0.0, 0.01), "membrane.area is 0 um2; it must be positive and finite"),
    (lambda: make(transporters=(*LEAKS, LEAKS[0])), "toy: two transporters are called 'leak_Na'"),
    (lambda: make(membrane=Membrane("indside", "outside", 300.0, 0.01)),
     "toy: membrane.inside is 'indside', but the place on that side is called 'inside'"),
    (lambda: make(transporters=(*LEAKS, replace(PUMP, rate=parse("q/F")))),
     "pump: its rate uses 'q', which is neither a parameter of it nor a dotted name such as inside.Na"),
    (lambda: make(transporters=(Water(),)), "toy: nothing charged moves across 'membrane' (contents: Na, K, Cl)"),
    (lambda: make(transporters=(*LEAKS, Water(), Water("aquaporin", 1.0))),
     "toy: water moves by water, aquaporin, of which one is instant")])
def test_impossible_parts_are_refused(change: object, message: str) -> None:
    with pytest.raises((ModelError, NameUnknown)) as caught:
        change()  # type: ignore[operator]
    assert message in str(caught.value)


def test_other_numbers_by_name() -> None:
    cell = make(potential=-70.0).with_values(
        {"outside.K": "8 mM", "inside.Na": "20 mM", "inside.volume": "600 fL", "pump.p": "0.01 pA/um2"})
    values = initial_values(cell.system)
    assert (values["outside.K"], values["inside.volume"], values["pump.p"]) == (8.0, 0.6, 0.01)
    assert values["inside.Na"] == pytest.approx(20.0)
    with pytest.raises(NameUnknown, match=r"toy has no parameter 'outside.Kx'; did you mean 'outside.K'"):
        cell.with_values({"outside.Kx": "8 mM"})
    with pytest.raises(UnitError, match=r"outside.K: '8 mV' is a voltage \[mV\]; expected a concentration \[mM\]"):
        cell.with_values({"outside.K": "8 mV"})


def test_contents_that_no_membrane_could_hold_are_refused() -> None:
    with pytest.raises(ModelError) as caught:
        make(inside=Compartment("inside", 0.5, {"Na": 15.0, "K": 135.0, "Cl": 5.0}))
    assert str(caught.value) == (
        "toy: the contents of 'inside' carry +145 mM of net charge, which would put membrane.V at 2332 V; change them or an "
        "impermeant's charge, or let 'balance' find it")


def test_what_follows_from_the_numbers_is_said() -> None:
    charged = make(potential=-70.0).with_values({"outside.K": "8 mM", "inside.Na": "20 mM", "temperature": "300 K"})
    assert charged.system.remarks == (
        "The bath 'outside' as given carries +5 mM of net charge and 305 mM of solutes; exchanging one ion for another would "
        "leave both as they were.", "inside.K starts at 130 mM instead of 135 mM: it closes the charge.",
        "The temperature given changes RT and the rates of pumps that have enthalpies; permeabilities and all "
        "other rate constants stay as measured.")
    assert make().system.remarks == ()


@pytest.mark.parametrize(("name", "value", "message"), [
    ("outside.K", "0 mM", "toy: outside.K is 0 mM; it must be positive (zero makes its chemical potential infinite: give a "
                          "trace, for example 1e-6 mM)"),
    ("outside.K", "-3 mM", "toy: outside.K is -3 mM; it must be positive"),
    ("temperature", "-5 K", "toy: temperature is -5 K; it must be positive"),
    ("pump.activity", -1.0, "toy: pump.activity is -1; it must be zero or positive"),
    ("leak_Na.conductance", "-0.01 mS/cm2", "toy: leak_Na.conductance is -0.0001 nS/um2; it must be zero or positive"),
    ("membrane.area", "-1 um2", "toy: membrane.area is -1 um2; it must be positive")])
def test_values_outside_their_domain_are_refused(name: str, value: str | float, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        make().with_values({name: value})
    assert str(caught.value) == message
