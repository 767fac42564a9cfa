"""Gates: their steady states and speeds, their start, what is refused, and the longest step that they allow."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.gate import Q10, Gate, Gating
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.water import Water
from pumpleak.system.expression import evaluate
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter, System
from pumpleak.system.transform import initial_values

# Hodgkin and Huxley (1952, J Physiol 117:500) at 6.3 degC, rest at -65 mV
M = Gate("m", 3, parse("1/exprel(-(V + 40)/10)"), parse("4*exp(-(V + 65)/18)"))
H = Gate("h", 1, parse("0.07*exp(-(V + 65)/20)"), parse("1/(1 + exp(-(V + 35)/10))"))
N = Gate("n", 4, parse("0.1/exprel(-(V + 55)/10)"), parse("0.125*exp(-(V + 65)/80)"))
COLD = Q10(3.0, 279.45)


def make(*gatings: Gating, potential: float = -65.0) -> Cell:
    """A cell with a sodium channel for each gating."""
    channels = tuple(Channel(f"channel{i}", {"Na": 1.0}, "ohmic", 0.1, each) for i, each in enumerate(gatings))
    return Cell(
        "toy", inside=Compartment("inside", 0.5, {"Na": 15.0, "K": 135.0, "Cl": 5.0}, (Impermeant("X", -1.0, 145.0),)),
        outside=Bath("outside", {"Na": 147.0, "K": 3.0, "Cl": 150.0}), membrane=Membrane("inside", "outside", 300.0, 0.01),
        transporters=(Leak("leak_K", "K", "ohmic", 3e-3), Leak("leak_Cl", "Cl", "ohmic", 2e-3), Water(), *channels),
        potential=potential)


def rate(system: System, state: str, values: dict[str, float]) -> float:
    return float(evaluate(system.resolve([system.rates[state]]), values)[0])


def test_hodgkin_and_huxleys_gates_start_at_their_rest() -> None:
    """m = 0.0529, h = 0.5961, n = 0.3177 at their rest: the numbers of every textbook."""
    values = initial_values(make(Gating((M, H)), Gating((N,))).system)
    assert values["channel0.m"] == pytest.approx(0.0529, abs=5e-5)
    assert values["channel0.h"] == pytest.approx(0.5961, abs=5e-5)
    assert values["channel1.n"] == pytest.approx(0.3177, abs=5e-5)
    assert values["channel0.open"] == pytest.approx(values["channel0.m"] ** 3 * values["channel0.h"], rel=1e-14)
    system = make(Gating((M, H)), Gating((N,))).system
    for state in ("channel0.m", "channel0.h", "channel1.n"):
        assert abs(rate(system, state, values)) < 1e-15


def test_both_ways_of_giving_a_gate_are_the_same_gate() -> None:
    by_rates = Gate("w", 1, parse("0.3*exp(V/20)"), parse("0.1"))
    by_time = Gate("w", 1, steady=parse("0.3*exp(V/20)/(0.3*exp(V/20) + 0.1)"), time=parse("1/(0.3*exp(V/20) + 0.1)"))
    start = replace(by_rates, start=0.9), replace(by_time, start=0.9)
    rates = []
    for gate in start:
        system = make(Gating((gate,))).system
        rates.append(rate(system, "channel0.w", initial_values(system)))
    opening = 0.3 * math.exp(-65 / 20)
    assert rates == [pytest.approx(opening * 0.1 - 0.1 * 0.9, rel=1e-12)] * 2


def test_a_temperature_factor_speeds_every_gate_up_and_leaves_the_steady_state() -> None:
    cold = make(Gating((replace(M, start=0.5), replace(H, start=0.5)), q10=COLD))
    for kelvin, factor in ((279.45, 1.0), (289.45, 3.0), (299.45, 9.0)):
        system = cold.with_values({"temperature": f"{kelvin} K"}).system
        values = initial_values(system)
        x = (-65 + 40) / 10
        opening, closing = x / (1 - math.exp(-x)), 4.0
        assert rate(system, "channel0.m", values) == pytest.approx(factor * 0.5 * (opening - closing), rel=1e-12)
        other = make(Gating((M,), q10=COLD)).with_values({"temperature": f"{kelvin} K"}).system
        assert initial_values(other)["channel0.m"] == pytest.approx(0.0529, abs=5e-5)
    warm = cold.with_values({"temperature": "289.45 K", "channel0.q10": 2.0}).system
    assert rate(warm, "channel0.m", initial_values(warm)) == pytest.approx(2.0 * 0.5 * (opening - closing), rel=1e-12)
    assert "the speed of gates that have a q10" in warm.remarks[-1]


def test_a_gate_may_follow_at_once_whatever_the_cell_knows() -> None:
    gates = (Gate("low", steady=parse("1/(1 + exp((V - half)/5))")), Gate("k", steady=parse("outside.K/(outside.K + 5)")),
             Gate("full", steady=parse("1/(1 + exp((limit - inside.volume)/0.01))")),
             Gate("again", steady=parse("1 - low")))
    gating = Gating(gates, (Parameter("half", "mV", -80.0), Parameter("limit", "pL", 0.5)))
    system = make(gating).system
    values = initial_values(system)
    low = 1 / (1 + math.exp(15 / 5))
    assert [values[f"channel0.{name}"] for name in ("low", "k", "full", "again")] == pytest.approx([low, 3 / 8, 0.5, 1 - low])
    assert values["channel0.open"] == pytest.approx(low * 3 / 8 * 0.5 * (1 - low), rel=1e-14)
    assert system.guard == 0.0
    assert "channel0.low" not in system.state_names
    other = make(gating).with_values({"channel0.half": "-65 mV", "outside.K": "5 mM"}).system
    assert initial_values(other)["channel0.open"] == pytest.approx(0.5 * 0.5 * 0.5 * 0.5)


def test_states_start_at_what_a_cell_says_otherwise() -> None:
    gating = Gating((Gate("w", steady=parse("half*outside.K/(outside.K + 5)"), time=parse("5")),),
                    (Parameter("half", "1", 1.0),))
    cell = make(gating).with_values({"outside.K": "5 mM", "channel0.half": 0.5})
    assert initial_values(cell.system)["channel0.w"] == pytest.approx(0.25)


def test_a_share_is_never_negative() -> None:
    system = make(Gating((replace(H, start=0.0), Gate("all", steady=parse("1"))))).system
    values = initial_values(system)
    opened = next(each.expression for each in system.definitions if each.name == "channel0.open")
    assert float(evaluate(system.resolve([opened]), {**values, "channel0.h": -1e-9})[0]) == 0.0


def test_the_longest_step_is_that_of_the_fastest_gate_of_voltage() -> None:
    assert make(Gating((M, H)), Gating((N,))).system.guard == 1.0, "m is faster than any spike"
    v = np.linspace(-150.0, 100.0, 1000)  # beside the whole and half mV at which the gate is looked at, and beside its hole
    x = -(v + 55) / 10
    slowest = (1.0 / (0.1 * x / np.expm1(x) + 0.125 * np.exp(-(v + 65) / 80))).max()
    assert make(Gating((N,))).system.guard == pytest.approx(slowest, rel=1e-4)  # flat at its maximum
    slow = Gate("w", steady=parse("1/(1 + exp(-V))"), time=parse("20 + 0*V"))
    assert make(Gating((slow,))).system.guard == 20.0
    assert make(Gating((slow,), q10=Q10(2.0, 300.15))).system.guard == 10.0
    assert replace(make(Gating((M,))), guard=0.1).system.guard == 0.1, "what a cell says goes first"
    swelling = Gate("w", steady=parse("1/(1 + exp(50 - inside.volume/0.01))"), time=parse("60000"))
    assert make(Gating((swelling,))).system.guard == 0.0, "what no voltage opens makes no spike"


@pytest.mark.parametrize(("change", "message"), [
    (lambda: replace(M, power=0), "the power of gate 'm' is 0; it must be 1, 2, 3, ..."),
    (lambda: replace(M, power=1.5),  # type: ignore[arg-type]
     "the power of gate 'm' is 1.5; it must be 1, 2, 3, ..."),
    (lambda: replace(M, steady=parse("1")), "gate 'm' has opening and closing and steady; give 'opening' and 'closing' [1/ms], "
     "or 'steady' and 'time' [ms], or 'steady' alone if it follows at once"),
    (lambda: Gate("m"), "gate 'm' has nothing; give 'opening' and 'closing'"),
    (lambda: Gate("m", time=parse("1")), "gate 'm' has time; give"),
    (lambda: replace(M, start=1.5), "gate 'm' starts at 1.5; it lies between 0 and 1"),
    (lambda: Gate("m", steady=parse("1"), start=0.5), "gate 'm' starts at 0.5; it follows at once and has no start"),
    (lambda: Q10(0.0, 300.0), "q10.factor is 0; it must be positive and finite"),
    (lambda: Q10(3.0, -6.3), "q10.at is -6.3 K; it must be positive and finite"),
    (lambda: Gating((M, M)), "'m' names two quantities in the gates' expressions; each gate and parameter needs its own name, "
     "and none is called V or temperature"),
    (lambda: Gating((replace(M, name="V"),)), "'V' names two quantities"),
    (lambda: Gating((Gate("m", steady=parse("hlaf")),), (Parameter("half", "1", 1.0),)), "gate 'm' uses 'hlaf', which is "
     "neither a gate or parameter beside it nor a dotted name such as inside.Na; did you mean 'half'?"),
    (lambda: Gating((Gate("m", steady=parse("V/100")),)),
     "gate 'm': its steady is -1.5 at V = -150 mV; a factor of an open share lies between 0 and 1"),
    (lambda: Gating((replace(M, closing=parse("0.1 - 0.01*V")),)), "gate 'm': its closing is -0.9 1/ms at V = 100 mV; a rate "
     "is zero or positive"),
    (lambda: Gating((Gate("m", steady=parse("1"), time=parse("V")),)), "gate 'm': its time is -150 ms at V = -150 mV; a time "
     "constant is positive"),
    (lambda: Gating((replace(M, opening=parse("0.1*(V + 40)/(1 - exp(-(V + 40)/10))")),)),
     "has no finite value at V = -40 mV; write x/(1 - exp(-x)) as 1/exprel(-x)"),
    (lambda: make(Gating((Gate("k", steady=parse("outside.K/2")),))),
     "gate 'channel0.k': its steady is 1.5 at V = -150 mV; a factor of an open share lies between 0 and 1"),
    (lambda: make(Gating((Gate("k", steady=parse("inside.Kk/200"), time=parse("1")),))), "gate 'channel0.k': its steady state "
     "depends on 'inside.Kk', whose start is not known before the cell is built; did you mean 'inside.K'"),
    (lambda: make(Gating((Gate("k", steady=parse("inside.Kk/200")),))),
     "toy: channel0.k uses 'inside.Kk', which nothing defines")])
def test_what_is_no_gate_is_refused(change: object, message: str) -> None:
    with pytest.raises((ModelError, NameUnknown)) as caught:
        change()  # type: ignore[operator]
    assert message in str(caught.value)
