"""The inverse of a small dense block by Gauss-Jordan elimination with exchange of rows, which each lane chooses for itself."""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.compile.builder import Code, code_of
from pumpleak.compile.values import Array, Bool, Int, maximum, select
from pumpleak.solve.controller import CANCELLED


def between(code: Code, start: Int, stop: Int) -> Iterator[Int]:
    """`for i in between(code, a, b)`: a loop that may have no turn at all."""
    with code.if_(start < stop):
        for i in code.range(stop - start):
            yield start + i


def emit_inverse(block: Array, before: Array, size: int) -> Bool:
    """Replace the block (size x size) by its inverse; true when no pivot was lost.

    Rows are scaled to their largest entry, and a pivot is held against the largest entry of its column: units of equations and
    states do not matter. before: the sizes of the entries before other rows were subtracted from them, which count too.
    """
    code, width = code_of(block), 2 * size
    work, column = code.array(size * width, scratch=True), code.array(size, scratch=True)
    _emit_scaled(block, before, work, column, size)
    safe = code.variable()
    safe.set_whole(1)
    for k in code.range(size):
        pivot_row = work.part(k * width)
        for r in between(code, k + 1, code.integer(size)):
            _emit_exchange(pivot_row, work.part(r * width), k, width)
        pivot = pivot_row[k]
        safe.set_whole(select(abs(pivot) > column[k] * CANCELLED, safe.whole(), code.whole(0)))
        inverse = 1.0 / pivot
        for c in code.range(width):
            pivot_row[c] = pivot_row[c] * inverse
        for r in code.range(size):
            with code.if_(~r.equals(k)):
                row, factor = work.part(r * width), work[r * width + k]
                for c in code.range(width):
                    row[c] = row[c] - factor * pivot_row[c]
    for r in code.range(size):
        for c in code.range(size):
            block[r * size + c] = work[r * width + c + size]
    return safe.whole().equals(1)


def _emit_scaled(block: Array, before: Array, work: Array, column: Array, size: int) -> None:
    """work = D (block, 1) with the rows' scales in D; column: the largest entry of each column."""
    code, width = code_of(block), 2 * size
    top = code.variable()
    for c in code.range(size):
        column[c] = 0.0
    for r in code.range(size):
        top[0] = 0.0
        for c in code.range(size):
            top[0] = maximum(top[0], maximum(abs(block[r * size + c]), before[r * size + c]))
        scale = 1.0 / top[0]
        for c in code.range(size):
            work[r * width + c] = block[r * size + c] * scale
            work[r * width + c + size] = 0.0
            column[c] = maximum(column[c], maximum(abs(block[r * size + c]), before[r * size + c]) * scale)
        work[r * width + r + size] = scale


def _emit_exchange(upper: Array, lower: Array, k: Int, width: int) -> None:
    """Exchange two rows in the lanes where the lower has the larger entry in column k."""
    code = code_of(upper)
    larger = abs(lower[k]) > abs(upper[k])
    for c in code.range(width):
        one, other = upper[c], lower[c]
        upper[c], lower[c] = select(larger, other, one), select(larger, one, other)
