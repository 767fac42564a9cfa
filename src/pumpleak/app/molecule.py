"""The verb `molecule`: single pumps of a scheme followed jump by jump, beside what is exactly expected of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.base.units import Quantity, internal
from pumpleak.enzyme.asked import require_scheme
from pumpleak.enzyme.conditions import Conditions, usual_of
from pumpleak.enzyme.counting import Counting
from pumpleak.enzyme.molecule import QUANTITIES, Molecule, molecule_at
from pumpleak.enzyme.passage import Passage, waiting
from pumpleak.enzyme.rates import Numbers
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.response import PER_SECOND
from pumpleak.enzyme.scheme import Scheme
from pumpleak.lab.molecule import Courses, Estimate, follow
from pumpleak.solve.jumps import Jumps

TIME, PUMPS, SEED, ROWS = "2 s", 100, 1, 200_000
# Windows of some twenty turns: so long that what one begins with hardly counts, so short that there are many.
TURNS = 20.0
FEWEST, MOST = 10, 1000  # windows of one pump
# Waits that began so late that a larger share of them could not end are left out. The share is that of the last ones that
# count; of all it is some ten times less, so that their mean is too short by less than what trajectories tell.
LOST = 1e-3


@dataclass(frozen=True, repr=False)
class Trajectories:
    """What single pumps did, and what is expected of them.

    molecule: the jump process, with its scheme and conditions. courses: what the trajectories gave, in ms. seed: of their
    random numbers. reduced: what was taken as at equilibrium, if the scheme was reduced.
    """

    molecule: Molecule
    courses: Courses
    seed: int
    reduced: str = ""

    def __str__(self) -> str:
        lines = [f"{self.molecule.scheme.name}: {self.pumps} pump{'s' * (self.pumps != 1)}, {self.time:.6g} s each, seed "
                 f"{self.seed}, {self.courses.events} jumps"]
        for name in self.moving:
            exact = self.exact(name)
            lines.append(f"  {name}: mean {self.mean(name)} /s (exactly {exact.mean:.5g}), Fano factor {self.fano(name)} in "
                         f"{1e3 * self.window:.4g} ms (exactly {exact.fano_in(self.window):.4g})")
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def pumps(self) -> int:
        """How many were followed."""
        return len(self.courses)

    @property
    def time(self) -> float:
        """How long each was followed. [s]"""
        return self.courses.duration / PER_SECOND

    @property
    def window(self) -> float:
        """The time in which turns are counted for the Fano factor. [s]"""
        return self.courses.window / PER_SECOND

    def exact(self, quantity: str = "ATP") -> Counting:
        """What is exactly expected of ATP, Na, K or charge; also of a ligand or a step."""
        return Counting(self.molecule, quantity)

    def mean(self, quantity: str = "ATP") -> Estimate:
        """ATP used, Na carried out, K carried in or charge moved outward by one pump. [1/s]"""
        found = self.courses.mean(self._place(quantity))
        return Estimate(found.value * PER_SECOND, found.error * PER_SECOND)

    def fano(self, quantity: str = "ATP") -> Estimate:
        """Variance over mean of what one pump moves in a window. []"""
        return self.courses.fano(self._place(quantity))

    def counts(self, quantity: str = "ATP") -> Numbers:
        """What each pump moved in each window (pumps, windows)."""
        return self.courses.windows[:, :, self._place(quantity)].copy()

    def _place(self, quantity: str) -> int:
        if quantity not in QUANTITIES:
            raise ModelError(f"{self.molecule.scheme.name}: {quantity} was not counted, only {', '.join(QUANTITIES)}")
        return QUANTITIES.index(quantity)

    def dwell(self, state: str) -> Estimate:
        """Mean time that a pump stays in a state. [s]"""
        found = self.courses.dwell(self.molecule.state(state))
        return Estimate(found.value / PER_SECOND, found.error / PER_SECOND)

    def dwells(self, state: str) -> Numbers:
        """Times that pumps stayed in a state, as far as events are kept; without those that began too late to end. [s]"""
        place = self.molecule.state(state)
        spare = -np.log(LOST) * float(self.molecule.dwells[place])
        return self.courses.dwells(place, spare * PER_SECOND) / PER_SECOND

    def waits(self, quantity: str = "ATP") -> Numbers:
        """Times from one jump that adds to a quantity to the next, chosen as those of `dwells`. [s]"""
        spare = waiting(self.molecule, quantity).lasting(LOST)
        return self.courses.waits(self.molecule.moved(quantity) > 0.0, spare * PER_SECOND) / PER_SECOND

    @property
    def moving(self) -> tuple[str, ...]:
        """Those of ATP, Na, K and charge that the scheme moves."""
        return tuple(name for name in QUANTITIES if np.any(self.molecule.moved(name)))

    @cached_property
    def waiting(self) -> Passage | None:
        """The exact density of the times from one phosphate set free to the next, with those taken up again; None for none."""
        one = self.molecule
        used = (one.moved("ATP") > 0.0) & (one.rates * one.shares[one.sources] > 0.0)
        return waiting(one) if np.any(used) else None

    @cached_property
    def events(self) -> dict[str, Numbers]:
        """What happened, pump by pump: `pump`, `time` [s], `transition`, `state` (places in the scheme; transition -1 is the
        beginning), and what the pump had moved then: `ATP`, `Na`, `K`, `charge`."""
        found = self.courses
        moved = found.moved()
        return {"pump": found.molecule.astype(np.float64), "time": found.at / PER_SECOND,
                "transition": found.transition.astype(np.float64), "state": found.arrived.astype(np.float64),
                **{name: moved[:, place] for place, name in enumerate(QUANTITIES)}}


def molecule(scheme: Scheme, given: Conditions | None = None, base: str = "", *, time: str | Quantity = TIME,
             pumps: int = PUMPS, seed: int = SEED, reduced: bool = False, windows: int | None = None, rows: int = ROWS,
             start: ArrayLike | None = None, progress: Callable[[float], None] | None = None) -> Trajectories:
    """Follow single pumps of a scheme, every jump of them: `molecule(load("pan-2018-4"), {"membrane.V": -80.0}, pumps=10)`.

    given: conditions over those of the named condition `base`, else of the scheme's usual one. reduced: take binding that is
    fast as at equilibrium, so that trajectories do not consist of it. windows: how many parts of the time turns are counted
    in; of some twenty turns each where none is given. rows: how many events are kept, those of the first pumps. start: chance
    of each state at the beginning, else that of the steady state. A pump's trajectory depends on seed and its number alone.

    Raises NameUnknown, UnitError and ModelError for conditions and numbers that do not fit; SolveError on Ctrl-C, with what was
    done in `.partial`.
    """
    require_scheme(scheme, "molecule")
    reduction = reduce(scheme) if reduced else None
    one = molecule_at(reduction.scheme if reduction else scheme, given, base or usual_of(scheme.conditions))
    duration = internal(time, "ms", "time")
    count = windows if windows is not None else _windows(one, duration)
    text = reduction.text if reduction else ""
    try:
        courses = follow(jumps_of(one, start), duration, pumps, count, rows, seed, progress)
    except SolveError as error:
        if isinstance(error.partial, Courses):
            error.partial = Trajectories(one, error.partial, seed, text)
        raise
    return Trajectories(one, courses, seed, text)


def _windows(one: Molecule, duration: float) -> int:
    turns = abs(Counting(one, "ATP").mean) * duration / PER_SECOND
    return int(np.clip(turns / TURNS, FEWEST, MOST))


def jumps_of(one: Molecule, start: ArrayLike | None = None) -> Jumps:
    """A molecule as plain numbers, beginning in the steady state or with the chances `start`.

    Raises ModelError for chances that are not those of its states.
    """
    chances = one.shares if start is None else np.asarray(start, dtype=np.float64)
    if chances.shape != one.shares.shape or not (np.all(chances >= 0.0) and np.isclose(chances.sum(), 1.0)):
        raise ModelError(f"{one.scheme.name}: it begins with the chances {np.array2string(chances, threshold=8)}; give one for "
                         f"each of its {len(one.shares)} states, none below 0, with the sum 1")
    return Jumps(one.scheme.name, one.scheme.states, one.sources, one.targets, one.rates / PER_SECOND,
                 np.array([one.moved(name) for name in QUANTITIES]), chances)
