"""Charge against voltage: all voltages at once give what each gives alone."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.enzyme import charge
from pumpleak.enzyme.charge import charge_voltage
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

SODIUM = {"inside.K": 1e-9, "outside.K": 1e-9}


@pytest.mark.parametrize("between", [None, (10.0, 1e4)])
def test_voltages_are_asked_for_at_once(monkeypatch: pytest.MonkeyPatch, between: tuple[float, float] | None) -> None:
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    voltages = np.array([[-150.0, -50.0], [0.0, 80.0]])
    alone = [float(charge_voltage(scheme, voltage, 0.0, SODIUM, "physiological", between)) for voltage in voltages.flat]
    asked = 0

    def counted(*given: object) -> Response:
        nonlocal asked
        asked += 1
        return respond(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(charge, "respond", counted)
    found = charge_voltage(scheme, voltages, 0.0, SODIUM, "physiological", between)
    np.testing.assert_allclose(found, np.reshape(alone, (2, 2)), rtol=1e-12, atol=1e-12)
    assert asked == 2  # before the jumps and after all of them
    assert charge_voltage(scheme, [], 0.0, SODIUM, "physiological", between).shape == (0,)


def test_one_of_several_steady_states() -> None:
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    voltages = np.linspace(-100.0, 50.0, 6).reshape(2, 3)
    found = respond(scheme, {"membrane.V": voltages, "outside.K": [2.0, 5.0, 9.0]}, "physiological").at(4)
    alone = respond(scheme, {"membrane.V": voltages[1, 1], "outside.K": 5.0}, "physiological")
    assert found.turnover.shape == ()
    assert float(found.conditions["outside.K"]) == 5.0
    assert float(found.turnover) == pytest.approx(float(alone.turnover), rel=1e-13)
    assert float(found.current) == pytest.approx(float(alone.current), rel=1e-13)
    assert set(found.rates) == set(alone.rates)
