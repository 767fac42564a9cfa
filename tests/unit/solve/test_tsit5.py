"""The numbers of Tsit5 fit together, and meet conditions of order that they were not read from."""

import numpy as np
import pytest

from pumpleak.solve.tsit5 import TSIT5

A = np.array([[*row, *[0.0] * (TSIT5.stages - len(row))] for row in TSIT5.a])
B, C = A[-1], np.array(TSIT5.alpha)
ROUNDING = 1e-14  # published with 16 digits; sums of entries of size 20 or so

# The 17 conditions of order 5: one a rooted tree of up to five nodes, with its density (Butcher).
TREES = [
    (np.ones(7), 1), (C, 2), (C**2, 3), (A @ C, 6), (C**3, 4), (C * (A @ C), 8), (A @ C**2, 12), (A @ A @ C, 24),
    (C**4, 5), (C**2 * (A @ C), 10), ((A @ C) ** 2, 20), (C * (A @ C**2), 15), (A @ C**3, 20), (C * (A @ A @ C), 30),
    (A @ (C * (A @ C)), 40), (A @ A @ C**2, 60), (A @ A @ A @ C, 120)]


def test_times_of_stages_are_row_sums() -> None:
    assert A.sum(axis=1) == pytest.approx(C, abs=ROUNDING)
    # the last two stages are at the end: the one is compared with the other, and the last begins the next step
    assert TSIT5.alpha[-2:] == (1.0, 1.0)


def test_conditions_of_order_five() -> None:
    for tree, density in TREES:
        assert B @ tree == pytest.approx(1.0 / density, abs=ROUNDING)


def test_the_embedded_method_has_order_four_and_no_more() -> None:
    embedded = B - np.array(TSIT5.error)
    for tree, density in TREES[:8]:
        assert embedded @ tree == pytest.approx(1.0 / density, abs=ROUNDING)
    assert max(abs(embedded @ tree - 1.0 / density) for tree, density in TREES[8:]) > 1e-4


@pytest.mark.parametrize("x", [0.2, 0.5, 0.9])
def test_the_interpolant_has_order_four(x: float) -> None:
    weights = np.array(TSIT5.interpolant) @ np.array([x, x**2, x**3, x**4])
    powers = [1, 2, 3, 3, 4, 4, 4, 4]
    for (tree, density), power in zip(TREES[:8], powers, strict=True):
        assert weights @ tree == pytest.approx(x**power / density, abs=ROUNDING)
    # the form in which the generated code keeps it is the same polynomial
    d = np.array(TSIT5.dense)
    assert x * B + x * (1.0 - x) * (d[0] + x * (d[1] + x * d[2])) == pytest.approx(weights, abs=ROUNDING)


def test_the_interpolant_ends_at_the_new_point() -> None:
    assert np.array(TSIT5.interpolant).sum(axis=1) == pytest.approx(B, abs=ROUNDING)


def growth(z: float) -> float:
    """What one step makes of y = 1 where y' = s y, z = h s."""
    stages = np.linalg.solve(np.eye(TSIT5.stages) - z * A, np.ones(TSIT5.stages))
    return float(abs(1.0 + z * B @ stages))


def test_how_far_it_is_stable() -> None:
    assert growth(-TSIT5.stable + 1e-4) < 1.0 < growth(-TSIT5.stable - 1e-4)
    assert all(growth(-z) < 1.0 for z in np.linspace(0.01, TSIT5.stable - 1e-4, 200))
