"""The figure of single pumps: the steps of one, waiting times, stays in each state, and mean and noise against voltage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.molecule import Trajectories
from pumpleak.app.style import BLACK, BLUE, DASHES, GREY, IONS, PALE, PURPLE, VERMILLION, WRITTEN, sheet, styled
from pumpleak.base.errors import PumpleakError
from pumpleak.enzyme.counting import Counting
from pumpleak.enzyme.molecule import molecule_at
from pumpleak.enzyme.rates import VOLTAGE

TURNS = 12.0  # of one pump: so many that it is seen how irregular they are, so few that each can be told
BINS = 40
LONGEST = 6.0  # mean waits; a longer one is rare
VOLTAGES = (-140.0, 60.0, 41)  # mV
LOUDEST = 2.5  # Fano factor at the upper edge; it is without limit where the mean is zero


def molecule_figure(found: Trajectories) -> Figure:
    """Four panels of the trajectories; lines are exact."""
    with styled():
        figure, (steps, waits, stays, noise) = sheet(2, 2, height=2.9)
        _steps(steps, found)
        _waits(waits, found)
        _stays(stays, found)
        _noise(noise, found)
        figure.suptitle(f"{found.molecule.scheme.name}: {found.pumps} single pump{'s' * (found.pumps != 1)}, {found.time:g} s "
                        "each; lines are exact", fontsize=10.5).set_parse_math(False)
    return figure


def _steps(axes: Axes, found: Trajectories) -> None:
    """What the first pump has moved."""
    table = found.events
    turnover = abs(found.exact().mean)
    first = table["pump"] == 0.0
    known = found.time if found.courses.whole else float(np.max(table["time"][first], initial=0.0))
    span = min(known, TURNS / turnover if turnover else known)
    shown = first & (table["time"] <= span)
    for name in [name for name in ("Na", "K", "ATP") if name in found.moving]:
        times = np.append(table["time"][shown], span)
        moved = table[name][shown]
        label = {"Na": f"{WRITTEN['Na']} out", "K": f"{WRITTEN['K']} in", "ATP": "ATP used"}[name]
        if moved.size:
            axes.plot(1e3 * times, np.append(moved, moved[-1]), drawstyle="steps-post", color=IONS[name], lw=1.3, label=label,
                      dashes=DASHES[name])
    axes.set_xlabel("time [ms]")
    axes.set_ylabel("moved by one pump")
    axes.set_title("one pump")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left")  # the curves rise


def _waits(axes: Axes, found: Trajectories) -> None:
    """From one phosphate set free to the next, against the exact density."""
    axes.set_title("from one phosphate to the next")
    axes.set_xlabel("wait [ms]")
    axes.set_ylabel("density [1/ms]")
    if found.waiting is None:
        return
    waits = found.waits()
    edge = LONGEST * found.waiting.mean
    if len(waits):
        edges = np.linspace(0.0, edge, BINS + 1)
        heights = np.histogram(waits, edges)[0] / (len(waits) * np.diff(1e3 * edges))
        axes.stairs(heights, 1e3 * edges, fill=True, color=PALE)
        axes.stairs(heights, 1e3 * edges, color=GREY, lw=0.8)
    times = np.linspace(0.0, edge, 401)
    axes.plot(1e3 * times, found.waiting.density(times) / 1e3, color=PURPLE)


def _stays(axes: Axes, found: Trajectories) -> None:
    """Mean dwell of each state, against the exact one."""
    states = found.molecule.scheme.states
    places = np.arange(len(states))
    means = [found.dwell(state) for state in states]
    axes.plot(places, 1e3 * found.molecule.dwells, "_", color=BLACK, ms=14 if len(states) < 8 else 7, mew=1.6)
    axes.errorbar(places, [1e3 * mean.value for mean in means], [np.nan_to_num(1e3 * mean.error) for mean in means], fmt="o",
                  ms=3.5, color=BLUE, lw=0.9)
    axes.set_yscale("log")
    axes.set_xticks(places, states, rotation=90 if len(states) > 4 else 30, fontsize=8 if len(states) < 12 else 6,
                    parse_math=False)
    axes.set_ylabel("mean stay [ms]")
    axes.set_title("stays in each state")


def _noise(axes: Axes, found: Trajectories) -> None:
    """Fano factor of ATP against voltage, with what was found."""
    quantity = "ATP" if "ATP" in found.moving else found.moving[0]
    conditions = {name: float(value) for name, value in found.molecule.steady.conditions.items()}
    voltages, noises = [], []
    for voltage in np.linspace(*VOLTAGES[:2], VOLTAGES[2]):
        try:
            one = Counting(molecule_at(found.molecule.scheme, {**conditions, VOLTAGE: voltage}), quantity)
        except PumpleakError:  # a voltage at which a published scheme has no steady state
            continue
        voltages.append(voltage)
        noises.append((one.fano, one.fano_in(found.window)))
    axes.plot(voltages, [pair[0] for pair in noises], color=VERMILLION, label="in long times")
    axes.plot(voltages, [pair[1] for pair in noises], color=VERMILLION, ls=":", label=f"in {1e3 * found.window:.3g} ms")
    fano = found.fano(quantity)
    axes.errorbar([conditions[VOLTAGE]], [fano.value], [np.nan_to_num(fano.error)], fmt="o", ms=4, color=BLUE)
    highest = max(LOUDEST, 1.3 * np.nanmax([fano.value, found.exact(quantity).fano_in(found.window)]))
    axes.set_ylim(0.0, min(highest, 1.15 * np.nanmax([*np.ravel(noises), fano.value, 1.0])))
    axes.set_xlabel("V [mV]")
    axes.set_ylabel(f"variance/mean of {quantity}")
    axes.set_title("noise of the turnover")
    axes.legend(loc="best")
