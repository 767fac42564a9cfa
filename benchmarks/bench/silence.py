"""The case that a long step can walk past: a cell that swells with its pump off and fires for some minutes on the way."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.models import model
from bench.report import Report
from pumpleak.compile.compiler import compile_system
from pumpleak.lab.experiment import RTOL
from pumpleak.solve.status import Status

PART = "spike skipping"
OFF, END = 6e5, 3.6e6  # ms
CROSSING = 0.0  # mV, upward
ROWS = 200_000  # of the output buffer
REFERENCE = 1e-11


@dataclass(frozen=True)
class Hour:
    """What one run of the hour gave."""

    spikes: int
    volume: float
    steps: int
    seconds: float


def hour(gNa: float, rtol: float, h_max: float) -> Hour:
    """Model A for an hour, the pump off at 600 s; spikes counted over every accepted step."""
    program = compile_system(model("A"))
    labels = program.labels
    place = {parameter.name: index for index, parameter in enumerate(labels.parameters)}
    p = labels.values()
    p[place["gNa"]] = gNa
    memory = program.start(0.0, labels.initial(), np.zeros(0), p, rtol=rtol, h_max=h_max, capacity=ROWS, every_step=True)
    begun, spikes, last = time.process_time(), 0, labels.initial()[0]
    for end in (OFF, END):
        status = Status.FULL
        while status is Status.FULL:
            status = program.advance(memory, p, 2**62, end)
            rows = memory.take()
            if len(rows):
                spikes += crossings(np.append(last, rows[:, 1]))
                last = rows[-1, 1]
        p[place["pump"]] = 0.0
        memory.restart()
    return Hour(spikes, float(memory.y[labels.layout.states - 2]), memory.steps, time.process_time() - begun)


def crossings(V: NDArray[np.float64]) -> int:
    """Upward passages through CROSSING."""
    return int(np.sum((V[:-1] < CROSSING) & (V[1:] >= CROSSING)))


def skipping(report: Report, quick: bool) -> None:
    """Spikes and final volume at several tolerances, with the guard and without, against a tight run with the guard."""
    report.section("Spike skipping: model A, 1 h, pump off at 600 s")
    for gNa in (30.0,) if quick else (3.0, 30.0):
        guard = model("A").guard
        truth = hour(gNa, REFERENCE, guard)
        what = f"gNa = {gNa:g}"
        report.add(PART, what, f"rtol {REFERENCE:g}, guard", float(truth.spikes), "spikes", "the reference")
        for rtol in (RTOL,) if quick else (1e-4, 1e-6, RTOL):
            for h_max, word in ((guard, "guard"), (0.0, "no guard")):
                found = hour(gNa, rtol, h_max)
                default = ", the default" if rtol == RTOL and h_max else ""
                off = 100.0 * (found.volume / truth.volume - 1.0)
                report.add(PART, what, f"rtol {rtol:g}, {word}", float(found.spikes), "spikes",
                           f"volume off by {off:.1e} %, {found.steps} steps, {found.seconds:.3g} s{default}")
