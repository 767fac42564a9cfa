"""Profile likelihood: how the best cost rises when one constant is held and all others are fitted anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pumpleak.base.errors import SolveError
from pumpleak.fitting.data import Array
from pumpleak.fitting.identify import Interval
from pumpleak.fitting.objective import Objective
from pumpleak.fitting.optimise import ROUGH, minimise

PARTS = 2.0  # steps to where curvature puts the end of the interval, so that its shape is seen
WIDEST = 0.125  # of the range of the constant: the largest first step
NARROWEST = 1e-6  # of the range
MOST = 40  # steps to one side: with a step that doubles where the cost is flat, more than any range needs
FLAT = 0.1  # of the threshold: a step that raises the cost by less may be doubled
SHARP = 0.02  # relative: how well an end is found in the root of the rise, 2 % of half the interval
REFINED = 4  # secant steps for that
BETTER = 1e-3  # a fall of the cost by more means that the search had not found the best


@dataclass(frozen=True)
class Profile:
    """Values of one constant (ascending, coordinates), and by how much the best cost with each is above the least.

    way: all coordinates on the way below the threshold (points, constants). best: the best met, better than the search's by
    `fall`.
    """

    name: str
    coordinates: Array
    rises: Array
    interval: Interval
    way: Array
    best: Array
    fall: float


def profile(objective: Objective, x: Array, cost: float, index: int, threshold: float, half_width: float) -> Profile:
    """Profile of one constant around the best coordinates, up to the threshold or the bounds.

    half_width: where curvature expects the threshold.
    """
    walks = [_Walk(objective, x, cost, index, threshold, sign) for sign in (-1.0, 1.0)]
    for walk in walks:
        walk.go(half_width)
    down, up = walks
    points = sorted({**dict(down.seen), **dict(up.seen), float(x[index]): 0.0}.items())
    deepest = min(walks, key=lambda walk: walk.deepest)
    return Profile(objective.names[index], np.array([at for at, _ in points]), np.array([rise for _, rise in points]),
                   Interval(down.end, up.end, down.open, up.open),
                   np.array([*down.path, *up.path]), deepest.best, -min(0.0, deepest.deepest))


class _Walk:
    """A walk to one side."""

    def __init__(self, objective: Objective, x: Array, cost: float, index: int, threshold: float, sign: float) -> None:
        self.objective, self.cost, self.index, self.threshold, self.sign = objective, cost, index, threshold, sign
        self.free = np.delete(np.arange(len(x)), index)
        lower, upper = objective.bounds
        self.range = float(upper[index] - lower[index])
        self.last = float(lower[index] if sign < 0.0 else upper[index])
        self.path = [np.array(x)]
        self.seen: list[tuple[float, float]] = []
        self.open, self.end = True, self.last
        self.best, self.deepest = np.array(x), 0.0

    def go(self, half_width: float) -> None:
        """Walk until the threshold is passed or the bound is reached."""
        step = float(np.clip(half_width / PARTS, NARROWEST * self.range, WIDEST * self.range))
        before = (float(self.path[0][self.index]), 0.0)
        for _ in range(MOST):
            left = abs(self.last - before[0])
            if left <= NARROWEST * self.range:
                return
            at = before[0] + self.sign * min(step, left)
            rise = self._rise(at)
            if rise > self.threshold:
                self.open, self.end = False, self._between(before, (at, rise))
                return
            if rise - before[1] < FLAT * self.threshold:
                step = min(2.0 * step, 2.0 * WIDEST * self.range)
            before = (at, rise)

    def _rise(self, at: float) -> float:
        """Rise of the cost with the constant held there; far too much where nothing can be computed."""
        guess = np.array(self.path[-1])
        if len(self.path) > 1:
            gone = self.path[-1][self.index] - self.path[-2][self.index]
            if gone:
                guess += (self.path[-1] - self.path[-2]) * (at - self.path[-1][self.index]) / gone
        guess[self.index] = at
        try:
            found, cost = minimise(self.objective, guess, self.free, ROUGH)
        except SolveError:
            return 1e3 * self.threshold
        rise = cost - self.cost
        if rise < self.deepest:
            self.best, self.deepest = found, rise
        self.seen.append((at, rise))
        if rise <= self.threshold:
            self.path.append(found)
        return rise

    def _between(self, inside: tuple[float, float], outside: tuple[float, float]) -> float:
        """Where the rise crosses the threshold; its root is all but a straight line there."""
        wanted = np.sqrt(self.threshold)
        for _ in range(REFINED):
            low, high = np.sqrt(max(inside[1], 0.0)), np.sqrt(outside[1])
            at = inside[0] + (outside[0] - inside[0]) * (wanted - low) / (high - low)
            if min(wanted - low, high - wanted) < SHARP * wanted or high - low < 0.5 * wanted:
                break  # near one end, or between two between which the root is straight
            rise = self._rise(at)
            inside, outside = ((at, rise), outside) if rise <= self.threshold else (inside, (at, rise))
        return float(at)
