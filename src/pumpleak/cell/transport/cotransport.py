"""Electroneutral cotransport of several ions together, driven by the sum of their gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.system.expression import log, product, symbol
from pumpleak.system.system import Parameter


@dataclass(frozen=True)
class Cotransporter:
    """Ions that pass together, positive inward: J = g A (RT/F) ln(product of outside/inside)/F, strength g [nS/um2].

    For KCC2 (K 1, Cl 1) this is g (E_K - E_Cl)/F (Duesterwald et al. 2018): KCl influx, negative at rest. It vanishes at
    equilibrium and reverses beyond.

    Raises ModelError for an unknown ion or ions whose charges do not cancel.
    """

    name: str
    moves: Mapping[str, int]
    conductance: float
    source: str = ""

    def __post_init__(self) -> None:
        check_range(self.name, "conductance", self.conductance, "nS/um2")
        for ion, count in self.moves.items():
            if ion not in SPECIES:
                raise ModelError(f"{self.name} moves '{ion}', which is not a known species{did_you_mean(ion, SPECIES)}")
            if count <= 0:
                raise ModelError(f"{self.name} moves {count} {ion}; a cotransporter takes all its ions the same way")
        charge = math.fsum(SPECIES[ion].charge * count for ion, count in self.moves.items())
        if charge:
            moved = ", ".join(f"{count} {ion}" for ion, count in self.moves.items())
            raise ModelError(f"{self.name} moves {moved}, together {charge:+g} e; this law is for neutral cotransport")

    @property
    def strength(self) -> str:
        """Name of its conductance."""
        return f"{self.name}.conductance"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage from outside to inside."""
        ratio = product((sides.concentration(sides.outside, ion) / sides.concentration(sides.inside, ion)) ** float(count)
                        for ion, count in self.moves.items())
        flux = symbol(self.strength) * sides.area * sides.thermal_voltage * log(ratio) / sides.constants.F
        stoichiometry = {(place, ion): sign * float(count) for ion, count in self.moves.items()
                         for place, sign in ((sides.outside, -1.0), (sides.inside, 1.0))}
        return Contribution(passages=(Passage(self.name, stoichiometry, flux),),
                            parameters=(Parameter(self.strength, "nS/um2", self.conductance, self.source, "not negative"),))
