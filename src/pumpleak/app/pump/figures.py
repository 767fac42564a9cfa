"""Figures of curves: turnover or current against what is swept, families and several pumps, over measured points."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from pumpleak.app.claims.drawing import measured_points
from pumpleak.app.pump.answer import COLUMNS, MAIN, Answer, Curve
from pumpleak.app.pump.data import LEGEND, Comparison, provenance, scaled
from pumpleak.app.pump.question import Array, Swept, shown_unit, shown_value, unit_of
from pumpleak.app.style import BLACK, CYCLE, GREY, IONS, WRITTEN, beside, sheet, styled
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.formats.measured import Measured

LINES = ("-", "--", ":", "-.")  # one kind for each pump
MARKERS = "os^Dv<>P"
LONG_TITLE = 50  # letters
FLAT = 1e-3  # of the height, less than the width of a line: a curve that dips less below zero needs no room there
FEW = 100.0  # a logarithmic axis over less has too few powers of ten to be read by
CURRENT = COLUMNS[2]
SAME = 0.01  # of the largest: current and turnover that differ less lie on each other
MOST_IONS = 6.0  # for each ATP; beyond it the pump all but stands still and the ratio says nothing


def curves_figure(answers: Sequence[Answer], data: Measured | None = None,
                  comparisons: Sequence[Comparison] = ()) -> Figure:
    """All curves along the axis: colours tell the family apart (the pumps, if there is none), dashes the pumps.

    Along the voltage the current has a panel of its own where it differs from the turnover.
    """
    mains = list(dict.fromkeys(each.main for each in answers)) if data is None else [answers[0].main]
    if MAIN in mains and data is None and answers[0].question.axis is not None and answers[0].question.axis.name == VOLTAGE \
            and not _coincide(answers):
        mains.append(CURRENT)
    with styled():
        figure, panels = sheet(len(mains), height=3.7 if len(mains) == 1 else 2.7, sharex=True)
        for axes, main in zip(panels, mains, strict=True):
            shown = [each for each in answers if data is not None or main in each.columns]
            _lines(axes, shown, answers, main if data is None else "", comparisons)
            if data is not None:
                _points(axes, shown, data)
            axes.set_ylabel(_height(main, data, main == MAIN and CURRENT not in mains and _coincide(shown)), parse_math=False)
            _zero_line(axes)
            if axes.get_legend_handles_labels()[0]:
                beside(axes)
        _axis(panels, answers[0])
        panels[0].set_title(_title(answers, data), parse_math=False)
        figure.align_ylabels(panels)
    return figure


def _coincide(answers: Sequence[Answer]) -> bool:
    """Whether the current of every scheme lies on its turnover: one charge for each ATP."""
    return all(bool(np.max(np.abs(each.columns[CURRENT] - each.columns[MAIN])) <= SAME * np.max(np.abs(each.columns[MAIN])))
               for each in answers if each.found is not None)


def _lines(axes: Axes, shown: Sequence[Answer], answers: Sequence[Answer], heading: str,
           comparisons: Sequence[Comparison]) -> None:
    """Curves of the pumps of one panel, each looking as it does in the others; heading: of the column, else the main one."""
    family, several = answers[0].question.family, len(answers) > 1
    for each in shown:
        index = next(place for place, other in enumerate(answers) if other is each)
        for number, one in enumerate(each.curves_of(heading or each.main)):
            curve = scaled(one, comparisons)
            colour = _colour(number, len(each.curves)) if family else _colour(index, len(answers))
            axes.plot(shown_value(_name(each), curve.x), curve.y, color=colour,
                      ls=LINES[index % len(LINES)] if several else "-",
                      label=_special(curve) if family and each is shown[0] else None)
    if several:
        for each in shown:
            index = next(place for place, other in enumerate(answers) if other is each)
            axes.plot([], [], color=GREY if family else _colour(index, len(answers)), ls=LINES[index % len(LINES)],
                      label=each.pump.name)


def cycles_figure(answer: Answer) -> Figure:
    """What the cycles do along the axis: their fluxes, and the ions carried for each ATP."""
    with styled():
        figure, (upper, lower) = sheet(2, height=2.5, sharex=True)
        cycles, count = answer.moving, len(answer.question.curves)
        for place in range(count):
            part = slice(place * answer.rows // count, (place + 1) * answer.rows // count)
            x = shown_value(_name(answer), np.asarray(answer.columns[_swept(answer).heading])[part])
            faded = 1.0 - 0.65 * place / max(count - 1, 1)
            for number, cycle in enumerate(cycles):
                upper.plot(x, _column(answer, answer.response.cycle_fluxes[cycle.name])[part], alpha=faded,
                           color=_colour(number, len(cycles)), ls=LINES[number % len(LINES)],
                           label=_turn(cycle.name, cycle.reaction) if place == 0 else None)
            for ion, ratio, dash in (("Na", answer.response.Na_per_ATP, "-"), ("K", answer.response.K_per_ATP, "--")):
                values = np.where(np.abs(_column(answer, ratio)[part]) <= MOST_IONS, _column(answer, ratio)[part], np.nan)
                # where the use of ATP changes its sign a ratio jumps from one infinity to the other
                turns = np.flatnonzero(np.diff(np.sign(_column(answer, answer.response.ATP)[part]))) + 1
                for number, (at, piece) in enumerate(zip(np.split(x, turns), np.split(values, turns), strict=True)):
                    lower.plot(at, piece, color=IONS[ion], ls=dash, marker="." if len(turns) else "", ms=4, alpha=faded,
                               label=f"{WRITTEN[ion]} {'out' if ion == 'Na' else 'in'}" if place == number == 0 else None)
        upper.axhline(0.0, color=GREY, lw=0.8, zorder=0)
        upper.set_ylabel("turns of the cycle [1/s]")
        lower.set_ylabel("ions for each ATP")
        for axes in (upper, lower):
            beside(axes)
        if count > 1:
            names = ", ".join(named(each.name) for each in answer.question.family)
            lower.plot([], [], " ", label=textwrap.fill(f"fainter: from the first to the last {names}", LEGEND))
            beside(lower)
        _axis((upper, lower), answer)
        upper.set_title(f"{answer.pump.name}: its cycles", parse_math=False)
        figure.align_ylabels([upper, lower])
    return figure


def _turn(name: str, reaction: str) -> str:
    """A cycle in a legend: its name, and what it carries."""
    return f"{textwrap.fill(name, LEGEND)}\n({'with' if 'outside.K' in reaction else 'without'} K\u207a)"


def _column(answer: Answer, values: Array) -> Array:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (answer.rows,))


def _swept(answer: Answer) -> Swept:
    return answer.question.axis or Swept(VOLTAGE, (), "")


def _name(answer: Answer) -> str:
    return _swept(answer).name


def _points(axes: Axes, answers: Sequence[Answer], data: Measured) -> None:
    """The measured points, each curve in the colour of the computed one that has its conditions."""
    question = answers[0].question
    specials = list(question.curves)
    names = [each.pump.name for each in answers]
    fitted = any(name in data.fitted for name in names)
    for number, curve in enumerate(data.curves):
        found = [place for place, special in enumerate(specials) if _agree(special, curve.special)]
        colour = _colour(found[0], len(specials)) if found and question.family else GREY if curve.special else BLACK
        measured_points(axes, shown_value(data.swept, curve.x), curve.y, fitted=fitted, marker=MARKERS[number % len(MARKERS)],
                        colour=colour, label="_")
    words = textwrap.fill(f"{provenance(data, names)}: {'open' if fitted else 'filled'}", LEGEND, break_on_hyphens=False)
    measured_points(axes, [], [], fitted=fitted, colour=GREY if question.family else BLACK, label=words)


def _agree(special: Mapping[str, float], measured: Mapping[str, float]) -> bool:
    return all(np.isclose(special.get(name, np.nan), value, rtol=1e-6) for name, value in measured.items())


def _colour(number: int, count: int) -> str:
    """One of the palette; of more curves than it has, a scale from dark to light that all can read."""
    return CYCLE[number] if count <= len(CYCLE) else to_hex(colormaps["cividis"](number / (count - 1) * 0.92))


def _special(curve: Curve) -> str:
    return textwrap.fill(", ".join(f"{named(name)} {_value(name, value)}" for name, value in curve.special.items()), LEGEND)


def _value(name: str, value: float) -> str:
    """A value with its unit, its minus as wide as a plus."""
    return f"{shown_value(name, value):g} {_unit(name)}".replace("-", "\u2212")


def _unit(name: str) -> str:
    return shown_unit(name).replace("degC", "\u00b0C")


def named(name: str) -> str:
    """A condition in words: `outside.Na` is Na+ outside."""
    place, _, species = name.partition(".")
    if name == VOLTAGE:
        return "membrane potential"
    return f"{WRITTEN.get(species, species)} {place}" if species in SPECIES else name


def _height(main: str, data: Measured | None, coincide: bool) -> str:
    if data is None:
        return f"{main}\n(and current [e/s], within {100.0 * SAME:g} %)" if coincide else main
    if data.absolute:
        return MAIN
    if data.relative_to is not None:
        return f"{data.quantity} / that at\n{data.relative_to:g} {unit_of(data.swept)} {named(data.swept)}"
    return f"{data.quantity} [{data.unit}]" if data.unit not in ("", "1") else data.quantity


def _axis(panels: Sequence[Axes], answer: Answer) -> None:
    axis = _swept(answer)
    panels[-1].set_xlabel(f"{named(axis.name)} [{_unit(axis.name)}]")
    if axis.logarithmic:
        panels[-1].set_xscale("log")
        panels[-1].xaxis.set_major_formatter(lambda value, place: f"{value:g}")
        short = max(axis.values) < FEW * min(axis.values)
        panels[-1].xaxis.set_minor_formatter(lambda value, place: f"{value:g}" if short and f"{value:e}"[0] in "25" else "")


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
    names = " and ".join(each.pump.name for each in answers)
    pumps = names if len(names) <= LONG_TITLE else f"{len(answers)} pumps"
    base = answers[0].base
    return f"{pumps}, {base}" if base else pumps
