"""Pump current against temperature, for M2.2."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import answer
from pumpleak.app.claims.drawing import LOOKS
from pumpleak.app.style import BLACK, PALE, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.base.constants import ZERO_CELSIUS
from pumpleak.enzyme.temperature import TEMPERATURE

WARM, COLD = 37.0, 23.0  # C, as the rows say
TEN_DEGREES: Mapping[str, tuple[float, float]] = {"Q10-node": (25.0, 37.0), "Q10-sheep": (22.0, 35.0),
                                                  "Q10-sheep-warm": (35.0, 42.0)}  # C, as the rows say


def ten_degrees(row: Target, pump: str) -> float:
    """Ratio of the current for 10 degrees, from its ratio between the two temperatures of the row."""
    cool, warm = TEN_DEGREES[row.id.partition(f"{row.claim}.")[2]]
    return float(_ratio(row, pump, cool, warm) ** (10.0 / (warm - cool)))


def from_cold(row: Target, pump: str) -> float:
    """Current at 37 C over that at 23 C."""
    return _ratio(row, pump, COLD)


def _ratio(row: Target, pump: str, celsius: float, to: float = WARM) -> float:
    warm, cold = answer(row, {TEMPERATURE: ZERO_CELSIUS + np.array([to, celsius])}, pump).current
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
            span = np.linspace(*TEN_DEGREES["Q10-node"], 49)
            axes.fill_between(span, node.low ** ((span - WARM) / 10.0), node.high ** ((span - WARM) / 10.0), color=PALE, lw=0,
                              label="rabbit sinus node (fitted to)")
        _sheep(axes, targets)
        if mouse.low is not None and mouse.high is not None:
            axes.plot([COLD, COLD], [1.0 / mouse.high, 1.0 / mouse.low], color=BLACK, lw=5.5, solid_capstyle="butt",
                      label="mouse ventricle (not fitted)")
        axes.axhline(1.0, color=PALE, lw=0.8, zorder=0)
        axes.set(xlabel="temperature [\u00b0C]", ylabel="current / that at 37 \u00b0C", yscale="log", ylim=(0.09, 1.9),
                 title="In the cold the pump is slow")
        axes.set_yticks([0.1, 0.2, 0.5, 1.0], ["0.1", "0.2", "0.5", "1"])
        axes.legend(loc="lower right")
    return figure


def _sheep(axes: Axes, targets: Targets) -> None:
    """The current that the ratios measured in sheep make of that at 37 C: it breaks where they change."""
    level = 1.0
    for name in ("Q10-sheep-warm", "Q10-sheep"):
        (ratio, _), (low, high) = targets[name].measured, TEN_DEGREES[name]
        at = WARM if level == 1.0 else high
        span = np.linspace(low, high, 49)
        axes.plot(span, level * ratio ** ((span - at) / 10.0), color=BLACK, lw=1.3, ls=":",
                  label="sheep Purkinje fibre (not fitted)" if level == 1.0 else None)
        level *= ratio ** ((low - at) / 10.0)
