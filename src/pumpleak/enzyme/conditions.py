"""What surrounds an enzyme: concentrations, voltage and temperature at which it is asked, as numbers or arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.enzyme.rates import VOLTAGE, Numbers
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE

Conditions = Mapping[str, ArrayLike]


def surroundings(scheme: Scheme, given: Conditions, base: str = "") -> dict[str, Numbers]:
    """All concentrations [mM], membrane.V [mV] and temperature [K], `given` ones over those of a named condition.

    The temperature, where neither gives one, is that at which the scheme's constants hold. Arrays keep their shapes,
    which must broadcast together.

    Raises NameUnknown for a quantity or a condition that the scheme does not know; ModelError for one that is missing,
    not finite or negative, for a temperature at which the scheme would break detailed balance, and for shapes that do
    not fit.
    """
    known = (*scheme.ligands, VOLTAGE, TEMPERATURE)
    arrays = gathered(scheme.name, known, scheme.conditions, given, base, {TEMPERATURE: scheme.constants.T})
    _check_temperature(scheme, arrays[TEMPERATURE])
    return arrays


def gathered(owner: str, known: Sequence[str], named: Mapping[str, Mapping[str, float]], given: Conditions, base: str,
             usual: Mapping[str, float]) -> dict[str, Numbers]:
    """All `known` quantities as arrays: `given` ones over those of the condition `base` of `named`, over `usual` ones.

    Raises what `surroundings` does, but for the temperature of a scheme.
    """
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
    arrays = {name: np.asarray(values[name], dtype=np.float64) for name in known}
    for name, array in arrays.items():
        _check(owner, name, array)
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.shape)
        raise ModelError(f"{owner}: these shapes do not fit together: {shapes}") from None
    return arrays


def _check(owner: str, name: str, array: Numbers) -> None:
    """Refuse values that no surroundings have."""
    if name == VOLTAGE:
        wrong, right = ~np.isfinite(array), "a voltage must be finite"
    elif name == TEMPERATURE:
        wrong, right = ~(np.isfinite(array) & (array > 0.0)), "a temperature must be positive and finite"
    else:
        wrong, right = ~(np.isfinite(array) & (array >= 0.0)), "a concentration must be finite and not negative"
    if np.any(wrong):
        raise ModelError(f"{owner}: {name} is {array[wrong].flat[0]:g}; {right}")


def _check_temperature(scheme: Scheme, array: Numbers) -> None:
    """Refuse temperatures at which the rates of a scheme are not known."""
    known = scheme.constants.T
    if scheme.dH0 is None and not scheme.defects and np.any(array != known) and not scheme.follows:
        raise ModelError(f"{scheme.name}: temperature is {array[array != known].flat[0]:g} K, but its constants hold at "
                         f"{known:g} K alone; give it dH0 and activation enthalpies, or leave one constant of each cycle "
                         "that uses ATP to be derived")
