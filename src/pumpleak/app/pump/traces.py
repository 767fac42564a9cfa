"""Figures of jumps: current in time after one, and charge against the voltage of many."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.claims.drawing import measured_points
from pumpleak.app.pump.charge import ChargeCurve
from pumpleak.app.pump.data import LEGEND, provenance
from pumpleak.app.pump.question import Array
from pumpleak.app.style import BLACK, BLUE, CYCLE, GREY, VERMILLION, beside, sheet, styled
from pumpleak.enzyme.relaxation import Relaxation
from pumpleak.formats.measured import Measured

MARKERS = "os^Dv<>P"
LEAST = 1.0  # e/s: a current below it is drawn on a linear scale


def jump_figure(found: Relaxation, times: Array, steps: str) -> Figure:
    """Current and charge moved after a jump, the components that carry the charge marked by their time constants."""
    with styled():
        figure, (upper, lower) = sheet(2, height=2.3, sharex=True)
        upper.plot(times * 1e3, found.current(times), color=BLUE, label="current")
        upper.axhline(found.steady_current, color=GREY, lw=1.0, ls="--", label="in the end")
        _logarithmic(upper, found.current(times))
        upper.set_ylabel("current [e/s]")
        upper.set_title(f"{found.scheme.name}: {steps}".replace(" -", " \u2212"), parse_math=False)
        lower.plot(times * 1e3, found.moved(times), color=VERMILLION, label="charge moved")
        lower.set_ylabel("charge moved [e]")
        lower.set(xscale="log", xlabel="time since the jump [ms]")
        most = float(np.max(np.abs(found.charges))) if len(found.charges) else 0.0
        large = [rate for rate, charge in zip(found.rates, found.charges, strict=True) if abs(charge) > 0.02 * most > 0.0]
        for number, rate in enumerate(large):
            for axes in (upper, lower):
                axes.axvline(1e3 / float(rate), color=BLACK, lw=0.8, ls=":", zorder=0,
                             label="time constants" if number == 0 else None)
        for axes in (upper, lower):
            beside(axes)
        figure.align_ylabels([upper, lower])
    return figure


def _logarithmic(axes: Axes, current: Array) -> None:
    """Show currents of any size: displacement is many thousand times the current of turnover."""
    if np.all(current > 0.0):
        axes.set_yscale("log")
        return
    axes.set_yscale("symlog", linthresh=LEAST)
    low, high = (10.0 ** np.ceil(np.log10(max(LEAST, 1.5 * value))) for value in (-np.min(current), np.max(current)))
    axes.set_ylim(-low if np.min(current) < 0.0 else 0.0, high if np.max(current) > 0.0 else 0.0)
    powers = range(int(np.log10(LEAST)), int(np.log10(max(low, high))) + 1, 2)
    ticks = [sign * 10.0**power for power in powers for sign in (-1.0, 1.0)]
    axes.set_yticks([0.0, *(tick for tick in ticks if axes.get_ylim()[0] <= tick <= axes.get_ylim()[1])])


def charge_figure(name: str, holding: float, at: Array, curves: Sequence[ChargeCurve], data: Measured | None) -> Figure:
    """Charge against voltage: what was computed as lines, Boltzmann curves through it, and measured points.

    With points all is on their scale, from 0 to 1 of each Boltzmann curve.
    """
    relative = data is not None
    fitted = data is not None and name in data.fitted
    with styled():
        figure, (axes,) = sheet(1, height=3.6)
        fine = np.linspace(float(at.min()), float(at.max()), 201)
        for number, each in enumerate(curves):
            colour, fit = CYCLE[number % len(CYCLE)], each.fit
            if isinstance(fit, str):
                if not relative:
                    axes.plot(at, each.charges, color=colour, label=each.label)
                continue
            words = f"{each.label}\n({fit.midpoint:.0f} mV, z {fit.valence:.2f})".replace("(-", "(\u2212")
            start, total = (fit.start, fit.total) if relative else (0.0, 1.0)
            axes.plot(at, (each.charges - start) / total, color=colour, label=words)
            axes.plot(fine, (fit.at(fine) - start) / total, color=colour, lw=0.9, ls=":")
            if each.points is not None:
                measured_points(axes, each.points.x, each.points.y, fitted=fitted, marker=MARKERS[number % len(MARKERS)],
                                colour=colour, label="_")
        if data is not None:
            words = f"{provenance(data, [name])}: {'open' if fitted else 'filled'}"
            measured_points(axes, [], [], fitted=fitted, colour=GREY,
                            label=textwrap.fill(words, LEGEND, break_on_hyphens=False))
        axes.plot([], [], color=GREY, lw=0.9, ls=":", label="Boltzmann curve\n(midpoint, valence)")
        held = f"{holding:g} mV".replace("-", "\u2212")
        axes.axvline(holding, color=GREY, lw=1.0, ls="--", label=f"held at {held}")
        height = (f"{data.quantity}, from 0 to 1\nof its Boltzmann curve" if data is not None else
                  f"charge moved outward\nsince {held} [e]")
        axes.set(xlabel="membrane potential of the jump [mV]", ylabel=height)
        axes.set_title(f"{name}: charge after jumps" if data is None else f"{name}: {data.quantity} after jumps",
                       parse_math=False)
        beside(axes)
    return figure
