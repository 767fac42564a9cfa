"""Values as the command line writes them: a range `start:stop:count`, a list `1.5,50,150`, or one number with its unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from pumpleak.base.errors import FormatError
from pumpleak.base.units import Quantity, internal, unit

MOST = 100_000  # more points than any figure or table of a scheme can show
LOG = "log"  # the fourth part of a range whose points are evenly spaced in the logarithm


@dataclass(frozen=True)
class Range:
    """Evenly spaced values, first and last included; with `logarithmic` each is the same multiple of the last one."""

    start: float
    stop: float
    count: int
    unit: str = "mV"
    logarithmic: bool = False

    @property
    def step(self) -> float:
        """Distance of neighbours, or with `logarithmic` their ratio; 0 for a single value."""
        if self.count == 1:
            return 0.0
        if self.logarithmic:
            return float((self.stop / self.start) ** (1.0 / (self.count - 1)))
        return (self.stop - self.start) / (self.count - 1)

    @cached_property
    def values(self) -> list[float]:
        """All values; the last is exactly `stop`."""
        if self.count == 1:
            return [self.start]
        if self.logarithmic:
            inner = [self.start * (self.stop / self.start) ** (number / (self.count - 1)) for number in range(self.count - 1)]
        else:
            inner = [self.start + number * self.step for number in range(self.count - 1)]
        return [*inner, self.stop]

    @property
    def text(self) -> str:
        """The range as it is written."""
        return f"{self.start:g}:{self.stop:g}:{self.count}" + f":{LOG}" * self.logarithmic

    def __str__(self) -> str:
        each = f"each {self.step:.6g} times the last" if self.logarithmic else f"step {self.step:g} {self.unit}"
        return f"{self.start:g} to {self.stop:g} {self.unit} in {self.count} points, {each}"


@dataclass(frozen=True)
class Listed:
    """Values one by one."""

    values: list[float]
    unit: str

    @property
    def text(self) -> str:
        """The list as it is written."""
        return ",".join(f"{value:g}" for value in self.values)

    def __str__(self) -> str:
        return f"{', '.join(f'{value:g}' for value in self.values)} {self.unit}"


def read_values(text: str, option: str, measured: str, name: str) -> float | Range | Listed:
    """Read what `--set` gives a quantity: `10 mM`, `2:60:30` or `2:60:30 uM`, `0.05:10:30:log`, `1.5,50,150 mM`.

    measured: the unit that is meant where a range or a list names none, and in which the values are returned.

    Raises FormatError for a range or a list that is none; UnitError for a wrong unit, and for a single number without one.
    """
    numbers, _, word = text.strip().partition(" ")
    if ":" in numbers:
        return read_range(numbers, f"{option} {name}", measured, _factor(word, measured, name))
    if "," in numbers:
        return _listed(numbers, text, f"{option} {name}", measured, _factor(word, measured, name))
    return internal(text, measured, name)


def read_range(text: str, option: str, unit: str = "mV", factor: float = 1.0) -> Range:
    """Read `start:stop:count` or `start:stop:count:log`; `factor` is that from the unit written to `unit`.

    Raises FormatError for anything else, for numbers that are not finite, for a count that is not 1 or more, and for a
    logarithm of what is not positive.
    """
    parts = text.split(":")
    logarithmic = len(parts) == 4 and parts[3] == LOG
    parts = parts[:3] if logarithmic else parts
    usual = "-120:60:19" if unit == "mV" else "20:40:21" if unit == "degC" else "2:60:30"
    example = f"expected start:stop:count in {unit}, for example {option}{'=' if '.' in option else ' '}{usual}"
    if len(parts) != 3:
        raise FormatError(f"{option} {text!r}: {len(parts)} part{'s' * (len(parts) != 1)}; {example}")
    try:
        start, stop, count = float(parts[0]) * factor, float(parts[1]) * factor, int(parts[2])
    except ValueError:
        raise FormatError(f"{option} {text!r}: not all of its parts are numbers; {example}") from None
    if not (math.isfinite(start) and math.isfinite(stop)):
        raise FormatError(f"{option} {text!r}: its ends must be finite; {example}")
    if not 1 <= count <= MOST:
        raise FormatError(f"{option} {text!r}: {count} points; the count is a whole number from 1 to {MOST}")
    if count == 1 and start != stop:
        raise FormatError(f"{option} {text!r}: one point cannot be at both {start:g} and {stop:g}; give 2 or more")
    if logarithmic and not (start > 0.0 and stop > 0.0):
        raise FormatError(f"{option} {text!r}: a range by logarithm runs between positive numbers, not from {start:g} to "
                          f"{stop:g} {unit}")
    return Range(start, stop, count, unit, logarithmic)


def _listed(numbers: str, text: str, option: str, measured: str, factor: float) -> Listed:
    try:
        values = [float(part) * factor for part in numbers.split(",")]
    except ValueError:
        raise FormatError(f"{option} {text!r}: not all of its parts are numbers; expected for example "
                          f"{option}=1.5,50,150 in {measured}") from None
    if not all(map(math.isfinite, values)):
        raise FormatError(f"{option} {text!r}: its values must be finite; expected for example {option}=1.5,50,150")
    if len(set(values)) < len(values):
        raise FormatError(f"{option} {text!r}: a value stands there twice; give each once")
    return Listed(values, measured)


def _factor(word: str, measured: str, name: str) -> float:
    """How many of the unit that is meant make one of the unit that is written."""
    return internal(Quantity(1.0, unit(word.strip())), measured, name) if word.strip() else 1.0
