"""M3.1: the pump maintains the resting potential. The neuron at rest, without its pump, and in more potassium."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.claims.clamped import Clamped
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, WRITTEN, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.formats.catalog import light
from pumpleak.lab.branch import Branch, branch
from pumpleak.lab.programs import labelled
from pumpleak.lab.result import Result

NEURON, STOP, STEPS, HIGH = "neuron", "neuron-pump-stop", "neuron-potassium", "neuron-high-potassium"
CHORD = 1.0  # mV to either side, as small as experimenters make the steps that give the input resistance
POTENTIAL, ACTIVITY, POTASSIUM = "membrane.V", "pump.activity", "bath.K"
MOST_POTASSIUM = 20.0  # mM: how far rests are followed
MARKS = {"fold": ("o", "fold"), "Hopf": ("D", "Hopf point")}


def show(bench: Bench, targets: Targets) -> Shown:
    """What the neuron rests at; sodium after the pump stops; the potential against potassium outside."""
    rest, stop, high = bench.rest(NEURON), bench.run(STOP), bench.run(HIGH)
    values: dict[str, float | None] = {
        "rest": rest.values[POTENTIAL], "Na-inside": rest.values["inside.Na"], "Cl-inside": rest.values["inside.Cl"],
        "K-outside": rest.values["outside.K"], "time-constant": time_constant(bench),
        "Na-rise": rise(stop, targets["Na-rise"].at), "potassium-slope": potassium_slope(high),
    }
    figures = {"stop": _stop(stop, targets["Na-rise"]), "potassium": _potassium(bench), "pump-rate": _pump_rate()}
    return Shown(values, figures, (STOP, STEPS, HIGH))


def time_constant(bench: Bench) -> float:
    """Capacitance over the conductance of a chord about the rest. [ms]"""
    membrane = Clamped.of(bench.rest(NEURON))
    return membrane.capacitance * 2.0 * CHORD / (membrane.current(CHORD) - membrane.current(-CHORD))


def rise(result: Result, milliseconds: float) -> float:
    """How much sodium inside has risen so long after the pump stopped. [mM]"""
    start = result.segments[1].start
    time, sodium = np.asarray(result.time.to("ms")), np.asarray(result["inside.Na"].to("mM"))
    return float(np.interp(start + milliseconds, time, sodium) - np.interp(start, time, sodium))


def potassium_slope(result: Result) -> float:
    """Change of V over that of the potential of K+, from the first step of potassium to the second.

    Each is the mean over the second half of its step: where the neuron fires, one moment says nothing.
    """
    first, second = (_late_mean(result, number) for number in (1, 2))
    return (second[0] - first[0]) / (second[1] - first[1])


def _late_mean(result: Result, number: int) -> tuple[float, float]:
    """Means of V and of the potential of K+ over the second half of a segment. [mV]"""
    time, span = np.asarray(result.time.to("ms")), result.segments[number]
    late = (time > 0.5 * (span.start + span.end)) & (time <= span.end)
    return float(np.mean(result.column(POTENTIAL)[late])), float(np.mean(result.column("leak_K.reversal")[late]))


@cache
def _branches() -> dict[str, Branch]:
    """Rests of the neuron along the pump's activity down to none, and along potassium both ways."""
    neuron = light(NEURON)
    return {
        "pump": branch(neuron, ACTIVITY, 0),
        "potassium": branch(neuron, POTASSIUM, f"{MOST_POTASSIUM} mM", meanwhile=_less_sodium(MOST_POTASSIUM)),
        "little": branch(neuron, POTASSIUM, "1 mM", meanwhile=_less_sodium(1.0)),
    }


def _less_sodium(potassium: float) -> dict[str, str]:
    """The sodium that leaves the bath neutral."""
    own = labelled(light(NEURON)).parameters
    return {"bath.Na": f"{own['bath.Na'].value + own[POTASSIUM].value - potassium!r} mM"}


def _line(axes: Axes, along: Branch, values: Array, colour: str, label: str = "_", marked: bool = False) -> None:
    """A branch: stable rests as a line, unstable ones dotted; folds and Hopf points where asked for."""
    x = along.column(along.along)
    stable = np.array([point.kind != "unstable" for point in along.points])
    edge = np.array([point.kind == "critical" for point in along.points])
    axes.plot(x, np.where(stable, values, np.nan), color=colour, label=label)
    axes.plot(x, np.where(~stable | edge, values, np.nan), color=colour, lw=1.1, dashes=(1, 1.5))
    for row, point in enumerate(along.points):
        if marked and point.mark in MARKS:
            axes.plot(x[row], values[row], MARKS[point.mark][0], color=colour, ms=5,
                      mfc="white" if point.mark == "Hopf" else colour, zorder=4 if point.mark == "Hopf" else 5)


def _key(axes: Axes) -> None:
    """What the marks of a branch mean, beside the curves that have a name."""
    axes.plot([], [], color=BLACK, lw=1.1, dashes=(1, 1.5), label="unstable rest")
    for name, (symbol, words) in MARKS.items():
        axes.plot([], [], symbol, color=BLACK, ms=5, mfc="white" if name == "Hopf" else BLACK, label=words)
    axes.legend(loc="upper right", fontsize=8.5)


def _stop(result: Result, target: Target) -> Figure:
    """The fast and the slow rise of the potential, and sodium, while the pump is stopped and after its return."""
    minutes = (np.asarray(result.time.to("ms")) - result.segments[1].start) / 6e4
    back = (result.segments[1].end - result.segments[1].start) / 6e4
    with styled():
        figure, axes = sheet(1, 3, height=3.1, width_ratios=(1, 1.25, 1.25))
        axes[0].plot(60.0 * minutes, result.column(POTENTIAL), color=BLACK)
        axes[0].set(xlim=(-5, 30), ylim=(-72, -60), xlabel="time after the stop [s]", ylabel="membrane potential [mV]",
                    title="The fast rise")
        axes[1].plot(minutes, result.column(POTENTIAL), color=BLACK, label="$V$")
        axes[1].plot(minutes, result.column("leak_K.reversal"), color=BLUE, ls="--", lw=1.3, label=r"$E_{\mathrm{K}}$")
        axes[1].set(ylabel="potential [mV]", title="The slow rise")
        axes[1].legend(loc="upper right", fontsize=8.5)
        for ion, colour, dash in (("Na", VERMILLION, "-"), ("K", BLUE, "--")):
            axes[2].plot(minutes, result.column(f"inside.{ion}"), color=colour, ls=dash, label=WRITTEN[ion])
        start, at = float(result.column("inside.Na")[0]), target.at / 6e4
        low, high = target.low or 0.0, target.high or 0.0
        axes[2].plot([at, at], [start + low, start + high], color=ORANGE, lw=4, solid_capstyle="butt", zorder=4,
                     label="published")
        axes[2].set(ylabel="inside [mM]", title="Ions inside", ylim=(0, None))
        axes[2].legend(loc="lower right", bbox_to_anchor=(1.0, 0.3), fontsize=8.5, handlelength=1.4)
        for each in axes[1:]:
            each.axvspan(0.0, back, color=GREY, alpha=0.15, lw=0)
            each.set(xlim=(-1, float(minutes[-1])), xlabel="time after the stop [min]")
    return figure


def _potassium(bench: Bench) -> Figure:
    """Potential against potassium: rests, and where runs were in the mean; the steps to 5 and 12 mM in time."""
    steps, high = bench.run(STEPS), bench.run(HIGH)
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.3)
        for name, words in (("potassium", "rest of neuron"), ("little", "_")):
            _line(left, _branches()[name], _branches()[name].column(POTENTIAL), BLACK, words, marked=True)
        x, thermal = np.geomspace(1.0, 25.0, 60), bench.rest(NEURON).values["thermal.voltage"]
        left.plot(x, thermal * np.log(x / bench.rest(NEURON).values["inside.K"]), color=BLUE, ls="--", lw=1.3,
                  label=r"$E_{\mathrm{K}}$, 130 mM inside")
        for result in (steps, high):
            means = [(span.values[POTASSIUM], _late_mean(result, number)[0]) for number, span in enumerate(result.segments)
                     if POTASSIUM in span.values and span.end - span.start > 1e4]
            left.plot(*zip(*means, strict=True), "s", color=VERMILLION, ms=6,
                      label="mean of 30 to 60 s" if result is steps else "_")
        left.set(xscale="log", xlabel="K\u207a in the bath [mM]", ylabel="membrane potential [mV]", ylim=(-108, -38),
                 title="Rests, and within a minute")
        left.set_xticks([1, 2, 3.3, 5, 10, 20], ["1", "2", "3.3", "5", "10", "20"])
        left.minorticks_off()
        left.legend(loc="lower right", fontsize=8.5)
        minutes = np.asarray(steps.time.to("min"))
        right.plot(minutes, steps.column(POTENTIAL), color=BLACK, lw=1.2, label="$V$")
        right.plot(minutes, steps.column("leak_K.reversal"), color=BLUE, ls="--", lw=1.3, label=r"$E_{\mathrm{K}}$")
        for minute, words in ((0.0, "3.3"), (1.0, "5"), (2.0, "12"), (3.0, "3.3 mM")):
            right.text(minute + 0.08, 42.0, words, color=BLUE, fontsize=8.5)
            right.axvline(minute, color=GREY, lw=0.8)
        right.set(xlabel="time [min]", xlim=(0, 6), ylim=(-110, 55), ylabel="potential [mV]", title="Steps with a pulse before")
        right.legend(loc="center right", fontsize=8.5)
    return figure


def _pump_rate() -> Figure:
    """Rests against the share of pumps that work, from the resting state at all of them to the depolarised one at none."""
    found = _branches()["pump"]
    with styled():
        figure, axes = sheet(1, 3, height=3.3)
        _line(axes[0], found, found.column(POTENTIAL), BLACK, "stable rest", marked=True)
        for ion, colour in (("Na", VERMILLION), ("K", BLUE), ("Cl", GREEN)):
            _line(axes[1], found, found.column(f"inside.{ion}"), colour, WRITTEN[ion])
        for place, colour in (("inside", BLACK), ("outside", GREY)):
            _line(axes[2], found, found.column(f"{place}.volume"), colour, place.replace("outside", "space outside"))
        for axis, words, title in zip(axes, ("membrane potential [mV]", "inside [mM]", "volume [pL]"),
                                      ("Potential", "Ions", "Volume"), strict=True):
            axis.set(xlabel="pumps at work / normal", ylabel=words, title=title, xlim=(0, 1.03))
        axes[0].set_ylim(-85, 5)
        axes[1].set_ylim(bottom=0.0)
        axes[2].set_ylim(bottom=0.0)
        _key(axes[0])
        axes[1].legend(loc="upper right", fontsize=8.5)
        axes[2].legend(loc="center right", fontsize=8.5)
    return figure
