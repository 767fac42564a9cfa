"""Noise of the 4-state pump against an independent table: exact to its digits, trajectories within three standard errors."""

from __future__ import annotations

import numpy as np
import pytest
from tests.literature.grids import numbers, scheme_named, table

from pumpleak.app.molecule import molecule
from pumpleak.enzyme.counting import Counting
from pumpleak.enzyme.molecule import molecule_at

CONDITIONS = {"NG89": "nakao-gadsby-1989", "phys": "physiological"}
ROWS = [(CONDITIONS[name], float(volts)) for name, volts in zip(*(table("ref_stochastic_randomness_pan4.csv")[column]
                                                                   for column in ("set", "V_mV")), strict=True)]
# it is written with 8 digits
DIGITS = 5e-8
# windows of so long a time have the noise of long times to a tenth of the standard error of 4000 of them
PUMPS, TIME, WINDOWS = 100, "200 s", 40


def expected(column: str) -> dict[tuple[str, float], float]:
    return dict(zip(ROWS, numbers(table("ref_stochastic_randomness_pan4.csv")[column]).tolist(), strict=True))


@pytest.mark.parametrize(("base", "volts"), ROWS)
def test_mean_and_noise_are_exactly_those_of_the_table(base: str, volts: float) -> None:
    found = Counting(molecule_at(scheme_named("pan-2018-4"), {"membrane.V": volts}, base), "ATP")
    row = (base, volts)
    assert found.mean == pytest.approx(expected("v_mean")[row], rel=DIGITS)
    assert found.variance == pytest.approx(expected("var_rate")[row], rel=DIGITS)
    assert found.fano == pytest.approx(expected("randomness")[row], rel=DIGITS)


@pytest.mark.parametrize(("base", "volts"), ROWS)
def test_mean_and_noise_of_trajectories_are_those_of_the_table(base: str, volts: float) -> None:
    found = molecule(scheme_named("pan-2018-4"), {"membrane.V": volts}, base, time=TIME, pumps=PUMPS, windows=WINDOWS, rows=0,
                     seed=2)
    assert abs(found.mean().off(expected("v_mean")[base, volts])) < 3.0
    assert abs(found.fano().off(expected("randomness")[base, volts])) < 3.0
    # so many turns that a mistake of two percent would be seen
    assert found.mean().error < 0.01 * found.mean().value
    assert found.fano().error < 0.03 * found.fano().value


def test_the_numbers_of_the_acceptance() -> None:
    found = molecule(scheme_named("pan-2018-4"), base="nakao-gadsby-1989", time=TIME, pumps=PUMPS, windows=WINDOWS, rows=0)
    assert found.exact().mean == pytest.approx(51.23, abs=0.005)
    assert found.exact().fano == pytest.approx(0.481, abs=0.0005)
    assert abs(found.mean().off(51.23)) < 3.0
    assert abs(found.fano().off(0.481)) < 3.0
    assert np.isclose(found.window, 5.0)
