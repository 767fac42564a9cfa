"""Cells that would run and mean something else than what was written: each is refused with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Bath, Compartment, Impermeant, Metabolism
from pumpleak.cell.membrane import Membrane
from pumpleak.cell.metabolism import Supply
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.gate import Gate, Gating
from pumpleak.cell.transport.leak import Leak
from pumpleak.cell.transport.passage import Contribution, Passage
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.cell.transport.stimulus import Stimulus
from pumpleak.cell.transport.water import Water
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run
from pumpleak.system.expression import number
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter
from pumpleak.system.transform import initial_values

CONTENTS = {"Na": 15.0, "K": 135.0, "Cl": 5.0}
BATH = {"Na": 147.0, "K": 3.0, "Cl": 150.0}
LEAKS = (Leak("leak_Na", "Na", "ohmic", 1e-4), Leak("leak_K", "K", "ohmic", 3e-3), Leak("leak_Cl", "Cl", "ohmic", 2e-3))
X = Impermeant("X", -1.0, 145.0)


def inside(*impermeants: Impermeant, name: str = "inside", held: dict[str, float] | None = None, **more: float) -> Compartment:
    return Compartment(name, 0.5, {**CONTENTS, **more}, impermeants or (X,), held or {})


def outside(*impermeants: Impermeant, name: str = "outside") -> Bath:
    return Bath(name, BATH, impermeants)


def make(*transporters: object, **changed: object) -> Cell:
    parts: dict[str, object] = {"inside": inside(), "outside": outside(),
                                "membrane": Membrane("inside", "outside", 300.0, 0.01), "transporters": (*LEAKS, *transporters)}
    return Cell("toy", **{**parts, **changed})  # type: ignore[arg-type]


def surrounded(*transporters: object) -> Cell:
    return make(*transporters, outside=Compartment("outside", 0.1, BATH), reservoirs=(outside(name="bath"),))


class Past:
    """A path that charges the bath behind a finite outside."""

    name = "past"
    strength = ""

    def contribute(self, sides: object, start: object) -> Contribution:
        return Contribution(passages=(Passage("past", {("inside", "K"): -1.0, ("bath", "K"): 1.0}, number(0.0)),))


def named(place: str) -> Cell:
    return make(inside=inside(name=place), membrane=Membrane(place, "outside", 300.0, 0.01))


def held_and_stated() -> Cell:
    cell = load("generic-cell")
    assert isinstance(cell, Cell)
    assert cell.inside.held["ATP"] == 5.0
    return replace(cell, metabolism=Metabolism(-57_000.0))


BUFFER = Reaction("buffer", "HB <-> H + B", 1e-4, 1e-4)
BUFFERED = (replace(X, concentration=115.0), Impermeant("B", -1.0, 30.0), Impermeant("HB", 0.0, 20.0, {"B": 1, "H": 1}))
KINASE = Reaction("kinase", "ADP + PCr + H <-> ATP + Cr", 1.77e6, 10.0)
NUCLEOTIDES = {"ATP": 3.0, "ADP": 0.05, "Pi": 2.0, "H": 6e-5, "PCr": 6.0, "Cr": 5.0}


@pytest.mark.parametrize(("change", "message"), [
    (lambda: inside(X, Impermeant("Na", 0.0, 12.0)), "inside: its impermeant 'Na' of 12 mM has the name of a species; put Na"),
    (lambda: outside(Impermeant("glucose", 0.0, 5.0)), "outside: its impermeant 'glucose' of 5 mM has the name of a species"),
    (lambda: inside(X, replace(X, concentration=3.0)), "inside: its impermeant 'X' of 145 mM is not the only one of that name"),
    (lambda: inside(held={"K": 3.0}), "inside: K is among the contents (135 mM) and among what is held (3 mM)"),
    (lambda: make(outside=outside(Impermeant("X", -2.0, 1.0))),
     "toy: 'X' is an impermeant of -1 e made of 1 X in 'inside' and an impermeant of -2 e made of 1 X in 'outside'; one name "
     "is one substance: call the other X_outside"),
    (lambda: make(outside=outside(Impermeant("X", -1.0, 1.0, {"Y": 2}))), "made of 1 X in 'inside' and an impermeant of -1 e"),
    (held_and_stated, "generic-cell: pump takes its ATP from what 'inside' holds (5 mM), but metabolism states dG_ATP as"),
    (lambda: make(BUFFER, KINASE, inside=inside(*BUFFERED, **NUCLEOTIDES), potential=-60.0),
     "toy: buffer moves inside.H (6e-05 mM), which is not made by a supply; what reacts belongs to"),
    (lambda: make(KINASE, inside=inside(*BUFFERED, **NUCLEOTIDES), potential=-60.0),
     "toy: kinase moves inside.ADP (0.05 mM), which is not made by a supply"),
    (lambda: make(inside=inside(replace(X, concentration=1.0), Na=250.0), potential=-60.0),
     "toy: inside.K would have to start at -244 mM to close the charge there; change the other contents of 'inside'"),
    (lambda: surrounded(Past()), "toy: one turn of past brings +1 e to 'bath'; what leaves 'inside' charges 'outside'"),
    (lambda: Cotransporter("carrier", {"H2O": 1}, 1.0), "carrier moves 1 H2O; water has a transporter of its own"),
    (lambda: RatePump("pump", {"H2O": 2}, parse("p"), (Parameter("p", "fmol/ms/um2", 1.0),)), "pump moves 2 H2O; water"),
    *((lambda fuel=fuel: RatePump("pump", {"Na": -3, "K": 2}, number(1e-9), atp=fuel),
       f"pump.atp is {fuel:g}; a cycle of a pump uses at least 1 ATP")
      for fuel in (0.0, -1.0, 0.5, float("nan"), float("inf"))),
    (lambda: make(Stimulus(source="inside", returns="K")),
     "stimulus joins 'inside' and 'outside'; this cell has no reservoir behind 'outside'"),
    (lambda: surrounded(Stimulus(source="inside", returns="K")), "stimulus joins 'inside' and 'outside'; it goes between"),
    (lambda: named(""), "toy: a place may not be called ''; a name is made of letters, digits and '_'"),
    (lambda: named("in.side"), "toy: a place may not be called 'in.side'; a name is made"),
    (lambda: named("time"), "toy: a place may not be called 'time', which names another part"),
    (lambda: named("membrane"), "toy: a place may not be called 'membrane', which names another part"),
    (lambda: surrounded(Leak("", "K", "ohmic", 1.0)), "toy: a transporter may not be called ''; a name is made"),
    (lambda: make(Leak("reservoirs", "K", "ohmic", 1.0)), "toy: a transporter may not be called 'reservoirs', which"),
    (lambda: make(membrane=Membrane("inside", "outside", 300.0, 0.01, name="m.n")), "toy: a membrane may not be called 'm.n'")])
def test_what_would_mean_something_else_is_refused(change: Callable[[], object], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        change()
    assert message in str(caught.value)


def test_one_substance_may_be_on_both_sides_and_protons_may_react_where_no_ATP_is_counted() -> None:
    assert initial_values(make(outside=outside(replace(X, concentration=1.0))).system)["outside.X"] == 1.0
    assert make(BUFFER, inside=inside(*BUFFERED, H=6e-5)).system.name == "toy"
    assert surrounded(Stimulus(source="bath", returns="Cl")).system.name == "toy"


def test_a_balance_does_not_change_a_substance_of_another_place() -> None:
    both = make(outside=outside(replace(X, concentration=1.0)), potential=-60.0)
    with pytest.raises(ModelError) as caught:
        balance(both, BalanceGoal(("leak_Na.conductance",), "-60 mV", "X"))
    assert str(caught.value) == ("toy: balance finds a charge for 'X' in 'inside', but 'outside' has a 'X' of -1 e too; name "
                                 "that one otherwise, such as X_outside")


def test_a_half_of_zero_is_refused_for_what_it_is() -> None:
    contents = inside(*BUFFERED, **NUCLEOTIDES)
    cell = make(BUFFER, inside=contents, potential=-60.0, supply=Supply(1e-5, 0.03, 1.0))
    with pytest.raises(ModelError) as caught:
        cell.with_values({"supply.half_Pi": "0 mM"})
    assert str(caught.value) == "toy: supply.half_Pi is 0 mM; it must be positive"


@pytest.mark.parametrize(("gate", "parameter", "value"), [
    (Gate("w", steady=parse("1/(1 + exp(-(V + 20)/5))"), time=parse("p")), Parameter("p", "ms", 5.0), "-5 ms"),
    (Gate("w", steady=parse("p/(1 + exp(-(V + 60)/5))"), time=parse("2")), Parameter("p", "1", 1.0), "3"),
    (Gate("w", opening=parse("p*exp(V/20)"), closing=parse("1")), Parameter("p", "1/ms", 1.0), "-4 1/ms")])
def test_a_gate_that_parameters_drive_out_of_its_range_ends_the_run(gate: Gate, parameter: Parameter, value: str) -> None:
    cell = make(Water(), Channel("channel", {"Na": 1.0}, "ohmic", 0.1, Gating((gate,), (parameter,))), potential=-65.0)
    left = r"gate channel.w has left 0..1: with the parameters as they are, its steady state"
    with pytest.raises(SolveError, match=left) as caught:
        run(Experiment(cell, hold("5 ms") + hold("50 ms", {"channel.p": value})))
    assert "vanishes" not in str(caught.value)  # the hint for an amount that is used up


def test_a_current_without_a_transporter_for_it_says_what_to_add() -> None:
    wanted = r"has no parameter '?stim.injected'?; add a transporter of kind stimulus, called 'stim'"
    with pytest.raises(NameUnknown, match=wanted):
        make().with_values({"stim.injected": "1 pA"})
    with pytest.raises(NameUnknown, match=wanted):
        Experiment(make(), hold("1 s", {"stim.injected": "1 pA"}))


def test_a_gate_that_follows_at_once_is_closed_or_open_beyond_its_range() -> None:
    gate = Gate("w", 3, steady=parse("p/(1 + exp(-(V + 60)/5))"))
    cell = make(Channel("channel", {"Na": 1.0}, "ohmic", 0.1, Gating((gate,), (Parameter("p", "1", 1.0),))), potential=-65.0)
    system = cell.system
    for value, share in ((-3.0, 0.0), (300.0, 1.0)):
        changed = replace(system, parameters=tuple(replace(each, value=value) if each.name == "channel.p" else each
                                                   for each in system.parameters))
        assert initial_values(changed)["channel.open"] == share
