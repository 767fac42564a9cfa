"""rest: the steady state of a model, proved by residual and eigenvalues, or what the model does instead of resting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.names import lookup
from pumpleak.base.sources import Source
from pumpleak.base.units import Quantity, internal, unit
from pumpleak.lab.experiment import Experiment, unit_of
from pumpleak.lab.ion_currents import IonCurrents, ion_currents_of
from pumpleak.lab.notes import departed, notes_of
from pumpleak.lab.programs import Model, program_for
from pumpleak.lab.protocol import Given, settle, time_text
from pumpleak.lab.record import Record, Stretch, values_at
from pumpleak.solve.newton import Complex
from pumpleak.solve.program import Labels, Program
from pumpleak.solve.steady import UNTIL, Kind, Steady, find_steady
from pumpleak.system.books import Amount, BookedSpecies, Books

SCHEMA = 1
PER_SECOND = 1000.0  # 1/ms in 1/s
FOUND = ("stable", "unstable")  # kinds of an answer whose point is a rest


@dataclass(frozen=True)
class Rest:
    """Where a model rests.

    kind: "stable", "unstable", "drifting" (something still moves), or "none". residual: largest net over gross rate of a
    state. eigenvalues [1/s] of small departures, slowest first, conserved totals left out. values: every quantity there,
    by name, in its own unit; where there is no rest, the point to which the model was followed. prominent: names of what a
    short print shows. currents: those of each ion through each transporter, for models with a membrane.
    """

    model: str
    kind: Kind
    residual: float
    values: Mapping[str, float]
    units: Mapping[str, str]
    eigenvalues: Complex
    message: str
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    parameters: frozenset[str] = frozenset()
    prominent: tuple[str, ...] = ()
    currents: IonCurrents | None = None

    @cached_property
    def state(self) -> dict[str, Quantity]:
        """Every state and derived quantity there."""
        return {name: self[name] for name in self.values if name not in self.parameters}

    def __getitem__(self, name: str) -> Quantity:
        return Quantity(lookup(name, self.values, f"quantity of {self.model}"), unit_of(self.units[name]))

    @property
    def time_constants(self) -> Quantity:
        """How fast small departures decay (negative: grow), slowest first."""
        rates = self.eigenvalues.real
        return Quantity(-1.0 / rates[rates != 0.0], unit("s"))

    def to_json(self) -> dict[str, Any]:
        """The rest as plain data."""
        return {
            "schema": SCHEMA, "model": self.model, "kind": self.kind, "message": self.message, "residual": self.residual,
            "state": {name: {"value": self.values[name], "unit": self.units[name]} for name in self.values
                      if name not in self.parameters},
            "eigenvalues": [{"re": float(value.real), "im": float(value.imag)} for value in self.eigenvalues],
            "notes": list(self.notes), "remarks": list(self.remarks),
            **({"currents": self.currents.to_plain()} if self.currents else {}),
        }

    def __str__(self) -> str:
        lines = [f"{self.model}: {self.message}"]
        table = self.currents.lines() if self.currents and self.kind in FOUND else []
        for name in self.prominent:
            if table and name.endswith(".current"):
                continue  # in the table, ion by ion
            per_second = self.units[name] == "1/ms"  # a pump's turnover is spoken of per second
            value, measured = (self.values[name] * PER_SECOND, "1/s") if per_second else (self.values[name], self.units[name])
            lines.append(f"  {name:<24} {value + 0.0:12.6g} {measured}")  # + 0: a flow of -0 is none
        lines += [f"  {line}" for line in table]
        constants = np.atleast_1d(np.asarray(self.time_constants.value))
        if constants.size:
            listed = ", ".join(time_text(1000.0 * each, 3) for each in constants[:6])
            more = ", ..." if constants.size > 6 else ""
            lines.append(f"  time constants {listed}{more}; residual {self.residual:.1e}")
        return "\n".join([*lines, *(f"  {note}" for note in (*self.remarks, *self.notes))])


def rest(model: Model, values: Mapping[str, Given] | None = None, *, until: Quantity | str | None = None) -> Rest:
    """Find where a model comes to rest from its start, under these values of its parameters, and prove it.

    until: what still moves after that time is said to drift (30 years where not given).

    Raises NameUnknown and UnitError for wrong values; that there is no rest is an answer, not an error.
    """
    program, p = program_under(model, values)
    labels = program.labels
    limit = UNTIL if until is None else internal(until, "ms", "rest: until")
    steady = find_steady(program, 0.0, labels.initial(), p, limit, amounts_of(labels))
    return _described(program, p, steady)


def program_under(model: Model, values: Mapping[str, Given] | None) -> tuple[Program, NDArray[np.float64]]:
    """The program of a model, and its parameters under these values.

    Raises NameUnknown, UnitError and ModelError for wrong values.
    """
    span = Experiment(model, settle(values)).spans[0]
    program = program_for(model)
    place = {label.name: number for number, label in enumerate(program.labels.parameters)}
    p = program.labels.values()
    for name, value in span.values.items():
        p[place[name]] = value
    return program, p


def _described(program: Program, p: NDArray[np.float64], steady: Steady) -> Rest:
    labels = program.labels
    books = Books.from_plain(labels.books) if labels.books is not None else None
    q = np.zeros(len(labels.quadratures))
    found = values_at(program, 0.0, steady.y, q, p)
    extents = {label.name for label in labels.quadratures}
    idle = np.zeros(sum(label.least for label in labels.quadratures))
    row = np.concatenate([[0.0], steady.y, q])[np.newaxis, :]
    record = Record([Stretch(program, p, row, idle, idle)])
    water = departed(books, found) if books and steady.kind in FOUND else ()
    return Rest(
        model=labels.name, kind=steady.kind, residual=steady.residual,
        values={name: value for name, value in found.items() if name not in extents},
        units={name: each for name, each in labels.units.items() if name not in extents},
        eigenvalues=steady.eigenvalues * PER_SECOND, message=in_words(labels, steady, found),
        notes=(*labels.notes, *notes_of(record)), remarks=(*labels.remarks, *_held(labels), *_turned(labels), *water),
        sources=tuple(Source(**entry) for entry in labels.sources),
        parameters=frozenset(parameter.name for parameter in labels.parameters), prominent=_prominent(labels, found),
        currents=ion_currents_of(books, found) if books else None)


def _held(labels: Labels) -> tuple[str, ...]:
    """What several places share and nothing brings in or takes out: a rest depends on how much of it there is."""
    books = Books.from_plain(labels.books) if labels.books is not None else None
    places = [place.name for place in books.places if place.kind == "dynamic"] if books else []
    if books is None or len(places) < 2:
        return ()
    kept = [each.name for each in books.species if _is_kept(books, each)]
    border = [path for path in books.water if not {path.source, path.target} <= {*places}]
    totals = [*kept, *(["water"] if books.water and not border else [])]
    if not totals:
        return ()
    listed = f"totals of {', '.join(totals[:-1])} and {totals[-1]}" if len(totals) > 1 else f"total of {totals[0]}"
    return (f"Held as at the start, since nothing carries it into {' and '.join(places)} or out: the {listed}.",)


def _is_kept(books: Books, species: BookedSpecies) -> bool:
    """Whether the element of that name is in several places, moves between them, and in all stays the same."""
    holders = [amount for amount in books.amounts if amount.species == species.name]
    if len({amount.place for amount in holders}) < 2:
        return False
    atoms = {each.name: each.composition.get(species.name, 0) for each in books.species}
    counted = {(amount.place, amount.species) for amount in books.amounts}
    nets = [sum(entry.count * atoms[entry.species] for entry in process.stoichiometry
                if (entry.place, entry.species) in counted) for process in books.processes]
    moved = any(entry.species == species.name for process in books.processes for entry in process.stoichiometry)
    return moved and not any(nets)


def _turned(labels: Labels) -> tuple[str, ...]:
    """What reactions only turn into each other within one place: pairs whose sum stays, and phosphorus where they share it."""
    if labels.books is None:
        return ()
    books = Books.from_plain(labels.books)
    counts = {amount: {process.name: sum(entry.count for entry in process.stoichiometry
                                         if (entry.place, entry.species) == (amount.place, amount.species))
                       for process in books.processes} for amount in books.amounts}
    changing = {each.dependent for each in books.capacitors} | {each.name for each in labels.states}
    moving = [amount for amount in books.amounts if amount.name in changing]
    pairs: list[tuple[Amount, Amount]] = []
    for one, other in combinations(moving, 2):
        opposite = not any(counts[one][name] + counts[other][name] for name in counts[one])
        if one.place == other.place and opposite and not {one, other} & {each for pair in pairs for each in pair}:
            pairs.append((one, other))
    if not pairs:
        return ()
    totals = [" + ".join(each.name.removesuffix(".amount") for each in pair) for pair in pairs]
    atoms = {each.name: each.composition.get("P", 0) for each in books.species}
    if not any(sum(atoms[amount.species] * counts[amount][process.name] for amount in books.amounts)
               for process in books.processes) and any(atoms[each.species] for pair in pairs for each in pair):
        totals.append("all phosphorus")
    return (f"Held as at the start, since reactions only turn one into the other: {', '.join(totals)}.",)


def _prominent(labels: Labels, found: Mapping[str, float]) -> tuple[str, ...]:
    """What one looks at first: potentials, volumes and concentrations, currents and turnover; all states without books."""
    if labels.books is None:
        return tuple(state.name for state in labels.states)
    books = Books.from_plain(labels.books)
    transporters = dict.fromkeys(process.transporter for process in books.processes)
    wanted = [*(capacitor.charge.removesuffix("charge") + "V" for capacitor in books.capacitors),
              *(place.volume for place in books.places),
              *(amount.name.removesuffix(".amount") for amount in books.amounts),
              *(f"{name}.{what}" for what in ("current", "turnover") for name in transporters)]
    return tuple(name for name in wanted if name in found)


def in_words(labels: Labels, steady: Steady, found: Mapping[str, float]) -> str:
    """The answer as a sentence; `found` holds every quantity at its point, by name."""
    slowest = -1.0 / steady.eigenvalues[0].real if steady.eigenvalues.size and steady.eigenvalues[0].real else 0.0
    if steady.course == "grows":
        return _growth(labels, steady, found)
    if steady.course == "fails":
        return "no rest: the equations have no solution beyond the point shown"
    if steady.course == "empties":
        return f"no rest: after {time_text(steady.time, 3)} {steady.gone}"
    if steady.course == "stops":
        return f"no rest was found: after {time_text(steady.time, 3)} and as many steps as are allowed it still moves"
    if steady.kind == "stable":
        return f"stable; the slowest departure decays with {time_text(slowest, 3)}" if slowest else "stable"
    if steady.kind == "unstable":
        around = " and the model oscillates about it" if steady.course == "oscillates" else ""
        return f"unstable: small departures grow with {time_text(-slowest, 3)}{around}"
    if steady.kind == "none":
        return "no rest: it oscillates without end, and no rest was found within"
    if steady.drift is not None:
        name = labels.states[steady.drift[0]].name
        after, constant = time_text(steady.time, 3), time_text(steady.drift[1], 3)
        return f"drifting: {name} still moves after {after}, with a time constant of {constant}"
    return "drifting: a direction remains in which nothing brings it back"


def _growth(labels: Labels, steady: Steady, found: Mapping[str, float]) -> str:
    """What grows without end, and what in the books would have held it back."""
    names = {labels.states[place].name: exponent for place, exponent in steady.growth.items()}
    name = max(names, key=lambda each: names[each])
    if labels.books is None:
        return f"no rest: {name} grows without end{_law(names[name])}"
    books = Books.from_plain(labels.books)
    volumes = [place.volume for place in books.places if place.volume in names]
    idle = sorted({process.transporter for process in books.processes if process.role == "transport"}
                  - {process.transporter for process in books.processes if found[process.flux] != 0.0})
    driven = sorted({process.transporter for process in books.processes
                     if process.role == "work" and found[process.flux] != 0.0 and process.flux not in _answers(books)})
    causes = [f"{', '.join(driven)} drives it"] if driven else [f"{', '.join(idle)} stands still"] if idle else []
    if volumes:
        name = volumes[0]
        if not driven:
            causes.append("nothing outside holds the water back")
    return f"no rest: {name} grows without end{_law(names[name])}" + (f": {' and '.join(causes)}" if causes else "")


def _answers(books: Books) -> set[str]:
    """Fluxes of driven processes that only make good what transporters burn."""
    return {process.flux for process in books.processes if process.role == "work" and process.hydrolysis == ""
            and {entry.place for entry in process.stoichiometry} <= {place.name for place in books.places
                                                                    if place.kind == "dynamic"}}


def amounts_of(labels: Labels) -> tuple[str, ...]:
    """Names of all amounts in the books: what cannot be negative."""
    return tuple(amount.name for amount in Books.from_plain(labels.books).amounts) if labels.books is not None else ()


def _law(exponent: float) -> str:
    return f", as time^{exponent:.2f}" if np.isfinite(exponent) else ", ever faster"
