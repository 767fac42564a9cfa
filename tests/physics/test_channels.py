"""A cell with Hodgkin and Huxley's gates: it fires, its books close, and no spike is lost to long steps."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pumpleak.cell.balance import BalanceGoal, balance
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.channel import Channel
from pumpleak.cell.transport.cotransport import Cotransporter
from pumpleak.cell.transport.gate import Q10, Gate, Gating
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, hold, pulse, ramp
from pumpleak.lab.rest import rest
from pumpleak.lab.result import Result
from pumpleak.lab.run import run
from pumpleak.system.grammar import parse

# Hodgkin and Huxley (1952, J Physiol 117:500): rates at 6.3 degC, three times faster for every 10 K; a third of their density
COLD = Q10(3.0, 279.45)
SODIUM = Gating((Gate("m", 3, parse("1/exprel(-(V + 40)/10)"), parse("4*exp(-(V + 65)/18)")),
                 Gate("h", 1, parse("0.07*exp(-(V + 65)/20)"), parse("1/(1 + exp(-(V + 35)/10))"))), q10=COLD)
POTASSIUM = Gating((Gate("n", 4, parse("0.1/exprel(-(V + 55)/10)"), parse("0.125*exp(-(V + 65)/80)")),), q10=COLD)


@cache
def cell(kelvin: float = 291.65) -> Cell:
    """generic-cell with both channels, at rest at -68 mV by more pumps and another leak."""
    given = load("generic-cell")
    assert isinstance(given, Cell)
    channels = (Channel("channel_Na", {"Na": 1.0}, "ohmic", 0.4, SODIUM),
                Channel("channel_K", {"K": 1.0}, "ohmic", 0.12, POTASSIUM))
    changed = replace(given, transporters=(*given.transporters, *channels), constants=replace(given.constants, T=kelvin))
    return balance(changed, BalanceGoal(("leak_Na.permeability", "pump.density"), "-68 mV", "X", ("Cl",))).cell


def spikes(result: Result) -> int:
    """Upward passages of V through zero."""
    v = result.column("membrane.V")
    return int(np.sum((v[:-1] < 0.0) & (v[1:] >= 0.0)))


def stimulated(model: Cell, protocol: Protocol, rtol: float = 1e-6, rows: int = 4001) -> Result:
    return run(Experiment(model, protocol, samples=rows, rtol=rtol))


def test_it_rests_where_it_was_balanced() -> None:
    found = rest(cell())
    assert (found.kind, found.residual < 1e-10) == ("stable", True)
    assert found.values["membrane.V"] == pytest.approx(-68.0, abs=1e-6)
    still = run(Experiment(cell(), hold("1 min"), samples=7))
    assert np.ptp(still.column("membrane.V")) < 1e-6


def test_a_pulse_makes_a_spike_and_a_tenth_of_it_none() -> None:
    for current, count in (("100 pA", 1), ("10 pA", 0)):
        result = stimulated(cell(), pulse("1 ms", {"stimulus.injected": current}, after="5 ms") + hold("100 ms"))
        assert spikes(result) == count
        assert result.ledger.ok
    v = result.column("membrane.V")
    assert abs(v[-1] - v[0]) < 0.1


@pytest.mark.parametrize("rtol", [1e-5, 1e-6, 1e-8])
def test_a_train_keeps_every_book_and_only_dissipates(rtol: float) -> None:
    pulses = 50 * pulse("1 ms", {"stimulus.injected": "100 pA"}, after="19 ms")
    result = stimulated(cell(), pulses + hold("1 s"), rtol, rows=20001)
    assert spikes(result) == 50
    assert result.ledger.ok
    for name in ("channel_Na", "channel_K"):
        assert result.column(f"{name}.open").min() >= 0.0
        assert result.column(f"{name}.open").max() <= 1.0


def test_warm_spikes_are_short() -> None:
    """Three times faster gates for 10 K: the spike at zero mV is shorter by about that factor."""
    widths = []
    for kelvin in (281.65, 291.65):
        pulsed = pulse("1 ms", {"stimulus.injected": "100 pA"}, after="5 ms") + hold("24 ms")
        result = stimulated(cell(kelvin), pulsed, rows=30001)
        widths.append(float(np.mean(result.column("membrane.V") > -20.0)))
    assert 2.0 < widths[0] / widths[1] < 4.5  # charging the membrane takes its own time


def test_the_default_guard_loses_no_spike() -> None:
    """A drive that rises too slowly to be an edge of the protocol: what the default of 1 ms is for, and what none costs."""
    model, slow = cell(279.45), ramp("20 s", {"stimulus.injected": ("0 pA", "30 pA")})
    truth = spikes(run(Experiment(replace(model, guard=0.2), slow, every="0.25 ms", rtol=1e-8)))
    found = spikes(run(Experiment(model, slow, every="0.25 ms")))
    without = spikes(run(Experiment(replace(model, guard=1e9), slow, every="0.25 ms")))
    assert model.system.guard == 1.0
    assert truth > 200
    assert abs(found - truth) <= 0.02 * truth  # the onset of firing shifts by a few of its periods
    assert without == 0


def test_a_gated_carrier_and_a_goldman_channel_keep_the_books() -> None:
    """Regulation of volume in a small osmotic step, with carriers of both laws and a channel of two ions."""
    given = load("generic-cell")
    assert isinstance(given, Cell)
    swollen = Gating((Gate("swollen", steady=parse("1/(1 + exp((0.54 - inside.volume)/0.005))"), time=parse("10000")),))
    shrunken = Gating((Gate("shrunken", steady=parse("1/(1 + exp((inside.volume - 0.51)/0.005))")),))
    parts = (Channel("anions", {"Cl": 1.0}, "constant-field", 1e-5, swollen),
             Channel("cation", {"Na": 1.0, "K": 1.3}, "constant-field", 1e-8, swollen),
             Cotransporter("kcc", {"K": 1, "Cl": 1}, 1e-10, "mass-action", swollen),
             Cotransporter("nhe_with_ae", {"Na": 1, "Cl": 1}, 1e-12, "mass-action", shrunken),
             Cotransporter("nkcc1", {"Na": 1, "K": 1, "Cl": 2}, 1e-6, gating=shrunken))
    model = replace(given, transporters=(*given.transporters, *parts))
    result = run(Experiment(model, hold("10 min", {"outside.S": "0 mM"}) + hold("10 min", {"outside.S": "10 mM"}), samples=101))
    assert result.ledger.ok
    for part in parts:
        assert np.ptp(result.column(f"{part.name}.open")) > 1e-3
