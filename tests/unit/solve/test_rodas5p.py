"""The numbers of Rodas5P fit together, and meet conditions of order and of stability that they were not read from."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.solve import controller
from pumpleak.solve.rodas5p import RODAS5P

Floats = NDArray[np.float64]


def square(rows: tuple[tuple[float, ...], ...]) -> list[list[Fraction]]:
    size = RODAS5P.stages
    return [[Fraction(value) for value in row] + [Fraction(0)] * (size - len(row)) for row in rows]


def untransformed() -> tuple[Floats, Floats, Floats]:
    """alpha, gamma and b of the method as Rosenbrock methods are usually written, by exact fractions."""
    size, gamma = RODAS5P.stages, Fraction(RODAS5P.gamma)
    c, a = square(RODAS5P.c), square(RODAS5P.a)
    lower = [[(1 / gamma if i == j else 0) - c[i][j] for j in range(size)] for i in range(size)]
    inverse = [[Fraction(0)] * size for _ in range(size)]
    for j in range(size):
        for i in range(j, size):
            rest = sum((lower[i][k] * inverse[k][j] for k in range(j, i)), Fraction(0))
            inverse[i][j] = (Fraction(int(i == j)) - rest) / lower[i][i]
    alpha = [[sum((a[i][k] * inverse[k][j] for k in range(size)), Fraction(0)) for j in range(size)] for i in range(size)]
    weights = [*a[-1][:-1], Fraction(1)]
    b = [sum((weights[k] * inverse[k][j] for k in range(size)), Fraction(0)) for j in range(size)]
    return np.array(alpha, dtype=float), np.array(inverse, dtype=float), np.array(b, dtype=float)


def test_times_of_stages_follow_from_the_other_coefficients() -> None:
    alpha, gamma, _ = untransformed()
    # published with 16 digits; sums of entries of size 20 or so
    assert alpha.sum(axis=1) == pytest.approx(RODAS5P.alpha, abs=1e-14)
    assert gamma.sum(axis=1) == pytest.approx(RODAS5P.time, abs=1e-14)


def test_conditions_of_order() -> None:
    """Those with one chain of derivatives, to order 5, and the quadrature conditions."""
    alpha, gamma, b = untransformed()
    beta, ones = alpha + gamma, np.ones(RODAS5P.stages)
    for order in range(1, 6):
        assert b @ np.linalg.matrix_power(beta, order - 1) @ ones == pytest.approx(1.0 / np.prod(np.arange(1, order + 1)),
                                                                                  abs=1e-12)
        assert b @ alpha.sum(axis=1) ** (order - 1) == pytest.approx(1.0 / order, abs=1e-12)


def test_stiff_modes_vanish_at_once() -> None:
    """The stability function tends to 0: one step of y' = -s y, with s h very large, leaves next to nothing."""
    _, gamma, b = untransformed()
    alpha, _, _ = untransformed()
    for z in (-1e3, -1e6, -1e9):
        growth = 1.0 + z * b @ np.linalg.solve(np.eye(RODAS5P.stages) - z * (alpha + gamma), np.ones(RODAS5P.stages))
        assert abs(growth) < 20.0 / abs(z)


def test_rows_that_only_add_a_stage() -> None:
    """The last stages are as many corrections of one point, which makes the method stiffly accurate."""
    assert RODAS5P.a[6] == (*RODAS5P.a[5], 1.0)
    assert RODAS5P.a[7] == (*RODAS5P.a[6], 1.0)
    assert [len(row) for row in RODAS5P.a] == list(range(8))
    assert [len(row) for row in RODAS5P.c] == list(range(8))
    assert [len(row) for row in RODAS5P.dense] == [8] * 3


def test_dense_output_of_a_polynomial_is_exact() -> None:
    """y' = 4 t^3 is met exactly in between: order 4. Stages of such a step depend on time alone."""
    h = 0.7
    k = np.zeros(RODAS5P.stages)
    for i in range(RODAS5P.stages):
        time, drift = RODAS5P.alpha[i] * h, 0.0
        k[i] = h * RODAS5P.gamma * (4.0 * time**3 + np.array(RODAS5P.c[i]) @ k[:i] / h + h * RODAS5P.time[i] * drift)
    new = np.array(RODAS5P.a[-1]) @ k[:-1] + k[-1]
    d = np.array(RODAS5P.dense) @ k
    assert new == pytest.approx(h**4, abs=1e-13)
    for x in (0.2, 0.5, 0.9):
        assert x * (new + (1.0 - x) * (d[0] + x * (d[1] + x * d[2]))) == pytest.approx((x * h) ** 4, abs=1e-12)


def test_the_controller_keeps_a_step_whose_error_is_right() -> None:
    proportional, integral = controller.PROPORTIONAL / RODAS5P.order, controller.INTEGRAL / RODAS5P.order
    right = controller.SAFETY ** (1.0 / (proportional - integral))
    factor = controller.SAFETY * right**integral / right**proportional
    assert factor == pytest.approx(1.0)
    assert controller.HARSH < controller.SHRINK < 1.0 < controller.GROW
