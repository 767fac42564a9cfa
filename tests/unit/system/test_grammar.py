"""Reading expressions from text: what is understood, and one clear message for what is not."""

from __future__ import annotations

import pytest

from pumpleak.base.errors import FormatError
from pumpleak.system.expression import evaluate
from pumpleak.system.grammar import parse


@pytest.mark.parametrize(("text", "expected"), [
    ("1 + 2*3", 7), ("(1 + 2)*3", 9), ("2^3^2", 512), ("-2^2", -4), ("2**-1", 0.5), ("8/4/2", 1), ("7 - 2 - 1", 4),
    ("exp(0) + log(1)", 1), ("min(3, 2) + max(1, a)", 6), ("select(a < 5, 1, 2)", 1), ("select(a >= 5, 1, 2)", 2),
    (".5e1", 5), ("exprel(0)", 1), ("+3", 3), ("pow(a, 2)", 16), ("axon[3].V * 2", 20)])
def test_values(text: str, expected: float) -> None:
    assert float(evaluate([parse(text)], {"a": 4.0, "axon[3].V": 10.0})[0]) == expected


@pytest.mark.parametrize(("text", "message"), [
    ("1 +", "expression '1 +': a number, a name or '(' was expected, not the end (at its character 4)"),
    ("1 2", "expression '1 2': '2' was not expected; an operator such as + or * was (at its character 3)"),
    ("(1", "expression '(1': a closing ')' is missing (at its character 3)"),
    ("a $ b", "expression 'a $ b': '$' is not part of an expression (at its character 3)"),
    ("expp(1)", "expression 'expp(1)': 'expp' is not a function here; did you mean 'exp'"),
    ("exp(1, 2)", "exp takes 1 argument(s), not 2"),
    ("__import__(os)", "'__import__' is not a function here"),
    ("p/F^7^7^7^7", "expression 'p/F^7^7^7^7': '7^823543' has no finite value"),
    ("x + log(0)", "'log(0)' has no finite value"),
    ("1e999", "expression '1e999': '1e999' is too large for a number"),
    ("", "expression '': a number, a name or '(' was expected, not the end (at its character 1)")])
def test_messages(text: str, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["(" * 100_000, "-" * 100_000, "1" + "+1" * 200_000, "a" * 30_000, "x^" * 9_000 + "x"])
def test_monstrous_texts_are_refused_at_once(text: str) -> None:
    with pytest.raises(FormatError):
        parse(text)


@pytest.mark.parametrize("text", ["V + 43 mV", "exp((V + 43 mV)/5)", "(V + 43 mV)"])
def test_a_unit_in_a_formula_is_told(text: str) -> None:
    with pytest.raises(FormatError, match=r"a formula has no units: leave mV out, and give the number in the units"):
        parse(text)
