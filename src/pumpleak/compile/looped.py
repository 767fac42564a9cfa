"""Sparse Gaussian elimination in loops over tables, for systems whose elimination would be too much text (`lu`).

The same operations in the same order as in `lu`: a row after the other is spread over a full row of numbers, the rows above
it that it needs are subtracted, and it is gathered again. The code is as long for 400 states as for 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.compile.block import between, emit_inverse
from pumpleak.compile.builder import Code
from pumpleak.compile.lu import Elimination, is_safe
from pumpleak.compile.values import Array, Bool, Int, Words, select


class Tables:
    """What the loops read, in constant arrays of the module.

    order: rows in the order of elimination; column: of each slot. Of each row: first, the slot of its first entry; own, that
    of its diagonal (in the block: past the entries before it); end, past its last.
    """

    def __init__(self, code: Code, elimination: Elimination) -> None:
        self.code, self.elimination = code, elimination
        single, together = set(elimination.single), set(elimination.together)
        count = len(elimination.order)
        first, own, end = [0] * count, [0] * count, [0] * count
        held: dict[int, list[tuple[int, int]]] = {i: [] for i in elimination.order}
        for (i, j), slot in elimination.slots.items():
            if not (i in together and j in together):
                held[i].append((slot, j))
        start = 0
        for i in elimination.order:
            slots = [slot for slot, _ in held[i]]
            first[i], end[i] = start, start + len(slots)
            own[i] = elimination.slots[i, i] if i in single else end[i]
            start = end[i]
        self.order, self.column = self._table("order", elimination.order), self._table("column", [
            j for _, j in elimination.slots])
        self.first, self.own, self.end = self._table("first", first), self._table("own", own), self._table("end", end)

    def _table(self, name: str, values: list[int] | tuple[int, ...]) -> Words:
        return self.code.module.index_table(self.code, f"lu_{name}", values)

    def single(self) -> Iterator[Int]:
        """Rows with a pivot on the diagonal, in order."""
        if self.elimination.single:
            for place in self.code.range(len(self.elimination.single)):
                yield self.order[place]

    def single_backwards(self) -> Iterator[Int]:
        """The same from the last on."""
        count = len(self.elimination.single)
        if count:
            for place in self.code.range(count):
                yield self.order[self.code.integer(count - 1) - place]

    def together(self) -> Iterator[tuple[Int, Int]]:
        """Rows of the block, numbered from 0."""
        if self.elimination.block:
            for place in self.code.range(self.elimination.block):
                yield place, self.order[place + len(self.elimination.single)]

    def entries(self, start: Int, stop: Int) -> Iterator[tuple[Int, Int]]:
        """Slots and their columns."""
        for slot in between(self.code, start, stop):
            yield slot, self.column[slot]


def emit_looped_factors(code: Code, elimination: Elimination, lu: Array) -> Bool:
    """Replace the matrix in `lu` by its factors, the diagonal by inverse pivots; true when every pivot is safe."""
    tables, size = Tables(code, elimination), elimination.block
    row, safe = code.array(len(elimination.order), scratch=True), code.variable()
    safe.set_whole(1)
    for i in tables.single():
        _emit_spread(tables, i, lu, row)
        before = row[i]
        _emit_subtracted(tables, i, lu, row)
        safe.set_whole(select(is_safe(row[i], before), safe.whole(), code.whole(0)))
        for slot, j in tables.entries(tables.first[i], tables.end[i]):
            lu[slot] = row[j]
        lu[tables.own[i]] = 1.0 / row[i]
    if size:
        before_block, block = code.array(size * size, scratch=True), lu.part(elimination.block_slot)
        for r, i in tables.together():
            _emit_spread(tables, i, lu, row)
            for c, j in tables.together():
                row[j] = block[r * size + c]
                before_block[r * size + c] = abs(row[j])
            _emit_subtracted(tables, i, lu, row)
            for slot, j in tables.entries(tables.first[i], tables.end[i]):
                lu[slot] = row[j]
            for c, j in tables.together():
                block[r * size + c] = row[j]
        safe.set_whole(select(emit_inverse(block, before_block, size), safe.whole(), code.whole(0)))
    return safe.whole().equals(1)


def _emit_spread(tables: Tables, i: Int, lu: Array, row: Array) -> None:
    for slot, j in tables.entries(tables.first[i], tables.end[i]):
        row[j] = lu[slot]


def _emit_subtracted(tables: Tables, i: Int, lu: Array, row: Array) -> None:
    """Subtract from a row that is spread the rows above it."""
    for _, k in tables.entries(tables.first[i], tables.own[i]):
        factor = row[k] * lu[tables.own[k]]
        row[k] = factor
        for slot, j in tables.entries(tables.own[k] + 1, tables.end[k]):
            row[j] = row[j] - factor * lu[slot]


def emit_looped_solution(code: Code, elimination: Elimination, lu: Array, target: Array) -> None:
    """Solve with the factors in `lu`; `target` is replaced by the solution."""
    tables, size, x = Tables(code, elimination), elimination.block, code.variable()

    def less_others(i: Int, start: Int, stop: Int) -> None:
        x[0] = target[i]
        for slot, j in tables.entries(start, stop):
            x[0] = x[0] - lu[slot] * target[j]
        target[i] = x[0]

    for i in tables.single():
        less_others(i, tables.first[i], tables.own[i])
    if size:
        solved, block = code.array(size, scratch=True), lu.part(elimination.block_slot)
        for _, i in tables.together():
            less_others(i, tables.first[i], tables.own[i])
        for r, _ in tables.together():
            x[0] = 0.0
            for c, j in tables.together():
                x[0] = x[0] + block[r * size + c] * target[j]
            solved[r] = x[0]
        for r, i in tables.together():
            target[i] = solved[r]
    for i in tables.single_backwards():
        less_others(i, tables.own[i] + 1, tables.end[i])
        target[i] = target[i] * lu[tables.own[i]]
