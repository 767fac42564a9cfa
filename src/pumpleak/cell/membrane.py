"""The membrane between two places: area, capacitance, and the view that its transporters have of both sides."""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError
from pumpleak.cell.compartment import check_range
from pumpleak.enzyme.temperature import Hydrolysis
from pumpleak.system.expression import Expression, log, symbol


@dataclass(frozen=True)
class Membrane:
    """A sheet between `inside` and `outside`: area at the start [um2], specific capacitance [pF/um2].

    With `area_exponent` the area follows volume as area (w/w0)^exponent (1/2: a cylinder of fixed length); without, it
    is fixed, as a folded membrane's is.
    """

    inside: str
    outside: str
    area: float
    capacitance: float
    area_exponent: float | None = None
    name: str = "membrane"

    def __post_init__(self) -> None:
        check_range(self.name, "area", self.area, "um2", above=True)
        check_range(self.name, "capacitance", self.capacitance, "pF/um2", above=True)
        if self.area_exponent is not None and not 0 <= self.area_exponent <= 1:
            raise ModelError(f"{self.name}.area_exponent is {self.area_exponent:g}; between 0 (fixed area) and 1")


@dataclass(frozen=True)
class Sides:
    """What a transporter may use: concentrations of both sides, the potential, the area, RT/F, and who supplies ATP."""

    inside: str
    outside: str
    membrane: str
    constants: Constants
    supply: str  # the place that ATP is taken from: the inside, or a metabolism reservoir
    hydrolysis: Hydrolysis  # standard free energy of ATP hydrolysis
    reservoirs: tuple[str, ...] = ()  # places behind a finite outside

    def check_beside(self, name: str, between: tuple[str, str]) -> None:
        """Refuse a path that does not join a finite outside with a reservoir behind it.

        Raises ModelError.
        """
        joined = f"{name} joins '{between[0]}' and '{between[1]}'"
        if not self.reservoirs:
            raise ModelError(f"{joined}; this cell has no reservoir behind '{self.outside}': give '{self.outside}' a volume, "
                             "and the bath behind it as another place")
        if self.outside not in between or not any(place in self.reservoirs for place in between):
            raise ModelError(f"{joined}; it goes between '{self.outside}' and {' or '.join(map(repr, self.reservoirs))}")

    def concentration(self, place: str, species: str) -> Expression:
        """Concentration of a species in a place. [mM]"""
        return symbol(f"{place}.{species}")

    @property
    def potential(self) -> Expression:
        """V inside minus outside. [mV]"""
        return symbol(f"{self.membrane}.V")

    @property
    def area(self) -> Expression:
        """Area of the membrane. [um2]"""
        return symbol(f"{self.membrane}.area")

    @property
    def thermal_voltage(self) -> Expression:
        """RT/F. [mV]"""
        return symbol("thermal.voltage")

    def nernst(self, species: str, charge: float) -> Expression:
        """Potential at which the ion is at equilibrium: RT/(zF) ln(outside/inside). [mV]"""
        ratio = self.concentration(self.outside, species) / self.concentration(self.inside, species)
        return self.thermal_voltage / charge * log(ratio)
