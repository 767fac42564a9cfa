"""pumpleak pump."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

Call = Callable[..., Result]
COLUMNS = ["V [mV]", "turnover [1/s]", "current [e/s]", "ATP [1/s]", "Na [1/s]", "K [1/s]"]


def scheme(name: str) -> Scheme:
    found = load(name)
    assert isinstance(found, Scheme)
    return found


def test_the_table_says_conditions_and_step(call: Call) -> None:
    done = call("pump", "pan-2018-4", "--V", "-120:60:4")
    assert done.exit_code == 0
    assert "V: -120 to 60 mV in 4 points, step 60 mV" in done.stdout
    assert "conditions (physiological): " in done.stdout
    assert "outside.K 5.4 mM" in done.stdout


def test_csv_has_the_promised_columns_and_all_digits(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "pump.csv"
    done = call("pump", "pan-2018-15", "--V", "-120:60:19", "--set", "inside.Na=20 mM", "--csv", file)
    assert done.exit_code == 0
    with file.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    pump = scheme("pan-2018-15")
    assert head == [*COLUMNS, *(f"p.{state}" for state in pump.states)]
    table = np.array(rows, dtype=float)
    expected = respond(pump, {"membrane.V": np.linspace(-120, 60, 19), "inside.Na": 20.0}, "physiological")
    # the range and numpy's linspace may differ in the last digit
    np.testing.assert_allclose(table[:, 1], expected.turnover, rtol=1e-12)
    np.testing.assert_allclose(table[:, 4], 3 * table[:, 1], rtol=1e-12)
    np.testing.assert_allclose(table[:, 6:].sum(axis=1), 1.0, rtol=1e-12)


def test_json_is_the_table(call: Call) -> None:
    done = call("pump", "pan-2018-4", "--V", "-80:0:3", "--json", "--occupancy", "--conditions", "nakao-gadsby-1989")
    plain = json.loads(done.stdout)
    assert plain["schema"] == 1
    assert (plain["scheme"], plain["base"]) == ("pan-2018-4", "nakao-gadsby-1989")
    assert plain["step"] == {"value": 40.0, "unit": "mV"}
    assert list(plain["columns"]) == COLUMNS
    assert plain["columns"]["V [mV]"] == [-80.0, -40.0, 0.0]
    assert set(plain["occupancies"]) == set(scheme("pan-2018-4").states)
    assert plain["conditions"]["inside.Na"] == {"value": 50.0, "unit": "mM"}


def test_one_voltage_may_be_set(call: Call) -> None:
    plain = json.loads(call("pump", "pan-2018-4", "--set", "membrane.V=-80 mV", "--json").stdout)
    assert plain["columns"]["V [mV]"] == [-80.0]
    assert plain["step"] is None


def test_occupancy_is_shown_on_demand(call: Call) -> None:
    assert "p.E1" not in call("pump", "pan-2018-4", "--V", "0:0:1").stdout
    assert "p.E1" in call("pump", "pan-2018-4", "--V", "0:0:1", "--occupancy").stdout


@pytest.mark.parametrize("name", ["pan-2018-4", "pan-2018-15"])
def test_current_is_one_charge_for_an_atp(call: Call, name: str) -> None:
    columns = json.loads(call("pump", name, "--V", "-60:0:2", "--json").stdout)["columns"]
    assert columns["current [e/s]"] == pytest.approx(columns["ATP [1/s]"], rel=1e-9)
