"""What the figures of the claims about the pump share: how schemes look, and how measured points and ranges are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from pumpleak.app.style import BLACK, BLUE, GREEN, ORANGE
from pumpleak.app.targets import Target
from pumpleak.formats.measured import measured

MINUS = "\u2212"


@dataclass(frozen=True)
class Look:
    """How the curves of a scheme are drawn, and what a legend calls it."""

    colour: str
    dash: str
    words: str
    marker: str


LOOKS: Mapping[str, Look] = {
    "post-albers": Look(BLUE, "-", "default pump", "o"),
    "pan-2018-15": Look(ORANGE, "--", "15 states", "s"),
    "chapman-1983": Look(GREEN, "-.", "6 states", "^"),
}


def measured_points(axes: Axes, x: ArrayLike, y: ArrayLike, *, fitted: bool, marker: str = "o", colour: str = BLACK,
                    label: str = "") -> None:
    """Measured points: open where a scheme that is drawn was fitted to them, filled where none was."""
    words = label or ("measured (fitted to)" if fitted else "measured (not fitted)")
    axes.plot(x, y, marker, color=colour, ms=5.5, mfc="white" if fitted else colour, mew=1.3, ls="none", label=words, zorder=3)


def row_points(axes: Axes, row: Target, x: ArrayLike, y: ArrayLike) -> None:
    """The measured points of a row, open and with a name if only a scheme beside was fitted to them."""
    fitted = [LOOKS[pump].words for pump in row.beside if pump in measured(row.data).fitted]
    named = f"measured (fitted: {', '.join(fitted)})" if fitted and row.kind != "fitted" else ""
    measured_points(axes, x, y, fitted=bool(named) or row.kind == "fitted", label=named)


def signed(value: float, digits: int = 0) -> str:
    """A number with a minus that is as wide as a plus."""
    return f"{value:.{digits}f}".replace("-", MINUS)
