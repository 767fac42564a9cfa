"""How figures look: one palette that the colour-blind can tell apart, one set of sizes, PNG and SVG the same every time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito's palette (2008), which people with any of the usual colour vision deficiencies can tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
GREY, PALE = "#7A7A7A", "#ECECEC"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
IONS: Mapping[str, str] = {"Na": VERMILLION, "K": BLUE, "Cl": GREEN, "ATP": PURPLE, "Ca": ORANGE, "H": SKY}
# Lines differ by dashes as well as by colour, for print in black and white.
DASHES: Mapping[str, Sequence[float]] = {"Na": (), "K": (5, 2), "Cl": (2, 1.5), "ATP": (6, 2, 1, 2)}
WRITTEN: Mapping[str, str] = {"Na": "Na\u207a", "K": "K\u207a", "Cl": "Cl\u207b", "H": "H\u207a", "Ca": "Ca\u00b2\u207a"}

WIDTH = 7.4  # inches: a column of the report at 100 dots an inch, so that type keeps its size
DOTS = 160   # per inch, for sharp screens and print

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 9.5, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.labelsize": 9.5, "axes.spines.top": False, "axes.spines.right": False,
    "axes.linewidth": 0.8, "axes.grid": True, "grid.color": "#E3E3E3", "grid.linewidth": 0.6, "lines.linewidth": 1.8,
    "xtick.labelsize": 9, "ytick.labelsize": 9, "legend.fontsize": 9, "legend.frameon": False, "figure.facecolor": "white",
    "savefig.facecolor": "white", "svg.hashsalt": "pumpleak", "axes.unicode_minus": True, "axes.axisbelow": True,
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of pumpleak, whatever the user's own settings are."""
    with rc_context(cast(Any, _STYLE)):  # matplotlib's stubs name every key; a table of ours has some of them
        yield


def sheet(rows: int, columns: int = 1, height: float = 1.9, **settings: Any) -> tuple[Figure, list[Axes]]:
    """A figure of report width with a grid of axes, row by row; `height` is that of a row. [inch]"""
    figure = Figure(figsize=(WIDTH, height * rows + 0.35), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **settings)
    return figure, list(axes.flat)


def beside(axes: Axes, mathematics: bool = False) -> None:
    """Put the legend right of the axes, where it covers nothing.

    Its words are drawn as they stand: a "$" in a name of a file is a letter. With `mathematics` they are ours, and are
    formulas.
    """
    legend = axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=2.2, borderaxespad=0.0)
    for text in legend.get_texts():
        text.set_parse_math(mathematics)


def picture(figure: Figure, form: str) -> bytes:
    """The figure as a file, "png" or "svg", the same bytes for the same figure."""
    stream = io.BytesIO()
    undated: dict[str, Any] = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with styled():
        figure.savefig(stream, format=form, dpi=DOTS, metadata=undated)
    return stream.getvalue()
