"""Scheme files: YAML <-> enzyme.Scheme.

A reaction reads `E1 + 3 inside.Na <-> E1.Na3`: one state on each side, the rest are ligands, which are known by their
place (inside, outside) and species. Expressions compute in internal units (mM, ms, mV); parameters, and rates that are
a number with its unit (`100 1/s`), are converted to them when read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from pumpleak.base.constants import Constants, F, R
from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.base.names import lookup, shown
from pumpleak.base.species import SPECIES
from pumpleak.base.units import Quantity, internal, internal_unit, unit
from pumpleak.enzyme.consistency import PER_TIME, rate_unit
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import PLACES, Step
from pumpleak.enzyme.temperature import TEMPERATURE
from pumpleak.formats.document import Document
from pumpleak.formats.models import DefinitionEntry, SchemeConstants, SchemeFile, SchemeParameter, SchemeStep, StepCharge
from pumpleak.formats.parts import (
    LONGEST_FORMULA,
    Value,
    cited,
    computable,
    read_value,
    sources_of,
    sources_written,
    validated,
)
from pumpleak.formats.scalars import Plain
from pumpleak.formats.writing import FORMAT
from pumpleak.system.expression import Expression, number, write
from pumpleak.system.grammar import parse
from pumpleak.system.system import Definition, Parameter

ARROW = "<->"
CONDITION_UNITS = {VOLTAGE: "mV", TEMPERATURE: "K"}  # of all but concentrations
# A number, a blank and a unit; in a formula an operator would follow the number.
_MEASURED = re.compile(r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s+[^\s*/+^,)-].*")
_TERM = re.compile(r"(?:([0-9]+)\s*(?:\*\s*)?)?([A-Za-z][A-Za-z0-9_.()~-]*)")


def scheme_of(document: Document, overrides: Mapping[str, str | float | Quantity] | None = None) -> Scheme:
    """Return the scheme that a file describes, with other parameters.

    Raises FormatError, UnitError, NameUnknown and ModelError, each with file, line and column where the file is at fault.
    """
    with computable(document):
        return with_overrides(_scheme(document), overrides or {})


def _scheme(document: Document) -> Scheme:
    file = validated(document, SchemeFile)
    sources = sources_of(document, file)
    given = {name: each for name, each in file.parameters.items() if not each.derive}
    steps = tuple(_step(document, name, each) for name, each in file.steps.items())
    parameters = tuple(_parameter(document, name, each) for name, each in given.items())
    constants = constants_of(document, file.constants)
    dG0 = constant(document, "dG0", file.constants.dG0, "J/mol")
    dH0 = None if file.constants.dH0 is None else constant(document, "dH0", file.constants.dH0, "J/mol")
    density = None
    if file.density is not None:
        with document.at("density"):
            density = internal(file.density.value, "1/um2", "density")
    with located(document, "scheme"):
        return Scheme(
            name=file.scheme,
            steps=steps,
            parameters=parameters,
            derived=_derived(document, file.parameters),
            definitions=definitions_of(document, file.definitions),
            constants=constants,
            dG0=dG0,
            dH0=dH0,
            enthalpies=_enthalpies(document, file),
            density=density,
            conditions=conditions_of(document, file.conditions),
            presumed=_concentrations(document, file.presumed, "presumed"),
            origins={**origins_of(file.constants),
                     **{name: each.source for name, each in file.presumed.items() if each.source}},
            title=file.title,
            summary=file.summary,
            sources=sources,
            notes=tuple(file.notes),
            defects=tuple(file.defects),
            made=file.made,
        )


@contextmanager
def located(document: Document, name: str) -> Iterator[None]:
    """Add file, line and column to an error about a whole model: of the entry that it is about, else of the model's name."""
    try:
        yield
    except (UnitError, NameUnknown, ModelError) as error:
        whole = error.part[:1] == ("steps",) and len(error.part) <= 2  # the line that begins a step, or all of them
        with document.at(*(error.part or (name,)), key=type(error) if whole else None):
            raise


def with_overrides(scheme: Scheme, values: Mapping[str, str | float | Quantity]) -> Scheme:
    """Return the scheme with other values of its parameters; raises NameUnknown for one that it has not."""
    numbers = overrides_of(scheme.name, scheme.parameters, values)
    return scheme.with_values(numbers) if numbers else scheme


def overrides_of(owner: str, parameters: Iterable[Parameter], values: Mapping[str, str | float | Quantity]) -> dict[str, float]:
    """Return other values of parameters in their internal units; raises NameUnknown for one that there is not."""
    units = {parameter.name: parameter.unit for parameter in parameters}
    return {name: internal(value, lookup(name, units, f"parameter of {owner}"), name) for name, value in values.items()}


def constants_of(document: Document, given: SchemeConstants) -> Constants:
    """Return R, F and T of a scheme or a rate law, as the file rounds them."""
    with document.at("constants"):
        return Constants(
            R=constant(document, "R", given.R, "J/(mol K)", R),
            F=constant(document, "F", given.F, "C/mol", F),
            T=constant(document, "T", given.T, "K"),
        )


def constant(document: Document, name: str, given: Value | None, expected: str, usual: float = 0.0) -> float:
    """Return one entry of a file's `constants`, or the usual value."""
    if given is None:
        return usual
    with document.at("constants", name):
        cited(document, given.source)
        return internal(given.value, expected, f"constants.{name}")


def origins_of(given: SchemeConstants) -> dict[str, str]:
    """Return the sources of a file's `constants` by name, of those that state one."""
    entries = {"R": given.R, "F": given.F, "T": given.T, "dG0": given.dG0, "dH0": given.dH0}
    return {name: entry.source for name, entry in entries.items() if entry is not None and entry.source}


def _parameter(document: Document, name: str, entry: SchemeParameter) -> Parameter:
    with document.at("parameters", name):
        value, measured = read_value(entry.value if entry.value is not None else "", name)
        return Parameter(name, measured, value, cited(document, entry.source))


def _derived(document: Document, parameters: Mapping[str, SchemeParameter]) -> dict[str, str]:
    derived = {}
    for name, entry in parameters.items():
        if entry.derive:
            with document.at("parameters", name, "unit"):
                derived[name] = internal_unit(unit(entry.unit)).name
    return derived


def definitions_of(document: Document, entries: Mapping[str, DefinitionEntry]) -> tuple[Definition, ...]:
    """Return the named expressions of a scheme or a rate law."""
    definitions = []
    for name, entry in entries.items():
        with document.at("definitions", name, "unit"):
            measured = internal_unit(unit(entry.unit))
        with document.at("definitions", name, "expression"):
            formula = parse(entry.expression)
            if formula.is_number and measured != unit(entry.unit):
                raise UnitError(f"definition '{name}': a formula gives {measured}, but its number is for "
                                f"{entry.unit}; give it as a parameter, {name}: {shown(f'{formula.value:.15g} {entry.unit}')}")
            definitions.append(Definition(name, measured.name, formula))
    return tuple(definitions)


def _enthalpies(document: Document, file: SchemeFile) -> dict[str, float]:
    enthalpies = {}
    for state, entry in file.enthalpies.items():
        with document.at("enthalpies", state):
            cited(document, entry.source)
            enthalpies[state] = internal(entry.value, "J/mol", f"the enthalpy of '{state}'")
    return enthalpies


def conditions_of(document: Document, given: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, float]]:
    """Return the named conditions of a scheme or a rate law, in internal units."""
    return {condition: _concentrations(document, values, "conditions", condition) for condition, values in given.items()}


def _concentrations(document: Document, given: Mapping[str, Value], *way: str) -> dict[str, float]:
    found = {}
    for name, entry in given.items():
        with document.at(*way, name):
            cited(document, entry.source)
            found[name] = internal(entry.value, CONDITION_UNITS.get(name, "mM"), name)
    return found


def _step(document: Document, name: str, entry: SchemeStep) -> Step:
    with document.at("steps", name, "reaction"):
        (source, taken), (target, released) = _reaction(entry.reaction)
    with document.at("steps", name):
        cited(document, entry.source)
    formulas = entry.rates or entry
    way = ("steps", name, "rates") if entry.rates else ("steps", name)
    with document.at(*way, "forward"):
        forward = _rate(formulas.forward or "", PER_TIME if entry.rates else rate_unit(taken), f"{name}.forward")
    with document.at(*way, "backward"):
        backward = _rate(formulas.backward or "", PER_TIME if entry.rates else rate_unit(released), f"{name}.backward")
    activation = 0.0
    if entry.activation is not None:
        with document.at("steps", name, "activation"):
            cited(document, entry.activation.source)
            activation = internal(entry.activation.value, "J/mol", "activation")
    charge = entry.charge
    parts = (charge.forward, charge.backward) if isinstance(charge, StepCharge) else (None, None)
    with document.at("steps", name):
        return Step(
            name,
            source,
            target,
            forward,
            backward,
            taken,
            released,
            charge=charge.forward + charge.backward if isinstance(charge, StepCharge) else charge,
            forward_charge=parts[0],
            backward_charge=parts[1],
            lumped=entry.rates is not None,
            activation=activation,
        )


def _rate(text: str, measured: str, name: str) -> Expression:
    """Return one rate of a step: a formula, or a number with its unit, which 0 alone can do without."""
    if not _MEASURED.fullmatch(text):
        formula = parse(text)
        if not formula.is_number or formula.value == 0.0:
            return formula
        text = f"{formula.value:.15g}"
    return number(internal(text, measured, name))


def _reaction(text: str) -> tuple[tuple[str, dict[str, int]], tuple[str, dict[str, int]]]:
    sides = text.split(ARROW)
    if len(sides) != 2:
        raise FormatError(f"{shown(text)} is not a reaction; write 'E1 + 3 inside.Na <-> E1.Na3'")
    return _side(sides[0], text), _side(sides[1], text)


def _side(text: str, reaction: str) -> tuple[str, dict[str, int]]:
    states: list[str] = []
    ligands: dict[str, int] = {}
    for term in text.split("+"):
        match = _TERM.fullmatch(term.strip())
        if match is None:
            message = f"{shown(term.strip())} is neither a state nor a ligand such as '3 inside.Na'"
            raise FormatError(f"{shown(reaction)}: {message}")
        count, name = match.groups()
        if name.partition(".")[0] in PLACES:
            ligands[name] = ligands.get(name, 0) + int(count or 1)
        else:
            states.append(name)
            if count is not None:
                place, _, species = _split(name)
                why = (f"is no ligand: {place} is no place ({', '.join(PLACES)})" if species in SPECIES else
                       "counts a state; a step moves one enzyme")
                raise FormatError(f"{shown(reaction)}: {shown(term.strip())} {why}")
    if len(states) != 1:
        found = ", ".join(states) or "none"
        elsewhere = [f"; {place} is no place ({', '.join(PLACES)})" for place, _, species in map(_split, states)
                     if species in SPECIES]
        raise FormatError(f"{shown(reaction)}: each side has one state, not {found}; a ligand is written 'inside.Na'"
                          f"{elsewhere[0] if len(elsewhere) == 1 else ''}")
    return states[0], ligands


def _split(name: str) -> tuple[str, str, str]:
    return name.partition(".")


def scheme_written(scheme: Scheme) -> dict[str, Plain]:
    """Return the content of a file that describes the scheme."""
    plain: dict[str, Plain] = {"pumpleak": FORMAT, "scheme": scheme.name, "title": scheme.title, "summary": scheme.summary}
    plain["sources"] = sources_written(scheme.sources)
    plain["constants"] = constants_written(scheme.constants, scheme.dG0, scheme.dH0, scheme.origins)
    derived: dict[str, Plain] = {name: {"derive": True, "unit": measured} for name, measured in scheme.derived.items()}
    plain["parameters"] = {**parameters_written(scheme.parameters), **derived}
    plain["definitions"] = definitions_written(scheme.definitions)
    plain["steps"] = {step.name: _step_written(step) for step in scheme.steps}
    plain["enthalpies"] = {state: f"{value!r} J/mol" for state, value in scheme.enthalpies.items()}
    if scheme.density is not None:
        plain["density"] = f"{scheme.density!r} 1/um2"
    plain["presumed"] = {name: _sourced(f"{value!r} mM", scheme.origins.get(name, ""))
                         for name, value in scheme.presumed.items()}
    plain["conditions"] = conditions_written(
        {condition: {name: value for name, value in values.items() if scheme.presumed.get(name) != value}
         for condition, values in scheme.conditions.items()})
    plain["notes"] = list(scheme.notes)
    plain["defects"] = list(scheme.defects)
    if scheme.made:
        plain["made"] = True
    return {key: value for key, value in plain.items() if value not in ("", {}, [])}


def constants_written(constants: Constants, dG0: float, dH0: float | None, origins: Mapping[str, str]) -> dict[str, Plain]:
    """Return R, F, T, dG0 and dH0 as a file gives them, with their sources."""
    written = {"R": f"{constants.R!r} J/(mol K)", "F": f"{constants.F!r} C/mol", "T": f"{constants.T!r} K",
               "dG0": f"{dG0!r} J/mol", **({} if dH0 is None else {"dH0": f"{dH0!r} J/mol"})}
    return {name: _sourced(value, origins.get(name, "")) for name, value in written.items()}


def _sourced(value: str, source: str) -> Plain:
    return {"value": value, "source": source} if source else value


def parameters_written(parameters: Iterable[Parameter]) -> dict[str, Plain]:
    """Return parameters as a file gives them, with their sources."""
    written: dict[str, Plain] = {}
    for parameter in parameters:
        written[parameter.name] = _sourced(f"{parameter.value!r} {parameter.unit}", parameter.source)
    return written


def definitions_written(definitions: Iterable[Definition]) -> dict[str, Plain]:
    """Return named expressions as a file gives them."""
    return {each.name: {"expression": write(each.expression, LONGEST_FORMULA), "unit": each.unit} for each in definitions}


def conditions_written(conditions: Mapping[str, Mapping[str, float]]) -> dict[str, Plain]:
    """Return named conditions as a file gives them."""
    return {
        condition: {name: f"{value!r} {CONDITION_UNITS.get(name, 'mM')}" for name, value in values.items()}
        for condition, values in conditions.items()
    }


def _step_written(step: Step) -> dict[str, Plain]:
    sides = (" + ".join([state, *(f"{count} {name}" if count > 1 else name for name, count in ligands.items())])
             for state, ligands in ((step.source, step.taken), (step.target, step.released)))
    forward, backward = (_rate_written(rate, PER_TIME if step.lumped else rate_unit(bound))
                         for rate, bound in ((step.forward, step.taken), (step.backward, step.released)))
    rates: dict[str, Plain] = {"forward": forward, "backward": backward}
    written: dict[str, Plain] = {"reaction": f" {ARROW} ".join(sides), **({"rates": rates} if step.lumped else rates)}
    if step.charge or step.forward_charge or step.backward_charge:
        written["charge"] = {"forward": step.forward_charge, "backward": step.backward_charge}
    if step.activation:
        written["activation"] = f"{step.activation!r} J/mol"
    return written


def _rate_written(rate: Expression, measured: str) -> str:
    bare = rate.is_number and rate.value != 0.0
    return f"{rate.value!r} {unit(measured)}" if bare else write(rate, LONGEST_FORMULA)
