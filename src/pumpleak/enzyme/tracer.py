"""One-way fluxes as a tracer shows them: which of the ions that enter the enzyme on one side leave it on the other.

What is bound is followed through the states that hold it until it leaves, inside or outside; the chance of leaving to one
side from a given state is its committor. Two things can be followed:

- a load: all ions of a species together, from the moment when the first one binds to an empty enzyme until the last one
  has left. It counts once, however many ions it holds.
- a single labelled ion. The ions of one species that are bound at the same time are taken as exchangeable: whichever
  step frees one of n of them frees each with the chance 1/n. Real sites may release in order; this is an assumption.

Steps that are lumped hold their bound ligands at equilibrium, so that a load or label is lost as soon as it is back in a
pool of such states: the limit of binding that is fast against all other steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.cycles import held_by
from pumpleak.enzyme.elimination import Elimination
from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.response import PER_SECOND, Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import NEVER
from pumpleak.enzyme.step import PLACES

INSIDE, OUTSIDE = range(len(PLACES))
NOWHERE = len(PLACES)  # where what is held ends up in states that it cannot leave
Pair = tuple[float, float]  # inside, outside
Counted = Callable[[int, int, Pair, Pair], tuple[Pair, Pair]]


@dataclass(frozen=True)
class OneWay:
    """One-way fluxes of a species through one enzyme; both are never negative. [1/s]

    out: from inside to outside. into: from outside to inside.
    """

    out: Numbers
    into: Numbers

    @property
    def net(self) -> Numbers:
        """What is left of the two, outward positive. [1/s]"""
        return self.out - self.into


@dataclass(frozen=True)
class _Passage:
    """One step in one direction: its rate [1/ms], and what is followed: how much enters it, with which chance it leaves.

    enter, leave: from and to inside and outside.
    """

    source: str
    target: str
    rate: Numbers
    enter: Pair
    leave: Pair

    @property
    def stay(self) -> float:
        return max(0.0, 1.0 - sum(self.leave))


def exchange(scheme: Scheme, species: str, given: Conditions | None = None, base: str = "") -> OneWay:
    """One-way fluxes of whole loads of a species, `"Na"` or `"inside.Na"`, in the steady state at given conditions. [1/s]

    A load moves outward when an enzyme that was empty of the species binds it inside and is next empty outside. Where all
    ions cross together, the net flux of ions is the number of ions in a load times the net flux of loads.

    Raises NameUnknown and ModelError for a species that the scheme does not carry across; what `respond` raises.
    """
    return exchange_in(respond(scheme, given, base), species)


def tracer(scheme: Scheme, species: str, given: Conditions | None = None, base: str = "") -> OneWay:
    """One-way fluxes of single labelled ions of a species, `"Na"` or `"inside.Na"`, in the steady state. [1/s]

    Their difference is the net flux of the species, in every scheme.

    Raises NameUnknown and ModelError for a species that the scheme does not carry across; what `respond` raises.
    """
    return tracer_in(respond(scheme, given, base), species)


def exchange_in(response: Response, species: str) -> OneWay:
    """One-way fluxes of whole loads of a species in a known steady state. [1/s]"""
    return _one_way(response, species, _as_load)


def tracer_in(response: Response, species: str) -> OneWay:
    """One-way fluxes of single labelled ions of a species in a known steady state. [1/s]"""
    return _one_way(response, species, _as_ion)


def _as_load(before: int, after: int, taken: Pair, freed: Pair) -> tuple[Pair, Pair]:
    """A load enters an empty enzyme and leaves with the last of its ions."""
    enter = _shares(taken, sum(taken)) if before == 0 else (0.0, 0.0)
    leave = _shares(freed, sum(freed)) if after == 0 else (0.0, 0.0)
    return enter, leave


def _as_ion(before: int, after: int, taken: Pair, freed: Pair) -> tuple[Pair, Pair]:
    """Every ion taken enters; of those there are then, each is as likely to be freed."""
    return taken, _shares(freed, before + sum(taken))


def _shares(parts: Pair, whole: float) -> Pair:
    return (parts[INSIDE] / whole, parts[OUTSIDE] / whole) if whole else (0.0, 0.0)


def _one_way(response: Response, species: str, counted: Counted) -> OneWay:
    species = species_named(response.scheme, species)
    held = _held(response.scheme, species)
    passages = _passages(response, species, held, counted)
    leaving = _committors(passages, [state for state, count in held.items() if count], response.turnover.shape)
    fluxes = []
    for start, end in ((INSIDE, OUTSIDE), (OUTSIDE, INSIDE)):
        total = np.zeros_like(response.turnover)
        for passage in passages:
            if passage.enter[start]:
                reach: float | Numbers = passage.leave[end]
                if passage.target in leaving:
                    reach = reach + passage.stay * leaving[passage.target][end]
                total = total + response.occupancies[passage.source] * passage.rate * passage.enter[start] * reach
        fluxes.append(total * PER_SECOND)
    return OneWay(*fluxes)


def species_named(scheme: Scheme, name: str) -> str:
    """The species of a name such as `Na`, `inside.Na` or `outside.Na`.

    Raises NameUnknown for a species that is not in the table.
    """
    place, _, species = name.partition(".") if isinstance(name, str) else ("", "", "")
    found = species if place in PLACES else name
    if found not in SPECIES:
        raise NameUnknown(f"{scheme.name}: it knows no species {shown(name)}{did_you_mean(str(name), SPECIES)}")
    return found


def _held(scheme: Scheme, species: str) -> dict[str, int]:
    """How many of a species each state holds, beyond those which all states hold.

    Raises ModelError for one that is not bound and freed on both sides or is changed on the way.
    """
    if not carries(scheme, species):
        moved = sorted({name for change in scheme.changes.values() for name in change})
        raise ModelError(f"{scheme.name}: it does not carry {species} from one side to the other, so there are no one-way "
                         f"fluxes of it; its ligands are {', '.join(moved)}")
    gained = {step.name: -sum(scheme.changes[step.name].get(f"{place}.{species}", 0) for place in PLACES)
              for step in scheme.steps}
    held = held_by(scheme.states, scheme.steps, {name: float(count) for name, count in gained.items()}, 0.0)
    least = min(held.values())
    return {state: round(count - least) for state, count in held.items()}


def carries(scheme: Scheme, species: str) -> bool:
    """Whether a scheme binds and frees a species on both sides and neither makes it nor uses it up."""
    sides = [f"{place}.{species}" for place in PLACES]
    kept = all(sum(cycle.stoichiometry.get(side, 0) for side in sides) == 0 for cycle in scheme.cycles)
    return kept and all(any(side in change for change in scheme.changes.values()) for side in sides)


def _passages(response: Response, species: str, held: Mapping[str, int], counted: Counted) -> list[_Passage]:
    """Every step in both directions."""
    passages = []
    for step in response.scheme.steps:
        forward, backward = response.rates[step.name]
        taken, freed = _pair(step.taken, species), _pair(step.released, species)
        for source, target, rate, into, out_of in ((step.source, step.target, forward, taken, freed),
                                                   (step.target, step.source, backward, freed, taken)):
            enter, leave = counted(held[source], held[target], into, out_of)
            passages.append(_Passage(source, target, rate, enter, leave))
    return passages


def _pair(counts: Mapping[str, int], species: str) -> Pair:
    inside, outside = (float(counts.get(f"{place}.{species}", 0)) for place in PLACES)
    return inside, outside


def _committors(passages: list[_Passage], loaded: list[str], shape: tuple[int, ...]) -> dict[str, tuple[Numbers, Numbers]]:
    """The chance of leaving inside and outside from each state that holds what is followed.

    Whatever is held in states that it cannot leave reaches neither side.
    """
    ends = (INSIDE, OUTSIDE, NOWHERE)
    elimination: Elimination[str | int, Numbers] = Elimination((*ends, *loaded))
    for state in loaded:
        elimination.add(state, NOWHERE, np.full(shape, NEVER))
    for passage in passages:
        if passage.source in loaded:
            for side in (INSIDE, OUTSIDE):
                elimination.add(passage.source, side, passage.rate * passage.leave[side])
            if passage.target in loaded:
                elimination.add(passage.source, passage.target, passage.rate * passage.stay)
    elimination.remove(elimination.order(loaded, ends))
    inside, outside = (elimination.chances({end: np.full(shape, float(end == side)) for end in ends})
                       for side in (INSIDE, OUTSIDE))
    return {state: (inside[state], outside[state]) for state in loaded}
