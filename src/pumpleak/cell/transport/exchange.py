"""Exchange between a finite outside and a reservoir behind it, without net charge: neutral pairs, or electrodiffusion."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.system.expression import Expression, exprel, log, product, symbol, total
from pumpleak.system.system import Definition, Parameter


@dataclass(frozen=True)
class Exchange:
    """Ions that pass from the first place of `between` to the second, strength a clearance G [pL/ms].

    `pairs`: ions of opposite sign go together, ions of like sign change places: J = G (f - b), f and b the geometric means
    of the concentrations that a turn takes forward and backward, sqrt(K Cl) of either place for K with Cl. With `half` [mM]
    the path is limited, J = G (f - b)/(1 + (f + b)/half), as an uptake by glia is.
    `mobilities`: each ion diffuses by its own, J = G m (c1/exprel(-zx) - c2/exprel(zx)), at the one junction potential
    x = ln((sum m c2 of cations + sum m c1 of anions)/(sum m c1 of cations + sum m c2 of anions)) at which no current
    flows (Goldman 1943); the last ion is booked beside each of the others, so that charge is kept exactly.

    Both vanish at equilibrium and have the sign of what drives them.

    Raises ModelError for ions that are none, pairs and mobilities at once, a charge that the closed form does not cover.
    """

    name: str
    between: tuple[str, str]
    clearance: float
    pairs: tuple[tuple[str, str], ...] = ()
    mobilities: Mapping[str, float] = field(default_factory=dict)
    half: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        check_range(self.name, "clearance", self.clearance, "pL/ms")
        if bool(self.pairs) == bool(self.mobilities):
            raise ModelError(f"{self.name}: pairs {list(self.pairs)} and mobilities {dict(self.mobilities)} are given; an "
                             "exchange has one of them")
        for ion in (*(ion for pair in self.pairs for ion in pair), *self.mobilities):
            if ion not in SPECIES or not SPECIES[ion].charge:
                raise ModelError(f"{self.name}: '{ion}' is not an ion{did_you_mean(ion, SPECIES)}")
        for number, pair in enumerate(self.pairs):
            if pair[0] == pair[1] or any({*pair} == {*other} for other in self.pairs[:number]):
                raise ModelError(f"{self.name}: the pair {' with '.join(pair)} says nothing, or the same twice; name two "
                                 "different ions, each pair once")
        if self.half is not None:
            check_range(self.name, "half", self.half, "mM", above=True)
            if self.mobilities:
                raise ModelError(f"{self.name}: half is {self.half:g} mM, but diffusion by mobilities has no limit; pairs do")
        self._check_mobilities()

    def _check_mobilities(self) -> None:
        if len(self.mobilities) == 1:
            raise ModelError(f"{self.name}: {next(iter(self.mobilities))} alone would carry charge; give the mobility of "
                             "another ion too")
        for ion, mobility in self.mobilities.items():
            check_range(self.name, f"mobility_{ion}", mobility, "", above=True)
            if abs(SPECIES[ion].charge) != 1:
                raise ModelError(f"{self.name}: {ion} has a charge of {SPECIES[ion].charge:+g} e; electrodiffusion is solved "
                                 "for ions of one charge, a pair takes any")

    @property
    def strength(self) -> str:
        """Name of its clearance."""
        return f"{self.name}.clearance"

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One neutral passage for each pair, or for each ion but the last."""
        sides.check_beside(self.name, self.between)
        clearance = Parameter(self.strength, "pL/ms", self.clearance, self.source, "not negative")
        if self.mobilities:
            return self._diffusion(sides, clearance)
        half = () if self.half is None else (Parameter(f"{self.name}.half", "mM", self.half, self.source, "positive"),)
        return Contribution(passages=tuple(self._pair(sides, *pair) for pair in self.pairs), parameters=(clearance, *half))

    def _pair(self, sides: Sides, first: str, second: str) -> Passage:
        """Two ions in the numbers that make them neutral together; a negative number goes the other way."""
        counts = _neutral(first, second)
        here, there = self.between
        ends = {ion: (here, there) if count > 0 else (there, here) for ion, count in counts.items()}
        share = 1.0 / sum(abs(count) for count in counts.values())
        ahead, back = (product(sides.concentration(ends[ion][side], ion) ** float(abs(count))
                               for ion, count in counts.items()) ** share for side in (0, 1))
        flux = symbol(self.strength) * (ahead - back)
        if self.half is not None:
            flux = flux / (1.0 + (ahead + back) / symbol(f"{self.name}.half"))
        name = self.name if len(self.pairs) == 1 else f"{self.name}.{first}_{second}"
        return Passage(name, _moved(counts, self.between), flux)

    def _diffusion(self, sides: Sides, clearance: Parameter) -> Contribution:
        here, there = self.between
        junction = f"{self.name}.junction"
        x = symbol(junction) / sides.thermal_voltage
        *others, last = self.mobilities
        passages = []
        for ion in others:
            charge = SPECIES[ion].charge
            drive = (sides.concentration(here, ion) / exprel(-charge * x)
                     - sides.concentration(there, ion) / exprel(charge * x))
            flux = symbol(self.strength) * symbol(f"{self.name}.mobility_{ion}") * drive
            passages.append(Passage(f"{self.name}.{ion}", _moved(_neutral(ion, last), self.between), flux))
        driven, opposed = self._weighted(sides, here, there), self._weighted(sides, there, here)
        mobilities = tuple(Parameter(f"{self.name}.mobility_{ion}", "1", value, self.source, "positive")
                           for ion, value in self.mobilities.items())
        return Contribution(passages=tuple(passages), parameters=(clearance, *mobilities),
                            definitions=(Definition(junction, "mV", sides.thermal_voltage * log(opposed / driven)),))

    def _weighted(self, sides: Sides, here: str, there: str) -> Expression:
        """Mobility x concentration, of cations in the one place and of anions in the other. [mM]"""
        places = {ion: here if SPECIES[ion].charge > 0 else there for ion in self.mobilities}
        return total(symbol(f"{self.name}.mobility_{ion}") * sides.concentration(place, ion) for ion, place in places.items())


def _neutral(first: str, second: str) -> dict[str, int]:
    """The least numbers of two ions that carry no charge together, the first positive."""
    charges = round(SPECIES[first].charge), round(SPECIES[second].charge)
    common = math.gcd(*charges)
    sign = -1 if charges[0] * charges[1] > 0 else 1
    return {first: abs(charges[1]) // common, second: sign * abs(charges[0]) // common}


def _moved(counts: Mapping[str, int], between: Iterable[str]) -> dict[tuple[str, str], float]:
    """What one turn takes from the first place and brings to the second."""
    return {(place, ion): sign * float(count) for ion, count in counts.items()
            for place, sign in zip(between, (-1.0, 1.0), strict=True)}
