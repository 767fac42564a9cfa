"""A branch of rests followed while parameters move along a line, its folds, Hopf points and branchings located.

Pseudo-arclength continuation (Keller 1977; Allgower and Georg, Numerical Continuation Methods, 1990): a step goes along
the tangent, Newton's method leads back onto the branch, so that a fold, where the parameter turns, is a point like any
other. Whatever changes within a step (the direction of the parameter, the number of growing motions, the sign of an
amount) is located by halving it, and what cannot be proved where it was located is not claimed. Two changes that undo
each other within one step pass unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from pumpleak.solve.line import DIFFERENCE, Array, Line, Mark, Point, Rests
from pumpleak.solve.program import Program

End = Literal["reached", "returned", "empties", "grows", "lost", "long", "free"]

FIRST = 0.01       # of the line, or of the size of a state: the first step
LONGEST = 0.04     # the same for any step: about thirty points or more over the line, smooth when drawn
SHORTEST = DIFFERENCE  # slopes along the line know nothing finer: a branch that needs shorter steps has no tangent
MOST = 5000        # points; an ordinary branch has a hundred
QUICK, SLOW = 4, 7  # corrections below and above which the next step may be longer, or should be shorter
LONGER, SHORTER = 1.4, 0.6
BEND = 0.98        # least cosine between the tangents of neighbours, 11 degrees: no step cuts a corner
NARROW = 1e-13     # of the step, to which a change is located: what follows is rounding
# a proof must be tighter than a step could make by chance (1e-2), and looser than rounding in an ill-conditioned cell (1e-8)
PROVED = 1e-6
FAR = 1e4          # times its size at the start, a state has run off
WITH_IT = 1e2      # the same for the others that run off with it, more slowly


@dataclass(frozen=True)
class Curve:
    """A branch from its first rest on, marked points among the others in their order, and why it ends.

    end "free": more is conserved at the start than further on, so that no single rest leads on; "lost" without any point:
    the start is no rest. what: the quantity that empties, or all that grow. doubts: values of the parameter near which the
    branch seems to turn or its stability changes, but neither fold, Hopf point nor branching could be proved.
    """

    points: tuple[Point, ...]
    end: End
    what: tuple[str, ...] = ()
    doubts: tuple[float, ...] = ()


def follow(program: Program, time: float, y: Array, line: Line, positive: tuple[str, ...] = ()) -> Curve:
    """The branch of rests through y, a rest under the first parameters of the line, until the line or the branch ends.

    positive: names of what cannot be negative. The residual of each point is at most `newton.SETTLED`; no points where y
    is no rest.
    """
    with np.errstate(all="ignore"):  # a trial step may leave the model's domain; it is then looked at, not warned of
        return _Follower(Rests(program, time, y, line, positive)).follow()


@dataclass(frozen=True)
class _Change:
    """Where something changes within a step: the last point before it and the first after it."""

    distance: float
    last: Point
    first: Point | None


class _Follower:
    """One branch in the making."""

    def __init__(self, rests: Rests) -> None:
        self.rests = rests
        self.points: list[Point] = []
        self.doubts: list[float] = []

    def follow(self) -> Curve:
        """Step by step from the first rest."""
        if self.rests.free:
            return self.curve("free")
        point, step = self.rests.on_line(self.rests.start, 0.0), FIRST
        if point is None:
            return self.curve("lost")
        self.points.append(point)
        while len(self.points) < MOST:
            found = self.stepped(point, step)
            if found is None:
                return self.curve("lost")
            after, step, corrections = found
            last, end, what = self.ended(point, after, step)
            self.points += [*self.marked(point, last), last]
            if end is not None:
                return self.curve(end, what)
            factor = LONGER if corrections < QUICK else SHORTER if corrections > SLOW else 1.0
            point, step = after, min(step * factor, LONGEST)
        return self.curve("long")

    def curve(self, end: End, what: tuple[str, ...] = ()) -> Curve:
        """What there is of the branch."""
        return Curve(tuple(self.points), end, what, tuple(self.doubts))

    def stepped(self, point: Point, step: float) -> tuple[Point, float, int] | None:
        """The next point, with the step that led there and the corrections it took; None where none does."""
        while step >= SHORTEST:
            found = self.rests.beyond(point, step)
            if found is not None:
                direction = found[0].along / point.sizes
                if direction @ point.tangent >= BEND * np.linalg.norm(direction):
                    return found[0], step, found[1]
            step *= 0.5
        return None

    def ended(self, before: Point, after: Point, step: float) -> tuple[Point, End | None, tuple[str, ...]]:
        """The last point of a step, and whether and why the branch ends there."""
        if not 0.0 <= after.q < 1.0:
            edge = 1.0 if after.q >= 1.0 else 0.0
            last = self.change(before, 0.0, step, lambda point: 0.0 <= point.q < 1.0).last
            exact = self.rests.on_line(last.y, edge, last.along)
            return exact or last, "reached" if edge else "returned", ()
        gone = self.rests.gone(after)
        if gone:
            return self.change(before, 0.0, step, lambda point: not self.rests.gone(point)).last, "empties", (gone,)
        growth = np.abs(after.y) / self.rests.problem(0.0).sizes(self.rests.start)
        if np.max(growth, initial=0.0) > FAR:
            states = self.rests.program.labels.states
            return after, "grows", tuple(states[place].name for place in np.flatnonzero(growth > WITH_IT))
        return after, None, ()

    def change(self, before: Point, low: float, high: float, holds: Callable[[Point], bool]) -> _Change:
        """Where, between two distances from a point, something ceases to hold."""
        last, first, narrow = before, None, NARROW * high
        while high - low > narrow:
            middle = 0.5 * (low + high)
            found = self.rests.beyond(before, middle)
            if found is None:
                break
            if holds(found[0]):
                low, last = middle, found[0]
            else:
                high, first = middle, found[0]
        return _Change(high, last, first)

    def marked(self, before: Point, after: Point) -> list[Point]:
        """Folds, Hopf points and branchings between two neighbours, in their order."""
        reach = float(before.tangent @ ((after.place - before.place) / before.sizes))
        found: list[tuple[float, Point]] = []
        turns = before.tangent[-1] * after.tangent[-1] < 0.0
        if turns:
            change = self.change(before, 0.0, reach, lambda point: bool(point.tangent[-1] * before.tangent[-1] > 0.0))
            found += self.proved(change, "fold", lambda point: abs(float(point.tangent[-1])))
        for change, difference in self.crossings(before, after, reach):
            if abs(difference) == 1 and turns:
                continue  # the eigenvalue that passes through zero at the fold itself
            if abs(difference) == 2:
                found += self.proved(change, "Hopf", _out_of_balance)
            elif abs(difference) == 1:
                slowest = max(abs(before.critical), abs(after.critical))
                found += self.proved(change, "branching", partial(_slowness, slowest))
            else:
                self.doubts.append(change.last.value)
        return [point for _, point in sorted(found, key=lambda each: each[0])]

    def crossings(self, before: Point, after: Point, reach: float) -> list[tuple[_Change, int]]:
        """Where the number of growing motions changes, and by how many."""
        found: list[tuple[_Change, int]] = []
        distance, growing = 0.0, before.growing
        while growing != after.growing and len(found) < before.y.size:  # no more motions than that can change
            change = self.change(before, distance, reach, partial(_grows, growing))
            changed = (change.first or after).growing
            found.append((change, changed - growing))
            distance, growing = change.distance, changed
        return found

    def proved(self, change: _Change, mark: Mark, fault: Callable[[Point], float]) -> list[tuple[float, Point]]:
        """The point of a change as what it is, if its fault vanishes there; a doubt otherwise."""
        nearest = min([change.last, *([change.first] if change.first is not None else [])], key=fault)
        if fault(nearest) <= PROVED:
            return [(change.distance, replace(nearest, mark=mark))]
        self.doubts.append(nearest.value)
        return []


def _grows(motions: int, point: Point) -> bool:
    """Whether that many motions about it grow."""
    return point.growing == motions


def _slowness(unit: float, point: Point) -> float:
    """The eigenvalue nearest to the imaginary axis, in another's size."""
    return abs(point.critical) / unit


def _out_of_balance(point: Point) -> float:
    """Growth over frequency of the pair nearest to the imaginary axis; infinite where it does not turn."""
    return abs(point.critical.real) / point.critical.imag if point.critical.imag > 0.0 else np.inf
