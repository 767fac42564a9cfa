"""A pump given by an enzyme scheme, at one of two depths: its steady flux (`reduced`) or its states in time (`full`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.constants import MOLECULE
from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import DRUGS, Species
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.drug import TRACE, held, in_reservoir, kept_up, reservoirs, without_elements
from pumpleak.cell.transport.passage import Bound, Contribution, Passage, Start
from pumpleak.enzyme.conditions import surroundings
from pumpleak.enzyme.inhibition import drugs_of, held_drugs, without_drugs
from pumpleak.enzyme.lower import Lowered, lower
from pumpleak.enzyme.occupation import Occupation, occupation
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.reduction import Reduction, reduce
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import steady_numbers, steady_state
from pumpleak.enzyme.step import Step, ligand
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.system.expression import Expression, evaluate, number, substitute, symbol, total
from pumpleak.system.system import Definition, Parameter


@dataclass(frozen=True)
class SchemePump:
    """Pumps of an enzyme scheme, `density` of them per area [1/um2], of which the share `activity` works.

    `reduced`: the scheme's steady flux around each independent cycle that transports, fast binding taken as at equilibrium
    as far as that does not change it; ions bound to the pumps and their displacement current are neglected. Which binding is
    fast is found with the numbers that the cell gives at the start, the scheme's own where it gives none. There `constant`
    [0 to 1] is the share of the flux that stays as it was at the start, whatever happens: 1 makes a pump that feels neither
    ligands nor voltage, and may be driven where it should gain energy, which the ledger then finds. `full`: each state
    is an amount that holds ligands and charge; needs explicit binding. There `activity` slows every step of every pump, so
    that the steady flux is that of the share, but transients and binding are slower in proportion and all pumps hold ions.
    R, F, T and dG0 are the cell's, so that pump and cell agree on equilibrium; derived constants follow. A scheme with
    defects is phenomenological: labelled, and not held to the second law. `file`: where a scheme that is not the catalogue's
    stands, so that a cell with it can be written. Its `turnover` is that of all the pumps, resting ones included: ATP spent
    over their amount.

    A scheme that binds drugs (`inhibit`) gives each a reservoir, `pump.ouabain` [mM], empty unless something is put in; pumps
    begin without drug. `reduced`: the shares of pumps that hold one are followed in time, free pumps are in their steady state;
    the free energy of binding is neglected. `full`: they are states as all others.

    Raises ModelError for an unknown depth, a lumped scheme at full depth, a density that is missing or negative.
    """

    name: str
    scheme: Scheme
    density: float | None = None
    depth: Literal["reduced", "full"] = "reduced"
    activity: float = 1.0
    source: str = ""
    file: str = field(default="", compare=False)
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

    @property
    def reduction(self) -> Reduction:
        """The scheme of pumps without drugs as depth `reduced` uses it, and how near that is."""
        return reduce(without_drugs(self.scheme))

    @property
    def occupation(self) -> Occupation | None:
        """The pools of free pumps and of those with drugs, for a scheme that binds any, at depth `reduced`."""
        return occupation(self.scheme) if self.depth == "reduced" and drugs_of(self.scheme) else None

    def with_numbers(self, values: Mapping[str, float]) -> SchemePump:
        """The same pump with what a cell says otherwise, by dotted name: its scheme's constants and its activity."""
        known = {f"{self.name}.{parameter.name}": parameter.name for parameter in self.scheme.parameters}
        numbers = {known[name]: value for name, value in values.items() if name in known}
        scheme = self.scheme.with_values(numbers) if numbers else self.scheme
        return replace(self, scheme=scheme, activity=values.get(f"{self.name}.activity", self.activity))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What its depth neglects of its scheme, and what its activity means there."""
        if self.depth == "full" and self.activity != 1.0:
            return (f"{self.name}: activity {self.activity:g} at depth 'full' slows every step of every pump: the steady flux "
                    "is that of this share of the pumps, transients and binding are slower in proportion.",)
        drugs = tuple(f"{self.name}: pumps that hold {drug} do nothing; {drug} binds to free pumps in their steady state, and "
                      "the free energy of that is neglected, as that of bound ions; its release is a time constant of "
                      "every rest, also without any."
                      for drug in drugs_of(self.scheme).values() if self.depth == "reduced")
        if self.depth == "full" or not self.reduction.fast:
            return drugs
        idle = [f"{self.name}.{name}" for name in self.reduction.idle]
        later = f" Changed after the start, {', '.join(idle)} would do nothing." if idle else ""
        return (f"{self.name}: {self.reduction.text}, with the constants given at the start.{later}", *drugs)

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """Its passages between these sides."""
        scheme = self.scheme
        if self.depth == "reduced":
            scheme = self.occupation.scheme if self.occupation else self.reduction.scheme
        lowered = lower(scheme, self.name, self._ligands(sides), sides.potential, sides.constants,
                        symbol(TEMPERATURE), sides.hydrolysis)
        given = self._reduced(lowered, sides, start) if self.depth == "reduced" else self._full(lowered, sides, start)
        activity = Parameter(f"{self.name}.activity", "1", self.activity, domain="not negative")
        drugs = reservoirs(self.name, self.scheme).values()
        return replace(given, parameters=(*lowered.parameters, activity, *drugs, *given.parameters),
                       definitions=(*lowered.definitions, *given.definitions),
                       phenomenological=bool(self.scheme.defects))

    def _reduced(self, lowered: Lowered, sides: Sides, start: Start) -> Contribution:
        """One passage for each independent cycle that transports, named by the step that closes it if there are several."""
        taken = self.occupation
        steady = steady_state(taken.free, lowered.rates) if taken else lowered.steady
        shares = held(self.name, taken, lowered, steady.occupancies) if taken else None
        fluxes = steady.fluxes
        at_start, constant = _at_start(lowered, fluxes, start), symbol(f"{self.name}.constant")
        free = symbol(f"{self.name}.free") if taken else number(1.0)
        working = symbol(f"{self.name}.amount") * symbol(f"{self.name}.activity") * free
        passages, definitions, hydrolysed = [], [], []
        parameters = [Parameter(self.strength, "1/um2", self.count, self.source, "not negative"),
                      Parameter(f"{self.name}.constant", "1", 0.0, domain="share")]
        cycles = [cycle for cycle in (taken.free if taken else lowered.scheme).cycles if cycle.stoichiometry]
        for cycle in cycles:
            name = self.name if len(cycles) == 1 else f"{self.name}.{cycle.name}"
            kept = Parameter(f"{name}.cycles_at_start", "1/ms", at_start[cycle.name])
            parameters.append(kept)
            cycles_now = (1.0 - constant) * fluxes[cycle.name] + constant * symbol(kept.name)
            definitions.append(Definition(f"{name}.cycles", "1/ms", cycles_now))
            hydrolysed.append(cycle.hydrolysed * symbol(f"{name}.cycles"))
            passages.append(Passage(name, _moved(cycle.stoichiometry, sides), working * symbol(f"{name}.cycles")))
        amount = symbol(self.strength) * sides.area * MOLECULE
        definitions += [Definition(f"{self.name}.amount", "fmol", amount),
                        Definition(f"{self.name}.turnover", "1/ms", symbol(f"{self.name}.activity") * free * total(hydrolysed)),
                        *(shares.definitions if shares else ())]
        return Contribution(passages=tuple(passages), definitions=tuple(definitions), parameters=tuple(parameters),
                            states=shares.states if shares else ())

    def _full(self, lowered: Lowered, sides: Sides, start: Start) -> Contribution:
        """One passage for each step; every state is a species of the inside that holds ligands and charge."""
        passages = tuple(self._step(step, lowered, sides) for step in self.scheme.steps)
        amounts = {state: symbol(f"{self.name}.{state}.amount") for state in self.scheme.states}
        freed = total(change["inside.Pi"] * symbol(f"{self.name}.{step}.flux")
                      for step, change in self.scheme.changes.items() if "inside.Pi" in change)
        definitions = [Definition(f"{self.name}.amount", "fmol", total(amounts.values())),
                       Definition(f"{self.name}.turnover", "1/ms", freed / symbol(f"{self.name}.amount"))]
        definitions += [Definition(f"{self.name}.{state}", "1", amount / symbol(f"{self.name}.amount"))
                        for state, amount in amounts.items()]
        for drug in drugs_of(self.scheme).values():
            bound_to = [symbol(f"{self.name}.{state}") for state, its in held_drugs(self.scheme).items() if its == drug]
            definitions.append(Definition(f"{self.name}.{drug}_bound", "1", total(bound_to)))
        whole = self.count * start.area * MOLECULE
        shares, outward = self._start_shares(sides, start), self._outward()
        drugs = {name: each for name, each in self._ligands(sides).items() if name in drugs_of(self.scheme)}
        bound = tuple(Bound(Species(f"{self.name}.{state}", self.scheme.charges[state],
                                    {**without_elements(self.scheme.contents[state]), self.name: 1}),
                            whole * shares[state], in_reservoir(lowered.potentials[state], self.scheme.contents[state], drugs),
                            _held(self.scheme.contents[state]), outward[state])
                      for state in self.scheme.states)
        return Contribution(passages=passages, bound=bound, definitions=tuple(definitions))

    def _step(self, step: Step, lowered: Lowered, sides: Sides) -> Passage:
        """One step of all pumps, and the charge that it leaves on their outward part."""
        source, target = f"{self.name}.{step.source}", f"{self.name}.{step.target}"
        ahead, back = lowered.rates[step.name]
        flux = symbol(f"{self.name}.activity") * (ahead * symbol(f"{source}.amount") - back * symbol(f"{target}.amount"))
        change = self.scheme.changes[step.name]
        moved = {**_moved(change, sides), (sides.inside, source): -1.0, (sides.inside, target): 1.0}
        return Passage(f"{self.name}.{step.name}", moved, flux, displaced=self._displaced(step))

    def _displaced(self, step: Step) -> float:
        """Charge that one turn of a step leaves on the outward part: what is taken up, less what the inward part gains. [e]"""
        taken_up = -sum(count * ligand(name).charge for name, count in self.scheme.changes[step.name].items())
        return taken_up - (self.scheme.charges[step.target] - self.scheme.charges[step.source])

    def _outward(self) -> dict[str, float]:
        """Charge on the outward part of every state, the first one's taken as zero: only what steps displace is known. [e]"""
        found = {self.scheme.states[0]: 0.0}
        while len(found) < len(self.scheme.states):
            for step in self.scheme.steps:
                if step.source in found and step.target not in found:
                    found[step.target] = found[step.source] + self._displaced(step)
                elif step.target in found and step.source not in found:
                    found[step.source] = found[step.target] - self._displaced(step)
        return found

    def _ligands(self, sides: Sides) -> dict[str, Expression]:
        """Concentrations that the scheme asks for, on the two sides of this membrane."""
        drugs = {name: symbol(each.name) for name, each in reservoirs(self.name, self.scheme).items()}
        if self.depth == "full":
            drugs = {name: kept_up(concentration) for name, concentration in drugs.items()}
        return {name: sides.concentration(place, species)
                for name in self.scheme.ligands if name not in drugs for place, species in [_at(name, sides)]} | drugs

    def _start_shares(self, sides: Sides, start: Start) -> dict[str, float]:
        """Steady occupancies at the start of the cell, before any drug."""
        conditions: dict[str, ArrayLike] = {VOLTAGE: start.values[f"{sides.membrane}.V"],
                                            TEMPERATURE: start.values[TEMPERATURE]}
        drugs = drugs_of(self.scheme)
        conditions.update(dict.fromkeys(drugs, TRACE))
        for name in self.scheme.ligands:
            if name in drugs:
                continue
            own = ".".join(_at(name, sides))
            if own not in start.values:
                raise ModelError(f"{self.name}: {self.scheme.name} needs '{own}', which the cell does not hold")
            conditions[name] = start.values[own]
        steady = steady_numbers(self.scheme, self.scheme.rates(surroundings(self.scheme, conditions)))
        return {state: float(share) for state, share in steady.occupancies.items()}


def _at(name: str, sides: Sides) -> tuple[str, str]:
    """Place and species of a ligand: the scheme's inside and outside are the places of this membrane."""
    met = ligand(name)
    return (sides.inside if met.place == "inside" else sides.outside), met.species


def _at_start(lowered: Lowered, fluxes: Mapping[str, Expression], start: Start) -> dict[str, float]:
    """Net flux around each cycle with the concentrations, the potential and the constants of the start. [1/ms]"""
    values: dict[str, float] = {each.name: each.value for each in lowered.parameters} | dict(start.values)
    written: dict[str, Expression] = {}
    for each in lowered.definitions:
        written[each.name] = substitute([each.expression], written)[0]
    with np.errstate(all="ignore"):  # what has no value at the start has none in the run either, and is refused there
        found = evaluate(substitute(list(fluxes.values()), written), values)
    return {name: float(value) if np.isfinite(value) else 0.0 for name, value in zip(fluxes, found, strict=True)}


def _moved(change: Mapping[str, int], sides: Sides) -> dict[tuple[str, str], float]:
    """What one turn adds to each place; drugs come from beyond the books."""
    return {_at(name, sides): float(count) for name, count in change.items() if ligand(name).species not in DRUGS}


def _held(elements: Mapping[str, int]) -> dict[str, float]:
    """Dissolved species that a state's elements came from: its ions, its nucleotide, its phosphate."""
    nucleotides = elements.get("N", 0) / 5
    phosphates = elements.get("P", 0) - 3 * nucleotides
    return {"Na": elements.get("Na", 0), "K": elements.get("K", 0), "ATP": nucleotides, "Pi": phosphates}
