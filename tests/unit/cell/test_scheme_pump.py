"""A pump given by a scheme in a cell: its processes, its names, what it says of itself, and its balance."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from pumpleak.base.errors import LedgerError, ModelError
from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.formats.catalog import light, load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run
from pumpleak.system.expression import evaluate, number, symbol, symbols
from pumpleak.system.system import Parameter
from pumpleak.system.transform import initial_values


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
    assert pump.remarks == (f"pump: {reduce(pump.scheme).text}, with the constants given at the start.",)
    assert pump.remarks[0].startswith("pump: 13 fast steps of post-albers-23 are taken as at equilibrium")
    assert pump.remarks[0] in cell_with(pump).system.remarks
    assert pump_of("post-albers-23", "full").remarks == ()
    assert pump_of("pan-2018-4").remarks == ()


def test_what_is_fast_is_found_with_the_numbers_of_the_cell() -> None:
    """Ions that bind a thousand times more slowly are at equilibrium no more, and the remark says so of these numbers."""
    pump = pump_of("post-albers-23")
    (usual,) = (each.value for each in pump.scheme.parameters if each.name == "on_ion")
    slow = cell_with(pump).with_values({"pump.on_ion": f"{1e-3 * usual} 1/(ms mM)"})
    own = pump.with_numbers(slow.values)
    assert len(own.reduction.pools) > len(pump.reduction.pools)
    assert own.remarks[0] in slow.system.remarks
    assert pump.remarks[0] not in slow.system.remarks
    # the flux of the cell is that of the whole scheme with these numbers
    system, scheme = slow.system, own.scheme
    start = initial_values(system)
    (turnover,) = evaluate([system.resolution["pump.turnover"]], start)
    given = {name: start[name] if name in start else evaluate([system.resolution[name]], start)[0]
             for name in (*scheme.ligands, "membrane.V")}
    full = respond(scheme, {**given, "temperature": start["temperature"]})
    assert 1e3 * float(turnover) == pytest.approx(float(full.turnover), rel=0.01)


def test_activity_at_full_depth_is_told_to_slow_all_steps() -> None:
    pump = pump_of("post-albers-23", "full")
    cell = cell_with(pump)
    assert not [remark for remark in cell.system.remarks if "activity" in remark]
    for slowed in (cell.with_values({"pump.activity": 0.5}), cell_with(replace(pump, activity=0.5))):
        assert ("pump: activity 0.5 at depth 'full' slows every step of every pump: the steady flux is that of this share of "
                "the pumps, transients and binding are slower in proportion.") in slowed.system.remarks
    assert not [remark for remark in cell_with(pump_of("post-albers-23")).with_values({"pump.activity": 0.5}).system.remarks
                if "activity" in remark]


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


def test_the_density_of_a_full_pump_is_balanced() -> None:
    """It is no parameter of the cell there, but where the states start."""
    goal = BalanceGoal(("leak_Na.permeability", "pump.density"), "-70 mV", "X", ("Cl",))
    full, reduced = (balance(cell_with(pump_of("post-albers-23", depth)), goal) for depth in ("full", "reduced"))
    assert full.strengths == pytest.approx(reduced.strengths, rel=1e-3)
    (pump,) = (each for each in full.cell.transporters if isinstance(each, SchemePump))
    assert pump.count == full.strengths["pump.density"]
    assert "pump.density" not in full.cell.values
    assert f"pump.density = {pump.count:.6g} 1/um2" in full.report
    assert rest(full.cell).values["membrane.V"] == pytest.approx(-70.0, abs=0.05)


def test_the_density_of_a_full_pump_is_set_by_name() -> None:
    cell = cell_with(pump_of("post-albers-23", "full"))
    start, other = (initial_values(each.system) for each in (cell, cell.with_values({"pump.density": "500 1/um2"})))
    state = next(name for name in start if name.startswith("pump.E") and name.endswith(".amount"))
    assert other[state] == pytest.approx(0.5 * start[state], rel=1e-12)
    with pytest.raises(ModelError, match=r"pump.density is -5 1/um2; it must be zero or positive"):
        cell.with_values({"pump.density": "-5 1/um2"})


def test_a_constant_that_only_decides_what_is_fast_is_named() -> None:
    """It cancels out of the equilibrium that it sets the pace of: the cell keeps it, since slow binding is another pump."""
    cell = cell_with(SchemePump("pump", paced_ring(), 1000.0))
    assert [remark for remark in cell.system.remarks
            if remark.endswith("with the constants given at the start. Changed after the start, pump.on would do nothing.")]
    slow = cell.with_values({"pump.on": "1e-4 1/(ms mM)"})
    assert not [remark for remark in slow.system.remarks if "pump.on" in remark]
    assert abs(initial_values(slow.system)["pump.flux"]) < 0.5 * abs(initial_values(cell.system)["pump.flux"])


def paced_ring() -> Scheme:
    """Four states that take an inner Na out for an outer K; inner Na binds at a pace that `on` sets alone."""
    on, bound, pace = symbol("on"), symbol("K_Na"), symbol("pace")
    steps = (Step("bind", "E", "ENa", on, on * bound, {"inside.Na": 1}), Step("out", "ENa", "P", pace, pace / bound, {},
             {"outside.Na": 1}), Step("take", "P", "PK", number(1.0), number(1.0), {"outside.K": 1}),
             Step("in", "PK", "E", number(1.0), number(1.0), {}, {"inside.K": 1}))
    return Scheme("paced", steps, (Parameter("on", "1/(ms mM)", 1e3), Parameter("K_Na", "mM", 5.0),
                                   Parameter("pace", "1/ms", 0.01)))


def test_what_only_formulas_need_is_no_quantity_of_the_cell() -> None:
    """(1/temperature - 1/T)/R stands in the rates of a pump that answers to temperature, and in no column of a result."""
    for depth in ("reduced", "full"):
        system = cell_with(pump_of("post-albers-23", depth)).system
        assert not [definition for definition in system.definitions if definition.unit == "mol/J"]
        assert "temperature" in symbols([system.resolution["pump.turnover"]])


def test_a_pump_held_constant_keeps_the_flux_of_the_start_whatever_happens() -> None:
    """The start of the neuron is its balanced rest; with twice the Na+ inside the free pump is faster, the held one is not."""
    neuron = light("neuron")
    before = rest(neuron).values
    names = ("pump.dephosphorylate", "pump.slip_dephosphorylate")
    for name in names:
        assert before[f"{name}.cycles_at_start"] == pytest.approx(before[f"{name}.cycles"], rel=1e-9)
    loaded = {"stimulus.injected": "20 pA"}
    for share, held in (("0", False), ("1", True)):
        result = run(Experiment(neuron, hold("1 s", {**loaded, "pump.constant": share}), start="rest", samples=101))
        for name in names:
            course = result.column(f"{name}.flux")
            assert bool(np.ptp(course) <= 1e-9 * abs(course[0])) is held


def test_a_share_that_is_none_is_refused() -> None:
    for given in ("1.5", "-0.1"):
        with pytest.raises(ModelError, match=r"pump.constant is (1.5|-0.1); it must be from 0 to 1"):
            Experiment(light("neuron"), hold("1 s", {"pump.constant": given}))


def test_the_ledger_finds_a_pump_that_is_driven_beyond_its_fuel() -> None:
    """Held at its flux at rest with a millionth of the ATP, it gains energy at every turn."""
    starved = light("neuron", {"inside.ATP.amount": "1.5e-6 fmol"})
    with pytest.raises(LedgerError, match="pump") as caught:
        run(Experiment(starved, hold("10 ms", {"pump.constant": "1"})))
    (row,) = [each for each in caught.value.result.ledger.rows if (each.law, each.name) == ("least dissipation", "pump")]
    assert row.verdict == "breach"
    free = run(Experiment(starved, hold("10 ms")))
    assert free.ledger.ok


def test_turnover_is_that_of_all_the_pumps() -> None:
    """With half of the pumps at rest it is half, with all of them zero; ATP spent stays turnover times amount."""
    for constant in (0.0, 1.0):
        found = []
        for share in (1.0, 0.5, 0.0):
            system = light("generic-cell", {"pump.activity": share, "pump.constant": constant}).system
            names = ("pump.turnover", "pump.amount", "pump.flux")
            values = evaluate([system.resolution[name] for name in names], initial_values(system))
            turnover, amount, flux = (float(value) for value in values)
            assert turnover * amount == pytest.approx(flux, rel=1e-12)
            found.append(turnover)
        assert found[0] > 0.0
        assert found[1:] == pytest.approx([0.5 * found[0], 0.0], rel=1e-12)
