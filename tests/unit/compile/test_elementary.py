"""Elementary functions of generated code against 60-digit decimals, at their limits, and over lanes."""

import ctypes
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pumpleak.compile import native
from pumpleak.compile.builder import Array, Code, Int, Module
from pumpleak.compile.elementary import Elementary

Floats = NDArray[np.float64]
INF, NAN = float("inf"), float("nan")


@cache
def compiled(name: str, arity: int = 1, lanes: int = 1) -> Callable[..., Floats]:
    """The emitted function over arrays whose length is a multiple of the lanes."""
    module = Module("elementary", lanes)
    elementary = Elementary(module)
    code = Code(module, "run", [Int, *[Array] * (arity + 1)])
    count, *sources, target = code.arguments
    for i in code.range(count):
        target[i] = elementary(name, *(source[i] for source in sources))
    code.return_()
    loaded = native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])
    function = loaded.function("run", None, [ctypes.c_int64, *[ctypes.c_void_p] * (arity + 1)])

    def call(*values: ArrayLike, keep: native.Loaded = loaded) -> Floats:
        arrays = [np.ascontiguousarray(value, dtype=np.float64) for value in values]
        result = np.empty_like(arrays[0])
        function(result.size // lanes, *(array.ctypes.data for array in arrays), result.ctypes.data)
        return result

    return call


def exact(name: str, *values: float) -> Decimal:
    with localcontext(prec=60):
        x = Decimal(values[0])
        if name == "exp":
            return x.exp()
        if name == "log":
            return x.ln()
        if name == "pow":
            return (Decimal(values[1]) * x.ln()).exp()
        if name == "tanh":
            return ((2 * x).exp() - 1) / ((2 * x).exp() + 1)
        if x == 0:
            return Decimal(1) if name == "exprel" else Decimal("0.5")
        return (x.exp() - 1) / x if name == "exprel" else (x.exp() * (x - 1) + 1) / (x * x)


def units_in_last_place(name: str, found: Floats, *values: Floats) -> Floats:
    errors = []
    for result, arguments in zip(found, zip(*values, strict=True), strict=True):
        right = exact(name, *arguments)
        unit = Decimal(float(np.spacing(abs(float(right)))))
        with localcontext(prec=60):
            errors.append(float(abs(Decimal(float(result)) - right) / unit))
    return np.array(errors)


@pytest.mark.parametrize(("name", "low", "high", "most"), [
    ("exp", -708.0, 709.7, 3.0), ("exp", -1.0, 1.0, 3.0),
    ("log", 0.4, 2.5, 3.0), ("log", 0.999, 1.001, 3.0), ("log", 1e-300, 1e300, 3.0), ("log", 0.0, 1e-310, 3.0),
    ("exprel", -100.0, 709.0, 3.0), ("exprel", -2.0, 2.0, 3.0), ("exprel", -1e-9, 1e-9, 3.0),
    ("exprel_slope", -100.0, 690.0, 4.0), ("exprel_slope", -2.0, 2.0, 4.0), ("exprel_slope", -1e-9, 1e-9, 4.0),
    ("tanh", -25.0, 25.0, 3.0), ("tanh", -1.0, 1.0, 3.0), ("tanh", -1e-9, 1e-9, 3.0)])
def test_errors_in_units_of_the_last_place(name: str, low: float, high: float, most: float) -> None:
    random = np.random.default_rng(7)
    wide = name == "log" and high / max(low, 1e-300) > 1e6
    x = np.exp(random.uniform(np.log(low), np.log(high), 800)) if wide and low > 0.0 else random.uniform(low, high, 800)
    assert units_in_last_place(name, compiled(name)(x), x).max() <= most


def test_errors_of_powers() -> None:
    random = np.random.default_rng(8)
    base, exponent = np.exp(random.uniform(-20.0, 20.0, 1500)), random.uniform(-30.0, 30.0, 1500)
    size = np.abs(exponent * np.log(base))
    kept = size < 690.0
    base, exponent, size = base[kept], exponent[kept], size[kept]
    errors = units_in_last_place("pow", compiled("pow", 2)(base, exponent), base, exponent)
    assert (errors / np.maximum(1.0, size)).max() <= 3.0


@pytest.mark.parametrize(("name", "x", "right"), [
    ("exp", [-INF, -800.0, -745.0, 0.0, 710.0, 800.0, INF], [0.0, 0.0, 5e-324, 1.0, INF, INF, INF]),
    ("log", [0.0, 5e-324, 1.0, INF], [-INF, -744.4400719213812, 0.0, INF]),
    ("exprel", [-INF, -1e300, -1e-320, 0.0, 715.0, 720.0, INF], [0.0, 1e-300, 1.0, 1.0, 4.637121967338e307, INF, INF]),
    ("exprel_slope", [-INF, 0.0, 800.0, INF], [0.0, 0.5, INF, INF]),
    ("tanh", [-INF, -40.0, 0.0, 1e-320, 40.0, INF], [-1.0, -1.0, 0.0, 1e-320, 1.0, 1.0])])
def test_limits(name: str, x: list[float], right: list[float]) -> None:
    assert compiled(name)(x) == pytest.approx(right, rel=1e-9, abs=1e-299 if name == "exprel_slope" else 0.0)


def test_nan_stays_and_logarithms_of_negative_numbers_are_nan() -> None:
    for name in ("exp", "log", "exprel", "exprel_slope", "tanh"):
        assert np.isnan(compiled(name)([NAN])).all(), name
    assert np.isnan(compiled("log")([-1.0, -INF, -1e-320])).all()


def test_powers_at_their_limits() -> None:
    base, exponent = [0.0, 0.0, 0.0, 2.0, 5.0, INF, -2.0], [0.0, 2.0, -1.0, -1.0, 0.0, -2.0, 0.5]
    found = compiled("pow", 2)(base, exponent)
    assert found[:-1] == pytest.approx([1.0, 0.0, INF, 0.5, 1.0, 0.0], abs=0.0)
    assert np.isnan(found[-1])


@pytest.mark.parametrize("lanes", [2, 4, 8])
@pytest.mark.parametrize("name", ["exp", "log", "exprel", "exprel_slope", "tanh"])
def test_lanes_are_bit_equal(name: str, lanes: int) -> None:
    x = np.random.default_rng(9).uniform(-30.0, 30.0, 256)
    x[:8] = [NAN, INF, -INF, 0.0, 1e-320, -800.0, 800.0, 1.0]
    one, many = compiled(name)(x), compiled(name, 1, lanes)(x)
    assert np.array_equal(one, many, equal_nan=True)
