"""pumpleak rest --along: text, JSON, table, figure, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from pumpleak.app.branch_figure import branch_figure
from pumpleak.formats.tables import read_table
from pumpleak.lab.branch import branch
from pumpleak.system.expression import symbol
from pumpleak.system.system import Parameter, State, System

Call = Callable[..., Result]
PUMP = ("rest", "generic-cell", "--along", "pump.activity=1:0")


def test_text(call: Call) -> None:
    done = call(*PUMP)
    assert done.exit_code == 0
    first, end, _, heads, *rows = done.stdout.splitlines()
    assert first.startswith("generic-cell: ")
    assert first.endswith("rests along pump.activity from 1 to 0, all stable")
    assert end == "  it reaches pump.activity = 0"
    assert heads.split()[:4] == ["pump.activity", "[1]", "membrane.V", "[mV]"]
    assert rows[0].split()[:2] == ["1", "-70"]
    assert call(*PUMP, "-q").stdout.count("note") == 0


def test_json(call: Call) -> None:
    plain = json.loads(call(*PUMP, "--json").stdout)
    assert (plain["schema"], plain["model"], plain["along"]) == (1, "generic-cell", "pump.activity")
    assert plain["state"]["membrane.V"]["unit"] == "mV"
    assert plain["values"][0] == 1.0
    assert plain["values"][-1] == 0.0


def test_files(call: Call, tmp_path: Path) -> None:
    done = call(*PUMP, "--out", tmp_path / "out", "--csv", tmp_path / "mine.csv")
    assert done.exit_code == 0
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"branch.csv", "branch.json", "branch.png", "branch.svg"}
    assert (tmp_path / "mine.csv").read_bytes() == (tmp_path / "out" / "branch.csv").read_bytes()
    table = read_table(tmp_path / "mine.csv")
    assert set(table.texts["kind"]) == {"stable"}
    assert set(table.texts["mark"]) == {""}
    assert np.max(np.asarray(table["residual"].value)) <= 1e-10
    assert np.asarray(table["membrane.V"].to("mV"))[0] == pytest.approx(-70.0)
    assert np.asarray(table["pump.turnover"].to("1/s"))[0] == pytest.approx(8.4393, rel=1e-4)


@pytest.mark.parametrize("ends", ["3:40", "3 mM:40 mM", "3:40 mM", "3000 uM:40 mM"])
def test_units_of_the_ends(call: Call, ends: str) -> None:
    plain = json.loads(call("rest", "kay-2017", "--along", f"outside.K={ends}", "--log", "--json").stdout)
    assert (plain["from"], plain["to"], plain["unit"], plain["scale"]) == (3.0, pytest.approx(40.0), "mM", "log")


def test_without_a_first_value_it_is_the_model_s_own(call: Call) -> None:
    plain = json.loads(call("rest", "kay-2017", "--along", "outside.K=:40", "--json").stdout)
    assert plain["from"] == 3.0


def test_others_move_with_the_first(call: Call) -> None:
    done = call("rest", "generic-cell", "--along", "outside.K=3:40", "--along", "outside.Na=146:109", "--json")
    plain = json.loads(done.stdout)
    assert plain["along"] == "outside.K"
    assert np.ptp(plain["state"]["outside.osmolarity"]["values"]) == pytest.approx(0.0, abs=1e-9)
    assert plain["remarks"] == []


@pytest.mark.parametrize(("along", "message"), [
    (("pump.activty=1:0",), "kay-2017 has no parameter 'pump.activty'; did you mean 'pump.activity'?"),
    (("pump.activity=one:0",), "--along 'pump.activity=one:0': 'one' does not begin with a number"),
    (("pump.activity=1",), "--along 'pump.activity=1': expected NAME=FROM:TO, for example --along pump.activity=1:0"),
    (("pump.activity=1:0.5:0",), "--along 'pump.activity=1:0.5:0': expected NAME=FROM:TO"),
    (("outside.K=3 mV:4",), "'3 mV' is a voltage [mV]; expected a concentration [mM]"),
    (("outside.K=3:3",), "kay-2017: branch along outside.K from 3 to 3; give an end that differs"),
    (("outside.K=3:4", "outside.K=3:5"), "--along 'outside.K=3:5': outside.K already goes somewhere; give it once"),
])
def test_bad_input(call: Call, along: tuple[str, ...], message: str) -> None:
    done = call("rest", "kay-2017", *(part for each in along for part in ("--along", each)))
    assert done.exit_code == 2
    assert message in done.stderr


def test_no_rest_at_the_start_is_a_failed_solve(call: Call) -> None:
    done = call("rest", "kay-2017", "--along", "pump.activity=0:1")
    assert done.exit_code == 1
    assert "kay-2017: no branch along pump.activity: at pump.activity = 0: no rest: inside.volume grows" in done.stderr


@pytest.mark.parametrize("options", [("--log",), ("--csv", "x.csv"), ("--out", "x")])
def test_what_only_a_branch_has_needs_along(call: Call, options: tuple[str, ...]) -> None:
    done = call("rest", "kay-2017", *options)
    assert done.exit_code == 2
    assert f"{' '.join(options)}: one rest has no such thing; follow it with --along" in done.stderr


def test_the_figure_marks_folds_and_dashes_what_is_unstable() -> None:
    x, p = symbol("x"), symbol("p")
    switch = System("switch", (State("x", "mM", -1.3, 1.0),), {"x": 1e-3 * (p + x - x * x * x)}, (Parameter("p", "mM", -1.0),))
    (axes,) = branch_figure(branch(switch, "p", "1 mM")).axes
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["x", "fold", "unstable"]
    curves = [line for line in axes.get_lines() if len(np.asarray(line.get_xdata())) > 1]
    assert [line.get_linestyle() for line in curves] == ["-", "--", "-"]
    folds = [float(np.asarray(line.get_xdata())[0]) for line in axes.get_lines()
             if line.get_marker() == "o" and len(np.asarray(line.get_xdata()))]
    assert folds == pytest.approx([0.3849, -0.3849], abs=1e-4)
    assert axes.get_xlabel() == "p [mM]"


def test_the_figure_of_a_cell_has_its_panels() -> None:
    from pumpleak.formats.catalog import light

    figure = branch_figure(branch(light("kay-2017"), "pump.activity", 0))
    assert [axes.get_ylabel() for axes in figure.axes] == ["potential [mV]", "inside [mM]", "volume / first"]
    assert figure.axes[-1].get_yscale() == "log"  # the volume grows without end


def test_potassium_of_a_finite_outside_is_drawn() -> None:
    from pumpleak.formats.catalog import light

    figure = branch_figure(branch(light("huebel-dahlem-2014"), "pump.activity", "0.9"))
    outside = next(axes for axes in figure.axes if axes.get_ylabel() == "outside [mM]")
    legend = outside.get_legend()
    assert legend is not None
    assert "K\u207a" in [text.get_text() for text in legend.get_texts()]
    assert outside.get_yscale() == "log"
