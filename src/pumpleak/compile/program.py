"""A compiled model: arrays in, arrays out. Made from labels and an object alone, without generator or System."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import ModelError
from pumpleak.compile.native import Loaded
from pumpleak.solve import controller
from pumpleak.solve.layout import ORDER, Memory
from pumpleak.solve.program import Labels, Method
from pumpleak.solve.status import Status

Array = NDArray[np.float64]

MOST_STEPS = 2**62  # in one call: added to the steps that were taken it must still be a whole number of 64 bits
ENTRIES = ("advance", "rates_at", "jacobian", "observe")
_ADDRESS, _COUNT, _REAL = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double


class CompiledProgram:
    """M y' = f(t, y, p) in machine code; see `pumpleak.solve.program.Program`."""

    def __init__(self, labels: Labels, code: bytes) -> None:
        self._labels, self._layout, self.code = labels, labels.layout, code
        self._key = sha256(code).hexdigest()
        self._scales = np.array([state.scale for state in labels.states])
        self._algebraic = tuple(state.name for state in labels.states if not state.mass)
        self._loaded = Loaded(code, ENTRIES)
        self._advance = self._loaded.function("advance", _COUNT, [_ADDRESS, _ADDRESS, _COUNT, _REAL])
        self._rates = self._loaded.function("rates_at", None, [_REAL, _ADDRESS, _ADDRESS, _ADDRESS])
        self._jacobian = self._loaded.function("jacobian", None, [_REAL, _ADDRESS, _ADDRESS, _ADDRESS])
        self._observe = self._loaded.function("observe", None, [_COUNT, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS])

    @property
    def labels(self) -> Labels:
        """Names, units and start values."""
        return self._labels

    def _states(self, y: ArrayLike) -> Array:
        return _checked(y, len(self._labels.states), "states", self._labels.name)

    def _parameters(self, p: ArrayLike) -> Array:
        return _checked(p, len(self._labels.parameters), "parameters", self._labels.name)

    def _both(self, t: float, y: ArrayLike, p: ArrayLike) -> Array:
        states, parameters, out = self._states(y), self._parameters(p), np.empty(self._layout.width - 1)
        self._rates(t, states.ctypes.data, parameters.ctypes.data, out.ctypes.data)
        return out

    def rhs(self, t: float, y: ArrayLike, p: ArrayLike) -> Array:
        """f of M y' = f(t, y, p) (states,)."""
        return self._both(t, y, p)[:self._layout.states]

    def quadrature_rates(self, t: float, y: ArrayLike, p: ArrayLike) -> Array:
        """Rates of the quadratures (quadratures,)."""
        return self._both(t, y, p)[self._layout.states:]

    def jacobian(self, t: float, y: ArrayLike, p: ArrayLike) -> Array:
        """df/dy (states, states)."""
        states, parameters = self._states(y), self._parameters(p)
        out = np.zeros((states.size, states.size))
        self._jacobian(t, states.ctypes.data, parameters.ctypes.data, out.ctypes.data)
        return out

    def observe(self, t: ArrayLike, y: ArrayLike, p: ArrayLike) -> Array:
        """All definitions at given points: t (rows,), y (rows, states) -> (rows, definitions)."""
        times = np.ascontiguousarray(t, dtype=np.float64).reshape(-1)
        states = _checked(y, times.size * self._layout.states, f"states of {times.size} points", self._labels.name)
        parameters = self._parameters(p)
        out = np.empty((times.size, len(self._labels.definitions)))
        if out.size:
            self._observe(times.size, times.ctypes.data, states.ctypes.data, parameters.ctypes.data, out.ctypes.data)
        return out

    def start(self, t: float, y: ArrayLike, q: ArrayLike, p: ArrayLike, *, rtol: float, h_max: float = 0.0,
              capacity: int = 1024, grid: ArrayLike | None = None, every_step: bool = False,
              method: Method = "automatic") -> Memory:
        """A run about to begin at t; output at the times of `grid`, or at the start and after every accepted step.

        Raises ModelError for tolerances, step limits, times or row numbers that make no sense.
        """
        times = np.array([] if grid is None else grid, dtype=np.float64).reshape(-1)
        self._check_start(t, rtol, h_max, capacity, times)
        self._parameters(p)
        memory = Memory(self._layout, capacity, times, self._key)
        memory.y[:] = self._states(y)
        memory.q[:] = _checked(q, self._layout.quadratures, "quadratures", self._labels.name)
        memory.array("atol")[:] = rtol * self._scales
        memory.least[:] = np.inf
        for name, value in {"t": t, "rtol": rtol, "h_max": h_max, "h_taken": 1.0, "error": 1.0}.items():
            memory.set_real(name, value)
        for name, count in {"finite": 1, "due": -1, "event": -1, "every_step": int(every_step),
                            **self._method(method)}.items():
            memory.set_count(name, count)
        memory.restart()
        return memory

    def _method(self, method: Method) -> dict[str, int]:
        """Counters that say which methods are used; algebraic equations leave only the stiff one."""
        if method == "explicit" and self._algebraic:
            raise ModelError(f"{self._labels.name}: {', '.join(self._algebraic)} follow from algebraic equations, for which "
                             "there is no explicit method; choose 'automatic' or 'stiff'")
        explicit = method != "stiff" and not self._algebraic
        return {"explicit": int(explicit), "switches": int(method == "automatic"), "patience": controller.PATIENCE,
                "trust": controller.TRUST}

    def _check_start(self, t: float, rtol: float, h_max: float, capacity: int, grid: Array) -> None:
        name = self._labels.name
        if not isfinite(t):
            raise ModelError(f"{name}: a run cannot begin at {t:g} ms; give a finite time")
        if not 1e-14 <= rtol < 1.0:
            raise ModelError(f"{name}: a relative tolerance of {rtol:g} cannot be met; choose one such as 1e-8")
        if not h_max >= 0.0:
            raise ModelError(f"{name}: the longest step is {h_max:g} ms; give a positive time, or 0 for no limit")
        if capacity < 1:
            raise ModelError(f"{name}: room for {capacity} output rows; give at least 1")
        if grid.size and not (t <= grid[0] and grid[-1] < inf and (grid[1:] >= grid[:-1]).all()):
            raise ModelError(f"{name}: output times from {grid[0]:g} to {grid[-1]:g} ms; "
                             f"give finite, ascending times from {t:g} ms on")

    def advance(self, memory: Memory, p: ArrayLike, budget: int, t_end: float) -> Status:
        """Go on towards t_end for at most `budget` steps; the memory is then at an accepted point."""
        if memory.layout != self._layout:
            raise ModelError(f"{self._labels.name}: the memory is that of another program ({memory.layout}); "
                             f"begin one with start ({self._layout})")
        if not isfinite(t_end) or not 0 <= budget <= MOST_STEPS:
            raise ModelError(f"{self._labels.name}: cannot advance to {t_end:g} ms in {budget} steps; "
                             "give a finite time and a number of steps")
        parameters = self._parameters(p)
        return Status(self._advance(memory.address, parameters.ctypes.data, budget, t_end))

    def restore(self, data: bytes) -> Memory:
        """The run that `Memory.save` wrote; it goes on bit by bit as if it had not been stopped."""
        return Memory.restored(data, self._layout, self._key)


class Halt:
    """A sign to stop, which one thread gives and `CompiledMembers.advance` in another sees after the step it is at."""

    def __init__(self) -> None:
        self.word = np.zeros(1, dtype=np.int64)

    def set(self) -> None:
        """Let whoever looks at it stop."""
        self.word[0] = 1

    @property
    def is_set(self) -> bool:
        """Whether it was given."""
        return bool(self.word[0])


class CompiledMembers:
    """Many runs of one program at once, `lanes` of them side by side in the registers of the CPU.

    A member's numbers are the same bit by bit whatever the other members are, in whatever order they come.
    """

    def __init__(self, labels: Labels, code: bytes, lanes: int) -> None:
        self.labels, self.lanes, self._layout = labels, lanes, labels.layout
        self._loaded = Loaded(code, ("advance_members",))
        self._advance = self._loaded.function("advance_members", None, [_ADDRESS, _COUNT, _COUNT, _ADDRESS])

    def advance(self, memories: Sequence[Memory], p: ArrayLike, t_end: ArrayLike, budget: int,
                halt: Halt | None = None) -> list[Status]:
        """Go on with every member towards its t_end, for at most `budget` steps each.

        p (members, parameters), t_end one for all or (members,).

        Raises ModelError for memories of another program, and for numbers of members that differ.
        """
        count, name = len(memories), self.labels.name
        parameters = _checked(p, count * len(self.labels.parameters), f"parameters of {count} members", name)
        ends = np.broadcast_to(np.asarray(t_end, dtype=np.float64), (count,))
        if not np.all(np.isfinite(ends)) or not 0 <= budget <= MOST_STEPS:
            raise ModelError(f"{name}: members cannot advance to {np.min(ends):g} to {np.max(ends):g} ms in {budget} steps; "
                             "give finite times and a number of steps")
        if len({id(memory) for memory in memories}) < count:
            raise ModelError(f"{name}: one of the {count} memories was given twice; each member needs its own")
        for memory in memories:
            if memory.layout != self._layout:
                raise ModelError(f"{name}: a member's memory is that of another program ({memory.layout}); begin each with "
                                 f"start ({self._layout})")
        if not count:
            return []
        orders = np.zeros((count, len(ORDER)), dtype=np.int64)
        orders[:, ORDER.index("memory")] = [memory.address for memory in memories]
        each = len(self.labels.parameters) * parameters.itemsize
        orders[:, ORDER.index("parameters")] = parameters.ctypes.data + np.arange(count) * each
        orders[:, ORDER.index("t_end")] = np.ascontiguousarray(ends).view(np.int64)
        sign = halt or Halt()  # it has to live as long as the call
        self._advance(orders.ctypes.data, count, budget, sign.word.ctypes.data)
        return [Status(outcome) for outcome in orders[:, ORDER.index("outcome")]]


def _checked(values: ArrayLike, count: int, what: str, name: str) -> Array:
    array = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
    if array.size != count:
        raise ModelError(f"{name}: {array.size} {what} were given; expected {count}")
    return array


def load_program(labels: Mapping[str, Any] | Labels, code: bytes) -> CompiledProgram:
    """A program from its labels (as they come from JSON, too) and its object."""
    return CompiledProgram(labels if isinstance(labels, Labels) else Labels.from_plain(labels), code)
