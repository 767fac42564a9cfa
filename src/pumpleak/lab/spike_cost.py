"""What spikes cost: the sodium that came in, against the least that could have moved V, and the ATP to carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.constants import MOLECULE
from pumpleak.base.units import ONE, Quantity, unit
from pumpleak.system.books import Books, Capacitor, Process

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

SODIUM, FUEL = "Na", "ATP"
PEAKED = 0.01  # share by which a slow flow may pass its values at the rows around (a block of hours and its end: not at all)
FLEETING = 20.0  # mV from row to row, at the rate of V at a row: with that it is elsewhere long before the next
BRIEFEST = 1.0  # ms: no spike is over sooner, from its foot back to it; rows closer than that show it
SODIUM_PER_ATP = 3.0  # of the pump's cycle; what it used in fact is `pump_ATP`, by its own books


class Timed(Protocol):
    """What is read of a result."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def available(self) -> Mapping[str, str]:
        """Unit by name."""

    @property
    def gates(self) -> tuple[str, ...]:
        """States that can make a membrane fire."""

    @property
    def books(self) -> Books | None:
        """Which process moves what."""

    @property
    def time(self) -> Quantity:
        """Times of the rows."""

    def column(self, name: str) -> Array:
        """A quantity at the rows, in its own unit."""


def times_of(result: Timed) -> Array:
    """Times of the rows of a result. [ms]"""
    return np.atleast_1d(np.asarray(result.time.to("ms"), dtype=np.float64))


@dataclass(frozen=True)
class SpikeCost:
    """Sodium and ATP of spikes, one entry of each array a spike.

    sodium [fmol]: net through `paths` (all that let Na+ cross without ATP) while the spike lasts, above the flow just
    before the first spike; sodium_in_all: without that deduction; least [fmol]: C x height / F, what would have done for
    the height; excess: sodium over least; ATP: molecules to carry `sodium` out, 3 a molecule; ATP_per_area
    [1/um2]. pump_ATP [fmol]: what the pumps used from the first spike to the end of the run, above their rate before it;
    recovered: the share of the sodium that had come in above rest which was out again at the end.
    """

    sodium: Quantity
    sodium_in_all: Quantity
    least: Quantity
    excess: Quantity
    ATP: Quantity
    ATP_per_area: Quantity | None
    pump_ATP: Quantity
    recovered: float
    paths: tuple[str, ...]

    @property
    def features(self) -> dict[str, Quantity]:
        """Means over the spikes, and what the pumps used for all of them."""
        per_spike = {name: getattr(self, name) for name in ("sodium", "least", "excess", "ATP", "ATP_per_area")}
        found = {f"spikes.{name}": Quantity(float(np.mean(np.atleast_1d(each.value))), each.unit)
                 for name, each in per_spike.items() if each is not None}
        return {**found, "spikes.pump_ATP": self.pump_ATP, "spikes.recovered": Quantity(self.recovered, ONE)}

    def to_plain(self) -> dict[str, Any]:
        """All of it as plain data for JSON."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: {"value": np.asarray(of.value).tolist(), "unit": str(of.unit)} if isinstance(of, Quantity) else of
                for name, of in kept.items()} | {"paths": list(self.paths)}

    def __str__(self) -> str:
        found = self.features
        area = f", {found['spikes.ATP_per_area'].to('1/um2'):.3g} ATP per um2" if self.ATP_per_area is not None else ""
        return f"Na+ {found['spikes.excess'].to(ONE):.3g} times the least{area} a spike"


@dataclass(frozen=True)
class Balance:
    """The sodium of one membrane at the rows of a result, by the books."""

    result: Timed
    books: Books
    capacitor: Capacitor

    @classmethod
    def of(cls, result: Timed, potential: str) -> Balance | None:
        """The balance of the membrane with that potential; None where the books know no such membrane or no sodium path."""
        books = result.books
        if books is None:
            return None
        capacitor = next((each for each in books.capacitors if f"{each.charge.removesuffix('charge')}V" == potential), None)
        if capacitor is None:
            return None
        balance = cls(result, books, capacitor)
        return balance if balance.paths else None

    @cached_property
    def times(self) -> Array:
        """Of the rows. [ms]"""
        return times_of(self.result)

    @cached_property
    def pumps(self) -> tuple[Process, ...]:
        """All processes of the transporters that carry sodium across by ATP."""
        burning = {each.transporter for each in self.books.processes if _touches(each, FUEL)}
        moving = {each.transporter for each in self._crossing}
        return tuple(each for each in self.books.processes
                     if each.role == "transport" and each.transporter in burning & moving)

    @cached_property
    def paths(self) -> dict[Process, float]:
        """What one turn of each passive process brings in."""
        return {each: added for each in self._crossing if each not in self.pumps
                and (added := _added(each, self.capacitor.inside, SODIUM))}

    @cached_property
    def _crossing(self) -> tuple[Process, ...]:
        return tuple(each for each in self.books.processes if each.role == "transport"
                     and any((entry.place, entry.species) == (self.capacitor.inside, SODIUM) for entry in each.stoichiometry))

    @cached_property
    def entered(self) -> Array:
        """Net sodium that has come in by the passive paths since the start. [fmol]"""
        return self._sum({each.extent: added for each, added in self.paths.items()})

    @cached_property
    def inflow(self) -> Array:
        """Its rate. [fmol/ms]"""
        return self._sum({each.flux: added for each, added in self.paths.items()})

    @cached_property
    def capacitance(self) -> Array:
        """Of the membrane, from its charge and potential where it has no name of its own. [pF]"""
        name = self.capacitor.charge.removesuffix("charge")
        if f"{name}capacitance" in self.result.available:
            return self.result.column(f"{name}capacitance")
        voltage = self.result.column(f"{name}V")
        largest = int(np.argmax(np.abs(voltage)))
        whole = self.result.column(self.capacitor.charge)[largest] / voltage[largest] if voltage[largest] else np.nan
        return np.full_like(voltage, whole)

    def unseen(self) -> Array:
        """What came in from each row to the next beyond all that flowed at the rows around, as a shift of V. [mV]

        A flow that goes its way from row to row stays between its values there; a spike between two of them does not. A
        flow at a row where V moves so fast that it cannot go on like that to the next row does not count: it is over at
        once. Of a slow flow, which may have its peak between rows, 1 % is allowed for.
        """
        steps, padded = np.diff(self.times), np.concatenate([[0], np.arange(len(self.times)), [len(self.times) - 1]])
        around = np.stack([padded[:-3], padded[1:-2], padded[2:-1], padded[3:]])
        fleeting = (np.abs(self._drift[around]) * steps > FLEETING) & (steps > BRIEFEST)
        inflow = np.where(fleeting, -np.inf, self.inflow[around])
        most = np.max(inflow, axis=0)
        most = np.where(np.isfinite(most), most, np.minimum(self.inflow[:-1], self.inflow[1:]))
        beyond = np.diff(self.entered) - (most + PEAKED * np.abs(most)) * steps
        shifts: Array = np.maximum(beyond, 0.0) * self.capacitor.faraday / self.capacitance[:-1]
        return shifts

    @cached_property
    def _drift(self) -> Array:
        """Rate of V by all currents. [mV/ms]"""
        charges = {species.name: species.charge for species in self.books.species}
        counts = {each.flux: sum(charges.get(entry.species, 0.0) * entry.count for entry in each.stoichiometry
                                 if entry.place == self.capacitor.inside) for each in self.books.processes}
        rate: Array = self.capacitor.faraday * self._sum(counts) / self.capacitance
        return rate

    def cost(self, first: Rows, last: Rows, heights: Array) -> SpikeCost:
        """The cost of spikes that last from these rows to those."""
        start, times, area = int(first[0]), self.times, self._area
        in_all = self.entered[last] - self.entered[first]
        above = in_all - self.inflow[start] * (times[last] - times[first])
        least = heights * self.capacitance[first] / self.capacitor.faraday
        molecules = above / SODIUM_PER_ATP / MOLECULE
        fmol = unit("fmol")
        return SpikeCost(
            Quantity(above, fmol), Quantity(in_all, fmol), Quantity(least, fmol), Quantity(above / least, ONE),
            Quantity(molecules, ONE), Quantity(molecules / area[first], unit("1/um2")) if area is not None else None,
            Quantity(self._fuel(start), fmol), self._recovered(start, float(np.sum(above))),
            tuple(dict.fromkeys(each.transporter for each in self.paths)))

    @property
    def _area(self) -> Array | None:
        name = f"{self.capacitor.charge.removesuffix('charge')}area"
        return self.result.column(name) if name in self.result.available else None

    def _fuel(self, start: int) -> float:
        """ATP that the pumps used from a row to the end, above their rate there. [fmol]"""
        used = {each: -sum(entry.count for entry in each.stoichiometry if entry.species == FUEL) for each in self.pumps}
        extent = self._sum({each.extent: count for each, count in used.items()})
        rate = self._sum({each.flux: count for each, count in used.items()})
        return float(extent[-1] - extent[start] - rate[start] * (self.times[-1] - self.times[start]))

    def _recovered(self, start: int, entered: float) -> float:
        """The share of what came in that is not there any more at the end."""
        name = next((each.name for each in self.books.amounts
                     if (each.place, each.species) == (self.capacitor.inside, SODIUM)), None)
        if name is None or entered <= 0.0:
            return float("nan")
        amount = self.result.column(name)
        return 1.0 - float(amount[-1] - amount[start]) / entered

    def _sum(self, counts: Mapping[str, float]) -> Array:
        return sum((count * self.result.column(name) for name, count in counts.items() if count),
                   np.zeros(len(self.times)))


def _touches(process: Process, species: str) -> bool:
    return process.role == "transport" and any(entry.species == species and entry.count for entry in process.stoichiometry)


def _added(process: Process, place: str, species: str) -> float:
    """What one turn adds of a species to a place."""
    return sum(entry.count for entry in process.stoichiometry if (entry.place, entry.species) == (place, species))
