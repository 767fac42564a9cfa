"""Balance: an exact rest where one is asked for, what cannot balance, and what stays free."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pumpleak.base.errors import ModelError
from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.water import Water
from pumpleak.formats.catalog import load
from pumpleak.system.expression import evaluate
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter
from pumpleak.system.transform import initial_values

GOAL = BalanceGoal(("leak_Na.conductance", "leak_K.conductance", "kcc2.conductance"), "-65 mV", "X")


def make(*more: object, chloride: float = 6.0) -> Cell:
    leaks = (Leak("leak_Na", "Na", "ohmic", 1e-4), Leak("leak_K", "K", "ohmic", 3e-3), Leak("leak_Cl", "Cl", "ohmic", 1e-4))
    pump = RatePump("pump", {"Na": -3, "K": 2}, parse("p/F"), (Parameter("p", "pA/um2", 0.005),))
    return Cell("toy", Compartment("inside", 0.5, {"Na": 15.0, "K": 135.0, "Cl": chloride}, (Impermeant("X", -1.0, 100.0),)),
                Bath("outside", {"Na": 147.0, "K": 3.0, "Cl": 120.0}, (Impermeant("A", -1.0, 30.0),)),
                Membrane("inside", "outside", 300.0, 0.01), (*leaks, pump, Water(), *more),  # type: ignore[arg-type]
                metabolism=Metabolism(-57_000.0), potential=-65.0)


KCC2 = Cotransporter("kcc2", {"K": 1, "Cl": 1}, 1e-3)


def test_the_start_becomes_an_exact_rest() -> None:
    found = balance(make(KCC2), GOAL)
    system = found.cell.system
    values = initial_values(system)
    rates = dict(zip(system.rates, map(float, evaluate(system.resolve(list(system.rates.values())), values)), strict=True))
    for name, rate in rates.items():
        # rounding of pump fluxes of 5e-5 fmol/ms and of currents of 5 pA
        assert abs(rate) <= (1e-14 if "charge" in name else 1e-19), name
    assert values["membrane.V"] == pytest.approx(-65.0)
    assert values["inside.osmolarity"] == pytest.approx(values["outside.osmolarity"], rel=1e-14)
    assert values["inside.K"] == pytest.approx(135.0, rel=1e-12)
    assert found.freedom == ()
    assert found.report.startswith("balanced by leak_Na.conductance = ")
    assert found.report.endswith("; nothing is left free")


def test_chloride_alone_cannot_be_held_off_its_equilibrium() -> None:
    wanted = r"toy: no strengths of leak_Na.conductance, leak_K.conductance hold inside.Cl still"
    with pytest.raises(ModelError, match=wanted) as caught:
        balance(make(), BalanceGoal(("leak_Na.conductance", "leak_K.conductance"), "-65 mV", "X"))
    assert "best" not in str(caught.value)
    assert str(caught.value).endswith("; check also the signs of each `moves` (positive comes in)")


def test_a_passive_ion_is_put_at_equilibrium() -> None:
    found = balance(make(chloride=50.0), BalanceGoal(("leak_Na.conductance", "leak_K.conductance"), "-65 mV", "X", ("Cl",)))
    values = initial_values(found.cell.system)
    assert values["leak_Cl.reversal"] == pytest.approx(-65.0, rel=1e-14)


def test_what_stays_free_is_named() -> None:
    twin = Leak("leak_K2", "K", "ohmic", 1e-3)
    found = balance(make(KCC2, twin), replace(GOAL, solve=(*GOAL.solve, "leak_K2.conductance")))
    assert found.freedom == ("leak_K.conductance with leak_K2.conductance",)
    alone = balance(make(KCC2), GOAL).strengths["leak_K.conductance"]
    assert found.strengths["leak_K.conductance"] + found.strengths["leak_K2.conductance"] == pytest.approx(alone, rel=1e-12)


def test_strengths_stay_positive() -> None:
    uphill = make(KCC2, chloride=30.0)  # chloride above equilibrium: KCC2 would have to run backwards
    with pytest.raises(ModelError, match=r"hold .*inside.Cl.* still"):
        balance(uphill, GOAL)


def test_contents_that_leave_no_room_are_refused() -> None:
    crowded = make(KCC2)
    crowded = replace(crowded, inside=Compartment("inside", 0.5, {"Na": 150.0, "K": 150.0, "Cl": 6.0},
                                                  (Impermeant("X", -1.0, 294.0),)))
    with pytest.raises(ModelError, match=r"which leaves -6 mM for 'X'; lower the contents"):
        balance(crowded, GOAL)


def test_an_unknown_strength_is_named() -> None:
    with pytest.raises(ModelError, match=r"cannot solve for 'leak_Naa.conductance'; did you mean 'leak_Na.conductance'"):
        balance(make(KCC2), replace(GOAL, solve=("leak_Naa.conductance",)))


def test_a_charged_bath_is_told_by_its_charge() -> None:
    cell = load("generic-cell")
    bath = replace(cell.outside, contents={**cell.outside.contents, "K": 12.0})
    with pytest.raises(ModelError, match=r"'outside' carries \+8 mM of net charge in 311 mM .*; give 8 mM more of anions"):
        balance(replace(cell, outside=bath), STILL)


def test_a_potential_beyond_all_ions_is_told() -> None:
    goal = replace(STILL, potential="-110 mV")
    with pytest.raises(ModelError, match=r"hold inside.K still; -110 mV lies below the equilibrium potential of every ion that "
                                         r"is not passive \(K -95\.02 mV, Na 66\.6 mV\)"):
        balance(load("generic-cell"), goal)


STILL = BalanceGoal(("leak_Na.permeability", "leak_K.permeability"), "-70 mV", "X", ("Cl",))
