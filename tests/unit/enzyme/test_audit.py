"""The audit: what the rates of a scheme imply, and what a rate law does past its stop, each on a model with a known fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pumpleak.base.constants import Constants
from pumpleak.enzyme.audit import Finding, findings, implied
from pumpleak.enzyme.rate_law import RateLaw
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import number, symbol
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

NUMBERS = {"f1": 2e-4, "b1": 0.3, "f2": 5.0, "b2": 1e-6, "f3": 0.7, "b3": 200.0, "f4": 3.0}
HERE = {"inside.Na": 10.0, "outside.Na": 140.0, "inside.K": 145.0, "outside.K": 5.0, "inside.ATP": 7.0, "inside.ADP": 0.04,
        "inside.Pi": 0.4, "inside.H": 8e-5, "membrane.V": 0.0}


def pump(**options: object) -> Scheme:
    """A four-state cycle that closes; b4 follows."""
    rates = [(symbol(f"f{i}"), symbol(f"b{i}")) for i in range(1, 5)]
    steps = (
        Step("load", "E1", "E1P", *rates[0], {"inside.Na": 3, "inside.ATP": 1}, {"inside.ADP": 1}),
        Step("eject", "E1P", "E2P", *rates[1], {}, {"outside.Na": 3}, charge=1.0),
        Step("swap", "E2P", "E2", *rates[2], {"outside.K": 2}, {"inside.Pi": 1, "inside.H": 1}),
        Step("back", "E2", "E1", *rates[3], {}, {"inside.K": 2}))
    return replace(Scheme("pump", steps, tuple(Parameter(name, "1/ms", value) for name, value in NUMBERS.items()),
                          {"b4": "1/ms"}, constants=Constants(8.314, 96485.0, 310.0)), **options)  # type: ignore[arg-type]


def flawed(step: int, **changes: object) -> Scheme:
    """The same with b4 fixed to what it was, one step changed, and a defect named."""
    whole = pump()
    steps = list(whole.steps)
    steps[step] = replace(steps[step], **changes)  # type: ignore[arg-type]
    fixed = (*whole.parameters, Parameter("b4", "1/ms", whole.values["b4"]))
    return replace(whole, steps=tuple(steps), parameters=fixed, derived={}, defects=("made so",))


def texts(found: tuple[Finding, ...]) -> list[str]:
    return [each.text for each in found]


def test_a_sound_scheme_implies_what_it_says() -> None:
    scheme = pump(conditions={"usual": HERE})
    found = implied(scheme, scheme.cycles[0])
    assert found.one_way == ()
    assert found.dG0 == pytest.approx((scheme.dG0, scheme.dG0), abs=1e-6)
    assert found.charge == pytest.approx((1.0, 1.0), abs=1e-9)
    assert found.carried == 1.0
    for ligand, order in found.orders.items():
        assert order == pytest.approx((-scheme.cycles[0].stoichiometry[ligand],) * 2, abs=1e-9)
    assert findings(scheme) == ()


def test_a_wrong_constant_is_a_wrong_standard_energy() -> None:
    scheme = flawed(0, forward=number(100.0) * symbol("f1"))
    # a hundred times the rate is RT ln 100 less
    wrong = 11.9 - 8.314e-3 * 310.0 * np.log(100.0)
    assert texts(findings(scheme)) == [f"the cycle: its rates imply dG0 = {wrong:+.2f} kJ/mol, not +11.90 kJ/mol"]


def test_a_wrong_charge_shows_in_the_steps_and_in_the_rates() -> None:
    scheme = flawed(1, charge=1.3, forward_charge=0.65, backward_charge=0.65)
    said = texts(findings(scheme))
    assert said[0] == "the cycle: its steps carry 1.3 charges through the field, its ions 1"
    assert said[1] == "the cycle: its rates move 1.3 charges outward, its ions 1"
    # 0.3 charges at -100 mV are 0.3 F 0.1 V = 2.89 kJ/mol
    assert said[2] == ("the cycle: its rates imply dG0 = +11.90 kJ/mol at 0 mV and +14.79 kJ/mol at -100 mV, not +11.90 kJ/mol")


def test_lumped_rates_are_taken_by_what_they_do() -> None:
    scheme = flawed(1, forward=parse("f2"), backward=parse("b2*outside.Na^2.5*exp(-0.8*x)"), lumped=True)
    said = texts(findings(scheme))
    assert "the cycle: its rates move 0.8 charges outward, its ions 1" in said
    assert "the cycle: prod(forward/backward) follows outside.Na to the power of -2.5, its reaction to -3" in said


def test_an_order_that_changes_is_shown_as_a_range() -> None:
    scheme = flawed(3, forward=parse("f4/(1 + inside.K)"), backward=parse("b4*inside.K^2"), lumped=True)
    (text,) = [each for each in texts(findings(scheme)) if "inside.K" in each]
    assert "to the power of -2.99 to -2.03, its reaction to -2" in text


def test_a_step_that_runs_one_way_has_no_equilibrium() -> None:
    scheme = flawed(2, backward=number(0.0))
    assert implied(scheme, scheme.cycles[0]).one_way == ("swap",)
    assert texts(findings(scheme)) == [
        "the cycle: 'swap' runs one way only, so that no dG0 fits it; each needs a reverse rate that makes it +11.90 kJ/mol"]


def test_a_cycle_without_ATP_is_driven_by_nothing() -> None:
    names = ("a", "b", "c", "d")
    steps = (Step("load", "E", "ENa", symbol("a"), symbol("b"), {"inside.Na": 1}, charge=1.0),
             Step("leave", "ENa", "E", symbol("c"), symbol("d"), {}, {"outside.Na": 1}))
    numbers = dict(zip(names, (1.0, 1.0, 2.0, 1.0), strict=True))
    scheme = Scheme("carrier", steps, tuple(Parameter(name, "1/ms", value) for name, value in numbers.items()),
                    constants=Constants(8.314, 96485.0, 310.0), defects=("made so",))
    assert texts(findings(scheme)) == [
        f"the cycle: its rates drive it without ATP by {8.314e-3 * 310.0 * np.log(2.0):+.2f} kJ/mol, not +0.00 kJ/mol"]


def test_numbers_far_from_usual_ones_are_told_but_break_no_law() -> None:
    scheme = pump(dG0=12500.0, conditions={"physiological": HERE})
    found = findings(scheme)
    assert [each.breaks for each in found] == [False] * len(found)
    assert found[0].text == "its rates imply dG0 = +12.50 kJ/mol; a cell has +11.90 kJ/mol"


TURN = ({"inside.Na": 3, "outside.K": 2, "inside.ATP": 1},
        {"outside.Na": 3, "inside.K": 2, "inside.ADP": 1, "inside.Pi": 1, "inside.H": 1})


def law(formula: str, unit: str = "1/s") -> RateLaw:
    return RateLaw("law", *TURN, parse(formula), unit, constants=Constants(8.314, 96485.0, 310.0), conditions={"usual": HERE})


def test_a_law_that_follows_its_affinity_has_no_findings() -> None:
    """A/RT itself: forward as long as a turn pays, backward beyond."""
    quotient = "inside.ADP*inside.Pi*inside.H/inside.ATP*outside.Na^3*inside.K^2/(inside.Na^3*outside.K^2)"
    assert findings(law(f"x - dG0/(R*T) - log(1e-6*{quotient})".replace("dG0", "11900"))) == ()


def test_a_constant_law_runs_past_each_stop() -> None:
    said = texts(findings(law("0.01")))
    assert len(said) == 4
    energy = 11900.0 + 8.314 * 310.0 * np.log(0.04 * 0.4 * 8e-5 / 7.0 * 1e-6 * 14.0**3 * 29.0**2)
    assert f"stop at membrane.V = {energy / 96.485:.3g} mV, which it does not know" in said[0]
    assert f"stop at inside.Na = {10.0 * np.exp(energy / 8.314 / 310.0 / 3.0):.3g} mM, which it does not know" in said[1]
    assert f"stop at inside.ATP = {7.0 * np.exp(energy / 8.314 / 310.0):.3g} mM, which it does not know" in said[2]
    assert "runs forward with 10 1/s (10 1/s at the condition itself)" in said[0]
    assert said[3].startswith("of ")
    assert said[3].endswith("not in 0")
