"""A system in the making: the parts of a cell resolved to passages, and the growing lists that lowering fills."""

from __future__ import annotations

from collections.abc import Mapping

from pumpleak.base.species import SPECIES, Species
from pumpleak.cell.checks import check_passages
from pumpleak.cell.description import Description
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Passage, Start, Transporter
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.system.expression import Expression, symbol, total
from pumpleak.system.system import Definition, Parameter, Quadrature, State

WATER = "H2O"  # in the element check only: its amount is not followed, its flow is a volume


class Draft:
    """What lowering knows of a cell: passages of all transporters, species and charges, and what it has written so far.

    Raises ModelError where a passage makes charge or an element, or needs a species that has no place.
    """

    def __init__(self, cell: Description) -> None:
        self.cell = cell
        self.inside, self.outside = cell.compartment.name, cell.bath.name
        self.supply = cell.metabolism.name if cell.metabolism else self.inside
        sides = Sides(self.inside, self.outside, cell.membrane.name, cell.constants, self.supply, cell.hydrolysis)
        start = self._start()
        self.transporters: tuple[Transporter, ...] = tuple(
            each.with_numbers(cell.values) if isinstance(each, SchemePump) else each for each in cell.transporters)
        self.contributions: Mapping[str, Contribution] = {t.name: t.contribute(sides, start) for t in self.transporters}
        self.bound = [bound for given in self.contributions.values() for bound in given.bound]
        self.species: dict[str, Species] = self._species()
        self.charges = {name: species.charge for name, species in self.species.items()}
        self.passages: list[tuple[str, Passage]] = self._passages()
        self.states: list[State] = []
        self.parameters: list[Parameter] = []
        self.definitions: list[Definition] = []
        self.quadratures: list[Quadrature] = []
        check_passages(cell.name, self.passages, self.species, self._places())

    def define(self, name: str, unit: str, expression: Expression, source: str = "") -> None:
        """Add a named quantity."""
        self.definitions.append(Definition(name, unit, expression, source))

    def amount(self, species: str) -> str:
        """Name of the amount of a species inside."""
        return f"{species if species in self.bound_names else f'{self.inside}.{species}'}.amount"

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

    def moving(self) -> list[str]:
        """Dissolved species inside whose amount changes: what passages move and metabolism does not give back."""
        return [name for name in self.dissolved if any(abs(net) > 1e-12 for net in self._net(name).values())]

    @property
    def dissolved(self) -> dict[str, float]:
        """Concentration at the start of everything dissolved inside. [mM]"""
        inside = self.cell.compartment
        return {**inside.contents, **inside.held, **{entry.name: entry.concentration for entry in inside.impermeants}}

    def start_amount(self, species: str) -> float:
        """Amount at the start that is dissolved: what proteins hold has come out of solution. [fmol]"""
        taken = sum(bound.amount * bound.holds.get(species, 0) for bound in self.bound)
        return self.dissolved[species] * self.cell.compartment.volume - taken

    def start_charge(self) -> float:
        """Charge of the inside at the start: from the potential where that is given, else from the contents. [fC]"""
        cell = self.cell
        if cell.potential is not None:
            return cell.potential * cell.membrane.area * cell.membrane.capacitance
        species = cell.compartment.species
        charge = sum(species[name].charge * value for name, value in self.dissolved.items())
        return cell.constants.F * charge * cell.compartment.volume

    def _start(self) -> Start:
        """Concentrations and potential at the start, by name, for transporters that begin at their own rest."""
        cell = self.cell
        values = {f"{self.inside}.{name}": value
                  for name, value in {**cell.compartment.contents, **cell.compartment.held}.items()}
        values.update({f"{self.outside}.{name}": value for name, value in cell.bath.contents.items()})
        values[f"{cell.membrane.name}.V"] = self.start_charge() / (cell.membrane.area * cell.membrane.capacitance)
        values["temperature"] = cell.values.get("temperature", cell.constants.T)
        return Start(values, cell.membrane.area)

    def _species(self) -> dict[str, Species]:
        species = {**self.cell.bath.species, **self.cell.compartment.species, WATER: SPECIES[WATER]}
        if self.cell.metabolism:
            species.update({name: SPECIES[name] for name in HYDROLYSIS})
        return {**species, **{bound.species.name: bound.species for bound in self.bound}}

    def _places(self) -> dict[str, set[str]]:
        places = {self.inside: {*self.cell.compartment.species, WATER, *self.bound_names},
                  self.outside: {*self.cell.bath.species, WATER}}
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
        if freed and not self.cell.metabolism:
            flux = total(count * symbol(f"{passage.name}.flux") for passage, count in freed)
            back = {(self.inside, name): -float(count) for name, count in HYDROLYSIS.items()}
            passages.append(("metabolism", Passage("metabolism", back, flux, role="work")))
        return passages

    def _net(self, species: str) -> dict[str, float]:
        """What each transporter's passage adds inside, with what metabolism gives back for it."""
        key, pi = (self.inside, species), (self.inside, "Pi")
        back = {passage.name: passage.stoichiometry.get(key, 0.0) for name, passage in self.passages if name == "metabolism"}
        return {passage.name: passage.stoichiometry.get(key, 0.0)
                + back.get("metabolism", 0.0) * passage.stoichiometry.get(pi, 0.0)
                for name, passage in self.passages if name != "metabolism"}
