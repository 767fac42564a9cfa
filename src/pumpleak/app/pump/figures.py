"""Figures of curves: turnover or current against what is swept, families and several pumps, over measured points."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from pumpleak.app.pump.answer import MAIN, Answer, Curve
from pumpleak.app.pump.data import LEGEND, Comparison, logarithmic, provenance, scaled
from pumpleak.app.pump.question import Swept, unit_of
from pumpleak.app.style import CYCLE, GREY, WRITTEN, beside, sheet, styled
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.measured import Measured

LINES = ("-", "--", ":", "-.")  # one kind for each pump
MARKERS = "os^Dv<>P"
FLAT = 0.02  # of the height: a curve that dips less below zero needs no room there


def curves_figure(answers: Sequence[Answer], data: Measured | None = None,
                  comparisons: Sequence[Comparison] = ()) -> Figure:
    """All curves along the axis: colours tell the family apart (the pumps, if there is none), dashes the pumps."""
    mains = list(dict.fromkeys(each.main for each in answers)) if data is None else [answers[0].main]
    with styled():
        figure, panels = sheet(len(mains), height=3.7 if len(mains) == 1 else 2.7, sharex=True)
        for axes, main in zip(panels, mains, strict=True):
            shown = [each for each in answers if each.main == main or data is not None]
            _lines(axes, shown, comparisons)
            if data is not None:
                _points(axes, shown, data)
            axes.set_ylabel(_height(main, data), parse_math=False)
            _zero_line(axes)
            if axes.get_legend_handles_labels()[0]:
                beside(axes)
        _axis(panels, answers[0])
        panels[0].set_title(_title(answers, data), parse_math=False)
    return figure


def _lines(axes: Axes, answers: Sequence[Answer], comparisons: Sequence[Comparison]) -> None:
    family, several = answers[0].question.family, len(answers) > 1
    for index, each in enumerate(answers):
        for number, curve in enumerate(scaled(one, comparisons) for one in each.curves):
            colour = _colour(number, len(each.curves)) if family else _colour(index, len(answers))
            axes.plot(curve.x, curve.y, color=colour, ls=LINES[index % len(LINES)] if several else "-",
                      label=_special(curve) if family and index == 0 else None)
    if several:
        for index, each in enumerate(answers):
            axes.plot([], [], color=GREY if family else _colour(index, len(answers)), ls=LINES[index % len(LINES)],
                      label=each.pump.name)


def _points(axes: Axes, answers: Sequence[Answer], data: Measured) -> None:
    """The measured points, each curve in the colour of the computed one that has its conditions."""
    question = answers[0].question
    specials = list(question.curves)
    for number, curve in enumerate(data.curves):
        found = [place for place, special in enumerate(specials) if _agree(special, curve.special)]
        colour = _colour(found[0], len(specials)) if found and question.family else GREY if curve.special else "#000000"
        axes.plot(curve.x, curve.y, MARKERS[number % len(MARKERS)], color=colour, mec="white", mew=0.7, ms=6.5)
    words = textwrap.fill(provenance(data, [each.pump.name for each in answers]), LEGEND, break_on_hyphens=False)
    axes.plot([], [], "o", color="#000000" if not question.family else GREY, mec="white", ms=6.5, label=words)


def _agree(special: Mapping[str, float], measured: Mapping[str, float]) -> bool:
    return all(np.isclose(special.get(name, np.nan), value, rtol=1e-6) for name, value in measured.items())


def _colour(number: int, count: int) -> str:
    """One of the palette; of more curves than it has, a scale from dark to light that all can read."""
    return CYCLE[number] if count <= len(CYCLE) else to_hex(colormaps["cividis"](number / (count - 1) * 0.92))


def _special(curve: Curve) -> str:
    return textwrap.fill(", ".join(f"{named(name)} {value:g} {unit_of(name)}" for name, value in curve.special.items())
                         .replace("-", "\u2212"), LEGEND)


def named(name: str) -> str:
    """A condition in words: `outside.Na` is Na+ outside."""
    place, _, species = name.partition(".")
    if name == VOLTAGE:
        return "membrane potential"
    return f"{WRITTEN.get(species, species)} {place}" if species in SPECIES else name


def _height(main: str, data: Measured | None) -> str:
    if data is None:
        return main
    if data.absolute:
        return MAIN
    return f"{data.quantity} [{data.unit}]" if data.unit not in ("", "1") else data.quantity


def _axis(panels: Sequence[Axes], answer: Answer) -> None:
    axis = answer.question.axis or Swept(VOLTAGE, (), "")
    panels[-1].set_xlabel(f"{named(axis.name)} [{unit_of(axis.name)}]")
    if axis.values and logarithmic(axis.name, min(axis.values), max(axis.values)):
        panels[-1].set_xscale("log")
        panels[-1].xaxis.set_major_formatter(lambda value, place: f"{value:g}")


def _zero_line(axes: Axes) -> None:
    """Begin the axis at zero, or mark zero where the pump runs both ways."""
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.get_lines()])
    low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    if low < -FLAT * (high - low) < 0.0 < high:
        axes.axhline(0.0, color=GREY, lw=0.8, zorder=0)
    elif high > 0.0:
        axes.set_ylim(bottom=0.0)
    elif low < 0.0:
        axes.set_ylim(top=0.0)


def _title(answers: Sequence[Answer], data: Measured | None) -> str:
    if data is not None:
        return data.title
    pumps = answers[0].pump.name if len(answers) == 1 else f"{len(answers)} pumps"
    base = answers[0].base
    return f"{pumps}, {base}" if base else pumps
