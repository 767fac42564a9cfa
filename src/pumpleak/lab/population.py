"""population: one experiment for many cells that differ in their parameters, side by side in the registers of every core.

Members go in chunks, a chunk to a thread; whatever the chunks and threads, a member's numbers are the same bit by bit. A member
that fails is recorded with its cause and its values, and takes none of the others with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.domains import check_domain
from pumpleak.base.errors import LedgerError, ModelError, NameUnknown, PumpleakError, SolveError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, internal, internal_unit
from pumpleak.compile.program import CompiledMembers, Halt
from pumpleak.lab.experiment import Experiment, no_parameter, unit_of
from pumpleak.lab.programs import members_of
from pumpleak.lab.result import Result
from pumpleak.lab.run import Course, check_ledger
from pumpleak.solve.layout import Memory
from pumpleak.solve.legs import Legs, follow_many
from pumpleak.solve.program import Program
from pumpleak.solve.status import Status

Array = NDArray[np.float64]
Given = Quantity | Sequence[Quantity | str | float] | NDArray[np.float64]
Features = Callable[[Result], Mapping[str, Quantity | float]]

THREADS_VARIABLE = "PUMPLEAK_THREADS"
CHUNK = 256  # members to a thread at a time: 32 fillings of eight lanes, so that few lanes idle at its end


@dataclass(frozen=True)
class Failure:
    """A member that has no features: its number, why, and the values that were its own."""

    member: int
    cause: str
    values: Mapping[str, float]


@dataclass(frozen=True, repr=False)
class Population:
    """What came of every member, in their order.

    values: what differed, by name, in the model's own units. features: by name (members,), not a number where the member
    failed. results: every member's run, where they were kept (None where it failed).
    """

    values: Mapping[str, Array]
    units: Mapping[str, str]
    features: Mapping[str, Array]
    failures: tuple[Failure, ...] = ()
    results: tuple[Result | None, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def __repr__(self) -> str:
        return (f"Population of {len(self)} members that differ in {', '.join(self.values)}: {len(self.features)} features, "
                f"{len(self.failures)} failed")


def at_end(result: Result) -> dict[str, Quantity | float]:
    """The last value of every recorded quantity."""
    return {name: result.final(name) for name in result.names}


def population(experiment: Experiment, values: Mapping[str, Given], features: Features = at_end, *,
               keep: bool = False, threads: int | None = None, progress: Callable[[float], None] | None = None) -> Population:
    """Run an experiment with as many members as `values` has numbers for each of its parameters.

    values: parameter -> one value a member, a Quantity or texts with units; in force wherever the protocol sets no other.
    features: what is asked of each member's result, names -> numbers; at its end all that is recorded. keep: keep every
    result as well. threads: all cores, or what PUMPLEAK_THREADS says. progress: called with the part that is done.

    Raises NameUnknown for what is no parameter, UnitError, ModelError for numbers of values that differ, SolveError on
    Ctrl-C, with what was computed in `.partial`.
    """
    return _Crowd(experiment, values, features, keep, progress).run(_threads(threads))


@dataclass
class _Outcome:
    """What the threads have found so far, by member."""

    features: dict[int, Mapping[str, Quantity | float]] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)


class _Stopped(Exception):
    """The user does not want the rest."""


class _Hearing:
    """The members' code of a program, with an ear for the sign to stop."""

    def __init__(self, crowd: CompiledMembers, halt: Halt) -> None:
        self.crowd, self.halt = crowd, halt

    def advance(self, memories: Sequence[Memory], p: Sequence[Array], t_end: Sequence[float], budget: int) -> list[Status]:
        """Go on with all of them, unless they are to stop."""
        outcome = self.crowd.advance(memories, np.array(p), np.array(t_end), budget, self.halt)
        if self.halt.is_set:
            raise _Stopped
        return outcome


class _Crowd:
    """A population under way."""

    def __init__(self, experiment: Experiment, values: Mapping[str, Given], features: Features, keep: bool,
                 progress: Callable[[float], None] | None) -> None:
        self.experiment, self.features, self.keep, self.progress = experiment, features, keep, progress
        self.values = {name: self._internal(name, given) for name, given in values.items()}
        sizes = {name: len(array) for name, array in self.values.items()}
        if not sizes or len(set(sizes.values())) > 1 or not all(sizes.values()):
            told = ", ".join(f"{name} has {size}" for name, size in sizes.items()) or "none was given"
            raise ModelError(f"population: one value a member of each parameter is needed, equally many of each; {told}")
        self.count = next(iter(sizes.values()))
        self.outcome, self.halt = _Outcome(), Halt()

    def _internal(self, name: str, given: Given) -> Array:
        parameter = self.experiment.labels.parameters.get(name)
        if parameter is None:
            raise NameUnknown(f"population: {no_parameter(self.experiment.labels, name)}")
        wanted = unit_of(parameter.unit)
        if isinstance(given, Quantity):
            whole = np.atleast_1d(given.value)
            for one in [*whole[~np.isfinite(whole)][:1], *whole[:1]]:  # refuses what is no number, and another dimension
                internal(Quantity(float(one), given.unit), wanted, name)
            found = np.asarray(Quantity(whole, given.unit).to(wanted), dtype=np.float64)
        else:
            each = [given] if isinstance(given, str | float | int) else [*given]
            found = np.array([internal(one, wanted, name) for one in each])
        for number in np.unique(found):
            check_domain("population", name, float(number), parameter.unit, parameter.domain)
        return found

    def run(self, threads: int) -> Population:
        chunks = [range(start, min(start + CHUNK, self.count)) for start in range(0, self.count, CHUNK)]
        with ThreadPoolExecutor(threads) as pool:
            waiting = {pool.submit(self._chunk, chunk) for chunk in chunks}
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                    if self.progress is not None:
                        self.progress((len(self.outcome.features) + len(self.outcome.failures)) / self.count)
            except BaseException as error:
                self.halt.set()
                pool.shutdown(cancel_futures=True)
                if isinstance(error, KeyboardInterrupt):
                    raise SolveError(f"{self.experiment.labels.name}: population interrupted", partial=self._population(),
                                     hint="the members that were done are kept") from None
                raise
        return self._population()

    def _chunk(self, members: range) -> None:
        """A chunk, on the thread it was given to."""
        given = [{name: float(array[member]) for name, array in self.values.items()} for member in members]
        courses = [Course(self.experiment, given=each, looks=False) for each in given]
        try:
            for place, failed in follow_many([_attempt(course) for course in courses], self._crowd_of):
                self._finish(members[place], courses[place], failed, given[place])
        except _Stopped:
            return

    def _crowd_of(self, program: Program) -> _Hearing:
        return _Hearing(members_of(program), self.halt)

    def _finish(self, member: int, course: Course, failed: PumpleakError | None, values: Mapping[str, float]) -> None:
        if failed is None:
            try:
                result = course.result(course.outcome)
                check_ledger(result, course.program.labels.conservation)
                self.outcome.features[member] = dict(self.features(result))
                if self.keep:
                    self.outcome.results[member] = result
                return
            except (SolveError, LedgerError) as error:
                failed = error
        self.outcome.failures[member] = Failure(member, str(failed), values)

    def _population(self) -> Population:
        found = self.outcome
        names = list(dict.fromkeys(name for each in found.features.values() for name in each))
        units = {name: self.experiment.labels.parameters[name].unit for name in self.values}
        columns = {name: np.full(self.count, np.nan) for name in names}
        for member, each in found.features.items():
            for name, value in each.items():
                if isinstance(value, Quantity):
                    units.setdefault(name, internal_unit(value.unit).name)
                    columns[name][member] = float(np.asarray(value.internal))
                else:
                    columns[name][member] = value
        return Population(self.values, units, columns, tuple(found.failures[member] for member in sorted(found.failures)),
                          tuple(found.results.get(member) for member in range(self.count)) if self.keep else ())


def _attempt(course: Course) -> Legs[PumpleakError | None]:
    """All legs of a course, and the error that it ended with."""
    try:
        yield from course.go()
    except SolveError as error:
        return error
    return None


def _threads(given: int | None) -> int:
    """How many threads: as asked, as the environment says, or one for each core that this process may use."""
    text = os.environ.get(THREADS_VARIABLE, "") if given is None else str(given)
    if not text:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdigit() or int(text) < 1:
        source = "threads" if given is not None else THREADS_VARIABLE
        raise ModelError(f"population: {source} {shown(text)}; give a whole number from 1 on")
    return int(text)
