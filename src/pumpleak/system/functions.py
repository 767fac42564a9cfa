"""The one table of allowed functions: how each is differentiated and what it is as a number.

The other forms (LLVM here, later JavaScript, MathML, NMODL, mmt, LaTeX) are tables keyed by the same names; a test holds
them complete. Conditions are 1 or 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from pumpleak.system.expression import Expression, call, exp, log, number, select

Partials = Callable[[Expression], tuple[Expression, ...]]


@dataclass(frozen=True)
class Function:
    """A function of the table: number of arguments, partial derivatives, value of floats and of arrays, meaning."""

    arity: int
    partials: Partials
    scalar: Callable[..., float]
    array: Callable[..., Any]
    meaning: str


def _exprel(x: float) -> float:
    return math.expm1(x) / x if x != 0.0 else 1.0


# (exp(x) (x - 1) + 1)/x^2 loses digits as x^-2 below this; 13 terms of the series reach 1e-17 there
_SERIES_BELOW = 0.5
_SLOPE_SERIES = tuple((n + 1) / math.factorial(n + 2) for n in range(14))


def _exprel_slope(x: float) -> float:
    if abs(x) < _SERIES_BELOW:
        return math.fsum(coefficient * x**n for n, coefficient in enumerate(_SLOPE_SERIES))
    return (math.exp(x) * (x - 1.0) + 1.0) / (x * x)


def _exprel_array(x: Any) -> Any:
    x = np.asarray(x, dtype=np.float64)
    safe = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, np.expm1(safe) / safe)


def _exprel_slope_array(x: Any) -> Any:
    x = np.asarray(x, dtype=np.float64)
    small = np.abs(x) < _SERIES_BELOW
    safe = np.where(small, 1.0, x)
    series = np.polynomial.polynomial.polyval(np.where(small, x, 0.0), _SLOPE_SERIES)
    return np.where(small, series, (np.exp(safe) * (safe - 1.0) + 1.0) / (safe * safe))


def _flat(count: int) -> Partials:
    """Conditions: constant almost everywhere."""
    return lambda node: tuple(number(0.0) for _ in range(count))


def _power_partials(node: Expression) -> tuple[Expression, ...]:
    base, exponent = node.arguments
    by_base = exponent * base ** (exponent - 1.0)
    by_exponent = number(0.0) if exponent.is_number else node * log(base)
    return by_base, by_exponent


def _exprel_slope_partials(node: Expression) -> tuple[Expression, ...]:
    """(exp(x) - 2 exprel_slope(x))/x, by its series 1/3 + x/4 + x^2/10 + x^3/36 where that cancels."""
    (x,) = node.arguments
    small = call("less", call("abs", x), 1e-3)  # the series' next term is 1e-14 of the value here
    safe = select(small, 1.0, x)
    series = 1.0 / 3.0 + x * (0.25 + x * (0.1 + x * (1.0 / 36.0)))
    return (select(small, series, (exp(x) - 2.0 * node) / safe),)


def _choose_partials(first_wins: Callable[[Expression], Expression]) -> Partials:
    def partials(node: Expression) -> tuple[Expression, ...]:
        first = first_wins(node)
        return select(first, 1.0, 0.0), select(first, 0.0, 1.0)

    return partials


def _quotient_partials(node: Expression) -> tuple[Expression, ...]:
    inverse = 1.0 / node.arguments[1]
    return inverse, -(node * inverse)


def _sqrt_partials(node: Expression) -> tuple[Expression, ...]:
    return (0.5 / node,)


def _truth(value: bool) -> float:
    return 1.0 if value else 0.0


_TABLE: dict[str, Function] = {
    "add": Function(2, lambda n: (number(1.0), number(1.0)), lambda a, b: a + b, lambda a, b: a + b, "a + b"),
    "sub": Function(2, lambda n: (number(1.0), number(-1.0)), lambda a, b: a - b, lambda a, b: a - b, "a - b"),
    "mul": Function(2, lambda n: (n.arguments[1], n.arguments[0]), lambda a, b: a * b, lambda a, b: a * b, "a b"),
    "div": Function(2, _quotient_partials,
                    lambda a, b: a / b, lambda a, b: np.divide(a, b), "a / b"),
    "neg": Function(1, lambda n: (number(-1.0),), lambda a: -a, np.negative, "-a"),
    "pow": Function(2, _power_partials, math.pow, lambda a, b: np.power(a, b), "a to the b"),
    "exp": Function(1, lambda n: (n,), math.exp, np.exp, "e to the x"),
    "log": Function(1, lambda n: (1.0 / n.arguments[0],), math.log, np.log, "natural logarithm"),
    "exprel": Function(1, lambda n: (call("exprel_slope", n.arguments[0]),), _exprel, _exprel_array, "(e^x - 1)/x"),
    "exprel_slope": Function(1, _exprel_slope_partials, _exprel_slope, _exprel_slope_array, "derivative of exprel"),
    "sqrt": Function(1, _sqrt_partials, math.sqrt, np.sqrt, "square root"),
    "tanh": Function(1, lambda n: (1.0 - n * n,), math.tanh, np.tanh, "hyperbolic tangent"),
    "abs": Function(1, lambda n: (select(call("less", n.arguments[0], 0.0), -1.0, 1.0),), abs, np.abs, "absolute value"),
    "min": Function(2, _choose_partials(lambda n: call("less", n.arguments[0], n.arguments[1])), min, np.minimum,
                    "the smaller"),
    "max": Function(2, _choose_partials(lambda n: call("less", n.arguments[1], n.arguments[0])), max, np.maximum,
                    "the larger"),
    "less": Function(2, _flat(2), lambda a, b: _truth(a < b), lambda a, b: np.where(np.less(a, b), 1.0, 0.0), "a < b"),
    "less_equal": Function(2, _flat(2), lambda a, b: _truth(a <= b),
                           lambda a, b: np.where(np.less_equal(a, b), 1.0, 0.0), "a <= b"),
    "and": Function(2, _flat(2), lambda a, b: a * b, lambda a, b: np.multiply(a, b), "both hold"),
    "or": Function(2, _flat(2), max, np.maximum, "either holds"),
    "not": Function(1, _flat(1), lambda a: 1.0 - a, lambda a: 1.0 - a, "does not hold"),
    "select": Function(3, lambda n: (number(0.0), select(n.arguments[0], 1.0, 0.0), select(n.arguments[0], 0.0, 1.0)),
                       lambda c, a, b: a if c != 0.0 else b, lambda c, a, b: np.where(np.not_equal(c, 0.0), a, b),
                       "a where the condition holds, else b"),
}

FUNCTIONS: Mapping[str, Function] = MappingProxyType(_TABLE)
