"""How a stretch of integration ended."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """Why `advance` returned; the number is what generated code returns."""

    END = 0
    BUDGET = 1
    FULL = 2
    EVENT = 3
    STEP_TOO_SMALL = 4
    NOT_FINITE = 5
    INCONSISTENT = 6

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        return _SENTENCES[self]

    @property
    def failed(self) -> bool:
        """Whether the run cannot go on from here."""
        return self in (Status.STEP_TOO_SMALL, Status.NOT_FINITE, Status.INCONSISTENT)


_SENTENCES = {
    Status.END: "the end of the stretch was reached",
    Status.BUDGET: "the steps of this slice are used up; the run can go on",
    Status.FULL: "the output rows are full; the run can go on once they are taken out",
    Status.EVENT: "an event happened",
    Status.STEP_TOO_SMALL: "the step became too small to move time: the solution runs off to infinity or has a jump",
    Status.NOT_FINITE: "a rate became infinite or undefined",
    Status.INCONSISTENT: "no start values satisfy the algebraic equations",
}
