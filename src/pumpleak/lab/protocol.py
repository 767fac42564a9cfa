"""What is done to a model over time: stretches of constant or ramped parameters, joined by `+` and repeated by `*`.

The words are `hold`, `ramp`, `pulse` and `settle`. Values hold during their own segment; after it the model's own value
returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pumpleak.base.errors import ModelError, UnitError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, internal, quantity, unit

Given = Quantity | str | float
Pair = tuple[Quantity | None, Quantity]

# 1e5 years of 365.25 days in ms: beyond any biology; a slip of unit is caught long before numbers fail
LONGEST = 1e5 * 365.25 * 86400e3
MOST_SEGMENTS = 1_000_000  # each costs about 0.2 ms to prepare and to start: more is surely a slip


@dataclass(frozen=True)
class Segment:
    """A stretch of time under given parameters.

    duration [ms]; values: parameter -> value; ramps: parameter -> (from, to), from None meaning the value in force
    before; settle: instead of letting time pass, go to the rest under these values.
    """

    duration: float
    values: Mapping[str, Quantity] = field(default_factory=dict)
    ramps: Mapping[str, Pair] = field(default_factory=dict)
    settle: bool = False


@dataclass(frozen=True)
class Protocol:
    """Segments one after the other: `hold("1 min") + 3 * pulse("1 ms", {...})`.

    Raises ModelError where there are too many of them or where they last too long.
    """

    segments: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        if len(self.segments) > MOST_SEGMENTS:
            raise ModelError(f"protocol: {len(self.segments)} segments; at most {MOST_SEGMENTS} are run")
        if self.milliseconds > LONGEST:
            raise ModelError(f"protocol: it lasts {self.milliseconds / LONGEST * 1e5:.3g} years; at most 1e5 years are run")

    @cached_property
    def milliseconds(self) -> float:
        """How long it lasts. [ms]"""
        return sum(segment.duration for segment in self.segments)

    @property
    def duration(self) -> Quantity:
        """How long it lasts."""
        return Quantity(self.milliseconds, unit("ms"))

    def __add__(self, other: Protocol) -> Protocol:
        if not isinstance(other, Protocol):
            raise ModelError(f"protocol: {shown(other)} cannot be joined to it; join hold(...), ramp(...), ...")
        return Protocol(self.segments + other.segments)

    def __mul__(self, times: int) -> Protocol:
        if isinstance(times, bool) or not isinstance(times, int) or times < 1:
            raise ModelError(f"protocol: it cannot be repeated {shown(times)} times; give a whole number, 1 or more")
        if times * len(self.segments) > MOST_SEGMENTS:
            raise ModelError(f"protocol: {times} repeats of {len(self.segments)} segments; "
                             f"at most {MOST_SEGMENTS} segments are run")
        return Protocol(self.segments * times)

    __rmul__ = __mul__


def hold(duration: Quantity | str, values: Mapping[str, Given] | None = None) -> Protocol:
    """Let the time pass, with these parameters changed while it does.

    Raises UnitError for a duration or value without its unit, ModelError for a duration that is not positive.
    """
    return Protocol((Segment(_duration(duration, "hold"), _values(values, "hold")),))


def ramp(duration: Quantity | str, to: Mapping[str, Given | tuple[Given, Given]]) -> Protocol:
    """Move parameters linearly to these values, from the values in force, or from the first of a pair (from, to)."""
    ramps: dict[str, Pair] = {}
    for name, target in to.items():
        if isinstance(target, tuple):
            if len(target) != 2:
                raise ModelError(f"ramp: {name}: given {len(target)} values; give the end, or a pair (from, to)")
            ramps[name] = (_value(target[0], name, "ramp"), _value(target[1], name, "ramp"))
        else:
            ramps[name] = (None, _value(target, name, "ramp"))
    if not ramps:
        raise ModelError("ramp: no parameter given; name what moves, for example {'outside.K': '8 mM'}, or use hold")
    return Protocol((Segment(_duration(duration, "ramp"), {}, ramps),))


def pulse(width: Quantity | str, values: Mapping[str, Given], after: Quantity | str | float = 0) -> Protocol:
    """Change parameters for a short while, after a wait under the model's own values."""
    changed = Protocol((Segment(_duration(width, "pulse"), _values(values, "pulse")),))
    waits = not (isinstance(after, int | float) and after == 0)
    return Protocol((Segment(_duration(after, "pulse, after"),),)) + changed if waits else changed


def settle(values: Mapping[str, Given] | None = None) -> Protocol:
    """Go to the rest that the model has under these values; no time passes."""
    return Protocol((Segment(0.0, _values(values, "settle"), settle=True),))


def _duration(given: Quantity | str | float, word: str) -> float:
    length = internal(given, "ms", f"{word}: duration")
    if not length > 0:
        raise ModelError(f"{word}: duration {shown(given)} is not positive; time only runs forward")
    if length > LONGEST:
        raise ModelError(f"{word}: duration {shown(given)} is longer than 1e5 years; check its unit")
    return length


def _values(values: Mapping[str, Given] | None, word: str) -> dict[str, Quantity]:
    return {name: _value(given, name, word) for name, given in (values or {}).items()}


def _value(given: Given, name: str, word: str) -> Quantity:
    """The quantity; whether its unit fits is known only when the model is."""
    try:
        read = quantity(given)
    except UnitError as error:
        raise UnitError(f"{word}: {name}: {error}") from None
    if not isinstance(read.value, float):
        raise UnitError(f"{word}: {name}: {shown(read)} is an array; give one value, or several segments")
    return read


def time_text(milliseconds: float, digits: int = 6) -> str:
    """A time in the unit in which one would say it."""
    for name, size in (("years", 3.15576e10), ("d", 8.64e7), ("h", 3.6e6), ("min", 6e4), ("s", 1e3)):
        if abs(milliseconds) >= size:
            return f"{milliseconds / size:.{digits}g} {name}"
    return f"{milliseconds:.{digits}g} ms"
