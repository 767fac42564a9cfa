"""M2.2: unequal exchange carries net charge out. Pump current against voltage; its other figures have files of their own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pumpleak.app.bench import Bench, Quantity, Shown, answer, crossing, half_activation, points, shown, turnover
from pumpleak.app.claims.activation import CURVES, activation_figure, hindrance, off_measured
from pumpleak.app.claims.backward import backward_figure, shift, valence
from pumpleak.app.claims.charge import CHARGE_ROWS, charge_figure
from pumpleak.app.claims.drawing import LOOKS, measured_points
from pumpleak.app.claims.temperature import TEN_DEGREES, from_cold, temperature_figure, ten_degrees
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.measured import rms

FAMILY = (("IV-1.5", BLUE, "o"), ("IV-50", GREEN, "s"), ("IV-100", ORANGE, "^"), ("IV-150", VERMILLION, "D"))
OTHER = "pan-2018-15"  # drawn thinly beside
HIGHEST, LOWEST = 60.0, -400.0  # mV: the voltage that half is of, and how far down half of it is sought


def show(bench: Bench, targets: Targets) -> Shown:
    """Differences from the measured curves, half-activations, the backward pump and temperature beside measured values."""
    quantities: dict[str, Quantity] = {
        "charge-per-ATP": _charge_per_ATP, "ratio-150": _ratio, "V-half-node": _half_voltage,
        **dict.fromkeys((name for name, _, _ in FAMILY), _off_family), **dict.fromkeys(CURVES, off_measured),
        **dict.fromkeys(("K-half-node", "Na-half-node", "K-half-rat", "Na-half-sheep"), half_activation),
        "Na-hinders-K": hindrance, "squid-shift": shift, "squid-valence": valence,
        **dict.fromkeys(TEN_DEGREES, ten_degrees), "cold-mouse": from_cold, **CHARGE_ROWS,
    }
    return shown(targets, quantities, {
        "voltage": _voltage(targets), "activation": activation_figure(targets), "backward": backward_figure(targets),
        "temperature": temperature_figure(targets), "charge": charge_figure(targets["IV-150"].scheme)})


def _charge_per_ATP(row: Target, pump: str) -> float:
    response = answer(row, pump=pump)
    return float(response.current / response.ATP)


def _ratio(row: Target, pump: str) -> float:
    low, high = turnover(row, {VOLTAGE: np.array([-80.0, 0.0])}, pump)
    return float(low / high)


def _off_family(row: Target, pump: str) -> float:
    measured = points(row)
    return rms(_scale(row, pump) * turnover(row, {VOLTAGE: measured.x}, pump) - measured.y)


def _scale(row: Target, pump: str) -> float:
    """The factor that brings a curve nearest to its points: the measured ones were made to meet, so none has a height."""
    measured = points(row)
    simulated = turnover(row, {VOLTAGE: measured.x}, pump)
    return float(simulated @ measured.y / (simulated @ simulated))


def _half_voltage(row: Target, pump: str) -> float | None:
    """Voltage of half the turnover at +60 mV, if there is one above -400 mV. [mV]"""
    half = 0.5 * float(turnover(row, {VOLTAGE: HIGHEST}, pump))
    return crossing(lambda grid: turnover(row, {VOLTAGE: grid}, pump) - half, LOWEST, HIGHEST)


def _voltage(targets: Targets) -> Figure:
    """Turnover against voltage: at four sodium concentrations outside over measured points, and with little sodium inside."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.7, width_ratios=(1.35, 1))
        _family(left, {name: targets[name] for name, _, _ in FAMILY})
        _little_sodium(right, targets["V-half-node"])
        for axes in (left, right):
            axes.xaxis.set_major_locator(MaxNLocator(5))
    return figure


def _family(axes: Axes, rows: Mapping[str, Target]) -> None:
    grid = np.linspace(-130.0, 70.0, 201)
    for name, colour, marker in FAMILY:
        row = rows[name]
        axes.plot(grid, _scale(row, row.scheme) * turnover(row, {VOLTAGE: grid}), color=colour)
        axes.plot(grid, _scale(row, OTHER) * turnover(row, {VOLTAGE: grid}, OTHER), color=colour, lw=0.9, ls=":")
        measured = points(row)
        measured_points(axes, measured.x, measured.y, fitted=row.kind == "fitted", marker=marker, colour=colour,
                        label=f"{row.conditions['outside.Na']:g} mM")
    axes.plot([], [], color=GREY, label=LOOKS[row.scheme].words)
    axes.plot([], [], color=GREY, lw=0.9, ls=":", label=LOOKS[OTHER].words)
    axes.set(xlabel="membrane potential [mV]", ylabel="turnover [1/s], each curve scaled\n(points: 55 /s at +40 mV)",
             ylim=(0.0, None), title="Four Na\u207a outside (open: fitted to)")
    axes.legend(loc="lower right", fontsize=8.5, ncols=2)


def _little_sodium(axes: Axes, row: Target) -> None:
    grid = np.linspace(-180.0, HIGHEST, 241)
    for pump in (row.scheme, *row.beside):
        look = LOOKS[pump]
        axes.plot(grid, turnover(row, {VOLTAGE: grid}, pump) / turnover(row, {VOLTAGE: HIGHEST}, pump), color=look.colour,
                  ls=look.dash, label=look.words)
    axes.axhline(0.5, color=GREY, lw=0.8, ls=":")
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [0.5, 0.5], color=BLACK, lw=5.5, solid_capstyle="butt", zorder=3,
                  label="half, measured\n(not fitted)")
    axes.set(xlabel="membrane potential [mV]", ylabel=f"current / that at +{HIGHEST:g} mV", ylim=(0.0, None),
             title="10 mM Na\u207a inside")
    axes.legend(loc="lower right", fontsize=8.5)
