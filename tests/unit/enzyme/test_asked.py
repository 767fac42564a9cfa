"""The door of all questions: quantities with units, conditions that are none, and models that have no scheme."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import pumpleak as pl
from pumpleak.base.errors import ModelError, UnitError
from pumpleak.enzyme.asked import plain
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load
from pumpleak.units import mM, mV, uM

BASE = "physiological"


def scheme() -> Scheme:
    found = load("post-albers-23")
    assert isinstance(found, Scheme)
    return found


@pytest.mark.parametrize("value", ["3 mM", 3.0 * mM, 3000 * uM, "0.003 M", 3, np.array(3.0)])
def test_a_value_may_come_with_its_unit(value: object) -> None:
    expected = pl.steady(scheme(), {"outside.K": 3.0}, BASE).turnover
    assert pl.steady(scheme(), {"outside.K": value}, BASE).turnover == expected


def test_arrays_with_units_and_lists_of_texts() -> None:
    for value in (np.array([-80.0, 0.0]) * mV, ["-80 mV", "0 V"], [-80, 0]):
        np.testing.assert_array_equal(plain("pump", "membrane.V", value), [-80.0, 0.0])
    assert float(plain("pump", "temperature", "37 degC")) == pytest.approx(310.15)


def test_every_question_takes_them() -> None:
    given, numbers = {"outside.K": "3 mM", "membrane.V": -0.06 * mV * 1000.0}, {"outside.K": 3.0, "membrane.V": -60.0}
    asked: list[Callable[[dict[str, object]], object]] = [
        lambda each: pl.steady(scheme(), each, BASE).turnover,
        lambda each: pl.modes(scheme(), each, BASE)[2].Na,
        lambda each: pl.tracer(scheme(), "Na", each, BASE),
        lambda each: pl.exchange(scheme(), "Na", each, BASE),
        lambda each: pl.jump(scheme(), {}, each, BASE).charge,
        lambda each: pl.reversals(scheme(), {"outside.K": each["outside.K"]}, BASE),
        lambda each: float(pl.charge_voltage(scheme(), "20 mV", "-80 mV", {"outside.K": each["outside.K"]},
                                             BASE))]
    for ask in asked:
        assert ask({**given}) == ask({**numbers})
    assert pl.charge_voltage(scheme(), 20.0, -80.0, {"outside.K": 3.0}, BASE) == asked[-1]({**given})


@pytest.mark.parametrize(("value", "message"), [
    ("3 mV", "post-albers-23: outside.K: '3 mV' is a voltage [mV]; expected a concentration [mM]"),
    ("3", "post-albers-23: outside.K: '3' has no unit; expected a concentration [mM]"),
    (["3 mM", "x"], "post-albers-23: outside.K: 'x' does not begin with a number"),
    (None, "post-albers-23: outside.K is 'None'; give numbers [mM], or quantities such as '5 mM'"),
    ([[1.0], [2.0, 3.0]], "post-albers-23: outside.K is '[[1.0], [2.0, 3.0]]'; give numbers [mM], or quantities such as '5 ")])
def test_what_is_no_concentration_is_refused(value: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        pl.steady(scheme(), {"outside.K": value}, BASE)
    assert str(caught.value).startswith(message)


def test_the_name_of_a_condition_is_no_conditions() -> None:
    for ask in (pl.steady, pl.modes, pl.reversals, lambda pump, name: pl.tracer(pump, "Na", name),
                lambda pump, name: pl.charge_voltage(pump, [0.0], 0.0, name), lambda pump, name: pl.jump(pump, {}, name, BASE)):
        with pytest.raises(ModelError, match=r"'physiological'; give values by name, such as {'membrane\.V': -80\.0}, and"):
            ask(scheme(), BASE)


QUESTIONS: tuple[Callable[[object], object], ...] = (
    pl.steady, pl.modes, pl.reversals, pl.reduce, lambda pump: pl.tracer(pump, "Na"),
    lambda pump: pl.exchange(pump, "Na"), lambda pump: pl.jump(pump, {}, {}),
    lambda pump: pl.charge_voltage(pump, [0.0], 0.0))


@pytest.mark.parametrize("ask", QUESTIONS)
def test_questions_about_schemes_are_for_schemes(ask: Callable[[object], object]) -> None:
    for other, words in ((load("generic-cell"), "'generic-cell', a Cell, but needs the scheme of an enzyme; ask the scheme of "
                          "its pump 'pump': that transporter's .scheme"),
                         (load("luo-rudy-1994"), "'luo-rudy-1994', a RateLaw, but needs the scheme of an enzyme; a rate law is "
                          "one formula without states"),
                         ("post-albers-23", "the text 'post-albers-23'; give the scheme itself, load('post-albers-23')"),
                         (3, "a int, but needs the scheme of an enzyme")):
        with pytest.raises(ModelError) as caught:
            ask(other)
        assert f" is asked of {words}" in str(caught.value)


def test_findings_are_for_schemes_and_rate_laws() -> None:
    with pytest.raises(ModelError, match="findings is asked of 'generic-cell', a Cell, but needs the scheme"):
        pl.findings(load("generic-cell"))
    assert isinstance(pl.findings(load("luo-rudy-1994")), tuple)


def test_answers_are_told_in_a_few_lines() -> None:
    found = pl.steady(scheme(), {"membrane.V": [-80.0, 0.0]}, BASE)
    lines = str(found).splitlines()
    assert lines[0] == "post-albers-23 in the steady state at 2 conditions (from the least to the greatest)"
    assert "outside.K 5.4 mM" in lines[1]
    assert "membrane.V -80 to 0 mV" in lines[1]
    assert lines[2].startswith(f"  turnover {found.turnover[0]:.4g} to {found.turnover[1]:.4g} /s, Na out ")
    assert lines[4].startswith("  mostly in ")
    assert str(scheme()).splitlines()[0] == "post-albers-23: Na,K-ATPase, 23 states with slip, start parameters"
    assert "-> inside.ADP + inside.H + 2 inside.K + inside.Pi + 3 outside.Na, charge +1 outward" in str(scheme())
    text = str(pl.reversals(scheme(), base=BASE))
    assert text.startswith("reversals: coupled cycle -276.32 mV, ATP ")
    assert text.endswith("K none")
    for each in (found, scheme(), pl.reversals(scheme(), base=BASE)):
        assert repr(each) == str(each)
        assert len(str(each)) < 1000
