"""One step in generated code, by the method that is in use, and how large its error is."""

from __future__ import annotations

from pumpleak.compile.builder import Bool, Real, maximum, select
from pumpleak.compile.context import Run
from pumpleak.compile.rosenbrock import emit_rosenbrock
from pumpleak.compile.rungekutta import emit_rungekutta


def emit_step(run: Run, h: Real, t_new: Real) -> Bool:
    """All stages from the accepted point; `u` becomes the new state, `e` its error. False: it cannot be trusted."""
    if not run.switches:
        return emit_rosenbrock(run, h)
    code, trusted = run.code, run.code.variable()
    with code.if_else(run.is_explicit) as (explicit, stiff):
        # in this order: rates at the end of an explicit step are still needed after it
        with stiff:
            trusted.set_whole(select(emit_rosenbrock(run, h), code.whole(1), code.whole(0)))
        with explicit:
            emit_rungekutta(run, h, t_new)
            trusted.set_whole(1)
    return trusted.whole().equals(1)


def emit_error(run: Run) -> Real:
    """Root mean square over the states of error / (atol + rtol size); infinite where a quadrature is not finite."""
    code, s, result = run.code, run.s, run.code.variable()
    result[0] = 0.0
    for i in code.range(run.n):
        ratio = run.e[i] / run.scale(i, maximum(abs(run.u[i]), abs(s.z[i])))
        result[0] = result[0] + ratio * ratio
    for q in code.range(run.both - run.n):
        result[0] = select(run.u[q + run.n].is_finite(), result[0], code.real(float("inf")))
    return run.root(result[0] * (1.0 / run.n))


def emit_fault(run: Run) -> None:
    """Note the state with the largest scaled error, or the first whose value is not finite."""
    code, s, worst = run.code, run.s, run.code.variable()
    worst[0] = 0.0
    for i in code.range(run.n):
        ratio = abs(run.e[i]) / run.scale(i, maximum(abs(run.u[i]), abs(s.z[i])))
        with code.if_(~(ratio <= worst[0]) & worst[0].is_finite()):
            worst[0] = ratio
            s.fault = code.whole(i)
    for q in code.range(run.both - run.n):
        with code.if_(~run.u[q + run.n].is_finite() & worst[0].is_finite()):
            worst[0] = float("inf")
            s.fault = q + run.n
