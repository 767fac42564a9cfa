"""The loop of jump processes as machine code, from the cache or generated now."""

from __future__ import annotations

import ctypes
from functools import cache
from hashlib import sha256
from math import isfinite

from pumpleak.base.errors import ModelError
from pumpleak.compile import native
from pumpleak.compile.cache import Store, default_store
from pumpleak.compile.compiler import KIND, generator_digest
from pumpleak.solve.jumps import ENTRY, Copies


class JumpProgram:
    """The loop of jump processes in machine code; see `pumpleak.compile.jumps`."""

    def __init__(self, code: bytes) -> None:
        self._loaded = native.Loaded(code, (ENTRY,))
        count = ctypes.c_int64
        self._advance = self._loaded.function(ENTRY, count, [ctypes.c_void_p, count, count, count, ctypes.c_double])

    def advance(self, copies: Copies, start: int, budget: int, t_end: float) -> int:
        """Let copies from `start` on go on to t_end [ms], with `budget` jumps in all; the first one that is not there yet.

        Raises ModelError for an end that is not finite and a budget below 0.
        """
        if not isfinite(t_end) or budget < 0:
            raise ModelError(f"{copies.jumps.name}: copies cannot go on to {t_end:g} ms in {budget} jumps; give a finite time "
                             "and a number of jumps")
        return int(self._advance(copies.order, start, len(copies), budget, t_end))


def compile_jumps(cpu: str | None = None, store: Store | None = None) -> JumpProgram:
    """The loop for this CPU or the one named."""
    target = native.local_target(cpu)
    shelf = store or default_store()
    key = sha256("\0".join(("jumps", generator_digest(), *native.versions(), target.triple, target.cpu,
                            target.features)).encode()).hexdigest()
    code = shelf.get(KIND, key)
    if code is None:
        from pumpleak.compile.jumps import generate_jumps  # the builder is needed only here

        code = native.compile_ir(generate_jumps(), target)
        shelf.put(KIND, key, code)
    return JumpProgram(code)


@cache
def jump_program() -> JumpProgram:
    """The loop for this CPU, loaded once."""
    return compile_jumps()
