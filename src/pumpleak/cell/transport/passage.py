"""What a transporter gives to its cell: passages with stoichiometry and rate, and the quantities they need.

A passage cannot write a concentration or a current: both follow from its stoichiometry when the cell is lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pumpleak.base.species import Species
from pumpleak.cell.membrane import Sides
from pumpleak.system.books import Role
from pumpleak.system.expression import Expression
from pumpleak.system.system import Definition, Parameter

Stoichiometry = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Passage:
    """One process across or inside the membrane: (place, species) -> count for one turn, and its flux [fmol/ms].

    `displaced` [e] is the charge that one turn leaves on the outward part of a protein: a protein in the field belongs
    to both sides, and only its inward charge is counted with the inside.
    """

    name: str
    stoichiometry: Stoichiometry
    flux: Expression
    role: Role = "transport"
    displaced: float = 0.0


@dataclass(frozen=True)
class WaterPassage:
    """Water into the inside: its flux [pL/ms], or none where osmosis is instant."""

    name: str
    flux: Expression | None


@dataclass(frozen=True)
class Bound:
    """A state of a protein as a species of its own: its charge and elements, its amount at the start [fmol].

    `standard` is its standard chemical potential [J/mol]; `holds` the dissolved species that it has taken up.
    """

    species: Species
    amount: float
    standard: Expression
    holds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Contribution:
    """Everything one transporter adds to the system of its cell."""

    passages: tuple[Passage, ...] = ()
    water: tuple[WaterPassage, ...] = ()
    bound: tuple[Bound, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    phenomenological: bool = False


class Transporter(Protocol):
    """Anything that moves something across a membrane."""

    @property
    def name(self) -> str:
        """Its name in the cell."""
        ...

    @property
    def strength(self) -> str:
        """Name of the parameter that its fluxes are proportional to; empty where there is none."""
        ...

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """Its passages between these sides."""
        ...


@dataclass(frozen=True)
class Start:
    """Concentrations [mM], potential [mV] and temperature [K] at the start, for states that begin at their own rest."""

    values: Mapping[str, float] = field(default_factory=dict)
    area: float = 0.0
