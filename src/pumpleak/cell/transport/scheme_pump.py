"""A pump given by an enzyme scheme, at one of two depths: its steady flux (`reduced`) or its states in time (`full`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from pumpleak.base.constants import N_A
from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import Species
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Bound, Contribution, Passage, Start
from pumpleak.enzyme.rates import DG0, VOLTAGE, resolved_rates
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import steady_numbers, steady_state
from pumpleak.enzyme.step import WATER, Step, ligand
from pumpleak.system.expression import Expression, log, number, substitute, symbol, total
from pumpleak.system.system import Definition, Parameter

MOLECULE = 1e15 / N_A
"""Amount of one molecule. [fmol]"""
MOLAR = 1000.0
"""Standard state, 1 M. [mM]"""

Rates = dict[str, tuple[Expression, Expression]]


@dataclass(frozen=True)
class SchemePump:
    """Pumps of an enzyme scheme, `density` of them per area [1/um2], of which the share `activity` works.

    `reduced`: the scheme's steady flux around each independent cycle; ions bound to the pumps and their displacement
    current are neglected. `full`: each state is an amount that holds ligands and charge; needs explicit binding.
    R, F, T and dG0 are the cell's, so that pump and cell agree on equilibrium; derived constants follow.

    Raises ModelError for an unknown depth, a lumped scheme at full depth, a density that is missing or negative.
    """

    name: str
    scheme: Scheme
    density: float | None = None
    depth: Literal["reduced", "full"] = "reduced"
    activity: float = 1.0
    source: str = ""
    count: float = field(init=False)

    def __post_init__(self) -> None:
        if self.depth not in ("reduced", "full"):
            raise ModelError(f"{self.name}: depth '{self.depth}' is not known{did_you_mean(self.depth, ('reduced', 'full'))}; "
                             "'reduced' is the steady flux, 'full' follows the states in time")
        if self.depth == "full":
            self.scheme.require_explicit()
        density = self.density if self.density is not None else self.scheme.density
        if density is None:
            raise ModelError(f"{self.name}: {self.scheme.name} states no density of pumps; give one, such as 1000 1/um2")
        check_range(self.name, "density", density, "1/um2")
        check_range(self.name, "activity", self.activity, "")
        object.__setattr__(self, "count", density)

    @property
    def strength(self) -> str:
        """Name of its density, which the steady flux is proportional to."""
        return f"{self.name}.density"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """Its passages between these sides."""
        return self._reduced(sides) if self.depth == "reduced" else self._full(sides, start)

    def _reduced(self, sides: Sides) -> Contribution:
        """One passage for each independent cycle."""
        steady = steady_state(self.scheme, self._rates(sides))
        working = symbol(f"{self.name}.amount") * symbol(f"{self.name}.activity")
        passages, turnover = [], []
        for cycle in self.scheme.cycles:
            if cycle.stoichiometry:
                name = self.name if len(self.scheme.cycles) == 1 else f"{self.name}.{cycle.name}"
                per_pump = symbol(f"{name}.cycles")
                turnover.append((cycle.hydrolysed * per_pump, Definition(f"{name}.cycles", "1/ms", steady.fluxes[cycle.name])))
                passages.append(Passage(name, self._moved(cycle.stoichiometry, sides), working * per_pump))
        amount = symbol(self.strength) * sides.area * MOLECULE
        definitions = (Definition(f"{self.name}.amount", "fmol", amount), *(definition for _, definition in turnover),
                       Definition(f"{self.name}.turnover", "1/ms", total(term for term, _ in turnover)))
        return Contribution(passages=tuple(passages), definitions=definitions, parameters=self._parameters())

    def _full(self, sides: Sides, start: Start) -> Contribution:
        """One passage for each step; every state is a species of the inside that holds ligands and charge."""
        rates = self._rates(sides)
        activity = symbol(f"{self.name}.activity")
        passages = []
        for step in self.scheme.steps:
            ahead, back = rates[step.name]
            flux = activity * (ahead * symbol(f"{self._state(step.source)}.amount")
                               - back * symbol(f"{self._state(step.target)}.amount"))
            moved = self._moved(self.scheme.changes[step.name], sides)
            moved[sides.inside, self._state(step.source)] = -1.0
            moved[sides.inside, self._state(step.target)] = 1.0
            taken_up = -sum(count * ligand(name).charge for name, count in self.scheme.changes[step.name].items())
            displaced = taken_up - (self.scheme.charges[step.target] - self.scheme.charges[step.source])
            passages.append(Passage(f"{self.name}.{step.name}", moved, flux, displaced=displaced))
        amount = total(symbol(f"{self._state(state)}.amount") for state in self.scheme.states)
        shares = [Definition(self._state(state), "1", symbol(f"{self._state(state)}.amount") / symbol(f"{self.name}.amount"))
                  for state in self.scheme.states]
        return Contribution(
            passages=tuple(passages), bound=self._bound(sides, start),
            definitions=(Definition(f"{self.name}.amount", "fmol", amount), *shares,
                         Definition(f"{self.name}.turnover", "1/ms", self._turnover())),
            parameters=tuple(each for each in self._parameters() if each.name != self.strength))

    def _turnover(self) -> Expression:
        """Phosphate freed per pump and time."""
        freed = total(change.get("inside.Pi", 0) * symbol(f"{self.name}.{step}.flux")
                      for step, change in self.scheme.changes.items() if change.get("inside.Pi"))
        return freed / symbol(f"{self.name}.amount")

    def _state(self, state: str) -> str:
        return f"{self.name}.{state}"

    def _parameters(self) -> tuple[Parameter, ...]:
        own = (Parameter(f"{self.name}.{p.name}", p.unit, p.value, p.source) for p in self.scheme.parameters)
        return (*own, Parameter(self.strength, "1/um2", self.count, self.source),
                Parameter(f"{self.name}.activity", "1", self.activity))

    def _moved(self, change: Mapping[str, int], sides: Sides) -> dict[tuple[str, str], float]:
        """The scheme's inside and outside as the places of this membrane."""
        places = {"inside": sides.inside, "outside": sides.outside}
        return {(places[ligand(name).place], ligand(name).species): float(count) for name, count in change.items()}

    def _names(self, sides: Sides) -> dict[str, Expression]:
        """The scheme's own names in terms of the cell's."""
        scheme, constants = self.scheme, sides.constants
        places = {"inside": sides.inside, "outside": sides.outside}
        names: dict[str, Expression] = {p.name: symbol(f"{self.name}.{p.name}") for p in scheme.parameters}
        names.update({name: sides.concentration(places[ligand(name).place], ligand(name).species) for name in scheme.ligands})
        names.update({"R": number(constants.R), "F": number(constants.F), "T": symbol("temperature"),
                      DG0: number(sides.standard_hydrolysis), VOLTAGE: sides.potential})
        return names

    def _rates(self, sides: Sides) -> Rates:
        """Forward and backward rate of each step in the cell's names. [1/ms]"""
        resolved = resolved_rates(self.scheme.system, self.scheme.steps)
        flat = substitute([rate for pair in resolved.values() for rate in pair], self._names(sides))
        return dict(zip(resolved, zip(flat[::2], flat[1::2], strict=True), strict=True))

    def _bound(self, sides: Sides, start: Start) -> tuple[Bound, ...]:
        """The states as species, at their steady occupancies in the cell's start."""
        standard = self._standard(sides)
        whole = self.count * start.area * MOLECULE
        shares = self._start_shares(sides, start)
        return tuple(
            Bound(Species(self._state(state), self.scheme.charges[state],
                          {**self.scheme.contents[state], self.name: 1}),
                  whole * shares[state], standard[state], _held(self.scheme.contents[state]))
            for state in self.scheme.states)

    def _start_shares(self, sides: Sides, start: Start) -> dict[str, float]:
        names = {name: f"{sides.inside if ligand(name).place == 'inside' else sides.outside}.{ligand(name).species}"
                 for name in self.scheme.ligands}
        conditions: dict[str, float] = {VOLTAGE: start.values[f"{sides.membrane}.V"]}
        for name, own in names.items():
            if own not in start.values:
                raise ModelError(f"{self.name}: {self.scheme.name} needs '{own}', which the cell does not hold")
            conditions[name] = start.values[own]
        steady = steady_numbers(self.scheme, self.scheme.rates({key: np.asarray(value) for key, value in conditions.items()}))
        return {state: float(share) for state, share in steady.occupancies.items()}

    def _standard(self, sides: Sides) -> dict[str, Expression]:
        """Standard chemical potential of each state, from the rate constants along the scheme, 0 for the first. [J/mol]

        Where forward and backward flux are equal the affinity is zero: mu0(source) - mu0(target) = RT ln(kf/kb)
        + sum of mu0 of what is released - sum of mu0 of what is taken, concentrations referred to 1 M.
        """
        energy = symbol("thermal.energy")
        names = self._names(sides)

        def drop(step: Step) -> Expression:
            ahead, back = substitute([step.forward, step.backward], {**self._derived(sides), **names})
            change = {name: count for name, count in self.scheme.changes[step.name].items()}
            orders = sum(count for name, count in change.items() if ligand(name).species != WATER)
            atp = sum(count for name, count in change.items() if ligand(name).species == "ATP")
            standard = -atp * sides.standard_hydrolysis
            return energy * (log(ahead / back) + orders * float(np.log(MOLAR)) * -1.0) + standard

        found = {self.scheme.states[0]: number(0.0)}
        while len(found) < len(self.scheme.states):
            for step in self.scheme.steps:
                if step.source in found and step.target not in found:
                    found[step.target] = found[step.source] - drop(step)
                elif step.target in found and step.source not in found:
                    found[step.source] = found[step.target] + drop(step)
        return found

    def _derived(self, sides: Sides) -> dict[str, Expression]:
        """Derived constants and definitions of the scheme in the cell's names."""
        resolution = self.scheme.system.resolution
        wanted = [name for name in resolution if "." not in name]
        return dict(zip(wanted, substitute([resolution[name] for name in wanted], self._names(sides)), strict=True))


def _held(elements: Mapping[str, int]) -> dict[str, float]:
    """Dissolved species that a state's elements came from: its ions, its nucleotide, its phosphate."""
    nucleotides = elements.get("N", 0) / 5
    phosphates = elements.get("P", 0) - 3 * nucleotides
    return {"Na": elements.get("Na", 0), "K": elements.get("K", 0), "ATP": nucleotides, "Pi": phosphates}
