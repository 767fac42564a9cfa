"""The constants of nature, and the three of them that a published model may carry in its own rounding.

Source: CODATA 2018 (Tiesinga et al. 2021, Rev. Mod. Phys. 93:025010); all four are exact since the SI of 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pumpleak.base.errors import ModelError

N_A = 6.02214076e23
"""Things in a mole. [1/mol]"""
MOLECULE = 1e15 / N_A
"""One particle. [fmol]"""
R = 8.31446261815324
"""Gas constant. [J/mol/K]"""
F = 96485.33212331
"""Charge of a mole of elementary charges, also of a fmol in fC. [C/mol]"""
ELEMENTARY = 1.602176634e-4
"""Elementary charge. [fC]"""
STANDARD_HYDROLYSIS = 11_900.0
"""dG0 of MgATP + H2O = MgADP + HPO4 + H at 1 M and 310 K: the one external constant of schemes and cells of ours. [J/mol]

Source: as Pan et al. 2018 (arXiv 1806.04341) take it for their pump; it is -30.2 kJ/mol at pH 7.1. The binding constants of
catalog/data/speciation.yaml give the same, 11.90 kJ/mol, at an ionic strength of 0.10 M.
"""
STANDARD_HYDROLYSIS_ENTHALPY = -23_700.0
"""Enthalpy of the same reaction at the same ionic strength, 0.10 M, taken as constant. [J/mol]

Source: computed as d(dG0/T)/d(1/T) of the same binding constants at 0.10 M, whose activity coefficients change with
temperature: -23.79 kJ/mol at 24, -23.68 at 37 degC. At zero ionic strength it is -24.4, the sum of the enthalpies of
formation in the tables of Alberty (2003, 2006): MgATP -4063.31, H2O -285.83, HPO4 -1299.00, H 0, and MgADP -3074.54, that is
ADP -2626.54, Mg -467.00 and 19.0 for their binding (of Alberty & Goldberg 1992, Biochemistry 31:10610, but not checked
against a table).
"""
ZERO_CELSIUS = 273.15
"""0 degC, exact by definition. [K]"""
BODY_TEMPERATURE = 310.15
"""37 degC, where a mammal's cell works unless a model says otherwise; STANDARD_HYDROLYSIS is used as of here. [K]"""


@dataclass(frozen=True)
class Constants:
    """Gas constant, Faraday constant and temperature that a model computes with; published ones round them.

    R [J/mol/K], F [C/mol], T [K]. Raises ModelError if one is not positive and finite.
    """

    R: float = R
    F: float = F
    T: float = BODY_TEMPERATURE

    def __post_init__(self) -> None:
        usual = (("R", self.R, "8.314 J/mol/K"), ("F", self.F, "96485 C/mol"), ("T", self.T, "310.15 K"))
        for name, value, example in usual:
            if not (math.isfinite(value) and value > 0):
                raise ModelError(f"constants.{name}: given {value}; it must be positive and finite, such as {example}")

    @property
    def RT(self) -> float:
        """Thermal energy of a mole. [J/mol]"""
        return self.R * self.T

    @property
    def thermal_voltage(self) -> float:
        """RT/F, the voltage that carries a unit charge's thermal energy. [mV]"""
        return 1000.0 * self.R * self.T / self.F
