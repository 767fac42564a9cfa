"""Cell files: YAML -> cell.Cell, balanced if the file asks for it, and the overrides of single values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pumpleak.base.constants import STANDARD_HYDROLYSIS, Constants, F, R
from pumpleak.base.errors import ModelError, NameUnknown, PumpleakError
from pumpleak.base.names import lookup
from pumpleak.base.species import SPECIES
from pumpleak.base.units import Quantity, internal
from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell, Unbalanced
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism, check_contents, check_range
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.metabolism import CAPACITY, Demand, Supply
from pumpleak.cell.standard import MOLAR
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.exchange import Exchange
from pumpleak.cell.transport.gate import Q10, Gate, Gating
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.passage import Transporter
from pumpleak.cell.transport.passive import STRENGTHS, UNITS
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.cell.transport.stimulus import Stimulus
from pumpleak.cell.transport.water import Water
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.based import extended
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.gates import ChannelEntry, CotransportEntry, Gated, GateEntry
from pumpleak.formats.header import expect
from pumpleak.formats.metabolism import ReactionEntry
from pumpleak.formats.models import (
    CellFile,
    ExchangeEntry,
    LeakEntry,
    PlaceEntry,
    PumpEntry,
    StimulusEntry,
    WaterEntry,
)
from pumpleak.formats.parts import Given, Value, cited, computable, read_value, sources_of, validated
from pumpleak.formats.pump_parts import composed
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
        self.document = extended(document)
        self.file = validated(self.document, CellFile)
        self.value_sources: dict[str, str] = {}

    def cell(self) -> Cell:
        file, document = self.file, self.document
        sources = sources_of(document, file)
        inside, outside, reservoirs = self.places()
        constants = self.constants()
        metabolism, supply, demand = self.metabolism()
        hydrolysis = self.constant("dG0", file.constants.dG0, "J/mol", STANDARD_HYDROLYSIS)
        potential = None
        if file.potential is not None:
            potential = self.number(file.potential, "mV", "membrane.V", "potential")
        if file.balance is not None and file.balance.potential is not None:
            potential = self.number(file.balance.potential, "mV", "balance.potential", "balance", "potential")
        guard = self.number(file.guard, "ms", "guard", "guard") if file.guard is not None else 0.0
        membrane = self.membrane()
        transporters = tuple(self.transporter(name) for name in file.transporters)
        try:
            cell = (Cell if file.balance is None else Unbalanced)(
                name=file.cell,
                inside=inside,
                outside=outside,
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
                reservoirs=reservoirs,
                supply=supply,
                demand=demand,
            )
        except PumpleakError as error:
            with document.at(*self.place_of(error)):
                raise
        return self.balanced(self.overridden(cell))

    def place_of(self, error: PumpleakError) -> tuple[str, ...]:
        """Return the path of the transporter or gate that an error of the whole cell names last, else of the cell's name."""
        dotted = error.part[0].split()[-1] if error.part else ""
        name, _, rest = dotted.partition(".")
        if name in ("supply", "demand") and self.file.metabolism is not None:
            return ("metabolism",)
        if name not in self.file.transporters:
            return ("cell",)
        gate = rest.partition(".")[0]
        entry = self.file.transporters[name]
        return ("transporters", name, *(("gates", gate) if isinstance(entry, Gated) and gate in entry.gates else ()))

    def metabolism(self) -> tuple[Metabolism | None, Supply | None, Demand | None]:
        """Return where ATP comes from: stated and uncounted, or made by a supply against a demand."""
        entry = self.file.metabolism
        if entry is None:
            return None, None, None
        if entry.dG_ATP is not None:
            dG_ATP = self.number(entry.dG_ATP, "J/mol", "metabolism.dG_ATP", "metabolism", "dG_ATP")
            with self.document.at("metabolism", "dG_ATP"):
                return Metabolism(dG_ATP), None, None

        def number(part: str, key: str, given: Value, unit: str) -> float:
            return self.number(given, unit, f"{part}.{key}", "metabolism", part, key)

        supply = demand = None
        if (made := entry.supply) is not None:
            capacity = number("supply", "capacity", made.capacity, CAPACITY)
            activity = number("supply", "activity", made.activity, "1")
            halves = number("supply", "half_ADP", made.half_ADP, "mM"), number("supply", "half_Pi", made.half_Pi, "mM")
            with self.document.at("metabolism", "supply"):
                supply = Supply(capacity, *halves, activity)
        if (used := entry.demand) is not None:
            capacity = number("demand", "capacity", used.capacity, CAPACITY)
            half = number("demand", "half_ATP", used.half_ATP, "mM")
            with self.document.at("metabolism", "demand"):
                demand = Demand(capacity, half)
        return None, supply, demand

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

    def places(self) -> tuple[Compartment, Bath | Compartment, tuple[Bath, ...]]:
        """Return the inside and the outside that the membrane names, and the baths behind a finite outside."""
        sides = {"inside": self.file.membrane.inside, "outside": self.file.membrane.outside}
        for side, name in sides.items():
            with self.document.at("membrane", side):
                entry = lookup(name, self.file.places, "place")
                if side == "inside" and entry.bath:
                    raise ModelError(f"membrane.{side}: '{name}' should be a compartment with a volume, not a bath")
                if side == "outside" and name == sides["inside"]:
                    raise ModelError(f"membrane.{side}: '{name}' is the inside too; name another place")
        inside, outside = (self.file.places[name] for name in sides.values())
        reservoirs = []
        for name, entry in self.file.places.items():
            if name in sides.values():
                continue
            with self.document.at("places", name):
                if outside.bath:
                    raise ModelError(f"'{name}' is on neither side of the membrane; a further place lies behind a finite "
                                     f"outside: give '{sides['outside']}' a volume instead of 'bath: true', or leave it out")
                if not entry.bath:
                    raise ModelError(f"'{name}' is on neither side of the membrane; only a bath can be, with 'bath: true' "
                                     "instead of a volume")
            reservoirs.append(self.bath(name, entry))
        beyond = self.bath(sides["outside"], outside) if outside.bath else self.compartment(sides["outside"], outside)
        return self.compartment(sides["inside"], inside), beyond, tuple(reservoirs)

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
                found.append(Impermeant(name, charge, value, each.made_of))
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
            if isinstance(entry, ChannelEntry):
                return self.channel(name, entry)
            if isinstance(entry, CotransportEntry):
                return self.cotransporter(name, entry)
            if isinstance(entry, WaterEntry):
                return self.water(name, entry)
            if isinstance(entry, ExchangeEntry):
                return self.exchange(name, entry)
            if isinstance(entry, ReactionEntry):
                return self.reaction(name, entry)
            if isinstance(entry, StimulusEntry):
                return Stimulus(name, entry.ion, source=entry.from_, returns=entry.return_)
            return self.scheme_pump(name, entry, entry.scheme) if entry.scheme else self.rate_pump(name, entry)

    def strength(self, name: str, key: str, entry: Value, unit: str) -> float:
        return self.number(entry, unit, f"{name}.{key}", "transporters", name, key)

    def leak(self, name: str, entry: LeakEntry) -> Leak:
        return Leak(name, entry.ion, entry.law, self.passive_strength(name, entry))

    def passive_strength(self, name: str, entry: LeakEntry | ChannelEntry) -> float:
        given = entry.conductance or entry.permeability or Value(value=0.0)
        return self.strength(name, STRENGTHS[entry.law], given, UNITS[entry.law])

    def channel(self, name: str, entry: ChannelEntry) -> Channel:
        ions = entry.ions if entry.ions is not None else {entry.ion or "": 1.0}
        return Channel(name, ions, entry.law, self.passive_strength(name, entry), self.gating(name, entry))

    def cotransporter(self, name: str, entry: CotransportEntry) -> Cotransporter:
        made = Cotransporter(name, entry.moves, 0.0, entry.law, self.gating(name, entry))
        key = made.strength.rpartition(".")[2]
        given = entry.conductance or entry.rate or Value(value=0.0)
        return replace(made, value=self.strength(name, key, given, made.unit))

    def gating(self, name: str, entry: Gated) -> Gating:
        path = ("transporters", name)
        gates = tuple(self.gate(each, given, (*path, "gates", each)) for each, given in entry.gates.items())
        q10 = None
        if entry.q10 is not None:
            factor = self.number(entry.q10.factor, "1", f"{name}.q10", *path, "q10", "factor")
            at = self.number(entry.q10.at, "K", f"{name}.q10.at", *path, "q10", "at")
            with self.document.at(*path, "q10"):
                q10 = Q10(factor, at)
        parameters = self.own_parameters(name, entry.parameters)
        try:
            return Gating(gates, parameters, q10)
        except PumpleakError as error:
            with self.document.at(*path, "gates", *error.part):
                raise

    def gate(self, name: str, entry: GateEntry, path: tuple[str, ...]) -> Gate:
        parts = {}
        for key in ("opening", "closing", "steady", "time"):
            if (given := getattr(entry, key)) is not None:
                with self.document.at(*path, key):
                    parts[key] = parse(given)
        with self.document.at(*path):
            return Gate(name, entry.power, start=entry.start, **parts)

    def water(self, name: str, entry: WaterEntry) -> Water:
        if entry.between is not None and entry.conductance is not None:
            conductance = self.strength(name, "conductance", entry.conductance, "pL/(ms mM)")
            return Water(name, between=self.between(name, entry.between), conductance=conductance)
        if entry.permeability is None:
            return Water(name)
        return Water(name, self.strength(name, "permeability", entry.permeability, "um/ms"))

    def exchange(self, name: str, entry: ExchangeEntry) -> Exchange:
        clearance = self.strength(name, "clearance", entry.clearance, "pL/ms")
        half = self.strength(name, "half", entry.half, "mM") if entry.half is not None else None
        mobilities = {ion: self.number(each, "1", f"{name}.mobility_{ion}", "transporters", name, "mobilities", ion)
                      for ion, each in (entry.mobilities or {}).items()}
        pairs = tuple((first, second) for first, second in entry.pairs or ())
        return Exchange(name, self.between(name, entry.between), clearance, pairs, mobilities, half)

    def reaction(self, name: str, entry: ReactionEntry) -> Reaction:
        with self.document.at("transporters", name, "equation"):
            made = Reaction(name, entry.equation, 1.0, 0.0, entry.place or "")
        if entry.place is not None:
            with self.document.at("transporters", name, "place"):
                lookup(entry.place, self.file.places, "place")
        rate = self.strength(name, "rate", entry.rate, made.unit)
        if entry.pK is not None:
            pK = self.number(entry.pK, "1", made.constant, "transporters", name, "pK")
            constant = MOLAR**made.order * 10.0**-pK
        else:
            constant = self.strength(name, "K", entry.K or Value(value=1.0), made.unit_of_K)
        with self.document.at("transporters", name, "pK" if entry.pK is not None else "K"):
            return replace(made, rate=rate, K=constant)

    def between(self, name: str, places: list[str]) -> tuple[str, str]:
        for number, place in enumerate(places):
            with self.document.at("transporters", name, "between", number):
                lookup(place, self.file.places, "place")
        return places[0], places[1]

    def scheme_pump(self, name: str, entry: PumpEntry, scheme: str) -> SchemePump:
        density = None
        if entry.density is not None:
            density = self.strength(name, "density", entry.density, "1/um2")
        with self.document.at("transporters", name, "scheme"):
            path = find(scheme, "scheme", beside=Path(self.document.file))
            enzyme = scheme_in(path)
        if entry.isoform or entry.congener or entry.inhibitors:
            with self.document.at("transporters", name, "inhibitors" if entry.inhibitors else "isoform" if entry.isoform
                                  else "congener"):
                enzyme = composed(enzyme, entry.isoform, entry.congener, entry.inhibitors)
        activity = self.strength(name, "activity", entry.activity, "1")
        return SchemePump(name, enzyme, density, entry.depth, activity, file=str(path.resolve()) if is_path(scheme) else "")

    def rate_pump(self, name: str, entry: PumpEntry) -> RatePump:
        parameters = self.own_parameters(name, entry.parameters)
        with self.document.at("transporters", name, "rate"):
            rate = parse(entry.rate or "")
        atp = self.strength(name, "atp", entry.atp, "1") if entry.atp is not None else 1.0
        activity = self.strength(name, "activity", entry.activity, "1")
        return RatePump(name, entry.moves or {}, rate, parameters, atp, activity)

    def own_parameters(self, name: str, entries: Mapping[str, Value]) -> tuple[Parameter, ...]:
        found = []
        for key, each in entries.items():
            with self.document.at("transporters", name, "parameters", key):
                value, measured = read_value(each.value, f"{name}.{key}")
                found.append(Parameter(key, measured, value, cited(self.document, each.source)))
        return tuple(found)


def scheme_in(path: Path) -> Scheme:
    """Return the scheme of a file; raises what `scheme_of` raises, and FormatError for another kind of file."""
    document = read_file(path)
    expect(document, "scheme")
    return scheme_of(document)
