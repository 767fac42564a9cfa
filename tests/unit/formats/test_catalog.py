"""The door to models: names, paths, light models whose fingerprints change with everything they are made from."""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from pumpleak.base.errors import FormatError, NameUnknown
from pumpleak.cell.cell import Cell
from pumpleak.enzyme.rate_law import RateLaw
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import SHELVES, entries, find, kind_named, light, load, study
from pumpleak.formats.document import read_file
from pumpleak.formats.header import kind_of
from pumpleak.formats.shelves import LARGEST
from pumpleak.lab.experiment import Experiment
from pumpleak.system.system import System

ENTRIES = [entry for shelf in SHELVES for entry in entries(shelf)]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_loads_as_what_its_shelf_says(entry: "object") -> None:
    found = load(entry.name)  # type: ignore[attr-defined]
    kinds = {"scheme": Scheme, "rate_law": RateLaw, "cell": Cell, "system": System, "study": Experiment}
    assert isinstance(found, kinds[entry.kind])  # type: ignore[attr-defined]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_what_is_listed_without_parsing_is_what_the_file_says(entry: "object") -> None:
    document = read_file(entry.path)  # type: ignore[attr-defined]
    plain = document.plain
    assert isinstance(plain, dict)
    listed = (entry.kind, entry.name, entry.title, entry.summary)  # type: ignore[attr-defined]
    kind = kind_of(document)
    assert listed == (kind, plain[kind], plain["title"], plain["summary"])
    assert all(listed), "an entry has a title and a summary, each on one line"


def test_names_are_found_by_kind() -> None:
    assert find("kay-2017", "cell").name == "kay-2017.yaml"
    with pytest.raises(NameUnknown, match=r"unknown scheme 'kay-2017'"):
        find("kay-2017", "scheme")
    with pytest.raises(NameUnknown, match="unknown shelf of the catalogue 'cell'; did you mean 'cells'"):
        entries("cell")


def test_paths_are_paths(tmp_path: Path) -> None:
    assert find("a/b") == Path("a/b")
    assert find("mine.yaml", beside=tmp_path / "x.yaml") == tmp_path / "mine.yaml"


def test_the_kind_of_a_file_is_seen_without_parsing_where_it_can_be(tmp_path: Path) -> None:
    assert [kind_named(name) for name in ("pan-2018-4", "kay-2017", "pump-block")] == ["scheme", "cell", "study"]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"pumpleak": 1, "cell": "x"}), encoding="utf-8")
    assert kind_named(str(path)) == "cell"
    with pytest.raises(FormatError, match="cannot be read"):
        kind_named(tmp_path / "none.yaml")


def test_json_is_accepted_as_yaml_is(tmp_path: Path) -> None:
    path = tmp_path / "kay.json"
    path.write_text(json.dumps(read_file(find("kay-2017")).plain, indent=1), encoding="utf-8")
    assert load(path) == load("kay-2017")


def test_a_light_model_is_the_cell_it_stands_for() -> None:
    model = light("kay-2017", {"outside.K": "8 mM"})
    assert model.name == "kay-2017"
    assert model.cell == load("kay-2017", {"outside.K": "8 mM"})
    assert model.system is model.cell.system
    assert model.with_values({"outside.Na": "140 mM"}) == light("kay-2017", {"outside.K": "8 mM", "outside.Na": "140 mM"})
    assert model != light("kay-2017")


def test_a_fingerprint_changes_with_all_that_a_model_is_made_from(tmp_path: Path) -> None:
    scheme, cell = tmp_path / "scheme.yaml", tmp_path / "cell.yaml"
    scheme.write_text(find("pan-2018-4").read_text(encoding="utf-8"), encoding="utf-8")
    text = find("generic-cell").read_text(encoding="utf-8")
    assert "pan-2018-4" in text
    cell.write_text(text.replace("pan-2018-4", "scheme.yaml"), encoding="utf-8")
    before = light(cell).fingerprint
    assert light(cell).fingerprint == before
    assert light(cell, {"outside.K": "8 mM"}).fingerprint != before
    assert light(cell, {"outside.K": "8 mM"}).fingerprint != light(cell, {"outside.K": "9 mM"}).fingerprint
    scheme.write_text(scheme.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    changed = light(cell).fingerprint
    assert changed != before
    cell.write_text(cell.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert light(cell).fingerprint not in (before, changed)


def test_a_fingerprint_covers_a_scheme_of_the_catalogue() -> None:
    from pumpleak.formats.shelves import _mentioned

    assert {path.name for path in _mentioned(find("generic-cell"))} >= {"generic-cell.yaml", "pan-2018-4.yaml"}


def test_a_light_model_of_no_file_is_refused_at_once() -> None:
    with pytest.raises(NameUnknown, match=r"unknown cell 'generic-cel'; did you mean 'generic-cell'"):
        light("generic-cel")
    with pytest.raises(FormatError, match=r"none\.yaml: cannot be read"):
        light("none.yaml")


def loaded(code: str, *modules: str) -> list[str]:
    """Which of these modules a fresh interpreter has after running the code."""
    shown = f"import sys\n{code}\nprint(sorted({set(modules)!r} & {{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    return list(json.loads(done.stdout.replace("'", '"')))


def test_neither_listing_nor_a_light_model_loads_what_reads_files() -> None:
    code = (
        "from pumpleak.formats.catalog import entries, kind_named, light\n"
        "assert entries('cells') and kind_named('kay-2017') == 'cell'\n"
        "assert light('generic-cell', {'outside.K': '8 mM'}).fingerprint\n"
    )
    assert loaded(code, "numpy", "pydantic", "ruamel", "pint", "scipy", "llvmlite") == []


def test_writing_a_result_loads_nothing_that_reads_files() -> None:
    code = "import pumpleak.formats.outputs, pumpleak.formats.study_written"
    assert loaded(code, "pydantic", "ruamel", "pint", "scipy", "matplotlib", "xarray", "zarr") == []


def test_a_file_of_gigabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    path, message = tmp_path / "big.yaml", r"big\.yaml: more than 1000000 bytes; a model file is far smaller"
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)  # sparse: it takes no room
    tracemalloc.start()
    for read in (light, load, kind_named, study, read_file):
        with pytest.raises(FormatError, match=message):
            read(path)
    (tmp_path / "small.yaml").write_text("pumpleak: 1\ncell: x\nnotes: [as in big.yaml]\n", encoding="utf-8")
    light(tmp_path / "small.yaml")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * LARGEST


def test_what_is_no_name_of_a_file_is_a_format_error() -> None:
    for read in (light, load, study):
        with pytest.raises(FormatError, match="is not the name of a file"):
            read("no\0name.yaml")
