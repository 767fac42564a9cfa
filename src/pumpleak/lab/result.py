"""Result: the named, unit-bearing time courses of a run, with its ledger, sources and notes."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.sources import Source
from pumpleak.base.units import Quantity, unit
from pumpleak.lab.events import Extremes, Recovery, crossings_of, extremes_of, recovery_of, time_above_of
from pumpleak.lab.experiment import Span, unit_of
from pumpleak.lab.features import LONGEST, THRESHOLD, Features, Spikes, spikes_of, told
from pumpleak.lab.ledger import Ledger, ledger_of
from pumpleak.lab.notes import charged_baths, notes_of
from pumpleak.lab.record import Record
from pumpleak.system.books import Books

SCHEMA = 1
COMPLETE = "complete"


@dataclass(frozen=True)
class Statistics:
    """What the run cost: steps tried, those refused, those that the explicit method took, and time [s]."""

    steps: int
    rejected: int
    explicit: int
    seconds: float


class Result(Mapping[str, Quantity]):
    """Time courses by dotted name: `result["membrane.V"].to("mV")`.

    Rows are the output times of the experiment and both ends of each segment, so that a time can stand twice where
    something jumps. Values are computed when they are asked for, also those of `available` names that were not recorded;
    iteration and `in` know the recorded ones. Raises NameUnknown for a name that the model has not.
    """

    def __init__(self, record: Record, *, status: str, spans: tuple[Span, ...], statistics: Statistics,
                 recorded: Sequence[str] | None = None) -> None:
        self._record = record
        self.status = status
        self.segments = spans
        self.statistics = statistics
        self._recorded = tuple(recorded) if recorded is not None else None

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._record.labels.name

    @property
    def title(self) -> str:
        """Title of the model."""
        return self._record.labels.title

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The recorded quantities: those asked for, else all states, definitions and quadratures."""
        if self._recorded is not None:
            return self._recorded
        parameters = {parameter.name for parameter in self._record.labels.parameters}
        return tuple(name for name in self._record.units if name not in parameters)

    @property
    def available(self) -> Mapping[str, str]:
        """Unit of everything that can be asked for by name, recorded or not, parameters included."""
        return MappingProxyType(self._record.units)

    @property
    def gates(self) -> tuple[str, ...]:
        """States that are pure numbers, such as the gates of channels: without one a membrane does not fire."""
        return tuple(state.name for state in self._record.labels.states if state.unit in ("", "1"))

    @cached_property
    def books(self) -> Books | None:
        """Which process moves how much of what; None for a model that keeps no books."""
        plain = self._record.labels.books
        return Books.from_plain(plain) if plain is not None else None

    @cached_property
    def time(self) -> Quantity:
        """Times of the rows."""
        return Quantity(self._record.times, unit("ms"))

    @property
    def complete(self) -> bool:
        """Whether the run went to its end."""
        return self.status == COMPLETE

    def __getitem__(self, name: str) -> Quantity:
        return Quantity(self._record.column(name), unit_of(self.unit(name)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def unit(self, name: str) -> str:
        """Unit in which a quantity is kept; "" for a pure number."""
        return self._record.units.get(name, "")

    def column(self, name: str) -> NDArray[np.float64]:
        """The bare numbers of a quantity, in `unit(name)`."""
        return self._record.column(name)

    def final(self, name: str) -> Quantity:
        """A quantity at the end of the run."""
        return Quantity(float(self._record.column(name)[-1]), unit_of(self.unit(name)))

    def spikes(self, name: str | None = None, *, threshold: Quantity | str = THRESHOLD,
               longest: Quantity | str = LONGEST) -> Spikes:
        """Spikes of a potential (that across the first membrane if none is named): times, shape, sodium and ATP.

        A spike passes the threshold upward and is back below it within `longest`. Raises ModelError where the rows are too
        far apart to show spikes as they were, NameUnknown for a name that the model has not.
        """
        return spikes_of(self, name, threshold, longest)

    @cached_property
    def _told(self) -> tuple[Features, str]:
        return told(self)

    @property
    def features(self) -> Features:
        """Events by name: count, rate, shape and cost of spikes, extremes of the potential; none where they are untold."""
        return self._told[0]

    @property
    def features_untold(self) -> str:
        """Why there are no features, where rows are too far apart for them; else ""."""
        return self._told[1]

    def extremes(self, name: str) -> Extremes:
        """Least and largest value of a quantity, and when."""
        return extremes_of(self, name)

    def crossings(self, name: str, level: Quantity | str | float, *, rising: bool = True) -> Quantity:
        """When a quantity passes a level upward (or downward), between rows by a cubic. [ms]"""
        return crossings_of(self, name, level, rising)

    def time_above(self, name: str, level: Quantity | str | float) -> Quantity:
        """How long a quantity is above a level. [ms]"""
        return time_above_of(self, name, level)

    def recovery(self, name: str, after: Quantity | str, until: Quantity | str | None = None) -> Recovery:
        """The exponential by which a quantity returns after some time, with how well it fits."""
        return recovery_of(self, name, after, until)

    @cached_property
    def ledger(self) -> Ledger:
        """Residuals of charge, elements, water, free energy and least dissipation."""
        return ledger_of(self._record)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Where the model's numbers come from."""
        return tuple(Source(**entry) for entry in self._record.labels.sources)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Those of the notes that are of this run: what follows from its numbers, and how it went."""
        return (*self._record.labels.remarks, *charged_baths(self._record.labels, self.segments), *self._record.remarks)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What must be known to read the numbers: the model's own notes, and rate laws that ignore free energy."""
        return (*self._record.labels.notes, *notes_of(self._record), *self.remarks)

    def summary(self) -> dict[str, Any]:
        """The run in short, as plain data for JSON."""
        final = {name: {"value": float(self._record.column(name)[-1]), "unit": self.unit(name)} for name in self.names}
        events, untold = self.features, self.features_untold
        return {
            "schema": SCHEMA, "model": self.model, "title": self.title, "status": self.status,
            "time": {"value": float(self._record.times[-1]), "unit": "ms"}, "rows": len(self._record.times),
            "final": final, "features": {name: {"value": each.value, "unit": str(each.unit)} for name, each in events.items()},
            "features_untold": untold, "features_remarks": list(events.remarks),
            "statistics": asdict(self.statistics), "ledger": self.ledger.to_plain(),
            "ledger_ok": self.ledger.ok, "sources": [asdict(source) for source in self.sources],
            "notes": list(self.notes), "versions": versions(),
        }

    def __repr__(self) -> str:
        return (f"Result of {self.model}: {len(self.names)} quantities at {len(self._record.times)} times, {self.status}; "
                f"ledger {'ok' if self.ledger.ok else 'in breach'}")


def versions() -> dict[str, str]:
    """Versions of what made the numbers."""
    packages = ("pumpleak", "numpy", "llvmlite")
    return {"python": platform.python_version(), "machine": platform.machine(),
            **{name: _version(name) for name in packages}}


def _version(package: str) -> str:
    from importlib import metadata  # imported here: it takes as long to load as a short run

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # run from its source folder
        return "not installed"
