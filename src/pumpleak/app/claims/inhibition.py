"""M1.4: the pump can be inhibited, by drugs that bind some of its states; ions and isoforms decide how many are in these."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from pumpleak.app.bench import Array, Bench, Shown, scheme
from pumpleak.app.style import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, VERMILLION, sheet, styled
from pumpleak.app.targets import Target, Targets
from pumpleak.base.units import Quantity
from pumpleak.enzyme.binding import Apparent, apparent
from pumpleak.enzyme.energy import double_equilibrium
from pumpleak.enzyme.inhibition import held_drugs
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.tracer import exchange

STUDY = "ouabain-wash"
OUABAIN, OLIGOMYCIN, VANADATE = "outside.Ouabain", "outside.Oligomycin", "inside.Vanadate"
SODIUM, POTASSIUM = "inside.Na", "outside.K"
MOLAR = 1e3  # mM
NANO, MICRO = 1e6, 1e3  # of a mM
ABSENT = 1e-3  # mM, as the cases write it
DRUGGED = {OUABAIN: 1e-3, VANADATE: 1e-3, OLIGOMYCIN: 1e-2}  # mM, so that all of them hold many pumps
DOSES = np.geomspace(1e-7, 10.0, 161)  # mM, 0.1 nM to 10 mM
SWEEPS = {SODIUM: np.geomspace(0.1, 1e4, 301), POTASSIUM: np.geomspace(0.01, 1e4, 301)}  # mM, from nothing to saturation
HIGHEST = 80.0  # mV, as the rows say
OLIGOMYCIN_DOSE = 1e-2  # mM, as the row says
CURVES = (("human \u03b11", "alpha1beta1", BLACK, "-"), ("rat \u03b13", "rat-alpha3beta1", GREEN, "-."),
          ("rat \u03b12", "rat-alpha2beta1", BLUE, "--"), ("rat \u03b11", "rat-alpha1beta1", VERMILLION, ":"))
MEASURED = (("rat-alpha3", 1.0, "K of \u03b13", GREEN), ("rat-alpha2", 1.0, "K of \u03b12", BLUE),
            ("rat-alpha1", NANO / MICRO, "half of \u03b11", VERMILLION))  # measured in nM, and in uM
LEVELS = ((0.5, GREEN, "-."), (2.0, BLUE, "--"), (5.0, BLACK, "-"), (10.0, VERMILLION, ":"))  # mM K outside
RESCUED = ((0.0, BLACK, "-", "none"), (1e-4, BLUE, "--", "0.1 \u00b5M"), (1e-3, VERMILLION, ":", "1 \u00b5M"))  # mM ouabain


def show(bench: Bench, targets: Targets) -> Shown:
    """Every row on its own pump, and the three figures."""
    values = {name: _ROWS[name](row, {**targets.cases.get(row.case, {}), **row.conditions})
              for name, row in targets.rows.items()}
    figures = {"isoforms": _isoforms(targets), "potassium": _potassium(targets), "wash": _wash(bench)}
    return Shown(values, figures, (STUDY,))


def _binding(row: Target, given: Mapping[str, float], **changed: float) -> Apparent:
    """Rates of ouabain; changes by the last word of a name: K=5.0 is outside.K, Nai inside.Na, Nao outside.Na. [mM]"""
    names = {"K": POTASSIUM, "Nai": SODIUM, "Nao": "outside.Na"}
    return apparent(scheme(row.scheme), {**given, **{names[key]: value for key, value in changed.items()}}, row.base)


def _turnover(row: Target, given: Mapping[str, float | Array], name: str = "") -> Array:
    return respond(scheme(name or row.scheme), given, row.base).turnover


def _half_inhibition(row: Target, given: Mapping[str, float]) -> float:
    """Ouabain that halves the turnover in equilibrium. [mM]"""
    left = _turnover(row, {**given, OUABAIN: DOSES}) / _turnover(row, given)
    return float(np.exp(np.interp(-0.5, -left, np.log(DOSES))))


def _half_activation(row: Target, given: Mapping[str, float], ion: str, name: str = "") -> float:
    """Concentration of an ion at half of the largest turnover. [mM]"""
    values = _turnover(row, {**given, ion: SWEEPS[ion]}, name)
    top = int(np.argmax(values))
    return float(np.exp(np.interp(0.5 * values[top], values[:top + 1], np.log(SWEEPS[ion][:top + 1]))))


def _against_alpha2beta1(ion: str) -> Callable[[Target, Mapping[str, float]], float]:
    return lambda row, given: (_half_activation(row, given, ion)
                               / _half_activation(row, given, ion, "post-albers.alpha2beta1"))


def _balance(row: Target, given: Mapping[str, float]) -> float:
    drugged = scheme(row.scheme)
    start = {**drugged.conditions[row.base], **given, **DRUGGED}
    whole: dict[str, ArrayLike | Quantity] = {**start, VOLTAGE: np.array([-80.0, 0.0, 40.0])}
    found = respond(drugged, double_equilibrium(drugged, whole))
    return max(float(np.max(np.abs(share))) for share in found.balance.values())


def _sodium_inside(row: Target, given: Mapping[str, float]) -> float:
    few, many = 5.0, 40.0  # mM, as the row says, with 4 mM K
    bound = _binding(row, given, K=4.0, Nai=many).on / _binding(row, given, K=4.0, Nai=few).on
    turned = [float(_turnover(row, {**given, POTASSIUM: 4.0, SODIUM: sodium})) for sodium in (few, many)]
    return float(bound) / (turned[1] / turned[0])


def _at_rest(row: Target, given: Mapping[str, float]) -> float:
    """How much is missing of the largest turnover at the row's voltage. [%]"""
    values = _turnover(row, {**given, VOLTAGE: np.linspace(given[VOLTAGE], HIGHEST, 81)})
    return 100.0 * float(1.0 - values[0] / np.max(values))


def _vanadate(row: Target, given: Mapping[str, float]) -> float:
    def held(potassium: float) -> float:
        found = respond(scheme(row.scheme), {**given, POTASSIUM: potassium}, row.base)
        return float(sum(found.occupancies[state] for state in held_drugs(scheme(row.scheme))))

    return held(ABSENT) / held(given[POTASSIUM])


def _oligomycin(row: Target, given: Mapping[str, float]) -> float:
    free, blocked = (exchange(scheme(row.scheme), "Na", {**given, OLIGOMYCIN: dose}, row.base).out
                     for dose in (0.0, OLIGOMYCIN_DOSE))
    return float(blocked / free)


def _FXYD1(row: Target, given: Mapping[str, float]) -> float:
    return _half_activation(row, given, SODIUM) / _half_activation(row, given, SODIUM, "post-albers")


_ROWS: Mapping[str, Callable[[Target, Mapping[str, float]], float]] = {
    "balance": _balance,
    "red-cell-on": lambda row, given: float(_binding(row, given).on) * MOLAR,
    "red-cell-off": lambda row, given: float(_binding(row, given).off),
    "red-cell-K": lambda row, given: float(_binding(row, given).K) * NANO,
    "potassium-slows": lambda row, given: float(_binding(row, given).on / _binding(row, given, K=ABSENT).on),
    "potassium-saturates": lambda row, given: float(_binding(row, given, K=10.0).K / _binding(row, given, K=4.0).K),
    "sodium-outside": lambda row, given: float(_binding(row, given, K=4.0, Nao=20.0).K / _binding(row, given, K=4.0).K),
    "sodium-without-potassium": lambda row, given: float(_binding(row, given, K=ABSENT).on
                                                         / _binding(row, given, K=ABSENT, Nao=1.0).on),
    "sodium-inside": _sodium_inside,
    "rat-alpha3": lambda row, given: float(_binding(row, given).K) * NANO,
    "rat-alpha2": lambda row, given: float(_binding(row, given).K) * NANO,
    "rat-alpha1": lambda row, given: _half_inhibition(row, given) * MICRO,
    "ventricle-alpha1": lambda row, given: _half_inhibition(row, given) * MICRO,
    "ventricle-alpha2": lambda row, given: _half_inhibition(row, given) * MICRO,
    "voltage-alpha2beta1": _at_rest,
    "voltage-alpha2beta2": _at_rest,
    "beta2-potassium": _against_alpha2beta1(POTASSIUM),
    "beta2-sodium": _against_alpha2beta1(SODIUM),
    "FXYD1-sodium": _FXYD1,
    "vanadate-potassium": _vanadate,
    "oligomycin-exchange": _oligomycin,
}


def _isoforms(targets: Targets) -> Figure:
    """Turnover against ouabain for four pumps as in an assay, with what was measured of three."""
    row, given = targets["rat-alpha1"], targets.cases["assay"]
    with styled():
        figure, (axes,) = sheet(1, 1, height=3.2)
        for words, isoform, colour, dash in CURVES:
            name = f"post-albers.{isoform}.ouabain"
            left = _turnover(row, {**given, OUABAIN: DOSES}, name) / _turnover(row, given, name)
            axes.semilogx(DOSES * NANO, left, color=colour, ls=dash, label=words)
        for name, scale, words, colour in MEASURED:
            low, high = (end * scale for end in targets[name].measured)
            axes.plot([low, high], [1.12, 1.12], "o-", color=colour, mfc="white", ms=6, lw=3)
            axes.annotate(words, (low, 1.12), xytext=(0, 8), fontsize=8.5, ha="center", textcoords="offset points")
        axes.set(xlabel="ouabain [nM]", ylabel="turnover / that without ouabain", ylim=(0, 1.3), title="Ouabain and isoforms")
        axes.legend(loc="lower left")
    return figure


def _potassium(targets: Targets) -> Figure:
    """Onset at four potassium concentrations, half occupation against potassium, and its rescue."""
    row, given = targets["potassium-slows"], targets.cases["red cell"]
    with styled():
        figure, (onset, half, rescue) = sheet(1, 3, height=3.0)
        minutes = np.linspace(0.0, 30.0, 121)
        for potassium, colour, dash in LEVELS:
            share = _binding(row, given, K=potassium).share(1e-3, 60.0 * minutes)
            onset.plot(minutes, share, color=colour, ls=dash, label=f"{potassium:g} mM")
        onset.set(xlabel="time with 1 \u00b5M ouabain [min]", ylabel="share of pumps that hold it", ylim=(0, 1),
                  title="Onset")
        onset.legend(title="K\u207a outside", fontsize=8.5, title_fontsize=8.5, loc="lower right")
        levels = np.geomspace(0.05, 30.0, 61)
        tightness = apparent(scheme(row.scheme), {**given, POTASSIUM: levels}, row.base).K * NANO
        half.loglog(levels, tightness, color=BLACK)
        half.set(xlabel="K\u207a outside [mM]", ylabel="ouabain that holds half [nM]", title="Affinity")
        for dose, colour, dash, words in RESCUED:
            turnover = _turnover(row, {**given, POTASSIUM: levels, OUABAIN: dose})
            rescue.semilogx(levels, turnover, color=colour, ls=dash, label=words)
        rescue.set(xlabel="K\u207a outside [mM]", ylabel="turnover [/s]", ylim=(0, None), title="Rescue")
        rescue.legend(title="ouabain", fontsize=8.5, title_fontsize=8.5)
    return figure


def _wash(bench: Bench) -> Figure:
    """The neuron while ouabain is washed in and out."""
    result = bench.run(STUDY)
    hours = np.asarray(result.time.to("h"))
    given = result.segments[1]
    courses = (("pump.ouabain_bound", "share of pumps\nwith ouabain", 1.0),
               ("pump.turnover", "turnover of all\npumps [/s]", 1e3),
               ("inside.Na", "Na\u207a inside\n[mM]", 1.0), ("membrane.V", "membrane\npotential [mV]", 1.0))
    with styled():
        figure, axes = sheet(len(courses), 1, height=1.4, sharex=True)
        for each, (name, words, scale) in zip(axes, courses, strict=True):
            _course(each, hours, scale * result.column(name), (given.start / 3.6e6, given.end / 3.6e6))
            each.set_ylabel(words)
        axes[0].set_title("0.2 \u00b5M ouabain for half an hour, and after")
        axes[-1].set_xlabel("time [h]")
        figure.align_ylabels(axes)
    return figure


def _course(axes: Axes, hours: Array, values: Array, drugged: tuple[float, float]) -> None:
    axes.axvspan(*drugged, color=PALE, lw=0, zorder=0)
    axes.axhline(values[0], color=GREY, lw=0.7)
    axes.plot(hours, values, color=ORANGE if values[0] == 0.0 else BLACK)
