"""What a compiled model offers to everything that solves it, and the plain data that names its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.domains import Domain
from pumpleak.solve.layout import Layout, Memory
from pumpleak.solve.status import Status

Array = NDArray[np.float64]
Method = Literal["automatic", "stiff", "explicit"]
Kind = Literal["state", "quadrature", "definition", "parameter"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True)
class StateLabel:
    """A state: start value, the size by which its error is judged, and its entry of M (0: algebraic)."""

    name: str
    unit: str
    initial: float
    scale: float
    mass: float = 1.0


@dataclass(frozen=True)
class ParameterLabel:
    """A parameter, the value it has unless another is given, and which values it can have."""

    name: str
    unit: str
    value: float
    source: str = ""
    domain: Domain = "any"


@dataclass(frozen=True)
class DefinitionLabel:
    """A quantity that `observe` returns."""

    name: str
    unit: str


@dataclass(frozen=True)
class QuadratureLabel:
    """A running integral; `least` says that the extremes of its rate are kept."""

    name: str
    unit: str
    least: bool = False


@dataclass(frozen=True)
class EventLabel:
    """An event and what the caller does after it: "restart", "dependent", "stop" or "fail"."""

    name: str
    action: str = "restart"


@dataclass(frozen=True)
class Labels:
    """Names, units and start values of a program's numbers, in their order; plain data, so that it passes through JSON.

    `books` and `sources` are kept as they came, for the ledger and for citations; `guard` [ms] is the longest step.
    """

    name: str
    states: tuple[StateLabel, ...] = ()
    parameters: tuple[ParameterLabel, ...] = ()
    definitions: tuple[DefinitionLabel, ...] = ()
    quadratures: tuple[QuadratureLabel, ...] = ()
    events: tuple[EventLabel, ...] = ()
    guard: float = 0.0
    conservation: str = "enforced"
    title: str = ""
    books: dict[str, Any] | None = None
    sources: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        """The memory that a run of it needs."""
        return Layout(len(self.states), len(self.quadratures), sum(q.least for q in self.quadratures), len(self.events))

    @cached_property
    def places(self) -> dict[str, tuple[Kind, int]]:
        """In which array of a program, and where in it, each name is found."""
        return {thing.name: (kind, place) for kind, things in self._things.items() for place, thing in enumerate(things)}

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of every state, definition, quadrature and parameter, by name."""
        return {thing.name: thing.unit for things in self._things.values() for thing in things}

    @property
    def _things(self) -> dict[Kind, tuple[_Named, ...]]:
        return {"state": self.states, "definition": self.definitions, "quadrature": self.quadratures,
                "parameter": self.parameters}

    def initial(self) -> Array:
        """Start values of the states."""
        return np.array([state.initial for state in self.states])

    def values(self) -> Array:
        """Values of the parameters."""
        return np.array([parameter.value for parameter in self.parameters])

    def to_plain(self) -> dict[str, Any]:
        """The labels as dictionaries, lists, texts and numbers."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Labels:
        """The labels from what `to_plain` gave, also after a passage through JSON."""
        kinds = {"states": StateLabel, "parameters": ParameterLabel, "definitions": DefinitionLabel,
                 "quadratures": QuadratureLabel, "events": EventLabel}
        lists = {name: tuple(kind(**entry) for entry in plain[name]) for name, kind in kinds.items()}
        return cls(**{**plain, **lists, "sources": tuple(plain["sources"]), "notes": tuple(plain["notes"]),
                      "remarks": tuple(plain["remarks"])})


class Program(Protocol):
    """M y' = f(t, y, p) and all that hangs on it, compiled.

    y (states,), q (quadratures,), p (parameters,) are contiguous arrays of float64 in internal units, t in ms.
    """

    @property
    def labels(self) -> Labels:
        """Names and start values."""

    def rhs(self, t: float, y: Array, p: Array) -> Array:
        """f (states,)."""

    def quadrature_rates(self, t: float, y: Array, p: Array) -> Array:
        """Rates of the quadratures (quadratures,)."""

    def jacobian(self, t: float, y: Array, p: Array) -> Array:
        """df/dy (states, states)."""

    def observe(self, t: ArrayLike, y: Array, p: Array) -> Array:
        """All definitions at given points: t (rows,), y (rows, states) -> (rows, definitions)."""

    def start(self, t: float, y: Array, q: Array, p: Array, *, rtol: float, h_max: float = 0.0, capacity: int = 1024,
              grid: ArrayLike | None = None, every_step: bool = False, method: Method = "automatic") -> Memory:
        """A run about to begin at t.

        Output: at the times of `grid` (ascending, from t on), or at the start and after every accepted step. `method`: the
        stiff or the explicit one alone, or whichever is the cheaper at each time.
        """

    def advance(self, memory: Memory, p: Array, budget: int, t_end: float) -> Status:
        """Go on towards t_end for at most `budget` steps; the memory is then at an accepted point."""

    def restore(self, data: bytes) -> Memory:
        """The run that `Memory.save` wrote."""
