"""Units and quantities: arithmetic, conversion, messages and what they import."""

import copy
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from pumpleak.base.errors import UnitError
from pumpleak.base.unit_table import TABLE
from pumpleak.base.units import ONE, Quantity, Unit, internal, internal_unit, kind, quantity, unit
from pumpleak.units import cm2, mM, mol, mS, ms, mV, nS, pA, pL, second, uM

numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
exponents = st.sampled_from([Fraction(n) for n in (-3, -2, -1, 1, 2, 3)] + [Fraction(1, 2), Fraction(-3, 4)])


@st.composite
def products(draw: st.DrawFn) -> Unit:
    """Products of powers of the table's units; those out of the range of numbers are refused, and not drawn."""
    parts = draw(st.lists(st.tuples(st.sampled_from(sorted(TABLE)), exponents), max_size=4))
    try:
        return Unit(tuple(parts))
    except UnitError:
        reject()


units = products()


@given(units)
def test_a_unit_is_read_back_from_its_name(measured: Unit) -> None:
    assert unit(measured.name) == measured
    assert unit(measured.name).name == measured.name


@given(numbers, units)
def test_a_quantity_is_read_back_from_its_text(value: float, measured: Unit) -> None:
    written = Quantity(value, measured)
    read = quantity(repr(written))
    assert read.value == written.value
    assert read.unit == measured


@given(numbers, units)
def test_internal_and_back(value: float, measured: Unit) -> None:
    try:
        inside = internal_unit(measured)
    except UnitError:  # such a power of internal units cannot be written
        reject()
    there = Quantity(value, measured).internal
    assert isinstance(there, float)
    # Two conversions of at most two roundings each; numbers that underflow on the way are left out.
    if value == 0 or 1e-280 < abs(there) < 1e280:
        assert Quantity(there, inside).to(measured) == pytest.approx(value, rel=1e-15)


@given(units, units)
def test_products_and_quotients_of_units(left: Unit, right: Unit) -> None:
    try:
        both = left * right
    except UnitError:  # beyond the largest size
        return
    assert both == right * left
    assert hash(both) == hash(right * left)
    assert both.per(right) == left
    assert both / right == left


@given(st.integers(-10_000, 10_000), st.integers(-20, 20))
def test_decimal_prefixes_convert_to_the_last_bit(digits: int, power: int) -> None:
    """570 uM is the number 0.57 in mM, as if it had been written so."""
    value = float(f"{digits}e{power}")
    assert Quantity(value, uM).to(mM) == float(f"{digits}e{power - 3}")
    assert Quantity(value, uM) == Quantity(float(f"{digits}e{power - 3}"), mM)
    assert Quantity(float(f"{digits}e{power - 3}"), mM) == Quantity(value, uM)
    assert hash(Quantity(float(f"{digits}e{power - 3}"), mM)) == hash(Quantity(value, uM))


def test_units_are_equal_by_what_they_measure() -> None:
    assert unit("mM") == unit("umol/mL") == unit("mol/m3") == unit("mOsm")
    assert unit("min") == unit("minute")
    assert mM != uM
    assert mM != ms
    assert mM != "mM"
    assert unit("mM") * unit("pL") == unit("fmol")
    assert {unit("mOsm"): 1}[mM] == 1


def test_units_have_name_dimension_and_factor() -> None:
    density = mS / cm2
    assert (density.name, str(density), repr(density)) == ("mS/cm2", "mS/cm2", "unit('mS/cm2')")
    assert density.factor == 10.0
    assert density.dimension == tuple(Fraction(n) for n in (0, -4, -1, 3, 2, 0))
    assert (mM / mM) == ONE
    assert (mM**2).name == "mM2"
    assert (1 / ms).unit.name == "1/ms"
    assert unit("%").dimensionless
    assert not mM.dimensionless


def test_python_arithmetic() -> None:
    assert 5 * mM / ms == quantity("5 mM/ms")
    assert mM * 5 == 5 * mM
    assert mM / 5 == 0.2 * mM
    assert mM * (2 * ms) == quantity("2 mM ms")
    assert mM / (2 * ms) == quantity("0.5 mM/ms")
    assert (5 * mM) / mM == quantity("5")
    assert mM / (5 * mM) == quantity("0.2")
    assert 2 / (4 * ms) == quantity("0.5 1/ms")
    assert 5 * mM + 500 * uM == quantity("5.5 mM")
    assert 5 * mM - 500 * uM == quantity("4.5 mM")
    assert 1 - quantity("5 %") == quantity("0.95")
    assert 1 + quantity("5 %") == quantity("1.05")
    assert -(70 * mV) == quantity("-70 mV")
    assert (3 * mV) ** 2 == quantity("9 mV2")
    assert (10 * nS * (-70 * mV)).to(pA) == -700.0
    assert (2 * (3 * mM)).value == 6.0
    assert 5 * mM > 2 * uM
    assert 5 * mM >= 5000 * uM
    assert 5 * uM < 2 * mM
    assert 5 * uM <= 5 * uM
    assert 5 * mM != 5 * mV
    assert 5 * mM != 5
    assert float("inf") * mM == float("inf") * mM
    assert float("nan") * mM != float("nan") * mM
    assert (float("inf") * mM).to(uM) == float("inf")
    assert (10**400 * mM).value == float("inf")
    assert {5 * mM: "same"}[5000 * uM] == "same"


def test_arrays() -> None:
    array = np.array([1.0, 2.0])
    for each in (array * mM, mM * array, mM * [1, 2], Quantity(np.array([1, 2]), mM), (2 * mM) * (array / 2)):
        assert isinstance(each.value, np.ndarray)
        assert each.value.dtype == np.float64
        assert each == array * mM
    np.testing.assert_array_equal((array * mM).to(uM), [1000.0, 2000.0])
    np.testing.assert_array_equal((array * (2 * mM)).internal, [2.0, 4.0])
    np.testing.assert_array_equal(array * mM > 1500 * uM, [False, True])
    assert array * mM != np.array([1.0, 3.0]) * mM
    assert array * mM != np.array([1.0, 2.0, 3.0]) * mM
    assert np.array([2.0, 2.0]) * mM != 2 * mM
    assert type((np.float64(3) * mM).value) is float
    assert type((np.int64(3) * mM).value) is float
    assert type((3 * mM).value) is float


def test_text_of_quantities() -> None:
    assert str(5 * mM) == repr(5 * mM) == "5 mM"
    assert repr(0.1 * mM) == "0.1 mM"
    assert f"{-70.123 * mV:.1f}" == "-70.1 mV"
    assert str(quantity("0.3")) == "0.3"


def test_a_pure_number_is_a_float() -> None:
    assert float(quantity("0.25")) == 0.25
    assert float((6 * mM) / (3 * mM)) == 2.0
    for wrong, said in ((5 * mM, r"float\(\) of '5 mM', which is a concentration \[mM\]: only a single pure number is one; "
                                 r"give its unit, for example .to\('mM'\)"),
                        ((3 * mM) / (6 * uM), "of '0.5 mM/uM', which is"),  # 500: which of the two is meant is not guessed
                        (Quantity([1.0, 2.0], ONE), "which is an array")):
        with pytest.raises(UnitError, match=said):
            float(wrong)


def test_frozen_and_copyable() -> None:
    with pytest.raises(AttributeError):
        mM.parts = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        (5 * mM).value = 3.0  # type: ignore[misc]
    assert copy.deepcopy(5 * mM) == 5 * mM


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 L", 1e12), ("1 um3", 1e-3), ("1 M", 1e3), ("1 min", 6e4), ("1 S/cm2", 10.0), ("1 uF/cm2", 1e-2),
        ("1 pmol/cm2/s", 1e-8), ("1 cm/s", 1e-2), ("1 kJ/mol", 1e3), ("1 J", 1e15), ("1 m", 1e6), ("1 cm2", 1e8),
        ("1 pW", 1.0), ("1 1/(s uM)", 1.0), ("1 mM^0.5", 1.0), ("1 V2", 1e6), ("1 %", 1e-2), ("1 pL/(ms mM)", 1.0),
    ],
)  # fmt: skip
def test_internal_numbers(text: str, number: float) -> None:
    # Powers of ten, one rounding each.
    assert quantity(text).internal == pytest.approx(number, rel=1e-15)


def test_conversion_needs_the_same_dimension() -> None:
    with pytest.raises(UnitError) as caught:
        (5 * mV).to("uM")
    assert str(caught.value) == "'5 mV' is a voltage [mV]; it cannot be given as a concentration [uM]"
    for wrong in (lambda: 5 * mM + 5 * mV, lambda: 5 * mM - 5, lambda: 5 * mM < 5 * mV, lambda: 5 + 5 * mM):
        with pytest.raises(UnitError):
            wrong()


@pytest.mark.parametrize("value", ["5 mM", True, None, [1, None], [[1], [1, 2]], [True], object(), ["5"], 1j])
def test_only_numbers_make_quantities(value: object) -> None:
    with pytest.raises(UnitError, match="is not a number"):
        Quantity(value, mM)  # type: ignore[arg-type]


def test_python_powers_are_small_too() -> None:
    with pytest.raises(UnitError, match=r"unit 'mM': power 1e\+09 is too large; a unit has powers up to 12"):
        mM**1_000_000_000
    with pytest.raises(UnitError, match=r"unit 'mM': power 0\.333333; a unit has whole powers or simple decimals"):
        mM ** (1 / 3)
    with pytest.raises(UnitError, match="power nan is too large"):
        mM ** float("nan")
    with pytest.raises(UnitError, match=r"unknown unit 'nonsense'; write unit\('mM'\) to read one from text"):
        Unit((("nonsense", Fraction(1)),))


def test_internal_reads_text_quantities_and_numbers() -> None:
    assert internal("5 mM", "mM", "inside.Na") == 5.0
    assert internal(500 * uM, "mM", "inside.Na") == 0.5
    assert internal("10 min", ms, "time") == 600_000.0
    assert internal("37 degC", "K", "T") == 310.15
    assert internal("40 %", "1", "activity") == 0.4
    assert internal(0.4, "1", "activity") == 0.4
    assert internal("2 fmol/fL", "mM", "inside.Na") == 2000.0
    assert internal(3 * mol / pL, "M", "inside.Na") == 3e12
    assert internal(7, ONE, "count") == 7.0


REFUSED: list[tuple[object, str, str]] = [
    ("5 mV", "mM", "x: '5 mV' is a voltage [mV]; expected a concentration [mM]"),
    (5 * mV, "uM", "x: '5 mV' is a voltage [mV]; expected a concentration [uM]"),
    ("5", "mM", "x: '5' has no unit; expected a concentration, for example '5 mM'"),
    (5, "mM", "x: '5' has no unit; expected a concentration, for example '5 mM'"),
    (0.25, "fmol", "x: '0.25' has no unit; expected an amount, for example '0.25 fmol'"),
    (3, "mV2/ms", "x: '3' has no unit; expected a quantity, for example '3 mV2/ms'"),
    ("5 %", "mM", "x: '5 %' is a pure number; expected a concentration [mM]"),
    ("5 mM", "1", "x: '5 mM' is a concentration [mM]; expected a pure number"),
    ("5 ms", "mS/cm2", "x: '5 ms' is a time [ms]; expected a conductance per area [mS/cm2]"),
    ("5 V2", "mM", "x: '5 V2' is a quantity in [V2]; expected a concentration [mM]"),
    ("nan mM", "mM", "x: 'nan mM' does not begin with a number; write a number and a unit, for example '5 mM'"),
    (float("nan") * mM, "mM", "x: 'nan mM' is not finite; give a number and a unit, for example '5 mM'"),
    (float("inf"), "1", "x: 'inf' is not finite; give a number and a unit, for example '5 mM'"),
    (np.array([np.inf]) * mM, "mM", "x: '[inf] mM' is not finite; give a number and a unit, for example '5 mM'"),
    (np.array([1.0, 2.0]) * mM, "mM", "x: '[1. 2.] mM' is an array; expected one number in mM"),
    ("1e308 M", "mM", "x: '1e308 M' is too large for a number in mM"),
    (True, "1", "x: 'True' is not a number; give a number and a unit, for example '5 mM'"),
    (None, "1", "x: 'None' is not a number; give a number and a unit, for example '5 mM'"),
]


@pytest.mark.parametrize(("value", "expected", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_internal_refuses(value: str, expected: str, said: str) -> None:
    with pytest.raises(UnitError) as caught:
        internal(value, expected, "x")
    assert str(caught.value) == said


def test_kind_in_words() -> None:
    assert kind(unit("S/cm2")) == "a conductance per area [nS/um2]"
    assert kind(unit("mol")) == "an amount [fmol]"
    assert kind(second * mM) == "a quantity in [s mM]"


def test_neither_numpy_nor_pint_is_imported_for_plain_numbers() -> None:
    code = """
import sys
import pumpleak.units, pumpleak.base.species, pumpleak.base.sources, pumpleak.base.constants
from pumpleak.base.units import internal, quantity
assert internal("5 mM", "uM", "x") == 5000
assert (quantity("-70 mV") * 2).internal == -140
loaded = {"numpy", "pint"} & set(sys.modules)
sys.exit(f"imported {loaded}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
