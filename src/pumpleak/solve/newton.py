"""Rests by Newton's method, with conserved totals held, and the proof of what was found: residual and eigenvalues.

Everything is judged on two scales: a state by max(|y|, its own scale), a rate by its gross size, the sum over j of
|df_i/dy_j| |y_j|, which for mass-action and constant-field laws is what flows each way before it cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pumpleak.solve.program import Program

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

ITERATIONS = 40
HALVINGS = 12
NOTHING = 1e-9     # part of its scale below which a state counts as zero: at zero, net and gross rate are both rounding
SETTLED = 1e-10    # net over gross rate of a rest: what flows each way cancels to ten digits
ROUNDED = 1e-14    # nothing is left to gain below this
# Rates whose sum cancels to this part of their gross size in every sampled state belong to a conserved total; a real
# leak of a cell's contents is 1e-9 of the fastest exchange or more.
CANCELS = 1e-12
SAMPLES = 4        # states in which a total must prove constant: chance does not cancel four times
APART = 0.05       # how far the sampled states lie from the given one: far enough to see curvature, near enough to be safe
MARGINAL = 1e-15   # of the largest: rounding of the Jacobian's entries; slow motions come from the inverse, true to themselves
GRADED = 1e-9      # eigenvalues below this part of the largest are found better from the inverse


@dataclass(frozen=True)
class Problem:
    """The equations M y' = f(y) of a program at one time under one set of parameters.

    positive: names of quantities that cannot be negative; equations may have solutions beyond, which are none of the model.
    """

    program: Program
    time: float
    parameters: Array
    positive: tuple[str, ...] = ()

    @cached_property
    def _places(self) -> list[tuple[bool, int, str]]:
        """Where the quantities stand that must not be negative: among the states, or among the definitions."""
        states = [label.name for label in self.program.labels.states]
        definitions = [label.name for label in self.program.labels.definitions]
        return [(name in states, (states if name in states else definitions).index(name), name)
                for name in self.positive if name in states or name in definitions]

    def negative(self, y: Array) -> str:
        """The first quantity that is negative here though it cannot be; empty where none is."""
        if not self._places:
            return ""
        observed = self.program.observe(np.array([self.time]), y[np.newaxis, :], self.parameters)[0]
        for is_state, place, name in self._places:
            if (y if is_state else observed)[place] < 0.0:
                return name
        return ""

    @cached_property
    def scale(self) -> Array:
        """Sizes of the states by which their errors are judged."""
        return np.array([state.scale for state in self.program.labels.states])

    @cached_property
    def mass(self) -> Array:
        """Diagonal of M; 0 for algebraic states."""
        return np.array([state.mass for state in self.program.labels.states])

    def rates(self, y: Array) -> Array:
        """f (states,)."""
        return self.program.rhs(self.time, y, self.parameters)

    def jacobian(self, y: Array) -> Array:
        """df/dy (states, states)."""
        return self.program.jacobian(self.time, y, self.parameters)

    def sizes(self, y: Array) -> Array:
        """Size of each state here."""
        return np.maximum(np.abs(y), self.scale)

    def residual(self, y: Array, beside: Array | float = 0.0) -> float:
        """Largest |net rate| over gross rate among the states; infinite where a rate is not finite.

        beside: gross rates that do not hang on the states, where they are known.
        """
        rates = self.rates(y)
        gross = np.abs(self.jacobian(y)) @ np.maximum(np.abs(y), NOTHING * self.scale) + np.abs(beside)
        still = rates == 0.0
        ratios = np.abs(rates) / np.where(still | (gross == 0.0), 1.0, gross)
        ratios = np.where(still, 0.0, np.where(gross == 0.0, np.inf, ratios))
        return float(np.max(np.where(np.isnan(ratios), np.inf, ratios), initial=0.0))

    def reduced(self, y: Array) -> Array:
        """Jacobian of the states with mass alone, the algebraic ones following at once: M^-1 (J_dd - J_da J_aa^-1 J_ad).

        Not a number where the algebraic equations do not determine their states.
        """
        slopes, moving = self.jacobian(y), self.mass != 0.0
        inner = slopes[np.ix_(moving, moving)]
        if not moving.all():
            try:
                closing = np.linalg.solve(slopes[np.ix_(~moving, ~moving)], slopes[np.ix_(~moving, moving)])
            except np.linalg.LinAlgError:
                return np.full_like(inner, np.nan)
            inner = inner - slopes[np.ix_(moving, ~moving)] @ closing
        result: Array = inner / self.mass[moving, np.newaxis]
        return result


def conserved(problem: Problem, y: Array) -> Array:
    """Weights (totals, states) of the sums of M y that never change: the left null vectors shared by all states nearby."""
    moving = problem.mass != 0.0
    generator = np.random.default_rng(0)  # any states will do, but always the same
    points = [y, *(y + APART * generator.uniform(-1.0, 1.0, y.size) * np.where(y == 0.0, 0.1 * problem.scale, y)
                   for _ in range(SAMPLES - 1))]
    blocks, gross = [], np.zeros(int(moving.sum()))
    for point in points:
        block = problem.reduced(point) * problem.sizes(y)[moving]
        if np.all(np.isfinite(block)):
            blocks.append(block)
            gross = np.maximum(gross, np.max(np.abs(block), axis=1, initial=0.0))
    if not blocks or not moving.any():
        return np.zeros((0, y.size))
    rows = np.where(gross > 0.0, gross, 1.0)
    vectors, values, _ = np.linalg.svd(np.hstack(blocks) / rows[:, np.newaxis])
    values = np.concatenate([values, np.zeros(vectors.shape[1] - values.size)])
    found = vectors[:, values <= CANCELS * max(float(values[0]), CANCELS)].T
    found = np.where(np.abs(found) > CANCELS, found, 0.0) / rows  # what rounding mixes in would not cancel
    weights = np.zeros((len(found), y.size))
    weights[:, moving] = found
    kept = np.array([each for each in weights if _is_constant(problem, each, points)]).reshape(-1, y.size)
    return _separated(kept, problem.sizes(y))


def _separated(weights: Array, sizes: Array) -> Array:
    """The same totals, combined so that each holds a state that no other holds: a small one is not lost in a large one."""
    rows = weights * sizes
    for number in range(len(rows)):
        place = int(np.argmax(np.abs(rows[number:])))
        row, column = number + place // sizes.size, place % sizes.size
        rows[[number, row]] = rows[[row, number]]
        rows[number] /= rows[number, column]
        for other in range(len(rows)):
            if other != number:
                rows[other] -= rows[other, column] * rows[number]
    rows[np.abs(rows) < CANCELS * np.max(np.abs(rows), axis=1, keepdims=True, initial=0.0)] = 0.0
    return np.asarray(rows / sizes, dtype=np.float64)


def _is_constant(problem: Problem, weights: Array, points: list[Array]) -> bool:
    """Whether the rates so weighted cancel in all these states."""
    mass = np.where(problem.mass == 0.0, 1.0, problem.mass)
    for point in points:
        terms = np.abs(weights / mass) * (np.abs(problem.jacobian(point)) @ problem.sizes(point))
        if not abs(float(weights / mass @ problem.rates(point))) <= CANCELS * float(np.sum(terms)):
            return False
    return True


def polish(problem: Problem, y: Array, start: Array, totals: Array) -> Array | None:
    """The rest near y with the conserved totals of `start`; None where Newton's method does not find one."""
    held = totals * problem.mass
    best, least = y, defect(problem, y, start, held)
    for _ in range(ITERATIONS):
        correction = _correction(problem, y, held, held @ (start - y))
        if correction is None:
            return None
        moved = _moved(problem, y, correction)
        if moved is None:
            return None
        y = moved
        before, error = least, defect(problem, y, start, held)
        if error < least:
            best, least = y, error
        small = float(np.max(np.abs(correction) / problem.sizes(y), initial=0.0))
        if least <= ROUNDED or small <= ROUNDED or (least <= SETTLED and error >= 0.5 * before):
            break
    return best if least <= SETTLED else None


def defect(problem: Problem, y: Array, start: Array, held: Array, beside: Array | float = 0.0) -> float:
    """The residual, or the relative error of a conserved total of `start` if that is larger; held: weights times M."""
    sizes = np.abs(held) @ np.maximum(np.abs(start), NOTHING * problem.scale)
    off = np.abs(held @ (start - y)) / sizes
    return max(problem.residual(y, beside), float(np.max(off, initial=0.0)))


def _correction(problem: Problem, y: Array, held: Array, missing: Array) -> Array | None:
    """Newton's correction: the linearised rates vanish and the totals return, all rows and columns at their own scale."""
    rates, sizes = problem.rates(y), problem.sizes(y)
    matrix = np.vstack([problem.jacobian(y), held]) * sizes
    right = np.concatenate([-rates, missing])
    rows = np.max(np.abs(matrix), axis=1, initial=0.0)
    rows = np.where(rows > 0.0, rows, 1.0)
    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(right))):
        return None
    # least squares, since the rates of a conserved total say one thing twice
    solution = np.linalg.lstsq(matrix / rows[:, np.newaxis], right / rows, rcond=None)[0]
    return np.asarray(solution * sizes, dtype=np.float64)


def _moved(problem: Problem, y: Array, correction: Array) -> Array | None:
    """y corrected, by half and half again as much where that leads out of the model's domain."""
    for halving in range(HALVINGS):
        moved: Array = y + correction * 0.5**halving
        # a positive amount may shrink tenfold at a time, but not change its sign, unless it is already of no size
        keeps = (moved > 0.1 * y) | (y <= 1e-3 * problem.scale)
        if np.all(np.isfinite(problem.rates(moved))) and (keeps.all() or halving >= HALVINGS // 2):
            return moved
    return None


def eigenvalues(problem: Problem, y: Array, totals: Array) -> Complex:
    """Eigenvalues [1/ms] of the motion about y, conserved totals left out, slowest decay (or fastest growth) first.

    Not a number where the motion is not defined.
    """
    moving = problem.mass != 0.0
    sizes = problem.sizes(y)[moving]
    matrix: Array = problem.reduced(y) * sizes / sizes[:, np.newaxis]
    if not np.all(np.isfinite(matrix)):
        return np.full(len(matrix), np.nan, dtype=np.complex128)
    held = (totals * problem.mass)[:, moving] * sizes
    if len(held):
        _, _, directions = np.linalg.svd(held / np.max(np.abs(held), axis=1, keepdims=True))
        free = directions[len(held):]
        matrix = np.asarray(free @ matrix @ free.T, dtype=np.float64)
    values = _refined(matrix, np.linalg.eigvals(matrix).astype(np.complex128))
    return values[np.lexsort((values.imag, -values.real))]


def _refined(matrix: Array, values: Complex) -> Complex:
    """The same with those that are tiny beside the largest taken from the inverse, where they are the large ones."""
    sizes = np.abs(values)
    if not values.size or sizes.min() >= GRADED * sizes.max():
        return values
    try:
        large = np.linalg.eigvals(np.linalg.inv(matrix)).astype(np.complex128)
    except np.linalg.LinAlgError:
        return values
    if not np.all(np.isfinite(large)) or np.any(large == 0.0):
        return values
    slow: Complex = 1.0 / large
    border = np.sqrt(np.abs(slow).min()) * np.sqrt(sizes.max())
    fast, slow = values[sizes > border], slow[np.abs(slow) <= border]
    return np.concatenate([fast, slow]) if fast.size + slow.size == values.size else values
