"""Fast binding at equilibrium: what is grouped, that fluxes and equilibria stay, and what is left as it is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from time import perf_counter

import numpy as np
import pytest

from pumpleak.enzyme.energy import reversal_found, reversal_predicted
from pumpleak.enzyme.reduction import FLOOR, box, fluxes_of, reduce
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.formats.document import read_file
from pumpleak.formats.pump_parts import composed
from pumpleak.formats.scheme import scheme_of
from pumpleak.system.expression import evaluate, number, symbol
from pumpleak.system.system import Parameter

EXPLICIT = ["post-albers-23", "pan-2018-15"]


@cache
def published(name: str) -> Scheme:
    with as_file(files("pumpleak") / "catalog" / "pumps" / f"{name}.yaml") as path:
        return scheme_of(read_file(path))


def ring(*speeds: float) -> Scheme:
    """Four states that take an inner Na out for an outer K, each step forward and backward at the speed given. [1/ms]"""
    parts = ({"inside.Na": 1}, {}), ({}, {"outside.Na": 1}), ({"outside.K": 1}, {}), ({}, {"inside.K": 1})
    steps = tuple(Step(f"s{i}", f"E{i}", f"E{(i + 1) % 4}", number(speed), number(speed), taken, released)
                  for i, (speed, (taken, released)) in enumerate(zip(speeds, parts, strict=True)))
    return Scheme("ring", steps)


@pytest.mark.parametrize("name", EXPLICIT)
@pytest.mark.parametrize("base", ["physiological", "nakao-gadsby-1989"])
def test_fluxes_stay_within_one_percent(name: str, base: str) -> None:
    """Over the whole range of what cells hold: turnover, Na, K and current, near their zero against 0.1 /s."""
    scheme = published(name)
    if base not in scheme.conditions:
        base = next(iter(scheme.conditions))
    axes = np.meshgrid(np.geomspace(2, 60, 7), np.geomspace(0.5, 20, 7), np.geomspace(0.05, 10, 6), np.linspace(-140, 60, 9))
    given = dict(zip(("inside.Na", "outside.K", "inside.ATP", "membrane.V"), axes, strict=True))
    full, reduced = respond(scheme, given, base), respond(reduce(scheme).scheme, given, base)
    for quantity in ("turnover", "Na", "K", "current"):
        expected, found = getattr(full, quantity), getattr(reduced, quantity)
        assert np.max(np.abs(found - expected) / np.maximum(np.abs(expected), FLOOR)) <= 0.01, quantity


@pytest.mark.parametrize("name", EXPLICIT)
def test_the_error_is_that_of_its_box(name: str) -> None:
    scheme = published(name)
    found = reduce(scheme)
    conditions = box(scheme)
    full, reduced = (fluxes_of(respond(each, conditions)) for each in (scheme, found.scheme))
    assert found.error == np.max(np.abs(reduced - full) / np.maximum(np.abs(full), FLOOR))
    at = {key: value for key, value in found.where.items()}
    there = [fluxes_of(respond(each, at)) for each in (scheme, found.scheme)]
    # the same point asked for alone: other roundings of powers and sums
    assert np.max(np.abs(there[1] - there[0]) / np.maximum(np.abs(there[0]), FLOOR)) == pytest.approx(found.error, rel=1e-6)


def test_what_is_grouped_in_post_albers() -> None:
    found = reduce(published("post-albers-23"))
    ions = ["", ".K", ".K2", ".Na", ".Na2", ".Na3"]
    assert {pool: set(states) for pool, states in found.pools.items() if len(states) > 1} == {
        "E1": {f"E1{each}" for each in ions}, "ATP.E1": {f"ATP.E1{each}" for each in ions},
        "E2P": {"E2P", "E2P.Na", "E2P.Na2", "E2P.Na3"}}
    assert found.scheme.states == tuple(found.pools)
    assert {state for states in found.pools.values() for state in states} == set(found.full.states)
    # six steps that bind ATP to E1 with any ion are one
    assert [step.name for step in found.scheme.steps if step.name.startswith("bind_ATP_E1")] == ["bind_ATP_E1"]
    assert found.text == ("13 fast steps of post-albers-23 are taken as at equilibrium, which leaves 10 of 23 states and "
                          f"changes steady fluxes by at most {100 * found.error:.2g} % at 516 sampled conditions (inside.Na 2 "
                          "to 60 mM, outside.K 0.5 to 20 mM, inside.ATP 0.05 to 10 mM, -140 to +60 mV, 288.15 to 315.15 K)")
    assert len(str(found)) < 600
    assert repr(found) == str(found)
    assert "  E2P: E2P, E2P.Na, E2P.Na2, E2P.Na3" in str(found)


@pytest.mark.parametrize("name", EXPLICIT)
def test_other_samples_of_the_box_stay_within_twice_the_error(name: str) -> None:
    """500 points cannot hold the worst of a box of ten dimensions: 1e5 others show up to three times it."""
    scheme = published(name)
    found = reduce(scheme)
    random = np.random.default_rng(1968)
    spans = {each: (values.min(), values.max()) for each, values in box(scheme).items()}
    given = {each: random.uniform(low, high, 2000) if low <= 0.0 or each == "temperature" else
             low * (high / low) ** random.uniform(size=2000) for each, (low, high) in spans.items()}
    full, reduced = (fluxes_of(respond(each, given)) for each in (scheme, found.scheme))
    assert np.max(np.abs(reduced - full) / np.maximum(np.abs(full), FLOOR)) <= 2.0 * found.error


def test_cycles_keep_their_names_and_what_they_move() -> None:
    for name in EXPLICIT:
        found = reduce(published(name))
        before, after = ({cycle.name: cycle for cycle in each.cycles if cycle.stoichiometry}
                         for each in (found.full, found.scheme))
        assert before.keys() == after.keys()
        for cycle in before.values():
            twin = after[cycle.name]
            assert (twin.stoichiometry, twin.hydrolysed) == (cycle.stoichiometry, cycle.hydrolysed)
            assert twin.charge == pytest.approx(cycle.charge, abs=1e-12)


def test_pools_hold_what_their_states_held() -> None:
    """Occupancies to 1 % of all enzymes, as the fluxes."""
    found = reduce(published("post-albers-23"))
    for voltage in (-100.0, 0.0, 50.0):
        full, reduced = (respond(each, {"membrane.V": voltage}, "physiological") for each in (found.full, found.scheme))
        for pool, states in found.pools.items():
            held = sum(float(full.occupancies[state]) for state in states)
            assert float(reduced.occupancies[pool]) == pytest.approx(held, abs=0.01), pool


def test_parameters_carry_through() -> None:
    """Other numbers change the reduced scheme as they change the full one; derived constants follow exactly."""
    found = reduce(published("post-albers-23"))
    assert found.scheme.parameters == found.full.parameters
    changed = {"K_Na_in": 4.0, "dephosphorylation": 4.0, "K_ATP_E2": 0.2, "on_ion": 30.0}
    full, reduced = (each.with_values(changed) for each in (found.full, found.scheme))
    for name in found.full.derived:
        value = float(evaluate([reduced.system.resolution[name]], reduced.values)[0])
        assert value == pytest.approx(full.values[name], rel=1e-13)
        assert value != pytest.approx(found.full.values[name], rel=0.01)
    # binding is still fast with these numbers
    assert float(respond(reduced, base="physiological").turnover) == pytest.approx(
        float(respond(full, base="physiological").turnover), rel=0.01)


def test_a_reduced_pump_reverses_where_it_must() -> None:
    scheme = reduce(published("pan-2018-15")).scheme
    conditions = scheme.conditions["physiological"]
    expected = float(reversal_predicted(scheme, scheme.cycles[0], conditions))
    assert reversal_found(scheme, conditions) == pytest.approx(expected, abs=1e-6)


def test_every_step_balances_where_both_ways_are_at_equilibrium() -> None:
    """With slip nothing stands still unless dG_ATP + 3 dmu_Na = 0 and dmu_K = 0."""
    scheme = reduce(published("post-albers-23")).scheme
    given = dict(scheme.conditions["physiological"])
    for voltage in (-80.0, 0.0, 40.0):
        x = voltage / scheme.constants.thermal_voltage
        given.update({"membrane.V": voltage, "inside.K": given["outside.K"] * np.exp(-x)})
        # the slipping cycle, which moves three charges and no K, fixes outer Na; K adds nothing to the other one
        slip = next(cycle for cycle in scheme.cycles if cycle.name == "slip_dephosphorylate")
        short = float(respond(scheme, given).affinities[slip.name])
        given["outside.Na"] = given["outside.Na"] * np.exp(short / (3.0 * scheme.constants.RT))
        found = respond(scheme, given)
        # sums of a dozen exponentials of numbers up to 30
        assert max(float(net) for net in found.balance.values()) < 1e-12


def test_a_scheme_that_answers_to_temperature_stays_reduced_at_any() -> None:
    """Arrhenius factors of binding go into the equilibria, those of slow steps stay."""
    scheme = published("post-albers-23")
    steps = tuple(replace(step, activation=15e3 if "bind" in step.name or "release" in step.name else 80e3)
                  for step in scheme.steps)
    warm = replace(scheme, steps=steps, dH0=-20e3, enthalpies={"E1P(Na3)": 10e3, "E2P": -5e3, "E1.Na3": 7e3})
    found = reduce(warm)
    assert found.fast
    for kelvin in (290.0, 300.0, 313.0):
        given = {"temperature": kelvin, "membrane.V": np.linspace(-120, 60, 7)}
        full, reduced = (respond(each, given, "physiological") for each in (warm, found.scheme))
        assert reduced.turnover == pytest.approx(full.turnover, rel=0.01, abs=0.01 * FLOOR)
    assert float(respond(found.scheme, {"temperature": 300.0}, "physiological").turnover) < 0.6 * float(
        respond(found.scheme, base="physiological").turnover)


def test_only_fast_steps_are_grouped() -> None:
    scheme = ring(1e6, 1.0, 1e6, 1.0)
    found = reduce(scheme)
    assert set(found.fast) == {"s0", "s2"}
    assert {frozenset(states) for states in found.pools.values()} == {frozenset({"E0", "E1"}), frozenset({"E2", "E3"})}
    assert reduce(ring(1.0, 1.0, 1.0, 1.0)).scheme.states == ("E0", "E1", "E2", "E3")


def test_a_way_around_that_transports_is_never_at_equilibrium() -> None:
    """However fast its steps are, two pools are left: in one, the last step would transport from it to itself."""
    for speeds in ((1.0, 1e6, 1e6, 1e6), (1e9, 1e9, 1e9, 1e9)):
        found = reduce(ring(*speeds), tolerance=1e9)  # no error is too large
        assert len(found.pools) == 2
        assert [cycle.stoichiometry for cycle in found.scheme.cycles] == [cycle.stoichiometry for cycle in found.full.cycles]


def test_a_coarser_tolerance_groups_more() -> None:
    scheme = published("pan-2018-15")
    assert len(reduce(scheme, 0.05).pools) < len(reduce(scheme, 1e-4).pools) < len(scheme.states)


@pytest.mark.parametrize("change", [lambda scheme: published("pan-2018-4"), lambda scheme: replace(scheme, defects=("known",))])
def test_lumped_and_flawed_schemes_are_left_as_they_are(change: object) -> None:
    assert callable(change)
    scheme = change(published("pan-2018-15"))
    found = reduce(scheme)
    assert found.scheme == scheme
    assert found.scheme is found.full
    assert (found.error, found.fast) == (0.0, ())
    assert found.pools == {state: (state,) for state in scheme.states}
    assert found.text == f"no step of {scheme.name} is taken as at equilibrium"


def test_a_scheme_is_reduced_once() -> None:
    scheme = published("pan-2018-15")
    assert reduce(scheme) is reduce(replace(scheme))
    other = scheme.with_values({"K_Na_in": 4.0})
    assert reduce(other) is not reduce(scheme)
    assert isinstance(other.parameters[0], Parameter)


def test_the_box_is_the_same_everywhere() -> None:
    """Its points are plain arithmetic: no random numbers."""
    conditions = box(published("post-albers-23"))
    assert {name: (values.min(), values.max()) for name, values in conditions.items()
            if name in ("inside.Na", "outside.K", "inside.ATP", "membrane.V")} == {
        "inside.Na": (2.0, 60.0), "outside.K": (0.5, 20.0), "inside.ATP": (0.05, 10.0), "membrane.V": (-140.0, 60.0)}
    # evenly filled: each quarter of the voltages holds a quarter of the points, but for one or two
    inner = conditions["membrane.V"][:500]
    assert np.histogram(inner, bins=4, range=(-140, 60))[0] == pytest.approx(125, abs=2)


def test_what_a_condition_is_made_without_is_tried_at_its_usual_amount() -> None:
    """The box is around the physiological condition, wherever it stands, and no span of it is a point."""
    scheme = published("post-albers-23")
    here = box(scheme)
    without = {**scheme.conditions["physiological"], "inside.K": 0.0, "inside.Pi": 0.0}
    first = replace(scheme, conditions={"without": without, **scheme.conditions})
    np.testing.assert_equal(box(first), here)
    alone = replace(scheme, conditions={"without": without})
    np.testing.assert_equal(box(alone)["inside.K"], box(replace(scheme, conditions={}))["inside.K"])
    found = reduce(alone)
    given = {**scheme.conditions["physiological"], "membrane.V": np.linspace(-140.0, 60.0, 21)}
    exact, near = respond(scheme, given).turnover, respond(found.scheme, given).turnover
    assert found.fast
    assert np.max(np.abs(near - exact) / np.maximum(np.abs(exact), FLOOR)) <= 2.0 * found.error


def big_ring(states: int) -> Scheme:
    """A ring of steps at paces of all sizes."""
    speeds = 10.0 ** np.random.default_rng(1).uniform(-2.0, 3.0, states)
    parts = ({"inside.Na": 1}, {}), ({}, {"outside.Na": 1}), ({"outside.K": 1}, {}), ({}, {"inside.K": 1})
    moved = {place * states // 4 + (place > 0): part for place, part in enumerate(parts)}
    steps = tuple(Step(f"s{i}", f"E{i}", f"E{(i + 1) % states}", number(float(speed)), number(float(speed)),
                       *moved.get(i, ({}, {}))) for i, speed in enumerate(speeds))
    return Scheme("ring", steps)


def test_a_scheme_of_many_states_is_reduced_soon() -> None:
    """60 states took 0.8 s when steps were tried one by one at all points, now 0.1 s."""
    scheme = big_ring(60)
    start = perf_counter()
    found = reduce(scheme)
    assert perf_counter() - start < 0.5
    assert len(found.pools) < 30
    assert found.error <= 0.005


def test_a_scheme_of_too_many_states_is_left_as_it_is() -> None:
    found = reduce(big_ring(90))
    assert found.scheme is found.full
    assert found.text == ("no step of ring is taken as at equilibrium: with 90 states, more than 80, none was tried")


def test_a_parameter_that_drops_out_stays_one() -> None:
    """The pace of fast binding is in no rate of the reduced scheme."""
    on, bound, pace = symbol("on"), symbol("K_Na"), symbol("pace")
    steps = (Step("bind", "E", "ENa", on, on * bound, {"inside.Na": 1}),
             Step("out", "ENa", "P", pace, pace / bound, {}, {"outside.Na": 1}),
             Step("take", "P", "PK", number(1.0), number(1.0), {"outside.K": 1}),
             Step("in", "PK", "E", number(1.0), number(1.0), {}, {"inside.K": 1}))
    found = reduce(Scheme("paced", steps, (Parameter("on", "1/(ms mM)", 1e3), Parameter("K_Na", "mM", 5.0),
                                           Parameter("pace", "1/ms", 0.01))))
    assert "bind" in found.fast
    assert found.idle == ("on",)
    assert not reduce(published("post-albers-23")).idle


@pytest.mark.parametrize("drug", ["ouabain", "vanadate", "oligomycin"])
def test_binding_of_a_drug_keeps_its_speed(drug: str) -> None:
    """At rest it is in equilibrium however slow it is, which must not make it a fast step."""
    full = composed(published("post-albers"), inhibitors=[drug])
    reduced = reduce(full)
    ligand = next(name for name in full.ligands if drug in name.lower())
    assert not {step.name for step in full.steps if ligand in step.taken} & set(reduced.fast)
    assert len(reduced.pools) < 12
    given = {ligand: 1e-3, "membrane.V": -80.0}
    assert respond(reduced.scheme, given, "physiological").turnover == pytest.approx(
        float(respond(full, given, "physiological").turnover), rel=5e-3)
