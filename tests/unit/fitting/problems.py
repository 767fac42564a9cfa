"""Problems of fitting whose answer is known: data made by the schemes themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from pumpleak.enzyme.response import respond
from pumpleak.enzyme.scheme import Scheme
from pumpleak.fitting.data import Dataset
from pumpleak.fitting.problem import Noise, Problem
from pumpleak.fitting.unknown import Unknown
from pumpleak.formats.catalog import load

BASE = "physiological"
SWEEPS = {"inside.Na": np.geomspace(2.0, 60.0, 12), "outside.K": np.geomspace(0.2, 20.0, 12),
          "membrane.V": np.linspace(-120.0, 60.0, 10), "inside.ATP": np.geomspace(0.005, 5.0, 8)}


@cache
def scheme(name: str) -> Scheme:
    found = load(name)
    assert isinstance(found, Scheme)
    return found


def unknowns(model: Scheme, names: Sequence[str], off: float = 1.0, room: float = 100.0) -> tuple[Unknown, ...]:
    """Constants to be found again, begun `off` times their values."""
    found = []
    for each in (next(each for each in model.parameters if each.name == name) for name in names):
        found.append(Unknown(each.name, off * each.value, each.value / room, each.value * room, unit=each.unit))
    return tuple(found)


def chapman(names: Sequence[str] = ("load", "release", "dephosphorylation"), random: np.random.Generator | None = None,
            off: float = 1.0, noise: Noise = "given", tied: Mapping[str, str] | None = None) -> Problem:
    """42 turnovers of chapman-1983 with noise of 2 % of the largest; those against ATP on a scale of their own."""
    model = scheme("chapman-1983")
    data = []
    for swept, at in SWEEPS.items():
        exact = respond(model, {swept: at}, BASE).turnover
        error = 0.02 * float(exact.max())
        seen = exact if random is None else exact + error * random.standard_normal(len(at))
        free = swept == "inside.ATP"
        data.append(Dataset(swept.replace(".", "-"), {swept: at}, seen * (3.7 if free else 1.0), error * (3.7 if free else 1.0),
                            base=BASE, swept=swept, scale="table" if free else "no"))
    return Problem(model, tuple(data), unknowns(model, names, off), dict(tied or {}), noise)
