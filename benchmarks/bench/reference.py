"""The tight solution that errors are taken against, and the error itself, as the engine study defines it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case, Workload
from bench.ours import solve
from pumpleak.compile.compiler import compile_system

Array = NDArray[np.float64]
TIGHT, CHECK = 1e-11, 1e-10  # the second shows how far the first can be trusted


class Reference:
    """The stiff method alone at a tight tolerance, for the first `few` cases of a workload."""

    def __init__(self, workload: Workload) -> None:
        self.cases = workload.cases[:workload.few]
        self.tight = [_solved(case, TIGHT) for case in self.cases]
        self.doubt = self.error([_solved(case, CHECK) for case in self.cases])

    def error(self, found: Sequence[Array]) -> float:
        """Median over the cases of the largest error of a state: its RMS over the outputs, in parts of its range."""
        return float(np.median([_error(one, tight) for one, tight in zip(found, self.tight, strict=False)]))


def _solved(case: Case, rtol: float) -> Array:
    return solve(compile_system(case.system), case, rtol, "stiff", 0.0)[0]


def _error(found: Array, tight: Array) -> float:
    if found.shape != tight.shape or not np.all(np.isfinite(found)):
        return float("inf")
    deviation = np.sqrt(np.mean((found - tight) ** 2, axis=0))
    return float(np.max(deviation / np.ptp(tight, axis=0)))
