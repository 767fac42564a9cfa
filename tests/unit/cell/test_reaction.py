"""Reactions in one compartment: their law, the free energies that they fix, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from pumpleak.base.errors import ModelError
from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.metabolism import Demand, Supply
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.system.transform import initial_values

LEAKS = (Leak("leak_Na", "Na", "constant-field", 1e-7), Leak("leak_K", "K", "constant-field", 1e-6))
BUFFER = Reaction("buffer", "HB <-> H + B", 1e-4, 1e-4)
KINASE = Reaction("kinase", "ADP + PCr + H <-> ATP + Cr", 1.77e6, 10.0)
CONTENTS = {"Na": 15.0, "K": 135.0, "ATP": 3.0, "ADP": 0.05, "Pi": 2.0, "H": 6e-5, "PCr": 6.0, "Cr": 5.0}
BUFFERS = (Impermeant("B", -1.0, 30.0), Impermeant("HB", 0.0, 20.0, {"B": 1, "H": 1}))
OUTSIDE = Bath("outside", {"Na": 145.0, "K": 5.0, "Cl": 150.0})
SUPPLY, DEMAND = Supply(5e-5, 0.03, 1.0), Demand(2e-5, 0.5)
RT = 8.31446261815324 * 310.15


def make(*reactions: Reaction, **changed: object) -> Cell:
    """A cell at 0 mV with all that reacts."""
    charge = sum(z * CONTENTS[name] for name, z in (("Na", 1), ("K", 1), ("ATP", -2), ("ADP", -1), ("Pi", -2), ("PCr", -2)))
    impermeants = (Impermeant("X", -1.0, charge - 30.0 + CONTENTS["H"]), *BUFFERS)
    parts: dict[str, object] = {
        "inside": Compartment("inside", 0.5, CONTENTS, impermeants), "outside": OUTSIDE, "supply": SUPPLY, "demand": DEMAND,
        "membrane": Membrane("inside", "outside", 300.0, 0.01), "transporters": (*LEAKS, *reactions), "name": "toy"}
    return Cell(**{**parts, **changed})  # type: ignore[arg-type]


def test_a_reaction_runs_by_mass_action() -> None:
    values = initial_values(make(BUFFER, KINASE).system)
    expected = 10.0 * 0.5 * (0.05 * 6.0 * 6e-5 - 3.0 * 5.0 / 1.77e6)
    assert values["kinase.flux"] == pytest.approx(expected, rel=1e-12)
    assert values["buffer.flux"] == pytest.approx(1e-4 * 0.5 * (20.0 - 6e-5 * 30.0 / 1e-4), rel=1e-12)


def test_counts_and_units_follow_from_the_equation() -> None:
    two = Reaction("two", "2 H + H2O <-> 3 Na + 1 K", 5.0, 1.0)
    assert (two.counts, two.unit, two.unit_of_K) == ({"H": -2, "H2O": -1, "Na": 3, "K": 1}, "1/(ms mM)", "mM2")
    assert (BUFFER.unit, BUFFER.unit_of_K, KINASE.unit, KINASE.unit_of_K) == ("1/ms", "mM", "1/(ms mM2)", "1/mM")
    assert Reaction("turn", "2 Na <-> 2 K", 1.0, 1.0).unit_of_K == "1"


def test_affinities_vanish_where_fluxes_do() -> None:
    for reaction in (BUFFER, KINASE):
        cell = make(BUFFER, KINASE)
        found = initial_values(cell.system)
        left = math.prod(found[f"inside.{name}"] ** count for name, count in reaction.left.items())
        right = math.prod(found[f"inside.{name}"] ** count for name, count in reaction.right.items())
        # affinity by definition RT ln(K left/right); rounding of potentials of 1e5 J/mol
        expected = RT * math.log(reaction.K * left / right)
        assert found[f"{reaction.name}.affinity"] == pytest.approx(expected, abs=1e-8)
        assert found[f"{reaction.name}.affinity"] * found[f"{reaction.name}.flux"] > 0


def test_what_drives_the_supply_and_the_demand_is_hydrolysis() -> None:
    values = initial_values(make(BUFFER).system)
    dG = 11_900.0 + RT * math.log(0.05e-3 * 2e-3 * 6e-8 / 3e-3)
    assert values["inside.dG_ATP"] == pytest.approx(dG, rel=1e-12)
    assert values["demand.affinity"] == pytest.approx(-dG, rel=1e-12)
    assert values["supply.affinity"] == pytest.approx(dG, rel=1e-12)
    assert values["inside.pH"] == pytest.approx(-math.log10(6e-8), rel=1e-12)
    assert values["supply.flux"] == pytest.approx(0.5 * 5e-5 * (0.05 / 0.08) * (2.0 / 3.0), rel=1e-12)
    constant = math.exp(-11_900.0 / RT) * 1e6
    assert values["demand.flux"] == pytest.approx(0.5 * 2e-5 * (3.0 - 0.05 * 2.0 * 6e-5 / constant) / 3.5, rel=1e-12)


def test_demand_stops_at_the_equilibrium_of_hydrolysis() -> None:
    """Where dG is zero the demand is too, to the rounding of an exponential of dG0."""
    constant = math.exp(-11_900.0 / RT) * 1e6
    ATP = 0.05 * 2.0 * 6e-5 / constant
    contents = {**CONTENTS, "ATP": ATP}
    inside = Compartment("inside", 0.5, contents, (Impermeant("X", -1.0, 103.95 + 6e-5 - 2.0 * ATP + 0.0), *BUFFERS))
    values = initial_values(make(BUFFER, inside=inside).system)
    assert abs(values["inside.dG_ATP"]) < 1e-8
    assert abs(values["demand.flux"]) < 1e-13 * 0.5 * 2e-5 * ATP / 0.5


def test_a_reaction_that_follows_from_others_takes_its_constant_from_them() -> None:
    """Splitting creatine phosphate is creatine kinase and hydrolysis in turn: K = K1 K2."""
    hydrolysis = math.exp(-11_900.0 / RT) * 1e6
    implied = 1.77e6 * hydrolysis  # mM
    split = Reaction("split", "PCr + H2O <-> Cr + Pi", implied * 1.01, 1e-6)
    cell = make(BUFFER, KINASE, split)
    values = initial_values(cell.system)
    assert values["split.K"] == pytest.approx(implied, rel=1e-12)
    assert "split.K" not in {parameter.name for parameter in cell.system.parameters}
    assert initial_values(cell.with_values({"kinase.K": "1.765e6 1/mM"}).system)["split.K"] == pytest.approx(
        1.765e6 * hydrolysis, rel=1e-12)
    with pytest.raises(ModelError, match=r"toy: split.K is .* mM, but the other reactions and the free energy of ATP make it"):
        make(BUFFER, KINASE, replace(split, K=2 * implied))


def test_isomers_in_any_order_are_no_contradiction() -> None:
    """Three forms of A: zero points are not fixed before all reactions are seen."""
    kinds = (Impermeant("A", 0.0, 1.0), Impermeant("A2", 0.0, 1.0, {"A": 1}), Impermeant("A3", 0.0, 1.0, {"A": 1}))
    reactions = (Reaction("one", "A + A2 <-> 2 A3", 4.0, 1e-3), Reaction("two", "A <-> A2", 2.0, 1e-3),
                 Reaction("three", "A <-> A3", math.sqrt(8.0), 1e-3))
    base = make(BUFFER)
    inside = replace(base.inside, impermeants=(*base.inside.impermeants, *kinds))
    values = initial_values(replace(base, inside=inside, transporters=(*LEAKS, BUFFER, *reactions)).system)
    assert values["three.K"] == pytest.approx(math.sqrt(8.0), rel=1e-12)
    with pytest.raises(ModelError, match=r"toy: three.K is 5 1, but the other reactions"):
        replace(base, inside=inside, transporters=(*LEAKS, BUFFER, *reactions[:2], replace(reactions[2], K=5.0)))


def test_balance_finds_the_supply_that_meets_the_demand() -> None:
    pumpless = make(BUFFER, KINASE, transporters=(Leak("leak_K", "K", "constant-field", 1e-6), BUFFER, KINASE))
    contents = {**pumpless.inside.contents, "Na": 15.0}
    placed = replace(pumpless, inside=replace(pumpless.inside, contents=contents))
    found = balance(placed, BalanceGoal(("supply.capacity",), "-88 mV", "X", ("K",)))
    values = initial_values(found.system)
    assert values["supply.flux"] == pytest.approx(values["demand.flux"], rel=1e-12)
    assert found.strengths["supply.capacity"] != 5e-5
    for name in ("kinase", "buffer"):  # put at equilibrium: RT ln of a ratio that is 1 to some digits
        assert abs(values[f"{name}.affinity"]) < 1e-7


@pytest.mark.parametrize(("change", "message"), [
    (lambda: Reaction("r", "H + B", 1.0, 1.0), "r: 'H + B' is no reaction; write 'ADP + PCr + H <-> ATP + Cr'"),
    (lambda: Reaction("r", "H + 2.5 B <-> HB", 1.0, 1.0), "r: '2.5 B' in 'H + 2.5 B <-> HB' is no species with a count"),
    (lambda: Reaction("r", "H2O <-> HB", 1.0, 1.0), "r: one side of 'H2O <-> HB' has 0 dissolved particles; 1 to 12 can meet"),
    (lambda: Reaction("r", "HB <-> HB", 1.0, 1.0), "r: 'HB <-> HB' makes nothing: both sides are the same"),
    (lambda: Reaction("r", "HB <-> H + B", 0.0, 1.0), "r.K is 0 mM; it must be positive and finite"),
    (lambda: Reaction("r", "HB <-> H + B", 1.0, -1.0), "r.rate is -1 1/ms; it must be zero or positive"),
    (lambda: Supply(1.0, 0.0, 1.0), "supply.half_ADP is 0 mM; it must be positive"),
    (lambda: Demand(-1.0, 0.5), "demand.capacity is -1 mM/ms; it must be zero or positive"),
    (lambda: make(replace(BUFFER, place="outside")),
     "buffer: it happens in 'outside', which is no place whose contents change; a reaction needs one: inside"),
    (lambda: make(BUFFER, Reaction("r", "H + Cl <-> HB", 1.0, 1.0)), "toy: r moves -1 Cl in 'inside', which holds no Cl"),
    (lambda: make(BUFFER, Reaction("r", "B <-> HB", 1.0, 1.0)),
     "toy: one turn of r (-1 inside.B +1 inside.HB) makes +1 e of charge"),
    (lambda: make(BUFFER, Reaction("r", "Cr <-> HB", 1.0, 1.0)), "toy: one turn of r (-1 inside.Cr +1 inside.HB) makes +1 B"),
    (lambda: make(), "toy: nothing buffers inside.H = 6e-05 mM against what ATP sets free; add a reaction such as"),
    (lambda: make(BUFFER, supply=None), "toy: demand uses ATP at 2e-05 mM/ms, and no supply makes it"),
    (lambda: make(BUFFER, metabolism=Metabolism(-57_000.0)),
     "toy: dG_ATP is stated as -57000 J/mol, and supply makes it follow from amounts; give one of them"),
    (lambda: make(replace(BUFFER, name="supply")), "toy: two transporters are called 'supply'"),
    (lambda: make(BUFFER, inside=replace(make(BUFFER).inside, held={"ATP": 3.0},
                                         contents={name: each for name, each in CONTENTS.items() if name != "ATP"})),
     "toy: 'inside' holds ATP under 'held', and supply lets ATP, ADP, Pi, H change; put them into its contents"),
    (lambda: make(BUFFER, supply=None, demand=None, inside=replace(
        make(BUFFER).inside, held={"H": 6e-5}, contents={name: each for name, each in CONTENTS.items() if name != "H"})),
     "toy: buffer moves inside.H (6e-05 mM), which is 'held'; what reacts belongs to the contents of 'inside'"),
    (lambda: Impermeant("HB", 0.0, 1.0, {"B": 0}), "species 'HB': '0' of 'B'; the count must be 1, 2, 3, ...")])
def test_impossible_reactions_are_refused(change: Callable[[], object], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        change()
    assert message in str(caught.value)
