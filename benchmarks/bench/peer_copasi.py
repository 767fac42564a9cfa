"""COPASI (LSODA), through basico: a System as SBML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from bench.engine import Engine, EngineError
from bench.sbml import sbml
from pumpleak.system.system import System

Array = NDArray[np.float64]
LADDER = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
ABSOLUTE = 1e-3  # absolute tolerance, in parts of the relative one, as for the other peers
MOST_STEPS = 100_000_000  # between two outputs: no limit


class Copasi:
    """A System as an SBML model in COPASI.

    Its run begins at initial values: after a change of parameters the next stretch begins where the last one ended. Time
    begins anew there, which no model of the bench depends on.
    """

    def __init__(self, system: System) -> None:
        import basico
        import COPASI

        self.basico, self.copasi = basico, COPASI
        self.start = {state.name: state.initial for state in system.states}
        self.model = basico.load_model_from_string(sbml(system))
        self.quantities = {quantity.getObjectName(): quantity for quantity in self.model.getModel().getModelValues()}
        self.columns = [f"Values[{name}]" for name in self.start]

    def run(self, cases: Sequence[Case], tolerance: float) -> list[Array]:
        """The states (times, states) of each case."""
        return [self._one(case, tolerance) for case in cases]

    def _one(self, case: Case, tolerance: float) -> Array:
        rows, begin = [], self.start
        for times, values in case.stretches():
            self._set({**begin, **values})
            found = self._stretch(times, tolerance)
            begin = dict(zip(self.start, map(float, found[-1]), strict=True))
            rows.append(found if times[-1] == case.grid[-1] else found[:-1])
        return np.concatenate(rows)

    def _set(self, values: Mapping[str, float]) -> None:
        """Initial values; not by basico, which goes through all names for each: that takes longer than an hour of model A."""
        changed = self.copasi.ObjectStdVector()
        for name, value in values.items():
            quantity = self.quantities[name]
            quantity.setInitialValue(value)
            changed.append(quantity.getInitialValueReference())
        self.model.getModel().updateInitialValues(changed)

    def _stretch(self, times: Array, tolerance: float) -> Array:
        frame = self.basico.run_time_course_with_output(
            self.columns, float(times[-1] - times[0]), times.size - 1, update_model=False, model=self.model,
            method="deterministic", r_tol=tolerance, a_tol=tolerance * ABSOLUTE, max_steps=MOST_STEPS,
            use_initial_values=True)
        if frame is None or len(frame) != times.size:
            raise EngineError("no complete run")
        return frame.to_numpy(dtype=np.float64)


def engine() -> Engine:
    """COPASI, if it is installed.

    Raises ImportError where it is not.
    """
    import basico
    import COPASI

    return Engine("COPASI", f"{COPASI.__version__} (basico {basico.__version__})", Copasi, LADDER)
