"""M2.1: each ATP moves 3 Na out and 2 K in. The ions are counted over wide ranges of what the pump meets."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Quantity, Shown, answer, shown
from pumpleak.app.claims.drawing import LOOKS
from pumpleak.app.claims.single import SINGLE_ROWS, single_figure
from pumpleak.app.style import BLUE, GREEN, GREY, IONS, ORANGE, PALE, PURPLE, WRITTEN, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.response import Response

K_OUT, NA_IN, ATP = "outside.K", "inside.Na", "inside.ATP"
SODIUM, FUEL = (2.0, 50.0), (1e-3, 1.0)  # mM: the ranges in which the ratio was measured


def show(bench: Bench, targets: Targets) -> Shown:
    """Ions for each ATP, the slip that is missing, and the ratio of the two where it was measured."""
    quantities: dict[str, Quantity] = {
        "Na-per-ATP": lambda row, pump: _farthest(_varied(row, pump).Na_per_ATP, 3.0),
        "K-per-ATP": lambda row, pump: float(np.min(_varied(row, pump).K_per_ATP)),
        "slip-is-the-deficit": lambda row, pump: _farthest(_deficit(_varied(row, pump)), 0.0),
        "ratio-vesicles-least": lambda row, pump: float(np.min(_ratio(row, pump))),
        "ratio-vesicles-most": lambda row, pump: float(np.max(_ratio(row, pump))),
        "ratio-barnacle": lambda row, pump: float(_of_each_other(answer(row, pump=pump))), **SINGLE_ROWS,
    }
    return shown(targets, quantities, {"counts": _counts(targets), "single": single_figure(targets)})


def _varied(row: Target, pump: str) -> Response:
    return answer(row, {row.vary: np.array(row.points)}, pump)


def _farthest(values: Array, expected: float) -> float:
    """The value that is farthest from the expected one."""
    return float(values[np.argmax(np.abs(values - expected))])


def _deficit(response: Response) -> Array:
    """Potassium missing for each ATP, less two for each turn that takes none."""
    without = sum(response.cycle_fluxes[cycle.name] * cycle.hydrolysed for cycle in response.scheme.cycles
                  if cycle.hydrolysed and not cycle.stoichiometry.get("inside.K", 0))
    return np.asarray((2.0 - response.K_per_ATP) - 2.0 * without / response.ATP)


def _of_each_other(response: Response) -> Array:
    return np.asarray(response.Na / response.K)


def _ratio(row: Target, pump: str, count: int = 9) -> Array:
    """Na over K over the measured ranges of sodium inside and ATP."""
    given = {NA_IN: np.geomspace(*SODIUM, count)[:, np.newaxis], ATP: np.geomspace(*FUEL, count)}
    return _of_each_other(answer(row, given, pump))


def _counts(targets: Targets) -> Figure:
    """Ions for each ATP against potassium outside; their ratio against ATP."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.3)
        _for_each_ATP(left, targets["Na-per-ATP"])
        _where_measured(right, targets["ratio-vesicles-least"])
    return figure


def _for_each_ATP(axes: Axes, row: Target) -> None:
    # below 0.14 mM potassium outside, at these gradients, the coupled cycle runs backwards
    grid = np.geomspace(0.2, 20.0, 200)
    response = answer(row, {K_OUT: grid})
    for ion, values, dash in (("Na", response.Na_per_ATP, "-"), ("K", response.K_per_ATP, "--")):
        axes.plot(grid, values, color=IONS[ion], ls=dash, label=f"{WRITTEN[ion]}, {LOOKS[row.scheme].words}")
    for count in (2.0, 3.0):
        axes.axhline(count, color=GREY, lw=0.8, zorder=0)
    axes.set(xscale="log", ylim=(1.8, 3.2), xlabel="K\u207a outside [mM]", ylabel="ions carried for each ATP",
             title="Three out, two in")
    axes.legend(loc="center right")


def _where_measured(axes: Axes, row: Target) -> None:
    grid = np.geomspace(*FUEL, 120)
    if row.low is not None and row.high is not None:
        axes.axhspan(row.low, row.high, color=PALE, lw=0, zorder=0, label="measured (not fitted)")
    for sodium, colour, dash in ((2.0, BLUE, "-"), (10.0, ORANGE, "--"), (50.0, GREEN, "-.")):
        axes.plot(1e3 * grid, _of_each_other(answer(row, {NA_IN: sodium, ATP: grid})), color=colour, ls=dash,
                  label=f"{sodium:g} mM Na\u207a inside")
    axes.axhline(1.5, color=PURPLE, lw=0.8, ls=":")
    axes.set(xscale="log", ylim=(1.3, 1.7), xlabel="ATP [\u00b5M]", ylabel="Na\u207a over K\u207a",
             title="As in vesicles: 3 : 2")
    axes.legend(loc="lower right", fontsize=8.5)
