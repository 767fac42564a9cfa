"""Random cells: each ends with a result whose ledger closes, or with a named cause; none hangs, none returns NaN."""

from __future__ import annotations

import numpy as np
import pytest

from pumpleak.base.errors import PumpleakError, SolveError
from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run

# parameters of generic-cell that are drawn over three decades about their own value
DRAWN = ("leak_Na.permeability", "leak_K.permeability", "leak_Cl.permeability", "pump.density", "water.permeability",
         "outside.K", "outside.Na", "outside.Cl", "pump.k1", "pump.k3")


def draw(number: int) -> dict[str, float]:
    generator = np.random.default_rng([7, number])
    return {name: float(10.0 ** generator.uniform(-1.5, 1.5)) for name in DRAWN}


def check(cell: Cell, number: int) -> None:
    """One draw, run for an hour and brought to rest."""
    own = {parameter.name: parameter for parameter in cell.system.parameters}
    values = {name: f"{own[name].value * factor!r} {own[name].unit}" for name, factor in draw(number).items()}
    try:
        result = run(Experiment(cell, hold("1 h", values), samples=11))  # type: ignore[arg-type]
    except SolveError as error:
        cause = str(error)
        assert "particle" in cause or "stopped at" in cause, f"draw {number}"
    else:
        assert np.all(np.isfinite(result.column("membrane.V"))), f"draw {number}"
        assert result.ledger.ok, f"draw {number}: {result.ledger}"
    found = rest(cell, values)  # type: ignore[arg-type]
    assert found.kind in ("stable", "unstable", "drifting", "none"), f"draw {number}"
    if found.kind == "stable":
        assert found.residual <= 1e-10, f"draw {number}"
        amounts = [value for name, value in found.values.items() if name.endswith(".amount")]
        assert min(amounts) >= 0.0, f"draw {number}"


@pytest.fixture(scope="module")
def cell() -> Cell:
    found = load("generic-cell")
    assert isinstance(found, Cell)
    return found


@pytest.mark.parametrize("number", range(40))
def test_a_draw_ends_with_a_result_or_a_cause(cell: Cell, number: int) -> None:
    check(cell, number)


@pytest.mark.slow
def test_three_thousand_draws(cell: Cell) -> None:
    for number in range(40, 3040):
        try:
            check(cell, number)
        except PumpleakError as error:
            pytest.fail(f"draw {number}: {error}")
