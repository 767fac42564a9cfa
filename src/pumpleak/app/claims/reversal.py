"""M1.3: the machine is reversible. Where it stands still, and what it does beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pumpleak.app.bench import Bench, Shown, scheme, shown
from pumpleak.app.claims.drawing import signed
from pumpleak.app.claims.modes import MODE_ROWS, modes_figure
from pumpleak.app.claims.symmetry import cost_of_precision, off_symmetry, single_turns_figure
from pumpleak.app.style import BLACK, BLUE, GREY, ORANGE, PURPLE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.energy import (
    Reversals,
    cycle_affinity,
    double_equilibrium,
    hydrolysis_energy,
    reversal_found,
    reversal_predicted,
    reversals,
)
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response, respond

EXPLICIT, LUMPED = "pan-2018-15", "pan-2018-4"
SHADES = {"physiological": (BLUE, "-"), "ischaemia": (VERMILLION, "--"), "synthesis favoured": (PURPLE, "-.")}
MARGIN = 15.0  # mV to either side of the zeros that a figure shows
AT = (-80.0, 0.0, 40.0)  # mV, at which the double equilibrium is tried, as its row says


def show(bench: Bench, targets: Targets) -> Shown:
    """Reversal potentials by two routes, ATP made beyond them, what slip does to them, and the other modes."""
    pairs = {(name, pump): (reversal_found(scheme(pump), case), _predicted(case, pump))
             for name, case in targets.cases.items() for pump in (EXPLICIT, LUMPED)}
    ischaemia = targets.cases[targets["beyond-reversal"].case]
    beyond = pairs[targets["beyond-reversal"].case, EXPLICIT][0] - targets["beyond-reversal"].beyond
    favoured = targets["synthesis"]
    of_slip = reversals(scheme(targets["ATP-zero-slip"].scheme), targets.cases[targets["ATP-zero-slip"].case])
    coupled = targets["coupled-slip"]
    values: dict[str, float | None] = {
        "reversal-error": max(abs(found - predicted) for found, predicted in pairs.values()),
        "balance-at-reversal": max(_imbalance(EXPLICIT, {**case, VOLTAGE: pairs[name, EXPLICIT][1]})
                                   for name, case in targets.cases.items()),
        **{row: pairs[targets[row].case, EXPLICIT][0]
           for row in ("reversal-physiological", "reversal-ischaemic", "reversal-favoured")},
        "synthesis": _used({**targets.cases[favoured.case], **favoured.conditions}),
        "beyond-reversal": _used({**ischaemia, VOLTAGE: beyond}),
        "stops-at-reversal": _loss(targets.cases[targets["stops-at-reversal"].case]),
        "coupled-slip": _predicted(targets.cases[coupled.case], coupled.scheme),
        "ATP-zero-slip": of_slip.ATP, "current-zero-slip": of_slip.current,
        "double-equilibrium": max(_imbalance(coupled.scheme, double_equilibrium(
            scheme(coupled.scheme), {**targets.cases[coupled.case], VOLTAGE: voltage})) for voltage in AT),
        "chapman-reversal": _own_reversal(targets["chapman-reversal"]),
        "symmetry": off_symmetry(targets),
    }
    figures = {"reversal": _figure(targets.cases), "slip": _slip(coupled.scheme, targets.cases[coupled.case]),
               "modes": modes_figure(targets), "single": single_turns_figure(targets)}
    of_modes = shown(targets, {**MODE_ROWS, "precision": cost_of_precision}, figures)
    return replace(of_modes, values={**values, **of_modes.values})


def _predicted(case: Mapping[str, float], pump: str) -> float:
    return float(reversal_predicted(scheme(pump), scheme(pump).cycles[0], case))


def _own_reversal(row: Target) -> float:
    """Reversal potential found on the fluxes, under the scheme's own condition. [mV]"""
    return reversal_found(scheme(row.scheme), scheme(row.scheme).conditions[row.base])


def _imbalance(pump: str, conditions: Conditions) -> float:
    """Largest net over gross flux of a step."""
    balance = respond(scheme(pump), conditions).balance
    return max(float(each) for each in balance.values())


def _used(conditions: Mapping[str, float]) -> float:
    return float(respond(scheme(EXPLICIT), conditions).ATP)


def _loss(case: Mapping[str, float]) -> float:
    """Affinity of the cycle at the predicted reversal potential over that of ATP alone."""
    pump = scheme(EXPLICIT)
    conditions = {**case, VOLTAGE: _predicted(case, EXPLICIT)}
    return float(cycle_affinity(pump, pump.cycles[0], conditions) / -hydrolysis_energy(pump, conditions))


def _figure(cases: Mapping[str, Mapping[str, float]]) -> Figure:
    """ATP used against voltage: the whole range, and the neighbourhood of the zero under ischaemia."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.3, width_ratios=(1.35, 1))
        wide = np.linspace(-350.0, 200.0, 400)
        for name, (colour, dash) in SHADES.items():
            left.plot(wide, respond(scheme(EXPLICIT), {**cases[name], VOLTAGE: wide}).ATP, color=colour, ls=dash, label=name)
            left.plot([_predicted(cases[name], EXPLICIT)], [0.0], "o", color=colour, ms=6, mec="white")
        left.axhline(0.0, color=GREY, lw=0.8)
        left.set(xlabel="membrane potential [mV]", ylabel="ATP used by one pump [1/s]", title="Forwards and backwards")
        left.legend(loc="upper left", fontsize=8.5)
        near = _predicted(cases["ischaemia"], EXPLICIT) + np.linspace(-30.0, 30.0, 121)
        colour, _ = SHADES["ischaemia"]
        right.plot(near, respond(scheme(EXPLICIT), {**cases["ischaemia"], VOLTAGE: near}).ATP, color=colour)
        right.axhline(0.0, color=GREY, lw=0.8)
        right.axvline(near[60], color=BLACK, lw=1.0, ls=":")
        right.annotate("formula", (near[60], 0.97), xycoords=("data", "axes fraction"), xytext=(-4, 0),
                       textcoords="offset points", ha="right", va="top")
        right.annotate("makes ATP", (0.05, 0.26), xycoords="axes fraction")
        right.annotate("uses ATP", (0.95, 0.41), xycoords="axes fraction", ha="right")
        right.set(xlabel="membrane potential [mV]", title="Ischaemia, near the zero")
    return figure


def _slip(pump: str, case: Mapping[str, float]) -> Figure:
    """ATP flux and current near their zeros, and the two turns of which they are made."""
    coupled = _predicted(case, pump)
    zeros = reversals(scheme(pump), case)
    last = max(coupled, *(zero for zero in (zeros.ATP, zeros.current) if zero is not None))
    response = respond(scheme(pump), {**case, VOLTAGE: np.linspace(coupled - MARGIN, last + MARGIN, 200)})
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.3)
        _near_zeros(left, response, zeros)
        _two_turns(right, response)
        for axes in (left, right):
            axes.axhline(0.0, color=GREY, lw=0.8)
            axes.axvline(coupled, color=BLACK, lw=1.0, ls=":")
            axes.annotate(f"coupled: {signed(coupled, 1)}", (coupled, 0.42), xycoords=("data", "axes fraction"), xytext=(5, 0),
                          textcoords="offset points", fontsize=9)
            axes.set(xlabel="membrane potential [mV]")
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.legend(loc="upper left", frameon=True, framealpha=1.0, edgecolor="white")
    return figure


def _near_zeros(axes: Axes, response: Response, zeros: Reversals) -> None:
    """ATP flux with its zero written above, current with its zero written below."""
    grid = response.conditions[VOLTAGE]
    for words, values, zero, colour, dash, up in (("ATP used [1/s]", response.ATP, zeros.ATP, PURPLE, "-", True),
                                                  ("current [e/s]", response.current, zeros.current, ORANGE, "--", False)):
        axes.plot(grid, values, color=colour, ls=dash, label=words)
        if zero is not None:
            axes.plot([zero], [0.0], "o", color=colour, ms=6, mec="white", zorder=4)
            axes.annotate(signed(zero), (zero, 0.0), xytext=(-4, 5) if up else (4, -5), textcoords="offset points",
                          ha="right" if up else "left", va="bottom" if up else "top", fontsize=9)
    axes.set(title="The whole pump", ylabel="ATP [1/s], current [e/s]")


def _two_turns(axes: Axes, response: Response) -> None:
    """The cycle that carries potassium and the one that slips."""
    turns = sorted((cycle for cycle in response.scheme.cycles if cycle.hydrolysed),
                   key=lambda cycle: -cycle.stoichiometry.get("inside.K", 0))
    for cycle, colour, dash, words in zip(turns, (BLUE, VERMILLION), ("-", "--"), ("with 2 K\u207a", "without K\u207a"),
                                          strict=True):
        axes.plot(response.conditions[VOLTAGE], response.cycle_fluxes[cycle.name], color=colour, ls=dash, label=words)
    axes.set(title="Its two turns", ylabel="turns [1/s]")
