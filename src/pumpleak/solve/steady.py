"""The steady state that a program reaches from a given start, proved, or what it does instead.

The equations are followed in their own stiff solver with steps that grow without limit (time in decades), and Newton's
method finds the end once it is near. Where the flow goes on growing, there is no end; where it oscillates, the rest it
circles is unstable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pumpleak.solve.controller import MOST_IDLE
from pumpleak.solve.legs import Leg, Legs, follow
from pumpleak.solve.newton import MARGINAL, SETTLED, Complex, Problem, conserved, eigenvalues, polish
from pumpleak.solve.program import Program
from pumpleak.solve.status import Status

Array = NDArray[np.float64]
Kind = Literal["stable", "unstable", "drifting", "none"]
Way = Literal["settles", "grows", "fails", "oscillates", "stops", "empties", "drifts"]

UNTIL = 1e12         # ms, 30 years: whatever moves more slowly does not matter to a cell
FIRST = 1.0          # ms, end of the first decade
FLOW_RTOL = 1e-6     # the flow only has to find the way; Newton's method makes the end exact
STEPS = 60_000       # about 60 ms for a cell; a flow that settles takes some hundred, one that fires on its way many
CHUNK = 250          # steps between looks at an oscillation
AT_REST = 1e-6       # a start this close to a rest is that rest
NEAR = 1e-3          # this close to a rest the flow has arrived
SLOW = 0.05          # a decade that changes less than this may be the last
GROWTH = 0.02        # exponent of time: less than that doubles in 35 decades
CROSSINGS = 6        # of its middle make a motion an oscillation: three periods
DECADES = 3          # for so many decades in a row a growth must last
FAR = 1e6            # this many times its size, a state has run off


@dataclass(frozen=True)
class Steady:
    """What was found: a point, how well it is at rest, how it moves about it, and how the flow got there.

    residual: net over gross rate. eigenvalues [1/ms], slowest decay first, conserved totals left out. growth: exponent of
    time by state that grows without end (infinite where it ran off). drift: place of the state that still moves, and its
    time constant [ms]. time [ms]: how long the flow was followed.
    """

    kind: Kind
    course: Way
    y: Array
    residual: float
    eigenvalues: Complex
    totals: Array
    time: float
    growth: dict[int, float] = field(default_factory=dict)
    drift: tuple[int, float] | None = None
    gone: str = ""


def find_steady(program: Program, time: float, y: Array, p: Array, until: float = UNTIL,
                positive: tuple[str, ...] = ()) -> Steady:
    """Follow the program from y until it settles, and say how it ends.

    until [ms]: what still moves then drifts. positive: names of what cannot be negative; a flow that empties one of them
    has no rest. Never raises because there is no rest.
    """
    return follow(seek_steady(program, time, y, p, until, positive))


def seek_steady(program: Program, time: float, y: Array, p: Array, until: float = UNTIL,
                positive: tuple[str, ...] = ()) -> Legs[Steady]:
    """The same as a course, whose legs somebody else goes through."""
    search = _Search(program, time, y, p, until, positive).search()
    status: Status | None = None
    while True:
        # a flow that runs off may overflow; it is then looked at, not warned of
        with np.errstate(all="ignore"):
            try:
                leg = next(search) if status is None else search.send(status)
            except StopIteration as end:
                found: Steady = end.value
                return found
        status = yield leg


class _Search:
    """One search; `trail` holds the states at the end of each decade, the start first."""

    def __init__(self, program: Program, time: float, y: Array, p: Array, until: float, positive: tuple[str, ...]) -> None:
        self.program, self.p, self.until = program, p, until
        self.problem = Problem(program, time, p, positive)
        self.start = np.array(y, dtype=np.float64)
        self.totals = conserved(self.problem, self.start)
        self.trail: list[tuple[float, Array]] = [(0.0, self.start)]
        self.circle: list[Array] = []
        self.gone = ""

    def search(self) -> Legs[Steady]:
        """Start, flow, and what comes of it."""
        found = self.arrived(self.start, AT_REST)
        if found is not None:
            return self.proved(found, "settles")
        course = yield from self.flow()
        if isinstance(course, Steady):
            return course
        growth = self.growth(course)
        if growth:
            return self.described("none", "grows", growth=growth)
        if course == "oscillates":
            for guess in (self.start, np.mean(self.circle[len(self.circle) // 2:], axis=0), self.trail[-1][1]):
                found = polish(self.problem, guess, self.start, self.totals)
                if found is not None and not self.problem.negative(found):
                    return self.proved(found, "oscillates")
            return self.described("none", "oscillates")
        if course in ("fails", "stops", "empties"):
            return self.described("none", course)
        if self.problem.residual(self.trail[-1][1]) <= SETTLED:
            steady = self.proved(self.trail[-1][1], "settles")
            if steady.kind == "stable":
                return steady
        return self.described("drifting", "drifts", drift=self.drift())

    def flow(self) -> Legs[Steady | Way]:
        """Follow the equations decade by decade."""
        memory = self.program.start(self.problem.time, self.start, np.zeros(len(self.program.labels.quadratures)), self.p,
                                    rtol=FLOW_RTOL, capacity=1, method="stiff")
        end = FIRST
        while True:
            end = min(end, self.until)
            status, idle = Status.BUDGET, 0
            while status in (Status.BUDGET, Status.EVENT) and memory.steps < STEPS and idle <= MOST_IDLE:
                before = memory.steps
                status = yield Leg(self.program, memory, self.p, CHUNK, self.problem.time + end)
                idle = idle + 1 if memory.steps == before else 0
                self.circle.append(memory.y.copy())
                if status is Status.EVENT and self.program.labels.events[memory.event].action == "fail":
                    self.gone = self.program.labels.events[memory.event].name
                elif self.problem.negative(self.circle[-1]):
                    self.gone = f"{self.problem.negative(self.circle[-1])} is used up"
                if self.gone:
                    break
            self.trail.append((memory.t - self.problem.time, memory.y.copy()))
            if self.gone:
                return "empties"
            if status is not Status.END:
                return "fails" if status.failed else "oscillates" if self.recurs() else "stops"
            if self.change() < SLOW:
                found = self.arrived(memory.y.copy(), NEAR)
                if found is not None:
                    steady = self.proved(found, "settles")
                    if steady.kind == "stable":
                        return steady
            if end >= self.until:
                return "drifts"
            end *= 10.0

    def recurs(self) -> bool:
        """Whether the state that moves most goes to and fro: its middle crossed again and again, at undiminished width."""
        half = np.array(self.circle[len(self.circle) // 2:])
        spans = np.ptp(half, axis=0) / self.problem.sizes(half[-1])
        widest = half[:, int(np.argmax(spans))]
        middle = (widest.max() + widest.min()) / 2.0
        crossings = int(np.sum(np.diff(np.sign(widest - middle)) != 0.0))
        first, last = (np.ptp(part) for part in np.array_split(widest, 2))
        return bool(crossings >= CROSSINGS and last >= 0.5 * first)

    def change(self) -> float:
        """Largest relative change of a state over the last decade."""
        (_, before), (_, after) = self.trail[-2:]
        return float(np.max(np.abs(after - before) / self.problem.sizes(after), initial=0.0))

    def arrived(self, y: Array, near: float) -> Array | None:
        """The rest beside y, if there is one so near."""
        found = polish(self.problem, y, self.start, self.totals)
        if found is None or self.problem.negative(found):
            return None
        return found if np.max(np.abs(found - y) / self.problem.sizes(y), initial=0.0) <= near else None

    def proved(self, y: Array, course: Way) -> Steady:
        """The rest y with its eigenvalues."""
        values = eigenvalues(self.problem, y, self.totals)
        level = MARGINAL * float(np.max(np.abs(values), initial=0.0))
        kind: Kind = "stable"
        if values.size and values[0].real > level:
            kind = "unstable"
        elif values.size and not values[0].real < -level:
            kind = "drifting"
        return Steady(kind, course, y, self.problem.residual(y), values, self.totals, self.trail[-1][0])

    def growth(self, course: Way) -> dict[int, float]:
        """States that grow as a power of time, decade after decade, or that have run off."""
        last = np.abs(self.trail[-1][1])
        if course in ("fails", "stops", "oscillates"):
            off = ~(last <= FAR * np.maximum(np.abs(self.start), self.problem.scale))
            return {int(i): float("inf") for i in np.flatnonzero(off)}
        if course != "drifts" or len(self.trail) < DECADES + 2:
            return {}
        ends = np.abs(np.array([y for _, y in self.trail[-DECADES - 1:]]))
        times = np.log([time for time, _ in self.trail[-DECADES - 1:]])
        exponents = np.diff(np.log(np.maximum(ends, np.finfo(float).tiny)), axis=0) / np.diff(times)[:, np.newaxis]
        # a state on its way to an end slows down from decade to decade; one that grows without end does not
        steady = np.all(exponents >= GROWTH, axis=0) & (exponents[-1] >= 0.5 * exponents[0])
        steady &= last > self.problem.scale
        return {int(i): float(exponents[-1, i]) for i in np.flatnonzero(steady)}

    def drift(self) -> tuple[int, float] | None:
        """The state that still moves most, and its time constant."""
        y = self.trail[-1][1]
        mass = self.problem.mass
        speeds = np.where(mass == 0.0, 0.0, np.abs(self.problem.rates(y)) / np.where(mass == 0.0, 1.0, mass))
        speeds = speeds / self.problem.sizes(y)
        fastest = int(np.argmax(speeds))
        # what would take a thousand times longer than was waited for does not move
        return (fastest, float(1.0 / speeds[fastest])) if speeds[fastest] * self.until > 1e-3 else None

    def described(self, kind: Kind, course: Way, growth: dict[int, float] | None = None,
                  drift: tuple[int, float] | None = None) -> Steady:
        """The end of the flow, which is no rest."""
        time, y = self.trail[-1]
        values: Complex = np.zeros(0, dtype=np.complex128)
        if np.all(np.isfinite(self.problem.jacobian(y))):
            values = eigenvalues(self.problem, y, self.totals)
        return Steady(kind, course, y, self.problem.residual(y), values, self.totals, time, growth or {}, drift,
                      self.gone)
