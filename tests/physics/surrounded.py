"""Cells in a finite space: the generic cell with an outside of its own, and whatever may join that to baths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant
from pumpleak.cell.transport.exchange import Exchange
from pumpleak.cell.transport.passage import Transporter
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.cell.transport.water import Water
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

GOAL = BalanceGoal(("leak_Na.permeability", "leak_K.permeability"), None, "X", ("Cl",))
DIFFUSION = Exchange("diffusion", ("outside", "bath"), 1e-5, mobilities={"Na": 0.68, "K": 1.0, "Cl": 1.04})
PAIRS = Exchange("pairs", ("outside", "bath"), 1e-5, pairs=(("K", "Cl"), ("Na", "Cl"), ("K", "Na")))
UPTAKE = Exchange("uptake", ("outside", "glia"), 1e-4, pairs=(("K", "Cl"),), half=20.0)
SEEP = Water("seep", between=("bath", "outside"), conductance=1e-6)
# K x Cl as in the bath of the generic cell, so that nothing is taken up at rest
GLIA = Bath("glia", {"K": 130.0, "Cl": 4.0 * 115.0 / 130.0}, (Impermeant("P", -1.0, 130.0 - 4.0 * 115.0 / 130.0),))


def surrounded(*paths: Transporter, volume: float = 0.13, full: str = "") -> Cell:
    """The generic cell, balanced, in a space of this volume that is joined to its baths by these paths."""
    cell = load("generic-cell")
    assert isinstance(cell, Cell)
    bath = replace(cell.outside, name="bath")
    assert isinstance(bath, Bath)
    outside = Compartment("outside", volume, dict(bath.contents), bath.impermeants)
    transporters = cell.transporters
    if full:
        scheme = load(full)
        assert isinstance(scheme, Scheme)
        pump = SchemePump("pump", scheme, 1000.0, depth="full")
        transporters = tuple(pump if each.name == "pump" else each for each in transporters)
    placed = replace(cell, outside=outside, reservoirs=(bath, GLIA) if paths else (), values={},
                     transporters=(*transporters, *paths))
    return balance(placed, GOAL).cell


def drawn(number: int) -> Cell:
    """A random one: any paths, any strengths over two decades, a space of 3 to 200 % of the cell."""
    generator = np.random.default_rng([4, number])

    def some(value: float) -> float:
        return value * float(10.0 ** generator.uniform(-1.0, 1.0))

    paths: list[Transporter] = [replace(each, clearance=some(each.clearance)) for each in (DIFFUSION, PAIRS, UPTAKE)
                                if generator.uniform() < 0.6]
    if generator.uniform() < 0.5:
        paths.append(replace(SEEP, conductance=some(1e-6)))
    return surrounded(*paths, volume=0.52 * float(10.0 ** generator.uniform(-1.5, 0.3)))
