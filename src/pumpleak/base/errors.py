"""The errors of pumpleak, one tree.

::

    PumpleakError
    +-- UnitError      a quantity has the wrong unit, none, or cannot be read
    +-- NameUnknown    no such cell, pump, compartment, parameter, ...
    +-- ModelError     a model that cannot be: a cycle, a charge or an element that does not close
    +-- SolveError     the integration or the search for a rest stopped early; holds what was computed
    +-- LedgerError    a result whose books do not balance; holds the result
    +-- FormatError    a file that cannot be read; holds file, line and column

Every message says which object (a dotted name or file:line:column), what it was given, and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self


class PumpleakError(Exception):
    """Any error that pumpleak raises on purpose.

    part: keys of the entry of a model that it is about, such as ("steps", "swap"); a file shows the line of it.
    """

    part: tuple[str, ...] = ()

    def about(self, *part: str) -> Self:
        """Return the error itself, with the entry that it is about."""
        self.part = part
        return self


class UnitError(PumpleakError):
    """A quantity with the wrong unit, without one, or that cannot be read."""


class NameUnknown(PumpleakError):
    """A name that is not in the table where it was looked up."""


class ModelError(PumpleakError):
    """A model that cannot be built because its physics or its parts contradict each other."""


class SolveError(PumpleakError):
    """A computation that stopped before its end.

    partial: the result up to there, if any.
    time [ms]: where it stopped.
    state: the dotted name of the state at fault.
    values: the numbers worth seeing, by dotted name, in internal units.
    hint: what to try; printed after the message.
    """

    def __init__(
        self,
        message: str,
        *,
        partial: object | None = None,
        time: float | None = None,
        state: str | None = None,
        values: Mapping[str, float] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.partial = partial
        self.time = time
        self.state = state
        self.values: dict[str, float] = dict(values or {})
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}; {self.hint}" if self.hint else message


class LedgerError(PumpleakError):
    """A result whose charge, elements, water or free energy do not balance; `result` holds it, ledger included."""

    def __init__(self, message: str, *, result: object | None = None) -> None:
        super().__init__(message)
        self.result = result


class FormatError(PumpleakError):
    """A file that cannot be read as what it should be; line and column count from 1."""

    def __init__(
        self, message: str, *, file: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        known = [str(part) for part in (self.file or None, self.line, self.column) if part is not None]
        message = super().__str__()
        return f"{':'.join(known)}: {message}" if known else message
