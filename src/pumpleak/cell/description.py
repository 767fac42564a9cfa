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
from pumpleak.cell.transport.passage import Transporter
from pumpleak.enzyme.temperature import Hydrolysis
from pumpleak.system.system import Conservation


@dataclass(frozen=True)
class Description:
    """A compartment, the bath around it, the membrane between them and its transporters.

    `metabolism` supplies ATP to cells that do not count it; cells that do hold ATP, ADP, Pi and H in the compartment and
    regenerate them by one neutral process whose work is booked. `standard_hydrolysis` [J/mol] is dG0 of ATP hydrolysis at
    310.15 K, whatever the cell's temperature; what it is there follows from the enthalpy. `potential` [mV], where given,
    sets the charge at the start; otherwise it follows from the contents. `guard` [ms] is the longest step of an excitable
    cell. `values` are other numbers for parameters, `value_sources` where a parameter's number comes from, both by name.
    """

    name: str
    compartment: Compartment
    bath: Bath
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

    @property
    def hydrolysis(self) -> Hydrolysis:
        """Free energy of ATP hydrolysis at any temperature, the same for the pump and for the books."""
        return Hydrolysis(self.standard_hydrolysis, STANDARD_HYDROLYSIS_ENTHALPY, BODY_TEMPERATURE)
