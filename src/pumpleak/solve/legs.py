"""Whoever follows a program asks for its next leg and is told how it ended: one at a time, or many courses side by side.

A course is a generator of legs. `follow` answers each from the program itself; `follow_many` gathers the legs that many
courses wait for and lets the members' code of their program go through them in the registers of one core.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pumpleak.solve.layout import Memory
from pumpleak.solve.program import Array, Program
from pumpleak.solve.status import Status

Result = TypeVar("Result")


@dataclass(frozen=True)
class Leg:
    """A piece of integration: from where the memory is towards t_end [ms], for at most `budget` steps."""

    program: Program
    memory: Memory
    p: Array
    budget: int
    t_end: float


Legs = Generator[Leg, Status, Result]


class Crowd(Protocol):
    """The code that goes through many legs of one program at once."""

    def advance(self, memories: Sequence[Memory], p: Sequence[Array], t_end: Sequence[float], budget: int) -> list[Status]:
        """How each ended."""


def follow(course: Legs[Result]) -> Result:
    """What a course comes to, its legs gone through one after the other; it hears of an interruption where it waits."""
    try:
        leg = next(course)
        while True:
            try:
                status = leg.program.advance(leg.memory, leg.p, leg.budget, leg.t_end)
            except BaseException as error:
                leg = course.throw(error)
            else:
                leg = course.send(status)
    except StopIteration as end:
        result: Result = end.value
        return result


def follow_many(courses: Sequence[Legs[Result]], crowd_of: Callable[[Program], Crowd]) -> Iterator[tuple[int, Result]]:
    """What each course comes to, with its number, as they end.

    A leg's budget says when its course wants to look, which nobody needs here: the least that is asked for counts for all that
    go together, and a course that is told BUDGET asks again.
    """
    waiting: dict[int, Leg] = {}
    for number, course in enumerate(courses):
        try:
            waiting[number] = next(course)
        except StopIteration as end:
            yield number, end.value
    while waiting:
        together: dict[int, list[int]] = {}
        for number, leg in waiting.items():
            together.setdefault(id(leg.program), []).append(number)
        for numbers in together.values():
            legs = [waiting[number] for number in numbers]
            outcome = crowd_of(legs[0].program).advance([leg.memory for leg in legs], [leg.p for leg in legs],
                                                        [leg.t_end for leg in legs], min(leg.budget for leg in legs))
            for number, status in zip(numbers, outcome, strict=True):
                try:
                    waiting[number] = courses[number].send(status)
                except StopIteration as end:
                    del waiting[number]
                    yield number, end.value
