"""The frozen table against pint, and the internal units against each other."""

from fractions import Fraction

import pint
import pytest

import pumpleak.units
from pumpleak.base import unit_table
from pumpleak.base.unit_pint import find
from pumpleak.base.unit_table import KINDS, SI, TABLE
from pumpleak.base.units import INTERNAL, NOUNS, Unit, _coherent, quantity, unit

# pint knows no osmole, and calls the ohm and the column of water otherwise.
OTHERWISE = {"Ohm": "ohm", "kOhm": "kohm", "MOhm": "Mohm", "GOhm": "Gohm", "Osm": "M", "mOsm": "mM", "uOsm": "uM"}
OTHERWISE |= {"cmH2O": "centimeter_H2O"}
# pint's dalton is a later CODATA than ours (4e-10 apart), its column of water lies at 4 degC (3e-5 less than 1 g/cm3).
APART = {"Da": 1e-9, "kDa": 1e-9, "cmH2O": 5e-5}


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry()


@pytest.mark.parametrize("symbol", TABLE)
def test_every_symbol_has_the_size_and_dimension_pint_gives(symbol: str, registry: pint.UnitRegistry[float]) -> None:
    size, dimension = TABLE[symbol]
    theirs = registry.Quantity(1.0, registry.Unit(OTHERWISE.get(symbol, symbol))).to_base_units()
    expected = registry.Unit("dimensionless")
    for base, exponent in zip(SI, dimension, strict=True):
        expected *= registry.Unit(base) ** int(exponent)
    assert theirs.dimensionality == expected.dimensionality
    # One rounding of pint's for the prefix and one for the unit, a few more for mmHg.
    assert float(size) == pytest.approx(theirs.magnitude, rel=APART.get(symbol, 2e-15))


def test_the_table_is_frozen() -> None:
    with pytest.raises(TypeError):
        TABLE["mM"] = TABLE["M"]  # type: ignore[index]


def test_the_field_s_units_are_there() -> None:
    wanted = """
        s ms us min minute h hour day M mM uM nM pM mol mmol umol nmol pmol fmol amol L mL uL nL pL fL m dm cm mm
        um nm V mV uV A mA uA nA pA fA F mF uF nF pF S mS uS nS pS C mC uC nC pC fC Ohm kOhm MOhm K J kJ fJ aJ Pa kPa
        mmHg N Hz kHz Osm mOsm % e Da g kg mg"""
    assert set(wanted.split()) <= set(TABLE)


def test_pint_finds_the_rest_and_only_plain_units() -> None:
    psi = find("psi")
    assert psi is not None
    # NIST SP 811, appendix B.8, seven digits.
    assert float(psi[0]) == pytest.approx(6894.757, rel=1e-7)
    assert psi[1] == unit("Pa").dimension
    assert find("angstrom") == (Fraction(1, 10**10), unit("m").dimension)
    # Unknown, with an offset, logarithmic, beyond our dimensions, numbers, expressions.
    assert [find(each) for each in ("mMol", "degF", "dB", "candela", "nan", "inf", "7**7", "m s", "")] == [None] * 9


def test_kinds_have_one_dimension_each() -> None:
    assert len(NOUNS) == len(INTERNAL) == len(KINDS)


@pytest.mark.parametrize("noun", [noun for noun, _ in KINDS if noun != "length"])
def test_named_internal_units_fit_the_built_ones(noun: str) -> None:
    """Only the length um is apart: with um2 and pL, a coherent length would be 1 pL/um2 = 1 mm."""
    assert _coherent(INTERNAL[noun].dimension) == INTERNAL[noun]


@pytest.mark.parametrize(
    ("left", "right"),
    [("mM pL", "fmol"), ("fC/ms", "pA"), ("nS mV", "pA"), ("mV pF", "fC"), ("fJ/fmol", "J/mol"), ("fJ/pL", "Pa"),
     ("fmol", "mM pL"), ("1000 um3", "pL"), ("0.001 fJ", "mV fC"), ("1e-3 J/mol", "C mV/mol")],
)  # fmt: skip
def test_what_the_docstring_says_of_the_internal_units(left: str, right: str) -> None:
    assert quantity(left if left[0].isdigit() else f"1 {left}") == quantity(f"1 {right}")


def test_the_units_to_import_are_what_their_names_say() -> None:
    renamed = {"second": "s", "minute": "min", "hour": "h", "percent": "%", "elementary_charge": "e"}
    exported = {name: each for name, each in vars(pumpleak.units).items() if isinstance(each, Unit)}
    wanted = "mM uM nM mV V nS pS pA nA pF pL fL um um2 ms second minute hour day fmol K s"
    assert set(wanted.split()) <= set(exported)
    for name, each in exported.items():
        assert each == unit(renamed.get(name, name)), name


def test_prefixes_are_powers_of_ten() -> None:
    exponents = {"": 0, "a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "d": -1}
    exponents |= {"k": 3, "M": 6, "G": 9}
    assert {prefix: Fraction(10) ** exponent for prefix, exponent in exponents.items()} == unit_table.PREFIXES
