"""A reaction among what one compartment holds: creatine kinase, a buffer of protons, any other by mass action."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pumpleak.base.errors import ModelError
from pumpleak.base.names import shown
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.standard import WATER
from pumpleak.cell.transport.passage import Contribution, Equilibrium, Passage, Start
from pumpleak.system.expression import Expression, product, symbol
from pumpleak.system.system import Parameter

ARROW = "<->"
MOST_PARTICLES = 12  # on one side: far above any elementary step, far below powers of concentrations that overflow
LARGEST_CONSTANT = 1e60  # mM^n: beyond it a side could not be seen in doubles
_TERM = re.compile(r"(?:([1-9][0-9]?)\s*\*?\s+)?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Reaction:
    """A reversible reaction in one compartment, such as "ADP + PCr + H <-> ATP + Cr", positive from left to right.

    J = k w (left - right/K), w the volume, left and right the products of the concentrations, each to its count. K [mM^n] is
    right/left at equilibrium, n the particles on the right less those on the left; strength k [1/(ms mM^(m-1))] for m on the
    left. H2O is written for the elements and counts in neither. J vanishes at equilibrium and has the sign of what drives
    it. Both constants are the same at every temperature. `place` is the inside where none is given.

    Raises ModelError for what is no such equation, a side that is empty or too long, nothing made, or an impossible constant.
    """

    name: str
    equation: str
    K: float
    rate: float
    place: str = ""
    source: str = ""
    left: Mapping[str, int] = field(init=False, repr=False)
    right: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sides = self.equation.split(ARROW)
        if len(sides) != 2:
            raise ModelError(f"{self.name}: {shown(self.equation)} is no reaction; write 'ADP + PCr + H {ARROW} ATP + Cr'")
        for key, text in zip(("left", "right"), sides, strict=True):
            object.__setattr__(self, key, self._side(text))
        if not any(self.counts.values()):
            raise ModelError(f"{self.name}: {shown(self.equation)} makes nothing: both sides are the same")
        check_range(self.name, "rate", self.rate, self.unit)
        if not 1.0 / LARGEST_CONSTANT < self.K < LARGEST_CONSTANT:
            raise ModelError(f"{self.name}.K is {self.K:g} {self.unit_of_K}; it must be positive and finite: what goes one way "
                             "goes the other")

    @property
    def strength(self) -> str:
        """Name of its rate constant."""
        return f"{self.name}.rate"

    @property
    def constant(self) -> str:
        """Name of its equilibrium constant."""
        return f"{self.name}.K"

    @property
    def unit(self) -> str:
        """Unit of its rate constant."""
        order = _order(self.left) - 1
        return "1/ms" if order == 0 else f"1/(ms {_concentration(order)})"

    @property
    def order(self) -> int:
        """Dissolved particles on the right less those on the left: the power of a concentration that K is."""
        return _order(self.right) - _order(self.left)

    @property
    def unit_of_K(self) -> str:
        """Unit of its equilibrium constant."""
        order = self.order
        return "1" if order == 0 else _concentration(order) if order > 0 else f"1/{_concentration(-order)}"

    @property
    def counts(self) -> dict[str, int]:
        """What one turn makes (positive) and takes, by species."""
        return {name: self.right.get(name, 0) - self.left.get(name, 0) for name in dict.fromkeys([*self.left, *self.right])}

    def where(self, inside: str) -> str:
        """The compartment in which it happens."""
        return self.place or inside

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage, and its equilibrium."""
        place = self.where(sides.inside)
        if f"{place}.volume" not in start.values:
            changing = [name.removesuffix(".volume") for name in start.values if name.endswith(".volume")]
            raise ModelError(f"{self.name}: it happens in '{place}', which is no place whose contents change; a reaction needs "
                             f"one: {', '.join(changing)}").about(self.name)

        def side(counts: Mapping[str, int]) -> Expression:
            return product(sides.concentration(place, name) ** float(count)
                           for name, count in counts.items() if name != WATER)

        drive = side(self.left) - side(self.right) / symbol(self.constant)
        flux = symbol(self.strength) * symbol(f"{place}.volume") * drive
        moved = {(place, name): float(count) for name, count in self.counts.items() if count}
        constant = Parameter(self.constant, self.unit_of_K, self.K, self.source, "positive")
        return Contribution(passages=(Passage(self.name, moved, flux),),
                            parameters=(Parameter(self.strength, self.unit, self.rate, self.source, "not negative"),),
                            equilibria=(Equilibrium(self.counts, constant),))

    def _side(self, text: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        for term in text.split("+"):
            match = _TERM.fullmatch(term.strip())
            if match is None:
                raise ModelError(f"{self.name}: {shown(term.strip())} in {shown(self.equation)} is no species with a count, "
                                 "such as '2 H'")
            counts[match[2]] = counts.get(match[2], 0) + int(match[1] or 1)
        if not 1 <= _order(counts) <= MOST_PARTICLES:
            raise ModelError(f"{self.name}: one side of {shown(self.equation)} has {_order(counts)} dissolved particles; 1 to "
                             f"{MOST_PARTICLES} can meet")
        return counts


def _order(counts: Mapping[str, int]) -> int:
    """Particles that count in a rate: all but water."""
    return sum(count for name, count in counts.items() if name != WATER)


def _concentration(power: int) -> str:
    return "mM" if power == 1 else f"mM{power}"
