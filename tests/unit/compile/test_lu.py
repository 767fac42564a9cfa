"""Sparse elimination in generated code against numpy.linalg, and the pivot check."""

import ctypes

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.builder import Array, Bool, Code, Int, Module, select
from pumpleak.compile.lu import emit_factors, emit_solution, plan

Floats = NDArray[np.float64]


def solved(matrix: Floats, right: Floats, whole_diagonal: bool = False) -> tuple[bool, Floats]:
    """Whether the pivots were safe, and the solution; zeros are left out of the pattern, but for a whole diagonal."""
    n = len(right)
    pattern = [(i, j) for i in range(n) for j in range(n) if matrix[i, j] != 0.0 or (whole_diagonal and i == j)]
    elimination = plan([f"x{i}" for i in range(n)], pattern, range(n))
    module = Module("lu")
    code = Code(module, "run", [Array, Array], Int)
    entries, x = code.arguments
    lu = code.array(len(elimination.slots))
    safe: Bool = emit_factors({place: entries[slot] for slot, place in enumerate(pattern)}, elimination, lu)
    emit_solution(elimination, lu, x)
    code.return_(select(safe, code.integer(1), code.integer(0)))
    loaded = native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])
    values, target = np.array([matrix[place] for place in pattern]), right.copy()
    run = loaded.function("run", ctypes.c_int64, [ctypes.c_void_p, ctypes.c_void_p])
    return bool(run(values.ctypes.data, target.ctypes.data)), target


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_random_sparse_matrices(n: int) -> None:
    random = np.random.default_rng(n)
    matrix = np.where(random.random((n, n)) < 0.3, random.normal(size=(n, n)), 0.0) + np.diag(random.uniform(2.0, 4.0, n))
    right = random.normal(size=n)
    safe, x = solved(matrix, right)
    assert safe
    assert x == pytest.approx(np.linalg.solve(matrix, right), rel=1e-12)


@pytest.mark.parametrize("whole_diagonal", [True, False])
def test_a_diagonal_made_by_fill_in(whole_diagonal: bool) -> None:
    safe, x = solved(np.array([[2.0, 1.0], [3.0, 0.0]]), np.array([1.0, 6.0]), whole_diagonal)
    assert safe
    assert x == pytest.approx([2.0, -3.0])


@pytest.mark.parametrize("matrix", [
    [[1.0, 2.0], [2.0, 4.0]],               # singular
    [[1.0, 2.0], [2.0, 4.0 + 1e-13]],       # lost to cancellation
    [[0.0, 1.0], [1.0, 0.0]],               # needs an exchange of rows
    [[float("nan"), 1.0], [1.0, 1.0]],
])
def test_an_unsafe_pivot_is_seen(matrix: list[list[float]]) -> None:
    assert not solved(np.array(matrix), np.ones(2), whole_diagonal=True)[0]


def test_order_keeps_an_arrow_sparse() -> None:
    """A matrix full in its first row and column fills up in natural order and not at all in Markowitz order."""
    n = 9
    pattern = {(0, j) for j in range(n)} | {(i, 0) for i in range(n)} | {(i, i) for i in range(n)}
    elimination = plan([str(i) for i in range(n)], pattern)
    assert len(elimination.slots) == len(pattern)
    assert set(elimination.order[-2:]) >= {0}


def test_a_state_that_its_equations_do_not_determine() -> None:
    with pytest.raises(ModelError, match="the algebraic equation of b does not determine it"):
        plan(["a", "b"], [(0, 0), (1, 0)], [1])
