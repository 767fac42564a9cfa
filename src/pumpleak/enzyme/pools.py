"""Pools: states of a scheme that fast steps hold at equilibrium with each other, and the slow steps left between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import CHARGE_TOLERANCE, REDUCED_VOLTAGE, WATER, Step
from pumpleak.enzyme.temperature import COLD, reaction_enthalpy
from pumpleak.system.expression import Expression, exp, product, symbol

CHARGE_DIGITS = 9  # those of CHARGE_TOLERANCE: charges that agree so far are one


@dataclass(frozen=True)
class Way:
    """How a state hangs on its pool: the state before it, the fast step that joins them, and its direction away."""

    before: str
    step: Step
    direction: int


@dataclass(frozen=True)
class Lump:
    """Slow steps in parallel between two pools that move the same: as one, in the direction of the first of them.

    members: each step with its direction (+1, -1). taken, released, charge [e]: counted from representative to
    representative, so what the pools bind on the way is included.
    """

    source: str
    target: str
    members: tuple[tuple[Step, int], ...]
    taken: Mapping[str, int]
    released: Mapping[str, int]
    charge: float

    @property
    def name(self) -> str:
        """That of the first step."""
        return self.members[0][0].name


class Pools:
    """The partition of a scheme's states that its fast steps make.

    home: the pool of each state, named after its representative, the state that holds the fewest atoms.
    ways: how each other state is reached from there. Detailed balance makes the choice of ways immaterial.
    """

    def __init__(self, scheme: Scheme, fast: Sequence[Step]) -> None:
        self.scheme, self.fast = scheme, tuple(fast)
        self.home: dict[str, str] = {}
        self.ways: dict[str, Way] = {}
        self.quantities = sorted({name for step in scheme.steps for name in step.change})
        self.gains = {step.name: self._gain(step) for step in scheme.steps}
        self._held: dict[str, Numbers] = {}
        atoms = {state: sum(scheme.contents[state].values()) for state in scheme.states}
        for state in sorted(scheme.states, key=atoms.__getitem__):
            if state not in self.home:
                self._grow(state)

    def _gain(self, step: Step) -> Numbers:
        """What a step adds to the place of each ligand and, last, the charge it moves outward."""
        change = step.change
        return np.array([*(change.get(name, 0) for name in self.quantities), step.charge], dtype=np.float64)

    def _grow(self, representative: str) -> None:
        """Everything that fast steps join to a state."""
        self.home[representative] = representative
        self._held[representative] = np.zeros(len(self.quantities) + 1)
        members = [representative]
        for state in members:
            for step in self.fast:
                for start, end, direction in ((step.source, step.target, 1), (step.target, step.source, -1)):
                    if start == state and end not in self.home:
                        self.home[end] = representative
                        self.ways[end] = Way(state, step, direction)
                        self._held[end] = self._held[state] + direction * self.gains[step.name]
                        members.append(end)

    @cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """The states of each pool, the representative first and each after the one it hangs on; in the scheme's order."""
        pools = dict.fromkeys(self.home[state] for state in self.scheme.states)
        return {pool: tuple(state for state, home in self.home.items() if home == pool) for pool in pools}

    @property
    def balanced(self) -> bool:
        """Whether no way around inside a pool transports or hydrolyses anything: else it cannot be at equilibrium."""
        return all(np.max(np.abs(self.net(step))) <= CHARGE_TOLERANCE
                   for step in self.scheme.steps if self.home[step.source] == self.home[step.target])

    def net(self, step: Step) -> Numbers:
        """What a step adds to each place and the charge it moves, counted between the representatives of its pools."""
        return self._held[step.source] + self.gains[step.name] - self._held[step.target]

    @cached_property
    def lumps(self) -> tuple[Lump, ...]:
        """The steps between pools, those in parallel that move the same as one."""
        groups: dict[tuple[str, str, tuple[float, ...]], list[tuple[Step, int]]] = {}
        for step in self.scheme.steps:
            ends = self.home[step.source], self.home[step.target]
            net = np.round(self.net(step), CHARGE_DIGITS) + 0.0  # no -0, which would be another key
            if ends[0] == ends[1]:
                continue
            against = (ends[1], ends[0], tuple(-net + 0.0))
            if against in groups:
                groups[against].append((step, -1))
            else:
                groups.setdefault((*ends, tuple(net)), []).append((step, 1))
        return tuple(self._lump(source, target, steps) for (source, target, _), steps in groups.items())

    def _lump(self, source: str, target: str, steps: Sequence[tuple[Step, int]]) -> Lump:
        *counts, charge = (float(value) for value in self.net(steps[0][0]))
        change = {name: round(count) for name, count in zip(self.quantities, counts, strict=True) if count}
        return Lump(source, target, tuple(steps), {name: -count for name, count in change.items() if count < 0},
                    {name: count for name, count in change.items() if count > 0}, charge)

    def weights(self, rates: Mapping[str, tuple[Numbers, Numbers]]) -> dict[str, Numbers]:
        """Occupancy of each state relative to its pool's representative: prod(forward/backward) along its way."""
        result: dict[str, Numbers] = {}
        for state, pool in self.home.items():
            if state == pool:
                result[state] = np.ones(1)
            else:
                way = self.ways[state]
                forward, backward = rates[way.step.name][::way.direction]
                result[state] = result[way.before] * (forward / backward)
        return result


def equilibrium(scheme: Scheme, step: Step, direction: int) -> Expression:
    """forward/backward of a step (backward/forward for -1), its common factors cancelled; what temperature does included."""
    constants = _quotient(*(step.forward, step.backward)[::direction])
    bound = {name: -direction * count for name, count in step.change.items() if not name.endswith(f".{WATER}")}
    charge = direction * step.charge
    above = product(symbol(name) ** count for name, count in bound.items() if count > 0)
    below = product(symbol(name) ** -count for name, count in bound.items() if count < 0)
    result = constants * (above / below) * (exp(charge * symbol(REDUCED_VOLTAGE)) if charge else 1.0)
    if scheme.dH0 is None:
        return result
    return result * exp(-direction * reaction_enthalpy(step, scheme.enthalpies) * symbol(COLD))


def _quotient(top: Expression, bottom: Expression) -> Expression:
    """top/bottom without the factors that both have, so that a rate both share drops out of their equilibrium."""
    above, below = _factors(top)
    more_below, more_above = _factors(bottom)
    above, below = above + more_above, below + more_below
    for factor in list(above):
        if any(factor is other for other in below):
            above = _without(above, factor)
            below = _without(below, factor)
    value = 1.0
    for factor in above:
        value *= factor.value if factor.is_number else 1.0
    for factor in below:
        value /= factor.value if factor.is_number else 1.0
    return (product((value, *(factor for factor in above if not factor.is_number)))
            / product(factor for factor in below if not factor.is_number))


def _factors(node: Expression) -> tuple[list[Expression], list[Expression]]:
    """The factors above and below the fraction line of a product."""
    if node.function in ("mul", "div"):
        above, below = _factors(node.arguments[0])
        also, under = _factors(node.arguments[1])
        return (above + also, below + under) if node.function == "mul" else (above + under, below + also)
    return [node], []


def _without(factors: Iterable[Expression], factor: Expression) -> list[Expression]:
    """The factors less one occurrence of this one."""
    rest = list(factors)
    del rest[next(place for place, each in enumerate(rest) if each is factor)]
    return rest
