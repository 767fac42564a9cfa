"""What surrounds an enzyme: concentrations, voltage and temperature at which it is asked, as numbers or arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.base.units import Quantity
from pumpleak.enzyme.asked import plain, require_mapping
from pumpleak.enzyme.rates import VOLTAGE, Numbers, impossible
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE

Conditions = Mapping[str, ArrayLike | Quantity]
"""Values by name. A plain number is in the internal unit (mM, mV, K), text such as "3 mM" and a Quantity in their own."""


USUAL = "physiological"


def usual_of(named: Mapping[str, Mapping[str, float]]) -> str:
    """The condition at which numbers are told: "physiological", else the first that there is, else none."""
    return USUAL if USUAL in named else next(iter(named), "")


def surroundings(scheme: Scheme, given: Conditions, base: str = "") -> dict[str, Numbers]:
    """All concentrations [mM], membrane.V [mV] and temperature [K], `given` ones over those of a named condition.

    Plain numbers are in these units, others come with their own: `{"outside.K": "3 mM", "membrane.V": -80 * mV}`.
    The temperature, where neither gives one, is that at which the scheme's constants hold, and ligands that it presumes have
    the values presumed. Arrays keep their shapes, which must broadcast together.

    Raises NameUnknown for a quantity or a condition that the scheme does not know; UnitError for a wrong unit; ModelError
    for one that is missing, not finite or negative, for a temperature at which no enzyme works or the scheme would break
    detailed balance, and for shapes that do not fit.
    """
    known = (*scheme.ligands, VOLTAGE, TEMPERATURE)
    arrays = gathered(scheme.name, known, scheme.conditions, given, base,
                      {TEMPERATURE: scheme.constants.T, **scheme.presumed})
    _check_temperature(scheme, arrays[TEMPERATURE])
    return arrays


def gathered(owner: str, known: Sequence[str], named: Mapping[str, Mapping[str, float]], given: Conditions, base: str,
             usual: Mapping[str, float]) -> dict[str, Numbers]:
    """All `known` quantities as arrays: `given` ones over those of the condition `base` of `named`, over `usual` ones.

    Raises what `surroundings` does, but for the temperature of a scheme.
    """
    require_mapping(owner, given)
    for name in given:
        if name not in known:
            raise NameUnknown(f"{owner}: it knows no {shown(name)}{did_you_mean(name, known)}")
    start: Conditions = lookup(base, named, "condition") if base else {}
    values = {**usual, **start, **given}
    for name in known:
        if name not in values:
            way = f" or start from a named condition: {', '.join(named)}" if named else ""
            raise ModelError(f"{owner}: {name} is not given, only {', '.join({**start, **given}) or 'nothing'} is; "
                             f"give it{way}")
    arrays = {name: plain(owner, name, values[name]) for name in known}
    for name, array in arrays.items():
        if wrong := impossible(name, array):
            raise ModelError(f"{owner}: {name} is {wrong}")
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.shape)
        raise ModelError(f"{owner}: these shapes do not fit together: {shapes}") from None
    return arrays


def _check_temperature(scheme: Scheme, array: Numbers) -> None:
    """Refuse temperatures at which the rates of a scheme are not known."""
    known = scheme.constants.T
    if scheme.dH0 is None and not scheme.defects and np.any(array != known) and not scheme.follows:
        raise ModelError(f"{scheme.name}: temperature is {array[array != known].flat[0]:g} K, but its constants hold at "
                         f"{known:g} K alone; give it dH0 and activation enthalpies, or leave one constant of each cycle "
                         "that uses ATP to be derived")
