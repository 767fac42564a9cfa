"""M4.1: the pump regulates volume. What cells do without it, with and without a path for anions."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, WRITTEN, beside, sheet, styled
from pumpleak.app.targets import Targets
from pumpleak.lab.result import Result

KAY, NEURON, CELL, SHUT = "kay-pump-off", "duesterwald-pump-off", "pump-block", "no-anion-path"
OFF = {"pump.activity": "0"}
VOLUME = "inside.volume"


def show(bench: Bench, targets: Targets) -> Shown:
    """Swelling on block in three cells, none without anions, and volume against pump rate."""
    kay, neuron, shut = bench.run(KAY), bench.run(NEURON), bench.run(SHUT)
    donnan = bench.rest("duesterwald-2018", OFF)
    resting = bench.rest("duesterwald-2018")
    values: dict[str, float | None] = {
        "kay-5000s": _relative(kay, targets["kay-5000s"].at),
        "kay-no-rest": 0.0 if bench.rest("kay-2017", OFF).kind == "none" else 1.0,
        "kay-impermeants": _with_twice_the_impermeants(bench),
        **{name: _relative(neuron, targets[name].at) for name in ("duesterwald-1h", "duesterwald-2h", "duesterwald-4h")},
        "duesterwald-donnan": donnan.values[VOLUME] / resting.values[VOLUME] if donnan.kind == "stable" else None,
        "no-anion-path": _relative(shut, targets["no-anion-path"].at),
    }
    figures = {"swelling": _swelling(bench), "pump-rate": _against_pump_rate(bench)}
    return Shown(values, figures, (KAY, NEURON, CELL, SHUT))


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
    curves = ((KAY, "kay-2017", ORANGE, "-."), (NEURON, "duesterwald-2018", BLUE, "--"), (CELL, "generic-cell", BLACK, "-"),
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


def _against_pump_rate(bench: Bench) -> Figure:
    """Resting volume and potential against the share of pumps that work."""
    shares = np.geomspace(0.03, 3.0, 31)
    rests = [(share, bench.rest("generic-cell", {"pump.activity": f"{share!r}"})) for share in shares.tolist()]
    found = [(share, rest) for share, rest in rests if rest.kind == "stable"]
    x = [share for share, _ in found]
    normal = bench.rest("generic-cell").values
    with styled():
        figure, axes = sheet(1, 3, height=2.9)
        for each, name, words, scale in ((axes[0], VOLUME, "volume / normal", normal[VOLUME]),
                                         (axes[1], "membrane.V", "membrane potential [mV]", 1.0)):
            each.plot(x, [rest.values[name] / scale for _, rest in found], color=BLACK)
            each.set_ylabel(words)
        for ion, colour, dash in (("Na", VERMILLION, "-"), ("K", BLUE, "--"), ("Cl", GREEN, ":")):
            axes[2].plot(x, [rest.values[f"inside.{ion}"] for _, rest in found], color=colour, ls=dash, label=WRITTEN[ion])
        axes[2].set_ylabel("inside [mM]")
        axes[2].set_ylim(bottom=0.0)
        beside(axes[2])
        axes[0].set_ylim(bottom=0.0)
        for each in axes:
            each.axvline(1.0, color=GREY, lw=0.8)
            each.set(xscale="log", xlabel="pumps at work / normal")
            each.set_xticks([0.03, 0.1, 0.3, 1.0, 3.0], ["0.03", "0.1", "0.3", "1", "3"])
            each.minorticks_off()
    return figure
