"""Pump current against temperature, for M2.2."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from pumpleak.app.bench import answer
from pumpleak.app.claims.drawing import LOOKS
from pumpleak.app.style import BLACK, PALE, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.base.constants import ZERO_CELSIUS
from pumpleak.enzyme.temperature import TEMPERATURE

WARM, COOL, COLD = 37.0, 25.0, 23.0  # C, as the rows say


def ten_degrees(row: Target, pump: str) -> float:
    """Ratio of the current for 10 degrees, from its ratio between 25 and 37 C."""
    return float(_ratio(row, pump, COOL) ** (10.0 / (WARM - COOL)))


def from_cold(row: Target, pump: str) -> float:
    """Current at 37 C over that at 23 C."""
    return _ratio(row, pump, COLD)


def _ratio(row: Target, pump: str, celsius: float) -> float:
    warm, cold = answer(row, {TEMPERATURE: ZERO_CELSIUS + np.array([WARM, celsius])}, pump).current
    return float(warm / cold)


def temperature_figure(targets: Targets) -> Figure:
    """Current over that at 37 C against temperature, beside the ratios that were measured."""
    node, mouse = targets["Q10-node"], targets["cold-mouse"]
    grid = np.linspace(15.0, 42.0, 109)
    with styled():
        figure, (axes,) = sheet(1, height=3.2)
        for pump in (node.scheme, *node.beside):
            look = LOOKS[pump]
            current = answer(node, {TEMPERATURE: ZERO_CELSIUS + np.append(grid, WARM)}, pump).current
            axes.plot(grid, current[:-1] / current[-1], color=look.colour, ls=look.dash, label=look.words)
        if node.low is not None and node.high is not None:
            span = np.linspace(COOL, WARM, 49)
            axes.fill_between(span, node.low ** ((span - WARM) / 10.0), node.high ** ((span - WARM) / 10.0), color=PALE, lw=0,
                              label="rabbit sinus node (not fitted)")
        if mouse.low is not None and mouse.high is not None:
            axes.plot([COLD, COLD], [1.0 / mouse.high, 1.0 / mouse.low], color=BLACK, lw=5.5, solid_capstyle="butt",
                      label="mouse ventricle (not fitted)")
        axes.axhline(1.0, color=PALE, lw=0.8, zorder=0)
        axes.set(xlabel="temperature [\u00b0C]", ylabel="current / that at 37 \u00b0C", yscale="log", ylim=(0.09, 1.9),
                 title="In the cold the pump is slow")
        axes.set_yticks([0.1, 0.2, 0.5, 1.0], ["0.1", "0.2", "0.5", "1"])
        axes.legend(loc="lower right")
    return figure
