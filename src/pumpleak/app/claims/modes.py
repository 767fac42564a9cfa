"""The other modes of the machine, for M1.3: what it carries when potassium, sodium or ATP is missing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Quantity, answer, scheme
from pumpleak.app.style import BLACK, GREY, IONS, WRITTEN, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.modes import ModeResponse, modes
from pumpleak.enzyme.tracer import OneWay, tracer_in

AT_REST = {"membrane.V": -80.0}  # mV
NAMES = {"forward": "forward", "reversed": "reversed", "Na/Na": "Na\u207a/Na\u207a,\nwith ADP",
         "K/K": "K\u207a/K\u207a,\nwith Pi", "uncoupled": "uncoupled,\nno K\u207a, Na\u207a outside"}


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
    """Fluxes one way and net of both ions, and charge, in each mode."""
    row = targets["Na-exchange-net"]
    found = modes(scheme(row.scheme), AT_REST, row.base)
    with styled():
        figure, axes = sheet(2, 1, height=2.35, sharex=True)
        for each, ion in zip(axes, ("Na", "K"), strict=True):
            _one_ion(each, ion, found)
        axes[0].set_title("Ions that one pump carries, \u221280 mV")
        _name_modes(axes[-1], found)
    return figure


def _one_ion(axes: Axes, ion: str, found: tuple[ModeResponse, ...]) -> None:
    """Flux out upwards, in downwards, the net one as a mark."""
    outward = 1.0 if ion == "Na" else -1.0  # the response counts sodium out and potassium in
    for place, mode in enumerate(found):
        flux: OneWay | None = mode.sodium if ion == "Na" else mode.potassium
        if flux is None:
            continue
        net = outward * float(mode.Na if ion == "Na" else mode.K)
        first = place == 0
        axes.bar(place - 0.2, float(flux.out), width=0.36, color=IONS[ion], label="out, one way" if first else None)
        axes.bar(place + 0.2, -float(flux.into), width=0.36, color=IONS[ion], alpha=0.5, label="in, one way" if first else None)
        axes.plot([place - 0.42, place + 0.42], [net, net], color=BLACK, lw=2.2, label="net" if first else None, zorder=4)
    axes.axhline(0.0, color=GREY, lw=0.8)
    axes.set_ylabel(f"{WRITTEN[ion]} flux [1/s]")
    axes.grid(axis="x", visible=False)
    axes.margins(y=0.18)
    axes.legend(loc="upper right" if ion == "Na" else "lower right", fontsize=8.5, ncols=3)


def _name_modes(axes: Axes, found: tuple[ModeResponse, ...]) -> None:
    labels = []
    for mode in found:
        turn = f"{float(mode.current):+.2g} e/s" if mode.exists else "not in this scheme"
        assumed = " *" if mode.mode.charge_assumed else ""
        labels.append(f"{NAMES[mode.mode.name]}\n{turn}{assumed}".replace("-", "\u2212"))
    axes.set_xticks(range(len(found)), labels, fontsize=8.5)
