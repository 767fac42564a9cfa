"""Reading quantities and units from text: what is accepted, and every refusal word for word."""

import time

import pytest

from pumpleak.base.errors import UnitError
from pumpleak.base.units import quantity, unit


@pytest.mark.parametrize(
    ("text", "value", "name"),
    [
        ("5 mM", 5, "mM"),
        ("-70 mV", -70, "mV"),
        ("+.5mV", 0.5, "mV"),
        ("10min", 10, "min"),
        ("1e-3 S/cm2", 1e-3, "S/cm2"),
        ("0.5 C/dm2/s", 0.5, "C/(dm2 s)"),
        ("0.1 C dm-2 s-1", 0.1, "C/(dm2 s)"),
        ("5 pmol/cm2/s", 5, "pmol/(cm2 s)"),
        ("1423.2 1/s", 1423.2, "1/s"),
        ("0.1 /s", 0.1, "1/s"),
        ("3 s^-1", 3, "1/s"),
        ("3 s**(-1)", 3, "1/s"),
        ("225.9 1/(s mM)", 225.9, "1/(s mM)"),
        ("225.9 1/s/mM", 225.9, "1/(s mM)"),
        ("2 J/mol*K", 2, "J K/mol"),
        ("2 (S/cm2) mV", 2, "S mV/cm2"),
        ("100 %", 100, "%"),
        ("5 %", 5, "%"),
        ("0.3", 0.3, "1"),
        ("0.3 1", 0.3, "1"),
        (" 7  mM ", 7, "mM"),
        ("37 degC", 310.15, "K"),
        ("-273.15 degC", 0, "K"),
        ("5 e", 5, "e"),
        ("2 mM^0.5", 2, "mM^0.5"),
        ("2 cmH2O2", 2, "cmH2O2"),
        ("3 mM/mM", 3, "1"),
        ("2 angstrom2", 2, "angstrom2"),
        ("4 kcal/mol", 4, "kcal/mol"),
        ("5 \N{MICRO SIGN}S/cm\N{SUPERSCRIPT TWO}", 5, "uS/cm2"),
        ("5 \N{GREEK SMALL LETTER MU}M\N{MIDDLE DOT}s\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT ONE}", 5, "uM/s"),
        ("\N{MINUS SIGN}70 mV", -70, "mV"),
        ("25 \N{DEGREE SIGN}C", 298.15, "K"),
    ],
)
def test_accepted(text: str, value: float, name: str) -> None:
    read = quantity(text)
    assert read.value == value
    assert read.unit.name == name


NO_NUMBER = "does not begin with a number; write a number and a unit, for example '5 mM'"
NO_UNIT = "where a unit such as 'mM' or 'S/cm2' should be"
REFUSED = {
    "": f"'' {NO_NUMBER}",
    "mM": f"'mM' {NO_NUMBER}",
    "nan mM": f"'nan mM' {NO_NUMBER}",
    "-inf": f"'-inf' {NO_NUMBER}",
    "True": f"'True' {NO_NUMBER}",
    "__import__('os')": f'"__import__(\'os\')" {NO_NUMBER}',
    "1e400 mM": "'1e400 mM' is too large for a number; the largest is about 1.8e308",
    "7**7**7 mM": f"cannot read the unit in '7**7**7 mM': found '**7**7 mM' {NO_UNIT}",
    "7^7^7": f"cannot read the unit in '7^7^7': found '^7^7' {NO_UNIT}",
    "1,5 mM": f"cannot read the unit in '1,5 mM': found ',5 mM' {NO_UNIT}",
    "5 7 mM": f"cannot read the unit in '5 7 mM': found '7 mM' {NO_UNIT}",
    "5 mM/": f"cannot read the unit in '5 mM/': found the end {NO_UNIT}",
    "5 mM^x": f"cannot read the unit in '5 mM^x': found '^x' {NO_UNIT}",
    "5 mM^2.5.3": f"cannot read the unit in '5 mM^2.5.3': found '.3' {NO_UNIT}",
    "5 mM)": "cannot read the unit in '5 mM)': ')' at ')' closes nothing",
    "5 (mM": "cannot read the unit in '5 (mM': a bracket '(' is not closed",
    "5 ((((mM))))": "cannot read the unit in '5 ((((mM))))': brackets are nested deeper than 3",
    "5 J/mol K": "cannot read the unit in '5 J/mol K': a space after '/' can be read two ways; write a/(b c) or a c/b",
    "5 mM**7**7": (
        "cannot read the unit in '5 mM**7**7': a power of a power; write one power such as 'cm2' or 'cm^-2'"
    ),
    "5 cm2^2": "cannot read the unit in '5 cm2^2': a power of a power; write one power such as 'cm2' or 'cm^-2'",
    "5 mM^99": "'5 mM^99': power 99 is too large; a unit has powers up to 12",
    "5 mM99": "'5 mM99': power 99 is too large; a unit has powers up to 12",
    "5 mM^0.333": "'5 mM^0.333': power 0.333; a unit has whole powers or simple decimals such as 0.5",
    "5 (m^12)^12": "unit 'm144': power 144 of m; the highest is 12",
    "5 Da^12": "unit 'Da12' is too large or too small to compute with",
    "5 mMol": "unknown unit 'mMol' in '5 mMol'; did you mean 'mmol', 'mol' or 'umol'?",
    "5 candela": "unknown unit 'candela' in '5 candela'",
    "5 degF": "unknown unit 'degF' in '5 degF'",
    "1 degC/s": "'1 degC/s': degC only names a temperature such as '37 degC'; else use K",
    "-300 degC": "'-300 degC' is below absolute zero, -273.15 degC",
    "5 " + "m" * 300: f"'5 {'m' * 55}...' has 302 characters; a quantity has at most 200",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        quantity(text)
    assert str(caught.value) == REFUSED[text]


@pytest.mark.parametrize("text", ["(" * 199, "m^" * 99, "m/" * 99 + "m", "1" * 200, "(m^12)^12)^12", "m*" * 99 + "m"])
def test_hostile_text_is_refused_at_once(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UnitError):
        unit(text)
    # Refusing takes well under a millisecond; a power once evaluated would take hours.
    assert time.perf_counter() - started < 1


def test_units_alone() -> None:
    assert unit("1").name == "1"
    assert unit("S/cm2") is unit("S/cm2")
    with pytest.raises(UnitError, match="'5' is not a unit; give a Unit or text such as 'mM'"):
        unit(5)  # type: ignore[arg-type]
