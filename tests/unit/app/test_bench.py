"""Curves fitted as experimenters fit them."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.app.bench import Bench, Hill, crossing, hill, rms, scheme
from pumpleak.base.errors import ModelError


@pytest.mark.parametrize(("half", "n"), [(1.4, 1.2), (14.0, 1.3), (40.0, 1.9), (0.2, 1.0)])
def test_a_hill_curve_is_found_again(half: float, n: float) -> None:
    points = half * np.array([0.1, 0.3, 1.0, 2.0, 4.0, 10.0])
    found = hill(points, Hill(55.0, half, n)(points))
    assert (found.top, found.half, found.n) == pytest.approx((55.0, half, n), rel=1e-6)


def test_a_hill_curve_of_given_steepness() -> None:
    points = np.array([7.0, 20.0, 50.0, 125.0, 200.0, 500.0])
    assert hill(points, Hill(1.3, 203.0, 1.0)(points), n=1.0).half == pytest.approx(203.0, rel=1e-6)


def test_a_crossing_is_found_between_points_or_not_at_all() -> None:
    assert crossing(lambda x: x - 0.3, -1.0, 1.0) == pytest.approx(0.3, abs=1e-12)
    assert crossing(lambda x: x * x + 1.0, -1.0, 1.0) is None


def test_root_mean_square_leaves_out_what_was_not_measured() -> None:
    assert rms(np.array([3.0, np.nan, -3.0])) == 3.0


def test_a_cell_is_not_a_pump() -> None:
    with pytest.raises(ModelError, match="'kay-2017' is not a pump"):
        scheme("kay-2017")


def test_runs_and_rests_are_made_once() -> None:
    bench = Bench()
    assert bench.run("sudden-block") is bench.run("sudden-block")
    assert bench.rest("kay-2017") is bench.rest("kay-2017", {})
