"""Where things are: compartments whose contents change, baths that do not, and the supply of ATP."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import DISSOLVED, DRUGS, SPECIES, Species, impermeant


@dataclass(frozen=True)
class Impermeant:
    """A substance that crosses no membrane: its mean valence [e] and its concentration at the start [mM].

    It is an element of its own, unless `made_of` says what it is made of: a protonated buffer {B: 1, H: 1}.
    """

    name: str
    charge: float
    concentration: float
    made_of: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_range(f"impermeant {self.name}", "concentration", self.concentration, "mM")
        if not math.isfinite(self.charge):
            raise ModelError(f"impermeant {self.name}: its charge is {self.charge}; give elementary charges, such as -1")
        Species(self.name, self.charge, self.made_of or {self.name: 1})  # refuses counts that are not 1, 2, 3, ...

    @property
    def species(self) -> Species:
        """It as a species."""
        return Species(self.name, self.charge, self.made_of) if self.made_of else impermeant(self.name, self.charge)


@dataclass(frozen=True)
class Compartment:
    """A closed space of water: volume [pL] and concentrations [mM] at the start.

    `contents` change with time; `held` are counted in charge and osmoles and kept in amount by metabolism (ATP, ADP,
    Pi, H). Raises ModelError for a volume that is not positive, a negative concentration, an unknown species, a name used
    twice.
    """

    name: str
    volume: float
    contents: Mapping[str, float]
    impermeants: tuple[Impermeant, ...] = ()
    held: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_range(self.name, "volume", self.volume, "pL", above=True)
        check_contents(self.name, {**self.contents, **self.held}, above=True)
        check_impermeants(self.name, self.impermeants)
        for name in self.held:
            if name in self.contents:
                raise ModelError(f"{self.name}: {name} is among the contents ({self.contents[name]:g} mM) and among what is "
                                 f"held ({self.held[name]:g} mM); it either changes or is held")

    @property
    def concentrations(self) -> dict[str, float]:
        """Concentration at the start of everything dissolved in it. [mM]"""
        return {**self.contents, **self.held, **{entry.name: entry.concentration for entry in self.impermeants}}

    @property
    def charge(self) -> float:
        """Charge of its contents at the start. [mM]"""
        return sum(self.species[name].charge * value for name, value in self.concentrations.items())

    @property
    def species(self) -> dict[str, Species]:
        """Everything dissolved in it."""
        known = {name: SPECIES[name] for name in (*self.contents, *self.held)}
        return {**known, **{entry.name: entry.species for entry in self.impermeants}}


@dataclass(frozen=True)
class Bath:
    """A space so large that the cell does not change it: concentrations [mM]."""

    name: str
    contents: Mapping[str, float]
    impermeants: tuple[Impermeant, ...] = ()

    def __post_init__(self) -> None:
        check_contents(self.name, self.contents, above=False)
        check_impermeants(self.name, self.impermeants)

    @property
    def concentrations(self) -> dict[str, float]:
        """Concentration of everything dissolved in it. [mM]"""
        return {**self.contents, **{entry.name: entry.concentration for entry in self.impermeants}}

    @property
    def species(self) -> dict[str, Species]:
        """Everything dissolved in it."""
        return {**{name: SPECIES[name] for name in self.contents},
                **{entry.name: entry.species for entry in self.impermeants}}


@dataclass(frozen=True)
class Metabolism:
    """A supply of ATP that is not counted in the cell: it only states the free energy of hydrolysis. [J/mol]"""

    dG_ATP: float
    name: str = "metabolism"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.dG_ATP) and self.dG_ATP < 0):
            raise ModelError(f"metabolism.dG_ATP is {self.dG_ATP} J/mol; hydrolysis gives free energy, "
                             "so it must be negative, for example -57 kJ/mol")


LARGEST = 1e12
"""Nothing of a cell is larger in its internal unit; beyond, sums and squares would overflow before anyone could say why."""


def check_range(owner: str, what: str, value: float, unit: str, above: bool = False) -> None:
    """Refuse a number that is not finite, is negative (with `above`, also zero) or absurdly large."""
    given = f"{value:g} {unit}".rstrip()
    if not math.isfinite(value) or value < 0 or (above and value == 0):
        need = "positive" if above else "zero or positive"
        raise ModelError(f"{owner}.{what} is {given}; it must be {need} and finite")
    if value > LARGEST:
        raise ModelError(f"{owner}.{what} is {given}; nothing of a cell is larger than {f'{LARGEST:g} {unit}'.rstrip()}")


def check_contents(owner: str, contents: Mapping[str, float], above: bool) -> None:
    """Refuse unknown species and impossible concentrations."""
    for name, value in contents.items():
        if name not in SPECIES:
            raise ModelError(f"{owner} holds '{name}', which is not a known species{did_you_mean(name, DISSOLVED)}; "
                             "a substance of your own goes to 'impermeants'")
        if name in DRUGS:
            raise ModelError(f"{owner} holds {value:g} mM of {name}, a drug, which no place of a cell counts; give it to the "
                             f"pump, such as pump.{name.lower()}")
        check_range(owner, name, value, "mM", above)


def check_impermeants(owner: str, impermeants: tuple[Impermeant, ...]) -> None:
    """Refuse an impermeant under the name of a species, which would replace it, and one name used twice."""
    names = [each.name for each in impermeants]
    for each in impermeants:
        given = f"{owner}: its impermeant '{each.name}' of {each.concentration:g} mM"
        if each.name in SPECIES:
            raise ModelError(f"{given} has the name of a species; put {each.name} into the contents, or name the impermeant "
                             f"otherwise, such as {each.name}_fixed")
        if names.count(each.name) > 1:
            raise ModelError(f"{given} is not the only one of that name; every impermeant needs its own name")
