"""The time loop as one generated function: `advance(memory, parameters, budget, t_end) -> status`.

It always leaves the memory at an accepted point, and everything that decides later steps is in the memory: runs that
are sliced by budget, saved and resumed, or left alone are the same bit by bit. Its parts are in `stages` (one step, by one of
two methods), `switch` (which of them), `begin` (the first step after a start, an edge or an event), `events` and `output`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.compile.begin import emit_begin
from pumpleak.compile.builder import Code, Module
from pumpleak.compile.context import Run
from pumpleak.compile.events import emit_fire, emit_watch
from pumpleak.compile.kernel import Kernel
from pumpleak.compile.output import emit_dense, emit_output
from pumpleak.compile.stages import emit_error, emit_fault, emit_step
from pumpleak.compile.switch import emit_switch
from pumpleak.compile.values import Apart, Array, Bool, Int, Real, Whole, maximum, minimum, select
from pumpleak.solve import controller
from pumpleak.solve.layout import Layout
from pumpleak.solve.method import Methods
from pumpleak.solve.status import Status


def emit_advance(module: Module, kernel: Kernel, layout: Layout, methods: Methods) -> None:
    """Write `advance` into the module that holds the model's functions."""
    code = Code(module, "advance", [Array, Array, Int, Real], Int)
    memory, p, budget, t_end = code.arguments
    tail = Apart(code, memory.part(layout.places["tail"]).words().address().handle)
    run = Run(code, kernel, layout, methods, memory, kernel.prepared(code, p), tail)
    stop_at = run.s.accepts + run.s.rejects + budget
    with code.loop():
        emit_attempt(run, t_end, stop_at)
    code.unreachable()


def emit_attempt(run: Run, t_end: Real, stop_at: Whole) -> None:
    """One step that is tried, and what is due before it; returns at the end, and when it is not possible."""
    code, s = run.code, run.s
    with code.if_(s.h.equals(0.0)):
        emit_begin(run, t_end)
    emit_output(run)
    emit_fire(run)
    with code.if_(s.t >= t_end):
        run.update_extremes()
        run.stop(Status.END)
    with code.if_(s.accepts + s.rejects >= stop_at):
        run.stop(Status.BUDGET)
    with code.if_(~(s.h > maximum(abs(s.t) * controller.LEAST_STEP, controller.LEAST_NUMBER))):
        emit_failure(run)
    run.know_calm()
    move = emit_choice(run, t_end)
    safe = emit_step(run, move.h, move.t)
    error = emit_error(run)
    allowed = select(safe, error, code.real(float("inf")))
    with code.if_else(allowed <= 1.0) as (accepted, rejected):
        with accepted:
            emit_accept(run, allowed, move)
        with rejected:
            emit_reject(run, allowed, error.is_finite() | ~safe, move.h)


@dataclass(frozen=True)
class Move:
    """A step h to t + rest (in twice the usual digits); `is_last` when that is a stop: the end, or an event."""

    h: Real
    t: Real
    rest: Real
    is_last: Bool


def emit_choice(run: Run, t_end: Real) -> Move:
    """The step to try."""
    code, s = run.code, run.s
    stop = select(s.due >= 0, minimum(t_end, s.t_event), t_end)
    limit = select((s.h_max > 0.0) & run.calm.whole().equals(0), s.h_max, code.real(float("inf")))
    wanted, gap = minimum(s.h, limit), (stop - s.t) - s.t_rest
    is_last = wanted * (1.0 + controller.STRETCH) >= gap
    onward = wanted + s.t_rest
    rest = run.kernel.elementary("sum_rest", s.t, onward)
    return Move(select(is_last, gap, wanted), select(is_last, stop, s.t + onward),
                select(is_last, code.real(0.0), rest), is_last)


def emit_accept(run: Run, error: Real, move: Move) -> None:
    """Move to the end of the step, unless an event lies within it: then the step is repeated up to there."""
    code, s, h, is_last = run.code, run.s, move.h, move.is_last
    passed = emit_watch(run, h, move.t)
    with code.if_(passed):
        bounded = maximum(error, controller.ERROR_FLOOR)
        factor = run.balance(s.error, bounded)
        most = select(s.rejected.equals(1), code.real(1.0), code.real(controller.GROW))
        following = h * minimum(maximum(factor * controller.SAFETY, controller.SHRINK), most)
        if run.kernel.calm is not None:
            near = maximum(s.h_max, h * (controller.AIM / maximum(run.move(), controller.LEAST_NUMBER)))
            following = select(run.calm.whole().equals(1), minimum(following, near), following)
        emit_dense(run, h, move.t)
        for i in code.range(run.both):
            # millions of equal small changes would be rounded the same way each time: carry what is left over
            s.z_rest[i] = run.kernel.elementary("sum_rest", s.z[i], run.change[i])
            s.z[i] = run.u[i]
        s.t_before, s.h_taken, s.t, s.t_rest = s.t, h, move.t, move.rest
        # a step cut short by a stop teaches nothing: keep what was known before it
        s.h = select(is_last, maximum(following, s.h), following)
        s.error = select(is_last, s.error, bounded)
        s.rejected, s.finite, s.accepts = code.whole(0), code.whole(1), s.accepts + 1
        s.unwritten = s.every_step
        run.stepped()
        emit_switch(run, h, ~is_last)


def emit_reject(run: Run, error: Real, is_finite: Bool, h: Real) -> None:
    """Shrink the step and note which state was worst."""
    code, s = run.code, run.s
    emit_fault(run)
    shrink = controller.SAFETY / run.power(error, run.per_order(controller.AFTER_REFUSAL))
    s.h = h * select(error.is_finite(), maximum(shrink, controller.HARSH), code.real(controller.HARSH))
    s.finite = select(is_finite, code.whole(1), code.whole(0))
    s.rejected, s.rejects = code.whole(1), s.rejects + 1


def emit_failure(run: Run) -> None:
    """Say why no step was possible; a rate that is not finite at the accepted point itself comes first."""
    code, s = run.code, run.s
    run.kernel.rates(s.t, s.z, run.p, run.f)
    run.stop_unless_finite(run.f)
    with code.if_(s.finite.equals(0)):
        run.stop(Status.NOT_FINITE)
    run.stop(Status.STEP_TOO_SMALL)
