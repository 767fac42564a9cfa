"""Least squares within bounds from many starts, the best so far always at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from pumpleak.base.errors import SolveError
from pumpleak.fitting.data import Array
from pumpleak.fitting.objective import HOPELESS, Objective

# Relative changes of cost and coordinates below which a search ends: exact data are then met to more than six digits.
FINE = 1e-10
# Enough for differences of cost of 1e-4 among costs of 100, where intervals are drawn at 2.7.
ROUGH = 1e-6
MOST = 300  # evaluations of one search; those that converge take some tens
# A part of the range of an unknown from its bound within which it counts as being at it: the search stays inside.
AT_BOUND = 1e-4
DECADES = 4.6  # two decades, ln 100: the range of an unknown that is not logarithmic weighs as much in the size of steps

Told = Callable[[int, float, float], None]


@dataclass
class Best:
    """The best coordinates so far, by cost (sum of squares)."""

    x: Array
    cost: float = np.inf
    costs: list[float] = field(default_factory=list)
    evaluations: int = 0

    def heard(self, x: Array, cost: float) -> None:
        """Take note of an evaluation."""
        self.evaluations += 1
        if cost < self.cost:
            self.x, self.cost = np.array(x), cost


def minimise(objective: Objective, start: Array, free: NDArray[np.intp] | None = None,
             tolerance: float = FINE) -> tuple[Array, float]:
    """Coordinates of a minimum near `start` and its cost; only those with an index in `free` move.

    Raises SolveError where nothing can be computed at the start.
    """
    lower, upper = objective.bounds
    moving = np.arange(len(start)) if free is None else free
    x = np.clip(start, lower, upper)
    if not len(moving):
        at = objective.residuals(x)
        return x, float(at @ at)

    def whole(part: Array) -> Array:
        full = x.copy()
        full[moving] = part
        return full

    margin = 1e-9 * (upper - lower)[moving]  # the method begins strictly inside
    begin = np.clip(x[moving], lower[moving] + margin, upper[moving] - margin)

    def residuals(part: Array) -> Array:
        return objective.residuals(whole(part))

    def slopes(part: Array) -> Array:
        return objective.jacobian(whole(part))[:, moving]

    found = least_squares(
        residuals, begin, jac=slopes, bounds=(lower[moving], upper[moving]),
        x_scale=scale_of(objective)[moving], loss=objective.problem.loss,
        ftol=tolerance, xtol=tolerance, gtol=tolerance, max_nfev=MOST)
    cost = 2.0 * float(found.cost)
    if cost >= 0.5 * HOPELESS:
        place = ", ".join(f"{name} = {value:.4g}" for name, value in zip(objective.names, objective.values(x), strict=True))
        raise SolveError(f"{objective.problem.name}: nothing can be computed near {place}", hint="narrow the bounds")
    return whole(cast(Array, found.x)), cost


def scale_of(objective: Objective) -> Array:
    """The size of a step that matters, of each coordinate: one e-fold of a logarithm, as much of a range."""
    lower, upper = objective.bounds
    logarithmic = np.array([each.logarithmic for each in objective.unknowns])
    return np.where(logarithmic, 1.0, (upper - lower) / DECADES)


def starts_of(objective: Objective, count: int, seed: int) -> list[Array]:
    """The start that was given, and a Latin hypercube within the bounds: each part of each range is tried once."""
    lower, upper = objective.bounds
    random = np.random.default_rng(seed)
    others = count - 1
    strata = np.array([random.permutation(others) for _ in lower]).T if others else np.zeros((0, len(lower)))
    drawn = (strata + random.random(strata.shape)) / max(others, 1)
    return [objective.start, *(lower + row * (upper - lower) for row in drawn)]


def search(objective: Objective, starts: list[Array], best: Best, told: Told | None = None) -> None:
    """Search from each start, keeping the best; told (number of the start, its cost, the best cost) after each.

    Raises SolveError where no start leads anywhere. An interruption leaves the best so far in `best`.
    """
    objective.heard = best.heard
    failure: SolveError | None = None
    try:
        for number, start in enumerate(starts, start=1):
            try:
                x, cost = minimise(objective, start)
            except SolveError as error:
                failure, cost = error, np.inf
            else:
                robust = objective.problem.loss != "linear"  # its cost is not the sum of squares that was heard on the way
                if cost <= (min(best.costs, default=np.inf) if robust else best.cost):
                    best.x, best.cost = x, cost
            best.costs.append(cost)
            if told is not None:
                told(number, cost, min(best.costs))
    finally:
        objective.heard = None
    if not np.isfinite(min(best.costs)) and failure is not None:
        raise failure
