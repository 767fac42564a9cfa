"""The structured builder: what it refuses, and that its loops and branches do what they say."""

import ctypes

import numpy as np
import pytest

from pumpleak.compile import native
from pumpleak.compile.builder import EXACT, FAST, Code, Module
from pumpleak.compile.values import Apart, Array, Bool, Int, Real, Record, maximum, minimum, select


def loaded(module: Module) -> native.Loaded:
    return native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])


def test_a_generated_value_has_no_truth_while_code_is_built() -> None:
    code = Code(Module("m"), "run", [Real])
    with pytest.raises(TypeError, match=r"Bool has no truth while code is built: use code\.if_ or select"):
        bool(code.arguments[0] < 1.0)


def run_lanes(module: Module, *arrays: np.ndarray) -> None:
    keep = loaded(module)
    keep.function("run", None, [ctypes.c_void_p] * len(arrays))(*(array.ctypes.data for array in arrays))


@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_lanes_take_branches_and_leave_loops_apart(lanes: int) -> None:
    """Collatz steps, and which branch came first, each lane for itself."""
    module = Module("m", lanes)
    code = Code(module, "run", [Array, Array, Array], flags=EXACT)
    x, turns, first = code.arguments
    turns.set_whole(0)
    with code.if_else(x[0] < 5.0) as (small, large):
        with small:
            first[0] = 1.0
        with large:
            first[0] = 2.0
    with code.loop():
        with code.if_(x[0] <= 1.0):
            code.leave()
        is_even = (x[0] * 0.5 + 2.0**52 - 2.0**52).equals(x[0] * 0.5)
        with code.if_else(is_even) as (even, odd):
            with even:
                x[0] = x[0] * 0.5
            with odd:
                x[0] = x[0] * 3.0 + 1.0
        turns.set_whole(turns.whole() + 1)
    code.return_()
    starts = [1.0, 6.0, 7.0, 2.0, 9.0, 27.0, 3.0, 4.0][:lanes]
    numbers, count, which = np.array(starts), np.zeros(lanes), np.zeros(lanes)
    run_lanes(module, numbers, count, which)
    assert count.view(np.int64).tolist() == [0, 8, 16, 1, 19, 111, 7, 2][:lanes]
    assert which.tolist() == [1.0 if start < 5.0 else 2.0 for start in starts]


@pytest.mark.parametrize("lanes", [2, 8])
def test_each_lane_is_repeated_as_often_as_it_asks_and_stops_for_itself(lanes: int) -> None:
    module = Module("m", lanes)
    code = Code(module, "run", [Array, Array, Array])
    wanted, total, outcome = code.arguments
    with code.while_below_zero(outcome):
        for _ in code.times(wanted.whole()):
            total[0] = total[0] + 1.0
            with code.if_(total[0] >= 4.0):
                code.stop(7)
        total[0] = total[0] + 100.0
    code.return_()
    asked = np.arange(lanes)
    done, ends = np.zeros(lanes), np.full(lanes, -1)
    run_lanes(module, asked, done, ends)
    assert ends.tolist() == [-1 if turns < 4 else 7 for turns in asked]
    assert done.tolist() == [turns + 100.0 if turns < 4 else 4.0 for turns in asked]


@pytest.mark.parametrize("lanes", [1, 4])
def test_each_lane_reads_and_writes_at_its_own_address(lanes: int) -> None:
    module = Module("m", lanes)
    code = Code(module, "run", [Array, Array, Array])
    addresses, places, outcome = code.arguments
    apart = Apart(code, addresses.whole().handle)
    with code.while_below_zero(outcome):
        with code.if_(places.whole() >= 2):
            code.stop(1)
        apart.part(1)[places.whole()] = apart[0] * 2.0  # not where the lane has stopped: nothing is there
    code.return_()
    rows = np.arange(lanes * 3.0).reshape(lanes, 3) + 1.0
    where = rows.ctypes.data + np.arange(lanes) * rows.strides[0]
    chosen = np.array([0, 1, 10**9, 1][:lanes])
    ends = np.full(lanes, -1)
    expected = rows.copy()
    for lane in range(lanes):
        if chosen[lane] < 2:
            expected[lane, 1 + chosen[lane]] = 2.0 * rows[lane, 0]
    run_lanes(module, where, chosen, ends)
    assert rows.tolist() == expected.tolist()


def test_a_value_of_one_branch_used_outside_it_is_found() -> None:
    module = Module("m")
    code = Code(module, "run", [Real, Array])
    x, out = code.arguments
    with code.if_(x > 0.0):
        y = x * 2.0
    out[0] = y
    code.return_()
    with pytest.raises(RuntimeError, match="does not dominate"):
        native.compile_ir(str(module), native.local_target())


def test_fields_of_a_record_keep_their_kinds() -> None:
    code = Code(Module("m"), "run", [Array])
    record = Record({"count": ("i8", None), "size": ("f8", None), "values": ("f8", 3)}, code.arguments[0])
    with pytest.raises(TypeError, match=r"count holds a whole number and was given 1\.5"):
        record.count = 1.5
    with pytest.raises(TypeError, match="size holds a real number"):
        record.size = code.integer(1)


def test_loops_branches_and_records() -> None:
    """Sum of i^2 below a limit, kept in a record, with a loop in a loop."""
    module = Module("m")
    code = Code(module, "run", [Array, Int], Int)
    base, limit = code.arguments
    record = Record({"turns": ("i8", None), "total": ("f8", None), "squares": ("f8", 4)}, base)
    record.turns, record.total = 0, 0.0
    with code.loop():
        with code.if_(record.turns >= limit):
            code.leave()
        record.turns = record.turns + 1
        for i in code.range(4):
            with code.if_else(code.whole(i).to_real() < 2.0) as (low, high):
                with low:
                    record.squares[i] = code.whole(i * i).to_real()
                with high:
                    record.squares[i] = -code.whole(i * i).to_real()
            record.total = record.total + record.squares[i]
    code.return_(record.turns)
    memory = np.zeros(6)
    keep = loaded(module)
    run = keep.function("run", ctypes.c_int64, [ctypes.c_void_p, ctypes.c_int64])
    assert run(memory.ctypes.data, 3) == 3
    assert memory.view(np.int64)[0] == 3
    assert memory[1:].tolist() == [3.0 * (0 + 1 - 4 - 9), 0.0, 1.0, -4.0, -9.0]


def test_comparisons_see_nan_and_infinity_under_fast_flags() -> None:
    module = Module("m")
    code = Code(module, "run", [Real, Array], flags=FAST)
    x, out = code.arguments

    def truth(condition: Bool) -> Real:
        return select(condition, code.real(1.0), code.real(0.0))

    out[0] = truth((x * 2.0).is_finite())
    out[1] = truth(~(x <= 1.0))
    out[2] = maximum(x, 1.0)
    out[3] = minimum(x, 1.0)
    code.return_()
    keep = loaded(module)
    run = keep.function("run", None, [ctypes.c_double, ctypes.c_void_p])
    result = np.zeros(4)
    run(float("nan"), result.ctypes.data)
    assert result[:2].tolist() == [0.0, 1.0]
    assert np.isnan(result[2:]).all()
    run(float("inf"), result.ctypes.data)
    assert result.tolist() == [0.0, 1.0, float("inf"), 1.0]
    run(0.5, result.ctypes.data)
    assert result.tolist() == [1.0, 0.0, 1.0, 0.5]
