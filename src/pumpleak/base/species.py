"""Chemical species: what each is made of and the charge it carries, so that reactions can be checked.

Names mean the free form that takes part: `ATP` is MgATP(2-), `ADP` is MgADP(-), `Pi` is HPO4(2-), `Cr`
and `PCr` are creatine and its phosphate(2-). Totals exist only through speciation. Drugs are made of themselves and neutral:
what is charged binds with its counter-ions, vanadate with the Mg2+ that it needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown


@dataclass(frozen=True)
class Species:
    """A kind of particle that is counted: its name, its charge and its elements.

    charge [e]: a mean valence need not be whole.
    composition: how many of each element; an element is anything that no process makes or destroys.
    Raises ModelError for an empty name, a charge that is not finite or a count that is not a positive integer.
    """

    name: str
    charge: float
    composition: Mapping[str, int] = field(hash=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ModelError(f"species with charge {self.charge}: its name is empty; give it one, for example 'Na'")
        if not math.isfinite(self.charge):
            raise ModelError(f"species {shown(self.name)}: charge {self.charge} is not finite; give elementary charges")
        if not self.composition:
            raise ModelError(f"species {shown(self.name)}: its composition is empty; an osmolyte is made of itself")
        for element, count in self.composition.items():
            if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                raise ModelError(
                    f"species {shown(self.name)}: {shown(count)} of {shown(element)}; the count must be 1, 2, 3, ..."
                )
        object.__setattr__(self, "composition", dict(self.composition))


def impermeant(name: str, charge: float) -> Species:
    """Return a particle that stays where it is, made only of itself, with this mean valence. [e]"""
    return Species(name, charge, {name: 1})


def osmolyte(name: str) -> Species:
    """Return a neutral particle made only of itself."""
    return Species(name, 0.0, {name: 1})


DRUGS = ("Ouabain", "Digoxin", "Strophanthidin", "Vanadate", "Oligomycin")
"""Species that only pumps bind; no place of a cell holds them."""


def _table(*species: Species) -> Mapping[str, Species]:
    return MappingProxyType({each.name: each for each in species})


SPECIES: Mapping[str, Species] = _table(
    Species("Na", 1, {"Na": 1}),
    Species("K", 1, {"K": 1}),
    Species("Cl", -1, {"Cl": 1}),
    Species("HCO3", -1, {"H": 1, "C": 1, "O": 3}),
    Species("Ca", 2, {"Ca": 1}),
    Species("Mg", 2, {"Mg": 1}),
    Species("H", 1, {"H": 1}),
    Species("H2O", 0, {"H": 2, "O": 1}),
    Species("ATP", -2, {"C": 10, "H": 12, "N": 5, "O": 13, "P": 3, "Mg": 1}),
    Species("ADP", -1, {"C": 10, "H": 12, "N": 5, "O": 10, "P": 2, "Mg": 1}),
    Species("Pi", -2, {"H": 1, "P": 1, "O": 4}),
    Species("glucose", 0, {"C": 6, "H": 12, "O": 6}),
    Species("PCr", -2, {"C": 4, "H": 8, "N": 3, "O": 5, "P": 1}),
    Species("Cr", 0, {"C": 4, "H": 9, "N": 3, "O": 2}),
    *(osmolyte(name) for name in DRUGS),
)
"""The species every model may name, by name."""
DISSOLVED = tuple(name for name in SPECIES if name not in DRUGS)
"""Names of those that the places of a cell hold."""
