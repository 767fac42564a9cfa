"""What temperature does to an enzyme: Arrhenius factors of its steps, and the free energy of hydrolysis.

Each state has an enthalpy and each step an activation enthalpy; of the ligands only ATP has one, minus that of its
hydrolysis. What a step gains forward it loses backward, so that around every cycle the enthalpies add up to that of the
ATP used, and a cycle that closes at one temperature closes at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.constants import STANDARD_HYDROLYSIS, STANDARD_HYDROLYSIS_ENTHALPY, ZERO_CELSIUS, Constants
from pumpleak.enzyme.step import Step
from pumpleak.system.expression import Expression, exp, number, symbol
from pumpleak.system.system import Definition

TEMPERATURE = "temperature"
DH0 = "dH0"
COLDEST, HOTTEST = 200.0, 400.0  # K; no enzyme works outside, and degrees Celsius written as kelvin, or so read, lie there
COLD = "cold"  # the name of (1/temperature - 1/T)/R, by which Arrhenius factors grow

Kelvin = TypeVar("Kelvin", float, NDArray[np.float64], Expression)


@dataclass(frozen=True)
class Hydrolysis:
    """Standard free energy of MgATP + H2O = MgADP + Pi + H at 1 M and one temperature, and its enthalpy.

    dG0, dH0 [J/mol], T [K].
    """

    dG0: float
    dH0: float
    T: float

    def at(self, temperature: Kelvin) -> Kelvin:
        """Standard free energy at another temperature: dG0 T'/T + dH0 (1 - T'/T), dH0 taken as constant. [J/mol]

        By Gibbs and Helmholtz, d(dG/T)/d(1/T) = dH.
        """
        return gibbs_helmholtz(self.dG0, self.dH0, temperature / self.T)


STANDARD = Hydrolysis(STANDARD_HYDROLYSIS, STANDARD_HYDROLYSIS_ENTHALPY, 310.0)
"""The reaction in a cell, as of the temperature for which its dG0 is known."""


def gibbs_helmholtz(dG0: Kelvin | float, dH0: Kelvin | float, ratio: Kelvin) -> Kelvin:
    """Standard free energy at `ratio` times the temperature at which it is dG0. [J/mol]"""
    return ratio * dG0 + (1.0 - ratio) * dH0


@dataclass(frozen=True)
class Thermal:
    """What the temperature of some conditions sets: RT [J/mol], RT/F [mV], dG0 of hydrolysis [J/mol]."""

    RT: NDArray[np.float64]
    voltage: NDArray[np.float64]
    dG0: NDArray[np.float64]


def thermal_at(constants: Constants, hydrolysis: Hydrolysis, temperature: float | NDArray[np.float64]) -> Thermal:
    """What a temperature [K] sets."""
    kelvin = np.asarray(temperature, dtype=np.float64)
    RT = np.asarray(constants.R * kelvin)
    return Thermal(RT, np.asarray(1000.0 * RT / constants.F), np.asarray(hydrolysis.at(kelvin)))


def beyond_life(kelvin: float) -> str:
    """Return what a message says of a temperature at which no enzyme works, nothing of any other."""
    if COLDEST <= kelvin <= HOTTEST:
        return ""
    meant = ""
    if COLDEST <= kelvin - ZERO_CELSIUS <= HOTTEST:
        meant = f"; was {kelvin - ZERO_CELSIUS:.6g} K meant, not {kelvin - ZERO_CELSIUS:.6g} degC?"
    elif COLDEST <= kelvin + ZERO_CELSIUS <= HOTTEST:
        meant = f"; was {kelvin:.6g} degC meant, which is {kelvin + ZERO_CELSIUS:.6g} K?"
    return f"{kelvin:.6g} K; an enzyme works between {COLDEST:g} and {HOTTEST:g} K{meant}"


def cold() -> Definition:
    """(1/temperature - 1/T)/R, with T the temperature at which the constants hold. [mol/J]"""
    return Definition(COLD, "mol/J", (1.0 / symbol(TEMPERATURE) - 1.0 / symbol("T")) / symbol("R"))


def reaction_enthalpy(step: Step, enthalpies: Mapping[str, float]) -> Expression:
    """Enthalpy of one forward turn: what the target holds beyond the source and the ATP that was bound. [J/mol]"""
    bound = sum(-count for name, count in step.change.items() if name.endswith(".ATP"))
    held = enthalpies.get(step.target, 0.0) - enthalpies.get(step.source, 0.0)
    return number(held) + bound * symbol(DH0)


def arrhenius(step: Step, enthalpies: Mapping[str, float]) -> tuple[Expression, Expression]:
    """What the forward and the backward constant of a step are multiplied with at another temperature. []

    k(T') = k(T) exp(-E cold), with E the activation enthalpy, backward less the enthalpy of the reaction. A lumped
    step's rates hold their temperature already.
    """
    if step.lumped:
        return number(1.0), number(1.0)
    backward = step.activation - reaction_enthalpy(step, enthalpies)
    return exp(-step.activation * symbol(COLD)), exp(-backward * symbol(COLD))
