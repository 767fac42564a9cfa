"""Experiment -> the content of a study file; apart from what reads one, since a run from the cache writes its study too."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from pumpleak.base.units import Quantity
from pumpleak.formats.scalars import Plain
from pumpleak.formats.writing import FORMAT
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, Segment


def study_written(name: str, model: str, experiment: Experiment, overrides: Mapping[str, object]) -> dict[str, Plain]:
    """Return the content of a file that describes the experiment on the model of that name."""
    plain: dict[str, Plain] = {"pumpleak": FORMAT, "study": name, "model": model}
    if overrides:
        plain["set"] = {key: written(value) for key, value in overrides.items()}
    plain["protocol"] = _steps_written(experiment.protocol)
    plain["start"] = experiment.start
    if experiment.record is not None:
        plain["record"] = list(experiment.record)
    plain["samples"] = experiment.samples
    return plain


def _steps_written(protocol: Protocol) -> list[Plain]:
    """Return the steps, the same one several times on end as a repetition."""
    steps: list[Plain] = []
    for _, group in groupby(protocol.segments, key=id):
        same = list(group)
        step = _step_written(same[0])
        steps.append(step if len(same) == 1 else {"repeat": len(same), "steps": [step]})
    return steps


def _step_written(segment: Segment) -> dict[str, Plain]:
    duration = f"{segment.duration!r} ms"
    values: dict[str, Plain] = {name: written(value) for name, value in segment.values.items()}
    if segment.settle:
        return {"settle": values}
    if segment.ramps:
        return {"ramp": duration, "to": {name: written(end) for name, (_, end) in segment.ramps.items()}}
    return {"hold": duration, **({"with": values} if values else {})}


def written(value: object) -> str | float:
    """Return a quantity as a file has it; a pure number as it is."""
    if isinstance(value, Quantity):
        return str(value) if value.unit.parts or not isinstance(value.value, float) else value.value
    return value if isinstance(value, float) else str(value)
