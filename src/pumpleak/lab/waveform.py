"""What is read off one curve: crossings between rows, extremes, time above a level, and an exponential return."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

HALVINGS = 50  # of an interval between rows: below the rounding of its times
GRID = 200  # time constants tried before the best is refined: some 12 to a factor of 10
NARROWINGS = 60  # golden sections: a factor of 0.618 each, far below what any data tell


@dataclass(frozen=True)
class Curve:
    """One quantity at its rows; times [ms] ascend, and one that stands twice is an edge, where value or slope may jump.

    Between rows it is the cubic that has the slopes of parabolas through neighbouring rows, on one side only at an edge.
    """

    times: Array
    values: Array

    @cached_property
    def steps(self) -> Array:
        """Time from each row to the next. [ms]"""
        return np.diff(self.times)

    @cached_property
    def chords(self) -> Array:
        """Slope of the chord from each row to the next; 0 across an edge."""
        rise = np.diff(self.values)
        return np.divide(rise, self.steps, out=np.zeros_like(rise), where=self.steps > 0.0)

    @cached_property
    def slopes(self) -> Array:
        """Slope at each row, from the rows on its own side of an edge. [1/ms]"""
        step, chord = np.concatenate([[0.0], self.steps, [0.0]]), np.concatenate([[0.0], self.chords, [0.0]])
        before, after, left, right = step[:-1], step[1:], chord[:-1], chord[1:]
        both = before + after
        inner = np.divide(left * after + right * before, both, out=np.zeros_like(both), where=both > 0.0)
        inner = np.where(before == 0.0, right, np.where(after == 0.0, left, inner))
        # at an edge a parabola through the two rows beyond; where there is but one, the chord
        first = np.flatnonzero((before[:-2] == 0.0) & (after[:-2] > 0.0) & (after[1:-1] > 0.0))
        inner[first] = self._ended(first, first + 1)
        last = np.flatnonzero((after[2:] == 0.0) & (before[2:] > 0.0) & (before[1:-1] > 0.0)) + 2
        inner[last] = self._ended(last - 1, last - 2)
        return inner

    def _ended(self, near: Rows, far: Rows) -> Array:
        """Slope at the outer end of the interval `near` of the parabola through it and the interval `far`."""
        h, k = self.steps[near], self.steps[far]
        return ((2.0 * h + k) * self.chords[near] - h * self.chords[far]) / (h + k)

    def between(self, interval: Rows, share: Array) -> Array:
        """Value at a share (0 to 1) of the intervals that begin at these rows."""
        h, v = self.steps[interval], self.values
        a, b = h * self.slopes[interval], h * self.slopes[interval + 1]
        rise = v[interval + 1] - v[interval]
        return v[interval] + share * (a + share * (3.0 * rise - 2.0 * a - b + share * (a + b - 2.0 * rise)))

    def meets(self, interval: Rows, level: float | Array) -> Array:
        """When it passes a level in the intervals that begin at these rows, whose ends lie on both sides of it. [ms]"""
        low, high = np.zeros(len(interval)), np.ones(len(interval))
        begins_below = self.values[interval] < level
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            before = (self.between(interval, middle) < level) == begins_below
            low, high = np.where(before, middle, low), np.where(before, high, middle)
        return self.times[interval] + 0.5 * (low + high) * self.steps[interval]

    def passing(self, level: float, rising: bool) -> Rows:
        """Rows after which it passes a level, upward or downward."""
        above = self.values >= level
        return np.flatnonzero((above[1:] != above[:-1]) & (above[1:] == rising))

    def crossings(self, level: float, rising: bool) -> Array:
        """When it passes a level, upward or downward. [ms]"""
        return self.meets(self.passing(level, rising), level)

    def time_above(self, level: float) -> float:
        """How long it is above a level. [ms]"""
        ups, downs = self.crossings(level, True), self.crossings(level, False)
        begins = float(self.times[0]) if self.values[0] >= level else 0.0
        ends = float(self.times[-1]) if self.values[-1] >= level else 0.0
        return float(np.sum(downs) + ends - np.sum(ups) - begins)

    def top(self, row: int) -> tuple[float, float]:
        """Time [ms] and value of the peak near a row that is higher than its neighbours, by a parabola through the three."""
        if not 0 < row < len(self.times) - 1 or self.steps[row - 1] == 0.0 or self.steps[row] == 0.0:
            return float(self.times[row]), float(self.values[row])
        h, k, left, right = self.steps[row - 1], self.steps[row], self.chords[row - 1], self.chords[row]
        bend = (right - left) / (h + k)
        slope = left + bend * h
        if bend >= 0.0:
            return float(self.times[row]), float(self.values[row])
        away = float(np.clip(-slope / (2.0 * bend), -h, k))
        return float(self.times[row]) + away, float(self.values[row]) + away * (slope + bend * away)

    def steepest(self, first: int, last: int) -> float:
        """Largest slope from one row to another, at rows and half-way between them. [1/ms]"""
        inner = slice(first, last)
        half = 1.5 * self.chords[inner] - 0.25 * (self.slopes[inner] + self.slopes[first + 1:last + 1])
        lasting = half[self.steps[inner] > 0.0]
        return float(max(np.max(self.slopes[first:last + 1]), np.max(lasting, initial=-np.inf)))


@dataclass(frozen=True)
class Fit:
    """end + amplitude exp(-(t - start)/constant): constant [ms], root mean square of what is left, and its share of the
    variance that is explained."""

    constant: float
    amplitude: float
    end: float
    left: float
    explained: float


def exponential(times: Array, values: Array) -> Fit | None:
    """The best single exponential through some rows, each weighted by the time it stands for.

    None where they tell no time constant: all alike, or best by one far shorter than a row or far longer than the whole.
    """
    t = times - times[0]
    weights = _shares(t)
    spread = float(weights @ (values - weights @ values) ** 2)
    lasting = t[-1] > 0.0 and spread > (1e-12 * float(np.max(np.abs(values)))) ** 2  # more than the rounding of values
    if not lasting:
        return None
    # beyond these a curve through the rows is a step or a straight line
    grid = np.geomspace(0.1 * float(np.min(np.diff(t)[np.diff(t) > 0.0])), 10.0 * float(t[-1]), GRID)
    misses = [_through(t, values, weights, constant)[2] for constant in grid]
    best = int(np.argmin(misses))
    if best in (0, GRID - 1):
        return None
    constant = _narrowed(t, values, weights, float(grid[best - 1]), float(grid[best + 1]))
    end, amplitude, missed = _through(t, values, weights, constant)
    return Fit(constant, amplitude, end, float(np.sqrt(missed)), 1.0 - missed / spread)


def _shares(t: Array) -> Array:
    """The share of the whole time that each row stands for."""
    steps = np.diff(t)
    shares: Array = 0.5 * (np.concatenate([[0.0], steps]) + np.concatenate([steps, [0.0]]))
    return shares / float(np.sum(shares)) if t[-1] > 0.0 else shares


def _through(t: Array, values: Array, weights: Array, constant: float) -> tuple[float, float, float]:
    """End, amplitude and mean square of what is left, for one time constant."""
    shape = np.exp(-t / constant)
    mean_shape, mean = float(weights @ shape), float(weights @ values)
    varied = float(weights @ (shape - mean_shape) ** 2)
    amplitude = float(weights @ ((shape - mean_shape) * (values - mean))) / varied if varied > 0.0 else 0.0
    end = mean - amplitude * mean_shape
    return end, amplitude, float(weights @ (values - end - amplitude * shape) ** 2)


def _narrowed(t: Array, values: Array, weights: Array, low: float, high: float) -> float:
    """The time constant of least misfit between two, by golden section of its logarithm."""
    golden = 0.5 * (np.sqrt(5.0) - 1.0)
    a, b = np.log(low), np.log(high)
    for _ in range(NARROWINGS):
        c, d = b - golden * (b - a), a + golden * (b - a)
        if _through(t, values, weights, float(np.exp(c)))[2] < _through(t, values, weights, float(np.exp(d)))[2]:
            b = d
        else:
            a = c
    return float(np.exp(0.5 * (a + b)))
