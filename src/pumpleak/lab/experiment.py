"""An experiment: a model, what is done to it over time, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from pumpleak.base.domains import check_domain
from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.base.names import did_you_mean, instead, shown
from pumpleak.base.units import ONE, Quantity, Unit, internal, unit
from pumpleak.lab.programs import Labelled, Model, labelled, program_for
from pumpleak.lab.protocol import Protocol, Segment
from pumpleak.system.books import Books

Start = Literal["initial", "rest"]

# The ledger allows 1e-6 of the free energy. Measured on generic-cell, 4 h of pump block and 10 h of recovery: 4e-7 at
# 1e-4, 4e-9 at 1e-6, 2e-11 at 1e-8 (385 steps, 7 ms); 10 000 stimulus pulses at 1e-8: 7e-10. So the bound holds with
# three digits to spare under any protocol, and V is good to 1e-6 mV.
RTOL = 1e-8
TIGHTEST, LOOSEST = 1e-13, 1e-2  # rounding takes over below; nothing is right above
MOST_ROWS = 10_000_000  # about 1 GB for a cell


@dataclass(frozen=True)
class Span:
    """A segment in its place: from start to end [ms], with parameters in the model's own units.

    ramps: parameter -> (value at start, value at end).
    """

    start: float
    end: float
    values: Mapping[str, float] = field(default_factory=dict)
    ramps: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    settle: bool = False


@dataclass(frozen=True)
class Experiment:
    """A model and what is done to it.

    record: names to keep, None for all of the model's. samples: evenly spaced output times, first and last included;
    `every`, a time, takes their place. Both ends of each segment are kept as well, so that a jump shows as one.
    start: "initial" (the model's own start values) or "rest". rtol: relative tolerance of each step.

    Raises NameUnknown for a parameter or a name to record that the model has not, UnitError for a value in another
    unit, ModelError for what cannot be run and for a protocol that would make or destroy what a place holds.
    """

    model: Model
    protocol: Protocol
    record: Sequence[str] | None = None
    samples: int = 1001
    every: Quantity | str | None = None
    start: Start = "initial"
    rtol: float = RTOL

    def __post_init__(self) -> None:
        if not isinstance(self.protocol, Protocol) or not self.protocol.segments:
            raise ModelError(f"experiment: its protocol is {shown(self.protocol)}; give segments such as hold('10 min')")
        if self.start not in get_args(Start):
            raise ModelError(f"experiment: start {shown(self.start)}; it is 'initial' or 'rest'")
        if not TIGHTEST <= self.rtol <= LOOSEST:
            raise ModelError(f"experiment: rtol {self.rtol}; it must lie between {TIGHTEST} and {LOOSEST}")
        if isinstance(self.samples, bool) or not isinstance(self.samples, int) or not 2 <= self.samples <= MOST_ROWS:
            raise ModelError(f"experiment: samples {shown(self.samples)}; give a whole number from 2 to {MOST_ROWS}")
        # what does not fit the model is found here, when the experiment is made
        self.labels  # noqa: B018
        self.interval  # noqa: B018
        self.spans  # noqa: B018
        self._check_record()

    @cached_property
    def labels(self) -> Labelled:
        """Names and units of the model."""
        return labelled(self.model)

    @cached_property
    def interval(self) -> float:
        """Time between output rows; 0 if nothing lasts. [ms]"""
        total = self.protocol.milliseconds
        if self.every is None:
            return total / (self.samples - 1)
        interval = internal(self.every, "ms", "experiment: every")
        if not interval > 0:
            raise ModelError(f"experiment: every {shown(self.every)} is not positive; give the time between rows")
        if total / interval > MOST_ROWS:
            raise ModelError(f"experiment: every {shown(self.every)} makes {total / interval:.3g} rows; "
                             f"at most {MOST_ROWS} are kept")
        return interval

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The segments of the protocol in their places, with their parameters in the model's units."""
        return tuple(self._placed())

    @cached_property
    def ramped(self) -> frozenset[str]:
        """Parameters that some segment ramps."""
        return frozenset(name for segment in self.protocol.segments for name in segment.ramps)

    def _placed(self) -> Iterator[Span]:
        read: dict[int, dict[str, float]] = {}  # repeated segments are one object: their values are read once
        in_force: Mapping[str, float] = {}
        time = 0.0
        for number, segment in enumerate(self.protocol.segments, start=1):
            if id(segment) not in read:
                read[id(segment)] = {name: self._internal(name, value, number) for name, value in segment.values.items()}
            values = read[id(segment)]
            ramps = {name: self._ramp(name, segment, in_force, number) for name in segment.ramps}
            yield Span(time, time + segment.duration, values, ramps, segment.settle)
            time += segment.duration
            in_force = {**values, **{name: end for name, (_, end) in ramps.items()}} if ramps else values

    def _ramp(self, name: str, segment: Segment, in_force: Mapping[str, float], number: int) -> tuple[float, float]:
        begin, end = segment.ramps[name]
        target = self._internal(name, end, number)
        if begin is not None:
            return self._internal(name, begin, number), target
        return in_force.get(name, self.labels.parameters[name].value), target

    def _internal(self, name: str, value: Quantity, number: int) -> float:
        parameter = self.labels.parameters.get(name)
        if parameter is None:
            raise NameUnknown(f"protocol, segment {number}: {no_parameter(self.labels, name)}")
        try:
            found = internal(value, unit_of(parameter.unit), name)
        except UnitError as error:
            raise UnitError(f"protocol, segment {number}: {error}") from None
        check_domain(f"protocol, segment {number}", name, found, parameter.unit, parameter.domain)
        # a rest asked for alone has no past: it may begin with any amounts
        if self.protocol.milliseconds > 0 and name in self._held:
            what, mover = ("water", "a transporter of kind 'water'") if parameter.unit == "pL" else ("matter", "a transporter")
            at_start = "a volume" if parameter.unit == "pL" else "an amount"
            raise ModelError(f"protocol, segment {number}: {name} {shown(value)}: {what} would come from nowhere, or be gone; "
                             f"give {at_start} at the start (with_values, --set), or move it by {mover}")
        return found

    @cached_property
    def _held(self) -> frozenset[str]:
        """Names of what the places of the books hold: amounts and volumes of water."""
        plain = program_for(self.model).labels.books
        if plain is None:
            return frozenset()
        books = Books.from_plain(plain)
        return frozenset((*(each.name for each in books.amounts), *(each.volume for each in books.places))) - {""}

    def _check_record(self) -> None:
        for name in self.record or ():
            if name not in self.labels.units:
                raise NameUnknown(f"experiment: record: {self.labels.name} has no quantity {shown(name)}"
                                  f"{did_you_mean(name, self.labels.units)}")


def no_parameter(labels: Labelled, name: str) -> str:
    """What is wrong with a name that is no parameter: what it is instead, what to set in its place, or the nearest names."""
    computed = f" ('{name}' follows from the model)" if name in labels.units else ""
    hint = (_settable(labels, name) if computed else "") or instead(name, labels.parameters)
    return f"{labels.name} has no parameter {shown(name)}{computed}{hint}"


def _settable(labels: Labelled, name: str) -> str:
    """What a protocol can set instead: outside.K of a finite outside follows, bath.K does not; no current holds a potential."""
    if labels.units[name] == "mV":
        held = [each for each, parameter in labels.parameters.items() if parameter.unit == "pA"]
        return "; a potential is a state, which cannot be held" + (f"; a current moves it: {' or '.join(held)}" if held else "")
    species = name.rpartition(".")[2]
    given = [each for each, parameter in labels.parameters.items()
             if each.rpartition(".")[2] == species and parameter.unit == "mM"]
    return f"; {species} can be set as {' or '.join(given)}" if given else ""


def unit_of(text: str) -> Unit:
    """The unit that a label names; none and "1" stand for a pure number."""
    return unit(text) if text else ONE
