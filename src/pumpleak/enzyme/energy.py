"""Where the free energy of a pump's turn comes from and goes: ATP, the work on each ion, and what is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.enzyme.asked import require_mapping, require_scheme
from pumpleak.enzyme.closure import reduced_affinity
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

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme, and ModelError for a scheme that
    does not name all of these ligands.
    """
    values = surroundings(scheme, conditions)
    thermal = scheme.thermal(values)
    result = thermal.dG0
    for species, count in HYDROLYSIS.items():
        name = f"inside.{species}"
        if species == WATER:
            continue
        if name not in values:
            raise ModelError(f"{scheme.name}: it does not use {name}, so it has no free energy of ATP hydrolysis; "
                             f"its ligands are {', '.join(scheme.ligands)}")
        with np.errstate(divide="ignore"):
            result = result + thermal.RT * count * np.log(values[name] * MILLIMOLAR)
    return result


def transport_work(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> dict[str, Numbers]:
    """Work that one turn of a cycle does on each ion it carries: n (RT ln c + z F V) after minus before. [J/mol]

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme.
    """
    values = surroundings(scheme, conditions)
    work: dict[str, Numbers] = {}
    for name, count in cycle.stoichiometry.items():
        species = ligand(name).species
        if species not in HYDROLYSIS:
            part = count * ion_potential(scheme, name, values)
            work[species] = np.asarray(work.get(species, 0.0) + part, dtype=np.float64)
    return work


def ion_potential(scheme: Scheme, name: str, values: Mapping[str, Numbers]) -> Numbers:
    """Electrochemical potential of a ligand, RT ln c + z F V (V inside, 0 outside), from that at 1 mM on. [J/mol]

    Without limit for one that is absent.
    """
    each = ligand(name)
    with np.errstate(divide="ignore"):
        chemical = scheme.thermal(values).RT * np.log(values[name])
    electric = each.charge * scheme.constants.F * 1e-3 * values[VOLTAGE] if each.place == "inside" else 0.0
    return np.asarray(chemical + electric, dtype=np.float64)


def cycle_affinity(scheme: Scheme, cycle: Cycle, conditions: Conditions) -> Numbers:
    """Free energy that one turn of a cycle releases, -dG_ATP less the work on the ions. [J/mol]

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme.
    """
    values = surroundings(scheme, conditions)
    return reduced_affinity(cycle, values, scheme.thermal(values)) * scheme.thermal(values).RT


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
    flux = _summed(scheme, conditions, {scheme.cycles[0].name: 1.0})
    found = _zero(flux)
    if found is None:
        ends = flux(np.array([-WIDEST, WIDEST])) * 1e3
        raise SolveError(f"{scheme.name}: its turnover keeps its sign from {-WIDEST:g} to {WIDEST:g} mV "
                         f"({ends[0]:.3g} to {ends[1]:.3g} 1/s); no voltage there reverses it")
    return found


@dataclass(frozen=True)
class Reversals:
    """Voltages at which something stands still, None where it does not between -1 and 1 V. [mV]

    coupled: where the first cycle's affinity is zero; all of them are there for a scheme of one cycle. ATP, current, Na, K:
    where their steady flux changes sign, which slip moves away from `coupled` and apart. Of several zeros, the one nearest
    to 0 mV.
    """

    coupled: float | None
    ATP: float | None
    current: float | None
    Na: float | None
    K: float | None

    def __str__(self) -> str:
        found = {"coupled cycle": self.coupled, "ATP": self.ATP, "current": self.current, "Na": self.Na, "K": self.K}
        return "reversals: " + ", ".join(f"{name} none" if value is None else f"{name} {value:.2f} mV"
                                         for name, value in found.items())

    __repr__ = __str__


def reversals(scheme: Scheme, given: Conditions | None = None, base: str = "") -> Reversals:
    """The voltage that the first cycle's affinity predicts, and those at which each flux is zero, at one set of conditions.

    `reversals(scheme, {"outside.K": "5 mM"}, "physiological")`; membrane.V need not be given.

    Raises NameUnknown, UnitError and ModelError for conditions that do not fit the scheme, and for arrays; SolveError where
    ligands that are absent leave more than one state in which the enzyme may end up.
    """
    require_scheme(scheme, "reversals")
    require_mapping(scheme.name, given or {})
    conditions = surroundings(scheme, {**(given or {}), VOLTAGE: 0.0}, base)
    for name, value in conditions.items():
        if value.shape:
            raise ModelError(f"{scheme.name}: reversals are for one condition, but {name} has the shape {value.shape}; take "
                             "its values one at a time")
    first = scheme.cycles[0]
    coupled = float(reversal_predicted(scheme, first, conditions)) if first.charge else None
    weights = ({cycle.name: float(cycle.hydrolysed) for cycle in scheme.cycles},
               {cycle.name: cycle.charge for cycle in scheme.cycles},
               {cycle.name: float(cycle.stoichiometry.get("outside.Na", 0)) for cycle in scheme.cycles},
               {cycle.name: float(cycle.stoichiometry.get("inside.K", 0)) for cycle in scheme.cycles})
    return Reversals(coupled, *(_zero(_summed(scheme, conditions, each)) for each in weights))


def _summed(scheme: Scheme, conditions: Conditions, weights: Mapping[str, float]) -> Callable[[float | Numbers], Numbers]:
    """A sum of cycle fluxes as a function of voltage. [1/ms]"""
    def flux(voltage: float | Numbers) -> Numbers:
        values = surroundings(scheme, {**conditions, VOLTAGE: voltage})
        fluxes = steady_numbers(scheme, scheme.rates(values)).fluxes
        return np.asarray(sum(weight * fluxes[name] for name, weight in weights.items() if weight) + np.zeros_like(voltage))

    return flux


def _zero(flux: Callable[[float | Numbers], Numbers]) -> float | None:
    """The voltage nearest to 0 at which a flux changes sign, to FINEST. [mV]"""
    from scipy.optimize import brentq  # half a second to load, and most uses of this module ask for no zero

    grid = np.linspace(-WIDEST, WIDEST, POINTS)
    signs = np.sign(flux(grid))
    crossings = np.flatnonzero((signs[:-1] * signs[1:] <= 0.0) & (signs[:-1] != signs[1:]))
    if not crossings.size:
        return None
    nearest = crossings[np.argmin(np.abs(grid[crossings]))]
    return float(brentq(lambda voltage: float(flux(voltage)), grid[nearest], grid[nearest + 1], xtol=FINEST))


def double_equilibrium(scheme: Scheme, conditions: Conditions) -> dict[str, Numbers]:
    """Conditions with as much Na and K inside as brings all ways of using ATP to rest at once. [mM, mV, K]

    With n RT ln c of an ion in the affinity of each: for turns of 3 Na : 2 K and of 3 Na : 0 K, that is where
    dG_ATP + 3 dmu_Na and dmu_K are both zero.

    Raises ModelError for a scheme whose ways of using ATP two ions cannot all bring to rest.
    """
    values = dict(surroundings(scheme, conditions))
    ways = list({cycle.reaction: cycle for cycle in scheme.cycles if cycle.hydrolysed}.values())
    ions = ("inside.Na", "inside.K")
    counts = np.array([[cycle.stoichiometry.get(name, 0) for name in ions] for cycle in ways], dtype=np.float64)
    if not ways or np.linalg.matrix_rank(counts) < len(ways):
        raise ModelError(f"{scheme.name}: its {len(ways)} ways of using ATP ({'; '.join(cycle.reaction for cycle in ways)}) "
                         f"cannot all be brought to rest by {' and '.join(ions)}")
    thermal = scheme.thermal(values)
    excess = np.stack([np.asarray(cycle_affinity(scheme, cycle, values) / thermal.RT) for cycle in ways])
    # the affinity falls by n RT for each unit of ln c
    for name, rise in zip(ions, np.tensordot(np.linalg.pinv(counts), excess, axes=1), strict=True):
        values[name] = np.asarray(values[name] * np.exp(rise))
    return values
