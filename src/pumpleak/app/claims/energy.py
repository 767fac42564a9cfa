"""M1.2: both ions are moved against their electrochemical gradients. Work on each ion, and what becomes of ATP's energy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import brentq

from pumpleak.app.bench import Array, Bench, Quantity, Shown, answer, scheme, shown
from pumpleak.app.claims.drawing import measured_points, signed
from pumpleak.app.pump.bars import waterfall
from pumpleak.app.pump.cycles import energy_of
from pumpleak.app.style import BLACK, GREY, IONS, PALE, WRITTEN, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.base.constants import F, R
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import Response, respond
from pumpleak.enzyme.temperature import TEMPERATURE

SEED, TRIALS = 1957, 10_000
# Decades around 1 mM: from far below to far above what any cell has, so that all directions of all cycles occur.
DECADES = 3.0
SPAN = 200.0  # mV to either side of 0
SOUGHT = (-300.0, 100.0)  # mV, within which the sign of the work on potassium is sought
FINEST = 1e-10  # mV; RT ln c is rounded to about 1e-12 of RT/F
PARTS = {"Na chemical": "3 Na\u207a against\nconcentration", "Na electric": "3 Na\u207a against\nvoltage",
         "K chemical": "2 K\u207a against\nconcentration", "K electric": "2 K\u207a with\nvoltage"}
MEASURED = (("rabbit papillary muscle", "o"), ("dog Purkinje fibre", "s"))  # cases of activities that were measured


def show(bench: Bench, targets: Targets) -> Shown:
    """Work on each ion and on all, where that on potassium turns, what is stored, and that nothing is gained."""
    quantities: dict[str, Quantity] = {
        "Na-uphill": lambda row, pump: float(_work_on("Na", answer(row, pump=pump))),
        "K-uphill": lambda row, pump: float(_work_on("K", answer(row, pump=pump))),
        "K-turns": lambda row, pump: _turns(row) - _equilibrium_potential(answer(row)),
        "work-per-ATP": lambda row, pump: float(sum(answer(row, pump=pump).work_per_ATP.values())) / 1000.0,
        "stored": lambda row, pump: float(answer(row, pump=pump).efficiency),
        "lost": lambda row, pump: least_lost(pump),
    }
    return shown(targets, quantities, {"energy": _energy(targets)})


def least_lost(pump: str) -> float:
    """Least dissipation over random conditions, relative to the free energy that ATP and the ions turn over."""
    enzyme = scheme(pump)
    random = np.random.default_rng(SEED)
    given: dict[str, Array] = {name: 10.0 ** random.uniform(-DECADES, DECADES, TRIALS) for name in enzyme.ligands}
    given[VOLTAGE] = random.uniform(-SPAN, SPAN, TRIALS)
    response = respond(enzyme, given)
    turned = np.abs(response.supplied) + np.sum(np.abs(list(response.work.values())), axis=0)
    return float(np.min(response.dissipation / turned))


def _work_on(ion: str, response: Response) -> Array:
    """Work on one ion that is carried, from the power on all of them. [kJ/mol]"""
    carried = response.Na if ion == "Na" else response.K
    return np.asarray(response.work[ion] / carried / 1000.0)


def _turns(row: Target) -> float:
    """Voltage at which the work on potassium is zero. [mV]"""
    return float(brentq(lambda voltage: float(_work_on("K", answer(row, {VOLTAGE: voltage}))), *SOUGHT, xtol=FINEST))


def _equilibrium_potential(response: Response) -> float:
    """RT/F ln(K outside/K inside). [mV]"""
    conditions = response.conditions
    thermal = response.scheme.thermal(conditions)
    return float(thermal.voltage * np.log(conditions["outside.K"] / conditions["inside.K"]))


def work_from_activities(case: Mapping[str, float], ion: str) -> float:
    """Work on one ion carried as the pump carries it, from its activities on both sides and the voltage. [kJ/mol]"""
    start, end = ("inside", "outside") if ion == "Na" else ("outside", "inside")
    uphill = R * case[TEMPERATURE] * np.log(case[f"{end}.{ion}"] / case[f"{start}.{ion}"])
    across = F * 1e-3 * case[VOLTAGE] * (1.0 if end == "inside" else -1.0)
    return float(uphill + across) / 1000.0


def _energy(targets: Targets) -> Figure:
    """Where the free energy of an ATP goes, and the work on an ion against voltage."""
    row = targets["work-per-ATP"]
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.4, width_ratios=(1.2, 1))
        response = answer(row)
        waterfall(left, energy_of(response), PARTS)
        left.set(xlabel="free energy of one ATP [kJ/mol]",
                 title=f"Where it goes, {signed(float(response.conditions[VOLTAGE]))} mV")
        _against_voltage(right, row)
        _from_experiments(right, targets.cases)
    return figure


def _against_voltage(axes: Axes, row: Target) -> None:
    """Work on one ion of each kind against voltage."""
    grid = np.linspace(-130.0, 50.0, 181)
    response = answer(row, {VOLTAGE: grid})
    turns = _equilibrium_potential(answer(row))
    for ion, way, dash in (("Na", "out", "-"), ("K", "in", "--")):
        axes.plot(grid, _work_on(ion, response), color=IONS[ion], ls=dash, label=f"each {WRITTEN[ion]} {way}")
    axes.axhline(0.0, color=GREY, lw=0.8)
    axes.axvspan(grid[0], turns, color=PALE, lw=0, zorder=0)
    axes.axvline(turns, color=BLACK, lw=1.0, ls=":")
    axes.annotate(f"E(K) = {signed(turns)} mV", (turns, 0.03), xycoords=("data", "axes fraction"), xytext=(5, 0),
                  textcoords="offset points", fontsize=9)
    axes.set(xlabel="membrane potential [mV]", ylabel="work on one ion [kJ/mol]", title="Above 0: uphill",
             xlim=(grid[0], grid[-1]))


def _from_experiments(axes: Axes, cases: Mapping[str, Mapping[str, float]]) -> None:
    """Work on ions whose activities were measured, at the voltage of that cell."""
    for name, marker in MEASURED:
        case = cases[name]
        for ion in ("Na", "K"):
            if f"inside.{ion}" in case:
                measured_points(axes, [case[VOLTAGE]], [work_from_activities(case, ion)], fitted=False, marker=marker,
                                colour=IONS[ion], label=f"{WRITTEN[ion]}, {name}")
    axes.set_ylim(-6.0, 30.0)
    axes.legend(loc="upper right", fontsize=8.5, title="points: measured (not fitted)", title_fontsize=8.5, frameon=True,
                framealpha=1.0, edgecolor="white")
