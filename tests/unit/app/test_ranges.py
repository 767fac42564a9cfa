"""start:stop:count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.app.ranges import Range, read_range
from pumpleak.base.errors import FormatError


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


@pytest.mark.parametrize("text", ["", "1", "1:2", "1:2:3:4", "a:2:3", "1:2:2.5", "nan:1:3", "0:inf:3", "0:1:0", "0:1:-4",
                                  "0:1:1", "0:1:1000000"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="--V"):
        read_range(text, "--V")
