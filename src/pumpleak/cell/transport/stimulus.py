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

    With `source`, a reservoir behind a finite outside, the carrier is taken from there, as from an electrode in the bath; the
    same charge then leaves the outside to it as `returns`.

    Raises ModelError for a carrier that is not an ion, and for a source without a returning ion or the reverse.
    """

    name: str = "stimulus"
    ion: str = "K"
    current: float = 0.0
    source: str = ""
    returns: str = ""

    def __post_init__(self) -> None:
        for ion in (self.ion, self.returns or self.ion):
            if ion not in SPECIES or SPECIES[ion].charge == 0:
                raise ModelError(f"{self.name}: its current needs an ion as carrier, not '{ion}'{did_you_mean(ion, SPECIES)}")
        if bool(self.source) != bool(self.returns):
            raise ModelError(f"{self.name}: a current from '{self.source or '(the outside)'}' that returns as "
                             f"'{self.returns or '(nothing)'}'; give both 'from', a bath, and 'return', the ion that carries "
                             "as much charge from the outside to it, or neither")

    @property
    def strength(self) -> str:
        """None: it is set by the experiment."""
        return ""

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """The carrier's passage from outside to inside: J = I/(z F)."""
        name = f"{self.name}.injected"
        charge = SPECIES[self.ion].charge
        flux = symbol(name) / (charge * sides.constants.F)
        stoichiometry = {(self.source or sides.outside, self.ion): -1.0, (sides.inside, self.ion): 1.0}
        if self.source:
            sides.check_beside(self.name, (self.source, sides.outside))
            back = charge / SPECIES[self.returns].charge
            for place, count in ((sides.outside, -back), (self.source, back)):
                stoichiometry[place, self.returns] = stoichiometry.get((place, self.returns), 0.0) + count
        return Contribution(passages=(Passage(self.name, stoichiometry, flux, role="work"),),
                            parameters=(Parameter(name, "pA", self.current),))
