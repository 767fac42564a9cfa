"""Exact trajectories of many molecules, and what they say: means, Fano factors and dwell times with their standard errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.compile.jump_program import jump_program
from pumpleak.solve.jumps import Array, Copies, Indices, Jumps

SLICE = 1_000_000  # jumps, some 50 ms: between two of them Ctrl-C is heard and progress is told
MOST_SAMPLES = 100_000_000  # numbers, 0.8 GB
MOST_ROWS = 50_000_000  # of events, 1.2 GB
MOST_MOLECULES = 1_000_000


@dataclass(frozen=True)
class Estimate:
    """A number found from random events and its standard error; that is not a number where one event is all there is."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:.4g} +- {self.error:.2g}"

    def off(self, exact: float) -> float:
        """How many standard errors it is from a value."""
        return (self.value - exact) / self.error


@dataclass(frozen=True)
class Courses:
    """What molecules did, each from 0 to `duration` [ms].

    windows (molecules, windows, quantities): what was moved in each of the windows of equal length. counts (molecules,
    transitions): how often each was taken. dwelt (molecules, states): time spent in each state [ms]. state (molecules,): that
    at the end. molecule, transition, at [ms] (events,): what happened, molecule by molecule, as far as there was room;
    transition -1 is the beginning.
    """

    jumps: Jumps
    duration: float
    windows: Array
    counts: Indices
    dwelt: Array
    state: Indices
    molecule: Indices
    transition: Indices
    at: Array

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def events(self) -> int:
        """How many jumps were made, recorded or not."""
        return int(self.counts.sum())

    @property
    def whole(self) -> int:
        """How many molecules are recorded to their end."""
        recorded = np.bincount(self.molecule, minlength=len(self))[:len(self)]
        return int(np.argmin(np.append(recorded == self.counts.sum(axis=1) + 1, False)))

    @property
    def arrived(self) -> Indices:
        """The state after each event; at the beginning of a molecule that from which it goes on."""
        beginning = self.transition < 0
        found = np.where(beginning, -1, self.jumps.targets[self.transition])
        following = np.append(self.transition[1:], -1)
        first = np.flatnonzero(beginning)
        onward = following[first]
        found[first] = np.where(onward < 0, self.state[self.molecule[first]], self.jumps.sources[onward])
        return np.asarray(found, dtype=np.int64)

    @property
    def window(self) -> float:
        """Length of a window. [ms]"""
        return self.duration / len(self.windows[0])

    def mean(self, quantity: int) -> Estimate:
        """Amount moved per time by one molecule. [1/ms]"""
        return average(self.windows[:, :, quantity].sum(axis=1) / self.duration if len(self) > 1
                       else self.windows[0, :, quantity] / self.window)

    def fano(self, quantity: int) -> Estimate:
        """Variance over mean (of its size) of what is moved in a window. []"""
        return dispersion(self.windows[:, :, quantity].ravel())

    def dwell(self, state: int) -> Estimate:
        """Mean dwell in a state: the time there over how often it was left, most likely for a dwell that is exponential. [ms]

        The mean of those dwells alone that end within the run would be too short.
        """
        left = int(self.visits[state])
        mean = float(self.dwelt[:, state].sum()) / left if left else np.nan
        return Estimate(mean, mean / np.sqrt(left) if left else np.nan)

    @property
    def visits(self) -> Indices:
        """How often each state was left."""
        return np.asarray(np.bincount(self.jumps.sources, self.counts.sum(axis=0), len(self.jumps.states)), dtype=np.int64)

    def share(self, state: int) -> Estimate:
        """Share of the time spent in a state; without an error for one molecule alone. []"""
        return average(self.dwelt[:, state] / self.duration)

    def dwells(self, state: int, spare: float) -> Array:
        """The single dwells in a state that began `spare` [ms] before what is known of their molecule ends. [ms]"""
        return self._between(np.arange(len(self.at)), self.arrived[:-1] == state, spare)

    def waits(self, counted: NDArray[np.bool_], spare: float) -> Array:
        """Times from one of the counted transitions to the next of the same molecule, if they began as early as dwells. [ms]"""
        events = np.flatnonzero((self.transition >= 0) & counted[self.transition])
        return self._between(events, np.ones(max(len(events) - 1, 0), dtype=np.bool_), spare)

    def _between(self, events: Indices, wanted: NDArray[np.bool_], spare: float) -> Array:
        """Times between events of one molecule. Those that began late are left out: of them only the short ones end in time."""
        molecule, at = self.molecule[events], self.at[events]
        early = at[:-1] + spare <= np.where(molecule[:-1] < self.whole, self.duration, np.max(self.at[-1:], initial=0.0))
        return np.asarray(np.diff(at)[wanted & early & (molecule[1:] == molecule[:-1])], dtype=np.float64)

    def moved(self) -> Array:
        """What each molecule has moved in all after each of its events (events, quantities)."""
        steps = np.hstack([self.jumps.moved, np.zeros((len(self.jumps.moved), 1))])[:, self.transition].T
        total = np.cumsum(steps, axis=0)
        first = np.flatnonzero(self.transition < 0)
        return np.asarray(total - np.repeat(total[first], np.diff(np.append(first, len(total))), axis=0), dtype=np.float64)


def average(values: Array) -> Estimate:
    """The mean of independent values."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    return Estimate(float(np.mean(values)), error)


def dispersion(counts: Array) -> Estimate:
    """Variance over mean of independent counts; the error by the delta method, from their own third and fourth moments."""
    if len(counts) < 2 or not np.any(counts):
        return Estimate(float("nan"), float("nan"))
    mean, variance = float(np.mean(counts)), float(np.var(counts, ddof=1))
    if mean == 0.0:
        return Estimate(float("nan"), float("nan"))
    off = counts - mean
    slope = (off**2 - variance) / mean - variance * off / mean**2
    return Estimate(variance / abs(mean), float(np.std(slope, ddof=1) / np.sqrt(len(counts))))


def follow(jumps: Jumps, duration: float, molecules: int = 1, windows: int = 1, rows: int = 0, seed: int = 1,
           progress: Callable[[float], None] | None = None) -> Courses:
    """Follow molecules of a jump process for a time [ms].

    windows: how many equal parts of the time quantities are counted in. rows: how many events are kept, of the first
    molecules. seed: of the random numbers, which are the same for a molecule whatever others there are. progress: called with
    the part that is done.

    Raises ModelError for numbers that make no sense; SolveError on Ctrl-C, with the molecules that were done in `.partial`.
    """
    _check(jumps, duration, molecules, windows, rows, seed)
    copies = Copies(jumps, molecules, np.linspace(0.0, duration, windows + 1), rows, seed)
    program, at = jump_program(), 0
    try:
        while at < molecules:
            at = program.advance(copies, at, SLICE, duration)
            if progress is not None:
                part = copies.last[at] / duration if at < molecules else 0.0
                progress((at + float(part)) / molecules)
    except KeyboardInterrupt:
        partial = _courses(copies, duration, at) if at else None
        raise SolveError(f"{jumps.name}: interrupted after {at} of {molecules} molecules", partial=partial,
                         hint="those that were done are kept" if at else "none was done") from None
    return _courses(copies, duration, molecules)


def _courses(copies: Copies, duration: float, done: int) -> Courses:
    """What the first molecules did."""
    molecule, transition, at = copies.events
    kept, beginning = molecule < done, transition == len(copies.jumps.rates)
    if len(at) and beginning[-1] and molecule[-1] < done and copies.counts[molecule[-1]].any():
        kept[-1] = False  # there was room for the beginning of a molecule, but not for what it did then
    state, dwelt = copies.state[:done], copies.dwelt[:done]
    dwelt[np.arange(done), state] += duration - copies.last[:done]
    return Courses(copies.jumps, duration, np.diff(copies.sampled[:done], axis=1), copies.counts[:done], dwelt, state,
                   molecule[kept], np.where(beginning, -1, transition)[kept], at[kept])


def _check(jumps: Jumps, duration: float, molecules: int, windows: int, rows: int, seed: int) -> None:
    if not (np.isfinite(duration) and duration > 0.0):
        raise ModelError(f"{jumps.name}: molecules are followed for {duration:g} ms; give a time above 0")
    for what, value, most in (("molecules", molecules, MOST_MOLECULES), ("windows", windows, MOST_SAMPLES)):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise ModelError(f"{jumps.name}: {value!r:.60} {what}; give a whole number from 1 to {most}")
    if not 0 <= rows <= MOST_ROWS:
        raise ModelError(f"{jumps.name}: {rows} rows of events; give 0 to {MOST_ROWS}")
    if not 0 <= seed < 2**63:
        raise ModelError(f"{jumps.name}: the seed {seed}; give a whole number from 0 to 2^63 - 1")
    if molecules * (windows + 1) * len(jumps.moved) > MOST_SAMPLES:
        raise ModelError(f"{jumps.name}: {molecules} molecules in {windows} windows each are more numbers than {MOST_SAMPLES}; "
                         "take fewer or longer windows")
