"""The pump that runs backwards, for M2.2: its current against voltage and how sodium outside shifts it, as in squid axons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import answer
from pumpleak.app.claims.drawing import LOOKS
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.base.errors import SolveError
from pumpleak.enzyme.charge import Boltzmann, fit_boltzmann
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response

SODIUM = "outside.Na"
GRID = np.linspace(-200.0, 200.0, 201)  # mV, the range that the rows name
# A curve that misses the currents by so much of their span has another shape, and its midpoint no meaning: the currents of
# single sigmoids are met to 0.1 %.
SHAPELESS = 0.05
COLOURS = ((BLUE, "-"), (GREEN, "--"), (ORANGE, "-."), (VERMILLION, ":"))


def shift(row: Target, pump: str) -> float | None:
    """Shift of the midpoint for each doubling of sodium outside; None where the currents have none. [mV]"""
    curves = _curves(row, row.points, pump)
    if len(curves) < 2:
        return None
    return float(np.polyfit(np.log2(list(curves)), [curve.midpoint for curve in curves.values()], 1)[0])


def valence(row: Target, pump: str) -> float | None:
    """Steepness of the current at the row's sodium outside; None where it is no Boltzmann curve. []"""
    sodium = row.conditions[SODIUM]
    curve = _curves(row, (sodium,), pump).get(sodium)
    return None if curve is None else curve.valence


def _curves(row: Target, sodium: Sequence[float], pump: str) -> dict[float, Boltzmann]:
    """Boltzmann curves through the backward currents, by sodium outside, less those with their midpoint beyond the grid.

    None at all where a current has another shape.
    """
    found = {}
    for outside in sodium:
        response = _response(row, outside, pump)
        current = response.current
        try:
            curve = fit_boltzmann(GRID, current, float(response.scheme.thermal(response.conditions).voltage[0]))
        except SolveError:
            continue
        if curve.misfit > SHAPELESS * float(np.ptp(current)):
            return {}
        found[outside] = curve
    return found


def _response(row: Target, sodium: float, pump: str) -> Response:
    return answer(row, {SODIUM: sodium, VOLTAGE: GRID}, pump)


def backward_figure(targets: Targets) -> Figure:
    """Current of the pump that runs backwards against voltage, at four sodium concentrations outside, for two schemes."""
    row = targets["squid-shift"]
    with styled():
        figure, panels = sheet(1, 2, height=3.3)
        for axes, pump in zip(panels, (row.scheme, *row.beside), strict=True):
            _panel(axes, row, pump)
        panels[0].set_ylabel("current of one pump [e/s]")
        panels[1].legend(title="Na\u207a outside", loc="upper left", fontsize=8.5, title_fontsize=9)
        _measured_shift(panels[0], row)
    return figure


def _measured_shift(axes: Axes, row: Target) -> None:
    """How far a doubling was measured to shift the curve, as a bar of that length."""
    if row.low is None or row.high is None:
        return
    place, length = axes.get_xaxis_transform(), (row.low + row.high) / 2.0
    axes.plot([GRID[0], GRID[0] + length], [0.86, 0.86], color=BLACK, lw=5.5, solid_capstyle="butt", transform=place)
    axes.annotate(f"{length:.0f} mV for a doubling,\nmeasured (not fitted)", (GRID[0] + length, 0.86), xycoords=place,
                  xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5)


def _panel(axes: Axes, row: Target, pump: str) -> None:
    curves = _curves(row, row.points, pump)
    for sodium, (colour, dash) in zip(row.points, COLOURS, strict=True):
        axes.plot(GRID, _response(row, sodium, pump).current, color=colour, ls=dash, label=f"{sodium:g} mM")
        if sodium in curves:
            curve = curves[sodium]
            axes.plot([curve.midpoint], [curve.start + curve.total / 2.0], "o", color=colour, mec="white", ms=6.5)
    axes.axhline(0.0, color=GREY, lw=0.8)
    axes.set(xlabel="membrane potential [mV]", title=f"Backwards, {LOOKS[pump].words}")
    axes.margins(y=0.34)
