"""A pump in a cell stands still where its affinity is zero and makes ATP beyond."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.system.expression import evaluate
from pumpleak.system.transform import initial_values


def test_thermodynamic_pumps_reverse_at_zero_affinity(cell: Cell) -> None:
    system = cell.system
    for pump in (each for each in cell.transporters if isinstance(each, SchemePump)):
        if f"{pump.name}.affinity" not in system.resolution:
            pytest.skip(f"{pump.scheme.name} slips: its cycles stand still apart (tests/physics/test_slip.py)")
        start = initial_values(system)
        wanted = [system.resolution[f"{pump.name}.{what}"] for what in ("affinity", "flux")]

        def at(voltage: float, start: dict[str, float] = start, wanted: list[object] = wanted) -> tuple[float, float]:
            charge = voltage * start["membrane.capacitance"]
            affinity, flux = evaluate(wanted, {**start, "membrane.charge": charge})  # type: ignore[arg-type]
            return float(affinity), float(flux)

        zero = brentq(lambda v: at(v)[0], -600.0, 100.0, xtol=1e-11)
        standstill = brentq(lambda v: at(v)[1], zero - 50.0, zero + 50.0, xtol=1e-11)
        assert standstill == pytest.approx(zero, abs=1e-6)
        assert at(zero - 20.0)[1] < 0 < at(zero + 20.0)[1]
        expected = (start["inside.dG_ATP"] / 96.48533212331
                    + start["thermal.voltage"] * (3 * np.log(start["outside.Na"] / start["inside.Na"])
                                                  + 2 * np.log(start["inside.K"] / start["outside.K"])))
        # charge moves the closing ion a little, which the formula at fixed concentrations does not see
        assert zero == pytest.approx(expected, abs=0.5)
