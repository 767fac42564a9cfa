"""A pump given by a scheme in a cell: its processes, its names, what it says of itself, and its balance."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.lab.rest import rest


def pump_of(name: str, depth: Literal["reduced", "full"] = "reduced") -> SchemePump:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return SchemePump("pump", scheme, 1000.0, depth)


def cell_with(pump: SchemePump) -> Cell:
    cell = load("generic-cell")
    assert isinstance(cell, Cell)
    return replace(cell, transporters=tuple(pump if each.name == "pump" else each for each in cell.transporters))


def processes(cell: Cell) -> list[str]:
    books = cell.system.books
    assert books is not None
    return [process.name for process in books.processes if process.transporter == "pump"]


def test_a_pump_of_one_way_is_one_process() -> None:
    for name in ("pan-2018-4", "pan-2018-15"):
        assert processes(cell_with(pump_of(name))) == ["pump"]


def test_each_way_of_hydrolysing_is_a_process() -> None:
    assert processes(cell_with(pump_of("post-albers-23"))) == ["pump.dephosphorylate", "pump.slip_dephosphorylate"]


def test_parameters_are_those_of_the_scheme_at_both_depths() -> None:
    expected = {f"pump.{each.name}" for each in pump_of("post-albers-23").scheme.parameters}
    for depth in ("reduced", "full"):
        system = cell_with(pump_of("post-albers-23", depth)).system
        names = {each.name for each in system.parameters}
        assert expected <= names
        assert {definition.name for definition in system.definitions} >= {"pump.to_E2_ATP", "pump.turnover", "pump.amount"}


def test_a_parameter_of_the_scheme_is_one_of_the_cell() -> None:
    """Its number may be changed in the cell or in the scheme: derived constants follow both ways."""
    pump = pump_of("post-albers-23")
    cell, other = cell_with(pump), cell_with(replace(pump, scheme=pump.scheme.with_values({"K_Na_in": 2.2})))
    before, after, same = (rest(each) for each in (cell, cell.with_values({"pump.K_Na_in": "2.2 mM"}), other))
    assert after.values["inside.Na"] < 0.9 * before.values["inside.Na"]  # bound three times as tightly
    # another partition may be found with the other numbers
    assert after.values["inside.Na"] == pytest.approx(same.values["inside.Na"], rel=2e-3)


def test_what_is_neglected_is_said() -> None:
    pump = pump_of("post-albers-23")
    assert pump.remarks == (f"pump: {reduce(pump.scheme).text}.",)
    assert pump.remarks[0].startswith("pump: 13 fast steps of post-albers-23 are taken as at equilibrium")
    assert pump.remarks[0] in cell_with(pump).system.remarks
    assert pump_of("post-albers-23", "full").remarks == ()
    assert pump_of("pan-2018-4").remarks == ()


@pytest.mark.parametrize("solve", [("leak_Na.permeability", "leak_K.permeability"), ("leak_Na.permeability", "pump.density"),
                                   ("pump.density", "leak_K.permeability")])
def test_a_slipping_pump_is_balanced(solve: tuple[str, str]) -> None:
    """Two processes of one density: every flux is still linear in it."""
    start = cell_with(pump_of("post-albers-23")).with_values(
        {"leak_Na.permeability": "1.4e-7 um/ms", "leak_K.permeability": "2.2e-6 um/ms"})
    found = balance(start, BalanceGoal(solve, "-70 mV", "X", ("Cl",)))
    assert set(found.strengths) == set(solve)
    assert not found.freedom
    settled = rest(found.cell)
    assert settled.kind == "stable"
    # the start is the rest, to the rounding of Newton's method
    assert settled.values["membrane.V"] == pytest.approx(-70.0, abs=1e-9)
    assert settled.values["inside.Na"] == pytest.approx(12.0, rel=1e-9)


def test_a_full_pump_is_balanced_by_its_steady_flux() -> None:
    goal = BalanceGoal(("leak_Na.permeability", "leak_K.permeability"), "-70 mV", "X", ("Cl",))
    full, reduced = (balance(cell_with(pump_of("post-albers-23", depth)), goal) for depth in ("full", "reduced"))
    assert full.strengths == pytest.approx(reduced.strengths, rel=1e-3)  # ions on the pumps are part of the contents
    assert rest(full.cell).values["membrane.V"] == pytest.approx(-70.0, abs=0.05)
