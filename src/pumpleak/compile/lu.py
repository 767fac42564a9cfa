"""Sparse Gaussian elimination, written out entry by entry in an order that keeps it sparse.

Pivots stay on the diagonal (order: Markowitz 1957, least (row count - 1)(column count - 1)); each is held against the
size its entry had before elimination, and a step whose pivot was lost to cancellation is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pumpleak.base.errors import ModelError
from pumpleak.compile.builder import Array, Bool, Real
from pumpleak.solve.controller import CANCELLED

Place = tuple[int, int]


@dataclass(frozen=True)
class Elimination:
    """The order of pivots and the slot of every entry of the factors."""

    order: tuple[int, ...]
    slots: Mapping[Place, int]


def plan(names: Sequence[str], pattern: Collection[Place], algebraic: Collection[int] = ()) -> Elimination:
    """How a matrix with entries at `pattern` and on the diagonal of non-algebraic rows is eliminated.

    Raises ModelError where an algebraic state can have no pivot.
    """
    n = len(names)
    filled = set(pattern) | {(i, i) for i in range(n) if i not in set(algebraic)}
    order: list[int] = []
    left = set(range(n))
    while left:
        pivot = _cheapest(left, filled)
        if pivot is None:
            stuck = ", ".join(names[i] for i in sorted(left))
            raise ModelError(f"the algebraic equation of {stuck} does not determine it; "
                             "write each as an equation in which its own state appears")
        order.append(pivot)
        left.discard(pivot)
        below = [i for i in left if (i, pivot) in filled]
        right = [j for j in left if (pivot, j) in filled]
        filled |= {(i, j) for i in below for j in right}
    return Elimination(tuple(order), {place: slot for slot, place in enumerate(sorted(filled))})


def _cheapest(left: set[int], filled: set[Place]) -> int | None:
    rows = dict.fromkeys(left, 0)
    columns = dict.fromkeys(left, 0)
    for i, j in filled:
        if i in left and j in left:
            rows[i] += 1
            columns[j] += 1
    able = [k for k in left if (k, k) in filled]
    return min(able, key=lambda k: ((rows[k] - 1) * (columns[k] - 1), k), default=None)


def emit_factors(matrix: dict[Place, Real], elimination: Elimination, lu: Array) -> Bool:
    """Factorise into `lu`, the diagonal as inverse pivots; true when every pivot is safe.

    A pivot that elimination made NaN is not safe.
    """
    order = elimination.order
    first = {i: matrix.get((i, i)) for i in order}
    safe: Bool | None = None
    for step, k in enumerate(order):
        pivot, before = matrix[k, k], first[k]
        # an entry that only fill-in made has no size of its own: it must merely not be zero
        check = abs(pivot) > (abs(before) * CANCELLED if before is not None else 0.0)
        safe = check if safe is None else safe & check
        matrix[k, k] = 1.0 / pivot
        later = order[step + 1:]
        across = [j for j in later if (k, j) in matrix]
        for i in later:
            if (i, k) in matrix:
                matrix[i, k] = matrix[i, k] * matrix[k, k]
                for j in across:
                    product = matrix[i, k] * matrix[k, j]
                    matrix[i, j] = matrix[i, j] - product if (i, j) in matrix else -product
    for place, value in matrix.items():
        lu[elimination.slots[place]] = value
    if safe is None:
        raise ModelError(f"a matrix of {len(order)} rows cannot be factorised; a system needs a state")
    return safe


def emit_solution(elimination: Elimination, lu: Array, target: Array) -> list[Real]:
    """Solve with the factors in `lu`; `target` is replaced by the solution, which is also returned."""
    order, slots = elimination.order, elimination.slots
    x = {i: target[i] for i in order}
    for step, i in enumerate(order):
        for j in order[:step]:
            if (i, j) in slots:
                x[i] = x[i] - lu[slots[i, j]] * x[j]
    for step in range(len(order) - 1, -1, -1):
        i = order[step]
        for j in order[step + 1:]:
            if (i, j) in slots:
                x[i] = x[i] - lu[slots[i, j]] * x[j]
        x[i] = x[i] * lu[slots[i, i]]
    for i in order:
        target[i] = x[i]
    return [x[i] for i in range(len(order))]
