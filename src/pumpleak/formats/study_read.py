"""Study files read and checked: YAML -> Study, on a named model with overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import lookup
from pumpleak.base.units import Quantity, internal, quantity
from pumpleak.formats.document import Document
from pumpleak.formats.light import LightModel, light
from pumpleak.formats.models import HoldEntry, PulseEntry, RampEntry, SettleEntry, StepEntry, StudyFile
from pumpleak.formats.parts import Given, computable, sources_of, validated
from pumpleak.formats.runnable import with_values
from pumpleak.formats.scalars import Plain
from pumpleak.formats.study import Study
from pumpleak.formats.study_written import written
from pumpleak.lab.experiment import Experiment, no_parameter, unit_of
from pumpleak.lab.programs import labelled
from pumpleak.lab.protocol import MOST_SEGMENTS, Protocol, Segment, hold, pulse, ramp, settle

Path_ = tuple[str | int, ...]


def study_of(document: Document, overrides: Mapping[str, str | float | Quantity] | None = None) -> Study:
    """Return the study that a file describes, on its model with the file's and these overrides.

    Raises FormatError, UnitError, NameUnknown and ModelError, each with file, line and column.
    """
    with computable(document):
        return _study(document, overrides or {})


def _study(document: Document, overrides: Mapping[str, str | float | Quantity]) -> Study:
    file = validated(document, StudyFile)
    sources_of(document, file)
    model = _model(document, file, overrides)
    reader = _Reader(document, model)
    protocol = reader.protocol(file.protocol, ("protocol",))
    names = labelled(model).units
    for index, name in enumerate(file.record or ()):
        with document.at("record", index):
            lookup(name, names, f"quantity of {model.name}")
    with document.at("protocol"):
        experiment = Experiment(model, protocol, record=file.record, samples=file.samples, start=file.start, rtol=file.rtol)
    if file.every is not None:
        every = reader.time(file.every, "every", ())
        with document.at("every"):
            experiment = replace(experiment, every=every)
    plain = document.plain if isinstance(document.plain, dict) else {}
    changed: dict[str, Plain] = {**file.set_, **{name: written(value) for name, value in overrides.items()}}
    # a relative path would lead elsewhere from the folder of a result
    named = str(model.path.resolve()) if model.is_file else file.model
    resolved: dict[str, Plain] = {**plain, "model": named, **({"set": changed} if changed else {})}
    return Study(file.study, file.title, file.summary, experiment, resolved)


def _model(document: Document, file: StudyFile, overrides: Mapping[str, str | float | Quantity]) -> LightModel:
    with document.at("model"):
        model = light(file.model, beside=Path(document.file))
        if file.set_ or overrides:
            known = model.model
    for name, value in file.set_.items():
        with document.at("set", name, key=NameUnknown):
            with_values(known, {name: value})
    if overrides:
        with_values(known, overrides)  # what is wrong here is not the file's fault: no place is added
    return model.with_values({**file.set_, **overrides}) if file.set_ or overrides else model


class _Reader:
    """The steps of a protocol, their values checked against the model's parameters where they stand."""

    def __init__(self, document: Document, model: LightModel) -> None:
        self.document = document
        with document.at("model"):
            self.labels = labelled(model)

    def protocol(self, steps: Sequence[StepEntry], path: Path_) -> Protocol:
        segments: list[Segment] = []
        for index, step in enumerate(steps):
            with self.document.at(*path, index):
                segments.extend(self.step(step, (*path, index)).segments)
                if len(segments) > MOST_SEGMENTS:
                    raise ModelError(f"protocol: more than {MOST_SEGMENTS} segments; it has {len(segments)} up to here")
        with self.document.at(*path):
            return Protocol(tuple(segments))

    def step(self, step: StepEntry, path: Path_) -> Protocol:
        if isinstance(step, HoldEntry):
            return hold(self.time(step.hold, "hold", path), self.values(step.with_, (*path, "with")))
        if isinstance(step, RampEntry):
            return ramp(self.time(step.ramp, "ramp", path), self.targets(step.to, (*path, "to")))
        if isinstance(step, PulseEntry):
            after = self.time(step.after, "after", path) if step.after is not None else 0
            return pulse(self.time(step.pulse, "pulse", path), self.values(step.with_, (*path, "with")), after)
        if isinstance(step, SettleEntry):
            return settle(self.values(step.settle, (*path, "settle")))
        return self.protocol(step.steps, (*path, "steps")) * step.repeat

    def time(self, given: Given, key: str, path: Path_) -> Quantity:
        with self.document.at(*path, key):
            internal(given, "ms", key)
            return quantity(given)

    def targets(self, given: Mapping[str, Given | list[Given]],
                path: Path_) -> dict[str, Quantity | tuple[Quantity, Quantity]]:
        """The ends of a ramp, or both ends where both are given."""
        ends = {name: value[-1] if isinstance(value, list) else value for name, value in given.items()}
        begins = {name: value[0] for name, value in given.items() if isinstance(value, list)}
        read, first = self.values(ends, path), self.values(begins, path)
        return {name: (first[name], end) if name in first else end for name, end in read.items()}

    def values(self, given: Mapping[str, Given], path: Path_) -> dict[str, Quantity]:
        found = {}
        for name, value in given.items():
            with self.document.at(*path, name, key=NameUnknown):
                if name not in self.labels.parameters and (name in self.labels.units or name.endswith(".injected")):
                    raise NameUnknown(no_parameter(self.labels, name))
                parameter = lookup(name, self.labels.parameters, f"parameter of {self.labels.name}")
                internal(value, unit_of(parameter.unit), name)
                found[name] = quantity(value)
        return found
