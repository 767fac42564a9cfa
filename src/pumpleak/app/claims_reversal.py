"""M1.3: the machine is reversible. Where it stands still, and what it does beyond that."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from pumpleak.app.bench import Bench, Shown, scheme
from pumpleak.app.style import BLACK, BLUE, GREY, PURPLE, VERMILLION, sheet, styled
from pumpleak.app.targets import Targets
from pumpleak.enzyme.energy import cycle_affinity, hydrolysis_energy, reversal_found, reversal_predicted
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import respond

EXPLICIT, LUMPED = "pan-2018-15", "pan-2018-4"
SHADES = {"physiological": (BLUE, "-"), "ischaemia": (VERMILLION, "--"), "synthesis favoured": (PURPLE, "-.")}


def show(bench: Bench, targets: Targets) -> Shown:
    """Reversal potentials by two routes, and ATP made beyond them."""
    pairs = {(name, pump): (reversal_found(scheme(pump), case), _predicted(case, pump))
             for name, case in targets.cases.items() for pump in (EXPLICIT, LUMPED)}
    ischaemia = targets.cases[targets["beyond-reversal"].case]
    beyond = pairs[targets["beyond-reversal"].case, EXPLICIT][0] - targets["beyond-reversal"].beyond
    favoured = targets["synthesis"]
    values = {
        "reversal-error": max(abs(found - predicted) for found, predicted in pairs.values()),
        "balance-at-reversal": max(_imbalance(case, pairs[name, EXPLICIT][1]) for name, case in targets.cases.items()),
        **{row: pairs[targets[row].case, EXPLICIT][0]
           for row in ("reversal-physiological", "reversal-ischaemic", "reversal-favoured")},
        "synthesis": _used({**targets.cases[favoured.case], **favoured.conditions}),
        "beyond-reversal": _used({**ischaemia, VOLTAGE: beyond}),
        "stops-at-reversal": _loss(targets.cases[targets["stops-at-reversal"].case]),
    }
    return Shown(values, {"reversal": _figure(targets.cases)})


def _predicted(case: Mapping[str, float], pump: str) -> float:
    return float(reversal_predicted(scheme(pump), scheme(pump).cycles[0], case))


def _imbalance(case: Mapping[str, float], voltage: float) -> float:
    """Largest net over gross flux of a step."""
    balance = respond(scheme(EXPLICIT), {**case, VOLTAGE: voltage}).balance
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
