"""What a run leaves behind: stretches of output rows, each under its own parameters, joined by name.

A stretch is one uninterrupted piece of integration. Programs may differ between stretches (another ion closes the
charge), so a quantity that is a state in one can be a definition in the next; `Record.column` hides that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.solve.program import Labels, Program

Array = NDArray[np.float64]


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
class _Group:
    """All rows under one program and one set of parameters, and where they stand in the run."""

    program: Program
    parameters: Array
    rows: Array
    numbers: NDArray[np.intp] | slice

    @cached_property
    def observed(self) -> Array:
        states = np.ascontiguousarray(self.rows[:, 1:1 + len(self.program.labels.states)])
        return self.program.observe(self.rows[:, 0].copy(), states, self.parameters)

    def values(self, name: str) -> Array | float:
        """The values of one quantity in these rows."""
        kind, place = self.program.labels.places[name]
        if kind == "definition":
            return self.observed[:, place]
        if kind == "parameter":
            return float(self.parameters[place])
        first = 1 if kind == "state" else 1 + len(self.program.labels.states)
        return self.rows[:, first + place]


@dataclass
class Record:
    """The stretches of a run in their order, the columns that run through them, and remarks on how it went."""

    stretches: list[Stretch] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def labels(self) -> Labels:
        """Names and units; those of the first program stand for all."""
        return self.stretches[0].program.labels

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of every quantity, by name."""
        return self.labels.units

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
        column = np.empty(len(self.times))
        for group in self._groups:
            column[group.numbers] = group.values(name)
        return column

    def across_edges(self, name: str) -> Array:
        """A quantity at the begin of each stretch as its parameters alone make it of the state before.

        What a constraint holds, such as a volume under instant osmosis, follows at once. nan where a stretch does not go on
        from the one before.
        """
        members: dict[tuple[int, bytes], list[int]] = {}
        for number, stretch in enumerate(self.stretches):
            if number and stretch.joined:
                members.setdefault((id(stretch.program), stretch.parameters.tobytes()), []).append(number)
        values = np.full(len(self.stretches), np.nan)
        for numbers in members.values():
            first = self.stretches[numbers[0]]
            rows = np.array([_carried(self.stretches[number - 1], self.stretches[number]) for number in numbers])
            values[numbers] = _Group(first.program, first.parameters, rows, np.array(numbers)).values(name)
        return values

    @cached_property
    def _groups(self) -> list[_Group]:
        """Stretches that share program and parameters, put together: a train of pulses has two groups, not thousands."""
        members: dict[tuple[int, bytes], list[int]] = {}
        for number, stretch in enumerate(self.stretches):
            members.setdefault((id(stretch.program), stretch.parameters.tobytes()), []).append(number)
        groups = []
        for numbers in members.values():
            first = self.stretches[numbers[0]]
            if len(numbers) == 1:  # its rows lie together, and nothing is copied
                groups.append(_Group(first.program, first.parameters, first.rows, slice(*self.bounds[numbers[0]])))
                continue
            rows = np.concatenate([self.stretches[number].rows for number in numbers])
            places = np.concatenate([np.arange(*self.bounds[number]) for number in numbers])
            groups.append(_Group(first.program, first.parameters, rows, places))
        return groups


def _carried(before: Stretch, after: Stretch) -> Array:
    """The first row of a stretch as the one before left it; states without a mass as they are after."""
    row: Array = after.rows[0].copy()
    states = after.program.labels.states
    if before.program is after.program:
        left = before.rows[-1, 1:1 + len(states)]
    else:
        q = before.rows[-1, 1 + len(before.program.labels.states):]
        known = values_at(before.program, before.rows[-1, 0], before.states[-1], q, before.parameters)
        left = np.array([known[state.name] for state in states])
    row[1:1 + len(states)] = np.where([state.mass != 0.0 for state in states], left, row[1:1 + len(states)])
    return row


def values_at(program: Program, time: float, y: Array, q: Array, p: Array) -> dict[str, float]:
    """Every quantity at one point, by name."""
    labels = program.labels
    observed = program.observe(np.array([time]), np.ascontiguousarray(y)[np.newaxis, :], p)[0]
    return dict(zip(labels.units, (*y.tolist(), *observed.tolist(), *q.tolist(), *p.tolist()), strict=True))
