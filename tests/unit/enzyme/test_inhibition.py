"""Inhibitors as states: what is added, that all new cycles close, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pumpleak.base.errors import ModelError
from pumpleak.enzyme.binding import apparent
from pumpleak.enzyme.inhibition import Binding, Inhibitor, drugs_of, held_drugs, inhibit, without_drugs
from pumpleak.enzyme.occupation import occupation
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.formats.pump_parts import inhibitor
from pumpleak.system.expression import number
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

OUABAIN = "outside.Ouabain"


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    found = load("post-albers-23")
    assert isinstance(found, Scheme)
    return found


@pytest.fixture(scope="module")
def with_ouabain(scheme: Scheme) -> Scheme:
    return inhibit(scheme, inhibitor("ouabain"))


def test_a_drug_adds_a_state_for_each_that_binds_and_the_steps_between_them(scheme: Scheme, with_ouabain: Scheme) -> None:
    assert with_ouabain.name == "post-albers-23.ouabain"
    assert with_ouabain.states[len(scheme.states):] == (
        "E2P.Ouabain", "E2P.Na.Ouabain", "E2P.Na2.Ouabain", "E2(K2).Ouabain", "ATP.E2(K2).Ouabain")
    assert [step.name for step in with_ouabain.steps[len(scheme.steps):]] == [
        "bind_Ouabain_E2P", "bind_Ouabain_E2P_Na", "bind_Ouabain_E2P_Na2", "bind_Ouabain_E2_K2", "bind_Ouabain_ATP_E2_K2",
        "release_Na2_Ouabain", "release_Na3_Ouabain", "bind_ATP_E2_Ouabain"]
    assert drugs_of(with_ouabain) == {OUABAIN: "ouabain"}
    assert {*held_drugs(with_ouabain).values()} == {"ouabain"}
    assert with_ouabain.conditions["physiological"][OUABAIN] == 0.0


def test_without_drug_the_pump_is_what_it_was(scheme: Scheme, with_ouabain: Scheme) -> None:
    given = {"membrane.V": np.array([-120.0, -40.0, 40.0]), "outside.K": 2.0}
    plain, drugged = respond(scheme, given, "physiological"), respond(with_ouabain, given, "physiological")
    np.testing.assert_allclose(drugged.turnover, plain.turnover, rtol=1e-12)
    stripped = without_drugs(with_ouabain)
    assert (stripped.states, stripped.steps, stripped.parameters) == (scheme.states, scheme.steps, scheme.parameters)
    assert stripped.conditions == scheme.conditions


def test_a_state_that_binds_more_tightly_takes_part_in_a_cycle_that_closes(scheme: Scheme) -> None:
    """The backward constant of the step in the complex follows; with that of the free pump the cycle would be open."""
    parameters = (Parameter("on", "1/(ms mM)", 3.0), Parameter("off", "1/ms", 2e-3), Parameter("slow", "1/ms", 1e-4))
    drug = Inhibitor("test", OUABAIN, {"E2P": Binding(parse("on"), parse("off"), 9e4, 5e4),
                                       "E2P.Na": Binding(parse("2*on"), parse("slow"), 7e4, 8e4)}, parameters)
    made = inhibit(scheme, drug)
    assert max(found.error for found in made.closures) < 1e-12
    steps = {step.name: step for step in made.steps}
    free = {"release_Na3_Ouabain": replace(steps["release_Na3_Ouabain"], backward=steps["release_Na3"].backward)}
    with pytest.raises(ModelError, match="uses no ATP, but its rates drive it"):
        replace(made, steps=tuple(free.get(step.name, step) for step in made.steps))


def test_several_drugs_exclude_each_other(scheme: Scheme) -> None:
    """A pump holds one: of two drugs on the same states each has the share of its dose over its constant."""
    both = inhibit(scheme, inhibitor("ouabain"), inhibitor("digoxin"))
    found = respond(both, {OUABAIN: 1e-3, "outside.Digoxin": 1e-3}, "physiological")
    shares = {drug: sum(float(found.occupancies[state]) for state, its in held_drugs(both).items() if its == drug)
              for drug in ("ouabain", "digoxin")}
    assert sum(shares.values()) < 1.0
    assert shares["ouabain"] / shares["digoxin"] == pytest.approx(2.222 / 1.4, rel=1e-6)


def test_the_apparent_constants_are_those_of_the_whole_dose_response(with_ouabain: Scheme) -> None:
    given = {"outside.K": np.array([1.0, 5.4, 20.0])}
    rates = apparent(with_ouabain, given, "physiological")
    plain = respond(with_ouabain, given, "physiological").turnover
    for place, half in enumerate(rates.K):
        at_half = respond(with_ouabain, {"outside.K": given["outside.K"][place], OUABAIN: half}, "physiological").turnover
        assert float(at_half) == pytest.approx(0.5 * plain[place], rel=1e-5)  # ouabain leaves far more slowly than pumps turn


def test_shares_grow_from_nothing_to_equilibrium(with_ouabain: Scheme) -> None:
    rates = apparent(with_ouabain, {}, "physiological")
    share = rates.share(float(rates.K), np.array([0.0, 1e9]))
    assert share == pytest.approx([0.0, 0.5])


def test_the_pools_of_a_cell_have_the_same_steady_flux_and_the_same_binding(with_ouabain: Scheme) -> None:
    taken = occupation(with_ouabain)
    assert taken.bound == {"E2P.Ouabain": "ouabain", "E2(K2).Ouabain": "ouabain"}
    assert not held_drugs(taken.free)
    given = {OUABAIN: np.array([0.0, 1e-5, 1e-3]), "membrane.V": -70.0}
    full, pooled = respond(with_ouabain, given, "physiological"), respond(taken.scheme, given, "physiological")
    # 5e-3 is the tolerance of the reduction of free pumps
    np.testing.assert_allclose(pooled.turnover, full.turnover, rtol=5e-3)


def test_oligomycin_goes_on_exchanging_ADP(scheme: Scheme) -> None:
    made = inhibit(scheme, inhibitor("oligomycin"))
    assert {"phosphorylate_Oligomycin", "bind_ATP_E1_Na3_Oligomycin"} <= {step.name for step in made.steps}
    assert len(occupation(made).bound) == 1


def test_vanadate_is_held_in_two_ways(scheme: Scheme) -> None:
    assert {*occupation(inhibit(scheme, inhibitor("vanadate"))).bound} == {"E2.Vanadate", "E2(K2).Vanadate"}


def test_pumps_that_turn_over_with_a_drug_need_depth_full(scheme: Scheme) -> None:
    """A drug that all states bind alike and that stops nothing."""
    everywhere = Inhibitor("idle", OUABAIN, dict.fromkeys(scheme.states, Binding(number(1.0), number(1.0))))
    made = inhibit(scheme, everywhere)
    assert respond(made, {OUABAIN: 1.0}, "physiological").turnover == pytest.approx(
        respond(scheme, {}, "physiological").turnover)
    with pytest.raises(ModelError, match=r"pumps that hold ouabain go round by .* take depth 'full'"):
        occupation(made)


def test_a_scheme_without_the_states_is_refused_by_name() -> None:
    other = load("chapman-1983")
    assert isinstance(other, Scheme)
    with pytest.raises(ModelError) as caught:
        inhibit(other, inhibitor("ouabain"))
    assert str(caught.value) == (
        "chapman-1983: ouabain binds E2P, E2P.Na, E2P.Na2, E2(K2), ATP.E2(K2), but the scheme has no E2P, E2P.Na, E2P.Na2, "
        "E2(K2), ATP.E2(K2); its states are eatp, na3eatp, na3ep, ep, k2e, k2eatp. Say in a file of the inhibitor, under "
        "'schemes', which of them these are: {chapman-1983: {E2P: ...}}")


def test_a_scheme_with_lumped_steps_is_refused() -> None:
    other = load("pan-2018-4")
    assert isinstance(other, Scheme)
    drug = Inhibitor("test", OUABAIN, {"P-E2": Binding(number(1.0), number(1.0))})
    with pytest.raises(ModelError, match=r"test binds P-E2, but '.*' has binding at equilibrium in its rates"):
        inhibit(other, drug)


def test_states_of_another_name_are_found_by_the_map_of_the_file() -> None:
    other = load("pan-2018-15")
    assert isinstance(other, Scheme)
    made = inhibit(other, inhibitor("ouabain"))
    assert "P-E2.Na2.Ouabain" in made.states
    assert max(found.error for found in made.closures) < 1e-12


def test_one_drug_twice_no_drug_and_no_state_are_refused(with_ouabain: Scheme, scheme: Scheme) -> None:
    with pytest.raises(ModelError, match=r"it binds outside.Ouabain already; ouabain is given twice"):
        inhibit(with_ouabain, inhibitor("ouabain"))
    with pytest.raises(ModelError, match=r"'outside.Na' is no drug; the drugs are Ouabain, "):
        Inhibitor("salt", "outside.Na", {"E2P": Binding(number(1.0), number(1.0))})
    with pytest.raises(ModelError, match="it binds 0 states"):
        Inhibitor("idle", OUABAIN, {})
    with pytest.raises(ModelError, match="it binds no drug; rates of binding are those of one"):
        apparent(scheme, {}, "physiological")
