"""A System as SBML level 3: states and definitions are parameters with rate and assignment rules."""

from __future__ import annotations

from bench.plain import plain
from pumpleak.system.expression import Expression, fold
from pumpleak.system.system import System

OPERATORS = {"add": "plus", "sub": "minus", "mul": "times", "div": "divide", "neg": "minus", "pow": "power", "exp": "exp",
             "log": "ln"}
MATH = "http://www.w3.org/1998/Math/MathML"


def sbml(system: System, products: bool = False) -> str:
    """The model as SBML; parameters that are changed during a run stay constant to SBML and are set from outside."""
    flat = plain(system, products)
    quantities = [_parameter(state.name, state.initial, False) for state in flat.states]
    quantities += [_parameter(parameter.name, parameter.value, True) for parameter in flat.parameters]
    quantities += [f'<parameter id="{each.name}" constant="false"/>' for each in flat.definitions]
    rules = [_rule("assignmentRule", each.name, each.expression) for each in flat.definitions]
    rules += [_rule("rateRule", name, rate) for name, rate in flat.rates.items()]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>',
                      '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">',
                      '<model id="bench">',
                      "<listOfParameters>", *quantities, "</listOfParameters>", "<listOfRules>", *rules, "</listOfRules>",
                      "</model>", "</sbml>"])


def _parameter(name: str, value: float, constant: bool) -> str:
    return f'<parameter id="{name}" value="{value!r}" constant="{str(constant).lower()}"/>'


def _rule(kind: str, name: str, expression: Expression) -> str:
    return f'<{kind} variable="{name}"><math xmlns="{MATH}">{mathml(expression)}</math></{kind}>'


def mathml(expression: Expression) -> str:
    """Content MathML."""

    def visit(node: Expression, parts: list[str]) -> str:
        if node.is_number:
            return _number(node.value)
        if node.function == "symbol":
            return f"<ci>{node.name}</ci>"
        return f"<apply><{OPERATORS[node.function]}/>{''.join(parts)}</apply>"

    return fold([expression], visit)[0]


def _number(value: float) -> str:
    mantissa, _, exponent = repr(value).partition("e")
    if exponent:
        return f'<cn type="e-notation">{mantissa}<sep/>{exponent}</cn>'
    return f"<cn>{mantissa}</cn>"
