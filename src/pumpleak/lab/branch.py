"""branch: the rests of a model along a parameter, with the folds and Hopf points where they appear, vanish or lose hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.base.names import lookup, shown
from pumpleak.base.sources import Source
from pumpleak.base.units import Quantity, unit
from pumpleak.lab.experiment import no_parameter, unit_of
from pumpleak.lab.programs import Model, labelled
from pumpleak.lab.protocol import Given, time_text
from pumpleak.lab.record import values_at
from pumpleak.lab.rest import PER_SECOND, Rest, amounts_of, program_under, rest
from pumpleak.solve.continuation import Curve, follow
from pumpleak.solve.line import Kind, Line, Mark, Point
from pumpleak.solve.newton import Complex
from pumpleak.solve.program import Labels, Program
from pumpleak.system.books import Books

Array = NDArray[np.float64]
Scale = Literal["linear", "log"]

SCHEMA = 1
ROWS = 16      # of the printed table besides the marked ones: half a screen
COLUMNS = 6    # quantities of the printed table: a line of some hundred letters
SEEN = ("mV", "pL", "mM")  # units of what the printed table shows: potentials, volumes, concentrations
NAMED: Mapping[Mark, str] = {"fold": "fold", "Hopf": "Hopf point", "branching": "branching"}
FELT = 1e-3    # mM: less charge or osmolarity in a bath is not worth a remark


@dataclass(frozen=True)
class BranchPoint:
    """One rest of a branch.

    mark: "fold" (the parameter turns), "Hopf" (an oscillation begins), "branching" (another branch of rests crosses), or
    none. kind: "stable", "unstable", or "critical" at a marked point. residual: net over gross rate. eigenvalues [1/s],
    slowest first. values: every quantity there, by name, in its own unit.
    """

    parameter: Quantity
    kind: Kind
    mark: Mark
    residual: float
    eigenvalues: Complex
    values: Mapping[str, float]
    units: Mapping[str, str]

    def __getitem__(self, name: str) -> Quantity:
        return Quantity(lookup(name, self.values, "quantity of the branch"), unit_of(self.units[name]))

    @property
    def leading(self) -> complex:
        """The eigenvalue that decides: that of slowest decay or fastest growth, the upper one of a pair. [1/s]"""
        first = self.eigenvalues[0] if self.eigenvalues.size else 0j
        return complex(first.real, abs(first.imag))

    @property
    def frequency(self) -> Quantity:
        """Of the oscillation that begins at a Hopf point; 0 elsewhere."""
        if self.mark != "Hopf":
            return Quantity(0.0, unit("Hz"))
        critical = self.eigenvalues[int(np.argmin(np.abs(self.eigenvalues.real)))]
        return Quantity(abs(float(critical.imag)) / (2.0 * math.pi), unit("Hz"))


@dataclass(frozen=True)
class Branch:
    """Rests along a parameter, from the first to where the range or the branch ends: `branch["membrane.V"].to("mV")`.

    along: the parameter. span: first and last value asked for. points: in their order along the branch, which can turn.
    message: where and why it ends.
    """

    model: str
    along: str
    span: tuple[Quantity, Quantity]
    scale: Scale
    points: tuple[BranchPoint, ...]
    message: str
    units: Mapping[str, str]
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    parameters: frozenset[str] = frozenset()
    prominent: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Quantity:
        return Quantity(self.column(name), unit_of(self.units[name]))

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        return (f"Branch of {self.model}: {len(self)} rests along {self.along}, {len(self.folds)} folds, "
                f"{len(self.hopfs)} Hopf points")

    def column(self, name: str) -> Array:
        """A quantity at all points, in `units[name]`.

        Raises NameUnknown.
        """
        lookup(name, self.units, f"quantity of {self.model}")
        return np.array([point.values[name] for point in self.points])

    @property
    def folds(self) -> tuple[BranchPoint, ...]:
        """Where the parameter turns: beyond, these rests do not exist."""
        return self._marked("fold")

    @property
    def hopfs(self) -> tuple[BranchPoint, ...]:
        """Where a pair of motions about the rest neither grows nor dies out: an oscillation begins."""
        return self._marked("Hopf")

    @property
    def branchings(self) -> tuple[BranchPoint, ...]:
        """Where another branch of rests crosses."""
        return self._marked("branching")

    def _marked(self, mark: Mark) -> tuple[BranchPoint, ...]:
        return tuple(point for point in self.points if point.mark == mark)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All states and derived quantities."""
        return tuple(name for name in self.units if name not in self.parameters)

    @property
    def summary(self) -> str:
        """Folds, Hopf points, stability and the end, in words."""
        first, last = self.span
        kinds = {point.kind for point in self.points} - {"critical"}
        held = f"all {kinds.pop()}" if len(kinds) == 1 else "stable and unstable"
        lines = [f"{self.model}: {len(self)} rests along {self.along} from {_short(first)} to {_short(last)}, {held}"]
        for point in self.points:
            if point.mark:
                words = f", {point.frequency.to('Hz'):.6g} Hz" if point.mark == "Hopf" else ""
                lines.append(f"  {NAMED[point.mark]} at {self.along} = {_short(point.parameter, 8)}{words}")
        return "\n".join([*lines, f"  {self.message}"])

    def to_json(self) -> dict[str, Any]:
        """The branch as plain data: lists in the order of its points."""
        marked = [{"mark": point.mark, "value": float(point.parameter.value), "row": row,
                   "frequency": {"value": point.frequency.value, "unit": "Hz"} if point.mark == "Hopf" else None}
                  for row, point in enumerate(self.points) if point.mark]
        return {
            "schema": SCHEMA, "model": self.model, "along": self.along, "unit": self.units[self.along],
            "from": self.span[0].value, "to": self.span[1].value, "scale": self.scale, "message": self.message,
            "values": [float(point.parameter.value) for point in self.points],
            "kind": [point.kind for point in self.points], "mark": [point.mark for point in self.points],
            "residual": [point.residual for point in self.points],
            "leading": [{"re": point.leading.real, "im": point.leading.imag} for point in self.points],
            "marked": marked,
            "state": {name: {"values": self.column(name).tolist(), "unit": self.units[name]} for name in self.names},
            "notes": list(self.notes), "remarks": list(self.remarks),
        }

    def __str__(self) -> str:
        names = [name for name in self.prominent if self.units[name] in SEEN and name != self.along][:COLUMNS]
        heads = [f"{name} [{self.units[name] or '1'}]" for name in (self.along, *names)]
        widths = [max(len(head), 11) for head in heads]
        lines = [self.summary, "", "  ".join(head.rjust(width) for head, width in zip(heads, widths, strict=True)) + "  rest"]
        columns = [self.column(name) for name in (self.along, *names)]
        for row in self._shown():
            cells = [f"{column[row] + 0.0:.6g}".rjust(width) for column, width in zip(columns, widths, strict=True)]
            lines.append("  ".join(cells) + f"  {_word(self.points[row])}")
        return "\n".join([*lines, *(f"  {note}" for note in (*self.remarks, *self.notes))])

    def _shown(self) -> list[int]:
        """Rows that a short table shows: evenly spaced ones, and all that are marked."""
        even = np.unique(np.linspace(0, len(self) - 1, ROWS).round().astype(int)).tolist()
        return sorted({*even, *(row for row, point in enumerate(self.points) if point.mark)})


def branch(model: Model, along: str, to: Given, *, start: Given | None = None, values: Mapping[str, Given] | None = None,
           meanwhile: Mapping[str, Given] | None = None, scale: Scale = "linear") -> Branch:
    """Follow the rest of a model while a parameter moves, `branch(cell, "pump.activity", to=0)`, round its folds.

    start: where the parameter begins (the model's own value where not given). values: other parameters, held. meanwhile:
    other parameters and the values they move to in proportion, such as outside.Na falling while outside.K rises. scale:
    "log" takes equal steps of the parameter's logarithm.

    Raises NameUnknown, UnitError and ModelError for what cannot be followed, SolveError where there is no rest at the
    start (`partial` holds what is there).
    """
    for name in (along, *(meanwhile or {})):
        _known(model, name)
    begin = {**(values or {}), **({along: start} if start is not None else {})}
    program, first = program_under(model, begin)
    _, last = program_under(model, {**begin, **(meanwhile or {}), along: to})
    labels = program.labels
    line = Line(first, last, [label.name for label in labels.parameters].index(along), scale == "log")
    _check(labels, line, scale)
    found = rest(model, begin)
    if found.kind not in ("stable", "unstable"):
        raise SolveError(f"{labels.name}: no branch along {along}: at {along} = {_short(_parameter(labels, line, 0.0))}: "
                         f"{found.message}", partial=found, hint=f"begin it where the model has a rest, for example at "
                         f"{along} = {_short(_parameter(labels, line, 1.0))}")
    y = np.array([found.values[state.name] for state in labels.states])
    curve = follow(program, 0.0, y, line, amounts_of(labels))
    if not curve.points:
        raise SolveError(f"{labels.name}: no branch along {along}: at {along} = {_short(_parameter(labels, line, 0.0))} "
                         + ("more is conserved than further on, so that its rest is one of many" if curve.end == "free" else
                            "its rest could not be followed"), partial=found, hint="begin it at a slightly different value")
    return _described(program, line, curve, found)


def _known(model: Model, name: str) -> None:
    known = labelled(model)
    if name not in known.parameters:
        raise NameUnknown(no_parameter(known, name))


def _check(labels: Labels, line: Line, scale: str) -> None:
    """Refuse a line that leads nowhere."""
    label = labels.parameters[line.place]
    first, last = float(line.start[line.place]), float(line.end[line.place])
    if scale not in ("linear", "log"):
        raise ModelError(f"{labels.name}: branch along {label.name}: scale {shown(scale)}; it is 'linear' or 'log'")
    if first == last:
        raise ModelError(f"{labels.name}: branch along {label.name} from {first:g} to {last:g}; give an end that differs")
    if scale == "log" and not first * last > 0.0:
        raise ModelError(f"{labels.name}: branch along {label.name} from {first:g} to {last:g} on a logarithmic scale; "
                         "both ends must have one sign, and none be zero")


def _described(program: Program, line: Line, curve: Curve, begun: Rest) -> Branch:
    labels = program.labels
    along = labels.parameters[line.place].name
    units = {name: each for name, each in labels.units.items() if name in begun.values}
    points = tuple(_point(program, line, point, units) for point in curve.points)
    doubts = [f"{along} = {value:.6g}: the branch turns or its stability changes nearby, but how could not be proved"
              for value in curve.doubts]
    return Branch(
        labels.name, along, (_parameter(labels, line, 0.0), _parameter(labels, line, 1.0)),
        "log" if line.logarithmic else "linear", points, _end_in_words(labels, line, curve), units, begun.notes,
        (*begun.remarks, *_baths(labels, line), *doubts), begun.sources, begun.parameters, begun.prominent)


def _point(program: Program, line: Line, point: Point, units: Mapping[str, str]) -> BranchPoint:
    p = line.parameters(point.q)
    found = values_at(program, 0.0, point.y, np.zeros(len(program.labels.quadratures)), p)
    return BranchPoint(_parameter(program.labels, line, point.q), point.kind, point.mark, point.residual,
                       point.eigenvalues * PER_SECOND, {name: found[name] for name in units}, units)


def _parameter(labels: Labels, line: Line, q: float) -> Quantity:
    return Quantity(line.value(q), unit_of(labels.parameters[line.place].unit))


def _end_in_words(labels: Labels, line: Line, curve: Curve) -> str:
    """Where the branch ends, and why."""
    along = labels.parameters[line.place].name
    value = _short(_parameter(labels, line, curve.points[-1].q))
    what = next((name for name in curve.what if name.endswith(".volume")), next(iter(curve.what), ""))
    return {
        "reached": f"it reaches {along} = {value}",
        "returned": f"it turns back and leaves the range at {along} = {value}, where it began",
        "empties": f"it ends at {along} = {value}, where {what} is used up",
        "grows": f"it was followed to {along} = {value}, where {what} is {_growth(labels, curve, what):.2g} times its first "
                 "value and grows on",
        "lost": f"it could not be followed beyond {along} = {value}",
        "long": f"it was followed as far as {along} = {value}, for as many points as are allowed",
        "free": f"it begins and ends at {along} = {value}",
    }[curve.end]


def _growth(labels: Labels, curve: Curve, what: str) -> float:
    """A state at the end of the branch over what it was at its beginning."""
    names = [state.name for state in labels.states]
    if what not in names:
        return 0.0
    place = names.index(what)
    return float(curve.points[-1].y[place] / curve.points[0].y[place])


def _baths(labels: Labels, line: Line) -> list[str]:
    """What the line does to the charge and the osmolarity of baths."""
    if labels.books is None:
        return []
    books = Books.from_plain(labels.books)
    charges = {species.name: species.charge for species in books.species}
    moved = {label.name: float(change) for label, change in zip(labels.parameters, line.end - line.start, strict=True)
             if change != 0.0}
    remarks = []
    for place in (each.name for each in books.places if each.kind == "reservoir"):
        here = {name.removeprefix(f"{place}."): change for name, change in moved.items() if name.startswith(f"{place}.")}
        charge = sum(charges.get(species, 0.0) * change for species, change in here.items())
        if abs(charge) > FELT:
            remarks.append(f"{place}: its net charge changes by {charge:+.4g} mM along the way and its osmolarity by "
                           f"{sum(here.values()):+.4g} mM; let another ion of it move meanwhile to keep them")
    return remarks


def _short(value: Quantity, digits: int = 6) -> str:
    return f"{value:.{digits}g}"


def _word(point: BranchPoint) -> str:
    """The mark of a point, or whether it is stable, with the time constant that decides."""
    if point.mark:
        return NAMED[point.mark]
    rate = point.leading.real
    return f"{point.kind}, {time_text(1000.0 / abs(rate), 3)}" if rate else point.kind
