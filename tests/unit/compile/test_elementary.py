"""Elementary functions of generated code over their full range, against decimals of 60 digits and more, in 1 to 8 lanes."""

import ctypes
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pumpleak.compile import native
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.elementary import Elementary
from pumpleak.compile.values import Array, Int

Floats = NDArray[np.float64]
INF, NAN = float("inf"), float("nan")
LARGEST = Decimal(np.finfo(float).max)
LANES = (1, 2, 4, 8)


@cache
def compiled(name: str, arity: int = 1, lanes: int = 1, apart: bool = False) -> Callable[..., Floats]:
    """The emitted function over arrays whose length is a multiple of the lanes."""
    module = Module("elementary", lanes)
    elementary = Elementary(module, apart)
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


@cache
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
            return _tanh(x)
        if x == 0:
            return Decimal(1) if name == "exprel" else Decimal("0.5")
        with localcontext(prec=1000 if abs(x) < Decimal("1e-20") else 100):  # what cancels for small x
            rise = x.exp() - 1
            return rise / x if name == "exprel" else (rise * (x - 1) + x) / (x * x)


def _tanh(x: Decimal) -> Decimal:
    with localcontext(prec=1000 if abs(x) < Decimal("1e-20") else 100):
        rise = (2 * min(max(x, Decimal(-200)), Decimal(200))).exp() - 1
        return rise / (rise + 2)


def units_in_last_place(name: str, found: Floats, *values: Floats) -> Floats:
    errors = []
    for result, arguments in zip(found, zip(*values, strict=True), strict=True):
        right = exact(name, *map(float, arguments))
        if abs(right) > LARGEST + Decimal(2) ** 970:  # it rounds to infinity
            errors.append(0.0 if np.isinf(result) else INF)
            continue
        unit = Decimal(float(np.spacing(min(abs(float(right)), float(LARGEST)))))
        with localcontext(prec=60):
            errors.append(float(abs(Decimal(float(result)) - right) / unit))
    return np.array(errors)


def between(low: float, high: float, count: int = 400) -> Floats:
    return np.random.default_rng(7).uniform(low, high, count)


def sizes(low: float, high: float, count: int = 400) -> Floats:
    """Positive numbers of all magnitudes from 10**low to 10**high."""
    return 10.0 ** between(low, high, count)


def around(points: ArrayLike) -> Floats:
    """The points and their neighbours."""
    values = np.asarray(points, dtype=float)
    return np.concatenate([values, np.nextafter(values, INF), np.nextafter(values, -INF)])


# where the reduction changes from one power of two to the next, over the whole range
TURNS = around((np.arange(-1074.0, 1024.0, 15.0) + 0.5) * np.log(2.0))
SUBNORMAL = np.concatenate([[5e-324, 1e-323, 2.225073858507201e-308], sizes(-323.0, -308.0, 197)])
BOTH_WAYS = np.concatenate([sizes(-300.0, 2.4), -sizes(-300.0, 2.4), SUBNORMAL, -SUBNORMAL])
POINTS: dict[str, Floats] = {
    "exp": np.concatenate([between(-745.2, 709.9), between(-745.2, -708.3), between(-1.0, 1.0), TURNS, BOTH_WAYS,
                           around([-745.1332191019412, -708.3964185322641, 709.782712893384])]),
    "log": np.concatenate([sizes(-308.0, 308.2), between(0.4, 2.5), between(0.999, 1.001), SUBNORMAL,
                           around(2.0 ** np.arange(-1022.0, 1024.0, 31.0)), around(np.sqrt(0.5) * 2.0 ** np.arange(-9.0, 9.0)),
                           1.0 + sizes(-15.0, -1.0), 1.0 - sizes(-15.9, -1.0), [1.0, np.nextafter(1.0, 2.0), float(LARGEST)]]),
    "exprel": np.concatenate([between(-745.0, 716.3), between(-60.0, 60.0), between(-2.0, 2.0), TURNS[TURNS < 709.0], BOTH_WAYS,
                              -sizes(2.0, 308.2), around([-40.0, 709.782712893384])]),
    "exprel_slope": np.concatenate([between(-700.0, 690.0), between(-2.0, 2.0), BOTH_WAYS, around([-1.0, 1.0])]),
    "tanh": np.concatenate([between(-25.0, 25.0), between(-1.0, 1.0), BOTH_WAYS, sizes(2.0, 308.0), around([-22.0, 22.0])])}
MOST = {"exprel_slope": 4.0}


def padded(values: Floats) -> Floats:
    """Repeated at the end, so that every number of lanes divides the length."""
    return np.concatenate([values, values[:-len(values) % 8]])


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("name", list(POINTS))
def test_errors_in_units_of_the_last_place(name: str, lanes: int) -> None:
    x = padded(POINTS[name])
    errors = units_in_last_place(name, compiled(name, 1, lanes)(x), x)
    assert errors.max() <= MOST.get(name, 3.0), x[errors.argmax()]


@pytest.mark.parametrize("lanes", LANES)
def test_errors_of_powers(lanes: int) -> None:
    """Of all bases (subnormal ones, too), with results from below the smallest number to above the largest."""
    random = np.random.default_rng(8)
    base = np.concatenate([np.exp(random.uniform(-20.0, 20.0, 600)), sizes(-323.0, 308.0), 1.0 + sizes(-15.0, -6.0),
                           1.0 - sizes(-15.0, -6.0)])
    result = np.concatenate([random.uniform(-690.0, 690.0, 600), between(-744.0, 709.7), between(-1.0, 1.0, 800)])
    base = padded(base)
    exponent = padded(result) / np.log(base)
    errors = units_in_last_place("pow", compiled("pow", 2, lanes)(base, exponent), base, exponent)
    worst = errors / np.maximum(1.0, np.abs(exponent * np.log(base)))
    assert worst.max() <= 3.0, (base[worst.argmax()], exponent[worst.argmax()])


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize(("name", "x", "right"), [
    ("exp", [-INF, -1e308, -746.0, -745.0, -0.0, 0.0, 709.79, INF], [0.0, 0.0, 0.0, 5e-324, 1.0, 1.0, INF, INF]),
    ("log", [-0.0, 0.0, 5e-324, 1.0, 1.7976931348623157e308, INF, -5e-324, -INF],
     [-INF, -INF, -744.4400719213812, 0.0, 709.782712893384, INF, NAN, NAN]),
    ("exprel", [-INF, -1e300, -1e-320, -0.0, 0.0, 715.0, 717.0, INF],
     [0.0, 1e-300, 1.0, 1.0, 1.0, 4.637121967338e307, INF, INF]),
    ("exprel_slope", [-INF, -0.0, 0.0, 5e-324, 800.0, 1e308, INF, -5e-324], [0.0, 0.5, 0.5, 0.5, INF, INF, INF, 0.5]),
    ("tanh", [-INF, -40.0, -0.0, 0.0, 1e-320, 40.0, 1e308, INF], [-1.0, -1.0, 0.0, 0.0, 1e-320, 1.0, 1.0, 1.0])])
def test_limits(name: str, x: list[float], right: list[float], lanes: int) -> None:
    found = compiled(name, 1, lanes)(x)
    assert found == pytest.approx(right, rel=1e-9, abs=1e-299 if name == "exprel_slope" else 0.0, nan_ok=True)


@pytest.mark.parametrize("lanes", LANES)
def test_nan_stays_in_its_lane(lanes: int) -> None:
    for name in POINTS:
        found = compiled(name, 1, lanes)([NAN, 0.5, NAN, NAN, 0.5, 0.5, NAN, 0.5])
        assert list(np.isnan(found)) == [True, False, True, True, False, False, True, False], name


@pytest.mark.parametrize("lanes", LANES)
def test_powers_at_their_limits(lanes: int) -> None:
    """As IEEE 754 has them, for bases that are not negative; those give NaN."""
    cases = [(0.0, 0.0, 1.0), (NAN, 0.0, 1.0), (INF, 0.0, 1.0), (-0.0, 2.0, 0.0), (0.0, 2.0, 0.0), (0.0, -1.0, INF),
             (0.0, INF, 0.0), (0.0, -INF, INF), (2.0, -1.0, 0.5), (2.0, INF, INF), (2.0, -INF, 0.0), (0.5, INF, 0.0),
             (0.5, -INF, INF), (1.0, INF, 1.0), (1.0, -INF, 1.0), (1.0, 1e308, 1.0), (1.0, NAN, 1.0), (INF, 1e-300, INF),
             (INF, -2.0, 0.0), (INF, -INF, 0.0), (5e-324, 1.0, 5e-324), (5.0, -0.0, 1.0), (-2.0, 0.5, NAN), (NAN, 1.0, NAN)]
    base, exponent, right = np.array(cases).T
    assert compiled("pow", 2, lanes)(base, exponent) == pytest.approx(right, rel=0.0, abs=0.0, nan_ok=True)


@pytest.mark.parametrize("lanes", LANES[1:])
@pytest.mark.parametrize("name", list(POINTS))
def test_lanes_are_bit_equal(name: str, lanes: int) -> None:
    x = padded(np.concatenate([POINTS[name], [NAN, INF, -INF, -800.0, 800.0]]))
    one, many = compiled(name)(x), compiled(name, 1, lanes)(x)
    assert np.array_equal(one.view(np.int64)[~np.isnan(one)], many.view(np.int64)[~np.isnan(many)])
    assert np.array_equal(np.isnan(one), np.isnan(many))


@pytest.mark.parametrize("lanes", LANES)
def test_functions_that_are_called_are_those_written_out(lanes: int) -> None:
    x = padded(POINTS["exp"])
    assert np.array_equal(compiled("exp", 1, lanes, apart=True)(x), compiled("exp", 1, lanes)(x))
