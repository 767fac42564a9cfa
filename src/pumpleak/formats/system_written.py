"""System -> the content of a file that describes it: numbers and formulas in internal units, each with its source."""

from __future__ import annotations

from pumpleak.base.errors import FormatError, UnitError
from pumpleak.base.units import internal_unit
from pumpleak.formats.parts import LONGEST_FORMULA, sources_written
from pumpleak.formats.scalars import Plain
from pumpleak.formats.system import check_unit, per_time, rate_unit
from pumpleak.formats.system_books import books_written, measured_in
from pumpleak.formats.writing import FORMAT
from pumpleak.lab.experiment import unit_of
from pumpleak.system.dimensions import Dimensions
from pumpleak.system.expression import Expression, write
from pumpleak.system.system import TIME, Definition, Event, Parameter, Quadrature, State, System


def system_written(system: System) -> dict[str, Plain]:
    """Return the content of a file that describes the system.

    What a cell remarked about its numbers is written among the notes; a source that the system does not declare is left
    out. Raises FormatError for what a file cannot say: a system of blocks, one of jumps, and a quantity in another unit than
    the one in which files are computed.
    """
    if system.blocks or system.couplings or system.jumps:
        held = "blocks" if system.blocks or system.couplings else "jumps"
        raise FormatError(f"{system.name}: a file does not hold a system with {held}; flatten(system) writes blocks out")
    _check_units(system)
    declared = {each.key for each in system.sources}
    plain: dict[str, Plain] = {
        "pumpleak": FORMAT, "system": system.name, "title": system.title, "sources": sources_written(system.sources),
        "conservation": system.conservation, "dimensions": "checked" if _consistent(system) else "unchecked",
        "guard": f"{system.guard!r} ms" if system.guard else "",
        "excitable": [list(group) for group in system.excitable],
        "parameters": {each.name: _parameter(each, declared) for each in system.parameters},
        "states": {each.name: _state(each) for each in system.states},
        "definitions": {each.name: _definition(each, declared) for each in system.definitions},
        "rates": {name: _formula(rate) for name, rate in system.rates.items()},
        "quadratures": {each.name: _quadrature(each) for each in system.quadratures},
        "events": {each.name: _event(each) for each in system.events},
        "books": books_written(system.books) if system.books is not None else {},
        "notes": [*system.notes, *system.remarks]}
    required = ("states", "rates")
    return {key: value for key, value in plain.items() if key in required or value not in ("", {}, [])}


def _check_units(system: System) -> None:
    """Refuse a quantity whose number would be another in the unit that a file is read in."""
    units = measured_in(system.states, system.parameters, system.definitions)
    for name, given in {**units, **{each.name: each.unit for each in system.quadratures}}.items():
        usual = internal_unit(unit_of(given)).name
        if unit_of(given).name != usual:
            raise FormatError(f"{system.name}: '{name}' is in {given}, and the formulas of a file compute in {usual}; "
                              "save(cell, 'cell.yaml') keeps a cell that is made so")


def _consistent(system: System) -> bool:
    """Whether every formula gives its unit; a file says so, since it is not read otherwise."""
    units = measured_in(system.states, system.parameters, system.definitions)
    names = Dimensions({**units, TIME: "ms"}, {each.name: each.value for each in system.parameters})
    formulas = [*((each.expression, each.unit) for each in system.definitions),
                *((system.rates[each.name], rate_unit(each)) for each in system.states),
                *((each.rate, per_time(each.unit)) for each in system.quadratures),
                *((each.trigger, "") for each in system.events),
                *((value, units[name]) for each in system.events for name, value in each.assignments.items())]
    try:
        for formula, expected in formulas:
            check_unit(system.name, formula, expected, names)
    except UnitError:
        return False
    return True


def _parameter(given: Parameter, declared: set[str]) -> Plain:
    value = _number(given.value, given.unit)
    more: dict[str, Plain] = {**({"domain": given.domain} if given.domain != "any" else {}),
                              **({"source": given.source} if given.source in declared else {})}
    return {"value": value, **more} if more else value


def _state(given: State) -> Plain:
    entry: dict[str, Plain] = {"start": _number(given.initial, given.unit), "scale": _number(given.scale, given.unit)}
    return entry if given.mass else {**entry, "algebraic": True}


def _definition(given: Definition, declared: set[str]) -> Plain:
    entry: dict[str, Plain] = {"expression": _formula(given.expression), "unit": given.unit}
    return {**entry, "source": given.source} if given.source in declared else entry


def _quadrature(given: Quadrature) -> Plain:
    entry: dict[str, Plain] = {"rate": _formula(given.rate), "unit": given.unit}
    return {**entry, "least": True} if given.least else entry


def _event(given: Event) -> Plain:
    values: dict[str, Plain] = {name: _formula(value) for name, value in given.assignments.items()}
    return {"trigger": _formula(given.trigger), **({"set": values} if values else {}), "action": given.action}


def _formula(expression: Expression) -> str:
    return write(expression, LONGEST_FORMULA)


def _number(value: float, measured: str) -> Plain:
    return value if measured in ("", "1") else f"{value!r} {measured}"
