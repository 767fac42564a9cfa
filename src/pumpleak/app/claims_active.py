"""M1.1: transport is primary active. What the pump does with and without ATP, ADP and Pi."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from pumpleak.app.bench import Bench, Shown, answer, data, half_activation, hill, rms, turnover
from pumpleak.app.style import BLACK, BLUE, GREY, ORANGE, PURPLE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets

ATP, ADP, PI = "inside.ATP", "inside.ADP", "inside.Pi"
NEAR_NOTHING = 1e-6  # mM: a ligand that is as good as absent; with none at all free energies have no value


def show(bench: Bench, targets: Targets) -> Shown:
    """Turnover without ATP, backwards, against ATP; at rest; half-activation by sodium."""
    shares = {name: share(targets, targets[name]) for name in ("no-ATP-15", "no-ATP-4")}
    curve = targets["ATP-curve"]
    points = data(curve.data)
    c = np.asarray(points[ATP].to("mM"))
    measured = np.asarray(points["relative pump current"].to("1"))
    simulated = turnover(curve, {ATP: c})
    values = {
        **shares,
        "backwards": float(turnover(targets["backwards"])),
        "ATP-curve": rms(simulated / simulated[-1] - measured),
        "ATP-half": hill(c, simulated, n=1.0).half,
        "turnover-at-rest": float(turnover(targets["turnover-at-rest"])),
        "Na-half-flux": half_activation(targets["Na-half-flux"]),
    }
    return Shown(values, {"fuel": _fuel(targets), "cycle": _cycle(targets["turnover-at-rest"], targets["no-ATP-15"])})


def share(targets: Targets, target: Target) -> float:
    """Turnover under the row's conditions over that under its case, the full supply."""
    return float(turnover(target) / turnover(target, targets.cases[target.case]))


def _fuel(targets: Targets) -> Figure:
    """Turnover against ATP: beside the measured points, and with products of hydrolysis present."""
    curve, backwards = targets["ATP-curve"], targets["backwards"]
    points = data(curve.data)
    c = np.asarray(points[ATP].to("mM"))
    grid = np.geomspace(2e-3, 5.0, 200)
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.1)
        for pump, colour, words in ((curve.scheme, BLUE, "15 states"), ("pan-2018-4", ORANGE, "4 states")):
            scale = turnover(curve, {ATP: c[-1]}, pump)
            left.plot(grid, turnover(curve, {ATP: grid}, pump) / scale, color=colour, ls="-" if colour == BLUE else "--",
                      label=f"simulated, {words}")
        left.plot(c, points["relative pump current"].to("1"), "o", color=BLACK, ms=5, mfc="white", label="measured")
        left.set(xscale="log", xlabel="ATP [mM]", ylabel="turnover / that at 0.6 mM", title="ATP drives the pump")
        left.legend(loc="upper left")
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


def _cycle(running: Target, starved: Target) -> Figure:
    """Where the enzyme is in its cycle when it runs and when ATP is missing."""
    with styled():
        figure, (axes,) = sheet(1, height=3.3)
        responses = (("with ATP", answer(running), BLUE), ("without ATP, ADP, Pi", answer(starved), ORANGE))
        states = list(responses[0][1].occupancies)
        places = np.arange(len(states))
        for number, (words, response, colour) in enumerate(responses):
            shares = [float(response.occupancies[state]) for state in states]
            axes.bar(places + (number - 0.5) * 0.4, shares, width=0.4, color=colour, label=words)
        axes.set_xticks(places, states, rotation=40, ha="right", rotation_mode="anchor", fontsize=8.5)
        axes.set(ylabel="share of the pumps", title="The 15 states of the cycle, in their order")
        axes.grid(axis="x", visible=False)
        axes.legend(loc="upper left")
    return figure
