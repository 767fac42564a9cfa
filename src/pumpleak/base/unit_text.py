"""Reading the text of a number and of a unit by a small grammar of our own.

::

    quantity = number unit          5 mM   -70 mV   10min   1e-3 S/cm2   0.3   100 %
    unit     = ["/"] term { ("*" | "/" | space) term }
    term     = ("1" | symbol [integer] | "(" unit ")") [("^" | "**") number]

`/` and `*` bind from left to right. `J/mol K`, which people read in two ways, is refused. Nothing is evaluated: powers
are small, text is short, and pint, which knows the units that the table does not, only ever sees one plain symbol.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache

from pumpleak.base.constants import ZERO_CELSIUS
from pumpleak.base.errors import UnitError
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.unit_table import TABLE, Dimension

Parts = tuple[tuple[str, Fraction], ...]
"""A unit as a product of symbols, each to a power."""

# Longer than any unit of physics, short enough that no text is slow to read or to quote.
LONGEST = 200
# No quantity of the field has a higher power than mM^-4 or so; the cap keeps exact fractions small.
HIGHEST = 12
# Powers are multiples of 1/40: that covers 0.5, 0.25, 0.2 and 0.1, and each can be written out exactly.
FINEST = 40
# Brackets in a unit: (a (b (c))) is already more than anyone writes.
DEEPEST = 3

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
SYMBOL = re.compile(r"([A-Za-z_]+(?:[0-9]+[A-Za-z_]+)*|%)((?:-?[0-9]+)?)")
DECIMAL = r"[+-]?[0-9]+(?:\.[0-9]+)?"
POWER = re.compile(rf"\s*(?:\^|\*\*)\s*(?:\(\s*({DECIMAL})\s*\)|({DECIMAL}))")
# What people type or paste for the plain characters of the grammar.
SPELLING = str.maketrans(
    {
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{GREEK CAPITAL LETTER OMEGA}": "Ohm",
        "\N{OHM SIGN}": "Ohm",
        "\N{DEGREE SIGN}": "deg",
        "\N{MIDDLE DOT}": "*",
        "\N{DOT OPERATOR}": "*",
        "\N{MULTIPLICATION SIGN}": "*",
        "\N{MINUS SIGN}": "-",
        "\N{SUPERSCRIPT MINUS}": "-",
        "\N{SUPERSCRIPT ONE}": "1",
        "\N{SUPERSCRIPT TWO}": "2",
        "\N{SUPERSCRIPT THREE}": "3",
    }
)


def read_quantity(text: str) -> tuple[float, Parts | None]:
    """Return the number and the unit of the text, None for a number alone; raises UnitError."""
    spelled = _spelled(text)
    match = NUMBER.match(spelled)
    if match is None:
        raise UnitError(f"{shown(text)} does not begin with a number; write a number and a unit, for example '5 mM'")
    value = float(match[0])
    if not math.isfinite(value):
        raise UnitError(f"{shown(text)} is too large for a number; the largest is about 1.8e308")
    rest = spelled[match.end() :].strip()
    if rest == "degC":
        return _kelvin(value, text), (("K", Fraction(1)),)
    return value, read_unit(rest, text) if rest else None


def read_unit(text: str, whole: str | None = None) -> Parts:
    """Return the unit of the text as a product of powers of known symbols; `whole` is what messages quote."""
    return _Reader(_spelled(text), text if whole is None else whole).unit()


def power(exponent: float | Fraction, what: str) -> Fraction:
    """Return the exponent as an exact fraction; raises UnitError for what is not a small simple decimal."""
    if not -HIGHEST <= exponent <= HIGHEST:
        raise UnitError(f"{what}: power {float(exponent):g} is too large; a unit has powers up to {HIGHEST}")
    exact = Fraction(str(exponent))
    if FINEST % exact.denominator:
        raise UnitError(f"{what}: power {float(exponent):g}; a unit has whole powers or simple decimals such as 0.5")
    return exact


def product(factors: Parts) -> Parts:
    """Return the product with every symbol once, in the order of first appearance."""
    powers: dict[str, Fraction] = {}
    for symbol, exponent in factors:
        powers[symbol] = powers.get(symbol, Fraction(0)) + exponent
    return tuple((symbol, exponent) for symbol, exponent in powers.items() if exponent)


def size_and_dimension(symbol: str) -> tuple[Fraction, Dimension] | None:
    """Return the size in SI and the dimension of a symbol, from the table or from pint; None if neither knows it."""
    if symbol in TABLE:
        return TABLE[symbol]
    return _from_pint(symbol)


@lru_cache(maxsize=256)
def _from_pint(symbol: str) -> tuple[Fraction, Dimension] | None:
    from pumpleak.base.unit_pint import find  # imported here: pint takes longer to start than all of pumpleak

    return find(symbol)


def _spelled(text: str) -> str:
    if len(text) > LONGEST:
        raise UnitError(f"{shown(text)} has {len(text)} characters; a quantity has at most {LONGEST}")
    return text.translate(SPELLING).strip()


def _kelvin(celsius: float, text: str) -> float:
    # Through decimal fractions, so that 37 degC is the number 310.15 and not its neighbour.
    kelvin = float(Fraction(repr(celsius)) + Fraction(repr(ZERO_CELSIUS)))
    if kelvin < 0:
        raise UnitError(f"{shown(text)} is below absolute zero, {-ZERO_CELSIUS:g} degC")
    return kelvin


class _Reader:
    """One pass over the text of a unit."""

    def __init__(self, text: str, whole: str) -> None:
        self.text = text
        self.whole = whole
        self.at = 0

    def unit(self) -> Parts:
        parts = self.terms(depth=0)
        if self.at < len(self.text):
            raise self.wrong(f"')' at {shown(self.text[self.at :], 20)} closes nothing")
        return product(parts)

    def terms(self, depth: int) -> Parts:
        parts: Parts = ()
        divided = False
        sign = Fraction(-1 if self.take("/") else 1)
        while True:
            parts += tuple((symbol, sign * exponent) for symbol, exponent in self.term(depth))
            self.skip()
            if self.at == len(self.text) or self.text[self.at] == ")":
                return parts
            if self.take("/"):
                sign, divided = Fraction(-1), True
            elif self.take("*") or not divided:
                sign = Fraction(1)
            else:
                raise self.wrong("a space after '/' can be read two ways; write a/(b c) or a c/b")

    def term(self, depth: int) -> Parts:
        self.skip()
        if self.take("("):
            if depth == DEEPEST:
                raise self.wrong(f"brackets are nested deeper than {DEEPEST}")
            parts = self.terms(depth + 1)
            if not self.take(")"):
                raise self.wrong("a bracket '(' is not closed")
            return self.raised(parts, exponent=None)
        if re.match(r"1(?![0-9.])", self.text[self.at :]):
            self.at += 1
            return ()
        match = SYMBOL.match(self.text, self.at)
        if match is None:
            found = shown(self.text[self.at :], 20) if self.at < len(self.text) else "the end"
            raise self.wrong(f"found {found} where a unit such as 'mM' or 'S/cm2' should be")
        self.at = match.end()
        symbol, digits = match.groups()
        if size_and_dimension(symbol) is None:
            raise self.unknown(symbol)
        return self.raised(((symbol, Fraction(1)),), power(int(digits), shown(self.whole)) if digits else None)

    def raised(self, parts: Parts, exponent: Fraction | None) -> Parts:
        match = POWER.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            if exponent is not None or POWER.match(self.text, self.at):
                raise self.wrong("a power of a power; write one power such as 'cm2' or 'cm^-2'")
            exponent = power(Fraction(match[1] or match[2]), shown(self.whole))
        return parts if exponent is None else tuple((symbol, each * exponent) for symbol, each in parts)

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def take(self, character: str) -> bool:
        self.skip()
        if self.at < len(self.text) and self.text[self.at] == character:
            self.at += 1
            return True
        return False

    def wrong(self, reason: str) -> UnitError:
        return UnitError(f"cannot read the unit in {shown(self.whole)}: {reason}")

    def unknown(self, symbol: str) -> UnitError:
        if symbol == "degC":
            return UnitError(f"{shown(self.whole)}: degC only names a temperature such as '37 degC'; else use K")
        return UnitError(f"unknown unit {shown(symbol)} in {shown(self.whole)}{did_you_mean(symbol, TABLE)}")
