"""Parameters for schemes that tests write: each with the unit that its step gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pumpleak.enzyme.consistency import PER_TIME, rate_unit
from pumpleak.enzyme.step import Step
from pumpleak.system.system import Parameter


def units(steps: Iterable[Step]) -> dict[str, str]:
    """Unit of each constant that is the whole rate constant of a step."""
    found = {}
    for step in steps:
        for formula, bound in ((step.forward, step.taken), (step.backward, step.released)):
            if formula.function == "symbol":
                found[formula.name] = PER_TIME if step.lumped else rate_unit(bound)
    return found


def constants(steps: Iterable[Step], values: Mapping[str, float], **others: str) -> tuple[Parameter, ...]:
    """The rate constants of the steps; `others`: units of those that stand in a formula."""
    known = {**units(steps), **others}
    return tuple(Parameter(name, known.get(name, PER_TIME), value) for name, value in values.items())
