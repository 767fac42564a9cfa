"""Scheme files: YAML <-> enzyme.Scheme.

A reaction reads `E1 + 3 inside.Na <-> E1.Na3`: one state on each side, the rest are ligands, which are known by their
place (inside, outside) and species. Expressions compute in internal units (mM, ms, mV); parameters are converted to
them when read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pumpleak.base.constants import Constants, F, R
from pumpleak.base.errors import FormatError
from pumpleak.base.names import lookup, shown
from pumpleak.base.units import Quantity, internal, internal_unit, unit
from pumpleak.enzyme.rates import VOLTAGE
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.step import PLACES, Step
from pumpleak.formats.document import Document
from pumpleak.formats.models import SchemeFile, SchemeParameter, SchemeStep, StepCharge
from pumpleak.formats.parts import LONGEST_FORMULA, Given, cited, computable, read_value, sources_of, sources_written, validated
from pumpleak.formats.scalars import Plain
from pumpleak.formats.writing import FORMAT
from pumpleak.system.expression import write
from pumpleak.system.grammar import parse
from pumpleak.system.system import Definition, Parameter

ARROW = "<->"
_TERM = re.compile(r"(?:([0-9]+)\s*(?:\*\s*)?)?([A-Za-z][A-Za-z0-9_.()~-]*)")


def scheme_of(document: Document, overrides: Mapping[str, str | float | Quantity] | None = None) -> Scheme:
    """Return the scheme that a file describes, with other parameters.

    Raises FormatError, UnitError, NameUnknown and ModelError, each with file, line and column where the file is at fault.
    """
    with computable(document):
        return _with_overrides(_scheme(document), overrides or {})


def _scheme(document: Document) -> Scheme:
    file = validated(document, SchemeFile)
    sources = sources_of(document, file)
    given = {name: each for name, each in file.parameters.items() if not each.derive}
    steps = tuple(_step(document, name, each) for name, each in file.steps.items())
    parameters = tuple(_parameter(document, name, each) for name, each in given.items())
    with document.at("constants"):
        constants = Constants(
            R=_constant(document, "R", file.constants.R, "J/(mol K)", R),
            F=_constant(document, "F", file.constants.F, "C/mol", F),
            T=_constant(document, "T", file.constants.T, "K"),
        )
        dG0 = _constant(document, "dG0", file.constants.dG0, "J/mol")
    density = None
    if file.density is not None:
        with document.at("density"):
            density = internal(file.density.value, "1/um2", "density")
    with document.at("scheme"):
        return Scheme(
            name=file.scheme,
            steps=steps,
            parameters=parameters,
            derived=_derived(document, file.parameters),
            definitions=_definitions(document, file),
            constants=constants,
            dG0=dG0,
            density=density,
            conditions=_conditions(document, file),
            title=file.title,
            summary=file.summary,
            sources=sources,
            notes=tuple(file.notes),
            defects=tuple(file.defects),
        )


def _with_overrides(scheme: Scheme, values: Mapping[str, str | float | Quantity]) -> Scheme:
    units = {parameter.name: parameter.unit for parameter in scheme.parameters}
    numbers = {
        name: internal(value, lookup(name, units, f"parameter of {scheme.name}"), name) for name, value in values.items()
    }
    return scheme.with_values(numbers) if numbers else scheme


def _constant(document: Document, name: str, given: Given | None, expected: str, usual: float = 0.0) -> float:
    if given is None:
        return usual
    with document.at("constants", name):
        return internal(given, expected, f"constants.{name}")


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


def _definitions(document: Document, file: SchemeFile) -> tuple[Definition, ...]:
    definitions = []
    for name, entry in file.definitions.items():
        with document.at("definitions", name, "unit"):
            measured = internal_unit(unit(entry.unit)).name
        with document.at("definitions", name, "expression"):
            definitions.append(Definition(name, measured, parse(entry.expression)))
    return tuple(definitions)


def _conditions(document: Document, file: SchemeFile) -> dict[str, dict[str, float]]:
    conditions: dict[str, dict[str, float]] = {}
    for condition, values in file.conditions.items():
        conditions[condition] = {}
        for name, entry in values.items():
            with document.at("conditions", condition, name):
                cited(document, entry.source)
                conditions[condition][name] = internal(entry.value, "mV" if name == VOLTAGE else "mM", name)
    return conditions


def _step(document: Document, name: str, entry: SchemeStep) -> Step:
    with document.at("steps", name, "reaction"):
        (source, taken), (target, released) = _reaction(entry.reaction)
    with document.at("steps", name):
        cited(document, entry.source)
    formulas = entry.rates or entry
    way = ("steps", name, "rates") if entry.rates else ("steps", name)
    with document.at(*way, "forward"):
        forward = parse(formulas.forward or "")
    with document.at(*way, "backward"):
        backward = parse(formulas.backward or "")
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
        )


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
                raise FormatError(f"{shown(reaction)}: {shown(term.strip())} counts a state; a step moves one enzyme")
    if len(states) != 1:
        found = ", ".join(states) or "none"
        raise FormatError(f"{shown(reaction)}: each side has one state, not {found}; a ligand is written 'inside.Na'")
    return states[0], ligands


def scheme_written(scheme: Scheme) -> dict[str, Plain]:
    """Return the content of a file that describes the scheme."""
    plain: dict[str, Plain] = {"pumpleak": FORMAT, "scheme": scheme.name, "title": scheme.title, "summary": scheme.summary}
    plain["sources"] = sources_written(scheme.sources)
    constants = scheme.constants
    plain["constants"] = {
        "R": f"{constants.R!r} J/(mol K)",
        "F": f"{constants.F!r} C/mol",
        "T": f"{constants.T!r} K",
        "dG0": f"{scheme.dG0!r} J/mol",
    }
    plain["parameters"] = _parameters_written(scheme)
    plain["definitions"] = {
        each.name: {"expression": write(each.expression, LONGEST_FORMULA), "unit": each.unit} for each in scheme.definitions
    }
    plain["steps"] = {step.name: _step_written(step) for step in scheme.steps}
    if scheme.density is not None:
        plain["density"] = f"{scheme.density!r} 1/um2"
    plain["conditions"] = {
        condition: {name: f"{value!r} {'mV' if name == VOLTAGE else 'mM'}" for name, value in values.items()}
        for condition, values in scheme.conditions.items()
    }
    plain["notes"] = list(scheme.notes)
    plain["defects"] = list(scheme.defects)
    return {key: value for key, value in plain.items() if value not in ("", {}, [])}


def _parameters_written(scheme: Scheme) -> dict[str, Plain]:
    written: dict[str, Plain] = {}
    for parameter in scheme.parameters:
        value = f"{parameter.value!r} {parameter.unit}"
        written[parameter.name] = {"value": value, "source": parameter.source} if parameter.source else value
    for name, measured in scheme.derived.items():
        written[name] = {"derive": True, "unit": measured}
    return written


def _step_written(step: Step) -> dict[str, Plain]:
    sides = (" + ".join([state, *(f"{count} {name}" if count > 1 else name for name, count in ligands.items())])
             for state, ligands in ((step.source, step.taken), (step.target, step.released)))
    forward, backward = (write(rate, LONGEST_FORMULA) for rate in (step.forward, step.backward))
    rates: dict[str, Plain] = {"forward": forward, "backward": backward}
    written: dict[str, Plain] = {"reaction": f" {ARROW} ".join(sides), **({"rates": rates} if step.lumped else rates)}
    if step.charge or step.forward_charge or step.backward_charge:
        written["charge"] = {"forward": step.forward_charge, "backward": step.backward_charge}
    return written
