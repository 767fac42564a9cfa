"""Reduction: binding that is fast against turnover taken as at equilibrium, as far as the steady fluxes stay the same.

States joined by fast steps become one pool, whose members keep the shares of equilibrium; a slow step from state i runs
at its rate times the share of i in its pool (partial equilibrium: Cha 1968, J. Biol. Chem. 243:820). Steps are grouped
as long as the fluxes of the reduced scheme stay near those of the full one all over a box of conditions, those nearest to
equilibrium first: all that are left at once, and where that is too many, one half and then the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import count

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.names import LONGEST
from pumpleak.base.species import DRUGS
from pumpleak.enzyme.asked import require_scheme
from pumpleak.enzyme.conditions import usual_of
from pumpleak.enzyme.elimination import Elimination, summed
from pumpleak.enzyme.pools import Lump, Pools, equilibrium
from pumpleak.enzyme.rates import VOLTAGE, Numbers, Rates, resolved_rates
from pumpleak.enzyme.response import PER_SECOND, Response, respond
from pumpleak.enzyme.scheme import Scheme, SchemeKey
from pumpleak.enzyme.step import Step, ligand
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.system.expression import Expression, number, symbol, symbols, total
from pumpleak.system.system import Definition

TOLERANCE = 0.005  # half of the 1 % that a user may count on: the box is sampled, not searched
FLOOR = 0.1  # 1/s; a flux below this is judged against it: near reversal every relative error is infinite
# The box: what cells and patch pipettes hold. [mM, mV]
RANGES: Mapping[str, tuple[float, float]] = {"inside.Na": (2.0, 60.0), "outside.K": (0.5, 20.0), "inside.ATP": (0.05, 10.0)}
VOLTAGES = (-140.0, 60.0)
TEMPERATURES = (288.15, 315.15)  # K, 15 to 42 degC; for schemes that answer to temperature
AROUND = 2.0  # all other ligands: from half to twice their value in the scheme's usual condition
USUAL: Mapping[str, float] = {"inside.K": 140.0, "outside.Na": 145.0, "inside.ADP": 0.03, "inside.Pi": 2.0,
                              "inside.H": 6.3e-5}  # mM; without a condition, and for what it is made without
OTHER = 1.0  # mM; ligands that are not in the table
POINTS = 500  # errors of a smooth function of some ten conditions, largest near the corners, which are added
COARSE = 10  # a grouping is tried at every tenth point and the corners first: most that fail do so there
# The time grows with the cube of the states, 0.6 s for 80 of which few are fast; published schemes have up to some thirty.
MOST_STATES = 80
Points = slice | NDArray[np.intp]
ALL = slice(None)
Leaving = tuple[Expression, str]  # a rate and the state from which it leads out of a pool
ENDING = ".reduced"
KEPT = 16  # reductions in memory; a session has a few schemes


@dataclass(frozen=True)
class Reduction:
    """A scheme with fewer states and the same steady fluxes, and how well they agree.

    full, scheme: before and after; both have the same parameters, and derived constants stay derived. pools: the states
    of each pool. fast: names of the steps taken as at equilibrium. error: largest |flux - full flux|/max(|full flux|,
    0.1 /s) over every ligand's flux and the current, found at `where` [mM, mV, K] among `points` sampled conditions; between
    them it may be some times larger. []
    """

    full: Scheme
    scheme: Scheme
    pools: Mapping[str, tuple[str, ...]]
    fast: tuple[str, ...]
    error: float
    where: Mapping[str, float]
    points: int = 0

    def __str__(self) -> str:
        text = f"{self.text[0].upper()}{self.text[1:]}."
        pools = [f"  {pool}: {', '.join(states)}" for pool, states in self.pools.items() if len(states) > 1]
        return "\n".join([f"{self.full.name}: {len(self.full.states)} states to {len(self.pools)}", f"  {text}", *pools])

    __repr__ = __str__

    @property
    def idle(self) -> tuple[str, ...]:
        """Parameters that no rate of the reduced scheme uses: they decided which steps are fast, and nothing else."""
        rates = resolved_rates(self.scheme.system, self.scheme.steps)
        used = symbols(rate for pair in rates.values() for rate in pair)
        return tuple(parameter.name for parameter in self.scheme.parameters if parameter.name not in used)

    @property
    def text(self) -> str:
        """What was taken as at equilibrium and how far fluxes are off, in one sentence."""
        if not self.fast:
            size = len(self.full.states)
            why = f": with {size} states, more than {MOST_STATES}, none was tried" if size > MOST_STATES else ""
            return f"no step of {self.full.name} is taken as at equilibrium{why}"
        spans = [f"{name} {low:g} to {high:g} mM" for name, (low, high) in RANGES.items() if name in self.where]
        spans += [f"{VOLTAGES[0]:g} to {VOLTAGES[1]:+g} mV"]
        spans += [f"{TEMPERATURES[0]:g} to {TEMPERATURES[1]:g} K"] if TEMPERATURE in self.where else []
        return (f"{len(self.fast)} fast steps of {self.full.name} are taken as at equilibrium, which leaves {len(self.pools)} "
                f"of {len(self.full.states)} states and changes steady fluxes by at most {100.0 * self.error:.2g} % at "
                f"{self.points} sampled conditions ({', '.join(spans)})")


def reduce(scheme: Scheme, tolerance: float = TOLERANCE) -> Reduction:
    """The scheme with its fast binding at equilibrium, as far as every steady flux stays within `tolerance`.

    Steps that free phosphate are never grouped, since they name the cycles. A scheme whose rates already contain
    equilibria, or do not close, is returned as it is, and one of more than 80 states.
    """
    require_scheme(scheme, "reduce")
    return _reduced(SchemeKey(scheme), tolerance)


def box(scheme: Scheme) -> dict[str, Numbers]:
    """The conditions over which a reduction is judged: ligands [mM], membrane.V [mV] and, where it matters, temperature [K].

    The same on every machine: a low-discrepancy sequence (multiples of powers of the root of g^(d+1) = g + 1, modulo 1), and
    all corners of the ranges of inside.Na, outside.K, inside.ATP and membrane.V.
    """
    named = scheme.conditions.get(usual_of(scheme.conditions), {})
    usual = {name: named.get(name) or USUAL.get(name, OTHER) for name in scheme.ligands}
    spans = {name: RANGES.get(name, (value / AROUND, value * AROUND)) for name, value in usual.items()}
    spans[VOLTAGE] = VOLTAGES
    if scheme.dH0 is not None:
        spans[TEMPERATURE] = TEMPERATURES
    names = tuple(spans)
    root = float(np.max(np.roots([1.0, *[0.0] * (len(names) - 1), -1.0, -1.0]).real))
    part = np.mod(0.5 + np.arange(POINTS)[:, None] * root ** -(1.0 + np.arange(len(names))), 1.0)
    edges = [names.index(name) for name in names if name in RANGES or name == VOLTAGE]
    corners = np.full((2 ** len(edges), len(names)), 0.5)
    if scheme.dH0 is not None:
        corners[:, -1] = (scheme.constants.T - TEMPERATURES[0]) / (TEMPERATURES[1] - TEMPERATURES[0])
    corners[:, edges] = np.arange(len(corners))[:, None] >> np.arange(len(edges)) & 1
    part = np.concatenate([part, corners]).T
    return {name: _between(*spans[name], share, logarithmic=name in scheme.ligands)
            for name, share in zip(names, part, strict=True)}


def _between(low: float, high: float, share: Numbers, *, logarithmic: bool) -> Numbers:
    """That share of the way from low to high; of a concentration in its logarithm."""
    return low * (high / low) ** share if logarithmic else low + (high - low) * share


@lru_cache(maxsize=KEPT)
def _reduced(key: SchemeKey, tolerance: float) -> Reduction:
    scheme = key.scheme
    alone = Reduction(scheme, scheme, {state: (state,) for state in scheme.states}, (), 0.0, {})
    if scheme.defects or not scheme.is_explicit or len(scheme.states) > MOST_STATES:
        return alone
    trial = _Trial(scheme)
    pools = trial.largest(tolerance)
    if not pools.fast:
        return alone
    made = write_pools(pools)
    error = trial.error(fluxes_of(respond(made, trial.conditions)))
    worst = int(np.argmax(error))
    return Reduction(scheme, made, pools.members, tuple(step.name for step in pools.fast), float(error[worst]),
                     {name: float(values[worst]) for name, values in trial.conditions.items()}, len(error))


def fluxes_of(response: Response) -> Numbers:
    """What one enzyme adds to the place of every ligand that its steps move, and the charge it moves outward. [1/s]"""
    names = sorted({name for step in response.scheme.steps for name in step.change})
    return np.stack([*(response.transported(name) for name in names), response.current])


@dataclass(frozen=True)
class _Trial:
    """A scheme over the box: its rates and fluxes there, against which groupings are held."""

    scheme: Scheme

    @cached_property
    def conditions(self) -> dict[str, Numbers]:
        return box(self.scheme)

    @cached_property
    def response(self) -> Response:
        return respond(self.scheme, self.conditions)

    @cached_property
    def fluxes(self) -> Numbers:
        return fluxes_of(self.response)

    def error(self, fluxes: Numbers, points: Points = ALL) -> Numbers:
        """The largest relative error at each of these points."""
        right = self.fluxes[:, points]
        off = np.abs(fluxes - right) / np.maximum(np.abs(right), FLOOR)
        return np.asarray(np.max(off, axis=0), dtype=np.float64)

    def largest(self, tolerance: float) -> Pools:
        """The pools of as many steps as there can be before fluxes are off by more than the tolerance, the fastest first.

        How fast is measured against what passes: net over gross flux of a step, where it is largest.
        """
        balance = self.response.balance
        steps = sorted(self._candidates(), key=lambda each: float(np.max(balance[_free_twin(each)])))
        return self._grown(Pools(self.scheme, ()), steps, tolerance)

    def _grown(self, found: Pools, steps: Sequence[Step], tolerance: float) -> Pools:
        """The pools with these steps too; if that is too much, with what fits of the first half and then of the second."""
        trial = Pools(self.scheme, (*found.fast, *steps))
        if self._fits(trial, tolerance):
            return trial
        if len(steps) < 2:
            return found
        half = len(steps) // 2
        return self._grown(self._grown(found, steps[:half], tolerance), steps[half:], tolerance)

    def _fits(self, pools: Pools, tolerance: float) -> bool:
        """Whether these pools can be at equilibrium without changing fluxes by more than the tolerance anywhere."""
        return pools.balanced and all(self._off(pools, points) <= tolerance for points in (self._coarse, ALL))

    def _off(self, pools: Pools, points: Points) -> float:
        rates = {name: (forward[points], backward[points]) for name, (forward, backward) in self.response.rates.items()}
        return float(np.max(self.error(_pooled_fluxes(pools, rates), points)))

    @property
    def _coarse(self) -> Points:
        return np.concatenate([np.arange(0, POINTS, COARSE), np.arange(POINTS, self.fluxes.shape[1])])

    def _candidates(self) -> list[Step]:
        """Binding of a drug stands in equilibrium at rest however slow it is, so that its speed must be kept."""
        return [step for step in self.scheme.steps if not any(ligand(name).species in ("Pi", *DRUGS) for name in step.change)]


def _free_twin(step: Step) -> str:
    """The step of a pump without a drug that this one goes on as in the complex, where it passes nothing at rest: its name."""
    drug = next((each for each in DRUGS if step.source.endswith(f".{each}")), "")
    return step.name.removesuffix(f"_{drug}") if drug else step.name


def _pooled_fluxes(pools: Pools, rates: Rates) -> Numbers:
    """The fluxes of a scheme whose pools are at equilibrium, from numbers alone. [1/s]"""
    weights = pools.weights(rates)
    whole = {pool: sum((weights[state] for state in states), start=np.zeros(1)) for pool, states in pools.members.items()}
    elimination: Elimination[str, Numbers] = Elimination(pools.members)
    flows = []
    for step in pools.scheme.steps:
        source, target = pools.home[step.source], pools.home[step.target]
        if source == target:
            continue
        forward = rates[step.name][0] * (weights[step.source] / whole[source])
        backward = rates[step.name][1] * (weights[step.target] / whole[target])
        elimination.add(source, target, forward)
        elimination.add(target, source, backward)
        flows.append((source, target, forward, backward, pools.net(step)))
    first, *others = pools.members
    elimination.remove(elimination.order(others, ()))
    shares = elimination.weights({first: np.ones(1)})
    parts = [net[:, None] * (forward * shares[source] - backward * shares[target])
             for source, target, forward, backward, net in flows]
    return np.asarray(PER_SECOND * np.sum(parts, axis=0) / summed(list(shares.values())), dtype=np.float64)


def write_pools(pools: Pools) -> Scheme:
    """The scheme of pools at equilibrium: shares of equilibrium as definitions, slow steps with apparent rates."""
    scheme = pools.scheme
    names = _Names(scheme)
    derived = [Definition(name, unit, scheme.derivation[name], "from detailed balance")
               for name, unit in scheme.derived.items()]
    weights = []
    for pool, states in pools.members.items():
        for state in states[1:]:
            way = pools.ways[state]
            weight = _weight(pools, names, way.before) * equilibrium(scheme, way.step, way.direction)
            weights.append(Definition(names.weight[state], "1", weight))
        if len(states) > 1:
            weights.append(Definition(names.pool[pool], "1", total(_weight(pools, names, state) for state in states)))
    return replace(scheme, name=f"{scheme.name[:LONGEST - len(ENDING)]}{ENDING}", states=tuple(pools.members), derived={},
                   enthalpies={state: value for state, value in scheme.enthalpies.items() if state in pools.members},
                   steps=tuple(_written(pools, names, lump) for lump in pools.lumps),
                   definitions=(*derived, *scheme.definitions, *weights), made=True)


class _Names:
    """What weights of states and sums of pools are called: names that a formula in a file can hold, and not taken yet."""

    def __init__(self, scheme: Scheme) -> None:
        self.taken = {*scheme.states, *scheme.derived, *(step.name for step in scheme.steps),
                      *(each.name for each in scheme.parameters), *(each.name for each in scheme.definitions)}
        self.weight, self.pool = ({state: self._name(state, kind) for state in scheme.states} for kind in ("weight", "pool"))

    def _name(self, state: str, kind: str) -> str:
        plain = "".join(each if each.isascii() and each.isalnum() else "_" for each in state)[:LONGEST // 2]
        numbered = (f"{plain}_{kind}{number or ''}" for number in count())
        found = next(name for name in numbered if name not in self.taken)
        self.taken.add(found)
        return found


def _written(pools: Pools, names: _Names, lump: Lump) -> Step:
    """The step that stands for a lump; a step between two states that are alone in their pools stays as it is."""
    if len(lump.members) == 1 and len(pools.members[lump.source]) == len(pools.members[lump.target]) == 1:
        return lump.members[0][0]
    leaving: tuple[list[Leaving], list[Leaving]] = ([], [])
    for step, way in lump.members:
        rates, states = pools.scheme.kinetics[step.name], (step.source, step.target)
        for side, rate, state in zip(leaving, rates[::way], states[::way], strict=True):
            side.append((rate, state))
    forward, backward = (_apparent(pools, names, pool, side)
                         for pool, side in zip((lump.source, lump.target), leaving, strict=True))
    return Step(lump.name, lump.source, lump.target, forward, backward, lump.taken, lump.released, lump.charge, lumped=True)


def _apparent(pools: Pools, names: _Names, pool: str, leaving: Sequence[Leaving]) -> Expression:
    """Rate of leaving a pool: each rate times the share of the states that leave with it."""
    by_rate: dict[int, tuple[Expression, list[str]]] = {}
    for rate, state in leaving:
        by_rate.setdefault(id(rate), (rate, []))[1].append(state)  # nodes are interned: equal rates are one object
    return total(rate * _share(pools, names, pool, states) for rate, states in by_rate.values())


def _share(pools: Pools, names: _Names, pool: str, states: Sequence[str]) -> Expression:
    """Part of a pool that is in these states."""
    if set(states) == set(pools.members[pool]):
        return number(1.0)
    return total(_weight(pools, names, state) for state in states) / symbol(names.pool[pool])


def _weight(pools: Pools, names: _Names, state: str) -> Expression:
    return number(1.0) if pools.home[state] == state else symbol(names.weight[state])
