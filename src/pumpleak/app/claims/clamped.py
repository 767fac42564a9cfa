"""A cell whose contents are held while its potential moves: the current that flows once the fast gates have followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pumpleak.app.bench import Array
from pumpleak.formats.catalog import light
from pumpleak.lab.programs import program_for
from pumpleak.lab.rest import Rest
from pumpleak.solve.program import Program

CHARGE, PUMP = "membrane.charge", "pump.activity"
FAST = 500.0  # ms: what steps of voltage last; slow inactivation takes seconds and stands still meanwhile
SETTLINGS = 40  # Newton steps, more than enough: a gate's own rate is linear in it, and gates do not see each other


@dataclass(frozen=True)
class Clamped:
    """A cell at rest and around it: its states and parameters, the place of the charge, those of the gates that follow.

    capacitance [pF].
    """

    program: Program
    states: Array
    parameters: Array
    charge: int
    gates: NDArray[np.intp]
    capacitance: float

    @classmethod
    def of(cls, rest: Rest, pump: bool = True) -> Clamped:
        """That of a cell of the catalogue where it rests, with its pump or without."""
        program = program_for(light(rest.model))
        labels = program.labels
        states = np.array([rest.values[state.name] for state in labels.states])
        parameters = np.array([0.0 if label.name == PUMP and not pump else rest.values[label.name]
                               for label in labels.parameters])
        slopes = np.diag(program.jacobian(0.0, states, parameters))
        gates = [place for place, state in enumerate(labels.states)
                 if state.unit in ("", "1") and slopes[place] * FAST < -1.0]
        return cls(program, states, parameters, [state.name for state in labels.states].index(CHARGE),
                   np.array(gates, dtype=np.intp), rest.values["membrane.capacitance"])

    def current(self, depolarised: float = 0.0) -> float:
        """Net current so far above rest [mV], positive outward. [pA]"""
        return float(-self.program.rhs(0.0, self._at(depolarised), self.parameters)[self.charge])

    def slope(self, depolarised: float = 0.0) -> float:
        """dI/dV so far above rest [mV], what the fast gates do included. [nS]"""
        jacobian = self.program.jacobian(0.0, self._at(depolarised), self.parameters)
        across = jacobian[np.ix_(self.gates, self.gates)]
        followed = jacobian[self.charge, self.gates] @ np.linalg.solve(across, jacobian[self.gates, self.charge])
        return float(-(jacobian[self.charge, self.charge] - followed) * self.capacitance)

    @property
    def settling(self) -> float:
        """The slowest decay of a departure of the potential and the fast gates from rest. [ms]"""
        own = np.array([self.charge, *self.gates])
        rates = np.linalg.eigvals(self.program.jacobian(0.0, self.states, self.parameters)[np.ix_(own, own)]).real
        return float(-1.0 / np.max(rates))

    def _at(self, depolarised: float) -> Array:
        """The states at another potential, the fast gates where they come to rest there."""
        states = self.states.copy()
        states[self.charge] += depolarised * self.capacitance
        for _ in range(SETTLINGS if self.gates.size else 0):
            jacobian = self.program.jacobian(0.0, states, self.parameters)[np.ix_(self.gates, self.gates)]
            states[self.gates] -= np.linalg.solve(jacobian, self.program.rhs(0.0, states, self.parameters)[self.gates])
        return states
