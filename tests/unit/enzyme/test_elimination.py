"""Elimination: what is read from it against dense linear algebra, and that tiny parts keep their digits."""

import numpy as np
import pytest

from pumpleak.enzyme.elimination import Elimination
from pumpleak.enzyme.rates import Numbers

STATES = 7
ROUNDING = 1e-12  # of linear equations of seven states whose rates differ by 1e4 at most


def rates() -> Numbers:
    """Rates from each state (row) to each other one, all positive."""
    random = np.random.default_rng(3)
    found = 10.0 ** random.uniform(-2.0, 2.0, (STATES, STATES))
    np.fill_diagonal(found, 0.0)
    return found


def joined(traffic: Numbers) -> Elimination[int, Numbers]:
    elimination: Elimination[int, Numbers] = Elimination(range(len(traffic)))
    for start, end in np.argwhere(traffic > 0.0).tolist():
        elimination.add(start, end, traffic[start, end])
    return elimination


def generator(traffic: Numbers) -> Numbers:
    """dp/dt = this times p."""
    return np.asarray(traffic.T - np.diag(traffic.sum(axis=1)))


def test_weights_are_those_of_the_steady_state() -> None:
    elimination = joined(rates())
    elimination.remove(elimination.order(range(STATES), (2,)))
    weights = elimination.weights({2: np.ones(())})
    assert sorted(weights) == list(range(STATES))
    shares = np.array([weights[state] for state in range(STATES)])
    assert generator(rates()) @ shares == pytest.approx(np.zeros(STATES), abs=ROUNDING * np.max(rates()) * np.max(shares))


def test_what_is_left_has_the_traffic_of_all() -> None:
    elimination = joined(rates())
    elimination.remove([5, 6, 0, 3, 1])
    there, back = elimination.between(2, 4, np.zeros(()))
    weights = elimination.weights({2: back, 4: there})  # the two that remain are at rest with each other
    shares = np.array([weights[state] for state in range(STATES)])
    assert generator(rates()) @ shares == pytest.approx(np.zeros(STATES), abs=ROUNDING * np.max(rates()) * np.max(shares))


def test_chances_are_committors() -> None:
    traffic = rates()
    traffic[:2] = 0.0  # 0 and 1 are ends
    elimination = joined(traffic)
    inner = range(2, STATES)
    elimination.remove(elimination.order(inner, ()))
    chances = elimination.chances({0: np.zeros(()), 1: np.ones(())})
    within = np.diag(traffic[2:].sum(axis=1)) - traffic[2:, 2:]
    expected = np.linalg.solve(within, traffic[2:, 1])
    assert [chances[state] for state in inner] == pytest.approx(expected, rel=ROUNDING)


def test_times_are_those_until_an_end() -> None:
    traffic = rates()
    elimination = joined(traffic)
    elimination.remove([4, 1, 6, 5, 2, 3])
    put = np.random.default_rng(4).uniform(0.0, 1.0, (STATES, 2))
    times = elimination.times(dict(enumerate(put)))
    expected = np.linalg.solve(-generator(traffic)[1:, 1:], put[1:])
    assert np.array([times[state] for state in range(1, STATES)]) == pytest.approx(expected, rel=ROUNDING)
    assert not np.any(times[0])


def test_slow_ways_keep_their_digits_beside_fast_ones() -> None:
    """A chain 0 - 1 - 2 whose ends are joined 1e18 times more slowly than its first two states."""
    fast, slow = np.float64(1e9), np.float64(1e-9)
    elimination: Elimination[int, Numbers] = Elimination(range(3))
    for start, end, rate in ((0, 1, fast), (1, 0, 3.0 * fast), (1, 2, slow), (2, 1, 7.0 * slow)):
        elimination.add(start, end, rate)
    elimination.remove([1])
    there, back = elimination.between(0, 2, np.zeros(()))
    assert float(there) == pytest.approx(1e-9 / 3.0, rel=1e-15)
    assert float(back) == pytest.approx(7e-9, rel=1e-15)
