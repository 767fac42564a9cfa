"""Whatever a file holds, reading it ends soon, and in a model or in one of our errors with its place."""

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.formats.cell import cell_of
from pumpleak.formats.document import read
from pumpleak.formats.header import kind_of
from pumpleak.formats.rate_law import rate_law_of
from pumpleak.formats.scheme import scheme_of
from pumpleak.formats.shelves import names
from pumpleak.formats.study_read import study_of
from pumpleak.formats.system import system_of

READERS = {"scheme": scheme_of, "rate_law": rate_law_of, "cell": cell_of, "system": system_of, "study": study_of}
FILES = [path.read_text(encoding="utf-8") for path in names().values()]
WORDS = sorted({word for text in FILES for word in text.split()})
NUMBER = re.compile(r"[-+]?[0-9][0-9.eE+-]*( [a-zA-Z0-9/()^ ]+)?")
VALUES = (
    "0", "-1", "1e308", "1e-320", "nan", ".nan", ".inf", "1e400", "7**7**7 mM", "0 mM", "-5 mM", "1e308 mM", "5 mV",
    "1e300 um3", "1e-300 um2", "{value: 5 mM}", "[]", "{}", "null", "true", "&a", "*a", "!x", '"', "{", "1e200 1/s", "9^9^9^9",
    "x^x", "1/0", "log(0)", "exp(1e9)", "1e160 K", "1e6 year", "-4 h", "1e-300 s", "1000000", "pan-2018-15", "membrane.V",
)
# A hundred times what the largest file of the catalogue takes.
SOON = 10.0


def spoilt(seed: int) -> str:
    """A file of the catalogue with one to three faults."""
    draw = random.Random(seed)
    text = draw.choice(FILES)
    for _ in range(draw.randint(1, 3)):
        text = draw.choice((_line, _character, _value, _value, _value, _word))(text, draw)
    return text


def _line(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    lines[at : at + 1] = draw.choice(([], [lines[at], draw.choice(lines)]))
    return "\n".join(lines)


def _character(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return text[:at] + draw.choice("{}[]:,#&*!|>'\"%@`-? \n\t\0é") + text[at + draw.randint(0, 9) :]


def _value(text: str, draw: random.Random) -> str:
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    match = draw.choice(found)
    return text[: match.start()] + draw.choice(VALUES) + draw.choice(("", match[1] or "")) + text[match.end() :]


def _word(text: str, draw: random.Random) -> str:
    parts = text.split(" ")
    parts[draw.randrange(len(parts))] = draw.choice(WORDS)
    return " ".join(parts)


def outcome(text: str) -> str:
    start = time.perf_counter()
    try:
        document = read(text, "f.yaml")
        READERS[kind_of(document)](document)
        result, message = "a model", "f.yaml:"
    except (FormatError, UnitError, NameUnknown, ModelError) as error:
        result, message = type(error).__name__, str(error)
    assert message.startswith("f.yaml:"), message
    assert time.perf_counter() - start < SOON
    return result


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_a_spoilt_file_gives_a_model_or_a_located_error(seed: int) -> None:
    outcome(spoilt(seed))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", *(f"pumpleak: 1\n{kind}: x\n" for kind in READERS)]))
def test_random_text_gives_a_located_error(text: str, head: str) -> None:
    assert outcome(head + text) == "FormatError"


def test_the_faults_reach_every_kind_of_error() -> None:
    found = {outcome(spoilt(seed)) for seed in range(120)}
    assert found == {"a model", "FormatError", "UnitError", "NameUnknown", "ModelError"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_many_spoilt_files_give_a_model_or_a_located_error() -> None:
    for seed in range(20_000):
        outcome(spoilt(seed))
