"""M5.1: the gradients are what action potentials run on: the shape of a spike, and the sodium that it lets in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, IONS, ORANGE, PALE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.base.units import Quantity
from pumpleak.lab.result import Result
from pumpleak.lab.waveform import Curve

SPIKE, THRESHOLD, TRAIN, SQUID = "neuron-spike", "neuron-threshold", "neuron-train-spikes", "hodgkin-huxley-spike"
SODIUM = ("channel_Na", "channel_NaP")
POTASSIUM = ("channel_K", "channel_KM")
STARTS = 20.0  # mV/ms: where a spike is said to begin, as in the row
CM2 = 1e8  # um2


def show(bench: Bench, targets: Targets) -> Shown:
    """One spike, one that just begins, every spike of a train, and the spike of the squid axon."""
    spike, train, squid = Impulse.of(bench.run(SPIKE)), bench.run(TRAIN).spikes(), bench.run(SQUID).spikes()
    squid_area = float(bench.run(SQUID).column("membrane.area")[0]) / CM2
    values: dict[str, float | None] = {
        "amplitude": spike.height, "half-width": spike.half_width, "threshold": threshold(bench.run(THRESHOLD)),
        "rise": spike.rise, "fall": spike.fall, "Na-excess": spike.excess,
        "Na-least": float(np.min(train.cost.excess.to("1"))) if train.cost else None,
        "squid-Na-entry": first(squid.cost.sodium, "pmol") / squid_area if squid.cost else None,
        "squid-excess": first(squid.cost.excess, "1") if squid.cost else None,
    }
    return Shown(values, {"spike": _figure(bench, spike, values, targets)}, (SPIKE, THRESHOLD, TRAIN, SQUID))


@dataclass(frozen=True)
class Impulse:
    """The one spike of a run: time [ms] since the pulse began, V [mV], shape, and sodium over that of the membrane.

    entered: charge that came in by the sodium channels above that at rest, over capacitance times height.
    """

    time: Array
    voltage: Array
    height: float
    half_width: float
    rise: float
    fall: float
    entered: Array
    excess: float

    @classmethod
    def of(cls, result: Result) -> Impulse:
        """From a run whose second segment is the pulse."""
        begin, time = result.segments[1].start, np.asarray(result.time.to("ms"))
        voltage, spikes = result.column("membrane.V"), result.spikes()
        top = int(np.argmax(voltage))
        back = top + int(np.flatnonzero(voltage[top:] <= voltage[0])[0])
        height, least = first(spikes.height, "mV"), float(result.column("membrane.capacitance")[0])
        entered = _entered(result) / (least * height)
        at_start = int(np.searchsorted(time, begin))
        return cls(time - begin, voltage, height, first(spikes.half_width, "ms"), first(spikes.upstroke, "mV/ms"),
                   -Curve(time, -voltage).steepest(top, back), entered, float(entered[back] - entered[at_start]))


def first(values: Quantity, unit: str) -> float:
    """The first of an array of quantities, in a unit."""
    return float(np.atleast_1d(values.to(unit))[0])


def _entered(result: Result) -> Array:
    """Charge that the sodium channels let in, less what they let in at rest. [fC]"""
    books, time = result.books, np.asarray(result.time.to("ms"))
    faraday = books.capacitors[0].faraday if books is not None else float("nan")
    moved = sum((result.column(f"{name}.extent") - result.column(f"{name}.flux")[0] * time for name in SODIUM),
                np.zeros_like(time))
    return -faraday * moved


def threshold(result: Result) -> float | None:
    """V where the first spike begins to rise faster than 20 V/s; None without a spike. [mV]"""
    spikes = result.spikes()
    if not spikes.count:
        return None
    curve = Curve(np.asarray(result.time.to("ms")), result.column("membrane.V"))
    row = int(np.searchsorted(curve.times, first(spikes.times, "ms")))
    while curve.slopes[row] > STARTS:
        row -= 1
    low, high = curve.slopes[row], curve.slopes[row + 1]
    share = (STARTS - low) / (high - low)
    return float(curve.values[row] + share * (curve.values[row + 1] - curve.values[row]))


def _figure(bench: Bench, spike: Impulse, values: dict[str, float | None], targets: Targets) -> Figure:
    with styled():
        figure, (shape, steps, currents, sodium) = sheet(2, 2, height=2.9)
        _shape(shape, spike, targets)
        _steps(steps, bench.run(THRESHOLD), values["threshold"], targets["threshold"])
        _currents(currents, bench.run(SPIKE), spike.time)
        _sodium(sodium, values, targets)
    return figure


def _shape(axes: Axes, spike: Impulse, targets: Targets) -> None:
    """The spike, and where its peak and half-width were aimed at."""
    base, height, width = spike.voltage[0], targets["amplitude"], targets["half-width"]
    top = spike.time[int(np.argmax(spike.voltage))]
    if height.low is not None and height.high is not None and width.low is not None and width.high is not None:
        axes.axhspan(base + height.low, base + height.high, color=PALE, lw=0, zorder=0, label="peak (fitted)")
        half = base + 0.5 * spike.height
        axes.plot([top - 0.5 * width.high, top + 0.5 * width.high], [half, half], color=ORANGE, lw=5, alpha=0.35)
        axes.plot([top - 0.5 * width.low, top + 0.5 * width.low], [half, half], color=ORANGE, lw=5,
                  label="half-width, least and most (fitted)", solid_capstyle="butt")
    axes.plot(spike.time, spike.voltage, color=BLACK, label="neuron")
    axes.plot([0.0, 1.0], [-97.0, -97.0], color=GREY, lw=3, solid_capstyle="butt")
    axes.annotate("pulse", (1.2, -97.0), va="center", fontsize=8.5, color=GREY)
    axes.set(xlabel="time since the pulse began [ms]", ylabel="membrane potential [mV]", xlim=(-1, 15), ylim=(-103, 88),
             title="A pulse that just suffices")
    axes.legend(loc="upper right", fontsize=8)


def _steps(axes: Axes, result: Result, found: float | None, row: Target) -> None:
    """Two steps of current, laid over each other."""
    time = np.asarray(result.time.to("ms"))
    if row.low is not None and row.high is not None:
        axes.axhspan(row.low, row.high, color=PALE, lw=0, zorder=0, label="threshold (fitted)")
    for step, colour, dash in ((result.segments[1], BLUE, "--"), (result.segments[3], BLACK, "-")):
        during = (time >= step.start - 20.0) & (time <= step.start + 280.0)
        axes.plot(time[during] - step.start, result.column("membrane.V")[during], color=colour, ls=dash, lw=1.4,
                  label=f"{step.values['stimulus.injected']:g} pA")
    if found is not None:
        axes.axhline(found, color=ORANGE, lw=1.2, label="rises by 20 V/s")
    axes.set(xlabel="time since the step began [ms]", ylabel="membrane potential [mV]", xlim=(-20, 280), ylim=(-90, 60),
             title="All or nothing")
    axes.legend(loc="upper right", fontsize=8)


def _currents(axes: Axes, result: Result, time: Array) -> None:
    """What the channels carry, and the pump beside them, per area."""
    area, top = result.column("membrane.area")[0], time[int(np.argmax(result.column("membrane.V")))]
    for words, names, colour in (("Na\u207a channels", SODIUM, IONS["Na"]), ("K\u207a channels", POTASSIUM, IONS["K"]),
                                 ("pump", ("pump",), GREEN)):
        total = sum((result.column(f"{name}.current") for name in names), np.zeros(len(time)))
        axes.plot(time, 100.0 * total / area, color=colour, label=words)
    axes.set(xlabel="time since the pulse began [ms]", ylabel="current, outward [\u00b5A/cm\u00b2]",
             xlim=(top - 1.5, top + 3.5), title="Currents of the channels")
    axes.legend(loc="upper right", fontsize=8)


def _sodium(axes: Axes, values: dict[str, float | None], targets: Targets) -> None:
    """Sodium over the least that would do, simulated and published."""
    for place, (name, kind) in enumerate((("Na-excess", "fitted"), ("squid-excess", "model"))):
        row, value = targets[name], values[name]
        if row.low is not None and row.high is not None:
            axes.plot([place, place], [row.low, row.high], color=ORANGE, lw=9, alpha=0.5, solid_capstyle="butt",
                      label="published range" if not place else None)
        if value is not None:
            axes.plot(place, value, "D", color=VERMILLION, ms=7, label="simulated" if not place else None, zorder=3)
            axes.annotate(f"{value:.2f} ({kind})", (place, value), xytext=(10, 0), textcoords="offset points", va="center",
                          fontsize=8.5)
    axes.axhline(1.0, color=GREY, lw=1.0, ls="--")
    axes.annotate("charge of the membrane alone", (1.75, 1.0), xytext=(0, -4), textcoords="offset points", ha="right", va="top",
                  fontsize=8.5, color=GREY)
    axes.set_xticks([0, 1], ["neuron", "squid axon,\n18.5 \u00b0C"])
    axes.set(xlim=(-0.5, 1.8), ylim=(0, 4.8), ylabel="Na\u207a that enters / least [1]", title="What a spike lets in")
    axes.legend(loc="upper left", fontsize=8)
    axes.grid(axis="x", visible=False)
