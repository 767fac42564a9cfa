"""How each function of the System's table is written in generated code; a test holds the two tables to the same names.

Conditions are Bool as long as nothing calculates with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pumpleak.compile.elementary import Elementary
from pumpleak.compile.values import Bool, Real, select

Emitted = Real | Bool
Form = Callable[[Elementary, list[Emitted]], Emitted]

WHOLE_MOST = 64  # a larger whole exponent loses more by its products than by exp and log


def real(value: Emitted) -> Real:
    """The value as a number: 1 or 0 for a condition."""
    return value if isinstance(value, Real) else select(value, value.code.real(1.0), value.code.real(0.0))


def truth(value: Emitted) -> Bool:
    """The value as a condition: whatever is not 0 holds."""
    return value if isinstance(value, Bool) else ~value.equals(0.0)


def _plain(operation: Callable[..., Emitted]) -> Form:
    """A form that needs nothing but the numbers themselves."""
    return lambda _, arguments: operation(*map(real, arguments))


def _named(name: str) -> Form:
    """A form that calls an elementary function."""
    return lambda elementary, arguments: elementary(name, *map(real, arguments))


def _select(_: Elementary, arguments: list[Emitted]) -> Emitted:
    condition, yes, no = arguments
    return select(truth(condition), real(yes), real(no))


def whole_power(base: Real, exponent: int) -> Real:
    """base ** exponent for a whole exponent, by squaring."""
    if exponent < 0:
        return 1.0 / whole_power(base, -exponent)
    if exponent == 0:
        return base.code.real(1.0)
    if exponent == 1:
        return base
    half = whole_power(base, exponent // 2)
    return half * half * base if exponent % 2 else half * half


def constant_power(elementary: Elementary, base: Real, exponent: float) -> Real:
    """base ** exponent for a known exponent: products and a square root where they do."""
    whole = int(exponent) if abs(exponent) <= WHOLE_MOST else None
    if whole == exponent and whole is not None:
        return whole_power(base, whole)
    if exponent in (0.5, -0.5):
        root = base.code.intrinsic("llvm.sqrt", base)
        return root if exponent > 0.0 else 1.0 / root
    return elementary("pow", base, base.code.real(exponent))


_TABLE: dict[str, Form] = {
    "add": _plain(lambda a, b: a + b),
    "sub": _plain(lambda a, b: a - b),
    "mul": _plain(lambda a, b: a * b),
    "div": _plain(lambda a, b: a / b),
    "neg": _plain(lambda a: -a),
    "abs": _plain(abs),
    "sqrt": _plain(lambda a: a.code.intrinsic("llvm.sqrt", a)),
    "min": _plain(lambda a, b: select((b < a) | ~b.equals(b), b, a)),  # not a number, if either is none
    "max": _plain(lambda a, b: select((b > a) | ~b.equals(b), b, a)),
    "less": _plain(lambda a, b: a < b),
    "less_equal": _plain(lambda a, b: a <= b),
    "and": lambda _, arguments: truth(arguments[0]) & truth(arguments[1]),
    "or": lambda _, arguments: truth(arguments[0]) | truth(arguments[1]),
    "not": lambda _, arguments: ~truth(arguments[0]),
    "select": _select,
    **{name: _named(name) for name in ("exp", "log", "exprel", "exprel_slope", "pow", "tanh")},
}

FORMS: Mapping[str, Form] = MappingProxyType(_TABLE)
CONDITIONS = ("less", "less_equal", "and", "or", "not")
