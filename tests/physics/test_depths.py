"""Depths of one pump: the steady flux and the states in time are the same machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

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


def with_pump(cell: Cell, depth: str) -> Cell:
    """The cell with Pan's 15-state scheme at this depth."""
    scheme = load("pan-2018-15")
    assert isinstance(scheme, Scheme)
    return replace(cell, transporters=tuple(
        replace(each, scheme=scheme, depth=depth) if isinstance(each, SchemePump) else each for each in cell.transporters))


@pytest.fixture(scope="module")
def pair() -> tuple[Cell, Cell]:
    cell = load("generic-cell")
    assert isinstance(cell, Cell)
    return with_pump(cell, "reduced"), with_pump(cell, "full")


def test_rests_agree(pair: tuple[Cell, Cell]) -> None:
    """To 0.1 %: the full form holds 0.05 % of the cell's sodium on its 314 000 pumps."""
    reduced, full = (rest(cell) for cell in pair)
    assert (reduced.kind, full.kind) == ("stable", "stable")
    for name in ("membrane.V", "inside.Na", "inside.K", "inside.Cl", "inside.volume", "pump.turnover"):
        assert full.values[name] == pytest.approx(reduced.values[name], rel=1e-3), name
    for name in ("inside.Na.amount", "inside.K.amount", "inside.Cl.amount"):
        assert full.values[name] == pytest.approx(reduced.values[name], rel=1e-3), name


def test_the_full_pump_keeps_its_books(pair: tuple[Cell, Cell]) -> None:
    ledger = run(Experiment(pair[1], hold("10 min") + hold("4 h", {"pump.activity": 0.0}) + hold("1 h"))).ledger
    assert ledger.ok, str(ledger)
    assert "pump" in {row.name for row in ledger.rows if row.law == "element"}


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
