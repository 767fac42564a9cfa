"""Results: named columns with units, summaries, sources and notes."""

import json
from functools import cache

import numpy as np
import pytest
from tests.unit.lab.toys import RT, cell, decay, phenomenological

from pumpleak.base.errors import NameUnknown, UnitError
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.result import Result
from pumpleak.lab.run import run


@cache
def result() -> Result:
    return run(Experiment(cell(), hold("1 min", {"pump.activity": 0}) + hold("1 min"), samples=5))


def test_columns_have_names_and_units() -> None:
    voltage = result()["membrane.V"]
    assert voltage.to("V")[0] == pytest.approx(voltage.value[0] / 1000.0)  # type: ignore[index]
    with pytest.raises(UnitError):
        voltage.to("mM")
    assert "inside.Na" in result()
    assert set(result()) == set(result().names)
    assert {"membrane.V", "inside.Na.amount", "inside.K.amount", "pump.extent"} <= set(result().names)
    assert "pump.activity" not in result().names


def test_parameters_can_be_asked_for_and_show_their_segments() -> None:
    assert list(result()["pump.activity"].to("1")) == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]


def test_definitions_agree_with_what_they_are_made_of() -> None:
    made = result().column("inside.Na.amount") / result().column("inside.volume")
    assert result().column("inside.Na") == pytest.approx(made, rel=1e-14)
    closed = result().column("membrane.charge") / 96485.0 + result().column("inside.Cl.amount") + 130.0
    assert result().column("inside.K.amount") + result().column("inside.Na.amount") == pytest.approx(closed, rel=1e-14)


def test_an_unknown_name_says_what_is_near() -> None:
    with pytest.raises(NameUnknown, match=r"toy-cell has no quantity 'membrane.v'; did you mean 'membrane.V'"):
        result()["membrane.v"]


def test_record_restricts_the_names() -> None:
    experiment = Experiment(decay(), hold("1 s"), record=["doubled", "k"], samples=3)
    short = run(experiment)
    assert list(short) == ["doubled", "k"]
    assert short.column("a") == pytest.approx(short.column("doubled") / 2.0)


def test_a_summary_is_plain_data() -> None:
    summary = json.loads(json.dumps(result().summary()))
    assert summary["schema"] == 1
    assert (summary["model"], summary["status"], summary["rows"]) == ("toy-cell", "complete", 6)
    assert summary["time"] == {"value": 120000.0, "unit": "ms"}
    assert summary["final"]["membrane.V"] == {"value": result().column("membrane.V")[-1], "unit": "mV"}
    assert summary["ledger_ok"] is True
    assert {row["verdict"] for row in summary["ledger"]} == {"ok"}
    assert set(summary["versions"]) >= {"pumpleak", "numpy", "llvmlite", "python"}


def test_sources_notes_and_statistics_come_along() -> None:
    assert [source.key for source in result().sources] == ["ours"]
    assert result().notes == ("a toy",)
    assert result().statistics.steps > 10
    assert repr(result()).startswith("Result of toy-cell:")


def test_a_phenomenological_pump_is_named_with_the_free_energy_it_would_need() -> None:
    noted = run(Experiment(phenomenological(cell()), hold("1 min"), samples=11))
    assert len(noted.notes) == 2
    # work of three Na out and two K in for one ATP, largest over the run, by hand
    volts = noted.column("membrane.V") * 96485.0 * 1e-3
    sodium = RT * np.log(140.0 / noted.column("inside.Na")) - volts
    potassium = RT * np.log(noted.column("inside.K") / 5.0) + volts
    work = np.max(3.0 * sodium + 2.0 * potassium) / 1000.0
    assert noted.notes[1] == ("pump: a phenomenological rate law, which ignores its own free energy; "
                              f"it breaks the second law where dG_ATP is above {-work:.1f} kJ/mol")
