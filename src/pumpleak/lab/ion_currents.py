"""Which transporter carries how much of which ion out of the cell at one moment: how a rest is balanced, ion by ion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pumpleak.system.books import Books

SUM = "current"
ROUNDING = 1e-9  # of the largest current: what is left of a sum that should vanish
FELT = 1e-9  # pA: an ion in some minutes


@dataclass(frozen=True)
class IonCurrents:
    """Currents of ions out of a place, by transporter and ion, positive for a positive charge that leaves. [pA]"""

    place: str
    ions: tuple[str, ...]
    rows: Mapping[str, Mapping[str, float]]

    @property
    def total(self) -> dict[str, float]:
        """What all transporters together carry of each ion, zero at rest. [pA]"""
        return {ion: sum(row.get(ion, 0.0) for row in self.rows.values()) for ion in self.ions}

    def to_plain(self) -> dict[str, Any]:
        """The currents as plain data."""
        rows = {name: {**row, SUM: sum(row.values())} for name, row in self.rows.items()}
        return {"unit": "pA", "positive": f"out of {self.place}", "rows": rows, "sum": self.total}

    def lines(self) -> list[str]:
        """A table: a row for each transporter, a column for each ion, the sum last."""
        largest = max((abs(value) for row in self.rows.values() for value in row.values()), default=0.0)
        least = max(FELT, ROUNDING * largest)
        flowing = {name: row for name, row in self.rows.items() if any(abs(value) >= least for value in row.values())}
        if not flowing:
            return [f"no ion flows: all currents out of {self.place} are below {least:g} pA"]
        heading = f"currents out of {self.place} [pA]"
        wide = max(len(heading), *(len(name) + 2 for name in flowing))
        listed = [*flowing.items(), ("sum", self.total)]
        return [f"{heading:<{wide}}" + "".join(f"{each:>12}" for each in (*self.ions, SUM)),
                *(f"{'  ' + name:<{wide}}" + "".join(
                    f"{_number(value, least):>12}" for value in (*(row.get(ion) for ion in self.ions), sum(row.values())))
                  for name, row in listed)]


def ion_currents_of(books: Books, values: Mapping[str, float]) -> IonCurrents | None:
    """The currents of the ions that cross the first membrane, from the fluxes in `values`; None where none is known."""
    if not books.capacitors:
        return None
    inside, faraday = books.capacitors[0].inside, books.capacitors[0].faraday
    charges = {each.name: each.charge for each in books.species}
    places = {place.name for place in books.places}
    met: dict[str, dict[str, set[str]]] = {}
    for process in books.processes:
        for entry in process.stoichiometry:
            if entry.place in places and charges[entry.species]:
                met.setdefault(process.transporter, {}).setdefault(entry.species, set()).add(entry.place)
    crossing = {species for moved in met.values() for species, at in moved.items() if inside in at and len(at) > 1}
    ions = tuple(amount.species for amount in books.amounts if amount.place == inside and amount.species in crossing)
    rows: dict[str, dict[str, float]] = {}
    for process in books.processes:
        for entry in process.stoichiometry:
            if entry.place == inside and entry.species in ions:
                row = rows.setdefault(process.transporter, {})
                leaving = -entry.count * charges[entry.species] * faraday * values[process.flux]
                row[entry.species] = row.get(entry.species, 0.0) + leaving
    return IonCurrents(inside, ions, rows) if rows else None


def _number(value: float | None, least: float) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if abs(value) >= least else "0"
