"""start:stop:count, by logarithm too, lists, and single values with a unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.app.ranges import Listed, Range, read_range, read_values
from pumpleak.base.errors import FormatError, UnitError


def test_a_range_has_its_ends_and_says_its_step() -> None:
    found = read_range("-120:60:19", "--V")
    assert found.values[0] == -120.0
    assert found.values[-1] == 60.0
    assert len(found.values) == 19
    assert str(found) == "-120 to 60 mV in 19 points, step 10 mV"
    assert found.text == "-120:60:19"


def test_one_point_is_a_range() -> None:
    assert read_range("5:5:1", "--V").values == [5.0]


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(2, 500))
def test_ends_are_exact_for_any_range(start: float, stop: float, count: int) -> None:
    values = Range(start, stop, count).values
    assert (values[0], values[-1], len(values)) == (start, stop, count)


@given(st.floats(1e-6, 1e3), st.floats(1e-6, 1e3), st.integers(2, 200))
def test_ends_are_exact_for_any_range_by_logarithm(start: float, stop: float, count: int) -> None:
    found = Range(start, stop, count, "mM", logarithmic=True)
    assert (found.values[0], found.values[-1], len(found.values)) == (start, stop, count)
    # neighbours keep their ratio: a few roundings of a power
    assert found.values[1] / found.values[0] == pytest.approx(found.step, rel=1e-9)


def test_a_range_by_logarithm_says_its_ratio() -> None:
    found = read_values("0.1:10:5:log", "--set", "mM", "outside.K")
    assert isinstance(found, Range)
    assert found.values == pytest.approx([0.1, 0.31622776601683794, 1.0, 3.1622776601683795, 10.0], rel=1e-12)
    assert str(found) == "0.1 to 10 mM in 5 points, each 3.16228 times the last"
    assert found.text == "0.1:10:5:log"


@pytest.mark.parametrize(("text", "values"), [
    ("2:60:3", [2.0, 31.0, 60.0]), ("2:60:3 mM", [2.0, 31.0, 60.0]), ("2000:60000:3 uM", [2.0, 31.0, 60.0]),
    ("1.5,50", [1.5, 50.0]), ("1500,50000 uM", [1.5, 50.0]),
])
def test_a_unit_behind_belongs_to_every_value(text: str, values: list[float]) -> None:
    found = read_values(text, "--set", "mM", "inside.Na")
    assert isinstance(found, Range | Listed)
    assert found.values == pytest.approx(values, rel=1e-12)


def test_a_single_value_keeps_its_unit() -> None:
    assert read_values("10 uM", "--set", "mM", "inside.Na") == pytest.approx(0.01, rel=1e-12)
    with pytest.raises(UnitError, match="has no unit"):
        read_values("10", "--set", "mM", "inside.Na")


@pytest.mark.parametrize("text", ["", "1", "1:2", "1:2:3:4", "a:2:3", "1:2:2.5", "nan:1:3", "0:inf:3", "0:1:0", "0:1:-4",
                                  "0:1:1", "0:1:1000000", "0:1:3:log", "-1:1:3:log"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="--V"):
        read_range(text, "--V")


@pytest.mark.parametrize("text", ["1,,2", "1,x", "1,nan", "1,1", "1,2,1"])
def test_a_list_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"--set inside\.Na"):
        read_values(text, "--set", "mM", "inside.Na")


def test_a_wrong_unit_behind_a_range_is_refused() -> None:
    with pytest.raises(UnitError, match="a voltage"):
        read_values("2:60:30 mV", "--set", "mM", "inside.Na")
