"""One side of a comparison: a run, from a Result or from the folder that `pumpleak run --out` wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import FormatError, UnitError
from pumpleak.base.names import shown
from pumpleak.base.units import ONE, Quantity, unit
from pumpleak.formats.outputs import SHOWN
from pumpleak.formats.tables import read_table
from pumpleak.lab.rest import Rest
from pumpleak.lab.result import COMPLETE, SCHEMA, Result

Array = NDArray[np.float64]

TABLE, SUMMARY = "result.csv", "summary.json"
EXTREMES = ("least", "most")
UNTOLD = "spikes: "  # how the remark begins that rows are too far apart to show them
LARGEST = 2_000_000_000  # bytes of a result: some ten million rows of a few quantities


@dataclass(frozen=True)
class Side:
    """A run as it is compared: times [ms], quantities by name over time, where its model rests, events, and remarks."""

    label: str
    times: Array
    columns: Mapping[str, Quantity]
    features: Mapping[str, Quantity] = field(default_factory=dict)
    rest: Mapping[str, Quantity] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @classmethod
    def of_result(cls, result: Result, label: str = "", rest: Rest | None = None) -> Side:
        """A run that is at hand, and where its model rests if that was looked for."""
        remarks = [f"{UNTOLD}{result.features_untold}"] if result.features_untold else []
        if not result.complete:
            remarks.append(f"the run is not whole: {result.status}")
        if rest is not None and rest.kind != "stable":
            remarks.append(f"rest: {rest.message}")
        resting = rest is not None and rest.kind in ("stable", "unstable")
        values = {name: _spoken(rest[name]) for name in result.names if name in rest.values} if resting and rest else {}
        return cls(label or result.model, np.atleast_1d(np.asarray(result.time.to("ms"))),
                   {name: _spoken(result[name]) for name in result.names}, result.features, values, tuple(remarks))

    @classmethod
    def of_folder(cls, path: Path) -> Side:
        """A run that was written to a folder.

        Raises FormatError for a folder that holds no run, or one that cannot be read.
        """
        summary = _summary(path)
        table = read_table(path / TABLE, LARGEST)
        columns = dict(table.columns)
        if "time" not in columns:
            raise FormatError("its first column should be 'time [s]'", file=str(path / TABLE), line=1)
        times = np.atleast_1d(np.asarray(columns.pop("time").to("ms")))
        remarks = [f"{UNTOLD}{summary['features_untold']}"] if summary.get("features_untold") else []
        if summary.get("status", COMPLETE) != COMPLETE:
            remarks.append(f"the run is not whole: {shown(summary['status'])}")
        return cls(str(path), times, columns, _quantities(summary.get("features", {}), path / SUMMARY), {}, tuple(remarks))

    @property
    def coarse(self) -> bool:
        """Whether its rows are too far apart to show spikes."""
        return any(remark.startswith(UNTOLD) for remark in self.remarks)

    @property
    def moments(self) -> dict[str, Mapping[str, Quantity]]:
        """Values of the quantities at both ends, their extremes, and where they rest, by the name of the moment.

        Extremes of a potential are NaN where rows are too far apart to show its spikes.
        """
        hidden = {name for name in self.columns if self.coarse and name.endswith(".V")}
        values = {name: np.atleast_1d(of.value) for name, of in self.columns.items()}
        picked = {"start": {name: each[0] for name, each in values.items()},
                  "end": {name: each[-1] for name, each in values.items()},
                  "least": {name: np.nan if name in hidden else np.min(each) for name, each in values.items()},
                  "most": {name: np.nan if name in hidden else np.max(each) for name, each in values.items()}}
        found: dict[str, Mapping[str, Quantity]] = {
            moment: {name: Quantity(float(value), self.columns[name].unit) for name, value in of.items()}
            for moment, of in picked.items()}
        return found | ({"rest": self.rest} if self.rest else {})


def _spoken(value: Quantity) -> Quantity:
    """A quantity in the unit in which it is spoken of, as tables of results have it."""
    wanted = SHOWN.get(str(value.unit))
    return value if wanted is None else Quantity(value.to(wanted), unit(wanted))


def is_run(path: Path) -> bool:
    """Whether a path is a folder, and so can only be that of a run."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _summary(path: Path) -> dict[str, Any]:
    missing = [name for name in (TABLE, SUMMARY) if not (path / name).is_file()]
    if missing:
        raise FormatError(f"this folder has no {' and no '.join(missing)}; `pumpleak run MODEL --out {path}` writes them",
                          file=str(path))
    try:
        summary = json.loads((path / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FormatError(f"cannot be read as JSON: {error}", file=str(path / SUMMARY)) from None
    schema = summary.get("schema") if isinstance(summary, dict) else None
    if not isinstance(summary, dict) or schema != SCHEMA:
        raise FormatError(f"its schema is {shown(schema)}, not {SCHEMA}; run the model again with this version",
                          file=str(path / SUMMARY))
    return summary


def _quantities(plain: Any, file: Path) -> dict[str, Quantity]:
    """Quantities as a summary holds them; null is NaN."""
    try:
        return {str(name): Quantity(float("nan") if each["value"] is None else float(each["value"]),
                                    unit(each["unit"]) if each["unit"] else ONE) for name, each in plain.items()}
    except (AttributeError, TypeError, KeyError, ValueError, UnitError) as error:
        raise FormatError(f"its features {shown(plain)} are not values with units: {error}", file=str(file)) from None
