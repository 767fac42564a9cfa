"""How charge moved by jumps, and the rates of relaxation, change with the constants of a scheme: perturbed eigenvalues.

After a jump the shares obey dp/dt = G p. With right eigenvectors V and left ones W = V^-1, an eigenvalue m moves by
w dG v. Charge of the components J is F = c r(G) d - s X(G) d, with d the deviation at the start, s the charge displaced on
the way to each state, c what closing steps carry with each turn, r(m) = -1/m and X(m) = 1 for m in J and 0 for others. The
derivative of a function f of G in a direction E is V ((W E V) o D) W, with D the divided differences of f (Daleckii and
Krein 1951), so that one matrix for each condition holds the derivatives by all rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import SolveError
from pumpleak.enzyme.cycles import held_by
from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.relaxation import LEAST_SHARE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.sensitivity import STEP, Complex, Sensed

PER_SECOND = 1e3  # rates are 1/ms inside
# Two components whose rates differ by less than this share are taken as one where differences are divided by theirs.
SAME = 1e-9


@dataclass(frozen=True)
class Window:
    """Rates of the components that a record shows, from the slowest to the fastest. [1/s]"""

    slowest: float = 0.0
    fastest: float = np.inf


@dataclass(frozen=True)
class Jumped:
    """Charge [e] and rate of the main component [1/s] of each jump, with derivatives (constants, jumps)."""

    charge: Numbers
    charge_slopes: Numbers
    rate: Numbers
    rate_slopes: Numbers


class Jumps:
    """Jumps of a scheme from one set of conditions to another, prepared once."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        at = {state: index for index, state in enumerate(scheme.states)}
        self.sources = np.array([at[step.source] for step in scheme.steps])
        self.targets = np.array([at[step.target] for step in scheme.steps])
        closing = {cycle.name: cycle for cycle in scheme.cycles}
        tree = [step for step in scheme.steps if step.name not in closing]
        held = held_by(scheme.states, tree, {step.name: step.charge for step in tree}, 0.0)
        self.displaced = np.array([held[state] for state in scheme.states])
        self.turn = np.zeros(len(scheme.steps))
        for index, step in enumerate(scheme.steps):
            if step.name in closing:
                self.turn[index] = closing[step.name].charge * closing[step.name].passages[step.name]

    def __call__(self, sensed: Sensed, before: slice, after: slice, window: Window) -> Jumped:
        """What moves in jumps whose conditions before and after stand in these slices of what was sensed.

        Raises SolveError where two components coincide, and where no component lies in the window.
        """
        start, end = (np.stack(np.broadcast_arrays(*(share[:, part] for share in sensed.occupancies.values())), axis=-1)
                      for part in (before, after))
        pairs = [sensed.rates[step.name] for step in self.scheme.steps]
        forward = [pair[0][:, after] * PER_SECOND for pair in pairs]
        backward = [pair[1][:, after] * PER_SECOND for pair in pairs]
        modes = _Modes(self, np.stack([each[0].real for each in forward], axis=-1),
                       np.stack([each[0].real for each in backward], axis=-1), end[0].real)
        chosen = self._chosen(modes, (start - end)[0].real, window)
        charge, by = modes.charge((start - end)[0].real, chosen)
        turning = modes.turning((start - end)[0].real, chosen)
        main, moved = modes.main((start - end)[0].real, chosen)
        count = max(each.shape[0] for pair in pairs for each in pair)
        slopes, rate_slopes = (np.zeros((count, len(charge))) for _ in range(2))
        slopes += np.einsum("kns,ns->kn", (start - end).imag / STEP, modes.by_deviation(chosen))
        for index in range(len(pairs)):
            for rates, ahead in ((forward[index], True), (backward[index], False)):
                if rates.shape[0] == count and np.any(rates.imag):
                    slopes += rates.imag / STEP * modes.by_rate(by, turning, index, ahead)
                    rate_slopes += rates.imag / STEP * modes.rate_by(moved, index, ahead)
        return Jumped(charge, slopes, main, rate_slopes)

    def _chosen(self, modes: _Modes, deviation: Numbers, window: Window) -> NDArray[np.bool_]:
        """Which components lie in the window; the steady state, the slowest of all, is none."""
        rates = -modes.values.real
        inside = (rates >= window.slowest) & (rates <= window.fastest)
        inside[np.arange(len(rates)), np.argmin(np.abs(modes.values), axis=1)] = False
        if not np.all(np.any(inside, axis=1)):
            place = int(np.argmin(np.any(inside, axis=1)))
            raise SolveError(f"{self.scheme.name}: after jump {place + 1} of {len(rates)} no component relaxes with "
                             f"{window.slowest:g} to {window.fastest:g} 1/s", hint="widen `between`")
        return inside


class _Modes:
    """Eigenvalues and vectors of the rates after each jump."""

    def __init__(self, jumps: Jumps, forward: Numbers, backward: Numbers, end: Numbers) -> None:
        self.jumps, self.forward, self.backward = jumps, forward, backward
        count, states = end.shape
        matrix = np.zeros((count, states, states))
        sources, targets = jumps.sources, jumps.targets
        for step, (source, target) in enumerate(zip(sources, targets, strict=True)):
            matrix[:, target, source] += forward[:, step]
            matrix[:, source, source] -= forward[:, step]
            matrix[:, source, target] += backward[:, step]
            matrix[:, target, target] -= backward[:, step]
        scale = np.sqrt(np.maximum(end, LEAST_SHARE))  # makes it symmetric where detailed balance holds
        values, vectors = np.linalg.eig(matrix * scale[:, np.newaxis, :] / scale[:, :, np.newaxis])
        try:
            inverse = np.linalg.inv(vectors)
        except np.linalg.LinAlgError:
            raise SolveError(f"{jumps.scheme.name}: two components of one of {count} jumps coincide, so that there is no sum "
                             "of exponentials", hint="change a condition a little") from None
        self.right: Complex = (scale[:, :, np.newaxis] * vectors).astype(np.complex128)
        self.left: Complex = (inverse / scale[:, np.newaxis, :]).astype(np.complex128)
        self.values = self._refined(values.astype(np.complex128))
        self.carried = np.zeros((count, states))
        for step in np.flatnonzero(jumps.turn).tolist():
            self.carried[:, sources[step]] += jumps.turn[step] * forward[:, step]
            self.carried[:, targets[step]] -= jumps.turn[step] * backward[:, step]

    def _refined(self, values: Complex) -> Complex:
        """Eigenvalues as quotients of net fluxes through the steps: the fast ones drop out of the slow ones' sums."""
        flux = (self.forward[:, :, np.newaxis] * self.right[:, self.jumps.sources, :]
                - self.backward[:, :, np.newaxis] * self.right[:, self.jumps.targets, :])
        lift = self.left[:, :, self.jumps.targets] - self.left[:, :, self.jumps.sources]
        found = np.einsum("njr,nrj->nj", lift, flux)
        return np.where(np.abs(found - values) < 0.1 * np.abs(values), found, values)

    def charge(self, deviation: Numbers, chosen: NDArray[np.bool_]) -> tuple[Numbers, Complex]:
        """Charge of the chosen components [e], and what it changes by with each entry of G."""
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.where(chosen, -1.0 / self.values, 0.0)
            slope = np.where(chosen, 1.0 / self.values**2, 0.0)
        x = chosen.astype(np.complex128)
        turning = np.einsum("ns,nsj->nj", self.carried, self.right)
        still = np.einsum("s,nsj->nj", self.jumps.displaced, self.right)
        amplitude = np.einsum("njs,ns->nj", self.left, deviation)
        charge = np.sum((turning * r - still * x) * amplitude, axis=1).real
        gaps = self.values[:, :, np.newaxis] - self.values[:, np.newaxis, :]
        size = np.abs(self.values)[:, :, np.newaxis] + np.abs(self.values)[:, np.newaxis, :]
        near = np.abs(gaps) <= SAME * size
        safe = np.where(near, 1.0, gaps)
        both = chosen[:, :, np.newaxis] & chosen[:, np.newaxis, :]
        differ_r = np.where(near, np.where(both, slope[:, :, np.newaxis], 0.0),
                            (r[:, :, np.newaxis] - r[:, np.newaxis, :]) / safe)
        differ_x = np.where(near, 0.0, (x[:, :, np.newaxis] - x[:, np.newaxis, :]) / safe)
        middle = turning[:, :, np.newaxis] * differ_r - still[:, :, np.newaxis] * differ_x
        by = np.swapaxes(self.left, 1, 2) @ middle @ np.swapaxes(self.right * amplitude[:, np.newaxis, :], 1, 2)
        return np.asarray(charge, dtype=np.float64), by

    def by_deviation(self, chosen: NDArray[np.bool_]) -> Numbers:
        """Derivative of the charge by the deviation of each state at the start."""
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.where(chosen, -1.0 / self.values, 0.0)
        weight = (np.einsum("ns,nsj->nj", self.carried, self.right) * r
                  - np.einsum("s,nsj->nj", self.jumps.displaced, self.right) * chosen)
        return np.asarray(np.einsum("nj,njs->ns", weight, self.left).real, dtype=np.float64)

    def turning(self, deviation: Numbers, chosen: NDArray[np.bool_]) -> Numbers:
        """Time that the chosen components add to what is spent in each state. [s]"""
        with np.errstate(divide="ignore", invalid="ignore"):
            amplitude = np.where(chosen, -1.0 / self.values, 0.0) * np.einsum("njs,ns->nj", self.left, deviation)
        return np.asarray(np.einsum("nsj,nj->ns", self.right, amplitude).real, dtype=np.float64)

    def by_rate(self, by: Complex, turning: Numbers, step: int, ahead: bool) -> Numbers:
        """Derivative of the charge by the forward or the backward rate of a step. [e s]"""
        source, target, sign = self._way(step, ahead)
        direct = sign * self.jumps.turn[step] * turning[:, source]
        return np.asarray((by[:, target, source] - by[:, source, source] + direct).real, dtype=np.float64)

    def main(self, deviation: Numbers, chosen: NDArray[np.bool_]) -> tuple[Numbers, NDArray[np.intp]]:
        """Rate of the chosen component that carries most of the charge [1/s], and which it is."""
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.where(chosen, -1.0 / self.values, 0.0)
        each = ((np.einsum("ns,nsj->nj", self.carried, self.right) * r
                 - np.einsum("s,nsj->nj", self.jumps.displaced, self.right))
                * np.einsum("njs,ns->nj", self.left, deviation))
        main = np.argmax(np.where(chosen, np.abs(each), -1.0), axis=1)
        return np.asarray(-self.values[np.arange(len(main)), main].real, dtype=np.float64), main

    def rate_by(self, main: NDArray[np.intp], step: int, ahead: bool) -> Numbers:
        """Derivative of a component's rate by the forward or the backward rate of a step. []"""
        source, target, _ = self._way(step, ahead)
        rows = np.arange(len(main))
        moved = (self.left[rows, main, target] - self.left[rows, main, source]) * self.right[rows, source, main]
        return np.asarray(-moved.real, dtype=np.float64)

    def _way(self, step: int, ahead: bool) -> tuple[int, int, float]:
        source, target = int(self.jumps.sources[step]), int(self.jumps.targets[step])
        return (source, target, 1.0) if ahead else (target, source, -1.0)

