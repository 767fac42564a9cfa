"""Events in generated code: a trigger that rises through zero is located, landed on, and answered.

A step over which a trigger rises from below zero is not accepted: the time is found by bisection on the dense output,
and the step is made again up to there, so that the state at the event is a proper step's end. The assignments are
applied, and `advance` returns EVENT; further events due at the same point follow one by one on the next calls.
"""

from __future__ import annotations

from pumpleak.compile.builder import Function
from pumpleak.compile.context import Run
from pumpleak.compile.output import emit_polynomials, interpolated
from pumpleak.compile.values import Array, Bool, Int, Real, Value, Whole, maximum, minimum, select
from pumpleak.solve import controller
from pumpleak.solve.status import Status


def emit_fire(run: Run) -> None:
    """At the point of an event: apply the first one due and return; go on when none is left."""
    code, s, triggers, assign = run.code, run.s, run.kernel.triggers, run.kernel.assign
    if triggers is None or assign is None:
        return
    with code.if_(s.arrived.equals(1)):
        run.update_extremes()
        triggers(s.t, s.z, run.p, run.now)
        for i in code.range(run.layout.events):
            with code.if_(s.due.equals(i) | _rises(run, i)):
                s.due, s.event = code.whole(-1), i
                assign(run.only(code.whole(i)), s.t, s.z, run.p)
                run.forget_rests()
                triggers(s.t, s.z, run.p, run.after)
                for j in code.range(run.layout.events):  # what the assignments put below zero is armed by that
                    armed = (run.after[j] < 0.0) & ~run.after[j].equals(run.now[j])
                    s.triggers[j] = select(armed, run.after[j], s.triggers[j])
                # untouched by its own assignments it has fired; it is armed again only once it was seen below zero
                after = run.after[i]
                s.triggers[i] = select(after.equals(run.now[i]), maximum(after, 0.0), after)
                s.h = code.real(0.0)
                s.unwritten = s.every_step
                run.stop(Status.EVENT)
        s.arrived, s.due = code.whole(0), code.whole(-1)


def emit_watch(run: Run, h: Real, t_new: Real) -> Bool:
    """Whether the step may be accepted; if not, the next one ends at the event that lies within it."""
    code, s, triggers = run.code, run.s, run.kernel.triggers
    if triggers is None:
        return code.whole(0).equals(0)
    passed = code.variable()
    passed.set_whole(1)
    with code.if_else(s.due >= 0) as (heading, free):
        with heading:
            s.arrived = select(t_new >= s.t_event, code.whole(1), code.whole(0))
        with free:
            triggers(t_new, run.u, run.p, run.now)
            first = _first_rise(run)
            with code.if_else(first >= 0) as (crossed, quiet):
                with quiet:
                    run.keep_triggers()
                with crossed:
                    _emit_location(run, triggers, first, h, t_new, passed)
    return passed.whole().equals(1)


def _rises(run: Run, i: Int) -> Bool:
    """Whether trigger i was below zero at the last accepted point and is not now."""
    rises: Bool = (run.s.triggers[i] < 0.0) & (run.now[i] >= 0.0)
    return rises


def _first_rise(run: Run) -> Whole:
    """The first trigger that rises, or -1."""
    code, first = run.code, run.code.variable()
    first.set_whole(-1)
    for i in code.range(run.layout.events):
        first.set_whole(select((first.whole() < 0) & _rises(run, i), code.whole(i), first.whole()))
    return first.whole()


def _emit_location(run: Run, triggers: Function[Value], first: Whole, h: Real, t_new: Real, passed: Array) -> None:
    """Bisect the step; an event at its very end is met already, for any other it is made again up to there."""
    code, s, point = run.code, run.s, run.b  # f, the rates at the end of an explicit step, is still needed
    low, high, due = code.variable(), code.variable(), code.variable()
    emit_polynomials(run, h)
    low[0], high[0] = 0.0, 1.0
    due.set_whole(first)
    with code.loop():
        width = high[0] - low[0]
        with code.if_(~(width * h > controller.EVENT_WIDTH) | (width <= controller.TICK)):
            code.leave()
        middle = low[0] + 0.5 * width
        for i in code.range(run.n):
            point[i] = interpolated(run, i, middle, run.u)
        triggers(s.t + middle * h, point, run.p, run.now)
        found = _first_rise(run)
        with code.if_else(found >= 0) as (above, below):
            with above:
                high[0] = middle
                due.set_whole(found)
            with below:
                low[0] = middle
    s.due = due.whole()
    with code.if_else(high[0] < 1.0) as (within, at_end):
        with within:
            moves = abs(s.t) * controller.TICK + controller.LEAST_NUMBER
            s.t_event = minimum(s.t + maximum(high[0] * h, moves), t_new)
            s.rejects = s.rejects + 1
            passed.set_whole(0)
        with at_end:
            s.t_event, s.arrived = t_new, code.whole(1)
