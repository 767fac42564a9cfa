"""The guard of an excitable system: without it an implicit method walks along the unstable rest and sees no spike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pumpleak.compile.compiler import compile_system
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.run import run
from pumpleak.system.expression import symbol
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


def test_a_run_takes_the_guard_of_its_model() -> None:
    free = run(Experiment(drifting_nerve(), hold("2 s"), rtol=1e-5))
    guarded = run(Experiment(replace(drifting_nerve(), guard=0.5), hold("2 s"), rtol=1e-5))
    assert guarded.statistics.steps >= 4000 > free.statistics.steps
