"""Passive passage of one ion that is always open: ohmic, or constant-field (Goldman-Hodgkin-Katz)."""

from __future__ import annotations

from dataclasses import dataclass, field

from pumpleak.base.species import SPECIES
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Start
from pumpleak.cell.transport.passive import STRENGTHS, Law, Passive, check_path, passage
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter


@dataclass(frozen=True)
class Leak(Passive):
    """An open path for one ion, positive outward.

    `ohmic`: J = g A (V - E)/(z F), strength g [nS/um2]; it does not vanish with the ion, as published models have it.
    `constant-field`: J = P A (c_in/exprel(-zx) - c_out/exprel(zx)), x = FV/RT, strength P [um/ms]
    (Goldman 1943; Hodgkin & Katz 1949).

    Raises ModelError for an unknown ion or law, or a strength that is negative.
    """

    name: str
    ion: str
    law: Law
    value: float
    source: str = ""
    charge: float = field(init=False)

    def __post_init__(self) -> None:
        check_path(self.name, self.ion, self.law)
        check_range(self.name, STRENGTHS[self.law], self.value, self.unit)
        object.__setattr__(self, "charge", SPECIES[self.ion].charge)

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage from inside to outside."""
        moved, reversal = passage(self.name, self.ion, self.law, symbol(self.strength) * sides.area, sides)
        return Contribution(
            passages=(moved,), definitions=(reversal,),
            parameters=(Parameter(self.strength, self.unit, self.value, self.source, "not negative"),))
