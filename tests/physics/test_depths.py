"""Depths of one pump: the steady flux and the states in time are the same machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run
from pumpleak.system.expression import evaluate
from pumpleak.system.transform import initial_values


def with_pump(cell: Cell, name: str, depth: Literal["reduced", "full"]) -> Cell:
    """The cell with this scheme at this depth."""
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return replace(cell, transporters=tuple(
        replace(each, scheme=scheme, depth=depth) if isinstance(each, SchemePump) else each for each in cell.transporters))


@pytest.fixture(scope="module", params=["pan-2018-15", "post-albers-23"])
def pair(request: pytest.FixtureRequest) -> tuple[Cell, Cell]:
    """generic-cell with an explicit scheme at both depths, its leaks balanced to rest at -70 mV with it."""
    cell = load("generic-cell")
    assert isinstance(cell, Cell)
    goal = BalanceGoal(("leak_Na.permeability", "leak_K.permeability"), "-70 mV", "X", ("Cl",))
    reduced = balance(with_pump(cell, request.param, "reduced"), goal).cell
    return reduced, with_pump(reduced, request.param, "full")


def test_rests_agree(pair: tuple[Cell, Cell]) -> None:
    """To 0.2 %: the full form holds 0.05 % of the cell's sodium on its 314 000 pumps; reduction moves fluxes by 0.2 %."""
    reduced, full = (rest(cell) for cell in pair)
    assert (reduced.kind, full.kind) == ("stable", "stable")
    for name in ("membrane.V", "inside.Na", "inside.K", "inside.Cl", "inside.volume", "pump.turnover", "pump.current"):
        assert full.values[name] == pytest.approx(reduced.values[name], rel=2e-3), name
    for name in ("inside.Na.amount", "inside.K.amount", "inside.Cl.amount"):
        assert full.values[name] == pytest.approx(reduced.values[name], rel=2e-3), name


def test_a_block_and_its_return_agree(pair: tuple[Cell, Cell]) -> None:
    """To 0.2 mV, 0.2 mM and 0.2 % of volume at every hour, while sodium runs from 12 to 140 mM and back.

    Bound ions are 0.05 % of the contents, and hours of pumping at fluxes that are 0.2 % off add up to no more than that.
    """
    block = hold("10 min") + hold("3 h", {"pump.activity": 0.0}) + hold("2 h")
    reduced, full = (run(Experiment(cell, block, every="30 min")) for cell in pair)
    assert reduced.ledger.ok, str(reduced.ledger)
    assert full.ledger.ok, str(full.ledger)
    assert np.ptp(reduced.column("inside.Na")) > 100.0  # mM: the block is one
    for name, most in (("membrane.V", 0.2), ("inside.Na", 0.2), ("inside.K", 0.2), ("inside.volume", 0.002 * 0.5236)):
        assert np.max(np.abs(full.column(name) - reduced.column(name))) < most, name


def test_the_full_pump_keeps_its_books(pair: tuple[Cell, Cell]) -> None:
    ledger = run(Experiment(pair[1], hold("10 min") + hold("4 h", {"pump.activity": 0.0}) + hold("1 h"))).ledger
    assert ledger.ok, str(ledger)
    assert "pump" in {row.name for row in ledger.rows if row.law == "element"}


def test_the_step_that_frees_phosphate_turns_alike_at_both_depths() -> None:
    """`pump.dephosphorylate.flux` is one quantity: turns by that way, of the step at `full`, of its cycle at `reduced`."""
    cell = load("generic-cell")
    assert isinstance(cell, Cell)
    reduced, full = (rest(with_pump(cell, "post-albers-23", depth)) for depth in ("reduced", "full"))
    for name in ("pump.dephosphorylate.flux", "pump.slip_dephosphorylate.flux"):
        assert full.values[name] == pytest.approx(reduced.values[name], rel=5e-3), name
    turns = reduced.values["pump.dephosphorylate.flux"] + reduced.values["pump.slip_dephosphorylate.flux"]
    assert turns == pytest.approx(reduced.values["pump.turnover"] * reduced.values["pump.amount"], rel=1e-12)


def test_affinities_of_the_steps_are_those_of_their_rates(pair: tuple[Cell, Cell]) -> None:
    """RT ln(forward/backward flux) of each step, whatever the state: potentials and rates are one thermodynamics."""
    system = pair[1].system
    generator = np.random.default_rng(3)
    start = initial_values(system)
    values = {**start, **{state.name: start[state.name] * np.exp(generator.uniform(-1, 1, 200)) for state in system.states}}
    books = system.books
    assert books is not None
    for process in books.processes:
        if process.transporter != "pump":
            continue
        flux, affinity, energy = evaluate(
            [system.resolution[name] for name in (process.flux, process.affinity, "thermal.energy")], values)
        # the flux changes sign exactly where the affinity does
        clear = np.abs(affinity) > 1e-9 * float(np.max(energy))
        assert np.all((np.asarray(flux) * np.asarray(affinity) > 0)[clear]), process.name


def test_a_lumped_scheme_has_no_full_depth() -> None:
    from pumpleak.base.errors import ModelError

    scheme = load("pan-2018-4")
    assert isinstance(scheme, Scheme)
    with pytest.raises(ModelError, match=r"pan-2018-4: depth 'full' needs explicit binding"):
        SchemePump("pump", scheme, depth="full")
