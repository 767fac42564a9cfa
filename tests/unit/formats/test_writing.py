"""Plain data as YAML: readable, and read back as it was."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.formats.document import read
from pumpleak.formats.scalars import Plain
from pumpleak.formats.writing import yaml_text

texts = st.text(max_size=30) | st.sampled_from(
    ["5", "-", "- a", "true", "null", "", " a", "a ", "a: b", "a #b", "{a}", "[a]", "*a", "&a", "!a", "-70 mV", "1e5", "yes",
     "<<", "a\nb", "µ", "E + 3 inside.Na <-> F", "'", '"', "%a", "@", "`", ".nan", "a,b", "--- a", "...", "\u2028", "\x7f"]
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(texts, plain, min_size=1, max_size=5))
def test_what_is_written_is_read_back(content: dict[str, Plain]) -> None:
    assert read(yaml_text(content)).plain == content


def test_not_a_number_is_written_as_yaml_has_it() -> None:
    found = read(yaml_text({"a": math.nan})).plain
    assert isinstance(found, dict)
    assert math.isnan(found["a"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"a": "5 mM", "b": -70.0}, "a: 5 mM\nb: -70.0\n"),
        ({"a": {"b": "5 mM", "c": [1, 2]}}, "a:\n  b: 5 mM\n  c: [1, 2]\n"),
        ({"a": {"value": "5 mM", "source": "kay-2017"}}, "a: {value: 5 mM, source: kay-2017}\n"),
        ({"a": [{"hold": "1 h", "with": {"b": 0}}, {"hold": "2 h"}]}, "a:\n  - hold: 1 h\n    with: {b: 0}\n  - {hold: 2 h}\n"),
        ({"a": "5"}, 'a: "5"\n'),
        ({"a": "two\nlines"}, 'a: "two\\nlines"\n'),
        ({"a": "x" * 200}, f"a: {'x' * 200}\n"),
        ({"a": {}}, "a: {}\n"),
    ],
)
def test_it_reads_like_a_file_of_the_catalogue(content: dict[str, Plain], text: str) -> None:
    assert yaml_text(content) == text
