"""Data of a fit: tables of the catalogue and CSV files of the user, or single values, as a Dataset.

A CSV file has its units in the headings. With one column of a condition its other columns are curves (`turnover at outside.Na =
50 mM [1/s]`), with several each row is a point of its own; a column of texts `curve` names what shares a scale. A column whose
name ends in `error` holds standard deviations. With a column `time [s]` it is a time course of a cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pumpleak.base.errors import FormatError, UnitError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, internal, quantity, unit
from pumpleak.enzyme.asked import unit_of
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import PLACES
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.fitting.courses import TIME
from pumpleak.fitting.data import CHARGE, HALF, RELAXATION, STEADY, TURNOVER, USUAL, Dataset, Free
from pumpleak.formats.document import Document
from pumpleak.formats.fit_models import FitData
from pumpleak.formats.measured import Measured, MeasuredCurve, measured
from pumpleak.formats.parts import Given
from pumpleak.formats.tables import Table, read_table
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.experiment import unit_of as unit_named

ERROR = "error"
ELEMENTARY = ("e", "e/s")
_SHORT = {"V": VOLTAGE}
_RATE, _PURE = "1/s", "1"


def dataset_of(document: Document, name: str, entry: FitData, scheme: Scheme | None,
               experiments: Mapping[str, Experiment]) -> Dataset:
    """Return the data that an entry describes, in the units in which its model is observed.

    Raises FormatError, UnitError, NameUnknown and ModelError with the place in the study or in the table.
    """
    with document.at("data", name):
        data = _value(document, name, entry) if entry.value is not None else _table(document, name, entry, scheme)
        data = _detailed(document, name, entry, data)
        wanted = _unit_observed(name, data.observe, entry, experiments)
        return _converted(data, wanted)


def _value(document: Document, name: str, entry: FitData) -> Dataset:
    """One measured value under the conditions of the entry."""
    with document.at("data", name, "value"):
        value = quantity(entry.value if entry.value is not None else "")
    errors = None
    if entry.error is not None:
        with document.at("data", name, "error"):
            errors = [_error(entry.error, float(np.asarray(value.value)), str(value.unit) or _PURE)]
    return Dataset(name, {}, [float(np.asarray(value.value))], errors, entry.observe or TURNOVER, str(value.unit) or _PURE)


def _table(document: Document, name: str, entry: FitData, scheme: Scheme | None) -> Dataset:
    own = entry.table.lower().endswith(".csv")
    path = Path(document.file).parent / entry.table
    with document.at("data", name, "table"):
        table = read_table(path) if own else None
    swept = [] if table is None else [each for each in table.columns if _condition(each)]
    swept = [TIME] if TIME in swept else swept  # a concentration beside the time is what was observed
    if table is not None and (TIME in swept or len(swept) > 1):
        data = _rows(name, entry, table, swept)
    else:
        with document.at("data", name, "table"):
            data = _curves(name, entry, measured(str(path) if own else entry.table), scheme)
    if entry.error is not None:
        with document.at("data", name, "error"):
            largest = float(np.max(np.abs(data.points)))
            return replace(data, errors=_error(entry.error, largest, data.unit))
    return data


def _rows(name: str, entry: FitData, table: Table, swept: list[str]) -> Dataset:
    """A table whose rows are points under conditions of their own, or at times."""
    others = [each for each in table.columns if each not in swept and not each.endswith(ERROR)]
    if len(others) > 1 and entry.observe in others:
        others = [entry.observe]
    if len(others) != 1:
        raise FormatError(f"besides {', '.join(swept)} it has {len(others)} columns of values ({', '.join(others) or 'none'}); "
                          "it needs one, or `observe` to name it", file=table.file)
    values = np.atleast_1d(np.asarray(table[others[0]].value, dtype=np.float64))
    held = ~np.isnan(values)
    if not np.any(held):
        raise FormatError(f"the column {shown(others[0])} has no value", file=table.file)
    conditions = {}
    for each in swept:
        full = _SHORT.get(each, each)
        wanted = unit("ms") if each == TIME else unit(unit_of(full))
        internal(Quantity(1.0, table[each].unit), wanted, f"{table.file}: {each}")
        conditions[full] = np.atleast_1d(np.asarray(table[each].to(wanted), dtype=np.float64))[held]
        if np.any(np.isnan(conditions[full])):
            raise FormatError(f"{shown(each)} has no number where {shown(others[0])} has one", file=table.file)
    curve = table.texts.get("curve", ())
    errors = next((np.atleast_1d(np.asarray(table[each].to(table[others[0]].unit), dtype=np.float64))[held]
                   for each in table.columns if each.endswith(ERROR)), None)
    varied = [each for each in conditions if np.ptp(conditions[each]) > 0.0]
    observe = entry.observe or (others[0] if TIME in swept else _observed(others[0]))
    along = TIME if TIME in swept else (varied or [""])[0]
    return Dataset(name, conditions, values[held], errors, observe, str(table[others[0]].unit) or _PURE,
                   curve=tuple(np.array(curve)[held].tolist()) if curve else (), swept=along)


def _curves(name: str, entry: FitData, table: Measured, scheme: Scheme | None) -> Dataset:
    """A table of curves along one condition."""
    errors = {_key(curve): curve for curve in table.curves if curve.heading.partition(" at ")[0].endswith(ERROR)}
    curves = [curve for curve in table.curves if curve not in errors.values()]
    held = [~np.isnan(curve.y) for curve in curves]
    x = np.concatenate([curve.x[there] for curve, there in zip(curves, held, strict=True)])
    conditions: dict[str, Any] = {**table.conditions, table.swept: x}
    for special in dict.fromkeys(each for curve in curves for each in curve.special):
        for curve in curves:
            if special not in curve.special and special not in table.conditions:
                raise FormatError(f"{table.name}: the column {shown(curve.heading)} does not say its {special}, as others do")
        conditions[special] = np.concatenate([
            np.full(int(there.sum()), curve.special[special] if special in curve.special else table.conditions[special])
            for curve, there in zip(curves, held, strict=True)])
    answers = scheme is not None and (scheme.dH0 is not None or scheme.follows)
    if table.temperature is not None and answers:
        conditions[TEMPERATURE] = table.temperature
    sigma = None
    if errors:
        usual = USUAL * max(float(np.nanmax(np.abs(curve.y))) for curve in curves)
        sigma = np.concatenate([errors[_key(curve)].y[there] if _key(curve) in errors else np.full(int(there.sum()), usual)
                                for curve, there in zip(curves, held, strict=True)])
    observe = entry.observe or (CHARGE if table.is_charge else _observed(table.quantity))
    labels = tuple(curve.heading for curve, there in zip(curves, held, strict=True) for _ in range(int(there.sum())))
    data = Dataset(name, conditions, np.concatenate([curve.y[there] for curve, there in zip(curves, held, strict=True)]), sigma,
                   observe, table.unit, "no" if table.absolute else "table", curve=labels, swept=table.swept,
                   source=table.source.cite() if table.source is not None else "")
    if observe in (CHARGE, RELAXATION):
        slowest = table.slowest if table.slowest is not None else 0.0
        return replace(data, holding=table.conditions.get(VOLTAGE, 0.0), between=(slowest, np.inf))
    return data


def _key(curve: MeasuredCurve) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(curve.special.items()))


def _detailed(document: Document, name: str, entry: FitData, data: Dataset) -> Dataset:
    """The data with what the entry says beyond its table."""
    conditions = dict(data.conditions)
    for key, text in entry.conditions.items():
        with document.at("data", name, "conditions", key):
            in_unit = unit_of(key) if _condition(key) else str(quantity(text).unit) or _PURE
            conditions[key] = internal(text, in_unit, key) if _condition(key) else quantity(text)
    if entry.temperature is not None:
        with document.at("data", name, "temperature"):
            internal(entry.temperature, "K", "temperature")
            conditions[TEMPERATURE] = float(np.asarray(quantity(entry.temperature).to(unit("K"))))
    scale: Free = data.scale if entry.scale is None else entry.scale if not isinstance(entry.scale, float) else "no"
    factor = entry.scale if isinstance(entry.scale, float) else 1.0
    found = replace(data, conditions=conditions, scale=scale, factor=factor, offset=entry.offset, weight=entry.weight,
                    base=entry.at, of=entry.of, experiment=entry.experiment, source=entry.source or data.source)
    if entry.holding is not None:
        found = replace(found, holding=_number(document, name, "holding", entry.holding, "mV"))
    if entry.between is not None:
        first, last = (1e3 * _number(document, name, "between", each, "1/ms") for each in entry.between)
        found = replace(found, between=(first, last))
    if entry.span is not None:
        first, last = (_number(document, name, "span", each, "mM") for each in entry.span)
        found = replace(found, span=(first, last))
    return found


def _number(document: Document, name: str, key: str, given: Given, expected: str) -> float:
    with document.at("data", name, key):
        return internal(given, expected, key)


def _error(given: Given, largest: float, measured_in: str) -> float:
    """Standard deviation of all points, in the unit of the data; a share is one of the largest value."""
    read = quantity(given)
    wanted = unit_named(measured_in)
    if (not read.unit.parts and wanted.parts) or str(given).rstrip().endswith("%"):
        return float(np.asarray(read.to(unit_named(_PURE)))) * abs(largest)
    internal(given, wanted, ERROR)  # refuses another dimension
    return float(np.asarray(read.to(wanted)))


def _condition(name: str) -> bool:
    return name in (VOLTAGE, TEMPERATURE, TIME, *_SHORT) or (name.partition(".")[0] in PLACES and "." in name)


def _observed(heading: str) -> str:
    """What a heading means, if the entry does not say it."""
    for word in (CHARGE, "current", RELAXATION):
        if word in heading:
            return word
    return TURNOVER


def _unit_observed(name: str, observe: str, entry: FitData, experiments: Mapping[str, Experiment]) -> str:
    """The unit in which a model answers."""
    if entry.experiment:
        experiment = experiments[entry.experiment]
        return experiment.labels.units.get(observe, _PURE) or _PURE
    return _RATE if observe in (*STEADY, RELAXATION) else "mM" if observe == HALF else _PURE


def _converted(data: Dataset, wanted: str) -> Dataset:
    """The data in the unit of the model; of data on a scale of their own the unit does not matter."""
    given, target = unit_named(data.unit), unit_named(wanted)
    if data.unit in ELEMENTARY:  # a number of elementary charges is counted as a pure number
        return replace(data, unit=wanted)
    if given.dimension == target.dimension:
        ratio = float(np.asarray(Quantity(1.0, given).to(target)))
        return data if ratio == 1.0 else replace(data, observed=ratio * data.points, errors=ratio * data.sigma, unit=wanted)
    if data.scale == "no" and data.factor == 1.0:
        raise UnitError(f"{data.name}: {data.observe} is in {wanted}, but the data are in {data.unit}; give data in {wanted}, "
                        "or let their scale be free: `scale: table` or `scale: curve`")
    return data
