"""Balance: strengths and impermeants for which a cell is at an exact rest in the state one asks for.

Every flux is linear in its transporter's strength, so the strengths that hold all ions still solve linear equations.
Impermeants follow from osmolarity and charge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.units import Quantity, internal
from pumpleak.cell.cell import Cell, Unbalanced
from pumpleak.cell.compartment import Bath, Compartment, Impermeant
from pumpleak.cell.draft import Draft
from pumpleak.cell.lower import NEUTRAL
from pumpleak.cell.standard import WATER
from pumpleak.cell.transport.reaction import Reaction
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.books import Books
from pumpleak.system.expression import Expression, evaluate, gradients, symbol, total
from pumpleak.system.system import System
from pumpleak.system.transform import booked_rate, initial_values

INFEASIBLE = 1e-9  # net over gross flux of an ion above which its equation is not solved (rounding leaves 1e-15)
ABSURD_CHARGE = 20.0  # e: beyond any protein's share per osmotically active particle; the targets contradict each other
ALIKE = 5e-3  # share by which published media differ from neutral: an outside that differs from its bath by less is meant as it
LEAST_ROW = 1e-4  # an ion at equilibrium has no gross flux of its own: it is judged against this share of the largest
ITERATIONS = 200  # Newton's method doubles its digits: 10 suffice, unless a strength has to go to zero
LARGEST_STEP = 2.0  # in the logarithm of a strength: beyond a factor of 7 the linear equations say little
CONVERGED = 1e-15  # in the logarithm of a strength: its last digit
RANK = 1e-10  # singular values below this share of the largest are rounding: rows are scaled to the gross flux


@dataclass(frozen=True)
class BalanceGoal:
    """What to solve for: strengths by name, one impermeant (or none), at a potential where one is given.

    `passive` ions are first put at equilibrium with the outside: c_in = c_out exp(-z F V/(R T)).
    """

    solve: tuple[str, ...]
    potential: Quantity | str | None = None
    impermeant: str = ""
    passive: tuple[str, ...] = ()


@dataclass(frozen=True)
class Balanced:
    """A cell at rest in its start state, and what the search found: strengths, freedom left, in words."""

    cell: Cell
    strengths: dict[str, float]
    freedom: tuple[str, ...]
    report: str

    @property
    def system(self) -> System:
        """The balanced cell's system."""
        return self.cell.system


def balance(cell: Cell, goal: BalanceGoal) -> Balanced:
    """The cell with strengths and impermeant such that its start state is a rest.

    Strengths are positive and as near to the values they had, in relative entropy, as the equations allow.

    Raises ModelError for an unknown name, an absurd impermeant, or ions that no such strengths can balance.
    """
    placed = _as(Unbalanced, cell)
    if goal.potential is not None:
        placed = replace(cell, potential=internal(goal.potential, "mV", "balance: potential"))
    _check_neutral(placed)
    placed = _with_outside_at_rest(placed)
    if goal.passive:
        placed = _with_passive(placed, goal.passive)
    placed = _with_reactions_at_rest(placed)
    if goal.impermeant:
        placed = _with_impermeant(placed, goal.impermeant)
    placed = _as(Cell, placed)
    system = _steady_form(placed).system
    known = [transporter.strength for transporter in placed.processes if transporter.strength]
    for name in goal.solve:
        if name not in known:
            raise ModelError(f"{cell.name}: balance cannot solve for '{name}'{did_you_mean(name, known)}; it can for "
                             f"{', '.join(known)}")
    equations = _equations(system, goal.solve)
    units = {parameter.name: parameter.unit for parameter in system.parameters}
    strengths, freedom = _strengths(cell.name, equations, units, _beyond(placed, goal.passive))
    solved = dict(zip(goal.solve, (float(value) for value in strengths), strict=True))
    return Balanced(_with_strengths(placed, solved), solved, freedom, _report(units, solved, freedom))


def _as(kind: type[Cell], cell: Cell) -> Cell:
    """The same cell, as one that is balanced or is not."""
    return kind(**{each.name: getattr(cell, each.name) for each in fields(cell)})


def _steady_form(cell: Cell) -> Cell:
    """The cell with every pump at its steady flux: states that are followed in time settle to just that."""
    reduced = tuple(replace(each, depth="reduced") if isinstance(each, SchemePump) else each for each in cell.transporters)
    return replace(cell, transporters=reduced)


def _with_strengths(cell: Cell, solved: Mapping[str, float]) -> Cell:
    """The cell with these strengths; the density of pumps whose states are followed is no parameter, but where they start."""
    followed = {each.strength for each in cell.transporters if isinstance(each, SchemePump) and each.depth == "full"}
    transporters = tuple(replace(each, density=solved.get(each.strength, each.density)) if isinstance(each, SchemePump)
                         and each.depth == "full" else each for each in cell.transporters)
    values = {**cell.values, **{name: value for name, value in solved.items() if name not in followed}}
    return replace(cell, transporters=transporters, values=values)


@dataclass(frozen=True)
class _Equations:
    """0 = constant + slopes @ strengths for every ion, with the strengths' present values and gross fluxes."""

    ions: tuple[str, ...]
    names: tuple[str, ...]
    slopes: NDArray[np.float64]  # (ions, strengths)
    constant: NDArray[np.float64]  # (ions,)
    prior: NDArray[np.float64]  # (strengths,)
    least: NDArray[np.float64]  # (ions,): the least gross flux to judge each by, as a share of the largest


def _check_neutral(cell: Cell) -> None:
    """Refuse surroundings that are charged beyond what printed digits leave of published media."""
    for place in (each for each in cell.places if each is not cell.inside):
        contents = {name: cell.values.get(f"{place.name}.{name}", value) for name, value in place.concentrations.items()}
        charge = sum(place.species[name].charge * value for name, value in contents.items())
        if abs(charge) > NEUTRAL * sum(contents.values()):
            ion = "anions such as Cl" if charge > 0 else "cations such as Na"
            raise ModelError(f"{cell.name}: '{place.name}' carries {charge:+.4g} mM of net charge in "
                             f"{sum(contents.values()):.4g} mM of solutes, beside which no cell is balanced; give "
                             f"{abs(charge):.4g} mM more of {ion}, or less of what is too much")


def _beyond(cell: Cell, passive: Sequence[str]) -> str:
    """What to say of a potential that lies beyond the equilibrium potentials of all ions that are not passive."""
    voltage = Draft(cell).start_charge() / (cell.membrane.area * cell.membrane.capacitance)
    there = cell.outside.contents
    found = {ion: cell.constants.thermal_voltage / cell.inside.species[ion].charge * math.log(there[ion] / value)
             for ion, value in cell.inside.contents.items()
             if ion not in passive and value > 0 and there.get(ion, 0.0) > 0 and cell.inside.species[ion].charge}
    if not found or min(found.values()) <= voltage <= max(found.values()):
        return ""
    listed = ", ".join(f"{ion} {value:.4g} mV" for ion, value in sorted(found.items(), key=lambda each: each[1]))
    side = "below" if voltage < min(found.values()) else "above"
    return (f"; {voltage:.4g} mV lies {side} the equilibrium potential of every ion that is not passive ({listed}), where "
            "leaks let all of them go the same way; ask for a potential between them")


def _with_outside_at_rest(cell: Cell) -> Cell:
    """The cell whose finite outside, where it starts as the bath behind it, is at equilibrium with it for every neutral path.

    The charge that it holds for the membrane shifts cations one way and anions the other, c = c_bath exp(-z x), and with
    them its impermeants, so that it stays isosmotic: some 1e-7 to 1e-4 of them, but what rests must exchange nothing.
    """
    outside = cell.outside
    found = next((bath for bath in cell.reservoirs if isinstance(outside, Compartment) and _alike(outside, bath)), None)
    if not isinstance(outside, Compartment) or found is None:
        return cell
    wanted = -Draft(cell).start_charge() / (cell.constants.F * outside.volume)
    ions = [(outside.species[name].charge, found.contents[name]) for name in outside.contents]
    x, share = _donnan(ions, outside.impermeants, wanted, sum(found.concentrations.values()))
    contents = {name: found.contents[name] * math.exp(-outside.species[name].charge * x) for name in outside.contents}
    impermeants = tuple(replace(entry, concentration=share * entry.concentration) for entry in outside.impermeants)
    return replace(cell, outside=replace(outside, contents=contents, impermeants=impermeants))


def _donnan(ions: Sequence[tuple[float, float]], impermeants: Sequence[Impermeant], wanted: float,
            osmolarity: float) -> tuple[float, float]:
    """The x of c = c_bath exp(-z x), and the factor on all impermeants, that give a wanted charge and osmolarity [mM]."""
    solutes = sum(entry.concentration for entry in impermeants)
    fixed = sum(entry.charge * entry.concentration for entry in impermeants)
    x, share = 0.0, 1.0
    for _ in range(ITERATIONS):  # Newton's method on a monotone function
        now = [(charge, value * math.exp(-charge * x)) for charge, value in ions]
        charge, slope = sum(z * value for z, value in now), sum(z * z * value for z, value in now)
        if solutes:
            share = (osmolarity - sum(value for _, value in now)) / solutes
            slope -= fixed * charge / solutes
        step = (charge + share * fixed - wanted) / slope
        x += step
        if abs(step) < CONVERGED:
            break
    return x, share


def _alike(outside: Compartment, bath: Bath) -> bool:
    """Whether a finite outside starts as this bath, and as isosmotic to it."""
    pairs = [(value, bath.contents.get(name, 0.0)) for name, value in outside.contents.items()]
    pairs.append((sum(outside.concentrations.values()), sum(bath.concentrations.values())))
    return all(abs(here - there) <= ALIKE * here for here, there in pairs)


def _with_passive(cell: Cell, ions: Sequence[str]) -> Cell:
    """The cell whose content of these ions is at equilibrium with the outside at the potential of the start."""
    inside = cell.inside
    x = Draft(cell).start_charge() / (cell.membrane.area * cell.membrane.capacitance) / cell.constants.thermal_voltage
    contents = dict(inside.contents)
    for ion in ions:
        if ion not in contents or ion not in cell.outside.contents:
            raise ModelError(f"{cell.name}: balance cannot make '{ion}' passive{did_you_mean(ion, contents)}; it must be among "
                             f"the contents of '{inside.name}' and of '{cell.outside.name}'")
        contents[ion] = cell.outside.contents[ion] * math.exp(-inside.species[ion].charge * x)
    return replace(cell, inside=replace(inside, contents=contents))


def _with_reactions_at_rest(cell: Cell) -> Cell:
    """The cell whose reactions are at equilibrium, each by what its equation names last."""
    for each in cell.transporters:
        if not isinstance(each, Reaction):
            continue
        place = next(place for place in cell.compartments if place.name == each.where(cell.inside.name))
        counts = {name: count for name, count in each.counts.items() if name != WATER}
        last = next(name for name in reversed(counts) if counts[name] > 0)
        others = [(place.concentrations[name], count) for name, count in counts.items() if name != last]
        constant = initial_values(cell.system)[each.constant]
        found = (constant / math.prod(value**count for value, count in others)) ** (1.0 / counts[last])
        contents = {name: found if name == last else value for name, value in place.contents.items()}
        impermeants = tuple(replace(entry, concentration=found if entry.name == last else entry.concentration)
                            for entry in place.impermeants)
        moved = replace(place, contents=contents, impermeants=impermeants)
        cell = replace(cell, inside=moved) if place is cell.inside else replace(cell, outside=moved)
    return cell


def _with_impermeant(cell: Cell, name: str) -> Cell:
    """The cell whose impermeant of that name makes its start isosmotic and puts the wanted charge on the membrane."""
    inside = cell.inside
    others = tuple(entry for entry in inside.impermeants if entry.name != name)
    if len(others) == len(inside.impermeants):
        known = [entry.name for entry in inside.impermeants]
        raise ModelError(f"{cell.name}: '{inside.name}' has no impermeant '{name}'{did_you_mean(name, known)}")
    for place in cell.places:
        for entry in place.impermeants if place is not inside else ():
            if entry.name == name:
                raise ModelError(f"{cell.name}: balance finds a charge for '{name}' in '{inside.name}', but '{place.name}' has "
                                 f"a '{name}' of {entry.charge:+g} e too; name that one otherwise, such as {name}_{place.name}")
    outside = sum(cell.outside.concentrations.values())
    dissolved = {**inside.contents, **inside.held, **{entry.name: entry.concentration for entry in others}}
    amount = outside - sum(dissolved.values())
    if amount <= 0:
        raise ModelError(f"{cell.name}: the contents of '{inside.name}' add up to {sum(dissolved.values()):.4g} mM and the "
                         f"outside to {outside:.4g} mM, which leaves {amount:.4g} mM for '{name}'; lower the contents")
    charges = {species: each.charge for species, each in inside.species.items()}
    needed = Draft(cell).start_charge() / (cell.constants.F * inside.volume)
    valence = (needed - sum(charges[species] * value for species, value in dissolved.items())) / amount
    if abs(valence) > ABSURD_CHARGE:
        raise ModelError(f"{cell.name}: '{name}' would need a charge of {valence:.3g} e at {amount:.3g} mM; the contents of "
                         f"'{inside.name}' cannot be meant so")
    found = (*others, Impermeant(name, valence, amount))
    return replace(cell, inside=replace(inside, impermeants=found))


def _equations(system: System, names: Sequence[str]) -> _Equations:
    if system.books is None:
        raise ModelError(f"{system.name} has no books to balance")
    values = initial_values(system)
    moving = [amount.name for amount in system.books.amounts
              if amount.name in system.rates or amount.name in {c.dependent for c in system.books.capacitors}]
    rates = system.resolve([_rate(system.books, name) for name in moving])
    slopes = np.zeros((len(moving), len(names)))
    for row, slope in enumerate(gradients(rates, names)):
        for column, name in enumerate(names):
            if name in slope:
                slopes[row, column] = _value(slope[name], values)
    prior = np.array([values[name] for name in names], dtype=np.float64)
    constant = np.array([_value(rate, values) for rate in rates], dtype=np.float64) - slopes @ prior
    inside = {amount.name for amount in system.books.amounts if amount.place == system.books.capacitors[0].inside}
    # an exchange hides what flows each way, 1e3 times a membrane's flux: only its net can be judged, against the largest
    least = np.array([LEAST_ROW if name in inside else 1.0 for name in moving], dtype=np.float64)
    return _Equations(tuple(moving), tuple(names), slopes, constant, prior, least)


def _rate(books: Books, name: str) -> Expression:
    """Rate of an amount inside; of one outside that of both together, since what crosses the membrane is asked for inside."""
    entry = next(amount for amount in books.amounts if amount.name == name)
    if entry.place == books.capacitors[0].inside:
        return booked_rate(books, name)
    both = {amount.place for amount in books.amounts if amount.species == entry.species}
    counts = {process.flux: sum(line.count for line in process.stoichiometry
                                if line.species == entry.species and line.place in both) for process in books.processes}
    return total(count * symbol(flux) for flux, count in counts.items() if count)


def _value(expression: Expression, values: dict[str, float]) -> float:
    return float(evaluate([expression], values)[0])


def _strengths(cell: str, given: _Equations, units: Mapping[str, str],
               hint: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The strengths nearest to their priors, and the combinations of them that stay free; `hint` ends a refusal."""
    gross = np.abs(given.constant) + np.abs(given.slopes) @ np.abs(given.prior)
    rows = np.maximum(gross, given.least * gross.max(initial=0.0))
    rows = np.where(rows > 0, rows, 1.0)
    prior = np.where(given.prior > 0, given.prior, 1.0)
    matrix, target = given.slopes * prior / rows[:, None], -given.constant / rows
    ratios = _nearest(matrix, target)
    _check_solved(cell, given, matrix @ ratios - target, hint)
    _, singular, spans = np.linalg.svd(matrix * ratios)
    rank = int(np.sum(singular > RANK * singular[0])) if singular.size else 0
    free = tuple(" with ".join(name for name, part in zip(given.names, direction, strict=True) if abs(part) > RANK)
                 for direction in spans[rank:])
    return prior * ratios, free


def _nearest(matrix: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The positive x with matrix @ x = target and least relative entropy sum(x ln x - x) to 1.

    It is x = exp(matrix.T @ m) with the m that minimises the convex sum(exp(matrix.T @ m)) - target @ m, found by
    Newton's method; where no positive x exists m runs away and the equations stay unsolved.
    """
    multipliers = np.zeros(len(target))
    x = np.ones(matrix.shape[1])
    for _ in range(ITERATIONS):
        change = np.linalg.lstsq((matrix * x) @ matrix.T, target - matrix @ x, rcond=RANK**2)[0]
        step = matrix.T @ change
        longest = np.abs(step).max(initial=0.0)
        if longest < CONVERGED:
            break
        change = change * min(1.0, LARGEST_STEP / longest)
        height = _dual(matrix, target, multipliers)
        while _dual(matrix, target, multipliers + change) > height + CONVERGED * abs(height):
            change = change / 2
        multipliers = multipliers + change
        x = np.exp(matrix.T @ multipliers)
    return x


def _dual(matrix: NDArray[np.float64], target: NDArray[np.float64], multipliers: NDArray[np.float64]) -> float:
    return float(np.exp(matrix.T @ multipliers).sum() - target @ multipliers)


def _check_solved(cell: str, given: _Equations, residual: NDArray[np.float64], hint: str) -> None:
    faults = [ion.removesuffix(".amount") for ion, rest in zip(given.ions, residual, strict=True) if abs(rest) > INFEASIBLE]
    if faults:
        raise ModelError(f"{cell}: no strengths of {', '.join(given.names)} hold {' and '.join(faults)} still"
                         + (hint or "; add a path that moves the ion the other way, or let another strength be solved for")
                         + "; check also the signs of each `moves` (positive comes in)")


def _listed(units: Mapping[str, str], strengths: Mapping[str, float], digits: int) -> str:
    """Strengths with their units."""
    return ", ".join(f"{name} = {value:.{digits}g} {units[name]}" for name, value in strengths.items())


def _report(units: Mapping[str, str], strengths: Mapping[str, float], freedom: tuple[str, ...]) -> str:
    found = _listed(units, strengths, 6)
    left = f"; free to choose otherwise: {'; '.join(freedom)}" if freedom else "; nothing is left free"
    return f"balanced by {found}{left}"
