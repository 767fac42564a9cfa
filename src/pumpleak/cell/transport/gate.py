"""Gates: factors of an open share that follow voltage, concentrations or volume, at once or in time.

Expressions are in the cell's dotted names and in internal units (mV, ms, mM, pL, K). `V` is the potential of the membrane;
gates and parameters of the same transporter are named without its own name. x/(1 - exp(-x)) is written 1/exprel(-x), which
has no hole at 0 (rates of this form: Hodgkin & Huxley 1952, J Physiol 117:500).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Start
from pumpleak.system.expression import (
    Expression,
    call,
    evaluate,
    less,
    number,
    product,
    select,
    substitute,
    symbol,
    symbols,
)
from pumpleak.system.system import Definition, Event, Parameter, State

VOLTAGE, TEMPERATURE = "V", "temperature"
VOLTAGES: NDArray[np.float64] = np.arange(-150.0, 100.25, 0.5)
"""Where gates are looked at before they are used: the potentials of living membranes. Holes of published rates lie at
whole or half mV. [mV]"""
GATE_SCALE = 1e-2  # a gate's error is judged against this: small open shares carry currents too; no error takes it that far
ROUNDING = 1e-12  # by which a steady state may leave 0..1: sums of a few terms
SPIKE = 1.0  # ms: no membrane's spike is shorter than some tenths of this, and its rise from rest takes longer; FitzHugh's
# nerve loses no spike to steps of this length (tests/numerics/test_guard.py)


_Need = tuple[str, str, Callable[[NDArray[np.float64]], NDArray[np.bool_]]]
_RATE: _Need = (" 1/ms", "a rate is zero or positive", lambda curve: curve < 0)
_SHARE: _Need = ("", "a factor of an open share lies between 0 and 1", lambda curve: np.abs(curve - 0.5) > 0.5 + ROUNDING)
_TIME: _Need = (" ms", "a time constant is positive", lambda curve: curve <= 0)
_NEEDS = {"opening": _RATE, "closing": _RATE, "steady": _SHARE, "steady state": _SHARE, "time": _TIME}


@dataclass(frozen=True)
class Q10:
    """Temperature factor of rates: `factor` times faster for every 10 K above `at` [K].

    Raises ModelError for a factor or a temperature that is not positive.
    """

    factor: float
    at: float

    def __post_init__(self) -> None:
        for name, value, unit in (("factor", self.factor, ""), ("at", self.at, " K")):
            if not (math.isfinite(value) and value > 0):
                raise ModelError(f"q10.{name} is {value:g}{unit}; it must be positive and finite")


@dataclass(frozen=True)
class Gate:
    """A factor between 0 and 1 of an open share, taken to a whole `power`.

    By rates [1/ms]: dm/dt = opening (1 - m) - closing m. By steady state and time constant [ms]: dm/dt = (steady - m)/time.
    By steady state alone: m = steady at every moment. `start` is its value at the start, its own steady state there if not
    given.

    Raises ModelError for a power that is not a positive whole number, for both ways of giving it or a half of one, and for
    a start outside 0..1.
    """

    name: str
    power: int = 1
    opening: Expression | None = None
    closing: Expression | None = None
    steady: Expression | None = None
    time: Expression | None = None
    start: float | None = None

    def __post_init__(self) -> None:
        if self.power != int(self.power) or self.power < 1:
            raise ModelError(f"the power of gate '{self.name}' is {self.power:g}; it must be 1, 2, 3, ...")
        given = tuple(key for key in ("opening", "closing", "steady", "time") if getattr(self, key) is not None)
        if given not in (("opening", "closing"), ("steady", "time"), ("steady",)):
            raise ModelError(f"gate '{self.name}' has {' and '.join(given) or 'nothing'}; give 'opening' and 'closing' [1/ms], "
                             "or 'steady' and 'time' [ms], or 'steady' alone if it follows at once")
        if self.start is not None and (self.instant or not 0.0 <= self.start <= 1.0):
            raise ModelError(f"gate '{self.name}' starts at {self.start:g}; "
                             + ("it follows at once and has no start" if self.instant else "it lies between 0 and 1"))

    @property
    def instant(self) -> bool:
        """Whether it has no time of its own."""
        return self.opening is None and self.time is None

    @property
    def expressions(self) -> dict[str, Expression]:
        """What is given, by name."""
        parts = {"opening": self.opening, "closing": self.closing, "steady": self.steady, "time": self.time}
        return {name: each for name, each in parts.items() if each is not None}

    @property
    def rest(self) -> Expression:
        """Its steady state."""
        if self.steady is not None:
            return self.steady
        return _given(self.opening) / (_given(self.opening) + _given(self.closing))

    def factor(self, owner: str) -> Expression:
        """What it contributes to the open share of its transporter: never negative, so that no channel runs uphill.

        A gate that falls towards zero is integrated to within the tolerance, which may lie on the other side. One that follows
        at once goes where parameters set in a protocol put it, and is fully closed or open beyond 0..1.
        """
        own = symbol(f"{owner}.{self.name}")
        if self.instant:
            return call("min", call("max", own, 0.0), 1.0) ** float(self.power)
        return (own if self.power % 2 == 0 else call("max", own, 0.0)) ** float(self.power)

    def left(self, owner: str) -> Event:
        """What ends a run: the gate outside 0..1, where parameters set after the start put it."""
        own = symbol(f"{owner}.{self.name}")
        return Event(f"gate {owner}.{self.name} has left 0..1: with the parameters as they are, its steady state lies outside, "
                     "or a rate or its time constant is negative", call("max", -own, own - 1.0) - GATE_SCALE, action="fail")

    @property
    def time_constant(self) -> Expression:
        """How long it takes to follow, before any temperature factor; 0 if it follows at once. [ms]"""
        if self.instant:
            return number(0.0)
        return self.time if self.time is not None else 1.0 / (_given(self.opening) + _given(self.closing))

    @property
    def change(self) -> Expression:
        """Its rate of change, before any temperature factor. [1/ms]

        A time constant that is not positive, as parameters set in a protocol can make it, drives it out of 0..1, which ends
        the run: at its steady state it would stay unnoticed.
        """
        own = symbol(self.name)
        if self.time is not None:
            drift = (self.rest - own) / self.time
            return drift if self.time.is_number else select(less(0.0, self.time), drift, 1.0)
        return _given(self.opening) * (1.0 - own) - _given(self.closing) * own


@dataclass(frozen=True)
class Gating:
    """The gates of one transporter, the parameters that only they use, and the temperature factor of their rates.

    Raises ModelError for names used twice and for what is no gate: a steady state outside 0..1, a rate that is negative, a
    time constant that is not positive, at any V from -150 to 100 mV; NameUnknown for a name that is neither its own nor
    dotted.
    """

    gates: tuple[Gate, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    q10: Q10 | None = None

    def __post_init__(self) -> None:
        own = [*(gate.name for gate in self.gates), *(each.name for each in self.parameters)]
        known = [VOLTAGE, TEMPERATURE, *own]
        for name in own:
            if known.count(name) > 1:
                raise ModelError(f"'{name}' names two quantities in the gates' expressions; each gate and parameter needs its "
                                 f"own name, and none is called {VOLTAGE} or {TEMPERATURE}")
        for gate in self.gates:
            for name in sorted(symbols(gate.expressions.values())):
                if "." not in name and name not in known:
                    raise NameUnknown(f"gate '{gate.name}' uses '{name}', which is neither a gate or parameter beside it nor a "
                                      f"dotted name such as inside.Na{did_you_mean(name, known)}").about(gate.name)
            _check(gate.name, gate, {each.name: each.value for each in self.parameters})

    def share(self, owner: str) -> Expression:
        """The open share: the product of the gates, 1 without any."""
        return symbol(f"{owner}.open") if self.gates else number(1.0)

    def contribute(self, owner: str, sides: Sides, start: Start) -> Contribution:
        """Its states, the open share, and the longest step that follows them."""
        if not self.gates:
            return Contribution()
        own = [*(gate.name for gate in self.gates), *(each.name for each in self.parameters)]
        names = {VOLTAGE: sides.potential, **{name: symbol(f"{owner}.{name}") for name in own}}
        values = self._start_values(owner, sides, start)
        for gate in self.gates:
            _check(f"{owner}.{gate.name}", gate, values)
        followed = [gate for gate in self.gates if not gate.instant]
        pace = symbol(f"{owner}.q10") ** ((symbol(TEMPERATURE) - self.q10.at) / 10.0) if self.q10 else number(1.0)
        states = tuple((State(f"{owner}.{gate.name}", "1", _start(owner, gate, values), GATE_SCALE),
                        pace * substitute([gate.change], names)[0]) for gate in followed)
        instant = tuple(Definition(f"{owner}.{gate.name}", "1", substitute([gate.rest], names)[0])
                        for gate in self.gates if gate.instant)
        opened = product(gate.factor(owner) for gate in self.gates)
        parameters = [Parameter(f"{owner}.{each.name}", each.unit, each.value, each.source) for each in self.parameters]
        if self.q10:
            parameters.append(Parameter(f"{owner}.q10", "1", self.q10.factor, domain="positive"))
        speed = float(evaluate([pace], {f"{owner}.q10": self.q10.factor if self.q10 else 1.0, **start.values})[0])
        return Contribution(states=states, parameters=tuple(parameters),
                            definitions=(*instant, Definition(f"{owner}.open", "1", opened)),
                            events=tuple(gate.left(owner) for gate in followed), guard=_guard(followed, values, speed),
                            gates=tuple(f"{owner}.{gate.name}" for gate in followed if VOLTAGE in symbols([gate.change])))

    def _start_values(self, owner: str, sides: Sides, start: Start) -> dict[str, float]:
        """What gates may use at the start, by the names that they use."""
        own = {each.name: start.values.get(f"{owner}.{each.name}", each.value) for each in self.parameters}
        return {**start.values, **own, VOLTAGE: start.values[f"{sides.membrane}.V"]}


def _given(part: Expression | None) -> Expression:
    return number(0.0) if part is None else part


def _curve(expression: Expression, values: Mapping[str, float]) -> NDArray[np.float64] | None:
    """The expression over V, all else as given; None where that says too little."""
    if not symbols([expression]) <= {VOLTAGE, *values}:
        return None
    over: dict[str, float | NDArray[np.float64]] = {**values, VOLTAGE: VOLTAGES}
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(evaluate([expression], over)[0], dtype=np.float64), VOLTAGES.shape)


def _check(where: str, gate: Gate, values: Mapping[str, float]) -> None:
    """Refuse a gate that is none at some V, as far as these values say what it is."""
    for name, expression in {**gate.expressions, "steady state": gate.rest}.items():
        curve = _curve(expression, values)
        if curve is None:
            continue
        if not np.all(np.isfinite(curve)):
            hole = VOLTAGES[~np.isfinite(curve)][0]
            raise ModelError(f"gate '{where}': its {name} '{expression!r}' has no finite value at V = {hole:g} mV; write "
                             "x/(1 - exp(-x)) as 1/exprel(-x)").about(where)
        unit, need, wrong = _NEEDS[name]
        bad = wrong(curve)
        if np.any(bad):
            worst = int(np.argmax(np.where(bad, np.abs(curve - 0.5), -1.0)))
            raise ModelError(f"gate '{where}': its {name} is {curve[worst]:.4g}{unit} at V = {VOLTAGES[worst]:g} mV; "
                             f"{need}").about(where)


def _start(owner: str, gate: Gate, values: Mapping[str, float]) -> float:
    """Its value at the start: as given, or its steady state there."""
    if gate.start is not None:
        return gate.start
    missing = sorted(symbols([gate.rest]) - values.keys())
    if missing:
        raise ModelError(f"gate '{owner}.{gate.name}': its steady state depends on '{missing[0]}', whose start is not known "
                         f"before the cell is built{did_you_mean(missing[0], values)}; else give the gate a 'start'").about(
                             f"{owner}.{gate.name}")
    return float(evaluate([gate.rest], values)[0])


def _guard(gates: list[Gate], values: Mapping[str, float], speed: float) -> float:
    """The longest step that follows gates of V: the slowest that the fastest of them gets, but no less than a spike. [ms]

    A rest that has become unstable is left at about the pace of the fastest gate; an implicit method damps the departure away
    where its steps are much longer than that.
    """
    slowest = [SPIKE if curve is None else float(curve.max()) / speed
               for gate in gates if VOLTAGE in symbols([gate.change])
               for curve in [_curve(gate.time_constant, values)]]
    return max(SPIKE, min(slowest)) if slowest else 0.0
