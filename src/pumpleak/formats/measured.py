"""Measured tables: a CSV file with units in its headings and, beside it, a YAML file that says under which conditions.

A heading such as `turnover at outside.Na = 50 mM [1/s]` names what distinguishes a curve. Without a YAML file the column
of a condition (`membrane.V [mV]`, `inside.Na [mM]`) is the one that was swept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.base.sources import Source
from pumpleak.base.species import SPECIES
from pumpleak.base.units import Quantity, internal, quantity, unit
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.step import PLACES
from pumpleak.enzyme.temperature import beyond_life
from pumpleak.formats.document import Document, Fields, read_file
from pumpleak.formats.parts import Given, Part, SourceEntry, Title, validated
from pumpleak.formats.shelves import CATALOG
from pumpleak.formats.tables import Table, read_table
from pumpleak.formats.writing import FORMAT

Array = NDArray[np.float64]

SHELF = CATALOG / "data"
TURNOVER = unit("1/s")
_AT = re.compile(r"(.+?) at (\S+) = (.+)")
_SHORT = {"V": VOLTAGE}


@dataclass(frozen=True)
class MeasuredCurve:
    """One measured curve: what is special about it, where its points stand and their values.

    heading: that of its column, without its unit.
    """

    heading: str
    special: Mapping[str, float]
    x: Array
    y: Array


@dataclass(frozen=True)
class Measured:
    """A table of measured points and the conditions under which they were taken.

    swept: the condition along the curves [mM or mV]. unit: of the values. relative_to: where on the axis the values are 1,
    whatever scale the file has; None where they are turnovers, or on a scale of their own. temperature: of the experiment
    [K]. slowest: of the components of charge that were seen [1/s]. fitted: the schemes whose constants were fitted to it;
    as_measured: those of them that were at its temperature, not at their own.
    """

    name: str
    title: str
    swept: str
    quantity: str
    unit: str
    curves: tuple[MeasuredCurve, ...]
    conditions: Mapping[str, float] = field(default_factory=dict)
    relative_to: float | None = None
    temperature: float | None = None
    slowest: float | None = None
    fitted: tuple[str, ...] = ()
    as_measured: tuple[str, ...] = ()
    source: Source | None = None

    @property
    def is_charge(self) -> bool:
        """Whether the values are charge after jumps of the voltage, which no steady state can be held against."""
        return "charge" in self.quantity

    @property
    def absolute(self) -> bool:
        """Whether the values are turnovers, to be held against computed ones without scaling."""
        return unit(self.unit) == TURNOVER


def rms(differences: Array) -> float:
    """Root mean square of differences from measured points, those that were not measured left out."""
    return float(np.sqrt(np.nanmean(np.square(differences))))


def tables() -> tuple[str, ...]:
    """The measured tables of the catalogue: those whose sidecar says what was swept."""
    return tuple(path.stem for path in sorted(SHELF.glob("*.csv")))


class MeasuredSource(SourceEntry):
    """The one source of a table, with its key."""

    key: Title


class MeasuredFile(Part):
    """The YAML file beside a table: how it was measured. All of it may be missing.

    The number of the format, the names and the licence are there for people, and are only checked.
    """

    pumpleak: int = Field(FORMAT, ge=1, le=FORMAT)
    data: str = ""
    title: str = ""
    file: str = ""
    source: MeasuredSource | None = None
    swept: str = ""
    relative_to: Given | None = None
    conditions: dict[str, Given] = Field(default_factory=dict)
    temperature: Given | None = None
    slowest: Given | None = None
    fitted: list[Title] = Field(default_factory=list)
    as_measured: list[Title] = Field(default_factory=list)
    kind: Literal["measured"] = "measured"
    licence: str = ""
    notes: list[str] = Field(default_factory=list)


def measured(name: str) -> Measured:
    """Read a measured table of the catalogue, or a CSV file of the user with or without a YAML file beside it.

    Raises NameUnknown with the nearest names; FormatError, UnitError and ModelError for what is no such table.
    """
    own = name.lower().endswith(".csv")
    path = Path(name) if own else SHELF / f"{lookup(name, {each: each for each in tables()}, 'measured table')}.csv"
    table = read_table(path)
    if not len(table):
        raise FormatError(f"it has no points, only headings ({', '.join([*table.columns, *table.texts])})", file=str(path))
    beside = path.with_suffix(".yaml")
    if not beside.is_file():
        return _measured(path, table, MeasuredFile(), None)
    document = read_file(beside)
    if isinstance(document.root, Fields) and "fit" in document.root.entries:  # a study of the same name that uses the table
        return _measured(path, table, MeasuredFile(), None)
    return _measured(path, table, validated(document, MeasuredFile), document)


def _measured(path: Path, table: Table, said: MeasuredFile, document: Document | None) -> Measured:
    swept = said.swept or _swept(table)
    with _located(document, "swept") if said.swept else _within(str(path)):
        _check_condition(swept)
    column = next((each for each in table.columns if _SHORT.get(each, each) == swept), None)
    if column is None:
        raise FormatError(f"it has no column {shown(swept)}; its columns are {', '.join(table.columns)}", file=str(path))
    x = _in(table[column], swept, f"{path}: {column}")
    if np.any(np.isnan(x)):
        raise FormatError(f"{shown(column)} has no number for point {int(np.argmax(np.isnan(x))) + 1} of {len(x)}; each point "
                          "stands somewhere", file=str(path))
    curves, of, values_in = _curves(table, column, x, str(path))
    relative_to = _number(document, "relative_to", said.relative_to, _unit_of(swept))
    if relative_to is not None:
        curves, values_in = _relative(curves, relative_to, str(path)), "1"
    return Measured(
        name=path.stem, title=said.title or path.stem, swept=swept, quantity=of, unit=values_in, curves=curves,
        conditions=_conditions(document, said.conditions), relative_to=relative_to,
        temperature=_temperature(document, said.temperature), slowest=_slowest(document, said.slowest),
        fitted=tuple(said.fitted), as_measured=tuple(said.as_measured), source=_source(document, said.source))


def _swept(table: Table) -> str:
    """The column that is a condition."""
    found = [name for name in map(lambda each: _SHORT.get(each, each), table.columns) if _is_condition(name)]
    if len(found) != 1:
        names = f"{len(found)} ({', '.join(found)})" if found else "none"
        raise FormatError(f"one column must be the condition that was swept, such as 'membrane.V [mV]' or 'inside.Na [mM]'; "
                          f"of its columns {', '.join(table.columns) or 'without unit'} it is {names}", file=table.file)
    return found[0]


def _is_condition(name: str) -> bool:
    return name == VOLTAGE or name.partition(".")[0] in PLACES


def _curves(table: Table, swept: str, x: Array, file: str) -> tuple[tuple[MeasuredCurve, ...], str, str]:
    """All other columns, which must be of one unit."""
    curves, names, units = [], [], {}
    for heading, values in table.columns.items():
        if heading == swept:
            continue
        match = _AT.fullmatch(heading)
        name, special = (match[1], {match[2]: match[3]}) if match else (heading, {})
        conditions = {each: _special(each, text, file, heading) for each, text in special.items()}
        names.append(name)
        shown_in = "1/s" if values.unit.dimension == TURNOVER.dimension else str(values.unit)
        units[shown_in] = heading
        y = np.atleast_1d(np.asarray(values.to(unit(shown_in) if values.unit.parts else values.unit), dtype=np.float64))
        if np.all(np.isnan(y)):
            raise FormatError(f"the column {shown(heading)} has no value", file=file)
        curves.append(MeasuredCurve(heading, conditions, x, y))
    if not curves:
        raise FormatError(f"besides {shown(swept)} it has no column of values, such as 'turnover [1/s]'", file=file)
    if len(units) > 1:
        listed = ", ".join(f"{each!r} in {one}" for one, each in units.items())
        raise FormatError(f"its values have {len(units)} units ({listed}); put one quantity into a table", file=file)
    return tuple(curves), names[0], next(iter(units))


def _special(name: str, text: str, file: str, heading: str) -> float:
    """What a heading says of its curve."""
    where = f"{file}: {heading}"
    with _within(where):
        _check_condition(name)
        given = quantity(text)
    return float(_in(given, name, where).item())


def _relative(curves: tuple[MeasuredCurve, ...], place: float, file: str) -> tuple[MeasuredCurve, ...]:
    """All values over that of the first curve at its point nearest to a place on the axis."""
    first = curves[0]
    near = int(np.nanargmin(np.where(np.isnan(first.y), np.nan, np.abs(first.x - place))))
    normal = float(first.y[near])
    if normal == 0.0:
        raise FormatError(f"{shown(first.heading)} is {normal:g} at {first.x[near]:g}, the point nearest to relative_to "
                          f"{place:g}; values cannot be relative to nothing", file=file)
    return tuple(replace(curve, y=curve.y / normal) for curve in curves)


def _in(given: Quantity, name: str, where: str) -> Array:
    """Values of a condition in the unit that is computed in."""
    wanted = unit(_unit_of(name))
    internal(Quantity(1.0, given.unit), wanted, where)
    values = np.atleast_1d(np.asarray(given.to(wanted), dtype=np.float64))
    if name != VOLTAGE and np.any(values < 0.0):
        raise FormatError(f"{where}: a concentration of {values[values < 0.0][0]:g} mM; none is negative")
    return values


def _unit_of(name: str) -> str:
    return "mV" if name == VOLTAGE else "mM"


def _check_condition(name: str) -> None:
    """Raise NameUnknown for what no scheme is asked at."""
    known = [VOLTAGE, *(f"{place}.{species}" for place in PLACES for species in SPECIES)]
    if name not in known:
        near = did_you_mean(name, known) or f"; a condition is {VOLTAGE} or a ligand such as inside.Na"
        raise NameUnknown(f"{shown(name)} is no condition{near}")


def _located(document: Document | None, *path: str) -> AbstractContextManager[None]:
    """Say where in the YAML file an error arose, if there is one."""
    return document.at(*path) if document is not None else nullcontext()


@contextmanager
def _within(where: str) -> Iterator[None]:
    """Say in which table, and where in it, a name or a unit stands that is not known."""
    try:
        yield
    except (NameUnknown, UnitError) as error:
        raise type(error)(f"{where}: {error}") from None


def _conditions(document: Document | None, given: Mapping[str, str | float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, text in given.items():
        with _located(document, "conditions", name):
            _check_condition(name)
            found[name] = internal(text, _unit_of(name), name)
            if name != VOLTAGE and found[name] < 0.0:
                raise ModelError(f"{name}: {shown(text)} is negative, which no concentration is")
    return found


def _number(document: Document | None, key: str, given: str | float | None, measured_in: str) -> float | None:
    if given is None:
        return None
    with _located(document, key):
        internal(given, measured_in, key)  # refuses another dimension
        return float(quantity(given).to(unit(measured_in)))


def _temperature(document: Document | None, given: str | float | None) -> float | None:
    kelvin = _number(document, "temperature", given, "K")
    with _located(document, "temperature"):
        if kelvin is not None and (wrong := beyond_life(kelvin)):
            raise ModelError(f"temperature: {shown(given)} is {wrong}")
    return kelvin


def _slowest(document: Document | None, given: str | float | None) -> float | None:
    rate = _number(document, "slowest", given, "1/s")
    with _located(document, "slowest"):
        if rate is not None and not rate > 0.0:
            raise ModelError(f"slowest: {shown(given)} is not a positive rate, such as '28 1/s'")
    return rate


def _source(document: Document | None, given: MeasuredSource | None) -> Source | None:
    if given is None:
        return None
    with _located(document, "source"):
        return Source(given.key, given.text, given.where, given.condition, given.kind)
