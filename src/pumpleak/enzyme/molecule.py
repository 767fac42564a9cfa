"""One molecule of an enzyme at one condition: a jump process between its states, and what each jump moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.enzyme.asked import require_mapping, require_scheme
from pumpleak.enzyme.conditions import Conditions, surroundings
from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.relaxation import shares_of
from pumpleak.enzyme.response import PER_SECOND, Response, respond
from pumpleak.enzyme.scheme import Scheme

# Sodium counts where it arrives outside, potassium inside, ATP when its phosphate leaves, charge [e] outward.
QUANTITIES = ("ATP", "Na", "K", "charge")
_LIGANDS = {"Na": "outside.Na", "K": "inside.K"}


@dataclass(frozen=True)
class Transition:
    """A step in one direction, from state to state (their places in the scheme). rate [1/ms]; moved: quantity -> amount."""

    name: str
    step: str
    direction: int
    source: int
    target: int
    rate: float
    moved: Mapping[str, float]


@dataclass(frozen=True)
class Molecule:
    """One molecule of a scheme at one condition; `steady` is what the mean of many does."""

    scheme: Scheme
    steady: Response

    def __str__(self) -> str:
        return (f"one molecule of {self.scheme.name}: {len(self.scheme.states)} states, {len(self.transitions)} transitions, "
                f"{self.jumps:.4g} jumps/s")

    __repr__ = __str__

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Both directions of each step, in the order of the scheme."""
        at = {state: index for index, state in enumerate(self.scheme.states)}
        found = []
        for step in self.scheme.steps:
            forward, backward = (float(rate) for rate in self.steady.rates[step.name])
            source, target = at[step.source], at[step.target]
            moved = {name: self._moved(step.name, name) for name in QUANTITIES}
            back = {name: -value for name, value in moved.items()}
            found.append(Transition(f"{step.name}.forward", step.name, 1, source, target, forward, moved))
            found.append(Transition(f"{step.name}.backward", step.name, -1, target, source, backward, back))
        return tuple(found)

    def _moved(self, step: str, quantity: str) -> float:
        """What one forward turn of a step adds to a quantity."""
        if quantity == "charge":
            return next(each.charge for each in self.scheme.steps if each.name == step)
        if quantity == "ATP":
            return float(sum(cycle.hydrolysed * cycle.passages[step] for cycle in self.scheme.cycles if cycle.name == step))
        return float(self.scheme.changes[step].get(_LIGANDS.get(quantity, quantity), 0))

    def moved(self, quantity: str) -> Numbers:
        """What each transition adds to a quantity: ATP, Na, K, charge [e], a ligand's place, or net turns of a step.

        Raises NameUnknown for one that no step moves and that is no step.
        """
        names = [step.name for step in self.scheme.steps]
        if quantity in names:
            return np.array([float(each.direction * (each.step == quantity)) for each in self.transitions])
        ligands = sorted({name for change in self.scheme.changes.values() for name in change})
        if quantity not in (*QUANTITIES, *ligands):
            raise NameUnknown(f"{self.scheme.name}: nothing that it moves is called {shown(quantity)}"
                              f"{did_you_mean(quantity, [*QUANTITIES, *ligands, *names])}")
        return np.array([each.direction * self._moved(each.step, quantity) for each in self.transitions])

    @cached_property
    def sources(self) -> NDArray[np.int64]:
        """The state that each transition leaves."""
        return np.array([each.source for each in self.transitions], dtype=np.int64)

    @cached_property
    def targets(self) -> NDArray[np.int64]:
        """The state that each transition leads to."""
        return np.array([each.target for each in self.transitions], dtype=np.int64)

    @cached_property
    def rates(self) -> Numbers:
        """Of each transition. [1/s]"""
        return np.array([PER_SECOND * each.rate for each in self.transitions])

    @cached_property
    def shares(self) -> Numbers:
        """Chance of each state in the steady state. []"""
        return shares_of(self.steady)

    @cached_property
    def dwells(self) -> Numbers:
        """Mean time in each state; without limit where nothing leaves it. [s]"""
        leaving = np.bincount(self.sources, self.rates, len(self.shares))
        found = np.divide(1.0, leaving, out=np.full(len(leaving), np.inf), where=leaving > 0.0)
        return np.asarray(found, dtype=np.float64)

    @property
    def jumps(self) -> float:
        """Transitions of all kinds in the steady state. [1/s]"""
        return float(self.rates @ self.shares[self.sources])

    def traffic(self, weights: Numbers | None = None) -> Numbers:
        """Rate from each state (row) to each other one (column), each transition times its weight. [1/s]"""
        result = np.zeros((len(self.shares), len(self.shares)))
        np.add.at(result, (self.sources, self.targets), self.rates if weights is None else self.rates * weights)
        return result

    def state(self, name: str) -> int:
        """The place of a state.

        Raises NameUnknown for one that there is not.
        """
        if name not in self.scheme.states:
            raise NameUnknown(f"{self.scheme.name}: it has no state {shown(name)}{did_you_mean(name, self.scheme.states)}")
        return self.scheme.states.index(name)


def molecule_at(scheme: Scheme, given: Conditions | None = None, base: str = "") -> Molecule:
    """One molecule of a scheme at one condition, `given` over the named condition `base`.

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme, and for arrays; SolveError where
    ligands that are absent leave more than one state in which the enzyme may end up.
    """
    require_scheme(scheme, "molecule")
    require_mapping(scheme.name, given or {})
    for name, value in surroundings(scheme, given or {}, base).items():
        if value.shape:
            raise ModelError(f"{scheme.name}: a molecule meets one condition, but {name} has the shape {value.shape}; take its "
                             "values one at a time")
    return Molecule(scheme, respond(scheme, given, base))
