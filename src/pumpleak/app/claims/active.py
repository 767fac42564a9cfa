"""M1.1: transport is primary active. What the pump does with and without ATP, ADP and Pi."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Quantity, Shown, answer, half_activation, hill, points, shown, turnover
from pumpleak.app.claims.drawing import LOOKS, row_points
from pumpleak.app.style import BLUE, GREY, ORANGE, PURPLE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.formats.measured import rms

ATP, ADP, PI = "inside.ATP", "inside.ADP", "inside.Pi"
NEAR_NOTHING = 1e-6  # mM: a ligand that is as good as absent; with none at all free energies have no value


def show(bench: Bench, targets: Targets) -> Shown:
    """Turnover without ATP, backwards, against ATP; at rest; half-activation by sodium."""
    def at(row: Target, pump: str) -> float:
        return float(turnover(row, pump=pump))

    def left(row: Target, pump: str) -> float:
        return share(targets, row)

    quantities: dict[str, Quantity] = {
        "no-ATP": left, "no-ATP-15": left, "no-ATP-4": left, "backwards": at, "ATP-curve": _off_measured, "ATP-half": _half,
        "turnover-at-rest": at, "Na-half-flux": half_activation,
    }
    return shown(targets, quantities, {
        "fuel": _fuel(targets), "cycle": _cycle(targets["turnover-at-rest"], targets["no-ATP"])})


def share(targets: Targets, target: Target) -> float:
    """Turnover under the row's conditions over that under its case, the full supply."""
    return float(turnover(target) / turnover(target, targets.cases[target.case]))


def _off_measured(row: Target, pump: str) -> float:
    measured = points(row)
    simulated = turnover(row, {ATP: measured.x}, pump)
    return rms(simulated / simulated[-1] - measured.y)


def _half(row: Target, pump: str) -> float:
    c = points(row).x
    return hill(c, turnover(row, {ATP: c}, pump), n=1.0).half


def _fuel(targets: Targets) -> Figure:
    """Turnover against ATP: beside the measured points, and with products of hydrolysis present."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.1)
        _activation(left, targets["ATP-curve"])
        backwards = targets["backwards"]
        wide = np.geomspace(1e-6, 10.0, 300)
        products = ((NEAR_NOTHING, NEAR_NOTHING, BLUE, "-"), (0.03, 1.0, PURPLE, "--"), (1.0, 5.0, VERMILLION, "-."))
        for adp, pi, colour, dash in products:
            words = "none" if adp == NEAR_NOTHING else f"{adp:g} / {pi:g} mM"
            right.plot(wide, turnover(backwards, {ATP: wide, ADP: adp, PI: pi}), color=colour, ls=dash, label=words)
        right.axhline(0.0, color=GREY, lw=0.8)
        right.set(xscale="log", xlabel="ATP [mM]", ylabel="turnover at \u221280 mV [1/s]",
                  title="Without ATP: stop, or backwards")
        right.legend(title="ADP / Pi", loc="upper left", title_fontsize=9)
    return figure


def _activation(axes: Axes, curve: Target) -> None:
    """Turnover against ATP over the measured points."""
    measured = points(curve)
    most = measured.x[-1]
    grid = np.geomspace(2e-3, 5.0, 200)
    for pump in (curve.scheme, *curve.beside):
        look = LOOKS[pump]
        axes.plot(grid, turnover(curve, {ATP: grid}, pump) / turnover(curve, {ATP: most}, pump), color=look.colour,
                  ls=look.dash, label=look.words)
    row_points(axes, curve, measured.x, measured.y)
    axes.set(xscale="log", xlabel="ATP [mM]", ylabel=f"turnover / that at {most:.1g} mM", title="ATP drives the pump")
    axes.legend(loc="upper left")


def _cycle(running: Target, starved: Target) -> Figure:
    """Where the enzyme is in its cycle when it runs, and at the same ions and voltage without fuel."""
    none = {name: starved.conditions[name] for name in (ATP, ADP, PI)}
    with styled():
        figure, (axes,) = sheet(1, height=5.4)
        shares = (("with ATP", answer(running).occupancies, BLUE),
                  ("without ATP, ADP, Pi", answer(running, none).occupancies, ORANGE))
        states = list(shares[0][1])
        _bars(axes, states, shares)
        axes.set(xlabel="share of the pumps", xlim=(0.0, 1.08),
                 title=f"The {len(states)} states, in the order of the cycle from the top")
        axes.set_ylim(len(states) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.legend(loc="lower right")
    return figure


def _bars(axes: Axes, states: Sequence[str], shares: Sequence[tuple[str, Mapping[str, Array], str]]) -> None:
    """A bar for each state, one beneath the other for each of the conditions."""
    places = np.arange(len(states))
    for number, (words, occupancies, colour) in enumerate(shares):
        values = [float(occupancies[state]) for state in states]
        bars = axes.barh(places + (number - 0.5) * 0.4, values, height=0.4, color=colour, label=words)
        axes.bar_label(bars, [f"{100 * value:.0f} %" if value > 0.015 else "" for value in values], padding=3, fontsize=8)
    axes.set_yticks(places, states, fontsize=8.5)
