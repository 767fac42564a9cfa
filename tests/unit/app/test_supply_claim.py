"""What the claim about the failing supply computes of a course, on courses that are known."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from pumpleak.app.claims.supply import PROBE, SUPPLY, Lack, depolarised
from pumpleak.base.units import Quantity, unit
from pumpleak.lab.experiment import Span
from pumpleak.lab.result import Result

Array = NDArray[np.float64]
NONE = {SUPPLY: 0.0}


class Course:
    """A run made of given columns: 10 s fed, 90 s without supply, 100 s fed; rows 0.1 s apart."""

    def __init__(self, **columns: Array) -> None:
        self.columns = {name.replace("_", "."): values for name, values in columns.items()}
        self.segments = (Span(0.0, 2e3), Span(2e3, 3e3, {PROBE: -5.0}), Span(3e3, 1e4), Span(1e4, 6e4, NONE),
                         Span(6e4, 6.1e4, {**NONE, PROBE: -5.0}), Span(6.1e4, 1e5, NONE), Span(1e5, 2e5))

    @property
    def time(self) -> Quantity:
        return Quantity(1e3 * SECONDS, unit("ms"))

    def column(self, name: str) -> Array:
        return self.columns[name]


SECONDS = np.linspace(0.0, 200.0, 2001)
LACKING = (SECONDS >= 10.0) & (SECONDS <= 100.0)


def lack(**columns: Array) -> Lack:
    return Lack(cast(Result, Course(**columns)))


def test_the_half_of_ATP_counts_from_where_supply_stops() -> None:
    course = lack(inside_ATP=np.where(SECONDS < 10.0, 3.0, 3.0 * np.exp(-(SECONDS - 10.0) / 50.0)))
    assert course.half_of_ATP == pytest.approx(50.0 * np.log(2.0), abs=0.1)
    assert course.lasts == 9e4
    assert lack(inside_ATP=np.full(2001, 3.0)).half_of_ATP is None


def test_spikes_before_the_depolarisation_are_not_its_onset() -> None:
    voltage = np.where(SECONDS < 50.0, -60.0, -20.0)
    voltage[400] = 30.0
    assert lack(membrane_V=voltage).onset == pytest.approx(4e4, abs=100.0)
    assert lack(membrane_V=np.where(SECONDS < 100.5, -60.0, -20.0)).onset is None


def test_the_rise_of_potassium_is_abrupt_where_a_second_brings_more_than_a_millimole() -> None:
    slow = 3.0 + 0.1 * np.clip(SECONDS - 10.0, 0.0, None)
    steep = slow + 5.0 * np.clip(SECONDS - 60.0, 0.0, 10.0)
    time, potassium = lack(outside_K=steep).abrupt or (0.0, 0.0)
    assert time == pytest.approx(4.92e4, abs=100.0)  # 0.1 mM + 5 mM/s x 0.18 s = 1 mM
    assert potassium == pytest.approx(3.0 + 0.1 * 49.2, abs=0.02)
    assert lack(outside_K=slow).abrupt is None
    assert 4.9e4 <= lack(outside_K=steep).steepest <= 6.0e4


def test_recovery_is_for_good() -> None:
    potassium = np.where(LACKING, 40.0, 3.3)
    potassium[(SECONDS > 120.0) & (SECONDS <= 150.0)] = 2.5  # an undershoot after a first passage through rest
    assert lack(outside_K=potassium).recovery == pytest.approx(5e4, abs=200.0)
    assert lack(outside_K=np.where(SECONDS < 10.0, 3.3, 40.0)).recovery is None


def test_a_slow_drift_of_the_potential_is_no_resistance() -> None:
    """Pulses of -5 pA that bring -10 mV at rest and -2 mV later, on a potential that drifts."""
    voltage = -70.0 + 0.05 * SECONDS
    voltage[(SECONDS > 2.0) & (SECONDS < 3.05)] -= 10.0
    voltage[(SECONDS > 60.0) & (SECONDS < 61.05)] -= 2.0
    assert lack(membrane_V=voltage).resistance == pytest.approx(0.2, abs=2e-3)


def test_when_a_cell_is_first_and_last_depolarised() -> None:
    voltage = np.full(2001, -70.0)
    voltage[300:1501] = -10.0
    voltage[700] = -70.0
    first, last = depolarised(cast(Result, Course(membrane_V=voltage)))
    assert first == pytest.approx(30.0)
    assert last == pytest.approx(150.0)
    assert depolarised(cast(Result, Course(membrane_V=np.full(2001, -70.0)))) == (None, None)
