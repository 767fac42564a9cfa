"""System files: equations as they are, each formula held to its unit, each fault told with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import kind_named, light, load
from pumpleak.formats.document import read
from pumpleak.formats.saving import save, text_of
from pumpleak.formats.system import system_of, with_values
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.protocol import hold
from pumpleak.lab.rest import rest
from pumpleak.lab.run import run
from pumpleak.system.expression import symbol
from pumpleak.system.system import Block, System

TEXT = """\
pumpleak: 1
system: decay
sources:
  here: {text: made up, kind: ours}
conservation: enforced
parameters:
  k: {value: 1 1/s, domain: positive, source: here}
  given: 0 fmol/s
  floor: 0.001 fmol
states:
  a.amount: {start: 1 fmol, scale: 1 fmol}
  b.amount: {start: 0 fmol, scale: 1 fmol}
  half: {start: 0.5 fmol, scale: 1 fmol, algebraic: true}
definitions:
  loss.flux: {expression: k*a.amount, unit: fmol/ms, source: here}
rates:
  a.amount: given - loss.flux
  b.amount: loss.flux
  half: a.amount/2 - half
quadratures:
  loss.extent: {rate: loss.flux, unit: fmol}
  feed.extent: {rate: given, unit: fmol}
events:
  a is gone: {trigger: floor - a.amount, set: {a.amount: 1000*floor}}
guard: 100 ms
books:
  places:
    inside: {}
    bath: {reservoir: true}
  species:
    S: {charge: 0}
    T: {charge: 0, composition: {S: 1}}
  amounts:
    inside: {S: a.amount, T: b.amount}
  processes:
    loss: {moves: {inside.S: -1, inside.T: 1}}
    feed: {moves: {bath.S: -1, inside.S: 1}, flux: given, work: true}
notes: [a toy]
"""


def system(text: str = TEXT) -> System:
    return system_of(read(text, "f.yaml"))


def changed(before: str, after: str) -> str:
    assert TEXT.count(before) == 1, before
    return TEXT.replace(before, after)


def test_a_file_is_the_system_it_writes_out() -> None:
    found = system()
    assert [each.name for each in found.states] == ["a.amount", "b.amount", "half"]
    assert [each.mass for each in found.states] == [1.0, 1.0, 0.0]
    assert found.parameter("k").value == 1e-3
    assert (found.parameter("k").unit, found.parameter("k").domain, found.parameter("k").source) == ("1/ms", "positive", "here")
    assert found.definitions[0].expression is symbol("k") * symbol("a.amount")
    assert (found.conservation, found.guard, found.notes) == ("enforced", 100.0, ("a toy",))
    assert found.events[0].assignments["a.amount"] is 1000.0 * symbol("floor")
    assert found.books is not None
    assert [each.composition for each in found.books.species] == [{"S": 1}, {"S": 1}]
    assert (found.books.processes[1].flux, found.books.processes[1].role) == ("given", "work")


def test_it_runs_and_its_ledger_closes() -> None:
    """a decays to the floor in 6.9 s and starts again; what an event sets from outside is not booked."""
    result = run(Experiment(system(), hold("6 s")))
    assert result.final("a.amount").to("fmol") == pytest.approx(0.0024787522, rel=1e-6)
    assert result.final("half").to("fmol") == pytest.approx(0.0012393761, rel=1e-6)
    assert result.ledger.ok
    assert [(each.law, each.name) for each in result.ledger.rows] == [("element", "S")]


def test_a_breach_of_an_enforced_system_is_an_error() -> None:
    from pumpleak.base.errors import LedgerError

    with pytest.raises(LedgerError, match="element of S is off by"):
        run(Experiment(system(changed("  b.amount: loss.flux\n", "  b.amount: 0.9*loss.flux\n")), hold("1 s")))


def test_the_equations_of_a_cell_can_be_kept_as_a_system(tmp_path: Path) -> None:
    cell = load("kay-2017")
    assert isinstance(cell, Cell)
    before = replace(cell.system, remarks=())
    assert load(save(before, tmp_path / "equations.yaml")) == before
    assert before.books is not None
    shared = replace(before.books.capacitors[0], shares={"Na": 0.5})
    odd = replace(before, books=replace(before.books, capacitors=(shared,)))
    assert load(save(odd, tmp_path / "odd.yaml")) == odd
    other = load("duesterwald-2018")
    assert isinstance(other, Cell)
    message = (r"duesterwald-2018: 'water\.permeability' is in um/ms, and the formulas of a file compute in pL/\(ms um2\); "
               r"save\(cell, 'cell\.yaml'\) keeps")
    with pytest.raises(FormatError, match=message):
        text_of(other.system)


def test_a_system_comes_back_the_same(tmp_path: Path) -> None:
    assert load(save(system(), tmp_path / "saved.yaml")) == system()
    odd = system(changed("system: decay\n", "system: decay\ndimensions: unchecked\n").replace("k*a.amount", "k*a.amount^2"))
    assert "dimensions: unchecked" in text_of(odd)
    assert load(save(odd, tmp_path / "odd.yaml")) == odd


def test_what_a_file_cannot_say_is_refused() -> None:
    blocks = System("row", blocks=(Block("cells", system(), 2),))
    with pytest.raises(FormatError, match=r"row: a file does not hold a system with blocks; flatten\(system\) writes"):
        text_of(blocks)
    with pytest.raises(FormatError, match="a file does not hold a system with jumps"):
        text_of(replace(system(), jumps=True))


def test_other_numbers_by_name() -> None:
    found = with_values(system(), {"k": "2 1/s", "a.amount": "3 fmol"})
    assert (found.parameter("k").value, found.states[0].initial) == (2e-3, 3.0)
    with pytest.raises(NameUnknown, match=r"unknown parameter or state of decay 'a\.amont'; did you mean 'a.amount'"):
        with_values(system(), {"a.amont": "3 fmol"})
    with pytest.raises(UnitError, match="k"):
        with_values(system(), {"k": "2 mV"})
    with pytest.raises(ModelError, match="decay: k is -1 1/ms; it must be positive"):
        with_values(system(), {"k": "-1 1/ms"})


def test_it_is_a_model_like_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert kind_named(path) == "system"
    model = light(path, {"given": "1 fmol/s"})
    assert model.is_file
    assert model.model == load(path, {"given": "1 fmol/s"})
    assert rest(light(path, {"given": "1 fmol/s", "k": "0.5 1/s"})).kind != "stable"  # b grows without end
    with pytest.raises(ModelError, match=r"mine\.yaml is a system of equations, not a cell; `\.system` holds it"):
        _ = model.cell
    study = Experiment(model, hold("1 s", {"k": "2 1/s"}))
    again = load(save(study, tmp_path / "study.yaml"))
    assert isinstance(again, Experiment)
    assert again.labels.parameters["given"].value == 1e-3
    named = Experiment(load("hodgkin-huxley-1952"), hold("1 ms"))  # type: ignore[arg-type]
    assert "model: hodgkin-huxley-1952" in text_of(named)


def test_what_the_file_mentions_wrongly_in_a_study_is_told_with_its_place() -> None:
    text = "pumpleak: 1\nstudy: s\nmodel: hodgkin-huxley-1952\nset: {temperatur: 18.5 degC}\nprotocol:\n  - hold: 1 ms\n"
    from pumpleak.formats.study_read import study_of

    with pytest.raises(NameUnknown, match=r"s\.yaml:4:7: unknown parameter or state of hodgkin-huxley-1952 'temperatur'"):
        study_of(read(text, "s.yaml"))


FAULTS: list[tuple[str, str, type[PumpleakError], str]] = [
    ("k*a.amount", "k*a.amont", NameUnknown,
     "f.yaml:15:27: loss.flux uses 'a.amont', which nothing defines; did you mean 'a.amount' or 'b.amount'?"),
    ("k*a.amount", "k*a.amount^2", UnitError,
     "f.yaml:15:27: loss.flux is k * a.amount^2 [fmol2/s], but its unit is fmol/s; correct it or the units of its constants"),
    ("given - loss.flux", "given - k", UnitError,
     "f.yaml:17:13: the rate of a.amount: 'given - k' takes the difference of given [fmol/s] and k [1/s]; both must have the "
     "same unit"),
    ("  half: a.amount/2 - half\n", "", ModelError,
     "f.yaml:13:3: decay: the state 'half' has no rate; give one under 'rates', or make it a parameter"),
    ("  half: a.amount/2", "  hlaf: a.amount/2", NameUnknown,
     "f.yaml:19:3: unknown state of decay 'hlaf'; did you mean 'half'?"),
    ("{rate: given, unit: fmol}", "{rate: given, unit: pL}", UnitError,
     "f.yaml:22:23: the rate of feed.extent is given [fmol/s], but its unit is pL/s; correct it or the units of its constants"),
    ("scale: 1 fmol, algebraic", "scale: 1 mV, algebraic", UnitError,
     "f.yaml:13:34: half: scale: '1 mV' is a voltage [mV]; expected an amount [fmol]"),
    ("scale: 1 fmol, algebraic", "scale: 0 fmol, algebraic", ModelError,
     "f.yaml:13:34: decay: half: scale is 0 fmol; it must be positive"),
    ("domain: positive", "domain: positve", FormatError,
     "f.yaml:7:29: 'positve' is not one of 'any', 'not negative', 'positive' or 'share'"),
    ("source: here}\n  given", "source: there}\n  given", NameUnknown,
     "f.yaml:7:6: the source 'there' is not declared under 'sources'; did you mean 'here'?"),
    ("set: {a.amount:", "set: {a.amout:", NameUnknown,
     "f.yaml:24:48: unknown state of decay 'a.amout'; did you mean 'a.amount' or 'b.amount'?"),
    ("guard: 100 ms", "guard: -1 ms", ModelError, "f.yaml:25:8: decay: guard is -1 ms; it must be zero or positive"),
    ("S: a.amount, T", "S: a.amout, T", NameUnknown,
     "f.yaml:34:17: unknown quantity of the model 'a.amout'; did you mean 'a.amount' or 'b.amount'?"),
    ("S: a.amount, T", "S: k, T", UnitError, "'k' is in 1/ms; what stands here is in fmol"),
    ("{moves: {inside.S: -1, inside.T: 1}}", "{moves: {inside.S: -1, outside.T: 1}}", NameUnknown,
     "unknown place of the books 'outside'; did you mean 'inside'?"),
    ("{moves: {inside.S: -1, inside.T: 1}}", "{moves: {inside.S: -1, inside.U: 1}}", NameUnknown,
     "unknown species of the books 'U'"),
    ("{moves: {inside.S: -1, inside.T: 1}}", "{moves: {S: -1}}", FormatError,
     "'S' is no species in a place, such as inside.Na"),
    ("flux: given, work", "flux: give, work", NameUnknown, "unknown quantity of the model 'give'; did you mean 'given'?"),
    ("  loss.extent: {rate", "  lost.extent: {rate", NameUnknown,
     "unknown quadrature of the model 'loss.extent'; did you mean 'lost.extent'"),
    ("  floor: 0.001 fmol", "  a-b: 0.001 fmol", FormatError,
     "f.yaml:9:3: 'a-b' is not a dotted name such as inside.Na; letters, digits, '_' and '.' are, at most 128"),
    ("  floor: 0.001 fmol", "  time: 0.001 fmol", FormatError,
     "f.yaml:9:3: 'time' is the time itself; give this quantity another"),
    ("  floor: 0.001 fmol", "  half: 0.001 fmol\n  floor: 0.001 fmol", ModelError,
     "f.yaml:2:9: decay: 'half' is defined twice; every quantity needs its own name"),
    ("expression: k*a.amount", "expression: loss.flux + k*a.amount", ModelError,
     "f.yaml:2:9: decay: definitions go in a circle: loss.flux -> loss.flux; one of them must be a state"),
    ("states:\n", "states_:\n", FormatError, "f.yaml:10:1: unknown key 'states_'; did you mean 'states' or 'rates'?"),
    ("trigger: floor - a.amount", "trigger: floor - (a.amount", FormatError, "f.yaml:24:24: "),
    ("composition: {S: 1}", "composition: {S: 0}", ModelError, "species 'T': '0' of 'S'; the count must be 1, 2, 3"),
]


@pytest.mark.parametrize(("before", "after", "kind", "message"), FAULTS, ids=[each[3][:40] for each in FAULTS])
def test_a_fault_is_told_with_its_place(before: str, after: str, kind: type[PumpleakError], message: str) -> None:
    with pytest.raises(kind) as caught:
        system(changed(before, after))
    text = str(caught.value)
    assert text.startswith("f.yaml:")
    assert message in text


def test_formulas_in_bare_numbers_can_be_read_unchecked() -> None:
    text = changed("k*a.amount", "k*a.amount*(1 + a.amount)")
    with pytest.raises(UnitError, match="adds"):
        system(text)
    found = system(text.replace("system: decay\n", "system: decay\ndimensions: unchecked\n"))
    assert found.definitions[0].unit == "fmol/ms"
