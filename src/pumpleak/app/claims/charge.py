"""Charge that sodium alone moves when the voltage jumps, for M2.2: slow charge against voltage over measured points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Quantity, scheme
from pumpleak.app.claims.drawing import LOOKS, measured_points
from pumpleak.app.pump.answer import answer
from pumpleak.app.pump.charge import ChargeCurve, charge_curves
from pumpleak.app.pump.data import with_charge
from pumpleak.app.pump.question import Question
from pumpleak.app.style import BLUE, GREEN, ORANGE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target
from pumpleak.enzyme.charge import Boltzmann
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.relaxation import jump
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.measured import Measured, measured

DATA = "slow-charge-sodium"
SODIUM, HOLDING = "outside.Na", 0.0  # mV, as the rows say
GRID = np.arange(-160.0, 121.0, 10.0)  # mV
SHAPES = ((BLUE, "o"), (GREEN, "s"), (ORANGE, "^"), (VERMILLION, "D"))


def midpoint(row: Target, pump: str) -> float | None:
    """Midpoint of the Boltzmann curve through the slow charge at the row's sodium outside. [mV]"""
    return _midpoints(pump).get(row.conditions[SODIUM])


def shift(row: Target, pump: str) -> float | None:
    """Shift of the midpoint for each doubling of sodium outside. [mV]"""
    found = _midpoints(pump)
    return float(np.polyfit(np.log2(list(found)), list(found.values()), 1)[0]) if len(found) > 1 else None


def slowest(row: Target, pump: str) -> float:
    """Rate of the component that moves most charge when the voltage jumps from 0 mV to that of the row. [1/s]"""
    held = {**row.conditions, VOLTAGE: HOLDING}
    found = jump(scheme(pump), held, {VOLTAGE: row.conditions[VOLTAGE]}, row.base)
    return float(found.rates[int(np.argmax(np.abs(found.charges)))])


CHARGE_ROWS: Mapping[str, Quantity] = {**{f"charge-{sodium}": midpoint for sodium in (50, 100, 200, 400)},
                                       "charge-shift": shift, "charge-slowest": slowest, "charge-fastest": slowest}


@cache
def _midpoints(pump: str) -> Mapping[float, float]:
    """By sodium outside [mM]; those curves alone that have one. [mV]"""
    return {each.special[SODIUM]: each.fit.midpoint for each in slow_charge(scheme(pump), measured(DATA))
            if isinstance(each.fit, Boltzmann)}


def charge_figure(pump: str) -> Figure:
    """Slow charge against voltage at the measured temperature and four sodium concentrations outside, for two schemes."""
    table = measured(DATA)
    with styled():
        figure, panels = sheet(1, 2, height=3.3, sharey=True)
        for axes, each in zip(panels, (pump, "pan-2018-15"), strict=True):
            _panel(axes, each, table)
        panels[0].set_ylabel("slow charge, from 0 to 1")
        panels[0].legend(title="Na\u207a outside", loc="upper left", fontsize=8.5, title_fontsize=9)
    return figure


def slow_charge(enzyme: Scheme, table: Measured) -> list[ChargeCurve]:
    """Slow charge at the voltages of the grid under the conditions of each measured curve, as the command computes it."""
    return charge_curves(answer(enzyme, with_charge(Question(), table)), GRID, table)


def _panel(axes: Axes, pump: str, table: Measured) -> None:
    fitted = pump in table.fitted
    for each, (colour, marker) in zip(slow_charge(scheme(pump), table), SHAPES, strict=True):
        words = f"{each.special[SODIUM]:g} mM"
        if isinstance(each.fit, Boltzmann):
            axes.plot(GRID, (each.charges - each.fit.start) / each.fit.total, color=colour)
        if each.points is not None:
            measured_points(axes, each.points.x, each.points.y, fitted=fitted, marker=marker, colour=colour, label=words)
    words = LOOKS[pump].words
    title = f"{words[:1].upper()}{words[1:]} ({'fitted to' if fitted else 'not fitted'})"
    axes.set(xlabel="membrane potential [mV]", title=title, xlim=(-165.0, 125.0), ylim=(-0.15, 1.15))
