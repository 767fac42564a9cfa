"""Both methods in plain NumPy over the System's own expressions: an independent account of what the kernel should do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.solve.rodas5p import RODAS5P
from pumpleak.solve.tsit5 import TSIT5
from pumpleak.system.expression import Expression, evaluate, gradients
from pumpleak.system.system import TIME, System

Array = NDArray[np.floating[Any]]


def solved(matrix: Array, right: Array) -> Array:
    """Gaussian elimination with equilibrated rows and partial pivoting, also of extended numbers, which LAPACK has not."""
    if matrix.dtype == np.float64:
        return np.linalg.solve(matrix, right)
    sizes = np.max(np.abs(matrix), axis=1)
    a, b = matrix / sizes[:, np.newaxis], right / sizes
    for k in range(len(b)):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        a[[k, pivot]], b[[k, pivot]] = a[[pivot, k]], b[[pivot, k]]
        factors = a[k + 1:, k] / a[k, k]
        a[k + 1:, k:] -= factors[:, np.newaxis] * a[k, k:]
        b[k + 1:] -= factors * b[k]
    for k in reversed(range(len(b))):
        b[k] = (b[k] - a[k, k + 1:] @ b[k + 1:]) / a[k, k]
    return b


class Oracle:
    """Rates, slopes and single steps of a system."""

    def __init__(self, system: System, kind: type[np.floating[Any]] = np.float64) -> None:
        self.kind = kind  # of number: extended where double elimination would be the worse of the two
        self.states = system.state_names
        self.parameters = [parameter.name for parameter in system.parameters]
        self.n = len(self.states)
        rates = [system.rates[name] for name in self.states] + [q.rate for q in system.quadratures]
        self.rates = system.resolve(rates)
        slopes = gradients(self.rates, [*self.states, TIME])
        self.places = [(row, column) for row, by_name in enumerate(slopes) for column in by_name]
        self.slopes = [slopes[row][column] for row, column in self.places]
        self.mass = np.array([state.mass for state in system.states] + [1.0] * len(system.quadratures))

    def _numbers(self, expressions: Sequence[Expression], t: float, y: Array, p: Array) -> Array:
        given = {TIME: t, **dict(zip(self.states, y, strict=False)), **dict(zip(self.parameters, p, strict=True))}
        values = {name: self.kind(value) for name, value in given.items()}
        return np.array([self.kind(value) for value in evaluate(expressions, values)])  # type: ignore[arg-type]

    def f(self, t: float, z: Array, p: Array) -> Array:
        """Rates of states and quadratures."""
        return self._numbers(self.rates, t, z[:self.n], p)

    def df(self, t: float, z: Array, p: Array) -> tuple[Array, Array]:
        """Slopes over states and quadratures (which feed nothing back), and over time."""
        size = len(self.rates)
        jacobian, drift = np.zeros((size, size), self.kind), np.zeros(size, self.kind)
        values = self._numbers(self.slopes, t, z[:self.n], p)
        for (row, column), value in zip(self.places, values, strict=True):
            if column == TIME:
                drift[row] = value
            else:
                jacobian[row, self.states.index(column)] = value
        return jacobian, drift

    def step(self, t: float, z: Array, p: Array, h: float) -> tuple[Array, Array]:
        """The end of one step, and the stages (stage, place)."""
        jacobian, drift = self.df(t, z, p)
        matrix = np.diag(self.mass) / (self.kind(h) * self.kind(RODAS5P.gamma)) - jacobian
        k = np.zeros((RODAS5P.stages, z.size), self.kind)
        for i in range(RODAS5P.stages):
            a, c = np.array(RODAS5P.a[i]), np.array(RODAS5P.c[i])
            point = z + a @ k[:i]
            right = self.f(t + RODAS5P.alpha[i] * h, point, p) + h * RODAS5P.time[i] * drift
            k[i] = solved(matrix, right + self.mass * (c @ k[:i]) / h)
        return z + np.array(RODAS5P.a[-1]) @ k[:-1] + k[-1], k

    def explicit_step(self, t: float, z: Array, p: Array, h: float) -> tuple[Array, Array]:
        """The end of one step of the explicit method, and the rates of its stages over mass (stage, place)."""
        rates = np.zeros((TSIT5.stages, z.size), self.kind)
        point = z
        for i in range(TSIT5.stages):
            point = z + h * (np.array(TSIT5.a[i]) @ rates[:i])
            rates[i] = self.f(t + TSIT5.alpha[i] * h, point, p) / self.mass
        return point, rates

    def explicit_dense(self, z: Array, rates: Array, h: float, x: float) -> Array:
        """The state at the part x of such a step, by the interpolant as published."""
        powers = np.array([x, x**2, x**3, x**4])
        return z + h * (np.array(TSIT5.interpolant) @ powers) @ rates

    def dense(self, z: Array, z_new: Array, k: Array, x: float) -> Array:
        """The state at the part x of a step."""
        d = np.array(RODAS5P.dense) @ k
        return (1.0 - x) * z + x * (z_new + (1.0 - x) * (d[0] + x * (d[1] + x * d[2])))
