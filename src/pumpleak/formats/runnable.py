"""What can be run, a cell or a system of equations: read from its file, and with other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pumpleak.base.units import Quantity
from pumpleak.cell.cell import Cell
from pumpleak.formats import cell as cells
from pumpleak.formats import system as systems
from pumpleak.formats.document import read_file
from pumpleak.formats.header import expect, kind_of
from pumpleak.system.system import System

Overrides = Mapping[str, str | float | Quantity]


def model_in(path: Path, overrides: Overrides | None = None) -> Cell | System:
    """Return the cell or the system of a file, with overrides; raises FormatError for another kind of file."""
    document = read_file(path)
    if kind_of(document) == "system":
        return systems.system_of(document, overrides)
    expect(document, "cell")
    return cells.cell_of(document, overrides)


def with_values(model: Cell | System, values: Overrides) -> Cell | System:
    """Return the model with other numbers, by dotted name; raises NameUnknown and UnitError."""
    return systems.with_values(model, values) if isinstance(model, System) else cells.apply_overrides(model, values)
