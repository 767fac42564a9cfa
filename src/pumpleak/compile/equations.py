"""A System with its blocks written out and its definitions resolved: the numbers that the generator sees, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pumpleak.base.errors import ModelError
from pumpleak.compile.fluxes import Fluxes, decompose
from pumpleak.system.expression import Expression, gradients, serialise
from pumpleak.system.system import TIME, System

Slopes = dict[tuple[int, int], Expression]  # (flux, state) -> derivative; in order of fluxes, then states


@dataclass(frozen=True)
class Equations:
    """M y' = rates, q' = quadratures and what is watched or shown, all in states, parameters and time alone.

    `least` are the indices of quadratures whose extreme rates are kept; an assignment maps state indices to new values;
    `excitable` are the states, by index, of each membrane that can fire.
    """

    name: str
    states: tuple[str, ...]
    mass: tuple[float, ...]
    parameters: tuple[str, ...]
    rates: tuple[Expression, ...]
    quadratures: tuple[Expression, ...]
    least: tuple[int, ...]
    triggers: tuple[Expression, ...]
    assignments: tuple[dict[int, Expression], ...]
    definitions: tuple[Expression, ...]
    excitable: tuple[tuple[int, ...], ...] = ()

    @property
    def both(self) -> tuple[Expression, ...]:
        """Rates of the states and, after them, of the quadratures."""
        return self.rates + self.quadratures

    @cached_property
    def fluxes(self) -> Fluxes:
        """The rates taken apart into what they share."""
        return decompose(self.both)

    @cached_property
    def conserves(self) -> bool:
        """Whether some sum of states and quadratures cannot change, whatever the fluxes: their counts depend on each other."""
        counts = np.zeros((len(self.both), 1 + len(self.fluxes.fluxes)))  # never empty
        for row, by_flux in enumerate(self.fluxes.counts):
            for flux, factor in by_flux.items():
                counts[row, flux] = factor
        sizes = np.max(np.abs(counts), axis=1, keepdims=True, initial=0.0)
        return bool(np.linalg.matrix_rank(counts / np.where(sizes > 0.0, sizes, 1.0)) < len(counts))

    @cached_property
    def slopes(self) -> Slopes:
        """d(flux)/d(state): the non-zero entries."""
        column = {name: index for index, name in enumerate(self.states)}
        found = gradients(self.fluxes.fluxes, self.states)
        return {(flux, column[name]): slope for flux, by_name in enumerate(found)
                for name, slope in sorted(by_name.items(), key=lambda item: column[item[0]])}

    @cached_property
    def jacobian(self) -> dict[tuple[int, int], list[tuple[int, float]]]:
        """d(rate)/d(state) of the states: each non-zero entry as slots of `slopes` and their factors."""
        by_flux: dict[int, list[tuple[int, int]]] = {}
        for slot, (flux, column) in enumerate(self.slopes):
            by_flux.setdefault(flux, []).append((slot, column))
        entries: dict[tuple[int, int], list[tuple[int, float]]] = {}
        for row in range(len(self.states)):
            for flux, factor in self.fluxes.counts[row].items():
                for slot, column in by_flux.get(flux, ()):
                    entries.setdefault((row, column), []).append((slot, factor))
        return dict(sorted(entries.items()))

    @cached_property
    def drift(self) -> dict[int, Expression]:
        """d(rate)/d(time) of the rows that depend on time explicitly."""
        found = gradients(self.both, [TIME])
        return {row: by_name[TIME] for row, by_name in enumerate(found) if TIME in by_name}

    def serialise(self) -> str:
        """A canonical text of everything the generated code depends on; values of parameters are not part of it."""
        parts = [" ".join(map(repr, names)) for names in (self.states, self.parameters)]
        parts += [" ".join(value.hex() for value in self.mass), repr(self.least), repr(self.excitable)]
        parts.append(repr([sorted(assigned) for assigned in self.assignments]))
        parts.append(repr([len(group) for group in (self.rates, self.quadratures, self.triggers, self.definitions)]))
        parts.append(serialise([*self.both, *self.triggers, *self.definitions,
                                *(assigned[index] for assigned in self.assignments for index in sorted(assigned))]))
        return "\n".join(parts)


def equations(system: System) -> Equations:
    """The equations of a system without blocks.

    Raises ModelError for a system without states, a negative or infinite mass, and an event that assigns to what is not
    a state.
    """
    if not system.states:
        raise ModelError(f"{system.name}: a system of {len(system.states)} states cannot be solved; give it a state")
    masses = tuple(float(state.mass) for state in system.states)
    for state, mass in zip(system.states, masses, strict=True):
        if not 0.0 <= mass < float("inf"):
            raise ModelError(f"{state.name}: mass {mass:g}; the factor of its rate must be 0 (algebraic) or positive")
        if not mass and any(state.name in group for group in system.excitable):
            raise ModelError(f"{state.name}: mass {mass:g}, but it is called excitable; only what changes in time can fire")
    index = {name: place for place, name in enumerate(system.state_names)}
    return Equations(
        name=system.name, states=system.state_names, mass=masses,
        parameters=tuple(parameter.name for parameter in system.parameters),
        rates=tuple(system.resolve([system.rates[name] for name in system.state_names])),
        quadratures=tuple(system.resolve([quadrature.rate for quadrature in system.quadratures])),
        least=tuple(place for place, quadrature in enumerate(system.quadratures) if quadrature.least),
        triggers=tuple(system.resolve([event.trigger for event in system.events])),
        assignments=_assignments(system, index),
        definitions=tuple(system.resolve([definition.expression for definition in system.definitions])),
        excitable=tuple(tuple(index[name] for name in group) for group in system.excitable))


def _assignments(system: System, index: dict[str, int]) -> tuple[dict[int, Expression], ...]:
    result: list[dict[int, Expression]] = []
    for event in system.events:
        for name in event.assignments:
            if name not in index:
                raise ModelError(f"{event.name}: sets '{name}', which is not a state; only states can be set")
        names: Sequence[str] = sorted(event.assignments, key=index.__getitem__)
        values = system.resolve([event.assignments[name] for name in names])
        result.append({index[name]: value for name, value in zip(names, values, strict=True)})
    return tuple(result)
