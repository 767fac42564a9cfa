"""Files of inhibitors, isoforms and congeners, and pumps put together from them by name.

`post-albers.alpha2beta1.ouabain` is the scheme, then the subunits, then another ion for K+, then the drugs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import Field

from pumpleak.base.errors import FormatError, NameUnknown
from pumpleak.base.names import did_you_mean, lookup, shown
from pumpleak.base.units import internal
from pumpleak.enzyme.inhibition import Binding, Inhibitor, inhibit
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.variant import Change, Variant, vary
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.header import check_format
from pumpleak.formats.models import SchemeParameter
from pumpleak.formats.parts import File, Formula, Name, Part, Title, Value, cited, computable, read_value, sources_of, validated
from pumpleak.formats.shelves import part_files
from pumpleak.system.grammar import parse
from pumpleak.system.system import Parameter

_ISOFORM = re.compile(r"(?P<alpha>(?:[a-z]+-)?alpha[0-9])(?P<beta>beta[0-9])?(?P<fxyd>-fxyd[0-9](?:-phosphorylated)?)?")


class BindingEntry(Part):
    """How one state binds a drug, in names of the file's parameters."""

    on: Formula
    off: Formula
    source: str = ""


class ActivationEntry(Part):
    """Activation enthalpies of binding and release."""

    on: Value
    off: Value


class InhibitorFile(File):
    """A drug: its place, its constants and the states of a scheme that bind it."""

    inhibitor: Name
    ligand: str
    parameters: dict[Name, SchemeParameter]
    binds: dict[str, BindingEntry]
    activation: ActivationEntry
    schemes: dict[Title, dict[str, str]] = Field(default_factory=dict)


class ChangeEntry(Part):
    """A constant of a scheme times a factor."""

    factor: float
    source: str
    note: str = ""


class VariantFile(File):
    """A subunit, or an ion in the place of K+, as factors on constants."""

    variant: Title
    changes: dict[Name, ChangeEntry] = Field(default_factory=dict)
    drugs: dict[Name, ChangeEntry] = Field(default_factory=dict)
    lacking: str = ""


@cache
def inhibitor(name: str) -> Inhibitor:
    """The inhibitor of that name in the catalogue; raises NameUnknown with the nearest names."""
    return inhibitor_in(lookup(name, part_files("inhibitors"), "inhibitor"))


def inhibitor_in(path: Path) -> Inhibitor:
    """The inhibitor that a file describes; raises FormatError, UnitError and ModelError with file, line and column."""
    document = read_file(path)
    check_format(document)
    file = validated(document, InhibitorFile)
    with computable(document), document.at("inhibitor"):
        activations = [_energy(document, key, getattr(file.activation, key)) for key in ("on", "off")]
        bindings = {state: Binding(parse(each.on), parse(each.off), *activations) for state, each in file.binds.items()}
        for state, each in file.binds.items():
            with document.at("binds", state):
                cited(document, each.source)
        return Inhibitor(file.inhibitor, file.ligand, bindings,
                         tuple(_parameter(document, key, each) for key, each in file.parameters.items()), file.schemes,
                         file.title, file.summary, sources_of(document, file), tuple(file.notes))


def _energy(document: Document, key: str, entry: Value) -> float:
    with document.at("activation", key):
        cited(document, entry.source)
        return internal(entry.value, "J/mol", f"activation.{key}")


def _parameter(document: Document, name: str, entry: SchemeParameter) -> Parameter:
    with document.at("parameters", name):
        value, measured = read_value(entry.value if entry.value is not None else "", name)
        return Parameter(name, measured, value, cited(document, entry.source))


@cache
def variant(folder: str, name: str) -> Variant:
    """A subunit (`isoforms`) or an ion in the place of K+ (`congeners`); raises NameUnknown with the nearest names."""
    document = read_file(lookup(name, part_files(folder), folder.removesuffix("s")))
    check_format(document)
    file = validated(document, VariantFile)
    with computable(document), document.at("variant"):
        return Variant(file.variant, _changes(document, "changes", file.changes), _changes(document, "drugs", file.drugs),
                       file.title, sources_of(document, file), tuple(file.notes), file.lacking)


def _changes(document: Document, section: str, entries: Mapping[str, ChangeEntry]) -> dict[str, Change]:
    found = {}
    for name, each in entries.items():
        with document.at(section, name):
            found[name] = Change(each.factor, cited(document, each.source))
    return found


def subunits(isoform: str) -> tuple[Variant, ...]:
    """The parts of an isoform such as `alpha2beta1`, `rat-alpha3` or `alpha1beta1-fxyd1`; beta1 where none is named.

    Raises FormatError for what is no such name; NameUnknown for a subunit that is not in the catalogue.
    """
    match = _ISOFORM.fullmatch(isoform)
    if match is None:
        raise FormatError(f"{shown(isoform)} is no isoform; write alpha2beta1, rat-alpha3beta1 or alpha1beta1-fxyd1")
    names = (match["alpha"], match["beta"] or "beta1", (match["fxyd"] or "").removeprefix("-"))
    return tuple(variant("isoforms", name) for name in names if name)


def composed(scheme: Scheme, isoform: str = "", congener: str = "", inhibitors: Iterable[str] = ()) -> Scheme:
    """A pump with these drugs, of this isoform, with this ion for K+; its name says so.

    Raises NameUnknown, FormatError and ModelError for parts that there are not, or that the scheme cannot have.
    """
    drugs = tuple(inhibitors)
    variants = [*(subunits(isoform) if isoform else ()), *([variant("congeners", congener)] if congener else [])]
    made = vary(inhibit(scheme, *(inhibitor(name) for name in drugs)), *variants)
    return replace(made, name=".".join([scheme.name, *filter(None, (isoform, congener)), *drugs]))


def parts_of(name: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Scheme, isoform, congener and inhibitors that the name of a composed pump holds.

    Raises NameUnknown for a part that is none of these.
    """
    base, *parts = name.split(".")
    isoform = parts.pop(0) if parts and _ISOFORM.fullmatch(parts[0]) else ""
    congener = parts.pop(0) if parts and parts[0] in part_files("congeners") else ""
    drugs = part_files("inhibitors")
    for part in parts:
        if part not in drugs:
            raise NameUnknown(f"{name}: {shown(part)} is no inhibitor{did_you_mean(part, drugs)}")
    return base, isoform, congener, tuple(parts)
