"""The solver's memory: one flat block of 8-byte places that generated code and numpy share.

It holds everything that a run needs to go on, so that a copy of its bytes is a saved run. Fixed fields come first; two
arrays of run-time length, the output times and the output rows, follow them.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import FormatError

Array = NDArray[np.float64]

# t: of the accepted point, t_rest: what rounding left of its sum; t_before, h_taken: the last step, of which dense0..2 are
# the output between its ends. h: the next step, h_max: the guard (0: none). error: of the last accepted step, over what is
# allowed. t_event: where the event that is due lies. t_changed: of method; h_stiff, h_explicit: the last step of each
# method before it was left.
REALS = ("t", "t_rest", "t_before", "h_taken", "h", "h_max", "rtol", "error", "t_event", "t_changed", "h_stiff",
         "h_explicit")
# restart: the point was changed from outside; rejected: the last attempt was; finite: it gave numbers; fault: the state that
# failed. due: the event that lies ahead (-1: none), arrived: its point is reached, event: the last that fired. every_step:
# write each step, unwritten: one is still to be written; grid_..., capacity, filled: output times and rows. switches:
# whether the method may change, explicit: which it is; against, favour: steps that speak for a change and for staying,
# stay: steps since the last change; patience, trust: how many it takes to leave the explicit and the stiff method.
COUNTERS = ("restart", "rejected", "finite", "fault", "accepts", "rejects", "due", "arrived", "event",
            "every_step", "unwritten", "grid_count", "grid_next", "capacity", "filled",
            "switches", "explicit", "explicit_steps", "against", "favour", "stay", "patience", "trust")

# the words of one member's order to `advance_members` (see compile.members)
ORDER = ("memory", "parameters", "t_end", "outcome", "next")

_MAGIC, _FORMAT = b"PUMPMEM\0", 1
_HEADER = struct.Struct("<8sq32s32sq")


@dataclass(frozen=True)
class Layout:
    """How many numbers of each kind a program keeps.

    `z` holds the states and, after them, the quadratures; `z_rest` what rounding left of their last step.
    """

    states: int
    quadratures: int = 0
    least: int = 0
    events: int = 0

    @property
    def width(self) -> int:
        """Numbers in one output row: time, states, quadratures."""
        return 1 + self.states + self.quadratures

    @cached_property
    def fields(self) -> dict[str, tuple[str, int | None]]:
        """Name -> (kind, length; None for a single number), in their order; `tail` is where the open arrays begin."""
        both = self.states + self.quadratures
        arrays = {"atol": self.states, "z": both, "z_rest": both, "z_before": both, "dense0": both, "dense1": both,
                  "dense2": both, "least": self.least, "most": self.least, "triggers": self.events, "tail": 0}
        fields: dict[str, tuple[str, int | None]] = {name: ("f8", None) for name in REALS}
        fields.update({name: ("i8", None) for name in COUNTERS})
        fields.update({name: ("f8", length) for name, length in arrays.items()})
        return fields

    @cached_property
    def places(self) -> dict[str, int]:
        """Name -> first place."""
        sizes = [1 if length is None else length for _, length in self.fields.values()]
        return dict(zip(self.fields, accumulate(sizes, initial=0), strict=False))

    @property
    def mark(self) -> bytes:
        """A digest of names, kinds and places, by which a saved run is recognised."""
        return sha256(repr((list(self.fields.items()), sys.byteorder)).encode()).digest()


class Memory:
    """A run in progress: always at an accepted point, ready to go on, to be saved or to be looked at."""

    def __init__(self, layout: Layout, capacity: int, grid: ArrayLike = (), key: str = "") -> None:
        times = np.ascontiguousarray(grid, dtype=np.float64)
        self.layout, self.key = layout, key
        self._hold(np.zeros(layout.places["tail"] + times.size + capacity * layout.width))
        self.set_count("capacity", capacity)
        self.set_count("grid_count", times.size)
        self._tail[:times.size] = times

    def _hold(self, block: Array) -> None:
        """Take a block; its address is what generated code is given, and the block is never exchanged for another."""
        self.block, self._whole, self.address = block, block.view(np.int64), int(block.ctypes.data)

    def __reduce__(self) -> tuple[Callable[..., Memory], tuple[Layout, str, Array]]:
        """Copies, and what another process unpickles, hold a block of their own."""
        return _holding, (self.layout, self.key, self.block)

    @property
    def _tail(self) -> Array:
        return self.block[self.layout.places["tail"]:]

    def real(self, name: str) -> float:
        """The value of a single real field."""
        return float(self.block[self.layout.places[name]])

    def set_real(self, name: str, value: float) -> None:
        """Change a single real field."""
        self.block[self.layout.places[name]] = value

    def count(self, name: str) -> int:
        """The value of a counter."""
        return int(self._whole[self.layout.places[name]])

    def set_count(self, name: str, value: int) -> None:
        """Change a counter."""
        self._whole[self.layout.places[name]] = value

    def array(self, name: str) -> Array:
        """A view of an array of fixed length."""
        start, length = self.layout.places[name], self.layout.fields[name][1]
        return self.block[start:start + (length or 0)]

    @property
    def t(self) -> float:
        """Time of the accepted point. [ms]"""
        return self.real("t")

    @property
    def y(self) -> Array:
        """The states there: a view, to be changed only together with `restart`."""
        return self.array("z")[:self.layout.states]

    @property
    def q(self) -> Array:
        """The quadratures there: a view."""
        return self.array("z")[self.layout.states:]

    @property
    def steps(self) -> int:
        """Steps tried so far, accepted and refused."""
        return self.count("accepts") + self.count("rejects")

    @property
    def event(self) -> int:
        """Index of the event that ended the last stretch, -1 before the first."""
        return self.count("event")

    @property
    def fault(self) -> int:
        """Index of the state at fault after a failure; quadratures count on after the states."""
        return self.count("fault")

    @property
    def least(self) -> Array:
        """Least rate so far of each quadrature that keeps it."""
        return self.array("least")

    @property
    def most(self) -> Array:
        """Largest magnitude so far of the same rates."""
        return self.array("most")

    @property
    def rows(self) -> Array:
        """Output so far (rows, 1 + states + quadratures): time, states, quadratures; a view."""
        start, width = self.count("grid_count"), self.layout.width
        return self._tail[start:start + self.count("filled") * width].reshape(-1, width)

    def take(self) -> Array:
        """Take the output rows out, so that there is room again."""
        rows = self.rows.copy()
        self.set_count("filled", 0)
        return rows

    def restart(self) -> None:
        """Tell the solver that parameters or states were changed: it finds a fresh first step.

        Not between FULL and the next `advance`, which has rows of the last step still to write.
        """
        self.set_real("h", 0.0)
        self.set_count("restart", 1)
        self.set_count("unwritten", 1)

    def save(self) -> bytes:
        """The run as bytes, from which it goes on bit by bit as if it had not been stopped."""
        body = self.block.tobytes()
        key = sha256(self.key.encode()).digest()
        return _HEADER.pack(_MAGIC, _FORMAT, self.layout.mark, key, len(body)) + body + sha256(body).digest()

    @classmethod
    def restored(cls, data: bytes, layout: Layout, key: str = "") -> Memory:
        """The run that `save` wrote.

        Raises FormatError for bytes that are damaged, cut short, of another format or of another program.
        """
        _check(data, layout, key)
        return _holding(layout, key, np.frombuffer(data[_HEADER.size:-32], dtype=np.float64))


def _holding(layout: Layout, key: str, block: Array) -> Memory:
    """A memory with a copy of this block."""
    memory = Memory.__new__(Memory)
    memory.layout, memory.key = layout, key
    memory._hold(block.copy())
    return memory


def _check(data: bytes, layout: Layout, key: str) -> None:
    if len(data) < _HEADER.size + 32:
        raise FormatError(f"a saved run has at least {_HEADER.size + 32} bytes, this has {len(data)}; it was cut short")
    magic, number, mark, owner, length = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise FormatError(f"a saved run begins with {_MAGIC!r}, this begins with {magic!r}")
    if number != _FORMAT:
        raise FormatError(f"a saved run of format {number}; this version of pumpleak reads format {_FORMAT}")
    if mark != layout.mark or owner != sha256(key.encode()).digest():
        raise FormatError(f"a saved run of another model or machine (mark {mark.hex()[:12]}); "
                          f"it can go on only with the program that began it ({layout.mark.hex()[:12]})")
    body = data[_HEADER.size:-32]
    if len(body) != length or length % 8 or sha256(body).digest() != data[-32:]:
        raise FormatError(f"a saved run of {length} bytes whose {len(body)} bytes do not match their checksum; "
                          "it is damaged")
