"""A cell fitted to time courses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import pumpleak as pl
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.fitting.courses import CoursePrediction
from pumpleak.fitting.data import Dataset
from pumpleak.fitting.problem import Problem
from pumpleak.fitting.unknown import Unknown

NAMES = ("leak_Na.permeability", "leak_K.permeability")
MINUTE = 6e4  # ms


def experiment() -> pl.Experiment:
    return pl.Experiment(pl.load("generic-cell"), pl.hold("1 min") + pl.hold("20 min", {"pump.activity": 0.0}), samples=211)


def problem(off: float = 1.0) -> Problem:
    run = experiment()
    times = np.array([0.5, 2.0, 5.0, 10.0, 15.0, 20.0]) * MINUTE
    result = pl.run(run)
    at = np.ravel(result.time.to("ms"))
    data = tuple(Dataset(name, {"time": times}, np.interp(times, at, result.column(name)), error, observe=name, unit=unit,
                         experiment="block", swept="time")
                 for name, error, unit in (("inside.Na", 0.5, "mM"), ("membrane.V", 0.5, "mV")))
    unknowns = []
    for name in NAMES:
        given = run.labels.parameters[name]
        unknowns.append(Unknown(name, off * given.value, given.value / 10.0, given.value * 10.0, unit=given.unit))
    return Problem(run.model, data, tuple(unknowns), noise="given", experiments={"block": run})


def test_a_time_course_gives_the_permeabilities_back() -> None:
    asked = problem(off=1.4)
    found = pl.fit(asked, starts=1)
    for name in NAMES:
        # differences for derivatives only slow the search; what is found is as good as the runs, 1e-8
        assert found.values[name] == pytest.approx(asked.constant(name)[0], rel=1e-6)
    assert isinstance(found.model, pl.Cell)
    assert found.verdicts["leak_Na.permeability"] == "identified"


def test_derivatives_are_good_to_a_part_in_ten_thousand() -> None:
    asked = problem()
    predict = CoursePrediction(asked.experiments, asked.data, NAMES)
    values = [asked.constant(name)[0] for name in NAMES]
    for each, index in zip(predict(values, values), range(2), strict=True):
        assert each[1] is not None
        for name in range(2):
            steps = []
            for by in (5e-3, -5e-3):
                shifted = list(values)
                shifted[name] *= 1.0 + by
                steps.append(predict(shifted, None)[index][0])
            expected = (steps[0] - steps[1]) / 1e-2
            np.testing.assert_allclose(each[1][:, name], expected, rtol=0.0, atol=1e-4 * np.max(np.abs(expected)))


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"experiment": "blok"}, NameUnknown, r"^inside\.Na: no experiment is called 'blok'; did you mean 'block'\?"),
    ({"observe": "inside.Nb"}, NameUnknown, r"^inside\.Na: generic-cell has no quantity 'inside\.Nb'; did you mean "),
    ({"conditions": {}}, ModelError,
     r"^inside\.Na: it has no conditions, but no time; a time course has a column such as 'time \[s\]'"),
    ({"conditions": {"time": "2 h"}}, ModelError,
     r"^inside\.Na: a point at 7\.2e\+06 ms, but the experiment lasts 1\.26e\+06 ms; make it last longer"),
])
def test_courses_that_do_not_fit_are_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    asked = problem()
    data = replace(asked.data[0], **change)  # type: ignore[arg-type]
    with pytest.raises(error, match=message):
        CoursePrediction(asked.experiments, (data,), NAMES)
