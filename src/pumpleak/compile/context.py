"""What the parts of the time loop share while it is written: the memory, the scratch arrays, the model's functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pumpleak.compile.builder import Array, Code, Int, Real, Record, maximum, minimum
from pumpleak.compile.kernel import Kernel
from pumpleak.solve import controller, rodas5p
from pumpleak.solve.layout import Layout
from pumpleak.solve.status import Status


class Run:
    """The body of `advance` while it is being written.

    s: the memory, p: parameters; u: end of a stage or step, f: rates there; f0, drift, jac: at the accepted point;
    b: right-hand side of a stage, k: one array a stage. Arrays of `both` hold the states and, after them, the quadratures.
    """

    def __init__(self, code: Code, kernel: Kernel, layout: Layout, base: Array, p: Array) -> None:
        self.code, self.kernel, self.layout, self.p = code, kernel, layout, p
        self.s: Any = Record(layout.fields, base)
        self.n, self.both = kernel.states, kernel.both
        self.u, self.f, self.f0, self.drift = (code.array(self.both) for _ in range(4))
        self.b, self.jac = code.array(self.both), code.array(kernel.entries)
        self.lu = code.array(len(kernel.linear.elimination.slots))
        self.k = [code.array(self.both) for _ in range(rodas5p.STAGES)]
        self.now = code.array(layout.events)
        self.fastest, self._stale = code.variable(), code.variable()
        self.moved()

    @property
    def least(self) -> tuple[int, ...]:
        """Quadratures whose extreme rates are kept."""
        return self.kernel.equations.least

    def stop(self, status: Status) -> None:
        """Return from `advance`."""
        self.code.return_(int(status))

    def moved(self) -> None:
        """Note that the accepted point is a new one."""
        self._stale.set_whole(1)

    def know_slopes(self, counts: bool = True) -> None:
        """Compute rates and slopes at the accepted point, unless they are known (as after a refused step).

        counts: whether the point is one of the run, whose extremes are kept; one that is not yet consistent is not.
        """
        s = self.s
        with self.code.if_(self._stale.whole().equals(1)):
            self.kernel.slopes(s.t, s.z, self.p, self.f0, self.drift, self.jac)
            self.fastest[0] = self.kernel.linear.fastest(self.jac)
            if counts:
                self.note_extremes(self.f0)
            self._stale.set_whole(0)

    def note_extremes(self, rates: Array) -> None:
        """Keep the least rate and the largest magnitude of the watched quadratures."""
        for place, quadrature in enumerate(self.least):
            rate = rates[self.n + quadrature]
            self.s.least[place] = minimum(self.s.least[place], rate)
            self.s.most[place] = maximum(self.s.most[place], abs(rate))

    def update_extremes(self) -> None:
        """The same for the rates at the accepted point."""
        if self.least:
            self.kernel.rates(self.s.t, self.s.z, self.p, self.f)
            self.note_extremes(self.f)

    def stop_unless_finite(self, rates: Array) -> None:
        """Return with the index of the first rate that is not finite, if there is one."""
        for i in self.code.range(self.both):
            with self.code.if_(~rates[i].is_finite()):
                self.s.fault = self.code.integer(i)
                self.stop(Status.NOT_FINITE)

    def scale(self, i: Int | int, size: Real) -> Real:
        """The error that state i may make, at this size of it."""
        allowed: Real = self.s.atol[i] + self.s.rtol * size
        return allowed

    def weighted(self, weights: Sequence[float], i: Int | int) -> Real:
        """sum_j weights_j k_j at place i."""
        terms = [self.k[j][i] * weight for j, weight in enumerate(weights) if weight]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def mass(self, i: Int | int, value: Real) -> Real:
        """value times the mass of row i."""
        return self._times("mass", self.kernel.equations.mass, i, value)

    def per_mass(self, i: Int | int, value: Real) -> Real:
        """value over the mass of row i; 0 for an algebraic row."""
        inverse = tuple(1.0 / mass if mass else 0.0 for mass in self.kernel.equations.mass)
        return self._times("per_mass", inverse, i, value)

    def _times(self, name: str, factors: tuple[float, ...], i: Int | int, value: Real) -> Real:
        """Nothing is multiplied where all masses are 1; a quadrature's is."""
        if all(factor == 1.0 for factor in factors):
            return value
        return value * self.code.module.table(self.code, name, [*factors, *[1.0] * (self.both - self.n)])[i]

    def power(self, base: Real, exponent: float) -> Real:
        """base ** exponent."""
        return self.kernel.elementary("pow", base, self.code.real(exponent))

    def balance(self, before: Real, error: Real) -> Real:
        """before^INTEGRAL / error^PROPORTIONAL."""
        log = [self.kernel.elementary("log", value) for value in (before, error)]
        return self.kernel.elementary("exp", log[0] * controller.INTEGRAL - log[1] * controller.PROPORTIONAL)

    def root(self, value: Real) -> Real:
        """Square root."""
        return self.code.intrinsic("llvm.sqrt", value)
