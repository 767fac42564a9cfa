"""The folder of a result: whole files only, nothing outside it."""

import errno
import json
import math
from pathlib import Path, PureWindowsPath

import pytest

from pumpleak.base.errors import FormatError
from pumpleak.formats import outputs
from pumpleak.formats.catalog import load, study
from pumpleak.formats.outputs import Folder, write_result
from pumpleak.formats.tables import read_table
from pumpleak.lab.run import run


def test_files_are_made_with_their_folders(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "a" / "b")
    path = folder.text("figures/note.txt", "µ\n")
    assert path == tmp_path / "a" / "b" / "figures" / "note.txt"
    assert path.read_text(encoding="utf-8") == "µ\n"
    assert [each.name for each in path.parent.iterdir()] == ["note.txt"]


def test_a_new_file_replaces_the_old_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    folder.text("a.txt", "old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FormatError):
        folder.text("a.txt", "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("a.txt", "old")]


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.text("a.txt", "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../a.txt", "/tmp/a.txt", "a/../../b", ""])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match="is not a file in this folder"):
        Folder(tmp_path / "out").text(name, "x")


@pytest.mark.parametrize("name", ["C:a.txt", "C:/a.txt", "/a.txt", "\\\\host\\share\\a.txt", "..\\a.txt"])
def test_no_drive_of_windows_leads_outside(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    monkeypatch.setattr(outputs, "Path", PureWindowsPath)
    with pytest.raises(FormatError, match="is not a file in this folder"):
        folder.text(name, "x")


def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in ("file", "file/out", "nul\0byte", "x" * 5000):
        with pytest.raises(FormatError, match="cannot be written"):
            Folder(tmp_path / name)


def test_json_holds_what_json_can(tmp_path: Path) -> None:
    path = Folder(tmp_path).json("a.json", {"a": math.nan, "b": [1.0, math.inf], "c": {"d": "µ"}, "e": (1, None)})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": None, "b": [1.0, None], "c": {"d": "µ"}, "e": [1, None]}


def test_a_result_is_written_with_the_study_that_runs_it_again(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "pumpleak: 1\nstudy: s\nmodel: kay-2017\nset: {outside.K: 4 mM}\nprotocol: [{hold: 1 min}]\n"
        "record: [membrane.V, inside.Na]\nsamples: 5\n",
        encoding="utf-8",
    )
    read = study(path, {"outside.Cl": "149 mM"})
    result = run(read.experiment)
    written = write_result(Folder(tmp_path / "out"), result, read.resolved)
    assert [each.name for each in written] == ["summary.json", "study.yaml", "result.csv"]
    table = read_table(tmp_path / "out" / "result.csv")
    assert list(table.columns) == ["time", "membrane.V", "inside.Na"]
    assert (tmp_path / "out" / "result.csv").read_text(encoding="utf-8").startswith("time [s],membrane.V [mV],inside.Na [mM]\n")
    assert table["time"].to("s")[-1] == 60.0  # type: ignore[index]
    assert table["membrane.V"].to("mV")[-1] == result.column("membrane.V")[-1]  # type: ignore[index]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["model"] == "kay-2017"
    again = load(tmp_path / "out" / "study.yaml")
    assert again == read.experiment


def test_turnover_is_written_per_second(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "pumpleak: 1\nstudy: s\nmodel: generic-cell\nprotocol: [{hold: 1 s}]\nrecord: [pump.turnover]\nsamples: 2\n",
        encoding="utf-8",
    )
    result = run(study(path).experiment)
    write_result(Folder(tmp_path / "out"), result)
    table = read_table(tmp_path / "out" / "result.csv")
    assert table["pump.turnover"].unit.name == "1/s"
    assert table["pump.turnover"].to("1/ms")[0] == pytest.approx(result.column("pump.turnover")[0], rel=1e-15)  # type: ignore[index]
