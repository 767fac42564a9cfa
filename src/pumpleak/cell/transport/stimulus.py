"""Injected current, with the ion that carries it and the place it returns to."""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter


@dataclass(frozen=True)
class Stimulus:
    """A current injected into the inside, positive inward [pA], carried by an ion that is taken from the outside.

    Raises ModelError for a carrier that is not an ion.
    """

    name: str = "stimulus"
    ion: str = "K"
    current: float = 0.0

    def __post_init__(self) -> None:
        if self.ion not in SPECIES or SPECIES[self.ion].charge == 0:
            raise ModelError(f"{self.name}: its current needs an ion as carrier, not '{self.ion}'"
                             f"{did_you_mean(self.ion, SPECIES)}")

    @property
    def strength(self) -> str:
        """None: it is set by the experiment."""
        return ""

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """The carrier's passage from outside to inside: J = I/(z F)."""
        name = f"{self.name}.injected"
        flux = symbol(name) / (SPECIES[self.ion].charge * sides.constants.F)
        stoichiometry = {(sides.outside, self.ion): -1.0, (sides.inside, self.ion): 1.0}
        return Contribution(passages=(Passage(self.name, stoichiometry, flux, role="work"),),
                            parameters=(Parameter(name, "pA", self.current),))
