"""Charge that sodium alone moves when the voltage jumps, for M2.2: slow charge against voltage over measured points."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import scheme
from pumpleak.app.claims.drawing import LOOKS, measured_points
from pumpleak.app.style import BLUE, GREEN, ORANGE, VERMILLION, sheet, styled
from pumpleak.enzyme.charge import charge_voltage, fit_boltzmann
from pumpleak.formats.measured import Measured, measured

BASE, DATA = "nakao-gadsby-1989", "slow-charge-sodium"
HELD = 0.0  # mV, from which all jumps go
# A record of some ten milliseconds misses components below 50 /s, by which empty pumps return.
SEEN = (50.0, np.inf)  # 1/s
GRID = np.arange(-160.0, 121.0, 10.0)  # mV
SHAPES = ((BLUE, "o"), (GREEN, "s"), (ORANGE, "^"), (VERMILLION, "D"))


def charge_figure(pump: str) -> Figure:
    """Slow charge against voltage at four sodium concentrations outside, for a scheme that was fitted to it and one not."""
    table = measured(DATA)
    with styled():
        figure, panels = sheet(1, 2, height=3.3, sharey=True)
        for axes, each in zip(panels, (pump, "pan-2018-15"), strict=True):
            _panel(axes, each, table)
        panels[0].set_ylabel("slow charge, from 0 to 1")
        panels[0].legend(title="Na\u207a outside", loc="upper left", fontsize=8.5, title_fontsize=9)
    return figure


def _panel(axes: Axes, pump: str, table: Measured) -> None:
    enzyme, fitted = scheme(pump), pump in table.fitted
    for points, (colour, marker) in zip(table.curves, SHAPES, strict=True):
        charge = charge_voltage(enzyme, GRID, HELD, {**table.conditions, **points.special}, BASE, SEEN)
        curve = fit_boltzmann(GRID, charge, enzyme.constants.thermal_voltage)
        axes.plot(GRID, (charge - curve.start) / curve.total, color=colour)
        measured_points(axes, points.x, points.y, fitted=fitted, marker=marker, colour=colour,
                        label=f"{points.special['outside.Na']:g} mM")
    axes.set(xlabel="membrane potential [mV]", title=f"{LOOKS[pump].words} ({'fitted to' if fitted else 'not fitted'})",
             xlim=(-165.0, 125.0), ylim=(-0.15, 1.15))
