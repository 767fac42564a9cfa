"""Laws of single pumps, on trajectories: exponential stays, waiting times, detailed balance, the fluctuation symmetry."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import binomtest, expon, kstest

from pumpleak.app.molecule import Trajectories, molecule
from pumpleak.enzyme.counting import symmetry
from pumpleak.enzyme.energy import double_equilibrium
from pumpleak.enzyme.molecule import molecule_at
from pumpleak.enzyme.passage import waiting
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

# Of all tests here together some 50 chances are looked at: each may be as rare as that, and seeds are fixed.
RARE = 1e-3
# little ATP, much of what it becomes, so that backward turns are seen at voltages that a membrane has
WEAK = {"inside.ATP": 2.0, "inside.ADP": 2.0, "inside.Pi": 20.0, "inside.Na": 30.0, "inside.K": 100.0}


def scheme(name: str) -> Scheme:
    found = load(name)
    assert isinstance(found, Scheme)
    return found


@cache
def followed() -> Trajectories:
    return molecule(scheme("pan-2018-4"), {"membrane.V": -40.0}, "nakao-gadsby-1989", time="60 s", pumps=3, rows=400_000,
                    seed=4)


@pytest.mark.parametrize("state", ["E1", "P~E1(Na3)", "P-E2", "E2(K2)"])
def test_stays_in_a_state_are_exponential(state: str) -> None:
    found = followed()
    stays = found.dwells(state)[:20_000]
    assert len(stays) > 5000
    mean = found.molecule.dwells[found.molecule.state(state)]
    assert kstest(stays, expon(scale=mean).cdf).pvalue > RARE


@pytest.mark.parametrize("quantity", ["ATP", "bind_Na"])
def test_waits_have_the_density_of_the_phase_type(quantity: str) -> None:
    waits = followed().waits(quantity)[:1500]
    assert len(waits) == 1500
    exact = waiting(followed().molecule, quantity)
    assert kstest(waits, lambda t: 1.0 - exact.longer(t)).pvalue > RARE
    # and not that of a single exponential with the same mean
    assert kstest(waits, expon(scale=exact.mean).cdf).pvalue < RARE


def test_counts_in_windows_have_the_exact_distribution() -> None:
    found = molecule(scheme("pan-2018-4"), {"membrane.V": -40.0}, "nakao-gadsby-1989", time="20 s", pumps=100, windows=100,
                     rows=0, seed=6)
    counts, chances = found.exact().distribution(found.window)
    seen = np.array([np.sum(found.counts() == count) for count in counts])
    expected = chances * seen.sum()
    common = expected > 10.0
    square = float(np.sum((seen[common] - expected[common]) ** 2 / expected[common]))
    # windows of 9 turns that follow each other are all but independent
    assert square < common.sum() + 4.0 * np.sqrt(2.0 * common.sum())


@pytest.mark.parametrize("name", ["pan-2018-4", "post-albers-23"])
def test_in_equilibrium_every_step_goes_as_often_there_as_back(name: str) -> None:
    pump = scheme(name)
    rest = double_equilibrium(pump, {**pump.conditions["physiological"], "membrane.V": -60.0})
    reduced = reduce(pump).scheme
    found = molecule(reduced, {key: float(value) for key, value in rest.items()}, time="100 s", pumps=20, rows=0, seed=7)
    counts = found.courses.counts.sum(axis=0)
    seen = 0
    for step, forward, backward in zip(reduced.steps, counts[::2].tolist(), counts[1::2].tolist(), strict=True):
        if forward + backward >= 20:
            seen += 1
            assert binomtest(forward, forward + backward).pvalue > RARE, step.name
    assert seen >= 0.7 * len(reduced.steps)
    assert abs(found.mean().value) < 4.0 * found.mean().error


@pytest.mark.parametrize("volts", [-160.0, -135.0, -115.0, -90.0])
def test_turns_obey_the_fluctuation_symmetry(volts: float) -> None:
    """ln P(+n)/P(-n) = n A/RT at every n, from the equilibrium with the closing step blocked."""
    pump = scheme("pan-2018-4")
    given = {**WEAK, "membrane.V": volts}
    law = symmetry(molecule_at(pump, given, "physiological"))
    found = molecule(pump, given, "physiological", time="1.5 s", pumps=3000, windows=1, rows=0, seed=8, start=law.start)
    turns = found.counts("ATP")[:, 0]  # ATP is counted at the step that closes the cycle
    tried = 0
    for number in range(1, 6):
        up, down = int(np.sum(turns == number)), int(np.sum(turns == -number))
        if up + down >= 100 and min(up, down) >= 5:
            tried += 1
            share = 1.0 / (1.0 + np.exp(-number * law.affinity))
            assert binomtest(up, up + down, share).pvalue > RARE, number
    assert tried >= 1
    if abs(law.affinity) < 1.0:  # beyond it the mean lives on turns that are too rare to be seen
        weights = np.exp(-law.affinity * turns)  # all turns at once: <exp(-n A/RT)> = 1
        assert abs(weights.mean() - 1.0) < 3.5 * weights.std() / np.sqrt(len(weights))
