"""A problem of fitting: a model, data, the constants that may change, and what is known of noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from pumpleak.base.errors import ModelError, NameUnknown
from pumpleak.base.names import did_you_mean, shown
from pumpleak.enzyme.scheme import Scheme
from pumpleak.enzyme.sensitivity import constant_of
from pumpleak.fitting.data import Dataset
from pumpleak.fitting.unknown import Unknown
from pumpleak.lab.experiment import Experiment
from pumpleak.lab.programs import Model
from pumpleak.system.expression import Expression, evaluate, symbols
from pumpleak.system.grammar import parse

Noise = Literal["given", "estimated"]
Loss = Literal["linear", "soft_l1"]


@dataclass(frozen=True)
class Problem:
    """What is fitted to what.

    model: a scheme, or what the experiments run. tied: constants that follow others, as formulas such as "2*K_Na_in".
    noise: whether errors are given or known but for one common factor, which is then estimated. loss: "soft_l1" lets points far
    off pull less. level: of intervals. experiments: those that data sets of time courses name.

    Raises NameUnknown and ModelError for constants that the model has not, that are fitted or tied twice, formulas of what has
    no value, and for a problem without data or unknowns.
    """

    model: Scheme | Model
    data: tuple[Dataset, ...]
    unknowns: tuple[Unknown, ...]
    tied: Mapping[str, str] = field(default_factory=dict)
    noise: Noise = "estimated"
    loss: Loss = "linear"
    level: float = 0.9
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    name: str = "fit"
    title: str = ""

    def __post_init__(self) -> None:
        names = [each.name for each in self.unknowns]
        if not self.unknowns or not any(each.weight for each in self.data):
            raise ModelError(f"{self.name}: {len(names)} constants are to be fitted to {len(self.data)} data sets "
                             f"({sum(len(each) for each in self.data if each.weight)} points that count); it needs both")
        for each in [*names, *self.tied]:
            if [*names, *self.tied].count(each) > 1:
                raise ModelError(f"{self.name}: {shown(each)} is fitted or tied twice; name it once")
            self.constant(each)
        for tied, expression in self.formulas.items():
            for used in symbols([expression]):
                if used in self.tied:
                    raise ModelError(f"{self.name}: {tied} is tied to {shown(used)}, which is tied itself; write it in "
                                     "constants that are not")
                self.constant(used)
        for what, given, known in (("noise", self.noise, get_args(Noise)), ("loss", self.loss, get_args(Loss))):
            if given not in known:
                raise ModelError(f"{self.name}: {what} {shown(given)}; it is {' or '.join(known)}")
        if not 0.0 < self.level < 1.0:
            raise ModelError(f"{self.name}: level {self.level:g}; it lies between 0 and 1, 0.9 for 90 %")
        sizes = [each.name for each in self.data]
        for each in sizes:
            if sizes.count(each) > 1:
                raise ModelError(f"{self.name}: two data sets are called {shown(each)}; give each its own name")

    @property
    def formulas(self) -> dict[str, Expression]:
        """What each tied constant follows."""
        return {name: parse(text) for name, text in self.tied.items()}

    def constant(self, name: str) -> tuple[float, str]:
        """Value of a constant of the model in its internal unit, and that unit; raises NameUnknown for another name."""
        if isinstance(self.model, Scheme):
            return constant_of(self.model, name)
        for experiment in self.experiments.values():
            parameters = experiment.labels.parameters
            if name not in parameters:
                raise NameUnknown(f"{experiment.labels.name}: it has no parameter {shown(name)}"
                                  f"{did_you_mean(name, parameters)}")
            return parameters[name].value, parameters[name].unit
        raise ModelError(f"{self.name}: {shown(name)} is to be fitted, but a cell is fitted to runs, and no "
                         "experiment is given")

    def values(self, fitted: Mapping[str, float]) -> dict[str, float]:
        """The fitted constants and those tied to them. [internal units]"""
        used = symbols(self.formulas.values())
        known = {**{name: self.constant(name)[0] for name in used}, **fitted}
        return {**fitted, **{name: float(evaluate([each], known)[0]) for name, each in self.formulas.items()}}
