"""The whole code of one model: its functions and the time loop, as text."""

from __future__ import annotations

from pumpleak.compile.advance import emit_advance
from pumpleak.compile.builder import Module
from pumpleak.compile.equations import Equations
from pumpleak.compile.kernel import emit_kernel
from pumpleak.solve.layout import Layout
from pumpleak.solve.method import Methods


def generate(parts: Equations, methods: Methods) -> str:
    """Target-neutral LLVM IR for one lane."""
    module = Module("pumpleak")
    layout = Layout(len(parts.states), len(parts.quadratures), len(parts.least), len(parts.triggers))
    emit_advance(module, emit_kernel(module, parts), layout, methods)
    return str(module)
