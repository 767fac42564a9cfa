"""Single pumps, for M2.1: what each carries, jump by jump, and how regular its turns are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Quantity, scheme
from pumpleak.app.claims.drawing import LOOKS
from pumpleak.app.molecule import Trajectories, molecule
from pumpleak.app.style import BLACK, DASHES, GREY, IONS, PALE, PURPLE, WRITTEN, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.counting import Counting
from pumpleak.enzyme.molecule import molecule_at
from pumpleak.enzyme.rates import VOLTAGE

PUMPS, SECONDS, SEED = 40, 20, 1  # as the rows and the command say; windows of a second
ROWS = 2_000_000  # events, more than 40 pumps make
SHOWN = 1.2  # s of one pump, some twelve turns
MOST = 24  # turns in a second, beyond which there are hardly any


@cache
def _followed(pump: str, base: str, voltage: float) -> Trajectories:
    """Single pumps, their fast binding taken as at equilibrium: some 30 000 jumps a second each, not seven million."""
    return molecule(scheme(pump), {VOLTAGE: voltage}, base, time=f"{SECONDS} s", pumps=PUMPS, windows=SECONDS, rows=ROWS,
                    seed=SEED, reduced=True)


def _of(row: Target) -> Trajectories:
    return _followed(row.scheme, row.base, row.conditions[VOLTAGE])


def _owed(row: Target, pump: str) -> float:
    """Sodium carried out less three for each ATP, counted from the start of each pump: the largest, with its sign."""
    events = _of(row).events
    owed = events["Na"] - 3.0 * events["ATP"]
    return float(owed[np.argmax(np.abs(owed))])


def _off_mean(row: Target, pump: str) -> float:
    found = _of(row)
    return found.mean().off(found.exact().mean)


def _off_noise(row: Target, pump: str) -> float:
    found = _of(row)
    return found.fano().off(found.exact().fano_in(found.window))


def _counted(row: Target) -> Counting:
    return Counting(molecule_at(scheme(row.scheme), row.conditions, row.base), "ATP")


SINGLE_ROWS: Mapping[str, Quantity] = {
    "single-sodium": _owed, "single-mean": _off_mean, "single-noise": _off_noise,
    "single-mean-4": lambda row, pump: _counted(row).mean, "single-noise-4": lambda row, pump: _counted(row).fano,
}


def single_figure(targets: Targets) -> Figure:
    """What one pump carries in some twelve turns, and the turns of many in a second beside the exact distribution."""
    row = targets["single-sodium"]
    found = _of(row)
    with styled():
        figure, (steps, turns) = sheet(1, 2, height=3.3)
        _steps(steps, found)
        _turns(turns, found, LOOKS[row.scheme].words)
    return figure


def _steps(axes: Axes, found: Trajectories) -> None:
    events = found.events
    early = (events["pump"] == 0.0) & (events["time"] <= SHOWN)
    for name, words in (("Na", f"{WRITTEN['Na']} out"), ("K", f"{WRITTEN['K']} in"), ("ATP", "ATP used")):
        axes.plot(np.append(events["time"][early], SHOWN), np.append(events[name][early], events[name][early][-1]),
                  drawstyle="steps-post", color=IONS[name], dashes=DASHES[name], lw=1.4, label=words)
    axes.set(xlabel="time [s]", ylabel="carried by one pump", title="One pump", xlim=(0.0, SHOWN))
    axes.legend(loc="upper left")


def _turns(axes: Axes, found: Trajectories, words: str) -> None:
    """Turns in a second: counted, exact, and as they would be by chance alone."""
    turns = np.arange(MOST + 1)
    counts = found.counts().ravel()
    axes.bar(turns, [float(np.mean(np.rint(counts) == turn)) for turn in turns], color=PALE, edgecolor=GREY, lw=0.8, width=0.9,
             label=f"counted, {found.pumps} pumps")
    exact = dict(zip(*(each.tolist() for each in found.exact().distribution(found.window)), strict=True))
    axes.plot(turns, [exact.get(turn, 0.0) for turn in turns.tolist()], "o-", color=PURPLE, ms=3.5, lw=1.2, label="exact")
    mean = found.exact().mean * found.window
    factorials = np.cumprod(np.append(1.0, turns[1:]))
    axes.plot(turns, np.exp(-mean) * mean**turns / factorials, color=BLACK, lw=1.2, ls=":", label="chance alone")
    axes.set(xlabel="turns in a second", ylabel="share of the seconds", title=f"Regular turns, {words}",
             ylim=(0.0, 1.5 * max(exact.values())))
    axes.legend(loc="upper right", fontsize=8.5)
