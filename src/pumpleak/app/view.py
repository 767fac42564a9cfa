"""Which part of a run a figure shows, and how its axes fit that part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity, internal
from pumpleak.lab.experiment import Span
from pumpleak.lab.protocol import time_text

Moment = Quantity | str | None
EDGES = ("plot: span, from", "plot: span, to")  # what messages call the two ends
MARGIN = 0.05  # of the range, above and below
STILL = 1e-3  # of the largest magnitude: an axis shows at least this much, so as not to magnify noise


@dataclass(frozen=True)
class View:
    """The stretch of a run that is drawn, from `low` to `high` [ms], and whether that is less than all of it."""

    low: float
    high: float
    part: bool = False

    def spans(self, segments: Iterable[Span]) -> list[Span]:
        """What of the segments lies within."""
        return [replace(each, start=max(each.start, self.low), end=min(each.end, self.high)) for each in segments
                if each.end > self.low and each.start < self.high]


def view_of(end: float, span: tuple[Moment, Moment] | None, edges: tuple[str, str] = EDGES) -> View:
    """The stretch asked for of a run that ends at `end` [ms]; None at either side is that end of the run.

    Raises UnitError for what is no time, ModelError for a stretch that is empty or begins after the run.
    """
    if span is None or span == (None, None):
        return View(0.0, end)
    if not isinstance(span, Sequence) or isinstance(span, str) or len(span) != 2:
        raise ModelError(f"plot: span {shown(span)}; give two times, for example ('12 s', '3 min')")
    low, high = (internal(each, "ms", edge) if each is not None else other
                 for each, edge, other in zip(span, edges, (0.0, end), strict=True))
    if not 0.0 <= low < end:
        raise ModelError(f"{edges[0]} {shown(span[0])} is not within the run, which goes from 0 to {time_text(end)}")
    if not high > low:
        raise ModelError(f"{edges[1]} {shown(span[1])} is not after {time_text(low)}, where the figure begins")
    return View(low, min(high, end), part=True)


def fit(axes: Axes, low: float, high: float) -> None:
    """Fit the axis of values to the curves between two times of the axis of time."""
    values = [np.asarray(line.get_ydata(), dtype=float)[(times >= low) & (times <= high)]
              for line in axes.get_lines() for times in [np.asarray(line.get_xdata(), dtype=float)]]
    seen = np.concatenate([*values, np.empty(0)])
    seen = seen[np.isfinite(seen)]
    if not seen.size:
        return
    if axes.get_yscale() == "log":
        seen = np.log10(seen[seen > 0.0])
    else:
        axes.ticklabel_format(axis="y", useOffset=False)
    least, most = float(np.min(seen)), float(np.max(seen))
    reach = max(most - least, STILL * max(abs(least), abs(most)))
    middle = 0.5 * (least + most)
    ends = middle - (0.5 + MARGIN) * reach, middle + (0.5 + MARGIN) * reach
    if reach > 0.0:
        axes.set_ylim(*(10.0 ** each for each in ends) if axes.get_yscale() == "log" else ends)
