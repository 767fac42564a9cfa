"""System files: YAML -> system.System, for models that are equations rather than cells.

A published model that breaks a conservation law cannot be a cell; it is loaded as it is, and its ledger reports what it
breaks. Formulas compute in internal units (mM, fmol, pL, ms, mV, pA), and each is held to the unit of what it gives: a rate
to the unit of its state per time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pumpleak.base.domains import Domain, check_domain
from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.base.names import did_you_mean, lookup
from pumpleak.base.units import Quantity, internal, internal_unit, unit
from pumpleak.formats.document import Document, read_file
from pumpleak.formats.header import expect
from pumpleak.formats.parts import Given, cited, computable, read_value, sources_of, validated
from pumpleak.formats.system_books import books_of, measured_in
from pumpleak.formats.system_file import SystemFile
from pumpleak.lab.experiment import unit_of
from pumpleak.system.dimensions import Dimensions, described, shown
from pumpleak.system.expression import Expression, symbols
from pumpleak.system.grammar import parse
from pumpleak.system.system import TIME, Definition, Event, Parameter, Quadrature, State, System

PER_TIME = "1/ms"


def system_of(document: Document, overrides: Mapping[str, str | float | Quantity] | None = None) -> System:
    """Return the system that a file describes, with other numbers as `--set pump.activity=0` gives them.

    Raises FormatError, UnitError, NameUnknown and ModelError, each with file, line and column where the file is at fault.
    """
    with computable(document):
        return with_values(_Reader(document).system(), overrides or {})


def system_in(path: Path, overrides: Mapping[str, str | float | Quantity] | None = None) -> System:
    """Return the system of a file, with overrides; raises FormatError for another kind of file."""
    document = read_file(path)
    expect(document, "system")
    return system_of(document, overrides)


def with_values(system: System, values: Mapping[str, str | float | Quantity]) -> System:
    """Return the system with other parameters, and other starts of its states, by name.

    Raises NameUnknown, UnitError, and ModelError for a value that the parameter cannot have.
    """
    units = measured_in(system.states, system.parameters)
    domains: dict[str, Domain] = {each.name: each.domain for each in system.parameters}
    found: dict[str, float] = {}
    for name, value in values.items():
        measured = lookup(name, units, f"parameter or state of {system.name}")
        found[name] = internal(value, unit_of(measured), name)
        check_domain(system.name, name, found[name], measured, domains.get(name, "any"))
    if not found:
        return system
    return replace(system, states=tuple(replace(each, initial=found.get(each.name, each.initial)) for each in system.states),
                   parameters=tuple(replace(each, value=found.get(each.name, each.value)) for each in system.parameters))


@dataclass(frozen=True)
class _Read:
    """A formula, where it stands, what it is called in messages, and the unit it has to give ("" for any)."""

    path: tuple[str, ...]
    owner: str
    expression: Expression
    unit: str


class _Reader:
    """One pass over a system file; `formulas` grows with every expression that is read."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file = validated(document, SystemFile)
        self.formulas: list[_Read] = []

    def system(self) -> System:
        file, document = self.file, self.document
        states, parameters = tuple(self.states()), tuple(self.parameters())
        measured = {each.name: each.unit for each in states}
        definitions, rates = tuple(self.definitions()), dict(self.rates(states))
        quadratures, events = tuple(self.quadratures()), tuple(self.events(measured))
        self.check(measured_in(states, parameters, definitions), parameters)
        sources = sources_of(document, file)
        with document.at("system"):
            system = System(
                name=file.system, states=states, rates=rates, parameters=parameters, definitions=definitions,
                quadratures=quadratures, events=events, conservation=file.conservation, guard=self.guard(),
                excitable=tuple(tuple(group) for group in file.excitable), title=file.title, sources=sources,
                notes=tuple(file.notes))
        return replace(system, books=books_of(document, file.books, system)) if file.books is not None else system

    def guard(self) -> float:
        if self.file.guard is None:
            return 0.0
        with self.document.at("guard"):
            cited(self.document, self.file.guard.source)
            found = internal(self.file.guard.value, "ms", "guard")
            check_domain(self.file.system, "guard", found, "ms", "not negative")
        return found

    def states(self) -> Iterator[State]:
        for name, entry in self.file.states.items():
            start, measured = self.number(entry.start, name, "states", name, "start")
            with self.document.at("states", name, "scale"):
                scale = internal(entry.scale, unit_of(measured), f"{name}: scale")
                check_domain(self.file.system, f"{name}: scale", scale, measured, "positive")
            yield State(name, measured, start, scale, mass=0.0 if entry.algebraic else 1.0)

    def parameters(self) -> Iterator[Parameter]:
        for name, entry in self.file.parameters.items():
            value, measured = self.number(entry.value, name, "parameters", name)
            with self.document.at("parameters", name):
                check_domain(self.file.system, name, value, measured, entry.domain)
                yield Parameter(name, measured, value, cited(self.document, entry.source), entry.domain)

    def number(self, given: Given, name: str, *path: str) -> tuple[float, str]:
        """A quantity in the internal unit of its dimension, and that unit."""
        with self.document.at(*path):
            value, measured = read_value(given, name)
            check_domain(self.file.system, name, value, measured, "any")
        return value, measured

    def definitions(self) -> Iterator[Definition]:
        for name, entry in self.file.definitions.items():
            measured = self.unit(entry.unit, "definitions", name, "unit")
            with self.document.at("definitions", name):
                source = cited(self.document, entry.source)
            formula = self.formula(entry.expression, name, measured, "definitions", name, "expression")
            yield Definition(name, measured, formula, source)

    def rates(self, states: Iterable[State]) -> Iterator[tuple[str, Expression]]:
        expected = {each.name: rate_unit(each) for each in states}
        for name, text in self.file.rates.items():
            with self.document.at("rates", name, key=NameUnknown):
                measured = lookup(name, expected, f"state of {self.file.system}")
            yield name, self.formula(text, f"the rate of {name}", measured, "rates", name)
        for name in expected:
            if name not in self.file.rates:
                with self.document.at("states", name, key=ModelError):
                    raise ModelError(f"{self.file.system}: the state '{name}' has no rate; give one under 'rates', or make it "
                                     "a parameter")

    def quadratures(self) -> Iterator[Quadrature]:
        for name, entry in self.file.quadratures.items():
            measured = self.unit(entry.unit, "quadratures", name, "unit")
            rate = self.formula(entry.rate, f"the rate of {name}", per_time(measured), "quadratures", name, "rate")
            yield Quadrature(name, measured, rate, entry.least)

    def events(self, measured: Mapping[str, str]) -> Iterator[Event]:
        for name, entry in self.file.events.items():
            trigger = self.formula(entry.trigger, f"the trigger of {name}", "", "events", name, "trigger")
            found = {}
            for state, text in entry.set_.items():
                with self.document.at("events", name, "set", state, key=NameUnknown):
                    unit_there = lookup(state, measured, f"state of {self.file.system}")
                found[state] = self.formula(text, f"{state} at {name}", unit_there, "events", name, "set", state)
            yield Event(name, trigger, found, entry.action)

    def unit(self, text: str, *path: str) -> str:
        with self.document.at(*path):
            return internal_unit(unit(text)).name

    def formula(self, text: str, owner: str, measured: str, *path: str) -> Expression:
        with self.document.at(*path):
            expression = parse(text)
        self.formulas.append(_Read(path, owner, expression, measured))
        return expression

    def check(self, units: Mapping[str, str], parameters: tuple[Parameter, ...]) -> None:
        """Refuse a formula with a name that nothing defines, or that does not give its unit."""
        known = {**units, TIME: "ms"}
        names = Dimensions(known, {each.name: each.value for each in parameters})
        for each in self.formulas:
            with self.document.at(*each.path):
                for name in sorted(symbols([each.expression]) - known.keys()):
                    raise NameUnknown(f"{each.owner} uses '{name}', which nothing defines{did_you_mean(name, known)}")
                if self.file.dimensions == "checked":
                    check_unit(each.owner, each.expression, each.unit, names)


def check_unit(owner: str, formula: Expression, expected: str, names: Dimensions) -> None:
    """Raise UnitError for a formula that does not give its unit ("" for any); a bare number fits."""
    if formula.is_number:
        return
    try:
        found = names.of(formula)
    except UnitError as error:
        raise UnitError(f"{owner}: {error}") from None
    if found is not None and expected and found != unit(expected).dimension:
        raise UnitError(f"{owner} is {described(formula, found)}, but its unit is {shown(unit(expected).dimension)}; correct "
                        "it or the units of its constants")


def rate_unit(state: State) -> str:
    """The unit of a state's rate; any ("") for one that has to vanish."""
    return per_time(state.unit) if state.mass else ""


def per_time(measured: str) -> str:
    """The unit of the rate of a quantity in this unit."""
    return PER_TIME if measured in ("", "1") else f"({measured})/ms"
