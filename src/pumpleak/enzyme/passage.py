"""How long one molecule takes from one event to another: densities of phase type, without simulation.

A molecule that begins with the chances a of its states, and ends with the rates e out of each, lives with the generator T of
all other jumps: the density of its time is e exp(T t) a, the chance to last longer the sum of exp(T t) a, the mean that of
-T^-1 a (Neuts 1981, Matrix-Geometric Solutions in Stochastic Models, chapter 2).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.enzyme.molecule import Molecule
from pumpleak.enzyme.rates import Numbers

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Passage:
    """The time from one event to another. generator (to, from) [1/s], start (states,), ending (states,) [1/s]."""

    name: str
    generator: Numbers
    start: Numbers
    ending: Numbers

    def __str__(self) -> str:
        return f"{self.name}: mean {self.mean:.5g} s, standard deviation over mean {self.variation:.4g}"

    __repr__ = __str__

    @property
    def mean(self) -> float:
        """Mean time. [s]"""
        return float(self._spent.sum())

    @property
    def variation(self) -> float:
        """Standard deviation over mean; 1 for a single exponential. []"""
        second = 2.0 * float(-np.linalg.solve(self.generator, self._spent).sum())
        return float(np.sqrt(max(second - self.mean**2, 0.0)) / self.mean)

    @property
    def _spent(self) -> Numbers:
        return np.asarray(-np.linalg.solve(self.generator, self.start), dtype=np.float64)

    def density(self, times: ArrayLike) -> Numbers:
        """Density of the time. [1/s]"""
        return np.asarray(self._left(times) @ self.ending, dtype=np.float64)

    def longer(self, times: ArrayLike) -> Numbers:
        """Chance that it lasts longer. []"""
        return np.asarray(np.clip(self._left(times).sum(axis=-1), 0.0, 1.0), dtype=np.float64)

    def lasting(self, share: float) -> float:
        """A time that at most this share lasts longer than, and at most a quarter above the least such time. [s]"""
        time = self.mean
        while float(self.longer(time)) > share:
            time *= 1.25
        return time

    def _left(self, times: ArrayLike) -> Numbers:
        """Chance to be still under way, in each state (last axis)."""
        from scipy.linalg import expm  # a tenth of a second to load

        array = np.asarray(times, dtype=np.float64)
        bad = array[~(np.isfinite(array) & (array >= 0.0))]
        if bad.size:
            raise ModelError(f"{self.name}: {bad.flat[0]:g} s is no duration; give finite times, 0 or longer")
        flat = array.ravel()
        result, now, before = np.empty((flat.size, len(self.start))), self.start, 0.0
        step, onward = 0.0, np.eye(len(self.start))
        for place in np.argsort(flat, kind="stable"):
            if not np.isclose(flat[place] - before, step, rtol=1e-12, atol=0.0):  # evenly spaced times share one exponential
                step = flat[place] - before
                onward = expm(self.generator * step)
            now, before = onward @ now, flat[place]
            result[place] = now
        return np.asarray(result.reshape((*array.shape, len(self.start))), dtype=np.float64)


def waiting(molecule: Molecule, quantity: str = "ATP") -> Passage:
    """The time from one jump that adds to a quantity to the next that does, such as from one phosphate set free to the next.

    Jumps that are taken back count: where they are many the mean is far less than one over the turnover.

    Raises NameUnknown for a quantity that it does not know, ModelError for one that no jump adds to.
    """
    counted = molecule.moved(quantity) > 0.0
    arriving = _arrivals(molecule, counted)
    if not arriving.sum() > 0.0:
        raise ModelError(f"{molecule.scheme.name}: under these conditions no jump adds to {quantity}; it moves "
                         f"{arriving.sum():g} /s")
    return _passage(molecule, f"{molecule.scheme.name}, from one {quantity} to the next", arriving, counted)


def passage(molecule: Molecule, source: str, target: str) -> Passage:
    """The time from one state until another one is entered first.

    Raises NameUnknown for a state that there is not, ModelError where both are the same.
    """
    begin, end = molecule.state(source), molecule.state(target)
    if begin == end:
        raise ModelError(f"{molecule.scheme.name}: from {shown(source)} to itself; name two states")
    start = np.zeros(len(molecule.shares))
    start[begin] = 1.0
    return _passage(molecule, f"{molecule.scheme.name}, from {source} to {target}", start, molecule.targets == end, {end})


def sojourn(molecule: Molecule, states: Collection[str]) -> Passage:
    """The time that it stays within some of its states once it has come there, in the steady state.

    Raises NameUnknown for a state that there is not, ModelError for none and for all of them.
    """
    inside = np.isin(np.arange(len(molecule.shares)), [molecule.state(each) for each in states])
    if inside.all() or not inside.any():
        raise ModelError(f"{molecule.scheme.name}: a stay within {len(set(states))} of its {len(inside)} states; name some and "
                         "leave some out")
    entering = inside[molecule.targets] & ~inside[molecule.sources]
    leaving = inside[molecule.sources] & ~inside[molecule.targets]
    return _passage(molecule, f"{molecule.scheme.name}, within {', '.join(states)}", _arrivals(molecule, entering), leaving,
                    set(np.flatnonzero(~inside).tolist()))


def _arrivals(molecule: Molecule, counted: Flags) -> Numbers:
    """How often each state is come to by these transitions, in the steady state. [1/s]"""
    result = np.zeros(len(molecule.shares))
    np.add.at(result, molecule.targets, counted * molecule.rates * molecule.shares[molecule.sources])
    return result


def _passage(molecule: Molecule, name: str, start: Numbers, ends: Flags, beyond: Collection[int] = ()) -> Passage:
    """What begins with these chances and ends with these transitions; `beyond`: states that are then out of the question."""
    kept = np.array([state for state in range(len(molecule.shares)) if state not in beyond])
    every = molecule.traffic()
    going = molecule.traffic(np.where(ends, 0.0, 1.0))
    generator = (going.T - np.diag(every.sum(axis=1)))[np.ix_(kept, kept)]
    ending = molecule.traffic(np.where(ends, 1.0, 0.0)).sum(axis=1)[kept]
    return Passage(name, generator, start[kept] / start[kept].sum(), ending)
