"""Text to expression: numbers, dotted names, + - * / ^, comparisons and the functions of the table; nothing is evaluated.

    sum      = product { ("+" | "-") product }
    product  = sign { ("*" | "/") sign }
    sign     = [ "-" | "+" ] power
    power    = atom [ ("^" | "**") sign ]
    atom     = number | name | function "(" sum { "," sum } ")" | "(" sum ")"
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from pumpleak.base.errors import FormatError
from pumpleak.base.names import did_you_mean
from pumpleak.system.expression import (
    Expression,
    add,
    call,
    divide,
    multiply,
    negate,
    number,
    postorder,
    power,
    select,
    subtract,
)
from pumpleak.system.expression import symbol as make_symbol
from pumpleak.system.functions import FUNCTIONS

LENGTH_LIMIT = 20_000  # characters: far above any rate law, far below what could fill memory
DEPTH_LIMIT = 60  # nested parentheses: far above any rate law, far below the interpreter's own limit

_TOKEN = re.compile(r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\[\d+\])?(?:\.[A-Za-z0-9_]+(?:\[\d+\])?)*)
  | (?P<sign>\*\*|<=|>=|[-+*/^(),<>])
)""", re.VERBOSE)

_WRITTEN_AS_SIGNS = {"add", "sub", "mul", "div", "neg", "exprel_slope"}


def parse(text: str) -> Expression:
    """The expression that a text stands for.

    Raises FormatError with the column of the fault.
    """
    if len(text) > LENGTH_LIMIT:
        raise FormatError(f"the expression is {len(text)} characters long; at most {LENGTH_LIMIT} are read")
    return _Reader(text).whole()


class _Reader:
    """One pass over the tokens of a text, by recursive descent of limited depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        self.at = 0
        self.depth = 0
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise self.error(f"'{text[start]}' is not part of an expression", start)
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind], match.start(kind)))
            position = match.end()
        self.tokens.append(("end", "", len(text)))

    def error(self, message: str, column: int | None = None) -> FormatError:
        place = self.tokens[self.at][2] if column is None else column
        shown = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        return FormatError(f"expression '{shown}': {message} (at its character {place + 1})")

    def whole(self) -> Expression:
        result = self.comparison()
        kind, token, _ = self.tokens[self.at]
        if kind != "end":
            raise self.error(f"'{token}' was not expected; an operator such as + or * was{self.unit_hint()}")
        for node in postorder([result]):
            # what can be computed was: a constant part that is left has no finite value
            if node.arguments and all(argument.is_number for argument in node.arguments):
                raise self.error(f"'{node}' has no finite value")
        return result

    def unit_hint(self) -> str:
        """What to say where a number is followed by a name: most likely its unit."""
        kind, token, _ = self.tokens[self.at]
        if kind != "name" or self.tokens[self.at - 1][0] != "number":
            return ""
        return f"; a formula has no units: leave {token} out, and give the number in the units of pumpleak (mV, ms, mM)"

    def take(self, *signs: str) -> str:
        kind, token, _ = self.tokens[self.at]
        if kind == "sign" and token in signs:
            self.at += 1
            return token
        return ""

    def comparison(self) -> Expression:
        left = self.sum()
        sign = self.take("<", "<=", ">", ">=")
        if not sign:
            return left
        right = self.sum()
        name = "less" if sign in "<>" else "less_equal"
        return call(name, left, right) if sign[0] == "<" else call(name, right, left)

    def sum(self) -> Expression:
        return self._chain(self.product, {"+": add, "-": subtract})

    def product(self) -> Expression:
        return self._chain(self.signed, {"*": multiply, "/": divide})

    def _chain(self, inner: Callable[[], Expression],
               makers: dict[str, Callable[[Expression, Expression], Expression]]) -> Expression:
        result = inner()
        while sign := self.take(*makers):
            result = makers[sign](result, inner())
        return result

    def signed(self) -> Expression:
        self._deeper(1)
        if self.take("-"):
            result = negate(self.signed())
        elif self.take("+"):
            result = self.signed()
        else:
            result = self.atom()
            if self.take("^", "**"):
                result = power(result, self.signed())
        self._deeper(-1)
        return result

    def _deeper(self, by: int) -> None:
        self.depth += by
        if self.depth > DEPTH_LIMIT:
            raise self.error(f"it nests deeper than {DEPTH_LIMIT} levels")

    def atom(self) -> Expression:
        kind, token, _ = self.tokens[self.at]
        if kind == "number":
            value = float(token)
            if math.isinf(value):
                raise self.error(f"'{token}' is too large for a number")
            self.at += 1
            return number(value)
        if kind == "name":
            self.at += 1
            return self.function(token) if self.take("(") else make_symbol(token)
        if self.take("("):
            result = self.comparison()
            if not self.take(")"):
                raise self.error(f"a closing ')' is missing{self.unit_hint()}")
            return result
        found = f"'{token}'" if token else "the end"
        raise self.error(f"a number, a name or '(' was expected, not {found}")

    def function(self, name: str) -> Expression:
        known = sorted(FUNCTIONS.keys() - _WRITTEN_AS_SIGNS)
        if name not in known:
            raise self.error(f"'{name}' is not a function here{did_you_mean(name, known)}", self.tokens[self.at - 2][2])
        arguments = [self.comparison()]
        while self.take(","):
            arguments.append(self.comparison())
        if not self.take(")"):
            raise self.error(f"a closing ')' of {name} is missing{self.unit_hint()}")
        if len(arguments) != FUNCTIONS[name].arity:
            raise self.error(f"{name} takes {FUNCTIONS[name].arity} argument(s), not {len(arguments)}")
        if name == "select":
            return select(*arguments)
        return power(*arguments) if name == "pow" else call(name, *arguments)
