"""The linear equations of a stage written in two ways: number by number, or in loops over tables.

Straight text is faster (a whole step of the stiff method by 1.3 to 1.7), loops are short: their text, and the time that LLVM
takes for it, no longer grow with the system. `linear` chooses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Protocol

from pumpleak.compile.block import between
from pumpleak.compile.builder import Code, code_of
from pumpleak.compile.equations import Equations
from pumpleak.compile.looped import emit_looped_factors, emit_looped_solution
from pumpleak.compile.lu import Elimination, Place, emit_factors, emit_solution
from pumpleak.compile.values import Array, Bool, Int, Real, Words


class Form(Protocol):
    """What `linear` needs; S: counts of fluxes in rates, D: slopes of fluxes (in `jac`), M: masses."""

    def factors(self, per_step: Real, jac: Array, lu: Array) -> Bool:
        """Factors of M per_step - S D; true when they are safe."""

    def solution(self, lu: Array, target: Array) -> None:
        """Solve with the factors."""

    def response(self, jac: Array, k: Array, response: Array) -> None:
        """D k."""

    def defect(self, per_step: Real, response: Array, b: Array, k: Array, defect: Array) -> None:
        """b + S response - M k per_step, for the states."""

    def follow(self, step: Real, response: Array, b: Array, k: Array) -> None:
        """step (b + S response), for the quadratures."""

    def jacobian(self, jac: Array, out: Array) -> None:
        """S D for the states, row by row; `out` is zero before."""


class _Form:
    def __init__(self, equations: Equations, elimination: Elimination) -> None:
        self.equations, self.elimination = equations, elimination
        self.n, self.counts, self.masses = len(equations.states), equations.fluxes.counts, equations.mass


class Straight(_Form):
    """Each number by its own instruction."""

    def entry(self, jac: Array, place: Place) -> Real:
        """One entry of S D."""
        parts = [_times(jac[slot], factor) for slot, factor in self.equations.jacobian[place]]
        return sum(parts[1:], parts[0])

    def factors(self, per_step: Real, jac: Array, lu: Array) -> Bool:
        """See Form."""
        matrix = {(i, i): per_step * mass for i, mass in enumerate(self.masses) if mass != 0.0}
        for place in self.equations.jacobian:
            value = self.entry(jac, place)
            matrix[place] = matrix[place] - value if place in matrix else -value
        return emit_factors(matrix, self.elimination, lu)

    def solution(self, lu: Array, target: Array) -> None:
        """See Form."""
        emit_solution(self.elimination, lu, target)

    def response(self, jac: Array, k: Array, response: Array) -> None:
        """See Form."""
        sums: dict[int, Real] = {}
        for slot, (flux, column) in enumerate(self.equations.slopes):
            term = jac[slot] * k[column]
            sums[flux] = sums[flux] + term if flux in sums else term
        for flux in range(len(self.equations.fluxes.fluxes)):
            response[flux] = sums.get(flux, 0.0)

    def defect(self, per_step: Real, response: Array, b: Array, k: Array, defect: Array) -> None:
        """See Form."""
        for row, mass in enumerate(self.masses):
            defect[row] = self._through(row, b[row] - per_step * mass * k[row] if mass else b[row], response)

    def follow(self, step: Real, response: Array, b: Array, k: Array) -> None:
        """See Form."""
        for row in range(self.n, len(self.counts)):
            k[row] = step * self._through(row, b[row], response)

    def _through(self, row: int, start: Real, response: Array) -> Real:
        return sum((_times(response[flux], factor) for flux, factor in self.counts[row].items()), start)

    def jacobian(self, jac: Array, out: Array) -> None:
        """See Form."""
        for i, j in self.equations.jacobian:
            out[i * self.n + j] = self.entry(jac, (i, j))


def _times(value: Real, factor: float) -> Real:
    return value if factor == 1.0 else value * factor


class Looped(_Form):
    """Loops over constant tables."""

    def factors(self, per_step: Real, jac: Array, lu: Array) -> Bool:
        """See Form."""
        code, slots = code_of(lu), self.elimination.slots
        for slot in code.range(len(slots)):
            lu[slot] = 0.0
        self._add_entries("lu", lambda i, j: slots[i, j], -1.0, jac, lu)
        own = {slots[i, i]: mass for i, mass in enumerate(self.masses) if mass}
        places, masses = code.module.index_table(code, "mass_slot", [*own]), code.module.table(code, "masses", [*own.values()])
        for row in code.range(len(own)):
            lu[places[row]] = lu[places[row]] + per_step * masses[row]
        return emit_looped_factors(code, self.elimination, lu)

    def solution(self, lu: Array, target: Array) -> None:
        """See Form."""
        emit_looped_solution(code_of(lu), self.elimination, lu, target)

    def response(self, jac: Array, k: Array, response: Array) -> None:
        """See Form."""
        code, slopes = code_of(jac), self.equations.slopes
        columns = code.module.index_table(code, "slope_column", [column for _, column in slopes])
        counts = Counter(flux for flux, _ in slopes)
        bounds = _bounds(code, "slope", [counts[flux] for flux in range(len(self.equations.fluxes.fluxes))])
        total = code.variable()
        for flux in code.range(len(self.equations.fluxes.fluxes)):
            total[0] = 0.0
            for slot in between(code, bounds[flux], bounds[flux + 1]):
                total[0] = total[0] + jac[slot] * k[columns[slot]]
            response[flux] = total[0]

    def defect(self, per_step: Real, response: Array, b: Array, k: Array, defect: Array) -> None:
        """See Form."""
        masses = code_of(b).module.table(code_of(b), "row_mass", self.masses)
        for row, total in self._through("defect", 0, self.n, response, lambda i: b[i] - per_step * masses[i] * k[i]):
            defect[row] = total

    def follow(self, step: Real, response: Array, b: Array, k: Array) -> None:
        """See Form."""
        for row, total in self._through("follow", self.n, len(self.counts), response, lambda i: b[i]):
            k[row] = step * total

    def _through(self, name: str, first: int, end: int, response: Array,
                 start: Callable[[Int], Real]) -> Iterator[tuple[Int, Real]]:
        """Each row from first to end, with start + S response."""
        code = code_of(response)
        total = code.variable()
        counts = self.counts[first:end]
        terms = [(flux, factor) for row in counts for flux, factor in row.items()]
        fluxes = code.module.index_table(code, f"{name}_flux", [flux for flux, _ in terms])
        factors = _Factors(code, name, [factor for _, factor in terms])
        bounds = _bounds(code, name, [len(row) for row in counts])
        for place in code.range(end - first):
            row = place + first
            total[0] = start(row)
            for term in between(code, bounds[place], bounds[place + 1]):
                total[0] = total[0] + response[fluxes[term]] * factors[term]
            yield row, total[0]

    def jacobian(self, jac: Array, out: Array) -> None:
        """See Form."""
        self._add_entries("jacobian", lambda i, j: i * self.n + j, 1.0, jac, out)

    def _add_entries(self, name: str, place: Callable[[int, int], int], sign: float, jac: Array, target: Array) -> None:
        """target += sign S D, an entry (i, j) at its place."""
        code = code_of(target)
        terms = [(place(*entry), slot, sign * factor) for entry, parts in self.equations.jacobian.items()
                 for slot, factor in parts]
        places = code.module.index_table(code, f"{name}_place", [to for to, _, _ in terms])
        slots = code.module.index_table(code, f"{name}_slope", [slot for _, slot, _ in terms])
        factors = _Factors(code, name, [factor for _, _, factor in terms])
        for term in code.range(len(terms)):
            target[places[term]] = target[places[term]] + jac[slots[term]] * factors[term]


class _Factors:
    """A constant factor for each term; few different ones occur, and with lanes each is a vector."""

    def __init__(self, code: Code, name: str, values: Sequence[float]) -> None:
        distinct = sorted(set(values))
        place = {value: index for index, value in enumerate(distinct)}
        self._values = code.module.table(code, f"{name}_factors", distinct)
        self._which = code.module.index_table(code, f"{name}_which", [place[value] for value in values])

    def __getitem__(self, term: Int) -> Real:
        return self._values[self._which[term]]


def _bounds(code: Code, name: str, lengths: Sequence[int]) -> Words:
    """Where the terms of each row begin, and after the last where they end."""
    return code.module.index_table(code, f"{name}_bounds", [*accumulate(lengths, initial=0)])
