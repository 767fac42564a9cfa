"""Residuals of a problem and their exact derivatives; free scales and offsets are eliminated by linear least squares.

With residuals r = Phi c - z, where Phi holds the model (and ones, for an offset) over the errors and c is the best scale, the
derivative is d r = dPhi c + Phi dc - dz with (Phi'Phi) dc = dPhi'(z - Phi c) + Phi'(dz - dPhi c) (variable projection, Golub
and Pereyra 1973).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import SolveError
from pumpleak.enzyme.scheme import Scheme
from pumpleak.fitting.courses import CoursePrediction
from pumpleak.fitting.data import Array, Dataset
from pumpleak.fitting.prediction import Prediction, SchemePrediction
from pumpleak.fitting.problem import Problem

# Cost, in errors squared, of a trial at which nothing can be computed: far above that of any fit, so that it is stepped back
# from, and far below where its square would overflow.
HOPELESS = 1e12


@dataclass(frozen=True)
class Fitted:
    """A data set beside the model: values on the scale of the data, the scales and offsets found, residuals in errors.

    With derivatives by the coordinates of residuals and scales (then offsets), where these were asked for.
    """

    data: Dataset
    values: Array
    scales: Array
    offsets: Array
    residuals: Array
    slopes: Array | None = None
    scale_slopes: Array | None = None


class Objective:
    """A problem prepared: what least squares asks, at coordinates x of the unknowns.

    stretch: factor of all errors of the data.
    """

    def __init__(self, problem: Problem, stretch: float = 1.0) -> None:
        self.problem, self.stretch = problem, stretch
        self.unknowns = problem.unknowns
        self.names = [each.name for each in problem.unknowns]
        self.predict: Prediction = prediction(problem, problem.data)
        self.heard: Callable[[Array, float], None] | None = None

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Lower and upper ends of the coordinates."""
        pairs = np.array([each.bounds for each in self.unknowns])
        return pairs[:, 0], pairs[:, 1]

    @property
    def start(self) -> Array:
        """Coordinates of where the unknowns begin."""
        return np.array([each.coordinate(each.start) for each in self.unknowns])

    @property
    def count(self) -> int:
        """Points that count."""
        return sum(len(each) for each in self.problem.data if each.weight)

    @property
    def eliminated(self) -> int:
        """Scales and offsets that are free."""
        return sum(len(each.groups(each.scale)) + len(each.groups(each.offset)) for each in self.problem.data if each.weight)

    def values(self, x: Array) -> list[float]:
        """Values of the unknowns at coordinates."""
        return [each.value(float(at)) for each, at in zip(self.unknowns, x, strict=True)]

    def residuals(self, x: Array) -> Array:
        """Residuals of all points that count, then those of the priors, in errors."""
        try:
            found = [each.residuals for each in self.fitted(x, slopes=False) if each.data.weight]
        except SolveError:
            size = self.count + sum(each.prior is not None for each in self.unknowns)
            return np.full(size, np.sqrt(HOPELESS / size))
        result = np.concatenate([*found, self._priors(x)])
        if self.heard is not None:
            self.heard(x, float(result @ result))
        return result

    def jacobian(self, x: Array) -> Array:
        """Derivatives of the residuals by the coordinates."""
        found = [each.slopes for each in self.fitted(x, slopes=True) if each.data.weight]
        values = self.values(x)
        priors = [np.eye(len(x))[index] * each.prior.slope(values[index]) * each.slope(values[index])
                  for index, each in enumerate(self.unknowns) if each.prior is not None]
        return np.concatenate([*(each for each in found if each is not None), np.reshape(priors, (-1, len(x)))])

    def fitted(self, x: Array, slopes: bool) -> list[Fitted]:
        """Each data set beside the model, with the best scales and offsets where they are free."""
        values = self.values(x)
        scale = [each.slope(value) for each, value in zip(self.unknowns, values, strict=True)] if slopes else None
        predicted = self.predict(values, scale)
        return [compared(data, value, slope, self.stretch)
                for data, (value, slope) in zip(self.problem.data, predicted, strict=True)]

    def _priors(self, x: Array) -> Array:
        return np.array([each.prior.residual(value) for each, value in zip(self.unknowns, self.values(x), strict=True)
                         if each.prior is not None])


def prediction(problem: Problem, data: tuple[Dataset, ...]) -> Prediction:
    """What the model of a problem predicts for data sets."""
    names = [each.name for each in problem.unknowns]
    if isinstance(problem.model, Scheme):
        return SchemePrediction(problem.model, data, names, problem.formulas)
    return CoursePrediction(problem.experiments, data, names, problem.formulas)


def compared(data: Dataset, model: Array, slopes: Array | None, stretch: float = 1.0) -> Fitted:
    """A data set beside what the model gives: its free scales and offsets at their best."""
    weight = np.sqrt(data.weight) / (stretch * data.sigma) if data.weight else 1.0 / data.sigma
    columns = [(group, True) for group in data.groups(data.scale)] + [(group, False) for group in data.groups(data.offset)]
    known = np.zeros(len(data)) if data.scale != "no" else data.factor * model
    z = weight * (data.points - known)
    if not columns:
        change = None if slopes is None else weight[:, np.newaxis] * data.factor * slopes
        return Fitted(data, known, np.full(1, data.factor), np.zeros(0), -z, change,
                      None if slopes is None else np.zeros((0, slopes.shape[1])))
    phi = np.zeros((len(data), len(columns)))
    for index, (group, of_model) in enumerate(columns):
        phi[group, index] = weight[group] * (model[group] if of_model else 1.0)
    # columns that vanish, of a model that stands still, scale nothing
    inverse: Array = np.asarray(np.linalg.pinv(phi.T @ phi, rcond=1e-13), dtype=np.float64)
    c: Array = np.asarray(inverse @ (phi.T @ z), dtype=np.float64)
    scaled = len(data.groups(data.scale))
    scales = c[:scaled] if scaled else np.full(1, data.factor)
    fitted = Fitted(data, known + (phi @ c) / weight, scales, c[scaled:], phi @ c - z)
    if slopes is None:
        return fitted
    change_of_c, change = _projected(data, weight, phi, inverse, c, z, slopes, columns)
    return replace(fitted, slopes=change, scale_slopes=change_of_c)


def _projected(data: Dataset, weight: Array, phi: Array, inverse: Array, c: Array, z: Array, slopes: Array,
               columns: list[tuple[NDArray[np.intp], bool]]) -> tuple[Array, Array]:
    """Derivatives of the scales, and of the residuals."""
    known = np.zeros_like(slopes) if data.scale != "no" else data.factor * slopes
    turned = np.zeros_like(slopes)  # dPhi c
    back = np.zeros((len(c), slopes.shape[1]))  # dPhi' (z - Phi c)
    left = z - phi @ c
    for index, (group, of_model) in enumerate(columns):
        if of_model:
            part = weight[group, np.newaxis] * slopes[group]
            turned[group] += part * c[index]
            back[index] = left[group] @ part
    change_of_z = -weight[:, np.newaxis] * known
    change = inverse @ (back + phi.T @ (change_of_z - turned))
    return np.asarray(change), np.asarray(turned + phi @ change - change_of_z)
