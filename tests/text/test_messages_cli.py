"""What the command line says to bad input, word for word: one message on stderr, no traceback, the right exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pumpleak.app.commands import commands

OUT = ("--out", "OUT")


def said(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(commands, list(arguments), prog_name="pumpleak")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.stdout == ""
    return done.exit_code, done.stderr


@pytest.mark.parametrize(("arguments", "message"), [
    (("rest", "kay-2071"), "unknown cell 'kay-2071'; did you mean 'kay-2017'?"),
    (("rest", "pan-2018-4"), "'pan-2018-4' is an enzyme scheme, not a cell; `pumpleak rest` needs a cell around it, "
                             "`pumpleak pump pan-2018-4` shows the scheme alone"),
    (("rest", "nowhere.yaml"), "nowhere.yaml: cannot be read: No such file or directory"),
    (("rest", "generic-cell", "--set", "outside.K=5 mV"), "outside.K: '5 mV' is a voltage [mV]; expected a concentration [mM]"),
    (("rest", "generic-cell", "--set", "outside.K=5"),
     "outside.K: '5' has no unit; expected a concentration, for example '5 mM'"),
    (("rest", "generic-cell", "--set", "outside.K"), "--set 'outside.K': expected name=value, for example --set "
                                                     'outside.K="8 mM"'),
    (("rest", "generic-cell", "--set", "outside.K="), "--set 'outside.K=': expected name=value, for example --set "
                                                      'outside.K="8 mM"'),
    (("rest", "generic-cell", "--set", "outside.Kk=5 mM"),
     "generic-cell has no parameter 'outside.Kk'; did you mean 'outside.K', 'outside.S' or 'outside.A'?"),
    (("rest", "generic-cell", "--set", "outside.K=nan mM"),
     "outside.K: 'nan mM' does not begin with a number; write a number and a unit, for example '5 mM'"),
    (("rest", "generic-cell", "--set", "outside.K=1 mM", "--set", "outside.K=2 mM"),
     "--set 'outside.K=2 mM': outside.K was already set to '1 mM'; give it once"),
    (("rest", "pump-block"), "'pump-block' is a study, not a cell; `pumpleak run pump-block --out DIR` runs it"),
    (("run", "generic-cel", *OUT), "unknown cell or study 'generic-cel'; did you mean 'generic-cell'?"),
    (("run", "generic-cell", *OUT),
     "generic-cell is a cell, which does not say how long to run; give for example --until 10min"),
    (("run", "generic-cell", "--until", "10", *OUT), "--until: '10' has no unit; expected a time, for example '10 ms'"),
    (("run", "generic-cell", "--until", "10 mM", *OUT), "--until: '10 mM' is a concentration [mM]; expected a time [ms]"),
    (("run", "generic-cell", "--until", "0 s", *OUT), "--until '0 s' is not positive; give a time such as 10min"),
    (("run", "generic-cell", "--until", "1s", "--every=-1ms", *OUT),
     "--every '-1ms' is not positive; give a time such as 10min"),
    (("run", "pump-block", "--every", "1s", *OUT),
     "--every '1s': pump-block is a study, which says so itself; leave it out, or change its `every:`"),
    (("compare", "pump-block", "pump-block", "--every", "1s"),
     "--every '1s': studies and finished runs say so themselves; with cells give --until too"),
    (("compare", "generic-cell", "kay-2017", "--until", "0 s"), "--until '0 s' is not positive; give a time such as 10min"),
    (("run", "generic-cell", "--until", "1s", "--plot", "membrane.v", *OUT),
     "--plot: generic-cell has no quantity 'membrane.v'; did you mean 'membrane.V', 'membrane.area' or 'membrane.charge'?"),
    (("run", "generic-cell", "--until", "1s", "--from", "2s", *OUT),
     "--from '2s' is not within the run, which goes from 0 to 1 s"),
    (("run", "generic-cell", "--until", "9s", "--from", "2s", "--to", "1s", *OUT),
     "--to '1s' is not after 2 s, where the figure begins"),
    (("run", "generic-cell", "--until", "1s", "--to", "1s", "--no-figure", *OUT),
     "--to '1s': --no-figure asks for none; leave one of them out"),
    (("rest", "generic-cell", "--set", "temperature=25"),
     "temperature: '25' has no unit; expected a temperature, for example '25 degC'"),
    (("rest", "generic-cell", "--set", "temperature=298"),
     "temperature: '298' has no unit; expected a temperature, for example '298 K'"),
    (("rest", "neuron", "--set", "pump.activity=-1"), "pump.activity is -1; it must be zero or positive and finite"),
    (("run", "pump-block", "--until", "1h", *OUT),
     "--until '1h': pump-block is a study, whose protocol says how long it lasts; leave it out"),
    (("run", "generic-cell", "--until", "1s", "--record", "inside.Nä", *OUT),
     "experiment: record: generic-cell has no quantity 'inside.Nä'; did you mean 'inside.Na', 'inside.X' or 'inside.K'?"),
    (("pump", "pan-2018-5"),
     "unknown model 'pan-2018-5'; did you mean 'pan-2018-15' or 'pan-2018-4'? (`pumpleak list` shows all pumps)"),
    (("pump", "generic-cell"), "'generic-cell' is a cell, not a pump; use `pumpleak rest` or `pumpleak run` for it"),
    (("pump", "pan-2018-4", "--V", "0:1"), "--V '0:1': 2 parts; expected start:stop:count in mV, for example --V -120:60:19"),
    (("pump", "pan-2018-4", "--V", "0:x:3"),
     "--V '0:x:3': not all of its parts are numbers; expected start:stop:count in mV, for example --V -120:60:19"),
    (("pump", "pan-2018-4", "--V", "0:nan:3"),
     "--V '0:nan:3': its ends must be finite; expected start:stop:count in mV, for example --V -120:60:19"),
    (("pump", "pan-2018-4", "--V", "0:10:0"), "--V '0:10:0': 0 points; the count is a whole number from 1 to 100000"),
    (("pump", "pan-2018-4", "--V", "0:1:2", "--set", "membrane.V=3 mV"),
     "--set membrane.V='3 mV' and --V '0:1:2' both give the voltage; leave one out"),
    (("pump", "pan-2018-4", "--set", "inside.Na=-3 mM"),
     "pan-2018-4: inside.Na is -3; a concentration must be finite and not negative"),
    (("pump", "pan-2018-4", "--set", "inside.Rb=3 mM"),
     "pan-2018-4: no condition is called 'inside.Rb' (--set inside.Rb); did you mean 'inside.K', 'inside.H' or 'inside.Pi'?"),
    (("pump", "pan-2018-4", "--set", "pump.activity=0"),
     "pan-2018-4: no condition is called 'pump.activity' (--set pump.activity); known: inside.ADP, inside.ATP, inside.H, "
     "inside.K, inside.Na, inside.Pi, outside.K, outside.Na, membrane.V, temperature"),
    (("pump", "nowhere"), "unknown model 'nowhere' (`pumpleak list` shows all pumps)"),
    (("pump", "luo-rudy-1994", "pan-2018-4", "--temperature", "25"),
     "--temperature: luo-rudy-1994 knows no temperature, only pan-2018-4 does; leave --temperature out, or show them apart"),
    (("pump", "pan-2018-4", "--temperature", "310"),
     "--temperature '310': no pump works at 310 degC, only from -10 to 70; the option is in degC, and 310 K are 36.85 degC"),
    (("pump", "pan-2018-4", "--temperature", "-300"),
     "--temperature '-300': no pump works at -300 degC, only from -10 to 70; the option is in degC"),
    (("pump", "pan-2018-4", "--temperature", "20:310:3"),
     "--temperature '20:310:3': no pump works at 165 degC, only from -10 to 70; the option is in degC"),
    (("pump", "pan-2018-4", "--temperature", "20:30:3:log"),
     "--temperature '20:30:3:log': temperatures are spaced evenly; leave ':log' out"),
    (("pump", "pan-2018-4", "--set", "temperature=20:30:3"),
     "--set temperature='20:30:3': a range or a list of temperatures needs a unit; write '20:30:3 degC' or '20:30:3 K', or "
     "--temperature 20:30:3 for degC"),
    (("pump", "pan-2018-4", "--set", "temperature=20,30 K"),
     "--set temperature='20,30 K': no pump works at -253.15 degC, only from -10 to 70; check its numbers and unit"),
    (("pump", "pan-2018-4", "--set", "temperature=20:300:3 degC"),
     "--set temperature '20:300:3': no pump works at 160 degC, only from -10 to 70; the option is in degC"),
    (("pump", "pan-2018-4", "--pH", "7.2,7.4"),
     "--pH '7.2,7.4': not a number; expected one pH, for example --pH 7.1; several are given as protons, --set "
     "inside.H=3.98e-5,6.31e-5 in mM"),
    (("pump", "pan-2018-4", "--total", "Mg=8 mM"),
     "--total Mg: 8 mM of Mg alone change nothing, as no total is given that it binds to; give that too, for example --total "
     'ATP="8 mM"'),
    (("pump", "pan-2018-4", "--total", "ATP=8 mM"),
     "--total ATP: how much of it binds Mg follows from the total of Mg, which is not given; give for example --total "
     'Mg="8.8 mM" too'),
    (("pump", "pan-2018-4", "--total", "AMP=8 mM"), "unknown total 'AMP'; did you mean 'ATP' or 'ADP'?"),
    (("pump", "pan-2018-15", "--jump", "membrane.V=0 mV"),
     "--jump membrane.V='0 mV': it starts at membrane.V 0 mV, so nothing jumps; give another value"),
    (("pump", "pan-2018-15", "--jump", "membrane.V=0 mV", "--V", "-80:0:5"),
     "--jump starts from one set of conditions, but membrane.V is swept; give it one value with --set, or leave --jump out"),
    (("pump", "pan-2018-15", "--charge", "-80:0:5", "--V", "-80:0:5"),
     "--charge '-80:0:5': it jumps from one holding voltage, but membrane.V is swept; leave --V out, or give --set "
     "membrane.V='-40 mV'"),
    (("pump", "pan-2018-4", "--set", "inside.Na=1e308 mM"),
     "--set inside.Na='1e308 mM': more than 1e+06 mM; check its number and unit"),
    (("pump", "pan-2018-4", "--set", "membrane.V=80000 V"),
     "--set membrane.V='80000 V': more than 10000 mV; check its number and unit"),
    (("pump", "pan-2018-4", "--V", "-1e9:0:3"), "--V '-1e+09:0:3': more than 10000 mV; the range is in mV"),
    (("pump", "pan-2018-4", "--csv", "none/x.csv"),
     "--csv 'none/x.csv': there is no folder 'none'; make it first, or name another"),
    (("pump", "pan-2018-4", "--set", "inside.Na=2:60"),
     "--set inside.Na '2:60': 2 parts; expected start:stop:count in mM, for example --set inside.Na=2:60:30"),
    (("pump", "pan-2018-4", "--set", "inside.Na=0:60:30:log"),
     "--set inside.Na '0:60:30:log': a range by logarithm runs between positive numbers, not from 0 to 60 mM"),
    (("pump", "pan-2018-4", "--set", "inside.Na=2:60:30 mV"),
     "inside.Na: '1 mV' is a voltage [mV]; expected a concentration [mM]"),
    (("pump", "pan-2018-4", "--set", "inside.Na=1,x"),
     "--set inside.Na '1,x': not all of its parts are numbers; expected for example --set inside.Na=1.5,50,150 in mM"),
    (("pump", "pan-2018-4", "--set", "k3=1:2:3"),
     "--set k3='1:2:3': k3 is a constant of pan-2018-4, which takes one value; ranges and lists are for concentrations, "
     "membrane.V and temperature"),
    (("pump", "pan-2018-4", "--set", "Na=1 mM"),
     "--set Na='1 mM': pan-2018-4 has no condition and no constant 'Na'; did you mean 'inside.Na' or 'outside.Na'?"),
    (("pump", "pan-2018-4", "--V", "0:1:1000", "--set", "inside.Na=2:60:30", "--set", "outside.K=1:5:5"),
     "the ranges make 1000 (membrane.V) x 30 (inside.Na) x 5 (outside.K) = 150000 points, more than 100000; give fewer points "
     "or fewer ranges"),
    (("pump", "pan-2018-4", "--V", "0:1:2", "--set", "inside.Na=2:60:30"),
     "30 (inside.Na) make 30 curves over membrane.V, more than 24; give a list of fewer values"),
    (("pump", "pan-2018-4", "--temperature", "warm"),
     "--temperature 'warm': not a number; expected degC, for example --temperature 24"),
    (("pump", "pan-2018-4", "--temperature", "24", "--set", "temperature=300 K"),
     "--set temperature='300 K' and --temperature '24' both give the temperature; leave one out"),
    (("pump", "pan-2018-4", "--pH", "15"), "--pH 15: it must be from 0 to 14"),
    (("pump", "pan-2018-4", "--pH", "7", "--set", "inside.H=1 uM"),
     "--set inside.H='1 uM' and --pH 7 both give the protons inside; leave one out"),
    (("pump", "pan-2018-4", "--total", "ATP=-1 mM"), "--total ATP='-1 mM': a total lies between 0 and 1e+06 mM"),
    (("pump", "pan-2018-4", "--total", "ATP=8 mM", "--set", "inside.ATP=5 mM"),
     "--total ATP and --set inside.ATP both give inside.ATP; leave one out"),
    (("pump", "pan-2018-4", "pan-2018-4"), "the pump 'pan-2018-4' is given 2 times; give it once"),
    (("pump", "pan-2018-4", "pan-2018-15", "--occupancy"),
     "--occupancy shows one pump, but 2 are given (pan-2018-4, pan-2018-15); give one"),
    (("pump", "luo-rudy-1994", "--modes"),
     "--modes: luo-rudy-1994 is a rate law, a formula without states and cycles; leave --modes out, or take a scheme such as "
     "post-albers"),
    (("pump", "luo-rudy-1994", "--occupancy"),
     "--occupancy: luo-rudy-1994 is a rate law, a formula without states and cycles; leave --occupancy out, or take a scheme "
     "such as post-albers"),
    (("pump", "pan-2018-15", "--jump", "membrane.V=3 mM"),
     "--jump membrane.V: '3 mM' is a concentration [mM]; expected a voltage [mV]"),
    (("pump", "pan-2018-15", "--jump", "inside.Rb=3 mM"),
     "pan-2018-15: it knows no 'inside.Rb'; did you mean 'inside.K', 'inside.H' or 'inside.Pi'?"),
    (("pump", "pan-2018-15", "--charge", "0:1"),
     "--charge '0:1': 2 parts; expected start:stop:count in mV, for example --charge -120:60:19"),
    (("pump", "pan-2018-4", "--data", "hansen"), "unknown measured table 'hansen'; did you mean 'hansen-sodium'?"),
    (("pump", "pan-2018-4", "--data", "mine.csv"), "mine.csv: cannot be read: No such file or directory"),
    (("pump", "pan-2018-4", "--data", "hansen-sodium", "--V", "0:1:2"),
     "--data hansen-sodium: its points stand along inside.Na, but membrane.V is swept; sweep inside.Na, or leave the sweep "
     "out"),
    (("pump", "pan-2018-4", "--data", "hansen-sodium", "--set", "inside.Na=5 mM"),
     "--data hansen-sodium: its points stand along inside.Na, which is set to 5 mM; leave that out"),
    (("pump", "pan-2018-4", "--data", "slow-charge-sodium"),
     "--data slow-charge-sodium: its points are 'slow charge', which no turnover can be compared with; give --charge "
     "-160:120:29 too"),
    (("pump", "pan-2018-4", "--conditions", "phys"), "unknown condition 'phys'; known: physiological, nakao-gadsby-1989"),
])
def test_bad_input(arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert said(*arguments) == (2, f"pumpleak: {message}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "message"), [
    (("run", "generic-cell", "--until", "1s"), "Error: Missing option '--out'."),
    (("frobnicate",), "Error: No such command 'frobnicate'."),
    (("rest", "generic-cell", "--sett", "a=b"), "Error: No such option '--sett'."),
])
def test_a_wrong_command_line(arguments: tuple[str, ...], message: str) -> None:
    code, text = said(*arguments)
    assert code == 2
    assert message.removesuffix(".") in text


def test_a_study_with_a_key_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("pumpleak: 1\nstudy: mine\nmodel: generic-cell\nprotocl:\n  - hold: 1 min\n", encoding="utf-8")
    assert said("run", str(file), "--out", str(tmp_path / "out")) == (
        2, f"pumpleak: {file}:4:1: unknown key 'protocl'; did you mean 'protocol' or 'rtol'?\n")


def test_an_out_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "taken"
    file.write_text("", encoding="utf-8")
    assert said("run", "generic-cell", "--until", "1s", "--out", str(file)) == (
        2, f"pumpleak: {file}: cannot be written: File exists; name another folder with --out\n")


def test_a_pump_writes_nothing_if_its_folder_is_a_file(tmp_path: Path) -> None:
    file, table = tmp_path / "taken", tmp_path / "pump.csv"
    file.write_text("", encoding="utf-8")
    assert said("pump", "pan-2018-4", "--out", str(file), "--csv", str(table)) == (
        2, f"pumpleak: {file}: cannot be written: File exists; name another folder with --out\n")
    assert not table.exists()


def test_an_out_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert said("run", "generic-cell", "--until", "1s", "--out", str(tmp_path / "out")) == (
        2, f"pumpleak: {tmp_path / 'out'}: cannot be written: Permission denied; name another folder with --out\n")


def test_a_csv_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    file = tmp_path / "taken" / "pump.csv"
    assert said("pump", "pan-2018-4", "--V", "0:1:2", "--csv", str(file)) == (
        2, f"pumpleak: --csv '{file}': there is no folder '{file.parent}'; make it first, or name another\n")
    (tmp_path / "pump.csv").mkdir()
    code, text = said("pump", "pan-2018-4", "--V", "0:1:2", "--csv", str(tmp_path / "pump.csv"))
    assert (code, "is a directory" in text) == (2, True)
