"""The neuron that makes its own ATP: that it rests as the one that is given it, and what happens when it no longer can."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.app.bench import Bench
from pumpleak.app.claims.supply import Lack, show
from pumpleak.app.targets import targets
from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import light, load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run

FAILED = {"supply.activity": "0", "exchange.clearance": "1 um3/s"}


def test_it_is_neuron_but_for_its_ATP() -> None:
    """Every transporter, place and strength of neuron is there unchanged: one is not edited without the other."""
    given, made = load("neuron"), load("neuron-supplied")
    assert isinstance(given, Cell)
    assert isinstance(made, Cell)
    assert {each.name: each for each in given.transporters}.items() <= {each.name: each for each in made.transporters}.items()
    assert (made.membrane, made.outside, made.reservoirs) == (given.membrane, given.outside, given.reservoirs)
    assert made.inside.volume == given.inside.volume
    assert {**given.inside.contents, **given.inside.held}.items() <= made.inside.contents.items()


def test_it_rests_as_neuron_does_and_uses_half_of_its_ATP_for_the_pump() -> None:
    given, made = rest(light("neuron")), rest(light("neuron-supplied"))
    assert made.kind == "stable"
    assert made.residual <= 1e-10
    for name in ("membrane.V", "inside.Na", "inside.K", "inside.Cl", "outside.K", "pump.turnover", "leak_Na.permeability",
                 "leak_K.permeability", "kcc2.conductance"):
        assert made.values[name] == pytest.approx(given.values[name], rel=1e-9), name
    assert made.values["demand.flux"] / made.values["supply.flux"] == pytest.approx(0.474, abs=0.005)


def test_without_supply_it_depolarises_after_potassium_has_gathered() -> None:
    """ATP halves in 50 to 80 s (rats under nitrogen); potassium rises fastest at 8 to 14 mM (Nedergaard & Hansen 1993)."""
    result = run(Experiment(light("neuron-supplied"), hold("1 s") + hold("120 s", FAILED), start="rest", every="10 ms"))
    lack = Lack(result)
    assert result.ledger.ok
    assert lack.half_of_ATP == pytest.approx(62.7, abs=0.5)
    assert lack.abrupt is not None
    assert 8.0 < lack.abrupt[1] < 14.0
    # the rise is abrupt as in brains, but V stops where potassium is at equilibrium, short of -30 mV
    assert lack.onset is None
    assert float(lack.time[np.flatnonzero(result.column("membrane.V") <= -40.0)[-1]]) == pytest.approx(85.9e3, abs=500.0)
    # adenine, and creatine with its phosphate, are neither made nor lost
    water = result.column("inside.volume")
    for pair in (("ATP", "ADP"), ("PCr", "Cr")):
        total = sum(result.column(f"inside.{name}") for name in pair) * water
        assert np.ptp(total) <= 1e-9 * total[0]


@pytest.mark.slow
def test_the_rows_of_the_claim() -> None:
    """What holds and what misses, and that both are known."""
    wanted = targets("M5.3")
    found = show(Bench(), wanted)
    missing = {name for name, row in wanted.rows.items() if not row.holds(found.values[name])}
    assert missing == {"latency", "potassium-peak", "sodium-outside", "plateau"}
    assert all(wanted[name].miss for name in missing)
