"""Cell: the frozen description that is checked when built and lowers to one System."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import instead, shown
from pumpleak.base.units import Quantity, internal
from pumpleak.cell.compartment import Bath, Compartment
from pumpleak.cell.description import Description
from pumpleak.cell.lower import lower
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.system import System

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # a part of a dotted name, as a file and a rate law can write it
RESERVED = ("metabolism", "thermal", "time", "energy", "reservoirs")
"""Parts that every cell has: neither a place nor a transporter is called so."""


@dataclass(frozen=True)
class Cell(Description):
    """A cell whose books close: what breaks physics cannot be built.

    Raises ModelError for a species without a place, a passage that makes charge or an element, a name used twice;
    NameUnknown for a value given to a parameter that the cell has not.
    """

    _closed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        names = [transporter.name for transporter in self.processes]
        places = [place.name for place in self.places]
        parts = (*places, self.membrane.name, *RESERVED)
        self._check_names(names, places)
        for name in names:
            if names.count(name) > 1:
                raise ModelError(f"{self.name}: two transporters are called '{name}'; every transporter needs its own name")
            if name in parts:
                raise ModelError(f"{self.name}: a transporter may not be called '{name}', which names another part")
        self._check_places(places)
        for side, given, place in (("inside", self.membrane.inside, self.inside.name),
                                   ("outside", self.membrane.outside, self.outside.name)):
            if given != place:
                raise ModelError(f"{self.name}: {self.membrane.name}.{side} is '{given}', but the place on that side is "
                                 f"called '{place}'")
        known = [parameter.name for parameter in self.system.parameters]
        for name in self.values:
            if name not in known:
                raise NameUnknown(f"{self.name} has no parameter '{name}'{instead(name, known)}")

    def _check_names(self, names: list[str], places: list[str]) -> None:
        for kind, given in (("transporter", names), ("place", places), ("membrane", [self.membrane.name])):
            for name in given:
                if not NAME.fullmatch(name):
                    raise ModelError(f"{self.name}: a {kind} may not be called {shown(name)}; a name is made of letters, "
                                     "digits and '_', beginning with a letter")

    def _check_places(self, places: list[str]) -> None:
        for name in places:
            if name in (self.membrane.name, *RESERVED):
                raise ModelError(f"{self.name}: a place may not be called '{name}', which names another part")
            if places.count(name) > 1:
                raise ModelError(f"{self.name}: two places are called '{name}'; every place needs its own name")
        outside = self.outside
        if isinstance(outside, Bath) and self.reservoirs:
            raise ModelError(f"{self.name}: '{self.reservoirs[0].name}' lies behind '{outside.name}', which is a bath and "
                             f"never changes; give '{outside.name}' a volume, or leave '{self.reservoirs[0].name}' out")
        if isinstance(outside, Compartment) and outside.held:
            raise ModelError(f"{self.name}: '{outside.name}' holds {', '.join(outside.held)} under 'held', which metabolism "
                             f"keeps inside only; give them in the contents of '{outside.name}'")

    @cached_property
    def system(self) -> System:
        """The cell as states, definitions, rates and books."""
        return lower(self, closed=self._closed)

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
        if (placed := self._with_start(name, value)) is not None:
            return placed
        units = {parameter.name: parameter.unit for parameter in self.system.parameters}
        followed = [each for each in self.transporters if isinstance(each, SchemePump) and each.depth == "full"]
        for pump in followed:
            if name == pump.strength:
                other = replace(pump, density=internal(value, "1/um2", name))
                return replace(self, transporters=tuple(other if each is pump else each for each in self.transporters))
        if name not in units:
            known = [*units, *(f"{place.name}.{what}" for place in self.compartments
                               for what in ("volume", *place.contents, *place.held)), *(pump.strength for pump in followed)]
            raise NameUnknown(f"{self.name} has no parameter '{name}'{instead(name, known)}")
        return replace(self, values={**self.values, name: internal(value, units[name], name)})

    def _with_start(self, name: str, value: str | float | Quantity) -> Cell | None:
        """The same cell where a compartment starts with another content or volume; None for any other name."""
        owner, _, what = name.partition(".")
        for place in self.compartments:
            if owner != place.name:
                continue
            changed = place
            if what == "volume":
                changed = replace(place, volume=internal(value, "pL", name))
            elif what in place.contents:
                changed = replace(place, contents={**place.contents, what: internal(value, "mM", name)})
            elif what in place.held:
                changed = replace(place, held={**place.held, what: internal(value, "mM", name)})
            if changed is not place:
                return replace(self, inside=changed) if place is self.inside else replace(self, outside=changed)
        return None


class Unbalanced(Cell):
    """A cell on the way to its balance: its contents need not leave room yet for the ion that closes the charge inside."""

    _closed = False
