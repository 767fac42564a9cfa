"""Balance: strengths and impermeants for which a cell is at an exact rest in the state one asks for.

Every flux is linear in its transporter's strength, so the strengths that hold all ions still solve linear equations.
Impermeants follow from osmolarity and charge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pumpleak.base.errors import ModelError
from pumpleak.base.names import did_you_mean
from pumpleak.base.units import Quantity, internal
from pumpleak.cell.cell import Cell
from pumpleak.cell.compartment import Impermeant
from pumpleak.cell.draft import Draft
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.expression import Expression, evaluate, gradients
from pumpleak.system.system import System
from pumpleak.system.transform import booked_rate, initial_values

INFEASIBLE = 1e-9  # net over gross flux of an ion above which its equation is not solved (rounding leaves 1e-15)
ABSURD_CHARGE = 20.0  # e: beyond any protein's share per osmotically active particle; the targets contradict each other
LEAST_ROW = 1e-4  # an ion at equilibrium has no gross flux of its own: it is judged against this share of the largest
ITERATIONS = 200  # Newton's method doubles its digits: 10 suffice, unless a strength has to go to zero
LARGEST_STEP = 2.0  # in the logarithm of a strength: beyond a factor of 7 the linear equations say little
CONVERGED = 1e-15  # in the logarithm of a strength: its last digit
RANK = 1e-10  # singular values below this share of the largest are rounding: rows are scaled to the gross flux


@dataclass(frozen=True)
class BalanceGoal:
    """What to solve for: strengths by name, one impermeant (or none), at a potential where one is given.

    `passive` ions are first put at equilibrium with the bath: c_in = c_out exp(-z F V/(R T)).
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
    placed = cell
    if goal.potential is not None:
        placed = replace(cell, potential=internal(goal.potential, "mV", "balance: potential"))
    if goal.passive:
        placed = _with_passive(placed, goal.passive)
    if goal.impermeant:
        placed = _with_impermeant(placed, goal.impermeant)
    system = _steady_form(placed).system
    known = [transporter.strength for transporter in placed.transporters if transporter.strength]
    for name in goal.solve:
        if name not in known:
            raise ModelError(f"{cell.name}: balance cannot solve for '{name}'{did_you_mean(name, known)}; it can for "
                             f"{', '.join(known)}")
    equations = _equations(system, goal.solve)
    strengths, freedom = _strengths(cell.name, equations)
    solved = dict(zip(goal.solve, (float(value) for value in strengths), strict=True))
    units = {parameter.name: parameter.unit for parameter in system.parameters}
    return Balanced(_with_strengths(placed, solved), solved, freedom, _report(units, solved, freedom))


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


def _with_passive(cell: Cell, ions: Sequence[str]) -> Cell:
    """The cell whose content of these ions is at equilibrium with the bath at the potential of the start."""
    inside = cell.compartment
    x = Draft(cell).start_charge() / (cell.membrane.area * cell.membrane.capacitance) / cell.constants.thermal_voltage
    contents = dict(inside.contents)
    for ion in ions:
        if ion not in contents or ion not in cell.bath.contents:
            raise ModelError(f"{cell.name}: balance cannot make '{ion}' passive{did_you_mean(ion, contents)}; it must be among "
                             f"the contents of '{inside.name}' and of '{cell.bath.name}'")
        contents[ion] = cell.bath.contents[ion] * math.exp(-inside.species[ion].charge * x)
    return replace(cell, compartment=replace(inside, contents=contents))


def _with_impermeant(cell: Cell, name: str) -> Cell:
    """The cell whose impermeant of that name makes its start isosmotic and puts the wanted charge on the membrane."""
    inside = cell.compartment
    others = tuple(entry for entry in inside.impermeants if entry.name != name)
    if len(others) == len(inside.impermeants):
        known = [entry.name for entry in inside.impermeants]
        raise ModelError(f"{cell.name}: '{inside.name}' has no impermeant '{name}'{did_you_mean(name, known)}")
    outside = sum(cell.bath.contents.values()) + sum(entry.concentration for entry in cell.bath.impermeants)
    dissolved = {**inside.contents, **inside.held, **{entry.name: entry.concentration for entry in others}}
    amount = outside - sum(dissolved.values())
    if amount <= 0:
        raise ModelError(f"{cell.name}: the contents of '{inside.name}' add up to {sum(dissolved.values()):.4g} mM and the "
                         f"bath to {outside:.4g} mM, which leaves {amount:.4g} mM for '{name}'; lower the contents")
    charges = {species: each.charge for species, each in inside.species.items()}
    needed = Draft(cell).start_charge() / (cell.constants.F * inside.volume)
    valence = (needed - sum(charges[species] * value for species, value in dissolved.items())) / amount
    if abs(valence) > ABSURD_CHARGE:
        raise ModelError(f"{cell.name}: '{name}' would need a charge of {valence:.3g} e at {amount:.3g} mM; the contents of "
                         f"'{inside.name}' cannot be meant so")
    found = (*others, Impermeant(name, valence, amount))
    return replace(cell, compartment=replace(inside, impermeants=found))


def _equations(system: System, names: Sequence[str]) -> _Equations:
    if system.books is None:
        raise ModelError(f"{system.name} has no books to balance")
    values = initial_values(system)
    moving = [amount.name for amount in system.books.amounts
              if amount.name in system.rates or amount.name in {c.dependent for c in system.books.capacitors}]
    rates = system.resolve([booked_rate(system.books, name) for name in moving])
    slopes = np.zeros((len(moving), len(names)))
    for row, slope in enumerate(gradients(rates, names)):
        for column, name in enumerate(names):
            if name in slope:
                slopes[row, column] = _value(slope[name], values)
    prior = np.array([values[name] for name in names], dtype=np.float64)
    constant = np.array([_value(rate, values) for rate in rates], dtype=np.float64) - slopes @ prior
    return _Equations(tuple(moving), tuple(names), slopes, constant, prior)


def _value(expression: Expression, values: dict[str, float]) -> float:
    return float(evaluate([expression], values)[0])


def _strengths(cell: str, given: _Equations) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The strengths nearest to their priors, and the combinations of them that stay free."""
    gross = np.abs(given.constant) + np.abs(given.slopes) @ np.abs(given.prior)
    rows = np.maximum(gross, LEAST_ROW * gross.max(initial=0.0))
    rows = np.where(rows > 0, rows, 1.0)
    prior = np.where(given.prior > 0, given.prior, 1.0)
    matrix, target = given.slopes * prior / rows[:, None], -given.constant / rows
    ratios = _nearest(matrix, target)
    _check_solved(cell, given, matrix @ ratios - target, prior * ratios)
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


def _check_solved(cell: str, given: _Equations, residual: NDArray[np.float64], found: NDArray[np.float64]) -> None:
    faults = [ion.removesuffix(".amount") for ion, rest in zip(given.ions, residual, strict=True) if abs(rest) > INFEASIBLE]
    if faults:
        values = ", ".join(f"{name} = {value:.4g}" for name, value in zip(given.names, found, strict=True))
        raise ModelError(f"{cell}: no strengths of {', '.join(given.names)} hold {' and '.join(faults)} still (best: {values});"
                         " add a path that moves the ion the other way, or let another strength be solved for")


def _report(units: Mapping[str, str], strengths: Mapping[str, float], freedom: tuple[str, ...]) -> str:
    found = ", ".join(f"{name} = {value:.6g} {units[name]}" for name, value in strengths.items())
    left = f"; free to choose otherwise: {'; '.join(freedom)}" if freedom else "; nothing is left free"
    return f"balanced by {found}{left}"
