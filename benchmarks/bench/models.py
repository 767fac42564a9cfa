"""The benchmark's two cells, as bare Systems: no books, no running integrals, the guard of an excitable membrane.

A (14 states) is a spiking cell whose ions and water move inside and outside; B (28 states) is the same cell with a
mass-action pump of 14 occupancies, whose binding steps are a thousand times faster than a spike. Time in ms, V in mV,
concentrations in mM, amounts in fmol, volumes in pL, currents in uA/cm2. The numbers are the benchmark's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pumpleak.system.expression import Expression, exp, exprel, log, substitute, symbol, total
from pumpleak.system.system import Definition, Parameter, State, System

GUARD = 1.0  # ms, as the cell `neuron` has
THERMAL = 26.64  # mV, RT/F
SIZES = {"V": 100.0, **dict.fromkeys("mhns", 1.0)}  # by which errors are judged: mV, shares; an amount's own is its start
LEAST_SIZE = 1e-2  # an occupancy's

INSIDE, OUTSIDE = 1.4368, 1.4368 / 4.0  # pL, volumes at the start
_IMPERMEANT = (144.0 + (298.5 - 10.0 - 135.0 - 9.0 - 144.0) - 1e-4) * INSIDE

_START: Mapping[str, float] = {
    "V": -66.0, "m": 0.02, "h": 0.98, "n": 0.03, "s": 0.001,
    "Na_i": 10.0 * INSIDE, "K_i": 135.0 * INSIDE, "Cl_i": 9.0 * INSIDE, "Ca_i": 1e-4 * INSIDE,
    "Na_o": 145.0 * OUTSIDE, "K_o": 3.5 * OUTSIDE, "Cl_o": 130.0 * OUTSIDE, "w_i": INSIDE, "w_o": OUTSIDE}
_CELL: Mapping[str, float] = {
    "Cm": 1.0, "gNa": 30.0, "gK": 25.0, "gNaL": 0.022, "gKL": 0.06, "gClL": 0.05, "gCa": 0.02, "gKCa": 0.3, "Iinj": 0.0,
    "pump": 1.0, "UKCC": 0.3, "kw": 2.4e-6, "kdif": 0.002, "kvol": 0.0005, "area": 6.158e-6,
    "Na_bath": 145.0, "K_bath": 3.5, "Cl_bath": 130.0, "Ca_bath": 1.8, "A_i": _IMPERMEANT, "A_o": 20.0 * OUTSIDE,
    "w_bath": OUTSIDE, "kCa": 0.02, "bCa": 0.01, "KdCa": 1e-3}
_HILL_PUMP: Mapping[str, float] = {"Imax": 28.0, "KNa": 18.0, "KK": 2.0}
_CYCLE_PUMP: Mapping[str, float] = {
    "sites": 1.2e-2, "kon": 100.0, "K1": 12.0, "K2": 9.0, "K3": 6.0, "kph": 0.6, "kphr": 0.02, "kde": 5.0, "kder": 0.5,
    "kNr": 10.0, "KNo": 400.0, "konK": 100.0, "KKo": 1.5, "kdp": 1.0, "kdpr": 0.01, "kEE": 0.3, "kEEr": 0.05,
    "kKoff": 1000.0, "KKi": 60.0}
_OCCUPANCIES: Mapping[str, float] = {
    "E1": 0.02, "E1Na": 0.03, "E1Na2": 0.03, "E1Na3": 0.03, "E1P3": 0.05, "E2P3": 0.03, "E2P2": 0.03, "E2P1": 0.03,
    "E2P0": 0.04, "E2PK": 0.1, "E2PK2": 0.2, "E2K2": 0.3, "E1K2": 0.05, "E1K": 0.06}

Named = dict[str, Expression]


class _Draft:
    """A System being written: each quantity defined once and used by its name from then on."""

    def __init__(self) -> None:
        self.definitions: list[Definition] = []

    def define(self, name: str, expression: Expression) -> Expression:
        self.definitions.append(Definition(name, "1", expression))
        return symbol(name)


@cache
def model(name: str) -> System:
    """Model "A" or "B"."""
    return _model(name == "B")


def _model(enzyme: bool) -> System:
    draft = _Draft()
    start = {**_START, **(_OCCUPANCIES if enzyme else {})}
    values = {**_CELL, **(_CYCLE_PUMP if enzyme else _HILL_PUMP)}
    y = {name: symbol(name) for name in start}
    p = {name: symbol(name) for name in values}
    c = _concentrations(draft, y)
    pumped = _cycle_pump(draft, y, p, c) if enzyme else _hill_pump(draft, p, c)
    rates = {**_membrane(draft, y, p, c, pumped), **_gates(y)}
    if enzyme:
        rates.update(_turnover([symbol(f"r{i}") for i in range(1, 15)]))
    states = tuple(State(name, "1", value, SIZES.get(name, LEAST_SIZE if name in _OCCUPANCIES else value))
                   for name, value in start.items())
    return System("B" if enzyme else "A", states, rates, tuple(Parameter(name, "1", value) for name, value in values.items()),
                  tuple(draft.definitions), guard=GUARD, excitable=(("V", "m", "h", "n", "s"),))


def _concentrations(draft: _Draft, y: Mapping[str, Expression]) -> Named:
    """Amount over volume, inside and outside."""
    inside = {f"{ion}_i": draft.define(f"c_{ion}_i", y[f"{ion}_i"] / y["w_i"]) for ion in ("Na", "K", "Cl", "Ca")}
    outside = {f"{ion}_o": draft.define(f"c_{ion}_o", y[f"{ion}_o"] / y["w_o"]) for ion in ("Na", "K", "Cl")}
    return {**inside, **outside}


def _hill_pump(draft: _Draft, p: Mapping[str, Expression], c: Mapping[str, Expression]) -> Named:
    """3 Na out, 2 K in, saturating in both."""
    per_current = draft.define("per_current", p["area"] * 10.364)
    unbound = (1.0 + p["KNa"] / c["Na_i"]) ** 3 * (1.0 + p["KK"] / c["K_o"]) ** 2
    current = draft.define("I_pump", p["pump"] * p["Imax"] / unbound)
    sodium, potassium = 3.0 * per_current * current, 2.0 * per_current * current
    return {"current": current, "Na_i": sodium, "Na_o": sodium, "K_i": potassium, "K_o": potassium}


def _cycle_pump(draft: _Draft, y: Mapping[str, Expression], p: Mapping[str, Expression], c: Mapping[str, Expression]) -> Named:
    """The Post-Albers cycle, every step reversible but those that the study left one-way; ions bound count as gone."""
    E = [y[name] for name in _OCCUPANCIES]
    out = draft.define("push", exp(0.35 * (y["V"] / THERMAL)))
    back = draft.define("pull", 1.0 / out)
    sodium = c["Na_o"] / p["KNo"]
    potassium = c["K_i"] / p["KKi"]
    steps = [
        p["kon"] * 3.0 * (c["Na_i"] * E[0] - p["K1"] * E[1]), p["kon"] * 2.0 * (c["Na_i"] * E[1] - p["K2"] * E[2]),
        p["kon"] * (c["Na_i"] * E[2] - p["K3"] * E[3]), p["pump"] * (p["kph"] * E[3] - p["kphr"] * E[4]),
        p["kde"] * E[4] - p["kder"] * E[5], p["kNr"] * (E[5] * out - E[6] * back * sodium),
        p["kNr"] * 50.0 * (E[6] - E[7] * sodium), p["kNr"] * 100.0 * (E[7] - E[8] * sodium),
        p["konK"] * 2.0 * (c["K_o"] * E[8] - p["KKo"] * E[9]), p["konK"] * (c["K_o"] * E[9] - 2.0 * p["KKo"] * E[10]),
        p["kdp"] * E[10] - p["kdpr"] * E[11], p["kEE"] * E[11] - p["kEEr"] * E[12],
        p["kKoff"] * (E[12] - E[13] * potassium), p["kKoff"] * (E[13] - E[0] * potassium)]
    r = [draft.define(f"r{i}", step) for i, step in enumerate(steps, 1)]
    per_current = draft.define("per_current", p["area"] * 10.364)
    return {"current": draft.define("I_pump", p["sites"] * r[5] / per_current),
            "Na_i": p["sites"] * total(r[0:3]), "Na_o": p["sites"] * total(r[5:8]),
            "K_o": p["sites"] * total(r[8:10]), "K_i": p["sites"] * total(r[12:14])}


def _turnover(r: list[Expression]) -> Named:
    """Each occupancy gains by the step before it and loses by its own."""
    return {name: r[i - 1] - r[i] for i, name in enumerate(_OCCUPANCIES)}


def _membrane(draft: _Draft, y: Mapping[str, Expression], p: Mapping[str, Expression], c: Mapping[str, Expression],
              pumped: Mapping[str, Expression]) -> Named:
    """Charge, amounts and water."""
    V, per_current = y["V"], symbol("per_current")
    sodium = draft.define("I_Na", (p["gNa"] * y["m"] ** 3 * y["h"] + p["gNaL"]) * (V - THERMAL * log(c["Na_o"] / c["Na_i"])))
    opened = p["gK"] * y["n"] ** 4 + p["gKL"] + p["gKCa"] * c["Ca_i"] / (c["Ca_i"] + p["KdCa"])
    potassium = draft.define("I_K", opened * (V - THERMAL * log(c["K_o"] / c["K_i"])))
    chloride = draft.define("I_Cl", p["gClL"] * (V + THERMAL * log(c["Cl_o"] / c["Cl_i"])))
    calcium = draft.define("I_Ca", p["gCa"] * y["s"] ** 2 * (V - 0.5 * THERMAL * log(p["Ca_bath"] / c["Ca_i"])))
    kcc = draft.define("J_KCC", p["UKCC"] * per_current * log(c["K_i"] * c["Cl_i"] / (c["K_o"] * c["Cl_o"])))
    water = draft.define("J_w", p["kw"] * (c["Na_i"] + c["K_i"] + c["Cl_i"] + p["A_i"] / y["w_i"]
                                          - (c["Na_o"] + c["K_o"] + c["Cl_o"] + p["A_o"] / y["w_o"])))
    exchange = {ion: p["kdif"] * (p[f"{ion}_bath"] - c[f"{ion}_o"]) * y["w_o"] for ion in ("Na", "K", "Cl")}
    return {
        "V": (p["Iinj"] - sodium - potassium - chloride - calcium - pumped["current"]) / p["Cm"],
        "Na_i": -per_current * sodium - pumped["Na_i"],
        "K_i": -per_current * (potassium - p["Iinj"]) + pumped["K_i"] - kcc,
        "Cl_i": per_current * chloride - kcc,
        "Ca_i": -p["bCa"] * per_current * calcium / 2.0 - p["kCa"] * (y["Ca_i"] - 1e-4 * y["w_i"]),
        "Na_o": per_current * sodium + pumped["Na_o"] + exchange["Na"],
        "K_o": per_current * potassium - pumped["K_o"] + kcc + exchange["K"],
        "Cl_o": -per_current * chloride + kcc + exchange["Cl"],
        "w_i": water, "w_o": -water + p["kvol"] * (p["w_bath"] - y["w_o"])}


def _gates(y: Mapping[str, Expression]) -> Named:
    """Opening and closing of m, h, n and the calcium channel's s."""
    V, slow = y["V"], (y["V"] + 25.0) / 20.0
    return {
        "m": 1.28 / exprel(-(V + 54.0) / 4.0) * (1.0 - y["m"]) - 1.4 / exprel((V + 27.0) / 5.0) * y["m"],
        "h": 0.128 * exp(-(V + 50.0) / 18.0) * (1.0 - y["h"]) - 4.0 / (1.0 + exp(-(V + 27.0) / 5.0)) * y["h"],
        "n": 0.16 / exprel(-(V + 52.0) / 5.0) * (1.0 - y["n"]) - 0.5 * exp(-(V + 57.0) / 40.0) * y["n"],
        "s": (1.0 / (1.0 + exp(-(V + 20.0) / 9.0)) - y["s"]) / (0.5 + 8.0 / (exp(slow) + exp(-slow)))}


def chain(tiles: int, name: str = "A") -> System:
    """A row of cells whose outer potassium and sodium pass to their neighbours: 14 states (28 for B) each."""
    single = model(name)
    draft: list[Definition] = []
    rates: Named = {}
    for tile in range(tiles):
        rates.update(_renamed(single, tile, draft))
    pass_on = symbol("pass_on")
    for ion in ("Na", "K"):
        for left in range(tiles - 1):
            here, there = f"t{left}_{ion}_o", f"t{left + 1}_{ion}_o"
            flux = pass_on * (symbol(f"t{left}_c_{ion}_o") - symbol(f"t{left + 1}_c_{ion}_o")) * OUTSIDE
            rates[here], rates[there] = rates[here] - flux, rates[there] + flux
    states = tuple(replace(state, name=f"t{tile}_{state.name}") for tile in range(tiles) for state in single.states)
    return System(f"{tiles} x {name}", states, rates, (*single.parameters, Parameter("pass_on", "1/ms", 1e-3)), tuple(draft),
                  guard=GUARD, excitable=tuple(tuple(f"t{tile}_{each}" for each in group)
                                               for tile in range(tiles) for group in single.excitable))


def _renamed(single: System, tile: int, draft: list[Definition]) -> Named:
    """The rates of one tile in its own names; the parameters are shared. Its definitions are added to the draft."""
    own = [*single.state_names, *(definition.name for definition in single.definitions)]
    names = {each: symbol(f"t{tile}_{each}") for each in own}
    for definition in single.definitions:
        draft.append(Definition(f"t{tile}_{definition.name}", "1", substitute([definition.expression], names)[0]))
    return {f"t{tile}_{state}": substitute([rate], names)[0] for state, rate in single.rates.items()}

