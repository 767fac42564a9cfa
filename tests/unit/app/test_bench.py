"""Curves fitted as experimenters fit them."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.app.bench import Bench, Hill, answer, crossing, half_activation, hill, scheme, shown
from pumpleak.app.targets import Target, Targets
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.formats.measured import rms


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


def row(**given: object) -> Target:
    return Target("M9.9.r", "M9.9", "q", "1/s", "model", (), low=0.0, **given)  # type: ignore[arg-type]


def test_another_scheme_is_asked_at_the_same_concentrations() -> None:
    asked = row(scheme="chapman-1983", base="published", conditions={"outside.K": 4.0})
    own, other = answer(asked), answer(asked, pump="pan-2018-15")
    assert other.scheme.name == "pan-2018-15"
    for name in other.scheme.ligands:
        assert float(other.conditions[name]) == float(own.conditions[name])
    assert float(other.conditions["inside.Na"]) == 9.6
    assert float(other.conditions["outside.K"]) == 4.0


def test_a_condition_that_the_own_scheme_does_not_know_is_refused() -> None:
    with pytest.raises(NameUnknown, match=r"outside\.Kk"):
        answer(row(scheme="pan-2018-15", base="physiological", conditions={"outside.Kk": 4.0}))


def test_a_half_far_from_all_points_is_not_determined() -> None:
    near = row(scheme="chapman-1983", base="nakao-gadsby-1989", vary="inside.Na", points=(0.5, 1.0, 2.0, 4.0, 8.0))
    far = row(scheme="post-albers-23", base="nakao-gadsby-1989", vary="outside.K", points=(0.01, 0.015, 0.02, 0.03))
    half = half_activation(near)
    assert half is not None
    assert 1.0 < half < 3.0
    assert half_activation(far) is None


@pytest.mark.parametrize("points", [(40.0, 60.0, 80.0, 100.0, 150.0), (80.0, 100.0, 120.0, 150.0, 200.0)])
def test_points_that_are_all_saturated_have_no_half(points: tuple[float, ...]) -> None:
    """A Hill curve through them, of a steepness near zero, has its half at 5.4 or at 83 mM."""
    assert half_activation(row(scheme="chapman-1983", base="nakao-gadsby-1989", vary="inside.Na", points=points)) is None


def test_a_quantity_is_asked_of_the_scheme_and_of_those_beside_it() -> None:
    words = Targets("M9.9", {"r": row(scheme="a", beside=("b", "c")), "alone": row(scheme="a")}, {}, "", "", (), {}, ())
    found = shown(words, dict.fromkeys(("r", "alone"), lambda target, pump: float(ord(pump))), {})
    assert found.values == {"r": 97.0, "alone": 97.0}
    assert found.beside == {"r": {"b": 98.0, "c": 99.0}}
