"""Cell files that are based on another."""

from __future__ import annotations

from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError, NameUnknown, PumpleakError
from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import load
from pumpleak.formats.cell import cell_in
from pumpleak.formats.light import light
from pumpleak.formats.models import CellFile, schema
from pumpleak.formats.saving import save
from pumpleak.formats.shelves import find

HEAD = "pumpleak: 1\ncell: mine\ntitle: Mine\nbased_on: generic-cell\n"


def file(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_without_entries_of_its_own_is_its_base(tmp_path: Path) -> None:
    mine, base = cell_in(file(tmp_path, HEAD)), load("generic-cell")
    assert isinstance(base, Cell)
    assert mine.transporters == base.transporters
    assert (mine.inside, mine.outside, mine.values) == (base.inside, base.outside, base.values)
    assert (mine.name, mine.title) == ("mine", "Mine")


def test_entries_are_laid_over_one_by_one_and_notes_are_added(tmp_path: Path) -> None:
    mine = cell_in(file(tmp_path, HEAD + "places: {outside: {contents: {K: 6 mM, Na: 143 mM}}}\nnotes: [more potassium]\n"))
    base = load("generic-cell")
    assert isinstance(base, Cell)
    assert mine.outside.contents == {**base.outside.contents, "K": 6.0, "Na": 143.0}
    assert "more potassium" in mine.notes
    assert set(base.notes[:-1]) <= {*mine.notes}  # the last is what the balance says of each


def test_an_empty_entry_takes_out_what_the_base_has(tmp_path: Path) -> None:
    mine = cell_in(file(tmp_path, HEAD + "transporters: {stimulus: ~}\n"))
    assert "stimulus" not in {each.name for each in mine.transporters}


@pytest.mark.parametrize(("text", "said"), [
    ("transporters: {leak_K: {permeability: 3 mV}}\n", "mine.yaml:5:39: "),
    ("places: {inside: ~}\n", "mine.yaml:4:11: "),  # the membrane of the base names it
    ("transporters: {leak_K: {colour: red}}\n", "mine.yaml:5:25: unknown key 'colour'"),
])
def test_what_is_wrong_is_placed_in_this_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PumpleakError) as caught:
        cell_in(file(tmp_path, HEAD + text))
    assert said in str(caught.value)


def test_a_base_is_a_cell_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(NameUnknown, match=r"mine.yaml:4:11: .*did you mean 'generic-cell'"):
        cell_in(file(tmp_path, HEAD.replace("generic-cell", "generic-cel")))
    first = file(tmp_path, HEAD)
    with pytest.raises(FormatError, match="is itself based on another"):
        cell_in(file(tmp_path, HEAD.replace("generic-cell", first.name), "second.yaml"))
    with pytest.raises(FormatError, match="a cell is needed here"):
        cell_in(file(tmp_path, HEAD.replace("generic-cell", str(find("pan-2018-4"))), "third.yaml"))
    with pytest.raises(FormatError, match=r"mine.yaml:4:11: expected the name of a cell"):
        cell_in(file(tmp_path, HEAD.replace("generic-cell", "[a]")))


def test_a_change_of_the_base_is_a_change_of_what_is_based_on_it(tmp_path: Path) -> None:
    """Programs are kept by fingerprint."""
    base = file(tmp_path, "pumpleak: 1\n# one\n", "base.yaml")
    mine = file(tmp_path, HEAD.replace("generic-cell", "base.yaml"))
    before = light(str(mine)).fingerprint
    base.write_text("pumpleak: 1\n# two\n", encoding="utf-8")
    assert light(str(mine)).fingerprint != before


def test_the_published_schema_knows_both_forms() -> None:
    """All of a cell, or a base and any part of the rest; no key but those of a cell in either."""
    found = schema("cell")
    whole, based = found["anyOf"]
    assert found["required"] == ["pumpleak", "cell"]
    assert set(whole["required"]) == {"temperature", "places", "membrane", "transporters"}
    assert based == {"required": ["based_on"]}
    assert found["properties"]["based_on"]["type"] == "string"
    assert set(found["properties"]) == set(CellFile.model_json_schema()["properties"]) | {"based_on"}
    assert "$ref" in whole["properties"]["membrane"]


def test_saved_it_is_written_out_whole(tmp_path: Path) -> None:
    """What it was based on may change or be missing where it is read again."""
    changed = "places: {outside: {contents: {K: 6 mM, Na: 143 mM}}}\ntransporters: {stimulus: ~}\n"
    before = cell_in(file(tmp_path, HEAD + changed))
    saved = save(before, tmp_path / "elsewhere" / "saved.yaml")
    text = saved.read_text(encoding="utf-8")
    assert "based_on" not in text
    assert "generic-cell" not in text
    after = load(str(saved))
    assert after == before
    assert isinstance(after, Cell)
    assert after.outside.contents["K"] == 6.0
    assert "stimulus" not in {each.name for each in after.transporters}
