"""Dimensions of formulas: their arithmetic, and the slips of units that a scheme, a rate law and a pump are held to."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpleak.base.errors import NameUnknown, PumpleakError, UnitError
from pumpleak.base.units import unit
from pumpleak.cell.transport.rate_pump import RatePump
from pumpleak.enzyme.consistency import rate_unit
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import entries, load
from pumpleak.formats.document import read
from pumpleak.formats.rate_law import rate_law_of
from pumpleak.formats.scheme import scheme_of
from pumpleak.system.dimensions import Dimensions, shown
from pumpleak.system.expression import call, number, power, product, symbol
from pumpleak.system.functions import FUNCTIONS
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

UNITS = ("mM", "mV", "1/ms", "K", "pA/um2", "J/mol", "C/mol", "fmol", "pL", "J/mol/K", "1", "nS")
NAMES = Dimensions(
    {"V": "mV", "T": "K", "R": "J/mol/K", "F": "C/mol", "Na": "mM", "K": "mM", "k": "1/ms", "n": "1", "m": "1", "x": "1"},
    {"n": 1.06, "K": 4.0})


def measured(formula: str) -> str:
    found = NAMES.of(parse(formula))
    assert found is not None
    return shown(found)


@pytest.mark.parametrize(("formula", "expected"), [
    ("F*V/(1000*R*T)", "1"),
    ("R*T/F", "mV"),
    ("k*Na^2/(Na + K)^2", "1/s"),
    ("k*Na^n/(Na^n + K^n)", "1/s"),              # the exponent is a constant
    ("(Na/K)^m", "1"),                           # or the base a pure number
    ("Na^0.5*Na^(1/3)*Na^(2/3)/sqrt(Na)", "mM"),
    ("k*max(Na - K, 0)", "mM/s"),
    ("select(Na < K, Na, 0)", "mM"),
    ("-abs(V)", "mV"),
    ("log(Na/K) + exp(-x) + tanh(n) + exprel(x)", "1"),
    ("Na <= K", "1"),
    ("k*Na^5", "mM5/s"),
    ("Na^20", "mM^20"),
])
def test_a_formula_measures_what_its_parts_make(formula: str, expected: str) -> None:
    assert measured(formula) == expected


def test_zero_fits_every_unit() -> None:
    assert NAMES.of(number(0.0)) is None
    for expected in UNITS:
        assert NAMES.check(number(0.0), expected) is None


@pytest.mark.parametrize(("formula", "message"), [
    ("Na + k", "'Na + k' adds Na [mM] and k [1/s]; both must have the same unit"),
    ("Na - 20", "'Na - 20' takes the difference of Na [mM] and 20 [no unit]; both must have the same unit"),
    ("min(V, T)", "'min(V, T)' chooses between V [mV] and T [K]; both must have the same unit"),
    ("select(x < 1, k, Na)", "'select(less(x, 1), k, Na)' chooses between k [1/s] and Na [mM]; both must have the same unit"),
    ("V < 0*T + 3", "'less(V, 3)' compares V [mV] and 3 [no unit]; both must have the same unit"),
    ("exp(V)", "exp is taken of V [mV]; it must be a pure number: divide it by a constant of its unit"),
    ("log(Na)", "log is taken of Na [mM]; it must be a pure number: divide it by a constant of its unit"),
    ("2^V", "the exponent of '2^V' is V [mV]; it must be a pure number: divide it by a constant of its unit"),
    ("Na^m", "'Na^m' raises Na [mM] to a power that is not constant; divide the base by a constant of its unit first"),
    ("Na^101", "'Na^101' raises Na [mM] to the power 101; the highest is 100"),
])
def test_unlike_quantities_do_not_meet(formula: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        NAMES.of(parse(formula))
    assert str(caught.value) == message


def test_a_name_without_a_unit_is_not_guessed() -> None:
    with pytest.raises(NameUnknown, match="'q' is used, which nothing defines"):
        NAMES.of(parse("q*k"))


@given(st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from([-3, -2, -1, -0.5, 0.5, 1, 2, 3])), max_size=6),
       st.booleans())
@settings(deadline=None)
def test_products_add_exponents_and_quotients_take_them_away(factors: list[tuple[str, float]], inverted: bool) -> None:
    names = Dimensions({f"q{index}": each for index, (each, _) in enumerate(factors)})
    formula = product(power(symbol(f"q{index}"), exponent) for index, (_, exponent) in enumerate(factors))
    expected = [Fraction(0)] * 6
    for each, exponent in factors:
        expected = [old + more * Fraction(exponent) for old, more in zip(expected, unit(each).dimension, strict=True)]
    if inverted:
        formula, expected = 1.0 / formula, [-each for each in expected]
    assert names.of(formula) == tuple(expected)
    assert names.of(formula + formula * 2.0) == tuple(expected)
    assert not any(names.of(formula / formula) or (1,)) or names.of(formula / formula) == unit("1").dimension


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_rule(name: str) -> None:
    """Of pure numbers each gives a pure number, and none takes a voltage and a time alike."""
    pure = [symbol("n") for _ in range(FUNCTIONS[name].arity)]
    assert NAMES.of(call(name, *pure)) == unit("1").dimension
    unlike = [symbol("V"), symbol("k"), symbol("T")][: FUNCTIONS[name].arity]
    if name not in ("mul", "div", "neg", "abs", "sqrt"):
        with pytest.raises(UnitError):
            NAMES.of(call(name, *unlike))


def test_rate_constants_are_per_ligand_but_not_per_water() -> None:
    assert [unit(rate_unit(bound)) == unit(expected) for bound, expected in (
        ({}, "1/ms"), ({"inside.H2O": 1}, "1/ms"), ({"inside.Na": 3, "inside.ATP": 1}, "1/(ms mM4)"))] == [True] * 3


def text_of(name: str) -> str:
    return (files("pumpleak") / "catalog" / "pumps" / f"{name}.yaml").read_text(encoding="utf-8")


def said(name: str, old: str, new: str) -> str:
    text = text_of(name)
    assert old in text
    make: Callable[..., object] = scheme_of if "\nscheme:" in text else rate_law_of
    with pytest.raises(PumpleakError) as caught:
        make(read(text.replace(old, new, 1), "my.yaml"))
    place, message = str(caught.value).split(": ", 1)
    file, line, column = place.split(":")
    assert (file, int(line) > 20, int(column) > 0) == ("my.yaml", True, True)
    return message


NOTHING = "but a rate constant of a step that binds nothing is in 1/s"


@pytest.mark.parametrize(("old", "new", "message"), [
    ("phosphorylation: {value: 1e4 1/s", "phosphorylation: {value: 1e4 1/mM",
     f"step 'phosphorylate': forward is phosphorylation [1/mM], {NOTHING}; give phosphorylation in that unit"),
    ("release: {value: 172 1/s", "release: {value: 172 mV",
     f"step 'release_Na': forward is release [mV], {NOTHING}; give release in that unit"),
    ("1.5e7 1/(s M^2)", "1.5e7 1/(s M)",
     "step 'dephosphorylate': forward is dephosphorylation [1/(s mM)], but a rate constant of a step that binds 2 outside.K "
     "is in 1/(s mM2); give dephosphorylation in that unit"),
    ("value: 1.15e4 1/s", 'value: "1.15e4"',
     f"step 'release_K': forward is deliver [no unit], {NOTHING}; give deliver in that unit"),
    ("value: 1e5 1/(s M)", "value: 1e5 1/s",
     "step 'phosphorylate': backward is phosphorylation_back [1/s], but a rate constant of a step that binds inside.ADP "
     "backward is in 1/(s mM); give phosphorylation_back in that unit"),
    ("derive: true, unit: 1/(s mM)", "derive: true, unit: mV",
     "step 'dephosphorylate': backward is dephosphorylation_back / H_read [mV/mM], but a rate constant of a step that binds "
     "inside.Pi and inside.H backward is in 1/(s mM2); correct it or the units of its constants"),
    ("forward: release,", "forward: release*inside.Na/(inside.Na + 5),",
     "step 'release_Na': forward: 'inside.Na + 5' adds inside.Na [mM] and 5 [no unit]; both must have the same unit"),
    ("  bind_ATP: {", "  spare: 5 mM\n  bind_ATP: {",
     "parameter 'spare' (5 mM) is used by nothing; remove it, or use it in a formula"),
])
def test_slips_of_units_in_a_scheme_are_refused(old: str, new: str, message: str) -> None:
    """Without the check a derived constant takes them up, and the numbers are wrong in silence."""
    assert said("chapman-1983", old, new) == f"chapman-1983: {message}"


@pytest.mark.parametrize(("name", "old", "new", "message"), [
    ("matsuoka-2003", "k1: {value: 0.37 1/ms", "k1: {value: 0.37 mM/ms",
     "matsuoka-2003: step 'carry_Na': forward is k1 * inside.ATP / (inside.ATP + K_ATP) * Na_in / (1 + Na_in + K_in) [mM/s], "
     "but a complete rate is in 1/s; correct it or the units of its constants"),
    ("pan-2018-4", "K_in: {expression: inside.K/K_K_in", "K_in: {expression: inside.K",
     "pan-2018-4: definition 'K_in' is inside.K [mM], but its unit is 1; correct it or the units of its "
     "constants"),
    ("luo-rudy-1994", "unit: uA/uF", "unit: uA/cm2", "luo-rudy-1994: its value is "),
    ("luo-rudy-1994", "steep*sigma*exp(-x)", "steep*sigma*exp(-membrane.V)",
     "luo-rudy-1994: definition 'voltage_factor': exp is taken of -membrane.V [mV]; it must be a pure number: divide it by a "
     "constant of its unit"),
    ("huebel-dahlem-2014-pump", "parameters:", "parameters:\n  spare: 1 mV",
     "huebel-dahlem-2014-pump: parameter 'spare' (1 mV) is used by nothing; remove it, or use it in a formula"),
])
def test_slips_of_units_in_formulas_are_refused(name: str, old: str, new: str, message: str) -> None:
    found = said(name, old, new)
    assert found.startswith(message) if message.endswith(" ") else found == message


def test_a_missing_source_is_allowed() -> None:
    text = text_of("chapman-1983").replace("release: {value: 172 1/s, source: chapman-1983", "release: {value: 172 1/s")
    assert {each.name: each.source for each in scheme_of(read(text)).parameters}["release"] == ""


@pytest.mark.parametrize(("rate", "given", "message"), [
    ("p*inside.Na", "pA/um2", "pump: its rate is p * inside.Na [pA mM/um2]; it must be in fmol/(ms um2), cycles per area and "
     "time: a current per area is divided by F"),
    ("p/F*inside.Na/(inside.Na + 20)", "pA/um2", "pump: its rate: 'inside.Na + 20' adds inside.Na [mM] and 20 [no unit]; both "
     "must have the same unit"),
    ("p", "1/ms", "pump: its rate is p [1/s]; it must be in fmol/(ms um2), cycles per area and time: a current per area is "
     "divided by F"),
])
def test_the_rate_of_a_pump_is_per_area_and_time(rate: str, given: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        RatePump("pump", {"Na": -3, "K": 2}, parse(rate), (Parameter("p", given, 1.0),))
    assert str(caught.value) == message
    RatePump("pump", {"Na": -3, "K": 2}, parse("p/F*exp(inside.V*F/(R*T)/1000)"), (Parameter("p", "pA/um2", 1.0),))


def test_the_check_costs_little() -> None:
    scheme = load("post-albers-23")
    assert isinstance(scheme, Scheme)
    times = []
    for _ in range(5):
        start = perf_counter()
        scheme._check_dimensions()
        scheme._check_use()
        times.append(perf_counter() - start)
    assert min(times) < 5e-3  # s; 0.7 ms on the machine it was written on, where building the scheme takes 25 ms


def test_a_parameter_with_an_unreadable_unit_is_told() -> None:
    with pytest.raises(UnitError, match=r"the unit of k: .*xyzzy"):
        Dimensions({"k": "1/xyzzy"}).of(symbol("k"))


def test_an_equilibrium_from_dG0_holds_its_standard_concentrations_as_numbers() -> None:
    made = "definitions:\n  both: {expression: 1e6*exp(-dG0/(R*T)), unit: UNIT}\nsteps:"
    text = text_of("chapman-1983").replace("steps:", made)
    assert scheme_of(read(text.replace("UNIT", "mM^2"))).definitions[0].name == "both"
    with pytest.raises(UnitError, match=r"definition 'both' is 1000000 .* \[no unit\], but its unit is 1/s; correct it"):
        scheme_of(read(text.replace("UNIT", "1/s")))


@pytest.mark.parametrize("name", sorted(each.name for shelf in ("pumps", "cells") for each in entries(shelf)))
def test_the_catalogue_has_the_units_that_it_states(name: str) -> None:
    load(name)
