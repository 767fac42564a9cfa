"""Free energy of a cell: chemical potentials, the affinity of every process, and the entries by which it is booked.

At constant temperature G = sum n (mu0 + RT (ln c - 1)) + Q V/2 over what changes; its change, plus what reservoirs
receive, plus what is dissipated, equals the work of stimulus, clamp and metabolism.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pumpleak.cell.draft import Draft
from pumpleak.cell.standard import MOLAR
from pumpleak.system.books import Books, Entry, Power, Process, WaterPath
from pumpleak.system.expression import Expression, log, number, symbol, total
from pumpleak.system.system import Parameter, Quadrature
from pumpleak.system.transform import booked_rate

MILLI = 1e-3  # J in a C mV, and fJ in a fC mV


def book(books: Books, draft: Draft) -> Books:
    """Define affinities, free energy and powers in the system being made, and return the books that name them."""
    potentials = _Potentials(draft)
    _define_hydrolysis(draft)
    for process in books.processes:
        draft.define(process.affinity, "J/mol", potentials.affinity(process))
    dissipations, works = _powers(books, draft)
    draft.quadratures.append(
        Quadrature("reservoirs.energy", "fJ", potentials.delivered(books) + _water_delivered(books)))
    draft.define("energy.free", "fJ", potentials.free_energy(books))
    return replace(books, dissipations=dissipations, works=works, free_energy="energy.free", reservoirs="reservoirs.energy")


class _Potentials:
    """Electrochemical potential of every species in every place. [J/mol]"""

    def __init__(self, draft: Draft) -> None:
        cell = draft.cell
        self.draft = draft
        self.energy = symbol("thermal.energy")
        self.voltage = symbol(f"{cell.membrane.name}.V")
        self.standard: Mapping[str, Expression] = draft.standards.potentials
        self.bound = {bound.species.name: bound for bound in draft.bound}

    def potential(self, entry: Entry) -> Expression:
        """mu0 + RT ln c + z F V of a species where it is; water's own potential is booked with its flow."""
        species, inside = entry.species, self.draft.inside
        if entry.place == self.draft.supply and self.draft.cell.metabolism:
            return -symbol(f"{entry.place}.dG_ATP") if species == "ATP" else number(0.0)
        if species == "H2O":
            return number(0.0)
        electric = number(0.0)
        if entry.place == inside and (charge := self.draft.charges[species]):
            electric = charge * self.draft.cell.constants.F * MILLI * self.voltage
        return self.chemical(entry.place, species) + electric

    def chemical(self, place: str, species: str) -> Expression:
        """mu0 + RT ln c (of a bound state: mu0 + RT ln n, on the scale of its protein's amount)."""
        if species in self.bound:
            return self.bound[species].standard + self.energy * log(symbol(f"{species}.amount"))
        standard = self.standard.get(species, number(0.0))
        return standard + self.energy * log(symbol(f"{place}.{species}") / MOLAR)

    def affinity(self, process: Process) -> Expression:
        """What one mole of turns gives up. [J/mol]"""
        return -total(entry.count * self.potential(entry) for entry in process.stoichiometry)

    def delivered(self, books: Books) -> Expression:
        """Power that reservoirs receive with what is moved into them. [fJ/ms]"""
        reservoirs = {place.name for place in books.places if place.kind == "reservoir"}
        return total(entry.count * symbol(process.flux) * self.potential(entry)
                     for process in books.processes for entry in process.stoichiometry if entry.place in reservoirs)

    def free_energy(self, books: Books) -> Expression:
        """G of what changes. [fJ]"""
        draft = self.draft
        terms = [symbol(amount.name) * (self.chemical(amount.place, amount.species) - self.energy)
                 for amount in books.amounts]
        # the charge outside is the same charge, at zero potential: it adds nothing
        terms.append(0.5 * MILLI * symbol(f"{draft.cell.membrane.name}.charge") * self.voltage)
        for path in books.water:
            if path.instant:
                # instant osmosis: the bath's share is part of the state function while its osmolarity is constant
                terms.append(self.energy * symbol(f"{path.source}.osmolarity") * symbol(f"{path.target}.volume"))
        return total(terms)


def _define_hydrolysis(draft: Draft) -> None:
    """Free energy of ATP hydrolysis in the cell: dG0(T) + RT ln([ADP][Pi][H]/[ATP]), or as stated."""
    cell, inside = draft.cell, draft.inside
    if cell.metabolism:
        draft.parameters.append(Parameter(f"{cell.metabolism.name}.dG_ATP", "J/mol", cell.metabolism.dG_ATP))
    elif {"ATP", "ADP", "Pi", "H"} <= {*cell.inside.species}:
        ratio = symbol(f"{inside}.ADP") / MOLAR * (symbol(f"{inside}.Pi") / MOLAR) * (symbol(f"{inside}.H") / MOLAR)
        ratio = ratio / (symbol(f"{inside}.ATP") / MOLAR)
        standard = cell.hydrolysis.at(symbol("temperature"))
        draft.define(f"{inside}.dG_ATP", "J/mol", standard + symbol("thermal.energy") * log(ratio))


def _powers(books: Books, draft: Draft) -> tuple[tuple[Power, ...], tuple[Power, ...]]:
    """Dissipation of every transporter and work of every driven process, as quadratures."""
    dissipated: dict[str, list[Expression]] = {}
    works: list[Power] = []
    for process in books.processes:
        power = symbol(process.flux) * symbol(process.affinity)
        if process.role == "work":
            draft.quadratures.append(Quadrature(f"{process.name}.work", "fJ", -power))
            works.append(Power(process.transporter, f"{process.name}.work"))
        else:
            dissipated.setdefault(process.transporter, []).append(power)
    for path in books.water:
        if not path.instant:
            dissipated.setdefault(path.name, []).append(symbol(path.flux) * _water_affinity(path))
    works += _stretch(books, draft)
    for name, terms in dissipated.items():
        draft.define(f"{name}.dissipated_power", "fJ/ms", total(terms))
        draft.quadratures.append(
            Quadrature(f"{name}.dissipation", "fJ", symbol(f"{name}.dissipated_power"), least=True))
    return tuple(Power(name, f"{name}.dissipation") for name in dissipated), tuple(works)


def _water_affinity(path: WaterPath) -> Expression:
    """RT (osm_target - osm_source): what a volume of water gives up on its way. [fJ/pL]"""
    return symbol("thermal.energy") * (symbol(f"{path.target}.osmolarity") - symbol(f"{path.source}.osmolarity"))


def _water_delivered(books: Books) -> Expression:
    """Power that baths receive with water, whose potential there is -RT osmolarity. [fJ/ms]"""
    reservoirs = [place.name for place in books.places if place.kind == "reservoir"]
    return total(sign * symbol(path.flux) * (symbol("thermal.energy") * symbol(f"{end}.osmolarity"))
                 for path in books.water if not path.instant
                 for sign, end in ((1.0, path.source), (-1.0, path.target)) if end in reservoirs)


def _stretch(books: Books, draft: Draft) -> list[Power]:
    """Work of new membrane: a capacitance that grows at fixed charge lowers Q^2/2C, at -V^2/2 dC/dt."""
    membrane = draft.cell.membrane
    if membrane.area_exponent is None:
        return []
    volume = f"{draft.inside}.volume"
    flows = [symbol(path.flux) for path in books.water if path.target == draft.inside and not path.instant]
    if any(path.instant for path in books.water):  # w = osmoles/osm_out, so dw/dt follows from the ions that pass
        ions = total(booked_rate(books, draft.amount(draft.inside, name)) for name in draft.cell.inside.concentrations)
        flows = [ions / symbol(f"{draft.outside}.osmolarity")]
    growth = symbol(f"{membrane.name}.area_exponent") * total(flows) / symbol(volume)
    voltage, capacitance = symbol(f"{membrane.name}.V"), symbol(f"{membrane.name}.capacitance")
    draft.quadratures.append(
        Quadrature(f"{membrane.name}.stretch", "fJ", -(0.5 * MILLI) * voltage * voltage * capacitance * growth))
    return [Power(membrane.name, f"{membrane.name}.stretch")]
