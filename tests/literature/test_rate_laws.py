"""The rate laws of the catalogue against independent numbers of their published formulas."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pumpleak.enzyme.audit import findings
from pumpleak.enzyme.rate_law import RateLaw, respond_law
from pumpleak.formats.catalog import entries, load

DATA = Path(__file__).parents[1] / "data" / "pump"
LAWS = [entry.name for entry in entries("pumps") if entry.kind == "rate_law"]


def law_named(name: str) -> RateLaw:
    law = load(name)
    assert isinstance(law, RateLaw)
    return law


def test_there_are_laws() -> None:
    assert {"duesterwald-2018-pump", "huebel-dahlem-2014-pump", "luo-rudy-1994"} <= {*LAWS}


def test_the_shape_of_Luo_and_Rudy() -> None:
    with (DATA / "ref_empirical_INaK_shapes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "luo_rudy_1994"]
    assert len(rows) == 32
    law = law_named("luo-rudy-1994")
    base = {"inside.Na": 10.0, "outside.Na": 140.0, "outside.K": 5.4, "membrane.V": 0.0}
    swept = {"V": "membrane.V", "Nai@V0": "inside.Na", "Ko@V0": "outside.K", "Nao@V-80": "outside.Na"}
    for row in rows:
        sodium = row["sweep"] == "Nao@V-80"
        given = {**base, "membrane.V": -80.0 if sodium else 0.0, swept[row["sweep"]]: float(row["x"])}
        found = float(respond_law(law, given, "physiological").value)
        # outer Na is compared with 0 mV at the same outer Na, all others with the base
        one = float(respond_law(law, {**given, "membrane.V": 0.0} if sodium else base, "physiological").value)
        assert found / one == pytest.approx(float(row["rel"]), abs=1e-4)
        # the column is in uA/mm2 of a membrane with 1 uF/cm2
        assert found == pytest.approx(100.0 * float(row["INaK"]), rel=1e-5)


def test_the_sigmoid_pump_at_its_rest() -> None:
    found = respond_law(law_named("huebel-dahlem-2014-pump"), {}, "rest")
    by_hand = 6.8 / (1.0 + np.exp((25.0 - 25.231485) / 3.0)) / (1.0 + np.exp(5.5 - 4.0))
    assert float(found.value) == pytest.approx(by_hand, rel=1e-14)


def test_the_cubic_pump_at_its_rest() -> None:
    found = respond_law(law_named("duesterwald-2018-pump"), {}, "rest")
    assert float(found.value) == pytest.approx(9.33, abs=0.005)  # pmol/(cm2 s), 3 digits by an independent program


@pytest.mark.parametrize("name", LAWS)
def test_every_number_has_a_unit_and_a_source(name: str) -> None:
    law = law_named(name)
    keys = {source.key for source in law.sources}
    for parameter in law.parameters:
        assert parameter.unit
        assert parameter.source in keys


@pytest.mark.parametrize("name", LAWS)
def test_every_law_is_flagged_and_the_audit_finds_why(name: str) -> None:
    law = law_named(name)
    assert law.defects
    said = [found.text for found in findings(law) if found.breaks]
    assert any("should stop at membrane.V = -27" in text for text in said)
    assert any("should stop at inside.Na = 0.31" in text for text in said)
    assert any("inside.ATP = 0.0002" in text and "which it does not know" in text for text in said)
    assert any("runs forward in 268, not in 0" in text for text in said)
