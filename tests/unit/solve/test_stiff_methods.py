"""Stiff methods other than the one that is used: a table of numbers is enough, also where some of them are 0 or 1.

Rodas4 of Hairer and Wanner (Solving Ordinary Differential Equations II, code RODAS), whose dense output is of degree 3, and
the L-stable pair of two stages with a21 = 1.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.numerics.problems import PROBLEMS, equal_steps

from pumpleak.compile.compiler import compile_system
from pumpleak.solve.method import Methods, Rosenbrock
from pumpleak.solve.tsit5 import TSIT5

LAST = (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950)
RODAS4 = Rosenbrock(
    name="Rodas4", order=4, gamma=0.25,
    a=((), (1.544,), (0.9466785280815826, 0.2557011698983284), (3.314825187068521, 2.896124015972201, 0.9986419139977817),
       LAST, (*LAST, 1.0)),
    c=((), (-5.6688,), (-2.430093356833875, -0.2063599157091915),
       (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
       (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
       (8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054)),
    alpha=(0.0, 0.386, 0.21, 0.63, 1.0, 1.0), time=(0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0),
    dense=((10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662, 0.0),
           (-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872, 0.0),
           (0.0,) * 6))
GAMMA = 1.0 - 2.0**-0.5
TWO = Rosenbrock(name="two stages", order=2, gamma=GAMMA, a=((), (1.0,)), c=((), ((1.0 - 2.0 * GAMMA) / GAMMA**2,)),
                 alpha=(0.0, GAMMA), time=(GAMMA, 1.0 - GAMMA), dense=((0.0, 0.0),) * 3)


@pytest.mark.parametrize(("method", "order"), [(RODAS4, 4), (TWO, 2)], ids=["Rodas4", "two stages"])
def test_it_has_its_order(method: Rosenbrock, order: int) -> None:
    """On y' = 3 (c - y) + c', c = 1/(1 + t^2), with equal steps: a tolerance that lets all pass."""
    solver, errors, p = compile_system(PROBLEMS["forced"](), methods=Methods(TSIT5, method)), [], np.array([3.0])
    for steps in (32, 64, 128):
        errors.append(abs(float(equal_steps(solver, p, 2.0, steps, "stiff").y[0]) - 0.2))
    assert np.log2(errors[1] / errors[2]) == pytest.approx(order, abs=0.3)


@pytest.mark.parametrize("change", [{"a": ((), (1.0, 1.0))}, {"alpha": (0.0,)}, {"time": (0.1, 0.2, 0.3)},
                                    {"dense": ((0.0, 0.0),) * 2}, {"c": ((), ())}])
def test_a_table_of_other_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="two stages: "):
        Rosenbrock(**{**{name: getattr(TWO, name) for name in ("name", "order", "gamma", "a", "c", "alpha", "time", "dense")},
                      **change})  # type: ignore[arg-type]
