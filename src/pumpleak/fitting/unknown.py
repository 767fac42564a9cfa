"""A constant that is fitted: where it may lie, the coordinate in which it is looked for, and what was known of it before."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown


@dataclass(frozen=True)
class Prior:
    """What is known of a constant: its centre, and the standard deviation of it or, log-normal, of its logarithm."""

    centre: float
    width: float
    logarithmic: bool

    def residual(self, value: float) -> float:
        """By how many standard deviations a value is off."""
        return (math.log(value / self.centre) if self.logarithmic else value - self.centre) / self.width

    def slope(self, value: float) -> float:
        """Derivative of the residual by the value."""
        return 1.0 / (self.width * value) if self.logarithmic else 1.0 / self.width


@dataclass(frozen=True)
class Unknown:
    """One constant to be fitted, by its name in the model, in internal units.

    logarithmic: looked for by its logarithm, as befits rates and affinities.

    Raises ModelError for bounds that leave no room, a start outside them, a logarithm of what is not positive, and a prior
    without width.
    """

    name: str
    start: float
    low: float
    high: float
    logarithmic: bool = True
    prior: Prior | None = None
    unit: str = "1"

    def __post_init__(self) -> None:
        bounds = f"from {self.low:g} to {self.high:g} {self.unit}"
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ModelError(f"{self.name}: bounds {bounds} leave no room; give a lower and a higher finite number")
        if not self.low <= self.start <= self.high:
            raise ModelError(f"{self.name}: it starts at {self.start:g} {self.unit}, outside its bounds {bounds}; widen them, "
                             "or give another start")
        if self.logarithmic and not self.low > 0.0:
            raise ModelError(f"{self.name}: bounds {bounds} reach to what has no logarithm; give a positive lower bound, or "
                             f"`scale: linear` ({shown(self.name)} is fitted on a logarithmic scale)")
        if self.prior is not None and not (self.prior.width > 0.0 and (self.prior.centre > 0.0 or not self.prior.logarithmic)):
            raise ModelError(f"{self.name}: a prior of {self.prior.centre:g} with the width {self.prior.width:g}; both are "
                             "positive, the width always, the centre where it is log-normal")

    def coordinate(self, value: float) -> float:
        """Where a value lies on the scale on which it is looked for."""
        return math.log(value) if self.logarithmic else value

    def value(self, coordinate: float) -> float:
        """The value at a coordinate, within its bounds."""
        found = math.exp(coordinate) if self.logarithmic else coordinate
        return min(max(found, self.low), self.high)

    def slope(self, value: float) -> float:
        """Derivative of the value by the coordinate."""
        return value if self.logarithmic else 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds of the coordinate."""
        return self.coordinate(self.low), self.coordinate(self.high)
