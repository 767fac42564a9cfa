"""One-way fluxes against closed forms and against a chain in which every labelled ion is a state of its own."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.enzyme.measured import constants, units

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.enzyme.energy import hydrolysis_energy
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import PLACES, Step
from pumpleak.enzyme.tracer import carries, exchange, exchange_in, tracer, tracer_in
from pumpleak.formats.catalog import entries, load
from pumpleak.system.expression import number, symbol
from pumpleak.system.system import Parameter

REST = {"inside.Na": 10.0, "outside.Na": 140.0, "inside.K": 145.0, "outside.K": 5.4, "inside.ATP": 7.0, "inside.ADP": 0.04,
        "inside.Pi": 0.4, "inside.H": 8e-5, "membrane.V": -70.0}


def three_steps(sodium: int = 3, potassium: int = 2) -> Scheme:
    """A lumped pump: sodium in two steps, potassium in one."""
    values = {"f1": 1.0, "b1": 3.0, "f2": 2.0, "b2": 1e-5, "f3": 1.0}
    steps = (
        Step("load", "E1", "E1P", symbol("f1"), symbol("b1"), {"inside.Na": sodium, "inside.ATP": 1}, {"inside.ADP": 1}),
        Step("eject", "E1P", "E2", symbol("f2"), symbol("b2"), {}, {"outside.Na": sodium}, charge=float(sodium - potassium)),
        Step("back", "E2", "E1", symbol("f3"), symbol("b3"), {"outside.K": potassium},
             {"inside.Pi": 1, "inside.H": 1, "inside.K": potassium}))
    return Scheme("pump", steps, constants(steps, values), {"b3": units(steps)["b3"]},
                  constants=Constants(8.314, 96485.0, 310.0))


def chain() -> Scheme:
    """Two sites that fill and empty one by one on either side, as a channel with two places has them."""
    rates = [2.0, 3.0, 0.7, 5.0, 1.1, 0.9]
    steps = (("in1", "E", "N", "inside"), ("in2", "N", "NN", "inside"), ("out1", "F", "M", "outside"),
             ("out2", "M", "MM", "outside"))
    bindings = [Step(name, source, target, symbol(f"k{index}"), number(1.0), {f"{place}.Na": 1})
                for index, (name, source, target, place) in enumerate(steps)]
    flips = [Step("empty", "E", "F", symbol("k4"), number(0.5)), Step("half", "N", "M", symbol("k5"), symbol("h"), charge=1.0),
             Step("full", "NN", "MM", number(2.0), symbol("g"), charge=2.0)]
    values = {f"k{index}": rate for index, rate in enumerate(rates)}
    return Scheme("chain", (*bindings, *flips), constants(bindings, values), {"h": "1/ms", "g": "1/ms"})


def test_a_carrier_against_its_closed_form() -> None:
    scheme = Scheme("carrier", (
        Step("bind", "A", "B", symbol("on"), number(2.0), {"outside.glucose": 1}),
        Step("free", "B", "A", number(3.0), symbol("back"), {}, {"inside.glucose": 1})),
        (Parameter("on", "1/(ms mM)", 5.0),), {"back": "1/(ms mM)"})
    found = respond(scheme, {"inside.glucose": 1.0, "outside.glucose": 7.0, "membrane.V": 0.0})
    back = 5.0 * 3.0 / 2.0  # as both sides at the same concentration demand
    empty = 5.0 / (5.0 + 7.0 * 5.0 + back)
    for ways in (tracer_in(found, "glucose"), exchange_in(found, "glucose")):
        assert ways.out == pytest.approx(1e3 * empty * back * 2.0 / 5.0, rel=1e-14)
        assert ways.into == pytest.approx(1e3 * empty * 5.0 * 7.0 * 3.0 / 5.0, rel=1e-14)
        assert -ways.net == pytest.approx(found.transported("inside.glucose"), rel=1e-14)


def test_a_step_that_takes_on_one_side_and_frees_on_the_other_carries_at_once() -> None:
    found = respond(three_steps(), REST)
    forward, backward = (1e3 * rate for rate in found.rates["back"])
    loads, ions = exchange_in(found, "K"), tracer_in(found, "K")
    assert loads.into == pytest.approx(forward * found.occupancies["E2"], rel=1e-15)
    assert loads.out == pytest.approx(backward * found.occupancies["E1"], rel=1e-15)
    assert (ions.into, ions.out) == (2.0 * loads.into, 2.0 * loads.out)


@pytest.mark.parametrize("voltage", [-200.0, -70.0, 60.0])
def test_around_one_cycle_the_ratios_of_both_ions_are_its_affinity(voltage: float) -> None:
    """Sodium's way and potassium's way make up the cycle, so that the products of their rates are its ratio."""
    scheme = three_steps()
    found = respond(scheme, {**REST, "membrane.V": voltage})
    sodium, potassium = exchange_in(found, "Na"), exchange_in(found, "K")
    (affinity,) = found.affinities.values()
    ratio = sodium.out / sodium.into * potassium.into / potassium.out
    assert np.log(ratio) == pytest.approx(affinity / scheme.constants.RT, abs=1e-12)
    assert 3.0 * sodium.net == pytest.approx(found.Na, rel=1e-12)


@pytest.mark.parametrize("pair", [(1.0, 1.0), (0.3, 20.0), (50.0, 0.0)])
@pytest.mark.parametrize("voltage", [-90.0, 0.0, 40.0])
def test_labels_followed_one_by_one_in_a_chain_of_two_sites(pair: tuple[float, float], voltage: float) -> None:
    found = respond(chain(), {"inside.Na": pair[0], "outside.Na": pair[1], "membrane.V": voltage})
    ways = tracer_in(found, "Na")
    assert ways.out == pytest.approx(labelled_out(found, "Na"), rel=1e-12)
    assert ways.net == pytest.approx(found.transported("outside.Na"), abs=1e-12 * float(ways.out + ways.into))


@pytest.mark.parametrize("ion", ["Na", "K"])
def test_labels_followed_one_by_one_in_the_scheme_with_slip(ion: str) -> None:
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    found = respond(scheme, {"membrane.V": -40.0}, "physiological")
    # the dense solve keeps some 9 of 16 digits: its rates span seven decades
    assert tracer_in(found, ion).out == pytest.approx(labelled_out(found, ion), rel=1e-7)


def test_the_two_questions_ask_for_a_steady_state_of_their_own() -> None:
    found = respond(three_steps(), REST)
    assert tracer(three_steps(), "Na", REST) == tracer_in(found, "Na")
    assert exchange(three_steps(), "Na", REST) == exchange_in(found, "Na")


def test_conditions_broadcast() -> None:
    given = {**REST, "membrane.V": np.linspace(-100.0, 0.0, 3), "inside.Na": np.array([[5.0], [10.0]])}
    ways = tracer(chain(), "Na", {name: given[name] for name in ("inside.Na", "outside.Na", "membrane.V")})
    assert ways.out.shape == ways.into.shape == (2, 3)
    one = tracer(chain(), "Na", {"inside.Na": 10.0, "outside.Na": 140.0, "membrane.V": -50.0})
    assert ways.out[1, 1] == one.out


def test_nothing_comes_from_a_side_without_the_ion() -> None:
    found = respond(three_steps(), {**REST, "outside.Na": 0.0})
    assert tracer_in(found, "Na").into == exchange_in(found, "Na").into == 0.0
    assert tracer_in(found, "Na").out == pytest.approx(found.Na, rel=1e-14)


def test_a_species_may_be_named_with_its_place() -> None:
    for name in ("Na", "inside.Na", "outside.Na"):
        assert tracer(three_steps(), name, REST) == tracer(three_steps(), "Na", REST)
        assert exchange(three_steps(), name, REST) == exchange(three_steps(), "Na", REST)
    with pytest.raises(NameUnknown, match=r"pump: it knows no species 'lumen\.Na'"):
        tracer(three_steps(), "lumen.Na", REST)


def test_what_is_not_carried_has_no_one_way_fluxes() -> None:
    with pytest.raises(NameUnknown) as unknown:
        tracer(three_steps(), "Nna", REST)
    assert str(unknown.value).startswith("pump: it knows no species 'Nna'")
    for species in ("ATP", "Cl", "H"):
        assert not carries(three_steps(), species)
        with pytest.raises(ModelError) as caught:
            exchange(three_steps(), species, REST)
        assert str(caught.value) == (
            f"pump: it does not carry {species} from one side to the other, so there are no one-way fluxes of it; its "
            "ligands are inside.ADP, inside.ATP, inside.H, inside.H2O, inside.K, inside.Na, inside.Pi, outside.K, outside.Na")


def labelled_out(found: Response, ion: str) -> float:
    """Labelled ions that leave outside when all inside are labelled and none outside, from states (state, labels held)."""
    held = {state: found.scheme.contents[state].get(ion, 0) for state in found.scheme.states}
    micro = [(state, labels) for state, count in held.items() for labels in range(count + 1)]
    index = {each: at for at, each in enumerate(micro)}
    matrix, leaving = np.zeros((len(micro), len(micro))), np.zeros(len(micro))
    for step in found.scheme.steps:
        for source, target, rate, taken, freed in (
                (step.source, step.target, found.rates[step.name][0], step.taken, step.released),
                (step.target, step.source, found.rates[step.name][1], step.released, step.taken)):
            fresh, old, back, out = (side.get(f"{place}.{ion}", 0) for side in (taken, freed) for place in PLACES)
            for labels in range(held[source] + 1):
                pool, marked = held[source] + fresh + old, labels + fresh
                for gone in range(back + out + 1):
                    chance = drawn(pool, marked, back + out, gone)
                    if chance:
                        at, to = index[source, labels], index[target, marked - gone]
                        matrix[to, at] += float(rate) * chance
                        matrix[at, at] -= float(rate) * chance
                        if out:  # a step of these schemes frees on one side only
                            leaving[at] += float(rate) * chance * gone
    matrix[0] = 1.0
    shares = np.linalg.solve(matrix, np.eye(len(micro))[0])
    return float(1e3 * leaving @ shares)


def drawn(pool: int, marked: int, taken: int, gone: int) -> float:
    """The chance that `gone` of `taken` ions drawn from a pool are among the marked ones."""
    if gone > marked or taken - gone > pool - marked:
        return 0.0
    return comb(marked, gone) * comb(pool - marked, taken - gone) / comb(pool, taken)


def test_the_oracle_draws_without_return() -> None:
    chances: NDArray[np.float64] = np.array([drawn(3, 2, 2, gone) for gone in range(3)])
    np.testing.assert_allclose(chances, [0.0, 2 / 3, 1 / 3], rtol=1e-15)


SCHEMES = {scheme.name: scheme for scheme in (load(entry.name) for entry in entries("pumps")) if isinstance(scheme, Scheme)}


@pytest.mark.parametrize("ion", ["Na", "K"])
@pytest.mark.parametrize("name", SCHEMES)
def test_one_way_fluxes_are_positive_and_leave_the_net_flux(name: str, ion: str) -> None:
    scheme = SCHEMES[name]
    random = np.random.default_rng(7)
    given = {each: 10.0 ** random.uniform(-3.0, 2.5, 100) for each in scheme.ligands}
    found = respond(scheme, {**given, "membrane.V": random.uniform(-200.0, 100.0, 100)})
    ions, loads = tracer_in(found, ion), exchange_in(found, ion)
    for each in (ions.out, ions.into, loads.out, loads.into):
        assert np.all(each > 0.0)
    net = found.transported(f"outside.{ion}")
    # the net flux of the response keeps the rounding of the gross fluxes through its steps
    gross = 1e3 * np.max([found.rates[step.name][0] * found.occupancies[step.source] for step in scheme.steps], axis=0)
    assert np.all(np.abs(ions.net - net) <= 1e-13 * gross)
    if len(scheme.cycles) == 1:
        size = abs(scheme.cycles[0].stoichiometry[f"outside.{ion}"])
        assert np.all(np.abs(size * loads.net - net) <= 1e-13 * gross)


@pytest.mark.parametrize("name", [name for name, scheme in SCHEMES.items() if scheme.is_explicit and not scheme.defects
                                  and len(scheme.cycles) == 1 and "physiological" in scheme.conditions])
def test_the_ratio_of_loads_lies_between_one_and_that_of_whole_cycles(name: str) -> None:
    scheme = SCHEMES[name]
    found = respond(scheme, {"membrane.V": np.linspace(-400.0, 60.0, 24)}, "physiological")
    (affinity,) = found.affinities.values()
    bound = affinity / scheme.constants.RT
    sodium, potassium = (np.log(ways.out / ways.into) for ways in (exchange_in(found, ion) for ion in ("Na", "K")))
    for ratio in (sodium, -potassium):
        assert np.all((np.minimum(bound, 0.0) - 1e-12 <= ratio) & (ratio <= np.maximum(bound, 0.0) + 1e-12))


@pytest.mark.parametrize("name", [name for name, scheme in SCHEMES.items() if not scheme.defects])
def test_at_equilibrium_as_much_goes_out_as_in(name: str) -> None:
    scheme = SCHEMES[name]
    voltage = np.array([-80.0, 0.0, 40.0])
    x = voltage / scheme.constants.thermal_voltage
    given = {each: np.full(3, value) for each, value in next(iter(scheme.conditions.values())).items()}
    given.update({f"outside.{ion}": given[f"inside.{ion}"] * np.exp(x) for ion in ("Na", "K")})
    given["membrane.V"] = voltage
    given["inside.ATP"] = given["inside.ATP"] * np.exp(hydrolysis_energy(scheme, given) / scheme.constants.RT)
    found = respond(scheme, given)
    for ways in (each(found, ion) for each in (tracer_in, exchange_in) for ion in ("Na", "K")):
        # a ratio of products of some thirty rates, the closure of which is tested to 1e-9 and holds to 1e-13
        np.testing.assert_allclose(ways.out, ways.into, rtol=1e-11)
