"""Spikes and other events of a run: when, how high, how wide, and the sodium and ATP that each spike costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.units import ONE, Quantity, internal, unit
from pumpleak.lab.events import extremes_of
from pumpleak.lab.protocol import time_text
from pumpleak.lab.spike_cost import Balance, Bounds, SpikeCost, Timed, mean_of, times_of
from pumpleak.lab.waveform import Curve

Array = NDArray[np.float64]

THRESHOLD = "-20 mV"  # well above where spikes start, well below their peaks in all but the smallest cells
LONGEST = "20 ms"  # spikes of neurons are over sooner; what stays up longer is a depolarisation block
RETURNED = 0.1  # mV: as near to where it began as counts as having returned
FEWEST_ROWS = 5  # above half height: with fewer the parabola of the peak is off by more than 1 % of the height (measured)
CLOSE = 0.1  # ms: rows that show the spikes of the catalogue's cells, some 1 ms wide at half their height
UNSEEN = 20.0  # mV: a spike needs sodium to shift V by some 100 mV; a fifth of that unseen between two rows may hide one
NAMES = ("membrane.V", "V")  # of the potential, in a model without books


class Features(dict[str, Quantity]):
    """Numbers by name, which print as a table; `remarks` say what must be known to read them."""

    def __init__(self, values: Mapping[str, Quantity], remarks: tuple[str, ...] = ()) -> None:
        super().__init__(values)
        self.remarks = remarks

    def __str__(self) -> str:
        rows = [(name, f"{of.value:.4g}", str(of.unit) if of.unit.parts else "") for name, of in self.items()]
        name, value = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
        lines = [f"{row[0]:{name}}  {row[1]:>{value}} {row[2]}".rstrip() for row in rows]
        return "\n".join([*lines, *(f"remark: {remark}" for remark in self.remarks)])

    __repr__ = __str__


@dataclass(frozen=True)
class Spikes:
    """The spikes of a run, one entry of each array a spike.

    times: of passing the threshold upward [ms]; peak, and trough: lowest V after it, before the next [mV]; height: of the
    peak above the V from which it rose, the lowest of the 20 ms before [mV]; half_width: time above half of that height
    [ms]; upstroke: steepest rise after the last edge of the protocol before the peak [mV/ms]; begins: the last departure from
    that V, by 0.1 mV; ends: the return to it within 0.1 mV, or where the next begins, or the end of the run; in a cell that was
    about to fire already where V first comes back to it, or is lowest (`Balance.ends`) [ms]; threshold: what V must pass;
    place: where in the protocol the first one came; cost: sodium and ATP, where the model has books.
    """

    times: Quantity
    peak: Quantity
    height: Quantity
    half_width: Quantity
    upstroke: Quantity
    trough: Quantity
    begins: Quantity
    ends: Quantity
    threshold: Quantity
    place: str = ""
    cost: SpikeCost | None = None

    def __len__(self) -> int:
        return int(np.size(self.times.value))

    @property
    def count(self) -> int:
        """How many."""
        return len(self)

    @property
    def intervals(self) -> Quantity:
        """Time from each to the next. [ms]"""
        return Quantity(np.diff(np.atleast_1d(self.times.to("ms"))), unit("ms"))

    @property
    def rate(self) -> Quantity:
        """One over the mean interval; 0 for fewer than two. [1/s]"""
        intervals = np.atleast_1d(self.intervals.to("s"))
        return Quantity(float(1.0 / np.mean(intervals)) if intervals.size else 0.0, unit("1/s"))

    @property
    def features(self) -> Features:
        """Count, rate, and the mean of every other feature, by name."""
        found = {"spikes": Quantity(float(self.count), ONE)}
        remarks: tuple[str, ...] = (f"a spike passes {self.threshold:g}",)
        if not self.count:
            return Features(found, remarks)
        found["spikes.rate"] = self.rate
        found["spikes.first"] = Quantity(float(np.atleast_1d(self.times.value)[0]), self.times.unit)
        for name in ("peak", "height", "half_width", "upstroke", "trough"):
            found[f"spikes.{name}"] = mean_of(getattr(self, name))
        if self.cost:
            found |= self.cost.features
            remarks += (*self.cost.remarks, *((self.cost.unpaid,) if self.cost.unpaid else ()))
        return Features(found, remarks)

    def to_plain(self) -> dict[str, Any]:
        """All of it as plain data for JSON."""
        apart = ("cost", "place", "threshold")
        kept = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in apart}
        plain: dict[str, Any] = {"count": self.count, "rate": {"value": self.rate.value, "unit": "1/s"},
                                 "threshold": {"value": self.threshold.value, "unit": str(self.threshold.unit)}}
        plain |= {name: {"value": np.atleast_1d(of.value).tolist(), "unit": str(of.unit)} for name, of in kept.items()}
        return plain | ({"cost": self.cost.to_plain()} if self.cost else {})

    def __str__(self) -> str:
        if not self.count:
            return f"no spikes above {self.threshold:g}"
        first = time_text(float(np.atleast_1d(self.times.to("ms"))[0]), 4)
        words = "1 spike" if self.count == 1 else f"{self.count} spikes"
        paced = f", {self.rate.to('1/s'):.3g} per s" if self.count > 1 else ""
        place = f", {self.place}" if self.place else ""
        text = (f"{words} above {self.threshold:g}, the first at {first}{place}{paced}; "
                f"peak {mean_of(self.peak).to('mV'):.3g} mV, half-width {mean_of(self.half_width).to('ms'):.3g} ms")
        return "\n".join([f"{text}; {self.cost}", *(f"remark: {each}" for each in self.cost.remarks)]) if self.cost else text


def spikes_of(result: Timed, name: str | None = None, threshold: Quantity | str = THRESHOLD,
              longest: Quantity | str = LONGEST) -> Spikes:
    """The spikes of a potential: where it passes the threshold upward and is back below it within `longest`.

    Raises ModelError where the rows are too far apart to show spikes as they were; NameUnknown for no such potential.
    """
    name = name or potential_of(result)
    if name not in result.available:
        raise NameUnknown(f"spikes: {result.model} has no quantity {shown(name)}{did_you_mean(name, result.available)}")
    level, limit = internal(threshold, "mV", "spikes: threshold"), internal(longest, "ms", "spikes: longest")
    curve = Curve(times_of(result), result.column(name))
    balance = Balance.of(result, name)
    found = [_Spike.about(curve, up, down) for up, down in _above(curve, level, limit)]
    for number, spike in enumerate(found):
        spike.depart(curve, found[number - 1].down if number else 0, limit, level)
    for number, spike in enumerate(found):
        spike.settle(curve, found[number + 1].first if number + 1 < len(found) else len(curve.times) - 1, limit)
    if balance is not None and result.gates:
        _refuse_unseen(result, balance, found)
    return _measured(result, curve, found, balance, level)


def features(result: Timed) -> Features:
    """Events of a run by name: count, rate, shape and cost of its spikes, means over them; extremes of its potential.

    Raises ModelError where the rows are too far apart to show spikes.
    """
    name = potential_of(result)
    reach = extremes_of(result, name)
    found = spikes_of(result, name).features
    return Features({**found, f"{name}.least": reach.least, f"{name}.most": reach.most}, found.remarks)


def told(result: Timed) -> tuple[Features, str]:
    """The features of a run, or none and why: "" for a model without a potential."""
    try:
        return features(result), ""
    except NameUnknown:
        return Features({}), ""
    except ModelError as error:
        return Features({}), str(error)


def potential_of(result: Timed) -> str:
    """The potential across the first membrane of a model. Raises NameUnknown where it has none."""
    if result.books is not None and result.books.capacitors:
        return f"{result.books.capacitors[0].charge.removesuffix('charge')}V"
    name = next((each for each in NAMES if each in result.available), None)
    if name is None:
        raise NameUnknown(f"spikes: {result.model} has no {' or '.join(NAMES)}; name the potential, for example "
                          f"result.spikes({next(iter(result.available), 'V')!r})")
    return name


@dataclass
class _Spike:
    """Rows of one spike: before it passes the threshold up and down, of its peak, its first and last, and past its trough.

    rising, back, whole: as in `Bounds`.
    """

    up: int
    down: int
    peak: int
    first: int = 0
    last: int = 0
    settled: int = 0
    rising: int = 0
    back: int = 0
    whole: bool = True
    base: float = 0.0

    @classmethod
    def about(cls, curve: Curve, up: int, down: int) -> _Spike:
        return cls(up, down, up + 1 + int(np.argmax(curve.values[up + 1:down + 1])))

    def depart(self, curve: Curve, after: int, longest: float, threshold: float) -> None:
        """Where it departs from the lowest V since the spike before, and is half-way from there to the threshold."""
        after = max(after, int(np.searchsorted(curve.times, curve.times[self.up] - longest)))
        rise = curve.values[after:self.up + 1]
        self.base = float(np.min(rise))
        self.first = after + int(np.flatnonzero(rise <= self.base + RETURNED)[-1])
        self.rising = after + int(np.flatnonzero(rise <= 0.5 * (self.base + threshold))[-1])

    def own(self, curve: Curve) -> int:
        """The first row of its rise after the last edge of the protocol: what a shock does to V is not its own."""
        edges = np.flatnonzero(curve.steps[self.first:self.peak] == 0.0)
        return self.first + int(edges[-1]) + 1 if edges.size else self.first

    def settle(self, curve: Curve, before: int, longest: float) -> None:
        """Where it has returned to that, and where its trough must have been, both before the next."""
        away = np.flatnonzero(np.abs(curve.values[self.down:before + 1] - self.base) > RETURNED)
        self.last = min(self.down + int(away[-1]) + 1, before) if away.size else self.down
        self.settled = min(int(np.searchsorted(curve.times, curve.times[self.last] + longest)), before)
        self.come_back(curve, before, longest)

    def come_back(self, curve: Curve, before: int, longest: float) -> None:
        """Where it first comes back to that V, else where V is lowest soon after; the end of the run may be before that."""
        near = np.flatnonzero(curve.values[self.down:before + 1] <= self.base + RETURNED)
        soon = min(int(np.searchsorted(curve.times, curve.times[self.down] + longest)), before)
        self.back = self.down + int(near[0] if near.size else np.argmin(curve.values[self.down:soon + 1]))
        self.whole = bool(near.size) or self.back < len(curve.times) - 1


def _above(curve: Curve, threshold: float, longest: float) -> Iterator[tuple[int, int]]:
    """Rows before the passages up and down of each stay above the threshold that is no longer than a spike."""
    ups, downs = curve.passing(threshold, True), curve.passing(threshold, False)
    for up in ups:
        place = int(np.searchsorted(downs, up))
        if place < len(downs):
            down = int(downs[place])
            if curve.times[down] - curve.times[up + 1] <= longest:
                yield int(up), down


def _measured(result: Timed, curve: Curve, found: list[_Spike], balance: Balance | None, threshold: float) -> Spikes:
    rows = {name: np.array([getattr(spike, name) for spike in found], dtype=np.intp)
            for name in ("up", "first", "rising", "peak", "back", "last")}
    tops = np.array([curve.top(spike.peak)[1] for spike in found])
    heights = tops - np.array([spike.base for spike in found])
    widths = _half_widths(result, curve, found, tops - 0.5 * heights)
    steepest = np.array([curve.steepest(spike.own(curve), spike.peak) for spike in found])
    troughs = np.array([np.min(curve.values[spike.down:max(spike.settled, spike.down + 1) + 1]) for spike in found])
    up, bounds = rows.pop("up"), Bounds(whole=np.array([spike.whole for spike in found], dtype=np.bool_), **rows)
    ends = balance.ends(bounds) if balance is not None else bounds.last
    cost = balance.cost(bounds, heights) if balance is not None and found else None
    times = curve.meets(up, threshold)
    mV, ms = unit("mV"), unit("ms")
    return Spikes(Quantity(times, ms), Quantity(tops, mV), Quantity(heights, mV), Quantity(widths, ms),
                  Quantity(steepest, unit("mV/ms")), Quantity(troughs, mV), Quantity(curve.times[bounds.first], ms),
                  Quantity(curve.times[ends], ms), Quantity(threshold, mV), _place(result, times), cost)


def _place(result: Timed, times: Array) -> str:
    """Where in a protocol of several steps the first spike came, with the values of that step."""
    if len(result.segments) < 2 or not times.size:
        return ""
    number, step = next((number, each) for number, each in reversed(list(enumerate(result.segments, start=1)))
                        if each.start <= times[0])
    given = ", ".join(f"{name} {value:g} {result.available.get(name, '')}".rstrip() for name, value in step.values.items())
    return f"{time_text(float(times[0]) - step.start, 4)} into step {number}{f' with {given}' if given else ''}"


def _half_widths(result: Timed, curve: Curve, found: list[_Spike], levels: Array) -> Array:
    """Time above half of each height; NaN for a spike that the end of the run or the next spike cuts off. [ms]"""
    ends = [_half_height(result, curve, spike, level) for spike, level in zip(found, levels, strict=True)]
    whole = np.array([after >= 0 for _, after in ends], dtype=bool)
    before, after = np.array(ends, dtype=np.intp).reshape(-1, 2)[whole].T
    widths = np.full(len(found), np.nan)
    widths[whole] = curve.meets(after, levels[whole]) - curve.meets(before, levels[whole])
    return widths


def _half_height(result: Timed, curve: Curve, spike: _Spike, level: float) -> tuple[int, int]:
    """Rows before it passes half its height up and down (-1: it does not); refuses a spike of too few rows between."""
    before = spike.first + int(np.flatnonzero(curve.values[spike.first:spike.peak] < level)[-1])
    below = np.flatnonzero(curve.values[spike.peak:spike.last + 1] < level)
    if not below.size:
        return before, -1
    after = spike.peak + int(below[0]) - 1
    distinct = len(np.unique(curve.times[before + 1:after + 1]))
    if distinct < FEWEST_ROWS:
        raise _too_coarse(result, f"the spike at {time_text(float(curve.times[spike.peak]))} has {distinct} rows above half "
                          f"its height, {FEWEST_ROWS} are needed", curve.times[before:after + 2])
    return before, after


def _refuse_unseen(result: Timed, balance: Balance, found: list[_Spike]) -> None:
    """Hold the sodium that came in between rows against what the rows show of its flow: what is hidden may be a spike.

    While a spike that is shown is above the threshold the flow is merely steep: no other one hides there.
    """
    unseen = balance.unseen().copy()
    for spike in found:
        unseen[spike.up:spike.down + 1] = 0.0
    if unseen.size and float(np.max(unseen)) > UNSEEN:
        worst = int(np.argmax(unseen))
        raise _too_coarse(result, f"between {time_text(float(times_of(result)[worst]))} and "
                          f"{time_text(float(times_of(result)[worst + 1]))} sodium came in that would shift V by "
                          f"{unseen[worst]:.3g} mV, and no row shows it", times_of(result)[worst:worst + 2])


def _too_coarse(result: Timed, what: str, rows: Array) -> ModelError:
    """The error of rows too far apart, with advice that is closer than they are: a tenth of their time, half their gap."""
    wanted = min(CLOSE, float(rows[-1] - rows[0]) / 10.0 if len(rows) > 2 else CLOSE, float(np.max(np.diff(rows))) / 2.0)
    return ModelError(f"{result.model}: its rows are too far apart for spikes: {what}; keep more, for example "
                      f"Experiment(..., every='{wanted:.2g} ms'), which a study writes as `every: {wanted:.2g} ms`")
