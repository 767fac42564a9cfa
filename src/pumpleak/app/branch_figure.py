"""The figure of a branch of rests: potentials, concentrations and volumes against the parameter, with folds and Hopf points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pumpleak.app.dissolved import OUTSIDE, logarithmic, seen
from pumpleak.app.style import BLACK, CYCLE, DASHES, GREY, IONS, WRITTEN, beside, sheet, styled
from pumpleak.lab.branch import Branch

WIDE = 20.0     # a volume that changes by more is drawn on a logarithmic scale
POTENTIAL, RELATIVE = "potential [mV]", "volume / first"
MOST_FREE = 6   # panels for a model that is no cell: more do not fit a page
MARKS = {"fold": ("o", "fold"), "Hopf": ("D", "Hopf point"), "branching": ("X", "branching")}


def branch_figure(branch: Branch) -> Figure:
    """Draw a branch: stable rests as solid lines, unstable ones thin and dotted, folds and Hopf points marked.

    Returns a matplotlib Figure.
    """
    with styled():
        panels = list(_panels(branch))
        figure, axes = sheet(len(panels), sharex=True)
        for each, (label, names) in zip(axes, panels, strict=True):
            _draw(branch, each, label, names)
        if branch.scale == "log":
            axes[-1].set_xscale("log")
        axes[-1].set_xlabel(f"{branch.along} [{branch.units[branch.along] or '1'}]", parse_math=False)
        axes[0].set_title(f"{branch.model}: rests along {branch.along}", parse_math=False)
        _legend(branch, axes)
        figure.align_ylabels(axes)
    return figure


def _panels(branch: Branch) -> Iterator[tuple[str, list[str]]]:
    """Label of the axis and the quantities of each panel."""
    shown = [name for name in branch.prominent if name in branch.units and name != branch.along]
    dotted = [name for name in shown if "." in name]
    potentials = [name for name in dotted if branch.units[name] == "mV"]
    volumes = [name for name in dotted if branch.units[name] == "pL"]
    places = dict.fromkeys(name.partition(".")[0] for name in dotted if branch.units[name] == "mM")
    if not (potentials or volumes or places):
        yield from ((f"{name} [{branch.units[name] or '1'}]", [name]) for name in shown[:MOST_FREE])
        return
    if potentials:
        yield POTENTIAL, potentials
    for place in places:
        here = [name for name in shown if branch.units[name] == "mM" and name.startswith(f"{place}.")]
        largest = {name: float(np.max(branch.column(name))) for name in here}
        yield f"{place} [mM]", seen(largest)
    if volumes:
        yield RELATIVE, volumes


def _draw(branch: Branch, axes: Axes, label: str, names: Sequence[str]) -> None:
    colours, others = cycle(CYCLE), cycle((GREY, "#B08D57", "#A0A0A0"))
    for name in names:
        what = name.rpartition(".")[2]
        dissolved = what != name and branch.units[name] == "mM"
        values = branch.column(name)
        if label == RELATIVE:
            values = values / values[0]
            if np.max(values) > WIDE * np.min(values):
                axes.set_yscale("log")
        colour = (IONS.get(what) or next(others)) if dissolved else BLACK if len(names) == 1 else next(colours)
        _line(branch, axes, values, colour, DASHES.get(what, ()), WRITTEN.get(what, what) if dissolved else name)
        for row, point in enumerate(branch.points):
            if point.mark:
                axes.plot(float(point.parameter.value), values[row], MARKS[point.mark][0], color=colour, markersize=6,
                          markerfacecolor="white" if point.mark == "Hopf" else colour, zorder=4)
    if label == f"{OUTSIDE} [mM]":
        logarithmic(axes)
    elif label not in (RELATIVE, POTENTIAL) and "." in names[0]:
        axes.set_ylim(bottom=0.0)  # once all curves are there: it ends the automatic scale
    axes.set_ylabel(label, parse_math=False)


def _line(branch: Branch, axes: Axes, values: NDArray[np.float64], colour: str,
          dashes: Sequence[float], label: str) -> None:
    """A curve in pieces of one stability; marked points belong to both sides of them."""
    along = branch.column(branch.along)
    for first, last in _pieces(branch):
        stable = all(point.kind != "unstable" for point in branch.points[first:last + 1])
        axes.plot(along[first:last + 1], values[first:last + 1], color=colour, dashes=dashes if stable else (1, 1.5),
                  lw=1.8 if stable else 1.1, label=label)
        label = "_"  # one entry of the legend for all pieces


def _pieces(branch: Branch) -> list[tuple[int, int]]:
    """First and last row of each stretch between marked points and changes of stability."""
    points = branch.points
    cuts = [row for row, (one, two) in enumerate(pairwise(points), 1) if two.mark or (not one.mark and one.kind != two.kind)]
    return [(first, last) for first, last in pairwise([0, *cuts, len(points) - 1]) if last > first]


def _legend(branch: Branch, axes: Sequence[Axes]) -> None:
    """Name the curves of each panel, and in the first one the marks."""
    for mark in dict.fromkeys(point.mark for point in branch.points if point.mark):
        symbol, words = MARKS[mark]
        axes[0].plot([], [], symbol, color=BLACK, markerfacecolor="white" if mark == "Hopf" else BLACK, label=words)
    if any(point.kind == "unstable" for point in branch.points):
        axes[0].plot([], [], color=BLACK, dashes=(1, 1.5), lw=1.1, label="unstable")
    for each in axes:
        beside(each)
