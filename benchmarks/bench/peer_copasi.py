"""COPASI (LSODA), through basico: a System as SBML."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from bench.engine import Engine, EngineError
from bench.sbml import sbml
from pumpleak.system.system import System

Array = NDArray[np.float64]
LADDER = (1e-6, 1e-7, 1e-8, 1e-9)
ABSOLUTE = 1e-3  # absolute tolerance, in parts of the relative one, as for the other peers
MOST_STEPS = 100_000_000  # between two outputs: no limit


class Copasi:
    """A System as an SBML model in COPASI."""

    def __init__(self, system: System) -> None:
        import basico

        self.basico, self.states = basico, list(system.state_names)
        self.model = basico.load_model_from_string(sbml(system))

    def run(self, cases: Sequence[Case], tolerance: float) -> list[Array]:
        """The states (times, states) of each case.

        Raises EngineError for a case whose parameters change: not set up for it here.
        """
        return [self._one(case, tolerance) for case in cases]

    def _one(self, case: Case, tolerance: float) -> Array:
        if case.changes:
            raise EngineError("a change of parameters during a run is not set up for it here")
        for name, value in case.parameters.items():
            self.basico.set_parameters(name, exact=True, initial_value=value, model=self.model)
        frame = self.basico.run_time_course(
            float(case.grid[-1]), case.grid.size - 1, update_model=False, model=self.model, method="deterministic",
            r_tol=tolerance, a_tol=tolerance * ABSOLUTE, max_steps=MOST_STEPS, use_initial_values=True)
        if frame is None or len(frame) != case.grid.size:
            raise EngineError("no complete run")
        return np.asarray(frame[[f"Values[{name}]" if f"Values[{name}]" in frame else name for name in self.states]],
                          dtype=np.float64)


def engine() -> Engine:
    """COPASI, if it is installed.

    Raises ImportError where it is not.
    """
    import basico
    import COPASI

    return Engine("COPASI", f"{COPASI.__version__} (basico {basico.__version__})", Copasi, LADDER, changes=False)
