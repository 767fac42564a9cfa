"""Text to nodes: places, the core schema, JSON, caps; what is refused is in tests/text/test_messages.py."""

import contextlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.base.errors import FormatError, ModelError, UnitError
from pumpleak.formats import document
from pumpleak.formats.document import read, read_file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("-5", -5), ("5.0", 5.0), ("5e3", 5000.0), (".5", 0.5), ("5.", 5.0), ("+5", 5),
        ("null", None), ("~", None), ("", None), ("true", True), ("False", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("NO", "NO"), ("1:30", "1:30"), ("0x10", "0x10"), ("1_000", "1_000"),
        ("2020-01-01", "2020-01-01"), ("5 mM", "5 mM"), ("'5'", "5"), ('"null"', "null"), ("|-\n  two\n  lines", "two\nlines"),
        (".inf", float("inf")), ("999999999999999999", 1e18), ("e5", "e5"), ("1e", "1e"), ("-", [None]),
    ],
)
def test_a_scalar_means_what_the_core_schema_of_yaml_1_2_says(text: str, value: object) -> None:
    (found,) = (read(f"key: {text}") if text != "-" else read("key:\n  -")).plain.values()  # type: ignore[union-attr]
    assert (found, type(found)) == (value, type(value))


def test_a_number_longer_than_python_reads_as_an_integer_is_a_float() -> None:
    assert read("a: " + "9" * 100_000).plain == {"a": float("inf")}


def test_every_node_knows_its_line_and_column() -> None:
    tree = read("a:\n  b: [1, {c: 2}]\n  'd': x\n", "f.yaml")
    assert tree.place(("a",)) == (2, 3)
    assert tree.place(("a",), key=True) == (1, 1)
    assert tree.place(("a", "b", 1, "c")) == (2, 14)
    assert tree.place(("a", "d"), key=True) == (3, 3)


def test_a_path_that_leads_nowhere_ends_at_the_last_node_on_the_way() -> None:
    tree = read("a:\n  b: [1]\n")
    assert tree.place(("a", "missing", "deeper")) == (2, 3)
    assert tree.place(("a", "b", 7)) == (2, 6)


def test_errors_raised_within_a_place_get_it_once() -> None:
    tree = read("a: {b: 5}", "f.yaml")
    with pytest.raises(UnitError, match=r"^f\.yaml:1:8: no unit$"), tree.at("a"), tree.at("a", "b"):
        raise UnitError("no unit")
    with pytest.raises(ModelError, match=r"^f\.yaml:1:5: bad name$"), tree.at("a", "b", key=ModelError):
        raise ModelError("bad name")
    with pytest.raises(FormatError) as found, tree.at("a", "b"):
        raise FormatError("bad text")
    assert (found.value.file, found.value.line, found.value.column) == ("f.yaml", 1, 8)


def test_an_error_of_another_file_keeps_its_own_place() -> None:
    tree = read("a: b", "f.yaml")
    with pytest.raises(FormatError, match=r"^g\.yaml:3: bad$"), tree.at("a"):
        raise FormatError("bad", file="g.yaml", line=3)


def test_other_errors_pass_through_untouched() -> None:
    with pytest.raises(KeyboardInterrupt), read("a: b").at("a"):
        raise KeyboardInterrupt


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.sampled_from([None, 2, "\t"]))
def test_json_is_read_as_json_reads_it(value: object, indent: int | str | None) -> None:
    assert read(json.dumps({"key": value}, indent=indent)).plain == {"key": value}


def test_json_characters_in_two_halves_are_one() -> None:
    assert read('{"a": "\\ud83d\\ude00"}').plain == {"a": "\U0001f600"}
    with pytest.raises(FormatError, match="half a character"):
        read('{"a": "\\ud83d"}')


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbfa: 1").plain == {"a": 1}


def test_a_file_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: µ", encoding="utf-8")
    assert read_file(path).plain == {"a": "µ"}
    assert read_file(path).file == str(path)


@pytest.mark.parametrize("name", ["", "no\0name.yaml", "x" * 5000, "."])
def test_what_is_no_file_is_a_format_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError):
        read_file(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"k{number}: {number} mM" for number in range(24_000)),
        "a: " + "x " * 499_000,
        'a: "' + "x\n" * 499_000,
        "- " * 499_000,
        "? " * 499_000,
        "{" * 999_000,
        "#\n" * 499_000 + "a: 1",
        "&a " * 300_000,
        "%A\n" * 300_000,
        " " * 999_000,
        "a: 1\n" * 199_000,
        "a" * 999_000 + ": 1",
    ],
    ids=lambda text: text[:6],
)
def test_the_largest_texts_are_answered_within_seconds(text: str) -> None:
    start = time.perf_counter()
    with contextlib.suppress(FormatError):
        read(text)
    assert time.perf_counter() - start < 20  # 1 to 2 s when measured; the cap of the size bounds it


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_format_error(content: bytes) -> None:
    with contextlib.suppress(FormatError):
        read(content)


@given(st.text(st.sampled_from("ab1 :-,[]{}#&*!|>'\"%@`?\n\t\\~<=.\0é"), max_size=40))
def test_no_punctuation_raises_anything_but_a_format_error(text: str) -> None:
    message = "<text>:"
    try:
        read(text)
    except FormatError as error:
        message = str(error)
    assert message.startswith("<text>:")


def test_only_this_module_imports_ruamel() -> None:
    folder = Path(document.__file__).parents[1]
    found = [path.name for path in folder.rglob("*.py") if "from ruamel" in path.read_text(encoding="utf-8")]
    assert found == ["document.py"]
