"""A published rate law of a pump: a current or flux as a formula of concentrations and voltage, without an enzyme.

Such a law has no equilibrium of its own: nothing in it knows what ATP gives. The audit says where it runs on although a
turn costs more than that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from pumpleak.base.constants import STANDARD_HYDROLYSIS, STANDARD_HYDROLYSIS_ENTHALPY, Constants
from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.base.names import did_you_mean
from pumpleak.base.sources import Source
from pumpleak.base.units import Quantity, internal_unit, kind, unit
from pumpleak.enzyme.closure import reduced_affinity
from pumpleak.enzyme.conditions import Conditions, gathered
from pumpleak.enzyme.consistency import check_definition, check_use, check_value, measures
from pumpleak.enzyme.cycles import Cycle, net_cycle
from pumpleak.enzyme.rates import VOLTAGE, Numbers, reduced_voltage
from pumpleak.enzyme.step import WATER, Step, changes
from pumpleak.enzyme.temperature import TEMPERATURE, Hydrolysis, Thermal, thermal_at
from pumpleak.system.expression import Expression, evaluate, number, symbols
from pumpleak.system.system import Definition, Parameter, System

VALUE = "value"  # the name that the law's own result has among its definitions
CURRENTS = ("pA", "pA/um2", "pA/pF")
"""Outward current: of a cell, per area, per capacitance."""
TURNS = ("1/ms", "fmol/ms", "fmol/(ms um2)", "mM/ms")
"""Turns: of one pump, of a cell, per area, per volume."""


@dataclass(frozen=True)
class RateLaw:
    """A pump's current or rate of turning as a formula; it says what one turn moves, but not why it should turn.

    taken, released: ligands that one turn takes and gives back, as for a Step; water joins by itself.
    value: the formula, in the names of `parameters` and `definitions`, concentrations such as `inside.Na` [mM],
    membrane.V [mV], x = F V/(R T), and R, F, T. unit: of what it gives; a current is positive outward.
    dG0 [J/mol]: of MgATP + H2O = MgADP + Pi + H at 1 M, by which the audit judges it.
    conditions: named sets of all concentrations [mM] and membrane.V [mV]. origins: keys of the sources of R, F, T and dG0.
    defects: what is known to be wrong.

    Raises ModelError for a turn that makes or loses something, one that makes ATP, or a current without charge;
    UnitError for a unit of neither current nor turning; NameUnknown for a name in the formula that nothing defines.
    """

    name: str
    taken: Mapping[str, int]
    released: Mapping[str, int]
    value: Expression
    unit: str
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    constants: Constants = field(default_factory=Constants)
    dG0: float = STANDARD_HYDROLYSIS
    conditions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    summary: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        dimension = unit(self.unit).dimension
        if dimension not in [unit(each).dimension for each in (*CURRENTS, *TURNS)]:
            raise UnitError(f"{self.name}: its formula gives {kind(unit(self.unit))}; a rate law gives a current or turns, "
                            f"such as {', '.join((*CURRENTS, *TURNS))}").about("value", "unit")
        charge = self.cycle.charge
        if self.cycle.passages["turn"] < 0:
            raise ModelError(f"{self.name}: its reaction makes ATP ({', '.join(self.released)} are released); write it in the "
                             "direction that uses ATP").about("reaction")
        if self.is_current and charge <= 0.0:
            raise ModelError(f"{self.name}: its formula is a current, but one turn moves charge {charge:+g} outward "
                             f"({self.cycle.reaction}); turn the reaction round, or give the rate of turning").about("reaction")
        system = self.system  # refuses names that nothing defines
        for parameter in system.parameters:
            if not math.isfinite(parameter.value):
                raise ModelError(f"{self.name}: {parameter.name} is {parameter.value}; it must be a finite number "
                                 f"[{parameter.unit}]").about(
                                     "constants" if parameter.name in ("R", "F", "T", TEMPERATURE) else "parameters",
                                     parameter.name)
        self._check_dimensions()
        self._check_use()
        for name, condition in self.conditions.items():
            try:
                gathered(f"{self.name}: condition '{name}'", self.known, {}, condition, "", {})
            except (ModelError, NameUnknown, UnitError) as error:
                raise error.about("conditions", name) from None

    def _check_dimensions(self) -> None:
        constants = [each for each in self.system.parameters if each.name not in self.known]
        names = measures(constants, {}, self.definitions, self.ligands)
        for definition in self.definitions:
            check_definition(self.name, definition, names)
        check_value(self.name, self.value, self.unit, names)

    def _check_use(self) -> None:
        check_use(self.name, self.parameters, (self.value, *(each.expression for each in self.definitions)))

    @cached_property
    def cycle(self) -> Cycle:
        """What one turn adds to each place, and the charge it moves outward."""
        turn = Step("turn", "before", "after", number(1.0), number(1.0), self.taken, self.released)
        return net_cycle(self.name, changes([turn])["turn"])

    @property
    def hydrolysis(self) -> Hydrolysis:
        """Free energy of ATP hydrolysis by which it is judged."""
        return Hydrolysis(self.dG0, STANDARD_HYDROLYSIS_ENTHALPY, self.constants.T)

    @property
    def thermal(self) -> Thermal:
        """RT, RT/F and dG0 at its temperature, with the true R and F: a slip in the law's own moves no ion's energy."""
        return thermal_at(Constants(T=self.constants.T), self.hydrolysis, self.constants.T)

    @property
    def is_current(self) -> bool:
        """Whether it gives a current, positive outward, rather than turns."""
        return unit(self.unit).dimension in [unit(each).dimension for each in CURRENTS]

    @cached_property
    def used(self) -> frozenset[str]:
        """Dotted names of what its value depends on: concentrations and membrane.V."""
        return frozenset(symbols([self.system.resolution[VALUE]])) & {*self.ligands, VOLTAGE}

    @cached_property
    def ligands(self) -> tuple[str, ...]:
        """Dotted names of all concentrations that its formula uses or that a turn changes."""
        formulas = symbols([self.value, *(each.expression for each in self.definitions)])
        used = {name for name in formulas if name.startswith(("inside.", "outside."))}
        moved = {name for name in self.cycle.stoichiometry if not name.endswith(f".{WATER}")}
        return tuple(sorted(used | moved))

    @property
    def known(self) -> tuple[str, ...]:
        """What its conditions give: all ligands and membrane.V."""
        return (*self.ligands, VOLTAGE)

    @cached_property
    def system(self) -> System:
        """Its formula as equations: `value` and its definitions, in the internal unit."""
        constants = (Parameter("R", "J/mol/K", self.constants.R), Parameter("F", "C/mol", self.constants.F),
                     Parameter("T", "K", self.constants.T), Parameter(TEMPERATURE, "K", self.constants.T))
        surroundings = [Parameter(each, "mM", 1.0) for each in self.ligands]
        measured = internal_unit(unit(self.unit)).name
        return System(self.name, parameters=(*constants, *self.parameters, *surroundings, Parameter(VOLTAGE, "mV", 0.0)),
                      definitions=(reduced_voltage(), *self.definitions, Definition(VALUE, measured, self.value)))

    def with_values(self, values: Mapping[str, float]) -> RateLaw:
        """The same law with other parameter values [internal units]."""
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                raise NameUnknown(f"{self.name}: '{name}' is not one of its parameters{did_you_mean(name, known)}")
        return replace(self, parameters=tuple(replace(each, value=values.get(each.name, each.value))
                                              for each in self.parameters))


@dataclass(frozen=True)
class LawResponse:
    """What a rate law gives; every array has the shape to which the conditions broadcast.

    value: in the law's own unit. affinity: free energy that one turn releases, negative where it costs more than ATP
    gives. [J/mol]
    """

    law: RateLaw
    conditions: Mapping[str, Numbers]
    value: Numbers
    affinity: Numbers


def respond_law(law: RateLaw, given: Conditions | None = None, base: str = "") -> LawResponse:
    """The value of a rate law at conditions: numbers or arrays that broadcast, over a named condition.

    Raises NameUnknown and ModelError for conditions that do not fit the law, and where its value is not finite.
    """
    values = gathered(law.name, law.known, law.conditions, given or {}, base, {})
    shape = np.broadcast_shapes(*(array.shape for array in values.values()))
    fixed = {each.name: each.value for each in law.system.parameters if each.name not in values}
    with np.errstate(all="ignore"):  # what overflows or divides by zero is named below
        (found,) = evaluate([law.system.resolution[VALUE]], {**fixed, **values})
        value = np.broadcast_to(np.asarray(found, dtype=np.float64), shape) * _factor(law)
    measured = unit(law.unit)
    if not np.all(np.isfinite(value)):
        bad = value[~np.isfinite(value)].flat[0]
        raise ModelError(f"{law.name}: its value is {bad:g} {measured}; it must be finite: give every ligand a positive "
                         "concentration")
    affinity = np.broadcast_to(reduced_affinity(law.cycle, values, law.thermal), shape) * law.thermal.RT
    return LawResponse(law, {name: np.broadcast_to(array, shape) for name, array in values.items()}, value, affinity)


def _factor(law: RateLaw) -> float:
    """The internal unit of a law's value in its own."""
    measured = unit(law.unit)
    return float(Quantity(1.0, internal_unit(measured)).to(measured))
