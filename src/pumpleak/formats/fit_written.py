"""What a fit leaves in its folder: fit.json, residuals.csv, the fitted model as a file, and the lines of the figures as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pumpleak.base.units import Quantity, unit
from pumpleak.fitting.lines import Line
from pumpleak.fitting.prediction import positions
from pumpleak.fitting.result import Fit, shown_unit
from pumpleak.formats.outputs import Folder
from pumpleak.formats.saving import text_of
from pumpleak.lab.experiment import unit_of

SCHEMA = 1
QUANTILES = (0.05, 0.5, 0.95)


def write_fit(folder: Folder, fit: Fit, lines: Sequence[Line], circumstances: Mapping[str, Any]) -> list[Path]:
    """Write all but the figures, fit.json first; return the paths. circumstances: what else belongs there, such as the seed."""
    return [folder.json("fit.json", {**fit_plain(fit), **circumstances}), folder.text("fitted.yaml", text_of(fit.model)),
            folder.text("residuals.csv", residuals_text(fit)), folder.text("lines.csv", lines_text(lines))]


def fit_plain(fit: Fit) -> dict[str, Any]:
    """Return a fit as JSON holds it."""
    problem = fit.objective.problem
    constants = {}
    for each in fit.estimates:
        value, low, high = (_shown(one, each.unit) for one in (each.value, each.interval.low, each.interval.high))
        constants[each.name] = {"value": value, "unit": shown_unit(each.unit), "low": low, "high": high,
                                "open_low": each.interval.open_low, "open_high": each.interval.open_high,
                                "kind": each.interval.kind, "verdict": each.verdict, "by": each.by}
    tied = {name: {"value": _shown(fit.values[name], problem.constant(name)[1]), "unit": shown_unit(problem.constant(name)[1]),
                   "follows": text} for name, text in problem.tied.items()}
    data = {each.data.name: {"points": len(each.data), "observe": each.data.observe, "unit": each.data.unit,
                             "rms": float(np.sqrt(np.mean((each.values - each.data.points) ** 2))),
                             "scales": each.scales.tolist(), "offsets": each.offsets.tolist(), "fitted": each.data.weight > 0.0,
                             "source": each.data.source} for each in fit.fits}
    profiles = {name: {"values": [_shown(unknown.value(float(at)), unknown.unit) for at in each.coordinates],
                       "unit": shown_unit(unknown.unit), "rises": each.rises.tolist(), "threshold": fit.threshold}
                for unknown in problem.unknowns for name, each in fit.profiles.items() if name == unknown.name}
    return {"schema": SCHEMA, "name": problem.name, "title": problem.title, "model": getattr(problem.model, "name", ""),
            "status": fit.status, "cost": fit.cost, "points": fit.objective.count, "freedom": fit.freedom, "noise": fit.noise,
            "level": problem.level, "starts": list(fit.costs), "constants": constants, "tied": tied, "data": data,
            "profiles": profiles, **({"samples": _samples(fit)} if fit.samples is not None else {})}


def residuals_text(fit: Fit) -> str:
    """Return every point beside the model as CSV: where it stands, observed, its error, the model, what is left in errors."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["data", "curve", "swept", "position", "unit", "observed", "error", "model", "residual"])
    for each in fit.fits:
        data, errors = each.data, fit.objective.stretch * each.data.sigma
        for index, at in enumerate(positions(data)):
            off = each.values[index] - data.points[index]
            numbers = (data.points[index], errors[index], each.values[index], off / errors[index])
            writer.writerow([data.name, data.curve[index], data.swept, repr(float(at)), data.unit,
                             *(repr(float(number)) for number in numbers)])
    return stream.getvalue()


def lines_text(lines: Sequence[Line]) -> str:
    """Return the lines through the data with their bands as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["data", "curve", "position", "model", "low", "high"])
    for line in lines:
        for row in zip(line.x, line.values, line.low, line.high, strict=True):
            writer.writerow([line.data, line.curve, *(repr(float(value)) for value in row)])
    return stream.getvalue()


def _samples(fit: Fit) -> dict[str, Any]:
    samples = fit.samples
    if samples is None:
        return {}
    found = samples.quantiles(*QUANTILES)
    units = [each.unit for each in fit.objective.unknowns]
    return {"draws": len(samples.values), "acceptance": samples.acceptance, "correlation": samples.correlation,
            "quantiles": list(QUANTILES),
            "constants": {name: [_shown(float(each), units[index]) for each in found[:, index]]
                          for index, name in enumerate(samples.names)}}


def _shown(value: float, internal: str) -> float:
    """A value in the unit in which it is spoken of."""
    wanted = shown_unit(internal)
    return value if wanted == internal else float(np.asarray(Quantity(value, unit_of(internal)).to(unit(wanted))))
