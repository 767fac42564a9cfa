"""M3.3: what excitability needs. The spike that a pulse evokes as the gradients run down, and in more potassium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pumpleak.app.bench import Array, Bench, Shown
from pumpleak.app.style import BLACK, BLUE, GREY, ORANGE, VERMILLION, sheet, styled
from pumpleak.app.targets import Targets
from pumpleak.lab.result import Result

RUN_DOWN, POTASSIUM = "neuron-run-down", "neuron-potassium"
PULSE, PUMP, VOLTAGE = "stimulus.injected", "pump.activity", "membrane.V"
WATCHED = 10.0  # ms after a pulse: the spike of the neuron is over in less
SPIKE = 0.1  # of the first response: what is smaller is none


@dataclass(frozen=True)
class Response:
    """What a pulse evokes: its time [min], time since the pulse [ms] and V [mV], and what V could rise by its charge [mV].

    sodium: equilibrium potential of Na+ [mV]. stopped: whether the pump was.
    """

    minute: float
    time: Array
    voltage: Array
    lift: float
    sodium: float
    stopped: bool

    @property
    def peak(self) -> float:
        """Highest V. [mV]"""
        return float(np.max(self.voltage))

    @property
    def height(self) -> float:
        """Of the peak above the potential before. [mV]"""
        return self.peak - float(self.voltage[0])

    @property
    def own(self) -> float:
        """What of that the pulse does not account for, however little leaks out meanwhile; 0 where it does. [mV]"""
        return max(self.height - self.lift, 0.0)


def show(bench: Bench, targets: Targets) -> Shown:
    """Spikes without the pump and after its return, and with potassium outside."""
    responses, raised = list(responses_of(bench.run(RUN_DOWN))), list(responses_of(bench.run(POTASSIUM)))
    first, last_stopped = responses[0], [each for each in responses if each.stopped][-1]
    values: dict[str, float | None] = {
        "spike-in-12-mM": raised[-1].height / raised[0].height if raised[-1].own > SPIKE * raised[0].own else 0.0,
        "peak-below-E_Na": max(each.peak - each.sodium for each in responses if each.own > SPIKE * first.own),
        "lost": last_stopped.own / first.own,
        "regained": responses[-1].own / first.own,
    }
    figures = {"run-down": _run_down(bench.run(RUN_DOWN), responses), "potassium": _potassium(raised)}
    return Shown(values, figures, (RUN_DOWN, POTASSIUM))


def responses_of(result: Result) -> Iterator[Response]:
    """The response to each pulse of a run."""
    time, voltage, sodium = (np.asarray(result.time.to("ms")), result.column(VOLTAGE), result.column("leak_Na.reversal"))
    capacitance = float(result.column("membrane.capacitance")[0])
    for span in result.segments:
        if PULSE in span.values:
            first = int(np.searchsorted(time, span.start, side="right")) - 1
            rows = slice(first, int(np.searchsorted(time, span.end + WATCHED * (1.0 + 1e-9), side="right")))
            yield Response(span.start / 6e4, time[rows] - span.start, voltage[rows],
                           span.values[PULSE] * (span.end - span.start) / capacitance, float(sodium[first]),
                           span.values.get(PUMP, 1.0) == 0.0)


def _run_down(result: Result, responses: list[Response]) -> Figure:
    """Responses at some times; their height, at first and over the whole course; V and the potentials of Na+ and K+."""
    stopped = [span for span in result.segments if span.values.get(PUMP) == 0.0]
    stop, back = stopped[0].start / 6e4, stopped[-1].end / 6e4
    with styled():
        figure, axes = sheet(2, 2, height=2.7)
        chosen = [(responses[0], BLACK, "before")]
        for minute, colour in ((0.5, BLUE), (6.0, ORANGE), (60.0, GREY)):
            near = min(responses, key=lambda each: abs(each.minute - stop - minute))
            chosen.append((near, colour, f"stopped for {minute:g} min"))
        _traces(axes[0], [*chosen, (responses[-1], VERMILLION, "2 h after its return")], "Responses to a pulse")
        minutes = np.array([each.minute - stop for each in responses])
        for each, title in ((axes[1], "Height of the response, at first"), (axes[2], "Height of the response")):
            each.plot(minutes, [found.height for found in responses], "o-", color=GREY, ms=3, lw=0.8, label="whole response")
            each.plot(minutes, [found.own for found in responses], "o-", color=BLACK, ms=3.5, lw=1.0,
                      label="beyond the pulse's charge")
            each.set(ylabel="height [mV]", title=title, ylim=(-4, 125))
        axes[1].set_xlim(-0.5, 10.0)
        axes[1].legend(loc="upper right", fontsize=8.5)
        _driving(axes[3], result, stop, minutes)
        for each in axes[1:]:
            each.axvspan(0.0, back - stop, color=GREY, alpha=0.15, lw=0)
            each.set_xlabel("time after the stop [min]")
    return figure


def _driving(axes: Axes, result: Result, stop: float, pulses: Array) -> None:
    """V between the pulses, and the potentials of Na+ and K+."""
    time = np.asarray(result.time.to("min")) - stop
    for name, colour, dash, words in ((VOLTAGE, BLACK, "-", "$V$"), ("leak_Na.reversal", VERMILLION, "-", r"$E_{\mathrm{Na}}$"),
                                      ("leak_K.reversal", BLUE, "--", r"$E_{\mathrm{K}}$")):
        between = np.where(_watched(time, pulses), np.nan, result.column(name))
        axes.plot(time, between, color=colour, ls=dash, lw=1.5, label=words)
    axes.set(ylabel="potential [mV]", title="What drives it")
    axes.legend(loc="center right", fontsize=8.5)


def _watched(time: Array, pulses: Array) -> NDArray[np.bool_]:
    """Which rows lie within a response, whose width does not show beside minutes."""
    since = time - pulses[np.maximum(np.searchsorted(pulses, time, side="right") - 1, 0)]
    within: NDArray[np.bool_] = (since >= 0.0) & (since <= 2.0 * WATCHED / 6e4)
    return within


def _traces(axes: Axes, chosen: list[tuple[Response, str, str]], title: str) -> None:
    for place, (each, colour, words) in enumerate(chosen):  # the first broad: one that is alike does not hide it
        axes.plot(each.time, each.voltage, color=colour, lw=1.5 if place else 3.0, label=words)
    axes.set(xlabel="time after the pulse begins [ms]", ylabel="membrane potential [mV]", title=title)
    axes.set(xlim=(0, 8), ylim=(-92, 92))
    axes.legend(loc="upper right", fontsize=8.5)


def _potassium(raised: list[Response]) -> Figure:
    """Responses with 3.3, 5 and 12 mM of potassium outside."""
    with styled():
        figure, axes = sheet(1, 2, height=3.3)
        looks = ((BLACK, "3.3 mM"), (BLUE, "5 mM"), (VERMILLION, "12 mM"))
        _traces(axes[0], [(each, colour, words) for each, (colour, words) in zip(raised, looks, strict=True)],
                "After 1 min in more potassium")
        for place, (each, (colour, _)) in enumerate(zip(raised, looks, strict=True)):
            axes[1].bar(place - 0.2, each.height, 0.36, color=colour, alpha=0.35, label="whole response" if not place else "_")
            axes[1].bar(place + 0.2, each.own, 0.36, color=colour, label="beyond the pulse's charge" if not place else "_")
        axes[1].set_xticks(range(len(looks)), [words.removesuffix(" mM") for _, words in looks])
        axes[1].set(xlabel="K\u207a in the bath [mM]", ylabel="height [mV]", title="Height of the response", ylim=(0, 135))
        axes[1].legend(loc="upper right", fontsize=8.5)
        axes[1].grid(axis="x", visible=False)
    return figure
