"""M3.2: the pump makes the resting potential by its gradients; its own current adds a few millivolts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, beside, sheet, styled
from pumpleak.app.targets import Targets
from pumpleak.formats.catalog import light
from pumpleak.lab.programs import program_for
from pumpleak.lab.rest import Rest
from pumpleak.lab.result import Result

CELL, STEP, LONG, NEURON = "generic-cell", "sudden-block", "pump-block", "duesterwald-pump-off"
SETTLED = 10.0  # time constants of the membrane after which the step is over (e^-10 = 5e-5 of it is missing)


def show(bench: Bench, targets: Targets) -> Shown:
    """The Goldman equation with and without the pump's share; the step on block; the run-down."""
    rest, step, neuron = bench.rest(CELL), bench.run(STEP), bench.run(NEURON)
    goldman = Goldman.of(rest)
    block = Block.of(rest, step)
    values = {
        "passive-ratio": goldman.ratio,
        "mullins-noda": rest["membrane.V"].to("mV") - goldman.potential(goldman.ratio),
        "electrogenic-share": goldman.potential(1.0) - rest["membrane.V"].to("mV"),
        "step": block.step,
        "step-over-ohm": block.step / block.expected,
        **{name: _after(neuron, targets[name].at) for name in ("run-down-15min", "run-down-1h", "run-down-4h")},
    }
    figures = {"step": _step_figure(block, goldman, rest), "run-down": _run_down(bench.run(LONG), neuron)}
    return Shown({name: float(value) for name, value in values.items()}, figures, (STEP, LONG, NEURON))


@dataclass(frozen=True)
class Goldman:
    """The Goldman equation of a cell whose anions are passive: permeabilities [um/ms], concentrations [mM], RT/F [mV].

    ratio: net passive sodium in over net passive potassium out.
    """

    sodium: tuple[float, float, float]
    potassium: tuple[float, float, float]
    thermal: float
    ratio: float

    @classmethod
    def of(cls, rest: Rest) -> Goldman:
        """That of a cell at rest."""
        at = rest.values
        sodium, potassium = ((at[f"leak_{ion}.permeability"], at[f"inside.{ion}"], at[f"outside.{ion}"]) for ion in ("Na", "K"))
        ratio = -rest.values["leak_Na.flux"] / rest.values["leak_K.flux"]
        return cls(sodium, potassium, rest.values["thermal.voltage"], ratio)

    def potential(self, ratio: float) -> float:
        """RT/F ln((r P_K K_o + P_Na Na_o)/(r P_K K_i + P_Na Na_i)), r = 1: no pump current. [mV]"""
        (p_na, na_in, na_out), (p_k, k_in, k_out) = self.sodium, self.potassium
        return self.thermal * math.log((ratio * p_k * k_out + p_na * na_out) / (ratio * p_k * k_in + p_na * na_in))


@dataclass(frozen=True)
class Block:
    """The first moments of a pump block: time [ms] since the block, V, its step, and what Ohm's law expects of that. [mV]"""

    time: Array
    voltage: Array
    step: float
    expected: float

    @classmethod
    def of(cls, rest: Rest, result: Result) -> Block:
        """From the rest before and the run."""
        time = np.asarray(result.time.to("ms")) - result.segments[1].start
        voltage = np.asarray(result["membrane.V"].to("mV"))
        at_rest = _slope_conductance(rest)
        settled = SETTLED * rest.values["membrane.capacitance"] / at_rest
        step = float(np.interp(settled, time, voltage) - voltage[np.flatnonzero(time < 0.0)[-1]])
        conductance = 0.5 * (at_rest + _slope_conductance(rest, step))
        return cls(time, voltage, step, rest.values["pump.current"] / conductance)


def _slope_conductance(rest: Rest, depolarised: float = 0.0) -> float:
    """dI/dV of everything but the pump, so much above rest [mV] at fixed contents: -C d(dQ/dt)/dQ, the pump off. [nS]"""
    program = program_for(light(rest.model))
    labels = program.labels
    capacitance = rest.values["membrane.capacitance"]
    moved = {"membrane.charge": depolarised * capacitance}
    states = np.array([rest.values[state.name] + moved.get(state.name, 0.0) for state in labels.states])
    parameters = np.array([0.0 if label.name == "pump.activity" else rest.values[label.name] for label in labels.parameters])
    place = [state.name for state in labels.states].index("membrane.charge")
    slope = program.jacobian(0.0, states, parameters)[place, place]
    return float(-slope * capacitance)


def _after(result: Result, milliseconds: float) -> float:
    """V so long after the pump stopped. [mV]"""
    start = result.segments[1].start
    return float(np.interp(start + milliseconds, np.asarray(result.time.to("ms")), np.asarray(result["membrane.V"].to("mV"))))


def _step_figure(block: Block, goldman: Goldman, rest: Rest) -> Figure:
    """The first moments without the pump, beside the potentials that the Goldman equation gives."""
    with styled():
        figure, (left, right) = sheet(1, 2, height=3.1, width_ratios=(1.5, 1))
        left.plot(block.time / 1e3, block.voltage, color=BLACK, label="simulated")
        before = rest.values["membrane.V"]
        left.axhline(before + block.expected, color=ORANGE, ls="--", lw=1.3, label="pump current / slope conductance")
        left.set(xlabel="time after the block [s]", ylabel="membrane potential [mV]", xlim=(-0.3, 1.5),
                 title="The electrogenic step")
        left.legend(loc="lower right")
        bars = (("$V$ at rest", before, BLACK), ("Goldman,\nr = 1.5", goldman.potential(goldman.ratio), BLUE),
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
