"""Fit: what came of fitting a model to data, and how much of it the data settle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pumpleak.base.sources import Source
from pumpleak.base.units import Quantity
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.sensitivity import ACTIVATION, ENTHALPY
from pumpleak.fitting.data import Array
from pumpleak.fitting.identify import Interval
from pumpleak.fitting.objective import Fitted, Objective
from pumpleak.fitting.profile import Profile
from pumpleak.fitting.sample import Sample, sampled
from pumpleak.lab.experiment import unit_of

DONE, INTERRUPTED = "done", "interrupted"


@dataclass(frozen=True)
class Estimate:
    """A fitted constant in its internal unit: value, interval, and what the data say of it in words.

    by: "profile" or "curvature", where the interval comes from.
    """

    name: str
    value: float
    unit: str
    interval: Interval
    verdict: str
    by: str

    @property
    def quantity(self) -> Quantity:
        """The value with its unit."""
        return Quantity(self.value, unit_of(self.unit))

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends of the interval in the unit that is shown."""
        low, high = (in_shown_unit(each, self.unit) for each in (self.interval.low, self.interval.high))
        return low, high


@dataclass(frozen=True, repr=False)
class Fit:
    """The best fit of a problem.

    cost: sum of squared residuals in errors, priors included. noise: factor by which errors were found larger than given (1
    where they are given). costs: of each start. x: coordinates. jacobian: of the residuals there. status: "done", or
    "interrupted" with the best so far.
    """

    objective: Objective
    estimates: tuple[Estimate, ...]
    cost: float
    noise: float
    freedom: int
    costs: tuple[float, ...]
    x: Array
    jacobian: Array
    threshold: float
    status: str = DONE
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    samples: Sample | None = None

    def __repr__(self) -> str:
        problem = self.objective.problem
        size = self.objective.count
        lines = [f"{problem.name}: {len(self.estimates)} constants fitted to {size} points in {len(problem.data)} data sets, "
                 f"{self.status}",
                 f"  cost {self.cost:.6g} (best of {len(self.costs)} start{'s' * (len(self.costs) != 1)})"
                 + (f", errors taken {self.noise:.3g} times as large as given, as they were found"
                    if problem.noise == "estimated" else "")
                 + (f"; the starts came to {min(self.costs):.6g} with those given" if self.noise != 1.0 and self.costs else "")]
        rows = [(each.name, in_shown_unit(each.value, each.unit), " to ".join(each.ends), each.verdict)
                for each in self.estimates]
        heads = ("constant", "value", f"{100.0 * problem.level:g} % interval", "verdict")
        widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(3)]
        lines += ["  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
                  for row in [heads, *rows]]
        by = {each.by for each in self.estimates}
        lines.append(f"  intervals from {' and '.join(sorted(by))}"
                     + " at the best point; a profile is surer" * (by == {"curvature"}))
        for each in self.fits:
            lines.append("  " + told(each))
        return "\n".join(lines)

    __str__ = __repr__

    @property
    def parameters(self) -> dict[str, Quantity]:
        """The fitted constants with their units, tied ones included."""
        problem = self.objective.problem
        return {name: Quantity(value, unit_of(problem.constant(name)[1])) for name, value in self.values.items()}

    @property
    def values(self) -> dict[str, float]:
        """The fitted constants in internal units, tied ones included."""
        found = dict(zip(self.objective.names, self.objective.values(self.x), strict=True))
        return self.objective.problem.values(found)

    @property
    def intervals(self) -> dict[str, tuple[Quantity, Quantity]]:
        """Both ends of what agrees with the data, at the level of the problem."""
        return {each.name: (Quantity(each.interval.low, unit_of(each.unit)), Quantity(each.interval.high, unit_of(each.unit)))
                for each in self.estimates}

    @property
    def verdicts(self) -> dict[str, str]:
        """In words, what the data say of each constant."""
        return {each.name: each.verdict for each in self.estimates}

    @property
    def fits(self) -> list[Fitted]:
        """Each data set beside the model."""
        return self.objective.fitted(self.x, slopes=False)

    @property
    def residuals(self) -> dict[str, Array]:
        """Model less measurement of each data set, in its unit."""
        return {each.data.name: each.values - each.data.points for each in self.fits}

    @property
    def model(self) -> Any:
        """The model with what was found: a scheme of a scheme, a cell of a cell."""
        problem = self.objective.problem
        if isinstance(problem.model, Scheme):
            return fitted_scheme(problem.model, self.values, problem.name, len(problem.data), self.objective.count)
        rebuilt = getattr(problem.model, "with_values", None)
        return problem.model if rebuilt is None else rebuilt(self.parameters)

    def sample(self, steps: int = 2000, walkers: int | None = None, seed: int = 1) -> Fit:
        """The same fit with a sample of its posterior (emcee): bounds as flat priors, scales at their best.

        Raises ModelError where emcee is not installed.
        """
        return replace(self, samples=sampled(self.objective, self.x, self.jacobian, steps, walkers, seed))


def told(fitted: Fitted) -> str:
    """One data set in a line: how far the model is off, and the scales that were found."""
    data = fitted.data
    off = float(np.sqrt(np.mean((fitted.values - data.points) ** 2)))
    scales = f"; scale {', '.join(f'{each:.4g}' for each in fitted.scales)}" if data.scale != "no" else ""
    offsets = f"; offset {', '.join(f'{each:.4g}' for each in fitted.offsets)}" if data.offset != "no" else ""
    aside = "" if data.weight else " (not fitted)"
    measured_in = f" {data.unit}" if data.unit != "1" else ""
    return f"{data.name}: {len(data)} points of {data.observe}, rms {off:.4g}{measured_in}{scales}{offsets}{aside}"


def shown_unit(internal: str) -> str:
    """The unit in which a constant is spoken of: rates per second."""
    return re.sub(r"\bms\b", "s", internal) if internal.startswith("1/") else internal


def in_shown_unit(value: float, internal: str) -> str:
    """A value with the unit in which it is spoken of."""
    shown = shown_unit(internal)
    if shown == "1":
        return f"{value:.4g}"
    return f"{float(np.asarray(Quantity(value, unit_of(internal)).to(unit_of(shown)))):.4g} {shown}"


def fitted_scheme(scheme: Scheme, values: Mapping[str, float], name: str, tables: int, points: int) -> Scheme:
    """A scheme with other constants and enthalpies, which say that they were fitted."""
    key = f"fit-{name}"
    source = Source(key, f"Fitted by pumpleak (problem {name!r}) to {points} points of {tables} data sets", kind="ours")
    parameters = tuple(replace(each, value=values[each.name], source=key) if each.name in values else each
                       for each in scheme.parameters)
    steps = tuple(replace(each, activation=values.get(f"{each.name}{ACTIVATION}", each.activation)) for each in scheme.steps)
    enthalpies = {**scheme.enthalpies, **{each.removesuffix(ENTHALPY): value for each, value in values.items()
                                          if each.removesuffix(ENTHALPY) in scheme.states and each.endswith(ENTHALPY)}}
    kept = tuple(each for each in scheme.sources if each.key != key)
    note = f"This is {scheme.name} with {len(values)} constants of the fit {name!r}; its notes hold for its own alone."
    return replace(scheme, name=name, title=f"{scheme.title or scheme.name}, constants of the fit {name}",
                   summary=f"{scheme.name} with {len(values)} constants fitted to {points} points", parameters=parameters,
                   steps=steps, enthalpies=enthalpies, sources=(*kept, source), notes=(note,))
