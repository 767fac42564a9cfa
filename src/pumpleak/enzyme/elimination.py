"""Elimination: states of an enzyme taken out of its traffic one by one, without a subtraction.

The method is that of Grassmann, Taksar and Heyman (1985, Oper. Res. 33:1107). Where a(s, e) is the rate from state s to its
neighbour e, and a(s) the sum of all ways out of s, whoever enters s leaves it at once when it is taken out:
a(b, e) += a(b, s) a(s, e)/a(s). What is asked of those taken out then follows from those that are left, in reverse:

- weights w, how often a state is met in the steady state: w(s) = sum over b of w(b) a(b, s)/a(s)
- chances h, of coming to one end and to no other: h(s) = sum over e of a(s, e)/a(s) h(e)
- times t, spent there by what was put in: t(s) = sum over b of t(b) a(b, s)/a(s) + put(s)/a(s), what was put into s being
  passed on like all else when it is taken out

Rates are only multiplied, divided and added, so that slow and fast ones may differ by any factor; the same few lines work on
numbers, arrays and expressions. A ring of n states costs n steps of constant size.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import Expression

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", Expression, Numbers)


@dataclass(frozen=True)
class _Removed(Generic[Key, Value]):
    """A state that was taken out: the mean time in it, and the rates to its neighbours and from them, these per lifetime."""

    state: Key
    lifetime: Value
    leaving: Mapping[Key, Value]
    entering: Mapping[Key, Value]


class Elimination(Generic[Key, Value]):
    """Traffic between the states that are left, and how those taken out hang on them."""

    def __init__(self, states: Iterable[Key]) -> None:
        self.traffic: dict[Key, dict[Key, Value]] = {state: {} for state in states}
        self.removed: list[_Removed[Key, Value]] = []

    def add(self, start: Key, end: Key, rate: Value) -> None:
        """A way from one state to another. Neighbours have ways both there and back, but from an end nothing leads back."""
        row = self.traffic[start]
        row[end] = row[end] + rate if end in row else rate

    def order(self, states: Sequence[Key], kept: Collection[Key]) -> list[Key]:
        """States to take out, always one with the fewest neighbours left, so that little new traffic arises."""
        graph = {state: set(self.traffic[state]) for state in states}
        waiting = [state for state in states if state not in kept]
        result = []
        while waiting:
            state = min(waiting, key=lambda each: len(graph[each]))  # the first of equals
            waiting.remove(state)
            result.append(state)
            neighbours = graph.pop(state)
            for each in neighbours & graph.keys():
                graph[each] = (graph[each] | neighbours) - {state, each}
        return result

    def remove(self, states: Iterable[Key]) -> None:
        """Take states out in this order: who enters one leaves it at once, to each neighbour in proportion."""
        for state in states:
            leaving = self.traffic.pop(state)
            lifetime = 1.0 / summed(list(leaving.values()))
            entering = {each: self.traffic[each].pop(state) * lifetime for each in leaving if state in self.traffic[each]}
            for start, share in entering.items():
                for end, rate in leaving.items():
                    if start != end:
                        self.add(start, end, share * rate)
            self.removed.append(_Removed(state, lifetime, leaving, entering))

    def between(self, source: Key, target: Key, nothing: Value) -> tuple[Value, Value]:
        """Rates there and back between two states that remain; `nothing` where no other way joins them."""
        return self.traffic[source].get(target, nothing), self.traffic[target].get(source, nothing)

    def weights(self, known: Mapping[Key, Value]) -> dict[Key, Value]:
        """Relative occupancy of every state in the steady state, from those of the states that remain."""
        result = dict(known)
        for each in reversed(self.removed):
            result[each.state] = summed([result[start] * share for start, share in each.entering.items()])
        return result

    def chances(self, known: Mapping[Key, Value]) -> dict[Key, Value]:
        """Chance from every state of coming to one of the ends that remain, 1 in `known`, before the others, 0 in `known`."""
        result = dict(known)
        for each in reversed(self.removed):
            result[each.state] = summed([rate * each.lifetime * result[end] for end, rate in each.leaving.items()])
        return result

    def times(self, put: Mapping[Key, Value]) -> dict[Key, Value]:
        """Time that what is put into the states spends in each of them until it comes to those that remain."""
        left = dict(put)
        for each in self.removed:
            for end, rate in each.leaving.items():
                left[end] = left[end] + rate * each.lifetime * left[each.state]
        result = {state: 0.0 * left[state] for state in self.traffic}
        for each in reversed(self.removed):
            entered = summed([result[start] * share for start, share in each.entering.items()])
            result[each.state] = entered + left[each.state] * each.lifetime
        return result


def joined(states: Iterable[str], steps: Iterable[Step], rates: Mapping[str, tuple[Value, Value]]) -> Elimination[str, Value]:
    """The traffic of states that these steps join, at these (forward, backward) rates."""
    elimination: Elimination[str, Value] = Elimination(states)
    for step in steps:
        forward, backward = rates[step.name]
        elimination.add(step.source, step.target, forward)
        elimination.add(step.target, step.source, backward)
    return elimination


def summed(terms: Sequence[Value]) -> Value:
    """The sum of one term or more, in their order."""
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result
