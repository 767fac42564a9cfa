"""The whole code of one model as text: its functions and the time loop, for one run or for the members of a population."""

from __future__ import annotations

from pumpleak.base.errors import ModelError
from pumpleak.compile.advance import emit_advance
from pumpleak.compile.builder import Module
from pumpleak.compile.equations import Equations
from pumpleak.compile.kernel import emit_kernel
from pumpleak.compile.members import emit_members
from pumpleak.solve.layout import Layout
from pumpleak.solve.method import Methods

MOST_STACK = 4_000_000  # bytes; a thread has 8 MB by default on Linux


class TooWide(ModelError):
    """A model whose linear equations have no room on the stack; past it the process would die."""


def generate(parts: Equations, methods: Methods, lanes: int | None = None) -> str:
    """Target-neutral LLVM IR of one run, or of a population with so many members side by side."""
    module = Module("pumpleak", lanes or 1)
    layout = Layout(len(parts.states), len(parts.quadratures), len(parts.least), len(parts.triggers))
    kernel = emit_kernel(module, parts, outside=lanes is None)
    if lanes is None:
        emit_advance(module, kernel, layout, methods)
    else:
        emit_members(module, kernel, layout, methods)
    if module.stack > MOST_STACK:
        raise TooWide(f"the equations of {len(parts.states)} states need {module.stack / 1e6:.1f} MB of working memory at "
                      f"once, {lanes or 1} side by side; {MOST_STACK / 1e6:.0f} MB is what a thread safely has. States that "
                      "depend on fewer others need less")
    return str(module)
