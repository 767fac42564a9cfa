"""What a result says of one quantity, on a decay whose course is known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.lab.toys import decay, integrator

from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.result import Result
from pumpleak.lab.run import run


@pytest.fixture(scope="module")
def decayed() -> Result:
    return run(decay(), "5 s")  # a(t) = exp(-t/1 s), b = 1 - a


def test_extremes_and_their_times(decayed: Result) -> None:
    found = decayed.extremes("b")
    assert (found.least.to("fmol"), found.least_time.to("s")) == (0.0, 0.0)
    assert found.most.to("fmol") == pytest.approx(1.0 - np.exp(-5.0), rel=1e-7)
    assert str(found) == "b from 0 fmol at 0 ms to 0.993262 fmol at 5 s"


def test_crossings_and_time_above(decayed: Result) -> None:
    assert decayed.crossings("a", "0.3 fmol", rising=False).to("s") == pytest.approx([-np.log(0.3)], rel=1e-6)
    assert np.size(decayed.crossings("a", "0.3 fmol").value) == 0
    assert decayed.time_above("a", "0.3 fmol").to("s") == pytest.approx(-np.log(0.3), rel=1e-6)


def test_a_return_has_its_time_constant(decayed: Result) -> None:
    found = decayed.recovery("a", "1 s")
    assert found.time_constant.to("s") == pytest.approx(1.0, rel=1e-5)  # the tolerance of the run, 1e-8 of the start
    assert found.amplitude.to("fmol") == pytest.approx(np.exp(-1.0), rel=1e-5)
    assert found.end.to("fmol") == pytest.approx(0.0, abs=1e-6)
    assert found.explained == pytest.approx(1.0, abs=1e-9)
    assert str(found).startswith("a returns to")


def test_a_stretch_begins_after_the_edge_it_names() -> None:
    result = run(Experiment(decay(), hold("1 s", {"k": "0 1/ms"}) + hold("3 s"), samples=401))
    assert result.recovery("a", "1 s").time_constant.to("s") == pytest.approx(1.0, rel=1e-5)
    assert result.recovery("a", "1 s", "2 s").time_constant.to("s") == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize(("ask", "error", "message"), [
    (lambda r: r.recovery("a", "4.999 s"), ModelError,
     "recovery: a from 4.999 s to 5 s has 1 rows of a run of 5 s; an exponential needs 5"),
    (lambda r: r.recovery("k", "1 s"), ModelError,
     "recovery: k from 1 s to 5 s goes from 0.001 to 0.001 1/ms and tells no time constant; choose a "
     "stretch in which it bends"),
    (lambda r: r.recovery("a", "1 mM"), UnitError, "recovery: after: '1 mM' is a concentration [mM]; expected a time [ms]"),
    (lambda r: r.extremes("c"), NameUnknown, "decay has no quantity 'c'; known: a, b, sum, doubled, a.lost, k"),
    (lambda r: r.crossings("a", "3 mV"), UnitError, "level of 'a': '3 mV' is a voltage [mV]; expected an amount [fmol]"),
    (lambda r: r.time_above("c", "3 mV"), NameUnknown, "decay has no quantity 'c'"),
])
def test_what_cannot_be_answered_is_said(decayed: Result, ask, error, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as caught:
        ask(decayed)
    assert str(caught.value).startswith(message)


def test_a_straight_course_tells_no_time_constant() -> None:
    result = run(Experiment(integrator(), hold("1 s", {"u": "1 fmol/ms"})))
    with pytest.raises(ModelError, match="tells no time constant"):
        result.recovery("x", "0.1 s")
