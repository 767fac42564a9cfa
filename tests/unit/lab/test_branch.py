"""branch: rests of cells along a parameter, their words, numbers and refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.unit.lab.toys import cell

from pumpleak.base.errors import ModelError, NameUnknown, SolveError, UnitError
from pumpleak.lab.branch import Branch, branch
from pumpleak.lab.rest import Rest, rest
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter, State, System

X, P = symbol("x"), symbol("p")


def hysteresis() -> System:
    """Two folds at p = +-0.3849."""
    return System("switch", (State("x", "mM", -1.3, 1.0),), {"x": 1e-3 * (P + X - X * X * X)}, (Parameter("p", "mM", -1.0),))


def brusselator() -> System:
    """A Hopf point at p = 2 with 1 rad/s."""
    y = symbol("y")
    return System("clock", (State("x", "mM", 1.0, 1.0), State("y", "mM", 1.0, 1.0)),
                  {"x": 1e-3 * (1.0 - (P + 1.0) * X + X * X * y), "y": 1e-3 * (P * X - X * X * y)},
                  (Parameter("p", "1", 1.0),))


@pytest.fixture(scope="module")
def donnan() -> Branch:
    """A cell that has a rest without its pump."""
    return branch(cell(outside_osmolyte=20.0), "pump.activity", 0)


def test_each_point_is_the_rest_that_a_search_finds(donnan: Branch) -> None:
    for point in (donnan.points[0], donnan.points[len(donnan) // 2], donnan.points[-1]):
        found = rest(cell(outside_osmolyte=20.0), {"pump.activity": point.parameter})
        assert point.kind == found.kind == "stable"
        for name in ("membrane.V", "inside.Na", "inside.K", "inside.volume", "pump.current"):
            assert point[name].value == pytest.approx(found[name].value, rel=1e-8, abs=1e-9)
        assert point.eigenvalues == pytest.approx(found.eigenvalues, rel=1e-5)


def test_columns_are_quantities_of_all_that_is_observed(donnan: Branch) -> None:
    activity = np.asarray(donnan["pump.activity"].value)
    assert (activity[0], activity[-1]) == (1.0, 0.0)
    volts = np.asarray(donnan["membrane.V"].to("V"))
    assert volts.shape == (len(donnan),)
    assert 1e3 * volts == pytest.approx(donnan.column("membrane.V"))
    assert {"membrane.V", "inside.volume", "leak_Na.flux", "pump.current"} <= set(donnan.names)
    assert "pump.activity" not in donnan.names
    with pytest.raises(NameUnknown, match=r"^unknown quantity of toy-cell 'membrane.v'; did you mean 'membrane.V'"):
        donnan["membrane.v"]


def test_a_cell_without_a_rest_at_the_end_says_how_far_it_came() -> None:
    found = branch(cell(), "pump.activity", 0)
    assert found.message.startswith("it was followed to pump.activity = ")
    assert found.message.endswith("times its first value and grows on")
    assert "where inside.volume is" in found.message


def test_folds_are_points_with_all_values() -> None:
    found = branch(hysteresis(), "p", "1 mM")
    turn = 2.0 / np.sqrt(27.0)
    assert [float(fold.parameter.to("mM")) for fold in found.folds] == pytest.approx([turn, -turn], abs=1e-8)
    assert [float(fold["x"].to("mM")) for fold in found.folds] == pytest.approx([-1 / 3**0.5, 1 / 3**0.5], abs=1e-8)
    assert {fold.kind for fold in found.folds} == {"critical"}
    assert (found.hopfs, found.branchings) == ((), ())
    lines = str(found).splitlines()
    assert lines[0].startswith("switch: ")
    assert lines[0].endswith(" rests along p from -1 mM to 1 mM, stable and unstable")
    assert lines[1:4] == ["  fold at p = 0.38490018 mM", "  fold at p = -0.38490018 mM", "  it reaches p = 1 mM"]
    assert sum(line.endswith("  fold") for line in lines) == 2


def test_a_hopf_point_has_its_frequency() -> None:
    found = branch(brusselator(), "p", 3)
    (hopf,) = found.hopfs
    assert hopf.parameter.value == pytest.approx(2.0, abs=1e-8)
    assert hopf.frequency.to("Hz") == pytest.approx(1.0 / (2.0 * np.pi), rel=1e-8)
    assert found.points[0].frequency.value == 0.0
    assert "  Hopf point at p = 2, 0.159155 Hz" in str(found)


def test_other_parameters_move_in_proportion() -> None:
    found = branch(cell(), "outside.K", "40 mM", start="3 mM", values={"pump.speed": "6e-6 fmol/ms"},
                   meanwhile={"outside.Na": "105 mM"})
    moved = (found.column("outside.Na") - 140.0) / (105.0 - 140.0)
    assert moved == pytest.approx((found.column("outside.K") - 3.0) / 37.0, abs=1e-12)
    assert set(found.column("pump.speed")) == {6e-6}


def test_a_bath_that_is_charged_on_the_way_is_remarked() -> None:
    charged = branch(cell(), "outside.K", "10 mM")
    assert any(remark.startswith("outside: its net charge changes by +5 mM along the way and its osmolarity by +5 mM")
               for remark in charged.remarks)
    exchanged = branch(cell(), "outside.K", "10 mM", meanwhile={"outside.Na": "135 mM"})
    assert not any("net charge" in remark for remark in exchanged.remarks)


def test_the_json_has_the_agreed_shape() -> None:
    plain = json.loads(json.dumps(branch(brusselator(), "p", 3).to_json(), allow_nan=False))
    assert (plain["schema"], plain["along"], plain["from"], plain["to"], plain["scale"]) == (1, "p", 1.0, 3.0, "linear")
    rows = len(plain["values"])
    assert {len(plain[key]) for key in ("kind", "mark", "residual", "leading")} == {rows}
    assert len(plain["state"]["x"]["values"]) == rows
    (marked,) = plain["marked"]
    assert (marked["mark"], plain["mark"][marked["row"]], marked["frequency"]["unit"]) == ("Hopf", "Hopf", "Hz")


def test_an_unknown_parameter_says_what_is_near() -> None:
    with pytest.raises(NameUnknown, match=r"^toy-cell has no parameter 'pump.activty'; did you mean 'pump.act"):
        branch(cell(), "pump.activty", 0)
    with pytest.raises(NameUnknown, match=r"^toy-cell has no parameter 'membrane.V' \('membrane.V' follows from the model\)"):
        branch(cell(), "membrane.V", "0 mV")
    with pytest.raises(NameUnknown, match=r"no parameter 'outside.k'"):
        branch(cell(), "outside.K", "8 mM", meanwhile={"outside.k": "8 mM"})


def test_ends_that_make_no_line_are_refused() -> None:
    with pytest.raises(UnitError, match=r"outside.K: '8 mV' is a voltage"):
        branch(cell(), "outside.K", "8 mV")
    with pytest.raises(ModelError, match=r"^toy-cell: branch along outside.K from 5 to 5; give an end that differs$"):
        branch(cell(), "outside.K", "5 mM")
    with pytest.raises(ModelError, match=r"from 1 to 0 on a logarithmic scale; both ends must have one sign, and none be zero"):
        branch(cell(), "pump.activity", 0, scale="log")
    with pytest.raises(ModelError, match=r"scale 'cubic'; it is 'linear' or 'log'"):
        branch(cell(), "pump.activity", 0.5, scale="cubic")  # type: ignore[arg-type]


def test_no_rest_at_the_start_is_an_error_that_holds_what_is_there() -> None:
    with pytest.raises(SolveError, match=r"^toy-cell: no branch along pump.activity: at pump.activity = 0: no rest: "
                                         r"inside.volume grows without end.*for example at pump.activity = 1$") as caught:
        branch(cell(), "pump.activity", 1, start=0)
    assert isinstance(caught.value.partial, Rest)
    assert caught.value.partial.kind == "none"


def test_a_start_at_one_rest_of_many_is_refused() -> None:
    y = symbol("y")
    closed = System("closed", (State("x", "mM", 3.0, 1.0), State("y", "mM", 3.0, 1.0)),
                    {"x": 1e-3 * (y - X + P * (1.0 - X)), "y": 1e-3 * (X - y)}, (Parameter("p", "1", 0.0),))
    with pytest.raises(SolveError, match=r"^closed: no branch along p: at p = 0 more is conserved than further on, so that its "
                                         r"rest is one of many; begin it at a slightly different value$"):
        branch(closed, "p", 1)
    assert branch(closed, "p", 1, start=0.01).column("y") == pytest.approx(1.0)
