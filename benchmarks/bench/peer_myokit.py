"""Myokit (CVODES, C compiled on the spot): a System as an mmt model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from bench.engine import Engine, EngineError
from bench.plain import INFIX, plain
from pumpleak.system.expression import Expression, fold
from pumpleak.system.system import System

Array = NDArray[np.float64]
LADDER = (1e-5, 1e-6, 1e-7, 1e-8)
ABSOLUTE = 1e-3  # absolute tolerance, in parts of the relative one: 1e-3 of the sizes of the states or below


def mmt(system: System) -> str:
    """The model in Myokit's text form, everything in one component."""
    flat = plain(system)
    lines = ["[[model]]", *(f"c.{state.name} = {state.initial!r}" for state in flat.states), "", "[c]", "t = 0 bind time"]
    lines += [f"{parameter.name} = {parameter.value!r}" for parameter in flat.parameters]
    lines += [f"{each.name} = {text(each.expression)}" for each in flat.definitions]
    lines += [f"dot({name}) = {text(rate)}" for name, rate in flat.rates.items()]
    return "\n".join(lines) + "\n"


def text(expression: Expression) -> str:
    """An expression in infix, all parentheses written."""

    def visit(node: Expression, parts: list[str]) -> str:
        if node.is_number:
            return repr(node.value)
        if node.function == "symbol":
            return node.name
        if node.function == "neg":
            return f"(-{parts[0]})"
        if node.function == "pow":
            return f"({parts[0]}^{parts[1]})"
        if node.function in INFIX:
            return f"({parts[0]} {INFIX[node.function]} {parts[1]})"
        return f"{node.function}({', '.join(parts)})"

    return fold([expression], visit)[0]


class Myokit:
    """A System as a compiled Myokit simulation."""

    def __init__(self, system: System) -> None:
        import myokit

        self.names = [f"c.{name}" for name in system.state_names]
        self.model = myokit.parse_model(mmt(system))
        self.model.validate()
        try:
            self.simulation = myokit.Simulation(self.model)
        except Exception as error:  # whatever its build step meets: no compiler, no SUNDIALS
            raise EngineError(f"could not be built ({type(error).__name__})") from error
        self.start = list(self.simulation.default_state())
        self.stops = (myokit.SimulationError, ArithmeticError)

    def run(self, cases: Sequence[Case], tolerance: float) -> list[Array]:
        """The states (times, states) of each case."""
        self.simulation.set_tolerance(tolerance * ABSOLUTE, tolerance)
        try:
            return [self._one(case) for case in cases]
        except self.stops as error:
            raise EngineError(str(error).splitlines()[0]) from error

    def _one(self, case: Case) -> Array:
        simulation, rows = self.simulation, []
        simulation.set_time(0.0)
        simulation.set_state(self.start)
        for times, values in case.stretches():
            for name, value in values.items():
                simulation.set_constant(f"c.{name}", value)
            last = times[-1] == case.grid[-1]
            # it records up to, not at, the end: the end is the state that it hands on
            log = simulation.run(float(times[-1] - times[0]), log=self.names, log_times=times[:-1])
            rows.append(np.array([log[name] for name in self.names]).T)
            if last:
                rows.append(np.array([simulation.state()]))
        return np.concatenate(rows)


def engine() -> Engine:
    """Myokit, if it is installed.

    Raises ImportError where it is not.
    """
    import myokit

    return Engine("Myokit", str(myokit.__version__), Myokit, LADDER)
