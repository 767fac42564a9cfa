"""Activation of the pump by potassium outside and by sodium inside, for M2.2: over measured curves and halves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Hill, answer, half_activation, hill, points, turnover
from pumpleak.app.claims.drawing import LOOKS, row_points
from pumpleak.app.style import BLACK, BLUE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.formats.measured import rms

K_OUT, NA_IN, NA_OUT = "outside.K", "inside.Na", "outside.Na"
# mM at which the measured curves are 1, as their tables say
CURVES: Mapping[str, tuple[str, float]] = {"K-curve": (K_OUT, 5.4), "Na-curve": (NA_IN, 50.0)}
HALVES = (("K-half-node", "K\u207a, node\n0 mV"), ("K-half-rat", "K\u207a, rat\n\u221240 mV"),
          ("Na-half-node", "Na\u207a, node\n0 mV"), ("Na-half-sheep", "Na\u207a, sheep\n\u221240 mV"))
SEA_WATER, NO_SODIUM = 400.0, 1e-3  # mM Na outside, as the row says


def off_measured(row: Target, pump: str) -> float:
    """Root mean square difference of the relative turnover from the measured points."""
    measured = points(row)
    return rms(_relative(row, measured.x, pump) - measured.y)


def hindrance(row: Target, pump: str) -> float:
    """Potassium for half of the sodium efflux with much sodium outside over that with almost none."""
    return _half_of_efflux(row, SEA_WATER, pump).half / _half_of_efflux(row, NO_SODIUM, pump).half


def _half_of_efflux(row: Target, sodium: float, pump: str = "") -> Hill:
    potassium = np.array(row.points)
    return hill(potassium, answer(row, {K_OUT: potassium, NA_OUT: sodium}, pump).Na)


def _relative(row: Target, x: Array, pump: str = "") -> Array:
    """Turnover at these concentrations over that at the normal one."""
    varied, normal = CURVES[row.id.partition(f"{row.claim}.")[2]]
    return turnover(row, {varied: x}, pump) / turnover(row, {varied: normal}, pump)


def activation_figure(targets: Targets) -> Figure:
    """Activation by potassium outside and by sodium inside, halves of both, and how sodium outside hinders potassium."""
    with styled():
        figure, (potassium, sodium, halves, hindered) = sheet(2, 2, height=3.2)
        _curve(potassium, targets["K-curve"], np.geomspace(0.05, 20.0, 200))
        potassium.set(xlabel="K\u207a outside [mM]", ylabel="turnover / that at 5.4 mM", title="K\u207a outside, 0 mV")
        _curve(sodium, targets["Na-curve"], np.geomspace(1.0, 200.0, 200))
        sodium.set(xlabel="Na\u207a inside [mM]", ylabel="turnover / that at 50 mM", title="Na\u207a inside, 0 mV")
        _halves(halves, [(words, targets[name]) for name, words in HALVES])
        _hindered(hindered, targets["Na-hinders-K"])
    return figure


def _curve(axes: Axes, row: Target, grid: Array) -> None:
    for pump in (row.scheme, *row.beside):
        look = LOOKS[pump]
        axes.plot(grid, _relative(row, grid, pump), color=look.colour, ls=look.dash, label=look.words)
    measured = points(row)
    row_points(axes, row, measured.x, measured.y)
    axes.set(xscale="log", ylim=(0.0, 2.05))
    axes.legend(loc="upper left", fontsize=8.5)


def _halves(axes: Axes, rows: Sequence[tuple[str, Target]]) -> None:
    """Half-activations of all schemes over what was measured: an open bar where its own scheme was fitted to that."""
    named: set[str] = set()
    for place, (_, row) in enumerate(rows):
        if row.low is not None and row.high is not None:
            fitted = row.kind == "fitted"
            words = "measured (fitted to)" if fitted else "measured (not fitted)"
            axes.barh([place], [row.high - row.low], height=0.3, left=row.low, color="white" if fitted else BLACK,
                      edgecolor=BLACK, lw=1.0, label=None if words in named else words, zorder=2)
            named.add(words)
        for pump in (*row.beside, row.scheme):  # its own scheme on top
            look, half = LOOKS[pump], half_activation(row, pump)
            if half is not None:
                axes.plot([half], [place], look.marker, color=look.colour, mec="white", ms=8,
                          label=look.words if place == 0 else None)
    axes.set_yticks(range(len(rows)), [words for words, _ in rows], fontsize=9)
    axes.set(xscale="log", xlim=(0.7, 90.0), ylim=(len(rows) - 0.4, -1.9), xlabel="half-activation [mM]",
             title="Half of the current")
    axes.legend(loc="upper left", fontsize=8.5, ncols=2, columnspacing=0.9, handlelength=1.4, borderaxespad=0.2)


def _hindered(axes: Axes, row: Target) -> None:
    """Sodium efflux against potassium, with and without sodium outside, and where half of it was found."""
    grid = np.geomspace(0.05, 100.0, 200)
    without = _half_of_efflux(row, NO_SODIUM)
    for sodium, colour, dash in ((NO_SODIUM, BLUE, "-"), (SEA_WATER, VERMILLION, "--")):
        curve = _half_of_efflux(row, sodium)
        words = "no Na\u207a outside" if sodium == NO_SODIUM else f"{sodium:g} mM"
        axes.plot(grid, answer(row, {K_OUT: grid, NA_OUT: sodium}).Na / curve.top, color=colour, ls=dash, label=words)
        axes.plot([curve.half], [0.5], "o", color=colour, mec="white", ms=6.5)
    if row.low is not None and row.high is not None:
        axes.plot([without.half * row.low, without.half * row.high], [0.5, 0.5], color=BLACK, lw=5.5, solid_capstyle="butt",
                  label="half at 400 mM, from that without,\nmeasured (not fitted)")
    axes.set(xscale="log", ylim=(0.0, 1.75), xlabel="K\u207a outside [mM]", ylabel="Na\u207a efflux / its top",
             title="Na\u207a hinders K\u207a")
    axes.legend(loc="upper left", fontsize=8.5)
