"""The expression tree: sharing, exact identities, derivatives, writing and canonical text."""

from __future__ import annotations

import copy
import gc
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.system.expression import (
    Expression,
    call,
    evaluate,
    exp,
    exprel,
    gradient,
    log,
    negate,
    number,
    power,
    select,
    serialise,
    substitute,
    symbol,
    symbols,
    write,
)
from pumpleak.system.functions import FUNCTIONS
from pumpleak.system.grammar import parse

x, y = symbol("x"), symbol("y")


def value(expression: Expression, **values: float) -> float:
    return float(evaluate([expression], values)[0])


def test_equal_parts_are_one_object() -> None:
    assert x * y + 1 is symbol("x") * symbol("y") + 1.0
    assert number(0.1) is number(0.1)
    assert number(0.0) is not number(-0.0)


@pytest.mark.parametrize(("built", "expected"), [
    (x + 0, x), (0 + x, x), (x * 1, x), (x * 0, number(0)), (x - x, number(0)), (0 - x, -x), (negate(negate(x)), x), (x / 1, x),
    (x ** 1, x), (x ** 0, number(1)), (x + (-y), x - y), ((-x) * y, -(x * y)), (number(2) * number(3), number(6)),
    (select(call("less", x, y), 3.0, 3.0), number(3)), (-(x - y), y - x)])
def test_only_exact_identities_are_applied(built: Expression, expected: Expression) -> None:
    assert built is expected


def test_structure_stays_as_written() -> None:
    assert str((x + y) - y) == "x + y - y"
    assert str(2 * (x + y)) == "2 * (x + y)"


def test_a_nan_is_refused() -> None:
    with pytest.raises(ModelError, match="given the number nan"):
        number(math.nan)


def test_division_by_the_constant_zero_is_refused() -> None:
    with pytest.raises(ModelError, match="'x' is divided by the constant 0"):
        x / 0


def test_an_expression_has_no_truth() -> None:
    with pytest.raises(ModelError, match=r"no truth value while a model is built; use select"):
        bool(x)


def test_a_missing_value_is_named_with_its_neighbours() -> None:
    with pytest.raises(NameUnknown, match=r"no value for 'inside\.K'; did you mean 'inside\.Ka'\?"):
        evaluate([symbol("inside.K")], {"inside.Ka": 1.0})


POINTS = st.floats(0.2, 3.0)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@given(a=POINTS, b=POINTS, c=POINTS)
def test_derivatives_of_the_table_agree_with_differences(name: str, a: float, b: float, c: float) -> None:
    """Central differences with h = 1e-5 leave about 1e-9 of the value; kinks are kept 1e-3 away."""
    function = FUNCTIONS[name]
    values = [a, b, c][:function.arity]
    if name in ("less", "less_equal", "and", "or", "not", "min", "max") and len(values) > 1 and abs(a - b) < 1e-3:
        return
    symbols_ = [symbol(f"v{i}") for i in range(function.arity)]
    slopes = gradient(call(name, *symbols_), [s.name for s in symbols_])
    at = {s.name: v for s, v in zip(symbols_, values, strict=True)}
    for i, s in enumerate(symbols_):
        exact = value(slopes[s.name], **at) if s.name in slopes else 0.0
        if name == "select" and i == 0:
            continue  # its condition is not a number to be differentiated
        if name in ("and", "or", "not"):
            continue  # defined on 0 and 1 only
        h = 1e-5
        up, down = ([*values[:i], values[i] + d, *values[i + 1:]] for d in (h, -h))
        difference = (function.scalar(*up) - function.scalar(*down)) / (2 * h)
        assert exact == pytest.approx(difference, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("point", [-800.0, -30.0, -1.0, -1e-3, -1e-9, 0.0, 1e-12, 1e-5, 0.4999, 0.5001, 3.0, 600.0])
def test_exprel_and_its_slope_keep_their_digits(point: float) -> None:
    """Against sums of exact fractions where terms cancel, against closed forms where they do not."""
    from fractions import Fraction

    if abs(point) < 5:
        z = Fraction(point)
        terms = [Fraction(1)]
        for n in range(1, 60):
            terms.append(terms[-1] * z / n)
        relative = sum((term / (n + 1) for n, term in enumerate(terms)), Fraction(0))
        slope = sum((terms[n] * (n + 1) / ((n + 2) * (n + 1)) for n in range(58)), Fraction(0))
        expected, expected_slope = float(relative), float(slope)
    else:
        expected = math.expm1(point) / point
        expected_slope = (math.exp(point) * (point - 1) + 1) / point**2
    assert value(exprel(x), x=point) == pytest.approx(expected, rel=4e-16 * 4)
    assert value(call("exprel_slope", x), x=point) == pytest.approx(expected_slope, rel=4e-15)


def test_second_derivatives_of_exprel_are_safe_at_zero() -> None:
    first = gradient(exprel(x), ["x"])["x"]
    second = gradient(first, ["x"])["x"]
    assert value(second, x=0.0) == pytest.approx(1 / 3, rel=1e-12)
    assert value(second, x=1e-3) == pytest.approx(1 / 3 + 1e-3 / 4 + 1e-6 / 10, rel=1e-9)


def test_gradients_of_a_deep_expression_stay_linear_in_its_size() -> None:
    deep = x
    for _ in range(5000):
        deep = deep * y + x / (deep + 2)
    slope = gradient(deep, ["x"])["x"]
    assert math.isfinite(value(slope, x=0.5, y=0.25))


def test_substitute_and_symbols() -> None:
    assert substitute([x * y], {"y": exp(x)})[0] is x * exp(x)
    assert symbols([x * y, log(x)]) == {"x", "y"}


trees = st.recursive(
    st.sampled_from([x, y, symbol("inside.Na"), number(2.5), number(-3.0), number(0.125)]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul"]), inner, inner).map(lambda t: call(*t)),
        inner.map(lambda e: -e), inner.map(lambda e: call("tanh", e)), inner.map(lambda e: power(e, 2.0)),
        st.tuples(inner, inner).map(lambda t: t[0] / (call("exp", t[1]) + 1.5))),
    max_leaves=12)


@given(tree=trees, a=st.floats(-2, 2), b=st.floats(-2, 2), c=st.floats(0.1, 2))
def test_what_is_written_is_read_back(tree: Expression, a: float, b: float, c: float) -> None:
    values = {"x": a, "y": b, "inside.Na": c}
    with np.errstate(over="ignore"):
        before, after = (float(evaluate([each], values)[0]) for each in (tree, parse(write(tree))))
    assert after == before or (math.isnan(after) and math.isnan(before)) or after == pytest.approx(before, rel=1e-12)


def test_the_canonical_text_does_not_depend_on_history() -> None:
    first = serialise([x * y + exp(x), exp(x)])
    _ = [symbol(f"other{i}") * i for i in range(100)]
    again = serialise([symbol("x") * symbol("y") + exp(symbol("x")), exp(symbol("x"))])
    assert first == again
    assert serialise([x + y]) != serialise([y + x])


def test_threads_that_build_the_same_expression_get_the_same_object() -> None:
    import sys
    from concurrent.futures import ThreadPoolExecutor

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for round_ in range(100):
                def build(_: int, name: str = f"fresh{round_}") -> Expression:
                    return exp(symbol(name) * 3.0) / (1.0 + symbol(name))

                assert len({id(each) for each in [*pool.map(build, range(4))]}) == 1
    finally:
        sys.setswitchinterval(before)


@given(trees)
def test_what_comes_from_another_process_is_the_same_object(tree: Expression) -> None:
    """Nodes compare by identity, so that a scheme sent to another process and back equals itself."""
    assert pickle.loads(pickle.dumps(tree)) is tree
    assert copy.deepcopy([tree])[0] is tree
    assert copy.copy(tree) is tree


def test_a_deep_expression_is_sent_without_recursion() -> None:
    deep = x
    for count in range(20_000):
        deep = exp(deep) if count % 2 else deep / y
    assert pickle.loads(pickle.dumps(deep)) is deep


def test_a_fresh_process_makes_the_node_anew() -> None:
    """Rows are read where no such node is alive."""
    sent = pickle.dumps(exp(symbol("sent") * 3.0) / symbol("sent"))
    gc.collect()
    assert write(pickle.loads(sent)) == "exp(sent * 3) / sent"
