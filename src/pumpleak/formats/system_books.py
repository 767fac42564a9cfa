"""The books of a system file: what the ledger reads, each name checked against the equations it refers to.

Flux, extent and affinity of a process are found under `<process>.flux`, `<process>.extent` and `<process>.affinity` where
the file does not name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pumpleak.base.errors import NameUnknown, UnitError
from pumpleak.base.names import lookup
from pumpleak.base.species import SPECIES, Species
from pumpleak.base.units import internal, unit
from pumpleak.formats.document import Document
from pumpleak.formats.scalars import Plain
from pumpleak.formats.system_file import BookedProcess, BooksEntry
from pumpleak.system.books import Amount, BookedSpecies, Books, Capacitor, Entry, Place, Power, Process, WaterPath
from pumpleak.system.system import Definition, Parameter, State, System

AFFINITY = "affinity"


def books_of(document: Document, entry: BooksEntry, system: System) -> Books:
    """Return the books that a file gives of its system.

    Raises NameUnknown for a place, species or quantity that there is not, UnitError for a quantity of another kind.
    """
    return _Reader(document, entry, system).books()


def measured_in(states: Iterable[State], parameters: Iterable[Parameter],
                definitions: Iterable[Definition] = ()) -> dict[str, str]:
    """Return the unit of every quantity that formulas can name, time apart."""
    return {**{each.name: each.unit for each in states}, **{each.name: each.unit for each in parameters},
            **{each.name: each.unit for each in definitions}}


class _Reader:
    """One pass over the books; `used` grows with every species that is met."""

    def __init__(self, document: Document, entry: BooksEntry, system: System) -> None:
        self.document, self.entry = document, entry
        self.quantities = measured_in(system.states, system.parameters, system.definitions)
        self.integrals = {each.name: each.unit for each in system.quadratures}
        self.known: dict[str, Species] = {**SPECIES, **{each.name: each for each in self.declared()}}
        self.used: dict[str, BookedSpecies] = {}

    def books(self) -> Books:
        entry = self.entry
        for name in entry.species:
            self.species(name, "species", name)
        amounts = tuple(self.amounts())
        processes = tuple(self.process(name, each) for name, each in entry.processes.items())
        places = tuple(Place(name, "reservoir" if each.reservoir else "dynamic",
                             self.quantity(each.volume, "pL", "places", name, "volume"))
                       for name, each in entry.places.items())
        return Books(
            species=tuple(self.used.values()), places=places, amounts=amounts, processes=processes,
            water=tuple(self.water()), capacitors=tuple(self.capacitors()),
            free_energy=self.quantity(entry.free_energy, "fJ", "free_energy"),
            dissipations=tuple(self.powers("dissipations", entry.dissipations)),
            works=tuple(self.powers("works", entry.works)),
            reservoirs=self.integral(entry.reservoirs, "fJ", "reservoirs"),
            phenomenological=tuple(entry.phenomenological))

    def found(self, name: str | None, table: Mapping[str, str], kind: str, measured: str, *path: str | int) -> str:
        """The name, once it is known to be of that unit; nothing for none."""
        if not name:
            return ""
        with self.document.at("books", *path):
            given = lookup(name, table, kind)
            if unit(given).dimension != unit(measured).dimension:
                raise UnitError(f"'{name}' is in {given}; what stands here is in {measured}")
        return name

    def quantity(self, name: str | None, measured: str, *path: str | int) -> str:
        return self.found(name, self.quantities, "quantity of the model", measured, *path)

    def integral(self, name: str | None, measured: str, *path: str | int) -> str:
        return self.found(name, self.integrals, "quadrature of the model", measured, *path)

    def place(self, name: str, *path: str | int) -> str:
        with self.document.at("books", *path, key=NameUnknown):
            lookup(name, self.entry.places, "place of the books")
        return name

    def species(self, name: str, *path: str | int) -> str:
        """Count a species; one of the model's own is declared under `species`, what all models share need not be."""
        if name not in self.used:
            with self.document.at("books", *path, key=NameUnknown):
                given = lookup(name, self.known, "species of the books")
            self.used[name] = BookedSpecies(name, float(given.charge), dict(given.composition))
        return name

    def declared(self) -> Iterator[Species]:
        for name, each in self.entry.species.items():
            with self.document.at("books", "species", name):
                yield Species(name, each.charge, each.composition or {name: 1})

    def amounts(self) -> Iterator[Amount]:
        for place, entries in self.entry.amounts.items():
            self.place(place, "amounts", place)
            for species, name in entries.items():
                path = ("amounts", place, species)
                yield Amount(place, self.species(species, *path), self.quantity(name, "fmol", *path))

    def capacitors(self) -> Iterator[Capacitor]:
        for name, each in self.entry.charges.items():
            path = ("charges", name)
            with self.document.at("books", *path, "F"):
                faraday = internal(each.F, "C/mol", f"{name}: F")
            yield Capacitor(
                self.quantity(name, "fC", *path), self.place(each.inside, *path, "inside"),
                self.place(each.outside, *path, "outside"), faraday,
                self.quantity(each.dependent, "fmol", *path, "dependent"),
                tuple(self.quantity(amount, "fmol", *path, "candidates", place)
                      for place, amount in enumerate(each.candidates)),
                dict(each.shares))

    def process(self, name: str, given: BookedProcess) -> Process:
        path = ("processes", name)
        entries = []
        for key, count in given.moves.items():
            place, _, species = key.partition(".")
            way = (*path, "moves", key)
            entries.append(Entry(self.place(place, *way), self.species(species, *way), count))
        affinity = given.affinity or f"{name}.{AFFINITY}"
        return Process(
            name, given.transporter or name, tuple(entries),
            self.quantity(given.flux or f"{name}.flux", "fmol/ms", *path),
            self.integral(given.extent or f"{name}.extent", "fmol", *path),
            self.quantity(affinity if given.affinity or affinity in self.quantities else None, "J/mol", *path),
            "work" if given.work else "transport",
            self.quantity(given.hydrolysis, "J/mol", *path, "hydrolysis"), given.fuel)

    def water(self) -> Iterator[WaterPath]:
        for name, each in self.entry.water.items():
            path = ("water", name)
            ends = self.place(each.source, *path, "source"), self.place(each.target, *path, "target")
            if each.instant:
                yield WaterPath(name, *ends, instant=True)
            else:
                yield WaterPath(name, *ends, self.quantity(each.flux or f"{name}.flux", "pL/ms", *path),
                                self.integral(each.extent or f"{name}.extent", "pL", *path))

    def powers(self, key: str, given: Mapping[str, str]) -> Iterator[Power]:
        for transporter, name in given.items():
            yield Power(transporter, self.integral(name, "fJ", key, transporter))


def books_written(books: Books) -> dict[str, Plain]:
    """Return the books as a file gives them, without what has its usual name."""
    amounts: dict[str, dict[str, Plain]] = {}
    for amount in books.amounts:
        amounts.setdefault(amount.place, {})[amount.species] = amount.name
    plain: dict[str, Plain] = {
        "places": {each.name: _given(reservoir=each.kind == "reservoir", volume=each.volume) for each in books.places},
        "species": {each.name: {"charge": each.charge, "composition": dict(each.composition)} for each in books.species},
        "amounts": {place: dict(entries) for place, entries in amounts.items()},
        "charges": {each.charge: _given(inside=each.inside, outside=each.outside, F=f"{each.faraday!r} C/mol",
                                        dependent=each.dependent, candidates=list(each.candidates), shares=dict(each.shares))
                    for each in books.capacitors},
        "processes": {each.name: _process_written(each) for each in books.processes},
        "water": {each.name: _given(source=each.source, target=each.target, instant=each.instant,
                                    flux=_unusual(each.flux, each.name, "flux"),
                                    extent=_unusual(each.extent, each.name, "extent")) for each in books.water},
        "free_energy": books.free_energy,
        "dissipations": {each.transporter: each.quadrature for each in books.dissipations},
        "works": {each.transporter: each.quadrature for each in books.works},
        "reservoirs": books.reservoirs, "phenomenological": list(books.phenomenological)}
    required = ("places", "processes")
    return {key: value for key, value in plain.items() if key in required or value not in ("", {}, [])}


def _process_written(process: Process) -> Plain:
    return {"moves": {f"{entry.place}.{entry.species}": entry.count for entry in process.stoichiometry},
            **_given(transporter="" if process.transporter == process.name else process.transporter,
                     flux=_unusual(process.flux, process.name, "flux"),
                     extent=_unusual(process.extent, process.name, "extent"),
                     affinity=_unusual(process.affinity, process.name, AFFINITY), work=process.role == "work",
                     hydrolysis=process.hydrolysis, fuel=process.fuel)}


def _unusual(name: str, owner: str, what: str) -> str:
    """The name of a quantity, nothing where it is the usual one."""
    return "" if name == f"{owner}.{what}" else name


def _given(**entries: Plain) -> dict[str, Plain]:
    """The entries that say something."""
    return {key: value for key, value in entries.items() if value not in ("", False, 0.0, [], {})}
