"""exp, log and their relatives as polynomials, so that generated code needs no C library and is the same everywhere.

Errors against the exact value: at most 3 units in the last place (exprel_slope 4), pow 3 max(1, |y ln x|); limits at
infinity and at the ends of the range are those of IEEE 754, NaN stays NaN; measured in `test_elementary.py`. The
argument reductions are the textbook ones (Muller, Elementary Functions, 3rd ed., chapters 5 and 6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import factorial
from typing import ClassVar

from pumpleak.compile.builder import EXACT, Code, Function, Module
from pumpleak.compile.values import Real, Whole, maximum, minimum, select

# ln 2 in two parts; the first has 32 trailing zero bits, so that its product with an exponent is exact
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
LOG2_E = 1.4426950408889634
ROUND, ROUND_BITS = 1.5 * 2.0**52, 0x4338000000000000  # adding it leaves the nearest whole number in the low bits
BIAS = 1023
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
SMALLEST_NORMAL, TO_NORMAL = 2.0**-1022, 54

OVERFLOWS, UNDERFLOWS = 710.0, -746.0  # exp is inf above 709.79 and 0 below -745.14
EXPREL_OVERFLOWS = 717.0               # exp(x)/x is inf above 716.4
MINUS_ONE_BELOW = -40.0                # expm1 is -1 to the last bit below -37.5
FLAT_ABOVE = 22.0                      # tanh is 1 to the last bit above 19.1
SERIES_BELOW = 1.0                     # the closed form of exprel's slope loses digits as 1/x^2 below this
# how many of one lane's numbers are taken together (measured, an explicit step of 14 states: 740 ns one by one, 545 by 2,
# 470 by 4, 640 by 8: the widest registers slow down everything around them)
PACK = 4
LARGE, SLOPE_OVERFLOWS = 600.0, 717.0   # e^x (x - 1)/x^2 is inf above 716.4 and has lost its +1 long before 600
BEYOND = 1e150                         # larger arguments would overflow when squared

# |r| <= ln2/2: the first term left out is below 1e-17 of the sum; exp(r) = 1 + r + r^2 (1/2 + r/6 + ...)
EXP_TAIL = tuple(1.0 / factorial(n) for n in range(2, 15))
# s^2 <= 0.0295: the first term left out is below 1e-18; 2 atanh(s) = 2 s + s (2/3 s^2 + 2/5 s^4 + ...)
ATANH_TAIL = tuple(2.0 / (2 * n + 1) for n in range(1, 12))
# |x| < 1: the first term left out is below 1e-18; d/dx (e^x - 1)/x = sum (n + 1) x^n/(n + 2)!
SLOPE = tuple((n + 1.0) / factorial(n + 2) for n in range(19))


def polynomial(x: Real, coefficients: Sequence[float]) -> Real:
    """sum c_n x^n by Estrin's scheme: short chains of dependent operations."""
    terms: list[Real] = [x.code.real(c) for c in coefficients]
    while len(terms) > 1:
        pairs = [low + high * x for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[2 * len(pairs):]
        x = x * x
    return terms[0]


def power_of_two(k: Whole) -> Real:
    """2**k for -1022 <= k <= 1023."""
    return ((k + BIAS) << 52).as_real()


def reduced(x: Real) -> tuple[Whole, Real]:
    """k and expm1(r) with x = k ln2 + r, |r| <= ln2/2; x must lie in the range of exp (or be NaN)."""
    shifted = x * LOG2_E + ROUND
    k = shifted - ROUND
    r = x - k * LN2_HIGH - k * LN2_LOW
    return shifted.bits() - ROUND_BITS, r + r * r * polynomial(r, EXP_TAIL)


def scaled(value: Real, k: Whole) -> Real:
    """value 2**k in two steps, so that subnormal and infinite results come out right."""
    half = k >> 1
    return value * power_of_two(half) * power_of_two(k - half)


def exp(x: Real) -> Real:
    """e to the x."""
    k, small = reduced(minimum(maximum(x, UNDERFLOWS), OVERFLOWS))
    return scaled(1.0 + small, k)


def _less_one(x: Real) -> tuple[Real, Whole]:
    """m and k with e^x - 1 = m 2**k, without loss where x is small."""
    k, small = reduced(x)
    capped = select(k < 100, k, x.code.whole(100))  # 1 - 2**-100 is 1: beyond it only the power would overflow
    return small + (1.0 - power_of_two(-capped)), k


def exprel(x: Real) -> Real:
    """(e^x - 1)/x; 1 at 0."""
    bounded = minimum(maximum(x, MINUS_ONE_BELOW), EXPREL_OVERFLOWS)
    m, k = _less_one(bounded)
    divisor = minimum(x, EXPREL_OVERFLOWS)
    is_zero = x.equals(0.0)
    ratio = m / select(is_zero, x.code.real(1.0), divisor)
    return select(is_zero, x.code.real(1.0), scaled(ratio, k))


def exprel_slope(x: Real) -> Real:
    """d/dx (e^x - 1)/x; 1/2 at 0."""
    small = abs(x) < SERIES_BELOW
    near = select(small, x, x.code.real(0.0))
    far = select(small, x.code.real(1.0), minimum(maximum(x, -BEYOND), BEYOND))
    bounded = minimum(maximum(far, UNDERFLOWS), SLOPE_OVERFLOWS)
    k, less = reduced(bounded)
    closed = (scaled(1.0 + less, k) * (far - 1.0) + 1.0) / (far * far)
    large = scaled((1.0 + less) * ((bounded - 1.0) / (bounded * bounded)), k)  # e^x leaves the numbers before the slope does
    return select(small, polynomial(near, SLOPE), select(far > LARGE, large, closed))


def log(x: Real) -> Real:
    """Natural logarithm: -inf at 0, NaN below."""
    tiny = x < SMALLEST_NORMAL
    raised = select(tiny, x * 2.0**TO_NORMAL, x)
    k = (raised.bits() - SQRT_HALF_BITS) >> 52
    z = (raised.bits() - (k << 52)).as_real()
    f = z - 1.0
    s = f / (2.0 + f)
    square = s * s
    half = 0.5 * f * f
    tail = square * polynomial(square, ATANH_TAIL)
    exponent = select(tiny, k - TO_NORMAL, k).to_real()
    value = exponent * LN2_HIGH - ((half - (s * (half + tail) + exponent * LN2_LOW)) - f)
    edge = select(x.equals(0.0), x.code.real(float("-inf")), select(x > 0.0, x, x.code.real(float("nan"))))
    return select((x > 0.0) & x.is_finite(), value, edge)


def power(base: Real, exponent: Real) -> Real:
    """base to the exponent, for base >= 0; 1 where the exponent is 0 or the base 1, whatever the other is."""
    one = base.code.real(1.0)
    return select(exponent.equals(0.0) | base.equals(1.0), one, exp(exponent * log(base)))


def tanh(x: Real) -> Real:
    """Hyperbolic tangent."""
    size = minimum(abs(x), FLAT_ABOVE)
    m, k = _less_one(-2.0 * size)
    less_one = scaled(m, k)
    value = less_one / (less_one + 2.0)
    return select(x < 0.0, value, -value)


def exact_sum(a: Real, b: Real) -> Real:
    """a + b as it stands, never regrouped with what made a and b: `sum_rest` is its rounding."""
    return a + b


def sum_rest(a: Real, b: Real) -> Real:
    """What rounding took from a + b, exactly (Knuth's two-sum)."""
    total = a + b
    of_b = total - a
    return (a - (total - of_b)) + (b - of_b)


class Elementary:
    """The functions of one module, each emitted when it is first called.

    apart: called instead of written out at each place. In a large system that is far shorter to compile and faster to run
    (one lane, written out against called: 56 states 1.6 s and 2.7 us an explicit step against 1.2 s and 3.2 us, 196 states
    5.4 s and 13.6 us against 1.8 s and 10.0 us, 392 states 25 s and 29 us against 4.4 s and 19 us).
    """

    _MADE: ClassVar[dict[str, tuple[int, Callable[..., Real]]]] = {
        "exp": (1, exp), "exprel": (1, exprel), "exprel_slope": (1, exprel_slope), "log": (1, log),
        "pow": (2, power), "sum": (2, exact_sum), "sum_rest": (2, sum_rest), "tanh": (1, tanh)}

    def __init__(self, module: Module, apart: bool = False) -> None:
        self.module, self.apart = module, apart
        self._known: dict[tuple[str, int], Function[Real]] = {}

    def __call__(self, name: str, *arguments: Real) -> Real:
        """Emit the call of an elementary function."""
        return self._function(name, self.module.lanes)(*arguments)

    def together(self, code: Code, name: str, calls: Sequence[Sequence[Real]]) -> list[Real]:
        """The same function of several arguments that do not wait for each other: of one lane, PACK at a time."""
        if self.module.lanes > 1 or self.apart:
            return [self(name, *arguments) for arguments in calls]
        found: list[Real] = []
        for start in range(0, len(calls), PACK):
            some = list(calls[start:start + PACK])
            width = next(size for size in (1, 2, PACK) if size >= len(some))
            if width == 1:
                found.append(self(name, *some[0]))
            else:
                filled = [*some, *[some[-1]] * (width - len(some))]
                columns = [[arguments[place] for arguments in filled] for place in range(len(some[0]))]
                found += code.packed(self._function(name, width), columns)[:len(some)]
        return found

    def _function(self, name: str, lanes: int) -> Function[Real]:
        if (name, lanes) not in self._known:
            arity, body = self._MADE[name]
            label = f"{name}_" if lanes == self.module.lanes else f"{name}_{lanes}_"
            code = Code(self.module, label, [Real] * arity, Real, inline=not self.apart, private=True, apart=self.apart,
                        flags=EXACT, lanes=lanes)
            code.return_(body(*code.arguments))
            self._known[name, lanes] = code.finished(Real)
        return self._known[name, lanes]
