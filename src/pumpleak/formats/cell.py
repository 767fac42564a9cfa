"""Cell files: YAML -> cell.Cell, balanced if the file asks for it, and the overrides of single values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pumpleak.base.constants import STANDARD_HYDROLYSIS, Constants, F, R
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import lookup
from pumpleak.base.species import SPECIES
from pumpleak.base.units import Quantity, internal
from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism, check_contents, check_range
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.passage import Transporter
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.cell.transport.stimulus import Stimulus
from pumpleak.cell.transport.water import Water
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.header import expect
from pumpleak.formats.models import (
    CellFile,
    CotransportEntry,
    LeakEntry,
    PlaceEntry,
    PumpEntry,
    StimulusEntry,
    WaterEntry,
)
from pumpleak.formats.parts import Given, Value, cited, computable, read_value, sources_of, validated
from pumpleak.formats.scheme import scheme_of
from pumpleak.formats.shelves import find, is_path
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter


def cell_of(document: Document, overrides: Mapping[str, str | float | Quantity] | None = None) -> Cell:
    """Return the cell that a file describes, with other numbers as `--set outside.K="8 mM"` gives them.

    Raises FormatError, UnitError, NameUnknown and ModelError, each with file, line and column where the file is at fault.
    """
    with computable(document):
        return apply_overrides(_Reader(document).cell(), overrides or {})


def cell_in(path: Path, overrides: Mapping[str, str | float | Quantity] | None = None) -> Cell:
    """Return the cell of a file, with overrides; raises FormatError for another kind of file."""
    document = read_file(path)
    expect(document, "cell")
    return cell_of(document, overrides)


def apply_overrides(cell: Cell, values: Mapping[str, str | float | Quantity]) -> Cell:
    """Return the cell with other numbers, by dotted name; raises NameUnknown and UnitError."""
    return cell.with_values(values) if values else cell


class _Reader:
    """One pass over a cell file; `value_sources` grows with every number that is read."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file = validated(document, CellFile)
        self.value_sources: dict[str, str] = {}

    def cell(self) -> Cell:
        file, document = self.file, self.document
        sources = sources_of(document, file)
        inside, outside = self.places()
        constants = self.constants()
        metabolism = None
        if file.metabolism is not None:
            dG_ATP = self.number(file.metabolism.dG_ATP, "J/mol", "metabolism.dG_ATP", "metabolism", "dG_ATP")
            with document.at("metabolism", "dG_ATP"):
                metabolism = Metabolism(dG_ATP)
        hydrolysis = self.constant("dG0", file.constants.dG0, "J/mol", STANDARD_HYDROLYSIS)
        potential = None
        if file.potential is not None:
            potential = self.number(file.potential, "mV", "membrane.V", "potential")
        if file.balance is not None and file.balance.potential is not None:
            potential = self.number(file.balance.potential, "mV", "balance.potential", "balance", "potential")
        guard = self.number(file.guard, "ms", "guard", "guard") if file.guard is not None else 0.0
        membrane = self.membrane()
        transporters = tuple(self.transporter(name) for name in file.transporters)
        with document.at("cell"):
            cell = Cell(
                name=file.cell,
                compartment=inside,
                bath=outside,
                membrane=membrane,
                transporters=transporters,
                constants=constants,
                metabolism=metabolism,
                standard_hydrolysis=hydrolysis,
                potential=potential,
                conservation=file.conservation,
                guard=guard,
                title=file.title,
                summary=file.summary,
                animal=file.animal,
                sources=sources,
                value_sources=self.value_sources,
                notes=tuple(file.notes),
            )
        return self.balanced(self.overridden(cell))

    def overridden(self, cell: Cell) -> Cell:
        for name, value in self.file.set_.items():
            with self.document.at("set", name, key=NameUnknown):
                cited(self.document, value.source)
                cell = cell.with_values({name: value.value})
        return cell

    def balanced(self, cell: Cell) -> Cell:
        goal = self.file.balance
        if goal is None:
            return cell
        with self.document.at("balance"):  # the cell was built at the potential of the goal
            found = balance(cell, BalanceGoal(tuple(goal.solve), None, goal.impermeant or "", tuple(goal.passive)))
        return replace(found.cell, notes=(*found.cell.notes, found.report))

    def number(self, entry: Value, unit: str, name: str, *path: str | int, sourced: tuple[str, ...] = ()) -> float:
        """Return a value in an internal unit and remember its source under the names that the system gives it."""
        with self.document.at(*path):
            if key := cited(self.document, entry.source):
                self.value_sources.update(dict.fromkeys(sourced or (name,), key))
            return internal(entry.value, unit, name)

    def constant(self, name: str, given: Given | None, unit: str, usual: float) -> float:
        if given is None:
            return usual
        with self.document.at("constants", name):
            return internal(given, unit, f"constants.{name}")

    def constants(self) -> Constants:
        temperature = self.number(self.file.temperature, "K", "temperature", "temperature")
        own = self.file.constants
        with self.document.at("temperature"):
            return Constants(
                self.constant("R", own.R, "J/(mol K)", R), self.constant("F", own.F, "C/mol", F), temperature)

    def places(self) -> tuple[Compartment, Bath]:
        """Return the compartment and the bath that the membrane names."""
        found = []
        for side, bath in (("inside", False), ("outside", True)):
            name = self.file.membrane.inside if side == "inside" else self.file.membrane.outside
            with self.document.at("membrane", side):
                entry = lookup(name, self.file.places, "place")
                if entry.bath != bath:
                    wanted = "a bath; give it 'bath: true'" if bath else "a compartment with a volume, not a bath"
                    raise ModelError(f"membrane.{side}: '{name}' should be {wanted}")
            found.append((name, entry))
        for name in self.file.places:
            if name not in (found[0][0], found[1][0]):
                with self.document.at("places", name):
                    raise ModelError(f"'{name}' is on neither side of the membrane; a cell has a compartment and a bath")
        return self.compartment(*found[0]), self.bath(*found[1])

    def compartment(self, name: str, entry: PlaceEntry) -> Compartment:
        volume = self.number(entry.volume or Value(value=0.0), "pL", f"{name}.volume", "places", name, "volume")
        with self.document.at("places", name, "volume"):
            check_range(name, "volume", volume, "pL", above=True)
        contents = self.contents(name, "contents", entry.contents, amounts=True)
        held = self.contents(name, "held", entry.held, amounts=True)
        with self.document.at("places", name):
            return Compartment(name, volume, contents, self.impermeants(name, entry, volume), held)

    def bath(self, name: str, entry: PlaceEntry) -> Bath:
        contents = self.contents(name, "contents", entry.contents, amounts=False)
        with self.document.at("places", name):
            return Bath(name, contents, self.impermeants(name, entry, volume=None))

    def contents(self, place: str, key: str, entries: Mapping[str, Value], *, amounts: bool) -> dict[str, float]:
        found = {}
        for species, entry in entries.items():
            name, path = f"{place}.{species}", ("places", place, key, species)
            value = self.number(entry, "mM", name, *path, sourced=(f"{name}.amount" if amounts else name,))
            with self.document.at(*path, key=None if species in SPECIES else ModelError):
                check_contents(place, {species: value}, above=amounts)
            found[species] = value
        return found

    def impermeants(self, place: str, entry: PlaceEntry, volume: float | None) -> tuple[Impermeant, ...]:
        found = []
        for name, each in entry.impermeants.items():
            path = ("places", place, "impermeants", name)
            sourced = (f"{place}.{name}" if volume is None else f"{place}.{name}.amount",)
            charge = self.number(each.charge, "1", f"{place}.{name}.charge", *path, "charge")
            if each.concentration is not None:
                value = self.number(each.concentration, "mM", f"{place}.{name}", *path, "concentration", sourced=sourced)
            else:
                amount = each.amount or Value(value=0.0)
                value = self.number(amount, "fmol", f"{place}.{name}.amount", *path, "amount") / (volume or 1.0)
            with self.document.at(*path):
                found.append(Impermeant(name, charge, value))
        return tuple(found)

    def membrane(self) -> Membrane:
        entry = self.file.membrane
        area = self.number(entry.area, "um2", "membrane.area", "membrane", "area",
                           sourced=("membrane.area", "membrane.area_at_start"))
        capacitance = self.number(entry.capacitance, "pF/um2", "membrane.capacitance", "membrane", "capacitance",
                                  sourced=("membrane.specific_capacitance",))
        exponent = None
        if entry.area_exponent is not None:
            exponent = self.number(entry.area_exponent, "1", "membrane.area_exponent", "membrane", "area_exponent")
        with self.document.at("membrane"):
            return Membrane(entry.inside, entry.outside, area, capacitance, exponent)

    def transporter(self, name: str) -> Transporter:
        entry = self.file.transporters[name]
        with self.document.at("transporters", name):
            if isinstance(entry, LeakEntry):
                return self.leak(name, entry)
            if isinstance(entry, CotransportEntry):
                return Cotransporter(name, entry.moves, self.strength(name, "conductance", entry.conductance, "nS/um2"))
            if isinstance(entry, WaterEntry):
                if entry.permeability is None:
                    return Water(name)
                return Water(name, self.strength(name, "permeability", entry.permeability, "um/ms"))
            if isinstance(entry, StimulusEntry):
                return Stimulus(name, entry.ion)
            return self.scheme_pump(name, entry, entry.scheme) if entry.scheme else self.rate_pump(name, entry)

    def strength(self, name: str, key: str, entry: Value, unit: str) -> float:
        return self.number(entry, unit, f"{name}.{key}", "transporters", name, key)

    def leak(self, name: str, entry: LeakEntry) -> Leak:
        if entry.conductance is not None:
            return Leak(name, entry.ion, entry.law, self.strength(name, "conductance", entry.conductance, "nS/um2"))
        permeability = entry.permeability or Value(value=0.0)
        return Leak(name, entry.ion, entry.law, self.strength(name, "permeability", permeability, "um/ms"))

    def scheme_pump(self, name: str, entry: PumpEntry, scheme: str) -> SchemePump:
        density = None
        if entry.density is not None:
            density = self.strength(name, "density", entry.density, "1/um2")
        with self.document.at("transporters", name, "scheme"):
            path = find(scheme, "scheme", beside=Path(self.document.file))
            enzyme = scheme_in(path)
        activity = self.strength(name, "activity", entry.activity, "1")
        return SchemePump(name, enzyme, density, entry.depth, activity, file=str(path.resolve()) if is_path(scheme) else "")

    def rate_pump(self, name: str, entry: PumpEntry) -> RatePump:
        parameters = []
        for key, each in entry.parameters.items():
            with self.document.at("transporters", name, "parameters", key):
                value, measured = read_value(each.value, f"{name}.{key}")
                parameters.append(Parameter(key, measured, value, cited(self.document, each.source)))
        with self.document.at("transporters", name, "rate"):
            rate = parse(entry.rate or "")
        atp = self.strength(name, "atp", entry.atp, "1") if entry.atp is not None else 1.0
        activity = self.strength(name, "activity", entry.activity, "1")
        return RatePump(name, entry.moves or {}, rate, tuple(parameters), atp, activity)


def scheme_in(path: Path) -> Scheme:
    """Return the scheme of a file; raises what `scheme_of` raises, and FormatError for another kind of file."""
    document = read_file(path)
    expect(document, "scheme")
    return scheme_of(document)
