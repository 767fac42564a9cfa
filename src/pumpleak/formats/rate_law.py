"""Rate-law files: YAML <-> enzyme.RateLaw.

A reaction reads `3 inside.Na + 2 outside.K -> 3 outside.Na + 2 inside.K`: what one turn takes and gives back. The formula
computes in internal units (mM, ms, mV) and gives what its unit says, in the internal unit of that dimension.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pumpleak.base.errors import FormatError
from pumpleak.base.names import shown
from pumpleak.base.units import Quantity
from pumpleak.enzyme.rate_law import RateLaw
from pumpleak.enzyme.step import ligand
from pumpleak.formats.document import Document
from pumpleak.formats.models import RateLawFile
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
from pumpleak.formats.scheme import (
    conditions_of,
    conditions_written,
    constant,
    constants_of,
    constants_written,
    definitions_of,
    definitions_written,
    located,
    origins_of,
    overrides_of,
    parameters_written,
)
from pumpleak.formats.writing import FORMAT
from pumpleak.system.expression import write
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

ARROW = "->"
_TERM = re.compile(r"(?:([0-9]+)\s*(?:\*\s*)?)?([A-Za-z]+\.[A-Za-z0-9]+)")


def rate_law_of(document: Document, overrides: Mapping[str, str | float | Quantity] | None = None) -> RateLaw:
    """Return the rate law that a file describes, with other parameters.

    Raises FormatError, UnitError, NameUnknown and ModelError, each with file, line and column where the file is at fault.
    """
    with computable(document):
        law = _rate_law(document)
        numbers = overrides_of(law.name, law.parameters, overrides or {})
        return law.with_values(numbers) if numbers else law


def _rate_law(document: Document) -> RateLaw:
    file = validated(document, RateLawFile)
    sources = sources_of(document, file)
    with document.at("reaction"):
        taken, released = _reaction(file.reaction)
        for name in (*taken, *released):
            ligand(name)
    with document.at("value", "expression"):
        value = parse(file.value.expression)
    with located(document, "rate_law"):
        return RateLaw(
            name=file.rate_law,
            taken=taken,
            released=released,
            value=value,
            unit=file.value.unit,
            parameters=tuple(_parameter(document, name, each) for name, each in file.parameters.items()),
            definitions=definitions_of(document, file.definitions),
            constants=constants_of(document, file.constants),
            dG0=constant(document, "dG0", file.constants.dG0, "J/mol"),
            conditions=conditions_of(document, file.conditions),
            origins=origins_of(file.constants),
            title=file.title,
            summary=file.summary,
            sources=sources,
            notes=tuple(file.notes),
            defects=tuple(file.defects),
        )


def _parameter(document: Document, name: str, entry: Value) -> Parameter:
    with document.at("parameters", name):
        value, measured = read_value(entry.value, name)
        return Parameter(name, measured, value, cited(document, entry.source))


def _reaction(text: str) -> tuple[dict[str, int], dict[str, int]]:
    sides = text.split(ARROW)
    if len(sides) != 2:
        raise FormatError(f"{shown(text)} is not a reaction; write '3 inside.Na + 2 outside.K -> 3 outside.Na + 2 inside.K'")
    return _side(sides[0], text), _side(sides[1], text)


def _side(text: str, reaction: str) -> dict[str, int]:
    ligands: dict[str, int] = {}
    for term in text.split("+"):
        match = _TERM.fullmatch(term.strip())
        if match is None:
            raise FormatError(f"{shown(reaction)}: {shown(term.strip())} is not a ligand such as '3 inside.Na'")
        count, name = match.groups()
        ligands[name] = ligands.get(name, 0) + int(count or 1)
    return ligands


def rate_law_written(law: RateLaw) -> dict[str, Plain]:
    """Return the content of a file that describes the rate law."""
    sides = (" + ".join(f"{count} {name}" if count > 1 else name for name, count in ligands.items())
             for ligands in (law.taken, law.released))
    plain: dict[str, Plain] = {"pumpleak": FORMAT, "rate_law": law.name, "title": law.title, "summary": law.summary}
    plain["sources"] = sources_written(law.sources)
    plain["constants"] = constants_written(law.constants, law.dG0, None, law.origins)
    plain["reaction"] = f" {ARROW} ".join(sides)
    plain["parameters"] = parameters_written(law.parameters)
    plain["definitions"] = definitions_written(law.definitions)
    plain["value"] = {"expression": write(law.value, LONGEST_FORMULA), "unit": law.unit}
    plain["conditions"] = conditions_written(law.conditions)
    plain["notes"] = list(law.notes)
    plain["defects"] = list(law.defects)
    required = ("parameters", "value")
    return {key: value for key, value in plain.items() if key in required or value not in ("", {}, [])}
