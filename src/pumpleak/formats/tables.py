"""CSV tables: results as columns `name [unit]` after `time [s]`, and tables of data with units in their headers."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pumpleak.base.errors import FormatError, UnitError
from pumpleak.base.names import lookup, shown
from pumpleak.base.units import Quantity, Unit, unit

# A table of a published figure has at most some thousand rows.
LARGEST = 20_000_000
_HEADER = re.compile(r"(.*?)\s*\[([^\]]*)\]")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Columns of equal length by name: numbers with their unit, or texts where a column is not of numbers."""

    columns: Mapping[str, Quantity]
    texts: Mapping[str, tuple[str, ...]]
    file: str = ""

    def __getitem__(self, name: str) -> Quantity:
        return lookup(name, self.columns, f"column of {self.file or 'the table'}")

    def __len__(self) -> int:
        lengths = [np.size(column.value) for column in self.columns.values()] + [len(each) for each in self.texts.values()]
        return lengths[0] if lengths else 0


def header(name: str, measured: Unit | str) -> str:
    """Return the heading of a column: `inside.Na [mM]`; `[1]` for a pure number."""
    return f"{name} [{measured}]"


def table_text(columns: Mapping[str, ArrayLike]) -> str:
    """Return columns by their headings (see `header`) as the text of a CSV file; numbers keep all their digits.

    A cell is empty where there is no number, as `read_table` takes it.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    cells = [_cells(np.asarray(column, dtype=np.float64)) for column in columns.values()]
    # numbers need no quotes: joined, they are written in half the time; only a row that is empty would look like none
    stream.writelines((",".join(row) or '""') + "\n" for row in zip(*cells, strict=True))
    return stream.getvalue()


def _cells(column: NDArray[np.float64]) -> list[str]:
    """Numbers as texts, nothing where there is none; a column that does not change is written once."""
    bits = column.view(np.int64)
    once = column.size > 1 and bool(np.all(bits == bits[0]))
    texts = ["" if text == "nan" else text for text in map(repr, column[:1].tolist() if once else column.tolist())]
    return texts * column.size if once else texts


def read_table(path: Path, largest: int = LARGEST) -> Table:
    """Return the columns of a CSV file whose headers carry units, such as `V [mV]`; lines that begin with # are skipped.

    A column without a unit in its header is one of texts. An empty cell of a number is NaN, a point that was not
    measured. Raises FormatError with line and column, also for a unit that is not known.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(largest + 1)
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", file=str(path)) from None
    if len(content) > largest:
        raise FormatError(f"more than {largest} bytes; tables of data are smaller", file=str(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FormatError(f"the byte 0x{content[error.start]:02x} is not UTF-8 text", file=str(path), line=line) from None
    return _table(_rows(text, str(path)), str(path))


def _rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
                rows.append((reader.line_num, [cell.strip() for cell in row]))
    except csv.Error as error:
        raise FormatError(f"not valid CSV: {error}", file=file, line=reader.line_num) from None
    if not rows:
        raise FormatError("the table is empty; its first line names the columns, such as 'time [s],V [mV]'", file=file)
    return rows


def _table(rows: Sequence[tuple[int, list[str]]], file: str) -> Table:
    (first, heads), *body = rows
    for line, cells in body:
        if len(cells) != len(heads):
            message = f"{len(cells)} cells in a table of {len(heads)} columns; every line has one cell for each"
            raise FormatError(message, file=file, line=line)
    columns: dict[str, Quantity] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for index, head in enumerate(heads):
        name, measured = _heading(head, file, first, index)
        if name in columns or name in texts:
            raise FormatError(f"the column {shown(name)} is there twice", file=file, line=first, column=index + 1)
        column = [(line, cells[index]) for line, cells in body]
        if measured is None:
            texts[name] = tuple(cell for _, cell in column)
        else:
            columns[name] = Quantity(_numbers(column, file, index), measured)
    return Table(columns, texts, file)


def _heading(head: str, file: str, line: int, index: int) -> tuple[str, Unit | None]:
    match = _HEADER.fullmatch(head)
    if match is None:
        return head, None
    try:
        return match[1], unit(match[2]) if match[2] else Unit()
    except UnitError as error:
        raise FormatError(f"column {shown(match[1])}: {error}", file=file, line=line, column=index + 1) from None


def _numbers(cells: Iterable[tuple[int, str]], file: str, index: int) -> Array:
    values = []
    for line, cell in cells:
        if cell and not _NUMBER.fullmatch(cell):
            raise FormatError(f"{shown(cell)} is not a number", file=file, line=line, column=index + 1)
        values.append(float(cell) if cell else math.nan)
        if math.isinf(values[-1]):
            raise FormatError(f"{shown(cell)} is too large for a number", file=file, line=line, column=index + 1)
    return np.array(values, dtype=np.float64)
