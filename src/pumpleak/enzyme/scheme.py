"""Scheme: an enzyme as a graph of reversible steps that obey detailed balance. What breaks physics cannot be built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pumpleak.base.constants import STANDARD_HYDROLYSIS, STANDARD_HYDROLYSIS_ENTHALPY, Constants
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.base.sources import Source
from pumpleak.base.species import SPECIES
from pumpleak.enzyme.closure import Closure, closure, derive, refuse_open, trial_values
from pumpleak.enzyme.consistency import check_definition, check_step, check_use, measures
from pumpleak.enzyme.cycles import Cycle, held_by, independent_cycles, loose_ends
from pumpleak.enzyme.rates import (
    DG0,
    VOLTAGE,
    Numbers,
    Rates,
    constants_of,
    impossible,
    kinetics_of,
    ligands_of,
    rate_system,
    rates_at,
    resolved_rates,
)
from pumpleak.enzyme.step import Step, changes, ligand
from pumpleak.enzyme.temperature import TEMPERATURE, Hydrolysis, Thermal, beyond_life, thermal_at
from pumpleak.system.expression import Expression, evaluate
from pumpleak.system.system import Definition, Parameter, System

SECTIONS = {"state": "steps", "step": "steps", "definition": "definitions"}  # where a file holds them; else parameters


@dataclass(frozen=True)
class Scheme:
    """An enzyme: its states, the steps between them, and the one number (dG0) that ties it to thermodynamics.

    steps: their expressions use the names of `parameters`, `derived` and `definitions`, concentrations such as
    `inside.Na` [mM], `membrane.V` [mV], x = F V/(R temperature), and R, F, T, dG0.
    states: in the order in which they are shown; as the steps name them where none are given.
    derived: unit of each constant that is left to follow from detailed balance, at most one for an independent cycle.
    dG0 [J/mol]: of MgATP + H2O = MgADP + Pi + H at 1 M and constants.T. density [1/um2]: of pumps in the membrane.
    dH0 [J/mol]: enthalpy of the same reaction. With it the scheme answers to temperature: constants and dG0 hold at
    constants.T; at another `temperature` [K] each step follows its activation enthalpy, and the equilibria follow dH0 and
    `enthalpies` [J/mol], that of each state (0 where none is given). Without it temperature changes RT, dG0, by the
    enthalpy of the reaction itself, and with them derived constants; all others stay as measured.
    conditions: named sets of all concentrations [mM] and membrane.V [mV]; temperature [K] may be among them.
    presumed [mM]: ligands that its authors did not vary, at the values for which its constants hold; they count wherever
    nothing else is given, in conditions too.
    origins: keys of the sources of R, F, T, dG0, dH0 and of what is presumed.
    defects: what is known to be wrong; a published scheme that does not close must name it here to be built.
    made: by a program, out of a scheme that was checked: its formulas hold enthalpies and constants that were plain numbers
    without their units, so that units are not compared.

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
    presumed: Mapping[str, float] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    summary: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    made: bool = False

    def __post_init__(self) -> None:
        if not self.states:
            named = dict.fromkeys(state for step in self.steps for state in (step.source, step.target))
            object.__setattr__(self, "states", tuple(named))
        self._check_names()
        self._check_numbers()
        self._check_enthalpies()
        self._check_dimensions()
        for cycle, found in zip(self.cycles, self.closures, strict=True):
            if not (found.closes or self.defects):
                refuse_open(self.name, found, cycle, self.constants, self.dG0, alone=len(self.cycles) == 1,
                            thermal=self.dH0 is not None)
        self._check_use()
        self._check_presumed()
        object.__setattr__(self, "conditions", {name: {**self.presumed, **each} for name, each in self.conditions.items()})
        for name, condition in self.conditions.items():
            self._check_condition(name, condition)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.title}" if self.title else self.name,
                 f"  {len(self.states)} states, {len(self.steps)} steps, {len(self.parameters)} constants, {len(self.derived)} "
                 f"derived; dG0 {self.dG0 / 1000.0:.4g} kJ/mol at {self.constants.T:g} K"]
        lines += [f"  {cycle.name}: {cycle.reaction}, charge {cycle.charge:+g} outward" for cycle in self.cycles
                  if cycle.stoichiometry]
        lines += [f"  conditions: {', '.join(self.conditions)}"] if self.conditions else []
        return "\n".join([*lines, *(f"  defect: {defect}" for defect in self.defects)])

    __repr__ = __str__

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
                      {parameter.name: parameter.value for parameter in self._given}, loose_ends(self.states, self.steps))

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
        """Free energy of ATP hydrolysis as the scheme has it, with the enthalpy of the reaction where it states none."""
        return Hydrolysis(self.dG0, STANDARD_HYDROLYSIS_ENTHALPY if self.dH0 is None else self.dH0, self.constants.T)

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
        values: dict[str, float | Numbers] = {**self.values, **conditions}
        if self.dH0 is None:  # T is the temperature asked for then, and dG0 the value there
            values[DG0] = self.thermal(conditions).dG0
        return rates_at(self.name, resolved_rates(self.system, self.steps), values)

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
                    raise ModelError(f"{self.name}: the {kind} '{name}' has the name of a {seen[name]}; every part needs its "
                                     "own name").about(SECTIONS.get(kind, "parameters"), name)
                seen[name] = kind
        for step in self.steps:
            for state in (step.source, step.target):
                if state not in self.states:
                    raise NameUnknown(f"{self.name}: step '{step.name}' uses the state '{state}', which is not one of "
                                      f"its states{did_you_mean(state, self.states)}").about("steps", step.name)
        if not self.steps:
            raise ModelError(f"{self.name}: it has {len(self.steps)} steps; a scheme needs a cycle of them")

    def _check_numbers(self) -> None:
        for parameter in self._given:
            if not math.isfinite(parameter.value):
                section = "parameters" if parameter in self.parameters else "constants"
                raise ModelError(f"{self.name}: {parameter.name} is {parameter.value}; it must be a finite number "
                                 f"[{parameter.unit}]").about(section, parameter.name)
        if implausible := beyond_life(self.constants.T):
            raise ModelError(f"{self.name}: constants.T is {implausible}").about("constants", "T")
        if self.density is not None and not 0.0 < self.density < math.inf:
            raise ModelError(f"{self.name}: density is {self.density}; it must be positive and finite [1/um2]").about(
                "density")

    def _check_dimensions(self) -> None:
        # A rate constant that is a number alone fits any step, but no longer once it is a factor in an apparent rate; a name
        # and a unit for each of them, and for each enthalpy, would burden every reduced pump and check nothing new.
        if self.made:
            return
        names = measures(self._given, self.derived, self.definitions, self.ligands)
        for definition in self.definitions:
            check_definition(self.name, definition, names)
        for step in self.steps:
            check_step(self.name, step, names)

    def _check_use(self) -> None:
        if self.made:  # a rate that both ways of a fast step share has dropped out of their equilibrium
            return
        check_use(self.name, self.parameters, (*(each.expression for each in self.definitions),
                                               *(rate for step in self.steps for rate in (step.forward, step.backward))))

    def _check_enthalpies(self) -> None:
        stated: dict[tuple[str, ...], float] = {("steps", step.name, "activation"): step.activation
                                                for step in self.steps if step.activation}
        stated.update({("enthalpies", state): value for state, value in self.enthalpies.items()})
        if self.dH0 is None and stated:
            place, value = next(iter(stated.items()))
            owner = f"{'step' if place[0] == 'steps' else 'state'} '{place[1]}'"
            raise ModelError(f"{self.name}: {owner} has an enthalpy of {value:g} J/mol, but dH0 of ATP hydrolysis is not "
                             f"given; give it, such as {STANDARD_HYDROLYSIS_ENTHALPY / 1e3:g} kJ/mol, so that cycles close at "
                             "every temperature").about(*place)
        for state, value in self.enthalpies.items():
            if state not in self.states:
                raise NameUnknown(f"{self.name}: an enthalpy is given for '{state}', which is not one of its states"
                                  f"{did_you_mean(state, self.states)}").about("enthalpies", state)
            if not math.isfinite(value):
                raise ModelError(f"{self.name}: the enthalpy of '{state}' is {value}; it must be a finite number "
                                 "[J/mol]").about("enthalpies", state)

    def _check_presumed(self) -> None:
        for name, value in self.presumed.items():
            if name not in self.ligands:
                raise NameUnknown(f"{self.name}: it presumes '{name}', which is none of its ligands"
                                  f"{did_you_mean(name, self.ligands)}").about("presumed", name)
            if wrong := impossible(name, value):
                raise ModelError(f"{self.name}: it presumes {name} = {wrong} [mM]").about("presumed", name)

    def _check_condition(self, name: str, condition: Mapping[str, float]) -> None:
        known = (*self.ligands, VOLTAGE)
        for each, value in condition.items():
            owner, place = f"{self.name}: condition '{name}' sets", ("conditions", name, each)
            if each not in (*known, TEMPERATURE):
                raise NameUnknown(f"{owner} '{each}', which the scheme does not know{did_you_mean(each, known)}").about(*place)
            if wrong := impossible(each, value):
                raise ModelError(f"{owner} {each} to {wrong}").about(*place)
        for each in known:
            if each not in condition:
                raise ModelError(f"{self.name}: condition '{name}' gives {', '.join(condition) or 'nothing'}; "
                                 f"{each} is missing").about("conditions", name)


@dataclass(frozen=True)
class SchemeKey:
    """A scheme as the key of a cache: equal schemes share what is made of one."""

    scheme: Scheme

    def __hash__(self) -> int:
        return hash((self.scheme.name, self.scheme.states))
