"""Computed curves beside measured points: what follows from the data, how far off each pump is, and what was fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pumpleak.app.pump.answer import Answer, Curve, answer, takes_temperature
from pumpleak.app.pump.question import Array, Question, Swept, unit_of
from pumpleak.app.pump.section import Section
from pumpleak.app.ranges import Range
from pumpleak.base.constants import ZERO_CELSIUS
from pumpleak.base.errors import FormatError
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.formats.measured import Measured, MeasuredCurve, rms

SMOOTH = 61  # points of a line that is to look smooth
LEGEND = 26  # letters in a line of a legend: more would leave the axes no room
DECADE = 10.0  # points over a wider range of concentrations are drawn on a logarithmic axis
LIKE = 0.2  # K: changes a turnover by 1 or 2 %, less than any point scatters


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
    """The question with the conditions of measured charge, where the command line does not say otherwise.

    Temperature is among them for all schemes: a Boltzmann curve is compared by its valence, which RT/F sets.
    """
    question = replace(question, as_measured=True)
    return _under(question, data) if not question.swept else _beneath(question, data)


def _under(question: Question, data: Measured) -> Question:
    names = list(dict.fromkeys(name for curve in data.curves for name in curve.special))
    family = question.family or tuple(_varied(name, data) for name in names if name not in question.fixed)
    return replace(_beneath(question, data), family=family)


def _beneath(question: Question, data: Measured) -> Question:
    given = TEMPERATURE in question.fixed or TEMPERATURE in [each.name for each in question.swept]
    warm = {TEMPERATURE: data.temperature} if data.temperature is not None and not given else {}
    own = tuple(name for name in data.fitted if name not in data.as_measured)
    if question.base or not data.conditions:
        return replace(question, beneath=warm, own=own)
    return replace(question, beneath={**data.conditions, **warm}, after=data.name, own=own)


def _along(data: Measured) -> Swept:
    """A line through the region of the points; along the voltage between whole tens of mV."""
    x = np.concatenate([curve.x for curve in data.curves])
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if data.swept == VOLTAGE:
        low, high = 10.0 * np.floor(low / 10.0), 10.0 * np.ceil(high / 10.0)
    line = Range(low, high, SMOOTH, unit_of(data.swept), logarithmic(data.swept, low, high))
    return Swept(data.swept, tuple(line.values), f"{line} (from the data)", line.step, line.logarithmic)


def logarithmic(name: str, low: float, high: float) -> bool:
    """Whether points are best shown on a logarithmic axis: along a concentration that varies much."""
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
    each = {curve.heading: rms(scale * values - curve.y) for curve, values in zip(data.curves, computed, strict=True)}
    return Comparison(given.pump.name, scale, rms(scale * model - points), each, best, rms(best * model - points),
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
                     + f"; {each.best:.4g} at best, if all that is computed were multiplied by {each.best_scale:.4g}"
                     * data.absolute)
    if data.relative_to is not None:
        lines.append(f"  pumps are relative to their values at {data.swept} {data.relative_to:g} {unit_of(data.swept)}, points "
                     "to the one nearest to it")
    lines += [f"  {remark}" for remark in temperature_remarks(answers, data)]
    plain = {"name": data.name, "swept": data.swept, "unit": data.unit, "points": count,
             "pumps": {each.pump: {"rms": each.rms, "each": dict(each.each), "scale": each.scale, "fitted": each.fitted,
                                   "best": {"scale": each.best_scale, "rms": each.best}} for each in comparisons}}
    return Section("data", "\n".join(lines), plain)


def temperature_remarks(answers: Sequence[Answer], data: Measured) -> list[str]:
    """At which temperature each pump is computed and why, where the experiment was warmer or colder than its constants."""
    if data.temperature is None:
        return []
    measured, lines = data.temperature - ZERO_CELSIUS, []
    for each in answers:
        name, own = each.pump.name, each.pump.constants.T
        used = {float(value) for value in np.ravel(each.temperature)}
        if len(used) > 1 or abs(own - data.temperature) <= LIKE:
            continue
        celsius = f"{used.pop() - ZERO_CELSIUS:.4g} degC"
        if TEMPERATURE in each.question.fixed:
            why = "as --temperature or --set says"
        elif takes_temperature(each.pump, each.question, each.base):
            why = "as measured"
        elif not isinstance(each.pump, Scheme) or each.pump.dH0 is None:
            why = "that of its constants: it does not say how they change with temperature"
        elif name in data.fitted:
            why = f"at which its constants were fitted to these points; --temperature {measured:.4g} takes the experiment's"
        else:
            why = "as its named condition says"
        lines.append(f"measured at {measured:.4g} degC; {name} is computed at {celsius}, {why}")
    return lines
