"""The laws of passive passage of one ion, for leaks and channels alike: ohmic, or constant-field (Goldman-Hodgkin-Katz)."""

from __future__ import annotations

from typing import Literal

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Passage
from pumpleak.system.expression import Expression, exprel, symbol
from pumpleak.system.system import Definition

Law = Literal["ohmic", "constant-field"]
"""`ohmic`: J = g A (V - E)/(z F), strength g [nS/um2]; it does not vanish with the ion, as published models have it.

`constant-field`: J = P A (c_in/exprel(-zx) - c_out/exprel(zx)), x = FV/RT, strength P [um/ms]
(Goldman 1943; Hodgkin & Katz 1949).
"""
STRENGTHS: dict[Law, str] = {"ohmic": "conductance", "constant-field": "permeability"}
UNITS: dict[Law, str] = {"ohmic": "nS/um2", "constant-field": "um/ms"}
FEMTOLITRE = 1e-3  # pL in a um3: permeability [um/ms] x area [um2] x this is a flow [pL/ms]


class Passive:
    """What leaks and channels have in common: a strength whose name and unit follow from their law."""

    name: str
    law: Law

    @property
    def strength(self) -> str:
        """Name of its conductance or permeability."""
        return f"{self.name}.{STRENGTHS[self.law]}"

    @property
    def unit(self) -> str:
        """Unit of its strength."""
        return UNITS[self.law]


def check_path(owner: str, ion: str, law: str) -> None:
    """Refuse a path for what is no ion, or by an unknown law."""
    species = SPECIES.get(ion)
    if species is None or species.charge == 0:
        raise ModelError(f"{owner}: '{ion}' is not an ion{did_you_mean(ion, SPECIES)}")
    if law not in UNITS:
        raise ModelError(f"{owner}: the law '{law}' is not known{did_you_mean(law, UNITS)}; it is one of {', '.join(UNITS)}")


def passage(name: str, ion: str, law: Law, strength: Expression, sides: Sides) -> tuple[Passage, Definition]:
    """The passage of an ion from inside to outside through a strength [nS or um3/ms], and its reversal potential."""
    charge = SPECIES[ion].charge
    reversal = Definition(f"{name}.reversal", "mV", sides.nernst(ion, charge))
    if law == "ohmic":
        flux = strength * (sides.potential - symbol(reversal.name)) / (charge * sides.constants.F)
    else:
        x = sides.potential / sides.thermal_voltage * charge
        inside, outside = sides.concentration(sides.inside, ion), sides.concentration(sides.outside, ion)
        flux = FEMTOLITRE * strength * (inside / exprel(-x) - outside / exprel(x))
    return Passage(name, {(sides.inside, ion): -1.0, (sides.outside, ion): 1.0}, flux), reversal
