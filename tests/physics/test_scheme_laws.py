"""The laws that every scheme of the catalogue obeys: a new file in it is tested by being there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.physics.composed_pumps import COMPOSED, pump

from pumpleak.base.errors import ModelError
from pumpleak.base.species import DRUGS, SPECIES
from pumpleak.enzyme import energy
from pumpleak.enzyme.audit import findings
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import ligand
from pumpleak.formats.catalog import entries

NAMES = [*(entry.name for entry in entries("pumps") if entry.kind == "scheme"), *COMPOSED]
VOLTAGES = np.array([-80.0, 0.0, 40.0])
# Equilibrium is met to rounding: net over gross of a step is some tens of roundings of 1e-16.
BALANCED = 1e-12


@cache
def scheme_named(name: str) -> Scheme:
    return pump(name)


def closing() -> list[str]:
    """Those without a defect; each law is tested on them."""
    return [name for name in NAMES if not scheme_named(name).defects]


def flagged() -> list[str]:
    """Published schemes with a defect: what it is must be found by computing."""
    return [name for name in NAMES if scheme_named(name).defects]


def single_cycle() -> list[str]:
    return [name for name in closing() if len(scheme_named(name).cycles) == 1]


def many_conditions(scheme: Scheme, count: int = 200) -> dict[str, np.ndarray]:
    random = np.random.default_rng(8)
    given = {name: 10.0 ** random.uniform(-3.0, 2.5, count) for name in scheme.ligands}
    return {**given, "membrane.V": random.uniform(-200.0, 200.0, count)}


def test_there_are_schemes() -> None:
    assert {"pan-2018-4", "pan-2018-15"} <= {*NAMES}


def test_flawed_schemes_are_flagged() -> None:
    assert {*flagged()} == {"clarke-2013", "matsuoka-2003", "ohara-rudy-2011", "terkildsen-2007"}


@pytest.mark.parametrize("name", closing())
def test_a_scheme_without_defects_closes_and_the_audit_finds_nothing_broken(name: str) -> None:
    assert all(found.closes for found in scheme_named(name).closures)
    assert not [found.text for found in findings(scheme_named(name)) if found.breaks]


@pytest.mark.parametrize("name", flagged())
def test_a_flagged_scheme_breaks_a_law_and_is_refused_without_its_flag(name: str) -> None:
    scheme = scheme_named(name)
    assert not all(found.closes for found in scheme.closures)
    assert any(found.breaks for found in findings(scheme))
    with pytest.raises(ModelError, match=name):
        replace(scheme, defects=())


@pytest.mark.parametrize("name", NAMES)
def test_every_literature_number_has_a_unit_and_a_source(name: str) -> None:
    scheme = scheme_named(name)
    keys = {source.key for source in scheme.sources}
    for parameter in scheme.parameters:
        assert parameter.unit
        assert parameter.source in keys, parameter.name


@pytest.mark.parametrize("name", NAMES)
def test_occupancies_are_shares(name: str) -> None:
    found = respond(scheme_named(name), many_conditions(scheme_named(name)))
    shares = np.array(list(found.occupancies.values()))
    assert np.all(shares >= 0.0)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_elements_and_charge_are_conserved(name: str) -> None:
    found = respond(scheme_named(name), many_conditions(scheme_named(name)))
    for element in sorted({each for species in SPECIES.values() for each in species.composition}):
        terms = [SPECIES[ligand(place).species].composition.get(element, 0) * rate for place, rate in found.added.items()]
        np.testing.assert_allclose(sum(terms), 0.0, atol=1e-13 * np.max(np.abs(terms)))
    outward = [ligand(place).charge * rate for place, rate in found.added.items() if place.startswith("outside.")]
    # of the largest term: several cycles may nearly cancel
    assert np.all(np.abs(sum(outward) - found.current) <= 1e-12 * np.max(np.abs(outward), axis=0))


@pytest.mark.parametrize("name", closing())
def test_nothing_is_ever_won_from_nothing(name: str) -> None:
    found = respond(scheme_named(name), many_conditions(scheme_named(name)))
    scale = sum(np.abs(found.cycle_fluxes[cycle] * affinity) for cycle, affinity in found.affinities.items())
    assert np.all(found.dissipation >= -1e-12 * scale)


@pytest.mark.parametrize("name", single_cycle())
@pytest.mark.parametrize("changed", [
    {}, {"inside.ATP": 1.0}, {"inside.ADP": 1.0, "inside.Pi": 5.0},
    {"inside.Na": 5.0, "outside.K": 0.5, "inside.ATP": 1.0, "inside.ADP": 2.0, "inside.Pi": 10.0}])
def test_turnover_is_zero_at_the_predicted_reversal(name: str, changed: dict[str, float]) -> None:
    scheme = scheme_named(name)
    given = {**scheme.conditions["physiological"], **changed}
    predicted = float(energy.reversal_predicted(scheme, scheme.cycles[0], given))
    assert energy.reversal_found(scheme, given) == pytest.approx(predicted, abs=1e-6)
    balanced(respond(scheme, {**given, "membrane.V": predicted}))


@pytest.mark.parametrize("name", single_cycle())
@pytest.mark.parametrize("changed", ["inside.Na", "outside.K", "inside.ATP", "inside.ADP"])
def test_turnover_is_zero_where_a_concentration_makes_it_so(name: str, changed: str) -> None:
    scheme = scheme_named(name)
    (cycle,) = scheme.cycles
    given = {**scheme.conditions["physiological"], "membrane.V": VOLTAGES}
    affinity = energy.cycle_affinity(scheme, cycle, given)
    given[changed] = given[changed] * np.exp(affinity / scheme.constants.RT / cycle.stoichiometry[changed])
    balanced(respond(scheme, given))


@pytest.mark.parametrize("name", closing())
def test_all_steps_balance_at_equilibrium(name: str) -> None:
    """Every ion at its own equilibrium with the voltage and ATP at that with its products: schemes that slip, too."""
    scheme = scheme_named(name)
    x = VOLTAGES / scheme.constants.thermal_voltage
    given = {each: np.full(3, value) for each, value in scheme.conditions["physiological"].items()}
    given["membrane.V"] = VOLTAGES
    for each in scheme.ligands:
        place, _, species = each.partition(".")
        if place == "outside" and species not in DRUGS:  # a drug crosses nothing
            given[each] = given[f"inside.{species}"] * np.exp(SPECIES[species].charge * x)
    if "inside.ATP" in given:
        energy_of_ATP = energy.hydrolysis_energy(scheme, given)
        given["inside.ATP"] = given["inside.ATP"] * np.exp(energy_of_ATP / scheme.constants.RT)
    balanced(respond(scheme, given))


@pytest.mark.parametrize("name", closing())
def test_theta_does_not_depend_on_the_way(name: str) -> None:
    scheme = scheme_named(name)
    for step in scheme.steps:
        taken_inside = -sum(count * ligand(each).charge for each, count in scheme.changes[step.name].items()
                            if ligand(each).place == "inside")
        gained = scheme.charges[step.target] - scheme.charges[step.source]
        assert gained == pytest.approx(taken_inside - step.charge, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_what_states_hold_is_what_steps_bring(name: str) -> None:
    scheme = scheme_named(name)
    for step in scheme.steps:
        for element in sorted({each for species in SPECIES.values() for each in species.composition}):
            bound = -sum(count * SPECIES[ligand(each).species].composition.get(element, 0)
                         for each, count in scheme.changes[step.name].items())
            held = [scheme.contents[state].get(element, 0) for state in (step.source, step.target)]
            assert held[1] - held[0] == bound


def balanced(found: Response) -> None:
    for step, share in found.balance.items():
        assert np.all(share <= BALANCED), step
    gross = max(float(np.max(found.rates[step.name][0] * found.occupancies[step.source])) for step in found.scheme.steps)
    assert np.all(np.abs(found.turnover) <= BALANCED * 1e3 * gross)
