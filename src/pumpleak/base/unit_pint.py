"""The one module that asks pint, for units outside the field's table: `psi`, `calorie`, `angstrom`, ...

pint is handed one plain symbol at a time, never an expression.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import pint

from pumpleak.base.unit_table import BASES, Dimension


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry()


def find(symbol: str) -> tuple[Fraction, Dimension] | None:
    """Return the size in SI and the dimension of a unit that pint knows.

    None for an unknown one, one with an offset or a logarithm (`degF`, `dB`) and one beyond our dimensions (`candela`).
    """
    # pint reads these as numbers.
    if not symbol.isidentifier() or symbol.lower() in {"nan", "inf", "infinity"}:
        return None
    try:
        unit = _registry().parse_units(symbol)
        one, two, none = (_registry().Quantity(number, unit).to_base_units() for number in (1.0, 2.0, 0.0))
    except (pint.PintError, ArithmeticError, ValueError, TypeError, AttributeError):
        return None
    if none.magnitude != 0 or two.magnitude != 2 * one.magnitude:
        return None
    exponents = {name.strip("[]"): exponent for name, exponent in unit.dimensionality.items()}
    # pint calls the amount `substance`.
    exponents["amount"] = exponents.pop("substance", 0)
    if set(exponents) - set(BASES):
        return None
    # Through its shortest decimal, so that 0.001 is one thousandth exactly.
    size = Fraction(repr(float(one.magnitude)))
    return size, tuple(Fraction(str(exponents.get(base, 0))) for base in BASES)
