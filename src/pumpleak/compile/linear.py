"""The linear equations of a stage in generated code: factors, solution, and the rows that only follow.

With net fluxes v (see `fluxes`), S their counts in each rate and D = dv/dy, a stage solves, for the states,

    M k/(h gamma) - S D k = b

by sparse factors of the assembled matrix. Factors of a stiff matrix lose what is conserved: rounding of the fast
exchanges, times the step, outlives them. So the response D k is rounded once per flux, the equations are held against it
and the solution is refined; a quadrature is one more row, k_q = h gamma (b_q + S_q D k), from the same responses. What
states and quadratures conserve together is then conserved to rounding, and the factors decide only how fast.
"""

from __future__ import annotations

from pumpleak.compile.builder import ORDERED, Array, Bool, Code, Function, Module, Real, Value, Whole, maximum
from pumpleak.compile.equations import Equations
from pumpleak.compile.lu import Elimination, emit_factors, emit_solution, plan


class Linear:
    """The functions factor, fastest and solve of one model.

    Signatures: factor(per_step, jac, lu) -> safe; fastest(jac) -> largest rate constant;
    solve(turns, per_step, step, jac, lu, b, k); `jac` holds D, per_step is 1/step and step is h gamma.
    """

    def __init__(self, module: Module, equations: Equations) -> None:
        self.module, self.equations = module, equations
        self.n, self.counts = len(equations.states), equations.fluxes.counts
        algebraic = [i for i, mass in enumerate(equations.mass) if mass == 0.0]
        self.elimination: Elimination = plan(equations.states, equations.jacobian, algebraic)
        self.factor, self.fastest = self._factor(), self._fastest()
        self._substitute, self._respond = self._make_substitute(), self._make_respond()
        self._defect, self._follow = self._make_defect(), self._make_follow()
        self._refine = self._make_refine()
        self.solve = self._solve()

    def entry(self, jac: Array, place: tuple[int, int]) -> Real:
        """One entry of S D."""
        parts = [jac[slot] * factor if factor != 1.0 else jac[slot]
                 for slot, factor in self.equations.jacobian[place]]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def _factor(self) -> Function[Bool]:
        code = Code(self.module, "factor", [Real, Array, Array], Bool, private=True)
        per_step, jac, lu = code.arguments
        matrix = {(i, i): per_step * mass for i, mass in enumerate(self.equations.mass) if mass != 0.0}
        for place in self.equations.jacobian:
            value = self.entry(jac, place)
            matrix[place] = matrix[place] - value if place in matrix else -value
        code.return_(emit_factors(matrix, self.elimination, lu))
        return code.finished(Bool)

    def _fastest(self) -> Function[Real]:
        code = Code(self.module, "fastest", [Array], Real, private=True)
        largest = code.real(0.0)
        for i, mass in enumerate(self.equations.mass):
            if mass and (i, i) in self.equations.jacobian:
                largest = maximum(largest, abs(self.entry(code.arguments[0], (i, i))) * (1.0 / mass))
        code.return_(largest)
        return code.finished(Real)

    def _make_substitute(self) -> Function[Value]:
        code = Code(self.module, "substitute", [Array, Array], private=True)
        emit_solution(self.elimination, *code.arguments)
        code.return_()
        return code.finished(Value)

    def _make_respond(self) -> Function[Value]:
        """D k, one number a flux."""
        code = Code(self.module, "respond", [Array, Array, Array], flags=ORDERED, private=True)
        jac, k, response = code.arguments
        sums: dict[int, Real] = {}
        for slot, (flux, column) in enumerate(self.equations.slopes):
            term = jac[slot] * k[column]
            sums[flux] = sums[flux] + term if flux in sums else term
        for flux in range(len(self.equations.fluxes.fluxes)):
            response[flux] = sums.get(flux, 0.0)
        code.return_()
        return code.finished(Value)

    def _through(self, row: int, start: Real, response: Array) -> Real:
        """start + S D k of one row."""
        total = start
        for flux, factor in self.counts[row].items():
            total = total + (response[flux] * factor if factor != 1.0 else response[flux])
        return total

    def _make_defect(self) -> Function[Value]:
        """What the equations of the states lack: b + S D k - M k per_step."""
        code = Code(self.module, "defect", [Real, Array, Array, Array, Array], flags=ORDERED, private=True)
        per_step, response, b, k, defect = code.arguments
        for row, mass in enumerate(self.equations.mass):
            start = b[row] - per_step * mass * k[row] if mass else b[row]
            defect[row] = self._through(row, start, response)
        code.return_()
        return code.finished(Value)

    def _make_follow(self) -> Function[Value]:
        code = Code(self.module, "follow", [Real, Array, Array, Array], flags=ORDERED, private=True)
        step, response, b, k = code.arguments
        for row in range(self.n, len(self.counts)):
            k[row] = step * self._through(row, b[row], response)
        code.return_()
        return code.finished(Value)

    def _solve(self) -> Function[Value]:
        code = Code(self.module, "solve", [Whole, Real, Real, Array, Array, Array, Array], private=True)
        turns, per_step, step, jac, lu, b, k = code.arguments
        response = code.array(len(self.equations.fluxes.fluxes))
        for i in code.range(self.n):
            k[i] = b[i]
        self._substitute(lu, k)
        if self.equations.quadratures:
            self._respond(jac, k, response)
            with code.if_(turns >= 1):
                self._refine(turns, per_step, jac, lu, b, k, response)
            self._follow(step, response, b, k)
        else:
            with code.if_(turns >= 1):
                self._respond(jac, k, response)
                self._refine(turns, per_step, jac, lu, b, k, response)
        code.return_()
        return code.finished(Value)

    def _make_refine(self) -> Function[Value]:
        kinds: list[type[Value]] = [Whole, Real, Array, Array, Array, Array, Array]
        code = Code(self.module, "refine", kinds, private=True)
        turns, per_step, jac, lu, b, k, response = code.arguments
        size = len(self.equations.fluxes.fluxes)
        more, correction = code.array(size), code.array(self.n)
        for _ in code.times(turns):
            self._defect(per_step, response, b, k, correction)
            self._substitute(lu, correction)
            self._respond(jac, correction, more)
            for i in code.range(self.n):
                k[i] = k[i] + correction[i]
            for r in code.range(size):
                response[r] = response[r] + more[r]
        code.return_()
        return code.finished(Value)
