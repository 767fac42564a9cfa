"""The other modes of the machine, for M1.3: what it carries when potassium, sodium or ATP is missing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Quantity, answer, scheme
from pumpleak.app.claims.drawing import LOOKS, MINUS
from pumpleak.app.pump.bars import FORWARD, name_modes, one_way_bars
from pumpleak.app.pump.modes import mode_row
from pumpleak.app.style import BLACK, WIDTH, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.modes import modes
from pumpleak.enzyme.tracer import tracer_in

AT_REST = {"membrane.V": -80.0}  # mV


def _for_each_charge(row: Target, pump: str) -> float:
    """Potassium carried out for each charge carried in."""
    response = answer(row, pump=pump)
    return float(response.K / response.current)


def _uncoupled_share(row: Target, pump: str) -> float:
    """Sodium carried out without potassium outside, over that at the potassium of the base condition."""
    almost_none = row.conditions["outside.Na"]
    return float(answer(row, {"outside.K": almost_none}, pump).Na / answer(row, pump=pump).Na)


def _net_share(ion: str) -> Quantity:
    """Net flux of an ion over the larger of its fluxes one way."""
    def share(row: Target, pump: str) -> float:
        flux = tracer_in(answer(row, pump=pump), ion)
        return float(flux.net / np.maximum(flux.out, flux.into))

    return share


MODE_ROWS: Mapping[str, Quantity] = {
    "K-per-reverse-charge": _for_each_charge,
    "uncoupled-share": _uncoupled_share,
    "Na-exchange-net": _net_share("Na"),
    "K-exchange-net": _net_share("K"),
}


def modes_figure(targets: Targets) -> Figure:
    """Fluxes one way and net of both ions, and charge, in each mode; below two ratios over what was measured."""
    row = targets["Na-exchange-net"]
    found = [mode_row(mode, 0) for mode in modes(scheme(row.scheme), AT_REST, row.base)]
    with styled():
        figure = Figure(figsize=(WIDTH, 6.9), layout="constrained")
        axes = figure.subplot_mosaic([["Na", "Na"], ["K", "K"], ["backward", "uncoupled"]], height_ratios=(1.0, 1.0, 0.6))
        for ion in FORWARD:
            one_way_bars(axes[ion], ion, found)
            axes[ion].legend(loc="upper right" if ion == "Na" else "lower left", fontsize=8.5, ncols=3)
        axes["Na"].set_title(f"Ions that one pump carries, {MINUS}80 mV")
        axes["Na"].sharex(axes["K"])
        axes["Na"].tick_params(labelbottom=False)
        name_modes(axes["K"], found)
        _ratio(axes["backward"], targets["K-per-reverse-charge"], (0.0, 2.4))
        axes["backward"].set(xlabel="K\u207a out / charge in", title="Run backwards")
        _ratio(axes["uncoupled"], targets["uncoupled-share"], (-0.002, 0.045))
        axes["uncoupled"].set(xlabel="Na\u207a out, uncoupled / exchanged for K\u207a", title="Uncoupled")
    return figure


def _ratio(axes: Axes, row: Target, limits: tuple[float, float]) -> None:
    """The row's value in each scheme, with what was measured on top: open where it set a constant of the scheme."""
    pumps = (row.scheme, *row.beside)
    quantity = MODE_ROWS[row.id.partition(f"{row.claim}.")[2]]
    low, high = row.measured
    filled = "white" if row.kind == "fitted" else BLACK
    axes.plot([low, high], [0, 0], color=BLACK, lw=1.5, zorder=2)
    axes.plot([(low + high) / 2.0], [0], "o", color=BLACK, mfc=filled, ms=6.5, mew=1.3, zorder=3)
    for place, pump in enumerate(pumps, start=1):
        value = quantity(row, pump)
        if value is not None:
            axes.plot([value], [place], LOOKS[pump].marker, color=LOOKS[pump].colour, ms=6.5, zorder=3)
    words = "measured\n(not fitted)" if row.kind == "measured" else "measured\n(set by hand)"
    axes.set_yticks(range(len(pumps) + 1), [words, *(LOOKS[pump].words for pump in pumps)], fontsize=9)
    axes.set(xlim=limits, ylim=(len(pumps) + 0.6, -0.6))
