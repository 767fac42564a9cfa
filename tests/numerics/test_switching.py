"""The explicit and the stiff method, each alone and switched by stiffness: the same solutions, for fewer instructions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.numerics.problems import program

from pumpleak.base.errors import ModelError
from pumpleak.solve import controller
from pumpleak.solve.layout import Memory
from pumpleak.solve.program import Method

END = {"spiking_cell": 100.0, "relaxation": 200.0, "hires": 321.8122, "robertson": 1e4}


def ran(name: str, method: Method, rtol: float = 1e-7, parameters: dict[str, float] | None = None,
        t_end: float | None = None) -> Memory:
    solver = program(name)
    p = solver.labels.values()
    for place, label in enumerate(solver.labels.parameters):
        p[place] = (parameters or {}).get(label.name, label.value)
    memory = solver.start(0.0, solver.labels.initial(), np.zeros(len(solver.labels.quadratures)), p, rtol=rtol, method=method)
    assert solver.advance(memory, p, 1_000_000, END[name] if t_end is None else t_end).name == "END"
    return memory


def cost(memory: Memory) -> float:
    """Steps tried, a stiff one counted as the explicit ones it takes the time of; refused ones as the accepted ones are."""
    stiff = 1.0 - memory.count("explicit_steps") / memory.count("accepts")
    return memory.steps * (1.0 + stiff * (controller.DEARER - 1.0))


@pytest.mark.parametrize("name", END)
def test_all_ways_lead_to_the_same_end(name: str) -> None:
    solver = program(name)
    reference = ran(name, "stiff", rtol=1e-11).y
    size = np.abs(reference) + [state.scale for state in solver.labels.states]
    for method in ("automatic", "stiff", *(["explicit"] if name != "robertson" else [])):
        # a tolerance of 1e-7 a step, some thousand steps, and the phase of spikes: a hundredfold to a thousandfold
        assert np.max(np.abs(ran(name, method).y - reference) / size) < 1e-4, method  # type: ignore[arg-type]


def test_a_method_asked_for_alone_stays_alone() -> None:
    for name in END:
        assert ran(name, "stiff", t_end=20.0).count("explicit_steps") == 0
        alone = ran(name, "explicit", t_end=1.0)
        assert alone.count("explicit_steps") == alone.count("accepts")


def test_what_is_not_stiff_is_taken_explicitly() -> None:
    spiking = ran("spiking_cell", "automatic", parameters={"Iinj": 2.0})
    assert spiking.count("explicit_steps") == spiking.count("accepts")


def test_what_is_stiff_leaves_the_explicit_method_early() -> None:
    """A decay of 2e3 per ms over 10 s takes the explicit method millions of steps."""
    memory = ran("robertson", "automatic")
    assert memory.count("explicit") == 0
    assert memory.steps < 1.5 * ran("robertson", "stiff").steps + 100


@pytest.mark.parametrize(("rtol", "more"), [(1e-8, 1.05), (1e-10, 1.1)])
def test_what_has_died_away_holds_no_exact_run_to_the_explicit_method(rtol: float, more: float) -> None:
    """The error of fast modes holds explicit steps below what stability allows: Robertson's reaction at fine tolerances."""
    assert cost(ran("robertson", "automatic", rtol)) < more * cost(ran("robertson", "stiff", rtol))


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("mu", [5.0, 20.0, 100.0])
def test_what_is_stiff_by_turns_costs_no_more_than_the_better_method(mu: float, rtol: float) -> None:
    """Van der Pol's oscillator creeps (stiff) and leaps (not stiff) in turn, 1500 ms long."""
    costs = {method: cost(ran("relaxation", method, rtol, {"mu": mu}, 1500.0)) for method in ("automatic", "stiff")}
    if mu < 100.0:  # the explicit method alone takes it, too
        costs["explicit"] = cost(ran("relaxation", "explicit", rtol, {"mu": mu}, 1500.0))
    best = min(value for method, value in costs.items() if method != "automatic")
    assert costs["automatic"] < 1.15 * best, costs


def test_spiking_and_long_silence_by_turns_beat_either_method() -> None:
    """Some fifty spikes, then 100 s without drive, twice: neither method is good at both."""
    solver = program("spiking_cell")
    costs = {}
    for method in ("automatic", "stiff", "explicit"):
        p = solver.labels.values()
        drive = [label.name for label in solver.labels.parameters].index("Iinj")
        memory = solver.start(0.0, solver.labels.initial(), [], p, rtol=1e-6, method=method)  # type: ignore[arg-type]
        for cycle in range(2):
            for current, length in ((2.0, 1000.0), (0.0, 1e5)):
                p[drive] = current
                memory.restart()
                begin = memory.t
                assert solver.advance(memory, p, 10_000_000, begin + length).name == "END", cycle
        costs[method] = cost(memory)
    assert costs["automatic"] < 0.8 * min(costs["stiff"], costs["explicit"]), costs


def test_algebraic_equations_have_no_explicit_method() -> None:
    memory = ran("constrained", "automatic", t_end=5.0)
    assert memory.count("explicit_steps") == 0
    with pytest.raises(ModelError, match="constrained: c follow from algebraic equations, for which there is no explicit"):
        ran("constrained", "explicit", t_end=5.0)
