"""One step in generated code, by the method that is in use, and how large its error is."""

from __future__ import annotations

from pumpleak.compile.context import Run
from pumpleak.compile.rosenbrock import emit_rosenbrock
from pumpleak.compile.rungekutta import emit_rungekutta
from pumpleak.compile.values import Bool, Real, maximum, select


def emit_step(run: Run, h: Real, t_new: Real) -> Bool:
    """All stages from the accepted point; `u` becomes the new state, `e` its error. False: it cannot be trusted."""
    if not run.switches:
        return emit_rosenbrock(run, h) & _ends_calm(run, h, t_new)
    code, trusted = run.code, run.code.variable()
    with code.if_else(run.is_explicit) as (explicit, stiff):
        # in this order: rates at the end of an explicit step are still needed after it
        with stiff:
            trusted.set_whole(select(emit_rosenbrock(run, h) & _ends_calm(run, h, t_new), code.whole(1), code.whole(0)))
        with explicit:
            emit_rungekutta(run, h, t_new)
            trusted.set_whole(1)
    return trusted.whole().equals(1)


def _ends_calm(run: Run, h: Real, t_new: Real) -> Bool:
    """Whether a step longer than the guard moved no gate far, and ends where nothing can fire, as it began."""
    code, s, calm = run.code, run.s, run.kernel.calm
    if calm is None:
        return code.whole(0).equals(0)
    fine = code.variable()
    fine.set_whole(1)
    with code.if_((s.h_max > 0.0) & (h > s.h_max)):
        run.look_ahead(t_new)
        fine.set_whole(select(calm(run.jac_there) & (run.move() <= 1.0), code.whole(1), code.whole(0)))
    return fine.whole().equals(1)


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
