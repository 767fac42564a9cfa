"""Questions to one quantity of a run: its extremes, when it passes a level, how long it stays above, how it returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.base.units import ONE, Quantity, Unit, internal, unit
from pumpleak.lab.protocol import time_text
from pumpleak.lab.spike_cost import Timed, times_of
from pumpleak.lab.waveform import Curve, exponential

Array = NDArray[np.float64]
Moment = Quantity | str

FEWEST = 5  # rows: an exponential has three unknowns


@dataclass(frozen=True)
class Extremes:
    """Least and largest value of a quantity among the rows of a run, and when they were first reached."""

    name: str
    least: Quantity
    least_time: Quantity
    most: Quantity
    most_time: Quantity

    def __str__(self) -> str:
        return (f"{self.name} from {self.least:.6g} at {time_text(_ms(self.least_time))} "
                f"to {self.most:.6g} at {time_text(_ms(self.most_time))}")


@dataclass(frozen=True)
class Recovery:
    """A return to rest as one exponential: end + amplitude exp(-t/time_constant).

    misfit: root mean square of what is left, in the unit of the quantity; explained: share of the variance that the
    exponential takes up (1: all of it), each row weighted by the time it stands for.
    """

    name: str
    time_constant: Quantity
    amplitude: Quantity
    end: Quantity
    misfit: Quantity
    explained: float

    def __str__(self) -> str:
        return (f"{self.name} returns to {self.end:.6g} with a time constant of {time_text(_ms(self.time_constant), 4)} "
                f"(explained {self.explained:.4f})")


def extremes_of(result: Timed, name: str) -> Extremes:
    """Where a quantity is least and largest. Raises NameUnknown."""
    values, times, measured = result.column(name), times_of(result), _unit(result, name)
    low, high = int(np.argmin(values)), int(np.argmax(values))
    return Extremes(name, Quantity(float(values[low]), measured), Quantity(float(times[low]), unit("ms")),
                    Quantity(float(values[high]), measured), Quantity(float(times[high]), unit("ms")))


def crossings_of(result: Timed, name: str, level: Moment | float, rising: bool) -> Quantity:
    """When a quantity passes a level, upward or downward. Raises NameUnknown and UnitError."""
    curve = Curve(times_of(result), result.column(name))
    return Quantity(curve.crossings(_level(result, name, level), rising), unit("ms"))


def time_above_of(result: Timed, name: str, level: Moment | float) -> Quantity:
    """How long a quantity is above a level. Raises NameUnknown and UnitError."""
    return Quantity(Curve(times_of(result), result.column(name)).time_above(_level(result, name, level)), unit("ms"))


def recovery_of(result: Timed, name: str, after: Moment, until: Moment | None) -> Recovery:
    """The exponential that a quantity follows from one time to another, or to the end.

    Raises ModelError where that stretch has too few rows or tells no time constant.
    """
    times, values = times_of(result), result.column(name)
    begin = internal(after, "ms", "recovery: after")
    end = float(times[-1]) if until is None else internal(until, "ms", "recovery: until")
    first = int(np.searchsorted(times, begin, side="right")) - 1  # of a time that stands twice, what follows the edge
    first = first if first >= 0 and times[first] == begin else first + 1
    chosen = slice(first, int(np.searchsorted(times, end, side="right")))
    found = len(times[chosen])
    stretch = f"recovery: {name} from {time_text(begin)} to {time_text(end)}"
    if found < FEWEST:
        raise ModelError(f"{stretch} has {found} rows of a run of {time_text(float(times[-1]))}; an exponential needs {FEWEST}")
    fit = exponential(times[chosen], values[chosen])
    if fit is None:
        raise ModelError(f"{stretch} goes from {values[chosen][0]:.6g} to {values[chosen][-1]:.6g} {_unit(result, name)} and "
                         "tells no time constant; choose a stretch in which it bends")
    measured = _unit(result, name)
    return Recovery(name, Quantity(fit.constant, unit("ms")), Quantity(fit.amplitude, measured),
                    Quantity(fit.end, measured), Quantity(fit.left, measured), fit.explained)


def _level(result: Timed, name: str, level: Moment | float) -> float:
    result.column(name)  # an unknown name is told as such, not as a unit that does not fit
    return internal(level, _unit(result, name), f"level of {shown(name)}")


def _unit(result: Timed, name: str) -> Unit:
    text = result.available.get(name, "")
    return unit(text) if text else ONE


def _ms(time: Quantity) -> float:
    return float(np.ravel(time.to("ms"))[0])
