"""M5.3: without supply the pump slows, potassium gathers outside, and the cell depolarises until it is fed again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.lab.experiment import Span
from pumpleak.lab.result import Result

LACK, TRAIN = "neuron-lack-of-supply", "neuron-train"
DAHLEM, ULLAH, SHUT = "huebel-dahlem-pump-stop", "huebel-ullah-pump-off", "huebel-ullah-no-chloride"
V, SUPPLY, PROBE = "membrane.V", "supply.activity", "stimulus.injected"
MINUTE = 6e4  # ms
BEYOND = -30.0  # mV: as the row of the latency says
DEPOLARISED = -40.0  # mV: above it the published cells are called depolarised, as where their courses were recomputed
SECOND, ABRUPT = 1000.0, 1.0  # ms and mM: a rise by so much in that time is abrupt, as the row says
NEAR = 0.5  # mM: so near to rest counts as recovered, as the row says
BASE = 500.0  # ms before and after a test pulse, and at its end: V is steady there but for its slow drift
SHOWN = (-0.8, 12.0)  # min: the part of the course that the figure shows


def show(bench: Bench, targets: Targets) -> Shown:
    """The neuron in lack of supply, its potassium in a train, and the published neurons that lose their pump."""
    lack, dahlem, ullah = Lack(bench.run(LACK)), bench.run(DAHLEM), bench.run(ULLAH)
    values: dict[str, float | None] = {
        "ATP": lack.half_of_ATP,
        "latency": None if lack.onset is None else lack.onset / MINUTE,
        "potassium-at-onset": lack.abrupt and lack.abrupt[1],
        "potassium-peak": float(np.max(lack.during("outside.K"))),
        "sodium-outside": float(np.min(lack.during("outside.Na"))),
        "space": float(np.min(lack.during("outside.volume")) / lack.result.column("outside.volume")[0]),
        "plateau": None if lack.onset is None else lack.at(V, lack.onset + MINUTE),
        "resistance": lack.resistance,
        "recovery": None if lack.recovery is None else lack.recovery / MINUTE,
        "train-potassium": float(np.max(bench.run(TRAIN).column("outside.K"))),
        "published-rest": float(dahlem.column(V)[0]),
        "published-onset": depolarised(dahlem)[0],
        "published-end": depolarised(dahlem)[1],
        "published-potassium": float(np.max(dahlem.column("outside.K"))),
        "swelling-onset": depolarised(ullah)[0],
    }
    figures = {"lack": _lack_figure(lack, targets), "published": _published(dahlem, ullah, bench.run(SHUT), targets)}
    return Shown(values, figures, (LACK, TRAIN, DAHLEM, ULLAH, SHUT))


def depolarised(result: Result) -> tuple[float | None, float | None]:
    """When V is first and last above -40 mV. [s]"""
    above = np.flatnonzero(result.column(V) > DEPOLARISED)
    times = np.asarray(result.time.to("s"))
    return (float(times[above[0]]), float(times[above[-1]])) if above.size else (None, None)


@dataclass(frozen=True)
class Lack:
    """A run in which the supply of ATP is nothing for a while; times [ms] count from when it stops."""

    result: Result

    @cached_property
    def spans(self) -> list[Span]:
        """The segments without supply, one after the other."""
        return [span for span in self.result.segments if span.values.get(SUPPLY) == 0.0]

    @cached_property
    def time(self) -> Array:
        """Time since the supply stopped. [ms]"""
        return np.asarray(self.result.time.to("ms")) - self.spans[0].start

    @property
    def lasts(self) -> float:
        """How long there is no supply. [ms]"""
        return self.spans[-1].end - self.spans[0].start

    @cached_property
    def rows(self) -> slice:
        """The rows without supply."""
        return slice(int(np.searchsorted(self.time, 0.0)), int(np.searchsorted(self.time, self.lasts)) + 1)

    def during(self, name: str) -> Array:
        """A quantity while there is no supply."""
        return self.result.column(name)[self.rows]

    def at(self, name: str, time: float) -> float:
        """A quantity at a time."""
        return float(np.interp(time, self.time, self.result.column(name)))

    @cached_property
    def half_of_ATP(self) -> float | None:
        """When ATP is first below half of what it was. [s]"""
        below = np.flatnonzero(self.during("inside.ATP") <= 0.5 * self.result.column("inside.ATP")[0])
        return float(self.time[self.rows][below[0]]) / 1e3 if below.size else None

    @cached_property
    def onset(self) -> float | None:
        """When V passes -30 mV for good, the last spikes before it left out; None if supply returns first. [ms]"""
        below = np.flatnonzero(self.during(V) <= BEYOND)
        times = self.time[self.rows]
        return float(times[below[-1] + 1]) if below.size and below[-1] + 1 < len(times) else None

    @cached_property
    def abrupt(self) -> tuple[float, float] | None:
        """When the potassium outside first rises by more than 1 mM within a second [ms], and how much it is then. [mM]"""
        times, potassium = self.time[self.rows], self.during("outside.K")
        rise = np.interp(times + SECOND, times, potassium) - potassium
        found = np.flatnonzero(rise > ABRUPT)
        return (float(times[found[0]]), float(potassium[found[0]])) if found.size else None

    @cached_property
    def steepest(self) -> float:
        """When the potassium outside rises most within a second. [ms]"""
        times, potassium = self.time[self.rows], self.during("outside.K")
        return float(times[np.argmax(np.interp(times + SECOND, times, potassium) - potassium)])

    @cached_property
    def recovery(self) -> float | None:
        """Time from the return of supply until the potassium outside stays within 0.5 mM of rest. [ms]"""
        potassium = self.result.column("outside.K")
        away = np.flatnonzero(np.abs(potassium - potassium[0]) > NEAR)
        return float(self.time[away[-1] + 1]) - self.lasts if away.size and away[-1] + 1 < len(potassium) else None

    @cached_property
    def resistance(self) -> float | None:
        """By the test pulses: that while there is no supply over that before."""
        pulses = [span for span in self.result.segments if PROBE in span.values]
        before, without = ([span for span in pulses if (span in self.spans) == lacking] for lacking in (False, True))
        return self._deflection(without[0]) / self._deflection(before[0]) if before and without else None

    def _deflection(self, pulse: Span) -> float:
        """V at the end of a test pulse less the mean of V before and after, over its current. [GOhm]"""
        start = self.spans[0].start
        first, end, after = (self.at(V, time - start) for time in (pulse.start - 1.0, pulse.end - 1.0, pulse.end + BASE))
        return (end - 0.5 * (first + after)) / pulse.values[PROBE]


def _lack_figure(lack: Lack, targets: Targets) -> Figure:
    """ATP, ions outside, potential and volumes, with what was measured at its time."""
    onset, minutes = (lack.steepest if lack.onset is None else lack.onset) / MINUTE, lack.time / MINUTE
    with styled():
        figure, axes = sheet(2, 2, height=2.75)
        energy, ions, voltage, volumes = axes
        for name, words, colour, dash in (("ATP", "ATP", PURPLE, "-"), ("PCr", "phosphocreatine", ORANGE, "--")):
            energy.plot(minutes, lack.result.column(f"inside.{name}"), color=colour, ls=dash, label=words)
        fed = float(lack.result.column("inside.ATP")[0])
        _range(energy, targets["ATP"], across=0.5 * fed, scale=1.0 / 60.0)
        energy.set(ylabel="inside [mM]", ylim=(0.0, 5.0), title="High-energy phosphate")
        for ion, words, colour, dash in (("Na", "Na\u207a", VERMILLION, "-"), ("K", "K\u207a", BLUE, "--")):
            ions.plot(minutes, lack.result.column(f"outside.{ion}"), color=colour, ls=dash, label=words)
        abrupt = lack.abrupt[0] if lack.abrupt else lack.steepest
        _range(ions, targets["potassium-at-onset"], at=abrupt / MINUTE, colour=BLUE, of="K\u207a")
        _range(ions, targets["potassium-peak"], at=onset + 0.4, colour=BLUE, of="K\u207a")
        _range(ions, targets["sodium-outside"], at=onset + 0.9, colour=VERMILLION, of="Na\u207a")
        ions.set(ylabel="outside [mM]", ylim=(0.0, 165.0), title="Ions in the space")
        voltage.plot(minutes, lack.result.column(V), color=BLACK, lw=1.3)
        _range(voltage, targets["latency"], across=BEYOND)
        _range(voltage, targets["plateau"], at=onset + 1.0)
        voltage.set(ylabel="membrane potential [mV]", title="Potential", ylim=(-90.0, 40.0))
        for name, words, colour, dash in (("inside", "cell", BLACK, "-"), ("outside", "space outside", GREEN, "--")):
            volume = lack.result.column(f"{name}.volume")
            volumes.plot(minutes, volume / volume[0], color=colour, ls=dash, label=words)
        _range(volumes, targets["space"], at=lack.lasts / MINUTE)
        volumes.set(ylabel="volume / rest", ylim=(0.0, 1.3), title="Volumes")
        for each in axes:
            each.axvspan(0.0, lack.lasts / MINUTE, color=PALE, lw=0, zorder=0)
            each.set(xlim=SHOWN, xlabel="time since supply failed [min]")
            each.legend(loc="best", fontsize=8.5)
    return figure


def _range(axes: Axes, row: Target, at: float = 0.0, across: float | None = None, scale: float = 1.0, colour: str = BLACK,
           of: str = "") -> None:
    """The published range of a row, upright at a time, or of times across a level; grey where the model was fitted to it."""
    low, high = scale * (row.low or 0.0), scale * (row.high or 0.0)
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    known = {"measured": "measured", "fitted": "measured (fitted to)"}.get(row.kind, "published program")
    words = f"{of} {known}".strip()
    label = words if words not in axes.get_legend_handles_labels()[1] else "_"
    x, y = (at, middle) if across is None else (middle, across)
    axes.errorbar([x], [y], yerr=[half] if across is None else None, xerr=[half] if across is not None else None, label=label,
                  color=GREY if row.kind == "fitted" else colour, lw=1.6, capsize=4.0, capthick=1.6, ls="none", zorder=4.0)


def _published(dahlem: Result, ullah: Result, shut: Result, targets: Targets) -> Figure:
    """Two published neurons: one whose pump stops for 9.5 s, and one that loses it and swells if chloride can pass."""
    with styled():
        figure, (stopped, potassium, lost, volumes) = sheet(2, 2, height=2.5)
        seconds = np.asarray(dahlem.time.to("s"))
        for axes, name in ((stopped, V), (potassium, "outside.K")):
            axes.plot(seconds, dahlem.column(name), color=BLACK, lw=1.3, label="pump off for 9.5 s")
            axes.axvspan(dahlem.segments[1].start / 1e3, dahlem.segments[1].end / 1e3, color=PALE, lw=0, zorder=0)
            axes.set(xlim=(0.0, 160.0), xlabel="time [s]")
        for name in ("published-onset", "published-end"):
            _range(stopped, targets[name], across=DEPOLARISED)
        peak = float(seconds[np.argmax(dahlem.column("outside.K"))])
        _range(potassium, targets["published-potassium"], at=peak)
        for result, words, colour, dash in ((ullah, "chloride passes", BLACK, "-"), (shut, "chloride leak shut", GREEN, "--")):
            times = np.asarray(result.time.to("s"))
            lost.plot(times, result.column(V), color=colour, ls=dash, lw=1.3, label=words)
            volumes.plot(times, 1e3 * result.column("inside.volume"), color=colour, ls=dash, label=words)
        _range(lost, targets["swelling-onset"], across=DEPOLARISED)
        for axes in (lost, volumes):
            axes.axvspan(ullah.segments[1].start / 1e3, ullah.segments[1].end / 1e3, color=PALE, lw=0, zorder=0)
            axes.legend(loc="best", fontsize=8.5)
        for axes in (stopped, lost):
            axes.set(ylabel="membrane potential [mV]")
        stopped.legend(loc="upper right", fontsize=8.5)
        potassium.set(ylabel="potassium outside [mM]", title="and its potassium", ylim=(0.0, 80.0))
        stopped.set(title="huebel-dahlem-2014")
        lost.set(title="huebel-ullah-2016, pump lost", xlim=(40.0, 120.0), xlabel="time [s]")
        volumes.set(ylabel="cell volume [\u00b5m\u00b3]", title="and its volume", xlim=(0.0, 1000.0), xlabel="time [s]")
    return figure
