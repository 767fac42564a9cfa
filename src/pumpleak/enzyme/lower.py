"""A scheme written into a System of something larger: its numbers as parameters, its rates as named definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pumpleak.base.constants import Constants
from pumpleak.base.errors import NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.enzyme.closure import affinity
from pumpleak.enzyme.cycles import held_by
from pumpleak.enzyme.rates import DG0, MILLIMOLAR, VOLTAGE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.steady import Steady, steady_state
from pumpleak.enzyme.step import WATER
from pumpleak.system.expression import Expression, log, number, substitute, symbol
from pumpleak.system.system import Definition, Parameter


@dataclass(frozen=True)
class Lowered:
    """A scheme in the names of the model that uses it.

    parameters: `prefix.k1`, ..., `prefix.dG0`: all numbers of the scheme, so that changing one never recompiles.
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
          dG0: Expression | None = None) -> Lowered:
    """Write a scheme into a model in which `ligands` [mM] and `voltage` [mV] are these expressions.

    constants: R, F and T of the model, the scheme's own where none are given; `temperature` [K] stands in for that T,
    `dG0` [J/mol] for the scheme's own, which is then no parameter. Derived constants and the effect of voltage follow
    them, rate constants stay.

    Raises NameUnknown for a ligand that is not given.
    """
    for name in scheme.ligands:
        if name not in ligands:
            raise NameUnknown(f"{prefix}: the scheme {scheme.name} needs {name}, which its surroundings do not give"
                              f"{did_you_mean(name, ligands)}")
    constants = constants or scheme.constants
    system = scheme.system
    own = {definition.name for definition in system.definitions} | {parameter.name for parameter in scheme.parameters}
    names = {name: symbol(f"{prefix}.{name}") for name in (*own, DG0)}
    names.update({name: ligands[name] for name in scheme.ligands}, **{VOLTAGE: voltage})
    kelvin = number(constants.T) if temperature is None else temperature
    names.update(R=number(constants.R), F=number(constants.F), T=kelvin)
    if dG0 is not None:
        names[DG0] = dG0
    thermal = constants.R * kelvin
    expressions = substitute([definition.expression for definition in system.definitions], names)
    definitions = tuple(Definition(f"{prefix}.{old.name}", old.unit, expression, old.source)
                        for old, expression in zip(system.definitions, expressions, strict=True))
    parameters = [replace(each, name=f"{prefix}.{each.name}") for each in scheme.parameters]
    if dG0 is None:
        parameters.append(Parameter(f"{prefix}.{DG0}", "J/mol", scheme.dG0))
    return Lowered(
        scheme, tuple(parameters), definitions,
        {step.name: (names[f"{step.name}.forward"], names[f"{step.name}.backward"]) for step in scheme.steps},
        {cycle.name: affinity(cycle, ligands, voltage, constants.F, thermal, names[DG0]) for cycle in scheme.cycles},
        _potentials(scheme, names, thermal) if scheme.is_explicit else {})


def _potentials(scheme: Scheme, names: Mapping[str, Expression], thermal: Expression) -> dict[str, Expression]:
    """Standard chemical potential of each state on the scale of 1 M ligands, 0 for the first. [J/mol]

    mu(target) - mu(source) = RT ln(backward/forward) + what the ligands taken bring less what those freed carry off; of
    the ligands only ATP has a standard potential, -dG0, since its hydrolysis is the only reaction.
    """
    gained = {}
    for step in scheme.steps:
        forward, backward = substitute([step.forward, step.backward], names)
        counts = {name: count for name, count in step.change.items() if not name.endswith(f".{WATER}")}
        ratio = MILLIMOLAR ** -sum(counts.values()) * (backward / forward)
        carried = sum(count for name, count in counts.items() if name.endswith(".ATP"))
        gained[step.name] = thermal * log(ratio) + carried * names[DG0]
    return held_by(scheme.states, scheme.steps, gained, number(0.0))
