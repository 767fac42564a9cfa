"""Dimensions of expressions, from the units of the names in them: whether a formula can give what it is said to give.

Only dimensions are compared, not sizes: all numbers are in internal units when an expression meets them, and a factor of
1000 between units that do not fit together is a pure number like any other. A literal 0 fits every dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from pumpleak.base.errors import NameUnknown, UnitError
from pumpleak.base.names import did_you_mean
from pumpleak.base.unit_table import SI, Dimension
from pumpleak.base.units import Unit, internal_unit, unit
from pumpleak.system.expression import Expression, evaluate, fold, symbols, write

PURE: Dimension = unit("1").dimension
"""That of a pure number."""
Found = Dimension | None
"""What an expression measures; None for a literal 0, which fits everything."""

_SHOWN = 80  # characters of a formula in a message: a line of a terminal holds it
_SIMPLE = 1000  # highest denominator of an exponent that is taken for a simple fraction, so that 0.333... is one third
_STEEPEST = 100.0  # far above any Hill coefficient, far below exponents that no unit could carry


@dataclass(frozen=True)
class Dimensions:
    """What the names that expressions use measure.

    units: of each name. values: of the constants among them, needed where a quantity with a unit is raised to one.
    """

    units: Mapping[str, str]
    values: Mapping[str, float] = field(default_factory=dict)

    def of(self, expression: Expression) -> Found:
        """The dimension of an expression.

        Raises UnitError for a sum, choice or comparison of unlike quantities, and where a pure number is needed and
        another quantity stands; NameUnknown for a name without a unit.
        """
        return fold([expression], self._visit)[0]

    def check(self, expression: Expression, expected: str) -> Found:
        """What the expression measures where that is not the expected unit, None where it is; raises what `of` raises."""
        found = self.of(expression)
        return None if found is None or found == unit(expected).dimension else found

    def _visit(self, node: Expression, inner: list[Found]) -> Found:
        if node.function == "number":
            return None if node.value == 0.0 else PURE
        if node.function == "symbol":
            if node.name not in self.units:
                raise NameUnknown(f"'{node.name}' is used, which nothing defines{did_you_mean(node.name, self.units)}")
            try:
                return unit(self.units[node.name]).dimension
            except UnitError as error:
                raise UnitError(f"the unit of {node.name}: {error}") from None
        if node.function == "pow":
            return self._power(node, inner)
        rule = _RULES.get(node.function)
        return rule(node, inner) if rule else _of_pure(node, inner)

    def _power(self, node: Expression, inner: list[Found]) -> Found:
        base, exponent = node.arguments
        _require_pure(exponent, inner[1], f"the exponent of '{write(node, _SHOWN)}' is")
        if inner[0] is None or inner[0] == PURE:
            return inner[0]
        if not symbols([exponent]) <= self.values.keys():
            raise UnitError(f"'{write(node, _SHOWN)}' raises {described(base, inner[0])} to a power that is not constant; "
                            "divide the base by a constant of its unit first")
        steepness = float(evaluate([exponent], self.values)[0])
        if not abs(steepness) <= _STEEPEST:
            raise UnitError(f"'{write(node, _SHOWN)}' raises {described(base, inner[0])} to the power {steepness:g}; the "
                            f"highest is {_STEEPEST:g}")
        return _raised(inner[0], _exact(steepness))


def shown(dimension: Dimension) -> str:
    """A unit of that dimension: the one that pumpleak computes in, but seconds in place of ms, as constants are published."""
    return _shown(dimension)


def described(expression: Expression, dimension: Dimension) -> str:
    """A formula and what it measures, as messages show it: `k1*Na [1/s]`."""
    return f"{write(expression, _SHOWN)} [{'no unit' if dimension == PURE else shown(dimension)}]"


@lru_cache(maxsize=1024)
def _shown(dimension: Dimension) -> str:
    amount, length, *rest = dimension  # a concentration as such, since no unit has a length to the power of -15
    parts = (("mM", amount), ("m", length + 3 * amount), *zip(SI[2:], rest, strict=True))
    try:
        computed = internal_unit(Unit(parts))
    except UnitError:  # beyond the highest power
        return " ".join(f"{symbol}^{power}" for symbol, power in parts if power)
    return Unit(tuple(("s" if symbol == "ms" else symbol, power) for symbol, power in computed.parts)).name


@lru_cache(maxsize=4096)
def _product(left: Dimension, right: Dimension) -> Dimension:
    return tuple(a + b for a, b in zip(left, right, strict=True))


@lru_cache(maxsize=4096)
def _raised(base: Dimension, exponent: Fraction) -> Dimension:
    return tuple(each * exponent for each in base)


def _exact(value: float) -> Fraction:
    simple = Fraction(value).limit_denominator(_SIMPLE)
    return simple if float(simple) == value else Fraction(repr(value))


def _multiplied(node: Expression, inner: list[Found]) -> Found:
    left, right = inner
    return None if left is None or right is None else _product(left, right)


def _divided(node: Expression, inner: list[Found]) -> Found:
    left, right = inner
    return None if left is None or right is None else _product(left, _raised(right, Fraction(-1)))


def _rooted(node: Expression, inner: list[Found]) -> Found:
    return None if inner[0] is None else _raised(inner[0], Fraction(1, 2))


def _kept(node: Expression, inner: list[Found]) -> Found:
    return inner[0]


def _alike(node: Expression, inner: list[Found]) -> Found:
    return _common(node, node.arguments, inner)


def _compared(node: Expression, inner: list[Found]) -> Found:
    _common(node, node.arguments, inner)
    return PURE


def _chosen(node: Expression, inner: list[Found]) -> Found:
    _require_pure(node.arguments[0], inner[0], f"the condition of '{write(node, _SHOWN)}' is")
    return _common(node, node.arguments[1:], inner[1:])


def _of_pure(node: Expression, inner: list[Found]) -> Found:
    for argument, found in zip(node.arguments, inner, strict=True):
        _require_pure(argument, found, f"{node.function} is taken of")
    return PURE


def _common(node: Expression, arguments: Sequence[Expression], inner: Sequence[Found]) -> Found:
    left, right = inner
    if left is None or right is None:
        return right if left is None else left
    if left != right:
        parts = [described(argument, found) for argument, found in zip(arguments, (left, right), strict=True)]
        raise UnitError(f"'{write(node, _SHOWN)}' {_VERBS[node.function]} {parts[0]} and {parts[1]}; both must have the same "
                        "unit")
    return left


def _require_pure(argument: Expression, found: Found, where: str) -> None:
    if found is not None and found != PURE:
        raise UnitError(f"{where} {described(argument, found)}; it must be a pure number: divide it by a constant of its "
                        "unit")


_VERBS = {"add": "adds", "sub": "takes the difference of", "min": "chooses between", "max": "chooses between",
          "select": "chooses between", "less": "compares", "less_equal": "compares"}

# Functions that stand in no rule take pure numbers and give one: exp, log, tanh, exprel, and, or, not.
_RULES: Mapping[str, Callable[[Expression, list[Found]], Found]] = {
    "mul": _multiplied, "div": _divided, "sqrt": _rooted, "neg": _kept, "abs": _kept,
    "add": _alike, "sub": _alike, "min": _alike, "max": _alike, "select": _chosen,
    "less": _compared, "less_equal": _compared,
}
