"""Which of the two methods takes the next step, in generated code.

The explicit method is left once its steps have long been as long as its stability allows: something fast has died away and
only forbids longer ones. The stiff method is left once its steps are so short that explicit ones would cover them for
less. A change that turned out to be no gain makes the next one of its kind wait twice as long.
"""

from __future__ import annotations

from pumpleak.compile.context import Run
from pumpleak.compile.values import Bool, Real, Whole, minimum, select
from pumpleak.solve import controller


def emit_switch(run: Run, h: Real, counts: Bool) -> None:
    """After a step h that was accepted, choose the method of the next; a step cut short by a stop says nothing."""
    if not run.switches:
        return
    code, s = run.code, run.s
    s.explicit_steps = s.explicit_steps + s.explicit
    with code.if_((s.switches >= 1) & counts):
        s.stay = s.stay + 1
        with code.if_else(run.is_explicit) as (explicit, stiff):
            with explicit:
                _emit_leave_explicit(run, h)
            with stiff:
                _emit_leave_stiff(run, h)


def _emit_leave_explicit(run: Run, h: Real) -> None:
    code, s = run.code, run.s
    bound = run.pace[0] * h > controller.BOUND * run.methods.explicit.stable
    if run.kernel.calm is not None:
        # held by the guard alone; the stiff method knows the slopes by which it may be lifted
        bound = bound | ((s.h_max > 0.0) & (h > controller.GUARDED * s.h_max))
    with code.if_else(bound) as (short, free):
        with short:
            s.against, s.favour = s.against + 1, code.whole(0)
        with free:
            s.favour = s.favour + 1
            s.against = select(s.favour >= controller.FORGIVING, code.whole(0), s.against)
    with code.if_(s.against >= s.patience):
        # explicit steps that cost more than the stiff ones before them were no gain
        lost = h * controller.DEARER < s.h_stiff
        s.trust = _longer(s.trust, lost, controller.TRUST, controller.TRUST_MOST)
        s.explicit, s.h_explicit = code.whole(0), h
        _emit_changed(run)


def _emit_leave_stiff(run: Run, h: Real) -> None:
    code, s = run.code, run.s
    stable = run.methods.explicit.stable
    cheap = run.fastest[0] * h < stable * controller.DEARER
    s.favour = select(cheap, s.favour + 1, code.whole(0))
    with code.if_(s.favour >= s.trust):
        # and so were stiff steps that, taken together, were not worth as many explicit ones as they cost
        lost = s.t - s.t_changed < s.stay.to_real() * s.h_explicit * controller.DEARER
        s.patience = _longer(s.patience, lost, controller.PATIENCE, controller.PATIENCE_MOST)
        s.explicit, s.h_stiff = code.whole(1), h
        s.h = minimum(s.h, stable / run.fastest[0])
        _emit_changed(run)


def _longer(wait: Whole, lost: Bool, least: int, most: int) -> Whole:
    """Twice the wait where the change before was no gain, else the least."""
    twice = wait + wait
    bounded = select(twice < most, twice, wait.code.whole(most))
    return select(lost, bounded, wait.code.whole(least))


def _emit_changed(run: Run) -> None:
    code, s = run.code, run.s
    s.stay, s.against, s.favour, s.t_changed = code.whole(0), code.whole(0), code.whole(0), s.t
    run.moved()
