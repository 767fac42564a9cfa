"""Schemes with several ways of using ATP: where all of them stand still, and what they can never do together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.physics.composed_pumps import COMPOSED, pump

from pumpleak.base.errors import ModelError
from pumpleak.enzyme.energy import double_equilibrium, hydrolysis_energy, reversals
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import entries, load

SCHEMES = {scheme.name: scheme for scheme in (load(entry.name) for entry in entries("pumps"))
           if isinstance(scheme, Scheme) and not scheme.defects} | {name: pump(name) for name in COMPOSED}
SLIPPING = [name for name, scheme in SCHEMES.items()
            if len({cycle.reaction for cycle in scheme.cycles if cycle.hydrolysed}) > 1]
VOLTAGES = np.array([-80.0, 0.0, 40.0])
ZERO_CELSIUS = 273.15
# Net over gross of a step at equilibrium is some tens of roundings of 1e-16.
BALANCED = 1e-12
DRAWS = 10_000


def answers(scheme: Scheme) -> bool:
    """Whether it can be asked at any temperature: by enthalpies, or since derived constants follow."""
    return scheme.dH0 is not None or scheme.follows


def resting(scheme: Scheme, temperature: float | None = None) -> dict[str, NDArray[np.float64]]:
    """Physiological conditions, but that every way of using ATP stands still, at three voltages. [mM, mV, K]"""
    given = {**scheme.conditions["physiological"], "membrane.V": VOLTAGES}
    return double_equilibrium(scheme, {**given, "temperature": temperature} if temperature is not None else given)


def balanced(found: Response) -> None:
    for step, share in found.balance.items():
        assert np.all(share <= BALANCED), step


def test_the_scheme_with_slip_is_among_them() -> None:
    assert "post-albers-23" in SLIPPING


@pytest.mark.parametrize("name", SLIPPING)
def test_every_step_balances_at_the_double_equilibrium(name: str) -> None:
    scheme = SCHEMES[name]
    found = respond(scheme, resting(scheme))
    for affinity in found.affinities.values():
        np.testing.assert_allclose(affinity, 0.0, atol=1e-9)  # J/mol
    balanced(found)


@pytest.mark.parametrize("kelvin", [310.0, 297.15])
def test_of_the_23_states_potassium_is_at_equilibrium_and_sodium_takes_all_of_the_energy(kelvin: float) -> None:
    scheme = SCHEMES["post-albers-23"]
    given = resting(scheme, kelvin)
    RT = scheme.constants.R * kelvin
    voltage = 1e3 * RT / scheme.constants.F
    np.testing.assert_allclose(given["inside.K"], given["outside.K"] * np.exp(-VOLTAGES / voltage), rtol=1e-12)
    uphill = 3.0 * RT * (np.log(given["outside.Na"] / given["inside.Na"]) - VOLTAGES / voltage)
    np.testing.assert_allclose(uphill, -hydrolysis_energy(scheme, given), rtol=1e-12)


def test_sodium_is_far_from_equilibrium_there() -> None:
    given = resting(SCHEMES["post-albers-23"])
    stored = np.log(given["outside.Na"] / given["inside.Na"]) - given["membrane.V"] / 26.7
    assert np.all(stored > 1.0)  # RT


@pytest.mark.parametrize("name", [name for name in SLIPPING if answers(SCHEMES[name])])
@pytest.mark.parametrize("celsius", [23.0, 30.0, 37.0, 42.0])
def test_every_step_balances_at_the_double_equilibrium_of_each_temperature(name: str, celsius: float) -> None:
    balanced(respond(SCHEMES[name], resting(SCHEMES[name], ZERO_CELSIUS + celsius)))


@pytest.mark.parametrize("name", SLIPPING)
def test_without_the_charge_of_any_step_it_is_refused(name: str) -> None:
    scheme = SCHEMES[name]
    within = {step for cycle in scheme.cycles for step in cycle.passages}
    charged = [step for step in scheme.steps if step.charge and step.name in within]
    assert len(charged) > 4
    for step in charged:
        bare = replace(step, charge=0.0, forward_charge=None, backward_charge=None)
        with pytest.raises(ModelError, match=r"the steps of the cycle through '.*' carry charge .* but the cycle moves "):
            replace(scheme, steps=tuple(bare if each is step else each for each in scheme.steps))


@pytest.mark.parametrize(("bare", "cycle", "carried", "moved", "reaction"), [
    (("return_empty",), "return_empty_ATP", "+1.63", "+0", "nothing -> nothing"),
    (("return_empty", "return_empty_ATP"), "slip_dephosphorylate", "+1.37", "+3",
     "inside.ATP + inside.H2O + 3 inside.Na -> inside.ADP + inside.H + inside.Pi + 3 outside.Na")])
def test_an_empty_return_without_its_charge_is_refused(bare: tuple[str, ...], cycle: str, carried: str, moved: str,
                                                       reaction: str) -> None:
    scheme = SCHEMES["post-albers-23"]
    steps = tuple(replace(step, charge=0.0, forward_charge=None, backward_charge=None) if step.name in bare else step
                  for step in scheme.steps)
    with pytest.raises(ModelError) as caught:
        replace(scheme, steps=steps)
    assert str(caught.value) == (f"post-albers-23: the steps of the cycle through '{cycle}' carry charge {carried} through the "
                                 f"field, but the cycle moves {moved} ({reaction})")


@pytest.mark.parametrize("name", SCHEMES)
def test_the_second_law_at_ten_thousand_random_conditions(name: str) -> None:
    scheme = SCHEMES[name]
    random = np.random.default_rng(23)
    given = {each: 10.0 ** (random.uniform(-5.0, -3.0, DRAWS) if each == "inside.H" else random.uniform(-4.0, 2.5, DRAWS))
             for each in scheme.ligands}
    given["membrane.V"] = random.uniform(-200.0, 100.0, DRAWS)
    if answers(scheme):
        given["temperature"] = random.uniform(278.0, 318.0, DRAWS)
    found = respond(scheme, given)
    # each cycle's part has a relative rounding of some 1e-14; a single one cannot even have the wrong sign
    scale = np.sum(np.abs(list(found.cycle_dissipation.values())), axis=0)
    lost = 0.0 if len(scheme.cycles) == 1 else -1e-12 * scale
    assert np.all(found.dissipation >= lost)
    assert np.all(scale > 0.0)
    assert np.count_nonzero(found.ATP < 0.0) > DRAWS / 50
    share = found.efficiency
    np.testing.assert_array_equal(np.isnan(share), ~(found.supplied > 0.0))
    known = ~np.isnan(share)
    assert np.count_nonzero(known) > DRAWS / 2
    # stored and lost are parts of what is supplied, each rounded
    parts = found.supplied + np.sum(np.abs(list(found.work.values())), axis=0)
    assert np.all(found.supplied[known] * (1.0 - share[known]) >= -1e-12 * parts[known])


def test_slip_can_run_one_cycle_uphill_on_another() -> None:
    """Below the coupled reversal the coupled cycle still turns forward, since the slip that runs backward feeds it."""
    scheme = SCHEMES["post-albers-23"]
    coupled = scheme.cycles[0].name
    found = respond(scheme, {"membrane.V": -290.0}, "physiological")
    assert found.cycle_dissipation[coupled] < 0.0 < found.dissipation


def test_slip_pulls_the_reversals_apart() -> None:
    scheme = SCHEMES["post-albers-23"]
    found = reversals(scheme, scheme.conditions["physiological"])
    assert found.coupled == pytest.approx(-276.3206, abs=1e-4)
    # three sodium with each ATP, slip or not
    assert (found.Na, found.ATP, found.current) == pytest.approx((-221.700, -221.700, -211.405), abs=0.001)
    assert found.K is None
