"""Passive passage of one ion: ohmic, or constant-field (Goldman-Hodgkin-Katz)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.system.expression import Expression, exprel, symbol
from pumpleak.system.system import Definition, Parameter

FEMTOLITRE = 1e-3  # pL in a um3: permeability [um/ms] x area [um2] x this is a flow [pL/ms]


@dataclass(frozen=True)
class Leak:
    """An open path for one ion, positive outward.

    `ohmic`: J = g A (V - E)/(z F), strength g [nS/um2]; it does not vanish with the ion, as published models have it.
    `constant-field`: J = P A (c_in/exprel(-zx) - c_out/exprel(zx)), x = FV/RT, strength P [um/ms]
    (Goldman 1943; Hodgkin & Katz 1949).

    Raises ModelError for an unknown ion or a strength that is negative.
    """

    name: str
    ion: str
    law: Literal["ohmic", "constant-field"]
    value: float
    source: str = ""
    charge: float = field(init=False)

    def __post_init__(self) -> None:
        species = SPECIES.get(self.ion)
        if species is None or species.charge == 0:
            raise ModelError(f"{self.name}: '{self.ion}' is not an ion{did_you_mean(self.ion, SPECIES)}")
        check_range(self.name, self.strength.rpartition(".")[2], self.value, self.unit)
        object.__setattr__(self, "charge", species.charge)

    @property
    def strength(self) -> str:
        """Name of its conductance or permeability."""
        return f"{self.name}.{'conductance' if self.law == 'ohmic' else 'permeability'}"

    @property
    def unit(self) -> str:
        """Unit of its strength."""
        return "nS/um2" if self.law == "ohmic" else "um/ms"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage from inside to outside."""
        reversal = f"{self.name}.reversal"
        strength = symbol(self.strength) * sides.area
        flux = self._ohmic(sides, strength, reversal) if self.law == "ohmic" else self._constant_field(sides, strength)
        return Contribution(
            passages=(Passage(self.name, {(sides.inside, self.ion): -1.0, (sides.outside, self.ion): 1.0}, flux),),
            parameters=(Parameter(self.strength, self.unit, self.value, self.source, "not negative"),),
            definitions=(Definition(reversal, "mV", sides.nernst(self.ion, self.charge)),))

    def _ohmic(self, sides: Sides, conductance: Expression, reversal: str) -> Expression:
        return conductance * (sides.potential - symbol(reversal)) / (self.charge * sides.constants.F)

    def _constant_field(self, sides: Sides, permeability: Expression) -> Expression:
        x = sides.potential / sides.thermal_voltage * self.charge
        inside = sides.concentration(sides.inside, self.ion)
        outside = sides.concentration(sides.outside, self.ion)
        return FEMTOLITRE * permeability * (inside / exprel(-x) - outside / exprel(x))
