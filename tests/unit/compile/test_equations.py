"""What a system conserves by its structure, and that without it a stiff solution is still refined where rounding matters."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import numpy as np
import pytest
from tests.numerics.problems import PROBLEMS

from pumpleak.cell.cell import Cell
from pumpleak.compile.compiler import compile_system
from pumpleak.compile.equations import equations
from pumpleak.compile.program import CompiledProgram
from pumpleak.formats.catalog import load
from pumpleak.solve.layout import Memory
from pumpleak.solve.status import Status
from pumpleak.system.expression import number, symbol
from pumpleak.system.system import Parameter, Quadrature, State, System
from pumpleak.system.transform import flatten

SLOW, BACK, END = 1e-3, 0.3, 3000.0  # 1/ms, 1, ms: more than two of the slow time constants
X, Y = symbol("x"), symbol("y")


def pair(rate_x: object, rate_y: object, *quadratures: Quadrature) -> bool:
    states = (State("x", "1", 1.0, 1.0), State("y", "1", 1.0, 1.0))
    return equations(System("pair", states, {"x": rate_x, "y": rate_y}, quadratures=quadratures)).conserves  # type: ignore[dict-item]


@pytest.mark.parametrize(("name", "conserves"), [
    ("robertson", True), ("enzyme", True), ("van_der_pol", False), ("orego", False), ("forced", False), ("ball", False),
    ("spiking_cell", False)])
def test_which_problems_conserve_a_sum(name: str, conserves: bool) -> None:
    """The spiking cell counts no extents, and a space around it exchanges with a bath."""
    assert equations(PROBLEMS[name]()).conserves is conserves


@pytest.mark.parametrize("name", ["generic-cell", "kay-2017", "neuron"])
def test_a_cell_conserves(name: str) -> None:
    cell = load(name)
    assert isinstance(cell, Cell)
    assert equations(flatten(cell.system)).conserves


def test_what_makes_a_sum() -> None:
    flux = X * Y
    assert pair(-flux, flux)
    assert pair(-3.0 * flux, flux)
    assert pair(number(0.0), flux)                                # x alone
    assert pair(-flux, X, Quadrature("extent", "1", flux))        # a state and a quadrature
    assert pair(-1e12 * flux, 1e-12 * flux)                       # whatever their sizes
    assert not pair(-flux, X)
    assert not pair(-flux, flux - 1e-3 * X)
    assert not pair(-1e12 * flux + 1e12 * Y, 1e-12 * flux - 2e-12 * Y)


def exchange() -> System:
    """Two pools in fast exchange, of which one is slowly lost: what they hold together goes on the slow time, and is no sum."""
    x, y = State("x", "1", 1.0, 1e-3), State("y", "1", 1.0 / BACK, 1e-3)
    flux = symbol("fast") * (X - BACK * Y)
    return System("exchange", (x, y), {"x": -flux - symbol("slow") * X, "y": flux},
                  (Parameter("fast", "1/ms", 1.0), Parameter("slow", "1/ms", SLOW)))


def exchanged(fast: float) -> float:
    """x at the end: a sum of two exponentials, in 60 digits."""
    with localcontext(prec=60):
        forward, back, slow, t = Decimal(fast), Decimal(fast) * Decimal(BACK), Decimal(SLOW), Decimal(END)
        total = forward + slow + back
        quick = -(total + (total * total - 4 * slow * back).sqrt()) / 2
        late = slow * back / quick
        part = (-slow - late) / (quick - late)  # x(0) = 1, x'(0) = -slow
        return float(part * (quick * t).exp() + (1 - part) * (late * t).exp())


@cache
def program(name: str) -> CompiledProgram:
    return compile_system(exchange() if name == "exchange" else PROBLEMS[name]())


def followed(fast: float, rtol: float) -> Memory:
    labels = program("exchange").labels
    memory = program("exchange").start(0.0, labels.initial(), [], [fast, SLOW], rtol=rtol, method="stiff")
    assert program("exchange").advance(memory, [fast, SLOW], 10_000, END) is Status.END
    return memory


@pytest.mark.parametrize("rtol", [1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("fast", [1e3, 1e5, 1e7, 1e9])
def test_a_fast_exchange_leaves_the_slow_loss_its_digits(fast: float, rtol: float) -> None:
    """Without refinement the factors' rounding, 1e-16 of h times `fast`, stands beside the slow change.

    The error estimate sees it and cuts the steps: with ROUNDING at 1e-20, 91 steps instead of 31 (1e9, 1e-9) and 226
    instead of 66 (1e7, 1e-12). At 1e2, where there is none of it, nearly all steps answer to the slow loss.
    """
    assert not equations(exchange()).conserves
    memory = followed(fast, rtol)
    assert memory.y[0] == pytest.approx(exchanged(fast), rel=0.1 * rtol)
    assert memory.steps <= 1.2 * followed(1e2, rtol).steps


@pytest.mark.parametrize("rtol", [1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("stiff", [1e3, 1e6, 1e9])
def test_a_state_that_follows_a_course(stiff: float, rtol: float) -> None:
    """Prothero and Robinson: 1/(1 + t^2), whose size is 1, in steps of up to 1e10 of the fast time."""
    labels, p = program("forced").labels, [stiff]
    memory = program("forced").start(0.0, labels.initial(), np.zeros(2), p, rtol=rtol, method="stiff")
    assert program("forced").advance(memory, p, 100_000, 100.0) is Status.END
    assert memory.y[0] == pytest.approx(1.0 / (1.0 + 100.0**2), abs=0.1 * rtol)
