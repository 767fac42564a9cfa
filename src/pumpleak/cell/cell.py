"""Cell: the frozen description that is checked when built and lowers to one System."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.base.units import Quantity, internal
from pumpleak.cell.description import Description
from pumpleak.cell.lower import lower
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.system import System


@dataclass(frozen=True)
class Cell(Description):
    """A cell whose books close: what breaks physics cannot be built.

    Raises ModelError for a species without a place, a passage that makes charge or an element, a name used twice;
    NameUnknown for a value given to a parameter that the cell has not.
    """

    def __post_init__(self) -> None:
        names = [transporter.name for transporter in self.transporters]
        parts = (self.compartment.name, self.bath.name, self.membrane.name, "metabolism", "thermal", "time", "energy")
        for name in names:
            if names.count(name) > 1:
                raise ModelError(f"{self.name}: two transporters are called '{name}'; every transporter needs its own name")
            if name in parts:
                raise ModelError(f"{self.name}: a transporter may not be called '{name}', which names another part")
        for side, given, place in (("inside", self.membrane.inside, self.compartment.name),
                                   ("outside", self.membrane.outside, self.bath.name)):
            if given != place:
                raise ModelError(f"{self.name}: {self.membrane.name}.{side} is '{given}', but the place on that side is "
                                 f"called '{place}'")
        known = [parameter.name for parameter in self.system.parameters]
        for name in self.values:
            if name not in known:
                raise NameUnknown(f"{self.name} has no parameter '{name}'{did_you_mean(name, known)}")

    @cached_property
    def system(self) -> System:
        """The cell as states, definitions, rates and books."""
        return lower(self)

    def with_values(self, values: Mapping[str, str | float | Quantity]) -> Cell:
        """The same cell with other numbers, by dotted name: a parameter, or a content, the volume or a density at the start.

        A density of pumps whose states are followed in time is where these start, and no parameter.

        Raises NameUnknown for a name the cell has not, UnitError for a wrong unit.
        """
        cell = self
        for name, value in values.items():
            cell = cell._with_value(name, value)
        return cell

    def _with_value(self, name: str, value: str | float | Quantity) -> Cell:
        place, _, what = name.partition(".")
        inside = self.compartment
        for kind, held in (("contents", inside.contents), ("held", inside.held)):
            if place == inside.name and what in held:
                changed = {**held, what: internal(value, "mM", name)}
                parts = {"contents": inside.contents, "held": inside.held, kind: changed}
                return replace(self, compartment=replace(inside, contents=parts["contents"], held=parts["held"]))
        if name == f"{inside.name}.volume":
            return replace(self, compartment=replace(inside, volume=internal(value, "pL", name)))
        units = {parameter.name: parameter.unit for parameter in self.system.parameters}
        followed = [each for each in self.transporters if isinstance(each, SchemePump) and each.depth == "full"]
        for pump in followed:
            if name == pump.strength:
                other = replace(pump, density=internal(value, "1/um2", name))
                return replace(self, transporters=tuple(other if each is pump else each for each in self.transporters))
        if name not in units:
            known = [*units, f"{inside.name}.volume", *(f"{inside.name}.{kind}" for kind in (*inside.contents, *inside.held)),
                     *(pump.strength for pump in followed)]
            raise NameUnknown(f"{self.name} has no parameter '{name}'{did_you_mean(name, known)}")
        return replace(self, values={**self.values, name: internal(value, units[name], name)})
