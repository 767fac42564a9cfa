"""Charge that an enzyme moves when its voltage jumps, against the voltage, and the Boltzmann curve that sums it up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.special import expit

from pumpleak.base.errors import ModelError, SolveError
from pumpleak.base.units import Quantity
from pumpleak.enzyme.asked import plain, require_mapping
from pumpleak.enzyme.conditions import Conditions
from pumpleak.enzyme.rates import VOLTAGE, Numbers
from pumpleak.enzyme.relaxation import charge_moved, relaxation, require_states, shares_of
from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme

FITTED = 4  # numbers of a Boltzmann curve; as many points at least
# Charge is near 1 e; less than this from the lowest to the highest is what rounding leaves of none.
LEAST_CHARGE = 1e-9


@dataclass(frozen=True)
class Boltzmann:
    """Charge against voltage as of one charge that crosses the field: Q = start + total/(1 + exp(-z F (V - midpoint)/RT)).

    midpoint [mV]. valence: z, the steepness. total, start [e]: whole charge, and charge at the lowest voltages.
    thermal_voltage [mV]: RT/F of the enzyme. misfit [e]: root of the mean square of what the curve leaves.
    """

    midpoint: float
    valence: float
    total: float
    start: float
    thermal_voltage: float
    misfit: float

    def at(self, voltages: ArrayLike) -> Numbers:
        """Charge of the curve at these voltages [mV]. [e]"""
        return _curve(np.asarray(voltages, dtype=np.float64), self.thermal_voltage,
                      np.array([self.midpoint, self.valence, self.total, self.start]))


def charge_voltage(scheme: Scheme, voltages: ArrayLike | Quantity, holding: float | str | Quantity,
                   given: Conditions | None = None, base: str = "",
                   between: tuple[float, float] | None = None) -> Numbers:
    """Charge that one pump moves outward when its voltage jumps from `holding` to each of `voltages` [mV]. [e]

    `charge_voltage(scheme, np.arange(-160, 161, 20), 0.0, {"inside.K": "1e-9 mM", "outside.K": "1e-9 mM"}, "physiological")`.
    Beyond the steady current after the jump. Without potassium (1e-9 mM on both sides) sodium alone moves it, and without
    sodium potassium alone. between [1/s]: count only components with rates from the first to the second, as a record of some
    milliseconds does, or one that is blind to the first microseconds. It has the shape of `voltages`.

    Raises ModelError for a scheme whose lumped steps hide charge, for arrays of concentrations and for conditions that do
    not fit; SolveError where the enzyme may end up in several sets of states.
    """
    require_states(scheme)
    require_mapping(scheme.name, given or {})
    conditions = given or {}
    wanted = plain(scheme.name, VOLTAGE, voltages)
    first = respond(scheme, {**conditions, VOLTAGE: holding}, base)
    if first.current.shape:
        raise ModelError(f"{scheme.name}: charge against voltage is for one condition, but those given have the shape "
                         f"{first.current.shape}; take them one at a time")
    start = shares_of(first)
    after = respond(scheme, {**conditions, VOLTAGE: np.ravel(wanted)}, base)
    found = [charge_moved(last, start) if between is None else relaxation(first, last).charge_between(*between)
             for last in (after.at(place) for place in range(wanted.size))]
    return np.reshape(np.array(found, dtype=np.float64), wanted.shape)


def fit_boltzmann(voltages: ArrayLike, charges: ArrayLike, thermal_voltage: float) -> Boltzmann:
    """The Boltzmann curve nearest to charges [e] at voltages [mV], by least squares; thermal_voltage is RT/F [mV].

    Raises ModelError for fewer than four points, for charges that do not change or are not as many as the voltages;
    SolveError where no curve is found, and where its midpoint lies outside the voltages, as a mere extrapolation.
    """
    at, charge = (np.ravel(np.asarray(each, dtype=np.float64)) for each in (voltages, charges))
    if at.size != charge.size:
        raise ModelError(f"{at.size} voltages come with {charge.size} charges; give one charge for each voltage")
    if at.size < FITTED:
        raise ModelError(f"a Boltzmann curve has {FITTED} numbers, but {at.size} points are given; give more voltages")
    span = float(np.ptp(charge))
    if not LEAST_CHARGE < span < np.inf:
        raise ModelError(f"the charge changes by {span:g} e over all voltages, so it has no midpoint; choose conditions "
                         "under which charge moves")
    order = np.argsort(at)
    rising = 1.0 if charge[order[-1]] >= charge[order[0]] else -1.0
    middle = float(at[np.argmin(np.abs(charge - charge.min() - span / 2.0))])
    # one charge that crosses half of the field or all of it is the rule
    guess = np.array([middle, 1.0, rising * span, charge.min() if rising > 0.0 else charge.max()])

    def left(values: Numbers) -> Numbers:
        return _curve(at, thermal_voltage, values) - charge

    found = least_squares(left, guess, x_scale=np.array([thermal_voltage, 1.0, span, span]), xtol=1e-12, ftol=1e-14, gtol=1e-14)
    misfit = float(np.sqrt(np.mean(found.fun**2)))
    if not found.success:
        raise SolveError(f"no Boltzmann curve fits these {at.size} charges, from {charge.min():.4g} to {charge.max():.4g} e: "
                         f"the best one found misses them by {misfit:.2g} e, {100.0 * misfit / span:.2g} % of their span",
                         hint="they may hold more than one component; `between` of charge_voltage keeps those of some rates")
    midpoint, valence, total, start = (float(value) for value in found.x)
    if valence < 0.0:  # the same curve, read from its other end
        valence, total, start = -valence, -total, start + total
    if not at.min() <= midpoint <= at.max():
        raise SolveError(f"the Boltzmann curve nearest to these {at.size} charges has its midpoint at {midpoint:.4g} mV, "
                         f"outside the voltages from {at.min():g} to {at.max():g} mV: an extrapolation",
                         hint="give voltages on both sides of it; where charge moves in more than one component, `between` of "
                              "charge_voltage keeps those of some rates")
    return Boltzmann(midpoint, valence, total, start, thermal_voltage, misfit)


def _curve(voltages: Numbers, thermal_voltage: float, values: Numbers) -> Numbers:
    midpoint, valence, total, start = values
    return np.asarray(start + total * expit(valence * (voltages - midpoint) / thermal_voltage), dtype=np.float64)
