"""What a system file holds: states, formulas and books of a model given as equations, as pydantic models."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pumpleak.base.domains import Domain
from pumpleak.base.names import shown
from pumpleak.formats.parts import File, Formula, Given, Name, Part, Title, Value, wrong
from pumpleak.system.system import TIME, Action

# As expressions have them: parts joined by points, members of a block with their number.
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*", re.ASCII)
LONGEST_NAME = 128
# Far above any single-cell model; the time to compile one grows faster than the number of its formulas.
MOST_FORMULAS = 2000


def _dotted(given: str) -> str:
    if len(given) > LONGEST_NAME or not _DOTTED.fullmatch(given):
        raise wrong(f"{shown(given)} is not a dotted name such as inside.Na; letters, digits, '_' and '.' are, at most "
                    f"{LONGEST_NAME}")
    if given == TIME:
        raise wrong(f"'{TIME}' is the time itself; give this quantity another name")
    return given


def _moved(given: str) -> str:
    place, _, species = given.partition(".")
    if not place or not species or "." in species:
        raise wrong(f"{shown(given)} is no species in a place, such as inside.Na")
    return given


Dotted = Annotated[str, AfterValidator(_dotted)]
"""The name of a quantity of the model."""


class ParameterEntry(Value):
    """A number given from outside, its source, and which values it can have."""

    domain: Domain = "any"


class StateEntry(Part):
    """One unknown: where it starts, and the size by which its error is judged; `algebraic` if its rate has to vanish."""

    start: Given
    scale: Given
    algebraic: bool = False


class FormulaEntry(Part):
    """A named quantity that follows from others, in the unit stated."""

    expression: Formula
    unit: str = "1"
    source: str = ""
    note: str = ""


class QuadratureEntry(Part):
    """A running integral over time; `least` keeps its smallest rate as well."""

    rate: Formula
    unit: str
    least: bool = False


class EventEntry(Part):
    """What happens when `trigger` rises through zero."""

    trigger: Formula
    set_: dict[Dotted, Formula] = Field(default_factory=dict, alias="set")
    action: Action = "restart"


class BookedPlace(Part):
    """Where species can be: a place whose contents change, or a reservoir."""

    reservoir: bool = False
    volume: Dotted | None = None


class BookedParticle(Part):
    """A species of the model's own: its mean charge [e] and its elements; made of itself where none are given."""

    charge: float
    composition: dict[Name, int] | None = None


class BookedCharge(Part):
    """The charge of one side of a membrane, in the unit fC, and the Faraday constant that the model carries.

    shares: charges [e] that species of another place count on this side.
    """

    inside: Name
    outside: Name
    F: Given
    dependent: Dotted | None = None
    candidates: list[Dotted] = Field(default_factory=list)
    shares: dict[str, float] = Field(default_factory=dict)


class BookedProcess(Part):
    """What one turn of a process moves, and the names of its flux, extent and affinity where they are not the usual ones."""

    moves: dict[Annotated[str, AfterValidator(_moved)], float]
    transporter: Dotted | None = None
    flux: Dotted | None = None
    extent: Dotted | None = None
    affinity: Dotted | None = None
    work: bool = False
    hydrolysis: Dotted | None = None
    fuel: float = 0.0


class BookedWater(Part):
    """Water that flows from one place to another."""

    source: Name
    target: Name
    flux: Dotted | None = None
    extent: Dotted | None = None
    instant: bool = False


class BooksEntry(Part):
    """What the ledger has to know of a model: who moves how much of what from where to where."""

    places: dict[Name, BookedPlace]
    species: dict[Name, BookedParticle] = Field(default_factory=dict)
    amounts: dict[Name, dict[Name, Dotted]] = Field(default_factory=dict)
    charges: dict[Dotted, BookedCharge] = Field(default_factory=dict)
    processes: dict[Dotted, BookedProcess]
    water: dict[Dotted, BookedWater] = Field(default_factory=dict)
    free_energy: Dotted | None = None
    dissipations: dict[Dotted, Dotted] = Field(default_factory=dict)
    works: dict[Dotted, Dotted] = Field(default_factory=dict)
    reservoirs: Dotted | None = None
    phenomenological: list[Dotted] = Field(default_factory=list)


class SystemFile(File):
    """A model given as equations: a published or foreign one as it is, with what it breaks reported."""

    system: Title
    conservation: Literal["enforced", "reported"] = "reported"
    dimensions: Literal["checked", "unchecked"] = "checked"
    guard: Value | None = None
    excitable: list[list[Dotted]] = Field(default_factory=list)
    parameters: dict[Dotted, ParameterEntry] = Field(default_factory=dict)
    states: dict[Dotted, StateEntry]
    definitions: Annotated[dict[Dotted, FormulaEntry], Field(default_factory=dict, max_length=MOST_FORMULAS)]
    rates: Annotated[dict[Dotted, Formula], Field(max_length=MOST_FORMULAS)]
    quadratures: dict[Dotted, QuadratureEntry] = Field(default_factory=dict)
    events: dict[str, EventEntry] = Field(default_factory=dict)
    books: BooksEntry | None = None
