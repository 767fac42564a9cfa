"""libRoadRunner (CVODE, LLVM): a System as SBML."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from bench.engine import Engine, EngineError
from bench.sbml import sbml
from pumpleak.system.system import System

Array = NDArray[np.float64]
LADDER = (1e-5, 1e-6, 1e-7, 1e-8)
ABSOLUTE = 1e-3  # absolute tolerance, in parts of the relative one, as for the other peers
MOST_STEPS = 100_000_000  # between two outputs: no limit


class RoadRunner:
    """A System as an SBML model that libRoadRunner has compiled."""

    def __init__(self, system: System, products: bool) -> None:
        import roadrunner

        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
        self.states = list(system.state_names)
        self.start = {state.name: state.initial for state in system.states}
        self.engine = roadrunner.RoadRunner(sbml(system, products))
        self.engine.timeCourseSelections = self.states
        self.integrator = self.engine.getIntegrator()
        self.integrator.maximum_num_steps = MOST_STEPS

    def run(self, cases: Sequence[Case], tolerance: float) -> list[Array]:
        """The states (times, states) of each case."""
        self.integrator.relative_tolerance, self.integrator.absolute_tolerance = tolerance, tolerance * ABSOLUTE
        try:
            return [self._one(case) for case in cases]
        except RuntimeError as error:
            raise EngineError(str(error).splitlines()[0]) from error

    def _one(self, case: Case) -> Array:
        self.engine.resetAll()
        for name, value in self.start.items():
            self.engine[name] = value
        rows = []
        for times, values in case.stretches():
            for name, value in values.items():
                self.engine[name] = value
            found = np.array(self.engine.simulate(times=[float(time) for time in times]))
            rows.append(found if times[-1] == case.grid[-1] else found[:-1])
        return np.concatenate(rows)


def engine(products: bool = False) -> Engine:
    """libRoadRunner, if it is installed; `products`: whole powers are written as products.

    Raises ImportError where it is not.
    """
    import roadrunner

    name = "libRoadRunner, powers as products" if products else "libRoadRunner"
    return Engine(name, str(roadrunner.__version__), lambda system: RoadRunner(system, products), LADDER)
