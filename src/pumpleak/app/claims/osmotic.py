"""M4.1, osmotic steps: a cell that swells or shrinks with its bath, and what it then undoes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, WRITTEN, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.lab.result import Result

DILUTE, BLOCKED, UNPUMPED, POTASSIUM, DENSE = (
    "hypotonic-step", "hypotonic-step-blocked", "hypotonic-step-pump-off", "hypotonic-step-potassium", "hypertonic-step")
RUNS = (DILUTE, BLOCKED, UNPUMPED, POTASSIUM, DENSE)
VOLUME = "inside.volume"
ASIDE = 1.0  # minutes before the bath is back at which a range is drawn: at that moment itself the curve would hide it


@dataclass(frozen=True)
class Step:
    """Time [min] since the bath changed, volume relative to that before, and osmolarity before over that in the changed bath.

    lasts: how long the bath stays changed. [min]
    """

    time: Array
    volume: Array
    ideal: float
    lasts: float

    @classmethod
    def of(cls, result: Result) -> Step:
        """From a run whose second segment is the changed bath."""
        span = result.segments[1]
        time = (np.asarray(result.time.to("ms")) - span.start) / 6e4
        volume, osmolarity = np.asarray(result[VOLUME].to("pL")), np.asarray(result["outside.osmolarity"].to("mM"))
        lasts = (span.end - span.start) / 6e4
        return cls(time, volume / volume[0], float(osmolarity[0] / np.interp(0.5 * lasts, time, osmolarity)), lasts)

    @property
    def extreme(self) -> float:
        """The volume farthest from that before, while the bath is changed."""
        during = self.volume[(self.time >= 0.0) & (self.time <= self.lasts)]
        return float(during.max() if self.ideal > 1.0 else during.min())

    @property
    def over_ideal(self) -> float:
        """The extreme over what it would be if no solute had moved: osmolarity before over that after."""
        return self.extreme / self.ideal

    def undone(self, minutes: float) -> float:
        """The share of the extreme change that is undone so long after the step."""
        end = np.interp(minutes, self.time, self.volume)
        return float((self.extreme - end) / (self.extreme - 1.0))


def osmotic_values(bench: Bench, targets: Targets) -> dict[str, float | None]:
    """The rows about a dilute and a concentrated bath."""
    dilute, blocked, dense = (Step.of(bench.run(name)) for name in (DILUTE, BLOCKED, DENSE))
    return {
        "hypotonic-peak": dilute.over_ideal,
        "volume-decrease": dilute.undone(_minutes(targets["volume-decrease"])),
        "volume-decrease-blocked": blocked.undone(_minutes(targets["volume-decrease-blocked"])),
        "hypertonic-trough": dense.over_ideal,
        "volume-increase": dense.undone(_minutes(targets["volume-increase"])),
    }


def osmotic_figure(bench: Bench, targets: Targets) -> Figure:
    """Volume, potential and contents in a dilute bath and in a concentrated one, with the ranges of the rows."""
    dilute = ((DILUTE, "all paths", BLACK, "-"), (BLOCKED, "no anion channel", VERMILLION, "--"),
              (UNPUMPED, "no pump", BLUE, ":"), (POTASSIUM, "50 mM K\u207a outside", ORANGE, "-."))
    dense = ((DENSE, "all paths", BLACK, "-"),)
    with styled():
        figure, axes = sheet(3, 2, height=2.15, sharex=True)
        for column, curves, title in ((0, dilute, "Bath of 2/3 the osmolarity"), (1, dense, "Bath of 4/3 the osmolarity")):
            volume, potential, content = axes[column::2]
            for name, words, colour, dash in curves:
                step, result = Step.of(bench.run(name)), bench.run(name)
                volume.plot(step.time, step.volume, color=colour, ls=dash, label=words)
                potential.plot(step.time, np.asarray(result["membrane.V"].to("mV")), color=colour, ls=dash)
            _contents(content, bench.run(curves[0][0]))
            for each in (volume, potential, content):
                each.axvspan(0.0, Step.of(bench.run(curves[0][0])).lasts, color=GREY, alpha=0.1, lw=0)
            volume.set(title=title)
            content.set(xlabel="time since the bath changed [min]")
        for each, label in zip(axes[::2], ("volume / start", "potential [mV]", "content [fmol]"), strict=True):
            each.set_ylabel(label)
        _ranges(axes, bench, targets)
        axes[5].legend(loc="center right", fontsize=8.5)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=8.5)
        figure.align_ylabels(axes[::2])
    return figure


def _contents(axes: Axes, result: Result) -> None:
    """What the cell with all paths holds of each ion."""
    time = Step.of(result).time
    for ion, colour, dash in (("K", BLUE, "--"), ("Cl", GREEN, ":"), ("Na", VERMILLION, "-")):
        axes.plot(time, np.asarray(result[f"inside.{ion}.amount"].to("fmol")), color=colour, ls=dash, label=WRITTEN[ion])
    axes.set_ylim(bottom=0.0)


def _ranges(axes: list[Axes], bench: Bench, targets: Targets) -> None:
    """The ranges of the rows, as volumes: of the extreme, and of what is left of it at the time of the row."""
    drawn = ((axes[0], DILUTE, "hypotonic-peak", "volume-decrease"), (axes[0], BLOCKED, "", "volume-decrease-blocked"),
             (axes[1], DENSE, "hypertonic-trough", "volume-increase"))
    for each, name, extreme, undone in drawn:
        step = Step.of(bench.run(name))
        bars = []
        if extreme:
            when = float(step.time[np.flatnonzero(step.volume == step.extreme)[0]])
            bars.append((when, [end * step.ideal for end in _ends(targets[extreme])]))
        left = [step.extreme - share * (step.extreme - 1.0) for share in _ends(targets[undone])]
        bars.append((_minutes(targets[undone]) - ASIDE, left))
        for when, ends in bars:
            each.plot([when, when], ends, color=PURPLE, lw=5, alpha=0.4, solid_capstyle="butt", label="_")
    axes[0].plot([], [], color=PURPLE, lw=5, alpha=0.4, label="range of a row")


def _ends(target: Target) -> tuple[float, float]:
    """Both ends of a range that has them."""
    return target.low or 0.0, target.high or 0.0


def _minutes(target: Target) -> float:
    return target.at / 6e4
