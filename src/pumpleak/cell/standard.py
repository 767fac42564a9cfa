"""Standard free energies of species, from the reactions that join them: what makes every affinity follow from amounts.

A reaction's constant fixes only the sum of the standard potentials of what it joins. Species that nothing joins to others
keep zero; each reaction after ATP's hydrolysis gives one new species its own; one that gives none repeats the others and
has to agree with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pumpleak.base.errors import ModelError
from pumpleak.cell.transport.passage import Equilibrium
from pumpleak.enzyme.cycles import HYDROLYSIS
from pumpleak.system.expression import Expression, evaluate, exp, log, number, symbol

MOLAR = 1000.0  # mM in the standard state, 1 M
WATER = "H2O"  # the solvent: its activity is 1
THERMAL = symbol("thermal.energy")
NO_COUNT = 1e-9  # counts are small whole numbers and their quotients: below is rounding
AGREES = 0.02  # relative: constants are published with two digits or more


@dataclass(frozen=True)
class _Row:
    """A combination of reactions: counts by species, and its standard free energy [J/mol]."""

    counts: Mapping[str, float]
    energy: Expression

    def less(self, other: _Row, times: float) -> _Row:
        """This combination less some of another."""
        counts = {name: self.counts.get(name, 0.0) - times * other.counts.get(name, 0.0)
                  for name in dict.fromkeys([*self.counts, *other.counts])}
        return _Row({name: count for name, count in counts.items() if abs(count) > NO_COUNT},
                    self.energy - times * other.energy)


@dataclass(frozen=True)
class Standards:
    """Standard potentials by species [J/mol], and the constants [mM^n] that follow from those of other reactions, by name."""

    potentials: Mapping[str, Expression]
    derived: Mapping[str, Expression]


def standards(owner: str, hydrolysis: Expression, equilibria: Sequence[Equilibrium], values: Mapping[str, float]) -> Standards:
    """Solve sum(count mu0) = -RT ln K for all reactions at once, that of ATP's hydrolysis being given.

    `values` are the numbers of what energies may depend on. Raises ModelError for a constant that contradicts the others.
    """
    rows = {"ATP": _Row({name: -float(count) for name, count in HYDROLYSIS.items() if name != WATER}, -hydrolysis)}
    derived: dict[str, Expression] = {}
    for each in equilibria:
        constant, order = each.constant, sum(count for name, count in each.counts.items() if name != WATER)
        known = {**values, constant.name: values.get(constant.name, constant.value), **_numbers(equilibria, values)}
        left = _Row({name: float(count) for name, count in each.counts.items() if name != WATER}, number(0.0))
        for name, row in rows.items():
            left = left.less(row, left.counts.get(name, 0.0))
        if not left.counts:
            implied = MOLAR**order * exp(left.energy / THERMAL)  # the others' energies, with the opposite sign
            _check_agreement(owner, each, known[constant.name], float(evaluate([implied], known)[0]))
            derived[constant.name] = implied
            continue
        species = [*left.counts]
        new = next((name for name in reversed(species) if name not in HYDROLYSIS), species[-1])
        left = _Row(left.counts, left.energy - THERMAL * log(symbol(constant.name) / MOLAR**order))
        row = _Row({}, number(0.0)).less(left, -1.0 / left.counts[new])
        rows = {name: other.less(row, other.counts.get(new, 0.0)) for name, other in rows.items()} | {new: row}
    return Standards({name: row.energy for name, row in rows.items()}, derived)


def _numbers(equilibria: Sequence[Equilibrium], values: Mapping[str, float]) -> dict[str, float]:
    return {each.constant.name: values.get(each.constant.name, each.constant.value) for each in equilibria}


def _check_agreement(owner: str, each: Equilibrium, given: float, implied: float) -> None:
    if not math.isclose(given, implied, rel_tol=AGREES):
        constant = each.constant
        raise ModelError(f"{owner}: {constant.name} is {given:.4g} {constant.unit}, but the other reactions and the free "
                         f"energy of ATP make it {implied:.4g} {constant.unit}; give that, or another constant among them"
                         ).about(constant.name)
