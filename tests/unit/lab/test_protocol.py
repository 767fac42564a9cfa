"""Protocols: how they are joined, and what they refuse."""

import pytest

from pumpleak.base.errors import ModelError, UnitError
from pumpleak.base.units import quantity
from pumpleak.lab.protocol import Protocol, hold, pulse, ramp, settle


def test_segments_are_joined_and_repeated_in_order() -> None:
    protocol = hold("1 s") + 2 * pulse("1 ms", {"u": 1.0}, after="10 ms") + ramp("2 s", {"u": 0.5}) + settle()
    assert [segment.duration for segment in protocol.segments] == [1000.0, 10.0, 1.0, 10.0, 1.0, 2000.0, 0.0]
    assert [segment.settle for segment in protocol.segments] == [False] * 6 + [True]
    assert protocol.duration == quantity("3022 ms")
    assert (pulse("1 ms", {"u": 1.0}) * 3).milliseconds == 3.0


def test_a_pulse_without_a_wait_is_one_segment() -> None:
    assert len(pulse("1 ms", {"u": 1.0}).segments) == 1


def test_a_ramp_takes_a_target_or_a_pair() -> None:
    (segment,) = ramp("1 s", {"a": "5 mM", "b": ("1 mM", "2 mM")}).segments
    assert segment.ramps["a"] == (None, quantity("5 mM"))
    assert segment.ramps["b"] == (quantity("1 mM"), quantity("2 mM"))


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: hold(5.0), UnitError,  # type: ignore[arg-type]
     "hold: duration: '5' has no unit; expected a time, for example '5 ms'"),
    (lambda: hold("5 mV"), UnitError, "hold: duration: '5 mV' is a voltage [mV]; expected a time [ms]"),
    (lambda: hold("0 s"), ModelError, "hold: duration '0 s' is not positive; time only runs forward"),
    (lambda: hold("-5 min"), ModelError, "hold: duration '-5 min' is not positive; time only runs forward"),
    (lambda: hold("1e9 h"), ModelError, "hold: duration '1e9 h' is longer than 1e5 years; check its unit"),
    (lambda: pulse("1 ms", {}, after="-1 ms"), ModelError,
     "pulse, after: duration '-1 ms' is not positive; time only runs forward"),
    (lambda: hold("1 s", {"outside.K": float("nan")}), UnitError,
     "hold: outside.K: 'nan' is not finite; give a number and a unit, for example '5 mM'"),
    (lambda: hold("1 s", {"outside.K": "much"}), UnitError,
     "hold: outside.K: 'much' does not begin with a number; write a number and a unit, for example '5 mM'"),
    (lambda: ramp("1 s", {}), ModelError,
     "ramp: no parameter given; name what moves, for example {'outside.K': '8 mM'}, or use hold"),
    (lambda: ramp("1 s", {"u": (1.0, 2.0, 3.0)}), ModelError,  # type: ignore[dict-item]
     "ramp: u: given 3 values; give the end, or a pair (from, to)"),
    (lambda: hold("1 s") * 0, ModelError, "protocol: it cannot be repeated '0' times; give a whole number, 1 or more"),
    (lambda: hold("1 s") * 2.5, ModelError,  # type: ignore[operator]
     "protocol: it cannot be repeated '2.5' times; give a whole number, 1 or more"),
    (lambda: hold("1 s") * 2_000_000, ModelError,
     "protocol: 2000000 repeats of 1 segments; at most 1000000 segments are run"),
    (lambda: hold("9e4 years") + hold("9e4 years"), ModelError,
     "protocol: it lasts 1.8e+05 years; at most 1e5 years are run"),
    (lambda: hold("1 s") + "2 s", ModelError,  # type: ignore[operator]
     "protocol: '2 s' cannot be joined to it; join hold(...), ramp(...), ..."),
])
def test_what_makes_no_sense_is_refused_in_one_sentence(make, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


def test_an_empty_protocol_lasts_no_time() -> None:
    assert Protocol().milliseconds == 0.0
