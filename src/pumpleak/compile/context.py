"""What the parts of the time loop share while it is written: the memory, the scratch arrays, the model's functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pumpleak.compile.builder import Code
from pumpleak.compile.kernel import Kernel
from pumpleak.compile.values import Apart, Array, Bool, Int, Real, Record, Whole, maximum, minimum, select
from pumpleak.solve import controller
from pumpleak.solve.layout import Layout
from pumpleak.solve.method import Methods, Row
from pumpleak.solve.status import Status


class Run:
    """The body of the time loop while it is being written.

    s: the memory; tail: its output times and rows; p: parameters and what they alone decide; f0, drift, jac: at the accepted
    point; w: point of a stage, f: rates there; b: right-hand side of a stage; u: end of the step; e: its error; change: what
    it adds; k: one array a stage of the stiff method, the last is the error; rates: one a stage of the explicit method, the
    first is f0 and the last f. rates_there, drift_there, jac_there: at the end of a long stiff step, looked at before it is
    accepted. Arrays of `both` hold the states and, after them, the quadratures.

    With several lanes, functions of the model compute them all: what they write is kept apart from what the lanes of the
    other method still need.
    """

    def __init__(self, code: Code, kernel: Kernel, layout: Layout, methods: Methods, memory: Array, p: Array,
                 tail: Apart) -> None:
        self.code, self.kernel, self.layout, self.methods = code, kernel, layout, methods
        self.s: Any = Record(layout.fields, memory)
        self.p, self.tail = p, tail
        self.n, self.both = kernel.states, kernel.both
        self.u, self.e, self.change, self.f0 = (code.array(self.both) for _ in range(4))
        self.w, self.f, self.b, self.drift = (self._scratch() for _ in range(4))
        self.jac, self.jac_there = (code.array(kernel.entries, scratch=True) for _ in range(2))
        self.rates_there, self.drift_there = self._scratch(), self._scratch()
        self.lu = code.array(len(kernel.linear.elimination.slots), scratch=True)
        alone = code.lanes == 1
        self.found = self.f0 if alone else self._scratch()
        inner = [self._scratch() for _ in range(methods.explicit.stages - 2)]
        stages = [*inner, *(self._scratch() for _ in range(methods.stiff.stages - 1 - len(inner)))] if alone else [
            self._scratch() for _ in range(methods.stiff.stages)]
        self.k = [*stages[:methods.stiff.stages - 1], self.e if alone else stages[-1]]
        self.rates = [self.f0, *inner, self.f]
        self.now, self.after = (code.array(layout.events, scratch=True) for _ in range(2))
        self.fastest, self.pace, self.calm = code.variable(), code.variable(), code.variable()
        self._rates_stale, self._slopes_stale, self._ahead = code.variable(), code.variable(), code.variable()
        self.moved()

    @property
    def switches(self) -> bool:
        """Whether the explicit method can be used at all: not where an equation has no time derivative."""
        return not self.kernel.algebraic

    @property
    def is_explicit(self) -> Bool:
        """Whether the explicit method is in use."""
        flag: Whole = self.s.explicit
        return flag.equals(1)

    @property
    def least(self) -> tuple[int, ...]:
        """Quadratures whose extreme rates are kept."""
        return self.kernel.equations.least

    def _scratch(self) -> Array:
        return self.code.array(self.both, scratch=True)

    def stop(self, status: Status) -> None:
        """Go on no further, and say why."""
        self.code.stop(int(status))

    def keep(self, target: Array, found: Array) -> None:
        """Take over what a function of the model wrote, in the lanes that are here."""
        if target is not found:
            for i in self.code.range(self.both):
                target[i] = found[i]

    def only(self, event: Whole) -> Whole:
        """The event in the lanes that are here, none in the others: a callee computes them all."""
        here = self.code.here()
        return event if here is None else select(here, event, self.code.whole(-1))

    def keep_triggers(self) -> None:
        """Take over the triggers that were just computed, in the lanes that are here."""
        for i in self.code.range(self.layout.events):
            self.s.triggers[i] = self.now[i]

    def moved(self) -> None:
        """Note that the accepted point is a new one."""
        self._rates_stale.set_whole(1)
        self._slopes_stale.set_whole(1)

    def stepped(self) -> None:
        """Note that the accepted point is the end of a step; rates at the end of an explicit one are known already."""
        self.moved()
        self._adopt()
        if not self.switches:
            return
        with self.code.if_(self.is_explicit):
            for i in self.code.range(self.both):
                self.f0[i] = self.f[i]
            self._rates_stale.set_whole(0)

    def know_rates(self) -> None:
        """Compute rates at the accepted point, unless they are known, and keep their extremes.

        Always by the same function, so that a run that is taken up again goes on from the same bits.
        """
        with self.code.if_(self._rates_stale.whole().equals(1)):
            self.kernel.rates(self.s.t, self.s.z, self.p, self.found)
            self.keep(self.f0, self.found)
            self._rates_stale.set_whole(0)
        self.note_extremes(self.f0)

    def know_point(self) -> None:
        """Compute at the accepted point what the method in use begins with."""
        if not self.switches:
            self.know_slopes()
            return
        with self.code.if_else(self.is_explicit) as (explicit, stiff):
            with explicit:
                self.know_rates()
            with stiff:
                self.know_slopes()

    def know_slopes(self, counts: bool = True) -> None:
        """Compute rates and slopes at the accepted point, unless they are known (as after a refused step).

        counts: whether the point is one of the run, whose extremes are kept; one that is not yet consistent is not.
        """
        s = self.s
        with self.code.if_(self._slopes_stale.whole().equals(1)):
            self.kernel.slopes(s.t, s.z, self.p, self.found, self.drift, self.jac)
            self.keep(self.f0, self.found)
            self._note_slopes(counts)

    def know_calm(self) -> None:
        """Whether the next step may be longer than the guard: `calm` becomes 1, else 0."""
        self.calm.set_whole(0)
        self._ahead.set_whole(0)
        if self.kernel.calm is None:
            return
        with self.code.if_((self.s.h_max > 0.0) & ~self.is_explicit):
            self.know_slopes()
            self.calm.set_whole(select(self.kernel.calm(self.jac), self.code.whole(1), self.code.whole(0)))

    def look_ahead(self, t_new: Real) -> None:
        """Compute rates and slopes at the end of the step; if it is accepted, the next one begins with them."""
        self.kernel.slopes(t_new, self.u, self.p, self.rates_there, self.drift_there, self.jac_there)
        self._ahead.set_whole(1)

    def _adopt(self) -> None:
        """Take over the slopes that were computed ahead; they are those of the point that has just been accepted."""
        if self.kernel.calm is None:
            return
        with self.code.if_(self._ahead.whole().equals(1)):
            self.keep(self.f0, self.rates_there)
            for target, found in ((self.drift, self.drift_there), (self.jac, self.jac_there)):
                kept = Array(self.code, target.handle)  # not as scratch: lanes that look nowhere need theirs
                for i in self.code.range(self.both if target is self.drift else self.kernel.entries):
                    kept[i] = found[i]
            self._note_slopes()

    def _note_slopes(self, counts: bool = True) -> None:
        self.fastest[0] = self.kernel.linear.fastest(self.jac)
        if counts:
            self.note_extremes(self.f0)
        self._slopes_stale.set_whole(0)

    def move(self) -> Real:
        """How far the step takes the gate that moves most, over what a long step may move it."""
        largest = self.code.real(0.0)
        for _, *gates in self.kernel.equations.excitable:
            for gate in gates:
                largest = maximum(largest, abs(self.u[gate] - self.s.z[gate]) * (1.0 / controller.LONG_MOVE))
        return largest

    def forget_rests(self) -> None:
        """Drop what rounding left of the last step: the point was set and is no longer its end."""
        for i in self.code.range(self.both):
            self.s.z_rest[i] = 0.0

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
                self.s.fault = self.code.whole(i)
                self.stop(Status.NOT_FINITE)

    def scale(self, i: Int | int, size: Real) -> Real:
        """The error that state i may make, at this size of it."""
        allowed: Real = self.s.atol[i] + self.s.rtol * size
        return allowed

    def weighted(self, arrays: Sequence[Array], weights: Row, i: Int | int) -> Real:
        """sum_j weights_j arrays_j at place i."""
        terms = [arrays[j][i] * weight for j, weight in enumerate(weights) if weight] or [self.code.real(0.0)]
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

    def per_order(self, factor: float) -> Real:
        """factor over the order of the method in use."""
        explicit, stiff = (self.code.real(factor / method.order) for method in (self.methods.explicit, self.methods.stiff))
        return select(self.is_explicit, explicit, stiff)

    def power(self, base: Real, exponent: Real) -> Real:
        """base ** exponent."""
        return self.kernel.elementary("pow", base, exponent)

    def balance(self, before: Real, error: Real) -> Real:
        """before^(INTEGRAL/order) / error^(PROPORTIONAL/order)."""
        log = [self.kernel.elementary("log", value) for value in (before, error)]
        exponent = log[0] * self.per_order(controller.INTEGRAL) - log[1] * self.per_order(controller.PROPORTIONAL)
        return self.kernel.elementary("exp", exponent)

    def root(self, value: Real) -> Real:
        """Square root."""
        return self.code.intrinsic("llvm.sqrt", value)
