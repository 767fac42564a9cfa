"""M4.1: the pump regulates volume. What cells do without it, with and without a path for anions, and at other pump rates."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.claims.osmotic import RUNS, osmotic_figure, osmotic_values
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, WRITTEN, beside, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.formats.catalog import light
from pumpleak.lab.branch import Branch, branch
from pumpleak.lab.result import Result

KAY, CHLORIDE, CELL, SHUT = "kay-pump-off", "duesterwald-pump-off", "pump-block", "no-anion-path"
NEURON, NEURON_SHUT = "neuron-pump-off", "neuron-no-anion-path"
PUBLISHED, PUBLISHED_SHUT = "huebel-ullah-pump-off", "huebel-ullah-no-chloride"
PUMPS = "pump.activity"
OFF = {PUMPS: "0"}
VOLUME = "inside.volume"


def show(bench: Bench, targets: Targets) -> Shown:
    """Swelling on block in five cells, none without anions, volume against pump rate, and osmotic steps."""
    donnan = bench.rest("duesterwald-2018", OFF)
    resting = bench.rest("duesterwald-2018")
    after = {"kay-5000s": KAY, **dict.fromkeys(("duesterwald-1h", "duesterwald-2h", "duesterwald-4h"), CHLORIDE),
             "no-anion-path": SHUT, "neuron-swelling": NEURON, "neuron-no-anion-path": NEURON_SHUT,
             "published-swelling": PUBLISHED, "published-no-anion-path": PUBLISHED_SHUT}
    values: dict[str, float | None] = {
        **{name: _relative(bench.run(run), targets[name].at) for name, run in after.items()},
        "kay-no-rest": 0.0 if bench.rest("kay-2017", OFF).kind == "none" else 1.0,
        "kay-impermeants": _with_twice_the_impermeants(bench),
        "duesterwald-donnan": donnan.values[VOLUME] / resting.values[VOLUME] if donnan.kind == "stable" else None,
        **osmotic_values(bench, targets),
    }
    figures = {"swelling": _swelling(bench), "neuron": _neuron(bench, targets), "pump-rate": _against_pump_rate(bench),
               "osmotic": osmotic_figure(bench, targets)}
    return Shown(values, figures, (*dict.fromkeys(after.values()), CELL, *RUNS))


def _relative(result: Result, milliseconds: float) -> float:
    """Volume so long after the pump stopped, over that before."""
    start = result.segments[1].start
    volume = np.asarray(result[VOLUME].to("pL"))
    return float(np.interp(start + milliseconds, np.asarray(result.time.to("ms")), volume) / volume[0])


def _with_twice_the_impermeants(bench: Bench) -> float:
    """Resting volume with twice the impermeants over that without."""
    before = bench.rest("kay-2017")
    amount = 2.0 * before.values["inside.X.amount"]
    return bench.rest("kay-2017", {"inside.X.amount": f"{amount!r} fmol"}).values[VOLUME] / before.values[VOLUME]


def _swelling(bench: Bench) -> Figure:
    """Volume against time after the block; ions in the cell that cannot swell."""
    curves = ((KAY, "kay-2017", ORANGE, "-."), (CHLORIDE, "duesterwald-2018", BLUE, "--"), (CELL, "generic-cell", BLACK, "-"),
              (SHUT, "generic-cell, no path for Cl\u207b", GREEN, ":"))
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.4)
        for name, words, colour, dash in curves:
            hours, volume = _since_block(bench.run(name), VOLUME, "pL")
            left.plot(hours, volume / volume[0], color=colour, ls=dash, label=words)
        left.set(xlabel="time after the block [h]", ylabel="volume / start", ylim=(0.9, 2.85),
                 title="Swelling without the pump")
        left.legend(loc="upper right", fontsize=8.5)
        for ion, colour in (("Na", VERMILLION), ("K", BLUE)):
            for name, dash in ((CELL, "-"), (SHUT, ":")):
                hours, amount = _since_block(bench.run(name), f"inside.{ion}.amount", "fmol")
                words = f"{ion}\u207a" if name == CELL else f"{ion}\u207a, no path for Cl\u207b"
                right.plot(hours, amount, color=colour, ls=dash, label=words)
        right.set(xlabel="time after the block [h]", ylabel="content of generic-cell [fmol]", title="What enters and leaves")
        right.legend(loc="lower right", bbox_to_anchor=(1.0, 0.19), fontsize=8.5)
    return figure


def _since_block(result: Result, name: str, unit: str) -> tuple[Array, Array]:
    """Hours since the block and a quantity while it lasts."""
    span = result.segments[1]
    milliseconds = np.asarray(result.time.to("ms"))
    during = (milliseconds >= span.start) & (milliseconds <= span.end)
    return (milliseconds[during] - span.start) / 3.6e6, np.asarray(result[name].to(unit))[during]


def _neuron(bench: Bench, targets: Targets) -> Figure:
    """Volume, potential and contents of neuron after the block, with and without paths for anions; a published cell beside."""
    curves = ((NEURON, "neuron", BLACK, "-"), (NEURON_SHUT, "neuron, no path for Cl\u207b", GREEN, ":"),
              (PUBLISHED, "huebel-ullah-2016", ORANGE, "-."), (PUBLISHED_SHUT, "the same, no path for Cl\u207b", BLUE, "--"))
    with styled():
        figure, (left, middle, right) = sheet(1, 3, height=3.2, width_ratios=(1.5, 1, 1))
        for name, words, colour, dash in curves:
            hours, volume = _since_block(bench.run(name), VOLUME, "pL")
            left.plot(60.0 * hours, volume / volume[0], color=colour, ls=dash, label=words)
        for row in ("published-swelling", "published-no-anion-path"):
            _range(left, targets[row], "range of a row" if row == "published-swelling" else "_")
        left.set(ylabel="volume / start", title="Volume", ylim=(0.97, 1.42), xlim=(-1, 61))
        left.legend(loc="upper right", fontsize=8)
        for name, _, colour, dash in curves[:2]:
            hours, potential = _since_block(bench.run(name), "membrane.V", "mV")
            middle.plot(60.0 * hours, potential, color=colour, ls=dash)
        middle.set(ylabel="potential [mV]", title="Potential")
        for ion, colour in (("Na", VERMILLION), ("K", BLUE), ("Cl", GREEN)):
            for name, _, _, dash in curves[:2]:
                hours, amount = _since_block(bench.run(name), f"inside.{ion}.amount", "fmol")
                right.plot(60.0 * hours, amount, color=colour, ls=dash, label=WRITTEN[ion] if dash == "-" else "_")
        right.set(ylabel="content of neuron [fmol]", title="Ions", ylim=(-4.0, 150.0))
        right.legend(loc="upper center", fontsize=8.5, ncols=3, handlelength=1.0, columnspacing=0.8)
        for each in (left, middle, right):
            each.set_xlabel("after the block [min]")
    return figure


def _range(axes: Axes, target: Target, words: str) -> None:
    """The range of a row at its time. [min]"""
    if target.low is not None and target.high is not None:
        axes.plot([target.at / 6e4] * 2, [target.low, target.high], color=PURPLE, lw=6, alpha=0.5, solid_capstyle="butt",
                  label=words)


def _against_pump_rate(bench: Bench) -> Figure:
    """Resting volume and potential of two cells against the share of pumps that work, and what one of them holds."""
    plain, regulated = (_by_pumps(name) for name in ("generic-cell", "regulating-cell"))
    cells = ((plain, "generic-cell", BLACK, "-"), (regulated, "regulating-cell", PURPLE, "--"))
    with styled():
        figure, axes = sheet(1, 3, height=2.9)
        for along, words, colour, dash in cells:
            shares, volume = along.column(PUMPS), along.column(VOLUME)
            axes[0].plot(shares, volume / bench.rest(along.model).values[VOLUME], color=colour, ls=dash, label=words)
            axes[1].plot(shares, along.column("membrane.V"), color=colour, ls=dash)
        for ion, colour, dash in (("Na", VERMILLION, "-"), ("K", BLUE, "--"), ("Cl", GREEN, ":")):
            axes[2].plot(plain.column(PUMPS), plain.column(f"inside.{ion}"), color=colour, ls=dash, label=WRITTEN[ion])
        axes[0].set(ylabel="volume / normal", ylim=(0.0, 2.9))
        axes[0].legend(loc="lower left", fontsize=8, handlelength=1.2)
        axes[1].set_ylabel("membrane potential [mV]")
        axes[2].set(ylabel="inside generic-cell [mM]", ylim=(0.0, None))
        beside(axes[2])
        for each in axes:
            each.axvline(1.0, color=GREY, lw=0.8)
            each.set(xscale="log", xlabel="pumps at work / normal")
            each.set_xticks([0.03, 0.1, 0.3, 1.0, 3.0], ["0.03", "0.1", "0.3", "1", "3"])
            each.minorticks_off()
    return figure


def _by_pumps(name: str) -> Branch:
    """The rests of a cell from three hundredths of its pumps to three times as many."""
    return branch(light(name), PUMPS, to=3.0, start=0.03, scale="log")
