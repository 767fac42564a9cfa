"""Figures of a fit: data with fitted lines and bands, and the profiles of the constants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from pumpleak.app.style import BLACK, BLUE, CYCLE, GREY, PALE, VERMILLION, sheet, styled
from pumpleak.base.units import Quantity, unit
from pumpleak.fitting.lines import DECADE, Line
from pumpleak.fitting.objective import Fitted
from pumpleak.fitting.prediction import positions
from pumpleak.fitting.profile import Profile
from pumpleak.fitting.result import Fit, shown_unit
from pumpleak.fitting.solution import half_widths
from pumpleak.fitting.unknown import Unknown
from pumpleak.lab.experiment import unit_of

COLUMNS = 2
LETTERS = 34  # of a label, before it would leave its panel
HIGHEST = 3.0  # times the threshold: where a profile leaves its panel
HALF_DECADE, TWO_DECADES = 0.7, 2.2  # widths of a logarithmic axis that ask for other marks


def data_figure(fit: Fit, lines: Sequence[Line]) -> Figure:
    """Every data set with the model through it; bands at the level of the problem."""
    tables = [each for each in fit.fits if len(each.data) > 1]
    single = [each for each in fit.fits if len(each.data) == 1]
    count = len(tables) + bool(single)
    with styled():
        figure, panels = sheet(-(-count // COLUMNS), COLUMNS, height=2.9)
        for axes, each in zip(panels, tables, strict=False):
            _data(axes, each, [line for line in lines if line.data == each.data.name], fit.objective.stretch)
        if single:
            _single(panels[len(tables)], single, fit.objective.stretch)
        for axes in panels[count:]:
            axes.set_axis_off()
        figure.suptitle(f"{fit.objective.problem.title or fit.objective.problem.name}: points, model and "
                        f"{100.0 * fit.objective.problem.level:g} % bands", fontsize=10.5).set_parse_math(False)
    return figure


def _data(axes: Axes, fitted: Fitted, lines: Sequence[Line], stretch: float) -> None:
    data, at = fitted.data, positions(fitted.data)
    curves = list(dict.fromkeys(data.curve))
    for number, curve in enumerate(curves):
        colour = CYCLE[number % len(CYCLE)]
        mine = np.array(data.curve) == curve
        label = curve.partition(" at ")[2] or curve
        axes.errorbar(at[mine], data.points[mine], stretch * data.sigma[mine], fmt="o" if data.weight else "x", ms=4, lw=0.9,
                      color=colour, label=label[:LETTERS])
        for line in lines:
            if line.curve == curve:
                axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.18, lw=0)
                axes.plot(line.x, line.values, color=colour, lw=1.4)
        if not lines:
            axes.plot(at[mine], fitted.values[mine], "_", color=BLACK, ms=12, mew=1.6)
    if "." in data.swept and data.swept != "membrane.V" and at.min() > 0.0 and at.max() > DECADE * at.min():
        _log_axis(axes)
    measured_in = {"membrane.V": "mV", "time": "ms", "temperature": "K"}.get(data.swept, "mM")
    axes.set_xlabel(f"{data.swept} [{measured_in}]" if data.swept else "point")
    axes.set_ylabel(f"{data.observe} [{data.unit}]", parse_math=False)
    axes.set_title(data.name + ("" if data.weight else " (not fitted)"), parse_math=False)
    if 1 < len(curves) <= len(CYCLE):
        for text in axes.legend(fontsize=7.5).get_texts():
            text.set_parse_math(False)


def _single(axes: Axes, fits: Sequence[Fitted], stretch: float) -> None:
    """Single values, each in errors from what was measured; its name says both numbers."""
    places = np.arange(len(fits))
    off = [float((each.values[0] - each.data.points[0]) / (stretch * each.data.sigma[0])) for each in fits]
    axes.axvspan(-1.0, 1.0, color=PALE, lw=0)
    axes.axvline(0.0, color=BLACK, lw=0.9)
    axes.plot(off, places, "o", color=BLUE, ms=5)
    for place, each in zip(places, fits, strict=True):  # inside, above its point: as a label it would take the panel's room
        text = (f"{each.data.name}: {each.data.points[0]:.3g}, model {each.values[0]:.3g} {each.data.unit}"
                + ("" if each.data.weight else " (not fitted)"))
        axes.text(0.02, place - 0.38, text, transform=axes.get_yaxis_transform(), fontsize=6.5, va="center", parse_math=False)
    axes.set_yticks([])
    axes.set(ylim=(len(fits) - 0.5, -0.8), xlabel="model less measured, in errors", title="single values")


def _log_axis(axes: Axes) -> None:
    """A logarithmic axis whose numbers do not overlap: at 1, 2 and 5 within two decades, else at the decades."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    decades = np.log10(high / low)
    marks = (1.0, 2.0, 5.0) if decades <= TWO_DECADES else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=marks) if decades > HALF_DECADE else MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())


def profile_figure(fit: Fit) -> Figure:
    """The profile of each constant, the threshold of its interval, and the parabola that curvature has in its place."""
    with styled():
        figure, panels = sheet(-(-len(fit.profiles) // 3), 3, height=2.3)
        widths = half_widths(fit)
        for place, (axes, (name, each)) in enumerate(zip(panels, fit.profiles.items(), strict=False)):
            index = fit.objective.names.index(name)
            _profile(axes, each, fit.objective.unknowns[index], fit, float(widths[index]))
            if place % 3 == 0:
                axes.set_ylabel("rise of the cost")
        for axes in panels[len(fit.profiles):]:
            axes.set_axis_off()
        figure.suptitle(f"{fit.objective.problem.name}: rise of the least cost with one constant held (dots)\n"
                        f"dashed: the limit of the {100.0 * fit.objective.problem.level:g} % interval; "
                        "thin: the parabola of curvature",
                        fontsize=9)
    return figure


def _profile(axes: Axes, each: Profile, unknown: Unknown, fit: Fit, half_width: float) -> None:
    values = _shown(np.array([unknown.value(float(at)) for at in each.coordinates]), unknown.unit)
    middle = float(fit.x[fit.objective.names.index(each.name)])
    best = _shown(np.array([unknown.value(middle)]), unknown.unit)
    axes.axhline(fit.threshold, color=GREY, lw=1.0, ls="--")
    along = np.linspace(each.coordinates[0], each.coordinates[-1], 200)
    axes.plot(_shown(np.array([unknown.value(float(at)) for at in along]), unknown.unit),
              fit.threshold * ((along - middle) / half_width) ** 2, color=GREY, lw=0.8)
    axes.plot(values, each.rises, "o-", color=BLUE, ms=3)
    axes.plot(best, [0.0], "D", color=VERMILLION, ms=5)
    axes.set_ylim(-0.05 * fit.threshold, HIGHEST * fit.threshold)
    if unknown.logarithmic:
        _log_axis(axes)
    axes.set_xlabel(f"{each.name} [{shown_unit(unknown.unit)}]", parse_math=False)
    axes.set_title(each.interval.kind, fontsize=9)


def _shown(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], internal: str) -> np.ndarray[
        tuple[int, ...], np.dtype[np.float64]]:
    return np.atleast_1d(np.asarray(Quantity(values, unit_of(internal)).to(unit(shown_unit(internal))), dtype=np.float64))
