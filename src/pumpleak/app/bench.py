"""The bench on which claims are shown: models read once, runs and rests kept, curves fitted as experimenters fit them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pumpleak.app.targets import Target, Targets
from pumpleak.base.errors import ModelError
from pumpleak.base.names import lookup
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.formats.catalog import light, load, study
from pumpleak.formats.measured import MeasuredCurve, measured
from pumpleak.lab.rest import Rest
from pumpleak.lab.rest import rest as find_rest
from pumpleak.lab.result import Result
from pumpleak.lab.run import run

Array = NDArray[np.float64]
Quantity = Callable[[Target, str], float | None]
"""What a row asks of a scheme, by the scheme's name; None where there is none to be found."""
# A half that lies a decade outside of the points of a curve is no longer determined by them.
BEYOND = 10.0
# Points that are all so near to the highest are saturated: a Hill curve through them may have its half anywhere.
FLAT = 0.05


@dataclass(frozen=True)
class Shown:
    """What a claim came to: the value of each row (None: not found), its figures by name, and the runs behind it.

    beside: values of the other schemes that a row names.
    """

    values: Mapping[str, float | None]
    figures: Mapping[str, Figure]
    runs: tuple[str, ...] = ()
    beside: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)


def shown(targets: Targets, quantities: Mapping[str, Quantity], figures: Mapping[str, Figure]) -> Shown:
    """Ask each row's quantity of its own scheme and of those beside it."""
    values = {name: quantity(targets[name], targets[name].scheme) for name, quantity in quantities.items()}
    beside = {name: {pump: quantity(targets[name], pump) for pump in targets[name].beside}
              for name, quantity in quantities.items() if targets[name].beside}
    return Shown(values, figures, beside=beside)


@dataclass
class Bench:
    """Everything that several claims may need, made once."""

    runs: dict[str, Result] = field(default_factory=dict)
    rests: dict[tuple[str, tuple[tuple[str, str], ...]], Rest] = field(default_factory=dict)

    def run(self, name: str) -> Result:
        """The result of an experiment of the catalogue."""
        if name not in self.runs:
            self.runs[name] = run(study(name).experiment)
        return self.runs[name]

    def rest(self, name: str, values: Mapping[str, str] | None = None) -> Rest:
        """Where a cell of the catalogue rests under these values."""
        key = (name, tuple(sorted((values or {}).items())))
        if key not in self.rests:
            self.rests[key] = find_rest(light(name), values)
        return self.rests[key]


@cache
def scheme(name: str) -> Scheme:
    """A pump of the catalogue."""
    found = load(name)
    if not isinstance(found, Scheme):
        raise ModelError(f"{name!r} is not a pump, so it has no turnover")
    return found


def points(target: Target) -> MeasuredCurve:
    """The measured points that a row is held against, on the scale of their table."""
    return _curves(target.data)[target.column] if target.column else next(iter(_curves(target.data).values()))


@cache
def _curves(name: str) -> Mapping[str, MeasuredCurve]:
    return {curve.heading: curve for curve in measured(name).curves}


def answer(target: Target, changed: Mapping[str, ArrayLike] | None = None, pump: str = "") -> Response:
    """The steady state that a row asks for, with some quantities changed or varied. [mM, mV]

    Another pump is asked at the same concentrations, of which it takes those that it knows.
    """
    own = scheme(target.scheme)
    given = {**target.conditions, **(changed or {})}
    if pump in ("", target.scheme):
        return respond(own, given, target.base)
    other = scheme(pump)
    start = lookup(target.base, own.conditions, f"condition of {own.name}") if target.base else {}
    known = (*other.ligands, VOLTAGE, TEMPERATURE)
    return respond(other, {name: value for name, value in {**start, **given}.items() if name in known})


def turnover(target: Target, changed: Mapping[str, ArrayLike] | None = None, pump: str = "") -> Array:
    """Turnover of the pump that a row asks for. [1/s]"""
    return answer(target, changed, pump).turnover


@dataclass(frozen=True)
class Hill:
    """y = top c^n/(half^n + c^n)."""

    top: float
    half: float
    n: float

    def __call__(self, c: ArrayLike) -> Array:
        power = (np.asarray(c, dtype=np.float64) / self.half) ** self.n
        return np.asarray(self.top * power / (1.0 + power), dtype=np.float64)


def hill(c: ArrayLike, y: ArrayLike, n: float | None = None) -> Hill:
    """Fit a Hill equation by least squares, as the experimenters did; with `n` given, a curve of that steepness."""
    from scipy.optimize import least_squares

    points, values = np.asarray(c, dtype=np.float64), np.asarray(y, dtype=np.float64)
    largest = float(np.max(values))

    def curve(logs: Array) -> Hill:
        return Hill(largest * float(np.exp(logs[0])), float(np.exp(logs[1])), n if n is not None else float(np.exp(logs[2])))

    start = np.log([1.2, float(np.median(points))] + ([] if n is not None else [1.0]))
    def off(logs: Array) -> Array:
        return np.asarray((curve(logs)(points) - values) / largest)

    return curve(np.asarray(least_squares(off, start).x))


def half_activation(target: Target, pump: str = "") -> float | None:
    """Concentration of half activation of the quantity that a row varies; None where its points do not tell. [mM]"""
    points = np.array(target.points)
    values = turnover(target, {target.vary: points}, pump)
    if values.min() > (1.0 - FLAT) * values.max():
        return None
    half = hill(points, values).half
    return half if points.min() / BEYOND <= half <= points.max() * BEYOND else None


def crossing(function: Callable[[Array], Array], low: float, high: float, count: int = 2001) -> float | None:
    """Where a function of a grid first crosses zero, by linear interpolation; None if it does not."""
    grid = np.linspace(low, high, count)
    values = function(grid)
    places = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) <= 0.0)
    if not places.size:
        return None
    i = int(places[0])
    return float(grid[i] - values[i] * (grid[i + 1] - grid[i]) / (values[i + 1] - values[i]))
