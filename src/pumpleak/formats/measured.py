"""Measured tables: a CSV file with units in its headings and, beside it, a YAML file that says under which conditions.

A heading such as `turnover at outside.Na = 50 mM [1/s]` names what distinguishes a curve. Without a YAML file the column
of a condition (`membrane.V [mV]`, `inside.Na [mM]`) is the one that was swept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import FormatError
from pumpleak.base.names import lookup, shown
from pumpleak.base.sources import Source
from pumpleak.base.units import Quantity, internal, quantity, unit
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.step import PLACES
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.shelves import CATALOG
from pumpleak.formats.tables import Table, read_table

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

    swept: the condition along the curves [mM or mV]. unit: of the values. relative_to: where on the axis the values are
    scaled to 1; None where they are turnovers, or on a scale of their own. temperature: of the experiment [K].
    fitted: the schemes whose constants were fitted to it.
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
    fitted: tuple[str, ...] = ()
    source: Source | None = None

    @property
    def is_charge(self) -> bool:
        """Whether the values are charge after jumps of the voltage, which no steady state can be held against."""
        return "charge" in self.quantity

    @property
    def absolute(self) -> bool:
        """Whether the values are turnovers, to be held against computed ones without scaling."""
        return unit(self.unit) == TURNOVER


def tables() -> tuple[str, ...]:
    """The measured tables of the catalogue: those whose sidecar says what was swept."""
    return tuple(path.stem for path in sorted(SHELF.glob("*.csv")))


def measured(name: str) -> Measured:
    """Read a measured table of the catalogue, or a CSV file of the user with or without a YAML file beside it.

    Raises NameUnknown with the nearest names; FormatError and UnitError for what is no such table.
    """
    own = name.lower().endswith(".csv")
    path = Path(name) if own else SHELF / f"{lookup(name, {each: each for each in tables()}, 'measured table')}.csv"
    table = read_table(path)
    beside = path.with_suffix(".yaml")
    document = read_file(beside) if beside.is_file() else None
    plain: Mapping[str, Any] = document.plain if document is not None and isinstance(document.plain, dict) else {}
    swept = str(plain.get("swept") or _swept(table))
    column = next((each for each in table.columns if _SHORT.get(each, each) == swept), None)
    if column is None:
        raise FormatError(f"it has no column {shown(swept)}; its columns are {', '.join(table.columns)}", file=str(path))
    x = _in(table[column], swept, f"{path}: {column}")
    curves, of, values_in = _curves(table, column, x, str(path))
    return Measured(
        name=path.stem, title=str(plain.get("title") or path.stem), swept=swept, quantity=of, unit=values_in, curves=curves,
        conditions=_conditions(document, plain.get("conditions") or {}),
        relative_to=_number(document, "relative_to", plain, "mV" if swept == VOLTAGE else "mM"),
        temperature=_number(document, "temperature", plain, "K"),
        fitted=tuple(map(str, plain.get("fitted") or ())), source=_source(plain.get("source")))


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
        conditions = {each: _in(quantity(text), each, f"{file}: {heading}").item() for each, text in special.items()}
        names.append(name)
        shown_in = "1/s" if values.unit.dimension == TURNOVER.dimension else str(values.unit)
        units[shown_in] = heading
        y = np.atleast_1d(np.asarray(values.to(unit(shown_in) if values.unit.parts else values.unit), dtype=np.float64))
        curves.append(MeasuredCurve(heading, conditions, x, y))
    if not curves:
        raise FormatError(f"besides {shown(swept)} it has no column of values, such as 'turnover [1/s]'", file=file)
    if len(units) > 1:
        listed = ", ".join(f"{each!r} in {one}" for one, each in units.items())
        raise FormatError(f"its values have {len(units)} units ({listed}); put one quantity into a table", file=file)
    return tuple(curves), names[0], next(iter(units))


def _in(given: Quantity, name: str, where: str) -> Array:
    """Values of a condition in the unit that is computed in."""
    wanted = unit("mV" if name == VOLTAGE else "mM")
    internal(Quantity(1.0, given.unit), wanted, where)
    return np.atleast_1d(np.asarray(given.to(wanted), dtype=np.float64))


def _conditions(document: Document | None, plain: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    if document is None:
        return found
    for name, text in plain.items():
        with document.at("conditions", name):
            found[name] = internal(str(text), "mV" if name == VOLTAGE else "mM", name)
    return found


def _number(document: Document | None, key: str, plain: Mapping[str, Any], measured_in: str) -> float | None:
    if document is None or key not in plain:
        return None
    with document.at(key):
        return internal(str(plain[key]), measured_in, key)


def _source(plain: Mapping[str, Any] | None) -> Source | None:
    if not plain:
        return None
    return Source(str(plain["key"]), str(plain["text"]), str(plain.get("where", "")), str(plain.get("condition", "")))
