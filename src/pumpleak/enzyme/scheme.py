"""Scheme: an enzyme as a graph of reversible steps that obey detailed balance. What breaks physics cannot be built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pumpleak.base.constants import STANDARD_HYDROLYSIS, Constants
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.base.sources import Source
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.closure import Closure, closure, derive, refuse_open, trial_values
from pumpleak.enzyme.cycles import Cycle, held_by, independent_cycles
from pumpleak.enzyme.rates import (
    VOLTAGE,
    Numbers,
    Rates,
    constants_of,
    kinetics_of,
    ligands_of,
    rate_system,
    rates_at,
    resolved_rates,
)
from pumpleak.enzyme.step import Step, changes, ligand
from pumpleak.enzyme.temperature import TEMPERATURE, Hydrolysis, Thermal, thermal_at
from pumpleak.system.expression import Expression, evaluate
from pumpleak.system.system import Definition, Parameter, System


@dataclass(frozen=True)
class Scheme:
    """An enzyme: its states, the steps between them, and the one number (dG0) that ties it to thermodynamics.

    steps: their expressions use the names of `parameters`, `derived` and `definitions`, concentrations such as
    `inside.Na` [mM], `membrane.V` [mV], x = F V/(R temperature), and R, F, T, dG0.
    states: in the order in which they are shown; as the steps name them where none are given.
    derived: unit of each constant that is left to follow from detailed balance, at most one for an independent cycle.
    dG0 [J/mol]: of MgATP + H2O = MgADP + Pi + H at 1 M. density [1/um2]: of pumps in the membrane.
    dH0 [J/mol]: enthalpy of the same reaction. With it the scheme answers to temperature: constants and dG0 hold at
    constants.T; at another `temperature` [K] each step follows its activation enthalpy, and the equilibria follow dH0 and
    `enthalpies` [J/mol], that of each state (0 where none is given). Without it temperature changes RT alone, and with
    it derived constants; all others stay as measured.
    conditions: named sets of all concentrations [mM] and membrane.V [mV]; temperature [K] may be among them.
    defects: what is known to be wrong; a published scheme that does not close must name it here to be built.

    Raises ModelError for a scheme that breaks the conservation of species or charge or detailed balance at any
    temperature, and for enthalpies without dH0; NameUnknown for a name in an expression that nothing defines, and for
    the enthalpy of a state that there is not.
    """

    name: str
    steps: tuple[Step, ...]
    parameters: tuple[Parameter, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    constants: Constants = field(default_factory=Constants)
    dG0: float = STANDARD_HYDROLYSIS
    dH0: float | None = None
    enthalpies: Mapping[str, float] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    density: float | None = None
    conditions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    title: str = ""
    summary: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.states:
            named = dict.fromkeys(state for step in self.steps for state in (step.source, step.target))
            object.__setattr__(self, "states", tuple(named))
        self._check_names()
        self._check_numbers()
        self._check_enthalpies()
        for cycle, found in zip(self.cycles, self.closures, strict=True):
            if not (found.closes or self.defects):
                refuse_open(self.name, found, cycle, self.constants, self.dG0, alone=len(self.cycles) == 1,
                            thermal=self.dH0 is not None)
        for name, condition in self.conditions.items():
            self._check_condition(name, condition)

    @cached_property
    def ligands(self) -> tuple[str, ...]:
        """Dotted names of all concentrations that its rates use."""
        return ligands_of(self.steps, self.definitions)

    @cached_property
    def changes(self) -> dict[str, dict[str, int]]:
        """What one forward turn of each step adds to each place (negative: takes from it), water included."""
        return changes(self.steps)

    @cached_property
    def cycles(self) -> tuple[Cycle, ...]:
        """Its independent cycles, each named by the step that closes it; the first one that transports comes first."""
        found = independent_cycles(self.name, self.states, self.steps, self.changes, flawed=bool(self.defects))
        return tuple(sorted(found, key=lambda cycle: not cycle.stoichiometry))

    @cached_property
    def derivation(self) -> dict[str, Expression]:
        """Each derived constant as an expression of the others, in the scheme's own names."""
        free = [Parameter(name, unit, 1.0) for name, unit in self.derived.items()]
        system = rate_system(self.name, self.steps, (*self._given, *free), self.definitions, self._state_enthalpies)
        return derive(self.name, self.cycles, resolved_rates(system, self.steps), tuple(self.derived), self.ligands,
                      {parameter.name: parameter.value for parameter in self._given})

    @cached_property
    def system(self) -> System:
        """All its rates `step.forward`, `step.backward` [1/ms], with ligands and membrane.V as parameters."""
        derived = [Definition(name, unit, self.derivation[name], "from detailed balance")
                   for name, unit in self.derived.items()]
        system = rate_system(self.name, self.steps, self._given, (*derived, *self.definitions), self._state_enthalpies)
        return replace(system, conservation="reported") if self.defects else system

    @cached_property
    def kinetics(self) -> dict[str, tuple[Expression, Expression]]:
        """Complete forward and backward rate of each step in the scheme's own names, with what temperature does. [1/ms]"""
        return kinetics_of(self.steps, self._state_enthalpies)

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """How well the rates of each cycle agree with its affinity, at all temperatures if the scheme answers to them."""
        return self._closures(self.constants, self.hydrolysis)

    @cached_property
    def follows(self) -> bool:
        """Whether it would close with any dG0 and, without dH0, at any temperature: derived constants see to it."""
        warmer = replace(self.constants, T=self.constants.T + 10.0)
        other = Hydrolysis(self.dG0 + 1000.0, self.hydrolysis.dH0 + 1000.0, warmer.T)
        return all(found.closes for found in self._closures(warmer, other))

    @property
    def hydrolysis(self) -> Hydrolysis:
        """Free energy of ATP hydrolysis as the scheme has it, the same at all temperatures where it states no dH0."""
        return Hydrolysis(self.dG0, self.dG0 if self.dH0 is None else self.dH0, self.constants.T)

    @cached_property
    def values(self) -> dict[str, float]:
        """Numbers of all parameters, derived ones included, and of R, F, T and dG0, in internal units."""
        given = {"T": self.constants.T, **{parameter.name: parameter.value for parameter in self._given}}
        resolved = self.system.resolution
        found = evaluate([resolved[name] for name in self.derived], given)
        return {**given, **{name: float(value) for name, value in zip(self.derived, found, strict=True)}}

    @cached_property
    def charges(self) -> dict[str, float]:
        """Charge theta that each state holds: taken up from inside minus moved outward, 0 for the emptiest state. [e]

        It does not depend on the way by which a state is reached, since every cycle moves what its steps carry.
        """
        gained = {step.name: -step.charge - sum(count * ligand(name).charge
                                                for name, count in self.changes[step.name].items()
                                                if ligand(name).place == "inside") for step in self.steps}
        held = held_by(self.states, self.steps, gained, 0.0)
        empty = held[self.emptiest]
        return {state: charge - empty for state, charge in held.items()}

    @cached_property
    def emptiest(self) -> str:
        """The state that holds the fewest atoms, the first of equals."""
        return min(self.states, key=lambda state: sum(self.contents[state].values()))

    @cached_property
    def contents(self) -> dict[str, dict[str, int]]:
        """Atoms of each element that each state holds, beyond those which all states hold."""
        elements = sorted({element for change in self.changes.values() for name in change
                           for element in SPECIES[ligand(name).species].composition})
        result: dict[str, dict[str, int]] = {state: {} for state in self.states}
        for element in elements:
            bound = {name: -float(sum(count * SPECIES[ligand(each).species].composition.get(element, 0)
                                      for each, count in change.items())) for name, change in self.changes.items()}
            held = held_by(self.states, self.steps, bound, 0.0)
            least = min(held.values())
            for state, count in held.items():
                if count > least:
                    result[state][element] = round(count - least)
        return result

    @property
    def is_explicit(self) -> bool:
        """Whether every step binds its ligands explicitly, so that its states can be followed in time."""
        return not any(step.lumped for step in self.steps)

    def require_explicit(self) -> None:
        """Raise ModelError for a scheme with lumped steps: its states cannot be followed in time."""
        lumped = [f"'{step.name}'" for step in self.steps if step.lumped]
        if lumped:
            raise ModelError(f"{self.name}: depth 'full' needs explicit binding, but the rates of {', '.join(lumped)} "
                             "already contain ligands at equilibrium; use depth 'reduced' or an explicit scheme")

    def with_values(self, values: Mapping[str, float]) -> Scheme:
        """The same scheme with other parameter values [internal units]; derived constants follow."""
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                why = " (it is derived)" if name in self.derived else ""
                raise NameUnknown(f"{self.name}: '{name}' is not one of its parameters{why}{did_you_mean(name, known)}")
        return replace(self, parameters=tuple(replace(parameter, value=values.get(parameter.name, parameter.value))
                                              for parameter in self.parameters))

    def rates(self, conditions: Mapping[str, float | Numbers]) -> Rates:
        """Forward and backward rate of each step at ligands [mM], membrane.V [mV] and temperature [K], by name. [1/ms]

        They broadcast together; without a temperature it is that at which the constants hold.
        """
        return rates_at(self.name, resolved_rates(self.system, self.steps), {**self.values, **conditions})

    def thermal(self, conditions: Mapping[str, float | Numbers]) -> Thermal:
        """RT, RT/F and dG0 at the temperature of these conditions."""
        return thermal_at(self.constants, self.hydrolysis, conditions.get(TEMPERATURE, self.constants.T))

    @property
    def _given(self) -> tuple[Parameter, ...]:
        return (*constants_of(self.constants, self.dG0, self.dH0), *self.parameters)

    @property
    def _state_enthalpies(self) -> Mapping[str, float] | None:
        return None if self.dH0 is None else self.enthalpies

    def _closures(self, constants: Constants, hydrolysis: Hydrolysis) -> tuple[Closure, ...]:
        """How well its rates agree with affinities under these constants, whose T is also where its own hold."""
        table = resolved_rates(self.system, self.steps)
        given = constants_of(constants, hydrolysis.dG0, None if self.dH0 is None else hydrolysis.dH0)
        values: dict[str, float | Numbers] = {each.name: each.value for each in (*given, *self.parameters)}
        values.update(trial_values(self.ligands, None if self.dH0 is None else constants.T))
        return tuple(closure(self.name, cycle, table, values, constants, hydrolysis) for cycle in self.cycles)

    def _check_names(self) -> None:
        seen: dict[str, str] = {}
        for kind, names in (("state", self.states), ("step", [step.name for step in self.steps]),
                            ("parameter", [parameter.name for parameter in self.parameters]),
                            ("derived constant", list(self.derived)),
                            ("definition", [definition.name for definition in self.definitions])):
            for name in names:
                if name in seen:
                    raise ModelError(f"{self.name}: the {kind} '{name}' has the name of a {seen[name]}; "
                                     "every part needs its own name")
                seen[name] = kind
        for step in self.steps:
            for state in (step.source, step.target):
                if state not in self.states:
                    raise NameUnknown(f"{self.name}: step '{step.name}' uses the state '{state}', which is not one of "
                                      f"its states{did_you_mean(state, self.states)}")
        if not self.steps:
            raise ModelError(f"{self.name}: it has {len(self.steps)} steps; a scheme needs a cycle of them")

    def _check_numbers(self) -> None:
        for parameter in self._given:
            if not math.isfinite(parameter.value):
                raise ModelError(f"{self.name}: {parameter.name} is {parameter.value}; it must be a finite number "
                                 f"[{parameter.unit}]")
        if self.density is not None and not 0.0 < self.density < math.inf:
            raise ModelError(f"{self.name}: density is {self.density}; it must be positive and finite [1/um2]")

    def _check_enthalpies(self) -> None:
        stated = {f"step '{step.name}'": step.activation for step in self.steps if step.activation}
        stated.update({f"state '{state}'": value for state, value in self.enthalpies.items()})
        if self.dH0 is None and stated:
            place, value = next(iter(stated.items()))
            raise ModelError(f"{self.name}: {place} has an enthalpy of {value:g} J/mol, but dH0 of ATP hydrolysis is not "
                             "given; give it, such as -24.4 kJ/mol, so that cycles close at every temperature")
        for state, value in self.enthalpies.items():
            if state not in self.states:
                raise NameUnknown(f"{self.name}: an enthalpy is given for '{state}', which is not one of its states"
                                  f"{did_you_mean(state, self.states)}")
            if not math.isfinite(value):
                raise ModelError(f"{self.name}: the enthalpy of '{state}' is {value}; it must be a finite number [J/mol]")

    def _check_condition(self, name: str, condition: Mapping[str, float]) -> None:
        known = (*self.ligands, VOLTAGE)
        for each in known:
            if each not in condition:
                raise ModelError(f"{self.name}: condition '{name}' gives {', '.join(condition) or 'nothing'}; "
                                 f"{each} is missing")
        for each, value in condition.items():
            if each not in (*known, TEMPERATURE):
                raise NameUnknown(f"{self.name}: condition '{name}' sets '{each}', which the scheme does not know"
                                  f"{did_you_mean(each, known)}")
            if each == TEMPERATURE and not value > 0.0:
                raise ModelError(f"{self.name}: condition '{name}' sets {each} to {value}; it must be positive and finite [K]")
            if not math.isfinite(value) or (each != VOLTAGE and value < 0.0):
                raise ModelError(f"{self.name}: condition '{name}' sets {each} to {value}; a concentration must be "
                                 "finite and not negative, a voltage finite")
