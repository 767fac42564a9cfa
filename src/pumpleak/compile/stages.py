"""One step of Rodas5P in generated code, and how large its error is."""

from __future__ import annotations

from pumpleak.compile.builder import Bool, Int, Real, maximum, select
from pumpleak.compile.context import Run
from pumpleak.solve import controller, rodas5p


def emit_step(run: Run, h: Real) -> Bool:
    """All stages from the accepted point; `u` becomes the new state, the last stage its error. True: safe pivots."""
    kernel, s = run.kernel, run.s
    per_h, step = 1.0 / h, h * rodas5p.GAMMA
    run.know_slopes()
    per_step, turns = 1.0 / step, _turns(run, step)
    safe = kernel.linear.factor(per_step, run.jac, run.lu)
    for stage in range(rodas5p.STAGES):
        if stage:
            _emit_point(run, stage)
            kernel.rates(s.t + h * rodas5p.ALPHA[stage], run.u, run.p, run.f)
        _emit_right_side(run, stage, h, per_h)
        kernel.linear.solve(turns, per_step, step, run.jac, run.lu, run.b, run.k[stage])
    for i in run.code.range(run.n):
        run.u[i] = run.u[i] + run.k[-1][i]
    for q in run.code.range(run.both - run.n):
        i = q + run.n
        run.u[i] = s.z[i] + (run.weighted(rodas5p.A[-1], i) + run.k[-1][i])
    return safe


def _turns(run: Run, step: Real) -> Int:
    """How often the solution of this step is refined, by how stiff the step is."""
    stiffness, turns = run.fastest[0] * step, run.code.integer(0)
    for bound in controller.REFINE_ABOVE:
        turns = turns + select(stiffness > bound, run.code.integer(1), run.code.integer(0))
    return turns


def _emit_point(run: Run, stage: int) -> None:
    """The states at which a stage is evaluated."""
    weights = rodas5p.A[stage]
    extends = weights == (*rodas5p.A[stage - 1], 1.0)  # such a row only adds the previous stage
    for i in run.code.range(run.n):
        run.u[i] = run.u[i] + run.k[stage - 1][i] if extends else run.s.z[i] + run.weighted(weights, i)


def _emit_right_side(run: Run, stage: int, h: Real, per_h: Real) -> None:
    """What the stage's linear equations are solved for."""
    code, b, rates = run.code, run.b, run.f if stage else run.f0
    for i in code.range(run.both):
        b[i] = rates[i] + run.mass(i, run.weighted(rodas5p.C[stage], i) * per_h) if stage else rates[i]
    if rodas5p.TIME[stage]:
        for i in run.kernel.equations.drift:
            b[i] = b[i] + run.drift[i] * (h * rodas5p.TIME[stage])


def emit_error(run: Run) -> Real:
    """Root mean square over the states of error / (atol + rtol size); infinite where a quadrature is not finite."""
    code, s, result = run.code, run.s, run.code.variable()
    result[0] = 0.0
    for i in code.range(run.n):
        ratio = run.k[-1][i] / run.scale(i, maximum(abs(run.u[i]), abs(s.z[i])))
        result[0] = result[0] + ratio * ratio
    for q in code.range(run.both - run.n):
        result[0] = select(run.u[q + run.n].is_finite(), result[0], code.real(float("inf")))
    return run.root(result[0] * (1.0 / run.n))


def emit_fault(run: Run) -> None:
    """Note the state with the largest scaled error, or the first whose value is not finite."""
    code, s, worst = run.code, run.s, run.code.variable()
    worst[0] = 0.0
    for i in code.range(run.n):
        ratio = abs(run.k[-1][i]) / run.scale(i, maximum(abs(run.u[i]), abs(s.z[i])))
        with code.if_(~(ratio <= worst[0]) & worst[0].is_finite()):
            worst[0] = ratio
            s.fault = code.integer(i)
    for q in code.range(run.both - run.n):
        with code.if_(~run.u[q + run.n].is_finite() & worst[0].is_finite()):
            worst[0] = float("inf")
            s.fault = q + run.n
