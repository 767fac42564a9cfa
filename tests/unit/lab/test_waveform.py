"""Curves with known answers: crossings far below the spacing of rows, peaks, edges, exponentials."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.lab.waveform import Curve, exponential


def test_a_sine_is_crossed_where_it_is() -> None:
    times = np.linspace(0.0, 20.0, 201)  # 63 rows a period
    curve = Curve(times, np.sin(times))
    # the cubic is off by h^4 f''''/384 and by what its slopes err, h^3/40: 2.5e-5 of a slope of about 1
    assert curve.crossings(0.5, True) == pytest.approx(np.pi / 6 + 2 * np.pi * np.arange(4), abs=1e-4)
    assert curve.crossings(0.5, False) == pytest.approx(5 * np.pi / 6 + 2 * np.pi * np.arange(3), abs=1e-4)


def test_a_crossing_is_better_by_eight_at_half_the_spacing() -> None:
    levels, errors = np.linspace(5.0, 100.0, 37), []
    for rows in (51, 101, 201, 401):
        curve = Curve(np.linspace(0.0, 5.0, rows), np.exp(np.linspace(0.0, 5.0, rows)))
        errors.append(max(abs(curve.crossings(level, True)[0] - np.log(level)) for level in levels))
    assert np.array(errors[:-1]) / np.array(errors[1:]) == pytest.approx([8.0] * 3, rel=0.15)  # third order, as stated
    assert errors[0] < 2e-4 * 0.1  # of the spacing


def test_uneven_rows_of_a_parabola_are_met_exactly() -> None:
    times = np.cumsum(np.random.default_rng(1).uniform(0.05, 0.4, 40))
    curve = Curve(times, (times - 3.0) ** 2)
    assert curve.slopes == pytest.approx(2.0 * (times - 3.0), abs=1e-12)
    assert curve.crossings(1.0, False) == pytest.approx([2.0], abs=1e-12)
    assert curve.crossings(1.0, True) == pytest.approx([4.0], abs=1e-12)
    peak = Curve(times, -((times - 3.0) ** 2))
    assert peak.top(int(np.argmax(peak.values))) == pytest.approx((3.0, 0.0), abs=1e-12)


def test_an_edge_is_not_smoothed() -> None:
    """A ramp up and at once a ramp down: the slope jumps where the time stands twice."""
    times = np.array([0.0, 1.0, 2.0, 2.0, 3.0, 4.0])
    curve = Curve(times, np.array([0.0, 1.0, 2.0, 2.0, 1.0, 0.0]))
    assert curve.slopes == pytest.approx([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    assert curve.crossings(1.5, True) == pytest.approx([1.5])
    assert curve.crossings(1.5, False) == pytest.approx([2.5])
    assert curve.time_above(1.5) == pytest.approx(1.0)


def test_a_jump_crosses_at_its_time() -> None:
    curve = Curve(np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 0.0, 5.0, 5.0]))
    assert curve.crossings(3.0, True) == pytest.approx([1.0])
    assert curve.time_above(3.0) == pytest.approx(1.0)
    assert curve.time_above(-1.0) == pytest.approx(2.0)


@pytest.mark.parametrize("constant", [3.0, 20.0, 90.0])
def test_an_exponential_is_found_among_uneven_rows(constant: float) -> None:
    times = np.concatenate([np.linspace(0.0, 5.0, 50), np.linspace(5.0, 100.0, 60)]) + 1000.0
    fit = exponential(times, 12.0 + 3.0 * np.exp(-(times - 1000.0) / constant))
    assert fit is not None
    assert (fit.constant, fit.amplitude, fit.end) == pytest.approx((constant, 3.0, 12.0), rel=1e-6)
    assert (fit.left, fit.explained) == pytest.approx((0.0, 1.0), abs=1e-6)


def test_noise_is_told_by_the_fit() -> None:
    times = np.linspace(0.0, 100.0, 2001)
    noise = 0.1 * np.random.default_rng(2).standard_normal(len(times))
    fit = exponential(times, np.exp(-times / 20.0) + noise)
    assert fit is not None
    # the spread of such a fit is about noise/amplitude x sqrt(2 spacing/constant) = 0.7 %; four of it
    assert fit.constant == pytest.approx(20.0, rel=0.03)
    assert fit.left == pytest.approx(0.1, rel=0.1)
    assert fit.explained < 0.9


@pytest.mark.parametrize("values", [np.full(50, 4.0), np.linspace(0.0, 1.0, 50), np.where(np.arange(50) < 25, 0.0, 1.0)])
def test_what_does_not_bend_tells_no_time_constant(values: np.ndarray) -> None:
    fit = exponential(np.linspace(0.0, 10.0, 50), values)
    assert fit is None or fit.explained < 0.9
