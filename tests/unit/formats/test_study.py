"""Study files: protocols, overrides, and the study that would run again."""

from dataclasses import replace
from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.base.units import quantity
from pumpleak.formats.catalog import find
from pumpleak.formats.document import read
from pumpleak.formats.light import LightModel
from pumpleak.formats.study import Study
from pumpleak.formats.study_cache import study_in
from pumpleak.formats.study_read import study_of
from pumpleak.formats.study_written import study_written
from pumpleak.formats.writing import yaml_text
from pumpleak.lab.protocol import Protocol, Segment, hold, pulse, ramp, settle

TEXT = """\
pumpleak: 1
study: everything
title: A title
summary: a summary
model: kay-2017
set: {outside.K: 5 mM, inside.Na: 120.01 mM}
protocol:
  - hold: 10 min
  - hold: 4 h
    with: {pump.activity: 0, outside.K: 8 mM}
  - ramp: 1 h
    to: {pump.activity: 1}
  - pulse: 1 ms
    with: {stimulus.injected: 10 pA}
    after: 1 s
  - pulse: 2 ms
    with: {stimulus.injected: 20 pA}
  - settle: {outside.K: 6 mM}
  - repeat: 3
    steps: [{hold: 1 s}, {hold: 2 s}]
start: rest
record: [membrane.V, inside.volume]
samples: 50
"""


def study(text: str = TEXT, overrides: dict[str, str] | None = None) -> Study:
    return study_of(read(text), overrides)


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def test_every_word_of_a_protocol_is_the_lab_s() -> None:
    found = study().experiment
    assert found.protocol == (
        hold("10 min")
        + hold("4 h", {"pump.activity": 0.0, "outside.K": "8 mM"})
        + ramp("1 h", {"pump.activity": 1.0})
        + pulse("1 ms", {"stimulus.injected": "10 pA"}, "1 s")
        + pulse("2 ms", {"stimulus.injected": "20 pA"})
        + settle({"outside.K": "6 mM"})
        + 3 * (hold("1 s") + hold("2 s"))
    )
    assert (found.start, found.record, found.samples) == ("rest", ["membrane.V", "inside.volume"], 50)


def test_names_and_overrides_are_kept() -> None:
    found = study(overrides={"outside.K": "7 mM"})
    assert (found.name, found.title, found.summary) == ("everything", "A title", "a summary")
    model = found.experiment.model
    assert isinstance(model, LightModel)
    assert model.overrides == {"outside.K": "7 mM", "inside.Na": "120.01 mM"}
    assert model.cell.inside.contents["Na"] == 120.01
    assert {each.name: each.value for each in model.system.parameters}["outside.K"] == 7.0


def test_a_wrong_override_is_not_blamed_on_the_file() -> None:
    with pytest.raises(NameUnknown, match=r"^kay-2017 has no parameter 'outside\.Q'"):
        study(overrides={"outside.Q": "7 mM"})
    with pytest.raises(UnitError, match=r"^outside\.K: '7 mV' is a voltage"):
        study(overrides={"outside.K": "7 mV"})


def test_the_resolved_study_runs_the_same_again() -> None:
    found = study(overrides={"outside.K": "7 mM"})
    again = study(yaml_text(found.resolved))
    assert again.experiment == found.experiment
    assert again.resolved == found.resolved


def test_an_experiment_is_written_as_a_study() -> None:
    found = study()
    written = study_written("again", "kay-2017", found.experiment, {"outside.K": "5 mM", "inside.Na": quantity("0.12001 M")})
    again = study(yaml_text(written)).experiment
    assert again.protocol == found.experiment.protocol
    assert (again.start, again.record, again.samples) == ("rest", ["membrane.V", "inside.volume"], 50)


def test_a_segment_many_times_on_end_is_written_once() -> None:
    found = study(changed("steps: [{hold: 1 s}, {hold: 2 s}]", "steps: [{hold: 1 s}]")).experiment
    written = study_written("again", "kay-2017", found, {})
    assert written["protocol"][-1] == {"repeat": 3, "steps": [{"hold": "1000.0 ms"}]}  # type: ignore[index]


def test_a_model_may_be_a_file_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(find("kay-2017").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "study.yaml").write_text(changed("model: kay-2017", "model: own.yaml"), encoding="utf-8")
    found = study_in(tmp_path / "study.yaml")
    assert found.experiment.labels.name == "kay-2017"
    assert found.resolved["model"] == str((tmp_path / "own.yaml").resolve())


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("after: 1 s", "after: 1 mM", UnitError, r"15:12: after: '1 mM' is a concentration"),
        ("after: 1 s", "aftr: 1 s", FormatError, r"15:5: unknown key 'aftr'; did you mean 'after'"),
        ("to: {pump.activity: 1}", "to: {}", ModelError, r"11:5: ramp: no parameter given"),
        ("    to: {pump.activity: 1}\n", "", FormatError, r"11:5: the key 'to' is missing"),
        ("settle: {outside.K: 6 mM}", "settle: {outsid.K: 6 mM}", NameUnknown, r"18:14: unknown parameter of kay-2017"),
        ("to: {pump.activity: 1}", "to: {pump.activity: [0, 1, 2]}", FormatError,
         r"12:25: a ramp goes to one value or between two: [from, to]; 3 are given"),
        ("to: {pump.activity: 1}", "to: {pump.activity: [0 mM, 1]}", UnitError, r"12:25: pump.activity: '0 mM' is a conc"),
        ("to: {pump.activity: 1}", "to: {pump.activity: [0, [1]]}", FormatError, r"12:29: expected a quantity such as '5 mM'"),
        ("samples: 50", "samples: 50\nevery: 1 s", FormatError, r"1:1: rows are given by 'samples' (50) or by 'every' (1 s)"),
        ("samples: 50", "every: 1 mV", UnitError, r"23:8: every: '1 mV' is a voltage"),
        ("samples: 50", "every: 0 s", ModelError, r"23:8: experiment: every '0 s' is not positive"),
        ("samples: 50", "rtol: 0.5", FormatError, r"23:7: '0.5' is too large; the most is 0.01"),
        ("samples: 50", "rtol: .nan", FormatError, r"23:7: Input should be a finite number, not 'nan'"),
        ("samples: 50", "samples: 1", FormatError, r"23:10: '1' is too small; the least is 2"),
        ("samples: 50", "samples: many", FormatError, r"23:10: expected a whole number, not 'many'"),
        ("start: rest", "start: rset", FormatError, r"21:8: 'rset' is not one of 'rest' or 'initial'"),
        ("inside.Na: 120.01 mM", "inside.Na: -100 mM", ModelError, r"6:35: inside.Na is -100 mM"),
        ("inside.Na: 120.01 mM", "inside.Naa: 100 mM", NameUnknown, r"6:24: kay-2017 has no parameter 'inside.Naa'"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(old: str, new: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as found:
        study(changed(old, new))
    assert str(found.value).startswith(f"<text>:{message}")


def test_a_study_that_never_ends_is_refused_at_once() -> None:
    endless = "{repeat: 1000000, steps: [{repeat: 1000000, steps: [{hold: 1 s}]}]}"
    with pytest.raises(ModelError, match="at most 1000000 segments are run"):
        study(changed("hold: 10 min", endless[1:-1].replace("repeat: 1000000, steps", "repeat: 1000000\n    steps", 1)))


def test_many_long_repetitions_are_refused_before_they_fill_the_memory() -> None:
    with pytest.raises(ModelError, match="more than 1000000 segments"):
        study(changed("  - hold: 10 min\n", "  - {repeat: 900000, steps: [{hold: 1 s}]}\n" * 5000))


MORE = changed("to: {pump.activity: 1}", "to: {pump.activity: [0.25, 1], outside.K: 8 mM}")
MORE = MORE.replace("samples: 50", "every: 2 s\nrtol: 1e-6")


def test_a_ramp_may_say_where_it_begins_and_a_study_how_fine_it_is() -> None:
    found = study(MORE).experiment
    assert found.protocol.segments[2].ramps == {
        "pump.activity": (quantity("0.25"), quantity("1")), "outside.K": (None, quantity("8 mM"))}
    assert (found.spans[2].ramps["pump.activity"], found.interval, found.rtol) == ((0.25, 1.0), 2000.0, 1e-6)


def test_a_study_from_the_cache_is_the_one_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(MORE, encoding="utf-8")
    first, second = study_in(path), study_in(path)
    assert second.experiment is not first.experiment
    assert second == first
    assert (second.experiment.spans, second.experiment.interval, second.experiment.rtol) == (
        first.experiment.spans, 2000.0, 1e-6)


def test_the_same_files_in_two_folders_are_two_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "own.yaml").write_text(find("kay-2017").read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "study.yaml").write_text(changed("model: kay-2017", "model: own.yaml"), encoding="utf-8")
        monkeypatch.chdir(folder)
        for _ in range(2):  # read, then from the cache
            found = study_in(Path("study.yaml"))
            assert found.resolved["model"] == str((folder / "own.yaml").resolve())
            assert isinstance(found.experiment.model, LightModel)
            assert found.experiment.model.path.absolute() == folder / "own.yaml"
    monkeypatch.chdir(tmp_path)  # what was kept does not depend on where one stands
    kept = study_in(tmp_path / "b" / "study.yaml").experiment.model
    assert isinstance(kept, LightModel)
    assert kept.path.is_file()


def test_what_has_no_words_is_not_written() -> None:
    odd = Segment(1.0, {"outside.K": quantity("5 mM")}, {"pump.activity": (None, quantity("1"))})
    experiment = replace(study().experiment, protocol=Protocol((odd,)))
    with pytest.raises(FormatError, match=r"a segment that ramps pump\.activity and holds outside\.K has no words in a file"):
        study_written("odd", "kay-2017", experiment, {})


@pytest.mark.parametrize(("name", "title"), [
    ("my study (2)", "my-study-2-"), (".hidden", "hidden"), ("\u00b5", "study"), ("a" * 70, "a" * 64), ("a.b_c-1", "a.b_c-1")])
def test_a_study_is_named_as_files_allow(name: str, title: str) -> None:
    written = study_written(name, "kay-2017", study().experiment, {})
    assert written["study"] == title
    assert study(yaml_text(written)).name == title
