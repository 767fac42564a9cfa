"""The folder of a result: every file is written aside and renamed, so that a reader only ever sees whole files.

A result becomes `result.csv` (first column `time [s]`), `summary.json`, and the study that would run it again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak.base.errors import FormatError
from pumpleak.base.names import shown
from pumpleak.formats.scalars import Plain, finite
from pumpleak.formats.tables import Array, header, table_text
from pumpleak.formats.writing import yaml_text

if TYPE_CHECKING:
    from pumpleak.lab.result import Result

# A pump's turnover is spoken of per second.
SHOWN = {"1/ms": "1/s"}


class Folder:
    """A folder that results are written to, made if need be; nothing is written outside it.

    Raises FormatError with the path and the cause where the operating system refuses, already when it is made: before
    the first long computation, not after it. option: what the user gives to name another.
    """

    def __init__(self, path: Path, option: str = "--out") -> None:
        self.path, self.option = path, option
        trial = path / f".{secrets.token_hex(8)}.part"
        try:
            path.mkdir(parents=True, exist_ok=True)
            trial.touch()
            trial.unlink()
        except (OSError, ValueError) as error:
            raise self._refused(path, error) from None

    def text(self, name: str, content: str) -> Path:
        """Write a text file, UTF-8, and return its path."""
        return self.bytes(name, content.encode("utf-8", "surrogatepass"))

    def json(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write a mapping as JSON and return its path; NaN and infinity, which JSON has not, become null."""
        return self.text(name, json.dumps(finite(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n")

    def bytes(self, name: str, content: bytes) -> Path:
        """Write a file and return its path; an old one of that name stays, whole, until the new one takes its place."""
        target = self._inside(name)
        aside = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(target)
        except (OSError, ValueError) as error:
            self._forget(aside)
            raise self._refused(target, error) from None
        except BaseException:
            self._forget(aside)
            raise
        return target

    def _inside(self, name: str) -> Path:
        # the anchor is a root, a drive of Windows, or both: each leads away from the folder
        if not name or Path(name).anchor or ".." in Path(name).parts:
            raise FormatError(f"{shown(name)} is not a file in this folder", file=str(self.path))
        return self.path / name

    def _refused(self, path: Path, error: OSError | ValueError) -> FormatError:
        cause = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return FormatError(f"cannot be written: {cause}; name another folder with {self.option}", file=str(path))

    @staticmethod
    def _forget(aside: Path) -> None:
        try:
            aside.unlink(missing_ok=True)
        except (OSError, ValueError):
            return


def write_result(folder: Folder, result: Result, study: Mapping[str, Plain] | None = None,
                 circumstances: Mapping[str, Any] | None = None) -> list[Path]:
    """Write a result, whole or partial: its table, its summary and, where given, its study; return their paths.

    circumstances: what else belongs into the summary, such as the seed.

    The summary comes first: it is small, and on a disk that is nearly full it is what one would keep.
    """
    written = [folder.json("summary.json", {**result.summary(), **(circumstances or {})})]
    if study is not None:
        written.append(folder.text("study.yaml", yaml_text(study)))
    return [*written, folder.text("result.csv", result_table(result))]


def result_table(result: Result) -> str:
    """Return the recorded quantities of a result as CSV, in the units in which they are spoken of."""
    columns = {header("time", "s"): _array(result.time.to("s"))}
    for name in result.names:
        kept = result.unit(name) or "1"
        shown_in = SHOWN.get(kept, kept)
        values = result.column(name) if shown_in == kept else _array(result[name].to(shown_in))
        columns[header(name, shown_in)] = values
    return table_text(columns)


def _array(values: float | Array) -> Array:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))
