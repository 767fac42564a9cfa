"""Water through the membrane, driven by the difference of osmolarity."""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.leak import FEMTOLITRE
from pumpleak.cell.transport.passage import Contribution, Start, WaterPassage
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter

MOLAR_VOLUME = 1.8e-5
"""Volume of water, 18 cm3/mol. [pL/fmol]"""


@dataclass(frozen=True)
class Water:
    """Osmotic water flow, positive inward: J = P v A (osm_in - osm_out), strength P [um/ms], v = 18 cm3/mol.

    Without a permeability osmosis is instant: both sides have one osmolarity at every moment.
    """

    name: str = "water"
    permeability: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.permeability is not None:
            check_range(self.name, "permeability", self.permeability, "um/ms", above=True)

    @property
    def strength(self) -> str:
        """None: water's permeability is not what a steady state depends on."""
        return ""

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """The path of water into the inside."""
        if self.permeability is None:
            return Contribution(water=(WaterPassage(self.name, None),))
        name = f"{self.name}.permeability"
        difference = symbol(f"{sides.inside}.osmolarity") - symbol(f"{sides.outside}.osmolarity")
        flux = FEMTOLITRE * MOLAR_VOLUME * symbol(name) * sides.area * difference
        return Contribution(water=(WaterPassage(self.name, flux),),
                            parameters=(Parameter(name, "um/ms", self.permeability, self.source, "positive"),))
