"""The figure of a comparison: both runs in the same panels, the first with solid lines, the second dashed."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pumpleak.app.compared import Side
from pumpleak.app.dissolved import KEPT, OUTSIDE, dense, logarithmic, seen
from pumpleak.app.segments import COARSE, INK, time_unit
from pumpleak.app.style import BLACK, CYCLE, IONS, WRITTEN, sheet, styled
from pumpleak.base.units import unit

# The first broad and pale, the second thin and dashed over it: where they agree both are seen.
STYLES: tuple[tuple[str, Any, float, float], ...] = (("A", "solid", 3.2, 0.45), ("B", (0, (4, 2)), 1.4, 1.0))
MOST = 6  # panels of a model that is no cell
LETTERS = 60  # of a label over the figure: two stand side by side
FLAT = 0.05  # an axis of relative volume shows at least this much to both sides, so as not to magnify noise
Panel = tuple[str, dict[str, str]]


def drawn(a: Side, b: Side, common: tuple[str, ...]) -> Figure:
    """Potential, concentrations, volume and pump of both runs; what is common, by unit, for models that are no cells."""
    panels = _panels((a, b)) or _by_unit(a, common)
    size, measured = time_unit(float(max(a.times[-1], b.times[-1])))
    with styled():
        figure, axes = sheet(max(len(panels), 1), sharex=True)
        for each, (label, names) in zip(axes, panels, strict=False):
            _draw(each, (a, b), names, size)
            each.set_ylabel(label, parse_math=False)
        axes[-1].set_xlabel(f"time [{measured}]")
        axes[0].set_title(_title(a, b), parse_math=False)
        figure.align_ylabels(axes)
    return figure


def _title(a: Side, b: Side) -> str:
    """What the sides are, and which of them have spikes that their rows do not show."""
    keyed = [(key, side) for (key, *_), side in zip(STYLES, (a, b), strict=True)]
    coarse = ", ".join(key for key, side in keyed if side.coarse)
    lines = [f"{key}: {_short(side.label)}" for key, side in keyed]
    return "\n".join([*lines, f"{coarse}: {COARSE}"] if coarse else lines)


def _panels(sides: tuple[Side, Side]) -> list[Panel]:
    """Label of each axis, and the names of its curves with their colours."""
    names = list(dict.fromkeys(name for side in sides for name in side.columns))
    found: list[Panel] = []
    flowing = [name for name in _pumps(names)
               if any(np.any(side.columns[name].value) for side in sides if name in side.columns)]
    for label, chosen in (("potential [mV]", _of(names, ".V")), ("pump current [pA]", flowing)):
        if chosen:
            colours = cycle((BLACK, *CYCLE))
            found.append((label, {name: next(colours) for name in chosen}))
    dissolved = [name for ion in KEPT for name in _of(names, f".{ion}") if _measured(sides, name, "mM")]
    places = dict.fromkeys(name.rpartition(".")[0] for name in (*_of(names, ".volume"), *dissolved))
    for place in sorted(places, key=lambda each: each != OUTSIDE):  # the last comes first, as each is put before the others
        most = {name: max(float(np.max(side.columns[name].to("mM"))) for side in sides if name in side.columns)
                for ion in IONS if ion != "ATP" and _measured(sides, name := f"{place}.{ion}", "mM")}
        ions = {name: IONS[name.rpartition(".")[2]] for name in seen(most)}
        found[1:1] = [(f"{place} [mM]", ions)] if ions else []
        volume: Panel = (f"{place} volume / start", {f"{place}.volume": BLACK})
        if f"{place}.volume" in names:
            found.insert(1 + sum("[mM]" in label for label, _ in found), volume)
    return found


def _measured(sides: tuple[Side, Side], name: str, wanted: str) -> bool:
    """Whether a side has a quantity, and every side that does has it in units of one dimension with that wanted."""
    held = [side.columns[name].unit.dimension for side in sides if name in side.columns]
    return bool(held) and all(each == unit(wanted).dimension for each in held)


def _draw(axes: Axes, sides: tuple[Side, Side], names: dict[str, str], size: float) -> None:
    shown = [Line2D([], [], color=colour, label=_words(name)) for name, colour in names.items()] if len(names) > 1 else []
    for (key, dashes, width, alpha), side in zip(STYLES, sides, strict=True):
        here = {name: colour for name, colour in names.items() if name in side.columns}
        values = {name: _values(side, name) for name in here}
        if any(dense(side.times, each) for each in values.values()):
            dashes = "solid"
        for name, colour in here.items():
            axes.plot(side.times / size, values[name], color=colour, ls=dashes, lw=width, alpha=alpha)
        lacking = "" if here else " (has none)"
        shown.append(Line2D([], [], color=INK, ls=dashes, lw=width, alpha=alpha, label=f"{key}{lacking}"))
    if any(name.startswith(f"{OUTSIDE}.") and name.rpartition(".")[2] in KEPT for name in names):
        logarithmic(axes)
    if any(name.endswith(".volume") for name in names):
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 1.0 - FLAT), max(high, 1.0 + FLAT))
    legend = axes.legend(handles=shown, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=2.2, borderaxespad=0.0)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _values(side: Side, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The curve in the unit of its panel; a volume relative to its start."""
    column = side.columns[name]
    wanted = next((measured for ending, measured in ((".V", "mV"), (".current", "pA")) if name.endswith(ending)), None)
    values = np.atleast_1d(np.asarray(column.to(wanted) if wanted else column.value))
    return values / values[0] if name.endswith(".volume") and values[0] else values


def _by_unit(side: Side, common: tuple[str, ...]) -> list[Panel]:
    """Panels of the common quantities that share a unit."""
    groups: dict[str, list[str]] = {}
    for name in common:
        groups.setdefault(str(side.columns[name].unit) or "1", []).append(name)
    return [(f"[{measured}]", dict(zip(names, CYCLE, strict=False))) for measured, names in list(groups.items())[:MOST]]


def _of(names: list[str], ending: str) -> list[str]:
    return [name for name in names if name.endswith(ending) and name.count(".") == 1]


def _pumps(names: list[str]) -> list[str]:
    return [name for name in _of(names, ".current") if "pump" in name or f"{name.removesuffix('.current')}.turnover" in names]


def _words(name: str) -> str:
    last = name.rpartition(".")[2]
    return WRITTEN.get(last, name)


def _short(label: str) -> str:
    return label if len(label) <= LETTERS else f"...{label[-LETTERS + 3:]}"
