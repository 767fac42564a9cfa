"""The books of a system: which process moves how much of what from where to where.

They are all the ledger knows of a model. Names refer to states, definitions, parameters and quadratures of the System
that carries the books; nothing here is computed from its rates, so that the ledger can hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["dynamic", "reservoir"]
Role = Literal["transport", "work"]


@dataclass(frozen=True)
class BookedSpecies:
    """A species as the ledger counts it: charge [e] and number of each element."""

    name: str
    charge: float
    composition: Mapping[str, int]


@dataclass(frozen=True)
class Place:
    """Where species can be: `dynamic` places hold amounts that change, `reservoir` places are only drawn from."""

    name: str
    kind: Kind
    volume: str = ""  # name of the volume [pL] of a dynamic place


@dataclass(frozen=True)
class Amount:
    """The name under which the amount [fmol] of a species in a dynamic place is found."""

    place: str
    species: str
    name: str


@dataclass(frozen=True)
class Entry:
    """How many of a species one turn of a process adds to a place (negative: takes from it)."""

    place: str
    species: str
    count: float


@dataclass(frozen=True)
class Process:
    """One reaction or passage: its stoichiometry, and the names of its flux [fmol/ms], extent [fmol] and affinity [J/mol].

    `work` processes (stimulus, clamp, metabolism) are driven from outside; all others must dissipate. A process that runs
    on ATP names the free energy of hydrolysis [J/mol] it meets (`hydrolysis`) and how many ATP one turn uses (`fuel`).
    """

    name: str
    transporter: str
    stoichiometry: tuple[Entry, ...]
    flux: str
    extent: str
    affinity: str
    role: Role = "transport"
    hydrolysis: str = ""
    fuel: float = 0.0


@dataclass(frozen=True)
class WaterPath:
    """Water between two places: names of its flux [pL/ms] and extent [pL]; `instant` when osmosis is a constraint."""

    name: str
    source: str
    target: str
    flux: str = ""
    extent: str = ""
    instant: bool = False


@dataclass(frozen=True)
class Capacitor:
    """The charge [fC] of a place, and which amount closes it (`dependent`), out of which `candidates`.

    `inside` is the place whose charge it is, `outside` the one beyond. `shares` are charges [e] that species of another
    place count here: proteins in the membrane have their charge partly on either side.
    """

    charge: str
    inside: str
    outside: str
    faraday: float  # F [C/mol] that the model carries
    dependent: str = ""
    candidates: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Power:
    """A quadrature [fJ] of the energy that a transporter dissipates or that a driven process brings in."""

    transporter: str
    quadrature: str


@dataclass(frozen=True)
class Books:
    """All entries of a system, for the ledger; `free_energy` names the state function G [fJ]."""

    species: tuple[BookedSpecies, ...]
    places: tuple[Place, ...]
    amounts: tuple[Amount, ...]
    processes: tuple[Process, ...]
    water: tuple[WaterPath, ...] = ()
    capacitors: tuple[Capacitor, ...] = ()
    free_energy: str = ""
    dissipations: tuple[Power, ...] = ()
    works: tuple[Power, ...] = ()
    reservoirs: str = ""  # quadrature [fJ] of the energy delivered to reservoirs
    phenomenological: tuple[str, ...] = ()  # transporters whose rate law ignores its own affinity

    def to_plain(self) -> dict[str, Any]:
        """The books as dictionaries, lists, texts and numbers."""
        plain = asdict(self)
        for species in plain["species"]:
            species["composition"] = dict(species["composition"])
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Books:
        """The books from what `to_plain` gave, also after a passage through JSON."""
        kinds: dict[str, Any] = {"species": BookedSpecies, "places": Place, "amounts": Amount, "water": WaterPath,
                                 "dissipations": Power, "works": Power}
        fields: dict[str, Any] = {name: tuple(kind(**entry) for entry in plain[name]) for name, kind in kinds.items()}
        fields["processes"] = tuple(
            Process(**{**entry, "stoichiometry": tuple(Entry(**line) for line in entry["stoichiometry"])})
            for entry in plain["processes"])
        fields["capacitors"] = tuple(
            Capacitor(**{**entry, "candidates": tuple(entry["candidates"])}) for entry in plain["capacitors"])
        return cls(**fields, free_energy=plain["free_energy"], reservoirs=plain["reservoirs"],
                   phenomenological=tuple(plain["phenomenological"]))
