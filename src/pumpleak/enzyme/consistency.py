"""Whether the formulas of a scheme or a rate law give what their units say, and whether each of its parameters is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pumpleak.base.errors import ModelError, NameUnknown, UnitError
from pumpleak.base.unit_table import Dimension
from pumpleak.base.units import unit
from pumpleak.enzyme.rates import DG0, VOLTAGE
from pumpleak.enzyme.step import REDUCED_VOLTAGE, WATER, Step
from pumpleak.enzyme.temperature import COLD, DH0, TEMPERATURE
from pumpleak.system.dimensions import Dimensions, described, shown
from pumpleak.system.expression import Expression, symbols
from pumpleak.system.system import Definition, Parameter

PER_TIME = "1/ms"
SURROUNDINGS = {VOLTAGE: "mV", TEMPERATURE: "K", "T": "K", REDUCED_VOLTAGE: "1", DH0: "J/mol", COLD: "mol/J"}
CONCENTRATION = unit("mM").dimension


def rate_unit(bound: Mapping[str, int]) -> str:
    """Unit of the rate constant of a step that binds these ligands: 1/(ms mM2) for two of them."""
    count = sum(each for name, each in bound.items() if not name.endswith(f".{WATER}"))
    return f"1/(ms mM^{count})" if count else PER_TIME


def measures(parameters: Iterable[Parameter], derived: Mapping[str, str], definitions: Iterable[Definition],
             ligands: Iterable[str]) -> Dimensions:
    """What all names measure that the formulas of a scheme or a rate law may use; `parameters` hold R, F and dG0 as well."""
    given = tuple(parameters)
    units = {**SURROUNDINGS, **dict.fromkeys(ligands, "mM"), **derived, **{each.name: each.unit for each in definitions},
             **{each.name: each.unit for each in given}}
    return Dimensions(units, {each.name: each.value for each in given})


def check_definition(owner: str, definition: Definition, names: Dimensions) -> None:
    """Raise UnitError for a named expression that does not give its unit; a bare number fits."""
    if definition.expression.is_number:
        return
    _check(f"{owner}: definition '{definition.name}'", definition.expression, definition.unit,
           f"its unit is {shown(unit(definition.unit).dimension)}", names, ("definitions", definition.name, "expression"))


def check_step(owner: str, step: Step, names: Dimensions) -> None:
    """Raise UnitError for a rate constant that does not give 1/time with the ligands of its step; a bare number fits.

    A complete rate must be 1/time itself.
    """
    for direction, formula, bound in (("forward", step.forward, step.taken), ("backward", step.backward, step.released)):
        if formula.is_number:
            continue
        expected = PER_TIME if step.lumped else rate_unit(bound)
        kind = "a complete rate" if step.lumped else f"a rate constant of a step that binds {_listed(bound)}"
        if direction == "backward" and not step.lumped and bound:
            kind += " backward"
        part = ("steps", step.name, "rates", direction) if step.lumped else ("steps", step.name, direction)
        _check(f"{owner}: step '{step.name}': {direction}", formula, expected,
               f"{kind} is in {shown(unit(expected).dimension)}", names, part)


def check_value(owner: str, formula: Expression, expected: str, names: Dimensions) -> None:
    """Raise UnitError for the formula of a rate law that does not give its unit; a bare number fits."""
    if formula.is_number:
        return
    _check(f"{owner}: its value", formula, expected, f"its unit is {expected}", names, ("value", "expression"))


def check_use(owner: str, parameters: Sequence[Parameter], formulas: Iterable[Expression]) -> None:
    """Raise ModelError for a parameter that no formula uses: mostly one whose name is mistyped elsewhere."""
    used = symbols(formulas)
    for parameter in parameters:
        if parameter.name not in used:
            raise ModelError(f"{owner}: parameter '{parameter.name}' ({parameter.value:g} {parameter.unit}) is used by "
                             "nothing; remove it, or use it in a formula").about("parameters", parameter.name)


def _check(where: str, formula: Expression, expected: str, requirement: str, names: Dimensions,
           part: tuple[str, ...]) -> None:
    try:
        found = names.check(formula, expected)
    except NameUnknown:
        return  # the System says so, for all formulas alike
    except UnitError as error:
        raise UnitError(f"{where}: {error}").about(*part) from None
    if found is None or (DG0 in symbols([formula]) and _standard(found, unit(expected).dimension)):
        return
    own = formula.function == "symbol" and "." not in formula.name and formula.name not in SURROUNDINGS
    remedy = f"give {formula.name} in that unit" if own else "correct it or the units of its constants"
    raise UnitError(f"{where} is {described(formula, found)}, but {requirement}; {remedy}").about(*part)


def _standard(found: Dimension, expected: Dimension) -> bool:
    """Whether two dimensions differ by concentrations alone: an equilibrium from dG0 holds that of 1 M as a pure number."""
    apart = [a - b for a, b in zip(found, expected, strict=True)]
    return apart == [apart[0] * each for each in CONCENTRATION]


def _listed(ligands: Mapping[str, int]) -> str:
    parts = [f"{count} {name}" if count > 1 else name for name, count in ligands.items() if not name.endswith(f".{WATER}")]
    return " and ".join(parts) or "nothing"
