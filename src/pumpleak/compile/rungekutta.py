"""One step of the explicit method in generated code."""

from __future__ import annotations

from pumpleak.compile.context import Run
from pumpleak.compile.values import Array, Real


def emit_rungekutta(run: Run, h: Real, t_new: Real) -> None:
    """All stages from the accepted point: `u` becomes the new state, `f` the rates there, `e` the error.

    `pace` becomes how fast rates change with the states, from the two last stages, which are at the same time.
    """
    method, s = run.methods.explicit, run.s
    run.know_rates()
    last = method.stages - 1
    for stage in range(1, last):
        # the last point before the end is kept apart, to be compared with it
        point = run.b if stage == last - 1 else run.w
        _emit_point(run, stage, h, point)
        run.kernel.rates(s.t + h * method.alpha[stage], point, run.p, run.rates[stage])
    for i in run.code.range(run.both):
        run.change[i] = run.per_mass(i, run.weighted(run.rates, method.a[last], i) * h) + s.z_rest[i]
        run.u[i] = run.kernel.elementary("sum", s.z[i], run.change[i])
    run.kernel.rates(t_new, run.u, run.p, run.f)
    for i in run.code.range(run.n):
        run.e[i] = run.per_mass(i, run.weighted(run.rates, method.error, i) * h)
    _emit_pace(run)


def _emit_point(run: Run, stage: int, h: Real, point: Array) -> None:
    """The states at which a stage is evaluated."""
    for i in run.code.range(run.n):
        point[i] = run.s.z[i] + run.per_mass(i, run.weighted(run.rates, run.methods.explicit.a[stage], i) * h)


def _emit_pace(run: Run) -> None:
    """|difference of rates| / |difference of states| of the last two stages, in scaled norms."""
    code, s, before = run.code, run.s, run.rates[-2]
    rates, states = code.variable(), code.variable()
    rates[0], states[0] = 0.0, 0.0
    for i in code.range(run.n):
        per_scale = 1.0 / run.scale(i, abs(s.z[i]))
        change, shift = run.per_mass(i, run.f[i] - before[i]) * per_scale, (run.u[i] - run.b[i]) * per_scale
        rates[0] = rates[0] + change * change
        states[0] = states[0] + shift * shift
    run.pace[0] = run.root(rates[0] / states[0])
