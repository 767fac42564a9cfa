"""M3.2: the pump makes the resting potential by its gradients; its own current adds a few millivolts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.claims.clamped import Clamped
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, beside, sheet, styled
from pumpleak.app.targets import Targets
from pumpleak.lab.rest import Rest
from pumpleak.lab.result import Result
from pumpleak.system.books import Process

CELL, STEP, LONG, PUBLISHED = "generic-cell", "sudden-block", "pump-block", "duesterwald-pump-off"
NEURON, NEURON_STEP = "neuron", "neuron-sudden-block"
SETTLED = 10.0  # time constants of the membrane after which the step is over (e^-10 = 5e-5 of it is missing)
# In the neuron K+ piles up in the narrow space meanwhile: e^-5 = 0.7 % missing is less than what waiting longer would add.
NEURON_SETTLED = 5.0


def show(bench: Bench, targets: Targets) -> Shown:
    """The Goldman equation with and without the pump's share; the step on block; the run-down."""
    rest, neuron, published = bench.rest(CELL), bench.rest(NEURON), bench.run(PUBLISHED)
    goldman, block = Goldman.of(rest, bench.run(STEP)), Block.of(rest, bench.run(STEP), SETTLED)
    neuron_goldman = Goldman.of(neuron, bench.run(NEURON_STEP))
    neuron_block = Block.of(neuron, bench.run(NEURON_STEP), NEURON_SETTLED)
    values = {
        "passive-ratio": goldman.ratio,
        "mullins-noda": rest["membrane.V"].to("mV") - goldman.potential(goldman.ratio),
        "electrogenic-share": goldman.potential(1.0) - rest["membrane.V"].to("mV"),
        "step": block.step,
        "step-over-ohm": block.step / block.expected,
        "neuron-step": neuron_block.step,
        "neuron-step-over-ohm": neuron_block.step / neuron_block.expected,
        "neuron-passive-ratio": neuron_goldman.ratio / neuron_goldman.left,
        **{name: _after(published, targets[name].at) for name in ("run-down-15min", "run-down-1h", "run-down-4h")},
    }
    figures = {"step": _step_figure(block, goldman, rest, (-0.3, 1.5)),
               "neuron": _step_figure(neuron_block, neuron_goldman, neuron, (-0.05, 0.3)),
               "run-down": _run_down(bench.run(LONG), published)}
    return Shown({name: float(value) for name, value in values.items()}, figures, (STEP, NEURON_STEP, LONG, PUBLISHED))


@dataclass(frozen=True)
class Goldman:
    """The Goldman equation of a cell: permeability [um/ms], concentrations [mM] of Na+ and K+, RT/F [mV].

    ratio: net passive sodium in over net passive potassium out. left: that ratio from what all other transporters move.
    """

    sodium: tuple[float, float, float]
    potassium: tuple[float, float, float]
    thermal: float
    ratio: float
    left: float

    @classmethod
    def of(cls, rest: Rest, result: Result) -> Goldman:
        """That of a cell at rest; the books of a run of it tell which paths are passive."""
        at, processes = rest.values, result.books.processes if result.books is not None else ()
        passive = {ion: [each for each in processes if _is_path(each, ion)] for ion in ("Na", "K")}
        sodium, potassium = ((sum(_permeability(at, each.name) for each in passive[ion]), at[f"inside.{ion}"],
                              at[f"outside.{ion}"]) for ion in ("Na", "K"))
        leaving = {ion: sum(at[each.flux] for each in passive[ion]) for ion in passive}
        carried = {ion: sum(_into(each, ion) * at[each.flux] for each in processes if each not in passive[ion])
                   for ion in passive}
        return cls(sodium, potassium, at["thermal.voltage"], -leaving["Na"] / leaving["K"], -carried["Na"] / carried["K"])

    def potential(self, ratio: float) -> float:
        """RT/F ln((r P_K K_o + P_Na Na_o)/(r P_K K_i + P_Na Na_i)), r = 1: no pump current. [mV]"""
        (p_na, na_in, na_out), (p_k, k_in, k_out) = self.sodium, self.potassium
        return self.thermal * math.log((ratio * p_k * k_out + p_na * na_out) / (ratio * p_k * k_in + p_na * na_in))


def _into(process: Process, ion: str) -> float:
    """What one turn of a process brings into the cell of an ion."""
    return sum(entry.count for entry in process.stoichiometry if (entry.place, entry.species) == ("inside", ion))


def _is_path(process: Process, ion: str) -> bool:
    """Whether a process lets that ion out and does nothing else."""
    return ({(entry.place, entry.species, entry.count) for entry in process.stoichiometry}
            == {("inside", ion, -1.0), ("outside", ion, 1.0)})


def _permeability(at: Mapping[str, float], path: str) -> float:
    """Of a leak, or of the open share of a channel. [um/ms]"""
    return at[f"{path}.permeability"] * at.get(f"{path}.open", 1.0)


@dataclass(frozen=True)
class Block:
    """The first moments of a pump block: time [ms] since the block, V, its step, and what Ohm's law expects of that. [mV]"""

    time: Array
    voltage: Array
    step: float
    expected: float

    @classmethod
    def of(cls, rest: Rest, result: Result, settled: float) -> Block:
        """From the rest before and the run, read after so many of the membrane's slowest time constants."""
        time = np.asarray(result.time.to("ms")) - result.segments[1].start
        voltage = np.asarray(result["membrane.V"].to("mV"))
        membrane = Clamped.of(rest, pump=False)
        step = float(np.interp(settled * membrane.settling, time, voltage) - voltage[np.flatnonzero(time < 0.0)[-1]])
        conductance = 0.5 * (membrane.slope() + membrane.slope(step))
        return cls(time, voltage, step, rest.values["pump.current"] / conductance)


def _after(result: Result, milliseconds: float) -> float:
    """V so long after the pump stopped. [mV]"""
    start = result.segments[1].start
    return float(np.interp(start + milliseconds, np.asarray(result.time.to("ms")), np.asarray(result["membrane.V"].to("mV"))))


def _step_figure(block: Block, goldman: Goldman, rest: Rest, shown: tuple[float, float]) -> Figure:
    """The first moments without the pump, beside the potentials that the Goldman equation gives."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.1, width_ratios=(1.5, 1))
        left.plot(block.time / 1e3, block.voltage, color=BLACK, label="simulated")
        before = rest.values["membrane.V"]
        left.axhline(before + block.expected, color=ORANGE, ls="--", lw=1.3, label="pump current / slope conductance")
        left.set(xlabel="time after the block [s]", ylabel="membrane potential [mV]", xlim=shown,
                 title="The electrogenic step")
        left.legend(loc="lower right")
        bars = (("$V$ at rest", before, BLACK), (f"Goldman,\nr = {goldman.ratio:.3g}", goldman.potential(goldman.ratio), BLUE),
                ("Goldman,\nr = 1", goldman.potential(1.0), VERMILLION))
        for place, (_, value, colour) in enumerate(bars):
            right.plot([place - 0.3, place + 0.3], [value, value], color=colour, lw=4, solid_capstyle="butt")
            right.annotate(f"{value:.2f}".replace("-", "\u2212"), (place, value), xytext=(0, 5), textcoords="offset points",
                           ha="center", fontsize=9)
        right.set_xticks(range(len(bars)), [words for words, _, _ in bars])
        low, high = min(value for _, value, _ in bars), max(value for _, value, _ in bars)
        right.set(ylabel="potential [mV]", xlim=(-0.6, 2.6), ylim=(low - 1.0, high + 1.6), title="With and without its current")
        right.grid(axis="x", visible=False)
    return figure


def _run_down(cell: Result, neuron: Result) -> Figure:
    """Hours without the pump, in two cells."""
    with styled():
        figure, axes = sheet(1, 2, height=3.1, sharey=True)
        for each, result, words in zip(axes, (cell, neuron), ("generic-cell", "duesterwald-2018"), strict=True):
            hours = np.asarray(result.time.to("h")) - result.segments[1].start / 3.6e6
            shown = hours <= (result.segments[1].end - result.segments[1].start) / 3.6e6
            for ion, colour, dash in (("Na", VERMILLION, "-"), ("K", BLUE, "--"), ("Cl", GREEN, ":")):
                reversal = np.asarray(result[f"leak_{ion}.reversal"].to("mV"))
                each.plot(hours[shown], reversal[shown], color=colour, ls=dash, lw=1.3, label=rf"$E_{{\mathrm{{{ion}}}}}$")
            each.plot(hours[shown], np.asarray(result["membrane.V"].to("mV"))[shown], color=BLACK, lw=2.2, label="$V$")
            each.axhline(0.0, color=GREY, lw=0.8)
            each.set(xlabel="time after the block [h]", title=words)
        axes[0].set_ylabel("potential [mV]")
        beside(axes[1], mathematics=True)
    return figure
