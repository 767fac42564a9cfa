"""How curves of what is dissolved are drawn: which of them, on which axis, and where dashes would only make a pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from pumpleak.app.style import WIDTH
from pumpleak.base.species import SPECIES

CHANGED = 0.1  # of its own largest value: what one wants to see
UNSEEN = 0.05  # of the axis: a slope that one hardly sees
PRESENT = 0.01  # of the largest: less is a trace
KEPT = ("Na", "K", "Cl")  # potassium outside and chloride inside are small, and what one looks for
VISIBLE = 0.05  # of the largest concentration: less is a flat line at the bottom
OUTSIDE = "outside"  # the place whose potassium is some hundredths of its sodium, for which only a logarithmic axis has room
PANEL = 0.76 * WIDTH * 72  # points: the axes beside their legend, as the layout leaves them
BIN = 4.0   # points: about two strokes of a dashed line
SWING = 0.01  # of the range of a curve: less is not seen as a turn
TURNS = 4   # within a bin: two swings, which strokes of that length cannot follow
TRAIN = 20  # turns in such bins: less is a spike or two


def seen(most: Mapping[str, float], share: float = VISIBLE) -> list[str]:
    """Those of some concentrations that are drawn, by the largest value of each.

    Impermeants do not set the scale. Sodium, potassium and chloride are drawn wherever there is any.
    """
    ions = [each for name, each in most.items() if _last(name) in SPECIES] or list(most.values())
    return [name for name, each in most.items()
            if each > share * max(ions) or (_last(name) in KEPT and each > 0.0)]


def small_changes(courses: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Those of some concentrations that change well by their own measure, but little by that of the largest."""
    most = max((float(np.max(each)) for each in courses.values()), default=0.0)
    return [name for name, each in courses.items()
            if float(np.max(each)) > PRESENT * most and CHANGED * float(np.max(each)) < np.ptp(each) < UNSEEN * most]


def logarithmic(axes: Axes) -> None:
    """A logarithmic axis with plain numbers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def dense(times: NDArray[np.float64], values: NDArray[np.float64]) -> bool:
    """Whether a curve swings so often within a few points of paper that dashes make a pattern of their own."""
    steps = np.diff(values)
    reach = float(np.ptp(values)) if np.all(np.isfinite(values)) else 0.0
    large = np.abs(steps) > SWING * reach
    signs, at = np.sign(steps[large]), times[1:][large]
    turns = at[1:][signs[1:] != signs[:-1]]
    if reach == 0.0 or turns.size < TRAIN:
        return False
    counts, _ = np.histogram(turns, bins=int(PANEL / BIN), range=(float(times[0]), float(times[-1])))
    return int(np.sum(counts[counts >= TURNS])) >= TRAIN


def strokes(times: NDArray[np.float64], values: NDArray[np.float64], dashes: Sequence[float]) -> Sequence[float]:
    """The dashes of a curve; none for a dense one."""
    return () if dashes and dense(times, values) else dashes


def _last(name: str) -> str:
    return name.rpartition(".")[2]
