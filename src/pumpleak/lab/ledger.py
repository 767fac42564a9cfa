"""The ledger: whether charge, elements, water and free energy came out as the books say, by independent routes.

It reads the books, never the rates: what changed is held against what the processes have moved, and the energy of the
state against what was put in and lost. Every row says by which route, against what, and how well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pumpleak.lab.record import Record
from pumpleak.system.books import Amount, Books, Capacitor, Process

Array = NDArray[np.float64]
Verdict = Literal["ok", "breach", "finding", "by constraint"]

# Linear in states and extents, which the solver carries by one formula: only rounding is left of them.
EXACT = 1e-10
# G is not linear: its error is that of the integration, far below this at the default tolerance.
ENERGY = 1e-6
# A dissipation is flux x affinity, each good to some 1e-15 of its own gross size.
LEAST = 1e-12
# Both factors of an idle transporter's dissipation are rounding: their product, per ms, against RT of all the content.
IDLE = 1e-16
# G itself is rounded at 1e-15 of its size: work below this part of it cannot be told to 1e-6.
TELLABLE = 1e-9
HYDROLYSIS = ("ATP", "ADP", "Pi", "H", "H2O")  # all that takes part in it
THERMAL = 2.6e3  # J/mol, RT at body temperature: the size of a potential, to judge rounding by


@dataclass(frozen=True)
class Row:
    """One law: how far it is off (`residual` = `absolute` / `denominator`), what is allowed, and how that was found."""

    law: str
    name: str
    residual: float
    absolute: float
    denominator: float
    tolerance: float
    unit: str
    route: str
    verdict: Verdict

    def __str__(self) -> str:
        return (f"{self.law:<18} {self.name:<28} {self.residual:>9.1e}  <= {self.tolerance:.0e}  {self.verdict:<13} "
                f"{self.absolute:.2e} of {self.denominator:.3g} {self.unit}")


@dataclass(frozen=True)
class Ledger:
    """The rows of a run; `species` holds the amounts behind the rows of the elements."""

    rows: tuple[Row, ...] = ()
    species: tuple[Row, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is in breach."""
        return not self.breaches

    @property
    def breaches(self) -> tuple[Row, ...]:
        """The rows in breach."""
        return tuple(row for row in self.rows if row.verdict == "breach")

    def to_plain(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of texts and numbers."""
        return [asdict(row) for row in self.rows]

    def __str__(self) -> str:
        if not self.rows:
            return "no ledger: the model keeps no books"
        return "\n".join(str(row) for row in self.rows)


def ledger_of(record: Record) -> Ledger:
    """The ledger of a run, from its record and the books of its model."""
    if record.labels.books is None:
        return Ledger()
    return _Auditor(record, Books.from_plain(record.labels.books)).ledger()


class _Auditor:
    """One pass over a record; each method makes the rows of one law."""

    def __init__(self, record: Record, books: Books) -> None:
        self.record, self.books = record, books
        self.charges = {species.name: species.charge for species in books.species}
        self.compositions: dict[str, Mapping[str, int]] = {species.name: species.composition for species in books.species}
        self.legs = self._legs()

    def ledger(self) -> Ledger:
        """All rows."""
        species = tuple(self._amounts())
        rows = (*(self._charge(capacitor) for capacitor in self.books.capacitors), *self._elements(),
                *self._water(), *self._free_energy(), *self._hydrolysis(), *self._dissipations())
        return Ledger(rows, species)

    def _legs(self) -> list[tuple[int, int]]:
        """Rows between which nothing came from outside the books: no jump to a rest."""
        legs: list[tuple[int, int]] = []
        for stretch, (first, last) in zip(self.record.stretches, self.record.bounds, strict=True):
            if legs and stretch.joined:
                legs[-1] = (legs[-1][0], last)
            else:
                legs.append((first, last))
        return legs

    @cached_property
    def _extents(self) -> dict[str, Array]:
        return {process.name: self._changes(process.extent) for process in self.books.processes}

    def _changes(self, name: str) -> Array:
        """What a quantity changed since the start, jumps between legs left out, at every row."""
        column = self.record.column(name)
        changes = np.empty_like(column)
        carried = 0.0
        for first, last in self.legs:
            changes[first:last] = carried + (column[first:last] - column[first])
            carried = changes[last - 1]
        return changes

    def _turnover(self, counts: Mapping[str, float]) -> Array:
        """What the processes have added, by their counts, at every row."""
        return sum((count * self._extents[name] for name, count in counts.items()), np.zeros(len(self.record.times)))

    def _throughput(self, counts: Mapping[str, float]) -> float:
        """What the processes have moved in either direction."""
        return float(sum(abs(count) * np.ptp(self._extents[name]) for name, count in counts.items()))

    def _counts(self, place: str, weights: Mapping[str, float]) -> dict[str, float]:
        """What one turn of each process adds to a place, species weighted."""
        counts: dict[str, float] = {}
        for process in self.books.processes:
            added = sum(entry.count * weights.get(entry.species, 0.0) for entry in process.stoichiometry
                        if entry.place == place)
            if added:
                counts[process.name] = added
        return counts

    def _content(self, amounts: list[Amount], weights: Mapping[str, float]) -> float:
        contents = (abs(weights.get(amount.species, 0.0)) * np.abs(self.record.column(amount.name))
                    for amount in amounts)
        return float(np.max(sum(contents, np.zeros(len(self.record.times)))))

    def _charge(self, capacitor: Capacitor) -> Row:
        counts = self._counts(capacitor.inside, self.charges)
        for process in self.books.processes:
            if shared := sum(entry.count * capacitor.shares.get(entry.species, 0.0) for entry in process.stoichiometry):
                counts[process.name] = counts.get(process.name, 0.0) + shared
        moved = capacitor.faraday * self._turnover(counts)
        inside = [amount for amount in self.books.amounts if amount.place == capacitor.inside]
        # extents are doubles: after years of turnover their rounding exceeds what the membrane holds
        size = capacitor.faraday * (self._content(inside, self.charges) + self._throughput(counts))
        return _row("charge", capacitor.charge, self._changes(capacitor.charge) - moved, size, EXACT, "fC",
                    f"its change against F x the charge that all processes carried into {capacitor.inside}")

    def _amounts(self) -> Iterator[Row]:
        """Each amount against its own processes; the one that closes the charge is no exception."""
        for amount in self.books.amounts:
            counts = self._counts(amount.place, {amount.species: 1.0})
            size = self._content([amount], {amount.species: 1.0}) + self._throughput(counts)
            yield _row("amount", amount.name, self._changes(amount.name) - self._turnover(counts), size, EXACT, "fmol",
                       "its change against the extents of its processes")

    def _elements(self) -> Iterator[Row]:
        """Each element: all that is kept of it against what crossed the border, and each amount that holds it."""
        counted = {(amount.place, amount.species) for amount in self.books.amounts}
        for element in sorted({e for amount in self.books.amounts for e in self.compositions[amount.species]}):
            weights = {species: float(parts.get(element, 0)) for species, parts in self.compositions.items()}
            holders = [amount for amount in self.books.amounts if weights[amount.species]]
            kept = sum((weights[each.species] * self._changes(each.name) for each in holders),
                       np.zeros(len(self.record.times)))
            border = {process.name: sum(entry.count * weights.get(entry.species, 0.0) for entry in process.stoichiometry
                                        if (entry.place, entry.species) not in counted)
                      for process in self.books.processes}
            residuals = [(kept + self._turnover(border), self._content(holders, weights) + self._throughput(border))]
            for each in holders:
                counts = self._counts(each.place, {each.species: weights[each.species]})
                off = weights[each.species] * self._changes(each.name) - self._turnover(counts)
                residuals.append((off, self._content([each], weights) + self._throughput(counts)))
            worst = max(residuals, key=lambda pair: _relative(_largest(pair[0]), pair[1]))
            yield _row("element", element, worst[0], worst[1], EXACT, "fmol",
                       f"what is kept of {element} against what crossed the border, and each amount that holds it "
                       "against its processes; the worst of them")

    def _water(self) -> Iterator[Row]:
        for place in self.books.places:
            paths = [path for path in self.books.water if place.name in (path.source, path.target)]
            if not paths or not place.volume:
                continue
            if any(path.instant for path in paths):
                yield Row("water", place.volume, 0.0, 0.0, float(np.max(np.abs(self.record.column(place.volume)))), EXACT,
                          "pL", "instant osmosis: the volume follows from the osmoles", "by constraint")
                continue
            changes = {path.name: self._changes(path.extent) for path in paths}
            flowed = sum(((1.0 if path.target == place.name else -1.0) * changes[path.name] for path in paths),
                         np.zeros(len(self.record.times)))
            size = float(np.max(np.abs(self.record.column(place.volume))) + sum(np.ptp(each) for each in changes.values()))
            yield _row("water", place.volume, self._changes(place.volume) - flowed, size, EXACT, "pL",
                       "its change against the water that flowed along its paths")

    def _free_energy(self) -> Iterator[Row]:
        books = self.books
        if not books.free_energy:
            return
        energy = self.record.column(books.free_energy)
        spent = np.zeros_like(energy)
        for sign, names in ((1.0, [books.reservoirs] if books.reservoirs else []),
                            (1.0, [power.quadrature for power in books.dissipations]),
                            (-1.0, [power.quadrature for power in books.works])):
            spent += sum((sign * self.record.column(name) for name in names), np.zeros_like(energy))
        jumps = self._jumps(energy)
        balance = energy + spent
        off = balance - balance[0] - np.repeat(np.cumsum(jumps), [last - first for first, last in self.record.bounds])
        for (first, _), stretch in zip(self.record.bounds[1:], self.record.stretches[1:], strict=True):
            if not stretch.joined:  # another state altogether
                off[first:] -= off[first] - off[first - 1]
        route = ("change of the state function G + what reservoirs received + what was dissipated - work of stimulus, "
                 "clamp, metabolism and moved parameters, against integrated work + dissipation")
        if np.max(np.abs(jumps)) > LEAST * np.max(np.abs(energy)):  # not where G is only rounded anew
            route += (f"; {float(np.sum(jumps)):+.6g} fJ of the work was done at edges, where parameters jump: G after less G "
                      "before, at the same state")
        turned = self._turned() + float(np.sum(np.abs(jumps)))
        least = TELLABLE * max(float(np.max(np.abs(energy))), self._thermal)
        if turned < least:
            route += f"; so little happened that rounding of G counts: judged against {TELLABLE:.0e} of it"
        yield _row("free energy", books.free_energy, off, max(turned, least), ENERGY, "fJ", route)

    def _jumps(self, energy: Array) -> Array:
        """Work of the protocol at the begin of each stretch: what its parameters alone make of the state before. [fJ]

        Under instant osmosis it is less by what the water dissipates that flows at once.
        """
        jumps = self.record.across_edges(self.books.free_energy)
        jumps[1:] -= energy[[last - 1 for _, last in self.record.bounds[:-1]]]
        return np.where([stretch.joined for stretch in self.record.stretches], jumps, 0.0) * (np.arange(len(jumps)) > 0)

    def _turned(self) -> float:
        """Integrated work, of either sign, and dissipation. [fJ]"""
        powers = (*self.books.works, *self.books.dissipations)
        return sum(float(np.sum(np.abs(np.diff(self.record.column(power.quadrature))))) for power in powers)

    @cached_property
    def _thermal(self) -> float:
        """RT for everything that is counted: the size of a free energy here. [fJ]"""
        return THERMAL * sum(float(np.max(np.abs(self.record.column(amount.name)))) for amount in self.books.amounts)

    def _hydrolysis(self) -> Iterator[Row]:
        """The free energy of hydrolysis that is shown against the affinity of what does nothing but hydrolyse."""
        for name in sorted({process.hydrolysis for process in self.books.processes if process.hydrolysis}):
            place, shown = name.rpartition(".")[0], self.record.column(name)
            plain = {process: made for process in self.books.processes if (made := _made(process, place))}
            if plain:
                off = [self.record.column(process.affinity) / made - shown for process, made in plain.items()]
                yield _row("hydrolysis", name, np.array(off), _largest(shown), EXACT, "J/mol",
                           f"against the potentials of what {', '.join(each.name for each in plain)} turns over")

    def _dissipations(self) -> Iterator[Row]:
        """The least dissipation of each transporter over every accepted step."""
        kept = [label.name for label in self.record.labels.quadratures if label.least]
        watched = [power for power in self.books.dissipations if power.quadrature in kept]
        ran = [stretch for stretch in self.record.stretches if len(stretch.rows) > 1]
        if not watched or not ran:
            return
        least = np.min([stretch.least for stretch in ran], axis=0)
        most = np.max([stretch.most for stretch in ran], axis=0)
        for power in watched:
            place = kept.index(power.quadrature)
            size = max(float(most[place]), LEAST * float(np.max(most)), IDLE * self._thermal)
            row = _row("least dissipation", power.transporter, np.minimum(least[place:place + 1], 0.0), size, LEAST, "fJ/ms",
                       "least power it dissipated at any accepted step, against the largest; no transporter may gain")
            known = row.verdict == "breach" and power.transporter in self.books.phenomenological
            yield replace(row, verdict="finding") if known else row  # a published rate law is shown as it is, and labelled


def _made(process: Process, place: str) -> float:
    """ATP made per turn by a process that does nothing but make or split it in one place; 0 for any other."""
    if {(entry.place, entry.species) for entry in process.stoichiometry} - {(place, each) for each in HYDROLYSIS}:
        return 0.0
    return sum(entry.count for entry in process.stoichiometry if entry.species == "ATP")


def _row(law: str, name: str, off: Array, size: float, tolerance: float, unit: str, route: str) -> Row:
    absolute = _largest(off)
    residual = _relative(absolute, size)
    return Row(law, name, residual, absolute, size, tolerance, unit, route, "ok" if residual <= tolerance else "breach")


def _largest(values: Array) -> float:
    return float(np.max(np.abs(values)))


def _relative(absolute: float, size: float) -> float:
    """absolute/size; nothing of nothing is no breach, something of nothing is."""
    if absolute == 0.0:
        return 0.0
    return absolute / size if size > 0.0 else float("inf")
