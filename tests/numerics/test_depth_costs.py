"""What the depths of a pump cost in a cell, by counts: generated instructions a step, times steps.

Two cells, both generic-cell with the 23-state pump. One fires: Hodgkin-Huxley sodium and potassium channels (the rates of
`problems.spiking_cell`) are put into it, with ions, charge and energy in its books, and a constant current makes it spike.
The other has no channels and is moved by 120 mV and back within 2 ms, 20 times a second, by injected current.

Instructions are those of the straight-line code that a step runs, before LLVM simplifies it: of Tsit5 the rates six times;
of Rodas5P slopes and factors once, rates seven times, the solution eight times and again for every refinement that its
stiffness asks for. The weighted sums of stages are left out; they grow with the number of states as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import pytest

from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.compile.compiler import compile_system, emit_text
from pumpleak.compile.equations import equations
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, hold, pulse
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.solve import controller
from pumpleak.solve.rodas5p import RODAS5P
from pumpleak.solve.status import Status
from pumpleak.solve.tsit5 import TSIT5
from pumpleak.system.expression import Expression, exp, exprel, symbol
from pumpleak.system.system import Parameter, State, System
from pumpleak.system.transform import flatten

Depth = Literal["reduced", "full"]
V = symbol("membrane.V")
# opening and closing rate [1/ms] and start of each gate
GATES = {"m": (1.28 / exprel(-(V + 54.0) / 4.0), 1.4 / exprel((V + 27.0) / 5.0), 0.02),
         "h": (0.128 * exp(-(V + 50.0) / 18.0), 4.0 / (1.0 + exp(-(V + 27.0) / 5.0)), 0.98),
         "n": (0.16 / exprel(-(V + 52.0) / 5.0), 0.5 * exp(-(V + 57.0) / 40.0), 0.03)}


@dataclass(frozen=True)
class Gated:
    """An ohmic path whose open share is made of gates; they enter the cell as parameters and become states after."""

    name: str
    ion: str
    conductance: float  # nS/um2
    opened: Expression
    gates: tuple[str, ...]
    strength: str = ""

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        drive = sides.potential - sides.nernst(self.ion, 1.0)
        flux = self.conductance * self.opened * sides.area * drive / sides.constants.F
        moved = {(sides.inside, self.ion): -1.0, (sides.outside, self.ion): 1.0}
        return Contribution((Passage(self.name, moved, flux),),
                            parameters=tuple(Parameter(gate, "1", GATES[gate][2]) for gate in self.gates))


@dataclass(frozen=True)
class Model:
    """A system as something to run."""

    system: System


@cache
def cell(depth: Depth) -> Cell:
    """generic-cell with the 23-state pump, balanced to rest at -70 mV."""
    given, scheme = load("generic-cell"), load("post-albers-23")
    assert isinstance(given, Cell)
    assert isinstance(scheme, Scheme)
    if depth == "full":
        reduced = cell("reduced")
        return replace(reduced, transporters=tuple(
            replace(each, depth="full") if isinstance(each, SchemePump) else each for each in reduced.transporters))
    pumped = replace(given, transporters=tuple(
        replace(each, scheme=scheme) if isinstance(each, SchemePump) else each for each in given.transporters))
    goal = BalanceGoal(("leak_Na.permeability", "leak_K.permeability"), "-70 mV", "X", ("Cl",))
    return balance(pumped, goal).cell


@cache
def spiking(depth: Depth) -> System:
    """That cell with two channels, their gates as states."""
    m, h, n = (symbol(gate) for gate in GATES)
    channels = Gated("channel_Na", "Na", 0.3, m**3 * h, ("m", "h")), Gated("channel_K", "K", 0.25, n**4, ("n",))
    system = replace(cell(depth), transporters=(*cell(depth).transporters, *channels)).system
    rates = {gate: opening * (1.0 - symbol(gate)) - closing * symbol(gate) for gate, (opening, closing, _) in GATES.items()}
    return replace(system, rates={**system.rates, **rates},
                   parameters=tuple(each for each in system.parameters if each.name not in GATES),
                   states=(*system.states, *(State(gate, "1", start, 1e-2) for gate, (_, _, start) in GATES.items())))


def instructions(system: System) -> dict[str, int]:
    """Instructions of each generated function, those it calls included; a loop counts once."""
    own: dict[str, int] = {}
    calls: dict[str, list[str]] = {}
    name = ""
    for line in emit_text(equations(flatten(system))).splitlines():
        if found := re.match(r'define .*@"?([\w.]+)"?\(', line):
            name = found.group(1)
            own[name], calls[name] = 0, []
        elif line.startswith("  ") and name:
            own[name] += 1
            calls[name] += re.findall(r'call .*@"?([\w.]+)"?\(', line)

    @cache
    def whole(function: str) -> int:
        return own[function] + sum(whole(called) for called in calls[function] if called in own)

    return {function: whole(function) for function in own}


def explicit_cost(system: System) -> int:
    """Instructions of a step of Tsit5."""
    return (TSIT5.stages - 1) * instructions(system)["rates"]


def step_cost(system: System) -> tuple[int, int]:
    """Instructions of a step of Rodas5P, and of each refinement of its solutions."""
    count = instructions(system)
    solution = count["substitute"] + count["respond"]
    step = count["slopes"] + count["factor"] + (RODAS5P.stages - 1) * count["rates"]
    return (step + RODAS5P.stages * (solution + count["follow"]), RODAS5P.stages * (solution + count["defect"]))


def refinements(system: System, current: float, duration: float) -> float:
    """Refinements in a step, on average over a run under a constant current [pA]; as `stages` decides on them."""
    program = compile_system(system)
    values = program.labels.values()
    values[[each.name for each in program.labels.parameters].index("stimulus.injected")] = current
    memory = program.start(0.0, program.labels.initial(), np.zeros(len(program.labels.quadratures)), values, rtol=1e-8,
                           capacity=1_000_000, method="stiff")
    turns = []
    status = Status.BUDGET
    while status is not Status.END:
        fastest = np.max(np.abs(np.diag(program.jacobian(memory.t, memory.y, values))))
        status = program.advance(memory, values, 1, duration)
        turns.append(sum(fastest * memory.real("h_taken") * RODAS5P.gamma > bound for bound in controller.REFINE_ABOVE))
    return float(np.mean(turns))


def went(system: System, protocol: Protocol) -> Result:
    result = run(Experiment(Model(system), protocol, samples=4001))
    assert result.ledger.ok, str(result.ledger)
    return result


@cache
def fired(depth: Depth) -> Result:
    """Half a second under 20 pA."""
    return went(spiking(depth), hold("500 ms", {"stimulus.injected": "20 pA"}))


def spikes(result: Result) -> int:
    voltage = result.column("membrane.V")
    return int(np.sum((voltage[1:] > 0.0) & (voltage[:-1] <= 0.0)))


def test_both_depths_fire_alike() -> None:
    assert spikes(fired("reduced")) == spikes(fired("full")) > 50


def test_a_step_of_the_reduced_pump_is_cheaper() -> None:
    """Asked: 1.5 times. Measured: 3.4 times (97 500 against 28 600 instructions), before refinements."""
    (reduced, _), (full, _) = (step_cost(spiking(depth)) for depth in ("reduced", "full"))
    assert full / reduced > 3.0


def work(result: Result, system: System, refined: float) -> float:
    """Instructions of a whole run; refused steps are shared out between the methods as the accepted ones are."""
    statistics = result.statistics
    share = statistics.explicit / (statistics.steps - statistics.rejected)
    step, refinement = step_cost(system)
    return statistics.steps * (share * explicit_cost(system) + (1.0 - share) * (step + refined * refinement))


def test_a_second_of_spiking_is_ten_times_cheaper() -> None:
    """Measured: 13.3 times. Channels and gates decide the steps at both depths (38 500 of `full`, 25 000 of `reduced`), but
    the reduced cell, with no binding to follow, is not stiff: the explicit method takes it, in steps of a seventh.
    """
    costs = {}
    for depth in ("reduced", "full"):
        refined = refinements(spiking(depth), 20.0, 50.0)
        costs[depth] = work(fired(depth), spiking(depth), refined)
    statistics = fired("reduced").statistics
    assert statistics.explicit > 0.99 * (statistics.steps - statistics.rejected)
    assert costs["full"] / costs["reduced"] > 10.0, costs


def test_a_second_of_jumps_is_ten_times_cheaper() -> None:
    """Measured: 111 times, 7.9 a step (before refinements) and 14 in steps.

    Without channels nothing else is fast: each jump of the current sets the binding steps of `full` going anew, and their
    relaxations are followed where `reduced` has none.
    """
    train = 20 * (pulse("1 ms", {"stimulus.injected": "400 pA"}) + pulse("1 ms", {"stimulus.injected": "-380 pA"})
                  + hold("48 ms"))
    reduced, full = (went(cell(depth).system, train) for depth in ("reduced", "full"))
    assert np.ptp(reduced.column("membrane.V")) == pytest.approx(123.0, abs=3.0)
    costs = [work(result, cell(depth).system, 0.0) for depth, result in (("reduced", reduced), ("full", full))]
    assert costs[1] / costs[0] > 10.0
