"""The structured builder: what it refuses, and that its loops and branches do what they say."""

import ctypes

import numpy as np
import pytest

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.builder import FAST, Array, Bool, Code, Int, Module, Real, Record, maximum, minimum, select


def loaded(module: Module) -> native.Loaded:
    return native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])


def test_a_generated_value_has_no_truth_while_code_is_built() -> None:
    code = Code(Module("m"), "run", [Real])
    with pytest.raises(TypeError, match=r"Bool has no truth while code is built: use code\.if_ or select"):
        bool(code.arguments[0] < 1.0)


def test_lanes_do_not_branch_apart() -> None:
    code = Code(Module("m", lanes=4), "run", [Real, Int])
    with code.if_(code.arguments[1] < 1):
        pass
    with (pytest.raises(ModelError, match="a branch cannot differ between the 4 lanes of this module; use select"),
          code.if_(code.arguments[0] < 1.0)):
        pass


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
            with code.if_else(code.count(i) < 2.0) as (low, high):
                with low:
                    record.squares[i] = code.count(i * i)
                with high:
                    record.squares[i] = -code.count(i * i)
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
