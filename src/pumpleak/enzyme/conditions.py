"""What surrounds an enzyme: concentrations and voltage at which it is asked, as numbers or arrays of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.enzyme.rates import VOLTAGE, Numbers
from pumpleak.enzyme.scheme import Scheme

Conditions = Mapping[str, ArrayLike]


def surroundings(scheme: Scheme, given: Conditions, base: str = "") -> dict[str, Numbers]:
    """All concentrations [mM] and membrane.V [mV] that a scheme needs, `given` ones over those of a named condition.

    Arrays keep their shapes, which must broadcast together.

    Raises NameUnknown for a quantity or a condition that the scheme does not know; ModelError for one that is missing,
    not finite or negative, and for shapes that do not fit.
    """
    known = (*scheme.ligands, VOLTAGE)
    for name in given:
        if name not in known:
            raise NameUnknown(f"{scheme.name}: it knows no {shown(name)}{did_you_mean(name, known)}")
    start: Conditions = lookup(base, scheme.conditions, "condition") if base else {}
    values = {**start, **given}
    for name in known:
        if name not in values:
            named = f" or start from a named condition: {', '.join(scheme.conditions)}" if scheme.conditions else ""
            raise ModelError(f"{scheme.name}: {name} is not given, only {', '.join(values) or 'nothing'} is; "
                             f"give it{named}")
    arrays = {name: np.asarray(values[name], dtype=np.float64) for name in known}
    for name, array in arrays.items():
        bad = array[~np.isfinite(array) | (array < (-np.inf if name == VOLTAGE else 0.0))]
        if bad.size:
            raise ModelError(f"{scheme.name}: {name} is {bad.flat[0]:g}; "
                             + ("a voltage must be finite" if name == VOLTAGE else
                                "a concentration must be finite and not negative"))
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.shape)
        raise ModelError(f"{scheme.name}: these shapes do not fit together: {shapes}") from None
    return arrays
