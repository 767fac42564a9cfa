"""ATP as a cell makes and uses it: a supply whose work is booked, and the demand of all but the transporters.

With them ATP, ADP, Pi and H are contents that change: their amounts set the free energy of hydrolysis.
"""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.standard import MOLAR
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.system.expression import Expression, exp, symbol
from pumpleak.system.system import Parameter

CAPACITY = "mM/ms"
INVOLVED = tuple(name for name in HYDROLYSIS if name != "H2O")
"""What takes part in hydrolysis and is dissolved: ATP, ADP, Pi, H."""


@dataclass(frozen=True)
class Supply:
    """Respiration and glycolysis together: ADP + Pi + H -> ATP + H2O, driven from outside, its work booked.

    J = w activity capacity ADP/(half_ADP + ADP) Pi/(half_Pi + Pi), w the volume; capacity [mM/ms] with oxygen and glucose
    (activity 1, fed; 0, none), halves [mM]. It never runs backward: what drives it is far from equilibrium.

    Raises ModelError for a number that is negative, or a half that is zero.
    """

    capacity: float
    half_ADP: float
    half_Pi: float
    activity: float = 1.0
    source: str = ""
    name: str = "supply"

    def __post_init__(self) -> None:
        check_range(self.name, "capacity", self.capacity, CAPACITY)
        check_range(self.name, "activity", self.activity, "")
        check_range(self.name, "half_ADP", self.half_ADP, "mM", above=True)
        check_range(self.name, "half_Pi", self.half_Pi, "mM", above=True)

    @property
    def strength(self) -> str:
        """Name of its capacity."""
        return f"{self.name}.capacity"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage that makes ATP."""
        flux = symbol(f"{sides.inside}.volume") * symbol(f"{self.name}.activity") * symbol(self.strength)
        for species in ("ADP", "Pi"):
            given = sides.concentration(sides.inside, species)
            flux = flux * given / (symbol(f"{self.name}.half_{species}") + given)
        made = {(sides.inside, species): -float(count) for species, count in HYDROLYSIS.items()}
        parameters = (Parameter(self.strength, CAPACITY, self.capacity, self.source, "not negative"),
                      Parameter(f"{self.name}.activity", "1", self.activity, self.source, "not negative"),
                      Parameter(f"{self.name}.half_ADP", "mM", self.half_ADP, self.source, "positive"),
                      Parameter(f"{self.name}.half_Pi", "mM", self.half_Pi, self.source, "positive"))
        return Contribution(passages=(Passage(self.name, made, flux, role="work"),), parameters=parameters)


@dataclass(frozen=True)
class Demand:
    """All that uses ATP and is no transporter: ATP + H2O -> ADP + Pi + H, without storing any of it.

    J = w capacity (ATP - ADP Pi H/K)/(half_ATP + ATP), w the volume, K that of hydrolysis: ATP is never driven below
    equilibrium. Capacity [mM/ms], half_ATP [mM].

    Raises ModelError for a number that is negative, or a half that is zero.
    """

    capacity: float
    half_ATP: float
    source: str = ""
    name: str = "demand"

    def __post_init__(self) -> None:
        check_range(self.name, "capacity", self.capacity, CAPACITY)
        check_range(self.name, "half_ATP", self.half_ATP, "mM", above=True)

    @property
    def strength(self) -> str:
        """Name of its capacity."""
        return f"{self.name}.capacity"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage that uses ATP."""
        ATP, ADP, Pi, H = (sides.concentration(sides.inside, species) for species in INVOLVED)
        constant: Expression = MOLAR**2 * exp(-sides.hydrolysis.at(symbol("temperature")) / symbol("thermal.energy"))
        drive = (ATP - ADP * Pi * H / constant) / (symbol(f"{self.name}.half_ATP") + ATP)
        flux = symbol(f"{sides.inside}.volume") * symbol(self.strength) * drive
        used = {(sides.inside, species): float(count) for species, count in HYDROLYSIS.items()}
        parameters = (Parameter(self.strength, CAPACITY, self.capacity, self.source, "not negative"),
                      Parameter(f"{self.name}.half_ATP", "mM", self.half_ATP, self.source, "positive"))
        return Contribution(passages=(Passage(self.name, used, flux),), parameters=parameters)
