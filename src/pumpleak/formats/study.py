"""Study: what is done to a model, as a file names it."""

from __future__ import annotations

from dataclasses import dataclass

from pumpleak.formats.scalars import Plain
from pumpleak.lab.experiment import Experiment


@dataclass(frozen=True)
class Study:
    """An experiment as its file names it; `resolved` is the content of a file that would run the same again."""

    name: str
    title: str
    summary: str
    experiment: Experiment
    resolved: dict[str, Plain]
