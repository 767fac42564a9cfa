"""Steady state of a scheme by state reduction without subtractions.

States are taken out one by one (`elimination`) until the two ends of one step remain, on arrays of numbers as on
expressions.

Where rates are zero, some states may be left for good; the steady state then lies in the one set of states that is entered
and never left, and is found among those alone. Of two such sets the enzyme may end up in either, and there is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import SolveError
from pumpleak.enzyme.elimination import Value, joined, summed
from pumpleak.enzyme.rates import Numbers, Rates
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step

# 1/ms. A step that slow has not run once since the world began, and products of several such rates are below all numbers.
NEVER = 1e-120
NAMED = 6  # states of a set that a message lists


@dataclass(frozen=True)
class Steady(Generic[Value]):
    """A steady state: share of the enzyme in each state, and net flux around each independent cycle. [1/ms]"""

    occupancies: Mapping[str, Value]
    fluxes: Mapping[str, Value]


def steady_state(scheme: Scheme, rates: Mapping[str, tuple[Value, Value]]) -> Steady[Value]:
    """Occupancies and cycle fluxes of a scheme whose steps have these (forward, backward) rates [1/ms].

    The first cycle's flux is (f R' - b R)/S, with f and b the rates of the step that names it and R, R' those of all
    other ways between its ends: the term f b, which may be far larger, never appears.
    """
    steps = {step.name: step for step in scheme.steps}
    first, *others = scheme.cycles
    occupancies, flux = _across(steps[first.name], first.passages[first.name], scheme.states, scheme.steps, rates)
    fluxes = {first.name: flux}
    for cycle in others:
        step = steps[cycle.name]
        forward, backward = rates[step.name]
        net = forward * occupancies[step.source] - backward * occupancies[step.target]
        fluxes[cycle.name] = net if cycle.passages[step.name] > 0 else -net
    return Steady(occupancies, fluxes)


def _across(key: Step, sign: int, states: Sequence[str], steps: Sequence[Step],
            rates: Mapping[str, tuple[Value, Value]]) -> tuple[dict[str, Value], Value]:
    """Occupancies, and the net flux through one step in the direction of `sign`, from the two ends that are kept of it."""
    elimination = joined(states, [step for step in steps if step is not key], rates)
    elimination.remove(elimination.order(states, (key.source, key.target)))
    forward, backward = rates[key.name]
    there, back = elimination.between(key.source, key.target, 0.0 * forward)
    weights = elimination.weights({key.source: backward + back, key.target: forward + there})
    whole = summed([weights[state] for state in states])
    occupancies = {state: weights[state] / whole for state in states}
    ahead, behind = (forward, backward) if sign > 0 else (backward, forward)
    against, along = (back, there) if sign > 0 else (there, back)
    return occupancies, (ahead * against - behind * along) / whole


def steady_numbers(scheme: Scheme, rates: Rates) -> Steady[Numbers]:
    """The steady state at many conditions at once, each array of the rates' shape.

    Raises SolveError where there is more than one, since zero rates keep apart states in either of which the enzyme may end
    up, and where rates are too far apart for numbers.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # states left for good give 0/0
        steady = steady_state(scheme, rates)
        lost = np.asarray(~np.all([np.isfinite(share) for share in steady.occupancies.values()], axis=0))
        return _mended(scheme, rates, steady, lost) if np.any(lost) else steady


def closed_classes(scheme: Scheme, runs: Mapping[str, tuple[bool, bool]]) -> list[tuple[str, ...]]:
    """The sets of states that are entered and never left when only these directions (forward, backward) of steps run.

    The steady state is unique if there is one set; a set of one state is a trap.
    """
    ahead: dict[str, set[str]] = {state: set() for state in scheme.states}
    for step in scheme.steps:
        for start, end, goes in zip((step.source, step.target), (step.target, step.source), runs[step.name], strict=True):
            if goes:
                ahead[start].add(end)
    reached = {state: _reached(state, ahead) for state in scheme.states}
    closed = {frozenset(ends) for state, ends in reached.items() if all(state in reached[end] for end in ends)}
    return sorted((tuple(state for state in scheme.states if state in each) for each in closed),
                  key=lambda states: scheme.states.index(states[0]))


def _reached(start: str, ahead: Mapping[str, set[str]]) -> set[str]:
    """The states that can be reached from one, itself included."""
    found, frontier = {start}, [start]
    while frontier:
        new = ahead[frontier.pop()] - found
        found |= new
        frontier += new
    return found


def _mended(scheme: Scheme, rates: Rates, steady: Steady[Numbers], lost: NDArray[np.bool_]) -> Steady[Numbers]:
    """The steady state with its lost points found among the states that are never left, by pattern of the rates that run."""
    at = np.flatnonzero(lost)
    size = len(at)
    picked = {name: tuple(np.broadcast_to(rate, lost.shape).reshape(-1)[at] for rate in pair) for name, pair in rates.items()}
    runs = np.array([rate > NEVER for pair in picked.values() for rate in pair])
    patterns, which = np.unique(runs, axis=1, return_inverse=True)
    found = {part: {name: np.zeros(size) for name in names} for part, names in
             (("occupancies", scheme.states), ("fluxes", [cycle.name for cycle in scheme.cycles]))}
    for number, pattern in enumerate(patterns.T):
        points = np.flatnonzero(np.ravel(which) == number)
        goes = dict(zip(picked, pattern.reshape(-1, 2).tolist(), strict=True))
        closed = closed_classes(scheme, goes)
        place = f"{scheme.name}: at condition {at[points[0]] + 1} of {lost.size}"
        if len(closed) > 1:
            ends = " or in ".join(_named(states) for states in closed)
            raise SolveError(f"{place} the enzyme ends up in {ends}, depending on where it begins, so that there is no one "
                             "steady state", hint="give every ligand a positive concentration, for example 1e-6 mM")
        there = {name: (pair[0][points], pair[1][points]) for name, pair in picked.items()}
        occupancies, fluxes = _among(scheme, closed[0], there)
        if not all(np.all(np.isfinite(values)) for values in (*occupancies.values(), *fluxes.values())):
            sizes = [rate[rate > 0.0] for pair in there.values() for rate in pair]
            least, most = (float(end(np.concatenate(sizes))) for end in (np.min, np.max))
            raise SolveError(f"{place} its rates reach from {least:.3g} to {most:.3g} 1/ms, too far apart for numbers",
                             hint="give ligands that are nearly absent 0, and a voltage that a membrane can hold")
        for part, values in (("occupancies", occupancies), ("fluxes", fluxes)):
            for name, each in values.items():
                found[part][name][points] = each
    return Steady(*({name: _filled(values, at, found[part][name]) for name, values in getattr(steady, part).items()}
                    for part in ("occupancies", "fluxes")))


def _among(scheme: Scheme, states: tuple[str, ...],
           rates: Mapping[str, tuple[Numbers, Numbers]]) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """The steady state when all of the enzyme is in these states, each of which leads to every other."""
    steps = [step for step in scheme.steps if step.source in states and step.target in states]
    named = {step.name: step for step in steps}
    still = np.zeros(np.shape(next(iter(rates.values()))[0]))
    occupancies = {states[0]: still + 1.0}
    fluxes = {cycle.name: still for cycle in scheme.cycles}
    for step in steps[:1]:
        occupancies, _ = _across(step, 1, states, steps, rates)
    for cycle in scheme.cycles:
        if cycle.name in named:  # each flux from its own two ends, so that none is a difference of larger ones
            _, fluxes[cycle.name] = _across(named[cycle.name], cycle.passages[cycle.name], states, steps, rates)
    return occupancies, fluxes


def _filled(values: Numbers, at: NDArray[np.intp], found: Numbers) -> Numbers:
    """An array with other values at some places."""
    result = np.array(values, dtype=np.float64)
    result.reshape(-1)[at] = found
    return result


def _named(states: Sequence[str]) -> str:
    """States as a message lists them."""
    shown = [f"'{state}'" for state in states[:NAMED]]
    left = len(states) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")


def step_fluxes(scheme: Scheme, fluxes: Mapping[str, Value]) -> dict[str, Value]:
    """Net forward flux of every step in the steady state: the sum of the cycles that pass it. [1/ms]

    Steps outside all cycles carry none and are left out.
    """
    result: dict[str, Value] = {}
    for cycle in scheme.cycles:
        for step, direction in cycle.passages.items():
            part = fluxes[cycle.name] if direction > 0 else -fluxes[cycle.name]
            result[step] = result[step] + part if step in result else part
    return result
