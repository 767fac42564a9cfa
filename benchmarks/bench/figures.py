"""Work-precision figures: CPU time against achieved error, every engine on one workload."""

from __future__ import annotations

import re
from pathlib import Path

from matplotlib.figure import Figure

Curves = dict[str, dict[str, list[tuple[float, float, float]]]]


def draw(curves: Curves, folder: Path) -> None:
    """A PNG and an SVG for each workload."""
    for title, engines in curves.items():
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        axes = figure.add_subplot(xscale="log", yscale="log", xlabel="error, RMS in parts of the range",
                                  ylabel="CPU time for one cell (s)", title=title)
        for name, points in engines.items():
            shown = [(error, seconds) for _, error, seconds in points if 0.0 < error < float("inf")]
            if shown:
                axes.plot(*zip(*shown, strict=True), "o-" if name.startswith("pumpleak") else "s--", label=name, markersize=4)
        axes.invert_xaxis()
        axes.grid(alpha=0.3)
        figure.legend(fontsize=8, loc="outside right upper")
        name = re.sub(r"[^0-9a-zA-Z]+", "-", title).strip("-").lower()
        for ending in ("png", "svg"):
            figure.savefig(folder / f"work-precision-{name}.{ending}", dpi=120)
