"""Lines through fitted data, with bands: what the model gives between the points, and how sure that is.

A band is what the covariance of the constants makes of the model at each place, scales and offsets included, at the level of
the problem; along directions that the data do not see the bounds of the constants keep it finite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.units import Quantity
from pumpleak.fitting.data import Array, Dataset, size_of
from pumpleak.fitting.objective import Fitted, prediction
from pumpleak.fitting.prediction import positions
from pumpleak.fitting.result import Fit

SMOOTH = 61  # points of a line that is to look smooth
DECADE = 10.0  # concentrations over more than one are spread evenly on a logarithmic axis
# Variance of an even spread between two bounds, of the square of their distance.
EVEN = 1.0 / 12.0


@dataclass(frozen=True)
class Line:
    """The model along one curve of a data set, on the scale of the data, and the ends of its band."""

    data: str
    curve: str
    x: Array
    values: Array
    low: Array
    high: Array


def lines(fit: Fit) -> list[Line]:
    """The lines of all curves that stand along something that was swept."""
    objective = fit.objective
    spread = _covariance(fit)
    scale = [each.slope(value) for each, value in zip(objective.unknowns, objective.values(fit.x), strict=True)]
    pairs = [(each, *pair) for each in objective.fitted(fit.x, slopes=True) for pair in _dense(each.data)]
    if not pairs:
        return []
    predicted = prediction(objective.problem, tuple(dense for _, _, dense in pairs))(objective.values(fit.x), scale)
    found = []
    for (fitted, group, dense), (model, slopes) in zip(pairs, predicted, strict=True):
        values, moved = _scaled(fitted, group, model, slopes if slopes is not None else np.zeros((len(model), len(scale))))
        half = np.sqrt(fit.threshold * np.einsum("ni,ij,nj->n", moved, spread, moved))
        curve = fitted.data.curve[group[0]]
        found.append(Line(fitted.data.name, curve, positions(dense), values, values - half, values + half))
    return found


def _covariance(fit: Fit) -> Array:
    lower, upper = fit.objective.bounds
    return np.asarray(np.linalg.inv(fit.jacobian.T @ fit.jacobian + np.diag(1.0 / (EVEN * (upper - lower) ** 2))))


def _dense(data: Dataset) -> Iterator[tuple[NDArray[np.intp], Dataset]]:
    """The points of each curve, and a data set along it."""
    if data.swept not in data.conditions:
        return
    at = positions(data)
    for name in dict.fromkeys(data.curve):
        group = np.flatnonzero(np.array(data.curve) == name)
        low, high = float(at[group].min()), float(at[group].max())
        if not low < high or any(_varies(value, group) for key, value in data.conditions.items() if key != data.swept):
            continue
        even = data.swept == "time" or low <= 0.0 or high < DECADE * low
        grid = np.linspace(low, high, SMOOTH) if even else np.geomspace(low, high, SMOOTH)
        grid = np.clip(grid, low, high)  # rounding must not lead beyond an experiment's end
        first = {key: value if size_of(value) == 1 or isinstance(value, str | Quantity) else np.asarray(value)[group[0]]
                 for key, value in data.conditions.items()}
        yield group, replace(data, name=f"{data.name}, {name}", conditions={**first, data.swept: grid}, curve=(), errors=1.0,
                             observed=np.zeros(SMOOTH), scale="no", offset="no", factor=1.0)


def _varies(value: object, group: NDArray[np.intp]) -> bool:
    """Whether a condition differs from point to point: no line leads through them."""
    if isinstance(value, str | Quantity) or np.size(np.asarray(value)) == 1:
        return False
    return bool(np.ptp(np.asarray(value, dtype=np.float64)[group]) > 0.0)


def _scaled(fitted: Fitted, group: NDArray[np.intp], model: Array, slopes: Array) -> tuple[Array, Array]:
    """Model and derivatives on the scale of the data of a curve."""
    data, changes = fitted.data, fitted.scale_slopes
    values, moved = fitted.scales[0] * model, fitted.scales[0] * slopes
    if data.scale != "no" and changes is not None:
        at = _of(data.groups(data.scale), group)
        values, moved = fitted.scales[at] * model, fitted.scales[at] * slopes + np.outer(model, changes[at])
    if data.offset != "no" and changes is not None:
        at = _of(data.groups(data.offset), group)
        values = values + fitted.offsets[at]
        moved = moved + changes[len(data.groups(data.scale)) + at]
    return values, moved


def _of(groups: list[NDArray[np.intp]], group: NDArray[np.intp]) -> int:
    return next(index for index, each in enumerate(groups) if group[0] in each)
