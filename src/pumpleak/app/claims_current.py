"""M2.2: unequal exchange carries net charge out. Pump current against voltage, sodium and potassium."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown, answer, crossing, data, half_activation, rms, turnover
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, beside, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.enzyme.rates import VOLTAGE

FAMILY = (("IV-1.5", BLUE, "o"), ("IV-50", GREEN, "s"), ("IV-100", ORANGE, "^"), ("IV-150", VERMILLION, "D"))
K_OUT, NA_IN = "outside.K", "inside.Na"
BAND = 0.7  # of the height of the axes, up to the legend
NORMAL_K, NORMAL_NA = 5.4, 50.0  # mM at which the measured curves are scaled to 1


def show(bench: Bench, targets: Targets) -> Shown:
    """Differences from the measured curves, and half-activations beside measured ones."""
    charge = answer(targets["charge-per-ATP"])
    ratio = turnover(targets["ratio-150"], {VOLTAGE: np.array([-80.0, 0.0])})
    values: dict[str, float | None] = {
        "charge-per-ATP": float(charge.current / charge.ATP),
        **{name: rms(_simulated(targets[name]) - _measured(targets[name])) for name, _, _ in FAMILY},
        "ratio-150": float(ratio[0] / ratio[1]),
        "K-curve": rms(_relative(targets["K-curve"], K_OUT, NORMAL_K) - _scaled(targets["K-curve"], K_OUT, NORMAL_K)),
        "Na-curve": rms(_relative(targets["Na-curve"], NA_IN, NORMAL_NA) - _scaled(targets["Na-curve"], NA_IN, NORMAL_NA)),
        **{name: half_activation(targets[name]) for name in ("K-half-node", "Na-half-node", "K-half-rat", "Na-half-sheep")},
        "V-half-node": _half_voltage(targets["V-half-node"]),
    }
    return Shown(values, {"voltage": _voltage(targets), "activation": _activation(targets)})


def _points(target: Target, name: str) -> Array:
    """Where the measured points of a row stand. [mM or mV]"""
    points: Array = np.atleast_1d(np.asarray(data(target.data)[name].internal, dtype=np.float64))
    return points


def _measured(target: Target) -> Array:
    return np.atleast_1d(np.asarray(data(target.data)[target.column].to("1/s")))


def _simulated(target: Target) -> Array:
    return turnover(target, {VOLTAGE: _points(target, VOLTAGE)})


def _relative(target: Target, varied: str, normal: float) -> Array:
    """Simulated turnover at the measured concentrations over that at the normal one."""
    return turnover(target, {varied: _points(target, varied)}) / turnover(target, {varied: normal})


def _scaled(target: Target, varied: str, normal: float) -> Array:
    """Measured points, 1 at the one nearest to the normal concentration."""
    column = next(name for name in data(target.data).columns if name != varied)
    values: Array = np.atleast_1d(np.asarray(data(target.data)[column].to("1")))
    nearest = int(np.argmin(np.abs(_points(target, varied) - normal)))
    return np.asarray(values / values[nearest])


def _half_voltage(target: Target) -> float | None:
    """Voltage of half the turnover at +60 mV, if there is one above -400 mV. [mV]"""
    half = 0.5 * float(turnover(target, {VOLTAGE: 60.0}))
    return crossing(lambda grid: turnover(target, {VOLTAGE: grid}) - half, -400.0, 60.0)


def _voltage(targets: Targets) -> Figure:
    """Turnover against voltage at four sodium concentrations outside, over the measured points."""
    with styled():
        figure, (axes,) = sheet(1, height=3.6)
        grid = np.linspace(-130.0, 70.0, 201)
        for name, colour, marker in FAMILY:
            target = targets[name]
            axes.plot(grid, turnover(target, {VOLTAGE: grid}), color=colour)
            axes.plot(grid, turnover(target, {VOLTAGE: grid}, "pan-2018-4"), color=colour, lw=0.9, ls=":")
            axes.plot(_points(target, VOLTAGE), _measured(target), marker, color=colour, mec="white", ms=6.5,
                      label=f"{target.conditions['outside.Na']:g} mM")
        axes.plot([], [], color=GREY, label="15 states")
        axes.plot([], [], color=GREY, lw=0.9, ls=":", label="4 states")
        axes.set(xlabel="membrane potential [mV]", ylim=(0.0, None),
                 ylabel="turnover [1/s]\n(points: current, 55 /s at +40 mV)",
                 title="Points: measured at four Na\u207a outside; lines: simulated")
        beside(axes)
    return figure


def _activation(targets: Targets) -> Figure:
    """Activation by potassium outside and by sodium inside."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.3)
        _curve(left, targets["K-curve"], K_OUT, NORMAL_K, BLUE, np.geomspace(0.05, 20.0, 200))
        _range(left, targets["K-half-node"], targets["K-half-rat"])
        left.set(xscale="log", xlabel="K\u207a outside [mM]", ylabel=f"turnover / that at {NORMAL_K:g} mM", ylim=(0.0, None),
                 title="Potassium outside, 0 mV")
        _curve(right, targets["Na-curve"], NA_IN, NORMAL_NA, VERMILLION, np.geomspace(1.0, 200.0, 200))
        _range(right, targets["Na-half-node"], targets["Na-half-sheep"])
        right.set(xscale="log", xlabel="Na\u207a inside [mM]", ylabel=f"turnover / that at {NORMAL_NA:g} mM", ylim=(0.0, None),
                  title="Sodium inside, 0 mV")
        for axes in (left, right):
            axes.legend(loc="upper left", fontsize=8.5)
    return figure


def _curve(axes: Axes, target: Target, varied: str, normal: float, colour: str,
           grid: Array) -> None:
    axes.plot(grid, turnover(target, {varied: grid}) / turnover(target, {varied: normal}), color=colour, label="simulated")
    axes.plot(_points(target, varied), _scaled(target, varied, normal), "o", color=BLACK, mfc="white", ms=5.5,
              label="measured (fitted to)")


def _range(axes: Axes, *measured: Target) -> None:
    """Shade the half-activations that others measured, a shade for each voltage."""
    for target, colour in zip(measured, (SKY, PURPLE), strict=True):
        if target.low is not None and target.high is not None:
            words = f"half, measured at {target.conditions.get(VOLTAGE, 0.0):.0f} mV".replace("-", "\u2212")
            axes.axvspan(target.low, target.high, 0.0, BAND, color=colour, alpha=0.4, lw=0, zorder=0, label=words)
