"""Whether the rates of a scheme agree with thermodynamics, and the constants that follow from the demand that they do.

Around every cycle, ln prod(forward/backward) = A/(R T) at any concentrations and voltage, where A is the affinity:
A = -n dG0 - R T sum(nu ln c) + q F V, with c in M, nu what one turn adds, n the ATP it uses, q the charge it moves out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError
from pumpleak.enzyme.cycles import Cycle, called
from pumpleak.enzyme.rates import DG0, MILLIMOLAR, VOLTAGE, Numbers, Rates, rates_at
from pumpleak.enzyme.step import WATER
from pumpleak.enzyme.temperature import TEMPERATURE, Hydrolysis, Thermal, thermal_at
from pumpleak.system.expression import Expression, call, exp, log, number, power, product, substitute, symbol

# Sums of some thirty logarithms, each below 30, keep 1e-13; a wrong digit in a constant gives more than 1e-9.
CLOSURE_TOLERANCE = 1e-9  # of RT
# Where closure is tried: any points would do, these are the same on every machine.
SEED, TRIALS = 1957, 8
DECADES = 2.0  # of concentration around 1 mM
SPAN = 150.0  # mV to either side of 0
COLDER, WARMER = 35.0, 15.0  # K from where the constants hold: from 2 to 52 degC for those of 37 degC

RateTable = Mapping[str, tuple[Expression, Expression]]


@dataclass(frozen=True)
class Closure:
    """How far a cycle's rates are from its affinity, over the points that were tried.

    error [RT]: largest difference. implied [J/mol] (least, most): the dG0 at which the rates would be right; for a
    cycle without ATP, how far their equilibrium is off.
    """

    cycle: str
    error: float
    implied: tuple[float, float]

    @property
    def closes(self) -> bool:
        """Whether the rates obey detailed balance."""
        return self.error <= CLOSURE_TOLERANCE


def ligand_quotient(cycle: Cycle) -> list[tuple[str, int]]:
    """The ligands whose concentrations drive a cycle, with what one turn adds of each."""
    return [(name, count) for name, count in cycle.stoichiometry.items() if not name.endswith(f".{WATER}")]


def affinity(cycle: Cycle, ligands: Mapping[str, Expression], voltage: Expression, faraday: float,
             thermal: Expression, dG0: Expression) -> Expression:
    """Free energy that one turn of a cycle releases, A = -dG. [J/mol]

    ligands [mM], voltage [mV], faraday F [C/mol], thermal RT [J/mol], dG0 [J/mol].
    """
    quotient = ligand_quotient(cycle)
    made = product(ligands[name] ** count for name, count in quotient if count > 0)
    used = product(ligands[name] ** -count for name, count in quotient if count < 0)
    standard = MILLIMOLAR ** sum(count for _, count in quotient)
    chemical = thermal * log(standard * (made / used)) + cycle.hydrolysed * dG0
    return cycle.charge * faraday * 1e-3 * voltage - chemical


def trial_values(ligands: Sequence[str], around: float | None = None) -> dict[str, Numbers]:
    """The conditions at which closure is tried: ligands [mM] over four decades, membrane.V [mV], temperature [K]."""
    random = np.random.default_rng(SEED)
    values = {name: 10.0 ** random.uniform(-DECADES, DECADES, TRIALS) for name in ligands}
    values[VOLTAGE] = random.uniform(-SPAN, SPAN, TRIALS)
    if around is not None:
        values[TEMPERATURE] = around + random.uniform(-COLDER, WARMER, TRIALS)
    return values


def log_ratio(cycle: Cycle, rates: Rates) -> Numbers:
    """ln prod(forward/backward) around a cycle; infinite where a step runs one way only."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [direction * (np.log(rates[step][0]) - np.log(rates[step][1]))
                 for step, direction in cycle.passages.items()]
    return np.asarray(np.sum(terms, axis=0), dtype=np.float64)


def reduced_affinity(cycle: Cycle, values: Mapping[str, float | Numbers], thermal: Thermal) -> Numbers:
    """Affinity of a cycle at given conditions over RT; infinite, or not defined, where ligands are absent. []

    `thermal` is what their temperature sets, as `Scheme.thermal` says it.
    """
    result = np.asarray(values[VOLTAGE], dtype=np.float64) * (cycle.charge / thermal.voltage)
    result = result - cycle.hydrolysed * thermal.dG0 / thermal.RT
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, count in ligand_quotient(cycle):
            result = result - count * np.log(np.asarray(values[name], dtype=np.float64) * MILLIMOLAR)
    return np.asarray(result, dtype=np.float64)


def closure(owner: str, cycle: Cycle, rates: RateTable, values: Mapping[str, float | Numbers], constants: Constants,
            hydrolysis: Hydrolysis) -> Closure:
    """Hold the rates of a cycle against its affinity at conditions; `values` are those and all other numbers."""
    numbers = rates_at(owner, {step: rates[step] for step in cycle.passages}, values)
    thermal = thermal_at(constants, hydrolysis, values[TEMPERATURE])
    excess = log_ratio(cycle, numbers) - reduced_affinity(cycle, values, thermal)
    offset = -excess * constants.RT / max(cycle.hydrolysed, 1)
    start = hydrolysis.dG0 if cycle.hydrolysed else 0.0
    error = float(np.max(np.abs(excess)))
    return Closure(cycle.name, error if math.isfinite(error) else math.inf,
                   (start + float(np.min(offset)), start + float(np.max(offset))))


def refuse_open(owner: str, found: Closure, cycle: Cycle, constants: Constants, dG0: float, *, alone: bool,
                thermal: bool) -> None:
    """Raise ModelError for a cycle whose rates do not agree with its affinity, saying what they imply.

    thermal: whether it was tried at several temperatures.
    """
    least, most = (value / 1000.0 for value in found.implied)
    if not math.isfinite(found.error):
        fault = "has a step that runs one way only, so that it has no equilibrium"
    elif not cycle.hydrolysed:
        fault = f"uses no ATP, but its rates drive it with {-least:.4g} to {-most:.4g} kJ/mol"
    elif 1000.0 * (most - least) > CLOSURE_TOLERANCE * constants.RT:
        fault = (f"does not close: its rates imply a dG0 that runs from {least:.4g} to {most:.4g} kJ/mol with "
                 + ("concentrations, voltage and temperature, so their exponents do not fit its ligands, charge and dH0"
                    if thermal else "concentrations and voltage, so their exponents do not fit its ligands and charge"))
    else:
        fault = (f"does not close: its rates imply dG0 = {most:.4g} kJ/mol, {most - dG0 / 1000.0:+.3g} kJ/mol off the "
                 f"{dG0 / 1000.0:.4g} kJ/mol that the scheme carries")
    raise ModelError(f"{owner}: {called(found.cycle, alone)} {fault}; leave one of its constants to be derived, or, "
                     "for a scheme to be loaded as published, name the flaw in its defects").about(
                         "steps", *(() if alone else (found.cycle,)))


def derive(owner: str, cycles: Sequence[Cycle], rates: RateTable, derived: Sequence[str], ligands: Sequence[str],
           fixed: Mapping[str, float], hint: str = "") -> dict[str, Expression]:
    """Each constant that is left free, as an expression of the others, so that every cycle closes.

    Solved as linear equations in the logarithms: ln prod(forward/backward) must be linear in ln(constant). `hint` ends the
    message about too few cycles.

    Raises ModelError for two free constants in a cycle, and for one that no cycle determines as a power of the others.
    """
    if not derived:
        return {}
    exponents = _exponents(owner, cycles, rates, derived, ligands, fixed)
    chosen = _determining_rows(exponents)
    if len(chosen) < len(derived):
        within = [name for name, column in zip(derived, exponents.T, strict=True) if np.any(column)]
        raise ModelError(f"{owner}: {called(cycles[0].name, len(cycles) == 1)} has {len(derived)} free constants "
                         f"({', '.join(derived)}), but its equilibrium determines {len(chosen)} of "
                         f"{', '.join(within) or 'them'}; give values to the others{hint}").about("parameters", derived[-1])
    ratios = [_standard_ratio(cycles[row], rates, derived, ligands) for row in chosen]
    weights = np.linalg.inv(exponents[chosen])
    return {name: product(_root(ratio, float(weight)) for ratio, weight in zip(ratios, line, strict=True))
            for name, line in zip(derived, weights, strict=True)}


def _exponents(owner: str, cycles: Sequence[Cycle], rates: RateTable, derived: Sequence[str],
               ligands: Sequence[str], fixed: Mapping[str, float]) -> Numbers:
    """The power with which each derived constant (columns) enters prod(forward/backward) of each cycle (rows)."""
    values: dict[str, float | Numbers] = {**trial_values(ligands), **fixed, **dict.fromkeys(derived, 1.0)}

    def ratios(changed: Mapping[str, float]) -> Numbers:
        numbers = rates_at(owner, rates, {**values, **changed})
        for step in dict.fromkeys(step for cycle in cycles for step in cycle.passages):
            for direction, rate in zip(("forward", "backward"), numbers[step], strict=True):
                if not np.all(rate > 0.0):
                    raise ModelError(f"{owner}: {', '.join(derived)} cannot be derived: the {direction} rate of '{step}' is 0, "
                                     "so that nothing balances it; give it a positive constant").about("steps", step, direction)
        return np.array([log_ratio(cycle, numbers) for cycle in cycles])

    start = ratios({})
    result = np.zeros((len(cycles), len(derived)))
    for column, name in enumerate(derived):
        trials = np.stack([(ratios({name: factor}) - start) / math.log(factor) for factor in (2.0, 30.0)], axis=-1)
        spread = float(np.max(np.ptp(trials.reshape(len(cycles), -1), axis=1)))
        if not spread < CLOSURE_TOLERANCE:
            raise ModelError(f"{owner}: '{name}' cannot be derived: prod(forward/backward) of a cycle is no power of "
                             f"it (its exponent varies by {spread:.2g}); give its value and leave another one free").about(
                                 "parameters", name)
        result[:, column] = np.round(trials.reshape(len(cycles), -1).mean(axis=1), 9)
    return result


def _determining_rows(exponents: Numbers) -> list[int]:
    """The first cycles that together determine as many constants as can be."""
    chosen: list[int] = []
    for row in range(len(exponents)):
        if np.linalg.matrix_rank(exponents[[*chosen, row]]) > len(chosen):
            chosen.append(row)
    return chosen


def _standard_ratio(cycle: Cycle, rates: RateTable, derived: Sequence[str], ligands: Sequence[str]) -> Expression:
    """exp(A/RT) over prod(forward/backward) at 1 mM, 0 mV, T and derived constants of 1; 1 where the cycle closes."""
    standard: dict[str, Expression] = {name: number(1.0) for name in (*derived, *ligands)}
    standard.update({VOLTAGE: number(0.0), TEMPERATURE: symbol("T")})
    against = [pair if direction < 0 else pair[::-1]
               for pair, direction in ((rates[step], way) for step, way in cycle.passages.items())]
    numerators = substitute([top for top, _ in against], standard)
    denominators = substitute([bottom for _, bottom in against], standard)
    orders = -sum(count for _, count in ligand_quotient(cycle))
    hydrolysis = exp(-cycle.hydrolysed * symbol(DG0) / (symbol("R") * symbol("T"))) if cycle.hydrolysed else number(1.0)
    return product((MILLIMOLAR**orders, hydrolysis, *(top / bottom for top, bottom in
                                                      zip(numerators, denominators, strict=True))))


def _root(ratio: Expression, weight: float) -> Expression:
    """ratio ** weight; a square root, the usual case of a constant that enters twice, has its own function."""
    return call("sqrt", ratio) if weight == 0.5 else power(ratio, weight)
