"""Reference grids of published schemes, as numbers, and how far a simulated column is from one of theirs."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.catalog import load

DATA = Path(__file__).parents[1] / "data" / "pump"
COLUMNS = {"Nai": "inside.Na", "Nao": "outside.Na", "Ki": "inside.K", "Ko": "outside.K", "ATP": "inside.ATP",
           "ADP": "inside.ADP", "Pi": "inside.Pi", "H": "inside.H", "V_mV": "membrane.V"}
# Grids are written with 8 digits, the summary with 6; relative to at least 0.1 /s, where turnover crosses zero.
GRID_TOLERANCE, SUMMARY_TOLERANCE, LEAST = 1e-7, 1e-5, 0.1


@cache
def scheme_named(name: str) -> Scheme:
    scheme = load(name)
    assert isinstance(scheme, Scheme)
    return scheme


def table(name: str) -> dict[str, list[str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(column: list[str]) -> NDArray[np.float64]:
    return np.array([float(entry) for entry in column])


def deviation(found: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(found - expected) / np.maximum(np.abs(expected), LEAST)))
