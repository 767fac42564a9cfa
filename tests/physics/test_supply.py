"""ATP made and used: rest, lack of oxygen and glucose, return; conservation and the second law all the while."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.physics.supplied import drawn, supplied

from pumpleak.base.errors import LedgerError
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold, pulse, ramp
from pumpleak.lab.rest import rest
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.transform import initial_values, tamper

LACK = {"supply.activity": 0.0}


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "kinase"])
def cell(request: pytest.FixtureRequest) -> Cell:
    return supplied(kinase=request.param)


@pytest.fixture(scope="module")
def lack(cell: Cell) -> Result:
    """A minute of rest, ten of lack, five hours of recovery, a row every 5 s."""
    return run(Experiment(cell, hold("1 min") + hold("10 min", LACK) + hold("5 h"), every="5 s"))


def after(result: Result, name: str, seconds: float) -> float:
    """A quantity so long after the lack began."""
    return float(np.interp(1000.0 * (60.0 + seconds), np.asarray(result.time.value), result.column(name)))


def half_time(result: Result, name: str) -> float:
    """Time from the start of the lack to half of a quantity. [s]"""
    column: NDArray[np.float64] = result.column(name)
    return float(np.asarray(result.time.value)[np.argmax(column < 0.5 * column[0])]) / 1000.0 - 60.0


def test_a_cell_that_makes_its_ATP_rests(cell: Cell) -> None:
    found = rest(cell)
    assert found.kind == "stable"
    assert found.residual <= 1e-10
    values = found.values
    pumped = values["pump.turnover"] * values["pump.amount"]
    assert values["supply.flux"] == pytest.approx(values["demand.flux"] + pumped, rel=1e-9)
    # the start is that rest: balance put it there
    assert values["inside.ATP"] == pytest.approx(2.5, rel=1e-9)
    assert -60_000 < values["inside.dG_ATP"] < -55_000


def test_the_totals_that_a_rest_depends_on_are_named(cell: Cell) -> None:
    remark = next(each for each in rest(cell).remarks if "turn one into the other" in each)
    assert "inside.ATP + inside.ADP" in remark
    assert "inside.B + inside.HB" in remark
    assert ("inside.PCr + inside.Cr" in remark) == ("PCr" in cell.inside.contents)
    assert "all phosphorus" in remark


def test_the_ledger_closes_over_lack_and_return(lack: Result) -> None:
    assert lack.ledger.ok, str(lack.ledger)
    rows = {(row.law, row.name): row for row in lack.ledger.rows}
    assert {name for law, name in rows if law == "element"} >= {"C", "H", "N", "O", "P", "Mg", "B", "Na", "K", "Cl"}
    assert rows["free energy", "energy.free"].residual <= 1e-8  # measured 1e-9 to 1e-12; the bound of all models is 1e-6
    for name in ("demand", "buffer", "pump"):
        assert rows["least dissipation", name].verdict == "ok"


def test_sums_stay_though_parts_change(lack: Result, cell: Cell) -> None:
    pairs = [("ATP", "ADP"), ("B", "HB"), *([("PCr", "Cr")] if "PCr" in cell.inside.contents else [])]
    for pair in pairs:
        first, second = (lack.column(f"inside.{name}.amount") for name in pair)
        assert np.ptp(first) > 0.01 * first[0]
        assert np.ptp(first + second) <= 1e-12 * (first + second)[0]
    phosphorus = sum(count * lack.column(f"inside.{name}.amount") for name, count in
                     (("ATP", 3), ("ADP", 2), ("Pi", 1), *((("PCr", 1),) if len(pairs) == 3 else ())))
    assert np.ptp(phosphorus) <= 1e-12 * phosphorus[0]


def test_ATP_falls_and_creatine_phosphate_holds_it_up() -> None:
    """Without creatine by demand, (ATP0/2 + half ln 2)/capacity if it were alone; the pump takes a seventh of all at first."""
    plain, held = (run(Experiment(supplied(kinase=kinase), hold("1 min") + hold("15 min", LACK), every="5 s"))
                   for kinase in (False, True))
    demand = initial_values(supplied().system)["demand.capacity"]
    alone = (1.25 + 0.5 * math.log(2.0)) / demand / 1000.0
    assert 0.75 * alone < half_time(plain, "inside.ATP.amount") < alone
    # 5 mM of creatine phosphate last as long as 5 mM of ATP would
    assert half_time(held, "inside.ATP.amount") > half_time(plain, "inside.ATP.amount") + 0.7 * 5.0 / demand / 1000.0


def test_the_pump_slows_as_ATP_falls_and_the_cell_runs_down(lack: Result) -> None:
    """Where ATP is gone before the gradients are, the pump even runs backward."""
    turnover = [after(lack, "pump.turnover", seconds) for seconds in (-5.0, 60.0, 120.0)]
    assert turnover[0] > turnover[1] > turnover[2]
    assert after(lack, "pump.turnover", 595.0) < 0.5 * turnover[0]
    assert after(lack, "membrane.V", 595.0) > -66.0
    assert after(lack, "inside.Na", 595.0) > 13.0
    assert after(lack, "inside.dG_ATP", 595.0) > -45_000.0
    assert after(lack, "inside.pH", 595.0) < 7.18  # protons of 2.5 mM of ATP in a buffer of 30 mM


def test_all_returns_with_the_supply(lack: Result) -> None:
    for name in ("inside.ATP", "inside.ADP", "inside.Pi", "inside.pH", "inside.Na", "inside.K", "inside.volume", "membrane.V"):
        column = lack.column(name)
        # five hours are ten times the slowest time constant, 27 min: e^-11 of what was changed
        assert column[-1] == pytest.approx(column[0], abs=1e-4 * float(np.ptp(column)) + 1e-9), name


def test_protons_that_ATP_sets_free_go_to_the_buffer() -> None:
    result = run(Experiment(supplied(), hold("10 min", LACK), samples=101))
    freed = result.column("inside.Pi.amount") - result.column("inside.Pi.amount")[0]
    taken = result.column("inside.HB.amount") - result.column("inside.HB.amount")[0]
    taken += result.column("inside.H.amount") - result.column("inside.H.amount")[0]
    np.testing.assert_allclose(taken, freed, atol=1e-12)  # of 1 fmol
    beta = -taken[-1] / result.column("inside.volume")[-1] / (result.column("inside.pH")[-1] - result.column("inside.pH")[0])
    assert 25.0 < beta < 30.0


def test_a_day_without_supply_ends_at_equilibrium_of_hydrolysis() -> None:
    """Dead, not broken: nothing is used below equilibrium, and the cell swells to its end with the books in order."""
    result = run(Experiment(supplied(), hold("10 h", LACK), samples=11))
    assert result.ledger.ok
    assert result.column("inside.ATP")[-1] > 0.0
    assert abs(result.column("inside.dG_ATP")[-1]) < 10_000.0


@pytest.mark.parametrize("protocol", [
    ramp("5 min", {"supply.activity": 0.0}) + ramp("5 min", {"supply.activity": (0.0, 1.0)}),
    pulse("2 min", {"supply.activity": 0.2}, "1 min"), hold("5 min", {"demand.capacity": "1e-4 mM/ms"})],
    ids=["ramp", "pulse", "hold"])
def test_any_protocol_may_move_it(protocol: object) -> None:
    result = run(Experiment(supplied(kinase=True), protocol, samples=31))  # type: ignore[arg-type]
    assert result.ledger.ok
    assert result.column("inside.dG_ATP").max() > -57_500.0


def test_pumps_that_hold_nucleotides_join_in() -> None:
    cell = supplied(kinase=True)
    full = replace(cell, transporters=tuple(replace(each, depth="full") if isinstance(each, SchemePump) else each
                                            for each in cell.transporters))
    assert rest(full).kind == "stable"
    assert run(Experiment(full, hold("2 min") + hold("5 min", LACK), samples=21)).ledger.ok


@pytest.mark.parametrize("change", [
    {"rates": {"inside.Pi.amount": lambda rate: 0.999 * rate}}, {"definitions": {"demand.flux": lambda flux: -1e-3 * flux}},
    {"rates": {"inside.HB.amount": lambda rate: 0.999 * rate}}], ids=["Pi lost", "ATP from nothing", "protons lost"])
def test_a_dishonest_supply_is_found(change: dict[str, object]) -> None:
    with pytest.raises(LedgerError):
        run(Experiment(tamper(supplied().system, **change), hold("1 min", LACK), samples=11))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", range(8))
def test_any_cell_rests_lacks_and_returns(number: int) -> None:
    cell = drawn(number)
    assert rest(cell).kind == "stable"
    result = run(Experiment(cell, hold("1 min") + hold("5 min", LACK) + hold("1 h"), samples=31))
    assert result.ledger.ok, str(result.ledger)
