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
from pumpleak.system.system import Definition, Event, Parameter, State

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
    """Water from one place into another: its flux [pL/ms], or none where osmosis is instant."""

    name: str
    source: str
    target: str
    flux: Expression | None


@dataclass(frozen=True)
class Bound:
    """A state of a protein as a species of its own: its inward charge and elements, its amount at the start [fmol].

    `outward` [e] is the charge on its outward part, which belongs to the outside.
    `standard` is its standard chemical potential [J/mol]; `holds` the dissolved species that it has taken up.
    """

    species: Species
    amount: float
    standard: Expression
    holds: Mapping[str, float] = field(default_factory=dict)
    outward: float = 0.0


@dataclass(frozen=True)
class Equilibrium:
    """Where a reaction ends: species -> count of one turn, and its constant [mM^n], products over what is taken."""

    counts: Mapping[str, int]
    constant: Parameter


@dataclass(frozen=True)
class Contribution:
    """Everything one transporter adds to the system of its cell.

    `states` are its own unknowns, such as gates, each with its rate of change [its unit/ms]; `guard` [ms] is the longest
    step that follows them without passing over a spike (0: any) and `gates` names those of V, `events` end a run that they
    cannot go on with. The constants of `equilibria` fix standard free energies; whether they are parameters or follow from
    others is the cell's to say.
    """

    passages: tuple[Passage, ...] = ()
    water: tuple[WaterPassage, ...] = ()
    bound: tuple[Bound, ...] = ()
    states: tuple[tuple[State, Expression], ...] = ()
    guard: float = 0.0
    gates: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    equilibria: tuple[Equilibrium, ...] = ()
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
    """Concentrations [mM], volume [pL], potential [mV], temperature [K] and what a cell says otherwise of its parameters.

    They say by name what the start is like, for states that begin at their own rest. `area` [um2] is the membrane's.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    area: float = 0.0
