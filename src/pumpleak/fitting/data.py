"""Data that a model is fitted to: points, the conditions of each, their errors, and what of the model they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, quantity, unit
from pumpleak.enzyme.asked import plain
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.step import PLACES
from pumpleak.enzyme.temperature import TEMPERATURE

Array = NDArray[np.float64]
Free = Literal["no", "table", "curve"]
TURNOVER, CURRENT, CHARGE, RELAXATION, HALF = "turnover", "current", "charge", "relaxation", "half-activation"
STEADY = (TURNOVER, CURRENT, "ATP", "Na", "K")
# Of the largest value: what careful readers of a figure and of a current agree to, where nothing is said.
USUAL = 0.05
LEAST = 1e-300  # an error of nothing would weigh without limit


@dataclass(frozen=True)
class Dataset:
    """Measured points and what they are compared with.

    observe: turnover, current, ATP, Na, K [1/s, e/s], `p.E1P` (occupancies, also sums as `p.E2P + p.E2P.Na`), charge [e],
    relaxation [1/s] or half-activation [mM] of a scheme; the recorded name of a quantity of a cell, over `time`.
    conditions: concentrations [mM], membrane.V [mV], temperature [K] by name, a number or one for each point; texts and
    quantities bring their units. observed, errors (standard deviations): in `unit`; None where 5 % of the largest value is
    taken. scale, offset: "no", or free, one for the whole "table" or for each "curve"; factor: known scale of the model.
    curve: the curve to which each point belongs. weight: 0 for points that are shown and not fitted. holding, between: of a
    jump [mV] and of the components in its record [1/s]. of, span: ligand of a half-activation, and the concentrations [mM]
    between which half is half. experiment: name of the run of a cell. swept: the condition along the curves.

    Raises ModelError for numbers of points that differ, and values that are not finite or errors that are not positive.
    """

    name: str
    conditions: Mapping[str, ArrayLike | Quantity | str] = field(default_factory=dict)
    observed: ArrayLike = ()
    errors: ArrayLike | None = None
    observe: str = TURNOVER
    unit: str = "1/s"
    scale: Free = "no"
    offset: Free = "no"
    factor: float = 1.0
    curve: Sequence[str] = ()
    weight: float = 1.0
    holding: float | str = 0.0
    between: tuple[float, float] = (0.0, np.inf)
    of: str = ""
    span: tuple[float, float] = (1e-6, 1e3)
    experiment: str = ""
    swept: str = ""
    base: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        values = np.atleast_1d(np.asarray(self.observed, dtype=np.float64))
        if not values.size or not np.all(np.isfinite(values)):
            raise ModelError(f"{self.name}: its {values.size} points are {shown(values.tolist())}; "
                             "give one finite number or more")
        given = USUAL * np.max(np.abs(values)) if self.errors is None else np.asarray(self.errors, dtype=np.float64)
        try:
            errors = np.array(np.broadcast_to(given, values.shape))
        except ValueError:
            raise ModelError(f"{self.name}: {np.size(given)} errors come with {values.size} points; "
                             "give one for each") from None
        if not np.all((errors > LEAST) & np.isfinite(errors)):
            raise ModelError(f"{self.name}: an error of {errors[~((errors > LEAST) & np.isfinite(errors))][0]:g} {self.unit}; "
                             "a standard deviation is positive and finite")
        curve = tuple(self.curve) or (self.name,) * values.size
        if len(curve) != values.size:
            raise ModelError(f"{self.name}: {len(curve)} names of curves come with {values.size} points; give one for each")
        if not (0.0 <= self.weight < np.inf):
            raise ModelError(f"{self.name}: weight {self.weight:g}; it is 0 for points not to be fitted, else positive")
        for what in ("scale", "offset"):
            if getattr(self, what) not in get_args(Free):
                raise ModelError(f"{self.name}: {what} {shown(getattr(self, what))}; it is {', '.join(get_args(Free))}")
        for key, value in (("observed", values), ("errors", errors), ("curve", curve)):
            object.__setattr__(self, key, value)
        conditions = {name: _plain(self.name, name, given_value) for name, given_value in self.conditions.items()}
        object.__setattr__(self, "conditions", conditions)
        for name, given_value in conditions.items():
            size = size_of(given_value)
            if size not in (1, values.size):
                raise ModelError(f"{self.name}: {name} has {size} values for {values.size} points; give one, or one for each")

    def __len__(self) -> int:
        return self.points.size

    def __repr__(self) -> str:
        return f"Dataset {self.name}: {len(self)} points of {self.observe} [{self.unit}]"

    @property
    def points(self) -> Array:
        """What was observed, in `unit`."""
        return np.asarray(self.observed, dtype=np.float64)

    @property
    def sigma(self) -> Array:
        """Standard deviation of each point, in `unit`."""
        return np.asarray(self.errors, dtype=np.float64)

    def groups(self, kind: Free) -> list[NDArray[np.intp]]:
        """Points that share a scale or an offset; none where it is not free."""
        if kind == "no":
            return []
        if kind == "table":
            return [np.arange(len(self))]
        names = np.array(self.curve)
        return [np.flatnonzero(names == each) for each in dict.fromkeys(self.curve)]


def _plain(owner: str, name: str, given: ArrayLike | Quantity | str) -> ArrayLike | Quantity | str:
    """A concentration, voltage, temperature or time as plain numbers in internal units; parameters of a cell as they are."""
    if name == "time" and isinstance(given, str | Quantity):
        return np.asarray((quantity(given) if isinstance(given, str) else given).to(unit("ms")), dtype=np.float64)
    if name in (VOLTAGE, TEMPERATURE) or name.partition(".")[0] in PLACES:
        return plain(owner, name, given)
    return given


def size_of(given: ArrayLike | Quantity | str) -> int:
    """How many numbers a condition has."""
    if isinstance(given, str):
        return int(np.size(quantity(given).value))
    return int(np.size(given.value)) if isinstance(given, Quantity) else int(np.size(np.asarray(given)))
