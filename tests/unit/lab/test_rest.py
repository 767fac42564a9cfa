"""rest: the four answers, their proof, their words, and their JSON."""

import json

import numpy as np
import pytest
from tests.unit.lab.toys import IONS, OUTSIDE, cell, decay

from pumpleak.base.errors import NameUnknown, UnitError
from pumpleak.formats.catalog import light
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.notes import fleeting
from pumpleak.lab.programs import program_for
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run
from pumpleak.system.expression import number, symbol
from pumpleak.system.system import Parameter, State, System

S = symbol


def test_a_cell_rests_where_a_long_run_ends() -> None:
    found = rest(cell())
    assert found.kind == "stable"
    assert found.residual <= 1e-10
    ended = run(Experiment(cell(), hold("400 h"), samples=2))
    for name in ("membrane.V", "inside.Na", "inside.K", "inside.Cl", "inside.volume"):
        assert found[name].value == pytest.approx(float(ended.final(name).value), rel=1e-6)
    assert np.all(found.eigenvalues.real < 0.0)
    assert found.time_constants.to("s")[0] == np.max(found.time_constants.to("s"))
    assert found.message.startswith("stable; the slowest departure decays with ")


def test_fluxes_balance_ion_by_ion_at_rest() -> None:
    found = rest(cell())
    pump = float(found["pump.flux"].value)
    assert found["leak_Na.flux"].value == pytest.approx(-3.0 * pump, rel=1e-9)
    assert found["leak_K.flux"].value == pytest.approx(2.0 * pump, rel=1e-9)
    assert abs(float(found["leak_Cl.flux"].value)) < 1e-9 * pump


def test_the_pump_off_and_nothing_to_hold_water_back_has_no_rest() -> None:
    found = rest(cell(), {"pump.activity": 0})
    assert found.kind == "none"
    assert found.message == ("no rest: inside.volume grows without end, as time^0.50: pump stands still and nothing "
                             "outside holds the water back")


def test_the_pump_off_with_an_impermeant_outside_has_its_donnan_rest() -> None:
    found = rest(cell(outside_osmolyte=20.0), {"pump.activity": 0})
    assert found.kind == "stable"
    # closed form: every ion at one potential, 20 mM of osmolyte outside against X inside
    ratio = {ion: float(found[f"inside.{ion}"].value) / OUTSIDE[ion] for ion in IONS}
    assert ratio["Na"] == pytest.approx(ratio["K"], rel=1e-9)
    assert ratio["Na"] * ratio["Cl"] == pytest.approx(1.0, rel=1e-9)
    assert found["inside.osmolarity"].value == pytest.approx(310.0, rel=1e-9)


def test_values_are_checked() -> None:
    with pytest.raises(NameUnknown, match=r"has no parameter 'pump.activty'; did you mean 'pump.activity'"):
        rest(cell(), {"pump.activty": 0})
    with pytest.raises(UnitError, match=r"outside.K: '8 mV' is a voltage"):
        rest(cell(), {"outside.K": "8 mV"})


def test_what_still_moves_after_the_given_time_drifts() -> None:
    found = rest(decay(1e-9), until="1 h")
    assert found.kind == "drifting"
    assert found.message == "drifting: a still moves after 1 h, with a time constant of 11.6 d"


def test_a_start_on_a_summit_is_an_unstable_rest() -> None:
    summit = System("summit", (State("x", "mM", 0.0, 1.0),), {"x": S("r") * S("x") * (1.0 - S("x") * S("x"))},
                    (Parameter("r", "1/ms", 1e-3),))
    found = rest(summit)
    assert found.kind == "unstable"
    assert found.eigenvalues == pytest.approx([1.0])  # 1/s
    assert found.message == "unstable: small departures grow with 1 s"


def test_a_model_that_is_not_a_number_has_no_rest() -> None:
    found = rest(decay(float("nan")))
    assert found.kind == "none"
    assert found.message == "no rest: the equations have no solution beyond the point shown"


def test_growth_without_books_is_named_too() -> None:
    growing = System("growing", (State("x", "fmol", 0.0, 1.0),), {"x": number(1e-3)})
    assert rest(growing).message == "no rest: x grows without end, as time^1.00"


def test_the_json_has_the_agreed_shape() -> None:
    plain = json.loads(json.dumps(rest(cell()).to_json()))
    assert {"model", "kind", "residual", "state", "eigenvalues"} <= set(plain)
    assert plain["state"]["membrane.V"]["unit"] == "mV"
    assert set(plain["eigenvalues"][0]) == {"re", "im"}
    assert "pump.activity" not in plain["state"]


def test_it_prints_as_a_table() -> None:
    lines = str(rest(cell())).splitlines()
    assert lines[0].startswith("toy-cell: stable")
    assert any(line.split()[:1] == ["membrane.V"] and line.endswith("mV") for line in lines)


def test_the_current_of_every_ion_is_balanced_and_printed() -> None:
    found = rest(light("neuron"))
    assert found.currents is not None
    rows, total = found.currents.rows, found.currents.total
    assert rows["pump"]["Na"] == pytest.approx(-1.5 * rows["pump"]["K"], rel=0.01)  # 3:2, but for the slip
    assert sum(rows["pump"].values()) == pytest.approx(float(found["pump.current"].value), rel=1e-12)
    assert rows["leak_Na"]["Na"] == pytest.approx(float(found["leak_Na.current"].value), rel=1e-12)
    assert rows["kcc2"]["K"] == -rows["kcc2"]["Cl"] > 0.0
    # the residual of the rest is below 1e-10 of the gross flow, which is some tens of pA
    assert all(abs(each) < 1e-9 for each in total.values())
    lines = str(found).splitlines()
    heading = next(place for place, line in enumerate(lines) if "currents out of inside [pA]" in line)
    assert lines[heading].split()[-4:] == ["Na", "K", "Cl", "current"]
    assert lines[heading + 1].split()[0] == "pump"
    assert any(line.split() == ["sum", "0", "0", "0", "0"] for line in lines)
    assert not any("stimulus" in line or "pump.current" in line for line in lines)
    plain = json.loads(json.dumps(found.to_json()))["currents"]
    assert plain["rows"]["kcc2"]["current"] == 0.0
    assert (plain["unit"], set(plain["sum"])) == ("pA", {"Na", "K", "Cl"})


def test_no_rest_has_no_table_and_nothing_flowing_is_one_line() -> None:
    assert "currents out of" not in str(rest(cell(), {"pump.activity": 0}))
    stopped = rest(cell(outside_osmolyte=20.0), {"pump.activity": 0})
    assert "  no ion flows: all currents out of inside are below " in str(stopped)
    assert rest(decay()).currents is None


def test_water_that_cannot_follow_is_remarked() -> None:
    """Without its pump the neuron takes up sodium, but no water comes from the bath: 423 against 297 mM."""
    (remark,) = (each for each in rest(light("neuron"), {"pump.activity": 0}).remarks if each.startswith("Osmolarity"))
    assert remark.startswith("Osmolarity at this rest: inside 422.6 mM, outside 422.6 mM, but bath 296.6 mM: water_bath lets")
    for model in ("neuron", "generic-cell", "kay-2017", "huebel-ullah-2016"):
        assert not any(each.startswith("Osmolarity") for each in rest(light(model)).remarks)


def test_start_values_that_do_not_last_are_named() -> None:
    labels = program_for(light("neuron")).labels
    names = ("outside.K", "inside.Na", "inside.volume", "inside.ATP", "bath.K", "pump.activity")
    resting = fleeting(labels, names, resting=True)
    assert resting[0] == "outside.K is a start value of the finite space; its rest follows bath.K: set that."
    assert [each.split()[0] for each in resting] == ["outside.K", "inside.Na", "inside.volume"]
    assert fleeting(labels, names, resting=False) == (
        "outside.K is a start value of the finite space; in time it follows bath.K: set that.",)
    assert fleeting(program_for(light("generic-cell")).labels, ("outside.K",), resting=True) == ()


def test_an_unknown_quantity_says_what_is_near() -> None:
    with pytest.raises(NameUnknown, match=r"did you mean 'membrane.V'"):
        rest(cell())["membrane.v"]
