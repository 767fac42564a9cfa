"""Rates are taken apart into the fluxes they share, and put together again without a change."""

import numpy as np
import pytest

from pumpleak.compile.fluxes import decompose
from pumpleak.system.expression import evaluate, exp, symbol

X, Y, K = symbol("x"), symbol("y"), symbol("k")
LEAK, PUMP, BIND = K * (X - Y), K * X / (1.0 + X), K * X - 2.0 * Y


def rebuilt(rates: list, at: dict[str, float]) -> list[float]:  # type: ignore[type-arg]
    found = decompose(rates)
    values = evaluate(found.fluxes, at)
    return [float(sum(count * values[flux] for flux, count in row.items())) for row in found.counts]


def test_net_fluxes_that_several_rates_hold_stay_whole() -> None:
    found = decompose([-LEAK - 3.0 * PUMP, 2.0 * PUMP, LEAK, BIND, -BIND])
    assert found.fluxes == (LEAK, PUMP, BIND)
    assert found.counts == ({0: -1.0, 1: -3.0}, {1: 2.0}, {0: 1.0}, {2: 1.0}, {2: -1.0})


def test_a_difference_and_its_opposite_are_one_flux() -> None:
    found = decompose([LEAK + BIND, PUMP - BIND, BIND * 3.0])  # -BIND is written 2 y - k x when it stands alone
    assert [row[found.fluxes.index(BIND)] for row in found.counts] == [1.0, -1.0, 3.0]
    assert decompose([-BIND, BIND]).counts == ({0: 1.0}, {0: -1.0})


def test_what_one_rate_alone_holds_is_taken_apart() -> None:
    found = decompose([(K * X - exp(Y)) / 4.0 + 7.0, Y])
    assert found.fluxes == (K * X, exp(Y), Y)
    assert found.counts == ({0: 0.25, 1: -0.25}, {2: 1.0})


def test_a_flux_met_twice_in_a_rate_counts_twice() -> None:
    found = decompose([(LEAK + PUMP) - 2.0 * (LEAK - PUMP), PUMP, LEAK])
    assert found.counts[0] == {found.fluxes.index(LEAK): -1.0, found.fluxes.index(PUMP): 3.0}


def test_rates_written_twice_and_rates_that_are_zero() -> None:
    found = decompose([BIND, BIND, X - X])
    assert found.fluxes == (BIND,)
    assert found.counts == ({0: 1.0}, {0: 1.0}, {})


def test_a_shared_subtotal_is_one_flux() -> None:
    total = LEAK + PUMP
    found = decompose([total, -total, total * 96485.0])
    assert found.fluxes == (total,)
    assert found.counts == ({0: 1.0}, {0: -1.0}, {0: 96485.0})


def test_the_sums_are_the_rates() -> None:
    random = np.random.default_rng(5)
    pool = [LEAK, PUMP, BIND, exp(X), Y]
    rates = []
    for _ in range(8):
        rate = random.choice(pool) * 2.0
        for part in random.choice(pool, 4):
            rate = (rate - part * float(random.integers(1, 5))) / 3.0 if random.random() < 0.5 else part + rate
        rates.append(rate)
        pool.append(rate)
    at = {"x": 0.7, "y": 1.3, "k": 2.1}
    assert rebuilt(rates, at) == pytest.approx([float(value) for value in evaluate(rates, at)], rel=1e-13)
