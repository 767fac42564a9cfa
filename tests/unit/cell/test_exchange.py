"""Exchange between a finite outside and its baths: the laws against closed forms, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from pumpleak.base.errors import ModelError
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.transport.exchange import Exchange
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.water import Water
from pumpleak.system.transform import initial_values

LEAKS = (Leak("leak_Na", "Na", "constant-field", 1e-7), Leak("leak_K", "K", "constant-field", 1e-6),
         Leak("leak_Cl", "Cl", "constant-field", 1e-7))
BATH = Bath("bath", {"Na": 150.0, "K": 5.0, "Cl": 155.0, "Ca": 2.0})
BETWEEN = ("outside", "bath")


def make(*paths: object, outside: Compartment | Bath | None = None, reservoirs: tuple[Bath, ...] = (BATH,)) -> Cell:
    """A cell at 0 mV in a space of 60 mM KCl, 40 mM NaCl."""
    inside = Compartment("inside", 0.5, {"Na": 15.0, "K": 135.0, "Cl": 5.0}, (Impermeant("X", -1.0, 145.0),))
    space = Compartment("outside", 0.1, {"Na": 40.0, "K": 60.0, "Cl": 100.0, "Ca": 1e-3}, (Impermeant("S", 0.0, 200.0),))
    return Cell("toy", inside, space if outside is None else outside, Membrane("inside", "outside", 300.0, 0.01),
                (*LEAKS, *paths), metabolism=Metabolism(-57_000.0), reservoirs=reservoirs)  # type: ignore[arg-type]


def test_the_outside_carries_the_charge_of_the_inside() -> None:
    cell = make(Exchange("e", BETWEEN, 1e-4, pairs=(("Na", "Cl"),)))
    values = initial_values(cell.with_values({"inside.Cl": "4.99 mM"}).system)
    charge = sum(z * values[f"outside.{ion}.amount"] for ion, z in (("Na", 1), ("K", 1), ("Cl", -1), ("Ca", 2)))
    assert values["membrane.charge"] == pytest.approx(96485.33212331 * 0.5 * 0.01)
    # a difference of amounts of 10 fmol, rounded at 1e-15, of which the charge is 5e-3
    assert 96485.33212331 * charge == pytest.approx(-values["membrane.charge"], rel=1e-11)
    states = cell.system.state_names
    assert "outside.Cl.amount" not in states
    assert {"outside.Na.amount", "outside.K.amount"} <= set(states)


def test_a_pair_flows_by_its_geometric_mean() -> None:
    values = initial_values(make(Exchange("e", BETWEEN, 2e-4, pairs=(("K", "Cl"), ("K", "Na"), ("Ca", "Cl")))).system)
    chloride = values["outside.Cl"]  # it closes the charge: 2e-3 mM more than given
    assert chloride == pytest.approx(100.002)
    assert values["e.K_Cl.flux"] == pytest.approx(2e-4 * (math.sqrt(60 * chloride) - math.sqrt(5 * 155)), rel=1e-13)
    assert values["e.K_Na.flux"] == pytest.approx(2e-4 * (math.sqrt(60 * 150) - math.sqrt(5 * 40)), rel=1e-13)
    means = (1e-3 * chloride**2) ** (1 / 3), (2.0 * 155.0**2) ** (1 / 3)
    assert values["e.Ca_Cl.flux"] == pytest.approx(2e-4 * (means[0] - means[1]), rel=1e-13)


def test_a_limited_pair_saturates() -> None:
    values = initial_values(make(Exchange("e", BETWEEN, 2e-4, pairs=(("K", "Cl"),), half=0.01)).system)
    ahead, back = math.sqrt(60 * values["outside.Cl"]), math.sqrt(5 * 155)
    assert values["e.flux"] == pytest.approx(2e-4 * (ahead - back) / (1 + (ahead + back) / 0.01), rel=1e-13)
    assert abs(values["e.flux"]) < 2e-4 * 0.01, "no more than clearance x half"


def test_electrodiffusion_carries_no_current() -> None:
    mobilities = {"Na": 0.68, "K": 1.0, "Cl": 1.04}
    values = initial_values(make(Exchange("e", BETWEEN, 2e-4, mobilities=mobilities)).system)
    x = values["e.junction"] / values["thermal.voltage"]
    fluxes = {}
    for ion, z in (("Na", 1.0), ("K", 1.0), ("Cl", -1.0)):
        here, there = values[f"outside.{ion}"], values[f"bath.{ion}"]
        fluxes[ion] = 2e-4 * mobilities[ion] * z * x * (here - there * math.exp(-z * x)) / (1 - math.exp(-z * x))
    assert fluxes["Na"] + fluxes["K"] == pytest.approx(fluxes["Cl"], rel=1e-12)
    assert values["e.Na.flux"] == pytest.approx(fluxes["Na"], rel=1e-12)
    assert values["e.K.flux"] == pytest.approx(fluxes["K"], rel=1e-12)


def test_one_salt_at_two_strengths_makes_nernsts_junction() -> None:
    """NaCl at c1 and c2: by Nernst and Planck RT/F (u+ - u-)/(u+ + u-) ln(c2/c1), by Goldman the ratio of weighted sums."""
    salt = Bath("bath", {"Na": 150.0, "Cl": 150.0})
    space = Compartment("outside", 0.1, {"Na": 100.0, "Cl": 100.0})
    cell = Cell("toy", Compartment("inside", 0.5, {"Na": 15.0, "Cl": 5.0}, (Impermeant("X", -1.0, 10.0),)), space,
                Membrane("inside", "outside", 300.0, 0.01),
                (LEAKS[0], LEAKS[2], Exchange("e", BETWEEN, 1e-4, mobilities={"Na": 0.68, "Cl": 1.04})), reservoirs=(salt,))
    values = initial_values(cell.system)
    expected = math.log((0.68 * 150 + 1.04 * 100) / (0.68 * 100 + 1.04 * 150)) * values["thermal.voltage"]
    assert values["e.junction"] == pytest.approx(expected, rel=1e-12)
    planck = values["thermal.voltage"] * (0.68 - 1.04) / (0.68 + 1.04) * math.log(150 / 100)
    assert values["e.junction"] == pytest.approx(planck, rel=0.02)  # the two differ in third order of ln(c2/c1) = 0.4


def test_water_beside_the_membrane_flows_to_the_more_concentrated() -> None:
    values = initial_values(make(Water(permeability=0.02), Water("seep", between=("bath", "outside"), conductance=1e-6)).system)
    assert values["bath.osmolarity"] == 312.0
    assert values["seep.flux"] == pytest.approx(1e-6 * (values["outside.osmolarity"] - 312.0), rel=1e-13)
    assert values["seep.flux"] > 0


@pytest.mark.parametrize(("change", "message"), [
    (lambda: Exchange("e", BETWEEN, -1.0, pairs=(("K", "Cl"),)), "e.clearance is -1 pL/ms; it must be zero or positive"),
    (lambda: Exchange("e", BETWEEN, 1.0), "e: pairs [] and mobilities {} are given; an exchange has one of them"),
    (lambda: Exchange("e", BETWEEN, 1.0, pairs=(("K", "Chl"),)), "e: 'Chl' is not an ion; did you mean 'Cl'?"),
    (lambda: Exchange("e", BETWEEN, 1.0, pairs=(("K", "Cl"), ("Cl", "K"))), "e: the pair Cl with K says nothing, or the same"),
    (lambda: Exchange("e", BETWEEN, 1.0, mobilities={"K": 1.0}), "e: K alone would carry charge; give the mobility"),
    (lambda: Exchange("e", BETWEEN, 1.0, mobilities={"K": 1.0, "Ca": 0.4}),
     "e: Ca has a charge of +2 e; electrodiffusion is solved for ions of one charge, a pair takes any"),
    (lambda: Exchange("e", BETWEEN, 1.0, mobilities={"K": 1.0, "Cl": 1.0}, half=5.0), "e: half is 5 mM, but diffusion by"),
    (lambda: Water("w", between=BETWEEN), "w: conductance is None and between is ('outside', 'bath'); a path beside"),
    (lambda: Water("w", 0.02, between=BETWEEN, conductance=1.0), "w: permeability is 0.02 um/ms, but a path"),
    (lambda: make(Exchange("e", ("outside", "attic"), 1.0, pairs=(("K", "Cl"),))),
     "e joins 'outside' and 'attic'; it goes between 'outside' and 'bath'"),
    (lambda: make(Exchange("e", ("inside", "bath"), 1.0, pairs=(("K", "Cl"),))), "e joins 'inside' and 'bath'; it goes"),
    (lambda: make(Exchange("e", BETWEEN, 1.0, pairs=(("K", "HCO3"),))), "moves -1 HCO3 in 'outside', which holds no HCO3"),
    (lambda: make(Exchange("e", BETWEEN, 1.0, pairs=(("K", "Cl"),)), outside=replace(BATH, name="outside"), reservoirs=()),
     "e joins 'outside' and 'bath'; this cell has no reservoir behind 'outside': give 'outside' a volume, and the bath behind"),
    (lambda: make(outside=Bath("outside", dict(BATH.contents))),
     "toy: 'bath' lies behind 'outside', which is a bath and never changes; give 'outside' a volume, or leave 'bath' out"),
    (lambda: make(Water()), "toy: water is instant, which needs a bath of constant osmolarity outside, but 'outside' has a"),
    (lambda: make(reservoirs=(BATH, BATH)), "toy: two places are called 'bath'; every place needs its own name"),
    (lambda: make(outside=Compartment("outside", 0.1, {"Na": 40.0, "K": 60.0, "Cl": 100.0}, held={"ATP": 1.0})),
     "toy: 'outside' holds ATP under 'held', which metabolism keeps inside only"),
    (lambda: make(outside=Compartment("outside", 0.1, {"Na": 40.0, "K": 60.0, "Cl": 10.0}, (Impermeant("Z", 3.0, 100.0),))),
     "toy: outside.Na would have to start at -350 mM to close the charge there"),
])
def test_what_cannot_be_is_refused(change: Callable[[], object], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        change()
    assert message in str(caught.value)


def test_only_potassium_cannot_close_the_charge_outside() -> None:
    with pytest.raises(ModelError, match="toy: of the charged contents of 'outside' only K moves; Na or Cl has to"):
        Cell("toy", Compartment("inside", 0.5, {"K": 135.0}, (Impermeant("X", -1.0, 135.0),)),
             Compartment("outside", 0.1, {"K": 60.0}, (Impermeant("A", -1.0, 60.0),)),
             Membrane("inside", "outside", 300.0, 0.01), (LEAKS[1],))


def test_the_start_of_a_finite_outside_can_be_set() -> None:
    cell = make(Exchange("e", BETWEEN, 1e-4, pairs=(("Na", "Cl"),)))
    cell = cell.with_values({"outside.K": "8 mM", "outside.volume": "0.2 pL"})
    values = initial_values(cell.system)
    assert values["outside.K"] == pytest.approx(8.0)
    assert values["outside.volume"] == 0.2
    assert cell.system.remarks[-1] == "outside.Cl starts at 48.002 mM instead of 100 mM: it closes the charge."
