"""A scheme written into a System of something larger: its numbers as parameters, its rates as named definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pumpleak.base.constants import Constants
from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.enzyme.closure import CLOSURE_TOLERANCE, affinity
from pumpleak.enzyme.cycles import held_by
from pumpleak.enzyme.rates import DG0, MILLIMOLAR, VOLTAGE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import Steady, steady_state
from pumpleak.enzyme.step import WATER
from pumpleak.enzyme.temperature import COLD, DH0, TEMPERATURE, Hydrolysis, cold, gibbs_helmholtz, reaction_enthalpy
from pumpleak.system.expression import Expression, log, number, substitute, symbol
from pumpleak.system.system import Definition, Parameter


@dataclass(frozen=True)
class Lowered:
    """A scheme in the names of the model that uses it.

    parameters: `prefix.k1`, ..., `prefix.dG0`, `prefix.dH0`: all numbers of the scheme, so that changing one never recompiles.
    definitions: `prefix.K_Ki` (derived constants), named parts, and `prefix.step.forward`, `.backward` [1/ms].
    rates: forward and backward of each step, as symbols of these definitions. [1/ms]
    affinities: free energy that one turn of each cycle releases. [J/mol]
    potentials: standard chemical potential of each state, for depth `full`; empty for a lumped scheme. [J/mol]
    """

    scheme: Scheme
    parameters: tuple[Parameter, ...]
    definitions: tuple[Definition, ...]
    rates: Mapping[str, tuple[Expression, Expression]]
    affinities: Mapping[str, Expression]
    potentials: Mapping[str, Expression]

    @property
    def steady(self) -> Steady[Expression]:
        """Net flux around each cycle [1/ms] and occupancies in the steady state, for depth `reduced`."""
        return steady_state(self.scheme, self.rates)


def lower(scheme: Scheme, prefix: str, ligands: Mapping[str, Expression], voltage: Expression,
          constants: Constants | None = None, temperature: Expression | None = None,
          hydrolysis: Hydrolysis | None = None) -> Lowered:
    """Write a scheme into a model in which `ligands` [mM] and `voltage` [mV] are these expressions.

    constants: R, F and T of the model, the scheme's own where none are given; `temperature` [K] stands in for that T.
    `hydrolysis` is the free energy of ATP in the model; it takes the place of the scheme's own dG0 and dH0, which are then
    no parameters. Derived constants and the effect of voltage follow both, rate constants only in a scheme that answers
    to temperature.

    Raises NameUnknown for a ligand that is not given; ModelError for a scheme whose constants close with its own free
    energy of hydrolysis alone, where the model has another.
    """
    for name in scheme.ligands:
        if name not in ligands:
            raise NameUnknown(f"{prefix}: the scheme {scheme.name} needs {name}, which its surroundings do not give"
                              f"{did_you_mean(name, ligands)}")
    constants = constants or scheme.constants
    if hydrolysis is not None:
        _require_agreement(scheme, prefix, constants, hydrolysis)
    kelvin = number(constants.T) if temperature is None else temperature
    written = [definition for definition in scheme.system.definitions if definition.name not in ("T", COLD)]
    own = {definition.name for definition in written} | {parameter.name for parameter in scheme.parameters}
    names = {name: symbol(f"{prefix}.{name}") for name in own}
    names.update({name: ligands[name] for name in scheme.ligands}, **{VOLTAGE: voltage, TEMPERATURE: kelvin})
    names.update(R=number(constants.R), F=number(constants.F))
    names["T"] = kelvin if scheme.dH0 is None else number(scheme.constants.T)
    if scheme.dH0 is not None:  # put in as it is: a quantity of its own would be a column in every table of results
        (names[COLD],) = substitute([cold().expression], names)
    parameters = [replace(each, name=f"{prefix}.{each.name}") for each in scheme.parameters]
    parameters += _write_hydrolysis(scheme, prefix, hydrolysis, names)
    dG0, thermal = _dG0(scheme, hydrolysis, names), constants.R * kelvin
    expressions = substitute([definition.expression for definition in written], names)
    return Lowered(
        scheme, tuple(parameters),
        tuple(Definition(f"{prefix}.{old.name}", old.unit, expression, old.source)
              for old, expression in zip(written, expressions, strict=True)),
        {step.name: (names[f"{step.name}.forward"], names[f"{step.name}.backward"]) for step in scheme.steps},
        {cycle.name: affinity(cycle, ligands, voltage, constants.F, thermal, dG0) for cycle in scheme.cycles},
        _potentials(scheme, names, thermal, dG0) if scheme.is_explicit else {})


def _require_agreement(scheme: Scheme, prefix: str, constants: Constants, given: Hydrolysis) -> None:
    """Refuse a scheme without derived constants where its own free energy of hydrolysis is not that of the model."""
    if scheme.follows or scheme.defects:
        return
    own, reference = scheme.hydrolysis, scheme.constants
    kelvin = constants.T if scheme.dH0 is None else reference.T
    theirs = given.at(kelvin)
    apart = abs(own.dG0 / reference.RT - theirs / (constants.R * kelvin))
    if scheme.dH0 is not None:
        apart = max(apart, abs(own.dH0 / reference.RT - given.dH0 / (constants.R * kelvin)))
    if apart > CLOSURE_TOLERANCE:
        heat = ("", "") if scheme.dH0 is None else tuple(f" (dH0 {each.dH0 / 1000.0:.6g} kJ/mol)" for each in (own, given))
        raise ModelError(f"{prefix}: the constants of {scheme.name} close with dG0 = {own.dG0 / 1000.0:.6g} kJ/mol{heat[0]} at "
                         f"{reference.T:.6g} K with R = {reference.R:.8g} J/mol/K alone, but ATP has {theirs / 1000.0:.6g} "
                         f"kJ/mol{heat[1]} at {kelvin:.6g} K with R = {constants.R:.8g} J/mol/K here; leave one constant of "
                         "each cycle that uses ATP to be derived, or give both the same")


def _write_hydrolysis(scheme: Scheme, prefix: str, given: Hydrolysis | None,
                      names: dict[str, Expression]) -> list[Parameter]:
    """Name dG0, as of the T of the scheme's expressions, and dH0; parameters where they are the scheme's own."""
    own = {DG0: scheme.dG0} if scheme.dH0 is None else {DG0: scheme.dG0, DH0: scheme.dH0}
    if given is None:
        names.update({name: symbol(f"{prefix}.{name}") for name in own})
        if scheme.dH0 is None:  # then T is the temperature of the model, and dG0 the value there
            ratio = names[TEMPERATURE] / number(scheme.constants.T)
            names[DG0] = gibbs_helmholtz(names[DG0], scheme.hydrolysis.dH0, ratio)
        return [Parameter(f"{prefix}.{name}", "J/mol", value) for name, value in own.items()]
    names.update({DG0: given.at(names["T"]), DH0: number(given.dH0)})
    return []


def _dG0(scheme: Scheme, given: Hydrolysis | None, names: Mapping[str, Expression]) -> Expression:
    """Standard free energy of hydrolysis at the temperature of the model. [J/mol]"""
    if given is not None:
        return given.at(names[TEMPERATURE])
    if scheme.dH0 is None:
        return names[DG0]
    return gibbs_helmholtz(names[DG0], names[DH0], names[TEMPERATURE] / names["T"])


def _potentials(scheme: Scheme, names: Mapping[str, Expression], thermal: Expression,
                dG0: Expression) -> dict[str, Expression]:
    """Standard chemical potential of each state on the scale of 1 M ligands, 0 for the first. [J/mol]

    mu(target) - mu(source) = RT ln(backward/forward) + what the ligands taken bring less what those freed carry off; of
    the ligands only ATP has a standard potential, -dG0, since its hydrolysis is the only reaction. Constants hold at T;
    the step's enthalpy takes the first part from there to the temperature.
    """
    gained = {}
    for step in scheme.steps:
        forward, backward = substitute([step.forward, step.backward], names)
        counts = {name: count for name, count in step.change.items() if not name.endswith(f".{WATER}")}
        ratio = MILLIMOLAR ** -sum(counts.values()) * (backward / forward)
        carried = sum(count for name, count in counts.items() if name.endswith(".ATP"))
        gained[step.name] = thermal * log(ratio) + carried * dG0
        if scheme.dH0 is not None:
            (enthalpy,) = substitute([reaction_enthalpy(step, scheme.enthalpies)], names)
            gained[step.name] = gained[step.name] + enthalpy * (1.0 - names[TEMPERATURE] / names["T"])
    return held_by(scheme.states, scheme.steps, gained, number(0.0))
