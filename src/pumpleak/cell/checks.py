"""The checks that every passage must pass before a cell exists: every species placed, charge and elements kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import Species
from pumpleak.cell.transport.passage import Passage

ROUNDING = 1e-9  # charges of protein states are sums of dielectric coefficients: rounding only, far below any charge


def check_passages(cell: str, passages: Sequence[tuple[str, Passage]], species: Mapping[str, Species],
                   places: Mapping[str, set[str]]) -> None:
    """Refuse a passage that moves what is not there, or that makes or loses charge or an element.

    Raises ModelError.
    """
    for _, passage in passages:
        _check_placed(cell, passage, places)
        _check_conserved(cell, passage, species)


def _check_placed(cell: str, passage: Passage, places: Mapping[str, set[str]]) -> None:
    for (place, name), count in passage.stoichiometry.items():
        if place not in places:
            raise ModelError(f"{cell}: {passage.name} moves {count:+g} {name} in '{place}', which is not a place of this "
                             f"cell{did_you_mean(place, places)}")
        if name not in places[place]:
            raise ModelError(f"{cell}: {passage.name} moves {count:+g} {name} in '{place}', which holds no {name}; "
                             f"give its concentration in the contents of '{place}' (or, for ATP, ADP, Pi and H, under "
                             "'held', or state 'metabolism: {dG_ATP: ...}')")


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
                         "place must arrive in another")
    for element, number in sorted(elements.items()):
        if abs(number) > ROUNDING:
            raise ModelError(f"{cell}: one turn of {passage.name} ({written}) makes {number:+g} {element}; what leaves "
                             "one place must arrive in another")
