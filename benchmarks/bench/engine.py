"""What every engine looks like to the bench: it takes a System and runs cases of it at a tolerance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case
from pumpleak.system.system import System

Array = NDArray[np.float64]


class EngineError(Exception):
    """An engine gave no valid run; the text is its own reason."""


class Prepared(Protocol):
    """A model made ready by an engine."""

    def run(self, cases: Sequence[Case], tolerance: float) -> list[Array]:
        """The states (times, states) of each case.

        Raises EngineError where the engine gives up.
        """


@dataclass(frozen=True)
class Engine:
    """A program that solves; `many`: it runs a whole population in one call, where others run `few` members."""

    name: str
    version: str
    prepare: Callable[[System], Prepared]
    ladder: tuple[float, ...]
    many: bool = False
