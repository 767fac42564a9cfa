"""Water, driven by the difference of osmolarity: through the membrane, or between a finite outside and a bath."""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.base.errors import ModelError
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Start, WaterPassage
from pumpleak.cell.transport.passive import FEMTOLITRE
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter

MOLAR_VOLUME = 1.8e-5
"""Volume of water, 18 cm3/mol. [pL/fmol]"""


@dataclass(frozen=True)
class Water:
    """Osmotic water flow, positive inward: J = P v A (osm_in - osm_out), strength P [um/ms], v = 18 cm3/mol.

    Without a permeability osmosis is instant: both sides have one osmolarity at every moment. With `between` it flows
    from the first place into the second, J = L (osm_second - osm_first), conductance L [pL/(ms mM)].

    A path beside the membrane may be shut (0). Raises ModelError for a strength that is negative, or one that does not belong
    to its path.
    """

    name: str = "water"
    permeability: float | None = None
    source: str = ""
    between: tuple[str, str] | None = None
    conductance: float | None = None

    def __post_init__(self) -> None:
        if (self.between is None) != (self.conductance is None):
            raise ModelError(f"{self.name}: conductance is {self.conductance} and between is {self.between}; a path beside the "
                             "membrane has both, one through it has neither")
        if self.between is not None and self.permeability is not None:
            raise ModelError(f"{self.name}: permeability is {self.permeability:g} um/ms, but a path between "
                             f"{' and '.join(self.between)} has no area; it has a conductance")
        if self.permeability is not None:
            check_range(self.name, "permeability", self.permeability, "um/ms", above=True)
        if self.conductance is not None:
            check_range(self.name, "conductance", self.conductance, "pL/(ms mM)")

    @property
    def strength(self) -> str:
        """None: water's permeability is not what a steady state depends on."""
        return ""

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """The path of water into the inside, or between two other places."""
        if self.between is not None and self.conductance is not None:
            return self._beside(sides, self.between, self.conductance)
        if self.permeability is None:
            return Contribution(water=(WaterPassage(self.name, sides.outside, sides.inside, None),))
        name = f"{self.name}.permeability"
        difference = symbol(f"{sides.inside}.osmolarity") - symbol(f"{sides.outside}.osmolarity")
        flux = FEMTOLITRE * MOLAR_VOLUME * symbol(name) * sides.area * difference
        return Contribution(water=(WaterPassage(self.name, sides.outside, sides.inside, flux),),
                            parameters=(Parameter(name, "um/ms", self.permeability, self.source, "positive"),))

    def _beside(self, sides: Sides, between: tuple[str, str], conductance: float) -> Contribution:
        sides.check_beside(self.name, between)
        name, (source, target) = f"{self.name}.conductance", between
        flux = symbol(name) * (symbol(f"{target}.osmolarity") - symbol(f"{source}.osmolarity"))
        return Contribution(water=(WaterPassage(self.name, source, target, flux),),
                            parameters=(Parameter(name, "pL/(ms mM)", conductance, self.source, "not negative"),))
