"""What all commands share."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from pumpleak.app import console as module
from pumpleak.app.commands import commands
from pumpleak.app.console import BAD_INPUT, BREACH, FAILED, Console, answers, exit_code, pairs
from pumpleak.base.errors import FormatError, LedgerError, ModelError, NameUnknown, PumpleakError, SolveError, UnitError
from pumpleak.formats.catalog import find


@pytest.mark.parametrize(("error", "code"), [
    (SolveError("x"), FAILED), (LedgerError("x"), BREACH), (FormatError("x"), BAD_INPUT), (UnitError("x"), BAD_INPUT),
    (NameUnknown("x"), BAD_INPUT), (ModelError("x"), BAD_INPUT), (PumpleakError("x"), BAD_INPUT)])
def test_every_error_has_its_exit_code(error: PumpleakError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(error) == code
    with pytest.raises(SystemExit) as end, answers():
        raise error
    assert end.value.code == code
    assert capsys.readouterr().err == "pumpleak: x\n"


def test_an_interruption_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, answers():
        raise KeyboardInterrupt
    assert (end.value.code, capsys.readouterr().err) == (FAILED, "pumpleak: interrupted\n")


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), answers():
        raise ZeroDivisionError


def test_settings_are_read() -> None:
    assert pairs(("outside.K=8 mM", " pump.activity = 0 ", "a==b")) == {
        "outside.K": "8 mM", "pump.activity": "0", "a": "=b"}


@pytest.mark.parametrize("given", [("outside.K",), ("=8 mM",), ("outside.K=",), ("a=1", "a=2")])
def test_settings_that_are_none_are_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(FormatError, match="--set"):
        pairs(given)


def test_progress_is_plain_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str],
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock) * 10.0)
    with Console(live=False).progress("running") as progress:
        for step in range(101):
            progress(step / 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "running: 10%"
    assert len(lines) == 10


def test_progress_is_a_bar_on_a_terminal_and_goes_away(capsys: pytest.CaptureFixture[str],
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock) * 10.0)
    with Console(live=True).progress("running") as progress:
        progress(0.5)
    shown = capsys.readouterr().err
    assert "[###############...............]  50%" in shown
    assert shown.endswith("\r")


def test_what_json_cannot_hold_becomes_null(capsys: pytest.CaptureFixture[str]) -> None:
    Console(json=True).result("text", {"a": [1.0, float("nan")], "b": {"c": float("inf")}})
    assert json.loads(capsys.readouterr().out) == {"a": [1.0, None], "b": {"c": None}}


def test_the_log_is_heard_while_a_command_runs_and_no_longer(capsys: pytest.CaptureFixture[str]) -> None:
    @module.options
    def command(console: Console) -> None:
        logging.getLogger("pumpleak.lab").info("heard")

    command(as_json=False, quiet=False, verbose=1, seed=None)
    command(as_json=False, quiet=False, verbose=0, seed=None)
    logging.getLogger("pumpleak.lab").info("not heard")
    assert capsys.readouterr().err == "pumpleak.lab: heard\n"


def test_quiet_means_no_progress_and_no_remarks(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True, live=True)
    with console.progress("running") as progress:
        progress(0.5)
    console.say("a remark")
    assert capsys.readouterr().err == ""


def test_no_letter_stops_a_command(tmp_path: Path) -> None:
    """A terminal of Windows or of a build server may know few letters."""
    scheme = find("pan-2018-4").read_text(encoding="utf-8")
    title = next(line for line in scheme.splitlines() if line.startswith("title:"))
    file = tmp_path / "own.yaml"
    file.write_text(scheme.replace(title, "title: Pump \u2212 \u00b5 \u96fb"), encoding="utf-8")
    # where a stream says ascii, click takes it for a wrong setting and writes UTF-8
    for charset, shown in (("ascii", "Pump "), ("cp1252", "Pump ? \u00b5 ?"), ("utf-8", "Pump \u2212 \u00b5 \u96fb")):
        done = CliRunner(charset=charset).invoke(commands, ["pump", str(file), "--V", "0:0:1"])
        assert (done.exit_code, done.exception) == (0, None)
        assert shown in done.stdout


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    Console(json=True).result("text", {"title": "\u00b5 \u2212"})
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == {"title": "\u00b5 \u2212"}
