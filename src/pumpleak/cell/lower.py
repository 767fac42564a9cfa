"""Cell to System: states, definitions, rates and books, all from the stoichiometries of its passages.

Amounts, water and charge are the states; concentrations and V are derived. The more abundant of K+ and Cl- inside
follows from charge instead of being integrated, which keeps the sum of large, nearly cancelling amounts exact.
"""

from __future__ import annotations

from dataclasses import replace

from pumpleak.base.constants import MOLECULE
from pumpleak.base.domains import check_domain
from pumpleak.base.errors import ModelError
from pumpleak.base.sources import Source
from pumpleak.cell import energy
from pumpleak.cell.description import Description
from pumpleak.cell.draft import Draft
from pumpleak.cell.transport.passage import Passage, WaterPassage
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.books import Amount, BookedSpecies, Books, Capacitor, Entry, Place, Process, WaterPath
from pumpleak.system.expression import Expression, symbol, total
from pumpleak.system.system import Event, Parameter, Quadrature, State, System
from pumpleak.system.transform import booked_rate, closing_amount, low_event

LARGEST_VOLTAGE = 1000.0  # mV: no membrane holds a volt
NEUTRAL = 5e-3  # share of the solutes: published media are neutral to their three printed digits
CHARGE_SCALE = 100.0  # mV: a membrane's charge is judged against what 100 mV puts on it
LEAST_SCALE = 1.0  # mM: an ion that starts scarce is judged against this much of it, so that its error stays bounded
SCARCE_STATE = 1e-3  # share of all pumps against which a state is judged: rare states still dissipate (measured: free
# energy over a block and its return closes to 6e-6 with 1, 7e-8 with this, at 1.7 times the steps)
CANDIDATES = ("K", "Cl")  # what may close the charge inside: abundant ions, so that no small difference is taken


def lower(cell: Description) -> System:
    """The cell's System.

    Raises ModelError where a passage makes charge or an element, or needs a species that has no place.
    """
    draft = Draft(cell)
    _write_surroundings(draft)
    _write_contents(draft)
    _write_volume(draft)
    _write_membrane(draft)
    _write_transport(draft)
    books = energy.book(_books(draft), draft)
    capacitor = books.capacitors[0]
    draft.define(capacitor.dependent, "fmol", closing_amount(books, capacitor, capacitor.dependent))
    parameters = tuple(replace(p, value=cell.values.get(p.name, p.value), source=p.source or cell.value_sources.get(p.name, ""))
                       for p in draft.parameters)
    for parameter in parameters:
        check_domain(cell.name, parameter.name, parameter.value, parameter.unit, parameter.domain)
    _check_start(draft)
    return System(
        name=cell.name, title=cell.title, states=tuple(draft.states), parameters=parameters,
        rates={state.name: _rate(draft, state, books) for state in draft.states},
        definitions=tuple(draft.definitions), quadratures=tuple(draft.quadratures),
        events=(*(low_event(books, each) for each in books.capacitors if len(each.candidates) > 1), *_gone(draft)),
        books=books, conservation=cell.conservation, guard=cell.guard, sources=_sources(cell),
        notes=cell.notes, remarks=tuple(_remarks(draft)))


def _write_surroundings(draft: Draft) -> None:
    """Temperature and bath."""
    cell, outside = draft.cell, draft.outside
    draft.parameters.append(Parameter("temperature", "K", cell.constants.T, domain="positive"))
    draft.define("thermal.energy", "J/mol", cell.constants.R * symbol("temperature"))
    draft.define("thermal.voltage", "mV", 1000.0 / cell.constants.F * symbol("thermal.energy"))
    bath = {**cell.bath.contents, **{entry.name: entry.concentration for entry in cell.bath.impermeants}}
    passed = {species for _, passage in draft.passages for place, species in passage.stoichiometry if place == outside}
    draft.parameters.extend(Parameter(f"{outside}.{name}", "mM", value, domain="positive" if name in passed else "not negative")
                            for name, value in bath.items())
    draft.define(f"{outside}.osmolarity", "mM", total(symbol(f"{outside}.{name}") for name in bath))


def _write_contents(draft: Draft) -> None:
    """Amounts and concentrations inside; states of proteins that are species of their own."""
    inside, volume = draft.inside, draft.cell.compartment.volume
    moving, dependent = draft.moving(), _dependent(draft)
    for name, value in draft.dissolved.items():
        amount = draft.amount(name)
        if name not in moving:
            draft.parameters.append(Parameter(amount, "fmol", draft.start_amount(name), domain="not negative"))
        elif name != dependent:
            draft.states.append(State(amount, "fmol", draft.start_amount(name), max(value, LEAST_SCALE) * volume))
        draft.define(f"{inside}.{name}", "mM", symbol(amount) / symbol(f"{inside}.volume"))
    proteins = sum(bound.amount for bound in draft.bound)
    for bound in draft.bound:
        draft.states.append(State(draft.amount(bound.species.name), "fmol", bound.amount, SCARCE_STATE * proteins))
    draft.define(f"{inside}.osmoles", "fmol", total(symbol(draft.amount(name)) for name in draft.dissolved))
    draft.define(f"{inside}.osmolarity", "mM", symbol(f"{inside}.osmoles") / symbol(f"{inside}.volume"))


def _dependent(draft: Draft) -> str:
    """The ion that closes the charge at the start: the most abundant candidate that moves."""
    contents = draft.cell.compartment.contents
    moving = [name for name in draft.moving() if name in contents and draft.charges[name]]
    able = [name for name in CANDIDATES if name in moving] or moving
    if not able:
        raise ModelError(f"{draft.cell.name}: nothing charged moves across '{draft.cell.membrane.name}' (contents: "
                         f"{', '.join(contents)}); a cell needs at least one ion with a passage")
    return max(able, key=lambda name: abs(draft.charges[name]) * contents[name])


def _water(draft: Draft) -> list[WaterPassage]:
    return [path for given in draft.contributions.values() for path in given.water]


def _write_volume(draft: Draft) -> None:
    """Volume: fixed without a path for water, a state with one, a constraint where osmosis is instant."""
    start, name = draft.cell.compartment.volume, f"{draft.inside}.volume"
    paths = _water(draft)
    instant = any(path.flux is None for path in paths)
    if instant and len(paths) > 1:
        raise ModelError(f"{draft.cell.name}: water moves by {', '.join(path.name for path in paths)}, of which one is "
                         "instant; instant osmosis leaves nothing for another path to do")
    if not paths:
        draft.parameters.append(Parameter(name, "pL", start, domain="positive"))
    else:
        draft.states.append(State(name, "pL", start, start, mass=0.0 if instant else 1.0))


def _write_membrane(draft: Draft) -> None:
    """Area, capacitance, charge and potential."""
    given, volume = draft.cell.membrane, f"{draft.inside}.volume"
    name, area = given.name, f"{given.name}.area"
    if given.area_exponent is None:
        draft.parameters.append(Parameter(area, "um2", given.area, domain="positive"))
    else:
        draft.parameters += [Parameter(f"{area}_at_start", "um2", given.area, domain="positive"),
                             Parameter(f"{name}.volume_at_start", "pL", draft.cell.compartment.volume, domain="positive"),
                             Parameter(f"{name}.area_exponent", "1", given.area_exponent)]
        swelling = symbol(volume) / symbol(f"{name}.volume_at_start")
        draft.define(area, "um2", symbol(f"{area}_at_start") * swelling ** symbol(f"{name}.area_exponent"))
    draft.parameters.append(Parameter(f"{name}.specific_capacitance", "pF/um2", given.capacitance,
                                      domain="positive"))
    draft.define(f"{name}.capacitance", "pF", symbol(f"{name}.specific_capacitance") * symbol(area))
    draft.states.append(State(f"{name}.charge", "fC", draft.start_charge(), given.area * given.capacitance * CHARGE_SCALE))
    draft.define(f"{name}.V", "mV", symbol(f"{name}.charge") / symbol(f"{name}.capacitance"))


def _write_transport(draft: Draft) -> None:
    """Flux, current and extent of every passage, total current of every transporter, flow of water."""
    for given in draft.contributions.values():
        draft.parameters.extend(given.parameters)
        draft.definitions.extend(given.definitions)
    for _, passage in draft.passages:
        flux = f"{passage.name}.flux"
        draft.define(flux, "fmol/ms", passage.flux)
        draft.quadratures.append(Quadrature(f"{passage.name}.extent", "fmol", symbol(flux)))
        if charge := draft.carried(passage):
            draft.define(f"{passage.name}.current", "pA", charge * draft.cell.constants.F * symbol(flux))
    for name, given in draft.contributions.items():
        currents = [symbol(f"{each.name}.current") for each in given.passages if draft.carried(each)]
        if currents and name not in [each.name for each in given.passages]:
            draft.define(f"{name}.current", "pA", total(currents))
    for path in _water(draft):
        if path.flux is not None:
            draft.define(f"{path.name}.flux", "pL/ms", path.flux)
            draft.quadratures.append(Quadrature(f"{path.name}.extent", "pL", symbol(f"{path.name}.flux")))


def _rate(draft: Draft, state: State, books: Books) -> Expression:
    """Right-hand side of one state: of charge the currents, of volume the water, of amounts what is booked."""
    if state.name == f"{draft.cell.membrane.name}.charge":
        return -total(symbol(f"{each.name}.current") for _, each in draft.passages if draft.carried(each))
    if state.name == f"{draft.inside}.volume":
        if state.mass == 0.0:
            return symbol(f"{draft.inside}.osmoles") / symbol(f"{draft.outside}.osmolarity") - symbol(state.name)
        return total(symbol(f"{path.name}.flux") for path in _water(draft))
    return booked_rate(books, state.name)


def _gone(draft: Draft) -> list[Event]:
    """What ends a run: an amount that falls below one particle, where concentrations and logarithms lose their meaning."""
    return [Event(f"less than one particle of {draft.inside}.{name} is left", MOLECULE - symbol(draft.amount(name)),
                  action="fail") for name in draft.moving()]


def _check_start(draft: Draft) -> None:
    """Refuse contents whose charge no membrane could hold."""
    given = draft.cell.membrane
    voltage = draft.start_charge() / (given.area * given.capacitance)
    if abs(voltage) > LARGEST_VOLTAGE:
        charge = draft.start_charge() / (draft.cell.constants.F * draft.cell.compartment.volume)
        raise ModelError(f"{draft.cell.name}: the contents of '{draft.inside}' carry {charge:+.4g} mM of net charge, which "
                         f"would put {given.name}.V at {voltage / 1000:.4g} V; change them or an impermeant's charge, or let "
                         "'balance' find it")


def _sources(cell: Description) -> tuple[Source, ...]:
    """The cell's own sources and those of the schemes of its pumps."""
    schemes = [each.scheme for each in cell.transporters if isinstance(each, SchemePump)]
    found = {source.key: source for scheme in schemes for source in scheme.sources}
    return tuple({**found, **{source.key: source for source in cell.sources}}.values())


def _remarks(draft: Draft) -> list[str]:
    """What follows from the numbers given and might not have been meant."""
    cell, remarks = draft.cell, []
    bath = {**cell.bath.contents, **{entry.name: entry.concentration for entry in cell.bath.impermeants}}
    bath = {name: cell.values.get(f"{draft.outside}.{name}", value) for name, value in bath.items()}
    charge = sum(draft.charges[name] * value for name, value in bath.items())
    if abs(charge) > NEUTRAL * sum(bath.values()):
        remarks.append(f"The bath '{draft.outside}' as given carries {charge:+.4g} mM of net charge and "
                       f"{sum(bath.values()):.4g} mM of solutes; exchanging one ion for another would leave both as they were.")
    ion = _dependent(draft)
    others = sum(draft.charges[name] * draft.start_amount(name) for name in draft.dissolved if name != ion)
    others += sum(draft.charges[bound.species.name] * bound.amount for bound in draft.bound)
    left = (draft.start_charge() / cell.constants.F - others) / draft.charges[ion] / cell.compartment.volume
    given = cell.compartment.contents[ion]
    if abs(left - given) > NEUTRAL * given:
        remarks.append(f"{draft.inside}.{ion} starts at {left:.5g} mM instead of {given:.5g} mM: it closes the charge.")
    if cell.values.get("temperature", cell.constants.T) != cell.constants.T:
        remarks.append("The temperature given changes RT and the rates of pumps that have enthalpies; permeabilities and all "
                       "other rate constants stay as measured.")
    remarks += [said for each in draft.transporters if isinstance(each, SchemePump) for said in each.remarks]
    return remarks


def _process(draft: Draft, transporter: str, passage: Passage) -> Process:
    """The entry of one passage."""
    entries = tuple(Entry(place, species, count) for (place, species), count in passage.stoichiometry.items() if count)
    fuel = -passage.stoichiometry.get((draft.supply, "ATP"), 0.0)
    burns = fuel > 0 and passage.stoichiometry.get((draft.supply, "Pi"), 0.0) > 0
    return Process(passage.name, transporter, entries, f"{passage.name}.flux", f"{passage.name}.extent",
                   f"{passage.name}.affinity", passage.role,
                   f"{draft.supply}.dG_ATP" if burns else "", fuel if burns else 0.0)


def _books(draft: Draft) -> Books:
    """The entries, without those of energy."""
    cell, inside, outside = draft.cell, draft.inside, draft.outside
    places = [Place(inside, "dynamic", f"{inside}.volume"), Place(outside, "reservoir")]
    if cell.metabolism:
        places.append(Place(draft.supply, "reservoir"))
    dependent = draft.amount(_dependent(draft))
    candidates = tuple(draft.amount(name) for name in draft.moving() if name in CANDIDATES) or (dependent,)
    processes = [_process(draft, name, passage) for name, passage in draft.passages]
    water = [WaterPath(path.name, outside, inside, instant=True) if path.flux is None else
             WaterPath(path.name, outside, inside, f"{path.name}.flux", f"{path.name}.extent") for path in _water(draft)]
    return Books(
        species=tuple(BookedSpecies(name, each.charge, each.composition) for name, each in draft.species.items()),
        places=tuple(places), processes=tuple(processes), water=tuple(water),
        amounts=tuple(Amount(inside, name, draft.amount(name)) for name in (*draft.dissolved, *draft.bound_names)),
        capacitors=(Capacitor(f"{cell.membrane.name}.charge", inside, outside, cell.constants.F, dependent, candidates),),
        phenomenological=tuple(name for name, given in draft.contributions.items() if given.phenomenological))
