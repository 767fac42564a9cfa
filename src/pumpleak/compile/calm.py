"""Whether a membrane can fire from where it is, in generated code: only while it cannot may a step be longer than the guard.

Take the potential V and its gates g, all else as it is. Their equations linearised have the characteristic function

    f(s) = s - a - sum_i p_i / (s - g_i),      a = dV'/dV,   p_i = (dV'/dg_i) (dg_i'/dV),   g_i = dg_i'/dg_i < 0

A gate with p > 0 drives V further the way it goes (activation of Na+ channels); one with p < 0 brings it back. Where

    -a - sum over p_i > 0 of p_i / |g_i|  >  0

the real part of f is positive on the whole right half plane: nothing grows, whatever the gates that bring V back do. In words:
the slope conductance, with driving gates already open and restoring ones not yet, is positive. Coupling to neighbours along an
axon only adds to -a.
"""

from __future__ import annotations

from pumpleak.compile.builder import Code, Function, Module
from pumpleak.compile.equations import Equations
from pumpleak.compile.linear import Linear
from pumpleak.compile.values import Array, Bool, Real, maximum


def emit_calm(module: Module, equations: Equations, linear: Linear) -> Function[Bool] | None:
    """`calm(jac)`, or None for a system that says of no state that it is excitable."""
    if not equations.excitable:
        return None
    code = Code(module, "calm", [Array], Bool, private=True)
    calm: Bool | None = None
    for potential, *gates in equations.excitable:
        slope = -_slope(code, equations, linear, potential, potential)
        for gate in gates:
            back = _slope(code, equations, linear, gate, gate)
            loop = _slope(code, equations, linear, potential, gate) * _slope(code, equations, linear, gate, potential)
            slope = slope + maximum(loop, 0.0) / back
            calm = back < 0.0 if calm is None else calm & (back < 0.0)
        calm = slope > 0.0 if calm is None else calm & (slope > 0.0)
    if calm is None:
        return None
    code.return_(calm)
    return code.finished(Bool)


def _slope(code: Code, equations: Equations, linear: Linear, row: int, column: int) -> Real:
    """d(rate of row)/d(column), per mass."""
    if (row, column) not in equations.jacobian:
        return code.real(0.0)
    return linear.entry(code.arguments[0], (row, column)) * (1.0 / equations.mass[row])
