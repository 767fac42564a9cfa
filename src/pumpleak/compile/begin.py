"""The beginning of a stretch in generated code: after a start, an edge of the protocol or an event.

Algebraic states are brought onto their equations, and the first step is estimated from the rates and how fast they
change (Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.4).
"""

from __future__ import annotations

from collections.abc import Callable

from pumpleak.compile.context import Run
from pumpleak.compile.values import Int, Real, maximum, minimum, select
from pumpleak.solve import controller
from pumpleak.solve.status import Status


def emit_begin(run: Run, t_end: Real) -> None:
    """Make the accepted point consistent and choose the first step."""
    code, s = run.code, run.s
    if run.kernel.algebraic:
        _emit_consistency(run)
    with code.if_(s.restart.equals(1)):
        s.restart, s.due, s.arrived = code.whole(0), code.whole(-1), code.whole(0)
        run.forget_rests()
        if run.kernel.triggers:
            run.kernel.triggers(s.t, s.z, run.p, run.now)
            run.keep_triggers()
    run.moved()
    run.know_point()
    run.stop_unless_finite(run.f0)
    s.h = _first_step(run, t_end)
    s.error, s.rejected, s.finite = code.real(1.0), code.whole(0), code.whole(1)


def _emit_consistency(run: Run) -> None:
    """Newton's method on the algebraic equations; M/h is so large that the other states stay where they are."""
    code, s, k = run.code, run.s, run.k[0]
    count, worst = code.variable(), code.variable()
    count.set_whole(0)
    with code.loop():
        run.moved()
        run.know_slopes(counts=False)
        run.stop_unless_finite(run.f0)
        per_step = code.real(controller.NEWTON_DIAGONAL)
        safe = run.kernel.linear.factor(per_step, run.jac, run.lu)
        run.kernel.linear.solve(code.whole(0), per_step, code.real(0.0), run.jac, run.lu, run.f0, k)
        worst[0] = 0.0
        for i in code.range(run.n):
            ratio = abs(k[i]) / run.scale(i, abs(s.z[i]))
            with code.if_(~(ratio <= worst[0])):
                worst[0] = ratio
                s.fault = code.whole(i)
        with code.if_(~safe | ~worst[0].is_finite() | (count.whole() >= controller.NEWTON_MOST)):
            run.stop(Status.INCONSISTENT)
        for i in code.range(run.n):
            s.z[i] = s.z[i] + k[i]
        count.set_whole(count.whole() + 1)
        with code.if_(worst[0] <= controller.CONSISTENT):
            code.leave()


def _first_step(run: Run, t_end: Real) -> Real:
    """The first step of the next stretch."""
    code, s, w = run.code, run.s, run.w
    size = _norm(run, lambda i: s.z[i])
    speed = _norm(run, lambda i: run.f0[i])
    is_small = (size < controller.FIRST_SMALL) | (speed < controller.FIRST_SMALL)
    guess = select(is_small, code.real(controller.FIRST_LEAST), controller.FIRST_SHARE * (size / speed))
    guess = minimum(guess, maximum(t_end - s.t, controller.LEAST_NUMBER))
    for i in code.range(run.n):
        w[i] = s.z[i] + guess * run.per_mass(i, run.f0[i])
    run.kernel.rates(s.t + guess, w, run.p, run.f)
    bend = _norm(run, lambda i: run.f[i] - run.f0[i]) / guess
    steepest = maximum(speed, bend)
    flat = maximum(guess * controller.FIRST_FLAT, controller.FIRST_LEAST)
    curved = run.power(controller.FIRST_SHARE / steepest, run.per_order(1.0))
    first = select(steepest <= controller.FIRST_STILL, flat, curved)
    # a trial that leaves the domain of the rates says nothing: begin with the guess, the error control does the rest
    return select(bend.is_finite(), minimum(guess * controller.FIRST_MOST, first), guess)


def _norm(run: Run, value: Callable[[Int], Real]) -> Real:
    """Scaled root mean square over the states that have a mass, per mass."""
    code, s, total = run.code, run.s, run.code.variable()
    total[0] = 0.0
    for i in code.range(run.n):
        ratio = run.per_mass(i, value(i)) / run.scale(i, abs(s.z[i]))
        total[0] = total[0] + ratio * ratio
    return run.root(total[0] * (1.0 / run.n))
