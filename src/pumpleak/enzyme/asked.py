"""What a question is asked of and at: an enzyme's scheme, and conditions as numbers or as quantities with their units."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.errors import ModelError, UnitError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, kind, quantity, unit
from pumpleak.enzyme.rates import VOLTAGE, Numbers
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE

UNITS = {VOLTAGE: "mV", TEMPERATURE: "K"}  # of conditions; all others are concentrations
CONCENTRATION = "mM"


def require_scheme(asked: object, question: str) -> None:
    """Raise ModelError where a question about a scheme is asked of something else, such as a cell or a rate law."""
    if isinstance(asked, Scheme):
        return
    what = type(asked).__name__
    if isinstance(asked, str):
        raise ModelError(f"{question} is asked of the text {shown(asked)}; give the scheme itself, load({shown(asked)})")
    name = getattr(asked, "name", "")
    called = f"{shown(name)}, a {what}" if isinstance(name, str) and name else f"a {what}"
    pumps = [each.name for each in getattr(asked, "transporters", ()) if isinstance(getattr(each, "scheme", None), Scheme)]
    hint = "a scheme has states and steps"
    if pumps:
        hint = f"ask the scheme of its pump {shown(pumps[0])}: that transporter's .scheme"
    elif what == "RateLaw":
        hint = "a rate law is one formula without states; pumpleak.enzyme.rate_law.respond_law gives its value"
    raise ModelError(f"{question} is asked of {called}, but needs the scheme of an enzyme; {hint}")


def require_mapping(owner: str, given: object, wanted: str = "conditions") -> None:
    """Raise ModelError for conditions that are not a mapping, such as the name of a condition."""
    if not isinstance(given, Mapping):
        raise ModelError(f"{owner}: {wanted} are {shown(given)}; give values by name, such as {{'membrane.V': -80.0}}, and the "
                         "name of a condition as `base`")


def spanned(values: Numbers) -> str:
    """A number as a summary shows it, or the least and the greatest of several."""
    low, high = float(np.min(values)), float(np.max(values))
    return f"{low:.4g}" if not low < high else f"{low:.4g} to {high:.4g}"


def unit_of(name: str) -> str:
    """The internal unit of a condition."""
    return UNITS.get(name, CONCENTRATION)


def plain(owner: str, name: str, value: ArrayLike | Quantity) -> Numbers:
    """The value of a condition in its internal unit, of whatever shape it has.

    Raises UnitError for another dimension, for text without a unit and for what is no number.
    """
    if isinstance(value, str | Quantity):
        return _in_unit(owner, name, value)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind == "U":  # a list of texts
        return np.reshape([_in_unit(owner, name, str(each)) for each in array.flat], array.shape)
    if array.dtype.kind not in "iuf":
        raise UnitError(f"{owner}: {name} is {shown(value)}; give numbers [{unit_of(name)}], or quantities such as "
                        f"'5 {unit_of(name)}'")
    return array.astype(np.float64, copy=False)


def _in_unit(owner: str, name: str, value: str | Quantity) -> Numbers:
    wanted = unit(unit_of(name))
    try:
        read = value if isinstance(value, Quantity) else quantity(value)
    except UnitError as error:
        raise UnitError(f"{owner}: {name}: {error}") from None
    if read.unit.dimension != wanted.dimension:
        given = "has no unit" if not read.unit.parts else f"is {kind(read.unit)}"
        raise UnitError(f"{owner}: {name}: {shown(value)} {given}; expected {kind(wanted, shown_as=wanted)}")
    return np.asarray(read.to(wanted), dtype=np.float64)
