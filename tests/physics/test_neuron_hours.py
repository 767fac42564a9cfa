"""The neuron for an hour: at rest, firing 10 800 spikes, and answering a short pulse wherever it falls.

The long forms are marked slow; the short forms hold the same bounds over minutes.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.formats.catalog import light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, hold, pulse
from pumpleak.lab.result import Result
from pumpleak.lab.run import run

Array = NDArray[np.float64]
SHORT, HOUR = 2.0, 60.0  # min
# Channels let in some 1.5 times what the membrane needs for 100 mV, 9 pF x 100 mV / F = 9.3e-3 fmol; without a spike a tenth.
SPIKE = 5e-3  # fmol
DWELL = 20.0  # ms after a pulse: the spike is over
GAP = 30_000.0  # ms from one pulse to the next: the neuron is at rest again but for some uM of Na+
FORMS = [SHORT, pytest.param(HOUR, marks=pytest.mark.slow)]


def sodium_in(result: Result) -> Array:
    """Na+ that the fast channels let in during each segment, less what they let in at rest. [fmol]"""
    time, extent = np.asarray(result.time.to("ms")), result.column("channel_Na.extent")
    edges = np.array([0.0, *(span.end for span in result.segments)])
    return result.column("channel_Na.flux")[0] * np.diff(edges) - np.diff(extent[np.searchsorted(time, edges)])


@pytest.mark.parametrize("minutes", FORMS)
def test_an_hour_of_rest_moves_nothing(minutes: float) -> None:
    """No state by more than 1e-6 of itself; shares of pumps that hold a drug, of which there is none, of all pumps."""
    result = run(Experiment(light("neuron"), hold(f"{minutes} min"), samples=61, start="rest"))
    labels = light("neuron").system.states
    for state in (each.name for each in labels):
        values = result.column(state)
        whole = 1.0 if state.startswith("pump.") else np.max(np.abs(values))
        assert np.ptp(values) <= 1e-6 * whole, state
    assert result.complete
    assert result.ledger.ok


@pytest.mark.parametrize("minutes", [1.0, pytest.param(HOUR, marks=pytest.mark.slow)])
def test_the_ledger_of_an_hour_of_firing(minutes: float) -> None:
    """3 spikes a second, 10 800 in an hour, each pulse answered: charge and elements, free energy, least dissipation."""
    count = round(180 * minutes)
    given = {"stimulus.injected": "350 pA"}
    protocol = count * (pulse("1 ms", given) + hold(f"{DWELL} ms") + hold(f"{1000 / 3 - 1 - DWELL} ms"))
    result = run(Experiment(light("neuron"), protocol, samples=61, start="rest"))
    entered = sodium_in(result).reshape(count, 3)
    assert result.complete
    assert np.min(entered[:, 0] + entered[:, 1]) > SPIKE
    assert np.max(entered[:, 2]) < 0.2 * SPIKE
    assert result.ledger.ok
    rows = result.ledger.rows
    assert max(row.residual for row in rows if row.law in ("charge", "element")) <= 1e-10
    assert max(row.residual for row in rows if row.law == "free energy") <= 1e-6
    assert all(row.absolute == 0.0 for row in rows if row.law == "least dissipation")


def placed(times: list[float], duration: float) -> Protocol:
    """Pulses of 0.1 ms at these times of a rest. [ms]"""
    given = {"stimulus.injected": "3.5 nA"}
    protocol = hold(f"{times[0]!r} ms")
    for begin, following in zip(times, [*times[1:], duration], strict=True):
        protocol = protocol + pulse("0.1 ms", given) + hold(f"{DWELL} ms") + hold(f"{following - begin - DWELL - 0.1!r} ms")
    return protocol


def random_times(generator: np.random.Generator, count: int, duration: float, gap: float) -> list[float]:
    """Times at random, at least a gap from each other and from both ends. [ms]"""
    slack = duration - (count + 1) * gap
    times: Array = np.sort(generator.uniform(0.0, slack, count)) + gap * np.arange(1, count + 1)
    found: list[float] = times.tolist()
    return found


@pytest.mark.parametrize(("runs", "count", "minutes", "gap"), [
    (1, 20, 10.0, 20_000.0), pytest.param(20, 50, HOUR, GAP, marks=pytest.mark.slow)])
def test_a_pulse_anywhere_in_a_rest_is_answered(runs: int, count: int, minutes: float, gap: float) -> None:
    """By one spike each, and none comes without a pulse."""
    generator = np.random.default_rng(20260411)
    answered = 0
    for _ in range(runs):
        protocol = placed(random_times(generator, count, 6e4 * minutes, gap), 6e4 * minutes)
        result = run(Experiment(light("neuron"), protocol, samples=2, start="rest"))
        first, entered = np.split(sodium_in(result), [1])
        by_pulse = entered.reshape(count, 3)
        answered += int(np.sum(by_pulse[:, 0] + by_pulse[:, 1] > SPIKE))
        assert max(first[0], np.max(by_pulse[:, 2])) < 0.2 * SPIKE
    assert answered == runs * count
