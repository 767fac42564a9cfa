"""The error tree, and what each error holds and prints."""

import pytest

from pumpleak.base.errors import (
    FormatError,
    LedgerError,
    ModelError,
    NameUnknown,
    PumpleakError,
    SolveError,
    UnitError,
)


@pytest.mark.parametrize("error", [UnitError, NameUnknown, ModelError, SolveError, LedgerError, FormatError])
def test_every_error_is_one_of_ours(error: type[PumpleakError]) -> None:
    assert issubclass(error, PumpleakError)
    assert str(error("membrane.area is -3 um2")) == "membrane.area is -3 um2"


def test_solve_error_holds_what_was_computed() -> None:
    values = {"inside.Na": 1.5}
    error = SolveError("stopped", partial=[1], time=3.0, state="inside.Na", values=values, hint="try rtol=1e-6")
    values["inside.Na"] = 0.0
    assert (error.partial, error.time, error.state, error.values) == ([1], 3.0, "inside.Na", {"inside.Na": 1.5})
    assert str(error) == "stopped; try rtol=1e-6"


def test_ledger_error_holds_the_result() -> None:
    assert LedgerError("charge off by 1e-3", result="result").result == "result"


@pytest.mark.parametrize(
    ("file", "line", "column", "said"),
    [
        ("a.yaml", 3, 7, "a.yaml:3:7: bad"),
        ("a.yaml", 3, None, "a.yaml:3: bad"),
        ("a.yaml", None, None, "a.yaml: bad"),
        ("", 3, 7, "3:7: bad"),
        ("", None, None, "bad"),
    ],
)
def test_format_error_begins_with_the_place(file: str, line: int | None, column: int | None, said: str) -> None:
    error = FormatError("bad", file=file, line=line, column=column)
    assert str(error) == said
    assert (error.file, error.line, error.column) == (file, line, column)
