"""Computed curves beside measured points: what follows from the data, how far off each pump is, and what was fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pumpleak.app.pump.answer import Answer, Curve, answer
from pumpleak.app.pump.question import Array, Question, Swept, unit_of
from pumpleak.app.pump.section import Section
from pumpleak.app.ranges import Range
from pumpleak.base.errors import FormatError
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.measured import Measured, MeasuredCurve

SMOOTH = 61  # points of a line that is to look smooth
LEGEND = 26  # letters in a line of a legend: more would leave the axes no room
DECADE = 10.0  # a concentration that varies more than this is drawn on a logarithmic axis


@dataclass(frozen=True)
class Comparison:
    """One pump beside measured points: the factor by which its main quantity is scaled, and what then is left.

    rms: of all points, in the unit of the data; each: of each curve. best: with the factor that makes the rms least.
    """

    pump: str
    scale: float
    rms: float
    each: Mapping[str, float]
    best_scale: float
    best: float
    fitted: bool


def with_data(question: Question, data: Measured) -> Question:
    """The question with all that follows from the data, where the command line does not say otherwise."""
    axis = question.axis
    if axis is not None and axis.name != data.swept:
        raise FormatError(f"--data {data.name}: its points stand along {data.swept}, but {axis.name} is swept; sweep "
                          f"{data.swept}, or leave the sweep out")
    if data.swept in question.fixed:
        raise FormatError(f"--data {data.name}: its points stand along {data.swept}, which is set to "
                          f"{question.fixed[data.swept]:g} {unit_of(data.swept)}; leave that out")
    return replace(_under(question, data), axis=axis or _along(data))


def with_charge(question: Question, data: Measured) -> Question:
    """The question with the conditions of measured charge, where the command line does not say otherwise."""
    return _under(question, data) if not question.swept else _beneath(question, data)


def _under(question: Question, data: Measured) -> Question:
    names = list(dict.fromkeys(name for curve in data.curves for name in curve.special))
    family = question.family or tuple(_varied(name, data) for name in names if name not in question.fixed)
    return replace(_beneath(question, data), family=family)


def _beneath(question: Question, data: Measured) -> Question:
    return question if question.base or not data.conditions else replace(question, beneath=data.conditions, after=data.name)


def _along(data: Measured) -> Swept:
    """A line through the region of the points; along the voltage between whole tens of mV."""
    x = np.concatenate([curve.x for curve in data.curves])
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if data.swept == VOLTAGE:
        low, high = 10.0 * np.floor(low / 10.0), 10.0 * np.ceil(high / 10.0)
    line = Range(low, high, SMOOTH, unit_of(data.swept), logarithmic(data.swept, low, high))
    return Swept(data.swept, tuple(line.values), f"{line} (from the data)", line.step)


def logarithmic(name: str, low: float, high: float) -> bool:
    """Whether a condition is best shown on a logarithmic axis: a concentration that varies much."""
    return unit_of(name) == "mM" and low > 0.0 and high > DECADE * low


def _varied(name: str, data: Measured) -> Swept:
    values = tuple(dict.fromkeys(curve.special[name] for curve in data.curves if name in curve.special))
    return Swept(name, values, f"{', '.join(f'{value:g}' for value in values)} {unit_of(name)} (from the data)")


def compare(given: Answer, data: Measured) -> Comparison:
    """Hold a pump against the points, each curve computed at exactly these."""
    computed = [_at_points(given, data, curve) for curve in data.curves]
    scale = _scale(given, data, computed)
    there = [~np.isnan(curve.y) for curve in data.curves]
    model = np.concatenate([values[held] for values, held in zip(computed, there, strict=True)])
    points = np.concatenate([curve.y[held] for curve, held in zip(data.curves, there, strict=True)])
    best = _best(model, points)
    each = {curve.heading: _rms(scale * values - curve.y) for curve, values in zip(data.curves, computed, strict=True)}
    return Comparison(given.pump.name, scale, _rms(scale * model - points), each, best, _rms(best * model - points),
                      given.pump.name in data.fitted)


def _at_points(given: Answer, data: Measured, curve: MeasuredCurve, x: Array | None = None) -> Array:
    values = tuple((curve.x if x is None else x).tolist())
    fixed = {**given.question.fixed, **{name: value for name, value in curve.special.items()
                                        if name not in given.question.fixed}}
    question = replace(given.question, base=given.base, fixed=fixed, axis=Swept(data.swept, values, ""), family=())
    found = answer(given.pump, question)
    return np.asarray(found.columns[found.main])


def _scale(given: Answer, data: Measured, computed: Sequence[Array]) -> float:
    """What the pump's main quantity is multiplied with: 1 for turnovers, else as the data are scaled."""
    if data.absolute and given.main.endswith("[1/s]"):
        return 1.0
    if data.relative_to is not None:
        normal = float(_at_points(given, data, data.curves[0], np.array([data.relative_to])).item())
        return 1.0 / normal if normal else 1.0
    there = [~np.isnan(curve.y) for curve in data.curves]
    return _best(np.concatenate([values[held] for values, held in zip(computed, there, strict=True)]),
                 np.concatenate([curve.y[held] for curve, held in zip(data.curves, there, strict=True)]))


def _best(model: Array, points: Array) -> float:
    """The factor of least squares; 1 for a model that stands still."""
    square = float(model @ model)
    return float(model @ points) / square if square else 1.0


def _rms(differences: Array) -> float:
    return float(np.sqrt(np.nanmean(np.square(differences))))


def scaled(curve: Curve, comparisons: Sequence[Comparison]) -> Curve:
    """A curve on the scale of the data."""
    factor = next((each.scale for each in comparisons if each.pump == curve.pump), 1.0)
    return replace(curve, y=factor * curve.y)


def provenance(data: Measured, pumps: Sequence[str]) -> str:
    """How the legend calls the points: whether the pumps that are shown were fitted to them."""
    fitted = [name for name in pumps if name in data.fitted]
    if not fitted:
        return "measured (not fitted)"
    others = [name for name in pumps if name not in data.fitted]
    return f"measured (fitted to by {', '.join(fitted)}" + (f"; not by {', '.join(others)})" if others else ")")


def data_section(answers: Sequence[Answer], data: Measured, comparisons: Sequence[Comparison]) -> Section:
    """How far each pump is from the points."""
    unit = data.unit if data.unit != "1" else ""
    count = sum(int(np.sum(~np.isnan(curve.y))) for curve in data.curves)
    lines = [f"data: {data.name}, {data.title[:1].lower()}{data.title[1:]}, {count} points"]
    if data.source is not None:
        lines.append(f"  from {data.source.cite()}")
    for each in comparisons:
        words = "fitted to these points" if each.fitted else "not fitted to them"
        by = f"; by curve {', '.join(f'{value:.3g}' for value in each.each.values())}" if len(each.each) > 1 else ""
        lines.append(f"  {each.pump} ({words}): rms difference {each.rms:.4g} {unit}".rstrip() + by
                     + f"; scaled by {each.best_scale:.4g} at best {each.best:.4g}" * data.absolute)
    warm = _temperature_remark(answers, data)
    plain = {"name": data.name, "swept": data.swept, "unit": data.unit, "points": count,
             "pumps": {each.pump: {"rms": each.rms, "each": dict(each.each), "scale": each.scale, "fitted": each.fitted,
                                   "best": {"scale": each.best_scale, "rms": each.best}} for each in comparisons}}
    return Section("data", "\n".join([*lines, *([f"  {warm}"] if warm else [])]), plain)


def _temperature_remark(answers: Sequence[Answer], data: Measured) -> str:
    """What to know where the experiment was warmer or colder than the pump is computed."""
    if data.temperature is None:
        return ""
    # a degree changes a turnover by less than the points scatter
    other = [each for each in answers if abs(float(np.ravel(each.temperature)[0]) - data.temperature) > 1.5]
    if not other:
        return ""
    celsius = data.temperature - 273.15
    return (f"measured at {celsius:.4g} degC, computed at the temperature of {', '.join(each.pump.name for each in other)}; "
            f"--temperature {celsius:.4g} takes the experiment's")
