"""What a cell or a System predicts for time courses: runs of all shifted values side by side, derivatives by differences.

The derivatives are central differences over 2e-3 of the coordinate (of the logarithm, of the range for linear ones): the
solver's rtol of 1e-8 leaves them good to 1e-5 of the value, their curvature to 1e-6. All runs of one Jacobian go through
`population`, so that they fill the registers of every core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.units import Quantity
from pumpleak.fitting.data import Array, Dataset
from pumpleak.fitting.prediction import Predicted
from pumpleak.lab.experiment import Experiment, unit_of
from pumpleak.lab.population import population
from pumpleak.lab.result import Result
from pumpleak.system.expression import Expression, evaluate

TIME = "time"
SHIFT = 1e-3  # of a coordinate, see above


class CoursePrediction:
    """Experiments prepared for data sets.

    Raises NameUnknown for a data set whose experiment is not there and for what is not recorded; ModelError for one without
    times or with times that the experiment does not reach.
    """

    def __init__(self, experiments: Mapping[str, Experiment], data: Sequence[Dataset], names: Sequence[str],
                 tied: Mapping[str, Expression] | None = None) -> None:
        self.names, self.tied, self.data = tuple(names), dict(tied or {}), tuple(data)
        self.experiments = [self._experiment(experiments, each) for each in data]
        self.times = [np.asarray(each.conditions[TIME], dtype=np.float64) * np.ones(len(each)) for each in data]
        for each, experiment, times in zip(data, self.experiments, self.times, strict=True):
            last = experiment.spans[-1].end
            if np.any((times < 0.0) | (times > last)):
                bad = times[(times < 0.0) | (times > last)][0]
                raise ModelError(f"{each.name}: a point at {bad:g} ms, but the experiment lasts {last:g} ms; "
                                 "make it last longer")

    def __call__(self, values: Sequence[float], scale: Sequence[float] | None) -> list[Predicted]:
        """Values of each data set, and with `scale` derivatives (points, constants) by coordinates so scaled."""
        members = [list(values)]
        for index in range(len(values) if scale is not None else 0):
            for sign in (1.0, -1.0):
                shifted = list(values)
                shifted[index] += sign * SHIFT * scale[index] if scale is not None else 0.0
                members.append(shifted)
        found = [self._run(number, members) for number in range(len(self.data))]
        if scale is None:
            return [(each[0], None) for each in found]
        return [(each[0], (each[1::2] - each[2::2]).T / (2.0 * SHIFT)) for each in found]

    def _experiment(self, experiments: Mapping[str, Experiment], data: Dataset) -> Experiment:
        if data.experiment not in experiments:
            raise NameUnknown(f"{data.name}: no experiment is called {shown(data.experiment)}"
                              f"{did_you_mean(data.experiment, experiments)}")
        if TIME not in data.conditions:
            raise ModelError(f"{data.name}: it has {', '.join(data.conditions) or 'no conditions'}, but no time; a time course "
                             "has a column such as 'time [s]'")
        experiment = experiments[data.experiment]
        for name in [data.observe, *self.names]:
            known = experiment.labels.units if name == data.observe else experiment.labels.parameters
            if name not in known:
                what = "quantity" if name == data.observe else "parameter"
                raise NameUnknown(f"{data.name}: {experiment.labels.name} has no {what} {shown(name)}"
                                  f"{did_you_mean(name, known)}")
        return Experiment(experiment.model, experiment.protocol, record=[data.observe], samples=experiment.samples,
                          every=experiment.every, start=experiment.start, rtol=experiment.rtol)

    def _run(self, number: int, members: Sequence[Sequence[float]]) -> Array:
        data, experiment, times = self.data[number], self.experiments[number], self.times[number]
        table: dict[str, Array] = {name: np.array([member[index] for member in members])
                                   for index, name in enumerate(self.names)}
        for name, expression in self.tied.items():
            table[name] = np.broadcast_to(evaluate([expression], table)[0], (len(members),))
        given: dict[str, Quantity | list[Quantity | str | float]] = {
            name: Quantity(array, unit_of(experiment.labels.parameters[name].unit)) for name, array in table.items()}
        for name, value in data.conditions.items():
            if name != TIME:
                plain: Quantity | str | float = value if isinstance(value, str | Quantity) else Quantity(
                    float(np.asarray(value)), unit_of(experiment.labels.parameters[name].unit))
                given[name] = [plain] * len(members)

        def asked(result: Result) -> dict[str, Quantity | float]:
            at = np.ravel(np.asarray(result.time.to("ms"), dtype=np.float64))
            column = np.interp(times, at, result.column(data.observe))
            return {str(place): float(value) for place, value in enumerate(column)}

        crowd = population(experiment, given, asked)
        if crowd.failures:
            raise SolveError(f"{data.name}: a run failed: {crowd.failures[0].cause}", values=crowd.failures[0].values)
        return np.stack([crowd.features[str(place)] for place in range(len(times))], axis=1)
