"""Systems that the numerics tests share: known problems with known answers, and a spiking cell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from pumpleak.compile.compiler import compile_system
from pumpleak.compile.program import CompiledProgram
from pumpleak.solve.layout import Memory
from pumpleak.solve.program import Array, Method
from pumpleak.system.expression import Expression, exp, exprel, log, number, symbol
from pumpleak.system.system import Definition, Event, Parameter, Quadrature, State, System

S = symbol


@cache
def program(name: str) -> CompiledProgram:
    """The compiled problem of that name."""
    return compile_system(PROBLEMS[name]())


def equal_steps(solver: CompiledProgram, p: Array, t_end: float, steps: int, method: Method,
                grid: Array | None = None) -> Memory:
    """A run of steps of one length: the tolerance lets all of them pass and the longest step binds; 0 steps first, since the
    solver finds the length of its first step itself."""
    labels = solver.labels
    memory = solver.start(0.0, labels.initial(), np.zeros(len(labels.quadratures)), p, rtol=0.9, h_max=t_end / steps,
                          grid=() if grid is None else grid, method=method)
    solver.advance(memory, p, 0, t_end)
    memory.set_real("h", t_end / steps)
    assert solver.advance(memory, p, 10 * steps, t_end).name == "END"
    assert memory.steps == steps
    return memory


def robertson() -> System:
    """Robertson's reaction: rates over nine orders of magnitude; e1, e2 are the extents of its two net reactions."""
    x, y, z = S("x"), S("y"), S("z")
    gain, loss = S("slow") * x - S("back") * y * z, S("fast") * y**2
    return System(
        "robertson",
        states=(State("x", "1", 1.0, 1e-6), State("y", "1", 0.0, 1e-9), State("z", "1", 0.0, 1e-6)),
        rates={"x": -gain, "y": gain - loss, "z": loss},
        parameters=(Parameter("slow", "1/ms", 0.04), Parameter("fast", "1/ms", 3e7), Parameter("back", "1/ms", 1e4)),
        definitions=(Definition("sum", "1", x + y + z),),
        quadratures=(Quadrature("e1", "1", gain), Quadrature("e2", "1", loss, least=True)))


def hires() -> System:
    """HIRES: eight reactants of plant growth under red light (Schaefer 1975)."""
    y = [S(f"y{i}") for i in range(1, 9)]
    back, bind, out = 1.71, 280.0, 8.32
    rates = {
        "y1": -back * y[0] + 0.43 * y[1] + out * y[2] + 0.0007,
        "y2": back * y[0] - 8.75 * y[1],
        "y3": -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
        "y4": out * y[1] + back * y[2] - 1.12 * y[3],
        "y5": -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
        "y6": -bind * y[5] * y[7] + 0.69 * y[3] + back * y[4] - 0.43 * y[5] + 0.69 * y[6],
        "y7": bind * y[5] * y[7] - 1.81 * y[6],
        "y8": -bind * y[5] * y[7] + 1.81 * y[6]}
    start = {"y1": 1.0, "y8": 0.0057}
    states = tuple(State(f"y{i}", "1", start.get(f"y{i}", 0.0), 1e-3) for i in range(1, 9))
    return System("hires", states, rates)


def forced() -> System:
    """Prothero and Robinson: y' = stiff (c(t) - y) + c'(t), whose solution is c(t) = 1/(1 + t^2); explicit in time."""
    t = S("time")
    solution, slope = 1.0 / (1.0 + t * t), -2.0 * t / (1.0 + t * t) ** 2
    return System("forced", (State("y", "1", 1.0, 1.0),), {"y": S("stiff") * (solution - S("y")) + slope},
                  (Parameter("stiff", "1/ms", 30.0),), (Definition("solution", "1", solution),),
                  quadratures=(Quadrature("integral", "ms", S("y")), Quadrature("moment", "ms2", S("y") * t)))


def constrained() -> System:
    """Three states, one of them algebraic: 0 = a + 2 b - c exp(c/10)."""
    a, b, c, k = S("a"), S("b"), S("c"), S("k")
    turn, excess = k * a * b, a + 2.0 * b - c * exp(0.1 * c)
    return System("constrained",
                  (State("a", "1", 1.0, 1.0), State("b", "1", 0.5, 1.0), State("c", "1", 0.0, 1.0, mass=0.0)),
                  {"a": -turn, "b": turn - 0.2 * b * c, "c": excess}, (Parameter("k", "1/ms", 2.0),),
                  (Definition("excess", "1", excess),))


def relaxation() -> System:
    """Van der Pol's oscillator, its speed with a mass of 2: a stiff nonlinear pair, and the integral of speed^2."""
    x, v, mu = S("x"), S("v"), S("mu")
    return System("relaxation", (State("x", "1", 2.0, 1.0), State("v", "1", 0.0, 1.0, mass=2.0)),
                  {"x": v, "v": 2.0 * (mu * (1.0 - x * x) * v - x)}, (Parameter("mu", "1", 20.0),),
                  quadratures=(Quadrature("path", "1", v * v, least=True),))


def orego() -> System:
    """The Oregonator of Field and Noyes, an oscillating reaction: concentrations over five decades."""
    x, y, z = S("x"), S("y"), S("z")
    fast, feed, small = 77.27, 0.161, 8.375e-6
    return System("orego", (State("x", "1", 1.0, 1e-2), State("y", "1", 2.0, 1e-2), State("z", "1", 3.0, 1e-2)),
                  {"x": fast * (y + x * (1.0 - small * x - y)), "y": (z - (1.0 + x) * y) / fast, "z": feed * (x - z)})


def van_der_pol() -> System:
    """Van der Pol's oscillator in its own slow time, with a fast time of 1e-6."""
    x, v = S("x"), S("v")
    return System("van_der_pol", (State("x", "1", 2.0, 1e-2), State("v", "1", 0.0, 1e-2)),
                  {"x": v, "v": ((1.0 - x * x) * v - x) * 1e6})


def ball() -> System:
    """A ball that falls and bounces with 0.8 of its speed; a second event counts when it turns, a third tells the time."""
    x, v = S("x"), S("v")
    return System("ball", (State("x", "m", 1.0, 1.0), State("v", "m/ms", 0.0, 1.0)),
                  {"x": v, "v": -S("g")}, (Parameter("g", "m/ms2", 2.0), Parameter("alarm", "ms", 1e9)),
                  events=(Event("bounce", -x, {"v": -0.8 * v, "x": number(0.0)}), Event("top", -v, action="stop"),
                          Event("alarm", S("time") - S("alarm"))))


def enzyme() -> System:
    """Four occupancies joined by two binding steps at up to 1e7 per ms and two slow ones; every net flux is counted."""
    occupancies = [S(f"E{i}") for i in range(4)]
    steps = {"bind": ("fast", 0, 1, 0.3), "change": ("slow", 1, 2, 0.1), "release": ("fast", 2, 3, 2.0),
             "return": ("slow", 3, 0, 0.1)}
    fluxes = {name: S(speed) * (occupancies[source] - back * occupancies[target])
              for name, (speed, source, target, back) in steps.items()}
    rates = {f"E{i}": number(0.0) for i in range(4)}
    for name, (_, source, target, _) in steps.items():
        rates[f"E{source}"] = rates[f"E{source}"] - fluxes[name]
        rates[f"E{target}"] = rates[f"E{target}"] + fluxes[name]
    return System("enzyme", tuple(State(f"E{i}", "fmol", float(i == 0), 1e-3) for i in range(4)), rates,
                  (Parameter("fast", "1/ms", 1e7), Parameter("slow", "1/ms", 1e-4)),
                  quadratures=tuple(Quadrature(f"{name}.extent", "fmol", flux) for name, flux in fluxes.items()))


CELL_PARAMETERS: Mapping[str, float] = {
    "Cm": 1.0, "gNa": 30.0, "gK": 25.0, "gNaL": 0.022, "gKL": 0.06, "gClL": 0.05, "gCa": 0.02, "gKCa": 0.3,
    "Imax": 28.0, "KNa": 18.0, "KK": 2.0, "Iinj": 0.0, "pump": 1.0, "UKCC": 0.3, "kw": 2.4e-6, "kdif": 0.002,
    "kvol": 0.0005,
    "area": 6.158e-6, "Nab": 145.0, "Kb": 3.5, "Clb": 130.0, "Cao": 1.8, "wob": 0.3592, "kCa": 0.02, "bCa": 0.01,
    "KdCa": 1e-3, "Ai": 144.0 * 1.4368 + 0.4999 * 1.4368, "Ao": 20.0 * 0.3592}


def spiking_cell() -> System:
    """Fourteen states: a spiking membrane with pump, KCC2, calcium and swelling inside and outside."""
    start = {"V": -66.0, "m": 0.02, "h": 0.98, "n": 0.03, "s": 0.001, "Nai": 14.368, "Ki": 193.968, "Cli": 12.9312,
             "Cai": 1.4368e-4, "Nao": 52.084, "Ko": 1.2572, "Clo": 46.696, "wi": 1.4368, "wo": 0.3592}
    scale = {**dict.fromkeys(start, 1e-2), "Cai": 1e-4}
    y = {name: S(name) for name in start}
    p = {name: S(name) for name in CELL_PARAMETERS}
    rates = _cell_rates(y, p)
    return System("spiking cell", tuple(State(name, "1", value, scale[name]) for name, value in start.items()), rates,
                  tuple(Parameter(name, "1", value) for name, value in CELL_PARAMETERS.items()))


def _cell_rates(y: Mapping[str, Expression], p: Mapping[str, Expression]) -> dict[str, Expression]:
    V, thermal = y["V"], 26.64
    inside = {ion: y[f"{ion}i"] / y["wi"] for ion in ("Na", "K", "Cl", "Ca")}
    outside = {ion: y[f"{ion}o"] / y["wo"] for ion in ("Na", "K", "Cl")}
    sodium = (p["gNa"] * y["m"] ** 3 * y["h"] + p["gNaL"]) * (V - thermal * log(outside["Na"] / inside["Na"]))
    opened = p["gK"] * y["n"] ** 4 + p["gKL"] + p["gKCa"] * inside["Ca"] / (inside["Ca"] + p["KdCa"])
    potassium = opened * (V - thermal * log(outside["K"] / inside["K"]))
    chloride = p["gClL"] * (V + thermal * log(outside["Cl"] / inside["Cl"]))
    calcium = p["gCa"] * y["s"] ** 2 * (V - 0.5 * thermal * log(p["Cao"] / inside["Ca"]))
    pump = p["pump"] * p["Imax"] / ((1.0 + p["KNa"] / inside["Na"]) ** 3 * (1.0 + p["KK"] / outside["K"]) ** 2)
    per_current = p["area"] * 10.364
    kcc = p["UKCC"] * per_current * log(inside["K"] * inside["Cl"] / (outside["K"] * outside["Cl"]))
    solutes = inside["Na"] + inside["K"] + inside["Cl"] + p["Ai"] / y["wi"]
    water = p["kw"] * (solutes - (outside["Na"] + outside["K"] + outside["Cl"] + p["Ao"] / y["wo"]))
    flux = {"Na": -per_current * (sodium + 3.0 * pump), "K": per_current * (2.0 * pump + p["Iinj"] - potassium) - kcc,
            "Cl": per_current * chloride - kcc}
    exchange = {ion: p["kdif"] * (p[f"{ion}b"] - outside[ion]) * y["wo"] for ion in outside}
    slow = (V + 25.0) / 20.0
    rates = {
        "V": (p["Iinj"] - sodium - potassium - chloride - calcium - pump) / p["Cm"],
        "m": 1.28 / exprel(-(V + 54.0) / 4.0) * (1.0 - y["m"]) - 1.4 / exprel((V + 27.0) / 5.0) * y["m"],
        "h": 0.128 * exp(-(V + 50.0) / 18.0) * (1.0 - y["h"]) - 4.0 / (1.0 + exp(-(V + 27.0) / 5.0)) * y["h"],
        "n": 0.16 / exprel(-(V + 52.0) / 5.0) * (1.0 - y["n"]) - 0.5 * exp(-(V + 57.0) / 40.0) * y["n"],
        "s": (1.0 / (1.0 + exp(-(V + 20.0) / 9.0)) - y["s"]) / (0.5 + 8.0 / (exp(slow) + exp(-slow))),
        "Cai": -p["bCa"] * per_current * calcium / 2.0 - p["kCa"] * (y["Cai"] - 1e-4 * y["wi"]),
        "wi": water, "wo": -water + p["kvol"] * (p["wob"] - y["wo"])}
    rates.update({f"{ion}i": flux[ion] for ion in flux})
    rates.update({f"{ion}o": exchange[ion] - flux[ion] for ion in flux})
    return rates


PROBLEMS = {problem.__name__: problem
            for problem in (robertson, hires, forced, constrained, relaxation, orego, van_der_pol, ball, enzyme, spiking_cell)}
