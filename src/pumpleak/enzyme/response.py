"""How a scheme answers its surroundings in the steady state: turnover, current, fluxes, occupancies, energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pumpleak.enzyme.asked import require_scheme, spanned, unit_of
from pumpleak.enzyme.closure import reduced_affinity
from pumpleak.enzyme.conditions import Conditions, surroundings
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.enzyme.energy import hydrolysis_energy, ion_potential
from pumpleak.enzyme.rates import Numbers, Rates
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import steady_numbers, step_fluxes
from pumpleak.enzyme.step import ligand

PER_SECOND = 1e3  # rates are 1/ms inside
FULLEST = 3  # states that a summary names


@dataclass(frozen=True)
class Response:
    """The steady state of one enzyme; every array has the shape to which the conditions broadcast.

    conditions: concentrations [mM] and membrane.V [mV]. cycle_fluxes: net flux around each cycle [1/s]. added: what
    appears at each ligand's place [1/s]. affinities: what one turn of each cycle releases [J/mol]. rates: forward and
    backward of each step [1/ms].
    """

    scheme: Scheme
    conditions: Mapping[str, Numbers]
    rates: Rates
    occupancies: Mapping[str, Numbers]
    cycle_fluxes: Mapping[str, Numbers]
    added: Mapping[str, Numbers]
    affinities: Mapping[str, Numbers]

    def __str__(self) -> str:
        lines = [f"{self.scheme.name} in the steady state"]
        if self.turnover.size > 1:
            lines[0] += f" at {self.turnover.size} conditions (from the least to the greatest)"
        lines.append("  " + ", ".join(f"{name} {spanned(value)} {unit_of(name)}"
                                      for name, value in self.conditions.items()))
        ions = {"Na out": self.Na, "K in": self.K}
        lines.append(f"  turnover {spanned(self.turnover)} /s, "
                     + "".join(f"{name} {spanned(value)} /s, " for name, value in ions.items() if np.any(value))
                     + f"current {spanned(self.current)} e/s")
        affinity = self.affinities[self.first]
        if np.all(np.isfinite(affinity)):
            lines.append(f"  affinity of {self.scheme.cycles[0].reaction}: {spanned(affinity / 1e3)} kJ/mol")
        fullest = sorted(self.occupancies, key=lambda state: -float(np.mean(self.occupancies[state])))[:FULLEST]
        lines.append("  mostly in " + ", ".join(f"{state} {spanned(self.occupancies[state])}" for state in fullest
                                               if np.any(self.occupancies[state])))
        if self.trapped:
            lines.append(f"  all of it ends up in {', '.join(self.trapped)}, which it does not leave under these conditions")
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def first(self) -> str:
        """Name of the first cycle, the coupled one of a pump that slips."""
        return self.scheme.cycles[0].name

    @property
    def trapped(self) -> tuple[str, ...]:
        """States in which, under some of the conditions, all of the enzyme ends up, since no step leaves them at all."""
        leaving: dict[str, Numbers] = {state: np.zeros_like(self.turnover) for state in self.scheme.states}
        for step in self.scheme.steps:
            forward, backward = self.rates[step.name]
            leaving[step.source] = leaving[step.source] + forward
            leaving[step.target] = leaving[step.target] + backward
        return tuple(state for state, rate in leaving.items() if np.any((rate == 0.0) & (self.occupancies[state] == 1.0)))

    @property
    def turnover(self) -> Numbers:
        """ATP used by one pump, or turns of the first cycle where there is no ATP. [1/s]"""
        if any(cycle.hydrolysed for cycle in self.scheme.cycles):
            return self.ATP
        return self.cycle_fluxes[self.first]

    @property
    def current(self) -> Numbers:
        """Charge that one pump moves outward. [e/s]"""
        return self._summed({cycle.name: cycle.charge for cycle in self.scheme.cycles})

    @property
    def ATP(self) -> Numbers:
        """ATP that one pump uses. [1/s]"""
        return self._summed({cycle.name: cycle.hydrolysed for cycle in self.scheme.cycles})

    @property
    def Na(self) -> Numbers:
        """Sodium that one pump carries out. [1/s]"""
        return self.transported("outside.Na")

    @property
    def K(self) -> Numbers:
        """Potassium that one pump carries in. [1/s]"""
        return self.transported("inside.K")

    @property
    def Na_per_ATP(self) -> Numbers:
        """Sodium carried out for each ATP; not a number where no ATP is used or made. []"""
        return _ratio(self.Na, self.ATP)

    @property
    def K_per_ATP(self) -> Numbers:
        """Potassium carried in for each ATP; not a number where no ATP is used or made. []"""
        return _ratio(self.K, self.ATP)

    @property
    def reactions(self) -> dict[str, Numbers]:
        """Net flux through each net reaction: the cycles that move something, those that move the same together. [1/s]"""
        result: dict[str, Numbers] = {}
        for cycle in self.scheme.cycles:
            if cycle.stoichiometry:
                result[cycle.reaction] = result.get(cycle.reaction, 0.0) + self.cycle_fluxes[cycle.name]
        return result

    @property
    def work(self) -> dict[str, Numbers]:
        """Work that a mole of pumps does on each ion; negative where the ion drives them. [J/mol/s]"""
        result: dict[str, Numbers] = {}
        for name, rate in self.added.items():
            species = ligand(name).species
            if species not in HYDROLYSIS:
                part = _power(rate, ion_potential(self.scheme, name, self.conditions))
                with np.errstate(invalid="ignore"):  # an ion absent on both sides
                    result[species] = result.get(species, 0.0) + part
        return result

    @property
    def work_per_ATP(self) -> dict[str, Numbers]:
        """Work on each ion for each ATP; not a number where no ATP is used or made. [J/mol]"""
        return {ion: _ratio(power, self.ATP) for ion, power in self.work.items()}

    @property
    def supplied(self) -> Numbers:
        """Free energy that ATP supplies to a mole of pumps, -dG_ATP for each; negative where it is made. [J/mol/s]"""
        if not any(cycle.hydrolysed for cycle in self.scheme.cycles):
            return np.zeros_like(self.turnover)
        return _power(self.ATP, -hydrolysis_energy(self.scheme, self.conditions))

    @property
    def efficiency(self) -> Numbers:
        """Share of the free energy of ATP that the whole pump stores in ion gradients, over all its cycles. []

        Never above 1, by the second law; below 0 where ATP and ions both run down. Not a number where ATP supplies
        nothing: where none is used, and where the pump makes it.
        """
        supplied = self.supplied
        with np.errstate(invalid="ignore"):  # ions that gain and lose without limit leave no number
            stored = np.asarray(sum(self.work.values()), dtype=np.float64)
        return np.where(supplied > 0.0, _ratio(stored, supplied), np.nan)

    @property
    def cycle_dissipation(self) -> dict[str, Numbers]:
        """Free energy that a mole of pumps loses in each cycle, flux times affinity. [J/mol/s]

        One cycle may run uphill, driven by another; only their sum cannot be negative.
        """
        return {name: _power(self.cycle_fluxes[name], affinity) for name, affinity in self.affinities.items()}

    @property
    def dissipation(self) -> Numbers:
        """Free energy that a mole of pumps loses, the sum over cycles of flux times affinity. [J/mol/s]"""
        with np.errstate(invalid="ignore"):  # cycles that gain and lose without limit leave no number
            return np.asarray(np.sum(list(self.cycle_dissipation.values()), axis=0), dtype=np.float64)

    @property
    def balance(self) -> dict[str, Numbers]:
        """Net over gross flux of each step, 0 at equilibrium and 1 where it runs one way. []"""
        result = {}
        for step in self.scheme.steps:
            forward = self.rates[step.name][0] * self.occupancies[step.source]
            backward = self.rates[step.name][1] * self.occupancies[step.target]
            gross = forward + backward
            result[step.name] = np.abs(forward - backward) / np.where(gross > 0.0, gross, 1.0)
        return result

    @property
    def step_fluxes(self) -> dict[str, Numbers]:
        """Net forward flux of each step. [1/s]"""
        return step_fluxes(self.scheme, self.cycle_fluxes)

    def at(self, place: int) -> Response:
        """The steady state at one of the conditions, counted through in their order."""
        def one(values: Mapping[str, Numbers]) -> dict[str, Numbers]:
            return {name: np.asarray(np.broadcast_to(value, shape).flat[place]) for name, value in values.items()}

        shape = self.turnover.shape
        rates = {name: tuple(one({"": rate})[""] for rate in pair) for name, pair in self.rates.items()}
        return Response(self.scheme, one(self.conditions), {name: (pair[0], pair[1]) for name, pair in rates.items()},
                        *(one(each) for each in (self.occupancies, self.cycle_fluxes, self.added, self.affinities)))

    def transported(self, ligand: str) -> Numbers:
        """What one pump adds to the place of a ligand such as `outside.Na`; 0 for one it does not move. [1/s]"""
        return self.added.get(ligand, np.zeros_like(self.current))

    def _summed(self, weights: Mapping[str, float]) -> Numbers:
        parts = [weight * self.cycle_fluxes[name] for name, weight in weights.items()]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def _ratio(of: Numbers, to: Numbers) -> Numbers:
    """One over the other; not a number where the second is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(to == 0.0, np.nan, of / to), dtype=np.float64)


def _power(rate: Numbers, energy: Numbers) -> Numbers:
    """Rate times energy; no rate against an unlimited energy (an absent ligand) moves none."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(rate == 0.0, 0.0, rate * energy), dtype=np.float64)


def respond(scheme: Scheme, given: Conditions | None = None, base: str = "") -> Response:
    """The steady state of a scheme at given conditions: numbers or arrays that broadcast, over a named condition.

    `pumpleak.steady(scheme, {"membrane.V": np.linspace(-120, 60, 19)}, "physiological")` is a sweep of the voltage. Plain
    numbers are in mM, mV and K; `{"outside.K": "3 mM"}` brings its unit. A ligand may be 0.

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme; SolveError where ligands that are
    absent leave more than one state in which the enzyme may end up.
    """
    require_scheme(scheme, "steady")
    values = surroundings(scheme, given or {}, base)
    rates = scheme.rates(values)
    steady = steady_numbers(scheme, rates)
    fluxes = {name: flux * PER_SECOND for name, flux in steady.fluxes.items()}
    added: dict[str, Numbers] = {}
    for cycle in scheme.cycles:
        for name, count in cycle.stoichiometry.items():
            part = count * fluxes[cycle.name]
            added[name] = added[name] + part if name in added else part
    shape = np.broadcast_shapes(*(array.shape for array in values.values()))
    thermal = scheme.thermal(values)
    affinities = {cycle.name: np.broadcast_to(reduced_affinity(cycle, values, thermal) * thermal.RT, shape)
                  for cycle in scheme.cycles}
    return Response(scheme, {name: np.broadcast_to(array, shape) for name, array in values.items()}, rates,
                    steady.occupancies, fluxes, added, affinities)
