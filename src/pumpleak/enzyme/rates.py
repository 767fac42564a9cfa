"""The rates of a scheme as a System of its own, and as numbers at given conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.enzyme.step import REDUCED_VOLTAGE, WATER, Step
from pumpleak.enzyme.temperature import COLDEST, DH0, HOTTEST, TEMPERATURE, arrhenius, beyond_life, cold
from pumpleak.system.expression import Expression, evaluate, symbol, symbols
from pumpleak.system.system import Definition, Parameter, System

VOLTAGE = "membrane.V"
DG0 = "dG0"
MILLIMOLAR = 1e-3  # M; standard free energies are for 1 M

Numbers = NDArray[np.float64]
Rates = dict[str, tuple[Numbers, Numbers]]


def impossible(name: str, values: float | Numbers) -> str:
    """What a message says of the first of some values that no surroundings have, nothing where all are possible."""
    array = np.asarray(values, dtype=np.float64)
    if name == TEMPERATURE:
        wrong = ~((array >= COLDEST) & (array <= HOTTEST))
        return beyond_life(float(array[wrong].flat[0])) if np.any(wrong) else ""
    wrong = ~np.isfinite(array) if name == VOLTAGE else ~(np.isfinite(array) & (array >= 0.0))
    right = "a voltage must be finite" if name == VOLTAGE else "a concentration must be finite and not negative"
    return f"{array[wrong].flat[0]:g}; {right}" if np.any(wrong) else ""


def ligands_of(steps: Iterable[Step], definitions: Iterable[Definition]) -> tuple[str, ...]:
    """Every concentration that the steps move or the rates use."""
    expressions = [definition.expression for definition in definitions]
    names: set[str] = set()
    for step in steps:
        expressions += [step.forward, step.backward]
        names.update(step.taken, step.released)
    used = {name for name in symbols(expressions) if name.startswith(("inside.", "outside."))}
    return tuple(sorted(name for name in names | used if not name.endswith(f".{WATER}")))


def constants_of(constants: Constants, dG0: float, dH0: float | None) -> tuple[Parameter, ...]:
    """The scheme's own R, F and dG0, and the temperature, under the names that expressions use.

    With dH0, T is the temperature at which constants and dG0 hold, without it that at which the scheme is asked.
    """
    given = [Parameter("R", "J/mol/K", constants.R), Parameter("F", "C/mol", constants.F),
             Parameter(TEMPERATURE, "K", constants.T), Parameter(DG0, "J/mol", dG0)]
    if dH0 is not None:
        given += [Parameter("T", "K", constants.T), Parameter(DH0, "J/mol", dH0)]
    return tuple(given)


def reduced_voltage() -> Definition:
    """x = F V/(R temperature), with V in mV. []"""
    per_volt = symbol("F") / (1000.0 * symbol("R") * symbol(TEMPERATURE))
    return Definition(REDUCED_VOLTAGE, "1", symbol(VOLTAGE) * per_volt)


def kinetics_of(steps: Iterable[Step], enthalpies: Mapping[str, float] | None) -> dict[str, tuple[Expression, Expression]]:
    """Complete forward and backward rate of each step in the scheme's own names, Arrhenius factors included. [1/ms]"""
    found = {}
    for step in steps:
        forward, backward = step.rate("forward"), step.rate("backward")
        if enthalpies is not None:
            factors = arrhenius(step, enthalpies)
            forward, backward = forward * factors[0], backward * factors[1]
        found[step.name] = forward, backward
    return found


def rate_system(name: str, steps: Sequence[Step], parameters: Sequence[Parameter], definitions: Sequence[Definition],
                enthalpies: Mapping[str, float] | None) -> System:
    """The rates of all steps [1/ms], named `step.forward` and `step.backward`, with what they are made of.

    Ligands [mM] and membrane.V [mV] are parameters; `enthalpies` are those of the states, None for a scheme that does
    not answer to temperature. Raises what a System raises: a name that is not known or is used twice, definitions in a
    circle.
    """
    surroundings = [Parameter(each, "mM", 1.0) for each in ligands_of(steps, definitions)]
    surroundings.append(Parameter(VOLTAGE, "mV", 0.0))
    rates = [Definition(f"{step}.{direction}", "1/ms", rate) for step, pair in kinetics_of(steps, enthalpies).items()
             for direction, rate in zip(("forward", "backward"), pair, strict=True)]
    thermal = Definition("T", "K", symbol(TEMPERATURE)) if enthalpies is None else cold()
    try:
        return System(name, parameters=(*parameters, *surroundings),
                      definitions=(reduced_voltage(), thermal, *definitions, *rates))
    except NameUnknown as error:
        step, _, direction = "".join(error.part).rpartition(".")
        raise (error.about("steps", step, direction) if step else error.about("definitions", direction)) from None


def resolved_rates(system: System, steps: Iterable[Step]) -> dict[str, tuple[Expression, Expression]]:
    """Forward and backward rate of each step [1/ms], in parameters, ligands and membrane.V alone."""
    return {step.name: (system.resolution[f"{step.name}.forward"], system.resolution[f"{step.name}.backward"])
            for step in steps}


def rates_at(owner: str, rates: Mapping[str, tuple[Expression, Expression]],
             values: Mapping[str, float | Numbers]) -> Rates:
    """The rates as numbers, each of the shape that the values broadcast to. [1/ms]

    Raises ModelError for a rate that is negative or not finite.
    """
    shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
    with np.errstate(all="ignore"):  # what overflows or divides by zero is named below
        found = evaluate([each for pair in rates.values() for each in pair], values)
    arrays = [np.broadcast_to(np.asarray(each, dtype=np.float64), shape) for each in found]
    result = dict(zip(rates, zip(arrays[::2], arrays[1::2], strict=True), strict=True))
    for name, pair in result.items():
        for direction, array in zip(("forward", "backward"), pair, strict=True):
            bad = array[~(np.isfinite(array) & (array >= 0.0))]
            if bad.size:
                raise ModelError(f"{owner}: the rate {name}.{direction} is {bad.flat[0]:g} 1/ms; "
                                 "it must be finite and not negative").about("steps", name, direction)
    return result
