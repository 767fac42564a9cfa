"""Published cells against their published numbers, and the closed form of the pump-leak cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import load
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run

FARADAY = 96485.33212331


def cell_of(name: str) -> Cell:
    cell = load(name)
    assert isinstance(cell, Cell)
    return cell


def closed_form(start_volume: float, area: float, impermeant: float) -> tuple[float, dict[str, float]]:
    """Kay's rest: V = E_Na - 3p/g_Na = E_K + 2p/g_K = E_Cl, sum c = osmolarity, sum z c = C A V/(F w); one root in V."""
    thermal, pump = 25.69, 0.5  # mV, uA/cm2
    capacitance = 0.01 * area  # pF

    def contents(v: float) -> dict[str, float]:
        return {"Na": 147.0 * np.exp(-(v + 3 * pump / 0.01) / thermal), "K": 3.0 * np.exp(-(v - 2 * pump / 0.3) / thermal),
                "Cl": 150.0 * np.exp(v / thermal)}

    def charge(v: float) -> float:
        inside = contents(v)
        x = 300.0 - sum(inside.values())
        volume = impermeant / x
        return inside["Na"] + inside["K"] - inside["Cl"] - x - capacitance * v / (FARADAY * volume)

    v = brentq(charge, -97.0, -80.0, xtol=1e-13, rtol=1e-15)
    inside = contents(v)
    inside["X"] = 300.0 - sum(inside.values())
    return v, inside


def test_kay_2017_rests_at_its_closed_form() -> None:
    found = rest(cell_of("kay-2017"))
    v, inside = closed_form(0.52359878, 314.15927, 50.0 * 0.52359878)
    assert found.kind == "stable"
    assert found.residual <= 1e-10
    assert found.values["membrane.V"] == pytest.approx(v, rel=1e-6)
    for ion, concentration in inside.items():
        assert found.values[f"inside.{ion}"] == pytest.approx(concentration, rel=1e-6), ion
    # as published, to the digits printed
    assert found.values["membrane.V"] == pytest.approx(-94.13, abs=5e-3)
    assert found.values["inside.Na"] == pytest.approx(16.71, abs=5e-3)
    assert found.values["inside.K"] == pytest.approx(133.29, abs=5e-3)
    assert found.values["inside.Cl"] == pytest.approx(3.844, abs=5e-4)


def test_kay_2017_swells_without_its_pump() -> None:
    result = run(Experiment(cell_of("kay-2017"), hold("5000 s", {"pump.activity": 0.0}), start="rest"))
    volume = result["inside.volume"].to("pL")
    assert volume[-1] / volume[0] == pytest.approx(2.22, rel=0.01)
    assert "by constraint" in str(result.ledger)
    found = rest(cell_of("kay-2017"), {"pump.activity": 0.0})
    assert found.kind == "none"
    assert "inside.volume grows without end" in found.message


@pytest.mark.parametrize(("exponent", "volumes"), [(0.0, (1.300, 1.618, 2.023)), (0.5, (1.323, 1.689, 2.188))])
def test_duesterwald_2018_swells_as_published(exponent: float, volumes: tuple[float, ...]) -> None:
    """Area fixed, and area scaling with the radius as in the published program; 0.5 %."""
    cell = cell_of("duesterwald-2018").with_values({"membrane.area_exponent": exponent})
    found = rest(cell)
    assert found.values["membrane.V"] == pytest.approx(-72.588, abs=0.01)
    off = {"pump.activity": 0.0}
    result = run(Experiment(cell, hold("1 h", off) + hold("1 h", off) + hold("2 h", off), start="rest"))
    volume, time = result["inside.volume"].to("pL"), result.time.to("h")
    for hours, expected in zip((1.0, 2.0, 4.0), volumes, strict=True):
        at = int(np.argmin(np.abs(time - hours)))
        assert time[at] == pytest.approx(hours, abs=1e-9)
        assert volume[at] / volume[0] == pytest.approx(expected, rel=0.005), hours
    assert result.ledger.ok, str(result.ledger)


def test_duesterwald_2018_has_a_finite_donnan_rest_without_its_pump() -> None:
    cell = cell_of("duesterwald-2018")
    found = rest(cell, {"pump.activity": 0.0})
    assert found.kind == "stable"
    assert found.values["membrane.V"] == pytest.approx(0.4, abs=0.1)
    assert found.values["inside.volume"] / cell.inside.volume == pytest.approx(5.2, rel=0.01)


def test_the_generic_cell_rests_where_it_was_balanced() -> None:
    found = rest(cell_of("generic-cell"))
    assert found.kind == "stable"
    assert found.residual <= 1e-10
    assert found.values["membrane.V"] == pytest.approx(-70.0, abs=1e-9)
    assert found.values["inside.Na"] == pytest.approx(12.0, rel=1e-10)
    moved = replace(cell_of("generic-cell"), transporters=tuple(
        each for each in cell_of("generic-cell").transporters if each.name != "stimulus"))
    assert rest(moved).values["membrane.V"] == pytest.approx(found.values["membrane.V"], rel=1e-12)


def test_an_ion_without_a_path_is_conserved_and_the_rest_is_stable_beside_it() -> None:
    found = rest(cell_of("generic-cell"), {"leak_Cl.permeability": "0 cm/s"})
    assert found.kind == "stable"
    assert found.values["inside.Cl.amount"] == pytest.approx(8.3798028 * 0.52359878, rel=1e-7)


@pytest.mark.parametrize(("values", "kind", "words"), [
    ({"stimulus.injected": "-2.2 pA"}, "none", "less than one particle of inside.K is left"),
    ({"stimulus.injected": "50 pA"}, "none", "inside.volume grows without end, as time^1.00: stimulus drives it"),
    ({"pump.activity": 0.0}, "stable", "stable")])
def test_a_rest_is_only_one_that_the_cell_can_have(values: dict[str, object], kind: str, words: str) -> None:
    found = rest(cell_of("generic-cell"), values)  # type: ignore[arg-type]
    assert found.kind == kind
    assert words in found.message


def test_a_run_that_empties_the_cell_ends_and_keeps_what_it_has() -> None:
    from pumpleak.base.errors import SolveError
    from pumpleak.lab.result import Result

    with pytest.raises(SolveError, match=r"stopped at 4\.13\d* h of 6 h: less than one particle of inside.K is left") as caught:
        run(Experiment(cell_of("generic-cell"), hold("6 h", {"stimulus.injected": "-2.2 pA"})))
    assert "what moves it does not slow down as it vanishes" in str(caught.value)
    assert isinstance(caught.value.partial, Result)
    assert caught.value.partial.time.to("h")[-1] == pytest.approx(4.132, abs=0.001)
