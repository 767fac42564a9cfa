"""M5.2: after firing the pump restores the resting state; it does not end the spike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.claims.impulse import first
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, PALE, VERMILLION, sheet, styled
from pumpleak.app.targets import Targets
from pumpleak.lab.result import Result

TRAIN, CONSTANT = "neuron-train", "neuron-train-pump-constant"
SPIKE, SPIKE_CONSTANT = "neuron-spike", "neuron-spike-pump-constant"
SODIUM = ("channel_Na", "channel_NaP", "leak_Na", "nkcc1")
V = "membrane.V"
SETTLED = 1000.0  # ms after the last spike: slow channels have closed, as the row says
LOOKS = ((BLACK, "-", "pump free"), (VERMILLION, "--", "pump held as at rest"))
LATER = 5000.0  # ms after the train: where the pump held constant is looked at, as the row says


def show(bench: Bench, targets: Targets) -> Shown:
    """The course after a train, the ATP it took, and one spike with the pump held."""
    train, held = After.of(bench.run(TRAIN)), After.of(bench.run(CONSTANT))
    free, fixed = bench.run(SPIKE).spikes(), bench.run(SPIKE_CONSTANT).spikes()
    lasts, sodium = train.lasts, train.falls("inside.Na")
    values: dict[str, float | None] = {
        "hyperpolarisation-lasts": None if lasts is None else lasts / 1e3,
        "as-sodium": None if lasts is None or sodium is None else lasts / sodium,
        "none-when-blocked": held.above(LATER),
        "hyperpolarisation": train.peak,
        "recovery": None if sodium is None else sodium / 1e3,
        "ATP-by-count": ATP_by_count(train.result),
        "ATP-per-area": first(free.cost.ATP_per_area, "1/um2") if free.cost and free.cost.ATP_per_area else None,
        "not-the-spike": first(fixed.half_width, "ms") / first(free.half_width, "ms"),
    }
    figures = {"recovery": _recovery(train, held, targets), "constant": _constant(bench.run(SPIKE), bench.run(SPIKE_CONSTANT))}
    return Shown(values, figures, (TRAIN, CONSTANT, SPIKE, SPIKE_CONSTANT))


@dataclass(frozen=True)
class After:
    """The course of a run after its train, which ends where its last segment begins: time [ms] since then."""

    result: Result
    time: Array

    @classmethod
    def of(cls, result: Result) -> After:
        """Of a run whose last segment is the recovery."""
        return cls(result, np.asarray(result.time.to("ms")) - result.segments[-1].start)

    def above(self, milliseconds: float) -> float:
        """V so long after the train less that before it. [mV]"""
        voltage = self.result.column(V)
        return float(np.interp(milliseconds, self.time, voltage) - voltage[0])

    @property
    def _trough(self) -> int:
        """The row of the lowest V after slow channels have closed."""
        later = np.flatnonzero(self.time >= SETTLED)
        return int(later[np.argmin(self.result.column(V)[later])])

    @property
    def peak(self) -> float:
        """How far below rest V goes. [mV]"""
        voltage = self.result.column(V)
        return float(voltage[0] - voltage[self._trough])

    @property
    def lasts(self) -> float | None:
        """Time from the end of the train until the hyperpolarisation has fallen to 1/e of its peak. [ms]"""
        return self._passes(self.result.column(V)[0] - self.result.column(V), self._trough)

    def falls(self, name: str) -> float | None:
        """Time from the end of the train until a quantity has fallen to 1/e of its rise. [ms]"""
        values = self.result.column(name)
        return self._passes(values - values[0], int(np.searchsorted(self.time, 0.0)))

    def _passes(self, above: Array, row: int) -> float | None:
        """When what is above its start falls to 1/e of what it is at a row; None where it does not."""
        level = above[row] / np.e
        below = np.flatnonzero(above[row:] < level)
        if not below.size:
            return None
        place = row + int(below[0])
        return float(np.interp(-level, [-above[place - 1], -above[place]], [self.time[place - 1], self.time[place]]))


def ATP_by_count(result: Result) -> float:
    """ATP that metabolism gave back from the train to the end over a third of the Na+ extruded, neither read off the pump.

    What left by the pump is what came in by every other path less what is still there.
    """
    start = int(np.searchsorted(np.asarray(result.time.to("ms")), result.segments[1].start))
    entered = -sum(_change(result, f"{name}.extent", start) * (-1.0 if name == "nkcc1" else 1.0) for name in SODIUM)
    extruded = entered - _change(result, "inside.Na.amount", start)
    return 3.0 * _change(result, "metabolism.extent", start) / extruded


def _change(result: Result, name: str, start: int) -> float:
    values = result.column(name)
    return float(values[-1] - values[start])


def _recovery(train: After, held: After, targets: Targets) -> Figure:
    """Potential, ions and pump during the train and after, with the pump free and held."""
    courses = ((V, "membrane\npotential [mV]", 1.0), ("inside.Na", "Na\u207a inside\n[mM]", 1.0),
               ("outside.K", "K\u207a outside\n[mM]", 1.0), ("pump.turnover", "pump turnover\n[/s]", 1e3))
    with styled():
        figure, axes = sheet(len(courses), 1, height=1.6, sharex=True)
        for each, (name, words, scale) in zip(axes, courses, strict=True):
            for after, (colour, dash, said) in zip((train, held), LOOKS, strict=True):
                shown = _between_spikes(after)
                each.plot(after.time[shown] / 1e3, scale * after.result.column(name)[shown], color=colour, ls=dash, lw=1.6,
                          label=said)
            each.axvspan(-10.0, 0.0, color=PALE, lw=0, zorder=0)
            each.axhline(scale * train.result.column(name)[0], color=GREY, lw=0.7)
            each.set(ylabel=words, xlim=(-12, 200))
        _marks(axes[0], train, targets)
        axes[0].set_ylim(-75, -58)
        axes[0].set_title("200 spikes in 10 s, and after; rows between spikes")
        axes[-1].set_xlabel("time after the train [s]")
        figure.align_ylabels(axes)
    return figure


def _marks(axes: Axes, train: After, targets: Targets) -> None:
    """Where the hyperpolarisation has fallen to 1/e, and when that was measured."""
    row, lasts = targets["hyperpolarisation-lasts"], train.lasts
    rest = train.result.column(V)[0]
    level = rest - train.peak / np.e
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [level, level], color=BLUE, lw=6, alpha=0.4, solid_capstyle="butt",
                  label="measured, at no stated level")
    if lasts is not None:
        axes.plot(lasts / 1e3, level, "D", color=GREEN, ms=7, zorder=3, label="fallen to 1/e")
    axes.legend(loc="upper right", fontsize=8.5, ncols=2)


def _between_spikes(after: After) -> NDArray[np.intp]:
    """Rows before the train, at the start of each of its pulses, and after."""
    pulses = np.array([span.start for span in after.result.segments[1:-1:2]]) - after.result.segments[-1].start
    first = pulses[0]
    chosen = (after.time < first) | (after.time > 0.0) | np.isin(after.time, pulses)
    return np.flatnonzero(chosen)


def _constant(free: Result, fixed: Result) -> Figure:
    """One spike, and what the pump does in it."""
    begin = free.segments[1].start
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.0)
        for result, (colour, dash, words) in zip((free, fixed), LOOKS, strict=True):
            time = np.asarray(result.time.to("ms")) - begin
            left.plot(time, result.column(V), color=colour, ls=dash, label=words)
            right.plot(time, result.column("pump.current"), color=colour, ls=dash, label=words)
        left.set(xlabel="time since the pulse began [ms]", ylabel="membrane potential [mV]", xlim=(-2, 30), title="The spike")
        left.legend(loc="upper right")
        right.set(xlabel="time since the pulse began [ms]", ylabel="current of the pump [pA]", xlim=(-2, 30), ylim=(0, None),
                  title="The pump meanwhile")
    return figure
