"""A System in the functions that every other program has: what the translators write.

Definitions stay named, so that each is computed once, and a rate over exprel(x) is times x/(exp(x) - 1), which costs least;
the models never meet x = 0 exactly. Whole powers stay powers, as a user writes them; as products they suit some engines
better, so that form is measured, too.
"""

from __future__ import annotations

from dataclasses import replace

from pumpleak.system.expression import Expression, exp, fold, rebuild
from pumpleak.system.system import System

MOST_FACTORS = 8
INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


def plain(system: System, products: bool = False) -> System:
    """The same equations without exprel and, where products are wanted, without small whole powers."""
    return replace(system, rates={name: rewritten(rate, products) for name, rate in system.rates.items()},
                   definitions=tuple(replace(each, expression=rewritten(each.expression, products))
                                     for each in system.definitions))


def rewritten(expression: Expression, products: bool) -> Expression:
    """The expression in + - * /, exp, log and pow."""

    def visit(node: Expression, arguments: list[Expression]) -> Expression:
        if node.function == "exprel":
            return (exp(arguments[0]) - 1.0) / arguments[0]
        if node.function == "div" and node.arguments[1].function == "exprel":
            x = node.arguments[1].arguments[0]
            inner = rewritten(x, products)
            return arguments[0] * inner / (exp(inner) - 1.0)
        if products and node.function == "pow" and arguments[1].is_number and arguments[1].value in range(2, MOST_FACTORS + 1):
            result = arguments[0]
            for _ in range(int(arguments[1].value) - 1):
                result = result * arguments[0]
            return result
        return rebuild(node, arguments)

    return fold([expression], visit)[0]
