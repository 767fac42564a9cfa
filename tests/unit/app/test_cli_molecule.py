"""pumpleak molecule."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from pumpleak.app import cli_molecule
from pumpleak.app.molecule import molecule
from pumpleak.base.errors import ModelError, NameUnknown, SolveError
from pumpleak.enzyme.molecule import QUANTITIES
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

Call = Callable[..., Result]


def scheme(name: str = "pan-2018-4") -> Scheme:
    found = load(name)
    assert isinstance(found, Scheme)
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_answer_tells_what_was_found_and_what_is_exact(call: Call, tmp_path: Path) -> None:
    done = call("molecule", "pan-2018-4", "--V", "0", "--condition", "nakao-gadsby-1989", "--time", "5 s", "--pumps", "20",
                "--seed", "3", "--out", tmp_path, "--no-figure")
    assert done.exit_code == 0
    assert "20 pumps, 5 s each, seed 3: " in done.stdout
    assert "membrane.V 0 mV" in done.stdout
    assert "51.232" in done.stdout
    assert "exactly 19.519 ms" in done.stdout
    assert f"written to {tmp_path}" in done.stdout
    plain = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    found = molecule(scheme(), {"membrane.V": 0.0}, "nakao-gadsby-1989", time="5 s", pumps=20, seed=3)
    assert (plain["schema"], plain["scheme"], plain["seed"], plain["pumps"]) == (1, "pan-2018-4", 3, 20)
    assert plain["jumps"] == found.courses.events
    assert set(plain["turnover"]) == set(QUANTITIES)
    assert plain["turnover"]["ATP"]["mean"]["value"] == found.mean().value
    assert plain["turnover"]["ATP"]["fano"]["limit"] == pytest.approx(0.48099, abs=1e-5)
    assert plain["dwells"]["E1"]["exact"] == pytest.approx(0.010791, abs=1e-6)
    assert plain["waiting"]["count"] == len(found.waits())
    assert plain["events"] == {"rows": len(found.courses.at), "pumps": 20}


def test_the_table_of_events_can_be_animated(call: Call, tmp_path: Path) -> None:
    call("molecule", "pan-2018-4", "--time", "200 ms", "--pumps", "3", "--out", tmp_path, "--no-figure")
    pump, table = scheme(), rows(tmp_path / "events.csv")
    steps = {step.name: step for step in pump.steps}
    state: dict[str, str] = {}
    moved: dict[str, float] = {}
    for row in table:
        if row["transition"] == "beginning":
            assert (row["time [s]"], row["Na out [1]"]) == ("0", "0")
            moved[row["pump"]] = 0.0
        else:
            name, direction = row["transition"].rsplit(".", 1)
            ends = [steps[name].source, steps[name].target]
            assert [state[row["pump"]], row["state"]] == (ends if direction == "forward" else ends[::-1])
            sign = 1 if direction == "forward" else -1
            moved[row["pump"]] += sign * pump.changes[name].get("outside.Na", 0)
        state[row["pump"]] = row["state"]
        assert float(row["Na out [1]"]) == moved[row["pump"]]
    assert list(state) == ["1", "2", "3"]
    windows = rows(tmp_path / "windows.csv")
    assert len(windows) == 30
    assert sum(float(row["Na out [1]"]) for row in windows) == sum(moved.values())
    dwells = rows(tmp_path / "dwells.csv")
    assert [row["state"] for row in dwells] == list(pump.states)
    assert sum(int(row["visits"]) for row in dwells) == len(table) - 3


def test_windows_rows_and_constants_are_taken(call: Call) -> None:
    done = call("molecule", "pan-2018-4", "--time", "1 s", "--pumps", "2", "--window", "250 ms", "--rows", "50", "--set",
                "k2=1000 1/s", "--set", "inside.Na=20 mM", "--json")
    plain = json.loads(done.stdout)
    assert plain["window"]["value"] == 0.25
    assert plain["events"] == {"rows": 50, "pumps": 0}
    assert plain["conditions"]["inside.Na"] == {"value": 20.0, "unit": "mM"}
    assert plain["dwells"]["P~E1(Na3)"]["exact"] > 9e-4
    assert plain["waiting"]["mean"] is None


def test_a_reduced_scheme_says_so_and_the_text_what_was_not_kept(call: Call) -> None:
    done = call("molecule", "post-albers-23", "--reduced", "--V", "-80", "--time", "1 s", "--pumps", "3", "--rows", "20")
    assert "reduced: 13 fast steps of post-albers-23 are taken as at equilibrium" in done.stdout
    assert "the table of events holds 20 of " in done.stdout
    assert ("from one phosphate set free to the next, those taken up again included: no mean, as long ones would not have ended"
            in done.stdout)


def test_the_figure_is_drawn(call: Call, tmp_path: Path) -> None:
    for name, folder in (("pan-2018-4", "a"), ("chapman-1983", "b")):
        # without potassium no ATP is used, and there are no waits to draw
        more = ("--set", "outside.K=0 mM") if folder == "b" else ()
        done = call("molecule", name, *more, "--time", "1 s", "--pumps", "2", "--out", tmp_path / folder)
        assert done.exit_code == 0
        assert (tmp_path / folder / "molecule.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / folder / "molecule.svg").stat().st_size > 10_000


@pytest.mark.parametrize(("arguments", "message"), [
    (("nope",), "unknown model 'nope' (`pumpleak list` shows all pumps)"),
    (("neuron",), "'neuron' is a Cell, not a scheme of states and steps"),
    (("luo-rudy-1994",), "'luo-rudy-1994' is a RateLaw, not a scheme"),
    (("pan-2018-4", "--V", "high"), "'high' does not begin with a number"),
    (("pan-2018-4", "--V", "-80:0:3"), "--V '-80:0:3': a single pump meets one condition; give one value"),
    (("pan-2018-4", "--V", "-80", "--set", "membrane.V=0 mV"), "both give the voltage; leave one out"),
    (("pan-2018-4", "--set", "inside.Na=1,2 mM"), "--set inside.Na='1,2 mM': a single pump meets one condition"),
    (("pan-2018-4", "--set", "inside.Nb=1 mM"), "it knows no 'inside.Nb'; did you mean 'inside.Na'"),
    (("pan-2018-4", "--set", "k9=1"), "pan-2018-4 has no condition and no constant 'k9'"),
    (("pan-2018-4", "--conditions", "rest"), "unknown condition 'rest'"),
    (("pan-2018-4", "--time", "0 s"), "--time '0 s' is not positive"),
    (("pan-2018-4", "--time", "2"), "'2' has no unit"),
    (("pan-2018-4", "--window", "3 s"), "--window '3 s' is longer than --time '2 s'"),
    (("pan-2018-4", "--pumps", "0"), "--pumps 0: give 1 to 1000000"),
    (("pan-2018-4", "--rows", "-1"), "--rows -1: give 0 or more"),
    (("pan-2018-4", "--seed", "-1"), "the seed -1; give a whole number")])
def test_bad_input_is_refused_in_one_message(call: Call, arguments: tuple[str, ...], message: str) -> None:
    done = call("molecule", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_an_interruption_writes_the_pumps_that_were_done(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = molecule(scheme(), time="100 ms", pumps=2)

    def stopped(*_: object, **__: object) -> None:
        raise SolveError("pan-2018-4: interrupted after 2 of 9 molecules", partial=done)

    monkeypatch.setattr("pumpleak.app.molecule.molecule", stopped)
    answer = call("molecule", "pan-2018-4", "--pumps", "9", "--out", tmp_path)
    assert answer.exit_code == 1
    assert "interrupted after 2 of 9 molecules" in answer.stderr
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["pumps"] == 2
    assert not (tmp_path / "molecule.png").exists()


def test_the_usual_numbers_of_the_command_are_those_of_the_function() -> None:
    import pumpleak.app.molecule as module

    for name in ("TIME", "PUMPS", "SEED", "ROWS"):
        assert getattr(cli_molecule, name) == getattr(module, name)


def test_the_function_takes_quantities_and_refuses_what_is_none() -> None:
    found = molecule(scheme(), {"membrane.V": "-80 mV"}, time="1 s", pumps=2, start=[1.0, 0.0, 0.0, 0.0])
    first = found.events["transition"] < 0
    assert found.events["state"][first].tolist() == [0.0, 0.0]
    assert found.counts("Na").shape == (2, 10)
    assert "pan-2018-4: 2 pumps, 1 s each, seed 1" in repr(found)
    assert "  ATP: mean " in str(found)
    with pytest.raises(ModelError, match=r"Nb was not counted, only ATP, Na, K, charge"):
        found.mean("Nb")
    with pytest.raises(NameUnknown, match=r"no state 'E5'"):
        found.dwell("E5")
    with pytest.raises(ModelError, match=r"it begins with the chances \[0\.5 0\.6\]; give one for each of its 4 states"):
        molecule(scheme(), start=np.array([0.5, 0.6]))
    with pytest.raises(ModelError, match=r"molecule is asked of the text 'pan-2018-4'"):
        molecule("pan-2018-4")  # type: ignore[arg-type]
