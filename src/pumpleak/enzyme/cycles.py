"""The independent cycles of a scheme and what one turn of each moves.

A spanning tree is grown through the steps in the order in which they are given, those that free phosphate last; each
step that closes a circle instead names one independent cycle. Every stationary flux is a sum of cycles, each times the
net flux of the step naming it. Since phosphate leaves by the steps that close, each way of hydrolysing ATP is a cycle of
its own (3 Na : 2 K, and 3 Na : 0 K where the enzyme slips), and all others use none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pumpleak.base.errors import ModelError
from pumpleak.enzyme.step import CHARGE_TOLERANCE, Step, ligand
from pumpleak.system.expression import Expression

HYDROLYSIS: Mapping[str, int] = {"ATP": -1, "H2O": -1, "ADP": 1, "Pi": 1, "H": 1}  # MgATP + H2O = MgADP + Pi + H

LISTED = 4  # states of one step; more are no typing error

Value = TypeVar("Value", float, Expression)
Links = dict[str, list[tuple[str, str, int]]]  # state -> (neighbour, step, direction)


@dataclass(frozen=True)
class Cycle:
    """One closed way through a scheme, in the direction that uses ATP (or in that of the step that names it).

    passages: direction (+1, -1) in which each step is taken. stoichiometry: how many of each ligand one turn adds to
    its place. charge [e]: moved outward. hydrolysed: ATP used up.
    """

    name: str
    passages: Mapping[str, int]
    stoichiometry: Mapping[str, int]
    charge: float
    hydrolysed: int

    @property
    def reaction(self) -> str:
        """The net reaction in words and arrows."""
        sides = ([f"{abs(count)} {name}" if abs(count) != 1 else name
                  for name, count in sorted(self.stoichiometry.items()) if count * side > 0] for side in (-1, 1))
        return " -> ".join(" + ".join(side) or "nothing" for side in sides)


def independent_cycles(owner: str, states: Sequence[str], steps: Sequence[Step],
                       moved: Mapping[str, Mapping[str, int]], *, flawed: bool = False) -> tuple[Cycle, ...]:
    """A basis of the cycles; `moved` is what each step adds to each place.

    Raises ModelError for states that no way joins, steps without a cycle, a cycle that makes or loses something, and,
    unless the scheme is known to be flawed, one whose steps carry another charge than its ligands.
    """
    last = {step.name for step in steps if any(ligand(each).species == "Pi" for each in moved[step.name])}
    links, closing = _tree(states, sorted(steps, key=lambda step: step.name in last))
    reached = {states[0]} | {state for state in states[1:] if _path(links, states[0], state)}
    for state in states:
        if state not in reached:
            raise ModelError(f"{owner}: no steps lead from '{states[0]}' to '{state}'; all states must be connected"
                             f"{loose_ends(states, steps)}").about("steps", *touching(steps, state)[:1])
    if not closing:
        ends = [state for state in states if len(touching(steps, state)) == 1]
        raise ModelError(f"{owner}: its {len(steps)} steps form no cycle, so nothing can be transported"
                         f"{loose_ends(states, steps)}").about("steps", *touching(steps, ends[-1]))
    cycles = []
    for step in closing:
        passages = {step.name: 1, **dict(_path(links, step.target, step.source))}
        cycles.append(_cycle(owner, step.name, passages, moved, alone=len(closing) == 1))
        if not flawed:
            _check_charge(owner, cycles[-1], steps, alone=len(closing) == 1)
    return tuple(cycles)


def touching(steps: Sequence[Step], state: str) -> list[str]:
    """The steps that a state takes part in."""
    return [step.name for step in steps if state in (step.source, step.target)]


def loose_ends(states: Sequence[str], steps: Sequence[Step]) -> str:
    """The end of a message about steps that do not close: states of one step only, as a misspelt one is."""
    found = [(state, *touching(steps, state)) for state in states if len(touching(steps, state)) == 1]
    if not found:
        return ""
    listed = ", ".join(f"'{state}' ('{step}')" for state, step in found[:LISTED])
    return f"; states that one step alone touches: {listed}{', ...' if len(found) > LISTED else ''}: is one misspelt?"


def _tree(states: Sequence[str], steps: Sequence[Step]) -> tuple[Links, list[Step]]:
    """The spanning tree and the steps that are left over."""
    links: Links = {state: [] for state in states}
    closing = []
    for step in steps:
        if _path(links, step.source, step.target):
            closing.append(step)
        else:
            links[step.source].append((step.target, step.name, 1))
            links[step.target].append((step.source, step.name, -1))
    return links, closing


def _path(links: Links, start: str, end: str) -> list[tuple[str, int]]:
    """Steps and directions from one state to another through the tree; empty where there is no way."""
    paths: dict[str, list[tuple[str, int]]] = {start: []}
    frontier = [start]
    while frontier:
        state = frontier.pop()
        for neighbour, step, direction in links[state]:
            if neighbour not in paths:
                paths[neighbour] = [*paths[state], (step, direction)]
                frontier.append(neighbour)
    return paths.get(end, [])


def _cycle(owner: str, name: str, passages: Mapping[str, int], moved: Mapping[str, Mapping[str, int]], *,
           alone: bool) -> Cycle:
    net: dict[str, int] = {}
    for step, direction in passages.items():
        for each, count in moved[step].items():
            net[each] = net.get(each, 0) + direction * count
    hydrolysed = -sum(count for each, count in net.items() if ligand(each).species == "ATP")
    sign = -1 if hydrolysed < 0 else 1
    cycle = Cycle(
        name, {step: sign * direction for step, direction in passages.items()},
        {each: sign * count for each, count in sorted(net.items()) if count},
        sum((sign * count * ligand(each).charge for each, count in net.items() if ligand(each).place == "outside"),
            start=0.0),
        sign * hydrolysed)
    left = _left_over(cycle)
    if left:
        listed = ", ".join(f"{abs(count)} {species} too {'many' if count > 0 else 'few'}"
                           for species, count in left.items())
        raise ModelError(f"{owner}: {called(name, alone)} does not close: {cycle.reaction} leaves {listed}; what goes "
                         "in must come out, but for ATP + H2O -> ADP + Pi + H").about("steps", *(() if alone else (name,)))
    return cycle


def _left_over(cycle: Cycle) -> dict[str, int]:
    """What one turn makes (positive) or loses of each species, beyond transport and the hydrolysis of ATP."""
    left = {species: -count * cycle.hydrolysed for species, count in HYDROLYSIS.items()}
    for name, count in cycle.stoichiometry.items():
        species = ligand(name).species
        left[species] = left.get(species, 0) + count
    return {species: count for species, count in sorted(left.items()) if count}


def net_cycle(owner: str, change: Mapping[str, int]) -> Cycle:
    """The cycle of which only what one turn adds to each place is known, as of a rate law.

    Raises ModelError for one that makes or loses something.
    """
    return _cycle(owner, "turn", {"turn": 1}, {"turn": change}, alone=True)


def carried_charge(cycle: Cycle, steps: Sequence[Step]) -> float:
    """Charge that the steps of a cycle carry through the field in one turn. [e]"""
    return sum(cycle.passages[step.name] * step.charge for step in steps if step.name in cycle.passages)


def _check_charge(owner: str, cycle: Cycle, steps: Sequence[Step], *, alone: bool) -> None:
    carried = carried_charge(cycle, steps)
    if abs(carried - cycle.charge) > CHARGE_TOLERANCE:
        of = "" if alone else f" of {called(cycle.name, alone)}"
        raise ModelError(f"{owner}: the steps{of} carry charge {carried:+g} through the field, but the cycle moves "
                         f"{cycle.charge:+g} ({cycle.reaction})").about("steps", *(() if alone else (cycle.name,)))


def held_by(states: Sequence[str], steps: Sequence[Step], gained: Mapping[str, Value],
            start: Value) -> dict[str, Value]:
    """What each state holds when each step gains so much, from `start` in the first state on."""
    held = {states[0]: start}
    while len(held) < len(states):
        for step in steps:
            if step.source in held and step.target not in held:
                held[step.target] = held[step.source] + gained[step.name]
            elif step.target in held and step.source not in held:
                held[step.source] = held[step.target] - gained[step.name]
    return held


def called(name: str, alone: bool) -> str:
    """How a message calls a cycle: by its step where there are several."""
    return "the cycle" if alone else f"the cycle through '{name}'"
