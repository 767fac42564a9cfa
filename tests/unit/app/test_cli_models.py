"""pumpleak rest and pumpleak run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result

from pumpleak.app import cli_models
from pumpleak.app.cli_models import worth_saying
from pumpleak.app.console import Console
from pumpleak.base.errors import LedgerError
from pumpleak.formats.document import read_file
from pumpleak.formats.header import FORMAT
from pumpleak.formats.tables import read_table
from pumpleak.lab import run as lab_run

Call = Callable[..., Result]
CELL = ("run", "generic-cell", "--until", "2min", "--no-figure")


def test_rest_says_what_it_is(call: Call) -> None:
    done = call("rest", "kay-2017")
    assert done.exit_code == 0
    assert done.stdout.startswith("kay-2017: stable")


def test_rest_json_has_the_promised_shape(call: Call) -> None:
    plain = json.loads(call("rest", "kay-2017", "--json").stdout)
    assert {"schema", "model", "kind", "residual", "state", "eigenvalues"} <= set(plain)
    assert (plain["model"], plain["kind"]) == ("kay-2017", "stable")
    assert plain["state"]["membrane.V"]["unit"] == "mV"
    # the closed form of Kay (2017) gives -94.13 mV
    assert plain["state"]["membrane.V"]["value"] == pytest.approx(-94.13, abs=0.005)
    assert all(set(each) == {"re", "im"} for each in plain["eigenvalues"])


def test_no_rest_is_an_answer(call: Call) -> None:
    done = call("rest", "kay-2017", "--set", "pump.activity=0", "--json")
    assert (done.exit_code, json.loads(done.stdout)["kind"]) == (0, "none")


def test_run_writes_table_summary_and_study(call: Call, tmp_path: Path) -> None:
    done = call(*CELL, "--out", tmp_path, "--seed", "7")
    assert done.exit_code == 0
    assert "ledger: closes (charge" in done.stdout
    assert {each.name for each in tmp_path.iterdir()} == {"result.csv", "summary.json", "study.yaml"}
    assert (tmp_path / "result.csv").read_text(encoding="utf-8").startswith("time [s],")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (summary["schema"], summary["model"], summary["seed"], summary["ledger_ok"]) == (1, "generic-cell", 7, True)
    table = read_table(tmp_path / "result.csv")
    assert table["time"].to("s")[-1] == 120.0  # type: ignore[index]


def test_the_study_beside_a_result_runs_the_same_again(call: Call, tmp_path: Path) -> None:
    first = (*CELL, "--set", "outside.K=8 mM", "--record", "membrane.V", "--record", "inside.Na", "--out", tmp_path / "a")
    assert call(*first).exit_code == 0
    written = read_file(tmp_path / "a" / "study.yaml").plain
    assert isinstance(written, dict)
    assert (written["pumpleak"], written["set"]) == (FORMAT, {"outside.K": "8 mM"})
    again = call("run", tmp_path / "a" / "study.yaml", "--no-figure", "--out", tmp_path / "b")
    assert again.exit_code == 0
    assert (tmp_path / "b" / "result.csv").read_bytes() == (tmp_path / "a" / "result.csv").read_bytes()


def test_a_study_of_a_file_beside_it_keeps_its_model(call: Call, tmp_path: Path) -> None:
    catalog = Path(cli_models.__file__).parents[1] / "catalog"
    (tmp_path / "mine.yaml").write_bytes((catalog / "cells" / "kay-2017.yaml").read_bytes())
    text = "pumpleak: 1\nstudy: do\nmodel: ./mine.yaml\nprotocol: [{hold: 1 min}]\n"
    (tmp_path / "do.yaml").write_text(text, encoding="utf-8")
    assert call("run", tmp_path / "do.yaml", "--no-figure", "--out", tmp_path / "deep" / "a").exit_code == 0
    again = call("run", tmp_path / "deep" / "a" / "study.yaml", "--no-figure", "--out", tmp_path / "b")
    assert (again.exit_code, again.stderr) == (0, "")


def test_figures_are_drawn_by_default(call: Call, tmp_path: Path) -> None:
    assert call("run", "generic-cell", "--until", "1min", "--csv", "--out", tmp_path).exit_code == 0
    assert (tmp_path / "result.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "result.svg").read_bytes()


def test_a_study_of_the_catalogue_runs(call: Call, tmp_path: Path) -> None:
    done = call("run", "sudden-block", "--no-figure", "--json", "--out", tmp_path)
    assert json.loads(done.stdout)["status"] == "complete"


def test_an_interrupted_run_writes_what_it_has(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def impatient(self: Console, what: str) -> Iterator[Callable[[float], None]]:
        def stop(done: float) -> None:
            if done > 0.1:
                raise KeyboardInterrupt

        yield stop

    monkeypatch.setattr(Console, "progress", impatient)
    monkeypatch.setattr(lab_run, "FIRST_BUDGET", 20)
    monkeypatch.setattr(lab_run, "MOST_BUDGET", 20)
    done = call("run", "pump-block", "--no-figure", "--out", tmp_path)
    assert done.exit_code == 1
    assert "interrupted" in done.stderr
    assert f"what was computed is in {tmp_path}" in done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "interrupted"
    assert 0.0 < summary["time"]["value"] < 8.0 * 3.6e6


def test_a_breach_of_the_ledger_writes_the_result_and_exits_with_3(call: Call, tmp_path: Path,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(result: object, conservation: str) -> None:
        raise LedgerError("generic-cell: its books do not balance: charge", result=result)

    monkeypatch.setattr(lab_run, "check_ledger", refuse)
    done = call(*CELL, "--out", tmp_path)
    assert done.exit_code == 3
    assert "pumpleak: generic-cell: its books do not balance: charge" in done.stderr
    assert (tmp_path / "result.csv").exists()


def test_a_disk_that_fills_up_is_said_and_nothing_half_written_stays(call: Call, tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = call(*CELL, "--out", tmp_path)
    assert done.exit_code == 2
    assert done.stderr.endswith(f"{tmp_path / 'summary.json'}: cannot be written: No space left on device; "
                                "name another folder with --out\n")
    assert list(tmp_path.iterdir()) == []


def test_the_model_s_own_notes_are_printed_on_demand(call: Call, tmp_path: Path) -> None:
    for arguments in (("rest", "kay-2017"), ("run", "kay-2017", "--until", "1min", "--no-figure", "--out", tmp_path)):
        short, long = call(*arguments).stdout, call(*arguments, "-v").stdout
        assert "pump: a phenomenological rate law" in short
        assert "The pump turns at a constant rate" not in short
        assert "-v shows 2 more about the model" in short
        assert "pump: a phenomenological rate law" in long
        assert "The pump turns at a constant rate" in long
        assert "-v shows" not in long
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["notes"]) == 3


def test_what_follows_from_the_numbers_is_said_without_asking(call: Call, tmp_path: Path) -> None:
    """A bath that carries charge, an ion that closes it: remarks, not notes of the model."""
    changed = ("--set", "outside.K=8 mM")
    rest = call("rest", "generic-cell", *changed)
    run = call("run", "generic-cell", *changed, "--until", "1min", "--no-figure", "--out", tmp_path)
    for done in (rest, run):
        assert done.stdout.count("The bath 'outside' as given carries +4 mM of net charge") == 1
        assert "permeabilities are ours" not in done.stdout


def test_quiet_leaves_the_answer_alone(call: Call, tmp_path: Path) -> None:
    rest = call("rest", "kay-2017", "--set", "outside.K=8 mM", "-q")
    run = call("run", "kay-2017", "--until", "1min", "--no-figure", "--out", tmp_path, "-q")
    for done in (rest, run):
        assert done.stderr == ""
        assert not any(word in done.stdout for word in ("note", "phenomenological", "net charge", "-v shows"))


def test_a_finding_is_named_where_the_ledger_closes(call: Call, tmp_path: Path) -> None:
    """The published cubic pump, on again after an hour, drives V beyond what ATP can pay."""
    text = ("pumpleak: 1\nstudy: again\nmodel: duesterwald-2018\nprotocol:\n  - hold: 1 h\n    with: {pump.activity: 0}\n"
            "  - hold: 1 h\n")
    (tmp_path / "again.yaml").write_text(text, encoding="utf-8")
    done = call("run", tmp_path / "again.yaml", "--no-figure", "--out", tmp_path / "out")
    assert done.exit_code == 0
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("ledger:"))
    assert line.startswith("ledger: closes, but for a finding: pump gained free energy (least dissipation -")
    assert "fJ/ms)" in line


def test_a_start_value_that_does_not_last_is_said(call: Call, tmp_path: Path) -> None:
    changed = ("neuron", "--set", "outside.K=8 mM")
    rest, branch = call("rest", *changed), call("rest", *changed, "--along", "pump.activity=1:0.9")
    run = call("run", *changed, "--until", "1s", "--no-figure", "--out", tmp_path)
    for done in (rest, branch, run):
        assert done.stdout.count("outside.K is a start value of the finite space; ") == 1
    remarks = json.loads(call("rest", *changed, "--json").stdout)["remarks"]
    assert any(each.startswith("outside.K is a start value") for each in remarks)
    assert "is a start value" not in call("rest", "neuron", "--set", "bath.K=8 mM").stdout


def test_rows_of_a_cell_can_be_closer(call: Call, tmp_path: Path) -> None:
    spiking = ("run", "neuron", "--until", "100ms", "--set", "stimulus.injected=20 pA", "--no-figure", "--out", tmp_path)
    coarse = call(*spiking, "--every", "10 ms").stdout
    assert coarse.count("; on the command line --every TIME") == 1
    assert "spikes: " in call(*spiking, "--every", "0.05ms").stdout
    table = read_table(tmp_path / "result.csv")
    assert len(table["time"].to("s")) == 2001  # type: ignore[index, arg-type]
    assert "every: 0.05 ms" in (tmp_path / "study.yaml").read_text(encoding="utf-8")


def test_what_a_figure_shows_can_be_chosen(call: Call, tmp_path: Path) -> None:
    done = call(*CELL[:-1], "--plot", "inside.Na, membrane.V", "--from", "10s", "--to", "1min", "--out", tmp_path)
    assert done.exit_code == 0
    assert "inside.Na" in (tmp_path / "result.svg").read_text(encoding="utf-8")


def test_the_remark_on_a_reduced_pump_is_one_line_without_v(call: Call, tmp_path: Path) -> None:
    arguments = ("run", "neuron", "--until", "1s", "--no-figure", "--out", tmp_path)
    short, long = call(*arguments).stdout, call(*arguments, "-v").stdout
    (line,) = (line for line in short.splitlines() if "fast steps" in line)
    assert line.endswith("of 23 states and changes steady fluxes by at most 0.29 %.")
    assert "sampled conditions (inside.Na 2 to 60 mM" in long


def test_how_a_run_went_is_always_said() -> None:
    notes = ("a fact", "pump: a phenomenological rate law", "at 3 s it was put on an unstable rest")
    assert worth_saying(notes, 0, notes[2:]) == (notes[1], notes[2], "-v shows 1 more about the model")
    assert worth_saying(notes, 1, notes[2:]) == notes
    assert worth_saying((), 0) == ()


def test_rest_tells_the_strengths_found_and_keeps_the_reduction_for_v(call: Call) -> None:
    short, long = call("rest", "neuron").stdout, call("rest", "neuron", "-v").stdout
    assert "balanced by leak_Na.permeability" in short
    assert "fast steps" not in short
    assert "balanced by leak_Na.permeability" in long
    assert "fast steps" in long
