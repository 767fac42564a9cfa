"""Steady state of a scheme by state reduction without subtractions.

The method is that of Grassmann, Taksar and Heyman (1985, Oper. Res. 33:1107). States are taken out one by one, their
traffic passed on to their neighbours, until the two ends of one step remain; the same few lines work on arrays of
numbers and on expressions. A ring of n states costs n - 2 such steps of constant size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from pumpleak.base.errors import SolveError
from pumpleak.enzyme.rates import Numbers, Rates
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import Expression

Value = TypeVar("Value", Expression, Numbers)


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
    key = steps[first.name]
    elimination = _Elimination([step for step in scheme.steps if step is not key], rates)
    for state in elimination.order(scheme.states, (key.source, key.target)):
        elimination.remove(state)
    forward, backward = rates[key.name]
    there, back = elimination.between(key.source, key.target)
    weights = elimination.weights({key.source: backward + back, key.target: forward + there})
    whole = _sum([weights[state] for state in scheme.states])
    occupancies = {state: weights[state] / whole for state in scheme.states}
    sign = first.passages[key.name]
    ahead, behind = (forward, backward) if sign > 0 else (backward, forward)
    against, along = (back, there) if sign > 0 else (there, back)
    fluxes = {first.name: (ahead * against - behind * along) / whole}
    for cycle in others:
        step = steps[cycle.name]
        forward, backward = rates[step.name]
        net = forward * occupancies[step.source] - backward * occupancies[step.target]
        fluxes[cycle.name] = net if cycle.passages[step.name] > 0 else -net
    return Steady(occupancies, fluxes)


def steady_numbers(scheme: Scheme, rates: Rates) -> Steady[Numbers]:
    """The steady state at many conditions at once, each array of the rates' shape.

    Raises SolveError where a state is never left.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # a state that is never left gives 0/0, named below
        steady = steady_state(scheme, rates)
    for share in steady.occupancies.values():
        lost = np.flatnonzero(~np.isfinite(share))
        if lost.size:
            raise SolveError(
                f"{scheme.name}: at condition {lost[0] + 1} of {share.size} a state that is entered is never left, so that "
                "the enzyme ends up in it", hint="give every ligand a positive concentration, for example 1e-6 mM")
    return steady


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


def _sum(terms: Sequence[Value]) -> Value:
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


class _Elimination(Generic[Value]):
    """Traffic between the states that are left, and how those taken out hang on them."""

    def __init__(self, steps: Sequence[Step], rates: Mapping[str, tuple[Value, Value]]) -> None:
        self.traffic: dict[str, dict[str, Value]] = {}
        self.removed: list[tuple[str, dict[str, Value]]] = []  # state, its weight per weight of each neighbour
        for step in steps:
            forward, backward = rates[step.name]
            self._add(step.source, step.target, forward)
            self._add(step.target, step.source, backward)

    def order(self, states: Sequence[str], kept: tuple[str, str]) -> list[str]:
        """States to take out, always one with the fewest neighbours left, so that little new traffic arises."""
        graph = {state: set(self.traffic[state]) for state in states}
        waiting = [state for state in states if state not in kept]
        result = []
        while waiting:
            state = min(waiting, key=lambda each: len(graph[each]))  # the first of equals
            waiting.remove(state)
            result.append(state)
            neighbours = graph.pop(state)
            for each in neighbours:
                graph[each] = (graph[each] | neighbours) - {state, each}
        return result

    def remove(self, state: str) -> None:
        """Take one state out: who enters it leaves it at once, to each neighbour in proportion."""
        leaving = self.traffic.pop(state)
        lifetime = 1.0 / _sum(list(leaving.values()))
        entering = {each: self.traffic[each].pop(state) * lifetime for each in leaving}
        for start, share in entering.items():
            for end, rate in leaving.items():
                if start != end:
                    self._add(start, end, share * rate)
        self.removed.append((state, entering))

    def between(self, source: str, target: str) -> tuple[Value, Value]:
        """Rates there and back between the two states that remain."""
        return self.traffic[source][target], self.traffic[target][source]

    def weights(self, known: Mapping[str, Value]) -> dict[str, Value]:
        """Relative occupancy of every state from those of the two that remain."""
        result = dict(known)
        for state, entering in reversed(self.removed):
            result[state] = _sum([result[each] * share for each, share in entering.items()])
        return result

    def _add(self, start: str, end: str, rate: Value) -> None:
        row = self.traffic.setdefault(start, {})
        self.traffic.setdefault(end, {})
        row[end] = row[end] + rate if end in row else rate
