"""Files of the kind `fit:` read and checked: YAML -> Problem, each constant and each table with its place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pumpleak.base.domains import Domain, check_domain
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import lookup
from pumpleak.base.units import internal
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.sensitivity import constant_of
from pumpleak.fitting.problem import Problem
from pumpleak.fitting.unknown import Prior, Unknown
from pumpleak.formats.catalog import load, study
from pumpleak.formats.dataset import dataset_of
from pumpleak.formats.document import Document, Fields, read_file
from pumpleak.formats.fit_models import FitFile, FitParameter, FitPrior
from pumpleak.formats.header import kind_of
from pumpleak.formats.parts import computable, sources_of, validated
from pumpleak.formats.shelves import CATALOG, find, is_path
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.experiment import unit_of as unit_named

SHELF = CATALOG / "fits"
KIND = "fit"


def fits() -> dict[str, Path]:
    """The problems of fitting in the catalogue, by name."""
    return {path.stem: path for path in sorted(SHELF.glob("*.yaml"))}


def problem_in(name: str | Path) -> Problem:
    """Return the problem of a file, or of that name in the catalogue.

    Raises NameUnknown with the nearest names; FormatError, UnitError and ModelError with file, line and column.
    """
    path = name if isinstance(name, Path) else Path(name) if is_path(name) else lookup(name, fits(), "fit")
    document = read_file(path)
    root = document.root
    if not (isinstance(root, Fields) and KIND in root.entries):
        raise document.error(f"the file is a {kind_of(document)}; a {KIND} is needed here: it begins with 'pumpleak: 1' and "
                             "'fit:'")
    with computable(document):
        return _problem(document)


def _problem(document: Document) -> Problem:
    file = validated(document, FitFile)
    sources_of(document, file)
    model, experiments = _model(document, file)
    scheme = model if isinstance(model, Scheme) else None
    data = tuple(dataset_of(document, name, entry, scheme, experiments) for name, entry in file.data.items())
    unknowns = []
    for name, entry in file.parameters.items():
        with document.at("parameters", name, key=NameUnknown):
            unknowns.append(_unknown(document, name, entry, *_constant(model, name)))
    for name, text in file.tied.items():
        with document.at("tied", name, key=NameUnknown):
            Problem(model, data, tuple(unknowns), {name: text}, experiments=experiments, name=file.fit)
    with document.at("fit"):
        return Problem(model, data, tuple(unknowns), dict(file.tied), file.noise, file.loss, file.level, experiments, file.fit,
                       file.title)


def _model(document: Document, file: FitFile) -> tuple[Any, dict[str, Experiment]]:
    """The scheme, or the cell with the experiments that the data name."""
    with document.at("model"):
        path = find(file.model, "scheme", "cell", "system", beside=Path(document.file))
    for name in file.set_:
        with document.at("set", name, key=NameUnknown):
            load(path, {name: file.set_[name]})
    model = load(path, file.set_)
    if isinstance(model, Scheme):
        for name, entry in file.data.items():
            if entry.experiment:
                with document.at("data", name, "experiment"):
                    raise ModelError(f"{name}: {entry.experiment!r} is run on a cell, but {model.name} is a scheme; leave it "
                                     "out")
        return model, {}
    found: dict[str, Experiment] = {}
    for name, entry in file.data.items():
        with document.at("data", name, "experiment"):
            if not entry.experiment:
                raise ModelError(f"{name}: a cell is fitted to time courses, but no `experiment` is named "
                                 f"({entry.experiment!r}); give the name or the file of a study")
            if entry.experiment not in found:
                path = find(entry.experiment, "study", beside=Path(document.file))
                found[entry.experiment] = study(path, file.set_).experiment
            used = getattr(found[entry.experiment].model, "name", "")
            if Path(used).stem != Path(file.model).stem:
                raise ModelError(f"{name}: the study {entry.experiment!r} runs {used!r}, but {file.model!r} is fitted; name a "
                                 "study of the same model")
    return next(iter(found.values())).model, found


def _constant(model: Any, name: str) -> tuple[float, str, Domain]:
    """Value of a constant, its unit, and which values it can have: rates and affinities of a scheme are not negative."""
    if isinstance(model, Scheme):
        value, measured = constant_of(model, name)
        return value, measured, "not negative" if measured == "mM" or measured.startswith(("1/ms", "1/(ms")) else "any"
    parameter = lookup(name, _labels(model), "parameter")
    return parameter.value, parameter.unit, parameter.domain


def _labels(model: Any) -> Mapping[str, Any]:
    from pumpleak.lab.programs import labelled

    return labelled(model).parameters


def _unknown(document: Document, name: str, entry: FitParameter, value: float, measured: str, domain: Domain) -> Unknown:
    place = ("parameters", name)
    expected = unit_named(measured)

    def read(given: str | float, *key: str) -> float:
        with document.at(*place, *key):
            found = internal(given, expected, name)
            check_domain(KIND, name, found, measured, domain)
            return found

    low, high = read(entry.low, "low"), read(entry.high, "high")
    start = value if entry.start is None else read(entry.start, "start")
    if entry.start is None:
        start = float(np.clip(value, low, high))  # a model's own value may lie outside what is now believed
    logarithmic = low > 0.0 if entry.scale is None else entry.scale == "log"
    prior = None if entry.prior is None else _prior(entry.prior, read)
    return Unknown(name, start, low, high, logarithmic, prior, measured)


def _prior(entry: FitPrior, read: Any) -> Prior:
    centre = read(entry.centre, "prior", "centre")
    if entry.factor is not None:
        return Prior(centre, float(np.log(entry.factor)), True)
    return Prior(centre, read(entry.width if entry.width is not None else 0.0, "prior", "width"), False)
