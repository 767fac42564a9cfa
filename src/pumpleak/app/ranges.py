"""Ranges as the command line writes them, `start:stop:count`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from pumpleak.base.errors import FormatError

MOST = 100_000  # more points than any figure or table of a scheme can show


@dataclass(frozen=True)
class Range:
    """Evenly spaced values, first and last included."""

    start: float
    stop: float
    count: int
    unit: str = "mV"

    @property
    def step(self) -> float:
        """Distance of neighbours; 0 for a single value."""
        return (self.stop - self.start) / (self.count - 1) if self.count > 1 else 0.0

    @cached_property
    def values(self) -> list[float]:
        """All values; the last is exactly `stop`."""
        inner = [self.start + number * self.step for number in range(self.count - 1)]
        return [*inner, self.stop] if self.count > 1 else [self.start]

    @property
    def text(self) -> str:
        """The range as it is written."""
        return f"{self.start:g}:{self.stop:g}:{self.count}"

    def __str__(self) -> str:
        return f"{self.start:g} to {self.stop:g} {self.unit} in {self.count} points, step {self.step:g} {self.unit}"


def read_range(text: str, option: str, unit: str = "mV") -> Range:
    """Read `start:stop:count`.

    Raises FormatError for anything else, for numbers that are not finite, and for a count that is not 1 or more.
    """
    parts = text.split(":")
    example = f"expected start:stop:count in {unit}, for example {option} -120:60:19"
    if len(parts) != 3:
        raise FormatError(f"{option} {text!r}: {len(parts)} part{'s' * (len(parts) != 1)}; {example}")
    try:
        start, stop, count = float(parts[0]), float(parts[1]), int(parts[2])
    except ValueError:
        raise FormatError(f"{option} {text!r}: not all of its parts are numbers; {example}") from None
    if not (math.isfinite(start) and math.isfinite(stop)):
        raise FormatError(f"{option} {text!r}: its ends must be finite; {example}")
    if not 1 <= count <= MOST:
        raise FormatError(f"{option} {text!r}: {count} points; the count is a whole number from 1 to {MOST}")
    if count == 1 and start != stop:
        raise FormatError(f"{option} {text!r}: one point cannot be at both {start:g} and {stop:g}; give 2 or more")
    return Range(start, stop, count, unit)
