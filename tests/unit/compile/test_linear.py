"""The equations of a stage in both forms, straight and looped: same steps, same books, and text that does not grow."""

import ctypes
import re
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.compile.toy import toy

from pumpleak.compile import linear, native
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.compiler import assemble, emit_text
from pumpleak.compile.equations import Equations, equations
from pumpleak.compile.forms import Looped, Straight
from pumpleak.compile.linear import Linear
from pumpleak.compile.program import CompiledProgram
from pumpleak.compile.values import Array
from pumpleak.solve.layout import Memory
from pumpleak.solve.status import Status
from pumpleak.system.expression import symbol, total
from pumpleak.system.system import Parameter, Quadrature, State, System
from pumpleak.system.transform import flatten

FORMS = ("straight", "looped")


def program(system: System, form: str, monkeypatch: pytest.MonkeyPatch) -> CompiledProgram:
    for bound in ("STRAIGHT_MOST", "STRAIGHT_SLOPES"):
        monkeypatch.setattr(linear, bound, -1 if form == "looped" else 10**9)
    return assemble(system, emit_text(equations(flatten(system))))


def finished(system: System, form: str, monkeypatch: pytest.MonkeyPatch, t_end: float = 5.0) -> Memory:
    """The end of a run by the stiff method, or its first event."""
    made = program(system, form, monkeypatch)
    p = [parameter.value for parameter in made.labels.parameters]
    y = [state.initial for state in made.labels.states]
    memory = made.start(0.0, y, np.zeros(len(made.labels.quadratures)), p, rtol=1e-9, method="stiff")
    assert made.advance(memory, p, 100_000, t_end) in (Status.END, Status.EVENT)
    return memory


def exchangers(count: int) -> System:
    """Amounts in a row of pools that exchange 1e5 times faster than they leave the first; what left is counted."""
    pools = [symbol(f"x{i}") for i in range(count)]
    fluxes = [1e5 * (one - 2.0 * other) for one, other in pairwise(pools)]
    leaving = symbol("k") * pools[0]
    rates = {f"x{i}": total([-fluxes[i]] if i < count - 1 else []) + total([fluxes[i - 1]] if i else [-leaving])
             for i in range(count)}
    return System("exchangers", tuple(State(f"x{i}", "fmol", 1.0, 1.0) for i in range(count)), rates,
                  (Parameter("k", "1/ms", 1.0),), quadratures=(Quadrature("left", "fmol", leaving),))


def test_a_system_with_something_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    straight, looped = (finished(toy(), form, monkeypatch) for form in FORMS)
    assert looped.steps == straight.steps
    assert looped.t == pytest.approx(straight.t, rel=1e-12)  # an event
    # rounding alone differs
    np.testing.assert_allclose(looped.y, straight.y, rtol=1e-10)
    np.testing.assert_allclose(looped.q, straight.q, rtol=1e-10)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_conserved_stays_to_rounding(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 6
    memory = finished(exchangers(count), form, monkeypatch, 1e4)
    assert memory.y.sum() + memory.q[0] == pytest.approx(count, rel=1e-14)
    assert memory.q[0] > 0.9 * count


@pytest.mark.parametrize("form", FORMS)
def test_algebraic_equations_whose_own_entries_vanish(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """0 = a u + v - y, 0 = u + a v - 2 y with a = 0: no step, however small, gives such equations a pivot of their own."""
    y, u, v, a = (symbol(name) for name in "yuva")
    system = System("crossed", (State("y", "1", 1.0, 1.0), State("u", "1", 0.0, 1.0, 0.0), State("v", "1", 0.0, 1.0, 0.0)),
                    {"y": -v, "u": a * u + v - y, "v": u + a * v - 2.0 * y}, (Parameter("a", "1", 0.0),))
    memory = finished(system, form, monkeypatch, 1.0)
    assert memory.y == pytest.approx(np.exp(-1.0) * np.array([1.0, 2.0, 1.0]), rel=1e-8)


def test_the_jacobian_in_loops() -> None:
    parts = equations(flatten(toy()))
    n, slots = len(parts.states), np.random.default_rng(2).normal(size=len(parts.slopes))
    module = Module("jacobian")
    code = Code(module, "run", [Array, Array, Array])
    elimination = Linear(Module("order"), parts).elimination
    Straight(parts, elimination).jacobian(code.arguments[0], code.arguments[1])
    Looped(parts, elimination).jacobian(code.arguments[0], code.arguments[2])
    code.return_()
    loaded = native.Loaded(native.compile_ir(str(module), native.local_target()), ["run"])
    straight, looped = np.zeros((n, n)), np.zeros((n, n))
    loaded.function("run", None, [ctypes.c_void_p] * 3)(slots.ctypes.data, straight.ctypes.data, looped.ctypes.data)
    assert np.count_nonzero(straight) == len(parts.jacobian)
    np.testing.assert_allclose(looped, straight, rtol=1e-15)


def lines(parts: Equations, function: str) -> int:
    body = re.search(rf'^define [^\n]*@"?{function}"?\(.*?^}}', emit_text(parts), re.DOTALL | re.MULTILINE)
    assert body is not None
    return body.group(0).count("\n")


@pytest.mark.parametrize("function", ["factor", "substitute", "respond", "defect", "follow"])
def test_loops_do_not_grow(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("STRAIGHT_MOST", "STRAIGHT_SLOPES"):
        monkeypatch.setattr(linear, bound, -1)
    few, many = (equations(exchangers(count)) for count in (5, 50))
    assert lines(few, function) == lines(many, function)


def test_small_systems_are_straight_and_large_ones_looped() -> None:
    few, many = (Linear(Module("m"), equations(exchangers(count))) for count in (20, 700))
    assert isinstance(few.form, Straight)
    assert isinstance(few.sums, Straight)
    assert isinstance(many.form, Looped)
    assert isinstance(many.sums, Looped)
