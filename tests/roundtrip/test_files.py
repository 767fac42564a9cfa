"""What is saved is loaded back as it was: schemes, cells and experiments."""

from dataclasses import replace
from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError
from pumpleak.cell.cell import Cell
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import SHELVES, entries, light, load
from pumpleak.formats.saving import save, text_of
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold, ramp, settle
from pumpleak.system.expression import serialise

NAMES = [entry.name for shelf in SHELVES for entry in entries(shelf)]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_the_catalogue_comes_back_the_same(name: str, tmp_path: Path) -> None:
    before = load(name)
    assert load(save(before, tmp_path / "saved.yaml")) == before


@pytest.mark.parametrize("name", [entry.name for entry in entries("cells")])
def test_a_saved_cell_lowers_to_the_same_equations(name: str, tmp_path: Path) -> None:
    before = load(name, {"outside.K": "8 mM", "inside.Na": "20 mM", "stimulus.injected": "1 pA", "pump.activity": 0.5})
    assert isinstance(before, Cell)
    after = load(save(before, tmp_path / "saved.yaml"))
    assert isinstance(after, Cell)
    assert after.system.states == before.system.states
    assert after.system.parameters == before.system.parameters
    assert after.system.books == before.system.books
    texts = [
        serialise([system.rates[state] for state in system.state_names] + [each.expression for each in system.definitions])
        for system in (before.system, after.system)
    ]
    assert texts[0] == texts[1]


def test_a_scheme_with_other_numbers_comes_back(tmp_path: Path) -> None:
    before = load("pan-2018-15", {"k1": "1000.25 1/s"})
    assert isinstance(before, Scheme)
    assert load(save(before, tmp_path / "saved.yaml")) == before


def test_saving_twice_gives_the_same_text(tmp_path: Path) -> None:
    for name in NAMES:
        first = text_of(load(name), "saved")
        path = tmp_path / "saved.yaml"
        path.write_text(first, encoding="utf-8")
        assert text_of(load(path), "saved") == first


@pytest.mark.parametrize("model", [load("kay-2017"), light("kay-2017", {"outside.K": "8 mM"})], ids=["cell", "light"])
def test_an_experiment_made_in_python_comes_back(model: object, tmp_path: Path) -> None:
    protocol = 2 * hold("1 min") + hold("1 h", {"pump.activity": 0.0}) + ramp("1 s", {"outside.K": "5 mM"}) + settle()
    before = Experiment(model, protocol, record=["membrane.V"], samples=7, start="rest")  # type: ignore[arg-type]
    after = load(save(before, tmp_path / "mine.yaml"))
    assert isinstance(after, Experiment)
    assert (after.protocol, after.record, after.samples, after.start) == (protocol, ["membrane.V"], 7, "rest")
    assert after.labels.parameters["outside.K"].value == before.labels.parameters["outside.K"].value


def test_an_experiment_on_a_cell_of_a_file_finds_it_again(tmp_path: Path) -> None:
    cell = save(load("kay-2017", {"outside.K": "8 mM"}), tmp_path / "cell.yaml")
    before = Experiment(light(str(cell)), hold("1 min"))
    (tmp_path / "elsewhere").mkdir()
    after = load(save(before, tmp_path / "elsewhere" / "study.yaml"))
    assert isinstance(after, Experiment)
    assert after.labels.parameters["outside.K"].value == 8.0


def test_what_a_file_cannot_say_is_refused(tmp_path: Path) -> None:
    cell = load("kay-2017", {"outside.K": "8 mM"})
    assert isinstance(cell, Cell)
    with pytest.raises(FormatError, match=r"mine: its model 'kay-2017' is not as the catalogue has it; save it to a file"):
        save(Experiment(cell, hold("1 min")), tmp_path / "mine.yaml")
    generic = load("generic-cell")
    assert isinstance(generic, Cell)
    pumps = tuple(
        replace(each, scheme=each.scheme.with_values({"k1": 1.0})) if each.name == "pump" else each  # type: ignore[attr-defined, type-var]
        for each in generic.transporters
    )
    with pytest.raises(FormatError, match=r"the scheme 'pan-2018-4' of 'pump' is not the catalogue's; save it to a file"):
        save(replace(generic, transporters=pumps), tmp_path / "mine.yaml")
    with pytest.raises(FormatError, match="'5' cannot be saved; a scheme, a cell or an experiment can"):
        text_of(5)  # type: ignore[arg-type]
