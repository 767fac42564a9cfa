"""What a run leaves behind: stretches of output rows, each under its own parameters, joined by name.

A stretch is one uninterrupted piece of integration. Programs may differ between stretches (another ion closes the
charge), so a quantity that is a state in one can be a definition in the next; `Record.column` hides that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.solve.program import Labels, Program

Array = NDArray[np.float64]
Kind = Literal["state", "quadrature", "definition", "parameter"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True)
class Stretch:
    """Rows (time, states, quadratures) under one set of parameters; its first and last are points the solver accepted.

    least, most: extremes of the rates of the quadratures that keep them. joined: whether it goes on from where the
    stretch before it ended (not after a jump to a rest).
    """

    program: Program
    parameters: Array
    rows: Array
    least: Array
    most: Array
    joined: bool = True

    @property
    def times(self) -> Array:
        """Times of the rows. [ms]"""
        return self.rows[:, 0]

    @property
    def states(self) -> Array:
        """States (rows, states)."""
        return np.ascontiguousarray(self.rows[:, 1:1 + len(self.program.labels.states)])

    def observed(self, times: Array | None = None) -> Array:
        """All definitions (rows, definitions), at the stretch's own times or as if it were other ones."""
        return self.program.observe(self.times.copy() if times is None else times, self.states, self.parameters)


@dataclass
class Record:
    """The stretches of a run in their order, and the columns that run through them."""

    stretches: list[Stretch] = field(default_factory=list)
    _places: dict[int, dict[str, tuple[Kind, int]]] = field(default_factory=dict)

    @property
    def labels(self) -> Labels:
        """Names and units; those of the first program stand for all."""
        return self.stretches[0].program.labels

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of every quantity, by name."""
        return units_of(self.labels)

    @cached_property
    def times(self) -> Array:
        """Times of all rows. [ms]"""
        return np.concatenate([stretch.times for stretch in self.stretches])

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """First row and row after the last of each stretch."""
        ends = np.cumsum([len(stretch.rows) for stretch in self.stretches]).tolist()
        return list(zip([0, *ends[:-1]], ends, strict=True))

    def column(self, name: str) -> Array:
        """The values of one quantity over all rows, in its own unit.

        Raises NameUnknown.
        """
        if name not in self.units:
            raise NameUnknown(f"{self.labels.name} has no quantity {shown(name)}{did_you_mean(name, self.units)}")
        return np.concatenate([self._values(number, name) for number in range(len(self.stretches))])

    def _values(self, number: int, name: str) -> Array:
        stretch = self.stretches[number]
        labels = stretch.program.labels
        kind, place = self._index(stretch.program)[name]
        if kind == "state":
            return stretch.rows[:, 1 + place]
        if kind == "quadrature":
            return stretch.rows[:, 1 + len(labels.states) + place]
        if kind == "parameter":
            return np.full(len(stretch.rows), stretch.parameters[place])
        return self._observed[number][:, place]

    def _index(self, program: Program) -> dict[str, tuple[Kind, int]]:
        """Where each name of a program is found."""
        if id(program) not in self._places:
            self._places[id(program)] = places_of(program.labels)
        return self._places[id(program)]

    @cached_property
    def _observed(self) -> list[Array]:
        """Definitions of every stretch; stretches that share program and parameters are computed in one go."""
        groups: dict[tuple[int, bytes], list[int]] = {}
        for number, stretch in enumerate(self.stretches):
            groups.setdefault((id(stretch.program), stretch.parameters.tobytes()), []).append(number)
        found: dict[int, Array] = {}
        for numbers in groups.values():
            parts = [self.stretches[number] for number in numbers]
            values = parts[0].program.observe(np.concatenate([part.times for part in parts]),
                                              np.concatenate([part.states for part in parts]), parts[0].parameters)
            cuts = np.cumsum([len(part.rows) for part in parts])[:-1]
            found.update(zip(numbers, np.split(values, cuts), strict=True))
        return [found[number] for number in range(len(self.stretches))]


def units_of(labels: Labels) -> dict[str, str]:
    """Unit of every state, definition, quadrature and parameter, by name."""
    things: tuple[_Named, ...] = (*labels.states, *labels.definitions, *labels.quadratures, *labels.parameters)
    return {thing.name: thing.unit for thing in things}


def places_of(labels: Labels) -> dict[str, tuple[Kind, int]]:
    """In which array of a program, and where in it, each name is found."""
    kinds: tuple[tuple[Kind, tuple[_Named, ...]], ...] = (
        ("state", labels.states), ("definition", labels.definitions),
        ("quadrature", labels.quadratures), ("parameter", labels.parameters))
    return {thing.name: (kind, place) for kind, things in kinds for place, thing in enumerate(things)}


def values_at(program: Program, time: float, y: Array, q: Array, p: Array) -> dict[str, float]:
    """Every quantity at one point, by name."""
    labels = program.labels
    observed = program.observe(np.array([time]), np.ascontiguousarray(y)[np.newaxis, :], p)[0]
    values = zip((*labels.states, *labels.definitions, *labels.quadratures, *labels.parameters),
                 (*y, *observed, *q, *p), strict=True)
    return {label.name: float(value) for label, value in values}
