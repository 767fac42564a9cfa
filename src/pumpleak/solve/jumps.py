"""A jump process as numbers: its tables, and the memory of many copies of it that generated code and numpy share.

Everything that a copy needs to go on stands in its memory, and what it draws follows from (seed, number of the copy, number
of the jump) alone: a trajectory is the same however it is sliced and whatever other copies there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

# The words of an order to `advance_copies` (see compile.jumps). Those in capitals are addresses; `filled` counts the rows of
# EVENTS (number of the copy, transition, time) that are written, of which there is room for `rows`.
ORDER = ("width", "transitions", "states", "quantities", "samples", "rows", "filled", "seed", "COPIES", "DWELLS", "CUMULATED",
         "ARRIVALS", "TAKEN", "MOVED", "TIMES", "SAMPLED", "EVENTS")
# The words of a copy; then how often it took each transition, and for each state the sum of its dwells.
HEAD = ("t", "state", "jumps", "number", "sample")
EVENT = 3  # words of a row of EVENTS
ENTRY = "advance_copies"


@dataclass(frozen=True)
class Jumps:
    """States and the transitions between them: where each leads from and to, its rate, and what it adds to each quantity.

    rates [1/ms] (transitions,). moved (quantities, transitions). start (states,): chance of each state at the beginning.
    """

    name: str
    states: tuple[str, ...]
    sources: Indices
    targets: Indices
    rates: Array
    moved: Array
    start: Array

    @cached_property
    def begin(self) -> int:
        """The state before the first one, in which no time is spent; its transitions, after all others, lead to the states."""
        return len(self.states)

    @cached_property
    def width(self) -> int:
        """The most transitions that lead out of one state."""
        return int(max(self.begin, *np.bincount(self.sources, minlength=1)))

    @cached_property
    def tables(self) -> tuple[Array, Array, Indices, Indices]:
        """Mean dwell of each state [ms]; in rows of `width`: cumulated chances, states arrived at, transitions taken."""
        sources = np.concatenate([self.sources, np.full(self.begin, self.begin)])
        targets = np.concatenate([self.targets, np.arange(self.begin)])
        rates = np.concatenate([self.rates, self.start])
        dwells, shape = np.zeros(self.begin + 1), (self.begin + 1, self.width)
        cumulated, arrivals, taken = np.full(shape, np.inf), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for state in range(self.begin + 1):
            out = np.flatnonzero((sources == state) & (rates > 0.0))
            total = float(rates[out].sum())
            if state != self.begin:
                dwells[state] = 1.0 / total if total > 0.0 else np.inf
            if out.size:  # the last has no end, so that rounding of the sum leaves no gap
                cumulated[state, :out.size - 1] = np.cumsum(rates[out])[:-1] / total
                arrivals[state, :out.size], taken[state, :out.size] = targets[out], np.minimum(out, len(self.rates))
        return dwells, cumulated, arrivals, taken


class Copies:
    """Many copies of a jump process: where each stands, what it has done, its samples and the events of the first ones.

    count: how many, the first of which has the number `first`. times [ms]: when quantities are sampled. rows: room for events,
    which copies fill one after the other.
    """

    def __init__(self, jumps: Jumps, count: int, times: Array, rows: int, seed: int, first: int = 0) -> None:
        self.jumps, self.first = jumps, first
        transitions, states, quantities = len(jumps.rates) + 1, len(jumps.states) + 1, len(jumps.moved)
        self.memory = np.zeros((count, len(HEAD) + transitions + states), dtype=np.int64)
        self._word("state")[:], self._word("number")[:] = jumps.begin, first + np.arange(count)
        self.sampled = np.zeros((count, len(times), quantities))
        self._events = np.zeros((rows, EVENT), dtype=np.int64)
        moved = np.hstack([jumps.moved, np.zeros((quantities, 1))])  # nothing moves when a copy begins
        dwells, cumulated, arrivals, taken = jumps.tables
        self._held = {"COPIES": self.memory, "DWELLS": dwells, "CUMULATED": cumulated, "ARRIVALS": arrivals, "TAKEN": taken,
                      "MOVED": moved, "TIMES": np.array(times, dtype=np.float64), "SAMPLED": self.sampled,
                      "EVENTS": self._events}
        numbers = {"width": jumps.width, "transitions": transitions, "states": states, "quantities": quantities,
                   "samples": len(times), "rows": rows, "filled": 0, "seed": seed,
                   **{name: array.ctypes.data for name, array in self._held.items()}}
        self._order = np.array([numbers[name] for name in ORDER], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.memory)

    @property
    def order(self) -> int:
        """The address of the order to `advance_copies`."""
        return int(self._order.ctypes.data)

    @property
    def jumped(self) -> int:
        """How many jumps all copies have made, their beginning among them."""
        return int(self._word("jumps").sum())

    @property
    def state(self) -> Indices:
        """Where each copy is."""
        return self._word("state").copy()

    @property
    def last(self) -> Array:
        """When each copy came there. [ms]"""
        return self._reals(HEAD.index("t"), 1)[:, 0]

    @property
    def counts(self) -> Indices:
        """How often each copy took each transition (copies, transitions)."""
        return self.memory[:, len(HEAD):len(HEAD) + len(self.jumps.rates)].copy()

    @property
    def dwelt(self) -> Array:
        """Time that each copy spent in each state until it left it last (copies, states). [ms]"""
        return self._reals(len(HEAD) + len(self.jumps.rates) + 1, len(self.jumps.states))

    @property
    def events(self) -> tuple[Indices, Indices, Array]:
        """Numbers of the copies, transitions (as many as there are: the beginning) and times [ms] of what is recorded."""
        rows = self._events[:int(self._order[ORDER.index("filled")])]
        return rows[:, 0].copy(), rows[:, 1].copy(), np.ascontiguousarray(rows[:, 2]).view(np.float64)

    def _word(self, name: str) -> Indices:
        return self.memory[:, HEAD.index(name)]

    def _reals(self, start: int, length: int) -> Array:
        return np.ascontiguousarray(self.memory[:, start:start + length]).view(np.float64)
