"""Random schemes that close, with one cycle and with two, held to the laws and to their emitted form."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.enzyme.measured import constants

from pumpleak.base.constants import Constants
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.consistency import rate_unit
from pumpleak.enzyme.energy import hydrolysis_energy
from pumpleak.enzyme.lower import lower
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step, ligand
from pumpleak.system.expression import evaluate, symbol
from pumpleak.system.system import Parameter, System

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
DRAWS = settings(max_examples=60, deadline=None, derandomize=True)
CONDITIONS = 4


@dataclass
class Draft:
    """Parts of a scheme while they are drawn."""

    random: np.random.Generator
    steps: list[Step]
    numbers: dict[str, float]
    derived: dict[str, str]

    def add(self, source: str, target: str, moved: dict[str, int], charge: float, *, free: bool) -> None:
        """A step in which ligands appear (positive) or vanish, written in either direction, with random constants."""
        name = f"s{len(self.steps)}"
        if self.random.random() < 0.3:
            source, target, charge = target, source, -charge
            moved = {each: -count for each, count in moved.items()}
        for side in ("f", "b"):
            self.numbers[f"{name}{side}"] = float(10.0 ** self.random.uniform(-2.0, 2.0))
        if free:
            del self.numbers[f"{name}b"]
            self.derived[f"{name}b"] = rate_unit({each: count for each, count in moved.items() if count > 0})
        taken = {each: -count for each, count in moved.items() if count < 0}
        released = {each: count for each, count in moved.items() if count > 0}
        split = float(self.random.uniform(0.0, 1.0)) * charge
        self.steps.append(Step(name, source, target, symbol(f"{name}f"), symbol(f"{name}b"), taken, released, charge, split))

    def way(self, states: list[str], moves: list[tuple[str, int]], charge: float) -> None:
        """Steps along the states that share out moves and charge at random; the last one's constant is left free."""
        count = len(states) - 1
        shares: list[dict[str, int]] = [{} for _ in range(count)]
        for each, number in moves:
            share = shares[int(self.random.integers(count))]
            share[each] = share.get(each, 0) + number
        charges = self.random.normal(0.0, 0.5, count)
        charges[-1] += charge - charges.sum()
        for index, share in enumerate(shares):
            moved = {each: number for each, number in share.items() if number}
            self.add(states[index], states[index + 1], moved, float(charges[index]), free=index == count - 1)


def moved_out(moves: list[tuple[str, int]]) -> float:
    return sum(number * ligand(each).charge for each, number in moves if ligand(each).place == "outside")


def pump_moves(random: np.random.Generator) -> list[tuple[str, int]]:
    """Na out, K in, ATP used, each one by one."""
    moves: list[tuple[str, int]] = []
    for _ in range(random.integers(1, 4)):
        moves += [("inside.Na", -1), ("outside.Na", 1)]
    for _ in range(random.integers(0, 4)):
        moves += [("outside.K", -1), ("inside.K", 1)]
    if random.random() < 0.8:
        moves += [("inside.ATP", -1), ("inside.ADP", 1), ("inside.Pi", 1), ("inside.H", 1)]
    return moves


def random_scheme(seed: int, cycles: int) -> Scheme:
    random = np.random.default_rng(seed)
    draft = Draft(random, [], {}, {})
    moves = pump_moves(random)
    size = int(random.integers(2, 7))
    ring = [f"S{index}" for index in range(size)]
    draft.way([*ring, ring[0]], moves, moved_out(moves))
    if cycles == 2:
        start, end = sorted(random.choice(size, 2, replace=False))
        along = draft.steps[start:end]
        forward = [step if step.source == ring[start + index] else None for index, step in enumerate(along)]
        base: list[tuple[str, int]] = []
        charge = 0.0
        for step, same in zip(along, forward, strict=True):
            sign = 1 if same else -1
            base += [(each, sign * count) for each, count in step.change.items()]
            charge += sign * step.charge
        extra = [[], [("inside.Na", -1), ("outside.Na", 1)], [("inside.Cl", 1), ("outside.Cl", -1)]][random.integers(3)]
        between = [f"T{index}" for index in range(int(random.integers(1, 4)))]
        draft.way([ring[start], *between, ring[end]], base + extra, charge + moved_out(extra))
    return Scheme("random", tuple(draft.steps), constants(draft.steps, draft.numbers),
                  draft.derived, constants=Constants(T=300.0 + 10.0 * random.random()))


def with_enthalpies(scheme: Scheme, seed: int) -> Scheme:
    """The scheme with random enthalpies of states and activation, and of hydrolysis."""
    random = np.random.default_rng(seed + 2)
    return replace(scheme, dH0=float(random.normal(0.0, 30e3)),
                   enthalpies={state: float(random.normal(0.0, 20e3)) for state in scheme.states},
                   steps=tuple(replace(step, activation=float(random.uniform(0.0, 100e3))) for step in scheme.steps))


def random_conditions(scheme: Scheme, seed: int) -> dict[str, NDArray[np.float64]]:
    random = np.random.default_rng(seed + 1)
    given = {name: 10.0 ** random.uniform(-2.0, 2.0, CONDITIONS) for name in scheme.ligands}
    given["membrane.V"] = random.uniform(-150.0, 150.0, CONDITIONS)
    kelvin = random.uniform(273.0, 320.0, CONDITIONS)
    return given if scheme.dH0 is None else {**given, "temperature": kelvin}


def at_equilibrium(scheme: Scheme, seed: int) -> dict[str, NDArray[np.float64]]:
    """Every ion at equilibrium across the membrane, ATP with its products."""
    given = random_conditions(scheme, seed)
    x = given["membrane.V"] / scheme.thermal(given).voltage
    for each in scheme.ligands:
        place, _, species = each.partition(".")
        if place == "outside":
            given[each] = given[f"inside.{species}"] * np.exp(SPECIES[species].charge * x)
    if "inside.ATP" in given:
        given["inside.ATP"] = given["inside.ATP"] * np.exp(hydrolysis_energy(scheme, given) / scheme.thermal(given).RT)
    return given


@DRAWS
@given(SEEDS, st.sampled_from([1, 2]))
def test_derived_constants_close_every_cycle(seed: int, cycles: int) -> None:
    scheme = random_scheme(seed, cycles)
    assert len(scheme.cycles) == cycles
    assert all(found.error < 1e-11 for found in scheme.closures)


@DRAWS
@given(SEEDS, st.sampled_from([1, 2]))
def test_occupancies_sum_to_one_and_dissipation_is_not_negative(seed: int, cycles: int) -> None:
    scheme = random_scheme(seed, cycles)
    found = respond(scheme, random_conditions(scheme, seed))
    np.testing.assert_allclose(sum(found.occupancies.values()), 1.0, rtol=1e-14)
    gross = np.max([np.maximum(*found.rates[step.name]) for step in scheme.steps], axis=0) * 1e3
    scale = gross * np.max(np.abs(list(found.affinities.values())), axis=0)
    assert np.all(found.dissipation >= -1e-13 * scale)


@DRAWS
@given(SEEDS, st.sampled_from([1, 2]))
def test_every_step_balances_at_equilibrium(seed: int, cycles: int) -> None:
    scheme = random_scheme(seed, cycles)
    found = respond(scheme, at_equilibrium(scheme, seed))
    for step, share in found.balance.items():
        assert np.all(share <= 1e-12), step


@DRAWS
@given(SEEDS, st.sampled_from([1, 2]))
def test_random_enthalpies_leave_cycles_closed_and_steps_balanced(seed: int, cycles: int) -> None:
    scheme = with_enthalpies(random_scheme(seed, cycles), seed)
    assert all(found.error < 1e-11 for found in scheme.closures)
    found = respond(scheme, at_equilibrium(scheme, seed))
    for step, share in found.balance.items():
        assert np.all(share <= 1e-12), step


@DRAWS
@given(SEEDS, st.sampled_from([1, 2]))
def test_the_emitted_potentials_and_rates_are_one_at_any_temperature(seed: int, cycles: int) -> None:
    """RT ln(forward/backward) = loss of electrochemical potential, from the potentials of states as a cell books them."""
    scheme = with_enthalpies(random_scheme(seed, cycles), seed)
    written = lower(scheme, "pump", {name: symbol(name) for name in scheme.ligands}, symbol("membrane.V"),
                    temperature=symbol("temperature"))
    surroundings = tuple(Parameter(name, "", 1.0) for name in (*scheme.ligands, "membrane.V", "temperature"))
    system = System("cell", parameters=(*written.parameters, *surroundings), definitions=written.definitions)
    conditions = random_conditions(scheme, seed)
    values = {**{parameter.name: parameter.value for parameter in written.parameters}, **conditions}
    potentials = dict(zip(written.potentials, evaluate(system.resolve(list(written.potentials.values())), values), strict=True))
    thermal, rates = scheme.thermal(conditions), scheme.rates(conditions)
    electric = scheme.constants.F * 1e-3 * conditions["membrane.V"]
    for step in scheme.steps:
        pair = evaluate(system.resolve(list(written.rates[step.name])), values)
        np.testing.assert_allclose(pair, rates[step.name], rtol=1e-11)
        gained = np.asarray(potentials[step.target]) - np.asarray(potentials[step.source])
        gained = gained - step.charge * electric
        for name, count in step.change.items():
            gained = gained + count * (thermal.RT * np.log(conditions[name] * 1e-3) - thermal.dG0 * name.endswith(".ATP"))
        # potentials of some 1e5 J/mol, summed along some ten steps
        np.testing.assert_allclose(thermal.RT * np.log(pair[0] / pair[1]), -gained, atol=1e-8)


@DRAWS
@given(SEEDS, st.sampled_from([1, 2]))
def test_the_emitted_flux_is_that_of_dense_elimination(seed: int, cycles: int) -> None:
    scheme = random_scheme(seed, cycles)
    written = lower(scheme, "pump", {name: symbol(name) for name in scheme.ligands}, symbol("membrane.V"))
    steady = written.steady
    surroundings = tuple(Parameter(name, "", 1.0) for name in (*scheme.ligands, "membrane.V"))
    system = System("cell", parameters=(*written.parameters, *surroundings), definitions=written.definitions)
    values = {**{parameter.name: parameter.value for parameter in written.parameters}, **random_conditions(scheme, seed)}
    expressions = system.resolve([*steady.occupancies.values(), *steady.fluxes.values()])
    found = [np.broadcast_to(each, CONDITIONS) for each in evaluate(expressions, values)]
    rates = scheme.rates(random_conditions(scheme, seed))
    for at in range(CONDITIONS):
        shares = dense(scheme, {name: (pair[0][at], pair[1][at]) for name, pair in rates.items()})
        np.testing.assert_allclose([each[at] for each in found[:len(shares)]], shares, rtol=1e-11)
        by_name = dict(zip(scheme.states, shares, strict=True))
        for cycle, flux in zip(steady.fluxes, found[len(shares):], strict=True):
            step = next(each for each in scheme.steps if each.name == cycle)
            way = next(each.passages[cycle] for each in scheme.cycles if each.name == cycle)
            forward = rates[cycle][0][at] * by_name[step.source]
            backward = rates[cycle][1][at] * by_name[step.target]
            # the dense difference keeps only what its two terms leave of 16 digits
            assert abs(way * (forward - backward) - flux[at]) <= 1e-11 * (forward + backward)


def dense(scheme: Scheme, rates: dict[str, tuple[float, float]]) -> NDArray[np.float64]:
    """Occupancies by state reduction on a full matrix in the order of the states, last one first."""
    size = len(scheme.states)
    left = np.zeros((size, size))
    for step in scheme.steps:
        start, end = scheme.states.index(step.source), scheme.states.index(step.target)
        left[start, end] += rates[step.name][0]
        left[end, start] += rates[step.name][1]
    for last in range(size - 1, 0, -1):
        left[:last, last] /= left[last, :last].sum()
        left[:last, :last] += np.outer(left[:last, last], left[last, :last])
        np.fill_diagonal(left[:last, :last], 0.0)
    weights = np.ones(size)
    for index in range(1, size):
        weights[index] = weights[:index] @ left[:index, index]
    return np.asarray(weights / weights.sum())
