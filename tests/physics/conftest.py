"""Every cell of the catalogue goes through every law: a new entry is tested by being there."""

from __future__ import annotations

from functools import cache

import pytest

from pumpleak.cell.cell import Cell
from pumpleak.formats.catalog import entries, load

CELLS = [entry.name for entry in entries("cells") if entry.kind == "cell"]


@cache
def loaded(name: str) -> Cell:
    """A cell of the catalogue, built once."""
    cell = load(name)
    assert isinstance(cell, Cell)
    return cell


@pytest.fixture(params=CELLS)
def cell(request: pytest.FixtureRequest) -> Cell:
    """Each cell of the catalogue in turn."""
    return loaded(request.param)


@pytest.fixture
def generic() -> Cell:
    """The generic cell with the thermodynamic pump."""
    return loaded("generic-cell")
