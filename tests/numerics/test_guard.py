"""The guard of an excitable system: without it an implicit method walks along the unstable rest and sees no spike."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.compile import native
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.compiler import compile_system
from pumpleak.compile.equations import equations
from pumpleak.compile.kernel import emit_kernel
from pumpleak.compile.values import Array, Int, select
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run
from pumpleak.solve.controller import LONG_MOVE
from pumpleak.system.expression import exp, symbol, total
from pumpleak.system.system import TIME, Parameter, State, System

DURATION = 2e5  # ms: the drive creeps through the onset of firing near a third of the way


def drifting_nerve() -> System:
    """FitzHugh's model (1961, Biophys J 1:445) in units of ms, its drive rising slowly from silence into firing."""
    v, w = symbol("v"), symbol("w")
    drive = symbol("rise") * symbol(TIME)
    return System(
        "nerve", states=(State("v", "1", -1.1994, 1.0), State("w", "1", -0.6243, 1.0)),
        rates={"v": v - v ** 3 / 3.0 - w + drive, "w": 0.08 * (v + 0.7 - 0.8 * w)},
        parameters=(Parameter("rise", "1/ms", 1.0 / DURATION),))


def spikes(system: System, rtol: float) -> int:
    """Upward passages of v through 1, counted over every accepted step."""
    program = compile_system(system)
    labels = program.labels
    memory = program.start(0.0, labels.initial(), np.zeros(0), labels.values(), rtol=rtol, h_max=labels.guard,
                           capacity=3_000_000, every_step=True)
    program.advance(memory, labels.values(), 2**62, DURATION)
    v = memory.take()[:, 1]
    return int(np.sum((v[:-1] < 1.0) & (v[1:] >= 1.0)))


def test_no_tolerance_takes_the_place_of_a_guard() -> None:
    """Why it exists: long steps damp the growth of a small departure away, so firing starts late or never."""
    truth = spikes(replace(drifting_nerve(), guard=0.2), 1e-10)
    assert spikes(drifting_nerve(), 1e-3) == 0
    assert spikes(drifting_nerve(), 1e-8) < 0.9 * truth


def test_with_a_guard_no_spike_is_missed() -> None:
    truth = spikes(replace(drifting_nerve(), guard=0.2), 1e-10)
    for rtol in (1e-3, 1e-6):
        # the phase of some 3400 periods may shift the last of them, at a tolerance of 1e-3 by some 0.15 %
        assert abs(spikes(replace(drifting_nerve(), guard=1.0), rtol) - truth) <= 7


def watched(guard: float) -> System:
    return replace(drifting_nerve(), guard=guard, excitable=(("v", "w"),))


def test_where_nothing_can_fire_steps_are_long_and_no_spike_is_missed() -> None:
    truth = spikes(replace(drifting_nerve(), guard=0.2), 1e-10)
    for rtol in (1e-3, 1e-6):
        assert abs(spikes(watched(1.0), rtol) - truth) <= 7  # as above
    program = compile_system(watched(1.0))
    labels = program.labels
    memory = program.start(0.0, labels.initial(), np.zeros(0), labels.values(), rtol=1e-6, h_max=labels.guard,
                           capacity=100_000, every_step=True)
    program.advance(memory, labels.values(), 2**62, DURATION / 4)  # before the onset
    rows = memory.take()
    assert len(rows) < 100
    assert rows[-1, 1] < -1.0 < rows[-1, 1] + 0.1  # close to where v^2 = 1, beyond which it could fire
    moved = np.abs(np.diff(rows[:, 2]))[np.diff(rows[:, 0]) > labels.guard]
    assert moved.max() <= LONG_MOVE


def test_a_window_of_firing_between_two_silences_is_not_stepped_over() -> None:
    """The drive rises into firing and falls back within 0.1 % of the time: a hundred ms in two minutes."""
    v, w, t = symbol("v"), symbol("w"), symbol(TIME)
    drive = 0.6 * exp(-((t - 7e4) / 100.0) ** 2)
    nerve = replace(watched(1.0), rates={"v": v - v ** 3 / 3.0 - w + drive, "w": 0.08 * (v + 0.7 - 0.8 * w)}, parameters=())
    always = replace(nerve, excitable=(), guard=0.2)
    assert spikes(nerve, 1e-6) == spikes(always, 1e-9) > 1


@given(st.lists(st.tuples(st.floats(-30.0, -1e-3), st.floats(-50.0, 50.0), st.floats(-1.0, 1.0)), min_size=1, max_size=5),
       st.floats(-20.0, 20.0))
def test_calm_means_that_nothing_grows(gates: list[tuple[float, float, float]], own: float) -> None:
    """Of any membrane with up to five gates, linear about where it is: calm only where no eigenvalue lies to the right."""
    matrix = np.diag([own, *(gate[0] for gate in gates)])
    for place, (_, onto, back) in enumerate(gates, start=1):
        matrix[0, place], matrix[place, 0] = onto, back
    largest = np.linalg.eigvals(matrix).real.max()
    if is_calm(matrix):
        assert largest < 1e-9 * np.abs(matrix).max()
    driving = sum(max(onto * back, 0.0) / -pace for pace, onto, back in gates)
    assert is_calm(matrix) == (-own - driving > 0.0)


@cache
def calm_of(size: int) -> tuple[native.Loaded, Callable[..., int]]:
    """The generated `calm` of a membrane with size - 1 gates, made callable."""
    names = ["v", *(f"g{i}" for i in range(1, size))]
    slopes = {(i, j): f"s{i}{j}" for i in range(size) for j in range(size) if i == j or not i or not j}
    rates = {name: total(symbol(slopes[i, j]) * symbol(names[j]) for j in range(size) if (i, j) in slopes)
             for i, name in enumerate(names)}
    parts = equations(System("linear", tuple(State(name, "1", 0.0, 1.0) for name in names), rates,
                             tuple(Parameter(name, "1/ms", 0.0) for name in slopes.values()), excitable=(tuple(names),)))
    module = Module("calm")
    kernel = emit_kernel(module, parts)
    code = Code(module, "asked", [Array, Array], Int)
    y, p = code.arguments
    f, drift, jac = code.array(kernel.both), code.array(kernel.both), code.array(kernel.entries)
    kernel.slopes(code.real(0.0), y, kernel.prepared(code, p), f, drift, jac)
    assert kernel.calm is not None
    code.return_(select(kernel.calm(jac), code.integer(1), code.integer(0)))
    loaded = native.Loaded(native.compile_ir(str(module), native.local_target()), ["asked"])
    return loaded, loaded.function("asked", ctypes.c_int64, [ctypes.c_void_p] * 2)


def is_calm(matrix: NDArray[np.float64]) -> bool:
    size = len(matrix)
    values = np.array([matrix[i, j] for i in range(size) for j in range(size) if i == j or not i or not j])
    return bool(calm_of(size)[1](np.zeros(size).ctypes.data, values.ctypes.data))


def test_what_is_called_excitable_must_be_a_state_that_moves() -> None:
    with pytest.raises(NameUnknown, match="nerve: 'u' is called excitable and is no state"):
        replace(drifting_nerve(), excitable=(("u",),))
    still = replace(drifting_nerve(), states=(State("v", "1", -1.2, 1.0, mass=0.0), State("w", "1", -0.6, 1.0)),
                    excitable=(("v", "w"),))
    with pytest.raises(ModelError, match="v: mass 0, but it is called excitable"):
        compile_system(still)


def test_a_run_takes_the_guard_of_its_model() -> None:
    free = run(Experiment(drifting_nerve(), hold("2 s"), rtol=1e-5))
    guarded = run(Experiment(replace(drifting_nerve(), guard=0.5), hold("2 s"), rtol=1e-5))
    assert guarded.statistics.steps >= 4000 > free.statistics.steps
