"""Half-activations: concentrations at which the turnover is half-way between those at both ends of a span, found together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import SolveError
from pumpleak.enzyme.sensitivity import Sensitivity
from pumpleak.fitting.data import Array

GRID = 49  # concentrations among which a half-activation is first looked for
NARROWED = 2  # times that the interval is cut to 1/48: from nine decades to 0.004 of one, from where Newton's steps converge
NEWTON = 3  # each squares what is off, 1e-2 to below rounding
NEARBY = 1e-4  # change of the logarithm by which the slope for such a step is taken; it need not be exact
WIDE = 3e-3  # the same for differences of fourth order: off by 1e-11 from curvature and 1e-13 from rounding


@dataclass(frozen=True)
class Halves:
    """Points whose half-activation is looked for: their places among all conditions, their ligands and spans [mM].

    weights: what each turn of each cycle adds to the turnover.
    """

    sensitivity: Sensitivity
    places: NDArray[np.intp]
    ligands: tuple[str, ...]
    spans: Array
    weights: Mapping[str, float]

    def found(self, around: Mapping[str, Any], values: Sequence[float]) -> Array:
        """The concentrations. [mM]

        Raises SolveError where the turnover does not change with a ligand.
        """
        ends = self._turnover(around, values, self.spans)
        wanted, rising = 0.5 * (ends[0] + ends[1]), np.sign(ends[1] - ends[0])
        low, high = np.log(self.spans)
        columns = np.arange(len(self.ligands))
        for _ in range(NARROWED):
            grid = np.linspace(low, high, GRID)
            above = (self._turnover(around, values, np.exp(grid)) - wanted) * rising >= 0.0
            above[-1] = True
            index = np.maximum(np.argmax(above, axis=0), 1)
            low, high = grid[index - 1, columns], grid[index, columns]
        place = 0.5 * (low + high)
        for _ in range(NEWTON):
            three = self._turnover(around, values, np.exp(place + NEARBY * np.array([[-1.0], [0.0], [1.0]])))
            slope = (three[2] - three[0]) / (2.0 * NEARBY)
            if not np.all(np.abs(slope) > 0.0):
                ligand = self.ligands[int(np.argmin(np.abs(slope)))]
                raise SolveError(f"the turnover does not change with {ligand}, so that it has no half",
                                 hint="narrow the bounds of what is fitted")
            place = np.clip(place - (three[1] - wanted) / slope, low - 1.0, high + 1.0)
        return np.asarray(np.exp(place), dtype=np.float64)

    def steepness(self, around: Mapping[str, Any], values: Sequence[float]) -> Array:
        """Derivative of the turnover by the logarithm of the ligand, where it stands. [1/s]"""
        place = np.array([around[ligand][at] for ligand, at in zip(self.ligands, self.places, strict=True)])
        at = self._turnover(around, values, place * np.exp(WIDE * np.array([[-2.0], [-1.0], [1.0], [2.0]])))
        return np.asarray((8.0 * (at[2] - at[1]) - (at[3] - at[0])) / (12.0 * WIDE))

    def _turnover(self, around: Mapping[str, Any], values: Sequence[float], concentrations: Array) -> Array:
        """Turnover at other concentrations (rows) of each point's ligand. [1/s]"""
        rows = len(concentrations)
        there = {name: np.tile(each[self.places], (rows, 1)) if np.ndim(each) else each for name, each in around.items()}
        for column, ligand in enumerate(self.ligands):
            there[ligand][:, column] = concentrations[:, column]
        flat = {name: each.ravel() if np.ndim(each) else each for name, each in there.items()}
        fluxes = self.sensitivity.steady(flat, values).fluxes
        total = np.sum([weight * fluxes[name] for name, weight in self.weights.items()], axis=0)
        return np.reshape(np.asarray(total, dtype=np.float64), concentrations.shape)
