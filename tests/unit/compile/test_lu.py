"""Sparse elimination in generated code, straight and in loops, against numpy.linalg; pivots that are refused or exchanged."""

import ctypes
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.looped import emit_looped_factors, emit_looped_solution
from pumpleak.compile.lu import BLOCK_MOST, Elimination, Place, emit_factors, emit_solution, plan
from pumpleak.compile.values import Array, select

Floats = NDArray[np.float64]
FORMS = ("straight", "looped")
# straight text may be regrouped by LLVM: the last digits differ, times what these matrices amplify (measured: 2e-15)
ALIKE = 1e-13


@dataclass(frozen=True)
class Solved:
    """What came out, one column a lane."""

    safe: NDArray[np.bool_]
    x: Floats
    factors: Floats


def solve(matrices: Sequence[ArrayLike], right: ArrayLike, form: str, algebraic: Collection[int] = ()) -> Solved:
    """Solve with one matrix a lane; zeros of all lanes are left out of the pattern, but for the diagonal of rows with mass."""
    stack = np.array(matrices, dtype=float)
    lanes, n, _ = stack.shape
    pattern = [(i, j) for i in range(n) for j in range(n) if np.any(stack[:, i, j] != 0.0) or (i == j and i not in algebraic)]
    elimination = plan([f"x{i}" for i in range(n)], pattern, algebraic)
    loaded = native.Loaded(native.compile_ir(text(elimination, pattern, form, lanes), native.local_target()), ["run"])
    values = np.zeros((len(elimination.slots), lanes))
    for (i, j), slot in elimination.slots.items():
        values[slot] = stack[:, i, j]
    x = np.repeat(np.array(right, dtype=float)[:, None], lanes, axis=1)
    factors, safe = np.zeros_like(values), np.zeros(lanes)
    run = loaded.function("run", None, [ctypes.c_void_p] * 4)
    run(*(array.ctypes.data for array in (values, factors, x, safe)))
    return Solved(safe == 1.0, x, factors)


def text(elimination: Elimination, pattern: Collection[Place], form: str, lanes: int) -> str:
    module = Module("lu", lanes)
    code = Code(module, "run", [Array, Array, Array, Array])
    entries, lu, x, outcome = code.arguments
    if form == "looped":
        for slot in code.range(len(elimination.slots)):
            lu[slot] = entries[slot]
        safe = emit_looped_factors(code, elimination, lu)
        emit_looped_solution(code, elimination, lu, x)
    else:
        safe = emit_factors({place: entries[elimination.slots[place]] for place in pattern}, elimination, lu)
        emit_solution(elimination, lu, x)
    outcome[0] = select(safe, code.real(1.0), code.real(0.0))
    code.return_()
    return str(module)


def random_matrix(n: int, seed: int, share: float = 0.2) -> Floats:
    """Entries in a share of the places, a diagonal that outweighs them."""
    random = np.random.default_rng(seed)
    matrix = np.where(random.random((n, n)) < share, random.normal(size=(n, n)), 0.0)
    return matrix + np.diag(np.abs(matrix).sum(axis=1) + random.uniform(0.5, 1.0, n))


@pytest.mark.parametrize("n", [1, 2, 5, 12, 20])
@pytest.mark.parametrize("algebraic", ["none", "half", "all"])
def test_random_sparse_matrices(n: int, algebraic: str) -> None:
    rows = {"none": range(0), "half": range(n // 2, n), "all": range(n)}[algebraic]
    matrix, right = random_matrix(n, n), np.random.default_rng(n + 100).normal(size=n)
    straight, looped = (solve([matrix], right, form, rows) for form in FORMS)
    assert straight.safe.all()
    assert looped.safe.all()
    assert straight.x[:, 0] == pytest.approx(np.linalg.solve(matrix, right), rel=1e-12)
    np.testing.assert_allclose(looped.factors, straight.factors, rtol=ALIKE, atol=ALIKE)
    np.testing.assert_allclose(looped.x, straight.x, rtol=ALIKE, atol=ALIKE)


@pytest.mark.parametrize("lanes", [2, 4, 8])
@pytest.mark.parametrize("form", FORMS)
def test_each_lane_solves_its_own_matrix(form: str, lanes: int) -> None:
    """Also where lanes exchange different rows, and where one of them is singular."""
    random = np.random.default_rng(lanes)
    matrices = [random_matrix(6, lane) for lane in range(lanes)]
    for matrix in matrices:
        matrix[4:, 4:] = random.permutation([[1.0, 2.0], [1e-9, 1.0]])
    matrices[1][4:, :] = [[0.0, 0.0, 0.0, 0.0, 1.0, 2.0], [0.0, 0.0, 0.0, 0.0, 2.0, 4.0]]
    right = random.normal(size=6)
    found = solve(matrices, right, form, [4, 5])
    assert list(found.safe) == [lane != 1 for lane in range(lanes)]
    for lane in set(range(lanes)) - {1}:
        assert found.x[:, lane] == pytest.approx(np.linalg.solve(matrices[lane], right), rel=1e-11)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("matrix", [
    [[1.0, 2.0], [2.0, 4.0]],               # singular
    [[1.0, 2.0], [2.0, 4.0 + 1e-13]],       # lost to cancellation
    [[0.0, 1.0], [1.0, 0.0]],               # needs an exchange of rows
    [[1e-20, 1.0], [1.0, 1.0]],             # the same: without it 1 is lost in 1e20
    [[1.0, -1e8], [1e8, 1.0]],              # a rotation far beyond the step
    [[float("nan"), 1.0], [1.0, 1.0]],
    [[1.0, float("nan")], [1.0, 1.0]],
    [[1.0, 1.0], [1.0, float("inf")]],
])
def test_an_unsafe_pivot_is_seen(matrix: list[list[float]], form: str) -> None:
    assert not solve([matrix], np.ones(2), form).safe[0]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("matrix", [
    [[2.0, 1.0], [3.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], [[1e-20, 1.0], [1.0, 1.0]],
    [[1e-20, 1e-15], [1e-10, 1e-12]],       # the same, in other units
    [[1.0, 1e-14], [1.0, -1e-14]]])         # not singular: the second state has a unit in which it is large
def test_algebraic_equations_are_exchanged(matrix: list[list[float]], form: str) -> None:
    found = solve([matrix], [1.0, 2.0], form, [0, 1])
    assert found.safe[0]
    assert found.x[:, 0] == pytest.approx(np.linalg.solve(np.array(matrix), [1.0, 2.0]), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("matrix", [
    [[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [2.0, 4.0 + 1e-13]], [[1.0, float("nan")], [1.0, 1.0]]])
def test_algebraic_equations_that_determine_nothing(matrix: list[list[float]], form: str) -> None:
    assert not solve([matrix], [1.0, 2.0], form, [0, 1]).safe[0]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("form", FORMS)
def test_a_small_enough_step_is_always_safe(form: str, seed: int) -> None:
    """M/h - J with tiny diagonals and large other entries; the last two equations, without mass, need an exchange of rows."""
    random, n = np.random.default_rng(seed), 8
    jacobian = random.normal(size=(n, n)) * 10.0 ** random.uniform(-3.0, 6.0, (n, n))
    np.fill_diagonal(jacobian, 1e-12 * random.normal(size=n))
    mass, right = np.diag([1.0] * (n - 2) + [0.0, 0.0]), random.normal(size=n)
    matrices = [mass * per_step - jacobian for per_step in 10.0 ** np.arange(-3.0, 21.0, 3.0)]
    found = solve(matrices, right, form, [n - 2, n - 1])
    for lane, matrix in enumerate(matrices):
        if found.safe[lane]:  # three digits are what is asked of a pivot, and what refinement needs
            residual = np.abs(matrix @ found.x[:, lane] - right) / (np.abs(matrix) @ np.abs(found.x[:, lane]))
            assert residual.max() < 1e-2
    assert found.safe[-3:].all()


def test_order_keeps_an_arrow_sparse() -> None:
    """A matrix full in its first row and column fills up in natural order and not at all in Markowitz order."""
    n = 9
    pattern = {(0, j) for j in range(n)} | {(i, 0) for i in range(n)} | {(i, i) for i in range(n)}
    elimination = plan([str(i) for i in range(n)], pattern)
    assert len(elimination.slots) == len(pattern)
    assert set(elimination.order[-2:]) >= {0}


def test_only_equations_that_need_one_another_are_kept_together() -> None:
    chain = {(i, i) for i in range(6)} | {(i, i - 1) for i in range(1, 6)}
    assert plan(list("abcdef"), chain, range(6)).block == 0
    assert set(plan(list("abcdef"), chain | {(2, 3)}, range(6)).together) == {2, 3}
    assert plan(list("abcdef"), chain | {(2, 3)}, [2]).block == 0  # a step makes the pivot of 3
    many = BLOCK_MOST + 1
    ring = {(i, i) for i in range(many)} | {(i, (i + 1) % many) for i in range(many)}
    assert plan([str(i) for i in range(many)], ring, range(many)).block == 0


@pytest.mark.parametrize(("pattern", "algebraic", "named"), [
    ([(0, 0), (1, 0)], [1], "b"), ([(0, 0), (0, 1), (1, 0), (2, 0)], [0, 1, 2], "c"), ([(0, 0)], [1, 2], "b, c")])
def test_a_state_that_its_equations_do_not_determine(pattern: list[Place], algebraic: list[int], named: str) -> None:
    with pytest.raises(ModelError, match=f"the algebraic equation of {named} does not determine it"):
        plan(["a", "b", "c"], pattern, algebraic)
