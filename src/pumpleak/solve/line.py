"""Rests under parameters that move along a line: the points of a branch, their tangents, and Newton's method beside it.

The unknowns are the states and q, the part of the line that is done. A rest is sought on a plane across the branch,
where it is one point also at a fold; states are judged by their sizes, q by the whole line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pumpleak.solve.newton import MARGINAL, NOTHING, ROUNDED, SETTLED, Complex, Problem, conserved, defect, eigenvalues
from pumpleak.solve.program import Program

Array = NDArray[np.float64]
Mark = Literal["", "fold", "Hopf", "branching"]
Kind = Literal["stable", "unstable", "critical"]

ITERATIONS = 10    # Newton's method converges in three or four, or it was begun too far away
ASTRAY = 0.3       # of the step: a correction longer than that leads to another branch
DIFFERENCE = 1e-6  # of the line: rounding (1e-16 / 1e-6) and curvature ((1e-6)^2) leave ten digits of a slope
MIDDLE = 0.382     # somewhere on the line where no parameter has a special value: there conserved totals are looked for


@dataclass(frozen=True)
class Line:
    """Parameters that move from `start` to `end` (parameters,), all in proportion to the one at `place`.

    logarithmic: equal steps along the line multiply that one by equal factors.
    """

    start: Array
    end: Array
    place: int
    logarithmic: bool = False

    def value(self, q: float) -> float:
        """The parameter followed, at the part q of the way."""
        first, last = float(self.start[self.place]), float(self.end[self.place])
        if self.logarithmic:
            return float(first * (last / first) ** q)
        return first * (1.0 - q) + last * q  # exact at both ends

    def parameters(self, q: float) -> Array:
        """All parameters there."""
        first, last = float(self.start[self.place]), float(self.end[self.place])
        part = (self.value(q) - first) / (last - first) if self.logarithmic else q
        moved = self.start * (1.0 - part) + self.end * part
        return np.where(self.start == self.end, self.start, moved)  # what is held is held to the last digit


@dataclass(frozen=True)
class Point:
    """A rest on a branch: state, part q of the line, the parameter followed, and how it moves about the rest.

    tangent (states + 1,): scaled by `sizes`, of length 1. residual: net over gross rate, to which the parameters add what
    they do to a rate along the whole line (at the fold of a single equation, the state adds nothing). eigenvalues [1/ms],
    slowest decay first, conserved totals left out.
    """

    y: Array
    q: float
    value: float
    tangent: Array
    sizes: Array
    residual: float
    eigenvalues: Complex
    mark: Mark = ""

    @cached_property
    def growing(self) -> int:
        """How many motions about it grow."""
        level = MARGINAL * float(np.max(np.abs(self.eigenvalues), initial=0.0))
        return int(np.sum(self.eigenvalues.real > level))

    @property
    def kind(self) -> Kind:
        """Whether small departures die out; at a marked point one of them does neither that nor grow."""
        return "critical" if self.mark else "unstable" if self.growing else "stable"

    @property
    def critical(self) -> complex:
        """The eigenvalue nearest to the imaginary axis, the upper one of a pair. [1/ms]"""
        if not self.eigenvalues.size:
            return 0j
        nearest = self.eigenvalues[int(np.argmin(np.abs(self.eigenvalues.real)))]
        return complex(nearest.real, abs(nearest.imag))

    @property
    def place(self) -> Array:
        """States and q (states + 1,)."""
        return np.append(self.y, self.q)

    @property
    def along(self) -> Array:
        """The tangent in the units of the states, and of q."""
        return np.asarray(self.tangent * self.sizes, dtype=np.float64)


class Rests:
    """The rests of a program along a line; those with the conserved totals of `start`, a rest at its beginning."""

    def __init__(self, program: Program, time: float, start: Array, line: Line, positive: tuple[str, ...]) -> None:
        self.program, self.time, self.line, self.positive = program, time, line, positive
        self.start = np.array(start, dtype=np.float64)
        # at the start a parameter may be zero, and more be conserved than is further on
        self.totals = conserved(self.problem(MIDDLE), self.start)
        self.held = self.totals * self.problem(MIDDLE).mass
        # then the rests at the start are a family, of which no single one leads on
        self.free = len(conserved(self.problem(0.0), self.start)) > len(self.totals)
        # what a state must keep to count as there; one that is not there to begin with cannot be used up
        self.least = {number: NOTHING * state.scale for number, state in enumerate(program.labels.states)
                      if state.name in positive and self.start[number] >= NOTHING * state.scale}

    def problem(self, q: float) -> Problem:
        """The equations at a part of the line."""
        return Problem(self.program, self.time, self.line.parameters(q), self.positive)

    def gone(self, point: Point) -> str:
        """The first quantity that is used up there or negative, though it cannot be; empty where none is."""
        for number, least in self.least.items():
            if point.y[number] < least:
                return self.program.labels.states[number].name
        return self.problem(point.q).negative(point.y)

    def on_line(self, y: Array, q: float, heading: Array | None = None) -> Point | None:
        """The rest near y at exactly this part of the line; its tangent leads on with `heading`, or with q."""
        axis = np.append(np.zeros(y.size), 1.0)
        found = self._solved(np.append(y, q), axis)
        if found is None:
            return None
        found[0][-1] = q
        return self._point(found[0], axis if heading is None else heading)

    def beyond(self, point: Point, step: float) -> tuple[Point, int] | None:
        """The rest at this distance along the tangent of a point, and how many corrections it took."""
        guess = point.place + step * point.along
        found = self._solved(guess, point.tangent)
        if found is None or float(np.linalg.norm((found[0] - guess) / point.sizes)) > ASTRAY * abs(step):
            return None
        new = self._point(found[0], point.along)
        return (new, found[1]) if new is not None else None

    def _point(self, z: Array, heading: Array) -> Point | None:
        """The rest z with its tangent, the one direction in which neither rates nor totals change."""
        y, q = np.ascontiguousarray(z[:-1]), float(z[-1])
        problem, sizes = self.problem(q), self._sizes(z)
        slopes = self._slopes(z, sizes)[0]
        if not np.all(np.isfinite(slopes)):
            return None
        tangent = np.linalg.svd(slopes)[2][-1]
        if tangent @ (heading / sizes) < 0.0:
            tangent = -tangent
        residual = problem.residual(y, self._by_parameter(y, q))
        return Point(y, q, self.line.value(q), tangent, sizes, residual, eigenvalues(problem, y, self.totals))

    def _solved(self, guess: Array, normal: Array) -> tuple[Array, int] | None:
        """The rest on the plane through the guess, across the scaled `normal`, and how many corrections it took."""
        sizes, z = self._sizes(guess), guess.copy()
        best, least = z, np.inf
        for iteration in range(1, ITERATIONS + 1):
            y, q = np.ascontiguousarray(z[:-1]), float(z[-1])
            before, error = least, defect(self.problem(q), y, self.start, self.held, self._by_parameter(y, q))
            if error < least:
                best, least = z, error
            if least <= ROUNDED or (least <= SETTLED and error >= 0.5 * before):
                return best, iteration
            correction = self._correction(z, sizes, normal)
            if correction is None:
                break
            z = z + correction
        return (best, ITERATIONS) if least <= SETTLED else None

    def _correction(self, z: Array, sizes: Array, normal: Array) -> Array | None:
        """Newton's correction within the plane."""
        y = np.ascontiguousarray(z[:-1])
        matrix, rows = self._slopes(z, sizes)
        right = np.concatenate([-self.problem(float(z[-1])).rates(y), self.held @ (self.start - y)]) / rows
        if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(right))):
            return None
        # least squares, since the rates of a conserved total say one thing twice
        solution = np.linalg.lstsq(np.vstack([matrix, normal]), np.append(right, 0.0), rcond=None)[0]
        return np.asarray(solution * sizes, dtype=np.float64)

    def _slopes(self, z: Array, sizes: Array) -> tuple[Array, Array]:
        """Slopes of all rates and totals (rows, states + 1), each row at its own scale, and these scales."""
        y, q = np.ascontiguousarray(z[:-1]), float(z[-1])
        rates = np.column_stack([self.problem(q).jacobian(y), self._by_parameter(y, q)])
        totals = np.column_stack([self.held, np.zeros(len(self.held))])
        matrix = np.vstack([rates, totals]) * sizes
        rows = np.max(np.abs(matrix), axis=1, initial=0.0)
        rows = np.where(rows > 0.0, rows, 1.0)
        return matrix / rows[:, np.newaxis], rows

    def _by_parameter(self, y: Array, q: float) -> Array:
        """df/dq (states,), by a central difference, or by one of one side at the edge of the model's domain."""
        finite = [each for each in (q - DIFFERENCE, q, q + DIFFERENCE) if np.all(np.isfinite(self.problem(each).rates(y)))]
        if len(finite) < 2:
            return np.full(y.size, np.nan)
        low, high = finite[0], finite[-1]
        result: Array = (self.problem(high).rates(y) - self.problem(low).rates(y)) / (high - low)
        return result

    def _sizes(self, z: Array) -> Array:
        """Size of each state, and 1 for q."""
        return np.append(self.problem(float(z[-1])).sizes(z[:-1]), 1.0)
