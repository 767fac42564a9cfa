"""Experiment -> the content of a study file; apart from what reads one, since a run from the cache writes its study too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby

from pumpleak.base.errors import FormatError
from pumpleak.base.units import Quantity, quantity
from pumpleak.formats.scalars import Plain
from pumpleak.formats.writing import FORMAT
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, Segment


def study_written(name: str, model: str, experiment: Experiment, overrides: Mapping[str, object]) -> dict[str, Plain]:
    """Return the content of a file that describes the experiment on the model of that name.

    Raises FormatError for a segment that no word of a protocol describes.
    """
    plain: dict[str, Plain] = {"pumpleak": FORMAT, "study": title_of(name), "model": model}
    if overrides:
        plain["set"] = {key: written(value) for key, value in overrides.items()}
    plain["protocol"] = _steps_written(experiment.protocol)
    plain["start"] = experiment.start
    if experiment.record is not None:
        plain["record"] = list(experiment.record)
    if experiment.every is None:
        plain["samples"] = experiment.samples
    else:
        plain["every"] = written(quantity(experiment.every))
    plain["rtol"] = experiment.rtol
    return plain


def title_of(name: str) -> str:
    """Return a name as files allow it: what is no letter, digit, '-', '.' or '_' becomes '-'; at most 64 characters."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip("-._")[:64] or "study"


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
    if segment.ramps and (values or segment.settle):
        besides = "goes to a rest" if segment.settle else f"holds {', '.join(values)}"
        raise FormatError(f"a segment that ramps {', '.join(segment.ramps)} and {besides} has no words in a file; "
                          "make it of hold, ramp, pulse and settle")
    if segment.settle:
        return {"settle": values}
    if segment.ramps:
        ends: dict[str, Plain] = {name: written(end) if begin is None else [written(begin), written(end)]
                                  for name, (begin, end) in segment.ramps.items()}
        return {"ramp": duration, "to": ends}
    return {"hold": duration, **({"with": values} if values else {})}


def written(value: object) -> str | float:
    """Return a quantity as a file has it; a pure number as it is."""
    if isinstance(value, Quantity):
        return str(value) if value.unit.parts or not isinstance(value.value, float) else value.value
    return value if isinstance(value, float) else str(value)
