"""The rates of a system as linear combinations of the fluxes they share.

A net flux that several rates hold (a binding step in two occupancies, two amounts and its extent) is taken as one number:
its response to a step is rounded once and enters all of them, so that what is conserved stays so to rounding, however
stiff the step. Without this, gross fluxes of 1e7 per ms over a step of 1e5 ms would leave 1e-4 of an occupancy in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pumpleak.system.expression import Expression


@dataclass(frozen=True)
class Fluxes:
    """rates_i = sum_r counts_i[r] fluxes_r (constant terms are left out: they have no slope)."""

    fluxes: tuple[Expression, ...]
    counts: tuple[dict[int, float], ...]


def decompose(rates: Sequence[Expression]) -> Fluxes:
    """Take each rate apart through sums and constant factors, down to what other rates hold too or what is not linear."""
    sides = _Sides()
    holders = Counter(id(node) for rate in rates for node in sides.linear_parts(rate))
    places: dict[int, int] = {}
    fluxes: list[Expression] = []
    counts: list[dict[int, float]] = []
    for rate in rates:
        row: dict[int, float] = {}
        for node, factor in sides.factors(rate, holders):
            if id(node) not in places:
                places[id(node)] = len(fluxes)
                fluxes.append(node)
            row[places[id(node)]] = factor
        counts.append(row)
    return Fluxes(tuple(fluxes), tuple(counts))


class _Sides:
    """Differences known so far: a - b and b - a are one flux, counted from the side that was met first."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Expression] = {}

    def side(self, node: Expression) -> tuple[Expression, float]:
        """The flux that stands for a node, and its sign in it."""
        if node.function != "sub":
            return node, 1.0
        a, b = node.arguments
        twin = self._known.get((id(b), id(a)))
        if twin is not None:
            return twin, -1.0
        return self._known.setdefault((id(a), id(b)), node), 1.0

    def terms(self, node: Expression) -> list[tuple[Expression, float]]:
        """The parts of a linear operation with their factors; empty for anything else."""
        arguments = node.arguments
        parts: list[tuple[Expression, float]] = []
        if node.function in ("add", "sub"):
            parts = [(arguments[0], 1.0), (arguments[1], 1.0 if node.function == "add" else -1.0)]
        elif node.function == "neg":
            parts = [(arguments[0], -1.0)]
        elif node.function == "mul" and arguments[0].is_number:
            parts = [(arguments[1], arguments[0].value)]
        elif node.function == "mul" and arguments[1].is_number:
            parts = [(arguments[0], arguments[1].value)]
        elif node.function == "div" and arguments[1].is_number:
            parts = [(arguments[0], 1.0 / arguments[1].value)]
        return [(flux, factor * sign) for part, factor in parts for flux, sign in [self.side(part)]]

    def linear_parts(self, rate: Expression) -> list[Expression]:
        """Every node reached from a rate through linear operations, once, the rate first."""
        first, _ = self.side(rate)
        seen, found = {id(first)}, [first]
        for node in found:
            for part, _ in self.terms(node):
                if id(part) not in seen:
                    seen.add(id(part))
                    found.append(part)
        return found

    def factors(self, rate: Expression, holders: Counter[int]) -> list[tuple[Expression, float]]:
        """The fluxes of one rate and how often each counts, in the order in which the rate is written."""
        first, sign = self.side(rate)
        factors = {id(first): sign}
        result: list[tuple[Expression, float]] = []
        for node in self._descent(first):
            factor = factors.get(id(node), 0.0)
            if factor == 0.0 or node.is_number:
                continue
            terms = self.terms(node) if holders[id(node)] == 1 else []
            for part, count in terms:
                factors[id(part)] = factors.get(id(part), 0.0) + factor * count
            if not terms:
                result.append((node, factor))
        return result

    def _descent(self, first: Expression) -> list[Expression]:
        """The linear parts of a node, each after all that hold it."""
        done: list[Expression] = []
        seen: set[int] = set()
        stack = [(first, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                done.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((part, False) for part, _ in self.terms(node))
        return done[::-1]
