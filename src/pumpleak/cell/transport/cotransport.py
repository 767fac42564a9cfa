"""Transport of several particles together, driven by the sum of their gradients: cotransporters and exchangers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.species import SPECIES
from pumpleak.cell.compartment import check_range
from pumpleak.cell.membrane import Sides
from pumpleak.cell.standard import WATER
from pumpleak.cell.transport.gate import Gating
from pumpleak.cell.transport.passage import Contribution, Passage, Start
from pumpleak.system.expression import Expression, exp, log, product, symbol
from pumpleak.system.system import Parameter

CarrierLaw = Literal["linear", "mass-action"]
MOST_PARTICLES = 12  # a turn: far above any carrier, far below powers of concentrations that overflow


@dataclass(frozen=True)
class Cotransporter:
    """Particles that pass together: `moves` counts what one turn brings in (NKCC1: Na 1, K 1, Cl 2; NHE: Na 1, H -1).

    `linear`: J = g A (RT/F) ln(product of outside/inside, each to its count)/F, strength g [nS/um2], for neutral turns. For
    KCC2 (K 1, Cl 1) this is g (E_K - E_Cl)/F (Duesterwald et al. 2018): KCl influx, negative at rest.
    `mass-action`: J = k A (P_in exp(-z x/2) - P_out exp(z x/2)), x = FV/RT, z the charge that a turn brings in, P_in the
    product of what it takes up (outside where the count is positive, inside where it is negative), P_out of what it
    leaves; strength k [fmol/(ms um2 mM^n)] for n particles a turn. It ends where one of them does.
    Either vanishes at equilibrium and reverses beyond. Gates scale both directions alike.

    Raises ModelError for an unknown species, a count that is not a whole number, nothing moved, or a linear turn that is
    not neutral.
    """

    name: str
    moves: Mapping[str, int]
    value: float
    law: CarrierLaw = "linear"
    gating: Gating = field(default_factory=Gating)
    source: str = ""

    def __post_init__(self) -> None:
        if self.law not in (known := get_args(CarrierLaw)):
            raise ModelError(f"{self.name}: the law '{self.law}' is not known{did_you_mean(self.law, known)}; it is one of "
                             f"{', '.join(known)}")
        self._check_moves()
        check_range(self.name, self.strength.rpartition(".")[2], self.value, self.unit)

    @property
    def strength(self) -> str:
        """Name of its conductance or rate constant."""
        return f"{self.name}.{'conductance' if self.law == 'linear' else 'rate'}"

    @property
    def unit(self) -> str:
        """Unit of its strength."""
        return "nS/um2" if self.law == "linear" else f"fmol/(ms um2 mM{self._particles})"

    @property
    def charge(self) -> float:
        """Charge that one turn brings in. [e]"""
        return math.fsum(SPECIES[name].charge * count for name, count in self.moves.items())

    @property
    def _particles(self) -> int:
        return sum(abs(count) for count in self.moves.values())

    def contribute(self, sides: Sides, start: Start) -> Contribution:
        """One passage, and what the gates need."""
        given = self.gating.contribute(self.name, sides, start)
        strength = symbol(self.strength) * sides.area * self.gating.share(self.name)
        flux = self._linear(sides, strength) if self.law == "linear" else self._mass_action(sides, strength)
        stoichiometry = {(place, name): sign * float(count) for name, count in self.moves.items()
                         for place, sign in ((sides.outside, -1.0), (sides.inside, 1.0))}
        own = Parameter(self.strength, self.unit, self.value, self.source, "not negative")
        return replace(given, passages=(Passage(self.name, stoichiometry, flux),), parameters=(*given.parameters, own))

    def _linear(self, sides: Sides, strength: Expression) -> Expression:
        ratio = product((sides.concentration(sides.outside, name) / sides.concentration(sides.inside, name)) ** float(count)
                        for name, count in self.moves.items())
        return strength * sides.thermal_voltage * log(ratio) / sides.constants.F

    def _mass_action(self, sides: Sides, strength: Expression) -> Expression:
        def side(taken: str, left: str) -> Expression:
            return product(sides.concentration(taken if count > 0 else left, name) ** float(abs(count))
                           for name, count in self.moves.items())

        inward, outward = side(sides.outside, sides.inside), side(sides.inside, sides.outside)
        if self.charge:
            barrier = 0.5 * self.charge * sides.potential / sides.thermal_voltage
            inward, outward = inward * exp(-barrier), outward * exp(barrier)
        return strength * (inward - outward)

    def _check_moves(self) -> None:
        for name, count in self.moves.items():
            if name not in SPECIES:
                raise ModelError(f"{self.name} moves '{name}', which is not a known species{did_you_mean(name, SPECIES)}")
            if name == WATER:
                raise ModelError(f"{self.name} moves {count:g} {WATER}; water has a transporter of its own, of kind 'water'")
            if count != int(count) or count == 0:
                raise ModelError(f"{self.name} moves {count:g} {name}; a count is a whole number: positive for what a turn "
                                 "brings in, negative for what it takes out")
        moved = ", ".join(f"{count} {name}" for name, count in self.moves.items())
        if not 1 <= self._particles <= MOST_PARTICLES:
            raise ModelError(f"{self.name} moves {moved or 'nothing'}; a turn moves 1 to {MOST_PARTICLES} particles")
        if self.law == "linear" and self.charge:
            raise ModelError(f"{self.name} moves {moved}, together {self.charge:+g} e; this law is for neutral cotransport, "
                             "'mass-action' for what carries current")
