"""How an enzyme relaxes when voltage or concentrations jump: its components, its current in time, the charge it moves.

The shares p of the states obey dp/dt = G p, with G the rates after the jump, so that p(t) - p_end is a sum of
exponentials. Membrane current counts the charge of every step times its net flux. With theta what the steps of a tree
through all states move on the way to a state, I = d(theta p)/dt + sum over cycles (charge x flux of the step that closes
it): charge displaced once, and charge carried with each turn. Written so, the fast steps cancel before any number is
formed, and a slow component keeps its digits beside binding that is 1e9 times faster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.enzyme.asked import require_mapping, require_scheme, spanned, unit_of
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.cycles import held_by
from pumpleak.enzyme.elimination import Elimination
from pumpleak.enzyme.rates import VOLTAGE, Numbers, resolved_rates
from pumpleak.enzyme.response import PER_SECOND, Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.system.expression import symbols

# Scaling by the square root of the steady state makes G symmetric where detailed balance holds; a floor of 1e-8, the root
# of the rounding error, keeps states that are all but empty from spoiling the others by more than four digits.
LEAST_SHARE = 1e-8
# Components rebuild the jump to 1e-9, and to 1e-6 where ligands at 1e-9 mM all but trap the enzyme; more is lost only where
# they trap it entirely or where two components all but coincide.
REBUILT = 1e-5
# A component that carries less of the charge than this is not seen beside the others, and is near what rounding leaves.
SEEN = 1e-6
LISTED = 6  # components that a summary names

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Relaxation:
    """One enzyme after a jump: the steady states before and after, and the components that lead from one to the other.

    Components are sorted, the slowest first. rates [1/s]: at which they decay. frequencies [1/s]: 2 pi times their
    oscillations; 0 but for pairs of components of a driven enzyme, which come with both signs and share what they carry.
    currents [e/s]: initial current of each. charges [e]: what each moves outward in all. charge [e]: what the enzyme moves
    outward beyond its steady current after the jump. shapes (states, components): what each adds to the occupancies.
    """

    before: Response
    after: Response
    rates: Numbers
    frequencies: Numbers
    currents: Numbers
    charges: Numbers
    charge: float
    shapes: Complex

    def __str__(self) -> str:
        changed = ", ".join(f"{name} from {spanned(self.before.conditions[name])} to {spanned(value)} {unit_of(name)}"
                            for name, value in self.after.conditions.items()
                            if not np.array_equal(value, self.before.conditions[name]))
        lines = [f"{self.scheme.name} after a jump of {changed}" if changed else f"{self.scheme.name} without a jump",
                 f"  moves {self.charge:.4g} e beyond the steady current, which goes from {spanned(self.before.current)} to "
                 f"{self.steady_current:.4g} e/s"]
        seen = np.flatnonzero(self.seen)
        if seen.size:
            parts = [f"{self.rates[index]:.4g} /s ({self.charges[index]:.3g} e)" for index in seen[:LISTED]]
            more = f" and {seen.size - LISTED} more" if seen.size > LISTED else ""
            lines.append(f"  components with charge, the slowest first: {', '.join(parts)}{more}")
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def scheme(self) -> Scheme:
        """The enzyme that relaxes."""
        return self.after.scheme

    @property
    def steady_current(self) -> float:
        """Current that one pump carries outward long after the jump. [e/s]"""
        return float(self.after.current)

    @property
    def oscillates(self) -> bool:
        """Whether two or more components form damped oscillations; at equilibrium none can."""
        return bool(np.any(self.frequencies))

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which components carry a part of the charge that could be seen; without any charge, none."""
        size = np.abs(self.charges)
        return np.asarray(size > SEEN * np.sum(size), dtype=np.bool_)

    def occupancies(self, times: ArrayLike) -> dict[str, Numbers]:
        """Share of the enzyme in each state at times since the jump [s]."""
        decay = self._decay(times)
        return {state: float(self.after.occupancies[state]) + (shape * decay).sum(axis=-1).real
                for state, shape in zip(self.scheme.states, self.shapes, strict=True)}

    def current(self, times: ArrayLike) -> Numbers:
        """Charge that one pump carries outward at times since the jump [s]. [e/s]"""
        decay = self._decay(times)
        displaced, carried = _current_of_states(self.after)
        amplitudes = carried @ self.shapes - displaced @ self.shapes * self._complex_rates
        return self.steady_current + np.asarray((amplitudes * decay).sum(axis=-1).real, dtype=np.float64)

    def moved(self, times: ArrayLike) -> Numbers:
        """Charge that one pump has moved outward since the jump, without that of the steady current. [e]"""
        decay = self._decay(times)
        displaced, carried = _current_of_states(self.after)
        amplitudes = carried @ self.shapes / self._complex_rates - displaced @ self.shapes
        return np.asarray((amplitudes * (1.0 - decay)).sum(axis=-1).real, dtype=np.float64)

    def charge_between(self, slowest: float, fastest: float) -> float:
        """Charge that components with rates from `slowest` to `fastest` [1/s] move, such as the slow one of sodium. [e]"""
        if not 0.0 <= slowest <= fastest:
            raise ModelError(f"{self.scheme.name}: rates from {slowest:g} to {fastest:g} 1/s; give the slower one first, "
                             "and none below 0")
        return float(self.charges[(self.rates >= slowest) & (self.rates <= fastest)].sum())

    @property
    def _complex_rates(self) -> Complex:
        return np.asarray(self.rates + 1j * self.frequencies, dtype=np.complex128)

    def _decay(self, times: ArrayLike) -> Complex:
        """What is left of each component (last axis) at these times."""
        array = np.asarray(times, dtype=np.float64)
        bad = array[~(np.isfinite(array) & (array >= 0.0))]
        if bad.size:
            raise ModelError(f"{self.scheme.name}: {bad.flat[0]:g} s is not a time after the jump; give finite times, "
                             "0 or later")
        return np.asarray(np.exp(-np.multiply.outer(array, self._complex_rates)), dtype=np.complex128)


def jump(scheme: Scheme, before: Conditions, after: Conditions, base: str = "") -> Relaxation:
    """How a scheme, at rest in the steady state of `before`, relaxes when some of its conditions change at once.

    `jump(scheme, {"membrane.V": -80.0}, {"membrane.V": "40 mV"}, "physiological")`: `after` names only what changes, a
    voltage or concentrations, in mM, mV and K or with their units; `before` is laid over the named condition `base`. A ligand
    that is absent is best given as 1e-9 mM, since without any an enzyme may end up in one of several sets of states.

    Raises ModelError for a jump that changes nothing, for a scheme whose lumped steps hide charge, for arrays, and for
    conditions that do not fit; SolveError where an enzyme may end up in several sets of states, and where components coincide
    so that there is no sum of exponentials.
    """
    require_states(scheme)
    require_mapping(scheme.name, before, "conditions before a jump")
    require_mapping(scheme.name, after, "conditions after a jump")
    first, last = respond(scheme, before, base), respond(scheme, {**before, **after}, base)
    for response in (first, last):
        for name, array in response.conditions.items():
            if array.shape:
                raise ModelError(f"{scheme.name}: a jump is from one condition to another, but {name} has the shape "
                                 f"{array.shape}; take its values one at a time")
    if all(array == first.conditions[name] for name, array in last.conditions.items()):
        same = ", ".join(f"{name} is {float(last.conditions[name]):g} {unit_of(name)} before too" for name in after)
        raise ModelError(f"{scheme.name}: the jump changes nothing: {same or 'no value after it is given'}; give one that "
                         "differs from that before")
    return relaxation(first, last)


def relaxation(before: Response, after: Response) -> Relaxation:
    """How an enzyme passes from one steady state to another of the same scheme, each at a single condition."""
    start, end = shares_of(before), shares_of(after)
    rates, shapes = _components(after.scheme, _traffic(after), end, start - end)
    displaced, carried = _current_of_states(after)
    still, turning = displaced @ shapes, carried @ shapes
    return Relaxation(before, after, rates.real, rates.imag + 0.0, (turning - still * rates).real,
                      (turning / rates - still).real, charge_moved(after, start), shapes)


def require_states(scheme: Scheme) -> None:
    """Raise ModelError for a scheme in whose lumped steps charge hides: what moves in their binding could not be counted.

    Lumped steps without charge and voltage are welcome: binding within them counts as faster than all else.
    """
    require_scheme(scheme, "a jump")
    lumped = [step for step in scheme.steps if step.lumped]
    rates = resolved_rates(scheme.system, lumped)
    hidden = [f"'{step.name}'" for step in lumped if step.charge or VOLTAGE in symbols(rates[step.name])]
    if hidden:
        raise ModelError(f"{scheme.name}: the rates of {', '.join(hidden)} already contain binding that the voltage drives, so "
                         "the charge of that binding cannot be followed in time; use a scheme that binds step by step")


def shares_of(response: Response) -> Numbers:
    """Share of the enzyme in each state, in the order of the scheme. []"""
    return np.array([float(response.occupancies[state]) for state in response.scheme.states])


def _traffic(response: Response) -> Numbers:
    """Rate from each state (row) to each other one (column), 0 on the diagonal. [1/s]"""
    at = {state: index for index, state in enumerate(response.scheme.states)}
    result = np.zeros((len(at), len(at)))
    for step in response.scheme.steps:
        forward, backward = (PER_SECOND * float(rate) for rate in response.rates[step.name])
        result[at[step.source], at[step.target]] += forward
        result[at[step.target], at[step.source]] += backward
    return result


def _current_of_states(response: Response) -> tuple[Numbers, Numbers]:
    """Charge displaced on the way to each state [e], and current that its closing steps carry with each turn [e/s]."""
    scheme = response.scheme
    closing = {cycle.name: cycle for cycle in scheme.cycles}
    tree = [step for step in scheme.steps if step.name not in closing]
    held = held_by(scheme.states, tree, {step.name: step.charge for step in tree}, 0.0)
    at = {state: index for index, state in enumerate(scheme.states)}
    carried = np.zeros(len(at))
    for step in scheme.steps:
        cycle = closing.get(step.name)
        if cycle is not None and cycle.charge:
            forward, backward = (PER_SECOND * float(rate) for rate in response.rates[step.name])
            turn = cycle.charge * cycle.passages[step.name]
            carried[at[step.source]] += turn * forward
            carried[at[step.target]] -= turn * backward
    return np.array([held[state] for state in scheme.states]), carried


def _components(scheme: Scheme, traffic: Numbers, end: Numbers, deviation: Numbers) -> tuple[Complex, Complex]:
    """Rates [1/s] of all components but the steady state, the slowest first, and what each adds to the occupancies.

    Rounding costs every rate some 1e-16 of the largest, so that the slow ones are taken from the inverse of G, found
    without subtraction, in which they are the largest.
    """
    scale = np.sqrt(np.maximum(end, LEAST_SHARE))
    inverse = excess_dwell(traffic, end, np.eye(len(end)) - end[:, np.newaxis])
    values, shapes = _modes(np.diag(traffic.sum(axis=1)) - traffic.T, scale, deviation)
    fast, fast_shapes = values[1:], shapes[:, 1:]  # the first is the steady state, at 0
    values, shapes = _modes(inverse, scale, deviation)
    slow, slow_shapes = 1.0 / values[:0:-1], shapes[:, :0:-1]
    cut = _cut(np.abs(slow), np.abs(fast))
    rates = np.asarray(np.concatenate([slow[:cut], fast[cut:]]), dtype=np.complex128)
    joined = np.asarray(np.concatenate([slow_shapes[:, :cut], fast_shapes[:, cut:]], axis=1), dtype=np.complex128)
    lost = float(np.max(np.abs(joined.sum(axis=1) - deviation)))
    if not lost < REBUILT:
        raise SolveError(f"{scheme.name}: no sum of exponentials with rates from {rates[0].real:.3g} to {rates[-1].real:.3g} "
                         f"1/s rebuilds its jump, {lost:.2g} of the enzyme is lost: it is all but trapped, or two of the rates "
                         "coincide", hint="give ligands that are nearly absent 1e-6 mM, or change one condition a little")
    return rates, joined


def _modes(matrix: Numbers, scale: Numbers, deviation: Numbers) -> tuple[Complex, Complex]:
    """Eigenvalues of a matrix, the smallest first, and a deviation as a sum of eigenvectors (columns)."""
    values, vectors = np.linalg.eig(matrix * (scale / scale[:, np.newaxis]))
    try:
        amplitudes = np.linalg.solve(vectors, deviation / scale)
    except np.linalg.LinAlgError:  # coinciding components; what is lost is found where they are put together
        amplitudes = np.zeros(len(scale))
    order = np.argsort(np.abs(values), kind="stable")
    shapes = scale[:, np.newaxis] * vectors * amplitudes
    return np.asarray(values[order], dtype=np.complex128), np.asarray(shapes[:, order], dtype=np.complex128)


def _cut(slow: Numbers, fast: Numbers) -> int:
    """How many components to take from the slow ones: where least is lost, and never between two of the same rate."""
    losses = []
    for cut in range(len(slow) + 1):
        below = slow[cut - 1] if cut else 0.0
        above = fast[cut] if cut < len(fast) else np.inf
        gap = 1.0 - below / above
        losses.append(max(below / slow[0], fast[-1] / above) / gap if gap > 0.0 else np.inf)
    return int(np.argmin(losses))


def charge_moved(after: Response, start: Numbers) -> float:
    """Charge that an enzyme with the shares `start` moves outward until its steady state, beyond the steady current. [e]"""
    end = shares_of(after)
    displaced, carried = _current_of_states(after)
    return float(displaced @ (end - start) + carried @ excess_dwell(_traffic(after), end, start - end))


def excess_dwell(traffic: Numbers, end: Numbers, deviation: Numbers) -> Numbers:
    """Time spent in each state beyond that of the steady state `end`, from a deviation of the shares on. [s]

    Solves G y = -deviation with sum(y) = 0, for one deviation or for several as columns. States are taken out until the
    fullest is left, so that what is taken off for the steady state is small.
    """
    states = range(len(end))
    elimination: Elimination[int, Numbers] = Elimination(states)
    for start, target in np.argwhere((traffic > 0.0) | (traffic.T > 0.0)).tolist():
        elimination.add(start, target, traffic[start, target])
    elimination.remove(np.argsort(-end, kind="stable")[:0:-1].tolist())
    times = elimination.times(dict(enumerate(deviation)))
    result = np.array([times[state] for state in states])
    return np.asarray(result - np.multiply.outer(end, result.sum(axis=0)), dtype=np.float64)
