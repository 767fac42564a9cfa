"""Cell to System: states, definitions, rates and books, all from the stoichiometries of its passages.

Amounts, water and charge are the states; concentrations and V are derived. One abundant ion of each compartment, K+ or
Cl- inside, Na+ or Cl- in a finite outside, follows from charge instead of being integrated, which keeps the sum of large,
nearly cancelling amounts exact. The charge outside is that of the inside with the other sign.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pumpleak.base.constants import MOLECULE
from pumpleak.base.domains import check_domain
from pumpleak.base.errors import ModelError
from pumpleak.base.sources import Source
from pumpleak.cell import energy
from pumpleak.cell.compartment import Compartment
from pumpleak.cell.description import Description
from pumpleak.cell.draft import Draft
from pumpleak.cell.standard import MOLAR
from pumpleak.cell.transport.passage import Passage, WaterPassage
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.books import Amount, BookedSpecies, Books, Capacitor, Entry, Place, Process, WaterPath
from pumpleak.system.expression import Expression, log, symbol, total
from pumpleak.system.system import Event, Parameter, Quadrature, State, System
from pumpleak.system.transform import booked_rate, closing_amount, low_event

LARGEST_VOLTAGE = 1000.0  # mV: no membrane holds a volt
NEUTRAL = 5e-3  # share of the solutes: published media are neutral to their three printed digits
CHARGE_SCALE = 100.0  # mV: a membrane's charge is judged against what 100 mV puts on it
LEAST_SCALE = 1.0  # mM: an ion that starts scarce is judged against this much of it, so that its error stays bounded
SCARCE_STATE = 1e-3  # share of all pumps against which a state is judged: rare states still dissipate (measured: free
# energy over a block and its return closes to 6e-6 with 1, 7e-8 with this, at 1.7 times the steps)
CANDIDATES = ("K", "Cl")  # what may close the charge inside: abundant ions, so that no small difference is taken
CANDIDATES_OUTSIDE = ("Na", "Cl")  # outside, where a small error of the few mM of K+ would move V


def lower(cell: Description, closed: bool = True) -> System:
    """The cell's System; with `closed` one that can run, else one that a balance may still make room in.

    Raises ModelError where a passage makes charge or an element, or needs a species that has no place, and where the ion
    that closes the charge of a place would be less than none.
    """
    draft = Draft(cell)
    _write_surroundings(draft)
    for place in draft.compartments.values():
        _write_contents(draft, place)
    _write_proteins(draft)
    for place in draft.compartments.values():
        _write_volume(draft, place)
    _write_membrane(draft)
    _write_transport(draft)
    books = energy.book(_books(draft), draft)
    for capacitor in books.capacitors:
        draft.define(capacitor.dependent, "fmol", closing_amount(books, capacitor, capacitor.dependent))
    parameters = tuple(replace(p, value=cell.values.get(p.name, p.value), source=p.source or cell.value_sources.get(p.name, ""))
                       for p in draft.parameters)
    for parameter in parameters:
        check_domain(cell.name, parameter.name, parameter.value, parameter.unit, parameter.domain)
    _check_start(draft, closed)
    return System(
        name=cell.name, title=cell.title, states=tuple(draft.states), parameters=parameters,
        rates={state.name: _rate(draft, state, books) for state in draft.states},
        definitions=tuple(draft.definitions), quadratures=tuple(draft.quadratures),
        events=(*(low_event(books, each) for each in books.capacitors if len(each.candidates) > 1), *_gone(draft),
                *(event for given in draft.contributions.values() for event in given.events)),
        books=books, conservation=cell.conservation, guard=cell.guard or _guard(draft),
        excitable=_excitable(draft), sources=_sources(cell), notes=cell.notes, remarks=tuple(_remarks(draft)))


def _write_surroundings(draft: Draft) -> None:
    """Temperature and baths."""
    cell = draft.cell
    draft.parameters.append(Parameter("temperature", "K", cell.constants.T, domain="positive"))
    draft.define("thermal.energy", "J/mol", cell.constants.R * symbol("temperature"))
    draft.define("thermal.voltage", "mV", 1000.0 / cell.constants.F * symbol("thermal.energy"))
    passed = {key for _, passage in draft.passages for key in passage.stoichiometry}
    for bath in cell.baths:
        draft.parameters.extend(Parameter(f"{bath.name}.{name}", "mM", value,
                                          domain="positive" if (bath.name, name) in passed else "not negative")
                                for name, value in bath.concentrations.items())
        draft.define(f"{bath.name}.osmolarity", "mM", total(symbol(f"{bath.name}.{name}") for name in bath.concentrations))


def _write_contents(draft: Draft, place: Compartment) -> None:
    """Amounts and concentrations of a compartment."""
    moving, dependent = draft.moving(place.name), _dependent(draft, place.name)
    for name, value in place.concentrations.items():
        amount, start = draft.amount(place.name, name), draft.start_amount(place.name, name)
        if name not in moving:
            draft.parameters.append(Parameter(amount, "fmol", start, domain="not negative"))
        elif name != dependent:
            draft.states.append(State(amount, "fmol", start, max(value, LEAST_SCALE) * place.volume))
            if name == "H":
                draft.define(f"{place.name}.pH", "1", -1.0 / math.log(10.0) * log(symbol(f"{place.name}.H") / MOLAR))
        draft.define(f"{place.name}.{name}", "mM", symbol(amount) / symbol(f"{place.name}.volume"))
    amounts = [symbol(draft.amount(place.name, name)) for name in place.concentrations]
    draft.define(f"{place.name}.osmoles", "fmol", total(amounts))
    draft.define(f"{place.name}.osmolarity", "mM", symbol(f"{place.name}.osmoles") / symbol(f"{place.name}.volume"))


def _write_proteins(draft: Draft) -> None:
    """States of proteins that are species of their own."""
    proteins = sum(bound.amount for bound in draft.bound)
    for bound in draft.bound:
        name = draft.amount(draft.inside, bound.species.name)
        draft.states.append(State(name, "fmol", bound.amount, SCARCE_STATE * proteins))


def _dependent(draft: Draft, place: str) -> str:
    """The ion that closes the charge of a compartment at the start: the most abundant candidate that moves."""
    contents, candidates = draft.compartments[place].contents, _candidates(draft, place)
    moving = [name for name in draft.moving(place) if name in contents and draft.charges[name]]
    able = [name for name in candidates if name in moving] or (moving if place == draft.inside else [])
    if not moving:
        raise ModelError(f"{draft.cell.name}: nothing charged moves across '{draft.cell.membrane.name}' (contents: "
                         f"{', '.join(contents)}); a cell needs at least one ion with a passage")
    if not able:
        raise ModelError(f"{draft.cell.name}: of the charged contents of '{place}' only {', '.join(moving)} moves; "
                         f"{' or '.join(candidates)} has to, since one of them closes the charge there")
    return max(able, key=lambda name: abs(draft.charges[name]) * contents[name])


def _candidates(draft: Draft, place: str) -> tuple[str, ...]:
    return CANDIDATES if place == draft.inside else CANDIDATES_OUTSIDE


def _water(draft: Draft) -> list[WaterPassage]:
    return [path for given in draft.contributions.values() for path in given.water]


def _write_volume(draft: Draft, place: Compartment) -> None:
    """Volume: fixed without a path for water, a state with one, a constraint where osmosis is instant."""
    name = f"{place.name}.volume"
    paths = [path for path in _water(draft) if place.name in (path.source, path.target)]
    instant = any(path.flux is None for path in paths)
    if instant and len(draft.compartments) > 1:
        raise ModelError(f"{draft.cell.name}: {paths[0].name} is instant, which needs a bath of constant osmolarity outside, "
                         f"but '{draft.outside}' has a volume; give water a permeability")
    if instant and len(paths) > 1:
        raise ModelError(f"{draft.cell.name}: water moves by {', '.join(path.name for path in paths)}, of which one is "
                         "instant; instant osmosis leaves nothing for another path to do")
    if not paths:
        draft.parameters.append(Parameter(name, "pL", place.volume, domain="positive"))
    else:
        draft.states.append(State(name, "pL", place.volume, place.volume, mass=0.0 if instant else 1.0))


def _write_membrane(draft: Draft) -> None:
    """Area, capacitance, charge and potential."""
    given, volume = draft.cell.membrane, f"{draft.inside}.volume"
    name, area = given.name, f"{given.name}.area"
    if given.area_exponent is None:
        draft.parameters.append(Parameter(area, "um2", given.area, domain="positive"))
    else:
        draft.parameters += [Parameter(f"{area}_at_start", "um2", given.area, domain="positive"),
                             Parameter(f"{name}.volume_at_start", "pL", draft.cell.inside.volume, domain="positive"),
                             Parameter(f"{name}.area_exponent", "1", given.area_exponent)]
        swelling = symbol(volume) / symbol(f"{name}.volume_at_start")
        draft.define(area, "um2", symbol(f"{area}_at_start") * swelling ** symbol(f"{name}.area_exponent"))
    draft.parameters.append(Parameter(f"{name}.specific_capacitance", "pF/um2", given.capacitance,
                                      domain="positive"))
    draft.define(f"{name}.capacitance", "pF", symbol(f"{name}.specific_capacitance") * symbol(area))
    draft.states.append(State(f"{name}.charge", "fC", draft.start_charge(), given.area * given.capacitance * CHARGE_SCALE))
    draft.define(f"{name}.V", "mV", symbol(f"{name}.charge") / symbol(f"{name}.capacitance"))
    if draft.outside in draft.compartments:
        draft.define(f"{draft.outside}.charge", "fC", -symbol(f"{name}.charge"))


def _write_transport(draft: Draft) -> None:
    """Flux, current and extent of every passage, total current of every transporter, its own states, flow of water."""
    for given in draft.contributions.values():
        draft.states.extend(state for state, _ in given.states)
        draft.parameters.extend(given.parameters)
        draft.definitions.extend(given.definitions)
        for constant in (each.constant for each in given.equilibria):
            if constant.name in draft.standards.derived:
                draft.define(constant.name, constant.unit, draft.standards.derived[constant.name], constant.source)
            else:
                draft.parameters.append(constant)
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
    """Right-hand side of one state: of charge the currents, of volume the water, of amounts what is booked, else its own."""
    for given in draft.contributions.values():
        for own, rate in given.states:
            if own.name == state.name:
                return rate
    if state.name == f"{draft.cell.membrane.name}.charge":
        return -total(symbol(f"{each.name}.current") for _, each in draft.passages if draft.carried(each))
    place = state.name.removesuffix(".volume")
    if state.mass == 0.0:
        return symbol(f"{place}.osmoles") / symbol(f"{draft.outside}.osmolarity") - symbol(state.name)
    if place in draft.compartments:
        return total((1.0 if path.target == place else -1.0) * symbol(f"{path.name}.flux") for path in _water(draft)
                     if place in (path.source, path.target))
    return booked_rate(books, state.name)


def _guard(draft: Draft) -> float:
    """The longest step that every transporter's own states allow. [ms]"""
    return min((given.guard for given in draft.contributions.values() if given.guard), default=0.0)


def _excitable(draft: Draft) -> tuple[tuple[str, ...], ...]:
    """The charge of the membrane and the gates that follow its potential."""
    gates = tuple(name for given in draft.contributions.values() for name in given.gates)
    return ((f"{draft.cell.membrane.name}.charge", *gates),) if gates else ()


def _gone(draft: Draft) -> list[Event]:
    """What ends a run: an amount that falls below one particle, where concentrations and logarithms lose their meaning."""
    return [Event(f"less than one particle of {place}.{name} is left", MOLECULE - symbol(draft.amount(place, name)),
                  action="fail") for place in draft.compartments for name in draft.moving(place)]


def _check_start(draft: Draft, closed: bool) -> None:
    """Refuse contents whose charge no membrane could hold, or that leave less than nothing of the ion that closes it."""
    given = draft.cell.membrane
    voltage = draft.start_charge() / (given.area * given.capacitance)
    if abs(voltage) > LARGEST_VOLTAGE:
        charge = draft.start_charge() / (draft.cell.constants.F * draft.cell.inside.volume)
        raise ModelError(f"{draft.cell.name}: the contents of '{draft.inside}' carry {charge:+.4g} mM of net charge, which "
                         f"would put {given.name}.V at {voltage / 1000:.4g} V; change them or an impermeant's charge, or let "
                         "'balance' find it")
    for place in draft.compartments if closed else draft.compartments.keys() - {draft.inside}:
        ion, left = _closing_start(draft, place)
        if not left > 0:
            raise ModelError(f"{draft.cell.name}: {place}.{ion} would have to start at {left:.4g} mM to close the charge "
                             f"there; change the other contents of '{place}' or an impermeant's charge")


def _closing_start(draft: Draft, place: str) -> tuple[str, float]:
    """The ion that closes the charge of a compartment, and the concentration [mM] at which it starts."""
    ion, given = _dependent(draft, place), draft.compartments[place]
    others = sum(draft.charges[name] * draft.cell.values.get(draft.amount(place, name), draft.start_amount(place, name))
                 for name in given.concentrations if name != ion)
    charge = draft.start_charge() / draft.cell.constants.F
    if place == draft.inside:
        others += sum(draft.charges[bound.species.name] * bound.amount for bound in draft.bound)
    else:
        charge = -charge
        others += sum(bound.outward * bound.amount for bound in draft.bound)
    return ion, (charge - others) / draft.charges[ion] / given.volume


def _sources(cell: Description) -> tuple[Source, ...]:
    """The cell's own sources and those of the schemes of its pumps."""
    schemes = [each.scheme for each in cell.transporters if isinstance(each, SchemePump)]
    found = {source.key: source for scheme in schemes for source in scheme.sources}
    return tuple({**found, **{source.key: source for source in cell.sources}}.values())


def _remarks(draft: Draft) -> list[str]:
    """What follows from the numbers given and might not have been meant."""
    cell, remarks = draft.cell, []
    for each in cell.baths:
        bath = {name: cell.values.get(f"{each.name}.{name}", value) for name, value in each.concentrations.items()}
        charge = sum(draft.charges[name] * value for name, value in bath.items())
        if abs(charge) > NEUTRAL * sum(bath.values()):
            remarks.append(f"The bath '{each.name}' as given carries {charge:+.4g} mM of net charge and "
                           f"{sum(bath.values()):.4g} mM of solutes; exchanging one ion for another would leave both as they "
                           "were.")
    for place in draft.compartments.values():
        ion, left = _closing_start(draft, place.name)
        given = place.contents[ion]
        if abs(left - given) > NEUTRAL * given:
            remarks.append(f"{place.name}.{ion} starts at {left:.5g} mM instead of {given:.5g} mM: it closes the charge.")
    if cell.values.get("temperature", cell.constants.T) != cell.constants.T:
        gates = ", the speed of gates that have a q10" if any(each.name.endswith(".q10") for each in draft.parameters) else ""
        remarks.append(f"The temperature given changes RT{gates} and the rates of pumps that have enthalpies; permeabilities "
                       "and all other rate constants stay as measured.")
    remarks += [said for pump in draft.transporters if isinstance(pump, SchemePump) for said in pump.remarks]
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
    cell, inside = draft.cell, draft.inside
    places = [*(Place(name, "dynamic", f"{name}.volume") for name in draft.compartments),
              *(Place(bath.name, "reservoir") for bath in cell.baths)]
    if cell.metabolism:
        places.append(Place(draft.supply, "reservoir"))
    processes = [_process(draft, name, passage) for name, passage in draft.passages]
    water = [WaterPath(path.name, path.source, path.target, instant=True) if path.flux is None else
             WaterPath(path.name, path.source, path.target, f"{path.name}.flux", f"{path.name}.extent")
             for path in _water(draft)]
    amounts = [Amount(name, species, draft.amount(name, species)) for name, place in draft.compartments.items()
               for species in place.concentrations]
    amounts += [Amount(inside, name, draft.amount(inside, name)) for name in draft.bound_names]
    return Books(
        species=tuple(BookedSpecies(name, each.charge, each.composition) for name, each in draft.species.items()),
        places=tuple(places), processes=tuple(processes), water=tuple(water),
        amounts=tuple(amounts), capacitors=tuple(_capacitor(draft, place) for place in draft.compartments),
        phenomenological=tuple(name for name, given in draft.contributions.items() if given.phenomenological))


def _capacitor(draft: Draft, place: str) -> Capacitor:
    """The charge of a compartment: the membrane's inside, the same with the other sign outside."""
    dependent = draft.amount(place, _dependent(draft, place))
    candidates = tuple(draft.amount(place, name) for name in draft.moving(place) if name in _candidates(draft, place))
    beyond = draft.outside if place == draft.inside else draft.inside
    owner = draft.cell.membrane.name if place == draft.inside else place
    shares = {} if place == draft.inside else {bound.species.name: bound.outward for bound in draft.bound}
    return Capacitor(f"{owner}.charge", place, beyond, draft.cell.constants.F, dependent, candidates or (dependent,), shares)
