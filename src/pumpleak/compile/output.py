"""Output rows in generated code: at given times through the dense output, or at every accepted point."""

from __future__ import annotations

from pumpleak.compile.context import Run
from pumpleak.compile.values import Array, Bool, Int, Real, minimum, select
from pumpleak.solve.status import Status


def emit_dense(run: Run, h: Real, t_new: Real) -> None:
    """Keep the polynomials of the step h that ends at t_new, if an output time lies within it."""
    s = run.s
    with run.code.if_(s.grid_next < s.grid_count), run.code.if_(run.tail[s.grid_next] <= t_new):
        emit_polynomials(run, h)


def emit_polynomials(run: Run, h: Real) -> None:
    """The coefficients of the dense output of the step h just made."""
    s, targets = run.s, (run.s.dense0, run.s.dense1, run.s.dense2)
    for i in run.code.range(run.both):
        s.z_before[i] = s.z[i]
    if not run.switches:
        _emit_stiff_polynomials(run, targets)
        return
    with run.code.if_else(run.is_explicit) as (explicit, stiff):
        with explicit:
            for i in run.code.range(run.both):
                for target, weights in zip(targets, run.methods.explicit.dense, strict=True):
                    target[i] = run.per_mass(i, run.weighted(run.rates, weights, i) * h)
        with stiff:
            _emit_stiff_polynomials(run, targets)


def _emit_stiff_polynomials(run: Run, targets: tuple[Array, ...]) -> None:
    for i in run.code.range(run.both):
        for target, weights in zip(targets, run.methods.stiff.dense, strict=True):
            target[i] = run.weighted(run.k, weights, i)


def interpolated(run: Run, i: Int | int, x: Real, end: Array) -> Real:
    """The value of place i at the part x of the step that ends at `end`."""
    s = run.s
    bend = s.dense0[i] + x * (s.dense1[i] + x * s.dense2[i])
    value: Real = (1.0 - x) * s.z_before[i] + x * (end[i] + (1.0 - x) * bend)
    return value


def emit_output(run: Run) -> None:
    """Write every output time up to t that is not written yet, or the accepted point; return when the rows are full."""
    code, s = run.code, run.s
    with code.loop():
        with code.if_(s.grid_next >= s.grid_count):
            code.leave()
        t_out = run.tail[s.grid_next]
        with code.if_(~(t_out <= s.t)):
            code.leave()
        x, inside = minimum((t_out - s.t_before) / s.h_taken, 1.0), t_out < s.t
        _emit_row(run, t_out, x, inside)
        s.grid_next = s.grid_next + 1
    with code.if_(s.unwritten.equals(1)), code.if_(s.every_step.equals(1)):
        _emit_row(run, s.t, None, None)
    s.unwritten = code.whole(0)


def _emit_row(run: Run, t: Real, x: Real | None, inside: Bool | None) -> None:
    """One row: time, states, quadratures; at the accepted point itself the accepted values, not the polynomial's."""
    code, s = run.code, run.s
    with code.if_(s.filled >= s.capacity):
        run.stop(Status.FULL)
    row = run.tail.part(s.grid_count + s.filled * run.layout.width)
    row[0] = t
    for i in code.range(run.both):
        row.part(1)[i] = s.z[i] if x is None or inside is None else select(inside, interpolated(run, i, x, s.z), s.z[i])
    s.filled = s.filled + 1
