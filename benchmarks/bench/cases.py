"""What is run: a case is one model with its values, output times and changes; a workload is one or more cases of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.models import model
from pumpleak.system.system import System

Array = NDArray[np.float64]
VARIED = ("gNa", "gK", "gNaL", "gKL", "gCa", "gKCa")  # of the population
SPREAD = 0.1  # each by up to this part, so that every member still spikes
DRIVE = {"A": 2.0, "B": 9.0}  # uA/cm2, some 620 spikes in 10 s either way
DRIVE_FIRST = {"A": 2.0, "B": 12.0}  # B, whose pump starts strong, does not spike in its first second with less


@dataclass(frozen=True)
class Case:
    """A run from the model's start values: `values` replace parameters, `changes` do so at a time [ms] of the grid."""

    system: System
    grid: Array
    values: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[tuple[float, Mapping[str, float]], ...] = ()

    @property
    def parameters(self) -> dict[str, float]:
        """All parameters at the start."""
        return {**{parameter.name: parameter.value for parameter in self.system.parameters}, **self.values}

    def stretches(self) -> Iterator[tuple[Array, dict[str, float]]]:
        """Output times of each stretch of constant parameters, both ends included, and the parameters in it."""
        values = self.parameters
        begin = float(self.grid[0])
        for end, changed in (*self.changes, (float(self.grid[-1]), {})):
            inside = (self.grid >= begin) & (self.grid <= end)
            yield self.grid[inside], dict(values)
            values.update(changed)
            begin = end


@dataclass(frozen=True)
class Workload:
    """Cases of one kind. `target` is the error at which engines are compared; a slow engine runs the first `few` cases."""

    key: str
    title: str
    cases: tuple[Case, ...]
    target: float
    few: int = 1


def spiking(name: str) -> Workload:
    """(a) 10 s of spiking."""
    case = Case(model(name), np.linspace(0.0, 1e4, 1001), {"Iinj": DRIVE[name]})
    return Workload(f"a-{name}", f"(a) {name}: 10 s of spiking, 1001 outputs", (case,), 1.5e-3)


def hour(name: str, gNa: float = 0.5) -> Workload:
    """(b) One hour, the pump off after ten minutes; too little sodium conductance to spike."""
    case = Case(model(name), np.linspace(0.0, 3.6e6, 1201), {"gNa": gNa}, ((6e5, {"pump": 0.0}),))
    return Workload(f"b-{name}", f"(b) {name}: 1 h, pump off at 600 s", (case,), 1e-5)


def population(name: str, members: int, few: int = 4) -> Workload:
    """(c) One second of spiking of members that differ in six conductances."""
    draws = np.random.default_rng(5).uniform(1.0 - SPREAD, 1.0 + SPREAD, (members, len(VARIED)))
    base = {parameter.name: parameter.value for parameter in model(name).parameters}
    grid, drive = np.linspace(0.0, 1e3, 101), {"Iinj": DRIVE_FIRST[name]}
    cases = tuple(Case(model(name), grid, {**drive, **{key: base[key] * part for key, part in zip(VARIED, row, strict=True)}})
                  for row in draws)
    return Workload(f"c-{name}", f"(c) {name}: members of a population, 1 s each", cases, 5e-4, few)


def alternating(name: str, rounds: int = 4) -> Workload:
    """Spiking for 2 s and ten minutes of silence (no sodium conductance), in turn."""
    spell, silence = 2e3, 6e5
    times, changes, begin = [], [], 0.0
    for _ in range(rounds):
        changes += [(begin + spell, {"gNa": 0.5}), (begin + spell + silence, {"gNa": 30.0})]
        times += [np.linspace(begin, begin + spell, 201)[:-1], np.linspace(begin + spell, begin + spell + silence, 61)[:-1]]
        begin += spell + silence
    grid = np.append(np.concatenate(times), begin)
    case = Case(model(name), grid, {"Iinj": DRIVE[name]}, tuple(changes[:-1]))
    return Workload(f"turns-{name}", f"{name}: 2 s of spiking and 10 min of silence, {rounds} times", (case,), 1.5e-3)
