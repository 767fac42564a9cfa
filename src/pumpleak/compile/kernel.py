"""The functions of one model in generated code: rates, slopes, triggers, assignments, Jacobian, observation.

Signatures (t, y, p are time, states, parameters; one number a lane in each place)::

    rates(t, y, p, f)                            f: rates of states, then of quadratures
    slopes(t, y, p, f, drift, jac)               the same, df/dt, and the non-zero slopes of the net fluxes
    triggers(t, y, p, out), assign(event, t, y, p)

In these p is longer than the parameters: what parameters alone decide follows them, computed once a stretch by `prepare(p)`
(measured: a quarter of the operations of a cell, a third of its exponentials and logarithms). For callers from outside::

    rates_at(t, y, p, f), jacobian(t, y, p, out), observe(rows, t, y, p, out)

Those of the linear equations are in `linear`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.compile.builder import ORDERED, Code, Function, Module
from pumpleak.compile.calm import emit_calm
from pumpleak.compile.elementary import Elementary
from pumpleak.compile.equations import Equations
from pumpleak.compile.expressions import Symbols, emit, fixed_parts
from pumpleak.compile.linear import Linear
from pumpleak.compile.values import Array, Bool, Int, Real, Value, Whole

# slopes of a system above which elementary functions are called, not written out (measured: see Elementary)
CALLED_ABOVE = 1000


@dataclass(frozen=True)
class Kernel:
    """What the time loop needs of a model: its functions in the same module."""

    equations: Equations
    elementary: Elementary
    fixed: int
    prepare: Function[Value]
    rates: Function[Value]
    slopes: Function[Value]
    linear: Linear
    triggers: Function[Value] | None
    assign: Function[Value] | None
    calm: Function[Bool] | None

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.equations.states)

    @property
    def algebraic(self) -> bool:
        """Whether some equation has no time derivative."""
        return 0.0 in self.equations.mass

    @property
    def both(self) -> int:
        """Number of states and quadratures."""
        return len(self.equations.both)

    @property
    def entries(self) -> int:
        """Number of non-zero slopes."""
        return len(self.equations.slopes)

    def prepared(self, code: Code, p: Array) -> Array:
        """A copy of the parameters, and after them what they alone decide."""
        count = len(self.equations.parameters)
        longer = code.array(count + self.fixed)
        for i in code.range(count):
            longer[i] = p[i]
        self.prepare(longer)
        return longer


def emit_kernel(module: Module, equations: Equations, outside: bool = True) -> Kernel:
    """Write all functions of a model into a module; `outside`: also those that are called from Python."""
    return _Writer(module, equations).write(outside)


class _Writer:
    """The parts that the functions of one model share."""

    def __init__(self, module: Module, equations: Equations) -> None:
        self.module, self.equations = module, equations
        self.elementary = Elementary(module, apart=len(equations.slopes) > CALLED_ABOVE)
        inner = [*equations.both, *equations.drift.values(), *equations.slopes.values(), *equations.triggers]
        self.fixed = fixed_parts(inner, equations.parameters)
        self.given = Symbols(equations.states, equations.parameters)
        self.symbols = Symbols(equations.states, equations.parameters, self.fixed)
        self.n = len(equations.states)
        self.linear = Linear(module, equations)

    def write(self, outside: bool) -> Kernel:
        events = bool(self.equations.triggers)
        kernel = Kernel(self.equations, self.elementary, len(self.fixed), self._prepare(), self._rates(), self._slopes(),
                        self.linear, self._triggers() if events else None, self._assign() if events else None,
                        emit_calm(self.module, self.equations, self.linear))
        if outside:
            self._rates_at(kernel)
            self._jacobian(kernel)
            self._observe()
        return kernel

    def _prepare(self) -> Function[Value]:
        code = Code(self.module, "prepare", [Array], private=True, flags=ORDERED)
        p = code.arguments[0]
        start = len(self.equations.parameters)
        for place, value in enumerate(emit(code, self.elementary, self.fixed, self.given, code.real(0.0), p, p)):
            p[start + place] = value
        code.return_()
        return code.finished(Value)

    def _rates_at(self, kernel: Kernel) -> None:
        code = Code(self.module, "rates_at", [Real, Array, Array, Array])
        t, y, p, f = code.arguments
        kernel.rates(t, y, kernel.prepared(code, p), f)
        code.return_()

    def _rates(self) -> Function[Value]:
        # apart: an explicit step ends with the rates that the next begins with, the same bits wherever it is called
        code = Code(self.module, "rates", [Real, Array, Array, Array], private=True, apart=True, flags=ORDERED)
        t, y, p, f = code.arguments
        for place, value in enumerate(emit(code, self.elementary, self.equations.both, self.symbols, t, y, p)):
            f[place] = value
        code.return_()
        return code.finished(Value)

    def _slopes(self) -> Function[Value]:
        # apart for the same reason: a run that is taken up again finds the same bits
        code = Code(self.module, "slopes", [Real, Array, Array, Array, Array, Array], private=True, apart=True, flags=ORDERED)
        t, y, p, f, drift, jac = code.arguments
        both, moving, slopes = self.equations.both, self.equations.drift, self.equations.slopes
        wanted = [*both, *moving.values(), *slopes.values()]
        values = iter(emit(code, self.elementary, wanted, self.symbols, t, y, p))
        for place in range(len(both)):
            f[place] = next(values)
        for place in moving:
            drift[place] = next(values)
        for slot, value in enumerate(values):
            jac[slot] = value
        code.return_()
        return code.finished(Value)

    def _triggers(self) -> Function[Value]:
        code = Code(self.module, "triggers", [Real, Array, Array, Array], private=True, apart=True, flags=ORDERED)
        t, y, p, out = code.arguments
        for place, value in enumerate(emit(code, self.elementary, self.equations.triggers, self.symbols, t, y, p)):
            out[place] = value
        code.return_()
        return code.finished(Value)

    def _assign(self) -> Function[Value]:
        code = Code(self.module, "assign", [Whole, Real, Array, Array], flags=ORDERED)
        event, t, y, p = code.arguments
        for index, assigned in enumerate(self.equations.assignments):
            if not assigned:
                continue
            with code.if_(event.equals(index)):
                values = emit(code, self.elementary, list(assigned.values()), self.given, t, y, p)
                for place, value in zip(assigned, values, strict=True):
                    y[place] = value
        code.return_()
        return code.finished(Value)

    def _jacobian(self, kernel: Kernel) -> None:
        code = Code(self.module, "jacobian", [Real, Array, Array, Array])
        t, y, p, out = code.arguments
        f, drift, jac = code.array(kernel.both), code.array(kernel.both), code.array(kernel.entries)
        kernel.slopes(t, y, kernel.prepared(code, p), f, drift, jac)
        self.linear.form.jacobian(jac, out)
        code.return_()

    def _observe(self) -> None:
        code = Code(self.module, "observe", [Int, Array, Array, Array, Array], flags=ORDERED)
        rows, times, states, p, out = code.arguments
        definitions = self.equations.definitions
        if definitions:
            for row in code.range(rows):
                y, place = states.part(row * self.n), out.part(row * len(definitions))
                for column, value in enumerate(
                        emit(code, self.elementary, definitions, self.given, times[row], y, p)):
                    place[column] = value
        code.return_()
