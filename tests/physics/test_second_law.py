"""Second law: what is driven by nothing but its own gradients gives up free energy, in any state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pumpleak.cell.cell import Cell
from pumpleak.system.expression import evaluate
from pumpleak.system.transform import initial_values

STATES = 2000
ROUNDING = 1e-11  # of RT: an affinity is a sum of a few logarithms of order 10, each rounded at 1e-15


def random_states(cell: Cell) -> dict[str, NDArray[np.float64]]:
    """States in which every amount is up to 30 times its start either way, charge up to 150 mV, parameters as given."""
    system = cell.system
    generator = np.random.default_rng(12)
    start = initial_values(system)
    values: dict[str, NDArray[np.float64]] = {name: np.asarray(value) for name, value in start.items()}
    for state in system.states:
        if state.name.endswith(".charge"):
            values[state.name] = generator.uniform(-1.5, 1.5, STATES) * state.scale
        else:
            values[state.name] = start[state.name] * np.exp(generator.uniform(-3.4, 3.4, STATES))
    # only states whose closing ion has a positive amount exist
    assert system.books is not None
    possible = np.ones(STATES, dtype=bool)
    for capacitor in system.books.capacitors:
        closing = next(definition for definition in system.definitions if definition.name == capacitor.dependent)
        possible &= np.asarray(evaluate([closing.expression], values)[0]) > 0
    assert possible.sum() > STATES / 10
    return {name: value[possible] if value.ndim else value for name, value in values.items()}


def test_transporters_dissipate_in_any_state(cell: Cell) -> None:
    system, books = cell.system, cell.system.books
    assert books is not None
    values = random_states(cell)
    names = [power.transporter for power in books.dissipations if power.transporter not in books.phenomenological]
    resolution = system.resolution
    powers = evaluate([resolution[f"{name}.dissipated_power"] for name in names], values)
    energy = float(np.max(evaluate([resolution["thermal.energy"]], values)[0]))
    for name, power in zip(names, powers, strict=True):
        fluxes = [process.flux for process in books.processes if process.transporter == name]
        turned = [np.abs(each) for each in evaluate([resolution[each] for each in fluxes], values)]
        flux = np.sum(turned, axis=0) if turned else 0.0
        assert np.all(np.asarray(power) + ROUNDING * energy * np.asarray(flux) >= 0), name


def test_phenomenological_pumps_say_where_they_fail(cell: Cell) -> None:
    books = cell.system.books
    assert books is not None
    for name in books.phenomenological:
        affinity = next(process.affinity for process in books.processes if process.transporter == name)
        assert affinity in cell.system.resolution
        assert any(word in " ".join(cell.notes) for word in ("free energy", "phenomenological")), cell.name
