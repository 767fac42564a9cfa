"""Sparse Gaussian elimination in an order that keeps it sparse, written out entry by entry; `looped` has it in loops.

Pivots stay on the diagonal (order: Markowitz 1957, least (row count - 1)(column count - 1)). Each is held against the size
that its entry had before elimination: much smaller, it was lost to cancellation, much larger, it lost what it was. Such a step
is refused, and a smaller one, in which M/h dominates, is always safe. That leaves algebraic equations, which no step changes:
those that determine their states only together come last, as one block that is inverted with exchange of rows. The block's
slots hold the inverse, as those of the other pivots do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pumpleak.base.errors import ModelError
from pumpleak.compile.block import emit_inverse
from pumpleak.compile.values import Array, Bool, Real
from pumpleak.solve.controller import CANCELLED

Place = tuple[int, int]

BLOCK_MOST = 32  # more equations than this keep their own pivots: the block's work is their number cubed, its memory squared


@dataclass(frozen=True)
class Elimination:
    """The order of pivots and the slot of every entry of the factors.

    slots: row by row in the order of elimination, those of a row too; then the block, row by row. block: how many of the last
    are inverted together (0, or 2 and more); operations: products that are subtracted.
    """

    order: tuple[int, ...]
    slots: Mapping[Place, int]
    block: int
    operations: int

    @cached_property
    def single(self) -> tuple[int, ...]:
        """Those whose pivot is on the diagonal."""
        return self.order[:len(self.order) - self.block]

    @cached_property
    def together(self) -> tuple[int, ...]:
        """Those of the block."""
        return self.order[len(self.order) - self.block:]

    @property
    def block_slot(self) -> int:
        """Where the block begins."""
        return len(self.slots) - self.block * self.block


def plan(names: Sequence[str], pattern: Collection[Place], algebraic: Collection[int] = ()) -> Elimination:
    """How a matrix with entries at `pattern` and on the diagonal of non-algebraic rows is eliminated.

    Raises ModelError where an algebraic state can have no pivot.
    """
    n, without_mass = len(names), set(algebraic)
    filled = {*pattern, *((i, i) for i in range(n) if i not in without_mass)}
    together = _inseparable(filled, without_mass)
    order, rows, operations = _eliminated(n, filled, together)
    stuck = _undetermined(together, rows)
    if stuck:
        raise ModelError(f"the algebraic equation of {', '.join(names[i] for i in stuck)} does not determine it; "
                         "write each as an equation in which its own state appears")
    if len(together) == 1:
        order, together = order + together, []
    everyone, block = order + together, set(together)
    places = [(i, j) for i in everyone for j in everyone if rows[i] >> j & 1 and not (i in block and j in block)]
    places += [(i, j) for i in together for j in together]
    return Elimination(tuple(everyone), {place: slot for slot, place in enumerate(places)}, len(together),
                       operations + len(together) ** 3)


def _inseparable(filled: Collection[Place], algebraic: Collection[int]) -> list[int]:
    """Algebraic states that need one another, or have no entry of their own.

    The others are triangular among themselves as far as no step changes them: their own entries are their pivots.
    """
    reach = {i: 0 for i in sorted(algebraic)}
    for i, j in filled:
        if i in reach and j in reach:
            reach[i] |= 1 << j
    own = {i for i in reach if reach[i] >> i & 1}
    for k in reach:
        for i in reach:
            if reach[i] >> k & 1:
                reach[i] |= reach[k]
    found = [i for i in reach if i not in own or any(reach[i] >> j & 1 and reach[j] >> i & 1 for j in reach if j != i)]
    return found if len(found) <= BLOCK_MOST else [i for i in found if i not in own]


def _eliminated(n: int, filled: Collection[Place], together: Collection[int]) -> tuple[list[int], list[int], int]:
    """The order of all that are not kept together, the rows with all that was filled in (as bits), and the operations."""
    rows, columns = [0] * n, [0] * n
    for i, j in filled:
        rows[i] |= 1 << j
        columns[j] |= 1 << i
    left = (1 << n) - 1
    able, order, operations = set(range(n)) - set(together), [], 0
    while able:
        pivot = min(able, key=lambda k: (((rows[k] & left).bit_count() - 1) * ((columns[k] & left).bit_count() - 1), k))
        able.discard(pivot)
        order.append(pivot)
        left &= ~(1 << pivot)
        below, right = columns[pivot] & left, rows[pivot] & left
        for i in _bits(below):
            rows[i] |= right
        for j in _bits(right):
            columns[j] |= below
        operations += below.bit_count() * right.bit_count()
    return order, rows, operations


def _bits(mask: int) -> list[int]:
    return [place for place, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]


def _undetermined(together: Sequence[int], rows: Sequence[int]) -> list[int]:
    """Equations of the block that find no state left for them (augmenting paths)."""
    owner: dict[int, int] = {}

    def placed(i: int, tried: set[int]) -> bool:
        for j in together:
            if rows[i] >> j & 1 and j not in tried:
                tried.add(j)
                if j not in owner or placed(owner[j], tried):
                    owner[j] = i
                    return True
        return False

    return [i for i in together if not placed(i, set())]


def is_safe(pivot: Real, before: Real) -> Bool:
    """Whether a pivot still stands for the entry that it was (0: fill-in made it, and it must merely not be 0)."""
    size = abs(before)
    return (abs(pivot) > size * CANCELLED) & ((abs(pivot) * CANCELLED < size) | size.equals(0.0))


def emit_factors(matrix: dict[Place, Real], elimination: Elimination, lu: Array) -> Bool:
    """Factorise into `lu`, the diagonal as inverse pivots; true when every pivot is safe.

    A pivot that elimination made NaN is not safe.
    """
    order, slots = elimination.order, elimination.slots
    first = dict(matrix)
    safe: Bool | None = None
    for step, k in enumerate(elimination.single):
        pivot = matrix[k, k]
        check = is_safe(pivot, first.get((k, k), pivot.code.real(0.0)))
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
    for place, slot in slots.items():
        lu[slot] = matrix.get(place, 0.0)
    if elimination.block:
        together = elimination.together
        before = lu.code.array(elimination.block * elimination.block, scratch=True)
        for index, place in enumerate((i, j) for i in together for j in together):
            before[index] = abs(first[place]) if place in first else 0.0
        check = emit_inverse(lu.part(elimination.block_slot), before, elimination.block)
        safe = check if safe is None else safe & check
    if safe is None:
        raise ModelError(f"a matrix of {len(order)} rows cannot be factorised; a system needs a state")
    return safe


def emit_solution(elimination: Elimination, lu: Array, target: Array) -> None:
    """Solve with the factors in `lu`; `target` is replaced by the solution."""
    order, slots, single, together = elimination.order, elimination.slots, elimination.single, elimination.together
    x = {i: target[i] for i in order}
    for step, i in enumerate(order):
        for j in single[:step]:
            if (i, j) in slots:
                x[i] = x[i] - lu[slots[i, j]] * x[j]
    solved = {}
    for i in together:
        terms = [lu[slots[i, j]] * x[j] for j in together]
        solved[i] = sum(terms[1:], terms[0])
    x.update(solved)
    for step in range(len(single) - 1, -1, -1):
        i = single[step]
        for j in order[step + 1:]:
            if (i, j) in slots:
                x[i] = x[i] - lu[slots[i, j]] * x[j]
        x[i] = x[i] * lu[slots[i, i]]
    for i in order:
        target[i] = x[i]
