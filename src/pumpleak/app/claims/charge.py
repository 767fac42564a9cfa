"""Charge that sodium alone moves when the voltage jumps, for M2.2: slow charge against voltage over measured points."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import scheme
from pumpleak.app.claims.drawing import LOOKS, measured_points
from pumpleak.app.pump.answer import answer
from pumpleak.app.pump.charge import ChargeCurve, charge_curves
from pumpleak.app.pump.data import with_charge
from pumpleak.app.pump.question import Question
from pumpleak.app.style import BLUE, GREEN, ORANGE, VERMILLION, sheet, styled
from pumpleak.enzyme.charge import Boltzmann
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.measured import Measured, measured

DATA = "slow-charge-sodium"
GRID = np.arange(-160.0, 121.0, 10.0)  # mV
SHAPES = ((BLUE, "o"), (GREEN, "s"), (ORANGE, "^"), (VERMILLION, "D"))


def charge_figure(pump: str) -> Figure:
    """Slow charge against voltage at the measured temperature and four sodium concentrations outside, for two schemes."""
    table = measured(DATA)
    with styled():
        figure, panels = sheet(1, 2, height=3.3, sharey=True)
        for axes, each in zip(panels, (pump, "pan-2018-15"), strict=True):
            _panel(axes, each, table)
        panels[0].set_ylabel("slow charge, from 0 to 1")
        panels[0].legend(title="Na\u207a outside", loc="upper left", fontsize=8.5, title_fontsize=9)
    return figure


def slow_charge(enzyme: Scheme, table: Measured) -> list[ChargeCurve]:
    """Slow charge at the voltages of the grid under the conditions of each measured curve, as the command computes it."""
    return charge_curves(answer(enzyme, with_charge(Question(), table)), GRID, table)


def _panel(axes: Axes, pump: str, table: Measured) -> None:
    fitted = pump in table.fitted
    for each, (colour, marker) in zip(slow_charge(scheme(pump), table), SHAPES, strict=True):
        words = f"{each.special['outside.Na']:g} mM"
        if isinstance(each.fit, Boltzmann):
            axes.plot(GRID, (each.charges - each.fit.start) / each.fit.total, color=colour)
        if each.points is not None:
            measured_points(axes, each.points.x, each.points.y, fitted=fitted, marker=marker, colour=colour, label=words)
    axes.set(xlabel="membrane potential [mV]", title=f"{LOOKS[pump].words} ({'fitted to' if fitted else 'not fitted'})",
             xlim=(-165.0, 125.0), ylim=(-0.15, 1.15))
