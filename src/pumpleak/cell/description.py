"""What a cell is told to be: its parts, before anything is derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pumpleak.base.constants import (
    BODY_TEMPERATURE,
    STANDARD_HYDROLYSIS,
    STANDARD_HYDROLYSIS_ENTHALPY,
    Constants,
)
from pumpleak.base.sources import Source
from pumpleak.cell.compartment import Bath, Compartment, Metabolism
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.metabolism import Demand, Supply
from pumpleak.cell.transport.passage import Transporter
from pumpleak.enzyme.temperature import Hydrolysis
from pumpleak.system.system import Conservation


@dataclass(frozen=True)
class Description:
    """A compartment, what is outside it, the membrane between them and its transporters.

    `outside` is a bath, or a finite space that changes as the cell does; a finite one may exchange with `reservoirs`
    behind it: a bath, the glia. The charge outside is then that of the inside with the other sign, as on any capacitor.
    `metabolism` supplies ATP to cells that do not count it; cells that do either hold ATP, ADP, Pi and H in the compartment
    and regenerate them by one neutral process whose work is booked, or have a `supply` and a `demand` that let them change.
    `standard_hydrolysis` [J/mol] is dG0 of ATP hydrolysis at
    310.15 K, whatever the cell's temperature; what it is there follows from the enthalpy. `potential` [mV], where given,
    sets the charge at the start; otherwise it follows from the contents. `guard` [ms] is the longest step of an excitable
    cell; where none is given, the gates of its channels set it. `values` are other numbers for parameters, `value_sources`
    where a parameter's number comes from, both by name.
    """

    name: str
    inside: Compartment
    outside: Bath | Compartment
    membrane: Membrane
    transporters: tuple[Transporter, ...]
    constants: Constants = field(default_factory=Constants)
    metabolism: Metabolism | None = None
    standard_hydrolysis: float = STANDARD_HYDROLYSIS
    potential: float | None = None
    conservation: Conservation = "enforced"
    guard: float = 0.0
    title: str = ""
    summary: str = ""
    animal: str = ""
    sources: tuple[Source, ...] = ()
    value_sources: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    reservoirs: tuple[Bath, ...] = ()
    supply: Supply | None = None
    demand: Demand | None = None

    @property
    def processes(self) -> tuple[Transporter, ...]:
        """Everything that moves or makes something: transporters, supply and demand."""
        return (*self.transporters, *(each for each in (self.supply, self.demand) if each is not None))

    @property
    def compartments(self) -> tuple[Compartment, ...]:
        """The places whose contents change."""
        return (self.inside, self.outside) if isinstance(self.outside, Compartment) else (self.inside,)

    @property
    def baths(self) -> tuple[Bath, ...]:
        """The places whose contents do not."""
        return self.reservoirs if isinstance(self.outside, Compartment) else (self.outside, *self.reservoirs)

    @property
    def places(self) -> tuple[Compartment | Bath, ...]:
        """All places: compartments, then baths."""
        return (*self.compartments, *self.baths)

    @property
    def hydrolysis(self) -> Hydrolysis:
        """Free energy of ATP hydrolysis at any temperature, the same for the pump and for the books."""
        return Hydrolysis(self.standard_hydrolysis, STANDARD_HYDROLYSIS_ENTHALPY, BODY_TEMPERATURE)
