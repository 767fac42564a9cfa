"""Free energies against the textbook formulas, and fluxes that follow from the stoichiometry alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.unit.enzyme.measured import constants, units

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError, SolveError
from pumpleak.enzyme import energy
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import number, symbol

CONSTANTS = Constants(8.314, 96485.0, 310.0)
REST = {"inside.Na": 10.0, "outside.Na": 140.0, "inside.K": 145.0, "outside.K": 5.4, "inside.ATP": 7.0, "inside.ADP": 0.04,
        "inside.Pi": 0.4, "inside.H": 8e-5, "membrane.V": -70.0}


def pump(sodium: int, potassium: int) -> Scheme:
    """A pump of any stoichiometry, in three steps; the charge it moves sits at the release of sodium."""
    values = {"f1": 1.0, "b1": 1.0, "f2": 1.0, "b2": 1e-5, "f3": 1.0}
    taken = {"outside.K": potassium} if potassium else {}
    released = {"inside.K": potassium} if potassium else {}
    rest = {name: value for name, value in REST.items() if potassium or not name.endswith(".K")}
    steps = (
        Step("load", "E1", "E1P", symbol("f1"), symbol("b1"), {"inside.Na": sodium, "inside.ATP": 1}, {"inside.ADP": 1}),
        Step("eject", "E1P", "E2", symbol("f2"), symbol("b2"), {}, {"outside.Na": sodium}, charge=float(sodium - potassium)),
        Step("back", "E2", "E1", symbol("f3"), symbol("b3"), taken, {"inside.Pi": 1, "inside.H": 1, **released}))
    return Scheme("pump", steps, constants(steps, values), {"b3": units(steps)["b3"]}, constants=CONSTANTS,
                  conditions={"rest": rest})


def carrier() -> Scheme:
    one = number(1.0)
    return Scheme("carrier", (Step("bind", "A", "B", one, one, {"outside.glucose": 1}),
                              Step("free", "B", "A", one, one, {}, {"inside.glucose": 1})))


def log_work(ion: str, count: int, into: str, out_of: str, charge: float) -> float:
    """RT ln + z F V for `count` ions carried."""
    electric = charge * CONSTANTS.F * REST["membrane.V"] / 1000.0
    chemical = CONSTANTS.RT * np.log(REST[f"{into}.{ion}"] / REST[f"{out_of}.{ion}"])
    return float(count * (chemical + electric))


def test_free_energy_of_ATP() -> None:
    quotient = 0.04e-3 * 0.4e-3 * 8e-8 / 7e-3
    expected = 11900.0 + CONSTANTS.RT * np.log(quotient)
    assert energy.hydrolysis_energy(pump(3, 2), REST) == pytest.approx(expected, rel=1e-14)


def test_work_on_the_ions_and_what_is_left() -> None:
    scheme = pump(3, 2)
    work = energy.transport_work(scheme, scheme.cycles[0], REST)
    assert work["Na"] == pytest.approx(log_work("Na", 3, "outside", "inside", -1.0), rel=1e-14)
    assert work["K"] == pytest.approx(log_work("K", 2, "inside", "outside", 1.0), rel=1e-14)
    spent = -energy.hydrolysis_energy(scheme, REST)
    left = energy.cycle_affinity(scheme, scheme.cycles[0], REST)
    assert left == pytest.approx(spent - work["Na"] - work["K"], rel=1e-13)


@pytest.mark.parametrize(("sodium", "potassium"), [(3, 2), (2, 1), (3, 0), (1, 2)])
def test_turnover_reverses_where_the_free_energies_say(sodium: int, potassium: int) -> None:
    scheme = pump(sodium, potassium)
    (cycle,) = scheme.cycles
    predicted = float(energy.reversal_predicted(scheme, cycle, {k: v for k, v in REST.items() if k in scheme.ligands}))
    work = (sodium * CONSTANTS.RT * np.log(14.0) + potassium * CONSTANTS.RT * np.log(145.0 / 5.4))
    expected = (energy.hydrolysis_energy(scheme, {k: v for k, v in REST.items() if k in (*scheme.ligands, "membrane.V")})
                + work) / (CONSTANTS.F * (sodium - potassium)) * 1000.0
    assert predicted == pytest.approx(float(expected), rel=1e-13)
    surroundings = {name: REST[name] for name in scheme.ligands}
    assert energy.reversal_found(scheme, surroundings) == pytest.approx(predicted, abs=1e-6)


def test_an_electroneutral_pump_has_no_reversal() -> None:
    scheme = pump(2, 2)
    with pytest.raises(ModelError) as caught:
        energy.reversal_predicted(scheme, scheme.cycles[0], REST)
    assert "moves charge +0, so no voltage reverses it" in str(caught.value)
    with pytest.raises(SolveError) as lost:
        energy.reversal_found(scheme, REST)
    assert str(lost.value).startswith("pump: its turnover keeps its sign from -1000 to 1000 mV (")


def test_a_carrier_without_ATP_has_no_free_energy_of_it() -> None:
    scheme = carrier()
    given = {"inside.glucose": 1.0, "outside.glucose": 5.0, "membrane.V": 0.0}
    with pytest.raises(ModelError, match=r"its 0 ways of using ATP \(\) cannot all be brought to rest by inside.Na"):
        energy.double_equilibrium(scheme, given)
    with pytest.raises(ModelError) as unknown:
        energy.hydrolysis_energy(scheme, given)
    assert str(unknown.value) == ("carrier: it does not use inside.ATP, so it has no free energy of ATP hydrolysis; its "
                                  "ligands are inside.glucose, outside.glucose")
    found = respond(scheme, given)
    assert found.turnover > 0.0
    assert found.turnover == found.transported("inside.glucose")
    assert found.current == 0.0


@pytest.mark.parametrize(("sodium", "potassium"), [(3, 2), (2, 1), (3, 3), (3, 0)])
def test_fluxes_follow_from_the_stoichiometry(sodium: int, potassium: int) -> None:
    scheme = pump(sodium, potassium)
    voltages = np.linspace(-120.0, 60.0, 7)
    found = respond(scheme, {**{name: REST[name] for name in scheme.ligands}, "membrane.V": voltages})
    assert found.turnover.shape == (7,)
    np.testing.assert_allclose(found.Na, sodium * found.turnover, rtol=1e-15)
    np.testing.assert_allclose(found.K, potassium * found.turnover, rtol=1e-15)
    np.testing.assert_allclose(found.current, (sodium - potassium) * found.turnover, rtol=1e-15)
    np.testing.assert_allclose(found.transported("inside.ATP"), -found.ATP, rtol=1e-15)
    np.testing.assert_allclose(found.transported("inside.H2O"), -found.ATP, rtol=1e-15)
    np.testing.assert_allclose(found.step_fluxes["eject"], found.turnover, rtol=1e-15)


def test_conditions_broadcast() -> None:
    found = respond(pump(3, 2), {"membrane.V": np.linspace(-100, 0, 3), "inside.Na": np.array([[5.0], [10.0]])}, "rest")
    assert found.turnover.shape == (2, 3)
    assert found.occupancies["E1"].shape == (2, 3)
    assert found.affinities["back"].shape == (2, 3)
    one = respond(pump(3, 2), {"membrane.V": -50.0, "inside.Na": 10.0}, "rest")
    assert found.turnover[1, 1] == one.turnover


def test_a_ligand_may_be_absent() -> None:
    found = respond(pump(3, 2), {"outside.Na": 0.0}, "rest")
    assert found.turnover > 0.0
    assert np.isposinf(found.affinities["back"])
    stopped = respond(pump(3, 2), {"inside.Na": 0.0, "outside.Na": 0.0}, "rest")
    assert (stopped.turnover, stopped.dissipation) == (0.0, 0.0)


def slipping() -> Scheme:
    """The pump in three steps with a second way back that brings no potassium and lets three charges through."""
    coupled = pump(3, 2)
    values = {**{each.name: each.value for each in coupled.parameters}, "f4": 1e-3}
    empty = Step("empty", "E2", "E1", symbol("f4"), symbol("b4"), {}, {"inside.Pi": 1, "inside.H": 1}, charge=2.0)
    steps = (*coupled.steps, empty)
    return Scheme("slip", steps, constants(steps, values), {name: units(steps)[name] for name in ("b3", "b4")},
                  constants=CONSTANTS, conditions={"rest": REST})


VOLTAGES = np.linspace(-150.0, 60.0, 8)


@pytest.mark.parametrize("make", [lambda: pump(3, 2), lambda: pump(2, 1), slipping], ids=["3:2", "2:1", "slip"])
def test_what_ATP_supplies_is_work_and_loss(make: Callable[[], Scheme]) -> None:
    found = respond(make(), {"membrane.V": VOLTAGES}, "rest")
    spent = -float(energy.hydrolysis_energy(make(), REST))
    np.testing.assert_allclose(found.supplied, spent * found.ATP, rtol=1e-14)
    np.testing.assert_allclose(found.work["Na"] + found.work["K"] + found.dissipation, found.supplied, rtol=1e-13)
    np.testing.assert_allclose(found.efficiency, (found.work["Na"] + found.work["K"]) / found.supplied, rtol=1e-14)
    np.testing.assert_allclose(found.dissipation, sum(found.cycle_dissipation.values()), rtol=1e-15)
    assert np.all((found.dissipation > 0.0) & (found.efficiency < 1.0))


def test_work_on_each_ion_is_its_flux_against_its_potential() -> None:
    found = respond(slipping(), REST)
    for ion, flux, work in (("Na", found.Na, log_work("Na", 1, "outside", "inside", -1.0)),
                            ("K", found.K, log_work("K", 1, "inside", "outside", 1.0))):
        assert found.work[ion] == pytest.approx(flux * work, rel=1e-13)
        assert found.work_per_ATP[ion] == pytest.approx(flux * work / found.ATP, rel=1e-13)


def test_with_one_cycle_the_pump_is_as_efficient_as_the_cycle() -> None:
    found = respond(pump(3, 2), {"membrane.V": VOLTAGES}, "rest")
    (affinity,) = found.affinities.values()
    cycle = 1.0 + affinity / energy.hydrolysis_energy(found.scheme, found.conditions)
    np.testing.assert_allclose(found.efficiency, cycle, rtol=1e-13)
    np.testing.assert_allclose([found.Na_per_ATP, found.K_per_ATP], [np.full(8, 3.0), np.full(8, 2.0)], rtol=1e-14)


def test_slip_moves_the_coupling_ratio_and_leaves_the_work_on_potassium_undone() -> None:
    plain, found = (respond(scheme, {"membrane.V": VOLTAGES}, "rest") for scheme in (pump(3, 2), slipping()))
    coupled, slip = found.reactions.values()
    assert list(found.reactions) == [cycle.reaction for cycle in found.scheme.cycles]
    np.testing.assert_allclose(found.K_per_ATP, 2.0 * coupled / (coupled + slip), rtol=1e-13)
    np.testing.assert_allclose(found.Na_per_ATP, 3.0, rtol=1e-14)
    np.testing.assert_allclose(found.current, coupled + 3.0 * slip, rtol=1e-13)
    # which costs efficiency where bringing potassium in is work; at the lowest voltage the slip runs backward
    costs = found.work["K"] * slip > 0.0
    np.testing.assert_array_equal(found.efficiency < plain.efficiency, costs)
    assert 0 < np.count_nonzero(costs) < costs.size


def test_cycles_that_move_the_same_are_one_reaction() -> None:
    twin = Step("again", "E2", "E1", symbol("f4"), symbol("b4"), {"outside.K": 2},
                {"inside.Pi": 1, "inside.H": 1, "inside.K": 2})
    base = pump(3, 2)
    scheme = Scheme("twin", (*base.steps, twin), (*base.parameters, *constants([twin], {"f4": 0.2})),
                    {name: base.derived["b3"] for name in ("b3", "b4")}, constants=CONSTANTS)
    found = respond(scheme, REST)
    (flux,) = found.reactions.values()
    assert flux == pytest.approx(found.ATP, rel=1e-14)
    assert len(found.cycle_fluxes) == 2


def test_there_is_no_efficiency_where_ATP_supplies_nothing() -> None:
    scheme = pump(3, 2)
    backward = respond(scheme, {"membrane.V": -400.0}, "rest")
    assert backward.ATP < 0.0
    assert backward.supplied < 0.0 < backward.dissipation
    assert np.isnan(backward.efficiency)
    still = respond(scheme, {"inside.Na": 0.0, "outside.Na": 0.0}, "rest")
    assert still.ATP == 0.0
    for nothing in (still.efficiency, still.Na_per_ATP, still.K_per_ATP, still.work_per_ATP["Na"]):
        assert np.isnan(nothing)
    assert still.work == {"K": 0.0, "Na": 0.0}
    passive = respond(carrier(), {"inside.glucose": 1.0, "outside.glucose": 5.0, "membrane.V": 0.0})
    assert passive.supplied == 0.0
    assert np.isnan(passive.efficiency)
    assert passive.work["glucose"] == pytest.approx(-passive.dissipation, rel=1e-13)


def test_an_ion_that_is_absent_outside_does_unlimited_work() -> None:
    found = respond(pump(3, 2), {"outside.Na": 0.0}, "rest")
    assert np.isneginf(found.work["Na"])
    assert np.isposinf(found.dissipation)
    assert np.isneginf(found.efficiency)


def test_the_reversals_of_one_cycle_are_one() -> None:
    found = energy.reversals(pump(3, 2), {name: REST[name] for name in pump(3, 2).ligands})
    for each in (found.ATP, found.current, found.Na, found.K):
        assert each == pytest.approx(found.coupled, abs=1e-6)


def test_the_reversals_of_a_pump_that_slips_differ() -> None:
    scheme = slipping()
    given = {name: REST[name] for name in scheme.ligands}
    found = energy.reversals(scheme, given)
    assert found.coupled == pytest.approx(float(energy.reversal_predicted(scheme, scheme.cycles[0], given)), abs=1e-12)
    for quantity, voltage in (("ATP", found.ATP), ("current", found.current), ("Na", found.Na), ("K", found.K)):
        if voltage is not None:
            below, above = (getattr(respond(scheme, {**given, "membrane.V": voltage + off}), quantity) for off in (-1e-6, 1e-6))
            assert below < 0.0 < above
    assert found.Na == pytest.approx(found.ATP, abs=1e-6)
    assert found.coupled is not None
    assert found.ATP is not None
    assert found.current is not None
    assert found.coupled < found.ATP < found.current


def test_what_never_turns_round_has_no_reversal() -> None:
    neutral = energy.reversals(pump(2, 2), {name: REST[name] for name in pump(2, 2).ligands})
    assert (neutral.coupled, neutral.ATP, neutral.current, neutral.Na, neutral.K) == (None,) * 5
    sodium_alone = energy.reversals(pump(3, 0), {name: REST[name] for name in pump(3, 0).ligands})
    assert sodium_alone.K is None
    assert sodium_alone.Na == pytest.approx(sodium_alone.coupled, abs=1e-6)


def test_reversals_start_from_a_named_condition_too() -> None:
    scheme = slipping()
    given = {name: REST[name] for name in scheme.ligands}
    assert energy.reversals(scheme, base="rest") == energy.reversals(scheme, given)
    assert energy.reversals(scheme, {"outside.K": "9 mM"}, "rest") == energy.reversals(scheme, {**given, "outside.K": 9.0})
    with pytest.raises(ModelError, match=r"reversals are for one condition, but outside\.K has the shape \(2,\)"):
        energy.reversals(scheme, {"outside.K": [1.0, 2.0]}, "rest")
