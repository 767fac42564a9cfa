"""The toy cell of `toys` with Hodgkin-Huxley channels for Na and K, in its books: it fires when current is put in."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.unit.lab import toys

from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.books import Entry, Power, Process
from pumpleak.system.expression import Expression, exp, exprel, log, number, symbol
from pumpleak.system.system import Definition, Quadrature, State, System
from pumpleak.system.transform import booked_rate

S, V = symbol, symbol("membrane.V")
CONDUCTANCE = {"Na": 300.0, "K": 250.0}  # nS: 30 and 25 mS/cm2 on 10 pF
GATES = {"m": (1.28 / exprel(-(V + 54.0) / 4.0), 1.4 / exprel((V + 27.0) / 5.0), 0.02),
         "h": (0.128 * exp(-(V + 50.0) / 18.0), 4.0 / (1.0 + exp(-(V + 27.0) / 5.0)), 0.98),
         "n": (0.16 / exprel(-(V + 52.0) / 5.0), 0.5 * exp(-(V + 57.0) / 40.0), 0.03)}
STIMULUS = {"stimulus.injected": "300 pA"}


def firing_cell() -> System:
    """The toy cell with its two channels."""
    given = toys.cell()
    assert given.books is not None
    opened = {"Na": S("m") ** 3 * S("h"), "K": S("n") ** 4}
    fluxes = {ion: CONDUCTANCE[ion] * opened[ion] * (V - _reversal(ion)) / toys.F for ion in opened}
    processes = tuple(Process(_name(ion), _name(ion), (Entry("inside", ion, -1.0), Entry("outside", ion, 1.0)),
                              f"{_name(ion)}.flux", f"{_name(ion)}.extent", f"{_name(ion)}.affinity") for ion in opened)
    books = replace(given.books, processes=(*given.books.processes, *processes),
                    dissipations=(*given.books.dissipations,
                                  *(Power(_name(ion), f"{_name(ion)}.dissipation") for ion in opened)))
    definitions = [each for ion in opened for each in (
        Definition(f"{_name(ion)}.flux", "fmol/ms", fluxes[ion]),
        Definition(f"{_name(ion)}.current", "pA", toys.F * S(f"{_name(ion)}.flux")),
        Definition(f"{_name(ion)}.affinity", "J/mol", toys.F * 1e-3 * (V - _reversal(ion))),
        Definition(f"{_name(ion)}.dissipated_power", "fJ/ms", S(f"{_name(ion)}.flux") * S(f"{_name(ion)}.affinity")))]
    quadratures = [each for ion in opened for each in (
        Quadrature(f"{_name(ion)}.extent", "fmol", S(f"{_name(ion)}.flux")),
        Quadrature(f"{_name(ion)}.dissipation", "fJ", S(f"{_name(ion)}.dissipated_power"), least=True))]
    delivered = sum((toys.RT * S(f"{_name(ion)}.flux") * log(S(f"outside.{ion}")) for ion in opened), number(0.0))
    kept = [replace(each, rate=each.rate + delivered) if each.name == "reservoirs.energy" else each
            for each in given.quadratures]
    rates = {**given.rates, "inside.Na.amount": booked_rate(books, "inside.Na.amount"),
             "membrane.charge": given.rates["membrane.charge"] - S("channel_Na.current") - S("channel_K.current")}
    rates |= {gate: opening * (1.0 - S(gate)) - closing * S(gate) for gate, (opening, closing, _) in GATES.items()}
    return replace(given, name="firing-cell", rates=rates, books=books,
                   definitions=(*given.definitions, *definitions), quadratures=(*kept, *quadratures),
                   states=(*given.states, *(State(gate, "1", start, 1e-2) for gate, (_, _, start) in GATES.items())))


@cache
def fired(every: str = "0.02 ms", stimulus: str = "1 ms", count: int = 1) -> Result:
    """Short pulses of current from rest, 50 ms apart, and 100 ms after."""
    beat = hold("10 ms") + hold(stimulus, STIMULUS) + hold("39 ms")
    return run(Experiment(firing_cell(), count * beat + hold("100 ms"), start="rest", every=every))


def _name(ion: str) -> str:
    return f"channel_{ion}"


def _reversal(ion: str) -> Expression:
    return toys.RT / toys.F * 1000.0 * log(S(f"outside.{ion}") / S(f"inside.{ion}"))
