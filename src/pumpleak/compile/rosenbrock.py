"""One step of the stiff method in generated code."""

from __future__ import annotations

from pumpleak.compile.context import Run
from pumpleak.compile.values import Bool, Real, Whole, select
from pumpleak.solve import controller


def emit_rosenbrock(run: Run, h: Real) -> Bool:
    """All stages from the accepted point; `u` becomes the new state, the last stage its error. True: safe pivots."""
    kernel, s, method = run.kernel, run.s, run.methods.stiff
    per_h, step = 1.0 / h, h * method.gamma
    run.know_slopes()
    per_step, turns = 1.0 / step, _turns(run, step)
    safe = kernel.linear.factor(per_step, run.jac, run.lu)
    for stage in range(method.stages):
        if stage:
            _emit_point(run, stage)
            kernel.rates(s.t + h * method.alpha[stage], run.w, run.p, run.f)
        _emit_right_side(run, stage, h, per_h)
        kernel.linear.solve(turns, per_step, step, run.jac, run.lu, run.b, run.k[stage])
    run.keep(run.e, run.k[-1])
    for i in run.code.range(run.both):
        run.change[i] = run.weighted(run.k, method.a[-1], i) + run.e[i] + s.z_rest[i]
        run.u[i] = run.kernel.elementary("sum", s.z[i], run.change[i])
    return safe


def _turns(run: Run, step: Real) -> Whole:
    """How often the solution of this step is refined, by how stiff the step is and whether a sum is to be conserved."""
    stiffness, turns, none = run.fastest[0] * step, run.code.whole(0), run.code.whole(0)
    for bound in controller.REFINE_ABOVE:
        turns = turns + select(stiffness > bound, run.code.whole(1), none)
    if run.kernel.equations.conserves:
        return turns
    return select(stiffness * controller.ROUNDING > run.s.rtol, turns, none)


def _emit_point(run: Run, stage: int) -> None:
    """The states at which a stage is evaluated."""
    rows = run.methods.stiff.a
    extends = stage > 1 and rows[stage] == (*rows[stage - 1], 1.0)  # such a row only adds the previous stage
    for i in run.code.range(run.n):
        run.w[i] = run.w[i] + run.k[stage - 1][i] if extends else run.s.z[i] + run.weighted(run.k, rows[stage], i)


def _emit_right_side(run: Run, stage: int, h: Real, per_h: Real) -> None:
    """What the stage's linear equations are solved for."""
    code, method, b, rates = run.code, run.methods.stiff, run.b, run.f if stage else run.f0
    for i in code.range(run.both):
        b[i] = rates[i] + run.mass(i, run.weighted(run.k, method.c[stage], i) * per_h) if stage else rates[i]
    if method.time[stage]:
        for i in run.kernel.equations.drift:
            b[i] = b[i] + run.drift[i] * (h * method.time[stage])
