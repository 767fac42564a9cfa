"""CSV: columns with units out and in."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.base.errors import FormatError, NameUnknown
from pumpleak.formats.tables import header, read_table, table_text


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_columns_are_headed_by_name_and_unit() -> None:
    text = table_text({header("time", "s"): np.array([0.0, 0.1]), header("pump.activity", "1"): [1.0, 1e-300]})
    assert text == "time [s],pump.activity [1]\n0.0,1.0\n0.1,1e-300\n"


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_numbers_keep_all_their_digits(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    finite = np.array([value for value in values if np.isfinite(value)] or [0.0])
    path = write(tmp_path_factory.mktemp("t"), table_text({header("V", "mV"): finite}))
    np.testing.assert_array_equal(read_table(path)["V"].to("mV"), finite)


def test_units_are_read_with_the_numbers(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "# from a figure, \"quoted\nV [mV],rate at 1.5 mM [1/s],note\n-70,5,a\n\n10,,b\n"))
    np.testing.assert_array_equal(table["V"].to("V"), [-0.07, 0.01])
    np.testing.assert_array_equal(table["rate at 1.5 mM"].to("1/s"), [5.0, np.nan])
    assert table.texts["note"] == ("a", "b")
    assert len(table) == 2


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NameUnknown, match=r"unknown column of .*t\.csv 'W'; known: V"):
        read_table(write(tmp_path, "V [mV]\n1\n"))["W"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("V [mV]\nabc\n", ":2:1: 'abc' is not a number"),
        ("V [mV],I [pA]\n1,nan\n", ":2:2: 'nan' is not a number"),
        ("V [mV]\n1,2\n", ":2: 2 cells in a table of 1 columns; every line has one cell for each"),
        ("V [mq]\n1\n", ":1:1: column 'V': unknown unit 'mq' in 'mq'"),
        ("V [mV],V [mV]\n1,2\n", ":1:2: the column 'V' is there twice"),
        ("\n\n", ": the table is empty; its first line names the columns, such as 'time [s],V [mV]'"),
        ('V [mV]\n"1\n', ":2: not valid CSV: unexpected end of data"),
        (b"V [mV]\n\xff\n", ":2: the byte 0xff is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(FormatError) as found:
        read_table(path)
    assert str(found.value).startswith(f"{path}{message}")


@given(st.binary(max_size=100) | st.text(st.sampled_from('a1.,"[]\n\r #mV'), max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_a_format_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = write(tmp_path_factory.mktemp("t"), content)
    with contextlib.suppress(FormatError):
        read_table(path)


def test_a_missing_table_is_a_format_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.csv: cannot be read: No such file or directory"):
        read_table(tmp_path / "none.csv")
