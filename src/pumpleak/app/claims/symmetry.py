"""The second law for one molecule, for M1.3: the odds of turns forward and back, and what regular turns cost."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pumpleak.app.bench import Array, answer, scheme
from pumpleak.app.claims.drawing import signed
from pumpleak.app.style import BLUE, GREY, ORANGE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.counting import Counting, Symmetry, symmetry
from pumpleak.enzyme.energy import reversal_predicted
from pumpleak.enzyme.molecule import Molecule, molecule_at
from pumpleak.enzyme.rates import VOLTAGE

SECONDS, TURNS = 2.0, np.arange(1, 5)  # as the rows say
AROUND = (-20.0, -10.0, 5.0, 10.0, 20.0)  # mV from the reversal potential, as the row says
DRAWN = ((-10.0, BLUE, "o", -0.2), (10.0, VERMILLION, "D", 0.2))  # of these; the last: where a bar stands beside its turn
STEEPEST = (20.0, ORANGE, "^")
VOLTAGES = np.linspace(-140.0, 60.0, 21)  # mV


def off_symmetry(targets: Targets) -> float:
    """Largest difference of the logarithm of the odds of n turns from n times the free energy of a turn in RT."""
    each = [_symmetry(targets, distance) for distance in AROUND]
    return max(float(np.max(np.abs(_odds(one) - TURNS * one.affinity))) for one in each)


def cost_of_precision(row: Target, pump: str) -> float:
    """Least product of the noise of the turns and the free energy lost for each, in RT, over the voltages."""
    products = []
    for voltage in VOLTAGES:
        steady = answer(row, {VOLTAGE: float(voltage)}, pump)
        counting = Counting(Molecule(steady.scheme, steady), "ATP")
        lost = float(steady.dissipation / steady.scheme.thermal(steady.conditions).RT)
        products.append(counting.fano * lost / abs(counting.mean))
    return min(products)


def single_turns_figure(targets: Targets) -> Figure:
    """Distributions of net turns to either side of the reversal potential, and the odds of n turns against n."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.3)
        _distributions(left, targets)
        for distance, colour, marker in (*(each[:3] for each in DRAWN), STEEPEST):
            one, turns = _symmetry(targets, distance), np.append(0, TURNS)
            right.plot(turns, one.affinity * turns, color=colour, lw=1.2)
            right.plot(TURNS, _odds(one), marker, color=colour, ms=6.5, mec="white", label=_words(distance))
        right.axhline(0.0, color=GREY, lw=0.8)
        right.set(xlabel="turns n", ylabel="ln P(n)/P(\u2212n)", title="Odds of forward and back")
        right.set_xticks(np.append(0, TURNS))
        right.legend(loc="upper left", fontsize=8.5, title="from the reversal", title_fontsize=8.5)
    return figure


def _distributions(axes: Axes, targets: Targets) -> None:
    for distance, colour, _, beside in DRAWN:
        one = _symmetry(targets, distance)
        turns, chances = one.counting.distribution(SECONDS, one.start)
        near = np.abs(turns) <= 2 * TURNS[-1]
        axes.bar(turns[near] + beside, chances[near], width=0.4, color=colour, label=_words(distance))
    axes.set(xlabel="net turns", ylabel="chance", title=f"One pump in {SECONDS:g} s, 4 states")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", fontsize=8.5, title="from the reversal", title_fontsize=8.5)
    axes.margins(y=0.3)


def _words(distance: float) -> str:
    return f"{'+' if distance > 0.0 else ''}{signed(distance)} mV"


def _symmetry(targets: Targets, distance: float) -> Symmetry:
    """That of the row's scheme so far [mV] from its reversal potential."""
    row = targets["symmetry"]
    enzyme, case = scheme(row.scheme), targets.cases[row.case]
    voltage = float(reversal_predicted(enzyme, enzyme.cycles[0], case)) + distance
    return symmetry(molecule_at(enzyme, {**case, VOLTAGE: voltage}))


def _odds(one: Symmetry) -> Array:
    """Logarithm of the chance of n net turns over that of as many back."""
    turns, chances = one.counting.distribution(SECONDS, one.start)
    at = dict(zip(turns.tolist(), chances.tolist(), strict=True))
    return np.array([np.log(at[turn] / at[-turn]) for turn in TURNS.tolist()])
