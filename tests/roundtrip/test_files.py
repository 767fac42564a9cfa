"""What is saved is loaded back as it was: schemes, cells and experiments."""

from dataclasses import replace
from operator import mul
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pumpleak.base.errors import FormatError, ModelError
from pumpleak.cell.cell import Cell
from pumpleak.cell.transport.scheme_pump import SchemePump
from pumpleak.enzyme.reduction import reduce
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import SHELVES, entries, light, load
from pumpleak.formats.document import read
from pumpleak.formats.saving import save, text_of
from pumpleak.formats.study_read import study_of
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import Protocol, hold, pulse, ramp, settle
from pumpleak.system.expression import serialise

NAMES = [entry.name for shelf in SHELVES for entry in entries(shelf)]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_the_catalogue_comes_back_the_same(name: str, tmp_path: Path) -> None:
    before = load(name)
    assert load(save(before, tmp_path / "saved.yaml")) == before


@pytest.mark.parametrize("name", [entry.name for entry in entries("cells") if entry.kind == "cell"])
def test_a_saved_cell_lowers_to_the_same_equations(name: str, tmp_path: Path) -> None:
    plain = load(name)
    assert isinstance(plain, Cell)
    sodium = plain.inside.contents["Na"] + 0.01  # more would be a charge that no membrane holds
    before = load(name, {"outside.K": "8 mM", "inside.Na": f"{sodium} mM", "stimulus.injected": "1 pA", "pump.activity": 0.5})
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


times = st.floats(1e-3, 1e9).map(lambda value: f"{value!r} ms") | st.sampled_from(["1 min", "0.1 s", "3 h"])
levels = st.floats(0.01, 300.0).map(lambda value: f"{value!r} mM") | st.sampled_from(["5 mM", "0.1 M", "7000 uM"])
shares = st.floats(0.0, 2.0)
values = st.fixed_dictionaries({}, optional={"outside.K": levels, "outside.Na": levels, "pump.activity": shares})
ends = st.fixed_dictionaries({"outside.K": levels | st.tuples(levels, levels)},
                             optional={"pump.activity": shares | st.tuples(shares, shares)})
step = (st.builds(hold, times, values) | st.builds(ramp, times, ends) | st.builds(settle, values)
        | st.builds(pulse, times, values, times))
repeated = st.builds(mul, st.integers(1, 4), step)


@given(protocol=st.lists(repeated, min_size=1, max_size=6).map(lambda parts: sum(parts[1:], parts[0])),
       rtol=st.floats(1e-13, 1e-2), rows=st.integers(2, 10_000_000) | st.sampled_from(["0.1 h", "7 min", "3e5 ms"]),
       start=st.sampled_from(["initial", "rest"]))
def test_an_experiment_comes_back_as_it_was(protocol: Protocol, rtol: float, rows: int | str, start: str) -> None:
    """What is done, how finely it is solved and how often it is kept: no number may change on the way."""
    given: dict[str, object] = {"samples": rows} if isinstance(rows, int) else {"every": rows}
    try:
        before = Experiment(light("kay-2017"), protocol, rtol=rtol, start=start, **given)  # type: ignore[arg-type]
    except ModelError:
        assume(False)  # nothing lasts that long or in so many rows
    after = study_of(read(text_of(before, "mine"))).experiment
    assert (after.spans, after.rtol, after.interval, after.start) == (before.spans, rtol, before.interval, start)


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
    message = r"mine: its model 'kay-2017' is not as the catalogue has it; save\(cell, 'cell\.yaml'\) keeps it"
    with pytest.raises(FormatError, match=message):
        save(Experiment(cell, hold("1 min")), tmp_path / "mine.yaml")
    generic = load("generic-cell")
    assert isinstance(generic, Cell)
    pumps = tuple(
        replace(each, scheme=each.scheme.with_values({"k1": 1.0})) if each.name == "pump" else each  # type: ignore[attr-defined, type-var]
        for each in generic.transporters
    )
    with pytest.raises(FormatError, match=r"the scheme 'pan-2018-4' of 'pump' is not the catalogue's; save\(scheme, "):
        save(replace(generic, transporters=pumps), tmp_path / "mine.yaml")
    with pytest.raises(FormatError, match="'5' cannot be saved; a scheme, a rate law, a cell, a system or an experiment can"):
        text_of(5)  # type: ignore[arg-type]


def test_a_cell_given_by_a_path_without_an_ending_is_found_again(tmp_path: Path) -> None:
    """A name alone would be looked up in the catalogue."""
    path = save(load("kay-2017", {"outside.K": "8 mM"}), tmp_path / "kay-2017")
    after = load(save(Experiment(light(path), hold("1 min")), tmp_path / "my study.yaml"))
    assert isinstance(after, Experiment)
    assert after.labels.parameters["outside.K"].value == 8.0


@pytest.mark.parametrize("name", ["post-albers-23", "pan-2018-15"])
def test_a_reduced_scheme_comes_back_with_the_same_rates(name: str, tmp_path: Path) -> None:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    before = reduce(scheme).scheme
    after = load(save(before, tmp_path / "reduced.yaml"))
    assert isinstance(after, Scheme)
    assert before.name == after.name == f"{name}.reduced"
    for step in before.steps:
        for way in ("forward", "backward"):
            rate = f"{step.name}.{way}"
            assert after.system.resolution[rate] is before.system.resolution[rate]
    assert after.made


def test_a_cell_with_a_scheme_of_its_own_comes_back(tmp_path: Path) -> None:
    """Saved elsewhere it still names the scheme's file, and a scheme that is no more as that file has it is refused."""
    scheme = load("post-albers-23")
    cell = load("generic-cell")
    assert isinstance(scheme, Scheme)
    assert isinstance(cell, Cell)
    mine = replace(scheme.with_values({"on_ion": 7.0}), name="mine")
    (tmp_path / "far").mkdir()
    save(mine, tmp_path / "mine.yaml")
    text = text_of(cell).replace("scheme: pan-2018-4", "scheme: mine.yaml")
    (tmp_path / "cell.yaml").write_text(text, encoding="utf-8")
    before = load(tmp_path / "cell.yaml")
    assert isinstance(before, Cell)
    assert load(save(before, tmp_path / "far" / "saved.yaml")) == before
    built = replace(cell, transporters=tuple(
        SchemePump("pump", mine, 1000.0, file=str(tmp_path / "mine.yaml")) if each.name == "pump" else each
        for each in cell.transporters))
    assert load(save(built, tmp_path / "far" / "built.yaml")) == built
    save(scheme, tmp_path / "mine.yaml")
    with pytest.raises(FormatError, match=r"the scheme 'mine' of 'pump' is not as .*mine\.yaml has it; save\(scheme, "):
        text_of(before)
