"""pumpleak fit."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from pumpleak.fitting.data import Array
from pumpleak.fitting.objective import Objective
from pumpleak.formats.catalog import load
from pumpleak.formats.fit_read import fits

Call = Callable[..., Result]
STUDY = """\
pumpleak: 1
fit: mine
model: chapman-1983
data:
  sodium: {table: mine.csv, error: 1 1/s, at: physiological}
  aside: {value: 20 1/s, at: physiological, weight: 0}
parameters:
  load: [1 1/(mM3 s), 1e5 1/(mM3 s)]
"""
TABLE = "inside.Na [mM],turnover [1/s]\n3,6\n6,22\n10,37\n20,60\n40,63\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path / "mine.yaml"


def test_a_fit_writes_all_of_its_files(call: Call, study: Path) -> None:
    out = study.parent / "out"
    done = call("fit", study, "--out", out, "--starts", "2", "--profile", "--seed", "5")
    assert done.exit_code == 0, done.stderr
    assert "start 2 of 2: cost " in done.stderr
    assert "profile 1 of 1: load, identified" in done.stderr
    assert "mine: 1 constants fitted to 5 points in 2 data sets, done" in done.stdout
    plain = json.loads((out / "fit.json").read_text(encoding="utf-8"))
    assert (plain["schema"], plain["status"], plain["seed"], plain["points"]) == (1, "done", 5, 5)
    assert plain["constants"]["load"]["low"] < plain["constants"]["load"]["value"] < plain["constants"]["load"]["high"]
    assert plain["constants"]["load"]["unit"] == "1/(mM3 s)"
    assert not plain["data"]["aside"]["fitted"]
    rows = list(csv.DictReader((out / "residuals.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["data"] for row in rows] == ["sodium"] * 5 + ["aside"]
    assert float(rows[0]["residual"]) == pytest.approx((float(rows[0]["model"]) - 6.0) / float(rows[0]["error"]))
    assert load(out / "fitted.yaml").name == "mine"
    assert call("pump", out / "fitted.yaml", "--conditions", "physiological").exit_code == 0
    assert {each.name for each in out.glob("*.png")} == {"data.png", "profiles.png"}


def test_json_says_what_the_file_says(call: Call, study: Path) -> None:
    out = study.parent / "out"
    done = call("fit", study, "--out", out, "--starts", "1", "--json", "--no-figure", "-q")
    assert json.loads(done.stdout) == json.loads((out / "fit.json").read_text(encoding="utf-8"))
    assert done.stderr == ""
    assert not list(out.glob("*.png"))


def test_ctrl_c_writes_the_best_so_far(call: Call, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = Objective.residuals, []

    def impatient(self: Objective, x: Array) -> Array:
        calls.append(1)
        if len(calls) == 30:
            raise KeyboardInterrupt
        return whole(self, x)

    monkeypatch.setattr(Objective, "residuals", impatient)
    out = study.parent / "out"
    done = call("fit", study, "--out", out)
    assert done.exit_code == 1
    assert f"the best so far is in {out}" in done.stderr
    assert "mine: the fit was interrupted at start" in done.stderr
    assert json.loads((out / "fit.json").read_text(encoding="utf-8"))["status"] == "interrupted"
    assert load(out / "fitted.yaml").name == "mine"


@pytest.mark.parametrize(("arguments", "message"), [
    (("nothing", "--out", "o"),
     f"pumpleak: unknown fit 'nothing'; the catalogue has {', '.join(fits())}; a file of yours ends in .yaml\n"),
    (("post-albers-23-start", "--out", "o", "--starts", "0"), "pumpleak: --starts 0: give 1 or more\n"),
    (("nowhere.yaml", "--out", "o"), "pumpleak: nowhere.yaml: cannot be read: No such file or directory\n"),
])
def test_what_cannot_be_fitted_is_bad_input(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                            arguments: tuple[str, ...], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("fit", *arguments)
    assert (done.exit_code, done.stderr) == (2, message)
    assert not (tmp_path / "o").exists()


def test_sampling_without_emcee_is_refused_before_the_work(call: Call, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = call("fit", study, "--out", study.parent / "out", "--sample")
    assert (done.exit_code, done.stderr) == (
        2, "pumpleak: --sample needs emcee, which is not installed; install it with: pip install 'pumpleak[fit]'\n")
