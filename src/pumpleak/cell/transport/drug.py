"""Drugs on the pumps of a cell: a reservoir for each, and pumps that hold one, which neither transport nor bind another.

The concentration of a drug is a parameter of its pump, `pump.ouabain` [mM]: a bath of it that is neither used up nor counted
in osmolarity and charge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pumpleak.base.species import DRUGS
from pumpleak.cell.standard import MOLAR
from pumpleak.enzyme.inhibition import drugs_of
from pumpleak.enzyme.lower import Lowered
from pumpleak.enzyme.occupation import Occupation
from pumpleak.enzyme.scheme import Scheme
from pumpleak.system.expression import Expression, call, log, number, symbol, total
from pumpleak.system.system import Definition, Parameter, State

# mM. No bath is ever rid of the last molecule, and its potential would be minus infinity. This much binds to one of a million
# pumps at a dissociation constant of 1 nM, and to fewer of all drugs here.
TRACE = 1e-12
SHARE_SCALE = 1e-2  # of all pumps, against which those that hold a drug are judged: 1e-4 of it is far below any effect


@dataclass(frozen=True)
class Held:
    """What pumps that hold drugs add at depth `reduced`: their shares as states, and the share that is left free."""

    states: tuple[tuple[State, Expression], ...]
    definitions: tuple[Definition, ...]


def reservoirs(pump: str, scheme: Scheme) -> dict[str, Parameter]:
    """The parameter that holds the concentration of each drug, by its ligand."""
    return {each: Parameter(f"{pump}.{drug}", "mM", 0.0, domain="not negative") for each, drug in drugs_of(scheme).items()}


def kept_up(concentration: Expression) -> Expression:
    """A concentration that is never less than a trace, in rates as in potentials, so that both stay consistent. [mM]"""
    return call("max", concentration, number(TRACE))


def without_elements(elements: Mapping[str, int]) -> dict[str, int]:
    """What a state holds beside its drug, which comes from beyond the books."""
    return {name: count for name, count in elements.items() if name not in DRUGS}


def in_reservoir(potential: Expression, elements: Mapping[str, int], ligands: Mapping[str, Expression]) -> Expression:
    """Standard potential of a state on the scale on which its drug costs nothing: that in its reservoir counts. [J/mol]"""
    for name, concentration in ligands.items():
        count = elements.get(name.partition(".")[2], 0)
        if count:
            potential = potential - count * symbol("thermal.energy") * log(concentration / MOLAR)
    return potential


def held(pump: str, occupation: Occupation, lowered: Lowered, occupancies: Mapping[str, Expression]) -> Held:
    """Shares of pumps that hold drugs: filled from free pumps in their steady state, emptied to them.

    d share/dt = sum on(free state) x its occupancy x the free share - off x share.
    """
    free = symbol(f"{pump}.free")
    shares = {pool: symbol(f"{pump}.{pool}") for pool in occupation.bound}
    filling: dict[str, list[Expression]] = {pool: [] for pool in shares}
    for step in occupation.scheme.steps:
        forward, backward = lowered.rates[step.name]
        for pool, other, on, off in ((step.target, step.source, forward, backward),
                                     (step.source, step.target, backward, forward)):
            if pool in shares and other not in shares:
                filling[pool].append(on * occupancies[other] * free - off * shares[pool])
    states = tuple((State(f"{pump}.{pool}", "1", 0.0, SHARE_SCALE), total(terms)) for pool, terms in filling.items())
    drugs = dict.fromkeys(occupation.bound.values())
    bound = [Definition(f"{pump}.{drug}_bound", "1",
                        total(shares[pool] for pool, its in occupation.bound.items() if its == drug)) for drug in drugs]
    return Held(states, (Definition(f"{pump}.free", "1", 1.0 - total(shares.values())), *bound))
