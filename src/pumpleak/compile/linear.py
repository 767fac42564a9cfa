"""The linear equations of a stage in generated code: factors, solution, and the rows that only follow.

With net fluxes v (see `fluxes`), S their counts in each rate and D = dv/dy, a stage solves, for the states,

    M k/(h gamma) - S D k = b

by sparse factors of the assembled matrix. Factors of a stiff matrix lose what is conserved: rounding of the fast
exchanges, times the step, outlives them. So the response D k is rounded once per flux, the equations are held against it
and the solution is refined; a quadrature is one more row, k_q = h gamma (b_q + S_q D k), from the same responses. What
states and quadratures conserve together is then conserved to rounding, and the factors decide only how fast.

How each part is written is in `forms`.
"""

from __future__ import annotations

from pumpleak.compile.builder import ORDERED, Code, Function, Module
from pumpleak.compile.equations import Equations
from pumpleak.compile.forms import Form, Looped, Straight
from pumpleak.compile.lu import Elimination, Place, plan
from pumpleak.compile.values import Array, Bool, Real, Value, Whole, maximum

# Operations and entries of the elimination beyond which factors, solution and Jacobian are loops, and slopes beyond which the
# sums of fluxes are. Measured (one lane, stiff step and compile time; straight text against loops): a cell of 32 states with a
# full pump (1600 operations and entries, 730 slopes) 10.3 us and 2.4 s against 17 us and 1.9 s, of it 3 us in the sums; a row
# of cells with 112 states (2200, 780) 13 us and 2.9 s against 17 us and 1.9 s, with 392 states (7900, 2760) 53 us and 27 s
# against 69 us and 20 s, where straight sums gain nothing; dense factors of 20 states (2900) 0.4 s against 0.05 s, of 40 states
# (22 000) 4.3 s against 0.04 s.
STRAIGHT_MOST, STRAIGHT_SLOPES = 2500, 1000


class Linear:
    """The functions factor, fastest and solve of one model.

    Signatures: factor(per_step, jac, lu) -> safe; fastest(jac) -> largest rate constant;
    solve(turns, per_step, step, jac, lu, b, k); `jac` holds D, per_step is 1/step and step is h gamma.
    """

    def __init__(self, module: Module, equations: Equations) -> None:
        self.module, self.equations = module, equations
        self.n = len(equations.states)
        algebraic = [i for i, mass in enumerate(equations.mass) if mass == 0.0]
        self.elimination: Elimination = plan(equations.states, equations.jacobian, algebraic)
        self._straight, looped = Straight(equations, self.elimination), Looped(equations, self.elimination)
        is_short = self.elimination.operations + len(self.elimination.slots) <= STRAIGHT_MOST
        self.form: Form = self._straight if is_short else looped
        self.sums: Form = self._straight if len(equations.slopes) <= STRAIGHT_SLOPES else looped
        self.factor, self.fastest = self._factor(), self._fastest()
        self._substitute, self._respond = self._make_substitute(), self._make_respond()
        self._defect, self._follow = self._make_defect(), self._make_follow()
        self._refine = self._make_refine()
        self.solve = self._solve()

    def entry(self, jac: Array, place: Place) -> Real:
        """One entry of S D."""
        return self._straight.entry(jac, place)

    def _factor(self) -> Function[Bool]:
        code = Code(self.module, "factor", [Real, Array, Array], Bool, private=True)
        code.return_(self.form.factors(*code.arguments))
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
        self.form.solution(*code.arguments)
        code.return_()
        return code.finished(Value)

    def _make_respond(self) -> Function[Value]:
        """D k, one number a flux."""
        code = Code(self.module, "respond", [Array, Array, Array], flags=ORDERED, private=True)
        self.sums.response(*code.arguments)
        code.return_()
        return code.finished(Value)

    def _make_defect(self) -> Function[Value]:
        """What the equations of the states lack: b + S D k - M k per_step."""
        code = Code(self.module, "defect", [Real, Array, Array, Array, Array], flags=ORDERED, private=True)
        self.sums.defect(*code.arguments)
        code.return_()
        return code.finished(Value)

    def _make_follow(self) -> Function[Value]:
        code = Code(self.module, "follow", [Real, Array, Array, Array], flags=ORDERED, private=True)
        self.sums.follow(*code.arguments)
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
