"""The cell that regulates its volume: its rest, and volume against the pump rate."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.formats.catalog import light
from pumpleak.lab.branch import branch
from pumpleak.lab.rest import rest


def test_it_rests_as_its_file_says() -> None:
    found = rest(light("regulating-cell"))
    assert found.kind == "stable"
    assert found.residual <= 1e-10
    # rounding of its leaks, 1e-16 of them, over what they leave as a net conductance
    assert found["membrane.V"].to("mV") == pytest.approx(-50.0, abs=1e-8)
    assert [found.values[f"inside.{ion}"] for ion in ("Na", "K", "Cl")] == pytest.approx([15.0, 140.0, 40.0])
    # chloride well above its equilibrium, which NKCC1 holds: 130 exp(V F/RT) = 20 mM
    assert found.values["nkcc1.flux"] > 0.0
    assert 130.0 * np.exp(-50.0 / found.values["thermal.voltage"]) == pytest.approx(20.0, rel=0.01)


def test_paths_that_follow_the_volume_hold_it_down_to_three_tenths_of_the_pumps() -> None:
    along = branch(light("regulating-cell"), "pump.activity", to=0.03, scale="log")
    share, volume = along.column("pump.activity"), along.column("inside.volume")
    assert all(point.kind == "stable" for point in along.points)
    assert np.all(np.abs(volume[share > 0.3] - 1.0) < 0.05)
    assert volume[-1] > 2.0
