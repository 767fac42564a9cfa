"""Reading the binding constants of ATP, ADP and phosphate: YAML -> enzyme.Speciation."""

from __future__ import annotations

import math
from functools import cache

from pydantic import Field

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.base.units import internal
from pumpleak.enzyme.speciation import Complex, Equilibrium, Reactant, Speciation
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.parts import File, Given, Part, Title, cited, computable, sources_of, validated
from pumpleak.formats.shelves import CATALOG

CONSTANTS = CATALOG / "data" / "speciation.yaml"
# A reactant has at most some ten forms.
MOST = 200


class ReactantEntry(Part):
    """Its form with nothing bound, that form's charge, and the form that a pump names."""

    bare: str
    charge: int
    pumped: str


class Measured(Part):
    """At which ionic strength a constant was measured, and its enthalpy at none."""

    ionic_strength: Given = "0 M"
    enthalpy: Given = "0 kJ/mol"
    source: str = ""


class ComplexEntry(Measured):
    """A form by what it splits into."""

    leaves: str
    ion: str
    pK: float


class HydrolysisEntry(Measured):
    """The hydrolysis of bare ATP."""

    K: Given


class SpeciationFile(File):
    """A file of binding constants."""

    data: Title
    temperature: Given
    ionic_strength: Given
    reactants: dict[str, ReactantEntry]
    complexes: dict[str, ComplexEntry] = Field(max_length=MOST)
    hydrolysis: HydrolysisEntry | None = None


@cache
def speciation() -> Speciation:
    """Return the binding constants of ATP, ADP and phosphate in the catalogue, for `from_totals` and `speciate`."""
    return speciation_of(read_file(CONSTANTS))


def speciation_of(document: Document) -> Speciation:
    """Return the binding constants that a file holds.

    Raises FormatError, UnitError, NameUnknown and ModelError with file, line and column.
    """
    with computable(document):
        return _speciation(document)


def _speciation(document: Document) -> Speciation:
    file = validated(document, SpeciationFile)
    sources = sources_of(document, file)
    reactants = tuple(Reactant(name, each.bare, each.charge, each.pumped) for name, each in file.reactants.items())
    complexes = tuple(Complex(name, each.leaves, each.ion, _measured(document, each, each.pK, "complexes", name))
                      for name, each in file.complexes.items())
    with document.at("temperature"):
        temperature = internal(file.temperature, "K", "temperature")
    with document.at("ionic_strength"):
        ionic_strength = internal(file.ionic_strength, "mM", "ionic_strength")
    with document.at("complexes"):
        return Speciation(file.data, reactants, complexes, _hydrolysis(document, file.hydrolysis), temperature,
                          ionic_strength, sources, tuple(file.notes))


def _hydrolysis(document: Document, entry: HydrolysisEntry | None) -> Equilibrium | None:
    if entry is None:
        return None
    with document.at("hydrolysis", "K"):
        constant = internal(entry.K, "M^2", "hydrolysis.K")
        if not constant > 0.0:
            raise ModelError(f"hydrolysis.K: {shown(entry.K)} is not positive, as a constant must be")
    return _measured(document, entry, -math.log10(constant), "hydrolysis")


def _measured(document: Document, entry: Measured, pK: float, *path: str) -> Equilibrium:
    name = ".".join(path)
    with document.at(*path, "ionic_strength"):
        ionic_strength = internal(entry.ionic_strength, "mM", f"{name}.ionic_strength")
    with document.at(*path, "enthalpy"):
        enthalpy = internal(entry.enthalpy, "J/mol", f"{name}.enthalpy")
    with document.at(*path, "source"):
        return Equilibrium(pK, ionic_strength, enthalpy, cited(document, entry.source))
