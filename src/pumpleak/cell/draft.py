"""A system in the making: the parts of a cell resolved to passages, and the growing lists that lowering fills."""

from __future__ import annotations

from collections.abc import Mapping

from pumpleak.base.species import SPECIES, Species
from pumpleak.cell.checks import check_alike, check_held, check_passages
from pumpleak.cell.compartment import Compartment
from pumpleak.cell.description import Description
from pumpleak.cell.membrane import Sides
from pumpleak.cell.standard import WATER, standards
from pumpleak.cell.transport.passage import Contribution, Passage, Start, Transporter
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.system.expression import Expression, symbol, total
from pumpleak.system.system import Definition, Parameter, Quadrature, State


class Draft:
    """What lowering knows of a cell: passages of all transporters, species and charges, and what it has written so far.

    Raises ModelError where a passage makes charge or an element, or needs a species that has no place.
    """

    def __init__(self, cell: Description) -> None:
        self.cell = cell
        self.inside, self.outside = cell.inside.name, cell.outside.name
        self.compartments: Mapping[str, Compartment] = {place.name: place for place in cell.compartments}
        self.supply = cell.metabolism.name if cell.metabolism else self.inside
        sides = Sides(self.inside, self.outside, cell.membrane.name, cell.constants, self.supply, cell.hydrolysis,
                      tuple(place.name for place in cell.reservoirs))
        start = self._start()
        self.transporters: tuple[Transporter, ...] = tuple(
            each.with_numbers(cell.values) if isinstance(each, SchemePump) else each for each in cell.processes)
        self.contributions: Mapping[str, Contribution] = {t.name: t.contribute(sides, start) for t in self.transporters}
        self.bound = [bound for given in self.contributions.values() for bound in given.bound]
        self.species: dict[str, Species] = self._species()
        self.charges = {name: species.charge for name, species in self.species.items()}
        self.passages: list[tuple[str, Passage]] = self._passages()
        equilibria = [each for given in self.contributions.values() for each in given.equilibria]
        self.standards = standards(cell.name, cell.hydrolysis.at(symbol("temperature")), equilibria,
                                   {**start.values, "thermal.energy": cell.constants.R * start.values["temperature"]})
        self.states: list[State] = []
        self.parameters: list[Parameter] = []
        self.definitions: list[Definition] = []
        self.quadratures: list[Quadrature] = []
        check_passages(cell.name, self.passages, self.species, self._places(), (self.inside, self.outside))
        check_held(cell, self.passages)

    def define(self, name: str, unit: str, expression: Expression, source: str = "") -> None:
        """Add a named quantity."""
        self.definitions.append(Definition(name, unit, expression, source))

    def amount(self, place: str, species: str) -> str:
        """Name of the amount of a species in a compartment."""
        return f"{species if species in self.bound_names else f'{place}.{species}'}.amount"

    @property
    def bound_names(self) -> list[str]:
        """Names of the protein states that are species of their own."""
        return [bound.species.name for bound in self.bound]

    def carried(self, passage: Passage) -> float:
        """Charge that one turn carries out of the inside. [e]"""
        charge = -sum(count * self.charges[species] for (place, species), count in passage.stoichiometry.items()
                      if place == self.inside)
        # protein states carry sums of dielectric coefficients: what their rounding leaves is no charge
        return charge if abs(charge) > 1e-12 else 0.0

    def moving(self, place: str) -> list[str]:
        """Dissolved species of a compartment whose amount changes: what passages move and metabolism does not give back."""
        return [name for name in self.compartments[place].concentrations
                if any(abs(net) > 1e-12 for net in self._net(place, name).values())]

    def start_amount(self, place: str, species: str) -> float:
        """Amount at the start that is dissolved: what proteins hold has come out of the solution inside. [fmol]"""
        taken = sum(bound.amount * bound.holds.get(species, 0) for bound in self.bound) if place == self.inside else 0.0
        compartment = self.compartments[place]
        return compartment.concentrations[species] * compartment.volume - taken

    def start_charge(self) -> float:
        """Charge of the inside at the start: from the potential where that is given, else from the contents. [fC]"""
        cell = self.cell
        if cell.potential is not None:
            return cell.potential * cell.membrane.area * cell.membrane.capacitance
        return cell.constants.F * cell.inside.charge * cell.inside.volume

    def _start(self) -> Start:
        """Concentrations and potential at the start, by name, for transporters that begin at their own rest."""
        cell = self.cell
        values = {f"{place.name}.{name}": value for place in cell.places
                  for name, value in place.concentrations.items()}
        values[f"{cell.membrane.name}.V"] = self.start_charge() / (cell.membrane.area * cell.membrane.capacitance)
        values["temperature"] = cell.constants.T
        values.update({f"{place.name}.volume": place.volume for place in cell.compartments})
        values[f"{cell.membrane.name}.area"] = cell.membrane.area
        values.update(cell.values)
        return Start(values, cell.membrane.area)

    def _species(self) -> dict[str, Species]:
        check_alike(self.cell.name, self.cell.places)
        species = {name: each for place in self.cell.places for name, each in place.species.items()}
        species[WATER] = SPECIES[WATER]
        if self.cell.metabolism:
            species.update({name: SPECIES[name] for name in HYDROLYSIS})
        return {**species, **{bound.species.name: bound.species for bound in self.bound}}

    def _places(self) -> dict[str, set[str]]:
        places = {place.name: {*place.species, WATER} for place in self.cell.places}
        places[self.inside] |= {*self.bound_names}
        if self.cell.metabolism:
            places[self.supply] = set(HYDROLYSIS)
        return places

    def _passages(self) -> list[tuple[str, Passage]]:
        """(transporter, passage) of every transporter, and the metabolism that turns ADP and Pi back into ATP.

        It runs as fast as Pi is freed, so that free Pi and H stay put also while enzyme states hold nucleotides.
        """
        passages = [(name, passage) for name, given in self.contributions.items() for passage in given.passages]
        freed = [(passage, passage.stoichiometry[self.inside, "Pi"]) for _, passage in passages
                 if passage.stoichiometry.get((self.inside, "Pi"))]
        if freed and not (self.cell.metabolism or self.cell.supply):
            flux = total(count * symbol(f"{passage.name}.flux") for passage, count in freed)
            back = {(self.inside, name): -float(count) for name, count in HYDROLYSIS.items()}
            passages.append(("metabolism", Passage("metabolism", back, flux, role="work")))
        return passages

    def _net(self, place: str, species: str) -> dict[str, float]:
        """What each transporter's passage adds to a compartment, with what metabolism gives back for it."""
        key, pi = (place, species), (self.inside, "Pi")
        back = {passage.name: passage.stoichiometry.get(key, 0.0) for name, passage in self.passages if name == "metabolism"}
        return {passage.name: passage.stoichiometry.get(key, 0.0)
                + back.get("metabolism", 0.0) * passage.stoichiometry.get(pi, 0.0)
                for name, passage in self.passages if name != "metabolism"}
