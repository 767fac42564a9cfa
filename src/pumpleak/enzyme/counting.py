"""How many ATP, ions or charges one molecule moves in a time: mean, variance and distribution, without simulation.

With p the chances of the states, dp/dt = G p. Each jump that adds w to the count is tilted by exp(s w); the largest
eigenvalue of the tilted generator G(s) is the cumulant function of the count per time (Lebowitz & Spohn 1999, J. Stat. Phys.
95:333), and its derivatives at 0 are mean and variance per time. They follow from perturbation, exactly: with q the steady
state, m = 1 G' q and a variance of 1 G'' q + 2 1 G' y, where G y = m q - G' q and sum(y) = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import ModelError
from pumpleak.enzyme.molecule import Molecule
from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.relaxation import excess_dwell

Complex = NDArray[np.complex128]

# A mean below this share of all that is counted is zero but for rounding, and then there is no Fano factor.
STILL = 1e-12
DEVIATIONS = 12.0  # a normal count is farther from its mean with a chance of 1e-32, far below what rounding leaves
LEAST_RANGE = 16  # counts on either side of the mean, where hardly any are expected
WIDEST = 2**15  # counts; each costs one exponential of a matrix


@dataclass(frozen=True)
class Counting:
    """What one molecule moves of one quantity, counted in the steady state."""

    molecule: Molecule
    quantity: str

    def __str__(self) -> str:
        return (f"{self.quantity} moved by one molecule of {self.molecule.scheme.name}: mean {self.mean:.5g} /s, "
                f"Fano factor {self.fano:.4g}")

    __repr__ = __str__

    @cached_property
    def weights(self) -> Numbers:
        """What each transition adds."""
        return self.molecule.moved(self.quantity)

    @cached_property
    def _first(self) -> Numbers:
        return self.molecule.traffic(self.weights).T

    @cached_property
    def _second(self) -> float:
        return float(np.sum(self.molecule.traffic(self.weights**2).T @ self.molecule.shares))

    @cached_property
    def _response(self) -> Numbers:
        """Time spent in each state beyond the steady one after a count, weighted by counts."""
        gained = self._first @ self.molecule.shares
        return self._excess(gained - float(gained.sum()) * self.molecule.shares)

    def _excess(self, deviation: Numbers) -> Numbers:
        return excess_dwell(self.molecule.traffic(), self.molecule.shares, deviation)

    @cached_property
    def mean(self) -> float:
        """Counts per time. [1/s]"""
        total = float(np.sum(self._first @ self.molecule.shares))
        gross = float(np.abs(self.weights) @ (self.molecule.rates * self.molecule.shares[self.molecule.sources]))
        return total if abs(total) > STILL * gross else 0.0

    @cached_property
    def variance(self) -> float:
        """Variance per time that counts grow to in long times. [1/s]"""
        return self._second + 2.0 * float(np.sum(self._first @ self._response))

    @property
    def fano(self) -> float:
        """Variance over mean (of its size) in long times; 1 for a Poisson process, not a number without a mean. []"""
        return self.variance / abs(self.mean) if self.mean else float("nan")

    def variance_in(self, time: float) -> float:
        """Variance of the count in a time [s] that begins in the steady state. []"""
        from scipy.linalg import expm  # a tenth of a second to load

        self._check_time(time)
        again = self._excess(self._response)
        left = expm(self._generator * time) @ again
        return self._second * time + 2.0 * float(np.sum(self._first @ (time * self._response - again + left)))

    def fano_in(self, time: float) -> float:
        """Variance over mean of the count in a time [s]. []"""
        return self.variance_in(time) / abs(self.mean * time) if self.mean else float("nan")

    @cached_property
    def _generator(self) -> Numbers:
        traffic = self.molecule.traffic()
        return np.asarray(traffic.T - np.diag(traffic.sum(axis=1)), dtype=np.float64)

    def cumulant(self, s: float) -> float:
        """Largest eigenvalue of the generator tilted by exp(s w): lim ln<exp(s n)>/t. [1/s]"""
        tilted = self.molecule.traffic(np.exp(s * self.weights)).T + np.diag(np.diag(self._generator))
        return float(np.max(np.linalg.eigvals(tilted).real))

    def distribution(self, time: float, start: ArrayLike | None = None) -> tuple[NDArray[np.int64], Numbers]:
        """Counts and the chance of each after a time [s] that begins in the steady state, or with chances `start` of states.

        By Fourier transform, so that chances below 1e-13 are lost in rounding.

        Raises ModelError for a quantity whose single jumps are not whole, and for more counts than can be computed.
        """
        from scipy.linalg import expm

        self._check_time(time)
        if np.any(self.weights != np.rint(self.weights)):
            raise ModelError(f"{self.molecule.scheme.name}: its steps move parts of {self.quantity}, such as "
                             f"{self.weights[self.weights != np.rint(self.weights)][0]:g}; ask for the distribution of a whole "
                             f"quantity, ATP or a step")
        begin = self.molecule.shares if start is None else np.asarray(start, dtype=np.float64)
        reach = int(LEAST_RANGE + DEVIATIONS * np.sqrt(max(self.variance_in(time), 0.0)) + np.max(np.abs(self.weights)))
        middle, size = round(self.mean * time), 2 * reach
        if size > WIDEST:
            raise ModelError(f"{self.molecule.scheme.name}: {size} different counts of {self.quantity} in {time:g} s, more "
                             f"than {WIDEST}; take a shorter time")
        waves = 2.0 * np.pi * np.arange(size // 2 + 1) / size
        stay = np.diag(np.diag(self._generator))
        chances = np.empty(len(waves), dtype=np.complex128)
        for place, wave in enumerate(waves):
            tilted = stay + self._tilted(np.exp(1j * wave * self.weights))
            chances[place] = np.sum(expm(tilted * time) @ begin) * np.exp(-1j * wave * (middle - reach))
        found = np.fft.irfft(np.conj(chances), size)
        return middle - reach + np.arange(size), np.maximum(found, 0.0)

    def _tilted(self, factors: Complex) -> Complex:
        real, imaginary = self.molecule.traffic(factors.real), self.molecule.traffic(factors.imag)
        return np.asarray((real + 1j * imaginary).T, dtype=np.complex128)

    def _check_time(self, time: float) -> None:
        if not (np.isfinite(time) and time > 0.0):
            raise ModelError(f"{self.molecule.scheme.name}: {self.quantity} is counted for {time:g} s; give a time above 0")


@dataclass(frozen=True)
class Symmetry:
    """The fluctuation symmetry of an enzyme of one cycle: ln P(+n)/P(-n) = n A/RT for net turns n of one of its steps.

    It holds in long times from any start (Lebowitz & Spohn 1999), and at every time from `start` (states,), the equilibrium of
    the enzyme with that step blocked. affinity [RT]: of one turn, A/RT.
    """

    counting: Counting
    affinity: float
    start: Numbers

    def excess(self, s: float) -> float:
        """How far the cumulant function is from symmetric, lambda(s) - lambda(-A/RT - s); 0 but for rounding. [1/s]"""
        return self.counting.cumulant(s) - self.counting.cumulant(-self.affinity - s)


def symmetry(molecule: Molecule) -> Symmetry:
    """The fluctuation symmetry of a scheme with a single cycle, counted at the step that closes it.

    Raises ModelError for a scheme of several cycles, of which one may drive another, and where a rate is zero.
    """
    scheme = molecule.scheme
    if len(scheme.cycles) != 1:
        raise ModelError(f"{scheme.name}: it has {len(scheme.cycles)} independent cycles "
                         f"({', '.join(cycle.name for cycle in scheme.cycles)}), which drive each other; the symmetry of "
                         "single turns holds for a scheme of one")
    cycle = scheme.cycles[0]
    if np.any(molecule.rates == 0.0):
        name = next(each.name for each in molecule.transitions if each.rate == 0.0)
        raise ModelError(f"{scheme.name}: the rate of {name} is 0 under these conditions, so that no turn is ever undone; give "
                         "ligands that are absent 1e-6 mM")
    traffic = molecule.traffic()
    first = next(each for each in molecule.transitions if each.name == f"{cycle.name}.forward")
    start = np.zeros(len(molecule.shares))
    start[first.target] = 1.0
    while np.any(start == 0.0):
        for each in molecule.transitions:
            if each.step != cycle.name and start[each.source] and not start[each.target]:
                start[each.target] = start[each.source] * traffic[each.source, each.target] / traffic[each.target, each.source]
    turns = cycle.passages[cycle.name]
    affinity = turns * float(molecule.steady.affinities[cycle.name] / scheme.thermal(molecule.steady.conditions).RT)
    return Symmetry(Counting(molecule, cycle.name), affinity, start / start.sum())
