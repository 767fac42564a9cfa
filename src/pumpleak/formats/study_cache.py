"""Studies by their files; one that was read before is found in the cache, without its YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pumpleak.base.errors import ModelError
from pumpleak.base.units import Quantity, quantity
from pumpleak.compile.cache import default_store
from pumpleak.formats.light import LightModel
from pumpleak.formats.shelves import fingerprint
from pumpleak.formats.study import Study
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.programs import package_digest
from pumpleak.lab.protocol import Protocol, Segment

KIND = "study"  # of its entries in the cache


def study_in(path: Path, overrides: Mapping[str, str | float | Quantity] | None = None) -> Study:
    """Return the study of a file, with further overrides; raises FormatError for another kind of file."""
    # with the folder it stands in: the same bytes elsewhere name the files beside them there
    given = json.dumps([fingerprint(path, overrides or {}), str(path.resolve()), package_digest()])
    store, key = default_store(), sha256(given.encode()).hexdigest()
    kept = store.get(KIND, key)
    if kept is not None:
        return _thawed(json.loads(kept))
    # imported here: pydantic and ruamel.yaml take longer to start than a run from the cache
    from pumpleak.formats.document import read_file
    from pumpleak.formats.header import expect
    from pumpleak.formats.study_read import study_of

    document = read_file(path)
    expect(document, KIND)
    study = study_of(document, overrides)
    store.put(KIND, key, json.dumps(_frozen(study)).encode())
    return study


def _frozen(study: Study) -> dict[str, Any]:
    """A study as plain data, each segment written once however often it is repeated."""
    experiment = study.experiment
    segments = {id(segment): segment for segment in experiment.protocol.segments}
    place = {key: number for number, key in enumerate(segments)}
    model = experiment.model
    if not isinstance(model, LightModel):
        raise ModelError(f"{study.name}: its model {model!r} was not read from a file")
    return {
        "name": study.name, "title": study.title, "summary": study.summary, "resolved": study.resolved,
        "model": [model.name, str(model.path), {name: _text(value) for name, value in model.overrides.items()}],
        "segments": [_segment_frozen(segment) for segment in segments.values()],
        "order": [place[id(segment)] for segment in experiment.protocol.segments],
        "record": list(experiment.record) if experiment.record is not None else None,
        "samples": experiment.samples, "every": _text(experiment.every) if experiment.every is not None else None,
        "start": experiment.start, "rtol": experiment.rtol}


def _segment_frozen(segment: Segment) -> dict[str, Any]:
    return {"duration": segment.duration, "settle": segment.settle,
            "values": {name: _text(value) for name, value in segment.values.items()},
            "ramps": {name: [None if begin is None else _text(begin), _text(end)]
                      for name, (begin, end) in segment.ramps.items()}}


def _thawed(plain: Mapping[str, Any]) -> Study:
    """The study that was frozen; its model is read only if something asks for more than its program."""
    name, path, overrides = plain["model"]
    model = LightModel(name, overrides, Path(path))
    segments = [Segment(each["duration"], {name: quantity(value) for name, value in each["values"].items()},
                        {name: (None if begin is None else quantity(begin), quantity(end))
                         for name, (begin, end) in each["ramps"].items()}, each["settle"])
                for each in plain["segments"]]
    protocol = Protocol(tuple(segments[number] for number in plain["order"]))
    every = quantity(plain["every"]) if plain["every"] is not None else None
    experiment = Experiment(model, protocol, record=plain["record"], samples=plain["samples"], every=every,
                            start=plain["start"], rtol=plain["rtol"])
    return Study(plain["name"], plain["title"], plain["summary"], experiment, plain["resolved"])


def _text(value: str | float | Quantity) -> str:
    """A quantity as text that reads back as the same number."""
    if isinstance(value, Quantity):
        return f"{value.value!r} {value.unit.name}" if value.unit.parts else repr(value.value)
    return value if isinstance(value, str) else repr(value)
