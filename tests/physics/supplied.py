"""A cell that makes its ATP: the generic cell with a supply, a demand, creatine kinase and a buffer of protons."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Impermeant
from pumpleak.cell.metabolism import Demand, Supply
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

GOAL = BalanceGoal(("leak_Na.permeability", "leak_K.permeability", "supply.capacity"), None, "X", ("Cl",))
# ours: some 52 mM of pK 7.0, 2.303 x 52/4 = 30 mM for a unit of pH at most
BUFFER = Reaction("buffer", "HB <-> H + B", 1e-4, 1e-4)
# Teague & Dobson 1992: 177 at pH 7.0, 1 mM free Mg and 38 degC for the sums of all forms, taken here for these forms
KINASE = Reaction("kinase", "ADP + PCr + H <-> ATP + Cr", 1.77e6, 10.0)
HYDROLYSIS = {"ATP": 2.5, "ADP": 0.03, "Pi": 2.0, "H": 6.3e-5}


@cache
def supplied(*, scheme: str = "post-albers-23", demand: float = 2e-5, kinase: bool = False) -> Cell:
    """The generic cell with ATP, ADP, Pi and H as contents that change, balanced by leaks and the supply."""
    cell, enzyme = load("generic-cell"), load(scheme)
    assert isinstance(cell, Cell)
    assert isinstance(enzyme, Scheme)
    contents = {**cell.inside.contents, **HYDROLYSIS, **({"PCr": 5.0, "Cr": 5.0} if kinase else {})}
    buffer = (Impermeant("B", -1.0, 30.0), Impermeant("HB", 0.0, 20.0, {"B": 1, "H": 1}))
    inside = replace(cell.inside, contents=contents, held={}, impermeants=(*cell.inside.impermeants, *buffer))
    pump = SchemePump("pump", enzyme, 300.0)
    transporters = tuple(pump if each.name == "pump" else each for each in cell.transporters)
    made = replace(cell, inside=inside, values={}, transporters=(*transporters, BUFFER, *((KINASE,) if kinase else ())),
                   supply=Supply(4e-5, 0.03, 1.0), demand=Demand(demand, 0.5))
    return balance(made, GOAL).cell


def drawn(number: int) -> Cell:
    """A random one: demand, pumps, buffer, creatine and halves over two decades."""
    generator = np.random.default_rng([8, number])

    def some(value: float) -> float:
        return value * float(10.0 ** generator.uniform(-1.0, 1.0))

    cell = supplied(demand=some(2e-5), kinase=bool(generator.uniform() < 0.5))
    pumps = [replace(each, density=some(300.0)) for each in cell.transporters if isinstance(each, SchemePump)]
    reactions = [replace(each, rate=some(each.rate)) for each in cell.transporters if isinstance(each, Reaction)]
    changed = {each.name: each for each in (*pumps, *reactions)}
    supply = Supply(4e-5, some(0.03), some(1.0))
    return balance(replace(cell, values={}, supply=supply,
                           transporters=tuple(changed.get(each.name, each) for each in cell.transporters)), GOAL).cell
