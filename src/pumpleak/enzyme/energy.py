"""Where the free energy of a pump's turn comes from and goes: ATP, the work on each ion, and what is lost."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.enzyme.closure import log_ratio, reduced_affinity
from pumpleak.enzyme.conditions import Conditions, surroundings
from pumpleak.enzyme.cycles import HYDROLYSIS, Cycle
from pumpleak.enzyme.rates import MILLIMOLAR, VOLTAGE, Numbers
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import steady_numbers
from pumpleak.enzyme.step import WATER, ligand

WIDEST = 1000.0  # mV; beyond any reversal potential of ATP, 60 kJ/mol on one charge is 620 mV
POINTS = 201  # 10 mV apart; two reversals of one cycle that close cannot be, its affinity is linear in V
FINEST = 1e-10  # mV; the affinity's own rounding is 1e-13 RT/F


def hydrolysis_energy(scheme: Scheme, conditions: Conditions) -> Numbers:
    """Free energy of the hydrolysis of ATP inside, dG_ATP = dG0 + RT ln([ADP][Pi][H]/[ATP]). [J/mol]

    Raises ModelError for a scheme that does not name all of these ligands.
    """
    values = surroundings(scheme, conditions)
    result = np.asarray(scheme.dG0, dtype=np.float64)
    for species, count in HYDROLYSIS.items():
        name = f"inside.{species}"
        if species == WATER:
            continue
        if name not in values:
            raise ModelError(f"{scheme.name}: it does not use {name}, so it has no free energy of ATP hydrolysis; "
                             f"its ligands are {', '.join(scheme.ligands)}")
        with np.errstate(divide="ignore"):
            result = result + scheme.constants.RT * count * np.log(values[name] * MILLIMOLAR)
    return result


def transport_work(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> dict[str, Numbers]:
    """Work that one turn of a cycle does on each ion it carries: n (RT ln c + z F V) after minus before. [J/mol]"""
    values = surroundings(scheme, conditions)
    constants = scheme.constants
    work: dict[str, Numbers] = {}
    for name, count in cycle.stoichiometry.items():
        each = ligand(name)
        if each.species in HYDROLYSIS:
            continue
        electric = each.charge * constants.F * 1e-3 * values[VOLTAGE] if each.place == "inside" else np.float64(0.0)
        with np.errstate(divide="ignore"):
            part = count * (constants.RT * np.log(values[name]) + electric)
        work[each.species] = np.asarray(work.get(each.species, 0.0) + part, dtype=np.float64)
    return work


def cycle_affinity(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> Numbers:
    """Free energy that one turn of a cycle releases, -dG_ATP less the work on the ions. [J/mol]"""
    values = surroundings(scheme, conditions)
    return reduced_affinity(cycle, values, scheme.constants, scheme.dG0) * scheme.constants.RT


def efficiency(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> Numbers:
    """Share of the free energy of ATP that one turn of a cycle stores in ion gradients; above 1 it runs backward. []

    Raises ModelError for a cycle without ATP.
    """
    if not cycle.hydrolysed:
        raise ModelError(f"{scheme.name}: {cycle.reaction} uses no ATP, so it has no efficiency")
    supplied = -cycle.hydrolysed * hydrolysis_energy(scheme, conditions)
    return (supplied - cycle_affinity(scheme, cycle, conditions)) / supplied


def reversal_predicted(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> Numbers:
    """Voltage at which a cycle's affinity is zero: V = -A(0 mV)/(q F); membrane.V need not be given. [mV]

    For 3 Na : 2 K this is (dG_ATP + 3 RT ln(Na_o/Na_i) + 2 RT ln(K_i/K_o))/F.

    Raises ModelError for a cycle that moves no charge.
    """
    if not cycle.charge:
        raise ModelError(f"{scheme.name}: {cycle.reaction} moves charge {cycle.charge:+g}, so no voltage reverses it")
    at_zero = cycle_affinity(scheme, cycle, {**conditions, VOLTAGE: 0.0})
    return -at_zero / (cycle.charge * scheme.constants.F) * 1e3


def reversal_found(scheme: Scheme, conditions: Conditions) -> float:
    """Voltage at which the first cycle's steady flux is zero, found on the fluxes alone. [mV]

    Raises SolveError where it does not change sign within 1 V.
    """
    def flux(voltage: float | Numbers) -> Numbers:
        values = surroundings(scheme, {**conditions, VOLTAGE: voltage})
        return steady_numbers(scheme, scheme.rates(values)).fluxes[scheme.cycles[0].name]

    grid = np.linspace(-WIDEST, WIDEST, POINTS)
    values = flux(grid)
    crossings = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) <= 0.0)
    if not crossings.size:
        raise SolveError(f"{scheme.name}: its turnover keeps its sign from {-WIDEST:g} to {WIDEST:g} mV "
                         f"({values[0] * 1e3:.3g} to {values[-1] * 1e3:.3g} 1/s); no voltage there reverses it")
    nearest = crossings[np.argmin(np.abs(grid[crossings]))]
    return float(brentq(lambda voltage: float(flux(voltage)), grid[nearest], grid[nearest + 1], xtol=FINEST))


def implied_dG0(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> Numbers:
    """Standard free energy of ATP hydrolysis at which a cycle's rates would obey detailed balance. [J/mol]

    Raises ModelError for a cycle without ATP.
    """
    if not cycle.hydrolysed:
        raise ModelError(f"{scheme.name}: {cycle.reaction} uses no ATP, so it implies no dG0")
    values = surroundings(scheme, conditions)
    excess = log_ratio(cycle, scheme.rates(values)) - reduced_affinity(cycle, values, scheme.constants, scheme.dG0)
    return scheme.dG0 - excess * scheme.constants.RT / cycle.hydrolysed
