"""Surroundings of an enzyme: complete, known, finite, and of shapes that fit."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.enzyme.conditions import surroundings
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import number

ONE = number(1.0)
CARRIER = Scheme(
    "carrier",
    (Step("bind", "A", "B", ONE, ONE, {"outside.glucose": 1}), Step("free", "B", "A", ONE, ONE, {}, {"inside.glucose": 1})),
    conditions={"rest": {"inside.glucose": 1.0, "outside.glucose": 5.0, "membrane.V": -70.0}})


def test_given_values_stand_over_a_named_condition() -> None:
    found = surroundings(CARRIER, {"membrane.V": np.array([0.0, 1.0])}, "rest")
    assert found["outside.glucose"] == 5.0
    np.testing.assert_array_equal(found["membrane.V"], [0.0, 1.0])


def test_arrays_keep_their_shapes() -> None:
    found = surroundings(CARRIER, {"membrane.V": np.zeros(3), "inside.glucose": np.ones((2, 1))}, "rest")
    assert (found["membrane.V"].shape, found["inside.glucose"].shape) == ((3,), (2, 1))


@pytest.mark.parametrize(("given", "base", "error", "message"), [
    ({"inside.glucos": 1.0}, "rest", NameUnknown,
     "carrier: it knows no 'inside.glucos'; did you mean 'inside.glucose' or 'outside.glucose'?"),
    ({}, "rset", NameUnknown, "unknown condition 'rset'; did you mean 'rest'?"),
    ({"membrane.V": 0.0}, "", ModelError,
     "carrier: inside.glucose is not given, only membrane.V is; give it or start from a named condition: rest"),
    ({"inside.glucose": -1.0}, "rest", ModelError,
     "carrier: inside.glucose is -1; a concentration must be finite and not negative"),
    ({"membrane.V": [0.0, np.inf]}, "rest", ModelError, "carrier: membrane.V is inf; a voltage must be finite"),
    ({"membrane.V": np.zeros(3), "inside.glucose": np.ones(2)}, "rest", ModelError,
     "carrier: these shapes do not fit together: inside.glucose (2,), membrane.V (3,)"),
])
def test_conditions_that_do_not_fit_are_refused(given: dict[str, float], base: str, error: type[Exception],
                                                message: str) -> None:
    with pytest.raises(error) as caught:
        surroundings(CARRIER, given, base)
    assert str(caught.value) == message
