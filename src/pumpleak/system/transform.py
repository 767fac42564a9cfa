"""Systems made from systems: blocks written out, a parameter that ramps in time, another ion that closes the charge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean
from pumpleak.system.books import Amount, Books, Capacitor, Power
from pumpleak.system.expression import Expression, add, evaluate, gradients, number, substitute, symbol, total
from pumpleak.system.system import (
    TIME,
    Block,
    Coupling,
    Definition,
    Event,
    Parameter,
    Quadrature,
    State,
    System,
)

Change = Callable[[Expression], Expression]
PROTOCOL_WORK = "protocol.work"
DEPENDENT_LEAST = 0.1  # share of the counter-ions below which another ion has to close the charge (cancellation grows)


def flatten(system: System) -> System:
    """The same system with every block written out as its members and every coupling as terms of their rates."""
    if not system.blocks:
        return system
    parts = _Parts(system)
    for block in system.blocks:
        for index in range(block.count):
            parts.add_member(block, index)
    for coupling in system.couplings:
        for here, there in coupling.pairs:
            parts.add_edge(coupling, here, there)
    return replace(system, states=tuple(parts.states), rates=parts.rates, parameters=tuple(parts.parameters),
                   definitions=tuple(parts.definitions), quadratures=tuple(parts.quadratures),
                   events=tuple(parts.events), excitable=tuple(parts.excitable), blocks=(), couplings=())


class _Parts:
    """The growing lists of a system that is being written out."""

    def __init__(self, system: System) -> None:
        self.name = system.name
        self.states: list[State] = list(system.states)
        self.rates: dict[str, Expression] = dict(system.rates)
        self.parameters: list[Parameter] = list(system.parameters)
        self.definitions: list[Definition] = list(system.definitions)
        self.quadratures: list[Quadrature] = list(system.quadratures)
        self.events: list[Event] = list(system.events)
        self.excitable: list[tuple[str, ...]] = list(system.excitable)
        self.blocks = {block.name: block for block in system.blocks}
        for coupling in system.couplings:
            self.parameters.extend(coupling.parameters)

    def add_member(self, block: Block, index: int) -> None:
        """Write out one copy of the template under its own prefix."""
        template, prefix = flatten(block.template), f"{block.name}[{index}]."
        names = template.names

        def own(expressions: Sequence[Expression]) -> list[Expression]:
            return substitute(expressions, {name: symbol(prefix + name) for name in names})

        self.states.extend(replace(state, name=prefix + state.name) for state in template.states)
        self.rates.update({prefix + name: own([rate])[0] for name, rate in template.rates.items()})
        self.parameters.extend(replace(parameter, name=prefix + parameter.name) for parameter in template.parameters)
        self.definitions.extend(replace(d, name=prefix + d.name, expression=own([d.expression])[0])
                                for d in template.definitions)
        self.quadratures.extend(replace(q, name=prefix + q.name, rate=own([q.rate])[0]) for q in template.quadratures)
        self.excitable.extend(tuple(prefix + name for name in group) for group in template.excitable)
        self.events.extend(
            Event(prefix + event.name, own([event.trigger])[0],
                  {prefix + name: own([value])[0] for name, value in event.assignments.items()}, event.action)
            for event in template.events)

    def add_edge(self, coupling: Coupling, here: int, there: int) -> None:
        """Add the terms of one edge to the rates of the two members it joins."""
        block = self.blocks.get(coupling.block)
        if block is None:
            raise NameUnknown(f"{self.name}: {coupling.name} couples the block '{coupling.block}', which does not exist"
                              f"{did_you_mean(coupling.block, self.blocks)}")
        for member in (here, there):
            if not 0 <= member < block.count:
                raise ModelError(f"{self.name}: {coupling.name} joins member {member} of '{block.name}', "
                                 f"which has members 0 to {block.count - 1}")
        prefixes = {"here.": f"{block.name}[{here}].", "there.": f"{block.name}[{there}]."}
        names = {side + name: symbol(prefix + name) for side, prefix in prefixes.items()
                 for name in flatten(block.template).names}
        for target, term in coupling.contributions.items():
            state = names.get(target)
            if state is None or state.name not in self.rates:
                raise NameUnknown(f"{self.name}: {coupling.name} adds to '{target}', which is not a state of "
                                  f"'{block.name}'{did_you_mean(target, names)}")
            self.rates[state.name] = add(self.rates[state.name], substitute([term], names)[0])


def ramped(system: System, names: Iterable[str]) -> System:
    """The same system in which each named parameter is start + slope (time - from), with those three as parameters.

    What moving a parameter does to the free energy is booked as work of the protocol.
    """
    parameters = {parameter.name: parameter for parameter in system.parameters}
    definitions = list(system.definitions)
    names = sorted(set(names))
    for name in names:
        parameter = system.parameter(name)
        del parameters[name]
        start, slope, since = f"{name}.start", f"{name}.slope", f"{name}.from"
        parameters[start] = replace(parameter, name=start)
        parameters[slope] = Parameter(slope, f"{parameter.unit}/ms", 0.0)
        parameters[since] = Parameter(since, "ms", 0.0)
        value = symbol(start) + symbol(slope) * (symbol(TIME) - symbol(since))
        definitions.append(Definition(name, parameter.unit, value, parameter.source))
    moved = replace(system, parameters=tuple(parameters.values()), definitions=tuple(definitions))
    return _with_protocol_work(system, moved, names)


def _with_protocol_work(system: System, moved: System, names: Sequence[str]) -> System:
    """Book dG/dp times the slope of each moved parameter, at fixed amounts, as work that comes from outside.

    A volume that a constraint f(w, p) = 0 holds goes with the parameters, dw/dp = -f_p/f_w, and stretches the membrane.
    """
    books = system.books
    if books is None or not books.free_energy:
        return moved
    held = [place.volume for place in books.places for path in books.water if path.instant and path.target == place.name]
    energy, *laws = gradients(system.resolve([symbol(books.free_energy), *(system.rates[each] for each in held)]),
                              [*names, *held])
    slopes = dict(energy)
    for volume, law in zip(held, laws, strict=True):
        for name in names:
            if volume in energy and name in law:
                slopes[name] = slopes.get(name, number(0.0)) - energy[volume] * law[name] / law[volume]
    power = total(slopes[name] * symbol(f"{name}.slope") for name in names if name in slopes)
    if power.is_number:
        return moved
    work = Quadrature(PROTOCOL_WORK, "fJ", power)
    return replace(moved, quadratures=(*moved.quadratures, work),
                   books=replace(books, works=(*books.works, Power("protocol", PROTOCOL_WORK))))


def booked_rate(books: Books, amount: str) -> Expression:
    """Rate of an amount: the sum of what its processes add [fmol/ms]."""
    entry = _amount(books, amount)
    return total(line.count * symbol(process.flux) for process in books.processes for line in process.stoichiometry
                 if (line.place, line.species) == (entry.place, entry.species))


def closing_amount(books: Books, capacitor: Capacitor, dependent: str) -> Expression:
    """The amount that follows from charge: (Q/F - sum of z n of the other species there)/z. [fmol]"""
    charges = _charges(books, capacitor)
    others = total(charge * symbol(name) for name, charge in charges.items() if name != dependent)
    return (symbol(capacitor.charge) / capacitor.faraday - others) / charges[dependent]


def low_event(books: Books, capacitor: Capacitor) -> Event:
    """The event by which the caller lets another ion close the charge, when this one has become scarce."""
    charges = _charges(books, capacitor)
    cations = total(charge * symbol(name) for name, charge in charges.items() if charge > 0)
    own = abs(charges[capacitor.dependent]) * symbol(capacitor.dependent)
    return Event(f"{capacitor.charge}.dependent", DEPENDENT_LEAST * cations - own, action="dependent")


def with_dependent(system: System, capacitor: Capacitor, dependent: str) -> System:
    """The same system in which the amount `dependent` follows from the membrane's charge and the other ions.

    The amount that followed until now becomes a state whose rate is the sum of its processes.

    Raises ModelError where the system has no such charge in its books, or the amount is no candidate.
    """
    books = system.books
    if books is None or capacitor not in books.capacitors:
        raise ModelError(f"{system.name}: '{capacitor.charge}' is not a charge of its books")
    if dependent not in capacitor.candidates:
        raise ModelError(f"{system.name}: '{dependent}' cannot close the charge '{capacitor.charge}'; "
                         f"candidates: {', '.join(capacitor.candidates)}")
    freed = capacitor.dependent
    if dependent == freed:
        return system
    moved = next(state for state in system.states if state.name == dependent)
    state = State(freed, moved.unit, initial_values(system)[freed], moved.scale)
    rates = {name: rate for name, rate in system.rates.items() if name != dependent}
    changed = replace(capacitor, dependent=dependent)
    books = replace(books, capacitors=tuple(changed if entry == capacitor else entry for entry in books.capacitors))
    closing = Definition(dependent, moved.unit, closing_amount(books, changed, dependent))
    event = low_event(books, changed)
    return replace(
        system, books=books, rates={**rates, freed: booked_rate(books, freed)},
        states=tuple(state if old.name == dependent else old for old in system.states),
        definitions=tuple(closing if old.name == freed else old for old in system.definitions),
        events=tuple(event if old.name == event.name else old for old in system.events))


def initial_values(system: System) -> dict[str, float]:
    """Start values of states, parameters and all definitions, at time 0."""
    values: dict[str, float] = {thing.name: thing.initial for thing in system.states}
    values.update({parameter.name: parameter.value for parameter in system.parameters})
    values[TIME] = 0.0
    found = evaluate(list(system.resolution.values()), values)
    return {**values, **{name: float(value) for name, value in zip(system.resolution, found, strict=True)}}


def tamper(system: System, rates: Mapping[str, Change] | None = None,
           definitions: Mapping[str, Change] | None = None) -> System:
    """A dishonest copy for tests and teaching: rates or definitions are changed, the books are not.

    The copy stays `enforced`, so that its run must end in a LedgerError.
    """
    changes = dict(definitions or {})
    for name in [*(rates or {}), *changes]:
        known = [*system.rates, *(definition.name for definition in system.definitions)]
        if name not in known:
            raise NameUnknown(f"{system.name}: nothing is called '{name}'{did_you_mean(name, known)}")
    return replace(
        system, name=f"{system.name} (tampered)",
        rates={name: (rates or {}).get(name, _same)(rate) for name, rate in system.rates.items()},
        definitions=tuple(replace(d, expression=changes.get(d.name, _same)(d.expression)) for d in system.definitions))


def _same(expression: Expression) -> Expression:
    return expression


def _amount(books: Books, name: str) -> Amount:
    return next(amount for amount in books.amounts if amount.name == name)


def _charges(books: Books, capacitor: Capacitor) -> dict[str, float]:
    """Charge [e] of every amount that counts for a place and carries one, by the amount's name."""
    species = {entry.name: entry.charge for entry in books.species}
    charges = {amount.name: species[amount.species] if amount.place == capacitor.inside
               else capacitor.shares.get(amount.species, 0.0) for amount in books.amounts}
    return {name: charge for name, charge in charges.items() if charge}
