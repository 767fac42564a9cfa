"""A cell in a finite space: nothing is lost between its places, all that exchanges dissipates, and a rest is a rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.physics.surrounded import DIFFUSION, GLIA, PAIRS, SEEP, UPTAKE, drawn, surrounded

from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold, pulse
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run
from pumpleak.system.expression import evaluate
from pumpleak.system.transform import initial_values, tamper

BLOCK = hold("10 min") + hold("1 h", {"pump.activity": 0.0}) + hold("30 min") + pulse("1 s", {"stimulus.injected": "1 pA"})
ROUNDING = 1e-11  # of RT: as for the affinities of other transporters


def powers(cell: Cell, states: int = 500) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Dissipated power of every transporter and the sum of its fluxes' sizes, in random states."""
    system, generator = cell.system, np.random.default_rng(5)
    start = initial_values(system)
    values: dict[str, np.ndarray] = {name: np.asarray(value) for name, value in start.items()}
    for state in system.states:
        if state.name == "membrane.charge":
            values[state.name] = generator.uniform(-1.5, 1.5, states) * state.scale
        else:
            values[state.name] = start[state.name] * np.exp(generator.uniform(-2.0, 2.0, states))
    books = system.books
    assert books is not None
    possible = np.ones(states, dtype=bool)
    for capacitor in books.capacitors:
        possible &= np.asarray(evaluate([system.resolution[capacitor.dependent]], values)[0]) > 0
    assert possible.sum() > 20
    found = {}
    for name in {power.transporter for power in books.dissipations}:
        fluxes = [process.flux for process in books.processes if process.transporter == name]
        power, *turned = evaluate([system.resolution[each] for each in (f"{name}.dissipated_power", *fluxes)], values)
        size = sum((np.abs(each) for each in turned), np.zeros(states))
        found[name] = np.broadcast_to(power, states)[possible], np.broadcast_to(size, states)[possible]
    return found


@pytest.mark.parametrize("number", [*range(6), *(pytest.param(number, marks=pytest.mark.slow) for number in range(6, 60))])
def test_the_books_of_a_random_cell_close_and_nothing_runs_uphill(number: int) -> None:
    cell = drawn(number)
    result = run(Experiment(cell, BLOCK, samples=51))
    assert result.ledger.ok, str(result.ledger)
    for row in result.ledger.rows:
        if row.law in ("charge", "element", "water"):
            assert row.residual <= 1e-12, str(row)  # rounding alone: hundred times what was measured
    for name, (power, size) in powers(cell).items():
        assert np.all(power + ROUNDING * 2600.0 * size >= 0.0), name


@pytest.mark.parametrize("number", range(4))
def test_a_balanced_cell_rests_and_exchanges_nothing(number: int) -> None:
    cell = drawn(number)
    values = initial_values(cell.system)
    for process in cell.system.books.processes:  # type: ignore[union-attr]
        if process.transporter in ("diffusion", "pairs", "uptake"):
            # clearance x 150 mM each way, of which rounding is left
            assert abs(values[process.flux]) <= 1e-14 * 1e-3 * 150.0, process.name
    found = rest(cell)
    assert found.kind == "stable"
    assert found.values["membrane.V"] == pytest.approx(-70.0, abs=1e-6)
    assert found.values["outside.volume"] == pytest.approx(values["outside.volume"], rel=1e-8)


def test_a_closed_space_keeps_its_totals_and_says_so() -> None:
    cell = surrounded()
    result = run(Experiment(cell, BLOCK))
    for name in ("Na.amount", "K.amount", "Cl.amount", "volume"):
        both = result.column(f"inside.{name}") + result.column(f"outside.{name}")
        assert np.ptp(both) <= 1e-13 * both[0], name
    assert np.max(result.column("outside.K")) > 50.0
    found = rest(cell)
    assert found.kind == "stable"
    assert found.remarks[-1] == ("Held as at the start, since nothing carries it into inside and outside or out: the totals of "
                                 "Na, K, Cl and water.")
    moved = rest(cell, {"pump.activity": 0.5})
    for name in ("Na.amount", "K.amount", "Cl.amount", "volume"):
        start = initial_values(cell.system)
        kept = start[f"inside.{name}"] + start[f"outside.{name}"]
        assert moved.values[f"inside.{name}"] + moved.values[f"outside.{name}"] == pytest.approx(kept, rel=1e-12)


def test_a_large_space_is_a_bath() -> None:
    """At 1e5 times the cell's volume what the cell gives off changes it by 1e-5."""
    plain = load("generic-cell")
    assert isinstance(plain, Cell)
    wide = surrounded(volume=5e4)
    protocol = hold("1 h", {"pump.activity": 0.0})
    for name in ("membrane.V", "inside.Na", "inside.volume"):
        one, other = (run(Experiment(cell, protocol, samples=21)).column(name) for cell in (plain, wide))
        np.testing.assert_allclose(other, one, rtol=1e-4)


def test_a_pump_followed_in_time_leaves_its_outward_charge_outside() -> None:
    """2e6 ions on the pumps are as many as on the capacitor: misbooked, they would show as tens of mV."""
    cell = surrounded(DIFFUSION, full="post-albers-23")
    result = run(Experiment(cell, hold("1 min") + hold("10 min", {"pump.activity": 0.0}) + hold("10 min")))
    assert result.ledger.ok, str(result.ledger)
    assert next(row for row in result.ledger.rows if row.name == "outside.charge").residual <= 1e-12


def test_an_ion_that_becomes_scarce_outside_hands_the_charge_over() -> None:
    """Na+ outside is washed out for K+: Cl- closes the charge there from then on, and the sums run on."""
    fast = replace(DIFFUSION, clearance=1e-3)
    cell = surrounded(fast)
    books = cell.system.books
    assert books is not None
    assert [each.dependent for each in books.capacitors] == ["inside.K.amount", "outside.Na.amount"]
    assert books.capacitors[1].candidates == ("outside.Na.amount", "outside.Cl.amount")
    result = run(Experiment(cell, hold("1 min") + hold("20 min", {"bath.Na": "1 mM", "bath.K": "148 mM"}) + hold("20 min")))
    assert result.ledger.ok, str(result.ledger)
    share = result.column("outside.Na") / (result.column("outside.Na") + result.column("outside.K"))
    assert np.min(share) < 0.1  # below which another ion has to close the charge


def test_glia_take_up_what_nerve_gives_off() -> None:
    peaks = []
    slow = replace(PAIRS, clearance=1e-6)
    for paths in ((slow,), (slow, UPTAKE)):
        result = run(Experiment(surrounded(*paths), hold("10 min", {"pump.activity": 0.0})))
        peaks.append(float(np.max(result.column("outside.K"))))
    assert peaks[1] < 0.9 * peaks[0]


def test_water_from_the_bath_keeps_the_space_isosmotic() -> None:
    result = run(Experiment(surrounded(PAIRS, SEEP), hold("1 min") + hold("1 h", {"bath.S": "60 mM"})))
    assert result.ledger.ok
    assert result.column("outside.osmolarity")[-1] == pytest.approx(result.column("bath.osmolarity")[-1], rel=0.02)
    assert result.column("inside.volume")[-1] < 0.95 * result.column("inside.volume")[0]


@pytest.mark.parametrize(("change", "law"), [
    ({"rates": {"outside.K.amount": lambda rate: rate * 1.00001}}, "element"),
    ({"rates": {"outside.volume": lambda rate: rate * 1.00001}}, "water"),
    ({"definitions": {"outside.charge": lambda charge: charge * 1.001}}, "charge"),
    ({"definitions": {"outside.Na.amount": lambda amount: amount * 1.00001}}, "element"),
    ({"definitions": {"diffusion.K.flux": lambda flux: -0.1 * flux}}, "least dissipation")])
def test_what_is_dishonest_outside_is_caught(change: dict[str, object], law: str) -> None:
    from pumpleak.base.errors import LedgerError

    crooked = tamper(surrounded(DIFFUSION).system, **change)  # type: ignore[arg-type]
    with pytest.raises(LedgerError) as caught:
        run(Experiment(crooked, hold("1 min", {"pump.activity": 0.0})))
    assert law in {row.law for row in caught.value.result.ledger.breaches}  # type: ignore[attr-defined]


def test_the_bath_behind_the_space_is_what_a_protocol_sets() -> None:
    from pumpleak.base.errors import NameUnknown

    with pytest.raises(NameUnknown) as caught:
        Experiment(surrounded(DIFFUSION), hold("1 s", {"outside.K": "8 mM"}))
    assert str(caught.value) == ("protocol, segment 1: generic-cell has no parameter 'outside.K' ('outside.K' follows from the "
                                 "model); K can be set as bath.K or glia.K")
    assert isinstance(GLIA, Bath)
