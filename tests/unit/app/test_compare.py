"""compare: the table, the figure, what one side lacks, and what the command line says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result as Answer
from matplotlib.backends.backend_agg import FigureCanvasAgg
from tests.numerics.problems import hires
from tests.unit.lab.firing import fired

from pumpleak.app.compare import Comparison, Row, compare
from pumpleak.app.compared import Side
from pumpleak.base.errors import FormatError, ModelError, SolveError
from pumpleak.formats.catalog import light
from pumpleak.formats.outputs import Folder, write_result
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run

Call = Callable[..., Answer]


@pytest.fixture(scope="module")
def two() -> Comparison:
    return compare("generic-cell", "kay-2017", "10 min")


def number(comparison: Comparison, quantity: str, moment: str) -> Row:
    return next(row for row in comparison.rows if (row.quantity, row.moment) == (quantity, moment))


def test_rows_hold_the_values_of_both(two: Comparison) -> None:
    row = number(two, "membrane.V", "rest")
    a, b = (float(np.ravel(rest(light(name))["membrane.V"].to("mV"))[0]) for name in ("generic-cell", "kay-2017"))
    assert (row.a, row.b, row.unit) == (a, b, "mV")
    assert row.difference == b - a
    assert row.relative == pytest.approx((b - a) / abs(a))
    again = run(light("kay-2017"), "10 min")
    assert number(two, "inside.Na", "end").b == again.final("inside.Na").to("mM")
    assert number(two, "inside.Na", "most").b == np.max(again.column("inside.Na"))


def test_what_one_model_lacks_is_named(two: Comparison) -> None:
    assert "pump.turnover" in two.only_a
    assert "inside.ATP" in two.only_a
    assert set(two.only_a).isdisjoint(two.only_b)
    assert "only A has: pump.turnover, " in str(two)


def test_relative_difference_of_nothing() -> None:
    assert Row("x", "end", "1", 0.0, 0.0).relative == 0.0
    assert np.isnan(Row("x", "end", "1", 0.0, 1.0).relative)
    assert Row("x", "end", "1", -2.0, -1.0).relative == 0.5


def test_rounding_is_no_difference() -> None:
    """Below 1e-9 of the size of the quantity, in either run."""
    row = Row("membrane.V", "least", "mV", -70.0, -70.0 + 1.4e-11)
    assert (row.difference, row.relative) == (0.0, 0.0)
    assert Row("membrane.V", "most", "mV", -2e-199, 1e-12, 70.0).difference == 0.0
    assert Row("inside.volume", "end", "pL", 0.5, 0.5 + 1e-8).difference == pytest.approx(1e-8)
    text = str(compare("generic-cell", "kay-2017", "10 min"))
    assert "e-199" not in text
    assert all("%" not in line for line in text.partition("inside.Na")[0].splitlines())


def test_columns_stand_apart_whatever_the_names() -> None:
    result = run(Experiment(light("generic-cell"), hold("1 s"), samples=3))
    side = Side.of_result(result)
    long = replace(side, columns={"pump.dephosphorylate_fast.current": side.columns["pump.current"]})
    lines = str(Comparison(long, long)).splitlines()
    assert lines[3].split()[:3] == ["pump.dephosphorylate_fast.current", "[pA]", "start"]


def test_a_finite_outside_has_its_potassium_in_the_figure() -> None:
    one = run(Experiment(light("huebel-dahlem-2014"), hold("1 s"), samples=11))
    figure = compare(one, one).figure()
    outside = next(axes for axes in figure.axes if axes.get_ylabel() == "outside [mM]")
    legend = outside.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][:2] == ["Na\u207a", "K\u207a"]
    assert outside.get_yscale() == "log"


def test_a_run_is_the_same_from_its_folder(tmp_path: Path) -> None:
    """A CSV and its summary hold the run: everything but the rest, which is not in them."""
    result = fired(count=2)
    write_result(Folder(tmp_path), result)
    found = compare(result, tmp_path)
    assert all(row.relative == pytest.approx(0.0, abs=1e-12) for row in found.rows if not np.isnan(row.a))
    assert (found.only_a, found.only_b) == ((), ())
    assert number(found, "spikes", "feature").b == 2.0
    assert number(found, "spikes.half_width", "feature").unit == "ms"


def test_features_stand_in_the_table() -> None:
    text = str(compare(fired(count=2), fired()))
    line = next(line for line in text.splitlines() if line.startswith("spikes [1]"))
    assert line.split() == ["spikes", "[1]", "2", "1", "-1", "-50", "%"]
    assert "spikes.excess [1]" in text


def test_rows_too_coarse_for_spikes_are_said() -> None:
    both = compare(fired(), fired(every="5 ms"))
    text = str(both)
    assert both.figure().axes[0].get_title(loc="left").endswith("\nB: rows too far apart to show spikes")
    assert "only A has: spikes, " in text
    assert "membrane.V.most" not in text  # the rows of membrane.V tell it
    assert "B: spikes: firing-cell: its rows are too far apart for spikes" in text
    most = next(line for line in text.splitlines() if line.split()[:1] == ["most"])
    assert most.split()[2:] == ["aliased"]  # and no difference from what is unknown
    assert np.isnan(number(both, "membrane.V", "most").b)


def test_the_rest_is_told_apart_from_the_run_and_what_stands_still_is_left_out() -> None:
    off = light("neuron", {"pump.activity": "0"})
    both = compare(run(Experiment(off, hold("1 s"), samples=11)), run(Experiment(off, hold("2 s"), samples=11)))
    assert "pump." not in str(both)
    assert "pump current [pA]" not in [axes.get_ylabel() for axes in both.figure().axes]
    text = str(compare(off, light("neuron"), "1 s")).splitlines()
    volume = text.index(next(line for line in text if line.startswith("inside.volume")))
    assert [line[28:36].split()[0] for line in text[volume:volume + 3]] == ["start", "end", "rest"]
    assert "* where it would rest under these values, which a run need not reach" in text


def test_csv_and_json_hold_every_row(two: Comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(two.csv())))
    assert len(rows) == len(two.rows)
    assert list(rows[0]) == ["quantity", "moment", "unit", "a", "b", "difference", "relative"]
    assert float(rows[0]["a"]) == two.rows[0].a
    plain = two.to_json()
    assert {"schema", "a", "b", "rows", "only_a", "only_b"} == set(plain)
    assert plain["rows"][0] == two.rows[0].to_plain()


def test_the_figure_has_both_in_each_panel(two: Comparison) -> None:
    figure = two.figure()
    assert [axes.get_ylabel() for axes in figure.axes] == ["potential [mV]", "inside [mM]", "inside volume / start",
                                                           "pump current [pA]"]
    assert figure.axes[-1].get_xlabel() == "time [min]"
    solid, dashed = figure.axes[0].get_lines()
    np.testing.assert_array_equal(solid.get_ydata(), two.a.columns["membrane.V"].to("mV"))
    np.testing.assert_array_equal(dashed.get_ydata(), two.b.columns["membrane.V"].to("mV"))
    assert solid.get_linestyle() != dashed.get_linestyle()
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]


def test_models_that_are_no_cells_are_drawn_by_unit() -> None:
    result = run(Experiment(hires(), hold("10 ms"), samples=50))
    found = compare(result, run(Experiment(hires(), hold("20 ms"), samples=50)))
    assert [axes.get_ylabel() for axes in found.figure().axes] == ["[1]"]
    assert "y1 [1]" in str(found)


@pytest.mark.parametrize(("a", "message"), [
    ("pan-2018-4", "compare: 'pan-2018-4' is a scheme; compare results, experiments, cells or folders"),
    ("generic-cell", "compare: 'generic-cell' does not say how long to run; give for example until='10 min'"),
    (3, "compare: '3' is a int; compare results, experiments, cells or folders"),
])
def test_what_cannot_be_compared_is_refused(a: object, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        compare(a, fired())  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("summary", "message"), [
    (None, "this folder has no summary.json; `pumpleak run MODEL --out"),
    ("{", "cannot be read as JSON"),
    ('{"schema": 99}', "its schema is '99', not 1; run the model again with this version"),
    ('{"schema": 1, "features": {"x": 3}}', "its features \"{'x': 3}\" are not values with units"),
])
def test_a_folder_that_holds_no_run_is_refused(tmp_path: Path, summary: str | None, message: str) -> None:
    (tmp_path / "result.csv").write_text("time [s],V [mV]\n0,1\n1,2\n", encoding="utf-8")
    if summary is not None:
        (tmp_path / "summary.json").write_text(summary, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        compare(tmp_path, tmp_path)
    assert message in str(caught.value)


def test_the_command_writes_table_and_figure(call: Call, tmp_path: Path) -> None:
    assert call("run", "pump-block", "--no-figure", "-q", "--out", tmp_path / "run").exit_code == 0
    done = call("compare", tmp_path / "run", "generic-cell", "--study", "pump-block", "--set-b", "outside.K=8 mM",
                "--out", tmp_path / "both")
    assert done.exit_code == 0
    written = {each.name for each in (tmp_path / "both").iterdir()}
    assert written == {"compare.csv", "compare.json", "compare.png", "compare.svg"}
    assert "B: generic-cell, outside.K=8 mM, 8.16667 h" in done.stdout
    assert "the rest is known of B alone" in done.stdout


def test_the_command_answers_in_json(call: Call) -> None:
    done = call("compare", "generic-cell", "kay-2017", "--until", "1min", "--json", "-q")
    assert (done.exit_code, json.loads(done.stdout)["schema"]) == (0, 1)


@pytest.mark.parametrize(("arguments", "message"), [
    (("generic-cell", "kay-2017"),
     "generic-cell is a cell, which does not say how long to run; give --until 10min, or --study NAME"),
    (("pan-2018-4", "kay-2017", "--until", "1h"),
     "'pan-2018-4' is an enzyme, not a cell; `pumpleak pump A B` shows enzymes side by side"),
    (("pump-block", "pump-block", "--until", "1h"),
     "--until '1h': neither pump-block nor pump-block is a cell; studies and finished runs say so themselves"),
    (("generic-cell", "kay-2017", "--until", "1h", "--study", "pump-block"),
     "--until '1h' and --study 'pump-block' both say what to run; leave one out"),
    (("generic-cell", "kay-2017", "--until", "1"), "--until: '1' has no unit; expected a time, for example '1 ms'"),
    (("generic-cell", "kay-2017", "--until", "1h", "--set-b", "outside.K"),
     "--set-b 'outside.K': expected name=value, for example --set-b outside.K=\"8 mM\""),
    (("generic-cell", "kay-2017", "--study", "pump-bloc"), "unknown study 'pump-bloc'; did you mean 'pump-block'?"),
])
def test_bad_input_is_said(call: Call, arguments: tuple[str, ...], message: str) -> None:
    done = call("compare", *arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"pumpleak: {message}\n")


def test_options_for_finished_runs_are_refused(call: Call, tmp_path: Path) -> None:
    write_result(Folder(tmp_path), fired())
    done = call("compare", tmp_path, tmp_path, "--set", "outside.K=3 mM")
    assert (done.exit_code, "are finished runs, whose numbers are what they are" in done.stderr) == (2, True)
    done = call("compare", "kay-2017", tmp_path, "--until", "1s", "--set-b", "outside.K=3 mM")
    assert (done.exit_code, "is a finished run, whose numbers are what they are" in done.stderr) == (2, True)


def test_a_run_says_how_many_spikes_there_were(call: Call, tmp_path: Path) -> None:
    done = call("run", "hodgkin-huxley-spike", "--no-figure", "-q", "--out", tmp_path)
    assert "spikes: 1 spike above -20 mV, the first at 1.351 ms, 0.3503 ms into step 3" in done.stdout
    assert "spikes:" not in call("run", "pump-block", "--no-figure", "-q", "--out", tmp_path).stdout


def test_a_run_that_fails_is_compared_as_far_as_it_came(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(experiment: Experiment, progress: object = None) -> None:
        partial = run(experiment)
        raise SolveError("it stopped at 3 s", partial=partial)

    monkeypatch.setattr("pumpleak.lab.run.run", fails)
    done = call("compare", "generic-cell", "kay-2017", "--until", "5s", "--no-figure", "--out", tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith(f"what was computed is in {tmp_path}\npumpleak: it stopped at 3 s\n")
    assert (tmp_path / "compare.csv").is_file()
