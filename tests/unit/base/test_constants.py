"""Constants of nature and the three that models carry."""

import pytest

from pumpleak.base.constants import ELEMENTARY, N_A, Constants, F, R
from pumpleak.base.errors import ModelError

BOLTZMANN = 1.380649e-23  # exact since 2019 [J/K]


def test_the_exact_constants_fit_together() -> None:
    # Each is written to 15 digits or exactly: two roundings of 1.1e-16.
    assert pytest.approx(N_A * BOLTZMANN, rel=4e-16) == R
    assert pytest.approx(N_A * ELEMENTARY * 1e-15, rel=4e-16) == F


def test_thermal_voltage_at_body_temperature() -> None:
    # 26.7 mV at 37 degC is in every textbook; the digits are R T / F by hand.
    assert Constants().thermal_voltage == pytest.approx(26.7267, abs=1e-4)
    published = Constants(R=8.314, F=96485, T=310)
    assert abs(published.RT - 2577.34) < 1e-11


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"T": -1.0}, "constants.T: given -1.0; it must be positive and finite, such as 310.15 K"),
        ({"T": float("nan")}, "constants.T: given nan; it must be positive and finite, such as 310.15 K"),
        ({"F": 0.0}, "constants.F: given 0.0; it must be positive and finite, such as 96485 C/mol"),
        ({"R": float("inf")}, "constants.R: given inf; it must be positive and finite, such as 8.314 J/mol/K"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, float], said: str) -> None:
    with pytest.raises(ModelError) as caught:
        Constants(**given)
    assert str(caught.value) == said
