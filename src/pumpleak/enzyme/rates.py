"""The rates of a scheme as a System of its own, and as numbers at given conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError
from pumpleak.enzyme.step import REDUCED_VOLTAGE, WATER, Step
from pumpleak.system.expression import Expression, evaluate, symbol, symbols
from pumpleak.system.system import Definition, Parameter, System

VOLTAGE = "membrane.V"
DG0 = "dG0"
MILLIMOLAR = 1e-3  # M; standard free energies are for 1 M

Numbers = NDArray[np.float64]
Rates = dict[str, tuple[Numbers, Numbers]]


def ligands_of(steps: Iterable[Step], definitions: Iterable[Definition]) -> tuple[str, ...]:
    """Every concentration that the steps move or the rates use."""
    expressions = [definition.expression for definition in definitions]
    names: set[str] = set()
    for step in steps:
        expressions += [step.forward, step.backward]
        names.update(step.taken, step.released)
    used = {name for name in symbols(expressions) if name.startswith(("inside.", "outside."))}
    return tuple(sorted(name for name in names | used if not name.endswith(f".{WATER}")))


def constants_of(constants: Constants, dG0: float) -> tuple[Parameter, ...]:
    """The scheme's own R, F, T and dG0, under the names that expressions use."""
    return (Parameter("R", "J/mol/K", constants.R), Parameter("F", "C/mol", constants.F),
            Parameter("T", "K", constants.T), Parameter(DG0, "J/mol", dG0))


def reduced_voltage() -> Definition:
    """x = F V/(R T), with V in mV. []"""
    return Definition(REDUCED_VOLTAGE, "1", symbol(VOLTAGE) * (symbol("F") / (1000.0 * symbol("R") * symbol("T"))))


def rate_system(name: str, steps: Sequence[Step], parameters: Sequence[Parameter],
                definitions: Sequence[Definition]) -> System:
    """The rates of all steps [1/ms], named `step.forward` and `step.backward`, with what they are made of.

    Ligands [mM] and membrane.V [mV] are parameters. Raises what a System raises: a name that is not known or is used
    twice, definitions in a circle.
    """
    surroundings = [Parameter(each, "mM", 1.0) for each in ligands_of(steps, definitions)]
    surroundings.append(Parameter(VOLTAGE, "mV", 0.0))
    rates = [Definition(f"{step.name}.{direction}", "1/ms", step.rate(direction))
             for step in steps for direction in ("forward", "backward")]
    return System(name, parameters=(*parameters, *surroundings),
                  definitions=(reduced_voltage(), *definitions, *rates))


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
                                 "it must be finite and not negative")
    return result
