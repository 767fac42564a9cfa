"""Units and quantities: `5 * mM`, `quantity("5 mM")`, and the units that pumpleak computes in.

Inside, everywhere: fmol, pL, mM, ms, mV, pA, pF, nS, fC, K; areas in um2, lengths in um, energies in fJ and J/mol.
They fit together without factors: mM pL = fmol, fC/ms = pA, nS mV = pA, pF mV = fC, fJ/fmol = J/mol, fJ/pL = Pa.
Three places need care: 1 pL is 1000 um3, so a permeability is in pL/(ms um2); mV fC is 1e-3 fJ; and F V in J/mol is
F [C/mol] x V [mV] x 1e-3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, overload

from pumpleak.base.errors import UnitError
from pumpleak.base.names import shown
from pumpleak.base.unit_table import BASES, KINDS, Dimension
from pumpleak.base.unit_text import HIGHEST, Parts, power, product, read_quantity, read_unit, size_and_dimension

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array: TypeAlias = NDArray[np.float64]
    Value: TypeAlias = float | Array

# K: a smaller number without a unit is surely meant in degC.
COLDEST = 150.0
# Beyond it a float has no room left for the number itself.
LARGEST = Fraction(10**200)


@dataclass(frozen=True, eq=False, repr=False)
class Unit:
    """A unit of measure: a product of powers of symbols, such as mM, S/cm2 or 1/(ms mM).

    Two units are equal if they measure the same dimension by the same size, whatever they are called.
    """

    parts: Parts = ()

    # numpy must not take a unit for one of its objects: `array * mM` comes here.
    __array_ufunc__ = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", product(self.parts))
        for symbol, exponent in self.parts:
            if abs(exponent) > HIGHEST:
                raise UnitError(f"unit {shown(self.name)}: power {exponent} of {symbol}; the highest is {HIGHEST}")
        if not 1 / LARGEST <= self.exact <= LARGEST:
            raise UnitError(f"unit {shown(self.name)} is too large or too small to compute with")

    @cached_property
    def name(self) -> str:
        """The unit written out, as `unit()` reads it."""
        above = [_raised(symbol, exponent) for symbol, exponent in self.parts if exponent > 0]
        below = [_raised(symbol, -exponent) for symbol, exponent in self.parts if exponent < 0]
        top = " ".join(above) or "1"
        if not below:
            return top
        return f"{top}/{below[0]}" if len(below) == 1 else f"{top}/({' '.join(below)})"

    @cached_property
    def exact(self) -> Fraction:
        """The size of the unit in SI, as an exact fraction."""
        size = Fraction(1)
        for symbol, exponent in self.parts:
            size *= _fraction_power(_known(symbol)[0], exponent)
        return size

    @cached_property
    def dimension(self) -> Dimension:
        """Exponents of amount, length, mass, time, current and temperature."""
        exponents = [Fraction(0)] * len(BASES)
        for symbol, exponent in self.parts:
            exponents = [old + each * exponent for old, each in zip(exponents, _known(symbol)[1], strict=True)]
        return tuple(exponents)

    @property
    def factor(self) -> float:
        """The size of the unit in SI."""
        return float(self.exact)

    @property
    def dimensionless(self) -> bool:
        """Whether the unit measures a pure number."""
        return not any(self.dimension)

    def per(self, other: Unit) -> Unit:
        """Return this unit divided by the other."""
        return Unit(self.parts + tuple((symbol, -exponent) for symbol, exponent in other.parts))

    @overload
    def __mul__(self, other: Unit) -> Unit: ...
    @overload
    def __mul__(self, other: Quantity | ArrayLike) -> Quantity: ...
    def __mul__(self, other: Unit | Quantity | ArrayLike) -> Unit | Quantity:
        if isinstance(other, Quantity):
            return Quantity(other.value, self * other.unit)
        return Unit(self.parts + other.parts) if isinstance(other, Unit) else Quantity(other, self)

    def __rmul__(self, number: ArrayLike) -> Quantity:
        return Quantity(number, self)

    @overload
    def __truediv__(self, other: Unit) -> Unit: ...
    @overload
    def __truediv__(self, other: Quantity | ArrayLike) -> Quantity: ...
    def __truediv__(self, other: Unit | Quantity | ArrayLike) -> Unit | Quantity:
        return self.per(other) if isinstance(other, Unit) else Quantity(1.0, self) / other

    def __rtruediv__(self, number: ArrayLike) -> Quantity:
        return Quantity(number, self**-1)

    def __pow__(self, exponent: float | Fraction) -> Unit:
        exact = power(exponent, f"unit {shown(self.name)}")
        return Unit(tuple((symbol, each * exact) for symbol, each in self.parts))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unit):
            return NotImplemented
        return self.dimension == other.dimension and self.exact == other.exact

    def __hash__(self) -> int:
        return hash((self.dimension, self.exact))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"unit({self.name!r})"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Quantity:
    """A number, or an array of them, with its unit: 5 mM.

    Sums, differences and comparisons convert and need one dimension; products and quotients make new units. `==` is one
    answer also for arrays. Raises UnitError for dimensions that differ and for what is not a number.
    """

    value: Value
    unit: Unit

    __array_ufunc__ = None

    def __init__(self, value: ArrayLike, unit: Unit) -> None:
        object.__setattr__(self, "value", _numeric(value))
        object.__setattr__(self, "unit", unit)

    def to(self, target: Unit | str) -> Value:
        """Return the value in the target unit, a bare number or array."""
        wanted = unit(target)
        if wanted.dimension != self.unit.dimension:
            asked = kind(wanted, shown_as=wanted)
            raise UnitError(f"{shown(self)} is {kind(self.unit)}; it cannot be given as {asked}")
        ratio = _ratio(self.unit, wanted)
        if isinstance(self.value, float) and math.isfinite(self.value):
            return _rounded(_decimal(self.value) * ratio)
        # By the one of the two factors that is a whole number, and so mostly exact.
        return self.value * float(ratio) if ratio >= 1 else self.value / float(1 / ratio)

    @property
    def internal(self) -> Value:
        """The value in the unit that pumpleak computes in."""
        return self.to(internal_unit(self.unit))

    def __add__(self, other: Quantity | ArrayLike) -> Quantity:
        return Quantity(self.value + _quantity(other).to(self.unit), self.unit)

    __radd__ = __add__

    def __sub__(self, other: Quantity | ArrayLike) -> Quantity:
        return Quantity(self.value - _quantity(other).to(self.unit), self.unit)

    def __rsub__(self, other: ArrayLike) -> Quantity:
        return -self + other

    def __neg__(self) -> Quantity:
        return Quantity(-self.value, self.unit)

    def __mul__(self, other: Quantity | Unit | ArrayLike) -> Quantity:
        times = _quantity(other)
        return Quantity(self.value * times.value, self.unit * times.unit)

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | Unit | ArrayLike) -> Quantity:
        by = _quantity(other)
        return Quantity(self.value / by.value, self.unit / by.unit)

    def __rtruediv__(self, other: Unit | ArrayLike) -> Quantity:
        return _quantity(other) / self

    def __pow__(self, exponent: float) -> Quantity:
        return Quantity(self.value**exponent, self.unit**exponent)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        if self.unit.dimension != other.unit.dimension:
            return False
        if isinstance(self.value, float) and isinstance(other.value, float):
            if math.isfinite(self.value) and math.isfinite(other.value):
                return _decimal(self.value) * self.unit.exact == _decimal(other.value) * other.unit.exact
            return self.value == other.value
        # Into the larger unit, whichever stands first, so that a == b is b == a.
        common = max(self.unit, other.unit, key=lambda each: each.exact)
        mine, theirs = self.to(common), other.to(common)
        if isinstance(mine, float) or isinstance(theirs, float):
            return False
        return mine.shape == theirs.shape and bool((mine == theirs).all())

    def __hash__(self) -> int:
        if isinstance(self.value, float) and math.isfinite(self.value):
            return hash((self.unit.dimension, _decimal(self.value) * self.unit.exact))
        return hash(self.unit.dimension)

    def __lt__(self, other: Quantity | ArrayLike) -> bool | NDArray[np.bool_]:
        return self.value < _quantity(other).to(self.unit)

    def __le__(self, other: Quantity | ArrayLike) -> bool | NDArray[np.bool_]:
        return self.value <= _quantity(other).to(self.unit)

    def __gt__(self, other: Quantity | ArrayLike) -> bool | NDArray[np.bool_]:
        return self.value > _quantity(other).to(self.unit)

    def __ge__(self, other: Quantity | ArrayLike) -> bool | NDArray[np.bool_]:
        return self.value >= _quantity(other).to(self.unit)

    def __float__(self) -> float:
        if self.unit != ONE or not isinstance(self.value, float):
            said = f"is {kind(self.unit)}" if self.unit.parts else "is an array"
            raise UnitError(f"float() of {shown(self)}, which {said}: only a single pure number is one; "
                            f"give its unit, for example .to({str(self.unit)!r})")
        return self.value

    def __format__(self, spec: str) -> str:
        number = format(self.value, spec) if spec else str(self.value).removesuffix(".0")
        return f"{number} {self.unit}" if self.unit.parts else number

    def __str__(self) -> str:
        return format(self)

    __repr__ = __str__


def unit(text: Unit | str) -> Unit:
    """Return the unit that the text names, such as "S/cm2"; a Unit is handed back. Raises UnitError."""
    if isinstance(text, Unit):
        return text
    if not isinstance(text, str):
        raise UnitError(f"{shown(text)} is not a unit; give a Unit or text such as 'mM'")
    return _read_unit(text)


def quantity(given: Quantity | str | float) -> Quantity:
    """Return the quantity that the text gives, such as "5 mM"; a bare number is dimensionless.

    Raises UnitError for text that is no quantity, and for NaN and infinity.
    """
    if isinstance(given, str):
        number, parts = read_quantity(given)
        return Quantity(number, Unit(parts or ()))
    read = _quantity(given)
    if not _finite(read.value):
        raise UnitError(f"{shown(read)} is not finite; give a number and a unit, for example '5 mM'")
    return read


def internal(value: Quantity | str | float, expected_unit: Unit | str, name: str) -> float:
    """Return the value as a number in the expected unit; `name` is the dotted name that messages begin with.

    Raises UnitError for another dimension, a missing unit, an array, NaN and infinity.
    """
    wanted = unit(expected_unit)
    try:
        read = quantity(value)
    except UnitError as error:
        raise UnitError(f"{name}: {error}") from None
    given = shown(value if isinstance(value, str) else read)
    if read.unit.dimension != wanted.dimension:
        if not read.unit.parts:
            example = f"{read.value:.15g} {wanted}" if isinstance(read.value, float) else f"5 {wanted}"
            noun = NOUNS.get(wanted.dimension, "quantity")
            if noun == "temperature" and isinstance(read.value, float) and read.value < COLDEST:
                example = f"{read.value:.15g} degC"
            raise UnitError(f"{name}: {given} has no unit; expected {_article(noun)}, for example {shown(example)}")
        raise UnitError(f"{name}: {given} is {kind(read.unit)}; expected {kind(wanted, shown_as=wanted)}")
    number = read.to(wanted)
    if not isinstance(number, float):
        raise UnitError(f"{name}: {given} is an array; expected one number in {wanted}")
    if not math.isfinite(number):
        raise UnitError(f"{name}: {given} is too large for a number in {wanted}")
    return number


def kind(measured: Unit, shown_as: Unit | None = None) -> str:
    """Return what the unit measures, in words: "a voltage [mV]", or "a quantity in [mV2/ms]" where there is no word."""
    noun = NOUNS.get(measured.dimension)
    if noun is None:
        return f"a quantity in [{shown_as or measured}]"
    return _article(noun) if measured.dimensionless else f"{_article(noun)} [{shown_as or INTERNAL[noun]}]"


@lru_cache(maxsize=1024)
def internal_unit(measured: Unit) -> Unit:
    """Return the unit of this dimension that pumpleak computes in, made to fit the others where it has no name."""
    noun = NOUNS.get(measured.dimension)
    return INTERNAL[noun] if noun is not None else _coherent(measured.dimension)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


@lru_cache(maxsize=1024)
def _read_unit(text: str) -> Unit:
    return Unit(read_unit(text))


@lru_cache(maxsize=1024)
def _ratio(of: Unit, to: Unit) -> Fraction:
    return of.exact / to.exact


def _decimal(value: float) -> Fraction:
    """Return the number as it is written: 0.1 is one tenth, so that 0.1 uM and 0.0001 mM are the same."""
    return Fraction(repr(value))


def _rounded(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _known(symbol: str) -> tuple[Fraction, Dimension]:
    found = size_and_dimension(symbol)
    if found is None:
        raise UnitError(f"unknown unit {shown(symbol)}; write unit('mM') to read one from text")
    return found


def _raised(symbol: str, exponent: Fraction) -> str:
    if exponent == 1:
        return symbol
    # A decimal power needs the sign: in "mM0.5" the reader would see mM to the power 0.
    return f"{symbol}{exponent}" if exponent.denominator == 1 else f"{symbol}^{float(exponent)}"


def _fraction_power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1:
        return base**exponent.numerator
    # The square root of 1e-4 is one hundredth exactly.
    return _decimal(float(base) ** float(exponent))


def _quantity(value: Quantity | Unit | ArrayLike) -> Quantity:
    if isinstance(value, Quantity):
        return value
    return Quantity(1.0, value) if isinstance(value, Unit) else Quantity(value, ONE)


def _numeric(value: ArrayLike) -> Value:
    """Return a float or a float64 array; raises UnitError for text, truth values and what is not numbers."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _rounded(Fraction(value)) if isinstance(value, int) else float(value)
    if value is None or isinstance(value, str | bytes | bool):
        raise UnitError(f"{shown(value)} is not a number; give a number and a unit, for example '5 mM'")
    import numpy as np  # imported here: numbers alone do not need it, and the command line starts without it

    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        array = np.asarray("ragged")
    if array.dtype.kind not in "iuf":
        raise UnitError(f"{shown(value)} is not a number or an array of numbers; give for example '5 mM'")
    numbers = array.astype(np.float64, copy=False)
    return numbers if numbers.ndim else float(numbers)


def _finite(value: Value) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    import numpy as np  # an array is here, so numpy is loaded already

    return bool(np.isfinite(value).all())


def _coherent(dimension: Dimension) -> Unit:
    """Return the product of internal units of this dimension, with um2 and pL for lengths.

    Mass is taken up by mV where there is charge and by fJ where there is none; what remains of lengths goes to mM, pL
    and um2. The length um itself is the one internal unit that this does not give.
    """
    amount, length, mass, time, current, temperature = dimension
    if mass and current:
        electric, energy = mass, Fraction(0)
        length, time, current = length - 2 * mass, time + 3 * mass, current + mass
    else:
        electric, energy = Fraction(0), mass
        length, time = length - 2 * mass, time + 2 * mass
    # A concentration to any power, whole or not, is mM to that power.
    volumes = length / 3 if length == -3 * amount else Fraction(math.floor(length / 3))
    rest = length - 3 * volumes
    if rest == 1:
        volumes, rest = volumes + 1, Fraction(-2)
    dissolved = Fraction(0)
    if amount > 0 > volumes:
        dissolved = min(amount, -volumes)
    elif amount < 0 < volumes:
        dissolved = max(amount, -volumes)
    return Unit(
        (
            ("fJ", energy), ("mV", electric), ("pA", current),
            ("fmol", amount - dissolved), ("mM", dissolved), ("pL", volumes + dissolved), ("um", rest),
            ("ms", time), ("K", temperature),
        )
    )


ONE = Unit()
"""The unit of a pure number."""

INTERNAL: Mapping[str, Unit] = MappingProxyType({noun: unit(text) for noun, text in KINDS})
"""The unit that pumpleak computes in, for each kind of quantity that has a name."""

NOUNS: Mapping[Dimension, str] = MappingProxyType({each.dimension: noun for noun, each in INTERNAL.items()})
"""The name of each of those kinds, by its dimension."""
