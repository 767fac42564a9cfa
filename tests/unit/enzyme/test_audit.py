"""The audit: what the rates of a scheme imply, and what a rate law does past its stop, each on a model with a known fault."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from tests.unit.enzyme.measured import constants, units

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError
from pumpleak.enzyme.audit import Finding, findings, implied
from pumpleak.enzyme.rate_law import RateLaw, respond_law
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import number, symbol, symbols
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
    return replace(Scheme("pump", steps, constants(steps, NUMBERS), {"b4": units(steps)["b4"]},
                          constants=Constants(8.314, 96485.0, 310.0)), **options)  # type: ignore[arg-type]


def flawed(step: int, others: tuple[Parameter, ...] = (), **changes: object) -> Scheme:
    """The same with b4 fixed to what it was, one step changed, other parameters put in, and a defect named."""
    whole = pump()
    steps = list(whole.steps)
    steps[step] = replace(steps[step], **changes)  # type: ignore[arg-type]
    fixed = (*whole.parameters, Parameter("b4", whole.derived["b4"], whole.values["b4"]))
    used = symbols(rate for each in steps for rate in (each.forward, each.backward)) - {other.name for other in others}
    fixed = (*(each for each in fixed if each.name in used), *others)
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
    assert texts(findings(scheme)) == [f"the cycle: its rates imply dG0 = {wrong:+.2f} kJ/mol at 310 K, not +11.90 kJ/mol"]


def test_a_wrong_charge_shows_in_the_steps_and_in_the_rates() -> None:
    scheme = flawed(1, charge=1.3, forward_charge=0.65, backward_charge=0.65)
    said = texts(findings(scheme))
    assert said[0] == "the cycle: its steps carry 1.3 charges through the field, its ions 1"
    assert said[1] == "the cycle: its rates move 1.3 charges outward, its ions 1"
    # 0.3 charges at -100 mV are 0.3 F 0.1 V = 2.89 kJ/mol
    assert said[2] == ("the cycle: its rates imply dG0 = +11.90 kJ/mol at 0 mV and +14.79 kJ/mol at -100 mV at 310 K, not "
                       "+11.90 kJ/mol")


def test_lumped_rates_are_taken_by_what_they_do() -> None:
    odd = (Parameter("b2", "1/(ms mM^2.5)", NUMBERS["b2"]),)
    scheme = flawed(1, odd, forward=parse("f2"), backward=parse("b2*outside.Na^2.5*exp(-0.8*x)"), lumped=True)
    said = texts(findings(scheme))
    assert "the cycle: its rates move 0.8 charges outward, its ions 1" in said
    assert "the cycle: prod(forward/backward) follows outside.Na to the power of -2.5, its reaction to -3" in said


def test_an_order_that_changes_is_shown_as_a_range() -> None:
    half = (Parameter("half", "mM", 1.0),)
    scheme = flawed(3, half, forward=parse("f4/(1 + inside.K/half)"), backward=parse("b4*inside.K^2"), lumped=True)
    (text,) = [each for each in texts(findings(scheme)) if "inside.K" in each]
    assert "to the power of -2.99 to -2.03, its reaction to -2" in text


def test_a_step_that_runs_one_way_has_no_equilibrium() -> None:
    scheme = flawed(2, backward=number(0.0))
    assert implied(scheme, scheme.cycles[0]).one_way == ("swap",)
    assert texts(findings(scheme)) == [
        "the cycle: 'swap' runs one way only, so that no dG0 fits it; each needs a reverse rate that makes it +11.90 kJ/mol "
        "at 310 K"]


def test_a_cycle_without_ATP_is_driven_by_nothing() -> None:
    names = ("a", "b", "c", "d")
    steps = (Step("load", "E", "ENa", symbol("a"), symbol("b"), {"inside.Na": 1}, charge=1.0),
             Step("leave", "ENa", "E", symbol("c"), symbol("d"), {}, {"outside.Na": 1}))
    numbers = dict(zip(names, (1.0, 1.0, 2.0, 1.0), strict=True))
    scheme = Scheme("carrier", steps, constants(steps, numbers),
                    constants=Constants(8.314, 96485.0, 310.0), defects=("made so",))
    assert texts(findings(scheme)) == [
        f"the cycle: its rates drive it without ATP by {8.314e-3 * 310.0 * np.log(2.0):+.2f} kJ/mol at 310 K, not "
        "+0.00 kJ/mol"]


def test_numbers_far_from_usual_ones_are_told_but_break_no_law() -> None:
    scheme = pump(dG0=12500.0, conditions={"physiological": HERE})
    found = findings(scheme)
    assert [each.breaks for each in found] == [False] * len(found)
    assert found[0].text == "its rates imply dG0 = +12.50 kJ/mol at 310 K; a cell has +11.90 kJ/mol"


def test_a_cell_has_another_standard_energy_at_another_temperature() -> None:
    """By Gibbs and Helmholtz: 10.42 kJ/mol at 24 degC is what a cell has there."""
    cold = Constants(8.314, 96485.0, 297.15)
    assert findings(pump(constants=cold, dG0=10_424.3, conditions={"usual": HERE})) == ()
    (found,) = findings(pump(constants=cold, dG0=11_900.0, conditions={"usual": HERE}))
    assert found.text == "its rates imply dG0 = +11.90 kJ/mol at 297.15 K; a cell has +10.42 kJ/mol"


def test_a_flagged_scheme_is_held_against_the_voltage_at_which_nothing_is_gained() -> None:
    scheme = replace(flawed(0, forward=number(100.0) * symbol("f1")), conditions={"usual": HERE})
    said = texts(findings(scheme))
    energy = 11900.0 + 8.314 * 310.0 * np.log(0.04 * 0.4 * 8e-5 / 7.0 * 1e-6 * 14.0**3 * 29.0**2)
    shift = 8.314 * 310.0 * np.log(100.0)
    assert said[-1] == (f"at the condition usual its use of ATP is zero at {(energy - shift) / 96.485:.0f} mV; "
                        f"what ATP and ions give is zero at {energy / 96.485:.0f} mV")


def test_a_pump_that_never_turns_round_is_told() -> None:
    one_way = replace(flawed(2, backward=number(0.0)), conditions={"usual": HERE})
    assert "it uses ATP at every voltage; what ATP and ions give is zero at -2" in texts(findings(one_way))[-1]


def test_a_law_is_judged_by_the_true_faraday_constant() -> None:
    """A law may compute with a mistyped F; what its ions cost does not follow."""
    right, mistyped = (replace(law("0.01"), constants=Constants(8.314, F, 310.0)) for F in (96485.0, 96845.0))
    given = {"membrane.V": -80.0}
    assert respond_law(right, given, "usual").affinity == respond_law(mistyped, given, "usual").affinity
    assert texts(findings(right))[0] == texts(findings(mistyped))[0]


TURN = ({"inside.Na": 3, "outside.K": 2, "inside.ATP": 1},
        {"outside.Na": 3, "inside.K": 2, "inside.ADP": 1, "inside.Pi": 1, "inside.H": 1})


def law(formula: str, *parameters: Parameter) -> RateLaw:
    return RateLaw("law", *TURN, parse(formula), "1/s", parameters, constants=Constants(8.314, 96485.0, 310.0),
                   conditions={"usual": HERE})


def test_a_law_that_follows_its_affinity_has_no_findings() -> None:
    """A/RT itself: forward as long as a turn pays, backward beyond."""
    quotient = "inside.ADP*inside.Pi*inside.H/inside.ATP*outside.Na^3*inside.K^2/(inside.Na^3*outside.K^2)"
    given = (Parameter("k", "1/ms", 1.0), Parameter("energy", "J/mol", 11900.0), Parameter("molar", "mM", 1000.0))
    assert findings(law(f"k*(x - energy/(R*T) - log({quotient}/molar^2))", *given)) == ()


def test_what_a_condition_is_made_without_is_no_finding_and_no_warning() -> None:
    """Free energies have no bounds there."""
    without = {**HERE, "outside.K": 0.0, "inside.ADP": 0.0}
    wrong = replace(flawed(3, backward=number(0.5 * pump().values["b4"])), conditions={"without": without})
    assert texts(findings(wrong))[0].startswith("the cycle: its rates imply dG0 = +10.11")  # less RT ln 2
    assert all("stop at" not in text for text in texts(findings(replace(law("0.01"), conditions={"usual": without}))))


def test_a_law_beyond_all_numbers_is_refused_without_a_warning() -> None:
    with pytest.raises(ModelError, match=r"law: its value is inf 1/s; it must be finite"):
        respond_law(law("k*inside.Na", Parameter("k", "1/(ms mM)", 1e306)), {}, "usual")


def test_many_cycles_are_audited_soon() -> None:
    """A ladder of 481 steps and 160 cycles: 5 s when each cycle asked for all rates again, now 0.1 s."""
    rungs = [(f"{side}{i}", f"{side}E{i}", f"{side}E{i + 1}") for i in range(160) for side in "ab"]
    rungs += [(f"c{i}", f"aE{i}", f"bE{i}") for i in range(160)]
    steps = [Step(name, source, target, number(1.0), number(1.0)) for name, source, target in rungs]
    steps.append(Step("out", "aE0", "bE0", number(1.0), number(1.0), {"inside.Na": 1}, {"outside.Na": 1}, charge=1.0))
    scheme = Scheme("ladder", tuple(steps))
    start = perf_counter()
    assert findings(scheme) == ()
    assert perf_counter() - start < 1.0


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
