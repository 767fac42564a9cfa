"""compare: two runs or models beside each other, in one table and one figure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak.app.compared import EXTREMES, Side, is_run
from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, Unit, unit
from pumpleak.formats.tables import table_text
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.programs import Model
from pumpleak.lab.protocol import hold, time_text
from pumpleak.lab.rest import rest
from pumpleak.lab.result import Result
from pumpleak.lab.run import run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCHEMA = 1
FEATURE, REST = "feature", "rest"
SETTLED = "* where it would rest under these values, which a run need not reach"
SHOWN = 20  # quantities of a model that is no cell: more are for the CSV
NOISE = 1e-9  # of the largest value of a quantity: a tenth of what a step of the solver is allowed to be off
ALIKE = 1e-6  # of the largest value of a quantity: less is not seen in six digits
NAMED = 12  # quantities that one side lacks: of more, the number is told
IONS = ("Na", "K", "Cl", "Ca")

Comparable = Result | Experiment | Model | str | Path


@dataclass(frozen=True)
class Row:
    """One number of both sides: of which quantity, at which moment (start, end, least, most, rest) or as a feature.

    size: the largest magnitude of the quantity in either run; what is below 1e-9 of it is rounding. An extreme is NaN where
    rows are too far apart to show it.
    """

    quantity: str
    moment: str
    unit: str
    a: float
    b: float
    size: float = 0.0

    @property
    def difference(self) -> float:
        """b - a; zero where that is but rounding."""
        return self.rounded(self.b - self.a)

    @property
    def relative(self) -> float:
        """(b - a)/|a|; NaN where a is zero and b is not."""
        if self.difference == 0.0:
            return 0.0
        return self.difference / abs(self.a) if self.rounded(self.a) else math.nan

    def rounded(self, value: float) -> float:
        """A value in the row's unit, zero where it is but rounding beside the size of the quantity."""
        return 0.0 if abs(value) < NOISE * max(abs(self.a), abs(self.b), self.size) else value

    def to_plain(self) -> dict[str, Any]:
        """The row as plain data."""
        return {"quantity": self.quantity, "moment": self.moment, "unit": self.unit, "a": self.a, "b": self.b,
                "difference": self.difference, "relative": self.relative}


@dataclass(frozen=True)
class Comparison:
    """Two runs beside each other: `rows` of what both have, and the names of what only one has.

    `print` shows the quantities one looks at first; `csv` and `to_json` hold all; `figure` draws both.
    """

    a: Side
    b: Side

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every number that both sides have, in the unit of the first."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[Row]:
        theirs = self.b.moments
        moments = {moment: values for moment, values in self.a.moments.items() if moment in theirs}
        sizes = {name: max(_largest(self.a.columns[name], self.a.columns[name].unit),
                           _largest(self.b.columns[name], self.a.columns[name].unit)) for name in self.common}
        for name in self.common:
            for moment, values in moments.items():
                if name in values and name in theirs[moment]:
                    yield _row(name, moment, values[name], theirs[moment][name], sizes[name])
        for name, value in self.a.features.items():
            if name in self.b.features:
                yield _row(name, FEATURE, value, self.b.features[name])

    @cached_property
    def common(self) -> tuple[str, ...]:
        """Quantities of both, with units of one dimension."""
        other = self.b.columns
        return tuple(name for name, each in self.a.columns.items()
                     if name in other and other[name].unit.dimension == each.unit.dimension)

    @property
    def only_a(self) -> tuple[str, ...]:
        """Quantities and features that only the first has, or has in another dimension."""
        return _lacking(self.a, self.b, self.common)

    @property
    def only_b(self) -> tuple[str, ...]:
        """Quantities and features that only the second has, or has in another dimension."""
        return _lacking(self.b, self.a, self.common)

    def figure(self) -> Figure:
        """Both over time: potential, concentrations, volume and pump; the first solid, the second dashed."""
        from pumpleak.app.compare_plot import drawn  # imported here: a table needs no figure

        return drawn(self.a, self.b, self.common)

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain data."""
        sides = {key: {"label": side.label, "time": {"value": float(side.times[-1]), "unit": "ms"},
                       "remarks": list(side.remarks)} for key, side in (("a", self.a), ("b", self.b))}
        return {"schema": SCHEMA, **sides, "rows": [row.to_plain() for row in self.rows],
                "only_a": list(self.only_a), "only_b": list(self.only_b)}

    def csv(self) -> str:
        """All rows as CSV; quantity, moment and unit are texts."""
        numbers = table_text({heading: [getattr(row, heading) for row in self.rows]
                              for heading in ("a", "b", "difference", "relative")}).splitlines()
        texts = ["quantity,moment,unit", *(f"{row.quantity},{row.moment},{row.unit}" for row in self.rows)]
        return "\n".join(f"{text},{number}" for text, number in zip(texts, numbers, strict=True)) + "\n"

    def __str__(self) -> str:
        rows = self._printed()
        lines = [f"{key}: {side.label}, {time_text(float(side.times[-1]))}" for key, side in (("A", self.a), ("B", self.b))]
        names = [f"{row.quantity} [{row.unit}]" for row in rows]
        wide = max([27, *map(len, names)]) + 1  # one space at least before the next column
        if rows:
            lines.append(f"{'':<{wide}}{'':<8}{'A':>13}{'B':>13}{'B - A':>13}{'relative':>13}")
        before = ""
        for row, named in zip(rows, names, strict=True):
            name, before = named if named != before else "", named
            moment = "" if row.moment == FEATURE else "rest *" if row.moment == REST else row.moment
            numbers = f" {_number(row, row.a):>12} {_number(row, row.b):>12} {_difference(row):>12} {_percent(row):>12}"
            lines.append(f"{name:<{wide}}{moment:<8}{numbers}")
        lines += [SETTLED] if any(row.moment == REST for row in rows) else []
        if bool(self.a.rest) != bool(self.b.rest):
            lines.append(f"the rest is known of {'A' if self.a.rest else 'B'} alone")
        lines += [f"only {key} has: {_listed(names)}" for key, names in (("A", self.only_a), ("B", self.only_b)) if names]
        lines += [f"{key}: {remark}" for key, side in (("A", self.a), ("B", self.b)) for remark in side.remarks]
        return "\n".join(lines)

    def _printed(self) -> list[Row]:
        """What one looks at first, in that order, then the features that are no extremes of it.

        Left out are quantities that are zero throughout, and extremes that both sides have at an end.
        """
        order = {name: place for place, name in enumerate(_prominent(self.common))}
        moving = {row.quantity for row in self.rows if row.size or row.a or row.b}
        ends: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.moment in ("start", "end"):
                ends.setdefault(row.quantity, []).append(row)
        rows = [row for row in self.rows if row.moment != FEATURE and row.quantity in order and row.quantity in moving
                and not (row.moment in EXTREMES and _at_an_end(row, ends[row.quantity]))]
        events = [row for row in self.rows if row.moment == FEATURE and not row.quantity.endswith((".least", ".most"))
                  and not (math.isnan(row.a) and math.isnan(row.b))]
        return [*sorted(rows, key=lambda row: order[row.quantity]), *events]


def compare(a: Comparable, b: Comparable, until: Quantity | str | None = None) -> Comparison:
    """Compare two runs: each a Result, an experiment or a model, a name of the catalogue, or the folder of a run.

    until: how long models run, which do not say so themselves.

    Raises ModelError for what cannot be run, SolveError and LedgerError as `run` does, FormatError for a folder that holds
    no run.
    """
    return Comparison(*(side_of(each, until) for each in (a, b)))


def side_of(given: Comparable, until: Quantity | str | None = None, label: str = "") -> Side:
    """One side, computed or read."""
    if isinstance(given, str | Path):
        if is_run(Path(given)):
            return Side.of_folder(Path(given))
        return side_of(_loaded(given), until, label or str(given))
    if isinstance(given, Result):
        return Side.of_result(given, label)
    if not isinstance(given, Experiment):
        given = _experiment(given, until)
    return Side.of_result(run(given), label, rest(given.model))


def _experiment(model: Model, until: Quantity | str | None) -> Experiment:
    name = getattr(model, "name", model)
    if not hasattr(model, "system"):
        raise ModelError(f"compare: {shown(name)} is a {type(model).__name__}; compare results, experiments, cells or folders")
    if until is None:
        raise ModelError(f"compare: {shown(name)} does not say how long to run; give for example until='10 min'")
    return Experiment(model, hold(until))


def _loaded(name: str | Path) -> Experiment | Model:
    from pumpleak.formats.catalog import kind_named, light, study
    from pumpleak.formats.shelves import MODELS

    kind = kind_named(name)
    if kind == "study":
        return study(name).experiment
    if kind not in MODELS:
        raise ModelError(f"compare: {shown(name)} is a {kind}; compare results, experiments, cells or folders, and pumps with "
                         "`pumpleak pump`")
    return light(name)


def placed(protocol_of: Experiment, model: Model) -> Experiment:
    """The same experiment on another model. Raises NameUnknown for a parameter or quantity that the model has not."""
    return replace(protocol_of, model=model)


def _row(name: str, moment: str, a: Quantity, b: Quantity, size: float = 0.0) -> Row:
    theirs = float(np.ravel(b.to(a.unit))[0])
    return Row(name, moment, str(a.unit) or "1", float(np.ravel(a.value)[0]), theirs, size)


def _largest(column: Quantity, wanted: Unit) -> float:
    """Largest magnitude of the values that are numbers."""
    values = np.abs(np.ravel(column.to(wanted)))
    return float(np.max(values[np.isfinite(values)], initial=0.0))


def _lacking(side: Side, other: Side, common: tuple[str, ...]) -> tuple[str, ...]:
    columns = tuple(name for name in side.columns if name not in common)
    events = (name for name in side.features if name not in other.features and not _extreme(name, common))
    return (*dict.fromkeys((*_prominent(columns), *columns)), *events)


def _extreme(feature: str, common: tuple[str, ...]) -> bool:
    """Whether a feature is the least or the most of a quantity that both have, of which the rows tell anyway."""
    quantity, _, last = feature.rpartition(".")
    return last in ("least", "most") and quantity in common


def _prominent(names: tuple[str, ...]) -> tuple[str, ...]:
    """What one looks at first in a cell: potential, ions, volume, pump; in another model what comes first."""
    groups = ([name for name in names if name.endswith(".V")],
              [name for name in names if name.count(".") == 1 and name.rpartition(".")[2] in IONS],
              [name for name in names if name.endswith(".volume")],
              [name for name in names if name.endswith(".turnover") or name in _of_pumps(names)])
    found = [name for group in groups for name in group]
    return tuple(found) or names[:SHOWN]


def _of_pumps(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name.endswith(".current") and name.count(".") == 1 and "pump" in name]


def _percent(row: Row) -> str:
    """The relative difference; none of a voltage, whose zero is not the absence of something."""
    if row.relative == 0.0:
        return "same"
    voltage = row.unit != "1" and unit(row.unit).dimension == unit("mV").dimension
    return "" if voltage or math.isnan(row.relative) else f"{100.0 * row.relative:+.3g} %"


def _at_an_end(extreme: Row, ends: list[Row]) -> bool:
    """Whether an extreme of both sides is what they begin or end with."""
    near = ALIKE * extreme.size
    return all(any(abs(getattr(extreme, side) - getattr(end, side)) <= near for end in ends) for side in ("a", "b"))


def _number(row: Row, value: float) -> str:
    return "aliased" if math.isnan(value) and row.moment in EXTREMES else f"{row.rounded(value):.6g}"


def _difference(row: Row) -> str:
    return "" if math.isnan(row.difference) else f"{row.difference:.4g}"


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more

