"""The checks that every passage must pass before a cell exists: every species placed, charge and elements kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import Species
from pumpleak.cell.compartment import Bath, Compartment
from pumpleak.cell.description import Description
from pumpleak.cell.metabolism import CAPACITY, INVOLVED
from pumpleak.cell.transport.passage import Passage
from pumpleak.cell.transport.reaction import Reaction

ROUNDING = 1e-9  # charges of protein states are sums of dielectric coefficients: rounding only, far below any charge


def check_passages(cell: str, passages: Sequence[tuple[str, Passage]], species: Mapping[str, Species],
                   places: Mapping[str, set[str]], sides: tuple[str, str]) -> None:
    """Refuse a passage that moves what is not there, makes or loses charge or an element, or charges a place but the sides.

    Raises ModelError.
    """
    for _, passage in passages:
        _check_placed(cell, passage, places)
        _check_conserved(cell, passage, species)
        _check_sides(cell, passage, species, sides)


def check_alike(cell: str, places: Sequence[Compartment | Bath]) -> None:
    """Refuse one impermeant name for two substances.

    Raises ModelError.
    """
    first: dict[str, tuple[str, Species]] = {}
    for place in places:
        for each in place.impermeants:
            where, known = first.setdefault(each.name, (place.name, each.species))
            if known != each.species:
                raise ModelError(f"{cell}: '{each.name}' is {_substance(known)} in '{where}' and {_substance(each.species)} in "
                                 f"'{place.name}'; one name is one substance: call the other {each.name}_{place.name}")


def _substance(species: Species) -> str:
    made = " ".join(f"{count} {element}" for element, count in species.composition.items())
    return f"an impermeant of {species.charge:+.4g} e made of {made}"


def check_held(cell: Description, passages: Sequence[tuple[str, Passage]]) -> None:
    """Refuse reactions of what metabolism holds, and a supply without what it needs: contents that change, and a buffer.

    Raises ModelError.
    """
    reactions = {each.name: each for each in cell.transporters if isinstance(each, Reaction)}
    held, inside = cell.inside.held, cell.inside.name
    if cell.supply is None and cell.demand is not None:
        raise ModelError(f"{cell.name}: {cell.demand.name} uses ATP at {cell.demand.capacity:g} {CAPACITY}, and no supply "
                         "makes it; give 'metabolism: {supply: ..., demand: ...}', or leave the demand out"
                         ).about(cell.demand.name)
    for name, passage in passages:
        for (place, species) in passage.stoichiometry:
            if place == inside and passage.name in reactions:
                _check_reacting(cell, passage.name, species)
            elif place == inside and species == "ATP" and species in held and cell.metabolism is not None:
                raise ModelError(f"{cell.name}: {name} takes its ATP from what '{inside}' holds ({held[species]:g} mM), "
                                 f"but metabolism states dG_ATP as {cell.metabolism.dG_ATP:g} J/mol and would not give it back"
                                 "; leave out 'dG_ATP': what is held sets it").about(name)
    if cell.supply is None:
        return
    if cell.metabolism is not None:
        raise ModelError(f"{cell.name}: dG_ATP is stated as {cell.metabolism.dG_ATP:g} J/mol, and {cell.supply.name} makes it "
                         "follow from amounts; give one of them").about(cell.supply.name)
    if held:
        raise ModelError(f"{cell.name}: '{inside}' holds {', '.join(held)} under 'held', and {cell.supply.name} lets "
                         f"{', '.join(INVOLVED)} change; put them into its contents").about(cell.supply.name)
    buffers = [each for each in reactions.values() if each.where(inside) == inside and each.counts.get("H")
               and not {*each.counts} & {"ATP", "ADP"}]
    if not buffers:
        raise ModelError(f"{cell.name}: nothing buffers {inside}.H = {cell.inside.contents.get('H', 0.0):g} mM against what "
                         "ATP sets free; add a reaction such as 'HB <-> H + B', HB and B among the impermeants"
                         ).about(cell.supply.name)


def _check_reacting(cell: Description, reaction: str, species: str) -> None:
    """Refuse a reaction of what is held, and of what takes part in hydrolysis unless all of that changes.

    Protons alone may react where no ATP is counted.
    """
    inside = cell.inside
    counted = any(name in inside.concentrations for name in INVOLVED if name != "H")
    if species in inside.held or (cell.supply is None and species in INVOLVED and (species != "H" or counted)):
        how = "'held'" if species in inside.held else "not made by a supply"
        raise ModelError(f"{cell.name}: {reaction} moves {inside.name}.{species} ({inside.concentrations[species]:g} mM), "
                         f"which is {how}; what reacts belongs to the contents of '{inside.name}', where {', '.join(INVOLVED)} "
                         "need 'metabolism: {supply: ...}'").about(reaction)


def _check_placed(cell: str, passage: Passage, places: Mapping[str, set[str]]) -> None:
    for (place, name), count in passage.stoichiometry.items():
        if place not in places:
            raise ModelError(f"{cell}: {passage.name} moves {count:+g} {name} in '{place}', which is not a place of this "
                             f"cell{did_you_mean(place, places)}").about(passage.name)
        if name not in places[place]:
            raise ModelError(f"{cell}: {passage.name} moves {count:+g} {name} in '{place}', which holds no {name}; "
                             f"give its concentration in the contents of '{place}' (or, for ATP, ADP, Pi and H, under "
                             "'held', or state 'metabolism: {dG_ATP: ...}')").about(passage.name)


def _check_conserved(cell: str, passage: Passage, species: Mapping[str, Species]) -> None:
    elements: dict[str, float] = defaultdict(float)
    charge = passage.displaced
    for (_, name), count in passage.stoichiometry.items():
        charge += count * species[name].charge
        for element, atoms in species[name].composition.items():
            elements[element] += count * atoms
    written = " ".join(f"{count:+g} {place}.{name}" for (place, name), count in passage.stoichiometry.items())
    if abs(charge) > ROUNDING:
        raise ModelError(f"{cell}: one turn of {passage.name} ({written}) makes {charge:+g} e of charge; what leaves one "
                         "place must arrive in another").about(passage.name)
    for element, number in sorted(elements.items()):
        if abs(number) > ROUNDING:
            raise ModelError(f"{cell}: one turn of {passage.name} ({written}) makes {number:+g} {element}; what leaves "
                             "one place must arrive in another").about(passage.name)


def _check_sides(cell: str, passage: Passage, species: Mapping[str, Species], sides: tuple[str, str]) -> None:
    """Refuse charge for a place that is on neither side of the membrane: a capacitor's sides move oppositely."""
    inside, outside = sides
    for beyond in sorted({place for place, _ in passage.stoichiometry} - {inside, outside}):
        charge = sum(count * species[name].charge for (place, name), count in passage.stoichiometry.items() if place == beyond)
        if abs(charge) > ROUNDING:
            raise ModelError(f"{cell}: one turn of {passage.name} brings {charge:+g} e to '{beyond}'; what leaves '{inside}' "
                             f"charges '{outside}', so let it go there, or let an ion take as much charge from '{beyond}' to "
                             f"'{outside}'").about(passage.name)
