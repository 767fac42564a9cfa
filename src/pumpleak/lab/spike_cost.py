"""What spikes cost: the sodium that came in, against the least that could have moved V, and the ATP to carry it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.constants import MOLECULE
from pumpleak.base.units import ONE, Quantity, unit
from pumpleak.lab.experiment import Span
from pumpleak.lab.protocol import time_text
from pumpleak.system.books import Books, Capacitor, Process

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Truths = NDArray[np.bool_]

SODIUM, FUEL = "Na", "ATP"
PEAKED = 0.01  # share by which a slow flow may pass its values at the rows around (a block of hours and its end: not at all)
FLEETING = 20.0  # mV from row to row, at the rate of V at a row: with that it is elsewhere long before the next
BRIEFEST = 1.0  # ms: no spike is over sooner, from its foot back to it; rows closer than that show it
OPEN = 0.05  # of a spike's sodium or charge: what is smaller does not change what is said of it
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
    def segments(self) -> tuple[Span, ...]:
        """Of the protocol."""

    @property
    def time(self) -> Quantity:
        """Times of the rows."""

    def column(self, name: str) -> Array:
        """A quantity at the rows, in its own unit."""


def times_of(result: Timed) -> Array:
    """Times of the rows of a result. [ms]"""
    return np.atleast_1d(np.asarray(result.time.to("ms"), dtype=np.float64))


@dataclass(frozen=True)
class Bounds:
    """Rows of spikes, one entry of each array a spike.

    first: of its departure; rising: half-way from there to the threshold; peak; back: where V has first come back to where
    it departed from, or is lowest before the next; last: where it is there for good, or the next begins, or the run ends.
    whole: False where the run ends before V has come back.
    """

    first: Rows
    rising: Rows
    peak: Rows
    back: Rows
    last: Rows
    whole: Truths


@dataclass(frozen=True)
class SpikeCost:
    """Sodium and ATP of spikes, one entry of each array a spike; NaN where there is no sound number, and `remarks` say why.

    sodium [fmol]: net through `paths` (all that let Na+ cross without ATP) from the departure of V to its return, above the
    flow at the departure; sodium_in_all: without that deduction; least [fmol]: C x height / F, what would have done for
    the height; excess: sodium over least; ATP: molecules to carry `sodium` out, 3 a molecule; ATP_per_area
    [1/um2]. pump_ATP [fmol]: what the pumps used from the first spike to the end of the run, above their rate before it;
    recovered: the share of the sodium of all spikes which was out again at the end of the run; `unpaid` says why these two
    are NaN. driven: the charge that a stimulus brought during the upstroke over that of the height.
    """

    sodium: Quantity
    sodium_in_all: Quantity
    least: Quantity
    excess: Quantity
    ATP: Quantity
    ATP_per_area: Quantity | None
    pump_ATP: Quantity
    recovered: float
    driven: Quantity
    paths: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    unpaid: str = ""

    @property
    def features(self) -> dict[str, Quantity]:
        """Means over the spikes that have a number, and what the pumps used for all of them."""
        per_spike = {name: getattr(self, name) for name in ("sodium", "least", "excess", "ATP", "ATP_per_area")}
        found = {f"spikes.{name}": mean_of(each) for name, each in per_spike.items() if each is not None}
        return {**found, "spikes.pump_ATP": self.pump_ATP, "spikes.recovered": Quantity(self.recovered, ONE)}

    def to_plain(self) -> dict[str, Any]:
        """All of it as plain data for JSON."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        plain = {name: {"value": np.asarray(of.value).tolist(), "unit": str(of.unit)} if isinstance(of, Quantity) else of
                 for name, of in kept.items()}
        return plain | {"paths": list(self.paths), "remarks": list(self.remarks)}

    def __str__(self) -> str:
        found = self.features
        excess, area = found["spikes.excess"].to(ONE), found.get("spikes.ATP_per_area")
        if np.isnan(excess):
            return "no sound number for the sodium"
        text = f", {area.to('1/um2'):.4g} ATP per um2" if area is not None else ""
        return f"Na+ {excess:.3g} times the least{text} a spike"


def mean_of(values: Quantity) -> Quantity:
    """The mean over the spikes that have a value; NaN where none has."""
    known = np.atleast_1d(values.value)
    known = known[np.isfinite(known)]
    return Quantity(float(np.mean(known)) if known.size else float("nan"), values.unit)


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
        counts = {each.flux: self._charge(each) for each in self.books.processes}
        rate: Array = self.capacitor.faraday * self._sum(counts) / self.capacitance
        return rate

    @cached_property
    def _injected(self) -> Array:
        """Charge that has come in from outside the cell's own doing, by a stimulus or a clamp, since the start. [fC]"""
        counts = {each.extent: self._charge(each) for each in self.books.processes if each.role == "work"}
        injected: Array = self.capacitor.faraday * self._sum(counts)
        return injected

    def _charge(self, process: Process) -> float:
        """What one turn adds to the charge inside. [e]"""
        charges = {species.name: species.charge for species in self.books.species}
        return sum(charges.get(entry.species, 0.0) * entry.count for entry in process.stoichiometry
                   if entry.place == self.capacitor.inside)

    def ends(self, of: Bounds) -> Rows:
        """The rows to which the sodium of spikes is counted.

        What flows after V has first come back counts if it changes the sum little, as after a spike from rest. In a cell
        that was about to fire, the flow before the spike was large and stays away for long after it: that is no part of
        the cost of the spike, and could make it negative.
        """
        short, full = self._above(of.first, of.back), self._above(of.first, of.last)
        return np.where(np.abs(full - short) <= OPEN * np.abs(short), of.last, of.back)

    def _above(self, first: Rows, last: Rows) -> Array:
        """Sodium that came in from rows to others above the flow at the first. [fmol]"""
        return self.entered[last] - self.entered[first] - self.inflow[first] * (self.times[last] - self.times[first])

    def cost(self, of: Bounds, heights: Array) -> SpikeCost:
        """The cost of spikes of these rows and heights."""
        first, last, area = of.first, self.ends(of), self._area
        in_all, above = self.entered[last] - self.entered[first], self._above(of.first, last)
        charge = heights * self.capacitance[first]
        least = charge / self.capacitor.faraday
        before, during = ((self._injected[of.peak] - self._injected[start]) / charge for start in (first, of.rising))
        sound = of.whole & (above > 0.0) & (above / least + np.maximum(before, 0.0) >= 1.0)
        remarks = (*self._unsound(of, above / least, sound), *self._driven(during))
        above = np.where(sound, above, np.nan)
        molecules = above / SODIUM_PER_ATP / MOLECULE
        pump_ATP, recovered, unpaid = self._paid(int(first[0]), float(np.sum(above)))
        fmol = unit("fmol")
        return SpikeCost(
            Quantity(above, fmol), Quantity(in_all, fmol), Quantity(least, fmol), Quantity(above / least, ONE),
            Quantity(molecules, ONE), Quantity(molecules / area[first], unit("1/um2")) if area is not None else None,
            Quantity(pump_ATP, fmol), recovered, Quantity(during, ONE),
            tuple(dict.fromkeys(each.transporter for each in self.paths)), remarks, unpaid)

    def _unsound(self, of: Bounds, excess: Array, sound: Truths) -> Iterator[str]:
        """Why spikes have no cost."""
        cut, wrong = np.flatnonzero(~of.whole), np.flatnonzero(of.whole & ~sound)
        if cut.size:
            yield f"the run ends before V is back after the spike at {self._peaked(of, cut)}: its sodium and ATP are not told"
        if wrong.size:
            more = f" (and of {wrong.size - 1} more)" if wrong.size > 1 else ""
            yield (f"the sodium of the spike at {self._peaked(of, wrong)}{more} is {excess[wrong[0]]:.3g} times the least: "
                   "something else than Na+ and a stimulus raised V, and its sodium and ATP are not told")

    def _peaked(self, of: Bounds, which: Rows) -> str:
        """When the first of these spikes had its peak."""
        return time_text(float(self.times[of.peak[which[0]]]), 4)

    def _driven(self, share: Array) -> Iterator[str]:
        """That a stimulus was on in the upstroke of spikes."""
        driven = np.flatnonzero(share > OPEN)
        if driven.size:
            which = "" if len(share) == 1 else f" of {driven.size} of {len(share)} spikes"
            most = f"{'up to ' if which else ''}{100.0 * float(np.max(share)):.2g} %"
            yield (f"a stimulus was on during the upstroke{which} and brought {most} of its charge, which Na+ need not bring: "
                   "excess and ATP are lower for it")

    @property
    def _area(self) -> Array | None:
        name = f"{self.capacitor.charge.removesuffix('charge')}area"
        return self.result.column(name) if name in self.result.available else None

    def _paid(self, start: int, entered: float) -> tuple[float, float, str]:
        """ATP that the pumps used from a row to the end above their rate there [fmol], the share recovered, and why not."""
        recovered, why = self._recovered(start, entered)
        if why:
            return np.nan, np.nan, f"pump_ATP and recovered are not told: {why}"
        if recovered < 1.0 - OPEN:
            return np.nan, recovered, (f"pump_ATP is not told: the run is too short: by its end the pump has taken out "
                                       f"{100.0 * recovered:.2g} % of the sodium of the spikes, not {100.0 * (1.0 - OPEN):g} %")
        return self._fuel(start), recovered, ""

    def _fuel(self, start: int) -> float:
        """ATP that the pumps used from a row to the end, above their rate there. [fmol]"""
        used = {each: -sum(entry.count for entry in each.stoichiometry if entry.species == FUEL) for each in self.pumps}
        extent = self._sum({each.extent: count for each, count in used.items()})
        rate = self._sum({each.flux: count for each, count in used.items()})
        return float(extent[-1] - extent[start] - rate[start] * (self.times[-1] - self.times[start]))

    def _recovered(self, start: int, entered: float) -> tuple[float, str]:
        """The share of what came in that is not there any more at the end, or why that cannot be told."""
        name = next((each.name for each in self.books.amounts
                     if (each.place, each.species) == (self.capacitor.inside, SODIUM)), None)
        if name is None:
            return np.nan, "the model does not follow the sodium inside"
        if not np.isfinite(entered):
            return np.nan, "the sodium of a spike is not told"
        counts = {each.flux: _added(each, self.capacitor.inside, SODIUM) for each in self.books.processes}
        drift = float(self._sum(counts)[start]) * float(self.times[-1] - self.times[start]) / entered
        if abs(drift) > OPEN:
            return np.nan, ("the sodium inside was not at rest before the first spike; by the end of the run its drift there "
                            f"makes {drift:.3g} times the sodium of the spikes")
        amount = self.result.column(name)
        share = 1.0 - float(amount[-1] - amount[start]) / entered
        if share < 0.0:
            return np.nan, "the run is too short: the pump has not yet taken out any of the sodium of the spikes"
        return share, ""

    def _sum(self, counts: Mapping[str, float]) -> Array:
        return sum((count * self.result.column(name) for name, count in counts.items() if count),
                   np.zeros(len(self.times)))


def _touches(process: Process, species: str) -> bool:
    return process.role == "transport" and any(entry.species == species and entry.count for entry in process.stoichiometry)


def _added(process: Process, place: str, species: str) -> float:
    """What one turn adds of a species to a place."""
    return sum(entry.count for entry in process.stoichiometry if (entry.place, entry.species) == (place, species))
