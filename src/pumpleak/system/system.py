"""System: an ordered, named set of definitions and rates, M y' = f(t, y, p), with the books the ledger reads.

Every cell, scheme or foreign model lowers to this one form. Definitions keep their names, units and sources and are
never flattened here, so that exports, messages and figures can use them; flattening happens in `compile`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pumpleak.base.domains import Domain
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.base.sources import Source
from pumpleak.system.books import Books
from pumpleak.system.expression import Expression, substitute, symbols

Conservation = Literal["enforced", "reported"]
Action = Literal["restart", "dependent", "stop", "fail"]
TIME = "time"


@dataclass(frozen=True)
class State:
    """One unknown: its start value, the size by which its error is judged, and its entry of M (0: algebraic)."""

    name: str
    unit: str
    initial: float
    scale: float
    mass: float = 1.0


@dataclass(frozen=True)
class Parameter:
    """A number given from outside; a run-time argument, so that changing it never recompiles. `domain`: what it can be."""

    name: str
    unit: str
    value: float
    source: str = ""
    domain: Domain = "any"


@dataclass(frozen=True)
class Definition:
    """A named quantity that follows from others."""

    name: str
    unit: str
    expression: Expression
    source: str = ""


@dataclass(frozen=True)
class Quadrature:
    """A running integral of `rate` over time; `least` also keeps the least rate over all accepted steps."""

    name: str
    unit: str
    rate: Expression
    least: bool = False


@dataclass(frozen=True)
class Event:
    """What happens when `trigger` rises through zero: states are set, then the solver restarts, or the caller acts.

    `dependent`: another ion has to close the charge. `stop`: the run ends here. `fail`: it cannot go on, for the reason
    that is the event's name.
    """

    name: str
    trigger: Expression
    assignments: Mapping[str, Expression] = field(default_factory=dict)
    action: Action = "restart"


@dataclass(frozen=True)
class Block:
    """`count` copies of one template; the states of member i are named `name[i].state`."""

    name: str
    template: System
    count: int


@dataclass(frozen=True)
class Coupling:
    """Edges between members of a block: terms written with `here.` and `there.` are added to the rates of both.

    `pairs` are the members (here, there); `parameters` are shared by all edges.
    """

    name: str
    block: str
    pairs: tuple[tuple[int, int], ...]
    contributions: Mapping[str, Expression]  # "here.state" or "there.state" -> term of its rate
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class System:
    """A model as the solver, the exporters and the ledger see it.

    `rates` gives the right-hand side of M y' = f for every state. `guard` [ms] is the longest step an excitable system
    allows (0: no limit). `excitable` names, for each membrane, the state that says its potential and the gates of its
    channels: while none of them can fire, longer steps are allowed (see `compile.calm`). `conservation` says whether a
    breach found by the ledger is an error or a finding. `notes` stand with the model; `remarks` say what follows from the
    numbers it was given and may not have been meant.

    Raises ModelError for names used twice, rates without state, definitions in a circle; NameUnknown for a symbol that
    nothing defines.
    """

    name: str
    states: tuple[State, ...] = ()
    rates: Mapping[str, Expression] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    quadratures: tuple[Quadrature, ...] = ()
    events: tuple[Event, ...] = ()
    blocks: tuple[Block, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    books: Books | None = None
    conservation: Conservation = "enforced"
    guard: float = 0.0
    excitable: tuple[tuple[str, ...], ...] = ()
    jumps: bool = False
    title: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_names()
        if not self.blocks:
            self._check_symbols()
            self.resolution  # noqa: B018  a circle of definitions is found here, when the model is built

    @property
    def system(self) -> System:
        """Itself: whatever has `.system` can be run."""
        return self

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, in the order of y."""
        return tuple(state.name for state in self.states)

    @property
    def names(self) -> list[str]:
        """Names of states, parameters and definitions: what an expression may use, beside time."""
        return [*self.state_names, *(parameter.name for parameter in self.parameters),
                *(definition.name for definition in self.definitions)]

    @cached_property
    def resolution(self) -> dict[str, Expression]:
        """Each definition written in states, parameters and time alone (parts stay shared)."""
        known = {definition.name: definition.expression for definition in self.definitions}
        resolved: dict[str, Expression] = {}
        for name in _ordered(known, self.name):
            resolved[name] = substitute([known[name]], resolved)[0]
        return resolved

    def resolve(self, expressions: Sequence[Expression]) -> list[Expression]:
        """The expressions written in states, parameters and time alone."""
        return substitute(expressions, self.resolution)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise NameUnknown(f"{self.name} has no parameter '{name}'{did_you_mean(name, [p.name for p in self.parameters])}")

    def _check_names(self) -> None:
        seen: set[str] = {TIME}
        for name in (*self.names, *(quadrature.name for quadrature in self.quadratures)):
            if name in seen:
                raise ModelError(f"{self.name}: '{name}' is defined twice; every quantity needs its own name")
            seen.add(name)
        if self.blocks:
            return
        for name in self.rates:
            if name not in self.state_names:
                raise ModelError(f"{self.name}: a rate is given for '{name}', which is not a state"
                                 f"{did_you_mean(name, self.state_names)}")
        for name in self.state_names:
            if name not in self.rates:
                raise ModelError(f"{self.name}: the state '{name}' has no rate; give one, or make it a parameter")

    def _check_symbols(self) -> None:
        known = {*self.names, TIME}
        groups: list[tuple[str, Iterable[Expression]]] = [
            *((f"the rate of {name}", [rate]) for name, rate in self.rates.items()),
            *((definition.name, [definition.expression]) for definition in self.definitions),
            *((quadrature.name, [quadrature.rate]) for quadrature in self.quadratures),
            *((event.name, [event.trigger, *event.assignments.values()]) for event in self.events),
        ]
        for place, expressions in groups:
            for name in sorted(symbols(expressions) - known):
                raise NameUnknown(f"{self.name}: {place} uses '{name}', which nothing defines"
                                  f"{did_you_mean(name, known)}").about(place)
        for name in (name for group in self.excitable for name in group):
            if name not in self.state_names:
                raise NameUnknown(f"{self.name}: '{name}' is called excitable and is no state"
                                  f"{did_you_mean(name, self.state_names)}").about("excitable")


def _ordered(expressions: Mapping[str, Expression], owner: str) -> list[str]:
    """Names so that each comes after those it uses, in alphabetical order where that leaves a choice."""
    needs = {name: sorted(symbols([expression]) & expressions.keys()) for name, expression in expressions.items()}
    order: list[str] = []
    state: dict[str, int] = {}  # 1: being visited, 2: done
    for root in sorted(needs):
        stack = [(root, False)]
        path: list[str] = []
        while stack:
            name, leaving = stack.pop()
            if leaving:
                order.append(name)
                state[name] = 2
                path.pop()
            elif state.get(name) == 1:
                circle = " -> ".join([*path[path.index(name):], name])
                raise ModelError(f"{owner}: definitions go in a circle: {circle}; one of them must be a state")
            elif name not in state:
                state[name] = 1
                path.append(name)
                stack.append((name, True))
                stack.extend((need, False) for need in reversed(needs[name]) if state.get(need) != 2)
    return order
